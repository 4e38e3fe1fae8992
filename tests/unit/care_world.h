/*
 * A program with everything beneath it, for tests of care: store, vault, privacy, care, one staff
 * account of every role that a test asks for. Tests run on both engines (store_support.h). What is
 * read comes from build/share or, with $FAIRLEAD_SHARE, from there.
 */
#ifndef FAIRLEAD_TESTS_CARE_WORLD_H
#define FAIRLEAD_TESTS_CARE_WORLD_H

#include "care/care.h"
#include "store_support.h"

static struct {
  struct arena *arena;
  char *folder;
  struct store *store;
  struct vault *vault;
  struct catalog *catalog;
  struct privacy *privacy;
  struct care *care;
  struct text program_id;
  struct actor actor;
  struct text roles[2];
  int64_t now;
  struct error error;
} world;

/* Emergency access has tests of its own; here the glass is whole. */
__attribute__((weak)) bool emergency_is_open(struct store_transaction *transaction,
                                             const struct actor *actor, struct text person_id,
                                             int64_t now, bool *out, int64_t *ends_at,
                                             struct error *error)
{
  (void)transaction, (void)actor, (void)person_id, (void)now, (void)ends_at, (void)error;
  *out = false;
  return true;
}

static inline const char *world_share(void)
{
  const char *given = getenv("FAIRLEAD_SHARE");
  return given && *given ? given : ".";
}

#define WORLD(call)                                                                                \
  do {                                                                                             \
    error_clear(&world.error);                                                                     \
    if (!(call)) fail_msg("%s: %s (%s)", #call, world.error.log, world.error.hint);                \
  } while (0)

typedef bool world_function(struct store_transaction *transaction, const struct access *access,
                            void *context, struct error *error);
struct world_deed {
  const char *object, *act;
  struct text person_id;
  world_function *run;
  void *context;
  bool is_new;
};

static inline bool world_run(struct store_transaction *transaction, void *context,
                             struct error *error)
{
  struct world_deed *deed = context;
  struct access access;
  struct role_subject subject = {.person_id = deed->person_id, .is_site = deed->is_new};
  if (deed->person_id.length == 0)
    return access_open_list(transaction, world.privacy, &world.actor, deed->object, deed->act,
                            world.now, &access, error) &&
           deed->run(transaction, &access, deed->context, error);
  return (deed->is_new || care_subject_load(transaction, world.program_id, deed->person_id,
                                            &world.actor, world.now, &subject, error)) &&
         access_open(transaction, world.privacy, &world.actor, deed->object, deed->act, &subject,
                     deed->person_id, world.now, &access, error) &&
         deed->run(transaction, &access, deed->context, error);
}

/* Do something with an access for object and act (and person, unless ""). */
static inline bool world_do(const char *object, const char *act, struct text person_id,
                            world_function *run, void *context)
{
  struct world_deed deed = {object, act, person_id, run, context, false};
  error_clear(&world.error);
  return store_write(world.store, world_run, &deed, &world.error);
}

static inline bool world_make_program(struct store_transaction *transaction,
                                      const struct access *access, void *context,
                                      struct error *error)
{
  return program_create(transaction, world.care, access, context, error);
}

/* Act as a role from now on, "" for the command line. */
static inline void world_become(const char *role, const char *site_id, const char *staff_id)
{
  if (!*role) {
    world.actor = actor_command(world.program_id);
    return;
  }
  world.roles[0] = text_from(role);
  world.actor = (struct actor){.kind = ACTOR_STAFF,
                               .account_id = TEXT("account-of-the-test"),
                               .name = TEXT("Test"),
                               .staff_id = text_from(staff_id),
                               .program_id = world.program_id,
                               .site_id = text_from(site_id),
                               .roles = world.roles,
                               .role_count = 1,
                               .is_confirmed = true};
}

static inline int world_begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-care-XXXXXX";
  const char *share = world_share();
  memset(&world, 0, sizeof world);
  world.arena = arena_new((size_t)1 << 28);
  world.folder = text_c(world.arena, text_from(mkdtemp(pattern)));
  world.now = INT64_C(1795000000) * 1000000; /* 2026-11-18T14:26:40Z */
  struct vault_options options = {.keys_address =
                                      store_support_address(world.arena, world.folder, "keys.db"),
                                  .key_path = file_join(world.arena, world.folder, "master.key"),
                                  .erased_path = file_join(world.arena, world.folder, "erased"),
                                  .migrations = file_join(world.arena, share, "migrations/keys")};
  WORLD(store_open(&world.store, store_support_address(world.arena, world.folder, "fairlead.db"),
                   &world.error));
  WORLD(store_migrate(world.store, file_join(world.arena, share, "migrations"), &world.error));
  WORLD(vault_open(&world.vault, &options, &world.error));
  WORLD(catalog_load(&world.catalog, file_join(world.arena, share, "locale"), &world.error));
  WORLD(privacy_open(&world.privacy, share, world.store, world.vault, world.catalog, &world.error));
  WORLD(care_open(&world.care, share, world.privacy, &world.error));
  WORLD(program_begin(world.privacy, world.arena, world.now, &world.program_id, &world.error));
  world_become("administrator", "", "");
  struct program program = {.name = TEXT("Harbor House"),
                            .kind = TEXT("residential"),
                            .zone = TEXT("America/Denver"),
                            .state = TEXT("CO"),
                            .phone = TEXT("3035550100"),
                            .languages = TEXT("en es")};
  WORLD(world_do("program", "write", TEXT(""), world_make_program, &program));
  return 0;
}

static inline int world_end(void **state)
{
  (void)state;
  care_close(world.care);
  privacy_close(world.privacy);
  catalog_free(world.catalog);
  vault_close(world.vault);
  store_close(world.store);
  char *command = text_c(world.arena, text_format(world.arena, "rm -rf %s", world.folder));
  assert_int_equal(system(command), 0);
  arena_free(world.arena);
  return 0;
}

/* An act of a test in a transaction: `call` sees t, access, error, and w, the file's struct work.
 */
#define DEED(name, call)                                                                           \
  static inline bool name(struct store_transaction *t, const struct access *access, void *context, \
                          struct error *error)                                                     \
  {                                                                                                \
    struct work *w = context;                                                                      \
    (void)access;                                                                                  \
    return call;                                                                                   \
  }

#endif
