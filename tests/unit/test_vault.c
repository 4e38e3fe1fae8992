/*
 * The vault: keys, sealed fields, erasure. Expected values are what was put
 * in; what must not open is made here by hand.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

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

static char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

static void open_vault(void)
{
  error_clear(&error);
  if (!vault_open(&vault, &options, &error)) fail_msg("%s", error.log);
}

static void close_vault(void)
{
  vault_close(vault);
  vault = NULL;
}

static void open_again(void)
{
  close_vault();
  open_vault();
}

static void refuses_to_open(enum error_kind kind, const char *key)
{
  struct vault *untouched = NULL;
  error_clear(&error);
  assert_false(vault_open(&untouched, &options, &error));
  assert_null(untouched);
  assert_int_equal(error.kind, kind);
  assert_string_equal(error.person, key);
}

static int begin(void **state)
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

static int end(void **state)
{
  (void)state;
  vault_close(vault);
  assert_int_equal(system(text_format(arena, "rm -rf '%s'", folder).at), 0);
  arena_free(arena);
  error_clear(&error);
  return 0;
}

static void make(struct vault_subject subject)
{
  if (!vault_subject_make(vault, subject, &error)) fail_msg("%s", error.log);
}

static struct text seal(struct vault_subject subject, const char *purpose, struct text plain)
{
  struct text sealed;
  if (!vault_seal(vault, arena, subject, purpose, plain, &sealed, &error))
    fail_msg("%s", error.log);
  return sealed;
}

static void opens(struct vault_subject subject, const char *purpose, struct text sealed,
                  struct text expected)
{
  struct text plain;
  if (!vault_unseal(vault, arena, subject, purpose, sealed, &plain, &error))
    fail_msg("%s", error.log);
  assert_true(text_equal(plain, expected));
}

static void refuses(struct vault_subject subject, const char *purpose, struct text sealed,
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

static void erase(struct vault_subject subject)
{
  error_clear(&error);
  if (!vault_erase(vault, subject, noon, &error)) fail_msg("%s", error.log);
}

static bool is_erased(struct vault_subject subject)
{
  bool erased = false;
  assert_true(vault_is_erased(vault, subject, &erased, &error));
  return erased;
}

static const char *content_of(const char *path)
{
  struct text content;
  assert_true(file_read(arena, path, 1 << 24, &content, &error));
  return content.at;
}

static void write_list(const char *content)
{
  assert_true(file_replace(options.erased_path, text_from(content), &error));
  assert_int_equal(chmod(options.erased_path, 0600), 0);
}

/* --- Fields -------------------------------------------------------------------------------- */

static void vault_gives_back_what_it_took(void **state)
{
  (void)state;
  make(person);
  make(program);
  char *long_one = arena_allocate(arena, LIMIT_VAULT_FIELD + 1);
  memset(long_one, 0x80, LIMIT_VAULT_FIELD);
  const struct text all[] = {
      {NULL, 0},    TEXT("Quillfeather"), TEXT("fifteen letters"),      TEXT("sixteen  letters"),
      TEXT("\x80"), TEXT("a\0b"),         {long_one, LIMIT_VAULT_FIELD}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct text sealed = seal(person, "person.name", all[i]);
    opens(person, "person.name", sealed, all[i]);
    assert_false(text_equal(sealed, seal(person, "person.name", all[i])));
    assert_false(text_contains(sealed, TEXT("Quillfeather")));
    opens(program, "program.note", seal(program, "program.note", all[i]), all[i]);
  }
  /* short names are of one length, so that the database does not tell them apart */
  assert_int_equal(seal(person, "person.name", TEXT("Al")).length,
                   seal(person, "person.name", TEXT("Bartholomew")).length);
  opens(person, "person.name", TEXT(""), TEXT(""));
  struct text out = TEXT("untouched");
  assert_false(vault_seal(vault, arena, person, "person.photo",
                          (struct text){long_one, LIMIT_VAULT_FIELD + 1}, &out, &error));
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  assert_string_equal(out.at, "untouched");
}

static void vault_opens_a_field_in_its_place_alone(void **state)
{
  (void)state;
  const struct vault_subject elsewhere = {{OTHER_PROGRAM, 36}, {PERSON, 36}};
  make(person);
  make(other_person);
  make(program);
  make(elsewhere);
  struct text sealed = seal(person, "person.name", TEXT("Quillfeather"));
  refuses(other_person, "person.name", sealed, ERROR_SYSTEM, "error.vault.broken");
  refuses(elsewhere, "person.name", sealed, ERROR_SYSTEM, "error.vault.broken");
  refuses(program, "person.name", sealed, ERROR_SYSTEM, "error.vault.broken");
  refuses(person, "person.nam", sealed, ERROR_SYSTEM, "error.vault.broken");
  refuses(person, "", sealed, ERROR_SYSTEM, "error.vault.broken");
  opens(person, "person.name", sealed, TEXT("Quillfeather"));
}

static void vault_refuses_every_change(void **state)
{
  (void)state;
  make(person);
  struct text sealed = seal(person, "person.name", TEXT("Quillfeather"));
  for (size_t at = 0; at < sealed.length; at++)
    for (int bit = 0; bit < 8; bit++) {
      char *copy = text_c(arena, sealed);
      copy[at] = (char)(copy[at] ^ 1 << bit);
      refuses(person, "person.name", (struct text){copy, sealed.length}, ERROR_SYSTEM,
              "error.vault.broken");
    }
  for (size_t length = 1; length < sealed.length; length++)
    refuses(person, "person.name", text_slice(sealed, 0, length), ERROR_SYSTEM,
            "error.vault.broken");
  char *longer = arena_allocate(arena, sealed.length + 16);
  memcpy(longer, sealed.at, sealed.length);
  for (size_t more = 1; more <= 16; more++)
    refuses(person, "person.name", (struct text){longer, sealed.length + more}, ERROR_SYSTEM,
            "error.vault.broken");
}

static void vault_has_no_key_of_its_own_accord(void **state)
{
  (void)state;
  struct text out = TEXT("untouched");
  assert_false(vault_seal(vault, arena, person, "person.name", TEXT("x"), &out, &error));
  assert_string_equal(error.person, "error.vault.missing");
  assert_string_equal(out.at, "untouched");
  refuses(person, "person.name", TEXT("xyz"), ERROR_SYSTEM, "error.vault.missing");
  static const struct vault_subject bad[] = {{{"", 0}, {PERSON, 36}},
                                             {{"a b", 3}, {PERSON, 36}},
                                             {{"a\nb", 3}, {"", 0}},
                                             {{"a", 1}, {"\xc3\xa9", 2}},
                                             {{"a", 1}, {"x\0y", 3}}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    bool erased;
    assert_false(vault_subject_make(vault, bad[i], &error));
    assert_string_equal(error.person, "error.vault.subject");
    assert_false(vault_erase(vault, bad[i], noon, &error));
    assert_false(vault_is_erased(vault, bad[i], &erased, &error));
    assert_false(vault_seal(vault, arena, bad[i], "p.q", TEXT("x"), &out, &error));
  }
  char id[LIMIT_VAULT_ID + 1];
  memset(id, 'a', sizeof id);
  assert_true(
      vault_subject_make(vault, (struct vault_subject){{id, sizeof id - 1}, TEXT("")}, &error));
  assert_false(
      vault_subject_make(vault, (struct vault_subject){{id, sizeof id}, TEXT("")}, &error));
}

/* --- Keys ---------------------------------------------------------------------------------- */

static void vault_keeps_its_keys(void **state)
{
  (void)state;
  make(person);
  struct text sealed = seal(person, "person.name", TEXT("Quillfeather"));
  make(person); /* again: the same key */
  opens(person, "person.name", sealed, TEXT("Quillfeather"));
  open_again();
  opens(person, "person.name", sealed, TEXT("Quillfeather"));
  assert_true(vault_answers(vault, &error));
  struct vault *second = NULL; /* another process, as good as */
  assert_true(vault_open(&second, &options, &error));
  struct text plain;
  assert_true(vault_unseal(second, arena, person, "person.name", sealed, &plain, &error));
  assert_string_equal(plain.at, "Quillfeather");
  vault_close(second);
  struct stat status;
  static const char *const names[] = {"vault.key", "erased.list", "keys.db"};
  for (size_t i = 0; i < (on_postgresql ? 2 : 3); i++) {
    assert_int_equal(stat(path_of(names[i]), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
  }
}

static void vault_refuses_a_wrong_master_key(void **state)
{
  (void)state;
  make(person);
  struct text sealed = seal(person, "person.name", TEXT("Quillfeather"));
  close_vault();
  assert_int_equal(rename(options.key_path, path_of("away")), 0);
  refuses_to_open(ERROR_REFUSED, "error.vault.master");
  assert_false(file_exists(options.key_path)); /* none was made in its place */
  static const char wrong[] =
      "01 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
  assert_true(file_replace(options.key_path, text_from(wrong), &error));
  refuses_to_open(ERROR_REFUSED, "error.seal.key"); /* others may read it */
  assert_int_equal(chmod(options.key_path, 0600), 0);
  refuses_to_open(ERROR_SYSTEM, "error.vault.master");
  assert_true(file_replace(options.key_path, TEXT("nothing"), &error));
  assert_int_equal(chmod(options.key_path, 0600), 0);
  refuses_to_open(ERROR_REFUSED, "error.seal.key");
  assert_int_equal(rename(path_of("away"), options.key_path), 0);
  open_vault();
  opens(person, "person.name", sealed, TEXT("Quillfeather"));
}

/* --- Erasure ------------------------------------------------------------------------------- */

static void vault_erases_for_ever(void **state)
{
  (void)state;
  make(person);
  make(other_person);
  struct text sealed = seal(person, "person.name", TEXT("Quillfeather"));
  struct text theirs = seal(other_person, "person.name", TEXT("Marrowby"));
  assert_false(is_erased(person));
  erase(person);
  for (int round = 0; round < 3; round++) {
    struct text out;
    assert_true(is_erased(person));
    assert_false(is_erased(other_person));
    refuses(person, "person.name", sealed, ERROR_NOT_FOUND, "error.vault.erased");
    opens(other_person, "person.name", theirs, TEXT("Marrowby"));
    assert_false(vault_subject_make(vault, person, &error));
    assert_string_equal(error.person, "error.vault.erased");
    assert_false(vault_seal(vault, arena, person, "person.name", TEXT("x"), &out, &error));
    assert_string_equal(error.person, "error.vault.erased");
    if (round == 0) erase(person); /* again */
    if (round == 1) open_again();
  }
  assert_string_equal(content_of(options.erased_path),
                      PROGRAM " " PERSON " 2026-09-21T14:13:20.123456Z\n");
  assert_false(vault_erase(vault, program, noon, &error));
  assert_string_equal(error.person, "error.vault.subject");
}

static bool count_erased(void *context, struct vault_subject subject, int64_t at, struct error *e)
{
  (void)e;
  assert_true(text_equal(subject.program_id, person.program_id));
  assert_int_equal(at, noon);
  assert_true(
      text_equal(subject.person_id, *(int *)context ? other_person.person_id : person.person_id));
  ++*(int *)context;
  return true;
}

static bool stop(void *context, struct vault_subject subject, int64_t at, struct error *e)
{
  (void)context, (void)subject, (void)at;
  return error_set(e, ERROR_BUSY, "error.store.busy", "", "enough");
}

static void vault_names_the_erased(void **state)
{
  (void)state;
  int count = 0;
  assert_true(vault_erased_each(vault, count_erased, &count, &error));
  assert_int_equal(count, 0);
  erase(other_person); /* who never had a key */
  erase(person);
  assert_true(vault_erased_each(vault, count_erased, &count, &error));
  assert_int_equal(count, 2);
  assert_false(vault_erased_each(vault, stop, NULL, &error));
  assert_int_equal(error.kind, ERROR_BUSY);
}

static void vault_hears_of_erasures_elsewhere(void **state)
{
  (void)state;
  make(person);
  struct text sealed = seal(person, "person.name", TEXT("Quillfeather")), plain;
  struct vault *second = NULL;
  assert_true(vault_open(&second, &options, &error));
  assert_true(vault_unseal(second, arena, person, "person.name", sealed, &plain, &error));
  erase(person); /* when it answers, the other has forgotten the key that it read just now */
  assert_false(vault_unseal(second, arena, person, "person.name", sealed, &plain, &error));
  assert_string_equal(error.person, "error.vault.erased");
  assert_false(vault_seal(second, arena, person, "person.name", TEXT("x"), &plain, &error));
  assert_false(vault_subject_make(second, person, &error));
  vault_close(second);
}

/* A row of the key store, as a copy of it would bring it back. */
struct row {
  struct text wrapped, master;
};

static bool read_row(struct store_transaction *transaction, void *context, struct error *e)
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

static bool write_row(struct store_transaction *transaction, void *context, struct error *e)
{
  const struct row *row = context;
  return store_execute(
      transaction,
      "UPDATE vault_key SET wrapped = $2, master = $3, erased = 0"
      " WHERE person_id = $1",
      STORE_BIND(STORE_T(TEXT(PERSON)), STORE_B(row->wrapped), STORE_T(row->master)), NULL, e);
}

static struct row get_row(void)
{
  struct store *keys = NULL;
  struct row row;
  assert_true(store_open(&keys, options.keys_address, &error));
  assert_true(store_read(keys, read_row, &row, &error));
  store_close(keys);
  return row;
}

static void set_row(struct row row)
{
  struct store *keys = NULL;
  assert_true(store_open(&keys, options.keys_address, &error));
  assert_true(store_write(keys, write_row, &row, &error));
  store_close(keys);
}

static void vault_erases_again_after_a_restore(void **state)
{
  (void)state;
  make(person);
  struct text sealed = seal(person, "person.name", TEXT("Quillfeather"));
  struct row row = get_row();
  erase(person);
  close_vault();
  set_row(row);
  open_vault();
  refuses(person, "person.name", sealed, ERROR_NOT_FOUND, "error.vault.erased");
  assert_int_equal(get_row().wrapped.length, 0);
  close_vault(); /* and the other way round: the list is lost */
  assert_int_equal(unlink(options.erased_path), 0);
  open_vault();
  assert_string_equal(content_of(options.erased_path),
                      PROGRAM " " PERSON " 2026-09-21T14:13:20.123456Z\n");
}

static void vault_reads_its_list_strictly(void **state)
{
  (void)state;
#define GOOD PROGRAM " " PERSON " 2026-09-21T14:13:20.123456Z"
  static const char *const bad[] = {
      "\n",
      GOOD "\n\n",
      GOOD " \n",
      GOOD " x\n",
      " " GOOD "\n",
      PROGRAM " " PERSON "\n",
      PROGRAM "  2026-09-21T14:13:20.123456Z\n",
      " " PERSON " 2026-09-21T14:13:20.123456Z\n",
      PROGRAM "\t" PERSON " 2026-09-21T14:13:20.123456Z\n",
      PROGRAM " " PERSON " 2026-02-30T14:13:20.123456Z\n",
      PROGRAM " " PERSON " 1969-12-31T14:13:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T24:13:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:60:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:13:60.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T-1:13:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:-1:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:13:-1.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:13:20.-23456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:13:20.12345Z\n",
      PROGRAM " " PERSON " 2026-09-21 14:13:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:13:20.123456+\n",
      PROGRAM " " PERSON " 2026-09-21T14:13-20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14-13:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:13:20,123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T1a:13:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:1a:20.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:13:2a.123456Z\n",
      PROGRAM " " PERSON " 2026-09-21T14:13:20.12345aZ\n",
      PROGRAM " per,son 2026-09-21T14:13:20.123456Z\n",
      GOOD "\r\n",
  };
  close_vault();
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    write_list(bad[i]);
    struct vault *untouched = NULL;
    if (vault_open(&untouched, &options, &error)) fail_msg("line %zu was taken", i);
    assert_int_equal(error.kind, ERROR_REFUSED);
    assert_string_equal(error.person, "error.vault.list");
  }
  write_list(GOOD "\n");
  assert_int_equal(chmod(options.erased_path, 0620), 0);
  refuses_to_open(ERROR_REFUSED, "error.vault.list");
  /* a line without its end was never acknowledged: it is cut off, whatever it holds */
  static const char *const cut[] = {
      GOOD "\n" PROGRAM " " OTHER_PERSON " 2026-09-21T14:13:20.123",
      GOOD "\n" PROGRAM " " OTHER_PERSON " 2026-09-21T14:13:20.123456Z", GOOD "\n\x01\xff"};
  for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
    write_list(cut[i]);
    open_vault();
    assert_true(is_erased(person));
    assert_false(is_erased(other_person));
    close_vault();
    assert_string_equal(content_of(options.erased_path), GOOD "\n");
  }
  write_list(GOOD); /* the same without a line before */
  open_vault();
  assert_string_equal(content_of(options.erased_path), GOOD "\n"); /* the key store knew */
}

/* --- The bytes on the disk ----------------------------------------------------------------- */

static bool holds(const char *path, struct text bytes)
{
  struct text content;
  assert_true(file_read(arena, path, 1 << 26, &content, &error));
  return text_contains(content, bytes);
}

/* Does any file of the folder but the list hold these bytes? */
static bool is_in_a_file(struct text bytes)
{
  bool found = false;
  DIR *files = opendir(folder);
  assert_non_null(files);
  for (struct dirent *file; (file = readdir(files));)
    if (file->d_type == DT_REG && holds(path_of(file->d_name), bytes)) found = true;
  closedir(files);
  return found;
}

static void vault_leaves_no_byte_of_an_erased_key(void **state)
{
  (void)state;
  char id[LIMIT_VAULT_ID];
  make(person);
  for (int i = 0; i < 300; i++) { /* pages split and move rows about */
    snprintf(id, sizeof id, "0199bbbb-0000-7000-%04x-00000000%04x", (unsigned)(i * 7919) % 65536u,
             (unsigned)i);
    make((struct vault_subject){{PROGRAM, 36}, text_from(id)});
  }
  struct text wrapped = get_row().wrapped;
  assert_true(wrapped.length > 80);
  if (on_postgresql) { /* whose files tests/fault looks at */
    erase(person);
    assert_int_equal(get_row().wrapped.length, 0);
    return;
  }
  assert_true(is_in_a_file(wrapped)); /* so that the look itself is known to see */
  erase(person);
  for (size_t at = 0; at + 16 <= wrapped.length; at += 16)
    assert_false(is_in_a_file(text_slice(wrapped, at, at + 16)));
  struct stat status;
  if (stat(path_of("keys.db-wal"), &status) == 0)
    assert_true(status.st_size < 16 * 1024); /* emptied, but for the state's row */
}

/* --- Rotation ------------------------------------------------------------------------------ */

static struct vault_status status_of(void)
{
  struct vault_status status;
  if (!vault_status_read(vault, &status, &error)) fail_msg("%s", error.log);
  return status;
}

static int64_t heard_done, heard_all, heard_calls;

static void hear(void *context, int64_t done, int64_t all)
{
  assert_ptr_equal(context, &heard_done);
  assert_true(done >= heard_done);
  heard_done = done;
  heard_all = all;
  heard_calls++;
}

static void rotate(void)
{
  error_clear(&error);
  heard_done = heard_all = heard_calls = 0;
  if (!vault_rotate(vault, hear, &heard_done, &error)) fail_msg("%s", error.log);
}

static struct vault_subject numbered(int i)
{
  return (struct vault_subject){TEXT(PROGRAM), text_format(arena, "person-%d", i)};
}

static void vault_rotates_its_master_key(void **state)
{
  (void)state;
  enum { PEOPLE = 450 }; /* more than two batches */
  struct text sealed[PEOPLE];
  for (int i = 0; i < PEOPLE; i++) {
    make(numbered(i));
    if (i % 50 == 0) sealed[i] = seal(numbered(i), "person.name", TEXT("Quillfeather"));
  }
  erase(other_person);
  struct vault_status before = status_of();
  assert_int_equal(before.keys, PEOPLE + 1); /* and the installation's */
  assert_int_equal(before.erased, 1);
  assert_int_equal(before.by_older, 0);
  assert_int_equal(before.master_keys, 1);
  assert_false(before.to_scrub);
  struct vault *second = NULL; /* which knows the old key alone */
  assert_true(vault_open(&second, &options, &error));
  rotate();
  assert_int_equal(heard_done, PEOPLE + 1);
  assert_int_equal(heard_all, PEOPLE + 1);
  assert_int_equal(heard_calls, 3);
  struct vault_status after = status_of();
  assert_int_equal(after.keys, PEOPLE + 1);
  assert_int_equal(after.by_older, 0);
  assert_int_equal(after.master_keys, 2);
  assert_false(after.to_scrub);
  assert_string_not_equal(after.master, before.master);
  usleep(300 * 1000); /* what is cached is trusted no longer */
  struct text plain;
  for (int i = 0; i < PEOPLE; i += 50) {
    opens(numbered(i), "person.name", sealed[i], TEXT("Quillfeather"));
    assert_true(vault_unseal(second, arena, numbered(i), "person.name", sealed[i], &plain, &error));
  }
  assert_true(vault_subject_make(second, person, &error));
  assert_int_equal(status_of().by_older, 0);
  vault_close(second);
  assert_true(is_erased(other_person));
  /* the old line may go now */
  close_vault();
  const char *lines = content_of(options.key_path);
  assert_int_equal(strlen(lines), 2 * 68);
  assert_true(file_replace(options.key_path, (struct text){lines, 68}, &error));
  assert_int_equal(chmod(options.key_path, 0600), 0);
  open_vault();
  opens(numbered(0), "person.name", sealed[0], TEXT("Quillfeather"));
}

static bool wrap_by_another(struct store_transaction *transaction, void *context, struct error *e)
{
  return store_execute(transaction, "UPDATE vault_state SET master = $1",
                       STORE_BIND(STORE_T(text_from(context))), NULL, e);
}

static void set_master(const char *mark)
{
  struct store *keys = NULL;
  assert_true(store_open(&keys, options.keys_address, &error));
  assert_true(store_write(keys, wrap_by_another, (void *)(uintptr_t)mark, &error));
  store_close(keys);
}

static void vault_goes_on_with_a_rotation(void **state)
{
  (void)state;
  make(person);
  struct text sealed = seal(person, "person.name", TEXT("Quillfeather"));
  char first[17], second[17];
  snprintf(first, sizeof first, "%s", status_of().master);
  rotate();
  snprintf(second, sizeof second, "%s", status_of().master);
  /* cut off behind the state's change: rows are still wrapped by the other */
  set_master(first);
  assert_int_equal(status_of().by_older, 2);
  rotate();
  assert_string_equal(status_of().master, first);
  assert_int_equal(status_of().by_older, 0);
  assert_int_equal(status_of().master_keys, 2);
  /* cut off behind the file's change: its first key wraps nothing yet, and is taken */
  rotate();
  assert_string_equal(status_of().master, second);
  assert_int_equal(status_of().master_keys, 2);
  open_again();
  opens(person, "person.name", sealed, TEXT("Quillfeather"));
  for (int keys = 3; keys <= 8; keys++) {
    rotate();
    assert_int_equal(status_of().master_keys, keys);
  }
  assert_false(vault_rotate(vault, NULL, NULL, &error)); /* a ninth */
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, "error.seal.key");
  opens(person, "person.name", sealed, TEXT("Quillfeather"));
  /* a key store whose master key is not in the file */
  set_master("0011223344556677");
  assert_false(vault_subject_make(vault, other_person, &error));
  assert_string_equal(error.person, "error.vault.master");
  opens(person, "person.name", sealed, TEXT("Quillfeather"));
  assert_false(vault_rotate(vault, NULL, NULL, &error));
  close_vault();
  refuses_to_open(ERROR_SYSTEM, "error.vault.master");
  set_master("short");
  refuses_to_open(ERROR_SYSTEM, "error.store.damaged");
}

static void vault_leaves_no_old_wrapping(void **state)
{
  (void)state;
  make(person);
  struct text wrapped = get_row().wrapped;
  rotate();
  assert_false(text_equal(get_row().wrapped, wrapped));
  if (on_postgresql) return;
  for (size_t at = 0; at + 16 <= wrapped.length; at += 16)
    assert_false(is_in_a_file(text_slice(wrapped, at, at + 16)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(vault_gives_back_what_it_took, begin, end),
      cmocka_unit_test_setup_teardown(vault_opens_a_field_in_its_place_alone, begin, end),
      cmocka_unit_test_setup_teardown(vault_refuses_every_change, begin, end),
      cmocka_unit_test_setup_teardown(vault_has_no_key_of_its_own_accord, begin, end),
      cmocka_unit_test_setup_teardown(vault_keeps_its_keys, begin, end),
      cmocka_unit_test_setup_teardown(vault_refuses_a_wrong_master_key, begin, end),
      cmocka_unit_test_setup_teardown(vault_erases_for_ever, begin, end),
      cmocka_unit_test_setup_teardown(vault_names_the_erased, begin, end),
      cmocka_unit_test_setup_teardown(vault_hears_of_erasures_elsewhere, begin, end),
      cmocka_unit_test_setup_teardown(vault_erases_again_after_a_restore, begin, end),
      cmocka_unit_test_setup_teardown(vault_reads_its_list_strictly, begin, end),
      cmocka_unit_test_setup_teardown(vault_leaves_no_byte_of_an_erased_key, begin, end),
      cmocka_unit_test_setup_teardown(vault_rotates_its_master_key, begin, end),
      cmocka_unit_test_setup_teardown(vault_goes_on_with_a_rotation, begin, end),
      cmocka_unit_test_setup_teardown(vault_leaves_no_old_wrapping, begin, end),
  };
  return store_support_run("vault", tests, sizeof tests / sizeof *tests);
}
