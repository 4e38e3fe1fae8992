/*
 * account: what an administrator changes: disabling, resetting, roles. See account.h.
 *
 * Whoever works in a program changes accounts of that program alone: an account that also works
 * elsewhere is the installation's to change, since a reset would open its other programs, too. The
 * installation keeps at least one administrator. Any thread.
 */
#include "privacy/account_private.h"

struct change {
  struct privacy *privacy;
  struct actor *by;
  struct arena *arena;
  struct text id;
  const struct account_role *roles;
  size_t role_count;
  struct text hash;
  bool is_disabled;
  int64_t version, now;
};

static bool is_administrator(const struct account_role *roles, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (text_equal(roles[i].role, TEXT("administrator")) && text_is_empty(roles[i].program_id))
      return true;
  return false;
}

/* Refuse when nobody else could look after the installation. */
static bool check_not_last(struct store_transaction *transaction, const struct account *account,
                           struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false, is_last = false;
  if (account->is_disabled || !is_administrator(account->roles, account->role_count)) return true;
  if (!store_query(transaction, &cursor,
                   "SELECT COUNT(*) FROM account a JOIN account_role r ON r.account_id = a.id "
                   "WHERE r.role = 'administrator' AND r.program_id = '' AND a.disabled_at = 0 "
                   "AND a.id <> $1",
                   STORE_BIND(STORE_T(account->id)), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read) is_last = store_column_integer(cursor, 0) == 0;
  store_cursor_close(cursor);
  if (is_read && is_last)
    return error_set(error, ERROR_REFUSED, "error.account.last",
                     "Make another administrator of the installation first.",
                     "the last administrator stays");
  return is_read;
}

bool account_open(struct store_transaction *transaction, struct privacy *privacy, struct actor *by,
                  struct arena *arena, struct text id, const char *act, int64_t now,
                  struct account *account, struct error *error)
{
  struct access access;
  if (!account_load(transaction, arena, id, account, error)) return false;
  struct role_subject subject = {.person_id = account->person_id};
  bool is_own = !text_is_empty(account->person_id);
  if (!access_open(transaction, privacy, by, is_own ? "own-account" : "account",
                   is_own ? "write" : act, &subject, id, now, &access, error))
    return false;
  struct text program_id = by->program_id;
  for (size_t i = 0; i < account->role_count; i++)
    if (!text_is_empty(program_id) && !text_equal(account->roles[i].program_id, program_id))
      return access_refuse(&access, account->person_id, "error.account.elsewhere", error);
  return true;
}

static bool open_account(struct store_transaction *transaction, const struct change *change,
                         const char *act, struct account *account, struct error *error)
{
  return account_open(transaction, change->privacy, change->by, change->arena, change->id, act,
                      change->now, account, error);
}

static bool check_version(const struct account *account, int64_t version, struct error *error)
{
  if (account->version == version) return true;
  return error_set(error, ERROR_CONFLICT, "error.account.changed", "Look at it again.",
                   "the account was changed in between");
}

/* --- Disabling ------------------------------------------------------------------------------- */

static bool disable_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct change *change = context;
  struct account account = {0};
  if (!open_account(transaction, change, "write", &account, error) ||
      !check_version(&account, change->version, error))
    return false;
  if (change->is_disabled &&
      (!check_not_last(transaction, &account, error) ||
       !session_end_all(transaction, change->id, TEXT(""), error) ||
       !device_forget_all(transaction, change->id, error) ||
       !store_execute(transaction, "DELETE FROM station_shift WHERE account_id = $1",
                      STORE_BIND(STORE_T(change->id)), NULL, error)))
    return false;
  return store_execute(
      transaction, "UPDATE account SET disabled_at = $2, version = version + 1 WHERE id = $1",
      STORE_BIND(STORE_T(change->id), STORE_N(change->is_disabled ? change->now : 0)), NULL, error);
}

/* Run one change with an arena of its own. */
static bool run(struct change *change, store_function *function, struct error *error)
{
  change->arena = arena_new(LIMIT_ARENA_REQUEST);
  bool is_done = store_write(change->privacy->store, function, change, error);
  arena_free(change->arena);
  return is_done;
}

bool account_disable(struct privacy *privacy, struct actor *by, struct text id, bool disabled,
                     int64_t version, int64_t now, struct error *error)
{
  struct change change = {.privacy = privacy,
                          .by = by,
                          .id = id,
                          .is_disabled = disabled,
                          .version = version,
                          .now = now};
  return run(&change, disable_in, error);
}

/* --- Resetting ------------------------------------------------------------------------------- */

static bool reset_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct change *change = context;
  struct account account = {0};
  return open_account(transaction, change, "reset", &account, error) &&
         store_execute(transaction,
                       "UPDATE account SET password = $2, must_change = 1, totp = $3, "
                       "totp_begun = $3, totp_step = 0, pin = '', pin_failures = 0, "
                       "version = version + 1 WHERE id = $1",
                       STORE_BIND(STORE_T(change->id), STORE_T(change->hash), STORE_B(TEXT(""))),
                       NULL, error) &&
         store_execute(transaction, "DELETE FROM account_recovery WHERE account_id = $1",
                       STORE_BIND(STORE_T(change->id)), NULL, error) &&
         store_execute(transaction, "DELETE FROM station_shift WHERE account_id = $1",
                       STORE_BIND(STORE_T(change->id)), NULL, error) &&
         failure_clear(transaction, failure_key_of_name(change->arena, account.sign_in_name),
                       error) &&
         device_forget_all(transaction, change->id, error) &&
         session_end_all(transaction, change->id, TEXT(""), error);
}

bool account_reset(struct privacy *privacy, struct actor *by, struct text id, struct arena *arena,
                   int64_t now, struct text *password, struct error *error)
{
  char hash[SECRET_HASH];
  struct text made = secret_code(arena);
  if (!secret_hash(&privacy->sign_in->password_cost, made, hash, error)) return false;
  struct change change = {
      .privacy = privacy, .by = by, .id = id, .hash = text_from(hash), .now = now};
  if (!run(&change, reset_in, error)) return false;
  *password = made;
  return true;
}

/* --- Roles ----------------------------------------------------------------------------------- */

static bool insert_roles(struct store_transaction *transaction, const struct change *change,
                         struct error *error)
{
  for (size_t i = 0; i < change->role_count; i++) {
    const struct account_role *role = &change->roles[i];
    if (!store_execute(transaction,
                       "INSERT INTO account_role (account_id, program_id, role, site_id) VALUES "
                       "($1, $2, $3, $4)",
                       STORE_BIND(STORE_T(change->id), STORE_T(role->program_id),
                                  STORE_T(role->role), STORE_T(role->site_id)),
                       NULL, error))
      return false;
  }
  return true;
}

/* Has the account this role already, there or everywhere in its program? */
static bool has_role(const struct account *account, const struct account_role *role)
{
  for (size_t i = 0; i < account->role_count; i++) {
    const struct account_role *has = &account->roles[i];
    if (text_equal(has->program_id, role->program_id) && text_equal(has->role, role->role) &&
        (text_is_empty(has->site_id) || text_equal(has->site_id, role->site_id)))
      return true;
  }
  return false;
}

/* Nobody gives themselves a role, or one they have a wider reach: another administrator does. One
 * may give up roles. */
static bool check_self(const struct change *change, const struct access *access,
                       const struct account *account, struct error *error)
{
  if (!text_equal(change->id, change->by->account_id)) return true;
  for (size_t i = 0; i < change->role_count; i++)
    if (!has_role(account, &change->roles[i]))
      return access_refuse(access, TEXT(""), "error.account.self", error);
  return true;
}

/* The account as it is; from within a program only its roles there are looked at. */
static bool open_for_roles(struct store_transaction *transaction, const struct change *change,
                           struct account *account, struct error *error)
{
  struct access access;
  if (!account_load(transaction, change->arena, change->id, account, error)) return false;
  struct role_subject subject = {.person_id = account->person_id};
  bool is_own = !text_is_empty(account->person_id);
  return access_open(transaction, change->privacy, change->by, is_own ? "own-account" : "account",
                     "write", &subject, change->id, change->now, &access, error) &&
         check_version(account, change->version, error) &&
         account_check_roles(change->privacy, change->roles, change->role_count, account->person_id,
                             error) &&
         check_self(change, &access, account, error) &&
         account_may_give(transaction, &access, change->roles, change->role_count, TEXT(""),
                          account->person_id, error) &&
         (is_administrator(change->roles, change->role_count) ||
          !text_is_empty(change->by->program_id) || check_not_last(transaction, account, error));
}

static bool roles_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct change *change = context;
  struct account account = {0};
  struct text program_id = change->by->program_id;
  return open_for_roles(transaction, change, &account, error) &&
         store_execute(transaction,
                       "DELETE FROM account_role WHERE account_id = $1 AND ($2 = '' OR "
                       "program_id = $2)",
                       STORE_BIND(STORE_T(change->id), STORE_T(program_id)), NULL, error) &&
         insert_roles(transaction, change, error) &&
         store_execute(transaction,
                       "DELETE FROM station_shift WHERE account_id = $1 AND ($2 = '' OR "
                       "program_id = $2)",
                       STORE_BIND(STORE_T(change->id), STORE_T(program_id)), NULL, error) &&
         session_end_all(transaction, change->id, change->by->session_id, error) &&
         store_execute(transaction, "UPDATE account SET version = version + 1 WHERE id = $1",
                       STORE_BIND(STORE_T(change->id)), NULL, error);
}

bool account_set_roles(struct privacy *privacy, struct actor *by, struct text id,
                       const struct account_role *roles, size_t count, int64_t version, int64_t now,
                       struct error *error)
{
  struct change change = {.privacy = privacy,
                          .by = by,
                          .id = id,
                          .roles = roles,
                          .role_count = count,
                          .version = version,
                          .now = now};
  return run(&change, roles_in, error);
}
