/*
 * CSV: see table.h. libcsv finds fields; this file adds limits and line numbers. libcsv tells no
 * positions, so it is fed pieces that end where a physical line ends.
 */
#include "base/table.h"

#include <assert.h>
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/table_build.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";
enum { MARK_LENGTH = 3 };

struct table_csv {
  struct table_csv_handler handler;
  struct csv_parser parser;
  size_t mark;             /* bytes of the byte order mark seen; MARK_LENGTH: settled */
  int64_t line, row_line;  /* the cursor's, and that of the row being read */
  int64_t index;           /* of the row being read; 0 is the header */
  bool in_row, after_cr;   /* is a row open; was the last byte a CR */
  bool failed;             /* a callback refused */
  struct text_buffer text; /* the open row's fields, one behind the other */
  struct text *fields;     /* while a row is open `at` is unset */
  size_t count, capacity, width;
  struct error *error; /* of the call in progress */
};

static bool refuse(struct table_csv *csv, const char *what)
{
  csv->failed = true;
  return error_set(csv->error, ERROR_REFUSED, "error.csv",
                   "Mend this line, or save the table as CSV again.", "line %lld: %s",
                   (long long)(csv->in_row ? csv->row_line : csv->line), what);
}

static int never(unsigned char c)
{
  (void)c;
  return 0;
}

struct table_csv *table_csv_new(const struct table_csv_handler *handler)
{
  enum { GROWTH = 4096 };
  struct table_csv *csv = memory_allocate_zero(1, sizeof *csv);
  csv->handler = *handler;
  csv->line = 1;
  csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI);
  csv_set_space_func(&csv->parser, never); /* nothing is trimmed */
  csv_set_realloc_func(&csv->parser, memory_resize);
  csv_set_blk_size(&csv->parser, GROWTH);
  text_buffer_init(&csv->text, LIMIT_CSV_ROW);
  return csv;
}

void table_csv_free(struct table_csv *csv)
{
  if (!csv) return;
  csv_free(&csv->parser);
  text_buffer_fini(&csv->text);
  free(csv->fields);
  free(csv);
}

/* Make room for `count` fields. */
static void make_room(struct table_csv *csv, size_t count)
{
  if (count <= csv->capacity) return;
  csv->capacity = count * 2;
  csv->fields = memory_resize(csv->fields, csv->capacity * sizeof *csv->fields);
}

/* libcsv has read a field. */
static void take_field(void *at, size_t length, void *context)
{
  struct table_csv *csv = context;
  if (csv->failed) return;
  if (csv->count == LIMIT_CSV_COLUMNS) {
    refuse(csv, "too many columns");
    return;
  }
  make_room(csv, csv->count + 1);
  text_buffer_add(&csv->text, (struct text){at, length});
  csv->fields[csv->count++] = (struct text){NULL, length};
  if (length > LIMIT_CSV_FIELD) refuse(csv, "a field is too long");
  else if (csv->text.over) refuse(csv, "the row is too long");
}

/* libcsv has read a row: point the fields into the text, pad, hand over. */
static void take_row(int end, void *context)
{
  (void)end;
  struct table_csv *csv = context;
  if (csv->failed) return;
  size_t given = csv->count;
  if (csv->index == 0) csv->width = given;
  size_t count = given > csv->width ? given : csv->width;
  make_room(csv, count);
  const char *next = text_buffer_get(&csv->text).at;
  for (size_t i = 0; i < given; i++) {
    csv->fields[i].at = next;
    next += csv->fields[i].length;
  }
  for (size_t i = given; i < count; i++) csv->fields[i] = TEXT("");
  struct table_row row = {csv->fields, count, given, csv->row_line, csv->index};
  bool is_header = csv->index == 0;
  csv->failed =
      !(is_header ? csv->handler.header : csv->handler.row)(csv->handler.context, &row, csv->error);
  csv->index++;
  csv->in_row = false;
  csv->count = 0;
  text_buffer_clear(&csv->text);
}

/* Feed a piece that holds no line end but, perhaps, its last byte. */
static bool feed_piece(struct table_csv *csv, struct text piece)
{
  char last = piece.at[piece.length - 1];
  bool is_line_end = last == '\n' || last == '\r';
  if (csv->after_cr && piece.at[0] == '\n') csv->line--; /* the LF of a CRLF */
  if (!csv->in_row && !(is_line_end && piece.length == 1)) {
    csv->in_row = true;
    csv->row_line = csv->line;
  }
  size_t taken = csv_parse(&csv->parser, piece.at, piece.length, take_field, take_row, csv);
  if (csv->failed) return false;
  if (taken < piece.length) return refuse(csv, csv_strerror(csv_error(&csv->parser)));
  if (csv_get_buffer_size(&csv->parser) > 2 * LIMIT_CSV_FIELD)
    return refuse(csv, "a field is too long");
  csv->line += is_line_end;
  csv->after_cr = last == '\r';
  return true;
}

/* The length of the piece that begins `bytes`: up to a line end, or as long as a field may be. */
static size_t piece_length(struct text bytes)
{
  size_t length = bytes.length < LIMIT_CSV_FIELD ? bytes.length : LIMIT_CSV_FIELD;
  const char *end = memchr(bytes.at, '\n', length);
  if (end) length = (size_t)(end - bytes.at) + 1;
  end = memchr(bytes.at, '\r', length);
  return end ? (size_t)(end - bytes.at) + 1 : length;
}

static bool feed(struct table_csv *csv, struct text bytes)
{
  while (bytes.length) {
    size_t length = piece_length(bytes);
    struct text piece = text_slice(bytes, 0, length);
    if (memchr(piece.at, 0, length)) return refuse(csv, "a NUL byte");
    if (!feed_piece(csv, piece)) return false;
    bytes = text_slice(bytes, length, bytes.length);
  }
  return true;
}

/* Settle whether the input begins with a byte order mark; what was held back otherwise is fed. */
static void settle_mark(struct table_csv *csv, struct text *bytes, bool at_end)
{
  while (csv->mark < MARK_LENGTH && bytes->length && bytes->at[0] == byte_order_mark[csv->mark]) {
    csv->mark++;
    *bytes = text_slice(*bytes, 1, bytes->length);
  }
  if (csv->mark == MARK_LENGTH || (bytes->length == 0 && !at_end)) return;
  struct text held = {byte_order_mark, csv->mark};
  csv->mark = MARK_LENGTH;
  bool fed = feed(csv, held); /* two letters at the beginning of a field: nothing to refuse */
  assert(fed);
  (void)fed;
}

bool table_csv_feed(struct table_csv *csv, struct text bytes, struct error *error)
{
  assert(!csv->failed);
  csv->error = error;
  settle_mark(csv, &bytes, false);
  return feed(csv, bytes);
}

bool table_csv_finish(struct table_csv *csv, struct error *error)
{
  assert(!csv->failed);
  csv->error = error;
  struct text nothing = {"", 0};
  settle_mark(csv, &nothing, true);
  if (csv_fini(&csv->parser, take_field, take_row, csv) != 0)
    return refuse(csv, "a quote is not closed");
  return !csv->failed;
}

/* --- Whole tables -------------------------------------------------------------------------- */

struct reading {
  struct arena *arena;
  struct table table;
  size_t capacity; /* rows */
};

static struct text *copy_fields(struct arena *arena, const struct table_row *row)
{
  struct text *copies = arena_allocate_array(arena, row->count, sizeof *copies);
  for (size_t i = 0; i < row->count; i++) copies[i] = text_copy(arena, row->fields[i]);
  return copies;
}

bool table_check_columns(const struct table *table, int64_t line, struct error *error)
{
  for (size_t i = 0; i < table->column_count; i++) {
    struct text name = table->columns[i];
    if (name.length == 0)
      return error_set(error, ERROR_REFUSED, "error.table", "Name every column.",
                       "line %lld: column %zu has no name", (long long)line, i + 1);
    for (size_t j = 0; j < i; j++)
      if (text_equal(table->columns[j], name))
        return error_set(error, ERROR_REFUSED, "error.table", "Name every column once.",
                         "line %lld: column \"%.*s\" is there twice", (long long)line,
                         TEXT_PRINT(name));
  }
  return true;
}

static bool take_header(void *context, const struct table_row *row, struct error *error)
{
  struct reading *r = context;
  r->table.columns = copy_fields(r->arena, row);
  r->table.column_count = row->count;
  return table_check_columns(&r->table, row->line, error);
}

static void *larger(struct arena *arena, const void *old, size_t used, size_t count, size_t size)
{
  void *array = arena_allocate_array(arena, count, size);
  if (used) memcpy(array, old, used * size);
  return array;
}

void table_add_row(struct arena *arena, struct table *table, size_t *capacity,
                   const struct text *cells, int64_t line)
{
  size_t width = table->column_count, rows = table->row_count;
  if (rows == *capacity) {
    *capacity = rows ? rows * 2 : 16;
    table->cells = larger(arena, table->cells, rows, *capacity, width * sizeof *table->cells);
    table->lines = larger(arena, table->lines, rows, *capacity, sizeof *table->lines);
  }
  memcpy(table->cells + rows * width, cells, width * sizeof *cells);
  table->lines[table->row_count++] = line;
}

static bool take_whole_row(void *context, const struct table_row *row, struct error *error)
{
  struct reading *r = context;
  if (row->count > r->table.column_count)
    return error_set(error, ERROR_REFUSED, "error.table", "Quote a field that holds a comma.",
                     "line %lld: %zu fields, but %zu columns", (long long)row->line, row->count,
                     r->table.column_count);
  table_add_row(r->arena, &r->table, &r->capacity, copy_fields(r->arena, row), row->line);
  return true;
}

bool table_read_csv(struct arena *arena, struct text document, struct table *out,
                    struct error *error)
{
  struct reading reading = {.arena = arena};
  struct table_csv_handler handler = {take_header, take_whole_row, &reading};
  if (!text_is_utf8(document))
    return error_set(error, ERROR_REFUSED, "error.csv", "Save the table as UTF-8.", "not UTF-8");
  struct table_csv *csv = table_csv_new(&handler);
  bool good = table_csv_feed(csv, document, error) && table_csv_finish(csv, error);
  table_csv_free(csv);
  if (good && reading.table.column_count == 0)
    good = error_set(error, ERROR_REFUSED, "error.table", "Begin the table with column names.",
                     "the table is empty");
  if (good) *out = reading.table;
  return good;
}

bool table_column(const struct table *table, const char *name, size_t *out, struct error *error)
{
  for (size_t i = 0; i < table->column_count; i++) {
    if (!text_equal(table->columns[i], text_from(name))) continue;
    *out = i;
    return true;
  }
  return error_set(error, ERROR_REFUSED, "error.table", "Add the column.",
                   "column \"%s\" is missing", name);
}

struct text table_cell(const struct table *table, size_t row, size_t column)
{
  assert(row < table->row_count && column < table->column_count);
  return table->cells[row * table->column_count + column];
}

static bool is_formula(struct text field)
{
  double number;
  return field.length && memchr("=+-@\t\r", field.at[0], 6) && !text_read_decimal(field, &number);
}

void table_csv_write_field(struct text field, bool first, struct text_buffer *out)
{
  /* Nothing on a line would be no row, and a byte order mark before all rows would be skipped. */
  bool is_quoted =
      first && (field.length == 0 || text_starts_with(field, text_from(byte_order_mark)));
  for (size_t i = 0; i < field.length && !is_quoted; i++)
    is_quoted = memchr(",\"\r\n", field.at[i], 4) != NULL;
  if (!first) text_buffer_add_character(out, ',');
  if (is_quoted) text_buffer_add_character(out, '"');
  if (is_formula(field)) text_buffer_add_character(out, '\'');
  for (size_t i = 0; i < field.length; i++) {
    if (field.at[i] == '"') text_buffer_add_character(out, '"');
    text_buffer_add_character(out, field.at[i]);
  }
  if (is_quoted) text_buffer_add_character(out, '"');
}
