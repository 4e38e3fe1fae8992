/*
 * The access log: see access.h. Each thread keeps the text of the second that it wrote last.
 */
#include "web/access.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  SECOND_LENGTH = 19, /* "2026-11-21T22:00:00" */
  LINE_LONGEST = 512,
  GATHERED_MOST = 64 * 1024
};
static const int64_t MICROSECONDS = 1000000; /* a second */

struct line {
  char at[LINE_LONGEST];
  size_t length;
};

static void add(struct line *line, const char *text)
{
  size_t length = strlen(text);
  if (length > sizeof line->at - line->length) length = sizeof line->at - line->length;
  memcpy(line->at + line->length, text, length);
  line->length += length;
}

/* Add a number with at least `width` digits; negative ones are shown as 0. */
static void add_number(struct line *line, int64_t number, int width)
{
  char digits[24];
  size_t at = sizeof digits - 1;
  uint64_t rest = number > 0 ? (uint64_t)number : 0;
  digits[at] = 0;
  do {
    digits[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest || (int)(sizeof digits - 1 - at) < width);
  add(line, digits + at);
}

static void add_time(struct line *line, int64_t now)
{
  static _Thread_local int64_t second_written = -1;
  static _Thread_local char second_text[SECOND_LENGTH + 1];
  if (now / MICROSECONDS != second_written) {
    struct arena *arena = arena_new(LIMIT_LOG_LINE);
    struct text whole = time_format(arena, now);
    memcpy(second_text, whole.at, SECOND_LENGTH);
    second_written = now / MICROSECONDS;
    arena_free(arena);
  }
  add(line, second_text);
  add(line, ".");
  add_number(line, now % MICROSECONDS, 6);
  add(line, "Z");
}

struct web_access_log {
  pthread_mutex_t lock;
  size_t length;
  char gathered[GATHERED_MOST];
};

struct web_access_log *web_access_log_new(void)
{
  struct web_access_log *log = memory_allocate_zero(1, sizeof *log);
  pthread_mutex_init(&log->lock, NULL);
  return log;
}

void web_access_log_free(struct web_access_log *log)
{
  if (!log) return;
  web_access_flush(log);
  pthread_mutex_destroy(&log->lock);
  free(log);
}

static void flush_locked(struct web_access_log *log)
{
  for (size_t at = 0; at < log->length;) {
    ssize_t step = write(STDERR_FILENO, log->gathered + at, log->length - at);
    if (step <= 0) break; /* a log that cannot be written cannot be reported either */
    at += (size_t)step;
  }
  log->length = 0;
}

void web_access_flush(struct web_access_log *log)
{
  pthread_mutex_lock(&log->lock);
  flush_locked(log);
  pthread_mutex_unlock(&log->lock);
}

void web_access_write(struct web_access_log *log, const struct web_access *access)
{
  struct line line;
  line.length = 0;
  if (!log_is_on(LOG_INFO)) return;
  add(&line, "time=");
  add_time(&line, time_now());
  add(&line, " level=info event=web.request method=");
  add(&line, access->method ? access->method : "-");
  add(&line, " route=");
  add(&line, access->route);
  add(&line, " status=");
  add_number(&line, access->status, 1);
  add(&line, " bytes=");
  add_number(&line, (int64_t)access->bytes, 1);
  add(&line, " microseconds=");
  add_number(&line, access->microseconds, 1);
  add(&line, "\n");
  pthread_mutex_lock(&log->lock);
  if (log->length + line.length > sizeof log->gathered) flush_locked(log);
  memcpy(log->gathered + log->length, line.at, line.length);
  log->length += line.length;
  pthread_mutex_unlock(&log->lock);
}
