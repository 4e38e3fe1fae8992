/*
 * Spare arenas: a request's arena goes back here when its answer is sent, cleared, for the next
 * one. Threads: any.
 */
#ifndef FAIRLEAD_WEB_SPARE_H
#define FAIRLEAD_WEB_SPARE_H

#include "base/base.h"

struct web_spare;
struct web_spare *web_spare_new(void);
void web_spare_free(struct web_spare *spare);
/* Take a cleared arena, or a new one when none is spare. */
struct arena *web_spare_take(struct web_spare *spare);
/* Clear the arena and keep it, or free it when enough are kept. */
void web_spare_give(struct web_spare *spare, struct arena *arena);

#endif
