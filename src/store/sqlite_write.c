/*
 * Writers of one SQLite file: they take turns, and those that stand in line share a commit, which
 * is what takes time (group commit). It is not where statements run (sqlite_statement.c).
 *
 * One thread at a time has the turn, and with it the writing connection and the group. It runs its
 * own function, then looks behind: does somebody wait who may come along, and is the group neither
 * full nor old, it hands the turn on within the open transaction and waits for the commit;
 * otherwise it commits for all and hands the turn on after that. So a writer without company
 * commits at once, and a line that forms while a commit lasts becomes the next group.
 *
 * The first of a group rolls back by ROLLBACK, since nobody came before it. Each later one runs
 * behind a savepoint, and leaves no trace when it fails. A deferred foreign key is checked when the
 * function is done, so that it does not fail the commit of all. When SQLite undoes the whole
 * transaction within one function (a full disk), those before it are run again, each alone; when
 * the commit itself fails, all are told so.
 *
 * Threads: `lock` guards the turn and the queue, a ticket's lock what is told to it. The group
 * belongs to whoever has the turn. Waiting for the turn ends after LIMIT_STORE_WAIT_SECONDS.
 */
#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "store/sqlite.h"

/* --- Tickets ------------------------------------------------------------------------------- */

static void ticket_init(struct sqlite_ticket *ticket, bool goes_alone)
{
  ticket->next = NULL;
  ticket->is_called = 0;
  ticket->goes_alone = goes_alone;
}

/* Wake the ticket's thread, which sleeps on a futex: a condition with its lock would wake it twice.
 * The ticket may be gone before the system hears of it, which then wakes nobody. */
static void call(struct sqlite_ticket *ticket)
{
  atomic_store(&ticket->is_called, 1);
  syscall(SYS_futex, &ticket->is_called, FUTEX_WAKE_PRIVATE, 1);
}

/* Wait until called; false: not before the deadline (monotonic; NULL: none). */
static bool wait_for_call(struct sqlite_ticket *ticket, const struct timespec *deadline)
{
  while (!atomic_load(&ticket->is_called))
    if (syscall(SYS_futex, &ticket->is_called, FUTEX_WAIT_BITSET_PRIVATE, 0, deadline, NULL,
                FUTEX_BITSET_MATCH_ANY) != 0 &&
        errno == ETIMEDOUT)
      return false;
  return true;
}

/* --- The turn ------------------------------------------------------------------------------ */

void sqlite_queue_init(struct store_database *database)
{
  database->queue_end = &database->queue;
  pthread_mutex_init(&database->lock, NULL);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&database->reader_is_free, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

/* Take the oldest out of the queue. The lock is held. */
static struct sqlite_ticket *call_next(struct store_database *database)
{
  struct sqlite_ticket *next = database->queue;
  database->queue = next->next;
  if (!database->queue) database->queue_end = &database->queue;
  next->next = NULL;
  return next;
}

/* Leave the queue. False: the turn has been given meanwhile. */
static bool leave(struct store_database *database, struct sqlite_ticket *ticket)
{
  struct sqlite_ticket **link = &database->queue;
  pthread_mutex_lock(&database->lock);
  while (*link && *link != ticket) link = &(*link)->next;
  bool was_there = *link != NULL;
  if (was_there) {
    *link = ticket->next;
    if (!*link) database->queue_end = link;
  }
  pthread_mutex_unlock(&database->lock);
  return was_there;
}

static bool take_turn(struct store_database *database, bool goes_alone, struct error *error)
{
  struct sqlite_ticket ticket;
  struct timespec deadline;
  pthread_mutex_lock(&database->lock);
  bool is_free = !database->is_writing;
  database->is_writing = true;
  if (!is_free) {
    ticket_init(&ticket, goes_alone);
    *database->queue_end = &ticket;
    // cppcheck-suppress autoVariables ; it is out of the queue before this answers
    database->queue_end = &ticket.next;
  }
  pthread_mutex_unlock(&database->lock);
  if (is_free) return true;
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec += LIMIT_STORE_WAIT_SECONDS;
  bool is_mine = wait_for_call(&ticket, &deadline);
  if (!is_mine && !leave(database, &ticket)) is_mine = wait_for_call(&ticket, NULL);
  if (is_mine) return true;
  return error_set(error, ERROR_BUSY, "error.store.busy", "Try again in a moment.",
                   "no turn to write for %d seconds", LIMIT_STORE_WAIT_SECONDS);
}

/* Give the turn to the next in line, if there is one. */
static void give_turn(struct store_database *database)
{
  pthread_mutex_lock(&database->lock);
  struct sqlite_ticket *next = database->queue ? call_next(database) : NULL;
  if (!next) database->is_writing = false;
  pthread_mutex_unlock(&database->lock);
  if (next) call(next);
}

bool sqlite_turn_take(struct store_database *database, struct store_connection **out,
                      struct error *error)
{
  if (!take_turn(database, true, error)) return false;
  if (database->writer || sqlite_connection_open(&database->writer, database->path, true, error)) {
    *out = database->writer;
    return true;
  }
  give_turn(database);
  return false;
}

void sqlite_turn_give(struct store_database *database)
{
  give_turn(database);
}

/* The next in line, when it may come into the open group; it is out of the queue then. */
static struct sqlite_ticket *next_for_group(struct store_database *database)
{
  const struct sqlite_group *group = &database->group;
  if (group->goes_alone || group->count >= LIMIT_STORE_GROUP ||
      time_monotonic() - group->begun > LIMIT_STORE_GROUP_MICROSECONDS)
    return NULL;
  pthread_mutex_lock(&database->lock);
  struct sqlite_ticket *next =
      database->queue && !database->queue->goes_alone ? call_next(database) : NULL;
  pthread_mutex_unlock(&database->lock);
  return next;
}

/* --- The group ----------------------------------------------------------------------------- */

/* End the group: no transaction stays open, all that wait are told, and the turn goes on. A
 * connection that cannot roll back is closed, which does it. */
static void end_group(struct store_database *database, enum store_ending ending,
                      const struct error *why)
{
  struct sqlite_ticket *kept = database->group.kept;
  struct store_connection *connection = database->writer;
  struct error error = {0};
  if (connection && !sqlite3_get_autocommit(connection->handle) &&
      !sqlite_run(connection, "ROLLBACK", &error)) {
    log_error("store.rollback.failed", &error);
    sqlite_connection_close(connection);
    database->writer = NULL;
  }
  database->group = (struct sqlite_group){0};
  give_turn(database);
  while (kept) {
    struct sqlite_ticket *next = kept->next;
    kept->ending = ending;
    if (why) kept->error = *why;
    call(kept);
    kept = next;
  }
}

/* Commit for all, and end the group. */
static enum store_ending commit_group(struct store_database *database, struct error *error)
{
  struct error why = {0};
  bool good = sqlite_run_kept(database->writer, KEPT_COMMIT, &why);
  enum store_ending ending = good ? STORE_COMMITTED : STORE_ROLLED_BACK;
  if (good) atomic_fetch_add_explicit(&database->commits, 1, memory_order_relaxed);
  if (!good && error) *error = why;
  end_group(database, ending, good ? NULL : &why);
  return ending;
}

/* --- Transactions -------------------------------------------------------------------------- */

bool sqlite_write_begin(struct store_database *database, bool goes_alone,
                        struct store_connection **out, struct error *error)
{
  struct sqlite_group *group = &database->group;
  if (!take_turn(database, goes_alone, error)) return false;
  bool good =
      database->writer || sqlite_connection_open(&database->writer, database->path, true, error);
  group->is_behind_savepoint = group->is_open;
  if (group->is_open) good = sqlite_run_kept(database->writer, KEPT_SAVEPOINT, error);
  else if (good) {
    good = sqlite_run_kept(database->writer, KEPT_BEGIN, error);
    group->goes_alone = goes_alone;
    group->begun = time_monotonic();
    group->is_open = good;
  }
  if (good) {
    *out = database->writer;
    return true;
  }
  /* Those before this one stand as they did; without a savepoint nothing more may be added. */
  if (group->count > 0) commit_group(database, NULL);
  else end_group(database, STORE_ROLLED_BACK, NULL);
  return false;
}

/* Did the function leave a foreign key without its row? The commit would find that for all. */
static bool check_keys(struct store_connection *connection, struct error *error)
{
  int open_keys = 0, most = 0;
  int code =
      sqlite3_db_status(connection->handle, SQLITE_DBSTATUS_DEFERRED_FKS, &open_keys, &most, false);
  if (code == SQLITE_OK && open_keys == 0) return true;
  return sqlite_fail(connection, SQLITE_CONSTRAINT, "a deferred foreign key at the end", error);
}

enum store_ending sqlite_write_commit(struct store_database *database,
                                      struct store_connection *connection, struct error *error)
{
  struct sqlite_group *group = &database->group;
  if (!check_keys(connection, error) ||
      (group->is_behind_savepoint && !sqlite_run_kept(connection, KEPT_RELEASE, error)))
    return sqlite_write_rollback(database, connection);
  struct sqlite_ticket *next = next_for_group(database);
  if (!next) return commit_group(database, error);
  struct sqlite_ticket mine;
  ticket_init(&mine, false);
  mine.next = group->kept;
  group->kept = &mine;
  group->count++;
  call(next);
  wait_for_call(&mine, NULL);
  if (mine.ending != STORE_COMMITTED) *error = mine.error;
  return mine.ending;
}

enum store_ending sqlite_write_rollback(struct store_database *database,
                                        struct store_connection *connection)
{
  static const struct error undone = {.log = "SQLite undid the whole group"};
  struct error error = {0};
  bool is_whole = database->group.is_behind_savepoint &&
                  !sqlite3_get_autocommit(connection->handle) &&
                  sqlite_run(connection, "ROLLBACK TO one", &error) &&
                  sqlite_run_kept(connection, KEPT_RELEASE, &error);
  struct sqlite_ticket *next = is_whole ? next_for_group(database) : NULL;
  if (next) call(next);
  else if (is_whole && database->group.count > 0) commit_group(database, NULL);
  else end_group(database, STORE_AGAIN, &undone);
  return STORE_ROLLED_BACK;
}
