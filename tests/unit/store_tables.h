/*
 * A store with two tables, new for each test, for tests of store.h: see store_support.h for how
 * they run on both engines.
 */
#ifndef FAIRLEAD_TESTS_STORE_TABLES_H
#define FAIRLEAD_TESTS_STORE_TABLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_support.h"

static struct arena *arena;
static char *folder;
static struct store *store;
static struct error error;

static inline char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

static inline char *address_of(const char *name)
{
  return store_support_address(arena, folder, name);
}

static inline bool make_tables(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t,
                       "CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, name TEXT,"
                       " bytes BYTEA, weight DOUBLE PRECISION)",
                       STORE_BIND_NONE, NULL, e) &&
         store_execute(t,
                       "CREATE TABLE part (id BIGINT NOT NULL PRIMARY KEY,"
                       " item BIGINT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)",
                       STORE_BIND_NONE, NULL, e);
}

static inline int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-store-XXXXXX";
  arena = arena_new(1 << 24);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  assert_true(store_open(&store, address_of("test.db"), &error));
  assert_true(store_write(store, make_tables, NULL, &error));
  return 0;
}

static inline int end(void **state)
{
  (void)state;
  store_close(store);
  char *command = text_c(arena, text_format(arena, "rm -rf %s", folder));
  assert_int_equal(system(command), 0);
  arena_free(arena);
  error_clear(&error);
  return 0;
}

static inline bool add(struct store_transaction *t, void *context, struct error *e)
{
  const int64_t *id = context;
  return store_execute(t, "INSERT INTO item (id, name) VALUES ($1, $2)",
                       STORE_BIND(STORE_N(*id), STORE_T(TEXT("name"))), NULL, e);
}

static inline bool add_item(int64_t id)
{
  return store_write(store, add, &id, &error);
}

static inline bool count(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(t, &cursor, "SELECT count(*) FROM item", STORE_BIND_NONE, e) ||
      !store_next(cursor, &more, e))
    return false;
  *(int64_t *)context = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return true;
}

static inline int64_t count_items(void)
{
  int64_t items = -1;
  assert_true(store_read(store, count, &items, &error));
  return items;
}

static inline void assert_logged(const char *part)
{
  if (!strstr(error.log, part)) fail_msg("log text '%s' lacks '%s'", error.log, part);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
