/*
 * Failures of signing in, counted by the name that was typed: so a name that nobody has locks like
 * one that somebody has, and tells nothing. See account_private.h.
 *
 * Invariants: a locked name's further attempts are not counted, so that its lock ends when it was
 * said to; what is older than lock-forget is forgotten. Any thread.
 */
#include <stdio.h>

#include "privacy/account_private.h"

static bool read_failures(struct store_transaction *transaction, struct text name, int64_t since,
                          int64_t *failures, int64_t *locked_until, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  *failures = *locked_until = 0;
  if (!store_query(transaction, &cursor,
                   "SELECT failures, locked_until FROM sign_in_failure WHERE name = $1 AND "
                   "failed_at > $2",
                   STORE_BIND(STORE_B(name), STORE_N(since)), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read && more) {
    *failures = store_column_integer(cursor, 0);
    *locked_until = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  return is_read;
}

bool failure_locked_until(struct store_transaction *transaction, struct arena *arena,
                          const struct sign_in_settings *settings, struct text name, int64_t now,
                          int64_t *out, struct error *error)
{
  int64_t failures, locked_until;
  if (!read_failures(transaction, secret_digest(arena, name), now - settings->lock_forget,
                     &failures, &locked_until, error))
    return false;
  *out = locked_until > now ? locked_until : 0;
  return true;
}

bool failure_count(struct store_transaction *transaction, struct arena *arena,
                   const struct sign_in_settings *settings, struct text name, int64_t now,
                   int64_t *locked_until, struct error *error)
{
  struct text digest = secret_digest(arena, name);
  int64_t failures, locked;
  if (!read_failures(transaction, digest, now - settings->lock_forget, &failures, &locked, error))
    return false;
  if (locked > now) {
    *locked_until = locked;
    return true;
  }
  locked = sign_in_locked_until(settings, failures + 1, now);
  if (!store_execute(transaction, "DELETE FROM sign_in_failure WHERE failed_at <= $1",
                     STORE_BIND(STORE_N(now - settings->lock_forget)), NULL, error) ||
      !store_execute(
          transaction,
          "INSERT INTO sign_in_failure (name, failures, failed_at, locked_until) VALUES "
          "($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET failures = "
          "EXCLUDED.failures, failed_at = EXCLUDED.failed_at, locked_until = "
          "EXCLUDED.locked_until",
          STORE_BIND(STORE_B(digest), STORE_N(failures + 1), STORE_N(now), STORE_N(locked)), NULL,
          error))
    return false;
  *locked_until = locked;
  return true;
}

bool failure_clear(struct store_transaction *transaction, struct arena *arena, struct text name,
                   struct error *error)
{
  return store_execute(transaction, "DELETE FROM sign_in_failure WHERE name = $1",
                       STORE_BIND(STORE_B(secret_digest(arena, name))), NULL, error);
}

bool sign_in_refuse(int64_t locked_until, int64_t now, struct error *error)
{
  enum { SECOND = 1000000 };
  char hint[LIMIT_ERROR_TEXT] = "";
  long long seconds = (long long)((locked_until - now + SECOND - 1) / SECOND);
  if (locked_until > now) snprintf(hint, sizeof hint, "Try again in %lld seconds.", seconds);
  return error_set(error, ERROR_REFUSED, "error.sign_in", hint, "name or password is not right");
}

bool proof_wanted(struct error *error)
{
  return error_set(error, ERROR_FORBIDDEN, "error.proof.text", "",
                   "a proof of a moment ago is wanted");
}

bool sign_in_audit(struct store_transaction *transaction, const struct actor *actor,
                   const char *object, const char *act, struct text object_id,
                   enum audit_outcome outcome, int64_t now, struct error *error)
{
  struct audit_entry entry = {.program_id = actor->program_id,
                              .actor = actor,
                              .object = text_from(object),
                              .act = text_from(act),
                              .object_id = object_id,
                              .person_id = actor->person_id,
                              .outcome = outcome,
                              .at = now};
  return audit_append(transaction, &entry, error);
}
