/*
 * A vault in a folder of its own, for tests of the vault: opened before each test, with what they
 * do and expect of it. On either engine, see store_support.h. Not for threads.
 */
#ifndef FAIRLEAD_TESTS_VAULT_SUPPORT_H
#define FAIRLEAD_TESTS_VAULT_SUPPORT_H

#include <dirent.h>
#include <sys/stat.h>

#include "store/vault.h"
#include "store_support.h"

#define PROGRAM "0199aaaa-0000-7000-8000-000000000001"
#define OTHER_PROGRAM "0199aaaa-0000-7000-8000-000000000002"
#define PERSON "0199bbbb-0000-7000-8000-000000000001"
#define OTHER_PERSON "0199bbbb-0000-7000-8000-000000000002"
static const int64_t noon = INT64_C(1790000000123456);
static const struct vault_subject person = {{PROGRAM, 36}, {PERSON, 36}};
static const struct vault_subject other_person = {{PROGRAM, 36}, {OTHER_PERSON, 36}};
static const struct vault_subject program = {{PROGRAM, 36}, {"", 0}};

static struct arena *arena;
static char *folder;
static struct vault_options options;
static struct vault *vault;
static struct error error;

/* --- Helpers ------------------------------------------------------------------------------- */

static inline char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

static inline void open_vault(void)
{
  error_clear(&error);
  if (!vault_open(&vault, &options, &error)) fail_msg("%s", error.log);
}

static inline void close_vault(void)
{
  vault_close(vault);
  vault = NULL;
}

static inline void open_again(void)
{
  close_vault();
  open_vault();
}

static inline void refuses_to_open(enum error_kind kind, const char *key)
{
  struct vault *untouched = NULL;
  error_clear(&error);
  assert_false(vault_open(&untouched, &options, &error));
  assert_null(untouched);
  assert_int_equal(error.kind, kind);
  assert_string_equal(error.person, key);
}

static inline int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-vault-XXXXXX";
  arena = arena_new(1 << 28);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  options = (struct vault_options){
      .keys_address = store_support_address(arena, folder, "keys.db"),
      .key_path = path_of("vault.key"),
      .erased_path = path_of("erased.list"),
      .migrations = "migrations/keys",
  };
  open_vault();
  return 0;
}

static inline int end(void **state)
{
  (void)state;
  vault_close(vault);
  assert_int_equal(system(text_format(arena, "rm -rf '%s'", folder).at), 0);
  arena_free(arena);
  error_clear(&error);
  return 0;
}

static inline void make(struct vault_subject subject)
{
  if (!vault_subject_make(vault, subject, &error)) fail_msg("%s", error.log);
}

static inline struct text seal(struct vault_subject subject, const char *purpose, struct text plain)
{
  struct text sealed;
  if (!vault_seal(vault, arena, subject, purpose, plain, &sealed, &error))
    fail_msg("%s", error.log);
  return sealed;
}

static inline void opens(struct vault_subject subject, const char *purpose, struct text sealed,
                         struct text expected)
{
  struct text plain;
  if (!vault_unseal(vault, arena, subject, purpose, sealed, &plain, &error))
    fail_msg("%s", error.log);
  assert_true(text_equal(plain, expected));
}

static inline void refuses(struct vault_subject subject, const char *purpose, struct text sealed,
                           enum error_kind kind, const char *key)
{
  struct text plain = TEXT("untouched");
  error_clear(&error);
  assert_false(vault_unseal(vault, arena, subject, purpose, sealed, &plain, &error));
  assert_string_equal(plain.at, "untouched");
  assert_int_equal(error.kind, kind);
  assert_string_equal(error.person, key);
  assert_null(strstr(error.log, "Quillfeather"));
}

static inline void erase(struct vault_subject subject)
{
  error_clear(&error);
  if (!vault_erase(vault, subject, noon, &error)) fail_msg("%s", error.log);
}

static inline bool is_erased(struct vault_subject subject)
{
  bool erased = false;
  assert_true(vault_is_erased(vault, subject, &erased, &error));
  return erased;
}

static inline const char *content_of(const char *path)
{
  struct text content;
  assert_true(file_read(arena, path, 1 << 24, &content, &error));
  return content.at;
}

static inline void write_list(const char *content)
{
  assert_true(file_replace(options.erased_path, text_from(content), &error));
  assert_int_equal(chmod(options.erased_path, 0600), 0);
}

/* --- The key store's rows and bytes --------------------------------------------------------- */

/* A row of the key store, as a copy of it would bring it back. */
struct row {
  struct text wrapped, master;
};

static inline bool read_row(struct store_transaction *transaction, void *context, struct error *e)
{
  struct row *row = context;
  struct store_cursor *cursor;
  bool more;
  assert_true(store_query(transaction, &cursor,
                          "SELECT wrapped, master FROM vault_key WHERE person_id = $1",
                          STORE_BIND(STORE_T(TEXT(PERSON))), e));
  assert_true(store_next(cursor, &more, e));
  assert_true(more);
  row->wrapped = text_copy(arena, store_column_bytes(cursor, 0));
  row->master = text_copy(arena, store_column_text(cursor, 1));
  return true;
}

static inline bool write_row(struct store_transaction *transaction, void *context, struct error *e)
{
  const struct row *row = context;
  return store_execute(
      transaction,
      "UPDATE vault_key SET wrapped = $2, master = $3, erased = 0"
      " WHERE person_id = $1",
      STORE_BIND(STORE_T(TEXT(PERSON)), STORE_B(row->wrapped), STORE_T(row->master)), NULL, e);
}

static inline struct row get_row(void)
{
  struct store *keys = NULL;
  struct row row;
  assert_true(store_open(&keys, options.keys_address, &error));
  assert_true(store_read(keys, read_row, &row, &error));
  store_close(keys);
  return row;
}

static inline void set_row(struct row row)
{
  struct store *keys = NULL;
  assert_true(store_open(&keys, options.keys_address, &error));
  assert_true(store_write(keys, write_row, &row, &error));
  store_close(keys);
}

static inline bool holds(const char *path, struct text bytes)
{
  struct text content;
  assert_true(file_read(arena, path, 1 << 26, &content, &error));
  return text_contains(content, bytes);
}

/* Does any file of the folder but the list hold these bytes? */
static inline bool is_in_a_file(struct text bytes)
{
  bool found = false;
  DIR *files = opendir(folder);
  assert_non_null(files);
  for (struct dirent *file; (file = readdir(files));)
    if (file->d_type == DT_REG && holds(path_of(file->d_name), bytes)) found = true;
  closedir(files);
  return found;
}

#endif
