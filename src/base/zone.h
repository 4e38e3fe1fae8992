/*
 * Zones: the local date and time of an instant in a time zone of the tz database, and back.
 *
 * libical reads the system's zones; what it says of a zone is taken once, as a list of the moments
 * at which its offset changes from 1970 to 2100, and kept for the program's life. A local time may
 * meet no instant (clocks put forward) or two (clocks put back): the answer says which. Instants
 * outside the years take the first or last offset. Exact for the United States since 1971 and for
 * all zones since 2025; libical knows the past of some other zones loosely. Threads: any.
 */
#ifndef FAIRLEAD_BASE_ZONE_H
#define FAIRLEAD_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct zone;

/* Find a zone by its name in the tz database ("America/New_York", "UTC"); false: there is none.
 * What it hands out lives as long as the program. */
bool zone_find(struct text name, const struct zone **out);
struct text zone_name(const struct zone *zone);

/* What a clock on the wall shows. */
struct zone_time {
  int year, month, day, hour, minute, second;
  int offset; /* seconds east of UTC; ignored by zone_instant() */
};
void zone_local(const struct zone *zone, int64_t microseconds, struct zone_time *out);

enum zone_meeting {
  ZONE_ONCE,
  ZONE_GAP,    /* no clock ever showed it: both answers are the moment of the change */
  ZONE_OVERLAP /* shown twice: the earlier and the later moment */
};
/* The instants at which clocks show `local`, a true date and time of day. */
enum zone_meeting zone_instant(const struct zone *zone, const struct zone_time *local,
                               int64_t *first, int64_t *second);

/* The moment at which a local date begins: 00:00, or the end of a gap that swallows it. Answers
 * false when `date` is no date (YYYY-MM-DD, as time_read_date()). */
bool zone_day_begin(const struct zone *zone, struct text date, int64_t *out);
/* "2026-11-21", and "2026-11-21 03:04", both local. */
struct text zone_format_date(struct arena *arena, const struct zone *zone, int64_t microseconds);
struct text zone_format(struct arena *arena, const struct zone *zone, int64_t microseconds);

#endif
