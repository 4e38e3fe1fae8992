/*
 * due: the only list of clocks. Whatever must happen at a time (a consent that ends, a hold that
 * expires, a message to send again, a review) is one row: program, kind, subject, time.
 *
 * A handler runs in the same transaction that takes its row away, so that nothing fires twice and
 * nothing is lost: it runs again when that transaction did not commit. Rows survive restarts; any
 * number of servers may sweep. A handler whose effect is outside the store (a message) takes a
 * lease first: due_lease() now, due_clear() when done. Time is an argument. Threads: any; handlers
 * run on the sweeper's thread.
 */
#ifndef FAIRLEAD_STORE_DUE_H
#define FAIRLEAD_STORE_DUE_H

#include "store/store.h"

struct due_item {
  struct text program_id; /* "" for the installation */
  struct text kind;       /* a room's own word: "consent.expires"; its label is due.<kind> */
  struct text subject_id;
  struct text person_id; /* whom it is about, of care/clock.h's list alone */
  int64_t at;            /* microseconds UTC */
  int64_t attempts;
};

/* Set or move a clock; one for each program, kind and subject. `person_id`: whom it is about, so
 * that lists of it reach no further than a role does (care/clock.h); "" when it is about nobody. */
bool due_set(struct store_transaction *transaction, struct text program_id, const char *kind,
             struct text subject_id, struct text person_id, int64_t at, struct error *error);
/* Say anew whom a clock is about; it rings as before. Fine when there is none. */
bool due_about(struct store_transaction *transaction, struct text program_id, const char *kind,
               struct text subject_id, struct text person_id, struct error *error);
/* Take it away; fine when there is none. */
bool due_clear(struct store_transaction *transaction, struct text program_id, const char *kind,
               struct text subject_id, struct error *error);
/* Keep others from a row until `until`, at most LIMIT_DUE_LEASE_SECONDS. `*mine` false: somebody
 * else holds it, or it is gone or moved. */
bool due_lease(struct store_transaction *transaction, const struct due_item *item,
               struct text owner, int64_t now, int64_t until, bool *mine, struct error *error);
/* Try it again later, later still each time (LIMIT_DUE_RETRY_…), and give up the lease. */
bool due_postpone(struct store_transaction *transaction, const struct due_item *item, int64_t now,
                  struct error *error);
/* What of a kind is due and not leased, earliest first, in the arena: for whoever acts outside the
 * store. `kind` is a literal. */
bool due_find(struct store_transaction *transaction, struct arena *arena, const char *kind,
              int64_t now, size_t limit, struct due_item **out, size_t *count, struct error *error);

/* Act on a due row within the transaction that took it away. A clock that goes on sets itself anew
 * with due_set(). On false all is rolled back and tried again later, each time later still. */
typedef bool due_handler(struct store_transaction *transaction, void *context,
                         const struct due_item *item, int64_t now, struct error *error);
struct due_registry;
struct due_registry *due_registry_new(void);
void due_registry_free(struct due_registry *registry);
/* Before sweeping; a kind has one handler. `kind` is a literal. */
void due_register(struct due_registry *registry, const char *kind, due_handler *handler,
                  void *context);
/* Fire what is due at `now`, at most `limit` rows; rows of a kind nobody registered stay and count
 * as late. `*fired` is set, also on false, which only a store that cannot be used brings. A row's
 * own failure is logged and does not keep the others. */
bool due_sweep(struct store *store, const struct due_registry *registry, int64_t now, size_t limit,
               size_t *fired, struct error *error);

/* What is due until `until`, earliest first, in the arena. With program_id "" those of every
 * program. For the server itself: what somebody is shown is care/clock.h's. */
bool due_list(struct store_transaction *transaction, struct arena *arena, struct text program_id,
              int64_t until, size_t limit, struct due_item **out, size_t *count,
              struct error *error);
/* How many rows were due before `before`: what is late. */
bool due_count_late(struct store_transaction *transaction, struct text program_id, int64_t before,
                    int64_t *out, struct error *error);

#endif
