/*
 * Time: see time.h. The calendar is Howard Hinnant's days-from-civil arithmetic in our own words:
 * count from 1 March, so that the leap day ends a year.
 */
#include "base/time.h"

#include <time.h>

#include "base/arena.h"

enum { SECOND = 1000000 };
static const int64_t DAY = (int64_t)86400 * SECOND;

static int64_t read_clock(clockid_t clock)
{
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000;
}

int64_t time_now(void)
{
  return read_clock(CLOCK_REALTIME);
}

int64_t time_monotonic(void)
{
  return read_clock(CLOCK_MONOTONIC);
}

int64_t time_days_from_date(int year, int month, int day)
{
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t year_of_era = y - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct parts {
  int year, month, day, hour, minute, second, microsecond, weekday;
};

static struct parts split(int64_t microseconds)
{
  int64_t days = microseconds / DAY, rest = microseconds % DAY;
  if (rest < 0) rest += DAY, days--;
  int64_t shifted = days + 719468;
  int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  int64_t day_of_era = shifted - era * 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month_from_march = (5 * day_of_year + 2) / 153;
  int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  int64_t seconds = rest / SECOND;
  return (struct parts){
      .year = (int)(year_of_era + era * 400 + (month <= 2)),
      .month = month,
      .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
      .hour = (int)(seconds / 3600),
      .minute = (int)(seconds / 60 % 60),
      .second = (int)(seconds % 60),
      .microsecond = (int)(rest % SECOND),
      .weekday = (int)(((days + 4) % 7 + 7) % 7),
  };
}

struct text time_format(struct arena *arena, int64_t microseconds)
{
  struct parts p = split(microseconds);
  return text_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", p.year, p.month, p.day, p.hour,
                     p.minute, p.second, p.microsecond);
}

struct text time_format_date(struct arena *arena, int64_t microseconds)
{
  struct parts p = split(microseconds);
  return text_format(arena, "%04d-%02d-%02d", p.year, p.month, p.day);
}

struct text time_format_http(struct arena *arena, int64_t microseconds)
{
  static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  struct parts p = split(microseconds);
  return text_format(arena, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[p.weekday], p.day,
                     months[p.month - 1], p.year, p.hour, p.minute, p.second);
}

bool time_read_date(struct text t, int *year, int *month, int *day)
{
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int64_t y, m, d;
  if (t.length != 10 || t.at[4] != '-' || t.at[7] != '-') return false;
  if (!text_read_integer(text_slice(t, 0, 4), &y) || !text_read_integer(text_slice(t, 5, 7), &m) ||
      !text_read_integer(text_slice(t, 8, 10), &d))
    return false;
  if (y < 1900 || y > 2999 || m < 1 || m > 12 || d < 1) return false;
  bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  if (d > lengths[m - 1] + (m == 2 && leap ? 1 : 0)) return false;
  *year = (int)y;
  *month = (int)m;
  *day = (int)d;
  return true;
}

/* The number that `count` digits at `at` write, at most `most`; moves behind them. */
static bool take_digits(struct text t, size_t *at, size_t count, int64_t most, int64_t *out)
{
  int64_t number = 0;
  if (t.length - *at < count) return false;
  for (size_t i = 0; i < count; i++) {
    char c = t.at[*at + i];
    if (c < '0' || c > '9') return false;
    number = 10 * number + (c - '0');
  }
  *at += count;
  *out = number;
  return number <= most;
}

static bool take_mark(struct text t, size_t *at, char mark)
{
  bool is_there = *at < t.length && t.at[*at] == mark;
  *at += is_there;
  return is_there;
}

/* ".25": a fraction of a second, in microseconds. None is 0. */
static bool take_fraction(struct text t, size_t *at, int64_t *out)
{
  int64_t digit, unit = SECOND / 10;
  *out = 0;
  if (!take_mark(t, at, '.')) return true;
  if (!take_digits(t, at, 1, 9, &digit)) return false;
  do *out += digit * unit;
  while ((unit /= 10) && take_digits(t, at, 1, 9, &digit));
  return true;
}

/* "Z", or hours and minutes from UTC. */
static bool take_offset(struct text t, size_t *at, int64_t *out)
{
  int64_t hour, minute;
  *out = 0;
  if (take_mark(t, at, 'Z')) return true;
  bool is_east = take_mark(t, at, '+');
  if (!is_east && !take_mark(t, at, '-')) return false;
  if (!take_digits(t, at, 2, 23, &hour) || !take_mark(t, at, ':') ||
      !take_digits(t, at, 2, 59, &minute))
    return false;
  *out = (is_east ? 1 : -1) * (hour * 60 + minute) * 60 * SECOND;
  return true;
}

bool time_read(struct text t, int64_t *microseconds)
{
  enum { DATE = 10 };
  int64_t hour, minute, second, fraction, offset;
  int year, month, day;
  size_t at = DATE;
  if (t.length < DATE || !time_read_date(text_slice(t, 0, DATE), &year, &month, &day) ||
      !take_mark(t, &at, 'T') || !take_digits(t, &at, 2, 23, &hour) || !take_mark(t, &at, ':') ||
      !take_digits(t, &at, 2, 59, &minute) || !take_mark(t, &at, ':') ||
      !take_digits(t, &at, 2, 59, &second) || !take_fraction(t, &at, &fraction) ||
      !take_offset(t, &at, &offset) || at != t.length)
    return false;
  *microseconds = time_days_from_date(year, month, day) * DAY +
                  ((hour * 60 + minute) * 60 + second) * SECOND + fraction - offset;
  return true;
}
