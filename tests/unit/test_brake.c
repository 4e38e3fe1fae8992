/*
 * The brake of requests from outside: each address has its share within an hour, by the first 64
 * bits of IPv6; who is not known passes. Expected: limits.h, brake.h; addresses of RFC 5737, 3849.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/brake.h"

static const int64_t NOW = INT64_C(1790000000000000), MINUTE = INT64_C(60000000);
static struct arena *arena;
static struct web_brake *brake;

static int set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_ARENA_REQUEST);
  brake = web_brake_new();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  web_brake_free(brake);
  arena_free(arena);
  return 0;
}

static struct text named(const char *name)
{
  return web_brake_address(arena, NULL, text_from(name));
}

static void an_address_has_its_share_within_an_hour(void **state)
{
  (void)state;
  for (int i = 0; i < LIMIT_DOOR_ADDRESS; i++)
    assert_true(web_brake_pass(brake, named("192.0.2.1"), NOW + i));
  assert_false(web_brake_pass(brake, named("192.0.2.1"), NOW + 59 * MINUTE));
  assert_true(web_brake_pass(brake, named("192.0.2.2"), NOW));
  assert_true(web_brake_pass(brake, named("192.0.2.1"), NOW + 60 * MINUTE));
}

static void a_household_is_one(void **state)
{
  (void)state;
  for (int i = 0; i < LIMIT_DOOR_ADDRESS; i++)
    assert_true(web_brake_pass(brake, named("2001:db8:1:2::1"), NOW));
  assert_false(web_brake_pass(brake, named("2001:db8:1:2:ffff::9"), NOW));
  assert_true(web_brake_pass(brake, named("2001:db8:1:3::1"), NOW));
}

/* As a listener for both kinds sees IPv4: ::ffff:192.0.2.1 is 192.0.2.1, and nobody else. */
static void ipv4_in_the_clothes_of_ipv6(void **state)
{
  (void)state;
  struct sockaddr_in6 six = {.sin6_family = AF_INET6};
  assert_true(text_equal(named("::ffff:192.0.2.1"), named("192.0.2.1")));
  assert_false(text_equal(named("::ffff:192.0.2.1"), named("::ffff:192.0.2.2")));
  inet_pton(AF_INET6, "::ffff:192.0.2.3", &six.sin6_addr);
  assert_true(text_equal(web_brake_address(arena, (const struct sockaddr *)&six, TEXT("")),
                         named("192.0.2.3")));
}

static void who_is_not_known_passes(void **state)
{
  (void)state;
  static const char *const none[] = {"",        "unknown", "192.0.2", "192.0.2.1.5",
                                     "1; DROP", "2001:db8"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    assert_int_equal(named(none[i]).length, 0);
  for (int i = 0; i < 3 * LIMIT_DOOR_ADDRESS; i++)
    assert_true(web_brake_pass(brake, TEXT(""), NOW));
}

static void the_connection_counts_where_nothing_is_named(void **state)
{
  (void)state;
  struct sockaddr_in four = {.sin_family = AF_INET};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6};
  struct sockaddr other = {.sa_family = AF_UNIX};
  inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
  inet_pton(AF_INET6, "2001:db8:1:2::1", &six.sin6_addr);
  const struct sockaddr *of_four = (const struct sockaddr *)&four;
  assert_true(text_equal(web_brake_address(arena, of_four, TEXT("")), named("192.0.2.1")));
  assert_true(text_equal(web_brake_address(arena, (const struct sockaddr *)&six, TEXT("")),
                         named("2001:db8:1:2::7")));
  assert_true(text_equal(web_brake_address(arena, of_four, TEXT("192.0.2.9")), named("192.0.2.9")));
  assert_int_equal(web_brake_address(arena, &other, TEXT("")).length, 0);
  assert_int_equal(web_brake_address(arena, NULL, TEXT("")).length, 0);
}

/* A flood of addresses never grows it, and a clock that is set back locks nobody out. */
static void floods_and_clocks(void **state)
{
  (void)state;
  for (uint32_t i = 0; i < 4 * LIMIT_DOOR_ADDRESSES; i++) {
    struct text address = {(const char *)&i, sizeof i};
    assert_true(web_brake_pass(brake, address, NOW + i));
  }
  for (int i = 0; i < LIMIT_DOOR_ADDRESS; i++) web_brake_pass(brake, named("192.0.2.1"), NOW);
  assert_true(web_brake_pass(brake, named("192.0.2.1"), NOW - 600 * MINUTE));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(an_address_has_its_share_within_an_hour, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_household_is_one, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ipv4_in_the_clothes_of_ipv6, set_up, tear_down),
      cmocka_unit_test_setup_teardown(who_is_not_known_passes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_connection_counts_where_nothing_is_named, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(floods_and_clocks, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
