/*
 * Vector code for AVX2. See vector.h; every function says the same as its plain twin.
 */
#include "directory/vector.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static __m256i load(const void *at)
{
  return _mm256_loadu_si256(at);
}

AVX2 static __m256i hash_words(__m256i lanes, __m256i words, __m256i key)
{
  __m256i keyed = _mm256_xor_si256(words, key);
  __m256i product = _mm256_mul_epu32(keyed, _mm256_srli_epi64(keyed, 32));
  __m256i swapped = _mm256_shuffle_epi32(words, _MM_SHUFFLE(1, 0, 3, 2));
  return _mm256_add_epi64(lanes, _mm256_add_epi64(product, swapped));
}

AVX2 static __m256i hash_scramble(__m256i lanes, __m256i key)
{
  const __m256i prime = _mm256_set1_epi64x(HASH_PRIME);
  __m256i mixed = _mm256_xor_si256(lanes, _mm256_xor_si256(_mm256_srli_epi64(lanes, 47), key));
  __m256i low = _mm256_mul_epu32(mixed, prime);
  __m256i high = _mm256_mul_epu32(_mm256_srli_epi64(mixed, 32), prime);
  return _mm256_add_epi64(low, _mm256_slli_epi64(high, 32));
}

AVX2 static uint64_t hash(const unsigned char *bytes, size_t length)
{
  __m256i lanes[2] = {load(vector_hash_start), load(vector_hash_start + 4)};
  __m256i key[2] = {load(vector_hash_key), load(vector_hash_key + 4)};
  const __m256i step[2] = {load(vector_hash_step), load(vector_hash_step + 4)};
  size_t at = 0;
  for (size_t stripe = 1; length - at >= HASH_STRIPE; at += HASH_STRIPE, stripe++) {
    for (size_t half = 0; half < 2; half++) {
      lanes[half] = hash_words(lanes[half], load(bytes + at + 32 * half), key[half]);
      key[half] = _mm256_add_epi64(key[half], step[half]);
    }
    if (stripe % (HASH_ROUND / HASH_STRIPE) != 0) continue;
    for (size_t half = 0; half < 2; half++) lanes[half] = hash_scramble(lanes[half], key[half]);
  }
  uint64_t stored[HASH_LANES];
  memcpy(stored, lanes, sizeof stored);
  return vector_hash_finish(stored, bytes + at, length - at, length);
}

AVX2 static void boxes(const float *sides, size_t count, const float point[3], float *nearest,
                       float *farthest)
{
  const __m256 zero = _mm256_setzero_ps();
  for (size_t b = 0; b < count; b += 8) {
    __m256 near = zero, far = zero;
    for (size_t axis = 0; axis < 3; axis++) {
      __m256 at = _mm256_set1_ps(point[axis]);
      __m256 low = _mm256_sub_ps(_mm256_loadu_ps(sides + axis * count + b), at);
      __m256 high = _mm256_sub_ps(at, _mm256_loadu_ps(sides + (axis + 3) * count + b));
      __m256 outside = _mm256_max_ps(_mm256_max_ps(low, high), zero);
      __m256 across = _mm256_min_ps(low, high);
      near = _mm256_add_ps(near, _mm256_mul_ps(outside, outside));
      far = _mm256_add_ps(far, _mm256_mul_ps(across, across));
    }
    _mm256_storeu_ps(nearest + b, near);
    _mm256_storeu_ps(farthest + b, far);
  }
}

AVX2 static __m256 square_at(const float *vectors, size_t row, const __m256 point[3])
{
  __m256 x = _mm256_sub_ps(_mm256_loadu_ps(vectors + row), point[0]);
  __m256 y = _mm256_sub_ps(_mm256_loadu_ps(vectors + BLOCK_ROWS + row), point[1]);
  __m256 z = _mm256_sub_ps(_mm256_loadu_ps(vectors + 2 * BLOCK_ROWS + row), point[2]);
  return _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(x, x), _mm256_mul_ps(y, y)),
                       _mm256_mul_ps(z, z));
}

AVX2 static void chords(const float *vectors, const float point[3], float *squares)
{
  const __m256 at[3] = {_mm256_set1_ps(point[0]), _mm256_set1_ps(point[1]),
                        _mm256_set1_ps(point[2])};
  for (size_t row = 0; row < BLOCK_ROWS; row += 8)
    _mm256_storeu_ps(squares + row, square_at(vectors, row, at));
}

AVX2 static void within(const float *vectors, const float point[3], float inner, float outer,
                        struct block_mask *inside, struct block_mask *perhaps)
{
  const __m256 at[3] = {_mm256_set1_ps(point[0]), _mm256_set1_ps(point[1]),
                        _mm256_set1_ps(point[2])};
  const __m256 inners = _mm256_set1_ps(inner), outers = _mm256_set1_ps(outer);
  for (size_t word = 0; word < BLOCK_WORDS; word++) {
    uint64_t in = 0, near = 0;
    for (size_t bit = 0; bit < 64; bit += 8) {
      __m256 square = square_at(vectors, word * 64 + bit, at);
      in |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_cmp_ps(square, inners, _CMP_LE_OQ))
            << bit;
      near |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_cmp_ps(square, outers, _CMP_LE_OQ))
              << bit;
    }
    inside->words[word] = in;
    perhaps->words[word] = near;
  }
}

/* Eight counts of 64 bits at once are quicker by POPCNT than by tables of nibbles. */
AVX2 static void facets(const struct block_mask *columns, size_t count,
                        const struct block_mask *masks, const uint8_t *which,
                        struct block_mask *sums)
{
  for (size_t c = 0; c < count; c++) {
    const uint64_t *mask = masks[which[c]].words, *column = columns[c].words;
    uint64_t shared = 0;
    for (size_t i = 0; i < BLOCK_WORDS; i++)
      shared += (uint64_t)_mm_popcnt_u64(column[i] & mask[i]);
    sums[c].words[0] += shared;
  }
}

/* Thirty-two bits, each as a byte of all ones. */
AVX2 static __m256i spread(uint32_t bits)
{
  const __m256i places =
      _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i each = _mm256_set1_epi64x((int64_t)0x8040201008040201);
  __m256i copies = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), places);
  return _mm256_cmpeq_epi8(_mm256_and_si256(copies, each), each);
}

AVX2 static void row_facets(const struct row_bits *rows, const struct block_mask *mask,
                            const struct row_bits *chosen, struct row_counts *counts)
{
  __m256i sums[4];
  memcpy(sums, counts->bytes, sizeof sums);
  for (size_t word = 0; word < BLOCK_WORDS; word++)
    for (uint64_t rest = mask->words[word]; rest; rest &= rest - 1) {
      const struct row_bits *row = &rows[word * 64 + (size_t)__builtin_ctzll(rest)];
      for (size_t half = 0; half < 2; half++) {
        uint64_t bits = row->words[half] & chosen->words[half];
        sums[2 * half] = _mm256_sub_epi8(sums[2 * half], spread((uint32_t)bits));
        sums[2 * half + 1] = _mm256_sub_epi8(sums[2 * half + 1], spread((uint32_t)(bits >> 32)));
      }
    }
  memcpy(counts->bytes, sums, sizeof sums);
}

const struct vector_code vector_avx2 = {.name = "avx2",
                                        .hash = hash,
                                        .boxes = boxes,
                                        .chords = chords,
                                        .within = within,
                                        .facets = facets,
                                        .row_facets = row_facets,
                                        .sparse = 64};
#endif
