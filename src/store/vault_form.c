/*
 * The form of sealed bytes, fields and wrapped keys alike: see vault_private.h. It knows keys as
 * bytes and nothing of where they are kept.
 *
 *   version 1 | mark of the key 8 | nonce 24 | XChaCha20-Poly1305(bytes padded to 16) | tag 16
 *
 * Authenticated with it: version, mark, kind, program, person, purpose, each behind its length in
 * four bytes, so that no two places have the same. Padding (ISO/IEC 7816-4) hides how long a short
 * name is. The nonce is random: 192 bits need no count. Pure but for the nonce. Any thread.
 */
#include <assert.h>
#include <string.h>

#include "store/vault_private.h"

enum {
  VERSION = 1,
  BLOCK = 16,
  HEAD = 1 + VAULT_MARK + VAULT_NONCE,
  PARTS = 4 /* kind, program, person, purpose */
};

static unsigned char *put(unsigned char *at, struct text part)
{
  uint32_t length = (uint32_t)part.length;
  for (int i = 0; i < 4; i++) *at++ = (unsigned char)(length >> (24 - 8 * i));
  memcpy(at, text_start(part), part.length);
  return at + part.length;
}

struct text vault_beside(struct arena *arena, const char *kind, struct vault_subject subject,
                         const char *purpose, const unsigned char mark[VAULT_MARK])
{
  const struct text parts[PARTS] = {text_from(kind), subject.program_id, subject.person_id,
                                    text_from(purpose)};
  size_t size = 1 + VAULT_MARK;
  for (size_t i = 0; i < PARTS; i++) {
    assert(parts[i].length <= UINT32_MAX);
    size += 4 + parts[i].length;
  }
  unsigned char *bytes = arena_allocate(arena, size), *at = bytes;
  *at++ = VERSION;
  memcpy(at, mark, VAULT_MARK);
  at += VAULT_MARK;
  for (size_t i = 0; i < PARTS; i++) at = put(at, parts[i]);
  return (struct text){(const char *)bytes, size};
}

void vault_mark(const unsigned char key[VAULT_KEY], unsigned char out[VAULT_MARK])
{
  static const char what[] = "fairlead vault key mark";
  unsigned char hash[crypto_generichash_BYTES_MIN];
  crypto_generichash(hash, sizeof hash, (const unsigned char *)what, sizeof what - 1, key,
                     VAULT_KEY);
  memcpy(out, hash, VAULT_MARK);
}

struct text vault_box(struct arena *arena, const unsigned char key[VAULT_KEY], const char *kind,
                      struct vault_subject subject, const char *purpose, struct text plain)
{
  size_t padded = plain.length / BLOCK * BLOCK + BLOCK, size = HEAD + padded + VAULT_TAG;
  unsigned char *box = arena_allocate(arena, size), *mark = box + 1, *nonce = mark + VAULT_MARK;
  unsigned char *body = nonce + VAULT_NONCE; /* zeroed */
  box[0] = VERSION;
  vault_mark(key, mark);
  randombytes_buf(nonce, VAULT_NONCE);
  memcpy(body, text_start(plain), plain.length);
  body[plain.length] = 0x80;
  struct text beside = vault_beside(arena, kind, subject, purpose, mark);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      body, NULL, body, padded, (const unsigned char *)beside.at, beside.length, NULL, nonce, key);
  return (struct text){(const char *)box, size};
}

bool vault_box_mark(struct text box, unsigned char out[VAULT_MARK])
{
  if (box.length < HEAD + BLOCK + VAULT_TAG || box.at[0] != VERSION) return false;
  memcpy(out, box.at + 1, VAULT_MARK);
  return true;
}

bool vault_unbox(struct arena *arena, const unsigned char key[VAULT_KEY], const char *kind,
                 struct vault_subject subject, const char *purpose, struct text box,
                 struct text *out, const char **wrong)
{
  unsigned char mark[VAULT_MARK], ours[VAULT_MARK];
  *wrong = "cut, or of an unknown version";
  if (!vault_box_mark(box, mark)) return false;
  vault_mark(key, ours);
  *wrong = "sealed by another key";
  if (memcmp(mark, ours, VAULT_MARK) != 0) return false;
  *wrong = "changed, or not of this place";
  size_t sealed = box.length - HEAD, length;
  unsigned char *plain = arena_allocate(arena, sealed);
  const unsigned char *nonce = (const unsigned char *)box.at + 1 + VAULT_MARK;
  struct text beside = vault_beside(arena, kind, subject, purpose, mark);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, nonce + VAULT_NONCE, sealed,
                                                 (const unsigned char *)beside.at, beside.length,
                                                 nonce, key) != 0 ||
      sodium_unpad(&length, plain, sealed - VAULT_TAG, BLOCK) != 0)
    return false;
  plain[length] = 0; /* the padding's first byte: text ends with NUL for C interfaces */
  *out = (struct text){(const char *)plain, length};
  return true;
}
