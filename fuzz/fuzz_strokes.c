/*
 * A drawn signature's strokes, as somebody's browser sent them: refused, or points within the pad
 * and nothing that markup could take for more than numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "privacy/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  struct arena *arena = arena_new(1 << 20);
  struct text given = {size ? (const char *)data : nothing, size};
  const struct text *strokes;
  size_t count, again, length = 0;
  if (signature_strokes_read(arena, given, &strokes, &count)) {
    require(size <= LIMIT_SIGNATURE_DRAWN && count > 0);
    for (size_t i = 0; i < count; i++) {
      require(strokes[i].length >= 3);
      for (size_t j = 0; j < strokes[i].length; j++)
        require(memchr("0123456789, ", strokes[i].at[j], 12) != NULL);
      length += strokes[i].length + 1;
    }
    require(length == size + 1);
    require(signature_strokes_read(NULL, given, NULL, &again) && again == count);
  }
  arena_free(arena);
  return 0;
}
