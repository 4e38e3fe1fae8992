/*
 * store: the part that is the same for every engine. It picks the engine by the address, keeps
 * transactions from nesting, makes a failed statement fail its whole transaction, runs one again
 * that another transaction undid, and owns the cursors. It is not where SQL is run: that is the
 * engine's work (engine.h).
 *
 * Invariants: a transaction whose statement failed never commits, also when its function goes on
 * and answers true (SQLite may already have rolled back by itself, PostgreSQL refuses the rest).
 * Only a transaction of which nothing is kept is run again.
 * Threads: a transaction lives on the stack of one thread, linked in `innermost`.
 */
#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/engine.h"

struct store {
  const struct store_engine *engine;
  struct store_database *database;
  _Atomic uint64_t reads, writes, again, failed, running; /* as store_statistics says */
};

struct store_cursor {
  struct store_transaction *transaction;
  struct store_statement *statement; /* NULL: this cursor is free */
  bool has_row;
};

struct store_transaction {
  struct store *store;
  struct store_connection *connection;
  struct store_transaction *outer; /* of this thread, on another store */
  pthread_t thread;
  bool failed;
  struct error why; /* the first failure */
  struct store_cursor cursors[LIMIT_STORE_CURSORS];
};

static _Thread_local struct store_transaction *innermost;

/* --- Opening ------------------------------------------------------------------------------- */

/* The engine for an address; NULL: none. */
static const struct store_engine *engine_for(struct text address)
{
  if (text_starts_with(address, TEXT("postgresql://")) ||
      text_starts_with(address, TEXT("postgres://")))
    return &store_engine_postgresql;
  if (text_is_empty(address) || text_contains(address, TEXT("://")) ||
      text_equal(address, TEXT(":memory:")))
    return NULL;
  return &store_engine_sqlite;
}

bool store_open(struct store **out, const char *address, struct error *error)
{
  const struct store_engine *engine = engine_for(text_from(address));
  if (!engine) /* the address may hold a password: it is not repeated */
    return error_set(error, ERROR_USAGE, "error.store.address",
                     "Give the path of the database's file, or postgresql://….",
                     "the address is neither a file nor postgresql://");
  struct store_database *database = NULL;
  if (!engine->open(&database, address, error)) return false;
  struct store *store = memory_allocate_zero(1, sizeof *store);
  store->engine = engine;
  store->database = database;
  *out = store;
  return true;
}

void store_close(struct store *store)
{
  if (!store) return;
  store->engine->close(store->database);
  free(store);
}

/* --- Transactions -------------------------------------------------------------------------- */

static bool is_inside(const struct store *store)
{
  for (const struct store_transaction *at = innermost; at; at = at->outer)
    if (at->store == store) return true;
  return false;
}

static void close_cursors(struct store_transaction *transaction)
{
  for (size_t i = 0; i < LIMIT_STORE_CURSORS; i++) store_cursor_close(&transaction->cursors[i]);
}

/* Which functions were short the last time they ran. One that may hold up others for long shares a
 * transaction with nobody; and what is not known is taken for such a one. */
static _Atomic(store_function *) short_functions[LIMIT_STORE_SHORT_FUNCTIONS];

/* The place of a function among those that are known, or with `free` one for it. NULL: none. */
static _Atomic(store_function *) *place_of(store_function *function, bool free)
{
  enum { TRIED = 8 };
  uint64_t key = ((uint64_t)(uintptr_t)function * UINT64_C(0x9E3779B97F4A7C15)) >> 32;
  for (unsigned i = 0; i < TRIED; i++) {
    _Atomic(store_function *) *place = &short_functions[(key + i) % LIMIT_STORE_SHORT_FUNCTIONS];
    store_function *found = *place;
    if (found == function || (free && !found)) return place;
  }
  return NULL;
}

static void remember_how_long(store_function *function, int64_t microseconds)
{
  bool is_short = microseconds <= LIMIT_STORE_GROUP_MICROSECONDS;
  _Atomic(store_function *) *place = place_of(function, false);
  if (!place && is_short) {
    place = place_of(function, true);
    if (place) *place = function;
  } else if (place && !is_short) *place = NULL;
}

/* Begin, run `function` and end, once. */
static enum store_ending run_once(struct store_transaction *transaction, enum store_mode mode,
                                  unsigned attempt, store_function *function, void *context,
                                  struct error *error)
{
  struct store_database *database = transaction->store->database;
  const struct store_engine *engine = transaction->store->engine;
  if (!engine->begin(database, mode, attempt, &transaction->connection, error))
    return STORE_ROLLED_BACK;
  transaction->outer = innermost;
  innermost = transaction;
  int64_t begun = time_monotonic();
  bool done = function(transaction, context, error);
  if (mode != STORE_READS) remember_how_long(function, time_monotonic() - begun);
  innermost = transaction->outer;
  close_cursors(transaction);
  if (done && transaction->failed) {
    *error = transaction->why;
    done = false;
  }
  return done ? engine->commit(database, transaction->connection, error)
              : engine->rollback(database, transaction->connection);
}

/* Wait a little, longer each time and never two alike, so that those who met do not meet again. */
static void pause_before(unsigned attempt)
{
  uint32_t most = UINT32_C(1000) << (attempt < 6 ? attempt : 6);
  usleep((useconds_t)randombytes_uniform(most) + 1);
}

static void count(_Atomic uint64_t *counter, int by)
{
  atomic_fetch_add_explicit(counter, (uint64_t)(int64_t)by, memory_order_relaxed);
}

static bool run_until_done(struct store *store, enum store_mode mode, store_function *function,
                           void *context, struct error *error)
{
  if (is_inside(store))
    return error_set(error, ERROR_SYSTEM, "error.store.failed",
                     "This is a fault of the program: report it.",
                     "a transaction was begun within a transaction of the same store");
  int64_t deadline = time_monotonic() + (int64_t)LIMIT_STORE_WAIT_SECONDS * 1000000;
  for (unsigned attempt = 0;; attempt++) {
    struct store_transaction transaction = {.store = store, .thread = pthread_self()};
    struct error why = {0};
    enum store_ending ending = run_once(&transaction, mode, attempt, function, context, &why);
    if (ending == STORE_COMMITTED) return true;
    if (ending == STORE_ROLLED_BACK) {
      if (error) *error = why;
      return false;
    }
    if (attempt == LIMIT_STORE_ATTEMPTS || time_monotonic() > deadline)
      return error_set(error, ERROR_BUSY, "error.store.busy", "Try again in a moment.",
                       "given up after %u attempts: %s", attempt + 1, why.log);
    count(&store->again, 1);
    pause_before(attempt);
  }
}

static bool run(struct store *store, enum store_mode mode, store_function *function, void *context,
                struct error *error)
{
  count(&store->running, 1);
  bool good = run_until_done(store, mode, function, context, error);
  count(&store->running, -1);
  count(!good ? &store->failed : mode == STORE_READS ? &store->reads : &store->writes, 1);
  return good;
}

void store_statistics_get(const struct store *store, struct store_statistics *out)
{
  *out = (struct store_statistics){
      .reads = atomic_load(&store->reads),
      .writes = atomic_load(&store->writes),
      .again = atomic_load(&store->again),
      .failed = atomic_load(&store->failed),
      .running = atomic_load(&store->running),
  };
  out->commits = store->engine->commits ? store->engine->commits(store->database) : out->writes;
}

bool store_write(struct store *store, store_function *function, void *context, struct error *error)
{
  bool is_short = place_of(function, false) != NULL;
  return run(store, is_short ? STORE_WRITES : STORE_WRITES_ALONE, function, context, error);
}

bool store_read(struct store *store, store_function *function, void *context, struct error *error)
{
  return run(store, STORE_READS, function, context, error);
}

bool store_change_schema(struct store *store, store_function *function, void *context,
                         struct error *error)
{
  return run(store, STORE_MIGRATES, function, context, error);
}

bool store_scrub(struct store *store, const char *table, struct error *error)
{
  if (is_inside(store))
    return error_set(error, ERROR_SYSTEM, "error.store.failed",
                     "This is a fault of the program: report it.",
                     "a rewrite was begun within a transaction of the same store");
  return store->engine->scrub(store->database, table, error);
}

const struct store_engine *store_transaction_engine(const struct store_transaction *transaction)
{
  return transaction->store->engine;
}

struct store_connection *store_transaction_connection(struct store_transaction *transaction)
{
  return transaction->connection;
}

/* --- Statements ---------------------------------------------------------------------------- */

/* Mark the transaction failed for the reason in `why`, and tell the caller. Answers false. */
static bool fail(struct store_transaction *transaction, struct error *error)
{
  transaction->failed = true;
  if (error) *error = transaction->why;
  return false;
}

/* May a statement run now? A transaction that failed answers with its first reason. */
static bool is_ready(const struct store_transaction *transaction, struct error *error)
{
  assert(pthread_equal(transaction->thread, pthread_self()));
  if (!transaction->failed) return true;
  if (error) *error = transaction->why;
  return false;
}

/* Refuse what one engine would take and the other not: text that is no UTF-8 or holds a NUL, and
 * numbers that are not finite. */
static bool check_bindings(const struct store_value *bindings, size_t count, struct error *error)
{
  for (size_t i = 0; i < count; i++) {
    const struct store_value *value = &bindings[i];
    const char *wrong = NULL;
    if (value->kind == STORE_TEXT && value->text.length > 0 &&
        memchr(value->text.at, 0, value->text.length))
      wrong = "text with a NUL";
    else if (value->kind == STORE_TEXT && !text_is_utf8(value->text))
      wrong = "text that is not UTF-8";
    else if (value->kind == STORE_DECIMAL && !(value->decimal - value->decimal == 0))
      wrong = "a number that is not finite";
    if (wrong)
      return error_set(error, ERROR_REFUSED, "error.store.value",
                       "Check the text for characters that are damaged.", "$%zu is %s", i + 1,
                       wrong);
  }
  return true;
}

bool store_execute(struct store_transaction *transaction, const char *sql,
                   const struct store_value *bindings, size_t count, int64_t *changed,
                   struct error *error)
{
  if (!is_ready(transaction, error)) return false;
  int64_t rows = 0;
  if (!check_bindings(bindings, count, &transaction->why) ||
      !transaction->store->engine->execute(transaction->connection, sql, bindings, count, &rows,
                                           &transaction->why))
    return fail(transaction, error);
  if (changed) *changed = rows;
  return true;
}

static struct store_cursor *free_cursor(struct store_transaction *transaction)
{
  for (size_t i = 0; i < LIMIT_STORE_CURSORS; i++)
    if (!transaction->cursors[i].statement) return &transaction->cursors[i];
  return NULL;
}

bool store_query(struct store_transaction *transaction, struct store_cursor **out, const char *sql,
                 const struct store_value *bindings, size_t count, struct error *error)
{
  if (!is_ready(transaction, error)) return false;
  struct store_cursor *cursor = free_cursor(transaction);
  if (!cursor) {
    error_set(&transaction->why, ERROR_SYSTEM, "error.store.failed",
              "This is a fault of the program: report it.",
              "more than %d cursors are open in a transaction", LIMIT_STORE_CURSORS);
    return fail(transaction, error);
  }
  struct store_statement *statement = NULL;
  if (!check_bindings(bindings, count, &transaction->why) ||
      !transaction->store->engine->query(transaction->connection, &statement, sql, bindings, count,
                                         &transaction->why))
    return fail(transaction, error);
  *cursor = (struct store_cursor){.transaction = transaction, .statement = statement};
  *out = cursor;
  return true;
}

bool store_next(struct store_cursor *cursor, bool *more, struct error *error)
{
  struct store_transaction *transaction = cursor->transaction;
  assert(cursor->statement);
  if (!is_ready(transaction, error)) return false;
  bool has_row = false;
  if (!transaction->store->engine->next(cursor->statement, &has_row, &transaction->why))
    return fail(transaction, error);
  cursor->has_row = has_row;
  *more = has_row;
  return true;
}

void store_cursor_close(struct store_cursor *cursor)
{
  if (!cursor || !cursor->statement) return;
  cursor->transaction->store->engine->statement_close(cursor->statement);
  *cursor = (struct store_cursor){0};
}

/* --- Columns ------------------------------------------------------------------------------- */

static enum store_kind kind_of(const struct store_cursor *cursor, int column)
{
  const struct store_engine *engine = cursor->transaction->store->engine;
  assert(cursor->statement && cursor->has_row);
  assert(column >= 0 && column < engine->column_count(cursor->statement));
  return engine->column_kind(cursor->statement, column);
}

/* The column holds another kind than the program asks for (a hand-edited file): nothing that was
 * read in this transaction may be trusted, so it fails at its end. */
static void fail_for_kind(const struct store_cursor *cursor, int column, enum store_kind found,
                          enum store_kind wanted)
{
  static const char *const names[] = {"NULL", "an integer", "text", "bytes", "a decimal"};
  struct store_transaction *transaction = cursor->transaction;
  if (transaction->failed) return;
  error_set(&transaction->why, ERROR_SYSTEM, "error.store.damaged",
            "The database was changed by something else: restore a backup.",
            "column %d of a query holds %s, and %s is expected", column, names[found],
            names[wanted]);
  transaction->failed = true;
}

bool store_column_is_null(const struct store_cursor *cursor, int column)
{
  return kind_of(cursor, column) == STORE_NULL;
}

enum store_kind store_column_kind(const struct store_cursor *cursor, int column)
{
  return kind_of(cursor, column);
}

int64_t store_column_integer(const struct store_cursor *cursor, int column)
{
  enum store_kind kind = kind_of(cursor, column);
  if (kind == STORE_INTEGER)
    return cursor->transaction->store->engine->column_integer(cursor->statement, column);
  if (kind != STORE_NULL) fail_for_kind(cursor, column, kind, STORE_INTEGER);
  return 0;
}

double store_column_decimal(const struct store_cursor *cursor, int column)
{
  enum store_kind kind = kind_of(cursor, column);
  if (kind == STORE_DECIMAL || kind == STORE_INTEGER)
    return cursor->transaction->store->engine->column_decimal(cursor->statement, column);
  if (kind != STORE_NULL) fail_for_kind(cursor, column, kind, STORE_DECIMAL);
  return 0;
}

static struct text slice_of(const struct store_cursor *cursor, int column, enum store_kind wanted)
{
  enum store_kind kind = kind_of(cursor, column);
  if (kind == wanted)
    return cursor->transaction->store->engine->column_slice(cursor->statement, column);
  if (kind != STORE_NULL) fail_for_kind(cursor, column, kind, wanted);
  return TEXT("");
}

struct text store_column_text(const struct store_cursor *cursor, int column)
{
  return slice_of(cursor, column, STORE_TEXT);
}

struct text store_column_bytes(const struct store_cursor *cursor, int column)
{
  return slice_of(cursor, column, STORE_BYTES);
}
