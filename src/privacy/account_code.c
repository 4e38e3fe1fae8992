/*
 * account: the second factor: TOTP (RFC 6238, by liboath) and recovery codes. See account.h.
 *
 * The secret is sealed under the installation's key, purpose "account.totp". A code's time step is
 * kept, and only a later one is taken, so that each works once. Any thread.
 */
#include <liboath/oath.h>
#include <stdlib.h>

#include "privacy/account_private.h"

enum { TOTP_BYTES = 20, TOTP_DIGITS = 6, SECOND = 1000000 };

static const char purpose[] = "account.totp";
static const struct vault_subject installation = {{"", 0}, {"", 0}};

struct code_work {
  struct privacy *privacy;
  struct actor *by;
  struct arena *arena;
  const struct account *account;
  struct text sealed, code, key;
  struct text *recovery;
  size_t recovery_count;
  int64_t step, now;
  struct failure_try one;
  bool is_right;
};

/* --- Codes ----------------------------------------------------------------------------------- */

/* The time step of a code, when it is one of now; 0 otherwise. */
static int64_t find_step(const struct sign_in_settings *settings, struct text secret,
                         struct text code, int64_t now)
{
  char digits[TOTP_DIGITS + 1] = "";
  uint64_t counter = 0;
  if (code.length != TOTP_DIGITS) return 0;
  for (size_t i = 0; i < code.length; i++) {
    if (code.at[i] < '0' || code.at[i] > '9') return 0;
    digits[i] = code.at[i];
  }
  int found = oath_totp_validate3(text_start(secret), secret.length, (time_t)(now / SECOND),
                                  (unsigned)(settings->code_step / SECOND), 0,
                                  (size_t)settings->code_window, NULL, &counter, digits);
  return found < 0 ? 0 : (int64_t)counter;
}

static bool check_totp(struct privacy *privacy, struct arena *arena, struct text sealed,
                       struct text code, int64_t now, int64_t *step, struct error *error)
{
  struct text secret;
  *step = 0;
  if (text_is_empty(sealed)) return true;
  if (!vault_unseal(privacy->vault, arena, installation, purpose, sealed, &secret, error))
    return false;
  *step = find_step(privacy->sign_in, secret, code, now);
  return true;
}

static bool refuse_code(int64_t locked_until, int64_t now, struct error *error)
{
  sign_in_refuse(locked_until, now, error);
  if (error) error->person = "error.code";
  return false;
}

/* --- Using one ------------------------------------------------------------------------------- */

static bool take_code(struct store_transaction *transaction, struct code_work *work,
                      struct error *error)
{
  int64_t changed = 0;
  if (work->step > 0) {
    if (!store_execute(
            transaction, "UPDATE account SET totp_step = $2 WHERE id = $1 AND totp_step < $2",
            STORE_BIND(STORE_T(work->account->id), STORE_N(work->step)), &changed, error))
      return false;
  } else if (!store_execute(transaction,
                            "DELETE FROM account_recovery WHERE account_id = $1 AND code = $2",
                            STORE_BIND(STORE_T(work->account->id),
                                       STORE_B(secret_digest(work->arena, work->code))),
                            &changed, error)) {
    return false;
  }
  work->is_right = changed > 0;
  return true;
}

static bool use_in(struct store_transaction *transaction, void *context, struct error *error)
{
  struct code_work *work = context;
  const struct account *account = work->account;
  struct actor actor = {.kind = account_kind(account),
                        .account_id = account->id,
                        .name = account->shown_name,
                        .person_id = account->person_id};
  work->is_right = false;
  if (!failure_take(transaction, work->privacy->sign_in, work->key, work->now, &work->one, error) ||
      (work->one.may_try && !take_code(transaction, work, error)))
    return false;
  if (work->is_right) return failure_clear(transaction, work->key, error);
  return failure_audit(transaction, &work->one, &actor, "account", "prove", account->id, work->now,
                       error);
}

bool account_use_code(struct privacy *privacy, const struct account *account,
                      const struct account_secrets *secrets, struct text code, struct text key,
                      int64_t now, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct code_work work = {.privacy = privacy,
                           .arena = arena,
                           .account = account,
                           .code = secret_code_read(arena, code),
                           .key = key,
                           .now = now};
  bool is_used = check_totp(privacy, arena, secrets->totp, work.code, now, &work.step, error) &&
                 store_write(privacy->store, use_in, &work, error) &&
                 (work.is_right || refuse_code(work.one.locked_until, now, error));
  arena_free(arena);
  return is_used;
}

/* --- Setting it up --------------------------------------------------------------------------- */

/* A proof of a moment ago, or the step of signing in that asks for just this. */
static bool begin_in(struct store_transaction *transaction, void *context, struct error *error)
{
  struct code_work *work = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT step FROM session WHERE id = $1 AND account_id = $2",
                   STORE_BIND(STORE_T(work->by->session_id), STORE_T(work->by->account_id)), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  bool is_enrolling = is_read && more && store_column_integer(cursor, 0) == SESSION_ENROLL;
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!is_enrolling && !work->by->is_confirmed) return proof_wanted(error);
  return store_execute(transaction, "UPDATE account SET totp_begun = $2 WHERE id = $1",
                       STORE_BIND(STORE_T(work->by->account_id), STORE_B(work->sealed)), NULL,
                       error);
}

static bool write_address(const struct account *account, struct arena *arena,
                          const struct sign_in_settings *settings, struct text secret,
                          struct text *out, struct error *error)
{
  char *base32 = NULL;
  size_t length = 0;
  if (oath_base32_encode(secret.at, secret.length, &base32, &length) != OATH_OK)
    return error_set(error, ERROR_SYSTEM, "error.system", "", "liboath: no memory");
  *out = text_format(arena,
                     "otpauth://totp/Fairlead:%.*s?secret=%.*s&issuer=Fairlead&algorithm=SHA1"
                     "&digits=%d&period=%lld",
                     TEXT_PRINT(account->sign_in_name), (int)length, base32, (int)TOTP_DIGITS,
                     (long long)(settings->code_step / SECOND));
  free(base32);
  return true;
}

bool account_begin_totp(struct privacy *privacy, struct actor *by, struct arena *arena, int64_t now,
                        struct text *address, struct error *error)
{
  unsigned char bytes[TOTP_BYTES];
  struct text secret = {(const char *)bytes, sizeof bytes}, written;
  struct account account = {0};
  struct code_work work = {.privacy = privacy, .by = by, .arena = arena, .now = now};
  randombytes_buf(bytes, sizeof bytes);
  if (!account_read_alone(privacy, arena, ACCOUNT_BY_ID, by->account_id, &account, NULL, error) ||
      !vault_subject_make(privacy->vault, installation, error) ||
      !vault_seal(privacy->vault, arena, installation, purpose, secret, &work.sealed, error) ||
      !write_address(&account, arena, privacy->sign_in, secret, &written, error) ||
      !store_write(privacy->store, begin_in, &work, error))
    return false;
  *address = written;
  return true;
}

static bool write_recovery(struct store_transaction *transaction, const struct code_work *work,
                           struct error *error)
{
  if (!store_execute(transaction, "DELETE FROM account_recovery WHERE account_id = $1",
                     STORE_BIND(STORE_T(work->account->id)), NULL, error))
    return false;
  for (size_t i = 0; i < work->recovery_count; i++) {
    struct text plain = secret_code_read(work->arena, work->recovery[i]);
    if (!store_execute(
            transaction, "INSERT INTO account_recovery (account_id, code) VALUES ($1, $2)",
            STORE_BIND(STORE_T(work->account->id), STORE_B(secret_digest(work->arena, plain))),
            NULL, error))
      return false;
  }
  return true;
}

static bool confirm_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct code_work *work = context;
  const struct account *account = work->account;
  int64_t changed = 0;
  if (!store_execute(transaction,
                     "UPDATE account SET totp = totp_begun, totp_begun = $4, totp_step = $3, "
                     "version = version + 1 WHERE id = $1 AND totp_begun = $2",
                     STORE_BIND(STORE_T(account->id), STORE_B(work->sealed), STORE_N(work->step),
                                STORE_B(TEXT(""))),
                     &changed, error))
    return false;
  if (changed == 0)
    return error_set(error, ERROR_CONFLICT, "error.code", "Begin again.",
                     "another secret was begun");
  int64_t ends_at = work->now + session_absolute(work->privacy, account, false);
  return write_recovery(transaction, work, error) &&
         store_execute(transaction,
                       "UPDATE session SET step = $2, ends_at = $3, proved_at = $5 WHERE id = $1 "
                       "AND step = $4",
                       STORE_BIND(STORE_T(work->by->session_id), STORE_N(SESSION_OPEN),
                                  STORE_N(ends_at), STORE_N(SESSION_ENROLL), STORE_N(work->now)),
                       NULL, error) &&
         session_end_all(transaction, account->id, work->by->session_id, error) &&
         sign_in_audit(transaction, work->by, "account", "second-factor", account->id, AUDIT_DONE,
                       work->now, error);
}

bool account_confirm_totp(struct privacy *privacy, struct actor *by, struct text code,
                          struct arena *arena, int64_t now, struct text **recovery, size_t *count,
                          struct error *error)
{
  struct account account = {0};
  struct account_secrets secrets = {0};
  struct code_work work = {.privacy = privacy,
                           .by = by,
                           .arena = arena,
                           .account = &account,
                           .recovery_count = (size_t)privacy->sign_in->recovery_codes,
                           .now = now};
  if (!account_read_alone(privacy, arena, ACCOUNT_BY_ID, by->account_id, &account, &secrets,
                          error) ||
      !check_totp(privacy, arena, secrets.totp_begun, secret_code_read(arena, code), now,
                  &work.step, error))
    return false;
  if (work.step == 0)
    return error_set(error, ERROR_REFUSED, "error.code", "Is the clock of the phone right?",
                     "the code is not right");
  work.sealed = secrets.totp_begun;
  work.recovery = arena_allocate_array(arena, work.recovery_count, sizeof *work.recovery);
  for (size_t i = 0; i < work.recovery_count; i++) work.recovery[i] = secret_code(arena);
  if (!store_write(privacy->store, confirm_in, &work, error)) return false;
  *recovery = work.recovery;
  *count = work.recovery_count;
  return true;
}
