/*
 * service: what a service manager (systemd) and the program tell each other.
 *
 * The manager may hold the listening socket and hand it over, so that a restart refuses nobody:
 * who connects meanwhile waits in its queue. The program says when it is ready and when it ends.
 * Source: sd_listen_fds(3) and sd_notify(3), "Notes"; why not libsystemd: docs/decisions.
 * Threads: any.
 */
#ifndef FAIRLEAD_BASE_SERVICE_H
#define FAIRLEAD_BASE_SERVICE_H

#include "base/error.h"

enum { SERVICE_FIRST_SOCKET = 3 };

/* How many sockets the manager handed to this very process, from SERVICE_FIRST_SOCKET on; 0 without
 * a manager. Refuses variables that are no numbers, and sockets that are not open. They do not
 * reach a child process. */
bool service_sockets(int *count, struct error *error);
/* Tell the manager, when there is one, a state: "READY=1", "STOPPING=1". It cannot fail for the
 * caller: a manager that does not hear it notices by its own timeout. */
void service_notify(const char *state);

#endif
