/*
 * Team: who looks after whom. See staff.h.
 */
#include "care/care_private.h"

bool care_team_add(struct store_transaction *transaction, const struct care *care,
                   const struct access *access, struct arena *arena,
                   struct care_team_member *member, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct field_problems problems = {.count = 0};
  bool has_staff = false, is_there = false;
  if (!care_may(access, "episode", "write", member->person_id, error)) return false;
  care_check_code(care, &problems, "role", CARE_TEAM_ROLES, member->role, true);
  if (member->until_at && member->until_at < member->from_at)
    field_problem_add(&problems, "until", "error.care.order");
  if (!care_refuse(&problems, error) ||
      !care_any(
          store_query(transaction, &cursor, "SELECT 1 FROM staff WHERE program_id = $1 AND id = $2",
                      STORE_BIND(STORE_T(access->program_id), STORE_T(member->staff_id)), error),
          &cursor, &has_staff, error) ||
      !care_any(store_query(transaction, &cursor,
                            "SELECT 1 FROM care_team WHERE program_id = $1 AND person_id = $2"
                            " AND staff_id = $3 AND role = $4 AND (until_at = 0 OR until_at > $5)"
                            " AND (CAST($6 AS BIGINT) = 0 OR from_at < $6)",
                            STORE_BIND(STORE_T(access->program_id), STORE_T(member->person_id),
                                       STORE_T(member->staff_id), STORE_T(member->role),
                                       STORE_N(member->from_at), STORE_N(member->until_at)),
                            error),
                &cursor, &is_there, error))
    return false;
  if (!has_staff)
    return error_set(error, ERROR_REFUSED, "error.care.staff", "", "care: no such staff member");
  if (is_there)
    return error_set(error, ERROR_CONFLICT, "error.care.team", "", "care: in the team already");
  struct text id = care_new_id(arena, access->now);
  if (!store_execute(transaction,
                     "INSERT INTO care_team (program_id, id, person_id, staff_id, role, from_at,"
                     " until_at, made_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id),
                                STORE_T(member->person_id), STORE_T(member->staff_id),
                                STORE_T(member->role), STORE_N(member->from_at),
                                STORE_N(member->until_at), STORE_N(access->now)),
                     NULL, error))
    return false;
  member->id = id;
  member->version = 1;
  return true;
}

bool care_team_end(struct store_transaction *transaction, const struct access *access,
                   struct text id, int64_t until_at, int64_t version, struct error *error)
{
  struct arena *arena = arena_new(4096);
  struct store_cursor *cursor = NULL;
  struct text person = TEXT("");
  bool more = false;
  int64_t from_at = 0, changed = 0;
  bool is_done =
      store_query(transaction, &cursor,
                  "SELECT person_id, from_at FROM care_team WHERE program_id = $1 AND id = $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
      store_next(cursor, &more, error);
  if (is_done && more) {
    person = care_column(arena, cursor, 0);
    from_at = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  if (is_done && !more)
    is_done = error_set(error, ERROR_NOT_FOUND, "error.care.fact", "", "care: no such team row");
  is_done = is_done && care_may_row(transaction, access, "episode", "write", person, error);
  if (is_done && until_at < from_at)
    is_done = error_set(error, ERROR_REFUSED, "error.care.order", "", "care: the end comes first");
  is_done = is_done &&
            store_execute(transaction,
                          "UPDATE care_team SET until_at = $3, version = version + 1"
                          " WHERE program_id = $1 AND id = $2 AND version = $4",
                          STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(until_at),
                                     STORE_N(version)),
                          &changed, error) &&
            care_saved(changed, error);
  arena_free(arena);
  return is_done;
}

bool care_team_list(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text person_id, struct care_team_member **out,
                    size_t *count, struct error *error)
{
  if (!care_may(access, "episode", "read", person_id, error)) return false;
  struct care_team_member *members = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *members);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"
      " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1)"
      " SELECT t.id, t.person_id, t.staff_id, s.name, t.role, t.from_at, t.until_at, t.version"
      " FROM care_team t JOIN staff s ON s.program_id = t.program_id AND s.id = t.staff_id"
      " WHERE t.program_id = $1 AND t.person_id IN (SELECT id FROM same)"
      " ORDER BY t.from_at DESC, t.id DESC LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(person_id), STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    members[found++] = (struct care_team_member){
        .id = care_column(arena, cursor, 0),
        .person_id = care_column(arena, cursor, 1),
        .staff_id = care_column(arena, cursor, 2),
        .staff_name = care_column(arena, cursor, 3),
        .role = care_column(arena, cursor, 4),
        .from_at = store_column_integer(cursor, 5),
        .until_at = store_column_integer(cursor, 6),
        .version = store_column_integer(cursor, 7),
    };
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = members;
  *count = found;
  return true;
}

/* --- Caseloads ----------------------------------------------------------------------------- */

static const char caseload[] =
    "SELECT t.id, t.person_id, t.staff_id, t.role, t.from_at, t.until_at, t.version"
    " FROM care_team t JOIN person p ON p.program_id = t.program_id AND p.id = t.person_id"
    " WHERE t.program_id = $1 AND t.staff_id = $2 AND t.from_at <= $3"
    " AND (t.until_at = 0 OR t.until_at > $3) AND p.erase_at = 0"
    " AND " CARE_REACHES("t.program_id", "t.person_id", "$4", "$5", "$6", "$7",
                         "$3") " ORDER BY t.from_at DESC, t.id DESC LIMIT $8";

bool care_caseload_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text staff_id, struct care_team_member **out,
                        size_t *count, struct error *error)
{
  if (!care_may(access, "episode", "read", TEXT(""), error)) return false;
  struct care_team_member *members = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *members);
  const struct care_reach reach = care_reach_of(access);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read =
      store_query(transaction, &cursor, caseload,
                  STORE_BIND(STORE_T(access->program_id), STORE_T(staff_id), STORE_N(access->now),
                             STORE_N(reach.is_all), STORE_T(reach.site_id), STORE_T(reach.staff_id),
                             STORE_T(reach.own_person_id), STORE_N(LIMIT_CARE_ROWS)),
                  error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    members[found++] = (struct care_team_member){
        .id = care_column(arena, cursor, 0),
        .person_id = care_column(arena, cursor, 1),
        .staff_id = care_column(arena, cursor, 2),
        .role = care_column(arena, cursor, 3),
        .from_at = store_column_integer(cursor, 4),
        .until_at = store_column_integer(cursor, 5),
        .version = store_column_integer(cursor, 6),
    };
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = members;
  *count = found;
  return true;
}

bool care_caseload_sizes(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct care_caseload_size **out, size_t *count,
                         struct error *error)
{
  if (!care_may(access, "episode", "read", TEXT(""), error)) return false;
  struct care_caseload_size *sizes = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *sizes);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT staff_id, count(DISTINCT person_id) FROM care_team WHERE program_id = $1"
      " AND from_at <= $2 AND (until_at = 0 OR until_at > $2) GROUP BY staff_id"
      " ORDER BY staff_id LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_N(access->now), STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    sizes[found++] =
        (struct care_caseload_size){care_column(arena, cursor, 0), store_column_integer(cursor, 1)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = sizes;
  *count = found;
  return true;
}
