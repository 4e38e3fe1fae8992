/*
 * Authorizations. Expected values: CMS-0057-F (72 hours and 7 calendar days from 2026-01-01), 29
 * CFR 2560.503-1 (180 days), four months of the calendar, and counts by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "coverage_support.h"

#define HOUR INT64_C(3600000000)
#define DAY (24 * HOUR)

static struct decision_due due(const char *payer, bool is_urgent, const char *date)
{
  return decision_due_find(rules, text_from(payer), is_urgent, day_of(date) * DAY + 9 * HOUR,
                           day_of(date));
}

static void plans_of_the_rule_have_72_hours_or_7_days(void **state)
{
  static const char *const payers[] = {"medicare-advantage", "medicaid", "medicaid-managed",
                                       "chip"};
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    struct decision_due urgent = due(payers[i], true, "2026-01-01");
    assert_int_equal(urgent.standing, COVERAGE_HOLDS);
    assert_true(urgent.is_instant);
    assert_int_equal(urgent.at, day_of("2026-01-04") * DAY + 9 * HOUR);
    assert_false(decision_is_late(&urgent, urgent.at, 0));
    assert_true(decision_is_late(&urgent, urgent.at + 1, 0));
    struct decision_due standard = due(payers[i], false, "2026-12-28");
    assert_false(standard.is_instant);
    assert_text(coverage_day_write(arena, standard.last_day), "2027-01-04");
    assert_false(decision_is_late(&standard, 0, standard.last_day));
    assert_true(decision_is_late(&standard, 0, standard.last_day + 1));
    /* The day before, the rule does not hold: there is no clock of ours. */
    struct decision_due before = due(payers[i], true, "2025-12-31");
    assert_int_equal(before.standing, COVERAGE_NOT_YET);
    assert_null(before.clock);
    assert_false(decision_is_late(&before, INT64_MAX, INT64_MAX));
  }
  assert_int_equal(due("employer", false, "2026-03-01").last_day, day_of("2026-03-16"));
  assert_int_equal(due("military", false, "2026-03-01").standing, COVERAGE_MISSING);
}

static struct authorization_burn burn(int64_t units, const char *today, size_t delivered)
{
  struct authorization approved = {units, day_of("2026-11-01"), day_of("2026-11-30"), 0};
  struct delivered_units days[64];
  struct authorization_burn out;
  for (size_t i = 0; i < delivered; i++)
    days[i] = (struct delivered_units){approved.from + (int64_t)i, 1};
  authorization_burn_find(rules, &approved, days, delivered, day_of(today), &out);
  return out;
}

static void units_burn_down_by_delivered_days(void **state)
{
  (void)state;
  struct authorization_burn out = burn(10, "2026-11-07", 7);
  assert_int_equal(out.used, 7);
  assert_int_equal(out.left, 3);
  assert_text(coverage_day_write(arena, out.runs_out_on), "2026-11-10");
  assert_false(out.is_low || out.is_review_due);
  /* Two days are left: the alarm. */
  out = burn(10, "2026-11-08", 8);
  assert_int_equal(out.left, 2);
  assert_true(out.is_low && out.is_review_due);
  /* More than approved was delivered. */
  out = burn(10, "2026-11-12", 12);
  assert_int_equal(out.used, 10);
  assert_int_equal(out.left, 0);
  assert_int_equal(out.over, 2);
  assert_int_equal(out.runs_out_on, day_of("2026-11-11"));
  assert_true(out.is_low);
  /* What lies ahead is not delivered. */
  out = burn(10, "2026-11-03", 7);
  assert_int_equal(out.used, 3);
  /* The dates end before the units do: the 30th is the last day. */
  out = burn(60, "2026-11-27", 5);
  assert_int_equal(out.left, 55);
  assert_int_equal(out.runs_out_on, day_of("2026-11-30"));
  assert_false(out.is_low);
  assert_true(burn(60, "2026-11-28", 5).is_low);
  /* Before it begins, all of it lies ahead. */
  assert_int_equal(burn(10, "2026-10-20", 0).runs_out_on, day_of("2026-11-10"));
}

static void days_outside_and_reviews_are_told(void **state)
{
  struct authorization approved = {10, day_of("2026-11-01"), day_of("2026-11-30"),
                                   day_of("2026-11-05")};
  struct delivered_units days[] = {{day_of("2026-10-31"), 1},
                                   {day_of("2026-11-01"), 2},
                                   {day_of("2026-11-30"), 3},
                                   {day_of("2026-12-01"), 4}};
  struct authorization_burn out;
  (void)state;
  authorization_burn_find(rules, &approved, days, 4, day_of("2026-12-31"), &out);
  assert_int_equal(out.outside, 5);
  assert_int_equal(out.used, 5);
  authorization_burn_find(rules, &approved, days, 4, day_of("2026-11-04"), &out);
  assert_false(out.is_review_due);
  authorization_burn_find(rules, &approved, days, 4, day_of("2026-11-05"), &out);
  assert_true(out.is_review_due && !out.is_low);
}

static void appeals_have_their_last_days(void **state)
{
  struct denial denial = {.payer = TEXT("employer"), .denied_on = day_of("2026-03-01")};
  struct appeal out[APPEAL_STEPS];
  (void)state;
  denial_appeals_find(rules, &denial, day_of("2026-03-02"), out);
  assert_int_equal(out[APPEAL_INTERNAL].state, APPEAL_OPEN);
  assert_text(coverage_day_write(arena, out[APPEAL_INTERNAL].last_day), "2026-08-28");
  assert_int_equal(out[APPEAL_EXTERNAL].state, APPEAL_LATER);
  assert_int_equal(out[APPEAL_HEARING].state, APPEAL_UNKNOWN);
  assert_int_equal(out[APPEAL_INTERNAL].clock->amount, 180);
  denial_appeals_find(rules, &denial, day_of("2026-08-28"), out);
  assert_int_equal(out[APPEAL_INTERNAL].state, APPEAL_OPEN);
  denial_appeals_find(rules, &denial, day_of("2026-08-29"), out);
  assert_int_equal(out[APPEAL_INTERNAL].state, APPEAL_PASSED);
  denial.taken_on[APPEAL_INTERNAL] = day_of("2026-04-01");
  denial.internal_denied_on = day_of("2026-04-30");
  denial_appeals_find(rules, &denial, day_of("2026-08-29"), out);
  assert_int_equal(out[APPEAL_INTERNAL].state, APPEAL_TAKEN);
  assert_int_equal(out[APPEAL_EXTERNAL].state, APPEAL_OPEN);
  assert_text(coverage_day_write(arena, out[APPEAL_EXTERNAL].last_day), "2026-08-30");
}

static void medicaid_has_a_hearing(void **state)
{
  struct denial denial = {.payer = TEXT("medicaid"), .denied_on = day_of("2026-03-01")};
  struct appeal out[APPEAL_STEPS];
  (void)state;
  denial_appeals_find(rules, &denial, day_of("2026-03-02"), out);
  assert_int_equal(out[APPEAL_INTERNAL].state, APPEAL_UNKNOWN);
  assert_int_equal(out[APPEAL_HEARING].state, APPEAL_OPEN);
  assert_text(coverage_day_write(arena, out[APPEAL_HEARING].last_day), "2026-05-30");
  denial.payer = TEXT("medicaid-managed");
  denial_appeals_find(rules, &denial, day_of("2026-03-02"), out);
  assert_text(coverage_day_write(arena, out[APPEAL_INTERNAL].last_day), "2026-04-30");
  assert_int_equal(out[APPEAL_HEARING].state, APPEAL_LATER);
  denial.internal_denied_on = day_of("2026-05-01");
  denial_appeals_find(rules, &denial, day_of("2026-09-01"), out);
  assert_int_equal(out[APPEAL_HEARING].state, APPEAL_PASSED);
  /* Law of before our table is not guessed. */
  denial.denied_on = day_of("2024-06-01");
  denial_appeals_find(rules, &denial, day_of("2024-06-02"), out);
  assert_int_equal(out[APPEAL_INTERNAL].state, APPEAL_UNKNOWN);
}

/* 29 CFR 2560.503-1(i)(2), 42 CFR 422.590 and 438.408(b): 72 hours, or 30 days. */
static void an_appeal_is_answered_in_hours_or_days(void **state)
{
  static const char *const payers[] = {"employer", "market", "medicare-advantage",
                                       "medicaid-managed", "chip"};
  const struct coverage_clock *clock = NULL;
  (void)state;
  for (size_t i = 0; i < 5; i++)
    for (size_t urgent = 0; urgent < 2; urgent++) {
      assert_int_equal(
          appeal_answer_find(rules, text_from(payers[i]), urgent, day_of("2026-11-22"), &clock),
          COVERAGE_HOLDS);
      assert_int_equal(clock->amount, urgent ? 72 : 30);
      assert_int_equal(clock->unit, urgent ? CLOCK_HOURS : CLOCK_DAYS);
    }
  assert_int_equal(appeal_answer_find(rules, TEXT("medicaid"), false, day_of("2026-11-22"), &clock),
                   COVERAGE_MISSING);
}

static void rights_hold_by_payer_and_day(void **state)
{
  size_t employer = 0, military = 0, later = 0;
  (void)state;
  for (size_t i = 0; i < appeal_rights_count(rules); i++) {
    const struct appeal_right *right = appeal_rights_get(rules, i);
    assert_false(coverage_is_signed(&right->basis));
    employer += appeal_right_holds(right, TEXT("employer"), day_of("2026-11-22"));
    military += appeal_right_holds(right, TEXT("military"), day_of("2026-11-22"));
    later += appeal_right_holds(right, TEXT("employer"), day_of("2028-01-01"));
  }
  assert_int_equal(employer, 4);
  assert_int_equal(military, 0);
  assert_int_equal(later, 0);
  assert_spoiled("appeal-rights.csv", "employer market,\"Somebody", "nobody,\"Somebody",
                 "a payer is unknown");
  assert_spoiled("coverage-clocks.csv", "decision-appeal,employer market,30,days",
                 "decision-appeal,employer market,30,hours", "unit does not fit");
}

static void lists_are_walked_and_faults_told(void **state)
{
  (void)state;
  assert_int_equal(payer_kinds_count(rules), 9);
  assert_text(payer_kinds_get(rules, 0)->name, "employer");
  assert_int_equal(denial_reasons_count(rules), 9);
  assert_text(denial_reasons_get(rules, 1)->name, "step-first");
  assert_spoiled("coverage-clocks.csv", "employer market,72", "nobody,72", "a payer is unknown");
  assert_spoiled("coverage-clocks.csv", "employer market,72", "chip,72", "hold on one day");
  assert_spoiled("coverage-clocks.csv", "72,hours", "72,weeks", "unit is not a word");
  assert_spoiled("coverage-clocks.csv", "180,days", "180,hours", "unit does not fit");
  assert_spoiled("coverage-clocks.csv", "2,units", "2,days", "unit does not fit");
  assert_spoiled("payer-kinds.csv", "market,", "employer,", "stands twice");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plans_of_the_rule_have_72_hours_or_7_days),
      cmocka_unit_test(units_burn_down_by_delivered_days),
      cmocka_unit_test(an_appeal_is_answered_in_hours_or_days),
      cmocka_unit_test(rights_hold_by_payer_and_day),
      cmocka_unit_test(days_outside_and_reviews_are_told),
      cmocka_unit_test(appeals_have_their_last_days),
      cmocka_unit_test(medicaid_has_a_hearing),
      cmocka_unit_test(lists_are_walked_and_faults_told),
  };
  return cmocka_run_group_tests_name("authorization", tests, rules_set_up, rules_tear_down);
}
