/*
 * Standings: joining them must be joining masks, and two of them are told apart by something. On
 * the real table and on small ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "care_table.h"

/* Every two masks that the rules can give: the join of their standings has the outcome of the
 * union. Masks are taken in strides, so that a test does not take minutes. */
static void assert_joins(size_t stride)
{
  const struct standings *standings = &table->standings;
  for (size_t i = 0; i < standings->capacity; i += stride) {
    if (standings->of[i] == STANDING_EXCLUDED) continue;
    for (size_t j = 0; j < standings->capacity; j += stride) {
      struct care_outcome outcome;
      if (standings->of[j] == STANDING_EXCLUDED) continue;
      size_t joined = standing_join(standings, standings->of[i], standings->of[j]);
      care_aggregate(table, standings->masks[i] | standings->masks[j], &outcome);
      assert_true(care_outcome_equal(&standings->outcome[joined], &outcome));
    }
  }
}

/* Two standings differ: beside something, so do their outcomes. */
static void assert_minimal(void)
{
  const struct standings *standings = &table->standings;
  for (size_t a = 0; a < standings->count; a++)
    for (size_t b = a + 1; b < standings->count; b++) {
      bool apart = false;
      for (size_t c = 0; c < standings->count && !apart; c++)
        apart = !care_outcome_equal(&standings->outcome[standing_join(standings, a, c)],
                                    &standings->outcome[standing_join(standings, b, c)]);
      assert_true(apart);
    }
}

static void standings_test_real_table(void **state)
{
  (void)state;
  assert_true(table->standings.mask_count > 1000);
  assert_true(table->standings.count < 200);
  assert_joins(37);
  assert_minimal();
}

static void standings_test_reduce(void **state)
{
  (void)state;
  uint64_t raised = UINT64_C(1) << ASK_RAISED_SHIFT;
  assert_true(care_mask_reduce(ASK_STOP | ASK_GATE | 5) == ASK_STOP);
  assert_true(care_mask_reduce(ASK_GATE | ASK_MEDICATION | 5) == ASK_GATE);
  assert_true(care_mask_reduce(raised * 7 | ASK_RAISE | 3) == (raised * 4 | ASK_RAISE | 3));
  assert_true(care_mask_reduce(0) == 0);
}

/* Past the last step a need stays where it is; medicine beside a live-in place is met there. */
static void standings_test_small_table(void **state)
{
  (void)state;
  struct small_table small = {
      .facts = SMALL_YES_NO("a", "yes") SMALL_YES_NO("b", "yes") SMALL_YES_NO("c", "yes"),
      .rules = SMALL_RULE("C1", "4A", "a", "at least 2.1") SMALL_RULE("C2", "4A", "b", "raise 4A")
          SMALL_RULE("C3", "1A", "c", "at least 3.1, start medication, add COE")};
  small_open(&small);
  assert_string_equal(outcome_text(result_of("{\"b\":true}").level, 0, CARE_OUTPATIENT, false),
                      "2.1");
  assert_int_equal(result_of("{\"a\":true,\"b\":true}").level, 1);
  struct care_result result = result_of("{\"a\":true,\"b\":true,\"c\":true}");
  assert_int_equal(result.level, 2);
  assert_int_equal(result.overlays, OVERLAY_COE);
  assert_true(result.medication_at_place);
  assert_joins(1);
  assert_minimal();
  small_close();
}

/* A table whose aggregation leaves something out gives no level there; the proof says so. */
static void standings_test_incomplete_table(void **state)
{
  (void)state;
  struct small_table small = {
      .facts = SMALL_YES_NO("a", "yes") SMALL_YES_NO("c", "yes"),
      .aggregation = "| G1 | residential | 3.1 | |\n| G2 | intensive | 2.1 | COE |\n",
      .rules = SMALL_RULE("C1", "1A", "a", "at least 2.1") SMALL_RULE("C2", "3A", "c", "add COE")};
  small_open(&small);
  struct care_result result = result_of("{}");
  assert_int_equal(result.level, LEVEL_NONE);
  assert_int_equal(result.setting, CARE_NONE);
  assert_false(result.is_minor);
  assert_int_equal(result_of("{\"a\":true}").level, 1);
  struct facts facts = facts_of("{}");
  struct care_explanation explanation;
  care_explain(table, &facts, NULL, &result, &explanation);
  assert_int_equal(explanation.change_count, 0);
  assert_int_equal(explanation.unknown_count, 4);
  for (size_t i = 0; i < 4; i++)
    if (explanation.unknown[i].fact == fact_of("a") || explanation.unknown[i].fact == fact_of("c"))
      assert_int_equal(explanation.unknown[i].levels, 1 << 1);
  assert_joins(1);
  small_close();
}

/* Fourteen levels that matter by pairs: over two thousand ways that nothing makes alike. */
static void standings_test_too_many(void **state)
{
  (void)state;
  struct text levels = TEXT(""), facts = TEXT(""), rules = TEXT(""), when = TEXT("0.01 and 0.02");
  struct level_of_care *loaded = NULL;
  for (int i = 1; i <= 14; i++) {
    levels = text_format(arena, "%.*s| 0.%02d | n | outpatient | no | k | 1 | 1 | h |\n",
                         TEXT_PRINT(levels), i);
    facts = text_format(arena, "%.*s| f%d | yes-no | no yes | need | no < yes | - | no | l | s |\n",
                        TEXT_PRINT(facts), i);
    rules = text_format(arena, "%.*s| C%d | 1A | f%d | at least 0.%02d | r | s | P | unsigned |\n",
                        TEXT_PRINT(rules), i, i, i);
    if (i % 2 && i > 1)
      when = text_format(arena, "%.*s or 0.%02d and 0.%02d", TEXT_PRINT(when), i, i + 1);
  }
  struct small_table small = {
      .facts = text_c(arena, facts),
      .levels = text_c(arena, text_format(arena,
                                          "%.*s| 1.5 | n | outpatient | no | o | 1 | 1 | h |\n"
                                          "| 3.1 | n | residential | no | r | 1 | 1 | h |\n",
                                          TEXT_PRINT(levels))),
      .aggregation =
          text_c(arena, text_format(arena, "| G1 | %.*s | 3.1 | |\n| G2 | not r | 1.5 | |\n",
                                    TEXT_PRINT(when))),
      .joining = "| raise 4A | 1.5 3.1 |\n| start medication | 1.5 |\n",
      .rules = text_c(arena, rules)};
  const char *problems = small_load(&small, &loaded);
  if (!strstr(problems, "the rules ask for too many different things together"))
    fail_msg("%s", problems);
  assert_null(loaded);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(standings_test_real_table),
      cmocka_unit_test(standings_test_reduce),
      cmocka_unit_test(standings_test_small_table),
      cmocka_unit_test(standings_test_incomplete_table),
      cmocka_unit_test(standings_test_too_many),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
