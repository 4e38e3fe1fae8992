/*
 * Backup and restore: every byte that is changed, cut, swapped or added is noticed; what is
 * restored is what was there; nothing is replaced unasked. The form of the file is compared with
 * libsodium's own secretstream in fuzz/fuzz_backup.c.
 */
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include "base/base.h"
#include "store/backup_file.h"
#include "store_support.h"

static struct arena *arena;
static const char *folder;
static struct backup_key *key;

static const char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

static void write_text(const char *path, struct text content)
{
  struct error error = {0};
  if (!file_replace(path, content, &error)) fail_msg("%s", error.log);
}

static struct text read_text(const char *path)
{
  struct error error = {0};
  struct text content = TEXT("");
  if (!file_read(arena, path, LIMIT_FILE_WHOLE, &content, &error)) fail_msg("%s", error.log);
  return content;
}

static int backup_set_up(void **state)
{
  (void)state;
  struct error error = {0};
  arena = arena_new(LIMIT_FILE_WHOLE);
  folder = mkdtemp(text_c(arena, TEXT("/tmp/fairlead-backup-XXXXXX")));
  if (!folder || !file_make_folder(path_of("migrations"), &error)) return -1;
  write_text(
      path_of("migrations/001-first.sql"),
      TEXT("CREATE TABLE place (id TEXT NOT NULL PRIMARY KEY, near TEXT REFERENCES place (id));\n"
           "CREATE TABLE kept (id BIGINT NOT NULL PRIMARY KEY, word TEXT, bytes BYTEA,"
           " share DOUBLE PRECISION);\n"
           "INSERT INTO kept (id, word) VALUES (1, 'made by the migration');\n"));
  return backup_key_make(path_of("key"), &error) && backup_key_load(&key, path_of("key"), &error)
             ? 0
             : -1;
}

static int backup_tear_down(void **state)
{
  (void)state;
  const char *remove = text_format(arena, "rm -rf '%s'", folder).at;
  int status = system(remove);
  backup_key_free(key);
  arena_free(arena);
  return status;
}

/* --- A store with something in it ---------------------------------------------------------- */

static bool put_rows(struct store_transaction *transaction, void *context, struct error *error)
{
  const int64_t *count = context;
  for (int64_t i = 2; i <= *count; i++) {
    struct text word = text_format(arena, "w\xc3\xb6rd %lld", (long long)i);
    if (!store_execute(
            transaction, "INSERT INTO kept (id, word, bytes, share) VALUES ($1, $2, $3, $4)",
            STORE_BIND(STORE_N(-i * INT64_C(1000000007)), i % 3 ? STORE_T(word) : STORE_NONE,
                       i % 5 ? STORE_B(TEXT("\0\xff\n")) : STORE_NONE, STORE_D((double)i / 7)),
            NULL, error))
      return false;
  }
  /* The first in the order of the key refers to the last. */
  return store_execute(transaction, "INSERT INTO place (id, near) VALUES ('z', NULL)",
                       STORE_BIND_NONE, NULL, error) &&
         store_execute(transaction, "INSERT INTO place (id, near) VALUES ('a', 'z')",
                       STORE_BIND_NONE, NULL, error);
}

static struct store *open_store(const char *address, int64_t rows)
{
  struct store *store = NULL;
  struct error error = {0};
  if (!store_open(&store, address, &error) ||
      !store_migrate(store, path_of("migrations"), &error) ||
      (rows && !store_write(store, put_rows, &rows, &error)))
    fail_msg("%s", error.log);
  return store;
}

/* All of `kept` as one text. */
static bool list_rows(struct store_transaction *transaction, void *context, struct error *error)
{
  struct text_buffer *out = context;
  struct store_cursor *cursor;
  bool more = true;
  text_buffer_clear(out);
  if (!store_query(transaction, &cursor, "SELECT id, word, bytes, share FROM kept ORDER BY id",
                   STORE_BIND_NONE, error))
    return false;
  while (store_next(cursor, &more, error) && more) {
    text_buffer_add_integer(out, store_column_integer(cursor, 0));
    text_buffer_add(out,
                    store_column_is_null(cursor, 1) ? TEXT("-") : store_column_text(cursor, 1));
    text_buffer_add(out,
                    store_column_is_null(cursor, 2) ? TEXT("-") : store_column_bytes(cursor, 2));
    text_buffer_add_format(out, "%a\n", store_column_decimal(cursor, 3));
  }
  store_cursor_close(cursor);
  return true;
}

static struct text rows_of(const char *address)
{
  struct error error = {0};
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_FILE_WHOLE);
  struct store *store = open_store(address, 0);
  if (!store_read(store, list_rows, &out, &error)) fail_msg("%s", error.log);
  store_close(store);
  struct text copy = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}

/* A backup of a new store with so many rows. */
static const char *make_backup(const char *name, int64_t rows, struct backup_manifest *manifest)
{
  struct error error = {0};
  const struct backup_extra extra = {"erased", path_of("erased")};
  const struct backup_options how = {
      .kind = "records", .program = "1", .extras = &extra, .extra_count = 1};
  write_text(extra.path, TEXT("a line\n"));
  struct store *store = open_store(store_support_address(arena, folder, name), rows);
  const char *path = path_of(text_format(arena, "%s.backup", name).at);
  if (!backup_write(store, path, key, &how, arena, manifest, &error)) fail_msg("%s", error.log);
  store_close(store);
  return path;
}

static bool try_restore(const char *path, const char *address, bool may_replace, struct text *kept,
                        struct error *error)
{
  struct restore *restore;
  struct backup_manifest manifest;
  const struct restore_options how = {
      .address = address, .migrations = path_of("migrations"), .may_replace = may_replace};
  if (!restore_open(&restore, path, key, &how, arena, &manifest, error)) return false;
  bool good = restore_swap(restore, arena, kept, error);
  restore_close(restore);
  return good;
}

/* --- What comes back ----------------------------------------------------------------------- */

static void everything_comes_back(void **state)
{
  (void)state;
  struct backup_manifest manifest, again;
  struct error error = {0};
  struct text extra, kept;
  bool found = false;
  const char *path = make_backup("one", 3000, &manifest);
  assert_int_equal(manifest.rows, 3000 + 2);
  assert_int_equal(manifest.tables, 2);
  assert_int_equal(manifest.migrations, 1);
  assert_true(text_equal(manifest.engine, on_postgresql ? TEXT("postgresql") : TEXT("sqlite")));
  assert_true(backup_check(path, key, NULL, NULL, arena, &again, &error));
  assert_int_equal(again.rows, manifest.rows);
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  assert_true(backup_extra_read(path, key, "erased", arena, &extra, &found, &error));
  assert_true(found && text_equal(extra, TEXT("a line\n")));
  assert_true(backup_extra_read(path, key, "other", arena, &extra, &found, &error));
  assert_false(found);
  const char *address = store_support_address(arena, folder, "two");
  if (!try_restore(path, address, false, &kept, &error)) fail_msg("%s", error.log);
  assert_true(text_is_empty(kept));
  struct text rows = rows_of(store_support_address(arena, folder, "one"));
  assert_true(rows.length > 50000);
  assert_true(text_equal(rows, rows_of(address)));
  /* What was restored keeps the promises of its schema. */
  struct store *store = open_store(address, 0);
  int64_t one = 1;
  assert_false(store_write(store, put_rows, &one, &error)); /* 'z' is there */
  assert_int_equal(error.kind, ERROR_CONFLICT);
  store_close(store);
}

static void nothing_is_replaced_unasked(void **state)
{
  (void)state;
  struct backup_manifest manifest;
  struct error error = {0};
  struct text kept = TEXT("untouched");
  const char *path = make_backup("full", 50, &manifest),
             *other = make_backup("other", 10, &manifest);
  const char *address = store_support_address(arena, folder, "full");
  struct text before = rows_of(address);
  assert_false(try_restore(other, address, false, &kept, &error));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_string_equal(error.person, "error.backup.full");
  assert_true(text_equal(before, rows_of(address)));
  error_clear(&error);
  if (!try_restore(other, address, true, &kept, &error)) fail_msg("%s", error.log);
  assert_true(kept.length > 0);
  assert_false(text_equal(before, rows_of(address)));
  assert_true(text_equal(rows_of(store_support_address(arena, folder, "other")), rows_of(address)));
  if (!on_postgresql) assert_true(text_equal(before, rows_of(text_c(arena, kept))));
  struct store *store = open_store(address, 0);
  struct backup_options how = {.kind = "records", .program = "1"};
  error_clear(&error);
  assert_false(backup_write(store, path, key, &how, arena, &manifest, &error));
  assert_string_equal(error.person, "error.backup.exists");
  how.may_replace = true;
  assert_true(backup_write(store, path, key, &how, arena, &manifest, &error));
  assert_int_equal(manifest.rows, 10 + 2);
  store_close(store);
}

static void open_file_is_not_swapped(void **state)
{
  (void)state;
  struct backup_manifest manifest;
  struct error error = {0};
  struct text kept;
  if (on_postgresql) skip(); /* a server plans its statements anew */
  const char *path = make_backup("busy", 5, &manifest);
  const char *address = store_support_address(arena, folder, "busy");
  struct store *store = open_store(address, 0);
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_FILE_WHOLE);
  assert_true(store_read(store, list_rows, &out, &error));
  assert_false(try_restore(path, address, true, &kept, &error));
  assert_string_equal(error.person, "error.backup.busy");
  assert_true(store_read(store, list_rows, &out, &error));
  text_buffer_fini(&out);
  store_close(store);
  assert_false(file_exists(path_of("busy.restoring")));
  assert_true(try_restore(path, address, true, &kept, &error));
}

static void damaged_file_is_replaced(void **state)
{
  (void)state;
  struct backup_manifest manifest;
  struct error error = {0};
  struct text kept, garbage = TEXT("this is no database, and its log is none");
  if (on_postgresql) skip();
  const char *path = make_backup("good", 5, &manifest), *address = path_of("damaged");
  write_text(address, garbage);
  write_text(path_of("damaged-wal"), garbage);
  if (!try_restore(path, address, true, &kept, &error)) fail_msg("%s", error.log);
  assert_true(text_equal(rows_of(path_of("good")), rows_of(address)));
  assert_true(text_equal(garbage, read_text(text_c(arena, kept))));
}

static void other_schemas_are_refused(void **state)
{
  (void)state;
  struct backup_manifest manifest;
  struct error error = {0};
  struct text kept;
  const char *path = make_backup("schema", 5, &manifest);
  struct text first = read_text(path_of("migrations/001-first.sql"));
  write_text(path_of("migrations/002-second.sql"),
             TEXT("CREATE TABLE later (id BIGINT NOT NULL PRIMARY KEY);\n"));
  const char *address = store_support_address(arena, folder, "later");
  if (!try_restore(path, address, false, &kept, &error)) fail_msg("%s", error.log);
  const char *newer = make_backup("newer", 5, &manifest);
  assert_int_equal(manifest.migrations, 2);
  assert_int_equal(unlink(path_of("migrations/002-second.sql")), 0);
  assert_false(try_restore(newer, store_support_address(arena, folder, "x"), false, &kept, &error));
  assert_string_equal(error.person, "error.store.newer");
  write_text(path_of("migrations/001-first.sql"),
             text_format(arena, "%.*s-- \n", TEXT_PRINT(first)));
  assert_false(try_restore(path, store_support_address(arena, folder, "y"), false, &kept, &error));
  assert_string_equal(error.person, "error.backup.schema");
}

/* --- What is wrong with a file ------------------------------------------------------------- */

static void expect_refused(struct text content, const char *what, size_t at)
{
  struct error error = {0};
  struct backup_manifest manifest;
  const char *path = path_of("broken");
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(file >= 0);
  assert_int_equal(write(file, content.at, content.length), content.length);
  close(file);
  struct arena *room = arena_new(LIMIT_FILE_WHOLE);
  bool taken = backup_check(path, key, NULL, NULL, room, &manifest, &error);
  arena_free(room);
  if (taken) fail_msg("%s at %zu is not noticed", what, at);
  assert_int_equal(error.kind, ERROR_REFUSED);
}

static void every_change_is_noticed(void **state)
{
  (void)state;
  struct backup_manifest manifest;
  struct text whole = read_text(make_backup("small", 3, &manifest));
  assert_true(whole.length < 5000);
  char *copy = memory_allocate(whole.length + 1);
  for (size_t at = 0; at < whole.length; at++) {
    memcpy(copy, whole.at, whole.length);
    copy[at] = (char)(copy[at] ^ (1 << (at % 8)));
    expect_refused((struct text){copy, whole.length}, "a flipped bit", at);
    expect_refused(text_slice(whole, 0, at), "a cut", at);
  }
  memcpy(copy, whole.at, whole.length);
  copy[whole.length] = 0;
  expect_refused((struct text){copy, whole.length + 1}, "a byte behind the end", whole.length);
  free(copy);
}

/* Where chunk `index` begins, and how long it is with its length. */
static size_t chunk_at(struct text whole, size_t index, size_t *length)
{
  size_t at = 18 + 16 + 24;
  for (;; index--) {
    const unsigned char *head = (const unsigned char *)whole.at + at;
    *length = 4 + ((size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16);
    if (!index) return at;
    at += *length;
  }
}

static void chunks_keep_their_places(void **state)
{
  (void)state;
  struct backup_manifest manifest;
  struct text whole = read_text(make_backup("large", 6000, &manifest));
  size_t first_length, second_length;
  size_t first = chunk_at(whole, 0, &first_length), second = chunk_at(whole, 1, &second_length);
  assert_int_equal(first_length, second_length);
  char *copy = memory_allocate(whole.length + first_length);
  memcpy(copy, whole.at, whole.length);
  memcpy(copy + first, whole.at + second, second_length);
  memcpy(copy + second, whole.at + first, first_length);
  expect_refused((struct text){copy, whole.length}, "swapped chunks", first);
  memcpy(copy + first, whole.at + second, whole.length - second);
  expect_refused((struct text){copy, whole.length - first_length}, "a chunk left out", first);
  memcpy(copy, whole.at, second);
  memcpy(copy + second, whole.at + first, whole.length - first);
  expect_refused((struct text){copy, whole.length + first_length}, "a chunk repeated", first);
  free(copy);
}

static void only_its_key_opens_it(void **state)
{
  (void)state;
  struct backup_manifest manifest;
  struct error error = {0};
  struct backup_key *other;
  const char *path = make_backup("keyed", 3, &manifest);
  assert_true(backup_key_make(path_of("key2"), &error));
  assert_true(backup_key_load(&other, path_of("key2"), &error));
  assert_false(backup_check(path, other, NULL, NULL, arena, &manifest, &error));
  assert_string_equal(error.person, "error.backup.key");
  backup_key_free(other);
  struct text both = text_format(arena, "%.*s\n%.*s", TEXT_PRINT(read_text(path_of("key2"))),
                                 TEXT_PRINT(read_text(path_of("key"))));
  assert_true(backup_key_read(&other, both, &error));
  assert_true(backup_check(path, other, NULL, NULL, arena, &manifest, &error));
  backup_key_free(other);
}

static void keys_are_checked(void **state)
{
  (void)state;
  struct error error = {0};
  struct backup_key *other = NULL;
  assert_false(backup_key_make(path_of("key"), &error)); /* never over another */
  struct text digits = text_trim(read_text(path_of("key")));
  assert_int_equal(digits.length, 64);
  static const char *const bad[] = {"", "\n", "abcd",
                                    ("0123456789abcdefg123456789abcdef0123456789abc"
                                     "def0123456789abcdef")};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(backup_key_read(&other, text_from(bad[i]), &error));
    assert_null(other);
  }
  assert_int_equal(chmod(path_of("key"), 0640), 0);
  assert_false(backup_key_load(&other, path_of("key"), &error));
  assert_string_equal(error.person, "error.file.secret");
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
#define EACH(test) cmocka_unit_test_setup_teardown(test, backup_set_up, backup_tear_down)
      EACH(everything_comes_back),     EACH(nothing_is_replaced_unasked),
      EACH(open_file_is_not_swapped),  EACH(damaged_file_is_replaced),
      EACH(other_schemas_are_refused), EACH(every_change_is_noticed),
      EACH(chunks_keep_their_places),  EACH(only_its_key_opens_it),
      EACH(keys_are_checked),
  };
  return store_support_run("backup", tests, sizeof tests / sizeof *tests);
}
