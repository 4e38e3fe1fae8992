/*
 * Tests of request_clock.h: minutes, business days, holidays and the changes of clocks. Expected
 * values: a calendar, and the federal holidays as the Office of Personnel Management lists them for
 * 2026 and 2027 (among them those kept on another day).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "admission/admission.h"

static struct arena *arena;
static struct request_rules *rules;
static const struct zone *denver, *utc;
static struct business_calendar usual = {
    .week_begins = 1, .week_ends = 5, .day_ends = 17 * 60, .keeps_holidays = true};

static int set_up(void **state)
{
  (void)state;
  struct error error = {0};
  arena = arena_new((size_t)1 << 24);
  return !(request_rules_load(&rules, "knowledge", NULL, &error) &&
           zone_find(TEXT("America/Denver"), &denver) && zone_find(TEXT("UTC"), &utc));
}

static int tear_down(void **state)
{
  (void)state;
  request_rules_free(rules);
  arena_free(arena);
  return 0;
}

static int64_t at(const struct zone *zone, int year, int month, int day, int hour, int minute)
{
  struct zone_time local = {year, month, day, hour, minute, 0, 0};
  int64_t first, second;
  zone_instant(zone, &local, &first, &second);
  return first;
}

static const char *answer(const char *urgency, const struct zone *zone,
                          const struct business_calendar *calendar, int64_t received)
{
  const struct urgency *found = urgency_find(rules, text_from(urgency));
  int64_t by = request_answer_by(rules, calendar, zone, found, received);
  return text_c(arena, zone_format(arena, zone, by));
}

static void minutes_run_on_every_clock(void **state)
{
  (void)state;
  int64_t night = at(denver, 2026, 11, 21, 23, 50); /* a Saturday */
  assert_string_equal(answer("emergency", denver, &usual, night), "2026-11-22 00:20");
  assert_string_equal(answer("urgent", denver, &usual, night), "2026-11-22 01:50");
  /* Clocks go from 02:00 to 03:00 on 2026-03-08, from 02:00 to 01:00 on 2026-11-01. */
  assert_string_equal(answer("urgent", denver, &usual, at(denver, 2026, 3, 8, 1, 30)),
                      "2026-03-08 04:30");
  assert_string_equal(answer("urgent", denver, &usual, at(denver, 2026, 11, 1, 0, 30)),
                      "2026-11-01 01:30");
}

static void routine_is_the_next_business_day(void **state)
{
  (void)state;
  assert_string_equal(answer("routine", denver, &usual, at(denver, 2026, 11, 17, 8, 0)),
                      "2026-11-18 17:00");
  assert_string_equal(answer("routine", denver, &usual, at(denver, 2026, 11, 20, 16, 59)),
                      "2026-11-23 17:00"); /* Friday to Monday */
  assert_string_equal(answer("routine", denver, &usual, at(denver, 2026, 11, 25, 9, 0)),
                      "2026-11-27 17:00"); /* Thanksgiving is the 26th */
  assert_string_equal(answer("routine", denver, &usual, at(denver, 2026, 12, 31, 9, 0)),
                      "2027-01-04 17:00"); /* a year's end, New Year's Day, a weekend */
  /* The evening in Denver is the next day in London: the site's own day counts. */
  assert_string_equal(answer("routine", denver, &usual, at(utc, 2026, 11, 19, 5, 0)),
                      "2026-11-19 17:00");
  assert_string_equal(answer("routine", denver, &usual, at(denver, 2028, 2, 28, 9, 0)),
                      "2028-02-29 17:00");
}

static void holidays_fall_where_the_law_puts_them(void **state)
{
  (void)state;
  static const int kept[][3] =
      {
          {2026, 1, 1},   {2026, 1, 19},  {2026, 2, 16},  {2026, 5, 25},  {2026, 6, 19},
          {2026, 7, 3},   {2026, 9, 7},   {2026, 10, 12}, {2026, 11, 11}, {2026, 11, 26},
          {2026, 12, 25}, {2027, 1, 1},   {2027, 1, 18},  {2027, 2, 15},  {2027, 5, 31},
          {2027, 6, 18},  {2027, 7, 5},   {2027, 9, 6},   {2027, 10, 11}, {2027, 11, 11},
          {2027, 11, 25}, {2027, 12, 24}, {2027, 12, 31}, /* New Year's Day of 2028 is a Saturday */
      };
  int closed = 0;
  struct business_calendar every = usual;
  every.week_begins = 0;
  every.week_ends = 6;
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    if (business_day_is(rules, &every, kept[i][0], kept[i][1], kept[i][2]))
      fail_msg("%d-%d-%d", kept[i][0], kept[i][1], kept[i][2]);
  for (int month = 1; month <= 12; month++)
    for (int day = 1; day <= (month == 2 ? 28 : 30); day++)
      closed += !business_day_is(rules, &every, 2026, month, day);
  assert_int_equal(closed, 11);
  every.keeps_holidays = false;
  assert_true(business_day_is(rules, &every, 2026, 12, 25));
  assert_true(business_day_is(rules, &usual, 2020, 6, 19)); /* before Juneteenth was one */
}

static void a_program_has_days_and_weeks_of_its_own(void **state)
{
  (void)state;
  const struct business_day days[] = {
      {TEXT("2026-11-18"), false}, {TEXT("2026-11-26"), true}, {TEXT("not a date"), true}};
  struct business_calendar own = usual;
  own.days = days;
  own.day_count = 3;
  assert_string_equal(answer("routine", denver, &own, at(denver, 2026, 11, 17, 8, 0)),
                      "2026-11-19 17:00");
  assert_string_equal(answer("routine", denver, &own, at(denver, 2026, 11, 25, 8, 0)),
                      "2026-11-26 17:00");
  struct business_calendar round = usual; /* Saturday to Wednesday */
  round.week_begins = 6;
  round.week_ends = 3;
  assert_true(business_day_is(rules, &round, 2026, 11, 21));
  assert_true(business_day_is(rules, &round, 2026, 11, 22));
  assert_true(business_day_is(rules, &round, 2026, 11, 18));
  assert_false(business_day_is(rules, &round, 2026, 11, 19));
  assert_false(business_day_is(rules, &round, 2026, 11, 20));
  round.day_ends = 9 * 60 + 30;
  assert_string_equal(answer("routine", denver, &round, at(denver, 2026, 11, 18, 8, 0)),
                      "2026-11-21 09:30");
}

/* Who closes every day is not excused: the end of the next day. */
static void a_calendar_without_business_days_excuses_nobody(void **state)
{
  (void)state;
  static struct business_day days[400];
  struct business_calendar never = usual;
  struct text date;
  for (size_t i = 0; i < 400; i++) {
    date = zone_format_date(arena, utc, at(utc, 2026, 11, 1, 12, 0) + (int64_t)i * 86400000000);
    days[i] = (struct business_day){date, false};
  }
  never.days = days;
  never.day_count = 400;
  assert_string_equal(answer("routine", denver, &never, at(denver, 2026, 11, 30, 8, 0)),
                      "2026-12-01 17:00");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(minutes_run_on_every_clock),
      cmocka_unit_test(routine_is_the_next_business_day),
      cmocka_unit_test(holidays_fall_where_the_law_puts_them),
      cmocka_unit_test(a_program_has_days_and_weeks_of_its_own),
      cmocka_unit_test(a_calendar_without_business_days_excuses_nobody),
  };
  return cmocka_run_group_tests_name("request clock", tests, set_up, tear_down);
}
