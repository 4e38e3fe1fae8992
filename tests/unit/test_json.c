/*
 * JSON in and out. The refused documents follow RFC 8259 and the list in json.h; where a line and
 * column is expected it was counted by hand.
 */
#include <dlfcn.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

/* Two of json-c's functions, so that they can be made to fail. */
static bool tokener_new_fails;
static int parses_until_failure = -1; /* -1: none fails */

struct json_tokener *json_tokener_new_ex(int depth)
{
  struct json_tokener *(*real)(int) = NULL;
  *(void **)&real = dlsym(RTLD_NEXT, "json_tokener_new_ex");
  return tokener_new_fails ? NULL : real(depth);
}

struct json_object *json_tokener_parse_ex(struct json_tokener *tokener, const char *at, int length)
{
  struct json_object *(*real)(struct json_tokener *, const char *, int) = NULL;
  *(void **)&real = dlsym(RTLD_NEXT, "json_tokener_parse_ex");
  bool fails = parses_until_failure == 0;
  if (parses_until_failure >= 0) parses_until_failure--;
  return real(tokener, fails ? "]" : at, fails ? 1 : length);
}

static struct arena *arena;

static int json_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  return 0;
}

static int json_tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static struct text written(const struct value *value, bool pretty)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_FILE_WHOLE);
  if (pretty) json_write_pretty(value, &buffer);
  else json_write(value, &buffer);
  assert_false(buffer.over);
  struct text copy = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return copy;
}

static void expect_text(struct text given, struct text expected)
{
  assert_string_equal(text_c(arena, given), text_c(arena, expected));
  assert_int_equal(given.length, expected.length);
}

static const struct value *read_good(struct text document)
{
  struct error error = {0};
  const struct value *value = NULL;
  if (!json_read(arena, document, &value, &error)) fail_msg("%s", error.log);
  return value;
}

/* Read from a heap copy that ends where the document ends, so that an overrun is seen. */
static void expect_refused(struct text document, const char *log)
{
  struct error error = {0};
  const struct value *untouched = NULL;
  char *exact = memory_allocate(document.length);
  memcpy(exact, document.at, document.length);
  bool good = json_read(arena, (struct text){exact, document.length}, &untouched, &error);
  if (good) fail_msg("accepted: %.*s", TEXT_PRINT(document));
  assert_null(untouched);
  assert_int_equal(error.kind, ERROR_REFUSED);
  if (!strstr(error.log, log))
    fail_msg("%.*s: \"%s\" lacks \"%s\"", TEXT_PRINT(document), error.log, log);
  free(exact);
}

static void json_round_trips(void **state)
{
  (void)state;
  static const char *const documents[][2] = {
      {"null", "null"},
      {" true ", "true"},
      {"\tfalse\r\n", "false"},
      {"0", "0"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[ ]", "[]"},
      {"{ }", "{}"},
      {"\"\"", "\"\""},
      {"[1,[2,[3]],{}]", "[1,[2,[3]],{}]"},
      {"{\"b\": 1, \"a\": [null, {\"b\": true}], \"\": false}",
       "{\"b\":1,\"a\":[null,{\"b\":true}],\"\":false}"},
      {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
      {"\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"", "\"A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
      {"\"\\u0001\\u001f\x7F\"", "\"\\u0001\\u001f\x7F\""},
      {"\"a\\u0000b\"", "\"a\\u0000b\""},
      {"\"\xE2\x80\xA8\\u2029\"", "\"\\u2028\\u2029\""},
      {"\"</script> <! <b\"", "\"\\u003c/script> \\u003c! <b\""},
      {"\"<\"", "\"<\""},
      {"{\"\\ue000\\ud83d\\ude00\":\"\\uE000\"}",
       "{\"\xEE\x80\x80\xF0\x9F\x98\x80\":\"\xEE\x80\x80\"}"},
      {"{\"a\\nb\":1,\"a\\\\nb\":2,\"\\u0061\":3}", "{\"a\\nb\":1,\"a\\\\nb\":2,\"a\":3}"},
  };
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
    expect_text(written(read_good(text_from(documents[i][0])), false), text_from(documents[i][1]));
}

static void json_keeps_the_text_of_numbers(void **state)
{
  (void)state;
  static const char *const numbers[] = {
      "0",
      "-0",
      "-0.0",
      "1.50",
      "1e5",
      "1E+05",
      "-1.25e-30",
      "9223372036854775808",
      "1e999",
      "0.1",
      "-9223372036854775809",
      "123456789012345678901234567890.123456789012345678901234567890"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct text number = text_from(numbers[i]);
    const struct value *value = read_good(number);
    assert_int_equal(value_kind_get(value), VALUE_NUMBER);
    expect_text(value_text_get(value), number);
    struct text listed = text_format(arena, "[%s,{\"a\":%s},\"%s\",%s]", numbers[i], numbers[i],
                                     numbers[i], numbers[i]);
    expect_text(written(read_good(listed), false), listed);
  }
}

static void json_keeps_nothing_of_the_document(void **state)
{
  (void)state;
  char document[] = "{\"key\":[\"text\",12.50]}";
  const struct value *value = read_good(text_from(document));
  memset(document, 'x', sizeof document - 1);
  expect_text(written(value, false), TEXT("{\"key\":[\"text\",12.50]}"));
}

static void json_writes_for_people(void **state)
{
  (void)state;
  const struct value *value = read_good(TEXT("{\"a\":[1,{\"b\":[]}],\"c\":{}}"));
  expect_text(written(value, true), TEXT("{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n"
                                         "  ],\n  \"c\": {}\n}\n"));
}

static void json_splices_ready_slices(void **state)
{
  (void)state;
  struct value *list = value_list(arena);
  value_add(list, value_json(arena, TEXT("{\"ready\":[1]}")));
  expect_text(written(list, false), TEXT("[{\"ready\":[1]}]"));
}

static void json_writes_valid_text_for_bad_bytes(void **state)
{
  (void)state;
  const struct value *bad = value_text(arena, TEXT("a\xFF\xC3"));
  expect_text(written(bad, false), TEXT("\"a\\ufffd\\ufffd\""));
}

/* Documents that RFC 8259 forbids, and what the log says of each. */
static const struct {
  const char *document, *log;
} refused[] = {
    {"", "line 1 column 1: expected a value"},
    {"  ", "line 1 column 3: expected a value"},
    {"NaN", "expected a value"},
    {"-NaN", "expected a digit"},
    {"Infinity", "expected a value"},
    {"-Infinity", "expected a digit"},
    {"nul", "expected a value"},
    {"True", "expected a value"},
    {"nullx", "expected the end"},
    {"'a'", "expected a value"},
    {"{'a':1}", "expected a key in double quotes"},
    {"{a:1}", "expected a key in double quotes"},
    {"{1:1}", "expected a key in double quotes"},
    {"{\"a\" 1}", "line 1 column 6: expected ':'"},
    {"{\"a\"", "expected ':'"},
    {"{\"a\":}", "expected a value"},
    {"{\"a\":1,}", "expected a key in double quotes"},
    {"{\"a\":1 \"b\":2}", "expected ',' or '}'"},
    {"{\"a\":1", "expected ',' or '}'"},
    {"{", "expected a key"},
    {"[1,]", "expected a value"},
    {"[,1]", "expected a value"},
    {"[1 2]", "line 1 column 4: expected ',' or ']'"},
    {"[1", "expected ',' or ']'"},
    {"[", "expected a value"},
    {"]", "expected a value"},
    {"[1}", "expected ',' or ']'"},
    {"// c\n1", "line 1 column 1: expected a value"},
    {"[1/* c */]", "expected ',' or ']'"},
    {"1 2", "line 1 column 3: expected the end"},
    {"{}{}", "line 1 column 3: expected the end"},
    {"\xEF\xBB\xBF{}", "expected a value"},
    {"\f1", "expected a value"},
    {"01", "may not begin with 0"},
    {"-01", "may not begin with 0"},
    {"+1", "expected a value"},
    {".5", "expected a value"},
    {"1.", "expected a digit"},
    {"1.e5", "expected a digit"},
    {"1e", "expected a digit"},
    {"1e+", "expected a digit"},
    {"1E-x", "expected a digit"},
    {"-", "expected a digit"},
    {"--1", "expected a digit"},
    {"0x1F", "expected the end"},
    {"1_000", "expected the end"},
    {"\"a", "ends inside a string"},
    {"\"a\nb\"", "line 1 column 3: a control character"},
    {"\"a\tb\"", "control character"},
    {"\"\x1F\"", "control character"},
    {"\"\\", "unknown escape"},
    {"\"\\x41\"", "unknown escape"},
    {"\"\\'\"", "unknown escape"},
    {"\"\\U0041\"", "unknown escape"},
    {"\"\\u12", "four hexadecimal digits"},
    {"\"\\u12g4\"", "four hexadecimal digits"},
    {"\"\\u+123\"", "four hexadecimal digits"},
    {"\"\\u123/\"", "four hexadecimal digits"},
    {"\"\\ud83d\"", "high surrogate"},
    {"\"\\ud83dx\"", "high surrogate"},
    {"\"\\ud83d\\n\"", "high surrogate"},
    {"\"\\ud83d\\ud83d\"", "high surrogate"},
    {"\"\\ud83d\\u0041\"", "high surrogate"},
    {"\"\\ud83d\\ue000\"", "high surrogate"},
    {"\"\\ude00\"", "low surrogate"},
    {"\"\xC3\"", "not UTF-8"},
    {"\"\xC0\x80\"", "not UTF-8"},
    {"\"\xED\xA0\x80\"", "not UTF-8"},
    {"\"\xF4\x90\x80\x80\"", "not UTF-8"},
    {"\"abcdefgh\x80ijklmnop\"", "line 1 column 10: not UTF-8"},
    {"{\"a\":1,\"a\":2}", "line 1 column 8: the object has this key already"},
    {"{\"a\":1,\"b\":1,\"\\u0061\":2}", "line 1 column 14: the object has this key"},
    {"{\"\":1,\"\":2}", "has this key"},
    {"{\"\xF0\x9F\x98\x80\":1,\"\\uD83D\\uDE00\":2}", "line 1 column 8: the object has"},
    {"[{\"\\n\":{\"\\n\":1},\"c\":2,\n\"\\u000a\":3}]", "line 2 column 1: the object"},
    {"{\"a\\u0000b\":1}", "a key may not hold a NUL"},
    {"[\n \"\xC3\xA9\xE2\x82\xAC\", x]", "line 2 column 8: expected a value"},
};

static void json_refuses(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    expect_refused(text_from(refused[i].document), refused[i].log);
  expect_refused(TEXT("1\0"), "expected the end");
  expect_refused(TEXT("\"a\0b\""), "control character");
}

static struct text nested(int depth)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_FILE_WHOLE);
  for (int i = 0; i < depth; i++) text_buffer_add(&buffer, i % 2 ? TEXT("{\"a\":") : TEXT("["));
  text_buffer_add(&buffer, TEXT("1"));
  for (int i = depth - 1; i >= 0; i--) text_buffer_add_character(&buffer, i % 2 ? '}' : ']');
  struct text copy = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return copy;
}

static void json_depth_is_limited(void **state)
{
  (void)state;
  struct text deepest = nested(LIMIT_JSON_DEPTH);
  expect_text(written(read_good(deepest), false), deepest);
  expect_refused(nested(LIMIT_JSON_DEPTH + 1), "nested");
  expect_refused(nested(1000000), "nested");
  /* Depth is nesting, not number. */
  read_good(
      TEXT("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
           "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
           "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]"));
}

static void json_refuses_a_document_past_the_limit(void **state)
{
  (void)state;
  struct error error = {0};
  const struct value *untouched = NULL;
  struct text endless = {"1", (size_t)LIMIT_FILE_WHOLE + 1}; /* refused by its length alone */
  assert_false(json_read(arena, endless, &untouched, &error));
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  assert_null(untouched);
}

/* 200,000 keys that differ only at their end: a quadratic check would take minutes. */
static void json_many_keys_are_quick(void **state)
{
  (void)state;
  enum { KEYS = 200000 };
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_FILE_WHOLE);
  text_buffer_add_character(&buffer, '{');
  for (int i = 0; i < KEYS; i++) text_buffer_add_format(&buffer, "\"%032d\\u0020\":%d,", i, i);
  struct text open = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_add(&buffer, TEXT("\"last\":1}"));
  int64_t start = time_monotonic();
  assert_int_equal(value_count(read_good(text_buffer_get(&buffer))), KEYS + 1);
  text_buffer_fini(&buffer);
  struct text again = text_format(arena, "%.*s\"%032d \":0}", TEXT_PRINT(open), KEYS / 2);
  expect_refused(again, "has this key already");
  assert_true(time_monotonic() - start < 20 * 1000 * 1000);
}

/* A string that makes whatever holds it long. */
static struct text long_text(void)
{
  enum { LENGTH = 20000 };
  char *at = arena_allocate(arena, LENGTH);
  memset(at, 'x', LENGTH);
  at[0] = at[LENGTH - 1] = '"';
  return (struct text){at, LENGTH};
}

/* The text with each '@' replaced by the long string. */
static struct text filled(const char *form)
{
  struct text_buffer buffer;
  struct text l = long_text();
  text_buffer_init(&buffer, LIMIT_FILE_WHOLE);
  for (; *form; form++) {
    if (*form == '@') text_buffer_add(&buffer, l);
    else text_buffer_add_character(&buffer, *form);
  }
  struct text copy = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return copy;
}

static void json_reads_long_documents(void **state)
{
  (void)state;
  static const char *const forms[] = {
      "[@,1,[],{},[2,@],-0,[@],3]",
      "{\"a\":@,\"b\\n\":[@,{\"c\":1.50}],\"\":{\"d\":{\"e\":[@]},\"f\":null},\"g\":[]}",
      "[[[[[{\"a\":[@,@,true]}]]]],{\"b\":@}]",
  };
  const char *spaced = "\n{ \"a\" :\t[ 1 , @ ]\r\n, \"b\" : { \"c\" : @ , \"d\" : [ ] } }  ";
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    struct text document = filled(forms[i]);
    expect_text(written(read_good(document), false), document);
  }
  struct text compact = filled("{\"a\":[1,@],\"b\":{\"c\":@,\"d\":[]}}");
  expect_text(written(read_good(filled(spaced)), false), compact);
}

static void json_reports_a_failing_library(void **state)
{
  (void)state;
  struct error error = {0};
  const struct value *untouched = NULL;
  tokener_new_fails = true;
  assert_false(json_read(arena, TEXT("{\"a\":1}"), &untouched, &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  tokener_new_fails = false;
  error_clear(&error);
  /* A long document is parsed in pieces: 4 keys, 4 short values; each may fail. */
  struct text document = filled("{\"a\":[1,@],\"b\":{\"c\":2,\"d\":@}}");
  for (int i = 0; i < 8; i++) {
    error_clear(&error);
    parses_until_failure = i;
    assert_false(json_read(arena, document, &untouched, &error));
    assert_int_equal(error.kind, ERROR_SYSTEM);
    assert_null(untouched);
  }
  parses_until_failure = 8;
  assert_true(json_read(arena, document, &untouched, &error));
  parses_until_failure = -1;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json_round_trips),
      cmocka_unit_test(json_keeps_the_text_of_numbers),
      cmocka_unit_test(json_keeps_nothing_of_the_document),
      cmocka_unit_test(json_writes_for_people),
      cmocka_unit_test(json_splices_ready_slices),
      cmocka_unit_test(json_writes_valid_text_for_bad_bytes),
      cmocka_unit_test(json_refuses),
      cmocka_unit_test(json_depth_is_limited),
      cmocka_unit_test(json_refuses_a_document_past_the_limit),
      cmocka_unit_test(json_many_keys_are_quick),
      cmocka_unit_test(json_reads_long_documents),
      cmocka_unit_test(json_reports_a_failing_library),
  };
  return cmocka_run_group_tests(tests, json_set_up, json_tear_down);
}
