/*
 * knowledge_rows: cells of a knowledge/ file (rows.h) as words, labels, dates and choices. The
 * first fault is kept with file and line, and nothing is read after it: a loader checks once, at
 * its end. Private to privacy. Threads: one at a time.
 */
#ifndef FAIRLEAD_PRIVACY_KNOWLEDGE_ROWS_H
#define FAIRLEAD_PRIVACY_KNOWLEDGE_ROWS_H

#include "privacy/consent_rules.h"
#include "privacy/rows.h"

struct knowledge_rows {
  struct arena *arena;
  struct rows rows;
  size_t count; /* of rows; 0 after a fault */
  struct error *error;
  bool failed;
};

/* Open `name` of `folder`; `columns` ends with NULL. */
void knowledge_rows_open(struct knowledge_rows *rows, struct arena *arena, const char *folder,
                         const char *name, const char *const *columns, struct error *error);
/* Note a fault of a row; answers false. */
bool knowledge_rows_refuse(struct knowledge_rows *rows, size_t row, const char *what);
/* A cell, trimmed; the second must hold something. */
struct text knowledge_rows_cell(const struct knowledge_rows *rows, size_t row, size_t column);
struct text knowledge_rows_required(struct knowledge_rows *rows, size_t row, size_t column);
/* CONSENT_LANGUAGES required cells from `column` on. */
void knowledge_rows_labels(struct knowledge_rows *rows, size_t row, size_t column,
                           struct text *out);
bool knowledge_rows_yes(struct knowledge_rows *rows, size_t row, size_t column);
struct consent_words knowledge_rows_words(struct knowledge_rows *rows, size_t row, size_t column);
/* Which of `names` (ending with NULL) a cell is; 0 after a fault. */
size_t knowledge_rows_choice(struct knowledge_rows *rows, size_t row, size_t column,
                             const char *const *names);
/* effective and expires, in two columns. */
struct consent_term knowledge_rows_term(struct knowledge_rows *rows, size_t row, size_t column);
int64_t knowledge_rows_integer(struct knowledge_rows *rows, size_t row, size_t column);
/* Split a text at blanks. */
struct consent_words knowledge_words(struct arena *arena, struct text cell);

#endif
