/*
 * Loading the interview: each fault of the document is refused with what and where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "interview_support.h"

static struct interview_state state_of(const char *written)
{
  struct interview_state state;
  struct error error = {0};
  if (!interview_read(interview, text_from(written), &state, &error))
    fail_msg("%s: %s", written, error.log);
  return state;
}

static struct interview_facts facts_of_state(const struct interview_state *state)
{
  struct interview_facts facts;
  interview_facts(interview, state, &facts);
  return facts;
}

static double value_of(const struct interview_facts *facts, const char *name)
{
  size_t fact;
  assert_true(facts_find(table, text_from(name), &fact));
  return facts->facts.value[fact];
}

/* --- The document --- */

static struct text document_with(const char *was, const char *now)
{
  struct text whole;
  struct error error = {0};
  assert_true(file_read(arena, "knowledge/interview.md", LIMIT_KNOWLEDGE_FILE, &whole, &error));
  size_t at = text_find(whole, text_from(was));
  if (at == whole.length) fail_msg("the document has no '%s'", was);
  return text_format(arena, "%.*s%s%.*s", (int)at, whole.at, now,
                     (int)(whole.length - at - strlen(was)), whole.at + at + strlen(was));
}

/* What is changed in the document, and a part of what is said then. */
static const struct {
  const char *was, *now, *part;
} faults[] = {
    {"| screen | all | first | several | - | - | - |",
     "| screen | all | first | some | - | - | - |", "unknown kind 'some'"},
    {"| screen | all | first |", "| screen | me | first |", "unknown who 'me'"},
    {"| screen | all | first |", "| screen | - | first |", "nobody is asked"},
    {"| screen | all | first |", "| screen | all | soon |", "unknown order 'soon'"},
    {"| fluids | all |", "| screen | all |", "no id, or one twice"},
    {"| fluids | all |", "| - | all |", "no id, or one twice"},
    {"| numbers | age |", "| numbers | years |", "unknown fact 'years'"},
    {"| numbers | age |", "| numbers | - |", "numbers of no fact"},
    {"| numbers | age |", "| numbers | housing |", "no number 'housing'"},
    {"| numbers | age |", "| numbers | age cows phq_9 news2 ciwa_ar |", "too many facts"},
    {"| fluids | all | care | choice | - |", "| fluids | all | care | choice | cows |",
     "a question with answers uses"},
    {"| instrument | cows |", "| instrument | cow |", "unknown instrument 'cow'"},
    {"| instrument | cows |", "| instrument | dast-10 |", "unknown instrument 'dast-10'"},
    {"phq-9: 1 2 |", "phq-9: 1 22 |", "unknown item '22'"},
    {"phq-9: 1 2 |", "phq-9: 1 2 1 |", "an item twice '1'"},
    {"phq-9: 1 2 |", "phq-9: 1 1=0 |", "an item twice '1=0'"},
    {"phq-9: 1 2 |", "phq-9: 1=0 |", "no item is asked 'mood'"},
    {"pc-ptsd-5: 0=1", "pc-ptsd-5: 0=x", "no answer '0=x'"},
    {"| instrument | cows | cows |", "| instrument | cows | cow |", "unknown fact 'cow'"},
    {"| other-drugs given |", "| given |", "unknown question 'given'"},
    {"| screen | breathing |\n", "| screen | - |\n", "no answer, or one twice"},
    {"pc-ptsd-5: 0=1", "pc-ptsd-5: 0=2", "no answer '0=2'"},
    {"| checklist | dsm-5-oud |", "| checklist | phq-9 |", "no yes-no item"},
    {"| other-drugs given |", "| drugs given |", "unknown question 'drugs'"},
    {"| other-drugs given |", "| screen age medicine withdrawal fluids |", "too many before it"},
    {"| screen | breathing |\n", "| scream | breathing |\n", "unknown question 'scream'"},
    {"| screen | breathing |\n", "| age | young |\n", "answers of 'age'"},
    {"| screen | seizure |\n", "| screen | breathing |\n", "no answer, or one twice"},
    {"| screen | not breathing |", "| screen | no breathing |", "unknown answer 'no breathing'"},
    {"unresponsive = yes", "responsive = no", "unknown fact 'responsive'"},
    {"unresponsive = yes", "unresponsive = maybe", "no value 'unresponsive = maybe'"},
    {"cows = 2;", "cows = two;", "no value 'cows = two'"},
    {"cows = 2;", "cows = 200;", "no value 'cows = 200'"},
    {"medication = naltrexone", "medication = aspirin", "no value"},
    {"| suicide_risk = high | C-SSRS screener: an intent to act is high risk | V | unsigned |",
     "| - | C | V | unsigned |", "nothing is set"},
    {"| suicide_risk = high | C-SSRS screener: an intent to act is high risk | V | unsigned |",
     "| suicide_risk = high | - | V | unsigned |", "no source"},
    {"cows = 2; fluids_kept = yes", "cows = 2; fluids_kept = yes; age = 3; news2 = 3; phq_9 = 3",
     "too many facts"},
    {"| mood | sum 0..2 |", "| mood | sum 2 |", "no sum 'sum 2'"},
    {"| mood | sum 0..2 |", "| mood | little |", "no sum 'little'"},
    {"| mood | sum 0..2 |", "| mood | sum few..2 |", "no sum 'sum few..2'"},
    {"| mood | sum 0..2 |", "| mood | sum 0..few |", "no sum 'sum 0..few'"},
    {"| mood | sum 0..2 |", "| moody | sum 0..2 |", "unknown question 'moody'"},
    {"is high risk | V | unsigned |", "is high risk | - | unsigned |", "no source"},
    {"is high risk | V | unsigned |", "is high risk | V | - |", "no source"},
    {"| A1 | unresponsive = no |", "| B1 | unresponsive = no |", "unknown rule 'B1'"},
    {"opioid_use_disorder is none and cows >= 13", "cows is many", "no condition"},
    {"opioid_use_disorder is none and cows >= 13", "-", "no condition"},
    {"| criteria withdrawal cows |", "| criteria craving |", "unknown question 'craving'"},
    {"| criteria withdrawal cows |", "| - |", "no question for 'no-signs'"},
    {"| criteria withdrawal cows |", "| criteria withdrawal cows age fluids |",
     "too many questions"},
    {"| withdrawal | strong | cows = 30 |", "| withdrawal | moderate | cows = 30 |",
     "the answer 'strong' of 'withdrawal' says nothing"},
    {"| screen | none |\n", "", "no answer 'none' of 'screen'"},
    {"## Safe again", "## Safe", "unexpected table 'Safe'"},
    {"| rule | sets | source |", "| rule | set | source |", "missing column 'sets'"},
    {"| id | when | questions |", "| id | questions | when |", "missing column 'when'"},
    {"| A5 | violence_imminent = no |", "| A5 |", "interview.md"},
};

static void interview_test_document_is_refused(void **unused)
{
  (void)unused;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct interview *out = NULL;
    struct error error = {0};
    struct text document = document_with(faults[i].was, faults[i].now);
    if (interview_load_text(&out, document, table, instruments, &error))
      fail_msg("taken: %s", faults[i].now);
    assert_null(out);
    if (!strstr(error.log, faults[i].part)) fail_msg("%s: %s", faults[i].part, error.log);
    if (!strstr(error.log, "interview.md")) fail_msg("no file in: %s", error.log);
  }
  struct interview *out = NULL;
  struct error error = {0};
  assert_false(interview_load_text(&out, TEXT("nothing"), table, instruments, &error));
  assert_non_null(strstr(error.log, "missing table 'Questions'"));
  assert_false(interview_load(&out, "/nowhere", table, instruments, &error));
  /* Who does not ask why is not told. */
  assert_false(interview_load_text(&out, TEXT("# A\n\n| a |\n| --- |\n| b | c |\n"), table,
                                   instruments, NULL));
  assert_null(out);
  interview_free(NULL);
}

static void interview_test_file_is_refused(void **unused)
{
  (void)unused;
  char folder[] = "/tmp/fairlead-interview-XXXXXX";
  struct interview *out = NULL;
  struct error error = {0};
  assert_non_null(mkdtemp(folder));
  const char *path = file_join(arena, folder, "interview.md");
  assert_true(file_replace(path, TEXT("# The interview\n"), &error));
  assert_false(interview_load(&out, folder, table, instruments, &error));
  assert_null(out);
  assert_non_null(strstr(error.log, "missing table 'Questions'"));
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0);
}

/* --- A small document --- */

static const char question_head[] =
    "## Questions\n\n| id | who | order | kind | uses | typed | after |\n"
    "| --- | --- | --- | --- | --- | --- | --- |\n";
static const char answer_head[] = "\n## Answers\n\n| question | answer |\n| --- | --- |\n";
static const char row_head[] =
    "\n## What answers say\n\n| question | answers | sets | source | grade | signed |\n"
    "| --- | --- | --- | --- | --- | --- |\n";
static const char safe_head[] = "\n## Safe again\n\n| rule | sets | source | grade | signed |\n"
                                "| --- | --- | --- | --- | --- |\n";
static const char clash_head[] =
    "\n## Asked again\n\n| id | when | questions | source | grade | signed |\n"
    "| --- | --- | --- | --- | --- | --- |\n";

/* The five tables' rows, each `count` times with its number in place of %zu. */
struct small {
  const char *row;
  size_t count;
};

static bool load_small(const struct small rows[5], struct error *error)
{
  const char *const heads[] = {question_head, answer_head, row_head, safe_head, clash_head};
  struct interview *out = NULL;
  struct text_buffer document;
  text_buffer_init(&document, LIMIT_KNOWLEDGE_FILE);
  for (size_t i = 0; i < 5; i++) {
    text_buffer_add(&document, text_from(heads[i]));
    for (size_t j = 0; j < rows[i].count; j++) {
      struct text rest = text_from(rows[i].row), part;
      for (size_t k = 0; text_split_next(&rest, '#', &part); k++) {
        if (k) text_buffer_add_format(&document, "%zu", j);
        text_buffer_add(&document, part);
      }
    }
  }
  bool done = interview_load_text(&out, text_buffer_get(&document), table, instruments, error);
  interview_free(out);
  text_buffer_fini(&document);
  return done;
}

/* As many as fit are taken, one more is not. */
static void interview_test_limits(void **unused)
{
  (void)unused;
  static const char numbers[] = "| q# | all | care | numbers | age | - | - |\n",
                    choice[] = "| q# | all | care | choice | - | - | - |\n",
                    answer[] = "| q0 | a# |\n",
                    row[] = "| q0 | a0 | age = 30 | s | P | unsigned |\n",
                    all[] = "| q0 | a0 + a1 | age = 30 | s | P | unsigned |\n",
                    every[] =
                        "| q0 | a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + "
                        "a12 + a13 + a14 + a15 | age = 30 | s | P | unsigned |\n",
                    safe[] = "| A1 | unresponsive = no | s | P | unsigned |\n",
                    clash[] = "| c# | age < 18 | q0 | s | P | unsigned |\n";
  const struct {
    struct small rows[5];
    const char *refused; /* NULL: taken */
  } cases[] = {
      {{{numbers, 64}, {"", 0}, {"", 0}, {safe, 1}, {clash, 1}}, NULL},
      {{{numbers, 65}, {"", 0}, {"", 0}, {safe, 1}, {clash, 1}}, "too many questions 'q64'"},
      {{{choice, 1}, {answer, 16}, {every, 1}, {safe, 1}, {clash, 1}}, NULL},
      {{{choice, 1}, {answer, 17}, {every, 1}, {safe, 1}, {clash, 1}},
       "no answer, or one twice 'a16'"},
      {{{choice, 1}, {answer, 2}, {all, 256}, {safe, 1}, {clash, 1}}, NULL},
      {{{choice, 1}, {answer, 2}, {all, 257}, {safe, 1}, {clash, 1}}, "too many rows"},
      {{{choice, 1}, {answer, 2}, {all, 1}, {safe, 1}, {clash, 32}}, NULL},
      {{{choice, 1}, {answer, 2}, {all, 1}, {safe, 1}, {clash, 33}}, "too many 'c32'"},
      {{{choice, 1}, {answer, 1}, {row, 1}, {safe, 1}, {clash, 1}},
       "fewer than two answers of 'q0'"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error error = {0};
    bool done = load_small(cases[i].rows, &error);
    if (done != !cases[i].refused) fail_msg("case %zu: %s", i, error.log);
    if (!done && !strstr(error.log, cases[i].refused)) fail_msg("case %zu: %s", i, error.log);
  }
  struct interview *out = NULL;
  struct error error = {0};
  assert_false(interview_load_text(&out, TEXT("## Questions\n\n| id | who |\n| --- | --- |\n"),
                                   table, instruments, &error));
  assert_non_null(strstr(error.log, "missing column 'order'"));
}

/* A scale that sets a fact which the table lacks. */
static void interview_test_scale_of_an_unknown_fact(void **unused)
{
  (void)unused;
  struct interview *out = NULL;
  struct error error = {0};
  struct fact *fact = &table->facts[fact_of("pc_ptsd_5")];
  struct text name = fact->name,
              document = document_with("pc-ptsd-5 | pc_ptsd_5 |", "pc-ptsd-5 | - |");
  fact->name = TEXT("renamed");
  bool done = interview_load_text(&out, document, table, instruments, &error);
  fact->name = name;
  assert_false(done);
  assert_non_null(strstr(error.log, "unknown fact 'pc_ptsd_5'"));
}

/* Without an order between them, two questions that disagree are a clash of their own. */
static void interview_test_two_questions_disagree(void **unused)
{
  (void)unused;
  struct interview *loose, *kept = interview;
  struct error error = {0};
  struct text document = document_with("| fluids | all | care | choice | - | - | withdrawal cows |",
                                       "| fluids | all | care | choice | - | - | - |");
  if (!interview_load_text(&loose, document, table, instruments, &error)) fail_msg("%s", error.log);
  interview = loose;
  struct interview_state state = state_of("1 self\nfluids g no\nwithdrawal g mild\n");
  struct interview_facts facts = facts_of_state(&state);
  assert_true(facts.is_clash);
  assert_int_equal(facts.clash, INTERVIEW_CLASHES);
  assert_int_equal(facts.clash_questions[0], questions_find(loose, TEXT("fluids")));
  assert_int_equal(facts.clash_questions[1], questions_find(loose, TEXT("withdrawal")));
  assert_true(value_of(&facts, "fluids_kept") == 0);
  interview_keep(&state, &facts); /* there is nothing to keep */
  assert_int_equal(state.kept, 0);
  interview = kept;
  interview_free(loose);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(interview_test_document_is_refused),
      cmocka_unit_test(interview_test_file_is_refused),
      cmocka_unit_test(interview_test_limits),
      cmocka_unit_test(interview_test_scale_of_an_unknown_fact),
      cmocka_unit_test(interview_test_two_questions_disagree),
  };
  return cmocka_run_group_tests(tests, interview_set_up, interview_tear_down);
}
