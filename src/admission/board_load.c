/*
 * Board_load: rows to the board's values. See board_load.h.
 */
#include <stdlib.h>
#include <string.h>

#include "admission/bed_private.h"
#include "admission/board_load.h"

static const int64_t minute = INT64_C(60) * 1000000;

struct loading {
  struct store_transaction *transaction;
  const struct beds *beds;
  struct arena *arena;
  struct text program_id;
  struct board_query query;
  struct board_unit *units;
  struct board_bed *board_beds;
  struct board_use *uses;
  struct board board;
  int64_t discharge; /* after a day's beginning, when a planned stay ends */
};

static bool too_many(struct error *error)
{
  return error_set(error, ERROR_TOO_LARGE, "error.admission.board", "Look at one unit.",
                   "admission: more beds or uses than a board shows");
}

static int compare_units(const void *a, const void *b)
{
  const struct board_unit *x = a, *y = b;
  int order = text_compare_natural(x->name, y->name);
  return order ? order : text_compare(x->id, y->id);
}

static bool load_units(struct loading *l, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  int64_t cleaning = 0;
  l->units = arena_allocate_array(l->arena, LIMIT_CARE_SITES + 1, sizeof *l->units);
  if (!program_setting_number(l->transaction, l->beds->care, l->program_id, "bed-cleaning-minutes",
                              &cleaning, error) ||
      !store_query(l->transaction, &cursor,
                   "SELECT u.id, u.site_id, u.name, u.level_of_care, u.licensed, u.staffed,"
                   " u.closed_at, s.cleaning_minutes FROM unit u LEFT JOIN bed_unit s"
                   " ON s.program_id = u.program_id AND s.unit_id = u.id WHERE u.program_id = $1"
                   " AND ($2 = '' OR u.site_id = $2) AND ($3 = '' OR u.id = $3)"
                   " ORDER BY u.id LIMIT $4",
                   STORE_BIND(STORE_T(l->program_id), STORE_T(l->query.site_id),
                              STORE_T(l->query.unit_id), STORE_N(LIMIT_CARE_SITES + 1)),
                   error))
    return false;
  bool is_read = true;
  while ((is_read = store_next(cursor, &more, error)) && more)
    l->units[l->board.unit_count++] = (struct board_unit){
        .id = bed_column(l->arena, cursor, 0),
        .site_id = bed_column(l->arena, cursor, 1),
        .name = bed_column(l->arena, cursor, 2),
        .level_of_care = bed_column(l->arena, cursor, 3),
        .licensed = store_column_integer(cursor, 4),
        .staffed = store_column_integer(cursor, 5),
        .closed_at = store_column_integer(cursor, 6),
        .cleaning = (store_column_is_null(cursor, 7) ? cleaning : store_column_integer(cursor, 7)) *
                    minute};
  store_cursor_close(cursor);
  if (!is_read) return false;
  qsort(l->units, l->board.unit_count, sizeof *l->units, compare_units);
  return l->board.unit_count <= LIMIT_CARE_SITES || too_many(error);
}

/* By unit, room and name, a bed without a room first. */
static int compare_in_unit(const void *a, const void *b)
{
  const struct board_bed *x = a, *y = b;
  if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
  int order = text_compare_natural(x->room_name, y->room_name);
  if (!order) order = text_compare(x->room_id, y->room_id);
  if (!order) order = text_compare_natural(x->name, y->name);
  return order ? order : text_compare(x->id, y->id);
}

static size_t unit_of(const struct loading *l, struct text id)
{
  size_t unit = 0;
  while (unit < l->board.unit_count && !text_equal(l->units[unit].id, id)) unit++;
  return unit;
}

static void read_bed(struct loading *l, const struct store_cursor *cursor, size_t unit)
{
  struct board_bed *bed = &l->board_beds[l->board.bed_count++];
  size_t policy;
  *bed = (struct board_bed){
      .id = bed_column(l->arena, cursor, 0),
      .name = bed_column(l->arena, cursor, 2),
      .room_id = bed_column(l->arena, cursor, 3),
      .room_name = bed_column(l->arena, cursor, 4),
      .level_of_care = bed_column(l->arena, cursor, 5),
      .policy = bed_column(l->arena, cursor, 6),
      .funding = bed_column(l->arena, cursor, 7),
      .medicines = bed_column(l->arena, cursor, 8),
      .licensed = store_column_integer(cursor, 9) != 0,
      .staffed = store_column_integer(cursor, 10) != 0,
      .accessible = store_column_integer(cursor, 11) != 0,
      .accepts_child = store_column_integer(cursor, 12) != 0,
      .isolation = store_column_integer(cursor, 13) != 0,
      .closed_at = store_column_integer(cursor, 14),
      .version = store_column_integer(cursor, 15),
      .unit = unit,
  };
  if (!bed_code_find(l->beds, BED_POLICIES, bed->policy, &policy)) return;
  bed->groups = bed_code_cell(l->beds, BED_POLICIES, policy, "groups");
  bed->same_room =
      text_equal(bed_code_cell(l->beds, BED_POLICIES, policy, "same_room"), TEXT("yes"));
}

static bool load_beds(struct loading *l, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false, is_read = true;
  size_t unit = l->board.unit_count;
  l->board_beds = arena_allocate_array(l->arena, LIMIT_BEDS + 1, sizeof *l->board_beds);
  if (!store_query(l->transaction, &cursor,
                   "SELECT b.id, b.unit_id, b.name, b.room_id, coalesce(r.name, ''),"
                   " b.level_of_care, b.policy, b.funding, b.medicines, b.licensed, b.staffed,"
                   " b.accessible, b.accepts_child, b.isolation, b.closed_at, b.version FROM bed b"
                   " JOIN unit u ON u.program_id = b.program_id AND u.id = b.unit_id"
                   " LEFT JOIN room r ON r.program_id = b.program_id AND r.id = b.room_id"
                   " WHERE b.program_id = $1 AND ($2 = '' OR u.site_id = $2)"
                   " AND ($3 = '' OR u.id = $3) ORDER BY b.unit_id, b.id LIMIT $4",
                   STORE_BIND(STORE_T(l->program_id), STORE_T(l->query.site_id),
                              STORE_T(l->query.unit_id), STORE_N(LIMIT_BEDS + 1)),
                   error))
    return false;
  while ((is_read = store_next(cursor, &more, error)) && more) {
    struct text unit_id = store_column_text(cursor, 1);
    if (unit == l->board.unit_count || !text_equal(l->units[unit].id, unit_id))
      unit = unit_of(l, unit_id); /* those of a unit come one after the other */
    if (unit < l->board.unit_count) read_bed(l, cursor, unit);
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  qsort(l->board_beds, l->board.bed_count, sizeof *l->board_beds, compare_in_unit);
  return l->board.bed_count <= LIMIT_BEDS || too_many(error);
}

static bool read_use(struct loading *l, const struct store_cursor *cursor, size_t bed,
                     struct error *error)
{
  const struct zone *zone;
  struct board_use *use = &l->uses[l->board.use_count++];
  struct text planned = store_column_text(cursor, 13);
  int64_t day;
  *use = (struct board_use){
      .id = bed_column(l->arena, cursor, 1),
      .episode_id = bed_column(l->arena, cursor, 3),
      .request_id = bed_column(l->arena, cursor, 4),
      .person_id = bed_column(l->arena, cursor, 5),
      .hold_kind = bed_column(l->arena, cursor, 6),
      .placed_as = bed_column(l->arena, cursor, 7),
      .reason = bed_column(l->arena, cursor, 8),
      .start_at = store_column_integer(cursor, 9),
      .until_at = store_column_integer(cursor, 10),
      .expected_at = store_column_integer(cursor, 11),
      .version = store_column_integer(cursor, 12),
      .bed = bed,
  };
  (void)bed_kind_find(store_column_text(cursor, 2), &use->kind);
  if (planned.length == 0) return true;
  if (!zone_find(store_column_text(cursor, 14), &zone) &&
      !zone_find(store_column_text(cursor, 15), &zone) && !zone_find(TEXT("UTC"), &zone))
    return error_set(error, ERROR_SYSTEM, "error.care.zone", "Install tzdata.",
                     "admission: no zones");
  if (zone_day_begin(zone, planned, &day)) use->planned_end_at = day + l->discharge;
  return true;
}

static int compare_beds(const void *a, const void *b)
{
  const struct board_bed *const *x = a, *const *y = b;
  return text_compare((*x)->id, (*y)->id);
}

/* The number of a bed by its id. */
static bool find_bed(const struct board_bed *const *by_id, size_t count, struct text id,
                     const struct board_bed **out)
{
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = text_compare(by_id[middle]->id, id);
    if (order == 0) {
      *out = by_id[middle];
      return true;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

static int compare_uses(const void *a, const void *b)
{
  const struct board_use *x = a, *y = b;
  if (x->bed != y->bed) return x->bed < y->bed ? -1 : 1;
  if (x->start_at != y->start_at) return x->start_at < y->start_at ? -1 : 1;
  return x->until_at < y->until_at ? -1 : x->until_at > y->until_at;
}

static bool load_uses(struct loading *l, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false, is_read = true;
  size_t room = 256;
  const struct board_bed **by_id =
      arena_allocate_array(l->arena, l->board.bed_count + 1, sizeof *by_id);
  for (size_t i = 0; i < l->board.bed_count; i++) by_id[i] = &l->board_beds[i];
  qsort(by_id, l->board.bed_count, sizeof *by_id, compare_beds);
  l->uses = arena_allocate_array(l->arena, room, sizeof *l->uses);
  if (!store_query(
          l->transaction, &cursor,
          "SELECT t.bed_id, t.id, t.kind, t.episode_id, t.request_id, t.person_id, t.hold_kind,"
          " t.placed_as, t.reason, t.start_at, t.until_at, t.expected_at, t.version,"
          " CASE WHEN t.episode_id = '' THEN '' ELSE coalesce((SELECT max(f.value) FROM fact f"
          " WHERE f.program_id = t.program_id AND f.source_room = 'admission'"
          " AND f.source_id = t.episode_id AND f.kind = 'planned-end' AND f.until_at = 0"
          " AND f.error_at = 0), (SELECT max(f.value) FROM fact f WHERE f.program_id = t.program_id"
          " AND f.person_id = t.person_id AND f.kind = 'planned-end' AND f.source_room = 'care'"
          " AND f.since_at >= t.start_at AND f.until_at = 0 AND f.error_at = 0), '') END,"
          " s.zone, p.zone FROM bed_use t"
          " JOIN bed b ON b.program_id = t.program_id AND b.id = t.bed_id"
          " JOIN unit u ON u.program_id = b.program_id AND u.id = b.unit_id"
          " JOIN site s ON s.program_id = u.program_id AND s.id = u.site_id"
          " JOIN program p ON p.program_id = t.program_id"
          " WHERE t.program_id = $1 AND t.until_at > $2 AND t.start_at < $3"
          " AND t.until_at > t.start_at AND t.error_at = 0"
          " AND ($4 = '' OR u.site_id = $4) AND ($5 = '' OR u.id = $5) LIMIT $6",
          STORE_BIND(STORE_T(l->program_id), STORE_N(l->query.from), STORE_N(l->query.until),
                     STORE_T(l->query.site_id), STORE_T(l->query.unit_id),
                     STORE_N(LIMIT_BOARD_USES + 1)),
          error))
    return false;
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    const struct board_bed *bed;
    if (!find_bed(by_id, l->board.bed_count, store_column_text(cursor, 0), &bed)) continue;
    if (l->board.use_count == room) {
      struct board_use *wider = arena_allocate_array(l->arena, room *= 2, sizeof *wider);
      memcpy(wider, l->uses, l->board.use_count * sizeof *wider);
      l->uses = wider;
    }
    is_read = read_use(l, cursor, (size_t)(bed - l->board_beds), error);
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  qsort(l->uses, l->board.use_count, sizeof *l->uses, compare_uses);
  return l->board.use_count <= LIMIT_BOARD_USES || too_many(error);
}

bool board_load_rows(struct store_transaction *transaction, const struct beds *beds,
                     struct text program_id, struct arena *arena, const struct board_query *query,
                     struct board *out, struct error *error)
{
  struct loading l = {.transaction = transaction,
                      .beds = beds,
                      .arena = arena,
                      .program_id = program_id,
                      .query = *query};
  int64_t minutes = 0;
  if (!program_setting_number(transaction, beds->care, program_id, "bed-discharge-minute", &minutes,
                              error))
    return false;
  l.discharge = minutes * minute;
  if (!load_units(&l, error) || !load_beds(&l, error) || !load_uses(&l, error)) return false;
  l.board.units = l.units;
  l.board.beds = l.board_beds;
  l.board.uses = l.uses;
  *out = l.board;
  return true;
}

bool board_load(struct store_transaction *transaction, const struct beds *beds,
                const struct access *access, struct arena *arena, const struct board_query *query,
                struct board *out, struct error *error)
{
  struct board_query narrowed = *query;
  struct text own = bed_scope_site(access);
  if (!bed_may(transaction, access, "bed-board", "read", query->site_id, TEXT(""), error))
    return false;
  if (own.length) narrowed.site_id = own;
  return board_load_rows(transaction, beds, access->program_id, arena, &narrowed, out, error);
}

bool board_revision(struct store_transaction *transaction, struct arena *arena,
                    struct text program_id, int64_t now, struct text *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT coalesce((SELECT max(changed_at) FROM bed_use WHERE program_id = $1), 0),"
                  " coalesce((SELECT max(until_at) FROM bed_use WHERE program_id = $1"
                  " AND until_at <= $2), 0),"
                  " coalesce((SELECT max(changed_at) FROM bed WHERE program_id = $1), 0),"
                  " coalesce((SELECT max(changed_at) FROM unit WHERE program_id = $1), 0)",
                  STORE_BIND(STORE_T(program_id), STORE_N(now)), error) &&
      store_next(cursor, &more, error);
  if (is_read)
    *out = text_format(arena, "%llx-%llx-%llx-%llx",
                       (unsigned long long)store_column_integer(cursor, 0),
                       (unsigned long long)store_column_integer(cursor, 1),
                       (unsigned long long)store_column_integer(cursor, 2),
                       (unsigned long long)store_column_integer(cursor, 3));
  store_cursor_close(cursor);
  return is_read;
}

bool board_window(struct store_transaction *transaction, const struct beds *beds,
                  struct text program_id, int64_t *out, struct error *error)
{
  int64_t minutes = 0;
  if (!program_setting_number(transaction, beds->care, program_id, "bed-arrival-window-minutes",
                              &minutes, error))
    return false;
  *out = minutes * minute;
  return true;
}
