/*
 * due: the list of clocks and its sweeper, see due.h. Not here: what any kind means; when to sweep
 * (the keeper calls).
 *
 * Invariants: a row is taken away and acted upon in one transaction, so a row that any sweeper's
 * transaction took is gone for all others, and a transaction that did not commit has fired nothing.
 * A row fires only at the time it was found with: one that was moved meanwhile waits for its new
 * time. A failing row waits longer each time and keeps no other from firing. Times that lie beyond
 * the longest delay or lease can only come from a clock that was set back; they count as over.
 * Threads: a registry is filled before it is swept; everything else any.
 */
#include "store/due.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = 64 }; /* kinds that are registered (count) */
static const int64_t SECOND = 1000000;

struct due_registry {
  struct {
    const char *kind;
    due_handler *handler;
    void *context;
  } kinds[KINDS];
  size_t count;
};

struct due_registry *due_registry_new(void)
{
  return memory_allocate_zero(1, sizeof(struct due_registry));
}

void due_registry_free(struct due_registry *registry)
{
  free(registry);
}

void due_register(struct due_registry *registry, const char *kind, due_handler *handler,
                  void *context)
{
  assert(registry->count < KINDS);
  for (size_t i = 0; i < registry->count; i++) assert(strcmp(registry->kinds[i].kind, kind) != 0);
  registry->kinds[registry->count].kind = kind;
  registry->kinds[registry->count].handler = handler;
  registry->kinds[registry->count++].context = context;
}

/* --- One clock ----------------------------------------------------------------------------- */

bool due_set(struct store_transaction *transaction, struct text program_id, const char *kind,
             struct text subject_id, struct text person_id, int64_t at, struct error *error)
{
  return store_execute(
      transaction,
      "INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner,"
      " leased_until) VALUES ($1, $2, $3, $4, $5, $5, 0, '', 0)"
      " ON CONFLICT (program_id, kind, subject_id) DO UPDATE SET person_id = excluded.person_id,"
      " at = excluded.at, try_at = excluded.try_at, attempts = 0, owner = '', leased_until = 0",
      STORE_BIND(STORE_T(program_id), STORE_T(text_from(kind)), STORE_T(subject_id),
                 STORE_T(person_id), STORE_N(at)),
      NULL, error);
}

bool due_about(struct store_transaction *transaction, struct text program_id, const char *kind,
               struct text subject_id, struct text person_id, struct error *error)
{
  return store_execute(transaction,
                       "UPDATE due SET person_id = $4 WHERE program_id = $1 AND kind = $2"
                       " AND subject_id = $3",
                       STORE_BIND(STORE_T(program_id), STORE_T(text_from(kind)),
                                  STORE_T(subject_id), STORE_T(person_id)),
                       NULL, error);
}

bool due_clear(struct store_transaction *transaction, struct text program_id, const char *kind,
               struct text subject_id, struct error *error)
{
  return store_execute(
      transaction, "DELETE FROM due WHERE program_id = $1 AND kind = $2 AND subject_id = $3",
      STORE_BIND(STORE_T(program_id), STORE_T(text_from(kind)), STORE_T(subject_id)), NULL, error);
}

bool due_lease(struct store_transaction *transaction, const struct due_item *item,
               struct text owner, int64_t now, int64_t until, bool *mine, struct error *error)
{
  int64_t longest = now + LIMIT_DUE_LEASE_SECONDS * SECOND, changed = 0;
  assert(owner.length > 0);
  if (until > longest) until = longest;
  if (!store_execute(
          transaction,
          "UPDATE due SET owner = $1, leased_until = $2 WHERE program_id = $3 AND kind = $4"
          " AND subject_id = $5 AND at = $6"
          " AND (owner = $1 OR leased_until <= $7 OR leased_until > $8)",
          STORE_BIND(STORE_T(owner), STORE_N(until), STORE_T(item->program_id), STORE_T(item->kind),
                     STORE_T(item->subject_id), STORE_N(item->at), STORE_N(now), STORE_N(longest)),
          &changed, error))
    return false;
  *mine = changed == 1;
  return true;
}

bool due_postpone(struct store_transaction *transaction, const struct due_item *item, int64_t now,
                  struct error *error)
{
  int64_t delay = LIMIT_DUE_RETRY_SECONDS;
  for (int64_t i = 0; i < item->attempts && delay < LIMIT_DUE_RETRY_MOST_SECONDS; i++) delay *= 2;
  if (delay > LIMIT_DUE_RETRY_MOST_SECONDS) delay = LIMIT_DUE_RETRY_MOST_SECONDS;
  return store_execute(
      transaction,
      "UPDATE due SET attempts = $1, try_at = $2, owner = '', leased_until = 0"
      " WHERE program_id = $3 AND kind = $4 AND subject_id = $5 AND at = $6 AND attempts = $7",
      STORE_BIND(STORE_N(item->attempts + 1), STORE_N(now + delay * SECOND),
                 STORE_T(item->program_id), STORE_T(item->kind), STORE_T(item->subject_id),
                 STORE_N(item->at), STORE_N(item->attempts)),
      NULL, error);
}

/* --- Lists --------------------------------------------------------------------------------- */

/* A list that grows in the arena. */
struct list {
  struct arena *arena;
  struct due_item *items;
  size_t count, room;
};

/* Add the rows of a cursor (program_id, kind, subject_id, at, attempts), and close it. */
static bool add_rows(struct list *list, struct store_cursor *cursor, struct error *error)
{
  bool more = true, good = true;
  while (good && more) {
    good = store_next(cursor, &more, error);
    if (!good || !more) break;
    if (list->count == list->room) {
      size_t room = list->room ? 2 * list->room : 32;
      struct due_item *larger = arena_allocate_array(list->arena, room, sizeof *larger);
      if (list->count) memcpy(larger, list->items, list->count * sizeof *larger);
      list->items = larger;
      list->room = room;
    }
    list->items[list->count++] = (struct due_item){
        .program_id = text_copy(list->arena, store_column_text(cursor, 0)),
        .kind = text_copy(list->arena, store_column_text(cursor, 1)),
        .subject_id = text_copy(list->arena, store_column_text(cursor, 2)),
        .at = store_column_integer(cursor, 3),
        .attempts = store_column_integer(cursor, 4),
    };
  }
  store_cursor_close(cursor);
  return good;
}

/* What of a kind failed before and was put off beyond any delay: the clock was set back. The index
 * of what failed serves it (kind || '' keeps the larger one out). */
static bool add_stranded(struct list *list, struct store_transaction *transaction, const char *kind,
                         int64_t now, size_t limit, struct error *error)
{
  struct store_cursor *cursor = NULL;
  return store_query(transaction, &cursor,
                     "SELECT program_id, kind, subject_id, at, attempts FROM due WHERE attempts > 0"
                     " AND try_at > $1 AND kind || '' = $2 AND at <= $3 ORDER BY try_at LIMIT $4",
                     STORE_BIND(STORE_N(now + LIMIT_DUE_RETRY_MOST_SECONDS * SECOND),
                                STORE_T(text_from(kind)), STORE_N(now), STORE_N(limit)),
                     error) &&
         add_rows(list, cursor, error);
}

static bool add_due(struct list *list, struct store_transaction *transaction, const char *kind,
                    int64_t now, size_t limit, struct error *error)
{
  struct store_cursor *cursor = NULL;
  return store_query(transaction, &cursor,
                     "SELECT program_id, kind, subject_id, at, attempts FROM due WHERE kind = $1"
                     " AND try_at <= $2 AND (leased_until <= $2 OR leased_until > $3)"
                     " ORDER BY try_at, program_id, subject_id LIMIT $4",
                     STORE_BIND(STORE_T(text_from(kind)), STORE_N(now),
                                STORE_N(now + LIMIT_DUE_LEASE_SECONDS * SECOND), STORE_N(limit)),
                     error) &&
         add_rows(list, cursor, error) && add_stranded(list, transaction, kind, now, limit, error);
}

bool due_find(struct store_transaction *transaction, struct arena *arena, const char *kind,
              int64_t now, size_t limit, struct due_item **out, size_t *count, struct error *error)
{
  struct list list = {.arena = arena};
  if (!add_due(&list, transaction, kind, now, limit, error)) return false;
  *out = list.items;
  *count = list.count;
  return true;
}

bool due_list(struct store_transaction *transaction, struct arena *arena, struct text program_id,
              int64_t until, size_t limit, struct due_item **out, size_t *count,
              struct error *error)
{
  struct list list = {.arena = arena};
  struct store_cursor *cursor = NULL;
  bool good =
      program_id.length
          ? store_query(
                transaction, &cursor,
                "SELECT program_id, kind, subject_id, at, attempts FROM due"
                " WHERE program_id = $1 AND at <= $2 ORDER BY at, kind, subject_id LIMIT $3",
                STORE_BIND(STORE_T(program_id), STORE_N(until), STORE_N(limit)), error)
          : store_query(transaction, &cursor,
                        "SELECT program_id, kind, subject_id, at, attempts FROM due WHERE at <= $1"
                        " ORDER BY at, program_id, kind, subject_id LIMIT $2",
                        STORE_BIND(STORE_N(until), STORE_N(limit)), error);
  if (!good || !add_rows(&list, cursor, error)) return false;
  *out = list.items;
  *count = list.count;
  return true;
}

bool due_count_late(struct store_transaction *transaction, struct text program_id, int64_t before,
                    int64_t *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool good = program_id.length
                  ? store_query(transaction, &cursor,
                                "SELECT count(*) FROM due WHERE program_id = $1 AND at < $2",
                                STORE_BIND(STORE_T(program_id), STORE_N(before)), error)
                  : store_query(transaction, &cursor, "SELECT count(*) FROM due WHERE at < $1",
                                STORE_BIND(STORE_N(before)), error);
  good = good && store_next(cursor, &more, error);
  if (good) *out = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return good;
}

/* --- Sweeping ------------------------------------------------------------------------------ */

/* A sweep: what it found, and the row it fires. */
struct sweep {
  const struct due_registry *registry;
  int64_t now;
  size_t limit;
  struct list found;
  const struct due_item *item;
  bool was_mine, handler_failed; /* of the last run of its transaction */
};

static bool find_all(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sweep *sweep = context;
  sweep->found.count = 0;
  for (size_t i = 0; i < sweep->registry->count && sweep->found.count < sweep->limit; i++)
    if (!add_due(&sweep->found, transaction, sweep->registry->kinds[i].kind, sweep->now,
                 sweep->limit - sweep->found.count, error))
      return false;
  return true;
}

static bool handle(struct store_transaction *transaction, const struct sweep *sweep,
                   struct error *error)
{
  const struct due_registry *registry = sweep->registry;
  for (size_t i = 0; i < registry->count; i++)
    if (text_equal(text_from(registry->kinds[i].kind), sweep->item->kind))
      return registry->kinds[i].handler(transaction, registry->kinds[i].context, sweep->item,
                                        sweep->now, error);
  assert(false && "a kind that was found is registered");
  return false;
}

/* Take the row away and act: one transaction, one effect. */
static bool fire(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sweep *sweep = context;
  const struct due_item *item = sweep->item;
  int64_t changed = 0;
  sweep->was_mine = sweep->handler_failed = false;
  if (!store_execute(transaction,
                     "DELETE FROM due WHERE program_id = $1 AND kind = $2 AND subject_id = $3"
                     " AND at = $4 AND attempts = $5 AND (leased_until <= $6 OR leased_until > $7)",
                     STORE_BIND(STORE_T(item->program_id), STORE_T(item->kind),
                                STORE_T(item->subject_id), STORE_N(item->at),
                                STORE_N(item->attempts), STORE_N(sweep->now),
                                STORE_N(sweep->now + LIMIT_DUE_LEASE_SECONDS * SECOND)),
                     &changed, error))
    return false;
  sweep->was_mine = changed == 1;
  if (!sweep->was_mine) return true;
  sweep->handler_failed = !handle(transaction, sweep, error);
  return !sweep->handler_failed;
}

static bool postpone(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct sweep *sweep = context;
  return due_postpone(transaction, sweep->item, sweep->now, error);
}

/* Fire one row; false only when the store itself cannot be used. */
static bool fire_one(struct store *store, struct sweep *sweep, size_t *fired, struct error *error)
{
  struct error why = {0};
  if (store_write(store, fire, sweep, &why)) {
    *fired += sweep->was_mine;
    return true;
  }
  if (why.kind == ERROR_BUSY) return true; /* the next sweep finds it again */
  if (!sweep->handler_failed) {
    if (error) *error = why;
    return false;
  }
  error_add_context(&why, "%.*s", TEXT_PRINT(sweep->item->kind));
  log_error("due.failed", &why);
  return store_write(store, postpone, sweep, error);
}

bool due_sweep(struct store *store, const struct due_registry *registry, int64_t now, size_t limit,
               size_t *fired, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct sweep sweep = {
      .registry = registry, .now = now, .limit = limit, .found = {.arena = arena}};
  size_t count = 0;
  bool good = store_read(store, find_all, &sweep, error);
  for (size_t i = 0; good && i < sweep.found.count; i++) {
    sweep.item = &sweep.found.items[i];
    good = fire_one(store, &sweep, &count, error);
  }
  arena_free(arena);
  *fired = count; /* also when the store failed midway: those have fired */
  return good;
}
