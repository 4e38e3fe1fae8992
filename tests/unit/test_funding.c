/*
 * Funding. Expected costs of loans: the annuity formula with fifty decimals and a plan of payments
 * rounded to the cent, reckoned apart from the program (Python's decimal).
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

static void loans_cost_what_was_reckoned_apart(void **state)
{
  static const struct {
    struct loan loan;
    struct loan_cost cost;
  } cases[] = {{{1000000, 1200, 36, 0}, {33215, 1195710, 195710}},
               {{1571200, 2999, 60, 50000}, {50825, 3099370, 1528170}},
               {{100, 0, 3, 0}, {34, 100, 0}},
               {{250000, 799, 24, 2500}, {11306, 273835, 23835}},
               {{5, 1000, 12, 0}, {1, 5, 0}}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct loan_cost cost;
    assert_true(loan_cost_find(&cases[i].loan, &cost, NULL));
    assert_int_equal(cost.payment, cases[i].cost.payment);
    assert_int_equal(cost.total, cases[i].cost.total);
    assert_int_equal(cost.extra, cases[i].cost.extra);
  }
}

static void loans_out_of_range_are_refused(void **state)
{
  static const struct loan bad[] = {{0, 100, 12, 0},    {LIMIT_COVERAGE_PRICE + 1, 100, 12, 0},
                                    {100, -1, 12, 0},   {100, 40001, 12, 0},
                                    {100, 100, 0, 0},   {100, 100, 361, 0},
                                    {100, 100, 12, -1}, {100, 100, 12, LIMIT_COVERAGE_PRICE + 1}};
  struct loan_cost cost = {.total = 7};
  struct error error = {0};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(loan_cost_find(&bad[i], &cost, &error));
    assert_string_equal(error.person, "error.coverage.loan");
    assert_int_equal(cost.total, 7);
  }
}

static void the_order_ends_with_a_loan(void **state)
{
  static const char *const names[] = {"insurance",    "medicaid",    "medicare",     "veterans",
                                      "tribal",       "block-grant", "opioid-grant", "state",
                                      "county",       "scholarship", "local-fund",   "sliding-fee",
                                      "payment-plan", "self-pay",    "loan"};
  (void)state;
  assert_int_equal(funding_sources_count(rules), 15);
  for (size_t i = 0; i < 15; i++) assert_text(funding_sources_get(rules, i)->name, names[i]);
  assert_int_equal(funding_sources_get(rules, 14)->kind, FUNDING_LOAN);
  assert_true(funding_source_find(rules, TEXT("scholarship"))->is_counted);
  assert_null(funding_source_find(rules, TEXT("lottery")));
  assert_spoiled("funding-sources.csv", "self-pay,own", "self-pay,loan", "does not stand last");
  assert_spoiled("funding-sources.csv", "county,", "state,", "stands twice");
  assert_spoiled("funding-sources.csv", "plan,no", "plan,maybe", "counted is not a word");
  assert_spoiled("funding-sources.csv", "insurance,plan", "insurance,luck", "kind is not a word");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loans_cost_what_was_reckoned_apart),
      cmocka_unit_test(loans_out_of_range_are_refused),
      cmocka_unit_test(the_order_ends_with_a_loan),
  };
  return cmocka_run_group_tests_name("funding", tests, rules_set_up, rules_tear_down);
}
