/*
 * The PostgreSQL engine: a pool of connections that write and one of connections that read, and the
 * transactions on them. It is not where statements run (postgresql_statement.c).
 *
 * Durability: every session sets synchronous_commit, so what was acknowledged is in the server's
 * log on disk; a server whose fsync is off is warned of. A commit whose answer is lost is an error
 * of its own (error.store.unknown) and is never tried again. Everything before a commit may be.
 *
 * A connection that broke while it was idle is dropped, and one new one is tried before any
 * statement has run; one that breaks later fails its transaction. A write that others undo twice
 * goes alone in this process, so that it gets through.
 * Threads: `lock` guards the pools; a connection that was taken belongs to its taker.
 */
#include "store/postgresql.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct postgresql_library postgresql_library = {
    .connect = PQconnectdbParams,
    .run = PQexec,
    .ask = PQexecParams,
    .prepare = PQprepare,
    .describe = PQdescribePrepared,
    .send = PQsendQueryPrepared,
    .go_row_by_row = PQsetSingleRowMode,
    .result = PQgetResult,
};

struct pool {
  struct store_connection *idle;
  size_t limit, taken;
  bool is_alone;        /* one has it all */
  size_t waiting_alone; /* and so many want it all */
  pthread_cond_t is_free;
};

struct store_database {
  char *address;
  char *reader_attributes; /* target_session_attrs of the address; NULL: as a writer */
  pthread_mutex_t lock;
  struct pool readers, writers;
  bool was_there; /* set before others use it: the address is right, and let us in once */
};

/* --- Errors -------------------------------------------------------------------------------- */

static const char away_hint[] = "Check that the database server runs and can be reached; the "
                                "program goes on by itself when it does.";
static const char fault_hint[] = "This is a fault of the program: report it.";

/* By SQLSTATE, or the beginning of it; the first that fits. AGAIN: another transaction's doing;
 * STALE: the connection is of no more use; QUIET: the server's words may hold a value. */
static const struct failure {
  const char *state;
  enum error_kind kind;
  const char *person, *hint;
  enum { PLAIN, AGAIN, STALE, QUIET } how;
} failures[] = {
    {"40001", ERROR_BUSY, "error.store.busy", "Try again in a moment.", AGAIN},
    {"40P01", ERROR_BUSY, "error.store.busy", "Try again in a moment.", AGAIN},
    {"55P03", ERROR_BUSY, "error.store.busy", "Another process is writing: try again in a moment.",
     PLAIN},
    {"57014", ERROR_BUSY, "error.store.busy",
     "The statement took too long: look at what the database server does.", PLAIN},
    {"57P", ERROR_BUSY, "error.store.away", away_hint, STALE},
    {"08", ERROR_BUSY, "error.store.away", away_hint, STALE},
    {"53300", ERROR_BUSY, "error.store.away",
     "Allow the database server more connections (max_connections).", STALE},
    {"53100", ERROR_SYSTEM, "error.store.full",
     "The server's disk is full: make room on it. Nothing that was confirmed is lost.", PLAIN},
    {"53200", ERROR_SYSTEM, "error.store.failed", "Give the database server more memory.", PLAIN},
    {"58", ERROR_SYSTEM, "error.store.failed",
     "The server's disk failed: look at its log. Nothing that was confirmed is lost.", PLAIN},
    {"XX001", ERROR_SYSTEM, "error.store.damaged",
     "The database is damaged: stop the program, keep a copy of the server's files, restore a "
     "backup.",
     PLAIN},
    {"XX002", ERROR_SYSTEM, "error.store.damaged",
     "The database is damaged: stop the program, keep a copy of the server's files, restore a "
     "backup.",
     PLAIN},
    {"25006", ERROR_SYSTEM, "error.store.failed",
     "A write within a read is a fault of the program; a server that became a standby is left at "
     "the next try.",
     STALE},
    {"23", ERROR_CONFLICT, "error.store.conflict",
     "The change breaks a rule of the database: load the record again and repeat the change.",
     PLAIN},
    {"P0001", ERROR_CONFLICT, "error.store.conflict",
     "The change breaks a rule of the database: load the record again and repeat the change.",
     PLAIN},
    {"42501", ERROR_SYSTEM, "error.store.failed",
     "Give the database's user the right to create and change tables in its schema.", PLAIN},
    {"54", ERROR_TOO_LARGE, "error.store.value", "Store a shorter text or file.", PLAIN},
    {"22", ERROR_SYSTEM, "error.store.failed", fault_hint, QUIET},
};

static const struct failure *failure_of(const char *state)
{
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
    if (strncmp(state, failures[i].state, strlen(failures[i].state)) == 0) return &failures[i];
  return NULL;
}

/* libpq's words on one line. */
static const char *plainly(const char *words, char *into, size_t size)
{
  snprintf(into, size, "%s", words);
  size_t length = strlen(into);
  while (length > 0 && into[length - 1] == '\n') into[--length] = 0;
  for (size_t i = 0; i < length; i++)
    if (into[i] == '\n') into[i] = ' ';
  return into;
}

static const char *field_of(const PGresult *result, int field)
{
  const char *found = PQresultErrorField(result, field);
  return found ? found : "";
}

bool postgresql_fail(struct store_connection *connection, const PGresult *result, const char *doing,
                     struct error *error)
{
  const char *state = field_of(result, PG_DIAG_SQLSTATE);
  const struct failure *failure = failure_of(state);
  connection->is_again = failure && failure->how == AGAIN;
  if (failure && failure->how == STALE) connection->is_stale = true;
  if (!*state) { /* libpq's own words: it lost the connection, also where its status is still good
                  */
    char words[LIMIT_ERROR_TEXT];
    connection->is_stale = true;
    plainly(result ? PQresultErrorMessage(result) : PQerrorMessage(connection->handle), words,
            sizeof words);
    return error_set(error, ERROR_BUSY, "error.store.away", away_hint, "%s: %s", doing,
                     *words ? words : "an answer that makes no sense");
  }
  bool is_quiet = failure && failure->how == QUIET;
  const char *rule = field_of(result, PG_DIAG_CONSTRAINT_NAME);
  return error_set(error, failure ? failure->kind : ERROR_SYSTEM,
                   failure ? failure->person : "error.store.failed",
                   failure ? failure->hint : fault_hint, "%s: %s%s%s%s (PostgreSQL %s)", doing,
                   is_quiet ? "a value does not fit" : field_of(result, PG_DIAG_MESSAGE_PRIMARY),
                   *rule ? " (" : "", rule, *rule ? ")" : "", state);
}

bool postgresql_run(struct store_connection *connection, const char *sql, struct error *error)
{
  PGresult *result = postgresql_library.run(connection->handle, sql);
  ExecStatusType status = PQresultStatus(result);
  bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (!good) postgresql_fail(connection, result, sql, error);
  PQclear(result);
  return good;
}

/* --- Connections --------------------------------------------------------------------------- */

static void be_quiet(void *context, const char *notice)
{
  (void)context, (void)notice;
}

static void connection_close(struct store_connection *connection)
{
  if (!connection) return;
  postgresql_forget_statements(connection, false, NULL);
  PQfinish(connection->handle);
  free(connection);
}

/* Say why no connection came about. libpq's words name hosts and users, never a password; it tells
 * no SQLSTATE, so `found` says whether the server takes connections at all. An address that let us
 * in before is right: what hinders now (a server that shuts down, one that is full) passes. */
static bool fail_to_connect(PGconn *handle, PGPing found, bool is_standby, bool was_there,
                            struct error *error)
{
  char words[LIMIT_ERROR_TEXT];
  plainly(handle ? PQerrorMessage(handle) : "no memory", words, sizeof words);
  if (found == PQPING_REJECT || found == PQPING_NO_RESPONSE || (was_there && handle && !is_standby))
    return error_set(error, ERROR_BUSY, "error.store.away", away_hint, "connect: %s", words);
  if (is_standby)
    return error_set(error, ERROR_BUSY, "error.store.away",
                     "Promote a standby, or bring the primary back. Nothing that was confirmed is "
                     "lost.",
                     "connect: no server takes writes: %s", words);
  return error_set(error, ERROR_SYSTEM, "error.store.failed",
                   "Check the database's name, its user and password, and target_session_attrs.",
                   "connect: %s", words);
}

/* Is somebody there who lets us in, but not with these target_session_attrs? Then the primary is
 * gone and no standby has been promoted yet. A later keyword stands against an earlier one. */
static bool is_any_there(const char *const *keywords, const char *const *values)
{
  enum { MOST = 16 };
  const char *names[MOST + 2] = {NULL}, *given[MOST + 2] = {NULL};
  size_t count = 0;
  for (; count < MOST && keywords[count]; count++) {
    names[count] = keywords[count];
    given[count] = values[count];
  }
  names[count] = "target_session_attrs";
  given[count] = "any";
  PGconn *handle = postgresql_library.connect(names, given, 1);
  bool is_there = PQstatus(handle) == CONNECTION_OK;
  PQfinish(handle);
  return is_there;
}

/* Connect; a server that takes connections by now is tried again. */
static bool connect_to(PGconn **out, const char *const *keywords, const char *const *values,
                       bool was_there, struct error *error)
{
  PGPing found = PQPING_OK;
  *out = postgresql_library.connect(keywords, values, 1);
  if (PQstatus(*out) != CONNECTION_OK) {
    found = PQpingParams(keywords, values, 1);
    if (found == PQPING_OK) {
      PQfinish(*out);
      *out = postgresql_library.connect(keywords, values, 1);
    }
  }
  return PQstatus(*out) == CONNECTION_OK ||
         fail_to_connect(*out, found, found == PQPING_OK && is_any_there(keywords, values),
                         was_there, error);
}

/* Text sorts by bytes, as in SQLite, only where the database's own order is C: every column, index
 * and ORDER BY then agrees without a word in each statement. */
static bool check_server(const PGresult *result, struct error *error)
{
  int64_t version = 0;
  if (!text_read_integer(text_from(PQgetvalue(result, 0, 0)), &version) || version < 150000)
    return error_set(error, ERROR_REFUSED, "error.store.address", "Use PostgreSQL 15 or later.",
                     "the server's version is %s", PQgetvalue(result, 0, 0));
  if (strcmp(PQgetvalue(result, 0, 1), "UTF8") == 0 && strcmp(PQgetvalue(result, 0, 2), "t") == 0)
    return true;
  return error_set(error, ERROR_REFUSED, "error.store.address",
                   "Make the database with: CREATE DATABASE name TEMPLATE template0 ENCODING "
                   "'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'.",
                   "the database does not keep UTF-8 text sorted by bytes");
}

static void warn_of_server(const PGresult *result)
{
  static _Atomic bool is_told;
  if (strcmp(PQgetvalue(result, 0, 3), "on") == 0 && strcmp(PQgetvalue(result, 0, 4), "on") == 0)
    return;
  if (!is_told)
    log_event(LOG_WARNING, "store.server.unsafe", LOG_S("fsync", PQgetvalue(result, 0, 3)),
              LOG_S("full_page_writes", PQgetvalue(result, 0, 4)),
              LOG_S("hint", "A crash of the server's machine may lose or damage what was "
                            "confirmed: switch both on."));
  is_told = true;
}

/* Set what every session has, and look at what the server is. A commit that waits for more than its
 * own disk (remote_apply) is left so. */
static bool configure(struct store_connection *connection, struct error *error)
{
  static const char sql[] =
      "SELECT current_setting('server_version_num'), pg_encoding_to_char(encoding),"
      " datlocprovider = 'c' AND datcollate IN ('C', 'POSIX'),"
      " current_setting('fsync'), current_setting('full_page_writes'),"
      " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
      "  WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),"
      " set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false),"
      " set_config('idle_in_transaction_session_timeout', $3, false),"
      " set_config('standard_conforming_strings', 'on', false)"
      " FROM pg_catalog.pg_database WHERE datname = current_database()";
  char numbers[3][16];
  bool migrates = connection->mode == STORE_MIGRATES;
  snprintf(numbers[0], sizeof numbers[0], "%ds", LIMIT_STORE_WAIT_SECONDS);
  snprintf(numbers[1], sizeof numbers[1], "%ds", migrates ? 0 : LIMIT_STORE_STATEMENT_SECONDS);
  snprintf(numbers[2], sizeof numbers[2], "%ds", LIMIT_STORE_IDLE_SECONDS);
  const char *const values[] = {numbers[0], numbers[1], numbers[2]};
  PGresult *result =
      postgresql_library.ask(connection->handle, sql, 3, NULL, values, NULL, NULL, 0);
  bool good = (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1) ||
              postgresql_fail(connection, result, "set up the session", error);
  good = good && check_server(result, error);
  if (good) warn_of_server(result);
  PQclear(result);
  /* The lock of a schema's migrations goes when this connection is closed. */
  return good && (!migrates ||
                  postgresql_run(connection,
                                 "SELECT pg_advisory_lock(hashtextextended('fairlead.migrate.' ||"
                                 " current_schema(), 0))",
                                 error));
}

/* A later keyword stands against an earlier one; what the address says stands in between. */
static bool connection_open(struct store_connection **out, const struct store_database *database,
                            enum store_mode mode, struct error *error)
{
  char seconds[16];
  snprintf(seconds, sizeof seconds, "%d", LIMIT_STORE_CONNECT_SECONDS);
  const char *attributes = mode == STORE_READS ? database->reader_attributes : NULL;
  const char *const keywords[] = {"connect_timeout",
                                  "keepalives_idle",
                                  "keepalives_interval",
                                  "keepalives_count",
                                  "tcp_user_timeout",
                                  "application_name",
                                  "dbname",
                                  "client_encoding",
                                  "target_session_attrs",
                                  NULL};
  const char *const values[] = {seconds,
                                "10",
                                "5",
                                "3",
                                "20000",
                                "fairlead",
                                database->address,
                                "UTF8",
                                attributes ? attributes : "read-write",
                                NULL};
  struct store_connection *connection = memory_allocate_zero(1, sizeof *connection);
  connection->mode = mode;
  bool good = connect_to(&connection->handle, keywords, values, database->was_there, error);
  if (good) PQsetNoticeProcessor(connection->handle, be_quiet, NULL);
  good = good && configure(connection, error);
  if (!good) {
    connection_close(connection);
    return false;
  }
  *out = connection;
  return true;
}

/* --- The pools ----------------------------------------------------------------------------- */

static bool can_take(const struct pool *pool, bool alone)
{
  if (alone) return pool->taken == 0;
  return !pool->is_alone && pool->waiting_alone == 0 && pool->taken < pool->limit;
}

/* Take the right to a connection, and one that is ready, or NULL for one to be opened. */
static bool take(struct store_database *database, struct pool *pool, bool alone,
                 struct store_connection **out, struct error *error)
{
  struct timespec deadline;
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec += LIMIT_STORE_WAIT_SECONDS;
  bool is_late = false;
  pthread_mutex_lock(&database->lock);
  pool->waiting_alone += alone;
  while (!can_take(pool, alone) && !is_late)
    is_late = pthread_cond_timedwait(&pool->is_free, &database->lock, &deadline) == ETIMEDOUT;
  pool->waiting_alone -= alone;
  bool is_taken = can_take(pool, alone);
  if (is_taken) {
    pool->taken++;
    pool->is_alone = alone;
    *out = pool->idle;
    if (pool->idle) pool->idle = pool->idle->next;
  } else pthread_cond_broadcast(&pool->is_free); /* those who let this one pass */
  pthread_mutex_unlock(&database->lock);
  if (is_taken) return true;
  return error_set(error, ERROR_BUSY, "error.store.busy", "Try again in a moment.",
                   "no connection to %s was free for %d seconds",
                   pool == &database->writers ? "write" : "read", LIMIT_STORE_WAIT_SECONDS);
}

/* Give the right back, with its connection, or NULL when that was closed. */
static void give_back(struct store_database *database, struct pool *pool,
                      struct store_connection *connection)
{
  pthread_mutex_lock(&database->lock);
  pool->taken--;
  bool was_alone = pool->is_alone;
  pool->is_alone = false;
  if (connection) {
    connection->next = pool->idle;
    pool->idle = connection;
  }
  if (was_alone || pool->waiting_alone > 0) pthread_cond_broadcast(&pool->is_free);
  else pthread_cond_signal(&pool->is_free);
  pthread_mutex_unlock(&database->lock);
}

static struct pool *pool_of(struct store_database *database, enum store_mode mode)
{
  return mode == STORE_READS ? &database->readers : &database->writers;
}

/* --- Transactions -------------------------------------------------------------------------- */

/* Leave no transaction open, and give the connection back, unless it is of no more use. */
static void end(struct store_database *database, struct store_connection *connection)
{
  struct pool *pool = pool_of(database, connection->mode);
  struct error error = {0};
  bool is_good = !connection->is_stale && connection->mode != STORE_MIGRATES &&
                 PQstatus(connection->handle) == CONNECTION_OK &&
                 (PQtransactionStatus(connection->handle) == PQTRANS_IDLE ||
                  postgresql_run(connection, "ROLLBACK", &error));
  if (!is_good) {
    connection_close(connection);
    connection = NULL;
  }
  give_back(database, pool, connection);
}

/* A read's second statement pins its snapshot. */
static bool start(struct store_connection *connection, struct error *error)
{
  connection->is_again = false;
  return postgresql_run(connection,
                        connection->mode == STORE_READS
                            ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1"
                            : "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
                        error);
}

static bool postgresql_begin(struct store_database *database, enum store_mode mode,
                             unsigned attempt, struct store_connection **out, struct error *error)
{
  struct pool *pool = pool_of(database, mode);
  struct store_connection *connection = NULL;
  if (!take(database, pool, mode != STORE_READS && attempt >= 2, &connection, error)) return false;
  if (connection && (mode == STORE_MIGRATES || !start(connection, error))) {
    connection_close(connection); /* the server went away meanwhile: one new try */
    connection = NULL;
  }
  if (!connection) {
    if (!connection_open(&connection, database, mode, error)) {
      give_back(database, pool, NULL);
      return false;
    }
    if (!start(connection, error)) {
      connection->is_stale = true;
      end(database, connection);
      return false;
    }
  }
  *out = connection;
  return true;
}

/* Read the answer to a COMMIT. A server that had given the transaction up says ROLLBACK. */
static enum store_ending read_ending(struct store_connection *connection, const PGresult *result,
                                     struct error *error)
{
  if (PQresultStatus(result) == PGRES_COMMAND_OK) {
    if (strcmp(PQcmdStatus((PGresult *)(uintptr_t)result), "COMMIT") == 0) return STORE_COMMITTED;
    error_set(error, ERROR_SYSTEM, "error.store.failed", fault_hint,
              "COMMIT: the server had given the transaction up");
    return connection->is_again ? STORE_AGAIN : STORE_ROLLED_BACK;
  }
  postgresql_fail(connection, result, "COMMIT", error);
  /* A server that says that it ends may have said so behind the commit. */
  if (!connection->is_stale && PQstatus(connection->handle) == CONNECTION_OK)
    return connection->is_again ? STORE_AGAIN : STORE_ROLLED_BACK;
  connection->is_stale = true;
  error_set(error, ERROR_SYSTEM, "error.store.unknown",
            "Look whether the change is there before it is repeated.",
            "COMMIT: the server's answer was lost");
  return STORE_ROLLED_BACK;
}

static enum store_ending postgresql_commit(struct store_database *database,
                                           struct store_connection *connection, struct error *error)
{
  PGresult *result = postgresql_library.run(connection->handle, "COMMIT");
  enum store_ending ending = read_ending(connection, result, error);
  PQclear(result);
  end(database, connection);
  return ending;
}

static enum store_ending postgresql_rollback(struct store_database *database,
                                             struct store_connection *connection)
{
  enum store_ending ending = connection->is_again ? STORE_AGAIN : STORE_ROLLED_BACK;
  end(database, connection);
  return ending;
}

/* VACUUM FULL writes the table into a new file and removes the old one; it runs in no transaction.
 * The one that is begun first finds out whether the server is still there. */
static bool postgresql_scrub(struct store_database *database, const char *table,
                             struct error *error)
{
  struct store_connection *connection = NULL;
  char sql[128];
  snprintf(sql, sizeof sql, "VACUUM (FULL) %s", table);
  if (!postgresql_begin(database, STORE_WRITES, 0, &connection, error)) return false;
  bool good = postgresql_run(connection, "COMMIT", error) && postgresql_run(connection, sql, error);
  end(database, connection);
  return good;
}

/* --- Opening ------------------------------------------------------------------------------- */

/* Check the address's form and find its target_session_attrs. libpq's words about a wrong address
 * repeat it, with its password: they are not passed on. */
static bool read_address(struct store_database *database, const char *address, struct error *error)
{
  char *words = NULL;
  PQconninfoOption *options = PQconninfoParse(address, &words);
  PQfreemem(words);
  if (!options)
    return error_set(error, ERROR_USAGE, "error.store.address",
                     "Write it as postgresql://user@host:port/name, with % before what is special.",
                     "the database's address cannot be read");
  for (const PQconninfoOption *option = options; option->keyword; option++)
    if (strcmp(option->keyword, "target_session_attrs") == 0 && option->val)
      database->reader_attributes = strdup(option->val);
  PQconninfoFree(options);
  database->address = strdup(address);
  return true;
}

static void database_free(struct store_database *database)
{
  free(database->address);
  free(database->reader_attributes);
  free(database);
}

static void postgresql_close(struct store_database *database)
{
  struct pool *const pools[] = {&database->readers, &database->writers};
  for (size_t i = 0; i < 2; i++) {
    assert(pools[i]->taken == 0);
    while (pools[i]->idle) {
      struct store_connection *next = pools[i]->idle->next;
      connection_close(pools[i]->idle);
      pools[i]->idle = next;
    }
    pthread_cond_destroy(&pools[i]->is_free);
  }
  pthread_mutex_destroy(&database->lock);
  database_free(database);
}

static bool postgresql_open(struct store_database **out, const char *address, struct error *error)
{
  struct store_database *database = memory_allocate_zero(1, sizeof *database);
  struct store_connection *writer = NULL;
  if (!read_address(database, address, error) ||
      !connection_open(&writer, database, STORE_WRITES, error)) {
    database_free(database);
    return false;
  }
  database->readers.limit = LIMIT_STORE_READERS;
  database->writers.limit = LIMIT_STORE_WRITERS;
  database->writers.idle = writer;
  database->was_there = true;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&database->readers.is_free, &monotonic);
  pthread_cond_init(&database->writers.is_free, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&database->lock, NULL);
  *out = database;
  return true;
}

const struct store_engine store_engine_postgresql = {
    .name = "postgresql",
    .open = postgresql_open,
    .close = postgresql_close,
    .begin = postgresql_begin,
    .commit = postgresql_commit,
    .rollback = postgresql_rollback,
    .scrub = postgresql_scrub,
    .execute = postgresql_execute,
    .query = postgresql_query,
    .next = postgresql_next,
    .statement_close = postgresql_statement_close,
    .column_count = postgresql_column_count,
    .column_kind = postgresql_column_kind,
    .column_integer = postgresql_column_integer,
    .column_decimal = postgresql_column_decimal,
    .column_slice = postgresql_column_slice,
    .script = postgresql_script,
    .table_exists = postgresql_table_exists,
    .schema_check = postgresql_schema_check,
};
