/*
 * The terminal's view of a search: `fairlead find` without --json.
 */
#ifndef FAIRLEAD_CLI_FIND_PRINT_H
#define FAIRLEAD_CLI_FIND_PRINT_H

#include "cli/find_openings.h"
#include "directory/directory.h"

struct find_print {
  const struct catalog *catalog;
  size_t language;
  struct arena *arena;
  const struct needs *needs;
  const struct snapshot *snapshot;
  const struct directory_answer *answer;
  const struct find_openings *openings;
  /* The command as it was typed, without its place and its cursor: to show what to type next. */
  struct text command, place;
  size_t width; /* columns */
  bool bold;    /* names in bold; never in a pipe */
};

/* Write the whole view. Text of listings is shown without control characters. */
void find_print(const struct find_print *print, struct text_buffer *out);
/* Append one word of a shell command, quoted when it must be. */
void find_print_quoted(struct text word, struct text_buffer *out);

#endif
