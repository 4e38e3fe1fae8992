/*
 * Ways to pay. Expected values: 42 USC 1396a(a)(10)(A)(i)(VIII) with 1396a(e)(14)(I) (138 %), 26
 * USC 36B (100 % to 400 %), HRSA compliance manual chapter 9 (200 %), and that law past its day is
 * left out and told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "coverage_support.h"

static uint32_t situation(const char *name)
{
  size_t index;
  assert_true(paying_situation_find(rules, text_from(name), &index));
  return UINT32_C(1) << index;
}

static struct paying_answer ask(const char *state, int64_t percent, uint32_t situations,
                                const char *date)
{
  struct paying_answer answer;
  struct paying_question question = {text_from(state), percent, situations, day_of(date)};
  paying_answer_find(rules, &question, &answer);
  return answer;
}

static bool has(const struct paying_answer *answer, const char *name)
{
  for (size_t i = 0; i < answer->count; i++)
    if (text_equal(answer->ways[i]->name, text_from(name))) return true;
  return false;
}

static void medicaid_ends_at_138_percent(void **state)
{
  (void)state;
  for (int64_t percent = 0; percent <= 500; percent++) {
    struct paying_answer there = ask("MA", percent, 0, "2026-06-01");
    assert_int_equal(has(&there, "medicaid"), percent <= 138);
    assert_int_equal(has(&there, "market-expanded"), percent > 138 && percent <= 400);
    assert_int_equal(has(&there, "market-whole"), percent > 400);
    assert_int_equal(has(&there, "sliding-fee"), percent <= 200);
    assert_false(has(&there, "gap"));
    struct paying_answer here = ask("TX", percent, 0, "2026-06-01");
    assert_false(has(&here, "medicaid"));
    assert_int_equal(has(&here, "gap"), percent < 100);
    assert_int_equal(has(&here, "market-not-expanded"), percent >= 100 && percent <= 400);
    assert_true(has(&here, "free"));
  }
}

static void what_a_person_says_counts(void **state)
{
  (void)state;
  struct paying_answer aged = ask("MA", 80, situation("aged"), "2026-06-01");
  assert_true(has(&aged, "medicare") && has(&aged, "medicare-savings"));
  assert_false(has(&aged, "medicaid"));
  struct paying_answer pregnant = ask("TX", 80, situation("pregnant"), "2026-06-01");
  assert_true(has(&pregnant, "medicaid-pregnant"));
  assert_false(has(&pregnant, "gap") || has(&pregnant, "medicaid-pregnant-more"));
  struct paying_answer worker = ask("MA", 250, situation("job-plan"), "2026-06-01");
  assert_true(has(&worker, "job-plan"));
  assert_false(has(&worker, "market-expanded") || has(&worker, "state-paid"));
  struct paying_answer parent =
      ask("FL", 30, situation("parent") | situation("served"), "2026-06-01");
  assert_true(has(&parent, "medicaid-other") && has(&parent, "served") && has(&parent, "gap"));
  struct paying_answer wisconsin = ask("WI", 100, 0, "2026-06-01");
  assert_true(has(&wisconsin, "medicaid-wisconsin"));
  assert_false(has(&wisconsin, "gap"));
}

static void likely_ones_stand_first(void **state)
{
  struct paying_answer all = ask("GA", 50, situation("served") | situation("tribe"), "2026-06-01");
  (void)state;
  for (size_t i = 1; i < all.count; i++) assert_true(all.ways[i - 1]->fit <= all.ways[i]->fit);
  assert_int_equal(all.ways[0]->fit, PAYING_LIKELY);
  assert_int_equal(all.ways[all.count - 1]->fit, PAYING_NOTE);
  assert_int_equal(all.expired, 0);
  assert_int_equal(all.unknown, 0);
}

/* The rows whose law is known to the end of 2026 alone: none is shown after it, and it is told. */
static void ended_law_is_left_out_and_told(void **state)
{
  (void)state;
  struct paying_answer late = ask("MA", 80, 0, "2027-01-01");
  assert_false(has(&late, "medicaid"));
  assert_true(has(&late, "sliding-fee") && has(&late, "free"));
  assert_true(late.expired > 0);
  struct paying_answer early = ask("MA", 80, 0, "2025-12-31");
  assert_int_equal(early.count, 0);
  assert_int_equal(early.expired, 0);
}

static void without_a_percent_what_asks_for_one_is_left_out(void **state)
{
  (void)state;
  struct paying_answer answer = ask("PR", -1, 0, "2026-06-01");
  assert_true(has(&answer, "free") && has(&answer, "state-paid"));
  assert_false(has(&answer, "sliding-fee"));
  assert_true(answer.unknown > 0);
}

/* Each adult of each state, without any tick, meets Medicaid, a market with help, or the gap. */
static void nobody_falls_through(void **state)
{
  (void)state;
  for (size_t i = 0; i < paying_states_count(rules); i++) {
    const struct paying_state *one = paying_states_get(rules, i);
    const struct poverty_guideline *guideline;
    if (poverty_guideline_find(rules, one->code, day_of("2026-06-01"), &guideline) !=
        COVERAGE_HOLDS)
      continue;
    for (int64_t percent = 0; percent <= 400; percent++) {
      struct paying_answer answer = ask(text_c(arena, one->code), percent, 0, "2026-06-01");
      int met = has(&answer, "medicaid") + has(&answer, "medicaid-wisconsin") +
                has(&answer, "market-expanded") + has(&answer, "market-not-expanded") +
                has(&answer, "gap");
      /* In Wisconsin the last percent of the one is the first of the other. */
      if (met < 1 || met > 2) fail_msg("%.*s %lld", TEXT_PRINT(one->code), (long long)percent);
    }
  }
  assert_null(paying_state_find(rules, TEXT("XX")));
  assert_text(paying_state_find(rules, TEXT("HI"))->label[1], "Hawái");
}

static void tables_are_walked(void **state)
{
  size_t index;
  (void)state;
  assert_int_equal(paying_situations_count(rules), 8);
  assert_text(paying_situations_get(rules, 0)->name, "aged");
  assert_false(paying_situation_find(rules, TEXT("rich"), &index));
  assert_true(paying_ways_count(rules) > 20);
  for (size_t i = 0; i < paying_ways_count(rules); i++)
    assert_true(paying_ways_get(rules, i)->basis.source.length > 0);
}

static void faults_name_file_and_line(void **state)
{
  char many[2048] = "situation,label_en,label_es\n";
  (void)state;
  assert_spoiled("paying-ways.csv", "free,maybe", "gap,maybe", "stands twice");
  assert_spoiled("paying-ways.csv", "free,maybe", "free,sure", "fit is not a word");
  assert_spoiled("paying-ways.csv", ",138,!aged,", ",138,!old,", "a situation is unknown");
  assert_spoiled("paying-ways.csv", ",138,!aged,", ",138,aged !aged,", "asked for and refused");
  assert_spoiled("paying-ways.csv", ",99,400,", ",400,400,", "above_percent is not below");
  assert_spoiled("paying-ways.csv", "/find?need=free", "https://example.org", "no page of ours");
  assert_spoiled("paying-situations.csv", "served,", "aged,", "stands twice");
  for (int i = 0; i < 17; i++)
    snprintf(many + strlen(many), sizeof many - strlen(many), "s%d,a,b\n", i);
  assert_spoiled("paying-situations.csv", "situation,label_en,label_es\n", many, "16 are allowed");
  assert_spoiled("place-states.csv", "Alabama", "", "name_en is empty");
}

/* More ways than an answer can hold are refused when they are loaded. */
static void more_ways_than_fit_are_refused(void **state)
{
  struct text_buffer many;
  (void)state;
  text_buffer_init(&many, LIMIT_KNOWLEDGE_FILE);
  for (int i = 0; i <= PAYING_WAYS; i++)
    text_buffer_add_format(&many, "\nw%d,maybe,*,,,,a,b,c,d,,2026-01-01,,s,V,unsigned", i);
  text_buffer_add(&many, TEXT("\njob-plan,"));
  assert_spoiled("paying-ways.csv", "\njob-plan,", text_c(arena, text_buffer_get(&many)),
                 "64 are allowed");
  text_buffer_fini(&many);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(medicaid_ends_at_138_percent),
      cmocka_unit_test(what_a_person_says_counts),
      cmocka_unit_test(likely_ones_stand_first),
      cmocka_unit_test(ended_law_is_left_out_and_told),
      cmocka_unit_test(without_a_percent_what_asks_for_one_is_left_out),
      cmocka_unit_test(nobody_falls_through),
      cmocka_unit_test(tables_are_walked),
      cmocka_unit_test(faults_name_file_and_line),
      cmocka_unit_test(more_ways_than_fit_are_refused),
  };
  return cmocka_run_group_tests_name("paying", tests, rules_set_up, rules_tear_down);
}
