/*
 * Tests of intake.h. Expected values: 42 CFR 8.12's days as in the clinical reference's MET-10,
 * reckoned by hand; what the header says; and, for 20,000 made-up intakes, a second reckoning
 * written from the header's words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "intake_support.h"

static const int64_t HOUR = INT64_C(3600) * 1000000, DAY = INT64_C(86400) * 1000000;
/* 2026-11-18T00:00:00Z */
static const int64_t NOON = INT64_C(1795003200) * 1000000;

enum { MOST = 128 };
static struct intake_answer answers[MOST];
static struct intake_progress progress;

static struct intake_question ask(const char *program)
{
  return (struct intake_question){.rules = rules,
                                  .program_kind = text_from(program),
                                  .level_of_care = TEXT("3.5"),
                                  .admitted_at = NOON,
                                  .now = NOON};
}

static const struct intake_answer *check(const struct intake_question *question, const char *code)
{
  intake_check(question, answers, &progress);
  for (size_t i = 0; i < intake_codes_count(question->rules); i++)
    if (text_equal(answers[i].item->code, text_from(code))) return &answers[i];
  fail_msg("%s", code);
  return NULL;
}

static struct intake_said said(const char *item, enum intake_said_state state, const char *reason,
                               int64_t at)
{
  return (struct intake_said){text_from(item), state, text_from(reason), at};
}

/* --- By hand --------------------------------------------------------------------------------- */

static void the_exam_is_due_within_fourteen_days(void **state)
{
  (void)state;
  struct intake_question question = ask("opioid-treatment");
  struct intake_said exam = said("full-exam", INTAKE_SAID_DONE, "", NOON + 13 * DAY);
  assert_int_equal(check(&question, "full-exam")->due_at, NOON + 14 * DAY);
  assert_int_equal(check(&question, "full-exam")->standing, INTAKE_DUE);
  question.now = NOON + 14 * DAY;
  assert_int_equal(check(&question, "full-exam")->standing, INTAKE_DUE);
  question.now++;
  assert_int_equal(check(&question, "full-exam")->standing, INTAKE_LATE);
  question.said = &exam;
  question.said_count = 1;
  assert_int_equal(check(&question, "full-exam")->standing, INTAKE_DONE);
  assert_false(check(&question, "full-exam")->was_late);
  question.now = NOON + 20 * DAY;
  exam.at = NOON + 15 * DAY;
  assert_true(check(&question, "full-exam")->was_late);
  exam.at = question.now + 1; /* to come: not done yet */
  assert_int_equal(check(&question, "full-exam")->standing, INTAKE_LATE);
}

static void an_exam_from_outside_counts_for_seven_days(void **state)
{
  (void)state;
  struct intake_question question = ask("opioid-treatment");
  struct intake_said exam = said("screening-exam", INTAKE_SAID_DONE, "", NOON - 7 * DAY);
  question.said = &exam;
  question.said_count = 1;
  assert_int_equal(check(&question, "screening-exam")->standing, INTAKE_DONE);
  exam.at--;
  assert_int_equal(check(&question, "screening-exam")->standing, INTAKE_DUE);
  assert_true(check(&question, "screening-exam")->is_old);
  struct intake_said tests = said("tests-drawn", INTAKE_SAID_DONE, "", NOON - 30 * DAY);
  question.said = &tests;
  assert_int_equal(check(&question, "tests-drawn")->standing, INTAKE_DONE);
  tests.at--;
  assert_int_equal(check(&question, "tests-drawn")->standing, INTAKE_DUE);
  question.admitted_at = question.planned_at = 0; /* then it is counted from now */
  assert_true(check(&question, "tests-drawn")->is_old);
  question.program_kind = TEXT("residential");
  const struct intake_answer *answer = check(&question, "screening-exam");
  assert_int_equal(answer->standing, INTAKE_NOT_NEEDED);
  assert_int_equal(answer->why, INTAKE_WHY_PROGRAM);
}

static void what_stands_elsewhere_is_never_typed_again(void **state)
{
  (void)state;
  struct intake_question question = ask("residential");
  struct intake_said typed = said("allergies", INTAKE_SAID_DONE, "", NOON);
  question.said = &typed;
  question.said_count = 1;
  assert_int_equal(check(&question, "allergies")->standing, INTAKE_DUE);
  struct intake_evidence evidence[] = {
      {INTAKE_FACT, TEXT("allergy"), TEXT("severe"), TEXT("f1"), NOON + 6 * HOUR},
      {INTAKE_FACT, TEXT("no-known-allergies"), TEXT(""), TEXT("f2"), NOON + 2 * HOUR},
      {INTAKE_FACT, TEXT("naloxone"), TEXT(""), TEXT("f3"), NOON},
      {INTAKE_PHOTO, TEXT(""), TEXT(""), TEXT("p"), NOON}};
  question.evidence = evidence;
  question.evidence_count = 4;
  question.now = NOON + 6 * HOUR;
  const struct intake_answer *answer = check(&question, "allergies");
  assert_int_equal(answer->standing, INTAKE_DONE);
  assert_ptr_equal(answer->evidence, &evidence[1]); /* since then it is known */
  assert_null(answer->said);
  assert_false(answer->was_late);
  assert_int_equal(check(&question, "photo")->standing, INTAKE_DONE);
  evidence[1].at = NOON + 5 * HOUR;
  assert_true(check(&question, "allergies")->was_late); /* 4 hours */
}

static void a_test_is_declined_and_never_forced(void **state)
{
  (void)state;
  struct intake_question question = ask("residential");
  struct intake_said no[] = {
      said("hiv-test", INTAKE_SAID_DECLINED, "did-not-want", NOON),
      said("consent-treatment", INTAKE_SAID_DECLINED, "did-not-want", NOON),
      said("pregnancy-test", INTAKE_SAID_NOT_NEEDED, "cannot-be-pregnant", NOON),
      said("syphilis-test", INTAKE_SAID_NOT_NEEDED, "did-not-want", NOON), /* no reason for that */
      said("photo", INTAKE_SAID_DECLINED, "because", NOON),
      said("identity", INTAKE_SAID_OPEN, "", NOON)};
  question.said = no;
  question.said_count = 6;
  assert_int_equal(check(&question, "hiv-test")->standing, INTAKE_DECLINED);
  assert_int_equal(check(&question, "consent-treatment")->standing, INTAKE_DUE);
  assert_int_equal(check(&question, "pregnancy-test")->standing, INTAKE_NOT_NEEDED);
  assert_int_equal(check(&question, "pregnancy-test")->why, INTAKE_WHY_SAID);
  assert_ptr_equal(check(&question, "pregnancy-test")->said, &no[2]);
  assert_int_equal(check(&question, "syphilis-test")->standing, INTAKE_DUE);
  assert_int_equal(check(&question, "photo")->standing, INTAKE_DUE);
  assert_int_equal(check(&question, "identity")->standing, INTAKE_DUE);
}

static void the_last_dose_is_asked_of_who_has_one(void **state)
{
  (void)state;
  struct intake_question question = ask("withdrawal");
  struct intake_evidence fact = {INTAKE_FACT, TEXT("opioid-medicine"), TEXT("none"), TEXT("f"),
                                 NOON};
  question.evidence = &fact;
  question.evidence_count = 1;
  assert_int_equal(check(&question, "last-dose")->why, INTAKE_WHY_FACT);
  assert_int_equal(check(&question, "medicine-now")->standing, INTAKE_DONE);
  fact.value = TEXT("methadone");
  assert_int_equal(check(&question, "last-dose")->standing, INTAKE_DUE);
  fact.of = TEXT("veteran");
  assert_int_equal(check(&question, "last-dose")->standing, INTAKE_NOT_NEEDED);
  fact.kind = INTAKE_CONSENT;
  assert_int_equal(check(&question, "last-dose")->standing, INTAKE_NOT_NEEDED);
}

static void before_the_day_only_what_comes_before_is_late(void **state)
{
  (void)state;
  struct intake_question question = ask("residential");
  question.admitted_at = 0;
  question.planned_at = NOON + 2 * DAY;
  assert_int_equal(check(&question, "transport")->due_at, NOON + DAY);
  assert_int_equal(check(&question, "transport")->standing, INTAKE_DUE);
  assert_int_equal(progress.next_late, NOON + DAY);
  question.now = NOON + 3 * DAY; /* the person has not come yet */
  assert_int_equal(check(&question, "transport")->standing, INTAKE_LATE);
  assert_int_equal(check(&question, "allergies")->standing, INTAKE_DUE);
  assert_int_equal(check(&question, "allergies")->due_at, NOON + 2 * DAY + 4 * HOUR);
  assert_int_equal(progress.next_late, 0);
  question.planned_at = 0;
  assert_int_equal(check(&question, "transport")->due_at, 0);
  assert_int_equal(check(&question, "transport")->standing, INTAKE_DUE);
}

static void progress_says_how_far_and_what_next(void **state)
{
  (void)state;
  struct intake_question question = ask("residential");
  struct intake_said done[MOST];
  size_t needed;
  question.admitted_at = 0;
  question.planned_at = NOON;
  check(&question, "identity");
  needed = progress.needed;
  assert_int_equal(progress.settled, 0);
  assert_int_equal(progress.blocking, 1);
  assert_true(text_equal(answers[progress.next].item->code, TEXT("consent-treatment")));
  done[0] = said("consent-treatment", INTAKE_SAID_DONE, "", NOON);
  question.said = done;
  question.said_count = 1;
  check(&question, "identity");
  assert_int_equal(progress.settled, 1);
  assert_int_equal(progress.blocking, 0);
  assert_int_equal(progress.needed, needed);
  assert_true(text_equal(answers[progress.next].item->code, TEXT("named-staff"))); /* due first */
  question.rules = rules;
  size_t count = intake_codes_count(rules);
  struct intake_evidence all[INTAKE_EVIDENCE_KINDS * MOST];
  for (size_t i = 0; i < count; i++) { /* everything */
    const struct intake_item *row = intake_item_find(&question, intake_codes_get(rules, i)->code);
    if (!row) row = intake_codes_get(rules, i);
    done[i] = said(text_c(arena, row->code), INTAKE_SAID_DONE, "", NOON);
    all[i] = (struct intake_evidence){row->evidence, row->of.count ? row->of.at[0] : TEXT(""),
                                      TEXT("yes"), TEXT("e"), NOON};
  }
  question.evidence = all;
  question.evidence_count = question.said_count = count;
  check(&question, "identity");
  assert_int_equal(progress.settled, progress.needed);
  assert_int_equal(progress.next, count);
  assert_int_equal(progress.late, 0);
}

static void names_are_words(void **state)
{
  (void)state;
  assert_string_equal(intake_standing_name(INTAKE_NOT_NEEDED), "not-needed");
  assert_string_equal(intake_why_name(INTAKE_WHY_FACT), "fact");
}

/* --- Law that comes and goes ----------------------------------------------------------------- */

static const char dated[] =
    "item,part,programs,levels,roles,due_hours,oldest_hours,evidence,of,when,blocks,may_decline,"
    "effective,expires,source,grade,signed_by\n"
    "identity,arrival,*,3.5 3.7,nurse,24,,mark,,,no,no,,2025-12-31,old law,V,unsigned\n"
    "identity,arrival,*,3.5 3.7,nurse,48,,mark,,,no,no,2026-01-01,2026-06-30,new law,V,unsigned\n"
    "photo,arrival,hospital,*,nurse,,,photo,,,no,yes,2027-01-01,,law to come,V,unsigned\n"
    "naloxone,health,hospital,*,nurse,720,,mark,,,no,no,2026-01-01,,the newer row "
    "first,V,unsigned\n"
    "naloxone,health,hospital,*,nurse,960,,mark,,,no,no,,2025-12-31,then the older,V,unsigned\n"
    "rights,arrival,hospital,*,nurse,,,mark,,,yes,no,,,no clock,V,unsigned\n"
    "history,health,hospital,3.7,nurse,24,,mark,,,no,no,,,a level,V,unsigned\n"
    "history,health,outpatient,*,nurse,24,,mark,,,no,no,2030-01-01,,a program,V,unsigned\n";

static int64_t at(const char *date)
{
  int64_t day = 0;
  assert_true(coverage_day_read(text_from(date), &day));
  return day * DAY;
}

static void law_holds_on_its_days(void **state)
{
  (void)state;
  struct intake_rules *own = NULL;
  char folder[] = "/tmp/fairlead-intake-XXXXXX";
  assert_non_null(mkdtemp(folder));
  assert_int_equal(system(text_c(arena, text_format(arena, "cp knowledge/*.csv %s", folder))), 0);
  assert_true(file_replace(file_join(arena, folder, "intake-items.csv"), text_from(dated), NULL));
  assert_true(file_replace(
      file_join(arena, folder, "intake-reasons.csv"),
      TEXT("code,state,items,words,source,grade\ndid-not-want,declined,*,no,ours,P\n"), NULL));
  assert_true(file_replace(file_join(arena, folder, "level-facts.csv"),
                           TEXT("from,of,value,fact,answer,source,grade,signed_by\n"
                                "item,identity,done,pregnant,no,ours,P,unsigned\n"),
                           NULL));
  assert_true(intake_rules_load(&own, folder, catalog, NULL));
  assert_int_equal(system(text_c(arena, text_format(arena, "rm -r %s", folder))), 0);
  struct intake_question question = {.rules = own,
                                     .program_kind = TEXT("hospital"),
                                     .level_of_care = TEXT("3.5"),
                                     .admitted_at = at("2025-12-31"),
                                     .now = at("2026-11-18")};
  assert_int_equal(check(&question, "identity")->due_at, at("2026-01-01"));
  assert_false(check(&question, "identity")->law_over);
  question.admitted_at = at("2026-01-01");
  assert_int_equal(check(&question, "identity")->due_at, at("2026-01-03"));
  assert_int_equal(check(&question, "naloxone")->due_at, at("2026-01-31")); /* 720 hours */
  question.admitted_at = at("2026-07-01"); /* it has ended, and protects all the same */
  assert_int_equal(check(&question, "identity")->due_at, at("2026-07-03"));
  assert_true(check(&question, "identity")->law_over);
  assert_int_equal(check(&question, "photo")->why, INTAKE_WHY_LAW);
  question.admitted_at = question.planned_at = 0;
  assert_int_equal(check(&question, "photo")->why, INTAKE_WHY_LAW);
  question.planned_at = at("2027-01-01");
  assert_int_equal(check(&question, "photo")->standing, INTAKE_DUE);
  assert_int_equal(check(&question, "history")->why, INTAKE_WHY_LEVEL);
  question.level_of_care = TEXT("1.0");
  assert_int_equal(check(&question, "identity")->why, INTAKE_WHY_LEVEL);
  assert_null(intake_item_find(&question, TEXT("identity")));
  assert_non_null(intake_item_find(&question, TEXT("rights")));
  question.level_of_care = TEXT("3.5");
  check(&question, "rights");
  assert_true(text_equal(answers[progress.next].item->code, TEXT("rights"))); /* it blocks */
  question.admitted_at = at("2027-01-01");
  check(&question, "rights");
  assert_true(text_equal(answers[progress.next].item->code, TEXT("identity"))); /* it has a clock */
  intake_rules_free(own);
}

/* --- A second reckoning ---------------------------------------------------------------------- */

static uint64_t seed = 7;
static size_t pick(size_t below)
{
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)((seed >> 33) % below);
}

static bool is_in(const struct coverage_words *words, struct text word)
{
  bool found = words->is_any;
  for (size_t i = 0; i < words->count; i++) found = found || text_equal(words->at[i], word);
  return found;
}

/* One item of one intake, from the header's words. */
static enum intake_standing reckon(const struct intake_question *q, struct text code)
{
  int64_t from = q->admitted_at ? q->admitted_at : q->planned_at;
  const struct intake_item *row = NULL;
  for (size_t i = 0; i < intake_items_count(rules); i++) {
    const struct intake_item *one = intake_items_get(rules, i);
    int64_t day = (from ? from : q->now) / DAY;
    if (text_equal(one->code, code) && is_in(&one->programs, q->program_kind) &&
        is_in(&one->levels, q->level_of_care) && one->term.first <= day)
      row = one;
  }
  if (!row) return INTAKE_NOT_NEEDED;
  bool is_asked = row->fact.length == 0, is_done = false;
  int64_t since = from ? from : q->now;
  int64_t first = row->oldest ? since - row->oldest : INT64_MIN;
  for (size_t i = 0; i < q->evidence_count; i++) {
    const struct intake_evidence *e = &q->evidence[i];
    if (e->kind == INTAKE_FACT && text_equal(e->of, row->fact) && is_in(&row->values, e->value))
      is_asked = true;
    if (e->kind == row->evidence && (row->of.count == 0 || is_in(&row->of, e->of)) &&
        e->at <= q->now && e->at >= first)
      is_done = true;
  }
  if (!is_asked) return INTAKE_NOT_NEEDED;
  enum intake_standing otherwise = INTAKE_DUE;
  for (size_t i = 0; i < q->said_count; i++) {
    const struct intake_said *s = &q->said[i];
    const struct intake_reason *reason = intake_reasons_find(rules, s->reason);
    if (!text_equal(s->item, code)) continue;
    if (s->state == INTAKE_SAID_DONE && row->evidence <= INTAKE_DOCUMENT && s->at <= q->now &&
        s->at >= first)
      is_done = true;
    if (s->state == INTAKE_SAID_DECLINED && reason && reason->is_declined && row->may_decline &&
        is_in(&reason->items, code))
      otherwise = INTAKE_DECLINED;
    if (s->state == INTAKE_SAID_NOT_NEEDED && reason && !reason->is_declined &&
        is_in(&reason->items, code))
      otherwise = INTAKE_NOT_NEEDED;
  }
  if (is_done) return INTAKE_DONE;
  if (otherwise != INTAKE_DUE) return otherwise;
  bool runs = q->admitted_at != 0 || row->due < 0;
  return row->has_due && from && runs && q->now > from + row->due ? INTAKE_LATE : INTAKE_DUE;
}

static struct intake_evidence any_evidence(void)
{
  static const char *const of[] = {"opioid-medicine", "pregnancy", "allergy",
                                   "single-tpo",      "cows",      "phq-2",
                                   "patient-rights",  "naloxone",  ""};
  static const char *const values[] = {"methadone", "yes", "none", ""};
  return (struct intake_evidence){(enum intake_evidence_kind)pick(INTAKE_EVIDENCE_KINDS),
                                  text_from(of[pick(9)]), text_from(values[pick(4)]), TEXT("e"),
                                  NOON + ((int64_t)pick(100) - 60) * 12 * HOUR};
}

static void a_second_reckoning_agrees(void **state)
{
  (void)state;
  static const char *const programs[] = {"residential", "outpatient", "opioid-treatment",
                                         "hospital", "office-based"};
  struct intake_evidence evidence[8];
  struct intake_said told[8];
  size_t count = intake_codes_count(rules), seen[INTAKE_STANDINGS] = {0};
  assert_true(count <= MOST);
  for (int round = 0; round < 20000; round++) {
    struct intake_question q = ask(programs[pick(5)]);
    q.admitted_at = pick(2) ? NOON : 0;
    q.planned_at = pick(3) ? NOON - (int64_t)pick(3) * DAY : 0;
    q.now = NOON + (int64_t)pick(40) * 12 * HOUR;
    q.evidence = evidence;
    q.said = told;
    for (q.evidence_count = 0; q.evidence_count < pick(9); q.evidence_count++)
      evidence[q.evidence_count] = any_evidence();
    for (q.said_count = 0; q.said_count < pick(9); q.said_count++) {
      struct text code = intake_codes_get(rules, pick(count))->code;
      const struct intake_reason *reason =
          intake_reasons_get(rules, pick(intake_reasons_count(rules)));
      bool is_new = true;
      for (size_t i = 0; i < q.said_count; i++) is_new = is_new && !text_equal(told[i].item, code);
      if (!is_new) break;
      told[q.said_count] = (struct intake_said){code, (enum intake_said_state)pick(4), reason->code,
                                                NOON + ((int64_t)pick(100) - 60) * 12 * HOUR};
    }
    intake_check(&q, answers, &progress);
    size_t settled = 0, needed = 0, late = 0, blocking = 0;
    for (size_t i = 0; i < count; i++) {
      enum intake_standing expected = reckon(&q, answers[i].item->code);
      if (answers[i].standing != expected)
        fail_msg("round %d: %.*s is %s, not %s", round, TEXT_PRINT(answers[i].item->code),
                 intake_standing_name(answers[i].standing), intake_standing_name(expected));
      seen[expected]++;
      needed += expected != INTAKE_NOT_NEEDED;
      settled += expected == INTAKE_DONE || expected == INTAKE_DECLINED;
      late += expected == INTAKE_LATE;
      blocking += (expected == INTAKE_DUE || expected == INTAKE_LATE) && answers[i].item->blocks;
      assert_int_equal(answers[i].why != INTAKE_WHY_NONE, expected == INTAKE_NOT_NEEDED);
    }
    assert_int_equal(progress.needed, needed);
    assert_int_equal(progress.settled, settled);
    assert_int_equal(progress.late, late);
    assert_int_equal(progress.blocking, blocking);
    assert_int_equal(progress.next < count, settled < needed);
    if (progress.next < count) {
      enum intake_standing next = answers[progress.next].standing;
      assert_true(next == INTAKE_DUE || next == INTAKE_LATE);
    }
  }
  for (size_t i = 0; i < INTAKE_STANDINGS; i++) assert_true(seen[i] > 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_exam_is_due_within_fourteen_days),
      cmocka_unit_test(an_exam_from_outside_counts_for_seven_days),
      cmocka_unit_test(what_stands_elsewhere_is_never_typed_again),
      cmocka_unit_test(a_test_is_declined_and_never_forced),
      cmocka_unit_test(the_last_dose_is_asked_of_who_has_one),
      cmocka_unit_test(before_the_day_only_what_comes_before_is_late),
      cmocka_unit_test(progress_says_how_far_and_what_next),
      cmocka_unit_test(names_are_words),
      cmocka_unit_test(law_holds_on_its_days),
      cmocka_unit_test(a_second_reckoning_agrees),
  };
  return cmocka_run_group_tests_name("intake", tests, rules_set_up, rules_tear_down);
}
