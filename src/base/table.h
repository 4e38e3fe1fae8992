/*
 * Tables: CSV (RFC 4180, by libcsv, streaming) and the pipe tables of Markdown documents.
 */
#ifndef FAIRLEAD_BASE_TABLE_H
#define FAIRLEAD_BASE_TABLE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* One row: `line` is the physical line on which it begins, from 1; `index` counts data rows from 1.
 * Fields are trimmed of nothing; short rows are padded with empty text to the header's width. */
struct table_row {
  const struct text *fields;
  size_t count;       /* the header's width, or the row's own when that is larger */
  size_t given_count; /* fields that the row really has */
  int64_t line, index;
};

/*
 * A CSV reader that is fed bytes and calls back: first `header` once, then `row` for each row
 * (blank lines are skipped). A byte order mark is skipped; LF and CRLF end lines; a field over
 * LIMIT_CSV_FIELD, a row over LIMIT_CSV_COLUMNS, a NUL, or a quote out of place is refused with
 * its line. Slices handed to the callbacks live until the callback returns.
 */
struct table_csv_handler {
  bool (*header)(void *context, const struct table_row *row, struct error *error);
  bool (*row)(void *context, const struct table_row *row, struct error *error);
  void *context;
};
struct table_csv;
struct table_csv *table_csv_new(const struct table_csv_handler *handler);
bool table_csv_feed(struct table_csv *csv, struct text bytes, struct error *error);
/* End of input: the last row, or the error of an open quote. */
bool table_csv_finish(struct table_csv *csv, struct error *error);
void table_csv_free(struct table_csv *csv);

/* A whole small table in memory, by column name. */
struct table {
  struct text *columns;
  size_t column_count;
  struct text *cells; /* row-major */
  int64_t *lines;     /* where each row begins */
  size_t row_count;
};
/* Read a whole CSV text into the arena. Column names must be unique and not empty. */
bool table_read_csv(struct arena *arena, struct text document, struct table *out,
                    struct error *error);
/* Find a column by name; answers false with the name in the error when it is missing. */
bool table_column(const struct table *table, const char *name, size_t *out, struct error *error);
struct text table_cell(const struct table *table, size_t row, size_t column);
/* Write one field of a CSV row, quoted when it must be; formulas (=+-@ first) get a ' before. */
void table_csv_write_field(struct text field, bool first, struct text_buffer *out);

/*
 * Find the next pipe table in a Markdown document at or after byte `*offset`: a header row, a
 * delimiter row, rows. `heading` is the nearest heading above. "\|" is a bar in a cell; cells are
 * trimmed; text in ``` fences is skipped. Moves `*offset` behind it. Answers false with no error
 * set (kind ERROR_NONE) when no table is left.
 */
bool table_read_pipe(struct arena *arena, struct text document, size_t *offset,
                     struct text *heading, struct table *out, struct error *error);

#endif
