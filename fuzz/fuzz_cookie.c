/*
 * A Cookie field as raw bytes: what is taken from it could be set again as it is.
 */
#include <stdlib.h>

#include "web/cookies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  static struct web_cookies cookies;
  struct text field = {size ? (const char *)data : nothing, size};
  bool is_read = web_cookies_read(field, &cookies);
  require(cookies.count <= LIMIT_HTTP_COOKIES);
  require(is_read || cookies.count == 0);
  for (size_t i = 0; i < cookies.count; i++) {
    const struct web_cookie *cookie = &cookies.items[i];
    struct text found = web_cookie_get(&cookies, cookie->name);
    require(found.length == 0 || text_equal(found, cookie->value));
    require(cookie->name.at >= field.at && cookie->value.length <= field.length);
    struct arena *arena = arena_new(1 << 20);
    struct text_buffer out;
    text_buffer_init(&out, 4 * LIMIT_HTTP_COOKIE_BYTES);
    struct web_set_cookie set = {.name = text_c(arena, cookie->name), .value = cookie->value};
    require(web_cookie_write(&set, &out));
    text_buffer_fini(&out);
    arena_free(arena);
  }
  return 0;
}
