/*
 * The SQLite engine's statements: kept, bound by name, stepped, read. It is not where connections
 * and transactions are made (sqlite.c).
 *
 * Invariants: a statement that is not open is reset and holds no bindings. Every result code is
 * looked at. SQLite numbers `$1` by first appearance, so a binding goes by its name, never by its
 * place.
 */
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Errors -------------------------------------------------------------------------------- */

static const struct failure {
  int code; /* SQLite's primary result code */
  enum error_kind kind;
  const char *person, *hint;
} failures[] = {
    {SQLITE_BUSY, ERROR_BUSY, "error.store.busy",
     "Another process is writing: wait for it to end, then try again."},
    {SQLITE_LOCKED, ERROR_BUSY, "error.store.busy",
     "Another process is writing: wait for it to end, then try again."},
    {SQLITE_FULL, ERROR_SYSTEM, "error.store.full",
     "The disk is full: make room on it. Nothing that was confirmed is lost."},
    {SQLITE_IOERR, ERROR_SYSTEM, "error.store.failed",
     "The disk failed: look at the system's log and at the room on the disk. Nothing that was "
     "confirmed is lost."},
    {SQLITE_CORRUPT, ERROR_SYSTEM, "error.store.damaged",
     "The database is damaged: stop the program, keep a copy of the file, restore a backup."},
    {SQLITE_NOTADB, ERROR_SYSTEM, "error.store.damaged",
     "The file is no database of this program: name another, or restore a backup."},
    {SQLITE_CONSTRAINT, ERROR_CONFLICT, "error.store.conflict",
     "The change breaks a rule of the database: load the record again and repeat the change."},
    {SQLITE_READONLY, ERROR_SYSTEM, "error.store.failed",
     "Check that the program may write to the file and its folder; a write within a read is a "
     "fault of the program."},
    {SQLITE_PERM, ERROR_SYSTEM, "error.store.failed",
     "Check that the program may read and write the file and its folder."},
    {SQLITE_CANTOPEN, ERROR_SYSTEM, "error.store.failed",
     "Check that the folder exists and that the program may write to it."},
    {SQLITE_NOMEM, ERROR_SYSTEM, "error.store.failed", "Give the machine more memory."},
    {SQLITE_TOOBIG, ERROR_TOO_LARGE, "error.store.value", "Store a shorter text or file."},
};

bool sqlite_fail(struct store_connection *connection, int code, const char *doing,
                 struct error *error)
{
  const char *why = sqlite3_errmsg(connection->handle);
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
    const struct failure *failure = &failures[i];
    if ((code & 0xFF) != failure->code) continue;
    return error_set(error, failure->kind, failure->person, failure->hint, "%s: %s (SQLite %d)",
                     doing, why, code);
  }
  return error_set(error, ERROR_SYSTEM, "error.store.failed",
                   "This is a fault of the program: report it.", "%s: %s (SQLite %d)", doing, why,
                   code);
}

static bool fail_of_program(const char *what, const char *sql, struct error *error)
{
  return error_set(error, ERROR_SYSTEM, "error.store.failed",
                   "This is a fault of the program: report it.", "%s: %.200s", what, sql);
}

/* The log's name for a statement: the beginning of its text, which never holds data. */
static bool fail_at(struct store_connection *connection, int code, const char *sql,
                    struct error *error)
{
  char doing[128];
  snprintf(doing, sizeof doing, "%.100s", sql);
  return sqlite_fail(connection, code, doing, error);
}

/* --- Kept statements ----------------------------------------------------------------------- */

static struct store_statement **bucket_of(struct store_connection *connection, const char *sql)
{
  uint64_t key = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15);
  return &connection->statements[(key >> 32) % SQLITE_BUCKETS];
}

void sqlite_forget_statements(struct store_connection *connection, bool all)
{
  for (size_t i = 0; i < SQLITE_BUCKETS; i++) {
    struct store_statement **link = &connection->statements[i];
    while (*link) {
      struct store_statement *statement = *link;
      if (statement->is_open && !all) {
        link = &statement->next;
        continue;
      }
      *link = statement->next;
      sqlite3_finalize(statement->handle); /* repeats the last step's result, already told */
      free(statement);
      connection->kept--;
    }
  }
}

static bool is_blank(const char *text)
{
  return text[strspn(text, " \t\r\n;")] == 0;
}

static struct store_statement *prepare(struct store_connection *connection, const char *sql,
                                       struct error *error)
{
  if (connection->kept >= LIMIT_STORE_STATEMENTS) sqlite_forget_statements(connection, false);
  sqlite3_stmt *handle = NULL;
  const char *tail = NULL;
  int code =
      sqlite3_prepare_v3(connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, &tail);
  if (code != SQLITE_OK) {
    fail_at(connection, code, sql, error);
    return NULL;
  }
  if (!handle || !is_blank(tail)) {
    sqlite3_finalize(handle); /* never stepped: cannot fail */
    fail_of_program("not exactly one statement", sql, error);
    return NULL;
  }
  struct store_statement *statement = memory_allocate_zero(1, sizeof *statement);
  struct store_statement **bucket = bucket_of(connection, sql);
  *statement = (struct store_statement){
      .connection = connection, .handle = handle, .sql = sql, .next = *bucket};
  *bucket = statement;
  connection->kept++;
  return statement;
}

/* Find a kept statement that is not open, or prepare one. NULL: it failed. */
static struct store_statement *take(struct store_connection *connection, const char *sql,
                                    struct error *error)
{
  for (struct store_statement *at = *bucket_of(connection, sql); at; at = at->next) {
    if (at->sql != sql || at->is_open) continue;
    if (strcmp(sqlite3_sql(at->handle), sql) == 0) return at;
    fail_of_program("SQL that is no literal", sql, error);
    return NULL;
  }
  return prepare(connection, sql, error);
}

/* Back to the state of a statement that is not open. */
static void put_back(struct store_statement *statement)
{
  sqlite3_reset(statement->handle); /* repeats the last step's result, already told */
  sqlite3_clear_bindings(statement->handle);
  statement->is_open = false;
}

/* --- Binding ------------------------------------------------------------------------------- */

static int bind_one(sqlite3_stmt *handle, int place, const struct store_value *value,
                    sqlite3_destructor_type keep)
{
  const char *at = value->text.length ? value->text.at : "";
  switch (value->kind) {
  case STORE_NULL:
    return sqlite3_bind_null(handle, place);
  case STORE_INTEGER:
    return sqlite3_bind_int64(handle, place, value->integer);
  case STORE_DECIMAL:
    return sqlite3_bind_double(handle, place, value->decimal);
  case STORE_TEXT:
    return sqlite3_bind_text64(handle, place, at, value->text.length, keep, SQLITE_UTF8);
  case STORE_BYTES:
    return sqlite3_bind_blob64(handle, place, at, value->text.length, keep);
  }
  return SQLITE_MISUSE;
}

/* Bind $1…$count by name. `keep` says whether SQLite copies text (a query outlives the call). */
static bool bind(struct store_statement *statement, const struct store_value *bindings,
                 size_t count, sqlite3_destructor_type keep, struct error *error)
{
  for (size_t i = 0; i < count; i++) {
    char name[24];
    snprintf(name, sizeof name, "$%zu", i + 1);
    int place = sqlite3_bind_parameter_index(statement->handle, name);
    if (place == 0) {
      char what[64];
      snprintf(what, sizeof what, "a binding for %s, which is not in the text", name);
      return fail_of_program(what, statement->sql, error);
    }
    int code = bind_one(statement->handle, place, &bindings[i], keep);
    if (code != SQLITE_OK) return fail_at(statement->connection, code, statement->sql, error);
  }
  if (sqlite3_bind_parameter_count(statement->handle) != (int)count)
    return fail_of_program("a parameter without a binding, or one not written $1, $2, …",
                           statement->sql, error);
  return true;
}

/* --- Running ------------------------------------------------------------------------------- */

bool sqlite_execute(struct store_connection *connection, const char *sql,
                    const struct store_value *bindings, size_t count, int64_t *changed,
                    struct error *error)
{
  struct store_statement *statement = take(connection, sql, error);
  if (!statement) return false;
  bool done = false;
  if (sqlite3_column_count(statement->handle) != 0) {
    fail_of_program("a statement that gives rows was executed, not queried", sql, error);
    goto out;
  }
  if (!bind(statement, bindings, count, SQLITE_STATIC, error)) goto out;
  int64_t before = sqlite3_total_changes64(connection->handle);
  int code = sqlite3_step(statement->handle);
  if (code != SQLITE_DONE) {
    fail_at(connection, code, sql, error);
    goto out;
  }
  /* SQLite's count stands from an earlier statement when this one, say CREATE TABLE, has none. */
  bool has_changed = sqlite3_total_changes64(connection->handle) != before;
  *changed = has_changed ? sqlite3_changes64(connection->handle) : 0;
  done = true;
out:
  put_back(statement);
  return done;
}

bool sqlite_query(struct store_connection *connection, struct store_statement **out,
                  const char *sql, const struct store_value *bindings, size_t count,
                  struct error *error)
{
  struct store_statement *statement = take(connection, sql, error);
  if (!statement) return false;
  bool done = false;
  if (sqlite3_column_count(statement->handle) == 0) {
    fail_of_program("a statement that gives no rows was queried, not executed", sql, error);
    goto out;
  }
  if (!bind(statement, bindings, count, SQLITE_TRANSIENT, error)) goto out;
  int code = sqlite3_step(statement->handle);
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    fail_at(connection, code, sql, error);
    goto out;
  }
  statement->first_step = code;
  statement->is_open = true;
  *out = statement;
  done = true;
out:
  if (!done) put_back(statement);
  return done;
}

bool sqlite_next(struct store_statement *statement, bool *more, struct error *error)
{
  int code = statement->first_step;
  if (code == SQLITE_ROW) statement->first_step = SQLITE_OK;
  if (code == SQLITE_OK) code = sqlite3_step(statement->handle);
  if (code == SQLITE_DONE) statement->first_step = SQLITE_DONE; /* stepping on would run it again */
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    return fail_at(statement->connection, code, statement->sql, error);
  *more = code == SQLITE_ROW;
  return true;
}

void sqlite_statement_close(struct store_statement *statement)
{
  put_back(statement);
}

/* --- Columns ------------------------------------------------------------------------------- */

int sqlite_column_count_get(const struct store_statement *statement)
{
  return sqlite3_column_count(statement->handle);
}

enum store_kind sqlite_column_kind(const struct store_statement *statement, int column)
{
  switch (sqlite3_column_type(statement->handle, column)) {
  case SQLITE_INTEGER:
    return STORE_INTEGER;
  case SQLITE_FLOAT:
    return STORE_DECIMAL;
  case SQLITE_TEXT:
    return STORE_TEXT;
  case SQLITE_BLOB:
    return STORE_BYTES;
  default:
    return STORE_NULL;
  }
}

int64_t sqlite_column_integer(const struct store_statement *statement, int column)
{
  return sqlite3_column_int64(statement->handle, column);
}

double sqlite_column_decimal(const struct store_statement *statement, int column)
{
  return sqlite3_column_double(statement->handle, column);
}

struct text sqlite_column_slice(const struct store_statement *statement, int column)
{
  /* The database's encoding is UTF-8, so a text needs no conversion and blob and text are alike. */
  const char *at = sqlite3_column_blob(statement->handle, column);
  int length = sqlite3_column_bytes(statement->handle, column);
  return at && length > 0 ? (struct text){at, (size_t)length} : TEXT("");
}

/* --- The engine's own statements and migrations -------------------------------------------- */

/* Prepare the first statement of `sql`, run it to its end, and move `*sql` behind it. */
static int run_next(struct store_connection *connection, const char **sql, const char *end)
{
  sqlite3_stmt *handle = NULL;
  int code = sqlite3_prepare_v2(connection->handle, *sql, (int)(end - *sql), &handle, sql);
  if (code != SQLITE_OK) return code;
  if (!handle) return SQLITE_OK; /* a comment or blank */
  do code = sqlite3_step(handle);
  while (code == SQLITE_ROW);
  int last = sqlite3_finalize(handle);
  return code == SQLITE_DONE ? last : code;
}

bool sqlite_run(struct store_connection *connection, const char *sql, struct error *error)
{
  const char *at = sql;
  connection->is_trusted = true;
  int code = run_next(connection, &at, sql + strlen(sql));
  connection->is_trusted = false;
  return code == SQLITE_OK || sqlite_fail(connection, code, sql, error);
}

/* SQLite asks the authorizer again when the schema has changed since: trust lasts through the step.
 */
bool sqlite_run_kept(struct store_connection *connection, enum sqlite_kept which,
                     struct error *error)
{
  static const char *const texts[] = {"BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT one", "RELEASE one"};
  sqlite3_stmt **own = &connection->own[which];
  int code = SQLITE_OK;
  connection->is_trusted = true;
  if (!*own)
    code = sqlite3_prepare_v3(connection->handle, texts[which], -1, SQLITE_PREPARE_PERSISTENT, own,
                              NULL);
  if (code == SQLITE_OK) code = sqlite3_step(*own);
  connection->is_trusted = false;
  bool good = code == SQLITE_DONE || sqlite_fail(connection, code, texts[which], error);
  if (*own) sqlite3_reset(*own); /* repeats the step's result, already told */
  return good;
}

bool sqlite_script(struct store_connection *connection, struct text sql, struct error *error)
{
  const char *at = sql.at, *end = sql.at + sql.length;
  while (at < end) {
    const char *begin = at;
    int code = run_next(connection, &at, end);
    if (code == SQLITE_OK) continue;
    int offset = sqlite3_error_offset(connection->handle);
    const char *wrong = offset >= 0 ? begin + offset : begin + strspn(begin, " \t\r\n");
    int line = 1;
    for (const char *c = sql.at; c < wrong && c < end; c++) line += *c == '\n';
    char doing[32];
    snprintf(doing, sizeof doing, "line %d", line);
    return sqlite_fail(connection, code, doing, error);
  }
  return true;
}

bool sqlite_table_exists(struct store_connection *connection, const char *name, bool *out,
                         struct error *error)
{
  struct store_statement *statement = NULL;
  const struct store_value value = STORE_T(text_from(name));
  bool more = false;
  if (!sqlite_query(connection, &statement,
                    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1", &value, 1,
                    error))
    return false;
  bool good = sqlite_next(statement, &more, error);
  sqlite_statement_close(statement);
  if (good) *out = more;
  return good;
}

bool sqlite_schema_check(struct store_connection *connection, struct error *error)
{
  struct store_statement *statement = NULL;
  bool more = false;
  connection->is_trusted = true;
  bool good = sqlite_query(
      connection, &statement,
      "SELECT t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
      " WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_'"
      " AND (upper(c.type) NOT IN ('BIGINT', 'TEXT', 'BYTEA', 'DOUBLE PRECISION')"
      "      OR (c.pk > 0 AND c.\"notnull\" = 0)) ORDER BY 1, 2 LIMIT 1",
      NULL, 0, error);
  if (good) good = sqlite_next(statement, &more, error);
  if (good && more) {
    struct text table = sqlite_column_slice(statement, 0),
                column = sqlite_column_slice(statement, 1),
                type = sqlite_column_slice(statement, 2);
    good = error_set(error, ERROR_REFUSED, "error.store.migration",
                     "Give the column one of the types BIGINT, TEXT, BYTEA and DOUBLE PRECISION, "
                     "and NOT NULL if it is part of the key.",
                     "column %.*s.%.*s %.*s is not portable", TEXT_PRINT(table), TEXT_PRINT(column),
                     TEXT_PRINT(type));
  }
  if (statement) sqlite_statement_close(statement);
  connection->is_trusted = false;
  return good;
}
