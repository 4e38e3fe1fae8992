/*
 * record_due: clocks that ran out, and what is open in a program. See record.h.
 */
#include <stdlib.h>

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

/* --- A place in the list --------------------------------------------------------------------- */

struct text coverage_place_write(struct arena *arena, const struct coverage_place *place)
{
  return text_format(arena, "%lld-%.*s", (long long)place->due_on, TEXT_PRINT(place->id));
}

bool coverage_place_read(struct text text, struct coverage_place *out)
{
  struct coverage_place place;
  size_t dash = text_find(text, TEXT("-"));
  *out = (struct coverage_place){.id = TEXT("")};
  if (dash >= text.length || !text_read_integer(text_slice(text, 0, dash), &place.due_on))
    return false;
  place.id = text_slice(text, dash + 1, text.length);
  if (place.id.length != UUID_TEXT) return false;
  *out = place;
  return true;
}

/* --- A program's list ------------------------------------------------------------------------ */

/* $1 program, $2 … $6 the reach and its time, $7 today, $8 and $9 the place, $10 how many. What was
 * only asked has no last day. */
#define REACHED(row)                                                                               \
  row ".program_id = $1 AND " row ".due_on > 0"                                                    \
      " AND " CARE_LISTS("$1", row ".person_id", "$2", "$3", "$4", "$5",                           \
                         "$6") " AND " CARE_NOT_ERASED("$1", row ".person_id")
#define NOT_OVER " AND (a.to_on = 0 OR a.to_on >= $7)"
#define BEHIND(row, day, id)                                                                       \
  " AND " row ".due_on >= " day " AND (" row ".due_on > " day " OR " row ".id > " id ")"
#define LATE(kinds, row)                                                                           \
  "CASE WHEN EXISTS (SELECT 1 FROM coverage_late l WHERE l.program_id = $1 AND l.kind IN " kinds   \
  " AND l.subject_id = " row ".id) THEN 1 ELSE 0 END"

static const char select_authorizations[] = "SELECT " AUTHORIZATION_COLUMNS ", a.due_on, " LATE(
    "('coverage.decision', 'coverage.review')",
    "a") " FROM coverage_authorization a"
         " JOIN coverage_plan c ON c.program_id = a.program_id AND c.id = a.plan_id WHERE " REACHED(
             "a") NOT_OVER BEHIND("a", "$8", "$9") " ORDER BY a.due_on, a.id LIMIT $10";
static const char select_denials[] =
    "SELECT " DENIAL_COLUMNS
    ", d.due_on, " LATE("('coverage.appeal')", "d") " FROM coverage_denial d WHERE " REACHED("d")
        BEHIND("d", "$7", "$8") " ORDER BY d.due_on, d.id LIMIT $9";
static const char count_authorizations[] =
    "SELECT count(*) FROM coverage_authorization a WHERE " REACHED("a") NOT_OVER;
static const char count_denials[] = "SELECT count(*) FROM coverage_denial d WHERE " REACHED("d");

static bool may(const struct access *access, struct error *error)
{
  if (text_equal(text_from(access->object), TEXT("coverage")) && access->person_id.length == 0)
    return true;
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "coverage: the access was not opened for a list");
}

/* The parameters that all of these have. */
enum { BEGINNING = 6, BINDINGS = 10 };
static void bind(const struct access *access, struct store_value out[BINDINGS])
{
  const struct care_reach reach = care_reach_of(access);
  const struct store_value bindings[BEGINNING] = {
      STORE_T(access->program_id), STORE_N(reach.is_all),        STORE_T(reach.site_id),
      STORE_T(reach.staff_id),     STORE_T(reach.own_person_id), STORE_N(access->now)};
  for (size_t i = 0; i < BEGINNING; i++) out[i] = bindings[i];
}

static bool read_authorizations(struct arena *arena, struct store_cursor *cursor,
                                struct coverage_open *out, size_t *count, struct error *error)
{
  bool more = false, is_read;
  while ((is_read = store_next(cursor, &more, error)) && more) {
    struct coverage_authorization *row = arena_allocate(arena, sizeof *row);
    authorization_read_row(arena, cursor, row);
    out[(*count)++] = (struct coverage_open){
        .authorization = row,
        .id = row->id,
        .person_id = row->person_id,
        .due_on = store_column_integer(cursor, AUTHORIZATION_COLUMN_COUNT),
        .is_late = store_column_integer(cursor, AUTHORIZATION_COLUMN_COUNT + 1) != 0};
  }
  store_cursor_close(cursor);
  return is_read;
}

static bool read_denials(struct arena *arena, struct store_cursor *cursor,
                         struct coverage_open *out, size_t *count, struct error *error)
{
  bool more = false, is_read;
  while ((is_read = store_next(cursor, &more, error)) && more) {
    struct coverage_denial *row = arena_allocate(arena, sizeof *row);
    denial_read_row(arena, cursor, row);
    out[(*count)++] = (struct coverage_open){
        .denial = row,
        .id = row->id,
        .person_id = row->person_id,
        .due_on = store_column_integer(cursor, DENIAL_COLUMN_COUNT),
        .is_late = store_column_integer(cursor, DENIAL_COLUMN_COUNT + 1) != 0};
  }
  store_cursor_close(cursor);
  return is_read;
}

static int by_place(const void *left, const void *right)
{
  const struct coverage_open *a = left, *b = right;
  if (a->due_on != b->due_on) return a->due_on < b->due_on ? -1 : 1;
  return text_compare(a->id, b->id);
}

bool coverage_open_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, int64_t today, const struct coverage_place *after,
                        size_t limit, struct coverage_open **out, size_t *count,
                        struct error *error)
{
  struct store_value bindings[BINDINGS];
  struct store_cursor *cursor = NULL;
  struct coverage_open *rows = arena_allocate_array(arena, 2 * limit + 1, sizeof *rows);
  size_t found = 0;
  if (!may(access, error)) return false;
  bind(access, bindings);
  bindings[6] = STORE_N(today);
  bindings[7] = STORE_N(after->due_on);
  bindings[8] = STORE_T(after->id);
  bindings[9] = STORE_N(limit);
  if (!store_query(transaction, &cursor, select_authorizations, bindings, BINDINGS, error) ||
      !read_authorizations(arena, cursor, rows, &found, error))
    return false;
  for (size_t i = 6; i < 9; i++) bindings[i] = bindings[i + 1];
  if (!store_query(transaction, &cursor, select_denials, bindings, BINDINGS - 1, error) ||
      !read_denials(arena, cursor, rows, &found, error))
    return false;
  if (found) qsort(rows, found, sizeof *rows, by_place);
  *out = rows;
  *count = found < limit ? found : limit;
  return true;
}

static bool add_count(struct store_cursor *cursor, int64_t *total, struct error *error)
{
  bool more = false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read) *total += store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}

bool coverage_open_count(struct store_transaction *transaction, const struct access *access,
                         int64_t today, int64_t *out, struct error *error)
{
  struct store_value bindings[BINDINGS];
  struct store_cursor *cursor = NULL;
  int64_t total = 0;
  if (!may(access, error)) return false;
  bind(access, bindings);
  bindings[6] = STORE_N(today);
  if (!store_query(transaction, &cursor, count_authorizations, bindings, BEGINNING + 1, error) ||
      !add_count(cursor, &total, error) ||
      !store_query(transaction, &cursor, count_denials, bindings, BEGINNING, error) ||
      !add_count(cursor, &total, error))
    return false;
  *out = total;
  return true;
}
