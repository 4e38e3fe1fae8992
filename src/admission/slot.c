/*
 * Slot: places without a bed, and who has them. See slot.h.
 *
 * Invariants: `taken` of a row is the count of its uses that were not left; both change in one
 * transaction. The last place goes to one alone: the row is changed only while a place is free.
 */
#include "admission/slot.h"

#include <string.h>

#include "admission/availability.h"
#include "admission/request_private.h"
#include "admission/waitlist_entry.h"

enum { DAY_MINUTES = 24 * 60 };

/* --- Slots --------------------------------------------------------------------------------- */

static bool are_weekdays(struct text weekdays)
{
  struct text day;
  unsigned seen = 0;
  while (text_word_next(&weekdays, &day)) {
    if (day.length != 1 || day.at[0] < '0' || day.at[0] > '6') return false;
    unsigned bit = 1u << (day.at[0] - '0');
    if (seen & bit) return false;
    seen |= bit;
  }
  return seen != 0;
}

static bool check(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, const struct slot *slot, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct field_problems problems = {.count = 0};
  struct text only = request_site_of(access);
  bool is_there = false;
  if (strcmp(access->object, "site") != 0 || strcmp(access->act, "write") != 0 ||
      (only.length && !text_equal(only, slot->site_id)))
    return access_refuse(access, TEXT(""), "error.403.text", error);
  if (!request_code_is(requests->rules, SLOT_KINDS, slot->kind))
    field_problem_add(&problems, "kind", "error.request.code");
  if (!care_code_is(requests->care, CARE_LEVELS, slot->level_of_care))
    field_problem_add(&problems, "level_of_care", "error.request.code");
  if (slot->name.length == 0) field_problem_add(&problems, "name", "error.request.required");
  if (slot->name.length > LIMIT_CARE_NAME || !text_is_utf8(slot->name))
    field_problem_add(&problems, "name", "error.request.text");
  if (!are_weekdays(slot->weekdays)) field_problem_add(&problems, "weekdays", "error.slot.hours");
  if (slot->begins < 0 || slot->begins >= DAY_MINUTES || slot->ends <= slot->begins ||
      slot->ends > 2 * DAY_MINUTES)
    field_problem_add(&problems, "begins", "error.slot.hours");
  if (slot->capacity < 0 || slot->capacity > LIMIT_SLOT_PLACES)
    field_problem_add(&problems, "capacity", "error.request.required");
  if (!request_refuse(&problems, error) ||
      !request_any(
          store_query(transaction, &cursor, "SELECT 1 FROM site WHERE program_id = $1 AND id = $2",
                      STORE_BIND(STORE_T(access->program_id), STORE_T(slot->site_id)), error),
          &cursor, &is_there, error))
    return false;
  return is_there ||
         error_set(error, ERROR_REFUSED, "error.request.code", "", "request: no such site");
}

/* All slots of the program that are open count for the notice to the State. */
static bool count_taken(struct store_transaction *transaction, const struct requests *requests,
                        const struct access *access, struct arena *arena, struct error *error)
{
  struct store_cursor *cursor = NULL;
  int64_t taken = 0, capacity = 0;
  return request_number(store_query(transaction, &cursor,
                                    "SELECT CAST(coalesce(sum(taken), 0) AS BIGINT) FROM slot"
                                    " WHERE program_id = $1 AND closed_at = 0",
                                    STORE_BIND(STORE_T(access->program_id)), error),
                        &cursor, &taken, error) &&
         request_number(store_query(transaction, &cursor,
                                    "SELECT CAST(coalesce(sum(capacity), 0) AS BIGINT) FROM slot"
                                    " WHERE program_id = $1 AND closed_at = 0",
                                    STORE_BIND(STORE_T(access->program_id)), error),
                        &cursor, &capacity, error) &&
         capacity_consider(transaction, requests, access, arena, "slot", taken, capacity, error);
}

/* After each change of a site's slots or of what is taken of them: what is published, and counted.
 */
static bool changed_at(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *access, struct arena *arena, struct text site_id,
                       struct error *error)
{
  return availability_derive_slots(transaction, access->program_id, site_id, access->now, true,
                                   error) &&
         count_taken(transaction, requests, access, arena, error);
}

/* The site of a slot that stands. */
static bool load_site(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text slot_id, struct text *out,
                      struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT site_id FROM slot WHERE program_id = $1 AND id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) *out = request_column(arena, cursor, 0);
  store_cursor_close(cursor);
  if (!is_read) return false;
  return more || error_set(error, ERROR_NOT_FOUND, "error.slot.gone", "", "slot: none such");
}

/* The same, of the slot's own site. */
static bool changed_slot(struct store_transaction *transaction, const struct requests *requests,
                         const struct access *access, struct arena *arena, struct text slot_id,
                         struct error *error)
{
  struct text site_id;
  return load_site(transaction, access, arena, slot_id, &site_id, error) &&
         changed_at(transaction, requests, access, arena, site_id, error);
}

bool slot_create(struct store_transaction *transaction, const struct requests *requests,
                 const struct access *access, struct arena *arena, struct slot *slot,
                 struct error *error)
{
  struct text id = request_new_id(arena, access->now);
  if (!check(transaction, requests, access, slot, error) ||
      !store_execute(
          transaction,
          "INSERT INTO slot (program_id, id, site_id, kind, level_of_care, name, weekdays, begins,"
          " ends, capacity, taken, closed_at, made_at, changed_at, version) VALUES ($1, $2, $3, $4,"
          " $5, $6, $7, $8, $9, $10, 0, 0, $11, $11, 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(slot->site_id),
                     STORE_T(slot->kind), STORE_T(slot->level_of_care), STORE_T(slot->name),
                     STORE_T(slot->weekdays), STORE_N(slot->begins), STORE_N(slot->ends),
                     STORE_N(slot->capacity), STORE_N(access->now)),
          NULL, error) ||
      !changed_at(transaction, requests, access, arena, slot->site_id, error))
    return false;
  slot->id = id;
  slot->taken = 0;
  slot->made_at = slot->changed_at = access->now;
  slot->version = 1;
  return true;
}

static bool load_taken(struct store_transaction *transaction, const struct access *access,
                       struct text slot_id, int64_t version, int64_t *taken, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  int64_t stands = 0;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT taken, version FROM slot WHERE program_id = $1 AND id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) {
    *taken = store_column_integer(cursor, 0);
    stands = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!more) return error_set(error, ERROR_NOT_FOUND, "error.slot.gone", "", "slot: none such");
  return request_saved(stands == version, error);
}

bool slot_save(struct store_transaction *transaction, const struct requests *requests,
               const struct access *access, struct arena *arena, const struct slot *slot,
               struct error *error)
{
  int64_t taken = 0, changed = 0;
  struct text was;
  if (!check(transaction, requests, access, slot, error) ||
      !load_site(transaction, access, arena, slot->id, &was, error) ||
      !load_taken(transaction, access, slot->id, slot->version, &taken, error))
    return false;
  if (slot->capacity < taken)
    return error_set(error, ERROR_REFUSED, "error.slot.fewer", "", "slot: fewer than are taken");
  return store_execute(
             transaction,
             "UPDATE slot SET site_id = $3, kind = $4, level_of_care = $5, name = $6, weekdays = "
             "$7,"
             " begins = $8, ends = $9, capacity = $10, closed_at = $11, changed_at = $12,"
             " version = version + 1 WHERE program_id = $1 AND id = $2 AND version = $13",
             STORE_BIND(STORE_T(access->program_id), STORE_T(slot->id), STORE_T(slot->site_id),
                        STORE_T(slot->kind), STORE_T(slot->level_of_care), STORE_T(slot->name),
                        STORE_T(slot->weekdays), STORE_N(slot->begins), STORE_N(slot->ends),
                        STORE_N(slot->capacity), STORE_N(slot->closed_at), STORE_N(access->now),
                        STORE_N(slot->version)),
             &changed, error) &&
         request_saved(changed, error) &&
         (text_equal(was, slot->site_id) ||
          availability_derive_slots(transaction, access->program_id, was, access->now, true,
                                    error)) &&
         changed_at(transaction, requests, access, arena, slot->site_id, error);
}

bool slot_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct slot **out, size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (strcmp(access->act, "read") != 0 ||
      (strcmp(access->object, "site") != 0 && strcmp(access->object, "request") != 0))
    return access_refuse(access, TEXT(""), "error.403.text", error);
  struct slot *all = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *all);
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, site_id, kind, level_of_care, name, weekdays, begins, ends, capacity, taken,"
      " closed_at, made_at, changed_at, version FROM slot WHERE program_id = $1"
      " AND ($2 = '' OR site_id = $2) ORDER BY site_id, begins, name, id LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(request_site_of(access)),
                 STORE_N(LIMIT_REQUEST_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] = (struct slot){.id = request_column(arena, cursor, 0),
                                 .site_id = request_column(arena, cursor, 1),
                                 .kind = request_column(arena, cursor, 2),
                                 .level_of_care = request_column(arena, cursor, 3),
                                 .name = request_column(arena, cursor, 4),
                                 .weekdays = request_column(arena, cursor, 5),
                                 .begins = store_column_integer(cursor, 6),
                                 .ends = store_column_integer(cursor, 7),
                                 .capacity = store_column_integer(cursor, 8),
                                 .taken = store_column_integer(cursor, 9),
                                 .closed_at = store_column_integer(cursor, 10),
                                 .made_at = store_column_integer(cursor, 11),
                                 .changed_at = store_column_integer(cursor, 12),
                                 .version = store_column_integer(cursor, 13)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}

/* --- Who has a place ----------------------------------------------------------------------- */

static bool refuse_twice(struct store_transaction *transaction, const struct access *access,
                         struct text slot_id, struct text request_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_there = false;
  return request_any(store_query(transaction, &cursor,
                                 "SELECT 1 FROM slot_use WHERE program_id = $1 AND slot_id = $2"
                                 " AND request_id = $3 AND left_at = 0",
                                 STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id),
                                            STORE_T(request_id)),
                                 error),
                     &cursor, &is_there, error) &&
         (!is_there || error_set(error, ERROR_CONFLICT, "error.slot.taken", "",
                                 "slot: the request has a place there"));
}

/* A place of a slot, held or enrolled at once. */
static bool take(struct store_transaction *transaction, const struct requests *requests,
                 const struct access *access, struct arena *arena, struct text slot_id,
                 struct text request_id, int64_t enrolled_at, struct error *error)
{
  int64_t changed = 0;
  if (!refuse_twice(transaction, access, slot_id, request_id, error) ||
      !store_execute(
          transaction,
          "UPDATE slot SET taken = taken + 1, changed_at = $3 WHERE program_id = $1"
          " AND id = $2 AND taken < capacity AND closed_at = 0",
          STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id), STORE_N(access->now)), &changed,
          error))
    return false;
  if (changed != 1)
    return error_set(error, ERROR_CONFLICT, "error.slot.full", "", "slot: no place is free");
  return store_execute(transaction,
                       "INSERT INTO slot_use (program_id, id, slot_id, request_id, held_at,"
                       " enrolled_at, left_at, account_id) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)",
                       STORE_BIND(STORE_T(access->program_id),
                                  STORE_T(request_new_id(arena, access->now)), STORE_T(slot_id),
                                  STORE_T(request_id), STORE_N(access->now), STORE_N(enrolled_at),
                                  STORE_T(access->actor->account_id)),
                       NULL, error) &&
         changed_slot(transaction, requests, access, arena, slot_id, error);
}

bool slot_take(struct store_transaction *transaction, const struct requests *requests,
               const struct access *access, struct arena *arena, struct text slot_id,
               const struct request *request, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_fit = false;
  if (!request_any(
          store_query(transaction, &cursor,
                      "SELECT 1 FROM slot WHERE program_id = $1 AND id = $2"
                      " AND site_id = $3 AND level_of_care = $4",
                      STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id),
                                 STORE_T(request->site_id), STORE_T(request->level_of_care)),
                      error),
          &cursor, &is_fit, error))
    return false;
  if (!is_fit)
    return error_set(error, ERROR_REFUSED, "error.slot.gone", "", "slot: of another list");
  return take(transaction, requests, access, arena, slot_id, request->id, 0, error);
}

bool slot_give_back(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text slot_id,
                    struct text request_id, struct error *error)
{
  int64_t changed = 0;
  return store_execute(transaction,
                       "UPDATE slot_use SET left_at = $4 WHERE program_id = $1 AND slot_id = $2"
                       " AND request_id = $3 AND left_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id),
                                  STORE_T(request_id), STORE_N(access->now)),
                       &changed, error) &&
         request_saved(changed, error) &&
         store_execute(
             transaction,
             "UPDATE slot SET taken = taken - 1, changed_at = $3 WHERE program_id = $1"
             " AND id = $2",
             STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id), STORE_N(access->now)), NULL,
             error) &&
         changed_slot(transaction, requests, access, arena, slot_id, error);
}

bool slot_enroll(struct store_transaction *transaction, const struct access *access,
                 struct text slot_id, struct text request_id, struct error *error)
{
  int64_t changed = 0;
  return store_execute(transaction,
                       "UPDATE slot_use SET enrolled_at = $4 WHERE program_id = $1 AND slot_id = $2"
                       " AND request_id = $3 AND left_at = 0 AND enrolled_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id),
                                  STORE_T(request_id), STORE_N(access->now)),
                       &changed, error) &&
         request_saved(changed, error);
}

bool slot_use_list(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct text request_id, struct slot_use **out,
                   size_t *count, struct error *error)
{
  struct request request;
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!request_row_for(transaction, access, NULL, arena, request_id, 0, &request, error))
    return false;
  struct slot_use *all = arena_allocate_array(arena, LIMIT_REQUEST_ROWS, sizeof *all);
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT slot_id, held_at, enrolled_at, left_at FROM slot_use WHERE program_id = $1"
      " AND request_id = $2 ORDER BY held_at, id LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(request_id), STORE_N(LIMIT_REQUEST_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] = (struct slot_use){.slot_id = request_column(arena, cursor, 0),
                                     .request_id = request_id,
                                     .held_at = store_column_integer(cursor, 1),
                                     .enrolled_at = store_column_integer(cursor, 2),
                                     .left_at = store_column_integer(cursor, 3)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}

bool slot_people_list(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text slot_id, struct slot_use **out,
                      size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!request_may_list(access, "read", error)) return false;
  struct slot_use *all = arena_allocate_array(arena, LIMIT_SLOT_PLACES, sizeof *all);
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT u.request_id, u.held_at, u.enrolled_at FROM slot_use u JOIN slot s"
                  " ON s.program_id = u.program_id AND s.id = u.slot_id WHERE u.program_id = $1"
                  " AND u.slot_id = $2 AND u.left_at = 0 AND ($3 = '' OR s.site_id = $3)"
                  " ORDER BY u.held_at, u.id LIMIT $4",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(slot_id),
                             STORE_T(request_site_of(access)), STORE_N(LIMIT_SLOT_PLACES)),
                  error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] = (struct slot_use){.slot_id = slot_id,
                                     .request_id = request_column(arena, cursor, 0),
                                     .held_at = store_column_integer(cursor, 1),
                                     .enrolled_at = store_column_integer(cursor, 2)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}

bool slot_add(struct store_transaction *transaction, const struct requests *requests,
              const struct access *access, struct arena *arena, struct text slot_id,
              struct text request_id, struct error *error)
{
  struct request request;
  if (!request_row_for(transaction, access, "write", arena, request_id, 0, &request, error))
    return false;
  if (!text_equal(request.state, TEXT("admitted")))
    return error_set(error, ERROR_REFUSED, "error.request.step", "", "slot: not admitted");
  return take(transaction, requests, access, arena, slot_id, request_id, access->now, error);
}

bool slot_leave(struct store_transaction *transaction, const struct requests *requests,
                const struct access *access, struct arena *arena, struct text slot_id,
                struct text request_id, struct error *error)
{
  struct request request;
  if (!request_row_for(transaction, access, "write", arena, request_id, 0, &request, error))
    return false;
  if (!text_equal(request.state, TEXT("admitted")))
    return error_set(error, ERROR_REFUSED, "error.request.step", "", "slot: not admitted");
  return slot_give_back(transaction, requests, access, arena, slot_id, request_id, error);
}
