/*
 * Fuzz CSV: how the bytes are cut into pieces must not matter, limits hold, lines never go back,
 * and what table_csv_write_field writes reads back as the same fields.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct reading {
  struct text_buffer told;    /* lines, counts and fields of all rows */
  struct text_buffer written; /* the same rows as CSV */
  struct text_buffer fields;  /* the fields alone, as they are */
  struct text_buffer marked;  /* the fields alone, formulas with their mark */
  int64_t last_line;
  size_t width;
};

static bool is_formula(struct text field)
{
  double number;
  return field.length && memchr("=+-@\t\r", field.at[0], 6) && !text_read_decimal(field, &number);
}

/* Length and bytes, so that two lists of fields are equal only when each field is. */
static void add_field(struct text_buffer *out, const char *mark, struct text field)
{
  text_buffer_add_format(out, "%zu:%s", field.length + strlen(mark), mark);
  text_buffer_add(out, field);
}

static bool take(void *context, const struct table_row *row, struct error *error)
{
  (void)error;
  struct reading *r = context;
  if (row->line <= r->last_line || row->count < row->given_count || row->given_count == 0) abort();
  if (row->count > LIMIT_CSV_COLUMNS || row->count < r->width) abort();
  if (row->index == 0) r->width = row->count;
  r->last_line = row->line;
  text_buffer_add_format(&r->told, "%lld,%lld,%zu\n", (long long)row->line, (long long)row->index,
                         row->given_count);
  for (size_t i = 0; i < row->count; i++) {
    if (row->fields[i].length > LIMIT_CSV_FIELD) abort();
    if (i >= row->given_count && row->fields[i].length) abort();
    add_field(&r->told, "", row->fields[i]);
    add_field(&r->fields, "", row->fields[i]);
    add_field(&r->marked, is_formula(row->fields[i]) ? "'" : "", row->fields[i]);
    table_csv_write_field(row->fields[i], i == 0, &r->written);
  }
  text_buffer_add_character(&r->written, '\n');
  return true;
}

static void reading_init(struct reading *r)
{
  *r = (struct reading){0};
  text_buffer_init(&r->told, LIMIT_FILE_WHOLE);
  text_buffer_init(&r->written, LIMIT_FILE_WHOLE);
  text_buffer_init(&r->fields, LIMIT_FILE_WHOLE);
  text_buffer_init(&r->marked, LIMIT_FILE_WHOLE);
}

static void reading_fini(struct reading *r)
{
  text_buffer_fini(&r->told);
  text_buffer_fini(&r->written);
  text_buffer_fini(&r->fields);
  text_buffer_fini(&r->marked);
}

static bool read_in_steps(struct reading *r, struct text document, size_t step)
{
  struct table_csv_handler handler = {take, take, r};
  struct table_csv *csv = table_csv_new(&handler);
  struct error error = {0};
  bool good = true;
  for (size_t at = 0; good && at < document.length; at += step)
    good = table_csv_feed(csv, text_slice(document, at, at + step), &error);
  good = good && table_csv_finish(csv, &error);
  if (!good && (error.kind != ERROR_REFUSED || !error.person)) abort();
  table_csv_free(csv);
  return good;
}

/* What was written must read back as the same fields. */
static void expect_round_trip(const struct reading *r)
{
  struct reading again;
  reading_init(&again);
  if (!read_in_steps(&again, text_buffer_get(&r->written), SIZE_MAX / 2)) abort();
  if (!text_equal(text_buffer_get(&again.fields), text_buffer_get(&r->marked))) abort();
  reading_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (size == 0) return 0;
  struct reading whole, stepped;
  struct text document = {(const char *)bytes + 1, size - 1};
  reading_init(&whole);
  reading_init(&stepped);
  bool good = read_in_steps(&whole, document, SIZE_MAX / 2);
  if (read_in_steps(&stepped, document, (size_t)bytes[0] % 16 + 1) != good) abort();
  if (good && !text_equal(text_buffer_get(&whole.told), text_buffer_get(&stepped.told))) abort();
  if (good) expect_round_trip(&whole);
  reading_fini(&whole);
  reading_fini(&stepped);

  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  struct table table;
  struct error error = {0};
  if (table_read_csv(arena, document, &table, &error)) {
    if (!good || table.column_count == 0) abort();
    for (size_t i = 0; i < table.row_count; i++)
      for (size_t j = 0; j < table.column_count; j++)
        if (!table_cell(&table, i, j).at) abort();
  }
  arena_free(arena);
  return 0;
}
