/*
 * UUIDs by name and new ones: see uuid.h. SHA-1 after RFC 3174 section 6.1.
 */
#include "base/uuid.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { BLOCK = 64 };

static uint32_t rotate(uint32_t word, unsigned by)
{
  return word << by | word >> (32 - by);
}

/* One of the four stages of 20 steps: its function of b, c, d and its constant. */
static uint32_t stage(unsigned step, uint32_t b, uint32_t c, uint32_t d)
{
  switch (step / 20) {
  case 0:
    return ((b & c) | (~b & d)) + 0x5A827999u;
  case 1:
    return (b ^ c ^ d) + 0x6ED9EBA1u;
  case 2:
    return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCu;
  default:
    return (b ^ c ^ d) + 0xCA62C1D6u;
  }
}

static void add_block(uint32_t state[5], const unsigned char block[BLOCK])
{
  uint32_t words[80];
  for (unsigned i = 0; i < 16; i++)
    words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | (uint32_t)block[4 * i + 3];
  for (unsigned i = 16; i < 80; i++)
    words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (unsigned i = 0; i < 80; i++) {
    uint32_t next = rotate(a, 5) + stage(i, b, c, d) + e + words[i];
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

void sha1_digest(struct text bytes, unsigned char out[SHA1_BYTES])
{
  uint32_t state[5] = {0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u, 0xC3D2E1F0u};
  size_t whole = bytes.length / BLOCK * BLOCK, rest = bytes.length - whole;
  for (size_t at = 0; at < whole; at += BLOCK)
    add_block(state, (const unsigned char *)bytes.at + at);
  unsigned char last[2 * BLOCK] = {0};
  if (rest) memcpy(last, bytes.at + whole, rest);
  last[rest] = 0x80;
  size_t size = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
  uint64_t bits = (uint64_t)bytes.length * 8;
  for (unsigned i = 0; i < 8; i++) last[size - 1 - i] = (unsigned char)(bits >> (8 * i));
  for (size_t at = 0; at < size; at += BLOCK) add_block(state, last + at);
  for (unsigned i = 0; i < SHA1_BYTES; i++)
    out[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

/* Write 8-4-4-4-12. */
static void write_text(const unsigned char bytes[UUID_BYTES], char out[UUID_TEXT + 1])
{
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0, at = 0; i < UUID_BYTES; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out[at++] = '-';
    out[at++] = digits[bytes[i] >> 4];
    out[at++] = digits[bytes[i] & 0x0F];
  }
  out[UUID_TEXT] = 0;
}

void uuid_from_name(const unsigned char name_space[UUID_BYTES], struct text name,
                    char out[UUID_TEXT + 1])
{
  size_t size = UUID_BYTES + name.length;
  unsigned char *bytes = memory_allocate(size), hash[SHA1_BYTES];
  memcpy(bytes, name_space, UUID_BYTES);
  if (name.length) memcpy(bytes + UUID_BYTES, name.at, name.length);
  sha1_digest((struct text){(const char *)bytes, size}, hash);
  free(bytes);
  hash[6] = (unsigned char)((hash[6] & 0x0F) | 0x50);
  hash[8] = (unsigned char)((hash[8] & 0x3F) | 0x80);
  write_text(hash, out);
}

void uuid_new(int64_t now, char out[UUID_TEXT + 1])
{
  unsigned char bytes[UUID_BYTES];
  assert(now >= 0);
  int ready = sodium_init();
  assert(ready >= 0);
  (void)ready;
  randombytes_buf(bytes, sizeof bytes);
  int64_t milliseconds = now / 1000;
  unsigned fraction = (unsigned)(now % 1000 * 4096 / 1000);
  for (int i = 0; i < 6; i++) bytes[i] = (unsigned char)(milliseconds >> (40 - 8 * i) & 0xFF);
  bytes[6] = (unsigned char)(0x70 | fraction >> 8);
  bytes[7] = (unsigned char)(fraction & 0xFF);
  bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
  write_text(bytes, out);
}

bool uuid_is_valid(struct text t)
{
  if (t.length != UUID_TEXT) return false;
  for (size_t i = 0; i < UUID_TEXT; i++) {
    char c = t.at[i];
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !digit) return false;
  }
  return true;
}
