/*
 * waitlist_entry: people who wait, what they are given meanwhile, who is offered a place.
 *
 * A list is a site and a level of care. Its order is waitlist.h's. A place goes to the first in
 * order, or each one before whom it goes to has a reason of fit (skip-reasons.csv) in the same
 * transaction. Nobody leaves a list without an outcome. Accesses as request.h says.
 */
#ifndef FAIRLEAD_ADMISSION_WAITLIST_ENTRY_H
#define FAIRLEAD_ADMISSION_WAITLIST_ENTRY_H

#include "admission/request.h"
#include "admission/waitlist.h"

struct waitlist_entry {
  struct text request_id, site_id, level_of_care;
  struct text state; /* waiting or offered */
  struct text urgency;
  struct text identifier; /* of who injects: 45 CFR 96.126(c); or "" */
  struct text assigned;   /* a staff id */
  bool is_pregnant, is_injecting;
  bool asks_pregnancy, asks_injecting; /* it is not known, and may change the place */
  int64_t since_at, entered_at, interim_at, interim_late_at, admit_late_at, contact_at, attempts;
  struct text place_kind, place_id;
  int64_t offered_at, left_at, version;
  struct waitlist_place place;
  struct waitlist_deadlines deadlines;
};

/* (request, write): accepted to waiting; asks for a level of care. */
bool waitlist_enter(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text request_id,
                    int64_t version, struct error *error);
/* (request, read) as a list: who waits at a site for a level, in order, places and deadlines found;
 * "" each: every list of the scope, one after the other. Whom it showed is in the audit. No name is
 * opened. */
bool waitlist_list(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, struct text site_id,
                   struct text level_of_care, struct waitlist_entry **out, size_t *count,
                   struct error *error);
/* (request, read or write) of one request: also for the person. */
bool waitlist_load(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, struct text request_id,
                   struct waitlist_entry *out, struct error *error);
/* Who comes next on a list and was offered nothing. (request, read) as a list. */
bool waitlist_next(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, struct text site_id,
                   struct text level_of_care, struct text *request_id, bool *found,
                   struct error *error);

/* Who stands before a request, in order: those for whom waitlist_offer() asks a reason. Of one that
 * was accepted and is on no list yet: who would. (request, read) as a list; whom it showed is in
 * the audit. */
bool waitlist_before(struct store_transaction *transaction, const struct requests *requests,
                     const struct access *access, struct arena *arena, struct text request_id,
                     struct waitlist_entry **out, size_t *count, struct error *error);

/* --- Meanwhile ----------------------------------------------------------------------------- */

/* (request, write): an interim service was given; a second time is fine. */
bool interim_give(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, struct arena *arena, struct text request_id,
                  struct text service, int64_t at, struct error *error);
struct interim_given {
  struct text service;
  int64_t at;
};
bool interim_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text request_id, struct interim_given **out,
                  size_t *count, struct error *error);

/* --- A place ------------------------------------------------------------------------------- */

struct waitlist_skip {
  struct text request_id, reason; /* skip-reasons.csv */
};
struct waitlist_offer {
  struct text place_kind; /* "bed" or "slot" */
  struct text place_id;   /* of the hold, or the slot */
  const struct waitlist_skip *skips;
  size_t skip_count;
};
/* (request, write): from waiting (or accepted, when nobody waits before) to offered. A slot's place
 * is taken; a bed's hold is beds'. Refuses with error.request.skip while somebody before has no
 * reason; `missing` (may be NULL) gets the first of them. */
bool waitlist_offer(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text request_id,
                    const struct waitlist_offer *offer, int64_t version, struct text *missing,
                    struct error *error);
/* (request, write): the place is given back; back to the list, where they stood. */
bool waitlist_release(struct store_transaction *transaction, const struct requests *requests,
                      const struct access *access, struct arena *arena, struct text request_id,
                      int64_t version, struct error *error);
/* (request, write): offered to admitted; asks for the person's record. */
bool waitlist_admit(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text request_id,
                    int64_t version, struct error *error);
/* (request, write): end a request with an outcome, from wherever it stands. "not-reached" asks for
 * its attempts, on a list or not (call_attempts()); "admitted" is waitlist_admit()'s. */
bool waitlist_end(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, struct arena *arena, struct text request_id,
                  struct text outcome, struct text words, int64_t version, struct error *error);

/* --- Capacity ------------------------------------------------------------------------------ */

/* So many places of a kind ("bed", "slot") are taken: begins a notice to the State when the share
 * is reached, and marks its end when it no longer is. Within any access of the program. */
bool capacity_consider(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *access, struct arena *arena, const char *places,
                       int64_t taken, int64_t capacity, struct error *error);
struct capacity_notice {
  struct text id, places;
  int64_t reached_at, taken, capacity, due_at, late_at, told_at, over_at;
};
/* (request, read) as a list: those not told yet, and the last, newest first. */
bool capacity_notice_list(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct capacity_notice **out, size_t *count,
                          struct error *error);
/* (request, write) as a list: the State was told. */
bool capacity_notice_tell(struct store_transaction *transaction, const struct access *access,
                          struct text id, struct error *error);

#endif
