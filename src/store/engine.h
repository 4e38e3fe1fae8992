/*
 * engine: what a database must do to stand behind store.h. Private to the room.
 *
 * An engine knows connections, transactions and statements; it knows nothing of nesting, of
 * transactions that have failed, or of migrations: store.c and migrate.c keep those for all
 * engines. Each engine defines the three opaque structs in its own files. Threads: any thread may
 * call `begin`; the connection it gives belongs to that thread until `commit` or `rollback`.
 */
#ifndef FAIRLEAD_STORE_ENGINE_H
#define FAIRLEAD_STORE_ENGINE_H

#include "store/store.h"

struct store_database;
struct store_connection;
struct store_statement;

struct store_engine {
  const char *name; /* as in a migration's "-- name:" line */
  bool (*open)(struct store_database **out, const char *address, struct error *error);
  /* No transaction may be open. */
  void (*close)(struct store_database *database);

  /* Wait for a free connection and begin: a write at once holds the right to write, a read at once
   * pins its snapshot. */
  bool (*begin)(struct store_database *database, bool writes, struct store_connection **out,
                struct error *error);
  /* End the transaction and give the connection back, whatever happens. On true it is on disk; on
   * false it was rolled back, as far as the disk obeys. All statements must be closed. */
  bool (*commit)(struct store_database *database, struct store_connection *connection,
                 struct error *error);
  void (*rollback)(struct store_database *database, struct store_connection *connection);

  /* Run a statement without rows. Refuses a binding that the text does not use or lacks. */
  bool (*execute)(struct store_connection *connection, const char *sql,
                  const struct store_value *bindings, size_t count, int64_t *changed,
                  struct error *error);
  /* Run a statement with rows. Its effects have happened when this returns; rows may come later. */
  bool (*query)(struct store_connection *connection, struct store_statement **out, const char *sql,
                const struct store_value *bindings, size_t count, struct error *error);
  bool (*next)(struct store_statement *statement, bool *more, struct error *error);
  void (*statement_close)(struct store_statement *statement);

  int (*column_count)(const struct store_statement *statement);
  /* The kind of the present row's column. */
  enum store_kind (*column_kind)(const struct store_statement *statement, int column);
  /* Valid when the kind fits; `decimal` also takes an integer. */
  int64_t (*column_integer)(const struct store_statement *statement, int column);
  double (*column_decimal)(const struct store_statement *statement, int column);
  struct text (*column_slice)(const struct store_statement *statement, int column);

  /* Run several statements without bindings; an error names the line of `sql`. */
  bool (*script)(struct store_connection *connection, struct text sql, struct error *error);
  bool (*table_exists)(struct store_connection *connection, const char *name, bool *out,
                       struct error *error);
  /* Check that every column has a portable type and every key column is NOT NULL. */
  bool (*schema_check)(struct store_connection *connection, struct error *error);
};

extern const struct store_engine store_engine_sqlite;

/* The parts of a transaction that migrate.c needs. */
const struct store_engine *store_transaction_engine(const struct store_transaction *transaction);
struct store_connection *store_transaction_connection(struct store_transaction *transaction);

#endif
