/*
 * Vector code: the plain writing and the choice. See vector.h.
 */
#include "directory/vector.h"

#include <stdlib.h>
#include <string.h>

/* Digits of pi, so that nobody need wonder where they come from. */
const uint64_t vector_hash_start[HASH_LANES] = {
    0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89,
    0x452821E638D01377, 0xBE5466CF34E90C6C, 0xC0AC29B7C97C50DD, 0x3F84D5B5B5470917};
const uint64_t vector_hash_key[HASH_LANES] = {
    0x9216D5D98979FB1B, 0xD1310BA698DFB5AC, 0x2FFD72DBD01ADFB7, 0xB8E1AFED6A267E96,
    0xBA7C9045F12C7F99, 0x24A19947B3916CF7, 0x0801F2E2858EFC16, 0x636920D871574E69};
const uint64_t vector_hash_step[HASH_LANES] = {
    0xA458FEA3F4933D7E, 0x0D95748F728EB658, 0x718BCD5882154AEE, 0x7B54A41DC25A59B5,
    0x9C30D5392AF26013, 0xC5D1B023286085F0, 0xCA417918B8DB38EF, 0x8E79DCB0603A180E};

static uint64_t mix(uint64_t value)
{
  value ^= value >> 32;
  value *= 0xD6E8FEB86659FD93;
  value ^= value >> 32;
  value *= 0xD6E8FEB86659FD93;
  return value ^ value >> 32;
}

uint64_t vector_hash_finish(const uint64_t lanes[HASH_LANES], const unsigned char *rest,
                            size_t rest_length, size_t length)
{
  uint64_t hash = mix(length);
  for (size_t i = 0; i < HASH_LANES; i++) hash = mix(hash ^ lanes[i]);
  for (size_t i = 0; i < rest_length; i++) hash = (hash ^ rest[i]) * 0x100000001B3;
  return mix(hash);
}

static void hash_stripe(uint64_t lanes[HASH_LANES], uint64_t key[HASH_LANES],
                        const unsigned char *bytes)
{
  uint64_t words[HASH_LANES];
  memcpy(words, bytes, sizeof words);
  for (size_t i = 0; i < HASH_LANES; i++) {
    uint64_t keyed = words[i] ^ key[i];
    lanes[i] += (keyed & UINT32_MAX) * (keyed >> 32) + words[i ^ 1];
    key[i] += vector_hash_step[i];
  }
}

static uint64_t hash(const unsigned char *bytes, size_t length)
{
  uint64_t lanes[HASH_LANES], key[HASH_LANES];
  memcpy(lanes, vector_hash_start, sizeof lanes);
  memcpy(key, vector_hash_key, sizeof key);
  size_t at = 0;
  for (size_t stripe = 1; length - at >= HASH_STRIPE; at += HASH_STRIPE, stripe++) {
    hash_stripe(lanes, key, bytes + at);
    if (stripe % (HASH_ROUND / HASH_STRIPE) != 0) continue;
    for (size_t i = 0; i < HASH_LANES; i++) {
      lanes[i] ^= lanes[i] >> 47 ^ key[i];
      lanes[i] *= HASH_PRIME;
    }
  }
  return vector_hash_finish(lanes, bytes + at, length - at, length);
}

static float larger(float a, float b)
{
  return a > b ? a : b;
}

static void boxes(const float *sides, size_t count, const float point[3], float *nearest,
                  float *farthest)
{
  for (size_t b = 0; b < count; b++) {
    float near = 0, far = 0;
    for (size_t axis = 0; axis < 3; axis++) {
      float low = sides[axis * count + b] - point[axis];
      float high = point[axis] - sides[(axis + 3) * count + b];
      float outside = larger(larger(low, high), 0), across = larger(-low, -high);
      near += outside * outside;
      far += across * across;
    }
    nearest[b] = near;
    farthest[b] = far;
  }
}

static void chords(const float *vectors, const float point[3], float *squares)
{
  for (size_t row = 0; row < BLOCK_ROWS; row++) {
    float x = vectors[row] - point[0];
    float y = vectors[BLOCK_ROWS + row] - point[1];
    float z = vectors[2 * BLOCK_ROWS + row] - point[2];
    squares[row] = x * x + y * y + z * z;
  }
}

static void within(const float *vectors, const float point[3], float inner, float outer,
                   struct block_mask *inside, struct block_mask *perhaps)
{
  float squares[BLOCK_ROWS];
  chords(vectors, point, squares);
  for (size_t word = 0; word < BLOCK_WORDS; word++) {
    uint64_t in = 0, near = 0;
    for (size_t bit = 0; bit < 64; bit++) {
      float square = squares[word * 64 + bit];
      in |= (uint64_t)(square <= inner) << bit;
      near |= (uint64_t)(square <= outer) << bit;
    }
    inside->words[word] = in;
    perhaps->words[word] = near;
  }
}

static void facets(const struct block_mask *columns, size_t count, const struct block_mask *masks,
                   const uint8_t *which, struct block_mask *sums)
{
  for (size_t c = 0; c < count; c++) {
    const struct block_mask *mask = &masks[which[c]];
    for (size_t i = 0; i < BLOCK_WORDS; i++)
      sums[c].words[0] += (unsigned)__builtin_popcountll(columns[c].words[i] & mask->words[i]);
  }
}

static void row_facets(const struct row_bits *rows, const struct block_mask *mask,
                       const struct row_bits *chosen, struct row_counts *counts)
{
  for (size_t word = 0; word < BLOCK_WORDS; word++)
    for (uint64_t rest = mask->words[word]; rest; rest &= rest - 1) {
      const struct row_bits *row = &rows[word * 64 + (size_t)__builtin_ctzll(rest)];
      for (size_t half = 0; half < 2; half++)
        for (uint64_t bits = row->words[half] & chosen->words[half]; bits; bits &= bits - 1)
          counts->bytes[half * 64 + (size_t)__builtin_ctzll(bits)]++;
    }
}

const struct vector_code vector_plain = {.name = "plain",
                                         .hash = hash,
                                         .boxes = boxes,
                                         .chords = chords,
                                         .within = within,
                                         .facets = facets,
                                         .row_facets = row_facets,
                                         .sparse = 64};

const struct vector_code *vector_code_named(const char *name)
{
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vpopcntdq"))
    return &vector_avx512;
  if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") &&
      __builtin_cpu_supports("popcnt"))
    return &vector_avx2;
#endif
  return strcmp(name, "plain") == 0 ? &vector_plain : NULL;
}

const struct vector_code *vector_code(void)
{
  static const struct vector_code *chosen; /* every thread would choose the same */
  const struct vector_code *code = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
  if (code) return code;
  const char *asked = getenv("FAIRLEAD_VECTOR");
  if (asked) code = vector_code_named(asked);
  if (!code) code = vector_code_named("avx512");
  if (!code) code = vector_code_named("avx2");
  if (!code) code = &vector_plain;
  __atomic_store_n(&chosen, code, __ATOMIC_RELAXED);
  return code;
}
