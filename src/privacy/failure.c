/*
 * Failures of signing in, and the browsers that people have signed in with. See account_private.h.
 *
 * Tries are counted together by a key: what is typed at a browser that nobody has signed in with
 * counts under the name alone, known or not, so that a name that nobody has locks like one that
 * somebody has; a browser that this account signed in with before, an enrolled station, and an open
 * session count for themselves, so that strangers' tries hold none of them up, nor theirs another.
 * (Source: OWASP, Slow Down Online Guessing Attacks with Device Cookies.)
 *
 * Invariants: a try is counted before anything is looked at, so that many at once are no more than
 * one after the other; tries at what is locked are not counted as failures, so that a lock ends
 * when it was said to; what is older than lock-forget is forgotten. Any thread.
 */
#include <stdio.h>

#include "privacy/account_private.h"

/* --- Whose tries ----------------------------------------------------------------------------- */

struct text failure_key_of_name(struct arena *arena, struct text name)
{
  return secret_digest(arena, name);
}

/* No name has a space, so that no name is another's place. */
struct text failure_key_of_place(struct arena *arena, const char *kind, struct text id,
                                 struct text name)
{
  return secret_digest(arena,
                       text_format(arena, "%s %.*s %.*s", kind, TEXT_PRINT(id), TEXT_PRINT(name)));
}

/* --- Counting -------------------------------------------------------------------------------- */

/* What stands of the key; zero when there is nothing, or it is long past. */
static bool read_failures(struct store_transaction *transaction, struct text key, int64_t since,
                          struct failure_try *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  *out = (struct failure_try){.key = key};
  if (!store_query(transaction, &cursor,
                   "SELECT failures, locked_until, refused FROM sign_in_failure WHERE name = $1"
                   " AND failed_at > $2",
                   STORE_BIND(STORE_B(key), STORE_N(since)), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read && more) {
    out->failures = store_column_integer(cursor, 0);
    out->locked_until = store_column_integer(cursor, 1);
    out->refused = store_column_integer(cursor, 2);
  }
  store_cursor_close(cursor);
  return is_read;
}

bool failure_take(struct store_transaction *transaction, const struct sign_in_settings *settings,
                  struct text key, int64_t now, struct failure_try *out, struct error *error)
{
  struct failure_try one;
  int64_t since = now - settings->lock_forget;
  if (!read_failures(transaction, key, since, &one, error)) return false;
  one.may_try = one.locked_until <= now;
  if (one.may_try) {
    one.locked_until = sign_in_locked_until(settings, ++one.failures, now);
    one.refused = 0;
  } else {
    one.refused++;
  }
  if ((one.may_try &&
       !store_execute(transaction, "DELETE FROM sign_in_failure WHERE failed_at <= $1",
                      STORE_BIND(STORE_N(since)), NULL, error)) ||
      !store_execute(
          transaction,
          "INSERT INTO sign_in_failure (name, failures, failed_at, locked_until, refused)"
          " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO UPDATE SET"
          " failures = EXCLUDED.failures, failed_at = CASE WHEN EXCLUDED.refused = 0"
          " THEN EXCLUDED.failed_at ELSE sign_in_failure.failed_at END,"
          " locked_until = EXCLUDED.locked_until, refused = EXCLUDED.refused",
          STORE_BIND(STORE_B(key), STORE_N(one.failures), STORE_N(now), STORE_N(one.locked_until),
                     STORE_N(one.refused)),
          NULL, error))
    return false;
  *out = one;
  return true;
}

bool failure_give_back(struct store_transaction *transaction, const struct failure_try *one,
                       struct error *error)
{
  return store_execute(transaction,
                       "UPDATE sign_in_failure SET failures = failures - 1, locked_until ="
                       " CASE WHEN locked_until = $2 THEN 0 ELSE locked_until END"
                       " WHERE name = $1 AND failures > 0",
                       STORE_BIND(STORE_B(one->key), STORE_N(one->locked_until)), NULL, error);
}

bool failure_clear(struct store_transaction *transaction, struct text key, struct error *error)
{
  return store_execute(transaction, "DELETE FROM sign_in_failure WHERE name = $1",
                       STORE_BIND(STORE_B(key)), NULL, error);
}

bool failure_audit(struct store_transaction *transaction, const struct failure_try *one,
                   const struct actor *actor, const char *object, const char *act,
                   struct text object_id, int64_t now, struct error *error)
{
  if (one->may_try)
    return sign_in_audit(transaction, actor, object, act, object_id, AUDIT_FAILED, now, error);
  if (one->refused & (one->refused - 1)) return true;
  struct arena *arena = arena_new(LIMIT_SECRET_FILE);
  struct value *detail = value_object(arena);
  value_set(detail, "attempts", value_integer(arena, one->refused));
  struct audit_entry entry = {.program_id = actor->program_id,
                              .actor = actor,
                              .object = text_from(object),
                              .act = text_from(act),
                              .object_id = object_id,
                              .person_id = actor->person_id,
                              .outcome = AUDIT_DENIED,
                              .detail = detail,
                              .at = now};
  bool is_written = audit_append(transaction, &entry, error);
  arena_free(arena);
  return is_written;
}

/* --- Browsers -------------------------------------------------------------------------------- */

/* How many rows of the browser; with an account, of the two. */
static bool count_device(struct store_transaction *transaction, struct text device,
                         struct text account_id, int64_t since, bool *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT 1 FROM sign_in_device WHERE device = $1 AND ($2 = '' OR account_id = $2)"
                   " AND seen_at > $3 LIMIT 1",
                   STORE_BIND(STORE_B(device), STORE_T(account_id), STORE_N(since)), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  store_cursor_close(cursor);
  if (is_read) *out = more;
  return is_read;
}

bool device_find(struct store_transaction *transaction, const struct sign_in_settings *settings,
                 struct text device, struct text account_id, int64_t now, bool *is_there,
                 bool *is_theirs, struct error *error)
{
  int64_t since = now - settings->device_lasts;
  /* Nobody's account is asked for as well, so that an unknown name costs the same. */
  struct text whose = text_is_empty(account_id) ? TEXT("-") : account_id;
  return count_device(transaction, device, TEXT(""), since, is_there, error) &&
         count_device(transaction, device, whose, since, is_theirs, error);
}

bool device_remember(struct store_transaction *transaction, const struct sign_in_settings *settings,
                     struct text device, struct text account_id, int64_t now, struct error *error)
{
  if (text_is_empty(device)) return true;
  return store_execute(
             transaction,
             "INSERT INTO sign_in_device (device, account_id, seen_at) VALUES ($1, $2, $3)"
             " ON CONFLICT (device, account_id) DO UPDATE SET seen_at = EXCLUDED.seen_at",
             STORE_BIND(STORE_B(device), STORE_T(account_id), STORE_N(now)), NULL, error) &&
         store_execute(transaction,
                       "DELETE FROM sign_in_device WHERE account_id = $1 AND (seen_at <= $2 OR"
                       " device NOT IN (SELECT d.device FROM sign_in_device d WHERE d.account_id ="
                       " $1 ORDER BY d.seen_at DESC, d.device LIMIT $3))",
                       STORE_BIND(STORE_T(account_id), STORE_N(now - settings->device_lasts),
                                  STORE_N(LIMIT_SIGN_IN_DEVICES)),
                       NULL, error);
}

bool device_forget_all(struct store_transaction *transaction, struct text account_id,
                       struct error *error)
{
  return store_execute(transaction, "DELETE FROM sign_in_device WHERE account_id = $1",
                       STORE_BIND(STORE_T(account_id)), NULL, error);
}

/* --- Refusing, writing ----------------------------------------------------------------------- */

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
