/*
 * keeper: what the server does by itself, beside its requests: seals the audit, fires the clocks,
 * writes down the heads each hour.
 *
 * Each has a thread of its own, so that a slow handler keeps no entry unsealed. Any number of
 * servers may run one on the same database: sealing and sweeping see to it that nothing is done
 * twice. Threads: started and stopped by one.
 */
#ifndef FAIRLEAD_CLI_KEEPER_H
#define FAIRLEAD_CLI_KEEPER_H

#include "privacy/privacy.h"

struct keeper;

/* All borrowed, and there until keeper_stop(). */
struct keeper_options {
  struct store *store;
  const struct due_registry *registry; /* NULL: nothing fires */
  struct audit_anchors anchors;
};
bool keeper_start(struct keeper **out, const struct keeper_options *options, struct error *error);
/* Stop what runs, seal what waits, write down the heads. NULL is fine. */
void keeper_stop(struct keeper *keeper);

#endif
