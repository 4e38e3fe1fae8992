/*
 * An address for a message, as somebody typed it: refused, or one word that no mail server and no
 * gateway can take for more than an address, and that is read again as itself.
 */
#include <stdlib.h>
#include <string.h>

#include "privacy/outbox_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds) abort();
}

static void read_one(struct arena *arena, enum outbox_channel channel, struct text given)
{
  struct text out, again;
  if (!outbox_address_read(arena, channel, given, &out)) return;
  require(out.length > 0 && out.length <= LIMIT_OUTBOX_ADDRESS);
  for (size_t i = 0; i < out.length; i++) {
    unsigned char c = (unsigned char)out.at[i];
    require(c > ' ' && c < 0x7F && !strchr("<>()[]\\,;:\"", c));
    if (channel == OUTBOX_TEXT) require(i == 0 ? c == '+' : c >= '0' && c <= '9');
  }
  if (channel == OUTBOX_TEXT) require(out.length >= 9 && out.length <= 16);
  else require(text_contains(out, TEXT("@")));
  require(outbox_address_read(arena, channel, out, &again) && text_equal(out, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  if (size > 4096) return 0;
  struct arena *arena = arena_new(1 << 20);
  struct text given = {size ? (const char *)data : nothing, size};
  read_one(arena, OUTBOX_EMAIL, given);
  read_one(arena, OUTBOX_TEXT, given);
  arena_free(arena);
  return 0;
}
