/*
 * The PostgreSQL engine's view of a schema: a migration's text cut into statements, so that an
 * error names its line; which statements may not run at all; what tables there are and whether they
 * are portable. It parses no SQL beyond where a statement ends.
 * Threads: those of the connection.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgresql.h"

/* --- Where a statement ends ---------------------------------------------------------------- */

static bool is_name(char c)
{
  return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool stands_at(struct text sql, size_t at, const char *what)
{
  size_t length = strlen(what);
  return sql.length - at >= length && memcmp(sql.at + at, what, length) == 0;
}

static size_t behind_line(struct text sql, size_t at)
{
  while (at < sql.length && sql.at[at] != '\n') at++;
  return at;
}

/* Behind a comment, which may hold others. */
static size_t behind_comment(struct text sql, size_t at)
{
  int depth = 0;
  while (at < sql.length) {
    if (stands_at(sql, at, "/*")) depth++, at += 2;
    else if (stands_at(sql, at, "*/")) {
      at += 2;
      if (--depth == 0) break;
    } else at++;
  }
  return at;
}

/* Behind 'text' or "name"; `escapes`: a backslash takes the next character with it (E'text'). */
static size_t behind_quoted(struct text sql, size_t at, bool escapes)
{
  char quote = sql.at[at++];
  while (at < sql.length && sql.at[at] != quote) at += escapes && sql.at[at] == '\\' ? 2 : 1;
  return at < sql.length ? at + 1 : sql.length; /* a doubled quote begins the next piece */
}

/* Behind $tag$ … $tag$; `at` + 1 when no such thing begins here ($1). */
static size_t behind_dollars(struct text sql, size_t at)
{
  size_t end = at + 1;
  while (end < sql.length && is_name(sql.at[end])) end++;
  if (end == sql.length || sql.at[end] != '$' || isdigit((unsigned char)sql.at[at + 1]))
    return at + 1;
  struct text tag = text_slice(sql, at, end + 1), rest = text_slice(sql, end + 1, sql.length);
  size_t found = text_find(rest, tag);
  return found == rest.length ? sql.length : end + 1 + found + tag.length;
}

/* Behind the thing that begins at `at`: a comment, a text, a name, a single sign. */
static size_t behind_piece(struct text sql, size_t at)
{
  char c = sql.at[at];
  if (stands_at(sql, at, "--")) return behind_line(sql, at);
  if (stands_at(sql, at, "/*")) return behind_comment(sql, at);
  if ((c == 'E' || c == 'e') && stands_at(sql, at + 1, "'"))
    return behind_quoted(sql, at + 1, true);
  if (c == '\'' || c == '"') return behind_quoted(sql, at, false);
  if (c == '$') return behind_dollars(sql, at);
  if (!is_name(c)) return at + 1;
  while (at < sql.length && (is_name(sql.at[at]) || sql.at[at] == '$')) at++;
  return at;
}

/* Where the first word of a statement begins, past blanks, comments and empty statements. */
static size_t begin_of(struct text sql, size_t at)
{
  while (at < sql.length) {
    if (stands_at(sql, at, "--") || stands_at(sql, at, "/*")) at = behind_piece(sql, at);
    else if (isspace((unsigned char)sql.at[at]) || sql.at[at] == ';') at++;
    else break;
  }
  return at;
}

static size_t end_of(struct text sql, size_t at)
{
  while (at < sql.length && sql.at[at] != ';') at = behind_piece(sql, at);
  return at < sql.length ? at + 1 : sql.length;
}

/* --- What may run -------------------------------------------------------------------------- */

struct text postgresql_word_refused(struct text sql)
{
  static const char *const taken[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH",   "VALUES",
                                      "CREATE", "ALTER",  "DROP",   "DO",     "COMMENT"};
  size_t begin = begin_of(sql, 0), end = begin;
  while (end < sql.length && is_name(sql.at[end])) end++;
  struct text word = text_slice(sql, begin, end);
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (text_equal_ignore_case(word, text_from(taken[i]))) return TEXT("");
  return text_is_empty(word) ? TEXT("an empty statement") : word;
}

/* --- Migrations ---------------------------------------------------------------------------- */

static int line_of(struct text sql, size_t at)
{
  int line = 1;
  for (size_t i = 0; i < at && i < sql.length; i++) line += sql.at[i] == '\n';
  return line;
}

/* The place in bytes that the server names in characters from 1; 0 when it names none. */
static size_t place_of(const PGresult *result, struct text statement)
{
  const char *field = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
  int64_t characters = 0;
  size_t at = 0;
  if (!field || !text_read_integer(text_from(field), &characters)) return 0;
  while (at < statement.length && characters > 0)
    if (((unsigned char)statement.at[at++] & 0xC0) != 0x80) characters--;
  return at > 0 ? at - 1 : 0;
}

static bool run_one(struct store_connection *connection, struct text sql, size_t begin, size_t end,
                    struct error *error)
{
  struct text statement = text_slice(sql, begin, end), refused = postgresql_word_refused(statement);
  if (!text_is_empty(refused))
    return error_set(error, ERROR_REFUSED, "error.store.migration",
                     "Leave transactions and settings to the program.",
                     "line %d: not authorized: %.*s", line_of(sql, begin), TEXT_PRINT(refused));
  char *copy = memory_allocate(statement.length + 1), doing[32];
  memcpy(copy, statement.at, statement.length);
  copy[statement.length] = 0;
  PGresult *result = postgresql_library.run(connection->handle, copy);
  ExecStatusType status = PQresultStatus(result);
  bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (!good) {
    snprintf(doing, sizeof doing, "line %d", line_of(sql, begin + place_of(result, statement)));
    postgresql_fail(connection, result, doing, error);
  }
  PQclear(result);
  free(copy);
  return good;
}

bool postgresql_script(struct store_connection *connection, struct text sql, struct error *error)
{
  if (!postgresql_settle(connection, error)) return false;
  for (size_t begin = begin_of(sql, 0); begin < sql.length;) {
    size_t end = end_of(sql, begin);
    if (!run_one(connection, sql, begin, end, error)) return false;
    begin = begin_of(sql, end);
  }
  return true;
}

/* --- What is there ------------------------------------------------------------------------- */

bool postgresql_table_exists(struct store_connection *connection, const char *name, bool *out,
                             struct error *error)
{
  struct store_statement *statement = NULL;
  const struct store_value value = STORE_T(text_from(name));
  bool more = false;
  if (!postgresql_query(connection, &statement,
                        "SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace ="
                        " CAST(current_schema() AS regnamespace) AND relkind IN ('r', 'p')"
                        " AND relname = $1",
                        &value, 1, error))
    return false;
  bool good = postgresql_next(statement, &more, error);
  postgresql_statement_close(statement);
  if (good) *out = more;
  return good;
}

bool postgresql_schema_check(struct store_connection *connection, struct error *error)
{
  struct store_statement *statement = NULL;
  bool more = false;
  if (!postgresql_query(
          connection, &statement,
          "SELECT t.relname, c.attname, format_type(c.atttypid, c.atttypmod)"
          " FROM pg_catalog.pg_class t JOIN pg_catalog.pg_attribute c ON c.attrelid = t.oid"
          " LEFT JOIN pg_catalog.pg_collation l ON l.oid = c.attcollation"
          " WHERE t.relnamespace = CAST(current_schema() AS regnamespace)"
          " AND t.relkind IN ('r', 'p') AND c.attnum > 0 AND NOT c.attisdropped"
          " AND (format_type(c.atttypid, c.atttypmod)"
          "      NOT IN ('bigint', 'text', 'bytea', 'double precision')"
          "      OR l.collname NOT IN ('default', 'C', 'POSIX'))"
          " ORDER BY 1, 2 LIMIT 1",
          NULL, 0, error))
    return false;
  bool good = postgresql_next(statement, &more, error);
  if (good && more) {
    struct text table = postgresql_column_slice(statement, 0),
                column = postgresql_column_slice(statement, 1),
                type = postgresql_column_slice(statement, 2);
    good = error_set(error, ERROR_REFUSED, "error.store.migration",
                     "Give the column one of the types BIGINT, TEXT, BYTEA and DOUBLE PRECISION, "
                     "and no collation.",
                     "column %.*s.%.*s %.*s is not portable", TEXT_PRINT(table), TEXT_PRINT(column),
                     TEXT_PRINT(type));
  }
  postgresql_statement_close(statement);
  return good;
}
