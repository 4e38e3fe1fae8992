/*
 * Tests of board.h: by hand for each reason, and against a naive model over random timelines: the
 * model asks each use alone, minute by minute, with no order and no index. Which beds may be
 * offered: programme reference 4.3 (licensed, staffed, no use, cap not reached, nobody expected in
 * the window).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admission/board.h"

enum { UNITS = 3, BEDS_OF_UNIT = 4, BEDS = UNITS * BEDS_OF_UNIT, USES = BEDS * 12, LAST = 400 };

static struct board_unit units[UNITS];
static struct board_bed beds[BEDS];
static struct board_use uses[USES];
static struct board board = {units, UNITS, beds, BEDS, uses, 0};
static struct board_place places[BEDS];
static struct board_count counts[UNITS];

static uint64_t seed;
static int64_t pick(int64_t below)
{
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (int64_t)((seed >> 33) % (uint64_t)below);
}

/* --- The naive model ------------------------------------------------------------------------- */

/* The moment after which a use no longer counts, and when its person goes. */
static int64_t model_end(const struct board_use *use, const struct board_moment *m, int64_t *gone)
{
  *gone = use->until_at;
  if (!m->planned || use->until_at != BOARD_OPEN || use->planned_end_at <= m->now ||
      use->planned_end_at <= use->start_at)
    return use->until_at;
  *gone = use->planned_end_at;
  return use->planned_end_at + units[beds[use->bed].unit].cleaning;
}

static const struct board_use *model_use(size_t bed, int64_t at, const struct board_moment *m)
{
  int64_t gone;
  for (size_t i = 0; i < board.use_count; i++)
    if (uses[i].bed == bed && uses[i].start_at <= at && at < uses[i].until_at &&
        at < model_end(&uses[i], m, &gone))
      return &uses[i];
  return NULL;
}

static enum bed_state model_state(size_t bed, const struct board_moment *m)
{
  static const enum bed_state of_kind[BED_KINDS] = {
      BED_STATE_HOLD, BED_STATE_OCCUPIED, BED_STATE_LEAVE, BED_STATE_CLEANING, BED_STATE_BLOCKED};
  const struct board_use *use = model_use(bed, m->at, m);
  const struct board_unit *unit = &units[beds[bed].unit];
  bool is_closed = (beds[bed].closed_at && beds[bed].closed_at <= m->at) ||
                   (unit->closed_at && unit->closed_at <= m->at);
  int64_t gone;
  if (!use) return is_closed ? BED_STATE_CLOSED : BED_STATE_FREE;
  (void)model_end(use, m, &gone);
  return gone <= m->at ? BED_STATE_CLEANING : of_kind[use->kind];
}

static bool model_expected(size_t bed, const struct board_moment *m, bool person)
{
  /* the next use, and nothing behind it */
  const struct board_use *next = NULL;
  for (size_t i = 0; i < board.use_count; i++)
    if (uses[i].bed == bed && uses[i].start_at > m->at && uses[i].until_at > uses[i].start_at &&
        (!next || uses[i].start_at < next->start_at))
      next = &uses[i];
  return next && next->start_at <= m->at + m->window &&
         (!person || next->kind == BED_HOLD || next->kind == BED_OCCUPIED ||
          next->kind == BED_LEAVE);
}

static unsigned model_why(size_t bed, const struct board_moment *m)
{
  const struct board_unit *unit = &units[beds[bed].unit];
  unsigned why = 0;
  if ((beds[bed].closed_at && beds[bed].closed_at <= m->at) ||
      (unit->closed_at && unit->closed_at <= m->at))
    why |= BED_WHY_CLOSED;
  if (!beds[bed].licensed) why |= BED_WHY_UNLICENSED;
  if (!beds[bed].staffed) why |= BED_WHY_UNSTAFFED;
  if (model_use(bed, m->at, m)) why |= BED_WHY_USED;
  else if (model_expected(bed, m, false)) why |= BED_WHY_EXPECTED;
  return why;
}

/* Step on until no use counts. */
static int64_t model_free(size_t bed, const struct board_moment *m)
{
  for (int64_t at = m->at; at <= 3 * LAST; at++)
    if (!model_use(bed, at, m)) return at;
  return 0;
}

static void compare(const struct board_moment *m)
{
  size_t in_use[UNITS] = {0}, fine[UNITS] = {0}, cap[UNITS];
  for (size_t u = 0; u < UNITS; u++) {
    int64_t least = units[u].licensed < units[u].staffed ? units[u].licensed : units[u].staffed;
    cap[u] = units[u].closed_at && units[u].closed_at <= m->at ? 0 : (size_t)least;
  }
  board_at(&board, m, places, counts);
  for (size_t i = 0; i < BEDS; i++) {
    enum bed_state state = model_state(i, m);
    assert_int_equal(places[i].state, state);
    assert_ptr_equal(places[i].use, model_use(i, m->at, m));
    assert_true(places[i].free_at == model_free(i, m));
    if (state == BED_STATE_HOLD || state == BED_STATE_OCCUPIED || state == BED_STATE_LEAVE ||
        model_expected(i, m, true))
      in_use[beds[i].unit]++;
  }
  for (size_t i = 0; i < BEDS; i++) {
    size_t u = beds[i].unit;
    unsigned why = model_why(i, m);
    if (why == 0) fine[u]++;
    if (in_use[u] >= cap[u]) why |= BED_WHY_UNIT_FULL;
    assert_int_equal(places[i].why, why);
  }
  for (size_t u = 0; u < UNITS; u++) {
    size_t left = cap[u] > in_use[u] ? cap[u] - in_use[u] : 0, all = 0;
    assert_int_equal(counts[u].in_use, in_use[u]);
    assert_int_equal(counts[u].cap, cap[u]);
    assert_int_equal(counts[u].offerable, fine[u] < left ? fine[u] : left);
    for (int s = 0; s < BED_STATES; s++) all += counts[u].states[s];
    assert_int_equal(all, BEDS_OF_UNIT);
    assert_int_equal(counts[u].beds, BEDS_OF_UNIT);
  }
}

/* --- Random boards --------------------------------------------------------------------------- */

static void make_board(void)
{
  board.use_count = 0;
  for (size_t u = 0; u < UNITS; u++)
    units[u] = (struct board_unit){.licensed = pick(BEDS_OF_UNIT + 2),
                                   .staffed = pick(BEDS_OF_UNIT + 2),
                                   .closed_at = pick(6) ? 0 : 1 + pick(LAST),
                                   .cleaning = pick(20)};
  for (size_t i = 0; i < BEDS; i++) {
    int64_t at = 0;
    beds[i] = (struct board_bed){.unit = i / BEDS_OF_UNIT,
                                 .licensed = pick(8) != 0,
                                 .staffed = pick(8) != 0,
                                 .closed_at = pick(8) ? 0 : 1 + pick(LAST)};
    for (int n = 0; n < 10 && at < LAST; n++) {
      struct board_use *use = &uses[board.use_count];
      at += pick(3) ? pick(40) : 0; /* often without a gap */
      int64_t length = pick(5) ? pick(60) : 0;
      bool is_open = pick(8) == 0;
      *use = (struct board_use){.bed = i,
                                .kind = (enum bed_kind)pick(BED_KINDS),
                                .start_at = at,
                                .until_at = is_open ? BOARD_OPEN : at + length,
                                .planned_end_at = pick(2) ? pick(LAST) : 0};
      board.use_count++;
      at += length;
      if (is_open) break;
    }
  }
  assert_true(board_check(&board));
}

static void is_what_the_naive_model_says(void **state)
{
  (void)state;
  for (seed = 1; seed < 400 * 7; seed += 7) {
    uint64_t kept = seed;
    make_board();
    for (int n = 0; n < 12; n++) {
      struct board_moment m = {
          .at = pick(LAST), .now = pick(LAST), .window = pick(30), .planned = pick(2) == 0};
      compare(&m);
    }
    seed = kept;
  }
}

/* Offerable never grows when a use is added, or the staff is fewer. */
static void more_in_use_never_offers_more(void **state)
{
  (void)state;
  for (seed = 3; seed < 2000; seed += 11) {
    uint64_t kept = seed;
    make_board();
    struct board_moment m = {.at = pick(LAST), .window = pick(30)};
    size_t before[UNITS];
    board_at(&board, &m, places, counts);
    for (size_t u = 0; u < UNITS; u++) before[u] = counts[u].offerable;
    size_t u = (size_t)pick(UNITS);
    if (units[u].staffed > 0) units[u].staffed--;
    board_at(&board, &m, places, counts);
    for (size_t i = 0; i < UNITS; i++) assert_true(counts[i].offerable <= before[i]);
    seed = kept;
  }
}

static void the_forecast_is_each_day_with_its_plans(void **state)
{
  (void)state;
  static struct board_count days[5 * UNITS];
  int64_t moments[5];
  for (seed = 5; seed < 1000; seed += 13) {
    uint64_t kept = seed;
    make_board();
    struct board_moment m = {.at = 50, .now = 50, .window = 10};
    for (size_t i = 0; i < 5; i++) moments[i] = 50 + 60 * (int64_t)i;
    board_forecast(&board, &m, moments, 5, places, days);
    for (size_t i = 0; i < 5; i++) {
      struct board_moment day = {.at = moments[i], .now = 50, .window = 10, .planned = true};
      board_at(&board, &day, places, counts);
      assert_memory_equal(counts, days + i * UNITS, sizeof counts);
    }
    seed = kept;
  }
}

/* --- By hand --------------------------------------------------------------------------------- */

static void plain_board(void)
{
  board.use_count = 0;
  for (size_t u = 0; u < UNITS; u++)
    units[u] = (struct board_unit){.licensed = BEDS_OF_UNIT, .staffed = BEDS_OF_UNIT};
  for (size_t i = 0; i < BEDS; i++)
    beds[i] = (struct board_bed){.unit = i / BEDS_OF_UNIT,
                                 .room_id = i % 4 < 2 ? TEXT("a") : TEXT(""),
                                 .level_of_care = TEXT("3.5"),
                                 .medicines = TEXT("buprenorphine naltrexone"),
                                 .licensed = true,
                                 .staffed = true};
}

static void a_plan_that_is_overdue_is_not_believed(void **state)
{
  (void)state;
  plain_board();
  uses[0] = (struct board_use){.bed = 0,
                               .kind = BED_OCCUPIED,
                               .start_at = 10,
                               .until_at = BOARD_OPEN,
                               .planned_end_at = 100};
  board.use_count = 1;
  units[0].cleaning = 5;
  struct board_moment m = {.at = 102, .now = 50, .planned = true};
  board_at(&board, &m, places, counts);
  assert_int_equal(places[0].state, BED_STATE_CLEANING);
  assert_int_equal(places[0].free_at, 105);
  m.at = 105;
  board_at(&board, &m, places, counts);
  assert_int_equal(places[0].why, 0);
  m.now = 101; /* still there past the plan */
  board_at(&board, &m, places, counts);
  assert_int_equal(places[0].state, BED_STATE_OCCUPIED);
  assert_int_equal(places[0].free_at, 0);
  units[0].staffed = -1; /* no unit says so; it would offer nothing */
  board_at(&board, &m, places, counts);
  assert_int_equal(counts[0].cap, 0);
}

static void a_bed_fits_or_says_each_reason(void **state)
{
  (void)state;
  static const struct {
    struct bed_need need;
    unsigned why;
  } rows[] = {
      {{.level_of_care = {"", 0}}, 0},
      {{.level_of_care = {"3.5", 3}}, 0},
      {{.level_of_care = {"3.7", 3}}, BED_WHY_LEVEL},
      {{.group = {"women", 5}}, 0},
      {{.with_child = true}, BED_WHY_CHILD},
      {{.needs_accessible = true}, BED_WHY_ACCESS},
      {{.needs_isolation = true}, BED_WHY_ISOLATION},
      {{.funding = {"medicaid", 8}}, 0},
      {{.medicine = {"buprenorphine", 13}}, 0},
      {{.medicine = {"methadone", 9}}, BED_WHY_MEDICINE},
      {{.with_child = true, .medicine = {"methadone", 9}}, BED_WHY_CHILD | BED_WHY_MEDICINE},
  };
  struct board_moment m = {.at = 10};
  plain_board();
  board_at(&board, &m, places, counts);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_int_equal(bed_fit(&board, places, 3, &rows[i].need, NULL), rows[i].why);
  struct bed_need all = {.with_child = true, .needs_accessible = true, .needs_isolation = true};
  beds[3].accepts_child = beds[3].accessible = beds[3].isolation = true;
  assert_int_equal(bed_fit(&board, places, 3, &all, NULL), 0);
  struct bed_need pays = {.funding = TEXT("medicaid state")};
  beds[3].funding = TEXT("veterans state");
  assert_int_equal(bed_fit(&board, places, 3, &pays, NULL), 0);
  beds[3].funding = TEXT("veterans");
  assert_int_equal(bed_fit(&board, places, 3, &pays, NULL), BED_WHY_FUNDING);
}

static void who_shares_the_room_counts(void **state)
{
  (void)state;
  struct board_moment m = {.at = 10};
  struct bed_need woman = {.group = TEXT("women")}, man = {.group = TEXT("men")},
                  unsaid = {.with_child = false};
  plain_board();
  beds[0].same_room = beds[2].same_room = true;
  beds[3].groups = TEXT("women nonbinary");
  uses[0] = (struct board_use){
      .bed = 1, .kind = BED_OCCUPIED, .until_at = BOARD_OPEN, .placed_as = TEXT("women")};
  uses[1] = (struct board_use){/* in no room of theirs */
                               .bed = 6,
                               .kind = BED_OCCUPIED,
                               .until_at = BOARD_OPEN,
                               .placed_as = TEXT("men")};
  board.use_count = 2;
  board_at(&board, &m, places, counts);
  assert_int_equal(bed_fit(&board, places, 0, &woman, NULL), 0);
  assert_int_equal(bed_fit(&board, places, 0, &man, NULL), BED_WHY_ROOM_GROUP);
  assert_int_equal(bed_fit(&board, places, 0, &unsaid, NULL), BED_WHY_ROOM_GROUP);
  assert_int_equal(bed_fit(&board, places, 2, &man, NULL), 0); /* stands alone */
  assert_int_equal(bed_fit(&board, places, 3, &man, NULL), BED_WHY_GROUP);
  assert_int_equal(bed_fit(&board, places, 3, &woman, NULL), 0);
  assert_int_equal(bed_fit(&board, places, 3, &unsaid, NULL), BED_WHY_GROUP);
  /* the one who has it is not in their own way */
  assert_int_equal(bed_fit(&board, places, 1, &woman, NULL), BED_WHY_USED);
  assert_int_equal(bed_fit(&board, places, 1, &woman, &uses[0]), 0);
  beds[0].same_room = true;
  assert_int_equal(bed_fit(&board, places, 0, &man, &uses[0]), 0); /* they would move */
  assert_int_equal(bed_fit(&board, places, 5, &woman, &uses[0]), 0);
  /* cleaning, and one who will be gone, share nothing */
  uses[0].kind = BED_CLEANING;
  board_at(&board, &m, places, counts);
  assert_int_equal(bed_fit(&board, places, 0, &man, NULL), 0);
  uses[0].kind = BED_OCCUPIED;
  uses[0].planned_end_at = 8;
  units[0].cleaning = 50;
  m.planned = true;
  m.now = 5;
  board_at(&board, &m, places, counts);
  assert_int_equal(places[1].state, BED_STATE_CLEANING);
  assert_int_equal(bed_fit(&board, places, 0, &man, NULL), 0);
}

static void what_is_out_of_order_is_refused(void **state)
{
  (void)state;
  plain_board();
  uses[0] = (struct board_use){.bed = 1, .start_at = 5, .until_at = 10};
  uses[1] = (struct board_use){.bed = 1, .start_at = 10, .until_at = 12};
  board.use_count = 2;
  assert_true(board_check(&board));
  uses[1].start_at = 9;
  assert_false(board_check(&board)); /* overlap */
  uses[1] = (struct board_use){.bed = 0, .start_at = 10, .until_at = 12};
  assert_false(board_check(&board)); /* beds not in order */
  uses[1] = (struct board_use){.bed = BEDS, .start_at = 10, .until_at = 12};
  assert_false(board_check(&board)); /* no such bed */
  uses[1] = (struct board_use){.bed = 2, .start_at = 10, .until_at = 9};
  assert_false(board_check(&board)); /* ends before it begins */
  board.use_count = 0;
  beds[0].unit = 1;
  assert_false(board_check(&board)); /* units not together */
  beds[0].unit = UNITS;
  assert_false(board_check(&board)); /* no such unit */
}

static void words_are_codes(void **state)
{
  (void)state;
  enum bed_kind kind;
  for (int i = 0; i < BED_KINDS; i++) {
    assert_true(bed_kind_find(text_from(bed_kind_name((enum bed_kind)i)), &kind));
    assert_int_equal(kind, i);
    assert_string_equal(bed_state_name((enum bed_state)(i + 1)), bed_kind_name(kind));
    assert_int_equal(bed_kind_is_person(kind), i < 3);
  }
  assert_false(bed_kind_find(TEXT("free"), &kind));
  assert_string_equal(bed_state_name(BED_STATE_CLOSED), "closed");
  assert_string_equal(bed_why_name(0), "closed");
  assert_string_equal(bed_why_name(BED_WHYS - 1), "medicine");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_what_the_naive_model_says),
      cmocka_unit_test(more_in_use_never_offers_more),
      cmocka_unit_test(the_forecast_is_each_day_with_its_plans),
      cmocka_unit_test(a_plan_that_is_overdue_is_not_believed),
      cmocka_unit_test(a_bed_fits_or_says_each_reason),
      cmocka_unit_test(who_shares_the_room_counts),
      cmocka_unit_test(what_is_out_of_order_is_refused),
      cmocka_unit_test(words_are_codes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
