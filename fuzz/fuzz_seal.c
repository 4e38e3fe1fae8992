/*
 * Fuzz what opens seals and reads key files. The input as it stands is no seal of ours (or it is a
 * seed: then it opens to what it held); sealed by us it opens to itself, and to nothing once a bit
 * of it is turned. As a key file it is refused, or it opens what it sealed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const int64_t now = 1790000000LL * 1000 * 1000;

static void must(bool holds)
{
  if (!holds) abort();
}

/* Seal with this key, open again, turn a bit, open no more. */
static void there_and_back(struct arena *arena, const struct seal_key *key, struct text plain)
{
  struct seal seal;
  struct text sealed = seal_write(arena, key, TEXT("carry"), plain, now, 60);
  must(sealed.length == seal_length(plain.length));
  must(seal_read(arena, key, TEXT("carry"), sealed, now, &seal, NULL));
  must(text_equal(seal.bytes, plain) && seal.issued == now);
  must(!seal_read(arena, key, TEXT("interview"), sealed, now, &seal, NULL));
  must(!seal_read(arena, key, TEXT("carry"), sealed, seal.expires, &seal, NULL));
  char *turned = text_c(arena, sealed);
  size_t at = (plain.length ? (unsigned char)plain.at[0] : 0u) % sealed.length;
  turned[at] ^= 1;
  must(!seal_read(arena, key, TEXT("carry"), text_from(turned), now, &seal, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static struct seal_key *known;
  struct error error = {0};
  if (!known)
    must(seal_key_read(&known,
                       TEXT("07 808182838485868788898a8b8c8d8e8f"
                            "909192939495969798999a9b9c9d9e9f\n"),
                       &error));
  if (size > 4096) return 0;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text input = {(const char *)bytes, size};
  struct seal seal;
  if (seal_read(arena, known, TEXT("interview"), input, now, &seal, &error))
    must(text_is_utf8(seal.bytes) && seal_length(seal.bytes.length) == input.length);
  else must(error.kind == ERROR_REFUSED);
  there_and_back(arena, known, input);
  struct seal_key *key;
  if (seal_key_read(&key, input, &error)) {
    there_and_back(arena, key, TEXT("under a key of its own"));
    seal_key_free(key);
  }
  arena_free(arena);
  return 0;
}
