/*
 * Request clock: business days and answers. See request_clock.h. Pure.
 */
#include "admission/request_clock.h"

static const int64_t MINUTE = 60LL * 1000000;
enum { WEEK = 7, LONGEST = 366, THURSDAY = 4, SATURDAY = 6 };

struct date {
  int year, month, day;
  int64_t number; /* days from 1970-01-01 */
};

static int weekday_of(int64_t number)
{
  return (int)(((number + THURSDAY) % WEEK + WEEK) % WEEK); /* 1970-01-01 was a Thursday */
}

static struct date date_from(int year, int month, int day)
{
  return (struct date){year, month, day, time_days_from_date(year, month, day)};
}

static struct date day_after(struct date date)
{
  int64_t next_month = date.month == 12 ? time_days_from_date(date.year + 1, 1, 1)
                                        : time_days_from_date(date.year, date.month + 1, 1);
  date.number++;
  date.day++;
  if (date.number == next_month) {
    date.year += date.month == 12;
    date.month = date.month % 12 + 1;
    date.day = 1;
  }
  return date;
}

/* On which day a holiday falls that year; of a fixed one, the day it is kept on. */
static int64_t kept_on(const struct holiday *holiday, int year)
{
  if (holiday->kind == HOLIDAY_FIXED) {
    int64_t number = time_days_from_date(year, holiday->month, holiday->day);
    int weekday = weekday_of(number);
    return number + (weekday == 0) - (weekday == SATURDAY);
  }
  if (holiday->kind == HOLIDAY_NTH) {
    int64_t first = time_days_from_date(year, holiday->month, 1);
    int ahead = (holiday->weekday - weekday_of(first) + WEEK) % WEEK;
    return first + ahead + (int64_t)WEEK * (holiday->day - 1);
  }
  int64_t last = (holiday->month == 12 ? time_days_from_date(year + 1, 1, 1)
                                       : time_days_from_date(year, holiday->month + 1, 1)) -
                 1;
  return last - (weekday_of(last) - holiday->weekday + WEEK) % WEEK;
}

/* A New Year's Day on a Saturday is kept in the year before. */
static bool is_holiday(const struct request_rules *rules, struct date date)
{
  int64_t at = date.number * 86400 * 1000000;
  for (size_t i = 0; i < holiday_count(rules); i++) {
    const struct holiday *holiday = holiday_get(rules, i);
    if (request_term_says(&holiday->term, at) != REQUEST_TERM_HOLDS) continue;
    if (kept_on(holiday, date.year) == date.number ||
        kept_on(holiday, date.year + 1) == date.number)
      return true;
  }
  return false;
}

static bool is_business(const struct request_rules *rules, const struct business_calendar *calendar,
                        struct date date)
{
  int weekday = weekday_of(date.number);
  for (size_t i = 0; i < calendar->day_count; i++) {
    int year, month, day;
    if (time_read_date(calendar->days[i].date, &year, &month, &day) && year == date.year &&
        month == date.month && day == date.day)
      return calendar->days[i].is_open;
  }
  bool is_worked = calendar->week_begins <= calendar->week_ends
                       ? weekday >= calendar->week_begins && weekday <= calendar->week_ends
                       : weekday >= calendar->week_begins || weekday <= calendar->week_ends;
  return is_worked && !(calendar->keeps_holidays && is_holiday(rules, date));
}

bool business_day_is(const struct request_rules *rules, const struct business_calendar *calendar,
                     int year, int month, int day)
{
  return is_business(rules, calendar, date_from(year, month, day));
}

static int64_t end_of(const struct business_calendar *calendar, const struct zone *zone,
                      struct date date)
{
  struct zone_time local = {.year = date.year,
                            .month = date.month,
                            .day = date.day,
                            .hour = (int)(calendar->day_ends / 60),
                            .minute = (int)(calendar->day_ends % 60)};
  int64_t first = 0, second = 0;
  zone_instant(zone, &local, &first, &second);
  return first;
}

int64_t request_answer_by(const struct request_rules *rules,
                          const struct business_calendar *calendar, const struct zone *zone,
                          const struct urgency *urgency, int64_t received_at)
{
  if (urgency->minutes) return received_at + urgency->minutes * MINUTE;
  struct zone_time local;
  zone_local(zone, received_at, &local);
  struct date tomorrow = day_after(date_from(local.year, local.month, local.day));
  struct date date = tomorrow;
  int64_t left = urgency->business_days;
  for (int i = 0; i < LONGEST; i++, date = day_after(date))
    if (is_business(rules, calendar, date) && --left == 0) return end_of(calendar, zone, date);
  return end_of(calendar, zone, tomorrow);
}
