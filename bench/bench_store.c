/*
 * The store's writes: acknowledged inserts a second by the bare library in one thread, by
 * store_write() in one thread, and by store_write() from many threads at once, in turn, some
 * rounds; of each, and of their ratios, the median round counts. Printed as one JSON object.
 *
 *   bench_store [--writers 64] [--milliseconds 400] [--rounds 9] [--sync-microseconds 0]
 *   bench_store --postgresql postgresql://…
 *
 * SQLite: a file in $TMPDIR, flushed at each commit; --sync-microseconds lets each flush take so
 * much longer, by a file layer that sleeps. PostgreSQL: the server is the caller's, its schema
 * empty.
 */
#include <errno.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"
#include "world.h"

enum { MOST_WRITERS = 256, MOST_ROUNDS = 31 };

static const char insert[] = "INSERT INTO line (id, filler) VALUES ($1, $2)";
static const char filler[] =
    "A line of the length that a fact about a person in care has, with its "
    "time, its source and who wrote it down.";

static _Noreturn void give_up(const char *what, const char *why)
{
  fprintf(stderr, "bench: store: %s: %s\n", what, why);
  exit(1);
}

/* --- Flushes that take longer -------------------------------------------------------------- */

static struct {
  sqlite3_vfs layer, *real;
  sqlite3_io_methods methods[2]; /* of the database and of its log */
  int (*sync)(sqlite3_file *, int);
  struct timespec pause;
  double seconds;
  size_t count;
} disk;

static int slow_sync(sqlite3_file *file, int flags)
{
  double begun = world_clock();
  int code = disk.sync(file, flags);
  if (disk.pause.tv_nsec) clock_nanosleep(CLOCK_MONOTONIC, 0, &disk.pause, NULL);
  disk.seconds += world_clock() - begun;
  disk.count++;
  return code;
}

/* The file stays the real layer's own; one of its methods is ours. */
static int slow_open(sqlite3_vfs *layer, const char *name, sqlite3_file *file, int flags,
                     int *given)
{
  (void)layer;
  int code = disk.real->xOpen(disk.real, name, file, flags, given);
  if (code != SQLITE_OK || !file->pMethods || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
    return code;
  sqlite3_io_methods *methods = &disk.methods[(flags & SQLITE_OPEN_WAL) != 0];
  disk.sync = file->pMethods->xSync;
  *methods = *file->pMethods;
  methods->xSync = slow_sync;
  file->pMethods = methods;
  return code;
}

static void install_disk(size_t microseconds)
{
  disk.real = sqlite3_vfs_find(NULL);
  disk.layer = *disk.real;
  disk.layer.zName = "slow";
  disk.layer.pNext = NULL;
  disk.layer.xOpen = slow_open;
  disk.pause.tv_nsec = (long)microseconds * 1000;
  if (sqlite3_vfs_register(&disk.layer, 1) != SQLITE_OK) give_up("file layer", "not taken");
}

/* --- The bare libraries -------------------------------------------------------------------- */

/* Ids grow, as those of records do (UUIDs of version 7). */
static _Atomic int64_t next_id = 1;

static void check(int code, sqlite3 *handle)
{
  if (code != SQLITE_OK && code != SQLITE_DONE) give_up("SQLite", sqlite3_errmsg(handle));
}

static void step(sqlite3 *handle, sqlite3_stmt *statement)
{
  check(sqlite3_step(statement), handle);
  sqlite3_reset(statement);
}

static double bare_sqlite(const char *path, double seconds)
{
  sqlite3 *handle = NULL;
  sqlite3_stmt *begin = NULL, *add = NULL, *commit = NULL;
  size_t count = 0;
  check(sqlite3_open(path, &handle), handle);
  check(sqlite3_exec(handle, "PRAGMA synchronous = FULL", NULL, NULL, NULL), handle);
  check(sqlite3_prepare_v2(handle, "BEGIN IMMEDIATE", -1, &begin, NULL), handle);
  check(sqlite3_prepare_v2(handle, insert, -1, &add, NULL), handle);
  check(sqlite3_prepare_v2(handle, "COMMIT", -1, &commit, NULL), handle);
  double start = world_clock(), now = start;
  for (; now < start + seconds; now = world_clock(), count++) {
    step(handle, begin);
    sqlite3_bind_int64(add, 1, next_id++);
    sqlite3_bind_text(add, 2, filler, sizeof filler - 1, SQLITE_STATIC);
    step(handle, add);
    step(handle, commit);
  }
  sqlite3_finalize(begin);
  sqlite3_finalize(add);
  sqlite3_finalize(commit);
  sqlite3_close(handle);
  return (double)count / (now - start);
}

static void finish(PGconn *handle, PGresult *result)
{
  if (PQresultStatus(result) != PGRES_COMMAND_OK) give_up("PostgreSQL", PQerrorMessage(handle));
  PQclear(result);
}

static double bare_postgresql(const char *address, double seconds)
{
  PGconn *handle = PQconnectdb(address);
  size_t count = 0;
  char number[24];
  const char *const values[] = {number, filler};
  if (PQstatus(handle) != CONNECTION_OK) give_up("PostgreSQL", PQerrorMessage(handle));
  finish(handle, PQprepare(handle, "add", insert, 0, NULL));
  double start = world_clock(), now = start;
  for (; now < start + seconds; now = world_clock(), count++) {
    snprintf(number, sizeof number, "%lld", (long long)next_id++);
    finish(handle, PQexec(handle, "BEGIN ISOLATION LEVEL SERIALIZABLE"));
    finish(handle, PQexecPrepared(handle, "add", 2, values, NULL, NULL, 0));
    finish(handle, PQexec(handle, "COMMIT"));
  }
  PQfinish(handle);
  return (double)count / (now - start);
}

/* --- The store ----------------------------------------------------------------------------- */

static struct store *store;
static _Atomic bool is_over;

struct writer {
  pthread_t thread;
  int64_t id, count;
};

/* The same statement as the bare library's. */
static bool add_line(struct store_transaction *t, void *context, struct error *error)
{
  const struct writer *writer = context;
  return store_execute(
      t, insert,
      STORE_BIND(STORE_N(writer->id), STORE_T(((struct text){filler, sizeof filler - 1}))), NULL,
      error);
}

static void *write_lines(void *context)
{
  struct writer *writer = context;
  struct error error = {0};
  while (!is_over) {
    writer->id = next_id++;
    if (!store_write(store, add_line, writer, &error)) give_up("write", error.log);
    writer->count++;
  }
  return NULL;
}

static double write_with(size_t count, double seconds)
{
  static struct writer writers[MOST_WRITERS];
  int64_t total = 0;
  struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  is_over = false;
  double start = world_clock();
  for (size_t i = 0; i < count; i++) {
    writers[i] = (struct writer){0};
    if (pthread_create(&writers[i].thread, NULL, write_lines, &writers[i]) != 0)
      give_up("thread", "not made");
  }
  clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
  is_over = true;
  for (size_t i = 0; i < count; i++) {
    pthread_join(writers[i].thread, NULL);
    total += writers[i].count;
  }
  double end = world_clock();
  return (double)total / (end - start);
}

static bool make_table(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(t,
                       "CREATE TABLE line (id BIGINT NOT NULL PRIMARY KEY, filler TEXT NOT NULL)",
                       STORE_BIND_NONE, NULL, error);
}

/* --- All ----------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
  double one = *(const double *)a, other = *(const double *)b;
  return (one > other) - (one < other);
}

static double median(double *rates, size_t count)
{
  qsort(rates, count, sizeof *rates, compare);
  return rates[count / 2];
}

static const char *text_option(int count, char **arguments, const char *name)
{
  for (int i = 1; i + 1 < count; i++)
    if (strcmp(arguments[i], name) == 0) return arguments[i + 1];
  return NULL;
}

int main(int count, char **arguments)
{
  size_t writers = world_option(count, arguments, "--writers", 64);
  size_t rounds = world_option(count, arguments, "--rounds", 9);
  double seconds = (double)world_option(count, arguments, "--milliseconds", 400) / 1000;
  const char *server = text_option(count, arguments, "--postgresql"), *folder = getenv("TMPDIR");
  double bare[MOST_ROUNDS], single[MOST_ROUNDS], many[MOST_ROUNDS], group[MOST_ROUNDS],
      cost[MOST_ROUNDS], syncs[MOST_ROUNDS] = {0};
  char path[256];
  struct error error = {0};
  if (writers > MOST_WRITERS || rounds > MOST_ROUNDS || rounds == 0) return 2;
  snprintf(path, sizeof path, "%s/fairlead-bench-store-XXXXXX", folder ? folder : "/tmp");
  if (!server && !mkdtemp(path)) give_up(path, strerror(errno));
  size_t length = strlen(path);
  snprintf(path + length, sizeof path - length, "/test.db");
  if (!server) install_disk(world_option(count, arguments, "--sync-microseconds", 0));
  if (!store_open(&store, server ? server : path, &error) ||
      !store_write(store, make_table, NULL, &error))
    give_up("open", error.log);
  for (size_t i = 0; i < rounds; i++) {
    bare[i] = server ? bare_postgresql(server, seconds) : bare_sqlite(path, seconds);
    disk.seconds = 0, disk.count = 0;
    single[i] = write_with(1, seconds);
    if (disk.count) syncs[i] = disk.seconds / (double)disk.count;
    many[i] = write_with(writers, seconds);
    cost[i] = single[i] / bare[i];
    group[i] = many[i] / single[i];
  }
  store_close(store);
  printf("{\"peer\":\"%s\",\"writers\":%zu,\"sync_us\":%.1f,\"bare\":%.0f,\"single\":%.0f,"
         "\"many\":%.0f,\"single_to_bare\":%.3f,\"many_to_single\":%.3f}\n",
         server ? "libpq" : "SQLite", writers, median(syncs, rounds) * 1e6, median(bare, rounds),
         median(single, rounds), median(many, rounds), median(cost, rounds), median(group, rounds));
  if (!server) {
    unlink(path);
    path[length] = 0;
    rmdir(path);
  }
  return 0;
}
