/*
 * account: what one does to one's own account: password, PIN, badge. See account.h.
 */
#include "privacy/session_private.h"

struct own {
  struct privacy *privacy;
  struct actor *by;
  struct arena *arena;
  struct text hash;
  int64_t now;
  bool is_first; /* the session was opened with a first password that must be changed */
};

/* --- Password -------------------------------------------------------------------------------- */

static bool read_step(struct store_transaction *transaction, void *context, struct error *error)
{
  struct own *own = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT step FROM session WHERE id = $1 AND account_id = $2",
                   STORE_BIND(STORE_T(own->by->session_id), STORE_T(own->by->account_id)), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  own->is_first = is_read && more && store_column_integer(cursor, 0) == SESSION_CHANGE;
  store_cursor_close(cursor);
  return is_read;
}

static bool write_password(struct store_transaction *transaction, void *context,
                           struct error *error)
{
  const struct own *own = context;
  struct account account = {0};
  int64_t ends_at = own->now + own->privacy->sign_in->half_way;
  if (!account_load(transaction, own->arena, own->by->account_id, &account, error)) return false;
  account.must_change_password = false;
  enum session_step step = account_next_step(own->privacy, &account);
  if (step == SESSION_OPEN) ends_at = own->now + session_absolute(own->privacy, &account, false);
  return store_execute(transaction,
                       "UPDATE account SET password = $2, must_change = 0, version = version + 1 "
                       "WHERE id = $1",
                       STORE_BIND(STORE_T(account.id), STORE_T(own->hash)), NULL, error) &&
         store_execute(transaction,
                       "UPDATE session SET step = $2, ends_at = $3 WHERE id = $1 AND step = $4",
                       STORE_BIND(STORE_T(own->by->session_id), STORE_N(step), STORE_N(ends_at),
                                  STORE_N(SESSION_CHANGE)),
                       NULL, error) &&
         session_end_all(transaction, account.id, own->by->session_id, error) &&
         sign_in_audit(transaction, own->by, "account", "password", account.id, AUDIT_DONE,
                       own->now, error);
}

static bool set_password(struct own *own, struct text old_password, struct text new_password,
                         struct error *error)
{
  struct privacy *privacy = own->privacy;
  struct account account = {0};
  struct account_secrets secrets = {0};
  char hash[SECRET_HASH];
  struct text normal = password_normal(own->arena, new_password);
  if (!account_read_alone(privacy, own->arena, ACCOUNT_BY_ID, own->by->account_id, &account,
                          &secrets, error) ||
      !store_read(privacy->store, read_step, own, error) ||
      !((own->is_first && text_is_empty(old_password)) ||
        account_prove_password(privacy, &account, &secrets, old_password,
                               session_proof_key(own->arena, own->by->session_id, &account),
                               own->now, error)) ||
      !password_check(privacy->sign_in, own->arena, account.sign_in_name, normal, error))
    return false;
  if (secret_fits(secrets.password, normal))
    return error_set(error, ERROR_REFUSED, "error.account.password", "It is the one before.",
                     "the password is the one before");
  if (!secret_hash(&privacy->sign_in->password_cost, normal, hash, error)) return false;
  own->hash = text_from(hash);
  return store_write(privacy->store, write_password, own, error);
}

bool account_set_password(struct privacy *privacy, struct actor *by, struct text old_password,
                          struct text new_password, int64_t now, struct error *error)
{
  struct own own = {
      .privacy = privacy, .by = by, .arena = arena_new(LIMIT_ARENA_REQUEST), .now = now};
  bool is_set = set_password(&own, old_password, new_password, error);
  arena_free(own.arena);
  return is_set;
}

/* --- PIN and badge --------------------------------------------------------------------------- */

static bool write_pin(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct own *own = context;
  return store_execute(transaction,
                       "UPDATE account SET pin = $2, pin_failures = 0, version = version + 1 "
                       "WHERE id = $1",
                       STORE_BIND(STORE_T(own->by->account_id), STORE_T(own->hash)), NULL, error) &&
         sign_in_audit(transaction, own->by, "account", "pin", own->by->account_id, AUDIT_DONE,
                       own->now, error);
}

bool account_set_pin(struct privacy *privacy, struct actor *by, struct text pin, int64_t now,
                     struct error *error)
{
  char hash[SECRET_HASH];
  if (!by->is_confirmed) return proof_wanted(error);
  if (!pin_check(privacy->sign_in, pin, error) ||
      !secret_hash(&privacy->sign_in->pin_cost, pin, hash, error))
    return false;
  struct own own = {.privacy = privacy, .by = by, .hash = text_from(hash), .now = now};
  return store_write(privacy->store, write_pin, &own, error);
}

struct badge {
  struct own own;
  struct text account_id;
};

/* One's own badge, or, with `account write`, another's. */
static bool write_badge(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct badge *badge = context;
  const struct own *own = &badge->own;
  struct account account;
  struct store_cursor *cursor = NULL;
  bool is_own = text_equal(badge->account_id, own->by->account_id), taken = false;
  if (is_own ? !sign_in_audit(transaction, own->by, "account", "badge", badge->account_id,
                              AUDIT_DONE, own->now, error)
             : !account_open(transaction, own->privacy, own->by, own->arena, badge->account_id,
                             "write", own->now, &account, error))
    return false;
  if (!store_query(transaction, &cursor,
                   "SELECT id FROM account WHERE badge = $1 AND length(badge) > 0 AND id <> $2",
                   STORE_BIND(STORE_B(own->hash), STORE_T(badge->account_id)), error))
    return false;
  bool is_read = store_next(cursor, &taken, error);
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (taken)
    return error_set(error, ERROR_CONFLICT, "error.account.badge", "Take another badge.",
                     "the badge is somebody else's");
  return store_execute(transaction,
                       "UPDATE account SET badge = $2, version = version + 1 WHERE id = $1",
                       STORE_BIND(STORE_T(badge->account_id), STORE_B(own->hash)), NULL, error);
}

bool account_set_badge(struct privacy *privacy, struct actor *by, struct text account_id,
                       struct text badge, int64_t now, struct error *error)
{
  enum { SHORTEST = 4, LONGEST = 128 };
  struct text number = text_trim(badge);
  if (!by->is_confirmed) return proof_wanted(error);
  if (number.length > 0 && (number.length < SHORTEST || number.length > LONGEST))
    return error_set(error, ERROR_REFUSED, "error.account.badge", "Hold the badge to the reader.",
                     "the badge's number is too short or too long");
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct badge set = {{.privacy = privacy, .by = by, .arena = arena, .now = now}, account_id};
  bool is_set =
      (number.length == 0 || account_badge_hash(privacy, arena, number, &set.own.hash, error)) &&
      store_write(privacy->store, write_badge, &set, error);
  arena_free(arena);
  return is_set;
}
