/*
 * A query or form as raw bytes: decoded strictly, or refused.
 */
#include <stdlib.h>

#include "web/form.h"
#include "web/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds) abort();
}

static void check_clean(struct text t)
{
  require(text_is_utf8(t));
  for (size_t i = 0; i < t.length; i++)
    require((unsigned char)t.at[i] >= ' ' && (unsigned char)t.at[i] != 0x7F);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  struct text encoded = {size ? (const char *)data : nothing, size}, decoded;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct web_parameters list = {0};
  if (web_parameters_read(arena, encoded, &list)) {
    require(list.count <= LIMIT_HTTP_PARAMETERS);
    for (size_t i = 0; i < list.count; i++) {
      require(list.items[i].name.length > 0);
      check_clean(list.items[i].name);
      check_clean(list.items[i].value);
    }
  }
  if (web_decode_lines(arena, encoded, &decoded)) {
    require(text_is_utf8(decoded) && decoded.length <= encoded.length);
    require(!text_contains(decoded, TEXT("\r")));
  }
  if (web_decode(arena, encoded, false, &decoded)) {
    check_clean(decoded);
    require(decoded.length <= encoded.length);
  }
  require(!(web_is_form_type(encoded) && web_is_json_type(encoded)));
  arena_free(arena);
  return 0;
}
