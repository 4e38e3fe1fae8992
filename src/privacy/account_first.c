/*
 * account: the first administrator, by a one-time code that the server prints. See account.h.
 *
 * The code's hash is one row; making the account takes the row away in the same transaction, so
 * that of many who hold the code one makes an account. Any thread.
 */
#include "privacy/account_private.h"

struct first {
  struct privacy *privacy;
  const struct account_new *wanted;
  struct text id, sign_in_name, hash, digest;
  int64_t now;
  bool is_wanted;
};

static bool has_account(struct store_transaction *transaction, bool *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor, "SELECT id FROM account LIMIT 1", STORE_BIND_NONE, error))
    return false;
  bool is_read = store_next(cursor, out, error);
  store_cursor_close(cursor);
  return is_read;
}

static bool write_code(struct store_transaction *transaction, void *context, struct error *error)
{
  struct first *first = context;
  bool is_there = false;
  if (!has_account(transaction, &is_there, error)) return false;
  first->is_wanted = !is_there;
  if (is_there)
    return store_execute(transaction, "DELETE FROM account_first WHERE id = 1", STORE_BIND_NONE,
                         NULL, error);
  return store_execute(
      transaction,
      "INSERT INTO account_first (id, code, ends_at) VALUES (1, $1, $2) ON "
      "CONFLICT (id) DO UPDATE SET code = EXCLUDED.code, ends_at = "
      "EXCLUDED.ends_at",
      STORE_BIND(STORE_B(first->digest), STORE_N(first->now + first->privacy->sign_in->first_code)),
      NULL, error);
}

bool account_first_code(struct privacy *privacy, struct arena *arena, int64_t now,
                        struct text *code, struct error *error)
{
  struct text made = secret_code(arena);
  struct first first = {.privacy = privacy,
                        .digest = secret_digest(arena, secret_code_read(arena, made)),
                        .now = now};
  if (!store_write(privacy->store, write_code, &first, error)) return false;
  *code = first.is_wanted ? made : TEXT("");
  return true;
}

static bool refuse_code(struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.account.first",
                   "Start the server again: it prints a new code.",
                   "the one-time code is not right, or used, or too old");
}

/* Before anything dear: strangers ask here, and a hash costs much. */
static bool check_code(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct first *first = context;
  struct store_cursor *cursor = NULL;
  bool is_there = false;
  if (!store_query(transaction, &cursor,
                   "SELECT id FROM account_first WHERE id = 1 AND code = $1 AND ends_at > $2",
                   STORE_BIND(STORE_B(first->digest), STORE_N(first->now)), error))
    return false;
  bool is_read = store_next(cursor, &is_there, error);
  store_cursor_close(cursor);
  return is_read && (is_there || refuse_code(error));
}

static bool create_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct first *first = context;
  struct actor actor = {
      .kind = ACTOR_STAFF, .account_id = first->id, .name = first->wanted->shown_name};
  int64_t changed = 0;
  bool is_there = false;
  if (!store_execute(transaction,
                     "DELETE FROM account_first WHERE id = 1 AND code = $1 AND ends_at > $2",
                     STORE_BIND(STORE_B(first->digest), STORE_N(first->now)), &changed, error) ||
      !has_account(transaction, &is_there, error))
    return false;
  if (changed == 0 || is_there) return refuse_code(error);
  return account_insert(transaction, first->id, first->wanted, first->sign_in_name, first->hash,
                        false, first->now, error) &&
         sign_in_audit(transaction, &actor, "account", "write", first->id, AUDIT_DONE, first->now,
                       error);
}

bool account_create_first(struct privacy *privacy, struct text code,
                          const struct account_new *wanted, struct arena *arena, int64_t now,
                          struct text *id, struct error *error)
{
  static const struct account_role administrator = {
      .program_id = {"", 0}, .site_id = {"", 0}, .role = {"administrator", 13}};
  char hash[SECRET_HASH];
  char *made_id = arena_allocate(arena, UUID_TEXT + 1);
  struct account_new given = *wanted;
  struct text name = sign_in_name_read(arena, wanted->sign_in_name);
  struct text password = password_normal(arena, wanted->password);
  given.roles = &administrator;
  given.role_count = 1;
  given.person_id = TEXT("");
  struct first first = {.privacy = privacy,
                        .digest = secret_digest(arena, secret_code_read(arena, code)),
                        .now = now};
  if (!store_read(privacy->store, check_code, &first, error)) return false;
  if (text_is_empty(name))
    return error_set(error, ERROR_REFUSED, "error.account.name",
                     "Two to 64 small letters, digits and . _ - + @", "the name is refused");
  if (!password_check(privacy->sign_in, arena, name, password, error) ||
      !secret_hash(&privacy->sign_in->password_cost, password, hash, error))
    return false;
  uuid_new(now, made_id);
  first.wanted = &given;
  first.id = text_from(made_id);
  first.sign_in_name = name;
  first.hash = text_from(hash);
  if (!store_write(privacy->store, create_in, &first, error)) return false;
  *id = first.id;
  return true;
}
