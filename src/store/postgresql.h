/*
 * The PostgreSQL engine's files share this: a connection, its prepared statements, libpq's calls
 * that can fail, and one way to turn the server's answers into errors. Private to postgresql*.c and
 * to the tests that let those calls fail.
 * Threads: a connection is used by one thread at a time; `postgresql_library` is changed by tests
 * alone, before a store is opened.
 */
#ifndef FAIRLEAD_STORE_POSTGRESQL_H
#define FAIRLEAD_STORE_POSTGRESQL_H

#include <libpq-fe.h>

#include "store/engine.h"

enum { POSTGRESQL_BUCKETS = 128 };

/* libpq's calls that can fail, so that a test can let each fail in turn. */
struct postgresql_library {
  PGconn *(*connect)(const char *const *keywords, const char *const *values, int expand);
  PGresult *(*run)(PGconn *handle, const char *sql);
  PGresult *(*ask)(PGconn *handle, const char *sql, int count, const Oid *types,
                   const char *const *values, const int *lengths, const int *formats, int format);
  PGresult *(*prepare)(PGconn *handle, const char *name, const char *sql, int count,
                       const Oid *types);
  PGresult *(*describe)(PGconn *handle, const char *name);
  int (*send)(PGconn *handle, const char *name, int count, const char *const *values,
              const int *lengths, const int *formats, int format);
  int (*go_row_by_row)(PGconn *handle);
  PGresult *(*result)(PGconn *handle);
};
extern struct postgresql_library postgresql_library;

/* --- Values -------------------------------------------------------------------------------- */

/* A cell of a row in PostgreSQL's binary form; `at` NULL: NULL. */
struct postgresql_cell {
  const char *at;
  int length;
};

/* Write an integer or a decimal as the server takes a parameter of type `type`. `*bytes` holds
 * eight. False: the type takes no such value. */
bool postgresql_encode(const struct store_value *value, Oid type, char *bytes, int *length);
/* Can a parameter be of this type, and be bound to this kind of value? */
bool postgresql_type_takes(Oid type, enum store_kind kind);
/* Can a column be of this type? */
bool postgresql_type_is_read(Oid type);
/* The type's name in an error; one that is not known has a number there. */
const char *postgresql_type_name(Oid oid);
enum store_kind postgresql_cell_kind(struct postgresql_cell cell, Oid oid);
int64_t postgresql_cell_integer(struct postgresql_cell cell, Oid oid);
double postgresql_cell_decimal(struct postgresql_cell cell, Oid oid);

/* --- Statements ---------------------------------------------------------------------------- */

/* A statement that the server has prepared, kept by the address of its text. */
struct postgresql_prepared {
  char name[16];
  const char *sql;
  char *copy; /* what `sql` held: a literal never changes */
  int parameter_count, column_count;
  Oid *parameter_types, *column_types;
  char (*numbers)[8]; /* parameters in binary form while one is sent, and what libpq wants */
  const char **values;
  int *lengths, *formats;
  size_t uses;       /* open queries of it */
  bool is_forgotten; /* the server has it no more; freed after the last use */
  struct postgresql_prepared *next;
};

/* An open query. Its rows come from the server one by one; when another statement must run first,
 * those that are left are kept behind in memory. */
struct store_statement {
  struct store_connection *connection;
  struct postgresql_prepared *prepared;
  PGresult *row, *ahead; /* the present row; the one that `query` fetched */
  char *behind;          /* rows kept: for each cell a length (-1: NULL), and its bytes */
  size_t behind_length, behind_size, behind_at;
  bool has_ended; /* the server has no more rows of it */
  struct postgresql_cell *cells;
};

struct store_connection {
  PGconn *handle;
  enum store_mode mode;
  bool is_again; /* the last failure was another transaction's doing */
  bool is_stale; /* leads to a server that takes no writes any more: close it */
  struct postgresql_prepared *statements[POSTGRESQL_BUCKETS];
  size_t kept;
  unsigned next_name;
  struct store_statement *walked; /* whose rows the server is sending */
  struct store_connection *next;  /* in the list of idle ones */
};

/* Turn an answer of the server (NULL: none came) into an error; `doing` says what was tried. Notes
 * in the connection whether the transaction may be run again. Answers false. */
bool postgresql_fail(struct store_connection *connection, const PGresult *result, const char *doing,
                     struct error *error);
/* Run statements of the engine's own that give no rows. */
bool postgresql_run(struct store_connection *connection, const char *sql, struct error *error);
/* Forget every prepared statement; with `tell`, the server is told to. */
bool postgresql_forget_statements(struct store_connection *connection, bool tell,
                                  struct error *error);
/* Keep the rows that the server is still sending, so that it hears another statement. */
bool postgresql_settle(struct store_connection *connection, struct error *error);
/* May a statement of the program begin so? Transactions and settings are the engine's. Answers the
 * word that may not, or an empty text. */
struct text postgresql_word_refused(struct text sql);

bool postgresql_execute(struct store_connection *connection, const char *sql,
                        const struct store_value *bindings, size_t count, int64_t *changed,
                        struct error *error);
bool postgresql_query(struct store_connection *connection, struct store_statement **out,
                      const char *sql, const struct store_value *bindings, size_t count,
                      struct error *error);
bool postgresql_next(struct store_statement *statement, bool *more, struct error *error);
void postgresql_statement_close(struct store_statement *statement);
int postgresql_column_count(const struct store_statement *statement);
enum store_kind postgresql_column_kind(const struct store_statement *statement, int column);
int64_t postgresql_column_integer(const struct store_statement *statement, int column);
double postgresql_column_decimal(const struct store_statement *statement, int column);
struct text postgresql_column_slice(const struct store_statement *statement, int column);

/* --- The schema ---------------------------------------------------------------------------- */

bool postgresql_script(struct store_connection *connection, struct text sql, struct error *error);
bool postgresql_table_exists(struct store_connection *connection, const char *name, bool *out,
                             struct error *error);
bool postgresql_schema_check(struct store_connection *connection, struct error *error);

#endif
