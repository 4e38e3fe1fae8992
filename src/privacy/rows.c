/*
 * rows: see rows.h.
 */
#include "privacy/rows.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

bool rows_open(struct rows *out, struct arena *arena, const char *folder, const char *name,
               const char *const *columns, struct error *error)
{
  struct rows rows = {.name = name};
  struct text document;
  if (!file_read(arena, file_join(arena, folder, name), LIMIT_KNOWLEDGE_FILE, &document, error) ||
      !table_read_csv(arena, document, &rows.table, error))
    return error_add_context(error, "%s", name);
  for (size_t i = 0; columns[i]; i++) {
    assert(i < ROWS_COLUMNS);
    if (!table_column(&rows.table, columns[i], &rows.at[i], error))
      return error_add_context(error, "%s", name);
  }
  if (rows.table.row_count == 0)
    return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", "Add what it is for.",
                     "%s: no row below the header", name);
  *out = rows;
  return true;
}

struct text rows_cell(const struct rows *rows, size_t row, size_t column)
{
  return text_trim(table_cell(&rows->table, row, rows->at[column]));
}

bool rows_refuse(const struct rows *rows, size_t row, const char *mend, struct error *error,
                 const char *format, ...)
{
  char what[LIMIT_ERROR_TEXT];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", mend, "%s:%lld: %s", rows->name,
                   (long long)rows->table.lines[row], what);
}
