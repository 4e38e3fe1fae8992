/*
 * record_due: clocks that ran out, and what is open in a program. See record.h.
 */
#include "coverage/record_private.h"

/* A clock ran out: note it, unless it was settled in the meantime (it then has no clock). */
static bool rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                  int64_t now, struct error *error)
{
  (void)context;
  return store_execute(transaction,
                       "INSERT INTO coverage_late (program_id, kind, subject_id, late_at)"
                       " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                       STORE_BIND(STORE_T(item->program_id), STORE_T(item->kind),
                                  STORE_T(item->subject_id), STORE_N(now)),
                       NULL, error);
}

void coverage_register_due(struct due_registry *registry)
{
  due_register(registry, "coverage.decision", rings, NULL);
  due_register(registry, "coverage.review", rings, NULL);
  due_register(registry, "coverage.appeal", rings, NULL);
}

/* --- A program's list ------------------------------------------------------------------------ */

/* Does the access's scope reach this person? The whole program always does. */
static bool reaches(struct store_transaction *transaction, const struct access *access,
                    struct text person_id, bool *out, struct error *error)
{
  struct role_subject subject;
  *out = access->scope == SCOPE_PROGRAM;
  if (*out) return true;
  if (!care_subject_load(transaction, access->program_id, person_id, access->actor, access->now,
                         &subject, error))
    return false;
  *out = role_scope_reaches(access->scope, &subject);
  return true;
}

static bool keep_reached(struct store_transaction *transaction, const struct access *access,
                         struct coverage_open *open, struct error *error)
{
  size_t kept = 0;
  bool is_reached = false;
  for (size_t i = 0; i < open->authorization_count; i++) {
    if (!reaches(transaction, access, open->authorizations[i].person_id, &is_reached, error))
      return false;
    if (is_reached) open->authorizations[kept++] = open->authorizations[i];
  }
  open->authorization_count = kept;
  kept = 0;
  for (size_t i = 0; i < open->denial_count; i++) {
    if (!reaches(transaction, access, open->denials[i].person_id, &is_reached, error)) return false;
    if (is_reached) open->denials[kept++] = open->denials[i];
  }
  open->denial_count = kept;
  return true;
}

static bool load_late(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct coverage_open *open, struct error *error)
{
  struct text *ids = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *ids);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT subject_id FROM coverage_late WHERE program_id = $1"
                  " ORDER BY late_at, subject_id LIMIT $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    ids[found++] = record_column(arena, cursor, 0);
  store_cursor_close(cursor);
  open->late = ids;
  open->late_count = found;
  return is_read;
}

bool coverage_open_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, int64_t today, struct coverage_open *out,
                        struct error *error)
{
  const struct record_query query = {access->program_id, TEXT(""), TEXT(""), true, today};
  struct coverage_open open = {.late_count = 0};
  if (!text_equal(text_from(access->object), TEXT("coverage")) || access->person_id.length)
    return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                     "coverage: the access was not opened for a list");
  if (!authorization_rows(transaction, access, arena, &query, &open.authorizations,
                          &open.authorization_count, error) ||
      !denial_rows(transaction, access, arena, &query, &open.denials, &open.denial_count, error) ||
      !keep_reached(transaction, access, &open, error) ||
      !load_late(transaction, access, arena, &open, error))
    return false;
  *out = open;
  return true;
}
