/*
 * store_migrate(): the schema, brought up to date by numbered files. It is not where SQL is run
 * (the engine's `script`), and it translates nothing: one text for every engine, with parts for one
 * engine where they must differ.
 *
 * Invariants: table `migration` holds one row for each applied file, with the SHA-256 of the whole
 * file; a file and its row are written in one transaction. Each such transaction looks at the table
 * again, so that of two processes that start at once one applies a file and the other passes it by.
 * Threads: any; nothing is kept between calls.
 */
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/engine.h"

struct migration {
  int64_t number;
  struct text name; /* "NNN-name.sql" */
  struct text content;
  struct text hash; /* SHA-256, lower-case hexadecimal */
};

struct migrations {
  struct arena *arena;
  struct store *store;
  const char *folder;
  struct migration *items;
  size_t count;
  size_t applied_count; /* as last seen in the database */
};

static bool refuse(struct error *error, const char *hint, const char *what, struct text name)
{
  return error_set(error, ERROR_REFUSED, "error.store.migration", hint, "migration %.*s %s",
                   TEXT_PRINT(name), what);
}

/* --- Files --------------------------------------------------------------------------------- */

/* Read the number of "NNN-name.sql"; the name is of lower-case letters, digits and '-'. */
static bool read_number(struct text name, int64_t *out)
{
  if (name.length < 9 || name.at[3] != '-') return false;
  for (size_t i = 4; i < name.length - 4; i++) {
    unsigned char c = (unsigned char)name.at[i];
    if (!islower(c) && !isdigit(c) && c != '-') return false;
  }
  return name.at[0] != '-' && text_read_integer(text_slice(name, 0, 3), out);
}

static bool add_file(void *context, struct text path, struct error *error)
{
  struct migrations *all = context;
  bool is_below = text_find(path, TEXT("/")) < path.length; /* another database's */
  if (is_below || !text_ends_with(path, TEXT(".sql"))) return true;
  struct migration *item = &all->items[all->count];
  if (all->count == LIMIT_STORE_MIGRATIONS || !read_number(path, &item->number) ||
      item->number != (int64_t)all->count + 1)
    return refuse(error, "Name the files 001-name.sql, 002-name.sql, … without a gap.",
                  "is not the next in the order", path);
  item->name = text_copy(all->arena, path);
  if (!file_read(all->arena, file_join(all->arena, all->folder, text_c(all->arena, path)),
                 LIMIT_STORE_MIGRATION, &item->content, error))
    return false;
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, (const unsigned char *)item->content.at, item->content.length);
  char *digits = arena_allocate(all->arena, 2 * sizeof hash + 1);
  sodium_bin2hex(digits, 2 * sizeof hash + 1, hash, sizeof hash);
  item->hash = text_from(digits);
  all->count++;
  return true;
}

/* Does a line begin a part, and is it one for this engine? */
static bool begins_part(struct text line, const char *engine, bool *is_ours)
{
  line = text_trim(line);
  if (!text_starts_with(line, TEXT("-- ")) || !text_ends_with(line, TEXT(":"))) return false;
  struct text name = text_slice(line, 3, line.length - 1);
  bool is_all = text_equal(name, TEXT("all")), is_engine = text_equal(name, text_from(engine));
  if (!is_all && !is_engine && !text_equal(name, TEXT("sqlite")) &&
      !text_equal(name, TEXT("postgresql")))
    return false;
  *is_ours = is_all || is_engine;
  return true;
}

/* The text for this engine; a line of another's part becomes an empty one, so that numbers of lines
 * in errors are the file's. */
static struct text cut_for_engine(struct arena *arena, struct text content, const char *engine)
{
  char *kept = arena_allocate(arena, content.length + 2);
  size_t length = 0;
  bool is_ours = true;
  struct text rest = content, line;
  while (text_split_next(&rest, '\n', &line)) {
    if (!begins_part(line, engine, &is_ours) && is_ours && line.length) {
      memcpy(kept + length, line.at, line.length);
      length += line.length;
    }
    kept[length++] = '\n';
  }
  return (struct text){kept, length};
}

/* --- What the database holds --------------------------------------------------------------- */

static bool check_row(struct migrations *all, const struct store_cursor *cursor,
                      struct error *error)
{
  int64_t number = store_column_integer(cursor, 0);
  if (number != (int64_t)all->applied_count + 1)
    return error_set(error, ERROR_SYSTEM, "error.store.damaged", "Restore a backup.",
                     "table migration lacks a row before %lld", (long long)number);
  if (all->applied_count == all->count)
    return error_set(error, ERROR_REFUSED, "error.store.newer",
                     "Run the newer version of the program that changed this database.",
                     "the database has migration %lld; this program knows %zu", (long long)number,
                     all->count);
  const struct migration *item = &all->items[all->applied_count];
  if (!text_equal(store_column_text(cursor, 1), item->hash))
    return refuse(error, "Restore the file as it was released; a change goes into a new file.",
                  "was changed after it was applied", item->name);
  all->applied_count++;
  return true;
}

/* Count the applied files, and compare each with ours. */
static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct migrations *all = context;
  all->applied_count = 0;
  bool exists = false;
  if (!store_transaction_engine(transaction)
           ->table_exists(store_transaction_connection(transaction), "migration", &exists, error))
    return false;
  if (!exists) return true;
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor, "SELECT number, hash FROM migration ORDER BY number",
                   STORE_BIND_NONE, error))
    return false;
  bool more = true, good = true;
  while (good && more)
    good = store_next(cursor, &more, error) && (!more || check_row(all, cursor, error));
  store_cursor_close(cursor);
  return good;
}

/* --- Applying ------------------------------------------------------------------------------ */

/* Apply the next file, if after a fresh look there is one. */
static bool apply_next(struct store_transaction *transaction, void *context, struct error *error)
{
  struct migrations *all = context;
  const struct store_engine *engine = store_transaction_engine(transaction);
  struct store_connection *connection = store_transaction_connection(transaction);
  if (!store_execute(transaction,
                     "CREATE TABLE IF NOT EXISTS migration (number BIGINT NOT NULL PRIMARY KEY,"
                     " name TEXT NOT NULL, hash TEXT NOT NULL, applied BIGINT NOT NULL)",
                     STORE_BIND_NONE, NULL, error) ||
      !look(transaction, all, error))
    return false;
  if (all->applied_count == all->count) return true;
  const struct migration *item = &all->items[all->applied_count];
  struct text sql = cut_for_engine(all->arena, item->content, engine->name);
  if (!engine->script(connection, sql, error) || !engine->schema_check(connection, error))
    return error_add_context(error, "%s/%.*s", all->folder, TEXT_PRINT(item->name));
  if (!store_execute(transaction,
                     "INSERT INTO migration (number, name, hash, applied) VALUES ($1, $2, $3, $4)",
                     STORE_BIND(STORE_N(item->number), STORE_T(item->name), STORE_T(item->hash),
                                STORE_N(time_now())),
                     NULL, error))
    return false;
  all->applied_count++;
  return true;
}

bool store_migrations_list(const char *folder, struct arena *arena, struct text **hashes,
                           size_t *count, struct error *error)
{
  struct migrations all = {.arena = arena, .folder = folder};
  all.items = arena_allocate_array(arena, LIMIT_STORE_MIGRATIONS + 1, sizeof *all.items);
  if (!file_walk(folder, add_file, &all, error)) return false;
  *hashes = arena_allocate_array(arena, all.count + 1, sizeof **hashes);
  for (size_t i = 0; i < all.count; i++) (*hashes)[i] = all.items[i].hash;
  *count = all.count;
  return true;
}

bool store_migrate(struct store *store, const char *folder, struct error *error)
{
  return store_migrate_to(store, folder, LIMIT_STORE_MIGRATIONS, error);
}

bool store_migrate_to(struct store *store, const char *folder, int64_t last, struct error *error)
{
  struct migrations all = {
      .arena = arena_new(LIMIT_ARENA_REQUEST), .store = store, .folder = folder};
  all.items = arena_allocate_array(all.arena, LIMIT_STORE_MIGRATIONS + 1, sizeof *all.items);
  /* The first look is a read, so that a start need not wait for a writer. */
  bool good = file_walk(folder, add_file, &all, error) && store_read(store, look, &all, error);
  size_t wanted = last < (int64_t)all.count ? (size_t)last : all.count;
  while (good && all.applied_count < wanted)
    good = store_change_schema(store, apply_next, &all, error);
  arena_free(all.arena);
  return good;
}
