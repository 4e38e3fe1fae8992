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

static const char cut_mark[] = " cut=true";

/* Does UTF-8 of a Latin-1 control (C2 80 to C2 9F) begin here? */
static bool begins_c1(struct text t, size_t at)
{
  if (at + 1 >= t.length || (unsigned char)t.at[at] != 0xC2) return false;
  unsigned char next = (unsigned char)t.at[at + 1];
  return next >= 0x80 && next < 0xA0;
}

/* Is this byte part of a control, which could move a terminal? */
static bool is_control(struct text t, size_t at)
{
  unsigned char c = (unsigned char)t.at[at];
  return c < ' ' || c == 0x7F || begins_c1(t, at) || (at > 0 && begins_c1(t, at - 1));
}

bool log_is_on(enum log_level level)
{
  return (int)level >= atomic_load(&lowest_level);
}

static bool is_plain(struct text t)
{
  for (size_t i = 0; i < t.length; i++)
    if (is_control(t, i) || strchr(" \"=\\", t.at[i])) return false;
  return t.length > 0 && text_is_utf8(t);
}

/* In quotes; controls and, in a text that is not UTF-8, all bytes beyond ASCII become '?'. */
static void add_quoted(struct text_buffer *line, struct text t)
{
  bool is_utf8 = text_is_utf8(t);
  text_buffer_add_character(line, '"');
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    bool is_hidden = is_control(t, i) || (!is_utf8 && (unsigned char)c >= 0x80);
    if (c == '"' || c == '\\') text_buffer_add_character(line, '\\');
    text_buffer_add_character(line, is_hidden ? '?' : c);
  }
  text_buffer_add_character(line, '"');
}

static void add_field(struct text_buffer *line, const struct log_field *field)
{
  text_buffer_add_format(line, " %s=", field->key);
  if (field->is_number) text_buffer_add_integer(line, field->number);
  else if (is_plain(field->text)) text_buffer_add(line, field->text);
  else add_quoted(line, field->text);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
  static const char *const names[] = {"debug", "info", "warning", "error"};
  if (!log_is_on(level)) return;
  struct arena *arena = arena_new(LIMIT_LOG_LINE);
  struct text_buffer line;
  text_buffer_init(&line, LIMIT_LOG_LINE - sizeof cut_mark);
  text_buffer_add_format(&line, "time=%.*s level=%s event=%s",
                         TEXT_PRINT(time_format(arena, time_now())), names[level], event);
  size_t whole_fields = line.length;
  for (; fields->key && !line.over; fields++) {
    add_field(&line, fields);
    if (!line.over) whole_fields = line.length;
  }
  struct text whole = text_slice(text_buffer_get(&line), 0, whole_fields);
  whole = text_format(arena, "%.*s%s\n", TEXT_PRINT(whole), line.over ? cut_mark : "");
  ssize_t written = write(STDERR_FILENO, whole.at, whole.length);
  (void)written; /* a log that cannot be written cannot be reported either */
  text_buffer_fini(&line);
  arena_free(arena);
}

void log_error(const char *event, const struct error *error)
{
  log_event(LOG_ERROR, event, LOG_S("why", error->log), LOG_S("mend", error->hint));
}
