/*
 * Proofs of an account that is known: its password, its PIN, its badge. See account_private.h.
 *
 * Hashing stands between two transactions, never in one. An attempt is counted before it is looked
 * at, so that many at once try no more than one after the other. Any thread.
 */
#include "privacy/session_private.h"

struct proof {
  struct privacy *privacy;
  struct arena *arena;
  const struct account *account;
  struct actor actor;
  struct text key;
  struct failure_try one;
  int64_t now;
  bool is_right, may_try;
};

static struct actor actor_of(const struct account *account)
{
  return (struct actor){.kind = account_kind(account),
                        .account_id = account->id,
                        .name = account->shown_name,
                        .person_id = account->person_id};
}

/* --- Password -------------------------------------------------------------------------------- */

static bool take_password(struct store_transaction *transaction, void *context, struct error *error)
{
  struct proof *proof = context;
  return failure_take(transaction, proof->privacy->sign_in, proof->key, proof->now, &proof->one,
                      error) &&
         (proof->one.may_try || failure_audit(transaction, &proof->one, &proof->actor, "account",
                                              "prove", proof->account->id, proof->now, error));
}

static bool give_back(struct store_transaction *transaction, void *context, struct error *error)
{
  struct proof *proof = context;
  return failure_give_back(transaction, &proof->one, error);
}

static bool write_outcome(struct store_transaction *transaction, void *context, struct error *error)
{
  struct proof *proof = context;
  const struct account *account = proof->account;
  /* With a second factor only its code clears what was counted: it is guessed behind a password. */
  if (proof->is_right)
    return account->has_totp ? failure_give_back(transaction, &proof->one, error)
                             : failure_clear(transaction, proof->key, error);
  return failure_audit(transaction, &proof->one, &proof->actor, "account", "prove", account->id,
                       proof->now, error);
}

static bool prove_password(struct proof *proof, const struct account_secrets *secrets,
                           struct text password, struct error *error)
{
  struct privacy *privacy = proof->privacy;
  if (!store_write(privacy->store, take_password, proof, error)) return false;
  if (!proof->one.may_try) return sign_in_refuse(proof->one.locked_until, proof->now, error);
  if (!sign_in_check(privacy->sign_in, secrets->password, password_normal(proof->arena, password),
                     proof->now, &proof->is_right, error)) {
    struct error other = {0};
    (void)store_write(privacy->store, give_back, proof, &other);
    return false;
  }
  if (!store_write(privacy->store, write_outcome, proof, error)) return false;
  return proof->is_right || sign_in_refuse(proof->one.locked_until, proof->now, error);
}

bool account_prove_password(struct privacy *privacy, const struct account *account,
                            const struct account_secrets *secrets, struct text password,
                            struct text key, int64_t now, struct error *error)
{
  struct proof proof = {.privacy = privacy,
                        .arena = arena_new(LIMIT_ARENA_REQUEST),
                        .account = account,
                        .actor = actor_of(account),
                        .key = key,
                        .now = now};
  bool is_proved = prove_password(&proof, secrets, password, error);
  arena_free(proof.arena);
  return is_proved;
}

/* --- PIN ------------------------------------------------------------------------------------- */

static bool take_attempt(struct store_transaction *transaction, void *context, struct error *error)
{
  struct proof *proof = context;
  int64_t changed = 0;
  if (!store_execute(
          transaction,
          "UPDATE account SET pin_failures = pin_failures + 1 WHERE id = $1 AND "
          "pin_failures < $2 AND pin <> '' AND disabled_at = 0",
          STORE_BIND(STORE_T(proof->account->id), STORE_N(proof->privacy->sign_in->pin_failures)),
          &changed, error))
    return false;
  proof->may_try = changed > 0;
  return true;
}

static bool write_pin(struct store_transaction *transaction, void *context, struct error *error)
{
  struct proof *proof = context;
  if (!proof->is_right)
    return sign_in_audit(transaction, &proof->actor, "account", "prove", proof->account->id,
                         AUDIT_FAILED, proof->now, error);
  return store_execute(transaction, "UPDATE account SET pin_failures = 0 WHERE id = $1",
                       STORE_BIND(STORE_T(proof->account->id)), NULL, error);
}

bool account_prove_pin(struct privacy *privacy, const struct account *account,
                       const struct account_secrets *secrets, struct text pin, int64_t now,
                       struct error *error)
{
  struct proof proof = {
      .privacy = privacy, .account = account, .actor = actor_of(account), .now = now};
  if (!store_write(privacy->store, take_attempt, &proof, error)) return false;
  if (!proof.may_try)
    return error_set(error, ERROR_REFUSED, "error.switch.pin", "Sign in with your password.",
                     "the PIN is locked");
  proof.is_right = secret_fits(secrets->pin, pin);
  if (!store_write(privacy->store, write_pin, &proof, error)) return false;
  return proof.is_right ||
         error_set(error, ERROR_REFUSED, "error.switch", "", "the PIN is not right");
}

/* Digits alone: no password that password_check() takes is. */
static bool is_pin(const struct sign_in_settings *settings, struct text secret)
{
  if (secret.length == 0 || secret.length > (size_t)settings->pin_longest) return false;
  for (size_t i = 0; i < secret.length; i++)
    if (secret.at[i] < '0' || secret.at[i] > '9') return false;
  return true;
}

bool account_prove(struct privacy *privacy, const struct actor *actor, struct text secret,
                   int64_t now, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct account account = {0};
  struct account_secrets secrets = {0};
  bool is_proved = account_read_alone(privacy, arena, ACCOUNT_BY_ID, actor->account_id, &account,
                                      &secrets, error);
  if (is_proved && account.has_pin && is_pin(privacy->sign_in, secret))
    is_proved = account_prove_pin(privacy, &account, &secrets, secret, now, error);
  else if (is_proved)
    is_proved =
        account_prove_password(privacy, &account, &secrets, secret,
                               session_proof_key(arena, actor->session_id, &account), now, error);
  arena_free(arena);
  return is_proved;
}

/* --- Badge ----------------------------------------------------------------------------------- */

/* The key that hashes badges: made once, sealed under the installation's key. */
struct badge_key {
  struct text fresh; /* sealed, for the case that there is none */
  struct arena *arena;
  struct text sealed;
};

static bool take_key(struct store_transaction *transaction, void *context, struct error *error)
{
  struct badge_key *key = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_execute(transaction,
                     "INSERT INTO account_key (name, sealed) VALUES ('badge', $1) ON CONFLICT "
                     "(name) DO NOTHING",
                     STORE_BIND(STORE_B(key->fresh)), NULL, error) ||
      !store_query(transaction, &cursor, "SELECT sealed FROM account_key WHERE name = 'badge'",
                   STORE_BIND_NONE, error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read) key->sealed = text_copy(key->arena, store_column_bytes(cursor, 0));
  store_cursor_close(cursor);
  return is_read;
}

bool account_badge_hash(struct privacy *privacy, struct arena *arena, struct text badge,
                        struct text *out, struct error *error)
{
  static const char purpose[] = "account.badge";
  const struct vault_subject installation = {TEXT(""), TEXT("")};
  struct badge_key key = {.arena = arena};
  struct text secret;
  if (!vault_subject_make(privacy->vault, installation, error) ||
      !vault_seal(privacy->vault, arena, installation, purpose, secret_token(arena), &key.fresh,
                  error) ||
      !store_write(privacy->store, take_key, &key, error) ||
      !vault_unseal(privacy->vault, arena, installation, purpose, key.sealed, &secret, error))
    return false;
  unsigned char *hash = arena_allocate(arena, crypto_generichash_BYTES);
  crypto_generichash(hash, crypto_generichash_BYTES, (const unsigned char *)text_start(badge),
                     badge.length, (const unsigned char *)text_start(secret), secret.length);
  *out = (struct text){(const char *)hash, crypto_generichash_BYTES};
  return true;
}
