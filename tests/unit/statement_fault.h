/*
 * The Nth statement that fails, for tests of doors that write: SQLite interrupts it from outside.
 * Statements of a trigger and those that begin and end transactions are never counted. The test
 * calls statement_fault_watch() before it opens a database, then arms and disarms around an act.
 * Every connection of the process is watched; not for threads.
 */
#ifndef FAIRLEAD_TESTS_STATEMENT_FAULT_H
#define FAIRLEAD_TESTS_STATEMENT_FAULT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static struct {
  bool is_armed, is_now;
  long left, seen; /* statements until the one that fails; counted since armed */
} statement_fault;

static int statement_fault_see(unsigned kind, void *context, void *statement, void *text)
{
  static const char *const passed[] = {"--",        "BEGIN",   "COMMIT", "ROLLBACK",
                                       "SAVEPOINT", "RELEASE", "PRAGMA"}; /* "--": in a trigger */
  (void)kind, (void)context, (void)statement;
  const char *sql = text;
  if (!statement_fault.is_armed || !sql) return 0;
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
    if (strncmp(sql, passed[i], strlen(passed[i])) == 0) return 0;
  statement_fault.seen++;
  statement_fault.is_now = statement_fault.left-- == 0;
  return 0;
}

static int statement_fault_interrupt(void *context)
{
  (void)context;
  bool now = statement_fault.is_armed && statement_fault.is_now;
  statement_fault.is_now = false;
  return now;
}

static int statement_fault_open(sqlite3 *handle, char **message,
                                const struct sqlite3_api_routines *routines)
{
  (void)message, (void)routines;
  sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, statement_fault_see, NULL);
  sqlite3_progress_handler(handle, 1, statement_fault_interrupt, NULL);
  return SQLITE_OK;
}

static inline void statement_fault_watch(void)
{
  sqlite3_auto_extension((void (*)(void))statement_fault_open);
}

/* From now on statement `n`, counted from 0, fails. */
static inline void statement_fault_arm(long n)
{
  statement_fault.left = n;
  statement_fault.seen = 0;
  statement_fault.is_now = false;
  statement_fault.is_armed = true;
}

/* Answers how many statements were seen. */
static inline long statement_fault_disarm(void)
{
  statement_fault.is_armed = false;
  return statement_fault.seen;
}

#endif
