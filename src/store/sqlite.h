/*
 * The SQLite engine's files share this: a database, a connection, its kept statements, and one way
 * to turn SQLite's result codes into errors. Private to sqlite*.c.
 * Threads: a connection is used by one thread at a time.
 */
#ifndef FAIRLEAD_STORE_SQLITE_H
#define FAIRLEAD_STORE_SQLITE_H

#include <pthread.h>
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

/* Statements of the engine's own that every write runs. */
enum sqlite_kept { KEPT_BEGIN, KEPT_COMMIT, KEPT_SAVEPOINT, KEPT_RELEASE, KEPT_COUNT };

struct store_connection {
  sqlite3 *handle;
  struct store_statement *statements[SQLITE_BUCKETS];
  size_t kept;
  sqlite3_stmt *own[KEPT_COUNT];
  bool writes;
  bool is_trusted;     /* while the engine itself speaks: BEGIN, COMMIT and PRAGMA are allowed */
  int64_t waits_until; /* for another process; monotonic microseconds */
  struct store_connection *next; /* in the list of idle readers */
};

/* A thread that waits: in the queue for its turn to write, or in a group for the commit. */
struct sqlite_ticket {
  struct sqlite_ticket *next;
  _Atomic uint32_t is_called; /* what the thread sleeps on */
  bool goes_alone;            /* shares its transaction with nobody */
  enum store_ending ending;   /* of the commit, and why; there when it is called */
  struct error error;
};

struct store_database {
  char *path;
  pthread_mutex_t lock; /* guards all but the group */
  pthread_cond_t reader_is_free;
  struct store_connection *idle_readers;
  size_t reader_count;         /* idle and taken */
  _Atomic uint64_t commits;    /* of writes */
  bool is_writing;             /* a thread has the turn to write */
  struct sqlite_ticket *queue; /* for the turn, oldest first */
  struct sqlite_ticket **queue_end;
  struct store_connection *writer; /* NULL: to be opened again; its user has the turn */
  struct sqlite_group {            /* whoever has the turn */
    struct sqlite_ticket *kept;    /* functions that are done and wait for the commit */
    size_t count;
    bool is_open;    /* a transaction is open */
    bool goes_alone; /* nobody else may come into it */
    bool is_behind_savepoint;
    int64_t begun; /* monotonic microseconds */
  } group;
};

bool sqlite_connection_open(struct store_connection **out, const char *path, bool writes,
                            struct error *error);
void sqlite_connection_close(struct store_connection *connection);

/* Writing (sqlite_write.c). */
void sqlite_queue_init(struct store_database *database);
bool sqlite_write_begin(struct store_database *database, bool goes_alone,
                        struct store_connection **out, struct error *error);
enum store_ending sqlite_write_commit(struct store_database *database,
                                      struct store_connection *connection, struct error *error);
enum store_ending sqlite_write_rollback(struct store_database *database,
                                        struct store_connection *connection);

/* Take the writing connection without a transaction, and give it back. */
bool sqlite_turn_take(struct store_database *database, struct store_connection **out,
                      struct error *error);
void sqlite_turn_give(struct store_database *database);

/* Turn `code` into an error; `doing` says what was tried. Answers false. */
bool sqlite_fail(struct store_connection *connection, int code, const char *doing,
                 struct error *error);
/* Run one statement of the engine's own, BEGIN or a PRAGMA; its rows are passed over. */
bool sqlite_run(struct store_connection *connection, const char *sql, struct error *error);
/* The same for the few that every write runs: `which` is its place among those kept. */
bool sqlite_run_kept(struct store_connection *connection, enum sqlite_kept which,
                     struct error *error);
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
