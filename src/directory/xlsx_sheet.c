/*
 * A worksheet's rows: cells put in their columns by reference, shared and inline strings, stored
 * numbers. Rows are handed over as each ends; nothing of a row is kept behind it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory/xlsx_parts.h"

enum cell_kind { CELL_NUMBER, CELL_SHARED, CELL_INLINE, CELL_TEXT, CELL_ERROR };

struct span {
  size_t from, length; /* in `row_bytes` */
};

struct xlsx_sheet {
  struct xlsx_xml *xml;
  const struct xlsx_strings *strings;
  xlsx_row_function *row;
  void *context;

  struct text_buffer value;     /* of the cell that is open */
  struct text_buffer row_bytes; /* of the row's finished cells */
  struct span *spans;           /* by column */
  struct text *cells;           /* handed over */
  size_t count, capacity;       /* columns of this row; of both arrays */

  int64_t number, rows;
  size_t column;
  enum cell_kind kind;
  size_t phonetic;
  bool in_row, in_cell, in_value, filled;
};

bool xlsx_sheet_column(struct text reference, size_t *column)
{
  size_t number = 0, at = 0;
  for (; at < reference.length && at < 4; at++) {
    char c = reference.at[at];
    if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
    if (c < 'A' || c > 'Z') break;
    number = number * 26 + (size_t)(c - 'A') + 1;
  }
  if (at == 0 || at > 3) return false;
  *column = number - 1;
  return true;
}

void xlsx_sheet_add_number(struct text stored, struct text_buffer *out)
{
  static const double largest_exact = 9007199254740992.0; /* 2^53 */
  char copy[64];
  bool plain = stored.length > 0;
  for (size_t i = 0; i < stored.length; i++)
    plain = plain && stored.at[i] >= '0' && stored.at[i] <= '9';
  if (plain || stored.length == 0 || stored.length >= sizeof copy) {
    text_buffer_add(out, stored);
    return;
  }
  memcpy(copy, stored.at, stored.length);
  copy[stored.length] = 0;
  char *end = NULL;
  double number = strtod(copy, &end);
  if (*end || !isfinite(number)) text_buffer_add(out, stored);
  else if (fabs(number) < largest_exact && trunc(number) == number)
    text_buffer_add_format(out, "%.0f", number);
  else if (memchr(copy, 'e', stored.length) || memchr(copy, 'E', stored.length))
    text_buffer_add_format(out, "%.15g", number);
  else text_buffer_add(out, stored);
}

static bool refuse(const struct xlsx_sheet *sheet, struct error *error, const char *what)
{
  return error_set(error, ERROR_REFUSED, "error.import.unreadable",
                   "Save the workbook anew as .xlsx, or download it again.", "row %lld: %s",
                   (long long)sheet->number, what);
}

static bool refuse_size(const struct xlsx_sheet *sheet, struct error *error, const char *what)
{
  return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                   "Directory files are far smaller. Check that this is the right file.",
                   "row %lld: %s", (long long)sheet->number, what);
}

static bool start_row(struct xlsx_sheet *sheet, const char **attributes, struct error *error)
{
  struct text given = xlsx_xml_attribute(attributes, "r");
  int64_t number = sheet->number + 1;
  if (given.length && !text_read_integer(given, &number))
    return refuse(sheet, error, "the next row's number is none");
  if (number <= sheet->number) return refuse(sheet, error, "rows are out of order");
  sheet->number = number;
  if (++sheet->rows > LIMIT_IMPORT_ROWS || number > LIMIT_IMPORT_ROWS)
    return refuse_size(sheet, error, "too many rows");
  sheet->in_row = true;
  sheet->filled = false;
  sheet->count = 0;
  sheet->column = 0;
  text_buffer_clear(&sheet->row_bytes);
  return true;
}

static enum cell_kind kind_of(struct text type)
{
  static const struct {
    struct text name;
    enum cell_kind kind;
  } kinds[] = {
      {TEXT("s"), CELL_SHARED}, {TEXT("inlineStr"), CELL_INLINE}, {TEXT("str"), CELL_TEXT},
      {TEXT("d"), CELL_TEXT},   {TEXT("b"), CELL_TEXT},           {TEXT("e"), CELL_ERROR},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (text_equal(type, kinds[i].name)) return kinds[i].kind;
  return CELL_NUMBER;
}

/* Make the row `column` + 1 wide at least, the new cells empty. */
static void widen(struct xlsx_sheet *sheet, size_t column)
{
  if (column >= sheet->capacity) {
    sheet->capacity = column + 16;
    sheet->spans = memory_resize(sheet->spans, sheet->capacity * sizeof *sheet->spans);
    sheet->cells = memory_resize(sheet->cells, sheet->capacity * sizeof *sheet->cells);
  }
  while (sheet->count <= column) sheet->spans[sheet->count++] = (struct span){0, 0};
}

static bool start_cell(struct xlsx_sheet *sheet, const char **attributes, struct error *error)
{
  struct text reference = xlsx_xml_attribute(attributes, "r");
  size_t column = sheet->column;
  if (reference.length && !xlsx_sheet_column(reference, &column))
    return refuse(sheet, error, "a cell's reference is none");
  if (column >= LIMIT_CSV_COLUMNS) return refuse_size(sheet, error, "too many columns");
  widen(sheet, column);
  sheet->column = column;
  sheet->kind = kind_of(xlsx_xml_attribute(attributes, "t"));
  sheet->in_cell = true;
  text_buffer_clear(&sheet->value);
  return true;
}

static bool start(void *context, struct text name, const char **attributes, struct error *error)
{
  struct xlsx_sheet *sheet = context;
  if (text_equal(name, TEXT("row"))) return start_row(sheet, attributes, error);
  if (!sheet->in_row) return true;
  if (text_equal(name, TEXT("c"))) return start_cell(sheet, attributes, error);
  if (!sheet->in_cell) return true;
  if (text_equal(name, TEXT("rPh"))) sheet->phonetic++;
  if (text_equal(name, TEXT("v"))) sheet->in_value = sheet->kind != CELL_INLINE;
  if (text_equal(name, TEXT("t")))
    sheet->in_value = sheet->kind == CELL_INLINE && sheet->phonetic == 0;
  return true;
}

static bool characters(void *context, struct text bytes, struct error *error)
{
  struct xlsx_sheet *sheet = context;
  if (!sheet->in_value) return true;
  text_buffer_add(&sheet->value, bytes);
  return sheet->value.over ? refuse_size(sheet, error, "a cell is too long") : true;
}

/* Put the open cell's value behind the row's bytes. */
static bool end_cell(struct xlsx_sheet *sheet, struct error *error)
{
  size_t from = sheet->row_bytes.length;
  struct text value = text_buffer_get(&sheet->value);
  if (sheet->kind == CELL_SHARED && value.length) {
    int64_t index = -1;
    struct text shared;
    if (!text_read_integer(text_trim(value), &index) || index < 0 ||
        !xlsx_strings_get(sheet->strings, (size_t)index, &shared))
      return refuse(sheet, error, "a cell names a shared string that is not there");
    text_buffer_add(&sheet->row_bytes, shared);
  } else if (sheet->kind == CELL_NUMBER) {
    xlsx_sheet_add_number(text_trim(value), &sheet->row_bytes);
  } else if (sheet->kind != CELL_ERROR) {
    text_buffer_add(&sheet->row_bytes, value);
  }
  if (sheet->row_bytes.over) return refuse_size(sheet, error, "the row is too long");
  size_t length = sheet->row_bytes.length - from;
  sheet->spans[sheet->column] = (struct span){from, length};
  sheet->filled = sheet->filled || length > 0;
  sheet->in_cell = false;
  sheet->phonetic = 0;
  sheet->column++;
  return true;
}

static bool end_row(struct xlsx_sheet *sheet, struct error *error)
{
  sheet->in_row = false;
  if (!sheet->filled) return true;
  struct text bytes = text_buffer_get(&sheet->row_bytes);
  for (size_t i = 0; i < sheet->count; i++) {
    struct span span = sheet->spans[i];
    sheet->cells[i] = text_slice(bytes, span.from, span.from + span.length);
  }
  bool stop = false;
  if (!sheet->row(sheet->context, sheet->number, sheet->cells, sheet->count, &stop, error))
    return false;
  if (stop) xlsx_xml_stop(sheet->xml);
  return true;
}

static bool end(void *context, struct text name, struct error *error)
{
  struct xlsx_sheet *sheet = context;
  if (text_equal(name, TEXT("v")) || text_equal(name, TEXT("t"))) sheet->in_value = false;
  else if (text_equal(name, TEXT("rPh"))) sheet->phonetic -= sheet->phonetic > 0;
  else if (text_equal(name, TEXT("c")) && sheet->in_cell) return end_cell(sheet, error);
  else if (text_equal(name, TEXT("row")) && sheet->in_row) return end_row(sheet, error);
  return true;
}

struct xlsx_sheet *xlsx_sheet_new(const struct xlsx_strings *strings, xlsx_row_function *row,
                                  void *context)
{
  static const struct xlsx_xml_handler handler = {start, end, characters};
  struct xlsx_sheet *sheet = memory_allocate_zero(1, sizeof *sheet);
  sheet->strings = strings;
  sheet->row = row;
  sheet->context = context;
  text_buffer_init(&sheet->value, LIMIT_IMPORT_CELL);
  text_buffer_init(&sheet->row_bytes, LIMIT_IMPORT_ROW);
  sheet->xml = xlsx_xml_new(&handler, sheet);
  return sheet;
}

void xlsx_sheet_free(struct xlsx_sheet *sheet)
{
  if (!sheet) return;
  xlsx_xml_free(sheet->xml);
  text_buffer_fini(&sheet->value);
  text_buffer_fini(&sheet->row_bytes);
  free(sheet->spans);
  free(sheet->cells);
  free(sheet);
}

bool xlsx_sheet_feed(struct xlsx_sheet *sheet, struct text bytes, bool last, struct error *error)
{
  return xlsx_xml_feed(sheet->xml, bytes, last, error);
}

bool xlsx_sheet_is_stopped(const struct xlsx_sheet *sheet)
{
  return xlsx_xml_is_stopped(sheet->xml);
}
