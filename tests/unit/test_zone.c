/*
 * Tests of zone.h. Expected values: the tz database as `TZ=… date` and glibc's own reading of it
 * print them, written out below; and, over many instants, glibc's localtime_r() itself.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/zone.h"

static const int64_t second = 1000000;

static const struct zone *zone(const char *name)
{
  const struct zone *found = NULL;
  if (!zone_find(text_from(name), &found)) fail_msg("no zone %s", name);
  return found;
}

static void zone_finds_names_of_the_database_alone(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "",
      "America/Nowhere",
      "../../etc/passwd",
      "/etc/localtime",
      "America/New York",
      "America/New_York\n",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "EST5EDT,M3"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    const struct zone *none = NULL;
    if (zone_find(text_from(wrong[i]), &none)) fail_msg("'%s' was found", wrong[i]);
  }
  assert_true(zone("UTC") == zone("UTC"));
  assert_true(text_equal(zone_name(zone("America/Chicago")), TEXT("America/Chicago")));
}

/* zdump -v America/New_York: Sun Mar 14 06:59:59 2027 UT = 01:59:59 EST; 07:00:00 UT = 03:00:00
 * EDT; Sun Nov 7 05:59:59 2027 UT = 01:59:59 EDT; 06:00:00 UT = 01:00:00 EST. */
static void zone_says_where_clocks_jump(void **state)
{
  (void)state;
  const struct zone *new_york = zone("America/New_York");
  int64_t spring = (time_days_from_date(2027, 3, 14) * 86400 + 7 * 3600) * second;
  int64_t autumn = (time_days_from_date(2027, 11, 7) * 86400 + 6 * 3600) * second;
  struct zone_time at;
  zone_local(new_york, spring - 1, &at);
  assert_int_equal(at.hour * 10000 + at.minute * 100 + at.second, 15959);
  assert_int_equal(at.offset, -5 * 3600);
  zone_local(new_york, spring, &at);
  assert_int_equal(at.hour * 100 + at.minute, 300);
  assert_int_equal(at.offset, -4 * 3600);

  int64_t first, last;
  struct zone_time gap = {.year = 2027, .month = 3, .day = 14, .hour = 2, .minute = 30};
  assert_int_equal(zone_instant(new_york, &gap, &first, &last), ZONE_GAP);
  assert_int_equal(first, spring);
  assert_int_equal(last, spring);
  struct zone_time twice = {.year = 2027, .month = 11, .day = 7, .hour = 1, .minute = 30};
  assert_int_equal(zone_instant(new_york, &twice, &first, &last), ZONE_OVERLAP);
  assert_int_equal(first, autumn - 1800 * second);
  assert_int_equal(last, autumn + 1800 * second);
  struct zone_time once = {.year = 2027, .month = 11, .day = 7, .hour = 2};
  assert_int_equal(zone_instant(new_york, &once, &first, &last), ZONE_ONCE);
  assert_int_equal(first, autumn + 3600 * second);
  assert_int_equal(last, first);
}

/* Samoa left out 2011-12-30; Sao Paulo put clocks forward at midnight on 2017-10-15, so that the
 * day began at 01:00 -02 = 03:00 UTC. */
static void zone_knows_days_that_begin_late_or_never(void **state)
{
  (void)state;
  int64_t begin, first, last;
  assert_true(zone_day_begin(zone("America/Sao_Paulo"), TEXT("2017-10-15"), &begin));
  assert_int_equal(begin, (time_days_from_date(2017, 10, 15) * 86400 + 3 * 3600) * second);
  struct zone_time missing = {.year = 2011, .month = 12, .day = 30, .hour = 12};
  assert_int_equal(zone_instant(zone("Pacific/Apia"), &missing, &first, &last), ZONE_GAP);
  assert_int_equal(first, (time_days_from_date(2011, 12, 30) * 86400 + 10 * 3600) * second);
  assert_false(zone_day_begin(zone("UTC"), TEXT("2026-02-30"), &begin));
}

static void zone_prints_local_dates(void **state)
{
  (void)state;
  struct arena *arena = arena_new(1 << 12);
  /* TZ=America/Los_Angeles date -d @1763694245 */
  int64_t at = INT64_C(1763694245) * second;
  assert_true(
      text_equal(zone_format(arena, zone("America/Los_Angeles"), at), TEXT("2025-11-20 19:04")));
  assert_true(text_equal(zone_format_date(arena, zone("Asia/Kolkata"), at), TEXT("2025-11-21")));
  assert_true(text_equal(zone_format(arena, zone("UTC"), -1), TEXT("1969-12-31 23:59")));
  arena_free(arena);
}

/* Every six hours and eleven minutes until 2037 against glibc, which reads the same files by
 * itself: zones of the United States from 1971 on, others from 2025 on. */
static void agree(const char *name, int from_year)
{
  setenv("TZ", name, 1);
  tzset();
  const struct zone *here = zone(name);
  int64_t until = time_days_from_date(2037, 1, 1) * 86400;
  for (int64_t at = time_days_from_date(from_year, 1, 1) * 86400; at < until; at += 22271) {
    time_t seconds = (time_t)at;
    struct tm expected;
    struct zone_time got;
    localtime_r(&seconds, &expected);
    zone_local(here, at * second, &got);
    if (got.offset != expected.tm_gmtoff || got.hour != expected.tm_hour ||
        got.minute != expected.tm_min || got.day != expected.tm_mday ||
        got.month != expected.tm_mon + 1 || got.year != expected.tm_year + 1900)
      fail_msg("%s at %lld: offset %d, expected %ld", name, (long long)at, got.offset,
               expected.tm_gmtoff);
    int64_t first, last;
    enum zone_meeting meeting = zone_instant(here, &got, &first, &last);
    if (meeting == ZONE_GAP || (first != at * second && last != at * second))
      fail_msg("%s at %lld does not come back", name, (long long)at);
  }
}

static void zone_agrees_with_the_c_library(void **state)
{
  (void)state;
  static const char *const american[] = {"America/New_York",
                                         "America/Detroit",
                                         "America/Indiana/Indianapolis",
                                         "America/Chicago",
                                         "America/Denver",
                                         "America/Boise",
                                         "America/Phoenix",
                                         "America/Los_Angeles",
                                         "America/Anchorage",
                                         "America/Adak",
                                         "Pacific/Honolulu",
                                         "America/Puerto_Rico",
                                         "Pacific/Guam",
                                         "UTC"};
  static const char *const others[] = {"Europe/Dublin",       "Europe/Berlin",  "Asia/Kolkata",
                                       "Australia/Lord_Howe", "Africa/Cairo",   "America/Santiago",
                                       "Africa/Casablanca",   "Asia/Jerusalem", "Pacific/Chatham"};
  for (size_t i = 0; i < sizeof american / sizeof *american; i++) agree(american[i], 1971);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) agree(others[i], 2025);
  unsetenv("TZ");
  tzset();
}

static void *ask(void *context)
{
  static const char *const names[] = {"Europe/Berlin", "Europe/Madrid", "America/Boise",
                                      "Asia/Tokyo"};
  int64_t *wrong = context;
  for (int i = 0; i < 200; i++) {
    struct zone_time at;
    zone_local(zone(names[i % 4]), 0, &at);
    if (i % 4 == 3 && at.hour != 9) ++*wrong;
  }
  return NULL;
}

static void zone_serves_threads(void **state)
{
  (void)state;
  pthread_t threads[4];
  int64_t wrong[4] = {0};
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, ask, &wrong[i]), 0);
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(wrong[i], 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(zone_finds_names_of_the_database_alone),
      cmocka_unit_test(zone_says_where_clocks_jump),
      cmocka_unit_test(zone_knows_days_that_begin_late_or_never),
      cmocka_unit_test(zone_prints_local_dates),
      cmocka_unit_test(zone_agrees_with_the_c_library),
      cmocka_unit_test(zone_serves_threads),
  };
  return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
