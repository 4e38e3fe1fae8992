/*
 * The interview's state: its text, what its answers say, what does not fit, what has passed.
 * Expected facts are written by hand after knowledge/interview.md and the scales' published
 * scoring.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "interview_support.h"

/* --- The state --- */

static struct interview_state state_of(const char *written)
{
  struct interview_state state;
  struct error error = {0};
  if (!interview_read(interview, text_from(written), &state, &error))
    fail_msg("%s: %s", written, error.log);
  return state;
}

static void interview_test_state_survives_its_text(void **unused)
{
  (void)unused;
  static const char *const good[] = {
      "1 self\n", "1 other\nscreen g none\nage u\nmedicine s\n!wished\n",
      ("1 self\nscreen g breathing danger suicide\nage g age=34.000000\ncriteria g 1 2 11\n"
       "mood g 1=3.000000 2=0.000000\nrisk s\nready g motivation=7.500000\n!safe A1\n!safe A5\n"
       "!kept no-signs\n!kept late-pregnancy\n!wished\n"),
      ("1 staff\nvitals g breathing_rate=14.500000 news2=3.000000\ncows t cows=13.000000\n"
       "suicide-screen t suicide_risk=3.000000\ncriteria g\n")};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    struct interview_state state = state_of(good[i]);
    assert_string_equal(text_c(arena, interview_write(interview, arena, &state)), good[i]);
  }
}

static void interview_test_state_refuses(void **unused)
{
  (void)unused;
  static const char *const bad[] = {"",
                                    "\n",
                                    "2 self\n",
                                    "1\n",
                                    "1 me\n",
                                    "self\n",
                                    "1 self\nnothing g yes\n",
                                    "1 self\nscreen\n",
                                    "1 self\nscreen x none\n",
                                    "1 self\nscreen gg none\n",
                                    "1 self\nscreen g\n",
                                    "1 self\nscreen g none none2\n",
                                    "1 self\nscreen g none danger\n",
                                    "1 self\nscreen g none\nscreen g danger\n",
                                    "1 self\nage g age=-1\n",
                                    "1 self\nage g age=1.5\n",
                                    "1 self\nage g age=121\n",
                                    "1 self\nage g\n",
                                    "1 self\nage g years=3\n",
                                    "1 self\nage g age=x\n",
                                    "1 self\nage t age=30\n",
                                    "1 self\nmedicine g none methadone\n",
                                    "1 self\ncows g 1=2\n",
                                    "1 staff\ncows g 1=3\n",
                                    "1 staff\ncows g 99=1\n",
                                    "1 staff\ncows t cows=49\n",
                                    "1 self\ncows t cows=3\n",
                                    "1 staff\nsuicide-screen t suicide_risk=4\n",
                                    "1 staff\nsuicide-screen t suicide_risk=0.5\n",
                                    "1 self\n!safe\n",
                                    "1 self\n!safe B1x\n",
                                    "1 self\n!kept nothing\n",
                                    "1 self\n!other\n",
                                    "1 self\ncriteria g 12\n",
                                    "1 other\nmood g 1=0 2=0\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct interview_state state = {.step_count = 77};
    struct error error = {0};
    if (interview_read(interview, text_from(bad[i]), &state, &error)) fail_msg("taken: %s", bad[i]);
    assert_int_equal(error.kind, ERROR_REFUSED);
    assert_string_equal(error.person, "error.seal.broken");
    assert_int_equal(state.step_count, 77);
  }
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

static void interview_test_typed_scores_stand_for_items(void **unused)
{
  (void)unused;
  struct interview_state state =
      state_of("1 staff\ncows t cows=26\nsuicide-screen t suicide_risk=2\n"
               "years t years_of_use=7.5\n");
  struct interview_facts facts = facts_of_state(&state);
  assert_true(value_of(&facts, "cows") == 26);
  assert_true(value_of(&facts, "suicide_risk") == 2); /* none low moderate high */
  assert_true(value_of(&facts, "years_of_use") == 7.5);
}

/* The PHQ-2 below its cut ends the mood; above it, the other seven decide. */
static void interview_test_scales_share_their_answers(void **unused)
{
  (void)unused;
  struct interview_state state = state_of("1 self\nmood g 1=1 2=1\n");
  struct interview_facts facts = facts_of_state(&state);
  assert_true(value_of(&facts, "phq_9") == 2);
  state = state_of("1 self\nmood g 1=3 2=2\n");
  facts = facts_of_state(&state);
  assert_true(isnan(value_of(&facts, "phq_9")));
  state = state_of("1 self\nmood g 1=3 2=2\nmood-more g 3=3 4=3 5=3 6=3 7=3 8=0 9=0\n");
  facts = facts_of_state(&state);
  assert_true(value_of(&facts, "phq_9") == 20); /* 3+2+3+3+3+3+3 */
  state = state_of("1 self\nmood g 1=1 2=1\nmood-more g 3=3 4=3 5=3 6=3 7=3 8=0 9=0\n");
  facts = facts_of_state(&state);
  assert_true(value_of(&facts, "phq_9") == 2);
  assert_false(facts.is_clash);
  state = state_of("1 self\nmind g terrible\ntrauma g 1=1 2=1 3=1 4=1 5=0\n");
  facts = facts_of_state(&state);
  assert_true(value_of(&facts, "pc_ptsd_5") == 4);
  state = state_of("1 self\nmind g none\n");
  facts = facts_of_state(&state);
  assert_true(value_of(&facts, "pc_ptsd_5") == 0);
}

static void interview_test_clash_is_asked_about(void **unused)
{
  (void)unused;
  struct interview_state state = state_of("1 self\ncriteria g\nwithdrawal g strong\n");
  struct interview_facts facts = facts_of_state(&state);
  assert_true(facts.is_clash);
  assert_true(text_equal(clashes_get(interview, facts.clash), TEXT("no-signs")));
  assert_int_equal(facts.clash_count, 2);
  interview_keep(&state, &facts);
  facts = facts_of_state(&state);
  assert_false(facts.is_clash);
  struct interview_step step;
  interview_step_init(&step, questions_find(interview, TEXT("withdrawal")), STEP_GIVEN);
  step.ticked = 4; /* moderate: it is looked at again */
  interview_answer(interview, &state, &step);
  facts = facts_of_state(&state);
  assert_true(facts.is_clash);
  interview_keep(&state, &(struct interview_facts){.is_clash = false, .clash = 0});
  assert_int_equal(state.kept, 0);
  assert_int_equal(clashes_count(interview), 3);
}

static void interview_test_danger_passes(void **unused)
{
  (void)unused;
  struct interview_state state = state_of("1 self\nscreen g danger\n");
  struct interview_facts facts = facts_of_state(&state);
  struct care_result result;
  care_find(table, &facts.facts, NULL, &result);
  assert_true(interview_is_stopped(interview, &state, &result));
  interview_pass(interview, &state, &result);
  assert_false(interview_is_stopped(interview, &state, &result));
  facts = facts_of_state(&state);
  assert_true(value_of(&facts, "violence_imminent") == 0);
  struct interview_step step = state.steps[0];
  interview_answer(interview, &state, &step); /* said again: it is danger again */
  facts = facts_of_state(&state);
  care_find(table, &facts.facts, NULL, &result);
  assert_true(interview_is_stopped(interview, &state, &result));
  /* a seizure stays what it is */
  state = state_of("1 self\nscreen g seizure\n!safe A4\n");
  facts = facts_of_state(&state);
  assert_true(value_of(&facts, "seizure_48h") == 1);
}

/* The first line of a scale that is open, and lines that another answer leaves out. */
static void interview_test_scale_names_what_is_open(void **unused)
{
  (void)unused;
  struct interview_state state = state_of("1 self\nsuicide g 1=1 2=0 6=1\n");
  size_t first = questions_find(interview, TEXT("suicide")),
         more = questions_find(interview, TEXT("suicide-more"));
  struct interview_step step;
  assert_false(interview_asks_item(interview, &state, more, 0)); /* 3 follows a yes to 2 */
  assert_true(interview_asks_item(interview, &state, more, 3));  /* 6a a yes to 6 */
  interview_step_init(&step, more, STEP_GIVEN);
  assert_int_equal(interview_missing_item(interview, &state, &step), 3);
  step.value[3] = 0;
  assert_int_equal(interview_missing_item(interview, &state, &step), 4);
  interview_step_init(&step, first, STEP_GIVEN);
  step.value[0] = 1;
  assert_int_equal(interview_missing_item(interview, &state, &step), 1);
}

/* What no text can hold is refused as well. */
static void interview_test_step_of_unknown_answer(void **unused)
{
  (void)unused;
  struct interview_step step;
  struct error error = {0};
  size_t screen = questions_find(interview, TEXT("screen"));
  interview_step_init(&step, screen, STEP_GIVEN);
  step.ticked = UINT64_C(1) << questions_get(interview, screen)->answer_count;
  assert_false(interview_step_check(interview, CHOOSE_SELF, &step, &error));
  assert_string_equal(error.person, "error.choose.answer");
  step.ticked >>= 1; /* the last is "none" */
  assert_true(interview_step_check(interview, CHOOSE_SELF, &step, &error));
}

/* Staff may type a fact that is yes or no: 1 or 0. */
static void interview_test_typed_yes_or_no(void **unused)
{
  (void)unused;
  struct text whole;
  struct error error = {0};
  struct interview *changed;
  static const char was[] = "| function | all | care | choice | - | - |",
                    now[] = "| function | all | care | choice | - | daily_function_impaired |";
  assert_true(file_read(arena, "knowledge/interview.md", LIMIT_KNOWLEDGE_FILE, &whole, &error));
  size_t at = text_find(whole, text_from(was));
  assert_true(at < whole.length);
  struct text tail = text_slice(whole, at + strlen(was), whole.length);
  whole = text_format(arena, "%.*s%s%.*s", (int)at, whole.at, now, TEXT_PRINT(tail));
  if (!interview_load_text(&changed, whole, table, instruments, &error)) fail_msg("%s", error.log);
  struct interview_state state;
  static const char *const bad[] = {"2", "-1", "0.5"};
  for (size_t i = 0; i < 3; i++)
    assert_false(interview_read(
        changed, text_format(arena, "1 staff\nfunction t daily_function_impaired=%s\n", bad[i]),
        &state, &error));
  assert_true(interview_read(changed, TEXT("1 staff\nfunction t daily_function_impaired=1\n"),
                             &state, &error));
  struct interview_facts facts;
  interview_facts(changed, &state, &facts);
  assert_true(value_of(&facts, "daily_function_impaired") == 1);
  interview_free(changed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(interview_test_state_survives_its_text),
      cmocka_unit_test(interview_test_state_refuses),
      cmocka_unit_test(interview_test_typed_scores_stand_for_items),
      cmocka_unit_test(interview_test_scales_share_their_answers),
      cmocka_unit_test(interview_test_scale_names_what_is_open),
      cmocka_unit_test(interview_test_clash_is_asked_about),
      cmocka_unit_test(interview_test_danger_passes),
      cmocka_unit_test(interview_test_step_of_unknown_answer),
      cmocka_unit_test(interview_test_typed_yes_or_no),
  };
  return cmocka_run_group_tests(tests, interview_set_up, interview_tear_down);
}
