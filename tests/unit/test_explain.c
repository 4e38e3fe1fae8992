/*
 * What would change the level, and which answers are worth asking. Expected sets and levels are
 * written by hand from the issue's text and the clinical reference; tests/golden/assess.test.mjs
 * compares many more with an independent model and brute force.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "care_table.h"

static struct care_explanation explain_facts(struct facts facts, bool require_signatures)
{
  struct care_options options = {.require_signatures = require_signatures};
  struct care_result result;
  struct care_explanation explanation;
  care_find(table, &facts, &options, &result);
  care_explain(table, &facts, &options, &result, &explanation);
  return explanation;
}

static struct care_explanation explain(const char *json, bool require_signatures)
{
  return explain_facts(facts_of(json), require_signatures);
}

/* "recovery_residence=confirmed -> 2.1+RR", an entry a line. */
static const char *changes_text(const struct care_explanation *explanation)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_FILE_WHOLE);
  for (size_t i = 0; i < explanation->change_count; i++) {
    const struct care_change *change = &explanation->changes[i];
    for (size_t j = 0; j < change->count; j++) {
      text_buffer_add_format(&out, "%s%.*s=", j ? " " : "",
                             TEXT_PRINT(facts_get(table, change->fact[j])->name));
      json_write(facts_write(table, arena, change->fact[j], change->value[j]), &out);
    }
    text_buffer_add_format(&out, " -> %s\n",
                           outcome_text(change->level, change->overlays, CARE_NONE, false));
  }
  const char *text = text_c(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return text;
}

static const struct care_unknown *unknown_of(const struct care_explanation *explanation,
                                             const char *name)
{
  for (size_t i = 0; i < explanation->unknown_count; i++)
    if (explanation->unknown[i].fact == fact_of(name)) return &explanation->unknown[i];
  return NULL;
}

/* Everything that is worth asking is known and calm, but for what `more` says. */
static struct care_explanation explain_calm(const char *more)
{
  struct facts facts = facts_of(
      "{\"age\":40,\"unresponsive\":false,\"breathing_rate\":14,\"oxygen_saturation\":98,\"news2\":"
      "0,\"seizure_48h\":false,\"delirium\":false,\"violence_imminent\":false,\"suicide_risk\":"
      "\"none\",\"pregnant\":false,"
      "\"pregnancy_warning\":false,\"cows\":0,\"ciwa_ar\":0,\"fluids_kept\":true,\"alcohol_daily\":"
      "false,\"sedatives_daily\":false,\"past_severe_withdrawal\":false,\"acute_illness\":\"none\","
      "\"chronic_illness\":false,\"phq_9\":0,\"pc_ptsd_5\":0,\"psychosis_or_mania\":false,"
      "\"lasting_impairment\":false,\"overdose_days\":400,\"years_of_use\":1,\"lower_level_"
      "returns\":0,\"opioid_use_disorder\":\"none\",\"risky_use\":\"none\",\"housing\":\"safe\","
      "\"support\":\"good\"}");
  struct facts other = facts_of(more);
  for (size_t i = 0; i < facts_count(table); i++)
    if (!isnan(other.value[i])) facts.value[i] = other.value[i];
  return explain_facts(facts, false);
}

static void explain_test_nothing_left(void **state)
{
  (void)state;
  struct care_explanation explanation = explain_calm("{}");
  assert_int_equal(explanation.unknown_count, 0);
}

/* A true stop rule decides whatever the answers are. */
static void explain_test_stop_ends_the_questions(void **state)
{
  (void)state;
  struct care_explanation explanation = explain("{\"unresponsive\":true}", false);
  assert_int_equal(explanation.unknown_count, 0);
  assert_int_equal(explanation.change_count, 0);
}

/* Under 18 only an emergency is left to ask about. */
static void explain_test_minor(void **state)
{
  (void)state;
  struct care_explanation explanation = explain("{\"age\":16}", false);
  assert_int_equal(explanation.change_count, 0);
  assert_non_null(unknown_of(&explanation, "unresponsive"));
  assert_non_null(unknown_of(&explanation, "suicide_risk"));
  assert_null(unknown_of(&explanation, "housing"));
  assert_null(unknown_of(&explanation, "phq_9"));
  const struct care_unknown *first = unknown_of(&explanation, "unresponsive");
  assert_int_equal(first->levels, CARE_BEYOND_EMERGENCY | CARE_BEYOND_GATE);
}

/* A need for a hospital leaves only stop rules, the gate, and whether medicine is started there. */
static void explain_test_decided_level(void **state)
{
  (void)state;
  struct care_explanation explanation = explain("{\"acute_illness\":\"hospital\"}", false);
  static const char *const idle[] = {"housing",         "support",        "phq_9",
                                     "years_of_use",    "risky_use",      "fluids_kept",
                                     "chronic_illness", "sedatives_daily"};
  static const char *const open[] = {
      "age", "delirium", "pregnant", "cows", "ciwa_ar", "opioid_use_disorder", "medication"};
  for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
    if (unknown_of(&explanation, idle[i])) fail_msg("%s does not matter", idle[i]);
  for (size_t i = 0; i < sizeof open / sizeof *open; i++)
    if (!unknown_of(&explanation, open[i])) fail_msg("%s matters", open[i]);
}

static void explain_test_levels_of_an_answer(void **state)
{
  (void)state;
  struct care_explanation explanation = explain("{}", false);
  /* 1.5, 1.7 and 3.7 are levels 0, 1 and 7. */
  assert_int_equal(unknown_of(&explanation, "cows")->levels, 1 << 0 | 1 << 1 | 1 << 7);
  assert_int_equal(unknown_of(&explanation, "age")->levels, 1 << 0 | CARE_BEYOND_GATE);
  /* By itself it moves nothing: in withdrawal it asks for 2.7 instead of 1.7. */
  uint32_t start = unknown_of(&explanation, "failed_outpatient_start")->levels;
  assert_int_equal(start, 1 << 0 | 1 << 1 | 1 << 4);
  /* Nor this: beside a sober home it gives 3.1, and more with other needs. */
  explanation = explain_calm("{\"housing\":\"unsafe\"}");
  assert_int_equal(explanation.unknown_count, 1);
  assert_int_equal(unknown_of(&explanation, "manages_recovery_residence")->levels, 1 << 0 | 1 << 5);
  /* It matters only when the answers of another component are so. */
  explanation = explain("{\"support\":\"none\"}", false);
  assert_true(__builtin_popcount(unknown_of(&explanation, "lasting_impairment")->levels) > 1);
}

/* The order: how many outcomes, then how far they lie apart, then the table. */
static void explain_test_order(void **state)
{
  (void)state;
  struct care_explanation explanation = explain("{}", false);
  static const char *const first[] = {"suicide_risk", "acute_illness", "cows", "age",
                                      "unresponsive"};
  for (size_t i = 0; i < sizeof first / sizeof *first; i++)
    assert_int_equal(explanation.unknown[i].fact, fact_of(first[i]));
}

static void explain_test_the_issues_example(void **state)
{
  (void)state;
  struct care_explanation explanation =
      explain_calm("{\"overdose_days\":12,\"support\":\"none\",\"medication\":\"methadone\","
                   "\"manages_recovery_residence\":true,\"recovery_residence\":\"none\"}");
  const char *found = changes_text(&explanation);
  assert_non_null(strstr(found, "recovery_residence=\"confirmed\" -> 2.1+RR\n"));
  assert_non_null(strstr(found, "support=\"some\" -> 2.1\n"));
  assert_int_equal(explanation.unknown_count, 0);
}

/* Lower levels come first, and the nearest value of a score is named. */
static void explain_test_nearest_values(void **state)
{
  (void)state;
  struct care_explanation explanation = explain_calm("{\"cows\":30}");
  const char *found = changes_text(&explanation);
  if (strncmp(found, "cows=24 -> 1.7\n", 15) != 0) fail_msg("%s", found);
  explanation = explain_calm("{\"cows\":7}");
  found = changes_text(&explanation);
  assert_true(strncmp(found, "cows=4 -> 1.5\n", 14) == 0);
  assert_null(strstr(found, "cows=25"));
  /* An imminent risk and a home that is not safe: medicine alone does not lower it. */
  explanation = explain_calm("{\"risky_use\":\"imminent\",\"medication\":\"none\","
                             "\"housing\":\"unstable\",\"manages_recovery_residence\":true}");
  found = changes_text(&explanation);
  assert_non_null(strstr(found, "risky_use=\"some\" -> 1.5+RR\n"));
  assert_non_null(strstr(found, "medication=\"methadone\" housing=\"safe\" -> 2.1\n"));
  assert_non_null(
      strstr(found, "medication=\"methadone\" recovery_residence=\"confirmed\" -> 2.1+RR\n"));
}

/* Three needs for a live-in place: three changes. */
static void explain_test_three_changes(void **state)
{
  (void)state;
  struct care_explanation explanation =
      explain_calm("{\"sedatives_daily\":true,\"cows\":25,\"fluids_kept\":false}");
  const char *found = changes_text(&explanation);
  if (!strstr(found, "cows=24 fluids_kept=true sedatives_daily=false -> 1.7\n"))
    fail_msg("%s", found);
}

/* Of what would raise the level at most twelve sets are named, and each once. */
static void explain_test_at_most_twelve(void **state)
{
  (void)state;
  struct care_explanation explanation = explain("{\"opioid_use_disorder\":\"severe\"}", false);
  assert_true(explanation.change_count <= CARE_CHANGES);
  explanation = explain_calm("{\"phq_9\":22,\"pc_ptsd_5\":5,\"psychosis_or_mania\":true,"
                             "\"support\":\"none\",\"daily_function_impaired\":true,"
                             "\"risky_use\":\"imminent\",\"medication\":\"none\"}");
  for (size_t i = 0; i < explanation.change_count; i++)
    for (size_t j = i + 1; j < explanation.change_count; j++)
      assert_true(explanation.changes[i].count != explanation.changes[j].count ||
                  memcmp(explanation.changes[i].fact, explanation.changes[j].fact,
                         explanation.changes[i].count * sizeof(size_t)) != 0);
}

/* Where signatures are required, an unsigned need moves nothing, so nothing is worth asking but
 * stop rules and the gate. */
static void explain_test_signatures(void **state)
{
  (void)state;
  struct care_explanation explanation = explain("{\"support\":\"none\"}", true);
  assert_int_equal(explanation.change_count, 0);
  assert_null(unknown_of(&explanation, "recovery_residence"));
  assert_null(unknown_of(&explanation, "acute_illness"));
  assert_non_null(unknown_of(&explanation, "unresponsive"));
  assert_non_null(unknown_of(&explanation, "age"));
  struct facts facts = facts_of("{\"support\":\"none\"}");
  struct care_result result;
  care_find(table, &facts, NULL, &result);
  care_explain(table, &facts, NULL, &result, &explanation);
  assert_non_null(unknown_of(&explanation, "recovery_residence"));
}

/* --- Small tables -------------------------------------------------------------------------------
 */

/* Either word asks for the same, and yet the answer is not known: so it is worth asking. */
static void explain_test_either_answer(void **state)
{
  (void)state;
  struct small_table small = {.facts = SMALL_WORD("w", "a b", "a < b"),
                              .rules = SMALL_RULE("C1", "1A", "w is a", "at least 2.1")
                                  SMALL_RULE("C2", "1A", "w is b", "at least 2.1")};
  small_open(&small);
  struct care_explanation explanation = explain("{\"stop\":false,\"young\":false}", false);
  assert_int_equal(explanation.unknown_count, 1);
  assert_int_equal(explanation.unknown[0].fact, fact_of("w"));
  assert_int_equal(explanation.unknown[0].levels, 1 << 1);
  explanation = explain("{\"stop\":false,\"young\":false,\"w\":\"b\"}", false);
  assert_int_equal(explanation.unknown_count, 0);
  small_close();
}

/* Facts that exclude each other are neither asked about together nor changed into. */
static void explain_test_contradictions(void **state)
{
  (void)state;
  struct small_table small = {.facts = SMALL_YES_NO("a", "yes") SMALL_YES_NO("b", "yes"),
                              .contradictions = "| X1 | a and b | r | s |\n",
                              .rules = SMALL_RULE("C1", "1A", "a", "at least 2.1")
                                  SMALL_RULE("C2", "1A", "b", "at least 3.1")};
  small_open(&small);
  struct care_explanation explanation =
      explain("{\"stop\":false,\"young\":false,\"a\":true}", false);
  assert_int_equal(explanation.unknown_count, 0); /* b can only be no */
  assert_string_equal(changes_text(&explanation), "a=false -> 1.5\n");
  explanation = explain("{\"stop\":false,\"young\":false}", false);
  assert_int_equal(explanation.unknown_count, 2);
  assert_int_equal(unknown_of(&explanation, "b")->levels, 1 << 0 | 1 << 2);
  small_close();
  small =
      (struct small_table){.facts = SMALL_YES_NO("a", "yes") SMALL_WORD("w", "x y z", "x < y < z"),
                           .contradictions = "| X1 | a and w is z | r | s |\n",
                           .rules = SMALL_RULE("C1", "1A", "w is y", "at least 2.1")
                               SMALL_RULE("C2", "1A", "w is z", "at least 3.1")};
  small_open(&small);
  explanation = explain("{\"stop\":false,\"young\":false,\"a\":true}", false);
  assert_int_equal(unknown_of(&explanation, "w")->levels, 1 << 0 | 1 << 1);
  small_close();
}

/* Signed rules act where signatures are required, and unsigned ones do not. */
static void explain_test_signed_rules(void **state)
{
  (void)state;
  struct small_table small = {.facts = SMALL_YES_NO("a", "yes") SMALL_YES_NO("b", "yes"),
                              .rules = SMALL_SIGNED("C1", "1A", "a", "at least 2.1")
                                  SMALL_RULE("C2", "1A", "b", "at least 3.1")};
  small_open(&small);
  struct care_explanation explanation =
      explain("{\"stop\":false,\"young\":false,\"a\":true}", true);
  assert_int_equal(explanation.unknown_count, 0);
  assert_string_equal(changes_text(&explanation), "a=false -> 1.5\n");
  struct facts facts = facts_of("{\"a\":true,\"b\":true}");
  struct care_options options = {.require_signatures = true};
  struct care_result result;
  care_find(table, &facts, &options, &result);
  assert_int_equal(result.level, 1);
  assert_int_equal(result.state[rule_of("C1")], RULE_FIRED);
  assert_int_equal(result.state[rule_of("C2")], RULE_WAITING);
  assert_int_equal(result.decisive, rule_of("C1"));
  facts = facts_of("{}");
  care_find(table, &facts, &options, &result);
  assert_int_equal(result.state[rule_of("C1")], RULE_POSSIBLE);
  assert_int_equal(result.state[rule_of("C2")], RULE_SILENT); /* it could not act */
  small_close();
}

/* Of more than twelve sets those that lower come first, also when they are found last; an unknown
 * number is changed from its best, and of two changes of one fact the smaller stays. */
static void explain_test_more_than_twelve(void **state)
{
  (void)state;
  struct text facts = TEXT(""), rules = TEXT("");
  for (int i = 1; i <= 13; i++) {
    facts =
        text_format(arena, "%.*s| f%d | yes-no | no yes | need | no < yes | - | yes | l | s |\n",
                    TEXT_PRINT(facts), i);
    rules = text_format(arena, "%.*s| C%d | 1A | f%d | at least 3.1 | r | s | P | unsigned |\n",
                        TEXT_PRINT(rules), i, i);
  }
  struct small_table small = {
      .facts = text_c(arena, text_format(arena, "%.*s%s", TEXT_PRINT(facts),
                                         SMALL_NUMBER("n", "integer", "0..9", "lower") SMALL_YES_NO(
                                             "unused", "yes") SMALL_YES_NO("base", "yes"))),
      .rules = text_c(arena, text_format(arena, "%.*s%s", TEXT_PRINT(rules),
                                         SMALL_RULE("D1", "1A", "base", "at least 2.1")
                                             SMALL_RULE("D2", "1A", "n <= 5", "at least 3.1")))};
  small_open(&small);
  struct care_explanation explanation = explain("{\"base\":true}", false);
  assert_int_equal(explanation.change_count, CARE_CHANGES);
  const char *found = changes_text(&explanation);
  if (strncmp(found, "base=false -> 1.5\nf1=true -> 3.1\n", 33) != 0) fail_msg("%s", found);
  small_close();
  small = (struct small_table){.facts = SMALL_NUMBER("n", "integer", "0..9", "lower")
                                   SMALL_NUMBER("m", "integer", "0..9", "higher"),
                               .rules = SMALL_RULE("D1", "1A", "n <= 5", "at least 2.1")
                                   SMALL_RULE("D2", "1A", "n <= 2", "at least 3.1")
                                       SMALL_RULE("D3", "1A", "m >= 4", "at least 2.1")
                                           SMALL_RULE("D4", "1A", "m >= 7", "at least 3.1")};
  small_open(&small);
  explanation = explain("{}", false);
  assert_string_equal(changes_text(&explanation), "n=5 -> 2.1\nm=4 -> 2.1\n");
  explanation = explain("{\"n\":4,\"m\":0}", false);
  assert_string_equal(changes_text(&explanation), "n=6 -> 1.5\nm=7 -> 3.1\n");
  small_close();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(explain_test_nothing_left),
      cmocka_unit_test(explain_test_stop_ends_the_questions),
      cmocka_unit_test(explain_test_minor),
      cmocka_unit_test(explain_test_decided_level),
      cmocka_unit_test(explain_test_levels_of_an_answer),
      cmocka_unit_test(explain_test_order),
      cmocka_unit_test(explain_test_the_issues_example),
      cmocka_unit_test(explain_test_nearest_values),
      cmocka_unit_test(explain_test_three_changes),
      cmocka_unit_test(explain_test_at_most_twelve),
      cmocka_unit_test(explain_test_signatures),
      cmocka_unit_test(explain_test_either_answer),
      cmocka_unit_test(explain_test_contradictions),
      cmocka_unit_test(explain_test_signed_rules),
      cmocka_unit_test(explain_test_more_than_twelve),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
