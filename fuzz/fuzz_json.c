/*
 * Fuzz JSON: whatever is read must be written as a document that reads back as itself, compactly
 * and for people; what is refused is the document's fault, never a library's.
 */
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct text written(struct arena *arena, const struct value *value, bool pretty)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_FILE_WHOLE);
  if (pretty) json_write_pretty(value, &buffer);
  else json_write(value, &buffer);
  struct text copy = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  const struct value *value = NULL, *again = NULL;
  struct error error = {0};
  if (json_read(arena, (struct text){(const char *)bytes, size}, &value, &error)) {
    struct text once = written(arena, value, false), pretty = written(arena, value, true);
    if (!text_is_utf8(once) || !json_read(arena, once, &again, &error)) abort();
    if (!text_equal(written(arena, again, false), once)) abort();
    if (!json_read(arena, pretty, &again, &error)) abort();
    if (!text_equal(written(arena, again, false), once)) abort();
  } else if (error.kind != ERROR_REFUSED || !error.person || !text_is_utf8(text_from(error.log))) {
    abort();
  }
  arena_free(arena);
  return 0;
}
