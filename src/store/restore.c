/*
 * Filling a new database from a backup: see backup.h. It is not where the place beside the old
 * database is made and swapped (restore_place.c).
 *
 * Invariants: the backup was read whole before a row of it is used; table and column names of the
 * backup stand in SQL only when the migrated schema has them. SQL that is built here lives in the
 * caller's arena, which outlives the store.
 */
#include <stdlib.h>

#include "store/backup_private.h"

struct restore {
  struct restore_place place;
  struct store *store;
  bool is_swapped;
};

/* --- Is it ours? --------------------------------------------------------------------------- */

static bool refuse_schema(struct error *error, const char *what)
{
  return error_set(error, ERROR_REFUSED, "error.backup.schema",
                   "Restore it with the version of the program that made it, then upgrade.",
                   "the backup's schema: %s", what);
}

/* The backup's migrations must be the first of ours, byte for byte. */
static bool check_migrations(const struct backup_manifest *manifest, const char *folder,
                             struct arena *arena, struct error *error)
{
  const struct value *list = value_get(manifest->document, TEXT("migrations"));
  struct text *hashes;
  size_t count;
  if (!store_migrations_list(folder, arena, &hashes, &count, error)) return false;
  if (value_count(list) > count)
    return error_set(error, ERROR_REFUSED, "error.store.newer",
                     "Run the newer version of the program that made this backup.",
                     "the backup has migration %zu; this program knows %zu", value_count(list),
                     count);
  for (size_t i = 0; i < value_count(list); i++)
    if (!text_equal(value_text_get(value_get(value_item(list, i), TEXT("sha256"))), hashes[i]))
      return refuse_schema(error, "a migration is another than ours");
  return true;
}

/* --- Filling ------------------------------------------------------------------------------- */

struct filling {
  const char *path;
  const struct backup_key *key;
  const struct restore_options *options;
  struct arena *arena;
  struct store_transaction *transaction;
  struct text *tables; /* of the schema */
  size_t table_count;
  const char *insert; /* for the table at work */
  int64_t rows;
};

static bool has_name(const struct text *names, size_t count, struct text name)
{
  for (size_t i = 0; i < count; i++)
    if (text_equal(names[i], name)) return true;
  return false;
}

/* Each column of the backup must be one of the schema, and the other way. */
static bool check_table(const struct filling *f, const struct backup_table *table,
                        struct error *error)
{
  struct text *columns;
  size_t count;
  if (!has_name(f->tables, f->table_count, table->name))
    return refuse_schema(error, "it has a table that the migrations do not make");
  if (!backup_columns(f->transaction, f->arena, table->name, &columns, &count, error)) return false;
  if (count != table->column_count)
    return refuse_schema(error, "a table has other columns than the migrations make");
  for (size_t i = 0; i < count; i++)
    if (!has_name(columns, count, table->columns[i]) ||
        has_name(table->columns, i, table->columns[i]))
      return refuse_schema(error, "a table has other columns than the migrations make");
  return true;
}

/* INSERT INTO "table" ("a", "b") VALUES ($1, $2) */
static const char *insert_of(struct arena *arena, const struct backup_table *table)
{
  struct text names = TEXT(""), places = TEXT("");
  for (size_t i = 0; i < table->column_count; i++) {
    names = text_format(arena, "%.*s%s\"%.*s\"", TEXT_PRINT(names), i ? ", " : "",
                        TEXT_PRINT(table->columns[i]));
    places = text_format(arena, "%.*s%s$%zu", TEXT_PRINT(places), i ? ", " : "", i + 1);
  }
  return text_format(arena, "INSERT INTO \"%.*s\" (%.*s) VALUES (%.*s)", TEXT_PRINT(table->name),
                     TEXT_PRINT(names), TEXT_PRINT(places))
      .at;
}

static bool fill_part(void *context, const struct backup_stream *stream, struct error *error)
{
  enum { SAY_EACH = 1000 };
  struct filling *f = context;
  if (stream->part == BACKUP_TABLE) {
    if (!check_table(f, &stream->table, error)) return false;
    f->insert = insert_of(f->arena, &stream->table);
  }
  if (stream->part != BACKUP_ROW) return true;
  if (!store_execute(f->transaction, f->insert, stream->values, stream->table.column_count, NULL,
                     error))
    return error_add_context(error, "a row of %.*s", TEXT_PRINT(stream->table.name));
  if (++f->rows % SAY_EACH == 0 && f->options->progress)
    f->options->progress(f->options->context, stream->table.name, f->rows);
  return true;
}

static bool count_rows(const struct filling *f, struct text table, int64_t *out,
                       struct error *error)
{
  struct store_cursor *cursor;
  bool more;
  const char *sql = text_format(f->arena, "SELECT count(*) FROM \"%.*s\"", TEXT_PRINT(table)).at;
  if (!store_query(f->transaction, &cursor, sql, STORE_BIND_NONE, error)) return false;
  bool good = store_next(cursor, &more, error);
  if (good) *out = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return good;
}

/* Every table holds as many rows as the manifest says; one that it does not name, none. */
static bool check_counts(const struct filling *f, const struct backup_manifest *manifest,
                         struct error *error)
{
  const struct value *counts = value_get(manifest->document, TEXT("tables"));
  for (size_t i = 0; i < f->table_count; i++) {
    int64_t said = 0, found = 0;
    (void)value_integer_get(value_get(counts, f->tables[i]), &said);
    if (!count_rows(f, f->tables[i], &found, error)) return false;
    if (said != found)
      return error_set(error, ERROR_REFUSED, "error.backup.broken", "Take another backup.",
                       "table %.*s has %lld rows, not %lld", TEXT_PRINT(f->tables[i]),
                       (long long)found, (long long)said);
  }
  return true;
}

/* Take away the rows that migrations put in: the backup has them, as they are by now. */
static bool clear(const struct filling *f, struct error *error)
{
  for (size_t i = 0; i < f->table_count; i++) {
    int64_t rows = 0;
    const char *sql = text_format(f->arena, "DELETE FROM \"%.*s\"", TEXT_PRINT(f->tables[i])).at;
    if (!count_rows(f, f->tables[i], &rows, error) ||
        (rows && !store_execute(f->transaction, sql, STORE_BIND_NONE, NULL, error)))
      return false;
  }
  return true;
}

/* All rows in one transaction; references are looked at when all are there. */
static bool fill(struct store_transaction *transaction, void *context, struct error *error)
{
  struct filling *f = context;
  struct backup_manifest manifest;
  f->transaction = transaction;
  f->rows = 0;
  return backup_take_time(transaction, error) && restore_defer_references(transaction, error) &&
         backup_tables(transaction, f->arena, &f->tables, &f->table_count, error) &&
         clear(f, error) &&
         backup_walk(f->path, f->key, f->arena, fill_part, f, &manifest, error) &&
         check_counts(f, &manifest, error) && restore_check_references(transaction, error);
}

bool restore_open(struct restore **out, const char *path, const struct backup_key *key,
                  const struct restore_options *options, struct arena *arena,
                  struct backup_manifest *manifest, struct error *error)
{
  if (!backup_check(path, key, options->progress, options->context, arena, manifest, error) ||
      !check_migrations(manifest, options->migrations, arena, error))
    return false;
  struct restore *restore = memory_allocate_zero(1, sizeof *restore);
  struct filling f = {.path = path, .key = key, .options = options, .arena = arena};
  restore->place = (struct restore_place){.address = text_c(arena, text_from(options->address)),
                                          .may_replace = options->may_replace};
  bool good = restore_place_open(&restore->place, arena, error);
  if (good &&
      !(store_open(&restore->store, restore->place.beside, error) &&
        store_migrate_to(restore->store, options->migrations, manifest->migrations, error) &&
        store_write(restore->store, fill, &f, error) &&
        store_migrate(restore->store, options->migrations, error))) {
    restore_close(restore);
    return false;
  }
  if (!good) {
    free(restore);
    return false;
  }
  *out = restore;
  return true;
}

struct store *restore_store(struct restore *restore)
{
  return restore->store;
}

bool restore_swap(struct restore *restore, struct arena *arena, struct text *kept,
                  struct error *error)
{
  store_close(restore->store);
  restore->store = NULL;
  if (!restore_place_swap(&restore->place, arena, kept, error)) return false;
  restore->is_swapped = true;
  return true;
}

void restore_close(struct restore *restore)
{
  if (!restore) return;
  store_close(restore->store);
  if (!restore->is_swapped) restore_place_drop(&restore->place);
  free(restore);
}
