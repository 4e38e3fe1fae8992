/*
 * Cookies. Expected values: RFC 6265 sections 4.1.1, 4.2.1 and 5.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "web/cookies.h"

static void check_value(const char *field, const char *name, const char *expected)
{
  static struct web_cookies cookies;
  char value[64] = "";
  assert_true(web_cookies_read(text_from(field), &cookies));
  struct text found = web_cookie_get(&cookies, text_from(name));
  if (found.length) memcpy(value, found.at, found.length);
  assert_string_equal(value, expected);
}

static void pairs_are_read(void **state)
{
  (void)state;
  check_value("SID=31d4d96e407aad42", "SID", "31d4d96e407aad42");
  check_value("SID=31d4d96e407aad42; lang=en-US", "lang", "en-US");
  check_value("a=1;b=2", "b", "2");
  check_value("a=\"quoted\"", "a", "quoted");
  check_value("a=b=c", "a", "b=c");
  check_value("__Host-fairlead=abc-_9", "__Host-fairlead", "abc-_9");
  check_value("", "a", "");
  check_value("a=", "a", "");
  check_value("A=1", "a", "");
}

/* What another program of this machine put into the jar takes nothing away. */
static void odd_pairs_are_passed_over(void **state)
{
  (void)state;
  static const char *const fields[] = {"odd; a=1",         "=x; a=1",     "b=hello world; a=1",
                                       "b={\"x\":1}; a=1", "b=x,y; a=1",  "b=\\; a=1",
                                       "(b)=x; a=1",       ";;; a=1 ;;",  "b=\xC3\xA9; a=1",
                                       "b=\"open; a=1",    "\"a\"=2; a=1"};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) check_value(fields[i], "a", "1");
}

static void a_repeated_cookie_is_none(void **state)
{
  (void)state;
  check_value("a=1; a=2", "a", "");
  check_value("a=1; b=3; a=1", "a", "");
}

static void refused(const char *field, size_t length)
{
  static struct web_cookies cookies;
  assert_false(web_cookies_read((struct text){field, length}, &cookies));
  assert_int_equal(cookies.count, 0);
}

static void control_characters_and_too_much_are_refused(void **state)
{
  (void)state;
  static char large[LIMIT_HTTP_COOKIE_BYTES + 2], many[2 * LIMIT_HTTP_COOKIES + 8];
  static struct web_cookies cookies;
  refused("a=1\nb=2", 7);
  refused("a=1\0", 4);
  refused("a=\x7F", 3);
  memset(large, 'a', sizeof large);
  large[1] = '=';
  refused(large, LIMIT_HTTP_COOKIE_BYTES + 1);
  assert_true(web_cookies_read((struct text){large, LIMIT_HTTP_COOKIE_BYTES}, &cookies));
  for (size_t i = 0; i < sizeof many; i++) many[i] = i % 2 ? ';' : 'a';
  refused(many, 2 * LIMIT_HTTP_COOKIES + 1);
  assert_true(web_cookies_read((struct text){many, 2 * LIMIT_HTTP_COOKIES - 1}, &cookies));
}

static void check_written(struct web_set_cookie cookie, const char *expected)
{
  struct text_buffer out;
  text_buffer_init(&out, 1024);
  assert_true(web_cookie_write(&cookie, &out));
  text_buffer_add_character(&out, 0);
  assert_string_equal(out.at, expected);
  text_buffer_fini(&out);
}

static void cookies_are_written(void **state)
{
  (void)state;
  check_written((struct web_set_cookie){"__Host-fairlead", TEXT("abc"), true, 0},
                "__Host-fairlead=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
  check_written((struct web_set_cookie){"fairlead", TEXT("abc"), false, 60},
                "fairlead=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
  check_written((struct web_set_cookie){"fairlead", TEXT(""), false, -1},
                "fairlead=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
}

static void what_would_break_the_header_is_not_written(void **state)
{
  (void)state;
  static const char *const values[] = {"a;b", "a b", "a\r\nb", "\"", "a,b", "\xC3\xA9"};
  struct text_buffer out;
  text_buffer_init(&out, 1024);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    assert_false(web_cookie_write(
        &(struct web_set_cookie){.name = "a", .value = text_from(values[i])}, &out));
  assert_false(web_cookie_write(&(struct web_set_cookie){.name = "a b", .value = TEXT("")}, &out));
  assert_false(web_cookie_write(&(struct web_set_cookie){.name = "", .value = TEXT("")}, &out));
  text_buffer_fini(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_are_read),
      cmocka_unit_test(odd_pairs_are_passed_over),
      cmocka_unit_test(a_repeated_cookie_is_none),
      cmocka_unit_test(control_characters_and_too_much_are_refused),
      cmocka_unit_test(cookies_are_written),
      cmocka_unit_test(what_would_break_the_header_is_not_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
