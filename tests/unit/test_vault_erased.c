/*
 * Erasure: the list, the key store and what is left in the files. Expected values are what was
 * asked for; bytes are looked for in every file of the folder.
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(vault_erases_for_ever, begin, end),
      cmocka_unit_test_setup_teardown(vault_names_the_erased, begin, end),
      cmocka_unit_test_setup_teardown(vault_hears_of_erasures_elsewhere, begin, end),
      cmocka_unit_test_setup_teardown(vault_erases_again_after_a_restore, begin, end),
      cmocka_unit_test_setup_teardown(vault_reads_its_list_strictly, begin, end),
      cmocka_unit_test_setup_teardown(vault_leaves_no_byte_of_an_erased_key, begin, end),
  };
  return store_support_run("vault_erased", tests, sizeof tests / sizeof *tests);
}
