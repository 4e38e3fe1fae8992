/*
 * Routes: see route.h.
 */
#include "web/route.h"

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

struct web_matched web_route_find(const struct web_route *const *tables, struct arena *arena,
                                  struct text path)
{
  struct web_matched matched = {.route = NULL, .captured = TEXT("")};
  for (; *tables; tables++) {
    for (const struct web_route *route = *tables; route->pattern; route++, matched.index++) {
      struct text captured = TEXT("");
      if (!fits(text_from(route->pattern), arena, path, &captured)) continue;
      matched.route = route;
      matched.captured = captured;
      return matched;
    }
  }
  return matched;
}

const struct web_route *web_route_at(const struct web_route *const *tables, size_t index)
{
  for (; *tables; tables++)
    for (const struct web_route *route = *tables; route->pattern; route++)
      if (index-- == 0) return route;
  return NULL;
}

size_t web_route_count(const struct web_route *const *tables)
{
  size_t count = 0;
  while (web_route_at(tables, count)) count++;
  return count;
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
