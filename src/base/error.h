/*
 * Errors: what kind, and three texts.
 *
 * `person` is a key of the message catalog ("error.directory.unreadable"), plain and translatable,
 * with no record data. `log` is for whoever runs the program: exact, may name files and numbers,
 * never a record's content. `hint` says how to mend it. A function that can fail returns bool and
 * takes `struct error *` last; on failure its outputs are untouched and the error is set.
 */
#ifndef FAIRLEAD_BASE_ERROR_H
#define FAIRLEAD_BASE_ERROR_H

#include <stdbool.h>

#include "base/limits.h"

enum error_kind {
  ERROR_NONE,
  ERROR_USAGE,     /* the command line is wrong: exit 2 */
  ERROR_REFUSED,   /* the input is not acceptable: 400, exit 1 */
  ERROR_NOT_FOUND, /* 404 */
  ERROR_FORBIDDEN, /* 403 */
  ERROR_CONFLICT,  /* somebody was faster: 409 */
  ERROR_TOO_LARGE, /* past a limit: 413 */
  ERROR_BUSY,      /* try again: 503 */
  ERROR_SYSTEM     /* disk, memory, library, our own fault: 500 */
};

struct error {
  enum error_kind kind;
  const char *person; /* catalog key, a literal */
  char log[LIMIT_ERROR_TEXT];
  char hint[LIMIT_ERROR_TEXT];
};

/* Fill the error and answer false, so that a function can `return error_set(...)`.
 * `hint` is a plain string (may be ""); `log_format` is printf's. A NULL error is allowed. */
bool error_set(struct error *error, enum error_kind kind, const char *person, const char *hint,
               const char *log_format, ...) __attribute__((format(printf, 5, 6)));
/* Put "context: " before the log text, as an error climbs. Answers false. */
bool error_add_context(struct error *error, const char *context_format, ...)
    __attribute__((format(printf, 2, 3)));
void error_clear(struct error *error);

#endif
