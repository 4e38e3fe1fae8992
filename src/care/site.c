/*
 * Site: rows of sites and units, and where their clocks stand. See program.h.
 */
#include <stdlib.h>

#include "care/care_private.h"

bool care_has_place(struct store_transaction *transaction, const struct privacy_place *place,
                    bool *is_there, struct error *error)
{
  struct store_cursor *cursor = NULL;
  return care_any(
      store_query(transaction, &cursor,
                  "SELECT 1 FROM program WHERE program_id = $1 AND ($2 = '' OR EXISTS (SELECT 1"
                  " FROM site s WHERE s.program_id = $1 AND s.id = $2)) AND ($3 = '' OR EXISTS"
                  " (SELECT 1 FROM staff f WHERE f.program_id = $1 AND f.id = $3)) AND ($4 = '' OR"
                  " EXISTS (SELECT 1 FROM person p WHERE p.program_id = $1 AND p.id = $4))",
                  STORE_BIND(STORE_T(place->program_id), STORE_T(place->site_id),
                             STORE_T(place->staff_id), STORE_T(place->person_id)),
                  error),
      &cursor, is_there, error);
}

/* --- Sites --------------------------------------------------------------------------------- */

static bool may_write_site(const struct care *care, const struct access *access,
                           const struct site *site, struct error *error)
{
  struct field_problems problems = {.count = 0};
  if (!care_may(access, "site", "write", TEXT(""), error)) return false;
  site_check(care, site, &problems);
  return care_refuse(&problems, error);
}

bool site_create(struct store_transaction *transaction, const struct care *care,
                 const struct access *access, struct arena *arena, struct site *site,
                 struct error *error)
{
  if (!may_write_site(care, access, site, error)) return false;
  struct text id = care_new_id(arena, access->now);
  if (!store_execute(transaction,
                     "INSERT INTO site (program_id, id, name, street, city, state, zip, zone,"
                     " phone, facility_id, closed_at, made_at, changed_at, version, hours,"
                     " license_number, license_expires_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
                     " $9, $10, 0, $11, $11, 1, $12, $13, $14)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(site->name),
                                STORE_T(site->street), STORE_T(site->city), STORE_T(site->state),
                                STORE_T(site->zip), STORE_T(site->zone), STORE_T(site->phone),
                                STORE_T(site->facility_id), STORE_N(access->now),
                                STORE_T(site->hours), STORE_T(site->license_number),
                                STORE_T(site->license_expires_on)),
                     NULL, error))
    return false;
  site->id = id;
  site->version = 1;
  return true;
}

bool site_save(struct store_transaction *transaction, const struct care *care,
               const struct access *access, struct site *site, struct error *error)
{
  if (!may_write_site(care, access, site, error)) return false;
  int64_t changed = 0;
  return store_execute(
             transaction,
             "UPDATE site SET name = $3, street = $4, city = $5, state = $6, zip = $7, zone = $8,"
             " phone = $9, facility_id = $10, closed_at = $11, changed_at = $12,"
             " version = version + 1, hours = $14, license_number = $15, license_expires_on = $16"
             " WHERE program_id = $1 AND id = $2 AND version = $13",
             STORE_BIND(STORE_T(access->program_id), STORE_T(site->id), STORE_T(site->name),
                        STORE_T(site->street), STORE_T(site->city), STORE_T(site->state),
                        STORE_T(site->zip), STORE_T(site->zone), STORE_T(site->phone),
                        STORE_T(site->facility_id), STORE_N(site->closed_at), STORE_N(access->now),
                        STORE_N(site->version), STORE_T(site->hours), STORE_T(site->license_number),
                        STORE_T(site->license_expires_on)),
             &changed, error) &&
         care_saved(changed, error);
}

static int compare_sites(const void *a, const void *b)
{
  const struct site *x = a, *y = b;
  int order = text_compare_natural(x->name, y->name);
  return order ? order : text_compare(x->id, y->id);
}

bool site_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct site **out, size_t *count, struct error *error)
{
  struct site *sites = arena_allocate_array(arena, LIMIT_CARE_SITES, sizeof *sites);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT id, name, street, city, state, zip, zone, phone, facility_id,"
                  " closed_at, made_at, changed_at, version, hours, license_number,"
                  " license_expires_on FROM site"
                  " WHERE program_id = $1 ORDER BY id LIMIT $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_N(LIMIT_CARE_SITES)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    sites[found++] = (struct site){
        .id = care_column(arena, cursor, 0),
        .name = care_column(arena, cursor, 1),
        .street = care_column(arena, cursor, 2),
        .city = care_column(arena, cursor, 3),
        .state = care_column(arena, cursor, 4),
        .zip = care_column(arena, cursor, 5),
        .zone = care_column(arena, cursor, 6),
        .phone = care_column(arena, cursor, 7),
        .facility_id = care_column(arena, cursor, 8),
        .closed_at = store_column_integer(cursor, 9),
        .made_at = store_column_integer(cursor, 10),
        .changed_at = store_column_integer(cursor, 11),
        .version = store_column_integer(cursor, 12),
        .hours = care_column(arena, cursor, 13),
        .license_number = care_column(arena, cursor, 14),
        .license_expires_on = care_column(arena, cursor, 15),
    };
  store_cursor_close(cursor);
  if (!is_read) return false;
  qsort(sites, found, sizeof *sites, compare_sites);
  *out = sites;
  *count = found;
  return true;
}

bool site_zone(struct store_transaction *transaction, struct text program_id, struct text site_id,
               const struct zone **out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false, is_found = false;
  const struct zone *zone = NULL;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT p.zone, s.zone FROM program p LEFT JOIN site s"
                             " ON s.program_id = p.program_id AND s.id = $2"
                             " WHERE p.program_id = $1",
                             STORE_BIND(STORE_T(program_id), STORE_T(site_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more)
    is_found = zone_find(store_column_text(cursor, 1), &zone) ||
               zone_find(store_column_text(cursor, 0), &zone);
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!is_found && !zone_find(TEXT("UTC"), &zone))
    return error_set(error, ERROR_SYSTEM, "error.care.zone", "Install tzdata.", "care: no zones");
  *out = zone;
  return true;
}

/* --- Units --------------------------------------------------------------------------------- */

static bool may_write_unit(struct store_transaction *transaction, const struct care *care,
                           const struct access *access, const struct unit *unit,
                           struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct field_problems problems = {.count = 0};
  bool has_site = false;
  if (!care_may(access, "site", "write", TEXT(""), error)) return false;
  unit_check(care, unit, &problems);
  if (!care_refuse(&problems, error) ||
      !care_any(store_query(transaction, &cursor,
                            "SELECT 1 FROM site WHERE program_id = $1 AND id = $2",
                            STORE_BIND(STORE_T(access->program_id), STORE_T(unit->site_id)), error),
                &cursor, &has_site, error))
    return false;
  return has_site || error_set(error, ERROR_REFUSED, "error.care.site", "", "care: no such site");
}

bool unit_create(struct store_transaction *transaction, const struct care *care,
                 const struct access *access, struct arena *arena, struct unit *unit,
                 struct error *error)
{
  if (!may_write_unit(transaction, care, access, unit, error)) return false;
  struct text id = care_new_id(arena, access->now);
  if (!store_execute(transaction,
                     "INSERT INTO unit (program_id, id, site_id, name, kind, level_of_care,"
                     " licensed, staffed, closed_at, made_at, changed_at, version)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9, 1)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(unit->site_id),
                                STORE_T(unit->name), STORE_T(unit->kind),
                                STORE_T(unit->level_of_care), STORE_N(unit->licensed),
                                STORE_N(unit->staffed), STORE_N(access->now)),
                     NULL, error))
    return false;
  unit->id = id;
  unit->version = 1;
  return true;
}

bool unit_save(struct store_transaction *transaction, const struct care *care,
               const struct access *access, struct unit *unit, struct error *error)
{
  if (!may_write_unit(transaction, care, access, unit, error)) return false;
  int64_t changed = 0;
  return store_execute(transaction,
                       "UPDATE unit SET site_id = $3, name = $4, kind = $5, level_of_care = $6,"
                       " licensed = $7, staffed = $8, closed_at = $9, changed_at = $10,"
                       " version = version + 1 WHERE program_id = $1 AND id = $2 AND version = $11",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(unit->id),
                                  STORE_T(unit->site_id), STORE_T(unit->name), STORE_T(unit->kind),
                                  STORE_T(unit->level_of_care), STORE_N(unit->licensed),
                                  STORE_N(unit->staffed), STORE_N(unit->closed_at),
                                  STORE_N(access->now), STORE_N(unit->version)),
                       &changed, error) &&
         care_saved(changed, error);
}

static int compare_units(const void *a, const void *b)
{
  const struct unit *x = a, *y = b;
  int order = text_compare(x->site_id, y->site_id);
  if (!order) order = text_compare_natural(x->name, y->name);
  return order ? order : text_compare(x->id, y->id);
}

bool unit_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct text site_id, struct unit **out, size_t *count,
               struct error *error)
{
  struct unit *units = arena_allocate_array(arena, LIMIT_CARE_SITES, sizeof *units);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, site_id, name, kind, level_of_care, licensed, staffed,"
      " closed_at, made_at, changed_at, version FROM unit"
      " WHERE program_id = $1 AND ($2 = '' OR site_id = $2)"
      " ORDER BY site_id, id LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(site_id), STORE_N(LIMIT_CARE_SITES)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    units[found++] = (struct unit){
        .id = care_column(arena, cursor, 0),
        .site_id = care_column(arena, cursor, 1),
        .name = care_column(arena, cursor, 2),
        .kind = care_column(arena, cursor, 3),
        .level_of_care = care_column(arena, cursor, 4),
        .licensed = store_column_integer(cursor, 5),
        .staffed = store_column_integer(cursor, 6),
        .closed_at = store_column_integer(cursor, 7),
        .made_at = store_column_integer(cursor, 8),
        .changed_at = store_column_integer(cursor, 9),
        .version = store_column_integer(cursor, 10),
    };
  store_cursor_close(cursor);
  if (!is_read) return false;
  qsort(units, found, sizeof *units, compare_units);
  *out = units;
  *count = found;
  return true;
}
