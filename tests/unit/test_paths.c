/*
 * The desk's addresses and routes. Expected values: docs/desk.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "web/desk/desk_private.h"

static void the_desk_is_below_two_paths(void **state)
{
  (void)state;
  assert_true(desk_has(TEXT("/desk")));
  assert_true(desk_has(TEXT("/desk/users")));
  assert_true(desk_has(TEXT("/me")));
  assert_true(desk_has(TEXT("/me/views")));
  assert_false(desk_has(TEXT("/desktop")));
  assert_false(desk_has(TEXT("/menu")));
  assert_false(desk_has(TEXT("/")));
}

static void only_our_own_paths_are_gone_to(void **state)
{
  (void)state;
  static const char *const good[] = {"/desk", "/me", "/desk/users/1?page=2&q=a%20b", "/desk?x=/y"};
  static const char *const bad[] = {"",
                                    "//evil.example",
                                    "https://evil.example/desk",
                                    "/desk//evil.example",
                                    "/desk/../find",
                                    "/desk\\evil.example",
                                    "/desk/\nSet-Cookie: a=b",
                                    "/desk/a b",
                                    "/desk/\xC3\xA9",
                                    "/find",
                                    "desk",
                                    "javascript:alert(1)",
                                    "/desk#x"};
  char much[LIMIT_DESK_PATH + 2];
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_true(desk_path_is_ours(text_from(good[i])));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(desk_path_is_ours(text_from(bad[i])));
  memset(much, 'a', sizeof much);
  memcpy(much, "/desk/", sizeof "/desk/" - 1);
  assert_true(desk_path_is_ours((struct text){much, LIMIT_DESK_PATH}));
  assert_false(desk_path_is_ours((struct text){much, LIMIT_DESK_PATH + 1}));
}

static bool starts(struct web_route route)
{
  struct web_route table[] = {route, {.pattern = NULL}};
  const struct web_route *const tables[] = {table, NULL};
  return desk_check_routes(tables, NULL);
}

static void a_route_that_guards_nothing_does_not_start(void **state)
{
  (void)state;
  const unsigned both = WEB_GET | WEB_POST;
  assert_true(starts((struct web_route){.methods = both, .pattern = "/find"}));
  assert_false(starts((struct web_route){.methods = WEB_GET, .pattern = "/desk"}));
  assert_false(starts((struct web_route){.methods = WEB_GET, .pattern = "/me/x"}));
  assert_false(starts((struct web_route){
      .methods = both, .pattern = "/desk/x", .guard = "person", .get_act = "read"}));
  assert_false(starts((struct web_route){
      .methods = both, .pattern = "/desk/x", .guard = "person", .post_act = "write"}));
  assert_false(
      starts((struct web_route){.methods = WEB_GET, .pattern = "/desk/x", .get_act = "read"}));
  assert_true(starts((struct web_route){
      .methods = WEB_GET, .pattern = "/desk/x", .guard = "person", .get_act = "read"}));
  assert_true(starts((struct web_route){.methods = both, .pattern = "/desk/x", .flags = WEB_OPEN}));
  assert_true(starts((struct web_route){.methods = both, .pattern = "/desk/x", .flags = WEB_STEP}));
}

static void tokens_are_base64url(void **state)
{
  (void)state;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text a = desk_token_new(arena), b = desk_token_new(arena);
  assert_int_equal(a.length, 22); /* 128 bits, six a character */
  assert_true(desk_is_token(a));
  assert_false(text_equal(a, b));
  assert_false(desk_is_token(TEXT("")));
  assert_false(desk_is_token(TEXT("a b")));
  assert_false(desk_is_token(TEXT("a'b")));
  arena_free(arena);
}

static void secrets_are_known_by_name(void **state)
{
  (void)state;
  assert_true(desk_is_secret(TEXT("password")));
  assert_true(desk_is_secret(TEXT("pin")));
  assert_true(desk_is_secret(TEXT("prove_secret")));
  assert_false(desk_is_secret(TEXT("given")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_desk_is_below_two_paths),
      cmocka_unit_test(only_our_own_paths_are_gone_to),
      cmocka_unit_test(a_route_that_guards_nothing_does_not_start),
      cmocka_unit_test(tokens_are_base64url),
      cmocka_unit_test(secrets_are_known_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
