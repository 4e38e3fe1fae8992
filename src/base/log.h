/*
 * The log: one logfmt line (time level event key=value …) on standard error.
 * It never carries record data, search text or a person's words. A field that would make the line
 * longer than LIMIT_LOG_LINE is left out with all behind it, and cut=true stands for them.
 * Threads: any; a line is one write.
 */
#ifndef FAIRLEAD_BASE_LOG_H
#define FAIRLEAD_BASE_LOG_H

#include "base/error.h"
#include "base/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
  const char *key; /* letters, digits, '_' */
  struct text text;
  int64_t number;
  bool is_number;
};

#define LOG_T(k, t) ((struct log_field){.key = (k), .text = (t)})
#define LOG_S(k, s) ((struct log_field){.key = (k), .text = text_from(s)})
#define LOG_N(k, n) ((struct log_field){.key = (k), .number = (int64_t)(n), .is_number = true})

/* Write an event; `event` is two or three plain words with dots ("directory.swapped"). */
#define log_event(level, event, ...)                                                               \
  log_write((level), (event),                                                                      \
            (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ) LOG_S(NULL, "")})
void log_write(enum log_level level, const char *event, const struct log_field *fields);
void log_error(const char *event, const struct error *error);
/* Lines below this level are dropped. At start: LOG_INFO. */
void log_set_level(enum log_level level);
/* Are lines of this level written? */
bool log_is_on(enum log_level level);

#endif
