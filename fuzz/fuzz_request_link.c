/*
 * Fuzz what reads a request's private link, and the document of who asks. A token that is read is
 * the only text of its bytes; any other gives bytes that it does not choose. A document that is
 * read comes back the same from what is written of it.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "admission/request_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
  if (!holds) abort();
}

static void read_token(struct text input)
{
  unsigned char token[REQUEST_TOKEN_BYTES], other[REQUEST_TOKEN_BYTES];
  char back[REQUEST_TOKEN + 1];
  bool is_token = request_token_read(input, token);
  if (is_token) {
    sodium_bin2base64(back, sizeof back, token, sizeof token,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    must(text_equal(text_from(back), input));
  }
  must(request_token_read(input, other) == is_token);
  must((memcmp(token, other, sizeof token) == 0) == is_token);
}

static void read_document(struct arena *arena, struct text input)
{
  struct request_identity identity, again;
  struct text written;
  struct error error = {0};
  if (!request_identity_read(arena, input, &identity, &error)) return;
  must(request_identity_write(arena, &identity, &written, &error) || error.kind == ERROR_TOO_LARGE);
  if (error.kind == ERROR_TOO_LARGE || written.length == 0) return;
  must(request_identity_read(arena, written, &again, &error));
  for (size_t i = 0; i < REQUEST_FIELDS; i++) must(text_equal(identity.at[i], again.at[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static bool is_ready;
  if (!is_ready) is_ready = sodium_init() >= 0;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text input = text_copy(arena, (struct text){(const char *)bytes, size});
  read_token(input);
  read_document(arena, input);
  arena_free(arena);
  return 0;
}
