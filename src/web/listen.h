/*
 * Listening: from "127.0.0.1:8080", or from the service manager, to a socket.
 */
#ifndef FAIRLEAD_WEB_LISTEN_H
#define FAIRLEAD_WEB_LISTEN_H

#include "base/base.h"

struct web_listener {
  int socket;
  unsigned port;
  bool is_loopback;
  char address[64];  /* as in an address line: "127.0.0.1" or "[::1]" */
  bool is_inherited; /* the manager's: it goes on listening when this process ends */
};

/* Bind and listen at "ADDRESS:PORT" ("[::1]:8080" for IPv6; port 0 takes a free one). The address
 * is a number, not a name. The socket does not block. */
bool web_listen(struct web_listener *out, struct text where, struct error *error);

/* Take the one listening socket that the service manager handed over (base/service.h); without one
 * `*found` is false. Refuses several, and one that is not a listening TCP socket. */
bool web_listen_inherited(struct web_listener *out, bool *found, struct error *error);

struct sockaddr;
/* Does the address belong to this machine alone (127.0.0.0/8, ::1)? */
bool web_is_loopback(const struct sockaddr *address);

#endif
