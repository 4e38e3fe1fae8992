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
 * (blank lines are skipped). A byte order mark is skipped; LF, CRLF and CR end lines. A field over
 * LIMIT_CSV_FIELD, a row over LIMIT_CSV_COLUMNS or LIMIT_CSV_ROW, a NUL, or a quote out of place
 * is refused with its line. Bytes need not be UTF-8. Slices handed to the callbacks live until the
 * callback returns. After a refusal the reader may only be freed.
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
/* Read a whole CSV text, which must be UTF-8, into the arena. Column names must be unique and not
 * empty, and no row may be wider than the header. */
bool table_read_csv(struct arena *arena, struct text document, struct table *out,
                    struct error *error);
/* Find a column by name; answers false with the name in the error when it is missing. */
bool table_column(const struct table *table, const char *name, size_t *out, struct error *error);
struct text table_cell(const struct table *table, size_t row, size_t column);
/* Write one field of a CSV row, quoted when it must be, as is a first field that is empty or begins
 * like a byte order mark. What a spreadsheet would take for a formula
 * (= + - @ tab CR first, and not a plain number) gets a ' before it. */
void table_csv_write_field(struct text field, bool first, struct text_buffer *out);

/*
 * Find the next pipe table in a Markdown document at or after byte `*offset` (0, or where the call
 * before left it): a header row, a delimiter row, rows up to the next line without a bar. Cells are
 * trimmed; "\|" is a bar in a cell. Fenced text is skipped. Column names must be unique and not
 * empty, and every row has as many cells as the header. `*heading` becomes the nearest "# heading"
 * above; carry it from call to call. Moves `*offset` behind the table.
 * Answers false with the error cleared (kind ERROR_NONE) when no table is left.
 */
bool table_read_pipe(struct arena *arena, struct text document, size_t *offset,
                     struct text *heading, struct table *out, struct error *error);

#endif
