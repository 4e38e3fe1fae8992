/*
 * waiting: what pages of waiting lists and slots share beside requests.h: times and hours in words,
 * a person who waits as a row. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_WAITING_H
#define FAIRLEAD_WEB_DESK_WAITING_H

#include "web/desk/requests.h"

/* How long until a moment, or since: {"left", "is_late", "at"}: "3 days left", "5 h late". */
struct value *waiting_left(const struct web_request *request, int64_t at);
/* Somebody who waits, for a row or the head of a page: why, deadlines, contact. Sets why,
 * identifier, to_ask, is_offered, interim, interim_owed, admit, admit_words, contact,
 * attempts, law_over. */
void waiting_fill(const struct web_request *request, const struct waitlist_entry *entry,
                  struct value *item);
/* "Monday and Wednesday, 18:00 to 20:00". */
struct text waiting_hours(const struct web_request *request, const struct slot *slot);

#endif
