/*
 * Errors: three texts, cut at a character's end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static void error_holds_three_texts(void **state)
{
  (void)state;
  struct error error = {0};
  assert_false(error_set(&error, ERROR_CONFLICT, "error.file", "mend it", "%s at %d", "x", 7));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_string_equal(error.person, "error.file");
  assert_string_equal(error.log, "x at 7");
  assert_string_equal(error.hint, "mend it");
  assert_false(error_set(&error, ERROR_BUSY, "error.system", NULL, "y"));
  assert_string_equal(error.hint, "");
  error_clear(&error);
  assert_int_equal(error.kind, ERROR_NONE);
  assert_string_equal(error.log, "");
}

static void error_may_be_null(void **state)
{
  (void)state;
  assert_false(error_set(NULL, ERROR_BUSY, "error.system", "", "x"));
  assert_false(error_add_context(NULL, "x"));
  error_clear(NULL);
}

static void error_climbs_with_context(void **state)
{
  (void)state;
  struct error error = {0};
  error_set(&error, ERROR_REFUSED, "error.csv", "mend", "line 3");
  assert_false(error_add_context(&error, "file %s", "a.csv"));
  assert_false(error_add_context(&error, "import"));
  assert_string_equal(error.log, "import: file a.csv: line 3");
  assert_string_equal(error.hint, "mend");
}

static void error_may_be_made_of_itself(void **state)
{
  (void)state;
  struct error error = {0};
  error_set(&error, ERROR_REFUSED, "error.csv", "mend", "line %d", 3);
  error_set(&error, ERROR_SYSTEM, error.person, error.hint, "again %s", error.log);
  assert_string_equal(error.log, "again line 3");
  assert_string_equal(error.hint, "mend");
  error_add_context(&error, "%s", error.log);
  assert_string_equal(error.log, "again line 3: again line 3");
}

static void error_texts_are_cut_at_a_character(void **state)
{
  (void)state;
  char euros[3 * LIMIT_ERROR_TEXT + 1] = "";
  for (size_t i = 0; i < LIMIT_ERROR_TEXT; i++) memcpy(euros + 3 * i, "\xE2\x82\xAC", 4);
  struct error error = {0};
  error_set(&error, ERROR_REFUSED, "error.csv", euros, "%s", euros);
  size_t whole = (LIMIT_ERROR_TEXT - 1) / 3 * 3;
  assert_int_equal(strlen(error.log), whole);
  assert_int_equal(strlen(error.hint), whole);
  error_add_context(&error, "%s", "a");
  assert_true(text_is_utf8(text_from(error.log)));
  assert_true(strlen(error.log) > LIMIT_ERROR_TEXT - 5);
  error_add_context(&error, "%s", euros);
  assert_true(text_is_utf8(text_from(error.log)));
  char bad[LIMIT_ERROR_TEXT + 1] = "";
  memset(bad, 0x80, LIMIT_ERROR_TEXT);
  error_set(&error, ERROR_REFUSED, "error.csv", "", "%s", bad);
  assert_string_equal(error.log, "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(error_holds_three_texts),
      cmocka_unit_test(error_may_be_null),
      cmocka_unit_test(error_climbs_with_context),
      cmocka_unit_test(error_may_be_made_of_itself),
      cmocka_unit_test(error_texts_are_cut_at_a_character),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
