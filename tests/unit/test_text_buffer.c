/*
 * The growing buffer and its ceiling.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static void expect_content(const struct text_buffer *buffer, const char *expected)
{
  struct text content = text_buffer_get(buffer);
  assert_int_equal(content.length, strlen(expected));
  assert_memory_equal(content.at, expected, content.length);
}

static void buffer_grows(void **state)
{
  (void)state;
  struct text_buffer buffer;
  text_buffer_init(&buffer, 100000);
  expect_content(&buffer, "");
  text_buffer_add(&buffer, TEXT(""));
  for (int i = 0; i < 9999; i++) text_buffer_add(&buffer, TEXT("0123456789"));
  text_buffer_add_character(&buffer, 'x');
  assert_false(buffer.over);
  assert_int_equal(buffer.length, 99991);
  for (size_t i = 0; i < 99990; i++) assert_int_equal(buffer.at[i], '0' + (char)(i % 10));
  text_buffer_fini(&buffer);
  expect_content(&buffer, "");
}

static void buffer_drops_what_passes_the_ceiling(void **state)
{
  (void)state;
  struct text_buffer buffer;
  text_buffer_init(&buffer, 5);
  text_buffer_add(&buffer, TEXT("abc"));
  text_buffer_add(&buffer, TEXT("def"));
  assert_true(buffer.over);
  expect_content(&buffer, "abc");
  text_buffer_add_character(&buffer, 'd'); /* would fit, but something is missing before it */
  text_buffer_add_integer(&buffer, 1);
  text_buffer_add_format(&buffer, "x");
  expect_content(&buffer, "abc");
  text_buffer_clear(&buffer);
  assert_false(buffer.over);
  text_buffer_add_format(&buffer, "%s", "12345"); /* exactly the ceiling */
  assert_false(buffer.over);
  expect_content(&buffer, "12345");
  text_buffer_add_character(&buffer, '6');
  assert_true(buffer.over);
  text_buffer_fini(&buffer);
}

static void buffer_formats(void **state)
{
  (void)state;
  struct text_buffer buffer;
  text_buffer_init(&buffer, 10000);
  text_buffer_add_format(&buffer, "%s", "");
  text_buffer_add_format(&buffer, "%d|%.1f|%s", 5, 0.5, "x");
  expect_content(&buffer, "5|0.5|x");
  text_buffer_fini(&buffer);
}

static void buffer_writes_integers(void **state)
{
  (void)state;
  static const struct {
    int64_t number;
    const char *text;
  } cases[] = {{0, "0"},
               {7, "7"},
               {-7, "-7"},
               {1234567890, "1234567890"},
               {INT64_MAX, "9223372036854775807"},
               {INT64_MIN, "-9223372036854775808"}};
  struct text_buffer buffer;
  text_buffer_init(&buffer, 100);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    text_buffer_clear(&buffer);
    text_buffer_add_integer(&buffer, cases[i].number);
    expect_content(&buffer, cases[i].text);
  }
  text_buffer_fini(&buffer);
}

static void numbers_are_written(void **state)
{
  (void)state;
  char digits[21] = {0};
  assert_ptr_equal(text_write_number(0, digits), digits + 1);
  assert_string_equal(digits, "0");
  assert_ptr_equal(text_write_number(UINT64_MAX, digits), digits + 20);
  assert_string_equal(digits, "18446744073709551615");
}

static void numbers_past_the_ceiling_are_dropped_whole(void **state)
{
  (void)state;
  struct text_buffer buffer;
  text_buffer_init(&buffer, 3);
  text_buffer_add_integer(&buffer, -1000);
  assert_true(buffer.over);
  assert_int_equal(buffer.length, 0);
  text_buffer_clear(&buffer);
  text_buffer_add_decimal(&buffer, 1.5, 2);
  assert_true(buffer.over);
  assert_int_equal(buffer.length, 0);
  text_buffer_fini(&buffer);
}

static void buffer_writes_decimals(void **state)
{
  (void)state;
  static const struct {
    double number;
    int digits;
    const char *text;
  } cases[] = {{0, 0, "0"},
               {0, 2, "0.00"},
               {1.25, 1, "1.3"},
               {-1.25, 1, "-1.3"},
               {2.5, 0, "3"},
               {-2.5, 0, "-3"},
               {0.001, 2, "0.00"},
               {-0.001, 2, "0.00"},
               {12.03, 3, "12.030"},
               {99.999, 2, "100.00"},
               {1.5, -3, "2"},
               {0.1, 20, "0.100000000"},
               {1e18, 0, "1000000000000000000"},
               {1e18, 2, "1000000000000000000.00"},
               {-1e19, 1, "-10000000000000000000.0"},
               {INFINITY, 1, "inf"}};
  struct text_buffer buffer;
  text_buffer_init(&buffer, 100);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    text_buffer_clear(&buffer);
    text_buffer_add_decimal(&buffer, cases[i].number, cases[i].digits);
    expect_content(&buffer, cases[i].text);
  }
  text_buffer_clear(&buffer);
  text_buffer_add_decimal(&buffer, NAN, 1);
  assert_int_equal(buffer.length, signbit(NAN) ? 4 : 3);
  text_buffer_fini(&buffer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(buffer_grows),
      cmocka_unit_test(buffer_drops_what_passes_the_ceiling),
      cmocka_unit_test(buffer_formats),
      cmocka_unit_test(buffer_writes_integers),
      cmocka_unit_test(buffer_writes_decimals),
      cmocka_unit_test(numbers_are_written),
      cmocka_unit_test(numbers_past_the_ceiling_are_dropped_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
