/*
 * The SQLite engine: one file, one connection that writes, a few that read. It is not where
 * statements are prepared and run (sqlite_statement.c), nor where writers take turns
 * (sqlite_write.c).
 *
 * Durability: WAL with synchronous=FULL flushes the log at each COMMIT, so what was acknowledged
 * survives a crash and a power cut. The folder is flushed when the file is made. The file and its
 * -wal and -shm are readable by their owner alone.
 *
 * Reading pins its snapshot at once; readers never wait for a writer, only for one of
 * LIMIT_STORE_READERS connections, at most LIMIT_STORE_WAIT_SECONDS.
 * Threads: `lock` guards the pool; a connection that was taken belongs to its taker.
 */
#include "store/sqlite.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- The file ------------------------------------------------------------------------------ */

static bool fail_for_file(const char *verb, const char *path, struct error *error)
{
  return error_set(error, ERROR_SYSTEM, "error.store.failed",
                   "Check that the folder exists and that the program may write to it.",
                   "%s %s: %s", verb, path, strerror(errno));
}

static bool flush_folder_of(const char *path, struct error *error)
{
  const char *slash = strrchr(path, '/');
  char *folder = slash == path ? strdup("/")
                 : slash       ? strndup(path, (size_t)(slash - path))
                               : strdup(".");
  if (!folder) return fail_for_file("flush the folder of", path, error);
  int handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool good = handle >= 0 && fsync(handle) == 0;
  if (!good) fail_for_file("flush", folder, error);
  if (handle >= 0) close(handle);
  free(folder);
  return good;
}

/* Make an empty file of our own rights, unless it is there. An empty file is an empty database. */
static bool make_file(const char *path, struct error *error)
{
  int handle = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (handle < 0) return errno == EEXIST || fail_for_file("make", path, error);
  close(handle);
  return flush_folder_of(path, error);
}

/* The whole path: readers are opened later, when the process may stand in another folder. */
static bool find_path(char **out, const char *path, struct error *error)
{
  char *whole = realpath(path, NULL);
  if (!whole) return fail_for_file("find", path, error);
  *out = whole;
  return true;
}

/* --- Connections --------------------------------------------------------------------------- */

/* Deny statements what belongs to the engine: transactions, settings, other files. */
static int authorize(void *context, int action, const char *a, const char *b, const char *c,
                     const char *d)
{
  const struct store_connection *connection = context;
  (void)a, (void)b, (void)c, (void)d;
  if (connection->is_trusted) return SQLITE_OK;
  switch (action) {
  case SQLITE_TRANSACTION:
  case SQLITE_SAVEPOINT:
  case SQLITE_ATTACH:
  case SQLITE_DETACH:
  case SQLITE_PRAGMA:
    return SQLITE_DENY;
  default:
    return SQLITE_OK;
  }
}

void sqlite_connection_close(struct store_connection *connection)
{
  if (!connection) return;
  sqlite_forget_statements(connection, true);
  for (size_t i = 0; i < KEPT_COUNT; i++) sqlite3_finalize(connection->own[i]);
  int code = sqlite3_close(connection->handle);
  if (code != SQLITE_OK) log_event(LOG_ERROR, "store.close.failed", LOG_N("code", code));
  free(connection);
}

static int64_t deadline_of_waiting(void)
{
  return time_monotonic() + (int64_t)LIMIT_STORE_WAIT_SECONDS * 1000000;
}

/* Wait for another process. Looking often matters more than looking seldom: a busy writer lets go
 * of the file for moments only, and SQLite's own wait would sleep past them. */
static int wait_a_little(void *context, int attempts)
{
  struct store_connection *connection = context;
  int64_t now = time_monotonic();
  if (attempts == 0) connection->waits_until = deadline_of_waiting();
  if (now >= connection->waits_until) return 0;
  usleep(500 + (useconds_t)(now % 1000)); /* never in step with the other */
  return 1;
}

static bool configure(struct store_connection *connection, struct error *error)
{
  static const struct {
    int setting, value;
  } settings[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                  {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                  {SQLITE_DBCONFIG_DQS_DDL, 0}, /* "name" is never a string, as in PostgreSQL */
                  {SQLITE_DBCONFIG_DQS_DML, 0},
                  {SQLITE_DBCONFIG_ENABLE_FKEY, 1}};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    int now = -1;
    int code = sqlite3_db_config(connection->handle, settings[i].setting, settings[i].value, &now);
    if (code != SQLITE_OK || now != settings[i].value)
      return sqlite_fail(connection, code ? code : SQLITE_ERROR, "configure", error);
  }
  sqlite3_limit(connection->handle, SQLITE_LIMIT_ATTACHED, 0);
  int code = sqlite3_busy_handler(connection->handle, wait_a_little, connection);
  if (code == SQLITE_OK) code = sqlite3_set_authorizer(connection->handle, authorize, connection);
  if (code != SQLITE_OK) return sqlite_fail(connection, code, "configure", error);
  return true;
}

/* Some steps SQLite never waits for, whatever its busy handler: after one that ended in `code`,
 * wait here. False when it is not busy, or was so for too long. */
static bool wait_for_another(int code, int64_t deadline)
{
  if ((code & 0xFF) != SQLITE_BUSY || time_monotonic() > deadline) return false;
  sqlite3_sleep(10);
  return true;
}

/* Switch to WAL. SQLite does not wait here when another process does the same at this moment. */
static bool set_journal(struct store_connection *connection, struct error *error)
{
  int64_t deadline = deadline_of_waiting();
  sqlite3_stmt *handle = NULL;
  const char *mode = NULL;
  connection->is_trusted = true;
  int code = sqlite3_prepare_v2(connection->handle, "PRAGMA journal_mode = WAL", -1, &handle, NULL);
  while (code == SQLITE_OK) {
    code = sqlite3_step(handle);
    if (!wait_for_another(code, deadline)) break;
    sqlite3_reset(handle); /* repeats the step's result */
    code = SQLITE_OK;
  }
  if (code == SQLITE_ROW) mode = (const char *)sqlite3_column_text(handle, 0);
  bool is_wal = mode && strcmp(mode, "wal") == 0;
  bool good = code == SQLITE_ROW || sqlite_fail(connection, code, "set the journal", error);
  sqlite3_finalize(handle);
  connection->is_trusted = false;
  if (good && !is_wal)
    return error_set(error, ERROR_SYSTEM, "error.store.failed",
                     "Put the data folder on a local disk that can share memory.",
                     "this disk allows no write-ahead log");
  return good;
}

bool sqlite_connection_open(struct store_connection **out, const char *path, bool writes,
                            struct error *error)
{
  struct store_connection *connection = memory_allocate_zero(1, sizeof *connection);
  connection->writes = writes;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
              SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(path, &connection->handle, flags, NULL);
  bool good = code == SQLITE_OK || sqlite_fail(connection, code, "open", error);
  good = good && configure(connection, error) && set_journal(connection, error) &&
         sqlite_run(connection, "PRAGMA synchronous = FULL", error) &&
         sqlite_run(connection, "PRAGMA journal_size_limit = 67108864", error) &&
         (writes || sqlite_run(connection, "PRAGMA query_only = 1", error));
  if (!good) {
    error_add_context(error, "database %s", path);
    sqlite_connection_close(connection);
    return false;
  }
  *out = connection;
  return true;
}

/* --- Reading ------------------------------------------------------------------------------- */

/* Take the right to read, and a connection that is ready, or NULL for one to be opened. */
static bool take_reader(struct store_database *database, struct store_connection **out,
                        struct error *error)
{
  struct timespec deadline;
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec += LIMIT_STORE_WAIT_SECONDS;
  bool is_late = false;
  pthread_mutex_lock(&database->lock);
  while (!database->idle_readers && database->reader_count >= LIMIT_STORE_READERS && !is_late)
    is_late =
        pthread_cond_timedwait(&database->reader_is_free, &database->lock, &deadline) == ETIMEDOUT;
  bool is_free = database->idle_readers || database->reader_count < LIMIT_STORE_READERS;
  if (is_free) {
    *out = database->idle_readers;
    if (database->idle_readers) database->idle_readers = database->idle_readers->next;
    else database->reader_count++;
  }
  pthread_mutex_unlock(&database->lock);
  if (is_free) return true;
  return error_set(error, ERROR_BUSY, "error.store.busy", "Try again in a moment.",
                   "no connection to read was free for %d seconds", LIMIT_STORE_WAIT_SECONDS);
}

/* Give the right back, with its connection, or NULL when that was closed. */
static void give_back_reader(struct store_database *database, struct store_connection *connection)
{
  pthread_mutex_lock(&database->lock);
  if (connection) {
    connection->next = database->idle_readers;
    database->idle_readers = connection;
  } else database->reader_count--;
  pthread_cond_signal(&database->reader_is_free);
  pthread_mutex_unlock(&database->lock);
}

/* End a reading transaction; a connection that cannot is closed, which does it. */
static void end_reading(struct store_database *database, struct store_connection *connection)
{
  struct error error = {0};
  if (!sqlite3_get_autocommit(connection->handle) && !sqlite_run(connection, "ROLLBACK", &error)) {
    log_error("store.rollback.failed", &error);
    sqlite_connection_close(connection);
    connection = NULL;
  }
  give_back_reader(database, connection);
}

static bool begin_reading(struct store_database *database, struct store_connection **out,
                          struct error *error)
{
  struct store_connection *connection = NULL;
  if (!take_reader(database, &connection, error)) return false;
  if (!connection && !sqlite_connection_open(&connection, database->path, false, error)) {
    give_back_reader(database, NULL);
    return false;
  }
  if (!sqlite_run(connection, "BEGIN", error) ||
      !sqlite_run(connection, "SELECT 1 FROM sqlite_schema LIMIT 1", error)) {
    end_reading(database, connection);
    return false;
  }
  *out = connection;
  return true;
}

/* --- Transactions -------------------------------------------------------------------------- */

/* A write that was undone with others of its group goes alone the next time. */
static bool sqlite_begin(struct store_database *database, enum store_mode mode, unsigned attempt,
                         struct store_connection **out, struct error *error)
{
  if (mode == STORE_READS) return begin_reading(database, out, error);
  return sqlite_write_begin(database, mode != STORE_WRITES || attempt > 0, out, error);
}

static enum store_ending sqlite_commit(struct store_database *database,
                                       struct store_connection *connection, struct error *error)
{
  if (connection->writes) return sqlite_write_commit(database, connection, error);
  end_reading(database, connection);
  return STORE_COMMITTED;
}

static enum store_ending sqlite_rollback(struct store_database *database,
                                         struct store_connection *connection)
{
  if (connection->writes) return sqlite_write_rollback(database, connection);
  end_reading(database, connection);
  return STORE_ROLLED_BACK;
}

/* Empty the log. SQLite waits for readers and writers, but not for another's checkpoint, which any
 * commit of another process may run. */
static bool empty_log(struct store_connection *connection, struct error *error)
{
  int64_t deadline = deadline_of_waiting();
  int code;
  do
    code =
        sqlite3_wal_checkpoint_v2(connection->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  while (wait_for_another(code, deadline));
  return code == SQLITE_OK || sqlite_fail(connection, code, "empty the log", error);
}

/* VACUUM writes every page anew, so that neither freed pages nor the slack of pages keep anything;
 * it attaches a file of its own, which no statement may. Then the log, which still holds the old
 * pages, is emptied: this waits for readers. */
static bool sqlite_scrub(struct store_database *database, const char *table, struct error *error)
{
  (void)table; /* one file has them all */
  struct store_connection *connection = NULL;
  if (!sqlite_turn_take(database, &connection, error)) return false;
  sqlite_forget_statements(connection, true);
  sqlite3_limit(connection->handle, SQLITE_LIMIT_ATTACHED, 1);
  bool good = sqlite_run(connection, "PRAGMA secure_delete = 1", error) &&
              sqlite_run(connection, "PRAGMA temp_store = MEMORY", error) &&
              sqlite_run(connection, "VACUUM", error);
  sqlite3_limit(connection->handle, SQLITE_LIMIT_ATTACHED, 0);
  good = good && empty_log(connection, error);
  sqlite_turn_give(database);
  return good;
}

/* --- Opening ------------------------------------------------------------------------------- */

static bool sqlite_open(struct store_database **out, const char *address, struct error *error)
{
  /* Held while the file is made: closing a handle of a file drops this process's locks on it. */
  static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
  struct store_connection *writer = NULL;
  char *path = NULL;
  pthread_mutex_lock(&making);
  bool good = make_file(address, error) && find_path(&path, address, error) &&
              sqlite_connection_open(&writer, path, true, error);
  pthread_mutex_unlock(&making);
  if (!good) {
    free(path);
    return false;
  }
  struct store_database *database = memory_allocate_zero(1, sizeof *database);
  database->path = path;
  database->writer = writer;
  sqlite_queue_init(database);
  *out = database;
  return true;
}

static void sqlite_close(struct store_database *database)
{
  assert(!database->is_writing && !database->group.is_open);
  sqlite_connection_close(database->writer);
  while (database->idle_readers) {
    struct store_connection *next = database->idle_readers->next;
    sqlite_connection_close(database->idle_readers);
    database->idle_readers = next;
  }
  pthread_cond_destroy(&database->reader_is_free);
  pthread_mutex_destroy(&database->lock);
  free(database->path);
  free(database);
}

static uint64_t sqlite_commits(const struct store_database *database)
{
  return atomic_load_explicit(&database->commits, memory_order_relaxed);
}

const struct store_engine store_engine_sqlite = {
    .commits = sqlite_commits,
    .name = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .scrub = sqlite_scrub,
    .execute = sqlite_execute,
    .query = sqlite_query,
    .next = sqlite_next,
    .statement_close = sqlite_statement_close,
    .column_count = sqlite_column_count_get,
    .column_kind = sqlite_column_kind,
    .column_integer = sqlite_column_integer,
    .column_decimal = sqlite_column_decimal,
    .column_slice = sqlite_column_slice,
    .script = sqlite_script,
    .table_exists = sqlite_table_exists,
    .schema_check = sqlite_schema_check,
};
