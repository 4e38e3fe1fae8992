/*
 * Waitlist capacity: the notice to the State when so many places are taken. See waitlist_entry.h.
 *
 * Invariant: of each kind of places at most one notice is open. A notice that was reached is owed
 * also when places are free again before it was told.
 */
#include <string.h>

#include "admission/request_private.h"
#include "admission/waitlist_entry.h"

/* Whoever may change the program is told. */
static bool tell_program(struct store_transaction *transaction, const struct requests *requests,
                         struct text program_id, struct arena *arena, struct text key, int64_t now,
                         struct error *error)
{
  const struct roles *roles = requests->privacy->roles;
  for (size_t i = 0; i < roles_count(roles); i++) {
    struct text role = roles_name(roles, i);
    struct text staff[LIMIT_REQUEST_STEPS];
    struct store_cursor *cursor = NULL;
    size_t count = 0;
    bool more = false;
    if (roles_scope(roles, role, TEXT("program"), TEXT("write")) != SCOPE_PROGRAM) continue;
    bool is_read = store_query(
        transaction, &cursor,
        "SELECT DISTINCT a.staff_id FROM account a JOIN account_role r ON r.account_id = a.id"
        " WHERE r.program_id = $1 AND r.role = $2 AND a.staff_id <> '' ORDER BY a.staff_id LIMIT "
        "$3",
        STORE_BIND(STORE_T(program_id), STORE_T(role), STORE_N(LIMIT_REQUEST_STEPS)), error);
    while (is_read && (is_read = store_next(cursor, &more, error)) && more)
      staff[count++] = request_column(arena, cursor, 0);
    store_cursor_close(cursor);
    for (size_t j = 0; is_read && j < count; j++)
      is_read = request_tell(transaction, requests, program_id, arena, staff[j], key, now, error);
    if (!is_read) return false;
  }
  return true;
}

static bool begin_notice(struct store_transaction *transaction, const struct requests *requests,
                         const struct access *access, struct arena *arena, struct text places,
                         int64_t taken, int64_t capacity, struct error *error)
{
  struct text id = request_new_id(arena, access->now);
  int64_t due_at = capacity_notice_due(requests->rules, access->now), changed = 0;
  if (!store_execute(transaction,
                     "INSERT INTO capacity_notice (program_id, id, places, reached_at, taken,"
                     " capacity, due_at, late_at, told_at, account_id, over_at) VALUES ($1, $2, $3,"
                     " $4, $5, $6, $7, 0, 0, '', 0) ON CONFLICT DO NOTHING",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(places),
                                STORE_N(access->now), STORE_N(taken), STORE_N(capacity),
                                STORE_N(due_at)),
                     &changed, error))
    return false;
  return changed == 0 ||
         (due_set(transaction, access->program_id, "capacity.notice", id, TEXT(""), due_at,
                  error) &&
          tell_program(transaction, requests, access->program_id, arena,
                       text_format(arena, "capacity %.*s", TEXT_PRINT(id)), access->now, error));
}

bool capacity_consider(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *access, struct arena *arena, const char *places,
                       int64_t taken, int64_t capacity, struct error *error)
{
  if (capacity_is_reached(requests->rules, taken, capacity))
    return begin_notice(transaction, requests, access, arena, text_from(places), taken, capacity,
                        error);
  return store_execute(
      transaction,
      "UPDATE capacity_notice SET over_at = $3 WHERE program_id = $1"
      " AND places = $2 AND over_at = 0",
      STORE_BIND(STORE_T(access->program_id), STORE_T(text_from(places)), STORE_N(access->now)),
      NULL, error);
}

bool capacity_notice_list(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct capacity_notice **out, size_t *count,
                          struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!request_may_list(access, "read", error)) return false;
  struct capacity_notice *all = arena_allocate_array(arena, LIMIT_REQUEST_SHOWN, sizeof *all);
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, places, reached_at, taken, capacity, due_at, late_at, told_at, over_at"
      " FROM capacity_notice WHERE program_id = $1 ORDER BY CASE WHEN told_at = 0 THEN 0 ELSE 1"
      " END, reached_at DESC, id LIMIT $2",
      STORE_BIND(STORE_T(access->program_id), STORE_N(LIMIT_REQUEST_SHOWN)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] = (struct capacity_notice){.id = request_column(arena, cursor, 0),
                                            .places = request_column(arena, cursor, 1),
                                            .reached_at = store_column_integer(cursor, 2),
                                            .taken = store_column_integer(cursor, 3),
                                            .capacity = store_column_integer(cursor, 4),
                                            .due_at = store_column_integer(cursor, 5),
                                            .late_at = store_column_integer(cursor, 6),
                                            .told_at = store_column_integer(cursor, 7),
                                            .over_at = store_column_integer(cursor, 8)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}

bool capacity_notice_tell(struct store_transaction *transaction, const struct access *access,
                          struct text id, struct error *error)
{
  int64_t changed = 0;
  return request_may_list(access, "write", error) &&
         store_execute(transaction,
                       "UPDATE capacity_notice SET told_at = $3, account_id = $4"
                       " WHERE program_id = $1 AND id = $2 AND told_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now),
                                  STORE_T(access->actor->account_id)),
                       &changed, error) &&
         request_saved(changed, error) &&
         due_clear(transaction, access->program_id, "capacity.notice", id, error);
}

bool capacity_rings(struct store_transaction *transaction, void *context,
                    const struct due_item *item, int64_t now, struct error *error)
{
  const struct requests *requests = context;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  int64_t changed = 0;
  bool is_done =
      store_execute(transaction,
                    "UPDATE capacity_notice SET late_at = $3 WHERE program_id = $1 AND id = $2"
                    " AND told_at = 0 AND late_at = 0",
                    STORE_BIND(STORE_T(item->program_id), STORE_T(item->subject_id), STORE_N(now)),
                    &changed, error);
  if (is_done && changed)
    is_done = tell_program(transaction, requests, item->program_id, arena,
                           text_format(arena, "capacity %.*s late", TEXT_PRINT(item->subject_id)),
                           now, error);
  arena_free(arena);
  return is_done;
}
