/*
 * A bed's line cut into slots. Expected values are worked out by hand from board_strip.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admission/admission.h"

enum { SLOTS = 8 };
static const struct board_unit unit = {.cleaning = 1};
static struct board_bed bed;
static struct board_use uses[3];
static const int64_t edges[SLOTS + 1] = {0, 10, 20, 30, 40, 50, 60, 70, 80};

static size_t strip(size_t count, bool planned, struct board_run *out)
{
  const struct board board = {.units = &unit,
                              .unit_count = 1,
                              .beds = &bed,
                              .bed_count = 1,
                              .uses = uses,
                              .use_count = count};
  const struct board_moment moment = {.at = 5, .now = 5, .planned = planned};
  return board_strip(&board, 0, 0, count, &moment, edges, SLOTS, out);
}

static void is_run(const struct board_run *run, enum bed_state state, size_t slots, bool planned)
{
  assert_int_equal(run->state, state);
  assert_int_equal(run->slots, slots);
  assert_int_equal(run->is_planned, planned);
}

static void test_free_is_one_run(void **state)
{
  struct board_run runs[SLOTS];
  (void)state;
  assert_int_equal(strip(0, true, runs), 1);
  is_run(&runs[0], BED_STATE_FREE, SLOTS, false);
}

/* A short use is seen; of two in a slot, the longer. */
static void test_uses_are_seen(void **state)
{
  struct board_run runs[SLOTS];
  (void)state;
  uses[0] = (struct board_use){.kind = BED_HOLD, .start_at = 12, .until_at = 13};
  uses[1] = (struct board_use){.kind = BED_OCCUPIED, .start_at = 31, .until_at = 42};
  uses[2] = (struct board_use){.kind = BED_CLEANING, .start_at = 42, .until_at = 50};
  assert_int_equal(strip(3, true, runs), 6);
  is_run(&runs[0], BED_STATE_FREE, 1, false);
  is_run(&runs[1], BED_STATE_HOLD, 1, false);
  is_run(&runs[2], BED_STATE_FREE, 1, false);
  is_run(&runs[3], BED_STATE_OCCUPIED, 1, false);
  is_run(&runs[4], BED_STATE_CLEANING, 1, false);
  is_run(&runs[5], BED_STATE_FREE, 3, false);
  assert_ptr_equal(runs[3].use, &uses[1]);
}

/* Behind a planned end: cleaning, then free by plan; without belief in plans it goes on. */
static void test_plans_are_believed_when_asked(void **state)
{
  struct board_run runs[SLOTS];
  (void)state;
  uses[0] = (struct board_use){
      .kind = BED_OCCUPIED, .start_at = 0, .until_at = BOARD_OPEN, .planned_end_at = 40};
  assert_int_equal(strip(1, true, runs), 3);
  is_run(&runs[0], BED_STATE_OCCUPIED, 4, false);
  is_run(&runs[1], BED_STATE_CLEANING, 1, true);
  is_run(&runs[2], BED_STATE_FREE, 3, true);
  assert_int_equal(strip(1, false, runs), 1);
  is_run(&runs[0], BED_STATE_OCCUPIED, SLOTS, false);
  uses[0].planned_end_at = 4; /* overdue: nobody believes it */
  assert_int_equal(strip(1, true, runs), 1);
  is_run(&runs[0], BED_STATE_OCCUPIED, SLOTS, false);
}

static void test_a_closed_bed_is_closed_where_nothing_uses_it(void **state)
{
  struct board_run runs[SLOTS];
  (void)state;
  bed.closed_at = 45;
  assert_int_equal(strip(0, true, runs), 2);
  is_run(&runs[0], BED_STATE_FREE, 4, false);
  is_run(&runs[1], BED_STATE_CLOSED, 4, false);
  bed.closed_at = 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_free_is_one_run),
      cmocka_unit_test(test_uses_are_seen),
      cmocka_unit_test(test_plans_are_believed_when_asked),
      cmocka_unit_test(test_a_closed_bed_is_closed_where_nothing_uses_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
