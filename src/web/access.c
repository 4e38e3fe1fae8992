/*
 * The access log: see access.h. Each thread keeps the text of the second that it wrote last.
 */
#include "web/access.h"

#include <string.h>
#include <unistd.h>

enum { SECOND_LENGTH = 19, LINE_LONGEST = 512 }; /* "2026-11-21T22:00:00" */
static const int64_t MICROSECONDS = 1000000;     /* a second */

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

void web_access_write(const struct web_access *access)
{
  struct line line;
  line.length = 0;
  if (!log_is_on(LOG_INFO)) return;
  add(&line, "time=");
  add_time(&line, time_now());
  add(&line, " level=info event=web.request method=");
  add(&line, access->method);
  add(&line, " route=");
  add(&line, access->route);
  add(&line, " status=");
  add_number(&line, access->status, 1);
  add(&line, " bytes=");
  add_number(&line, (int64_t)access->bytes, 1);
  add(&line, " microseconds=");
  add_number(&line, access->microseconds, 1);
  add(&line, "\n");
  ssize_t written = write(STDERR_FILENO, line.at, line.length);
  (void)written; /* a log that cannot be written cannot be reported either */
}
