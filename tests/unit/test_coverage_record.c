/*
 * Tests of record.h on both engines: plans, worksheets, authorizations that burn down by delivered
 * days, clocks, denials and their appeals. What pays is test_record_funding.c. Expected
 * values: what was written; knowledge/coverage-clocks.csv and the calendar by hand (72 hours for an
 * urgent request to Medicaid's plan, 15 days for an employer's, 180 days to appeal inside it).
 */
#include "coverage_world.h"

struct work {
  struct text id, level;
  int64_t version, seq;
  struct coverage_plan plan, *plans;
  struct benefits_worksheet sheet, *sheets;
  struct coverage_authorization authorization, *authorizations;
  struct coverage_denial denial, *denials;
  struct denial_change change;
  struct coverage_step *steps;
  struct coverage_open *open;
  struct coverage_place after;
  size_t limit;
  int64_t total;
  struct coverage_delivered delivered;
  struct delivered_day day;
  struct coverage_question question, last;
  enum question_of whose;
  size_t count;
};
DEED(save_plan, coverage_plan_save(t, rules, access, world.arena, &w->plan, error))
DEED(list_plans, coverage_plan_list(t, access, world.arena, &w->plans, &w->count, error))
DEED(load_sheet,
     benefits_worksheet_load(t, rules, access, world.arena, w->id, w->level, &w->sheet, error))
DEED(add_sheet, benefits_worksheet_add(t, rules, access, world.arena, &w->sheet, TODAY, error))
DEED(list_sheets,
     benefits_worksheet_list(t, rules, access, world.arena, &w->sheets, &w->count, error))
DEED(begin_question, coverage_question_begin(t, access, world.arena, &w->question, error))
DEED(number_question, coverage_question_begin(t, access, world.arena, &w->question, error) &&
                          coverage_question_add(t, access, &w->question, error))
DEED(add_question, coverage_question_add(t, access, &w->question, error))
DEED(last_question, coverage_question_last(t, access, world.arena, &w->last, error))
DEED(whose_question, coverage_question_whose(t, access, w->id, w->question.trace, &w->whose, error))
DEED(ask, authorization_ask(t, rules, access, world.arena, &w->authorization, zone, error))
DEED(decide,
     authorization_decide(t, rules, access, world.arena, &w->authorization, zone, TODAY, error))
DEED(list_authorizations,
     authorization_list(t, access, world.arena, &w->authorizations, &w->count, error))
DEED(list_steps, coverage_step_list(t, access, world.arena, w->id, &w->steps, &w->count, error))
DEED(load_delivered, coverage_delivered_load(t, access, world.arena, &w->delivered, error))
DEED(deliver,
     delivered_day_add(t, world.care, access, world.arena, &w->day, w->level, &w->seq, error))
DEED(add_denial, coverage_denial_add(t, rules, access, world.arena, &w->denial, zone, TODAY, error))
DEED(change_denial, coverage_denial_change(t, rules, access, world.arena, w->id, &w->change,
                                           w->version, zone, TODAY, error))
DEED(list_denials, coverage_denial_list(t, access, world.arena, &w->denials, &w->count, error))
DEED(list_open, coverage_open_list(t, access, world.arena, TODAY, &w->after, w->limit, &w->open,
                                   &w->count, error) &&
                    coverage_open_count(t, access, TODAY, &w->total, error))

/* What is open, all of it; how many of it are late. */
static size_t look_open(struct work *w)
{
  size_t late = 0;
  w->after = (struct coverage_place){.id = TEXT("")};
  w->limit = 100;
  WORLD(world_do("coverage", "read", TEXT(""), list_open, w));
  assert_int_equal(w->total, w->count);
  for (size_t i = 0; i < w->count; i++) late += w->open[i].is_late;
  return late;
}

static struct text plan_of(const char *payer)
{
  struct work w = {.plan = {.payer = text_from(payer),
                            .turn = 1,
                            .name = TEXT("Example Plan"),
                            .member_number = TEXT("X-123-planted")}};
  WORLD(to("write", save_plan, &w));
  return w.plan.id;
}

/* The time of a clock; 0: none. */
struct clock_look {
  const char *kind;
  struct text subject;
  int64_t at;
};
static bool find_clock(struct store_transaction *t, void *context, struct error *error)
{
  struct clock_look *look = context;
  struct due_item *items;
  size_t count;
  if (!due_list(t, world.arena, world.program_id, INT64_MAX, 100, &items, &count, error))
    return false;
  look->at = 0;
  for (size_t i = 0; i < count; i++)
    if (text_equal(items[i].kind, text_from(look->kind)) &&
        text_equal(items[i].subject_id, look->subject))
      look->at = items[i].at;
  return true;
}
static int64_t clock_of(const char *kind, struct text subject)
{
  struct clock_look look = {kind, subject, 0};
  WORLD(store_read(world.store, find_clock, &look, &world.error));
  return look.at;
}

/* --- Plans and worksheets -------------------------------------------------------------------- */

static void a_plan_is_kept_sealed_and_by_version(void **state)
{
  (void)state;
  struct work w = {.plan = {.payer = TEXT("employer"), .turn = 1, .name = TEXT(" ")}};
  REFUSED(to("write", save_plan, &w), "error.coverage.plan");
  w.plan.name = TEXT("Example Plan");
  w.plan.payer = TEXT("nobody");
  REFUSED(to("write", save_plan, &w), "error.coverage.payer");
  w.plan.payer = TEXT("employer");
  w.plan.turn = 10;
  REFUSED(to("write", save_plan, &w), "error.coverage.turn");
  w.plan.turn = 2;
  w.plan.from_on = 20000;
  w.plan.to_on = 19999;
  REFUSED(to("write", save_plan, &w), "error.coverage.dates");
  w.plan.to_on = 0;
  w.plan.name = TEXT("bad\001");
  REFUSED(to("write", save_plan, &w), "error.care.text");
  w.plan.name = TEXT("Example Plan");
  w.plan.member_number = TEXT("X-123-planted");
  WORLD(to("write", save_plan, &w));
  w.plan.turn = 1;
  w.plan.member_number = TEXT("X-9");
  WORLD(to("write", save_plan, &w));
  w.plan.version = 1;
  REFUSED(to("write", save_plan, &w), "error.coverage.stale");
  WORLD(to("read", list_plans, &w));
  assert_int_equal(w.count, 1);
  assert_int_equal(w.plans[0].version, 2);
  assert_true(text_equal(w.plans[0].member_number, TEXT("X-9")));
  assert_true(text_equal(w.plans[0].name, TEXT("Example Plan")));
  /* Somebody else's record has none, and cannot reach it. */
  WORLD(world_do("coverage", "read", other, list_plans, &w));
  assert_int_equal(w.count, 0);
  w.plan.version = 2;
  REFUSED(world_do("coverage", "write", other, save_plan, &w), "error.404.text");
}

static void only_who_may_writes(void **state)
{
  (void)state;
  struct work w = {.plan = {.payer = TEXT("employer"), .turn = 1, .name = TEXT("Plan")}};
  world_become("case-manager", "", "");
  REFUSED(to("write", save_plan, &w), "error.403.text");
  WORLD(to("read", list_plans, &w));
  REFUSED(world_do("coverage", "read", person, save_plan, &w), "error.403.text");
  world_become("nurse", "", "");
  REFUSED(to("read", list_plans, &w), "error.403.text");
  world_become("utilization", "", "");
  REFUSED(world_do("delivered", "read", person, list_plans, &w), "error.403.text");
  REFUSED(world_do("coverage", "read", TEXT(""), list_plans, &w), "error.403.text");
}

static void a_worksheet_is_only_added_to(void **state)
{
  (void)state;
  struct work w = {.id = plan_of("employer"), .level = TEXT("3.5")};
  WORLD(to("read", load_sheet, &w));
  assert_int_equal(w.sheet.seq, 0);
  struct benefit_answer yes = {.value = 1,
                               .source = BENEFIT_BY_PHONE,
                               .who = TEXT("Rep planted"),
                               .reference = TEXT("call 7"),
                               .asked_on = TODAY};
  WORLD(benefit_answer_give(rules, &w.sheet.benefits, BENEFIT_COVERED, &yes, &world.error));
  WORLD(to("write", add_sheet, &w));
  assert_int_equal(w.sheet.seq, 1);
  w.sheet.seq = 0;
  REFUSED(to("write", add_sheet, &w), "error.coverage.stale");
  WORLD(to("read", load_sheet, &w));
  assert_true(w.sheet.benefits.answers[BENEFIT_COVERED].is_given);
  assert_int_equal(w.sheet.benefits.answers[BENEFIT_COVERED].expires_on, TODAY + 30);
  assert_true(text_equal(w.sheet.benefits.answers[BENEFIT_COVERED].who, TEXT("Rep planted")));
  assert_false(w.sheet.benefits.answers[BENEFIT_ACTIVE].is_given);
  yes.value = 25000;
  WORLD(benefit_answer_give(rules, &w.sheet.benefits, BENEFIT_DEDUCTIBLE, &yes, &world.error));
  WORLD(to("write", add_sheet, &w));
  WORLD(to("read", list_sheets, &w));
  assert_int_equal(w.count, 1);
  assert_int_equal(w.sheets[0].seq, 2);
  assert_int_equal(w.sheets[0].benefits.answers[BENEFIT_DEDUCTIBLE].value, 25000);
  w.id = TEXT("nothing");
  REFUSED(to("read", load_sheet, &w), "error.404.text");
}

/* --- Authorizations -------------------------------------------------------------------------- */

static struct work asking(const char *payer, bool is_urgent)
{
  return (struct work){.authorization = {.plan_id = plan_of(payer),
                                         .episode_id = stay,
                                         .level_of_care = TEXT("3.5"),
                                         .is_urgent = is_urgent,
                                         .asked_at = world.now - HOUR,
                                         .asked_on = TODAY,
                                         .units_asked = 14}};
}

static void a_question_has_a_number_of_its_own(void **state)
{
  struct work w = {.id = TEXT("plan-1"),
                   .question = {.plan_id = TEXT("plan-1"),
                                .level_of_care = TEXT("3.5"),
                                .disclosure_id = TEXT("left-1"),
                                .sender = TEXT("HARBOR"),
                                .provider_name = TEXT("Harbor House"),
                                .provider_npi = TEXT("1234567893")}};
  (void)state;
  WORLD(to("read", last_question, &w));
  assert_int_equal(w.last.control, 0);
  WORLD(to("write", number_question, &w));
  assert_int_equal(w.question.control, 1);
  assert_int_equal(w.question.trace.length, 32);
  struct text first = w.question.trace;
  WORLD(to("write", number_question, &w));
  assert_int_equal(w.question.control, 2);
  assert_false(text_equal(first, w.question.trace));
  WORLD(to("read", last_question, &w));
  assert_int_equal(w.last.control, 2);
  assert_true(text_equal(w.last.provider_npi, TEXT("1234567893")));
  WORLD(to("read", whose_question, &w));
  assert_int_equal(w.whose, QUESTION_OF_PLAN);
  w.id = TEXT("plan-2");
  WORLD(to("read", whose_question, &w));
  assert_int_equal(w.whose, QUESTION_OF_ANOTHER);
  w.question.trace = TEXT("TRACE1");
  WORLD(to("read", whose_question, &w));
  assert_int_equal(w.whose, QUESTION_UNKNOWN);
  REFUSED(to("read", number_question, &w), "error.403.text");
  w.question.control = 999999999;
  WORLD(to("write", add_question, &w));
  REFUSED(to("write", begin_question, &w), "error.coverage.x12_numbers");
}

static void the_law_s_clock_runs_until_the_plan_decides(void **state)
{
  (void)state;
  struct work w = asking("medicaid-managed", true);
  w.authorization.units_asked = 0;
  REFUSED(to("write", ask, &w), "error.coverage.units");
  w.authorization.units_asked = 14;
  w.authorization.asked_at = world.now + HOUR;
  REFUSED(to("write", ask, &w), "error.coverage.moment");
  w.authorization.asked_at = world.now - HOUR;
  w.authorization.episode_id = TEXT("another");
  REFUSED(to("write", ask, &w), "error.coverage.stay_of");
  w.authorization.episode_id = stay;
  WORLD(to("write", ask, &w));
  assert_int_equal(clock_of("coverage.decision", w.authorization.id), world.now - HOUR + 72 * HOUR);
  struct work slow = asking("employer", false);
  WORLD(to("write", ask, &slow));
  /* 15 days after 18 November: the third of December; it ends where the program is. */
  int64_t at;
  assert_true(zone_day_begin(zone, TEXT("2026-12-04"), &at));
  assert_int_equal(clock_of("coverage.decision", slow.authorization.id), at);
  struct work none = asking("medicare", false);
  WORLD(to("write", ask, &none));
  assert_int_equal(clock_of("coverage.decision", none.authorization.id), 0); /* no law is known */
  /* Nobody answered: the clock rings once, and the list says so until somebody acts. */
  struct due_registry *registry = due_registry_new();
  size_t fired;
  coverage_register_due(registry);
  WORLD(due_sweep(world.store, registry, world.now + 80 * HOUR, 10, &fired, &world.error));
  WORLD(due_sweep(world.store, registry, world.now + 80 * HOUR, 10, &fired, &world.error));
  due_registry_free(registry);
  assert_int_equal(look_open(&w), 1);
  assert_int_equal(w.count, 3);
  /* By day: 72 hours from an hour ago is the 21st where the program is; the third of December; no
   * law. */
  const struct text order[] = {w.authorization.id, slow.authorization.id, none.authorization.id};
  const int64_t days[] = {TODAY + 3, TODAY + 15, COVERAGE_NO_DAY};
  for (size_t i = 0; i < 3; i++) {
    assert_true(text_equal(w.open[i].id, order[i]));
    assert_int_equal(w.open[i].due_on, days[i]);
    assert_int_equal(w.open[i].is_late, i == 0);
    assert_non_null(w.open[i].authorization);
    assert_int_equal(w.open[i].authorization->words.length, 0);
  }
  w.authorization.state = AUTHORIZATION_APPROVED;
  w.authorization.decided_on = TODAY;
  w.authorization.approved = (struct authorization){.units = 0, .from = TODAY, .to = TODAY + 6};
  REFUSED(to("write", decide, &w), "error.coverage.units");
  w.authorization.approved.units = 7;
  w.authorization.approved.review_on = TODAY + 9;
  REFUSED(to("write", decide, &w), "error.coverage.dates");
  w.authorization.approved.review_on = TODAY + 5;
  w.authorization.decided_on = TODAY + 1;
  REFUSED(to("write", decide, &w), "error.coverage.moment");
  w.authorization.decided_on = TODAY;
  w.authorization.number = TEXT("A-77");
  WORLD(to("write", decide, &w));
  REFUSED(to("write", decide, &w), "error.coverage.stale");
  assert_int_equal(clock_of("coverage.decision", w.authorization.id), 0);
  assert_true(zone_day_begin(zone, TEXT("2026-11-23"), &at));
  assert_int_equal(clock_of("coverage.review", w.authorization.id), at);
  assert_int_equal(look_open(&w), 0);
  assert_int_equal(w.open[0].due_on, TODAY + 5);
  w.id = w.authorization.id;
  WORLD(to("read", list_steps, &w));
  assert_int_equal(w.count, 2);
  assert_true(text_equal(w.steps[1].act, TEXT("approved")));
  w.authorization.version = 2;
  w.authorization.state = AUTHORIZATION_WITHDRAWN;
  REFUSED(to("write", decide, &w), "error.coverage.decided");
}

static struct work approved(const char *level, int64_t units, int64_t from, int64_t to_day)
{
  struct work w = asking("employer", false);
  w.authorization.level_of_care = text_from(level);
  WORLD(to("write", ask, &w));
  w.authorization.state = AUTHORIZATION_APPROVED;
  w.authorization.decided_on = TODAY;
  w.authorization.approved = (struct authorization){.units = units, .from = from, .to = to_day};
  WORLD(to("write", decide, &w));
  return w;
}

static void delivered_days_burn_it_down(void **state)
{
  (void)state;
  struct work w = {.day = {.person_id = person,
                           .episode_id = stay,
                           .date = TEXT("2026-11-10"),
                           .level_of_care = TEXT("3.5"),
                           .source_room = TEXT("care")},
                   .level = TEXT("2026-11-18")};
  world_become("counselor", "", "");
  world_become("", "", "");
  WORLD(world_do("delivered", "write", person, deliver, &w)); /* nine days */
  world_become("utilization", "", "");
  struct work early = approved("3.5", 3, TODAY - 6, TODAY - 4); /* the 12th to the 14th */
  struct work late = approved("3.5", 5, TODAY - 3, TODAY + 4);  /* the 15th to the 22nd */
  struct authorization_burn burn;
  WORLD(to("read", list_authorizations, &w));
  WORLD(world_do("delivered", "read", person, load_delivered, &w));
  assert_int_equal(w.count, 2);
  for (size_t i = 0; i < 2; i++) {
    bool is_early = text_equal(w.authorizations[i].id, early.authorization.id);
    authorization_burn_load(rules, world.arena, zone, w.authorizations, 2, i, &w.delivered, TODAY,
                            &burn);
    assert_int_equal(burn.used, is_early ? 3 : 4);
    assert_int_equal(burn.left, is_early ? 0 : 1);
    assert_int_equal(burn.over, 0);
    assert_int_equal(burn.outside, 2); /* the 10th and 11th are nobody's */
    assert_true(burn.is_low);
    if (!is_early) assert_int_equal(burn.runs_out_on, TODAY + 1);
  }
  assert_true(text_equal(late.authorization.level_of_care, TEXT("3.5")));
  struct work elsewhere = approved("2.1", 5, TODAY - 3, TODAY + 4);
  WORLD(to("read", list_authorizations, &w));
  for (size_t i = 0; i < w.count; i++)
    if (text_equal(w.authorizations[i].id, elsewhere.authorization.id)) {
      authorization_burn_load(rules, world.arena, zone, w.authorizations, w.count, i, &w.delivered,
                              TODAY, &burn);
      assert_int_equal(burn.used, 0); /* no day at that level */
    }
}

/* --- Denials --------------------------------------------------------------------------------- */

static void an_appeal_has_its_days(void **state)
{
  (void)state;
  struct work asked = asking("employer", false);
  WORLD(to("write", ask, &asked));
  struct work w = {.denial = {.plan_id = asked.authorization.plan_id,
                              .authorization_id = asked.authorization.id,
                              .level_of_care = TEXT("3.5"),
                              .denial = {.reason = TEXT("no such"), .denied_on = TODAY},
                              .requested = TEXT("14 days")}};
  REFUSED(to("write", add_denial, &w), "error.coverage.reason");
  w.denial.denial.reason = TEXT("step-first");
  w.denial.denial.denied_on = TODAY + 1;
  REFUSED(to("write", add_denial, &w), "error.coverage.moment");
  w.denial.denial.denied_on = TODAY;
  WORLD(to("write", add_denial, &w));
  WORLD(to("read", list_authorizations, &asked));
  assert_int_equal(asked.authorizations[0].state, AUTHORIZATION_DENIED);
  assert_int_equal(clock_of("coverage.decision", asked.authorization.id), 0);
  /* 180 days after 18 November 2026: 17 May 2027. */
  int64_t at;
  assert_true(zone_day_begin(zone, TEXT("2027-05-17"), &at));
  assert_int_equal(clock_of("coverage.appeal", w.denial.id), at);
  w.id = w.denial.id;
  w.version = 1;
  w.change = (struct denial_change){DENIAL_EXTERNAL, TODAY, TEXT("")};
  REFUSED(to("write", change_denial, &w), "error.coverage.appeal"); /* the plan comes first */
  w.change = (struct denial_change){DENIAL_AGAIN, TODAY, TEXT("")};
  REFUSED(to("write", change_denial, &w), "error.coverage.appeal");
  w.change = (struct denial_change){DENIAL_INTERNAL, TODAY - 1, TEXT("")};
  REFUSED(to("write", change_denial, &w), "error.coverage.moment");
  w.change.on_day = TODAY;
  WORLD(to("write", change_denial, &w));
  REFUSED(to("write", change_denial, &w), "error.coverage.stale");
  w.version = 2;
  REFUSED(to("write", change_denial, &w), "error.coverage.appeal"); /* once */
  w.change = (struct denial_change){DENIAL_AGAIN, TODAY, TEXT("")};
  WORLD(to("write", change_denial, &w));
  /* Four months after the second no: 18 March 2027. */
  assert_true(zone_day_begin(zone, TEXT("2027-03-18"), &at));
  assert_int_equal(clock_of("coverage.appeal", w.denial.id), at);
  w.version = 3;
  w.change = (struct denial_change){DENIAL_ENDED, TODAY, TEXT("won")};
  REFUSED(to("write", change_denial, &w), "error.coverage.outcome");
  w.change.outcome = TEXT("overturned");
  WORLD(to("write", change_denial, &w));
  assert_int_equal(clock_of("coverage.appeal", w.denial.id), 0);
  w.version = 4;
  REFUSED(to("write", change_denial, &w), "error.coverage.over");
  WORLD(to("read", list_steps, &w));
  assert_int_equal(w.count, 4);
  WORLD(to("read", list_denials, &w));
  assert_true(text_equal(w.denials[0].outcome, TEXT("overturned")));
  assert_true(text_equal(w.denials[0].requested, TEXT("14 days")));
  (void)look_open(&w);
  for (size_t i = 0; i < w.count; i++) assert_null(w.open[i].denial);
}

/* --- Sealed ---------------------------------------------------------------------------------- */

static bool forget(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(t, "UPDATE person SET erased_at = 1 WHERE program_id = $1 AND id = $2",
                       STORE_BIND(STORE_T(world.program_id), STORE_T(person)), NULL, error);
}

static void words_go_with_the_person_s_key(void **state)
{
  (void)state;
  struct work w = asking("employer", false);
  w.authorization.words = TEXT("words planted");
  WORLD(to("write", ask, &w));
  if (!on_postgresql) { /* every byte of the file */
    struct text command = text_format(
        world.arena, "grep -raq -e planted -e 'Example Plan' %s/fairlead.db*", world.folder);
    assert_int_not_equal(system(text_c(world.arena, command)), 0);
  }
  struct vault_subject subject = {world.program_id, person};
  WORLD(vault_erase(world.vault, subject, world.now, &world.error));
  WORLD(store_write(world.store, forget, NULL, &world.error));
  WORLD(to("read", list_plans, &w));
  assert_int_equal(w.count, 1);
  assert_int_equal(w.plans[0].name.length, 0);
  WORLD(to("read", list_authorizations, &w));
  assert_int_equal(w.authorizations[0].words.length, 0);
  (void)look_open(&w);
  assert_int_equal(w.count, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_plan_is_kept_sealed_and_by_version, coverage_begin,
                                      coverage_end),
      cmocka_unit_test_setup_teardown(only_who_may_writes, coverage_begin, coverage_end),
      cmocka_unit_test_setup_teardown(a_worksheet_is_only_added_to, coverage_begin, coverage_end),
      cmocka_unit_test_setup_teardown(a_question_has_a_number_of_its_own, coverage_begin,
                                      coverage_end),
      cmocka_unit_test_setup_teardown(the_law_s_clock_runs_until_the_plan_decides, coverage_begin,
                                      coverage_end),
      cmocka_unit_test_setup_teardown(delivered_days_burn_it_down, coverage_begin, coverage_end),
      cmocka_unit_test_setup_teardown(an_appeal_has_its_days, coverage_begin, coverage_end),
      cmocka_unit_test_setup_teardown(words_go_with_the_person_s_key, coverage_begin, coverage_end),
  };
  return store_support_run("coverage record", tests, sizeof tests / sizeof *tests);
}
