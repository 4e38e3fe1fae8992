/*
 * What tests of consents and disclosures in a store share: a store, a vault and a member of staff;
 * steps in transactions of their own; a consent that is signed and kept as a page does it. Include
 * after cmocka.h, in one file of a program.
 */
#ifndef FAIRLEAD_TESTS_CONSENT_STORE_H
#define FAIRLEAD_TESTS_CONSENT_STORE_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_support.h"

#include "consent_support.h"

#define PROGRAM "0199aaaa-0000-7000-8000-000000000001"
#define PERSON "0199bbbb-0000-7000-8000-000000000001"
#define OTHER "0199bbbb-0000-7000-8000-000000000002"
#define HOUR (DAY / 24)

static char *folder;
static struct error error;
static struct text roles[2];
static struct actor staff;
static int64_t now;

static inline int begin(void **state)
{
  char pattern[] = "/tmp/fairlead-consent-XXXXXX";
  if (world_open(state)) return -1;
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  error_clear(&error);
  now = NOON;
  struct vault_options options = {.keys_address = store_support_address(arena, folder, "keys.db"),
                                  .key_path = file_join(arena, folder, "vault.key"),
                                  .erased_path = file_join(arena, folder, "erased.list"),
                                  .migrations = "migrations/keys"};
  if (!store_open(&world.store, store_support_address(arena, folder, "test.db"), &error) ||
      !store_migrate(world.store, "migrations", &error) ||
      !vault_open(&world.vault, &options, &error) ||
      !vault_subject_make(world.vault, (struct vault_subject){TEXT(PROGRAM), TEXT(PERSON)},
                          &error) ||
      !vault_subject_make(world.vault, (struct vault_subject){TEXT(PROGRAM), TEXT(OTHER)},
                          &error) ||
      !roles_load(&world.roles, "knowledge", &error)) {
    print_error("%s\n", error.log);
    return -1;
  }
  roles[0] = TEXT("privacy-officer");
  roles[1] = TEXT("nurse");
  staff = (struct actor){.kind = ACTOR_STAFF,
                         .account_id = TEXT("account-1"),
                         .name = TEXT("Ana Ruiz"),
                         .program_id = TEXT(PROGRAM),
                         .roles = roles,
                         .role_count = 2,
                         .is_confirmed = true};
  return 0;
}

static inline int end(void **state)
{
  roles_free(world.roles);
  vault_close(world.vault);
  store_close(world.store);
  assert_int_equal(system(text_c(arena, text_format(arena, "rm -rf '%s'", folder))), 0);
  world.roles = NULL;
  return world_close(state);
}

/* --- One step in a transaction of its own ---------------------------------------------------- */

struct step {
  bool (*act)(struct store_transaction *transaction, const struct access *access, void *context,
              struct error *error);
  void *context;
  const char *object, *verb;
  const char *person;
};

static inline bool run(struct store_transaction *transaction, void *context, struct error *e)
{
  struct step *step = context;
  struct access access;
  struct role_subject subject = {
      .person_id = text_from(step->person), .is_site = true, .is_own = staff.kind == ACTOR_PERSON};
  return access_open(transaction, &world, &staff, step->object, step->verb, &subject, TEXT(""), now,
                     &access, e) &&
         step->act(transaction, &access, step->context, e);
}

static inline bool did_for(const char *person, const char *object, const char *verb,
                           bool (*act)(struct store_transaction *, const struct access *, void *,
                                       struct error *),
                           void *context)
{
  struct step step = {act, context, object, verb, person};
  error_clear(&error);
  return store_write(world.store, run, &step, &error);
}
#define DID(object, verb, act, context) did_for(PERSON, object, verb, act, context)

static inline void needs(bool done)
{
  if (!done) fail_msg("%s: %s", error.person ? error.person : "", error.log);
}

/* The first column of one row, as text. */
struct asked {
  const char *sql;
  struct text answer;
};
static inline bool read_one(struct store_transaction *transaction, void *context, struct error *e)
{
  struct asked *asked = context;
  struct store_cursor *row = NULL;
  bool more = false;
  if (strcmp(asked->sql, "disclosures") == 0) {
    if (!store_query(transaction, &row, "SELECT CAST(count(*) AS TEXT) FROM disclosure",
                     STORE_BIND_NONE, e))
      return false;
  } else if (strcmp(asked->sql, "due") == 0) {
    if (!store_query(transaction, &row,
                     "SELECT kind || ' ' || CAST(at AS TEXT) FROM due ORDER BY kind LIMIT 1",
                     STORE_BIND_NONE, e))
      return false;
  } else if (!store_query(transaction, &row, "SELECT CAST(count(*) AS TEXT) FROM consent",
                          STORE_BIND_NONE, e)) {
    return false;
  }
  bool is_read = store_next(row, &more, e);
  asked->answer = is_read && more ? text_copy(arena, store_column_text(row, 0)) : TEXT("none");
  store_cursor_close(row);
  return is_read;
}
static inline const char *ask(const char *what)
{
  struct asked asked = {what, TEXT("")};
  needs(store_read(world.store, read_one, &asked, &error));
  return text_c(arena, asked.answer);
}

/* --- Steps ----------------------------------------------------------------------------------- */

static inline bool sign(struct store_transaction *t, const struct access *access, void *context,
                        struct error *e)
{
  return signature_create(t, access, context, arena, e);
}
static inline bool create(struct store_transaction *t, const struct access *access, void *context,
                          struct error *e)
{
  return consent_create(t, access, context, arena, e);
}

static inline struct signature typed(struct text words)
{
  return (struct signature){.method = SIGNATURE_TYPED,
                            .signer = TEXT("Robin Vale"),
                            .role = TEXT("patient"),
                            .signed_bytes = words};
}

/* Sign and keep a consent as a page would: words shown, signed, kept. */
static inline struct consent kept(struct consent consent)
{
  struct text words;
  consent.signed_at = now;
  needs(consent_render(&world, arena, &consent, consent.language, &words, &error));
  struct signature signature = typed(words);
  needs(DID("consent", "write", sign, &signature));
  consent.signature_id = signature.id;
  needs(DID("consent", "write", create, &consent));
  return consent;
}

struct listed {
  struct consent *consents;
  size_t count;
};
static inline bool list(struct store_transaction *t, const struct access *access, void *context,
                        struct error *e)
{
  struct listed *listed = context;
  return consent_list(t, access, arena, &listed->consents, &listed->count, e);
}

struct revoking {
  struct text id;
  const char *how;
  int64_t version;
};
static inline bool take_back(struct store_transaction *t, const struct access *access,
                             void *context, struct error *e)
{
  struct revoking *revoking = context;
  return consent_revoke(t, access, revoking->id, text_from(revoking->how), revoking->version, e);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif
