/*
 * delivered: care that was given. A day is one for each person, date and level of care; a service
 * is a session with its minutes. Nothing is changed in silence: a correction marks the row with its
 * reason and adds another.
 */
#ifndef FAIRLEAD_CARE_DELIVERED_H
#define FAIRLEAD_CARE_DELIVERED_H

#include "care/code.h"

struct delivered_day {
  struct text id, person_id, episode_id;
  struct text date; /* YYYY-MM-DD, of the site */
  struct text level_of_care, site_id;
  struct text source_room, source_id, account_id;
  int64_t made_at, error_at;
  struct text error_reason; /* correction-reasons.csv */
  int64_t version;
};
/* (delivered, write) for the person: every date from `day->date` through `through` (at most
 * LIMIT_DELIVERED_DAYS), each once: those there already stay as they are. `*added` counts the new.
 * Refused: dates in the future or outside the episode. */
bool delivered_day_add(struct store_transaction *transaction, const struct care *care,
                       const struct access *access, struct arena *arena,
                       const struct delivered_day *day, struct text through, int64_t *added,
                       struct error *error);
bool delivered_day_mark_error(struct store_transaction *transaction, const struct care *care,
                              const struct access *access, struct text id, struct text reason,
                              int64_t version, struct error *error);

/* (delivered, read) for the person and the records merged into it; from and through: dates or "";
 * the newest first. */
bool delivered_day_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text person_id, struct text from,
                        struct text through, bool with_error, struct delivered_day **out,
                        size_t *count, struct error *error);

struct delivered_service {
  struct text id, person_id, episode_id;
  struct text kind; /* service-kinds.csv */
  int64_t begun_at, minutes;
  struct text staff_id, site_id;
  struct text group_id; /* the same for all who sat in one group, or "" */
  struct text source_room, source_id, account_id, corrects_id;
  int64_t made_at, error_at;
  struct text error_reason;
  int64_t version;
};
void delivered_service_check(const struct care *care, const struct delivered_service *service,
                             int64_t now, struct field_problems *problems);
bool delivered_service_add(struct store_transaction *transaction, const struct care *care,
                           const struct access *access, struct arena *arena,
                           struct delivered_service *service, struct error *error);
/* Mark it, and (unless NULL) put another in its place, which names it. */
bool delivered_service_correct(struct store_transaction *transaction, const struct care *care,
                               const struct access *access, struct arena *arena, struct text id,
                               struct text reason, struct delivered_service *instead,
                               int64_t version, struct error *error);
/* Begun from `from` to before `until` (0 each: open), the newest first. */
bool delivered_service_list(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct text person_id, int64_t from, int64_t until,
                            bool with_error, struct delivered_service **out, size_t *count,
                            struct error *error);

#endif
