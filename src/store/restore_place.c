/*
 * The place where a database is restored, beside the one that it will replace, and the swap.
 *
 *   SQLite      fairlead.db.restoring, a file; the swap is a rename, the old file keeps a name of
 *               its own. While a program has the old file open, nothing is swapped.
 *   PostgreSQL  <schema>_restoring, a schema; the swap renames both schemas in one transaction that
 *               waits for every statement on the old tables. A program that goes on finds the new
 *               ones: the rename makes the server plan its statements anew.
 *
 * Invariants: until the swap the old database is untouched; a place that a killed process left is
 * taken away by the next one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/backup_private.h"
#include "store/sqlite.h"

static bool is_server(const char *address)
{
  return text_contains(text_from(address), TEXT("://"));
}

static bool refuse_full(struct error *error, const char *what)
{
  return error_set(
      error, ERROR_CONFLICT, "error.backup.full",
      "Restore to a new folder (--data) or an empty database (--db); or say --replace: "
      "the old one is then kept under another name.",
      "%s holds a database already", what);
}

/* "20261122T034501.123456Z": no two restores share one. */
static struct text stamp(struct arena *arena)
{
  struct text now = time_format(arena, time_now());
  return text_format(arena, "%.4s%.2s%.2sT%.2s%.2s%.10s", now.at, now.at + 5, now.at + 8,
                     now.at + 11, now.at + 14, now.at + 17);
}

/* --- References ---------------------------------------------------------------------------- */

bool restore_defer_references(struct store_transaction *transaction, struct error *error)
{
  static const char deferrable[] =
      "DO $do$ DECLARE c record; BEGIN FOR c IN SELECT conrelid, conname FROM pg_constraint"
      " WHERE contype = 'f' AND conparentid = 0"
      " AND connamespace = CAST(current_schema() AS regnamespace) LOOP"
      " EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED',"
      " CAST(c.conrelid AS regclass), c.conname); END LOOP; END $do$";
  struct store_connection *connection = store_transaction_connection(transaction);
  if (!backup_is_postgresql(transaction))
    return sqlite_run(connection, "PRAGMA defer_foreign_keys = 1", error);
  return store_transaction_engine(transaction)->script(connection, text_from(deferrable), error);
}

/* Is there a row whose reference leads nowhere? SQLite looks at the commit, too, but does not say
 * where. */
static bool check_file(struct store_transaction *transaction, struct error *error)
{
  struct store_cursor *cursor;
  bool more = false;
  backup_trust(transaction, true);
  bool good = store_query(transaction, &cursor, "SELECT \"table\" FROM pragma_foreign_key_check",
                          STORE_BIND_NONE, error);
  if (!good) goto out;
  good = store_next(cursor, &more, error);
  if (good && more)
    good = error_set(error, ERROR_REFUSED, "error.backup.broken", "Take another backup.",
                     "a row of %.*s refers to one that is not there",
                     TEXT_PRINT(store_column_text(cursor, 0)));
  store_cursor_close(cursor);
out:
  backup_trust(transaction, false);
  return good;
}

bool restore_check_references(struct store_transaction *transaction, struct error *error)
{
  static const char at_once[] =
      "DO $do$ DECLARE c record; BEGIN SET CONSTRAINTS ALL IMMEDIATE;"
      " FOR c IN SELECT conrelid, conname FROM pg_constraint"
      " WHERE contype = 'f' AND conparentid = 0"
      " AND connamespace = CAST(current_schema() AS regnamespace) LOOP"
      " EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE',"
      " CAST(c.conrelid AS regclass), c.conname); END LOOP; END $do$";
  if (!backup_is_postgresql(transaction)) return check_file(transaction, error);
  return store_transaction_engine(transaction)
      ->script(store_transaction_connection(transaction), text_from(at_once), error);
}

/* --- SQLite: files ------------------------------------------------------------------------- */

static bool fail_file(struct error *error, const char *verb, const char *path)
{
  return error_set(error, ERROR_SYSTEM, "error.file",
                   "Check the folder's rights and the room on the disk.", "%s %s: %s", verb, path,
                   strerror(errno));
}

static const char *with(struct arena *arena, const char *path, const char *ending)
{
  return text_format(arena, "%s%s", path, ending).at;
}

static void remove_file(struct arena *arena, const char *path)
{
  unlink(path);
  unlink(with(arena, path, "-wal"));
  unlink(with(arena, path, "-shm"));
}

static bool open_file(struct restore_place *place, struct arena *arena, struct error *error)
{
  if (file_exists(place->address) && !place->may_replace) return refuse_full(error, place->address);
  place->beside = text_format(arena, "%s.restoring", place->address).at;
  remove_file(arena, place->beside);
  return true;
}

/* Run one PRAGMA and give its answer's first column; a file that is damaged answers SQLITE_OK and
 * "". */
static int ask_pragma(sqlite3 *handle, const char *sql, char answer[16])
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  answer[0] = 0;
  if (code == SQLITE_ROW)
    snprintf(answer, 16, "%s", (const char *)sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code & 0xFF;
}

static bool is_damaged(int code)
{
  return code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_IOERR;
}

/* Take the old file for ourselves: its log is worked in and gone, nobody else has it open. `*held`
 * keeps it so until it is closed. A file that is damaged cannot be held: its log is moved aside. */
static bool hold_old(const char *path, sqlite3 **held, bool *damaged, struct error *error)
{
  char answer[16];
  int code = sqlite3_open_v2(path, held, SQLITE_OPEN_READWRITE, NULL);
  if (code == SQLITE_OK) code = ask_pragma(*held, "PRAGMA locking_mode = EXCLUSIVE", answer);
  if (code == SQLITE_OK) code = ask_pragma(*held, "PRAGMA journal_mode = DELETE", answer);
  *damaged = is_damaged(code);
  if (*damaged || (code == SQLITE_OK && strcmp(answer, "delete") == 0)) return true;
  return error_set(error, ERROR_BUSY, "error.backup.busy",
                   "Stop the server and every other program that uses it, then restore again.",
                   "%s is open in another program (SQLite %d)", path, code);
}

/* The old file gets a second name, then the new one takes the first: at no moment is there none. */
static bool rename_over(const struct restore_place *place, const char *kept, struct error *error)
{
  if (link(place->address, kept) != 0) return fail_file(error, "keep", place->address);
  if (rename(place->beside, place->address) != 0) {
    fail_file(error, "rename", place->beside);
    unlink(kept);
    return false;
  }
  return true;
}

static bool swap_file(const struct restore_place *place, struct arena *arena, struct text *kept,
                      struct error *error)
{
  sqlite3 *held = NULL;
  bool damaged = false, good = true;
  *kept = TEXT("");
  if (file_exists(with(arena, place->beside, "-wal")))
    return error_set(error, ERROR_BUSY, "error.backup.busy", "Restore again.",
                     "%s is open in another program", place->beside);
  if (!file_exists(place->address)) {
    /* A log without its file must not be taken for the new one's. */
    remove_file(arena, place->address);
    good = rename(place->beside, place->address) == 0 || fail_file(error, "rename", place->beside);
  } else if ((good = hold_old(place->address, &held, &damaged, error))) {
    *kept = text_format(arena, "%s.before-restore-%.*s", place->address, TEXT_PRINT(stamp(arena)));
    if (damaged) {
      (void)rename(with(arena, place->address, "-wal"), with(arena, kept->at, "-wal"));
      unlink(with(arena, place->address, "-shm"));
    }
    good = rename_over(place, kept->at, error);
  }
  sqlite3_close(held);
  return good && (backup_flush_folder_of(arena, place->address) ||
                  fail_file(error, "flush folder of", place->address));
}

/* --- PostgreSQL: schemas ------------------------------------------------------------------- */

struct schema_work {
  struct restore_place *place;
  const struct restore_place *swapped;
  struct arena *arena;
  struct text kept;
};

/* "name", quoted for SQL. */
static struct text quoted(struct arena *arena, struct text name)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_ERROR_TEXT);
  text_buffer_add_character(&out, '"');
  for (size_t i = 0; i < name.length; i++) {
    if (name.at[i] == '"') text_buffer_add_character(&out, '"');
    text_buffer_add_character(&out, name.at[i]);
  }
  text_buffer_add_character(&out, '"');
  struct text copy = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}

static bool script(struct store_transaction *transaction, struct text sql, struct error *error)
{
  return store_transaction_engine(transaction)
      ->script(store_transaction_connection(transaction), sql, error);
}

static bool make_schema(struct store_transaction *transaction, void *context, struct error *error)
{
  struct schema_work *work = context;
  struct store_cursor *cursor;
  struct text *tables;
  size_t count;
  bool more;
  if (!store_query(transaction, &cursor, "SELECT CAST(current_schema() AS TEXT)", STORE_BIND_NONE,
                   error))
    return false;
  bool good = store_next(cursor, &more, error);
  struct text schema = good ? text_copy(work->arena, store_column_text(cursor, 0)) : TEXT("");
  store_cursor_close(cursor);
  if (!good) return false;
  if (!schema.length || schema.length > LIMIT_BACKUP_NAME - 32)
    return error_set(error, ERROR_REFUSED, "error.backup.schema",
                     "Give the database a schema with a short name in its search_path.",
                     "no schema to restore into, or one with a long name");
  if (!backup_tables(transaction, work->arena, &tables, &count, error)) return false;
  if (count && !work->place->may_replace) return refuse_full(error, "the schema");
  work->place->schema = text_c(work->arena, schema);
  work->place->beneath = text_format(work->arena, "%.*s_restoring", TEXT_PRINT(schema)).at;
  struct text name = quoted(work->arena, text_from(work->place->beneath));
  return script(transaction,
                text_format(work->arena, "DROP SCHEMA IF EXISTS %.*s CASCADE; CREATE SCHEMA %.*s",
                            TEXT_PRINT(name), TEXT_PRINT(name)),
                error);
}

/* The address with another search_path; libpq takes the last of two `options`. */
static const char *address_of(struct arena *arena, const char *address, const char *schema)
{
  struct text whole = text_from(address), escaped = TEXT("");
  for (const char *at = schema; *at; at++)
    escaped = text_format(arena, "%.*s%%%02X", TEXT_PRINT(escaped), (unsigned char)*at);
  const char *mark = text_contains(whole, TEXT("?")) ? "&" : "?";
  return text_format(arena, "%s%soptions=-csearch_path%%3D%.*s", address, mark, TEXT_PRINT(escaped))
      .at;
}

static bool with_store(const char *address, store_function *function, void *context,
                       struct error *error)
{
  struct store *store;
  if (!store_open(&store, address, error)) return false;
  bool good = store_write(store, function, context, error);
  store_close(store);
  return good;
}

static bool open_schema(struct restore_place *place, struct arena *arena, struct error *error)
{
  struct schema_work work = {.place = place, .arena = arena};
  if (!with_store(place->address, make_schema, &work, error)) return false;
  place->beside = address_of(arena, place->address, place->beneath);
  return true;
}

/* Wait for whoever works on the old tables, and keep others from them until the commit. */
static bool lock_old(struct store_transaction *transaction, const struct schema_work *work,
                     size_t *count, struct error *error)
{
  static const char lock[] =
      "DO $do$ DECLARE t record; BEGIN FOR t IN SELECT oid FROM pg_catalog.pg_class"
      " WHERE relkind IN ('r', 'p') AND relnamespace = CAST(current_schema() AS regnamespace)"
      " ORDER BY relname LOOP EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE',"
      " CAST(t.oid AS regclass)); END LOOP; END $do$";
  struct text *tables;
  return backup_tables(transaction, work->arena, &tables, count, error) &&
         script(transaction, text_from(lock), error);
}

static bool swap_schemas(struct store_transaction *transaction, void *context, struct error *error)
{
  struct schema_work *work = context;
  const struct restore_place *place = work->swapped;
  struct arena *arena = work->arena;
  size_t count;
  if (!lock_old(transaction, work, &count, error)) return false;
  struct text stamped = text_lower_ascii(arena, stamp(arena));
  struct text kept = text_format(arena, "%s_before_%.*s", place->schema, TEXT_PRINT(stamped));
  struct text old = quoted(arena, text_from(place->schema)), kept_name = quoted(arena, kept);
  if (!script(transaction,
              text_format(arena,
                          "ALTER SCHEMA %.*s RENAME TO %.*s; ALTER SCHEMA %.*s RENAME TO %.*s",
                          TEXT_PRINT(old), TEXT_PRINT(kept_name),
                          TEXT_PRINT(quoted(arena, text_from(place->beneath))), TEXT_PRINT(old)),
              error))
    return false;
  work->kept = count ? kept : TEXT("");
  /* An empty schema goes, unless something else lives in it. */
  return count || script(transaction,
                         text_format(arena,
                                     "DO $do$ BEGIN DROP SCHEMA %.*s; EXCEPTION WHEN"
                                     " dependent_objects_still_exist THEN NULL; END $do$",
                                     TEXT_PRINT(kept_name)),
                         error);
}

static bool drop_schema(struct store_transaction *transaction, void *context, struct error *error)
{
  struct schema_work *work = context;
  return script(transaction,
                text_format(work->arena, "DROP SCHEMA IF EXISTS %.*s CASCADE",
                            TEXT_PRINT(quoted(work->arena, text_from(work->swapped->beneath)))),
                error);
}

/* --- Either -------------------------------------------------------------------------------- */

bool restore_place_open(struct restore_place *place, struct arena *arena, struct error *error)
{
  return is_server(place->address) ? open_schema(place, arena, error)
                                   : open_file(place, arena, error);
}

bool restore_place_swap(const struct restore_place *place, struct arena *arena, struct text *kept,
                        struct error *error)
{
  if (!is_server(place->address)) return swap_file(place, arena, kept, error);
  struct schema_work work = {.swapped = place, .arena = arena};
  if (!with_store(place->address, swap_schemas, &work, error)) return false;
  *kept = work.kept;
  return true;
}

void restore_place_drop(const struct restore_place *place)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct error error = {0};
  struct schema_work work = {.swapped = place, .arena = arena};
  if (!is_server(place->address)) remove_file(arena, place->beside);
  else if (!with_store(place->address, drop_schema, &work, &error))
    log_error("restore.left", &error);
  arena_free(arena);
}
