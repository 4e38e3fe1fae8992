/*
 * keeper: what the server does by itself, beside its requests: seals the audit, fires the clocks,
 * sends the outbox, writes down the heads each hour.
 *
 * Each has a thread of its own, so that a slow mail server keeps no entry unsealed. Any number of
 * servers may run one on the same database: each of the three sees to it that nothing is done
 * twice. Threads: started and stopped by one.
 */
#ifndef FAIRLEAD_CLI_KEEPER_H
#define FAIRLEAD_CLI_KEEPER_H

#include "privacy/privacy.h"

struct keeper;

/* All borrowed, and there until keeper_stop(). */
struct keeper_options {
  struct store *store;
  struct privacy *privacy;             /* NULL: nothing is sent */
  const struct due_registry *registry; /* NULL: nothing fires */
  struct outbox_options outbox;
  struct audit_anchors anchors;
};
bool keeper_start(struct keeper **out, const struct keeper_options *options, struct error *error);
/* Stop what runs, seal what waits, write down the heads. NULL is fine. */
void keeper_stop(struct keeper *keeper);

#endif
