/*
 * station: shared computers, shifts, and switching. See station.h.
 *
 * Invariants: a revoked station has no sessions; a switch proves nothing for dangerous acts; at a
 * station one session lives for a browser. Any thread.
 */
#include "privacy/session_private.h"

/* --- Rows ------------------------------------------------------------------------------------ */

static void take_station(const struct store_cursor *cursor, struct arena *arena,
                         struct station *out)
{
  *out = (struct station){.id = text_copy(arena, store_column_text(cursor, 0)),
                          .program_id = text_copy(arena, store_column_text(cursor, 1)),
                          .site_id = text_copy(arena, store_column_text(cursor, 2)),
                          .name = text_copy(arena, store_column_text(cursor, 3)),
                          .made_at = store_column_integer(cursor, 4),
                          .seen_at = store_column_integer(cursor, 5),
                          .is_revoked = store_column_integer(cursor, 6) != 0};
}

struct station_search {
  struct arena *arena;
  struct text digest;
  struct station *out;
  bool found;
};

static bool find_in(struct store_transaction *transaction, void *context, struct error *error)
{
  struct station_search *search = context;
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor,
                   "SELECT id, program_id, site_id, name, made_at, seen_at, revoked_at FROM "
                   "station WHERE token = $1 AND revoked_at = 0",
                   STORE_BIND(STORE_B(search->digest)), error))
    return false;
  bool is_read = store_next(cursor, &search->found, error);
  if (is_read && search->found) take_station(cursor, search->arena, search->out);
  store_cursor_close(cursor);
  return is_read;
}

struct seen {
  struct text program_id, id;
  int64_t now, before;
};

static bool write_seen(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct seen *seen = context;
  return store_execute(
      transaction,
      "UPDATE station SET seen_at = $3 WHERE program_id = $1 AND id = $2 AND seen_at <= $4",
      STORE_BIND(STORE_T(seen->program_id), STORE_T(seen->id), STORE_N(seen->now),
                 STORE_N(seen->before)),
      NULL, error);
}

bool station_find(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                  struct station *out, struct error *error)
{
  enum { TOKEN_LONGEST = 64 };
  struct station found = {0};
  struct station_search search = {arena, secret_digest(arena, token), &found, false};
  struct error failed = {0};
  if (token.length > 0 && token.length <= TOKEN_LONGEST &&
      !store_read(privacy->store, find_in, &search, error))
    return false;
  if (!search.found)
    return error_set(error, ERROR_NOT_FOUND, "error.station", "Enroll this computer again.",
                     "there is no such station, or it was revoked");
  struct seen seen = {found.program_id, found.id, now, now - privacy->sign_in->seen_every};
  if (found.seen_at <= seen.before && !store_write(privacy->store, write_seen, &seen, &failed))
    log_error("station.seen", &failed);
  *out = found;
  return true;
}

bool station_list(struct store_transaction *transaction, struct arena *arena,
                  struct text program_id, struct station **out, size_t *count, struct error *error)
{
  enum { MOST = 500 };
  struct station *stations = arena_allocate_array(arena, MOST, sizeof *stations);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT id, program_id, site_id, name, made_at, seen_at, revoked_at FROM "
                   "station WHERE program_id = $1 ORDER BY revoked_at > 0, name, id LIMIT 500",
                   STORE_BIND(STORE_T(program_id)), error))
    return false;
  while (found < MOST && store_next(cursor, &more, error) && more)
    take_station(cursor, arena, &stations[found++]);
  store_cursor_close(cursor);
  if (more && found < MOST) return false;
  *out = stations;
  *count = found;
  return true;
}

/* --- Enrolling and revoking ------------------------------------------------------------------ */

struct change {
  struct privacy *privacy;
  struct actor *by;
  struct text id, site_id, name, digest;
  int64_t now;
};

static bool enroll_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct change *change = context;
  const struct privacy_place place = {.program_id = change->by->program_id,
                                      .site_id = change->site_id};
  struct access access;
  return access_open(transaction, change->privacy, change->by, "station", "enroll", NULL,
                     change->id, change->now, &access, error) &&
         privacy_check_place(change->privacy, transaction, &place, "error.care.site", error) &&
         store_execute(transaction,
                       "INSERT INTO station (program_id, id, site_id, name, token, made_at, "
                       "seen_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $6, 0)",
                       STORE_BIND(STORE_T(change->by->program_id), STORE_T(change->id),
                                  STORE_T(change->site_id), STORE_T(change->name),
                                  STORE_B(change->digest), STORE_N(change->now)),
                       NULL, error);
}

bool station_enroll(struct privacy *privacy, struct actor *by, struct text site_id,
                    struct text name, struct arena *arena, int64_t now, struct text *token,
                    struct error *error)
{
  enum { NAME_LONGEST = 80 };
  struct text trimmed = text_trim(name), made = secret_token(arena);
  char *id = arena_allocate(arena, UUID_TEXT + 1);
  if (trimmed.length == 0 || trimmed.length > NAME_LONGEST)
    return error_set(error, ERROR_REFUSED, "error.station.name", "Say where it stands.",
                     "a station's name has 1 to %d bytes", (int)NAME_LONGEST);
  if (text_is_empty(by->program_id))
    return error_set(error, ERROR_REFUSED, "error.session.program", "Choose the program first.",
                     "a station belongs to a program");
  uuid_new(now, id);
  struct change change = {.privacy = privacy,
                          .by = by,
                          .id = text_from(id),
                          .site_id = site_id,
                          .name = trimmed,
                          .digest = secret_digest(arena, made),
                          .now = now};
  if (!store_write(privacy->store, enroll_in, &change, error)) return false;
  *token = made;
  return true;
}

static bool revoke_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct change *change = context;
  struct text program_id = change->by->program_id;
  struct access access;
  int64_t changed = 0;
  if (!access_open(transaction, change->privacy, change->by, "station", "revoke", NULL, change->id,
                   change->now, &access, error) ||
      !store_execute(transaction,
                     "UPDATE station SET revoked_at = $3 WHERE program_id = $1 AND id = $2 AND "
                     "revoked_at = 0",
                     STORE_BIND(STORE_T(program_id), STORE_T(change->id), STORE_N(change->now)),
                     &changed, error))
    return false;
  if (changed == 0)
    return error_set(error, ERROR_NOT_FOUND, "error.station", "Look at the list again.",
                     "there is no such station");
  return store_execute(transaction,
                       "DELETE FROM station_shift WHERE program_id = $1 AND station_id = $2",
                       STORE_BIND(STORE_T(program_id), STORE_T(change->id)), NULL, error) &&
         store_execute(transaction, "DELETE FROM session WHERE station_id = $1",
                       STORE_BIND(STORE_T(change->id)), NULL, error);
}

bool station_revoke(struct privacy *privacy, struct actor *by, struct text station_id, int64_t now,
                    struct error *error)
{
  struct change change = {.privacy = privacy, .by = by, .id = station_id, .now = now};
  return store_write(privacy->store, revoke_in, &change, error);
}

/* --- Shifts ---------------------------------------------------------------------------------- */

bool station_members(struct store_transaction *transaction, struct arena *arena,
                     struct text station_id, int64_t now, struct station_member **out,
                     size_t *count, struct error *error)
{
  enum { MOST = 200 };
  struct station_member *members = arena_allocate_array(arena, MOST, sizeof *members);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT a.id, a.shown_name, s.ends_at FROM station_shift s JOIN account a ON "
                   "a.id = s.account_id WHERE s.station_id = $1 AND s.ends_at > $2 AND "
                   "a.disabled_at = 0 ORDER BY a.shown_name, a.id LIMIT 200",
                   STORE_BIND(STORE_T(station_id), STORE_N(now)), error))
    return false;
  while (found < MOST && store_next(cursor, &more, error) && more)
    members[found++] =
        (struct station_member){.account_id = text_copy(arena, store_column_text(cursor, 0)),
                                .shown_name = text_copy(arena, store_column_text(cursor, 1)),
                                .shift_ends_at = store_column_integer(cursor, 2)};
  store_cursor_close(cursor);
  if (more && found < MOST) return false;
  *out = members;
  *count = found;
  return true;
}

struct shift {
  const struct station *station;
  const struct session_row *row;
  const struct actor *actor;
  int64_t shift_ends_at, session_ends_at, now;
};

static bool shift_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct shift *shift = context;
  return store_execute(transaction,
                       "INSERT INTO station_shift (program_id, station_id, account_id, ends_at) "
                       "VALUES ($1, $2, $3, $4) ON CONFLICT (program_id, station_id, account_id) "
                       "DO UPDATE SET ends_at = EXCLUDED.ends_at",
                       STORE_BIND(STORE_T(shift->station->program_id), STORE_T(shift->station->id),
                                  STORE_T(shift->row->account_id), STORE_N(shift->shift_ends_at)),
                       NULL, error) &&
         store_execute(transaction,
                       "UPDATE session SET station_id = $2, ends_at = $3 WHERE id = $1",
                       STORE_BIND(STORE_T(shift->row->id), STORE_T(shift->station->id),
                                  STORE_N(shift->session_ends_at)),
                       NULL, error) &&
         sign_in_audit(transaction, shift->actor, "station", "shift", shift->station->id,
                       AUDIT_DONE, shift->now, error);
}

static int64_t earlier(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static bool begin_shift(struct privacy *privacy, struct arena *arena, struct text station_token,
                        struct text session_token, int64_t now, struct error *error)
{
  struct station station = {0};
  struct session_row row = {0};
  struct account account = {0};
  if (!station_find(privacy, arena, station_token, now, &station, error) ||
      !session_read(privacy, arena, session_token, now, &row, &account, NULL, error))
    return false;
  if (row.step != SESSION_OPEN || account_kind(&account) != ACTOR_STAFF ||
      !text_equal(row.program_id, station.program_id))
    return error_set(error, ERROR_FORBIDDEN, "error.station.program",
                     "Sign in to the program of this station.",
                     "the session is not an open one in the station's program");
  struct actor actor = session_actor(privacy, arena, &row, &account, now);
  actor.station_id = station.id;
  struct shift shift = {.station = &station,
                        .row = &row,
                        .actor = &actor,
                        .shift_ends_at = now + privacy->sign_in->shift,
                        .session_ends_at =
                            earlier(row.ends_at, now + privacy->sign_in->station_absolute),
                        .now = now};
  return store_write(privacy->store, shift_in, &shift, error);
}

bool station_begin_shift(struct privacy *privacy, struct text station_token,
                         struct text session_token, int64_t now, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool is_begun = begin_shift(privacy, arena, station_token, session_token, now, error);
  arena_free(arena);
  return is_begun;
}

/* --- Switching ------------------------------------------------------------------------------- */

struct switching {
  struct privacy *privacy;
  struct arena *arena;
  struct station station;
  struct account account;
  struct account_secrets secrets;
  struct text before, fresh; /* digests */
  int64_t now;
};

static bool refuse_switch(struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.switch", "Or sign in with your password.",
                   "no shift here, or the PIN or badge is not right");
}

/* When the shift of this account at this station ends; refuses without one. */
static bool read_shift(struct store_transaction *transaction, const struct switching *switching,
                       int64_t *ends_at, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT ends_at FROM station_shift WHERE program_id = $1 AND station_id = $2 "
                   "AND account_id = $3 AND ends_at > $4",
                   STORE_BIND(STORE_T(switching->station.program_id),
                              STORE_T(switching->station.id), STORE_T(switching->account.id),
                              STORE_N(switching->now)),
                   error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read && more) *ends_at = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return is_read && (more || refuse_switch(error));
}

static bool check_shift(struct store_transaction *transaction, void *context, struct error *error)
{
  int64_t ends_at;
  return read_shift(transaction, context, &ends_at, error);
}

static bool switch_in(struct store_transaction *transaction, void *context, struct error *error)
{
  struct switching *switching = context;
  struct privacy *privacy = switching->privacy;
  char id[UUID_TEXT + 1];
  int64_t shift_ends_at, now = switching->now;
  if (!read_shift(transaction, switching, &shift_ends_at, error)) return false;
  uuid_new(now, id);
  struct session_row row = {.id = text_from(id),
                            .token = switching->fresh,
                            .account_id = switching->account.id,
                            .station_id = switching->station.id,
                            .program_id = switching->station.program_id,
                            .step = account_next_step(privacy, &switching->account),
                            .made_at = now,
                            .seen_at = now,
                            .ends_at =
                                earlier(shift_ends_at, now + privacy->sign_in->station_absolute)};
  struct actor actor = session_actor(privacy, switching->arena, &row, &switching->account, now);
  return store_execute(transaction, "DELETE FROM session WHERE token = $1 AND station_id = $2",
                       STORE_BIND(STORE_B(switching->before), STORE_T(switching->station.id)), NULL,
                       error) &&
         session_row_insert(transaction, &row, error) &&
         sign_in_audit(transaction, &actor, "station", "switch", switching->station.id, AUDIT_DONE,
                       now, error);
}

static bool write_unknown(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct switching *switching = context;
  struct actor nobody = {.station_id = switching->station.id,
                         .program_id = switching->station.program_id};
  return sign_in_audit(transaction, &nobody, "station", "switch", switching->station.id,
                       AUDIT_FAILED, switching->now, error);
}

/* Who holds the badge; a badge that nobody has is written down and refused. */
static bool find_by_badge(struct switching *switching, struct text badge, struct error *error)
{
  struct privacy *privacy = switching->privacy;
  struct error unknown = {0};
  struct text hash;
  if (!account_badge_hash(privacy, switching->arena, text_trim(badge), &hash, error)) return false;
  if (account_read_alone(privacy, switching->arena, ACCOUNT_BY_BADGE, hash, &switching->account,
                         &switching->secrets, &unknown))
    return true;
  if (unknown.kind != ERROR_NOT_FOUND) {
    if (error) *error = unknown;
    return false;
  }
  return store_write(privacy->store, write_unknown, switching, error) && refuse_switch(error);
}

static bool find_by_account(struct switching *switching, struct text account_id, struct text pin,
                            struct error *error)
{
  struct privacy *privacy = switching->privacy;
  return account_read_alone(privacy, switching->arena, ACCOUNT_BY_ID, account_id,
                            &switching->account, &switching->secrets, error) &&
         store_read(privacy->store, check_shift, switching, error) &&
         account_prove_pin(privacy, &switching->account, &switching->secrets, pin, switching->now,
                           error);
}

bool station_switch(struct privacy *privacy, struct text station_token, struct text before_token,
                    struct text account_id, struct text secret, struct arena *arena, int64_t now,
                    struct text *token, struct error *error)
{
  struct text made = secret_token(arena);
  struct switching switching = {.privacy = privacy,
                                .arena = arena,
                                .before = secret_digest(arena, before_token),
                                .fresh = secret_digest(arena, made),
                                .now = now};
  if (!station_find(privacy, arena, station_token, now, &switching.station, error)) return false;
  bool is_proved = text_is_empty(account_id)
                       ? find_by_badge(&switching, secret, error)
                       : find_by_account(&switching, account_id, secret, error);
  if (!is_proved) return false;
  if (switching.account.is_disabled) return refuse_switch(error);
  if (!store_write(privacy->store, switch_in, &switching, error)) return false;
  *token = made;
  return true;
}
