/*
 * A follower: brings what is said of free places from the store beside the snapshot, a few times a
 * second, so that the finder shows an admission within a second of it, whichever process made it.
 *
 * It reads the rows that changed since it last looked (with some overlap, for transactions that
 * took long and clocks that differ), the whole table now and then, and builds a new overlay when
 * something changed or time alone makes something older. While the store is away the last words
 * stay and fade.
 *
 * Threads: one of its own; what it publishes is immutable (directory/overlay.h).
 */
#ifndef FAIRLEAD_WEB_FOLLOWER_H
#define FAIRLEAD_WEB_FOLLOWER_H

#include "admission/admission.h"
#include "directory/directory.h"

struct web_follower;

/* Read all there is, publish it, and follow. Borrows its arguments until it is stopped. A store
 * that cannot be read now is logged, and read later. */
bool web_follower_start(struct web_follower **out, struct store *store, const struct beds *beds,
                        struct directory *directory, struct error *error);
/* One that follows nothing by itself: whoever has it calls web_follower_look(). */
struct web_follower *web_follower_new(struct store *store, const struct beds *beds,
                                      struct directory *directory);
/* NULL is fine. What was said is said no more. */
void web_follower_stop(struct web_follower *follower);
/* One look at `now`, of a follower that has no thread. Answers false when the store cannot be read;
 * the last words then stay. */
bool web_follower_look(struct web_follower *follower, int64_t now, struct error *error);

#endif
