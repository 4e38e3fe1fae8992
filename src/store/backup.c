/*
 * Writing a backup and reading it back: see backup.h. It is not where the bytes are sealed
 * (backup_file.c), nor what a row looks like in them (backup_stream.c).
 *
 * Invariants: everything comes from one snapshot; the file has its name only after it was read
 * back from its first byte to its last. SQL is built here of names that backup_name_check() lets
 * pass, and lives as long as the store, which keeps statements by their address.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/backup_private.h"
#include "store/sqlite.h"

/* --- What a database holds ----------------------------------------------------------------- */

bool backup_is_postgresql(struct store_transaction *transaction)
{
  return strcmp(store_transaction_engine(transaction)->name, "postgresql") == 0;
}

void backup_trust(struct store_transaction *transaction, bool is_trusted)
{
  if (!backup_is_postgresql(transaction))
    store_transaction_connection(transaction)->is_trusted = is_trusted;
}

bool backup_take_time(struct store_transaction *transaction, struct error *error)
{
  static const char none[] = "SELECT set_config('statement_timeout', '0', true),"
                             " set_config('idle_in_transaction_session_timeout', '0', true)";
  struct store_cursor *cursor;
  bool more;
  if (!backup_is_postgresql(transaction)) return true;
  if (!store_query(transaction, &cursor, none, STORE_BIND_NONE, error)) return false;
  bool good = store_next(cursor, &more, error);
  store_cursor_close(cursor);
  return good;
}

/* The texts of the first column of a query, in the arena. */
static bool list_texts(struct store_transaction *transaction, struct arena *arena, const char *sql,
                       const struct store_value *bindings, size_t binding_count, size_t most,
                       struct text **out, size_t *count, struct error *error)
{
  struct store_cursor *cursor;
  struct text *texts = arena_allocate_array(arena, most, sizeof *texts);
  size_t found = 0;
  backup_trust(transaction, true);
  bool more = true, good = store_query(transaction, &cursor, sql, bindings, binding_count, error);
  if (!good) goto out;
  while ((good = store_next(cursor, &more, error)) && more) {
    if (found == most) {
      good = error_set(error, ERROR_TOO_LARGE, "error.backup.large",
                       "Take away what does not belong to this database.",
                       "more than %zu tables or columns", most);
      break;
    }
    texts[found++] = text_copy(arena, store_column_text(cursor, 0));
  }
  store_cursor_close(cursor);
out:
  backup_trust(transaction, false);
  if (!good) return false;
  *out = texts;
  *count = found;
  return true;
}

bool backup_tables(struct store_transaction *transaction, struct arena *arena, struct text **out,
                   size_t *count, struct error *error)
{
  static const char sqlite[] = "SELECT name FROM sqlite_schema WHERE type = 'table'"
                               " AND substr(name, 1, 7) <> 'sqlite_' AND name <> 'migration'"
                               " ORDER BY name";
  static const char postgresql[] =
      "SELECT CAST(relname AS TEXT) FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p')"
      " AND NOT relispartition AND relname <> 'migration'"
      " AND relnamespace = CAST(current_schema() AS regnamespace) ORDER BY relname";
  return list_texts(transaction, arena, backup_is_postgresql(transaction) ? postgresql : sqlite,
                    STORE_BIND_NONE, LIMIT_BACKUP_TABLES, out, count, error);
}

bool backup_columns(struct store_transaction *transaction, struct arena *arena, struct text table,
                    struct text **out, size_t *count, struct error *error)
{
  static const char sqlite[] = "SELECT name FROM pragma_table_info($1) ORDER BY cid";
  static const char postgresql[] =
      "SELECT CAST(a.attname AS TEXT) FROM pg_catalog.pg_attribute a"
      " JOIN pg_catalog.pg_class t ON t.oid = a.attrelid"
      " WHERE t.relnamespace = CAST(current_schema() AS regnamespace) AND t.relname = $1"
      " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum";
  return list_texts(transaction, arena, backup_is_postgresql(transaction) ? postgresql : sqlite,
                    STORE_BIND(STORE_T(table)), LIMIT_BACKUP_COLUMNS, out, count, error);
}

/* The columns of a table's primary key, in their order. */
static bool key_columns(struct store_transaction *transaction, struct arena *arena,
                        struct text table, struct text **out, size_t *count, struct error *error)
{
  static const char sqlite[] = "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk";
  static const char postgresql[] =
      "SELECT CAST(a.attname AS TEXT) FROM pg_catalog.pg_index i"
      " JOIN pg_catalog.pg_class t ON t.oid = i.indrelid"
      " JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)"
      " WHERE t.relnamespace = CAST(current_schema() AS regnamespace) AND t.relname = $1"
      " AND i.indisprimary ORDER BY array_position(CAST(i.indkey AS int2[]), a.attnum)";
  return list_texts(transaction, arena, backup_is_postgresql(transaction) ? postgresql : sqlite,
                    STORE_BIND(STORE_T(table)), LIMIT_BACKUP_COLUMNS, out, count, error);
}

/* The applied migrations, as the manifest lists them. */
static bool list_migrations(struct store_transaction *transaction, struct arena *arena,
                            struct value **out, struct error *error)
{
  struct store_cursor *cursor;
  struct value *list = value_list(arena);
  if (!store_query(transaction, &cursor, "SELECT number, name, hash FROM migration ORDER BY number",
                   STORE_BIND_NONE, error))
    return false;
  bool more = true, good = true;
  while ((good = store_next(cursor, &more, error)) && more) {
    struct value *one = value_object(arena);
    value_set(one, "number", value_integer(arena, store_column_integer(cursor, 0)));
    value_set(one, "name", value_text(arena, text_copy(arena, store_column_text(cursor, 1))));
    value_set(one, "sha256", value_text(arena, text_copy(arena, store_column_text(cursor, 2))));
    value_add(list, one);
  }
  store_cursor_close(cursor);
  if (good) *out = list;
  return good;
}

/* --- Writing ------------------------------------------------------------------------------- */

struct backing_up {
  const char *path; /* the unnamed file */
  const struct backup_key *key;
  const struct backup_options *options;
  struct arena *arena;
  struct backup_writer *writer;
  struct value *counts; /* rows of each table */
  int64_t tables, rows;
};

static bool write_head(struct backing_up *b, struct store_transaction *transaction,
                       struct error *error)
{
  struct value *migrations, *head = value_object(b->arena);
  const char *engine = store_transaction_engine(transaction)->name;
  if (!list_migrations(transaction, b->arena, &migrations, error)) return false;
  value_set(head, "format", value_integer(b->arena, 1));
  value_set(head, "kind", value_text(b->arena, text_from(b->options->kind)));
  value_set(head, "program", value_text(b->arena, text_from(b->options->program)));
  value_set(head, "engine", value_text(b->arena, text_from(engine)));
  value_set(head, "at", value_text(b->arena, time_format(b->arena, time_now())));
  value_set(head, "migrations", migrations);
  return backup_write_json(b->writer, 'H', head, error);
}

/* "a", "b": names that were checked when they were written. */
static struct text join_names(struct arena *arena, const struct text *names, size_t count)
{
  struct text joined = TEXT("");
  for (size_t i = 0; i < count; i++)
    joined = text_format(arena, "%.*s%s\"%.*s\"", TEXT_PRINT(joined), i ? ", " : "",
                         TEXT_PRINT(names[i]));
  return joined;
}

/* Rows in the order of the key: an entry of the audit stands behind the one before it. */
static bool select_of(struct store_transaction *transaction, struct arena *arena,
                      const struct backup_table *table, const char **out, struct error *error)
{
  struct text *keys;
  size_t count;
  if (!key_columns(transaction, arena, table->name, &keys, &count, error)) return false;
  struct text columns = join_names(arena, table->columns, table->column_count);
  struct text order = join_names(arena, keys, count);
  *out = text_format(arena, "SELECT %.*s FROM \"%.*s\"%s%.*s", TEXT_PRINT(columns),
                     TEXT_PRINT(table->name), count ? " ORDER BY " : "", TEXT_PRINT(order))
             .at;
  return true;
}

static void read_row(const struct store_cursor *cursor, struct store_value *values, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    int column = (int)i;
    switch (store_column_kind(cursor, column)) {
    case STORE_NULL:
      values[i] = STORE_NONE;
      break;
    case STORE_INTEGER:
      values[i] = STORE_N(store_column_integer(cursor, column));
      break;
    case STORE_DECIMAL:
      values[i] = STORE_D(store_column_decimal(cursor, column));
      break;
    case STORE_TEXT:
      values[i] = STORE_T(store_column_text(cursor, column));
      break;
    case STORE_BYTES:
      values[i] = STORE_B(store_column_bytes(cursor, column));
      break;
    }
  }
}

static bool write_rows(struct backing_up *b, struct store_transaction *transaction,
                       const struct backup_table *table, struct error *error)
{
  enum { SAY_EACH = 1000 };
  struct store_cursor *cursor;
  struct store_value *values = arena_allocate_array(b->arena, table->column_count, sizeof *values);
  const char *sql;
  int64_t rows = 0;
  if (!select_of(transaction, b->arena, table, &sql, error) ||
      !store_query(transaction, &cursor, sql, STORE_BIND_NONE, error))
    return false;
  bool more = true, good = true;
  while ((good = store_next(cursor, &more, error)) && more) {
    read_row(cursor, values, table->column_count);
    good = backup_write_row(b->writer, values, table->column_count, error);
    if (!good) break;
    if (++rows % SAY_EACH == 0 && b->options->progress)
      b->options->progress(b->options->context, table->name, b->rows + rows);
  }
  store_cursor_close(cursor);
  b->rows += rows;
  value_set_text_key(b->counts, table->name, value_integer(b->arena, rows));
  return good;
}

static bool write_tables(struct backing_up *b, struct store_transaction *transaction,
                         struct error *error)
{
  struct text *names;
  size_t count;
  if (!backup_tables(transaction, b->arena, &names, &count, error)) return false;
  for (size_t i = 0; i < count; i++) {
    struct backup_table table = {.name = names[i]};
    struct text *columns;
    if (!backup_columns(transaction, b->arena, names[i], &columns, &table.column_count, error))
      return false;
    table.columns = columns;
    if (!backup_write_table(b->writer, &table, error) || !write_rows(b, transaction, &table, error))
      return error_add_context(error, "backup of %.*s", TEXT_PRINT(names[i]));
  }
  b->tables = (int64_t)count;
  return true;
}

static bool write_extras(struct backing_up *b, struct value *names, struct error *error)
{
  for (size_t i = 0; i < b->options->extra_count; i++) {
    const struct backup_extra *extra = &b->options->extras[i];
    struct text content = TEXT("");
    if (file_exists(extra->path) &&
        !file_read(b->arena, extra->path, LIMIT_BACKUP_VALUE, &content, error))
      return false;
    if (!backup_write_extra(b->writer, extra->name, content, error)) return false;
    value_add(names, value_text(b->arena, text_from(extra->name)));
  }
  return true;
}

/* Write the whole file from one snapshot; begun anew when the snapshot is. */
static bool write_all(struct store_transaction *transaction, void *context, struct error *error)
{
  struct backing_up *b = context;
  backup_writer_close(b->writer);
  b->writer = NULL;
  b->rows = 0;
  b->counts = value_object(b->arena);
  if (unlink(b->path) != 0 && errno != ENOENT)
    return error_set(error, ERROR_SYSTEM, "error.file", "Check the folder's rights.",
                     "remove %s: %s", b->path, strerror(errno));
  struct value *end = value_object(b->arena), *extras = value_list(b->arena);
  if (!backup_take_time(transaction, error) ||
      !backup_writer_open(&b->writer, b->path, b->key, error) ||
      !write_head(b, transaction, error) || !write_tables(b, transaction, error) ||
      !write_extras(b, extras, error))
    return false;
  value_set(end, "rows", value_integer(b->arena, b->rows));
  value_set(end, "tables", b->counts);
  value_set(end, "extras", extras);
  return backup_write_end(b->writer, end, b->arena, error);
}

/* --- Naming -------------------------------------------------------------------------------- */

bool backup_flush_folder_of(struct arena *arena, const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *folder =
      slash ? text_c(arena, (struct text){path, slash == path ? 1 : (size_t)(slash - path)}) : ".";
  int handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return false;
  bool good = fsync(handle) == 0;
  close(handle);
  return good;
}

/* Name the file, over an older one only when that was asked for. */
static bool name_file(const struct backing_up *b, const char *path, struct error *error)
{
  bool named = b->options->may_replace ? rename(b->path, path) == 0 : link(b->path, path) == 0;
  if (!named && errno == EEXIST)
    return error_set(error, ERROR_CONFLICT, "error.backup.exists",
                     "Name another file, or say --replace.", "%s is there already", path);
  if (!named || !backup_flush_folder_of(b->arena, path))
    return error_set(error, ERROR_SYSTEM, "error.file", "Check the folder's rights and the disk.",
                     "name %s: %s", path, strerror(errno));
  return true;
}

bool backup_write(struct store *store, const char *path, const struct backup_key *key,
                  const struct backup_options *options, struct arena *arena,
                  struct backup_manifest *out, struct error *error)
{
  if (!options->may_replace && file_exists(path))
    return error_set(error, ERROR_CONFLICT, "error.backup.exists",
                     "Name another file, or say --replace.", "%s is there already", path);
  struct backing_up b = {
      .path = text_format(arena, "%s.part-%ld-%08x", path, (long)getpid(), randombytes_random()).at,
      .key = key,
      .options = options,
      .arena = arena};
  bool good = store_read(store, write_all, &b, error);
  backup_writer_close(b.writer);
  good = good &&
         backup_check(b.path, key, options->progress, options->context, arena, out, error) &&
         name_file(&b, path, error);
  unlink(b.path);
  return good;
}

/* --- Reading back -------------------------------------------------------------------------- */

struct walk {
  const struct backup_stream *stream;
  const struct value *head;
  struct value *counts; /* rows of each table as read */
  struct arena *arena;
  struct text table; /* whose rows are read */
  int64_t rows_of_table, rows;
  size_t tables, extras;
};

static void close_table(struct walk *walk)
{
  if (walk->tables)
    value_set_text_key(walk->counts, walk->table, value_integer(walk->arena, walk->rows_of_table));
  walk->table = walk->stream->table.name;
  walk->rows_of_table = 0;
}

/* Is what was counted while reading what the end says? */
static bool counts_match(const struct walk *walk, const struct value *end)
{
  const struct value *tables = value_get(end, TEXT("tables"));
  int64_t rows, said, found;
  if (!value_integer_get(value_get(end, TEXT("rows")), &rows) || rows != walk->rows ||
      value_count(tables) != walk->tables || value_count(walk->counts) != walk->tables ||
      value_count(value_get(end, TEXT("extras"))) != walk->extras)
    return false;
  struct text name;
  const struct value *item;
  for (size_t i = 0; value_member(tables, i, &name, &item); i++)
    if (!value_integer_get(item, &said) ||
        !value_integer_get(value_get(walk->counts, name), &found) || said != found)
      return false;
  return true;
}

static bool fill_manifest(const struct walk *walk, const struct value *end, struct arena *arena,
                          struct backup_manifest *out, struct error *error)
{
  const struct value *head = walk->head, *migrations = value_get(head, TEXT("migrations"));
  struct backup_manifest manifest = {
      .kind = value_text_get(value_get(head, TEXT("kind"))),
      .program = value_text_get(value_get(head, TEXT("program"))),
      .engine = value_text_get(value_get(head, TEXT("engine"))),
      .at = value_text_get(value_get(head, TEXT("at"))),
      .migrations = (int64_t)value_count(migrations),
      .tables = (int64_t)walk->tables,
      .rows = walk->rows,
  };
  int64_t format;
  if (!value_integer_get(value_get(head, TEXT("format")), &format) || format != 1)
    return error_set(error, ERROR_REFUSED, "error.backup.newer",
                     "Run the version of the program that made it, or a newer one.",
                     "a backup of a form that this program does not know");
  if (!manifest.kind.length || value_kind_get(migrations) != VALUE_LIST || !counts_match(walk, end))
    return backup_reader_refuse(walk->stream->reader, "it holds something else than it says",
                                error);
  struct value *document = value_object(arena);
  struct text name;
  const struct value *item;
  for (size_t i = 0; value_member(head, i, &name, &item); i++)
    value_set_text_key(document, name, item);
  for (size_t i = 0; value_member(end, i, &name, &item); i++)
    value_set_text_key(document, name, item);
  manifest.document = document;
  *out = manifest;
  return true;
}

static void count_part(struct walk *walk, const struct backup_stream *stream)
{
  switch (stream->part) {
  case BACKUP_HEAD:
    walk->head = stream->document;
    break;
  case BACKUP_TABLE:
    walk->tables++;
    break;
  case BACKUP_ROW:
    walk->rows++;
    walk->rows_of_table++;
    break;
  case BACKUP_EXTRA:
    walk->extras++;
    break;
  case BACKUP_END:
    break;
  }
}

bool backup_walk(const char *path, const struct backup_key *key, struct arena *arena,
                 backup_part_function *each, void *context, struct backup_manifest *out,
                 struct error *error)
{
  struct backup_reader *reader;
  if (!backup_reader_open(&reader, path, key, error)) return false;
  bool good = backup_walk_reader(reader, arena, each, context, out, error);
  backup_reader_close(reader);
  return good;
}

bool backup_walk_reader(struct backup_reader *reader, struct arena *arena,
                        backup_part_function *each, void *context, struct backup_manifest *out,
                        struct error *error)
{
  struct backup_stream stream;
  backup_stream_init(&stream, reader, arena);
  struct walk walk = {.stream = &stream, .arena = arena, .counts = value_object(arena)};
  bool good = true;
  do {
    good = backup_stream_next(&stream, error);
    if (!good) break;
    if (stream.part == BACKUP_TABLE || stream.part == BACKUP_END) close_table(&walk);
    count_part(&walk, &stream);
    good = !each || each(context, &stream, error);
  } while (good && stream.part != BACKUP_END);
  good = good && fill_manifest(&walk, stream.document, arena, out, error);
  backup_stream_fini(&stream);
  return good;
}

struct saying {
  backup_progress *progress;
  void *context;
  int64_t rows;
};

static bool say_row(void *context, const struct backup_stream *stream, struct error *error)
{
  enum { SAY_EACH = 10000 };
  struct saying *saying = context;
  (void)error;
  if (stream->part == BACKUP_ROW && ++saying->rows % SAY_EACH == 0 && saying->progress)
    saying->progress(saying->context, stream->table.name, saying->rows);
  return true;
}

bool backup_check(const char *path, const struct backup_key *key, backup_progress *progress,
                  void *context, struct arena *arena, struct backup_manifest *out,
                  struct error *error)
{
  struct saying saying = {progress, context, 0};
  return backup_walk(path, key, arena, say_row, &saying, out, error);
}

/* --- Travelling files ---------------------------------------------------------------------- */

struct finding {
  const char *name;
  struct arena *arena;
  struct text *out;
  bool found;
};

static bool find_extra(void *context, const struct backup_stream *stream, struct error *error)
{
  struct finding *finding = context;
  (void)error;
  if (stream->part != BACKUP_EXTRA || !text_equal(stream->name, text_from(finding->name)))
    return true;
  *finding->out = text_copy(finding->arena, stream->content);
  finding->found = true;
  return true;
}

bool backup_extra_read(const char *path, const struct backup_key *key, const char *name,
                       struct arena *arena, struct text *out, bool *found, struct error *error)
{
  struct text content = TEXT("");
  struct finding finding = {.name = name, .arena = arena, .out = &content};
  struct backup_manifest manifest;
  if (!backup_walk(path, key, arena, find_extra, &finding, &manifest, error)) return false;
  *out = content;
  *found = finding.found;
  return true;
}
