/*
 * Zones: what libical knows of a zone, taken once into a list that is never changed again.
 *
 * libical keeps state of its own behind its calls, so that all of them stand behind one lock; what
 * comes out is read without. Not here: calendars, repetition, names of zones in words.
 */
#include "base/zone.h"

#include <libical/ical.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/time.h"

enum {
  NAME_MAXIMUM = 64,
  CHANGES_MAXIMUM = 1024,
  SECONDS_OF_DAY = 24 * 60 * 60,
  STEP = 7 * SECONDS_OF_DAY /* no zone ever changed twice within a week */
};
static const int64_t microseconds_of_second = 1000000;

/* From `at` (seconds since 1970) on, clocks stand `offset` seconds east of UTC. */
struct change {
  int64_t at;
  int offset;
};
struct zone {
  struct zone *next;
  char name[NAME_MAXIMUM + 1];
  struct change *changes; /* the first holds from ever */
  size_t count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zone *zones; /* those that were asked for; behind the lock */

/* Divide, rounding down. */
static int64_t floor_divide(int64_t number, int64_t by)
{
  int64_t quotient = number / by;
  return number % by < 0 ? quotient - 1 : quotient;
}

/* The civil date of days since 1970-01-01 (proleptic Gregorian; H. Hinnant's civil_from_days). */
static void date_from_days(int64_t days, int *year, int *month, int *day)
{
  int64_t z = days + 719468;
  int64_t era = floor_divide(z, 146097);
  int64_t day_of_era = z - era * 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted = (5 * day_of_year + 2) / 153;
  *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
  *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
  *year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

static void split(int64_t seconds, struct zone_time *out)
{
  int64_t days = floor_divide(seconds, SECONDS_OF_DAY);
  int left = (int)(seconds - days * SECONDS_OF_DAY);
  date_from_days(days, &out->year, &out->month, &out->day);
  out->hour = left / 3600;
  out->minute = left / 60 % 60;
  out->second = left % 60;
}

/* --- Taking a zone from libical ---------------------------------------------------------- */

static int offset_at(icaltimezone *from, int64_t at)
{
  struct zone_time utc = {0};
  split(at, &utc);
  struct icaltimetype asked = {
      .year = utc.year,
      .month = utc.month,
      .day = utc.day,
      .hour = utc.hour,
      .minute = utc.minute,
      .second = utc.second,
      .zone = icaltimezone_get_utc_timezone(),
  };
  int is_daylight;
  return icaltimezone_get_utc_offset_of_utc_time(from, &asked, &is_daylight);
}

/* The first second of (from, until] at which another offset than the first's holds. */
static int64_t find_change(icaltimezone *zone, int64_t from, int64_t until, int offset)
{
  while (until - from > 1) {
    int64_t middle = from + (until - from) / 2;
    if (offset_at(zone, middle) == offset) from = middle;
    else until = middle;
  }
  return until;
}

static struct zone *take(icaltimezone *from, struct text name)
{
  static struct change changes[CHANGES_MAXIMUM];
  int64_t begin = time_days_from_date(1970, 1, 1) * SECONDS_OF_DAY;
  int64_t end = time_days_from_date(2100, 1, 1) * SECONDS_OF_DAY;
  size_t count = 0;
  changes[count++] = (struct change){INT64_MIN, offset_at(from, begin)};
  for (int64_t at = begin; at < end && count < CHANGES_MAXIMUM; at += STEP) {
    int offset = offset_at(from, at + STEP);
    if (offset == changes[count - 1].offset) continue;
    int64_t moment = find_change(from, at, at + STEP, changes[count - 1].offset);
    changes[count++] = (struct change){moment, offset_at(from, moment)};
  }
  struct zone *zone = memory_allocate_zero(1, sizeof *zone);
  memcpy(zone->name, name.at, name.length);
  zone->changes = memory_allocate_zero(count, sizeof *changes);
  memcpy(zone->changes, changes, count * sizeof *changes);
  zone->count = count;
  return zone;
}

/* Only what a name of the tz database is made of ever reaches libical, which opens a file by it. */
static bool is_name(struct text name)
{
  if (name.length == 0 || name.length > NAME_MAXIMUM) return false;
  for (size_t i = 0; i < name.length; i++) {
    char c = name.at[i];
    bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_letter && c != '_' && c != '-' && c != '+' && (c != '/' || i == 0)) return false;
  }
  return true;
}

bool zone_find(struct text name, const struct zone **out)
{
  if (!is_name(name)) return false;
  char bytes[NAME_MAXIMUM + 1] = {0};
  memcpy(bytes, name.at, name.length);
  pthread_mutex_lock(&lock);
  struct zone *found = zones;
  while (found && strcmp(found->name, bytes) != 0) found = found->next;
  if (!found) {
    icaltimezone *from = strcmp(bytes, "UTC") == 0 ? icaltimezone_get_utc_timezone()
                                                   : icaltimezone_get_builtin_timezone(bytes);
    if (from) {
      found = take(from, name);
      found->next = zones;
      zones = found;
    }
  }
  pthread_mutex_unlock(&lock);
  if (found) *out = found;
  return found != NULL;
}

struct text zone_name(const struct zone *zone)
{
  return text_from(zone->name);
}

/* --- Asking it ----------------------------------------------------------------------------- */

/* The change that holds at `seconds`. */
static size_t change_at(const struct zone *zone, int64_t seconds)
{
  size_t low = 0, high = zone->count;
  while (high - low > 1) {
    size_t middle = (low + high) / 2;
    if (zone->changes[middle].at <= seconds) low = middle;
    else high = middle;
  }
  return low;
}

void zone_local(const struct zone *zone, int64_t microseconds, struct zone_time *out)
{
  int64_t seconds = floor_divide(microseconds, microseconds_of_second);
  int offset = zone->changes[change_at(zone, seconds)].offset;
  split(seconds + offset, out);
  out->offset = offset;
}

enum zone_meeting zone_instant(const struct zone *zone, const struct zone_time *local,
                               int64_t *first, int64_t *second)
{
  int64_t wall = time_days_from_date(local->year, local->month, local->day) * SECONDS_OF_DAY +
                 (int64_t)local->hour * 3600 + (int64_t)local->minute * 60 + local->second;
  /* Offsets stay within a day of UTC: these are the changes that can matter. */
  size_t at = change_at(zone, wall - SECONDS_OF_DAY), last = change_at(zone, wall + SECONDS_OF_DAY);
  int64_t found[2] = {0, 0}, jump = 0;
  size_t count = 0;
  for (; at <= last; at++) {
    const struct change *change = &zone->changes[at];
    int64_t moment = wall - change->offset;
    bool is_after = moment >= change->at;
    bool is_before = at + 1 == zone->count || moment < zone->changes[at + 1].at;
    if (is_after && is_before && count < 2) found[count++] = moment;
    if (!is_after && at > 0 && wall - zone->changes[at - 1].offset >= change->at) jump = change->at;
  }
  if (count == 0) found[0] = jump;
  *first = found[0] * microseconds_of_second;
  *second = count == 2 ? found[1] * microseconds_of_second : *first;
  return count == 2 ? ZONE_OVERLAP : count == 1 ? ZONE_ONCE : ZONE_GAP;
}

bool zone_day_begin(const struct zone *zone, struct text date, int64_t *out)
{
  struct zone_time local = {0};
  int64_t second;
  if (!time_read_date(date, &local.year, &local.month, &local.day)) return false;
  (void)zone_instant(zone, &local, out, &second);
  return true;
}

struct text zone_format_date(struct arena *arena, const struct zone *zone, int64_t microseconds)
{
  struct zone_time local;
  zone_local(zone, microseconds, &local);
  return text_format(arena, "%04d-%02d-%02d", local.year, local.month, local.day);
}

struct text zone_format(struct arena *arena, const struct zone *zone, int64_t microseconds)
{
  struct zone_time local;
  zone_local(zone, microseconds, &local);
  return text_format(arena, "%04d-%02d-%02d %02d:%02d", local.year, local.month, local.day,
                     local.hour, local.minute);
}
