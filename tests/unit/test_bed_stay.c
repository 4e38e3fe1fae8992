/*
 * Tests of bed_use.h: holds that run out, leave, transfer, upkeep, corrections, and who may act.
 * Expected lengths of holds: knowledge/hold-kinds.csv (reference 4.1). The failures of other
 * systems are in test_bed_use.c.
 */
#include "bed_world.h"

/* --- Holds ----------------------------------------------------------------------------------- */

static void a_hold_is_extended_once(void **state)
{
  (void)state;
  struct work w = hold_of(0, 0, "hospital");
  WORLD(bed_do(people[0], do_hold, &w));
  assert_true(w.hold.expires_at == world.now + 180 * minute);
  w.id = w.hold.id;
  w.version = 1;
  w.reason = TEXT("repair"); /* a reason, but not for this */
  is_refused(bed_do(people[0], do_extend, &w), ERROR_REFUSED, "error.care.code");
  w.reason = TEXT("");
  is_refused(bed_do(people[0], do_extend, &w), ERROR_REFUSED, "error.care.required");
  w.reason = TEXT("hospital-late");
  WORLD(bed_do(people[0], do_extend, &w));
  assert_true(use_of(0, w.id).expires_at == world.now + 300 * minute);
  is_refused(bed_do(people[0], do_extend, &w), ERROR_CONFLICT, "error.care.stale");
  w.version = 2;
  is_refused(bed_do(people[0], do_extend, &w), ERROR_CONFLICT, "error.admission.hold.extended");
  world.now += 300 * minute;
  w.reason = TEXT("not-coming");
  is_refused(bed_do(people[0], do_release, &w), ERROR_CONFLICT, "error.admission.hold.over");
}

static void a_longer_hold_does_not_run_into_another(void **state)
{
  (void)state;
  struct work w = hold_of(0, 0, "outreach"), later = hold_of(1, 0, "outreach");
  WORLD(bed_do(people[0], do_hold, &w));
  later.hold.start_at = world.now + 100 * minute;
  WORLD(bed_do(people[1], do_hold, &later));
  w.id = w.hold.id;
  w.version = 1;
  w.reason = TEXT("on-the-way");
  is_refused(bed_do(people[0], do_extend, &w), ERROR_CONFLICT, "error.admission.hold.behind");
  assert_int_equal(place_at(0, world.now + 95 * minute).why, BED_WHY_EXPECTED);
  /* nor does somebody get the bed for good who would still be in it then */
  world.now += 91 * minute;
  struct work other = arrival_of(2, 0, world.now);
  is_refused(bed_do(people[2], do_arrive, &other), ERROR_CONFLICT, "error.admission.clash.hold");
}

/* The waitlist's stand-in: it gives the bed to the next, once. */
struct next {
  size_t person;
  int told;
  char reason[32], request[32];
  bool fails;
};
static bool pass_to_next(struct store_transaction *t, void *context, const struct access *access,
                         const struct bed_pass *pass, struct error *error)
{
  struct next *next = context;
  struct bed_hold hold = {
      .bed_id = pass->bed_id, .kind = TEXT("outreach"), .episode_id = stays[next->person]};
  if (next->fails)
    return error_set(error, ERROR_SYSTEM, "error.500.text", "", "the stand-in fails");
  snprintf(next->reason, sizeof next->reason, "%.*s", TEXT_PRINT(pass->end_reason));
  snprintf(next->request, sizeof next->request, "%.*s", TEXT_PRINT(pass->request_id));
  next->told++;
  return next->told > 1 || bed_hold_place(t, beds, access, world.arena, &hold, error);
}

static void an_expired_hold_passes_to_the_next(void **state)
{
  (void)state;
  struct next next = {.person = 1, .fails = true};
  bed_pass_to(beds, pass_to_next, &next);
  struct work w = hold_of(0, 0, "outreach");
  w.hold.request_id = TEXT("request-1");
  WORLD(bed_do(people[0], do_hold, &w));
  world.now += 90 * minute - 1;
  sweep();
  assert_int_equal(next.told, 0);
  assert_int_equal(place_at(0, world.now).state, BED_STATE_HOLD);
  world.now += 1;
  /* the moment it is over it stands in nobody's way, swept or not */
  assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE);
  sweep(); /* the stand-in fails: all is rolled back, and tried again */
  assert_int_equal(use_of(0, w.hold.id).end_at, 0);
  next.fails = false;
  world.now += minute;
  sweep();
  assert_int_equal(next.told, 1);
  assert_string_equal(next.reason, "expired");
  assert_string_equal(next.request, "request-1");
  struct bed_use gone = use_of(0, w.hold.id);
  assert_true(gone.end_at == gone.expires_at);
  assert_true(text_equal(gone.end_reason, TEXT("expired")));
  assert_true(has_bed(1));
  sweep(); /* nothing fires twice */
  assert_int_equal(next.told, 1);
  /* who comes too late is told so */
  w = (struct work){.arrival = {.episode_id = stays[0],
                                .hold_id = w.hold.id,
                                .hold_version = gone.version,
                                .at = world.now}};
  is_refused(bed_do(people[0], do_arrive, &w), ERROR_CONFLICT, "error.admission.use.over");
}

static void a_hold_given_back_passes_on(void **state)
{
  (void)state;
  struct next next = {.person = 1};
  bed_pass_to(beds, pass_to_next, &next);
  struct work w = hold_of(0, 0, "outreach");
  w.hold.words = TEXT("Comes by the red bus");
  WORLD(bed_do(people[0], do_hold, &w));
  assert_true(text_equal(use_of(0, w.hold.id).words, TEXT("Comes by the red bus")));
  w.id = w.hold.id;
  w.version = 1;
  w.reason = TEXT("went-elsewhere");
  WORLD(bed_do(people[0], do_release, &w));
  assert_int_equal(next.told, 1);
  assert_string_equal(next.reason, "released");
  assert_true(has_bed(1)); /* the next one's, though the act was for another person */
}

static void a_bed_that_was_taken_is_not_passed_on(void **state)
{
  (void)state;
  struct next next = {.person = 1};
  bed_pass_to(beds, pass_to_next, &next);
  struct work w = hold_of(0, 0, "outreach");
  WORLD(bed_do(people[0], do_hold, &w));
  world.now += 91 * minute; /* it is over, and no sweeper has run */
  arrive(2, 0, world.now);
  sweep();
  assert_int_equal(next.told, 0);
  assert_true(text_equal(use_of(0, w.hold.id).end_reason, TEXT("expired")));
}

static void a_planned_arrival_is_waited_for(void **state)
{
  (void)state;
  struct work w = hold_of(0, 0, "planned");
  is_refused(bed_do(people[0], do_hold, &w), ERROR_REFUSED, "error.admission.hold.expected");
  w.hold.expected_at = world.now + 3 * day;
  w.hold.start_at = world.now + 2 * day;
  WORLD(bed_do(people[0], do_hold, &w));
  assert_true(w.hold.expires_at == world.now + 4 * day);
  assert_int_equal(place_at(0, world.now).why, 0); /* free until two days from now */
  assert_int_equal(place_at(0, world.now + 2 * day - hour).why, BED_WHY_EXPECTED);
  assert_int_equal(place_at(0, world.now + 3 * day).state, BED_STATE_HOLD);
  /* they come a day early */
  world.now += day;
  w = (struct work){
      .arrival = {
          .episode_id = stays[0], .hold_id = w.hold.id, .hold_version = 1, .at = world.now}};
  WORLD(bed_do(people[0], do_arrive, &w));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_OCCUPIED);
  struct work wrong = hold_of(1, 1, "planned");
  wrong.hold.expected_at = world.now + 400 * day;
  is_refused(bed_do(people[1], do_hold, &wrong), ERROR_REFUSED, "error.admission.hold.far");
  wrong = hold_of(1, 1, "no-such-kind");
  is_refused(bed_do(people[1], do_hold, &wrong), ERROR_REFUSED, "error.care.code");
  wrong = hold_of(1, 1, "outreach");
  wrong.hold.start_at = world.now - hour;
  is_refused(bed_do(people[1], do_hold, &wrong), ERROR_REFUSED, "error.admission.order");
  wrong = hold_of(1, 1, "outreach");
  wrong.hold.episode_id = TEXT("");
  is_refused(bed_do(people[1], do_hold, &wrong), ERROR_REFUSED, "error.admission.hold.whom");
}

/* --- Stays ----------------------------------------------------------------------------------- */

static void leave_keeps_the_bed(void **state)
{
  (void)state;
  struct text id = arrive(0, 0, world.now - 3 * day);
  struct work w = {.id = id,
                   .reason = TEXT("court"),
                   .at = world.now - 2 * day,
                   .until = world.now - day,
                   .version = 1};
  WORLD(bed_do(people[0], do_leave, &w));
  struct board_place place = place_at(0, world.now - day);
  assert_int_equal(place.state, BED_STATE_LEAVE);
  assert_true(place.use->expected_at == world.now - day);
  assert_int_equal(published().offerable, 3); /* kept, so not offered */
  struct work other = arrival_of(1, 0, world.now);
  is_refused(bed_do(people[1], do_arrive, &other), ERROR_CONFLICT, "error.admission.clash.leave");
  struct work back = {.id = w.new_id, .at = world.now - day, .version = 1};
  WORLD(bed_do(people[0], do_return, &back));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_OCCUPIED);
  is_refused(bed_do(people[0], do_return, &back), ERROR_CONFLICT, "error.care.stale");
  back.version = 2;
  is_refused(bed_do(people[0], do_return, &back), ERROR_CONFLICT, "error.admission.use.over");
  back.id = back.new_id;
  back.version = 1;
  is_refused(bed_do(people[0], do_return, &back), ERROR_REFUSED, "error.admission.use.kind");
  /* a stay cannot end before its bed was taken: that is corrected first */
  assert_false(discharge(0, world.now - 2 * day, 3));
  assert_string_equal(world.error.person, "error.admission.stay.before-bed");
  assert_true(has_bed(0));
}

static void a_transfer_is_one_moment(void **state)
{
  (void)state;
  struct text id = arrive(0, 0, world.now - 3 * day);
  arrive(1, 1, world.now - 3 * day);
  struct work w = {.move = {.use_id = id,
                            .version = 1,
                            .to_bed_id = bed[1],
                            .reason = TEXT("safety"),
                            .at = world.now - 30 * minute}};
  is_refused(bed_do(people[0], do_transfer, &w), ERROR_CONFLICT, "error.admission.clash.occupied");
  assert_true(use_of(0, id).end_at == 0); /* nothing of it stayed */
  w.move.to_bed_id = bed[0];
  is_refused(bed_do(people[0], do_transfer, &w), ERROR_REFUSED, "error.admission.same-bed");
  w.move.to_bed_id = bed[2];
  WORLD(bed_do(people[0], do_transfer, &w));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_CLEANING);
  assert_int_equal(place_at(2, world.now).state, BED_STATE_OCCUPIED);
  struct bed_use now = use_of(0, w.move.new_id), was = use_of(0, id);
  assert_true(now.start_at == was.end_at);
}

/* --- The bed itself ----------------------------------------------------------------------------
 */

static void a_blocked_bed_is_not_offered(void **state)
{
  (void)state;
  struct work w = {.id = bed[0],
                   .reason = TEXT("repair"),
                   .words = TEXT("The window does not close"),
                   .at = world.now};
  WORLD(bed_do(TEXT(""), do_block, &w));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_BLOCKED);
  struct work other = hold_of(0, 0, "outreach");
  is_refused(bed_do(people[0], do_hold, &other), ERROR_CONFLICT, "error.admission.clash.blocked");
  arrive(1, 1, world.now - hour);
  is_refused(bed_do(TEXT(""), do_block,
                    &(struct work){.id = bed[1], .reason = TEXT("repair"), .at = world.now}),
             ERROR_CONFLICT, "error.admission.clash.occupied");
  struct work ready = {.id = w.new_id, .at = world.now, .version = 1};
  WORLD(bed_do(TEXT(""), do_ready, &ready));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE);
  is_refused(bed_do(TEXT(""), do_ready, &ready), ERROR_CONFLICT, "error.care.stale");
}

static void cleaning_is_done_early_or_not_at_all(void **state)
{
  (void)state;
  arrive(0, 0, world.now - 3 * day);
  WORLD(discharge(0, world.now, 3));
  struct work w = {.id = bed[0]};
  WORLD(bed_do(TEXT(""), do_list, &w));
  assert_int_equal(w.count, 2);
  assert_int_equal(w.uses[1].kind, BED_CLEANING);
  world.now += 10 * minute;
  struct work ready = {.id = w.uses[1].id, .at = world.now, .version = 1};
  WORLD(bed_do(TEXT(""), do_ready, &ready));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE);
}

static bool set_cleaning(struct store_transaction *t, const struct access *access, void *context,
                         struct error *error)
{
  const struct work *w = context;
  return bed_unit_save(t, beds, access, unit, w->minutes, w->version, error);
}
static void a_unit_sets_its_own_cleaning(void **state)
{
  (void)state;
  world_become("administrator", "", "");
  struct work w = {.minutes = 15};
  WORLD(world_do("site", "write", TEXT(""), set_cleaning, &w));
  assert_false(world_do("site", "write", TEXT(""), set_cleaning, &w)); /* stale */
  assert_string_equal(world.error.person, "error.care.stale");
  w.version = 1;
  w.minutes = -1;
  assert_false(world_do("site", "write", TEXT(""), set_cleaning, &w));
  w.minutes = 0;
  WORLD(world_do("site", "write", TEXT(""), set_cleaning, &w));
  world_become("case-manager", "", "");
  arrive(0, 0, world.now - 3 * day);
  WORLD(discharge(0, world.now, 3));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE); /* 0: at once */
}

/* --- Corrections -------------------------------------------------------------------------------
 */

static void a_correction_keeps_both_versions(void **state)
{
  (void)state;
  struct text id = arrive(0, 0, world.now - 3 * day);
  struct work w = {.correction = {.use_id = id,
                                  .version = 1,
                                  .reason = TEXT("wrong-time"),
                                  .bed_id = bed[2],
                                  .start_at = world.now - 2 * day}};
  WORLD(bed_do(people[0], do_correct, &w));
  struct bed_use was = use_of(0, id), is = use_of(0, w.correction.new_id);
  assert_true(was.error_at == world.now && was.start_at == world.now - 3 * day);
  assert_true(text_equal(was.error_reason, TEXT("wrong-time")));
  assert_true(text_equal(is.corrects_id, id) && is.start_at == world.now - 2 * day);
  assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE);
  assert_int_equal(place_at(2, world.now).state, BED_STATE_OCCUPIED);
  is_refused(bed_do(people[0], do_correct, &w), ERROR_CONFLICT, "error.admission.use.over");
  /* never over another */
  arrive(1, 1, world.now - 5 * day);
  w.correction = (struct bed_correction){.use_id = is.id,
                                         .version = 1,
                                         .reason = TEXT("typing"),
                                         .bed_id = bed[1],
                                         .start_at = world.now - day};
  is_refused(bed_do(people[0], do_correct, &w), ERROR_CONFLICT, "error.admission.clash.occupied");
  assert_true(use_of(0, is.id).error_at == 0);
  w.correction.bed_id = bed[2];
  w.correction.start_at = world.now - 40 * day; /* before the stay began */
  is_refused(bed_do(people[0], do_correct, &w), ERROR_REFUSED, "error.admission.stay.outside");
}

static void a_corrected_end_moves_its_cleaning(void **state)
{
  (void)state;
  struct text id = arrive(0, 0, world.now - 3 * day);
  WORLD(discharge(0, world.now, 3));
  struct work w = {.correction = {.use_id = id,
                                  .version = use_of(0, id).version,
                                  .reason = TEXT("wrong-time"),
                                  .bed_id = bed[0],
                                  .start_at = world.now - 3 * day,
                                  .end_at = world.now - 30 * minute}};
  WORLD(bed_do(people[0], do_correct, &w));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_CLEANING);
  assert_true(place_at(0, world.now).free_at == world.now + 30 * minute);
  w.correction.use_id = w.correction.new_id; /* after the stay's end: no */
  w.correction.version = 1;
  w.correction.end_at = 0;
  is_refused(bed_do(people[0], do_correct, &w), ERROR_REFUSED, "error.admission.stay.outside");
}

/* --- Who may ------------------------------------------------------------------------------------
 */

static void only_for_whom_and_where_the_access_is(void **state)
{
  (void)state;
  struct work w = hold_of(0, 0, "outreach");
  is_refused(bed_do(people[1], do_hold, &w), ERROR_FORBIDDEN, "error.403.text");
  is_refused(bed_do(TEXT(""), do_hold, &w), ERROR_FORBIDDEN, "error.403.text");
  world_become("counselor", "", ""); /* may read the board, not write */
  is_refused(bed_do(TEXT(""), do_block,
                    &(struct work){.id = bed[0], .reason = TEXT("repair"), .at = world.now}),
             ERROR_FORBIDDEN, "error.403.text");
  assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE);
  world_become("nurse", "another-site", "");
  is_refused(bed_do(TEXT(""), do_block,
                    &(struct work){.id = bed[0], .reason = TEXT("repair"), .at = world.now}),
             ERROR_FORBIDDEN, "error.403.text");
  struct work board = {.query = {.from = world.now, .until = BOARD_OPEN}};
  WORLD(world_do("bed-board", "read", TEXT(""), read_board, &board));
  assert_int_equal(board.board.bed_count, 0); /* the own site's alone */
}

static void beds_are_changed_with_care(void **state)
{
  (void)state;
  arrive(0, 0, world.now);
  world_become("administrator", "", "");
  struct bed one = a_bed("1", rooms[0]);
  one.id = bed[0];
  one.version = 1;
  one.closed_at = world.now;
  is_refused(world_do("site", "write", TEXT(""), save_bed, &one), ERROR_CONFLICT,
             "error.admission.bed.in-use");
  struct bed twin = a_bed("1", rooms[0]);
  is_refused(world_do("site", "write", TEXT(""), make_bed, &twin), ERROR_REFUSED,
             "error.admission.bed.name");
  struct bed wrong = a_bed("9", rooms[0]);
  wrong.policy = TEXT("nobody");
  is_refused(world_do("site", "write", TEXT(""), make_bed, &wrong), ERROR_REFUSED,
             "error.care.code");
  wrong = a_bed("9", TEXT("no-room"));
  is_refused(world_do("site", "write", TEXT(""), make_bed, &wrong), ERROR_REFUSED,
             "error.admission.room");
  wrong = a_bed("9", TEXT(""));
  wrong.medicines = TEXT("methadone aspirin");
  is_refused(world_do("site", "write", TEXT(""), make_bed, &wrong), ERROR_REFUSED,
             "error.care.code");
  struct bed four = a_bed("4", rooms[1]);
  four.id = bed[3];
  four.version = 1;
  four.closed_at = world.now;
  WORLD(world_do("site", "write", TEXT(""), save_bed, &four));
  is_refused(world_do("site", "write", TEXT(""), save_bed, &four), ERROR_CONFLICT,
             "error.care.stale");
  world_become("case-manager", "", "");
  assert_int_equal(place_at(3, world.now).state, BED_STATE_CLOSED);
  struct work w = hold_of(1, 3, "outreach");
  is_refused(bed_do(people[1], do_hold, &w), ERROR_CONFLICT, "error.admission.bed.closed");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_begin, bed_end)
  const struct CMUnitTest tests[] = {
      TEST(a_hold_is_extended_once),
      TEST(a_longer_hold_does_not_run_into_another),
      TEST(an_expired_hold_passes_to_the_next),
      TEST(a_hold_given_back_passes_on),
      TEST(a_bed_that_was_taken_is_not_passed_on),
      TEST(a_planned_arrival_is_waited_for),
      TEST(leave_keeps_the_bed),
      TEST(a_transfer_is_one_moment),
      TEST(a_blocked_bed_is_not_offered),
      TEST(cleaning_is_done_early_or_not_at_all),
      TEST(a_unit_sets_its_own_cleaning),
      TEST(a_correction_keeps_both_versions),
      TEST(a_corrected_end_moves_its_cleaning),
      TEST(only_for_whom_and_where_the_access_is),
      TEST(beds_are_changed_with_care),
  };
  return store_support_run("bed_stay", tests, sizeof tests / sizeof *tests);
}
