/*
 * Deadlines: total times for what a client may take, which the HTTP library does not keep (its own
 * timeout counts inactivity only, so that one byte a second lives for ever).
 *
 * Each connection stands in a phase with a deadline. One thread looks at all of them four times a
 * second and shuts down the sockets that are past theirs; the library then sees the end of the
 * stream and cleans up. Other connections notice nothing.
 *
 * Threads: a connection is opened, moved and closed by the server thread that owns it; moving is
 * one atomic store.
 */
#ifndef FAIRLEAD_WEB_DEADLINE_H
#define FAIRLEAD_WEB_DEADLINE_H

#include <stdatomic.h>

#include "base/base.h"

enum web_phase {
  WEB_PHASE_IDLE,     /* a kept connection between two requests */
  WEB_PHASE_HEAD,     /* the request line and the headers are arriving */
  WEB_PHASE_BODY,     /* the body is arriving */
  WEB_PHASE_WORK,     /* ours to do: no deadline */
  WEB_PHASE_RESPONSE, /* the client is reading the answer */
  WEB_PHASE_COUNT
};

struct web_deadlines;

/* One connection, as the server keeps it. */
struct web_connection {
  int socket;
  bool is_loopback;       /* the peer is this machine */
  _Atomic int64_t state;  /* phase and deadline, see deadline.c */
  int64_t seen_state;     /* the watching thread's: the state it saw last … */
  uint64_t seen_received; /* … and the bytes received by then */
  struct web_connection *previous, *next;
};

/* Start the watching thread; fails when the system has no thread to give. `seconds` may be NULL, or
 * hold the time of each phase instead of the limits' (tests). */
bool web_deadlines_start(struct web_deadlines **out, const double *seconds, struct error *error);
/* Stop and free. Every connection must have been closed. */
void web_deadlines_stop(struct web_deadlines *deadlines);

/* Begin watching a connection, in WEB_PHASE_HEAD. */
struct web_connection *web_connection_open(struct web_deadlines *deadlines, int socket,
                                           bool is_loopback);
/* Stop watching and free it. Call it before the socket is closed. */
void web_connection_close(struct web_deadlines *deadlines, struct web_connection *connection);
/* Enter a phase: its time begins now. A response of `bytes` gets a second more for each 8 KiB,
 * a body for each 64 KiB that it has past a plain form's.
 * From one head phase to the next the earlier deadline stands. */
void web_connection_enter(const struct web_deadlines *deadlines, struct web_connection *connection,
                          enum web_phase phase, size_t bytes);

/* Connections open now, and those shut down at a deadline since the start. */
size_t web_deadlines_open(struct web_deadlines *deadlines);
uint64_t web_deadlines_missed(struct web_deadlines *deadlines);

#endif
