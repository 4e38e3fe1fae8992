/*
 * Bed_row: what every file about beds does with an access, a row, a time. See bed_private.h.
 */
#include <string.h>

#include "admission/bed_private.h"

/* --- Access ------------------------------------------------------------------------------ */

static bool refuse_access(const char *object, const char *act, struct error *error)
{
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "admission: the access was not opened for %s, %s, this site and person", object,
                   act);
}

struct text bed_scope_site(const struct access *access)
{
  return access->scope < SCOPE_PROGRAM ? access->actor->site_id : TEXT("");
}

static bool is_person(struct store_transaction *transaction, const struct access *access,
                      struct text person_id, bool *out, struct error *error)
{
  struct arena *arena = arena_new(4096);
  struct text standing;
  bool is_read =
      person_standing(transaction, arena, access->program_id, person_id, &standing, error);
  if (is_read) *out = text_equal(standing, access->person_id);
  arena_free(arena);
  return is_read;
}

bool bed_may(struct store_transaction *transaction, const struct access *access, const char *object,
             const char *act, struct text site_id, struct text person_id, struct error *error)
{
  struct text own = bed_scope_site(access);
  bool is_same = true;
  if (!access->object || !access->act || strcmp(access->object, object) != 0 ||
      strcmp(access->act, act) != 0 || (site_id.length && own.length && !text_equal(site_id, own)))
    return refuse_access(object, act, error);
  if (access->actor->kind == ACTOR_SYSTEM) return true; /* a clock acts for whoever it is about */
  if (person_id.length && !text_equal(person_id, access->person_id) &&
      !is_person(transaction, access, person_id, &is_same, error))
    return false;
  return is_same || refuse_access(object, act, error);
}

bool bed_may_any(struct store_transaction *transaction, const struct access *access,
                 struct text site_id, struct text person_id, struct error *error)
{
  static const char *const objects[] = {"bed-board", "site", "episode"};
  static const char *const acts[] = {"read", "write"};
  const char *object = objects[0], *act = acts[0];
  for (size_t i = 1; i < 3; i++)
    if (access->object && strcmp(access->object, objects[i]) == 0) object = objects[i];
  if (access->act && strcmp(access->act, acts[1]) == 0) act = acts[1];
  return bed_may(transaction, access, object, act, site_id, person_id, error);
}

bool bed_system_access(struct store_transaction *transaction, const struct beds *beds,
                       struct actor *actor, struct text object_id, int64_t now, struct access *out,
                       struct error *error)
{
  return access_open(transaction, care_privacy(beds->care), actor, "bed-board", "write", NULL,
                     object_id, now, out, error);
}

/* --- Rows ---------------------------------------------------------------------------------- */

struct text bed_new_id(struct arena *arena, int64_t now)
{
  char id[UUID_TEXT + 1];
  uuid_new(now, id);
  return text_copy(arena, text_from(id));
}

struct text bed_column(struct arena *arena, const struct store_cursor *cursor, int column)
{
  return text_copy(arena, store_column_text(cursor, column));
}

bool bed_any(bool is_asked, struct store_cursor **cursor, bool *out, struct error *error)
{
  bool more = false;
  bool is_read = is_asked && store_next(*cursor, &more, error);
  if (is_asked) store_cursor_close(*cursor);
  *cursor = NULL;
  if (is_read) *out = more;
  return is_read;
}

bool bed_saved(int64_t changed, struct error *error)
{
  if (changed == 1) return true;
  return error_set(error, ERROR_CONFLICT, "error.care.stale", "Load it again.",
                   "admission: the row's version is another");
}

bool bed_refuse(struct error *error, const char *key, const char *what)
{
  return error_set(error, ERROR_REFUSED, key, "", "admission: %s", what);
}

bool bed_conflict(struct error *error, const char *key, const char *what)
{
  return error_set(error, ERROR_CONFLICT, key, "Look at the board again.", "admission: %s", what);
}

bool bed_check_reason(const struct beds *beds, struct text reason, const char *act,
                      struct error *error)
{
  if (bed_code_says(beds, BED_REASONS, reason, "acts", text_from(act))) return true;
  return bed_refuse(error, reason.length ? "error.care.code" : "error.care.required",
                    "the field reason");
}

bool bed_check_time(const struct access *access, int64_t at, int64_t earliest, struct error *error)
{
  if (at > access->now) return bed_refuse(error, "error.care.future", "an act in the future");
  return at >= earliest || bed_refuse(error, "error.admission.order", "before what it follows");
}

bool bed_spot_load(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct text bed_id, struct bed_spot *out,
                   struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT b.id, b.unit_id, b.room_id, b.name, b.level_of_care, b.policy, b.funding,"
                  " b.medicines, b.licensed, b.staffed, b.accessible, b.accepts_child, b.isolation,"
                  " b.closed_at, b.version, u.site_id, u.licensed, u.staffed, u.closed_at"
                  " FROM bed b JOIN unit u ON u.program_id = b.program_id AND u.id = b.unit_id"
                  " WHERE b.program_id = $1 AND b.id = $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(bed_id)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more)
    *out = (struct bed_spot){
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
                .version = store_column_integer(cursor, 14)},
        .site_id = bed_column(arena, cursor, 15),
        .unit_licensed = store_column_integer(cursor, 16),
        .unit_staffed = store_column_integer(cursor, 17),
        .unit_closed_at = store_column_integer(cursor, 18),
    };
  store_cursor_close(cursor);
  if (!is_read || more) return is_read;
  return error_set(error, ERROR_NOT_FOUND, "error.admission.bed", "", "admission: no such bed");
}

bool bed_episode_load(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text id, struct bed_episode *out,
                      struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT id, person_id, status, site_id, unit_id, level_of_care,"
                             " begun_at, ended_at, version FROM episode WHERE program_id = $1"
                             " AND id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more)
    *out = (struct bed_episode){
        .id = bed_column(arena, cursor, 0),
        .person_id = bed_column(arena, cursor, 1),
        .status = bed_column(arena, cursor, 2),
        .site_id = bed_column(arena, cursor, 3),
        .unit_id = bed_column(arena, cursor, 4),
        .level_of_care = bed_column(arena, cursor, 5),
        .begun_at = store_column_integer(cursor, 6),
        .ended_at = store_column_integer(cursor, 7),
        .version = store_column_integer(cursor, 8),
    };
  store_cursor_close(cursor);
  if (!is_read || more) return is_read;
  return error_set(error, ERROR_NOT_FOUND, "error.care.episode", "", "admission: no such stay");
}
