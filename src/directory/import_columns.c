/*
 * Columns: see import_columns.h.
 */
#include "directory/import_columns.h"

#include <string.h>

#include "directory/import_clean.h"

/* Columns of the official files that say nothing we keep. */
static bool is_passed_over(struct text header)
{
  static const struct text names[] = {TEXT("zip4"), TEXT("intake_prompt"), TEXT("_irow"),
                                      TEXT("miles")};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (text_equal_ignore_case(header, names[i])) return true;
  return header.length == 0;
}

static bool refuse_repeated(struct error *error, struct text header)
{
  return error_set(error, ERROR_REFUSED, "error.import.columns",
                   "Keep one of the two, or name them apart.", "column \"%.*s\" stands twice",
                   TEXT_PRINT(header));
}

bool import_columns_read(struct import_batch *batch, const struct text *headers, size_t count,
                         struct import_columns *out, struct error *error)
{
  struct import_columns columns = {.count = count};
  bool recoded = false, has_code[CODES_MAXIMUM] = {false};
  columns.all = arena_allocate_array(batch->arena, count, sizeof *columns.all);
  for (size_t i = 0; i < count; i++) {
    struct import_column *column = &columns.all[i];
    struct text header = clean_text(batch->arena, headers[i], &recoded);
    column->header = text_upper_ascii(batch->arena, header);
    if (is_passed_over(header)) continue;
    if (import_field_find(header, &column->field)) {
      if (columns.has[column->field]) return refuse_repeated(error, header);
      column->kind = COLUMN_FIELD;
      columns.has[column->field] = true;
    } else if (codes_find(batch->needs, header, &column->code)) {
      if (has_code[column->code]) return refuse_repeated(error, header);
      column->kind = COLUMN_CODE;
      has_code[column->code] = true;
      columns.code_count++;
    } else {
      column->kind = COLUMN_UNKNOWN;
    }
  }
  *out = columns;
  return true;
}

static bool has_place(const struct import_columns *columns)
{
  return columns->has[IMPORT_ZIP] || (columns->has[IMPORT_CITY] && columns->has[IMPORT_STATE]);
}

static bool has_services(const struct import_columns *columns)
{
  return columns->has[IMPORT_CODES] || columns->code_count > 0;
}

bool import_columns_are_facilities(const struct import_columns *columns)
{
  return columns->has[IMPORT_NAME1] && has_place(columns) && has_services(columns);
}

bool import_columns_refuse(const struct import_columns *columns, struct error *error)
{
  const char *name = columns->has[IMPORT_NAME1] ? "" : " name1";
  const char *place = has_place(columns) ? "" : " zip (or city and state)";
  const char *services =
      has_services(columns) ? "" : " service_code_info (or one column for each code)";
  return error_set(error, ERROR_REFUSED, "error.import.columns",
                   "The first row must name the columns; see docs/import.md for their names.",
                   "no list of facilities: missing%s%s%s", name, place, services);
}

static bool is_yes(struct text value)
{
  return text_equal(value, TEXT("1")) || text_equal_ignore_case(value, TEXT("x")) ||
         text_equal_ignore_case(value, TEXT("yes")) || text_equal_ignore_case(value, TEXT("true"));
}

static bool is_no(struct text value)
{
  return value.length == 0 || text_equal(value, TEXT("0")) ||
         text_equal_ignore_case(value, TEXT("no")) || text_equal_ignore_case(value, TEXT("false"));
}

/* A mark in a column of one code, or in one that may be of an unknown code. */
static void take_mark(struct import_batch *batch, struct import_column *column, int64_t row,
                      struct text value)
{
  if (is_no(value)) return;
  if (is_yes(value)) {
    if (column->kind == COLUMN_CODE) import_code_add(batch, column->code);
    else import_unknown_add(batch, row, column->header, false);
    return;
  }
  if (column->reported) return;
  column->reported = true;
  import_problem_add(batch, row, false, column->header.at,
                     column->kind == COLUMN_CODE ? "Use 1 where the service is offered."
                                                 : "Nothing to do, unless it is needed.",
                     column->kind == COLUMN_CODE
                         ? "a column of a service code holds something other than 0 or 1"
                         : "a column that is not read");
}

bool import_columns_row(struct import_batch *batch, struct import_columns *columns, int64_t row,
                        const struct text *cells, size_t count, struct error *error)
{
  struct text raw[IMPORT_FIELD_COUNT];
  bool wide = columns->code_count > 0;
  for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) raw[i] = TEXT("");
  for (size_t i = 0; i < columns->count && i < count; i++) {
    struct import_column *column = &columns->all[i];
    if (column->kind == COLUMN_FIELD) raw[column->field] = cells[i];
    else if (column->kind == COLUMN_CODE || (column->kind == COLUMN_UNKNOWN && wide))
      take_mark(batch, column, row, text_trim(cells[i]));
    else if (column->kind == COLUMN_UNKNOWN && !column->reported && text_trim(cells[i]).length) {
      column->reported = true;
      import_problem_add(batch, row, false, column->header.at,
                         "Nothing to do, unless it is needed.", "a column that is not read");
    }
  }
  import_codes_add(batch, row, raw[IMPORT_CODES]);
  return import_batch_row(batch, row, raw, error);
}
