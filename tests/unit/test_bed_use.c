/*
 * Tests of bed_use.h: the timeline of beds. The tests named failure_N are the failures of other
 * systems, by their numbers in the programme reference 1.3, with the thread's own demand as the
 * expected value; lengths of holds are those of knowledge/hold-kinds.csv (90 and 180 minutes,
 * reference 4.1).
 */
#include "bed_world.h"

/* --- The thirty failures that concern beds --------------------------------------------------- */

/* 1: two patients in one bed. */
static void failure_1_two_people_in_one_bed(void **state)
{
  (void)state;
  arrive(0, 0, world.now - hour);
  struct work w = arrival_of(1, 0, world.now);
  is_refused(bed_do(people[1], do_arrive, &w), ERROR_CONFLICT, "error.admission.clash.occupied");
  assert_null(strstr(world.error.log, "Ames")); /* nobody is named */
  assert_null(strstr(world.error.log, people[0].at));
  assert_false(has_bed(1));
  w = (struct work){.id = bed[0], .at = world.now, .until = BOARD_OPEN};
  WORLD(bed_do(TEXT(""), do_clash, &w));
  assert_true(w.found);
  assert_int_equal(w.clash.kind, BED_OCCUPIED);
  assert_true(w.clash.until_at == BOARD_OPEN);
  assert_true(text_equal(w.clash.account_id, TEXT("account-of-the-test")));
}

/* A row by hand, past every door. */
struct raw {
  struct text id, bed_id, episode_id;
  int64_t start_at, end_at;
  const char *kind;
};
static bool write_raw(struct store_transaction *t, void *context, struct error *error)
{
  const struct raw *r = context;
  return store_execute(
      t,
      "INSERT INTO bed_use (program_id, id, bed_id, kind, start_at, end_at, until_at, expires_at,"
      " expected_at, hold_kind, extended_at, extend_reason, episode_id, request_id, person_id,"
      " placed_as, after_id, reason, words, end_reason, release_reason, account_id, made_at,"
      " ended_account_id, changed_at, corrects_id, error_at, error_account_id, error_reason,"
      " version) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '', 0, '', $8, '', '', '', '', '', $9,"
      " '', '', '', 0, '', 0, '', 0, '', '', 1)",
      STORE_BIND(STORE_T(world.program_id), STORE_T(r->id), STORE_T(r->bed_id),
                 STORE_T(text_from(r->kind)), STORE_N(r->start_at), STORE_N(r->end_at),
                 STORE_N(r->end_at ? r->end_at : INT64_MAX), STORE_T(r->episode_id),
                 STORE_B(TEXT(""))),
      NULL, error);
}
static bool add_raw(struct raw r)
{
  error_clear(&world.error);
  return store_write(world.store, write_raw, &r, &world.error);
}

/* 2: back-dated overlap of bed use: by the database, whoever writes. */
static void failure_2_back_dated_overlap(void **state)
{
  (void)state;
  int64_t t = world.now - 20 * day;
  struct raw first = {TEXT("a"), bed[0], TEXT("e1"), t, t + 5 * day, "occupied"};
  assert_true(add_raw(first));
  static const struct {
    int64_t from, to; /* days; 0: open */
    bool is_fine;
  } rows[] = {{-3, -1, true}, {-1, 1, false}, {1, 2, false}, {-1, 9, false},
              {4, 0, false},  {5, 6, true},   {6, 6, true},  {6, 0, true}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct raw other = {text_format(world.arena, "b%zu", i),   bed[0],
                        text_format(world.arena, "f%zu", i),   t + rows[i].from * day,
                        rows[i].to ? t + rows[i].to * day : 0, "occupied"};
    if (add_raw(other) != rows[i].is_fine) fail_msg("row %zu: %s", i, world.error.log);
    if (!rows[i].is_fine) assert_int_equal(world.error.kind, ERROR_CONFLICT);
  }
  /* and through the door */
  world.now += 0;
  arrive(0, 1, world.now - 2 * day);
  struct work w = arrival_of(1, 1, world.now - 3 * day);
  is_refused(bed_do(people[1], do_arrive, &w), ERROR_CONFLICT, "error.admission.clash.occupied");
}

/* A person is in one bed at a time, whoever writes. */
static void a_stay_has_one_bed_at_a_time(void **state)
{
  (void)state;
  int64_t t = world.now - 20 * day;
  assert_true(add_raw((struct raw){TEXT("a"), bed[0], TEXT("e1"), t, t + 5 * day, "occupied"}));
  assert_false(add_raw((struct raw){TEXT("b"), bed[1], TEXT("e1"), t + day, t + 2 * day, "leave"}));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
  assert_true(add_raw((struct raw){TEXT("c"), bed[1], TEXT("e1"), t + 5 * day, 0, "occupied"}));
  assert_false(add_raw((struct raw){TEXT("d"), bed[2], TEXT("e1"), t + 9 * day, 0, "occupied"}));
  /* cleaning and blocks are nobody's, so any number of beds may have them at once */
  assert_true(add_raw((struct raw){TEXT("e"), bed[2], TEXT(""), t, t + day, "cleaning"}));
  assert_true(add_raw((struct raw){TEXT("f"), bed[3], TEXT(""), t, t + day, "cleaning"}));
}

/* 3: a reserved bed given to another patient. */
static void failure_3_a_held_bed_is_not_given_away(void **state)
{
  (void)state;
  struct work w = hold_of(0, 0, "outreach"), other = arrival_of(1, 0, world.now);
  WORLD(bed_do(people[0], do_hold, &w));
  assert_true(w.hold.expires_at == world.now + 90 * minute);
  is_refused(bed_do(people[1], do_arrive, &other), ERROR_CONFLICT, "error.admission.clash.hold");
  other = hold_of(1, 0, "hospital");
  is_refused(bed_do(people[1], do_hold, &other), ERROR_CONFLICT, "error.admission.clash.hold");
  /* not with the hold in hand, either */
  other = (struct work){
      .arrival = {
          .episode_id = stays[1], .hold_id = w.hold.id, .hold_version = 1, .at = world.now}};
  is_refused(bed_do(people[1], do_arrive, &other), ERROR_FORBIDDEN, "error.403.text");
  /* who it is for takes it */
  other = (struct work){
      .arrival = {
          .episode_id = stays[0], .hold_id = w.hold.id, .hold_version = 1, .at = world.now + 0}};
  WORLD(bed_do(people[0], do_arrive, &other));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_OCCUPIED);
  struct bed_use hold = use_of(0, w.hold.id);
  assert_true(text_equal(hold.end_reason, TEXT("occupied")));
}

/* 4: a bed still in use after the discharge: the same transaction frees it. */
static void failure_4_a_discharge_frees_the_bed(void **state)
{
  (void)state;
  struct text id = arrive(0, 0, world.now - 3 * day);
  assert_int_equal(published().offerable, 3);
  WORLD(discharge(0, world.now - 10 * minute, 3));
  struct bed_use use = use_of(0, id);
  assert_true(use.end_at == world.now - 10 * minute);
  assert_true(text_equal(use.end_reason, TEXT("discharged")));
  assert_false(has_bed(0));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_CLEANING); /* 60 minutes by default */
  assert_true(place_at(0, world.now).free_at == world.now + 50 * minute);
  world.now += 50 * minute;
  assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE);
  sweep(); /* and what is published follows by itself */
  assert_int_equal(published().offerable, 4);
  arrive(1, 0, world.now);
}

/* 4, by the page of the stay, which knows nothing of beds; and by a hand in the database. */
static void failure_4_also_by_another_door(void **state)
{
  (void)state;
  struct text first = arrive(0, 0, world.now - 3 * day);
  struct work w = {.id = stays[0],
                   .version = 3,
                   .change = {TEXT("finished"), TEXT("completed"), TEXT(""), world.now - hour / 2}};
  WORLD(bed_do(people[0], do_end_stay, &w));
  assert_true(use_of(0, first).end_at == world.now - hour / 2);
  assert_int_equal(place_at(0, world.now).state, BED_STATE_CLEANING);
  struct text second = arrive(1, 1, world.now - 2 * day);
  care_on_episode_end(world.care, NULL, NULL); /* as in a program without this room */
  w.id = stays[1];
  WORLD(bed_do(people[1], do_end_stay, &w));
  assert_true(use_of(1, second).end_at == world.now - hour / 2);
  assert_true(text_equal(use_of(1, second).end_reason, TEXT("stay-ended")));
  assert_int_equal(place_at(1, world.now).state, BED_STATE_FREE);
}

/* 5: beds shown occupied with nobody in them: what is shown is the timeline, and nothing else. */
static void failure_5_one_source_of_truth(void **state)
{
  (void)state;
  struct text id = arrive(0, 0, world.now - 3 * day);
  struct board_place place = place_at(0, world.now);
  assert_int_equal(place.state, BED_STATE_OCCUPIED);
  assert_true(text_equal(place.use->id, id));
  assert_true(text_equal(place.use->episode_id, stays[0]));
  struct work w = {
      .correction = {
          .use_id = id, .version = 1, .reason = TEXT("did-not-happen"), .without_other = true}};
  WORLD(bed_do(people[0], do_correct, &w));
  assert_int_equal(place_at(0, world.now).state, BED_STATE_FREE);
  assert_int_equal(published().offerable, 4);
}

/* 6: trial and error to find a free bed: what cannot be used says why, before anybody tries. */
static void failure_6_says_why_not(void **state)
{
  (void)state;
  world_become("administrator", "", "");
  struct bed made = a_bed("5", TEXT(""));
  made.staffed = false;
  WORLD(world_do("site", "write", TEXT(""), make_bed, &made));
  world_become("case-manager", "", "");
  bed[3] = made.id;
  assert_int_equal(place_at(3, world.now).why, BED_WHY_UNSTAFFED);
  struct work w = arrival_of(0, 3, world.now);
  is_refused(bed_do(people[0], do_arrive, &w), ERROR_CONFLICT, "error.admission.bed.unstaffed");
  arrive(0, 0, world.now);
  assert_int_equal(place_at(0, world.now).why, BED_WHY_USED);
  assert_int_equal(place_at(1, world.now).why, 0);
}

/* 7: unassign a bed without discharge or transfer. */
static void failure_7_admitted_without_a_bed(void **state)
{
  (void)state;
  struct work w = {.arrival = {.episode_id = stays[0], .at = world.now - 2 * day}};
  WORLD(bed_do(people[0], do_arrive, &w));
  assert_int_equal(w.arrival.use_id.length, 0);
  assert_false(has_bed(0));
  w = (struct work){.count = 0};
  WORLD(bed_do(TEXT(""), do_bedless, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.bedless[0].episode_id, stays[0]));
  struct text id = arrive(0, 2, world.now - day); /* assigned later */
  WORLD(bed_do(TEXT(""), do_bedless, &w));
  assert_int_equal(w.count, 0);
  w = (struct work){
      .id = id, .reason = TEXT("clinical-need"), .at = world.now - hour, .version = 1};
  WORLD(bed_do(people[0], do_unassign, &w));
  assert_false(has_bed(0));
  WORLD(bed_do(TEXT(""), do_bedless, &w));
  assert_int_equal(w.count, 1);
  arrive(0, 1, world.now); /* the stay went on all the time */
}

/* 8: empty is not available: the unit's staff limit how many. */
static void failure_8_empty_is_not_available(void **state)
{
  (void)state;
  world_become("administrator", "", "");
  the_unit.staffed = 2;
  WORLD(world_do("site", "write", TEXT(""), save_unit, &the_unit));
  world_become("case-manager", "", "");
  arrive(0, 0, world.now - day);
  assert_int_equal(place_at(1, world.now).why, 0);
  assert_int_equal(published().offerable, 1); /* three are empty, one may be offered */
  struct work w = hold_of(1, 1, "outreach");
  WORLD(bed_do(people[1], do_hold, &w));
  assert_int_equal(place_at(2, world.now).why, BED_WHY_UNIT_FULL);
  assert_int_equal(published().offerable, 0);
  struct work other = arrival_of(2, 2, world.now);
  is_refused(bed_do(people[2], do_arrive, &other), ERROR_CONFLICT, "error.admission.unit.full");
  /* the hold itself still becomes a stay */
  other = (struct work){
      .arrival = {
          .episode_id = stays[1], .hold_id = w.hold.id, .hold_version = 1, .at = world.now}};
  WORLD(bed_do(people[1], do_arrive, &other));
}

/* 12: a discharged patient could be transferred. */
static void failure_12_the_discharged_stay_discharged(void **state)
{
  (void)state;
  struct text id = arrive(0, 0, world.now - 3 * day);
  WORLD(discharge(0, world.now, 3));
  struct work w = {.move = {.use_id = id,
                            .version = use_of(0, id).version,
                            .to_bed_id = bed[1],
                            .reason = TEXT("safety"),
                            .at = world.now}};
  is_refused(bed_do(people[0], do_transfer, &w), ERROR_CONFLICT, "error.admission.use.over");
  w = arrival_of(0, 1, world.now);
  is_refused(bed_do(people[0], do_arrive, &w), ERROR_REFUSED, "error.admission.stay.ended");
  w = hold_of(0, 1, "outreach");
  is_refused(bed_do(people[0], do_hold, &w), ERROR_REFUSED, "error.admission.stay.ended");
}

/* 13: a double click admits or discharges twice. */
static void failure_13_twice_is_once(void **state)
{
  (void)state;
  struct work hold = hold_of(0, 0, "outreach"), w;
  WORLD(bed_do(people[0], do_hold, &hold));
  is_refused(bed_do(people[0], do_hold, &hold), ERROR_CONFLICT, "error.admission.clash.hold");
  w = (struct work){
      .arrival = {
          .episode_id = stays[0], .hold_id = hold.hold.id, .hold_version = 1, .at = world.now}};
  WORLD(bed_do(people[0], do_arrive, &w));
  is_refused(bed_do(people[0], do_arrive, &w), ERROR_CONFLICT, "error.admission.stay.has-bed");
  w = arrival_of(0, 0, world.now);
  is_refused(bed_do(people[0], do_arrive, &w), ERROR_CONFLICT, "error.admission.stay.has-bed");
  w = (struct work){.arrival = {.episode_id = stays[1], .at = world.now}};
  WORLD(bed_do(people[1], do_arrive, &w));
  is_refused(bed_do(people[1], do_arrive, &w), ERROR_CONFLICT, "error.admission.stay.active");
  WORLD(discharge(0, world.now, 3));
  assert_false(discharge(0, world.now, 3));
  assert_string_equal(world.error.person, "error.care.stale");
  w = (struct work){.id = bed[0], .with_error = true};
  WORLD(bed_do(TEXT(""), do_list, &w));
  assert_int_equal(w.count, 3); /* the hold, the stay, the cleaning */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_begin, bed_end)
  const struct CMUnitTest tests[] = {
      TEST(failure_1_two_people_in_one_bed),
      TEST(failure_2_back_dated_overlap),
      TEST(a_stay_has_one_bed_at_a_time),
      TEST(failure_3_a_held_bed_is_not_given_away),
      TEST(failure_4_a_discharge_frees_the_bed),
      TEST(failure_4_also_by_another_door),
      TEST(failure_5_one_source_of_truth),
      TEST(failure_6_says_why_not),
      TEST(failure_7_admitted_without_a_bed),
      TEST(failure_8_empty_is_not_available),
      TEST(failure_12_the_discharged_stay_discharged),
      TEST(failure_13_twice_is_once),
  };
  return store_support_run("bed_use", tests, sizeof tests / sizeof *tests);
}
