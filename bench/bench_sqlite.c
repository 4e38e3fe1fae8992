/*
 * SQLite with FTS5 and R*Tree against the engine, in one process and in turn. One statement a
 * query counts the total and every facet in one pass over its matches; another takes the first 20.
 * Needs are two integers of bits a row; distance is a C function. The database is in memory.
 *
 *   bench_sqlite [--rows 20000] [--queries 200]
 */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer_sql.h"

static struct world world;
static sqlite3 *database;

static void must_do(int status)
{
  if (status == SQLITE_OK || status == SQLITE_DONE || status == SQLITE_ROW) return;
  fprintf(stderr, "bench: sqlite: %s\n", sqlite3_errmsg(database));
  exit(1);
}

static void run(const char *sql)
{
  must_do(sqlite3_exec(database, sql, NULL, NULL, NULL));
}

static void distance(sqlite3_context *context, int count, sqlite3_value **values)
{
  const double radian = M_PI / 180;
  double at[4];
  (void)count;
  for (int i = 0; i < 4; i++) at[i] = sqlite3_value_double(values[i]) * radian;
  double up = sin((at[0] - at[2]) / 2), along = sin((at[1] - at[3]) / 2);
  double h = up * up + cos(at[0]) * cos(at[2]) * along * along;
  sqlite3_result_double(context, 2 * EARTH_RADIUS_MILES * asin(fmin(1, sqrt(h))));
}

static sqlite3_stmt *prepare(const char *sql)
{
  sqlite3_stmt *statement;
  must_do(sqlite3_prepare_v2(database, sql, -1, &statement, NULL));
  return statement;
}

static void add_row(uint32_t row, sqlite3_stmt *facts, sqlite3_stmt *words, sqlite3_stmt *boxes)
{
  struct snapshot_row it;
  snapshot_row_get(world.snapshot, row, &it);
  const uint64_t *needs = world.snapshot->need_rows[row].words;
  bool located = it.quality != COORDINATE_NONE;
  sqlite3_bind_int64(facts, 1, row);
  sqlite3_bind_text(facts, 2, it.state.at, (int)it.state.length, SQLITE_STATIC);
  sqlite3_bind_int64(facts, 3, (int64_t)needs[0]);
  sqlite3_bind_int64(facts, 4, (int64_t)needs[1]);
  if (located) sqlite3_bind_double(facts, 5, it.latitude);
  else sqlite3_bind_null(facts, 5);
  if (located) sqlite3_bind_double(facts, 6, it.longitude);
  else sqlite3_bind_null(facts, 6);
  sqlite3_bind_int64(facts, 7, world.snapshot->best_ranks[row]);
  sqlite3_bind_int64(facts, 8, world.snapshot->id_ranks[row]);
  must_do(sqlite3_step(facts));
  sqlite3_reset(facts);
  struct text parts[] = {it.name1, it.name2, it.city, it.street1};
  struct text_buffer all;
  text_buffer_init(&all, 65536);
  for (size_t i = 0; i < 4; i++) {
    text_buffer_add(&all, text_fold(world.arena, parts[i]));
    text_buffer_add_character(&all, ' ');
  }
  sqlite3_bind_int64(words, 1, row);
  sqlite3_bind_text(words, 2, all.at, (int)all.length, SQLITE_STATIC);
  must_do(sqlite3_step(words));
  sqlite3_reset(words);
  text_buffer_fini(&all);
  arena_clear(world.arena);
  if (!located) return;
  sqlite3_bind_int64(boxes, 1, row);
  sqlite3_bind_double(boxes, 2, it.latitude);
  sqlite3_bind_double(boxes, 3, it.longitude);
  must_do(sqlite3_step(boxes));
  sqlite3_reset(boxes);
}

static void fill(void)
{
  must_do(sqlite3_open(":memory:", &database));
  must_do(sqlite3_create_function(database, "distance", 4, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                  distance, NULL, NULL));
  run("CREATE TABLE facts(id INTEGER PRIMARY KEY, state TEXT, needs0 INT, needs1 INT, latitude "
      "REAL,"
      " longitude REAL, best INT, id_rank INT);"
      "CREATE VIRTUAL TABLE words USING fts5(all_words, content='', tokenize='ascii');"
      "CREATE VIRTUAL TABLE boxes USING rtree(id, south, north, west, east); BEGIN");
  sqlite3_stmt *facts = prepare("INSERT INTO facts VALUES(?,?,?,?,?,?,?,?)");
  sqlite3_stmt *words = prepare("INSERT INTO words(rowid, all_words) VALUES(?,?)");
  sqlite3_stmt *boxes = prepare("INSERT INTO boxes VALUES(?1,?2,?2,?3,?3)");
  for (uint32_t row = 0; row < snapshot_row_count(world.snapshot); row++)
    add_row(row, facts, words, boxes);
  sqlite3_finalize(facts);
  sqlite3_finalize(words);
  sqlite3_finalize(boxes);
  run("COMMIT; CREATE INDEX by_state ON facts(state); CREATE INDEX by_best ON facts(best); ANALYZE;"
      "INSERT INTO words(words) VALUES('optimize')");
}

/* --- The dialect ----------------------------------------------------------------------------- */

static void add_radius(struct text_buffer *sql, const struct search_query *query)
{
  double box[4];
  peer_box(query, box);
  text_buffer_add_format(sql,
                         " AND south >= %.17g AND north <= %.17g AND west >= %.17g AND east <="
                         " %.17g AND distance(latitude, longitude, %.17g, %.17g) <= %.17g",
                         box[0], box[1], box[2], box[3], query->latitude, query->longitude,
                         query->within);
}

static void add_terms(struct text_buffer *sql, const struct world *all,
                      const struct search_unit *unit)
{
  const char *between = "";
  sql_add(sql, "facts.id IN (SELECT rowid FROM words WHERE words MATCH '");
  for (size_t i = 0; i < unit->range_count; i++)
    for (uint32_t t = unit->ranges[i].first; t < unit->ranges[i].end; t++) {
      if (all->snapshot->terms[t].count == 0) continue;
      text_buffer_add_format(sql, "%s\"%.*s\"", between,
                             TEXT_PRINT(snapshot_term_text(all->snapshot, t)));
      between = " OR ";
    }
  sql_add(sql, *between ? "')" : "\"\"')");
}

static void add_distance(struct text_buffer *sql, const struct search_query *query)
{
  text_buffer_add_format(sql, "distance(latitude, longitude, %.17g, %.17g)", query->latitude,
                         query->longitude);
}

static const struct peer_dialect dialect = {
    .from = " FROM facts",
    .from_radius = " FROM boxes CROSS JOIN facts ON facts.id = boxes.id",
    .add_radius = add_radius,
    .add_terms = add_terms,
    .add_distance = add_distance};

/* Run both statements; answers the total. */
static int64_t ask(const char *counts, const char *first, uint32_t *row)
{
  sqlite3_stmt *statement = prepare(counts);
  must_do(sqlite3_step(statement));
  int64_t total = sqlite3_column_int64(statement, 0);
  for (int i = 0; i < sqlite3_column_count(statement); i++) sqlite3_column_int64(statement, i);
  sqlite3_finalize(statement);
  statement = prepare(first);
  *row = UINT32_MAX;
  while (sqlite3_step(statement) == SQLITE_ROW)
    if (*row == UINT32_MAX) *row = (uint32_t)sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return total;
}

int main(int count, char **arguments)
{
  size_t rows = world_option(count, arguments, "--rows", 20000);
  char name[64];
  world_make(&world, rows, "/tmp", NULL, NULL);
  fill();
  snprintf(name, sizeof name, "SQLite %s, FTS5 and R*Tree", sqlite3_libversion());
  sql_measure(&world, name, &dialect, world_option(count, arguments, "--queries", 200), 2, ask);
  sqlite3_close(database);
  world_free(&world);
  return 0;
}
