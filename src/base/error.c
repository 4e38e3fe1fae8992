/*
 * Errors: see error.h.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Cut a text that vsnprintf filled to its end back to a whole UTF-8 character. */
static void cut_at_character(char *text)
{
  size_t length = strlen(text);
  if (length + 1 < LIMIT_ERROR_TEXT) return;
  while (length && !text_is_utf8((struct text){text, length})) length--;
  text[length] = 0;
}

bool error_set(struct error *error, enum error_kind kind, const char *person, const char *hint,
               const char *log_format, ...)
{
  if (!error) return false;
  struct error made = {.kind = kind, .person = person}; /* the arguments may be the old texts */
  snprintf(made.hint, sizeof made.hint, "%s", hint ? hint : "");
  va_list arguments;
  va_start(arguments, log_format);
  vsnprintf(made.log, sizeof made.log, log_format, arguments);
  va_end(arguments);
  cut_at_character(made.log);
  cut_at_character(made.hint);
  *error = made;
  return false;
}

bool error_add_context(struct error *error, const char *context_format, ...)
{
  if (!error) return false;
  struct text_buffer joined;
  text_buffer_init(&joined, 2 * LIMIT_ERROR_TEXT + 8);
  char context[LIMIT_ERROR_TEXT];
  va_list arguments;
  va_start(arguments, context_format);
  vsnprintf(context, sizeof context, context_format, arguments);
  va_end(arguments);
  text_buffer_add_format(&joined, "%s: %s", context, error->log);
  snprintf(error->log, sizeof error->log, "%.*s", TEXT_PRINT(text_buffer_get(&joined)));
  text_buffer_fini(&joined);
  cut_at_character(error->log);
  return false;
}

void error_clear(struct error *error)
{
  if (error) *error = (struct error){.kind = ERROR_NONE};
}
