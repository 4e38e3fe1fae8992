/*
 * Cells and components, on small tables whose partition is plain to see.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "care_table.h"

static void assert_cell(const struct fact_cells *cells, size_t index, double low, bool low_open,
                        double high, bool high_open)
{
  const struct fact_cell *cell = &cells->cells[index];
  if (cell->low != low || cell->high != high || cell->low_open != low_open ||
      cell->high_open != high_open)
    fail_msg("cell %zu: from %g (%d) to %g (%d)", index, cell->low, cell->low_open, cell->high,
             cell->high_open);
  if (!low_open) assert_int_equal(fact_cell_find(cells, low), index);
  if (!high_open) assert_int_equal(fact_cell_find(cells, high), index);
  assert_int_equal(fact_cell_find(cells, cell->sample), index);
  if (low < high) assert_int_equal(fact_cell_find(cells, low + (high - low) / 2), index);
}

/* Each comparison cuts before its number or behind it; what lies at the ends cuts nothing. */
static void components_test_cells_of_a_number(void **state)
{
  (void)state;
  struct small_table small = {
      .facts = SMALL_NUMBER("n", "number", "0..10", "higher"),
      .rules = SMALL_RULE("C1", "1A", "n >= 3 or n > 5 or n <= 7 or n < 8", "at least 2.1")
          SMALL_RULE("C2", "1A", "n = 9 or n >= 3 or n >= 0 or n > 10 or n <= 10", "at least 3.1")};
  small_open(&small);
  const struct fact_cells *cells = &table->cells[fact_of("n")];
  assert_int_equal(cells->count, 7);
  assert_cell(cells, 0, 0, false, 3, true);
  assert_cell(cells, 1, 3, false, 5, false);
  assert_cell(cells, 2, 5, true, 7, false);
  assert_cell(cells, 3, 7, true, 8, true); /* no whole number: 7.5 stands for it */
  assert_cell(cells, 4, 8, false, 9, true);
  assert_cell(cells, 5, 9, false, 9, false);
  assert_cell(cells, 6, 9, true, 10, false);
  assert_true(cells->cells[3].sample == 7.5);
  const struct fact *fact = facts_get(table, fact_of("n"));
  assert_true(fact_cell_nearest(fact, &cells->cells[3], 2) == 7.5);
  assert_true(fact_cell_nearest(fact, &cells->cells[2], 2) == 6);
  assert_true(fact_cell_nearest(fact, &cells->cells[1], 9.5) == 5);
  assert_true(fact_cell_nearest(fact, &cells->cells[1], NAN) == 3);
  assert_true(fact_cell_nearest(fact, &cells->cells[0], 9.5) == 2);
  small_close();
}

static void components_test_cells_of_a_whole_number(void **state)
{
  (void)state;
  struct small_table small = {
      .facts = SMALL_NUMBER("n", "integer", "0..10", "lower"),
      .rules = SMALL_RULE("C1", "1A", "n > 2 or n <= 2 or n >= 3 or n = 6 or n > 10 or n = 0",
                          "at least 2.1")};
  small_open(&small);
  const struct fact_cells *cells = &table->cells[fact_of("n")];
  assert_int_equal(cells->count, 5);
  assert_cell(cells, 0, 0, false, 0, false);
  assert_cell(cells, 1, 1, false, 2, false);
  assert_cell(cells, 2, 3, false, 5, false);
  assert_cell(cells, 3, 6, false, 6, false);
  assert_cell(cells, 4, 7, false, 10, false);
  /* Lower is worse, so the best of an unknown number's cell is its greatest. */
  assert_true(fact_cell_nearest(facts_get(table, fact_of("n")), &cells->cells[2], NAN) == 5);
  small_close();
}

/* What is usual is best, so an unknown number lies as near to it as the cell allows. */
static void components_test_cells_outside(void **state)
{
  (void)state;
  struct small_table small = {.facts = SMALL_NUMBER("n", "number", "0..30", "outside 12..20")
                                  SMALL_NUMBER("unused", "number", "0..30", "outside 12..20"),
                              .rules = SMALL_RULE("C1", "1A", "n <= 8 or n >= 25", "at least 2.1")};
  small_open(&small);
  const struct fact_cells *cells = &table->cells[fact_of("n")];
  const struct fact *fact = facts_get(table, fact_of("n"));
  static const double best[] = {8, 11, 12, 21, 25};
  assert_int_equal(cells->count, 5);
  for (size_t i = 0; i < 5; i++)
    assert_true(fact_cell_nearest(fact, &cells->cells[i], NAN) == best[i]);
  assert_int_equal(table->cells[fact_of("unused")].count, 1);
  assert_int_equal(table->cells[fact_of("unused")].component, COMPONENT_NONE);
  small_close();
}

/* A word that no rule names shares a cell with the others; the nearest is that of nearest rank. */
static void components_test_cells_of_words(void **state)
{
  (void)state;
  struct small_table small = {.facts = SMALL_WORD("w", "a b c d", "d < c < b < a")
                                  SMALL_YES_NO("y", "yes"),
                              .rules = SMALL_RULE("C1", "1A", "w is b and y", "at least 2.1")};
  small_open(&small);
  const struct fact_cells *cells = &table->cells[fact_of("w")];
  const struct fact *fact = facts_get(table, fact_of("w"));
  assert_int_equal(cells->count, 2);
  assert_int_equal(cells->cells[0].words, 1 << 0 | 1 << 2 | 1 << 3);
  assert_int_equal(cells->cells[1].words, 1 << 1);
  for (size_t word = 0; word < 4; word++)
    assert_int_equal(fact_cell_find(cells, (double)word), word == 1);
  assert_true(fact_cell_nearest(fact, &cells->cells[0], 1) == 0); /* a and c are as near */
  assert_true(fact_cell_nearest(fact, &cells->cells[0], NAN) == 3);
  assert_true(fact_cell_nearest(fact, &cells->cells[1], 3) == 1);
  assert_int_equal(table->cells[fact_of("y")].count, 2);
  small_close();
}

/* Facts hang together by a rule, a suspension or a contradiction, and by no note. */
static void components_test_components(void **state)
{
  (void)state;
  struct small_table small = {.facts = SMALL_YES_NO("a", "yes") SMALL_YES_NO("b", "yes")
                                  SMALL_YES_NO("c", "yes") SMALL_YES_NO("d", "yes")
                                      SMALL_YES_NO("e", "yes"),
                              .contradictions = "| X1 | not c and d | r | s |\n",
                              .rules = SMALL_RULE("C1", "1A", "a", "at least 3.1")
                                  SMALL_RULE("C2", "1A", "b", "suspend C1, at least 2.1")
                                      SMALL_SIGNED("C3", "1A", "d", "at least 2.1")
                                          SMALL_RULE("C4", "1A", "a and e", "note")};
  small_open(&small);
  assert_int_equal(table->component_count, 4); /* stop, young, a with b, c with d */
  assert_int_equal(table->cells[fact_of("e")].component, COMPONENT_NONE);
  const struct component *suspended = &table->components[table->cells[fact_of("a")].component];
  assert_int_equal(suspended->fact_count, 2);
  assert_int_equal(suspended->combinations, 4);
  static const uint64_t levels[] = {0, 1 << 2, 1 << 1, 1 << 1}; /* of a and b */
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(suspended->masks[i], levels[i]);
    assert_int_equal(suspended->signed_masks[i], 0);
  }
  const struct component *tied = &table->components[table->cells[fact_of("c")].component];
  assert_int_equal(tied->combinations, 4);
  assert_int_equal(tied->signed_masks[3], 1 << 1);
  assert_true(tied->masks[2] == MASK_EXCLUDED); /* d without c */
  assert_int_equal(tied->standings[0][2], STANDING_EXCLUDED);
  assert_int_equal(tied->standings[1][2], STANDING_EXCLUDED);
  small_close();
}

static void components_test_too_many_cells(void **state)
{
  (void)state;
  struct text when = TEXT("n = 1");
  struct level_of_care *loaded = NULL;
  for (int i = 2; i <= 40; i++)
    when = text_format(arena, "%.*s or n = %d", TEXT_PRINT(when), 2 * i);
  struct small_table small = {
      .facts = SMALL_NUMBER("n", "integer", "0..100", "higher"),
      .rules = text_c(arena, text_format(arena, SMALL_RULE("C1", "1A", "%.*s", "at least 2.1"),
                                         TEXT_PRINT(when)))};
  const char *problems = small_load(&small, &loaded);
  assert_non_null(strstr(problems, "the rules cut n into more than 64 parts. compare it with"));
  assert_null(loaded);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(components_test_cells_of_a_number),
      cmocka_unit_test(components_test_cells_of_a_whole_number),
      cmocka_unit_test(components_test_cells_outside),
      cmocka_unit_test(components_test_cells_of_words),
      cmocka_unit_test(components_test_components),
      cmocka_unit_test(components_test_too_many_cells),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
