/*
 * A form with files as raw bytes: the first line is its Content-Type, the rest its body. Cut
 * strictly, or refused; what comes out is clean, and no more than went in.
 */
#include <stdlib.h>

#include "web/multipart.h"
#include "web/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  struct text all = {size ? (const char *)data : nothing, size}, boundary;
  size_t line = text_find(all, TEXT("\n"));
  struct text body = text_slice(all, line + 1, all.length);
  if (!web_is_multipart_type(text_slice(all, 0, line), &boundary)) return 0;
  require(boundary.length >= 1 && boundary.length <= 70);
  for (int has_lines = 0; has_lines < 2; has_lines++) {
    struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
    struct web_parameters list = {0};
    struct web_files files = {0};
    size_t bytes = 0;
    if (web_multipart_read(arena, body, boundary, has_lines, &list, &files)) {
      require(list.count <= LIMIT_HTTP_PARAMETERS && files.count <= LIMIT_HTTP_FILES);
      for (size_t i = 0; i < list.count; i++) {
        struct text value = list.items[i].value;
        require(list.items[i].name.length > 0 && text_is_utf8(value));
        for (size_t j = 0; j < value.length; j++) {
          char c = value.at[j];
          require((unsigned char)c >= ' ' || (has_lines && (c == '\n' || c == '\t')));
        }
        bytes += value.length;
      }
      for (size_t i = 0; i < files.count; i++) bytes += files.items[i].bytes.length;
      require(bytes <= body.length);
    }
    arena_free(arena);
  }
  return 0;
}
