/*
 * The tree of values.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static struct arena *arena;

static int value_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  return 0;
}

static int value_tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static void expect_text(const struct value *value, const char *expected)
{
  assert_string_equal(text_c(arena, value_text_get(value)), expected);
}

static void value_kinds(void **state)
{
  (void)state;
  assert_int_equal(value_kind_get(NULL), VALUE_NULL);
  assert_int_equal(value_kind_get(value_null(arena)), VALUE_NULL);
  assert_int_equal(value_kind_get(value_boolean(arena, true)), VALUE_TRUE);
  assert_int_equal(value_kind_get(value_boolean(arena, false)), VALUE_FALSE);
  assert_int_equal(value_kind_get(value_integer(arena, 1)), VALUE_NUMBER);
  assert_int_equal(value_kind_get(value_text(arena, TEXT("x"))), VALUE_TEXT);
  assert_int_equal(value_kind_get(value_list(arena)), VALUE_LIST);
  assert_int_equal(value_kind_get(value_object(arena)), VALUE_OBJECT);
  expect_text(value_text(arena, TEXT("x")), "x");
  expect_text(value_json(arena, TEXT("[1]")), "[1]");
  expect_text(value_html(arena, TEXT("<b>")), "<b>");
  expect_text(value_number(arena, TEXT("1.50")), "1.50");
  expect_text(value_boolean(arena, true), "");
  expect_text(value_list(arena), "");
  expect_text(NULL, "");
}

static void value_numbers(void **state)
{
  (void)state;
  double decimal = 7;
  int64_t integer = 7;
  expect_text(value_integer(arena, INT64_MIN), "-9223372036854775808");
  expect_text(value_decimal(arena, 1.500, 3), "1.5");
  expect_text(value_decimal(arena, 2, 2), "2");
  expect_text(value_decimal(arena, 100, 0), "100");
  expect_text(value_decimal(arena, 37.54071, 9), "37.54071");
  assert_int_equal(value_kind_get(value_decimal(arena, NAN, 2)), VALUE_NULL);
  assert_int_equal(value_kind_get(value_decimal(arena, -INFINITY, 2)), VALUE_NULL);
  assert_true(value_decimal_get(value_number(arena, TEXT("1.5e2")), &decimal));
  assert_true(decimal == 150);
  assert_true(value_integer_get(value_integer(arena, -5), &integer));
  assert_int_equal(integer, -5);
  assert_false(value_integer_get(value_number(arena, TEXT("1.5")), &integer));
  assert_false(value_integer_get(value_text(arena, TEXT("5")), &integer));
  assert_false(value_integer_get(NULL, &integer));
  assert_false(value_decimal_get(value_number(arena, TEXT("1e999")), &decimal));
  assert_false(value_decimal_get(value_text(arena, TEXT("5")), &decimal));
  assert_false(value_decimal_get(NULL, &decimal));
  char longest[65];
  memset(longest, '1', sizeof longest);
  assert_false(value_decimal_get(value_number(arena, (struct text){longest, 64}), &decimal));
  assert_true(value_decimal_get(value_number(arena, (struct text){longest, 63}), &decimal));
}

static void value_lists_grow(void **state)
{
  (void)state;
  struct value *list = value_list(arena);
  for (int i = 0; i < 1000; i++) {
    value_add(list, value_integer(arena, i));
    if (i == 5) value_reserve(list, 3); /* never shrinks */
    if (i == 10) value_reserve(list, 500);
  }
  assert_int_equal(value_count(list), 1000);
  for (size_t i = 0; i < 1000; i++) {
    int64_t number;
    assert_true(value_integer_get(value_item(list, i), &number));
    assert_int_equal(number, i);
  }
  assert_null(value_item(list, 1000));
  assert_null(value_item(value_object(arena), 0));
  assert_null(value_item(NULL, 0));
}

static void value_objects_keep_their_order(void **state)
{
  (void)state;
  struct value *object = value_object(arena);
  struct text key;
  const struct value *item;
  value_set(object, "b", value_integer(arena, 1));
  value_set(object, "a", value_integer(arena, 2));
  value_set_text_key(object, TEXT("b"), value_integer(arena, 3));
  value_append(object, TEXT("c"), value_integer(arena, 4));
  assert_int_equal(value_count(object), 3);
  assert_true(value_member(object, 0, &key, &item));
  assert_true(text_equal(key, TEXT("b")));
  expect_text(item, "3");
  expect_text(value_get(object, TEXT("a")), "2");
  expect_text(value_get(object, TEXT("c")), "4");
  assert_null(value_get(object, TEXT("d")));
  assert_null(value_get(value_list(arena), TEXT("a")));
  assert_null(value_get(NULL, TEXT("a")));
  assert_false(value_member(object, 3, &key, &item));
  assert_false(value_member(value_list(arena), 0, &key, &item));
  assert_false(value_member(NULL, 0, &key, &item));
}

static void value_counts_only_lists_and_objects(void **state)
{
  (void)state;
  assert_int_equal(value_count(value_text(arena, TEXT("four"))), 0);
  assert_int_equal(value_count(NULL), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(value_kinds),
      cmocka_unit_test(value_numbers),
      cmocka_unit_test(value_lists_grow),
      cmocka_unit_test(value_objects_keep_their_order),
      cmocka_unit_test(value_counts_only_lists_and_objects),
  };
  return cmocka_run_group_tests(tests, value_set_up, value_tear_down);
}
