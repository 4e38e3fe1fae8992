/*
 * Board_watch: see board_watch.h. One row a session; what is out of date goes when another is
 * written.
 */
#include "admission/board_watch.h"
#include "admission/bed_private.h"

static const int64_t hour = INT64_C(3600) * 1000000;

bool board_watch_load(struct store_transaction *transaction, const struct actor *actor,
                      struct arena *arena, int64_t now, struct actor_noted *out, bool *found,
                      struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text rest = TEXT(""), each;
  size_t count = 0;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT person_ids FROM board_watch WHERE session_id = $1 AND program_id = $2"
                  " AND at > $3",
                  STORE_BIND(STORE_T(actor->session_id), STORE_T(actor->program_id),
                             STORE_N(now - LIMIT_BOARD_WATCH_HOURS * hour)),
                  error) &&
      store_next(cursor, found, error);
  if (is_read && *found) rest = bed_column(arena, cursor, 0);
  store_cursor_close(cursor);
  if (!is_read) return false;
  struct text *ids = arena_allocate_array(arena, rest.length / 2 + 1, sizeof *ids);
  while (text_word_next(&rest, &each)) ids[count++] = each;
  *out = (struct actor_noted){ids, count};
  return true;
}

/* Both lists as one, each id once. */
static void unite(struct text_buffer *out, const struct actor_noted *a, const struct actor_noted *b)
{
  for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
    int order = i == a->count ? 1 : j == b->count ? -1 : text_compare(a->ids[i], b->ids[j]);
    struct text next = order <= 0 ? a->ids[i] : b->ids[j];
    if (order <= 0) i++;
    if (order >= 0) j++;
    if (out->length) text_buffer_add_character(out, ' ');
    text_buffer_add(out, next);
  }
}

bool board_watch_add(struct store_transaction *transaction, const struct actor *actor,
                     struct arena *arena, int64_t now, const struct actor_noted *noted,
                     const struct actor_noted *shown, struct error *error)
{
  struct text_buffer buffer;
  bool is_opened = noted->count == 0;
  text_buffer_init(&buffer, LIMIT_ARENA_REQUEST / 4);
  unite(&buffer, noted, shown);
  struct text ids = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return store_execute(transaction, "DELETE FROM board_watch WHERE at <= $1",
                       STORE_BIND(STORE_N(now - LIMIT_BOARD_WATCH_HOURS * hour)), NULL, error) &&
         store_execute(
             transaction,
             "INSERT INTO board_watch (session_id, program_id, person_ids, at)"
             " VALUES ($1, $2, $3, $4) ON CONFLICT (session_id) DO UPDATE SET"
             " program_id = excluded.program_id, person_ids = excluded.person_ids,"
             " at = CASE WHEN CAST($5 AS BIGINT) = 1 THEN excluded.at ELSE board_watch.at END",
             STORE_BIND(STORE_T(actor->session_id), STORE_T(actor->program_id), STORE_T(ids),
                        STORE_N(now), STORE_N(is_opened)),
             NULL, error);
}
