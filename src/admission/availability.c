/*
 * Availability: rows for the finder, of beds. See availability.h; of slots: availability_slots.c.
 *
 * Invariant: a census row is what board_at() says of the site's timeline at the time of the last
 * act or clock; no count comes from anywhere else.
 */
#include "admission/bed_private.h"

static const char clock_kind[] = "availability.derive";
static const int64_t day = INT64_C(86400) * 1000000;

/* --- Counting ------------------------------------------------------------------------------ */

struct level_count {
  struct text level_of_care;
  int64_t beds, offerable, expected;
};
struct derived {
  struct level_count *levels;
  size_t count;
  int64_t next_at; /* when time alone changes it; BOARD_OPEN: never */
};

static struct level_count *level_of(struct derived *derived, struct text level)
{
  for (size_t i = 0; i < derived->count; i++)
    if (text_equal(derived->levels[i].level_of_care, level)) return &derived->levels[i];
  derived->levels[derived->count] = (struct level_count){.level_of_care = level};
  return &derived->levels[derived->count++];
}

/* Beds that may be offered, by level: of each unit no more than its cap leaves. */
static void count_levels(struct derived *derived, const struct board *board,
                         const struct board_place *places, const struct board_count *counts,
                         bool is_now)
{
  for (size_t from = 0, to; from < board->bed_count; from = to) {
    size_t unit = board->beds[from].unit;
    size_t left =
        counts[unit].cap > counts[unit].in_use ? counts[unit].cap - counts[unit].in_use : 0;
    for (to = from; to < board->bed_count && board->beds[to].unit == unit; to++) {
      struct level_count *level = level_of(derived, board->beds[to].level_of_care);
      if (is_now && places[to].state != BED_STATE_CLOSED) level->beds++;
      if (places[to].why || left == 0) continue;
      if (is_now) level->offerable++;
      else level->expected++;
      left--;
    }
  }
}

static void earliest(int64_t *next, int64_t at, int64_t now)
{
  if (at > now && at < *next) *next = at;
}

static void count_all(struct arena *arena, const struct board *board,
                      const struct board_moment *moment, struct derived *derived)
{
  struct board_place *places = arena_allocate_array(arena, board->bed_count + 1, sizeof *places);
  struct board_count *counts = arena_allocate_array(arena, board->unit_count + 1, sizeof *counts);
  struct board_moment later = {moment->now + day, moment->now, moment->window, true};
  derived->levels = arena_allocate_array(arena, board->bed_count + 1, sizeof *derived->levels);
  board_at(board, moment, places, counts);
  count_levels(derived, board, places, counts, true);
  board_at(board, &later, places, counts);
  count_levels(derived, board, places, counts, false);
  derived->next_at = BOARD_OPEN;
  for (size_t i = 0; i < board->use_count; i++) {
    const struct board_use *use = &board->uses[i];
    earliest(&derived->next_at, use->start_at - moment->window, moment->now);
    earliest(&derived->next_at, use->start_at, moment->now);
    earliest(&derived->next_at, use->until_at, moment->now);
    int64_t planned = use->planned_end_at + board->units[board->beds[use->bed].unit].cleaning;
    if (use->planned_end_at) earliest(&derived->next_at, planned - day, moment->now);
  }
}

/* --- Publishing ---------------------------------------------------------------------------- */

static bool write_level(struct store_transaction *transaction, struct text program_id,
                        struct text site_id, const struct level_count *level, int64_t now,
                        bool is_seen, struct error *error)
{
  struct text answer = level->offerable > 0  ? TEXT("yes")
                       : level->expected > 0 ? TEXT("likely")
                                             : TEXT("no");
  return store_execute(
      transaction,
      "INSERT INTO availability (program_id, site_id, level_of_care, place_kind, facility_id,"
      " source, answer, places, offerable, expected, as_of, changed_at) SELECT $1, $2, $3, 'bed',"
      " CASE WHEN s.closed_at = 0 THEN s.facility_id ELSE '' END, 'census', $4, $5, $6, $7, $8, $8"
      " FROM site s WHERE s.program_id = $1 AND s.id = $2"
      " ON CONFLICT (program_id, site_id, level_of_care, place_kind) DO UPDATE SET"
      " facility_id = excluded.facility_id, answer = excluded.answer, places = excluded.places,"
      " offerable = excluded.offerable, expected = excluded.expected,"
      " as_of = CASE WHEN CAST($9 AS BIGINT) = 1 THEN excluded.as_of ELSE availability.as_of END,"
      " changed_at = excluded.changed_at",
      STORE_BIND(STORE_T(program_id), STORE_T(site_id), STORE_T(level->level_of_care),
                 STORE_T(answer), STORE_N(level->beds), STORE_N(level->offerable),
                 STORE_N(level->expected), STORE_N(now), STORE_N(is_seen)),
      NULL, error);
}

/* Levels that the site no longer has. */
static bool clear_levels(struct store_transaction *transaction, struct text program_id,
                         struct text site_id, int64_t now, struct error *error)
{
  return store_execute(
      transaction,
      "UPDATE availability SET answer = 'no', places = 0, offerable = 0, expected = 0,"
      " changed_at = $3 WHERE program_id = $1 AND site_id = $2 AND place_kind = 'bed'"
      " AND places > 0"
      " AND level_of_care NOT IN (SELECT b.level_of_care FROM bed b JOIN unit u"
      " ON u.program_id = b.program_id AND u.id = b.unit_id WHERE b.program_id = $1"
      " AND u.site_id = $2)",
      STORE_BIND(STORE_T(program_id), STORE_T(site_id), STORE_N(now)), NULL, error);
}

bool availability_derive(struct store_transaction *transaction, const struct beds *beds,
                         struct arena *arena, struct text program_id, struct text site_id,
                         int64_t now, bool is_seen, struct error *error)
{
  struct board_query query = {.site_id = site_id, .from = now, .until = BOARD_OPEN};
  struct board_moment moment = {.at = now, .now = now};
  struct derived derived = {.count = 0};
  struct board board;
  if (!board_window(transaction, beds, program_id, &moment.window, error) ||
      !board_load_rows(transaction, beds, program_id, arena, &query, &board, error))
    return false;
  count_all(arena, &board, &moment, &derived);
  for (size_t i = 0; i < derived.count; i++)
    if (!write_level(transaction, program_id, site_id, &derived.levels[i], now, is_seen, error))
      return false;
  return clear_levels(transaction, program_id, site_id, now, error) &&
         (derived.next_at == BOARD_OPEN
              ? due_clear(transaction, program_id, clock_kind, site_id, error)
              : due_set(transaction, program_id, clock_kind, site_id, TEXT(""), derived.next_at,
                        error));
}

bool availability_confirm(struct store_transaction *transaction, const struct beds *beds,
                          const struct access *access, struct arena *arena, struct text site_id,
                          struct error *error)
{
  return bed_may(transaction, access, "bed-board", "write", site_id, TEXT(""), error) &&
         availability_derive(transaction, beds, arena, access->program_id, site_id, access->now,
                             true, error);
}

bool availability_rings(struct store_transaction *transaction, void *context,
                        const struct due_item *item, int64_t now, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool is_done =
      availability_derive(transaction, context, arena, item->program_id, item->subject_id, now,
                          false, error) &&
      availability_derive_slots(transaction, item->program_id, item->subject_id, now, false, error);
  arena_free(arena);
  return is_done;
}
