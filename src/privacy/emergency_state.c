/*
 * emergency_state: is an emergency access open for this actor and person? Asked by access_open() at
 * every door, so it reads one index and opens nothing that is sealed.
 */
#include "privacy/emergency.h"

static bool find(struct store_transaction *transaction, const struct actor *actor,
                 struct text person_id, int64_t now, struct arena *arena, struct text *id,
                 int64_t *ends_at, struct error *error)
{
  struct store_cursor *row = NULL;
  bool more = false;
  *id = TEXT("");
  if (text_is_empty(actor->account_id)) return true;
  if (!store_query(transaction, &row,
                   "SELECT id, ends_at FROM emergency_access WHERE program_id = $1 "
                   "AND person_id = $2 AND account_id = $3 AND ends_at > $4 AND at <= $4 "
                   "AND ended_at = 0 ORDER BY ends_at DESC LIMIT 1",
                   STORE_BIND(STORE_T(actor->program_id), STORE_T(person_id),
                              STORE_T(actor->account_id), STORE_N(now)),
                   error))
    return false;
  bool is_read = store_next(row, &more, error);
  if (is_read && more) {
    *id = text_copy(arena, store_column_text(row, 0));
    *ends_at = store_column_integer(row, 1);
  }
  store_cursor_close(row);
  return is_read;
}

bool emergency_find_open(struct store_transaction *transaction, const struct actor *actor,
                         struct text person_id, int64_t now, struct arena *arena, struct text *id,
                         struct error *error)
{
  int64_t ends_at = 0;
  return find(transaction, actor, person_id, now, arena, id, &ends_at, error);
}

bool emergency_is_open(struct store_transaction *transaction, const struct actor *actor,
                       struct text person_id, int64_t now, bool *out, int64_t *ends_at,
                       struct error *error)
{
  struct arena *arena = arena_new(LIMIT_CONSENT_CHECK);
  struct text id;
  int64_t until = 0;
  bool is_read = find(transaction, actor, person_id, now, arena, &id, &until, error);
  if (is_read) {
    *out = !text_is_empty(id);
    *ends_at = until;
  }
  arena_free(arena);
  return is_read;
}
