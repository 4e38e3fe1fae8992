/*
 * account: a person's own account for /me: made, given a new code, ended and opened again by staff
 * who may (own-account, write) about that very person. See account.h. Its name is made and says
 * nothing; its code is good for one sign-in, which asks for a password of their own. Any thread.
 */
#include "privacy/account_private.h"

#include <string.h>

static bool may_write(const struct access *access, struct text person_id, struct error *error)
{
  bool is_meant = strcmp(access->object, "own-account") == 0 && strcmp(access->act, "write") == 0 &&
                  person_id.length && text_equal(access->person_id, person_id);
  return is_meant || error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                               "the access was not opened for this person's account");
}

bool account_own_begin(struct privacy *privacy, struct arena *arena, int64_t now,
                       struct account_own *out, struct error *error)
{
  char *hash = arena_allocate(arena, SECRET_HASH), *id = arena_allocate(arena, UUID_TEXT + 1);
  struct text code = secret_code(arena), name = sign_in_name_read(arena, secret_code(arena));
  if (!secret_hash(&privacy->sign_in->password_cost, code, hash, error)) return false;
  uuid_new(now, id);
  *out = (struct account_own){text_from(id), name, code, text_from(hash)};
  return true;
}

bool account_own_find(struct store_transaction *transaction, struct arena *arena,
                      struct text program_id, struct text person_id, struct account *out,
                      bool *is_there, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text id = TEXT("");
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT a.id FROM account a JOIN account_role r ON r.account_id = a.id"
                  " WHERE a.person_program_id = $1 AND a.person_id = $2 AND a.person_id <> ''"
                  " AND r.role = 'person' ORDER BY a.made_at DESC, a.id LIMIT 1",
                  STORE_BIND(STORE_T(program_id), STORE_T(person_id)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more) id = text_copy(arena, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  if (!is_read) return false;
  *is_there = more;
  return !more || account_load(transaction, arena, id, out, error);
}

bool account_own_create(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct account_own *made, struct error *error)
{
  struct account_role role = {
      .program_id = access->program_id, .site_id = TEXT(""), .role = TEXT("person")};
  struct account_new wanted = {.shown_name = TEXT(""),
                               .email = TEXT(""),
                               .staff_id = TEXT(""),
                               .person_id = access->person_id,
                               .roles = &role,
                               .role_count = 1};
  struct account account;
  bool is_there = false;
  if (!may_write(access, access->person_id, error) ||
      !account_own_find(transaction, arena, access->program_id, access->person_id, &account,
                        &is_there, error))
    return false;
  if (is_there)
    return error_set(error, ERROR_CONFLICT, "error.account.own", "Give it a new code.",
                     "the person has an account");
  return account_insert(transaction, made->id, &wanted, made->sign_in_name, made->hash, true,
                        access->now, error);
}

/* The account, of the version that the form was made from. */
static bool open_own(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, int64_t version, struct account *out,
                     struct error *error)
{
  if (!account_load(transaction, arena, id, out, error) ||
      !may_write(access, out->person_id, error))
    return false;
  return out->version == version ||
         error_set(error, ERROR_CONFLICT, "error.account.changed", "Look at it again.",
                   "the account was changed in between");
}

bool account_own_renew(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text id, int64_t version,
                       const struct account_own *made, struct error *error)
{
  struct account account;
  return open_own(transaction, access, arena, id, version, &account, error) &&
         session_end_all(transaction, id, TEXT(""), error) &&
         failure_clear(transaction, failure_key_of_name(arena, account.sign_in_name), error) &&
         device_forget_all(transaction, id, error) &&
         store_execute(transaction, "DELETE FROM account_recovery WHERE account_id = $1",
                       STORE_BIND(STORE_T(id)), NULL, error) &&
         store_execute(transaction,
                       "UPDATE account SET password = $2, must_change = 1, totp = $3,"
                       " totp_begun = $3, totp_step = 0, pin = '', pin_failures = 0,"
                       " disabled_at = 0, version = version + 1 WHERE id = $1",
                       STORE_BIND(STORE_T(id), STORE_T(made->hash), STORE_B(TEXT(""))), NULL,
                       error);
}

bool account_own_end(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, int64_t version, struct error *error)
{
  struct account account;
  return open_own(transaction, access, arena, id, version, &account, error) &&
         session_end_all(transaction, id, TEXT(""), error) &&
         store_execute(transaction,
                       "UPDATE account SET disabled_at = $2, version = version + 1 WHERE id = $1",
                       STORE_BIND(STORE_T(id), STORE_N(access->now)), NULL, error);
}

bool account_own_forget(struct store_transaction *transaction, struct text program_id,
                        struct text person_id, int64_t now, struct error *error)
{
  return store_execute(transaction,
                       "DELETE FROM session WHERE account_id IN (SELECT id FROM account"
                       " WHERE person_program_id = $1 AND person_id = $2 AND person_id <> '')",
                       STORE_BIND(STORE_T(program_id), STORE_T(person_id)), NULL, error) &&
         store_execute(transaction,
                       "UPDATE account SET disabled_at = $3, version = version + 1"
                       " WHERE person_program_id = $1 AND person_id = $2 AND person_id <> ''"
                       " AND disabled_at = 0",
                       STORE_BIND(STORE_T(program_id), STORE_T(person_id), STORE_N(now)), NULL,
                       error);
}
