/*
 * Threads that share a store, or use two stores of one database: no update is lost, no snapshot
 * goes back, who fails hurts nobody beside them, and everybody gets a turn. Also run under
 * ThreadSanitizer by script/ci.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store_support.h"

static struct arena *arena;
static char *folder;
static struct store *store;
static struct error error;

static bool make_table(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(
             t,
             "CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, weight DOUBLE PRECISION NOT NULL)",
             STORE_BIND_NONE, NULL, e) &&
         store_execute(t, "INSERT INTO item (id, weight) VALUES (1, 0)", STORE_BIND_NONE, NULL, e);
}

static int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-threads-XXXXXX";
  arena = arena_new(1 << 24);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  assert_true(store_open(&store, store_support_address(arena, folder, "test.db"), &error));
  assert_true(store_write(store, make_table, NULL, &error));
  return 0;
}

static int end(void **state)
{
  (void)state;
  store_close(store);
  char *command = text_c(arena, text_format(arena, "rm -rf %s", folder));
  assert_int_equal(system(command), 0);
  arena_free(arena);
  return 0;
}

enum { THREADS = 4, ROUNDS = 50 };

static bool add_to_sum(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c, "SELECT weight FROM item WHERE id = 1", STORE_BIND_NONE, e) ||
      !store_next(c, &more, e))
    return false;
  double sum = store_column_decimal(c, 0);
  store_cursor_close(c);
  return store_execute(t, "UPDATE item SET weight = $1 WHERE id = 1", STORE_BIND(STORE_D(sum + 1)),
                       NULL, e);
}

static void *add_in_thread(void *context)
{
  struct error own = {0};
  for (int i = 0; i < ROUNDS; i++)
    if (!store_write(context, add_to_sum, NULL, &own)) return context; /* failed */
  return NULL;
}

static bool read_sum(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c, "SELECT weight FROM item WHERE id = 1", STORE_BIND_NONE, e) ||
      !store_next(c, &more, e))
    return false;
  *(double *)context = store_column_decimal(c, 0);
  return true;
}

static void *read_in_thread(void *context)
{
  struct error own = {0};
  double last = 0;
  for (int i = 0; i < 4 * ROUNDS; i++) {
    double sum = 0;
    if (!store_read(context, read_sum, &sum, &own) || sum < last) return context; /* failed */
    last = sum;
  }
  return NULL;
}

static void run_threads(struct store *const stores[2])
{
  pthread_t threads[4 * THREADS];
  size_t started = 0;
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[started++], NULL, add_in_thread, stores[i % 2]), 0);
  for (size_t i = 0; i < 3 * THREADS; i++) /* more readers than the pool holds */
    assert_int_equal(pthread_create(&threads[started++], NULL, read_in_thread, stores[i % 2]), 0);
  for (size_t i = 0; i < started; i++) {
    void *answer = NULL;
    pthread_join(threads[i], &answer);
    assert_null(answer);
  }
  double sum = 0;
  assert_true(store_read(store, read_sum, &sum, &error));
  assert_true(sum == THREADS * ROUNDS); /* no update was lost */
}

static void store_threads_share_a_store(void **state)
{
  (void)state;
  run_threads((struct store *const[2]){store, store});
}

static void store_threads_use_two_stores_of_one_file(void **state)
{
  (void)state;
  struct store *second = NULL;
  assert_true(store_open(&second, store_support_address(arena, folder, "test.db"), &error));
  run_threads((struct store *const[2]){store, second});
  store_close(second);
}

/* --- Many at once, some of which fail ------------------------------------------------------ */

enum { CROWD = 32, TURNS = 30 };

static bool make_parts(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t,
                       "CREATE TABLE part (id BIGINT NOT NULL PRIMARY KEY,"
                       " item BIGINT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)",
                       STORE_BIND_NONE, NULL, e);
}

struct line {
  pthread_t thread;
  int64_t number, kept;
};

static bool add_part(struct store_transaction *t, int64_t id, int64_t item, struct error *e)
{
  return store_execute(t, "INSERT INTO part (id, item) VALUES ($1, $2)",
                       STORE_BIND(STORE_N(id), STORE_N(item)), NULL, e);
}

static bool add_good(struct store_transaction *t, void *context, struct error *e)
{
  const struct line *line = context;
  return add_part(t, line->number, 1, e);
}

/* Adds, then thinks better of it. */
static bool add_and_refuse(struct store_transaction *t, void *context, struct error *e)
{
  const struct line *line = context;
  return add_part(t, line->number, 1, e) &&
         error_set(e, ERROR_REFUSED, "error.store.value", "", "no");
}

/* The second key is there already: the statement fails, though the function says yes. */
static bool add_twice(struct store_transaction *t, void *context, struct error *e)
{
  const struct line *line = context;
  if (add_part(t, line->number, 1, e)) add_part(t, line->number, 1, e);
  return true;
}

/* No such item: a rule that is looked at when the function is done. */
static bool add_orphan(struct store_transaction *t, void *context, struct error *e)
{
  const struct line *line = context;
  return add_part(t, line->number, 77, e);
}

static void *add_in_crowd(void *context)
{
  static const struct {
    store_function *function;
    enum error_kind kind;
  } turns[] = {{add_good, ERROR_NONE}, {add_and_refuse, ERROR_REFUSED},
               {add_good, ERROR_NONE}, {add_twice, ERROR_CONFLICT},
               {add_good, ERROR_NONE}, {add_orphan, ERROR_CONFLICT}};
  struct line *line = context;
  int64_t base = line->number * TURNS;
  for (int64_t i = 0; i < TURNS; i++) {
    struct error own = {0};
    size_t which = (size_t)(base + i) % (sizeof turns / sizeof *turns);
    line->number = base + i;
    bool good = store_write(store, turns[which].function, line, &own);
    if (good != (turns[which].kind == ERROR_NONE) || own.kind != turns[which].kind) return line;
    line->kept += good;
  }
  return NULL;
}

static bool count_parts(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c, "SELECT count(*) FROM part WHERE item = 1", STORE_BIND_NONE, e) ||
      !store_next(c, &more, e))
    return false;
  *(int64_t *)context = store_column_integer(c, 0);
  return true;
}

static void store_writers_in_a_crowd_hurt_nobody(void **state)
{
  (void)state;
  static struct line lines[CROWD];
  int64_t kept = 0, there = 0;
  assert_true(store_write(store, make_parts, NULL, &error));
  for (size_t i = 0; i < CROWD; i++) {
    lines[i] = (struct line){.number = (int64_t)i};
    assert_int_equal(pthread_create(&lines[i].thread, NULL, add_in_crowd, &lines[i]), 0);
  }
  for (size_t i = 0; i < CROWD; i++) {
    void *answer = NULL;
    pthread_join(lines[i].thread, &answer);
    assert_null(answer);
    kept += lines[i].kept;
  }
  assert_int_equal(kept, CROWD * TURNS / 2);
  assert_true(store_read(store, count_parts, &there, &error));
  assert_int_equal(there, kept);
}

/* --- Turns --------------------------------------------------------------------------------- */

static _Atomic bool may_stop;

static bool touch(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t, "UPDATE item SET weight = weight WHERE id = 1", STORE_BIND_NONE, NULL, e);
}

static void *write_without_pause(void *context)
{
  struct error own = {0};
  while (!may_stop)
    if (!store_write(context, touch, NULL, &own)) return context; /* failed */
  return NULL;
}

/* Somebody else with the same database gets turns while a crowd here never pauses. */
static void store_leaves_turns_to_others(void **state)
{
  (void)state;
  enum { OTHERS_TURNS = 20 };
  struct store *other = NULL;
  pthread_t threads[CROWD];
  assert_true(store_open(&other, store_support_address(arena, folder, "test.db"), &error));
  may_stop = false;
  for (size_t i = 0; i < CROWD; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, write_without_pause, store), 0);
  for (size_t i = 0; i < OTHERS_TURNS; i++)
    if (!store_write(other, touch, NULL, &error)) fail_msg("turn %zu: %s", i, error.log);
  may_stop = true;
  for (size_t i = 0; i < CROWD; i++) {
    void *answer = NULL;
    pthread_join(threads[i], &answer);
    assert_null(answer);
  }
  store_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(store_threads_share_a_store),
      TEST(store_threads_use_two_stores_of_one_file),
      TEST(store_writers_in_a_crowd_hurt_nobody),
      TEST(store_leaves_turns_to_others),
  };
  return store_support_run("store_threads", tests, sizeof tests / sizeof *tests);
}
