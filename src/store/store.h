/*
 * store: the database behind one small interface that fits SQLite and PostgreSQL alike.
 *
 * A write is a function given to store_write(): it runs in one serializable transaction, has no
 * effect outside the store, and may be run again (group commit, a retry after 40001); so it must
 * not count, print or keep anything of a run that did not commit. A read is a snapshot: everything
 * inside one store_read() sees one state. Expected conflicts use ON CONFLICT, never a caught error.
 *
 * SQL is a string literal with $1, $2, … and the portable types BIGINT, TEXT, BYTEA and
 * DOUBLE PRECISION; text sorts by bytes. What store_write() acknowledged survives a crash.
 * LIKE, dates and types of one engine are not portable: see docs/store.md.
 * Threads: a store may be shared; transactions and cursors belong to the thread that got them.
 */
#ifndef FAIRLEAD_STORE_STORE_H
#define FAIRLEAD_STORE_STORE_H

#include "base/base.h"

struct store;
struct store_transaction;

/* --- Opening ------------------------------------------------------------------------------- */

/* Open the database named by `address`: a file path (SQLite: WAL, synchronous=FULL, busy timeout),
 * made if absent, in a folder that exists; or "postgresql://…" (libpq's form, several hosts and
 * target_session_attrs included), a database that exists, sorts by bytes and is of version 15 or
 * later. Does not migrate. */
bool store_open(struct store **out, const char *address, struct error *error);
/* No transaction may be open. NULL is fine. */
void store_close(struct store *store);
/* Bring the schema up to date with the files NNN-name.sql of `folder`, numbered from 001 without a
 * gap, those of folders below it passed over; each runs once, in its own transaction, and its
 * SHA-256 is kept: an applied file that was changed is an error, and so is a database that is newer
 * than the program. Lines "-- sqlite:",
 * "-- postgresql:" and "-- all:" begin parts for one engine or for all. A column of another type
 * than the portable ones, or a key column without NOT NULL, is refused. Several processes may
 * start at once. */
bool store_migrate(struct store *store, const char *folder, struct error *error);

/* The same up to migration number `last` alone, as a restore needs it. */
bool store_migrate_to(struct store *store, const char *folder, int64_t last, struct error *error);
/* The SHA-256 of each migration of the folder, in order, in the arena: lower-case hexadecimal. */
bool store_migrations_list(const char *folder, struct arena *arena, struct text **hashes,
                           size_t *count, struct error *error);

/* --- Transactions -------------------------------------------------------------------------- */

typedef bool store_function(struct store_transaction *transaction, void *context,
                            struct error *error);
/* Run `function` and commit when it answers true; roll back otherwise. On return true the change
 * is on disk. On false it is rolled back; only when the disk fails during the commit itself may it
 * come back after a crash, and only when a server's answer to the commit was lost
 * (error.store.unknown) may it be there. A statement that failed fails the transaction, whatever
 * `function` answers. Waits at most LIMIT_STORE_WAIT_SECONDS for other writers, then ERROR_BUSY.
 * Refused within a transaction of the same store. */
bool store_write(struct store *store, store_function *function, void *context, struct error *error);
/* Run `function` on one snapshot. Writing inside is an error. Refused within a transaction of the
 * same store. */
bool store_read(struct store *store, store_function *function, void *context, struct error *error);

/* Rewrite a table (a literal) so that the database's files hold nothing of it that was deleted or
 * overwritten before: for small databases of secrets. Refused within a transaction of the same
 * store; ERROR_BUSY when a reader stays. What a server keeps besides (its log, copies) is the
 * server's: docs/vault.md. */
bool store_scrub(struct store *store, const char *table, struct error *error);

/* --- Counters ------------------------------------------------------------------------------ */

/* Since the store was opened. */
struct store_statistics {
  uint64_t reads, writes; /* transactions that committed */
  uint64_t commits;       /* of writes, on disk: writers that share one are more than these */
  uint64_t again, failed; /* transactions run again for another's sake; that answered false */
  uint64_t running;       /* at this moment, those that wait for a connection among them */
};
void store_statistics_get(const struct store *store, struct store_statistics *out);

/* --- Statements ---------------------------------------------------------------------------- */

enum store_kind { STORE_NULL, STORE_INTEGER, STORE_TEXT, STORE_BYTES, STORE_DECIMAL };
struct store_value {
  enum store_kind kind;
  int64_t integer;
  double decimal;
  struct text text; /* STORE_TEXT and STORE_BYTES; borrowed until the call returns */
};
#define STORE_N(n) ((struct store_value){.kind = STORE_INTEGER, .integer = (int64_t)(n)})
#define STORE_T(t) ((struct store_value){.kind = STORE_TEXT, .text = (t)})
#define STORE_B(t) ((struct store_value){.kind = STORE_BYTES, .text = (t)})
#define STORE_D(d) ((struct store_value){.kind = STORE_DECIMAL, .decimal = (d)})
#define STORE_NONE ((struct store_value){.kind = STORE_NULL})
/* Bindings in the order of $1, $2, …: STORE_BIND(STORE_T(id), STORE_N(5)). */
#define STORE_BIND(...)                                                                            \
  (const struct store_value[]){__VA_ARGS__},                                                       \
      (sizeof((const struct store_value[]){__VA_ARGS__}) / sizeof(struct store_value))
#define STORE_BIND_NONE NULL, 0

/* Run a statement that gives no rows; `changed` (may be NULL) gets the number of rows changed.
 * `sql` must be a literal: statements are prepared once and kept by its address. Each binding must
 * be used and each parameter bound. Text must be UTF-8 without NUL, a decimal finite. */
bool store_execute(struct store_transaction *transaction, const char *sql,
                   const struct store_value *bindings, size_t count, int64_t *changed,
                   struct error *error);

struct store_cursor;
/* Start a query; a RETURNING has had its effect when this answers. At most LIMIT_STORE_CURSORS are
 * open in a transaction; those still open at its end are closed. Do not change the rows that an
 * open cursor walks. */
bool store_query(struct store_transaction *transaction, struct store_cursor **out, const char *sql,
                 const struct store_value *bindings, size_t count, struct error *error);
/* Go to the next row; `*more` false at the end. */
bool store_next(struct store_cursor *cursor, bool *more, struct error *error);
void store_cursor_close(struct store_cursor *cursor);
/* Columns of the present row, from 0. Text and bytes live until the next store_next(). NULL reads
 * as 0 or empty; another kind of value than asked for fails the transaction at its end (an integer
 * may be read as a decimal). */
bool store_column_is_null(const struct store_cursor *cursor, int column);
enum store_kind store_column_kind(const struct store_cursor *cursor, int column);
int64_t store_column_integer(const struct store_cursor *cursor, int column);
double store_column_decimal(const struct store_cursor *cursor, int column);
struct text store_column_text(const struct store_cursor *cursor, int column);
struct text store_column_bytes(const struct store_cursor *cursor, int column);

#endif
