/*
 * Failing statements: every door of bed_use.h is tried with its first, second, third … statement
 * failing, until none is left to fail. Each time it must say no, and leave the database as it was.
 * SQLite alone, whose statements can be interrupted from outside; that a failed transaction leaves
 * nothing on either engine is the store's own test.
 */
#include "bed_world.h"
#include "whole_act.h"

/* --- What there is --------------------------------------------------------------------------- */

static bool read_digest(struct store_transaction *t, void *context, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_read = store_query(
      t, &cursor,
      "SELECT (SELECT count(*) FROM bed_use), (SELECT coalesce(sum(version), 0) FROM bed_use),"
      " (SELECT count(*) FROM bed_use WHERE end_at = 0), (SELECT count(*) FROM bed_use WHERE"
      " error_at <> 0), (SELECT sum(version) FROM episode), (SELECT count(*) FROM episode_status),"
      " (SELECT count(*) FROM episode_level), (SELECT count(*) FROM audit_waiting),"
      " (SELECT count(*) FROM due), (SELECT coalesce(sum(at % 1000003), 0) FROM due),"
      " (SELECT sum(offerable) FROM availability), (SELECT sum(as_of % 1000003) FROM availability)",
      STORE_BIND_NONE, error);
  return digest_take(is_read, cursor, 12, context, error);
}

struct
try {
  size_t person;
  bed_act *act;
  struct work work;
};
static bool run_try(void *context)
{
  struct try *try = context;
  return bed_do(try->person < PEOPLE ? people[try->person] : TEXT(""), try->act, &try->work);
}

/* Try it with each statement failing in turn. Answers how many there are. */
static long torture(size_t person, bed_act *act, struct work *work)
{
  struct try try = {person, act, *work};
  long count = whole_act_try(run_try, &try, sizeof try);
  *work = try.work;
  return count;
}

enum { NOBODY = PEOPLE };

static void holds_fail_whole(void **state)
{
  (void)state;
  world.now += 1; /* nothing is derived as of the same moment */
  struct work w = hold_of(0, 0, "outreach");
  w.hold.words = TEXT("Comes by bus");
  assert_true(torture(0, do_hold, &w) > 10);
  w.id = w.hold.id;
  w.version = 1;
  w.reason = TEXT("on-the-way");
  assert_true(torture(0, do_extend, &w) > 5);
  w.version = 2;
  w.reason = TEXT("not-coming");
  assert_true(torture(0, do_release, &w) > 5);
}

static void stays_fail_whole(void **state)
{
  (void)state;
  world.now += 1;
  struct work w = hold_of(0, 0, "outreach");
  WORLD(bed_do(people[0], do_hold, &w));
  struct work come = {
      .arrival = {
          .episode_id = stays[0], .hold_id = w.hold.id, .hold_version = 1, .at = world.now}};
  assert_true(torture(0, do_arrive, &come) > 15);
  world.now += day;
  struct work away = {
      .id = come.arrival.use_id, .reason = TEXT("court"), .at = world.now - hour, .version = 1};
  torture(0, do_leave, &away);
  struct work back = {.id = away.new_id, .at = world.now, .version = 1};
  torture(0, do_return, &back);
  struct work move = {.move = {.use_id = back.new_id,
                               .version = 1,
                               .to_bed_id = bed[1],
                               .reason = TEXT("safety"),
                               .at = world.now}};
  torture(0, do_transfer, &move);
  struct work wrong = {.correction = {.use_id = move.move.new_id,
                                      .version = 1,
                                      .reason = TEXT("typing"),
                                      .bed_id = bed[2],
                                      .start_at = world.now}};
  torture(0, do_correct, &wrong);
  struct work free_it = {
      .id = wrong.correction.new_id, .reason = TEXT("safety"), .at = world.now, .version = 1};
  torture(0, do_unassign, &free_it);
  struct work again = arrival_of(0, 3, world.now);
  torture(0, do_arrive, &again);
  struct bed_use use = use_of(0, again.arrival.use_id);
  assert_int_equal(use.kind, BED_OCCUPIED);
  struct work end = {.id = stays[0],
                     .version = 3,
                     .change = {TEXT("finished"), TEXT("completed"), TEXT(""), world.now}};
  assert_true(torture(0, do_discharge, &end) > 10);
  assert_false(has_bed(0));
}

static void upkeep_fails_whole(void **state)
{
  (void)state;
  world.now += 1;
  struct work w = {.id = bed[0], .reason = TEXT("repair"), .words = TEXT("Rain"), .at = world.now};
  torture(NOBODY, do_block, &w);
  struct work ready = {.id = w.new_id, .at = world.now, .version = 1};
  torture(NOBODY, do_ready, &ready);
  struct work read = {.id = bed[0]};
  torture(NOBODY, do_list, &read);
  torture(NOBODY, do_bedless, &read);
  torture(NOBODY, do_read, &read);
  struct work confirm = {.id = site};
  torture(NOBODY, do_confirm, &confirm);
}

/* The clock's handler: what failed is tried again, and happens once. */
static void a_hold_runs_out_whole(void **state)
{
  (void)state;
  struct work w = hold_of(0, 0, "outreach");
  WORLD(bed_do(people[0], do_hold, &w));
  world.now += 90 * minute;
  log_set_level(LOG_ERROR + 1);
  long n = 0;
  for (bool is_over = false; !is_over; n++) {
    size_t fired = 0;
    struct error error = {.kind = ERROR_NONE};
    statement_fault_arm(n);
    (void)due_sweep(world.store, registry, world.now, 100, &fired, &error);
    statement_fault_disarm();
    is_over = use_of(0, w.hold.id).end_at != 0;
    assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE);
    world.now += hour; /* past the pause before the next try */
  }
  log_set_level(LOG_INFO);
  assert_true(n > 5);
  assert_true(text_equal(use_of(0, w.hold.id).end_reason, TEXT("expired")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_begin, bed_end)
  const struct CMUnitTest tests[] = {
      TEST(holds_fail_whole),
      TEST(stays_fail_whole),
      TEST(upkeep_fails_whole),
      TEST(a_hold_runs_out_whole),
  };
  statement_fault_watch();
  return cmocka_run_group_tests_name("bed_fault", tests, NULL, NULL);
}
