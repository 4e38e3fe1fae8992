/*
 * Time. The calendar is compared with the C library's own, day by day.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/base.h"

static struct arena *arena;

static int time_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  return 0;
}

static int time_tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static const int64_t day = INT64_C(86400) * 1000000;

static void time_formats(void **state)
{
  (void)state;
  int64_t moment = INT64_C(1795230245) * 1000000 + 6; /* date -u -d @1795230245 */
  assert_string_equal(time_format(arena, moment).at, "2026-11-21T03:04:05.000006Z");
  assert_string_equal(time_format_date(arena, moment).at, "2026-11-21");
  assert_string_equal(time_format_http(arena, moment).at, "Sat, 21 Nov 2026 03:04:05 GMT");
  assert_string_equal(time_format(arena, 0).at, "1970-01-01T00:00:00.000000Z");
  assert_string_equal(time_format(arena, -1).at, "1969-12-31T23:59:59.999999Z");
  assert_string_equal(time_format_http(arena, -day).at, "Wed, 31 Dec 1969 00:00:00 GMT");
}

static void time_agrees_with_the_library(void **state)
{
  (void)state;
  for (int64_t days = -800000; days < 400000; days += 7) {
    time_t seconds = (time_t)(days * 86400);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    assert_true(time_days_from_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) == days);
    struct arena *each = arena_new(1000);
    struct text expected =
        text_format(each, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    assert_string_equal(time_format_date(each, days * day + day - 1).at, expected.at);
    arena_free(each);
  }
}

static void time_reads_dates(void **state)
{
  (void)state;
  static const char *const good[] = {"1900-01-01", "2999-12-31", "2024-02-29", "2000-02-29",
                                     "2023-02-28", "2023-04-30", "2023-12-31"};
  static const char *const bad[] = {
      "",           "2023-1-01",   "2023-01-1",  "2023/01/01", "2023-01/01", "20230-1-01",
      "1899-12-31", "3000-01-01",  "2023-00-01", "2023-13-01", "2023-01-00", "2023-01-32",
      "2023-04-31", "2023-02-29",  "1900-02-29", "2024-02-30", "-123-01-01", "2023--1-01",
      "2023-01--1", "2023-01-011", "abcd-01-01", "2023-ab-01", "2023-01-ab", " 023-01-01"};
  int year = 0, month = 0, date = 0;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(time_read_date(text_from(good[i]), &year, &month, &date));
    struct text again = text_format(arena, "%04d-%02d-%02d", year, month, date);
    assert_string_equal(again.at, good[i]);
  }
  year = month = date = 7;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (time_read_date(text_from(bad[i]), &year, &month, &date)) fail_msg("%s", bad[i]);
  assert_true(year == 7 && month == 7 && date == 7);
}

/* Expected moments: GNU date -u +%s. */
static void time_reads_moments(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t moment;
  } good[] = {{"2026-11-21T03:04:05Z", INT64_C(1795230245000000)},
              {"2026-11-20T20:04:05-07:00", INT64_C(1795230245000000)},
              {"2026-11-21T08:34:05+05:30", INT64_C(1795230245000000)},
              {"2026-11-21T03:04:05.000006Z", INT64_C(1795230245000006)},
              {"2026-11-21T03:04:05.25Z", INT64_C(1795230245250000)},
              {"1970-01-01T00:00:00Z", 0},
              {"1969-12-31T23:59:59.9Z", -100000}};
  static const char *const bad[] = {
      "",
      "2026-11-21",
      "2026-11-21T03:04:05",
      "2026-11-21 03:04:05Z",
      "2026-11-21T03:04Z",
      "2026-11-21T24:00:00Z",
      "2026-11-21T03:60:00Z",
      "2026-11-21T03:04:60Z",
      "2026-11-21T3:04:05Z",
      "2026-11-21T03.04:05Z",
      "2026-11-21T03:04:05.Z",
      "2026-11-21T03:04:05.1234567Z",
      "2026-11-21T03:04:05z",
      "2026-11-21T03:04:05Z ",
      "2026-11-21T03:04:05+5:30",
      "2026-11-21T03:04:05+24:00",
      "2026-11-21T03:04:05+05:60",
      "2026-11-21T03:04:05+0530",
      "2026-02-29T03:04:05Z",
      "2026-11-21T+3:04:05Z",
      "2026-11-21T03:04:0",
  };
  int64_t moment = 7;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(time_read(text_from(good[i].text), &moment));
    if (moment != good[i].moment) fail_msg("%s: %lld", good[i].text, (long long)moment);
  }
  moment = 7;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (time_read(text_from(bad[i]), &moment)) fail_msg("%s", bad[i]);
  assert_true(moment == 7);
}

static void time_clocks_run(void **state)
{
  (void)state;
  int64_t start = time_monotonic(), now = time_now();
  assert_true(now / 1000000 >= (int64_t)time(NULL) - 2);
  assert_true(now / 1000000 <= (int64_t)time(NULL) + 2);
  while (time_monotonic() == start) {
  }
  assert_true(time_monotonic() > start);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(time_formats),     cmocka_unit_test(time_agrees_with_the_library),
      cmocka_unit_test(time_reads_dates), cmocka_unit_test(time_reads_moments),
      cmocka_unit_test(time_clocks_run),
  };
  return cmocka_run_group_tests(tests, time_set_up, time_tear_down);
}
