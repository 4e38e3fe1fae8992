/*
 * Loading the level-of-care table: what the real documents hold, and a planted fault of every kind
 * with what is said about it. A fault replaces the first occurrence of a text in one of the two
 * documents.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "care_support.h"

static struct text documents[CARE_LANGUAGES];
static const char *const names[CARE_LANGUAGES] = {"level-of-care.md", "level-of-care.es.md"};

static int set_up(void **state)
{
  if (care_set_up(state) != 0) return 1;
  for (size_t i = 0; i < CARE_LANGUAGES; i++)
    if (!file_read(arena, file_join(arena, "knowledge", names[i]), LIMIT_KNOWLEDGE_FILE,
                   &documents[i], NULL))
      return 1;
  return 0;
}

/* --- What is there ---------------------------------------------------------------------------- */

static void load_test_real_table(void **state)
{
  (void)state;
  static const char *const levels[] = {"1.5", "1.7", "2.1", "2.5", "2.7", "3.1", "3.5", "3.7", "4"};
  assert_int_equal(levels_count(table), sizeof levels / sizeof *levels);
  for (size_t i = 0; i < levels_count(table); i++) {
    const struct level *level = levels_get(table, i);
    enum care_setting setting = i < 5 ? CARE_OUTPATIENT : i < 8 ? CARE_RESIDENTIAL : CARE_INPATIENT;
    assert_string_equal(text_c(arena, level->number), levels[i]);
    assert_int_equal(level->setting, setting);
    for (size_t language = 0; language < CARE_LANGUAGES; language++)
      assert_true(level->name[language].length && level->hours[language].length);
  }
  assert_string_equal(text_c(arena, levels_get(table, 2)->name[1]),
                      "Tratamiento ambulatorio intensivo");
  assert_string_equal(text_c(arena, levels_get(table, 2)->hours[1]), "de 9 a 19 horas por semana");
}

static void load_test_rules(void **state)
{
  (void)state;
  for (size_t i = 0; i < rules_count(table); i++) {
    const struct rule *rule = rules_get(table, i);
    assert_true(rule->id.length && rule->dimension.length && rule->condition.length);
    assert_true(rule->effect.length && rule->source.length && rule->grade.length);
    assert_string_equal(text_c(arena, rule->signed_by), "unsigned");
    for (size_t language = 0; language < CARE_LANGUAGES; language++) {
      assert_true(rule->reason[language].length);
      assert_int_equal(rule->act[language].length > 0, rule->kind != RULE_NEED);
    }
  }
  assert_int_equal(rules_get(table, rule_of("A1"))->kind, RULE_STOP);
  assert_int_equal(rules_get(table, rule_of("U18"))->kind, RULE_GATE);
  assert_int_equal(rules_get(table, rule_of("B18"))->kind, RULE_NEED);
  assert_true(rule_uses_fact(table, rule_of("B2a"), fact_of("failed_outpatient_start")));
  assert_false(rule_uses_fact(table, rule_of("B2a"), fact_of("phq_9")));
  assert_int_equal(table->programs[rule_of("B2a")].level, 4);
  assert_int_equal(table->programs[rule_of("B17")].level, LEVEL_NONE);
  assert_true(table->programs[rule_of("B17")].is_note);
  assert_int_equal(table->programs[rule_of("B2")].fact_count, 1);
  assert_int_equal(table->factor_count, 13);
  for (size_t i = 0; i < table->factor_count; i++)
    assert_true(table->factors[i].text[0].length && table->factors[i].text[1].length);
  for (size_t i = 0; i < table->always_count; i++)
    assert_true(table->always[i].text[0].length && table->always[i].text[1].length);
}

/* The facts of the seeds' factors hang together as the rules say. */
static void load_test_components(void **state)
{
  (void)state;
  const struct fact_cells *cows = &table->cells[fact_of("cows")];
  static const double ends[][2] = {{0, 4}, {5, 12}, {13, 24}, {25, 48}};
  assert_int_equal(cows->count, 4);
  for (size_t i = 0; i < 4; i++) {
    assert_true(cows->cells[i].low == ends[i][0] && cows->cells[i].high == ends[i][1]);
    assert_int_equal(fact_cell_find(cows, ends[i][0]), i);
    assert_int_equal(fact_cell_find(cows, ends[i][1]), i);
  }
  const struct fact_cells *days = &table->cells[fact_of("overdose_days")];
  assert_int_equal(days->count, 2);
  assert_int_equal(fact_cell_find(days, 30), 0);
  assert_int_equal(fact_cell_find(days, 30.01), 1);
  const struct fact_cells *breaths = &table->cells[fact_of("breathing_rate")];
  assert_int_equal(breaths->count, 5); /* 8, 12, 20 and 25 cut it */
  assert_int_equal(table->cells[fact_of("motivation")].component, COMPONENT_NONE);
  assert_int_equal(table->cells[fact_of("preference")].component, COMPONENT_NONE);
  assert_int_equal(table->cells[fact_of("housing")].component,
                   table->cells[fact_of("medication")].component);
  assert_int_not_equal(table->cells[fact_of("housing")].component, cows->component);
}

/* --- Spoiled documents --------------------------------------------------------------------------
 */

static void keep(void *context, const struct knowledge_problem *problem)
{
  text_buffer_add_format(context, "%s:%lld: %s. %s.\n", problem->file, (long long)problem->line,
                         problem->what, problem->mend);
}

static struct text replaced(struct text document, const char *from, const char *to, int64_t *line)
{
  size_t at = text_find(document, text_from(from));
  if (at == document.length) fail_msg("no '%s' to replace", from);
  *line = 1;
  for (size_t i = 0; i < at; i++) *line += document.at[i] == '\n';
  struct text before = text_slice(document, 0, at);
  struct text after = text_slice(document, at + strlen(from), document.length);
  return text_format(arena, "%.*s%s%.*s", TEXT_PRINT(before), to, TEXT_PRINT(after));
}

/* The problems of two documents; lives in the arena. */
static struct text problems_of(struct text english, struct text spanish)
{
  struct text_buffer problems;
  struct level_of_care *loaded = NULL;
  text_buffer_init(&problems, LIMIT_KNOWLEDGE_FILE);
  size_t count = level_of_care_read_reporting(&loaded, english, spanish, needs, keep, &problems);
  assert_int_equal(count == 0, loaded != NULL);
  level_of_care_free(loaded);
  assert_int_equal(level_of_care_read_reporting(&loaded, english, spanish, needs, NULL, NULL),
                   count);
  if (count == 0) level_of_care_free(loaded);
  struct text found = text_copy(arena, text_buffer_get(&problems));
  text_buffer_fini(&problems);
  return found;
}

struct fault {
  const char *from, *to;
  const char *expected; /* a leading '@' stands for the file and the line of the replacement */
};

static void assert_faults(size_t language, const struct fault *faults, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    int64_t line;
    struct text spoiled[CARE_LANGUAGES] = {documents[0], documents[1]};
    spoiled[language] = replaced(documents[language], faults[i].from, faults[i].to, &line);
    struct text problems = problems_of(spoiled[0], spoiled[1]);
    const char *expected = faults[i].expected;
    struct text wanted = text_from(expected);
    if (*expected == '@')
      wanted = text_format(arena, "%s:%lld: %s", names[language], (long long)line, expected + 1);
    if (!text_contains(problems, wanted))
      fail_msg("%s -> %s: expected \"%.*s\", found: %.*s", faults[i].from, faults[i].to,
               TEXT_PRINT(wanted), TEXT_PRINT(problems));
  }
}
#define ASSERT_FAULTS(language, faults)                                                            \
  assert_faults(language, faults, sizeof(faults) / sizeof *(faults))

static void load_test_nothing_wrong(void **state)
{
  (void)state;
  struct text problems = problems_of(documents[0], documents[1]);
  if (problems.length) fail_msg("%.*s", TEXT_PRINT(problems));
}

static void load_test_faults_of_facts(void **state)
{
  (void)state;
  static const struct fault faults[] = {
      {"| cows | integer |", "| c ws | integer |", "@fact 'c ws' is no name. use letters"},
      {"| cows | integer |", "| c{ws | integer |", "@fact 'c{ws' is no name"},
      {"| cows | integer |", "| c[ws | integer |", "@fact 'c[ws' is no name"},
      {"| cows | integer |", "| c:ws | integer |", "@fact 'c:ws' is no name"},
      {"| cows | integer |", "| | integer |", "@fact is empty. fill it in."},
      {"| ciwa_ar | integer |", "| cows | integer |", "@fact 'cows' stands twice"},
      {"| cows | integer |", "| cows | whole |",
       "@kind 'whole' is unknown. write one of: integer, number, yes-no, word."},
      {"0..48 | need", "0..48 | wants", "@role 'wants' is unknown. write one of: need, gate,"},
      {"| 0..48 |", "| 0-48 |", "@the values of a number are no range"},
      {"| 0..48 |", "| x..48 |", "@the values of a number are no range"},
      {"| 0..48 |", "| 0..x |", "@the values of a number are no range"},
      {"| 0..48 |", "| 48..0 |", "@the values of a number are no range"},
      {"safe unstable unsafe |", "safe safe unsafe |", "@the word 'safe' stands twice"},
      {"safe unstable unsafe |", "safe |", "@1 words. a fact has 2 to 8 words"},
      {"safe unstable unsafe |", "a b c d e f g h i |", "@9 words. a fact has 2 to 8 words"},
      {"| unresponsive | yes-no | no yes |", "| unresponsive | yes-no | yes no |",
       "@the values of a yes-no are not no yes"},
      {"| unresponsive | yes-no | no yes |", "| unresponsive | yes-no | no maybe |",
       "@the values of a yes-no are not no yes"},
      {"| unresponsive | yes-no | no yes |", "| unresponsive | yes-no | no yes maybe |",
       "@the values of a yes-no are not no yes"},
      {"safe < unstable < unsafe", "safe < unstable", "@worse does not order the values"},
      {"safe < unstable < unsafe", "safe < unstable < dangerous", "@worse does not order"},
      {"safe < unstable < unsafe", "safe < safe < unsafe", "@worse does not order the values"},
      {"safe < unstable < unsafe", "safe < unstable < unsafe <", "@worse does not order"},
      {"safe < unstable < unsafe", "safe > unstable < unsafe", "@worse does not order"},
      {"safe < unstable < unsafe", "-", "@a need without worse. say which values are worse"},
      {"| preference | word | none inpatient outpatient | wish | -",
       "| preference | word | none inpatient outpatient | wish | none < inpatient < outpatient",
       "@worse of what is no need. write -"},
      {"| need | higher |", "| need | more |", "@worse of a number is unknown"},
      {"outside 12..20", "outside 12", "@worse of a number is unknown"},
      {"outside 12..20", "", "@worse is empty"},
      {"confirmed < none | none |", "confirmed < none | maybe |",
       "@assumed 'maybe' is no value of the fact"},
      {"confirmed < none | none |", "confirmed < none | |", "@assumed is empty"},
      {"| higher | - | yes | COWS", "| higher | 49 | yes | COWS", "@assumed '49' is no value"},
      {"| higher | - | yes | COWS", "| higher | -1 | yes | COWS", "@assumed '-1' is no value"},
      {"| higher | - | yes | COWS", "| higher | x | yes | COWS", "@assumed 'x' is no value"},
      {"| higher | - | yes | COWS", "| higher | - | maybe | COWS",
       "@changes is neither yes nor no"},
      {"| age in years |", "| |", "@label is empty"},
      {"| the table is for adults |", "| |", "@source is empty"},
  };
  ASSERT_FAULTS(0, faults);
}

static void load_test_faults_of_levels(void **state)
{
  (void)state;
  static const struct fault faults[] = {
      {"| 2.1 | Intensive outpatient |", "| 2.9 | Intensive outpatient |",
       "level 2.5 stands after"},
      {"| 2.1 | Intensive outpatient |", "| x | Intensive outpatient |", "@level 'x' is no number"},
      {"| 2.1 | Intensive outpatient |", "| 2.5 | Intensive outpatient |", "'2.5' stands twice"},
      {"| 2.1 | Intensive outpatient |", "| 2.1 | |", "@name is empty"},
      {"| Intensive outpatient | outpatient |", "| Intensive outpatient | at home |",
       "@setting 'at home' is unknown. write one of: outpatient, residential, inpatient."},
      {"| outpatient | no | intensive |", "| outpatient | some | intensive |",
       "@managed is neither"},
      {"| outpatient | no | intensive |", "| outpatient | no | |", "@kind is empty"},
      {"| 3.3, 3.5 | 3.5 |", "| | 3.5 |", "@asam3 is empty"},
      {"| 3.3, 3.5 | 3.5 |", "| 3.5 | |", "@asam4 is empty"},
      {"| fewer than 9 hours a week |", "| |", "@hours is empty"},
      {"| G1 | 4 or", "| G2 | 4 or", "step 'G2' stands twice"},
      {"| G1 | 4 or", "| G1 | 9 or",
       "@when, column 1: '9' is nothing that a rule asks for. use a level, a kind of level"},
      {"| G2 | PSY | 4 |", "| G2 | PSY | 5 |", "@unknown level '5'. use a level"},
      {"| G2 | PSY | 4 |", "| G2 | PSY | |", "@level is empty"},
      {"| 3.7 | BIO |", "| 3.7 | BOI |", "@unknown overlay 'BOI'. use BIO, COE, PSY or RR."},
      {"| raise 4A | 1.5 2.1 2.5 3.1 |", "| raise 4A | 1.5 2.5 2.1 3.1 |",
       "@level 2.1 stands after a higher one"},
      {"| raise 4A | 1.5 2.1 2.5 3.1 |", "| raise 4A | 1.5 9 2.5 3.1 |", "@unknown level '9'"},
      {"| raise 4A | 1.5 2.1 2.5 3.1 |", "| raise 4A | 1.5 |", "@fewer than two steps"},
      {"| raise 4A | 1.5 2.1 2.5 3.1 |", "| raise 4A | |", "@levels is empty"},
      {"| raise 4A | 1.5 2.1 2.5 3.1 |", "| lower 4A | 1.5 2.1 |", "@'lower 4A' joins nothing"},
      {"| raise 4A | 1.5 2.1 2.5 3.1 |", "| raise 5A | 1.5 2.1 |", "effect: cannot raise '4A'"},
      {"| start medication | 1.7 |", "| start medication | 9 |", "@unknown level '9'"},
      {"| start medication | 1.7 |", "| raise 5A | 1.5 2.1 |", "@'raise' stands twice"},
      {"| raise 4A | 1.5 2.1 2.5 3.1 |", "| start medication | 1.7 |",
       "'start medication' stands twice"},
      {"| start medication | 1.7 |\n", "\n",
       "the table does not say what start medication joins in"},
      {"| raise 4A | 1.5 2.1 2.5 3.1 |\n", "", "effect: cannot raise '4A'"},
  };
  ASSERT_FAULTS(0, faults);
}

static void load_test_faults_of_rules(void **state)
{
  (void)state;
  static const struct fault faults[] = {
      {"| B2a | 1B |", "| B2 | 1B |", "@id 'B2' stands twice"},
      {"| B2a | 1B |", "| A1 | 1B |", "@id 'A1' stands in another table"},
      {"| B2a | 1B |", "| B2a | |", "@dimension is empty"},
      {"cows >= 25 |", "cosw >= 25 |",
       "@when, column 1: unknown fact 'cosw'. use a fact of the table Facts."},
      {"| cows >= 25 |", "| |", "@when, column 1: expected a name"},
      {"| cows >= 25 |", "| cows is high |", "@when, column 6: cows is a number"},
      {"| pregnant | note |", "| pregnant | |", "@effect is empty"},
      {"| pregnant | note |", "| pregnant | nothing |",
       "@effect: cannot do 'nothing'. write at least"},
      {"| pregnant | note |", "| pregnant | noted |", "@effect: cannot do 'noted'"},
      {"| pregnant | note |", "| pregnant | additional RR |", "@effect: cannot do 'additional RR'"},
      {"| pregnant | note |", "| pregnant | emergency |", "@effect: cannot do 'emergency'"},
      {"| pregnant | note |", "| pregnant | add |", "@effect: no overlay in ''"},
      {"| pregnant | note |", "| pregnant | add XX |", "@effect: unknown overlay 'XX'"},
      {"| pregnant | note |", "| pregnant | at least 9 |", "@effect: unknown level '9'"},
      {"| pregnant | note |", "| pregnant | at least |", "@effect: unknown level ''"},
      {"| pregnant | note |", "| pregnant | at least 4 and RR |", "@effect: unknown word 'and'"},
      {"| pregnant | note |", "| pregnant | at least 4 with |", "@effect: no overlay in ''"},
      {"| pregnant | note |", "| pregnant | at least 4 with BOI |",
       "@effect: unknown overlay 'BOI'"},
      {"| pregnant | note |", "| pregnant | suspend |", "@effect: no rule in ''"},
      {"| pregnant | note |", "| pregnant | suspend B99 |", "@effect: unknown rule 'B99'"},
      {"| pregnant | note |", "| pregnant | suspend B8 |", "@effect: it cannot suspend 'B8'"},
      {"| pregnant | note |", "| pregnant | suspend A1 |", "@effect: it cannot suspend 'A1'"},
      {"| pregnant | note |", "| pregnant | suspend B13 |",
       "@effect: it suspends 'B13', which suspends others"},
      {"| pregnant | note |", "| pregnant | raise |", "@effect: cannot raise ''"},
      {"| pregnant | note |", "| pregnant | raise 5A |", "@effect: cannot raise '5A'"},
      {"violence_imminent | emergency |", "violence_imminent | at least 4 |",
       "@effect: cannot do 'at least 4'. write emergency below Stop rules"},
      {"| age < 18 | not for this table |", "| age < 18 | emergency |", "@effect: cannot do"},
      {"| This may be an overdose", "| | This may be an overdose", "cells, but 9 columns"},
      {"| V | unsigned |", "| X | unsigned |",
       "@grade 'X' is unknown. write one of: V, V2, GK, P, I."},
      {"| V | unsigned |", "| V | |", "@signed is empty"},
      {"| local law on danger to others |", "| |", "@source is empty"},
  };
  ASSERT_FAULTS(0, faults);
}

static void load_test_faults_of_words(void **state)
{
  (void)state;
  static const struct fault faults[] = {
      {"| X1 | pregnancy_warning and not pregnant |", "| X1 | |", "@when, column 1: expected"},
      {"| the facts exclude each other |", "| |", "@source is empty"},
      {"| long-history | inpatient |", "| long-history | hospital |",
       "@toward 'hospital' is unknown. write one of: inpatient, outpatient."},
      {"| long-history | inpatient | years_of_use >= 5 |", "| long-history | inpatient | |",
       "@when, column 1: expected a name"},
      {"| naloxone | |", "| naloxone | level is 4 |", "@when, column 1: unknown fact 'level'"},
      {"| CDC; FDA label |", "| |", "@source is empty"},
      {"| naltrexone | medication is naltrexone |", "| naltrexon | medication is naltrexone |",
       "@unknown need 'naltrexon'. use a need of needs.csv."},
      {"| hospital | setting is inpatient |", "| hospital | setting is near |",
       "@when, column 12: unknown setting 'near'"},
      {"| P5 | violence_imminent | emergency |", "| P5 | | emergency |", "@when, column 1"},
      {"| violence_imminent | emergency | A5 |", "| violence_imminent | | A5 |",
       "@promise is empty"},
      {"| violence_imminent | emergency | A5 |", "| violence_imminent | at least 9 | A5 |",
       "@cannot promise 'at least 9'. write emergency, or at least and a level."},
      {"| violence_imminent | emergency | A5 |", "| violence_imminent | 3.7 | A5 |",
       "@cannot promise '3.7'"},
      {"| violence_imminent | emergency | A5 |", "| violence_imminent | care | A5 |",
       "@cannot promise 'care'"},
      {"| teens | fired U18 |", "| teens | fired U81 |", "@when, column 7: unknown rule 'U81'"},
  };
  ASSERT_FAULTS(0, faults);
}

static void load_test_faults_of_documents(void **state)
{
  (void)state;
  static const struct fault faults[] = {
      {"## Facts", "## Fakts", "level-of-care.md:0: no table below a heading 'Facts'. add"},
      {"## Facts", "## Fakts", "nothing reads the table below 'Fakts'"},
      {"## Contradictions", "## X", "no table below a heading 'Contradictions'"},
      {"## Levels", "## X", "no table below a heading 'Levels'"},
      {"## Aggregation", "## X", "no table below a heading 'Aggregation'"},
      {"## Joining", "## X", "no table below a heading 'Joining'"},
      {"## Stop rules", "## X", "no table below a heading 'Stop rules'"},
      {"## Who this is for", "## X", "no table below a heading 'Who this is for'"},
      {"## Need rules", "## X", "no table below a heading 'Need rules'"},
      {"## Promises", "## X", "no table below a heading 'Promises'"},
      {"## Factors", "## X", "no table below a heading 'Factors'"},
      {"## Always", "## X", "no table below a heading 'Always'"},
      {"## Needs", "## X", "no table below a heading 'Needs'"},
      {"## Levels", "## Facts", "a second table below 'Facts'. give each table a heading"},
      {"| fact | kind |", "| fact | sort |", "'Facts' lacks the column kind. add the column."},
      {"## Facts", "## Facts\n\n| a |\n| --- |\n\n## X", "'Facts' has 0 rows"},
      {"## Facts", "## X\n\n| a |\n| --- |\n\n## Facts", "level-of-care.md:0: nothing reads"},
      {"## Facts", "\xff## Facts", "level-of-care.md:0: it is not UTF-8. save it as UTF-8."},
  };
  ASSERT_FAULTS(0, faults);
}

static void load_test_faults_of_spanish(void **state)
{
  (void)state;
  static const struct fault faults[] = {
      {"## Facts", "## Hechos", "level-of-care.es.md:0: no table below a heading 'Facts'"},
      {"| cows | puntaje", "| cowz | puntaje", "@level-of-care.md has no fact 'cowz'. take it out"},
      {"| cows | puntaje", "| cowz | puntaje",
       "level-of-care.es.md:0: 'Facts' lacks fact 'cows' of line"},
      {"| ciwa_ar | puntaje", "| cows | puntaje", "@fact 'cows' stands twice"},
      {"| edad en años |", "| |", "@label is empty. fill it in."},
      {"| B3 |", "| B33 |", "level-of-care.es.md:0: 'Need rules' lacks id 'B3' of line"},
      {"| Hospital |", "| |", "@name is empty"},
      {"| fact | label |", "| fact | texto |", "'Facts' lacks the column label"},
      {"| our proposal |", "| a proposal |",
       "@no rule, factor or advice names the source 'a proposal'. write it as level-of-care.md"},
      {"| propuesta nuestra |", "| |", "@text is empty"},
      {"## Sources", "## Fuentes", "no table below a heading 'Sources'"},
      {"# Nivel", "\xff", "level-of-care.es.md:0: it is not UTF-8"},
  };
  ASSERT_FAULTS(1, faults);
}

/* All problems are told, not the first alone. */
static void load_test_all_problems(void **state)
{
  (void)state;
  int64_t line;
  struct text english = replaced(documents[0], "cows >= 25 |", "cosw >= 25 |", &line);
  english = replaced(english, "| the table is for adults |", "| |", &line);
  english = replaced(english, "| teens | fired U18 |", "| teenz | fired U18 |", &line);
  struct text spanish = replaced(documents[1], "| edad en años |", "| |", &line);
  struct text problems = problems_of(english, spanish);
  size_t count = 0;
  for (size_t i = 0; i < problems.length; i++) count += problems.at[i] == '\n';
  if (count != 4) fail_msg("%.*s", TEXT_PRINT(problems));
}

/* --- Tables that are too large, or too tangled --------------------------------------------------
 */

static struct text with_rows(const char *before, const char *format, size_t count, size_t from)
{
  struct text_buffer rows;
  int64_t line;
  text_buffer_init(&rows, LIMIT_KNOWLEDGE_FILE);
  for (size_t i = from; i < from + count; i++) {
    struct text row = text_from(format);
    while (row.length) {
      size_t at = text_find(row, TEXT("~"));
      text_buffer_add(&rows, text_slice(row, 0, at));
      if (at < row.length) text_buffer_add_integer(&rows, (int64_t)i);
      row = text_slice(row, at + 1, row.length);
    }
  }
  text_buffer_add(&rows, text_from(before));
  struct text document =
      replaced(documents[0], before, text_c(arena, text_buffer_get(&rows)), &line);
  text_buffer_fini(&rows);
  return document;
}

static void assert_problem(struct text english, const char *expected)
{
  struct text problems = problems_of(english, documents[1]);
  if (!text_contains(problems, text_from(expected)))
    fail_msg("expected %s, found %.*s", expected, TEXT_PRINT(text_slice(problems, 0, 2000)));
}

static void load_test_too_many_rows(void **state)
{
  (void)state;
  assert_problem(with_rows("| age | integer |",
                           "| f~ | yes-no | no yes | wish | - | - | no | l | s |\n", 60, 0),
                 "'Facts' has 106 rows, 96 fit");
  assert_problem(with_rows("| 1.5 | Outpatient visits |",
                           "| 0.0~ | n | outpatient | no | k | 1 | 1 | h |\n", 9, 1),
                 "'Levels' has 18 rows, 16 fit");
  assert_problem(
      with_rows("| B1 | 1C |", "| C~ | 1A | delirium | note | r | s | P | unsigned |\n", 100, 0),
      "'Need rules' has");
  assert_problem(with_rows("## Facts", "## T~\n\n| a |\n| --- |\n| b |\n\n", 30, 0),
                 "more than 32 tables. leave out");
}

static struct text spanish_of(struct text english_rows, const char *before)
{
  int64_t line;
  return replaced(documents[1], before,
                  text_c(arena, text_format(arena, "%.*s%s", TEXT_PRINT(english_rows), before)),
                  &line);
}

/* Twenty facts in one rule make over a million combinations. */
static void load_test_too_tangled(void **state)
{
  (void)state;
  struct text english = with_rows(
      "| age | integer |", "| f~ | yes-no | no yes | need | no < yes | - | no | l | s |\n", 20, 0);
  struct text rule = TEXT("| C1 | 1A | f0"), rows = TEXT("");
  int64_t line;
  for (int i = 1; i < 20; i++) rule = text_format(arena, "%.*s and f%d", TEXT_PRINT(rule), i);
  rule = text_format(arena, "%.*s | at least 4 | r | s | P | unsigned |\n| B1 | 1C |",
                     TEXT_PRINT(rule));
  english = replaced(english, "| B1 | 1C |", text_c(arena, rule), &line);
  for (int i = 0; i < 20; i++) rows = text_format(arena, "%.*s| f%d | l |\n", TEXT_PRINT(rows), i);
  struct text spanish = spanish_of(rows, "| age |");
  spanish = replaced(spanish, "| B1 |", "| C1 | r |\n| B1 |", &line);
  struct text problems = problems_of(english, spanish);
  if (!text_contains(problems,
                     TEXT("more than 262144 combinations of the facts that hang together")))
    fail_msg("%.*s", TEXT_PRINT(problems));
}

/* Rules that ask for levels of seventeen further kinds together. */
static void load_test_too_many_standings(void **state)
{
  (void)state;
  struct text levels = TEXT(""), facts = TEXT(""), rules = TEXT("");
  struct text spanish_levels = TEXT(""), spanish_facts = TEXT(""), spanish_rules = TEXT("");
  int64_t line;
  for (int i = 1; i <= 7; i++) {
    levels = text_format(arena, "%.*s| 0.%d | n | outpatient | no | kind%d | 1 | 1 | h |\n",
                         TEXT_PRINT(levels), i, i);
    spanish_levels = text_format(arena, "%.*s| 0.%d | n | h |\n", TEXT_PRINT(spanish_levels), i);
    facts = text_format(arena, "%.*s| f%d | yes-no | no yes | need | no < yes | - | no | l | s |\n",
                        TEXT_PRINT(facts), i);
    spanish_facts = text_format(arena, "%.*s| f%d | l |\n", TEXT_PRINT(spanish_facts), i);
    rules = text_format(arena, "%.*s| C%d | 1A | f%d | at least 0.%d | r | s | P | unsigned |\n",
                        TEXT_PRINT(rules), i, i, i);
    spanish_rules = text_format(arena, "%.*s| C%d | r |\n", TEXT_PRINT(spanish_rules), i);
  }
  struct text english = replaced(
      documents[0], "| 1.5 | Outpatient visits |",
      text_c(arena, text_format(arena, "%.*s| 1.5 | Outpatient visits |", TEXT_PRINT(levels))),
      &line);
  english = replaced(english, "| age | integer |",
                     text_c(arena, text_format(arena, "%.*s| age | integer |", TEXT_PRINT(facts))),
                     &line);
  english =
      replaced(english, "| B1 | 1C |",
               text_c(arena, text_format(arena, "%.*s| B1 | 1C |", TEXT_PRINT(rules))), &line);
  struct text spanish = spanish_of(spanish_levels, "| 1.5 |");
  spanish =
      replaced(spanish, "| age |",
               text_c(arena, text_format(arena, "%.*s| age |", TEXT_PRINT(spanish_facts))), &line);
  spanish =
      replaced(spanish, "| B1 |",
               text_c(arena, text_format(arena, "%.*s| B1 |", TEXT_PRINT(spanish_rules))), &line);
  struct text problems = problems_of(english, spanish);
  if (!text_contains(problems, TEXT("the rules ask for too many different things together")))
    fail_msg("%.*s", TEXT_PRINT(problems));
}

static void load_test_too_large(void **state)
{
  (void)state;
  enum { LENGTH = 9 * 1024 * 1024 };
  char *label = memory_allocate(LENGTH + 1);
  int64_t line;
  memset(label, 'x', LENGTH);
  label[LENGTH] = '\0';
  struct text english = replaced(documents[0], "age in years", label, &line);
  assert_problem(english, "more than 16777216 bytes in memory. shorten the table.");
  free(label);
}

/* What is assumed of a number stands until it is known. */
static void load_test_assumed_number(void **state)
{
  (void)state;
  int64_t line;
  struct level_of_care *loaded = NULL;
  struct text english =
      replaced(documents[0], "| higher | - | yes | COWS", "| higher | 25 | yes | COWS", &line);
  assert_int_equal(level_of_care_read_reporting(&loaded, english, documents[1], needs, NULL, NULL),
                   0);
  struct facts facts;
  struct care_result result;
  facts_init(&facts);
  care_find(loaded, &facts, NULL, &result);
  assert_int_equal(result.level, 7); /* 3.7, by B3 */
  level_of_care_free(loaded);
}

/* --- From a folder ------------------------------------------------------------------------------
 */

static void load_test_folder(void **state)
{
  (void)state;
  char folder[] = "/tmp/fairlead-care-XXXXXX";
  struct level_of_care *loaded = NULL;
  struct error error = {0};
  assert_non_null(mkdtemp(folder));
  assert_false(level_of_care_load(&loaded, folder, needs, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, "error.knowledge.invalid");
  assert_non_null(strstr(error.log, "knowledge/level-of-care.md:0: "));
  assert_false(level_of_care_load(&loaded, folder, needs, NULL));
  assert_null(loaded);
  for (size_t i = 0; i < CARE_LANGUAGES; i++)
    assert_true(file_replace(file_join(arena, folder, names[i]), documents[i], NULL));
  assert_true(level_of_care_load(&loaded, folder, needs, &error));
  level_of_care_free(loaded);
  level_of_care_free(NULL);
  for (size_t i = 0; i < CARE_LANGUAGES; i++) unlink(file_join(arena, folder, names[i]));
  rmdir(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(load_test_real_table),
      cmocka_unit_test(load_test_rules),
      cmocka_unit_test(load_test_components),
      cmocka_unit_test(load_test_nothing_wrong),
      cmocka_unit_test(load_test_faults_of_facts),
      cmocka_unit_test(load_test_faults_of_levels),
      cmocka_unit_test(load_test_faults_of_rules),
      cmocka_unit_test(load_test_faults_of_words),
      cmocka_unit_test(load_test_faults_of_documents),
      cmocka_unit_test(load_test_faults_of_spanish),
      cmocka_unit_test(load_test_all_problems),
      cmocka_unit_test(load_test_too_many_rows),
      cmocka_unit_test(load_test_too_tangled),
      cmocka_unit_test(load_test_too_many_standings),
      cmocka_unit_test(load_test_too_large),
      cmocka_unit_test(load_test_assumed_number),
      cmocka_unit_test(load_test_folder),
  };
  return cmocka_run_group_tests(tests, set_up, care_tear_down);
}
