/*
 * Forms. Expected values: the WHATWG URL standard, section 5.1, and Unicode's UTF-8 rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/form.h"
#include "web/web.h"

static void decode_answers_each_case(void **state)
{
  (void)state;
  static const struct {
    const char *encoded, *plus_decoded; /* NULL: refused */
  } cases[] = {
      {"", ""},
      {"abc", "abc"},
      {"a+b", "a b"},
      {"a%20b%2Bc", "a b+c"},
      {"%C3%A9t%c3%a9", "\xC3\xA9t\xC3\xA9"},
      {"%F0%9F%A7%AD", "\xF0\x9F\xA7\xAD"},
      {"%", NULL},
      {"%4", NULL},
      {"%4g", NULL},
      {"%g4", NULL},
      {"100%", NULL},
      {"%00", NULL},
      {"%0A", NULL},
      {"%09", NULL},
      {"%7F", NULL},
      {"%C2%85", NULL},       /* U+0085, a C1 control */
      {"%C2%A0", "\xC2\xA0"}, /* U+00A0 is none */
      {"%C3", NULL},          /* cut short */
      {"%FF", NULL},
      {"%C0%80", NULL},       /* overlong */
      {"%ED%A0%80", NULL},    /* a surrogate */
      {"%F4%90%80%80", NULL}, /* past U+10FFFF */
  };
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text out = TEXT("untouched");
    bool good = web_decode(arena, text_from(cases[i].encoded), true, &out);
    struct text expected =
        cases[i].plus_decoded ? text_from(cases[i].plus_decoded) : TEXT("untouched");
    if (good != (cases[i].plus_decoded != NULL) || !text_equal(out, expected))
      fail_msg("%s", cases[i].encoded);
  }
  struct text out;
  assert_true(web_decode(arena, TEXT("a+b%20c"), false, &out));
  assert_true(text_equal(out, TEXT("a+b c")));
  arena_free(arena);
}

static void parameters_come_in_order(void **state)
{
  (void)state;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct web_parameters list = {0};
  assert_true(web_parameters_read(arena, TEXT("need=detox&q=a=b&&need=&flag"), &list));
  static const char *const expected[][2] = {
      {"need", "detox"}, {"q", "a=b"}, {"need", ""}, {"flag", ""}};
  assert_int_equal(list.count, 4);
  for (size_t i = 0; i < list.count; i++) {
    assert_true(text_equal(list.items[i].name, text_from(expected[i][0])));
    assert_true(text_equal(list.items[i].value, text_from(expected[i][1])));
  }
  assert_true(web_parameters_read(arena, TEXT("q=second"), &list));
  assert_int_equal(list.count, 5);

  struct web_request request = {
      .arena = arena, .parameters = list.items, .parameter_count = list.count};
  const struct text *values;
  assert_int_equal(web_parameter_all(&request, "need", &values), 2);
  assert_true(text_equal(values[0], TEXT("detox")) && values[1].length == 0);
  assert_int_equal(web_parameter_all(&request, "none", &values), 0);
  assert_true(text_equal(web_parameter_get(&request, "q"), TEXT("a=b")));
  assert_true(web_parameter_has(&request, "flag") && !web_parameter_has(&request, "none"));
  assert_int_equal(web_parameter_get(&request, "none").length, 0);
  arena_free(arena);
}

static void parameters_are_refused(void **state)
{
  (void)state;
  static const char *const cases[] = {"a=%", "%zz=1", "=1", "a=1&=2", "a=%00", "a=b%FF"};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct web_parameters list = {0};
    assert_false(web_parameters_read(arena, text_from(cases[i]), &list));
  }
  arena_free(arena);
}

static void parameters_have_a_limit(void **state)
{
  (void)state;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text_buffer encoded;
  text_buffer_init(&encoded, 1 << 16);
  for (int i = 0; i < LIMIT_HTTP_PARAMETERS; i++) text_buffer_add(&encoded, TEXT("a=1&"));
  struct web_parameters list = {0};
  assert_true(web_parameters_read(arena, text_buffer_get(&encoded), &list));
  assert_int_equal(list.count, LIMIT_HTTP_PARAMETERS);
  assert_false(web_parameters_read(arena, TEXT("one=more"), &list));
  text_buffer_fini(&encoded);
  arena_free(arena);
}

static void types_are_told_apart(void **state)
{
  (void)state;
  assert_true(web_is_form_type(TEXT("application/x-www-form-urlencoded")));
  assert_true(web_is_form_type(TEXT("Application/X-WWW-Form-Urlencoded; charset=UTF-8")));
  assert_true(web_is_json_type(TEXT("application/json; charset=\"utf-8\"")));
  assert_true(web_is_json_type(TEXT("application/json;profile=x")));
  assert_true(web_is_json_type(TEXT("application/fhir+json; fhirVersion=4.0")));
  assert_false(web_is_form_type(TEXT("application/x-www-form-urlencoded; charset=latin1")));
  assert_false(web_is_form_type(TEXT("multipart/form-data; boundary=x")));
  assert_false(web_is_form_type(TEXT("application/json")));
  assert_false(web_is_json_type(TEXT("application/jsonx")));
  assert_false(web_is_json_type(TEXT("application/xml+json")));
  assert_false(web_is_json_type(TEXT("")));
}

/* HTML sends CRLF; what is kept has LF. */
static void lines_are_folded(void **state)
{
  (void)state;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text out;
  assert_true(web_decode_lines(arena, TEXT("a%0D%0Ab%0Ac%0Dd%09e+f"), &out));
  assert_true(text_equal(out, TEXT("a\nb\nc\nd\te f")));
  assert_true(web_decode_lines(arena, TEXT("plain"), &out));
  assert_true(text_equal(out, TEXT("plain")));
  assert_false(web_decode_lines(arena, TEXT("a%00b"), &out));
  assert_false(web_decode_lines(arena, TEXT("a%0Ab%1B"), &out));
  assert_false(web_decode_lines(arena, TEXT("%C2%85"), &out));
  assert_false(web_decode_lines(arena, TEXT("%FF"), &out));
  assert_false(web_decode_lines(arena, TEXT("%0"), &out));
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_are_folded),

      cmocka_unit_test(decode_answers_each_case), cmocka_unit_test(parameters_come_in_order),
      cmocka_unit_test(parameters_are_refused),   cmocka_unit_test(parameters_have_a_limit),
      cmocka_unit_test(types_are_told_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
