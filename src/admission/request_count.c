/*
 * Request count: how many are open and how many are late, for whoever begins their day. It opens no
 * record and names nobody. See request.h.
 */
#include "admission/request_private.h"

/* The counts of each urgency that has any. */
static bool read_counts(struct store_transaction *transaction, const struct access *access,
                        struct request_count *all, size_t count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT urgency, count(*), sum(CASE WHEN answered_at = 0 THEN 1 ELSE 0 END),"
      " sum(CASE WHEN answered_at = 0 AND answer_by < $3 THEN 1 ELSE 0 END) FROM request"
      " WHERE program_id = $1 AND ended_at = 0 AND ($2 = '' OR site_id = $2) GROUP BY urgency",
      STORE_BIND(STORE_T(access->program_id), STORE_T(request_site_of(access)),
                 STORE_N(access->now)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    for (size_t i = 0; i < count; i++)
      if (text_equal(all[i].urgency, store_column_text(cursor, 0)))
        all[i] = (struct request_count){all[i].urgency, store_column_integer(cursor, 1),
                                        store_column_integer(cursor, 2),
                                        store_column_integer(cursor, 3)};
  store_cursor_close(cursor);
  return is_read;
}

bool request_count(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, struct request_count **out,
                   size_t *count, struct error *error)
{
  if (!request_may_list(access, "read", error)) return false;
  if (access->person_id.length)
    return access_refuse(access, access->person_id, "error.403.text", error);
  size_t found = request_code_count(requests->rules, REQUEST_URGENCIES);
  struct request_count *all = arena_allocate_array(arena, found + 1, sizeof *all);
  for (size_t i = 0; i < found; i++)
    all[i].urgency = request_code(requests->rules, REQUEST_URGENCIES, i);
  if (!read_counts(transaction, access, all, found, error)) return false;
  *out = all;
  *count = found;
  return true;
}
