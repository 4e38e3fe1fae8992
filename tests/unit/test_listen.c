/*
 * Listening. Expected values: RFC 5735 and RFC 4291 (loopback), the hints of web/listen.c.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/listen.h"

static void addresses_that_cannot_be_read_are_usage_errors(void **state)
{
  (void)state;
  static const char *const cases[] = {
      "",
      ":",
      "8080",
      ":8080",
      "localhost:8080",
      "127.0.0.1",
      "127.0.0.1:",
      "127.0.0.1:x",
      "127.0.0.1:-1",
      "127.0.0.1:65536",
      "127.0.0.1:+1",
      "::1:8080",
      "[::1:8080",
      "[::1]",
      "[127.0.0.1]:80",
      "256.0.0.1:80",
      "127.0.0.1:80 ",
      "[1234567890123456789012345678901234567890123456789012345678901234567890]:80",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct web_listener listener;
    struct error error = {0};
    if (web_listen(&listener, text_from(cases[i]), &error)) fail_msg("%s", cases[i]);
    assert_int_equal(error.kind, ERROR_USAGE);
  }
}

static void a_taken_port_says_how_to_mend(void **state)
{
  (void)state;
  struct web_listener first, second;
  struct error error = {0};
  assert_true(web_listen(&first, TEXT("127.0.0.1:0"), &error));
  assert_true(first.port > 0 && first.is_loopback);
  assert_string_equal(first.address, "127.0.0.1");
  char where[64];
  snprintf(where, sizeof where, "127.0.0.1:%u", first.port);
  assert_false(web_listen(&second, text_from(where), &error));
  assert_int_equal(error.kind, ERROR_BUSY);
  assert_true(text_contains(text_from(error.hint), TEXT("--listen")));
  close(first.socket);
  assert_true(
      web_listen(&second, text_from(where), &error)); /* at once: no waiting for TIME_WAIT */
  close(second.socket);
}

static void an_address_of_another_machine_is_refused(void **state)
{
  (void)state;
  struct web_listener listener;
  struct error error = {0};
  assert_false(web_listen(&listener, TEXT("192.0.2.1:0"), &error)); /* TEST-NET-1, RFC 5737 */
  assert_int_equal(error.kind, ERROR_REFUSED);
}

static void loopback_is_told(void **state)
{
  (void)state;
  static const struct {
    const char *address;
    bool is_six, is_loopback;
  } cases[] = {
      {"127.0.0.1", false, true},
      {"127.255.1.2", false, true},
      {"128.0.0.1", false, false},
      {"0.0.0.0", false, false},
      {"192.168.0.1", false, false},
      {"::1", true, true},
      {"::", true, false},
      {"fe80::1", true, false},
      {"::ffff:127.0.0.1", true, true},
      {"::ffff:10.0.0.1", true, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_in four = {.sin_family = AF_INET};
    void *into = cases[i].is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr;
    assert_int_equal(inet_pton(cases[i].is_six ? AF_INET6 : AF_INET, cases[i].address, into), 1);
    const void *address = cases[i].is_six ? (const void *)&six : (const void *)&four;
    if (web_is_loopback(address) != cases[i].is_loopback) fail_msg("%s", cases[i].address);
  }
  struct sockaddr local = {.sa_family = AF_UNIX};
  assert_false(web_is_loopback(&local));
  assert_false(web_is_loopback(NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(addresses_that_cannot_be_read_are_usage_errors),
      cmocka_unit_test(a_taken_port_says_how_to_mend),
      cmocka_unit_test(an_address_of_another_machine_is_refused),
      cmocka_unit_test(loopback_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
