/*
 * Arrival: stays that began within a time, over all people. See episode.h. No state; any thread.
 */
#include "care/care_private.h"

static const char arrivals[] =
    "SELECT e.id, e.person_id, e.status, e.site_id, e.unit_id, e.level_of_care, e.begun_at,"
    " e.ended_at FROM episode e JOIN person p ON p.program_id = e.program_id AND p.id ="
    " e.person_id WHERE e.program_id = $1 AND e.begun_at >= $2 AND e.begun_at <= $3"
    " AND e.begun_at > 0 AND p.erase_at = 0 AND ($4 = '' OR e.site_id = $4) AND " CARE_REACHES(
        "e.program_id", "e.person_id", "$5", "$6", "$7", "$8",
        "$9") " ORDER BY e.begun_at DESC, e.id DESC LIMIT $10";

static bool query(struct store_transaction *transaction, const struct access *access, int64_t from,
                  int64_t until, size_t limit, struct store_cursor **cursor, struct error *error)
{
  const struct care_reach reach = care_reach_of(access);
  return store_query(transaction, cursor, arrivals,
                     STORE_BIND(STORE_T(access->program_id), STORE_N(from), STORE_N(until),
                                STORE_T(access->actor->site_id), STORE_N(reach.is_all),
                                STORE_T(reach.site_id), STORE_T(reach.staff_id),
                                STORE_T(reach.own_person_id), STORE_N(access->now),
                                STORE_N(limit + 1)),
                     error);
}

bool episode_arrivals(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, int64_t from, int64_t until, size_t limit,
                      struct episode **out, size_t *count, bool *more, struct error *error)
{
  if (!care_may(access, "episode", "read", TEXT(""), error)) return false;
  struct episode *episodes = arena_allocate_array(arena, limit + 1, sizeof *episodes);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool is_there = false;
  bool is_read = query(transaction, access, from, until, limit, &cursor, error);
  while (is_read && (is_read = store_next(cursor, &is_there, error)) && is_there)
    episodes[found++] = (struct episode){
        .id = care_column(arena, cursor, 0),
        .person_id = care_column(arena, cursor, 1),
        .status = care_column(arena, cursor, 2),
        .site_id = care_column(arena, cursor, 3),
        .unit_id = care_column(arena, cursor, 4),
        .level_of_care = care_column(arena, cursor, 5),
        .begun_at = store_column_integer(cursor, 6),
        .ended_at = store_column_integer(cursor, 7),
    };
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = episodes;
  *more = found > limit;
  *count = *more ? limit : found;
  return true;
}
