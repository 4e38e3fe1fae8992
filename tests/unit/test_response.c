/*
 * Compression and entity tags. Expected values: zlib's own inflate (RFC 1952), RFC 9110
 * section 8.8.3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "web/response.h"

static void gzip_comes_back(void **state)
{
  (void)state;
  enum { LENGTH = 100000, WINDOW_GZIP = 15 + 16 };
  char *plain = malloc(LENGTH), *again = malloc(LENGTH + 1);
  for (int i = 0; i < LENGTH; i++) plain[i] = (char)('a' + i % 7 + i % 13);
  for (int level = 1; level <= 9; level += 4) { /* one thread's compressor serves every level */
    struct text_buffer packed;
    assert_true(web_gzip((struct text){plain, LENGTH}, level, &packed));
    assert_true(packed.length < LENGTH / 10);
    z_stream stream = {.next_in = (Bytef *)packed.at,
                       .avail_in = (uInt)packed.length,
                       .next_out = (Bytef *)again,
                       .avail_out = LENGTH + 1};
    assert_int_equal(inflateInit2(&stream, WINDOW_GZIP), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, LENGTH);
    assert_memory_equal(plain, again, LENGTH);
    inflateEnd(&stream);
    text_buffer_fini(&packed);
  }
  free(plain);
  free(again);
}

static void gzip_declines_what_does_not_shrink(void **state)
{
  (void)state;
  struct text_buffer packed;
  assert_false(web_gzip(TEXT(""), 6, &packed));
  assert_false(web_gzip(TEXT("a"), 6, &packed));
  char noise[4096];
  uint32_t seed = 1;
  for (size_t i = 0; i < sizeof noise; i++)
    noise[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
  assert_false(web_gzip((struct text){noise, sizeof noise}, 6, &packed));
}

/* Every length up to some steps of the hash, each byte changed once: all tags differ. */
static void etags_differ_with_any_byte(void **state)
{
  (void)state;
  char bytes[100] = {0}, whole[24], other[24];
  for (size_t length = 0; length <= sizeof bytes; length++) {
    struct text body = {bytes, length};
    web_etag_write(body, false, whole);
    assert_int_equal(strlen(whole), 18);
    assert_true(whole[0] == '"' && whole[17] == '"');
    for (size_t at = 0; at < length; at++) {
      bytes[at] ^= 1;
      web_etag_write(body, false, other);
      bytes[at] ^= 1;
      assert_string_not_equal(whole, other);
    }
    if (length == sizeof bytes) break;
    web_etag_write((struct text){bytes, length + 1}, false, other);
    assert_string_not_equal(whole, other);
  }
}

static void etags_differ_by_coding(void **state)
{
  (void)state;
  char plain[24], packed[24];
  web_etag_write(TEXT("body"), false, plain);
  web_etag_write(TEXT("body"), true, packed);
  assert_int_equal(strlen(packed), 20);
  assert_memory_equal(plain, packed, 17);
  assert_string_equal(packed + 17, "-g\"");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gzip_comes_back),
      cmocka_unit_test(gzip_declines_what_does_not_shrink),
      cmocka_unit_test(etags_differ_with_any_byte),
      cmocka_unit_test(etags_differ_by_coding),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
