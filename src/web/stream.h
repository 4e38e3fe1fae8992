/*
 * stream: answers that stay open and say something now and then: server-sent events (HTML Living
 * Standard, section 9.2).
 *
 * No thread waits for a stream: between two looks its connection is suspended, and a beat of the
 * server's ticker wakes all of them once a second. Each then asks its source, on the thread of its
 * connection: to say something, to wait, or to end. A line of comment every LIMIT_HTTP_STREAM_BEAT
 * seconds finds clients that have gone. At most LIMIT_HTTP_STREAMS stand open, and
 * LIMIT_HTTP_STREAMS_OF_ONE of one key. See docs/decisions/013.
 * Threads: a stream belongs to its connection's server thread; beat and end may come from any.
 */
#ifndef FAIRLEAD_WEB_STREAM_H
#define FAIRLEAD_WEB_STREAM_H

#include <sys/types.h>

#include "base/base.h"

struct MHD_Connection;
struct web_connection;
struct web_deadlines;

/* Look whether there is something to say, and write it to `out`; answers false to end the stream.
 * More than LIMIT_HTTP_STREAM_BYTES at once ends it, too. */
typedef bool web_stream_function(void *context, struct text_buffer *out);
struct web_stream_source {
  web_stream_function *look; /* NULL: none */
  void *context;             /* lives as long as the exchange */
  struct text key;           /* whose it is: a session */
};

struct web_streams;
struct web_stream;

struct web_streams *web_streams_new(struct web_deadlines *deadlines);
void web_streams_free(struct web_streams *streams);
/* Open one; ERROR_BUSY when too many stand open. */
bool web_stream_open(struct web_stream **out, struct web_streams *streams,
                     const struct web_stream_source *source, struct MHD_Connection *library,
                     struct web_connection *connection, struct error *error);
/* After its last byte, or when its client has gone. */
void web_stream_close(struct web_stream *stream);
/* The library asks for bytes. */
ssize_t web_stream_read(void *context, uint64_t position, char *out, size_t most);
/* Wake all that wait. Each second. */
void web_streams_beat(struct web_streams *streams);
/* End all, and every one that would still open. */
void web_streams_end(struct web_streams *streams);
size_t web_streams_count(struct web_streams *streams);

#endif
