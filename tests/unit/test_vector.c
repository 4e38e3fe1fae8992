/*
 * Vector code: every writing that this processor has says the same as the plain one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "directory/vector.h"

static const char *const names[] = {"plain", "avx2", "avx512"};
enum { NAMES = 3, COLUMNS = 7, BOXES = 48 };

static uint64_t chance(void)
{
  static uint64_t state = 1;
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static float chance_side(void)
{
  return (float)(chance() % 20001) / 10000 - 1;
}

static void test_checksums_agree(void **state)
{
  (void)state;
  static unsigned char bytes[70000];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)chance();
  for (size_t length = 0; length < sizeof bytes; length += 1 + length / 3)
    for (size_t i = 1; i < NAMES; i++) {
      const struct vector_code *code = vector_code_named(names[i]);
      if (code) assert_int_equal(code->hash(bytes, length), vector_plain.hash(bytes, length));
    }
}

static void test_checksum_sees_every_bit_and_place(void **state)
{
  (void)state;
  static unsigned char bytes[5000];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)chance();
  uint64_t whole = vector_plain.hash(bytes, sizeof bytes);
  for (size_t i = 0; i < sizeof bytes * 8; i++) {
    bytes[i / 8] ^= (unsigned char)(1u << (i % 8));
    assert_int_not_equal(vector_plain.hash(bytes, sizeof bytes), whole);
    bytes[i / 8] ^= (unsigned char)(1u << (i % 8));
  }
  unsigned char stripe[HASH_STRIPE];
  memcpy(stripe, bytes, sizeof stripe);
  memcpy(bytes, bytes + HASH_STRIPE, sizeof stripe);
  memcpy(bytes + HASH_STRIPE, stripe, sizeof stripe);
  assert_int_not_equal(vector_plain.hash(bytes, sizeof bytes), whole);
  assert_int_not_equal(vector_plain.hash(bytes, 0), vector_plain.hash(bytes, 1));
}

static void test_boxes_agree(void **state)
{
  (void)state;
  static _Alignas(64) float sides[BOX_SIDES * BOXES], near[2][BOXES], far[2][BOXES];
  const float point[3] = {0.25f, -0.5f, 0.75f};
  for (size_t box = 0; box < BOXES; box++)
    for (size_t axis = 0; axis < 3; axis++) {
      float a = chance_side(), b = chance_side();
      sides[axis * BOXES + box] = fminf(a, b);
      sides[(axis + 3) * BOXES + box] = fmaxf(a, b);
    }
  vector_plain.boxes(sides, BOXES, point, near[0], far[0]);
  for (size_t i = 1; i < NAMES; i++) {
    const struct vector_code *code = vector_code_named(names[i]);
    if (!code) continue;
    code->boxes(sides, BOXES, point, near[1], far[1]);
    for (size_t box = 0; box < BOXES; box++) {
      assert_true(fabsf(near[0][box] - near[1][box]) < 1e-5f);
      assert_true(fabsf(far[0][box] - far[1][box]) < 1e-5f);
      assert_true(near[0][box] <= far[0][box]);
    }
  }
}

static void test_chords_and_radius_agree(void **state)
{
  (void)state;
  static _Alignas(64) float vectors[3 * BLOCK_ROWS], squares[2][BLOCK_ROWS];
  const float point[3] = {0.1f, 0.2f, 0.3f}, inner = 0.9f, outer = 1.1f;
  for (size_t i = 0; i < 3 * BLOCK_ROWS; i++) vectors[i] = chance_side();
  vector_plain.chords(vectors, point, squares[0]);
  for (size_t i = 0; i < NAMES; i++) {
    const struct vector_code *code = vector_code_named(names[i]);
    if (!code) continue;
    struct block_mask inside, perhaps;
    code->chords(vectors, point, squares[1]);
    code->within(vectors, point, inner, outer, &inside, &perhaps);
    for (size_t row = 0; row < BLOCK_ROWS; row++) {
      float square = squares[0][row];
      assert_true(fabsf(square - squares[1][row]) < 1e-5f);
      bool is_inside = inside.words[row / 64] >> (row % 64) & 1;
      bool is_perhaps = perhaps.words[row / 64] >> (row % 64) & 1;
      if (fabsf(square - inner) > 1e-5f) assert_int_equal(is_inside, square < inner);
      if (fabsf(square - outer) > 1e-5f) assert_int_equal(is_perhaps, square < outer);
    }
  }
}

static void test_facets_agree(void **state)
{
  (void)state;
  static struct block_mask columns[COLUMNS], masks[3], sums[COLUMNS];
  static const uint8_t which[COLUMNS] = {0, 1, 2, 1, 0, 2, 2};
  for (size_t c = 0; c < COLUMNS; c++)
    for (size_t i = 0; i < BLOCK_WORDS; i++) columns[c].words[i] = chance();
  for (size_t m = 0; m < 3; m++)
    for (size_t i = 0; i < BLOCK_WORDS; i++) masks[m].words[i] = chance() & chance();
  for (size_t n = 0; n < NAMES; n++) {
    const struct vector_code *code = vector_code_named(names[n]);
    if (!code) continue;
    memset(sums, 0, sizeof sums);
    for (int twice = 0; twice < 2; twice++) code->facets(columns, COLUMNS, masks, which, sums);
    for (size_t c = 0; c < COLUMNS; c++) {
      uint64_t expected = 0, given = 0;
      for (size_t row = 0; row < BLOCK_ROWS; row++)
        expected += columns[c].words[row / 64] >> (row % 64) &
                    masks[which[c]].words[row / 64] >> (row % 64) & 1;
      for (size_t i = 0; i < BLOCK_WORDS; i++) given += sums[c].words[i];
      assert_int_equal(given, 2 * expected);
    }
  }
}

static void test_row_facets_agree(void **state)
{
  (void)state;
  static struct row_bits rows[BLOCK_ROWS];
  const struct row_bits chosen = {{chance(), chance()}};
  struct block_mask mask = {{0}};
  for (size_t i = 0; i < BLOCK_ROWS; i++) rows[i] = (struct row_bits){{chance(), chance()}};
  for (size_t i = 0; i < BLOCK_WORDS; i++) mask.words[i] = chance() & chance() & chance();
  for (size_t n = 0; n < NAMES; n++) {
    const struct vector_code *code = vector_code_named(names[n]);
    if (!code) continue;
    struct row_counts counts = {{0}, 0};
    for (int twice = 0; twice < 2; twice++) code->row_facets(rows, &mask, &chosen, &counts);
    for (size_t c = 0; c < ROW_COLUMNS; c++) {
      uint64_t expected = 0;
      for (size_t row = 0; row < BLOCK_ROWS; row++)
        expected += mask.words[row / 64] >> (row % 64) & rows[row].words[c / 64] >> (c % 64) &
                    chosen.words[c / 64] >> (c % 64) & 1;
      assert_int_equal(counts.bytes[c], 2 * expected);
    }
  }
}

static void test_rows_of_a_mask_are_counted(void **state)
{
  (void)state;
  struct block_mask mask = {0};
  assert_int_equal(mask_count(&mask), 0);
  for (unsigned count = 1; count <= BLOCK_ROWS; count++) {
    unsigned row = count * 5 % BLOCK_ROWS; /* each once, far from in order */
    mask.words[row / 64] |= (uint64_t)1 << (row % 64);
    assert_int_equal(mask_count(&mask), count);
  }
}

static void test_choice(void **state)
{
  (void)state;
  assert_null(vector_code_named("abacus"));
  assert_non_null(vector_code_named("plain"));
  assert_ptr_equal(vector_code(), vector_code());
  assert_ptr_equal(vector_code_named(vector_code()->name), vector_code());
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_checksums_agree),
      cmocka_unit_test(test_checksum_sees_every_bit_and_place),
      cmocka_unit_test(test_boxes_agree),
      cmocka_unit_test(test_chords_and_radius_agree),
      cmocka_unit_test(test_facets_agree),
      cmocka_unit_test(test_row_facets_agree),
      cmocka_unit_test(test_rows_of_a_mask_are_counted),
      cmocka_unit_test(test_choice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
