/*
 * Tests of the list of clocks: each fires once and none is lost, under many threads and processes,
 * killed in between, with the clock set back and with handlers that fail. What fired is counted in
 * a table that the handlers write, so it counts what was committed.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/due.h"
#include "store_support.h"

static struct arena *arena;
static char *folder, *address;
static struct store *store;
static struct error error;

static const int64_t SECOND = 1000000, NOON = 1771243200000000;

static bool make_table(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t, "CREATE TABLE fired (subject_id TEXT, at BIGINT)", STORE_BIND_NONE, NULL,
                       e);
}

static int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-due-XXXXXX";
  arena = arena_new(1 << 26);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  address = store_support_address(arena, folder, "test.db");
  assert_true(store_open(&store, address, &error));
  assert_true(store_migrate(store, "migrations", &error));
  assert_true(store_write(store, make_table, NULL, &error));
  log_set_level(LOG_ERROR + 1); /* handlers fail on purpose */
  return 0;
}

static int end(void **state)
{
  (void)state;
  store_close(store);
  char *command = text_c(arena, text_format(arena, "rm -rf %s", folder));
  assert_int_equal(system(command), 0);
  arena_free(arena);
  error_clear(&error);
  log_set_level(LOG_INFO);
  return 0;
}

/* --- What the tests set and see ------------------------------------------------------------ */

struct clocks {
  size_t from, count;
  const char *kind;
  int64_t at, step;
};

static bool set_clocks(struct store_transaction *t, void *context, struct error *e)
{
  const struct clocks *all = context;
  for (size_t i = 0; i < all->count; i++)
    if (!due_set(t, TEXT("program-1"), all->kind, text_format(arena, "s%zu", all->from + i),
                 TEXT(""), all->at + (int64_t)i * all->step, e))
      return false;
  return true;
}

static void set(const char *kind, size_t from, size_t count, int64_t at, int64_t step)
{
  struct clocks all = {.from = from, .count = count, .kind = kind, .at = at, .step = step};
  assert_true(store_write(store, set_clocks, &all, &error));
}

struct numbers {
  int64_t rows, distinct, waiting, late;
};

static bool one_number(struct store_transaction *t, const char *sql, int64_t *out, struct error *e)
{
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c, sql, STORE_BIND_NONE, e) || !store_next(c, &more, e)) return false;
  *out = store_column_integer(c, 0);
  store_cursor_close(c);
  return true;
}

static bool read_numbers(struct store_transaction *t, void *context, struct error *e)
{
  struct numbers *out = context;
  return one_number(t, "SELECT count(*) FROM fired", &out->rows, e) &&
         one_number(t, "SELECT count(DISTINCT subject_id) FROM fired", &out->distinct, e) &&
         one_number(t, "SELECT count(*) FROM due", &out->waiting, e) &&
         due_count_late(t, TEXT("program-1"), NOON, &out->late, e);
}

static struct numbers numbers(void)
{
  struct numbers out = {0};
  assert_true(store_read(store, read_numbers, &out, &error));
  return out;
}

static bool note(struct store_transaction *t, void *context, const struct due_item *item,
                 int64_t now, struct error *e)
{
  (void)context;
  return store_execute(t, "INSERT INTO fired (subject_id, at) VALUES ($1, $2)",
                       STORE_BIND(STORE_T(item->subject_id), STORE_N(now)), NULL, e);
}

static size_t sweep(struct due_registry *registry, int64_t now)
{
  size_t fired = 0;
  assert_true(due_sweep(store, registry, now, 1000, &fired, &error));
  return fired;
}

static struct due_registry *registry_of(due_handler *handler, void *context)
{
  struct due_registry *registry = due_registry_new();
  due_register(registry, "test.ends", handler, context);
  return registry;
}

/* --- Tests --------------------------------------------------------------------------------- */

static void due_fires_at_its_time_and_once(void **state)
{
  (void)state;
  struct due_registry *registry = registry_of(note, NULL);
  set("test.ends", 0, 10, NOON, SECOND);
  assert_int_equal(sweep(registry, NOON - 1), 0);
  assert_int_equal(sweep(registry, NOON), 1);
  assert_int_equal(sweep(registry, NOON), 0);
  assert_int_equal(sweep(registry, NOON - 3600 * SECOND), 0); /* the clock is set back */
  assert_int_equal(sweep(registry, NOON + 4 * SECOND), 4);
  set("test.ends", 9, 1, NOON + 100 * SECOND, 0); /* moved */
  assert_int_equal(sweep(registry, NOON + 99 * SECOND), 4);
  assert_int_equal(sweep(registry, NOON + 100 * SECOND), 1);
  struct numbers all = numbers();
  assert_int_equal(all.rows, 10);
  assert_int_equal(all.distinct, 10);
  assert_int_equal(all.waiting, 0);
  due_registry_free(registry);
}

static bool clear_one(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return due_clear(t, TEXT("program-1"), "test.ends", TEXT("s0"), e) &&
         due_clear(t, TEXT("program-1"), "test.ends", TEXT("nobody"), e);
}

static void due_cleared_does_not_fire(void **state)
{
  (void)state;
  struct due_registry *registry = registry_of(note, NULL);
  set("test.ends", 0, 2, NOON, 0);
  assert_true(store_write(store, clear_one, NULL, &error));
  assert_int_equal(sweep(registry, NOON), 1);
  due_registry_free(registry);
}

static void due_of_an_unknown_kind_stays_and_is_late(void **state)
{
  (void)state;
  struct due_registry *registry = registry_of(note, NULL);
  set("test.unknown", 0, 1500, NOON - 10 * SECOND, 0); /* more than a sweep's limit, all before */
  set("test.ends", 0, 1, NOON - 5 * SECOND, 0);
  assert_int_equal(numbers().late, 1501);
  assert_int_equal(sweep(registry, NOON), 1);
  assert_int_equal(numbers().late, 1500);
  due_registry_free(registry);
}

/* Fails as often as the context says, after writing. */
static bool fail_first(struct store_transaction *t, void *context, const struct due_item *item,
                       int64_t now, struct error *e)
{
  int *failures = context;
  if (!note(t, NULL, item, now, e)) return false;
  if (!text_equal(item->subject_id, TEXT("s1")) || item->attempts >= *failures) return true;
  return error_set(e, ERROR_REFUSED, "error.store.value", "", "on purpose");
}

static void due_failing_is_tried_again_later_and_later(void **state)
{
  (void)state;
  int failures = 3;
  struct due_registry *registry = registry_of(fail_first, &failures);
  set("test.ends", 0, 3, NOON, 0);
  assert_int_equal(sweep(registry, NOON), 2); /* the others fire; nothing of the third shows */
  assert_int_equal(numbers().rows, 2);
  assert_int_equal(sweep(registry, NOON + 4 * SECOND), 0);
  assert_int_equal(sweep(registry, NOON + 5 * SECOND), 0); /* fails again: 10 seconds more */
  assert_int_equal(sweep(registry, NOON + 14 * SECOND), 0);
  assert_int_equal(sweep(registry, NOON + 15 * SECOND), 0); /* and again: 20 more */
  assert_int_equal(sweep(registry, NOON + 34 * SECOND), 0);
  assert_int_equal(sweep(registry, NOON + 35 * SECOND), 1);
  assert_int_equal(numbers().rows, 3);
  due_registry_free(registry);
}

static void due_delay_has_an_end_and_a_wrong_clock_strands_nothing(void **state)
{
  (void)state;
  int failures = 30;
  struct due_registry *registry = registry_of(fail_first, &failures);
  set("test.ends", 1, 1, NOON, 0);
  int64_t now = NOON;
  for (int i = 0; i < 20; i++, now += LIMIT_DUE_RETRY_MOST_SECONDS * SECOND)
    assert_int_equal(sweep(registry, now), 0);
  int64_t year = 365LL * 24 * 3600 * SECOND;
  assert_int_equal(sweep(registry, now + 10 * year), 0); /* the clock was wrong for a moment */
  failures = 0;
  assert_int_equal(sweep(registry, now), 1);
  due_registry_free(registry);
}

static bool again(struct store_transaction *t, void *context, const struct due_item *item,
                  int64_t now, struct error *e)
{
  return note(t, context, item, now, e) &&
         due_set(t, item->program_id, "test.ends", item->subject_id, TEXT(""),
                 item->at + 60 * SECOND, e);
}

static void due_that_goes_on_sets_itself_anew(void **state)
{
  (void)state;
  struct due_registry *registry = registry_of(again, NULL);
  set("test.ends", 0, 1, NOON, 0);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(sweep(registry, NOON + (i * 60 + 1) * SECOND), 1);
    assert_int_equal(sweep(registry, NOON + (i * 60 + 2) * SECOND), 0);
  }
  assert_int_equal(numbers().waiting, 1);
  due_registry_free(registry);
}

/* --- Leases -------------------------------------------------------------------------------- */

struct lease {
  const char *owner;
  int64_t now, until;
  size_t found;
  bool mine;
};

static bool take_lease(struct store_transaction *t, void *context, struct error *e)
{
  struct lease *lease = context;
  struct due_item *items, item = {.program_id = TEXT("program-1"),
                                  .kind = TEXT("test.ends"),
                                  .subject_id = TEXT("s0"),
                                  .at = NOON};
  return due_find(t, arena, "test.ends", lease->now, 10, &items, &lease->found, e) &&
         due_lease(t, &item, text_from(lease->owner), lease->now, lease->until, &lease->mine, e);
}

static struct lease lease(const char *owner, int64_t now, int64_t until)
{
  struct lease out = {.owner = owner, .now = now, .until = until};
  assert_true(store_write(store, take_lease, &out, &error));
  return out;
}

static void due_lease_keeps_others_away_until_it_ends(void **state)
{
  (void)state;
  struct due_registry *registry = registry_of(note, NULL);
  int64_t year = 365LL * 24 * 3600 * SECOND;
  assert_false(lease("a", NOON, NOON + 60 * SECOND).mine); /* there is no such clock */
  set("test.ends", 0, 1, NOON, 0);
  struct lease first = lease("a", NOON, NOON + 60 * SECOND);
  assert_true(first.mine && first.found == 1);
  struct lease second = lease("b", NOON + SECOND, NOON + 60 * SECOND);
  assert_true(!second.mine && second.found == 0);
  assert_true(lease("a", NOON + SECOND, NOON + 60 * SECOND).mine); /* its owner takes it anew */
  assert_int_equal(sweep(registry, NOON + 59 * SECOND), 0);
  assert_true(lease("b", NOON + 60 * SECOND, NOON + 70 * SECOND).mine);
  assert_int_equal(sweep(registry, NOON + 70 * SECOND), 1);
  set("test.ends", 0, 1, NOON,
      0); /* a lease is cut to the longest, and one of a wrong clock ends */
  assert_true(lease("a", NOON + year, NOON + 3 * year).mine);
  assert_true(lease("b", NOON, NOON + 60 * SECOND).mine);
  due_registry_free(registry);
}

/* --- Many at once -------------------------------------------------------------------------- */

enum { THREADS = 8, MANY = 400 };

struct sweeper {
  struct store *store;
  struct due_registry *registry;
  size_t fired;
  bool failed;
};

static void *sweep_in_thread(void *context)
{
  struct sweeper *own = context;
  struct error why = {0};
  for (int idle = 0; idle < 3 && !own->failed;) {
    size_t fired = 0;
    own->failed = !due_sweep(own->store, own->registry, NOON, 50, &fired, &why);
    own->fired += fired;
    idle = fired ? 0 : idle + 1;
  }
  return NULL;
}

static void due_fires_once_under_many_threads(void **state)
{
  (void)state;
  struct due_registry *registry = registry_of(note, NULL);
  pthread_t threads[THREADS];
  struct sweeper sweepers[THREADS];
  size_t fired = 0;
  set("test.ends", 0, MANY, NOON, 0);
  for (size_t i = 0; i < THREADS; i++) {
    sweepers[i] = (struct sweeper){.store = store, .registry = registry};
    assert_int_equal(pthread_create(&threads[i], NULL, sweep_in_thread, &sweepers[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    assert_false(sweepers[i].failed);
    fired += sweepers[i].fired;
  }
  struct numbers all = numbers();
  assert_int_equal(all.waiting, 0);
  assert_int_equal(all.rows, MANY);
  assert_int_equal(all.distinct, MANY);
  assert_int_equal(fired, MANY);
  due_registry_free(registry);
}

/* A process of its own that sweeps until nothing is left. */
static pid_t start_process(void)
{
  pid_t child = fork();
  assert_true(child >= 0);
  if (child) return child;
  struct store *own = NULL;
  struct error why = {0};
  if (!store_open(&own, address, &why)) _exit(2);
  struct sweeper sweeper = {.store = own, .registry = registry_of(note, NULL)};
  sweep_in_thread(&sweeper);
  _exit(sweeper.failed ? 3 : 0);
}

static void due_fires_once_when_processes_are_killed(void **state)
{
  (void)state;
  store_close(store); /* a child inherits no open database */
  store = NULL;
  for (int round = 0; round < 6; round++) {
    assert_true(store_open(&store, address, &error));
    set("test.ends", (size_t)round * MANY, MANY, NOON, 0);
    store_close(store);
    store = NULL;
    pid_t children[2] = {start_process(), start_process()};
    usleep((useconds_t)(20000 + 15000 * round));
    kill(children[0], SIGKILL);
    for (int i = 0; i < 2; i++) {
      int status;
      assert_int_equal(waitpid(children[i], &status, 0), children[i]);
      if (i) assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_true(store_open(&store, address, &error));
    struct due_registry *registry = registry_of(note, NULL);
    sweep(registry, NOON); /* what the killed one held and did not commit */
    due_registry_free(registry);
    struct numbers all = numbers();
    assert_int_equal(all.waiting, 0);
    assert_int_equal(all.rows, (round + 1) * MANY);
    assert_int_equal(all.distinct, (round + 1) * MANY);
    store_close(store);
    store = NULL;
  }
  assert_true(store_open(&store, address, &error));
}

/* --- Many clocks --------------------------------------------------------------------------- */

static bool list_all(struct store_transaction *t, void *context, struct error *e)
{
  struct due_item *items = NULL;
  size_t count = 0;
  (void)context;
  if (!due_list(t, arena, TEXT("program-1"), NOON + 3600 * SECOND, 100, &items, &count, e))
    return false;
  assert_int_equal(count, 100);
  for (size_t i = 1; i < count; i++) assert_true(items[i - 1].at <= items[i].at);
  assert_true(text_equal(items[0].subject_id, TEXT("s0")));
  if (!due_list(t, arena, TEXT(""), NOON + 5 * SECOND, 100, &items, &count, e)) return false;
  assert_int_equal(count, 6);
  if (!due_list(t, arena, TEXT("program-2"), NOON + 3600 * SECOND, 100, &items, &count, e))
    return false;
  assert_int_equal(count, 0);
  return true;
}

static void due_of_a_hundred_thousand_clocks_takes_the_due_ones(void **state)
{
  (void)state;
  struct due_registry *registry = registry_of(note, NULL);
  set("test.ends", 0, 100 * 1000, NOON, SECOND);
  assert_true(store_read(store, list_all, NULL, &error));
  int64_t began = time_monotonic();
  for (int i = 0; i < 20; i++) assert_int_equal(sweep(registry, NOON - SECOND), 0);
  int64_t each = (time_monotonic() - began) / 20;
  print_message("a sweep over 100,000 clocks of which none is due: %lld us\n", (long long)each);
  assert_true(each < 5 * 1000); /* it looks at what is due alone */
  assert_int_equal(sweep(registry, NOON + 9 * SECOND), 10);
  struct numbers all = numbers();
  assert_int_equal(all.waiting, 100 * 1000 - 10);
  assert_int_equal(all.rows, 10);
  due_registry_free(registry);
}

static void due_sweep_says_when_the_store_cannot_be_used(void **state)
{
  (void)state;
  struct store *empty = NULL;
  struct due_registry *registry = registry_of(note, NULL);
  size_t fired = 7;
  assert_true(store_open(&empty, store_support_address(arena, folder, "empty.db"), &error));
  assert_false(due_sweep(empty, registry, NOON, 10, &fired, &error)); /* it has no such table */
  assert_int_equal(fired, 0);
  store_close(empty);
  due_registry_free(registry);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(due_fires_at_its_time_and_once),
      TEST(due_cleared_does_not_fire),
      TEST(due_of_an_unknown_kind_stays_and_is_late),
      TEST(due_failing_is_tried_again_later_and_later),
      TEST(due_delay_has_an_end_and_a_wrong_clock_strands_nothing),
      TEST(due_that_goes_on_sets_itself_anew),
      TEST(due_lease_keeps_others_away_until_it_ends),
      TEST(due_fires_once_under_many_threads),
      TEST(due_fires_once_when_processes_are_killed),
      TEST(due_of_a_hundred_thousand_clocks_takes_the_due_ones),
      TEST(due_sweep_says_when_the_store_cannot_be_used),
  };
  return store_support_run("due", tests, sizeof tests / sizeof *tests);
}
