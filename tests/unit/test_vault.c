/*
 * The vault: sealed fields and their keys. Expected values are what was put in; what must not open
 * is made here by hand.
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(vault_gives_back_what_it_took, begin, end),
      cmocka_unit_test_setup_teardown(vault_opens_a_field_in_its_place_alone, begin, end),
      cmocka_unit_test_setup_teardown(vault_refuses_every_change, begin, end),
      cmocka_unit_test_setup_teardown(vault_has_no_key_of_its_own_accord, begin, end),
      cmocka_unit_test_setup_teardown(vault_keeps_its_keys, begin, end),
      cmocka_unit_test_setup_teardown(vault_refuses_a_wrong_master_key, begin, end),
  };
  return store_support_run("vault", tests, sizeof tests / sizeof *tests);
}
