/*
 * waitlist: who comes next, why, and by when: pure.
 *
 *   order = place in the law's order (waitlist-order.csv) ─▶ urgency ─▶ who asked first ─▶ id
 *
 * Nothing else moves anybody: no money, no payer, nothing that staff think of a person. Time and
 * facts are arguments; the same facts give the same order in any sequence of arrival.
 * Source: 45 CFR 96.126, 96.131; docs/requests.md.
 */
#ifndef FAIRLEAD_ADMISSION_WAITLIST_H
#define FAIRLEAD_ADMISSION_WAITLIST_H

#include "admission/request_rules.h"

/* Somebody who waits. */
struct waitlist_candidate {
  struct text id;
  bool is_pregnant, is_injecting; /* what is not known counts as no, and should be asked */
  int64_t urgency;                /* rank of request-urgencies.csv */
  int64_t since_at;               /* when they asked */
  size_t tag;                     /* the caller's own; it moves nobody */
};
/* Below zero: `a` comes first. Zero only for the same id and facts. */
int waitlist_compare(const struct request_rules *rules, const struct waitlist_candidate *a,
                     const struct waitlist_candidate *b);
/* Put them in order, who comes next first. */
void waitlist_sort(const struct request_rules *rules, struct waitlist_candidate *all, size_t count);

/* Where somebody stands, and why nobody stands higher. */
struct waitlist_place {
  size_t number, count;                  /* 1 comes next; of how many */
  size_t by_law, by_urgency, by_waiting; /* before this one: for which reason */
};
/* `all` need not be sorted; `index` is of it. */
void waitlist_place_find(const struct request_rules *rules, const struct waitlist_candidate *all,
                         size_t count, size_t index, struct waitlist_place *out);
/* The same for everybody of a sorted list, at once. */
void waitlist_places_find(const struct request_rules *rules,
                          const struct waitlist_candidate *sorted, size_t count,
                          struct waitlist_place *out);
/* Sentences for the person, in a language of the catalog; a list of texts. */
struct value *waitlist_place_words(const struct catalog *catalog, struct arena *arena,
                                   size_t language, const struct waitlist_place *place);

/* --- By when ------------------------------------------------------------------------------- */

struct waitlist_facts {
  bool is_pregnant, is_injecting;
  int64_t since_at;   /* when they asked */
  int64_t interim_at; /* when the last interim service that is owed was given; 0: not yet */
};
/* Microseconds UTC; 0: this clock is not for this person. A law that is over still counts here, and
 * is named by `over`, so that a clock that protects never stops by itself. */
struct waitlist_deadlines {
  int64_t interim_due, admit_due, admit_most;
  int64_t admit_by;  /* which of the last two binds, by what is known now */
  bool interim_late; /* it is past, or was given after it */
  bool admit_late;   /* `admit_by` is past */
  unsigned over;     /* bit 1 << kind: that law has ended, or does not hold yet */
};
void waitlist_deadlines_find(const struct request_rules *rules, const struct waitlist_facts *facts,
                             int64_t now, struct waitlist_deadlines *out);
/* When contact is due after the last one (or, 0, after the request). */
int64_t waitlist_contact_due(const struct request_rules *rules, int64_t since_at,
                             int64_t last_contact_at);
/* Which services are owed to this person now: is this one? */
bool interim_service_is_owed(const struct interim_service *service, bool is_pregnant,
                             bool is_injecting);

/* Are so many places taken that the State is told? A program without places never is. */
bool capacity_is_reached(const struct request_rules *rules, int64_t taken, int64_t places);
/* By when, after it was reached. */
int64_t capacity_notice_due(const struct request_rules *rules, int64_t reached_at);

#endif
