/*
 * The strict request check. Expected statuses: RFC 9112 (sections 3.2, 5.1, 6.1, 6.3), RFC 9110
 * (5.6.2, 15.5), RFC 6585 (431) and the limits of base/limits.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/check.h"

/* Lay a request's head out as the library would: slices of the bytes, cut at line ends. Lines are
 * split at CRLF or LF alone, names at the first colon; nothing is checked. */
static struct web_head *read_head(struct text wire)
{
  struct web_head *head = calloc(1, sizeof *head);
  size_t at = text_find(wire, TEXT("\n"));
  struct text line = text_slice(wire, 0, at && wire.at[at - 1] == '\r' ? at - 1 : at);
  size_t first = text_find(line, TEXT(" ")), last = line.length;
  while (last > 0 && line.at[last - 1] != ' ') last--;
  head->method = text_slice(line, 0, first);
  head->target = text_slice(line, first + 1, last - 1);
  head->target_offset = first + 1;
  head->version = text_slice(line, last, line.length);
  head->version_offset = last;
  while (++at < wire.length) {
    size_t end = at;
    while (end < wire.length && wire.at[end] != '\n') end++;
    size_t stop = end > at && wire.at[end - 1] == '\r' ? end - 1 : end;
    line = text_slice(wire, at, stop);
    size_t colon = text_find(line, TEXT(":")), value = colon + 1;
    while (value < line.length && line.at[value] == ' ') value++;
    if (line.length && head->field_count <= LIMIT_HTTP_HEADERS) {
      struct text rest = text_slice(line, value, line.length);
      rest.length = strnlen(rest.at, rest.length); /* the library ends a value at a NUL */
      head->fields[head->field_count] = (struct web_field){.name = text_slice(line, 0, colon),
                                                           .value = rest,
                                                           .name_offset = at,
                                                           .value_offset = at + value};
    }
    head->field_count += line.length > 0;
    at = end;
  }
  head->size = wire.length;
  head->layout_known = true;
  return head;
}

static int status_of(struct text wire, struct web_checked *checked)
{
  struct web_head *head = read_head(wire);
  const char *why = NULL;
  int status = web_check(head, checked, &why);
  if (status) assert_non_null(why);
  /* The slices of `checked` are the wire's, which outlives the head. */
  free(head);
  return status;
}

#define HEAD(text) "POST /find HTTP/1.1\r\nHost: a\r\n" text "\r\n"

static const struct {
  const char *wire;
  int status;
} cases[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"GET / HTTP/1.0\r\n\r\n", 0},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 0},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"GET / HTTP/1.x\r\nHost: a\r\n\r\n", 505},
    {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    /* Targets */
    {"GET http://a/find?q=1 HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"GET https://A HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"GET http://b/find HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET ftp://a/find HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET find HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /a|b HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    /* Framing */
    {HEAD("Content-Length: 5\r\n"), 0},
    {HEAD("Content-Length: 0\r\n"), 0},
    {HEAD("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
    {HEAD("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
    {HEAD("Content-Length: 5, 5\r\n"), 400},
    {HEAD("Content-Length: +5\r\n"), 400},
    {HEAD("Content-Length: -5\r\n"), 400},
    {HEAD("Content-Length: 0x5\r\n"), 400},
    {HEAD("Content-Length: 5 5\r\n"), 400},
    {HEAD("Content-Length:\r\n"), 400},
    {HEAD("Content-Length: 00000000000000000005\r\n"), 400},
    {HEAD("Content-Length: 99999999999999999999\r\n"), 400},
    {HEAD("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
    {HEAD("Transfer-Encoding: chunked\r\n"), 0},
    {HEAD("Transfer-Encoding: Chunked\r\n"), 0},
    {HEAD("Transfer-Encoding: xchunked\r\n"), 501},
    {HEAD("Transfer-Encoding: chunked, identity\r\n"), 501},
    {HEAD("Transfer-Encoding: identity\r\n"), 501},
    {HEAD("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    /* Fields and lines */
    {HEAD("A : b\r\n"), 400},
    {HEAD("A(b: x\r\n"), 400},
    {HEAD(": x\r\n"), 400},
    {HEAD("A: x\x01y\r\n"), 400},
    {HEAD("A: x\x7Fy\r\n"), 400},
    {HEAD("A: x\ty \xC3\xA9\r\n"), 0},
    {HEAD("A:    x\r\n"), 0},
    {HEAD("A:\r\n"), 0},
    {HEAD(" folded: x\r\n"), 400},
    {HEAD("A: x\n"), 400},
    {HEAD("A: x\rB: y\r\n"), 400},
    {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"GET / HTTP/1.1\nHost: a\n\n", 400},
    {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
};

static void check_answers_each_case(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct web_checked checked;
    int status = status_of(text_from(cases[i].wire), &checked);
    if (status != cases[i].status) fail_msg("%s: %d", cases[i].wire, status);
  }
}

static void check_refuses_a_nul(void **state)
{
  (void)state;
  static const char value[] = "GET / HTTP/1.1\r\nHost: a\r\nA: x\0y\r\n\r\n";
  struct web_checked checked;
  assert_int_equal(status_of((struct text){value, sizeof value - 1}, &checked), 400);
}

static void check_cuts_the_target(void **state)
{
  (void)state;
  static const struct {
    const char *wire, *path, *query;
  } targets[] = {
      {"GET /find?q=a?b HTTP/1.1\r\nHost: a\r\n\r\n", "/find", "q=a?b"},
      {"GET /find? HTTP/1.1\r\nHost: a\r\n\r\n", "/find", ""},
      {"GET /find HTTP/1.1\r\nHost: a\r\n\r\n", "/find", ""},
      {"GET http://a/find?q HTTP/1.1\r\nHost: a\r\n\r\n", "/find", "q"},
      {"GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n", "/", "q"},
      {"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "/", ""},
  };
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
    struct web_checked checked;
    assert_int_equal(status_of(text_from(targets[i].wire), &checked), 0);
    assert_true(text_equal(checked.path, text_from(targets[i].path)));
    assert_true(text_equal(checked.query, text_from(targets[i].query)));
  }
}

static void check_tells_body_and_method(void **state)
{
  (void)state;
  struct web_checked checked;
  status_of(TEXT(HEAD("Content-Length: 12\r\n")), &checked);
  assert_true(checked.has_body && checked.is_post && !checked.is_chunked);
  assert_int_equal(checked.content_length, 12);
  status_of(TEXT(HEAD("Content-Length: 0\r\n")), &checked);
  assert_false(checked.has_body);
  status_of(TEXT(HEAD("Transfer-Encoding: chunked\r\n")), &checked);
  assert_true(checked.has_body && checked.is_chunked);
  status_of(TEXT("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"), &checked);
  assert_null(checked.method);
  status_of(TEXT("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"), &checked);
  assert_true(checked.is_head && !checked.is_get);
  assert_string_equal(checked.method, "HEAD");
}

/* A head of `count` fields whose values have `length` bytes, and a target of `target` bytes. */
static int status_of_size(size_t target, size_t count, size_t length)
{
  struct text_buffer wire;
  text_buffer_init(&wire, 1 << 20);
  text_buffer_add(&wire, TEXT("GET /"));
  for (size_t i = 1; i < target; i++) text_buffer_add_character(&wire, 'x');
  text_buffer_add(&wire, TEXT(" HTTP/1.1\r\nHost: a\r\n"));
  for (size_t i = 1; i < count; i++) {
    text_buffer_add(&wire, TEXT("A: "));
    for (size_t j = 0; j < length; j++) text_buffer_add_character(&wire, 'v');
    text_buffer_add(&wire, TEXT("\r\n"));
  }
  text_buffer_add(&wire, TEXT("\r\n"));
  struct web_checked checked;
  int status = status_of(text_buffer_get(&wire), &checked);
  text_buffer_fini(&wire);
  return status;
}

static void check_keeps_the_limits(void **state)
{
  (void)state;
  assert_int_equal(status_of_size(LIMIT_HTTP_TARGET, 1, 0), 0);
  assert_int_equal(status_of_size(LIMIT_HTTP_TARGET + 1, 1, 0), 414);
  assert_int_equal(status_of_size(1, LIMIT_HTTP_HEADERS, 1), 0);
  assert_int_equal(status_of_size(1, LIMIT_HTTP_HEADERS + 1, 1), 431);
  /* "Host" and "a" with their marks are 9 bytes, "A" with its are 5. */
  assert_int_equal(status_of_size(1, 2, LIMIT_HTTP_HEADER_BYTES - 14), 0);
  assert_int_equal(status_of_size(1, 2, LIMIT_HTTP_HEADER_BYTES - 13), 431);
}

static void check_passes_the_layout_of_another_library(void **state)
{
  (void)state;
  struct web_head *head = read_head(TEXT("GET / HTTP/1.1\nHost: a\n\n"));
  assert_false(web_check_layout(head));
  head->layout_known = false;
  assert_true(web_check_layout(head));
  free(head);
}

static void head_finds_fields_without_case(void **state)
{
  (void)state;
  struct web_head *head = read_head(TEXT("GET / HTTP/1.1\r\nhOST:  a \r\nB: 1\r\nB: 2\r\n\r\n"));
  struct text value;
  assert_true(web_head_single(head, "Host", &value));
  assert_true(text_equal(value, TEXT("a")));
  assert_false(web_head_single(head, "B", &value));
  assert_true(text_equal(web_head_get(head, "b"), TEXT("1")));
  assert_true(web_head_has(head, "b"));
  assert_false(web_head_has(head, "C"));
  assert_true(web_head_single(head, "C", &value) && value.length == 0);
  free(head);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(check_answers_each_case),
      cmocka_unit_test(check_refuses_a_nul),
      cmocka_unit_test(check_cuts_the_target),
      cmocka_unit_test(check_tells_body_and_method),
      cmocka_unit_test(check_keeps_the_limits),
      cmocka_unit_test(check_passes_the_layout_of_another_library),
      cmocka_unit_test(head_finds_fields_without_case),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
