/*
 * What follows from a state of the interview, in the corners that made-up people seldom reach:
 * questions that cannot be asked, answers that yield to others, scores that a fact does not hold.
 * Expected: knowledge/interview.md, or a copy of it with one row changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "interview_support.h"

/* --- States and documents --- */

static struct interview_state state_of(const struct interview *of, const char *written)
{
  struct interview_state state;
  struct error error = {0};
  if (!interview_read(of, text_from(written), &state, &error))
    fail_msg("%s: %s", written, error.log);
  return state;
}

static struct interview_facts facts_of_state(const struct interview *of, const char *written)
{
  struct interview_state state = state_of(of, written);
  struct interview_facts facts;
  interview_facts(of, &state, &facts);
  return facts;
}

static double value_of(const struct interview_facts *facts, const char *name)
{
  return facts->facts.value[fact_of(name)];
}

static size_t question_of(const char *id)
{
  size_t index = questions_find(interview, text_from(id));
  if (index == QUESTION_NONE) fail_msg("no question %s", id);
  return index;
}

/* The interview with each `was` of the document turned into the `now` behind it; NULL ends. */
static struct interview *interview_with(const char *const *changes)
{
  struct text whole;
  struct error error = {0};
  struct interview *out = NULL;
  assert_true(file_read(arena, "knowledge/interview.md", LIMIT_KNOWLEDGE_FILE, &whole, &error));
  for (; *changes; changes += 2) {
    size_t at = text_find(whole, text_from(changes[0]));
    if (at == whole.length) fail_msg("the document has no '%s'", changes[0]);
    whole = text_format(arena, "%.*s%s%.*s", (int)at, whole.at, changes[1],
                        (int)(whole.length - at - strlen(changes[0])),
                        whole.at + at + strlen(changes[0]));
  }
  if (!interview_load_text(&out, whole, table, instruments, &error)) fail_msg("%s", error.log);
  return out;
}

static size_t next_of(const struct interview *of, const struct interview_state *state,
                      const struct facts *facts, size_t *most)
{
  struct care_result result;
  struct care_explanation explanation;
  care_find(table, facts, NULL, &result);
  care_explain(table, facts, NULL, &result, &explanation);
  return interview_next(of, state, facts, NULL, &result, &explanation, most);
}

/* Go on from a state, answering every question with "I don't know": is this one ever asked? */
static bool is_asked(const struct interview *of, const char *written, const char *id)
{
  struct interview_state state = state_of(of, written);
  struct interview_facts facts;
  struct interview_step step;
  for (;;) {
    interview_facts(of, &state, &facts);
    size_t next = next_of(of, &state, &facts.facts, NULL);
    if (next == question_of(id)) return true;
    if (next >= QUESTIONS_MAXIMUM) return false;
    interview_step_init(&step, next, STEP_UNKNOWN);
    interview_answer(of, &state, &step);
  }
}

/* --- The next question --- */

static void interview_test_question_without_the_one_before(void **unused)
{
  (void)unused;
  static const char low[] =
      "1 self\nscreen g none\nage g age=40\nmedicine g none\nmood g 1=3 2=3\n";
  static const char *const elsewhere[] = {"| mood | self |", "| mood | other |", NULL};
  assert_true(is_asked(interview, low, "mood-more"));
  assert_false(is_asked(interview, "1 self\nscreen g none\nage g age=40\nmood u\n", "mood-more"));
  /* The person is never asked what must be answered before. */
  struct interview *changed = interview_with(elsewhere);
  assert_false(is_asked(changed, "1 self\nscreen g none\nage g age=40\n", "mood-more"));
  interview_free(changed);
}

static void interview_test_rule_question_waits_for_the_one_before(void **unused)
{
  (void)unused;
  static const char *const behind[] = {"| dsm-5-oud | opioid_use_disorder | - |",
                                       "| dsm-5-oud | opioid_use_disorder | age given |", NULL};
  struct interview *changed = interview_with(behind);
  assert_true(is_asked(changed, "1 self\nscreen g none\nage g age=40\n", "criteria"));
  assert_false(is_asked(changed, "1 self\nscreen g none\nage u\n", "criteria"));
  assert_true(is_asked(interview, "1 self\nscreen g none\nage u\n", "criteria"));
  interview_free(changed);
}

/* What is known from elsewhere is not asked for, though its question was never put. */
static void interview_test_known_fact_is_not_asked(void **unused)
{
  (void)unused;
  struct interview_state state =
      state_of(interview, "1 self\nscreen g none\nage g age=40\nmedicine g none\n");
  struct interview_facts facts;
  bool asked = false;
  interview_facts(interview, &state, &facts);
  facts.facts.value[fact_of("opioid_use_disorder")] = 3;
  for (size_t next, most;
       (next = next_of(interview, &state, &facts.facts, &most)) < QUESTION_NONE;) {
    struct interview_step step;
    assert_int_equal(next_of(interview, &state, &facts.facts, NULL), next);
    asked = asked || next == question_of("criteria");
    interview_step_init(&step, next, STEP_UNKNOWN);
    interview_answer(interview, &state, &step);
  }
  assert_false(asked);
}

/* Danger today, medicine, home not told: a confirmed place would make it safe enough for 2.1 (B13).
 * Once home is told it decides alone, and so does a life in a recovery home that can be managed. */
static void interview_test_assumed_place_is_asked_for(void **unused)
{
  (void)unused;
  static const char start[] = "1 self\nscreen g none\nage g age=40\nmedicine g methadone\n"
                              "risk g today alone\nsober-home g no\n";
  const char *untold = text_c(arena, text_format(arena, "%shousing u\n", start));
  const char *unsafe = text_c(arena, text_format(arena, "%shousing g unsafe\n", start));
  const char *told = text_c(arena, text_format(arena, "%shousing u\nsober-place u\n", start));
  assert_true(is_asked(interview, untold, "sober-place"));
  assert_false(is_asked(interview, unsafe, "sober-place"));
  assert_false(is_asked(interview, told, "sober-place"));
}

/* --- Stops --- */

/* A need that acts is no danger. */
static void interview_test_only_stop_rules_stop(void **unused)
{
  (void)unused;
  struct interview_state state;
  struct care_result result = result_of("{\"cows\": 30}");
  interview_init(&state, CHOOSE_SELF);
  assert_int_equal(result.state[rule_of("B3")], RULE_FIRED);
  assert_false(interview_is_stopped(interview, &state, &result));
  interview_pass(interview, &state, &result);
  for (size_t i = 0; i < RULES_MAXIMUM / 64; i++) assert_true(state.safe[i] == 0);
}

/* --- Facts --- */

/* An answer far ahead stands against one that comes behind it by way of another. */
static void interview_test_answer_yields_over_a_question_between(void **unused)
{
  (void)unused;
  struct interview_facts facts = facts_of_state(
      interview, "1 self\nscreen g suicide\nsuicide g 1=1 2=1 6=0\nsuicide-more g 3=0 4=0 5=0\n");
  assert_false(facts.is_clash);
  assert_true(value_of(&facts, "suicide_risk") == 3); /* high */
  assert_int_equal(facts.by[fact_of("suicide_risk")], question_of("screen"));
}

/* The first of two clashes is shown first. */
static void interview_test_first_clash_is_shown(void **unused)
{
  (void)unused;
  static const char *const loose[] = {"| fluids | all | care | choice | - | - | withdrawal cows |",
                                      "| fluids | all | care | choice | - | - | age |",
                                      "| c-ssrs: 1 2 6 | - | screen |", "| c-ssrs: 1 2 6 | - | - |",
                                      NULL};
  struct interview *changed = interview_with(loose);
  struct interview_facts facts = facts_of_state(
      changed, "1 self\nscreen g suicide\nwithdrawal g mild\nfluids g no\nsuicide g 1=0 2=0 6=0\n");
  assert_true(facts.is_clash);
  assert_int_equal(facts.clash, INTERVIEW_CLASHES);
  assert_int_equal(facts.clash_count, 2);
  assert_int_equal(facts.clash_questions[0], question_of("withdrawal"));
  assert_int_equal(facts.clash_questions[1], question_of("fluids"));
  facts = facts_of_state(changed, "1 self\nscreen g suicide\nsuicide g 1=0 2=0 6=0\n");
  assert_int_equal(facts.clash_questions[1], question_of("suicide"));
  interview_free(changed);
}

static void interview_test_sum_has_two_ends(void **unused)
{
  (void)unused;
  static const char *const from_one[] = {"| mood | sum 0..2 |", "| mood | sum 1..2 |", NULL};
  static const struct {
    const char *written;
    bool is_known;
  } rows[] = {{"1 self\nmood g 1=0 2=0\n", false},
              {"1 self\nmood g 1=1 2=0\n", true},
              {"1 self\nmood g 1=1 2=1\n", true},
              {"1 self\nmood g 1=2 2=1\n", false}};
  struct interview *changed = interview_with(from_one);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct interview_facts facts = facts_of_state(changed, rows[i].written);
    if (isnan(value_of(&facts, "phq_9")) == rows[i].is_known) fail_msg("%s", rows[i].written);
  }
  interview_free(changed);
}

static void interview_test_numbers_may_stay_open(void **unused)
{
  (void)unused;
  struct interview_facts facts =
      facts_of_state(interview, "1 staff\nvitals g breathing_rate=14 news2=3\n");
  assert_true(value_of(&facts, "breathing_rate") == 14 && value_of(&facts, "news2") == 3);
  assert_true(isnan(value_of(&facts, "oxygen_saturation")));
  assert_int_equal(facts.by[fact_of("oxygen_saturation")], QUESTION_NONE);
}

/* An earlier step counts for a scale's sum only when its items were answered. */
static void interview_test_scale_takes_answered_items_alone(void **unused)
{
  (void)unused;
  static const char rest[] = "mood-more g 3=3 4=3 5=3 6=3 7=3 8=0 9=0\n";
  struct interview_facts facts =
      facts_of_state(interview, text_c(arena, text_format(arena, "1 self\nmood s\n%s", rest)));
  assert_true(isnan(value_of(&facts, "phq_9")));
  facts = facts_of_state(interview,
                         text_c(arena, text_format(arena, "1 self\nmood g 1=3 2=2\n%s", rest)));
  assert_true(value_of(&facts, "phq_9") == 20);
  /* A typed score answers no item: all stay open. */
  struct interview_state state = state_of(interview, "1 staff\ncows t cows=26\n");
  assert_true(question_may_type(questions_get(interview, question_of("cows")), CHOOSE_STAFF));
  assert_false(question_may_type(questions_get(interview, question_of("cows")), CHOOSE_SELF));
  assert_false(question_may_type(questions_get(interview, question_of("vitals")), CHOOSE_STAFF));
  assert_int_equal(interview_missing_item(interview, &state, &state.steps[0]), 0);
}

/* A score that the table's fact does not hold leaves it unknown. */
static void interview_test_score_outside_its_fact(void **unused)
{
  (void)unused;
  static const char written[] = "1 staff\ncows g 1=4 2=4 3=5 4=5 5=4 6=4 7=5 8=4 9=4 10=4 11=5\n";
  struct interview_facts facts = facts_of_state(interview, written);
  assert_true(value_of(&facts, "cows") == 48);
  table->facts[fact_of("cows")].maximum = 47;
  facts = facts_of_state(interview, written);
  table->facts[fact_of("cows")].maximum = 48;
  assert_true(isnan(value_of(&facts, "cows")));
  assert_int_equal(facts.by[fact_of("cows")], QUESTION_NONE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(interview_test_question_without_the_one_before),
      cmocka_unit_test(interview_test_rule_question_waits_for_the_one_before),
      cmocka_unit_test(interview_test_known_fact_is_not_asked),
      cmocka_unit_test(interview_test_assumed_place_is_asked_for),
      cmocka_unit_test(interview_test_only_stop_rules_stop),
      cmocka_unit_test(interview_test_answer_yields_over_a_question_between),
      cmocka_unit_test(interview_test_first_clash_is_shown),
      cmocka_unit_test(interview_test_sum_has_two_ends),
      cmocka_unit_test(interview_test_numbers_may_stay_open),
      cmocka_unit_test(interview_test_scale_takes_answered_items_alone),
      cmocka_unit_test(interview_test_score_outside_its_fact),
  };
  return cmocka_run_group_tests(tests, interview_set_up, interview_tear_down);
}
