/*
 * CSV: the wide form of the locator (one column a code), and plain lists with a column of codes.
 * Columns stand in any order, headers in any case.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory/import_columns.h"

struct reading {
  struct import_batch *batch;
  struct import_columns columns;
  char last; /* byte of the file */
};

static bool take_header(void *context, const struct table_row *row, struct error *error)
{
  struct reading *reading = context;
  struct import_batch *batch = reading->batch;
  if (row->count == 1 &&
      (text_contains(row->fields[0], TEXT("\t")) || text_contains(row->fields[0], TEXT(";"))))
    return error_set(error, ERROR_REFUSED, "error.import.columns",
                     "Save the table as CSV with commas between the fields.",
                     "the fields are not parted by commas");
  if (!import_columns_read(batch, row->fields, row->count, &reading->columns, error)) return false;
  if (!import_columns_are_facilities(&reading->columns))
    return import_columns_refuse(&reading->columns, error);
  bool wide = !reading->columns.has[IMPORT_CODES];
  batch->report->format = wide ? TEXT("wide-csv") : TEXT("plain-csv");
  batch->default_source = wide ? TEXT("locator-csv") : TEXT("plain-csv");
  batch->decide_by_row = true;
  return true;
}

static bool take_row(void *context, const struct table_row *row, struct error *error)
{
  struct reading *reading = context;
  if (row->given_count == reading->columns.count)
    return import_columns_row(reading->batch, &reading->columns, row->index + 1, row->fields,
                              row->count, error);
  import_problem_add(reading->batch, row->index + 1, true, "row",
                     "Quote fields that hold a comma; download the file again if it is cut off.",
                     "%zu fields where the header has %zu", row->given_count,
                     reading->columns.count);
  reading->batch->report->counts.read++;
  reading->batch->report->counts.refused++;
  return true;
}

static bool feed_file(struct reading *reading, struct table_csv *csv, FILE *file,
                      struct error *error)
{
  enum { CHUNK = 64 * 1024 };
  char *chunk = memory_allocate(CHUNK);
  size_t got;
  bool done = true;
  while (done && (got = fread(chunk, 1, CHUNK, file)) > 0) {
    done = table_csv_feed(csv, (struct text){chunk, got}, error);
    reading->last = chunk[got - 1];
  }
  if (done && ferror(file))
    done = error_set(error, ERROR_SYSTEM, "error.file", "Check the disk and import again.",
                     "read: %s", strerror(errno));
  free(chunk);
  if (done && reading->last != '\n' && reading->last != '\r')
    import_problem_add(reading->batch, 0, false, "file",
                       "Check that the last row is whole; download the file again if it is not.",
                       "no line ends the last row: the file may be cut off");
  return done && table_csv_finish(csv, error);
}

static bool check_read(const struct reading *reading, bool done, struct error *error)
{
  if (!done || reading->columns.count) return done;
  return import_columns_refuse(&reading->columns, error);
}

bool import_read_csv(struct import_batch *batch, const char *path, struct error *error)
{
  struct reading reading = {.batch = batch};
  struct table_csv_handler handler = {take_header, take_row, &reading};
  FILE *file = fopen(path, "rbe");
  if (!file)
    return error_set(error, ERROR_SYSTEM, "error.file", "Check that the file can be read.",
                     "open: %s", strerror(errno));
  struct table_csv *csv = table_csv_new(&handler);
  bool done = check_read(&reading, feed_file(&reading, csv, file, error), error);
  table_csv_free(csv);
  fclose(file);
  return done;
}

bool import_read_csv_text(struct import_batch *batch, struct text document, struct error *error)
{
  struct reading reading = {.batch = batch};
  struct table_csv_handler handler = {take_header, take_row, &reading};
  struct table_csv *csv = table_csv_new(&handler);
  bool done = table_csv_feed(csv, document, error) && table_csv_finish(csv, error);
  done = check_read(&reading, done, error);
  table_csv_free(csv);
  return done;
}
