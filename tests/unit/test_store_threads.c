/*
 * Threads that share a store, or use two stores of one file: no update is lost, no snapshot goes
 * back, and who waits too long is told. Also run under ThreadSanitizer by script/ci.
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(store_threads_share_a_store),
      TEST(store_threads_use_two_stores_of_one_file),
  };
  return store_support_run("store_threads", tests, sizeof tests / sizeof *tests);
}
