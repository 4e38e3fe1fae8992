/*
 * Bed: rows of rooms, beds and what units set for them. See bed.h.
 */
#include <stdlib.h>

#include "admission/bed_private.h"

/* --- Fields -------------------------------------------------------------------------------- */

static void check_name(struct field_problems *problems, struct text name)
{
  if (name.length == 0) field_problem_add(problems, "name", "error.care.required");
  else if (name.length > LIMIT_BED_NAME) field_problem_add(problems, "name", "error.care.long");
  else if (!text_is_utf8(name)) field_problem_add(problems, "name", "error.care.text");
}

/* A list of codes, separated by single spaces. */
static void check_codes(struct field_problems *problems, const char *field, struct text codes)
{
  if (codes.length > LIMIT_BED_CODES) field_problem_add(problems, field, "error.care.long");
  for (size_t i = 0; i < codes.length; i++) {
    char c = codes.at[i];
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ' ') continue;
    field_problem_add(problems, field, "error.care.code");
    return;
  }
}

static void check_medicines(const struct beds *beds, struct field_problems *problems,
                            struct text medicines)
{
  struct text kind = TEXT("opioid-medicine"), each;
  check_codes(problems, "medicines", medicines);
  while (text_word_next(&medicines, &each)) {
    bool is_known = false;
    for (size_t i = 0; i < care_fact_value_count(beds->care, kind); i++)
      is_known = is_known || text_equal(care_fact_value(beds->care, kind, i), each);
    if (is_known) continue;
    field_problem_add(problems, "medicines", "error.care.code");
    return;
  }
}

void bed_check(const struct beds *beds, const struct bed *bed, struct field_problems *problems)
{
  size_t index;
  check_name(problems, bed->name);
  if (bed->unit_id.length == 0) field_problem_add(problems, "unit_id", "error.care.required");
  if (!care_code_is(beds->care, CARE_LEVELS, bed->level_of_care))
    field_problem_add(problems, "level_of_care", "error.care.code");
  if (!bed_code_find(beds, BED_POLICIES, bed->policy, &index))
    field_problem_add(problems, "policy", "error.care.code");
  check_codes(problems, "funding", bed->funding);
  check_medicines(beds, problems, bed->medicines);
}

static bool refuse(const struct field_problems *problems, struct error *error)
{
  if (problems->count == 0) return true;
  return error_set(error, ERROR_REFUSED, problems->items[0].message, "", "admission: the field %s",
                   problems->items[0].field);
}

/* The site of a unit of the program that is not closed. */
static bool unit_site(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text unit_id, struct text *site_id,
                      struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT site_id FROM unit WHERE program_id = $1 AND id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(unit_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) *site_id = bed_column(arena, cursor, 0);
  store_cursor_close(cursor);
  if (is_read && !more) bed_refuse(error, "error.admission.unit", "no such unit");
  return is_read && more;
}

static bool may_write(struct store_transaction *transaction, const struct access *access,
                      struct text unit_id, struct error *error)
{
  struct arena *arena = arena_new(4096);
  struct text site_id;
  bool may = unit_site(transaction, access, arena, unit_id, &site_id, error) &&
             bed_may(transaction, access, "site", "write", site_id, TEXT(""), error);
  arena_free(arena);
  return may;
}

/* --- Rooms --------------------------------------------------------------------------------- */

static bool room_check(struct store_transaction *transaction, const struct access *access,
                       const struct room *room, struct error *error)
{
  struct field_problems problems = {.count = 0};
  check_name(&problems, room->name);
  return may_write(transaction, access, room->unit_id, error) && refuse(&problems, error);
}

bool room_create(struct store_transaction *transaction, const struct beds *beds,
                 const struct access *access, struct arena *arena, struct room *room,
                 struct error *error)
{
  (void)beds;
  if (!room_check(transaction, access, room, error)) return false;
  struct text id = bed_new_id(arena, access->now);
  if (!store_execute(transaction,
                     "INSERT INTO room (program_id, id, unit_id, name, closed_at, made_at,"
                     " changed_at, version) VALUES ($1, $2, $3, $4, 0, $5, $5, 1)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(room->unit_id),
                                STORE_T(room->name), STORE_N(access->now)),
                     NULL, error))
    return false;
  room->id = id;
  room->version = 1;
  return true;
}

bool room_save(struct store_transaction *transaction, const struct beds *beds,
               const struct access *access, struct room *room, struct error *error)
{
  int64_t changed = 0;
  (void)beds;
  return room_check(transaction, access, room, error) &&
         store_execute(transaction,
                       "UPDATE room SET name = $3, closed_at = $4, changed_at = $5,"
                       " version = version + 1 WHERE program_id = $1 AND id = $2"
                       " AND version = $6 AND unit_id = $7",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(room->id),
                                  STORE_T(room->name), STORE_N(room->closed_at),
                                  STORE_N(access->now), STORE_N(room->version),
                                  STORE_T(room->unit_id)),
                       &changed, error) &&
         bed_saved(changed, error);
}

/* A room or bed with what it is sorted by, which its struct does not have. */
struct listed {
  struct text unit_name, room_name;
  union {
    struct room room;
    struct bed bed;
  };
};

static int compare_rooms(const void *a, const void *b)
{
  const struct listed *x = a, *y = b;
  int order = text_compare_natural(x->unit_name, y->unit_name);
  if (!order) order = text_compare(x->room.unit_id, y->room.unit_id);
  if (!order) order = text_compare_natural(x->room.name, y->room.name);
  return order ? order : text_compare(x->room.id, y->room.id);
}

static int compare_beds(const void *a, const void *b)
{
  const struct listed *x = a, *y = b;
  int order = text_compare_natural(x->unit_name, y->unit_name);
  if (!order) order = text_compare(x->bed.unit_id, y->bed.unit_id);
  if (!order) order = text_compare_natural(x->room_name, y->room_name);
  if (!order) order = text_compare(x->bed.room_id, y->bed.room_id);
  if (!order) order = text_compare_natural(x->bed.name, y->bed.name);
  return order ? order : text_compare(x->bed.id, y->bed.id);
}

bool room_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct text unit_id, struct room **out, size_t *count,
               struct error *error)
{
  if (!bed_may_any(transaction, access, TEXT(""), TEXT(""), error)) return false;
  struct listed *rows = arena_allocate_array(arena, LIMIT_BEDS, sizeof *rows);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT r.id, r.unit_id, r.name, r.closed_at, r.version, u.name FROM room r JOIN unit u"
      " ON u.program_id = r.program_id AND u.id = r.unit_id WHERE r.program_id = $1"
      " AND ($2 = '' OR r.unit_id = $2) AND ($3 = '' OR u.site_id = $3)"
      " ORDER BY r.unit_id, r.id LIMIT $4",
      STORE_BIND(STORE_T(access->program_id), STORE_T(unit_id), STORE_T(bed_scope_site(access)),
                 STORE_N(LIMIT_BEDS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    rows[found++] = (struct listed){.unit_name = bed_column(arena, cursor, 5),
                                    .room = {.id = bed_column(arena, cursor, 0),
                                             .unit_id = bed_column(arena, cursor, 1),
                                             .name = bed_column(arena, cursor, 2),
                                             .closed_at = store_column_integer(cursor, 3),
                                             .version = store_column_integer(cursor, 4)}};
  store_cursor_close(cursor);
  if (!is_read) return false;
  qsort(rows, found, sizeof *rows, compare_rooms);
  struct room *rooms = arena_allocate_array(arena, found + 1, sizeof *rooms);
  for (size_t i = 0; i < found; i++) rooms[i] = rows[i].room;
  *out = rooms;
  *count = found;
  return true;
}

/* --- Beds ---------------------------------------------------------------------------------- */

static bool check_room(struct store_transaction *transaction, const struct access *access,
                       const struct bed *bed, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_there = true, is_taken = false;
  if (bed->room_id.length &&
      !bed_any(store_query(transaction, &cursor,
                           "SELECT 1 FROM room WHERE program_id = $1 AND id = $2 AND unit_id = $3"
                           " AND closed_at = 0",
                           STORE_BIND(STORE_T(access->program_id), STORE_T(bed->room_id),
                                      STORE_T(bed->unit_id)),
                           error),
               &cursor, &is_there, error))
    return false;
  if (!is_there) return bed_refuse(error, "error.admission.room", "no such room in the unit");
  if (bed->closed_at == 0 &&
      !bed_any(store_query(transaction, &cursor,
                           "SELECT 1 FROM bed WHERE program_id = $1 AND unit_id = $2"
                           " AND room_id = $3 AND name = $4 AND id <> $5 AND closed_at = 0",
                           STORE_BIND(STORE_T(access->program_id), STORE_T(bed->unit_id),
                                      STORE_T(bed->room_id), STORE_T(bed->name), STORE_T(bed->id)),
                           error),
               &cursor, &is_taken, error))
    return false;
  return !is_taken ||
         bed_refuse(error, "error.admission.bed.name", "another bed there has the name");
}

static bool may_write_bed(struct store_transaction *transaction, const struct beds *beds,
                          const struct access *access, const struct bed *bed, struct error *error)
{
  struct field_problems problems = {.count = 0};
  if (!may_write(transaction, access, bed->unit_id, error)) return false;
  bed_check(beds, bed, &problems);
  return refuse(&problems, error) && check_room(transaction, access, bed, error);
}

static bool publish(struct store_transaction *transaction, const struct beds *beds,
                    const struct access *access, struct arena *arena, struct text bed_id,
                    struct error *error)
{
  struct bed_spot spot;
  return bed_spot_load(transaction, access, arena, bed_id, &spot, error) &&
         availability_derive(transaction, beds, arena, access->program_id, spot.site_id,
                             access->now, true, error);
}

bool bed_create(struct store_transaction *transaction, const struct beds *beds,
                const struct access *access, struct arena *arena, struct bed *bed,
                struct error *error)
{
  struct bed made = *bed;
  made.id = bed_new_id(arena, access->now);
  made.closed_at = 0;
  made.version = 1;
  if (!may_write_bed(transaction, beds, access, &made, error) ||
      !store_execute(
          transaction,
          "INSERT INTO bed (program_id, id, unit_id, room_id, name, level_of_care,"
          " policy, licensed, staffed, accessible, accepts_child, isolation, funding,"
          " medicines, closed_at, made_at, changed_at, version) VALUES ($1, $2, $3, $4,"
          " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $15, 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(made.unit_id),
                     STORE_T(made.room_id), STORE_T(made.name), STORE_T(made.level_of_care),
                     STORE_T(made.policy), STORE_N(made.licensed), STORE_N(made.staffed),
                     STORE_N(made.accessible), STORE_N(made.accepts_child), STORE_N(made.isolation),
                     STORE_T(made.funding), STORE_T(made.medicines), STORE_N(access->now)),
          NULL, error) ||
      !publish(transaction, beds, access, arena, made.id, error))
    return false;
  *bed = made;
  return true;
}

static bool refuse_used(struct store_transaction *transaction, const struct access *access,
                        struct text bed_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_used = false;
  if (!bed_any(store_query(
                   transaction, &cursor,
                   "SELECT 1 FROM bed_use WHERE program_id = $1 AND bed_id = $2"
                   " AND until_at > $3 AND until_at > start_at AND error_at = 0",
                   STORE_BIND(STORE_T(access->program_id), STORE_T(bed_id), STORE_N(access->now)),
                   error),
               &cursor, &is_used, error))
    return false;
  return !is_used || bed_conflict(error, "error.admission.bed.in-use", "the bed is in use");
}

bool bed_save(struct store_transaction *transaction, const struct beds *beds,
              const struct access *access, struct arena *arena, struct bed *bed,
              struct error *error)
{
  struct bed_spot was;
  int64_t changed = 0;
  if (!bed_spot_load(transaction, access, arena, bed->id, &was, error) ||
      !bed_may(transaction, access, "site", "write", was.site_id, TEXT(""), error) ||
      !may_write_bed(transaction, beds, access, bed, error))
    return false;
  bool is_going =
      (bed->closed_at && !was.bed.closed_at) || !text_equal(bed->unit_id, was.bed.unit_id);
  if (is_going && !refuse_used(transaction, access, bed->id, error)) return false;
  if (!store_execute(
          transaction,
          "UPDATE bed SET unit_id = $3, room_id = $4, name = $5, level_of_care = $6, policy = $7,"
          " licensed = $8, staffed = $9, accessible = $10, accepts_child = $11, isolation = $12,"
          " funding = $13, medicines = $14, closed_at = $15, changed_at = $16,"
          " version = version + 1 WHERE program_id = $1 AND id = $2 AND version = $17",
          STORE_BIND(STORE_T(access->program_id), STORE_T(bed->id), STORE_T(bed->unit_id),
                     STORE_T(bed->room_id), STORE_T(bed->name), STORE_T(bed->level_of_care),
                     STORE_T(bed->policy), STORE_N(bed->licensed), STORE_N(bed->staffed),
                     STORE_N(bed->accessible), STORE_N(bed->accepts_child), STORE_N(bed->isolation),
                     STORE_T(bed->funding), STORE_T(bed->medicines), STORE_N(bed->closed_at),
                     STORE_N(access->now), STORE_N(bed->version)),
          &changed, error) ||
      !bed_saved(changed, error))
    return false;
  return availability_derive(transaction, beds, arena, access->program_id, was.site_id, access->now,
                             true, error) &&
         publish(transaction, beds, access, arena, bed->id, error);
}

bool bed_load(struct store_transaction *transaction, const struct access *access,
              struct arena *arena, struct text id, struct bed *out, struct error *error)
{
  struct bed_spot spot;
  if (!bed_spot_load(transaction, access, arena, id, &spot, error) ||
      !bed_may_any(transaction, access, spot.site_id, TEXT(""), error))
    return false;
  *out = spot.bed;
  return true;
}

bool bed_list(struct store_transaction *transaction, const struct access *access,
              struct arena *arena, struct text unit_id, struct bed **out, size_t *count,
              struct error *error)
{
  if (!bed_may_any(transaction, access, TEXT(""), TEXT(""), error)) return false;
  struct listed *rows = arena_allocate_array(arena, LIMIT_BEDS, sizeof *rows);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT b.id, b.unit_id, b.room_id, b.name, b.level_of_care, b.policy, b.funding,"
      " b.medicines, b.licensed, b.staffed, b.accessible, b.accepts_child, b.isolation,"
      " b.closed_at, b.version, u.name, coalesce(r.name, '') FROM bed b JOIN unit u ON "
      "u.program_id = b.program_id"
      " AND u.id = b.unit_id LEFT JOIN room r ON r.program_id = b.program_id AND r.id = b.room_id"
      " WHERE b.program_id = $1 AND ($2 = '' OR b.unit_id = $2) AND ($3 = '' OR u.site_id = $3)"
      " ORDER BY b.unit_id, b.id LIMIT $4",
      STORE_BIND(STORE_T(access->program_id), STORE_T(unit_id), STORE_T(bed_scope_site(access)),
                 STORE_N(LIMIT_BEDS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    rows[found++] = (struct listed){.unit_name = bed_column(arena, cursor, 15),
                                    .room_name = bed_column(arena, cursor, 16),
                                    .bed = {.id = bed_column(arena, cursor, 0),
                                            .unit_id = bed_column(arena, cursor, 1),
                                            .room_id = bed_column(arena, cursor, 2),
                                            .name = bed_column(arena, cursor, 3),
                                            .level_of_care = bed_column(arena, cursor, 4),
                                            .policy = bed_column(arena, cursor, 5),
                                            .funding = bed_column(arena, cursor, 6),
                                            .medicines = bed_column(arena, cursor, 7),
                                            .licensed = store_column_integer(cursor, 8) != 0,
                                            .staffed = store_column_integer(cursor, 9) != 0,
                                            .accessible = store_column_integer(cursor, 10) != 0,
                                            .accepts_child = store_column_integer(cursor, 11) != 0,
                                            .isolation = store_column_integer(cursor, 12) != 0,
                                            .closed_at = store_column_integer(cursor, 13),
                                            .version = store_column_integer(cursor, 14)}};
  store_cursor_close(cursor);
  if (!is_read) return false;
  qsort(rows, found, sizeof *rows, compare_beds);
  struct bed *beds = arena_allocate_array(arena, found + 1, sizeof *beds);
  for (size_t i = 0; i < found; i++) beds[i] = rows[i].bed;
  *out = beds;
  *count = found;
  return true;
}

/* --- What a unit sets ------------------------------------------------------------------------ */

bool bed_unit_cleaning(struct store_transaction *transaction, const struct beds *beds,
                       struct text program_id, struct text unit_id, int64_t *minutes,
                       int64_t *version, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  int64_t set = 0, found = 0;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT cleaning_minutes, version FROM bed_unit"
                             " WHERE program_id = $1 AND unit_id = $2",
                             STORE_BIND(STORE_T(program_id), STORE_T(unit_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) {
    set = store_column_integer(cursor, 0);
    found = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  if (!is_read || (!more && !program_setting_number(transaction, beds->care, program_id,
                                                    "bed-cleaning-minutes", &set, error)))
    return false;
  *minutes = set;
  *version = found;
  return true;
}

bool bed_unit_save(struct store_transaction *transaction, const struct beds *beds,
                   const struct access *access, struct text unit_id, int64_t minutes,
                   int64_t version, struct error *error)
{
  int64_t changed = 0;
  (void)beds;
  if (!may_write(transaction, access, unit_id, error)) return false;
  if (minutes < 0 || minutes > LIMIT_BED_MINUTES)
    return bed_refuse(error, "error.care.number", "the field cleaning_minutes");
  return store_execute(transaction,
                       "INSERT INTO bed_unit (program_id, unit_id, cleaning_minutes, changed_at,"
                       " version) SELECT $1, $2, $3, $4, 1 WHERE CAST($5 AS BIGINT) = 0"
                       " ON CONFLICT (program_id, unit_id) DO NOTHING",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(unit_id), STORE_N(minutes),
                                  STORE_N(access->now), STORE_N(version)),
                       &changed, error) &&
         (changed == 1 ||
          store_execute(transaction,
                        "UPDATE bed_unit SET cleaning_minutes = $3, changed_at = $4,"
                        " version = version + 1 WHERE program_id = $1 AND unit_id = $2"
                        " AND version = $5",
                        STORE_BIND(STORE_T(access->program_id), STORE_T(unit_id), STORE_N(minutes),
                                   STORE_N(access->now), STORE_N(version)),
                        &changed, error)) &&
         bed_saved(changed, error);
}
