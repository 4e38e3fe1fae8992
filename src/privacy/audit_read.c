/*
 * Reading the audit: a page of entries, newest first. It is not the check before: whoever reads has
 * come through access_open(), which wrote that reading into the audit, and audit_read() seals
 * first, so that this entry already stands on the page.
 *
 * Invariants: every reading goes down an index that holds its order (time, seq), so that it costs
 * what it shows, whatever else has been written; only of a person's and an account's entries are
 * some passed over. Threads: any.
 */
#include "privacy/audit_private.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
  "SELECT seq, at, actor_kind, account_id, actor_name, station_id, object, act, object_id,"        \
  " person_id, purpose, outcome, detail FROM audit_entry WHERE (at, seq) < ($2, $3)"
#define NEWEST " ORDER BY at DESC, seq DESC LIMIT $5"

/* One statement for each index. */
static const char by_time[] = "" COLUMNS " AND at >= $4 AND program_id = $1" NEWEST;
static const char by_person[] = "" COLUMNS " AND at >= $4 AND program_id = $1"
                                " AND person_id = $6 AND person_id <> ''"
                                " AND ($7 = '' OR account_id = $7) AND ($8 = '' OR object = $8)"
                                " AND ($9 = '' OR act = $9)" NEWEST;
static const char by_account[] = "" COLUMNS " AND at >= $4 AND program_id = $1"
                                 " AND account_id = $6 AND account_id <> ''"
                                 " AND ($7 = '' OR object = $7) AND ($8 = '' OR act = $8)" NEWEST;
static const char by_act[] = "" COLUMNS " AND (at, seq) >= ($4, $8) AND program_id = $1"
                             " AND object = $6 AND act = $7" NEWEST;

/* Where an entry stands in the order. */
struct place {
  int64_t at, seq;
};

/* A kind of entry: an object and an act that were written together. */
struct kind {
  struct text object, act;
};

/* A reading: what is asked, where it begins (only below it), and what was found. */
struct reading {
  struct store_transaction *transaction;
  struct arena *arena;
  const struct audit_query *query;
  struct place below;
  struct audit_row *rows;
  size_t count;
};

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

/* Add the rows of a cursor, which closes, until there are as many as are asked for. */
static bool read_rows(struct reading *reading, struct store_cursor *cursor, struct error *error)
{
  bool good = true, more = true;
  while (good && more && reading->count < reading->query->limit) {
    good = store_next(cursor, &more, error);
    if (good && more) read_row(reading->arena, cursor, &reading->rows[reading->count++]);
  }
  store_cursor_close(cursor);
  return good;
}

/* --- Of a time, a person, an account --------------------------------------------------------- */

static bool read_along(struct reading *reading, struct error *error)
{
  const struct audit_query *query = reading->query;
  struct store_cursor *cursor = NULL;
  const struct store_value program = STORE_T(query->program_id), at = STORE_N(reading->below.at),
                           seq = STORE_N(reading->below.seq), from = STORE_N(query->from),
                           limit = STORE_N(query->limit), account = STORE_T(query->account_id),
                           object = STORE_T(query->object), act = STORE_T(query->act);
  bool good =
      query->person_id.length
          ? store_query(reading->transaction, &cursor, by_person,
                        STORE_BIND(program, at, seq, from, limit, STORE_T(query->person_id),
                                   account, object, act),
                        error)
      : query->account_id.length
          ? store_query(reading->transaction, &cursor, by_account,
                        STORE_BIND(program, at, seq, from, limit, account, object, act), error)
          : store_query(reading->transaction, &cursor, by_time,
                        STORE_BIND(program, at, seq, from, limit), error);
  return good && read_rows(reading, cursor, error);
}

/* --- Of an object, of an act ------------------------------------------------------------------ */

/* Read the kind that a cursor's first row names, in the arena; the cursor closes. */
static bool take_kind(const struct reading *reading, struct store_cursor *cursor, struct kind *kind,
                      bool *found, struct error *error)
{
  bool good = store_next(cursor, found, error);
  if (good && *found) {
    kind->object = text_copy(reading->arena, store_column_text(cursor, 0));
    kind->act = text_copy(reading->arena, store_column_text(cursor, 1));
  }
  store_cursor_close(cursor);
  return good;
}

/* Step to the next kind behind `*kind` that the chain holds: another act of its object, else
 * another object's first. (Two statements: of a pair that is compared at once SQLite walks all that
 * equal it.) */
static bool next_kind(const struct reading *reading, struct kind *kind, bool *found,
                      struct error *error)
{
  const struct store_value program = STORE_T(reading->query->program_id);
  struct store_cursor *cursor = NULL;
  if (!store_query(reading->transaction, &cursor,
                   "SELECT object, act FROM audit_entry WHERE program_id = $1 AND object = $2"
                   " AND act > $3 ORDER BY act LIMIT 1",
                   STORE_BIND(program, STORE_T(kind->object), STORE_T(kind->act)), error) ||
      !take_kind(reading, cursor, kind, found, error))
    return false;
  if (*found) return true;
  return store_query(reading->transaction, &cursor,
                     "SELECT object, act FROM audit_entry WHERE program_id = $1 AND object > $2"
                     " ORDER BY object, act LIMIT 1",
                     STORE_BIND(program, STORE_T(kind->object)), error) &&
         take_kind(reading, cursor, kind, found, error);
}

/* The kinds that are asked for, at most LIMIT_AUDIT_KINDS, which is more than roles.csv has. */
static bool find_kinds(const struct reading *reading, struct kind *kinds, size_t *count,
                       struct error *error)
{
  const struct audit_query *query = reading->query;
  struct kind at = {query->object, TEXT("")};
  bool found = true;
  *count = 0;
  if (query->object.length && query->act.length) {
    kinds[(*count)++] = (struct kind){query->object, query->act};
    return true;
  }
  for (;;) {
    if (!next_kind(reading, &at, &found, error)) return false;
    if (!found || (query->object.length && !text_equal(at.object, query->object))) return true;
    if (query->act.length && !text_equal(at.act, query->act)) continue;
    if (*count == LIMIT_AUDIT_KINDS) return true;
    kinds[(*count)++] = at;
  }
}

static int compare_places(const void *a, const void *b)
{
  const struct place *x = a, *y = b;
  if (x->at != y->at) return x->at < y->at ? 1 : -1;
  return (x->seq < y->seq) - (x->seq > y->seq);
}

static int compare_rows(const void *a, const void *b)
{
  const struct audit_row *x = a, *y = b;
  return compare_places(&(struct place){x->at, x->seq}, &(struct place){y->at, y->seq});
}

/* Add where the newest entries of a kind stand. */
static bool add_places(const struct reading *reading, const struct kind *kind, struct place *places,
                       size_t *count, struct error *error)
{
  const struct audit_query *query = reading->query;
  struct store_cursor *cursor = NULL;
  bool more = true;
  bool good =
      store_query(reading->transaction, &cursor,
                  "SELECT at, seq FROM audit_entry WHERE program_id = $1 AND object = $5"
                  " AND act = $6 AND (at, seq) < ($2, $3) AND at >= $4"
                  " ORDER BY at DESC, seq DESC LIMIT $7",
                  STORE_BIND(STORE_T(query->program_id), STORE_N(reading->below.at),
                             STORE_N(reading->below.seq), STORE_N(query->from),
                             STORE_T(kind->object), STORE_T(kind->act), STORE_N(query->limit)),
                  error);
  while (good && (good = store_next(cursor, &more, error)) && more)
    places[(*count)++] =
        (struct place){store_column_integer(cursor, 0), store_column_integer(cursor, 1)};
  store_cursor_close(cursor);
  return good;
}

/* The oldest place that belongs on the page; false when none does. */
static bool find_oldest(const struct reading *reading, const struct kind *kinds, size_t count,
                        struct place *out, bool *found, struct error *error)
{
  size_t limit = reading->query->limit, place_count = 0;
  struct place *places = arena_allocate_array(reading->arena, 2 * limit + 1, sizeof *places);
  for (size_t i = 0; i < count; i++) {
    if (!add_places(reading, &kinds[i], places, &place_count, error)) return false;
    qsort(places, place_count, sizeof *places, compare_places);
    if (place_count > limit) place_count = limit;
  }
  *found = place_count > 0;
  if (*found) *out = places[place_count - 1];
  return true;
}

/* Each kind has an order of its own in the index: first where the page ends is found, then the rows
 * of each kind down to there. */
static bool read_kinds(struct reading *reading, struct error *error)
{
  const struct audit_query *query = reading->query;
  struct kind *kinds = arena_allocate_array(reading->arena, LIMIT_AUDIT_KINDS, sizeof *kinds);
  struct place oldest;
  size_t count;
  bool found;
  if (!find_kinds(reading, kinds, &count, error) ||
      !find_oldest(reading, kinds, count, &oldest, &found, error))
    return false;
  for (size_t i = 0; found && i < count; i++) {
    struct store_cursor *cursor = NULL;
    if (!store_query(reading->transaction, &cursor, by_act,
                     STORE_BIND(STORE_T(query->program_id), STORE_N(reading->below.at),
                                STORE_N(reading->below.seq), STORE_N(oldest.at),
                                STORE_N(query->limit), STORE_T(kinds[i].object),
                                STORE_T(kinds[i].act), STORE_N(oldest.seq)),
                     error) ||
        !read_rows(reading, cursor, error))
      return false;
  }
  qsort(reading->rows, reading->count, sizeof *reading->rows, compare_rows);
  return true;
}

/* --- All ----------------------------------------------------------------------------------------
 */

/* Where the reading begins: before the entry of a seq, and before the time that is asked for. */
static bool find_begin(struct reading *reading, struct error *error)
{
  const struct audit_query *query = reading->query;
  reading->below = (struct place){query->until > 0 ? query->until : INT64_MAX, INT64_MIN};
  if (query->before_seq <= 0) return true;
  struct store_cursor *cursor = NULL;
  bool found = false;
  bool good =
      store_query(reading->transaction, &cursor,
                  "SELECT at FROM audit_entry WHERE program_id = $1 AND seq = $2",
                  STORE_BIND(STORE_T(query->program_id), STORE_N(query->before_seq)), error) &&
      store_next(cursor, &found, error);
  if (good && found && store_column_integer(cursor, 0) < reading->below.at)
    reading->below = (struct place){store_column_integer(cursor, 0), query->before_seq};
  store_cursor_close(cursor);
  return good;
}

bool audit_read(struct store_transaction *transaction, struct arena *arena,
                const struct audit_query *query, int64_t now, struct audit_row **out, size_t *count,
                struct error *error)
{
  struct reading reading = {.transaction = transaction, .arena = arena, .query = query};
  reading.rows = arena_allocate_array(arena, query->limit + 1, sizeof *reading.rows);
  bool by_kind = !query->person_id.length && !query->account_id.length &&
                 (query->object.length || query->act.length);
  if (!audit_seal_program(transaction, query->program_id, now, error) ||
      !find_begin(&reading, error) ||
      !(by_kind ? read_kinds(&reading, error) : read_along(&reading, error)))
    return false;
  *out = reading.rows;
  *count = reading.count;
  return true;
}
