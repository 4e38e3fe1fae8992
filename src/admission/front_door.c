/*
 * Front door: which sites take requests from outside, and those requests. See front_door.h.
 *
 * Invariant: a request from outside, its private link and its place in the queue are made in one
 * transaction, which first looks whether the form's token is there: so one form makes one.
 */
#include "admission/front_door.h"

#include <string.h>

#include "admission/call.h"
#include "admission/request_private.h"

static const int64_t DAY = 86400LL * 1000000;

/* --- Doors --------------------------------------------------------------------------------- */

static struct front_door read_door(struct arena *arena, const struct store_cursor *cursor)
{
  return (struct front_door){
      .program_id = request_column(arena, cursor, 0),
      .site_id = request_column(arena, cursor, 1),
      .program = request_column(arena, cursor, 2),
      .site = request_column(arena, cursor, 3),
      .street = request_column(arena, cursor, 4),
      .city = request_column(arena, cursor, 5),
      .state = request_column(arena, cursor, 6),
      .zip = request_column(arena, cursor, 7),
      .phone = request_column(arena, cursor, 8),
      .hours = request_column(arena, cursor, 9),
      .staff_id = request_column(arena, cursor, 10),
      .takes_people = store_column_integer(cursor, 11) != 0,
      .takes_programs = store_column_integer(cursor, 12) != 0,
      .version = store_column_integer(cursor, 13),
  };
}

static bool is_open_for(const struct front_door *door, enum front_way way)
{
  return way == FRONT_REFER ? door->takes_programs : door->takes_people;
}

/* Does each word stand in its name or address? */
static bool has_words(struct arena *arena, const struct front_door *door, struct text words)
{
  struct text all =
      text_fold(arena, text_format(arena, "%.*s %.*s %.*s %.*s %.*s", TEXT_PRINT(door->program),
                                   TEXT_PRINT(door->site), TEXT_PRINT(door->city),
                                   TEXT_PRINT(door->state), TEXT_PRINT(door->zip)));
  struct text rest = text_fold(arena, words), word;
  while (text_word_next(&rest, &word))
    if (!text_contains(all, word)) return false;
  return true;
}

/* Open doors of one site ("": of all), the staff member only while they work there. */
static bool ask_doors(struct store_transaction *transaction, struct text site_id,
                      struct store_cursor **cursor, struct error *error)
{
  return store_query(
      transaction, cursor,
      "SELECT d.program_id, d.site_id, p.name, s.name, CASE WHEN s.city <> '' THEN s.street ELSE"
      " p.street END, CASE WHEN s.city <> '' THEN s.city ELSE p.city END,"
      " CASE WHEN s.city <> '' THEN s.state ELSE p.state END,"
      " CASE WHEN s.city <> '' THEN s.zip ELSE p.zip END,"
      " CASE WHEN s.phone <> '' THEN s.phone ELSE p.phone END,"
      " CASE WHEN s.hours <> '' THEN s.hours ELSE p.hours END, coalesce(f.id, ''), d.people,"
      " d.programs, d.version FROM front_door d"
      " JOIN program p ON p.program_id = d.program_id AND p.closed_at = 0"
      " JOIN site s ON s.program_id = d.program_id AND s.id = d.site_id AND s.closed_at = 0"
      " LEFT JOIN staff f ON f.program_id = d.program_id AND f.id = d.staff_id AND f.left_at = 0"
      " WHERE $1 = '' OR d.site_id = $1 ORDER BY 6, p.name, s.name, d.site_id",
      STORE_BIND(STORE_T(site_id)), error);
}

bool front_door_list(struct store_transaction *transaction, struct arena *arena, enum front_way way,
                     struct text words, size_t limit, struct front_door **out, size_t *count,
                     bool *more, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct front_door *all = arena_allocate_array(arena, limit + 1, sizeof *all);
  size_t found = 0;
  bool is_there = false;
  bool is_read = ask_doors(transaction, TEXT(""), &cursor, error);
  while (is_read && found <= limit && (is_read = store_next(cursor, &is_there, error)) &&
         is_there) {
    struct front_door door = read_door(arena, cursor);
    if (is_open_for(&door, way) && has_words(arena, &door, words)) all[found++] = door;
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found > limit ? limit : found;
  *more = found > limit;
  return true;
}

bool front_door_find(struct store_transaction *transaction, struct arena *arena, enum front_way way,
                     struct text site_id, struct front_door *out, bool *found, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct front_door door = {.version = 0};
  bool is_there = false;
  if (!uuid_is_valid(site_id)) {
    *found = false;
    return true;
  }
  bool is_read =
      ask_doors(transaction, site_id, &cursor, error) && store_next(cursor, &is_there, error);
  if (is_read && is_there) door = read_door(arena, cursor);
  store_cursor_close(cursor);
  if (!is_read) return false;
  *found = is_there && is_open_for(&door, way);
  if (*found) *out = door;
  return true;
}

static bool may_program(const struct access *access, const char *act, struct error *error)
{
  return (strcmp(access->object, "program") == 0 && strcmp(access->act, act) == 0) ||
         error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "front door: the access was not opened for program, %s", act);
}

bool front_door_own(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct front_door **out, size_t *count,
                    struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct front_door *all = arena_allocate_array(arena, LIMIT_CARE_SITES, sizeof *all);
  size_t found = 0;
  bool more = false;
  if (!may_program(access, "read", error)) return false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT s.program_id, s.id, p.name, s.name, s.street, s.city, s.state, s.zip, s.phone,"
      " s.hours, coalesce(f.id, ''), coalesce(d.people, 0), coalesce(d.programs, 0),"
      " coalesce(d.version, 0) FROM site s JOIN program p ON p.program_id = s.program_id"
      " LEFT JOIN front_door d ON d.program_id = s.program_id AND d.site_id = s.id"
      " LEFT JOIN staff f ON f.program_id = d.program_id AND f.id = d.staff_id AND f.left_at = 0"
      " WHERE s.program_id = $1 AND s.closed_at = 0 ORDER BY s.name, s.id LIMIT $2",
      STORE_BIND(STORE_T(access->program_id), STORE_N(LIMIT_CARE_SITES)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    all[found++] = read_door(arena, cursor);
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = all;
  *count = found;
  return true;
}

static bool check_site(struct store_transaction *transaction, const struct access *access,
                       struct text site_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_there = false;
  if (!request_any(store_query(transaction, &cursor,
                               "SELECT 1 FROM site WHERE program_id = $1 AND id = $2"
                               " AND closed_at = 0",
                               STORE_BIND(STORE_T(access->program_id), STORE_T(site_id)), error),
                   &cursor, &is_there, error))
    return false;
  return is_there || error_set(error, ERROR_REFUSED, "error.request.code", "",
                               "front door: no such site of the program");
}

bool front_door_save(struct store_transaction *transaction, const struct access *access,
                     struct front_door *door, struct error *error)
{
  int64_t changed = 0;
  bool is_open = door->takes_people || door->takes_programs;
  if (!may_program(access, "write", error) ||
      !check_site(transaction, access, door->site_id, error) ||
      ((is_open || door->staff_id.length) &&
       !request_check_staff(transaction, access, door->staff_id, error)))
    return false;
  if (!store_execute(
          transaction,
          "INSERT INTO front_door (program_id, site_id, staff_id, people, programs, changed_at,"
          " version) VALUES ($1, $2, $3, $4, $5, $6, 1) ON CONFLICT (program_id, site_id) DO UPDATE"
          " SET staff_id = excluded.staff_id, people = excluded.people,"
          " programs = excluded.programs, changed_at = excluded.changed_at,"
          " version = front_door.version + 1 WHERE front_door.version = $7",
          STORE_BIND(STORE_T(access->program_id), STORE_T(door->site_id), STORE_T(door->staff_id),
                     STORE_N(door->takes_people), STORE_N(door->takes_programs),
                     STORE_N(access->now), STORE_N(door->version)),
          &changed, error) ||
      !request_saved(changed, error))
    return false;
  door->version++;
  return true;
}

/* --- Asking -------------------------------------------------------------------------------- */

struct asking {
  const struct requests *requests;
  struct arena *arena;
  struct front_ask *ask;
  int64_t now, answer_by;
  const struct zone *zone;
  enum front_answer answer;
  bool is_decided; /* without making one */
};

/* Did this form make one before? */
static bool find_repeat(struct store_transaction *transaction, struct asking *asking,
                        struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text program_id = TEXT(""), site_id = TEXT("");
  unsigned char bytes[REQUEST_TOKEN_BYTES];
  bool more = false;
  if (!request_token_read(asking->ask->token, bytes))
    return error_set(error, ERROR_REFUSED, "error.seal.broken", "", "front door: no token");
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT l.program_id, r.site_id, r.answer_by FROM request_link l JOIN request r"
                  " ON r.program_id = l.program_id AND r.id = l.request_id WHERE l.hash = $1",
                  STORE_BIND(STORE_B(request_token_hash(asking->arena, bytes))), error) &&
      store_next(cursor, &more, error);
  if (is_read && more) {
    program_id = request_column(asking->arena, cursor, 0);
    site_id = request_column(asking->arena, cursor, 1);
    asking->answer_by = store_column_integer(cursor, 2);
    asking->answer = FRONT_REPEATED;
    asking->is_decided = true;
  }
  store_cursor_close(cursor);
  /* Sent to another program before: nothing came to this one, and it is not said that it did. */
  if (is_read && more && !text_equal(program_id, asking->ask->program_id))
    return error_set(error, ERROR_REFUSED, "error.ask.key", "",
                     "front door: the form was sent to another program");
  return is_read && (!more || site_zone(transaction, program_id, site_id, &asking->zone, error));
}

/* Is the door open, and are there not too many? Sets who looks after it. */
static bool look_at_door(struct store_transaction *transaction, struct asking *asking,
                         struct error *error)
{
  struct front_ask *ask = asking->ask;
  struct front_door door;
  struct store_cursor *cursor = NULL;
  int64_t came = 0;
  bool found = false;
  if (!front_door_find(transaction, asking->arena, ask->way, ask->request.site_id, &door, &found,
                       error))
    return false;
  if (!found || !text_equal(door.program_id, ask->program_id)) {
    asking->answer = FRONT_CLOSED;
    asking->is_decided = true;
    return true;
  }
  ask->request.assigned = door.staff_id;
  if (!request_number(store_query(transaction, &cursor,
                                  "SELECT count(*) FROM front_door_request WHERE program_id = $1"
                                  " AND made_at > $2",
                                  STORE_BIND(STORE_T(ask->program_id), STORE_N(asking->now - DAY)),
                                  error),
                      &cursor, &came, error))
    return false;
  if (came < LIMIT_DOOR_PROGRAM) return true;
  asking->answer = FRONT_FULL;
  asking->is_decided = true;
  return true;
}

static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  asking->is_decided = false;
  return find_repeat(transaction, asking, error) &&
         (asking->is_decided || look_at_door(transaction, asking, error));
}

static bool count_in(struct store_transaction *transaction, const struct asking *asking,
                     struct text request_id, struct error *error)
{
  static const char *const ways[] = {
      [FRONT_CARRY] = "carry", [FRONT_TALK] = "talk", [FRONT_REFER] = "refer"};
  return store_execute(transaction,
                       "INSERT INTO front_door_request (program_id, request_id, way, made_at)"
                       " VALUES ($1, $2, $3, $4)",
                       STORE_BIND(STORE_T(asking->ask->program_id), STORE_T(request_id),
                                  STORE_T(text_from(ways[asking->ask->way])), STORE_N(asking->now)),
                       NULL, error);
}

static bool make(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  struct front_ask *ask = asking->ask;
  struct actor system = actor_system(ask->program_id);
  struct role_subject subject = {.person_id = ask->request.subject_id};
  struct request made = ask->request;
  struct access access;
  if (!look(transaction, asking, error)) return false;
  if (asking->is_decided) return true;
  made.assigned = ask->request.assigned;
  if (!access_open(transaction, asking->requests->privacy, &system, "request", "write", &subject,
                   TEXT(""), asking->now, &access, error) ||
      !request_create(transaction, asking->requests, &access, asking->arena, &made, error) ||
      !request_link_add(transaction, asking->requests, &access, asking->arena, made.id, ask->token,
                        error) ||
      !count_in(transaction, asking, made.id, error) ||
      !site_zone(transaction, ask->program_id, made.site_id, &asking->zone, error))
    return false;
  struct callback callback = {
      .request_id = made.id, .script = TEXT("call-back"), .due_at = made.answer_by};
  if (ask->wants_call &&
      !callback_add(transaction, asking->requests, &access, asking->arena, &callback, error))
    return false;
  asking->answer = FRONT_MADE;
  asking->answer_by = made.answer_by;
  return true;
}

bool front_door_ask(struct store *store, struct requests *requests, struct arena *arena,
                    struct front_ask *ask, int64_t now, enum front_answer *answer,
                    int64_t *answer_by, const struct zone **zone, struct error *error)
{
  struct asking asking = {.requests = requests, .arena = arena, .ask = ask, .now = now};
  if (!store_read(store, look, &asking, error)) return false;
  if (!asking.is_decided && (!request_begin(requests->privacy, arena, ask->program_id, now,
                                            &ask->request.subject_id, error) ||
                             !store_write(store, make, &asking, error))) {
    /* The door stands open, but whoever was named has left, and nobody else is to be told. */
    if (!error->person || strcmp(error->person, "error.request.assigned") != 0) return false;
    error_clear(error);
    asking.answer = FRONT_CLOSED;
  }
  *answer = asking.answer;
  *answer_by = asking.answer_by;
  *zone = asking.zone;
  return true;
}
