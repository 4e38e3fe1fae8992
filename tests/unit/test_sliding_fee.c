/*
 * The sliding fee. Expected values: the HHS poverty guidelines of 2025 and 2026 as shared/data/
 * programme/fpl.json holds them (skipped without it), HHS' own table of 2025 for eight people
 * ($54,150), HRSA compliance manual chapter 9 for what a schedule must do, and sums by hand.
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

static struct fee_answer ask(int64_t cents, const char *period, int64_t household,
                             const char *state, const char *date)
{
  struct fee_answer answer;
  struct fee_question question = {cents, income_period_find(rules, text_from(period)), household,
                                  text_from(state), day_of(date)};
  assert_non_null(question.period);
  assert_true(fee_answer_find(rules, NULL, 0, &question, &answer, NULL));
  return answer;
}

/* --- Money ----------------------------------------------------------------------------------- */

static void money_is_read_as_people_write_it(void **state)
{
  static const struct {
    const char *typed;
    int64_t cents;
  } good[] = {
      {"0", 0},     {"1250", 125000},  {"$1,250", 125000},          {" $ 1,250.5 ", 125050},
      {"0.99", 99}, {"1250.", 125000}, {"1,234,567.89", 123456789}, {"1000000000", 100000000000}};
  static const char *const bad[] = {
      "",       "-1", "1.234",    "1,25",          "12,50.00",    ",100",
      "1,,000", "a",  "1e3",      "1000000000.01", "10000000000", "99999999999999999999",
      ".",      "$",  "1,000,00", "1.x",           "1000,000",    "1.5.5",
      "１２"};
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    int64_t cents = -1;
    if (!money_read(text_from(good[i].typed), &cents)) fail_msg("refused %s", good[i].typed);
    assert_int_equal(cents, good[i].cents);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    int64_t cents = 7;
    if (money_read(text_from(bad[i]), &cents)) fail_msg("took %s", bad[i]);
    assert_int_equal(cents, 7);
  }
}

static void money_is_written_with_commas(void **state)
{
  (void)state;
  assert_text(money_write(arena, 0), "$0");
  assert_text(money_write(arena, 5), "$0.05");
  assert_text(money_write(arena, 99900), "$999");
  assert_text(money_write(arena, 100000), "$1,000");
  assert_text(money_write(arena, 123456789), "$1,234,567.89");
  assert_text(money_write(arena, -300), "-$3");
}

/* --- Days ------------------------------------------------------------------------------------ */

static void months_end_where_the_month_ends(void **state)
{
  static const struct {
    const char *from;
    int64_t months;
    const char *to;
  } cases[] = {{"2026-01-31", 1, "2026-02-28"}, {"2028-01-31", 1, "2028-02-29"},
               {"2026-11-22", 4, "2027-03-22"}, {"2026-12-15", 1, "2027-01-15"},
               {"2026-08-31", 4, "2026-12-31"}, {"2026-03-31", 0, "2026-03-31"},
               {"1969-12-31", 2, "1970-02-28"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_text(
        coverage_day_write(arena, coverage_day_add_months(day_of(cases[i].from), cases[i].months)),
        cases[i].to);
  int64_t day;
  assert_false(coverage_day_read(TEXT("2026-02-29"), &day));
}

/* --- The guideline -----------------------------------------------------------------------------
 */

static void guidelines_are_those_of_the_reference(void **state)
{
  static const struct {
    const char *name, *state;
  } regions[] = {{"contiguous48_DC", "MA"}, {"AK", "AK"}, {"HI", "HI"}};
  static const struct {
    const char *name, *day;
  } years[] = {{"2025", "2025-06-30"}, {"2026", "2026-06-30"}};
  const char *shared = getenv("FAIRLEAD_SHARED");
  struct text document;
  const struct value *fpl;
  (void)state;
  if (!shared) {
    print_message("skipped: FAIRLEAD_SHARED is not set\n");
    skip();
  }
  assert_true(file_read(arena, file_join(arena, shared, "data/programme/fpl.json"),
                        LIMIT_KNOWLEDGE_FILE, &document, NULL));
  assert_true(json_read(arena, document, &fpl, NULL));
  for (size_t y = 0; y < 2; y++)
    for (size_t r = 0; r < 3; r++) {
      const struct value *row =
          value_get(value_get(fpl, text_from(years[y].name)), text_from(regions[r].name));
      int64_t first, more;
      assert_true(value_integer_get(value_get(row, TEXT("first")), &first));
      assert_true(value_integer_get(value_get(row, TEXT("each_additional")), &more));
      const struct poverty_guideline *guideline;
      assert_int_equal(poverty_guideline_find(rules, text_from(regions[r].state),
                                              day_of(years[y].day), &guideline),
                       COVERAGE_HOLDS);
      for (int64_t people = 1; people <= LIMIT_COVERAGE_HOUSEHOLD; people++) {
        int64_t line = 100 * (first + (people - 1) * more);
        assert_int_equal(poverty_line(guideline, people), line);
        /* At the line is 100 %, a cent more is not; twice the line likewise. */
        assert_int_equal(poverty_percent(line, line), 100);
        assert_int_equal(poverty_percent(line + 1, line), 101);
        assert_int_equal(poverty_percent(line - 1, line), 100);
        assert_int_equal(poverty_percent(2 * line, line), 200);
        assert_int_equal(poverty_percent(2 * line + 1, line), 201);
      }
    }
}

static void hand_computed_lines(void **state)
{
  (void)state;
  assert_int_equal(ask(0, "year", 8, "TX", "2025-03-01").line, 5415000); /* HHS, 8 people, 2025 */
  assert_int_equal(ask(0, "year", 1, "DC", "2026-01-13").line, 1596000);
  assert_int_equal(ask(0, "year", 4, "AK", "2026-12-31").line, (19950 + 3 * 7100) * 100);
  assert_int_equal(ask(0, "year", 2, "HI", "2025-01-15").line, (17990 + 6330) * 100);
}

static void years_change_on_their_day(void **state)
{
  (void)state;
  assert_int_equal(ask(0, "year", 1, "CA", "2026-01-12").guideline->year, 2025);
  assert_int_equal(ask(0, "year", 1, "CA", "2026-01-13").guideline->year, 2026);
  assert_int_equal(ask(0, "year", 1, "CA", "2027-01-31").guideline_standing, COVERAGE_HOLDS);
}

static void past_its_last_day_there_is_no_number(void **state)
{
  (void)state;
  struct fee_answer late = ask(100000, "month", 3, "HI", "2027-02-01");
  assert_int_equal(late.guideline_standing, COVERAGE_EXPIRED);
  assert_int_equal(late.guideline->year, 2026);
  assert_int_equal(late.schedule_standing, COVERAGE_EXPIRED);
  assert_null(late.band);
  assert_int_equal(late.line, 0);
  assert_int_equal(late.percent, 0);
  struct fee_answer early = ask(100000, "month", 3, "HI", "2025-01-14");
  assert_int_equal(early.guideline_standing, COVERAGE_NOT_YET);
  assert_null(early.guideline);
  assert_null(early.band);
  struct fee_answer territory = ask(100000, "month", 3, "PR", "2026-06-01");
  assert_int_equal(territory.guideline_standing, COVERAGE_MISSING);
  assert_int_equal(territory.schedule_standing, COVERAGE_HOLDS);
  assert_null(territory.band);
}

static void every_state_has_one_guideline_on_every_day(void **state)
{
  static const char states[] = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA "
                               "MI MN MS MO MT NE NV NH NJ "
                               "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY";
  struct text rest = text_from(states), code;
  size_t count = 0;
  (void)state;
  for (; text_word_next(&rest, &code); count++)
    for (int64_t day = day_of("2025-01-15"); day <= day_of("2027-01-31"); day++) {
      size_t holding = 0;
      for (size_t i = 0; i < poverty_guidelines_count(rules); i++) {
        const struct poverty_guideline *one = poverty_guidelines_get(rules, i), *found;
        if (coverage_term_standing(&one->term, day) != COVERAGE_HOLDS) continue;
        if (poverty_guideline_find(rules, code, day, &found) == COVERAGE_HOLDS && found == one)
          holding++;
      }
      assert_int_equal(holding, 1);
    }
  assert_int_equal(count, 51);
}

/* --- Periods and bands -------------------------------------------------------------------------
 */

static void periods_become_a_year(void **state)
{
  static const struct {
    const char *period;
    int64_t cents, year;
  } cases[] = {{"year", 1596000, 1596000},
               {"month", 133000, 1596000},
               {"week", 30000, 1560000},
               {"two-weeks", 60000, 1560000},
               {"half-month", 66500, 1596000}};
  (void)state;
  assert_int_equal(income_periods_count(rules), 5);
  assert_null(income_period_find(rules, TEXT("hour")));
  assert_text(income_periods_get(rules, 0)->name, "month");
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(ask(cases[i].cents, cases[i].period, 1, "MA", "2026-06-01").income_a_year,
                     cases[i].year);
}

/* HRSA's classes: 100, 101-125, 126-150, 151-175, 176-200, above 200. */
static void bands_follow_the_percent(void **state)
{
  static const struct {
    int64_t from, to;
    const char *band;
    int64_t pays; /* of $100.01, by hand */
  } bands[] = {{0, 100, "nothing", 0},          {101, 125, "fifth", 2000},
               {126, 150, "two-fifths", 4000},  {151, 175, "three-fifths", 6000},
               {176, 200, "four-fifths", 8000}, {201, 1000, "whole", 10001}};
  const struct fee_schedule *schedule;
  (void)state;
  assert_int_equal(fee_schedule_default(rules, day_of("2026-06-01"), &schedule), COVERAGE_HOLDS);
  assert_false(coverage_is_signed(&schedule->basis));
  for (size_t i = 0; i < 6; i++)
    for (int64_t percent = bands[i].from; percent <= bands[i].to; percent++) {
      const struct fee_band *band = fee_band_find(schedule, percent);
      assert_text(band->name, bands[i].band);
      assert_int_equal(fee_band_price(band, 10001), bands[i].pays);
    }
  /* $15,960 is the line of one person; 125 % of it is $19,950.00. */
  assert_text(ask(1596000, "year", 1, "MA", "2026-06-01").band->name, "nothing");
  assert_text(ask(1596001, "year", 1, "MA", "2026-06-01").band->name, "fifth");
  assert_text(ask(1995000, "year", 1, "MA", "2026-06-01").band->name, "fifth");
  assert_text(ask(1995001, "year", 1, "MA", "2026-06-01").band->name, "two-fifths");
  assert_text(ask(3192000, "year", 1, "MA", "2026-06-01").band->name, "four-fifths");
  assert_text(ask(3192001, "year", 1, "MA", "2026-06-01").band->name, "whole");
}

static void a_program_has_its_own_versions(void **state)
{
  static const struct fee_band old_bands[] = {{{0}, {{0}, {0}}, 0, 100, FEE_FLAT, 1000},
                                              {{0}, {{0}, {0}}, 100, FEE_NO_END, FEE_SHARE, 100}};
  static const struct fee_band new_bands[] = {{{0}, {{0}, {0}}, 0, 100, FEE_FLAT, 500},
                                              {{0}, {{0}, {0}}, 100, 133, FEE_FLAT, 2000},
                                              {{0}, {{0}, {0}}, 133, 166, FEE_FLAT, 4000},
                                              {{0}, {{0}, {0}}, 166, 200, FEE_SHARE, 50},
                                              {{0}, {{0}, {0}}, 200, FEE_NO_END, FEE_SHARE, 100}};
  struct fee_schedule versions[] = {
      {.term = {day_of("2026-01-13"), day_of("2026-06-30")}, .bands = old_bands, .band_count = 2},
      {.term = {day_of("2026-07-01"), COVERAGE_OPEN}, .bands = new_bands, .band_count = 5}};
  struct fee_question question = {100000, income_period_find(rules, TEXT("month")), 1, TEXT("OH"),
                                  day_of("2026-06-30")};
  struct fee_answer answer;
  size_t band = 99;
  (void)state;
  assert_true(fee_answer_find(rules, versions, 2, &question, &answer, NULL));
  assert_ptr_equal(answer.schedule, &versions[0]);
  assert_int_equal(fee_band_price(answer.band, 500), 500); /* never more than the price */
  question.day++;
  assert_true(fee_answer_find(rules, versions, 2, &question, &answer, NULL));
  assert_ptr_equal(answer.schedule, &versions[1]);
  assert_int_equal(fee_band_price(answer.band, 5000), 500);
  question.day = day_of("2026-01-01");
  assert_true(fee_answer_find(rules, versions, 2, &question, &answer, NULL));
  assert_int_equal(answer.schedule_standing, COVERAGE_NOT_YET);
  assert_null(answer.band);
  question.day = day_of("2026-08-01");
  assert_true(fee_answer_find(rules, versions, 1, &question, &answer, NULL));
  assert_int_equal(answer.schedule_standing, COVERAGE_EXPIRED);
  assert_int_equal(fee_schedule_check(rules, &versions[1], &band), FEE_SOUND);
  assert_int_equal(band, 99);
  assert_int_equal(fee_schedule_check(rules, &versions[0], &band), FEE_FEW_BANDS);
}

static void what_a_schedule_may_not_be(void **state)
{
#define BAND(above, to, kind, amount)                                                              \
  {                                                                                                \
    {0}, {{0}, {0}}, above, to, kind, amount                                                       \
  }
#define REST BAND(200, FEE_NO_END, FEE_SHARE, 100)
  static const struct {
    struct fee_band bands[6];
    size_t count, at;
    enum fee_fault fault;
  } cases[] = {
      {{BAND(1, 100, FEE_FLAT, 0)}, 1, 0, FEE_GAP},
      {{BAND(0, 100, FEE_FLAT, 0), BAND(110, FEE_NO_END, FEE_SHARE, 100)}, 2, 1, FEE_GAP},
      {{BAND(0, 0, FEE_FLAT, 0)}, 1, 0, FEE_GAP},
      {{BAND(0, 100, FEE_FLAT, 0)}, 1, 0, FEE_GAP},
      {{BAND(0, 100, FEE_FLAT, 0)}, 0, 0, FEE_GAP},
      {{BAND(0, 100, FEE_FLAT, -1), REST}, 2, 0, FEE_AMOUNT},
      {{BAND(0, 100, FEE_FLAT, 0), BAND(100, FEE_NO_END, FEE_SHARE, 101)}, 2, 1, FEE_AMOUNT},
      {{BAND(0, 100, FEE_FLAT, 900), BAND(100, 200, FEE_FLAT, 800), REST}, 3, 1, FEE_FALLS},
      {{BAND(0, 100, FEE_FLAT, 0), BAND(100, 200, FEE_SHARE, 1),
        BAND(200, FEE_NO_END, FEE_FLAT, 900)},
       3,
       2,
       FEE_FALLS},
      {{BAND(0, 100, FEE_SHARE, 0), BAND(100, FEE_NO_END, FEE_SHARE, 100)}, 2, 0, FEE_NO_DISCOUNT},
      {{BAND(0, 99, FEE_FLAT, 0), BAND(99, FEE_NO_END, FEE_SHARE, 100)}, 2, 1, FEE_NO_DISCOUNT},
      {{BAND(0, 100, FEE_FLAT, 0), BAND(100, 201, FEE_SHARE, 50),
        BAND(201, FEE_NO_END, FEE_SHARE, 100)},
       3,
       1,
       FEE_LATE_DISCOUNT},
      {{BAND(0, 100, FEE_FLAT, 0), BAND(100, 150, FEE_SHARE, 50), BAND(150, 200, FEE_SHARE, 75),
        REST},
       4,
       3,
       FEE_FEW_BANDS},
      {{BAND(0, 100, FEE_FLAT, 0), BAND(100, 150, FEE_SHARE, 50), BAND(150, 180, FEE_SHARE, 75),
        BAND(180, 200, FEE_SHARE, 90), REST},
       5,
       0,
       FEE_SOUND}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct fee_schedule schedule = {.bands = cases[i].bands, .band_count = cases[i].count};
    size_t band = 0;
    if (fee_schedule_check(rules, &schedule, &band) != cases[i].fault) fail_msg("case %zu", i);
    if (cases[i].fault != FEE_SOUND) assert_int_equal(band, cases[i].at);
    assert_non_null(strchr(fee_fault_message(cases[i].fault), '.'));
  }
}

static void hostile_numbers_are_refused(void **state)
{
  static const struct {
    int64_t income, household;
    const char *period;
  } cases[] = {{0, 0, "year"},
               {0, -1, "year"},
               {0, 51, "year"},
               {-1, 1, "year"},
               {INT64_MAX, 1, "week"},
               {LIMIT_COVERAGE_INCOME / 52 + 1, 1, "week"},
               {LIMIT_COVERAGE_INCOME + 1, 1, "year"}};
  struct fee_answer answer = {.line = 42};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error error = {0};
    struct fee_question question = {cases[i].income,
                                    income_period_find(rules, text_from(cases[i].period)),
                                    cases[i].household, TEXT("MA"), day_of("2026-06-01")};
    assert_false(fee_answer_find(rules, NULL, 0, &question, &answer, &error));
    assert_int_equal(error.kind, ERROR_REFUSED);
    assert_int_equal(answer.line, 42);
  }
  assert_int_equal(ask(LIMIT_COVERAGE_INCOME, "year", 1, "MA", "2026-06-01").percent,
                   (100 * LIMIT_COVERAGE_INCOME + 1595999) / 1596000);
  assert_int_equal(poverty_percent(-5, 100), 0);
}

/* --- Faults in knowledge/
 * -------------------------------------------------------------------------- */

static void faults_name_file_and_line(void **state)
{
  (void)state;
  assert_spoiled("poverty-guideline.csv", "15960", "x",
                 "poverty-guideline.csv:5: first is no number");
  assert_spoiled("poverty-guideline.csv", "15960", "0", "first is 0");
  assert_spoiled("poverty-guideline.csv", "2026-01-12", "2026-01-13", "hold on one day");
  assert_spoiled("poverty-guideline.csv", "2026-01-12", "", "expires is empty");
  assert_spoiled("poverty-guideline.csv", "2026-01-12", "soon", "is no date");
  assert_spoiled("poverty-guideline.csv", "2026-01-12", "2024-01-01", "before effective");
  assert_spoiled("poverty-guideline.csv", "V2,", "sure,", "grade is not a word known there");
  assert_spoiled("poverty-guideline.csv", ",AK,", ",Alaska,", "states holds a word");
  assert_spoiled("poverty-guideline.csv", ",AK,", ",,", "states is empty");
  assert_spoiled("state-groups.csv", "medicaid-expanded", "contiguous", "a group stands twice");
  assert_spoiled("income-periods.csv", "month,a", "week,a", "stands twice");
  assert_spoiled("income-periods.csv", ",52,", ",0,", "times_a_year");
  assert_spoiled("fee-rules.csv", "least-between", "no-discount-above", "stands twice");
  assert_spoiled("fee-rules.csv", "least-between", "most-between", "rule is not a word");
  assert_spoiled("fee-rules.csv", "least-between", "no-discount-above", "a rule is missing");
  assert_spoiled("fee-schedules.csv", ",125,share,20", ",124,share,20", "leave a gap");
  assert_spoiled("fee-schedules.csv", ",200,,share", ",200,400,share", "fee-schedules.csv:7");
  assert_spoiled("fee-schedules.csv", "share,40", "lot,40", "kind is not a word");
  assert_spoiled("fee-schedules.csv", "example-2026", "other-2026", "leave a gap");
  assert_spoiled("fee-schedules.csv", "schedule,", "plan,", "column schedule is missing");
}

static void loading_says_the_first_fault(void **state)
{
  struct error error = {0};
  struct coverage_rules *none = NULL;
  (void)state;
  assert_false(coverage_rules_load(&none, "tests", &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_non_null(strstr(error.log, "state-groups.csv"));
  assert_false(coverage_rules_load(&none, "tests", NULL));
  assert_null(none);
  coverage_rules_free(NULL);
}

/* A state is meant by "*", by its code, and by a group that holds that day. */
static void a_group_with_a_star_means_all(void **state)
{
  struct coverage_rules *loaded = NULL;
  const struct poverty_guideline *guideline;
  (void)state;
  struct text problems =
      spoil("poverty-guideline.csv", "Washington DC,contiguous", "Washington DC,*", &loaded);
  assert_text(problems, "");
  assert_int_equal(poverty_guideline_find(loaded, TEXT("GU"), day_of("2025-06-01"), &guideline),
                   COVERAGE_HOLDS);
  coverage_rules_free(loaded);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(money_is_read_as_people_write_it),
      cmocka_unit_test(money_is_written_with_commas),
      cmocka_unit_test(months_end_where_the_month_ends),
      cmocka_unit_test(guidelines_are_those_of_the_reference),
      cmocka_unit_test(hand_computed_lines),
      cmocka_unit_test(years_change_on_their_day),
      cmocka_unit_test(past_its_last_day_there_is_no_number),
      cmocka_unit_test(every_state_has_one_guideline_on_every_day),
      cmocka_unit_test(periods_become_a_year),
      cmocka_unit_test(bands_follow_the_percent),
      cmocka_unit_test(a_program_has_its_own_versions),
      cmocka_unit_test(what_a_schedule_may_not_be),
      cmocka_unit_test(hostile_numbers_are_refused),
      cmocka_unit_test(faults_name_file_and_line),
      cmocka_unit_test(loading_says_the_first_fault),
      cmocka_unit_test(a_group_with_a_star_means_all),
  };
  return cmocka_run_group_tests_name("sliding fee", tests, rules_set_up, rules_tear_down);
}
