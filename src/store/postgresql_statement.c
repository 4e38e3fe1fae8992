/*
 * The PostgreSQL engine's statements: prepared once in the server, bound, sent, their rows walked.
 * It is not where connections and transactions are made (postgresql.c), nor where values get their
 * binary form (postgresql_value.c).
 *
 * Invariants: at most one query's rows are on their way at a time (`walked`). Before the server
 * hears anything else, the rest of them is kept in memory, up to LIMIT_STORE_ROWS_BEHIND; so a walk
 * with nothing else beside it needs the memory of a row, and cursors may lie open as they please.
 * The server infers the types of parameters; a value of another kind is refused, never converted.
 */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgresql.h"

static bool fail_of_program(const char *what, const char *sql, struct error *error)
{
  return error_set(error, ERROR_SYSTEM, "error.store.failed",
                   "This is a fault of the program: report it.", "%s: %.200s", what, sql);
}

/* The log's name for a statement: the beginning of its text, which never holds data. */
static bool fail_at(struct store_connection *connection, const PGresult *result, const char *sql,
                    struct error *error)
{
  char doing[128];
  snprintf(doing, sizeof doing, "%.100s", sql);
  return postgresql_fail(connection, result, doing, error);
}

/* Read the answers to what was sent to their end; keep the first that is none of rows, or NULL when
 * none came at all. */
static PGresult *answer_of(struct store_connection *connection)
{
  PGresult *first = NULL, *result;
  while ((result = postgresql_library.result(connection->handle))) {
    if (first) PQclear(result);
    else first = result;
    if (PQstatus(connection->handle) == CONNECTION_BAD) break;
  }
  return first;
}

/* --- Prepared statements ------------------------------------------------------------------- */

static struct postgresql_prepared **bucket_of(struct store_connection *connection, const char *sql)
{
  uint64_t key = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15);
  return &connection->statements[(key >> 32) % POSTGRESQL_BUCKETS];
}

static void prepared_free(struct postgresql_prepared *prepared)
{
  free(prepared->copy);
  free(prepared->parameter_types);
  free(prepared->column_types);
  free(prepared->numbers);
  free(prepared->values);
  free(prepared->lengths);
  free(prepared->formats);
  free(prepared);
}

bool postgresql_forget_statements(struct store_connection *connection, bool tell,
                                  struct error *error)
{
  for (size_t i = 0; i < POSTGRESQL_BUCKETS; i++)
    while (connection->statements[i]) {
      struct postgresql_prepared *prepared = connection->statements[i];
      connection->statements[i] = prepared->next;
      prepared->is_forgotten = true;
      if (prepared->uses == 0) prepared_free(prepared);
    }
  connection->kept = 0;
  return !tell || postgresql_run(connection, "DEALLOCATE ALL", error);
}

/* Keep what the server says of the statement's parameters and columns. */
static bool describe(struct store_connection *connection, struct postgresql_prepared *prepared,
                     struct error *error)
{
  PGresult *result = postgresql_library.describe(connection->handle, prepared->name);
  bool good = PQresultStatus(result) == PGRES_COMMAND_OK ||
              fail_at(connection, result, prepared->sql, error);
  if (good) {
    size_t parameters = (size_t)PQnparams(result), columns = (size_t)PQnfields(result);
    prepared->parameter_count = (int)parameters;
    prepared->column_count = (int)columns;
    prepared->parameter_types =
        memory_allocate_zero(parameters + 1, sizeof *prepared->parameter_types);
    prepared->column_types = memory_allocate_zero(columns + 1, sizeof *prepared->column_types);
    prepared->numbers = memory_allocate_zero(parameters + 1, sizeof *prepared->numbers);
    prepared->values = memory_allocate_zero(parameters + 1, sizeof *prepared->values);
    prepared->lengths = memory_allocate_zero(parameters + 1, sizeof *prepared->lengths);
    prepared->formats = memory_allocate_zero(parameters + 1, sizeof *prepared->formats);
    for (int i = 0; i < prepared->parameter_count; i++) {
      prepared->parameter_types[i] = PQparamtype(result, i);
      prepared->formats[i] = 1;
    }
    for (int i = 0; i < prepared->column_count; i++) prepared->column_types[i] = PQftype(result, i);
  }
  for (int i = 0; good && i < prepared->column_count; i++)
    if (!postgresql_type_is_read(prepared->column_types[i])) {
      char what[96];
      snprintf(what, sizeof what, "column %d has type %u, which is not portable", i,
               prepared->column_types[i]);
      good = fail_of_program(what, prepared->sql, error);
    }
  PQclear(result);
  return good;
}

/* Refuse what the server would take, or only some engines. */
static bool check_text(const char *sql, struct error *error)
{
  struct text refused = postgresql_word_refused(text_from(sql));
  if (!text_is_empty(refused)) return fail_of_program("not authorized", sql, error);
  if (strstr(sql, "$0")) return fail_of_program("a parameter not written $1, $2, …", sql, error);
  return true;
}

static struct postgresql_prepared *prepare(struct store_connection *connection, const char *sql,
                                           struct error *error)
{
  if (!check_text(sql, error)) return NULL;
  if (connection->kept >= LIMIT_STORE_STATEMENTS &&
      !postgresql_forget_statements(connection, true, error))
    return NULL;
  struct postgresql_prepared *prepared = memory_allocate_zero(1, sizeof *prepared);
  prepared->sql = sql;
  snprintf(prepared->name, sizeof prepared->name, "f%u", connection->next_name++);
  PGresult *result = postgresql_library.prepare(connection->handle, prepared->name, sql, 0, NULL);
  bool good = PQresultStatus(result) == PGRES_COMMAND_OK || fail_at(connection, result, sql, error);
  PQclear(result);
  if (!good || !describe(connection, prepared, error)) {
    prepared_free(prepared); /* the server may keep one that is used no more */
    return NULL;
  }
  size_t size = strlen(sql) + 1;
  prepared->copy = memory_allocate(size);
  memcpy(prepared->copy, sql, size);
  struct postgresql_prepared **bucket = bucket_of(connection, sql);
  prepared->next = *bucket;
  *bucket = prepared;
  connection->kept++;
  return prepared;
}

/* Find a kept statement, or prepare one. NULL: it failed. The server hears nothing else now. */
static struct postgresql_prepared *take(struct store_connection *connection, const char *sql,
                                        struct error *error)
{
  if (!postgresql_settle(connection, error)) return NULL;
  for (struct postgresql_prepared *at = *bucket_of(connection, sql); at; at = at->next) {
    if (at->sql != sql) continue;
    if (strcmp(at->copy, sql) == 0) return at;
    fail_of_program("SQL that is no literal", sql, error);
    return NULL;
  }
  return prepare(connection, sql, error);
}

/* --- Binding ------------------------------------------------------------------------------- */

static bool refuse_binding(const struct postgresql_prepared *prepared, size_t place,
                           const struct store_value *value, struct error *error)
{
  static const char *const kinds[] = {"NULL", "an integer", "text", "bytes", "a decimal"};
  char what[128];
  snprintf(what, sizeof what, "$%zu is %s, and the statement has it %s", place + 1,
           kinds[value->kind], postgresql_type_name(prepared->parameter_types[place]));
  return fail_of_program(what, prepared->sql, error);
}

static bool bind_one(struct postgresql_prepared *prepared, size_t place,
                     const struct store_value *value, struct error *error)
{
  Oid type = prepared->parameter_types[place];
  if (!postgresql_type_takes(type, value->kind))
    return refuse_binding(prepared, place, value, error);
  prepared->lengths[place] = 0;
  prepared->values[place] = NULL;
  switch (value->kind) {
  case STORE_NULL:
    return true;
  case STORE_TEXT:
  case STORE_BYTES:
    if (value->text.length > INT32_MAX)
      return error_set(error, ERROR_TOO_LARGE, "error.store.value", "Store a shorter text or file.",
                       "$%zu has %zu bytes", place + 1, value->text.length);
    prepared->values[place] = value->text.length ? value->text.at : "";
    prepared->lengths[place] = (int)value->text.length;
    return true;
  default:
    prepared->values[place] = prepared->numbers[place];
    return postgresql_encode(value, type, prepared->numbers[place], &prepared->lengths[place]) ||
           refuse_binding(prepared, place, value, error);
  }
}

static bool bind(struct postgresql_prepared *prepared, const struct store_value *bindings,
                 size_t count, struct error *error)
{
  if (count > (size_t)prepared->parameter_count)
    return fail_of_program("a binding for a parameter that is not in the text", prepared->sql,
                           error);
  if (count < (size_t)prepared->parameter_count)
    return fail_of_program("a parameter without a binding", prepared->sql, error);
  for (size_t i = 0; i < count; i++)
    if (!bind_one(prepared, i, &bindings[i], error)) return false;
  return true;
}

static bool send(struct store_connection *connection, struct postgresql_prepared *prepared,
                 struct error *error)
{
  if (postgresql_library.send(connection->handle, prepared->name, prepared->parameter_count,
                              prepared->values, prepared->lengths, prepared->formats, 1) == 1)
    return true;
  return fail_at(connection, NULL, prepared->sql, error);
}

/* --- Running ------------------------------------------------------------------------------- */

bool postgresql_execute(struct store_connection *connection, const char *sql,
                        const struct store_value *bindings, size_t count, int64_t *changed,
                        struct error *error)
{
  struct postgresql_prepared *prepared = take(connection, sql, error);
  if (!prepared) return false;
  if (prepared->column_count != 0)
    return fail_of_program("a statement that gives rows was executed, not queried", sql, error);
  if (!bind(prepared, bindings, count, error) || !send(connection, prepared, error)) return false;
  PGresult *result = answer_of(connection);
  bool good = PQresultStatus(result) == PGRES_COMMAND_OK || fail_at(connection, result, sql, error);
  if (good && !text_read_integer(text_from(PQcmdTuples(result)), changed)) *changed = 0;
  PQclear(result);
  return good;
}

/* The server has said all: its last answer was `result`. */
static bool end_walk(struct store_statement *statement, PGresult *result, struct error *error)
{
  struct store_connection *connection = statement->connection;
  bool good = PQresultStatus(result) == PGRES_TUPLES_OK ||
              fail_at(connection, result, statement->prepared->sql, error);
  PQclear(result);
  PQclear(answer_of(connection));
  connection->walked = NULL;
  statement->has_ended = true;
  return good;
}

/* Fetch the next row from the server into `*row`; NULL there at the end. */
static bool fetch(struct store_statement *statement, PGresult **row, struct error *error)
{
  *row = NULL;
  PGresult *result = postgresql_library.result(statement->connection->handle);
  if (PQresultStatus(result) != PGRES_SINGLE_TUPLE) return end_walk(statement, result, error);
  *row = result;
  return true;
}

bool postgresql_query(struct store_connection *connection, struct store_statement **out,
                      const char *sql, const struct store_value *bindings, size_t count,
                      struct error *error)
{
  struct postgresql_prepared *prepared = take(connection, sql, error);
  if (!prepared) return false;
  if (prepared->column_count == 0)
    return fail_of_program("a statement that gives no rows was queried, not executed", sql, error);
  if (!bind(prepared, bindings, count, error) || !send(connection, prepared, error)) return false;
  if (postgresql_library.go_row_by_row(connection->handle) != 1) {
    fail_at(connection, NULL, sql, error);
    PQclear(answer_of(connection));
    return false;
  }
  struct store_statement *statement = memory_allocate_zero(1, sizeof *statement);
  statement->connection = connection;
  statement->prepared = prepared;
  statement->cells = memory_allocate_zero((size_t)prepared->column_count, sizeof *statement->cells);
  prepared->uses++;
  connection->walked = statement;
  if (!fetch(statement, &statement->ahead, error)) {
    postgresql_statement_close(statement);
    return false;
  }
  *out = statement;
  return true;
}

/* --- Rows kept behind ---------------------------------------------------------------------- */

static bool keep_row(struct store_statement *statement, const PGresult *row, struct error *error)
{
  size_t needed = statement->behind_length;
  const int columns = statement->prepared->column_count;
  for (int i = 0; i < columns; i++) needed += sizeof(int) + (size_t)PQgetlength(row, 0, i);
  if (needed > LIMIT_STORE_ROWS_BEHIND)
    return fail_of_program("too many rows are left while another statement begins",
                           statement->prepared->sql, error);
  if (needed > statement->behind_size) {
    statement->behind_size = 2 * needed;
    statement->behind = memory_resize(statement->behind, statement->behind_size);
  }
  for (int i = 0; i < columns; i++) {
    int length = PQgetisnull(row, 0, i) ? -1 : PQgetlength(row, 0, i);
    memcpy(statement->behind + statement->behind_length, &length, sizeof length);
    statement->behind_length += sizeof length;
    if (length > 0)
      memcpy(statement->behind + statement->behind_length, PQgetvalue(row, 0, i), (size_t)length);
    statement->behind_length += length > 0 ? (size_t)length : 0;
  }
  return true;
}

bool postgresql_settle(struct store_connection *connection, struct error *error)
{
  struct store_statement *statement = connection->walked;
  if (!statement) return true;
  PGresult *row = statement->ahead;
  statement->ahead = NULL;
  bool good = true;
  while (good && (row || !statement->has_ended)) {
    if (row) good = keep_row(statement, row, error);
    PQclear(row);
    row = NULL;
    if (good && !statement->has_ended) good = fetch(statement, &row, error);
  }
  return good;
}

/* Make the cells those of the next row kept. */
static void read_behind(struct store_statement *statement)
{
  for (int i = 0; i < statement->prepared->column_count; i++) {
    struct postgresql_cell *cell = &statement->cells[i];
    memcpy(&cell->length, statement->behind + statement->behind_at, sizeof cell->length);
    statement->behind_at += sizeof cell->length;
    cell->at = cell->length < 0 ? NULL : statement->behind + statement->behind_at;
    if (cell->length > 0) statement->behind_at += (size_t)cell->length;
  }
}

static void read_row(struct store_statement *statement)
{
  for (int i = 0; i < statement->prepared->column_count; i++)
    statement->cells[i] = (struct postgresql_cell){
        PQgetisnull(statement->row, 0, i) ? NULL : PQgetvalue(statement->row, 0, i),
        PQgetlength(statement->row, 0, i)};
}

bool postgresql_next(struct store_statement *statement, bool *more, struct error *error)
{
  PQclear(statement->row);
  statement->row = statement->ahead;
  statement->ahead = NULL;
  if (!statement->row && statement->behind_at < statement->behind_length) {
    read_behind(statement);
    *more = true;
    return true;
  }
  if (!statement->row && !statement->has_ended && !fetch(statement, &statement->row, error))
    return false;
  *more = statement->row != NULL;
  if (*more) read_row(statement);
  return true;
}

/* Read past the rows that are left: stopping the server would undo the transaction. One that fails
 * among them fails the transaction, which the commit will find. */
static void pass_by(struct store_statement *statement)
{
  struct store_connection *connection = statement->connection;
  struct error why = {0};
  PGresult *row = NULL;
  while (!statement->has_ended && fetch(statement, &row, &why)) PQclear(row);
  connection->walked = NULL;
}

void postgresql_statement_close(struct store_statement *statement)
{
  struct store_connection *connection = statement->connection;
  struct postgresql_prepared *prepared = statement->prepared;
  if (connection->walked == statement) pass_by(statement);
  PQclear(statement->row);
  PQclear(statement->ahead);
  free(statement->behind);
  free(statement->cells);
  free(statement);
  if (--prepared->uses == 0 && prepared->is_forgotten) prepared_free(prepared);
}

/* --- Columns ------------------------------------------------------------------------------- */

int postgresql_column_count(const struct store_statement *statement)
{
  return statement->prepared->column_count;
}

enum store_kind postgresql_column_kind(const struct store_statement *statement, int column)
{
  return postgresql_cell_kind(statement->cells[column], statement->prepared->column_types[column]);
}

int64_t postgresql_column_integer(const struct store_statement *statement, int column)
{
  return postgresql_cell_integer(statement->cells[column],
                                 statement->prepared->column_types[column]);
}

double postgresql_column_decimal(const struct store_statement *statement, int column)
{
  return postgresql_cell_decimal(statement->cells[column],
                                 statement->prepared->column_types[column]);
}

struct text postgresql_column_slice(const struct store_statement *statement, int column)
{
  struct postgresql_cell cell = statement->cells[column];
  return cell.length > 0 ? (struct text){cell.at, (size_t)cell.length} : TEXT("");
}
