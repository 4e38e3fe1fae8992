/*
 * Routes: see route.h.
 */
#include "web/route.h"

#include <stdlib.h>
#include <string.h>

#include "web/form.h"

/* Compare segment by segment; the one in braces captures. */
static bool fits(struct text pattern, struct arena *arena, struct text path, struct text *captured)
{
  struct text want, have;
  for (;;) {
    bool more = text_split_next(&pattern, '/', &want);
    if (text_split_next(&path, '/', &have) != more) return false;
    if (!more) return true;
    if (text_starts_with(want, TEXT("{"))) {
      if (have.length == 0 || !web_decode(arena, have, false, captured)) return false;
    } else if (!text_equal(want, have)) {
      struct text decoded;
      if (!web_decode(arena, have, false, &decoded) || !text_equal(want, decoded)) return false;
    }
  }
}

void web_routes_init(struct web_routes *routes, const struct web_route *const *tables)
{
  *routes = (struct web_routes){.count = 0};
  for (const struct web_route *const *table = tables; *table; table++)
    for (const struct web_route *route = *table; route->pattern; route++) routes->count++;
  routes->items = memory_allocate_zero(routes->count, sizeof(struct web_route *));
  routes->patterns = memory_allocate_zero(routes->count, sizeof *routes->patterns);
  routes->captures = memory_allocate_zero(routes->count, sizeof *routes->captures);
  size_t at = 0;
  for (; *tables; tables++) {
    for (const struct web_route *route = *tables; route->pattern; route++, at++) {
      routes->items[at] = route;
      routes->patterns[at] = text_from(route->pattern);
      routes->captures[at] = text_contains(routes->patterns[at], TEXT("{"));
    }
  }
}

void web_routes_fini(struct web_routes *routes)
{
  free(routes->items);
  free(routes->patterns);
  free(routes->captures);
  *routes = (struct web_routes){.count = 0};
}

struct web_matched web_route_find(const struct web_routes *routes, struct arena *arena,
                                  struct text path)
{
  bool is_encoded = path.length && memchr(path.at, '%', path.length);
  for (size_t i = 0; i < routes->count; i++) {
    struct text captured = TEXT("");
    bool is_plain = !is_encoded && !routes->captures[i];
    if (is_plain ? !text_equal(routes->patterns[i], path)
                 : !fits(routes->patterns[i], arena, path, &captured))
      continue;
    return (struct web_matched){.route = routes->items[i], .index = i, .captured = captured};
  }
  return (struct web_matched){.route = NULL, .captured = TEXT("")};
}

bool web_route_language(struct text *path, const struct text *codes, size_t count, size_t *language)
{
  for (size_t i = 1; i < count; i++) {
    size_t end = 1 + codes[i].length;
    if (path->length < end || !text_equal(text_slice(*path, 1, end), codes[i])) continue;
    if (path->length > end && path->at[end] != '/') continue;
    *path = path->length > end ? text_slice(*path, end, path->length) : TEXT("/");
    *language = i;
    return true;
  }
  return false;
}
