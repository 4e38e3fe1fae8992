/*
 * PostgreSQL with PostGIS against the engine, in turn: GiST on geography, GIN on the words, B-tree
 * on the state; needs are two integers of bits a row. The engine runs here, the peer in its server;
 * bringing the answer over is in its time. The server is the caller's (script/bench starts one).
 *
 *   bench_postgresql --rows 20000 --queries 100 --connect "host=/tmp/x dbname=postgres"
 */
#include <libpq-fe.h>
#include <stdlib.h>

#include "peer_sql.h"

static struct world world;
static PGconn *connection;

static void be_quiet(void *context, const char *notice)
{
  (void)context;
  (void)notice;
}

static PGresult *run(const char *sql)
{
  PGresult *result = PQexec(connection, sql);
  ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN) {
    fprintf(stderr, "bench: postgresql: %s\n", PQerrorMessage(connection));
    exit(1);
  }
  return result;
}

static void run_only(const char *sql)
{
  PQclear(run(sql));
}

static void copy_row(uint32_t row)
{
  struct snapshot_row it;
  struct text_buffer line;
  snapshot_row_get(world.snapshot, row, &it);
  const uint64_t *needs = world.snapshot->need_rows[row].words;
  const bool located = it.quality != COORDINATE_NONE;
  text_buffer_init(&line, 1024 * 1024);
  text_buffer_add_format(&line, "%u\t%.*s\t%lld\t%lld\t", row, TEXT_PRINT(it.state),
                         (long long)needs[0], (long long)needs[1]);
  if (located)
    text_buffer_add_format(&line, "%.17g\t%.17g\tSRID=4326;POINT(%.17g %.17g)\t", it.latitude,
                           it.longitude, it.longitude, it.latitude);
  else text_buffer_add(&line, TEXT("\\N\t\\N\t\\N\t"));
  text_buffer_add_format(&line, "%u\t%u\t", world.snapshot->best_ranks[row],
                         world.snapshot->id_ranks[row]);
  struct text parts[] = {it.name1, it.name2, it.city, it.street1};
  for (size_t i = 0; i < 4; i++) {
    struct text rest = text_fold(world.arena, parts[i]), word;
    while (text_word_next(&rest, &word)) text_buffer_add_format(&line, "'%.*s' ", TEXT_PRINT(word));
  }
  text_buffer_add_character(&line, '\n');
  if (PQputCopyData(connection, line.at, (int)line.length) != 1) exit(1);
  text_buffer_fini(&line);
  arena_clear(world.arena);
}

static void fill(void)
{
  run_only("CREATE EXTENSION IF NOT EXISTS postgis");
  run_only("DROP TABLE IF EXISTS facts");
  run_only("CREATE UNLOGGED TABLE facts(id INT PRIMARY KEY, state TEXT, needs0 BIGINT, needs1 "
           "BIGINT, latitude FLOAT8, longitude FLOAT8, point GEOGRAPHY(POINT, 4326), best INT, "
           "id_rank INT, words TSVECTOR)");
  run_only("COPY facts FROM STDIN");
  for (uint32_t row = 0; row < snapshot_row_count(world.snapshot); row++) copy_row(row);
  if (PQputCopyEnd(connection, NULL) != 1) exit(1);
  PQclear(PQgetResult(connection));
  run_only("CREATE INDEX ON facts USING GIST(point)");
  run_only("CREATE INDEX ON facts USING GIN(words)");
  run_only("CREATE INDEX ON facts(state)");
  run_only("CREATE INDEX ON facts(best)");
  run_only("VACUUM ANALYZE facts");
  run_only("SET jit = off"); /* it costs more than it saves here */
}

/* --- The dialect ----------------------------------------------------------------------------- */

#define METRES_A_MILE 1609.344

static void add_radius(struct text_buffer *sql, const struct search_query *query)
{
  text_buffer_add_format(sql,
                         " AND ST_DWithin(point, 'SRID=4326;POINT(%.17g %.17g)'::geography, %.17g,"
                         " false)",
                         query->longitude, query->latitude, query->within * METRES_A_MILE);
}

static void add_terms(struct text_buffer *sql, const struct world *all,
                      const struct search_unit *unit)
{
  const char *between = "";
  sql_add(sql, "words @@ '");
  for (size_t i = 0; i < unit->range_count; i++)
    for (uint32_t t = unit->ranges[i].first; t < unit->ranges[i].end; t++) {
      if (all->snapshot->terms[t].count == 0) continue;
      text_buffer_add_format(sql, "%s''%.*s''", between,
                             TEXT_PRINT(snapshot_term_text(all->snapshot, t)));
      between = " | ";
    }
  sql_add(sql, *between ? "'::tsquery" : "noneissocalled'::tsquery");
}

static void add_distance(struct text_buffer *sql, const struct search_query *query)
{
  text_buffer_add_format(sql,
                         "ST_Distance(point, 'SRID=4326;POINT(%.17g %.17g)'::geography, false)",
                         query->longitude, query->latitude);
}

static const struct peer_dialect dialect = {.from = " FROM facts",
                                            .from_radius = " FROM facts",
                                            .add_radius = add_radius,
                                            .add_terms = add_terms,
                                            .add_distance = add_distance};

static int64_t ask(const char *counts, const char *first, uint32_t *row)
{
  PGresult *result = run(counts);
  int64_t total = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
  PQclear(result);
  result = run(first);
  *row = PQntuples(result) ? (uint32_t)strtoul(PQgetvalue(result, 0, 0), NULL, 10) : UINT32_MAX;
  PQclear(result);
  return total;
}

int main(int count, char **arguments)
{
  const char *where = NULL;
  size_t rows = world_option(count, arguments, "--rows", 20000);
  for (int i = 1; i + 1 < count; i++)
    if (strcmp(arguments[i], "--connect") == 0) where = arguments[i + 1];
  if (!where) {
    fprintf(stderr, "bench: --connect is missing\n");
    return 2;
  }
  connection = PQconnectdb(where);
  if (PQstatus(connection) != CONNECTION_OK) {
    fprintf(stderr, "bench: postgresql: %s\n", PQerrorMessage(connection));
    return 1;
  }
  PQsetNoticeProcessor(connection, be_quiet, NULL);
  world_make(&world, rows, "/tmp", NULL, NULL);
  fill();
  sql_measure(&world, "PostgreSQL, PostGIS", &dialect,
              world_option(count, arguments, "--queries", 100), 2, ask);
  PQfinish(connection);
  world_free(&world);
  return 0;
}
