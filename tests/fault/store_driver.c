/*
 * A program that crash.test.mjs kills: it writes rows, and says so only after store_write() did.
 *
 *   store_driver write DATABASE WRITER   rows (WRITER, 1), (WRITER, 2), … until it is killed, from
 *                                        two threads; each acknowledged row is a line "WRITER N"
 *   store_driver list DATABASE           every row as such a line, after checking that the file is
 *                                        whole and that the total kept beside the rows is theirs
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"

struct work {
  struct store *store;
  int64_t writer;
  int64_t number; /* of the row just written */
};

static bool make_tables(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(t,
                       "CREATE TABLE IF NOT EXISTS line (writer BIGINT NOT NULL, number BIGINT NOT "
                       "NULL, filler BYTEA NOT NULL, PRIMARY KEY (writer, number))",
                       STORE_BIND_NONE, NULL, error) &&
         store_execute(t,
                       "CREATE TABLE IF NOT EXISTS total (writer BIGINT NOT NULL PRIMARY KEY,"
                       " lines BIGINT NOT NULL)",
                       STORE_BIND_NONE, NULL, error);
}

/* One row and its part in the total: a half of this must never be seen. */
static bool add_line(struct store_transaction *t, void *context, struct error *error)
{
  static const char filler[5000];
  struct work *work = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(t, &cursor,
                   "INSERT INTO total (writer, lines) VALUES ($1, 1)"
                   " ON CONFLICT (writer) DO UPDATE SET lines = lines + 1 RETURNING lines",
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

static void *write_lines(void *context)
{
  struct work work = *(const struct work *)context;
  struct error error = {0};
  while (store_write(work.store, add_line, &work, &error)) {
    char line[64];
    int length =
        snprintf(line, sizeof line, "%lld %lld\n", (long long)work.writer, (long long)work.number);
    if (write(STDOUT_FILENO, line, (size_t)length) != length) break;
  }
  exit(complain(&error));
}

static int run_writer(struct store *store, const char *writer)
{
  struct work work = {.store = store};
  struct error error = {0};
  pthread_t second;
  if (!text_read_integer(text_from(writer), &work.writer)) return 2;
  if (!store_write(store, make_tables, NULL, &error)) return complain(&error);
  if (pthread_create(&second, NULL, write_lines, &work) != 0) return 1;
  write_lines(&work);
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
  (void)context;
  struct store_cursor *cursor = NULL;
  bool more = true;
  if (!check_totals(t, error) ||
      !store_query(t, &cursor, "SELECT writer, number FROM line ORDER BY writer, number",
                   STORE_BIND_NONE, error))
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
  if (count < 3) return 2;
  bool lists = strcmp(words[1], "list") == 0;
  if (!lists && count != 4) return 2;
  if (lists && !is_whole(words[2])) return 1;
  if (!store_open(&store, words[2], &error)) return complain(&error);
  if (!lists) return run_writer(store, words[3]);
  bool good =
      store_write(store, make_tables, NULL, &error) && store_read(store, list_lines, NULL, &error);
  if (!good) complain(&error);
  store_close(store);
  return good ? 0 : 1;
}
