/*
 * board_watch: whom a session was shown on the bed board since it opened it, so that a board that
 * shows itself anew adds to the audit only who is new on it.
 *
 * It is no right and no record of its own: what stands here stands in the audit already. A row is
 * believed for LIMIT_BOARD_WATCH_HOURS from the opening. Threads: any.
 */
#ifndef FAIRLEAD_ADMISSION_BOARD_WATCH_H
#define FAIRLEAD_ADMISSION_BOARD_WATCH_H

#include "privacy/privacy.h"

/* Whom the actor's session was shown on the board of its program; `*found` false: it has not opened
 * it. In the arena. */
bool board_watch_load(struct store_transaction *transaction, const struct actor *actor,
                      struct arena *arena, int64_t now, struct actor_noted *out, bool *found,
                      struct error *error);
/* Add those who are shown now, by id in byte order; `noted` is what board_watch_load() found, or
 * has a count of 0 for a board that is opened. In the transaction that wrote the audit. */
bool board_watch_add(struct store_transaction *transaction, const struct actor *actor,
                     struct arena *arena, int64_t now, const struct actor_noted *noted,
                     const struct actor_noted *shown, struct error *error);

#endif
