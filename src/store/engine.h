/*
 * engine: what a database must do to stand behind store.h. Private to the room.
 *
 * An engine knows connections, transactions and statements; it knows nothing of nesting, of
 * transactions that have failed, of running one again, or of migrations: store.c and migrate.c keep
 * those for all engines. Each engine defines the three opaque structs in its own files. Threads:
 * any thread may call `begin`; the connection it gives belongs to that thread until `commit` or
 * `rollback`.
 */
#ifndef FAIRLEAD_STORE_ENGINE_H
#define FAIRLEAD_STORE_ENGINE_H

#include "store/store.h"

struct store_database;
struct store_connection;
struct store_statement;

enum store_mode {
  STORE_READS,        /* one snapshot, pinned at once */
  STORE_WRITES,       /* serializable; known to be short, so that an engine may group several */
  STORE_WRITES_ALONE, /* serializable, and in nobody's company */
  STORE_MIGRATES      /* as that, and alone among all processes that migrate */
};

/* How a transaction ended. */
enum store_ending {
  STORE_COMMITTED,   /* it is on disk */
  STORE_ROLLED_BACK, /* nothing is kept, as far as the disk obeys */
  STORE_AGAIN        /* nothing is kept, by the doing of another transaction: run it again */
};

struct store_engine {
  const char *name; /* as in a migration's "-- name:" line */
  bool (*open)(struct store_database **out, const char *address, struct error *error);
  /* No transaction may be open. */
  void (*close)(struct store_database *database);

  /* Wait for a free connection and begin. `attempt` counts from 0 how often this transaction was
   * begun before: an engine may let a later one go alone. */
  bool (*begin)(struct store_database *database, enum store_mode mode, unsigned attempt,
                struct store_connection **out, struct error *error);
  /* End the transaction and give the connection back, whatever happens; `error` is set unless it
   * committed. All statements must be closed. */
  enum store_ending (*commit)(struct store_database *database, struct store_connection *connection,
                              struct error *error);
  /* The same without keeping anything: answers STORE_AGAIN when the statement that failed did so by
   * the doing of another transaction, and STORE_ROLLED_BACK otherwise. */
  enum store_ending (*rollback)(struct store_database *database,
                                struct store_connection *connection);

  /* Rewrite a table, or the whole database, so that the files hold nothing that was deleted. */
  bool (*scrub)(struct store_database *database, const char *table, struct error *error);

  /* Commits of writes since it was opened; NULL: one for each write. */
  uint64_t (*commits)(const struct store_database *database);

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

extern const struct store_engine store_engine_sqlite, store_engine_postgresql;

/* What migrate.c needs: a write that changes the schema, and the parts of a transaction. */
bool store_change_schema(struct store *store, store_function *function, void *context,
                         struct error *error);
const struct store_engine *store_transaction_engine(const struct store_transaction *transaction);
struct store_connection *store_transaction_connection(struct store_transaction *transaction);

#endif
