/*
 * What is published, read back: rows as they stand, and what of them the public sees. See
 * availability.h. Not here: where the rows come from (availability.c).
 *
 * Invariant: availability_show() is pure: the same rows at the same moment give the same list.
 */
#include <stdlib.h>

#include "admission/bed_private.h"

static const int64_t hour = INT64_C(3600) * 1000000;

/* --- Reading ------------------------------------------------------------------------------- */

struct growing {
  struct arena *arena;
  struct availability *rows;
  size_t count, room;
};

static struct availability *add_row(struct growing *all)
{
  if (all->count == all->room) {
    all->room = all->room ? 2 * all->room : 64;
    struct availability *rows = arena_allocate_array(all->arena, all->room, sizeof *rows);
    for (size_t i = 0; i < all->count; i++) rows[i] = all->rows[i];
    all->rows = rows;
  }
  return &all->rows[all->count++];
}

/* Take what a query gave; closes its cursor. */
static bool take_rows(bool is_read, struct store_cursor *cursor, struct arena *arena,
                      struct availability **out, size_t *count, struct error *error)
{
  struct growing all = {.arena = arena};
  bool more = false;
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    *add_row(&all) = (struct availability){
        .program_id = bed_column(arena, cursor, 0),
        .site_id = bed_column(arena, cursor, 1),
        .facility_id = bed_column(arena, cursor, 2),
        .level_of_care = bed_column(arena, cursor, 3),
        .place_kind = bed_column(arena, cursor, 4),
        .source = bed_column(arena, cursor, 5),
        .answer = bed_column(arena, cursor, 6),
        .places = store_column_integer(cursor, 7),
        .offerable = store_column_integer(cursor, 8),
        .expected = store_column_integer(cursor, 9),
        .as_of = store_column_integer(cursor, 10),
        .changed_at = store_column_integer(cursor, 11),
    };
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all.rows;
  *count = all.count;
  return true;
}

bool availability_read(struct store_transaction *transaction, struct arena *arena, int64_t since,
                       size_t limit, struct availability **out, size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT a.program_id, a.site_id, coalesce(f.merged_into, a.facility_id), a.level_of_care,"
      " a.place_kind, a.source, a.answer, a.places, a.offerable, a.expected, a.as_of, a.changed_at"
      " FROM availability a LEFT JOIN facility f ON f.id = lower(a.facility_id)"
      " WHERE a.changed_at >= $1 ORDER BY a.changed_at, a.program_id, a.site_id, a.level_of_care,"
      " a.place_kind LIMIT $2",
      STORE_BIND(STORE_N(since), STORE_N(limit ? (int64_t)limit : INT64_MAX)), error);
  return take_rows(is_read, cursor, arena, out, count, error);
}

bool availability_of_facility(struct store_transaction *transaction, struct arena *arena,
                              struct text facility_id, struct availability **out, size_t *count,
                              struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT program_id, site_id, facility_id, level_of_care, place_kind, source, answer, places,"
      " offerable, expected, as_of, changed_at FROM availability WHERE facility_id = $1"
      " ORDER BY program_id, site_id, level_of_care, place_kind",
      STORE_BIND(STORE_T(facility_id)), error);
  return take_rows(is_read, cursor, arena, out, count, error);
}

/* --- Fading -------------------------------------------------------------------------------- */

/* The row of availability-decay.csv, and until when it holds; false past the last. */
static bool age_at(const struct beds *beds, int64_t as_of, int64_t now, size_t *row, int64_t *until)
{
  for (size_t i = 0; i < bed_code_count(beds, AVAILABILITY_DECAY); i++) {
    int64_t hours = 0;
    (void)text_read_integer(bed_code_cell(beds, AVAILABILITY_DECAY, i, "hours"), &hours);
    if (now - as_of > hours * hour) continue;
    *row = i;
    *until = as_of + hours * hour;
    return true;
  }
  return false;
}

struct text availability_age(const struct beds *beds, int64_t as_of, int64_t now)
{
  size_t row;
  int64_t until;
  return age_at(beds, as_of, now, &row, &until) ? bed_code(beds, AVAILABILITY_DECAY, row)
                                                : TEXT("");
}

/* --- What the public sees ------------------------------------------------------------------- */

static bool is_counted(const struct availability *row)
{
  return row->place_kind.length > 0;
}

/* Does it say anything of a facility? A level that is counted, and has no places, does not. */
static bool speaks(const struct availability *row)
{
  return row->facility_id.length && (!is_counted(row) || row->places > 0);
}

static int rank(struct text answer)
{
  return text_equal(answer, TEXT("yes")) ? 2 : text_equal(answer, TEXT("likely")) ? 1 : 0;
}

/* By facility and level; what is counted first; the best answer first, then the newest. */
static int in_order(const void *a, const void *b)
{
  const struct availability *x = *(const struct availability *const *)a;
  const struct availability *y = *(const struct availability *const *)b;
  int order = text_compare(x->facility_id, y->facility_id);
  if (order == 0) order = text_compare(x->level_of_care, y->level_of_care);
  if (order == 0) order = (int)is_counted(y) - (int)is_counted(x);
  if (order == 0) order = rank(y->answer) - rank(x->answer);
  return order ? order : (x->as_of < y->as_of) - (x->as_of > y->as_of);
}

/* The rows that speak and are not too old, in order. */
static const struct availability **sorted(const struct beds *beds, const struct availability *rows,
                                          size_t *count, struct arena *arena, int64_t now,
                                          int64_t *next_at)
{
  const struct availability **list = arena_allocate_array(arena, *count + 1, sizeof(void *));
  size_t kept = 0, row;
  int64_t until;
  *next_at = INT64_MAX;
  for (size_t i = 0; i < *count; i++) {
    if (!speaks(&rows[i]) || !age_at(beds, rows[i].as_of, now, &row, &until)) continue;
    list[kept++] = &rows[i];
    if (until + 1 < *next_at) *next_at = until + 1;
  }
  qsort(list, kept, sizeof(void *), in_order);
  *count = kept;
  return list;
}

/* Does what is counted go before what was told, at this age? */
static bool goes_first(const struct beds *beds, int64_t as_of, int64_t now)
{
  size_t row;
  int64_t until;
  return age_at(beds, as_of, now, &row, &until) &&
         text_equal(bed_code_cell(beds, AVAILABILITY_DECAY, row, "first"), TEXT("yes"));
}

/* Of the `count` rows of one level, in order: which one is shown. */
static const struct availability *choose(const struct beds *beds,
                                         const struct availability *const *rows, size_t count,
                                         int64_t now, bool *counts)
{
  const struct availability *told = NULL;
  int64_t newest = INT64_MIN;
  for (size_t i = 0; i < count && !told; i++) {
    if (!is_counted(rows[i])) told = rows[i];
    else if (rows[i]->as_of > newest) newest = rows[i]->as_of;
  }
  *counts = newest != INT64_MIN && goes_first(beds, newest, now);
  return *counts || !told || newest >= told->as_of ? rows[0] : told;
}

void availability_show(const struct beds *beds, const struct availability *rows, size_t count,
                       struct arena *arena, int64_t now, struct availability_shown **out,
                       size_t *shown, int64_t *next_at)
{
  const struct availability **list = sorted(beds, rows, &count, arena, now, next_at);
  struct availability_shown *all = arena_allocate_array(arena, count + 1, sizeof *all);
  size_t found = 0;
  for (size_t from = 0, to; from < count; from = to) {
    for (to = from + 1; to < count; to++)
      if (!text_equal(list[to]->facility_id, list[from]->facility_id) ||
          !text_equal(list[to]->level_of_care, list[from]->level_of_care))
        break;
    bool counts;
    const struct availability *row = choose(beds, &list[from], to - from, now, &counts);
    all[found++] = (struct availability_shown){
        .facility_id = row->facility_id,
        .level_of_care = row->level_of_care,
        .answer = row->answer,
        .source = row->source,
        .age = availability_age(beds, row->as_of, now),
        .as_of = row->as_of,
        .is_counted = counts,
    };
  }
  *out = all;
  *shown = found;
}

struct overlay *availability_overlay(const struct beds *beds, const struct availability *rows,
                                     size_t count, int64_t now, int64_t *next_at)
{
  struct arena *arena = arena_new(LIMIT_OVERLAY);
  struct availability_shown *shown;
  size_t found;
  availability_show(beds, rows, count, arena, now, &shown, &found, next_at);
  struct overlay_place *places = arena_allocate_array(arena, found + 1, sizeof *places);
  for (size_t i = 0; i < found; i++)
    places[i] = (struct overlay_place){
        .facility_id = shown[i].facility_id,
        .level_of_care = shown[i].level_of_care,
        .answer = shown[i].answer,
        .age = shown[i].age,
        .source = shown[i].source,
        .as_of = shown[i].as_of,
    };
  struct overlay *overlay = overlay_new(places, found);
  arena_free(arena);
  return overlay;
}
