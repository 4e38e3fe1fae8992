/*
 * session: how one begins: name and password, then a code, then what the account still lacks. See
 * session.h.
 *
 * Every answer to a wrong name, a wrong password, a disabled and a locked account is the same, and
 * each costs one hash, unless the tries are locked, which they are for a name that nobody has just
 * as well. A try is counted before it is looked at and given back when it was right. A token that
 * proved less than the next step never becomes one that proved more: each step hands out a new one.
 * Any thread.
 */
#include "privacy/session_private.h"

enum { SECOND = 1000000 };

struct attempt {
  struct privacy *privacy;
  struct arena *arena;
  struct text name;
  struct sign_in_place place;
  struct text device; /* the digest of its token, or "" */
  struct account account;
  struct account_secrets secrets;
  struct failure_try one;
  struct session_row row;
  struct text fresh_hash; /* when the hash costs more than it used to */
  int64_t now;
  bool is_known, is_right, is_device; /* somebody signed in with this browser before */
};

/* --- Counting it ----------------------------------------------------------------------------- */

static bool read_account(struct store_transaction *transaction, struct attempt *attempt,
                         struct error *error)
{
  struct error unknown = {0};
  attempt->is_known = account_read(transaction, attempt->arena, ACCOUNT_BY_NAME, attempt->name,
                                   &attempt->account, &attempt->secrets, &unknown);
  if (attempt->is_known || unknown.kind == ERROR_NOT_FOUND) return true;
  if (error) *error = unknown;
  return false;
}

/* Under which key the try counts. */
static bool find_key(struct store_transaction *transaction, struct attempt *attempt,
                     struct text *key, struct error *error)
{
  bool is_theirs = false;
  struct text account_id = attempt->is_known ? attempt->account.id : TEXT("");
  if (!device_find(transaction, attempt->privacy->sign_in, attempt->device, account_id,
                   attempt->now, &attempt->is_device, &is_theirs, error))
    return false;
  if (!text_is_empty(attempt->place.station_id))
    *key =
        failure_key_of_place(attempt->arena, "station", attempt->place.station_id, attempt->name);
  else if (is_theirs)
    *key = failure_key_of_place(attempt->arena, "device", attempt->place.device, attempt->name);
  else *key = failure_key_of_name(attempt->arena, attempt->name);
  return true;
}

static bool write_failure(struct store_transaction *transaction, void *context, struct error *error)
{
  struct attempt *attempt = context;
  struct actor actor = {.kind = ACTOR_STAFF};
  if (attempt->is_known)
    actor = (struct actor){.kind = account_kind(&attempt->account),
                           .account_id = attempt->account.id,
                           .name = attempt->account.shown_name,
                           .person_id = attempt->account.person_id,
                           .program_id = session_first_program(&attempt->account)};
  return failure_audit(transaction, &attempt->one, &actor, "session", "sign-in", TEXT(""),
                       attempt->now, error);
}

static bool take_attempt(struct store_transaction *transaction, void *context, struct error *error)
{
  struct attempt *attempt = context;
  struct text key;
  return read_account(transaction, attempt, error) && find_key(transaction, attempt, &key, error) &&
         failure_take(transaction, attempt->privacy->sign_in, key, attempt->now, &attempt->one,
                      error) &&
         (attempt->one.may_try || write_failure(transaction, attempt, error));
}

static bool give_back(struct store_transaction *transaction, void *context, struct error *error)
{
  struct attempt *attempt = context;
  return failure_give_back(transaction, &attempt->one, error);
}

/* --- A right one ----------------------------------------------------------------------------- */

static bool forget_ended(struct store_transaction *transaction, int64_t now, struct error *error)
{
  return store_execute(transaction, "DELETE FROM session WHERE ends_at <= $1",
                       STORE_BIND(STORE_N(now)), NULL, error) &&
         store_execute(transaction, "DELETE FROM station_shift WHERE ends_at <= $1",
                       STORE_BIND(STORE_N(now)), NULL, error);
}

/* The password was right. With a second factor only its code clears what was counted, and makes
 * the browser known. */
static bool settle(struct store_transaction *transaction, const struct attempt *attempt,
                   struct error *error)
{
  if (attempt->account.has_totp) return failure_give_back(transaction, &attempt->one, error);
  return failure_clear(transaction, attempt->one.key, error) &&
         device_remember(transaction, attempt->privacy->sign_in, attempt->row.device,
                         attempt->account.id, attempt->now, error);
}

static bool write_session(struct store_transaction *transaction, void *context, struct error *error)
{
  struct attempt *attempt = context;
  const struct account *account = &attempt->account;
  struct actor actor =
      session_actor(attempt->privacy, attempt->arena, &attempt->row, account, attempt->now);
  if (!forget_ended(transaction, attempt->now, error) ||
      !session_end_before(transaction, attempt->privacy, attempt->arena,
                          secret_digest(attempt->arena, attempt->place.before), attempt->now,
                          error) ||
      !settle(transaction, attempt, error) ||
      !session_row_insert(transaction, &attempt->row, error))
    return false;
  if (!text_is_empty(attempt->fresh_hash) &&
      !store_execute(transaction, "UPDATE account SET password = $2 WHERE id = $1",
                     STORE_BIND(STORE_T(account->id), STORE_T(attempt->fresh_hash)), NULL, error))
    return false;
  return store_execute(transaction,
                       "UPDATE account SET last_sign_in_at = $2, pin_failures = 0 WHERE id = $1",
                       STORE_BIND(STORE_T(account->id), STORE_N(attempt->now)), NULL, error) &&
         sign_in_audit(transaction, &actor, "session", "sign-in", attempt->row.id, AUDIT_DONE,
                       attempt->now, error);
}

static void fill_row(struct attempt *attempt, struct text token)
{
  const struct account *account = &attempt->account;
  char *id = arena_allocate(attempt->arena, UUID_TEXT + 1);
  enum session_step step =
      account->has_totp ? SESSION_TOTP : account_next_step(attempt->privacy, account);
  int64_t lasts = step == SESSION_OPEN ? session_absolute(attempt->privacy, account, false)
                                       : attempt->privacy->sign_in->half_way;
  uuid_new(attempt->now, id);
  attempt->row = (struct session_row){.id = text_from(id),
                                      .token = secret_digest(attempt->arena, token),
                                      .account_id = account->id,
                                      .program_id = session_first_program(account),
                                      .tries = attempt->one.key,
                                      .device = attempt->device,
                                      .step = step,
                                      .made_at = attempt->now,
                                      .seen_at = attempt->now,
                                      .ends_at = attempt->now + lasts,
                                      .proved_at = attempt->now};
}

/* Hash it anew when costs changed since; the password is at hand only now. */
static bool refresh_hash(struct attempt *attempt, struct text password, struct error *error)
{
  const struct secret_cost *cost = &attempt->privacy->sign_in->password_cost;
  char *hash = arena_allocate(attempt->arena, SECRET_HASH);
  if (!secret_is_old(cost, attempt->secrets.password)) return true;
  if (!secret_hash(cost, password, hash, error)) return false;
  attempt->fresh_hash = text_from(hash);
  return true;
}

/* A browser that nobody signed in with gets a token of its own; a station has one already. */
static void name_device(struct attempt *attempt)
{
  bool is_station = !text_is_empty(attempt->place.station_id);
  if (is_station) attempt->place.device = TEXT("");
  else if (!attempt->is_device) attempt->place.device = secret_token(attempt->arena);
  attempt->device = is_station ? TEXT("") : secret_digest(attempt->arena, attempt->place.device);
}

static bool look(struct attempt *attempt, struct text typed, struct error *error)
{
  struct privacy *privacy = attempt->privacy;
  if (!sign_in_check(privacy->sign_in, attempt->secrets.password, typed, attempt->now,
                     &attempt->is_right, error)) {
    struct error other = {0};
    (void)store_write(privacy->store, give_back, attempt, &other);
    return false;
  }
  if (attempt->is_right && !attempt->account.is_disabled) return true;
  return store_write(privacy->store, write_failure, attempt, error) &&
         sign_in_refuse(attempt->one.locked_until, attempt->now, error);
}

bool session_sign_in(struct privacy *privacy, struct text sign_in_name, struct text password,
                     struct sign_in_place *place, struct arena *arena, int64_t now,
                     struct text *token, enum session_step *step, struct error *error)
{
  struct text typed = password_normal(arena, password), fresh = secret_token(arena);
  struct attempt attempt = {.privacy = privacy,
                            .arena = arena,
                            .name = sign_in_name_read(arena, sign_in_name),
                            .now = now};
  if (place) attempt.place = *place;
  attempt.device = secret_digest(arena, attempt.place.device);
  if (password.length > LIMIT_HTTP_BODY_FORM) typed = TEXT("");
  if (!store_write(privacy->store, take_attempt, &attempt, error)) return false;
  if (!attempt.one.may_try) return sign_in_refuse(attempt.one.locked_until, now, error);
  if (!look(&attempt, typed, error)) return false;
  name_device(&attempt);
  fill_row(&attempt, fresh);
  if (!refresh_hash(&attempt, typed, error) ||
      !store_write(privacy->store, write_session, &attempt, error))
    return false;
  if (place) {
    place->device = attempt.place.device;
    place->device_seconds = privacy->sign_in->device_lasts / SECOND;
  }
  *token = fresh;
  *step = attempt.row.step;
  return true;
}

/* --- The next steps -------------------------------------------------------------------------- */

struct step_write {
  const struct sign_in_settings *settings;
  const struct session_row *row;
  const struct actor *actor;
  struct text fresh; /* the new token's digest */
  enum session_step step;
  int64_t ends_at, proved_at, now;
};

static bool write_step(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct step_write *write = context;
  int64_t changed = 0;
  if (!store_execute(transaction,
                     "UPDATE session SET token = $2, step = $3, ends_at = $4, proved_at = $5, "
                     "seen_at = $6 WHERE id = $1 AND token = $7",
                     STORE_BIND(STORE_T(write->row->id), STORE_B(write->fresh),
                                STORE_N(write->step), STORE_N(write->ends_at),
                                STORE_N(write->proved_at), STORE_N(write->now),
                                STORE_B(write->row->token)),
                     &changed, error))
    return false;
  if (changed == 0)
    return error_set(error, ERROR_NOT_FOUND, "error.session", "Sign in again.",
                     "the session took another step in between");
  return write->row->step == write->step ||
         (device_remember(transaction, write->settings, write->row->device, write->row->account_id,
                          write->now, error) &&
          sign_in_audit(transaction, write->actor, "session", "code", write->row->id, AUDIT_DONE,
                        write->now, error));
}

bool session_give_code(struct privacy *privacy, struct text token, struct text code,
                       struct arena *arena, int64_t now, struct text *fresh,
                       enum session_step *step, struct error *error)
{
  struct session_row row = {0};
  struct account account = {0};
  struct account_secrets secrets = {0};
  struct text made = secret_token(arena);
  if (!session_read(privacy, arena, token, now, &row, &account, &secrets, error)) return false;
  if (row.step != SESSION_TOTP)
    return error_set(error, ERROR_NOT_FOUND, "error.session", "Go on.", "no code is wanted here");
  if (!account_use_code(privacy, &account, &secrets, code, row.tries, now, error)) return false;
  enum session_step next = account_next_step(privacy, &account);
  int64_t lasts = next == SESSION_OPEN ? session_absolute(privacy, &account, false)
                                       : privacy->sign_in->half_way;
  struct actor actor = session_actor(privacy, arena, &row, &account, now);
  struct step_write write = {.settings = privacy->sign_in,
                             .row = &row,
                             .actor = &actor,
                             .fresh = secret_digest(arena, made),
                             .step = next,
                             .ends_at = now + lasts,
                             .proved_at = now,
                             .now = now};
  if (!store_write(privacy->store, write_step, &write, error)) return false;
  *fresh = made;
  *step = next;
  return true;
}

bool session_rotate(struct privacy *privacy, struct text token, struct arena *arena, int64_t now,
                    struct text *fresh, struct error *error)
{
  struct session_row row = {0};
  struct account account = {0};
  struct text made = secret_token(arena);
  if (!session_read(privacy, arena, token, now, &row, &account, NULL, error)) return false;
  struct step_write write = {.settings = privacy->sign_in,
                             .row = &row,
                             .fresh = secret_digest(arena, made),
                             .step = row.step,
                             .ends_at = row.ends_at,
                             .proved_at = row.proved_at,
                             .now = now};
  if (!store_write(privacy->store, write_step, &write, error)) return false;
  *fresh = made;
  return true;
}

/* --- Proving again --------------------------------------------------------------------------- */

static bool write_proof(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct step_write *write = context;
  return store_execute(transaction, "UPDATE session SET proved_at = $2, seen_at = $2 WHERE id = $1",
                       STORE_BIND(STORE_T(write->row->id), STORE_N(write->now)), NULL, error) &&
         sign_in_audit(transaction, write->actor, "session", "prove", write->row->id, AUDIT_DONE,
                       write->now, error);
}

/* Password, or PIN at a station; and a code where there is a second factor. */
static bool prove(struct privacy *privacy, struct arena *arena, const struct session_row *row,
                  const struct account *account, const struct account_secrets *secrets,
                  struct text secret, struct text code, int64_t now, struct error *error)
{
  struct actor actor = session_actor(privacy, arena, row, account, now);
  bool is_at_station = !text_is_empty(row->station_id);
  struct text key = session_proof_key(arena, row->id, account);
  if (is_at_station ? !account_prove(privacy, &actor, secret, now, error)
                    : !account_prove_password(privacy, account, secrets, secret, key, now, error))
    return false;
  return !account->has_totp || account_use_code(privacy, account, secrets, code, key, now, error);
}

bool session_prove(struct privacy *privacy, struct text token, struct text secret, struct text code,
                   int64_t now, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct session_row row = {0};
  struct account account = {0};
  struct account_secrets secrets = {0};
  bool is_proved = session_read(privacy, arena, token, now, &row, &account, &secrets, error);
  if (is_proved && row.step != SESSION_OPEN)
    is_proved = error_set(error, ERROR_NOT_FOUND, "error.session", "Finish signing in.",
                          "the session is not open");
  if (is_proved)
    is_proved = prove(privacy, arena, &row, &account, &secrets, secret, code, now, error);
  if (is_proved) {
    struct actor actor = session_actor(privacy, arena, &row, &account, now);
    struct step_write write = {.row = &row, .actor = &actor, .now = now};
    is_proved = store_write(privacy->store, write_proof, &write, error);
  }
  arena_free(arena);
  return is_proved;
}
