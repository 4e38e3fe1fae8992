/*
 * Empty databases for tests, on both engines. A test takes the address of its database from
 * store_support_address() and is run by store_support_run(): once on SQLite, a file in the test's
 * folder, and once on PostgreSQL, a schema of its own on the server that $FAIRLEAD_TEST_POSTGRESQL
 * names (script/check/postgresql starts one). Where that is not set, the second half is one test
 * that skips, saying so. Not for threads: addresses are made before they start.
 */
#ifndef FAIRLEAD_TESTS_STORE_SUPPORT_H
#define FAIRLEAD_TESTS_STORE_SUPPORT_H

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

/* Does the test that runs now run on PostgreSQL? */
static bool on_postgresql;

/* What has been made for each path; the number names the schema. */
static char *store_support_made[4096];
static size_t store_support_count;
static pid_t store_support_process; /* which made them; its children drop nothing */

/* Run a statement of the server's administrator. */
static inline void store_support_tell(const char *sql)
{
  PGconn *handle = PQconnectdb(getenv("FAIRLEAD_TEST_POSTGRESQL"));
  PGresult *result = PQexec(handle, sql);
  if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
    fail_msg("%s: %s", sql, PQerrorMessage(handle));
  PQclear(result);
  PQfinish(handle);
}

/* The number of the schema for `path`, which is made if it is new. */
static inline size_t store_support_schema(const char *path)
{
  for (size_t i = 0; i < store_support_count; i++)
    if (strcmp(store_support_made[i], path) == 0) return i;
  char sql[160];
  size_t size = strlen(path) + 1;
  assert_true(store_support_count < sizeof store_support_made / sizeof *store_support_made);
  store_support_process = getpid();
  snprintf(sql, sizeof sql, "SET client_min_messages = error; CREATE SCHEMA test_%d_%zu",
           (int)store_support_process, store_support_count);
  store_support_tell(sql);
  store_support_made[store_support_count] = memory_allocate(size);
  memcpy(store_support_made[store_support_count], path, size);
  return store_support_count++;
}

/* The address of the database `name` of a test with this folder: a new one, empty; the same again
 * for the same folder and name. Sessions are called after the process: other tests have theirs on
 * the same server. */
static inline char *store_support_address(struct arena *arena, const char *folder, const char *name)
{
  char *path = file_join(arena, folder, name);
  if (!on_postgresql) return path;
  size_t schema = store_support_schema(path);
  return text_c(arena, text_format(arena,
                                   "%s%soptions=-csearch_path%%3Dtest_%d_%zu"
                                   "&application_name=test_%d",
                                   getenv("FAIRLEAD_TEST_POSTGRESQL"),
                                   strchr(getenv("FAIRLEAD_TEST_POSTGRESQL"), '?') ? "&" : "?",
                                   (int)store_support_process, schema, (int)store_support_process));
}

static inline void store_support_drop(void)
{
  char sql[160];
  for (size_t i = 0; i < store_support_count; i++) {
    snprintf(sql, sizeof sql, "SET client_min_messages = error; DROP SCHEMA test_%d_%zu CASCADE",
             (int)store_support_process, i);
    store_support_tell(sql);
    free(store_support_made[i]);
  }
  store_support_count = 0;
}

static void postgresql_is_not_tested(void **state)
{
  (void)state;
  print_message("no $FAIRLEAD_TEST_POSTGRESQL: the tests of that engine skip\n");
  skip();
}

/* Run the tests of a group on PostgreSQL alone. Answers how many failed. */
static inline int store_support_run_postgresql(const char *group, const struct CMUnitTest *tests,
                                               size_t count)
{
  const struct CMUnitTest none[] = {cmocka_unit_test(postgresql_is_not_tested)};
  char name[96];
  snprintf(name, sizeof name, "%s on PostgreSQL", group);
  const char *server = getenv("FAIRLEAD_TEST_POSTGRESQL");
  if (!server || !*server) return _cmocka_run_group_tests(name, none, 1, NULL, NULL);
  struct CMUnitTest *copies = memory_allocate_zero(count, sizeof *copies);
  char(*names)[160] = memory_allocate_zero(count, sizeof *names);
  for (size_t i = 0; i < count; i++) {
    copies[i] = tests[i];
    snprintf(names[i], sizeof names[i], "%s on PostgreSQL", tests[i].name);
    copies[i].name = names[i];
  }
  on_postgresql = true;
  int failed = _cmocka_run_group_tests(name, copies, count, NULL, NULL);
  on_postgresql = false;
  store_support_drop();
  free(copies);
  free(names);
  return failed;
}

/* Run the tests of a group on each engine. Answers how many failed, as main() does. */
static inline int store_support_run(const char *group, const struct CMUnitTest *tests, size_t count)
{
  int failed = _cmocka_run_group_tests(group, tests, count, NULL, NULL);
  return failed + store_support_run_postgresql(group, tests, count);
}

#endif
