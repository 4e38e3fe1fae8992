/*
 * Who waits longer than LIMIT_STORE_WAIT_SECONDS for a writer, in this process or another, or for a
 * free reader, is told ERROR_BUSY; nobody waits for ever, and afterwards all goes on. The waits run
 * beside one another, so that the program takes hardly longer than one.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_support.h"

/* Transactions that stay open until they are let go, and a count of those that have begun. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int begun;
static bool may_end;

static bool hold(struct store_transaction *t, void *context, struct error *e)
{
  (void)t, (void)context, (void)e;
  pthread_mutex_lock(&lock);
  begun++;
  pthread_cond_broadcast(&changed);
  while (!may_end) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  return true;
}

static bool do_nothing(struct store_transaction *t, void *context, struct error *e)
{
  (void)t, (void)context, (void)e;
  return true;
}

struct attempt {
  struct store *store;
  bool writes;
  store_function *function;
  bool done;
  int64_t microseconds;
  struct error error;
};

static void *try(void *context)
{
  struct attempt *attempt = context;
  int64_t before = time_monotonic();
  attempt->done = attempt->writes
                      ? store_write(attempt->store, attempt->function, NULL, &attempt->error)
                      : store_read(attempt->store, attempt->function, NULL, &attempt->error);
  attempt->microseconds = time_monotonic() - before;
  return NULL;
}

static void assert_was_told(const struct attempt *attempt)
{
  const int64_t limit = (int64_t)LIMIT_STORE_WAIT_SECONDS * 1000000;
  assert_false(attempt->done);
  assert_int_equal(attempt->error.kind, ERROR_BUSY);
  assert_true(attempt->microseconds >= limit - limit / 10);
  assert_true(attempt->microseconds < 3 * limit);
}

static void store_tells_who_waits_too_long(void **state)
{
  (void)state;
  enum { HELD = 1 + LIMIT_STORE_READERS };
  char folder[] = "/tmp/fairlead-busy-XXXXXX";
  struct arena *arena = arena_new(1 << 20);
  struct store *store = NULL, *other = NULL;
  struct error error = {0};
  assert_non_null(mkdtemp(folder));
  const char *path = file_join(arena, folder, "test.db");
  assert_true(store_open(&store, path, &error) && store_open(&other, path, &error));

  struct attempt held[HELD] = {{.store = store, .writes = true, .function = hold}};
  for (size_t i = 1; i < HELD; i++) held[i] = (struct attempt){.store = store, .function = hold};
  struct attempt waits[] = {{.store = store, .writes = true, .function = do_nothing},
                            {.store = other, .writes = true, .function = do_nothing},
                            {.store = store, .function = do_nothing}};
  pthread_t holders[HELD], waiters[3];
  for (size_t i = 0; i < HELD; i++)
    assert_int_equal(pthread_create(&holders[i], NULL, try, &held[i]), 0);
  pthread_mutex_lock(&lock);
  while (begun < HELD) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(pthread_create(&waiters[i], NULL, try, &waits[i]), 0);
  assert_true(store_read(other, do_nothing, NULL, &error)); /* a reader waits for no writer */
  for (size_t i = 0; i < 3; i++) pthread_join(waiters[i], NULL);
  pthread_mutex_lock(&lock);
  may_end = true;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  for (size_t i = 0; i < HELD; i++) pthread_join(holders[i], NULL);

  for (size_t i = 0; i < 3; i++) assert_was_told(&waits[i]);
  for (size_t i = 0; i < HELD; i++) assert_true(held[i].done);
  assert_true(store_write(store, do_nothing, NULL, &error));
  assert_true(store_write(other, do_nothing, NULL, &error));
  assert_true(store_read(store, do_nothing, NULL, &error));
  store_close(store);
  store_close(other);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0); /* the last to close removes the log */
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(store_tells_who_waits_too_long)};
  return cmocka_run_group_tests_name("store_busy", tests, NULL, NULL);
}
