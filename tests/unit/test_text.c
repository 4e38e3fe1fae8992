/*
 * Slices, parsing and folding of text. Expected foldings were written by hand from the rule in
 * text.h; the UTF-8 cases are those of the table "Well-Formed UTF-8 Byte Sequences" in the Unicode
 * standard (3-7).
 */
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static struct arena *arena;

static int text_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  return 0;
}

static int text_tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static void expect_text(struct text given, const char *expected)
{
  assert_string_equal(text_c(arena, given), expected);
  assert_int_equal(given.length, strlen(expected));
}

/* Names of rooms and beds as somebody would write them one below the other. */
static void text_compares_as_people_read(void **state)
{
  static const char *const in_order[] = {"",
                                         "0",
                                         "1",
                                         "2",
                                         "2a",
                                         "2B",
                                         "2b",
                                         "10",
                                         "A",
                                         "a",
                                         "Bed 1",
                                         "bed 01",
                                         "Bed 2",
                                         "Bed 10",
                                         "Bett",
                                         "East 2-9",
                                         "East 2-10",
                                         "East 10",
                                         "Room 7",
                                         "Room 007b",
                                         "Room 18446744073709551616",
                                         "Room 18446744073709551617",
                                         "\xC3\x81urea"};
  enum { COUNT = sizeof in_order / sizeof *in_order };
  (void)state;
  for (size_t i = 0; i < COUNT; i++)
    for (size_t j = 0; j < COUNT; j++) {
      int order = text_compare_natural(text_from(in_order[i]), text_from(in_order[j]));
      if ((order > 0) - (order < 0) != (i > j) - (i < j))
        fail_msg("%s and %s: %d", in_order[i], in_order[j], order);
    }
}

static void text_compares(void **state)
{
  (void)state;
  struct text none = {NULL, 0};
  assert_true(text_is_empty(none));
  assert_true(text_is_empty(text_from(NULL)));
  assert_false(text_is_empty(TEXT("a")));
  assert_true(text_equal(none, TEXT("")));
  assert_true(text_equal(TEXT("abc"), TEXT("abc")));
  assert_false(text_equal(TEXT("abc"), TEXT("abd")));
  assert_false(text_equal(TEXT("abc"), TEXT("ab")));
  assert_true(text_equal_ignore_case(TEXT("aBc-z"), TEXT("AbC-Z")));
  assert_false(text_equal_ignore_case(TEXT("a"), TEXT("ab")));
  assert_false(text_equal_ignore_case(TEXT("@["), TEXT("`{")));
  assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
  assert_true(text_compare(TEXT("b"), TEXT("a")) > 0);
  assert_true(text_compare(TEXT("a"), TEXT("ab")) < 0);
  assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
  assert_true(text_compare(TEXT("\xC3"), TEXT("z")) > 0);
  assert_int_equal(text_compare(none, TEXT("")), 0);
  assert_true(text_compare(none, TEXT("a")) < 0);
}

static void text_finds(void **state)
{
  (void)state;
  struct text none = {NULL, 0};
  assert_true(text_starts_with(TEXT("abc"), TEXT("ab")));
  assert_true(text_starts_with(none, TEXT("")));
  assert_false(text_starts_with(TEXT("a"), TEXT("ab")));
  assert_false(text_starts_with(TEXT("ba"), TEXT("ab")));
  assert_true(text_ends_with(TEXT("abc"), TEXT("bc")));
  assert_false(text_ends_with(TEXT("abc"), TEXT("ab")));
  assert_false(text_ends_with(TEXT("c"), TEXT("bc")));
  assert_int_equal(text_find(TEXT("abcabc"), TEXT("ca")), 2);
  assert_int_equal(text_find(TEXT("abc"), TEXT("x")), 3);
  assert_int_equal(text_find(TEXT("abc"), TEXT("abcd")), 3);
  assert_int_equal(text_find(TEXT("abc"), TEXT("")), 0);
  assert_true(text_contains(TEXT("abc"), TEXT("c")));
  assert_false(text_contains(TEXT("abc"), TEXT("d")));
  assert_true(text_contains(none, TEXT("")));
  assert_false(text_contains(none, TEXT("a")));
}

static void text_cuts(void **state)
{
  (void)state;
  expect_text(text_trim(TEXT(" \t\r\n\f\va b \n")), "a b");
  expect_text(text_trim(TEXT("  ")), "");
  expect_text(text_trim(TEXT(" \x0E ")), "\x0E");
  expect_text(text_trim(TEXT("\xC3\xA9 ")), "\xC3\xA9");
  expect_text(text_trim(TEXT("x")), "x");
  expect_text(text_slice(TEXT("abcdef"), 1, 3), "bc");
  expect_text(text_slice(TEXT("abc"), 2, 99), "c");
  expect_text(text_slice(TEXT("abc"), 3, 1), "");
  expect_text(text_slice(TEXT("abc"), 99, SIZE_MAX), "");
  assert_null(text_slice((struct text){NULL, 0}, 0, 1).at);
}

/* The parts, each in parentheses. */
static const char *split(struct text rest, char separator)
{
  struct text part, told = TEXT("");
  while (text_split_next(&rest, separator, &part))
    told = text_format(arena, "%.*s(%.*s)", TEXT_PRINT(told), TEXT_PRINT(part));
  return text_c(arena, told);
}

static void text_splits(void **state)
{
  (void)state;
  assert_string_equal(split(TEXT("a||b"), '|'), "(a)()(b)");
  assert_string_equal(split(TEXT(""), '|'), "");
  assert_string_equal(split((struct text){NULL, 0}, '|'), "");
  assert_string_equal(split(TEXT("a|"), '|'), "(a)()");
  assert_string_equal(split(TEXT("|"), '|'), "()()");
  assert_string_equal(split(TEXT("a"), '|'), "(a)");
}

static void text_words(void **state)
{
  (void)state;
  struct text rest = TEXT("  one\ttwo\n "), word;
  assert_true(text_word_next(&rest, &word));
  expect_text(word, "one");
  assert_true(text_word_next(&rest, &word));
  expect_text(word, "two");
  assert_false(text_word_next(&rest, &word));
  rest = TEXT("end");
  assert_true(text_word_next(&rest, &word));
  expect_text(word, "end");
  assert_false(text_word_next(&rest, &word));
}

/* FNV-1a, 64 bits: the values of its authors' test suite. */
static void text_hashes(void **state)
{
  (void)state;
  assert_true(text_hash(TEXT("")) == 0xcbf29ce484222325u);
  assert_true(text_hash(TEXT("a")) == 0xaf63dc4c8601ec8cu);
  assert_true(text_hash(TEXT("foobar")) == 0x85944171f73967e8u);
}

static void text_checks_utf8(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    size_t prefix;
  } cases[] = {
      {"", 0},
      {"plain text of more than eight bytes", 35},
      {"\xC2\x80\xDF\xBF", 4},
      {"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", 12},
      {"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 8},
      {"a\x80", 1},
      {"\xC0\x80", 0},
      {"\xC1\xBF", 0},
      {"\xC2", 0},
      {"\xE0\x9F\xBF", 0},
      {"\xE0\xA0", 0},
      {"\xED\xA0\x80", 0},
      {"\xF0\x8F\x80\x80", 0},
      {"\xF4\x90\x80\x80", 0},
      {"\xF5\x80\x80\x80", 0},
      {"\xFF", 0},
      {"12345678\xC3\xA9"
       "2345678\xC3",
       17},
      {"1234567\xC3\xA9\xE2\x28\xA1", 9},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text t = text_from(cases[i].text);
    char *exact = memory_allocate(t.length); /* an overrun would be seen */
    memcpy(exact, t.at, t.length);
    t.at = exact;
    assert_int_equal(text_utf8_prefix(t), cases[i].prefix);
    assert_int_equal(text_is_utf8(t), cases[i].prefix == t.length);
    free(exact);
  }
}

static void text_reads_integers(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t number;
  } good[] = {{"0", 0},
              {"-0", 0},
              {"007", 7},
              {"42", 42},
              {"-42", -42},
              {"9223372036854775807", INT64_MAX},
              {"-9223372036854775808", INT64_MIN}};
  static const char *const bad[] = {"",
                                    "-",
                                    "+1",
                                    " 1",
                                    "1 ",
                                    "1.0",
                                    "--1",
                                    "1-",
                                    "0x1",
                                    "1e3",
                                    "a",
                                    "9223372036854775808",
                                    "/",
                                    ":",
                                    "-9223372036854775809",
                                    "18446744073709551616",
                                    "184467440737095516150"};
  int64_t number = 7;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(text_read_integer(text_from(good[i].text), &number));
    assert_true(number == good[i].number);
  }
  number = 7;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(text_read_integer(text_from(bad[i]), &number));
  assert_true(number == 7);
}

static void text_reads_decimals(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    double number;
  } good[] = {{"-12", -12}, {"3.5", 3.5},      {".5", 0.5},
              {"5.", 5},    {"0037.40", 37.4}, {"-.25", -0.25}};
  static const char *const bad[] = {"",    ".",  "-",  "-.",    "1.2.3", "1e5", "inf",
                                    "nan", "+1", "1-", "0x1p3", " 1",    "1,5", "1 "};
  double number = 7;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(text_read_decimal(text_from(good[i].text), &number));
    assert_true(number == good[i].number);
  }
  number = 7;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(text_read_decimal(text_from(bad[i]), &number));
  char longest[65];
  memset(longest, '1', sizeof longest);
  assert_false(text_read_decimal((struct text){longest, 64}, &number));
  assert_true(number == 7);
  assert_true(text_read_decimal((struct text){longest, 63}, &number));
}

static void text_reads_hexadecimals(void **state)
{
  (void)state;
  static const char *const bad[] = {"", "g", "0x1", "-1", "@", "`", ":", "/", "12345678123456789"};
  uint64_t number = 7;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(text_read_hexadecimal(text_from(bad[i]), &number));
  assert_true(number == 7);
  assert_true(text_read_hexadecimal(TEXT("0fA9"), &number));
  assert_true(number == 0xfa9);
  assert_true(text_read_hexadecimal(TEXT("FFFFffffFFFFffff"), &number));
  assert_true(number == UINT64_MAX);
}

static void text_copies(void **state)
{
  (void)state;
  struct text none = {NULL, 0};
  expect_text(text_copy(arena, TEXT("abc")), "abc");
  expect_text(text_copy(arena, none), "");
  assert_string_equal(text_c(arena, TEXT("ab\0c")), "ab");
  expect_text(text_format(arena, "%d-%s-%.*s", 5, "x", TEXT_PRINT(none)), "5-x-");
  expect_text(text_lower_ascii(arena, TEXT("AbZ\xC3\x89")), "abz\xC3\x89");
  expect_text(text_upper_ascii(arena, TEXT("aBz{`\xC3\xA9")), "ABZ{`\xC3\xA9");
}

/* What is ASCII is folded without tables; with one letter more that is not, by them: the same. */
static void text_folds_ascii_alike(void **state)
{
  (void)state;
  for (int c = 0; c < 0x80; c++) {
    char typed[] = {'x', (char)c, 'Y', (char)c, (char)c, ' ', (char)c, 0};
    struct text quick = text_fold(arena, (struct text){typed, 7});
    char longer[] = {'x', (char)c, 'Y', (char)c,    (char)c,
                     ' ', (char)c, ' ', (char)0xC3, (char)0xA9};
    struct text slow = text_fold(arena, (struct text){longer, sizeof longer});
    expect_text(slow, text_c(arena, text_format(arena, "%.*s e", TEXT_PRINT(quick))));
  }
}

static void text_folds(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"", ""},
      {"O'Neill  St. \xE2\x80\x93 R\xC3\xA9sidence", "oneill st residence"},
      {"O\xE2\x80\x99"
       "Neill O\xC2\xB4Neill O`N O\xE2\x80\x98N O\xCA\xBCN",
       "oneill oneill on on on"},
      {"  a--b  ", "a b"},
      {"--", ""},
      {"O\xEF\xBC\x87Neill a\xCD\xB8z", "oneill a z"},
      {"STRASSE Stra\xC3\x9F"
       "e \xE1\xBA\x9E",
       "strasse strasse ss"},
      {"\xC3\x81\xC3\xB1o e\xCC\x81", "ano e"},
      {"\xEF\xBD\x81\xEF\xBC\xA2\xEF\xBC\x91", "ab1"},
      {"\xEF\xAC\x81ve \xC2\xBD \xE2\x85\xA3", "five 1 2 iv"},
      {"a\xFF"
       "b\xC3",
       "a b"},
      {"\xCE\xA3\xCE\xAF\xCF\x83\xCF\x85\xCF\x86\xCE\xBF\xCF\x82",
       "\xCF\x83\xCE\xB9\xCF\x83\xCF\x85\xCF\x86\xCE\xBF\xCF\x83"},
      {"M\xC3\xBCnchen-S\xC3\xBC"
       "d",
       "munchen sud"},
      {"\xEF\xB7\xBA", "\xD8\xB5\xD9\x84\xD9\x89 \xD8\xA7\xD9\x84\xD9\x84\xD9\x87 "
                       "\xD8\xB9\xD9\x84\xD9\x8A\xD9\x87 \xD9\x88\xD8\xB3\xD9\x84\xD9\x85"},
      {"zip 23220-1234", "zip 23220 1234"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text folded = text_fold(arena, text_from(cases[i][0]));
    expect_text(folded, cases[i][1]);
    expect_text(text_fold(arena, folded), cases[i][1]);
  }
}

/* Expected: Unicode 15, general categories (a combining mark is Mn, Mc or Me). */
static void counts_what_a_reader_counts(void **state)
{
  (void)state;
  assert_int_equal(text_characters(TEXT("")), 0);
  assert_int_equal(text_characters(TEXT("cafe")), 4);
  assert_int_equal(text_characters(TEXT("caf\xC3\xA9")), 4);
  assert_int_equal(text_characters(TEXT("cafe\xCC\x81")), 4);
  assert_int_equal(text_characters(TEXT("\xE5\x90\x8D\xF0\x9F\x99\x82")), 2);
  assert_int_equal(text_characters(TEXT("a\xFF\xC3")), 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_compares),
      cmocka_unit_test(text_compares_as_people_read),
      cmocka_unit_test(text_finds),
      cmocka_unit_test(text_cuts),
      cmocka_unit_test(text_splits),
      cmocka_unit_test(text_words),
      cmocka_unit_test(text_hashes),
      cmocka_unit_test(text_checks_utf8),
      cmocka_unit_test(text_reads_integers),
      cmocka_unit_test(text_reads_decimals),
      cmocka_unit_test(text_reads_hexadecimals),
      cmocka_unit_test(text_copies),
      cmocka_unit_test(text_folds),
      cmocka_unit_test(text_folds_ascii_alike),
      cmocka_unit_test(counts_what_a_reader_counts),
  };
  return cmocka_run_group_tests(tests, text_set_up, text_tear_down);
}
