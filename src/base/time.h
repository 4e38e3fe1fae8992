/*
 * Time: microseconds since 1970-01-01 UTC, calendar dates, and a clock that never goes back.
 * Engines take time as an argument; only doors call time_now().
 */
#ifndef FAIRLEAD_BASE_TIME_H
#define FAIRLEAD_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* The wall clock, in microseconds UTC. */
int64_t time_now(void);
/* A clock for durations, in microseconds; its zero means nothing. */
int64_t time_monotonic(void);
/* "2026-11-21T03:04:05.000006Z". */
struct text time_format(struct arena *arena, int64_t microseconds);
/* "2026-11-21", the UTC date. */
struct text time_format_date(struct arena *arena, int64_t microseconds);
/* "Sat, 21 Nov 2026 03:04:05 GMT" (RFC 9110 section 5.6.7). */
struct text time_format_http(struct arena *arena, int64_t microseconds);
/* Check "YYYY-MM-DD" as a true calendar date of the years 1900 to 2999. */
bool time_read_date(struct text t, int *year, int *month, int *day);
/* Read "2026-11-21T03:04:05Z", with up to six digits of a fraction, and "+hh:mm" or "-hh:mm" for
 * "Z" (RFC 3339 section 5.6, without leap seconds and lower case). */
bool time_read(struct text t, int64_t *microseconds);
/* Days from 1970-01-01 (proleptic Gregorian). */
int64_t time_days_from_date(int year, int month, int day);

#endif
