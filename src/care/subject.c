/*
 * Subject: what an actor is to a person, and which record stands for a merged one. See person.h.
 */
#include "care/care_private.h"

void care_register_due(struct care *care, struct due_registry *registry)
{
  due_register(registry, "credential.expires", staff_rings, care);
  due_register(registry, "person.erase", erase_rings, care);
}

bool person_standing(struct store_transaction *transaction, struct arena *arena,
                     struct text program_id, struct text person_id, struct text *out,
                     struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE up (id, merged_into) AS (SELECT id, merged_into FROM person"
      " WHERE program_id = $1 AND id = $2 UNION SELECT p.id, p.merged_into FROM person p JOIN up"
      " ON p.id = up.merged_into WHERE p.program_id = $1) SELECT id FROM up WHERE merged_into = ''",
      STORE_BIND(STORE_T(program_id), STORE_T(person_id)), error);
  is_read = is_read && store_next(cursor, &more, error);
  if (is_read) *out = more ? care_column(arena, cursor, 0) : text_copy(arena, person_id);
  store_cursor_close(cursor);
  return is_read;
}

/* How many records, this one with it, lead to it; and, with room for them, which. */
static bool read_members(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct text person_id, struct text *ids, size_t room,
                         size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE down (id) AS (SELECT id FROM person WHERE program_id = $1 AND id = $2"
      " UNION SELECT p.id FROM person p JOIN down ON p.merged_into = down.id"
      " AND p.merged_into <> '' WHERE p.program_id = $1)"
      " SELECT id FROM down ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END, id",
      STORE_BIND(STORE_T(access->program_id), STORE_T(person_id)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    if (ids && found < room) ids[found] = care_column(arena, cursor, 0);
    found++;
  }
  store_cursor_close(cursor);
  if (is_read) *count = found;
  return is_read;
}

bool care_subject_members(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct text person_id, struct text **out,
                          size_t *count, struct error *error)
{
  size_t room = 0, found = 0;
  if (!care_may(access, access->object, access->act, person_id, error) ||
      !read_members(transaction, access, arena, person_id, NULL, 0, &room, error))
    return false;
  if (room == 0)
    return error_set(error, ERROR_NOT_FOUND, "error.care.person", "", "care: no such person");
  struct text *ids = arena_allocate_array(arena, room, sizeof *ids);
  if (!read_members(transaction, access, arena, person_id, ids, room, &found, error)) return false;
  *out = ids;
  *count = found < room ? found : room;
  return true;
}

bool person_is_there(struct store_transaction *transaction, struct text program_id,
                     struct text person_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_there = false;
  if (!care_any(store_query(transaction, &cursor,
                            "SELECT 1 FROM person WHERE program_id = $1 AND id = $2",
                            STORE_BIND(STORE_T(program_id), STORE_T(person_id)), error),
                &cursor, &is_there, error))
    return false;
  if (is_there) return true;
  return error_set(error, ERROR_NOT_FOUND, "error.care.person", "", "care: no such person");
}

bool care_subject_load(struct store_transaction *transaction, struct text program_id,
                       struct text person_id, const struct actor *actor, int64_t now,
                       struct role_subject *subject, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct arena *arena = arena_new(4096);
  struct role_subject found = {.person_id = person_id};
  struct text standing;
  bool is_there = false, is_own_program = text_equal(program_id, actor->program_id);
  bool is_read = person_standing(transaction, arena, program_id, person_id, &standing, error) &&
                 care_any(store_query(transaction, &cursor,
                                      "SELECT 1 FROM person WHERE program_id = $1 AND id = $2",
                                      STORE_BIND(STORE_T(program_id), STORE_T(standing)), error),
                          &cursor, &is_there, error);
  if (is_read && is_there && is_own_program) {
    found.is_own = actor->person_id.length > 0 && (text_equal(standing, actor->person_id) ||
                                                   text_equal(person_id, actor->person_id));
    is_read =
        care_any(store_query(
                     transaction, &cursor,
                     "WITH RECURSIVE same (id) AS (SELECT CAST($3 AS TEXT) UNION SELECT p.id"
                     " FROM person p JOIN same ON p.merged_into = same.id AND p.merged_into <> ''"
                     " WHERE p.program_id = $1) SELECT 1 FROM care_team WHERE program_id = $1"
                     " AND staff_id = $2 AND staff_id <> '' AND person_id IN (SELECT id FROM same)"
                     " AND from_at <= $4 AND (until_at = 0 OR until_at > $4)",
                     STORE_BIND(STORE_T(program_id), STORE_T(actor->staff_id), STORE_T(standing),
                                STORE_N(now)),
                     error),
                 &cursor, &found.is_caseload, error) &&
        care_any(store_query(
                     transaction, &cursor,
                     "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id"
                     " FROM person p JOIN same ON p.merged_into = same.id AND p.merged_into <> ''"
                     " WHERE p.program_id = $1) SELECT 1 FROM person WHERE program_id = $1"
                     " AND id IN (SELECT id FROM same) AND ($3 = '' OR site_id = $3)"
                     " UNION ALL SELECT 1 FROM episode WHERE program_id = $1"
                     " AND person_id IN (SELECT id FROM same) AND site_id = $3",
                     STORE_BIND(STORE_T(program_id), STORE_T(standing), STORE_T(actor->site_id)),
                     error),
                 &cursor, &found.is_site, error);
  }
  arena_free(arena);
  if (is_read) *subject = found;
  return is_read;
}
