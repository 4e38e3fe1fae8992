/*
 * rows: one CSV file of knowledge/ read strictly, for the tables of this room. What is wrong is
 * refused with file, line and how to mend it. Private to privacy.
 *
 * Everything lives in the arena that was handed in. Threads: one at a time.
 */
#ifndef FAIRLEAD_PRIVACY_ROWS_H
#define FAIRLEAD_PRIVACY_ROWS_H

#include "base/base.h"

enum { ROWS_COLUMNS = 20 };

struct rows {
  const char *name;
  struct table table;
  size_t at[ROWS_COLUMNS]; /* by expected column: the table's */
};

/* Read <folder>/<name>; `columns` ends with NULL and names every column the file must have. Refuses
 * a file without a row. */
bool rows_open(struct rows *out, struct arena *arena, const char *folder, const char *name,
               const char *const *columns, struct error *error);
/* The cell of expected column `column`, trimmed; may be empty. */
struct text rows_cell(const struct rows *rows, size_t row, size_t column);
/* Answer false with the row's line and what is wrong with it. */
bool rows_refuse(const struct rows *rows, size_t row, const char *mend, struct error *error,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
