/*
 * episode: a person's stay with a program, from the plan to its end (FHIR EpisodeOfCare), with the
 * history of its states and levels of care. Which state may follow which is episode-statuses.csv.
 */
#ifndef FAIRLEAD_CARE_EPISODE_H
#define FAIRLEAD_CARE_EPISODE_H

#include "care/code.h"

struct episode {
  struct text id, person_id;
  struct text
      status; /* episode-statuses.csv: planned, waitlist, active, onhold, finished, cancelled */
  struct text site_id, unit_id;
  struct text level_of_care;   /* levels-of-care.csv */
  struct text care_manager;    /* a staff id, or "" */
  struct text referral_source; /* referral-sources.csv, or "" */
  struct text end_reason;      /* end-reasons.csv, once it has ended */
  int64_t begun_at, ended_at;  /* when it became active; when it ended */
  int64_t made_at, changed_at, version;
};
void episode_check(const struct care *care, const struct episode *episode,
                   struct field_problems *problems);
/* (episode, write) for the person. Begins as `status`, at `at`. Refused: a second one of the person
 * at the same site that has not ended ("error.care.episode.open"). */
bool episode_create(struct store_transaction *transaction, const struct care *care,
                    const struct access *access, struct arena *arena, struct episode *episode,
                    int64_t at, struct error *error);
bool episode_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, struct episode *out, struct error *error);
/* (episode, read) for the person and the records merged into it, the newest first. */
bool episode_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text person_id, struct episode **out, size_t *count,
                  struct error *error);

/* (episode, read) for a list: stays that began from `from` to `until`, the last one first, of
 * people whom the access reaches and, of an actor at one site, at that site. At most `limit`. */
bool episode_arrivals(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, int64_t from, int64_t until, size_t limit,
                      struct episode **out, size_t *count, bool *more, struct error *error);

/* Another state from `at` on, which is neither before the last one's nor in the future. An end asks
 * for its reason, what goes on for none. `words` (sealed) may be "". */
struct episode_change {
  struct text status, end_reason, words;
  int64_t at;
};
bool episode_change_status(struct store_transaction *transaction, const struct care *care,
                           const struct access *access, struct arena *arena, struct text id,
                           const struct episode_change *change, int64_t version,
                           struct error *error);
/* Who else must know that a stay ends: run in the transaction that ends it, before its row says so,
 * with its access and the stay as it will be. False rolls all back. One, named before the first
 * act; NULL: nobody. */
typedef bool episode_end_function(struct store_transaction *transaction, void *context,
                                  const struct access *access, struct arena *arena,
                                  const struct episode *episode, struct error *error);
void care_on_episode_end(struct care *care, episode_end_function *function, void *context);
/* Another level, site or unit from `at` on; not after the end. */
bool episode_change_level(struct store_transaction *transaction, const struct care *care,
                          const struct access *access, struct arena *arena, struct text id,
                          struct text level_of_care, struct text site_id, struct text unit_id,
                          int64_t at, int64_t version, struct error *error);

/* One line of the history: a state, or a level with its place. */
struct episode_step {
  struct text status;                          /* "" for a level's line */
  struct text level_of_care, site_id, unit_id; /* "" for a state's line */
  struct text words, account_id;
  int64_t at, made_at;
};
/* In the order of time. */
bool episode_history(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const struct episode *episode, struct episode_step **out,
                     size_t *count, struct error *error);

#endif
