/*
 * Streams: see stream.h.
 *
 * Invariant: a connection is suspended and woken under the lock, so that no wake is lost between
 * the two; what is suspended is woken before the library stops.
 */
#include "web/stream.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "web/deadline.h"

struct web_stream {
  struct web_streams *streams;
  struct web_stream_source source;
  struct MHD_Connection *library;
  struct web_connection *connection;
  struct text_buffer pending; /* said, and not yet taken */
  size_t taken;
  int64_t said_at; /* monotonic */
  bool is_suspended, is_due, is_over;
  struct web_stream *next;
};

struct web_streams {
  pthread_mutex_t lock; /* the list, `ending`, and each stream's is_suspended and is_due */
  struct web_stream *first;
  size_t count;
  struct web_deadlines *deadlines;
  bool ending;
};

struct web_streams *web_streams_new(struct web_deadlines *deadlines)
{
  struct web_streams *streams = memory_allocate_zero(1, sizeof *streams);
  pthread_mutex_init(&streams->lock, NULL);
  streams->deadlines = deadlines;
  return streams;
}

void web_streams_free(struct web_streams *streams)
{
  if (!streams) return;
  pthread_mutex_destroy(&streams->lock);
  free(streams);
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static bool has_room(const struct web_streams *streams, struct text key)
{
  size_t same = 0;
  for (const struct web_stream *stream = streams->first; stream; stream = stream->next)
    if (text_equal(stream->source.key, key)) same++;
  return !streams->ending && streams->count < LIMIT_HTTP_STREAMS &&
         same < LIMIT_HTTP_STREAMS_OF_ONE;
}

bool web_stream_open(struct web_stream **out, struct web_streams *streams,
                     const struct web_stream_source *source, struct MHD_Connection *library,
                     struct web_connection *connection, struct error *error)
{
  struct web_stream *stream = memory_allocate_zero(1, sizeof *stream);
  *stream = (struct web_stream){.streams = streams,
                                .source = *source,
                                .library = library,
                                .connection = connection,
                                .is_due = true,
                                .said_at = time_monotonic()};
  text_buffer_init(&stream->pending, LIMIT_HTTP_STREAM_BYTES);
  pthread_mutex_lock(&streams->lock);
  bool is_open = has_room(streams, source->key);
  if (is_open) {
    stream->next = streams->first;
    streams->first = stream;
    streams->count++;
  }
  pthread_mutex_unlock(&streams->lock);
  if (is_open) {
    *out = stream;
    return true;
  }
  text_buffer_fini(&stream->pending);
  free(stream);
  return error_set(error, ERROR_BUSY, "error.503.text", "Close some pages, or ask again later.",
                   "too many streams stand open");
}

void web_stream_close(struct web_stream *stream)
{
  if (!stream) return;
  struct web_streams *streams = stream->streams;
  pthread_mutex_lock(&streams->lock);
  struct web_stream **at = &streams->first;
  while (*at != stream) at = &(*at)->next;
  *at = stream->next;
  streams->count--;
  pthread_mutex_unlock(&streams->lock);
  text_buffer_fini(&stream->pending);
  free(stream);
}

size_t web_streams_count(struct web_streams *streams)
{
  pthread_mutex_lock(&streams->lock);
  size_t count = streams->count;
  pthread_mutex_unlock(&streams->lock);
  return count;
}

/* --- Waking ----------------------------------------------------------------------------------- */

static void wake(struct web_streams *streams, bool ending)
{
  pthread_mutex_lock(&streams->lock);
  if (ending) streams->ending = true;
  for (struct web_stream *stream = streams->first; stream; stream = stream->next) {
    stream->is_due = true;
    if (!stream->is_suspended) continue;
    stream->is_suspended = false;
    MHD_resume_connection(stream->library);
  }
  pthread_mutex_unlock(&streams->lock);
}

void web_streams_beat(struct web_streams *streams)
{
  wake(streams, false);
}

void web_streams_end(struct web_streams *streams)
{
  wake(streams, true);
}

/* Is it time to look? Otherwise the connection waits for the next beat. */
static bool is_due(struct web_stream *stream)
{
  struct web_streams *streams = stream->streams;
  pthread_mutex_lock(&streams->lock);
  bool due = stream->is_due || streams->ending;
  stream->is_due = false;
  if (!due) {
    web_connection_enter(streams->deadlines, stream->connection, WEB_PHASE_WORK, 0);
    stream->is_suspended = true;
    MHD_suspend_connection(stream->library);
  }
  if (streams->ending) stream->is_over = true;
  pthread_mutex_unlock(&streams->lock);
  return due;
}

/* --- Saying ----------------------------------------------------------------------------------- */

/* Nobody watches a suspended connection: has its client gone? */
static bool is_gone(const struct web_stream *stream)
{
  char byte;
  return recv(stream->connection->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Ask the source. A comment is said when nothing was for some time. */
static void look(struct web_stream *stream)
{
  const int64_t beat = (int64_t)LIMIT_HTTP_STREAM_BEAT_SECONDS * 1000000;
  text_buffer_clear(&stream->pending);
  stream->taken = 0;
  /* What does not fit was dropped, and half an event is none. */
  bool goes_on = !is_gone(stream) &&
                 stream->source.look(stream->source.context, &stream->pending) &&
                 !stream->pending.over;
  if (!goes_on) {
    stream->is_over = true;
    text_buffer_clear(&stream->pending);
    return;
  }
  if (stream->pending.length == 0 && time_monotonic() - stream->said_at >= beat)
    text_buffer_add(&stream->pending, TEXT(":\n\n"));
  if (stream->pending.length) stream->said_at = time_monotonic();
}

ssize_t web_stream_read(void *context, uint64_t position, char *out, size_t most)
{
  struct web_stream *stream = context;
  (void)position;
  while (stream->taken == stream->pending.length) {
    if (!stream->is_over && !is_due(stream)) return 0;
    if (!stream->is_over) look(stream);
    if (stream->is_over) return MHD_CONTENT_READER_END_OF_STREAM;
  }
  size_t left = stream->pending.length - stream->taken, count = left < most ? left : most;
  memcpy(out, stream->pending.at + stream->taken, count);
  stream->taken += count;
  web_connection_enter(stream->streams->deadlines, stream->connection, WEB_PHASE_RESPONSE, count);
  return (ssize_t)count;
}
