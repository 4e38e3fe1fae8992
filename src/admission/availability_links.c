/*
 * Links for one tap as they are kept: made, renewed, taken back, listed. See availability.h. Not
 * here: what a link opens, and the tap (availability_link.c).
 *
 * Invariants: no token is kept, so that a copy of the database opens no link; an administrator of a
 * program makes and reaches links of that program's own sites alone.
 */
#include <string.h>

#include "admission/bed_private.h"

static const int64_t day_seconds = 86400, second = 1000000;

/* --- Making ---------------------------------------------------------------------------------- */

static bool check(const struct beds *beds, const struct availability_link_row *link, int64_t days,
                  struct error *error)
{
  if (!care_code_is(beds->care, CARE_LEVELS, link->level_of_care))
    return bed_refuse(error, "error.care.code", "the field level_of_care");
  if (link->for_whom.length > LIMIT_CARE_NAME || !text_is_utf8(link->for_whom))
    return bed_refuse(error, "error.availability.for", "the field for_whom");
  return (days >= 1 && days <= LIMIT_AVAILABILITY_LINK_DAYS) ||
         bed_refuse(error, "error.availability.days", "the field days");
}

bool availability_link_add(struct store_transaction *transaction, const struct beds *beds,
                           struct arena *arena, const struct seal_key *key,
                           struct availability_link_row *link, int64_t days, int64_t now,
                           struct text account_id, struct text *token, struct error *error)
{
  struct availability_link_row made = *link;
  if (!check(beds, link, days, error)) return false;
  made.id = bed_new_id(arena, now);
  made.made_at = now;
  made.until_at = now + days * day_seconds * second;
  made.ended_at = made.tapped_at = 0;
  if (!store_execute(
          transaction,
          "INSERT INTO availability_link (id, program_id, facility_id, level_of_care, for_whom,"
          " account_id, made_at, until_at, ended_at, tapped_at) VALUES ($1, $2, $3, $4, $5, $6, $7,"
          " $8, 0, 0)",
          STORE_BIND(STORE_T(made.id), STORE_T(made.program_id), STORE_T(made.facility_id),
                     STORE_T(made.level_of_care), STORE_T(made.for_whom), STORE_T(account_id),
                     STORE_N(made.made_at), STORE_N(made.until_at)),
          NULL, error))
    return false;
  struct availability_link sealed = {
      .facility_id = made.facility_id, .level_of_care = made.level_of_care, .id = made.id};
  *token = availability_link_write(arena, key, &sealed, now, days * day_seconds);
  *link = made;
  return true;
}

static bool may(const struct access *access, struct error *error)
{
  return (strcmp(access->object, "program") == 0 && strcmp(access->act, "write") == 0) ||
         access_refuse(access, TEXT(""), "error.403.text", error);
}

/* A facility of the directory; for a program, one that a site of its own is joined with. */
static bool check_place(struct store_transaction *transaction, const struct access *access,
                        struct text facility_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_there = false;
  bool is_asked = store_query(
      transaction, &cursor,
      "SELECT 1 FROM facility f WHERE f.id = $1 AND ($2 = '' OR EXISTS (SELECT 1 FROM site s"
      " WHERE s.program_id = $2 AND s.closed_at = 0 AND lower(s.facility_id) = f.id))",
      STORE_BIND(STORE_T(facility_id), STORE_T(access->program_id)), error);
  if (!bed_any(is_asked, &cursor, &is_there, error)) return false;
  return is_there || bed_refuse(error, "error.availability.place", "the field facility_id");
}

bool availability_link_make(struct store_transaction *transaction, const struct beds *beds,
                            const struct access *access, struct arena *arena,
                            const struct seal_key *key, struct availability_link_row *link,
                            int64_t days, struct text *token, struct error *error)
{
  if (!may(access, error) || !check_place(transaction, access, link->facility_id, error))
    return false;
  if (link->for_whom.length == 0)
    return bed_refuse(error, "error.availability.for", "the field for_whom");
  link->program_id = access->program_id;
  return availability_link_add(transaction, beds, arena, key, link, days, access->now,
                               access->actor->account_id, token, error);
}

/* --- Reading --------------------------------------------------------------------------------- */

static struct availability_link_row read_row(struct arena *arena, const struct store_cursor *cursor)
{
  return (struct availability_link_row){.id = bed_column(arena, cursor, 0),
                                        .program_id = bed_column(arena, cursor, 1),
                                        .facility_id = bed_column(arena, cursor, 2),
                                        .level_of_care = bed_column(arena, cursor, 3),
                                        .for_whom = bed_column(arena, cursor, 4),
                                        .made_at = store_column_integer(cursor, 5),
                                        .until_at = store_column_integer(cursor, 6),
                                        .ended_at = store_column_integer(cursor, 7),
                                        .tapped_at = store_column_integer(cursor, 8)};
}

bool availability_link_list(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, bool is_all, struct text before, size_t limit,
                            struct availability_link_row **out, size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!may(access, error)) return false;
  struct availability_link_row *all = arena_allocate_array(arena, limit + 1, sizeof *all);
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, program_id, facility_id, level_of_care, for_whom, made_at, until_at, ended_at,"
      " tapped_at FROM availability_link WHERE ($1 = '' OR program_id = $1)"
      " AND ($2 = '' OR id < $2) AND (CAST($3 AS BIGINT) = 1 OR (ended_at = 0 AND until_at > $4))"
      " ORDER BY id DESC LIMIT $5",
      STORE_BIND(STORE_T(access->program_id), STORE_T(before), STORE_N(is_all),
                 STORE_N(access->now), STORE_N((int64_t)limit)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] = read_row(arena, cursor);
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}

static bool load(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct availability_link_row *out,
                 struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!may(access, error)) return false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT id, program_id, facility_id, level_of_care, for_whom, made_at,"
                             " until_at, ended_at, tapped_at FROM availability_link WHERE id = $1"
                             " AND ($2 = '' OR program_id = $2)",
                             STORE_BIND(STORE_T(id), STORE_T(access->program_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) *out = read_row(arena, cursor);
  store_cursor_close(cursor);
  if (!is_read) return false;
  return more || error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "admission: no such link");
}

/* --- Taking back ----------------------------------------------------------------------------- */

static bool end(struct store_transaction *transaction, const struct access *access, struct text id,
                int64_t *changed, struct error *error)
{
  return store_execute(transaction,
                       "UPDATE availability_link SET ended_at = $2 WHERE id = $1 AND ended_at = 0",
                       STORE_BIND(STORE_T(id), STORE_N(access->now)), changed, error);
}

bool availability_link_take_back(struct store_transaction *transaction, const struct access *access,
                                 struct arena *arena, struct text id, struct error *error)
{
  struct availability_link_row link;
  return load(transaction, access, arena, id, &link, error) &&
         end(transaction, access, id, NULL, error);
}

bool availability_link_renew(struct store_transaction *transaction, const struct beds *beds,
                             const struct access *access, struct arena *arena,
                             const struct seal_key *key, struct text id, int64_t days,
                             struct text *token, struct error *error)
{
  struct availability_link_row link;
  int64_t changed = 0;
  if (!load(transaction, access, arena, id, &link, error) ||
      !check_place(transaction, access, link.facility_id, error) ||
      !end(transaction, access, id, &changed, error))
    return false;
  if (changed != 1)
    return bed_conflict(error, "error.availability.over", "the link was taken back");
  return availability_link_add(transaction, beds, arena, key, &link, days, access->now,
                               access->actor->account_id, token, error);
}
