/*
 * The brake: how often one address may make a request from outside within an hour.
 *
 * An address is never kept: what is counted is a keyed hash of it, under a key that this process
 * draws and nobody else has, in memory alone; an hour later it is forgotten. Of IPv6 the first 64
 * bits count, since a household has them all; IPv4 that is written as IPv6 counts as IPv4. When
 * more addresses come than there is room for, the one that asked longest ago is forgotten.
 *
 * Threads: any; it has a lock.
 */
#ifndef FAIRLEAD_WEB_BRAKE_H
#define FAIRLEAD_WEB_BRAKE_H

#include "base/base.h"

struct sockaddr;

/* What of an address counts, for web_brake_pass(): that of the connection, or the one that the
 * proxy on this machine names. `named`, when it is an address, wins; neither: "". In the arena. */
struct text web_brake_address(struct arena *arena, const struct sockaddr *peer, struct text named);

struct web_brake;
struct web_brake *web_brake_new(void);
void web_brake_free(struct web_brake *brake);
/* Count one more at `now` (microseconds UTC). Answers false when this address has had its share. An
 * address that is not known ("": a proxy hides it, and brakes by itself) always passes. */
bool web_brake_pass(struct web_brake *brake, struct text address, int64_t now);

#endif
