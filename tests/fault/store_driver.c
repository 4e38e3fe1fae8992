/*
 * A program that crash.test.mjs kills: it writes rows, and says so only after store_write() did.
 *
 *   store_driver write ADDRESS WRITER THREADS   rows (WRITER, 1), (WRITER, 2), … until it is
 *                                        killed; each thread is a writer of its own (WRITER + 1, …)
 *                                        and each acknowledged row a line "WRITER N". A database
 *                                        that is away is tried again; "away" is a line then.
 *   store_driver list ADDRESS WRITER     every row from that writer on as such a line, after
 *                                        checking that a file is whole and that the total kept
 *                                        beside the rows is theirs
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"

static const char migrations[] = "tests/fault/migrations";

struct work {
  struct store *store;
  int64_t writer;
  int64_t number; /* of the row just written */
};

/* One row and its part in the total: a half of this must never be seen. */
static bool add_line(struct store_transaction *t, void *context, struct error *error)
{
  static const char filler[1500];
  struct work *work = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(t, &cursor,
                   "INSERT INTO total (writer, lines) VALUES ($1, 1)"
                   " ON CONFLICT (writer) DO UPDATE SET lines = total.lines + 1 RETURNING lines",
                   STORE_BIND(STORE_N(work->writer)), error) ||
      !store_next(cursor, &more, error))
    return false;
  work->number = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  struct text bytes = {filler, (size_t)work->number * 997 % sizeof filler};
  return store_execute(t, "INSERT INTO line (writer, number, filler) VALUES ($1, $2, $3)",
                       STORE_BIND(STORE_N(work->writer), STORE_N(work->number), STORE_B(bytes)),
                       NULL, error);
}

static int complain(const struct error *error)
{
  fprintf(stderr, "store_driver: %s\n", error->log);
  return 1;
}

static bool say(const char *line)
{
  size_t length = strlen(line);
  return write(STDOUT_FILENO, line, length) == (ssize_t)length;
}

/* What a database that went away answers; anything else is a fault. */
static bool is_away(const struct error *error)
{
  return error->kind == ERROR_BUSY || strcmp(error->person, "error.store.unknown") == 0;
}

static void *write_lines(void *context)
{
  struct work work = *(const struct work *)context;
  struct error error = {0};
  char line[64];
  for (;;) {
    if (store_write(work.store, add_line, &work, &error)) {
      snprintf(line, sizeof line, "%lld %lld\n", (long long)work.writer, (long long)work.number);
      if (!say(line)) break;
    } else {
      if (!is_away(&error) || !say("away\n")) break;
      usleep(20000);
    }
  }
  exit(complain(&error));
}

static int run_writers(struct store *store, const char *writer, const char *threads)
{
  static struct work works[256];
  struct error error = {0};
  int64_t first = 0, count = 0;
  pthread_t thread;
  if (!text_read_integer(text_from(writer), &first) ||
      !text_read_integer(text_from(threads), &count) || count < 1 || count > 256)
    return 2;
  while (!store_migrate(store, migrations, &error))
    if (!is_away(&error)) return complain(&error);
  for (int64_t i = 0; i < count; i++) {
    works[i] = (struct work){.store = store, .writer = first + i};
    if (i > 0 && pthread_create(&thread, NULL, write_lines, &works[i]) != 0) return 1;
  }
  write_lines(&works[0]);
  return 1;
}

static bool is_whole(const char *path)
{
  sqlite3 *handle = NULL;
  sqlite3_stmt *statement = NULL;
  bool whole =
      sqlite3_open(path, &handle) == SQLITE_OK &&
      sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW &&
      strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
  if (!whole) fprintf(stderr, "store_driver: damaged: %s\n", sqlite3_errmsg(handle));
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return whole;
}

static bool check_totals(struct store_transaction *t, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(t, &cursor,
                   "SELECT writer FROM total WHERE lines <>"
                   " (SELECT count(*) FROM line WHERE line.writer = total.writer)",
                   STORE_BIND_NONE, error) ||
      !store_next(cursor, &more, error))
    return false;
  return !more || error_set(error, ERROR_SYSTEM, "error.store.damaged", "", "a total is not so");
}

static bool list_lines(struct store_transaction *t, void *context, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = true;
  if (!check_totals(t, error) ||
      !store_query(t, &cursor,
                   "SELECT writer, number FROM line WHERE writer >= $1 ORDER BY writer, number",
                   STORE_BIND(STORE_N(*(const int64_t *)context)), error))
    return false;
  while (more) {
    if (!store_next(cursor, &more, error)) return false;
    if (more)
      printf("%lld %lld\n", (long long)store_column_integer(cursor, 0),
             (long long)store_column_integer(cursor, 1));
  }
  return true;
}

int main(int count, char **words)
{
  struct store *store = NULL;
  struct error error = {0};
  int64_t from = 0;
  bool lists = count == 4 && strcmp(words[1], "list") == 0;
  if (!lists && count != 5) return 2;
  if (lists && !text_read_integer(text_from(words[3]), &from)) return 2;
  if (lists && !strstr(words[2], "://") && !is_whole(words[2])) return 1;
  while (!store_open(&store, words[2], &error)) {
    if (lists || !is_away(&error)) return complain(&error);
    usleep(20000);
  }
  if (!lists) return run_writers(store, words[3], words[4]);
  bool good =
      store_migrate(store, migrations, &error) && store_read(store, list_lines, &from, &error);
  if (!good) complain(&error);
  store_close(store);
  return good ? 0 : 1;
}
