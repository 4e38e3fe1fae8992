/*
 * The log: see log.h. One line is composed in a buffer and handed over in one write(2).
 */
#include "base/log.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/time.h"

static _Atomic int lowest_level = LOG_INFO;

void log_set_level(enum log_level level)
{
  atomic_store(&lowest_level, (int)level);
}

static bool is_plain(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F) return false;
  }
  return t.length > 0;
}

static void add_quoted(struct text_buffer *line, struct text t)
{
  text_buffer_add_character(line, '"');
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if (c == '"' || c == '\\') text_buffer_add_character(line, '\\');
    text_buffer_add_character(line, c < ' ' || c == 0x7F ? '?' : (char)c);
  }
  text_buffer_add_character(line, '"');
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
  static const char *const names[] = {"debug", "info", "warning", "error"};
  if ((int)level < atomic_load(&lowest_level)) return;
  struct arena *arena = arena_new(LIMIT_LOG_LINE);
  struct text_buffer line;
  text_buffer_init(&line, LIMIT_LOG_LINE);
  text_buffer_add_format(&line, "time=%.*s level=%s event=%s",
                         TEXT_PRINT(time_format(arena, time_now())), names[level], event);
  for (; fields->key; fields++) {
    text_buffer_add_format(&line, " %s=", fields->key);
    if (fields->is_number) text_buffer_add_integer(&line, fields->number);
    else if (is_plain(fields->text)) text_buffer_add(&line, fields->text);
    else add_quoted(&line, fields->text);
  }
  struct text whole = text_buffer_get(&line);
  char *copy = arena_allocate(arena, whole.length + 2);
  memcpy(copy, whole.at, whole.length);
  copy[whole.length] = '\n';
  ssize_t written = write(STDERR_FILENO, copy, whole.length + 1);
  (void)written; /* a log that cannot be written cannot be reported either */
  text_buffer_fini(&line);
  arena_free(arena);
}

void log_error(const char *event, const struct error *error)
{
  log_event(LOG_ERROR, event, LOG_S("why", error->log), LOG_S("mend", error->hint));
}
