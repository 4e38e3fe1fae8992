/*
 * Tests of stream.h: what a source says is read piece by piece, nothing is looked at between two
 * beats, each beat wakes once; a stream ends with its source, its client, too much at once, or all
 * of them. The library's two functions that suspend and wake are the test's own. Expected:
 * docs/decisions/013, limits.h.
 */
#include <microhttpd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/deadline.h"
#include "web/stream.h"

static int suspended, woken;

void MHD_suspend_connection(struct MHD_Connection *library)
{
  (void)library;
  suspended++;
}

void MHD_resume_connection(struct MHD_Connection *library)
{
  (void)library;
  woken++;
}

static struct web_deadlines *deadlines;
static struct web_streams *streams;
static struct web_connection *connection;
static int ends[2];

/* A source that says `words` at each look, `left` times, and then ends. */
struct source {
  const char *words;
  int left, looks;
};
static bool look(void *context, struct text_buffer *out)
{
  struct source *source = context;
  source->looks++;
  text_buffer_add(out, text_from(source->words));
  return source->left-- > 0;
}

static int begin(void **state)
{
  (void)state;
  struct error error = {0};
  suspended = woken = 0;
  assert_true(web_deadlines_start(&deadlines, NULL, &error));
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  connection = web_connection_open(deadlines, ends[0], true);
  streams = web_streams_new(deadlines);
  return 0;
}

static int end(void **state)
{
  (void)state;
  assert_int_equal(web_streams_count(streams), 0);
  web_streams_free(streams);
  web_connection_close(deadlines, connection);
  web_deadlines_stop(deadlines);
  close(ends[0]);
  if (ends[1] >= 0) close(ends[1]);
  return 0;
}

static struct web_stream *opened(struct source *source, const char *key)
{
  struct web_stream *stream = NULL;
  struct error error = {0};
  struct web_stream_source given = {look, source, text_from(key)};
  bool is_open = web_stream_open(&stream, streams, &given, NULL, connection, &error);
  assert_true(is_open == (stream != NULL));
  if (!is_open) assert_int_equal(error.kind, ERROR_BUSY);
  return stream;
}

static void what_is_said_comes_in_pieces_and_once(void **state)
{
  (void)state;
  struct source source = {"data: changed\n\n", 2, 0};
  struct web_stream *stream = opened(&source, "a");
  char out[64];
  assert_int_equal(web_stream_read(stream, 0, out, 6), 6);
  assert_memory_equal(out, "data: ", 6);
  assert_int_equal(web_stream_read(stream, 6, out, sizeof out), 9);
  assert_memory_equal(out, "changed\n\n", 9);
  assert_int_equal(source.looks, 1);
  /* nothing more until the next beat, however often the library asks */
  assert_int_equal(web_stream_read(stream, 15, out, sizeof out), 0);
  assert_int_equal(suspended, 1);
  assert_int_equal(source.looks, 1);
  web_streams_beat(streams);
  web_streams_beat(streams);
  assert_int_equal(woken, 1); /* once for each time it was suspended */
  assert_int_equal(web_stream_read(stream, 15, out, sizeof out), 15);
  assert_int_equal(source.looks, 2);
  web_stream_close(stream);
}

static void a_beat_between_two_reads_is_not_lost(void **state)
{
  (void)state;
  struct source source = {"x\n\n", 9, 0};
  struct web_stream *stream = opened(&source, "a");
  char out[64];
  assert_int_equal(web_stream_read(stream, 0, out, sizeof out), 3);
  web_streams_beat(streams); /* it is not suspended yet */
  assert_int_equal(web_stream_read(stream, 3, out, sizeof out), 3);
  assert_int_equal(suspended, 0);
  assert_int_equal(woken, 0);
  web_stream_close(stream);
}

static void a_source_with_nothing_to_say_waits(void **state)
{
  (void)state;
  struct source source = {"", 9, 0};
  struct web_stream *stream = opened(&source, "a");
  char out[64];
  for (int i = 1; i < 4; i++) {
    assert_int_equal(web_stream_read(stream, 0, out, sizeof out), 0);
    assert_int_equal(suspended, i);
    assert_int_equal(source.looks, i);
    web_streams_beat(streams);
  }
  web_stream_close(stream);
}

static void it_ends_with_its_source_without_the_last_words(void **state)
{
  (void)state;
  struct source source = {"data: secret\n\n", 0, 0};
  struct web_stream *stream = opened(&source, "a");
  char out[64];
  assert_true(web_stream_read(stream, 0, out, sizeof out) == MHD_CONTENT_READER_END_OF_STREAM);
  assert_true(web_stream_read(stream, 0, out, sizeof out) == MHD_CONTENT_READER_END_OF_STREAM);
  assert_int_equal(source.looks, 1);
  web_stream_close(stream);
  web_stream_close(NULL);
}

static void it_ends_when_its_client_has_gone(void **state)
{
  (void)state;
  struct source source = {"", 9, 0};
  struct web_stream *stream = opened(&source, "a");
  char out[64];
  assert_int_equal(web_stream_read(stream, 0, out, sizeof out), 0);
  close(ends[1]);
  ends[1] = -1;
  web_streams_beat(streams);
  assert_true(web_stream_read(stream, 0, out, sizeof out) == MHD_CONTENT_READER_END_OF_STREAM);
  assert_int_equal(source.looks, 1);
  web_stream_close(stream);
}

/* Half an event would be read as another one. */
static void too_much_at_once_ends_it_and_is_not_cut(void **state)
{
  (void)state;
  static char much[LIMIT_HTTP_STREAM_BYTES + 2];
  char out[64];
  memset(much, 'x', sizeof much - 1);
  struct source source = {much, 9, 0};
  struct web_stream *stream = opened(&source, "a");
  assert_true(web_stream_read(stream, 0, out, sizeof out) == MHD_CONTENT_READER_END_OF_STREAM);
  web_stream_close(stream);
  much[LIMIT_HTTP_STREAM_BYTES] = '\0';
  stream = opened(&source, "a");
  assert_int_equal(web_stream_read(stream, 0, out, sizeof out), sizeof out);
  web_stream_close(stream);
}

static void so_many_of_one_and_so_many_in_all(void **state)
{
  (void)state;
  static struct web_stream *all[LIMIT_HTTP_STREAMS];
  static char keys[LIMIT_HTTP_STREAMS][8];
  struct source source = {"", 9, 0};
  for (size_t i = 0; i < LIMIT_HTTP_STREAMS; i++) {
    snprintf(keys[i], sizeof keys[i], "%zu", i / LIMIT_HTTP_STREAMS_OF_ONE);
    all[i] = opened(&source, keys[i]);
    assert_non_null(all[i]);
    if (i == LIMIT_HTTP_STREAMS_OF_ONE - 1) assert_null(opened(&source, keys[0]));
  }
  assert_int_equal(web_streams_count(streams), LIMIT_HTTP_STREAMS);
  assert_null(opened(&source, "another"));
  web_stream_close(all[0]);
  assert_null(opened(&source, keys[LIMIT_HTTP_STREAMS_OF_ONE]));
  all[0] = opened(&source, "another");
  assert_non_null(all[0]);
  for (size_t i = 0; i < LIMIT_HTTP_STREAMS; i++) web_stream_close(all[i]);
}

static void when_the_server_stops_all_end_and_none_opens(void **state)
{
  (void)state;
  struct source waiting = {"", 9, 0}, saying = {"data: more\n\n", 9, 0};
  struct web_stream *silent = opened(&waiting, "a"), *busy = opened(&saying, "b");
  char out[64];
  assert_int_equal(web_stream_read(silent, 0, out, sizeof out), 0);
  assert_int_equal(web_stream_read(busy, 0, out, 4), 4);
  web_streams_end(streams);
  assert_int_equal(woken, 1);
  assert_null(opened(&saying, "c"));
  assert_int_equal(web_stream_read(busy, 4, out, sizeof out),
                   8); /* what it began to say is whole */
  assert_true(web_stream_read(busy, 12, out, sizeof out) == MHD_CONTENT_READER_END_OF_STREAM);
  assert_true(web_stream_read(silent, 0, out, sizeof out) == MHD_CONTENT_READER_END_OF_STREAM);
  assert_int_equal(waiting.looks, 1);
  assert_int_equal(saying.looks, 1);
  web_stream_close(silent);
  web_stream_close(busy);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(what_is_said_comes_in_pieces_and_once),
      TEST(a_beat_between_two_reads_is_not_lost),
      TEST(a_source_with_nothing_to_say_waits),
      TEST(it_ends_with_its_source_without_the_last_words),
      TEST(it_ends_when_its_client_has_gone),
      TEST(too_much_at_once_ends_it_and_is_not_cut),
      TEST(so_many_of_one_and_so_many_in_all),
      TEST(when_the_server_stops_all_end_and_none_opens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
