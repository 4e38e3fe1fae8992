/*
 * The SQLite engine's two files share this: a connection, its kept statements, and one way to turn
 * SQLite's result codes into errors. Private to sqlite.c and sqlite_statement.c.
 * Threads: a connection is used by one thread at a time.
 */
#ifndef FAIRLEAD_STORE_SQLITE_H
#define FAIRLEAD_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/engine.h"

enum { SQLITE_BUCKETS = 128 };

/* A prepared statement, kept by the address of its text. One text can be open twice at once (a
 * query within the loop of the same query): then it is kept twice. */
struct store_statement {
  struct store_connection *connection;
  sqlite3_stmt *handle;
  const char *sql;
  bool is_open;
  int first_step; /* result of the step that `query` made ahead; 0 once it was handed out */
  struct store_statement *next;
};

struct store_connection {
  sqlite3 *handle;
  struct store_statement *statements[SQLITE_BUCKETS];
  size_t kept;
  bool writes;
  bool is_trusted; /* while the engine itself speaks: BEGIN, COMMIT and PRAGMA are allowed */
  struct store_connection *next; /* in the list of idle readers */
};

/* Turn `code` into an error; `doing` says what was tried. Answers false. */
bool sqlite_fail(struct store_connection *connection, int code, const char *doing,
                 struct error *error);
/* Run one statement of the engine's own, BEGIN or a PRAGMA; its rows are passed over. */
bool sqlite_run(struct store_connection *connection, const char *sql, struct error *error);
/* Finalize every kept statement; with `all` false, those that are not open. */
void sqlite_forget_statements(struct store_connection *connection, bool all);

bool sqlite_execute(struct store_connection *connection, const char *sql,
                    const struct store_value *bindings, size_t count, int64_t *changed,
                    struct error *error);
bool sqlite_query(struct store_connection *connection, struct store_statement **out,
                  const char *sql, const struct store_value *bindings, size_t count,
                  struct error *error);
bool sqlite_next(struct store_statement *statement, bool *more, struct error *error);
void sqlite_statement_close(struct store_statement *statement);
int sqlite_column_count_get(const struct store_statement *statement);
enum store_kind sqlite_column_kind(const struct store_statement *statement, int column);
int64_t sqlite_column_integer(const struct store_statement *statement, int column);
double sqlite_column_decimal(const struct store_statement *statement, int column);
struct text sqlite_column_slice(const struct store_statement *statement, int column);
bool sqlite_script(struct store_connection *connection, struct text sql, struct error *error);
bool sqlite_table_exists(struct store_connection *connection, const char *name, bool *out,
                         struct error *error);
bool sqlite_schema_check(struct store_connection *connection, struct error *error);

#endif
