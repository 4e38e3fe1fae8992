/*
 * Tests of what pays for a stay and of a program's own fees (record_funding.c, fee_version.c) on
 * both engines: a loan and its terms, changes and undoing by new rows, who did what. Expected
 * values: what was written; 42 CFR 51c.303(f).
 */
#include "coverage_world.h"

struct work {
  struct text id;
  int64_t version;
  struct stay_funding funding, *fundings;
  struct paying_step *paying;
  struct fee_version fees, *all_fees;
  size_t count;
};
DEED(add_funding, stay_funding_add(t, rules, access, world.arena, &w->funding, error))
DEED(end_funding, stay_funding_end(t, access, world.arena, w->id, w->version, error))
DEED(replace_funding,
     stay_funding_replace(t, rules, access, world.arena, w->id, w->version, &w->funding, error))
DEED(undo_funding, stay_funding_undo(t, rules, access, world.arena, w->id, w->version, error))
DEED(list_funding_steps, stay_funding_steps(t, access, world.arena, &w->paying, &w->count, error))
DEED(list_fee_steps, fee_version_steps(t, access, world.arena, &w->paying, &w->count, error))
DEED(list_funding, stay_funding_list(t, rules, access, world.arena, &w->fundings, &w->count, error))
DEED(add_fees, fee_version_add(t, rules, access, world.arena, &w->fees, error))
DEED(withdraw_fees, fee_version_withdraw(t, access, w->id, TODAY, error))
DEED(list_fees,
     fee_version_list(t, access->program_id, world.arena, &w->all_fees, &w->count, error))
/* --- What pays, and fees --------------------------------------------------------------------- */

static void a_loan_stands_last_and_with_its_terms(void **state)
{
  (void)state;
  struct work w = {.funding = {.source = TEXT("loan"), .amount = 100000}};
  REFUSED(to("write", add_funding, &w), "error.coverage.loan");
  w.funding.loan = (struct loan){.amount = 100000, .rate = 1200, .months = 12};
  REFUSED(to("write", add_funding, &w), "error.coverage.stay_of");
  w.funding.episode_id = stay;
  WORLD(to("write", add_funding, &w));
  struct text loan = w.funding.id;
  w.funding = (struct stay_funding){
      .source = TEXT("county"), .episode_id = stay, .amount = -1, .words = TEXT("by letter")};
  WORLD(to("write", add_funding, &w));
  w.funding.source = TEXT("lottery");
  REFUSED(to("write", add_funding, &w), "error.coverage.source");
  WORLD(to("read", list_funding, &w));
  assert_int_equal(w.count, 2);
  assert_true(text_equal(w.fundings[0].source, TEXT("county")));
  assert_int_equal(w.fundings[0].amount, -1);
  assert_true(text_equal(w.fundings[1].id, loan));
  assert_int_equal(w.fundings[1].loan.rate, 1200);
  w.id = loan;
  w.version = 1;
  WORLD(to("write", end_funding, &w));
  REFUSED(to("write", end_funding, &w), "error.coverage.stale");
}

/* What pays on a day: what runs then, else what begins later; each source once, in its order. */
static void what_pays_on_a_day_is_told_by_the_rows(void **state)
{
  (void)state;
  const struct stay_funding rows[] = {
      {.episode_id = TEXT("a"), .source = TEXT("insurance"), .ended_at = 1},
      {.episode_id = TEXT("a"), .source = TEXT("medicaid"), .to_on = TODAY},
      {.episode_id = TEXT("a"), .source = TEXT("medicaid"), .from_on = TODAY - 9},
      {.episode_id = TEXT("a"), .source = TEXT("state"), .from_on = TODAY + 1, .to_on = TODAY + 9},
      {.episode_id = TEXT("a"), .source = TEXT("county"), .to_on = TODAY - 1},
      {.episode_id = TEXT("a"), .source = TEXT("self-pay")},
      {.episode_id = TEXT("b"), .source = TEXT("scholarship"), .from_on = TODAY + 5}};
  const struct {
    const char *stay, *sources;
    int64_t day;
  } cases[] = {{"a", "medicaid self-pay", TODAY},
               {"a", "medicaid state self-pay", TODAY + 1},
               {"a", "medicaid state self-pay", TODAY + 9},
               {"a", "medicaid self-pay", TODAY + 10},
               {"b", "scholarship", TODAY},
               {"b", "scholarship", TODAY + 5},
               {"c", "", TODAY}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text found = stay_funding_on(world.arena, rows, sizeof rows / sizeof *rows,
                                        text_from(cases[i].stay), cases[i].day);
    assert_true(text_equal(found, text_from(cases[i].sources)));
  }
}

/* How many of the person's rows pay now; the last of them, and its amount. */
static size_t running(struct work *w, int64_t *amount)
{
  size_t count = 0;
  WORLD(to("read", list_funding, w));
  for (size_t i = 0; i < w->count; i++) {
    if (w->fundings[i].ended_at) continue;
    count++;
    *amount = w->fundings[i].amount;
    w->id = w->fundings[i].id;
  }
  return count;
}

/* Each change is a new row; what was there before stays, with who did it. */
static void funding_is_changed_and_undone_by_new_rows(void **state)
{
  (void)state;
  struct work w = {.funding = {.source = TEXT("self-pay"), .episode_id = stay, .amount = 250000}};
  int64_t amount = 0;
  WORLD(to("read", list_funding_steps, &w));
  size_t before = w.count;
  WORLD(to("write", add_funding, &w));
  struct text first = w.id = w.funding.id;
  w.version = 1;
  REFUSED(to("write", undo_funding, &w), "error.coverage.undo");
  WORLD(to("write", end_funding, &w));
  assert_int_equal(running(&w, &amount), 0);
  w.id = first;
  REFUSED(to("write", undo_funding, &w), "error.coverage.stale");
  w.version = 2;
  REFUSED(world_do("coverage", "write", other, undo_funding, &w), "error.404.text");
  REFUSED(to("read", undo_funding, &w), "error.403.text");
  WORLD(to("write", undo_funding, &w));
  assert_int_equal(running(&w, &amount), 1);
  assert_int_equal(amount, 250000);
  assert_false(text_equal(w.id, first));
  struct text second = w.id;
  w.id = first;
  w.version = 3;
  REFUSED(to("write", undo_funding, &w), "error.coverage.stale"); /* once */
  w.id = second;
  w.version = 1;
  w.funding.amount = 300000;
  WORLD(to("write", replace_funding, &w));
  assert_int_equal(running(&w, &amount), 1);
  assert_int_equal(amount, 300000);
  w.version = 1;
  WORLD(to("write", undo_funding, &w));
  assert_int_equal(running(&w, &amount), 1);
  assert_int_equal(amount, 250000);
  /* entered, ended, replaced; entered, replaced; entered, replaced; entered */
  WORLD(to("read", list_funding_steps, &w));
  assert_int_equal(w.count, before + 8);
  for (size_t i = 0; i < 8; i++) assert_true(w.paying[i].account_id.length > 0);
  WORLD(world_do("coverage", "read", other, list_funding_steps, &w));
  assert_int_equal(w.count, 0);
}

static void a_program_sets_its_own_fees(void **state)
{
  (void)state;
  /* After 42 CFR 51c.303(f): a flat fee up to 100 %, three bands to 200 %, the whole above. */
  static const struct fee_band bands[] = {
      {.above = 0, .to = 100, .kind = FEE_FLAT, .amount = 500},
      {.above = 100, .to = 133, .kind = FEE_SHARE, .amount = 25},
      {.above = 133, .to = 166, .kind = FEE_SHARE, .amount = 50},
      {.above = 166, .to = 200, .kind = FEE_SHARE, .amount = 75},
      {.above = 200, .to = FEE_NO_END, .kind = FEE_SHARE, .amount = 100}};
  struct work w = {
      .fees = {.approved_by = TEXT("Board, 3 November"),
               .schedule = {.term = {TODAY + 10, COVERAGE_OPEN}, .bands = bands, .band_count = 4}}};
  REFUSED(world_do("program", "write", TEXT(""), add_fees, &w), "error.403.text");
  world_become("administrator", "", "");
  REFUSED(world_do("program", "write", TEXT(""), add_fees, &w), "error.coverage.fee_gap");
  w.fees.schedule.band_count = 5;
  WORLD(world_do("program", "write", TEXT(""), add_fees, &w));
  struct text later = w.fees.id;
  w.fees.schedule.term.first = TODAY - 100;
  WORLD(world_do("program", "write", TEXT(""), add_fees, &w));
  WORLD(world_do("program", "write", TEXT(""), list_fees, &w));
  assert_int_equal(w.count, 2);
  assert_true(text_equal(w.all_fees[0].id, later));
  assert_int_equal(w.all_fees[1].schedule.band_count, 5);
  assert_int_equal(w.all_fees[1].schedule.bands[4].to, FEE_NO_END);
  w.id = w.fees.id;
  REFUSED(world_do("program", "write", TEXT(""), withdraw_fees, &w), "error.coverage.fee_began");
  w.id = later;
  WORLD(world_do("program", "write", TEXT(""), withdraw_fees, &w));
  /* Its bands anew, and who did what: two entered, one taken back, one entered again. */
  w.fees.again = later;
  w.fees.schedule.term.first = TODAY + 20;
  WORLD(world_do("program", "write", TEXT(""), add_fees, &w));
  WORLD(world_do("program", "write", TEXT(""), list_fee_steps, &w));
  assert_int_equal(w.count, 4);
  size_t again = 0, withdrawn = 0;
  for (size_t i = 0; i < 4; i++) {
    again += text_equal(w.paying[i].other_id, later);
    withdrawn += text_equal(w.paying[i].act, TEXT("withdrawn"));
    assert_true(w.paying[i].account_id.length > 0);
  }
  assert_int_equal(again, 1);
  assert_int_equal(withdrawn, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_loan_stands_last_and_with_its_terms, coverage_begin,
                                      coverage_end),
      cmocka_unit_test_setup_teardown(what_pays_on_a_day_is_told_by_the_rows, coverage_begin,
                                      coverage_end),
      cmocka_unit_test_setup_teardown(funding_is_changed_and_undone_by_new_rows, coverage_begin,
                                      coverage_end),
      cmocka_unit_test_setup_teardown(a_program_sets_its_own_fees, coverage_begin, coverage_end),
  };
  return store_support_run("record funding", tests, sizeof tests / sizeof *tests);
}
