/*
 * Tests of what pays for a stay and of a program's own fees (record_funding.c, fee_version.c) on
 * both engines: a loan and its terms, changes and undoing by new rows, who did what. Expected
 * values: what was written; 42 CFR 51c.303(f).
 */
#include "care_world.h"

#include "coverage/coverage.h"

static const int64_t HOUR = INT64_C(3600) * 1000000;
/* 2026-11-18, by: date -d 2026-11-18 +%s, divided by 86400 */
enum { TODAY = 20775 };
static struct coverage_rules *rules;
static struct text person, other, stay;

struct work {
  struct text id;
  int64_t version;
  struct stay_funding funding, *fundings;
  struct paying_step *paying;
  struct fee_version fees, *all_fees;
  size_t count;
};
#define DEED(name, call)                                                                           \
  static bool name(struct store_transaction *t, const struct access *access, void *context,        \
                   struct error *error)                                                            \
  {                                                                                                \
    struct work *w = context;                                                                      \
    return call;                                                                                   \
  }
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
static bool make_person(struct store_transaction *t, const struct access *access, void *context,
                        struct error *error)
{
  return person_create(t, world.care, access, world.arena, context, error);
}
static bool make_stay(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return episode_create(t, world.care, access, world.arena, context, world.now - 240 * HOUR, error);
}
static bool make_site(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return site_create(t, world.care, access, world.arena, context, error);
}

#define REFUSED(call, key)                                                                         \
  do {                                                                                             \
    error_clear(&world.error);                                                                     \
    assert_false(call);                                                                            \
    assert_string_equal(world.error.person, key);                                                  \
  } while (0)

static bool to(const char *act, world_function *run, struct work *w)
{
  return world_do("coverage", act, person, run, w);
}

static struct text add_person(const char *family)
{
  struct person made = {.identity = {.family = text_from(family), .sex = TEXT("unknown")},
                        .language = TEXT("es")};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &made.id,
                     &world.error));
  struct world_deed deed = {"person", "write", made.id, make_person, &made, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return made.id;
}

static int begin(void **state)
{
  int failed = world_begin(state);
  struct site site = {.name = TEXT("West")};
  const char *knowledge = file_join(world.arena, world_share(), "knowledge");
  WORLD(world_do("site", "write", TEXT(""), make_site, &site));
  WORLD(coverage_rules_load(&rules, knowledge, &world.error));
  world_become("case-manager", "", "");
  person = add_person("Bell");
  other = add_person("Booth");
  struct episode made = {.person_id = person,
                         .status = TEXT("active"),
                         .site_id = site.id,
                         .level_of_care = TEXT("3.5"),
                         .referral_source = TEXT("self")};
  WORLD(world_do("episode", "write", person, make_stay, &made));
  stay = made.id;
  world_become("utilization", "", "");
  return failed;
}

static int end(void **state)
{
  coverage_rules_free(rules);
  return world_end(state);
}

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
      cmocka_unit_test_setup_teardown(a_loan_stands_last_and_with_its_terms, begin, end),
      cmocka_unit_test_setup_teardown(funding_is_changed_and_undone_by_new_rows, begin, end),
      cmocka_unit_test_setup_teardown(a_program_sets_its_own_fees, begin, end),
  };
  return store_support_run("record funding", tests, sizeof tests / sizeof *tests);
}
