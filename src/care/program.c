/*
 * Program: rows of programs, settings, sites and units. See program.h.
 */
#include <assert.h>
#include <string.h>

#include "care/care_private.h"

/* --- Checks -------------------------------------------------------------------------------- */

static void check_zone(struct field_problems *problems, const char *field, struct text name)
{
  const struct zone *zone;
  if (!zone_find(name, &zone)) field_problem_add(problems, field, "error.care.zone");
}

/* When a place is open, and what allows it to be. */
static void check_permit(struct field_problems *problems, struct text hours, struct text number,
                         struct text expires_on)
{
  care_check_text(problems, "hours", hours, LIMIT_CARE_LINE, false);
  care_check_text(problems, "license_number", number, LIMIT_CARE_NAME, false);
  care_check_date(problems, "license_expires_on", expires_on);
}

void program_check(const struct care *care, const struct program *program,
                   struct field_problems *problems)
{
  care_check_text(problems, "name", program->name, LIMIT_CARE_NAME, true);
  care_check_code(care, problems, "kind", CARE_PROGRAM_KINDS, program->kind, true);
  check_zone(problems, "zone", program->zone);
  care_check_code(care, problems, "state", CARE_STATES, program->state, true);
  care_check_phone(problems, "phone", program->phone);
  care_check_text(problems, "street", program->street, LIMIT_CARE_LINE, false);
  care_check_text(problems, "city", program->city, LIMIT_CARE_LINE, false);
  care_check_zip(problems, "zip", program->zip);
  check_permit(problems, program->hours, program->license_number, program->license_expires_on);
  struct text rest = program->languages, word;
  size_t count = 0;
  while (text_word_next(&rest, &word)) {
    count++;
    care_check_code(care, problems, "languages", CARE_SPOKEN, word, true);
  }
  if (count == 0) field_problem_add(problems, "languages", "error.care.required");
}

void site_check(const struct care *care, const struct site *site, struct field_problems *problems)
{
  care_check_text(problems, "name", site->name, LIMIT_CARE_NAME, true);
  care_check_text(problems, "street", site->street, LIMIT_CARE_LINE, false);
  care_check_text(problems, "city", site->city, LIMIT_CARE_LINE, false);
  care_check_code(care, problems, "state", CARE_STATES, site->state, false);
  care_check_zip(problems, "zip", site->zip);
  if (site->zone.length) check_zone(problems, "zone", site->zone);
  care_check_phone(problems, "phone", site->phone);
  check_permit(problems, site->hours, site->license_number, site->license_expires_on);
  if (site->facility_id.length && !uuid_is_valid(site->facility_id))
    field_problem_add(problems, "facility_id", "error.care.value");
}

void unit_check(const struct care *care, const struct unit *unit, struct field_problems *problems)
{
  care_check_text(problems, "name", unit->name, LIMIT_CARE_NAME, true);
  care_check_code(care, problems, "kind", CARE_UNIT_KINDS, unit->kind, true);
  care_check_code(care, problems, "level_of_care", CARE_LEVELS, unit->level_of_care, true);
  care_check_range(problems, "licensed", unit->licensed, 0, LIMIT_CARE_PLACES);
  care_check_range(problems, "staffed", unit->staffed, 0, LIMIT_CARE_PLACES);
  if (unit->staffed > unit->licensed) field_problem_add(problems, "staffed", "error.care.staffed");
}

/* --- Programs ------------------------------------------------------------------------------ */

bool program_begin(struct privacy *privacy, struct arena *arena, int64_t now, struct text *id,
                   struct error *error)
{
  struct text made = care_new_id(arena, now);
  if (!vault_subject_make(privacy->vault, (struct vault_subject){made, TEXT("")}, error))
    return false;
  *id = made;
  return true;
}

bool program_create(struct store_transaction *transaction, const struct care *care,
                    const struct access *access, struct program *program, struct error *error)
{
  struct field_problems problems = {.count = 0};
  if (!care_may(access, "program", "write", TEXT(""), error)) return false;
  program_check(care, program, &problems);
  if (!care_refuse(&problems, error)) return false;
  int64_t changed = 0;
  bool is_made = store_execute(
      transaction,
      "INSERT INTO program (program_id, name, kind, zone, state, phone, languages, closed_at,"
      " made_at, changed_at, version, street, city, zip, hours, license_number,"
      " license_expires_on) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8, 1, $9, $10, $11, $12,"
      " $13, $14) ON CONFLICT (program_id) DO NOTHING",
      STORE_BIND(STORE_T(access->program_id), STORE_T(program->name), STORE_T(program->kind),
                 STORE_T(program->zone), STORE_T(program->state), STORE_T(program->phone),
                 STORE_T(program->languages), STORE_N(access->now), STORE_T(program->street),
                 STORE_T(program->city), STORE_T(program->zip), STORE_T(program->hours),
                 STORE_T(program->license_number), STORE_T(program->license_expires_on)),
      &changed, error);
  if (!is_made || !care_saved(changed, error)) return false;
  program->id = access->program_id;
  program->version = 1;
  return true;
}

bool program_save(struct store_transaction *transaction, const struct care *care,
                  const struct access *access, struct program *program, struct error *error)
{
  struct field_problems problems = {.count = 0};
  if (!care_may(access, "program", "write", TEXT(""), error)) return false;
  program_check(care, program, &problems);
  if (!care_refuse(&problems, error)) return false;
  int64_t changed = 0;
  return store_execute(
             transaction,
             "UPDATE program SET name = $2, kind = $3, zone = $4, state = $5, phone = $6,"
             " languages = $7, closed_at = $8, changed_at = $9, version = version + 1,"
             " street = $11, city = $12, zip = $13, hours = $14, license_number = $15,"
             " license_expires_on = $16 WHERE program_id = $1 AND version = $10",
             STORE_BIND(STORE_T(access->program_id), STORE_T(program->name), STORE_T(program->kind),
                        STORE_T(program->zone), STORE_T(program->state), STORE_T(program->phone),
                        STORE_T(program->languages), STORE_N(program->closed_at),
                        STORE_N(access->now), STORE_N(program->version), STORE_T(program->street),
                        STORE_T(program->city), STORE_T(program->zip), STORE_T(program->hours),
                        STORE_T(program->license_number), STORE_T(program->license_expires_on)),
             &changed, error) &&
         care_saved(changed, error);
}

static void read_program(struct arena *arena, const struct store_cursor *cursor,
                         struct program *out)
{
  *out = (struct program){
      .id = care_column(arena, cursor, 0),
      .name = care_column(arena, cursor, 1),
      .kind = care_column(arena, cursor, 2),
      .zone = care_column(arena, cursor, 3),
      .state = care_column(arena, cursor, 4),
      .phone = care_column(arena, cursor, 5),
      .languages = care_column(arena, cursor, 6),
      .closed_at = store_column_integer(cursor, 7),
      .made_at = store_column_integer(cursor, 8),
      .changed_at = store_column_integer(cursor, 9),
      .version = store_column_integer(cursor, 10),
      .street = care_column(arena, cursor, 11),
      .city = care_column(arena, cursor, 12),
      .zip = care_column(arena, cursor, 13),
      .hours = care_column(arena, cursor, 14),
      .license_number = care_column(arena, cursor, 15),
      .license_expires_on = care_column(arena, cursor, 16),
  };
}

bool program_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct program *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT program_id, name, kind, zone, state, phone, languages,"
                             " closed_at, made_at, changed_at, version, street, city, zip, hours,"
                             " license_number, license_expires_on FROM program"
                             " WHERE program_id = $1",
                             STORE_BIND(STORE_T(access->program_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) read_program(arena, cursor, out);
  store_cursor_close(cursor);
  if (!is_read || more) return is_read;
  return error_set(error, ERROR_NOT_FOUND, "error.care.person", "", "care: no such program");
}

bool program_list(struct store_transaction *transaction, struct arena *arena, struct program **out,
                  size_t *count, struct error *error)
{
  struct program *programs = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *programs);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT program_id, name, kind, zone, state, phone, languages,"
                             " closed_at, made_at, changed_at, version, street, city, zip, hours,"
                             " license_number, license_expires_on FROM program"
                             " ORDER BY name, program_id LIMIT $1",
                             STORE_BIND(STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    read_program(arena, cursor, &programs[found++]);
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = programs;
  *count = found;
  return true;
}

/* --- Settings ------------------------------------------------------------------------------ */

bool program_setting_load(struct store_transaction *transaction, const struct care *care,
                          struct arena *arena, struct text program_id, const char *name,
                          struct text *value, int64_t *version, struct error *error)
{
  size_t index;
  bool is_known = care_code_find(care, CARE_PROGRAM_SETTINGS, text_from(name), &index);
  assert(is_known);
  if (!is_known) return false;
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT value, version FROM program_setting"
                             " WHERE program_id = $1 AND name = $2",
                             STORE_BIND(STORE_T(program_id), STORE_T(text_from(name))), error) &&
                 store_next(cursor, &more, error);
  if (is_read) {
    bool is_set = more && store_column_text(cursor, 0).length > 0;
    *value = is_set ? care_column(arena, cursor, 0)
                    : care_code_cell(care, CARE_PROGRAM_SETTINGS, index, "default");
    *version = more ? store_column_integer(cursor, 1) : 0;
  }
  store_cursor_close(cursor);
  return is_read;
}

bool program_setting_number(struct store_transaction *transaction, const struct care *care,
                            struct text program_id, const char *name, int64_t *value,
                            struct error *error)
{
  struct arena *arena = arena_new(4096);
  struct text written;
  int64_t version;
  bool is_read =
      program_setting_load(transaction, care, arena, program_id, name, &written, &version, error);
  if (is_read && !text_read_integer(written, value))
    is_read = error_set(error, ERROR_SYSTEM, "error.knowledge.invalid", "",
                        "care: the setting %s is no number", name);
  arena_free(arena);
  return is_read;
}

void program_setting_bounds(const struct care *care, const char *name, int64_t *least,
                            int64_t *most)
{
  size_t index;
  *least = *most = 0;
  if (!care_code_find(care, CARE_PROGRAM_SETTINGS, text_from(name), &index)) return;
  (void)text_read_integer(care_code_cell(care, CARE_PROGRAM_SETTINGS, index, "minimum"), least);
  (void)text_read_integer(care_code_cell(care, CARE_PROGRAM_SETTINGS, index, "maximum"), most);
}

static bool setting_fits(const struct care *care, size_t index, struct text value)
{
  int64_t number, minimum, maximum;
  return text_read_integer(value, &number) &&
         text_read_integer(care_code_cell(care, CARE_PROGRAM_SETTINGS, index, "minimum"),
                           &minimum) &&
         text_read_integer(care_code_cell(care, CARE_PROGRAM_SETTINGS, index, "maximum"),
                           &maximum) &&
         number >= minimum && number <= maximum;
}

bool program_setting_save(struct store_transaction *transaction, const struct care *care,
                          const struct access *access, const char *name, struct text value,
                          int64_t version, struct error *error)
{
  size_t index;
  if (!care_may(access, "program", "write", TEXT(""), error)) return false;
  if (!care_code_find(care, CARE_PROGRAM_SETTINGS, text_from(name), &index))
    return error_set(error, ERROR_REFUSED, "error.care.code", "", "care: no setting of that name");
  if (value.length && !setting_fits(care, index, value))
    return error_set(error, ERROR_REFUSED, "error.care.number", "", "care: the setting %s", name);
  int64_t changed = 0;
  bool is_saved =
      version == 0
          ? store_execute(transaction,
                          "INSERT INTO program_setting (program_id, name, value, changed_at,"
                          " version) VALUES ($1, $2, $3, $4, 1)"
                          " ON CONFLICT (program_id, name) DO NOTHING",
                          STORE_BIND(STORE_T(access->program_id), STORE_T(text_from(name)),
                                     STORE_T(value), STORE_N(access->now)),
                          &changed, error)
          : store_execute(transaction,
                          "UPDATE program_setting SET value = $3, changed_at = $4,"
                          " version = version + 1"
                          " WHERE program_id = $1 AND name = $2 AND version = $5",
                          STORE_BIND(STORE_T(access->program_id), STORE_T(text_from(name)),
                                     STORE_T(value), STORE_N(access->now), STORE_N(version)),
                          &changed, error);
  return is_saved && care_saved(changed, error);
}
