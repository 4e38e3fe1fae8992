/*
 * Rotation of the master key, whole and cut off. What was sealed before must open after; a rotation
 * that was cut off is played by setting the key store's state back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault_support.h"

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
      cmocka_unit_test_setup_teardown(vault_rotates_its_master_key, begin, end),
      cmocka_unit_test_setup_teardown(vault_goes_on_with_a_rotation, begin, end),
      cmocka_unit_test_setup_teardown(vault_leaves_no_old_wrapping, begin, end),
  };
  return store_support_run("vault_rotate", tests, sizeof tests / sizeof *tests);
}
