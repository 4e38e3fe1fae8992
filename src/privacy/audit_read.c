/*
 * Reading the audit: a page of entries, newest first. It is not the check before: whoever reads has
 * come through access_open(), which wrote that reading into the audit, and audit_read() seals
 * first, so that this entry already stands on the page. Threads: any.
 */
#include "privacy/audit_private.h"

#include <string.h>

#define COLUMNS                                                                                    \
  "SELECT seq, at, actor_kind, account_id, actor_name, station_id, object, act, object_id,"        \
  " person_id, purpose, outcome, detail FROM audit_entry WHERE seq < $2 AND at >= $3 AND at < $4"  \
  " AND ($5 = '' OR object = $5) AND ($6 = '' OR act = $6)"

/* One statement for each index. (program_id || '' keeps the chain's own index out.) */
static const char by_person[] = "" COLUMNS " AND program_id || '' = $1 AND person_id = $8"
                                " AND person_id <> '' AND ($9 = '' OR account_id = $9)"
                                " ORDER BY seq DESC LIMIT $7";
static const char by_account[] = "" COLUMNS " AND program_id || '' = $1 AND account_id = $8"
                                 " AND account_id <> '' ORDER BY seq DESC LIMIT $7";
static const char by_seq[] = "" COLUMNS " AND program_id = $1 AND seq >= $8"
                             " ORDER BY seq DESC LIMIT $7";

/* A reading: what is asked, and where it stands. A chain has no gaps, so that one without a person
 * or an account is walked in windows of seq, each longer than the one before. */
struct reading {
  const struct audit_query *query;
  int64_t before, window;
  struct audit_row *rows;
  size_t count;
};

static bool begin(struct store_transaction *transaction, const struct reading *reading,
                  struct store_cursor **out, struct error *error)
{
  const struct audit_query *query = reading->query;
  const struct store_value bindings[9] = {
      STORE_T(query->program_id),
      STORE_N(reading->before),
      STORE_N(query->from),
      STORE_N(query->until > 0 ? query->until : INT64_MAX),
      STORE_T(query->object),
      STORE_T(query->act),
      STORE_N(query->limit - reading->count),
      query->person_id.length    ? STORE_T(query->person_id)
      : query->account_id.length ? STORE_T(query->account_id)
                                 : STORE_N(reading->before - reading->window),
      STORE_T(query->account_id),
  };
  if (query->person_id.length) return store_query(transaction, out, by_person, bindings, 9, error);
  if (query->account_id.length)
    return store_query(transaction, out, by_account, bindings, 8, error);
  return store_query(transaction, out, by_seq, bindings, 8, error);
}

static void read_row(struct arena *arena, const struct store_cursor *cursor, struct audit_row *out)
{
  struct text *const texts[] = {&out->actor_kind, &out->account_id, &out->actor_name,
                                &out->station_id, &out->object,     &out->act,
                                &out->object_id,  &out->person_id,  &out->purpose,
                                &out->outcome,    &out->detail};
  out->seq = store_column_integer(cursor, 0);
  out->at = store_column_integer(cursor, 1);
  for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
    *texts[i] = text_copy(arena, store_column_text(cursor, 2 + i));
}

static bool read_window(struct store_transaction *transaction, struct arena *arena,
                        struct reading *reading, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = true, good = begin(transaction, reading, &cursor, error);
  while (good && more && reading->count < reading->query->limit) {
    good = store_next(cursor, &more, error);
    if (good && more) read_row(arena, cursor, &reading->rows[reading->count++]);
  }
  store_cursor_close(cursor);
  return good;
}

bool audit_read(struct store_transaction *transaction, struct arena *arena,
                const struct audit_query *query, int64_t now, struct audit_row **out, size_t *count,
                struct error *error)
{
  enum { FIRST_WINDOW = 1000 };
  unsigned char hash[AUDIT_HASH];
  int64_t head = 0;
  if (!audit_seal_program(transaction, query->program_id, now, error) ||
      !audit_head_read(transaction, query->program_id, &head, hash, error))
    return false;
  bool is_walked = !query->person_id.length && !query->account_id.length;
  struct reading reading = {.query = query, .before = head + 1, .window = FIRST_WINDOW};
  reading.rows = arena_allocate_array(arena, query->limit + 1, sizeof *reading.rows);
  if (query->before_seq > 0 && query->before_seq < reading.before)
    reading.before = query->before_seq;
  while (reading.before > 1 && reading.count < query->limit) {
    if (!read_window(transaction, arena, &reading, error)) return false;
    if (!is_walked) break;
    reading.before -= reading.window;
    reading.window *= 4;
  }
  *out = reading.rows;
  *count = reading.count;
  return true;
}
