/*
 * What the import reads from knowledge/: directory.csv, sources.csv.
 */
#include "directory/import_batch.h"

bool import_knowledge_folder(struct arena *arena, const struct import_options *options,
                             const char **out, struct error *error)
{
  char *share;
  if (options && options->knowledge_folder) {
    *out = options->knowledge_folder;
    return true;
  }
  if (!file_share_folder(arena, &share, error)) return false;
  *out = file_join(arena, share, "knowledge");
  return true;
}

static bool read_table(struct arena *arena, const char *folder, const char *name, struct table *out,
                       struct error *error)
{
  struct text document;
  if (!file_read(arena, file_join(arena, folder, name), LIMIT_FILE_WHOLE, &document, error))
    return false;
  return table_read_csv(arena, document, out, error) || error_add_context(error, "%s", name);
}

bool import_knowledge_number(struct arena *arena, const char *knowledge_folder, const char *name,
                             double *out, struct error *error)
{
  struct table table;
  size_t names, values;
  double number;
  if (!read_table(arena, knowledge_folder, "directory.csv", &table, error) ||
      !table_column(&table, "name", &names, error) ||
      !table_column(&table, "value", &values, error))
    return false;
  for (size_t row = 0; row < table.row_count; row++) {
    if (!text_equal(table_cell(&table, row, names), text_from(name))) continue;
    if (!text_read_decimal(table_cell(&table, row, values), &number)) break;
    *out = number;
    return true;
  }
  return error_set(error, ERROR_SYSTEM, "error.share",
                   "Restore knowledge/directory.csv as it was installed.",
                   "directory.csv: no number \"%s\"", name);
}

bool import_sources(struct arena *arena, const char *knowledge_folder, struct import_source **out,
                    size_t *count, struct error *error)
{
  static const char *const columns[] = {"name", "title", "address", "note"};
  struct table table;
  size_t at[4];
  if (!read_table(arena, knowledge_folder, "sources.csv", &table, error)) return false;
  for (size_t i = 0; i < 4; i++)
    if (!table_column(&table, columns[i], &at[i], error)) return false;
  struct import_source *sources = arena_allocate_array(arena, table.row_count, sizeof *sources);
  for (size_t row = 0; row < table.row_count; row++)
    sources[row] = (struct import_source){.name = table_cell(&table, row, at[0]),
                                          .title = table_cell(&table, row, at[1]),
                                          .address = table_cell(&table, row, at[2]),
                                          .note = table_cell(&table, row, at[3])};
  *out = sources;
  *count = table.row_count;
  return true;
}
