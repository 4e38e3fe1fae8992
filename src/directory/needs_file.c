/*
 * Files of knowledge/: see needs_file.h.
 */
#include "directory/needs_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- Problems and cells -------------------------------------------------------------------- */

void knowledge_report(struct knowledge_loader *loader, const char *file, int64_t line,
                      const char *mend, const char *format, ...)
{
  char what[LIMIT_ERROR_TEXT];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  struct text hint = text_trim(text_from(mend));
  if (text_ends_with(hint, TEXT("."))) hint.length--;
  struct knowledge_problem problem = {file, line, what, text_c(loader->arena, hint)};
  loader->problems++;
  if (loader->each) loader->each(loader->context, &problem);
}

int64_t knowledge_line(const struct knowledge_file *file, size_t row)
{
  return file->table.lines[row];
}

bool knowledge_open(struct knowledge_loader *loader, const char *name, const char *const *columns,
                    struct knowledge_file *out)
{
  struct error error = {0};
  struct arena *arena = loader->arena;
  struct knowledge_file file = {.loader = loader, .name = name, .columns = columns};
  struct text document;
  if (!file_read(arena, file_join(arena, loader->folder, name), LIMIT_KNOWLEDGE_FILE, &document,
                 &error) ||
      !table_read_csv(arena, document, &file.table, &error)) {
    knowledge_report(loader, name, 0, error.hint, "%s", error.log);
    return false;
  }
  loader->hash = (loader->hash ^ text_hash(document)) * UINT64_C(1099511628211);
  bool complete = file.table.row_count > 0;
  if (!complete) knowledge_report(loader, name, 1, "add what it is for", "no row below the header");
  for (size_t i = 0; columns[i]; i++) {
    if (table_column(&file.table, columns[i], &file.at[i], &error)) continue;
    knowledge_report(loader, name, 1, "add the column to the header", "column %s is missing",
                     columns[i]);
    complete = false;
  }
  if (complete) *out = file;
  return complete;
}

struct text knowledge_cell(const struct knowledge_file *file, size_t row, size_t column)
{
  return text_trim(table_cell(&file->table, row, file->at[column]));
}

struct text knowledge_required(const struct knowledge_file *file, size_t row, size_t column)
{
  struct text t = knowledge_cell(file, row, column);
  const char *name = file->columns[column];
  if (text_is_empty(t)) {
    knowledge_report(file->loader, file->name, knowledge_line(file, row), "fill it in",
                     "%s is empty", name);
    return t;
  }
  if (t.length <= LIMIT_EXPRESSION) return t;
  knowledge_report(file->loader, file->name, knowledge_line(file, row), "shorten it",
                   "%s is longer than %d bytes", name, LIMIT_EXPRESSION);
  return TEXT("");
}

void knowledge_read_labels(const struct knowledge_file *file, size_t row, size_t column,
                           struct text labels[NEED_LANGUAGES])
{
  for (size_t i = 0; i < NEED_LANGUAGES; i++) labels[i] = knowledge_required(file, row, column + i);
}

struct text knowledge_read_name(const struct knowledge_file *file, size_t row, size_t column)
{
  struct text name = knowledge_required(file, row, column);
  bool fine = name.length == 0 || (name.at[0] != '-' && name.at[name.length - 1] != '-');
  for (size_t i = 0; i < name.length; i++) {
    char c = name.at[i];
    fine = fine && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  }
  if (fine) return name;
  knowledge_report(file->loader, file->name, knowledge_line(file, row),
                   "write it like payment-assistance",
                   "%s '%s' is not in small letters, digits and hyphens", file->columns[column],
                   expression_quote(file->loader->arena, name));
  return name;
}

bool knowledge_fits(const struct knowledge_file *file, size_t maximum)
{
  if (file->table.row_count <= maximum) return true;
  knowledge_report(file->loader, file->name, 0, "raise the maximum in needs.h",
                   "%zu rows, %zu are allowed", file->table.row_count, maximum);
  return false;
}

/* --- Names and orders ---------------------------------------------------------------------- */

struct name_entry *name_index_room(struct knowledge_loader *loader, struct name_index *names,
                                   size_t count)
{
  names->entries = arena_allocate_array(loader->arena, count + 1, sizeof *names->entries);
  names->count = count;
  return names->entries;
}

/* Index a column of names; a name that stands twice is a problem. */
void knowledge_index_names(const struct knowledge_file *file, size_t column,
                           struct name_index *names)
{
  struct name_entry *entries = name_index_room(file->loader, names, file->table.row_count);
  for (size_t row = 0; row < names->count; row++)
    entries[row] = (struct name_entry){knowledge_cell(file, row, column), row};
  struct text repeated;
  if (name_index_sort(names, &repeated)) return;
  int64_t line = 0;
  for (size_t row = 0; row < names->count; row++)
    if (text_equal(knowledge_cell(file, row, column), repeated)) line = knowledge_line(file, row);
  knowledge_report(file->loader, file->name, line, "keep one of them", "%s '%s' stands twice",
                   file->columns[column], expression_quote(file->loader->arena, repeated));
}

static int ordered_row_compare(const void *a, const void *b)
{
  const struct ordered_row *left = a, *right = b;
  return (left->order > right->order) - (left->order < right->order);
}

struct ordered_row *knowledge_read_order(const struct knowledge_file *file, size_t column)
{
  size_t count = file->table.row_count;
  struct ordered_row *rows = arena_allocate_array(file->loader->arena, count + 1, sizeof *rows);
  for (size_t row = 0; row < count; row++) {
    rows[row].row = row;
    if (!text_read_integer(knowledge_cell(file, row, column), &rows[row].order))
      knowledge_report(file->loader, file->name, knowledge_line(file, row), "write a whole number",
                       "order is no number");
  }
  qsort(rows, count, sizeof *rows, ordered_row_compare);
  for (size_t i = 1; i < count; i++)
    if (rows[i].order == rows[i - 1].order)
      knowledge_report(file->loader, file->name, knowledge_line(file, rows[i].row),
                       "number the rows apart", "order %lld stands twice",
                       (long long)rows[i].order);
  return rows;
}
