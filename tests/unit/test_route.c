/*
 * Routes. Expected values: design.md section 6 (one captured segment, /es/ before a path).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/route.h"

static const struct web_route first[] = {
    {.methods = WEB_GET, .pattern = "/"},
    {.methods = WEB_GET | WEB_POST, .pattern = "/find"},
    {.methods = WEB_GET, .pattern = "/facilities/{id}"},
    {.pattern = NULL},
};
static const struct web_route second[] = {
    {.methods = WEB_GET, .pattern = "/api/facilities/{id}/history", .is_api = true},
    {.methods = WEB_GET, .pattern = "/health", .is_api = true},
    {.pattern = NULL},
};
static const struct web_route *const tables[] = {first, second, NULL};

static void paths_find_their_route(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    int index; /* -1: none */
    const char *captured;
  } cases[] = {
      {"/", 0, ""},
      {"/find", 1, ""},
      {"/f%69nd", 1, ""},
      {"/find/", -1, ""},
      {"//find", -1, ""},
      {"/Find", -1, ""},
      {"/facilities/a1", 2, "a1"},
      {"/facilities/a%20b", 2, "a b"},
      {"/facilities/a%2Fb", 2, "a/b"},
      {"/facilities/a+b", 2, "a+b"},
      {"/facilities/", -1, ""},
      {"/facilities", -1, ""},
      {"/facilities/a/b", -1, ""},
      {"/facilities/%", -1, ""},
      {"/facilities/%FF", -1, ""},
      {"/facilities/..", 2, ".."},
      {"/facilities/{id}", 2, "{id}"},
      {"/api/facilities/x/history", 3, "x"},
      {"/api/facilities/x/other", -1, ""},
      {"/health", 4, ""},
      {"", -1, ""},
  };
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct web_routes routes;
  web_routes_init(&routes, tables);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct web_matched matched = web_route_find(&routes, arena, text_from(cases[i].path));
    int index = matched.route ? (int)matched.index : -1;
    if (index != cases[i].index || !text_equal(matched.captured, text_from(cases[i].captured)))
      fail_msg("%s: %d", cases[i].path, index);
  }
  web_routes_fini(&routes);
  arena_free(arena);
}

static void tables_are_one_list(void **state)
{
  (void)state;
  struct web_routes routes;
  web_routes_init(&routes, tables);
  assert_int_equal(routes.count, 5);
  assert_ptr_equal(routes.items[0], &first[0]);
  assert_ptr_equal(routes.items[4], &second[1]);
  assert_true(text_equal(routes.patterns[4], TEXT("/health")));
  web_routes_fini(&routes);
}

static void language_prefix_is_cut(void **state)
{
  (void)state;
  const struct text codes[] = {TEXT("en"), TEXT("es")};
  static const struct {
    const char *path, *rest;
    bool has_prefix;
  } cases[] = {
      {"/es/find", "/find", true},
      {"/es", "/", true},
      {"/es/", "/", true},
      {"/esx", "/esx", false},
      {"/en/find", "/en/find", false},
      {"/find", "/find", false},
      {"/", "/", false},
      {"", "", false},
      {"/es//x", "//x", true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text path = text_from(cases[i].path);
    size_t language = 0;
    bool has_prefix = web_route_language(&path, codes, 2, &language);
    if (has_prefix != cases[i].has_prefix || language != (has_prefix ? 1u : 0u) ||
        !text_equal(path, text_from(cases[i].rest)))
      fail_msg("%s", cases[i].path);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(paths_find_their_route),
      cmocka_unit_test(tables_are_one_list),
      cmocka_unit_test(language_prefix_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
