/*
 * New UUIDs: RFC 9562 appendix A.6's time in version 7. UUIDs by name: vectors of RFC 9562 appendix
 * A.4, RFC 4122 appendix B's name in version 5 (as Python's uuid.uuid5 prints it), and SHA-1
 * vectors of RFC 3174 section 7.3 and FIPS 180-4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/uuid.h"

static const unsigned char dns[UUID_BYTES] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                              0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};

static void check_sha1(struct text bytes, const char *expected)
{
  unsigned char hash[SHA1_BYTES];
  char text[2 * SHA1_BYTES + 1];
  sha1_digest(bytes, hash);
  for (size_t i = 0; i < SHA1_BYTES; i++) snprintf(text + 2 * i, 3, "%02x", hash[i]);
  assert_string_equal(text, expected);
}

static void uuid_sha1_vectors(void **state)
{
  (void)state;
  check_sha1(TEXT(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  check_sha1(TEXT("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  check_sha1(TEXT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
             "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  char zeros[640];
  for (size_t i = 0; i < sizeof zeros; i++) zeros[i] = "01234567"[i % 8];
  check_sha1((struct text){zeros, sizeof zeros}, "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

static void uuid_sha1_pads_at_every_length(void **state)
{
  (void)state;
  /* 55, 56, 63 and 64 bytes of 'a': where the padding needs one block or two (sha1sum prints). */
  static const char a[65] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  check_sha1((struct text){a, 55}, "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  check_sha1((struct text){a, 56}, "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  check_sha1((struct text){a, 63}, "03f09f5b158a7a8cdad920bddc29b81c18a551f5");
  check_sha1((struct text){a, 64}, "0098ba824b5c16427bd7a1122a5a442a25ec644d");
}

static void uuid_of_rfc_9562(void **state)
{
  (void)state;
  char out[UUID_TEXT + 1];
  uuid_from_name(dns, TEXT("www.example.com"), out);
  assert_string_equal(out, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  uuid_from_name(dns, TEXT("www.widgets.com"), out);
  assert_string_equal(out, "21f7f8de-8051-5b89-8680-0195ef798b6a");
  uuid_from_name(dns, TEXT(""), out);
  assert_string_equal(out, "4ebd0208-8328-5d69-8c44-ec50939c0967");
}

static void uuid_form_is_checked(void **state)
{
  (void)state;
  assert_true(uuid_is_valid(TEXT("2ed6657d-e927-568b-95e1-2665a8aea6a2")));
  assert_true(uuid_is_valid(TEXT("2ED6657D-E927-568B-95E1-2665A8AEA6A2")));
  assert_false(uuid_is_valid(TEXT("")));
  assert_false(uuid_is_valid(TEXT("2ed6657d-e927-568b-95e1-2665a8aea6a")));
  assert_false(uuid_is_valid(TEXT("2ed6657de-927-568b-95e1-2665a8aea6a2")));
  assert_false(uuid_is_valid(TEXT("2ed6657g-e927-568b-95e1-2665a8aea6a2")));
}

static void uuid_new_sorts_by_time_and_never_repeats(void **state)
{
  (void)state;
  char first[UUID_TEXT + 1], second[UUID_TEXT + 1];
  uuid_new(1645557742000000, first); /* 2022-02-22 14:22:22 -05:00 is 017F22E279B0 */
  first[15] = 0;
  assert_string_equal(first, "017f22e2-79b0-7");
  for (int64_t now = 1700000000000000; now < 1700000000005000; now++) {
    uuid_new(now, first);
    uuid_new(now + 1, second);
    assert_true(uuid_is_valid(text_from(first)));
    assert_true(strncmp(first, second, 18) < 0 || (now * 4096 / 1000 == (now + 1) * 4096 / 1000));
    uuid_new(now, second);
    assert_string_not_equal(first, second);
    assert_true(strchr("89ab", first[19]) != NULL);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(uuid_sha1_vectors),
      cmocka_unit_test(uuid_sha1_pads_at_every_length),
      cmocka_unit_test(uuid_of_rfc_9562),
      cmocka_unit_test(uuid_form_is_checked),
      cmocka_unit_test(uuid_new_sorts_by_time_and_never_repeats),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
