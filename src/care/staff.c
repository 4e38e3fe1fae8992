/*
 * Staff: rows of staff, and the clock of their licenses. See staff.h.
 */
#include <string.h>

#include "care/care_private.h"

static const char clock_kind[] = "credential.expires";
static const int64_t day_length = INT64_C(24) * 60 * 60 * 1000000;
enum { MINUTES_OF_WEEK = 7 * 24 * 60 };

void staff_check(const struct care *care, const struct staff *staff,
                 struct field_problems *problems)
{
  care_check_text(problems, "name", staff->name, LIMIT_CARE_NAME, true);
  care_check_code(care, problems, "profession", CARE_PROFESSIONS, staff->profession, true);
  care_check_text(problems, "credential", staff->credential, LIMIT_CARE_NAME, false);
  care_check_text(problems, "license_number", staff->license_number, LIMIT_CARE_NAME, false);
  care_check_code(care, problems, "license_state", CARE_STATES, staff->license_state, false);
  care_check_date(problems, "license_expires_on", staff->license_expires_on);
  care_check_range(problems, "weekly_minutes", staff->weekly_minutes, 0, MINUTES_OF_WEEK);
  care_check_text(problems, "external_id", staff->external_id, LIMIT_CARE_NAME, false);
  if (staff->site_count > LIMIT_CARE_SITES) field_problem_add(problems, "sites", "error.care.many");
}

/* --- The clock ----------------------------------------------------------------------------- */

/* When does a license end: the end of its last day, where the program is. */
static bool license_end(struct store_transaction *transaction, struct text program_id,
                        struct text expires_on, int64_t *out, struct error *error)
{
  const struct zone *zone;
  int64_t begin = 0;
  if (!site_zone(transaction, program_id, TEXT(""), &zone, error)) return false;
  (void)zone_day_begin(zone, expires_on, &begin);
  *out = begin + day_length;
  return true;
}

/* Set the clock: first at the notice before the end, then at the end; past that, none. */
static bool set_clock(struct store_transaction *transaction, const struct care *care,
                      struct text program_id, const struct staff *staff, int64_t now,
                      struct error *error)
{
  int64_t end, days;
  if (staff->license_expires_on.length == 0 || staff->left_at)
    return due_clear(transaction, program_id, clock_kind, staff->id, error);
  if (!license_end(transaction, program_id, staff->license_expires_on, &end, error) ||
      !program_setting_number(transaction, care, program_id, "credential-notice-days", &days,
                              error))
    return false;
  int64_t notice = end - days * day_length;
  return due_set(transaction, program_id, clock_kind, staff->id, TEXT(""),
                 now < notice ? notice : end, error);
}

bool staff_rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                 int64_t now, struct error *error)
{
  struct arena *arena = arena_new(4096);
  struct store_cursor *cursor = NULL;
  struct staff staff = {.id = item->subject_id};
  bool more = false;
  int64_t end = 0;
  bool is_done =
      store_query(transaction, &cursor,
                  "SELECT license_expires_on, left_at FROM staff"
                  " WHERE program_id = $1 AND id = $2",
                  STORE_BIND(STORE_T(item->program_id), STORE_T(item->subject_id)), error) &&
      store_next(cursor, &more, error);
  if (is_done && more) {
    staff.license_expires_on = care_column(arena, cursor, 0);
    staff.left_at = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  if (is_done && staff.license_expires_on.length && !staff.left_at) {
    is_done = license_end(transaction, item->program_id, staff.license_expires_on, &end, error);
    if (is_done && now < end)
      is_done = set_clock(transaction, context, item->program_id, &staff, now, error);
    else if (is_done)
      is_done = store_execute(
          transaction, "UPDATE staff SET expired_at = $3 WHERE program_id = $1 AND id = $2",
          STORE_BIND(STORE_T(item->program_id), STORE_T(item->subject_id), STORE_N(now)), NULL,
          error);
  }
  arena_free(arena);
  return is_done;
}

/* --- Writing ------------------------------------------------------------------------------- */

static bool write_sites(struct store_transaction *transaction, const struct access *access,
                        const struct staff *staff, struct error *error)
{
  if (!store_execute(transaction, "DELETE FROM staff_site WHERE program_id = $1 AND staff_id = $2",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(staff->id)), NULL, error))
    return false;
  for (size_t i = 0; i < staff->site_count; i++) {
    int64_t changed = 0;
    if (!store_execute(transaction,
                       "INSERT INTO staff_site (program_id, staff_id, site_id)"
                       " SELECT program_id, $2, id FROM site WHERE program_id = $1 AND id = $3"
                       " ON CONFLICT (program_id, staff_id, site_id) DO NOTHING",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(staff->id),
                                  STORE_T(staff->site_ids[i])),
                       &changed, error))
      return false;
    if (changed == 0)
      return error_set(error, ERROR_REFUSED, "error.care.site", "", "care: no such site");
  }
  return true;
}

static bool may_write(const struct care *care, const struct access *access,
                      const struct staff *staff, struct error *error)
{
  struct field_problems problems = {.count = 0};
  if (!care_may(access, "staff", "write", TEXT(""), error)) return false;
  staff_check(care, staff, &problems);
  return care_refuse(&problems, error);
}

bool staff_create(struct store_transaction *transaction, const struct care *care,
                  const struct access *access, struct arena *arena, struct staff *staff,
                  struct error *error)
{
  if (!may_write(care, access, staff, error)) return false;
  struct staff made = *staff;
  made.id = care_new_id(arena, access->now);
  made.version = 1;
  if (!store_execute(
          transaction,
          "INSERT INTO staff (program_id, id, external_id, name, folded, profession, credential,"
          " license_number, license_state, license_expires_on, expired_at, weekly_minutes, left_at,"
          " made_at, changed_at, version)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $13, 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(made.external_id),
                     STORE_T(made.name), STORE_T(text_fold(arena, made.name)),
                     STORE_T(made.profession), STORE_T(made.credential),
                     STORE_T(made.license_number), STORE_T(made.license_state),
                     STORE_T(made.license_expires_on), STORE_N(made.weekly_minutes),
                     STORE_N(made.left_at), STORE_N(access->now)),
          NULL, error) ||
      !write_sites(transaction, access, &made, error) ||
      !set_clock(transaction, care, access->program_id, &made, access->now, error))
    return false;
  *staff = made;
  return true;
}

/* Whoever has left looks after nobody. */
static bool end_caseload(struct store_transaction *transaction, const struct access *access,
                         const struct staff *staff, struct error *error)
{
  return staff->left_at == 0 ||
         store_execute(
             transaction,
             "UPDATE care_team SET until_at = CASE WHEN from_at > $3 THEN from_at ELSE $3"
             " END, version = version + 1 WHERE program_id = $1 AND staff_id = $2"
             " AND (until_at = 0 OR until_at > $3)",
             STORE_BIND(STORE_T(access->program_id), STORE_T(staff->id), STORE_N(staff->left_at)),
             NULL, error);
}

bool staff_save(struct store_transaction *transaction, const struct care *care,
                const struct access *access, struct staff *staff, struct error *error)
{
  if (!may_write(care, access, staff, error)) return false;
  struct arena *arena = arena_new(4096);
  int64_t changed = 0;
  bool is_saved =
      store_execute(
          transaction,
          "UPDATE staff SET name = $3, folded = $4, profession = $5, credential = $6,"
          " license_number = $7, license_state = $8, expired_at = CASE WHEN license_expires_on = $9"
          " THEN expired_at ELSE 0 END, license_expires_on = $9, weekly_minutes = $10,"
          " left_at = $11, changed_at = $12, version = version + 1"
          " WHERE program_id = $1 AND id = $2 AND version = $13",
          STORE_BIND(STORE_T(access->program_id), STORE_T(staff->id), STORE_T(staff->name),
                     STORE_T(text_fold(arena, staff->name)), STORE_T(staff->profession),
                     STORE_T(staff->credential), STORE_T(staff->license_number),
                     STORE_T(staff->license_state), STORE_T(staff->license_expires_on),
                     STORE_N(staff->weekly_minutes), STORE_N(staff->left_at), STORE_N(access->now),
                     STORE_N(staff->version)),
          &changed, error) &&
      care_saved(changed, error) && write_sites(transaction, access, staff, error) &&
      end_caseload(transaction, access, staff, error) &&
      set_clock(transaction, care, access->program_id, staff, access->now, error);
  arena_free(arena);
  return is_saved;
}

/* --- Reading ------------------------------------------------------------------------------- */

static void read_staff(struct arena *arena, const struct store_cursor *cursor, struct staff *out)
{
  *out = (struct staff){
      .id = care_column(arena, cursor, 0),
      .external_id = care_column(arena, cursor, 1),
      .name = care_column(arena, cursor, 2),
      .profession = care_column(arena, cursor, 3),
      .credential = care_column(arena, cursor, 4),
      .license_number = care_column(arena, cursor, 5),
      .license_state = care_column(arena, cursor, 6),
      .license_expires_on = care_column(arena, cursor, 7),
      .expired_at = store_column_integer(cursor, 8),
      .weekly_minutes = store_column_integer(cursor, 9),
      .left_at = store_column_integer(cursor, 10),
      .made_at = store_column_integer(cursor, 11),
      .changed_at = store_column_integer(cursor, 12),
      .version = store_column_integer(cursor, 13),
  };
}

/* Fill in where each works. Both are read in the order of their ids. */
static bool read_sites(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct staff *staff, size_t count, struct error *error)
{
  for (size_t i = 0; i < count; i++) {
    struct text *sites = arena_allocate_array(arena, LIMIT_CARE_SITES, sizeof *sites);
    struct store_cursor *cursor = NULL;
    bool more = false;
    size_t found = 0;
    bool is_read = store_query(
        transaction, &cursor,
        "SELECT site_id FROM staff_site WHERE program_id = $1 AND staff_id = $2"
        " ORDER BY site_id LIMIT $3",
        STORE_BIND(STORE_T(access->program_id), STORE_T(staff[i].id), STORE_N(LIMIT_CARE_SITES)),
        error);
    while (is_read && (is_read = store_next(cursor, &more, error)) && more)
      sites[found++] = care_column(arena, cursor, 0);
    store_cursor_close(cursor);
    if (!is_read) return false;
    staff[i].site_ids = sites;
    staff[i].site_count = found;
  }
  return true;
}

bool staff_load(struct store_transaction *transaction, const struct access *access,
                struct arena *arena, struct text id, struct staff *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct staff staff;
  bool more = false;
  if (!care_may(access, "staff", "read", TEXT(""), error) &&
      !care_may(access, "staff", "write", TEXT(""), error))
    return false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT id, external_id, name, profession, credential, license_number,"
                             " license_state, license_expires_on, expired_at, weekly_minutes,"
                             " left_at, made_at, changed_at, version FROM staff"
                             " WHERE program_id = $1 AND id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) read_staff(arena, cursor, &staff);
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!more)
    return error_set(error, ERROR_NOT_FOUND, "error.care.staff", "", "care: no such staff member");
  if (!read_sites(transaction, access, arena, &staff, 1, error)) return false;
  *out = staff;
  return true;
}

bool staff_list(struct store_transaction *transaction, const struct access *access,
                struct arena *arena, bool with_left, struct staff **out, size_t *count,
                struct error *error)
{
  if (!care_may(access, "staff", "read", TEXT(""), error)) return false;
  struct text site = access->scope < SCOPE_PROGRAM ? access->actor->site_id : TEXT("");
  struct staff *staff = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *staff);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, external_id, name, profession, credential, license_number, license_state,"
      " license_expires_on, expired_at, weekly_minutes, left_at, made_at, changed_at, version"
      " FROM staff WHERE program_id = $1 AND (CAST($2 AS BIGINT) = 1 OR left_at = 0) AND ($3 = ''"
      " OR NOT EXISTS (SELECT 1 FROM staff_site w WHERE w.program_id = $1 AND w.staff_id = "
      "staff.id)"
      " OR EXISTS (SELECT 1 FROM staff_site w WHERE w.program_id = $1 AND w.staff_id = staff.id"
      " AND w.site_id = $3)) ORDER BY folded, id LIMIT $4",
      STORE_BIND(STORE_T(access->program_id), STORE_N(with_left), STORE_T(site),
                 STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    read_staff(arena, cursor, &staff[found++]);
  store_cursor_close(cursor);
  if (!is_read || !read_sites(transaction, access, arena, staff, found, error)) return false;
  *out = staff;
  *count = found;
  return true;
}
