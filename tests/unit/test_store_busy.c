/*
 * Who waits longer than LIMIT_STORE_WAIT_SECONDS for a writer, in this process or another, or for a
 * free reader, is told ERROR_BUSY; nobody waits for ever, and afterwards all goes on. The waits run
 * beside one another, so that the program takes hardly longer than one. And who is busy for moments
 * only is waited for, where SQLite itself does not.
 */
#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
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

static void start(pthread_t *thread, struct attempt *attempt)
{
  assert_int_equal(pthread_create(thread, NULL, try, attempt), 0);
}

/* Hold every connection of `store`, let others try, and let go when they have been told. */
static void store_tells_who_waits_too_long(void **state)
{
  (void)state;
  enum { MOST = LIMIT_STORE_WRITERS + LIMIT_STORE_READERS };
  char folder[] = "/tmp/fairlead-busy-XXXXXX";
  struct arena *arena = arena_new(1 << 20);
  struct store *store = NULL, *other = NULL;
  struct error error = {0};
  assert_non_null(mkdtemp(folder));
  const char *address = store_support_address(arena, folder, "test.db");
  assert_true(store_open(&store, address, &error) && store_open(&other, address, &error));

  const int writers = on_postgresql ? LIMIT_STORE_WRITERS : 1,
            count = writers + LIMIT_STORE_READERS;
  struct attempt held[MOST];
  for (int i = 0; i < count; i++)
    held[i] = (struct attempt){.store = store, .writes = i < writers, .function = hold};
  /* Another process does not wait for a writer of PostgreSQL's. */
  struct attempt waits[] = {{.store = store, .writes = true, .function = do_nothing},
                            {.store = store, .function = do_nothing},
                            {.store = other, .writes = true, .function = do_nothing}};
  const int waiting = on_postgresql ? 2 : 3;
  pthread_t holders[MOST], waiters[3];
  begun = 0;
  may_end = false;
  for (int i = 0; i < count; i++) start(&holders[i], &held[i]);
  pthread_mutex_lock(&lock);
  while (begun < count) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < waiting; i++) start(&waiters[i], &waits[i]);
  assert_true(store_read(other, do_nothing, NULL, &error)); /* a reader waits for no writer */
  if (on_postgresql) assert_true(store_write(other, do_nothing, NULL, &error));
  for (int i = 0; i < waiting; i++) pthread_join(waiters[i], NULL);
  pthread_mutex_lock(&lock);
  may_end = true;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < count; i++) pthread_join(holders[i], NULL);

  for (int i = 0; i < waiting; i++) assert_was_told(&waits[i]);
  for (int i = 0; i < count; i++) assert_true(held[i].done);
  assert_true(store_write(store, do_nothing, NULL, &error));
  assert_true(store_write(other, do_nothing, NULL, &error));
  assert_true(store_read(store, do_nothing, NULL, &error));
  store_close(store);
  store_close(other);
  if (!on_postgresql) assert_int_equal(unlink(address), 0);
  assert_int_equal(rmdir(folder), 0); /* the last to close removes the log */
  arena_free(arena);
}

/* Another process that empties its log again and again, as each of its commits may. */
struct other {
  const char *path;
  atomic_bool may_end;
};

static void *empty_again_and_again(void *context)
{
  struct other *other = context;
  sqlite3 *handle = NULL;
  assert_int_equal(sqlite3_open(other->path, &handle), SQLITE_OK);
  assert_int_equal(sqlite3_exec(handle, "SELECT * FROM words", NULL, NULL, NULL), SQLITE_OK);
  while (!atomic_load(&other->may_end))
    sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  sqlite3_close(handle);
  return NULL;
}

static bool make_table(struct store_transaction *transaction, void *context, struct error *error)
{
  (void)context;
  return store_execute(transaction, "CREATE TABLE words (word TEXT)", STORE_BIND_NONE, NULL, error);
}

static void a_scrub_waits_for_checkpoints_of_others(void **state)
{
  (void)state;
  char folder[] = "/tmp/fairlead-busy-XXXXXX";
  struct arena *arena = arena_new(1 << 20);
  struct store *store = NULL;
  struct error error = {0};
  assert_non_null(mkdtemp(folder));
  struct other other = {.path = store_support_address(arena, folder, "test.db")};
  assert_true(store_open(&store, other.path, &error));
  assert_true(store_write(store, make_table, NULL, &error));
  pthread_t thread;
  if (!on_postgresql) pthread_create(&thread, NULL, empty_again_and_again, &other);
  for (int round = 0; round < 50; round++)
    if (!store_scrub(store, "words", &error)) fail_msg("round %d: %s", round, error.log);
  atomic_store(&other.may_end, true);
  if (!on_postgresql) pthread_join(thread, NULL);
  store_close(store);
  if (!on_postgresql) assert_int_equal(unlink(other.path), 0);
  assert_int_equal(rmdir(folder), 0);
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(store_tells_who_waits_too_long),
                                     cmocka_unit_test(a_scrub_waits_for_checkpoints_of_others)};
  return store_support_run("store_busy", tests, 2);
}
