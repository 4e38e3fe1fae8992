/*
 * Tests of intake_propose.h, its pure half. Expected values: calendar days counted by hand
 * (2024-02-29 exists), the words of knowledge/level-of-care.md's table of facts, and the header's
 * rule that the newest record counts. The store's half is tests/http/desk-intake-assess.test.mjs.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "intake_support.h"

static struct needs *needs;
static struct level_of_care *table;

static int set_up(void **state)
{
  struct error error = {0};
  return rules_set_up(state) == 0 && needs_load(&needs, "knowledge", &error) &&
                 level_of_care_load(&table, "knowledge", needs, &error)
             ? 0
             : 1;
}

static int tear_down(void **state)
{
  level_of_care_free(table);
  needs_free(needs);
  return rules_tear_down(state);
}

static struct intake_proposal proposals[FACTS_MAXIMUM];

static size_t propose(const struct intake_known *known, size_t count, const char *today)
{
  return intake_propose(rules, table, known, count, text_from(today), arena, proposals);
}

static struct intake_known said(enum level_fact_source from, const char *of, const char *value,
                                int64_t at)
{
  return (struct intake_known){from, text_from(of), text_from(value), TEXT("an id"), at, NULL};
}

static size_t fact_of(const char *name)
{
  size_t fact = 0;
  assert_true(facts_find(table, text_from(name), &fact));
  return fact;
}

static const char *answer(size_t index)
{
  struct text_buffer json;
  text_buffer_init(&json, 1000);
  json_write(facts_write(table, arena, proposals[index].fact, proposals[index].value), &json);
  const char *words = text_c(arena, text_buffer_get(&json));
  text_buffer_fini(&json);
  return words;
}

static void every_row_is_an_answer_of_the_table(void **state)
{
  (void)state;
  assert_true(level_facts_count(rules) >= 12);
  for (size_t i = 0; i < level_facts_count(rules); i++) {
    const struct level_fact *row = level_facts_get(rules, i);
    struct intake_known known = {row->from, row->of, row->value, TEXT(""), 1, NULL};
    if (text_equal(row->value, TEXT("*"))) known.value = TEXT("2026-01-01");
    assert_int_equal(propose(&known, 1, "2026-03-01"), 1);
    assert_int_equal(proposals[0].fact, fact_of(text_c(arena, row->fact)));
  }
}

static void what_a_record_says_is_proposed(void **state)
{
  (void)state;
  static const struct {
    enum level_fact_source from;
    const char *of, *value, *fact, *answer;
  } cases[] = {
      {LEVEL_FROM_FACT, "pregnancy", "yes", "pregnant", "true"},
      {LEVEL_FROM_FACT, "pregnancy", "no", "pregnant", "false"},
      {LEVEL_FROM_REQUEST, "pregnant", "yes", "pregnant", "true"},
      {LEVEL_FROM_FACT, "opioid-medicine", "methadone", "medication", "\"methadone\""},
      {LEVEL_FROM_FACT, "opioid-medicine", "none", "medication", "\"none\""},
      {LEVEL_FROM_ITEM, "pregnancy-care", "done", "prenatal_care", "true"},
      {LEVEL_FROM_FACT, "overdose", "2026-02-28", "overdose_days", "1"},
      {LEVEL_FROM_FACT, "overdose", "2026-03-01", "overdose_days", "0"},
      {LEVEL_FROM_FACT, "overdose", "2024-02-28", "overdose_days", "732"}, /* 366 + 365 + 1 */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct intake_known known = said(cases[i].from, cases[i].of, cases[i].value, 5);
    assert_int_equal(propose(&known, 1, "2026-03-01"), 1);
    assert_int_equal(proposals[0].fact, fact_of(cases[i].fact));
    assert_string_equal(answer(0), cases[i].answer);
    assert_ptr_equal(proposals[0].known, &known);
    assert_null(proposals[0].other);
  }
}

static void what_says_nothing_proposes_nothing(void **state)
{
  (void)state;
  const struct intake_known known[] = {
      said(LEVEL_FROM_FACT, "pregnancy", "unknown", 5),
      said(LEVEL_FROM_REQUEST, "pregnancy", "yes", 5), /* a fact's word, from a request */
      said(LEVEL_FROM_FACT, "naloxone", "", 5),
      said(LEVEL_FROM_FACT, "overdose", "2026-03-02", 5), /* to come */
      said(LEVEL_FROM_FACT, "overdose", "yesterday", 5),
      said(LEVEL_FROM_FACT, "overdose", "", 5),
      said(LEVEL_FROM_FACT, "overdose", "1850-01-01", 5), /* past what the table takes */
      said(LEVEL_FROM_FACT, "housing", "independent", 5), /* a roof is not yet a safe place */
      said(LEVEL_FROM_ITEM, "identity", "done", 5),
      {LEVEL_FROM_INSTRUMENT, TEXT("cows"), TEXT(""), TEXT("x"), 5, NULL}};
  assert_int_equal(propose(known, sizeof known / sizeof *known, "2026-03-01"), 0);
  assert_int_equal(propose(NULL, 0, "2026-03-01"), 0);
}

static void the_newest_counts_and_an_older_one_that_differs_is_told(void **state)
{
  (void)state;
  struct intake_known known[] = {said(LEVEL_FROM_FACT, "pregnancy", "yes", 20),
                                 said(LEVEL_FROM_REQUEST, "pregnant", "no", 30),
                                 said(LEVEL_FROM_FACT, "pregnancy", "yes", 10)};
  /* In whatever order they come. */
  for (size_t turn = 0; turn < 3; turn++) {
    struct intake_known first = known[0];
    known[0] = known[1];
    known[1] = known[2];
    known[2] = first;
    assert_int_equal(propose(known, 3, "2026-03-01"), 1);
    assert_string_equal(answer(0), "false");
    assert_int_equal(proposals[0].known->at, 30);
    assert_non_null(proposals[0].other);
    assert_int_equal(proposals[0].other->at, 20);
    assert_true(proposals[0].other_value > 0);
  }
  /* The newest repeats what the oldest said: the one between still differs. */
  const struct intake_known again[] = {said(LEVEL_FROM_FACT, "pregnancy", "yes", 10),
                                       said(LEVEL_FROM_FACT, "pregnancy", "no", 20),
                                       said(LEVEL_FROM_REQUEST, "pregnant", "yes", 30)};
  assert_int_equal(propose(again, 3, "2026-03-01"), 1);
  assert_string_equal(answer(0), "true");
  assert_int_equal(proposals[0].other->at, 20);
}

static void of_several_dates_the_last_one_counts(void **state)
{
  (void)state;
  const struct intake_known known[] = {said(LEVEL_FROM_FACT, "overdose", "2026-02-19", 5),
                                       said(LEVEL_FROM_FACT, "overdose", "2025-03-01", 9),
                                       said(LEVEL_FROM_FACT, "overdose", "2026-01-01", 1)};
  assert_int_equal(propose(known, 3, "2026-03-01"), 1);
  assert_string_equal(answer(0), "10");
  assert_int_equal(proposals[0].known->at, 5);
  assert_null(proposals[0].other);
}

static void questionnaires_say_their_own(void **state)
{
  (void)state;
  struct facts older, newer;
  struct error error = {0};
  facts_init(&older);
  facts_init(&newer);
  assert_true(facts_set(table, &older, TEXT("cows"), value_integer(arena, 30), &error) &&
              facts_set(table, &older, TEXT("phq_9"), value_integer(arena, 8), &error) &&
              facts_set(table, &newer, TEXT("cows"), value_integer(arena, 13), &error));
  const struct intake_known known[] = {
      {LEVEL_FROM_INSTRUMENT, TEXT("cows"), TEXT(""), TEXT("b"), 9, &newer},
      {LEVEL_FROM_INSTRUMENT, TEXT("cows"), TEXT(""), TEXT("a"), 4, &older},
      said(LEVEL_FROM_FACT, "pregnancy", "no", 1)};
  assert_int_equal(propose(known, 3, "2026-03-01"), 3);
  for (size_t i = 0; i < 3; i++) {
    assert_true(i == 0 || proposals[i - 1].fact < proposals[i].fact); /* the table's order */
    if (proposals[i].fact == fact_of("cows")) {
      assert_string_equal(answer(i), "13");
      assert_int_equal(proposals[i].other_value, 30);
    } else if (proposals[i].fact == fact_of("phq_9")) {
      assert_string_equal(answer(i), "8");
      assert_null(proposals[i].other);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_row_is_an_answer_of_the_table),
      cmocka_unit_test(what_a_record_says_is_proposed),
      cmocka_unit_test(what_says_nothing_proposes_nothing),
      cmocka_unit_test(the_newest_counts_and_an_older_one_that_differs_is_told),
      cmocka_unit_test(of_several_dates_the_last_one_counts),
      cmocka_unit_test(questionnaires_say_their_own),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
