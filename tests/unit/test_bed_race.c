/*
 * The last bed, wanted by 64 desks in two processes at the same moment: exactly one has it, every
 * round, on both engines; and a unit's last staffed place, wanted in two different beds. Rounds:
 * 100, or $FAIRLEAD_RACE_ROUNDS (script/ci --long: 1,000). Every round begins at one barrier that
 * both processes share; the clock moves past the winner's hold in between.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "bed_world.h"

enum { DESKS = 64, IN_PROCESS = DESKS / 2, MOST_ROUNDS = 10000 };

/* What both processes see. */
struct shared {
  pthread_barrier_t barrier;
  _Atomic int64_t now;
  _Atomic int wins[MOST_ROUNDS], strange;
  char why[LIMIT_ERROR_TEXT]; /* the first refusal that is none of those expected */
  int rounds, beds_wanted;
};
static struct shared *shared;
static int first_desk; /* of this process: 0 or IN_PROCESS */

/* What a desk does is done with an arena of its own: the world's is one thread's. */
struct want {
  struct arena *arena;
  struct bed_hold hold;
  int64_t now;
};

static bool want_bed(struct store_transaction *t, void *context, struct error *error)
{
  struct want *want = context;
  struct actor actor = world.actor;
  struct access access;
  return access_open(t, world.privacy, &actor, "bed-board", "write", NULL, TEXT(""), want->now,
                     &access, error) &&
         bed_hold_place(t, beds, &access, want->arena, &want->hold, error);
}

static void one_try(int desk, int round, struct arena *arena)
{
  static const char *const expected[] = {"error.admission.clash.hold", "error.admission.taken",
                                         "error.admission.unit.full"};
  struct error error = {.kind = ERROR_NONE};
  struct want want = {.arena = arena,
                      .now = shared->now,
                      .hold = {.bed_id = bed[desk % shared->beds_wanted],
                               .kind = TEXT("outreach"),
                               .request_id = text_format(arena, "request-%d-%d-%d",
                                                         shared->beds_wanted, round, desk)}};
  if (store_write(world.store, want_bed, &want, &error)) {
    atomic_fetch_add(&shared->wins[round], 1);
    return;
  }
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    if (error.kind == ERROR_CONFLICT && strcmp(error.person, expected[i]) == 0) return;
  if (atomic_fetch_add(&shared->strange, 1) == 0)
    snprintf(shared->why, sizeof shared->why, "%s", error.log);
}

static void *desk_of(void *context)
{
  int desk = *(const int *)context;
  for (int round = 0; round < shared->rounds; round++) {
    struct arena *arena = arena_new(1 << 24);
    pthread_barrier_wait(&shared->barrier);
    one_try(desk, round, arena);
    arena_free(arena);
    if (pthread_barrier_wait(&shared->barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
      shared->now += 100 * minute; /* a hold of outreach is 90 */
    pthread_barrier_wait(&shared->barrier);
  }
  return NULL;
}

static void run_desks(void)
{
  pthread_t threads[IN_PROCESS];
  int desks[IN_PROCESS];
  for (int i = 0; i < IN_PROCESS; i++) {
    desks[i] = first_desk + i;
    if (pthread_create(&threads[i], NULL, desk_of, &desks[i]) != 0) abort();
  }
  for (int i = 0; i < IN_PROCESS; i++) pthread_join(threads[i], NULL);
}

/* The other process: everything opened anew, nothing inherited is touched. */
static void be_the_other(void)
{
  const char *share = world_share();
  struct vault_options options = {.keys_address =
                                      store_support_address(world.arena, world.folder, "keys.db"),
                                  .key_path = file_join(world.arena, world.folder, "master.key"),
                                  .erased_path = file_join(world.arena, world.folder, "erased"),
                                  .migrations = file_join(world.arena, share, "migrations/keys")};
  struct error error = {.kind = ERROR_NONE};
  if (!store_open(&world.store, store_support_address(world.arena, world.folder, "fairlead.db"),
                  &error) ||
      !vault_open(&world.vault, &options, &error) ||
      !privacy_open(&world.privacy, share, world.store, world.vault, world.catalog, &error) ||
      !care_open(&world.care, share, world.privacy, &error) ||
      !beds_open(&beds, share, world.care, &error)) {
    fprintf(stderr, "the other process: %s\n", error.log);
    abort();
  }
  first_desk = IN_PROCESS;
  run_desks();
  _exit(0);
}

static int rounds_of(void)
{
  const char *given = getenv("FAIRLEAD_RACE_ROUNDS");
  int64_t rounds = 100;
  if (given && *given &&
      (!text_read_integer(text_from(given), &rounds) || rounds < 1 || rounds > MOST_ROUNDS))
    fail_msg("FAIRLEAD_RACE_ROUNDS is 1 to %d", MOST_ROUNDS);
  return (int)rounds;
}

/* The other process is born before any thread; what it inherits it leaves alone. */
static void race(int beds_wanted)
{
  pthread_barrierattr_t attributes;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(shared != MAP_FAILED);
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  assert_int_equal(pthread_barrier_init(&shared->barrier, &attributes, DESKS), 0);
  shared->rounds = rounds_of();
  shared->beds_wanted = beds_wanted;
  shared->now = world.now;
  first_desk = 0;
  pid_t other = fork();
  assert_true(other >= 0);
  if (other == 0) be_the_other();
  run_desks();
  int status = -1;
  assert_int_equal(waitpid(other, &status, 0), other);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  if (shared->strange) fail_msg("%d strange refusals; the first: %s", shared->strange, shared->why);
  for (int round = 0; round < shared->rounds; round++)
    if (shared->wins[round] != 1)
      fail_msg("round %d: %d desks have the bed", round, shared->wins[round]);
  world.now = shared->now;
  pthread_barrier_destroy(&shared->barrier);
  munmap(shared, sizeof *shared);
}

static bool count_holds(struct store_transaction *t, void *context, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(t, &cursor, "SELECT count(*) FROM bed_use", STORE_BIND_NONE, error) &&
                 store_next(cursor, &more, error);
  if (is_read) *(int64_t *)context = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}

static void failure_1_the_last_bed_goes_to_one_of_64(void **state)
{
  (void)state;
  int64_t rows = 0;
  race(1);
  WORLD(store_read(world.store, count_holds, &rows, &world.error));
  assert_int_equal(rows, rounds_of()); /* and who lost left nothing */
}

static void failure_8_the_last_staffed_place_goes_to_one_of_64(void **state)
{
  (void)state;
  world_become("administrator", "", "");
  the_unit.staffed = 1;
  WORLD(world_do("site", "write", TEXT(""), save_unit, &the_unit));
  world_become("case-manager", "", "");
  race(2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(failure_1_the_last_bed_goes_to_one_of_64, bed_begin, bed_end),
      cmocka_unit_test_setup_teardown(failure_8_the_last_staffed_place_goes_to_one_of_64, bed_begin,
                                      bed_end),
  };
  return store_support_run("bed_race", tests, sizeof tests / sizeof *tests);
}
