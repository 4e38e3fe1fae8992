/*
 * Clock: the list of clocks, narrowed. See clock.h. Not here: setting and firing (store/due.h).
 */
#include "care/clock.h"

#include "care/care_private.h"

/* $1 program, $2 time, $3 … $7 the reach, $8 whether clocks about nobody are within it. */
#define WITHIN                                                                                     \
  " FROM due d WHERE d.program_id = $1 AND (d.person_id <> '' AND " CARE_REACHES(                  \
      "d.program_id", "d.person_id", "$3", "$4", "$5", "$6",                                       \
      "$7") " OR d.person_id = '' AND (d.subject_id = $5 OR CAST($8 AS BIGINT) = 1 AND ("          \
            "CAST($3 AS BIGINT) = 1 OR NOT EXISTS (SELECT 1 FROM staff_site f WHERE f.program_id " \
            "= $1"                                                                                 \
            " AND f.staff_id = d.subject_id) OR EXISTS (SELECT 1 FROM staff_site g WHERE "         \
            "g.program_id = $1"                                                                    \
            " AND g.staff_id = d.subject_id AND g.site_id = $4))))"

static const char listed[] =
    "SELECT d.program_id, d.kind, d.subject_id, d.at, d.attempts, d.person_id" WITHIN
    " AND d.at <= $2 ORDER BY d.at, d.kind, d.subject_id LIMIT $9";
static const char counted[] = "SELECT count(*)" WITHIN " AND d.at < $2";

/* As listed[] binds them; counted[] takes all but the last. */
enum { BINDINGS = 9 };
static void bind(const struct access *access, int64_t at, size_t limit,
                 struct store_value out[BINDINGS])
{
  const struct care_reach reach = care_reach_of(access);
  const struct store_value bindings[BINDINGS] = {STORE_T(access->program_id),
                                                 STORE_N(at),
                                                 STORE_N(reach.is_all),
                                                 STORE_T(reach.site_id),
                                                 STORE_T(reach.staff_id),
                                                 STORE_T(reach.own_person_id),
                                                 STORE_N(access->now),
                                                 STORE_N(access->scope >= SCOPE_SITE),
                                                 STORE_N(limit)};
  for (size_t i = 0; i < BINDINGS; i++) out[i] = bindings[i];
}

bool care_clock_list(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, int64_t until, size_t limit, struct due_item **out,
                     size_t *count, struct error *error)
{
  struct store_value bindings[BINDINGS];
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!care_may(access, "due", "read", TEXT(""), error)) return false;
  struct due_item *items = arena_allocate_array(arena, limit + 1, sizeof *items);
  bind(access, until, limit, bindings);
  bool is_read = store_query(transaction, &cursor, listed, bindings, BINDINGS, error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    items[found++] = (struct due_item){.program_id = care_column(arena, cursor, 0),
                                       .kind = care_column(arena, cursor, 1),
                                       .subject_id = care_column(arena, cursor, 2),
                                       .at = store_column_integer(cursor, 3),
                                       .attempts = store_column_integer(cursor, 4),
                                       .person_id = care_column(arena, cursor, 5)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = items;
  *count = found;
  return true;
}

bool care_clock_count_late(struct store_transaction *transaction, const struct access *access,
                           int64_t before, int64_t *out, struct error *error)
{
  struct store_value bindings[BINDINGS];
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!care_may(access, "due", "read", TEXT(""), error)) return false;
  bind(access, before, 0, bindings);
  bool is_read = store_query(transaction, &cursor, counted, bindings, BINDINGS - 1, error) &&
                 store_next(cursor, &more, error);
  if (is_read) *out = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}
