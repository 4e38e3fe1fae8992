/*
 * Fuzz pipe tables: reading a document ends, moves on with each table, and gives whole tables.
 */
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect_cell(struct text cell)
{
  if (!cell.at || text_contains(cell, TEXT("\n"))) abort();
  if (text_trim(cell).length != cell.length) abort();
}

static void expect_whole(const struct table *table, int64_t lines)
{
  if (table->column_count == 0) abort();
  for (size_t i = 0; i < table->column_count; i++) {
    expect_cell(table->columns[i]);
    if (table->columns[i].length == 0) abort();
  }
  for (size_t i = 0; i < table->row_count; i++) {
    if (table->lines[i] < 3 || table->lines[i] > lines) abort();
    if (i && table->lines[i] != table->lines[i - 1] + 1) abort();
    for (size_t j = 0; j < table->column_count; j++) expect_cell(table_cell(table, i, j));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  struct text document = {(const char *)bytes, size}, heading = TEXT("");
  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  struct error error = {0};
  struct table table;
  size_t offset = 0, before = 0;
  int64_t lines = 1;
  for (size_t i = 0; i < size; i++) lines += bytes[i] == '\n';
  while (table_read_pipe(arena, document, &offset, &heading, &table, &error)) {
    if (offset <= before || offset > size || text_contains(heading, TEXT("\n"))) abort();
    before = offset;
    expect_whole(&table, lines);
  }
  if (error.kind != ERROR_NONE && error.kind != ERROR_REFUSED) abort();
  if (offset != before) abort();
  arena_free(arena);
  return 0;
}
