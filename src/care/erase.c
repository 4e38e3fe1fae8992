/*
 * Erase: how long a record is kept, and ending it. See erase.h.
 */
#include <stdio.h>

#include "care/care_private.h"

static const char clock_kind[] = "person.erase";
enum { MAJORITY = 18, NO_ROW = -1 };

/* --- How long -------------------------------------------------------------------------------- */

static int64_t cell(const struct care *care, size_t row, const char *column)
{
  int64_t number = 0;
  const struct care_file *file = &care->retention;
  (void)text_read_integer(table_cell(&file->table, row, care_file_column(file, column)), &number);
  return number;
}

static int64_t row_of(const struct care *care, struct text state)
{
  for (size_t row = 0; row < care->retention.table.row_count; row++)
    if (text_equal(table_cell(&care->retention.table, row, 0), state)) return (int64_t)row;
  return NO_ROW;
}

static bool is_verified(const struct care *care, size_t row)
{
  const struct care_file *file = &care->retention;
  struct text grade = table_cell(&file->table, row, care_file_column(file, "grade"));
  return text_equal(grade, TEXT("V")) || text_equal(grade, TEXT("V2"));
}

/* A number of the state's rule. One that nobody verified never shortens the safe default. */
static int64_t rule(const struct care *care, struct text state, const char *column)
{
  int64_t otherwise = row_of(care, TEXT("*")), own = row_of(care, state);
  int64_t safe = otherwise == NO_ROW ? 0 : cell(care, (size_t)otherwise, column);
  if (own == NO_ROW) return safe;
  int64_t stated = cell(care, (size_t)own, column);
  return is_verified(care, (size_t)own) || stated > safe ? stated : safe;
}

/* The same day some years later; of a leap day, the day after. */
static void add_years(struct text date, int64_t years, char out[11])
{
  int year = 0, month = 0, day = 0;
  (void)time_read_date(date, &year, &month, &day);
  year += (int)years;
  bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month == 2 && day == 29 && !is_leap) {
    month = 3;
    day = 1;
  }
  snprintf(out, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
           (unsigned)day % 100);
}

static void keep_later(char until[11], const char other[11])
{
  if (text_compare(text_from(other), text_from(until)) > 0) snprintf(until, 11, "%s", other);
}

void retention_compute(const struct care *care, struct text state, struct text last_day,
                       struct text birth_date, int64_t program_years, struct retention *out,
                       char until[11])
{
  int64_t years = rule(care, state, "years"), row = row_of(care, state);
  char later[11];
  if (program_years > years) years = program_years;
  add_years(last_day, years, until);
  if (birth_date.length) {
    add_years(birth_date, MAJORITY, later);
    bool is_minor = text_compare(last_day, text_from(later)) < 0;
    if (is_minor) {
      add_years(birth_date, MAJORITY + rule(care, state, "minor_years"), later);
      keep_later(until, later);
      add_years(birth_date, rule(care, state, "minor_until_age"), later);
      keep_later(until, later);
    }
  }
  if (row == NO_ROW) row = row_of(care, TEXT("*"));
  *out = (struct retention){.until = text_from(until), .state = state};
  if (row != NO_ROW)
    out->source = table_cell(&care->retention.table, (size_t)row,
                             care_file_column(&care->retention, "source"));
}

/* The last moment of care that any row of the person and those merged into it knows. */
static bool last_care(struct store_transaction *transaction, const struct access *access,
                      struct text person_id, int64_t *last, bool *is_open, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(
          transaction, &cursor,
          "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"
          " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1)"
          " SELECT max(at), max(open) FROM ("
          "SELECT ended_at AS at, CASE WHEN ended_at = 0 THEN 1 ELSE 0 END AS open FROM episode"
          " WHERE program_id = $1 AND person_id IN (SELECT id FROM same)"
          " UNION ALL SELECT begun_at, 0 FROM delivered_service"
          " WHERE program_id = $1 AND person_id IN (SELECT id FROM same)"
          " UNION ALL SELECT made_at, 0 FROM delivered_day"
          " WHERE program_id = $1 AND person_id IN (SELECT id FROM same)"
          " UNION ALL SELECT made_at, 0 FROM person"
          " WHERE program_id = $1 AND id IN (SELECT id FROM same)) care",
          STORE_BIND(STORE_T(access->program_id), STORE_T(person_id)), error) &&
      store_next(cursor, &more, error);
  if (is_read) {
    *last = store_column_integer(cursor, 0);
    *is_open = store_column_integer(cursor, 1) != 0;
  }
  store_cursor_close(cursor);
  return is_read;
}

/* Whose law holds: the site's state, else the program's. */
static bool state_of(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text site_id, struct text *out,
                     struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT coalesce((SELECT state FROM site WHERE program_id = $1 AND id = $2"
                  " AND state <> ''), (SELECT state FROM program WHERE program_id = $1), '')",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(site_id)), error) &&
      store_next(cursor, &more, error);
  if (is_read) *out = care_column(arena, cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}

bool person_retention(struct store_transaction *transaction, const struct care *care,
                      const struct access *access, struct arena *arena, struct text person_id,
                      struct retention *out, struct error *error)
{
  struct person person;
  struct text state;
  struct retention retention;
  const struct zone *zone;
  int64_t last = 0, years = 0;
  bool is_open = false;
  char *until = arena_allocate(arena, 11);
  if (!care_may(access, "person", "erase", person_id, error) ||
      !person_load_row(transaction, access, arena, person_id, &person, error) ||
      !last_care(transaction, access, person_id, &last, &is_open, error) ||
      !state_of(transaction, access, arena, person.site_id, &state, error) ||
      !site_zone(transaction, access->program_id, person.site_id, &zone, error) ||
      !program_setting_number(transaction, care, access->program_id, "retention-years", &years,
                              error))
    return false;
  retention_compute(care, state, zone_format_date(arena, zone, last), person.identity.birth_date,
                    years, &retention, until);
  retention.is_open = is_open;
  retention.today = zone_format_date(arena, zone, access->now);
  *out = retention;
  return true;
}

/* --- Ordering -------------------------------------------------------------------------------- */

/* The record and those that lead to it, in the arena. */
static bool same_ids(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text person_id, struct text **out, size_t *count,
                     struct error *error)
{
  struct text *ids = arena_allocate_array(arena, LIMIT_PERSON_SHOWN, sizeof *ids);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"
      " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1)"
      " SELECT id FROM same ORDER BY id LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(person_id), STORE_N(LIMIT_PERSON_SHOWN)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    ids[found++] = care_column(arena, cursor, 0);
  store_cursor_close(cursor);
  *out = ids;
  *count = found;
  return is_read;
}

bool person_erase(struct store_transaction *transaction, const struct care *care,
                  const struct access *access, struct arena *arena, struct text person_id,
                  int64_t version, struct error *error)
{
  struct retention retention;
  struct text *ids;
  size_t count;
  int64_t changed = 0;
  if (!person_retention(transaction, care, access, arena, person_id, &retention, error))
    return false;
  if (retention.is_open)
    return error_set(error, ERROR_REFUSED, "error.care.erase.open", "", "care: a stay is open");
  if (text_compare(retention.today, retention.until) <= 0)
    return error_set(error, ERROR_REFUSED, "error.care.erase.retention", "",
                     "care: kept until %.*s", TEXT_PRINT(retention.until));
  if (!store_execute(transaction,
                     "UPDATE person SET erase_at = $3, version = version + 1 WHERE program_id = $1"
                     " AND id = $2 AND version = $4 AND erase_at = 0 AND merged_into = ''",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(person_id),
                                STORE_N(access->now), STORE_N(version)),
                     &changed, error) ||
      !care_saved(changed, error) ||
      !same_ids(transaction, access, arena, person_id, &ids, &count, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!store_execute(
            transaction, "UPDATE person SET erase_at = $3 WHERE program_id = $1 AND id = $2",
            STORE_BIND(STORE_T(access->program_id), STORE_T(ids[i]), STORE_N(access->now)), NULL,
            error) ||
        !account_own_forget(transaction, access->program_id, ids[i], access->now, error) ||
        !due_set(transaction, access->program_id, clock_kind, ids[i], ids[i], access->now, error))
      return false;
  return true;
}

/* --- Carrying it out ------------------------------------------------------------------------- */

/* Take away what the key would have opened; ids, codes and times stay for the counts. */
static bool clear_rows(struct store_transaction *transaction, struct text program_id,
                       struct text person_id, int64_t now, int64_t *marked, struct error *error)
{
  int64_t changed = 0;
  const struct store_value bindings[] = {STORE_T(program_id), STORE_T(person_id)};
  if (!store_execute(transaction,
                     "UPDATE person SET identity = $3, has_photo = 0, erased_at = $4,"
                     " erase_at = CASE WHEN erase_at = 0 THEN $4 ELSE erase_at END"
                     " WHERE program_id = $1 AND id = $2 AND erased_at = 0",
                     STORE_BIND(bindings[0], bindings[1], STORE_B(TEXT("")), STORE_N(now)),
                     &changed, error) ||
      !store_execute(transaction,
                     "DELETE FROM person_index WHERE program_id = $1 AND person_id = $2", bindings,
                     2, NULL, error) ||
      !store_execute(transaction,
                     "DELETE FROM person_photo WHERE program_id = $1 AND person_id = $2", bindings,
                     2, NULL, error) ||
      !store_execute(transaction,
                     "DELETE FROM person_file_piece WHERE program_id = $1 AND person_id = $2",
                     bindings, 2, NULL, error) ||
      !store_execute(transaction,
                     "UPDATE person_file SET about = $3 WHERE program_id = $1 AND person_id = $2",
                     STORE_BIND(bindings[0], bindings[1], STORE_B(TEXT(""))), NULL, error) ||
      !store_execute(transaction, "DELETE FROM import_row WHERE program_id = $1 AND record_id = $2",
                     bindings, 2, NULL, error) ||
      !store_execute(transaction,
                     "UPDATE fact SET words = $3 WHERE program_id = $1 AND person_id = $2",
                     STORE_BIND(bindings[0], bindings[1], STORE_B(TEXT(""))), NULL, error) ||
      !store_execute(transaction,
                     "UPDATE episode_status SET reason = $3 WHERE program_id = $1 AND episode_id IN"
                     " (SELECT id FROM episode WHERE program_id = $1 AND person_id = $2)",
                     STORE_BIND(bindings[0], bindings[1], STORE_B(TEXT(""))), NULL, error) ||
      !account_own_forget(transaction, program_id, person_id, now, error))
    return false;
  *marked = changed;
  return true;
}

bool erase_rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                 int64_t now, struct error *error)
{
  const struct care *care = context;
  struct store_cursor *cursor = NULL;
  bool is_ordered = false;
  int64_t marked;
  if (!care_any(store_query(transaction, &cursor,
                            "SELECT 1 FROM person WHERE program_id = $1 AND id = $2"
                            " AND erase_at > 0",
                            STORE_BIND(STORE_T(item->program_id), STORE_T(item->subject_id)),
                            error),
                &cursor, &is_ordered, error))
    return false;
  struct vault_subject subject = {item->program_id, item->subject_id};
  return !is_ordered ||
         (vault_erase(care->privacy->vault, subject, now, error) &&
          clear_rows(transaction, item->program_id, item->subject_id, now, &marked, error));
}

struct erased {
  struct arena *arena;
  struct vault_subject *subjects;
  size_t count, room;
  int64_t now, marked;
};

static bool note_erased(void *context, struct vault_subject subject, int64_t at,
                        struct error *error)
{
  struct erased *erased = context;
  (void)at;
  (void)error;
  if (erased->count == erased->room) {
    size_t room = erased->room ? erased->room * 2 : 64;
    struct vault_subject *grown = arena_allocate_array(erased->arena, room, sizeof *grown);
    for (size_t i = 0; i < erased->count; i++) grown[i] = erased->subjects[i];
    erased->subjects = grown;
    erased->room = room;
  }
  erased->subjects[erased->count++] = (struct vault_subject){
      text_copy(erased->arena, subject.program_id), text_copy(erased->arena, subject.person_id)};
  return true;
}

static bool mark_erased(struct store_transaction *transaction, void *context, struct error *error)
{
  struct erased *erased = context;
  erased->marked = 0;
  for (size_t i = 0; i < erased->count; i++) {
    int64_t marked = 0;
    if (!clear_rows(transaction, erased->subjects[i].program_id, erased->subjects[i].person_id,
                    erased->now, &marked, error))
      return false;
    erased->marked += marked;
  }
  return true;
}

bool care_erase_again(struct care *care, struct store *store, int64_t now, int64_t *marked,
                      struct error *error)
{
  struct erased erased = {.arena = arena_new(LIMIT_VAULT_ERASED_FILE), .now = now};
  bool is_done = vault_erased_each(care->privacy->vault, note_erased, &erased, error) &&
                 (erased.count == 0 || store_write(store, mark_erased, &erased, error));
  if (is_done) *marked = erased.marked;
  arena_free(erased.arena);
  return is_done;
}
