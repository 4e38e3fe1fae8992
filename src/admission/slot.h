/*
 * slot: places of care without a bed: day, evening, weekend, hours for doses.
 *
 * A slot holds so many people and no more: the count of those who are offered or have a place
 * stands in its row, which the database keeps at most at its capacity. An offer (waitlist_entry.h)
 * takes a place, giving it back or leaving frees it.
 */
#ifndef FAIRLEAD_ADMISSION_SLOT_H
#define FAIRLEAD_ADMISSION_SLOT_H

#include "admission/request.h"

struct slot {
  struct text id, site_id, kind; /* slot-kinds.csv */
  struct text level_of_care, name;
  struct text weekdays; /* 0 Sunday to 6 Saturday, separated by spaces */
  int64_t begins, ends; /* minutes after midnight where the site is; ends may be the next day's */
  int64_t capacity, taken;
  int64_t closed_at, made_at, changed_at, version;
};
/* (site, write); create sets the id. Fewer places than are taken: error.slot.fewer. */
bool slot_create(struct store_transaction *transaction, const struct requests *requests,
                 const struct access *access, struct arena *arena, struct slot *slot,
                 struct error *error);
bool slot_save(struct store_transaction *transaction, const struct requests *requests,
               const struct access *access, struct arena *arena, const struct slot *slot,
               struct error *error);
/* (site, read) or (request, read): of the scope's site, by site, weekday order of the day, name. */
bool slot_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct slot **out, size_t *count, struct error *error);

struct slot_use {
  struct text slot_id, request_id;
  int64_t held_at, enrolled_at, left_at;
};
/* (request, read or write) of the request: what slots it has or had. */
bool slot_use_list(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct text request_id, struct slot_use **out,
                   size_t *count, struct error *error);
/* (request, read) as a list: who has or is offered a place of a slot now, the first first. No name
 * is opened; request_names_load() tells who they are, and writes it to the audit. */
bool slot_people_list(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text slot_id, struct slot_use **out,
                      size_t *count, struct error *error);
/* (request, write): a further slot for somebody who was admitted (hours for doses beside a group).
 */
bool slot_add(struct store_transaction *transaction, const struct requests *requests,
              const struct access *access, struct arena *arena, struct text slot_id,
              struct text request_id, struct error *error);
/* (request, write): somebody leaves a slot they are enrolled in. */
bool slot_leave(struct store_transaction *transaction, const struct requests *requests,
                const struct access *access, struct arena *arena, struct text slot_id,
                struct text request_id, struct error *error);

#endif
