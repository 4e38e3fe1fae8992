/*
 * What tests of accounts, sessions and stations share: the room opened on an empty database of
 * either engine, with a share folder in which hashes cost the least that the program takes; a
 * clock; accounts to begin with. Include after store_support.h, in one file of a program; run from
 * the repository's root.
 */
#ifndef FAIRLEAD_TESTS_ACCOUNTS_SUPPORT_H
#define FAIRLEAD_TESTS_ACCOUNTS_SUPPORT_H

#include <liboath/oath.h>

#include "privacy/privacy.h"

static const int64_t SECOND = 1000000, MINUTE = 60000000, HOUR = INT64_C(3600000000);
/* 2026-01-05T08:00:00Z; each test moves it on. */
static int64_t now;
static struct arena *arena;
static char *folder;
static struct store *store;
static struct vault *vault;
static struct catalog *catalog;
static struct privacy *privacy;
static struct error error;

static const char password[] = "lantern on the pier", other_password[] = "rope through a ring";
#define PROGRAM TEXT("0198a000-0000-7000-8000-00000000000a")
#define PROGRAM_B TEXT("0198a000-0000-7000-8000-00000000000b")
#define SITE_A TEXT("0198a000-0000-7000-8000-0000000000a1")

static inline char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

/* knowledge/ with another value in sign-in.csv. */
static inline void set_sign_in(const char *name, const char *value)
{
  struct text content, rest, line, out = TEXT("");
  const char *path = path_of("knowledge/sign-in.csv");
  assert_true(file_read(arena, path, LIMIT_KNOWLEDGE_FILE, &content, &error));
  rest = content;
  struct text start = text_format(arena, "%s,", name);
  while (text_split_next(&rest, '\n', &line)) {
    struct text tail = line, part;
    if (text_starts_with(line, start)) {
      assert_true(text_split_next(&tail, ',', &part) && text_split_next(&tail, ',', &part));
      line = text_format(arena, "%s,%s,%.*s", name, value, TEXT_PRINT(tail));
    }
    if (line.length) out = text_format(arena, "%.*s%.*s\n", TEXT_PRINT(out), TEXT_PRINT(line));
  }
  assert_true(file_replace(path, out, &error));
}

/* The places of these tests: two programs, one site, a staff member and a person each. */
static inline bool has_place(struct store_transaction *transaction,
                             const struct privacy_place *place, bool *is_there, struct error *e)
{
  (void)transaction, (void)e;
  *is_there =
      (text_equal(place->program_id, PROGRAM) || text_equal(place->program_id, PROGRAM_B)) &&
      (text_is_empty(place->site_id) || text_equal(place->site_id, SITE_A)) &&
      !text_starts_with(place->staff_id, TEXT("no-")) &&
      !text_starts_with(place->person_id, TEXT("no-"));
  return true;
}

static inline void open_privacy(void)
{
  privacy_close(privacy);
  privacy = NULL;
  if (!privacy_open(&privacy, folder, store, vault, catalog, &error)) fail_msg("%s", error.log);
  privacy->places = has_place;
}

static inline int accounts_begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-accounts-XXXXXX";
  arena = arena_new(1 << 28);
  error = (struct error){0};
  now = INT64_C(1767600000000000);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  assert_int_equal(
      system(text_c(arena, text_format(arena, "cp -r knowledge %s/knowledge", folder))), 0);
  set_sign_in("password-memory", "7");
  set_sign_in("password-passes", "5");
  set_sign_in("pin-memory", "7");
  set_sign_in("pin-passes", "5");
  struct vault_options options = {.keys_address = store_support_address(arena, folder, "keys.db"),
                                  .key_path = path_of("vault.key"),
                                  .erased_path = path_of("erased.list"),
                                  .migrations = "migrations/keys"};
  if (!store_open(&store, store_support_address(arena, folder, "test.db"), &error) ||
      !store_migrate(store, "migrations", &error) || !vault_open(&vault, &options, &error) ||
      !catalog_load(&catalog, "locale", &error))
    fail_msg("%s", error.log);
  privacy = NULL;
  open_privacy();
  return 0;
}

static inline int accounts_end(void **state)
{
  (void)state;
  privacy_close(privacy);
  catalog_free(catalog);
  vault_close(vault);
  store_close(store);
  assert_int_equal(system(text_c(arena, text_format(arena, "rm -rf %s", folder))), 0);
  arena_free(arena);
  return 0;
}

/* Make an account with one role; its password is the first one above, already its own. */
static inline struct text make_account(const char *name, struct text program_id, const char *role)
{
  struct account_role one = {program_id, TEXT(""), text_from(role)};
  struct account_new wanted = {.sign_in_name = text_from(name),
                               .shown_name = text_from(name),
                               .roles = &one,
                               .role_count = 1,
                               .password = text_from(password)};
  struct actor by = actor_command(TEXT(""));
  struct text id, made;
  if (!account_create(privacy, &by, &wanted, arena, now, &id, &made, &error))
    fail_msg("%s: %s", name, error.log);
  assert_true(text_is_empty(made));
  return id;
}

/* Sign in; answers the step, with the token. */
static inline enum session_step sign_in(const char *name, const char *secret, struct text *token)
{
  enum session_step step;
  if (!session_sign_in(privacy, text_from(name), text_from(secret), NULL, arena, now, token, &step,
                       &error))
    fail_msg("%s: %s", name, error.log);
  return step;
}

static inline bool refuses_sign_in(const char *name, const char *secret)
{
  struct text token = TEXT("");
  enum session_step step;
  error = (struct error){0};
  return !session_sign_in(privacy, text_from(name), text_from(secret), NULL, arena, now, &token,
                          &step, &error) &&
         token.length == 0;
}

static inline struct session found(struct text token)
{
  struct session session = {0};
  if (!session_find(privacy, arena, token, now, &session, &error)) fail_msg("%s", error.log);
  return session;
}

static inline bool is_gone(struct text token)
{
  struct session session;
  error = (struct error){0};
  return !session_find(privacy, arena, token, now, &session, &error) &&
         error.kind == ERROR_NOT_FOUND;
}

/* The code of an otpauth address at a time, by liboath's generator (RFC 6238). */
static inline struct text code_of(struct text address, int64_t at)
{
  char *secret = NULL, digits[7];
  size_t length = 0, from = text_find(address, TEXT("secret=")) + 7;
  struct text base32 = text_slice(address, from, address.length);
  base32 = text_slice(base32, 0, text_find(base32, TEXT("&")));
  assert_int_equal(oath_base32_decode(base32.at, base32.length, &secret, &length), OATH_OK);
  assert_int_equal(oath_totp_generate(secret, length, (time_t)(at / SECOND), 30, 0, 6, digits),
                   OATH_OK);
  free(secret);
  return text_copy(arena, text_from(digits));
}

/* Set up the second factor of whoever is signed in; answers the address. */
static inline struct text enroll(struct text token, struct text **recovery)
{
  struct session session = found(token);
  struct text address, *codes = NULL;
  size_t count = 0;
  if (!account_begin_totp(privacy, &session.actor, arena, now, &address, &error) ||
      !account_confirm_totp(privacy, &session.actor, code_of(address, now), arena, now, &codes,
                            &count, &error))
    fail_msg("%s", error.log);
  assert_int_equal(count, 10);
  if (recovery) *recovery = codes;
  return address;
}

static inline struct account load_account(struct text id);
struct accounts_load {
  struct text id;
  struct account account;
};
static inline bool accounts_load_in(struct store_transaction *transaction, void *context,
                                    struct error *e)
{
  struct accounts_load *load = context;
  return account_load(transaction, arena, load->id, &load->account, e);
}
static inline struct account load_account(struct text id)
{
  struct accounts_load load = {.id = id};
  if (!store_read(store, accounts_load_in, &load, &error)) fail_msg("%s", error.log);
  return load.account;
}

/* The newest waiting entries of the audit that hold all of `words` (at most 3), as a number. */
static inline size_t audited(const char *a, const char *b);
struct accounts_audit {
  const char *a, *b;
  size_t count;
};
static inline bool accounts_audit_in(struct store_transaction *transaction, void *context,
                                     struct error *e)
{
  struct accounts_audit *audit = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  audit->count = 0;
  if (!store_query(transaction, &cursor, "SELECT entry FROM audit_waiting ORDER BY id",
                   STORE_BIND_NONE, e))
    return false;
  while (store_next(cursor, &more, e) && more) {
    struct text entry = store_column_bytes(cursor, 0);
    audit->count +=
        text_contains(entry, text_from(audit->a)) && text_contains(entry, text_from(audit->b));
  }
  store_cursor_close(cursor);
  return true;
}
static inline size_t audited(const char *a, const char *b)
{
  struct accounts_audit audit = {a, b, 0};
  if (!store_read(store, accounts_audit_in, &audit, &error)) fail_msg("%s", error.log);
  return audit.count;
}

#endif
