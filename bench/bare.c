/*
 * See bare.h. A statement is prepared once under its place in `statements`; parameters are text but
 * for hashes. Threads: one.
 */
#include "bare.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum statement {
  BEGIN,
  COMMIT,
  LINE,
  SESSION,
  PERSON,
  FACTS,
  EPISODES,
  TEAM,
  HITS,
  KEYS,
  BEDS,
  USES,
  WAITING,
  STATEMENTS
};
enum { PARAMETERS = 3, KEY_COUNT = 500, SHOWN = 20, ID = 64 };

static const char *const statements[STATEMENTS] = {
    [BEGIN] = "BEGIN",
    [COMMIT] = "COMMIT",
    [LINE] = "INSERT INTO bench_line (person_id, words) VALUES ($1, $2)",
    [SESSION] = "SELECT s.*, a.*, r.* FROM session s JOIN account a ON a.id = s.account_id"
                " JOIN account_role r ON r.account_id = a.id WHERE s.token = $1",
    [PERSON] = "SELECT * FROM person WHERE program_id = $1 AND id = $2",
    [FACTS] = "SELECT * FROM fact WHERE program_id = $1 AND person_id = $2",
    [EPISODES] = "SELECT * FROM episode WHERE program_id = $1 AND person_id = $2",
    [TEAM] = "SELECT * FROM care_team WHERE program_id = $1 AND person_id = $2",
    [HITS] = "SELECT person_id FROM person_index WHERE program_id = $1 AND kind = 0 AND hash = $2"
             " ORDER BY person_id LIMIT 20",
    [KEYS] =
        "SELECT hash FROM person_index WHERE program_id = $1 AND kind = 0 ORDER BY hash LIMIT 500",
    [BEDS] = "SELECT b.*, u.* FROM bed b JOIN unit u ON u.program_id = b.program_id"
             " AND u.id = b.unit_id WHERE b.program_id = $1",
    [USES] = "SELECT * FROM bed_use WHERE program_id = $1 AND until_at > CAST(CAST($2 AS TEXT) AS "
             "BIGINT)",
    [WAITING] = "SELECT e.*, r.* FROM waitlist_entry e JOIN request r ON r.program_id ="
                " e.program_id AND r.id = e.request_id WHERE e.program_id = $1 AND e.left_at = 0"
                " ORDER BY e.since_at",
};

/* The first column's texts of the last query, cut to what is looked at. */
struct found {
  size_t count;
  struct {
    char at[ID];
    size_t length;
  } rows[KEY_COUNT];
};

struct bare {
  sqlite3 *sqlite;
  sqlite3_stmt *prepared[STATEMENTS];
  PGconn *postgresql;
  char program_id[ID];
  struct found keys, found;
};

static void must(bool good, const struct bare *bare, const char *what)
{
  if (good) return;
  fprintf(stderr, "bench: bare %s: %s\n", what,
          bare->sqlite ? sqlite3_errmsg(bare->sqlite) : PQerrorMessage(bare->postgresql));
  exit(1);
}

static void keep(struct found *found, const void *at, size_t length)
{
  if (found->count == KEY_COUNT) return;
  if (length > ID) length = ID;
  if (length) memcpy(found->rows[found->count].at, at, length);
  found->rows[found->count++].length = length;
}

static void run_sqlite(struct bare *bare, enum statement which, const struct text *parameters,
                       struct found *found)
{
  sqlite3_stmt *statement = bare->prepared[which];
  int code, count = sqlite3_bind_parameter_count(statement);
  for (int i = 0; i < count; i++) {
    bool is_hash = which == HITS && i == 1;
    bool is_token = which == SESSION;
    if (is_hash || is_token)
      sqlite3_bind_blob(statement, i + 1, parameters[i].at, (int)parameters[i].length,
                        SQLITE_STATIC);
    else
      sqlite3_bind_text(statement, i + 1, parameters[i].at, (int)parameters[i].length,
                        SQLITE_STATIC);
  }
  while ((code = sqlite3_step(statement)) == SQLITE_ROW)
    if (found)
      keep(found, sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0));
  must(code == SQLITE_DONE, bare, statements[which]);
  sqlite3_reset(statement);
}

static void run_postgresql(struct bare *bare, enum statement which, const struct text *parameters,
                           struct found *found)
{
  static const int counts[STATEMENTS] = {
      [LINE] = 2, [SESSION] = 1, [PERSON] = 2, [FACTS] = 2, [TEAM] = 2,   [EPISODES] = 2,
      [HITS] = 2, [KEYS] = 1,    [BEDS] = 1,   [USES] = 2,  [WAITING] = 1};
  const char *values[PARAMETERS] = {NULL};
  int lengths[PARAMETERS] = {0}, formats[PARAMETERS] = {1, 1, 1};
  char name[8];
  for (int i = 0; i < counts[which]; i++) {
    values[i] = parameters[i].at;
    lengths[i] = (int)parameters[i].length;
  }
  snprintf(name, sizeof name, "b%d", (int)which);
  PGresult *result =
      PQexecPrepared(bare->postgresql, name, counts[which], values, lengths, formats, 1);
  must(PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK,
       bare, statements[which]);
  for (int i = 0; found && i < PQntuples(result); i++)
    keep(found, PQgetvalue(result, i, 0), (size_t)PQgetlength(result, i, 0));
  PQclear(result);
}

static void run(struct bare *bare, enum statement which, const struct text *parameters,
                struct found *found)
{
  if (found) found->count = 0;
  (bare->sqlite ? run_sqlite : run_postgresql)(bare, which, parameters, found);
}

static void prepare_all(struct bare *bare)
{
  static const char table[] =
      "CREATE TABLE bench_line (person_id TEXT NOT NULL, words TEXT NOT NULL)";
  char name[8];
  if (bare->sqlite) must(!sqlite3_exec(bare->sqlite, table, NULL, NULL, NULL), bare, table);
  else PQclear(PQexec(bare->postgresql, table));
  for (int i = 0; i < STATEMENTS; i++) {
    snprintf(name, sizeof name, "b%d", i);
    if (bare->sqlite)
      must(!sqlite3_prepare_v2(bare->sqlite, statements[i], -1, &bare->prepared[i], NULL), bare,
           statements[i]);
    else PQclear(PQprepare(bare->postgresql, name, statements[i], 0, NULL));
  }
}

struct bare *bare_open(const char *address, const char *program_id)
{
  struct bare *bare = memory_allocate_zero(1, sizeof *bare);
  bool is_server = strstr(address, "://") != NULL;
  snprintf(bare->program_id, sizeof bare->program_id, "%s", program_id);
  if (is_server) {
    bare->postgresql = PQconnectdb(address);
    must(PQstatus(bare->postgresql) == CONNECTION_OK, bare, "open");
  } else
    must(!sqlite3_open(address, &bare->sqlite) &&
             !sqlite3_exec(bare->sqlite, "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000",
                           NULL, NULL, NULL),
         bare, "open");
  prepare_all(bare);
  run(bare, KEYS, &(struct text){bare->program_id, strlen(bare->program_id)}, &bare->keys);
  return bare;
}

void bare_close(struct bare *bare)
{
  for (int i = 0; bare->sqlite && i < STATEMENTS; i++) sqlite3_finalize(bare->prepared[i]);
  sqlite3_close(bare->sqlite);
  PQfinish(bare->postgresql);
  free(bare);
}

/* As long as an entry of the audit. */
static void write_line(struct bare *bare, struct text person_id)
{
  static const char words[240] = "staff account read person treat done";
  run(bare, LINE, (struct text[]){person_id, {words, strlen(words)}}, NULL);
}

void bare_session(struct bare *bare, struct text token)
{
  run(bare, SESSION, &token, &bare->found);
}

void bare_search(struct bare *bare, size_t number)
{
  const struct text program = text_from(bare->program_id);
  must(bare->keys.count > 0, bare, "an index with keys");
  size_t key = number * 7919 % bare->keys.count;
  struct found people;
  run(bare, BEGIN, NULL, NULL);
  run(bare, HITS, (struct text[]){program, {bare->keys.rows[key].at, bare->keys.rows[key].length}},
      &people);
  for (size_t i = 0; i < people.count && i < SHOWN; i++)
    run(bare, PERSON, (struct text[]){program, {people.rows[i].at, people.rows[i].length}},
        &bare->found);
  write_line(bare, program);
  run(bare, COMMIT, NULL, NULL);
}

void bare_page(struct bare *bare, const char *person_id)
{
  static const enum statement parts[] = {PERSON, FACTS, EPISODES, TEAM};
  const struct text both[] = {text_from(bare->program_id), text_from(person_id)};
  run(bare, BEGIN, NULL, NULL);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) run(bare, parts[i], both, &bare->found);
  write_line(bare, both[1]);
  run(bare, COMMIT, NULL, NULL);
}

void bare_board(struct bare *bare, const char *program_id)
{
  const struct text now = text_from("1700000000000000");
  run(bare, BEGIN, NULL, NULL);
  write_line(bare, text_from(program_id));
  run(bare, BEDS, (const struct text[]){text_from(program_id)}, &bare->found);
  run(bare, USES, (const struct text[]){text_from(program_id), now}, &bare->found);
  run(bare, COMMIT, NULL, NULL);
}

void bare_list(struct bare *bare, const char *program_id)
{
  run(bare, BEGIN, NULL, NULL);
  write_line(bare, text_from(program_id));
  run(bare, WAITING, (const struct text[]){text_from(program_id)}, &bare->found);
  run(bare, COMMIT, NULL, NULL);
}

void bare_hold(struct bare *bare, const char *program_id, const char *bed_id)
{
  run(bare, BEGIN, NULL, NULL);
  write_line(bare, text_from(program_id)); /* of the audit */
  run(bare, LINE, (const struct text[]){text_from(program_id), text_from(bed_id)}, NULL);
  run(bare, COMMIT, NULL, NULL);
}
