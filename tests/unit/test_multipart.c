/*
 * Forms with files. Expected values: RFC 7578 and RFC 2046 section 5.1, and what Chromium and
 * Firefox send.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/multipart.h"
#include "web/web.h"

static struct arena *arena;
static struct web_parameters parameters;
static struct web_files files;

static bool cut(struct text body, bool has_lines)
{
  arena_clear(arena);
  parameters = (struct web_parameters){0};
  files = (struct web_files){0};
  return web_multipart_read(arena, body, TEXT("x"), has_lines, &parameters, &files);
}
#define BODY(literal) ((struct text){literal, sizeof(literal) - 1})
#define PART(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_PART(name)                                                                            \
  "Content-Disposition: form-data; name=\"" name "\"; filename=\"C:\\a.pdf\"\r\n"                  \
  "Content-Type: application/pdf\r\n\r\n"

static void fields_and_files_are_told_apart(void **state)
{
  (void)state;
  assert_true(cut(BODY("--x\r\n" PART("signer") "Robin Vále\r\n--x\r\n" FILE_PART(
                      "scan") "%PDF\0\r\n--y\r\n\r\n--x\r\n" PART("note") "\r\n--x--\r\n"),
                  false));
  assert_int_equal(parameters.count, 2);
  assert_true(text_equal(parameters.items[0].name, TEXT("signer")));
  assert_true(text_equal(parameters.items[0].value, TEXT("Robin Vále")));
  assert_true(text_equal(parameters.items[1].value, TEXT("")));
  assert_int_equal(files.count, 1);
  assert_true(text_equal(files.items[0].name, TEXT("scan")));
  assert_true(text_equal(files.items[0].bytes, BODY("%PDF\0\r\n--y\r\n")));
}

static void lines_are_allowed_where_a_route_wants_them(void **state)
{
  (void)state;
  struct text body = BODY("--x\r\n" PART("a") "one\r\ntwo\tthree\r\n--x--");
  assert_false(cut(body, false));
  assert_true(cut(body, true));
  assert_true(text_equal(parameters.items[0].value, TEXT("one\ntwo\tthree")));
  assert_false(cut(BODY("--x\r\n" PART("a") "one\rtwo\r\n--x--"), true));
}

static void what_no_browser_writes_is_refused(void **state)
{
  (void)state;
  static const struct text bodies[] = {
      BODY(""),
      BODY("--x"),
      BODY("--x--x"),
      BODY("\r\n--x--"),
      BODY("--x\n" PART("a") "1\r\n--x--"),
      BODY("--x\r\n" PART("a") "1"),
      BODY("--x\r\n" PART("a") "1\r\n--x"),
      BODY("--x\r\n" PART("a") "1\r\n--x--more"),
      BODY("--x\r\n" PART("") "1\r\n--x--"),
      BODY("--x\r\n" PART("a b") "1\r\n--x--"),
      BODY("--x\r\n" PART("a") "\0\r\n--x--"),
      BODY("--x\r\n" PART("a") "\xff\r\n--x--"),
      BODY("--x\r\n" PART("a") "\xc2\x85\r\n--x--"),
      BODY("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--"),
      BODY("--x\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n--x--"),
      BODY("--x\r\nContent-Disposition: form-data; name=\"a\"; size=\"b\"\r\n\r\n1\r\n--x--"),
      BODY("--x\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--x--"),
      BODY("--x\r\nContent-Type: text/plain\r\n\r\n1\r\n--x--"),
      BODY("--x\r\nnothing\r\n\r\n1\r\n--x--"),
      BODY("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n"
           "Content-Disposition: form-data; name=\"b\"\r\n\r\n1\r\n--x--"),
      BODY("--x\r\nA: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\n" PART(
          "a") "1"
               "\r\n--x--"),
  };
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
    if (cut(bodies[i], false)) fail_msg("body %zu was taken", i);
}

static void limits_hold(void **state)
{
  (void)state;
  struct text_buffer body;
  text_buffer_init(&body, 1 << 20);
  text_buffer_add(&body, TEXT("--x\r\n"));
  for (int i = 0; i < LIMIT_HTTP_FILES; i++)
    text_buffer_add(&body, TEXT(FILE_PART("f") "1\r\n--x\r\n"));
  size_t length = body.length;
  struct text whole = text_buffer_get(&body);
  char *copy = text_c(arena, whole);
  memcpy(copy + length - 2, "--", 2);
  struct arena *kept = arena;
  arena = arena_new(LIMIT_ARENA_REQUEST);
  assert_true(cut((struct text){copy, length}, false));
  assert_int_equal(files.count, LIMIT_HTTP_FILES);
  text_buffer_add(&body, TEXT(FILE_PART("f") "1\r\n--x--"));
  assert_false(cut(text_buffer_get(&body), false));
  text_buffer_clear(&body);
  text_buffer_add(&body, TEXT("--x\r\n"));
  for (int i = 0; i < LIMIT_HTTP_PARAMETERS; i++)
    text_buffer_add(&body, TEXT(PART("f") "1\r\n--x\r\n"));
  text_buffer_add(&body, TEXT(PART("f") "1\r\n--x--"));
  assert_false(cut(text_buffer_get(&body), false));
  text_buffer_fini(&body);
  arena_free(arena);
  arena = kept;
}

static void types_are_read_strictly(void **state)
{
  (void)state;
  static const struct {
    const char *type, *boundary;
  } types[] = {{"multipart/form-data; boundary=x", "x"},
               {"Multipart/Form-Data;boundary=\"a b\"", NULL},
               {"multipart/form-data; boundary=\"a.b\"", "a.b"},
               {"multipart/form-data; charset=utf-8; boundary=x", "x"},
               {"multipart/form-data", NULL},
               {"multipart/form-data; boundary=", NULL},
               {"multipart/form-data; boundary=x; boundary=y", NULL},
               {"multipart/mixed; boundary=x", NULL},
               {"", NULL}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    struct text boundary = TEXT("");
    bool is_it = web_is_multipart_type(text_from(types[i].type), &boundary);
    assert_int_equal(is_it, types[i].boundary != NULL);
    if (is_it) assert_true(text_equal(boundary, text_from(types[i].boundary)));
  }
}

static int begin(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_ARENA_REQUEST);
  return 0;
}

static int end(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_and_files_are_told_apart),
      cmocka_unit_test(lines_are_allowed_where_a_route_wants_them),
      cmocka_unit_test(what_no_browser_writes_is_refused),
      cmocka_unit_test(limits_hold),
      cmocka_unit_test(types_are_read_strictly),
  };
  return cmocka_run_group_tests_name("multipart", tests, begin, end);
}
