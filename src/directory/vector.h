/*
 * Vector code: the inner loops of search, in three writings that give the same answers (plain C,
 * AVX2, AVX-512), chosen once by what the processor can do. $FAIRLEAD_VECTOR (plain, avx2, avx512)
 * asks for a lesser one, for tests and measurements. Pure functions; any thread.
 *
 * A block is BLOCK_ROWS rows. A mask has one bit for each row of a block: row r is bit r % 64 of
 * word r / 64. Masks, columns and floats that are handed in are aligned to 64 bytes.
 * A place on the globe is a unit vector of three floats; nearness is the square of the chord.
 * Squares may differ in their last bits between the writings: whoever asks leaves room for that.
 */
#ifndef FAIRLEAD_DIRECTORY_VECTOR_H
#define FAIRLEAD_DIRECTORY_VECTOR_H

#include <stddef.h>
#include <stdint.h>

enum {
  BLOCK_ROWS = 512,
  BLOCK_WORDS = BLOCK_ROWS / 64,
  VECTOR_FLOATS = 16, /* arrays of boxes are padded to a multiple of this */
  HASH_LANES = 8
};

struct block_mask {
  _Alignas(64) uint64_t words[BLOCK_WORDS];
};

/* Bounds of a block's unit vectors, one array for each side: low x, y, z, high x, y, z. */
enum { BOX_SIDES = 6 };

/* What a row has, one bit for each of 128 columns; and a count for each. */
struct row_bits {
  uint64_t words[2];
};
enum { ROW_COLUMNS = 128, ROW_COUNTS_FULL = 255 };
struct row_counts {
  _Alignas(64) uint8_t bytes[ROW_COLUMNS];
  unsigned rows; /* counted since the last flush */
};

struct vector_code {
  const char *name;
  /* A 64-bit checksum, against damage and not against forgery. */
  uint64_t (*hash)(const unsigned char *bytes, size_t length);
  /* Squared chords from `point` to the nearest and the farthest that each of `count` boxes may
   * hold; `count` is a multiple of VECTOR_FLOATS, side s of box b is boxes[s * count + b]. */
  void (*boxes)(const float *boxes, size_t count, const float point[3], float *nearest,
                float *farthest);
  /* Squared chords from `point` to the rows of a block: x, y, z of 512 rows one after another. */
  void (*chords)(const float *vectors, const float point[3], float *squares);
  /* The same, told as masks: at most `inner`; at most `outer`. */
  void (*within)(const float *vectors, const float point[3], float inner, float outer,
                 struct block_mask *inside, struct block_mask *perhaps);
  /* For each of `count` columns c: how many rows it shares with masks[which[c]], added to the
   * lanes of sums[c] in any way that gives the right sum of the eight. */
  void (*facets)(const struct block_mask *columns, size_t count, const struct block_mask *masks,
                 const uint8_t *which, struct block_mask *sums);
  /* The same for few rows, one row at a time: for each row of `mask`, the bits of the row that
   * are among `chosen` are counted. At most ROW_COUNTS_FULL rows between two flushes. */
  void (*row_facets)(const struct row_bits *rows, const struct block_mask *mask,
                     const struct row_bits *chosen, struct row_counts *counts);
  unsigned sparse; /* up to so many rows of a block, counting rows beats counting columns */
};

/* The best that this processor and $FAIRLEAD_VECTOR allow; the same at every call. */
const struct vector_code *vector_code(void);
/* A writing by name, or NULL when there is none such here. */
const struct vector_code *vector_code_named(const char *name);

extern const struct vector_code vector_plain;
#if defined(__x86_64__)
extern const struct vector_code vector_avx2;
extern const struct vector_code vector_avx512;
#endif

/* --- What the three writings of the checksum share ------------------------------------------ */

extern const uint64_t vector_hash_start[HASH_LANES], vector_hash_key[HASH_LANES],
    vector_hash_step[HASH_LANES];
enum { HASH_STRIPE = 8 * HASH_LANES, HASH_ROUND = 16 * HASH_STRIPE };
#define HASH_PRIME 0x9E3779B1u
/* Add the last bytes, fewer than HASH_STRIPE, and the length; fold the lanes. */
uint64_t vector_hash_finish(const uint64_t lanes[HASH_LANES], const unsigned char *rest,
                            size_t rest_length, size_t length);

/* Byte by byte side by side, and these added up at last: processors that cannot count bits by
 * themselves run this too, and a call for each word is slower. */
static inline unsigned mask_count(const struct block_mask *mask)
{
  uint64_t sums = 0; /* eight counts, each at most 64 */
  for (size_t i = 0; i < BLOCK_WORDS; i++) {
    uint64_t word = mask->words[i];
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    sums += (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
  }
  sums = (sums & 0x00FF00FF00FF00FFu) + (sums >> 8 & 0x00FF00FF00FF00FFu);
  return (unsigned)(sums * 0x0001000100010001u >> 48);
}

#endif
