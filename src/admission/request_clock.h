/*
 * request_clock: by when a request must be answered: pure. Minutes run on every clock; business
 * days are those of the site, in its zone. Time and the calendar are arguments.
 */
#ifndef FAIRLEAD_ADMISSION_REQUEST_CLOCK_H
#define FAIRLEAD_ADMISSION_REQUEST_CLOCK_H

#include "admission/request_rules.h"

/* A day on which a program differs from its week and the holidays. */
struct business_day {
  struct text date; /* YYYY-MM-DD */
  bool is_open;
};
/* When a program works; program-settings.csv names the settings. */
struct business_calendar {
  int64_t week_begins, week_ends; /* 0 Sunday to 6 Saturday; a week may go round: 6 to 3 */
  int64_t day_ends;               /* minutes after local midnight */
  bool keeps_holidays;
  const struct business_day *days; /* its own; they win */
  size_t day_count;
};

/* Is this local date (a true one) a business day? A holiday on a Saturday is kept the Friday
 * before, one on a Sunday the Monday after (5 U.S.C. 6103(b), Executive Order 11582). */
bool business_day_is(const struct request_rules *rules, const struct business_calendar *calendar,
                     int year, int month, int day);
/* When the answer is due to what was asked at `received_at`: after its minutes; or at the end of
 * the next business day, or of a later one. A calendar without a business day within a year gives
 * the end of the next day. */
int64_t request_answer_by(const struct request_rules *rules,
                          const struct business_calendar *calendar, const struct zone *zone,
                          const struct urgency *urgency, int64_t received_at);

#endif
