/*
 * Vector code for AVX-512 (F, BW, VPOPCNTDQ). See vector.h; every function says the same as its
 * plain twin.
 */
#include "directory/vector.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vpopcntdq")))

AVX512 static uint64_t hash(const unsigned char *bytes, size_t length)
{
  __m512i lanes = _mm512_loadu_si512(vector_hash_start);
  __m512i key = _mm512_loadu_si512(vector_hash_key);
  const __m512i step = _mm512_loadu_si512(vector_hash_step);
  const __m512i prime = _mm512_set1_epi64(HASH_PRIME);
  size_t at = 0;
  for (size_t stripe = 1; length - at >= HASH_STRIPE; at += HASH_STRIPE, stripe++) {
    __m512i words = _mm512_loadu_si512(bytes + at);
    __m512i keyed = _mm512_xor_si512(words, key);
    __m512i product = _mm512_mul_epu32(keyed, _mm512_srli_epi64(keyed, 32));
    __m512i swapped = _mm512_shuffle_epi32(words, _MM_PERM_BADC);
    lanes = _mm512_add_epi64(lanes, _mm512_add_epi64(product, swapped));
    key = _mm512_add_epi64(key, step);
    if (stripe % (HASH_ROUND / HASH_STRIPE) != 0) continue;
    lanes = _mm512_xor_si512(lanes, _mm512_xor_si512(_mm512_srli_epi64(lanes, 47), key));
    __m512i high = _mm512_mul_epu32(_mm512_srli_epi64(lanes, 32), prime);
    lanes = _mm512_add_epi64(_mm512_mul_epu32(lanes, prime), _mm512_slli_epi64(high, 32));
  }
  uint64_t stored[HASH_LANES];
  memcpy(stored, &lanes, sizeof stored);
  return vector_hash_finish(stored, bytes + at, length - at, length);
}

AVX512 static void boxes(const float *sides, size_t count, const float point[3], float *nearest,
                         float *farthest)
{
  const __m512 zero = _mm512_setzero_ps();
  for (size_t b = 0; b < count; b += 16) {
    __m512 near = zero, far = zero;
    for (size_t axis = 0; axis < 3; axis++) {
      __m512 at = _mm512_set1_ps(point[axis]);
      __m512 low = _mm512_sub_ps(_mm512_loadu_ps(sides + axis * count + b), at);
      __m512 high = _mm512_sub_ps(at, _mm512_loadu_ps(sides + (axis + 3) * count + b));
      __m512 outside = _mm512_max_ps(_mm512_max_ps(low, high), zero);
      __m512 across = _mm512_min_ps(low, high);
      near = _mm512_add_ps(near, _mm512_mul_ps(outside, outside));
      far = _mm512_add_ps(far, _mm512_mul_ps(across, across));
    }
    _mm512_storeu_ps(nearest + b, near);
    _mm512_storeu_ps(farthest + b, far);
  }
}

AVX512 static __m512 square_at(const float *vectors, size_t row, const __m512 point[3])
{
  __m512 x = _mm512_sub_ps(_mm512_loadu_ps(vectors + row), point[0]);
  __m512 y = _mm512_sub_ps(_mm512_loadu_ps(vectors + BLOCK_ROWS + row), point[1]);
  __m512 z = _mm512_sub_ps(_mm512_loadu_ps(vectors + 2 * BLOCK_ROWS + row), point[2]);
  return _mm512_add_ps(_mm512_add_ps(_mm512_mul_ps(x, x), _mm512_mul_ps(y, y)),
                       _mm512_mul_ps(z, z));
}

AVX512 static void chords(const float *vectors, const float point[3], float *squares)
{
  const __m512 at[3] = {_mm512_set1_ps(point[0]), _mm512_set1_ps(point[1]),
                        _mm512_set1_ps(point[2])};
  for (size_t row = 0; row < BLOCK_ROWS; row += 16)
    _mm512_storeu_ps(squares + row, square_at(vectors, row, at));
}

AVX512 static void within(const float *vectors, const float point[3], float inner, float outer,
                          struct block_mask *inside, struct block_mask *perhaps)
{
  const __m512 at[3] = {_mm512_set1_ps(point[0]), _mm512_set1_ps(point[1]),
                        _mm512_set1_ps(point[2])};
  const __m512 inners = _mm512_set1_ps(inner), outers = _mm512_set1_ps(outer);
  for (size_t word = 0; word < BLOCK_WORDS; word++) {
    uint64_t in = 0, near = 0;
    for (size_t bit = 0; bit < 64; bit += 16) {
      __m512 square = square_at(vectors, word * 64 + bit, at);
      in |= (uint64_t)_mm512_cmp_ps_mask(square, inners, _CMP_LE_OQ) << bit;
      near |= (uint64_t)_mm512_cmp_ps_mask(square, outers, _CMP_LE_OQ) << bit;
    }
    inside->words[word] = in;
    perhaps->words[word] = near;
  }
}

AVX512 static void facets(const struct block_mask *columns, size_t count,
                          const struct block_mask *masks, const uint8_t *which,
                          struct block_mask *sums)
{
  for (size_t c = 0; c < count; c++) {
    __m512i shared =
        _mm512_and_si512(_mm512_load_si512(&columns[c]), _mm512_load_si512(&masks[which[c]]));
    __m512i sum = _mm512_load_si512(&sums[c]);
    _mm512_store_si512(&sums[c], _mm512_add_epi64(sum, _mm512_popcnt_epi64(shared)));
  }
}

AVX512 static void row_facets(const struct row_bits *rows, const struct block_mask *mask,
                              const struct row_bits *chosen, struct row_counts *counts)
{
  const __m512i one = _mm512_set1_epi8(1);
  __m512i low = _mm512_load_si512(counts->bytes), high = _mm512_load_si512(counts->bytes + 64);
  for (size_t word = 0; word < BLOCK_WORDS; word++)
    for (uint64_t rest = mask->words[word]; rest; rest &= rest - 1) {
      const struct row_bits *row = &rows[word * 64 + (size_t)__builtin_ctzll(rest)];
      low = _mm512_mask_add_epi8(low, row->words[0] & chosen->words[0], low, one);
      high = _mm512_mask_add_epi8(high, row->words[1] & chosen->words[1], high, one);
    }
  _mm512_store_si512(counts->bytes, low);
  _mm512_store_si512(counts->bytes + 64, high);
}

const struct vector_code vector_avx512 = {.name = "avx512",
                                          .hash = hash,
                                          .boxes = boxes,
                                          .chords = chords,
                                          .within = within,
                                          .facets = facets,
                                          .row_facets = row_facets,
                                          .sparse = 48};
#endif
