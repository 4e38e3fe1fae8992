/*
 * Loading the interview: each fault of the document is refused with what and where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

static void interview_test_document_is_refused(void **unused)
{
  (void)unused;
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
  interview_free(NULL);
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
      cmocka_unit_test(interview_test_two_questions_disagree),
  };
  return cmocka_run_group_tests(tests, interview_set_up, interview_tear_down);
}
