/*
 * Tests of waitlist.h: the order against a plain reading of the law, the place and why, deadlines
 * by the calendar, and law that ended. Expected values: 45 CFR 96.126 and 96.131, counted by hand;
 * the plain reading is written here, apart from the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admission/admission.h"

static struct arena *arena;
static struct catalog *catalog;
static struct request_rules *rules;

static const int64_t HOUR = INT64_C(3600000000), DAY = INT64_C(86400000000);
static const int64_t T = INT64_C(1795000000) * 1000000; /* 2026-11-18T14:26:40Z */

static int set_up(void **state)
{
  (void)state;
  struct error error = {0};
  arena = arena_new((size_t)1 << 26);
  if (catalog_load(&catalog, "locale", &error) &&
      request_rules_load(&rules, "knowledge", catalog, &error))
    return 0;
  print_error("%s\n", error.log);
  return 1;
}

static int tear_down(void **state)
{
  (void)state;
  request_rules_free(rules);
  catalog_free(catalog);
  arena_free(arena);
  return 0;
}

/* --- Order --------------------------------------------------------------------------------- */

static uint64_t drawn = 88172645463325252u;
static unsigned draw(unsigned below)
{
  drawn ^= drawn << 13;
  drawn ^= drawn >> 7;
  drawn ^= drawn << 17;
  return (unsigned)(drawn % below);
}

static struct waitlist_candidate somebody(size_t number)
{
  return (struct waitlist_candidate){.id = text_format(arena, "%04zu", number),
                                     .is_pregnant = draw(3) == 0,
                                     .is_injecting = draw(2) == 0,
                                     .urgency = 1 + (int64_t)draw(3),
                                     .since_at = T + (int64_t)draw(5) * HOUR};
}

/* 45 CFR 96.131(a): pregnant injecting, pregnant, injecting, all others. */
static int plain_rank(const struct waitlist_candidate *one)
{
  if (one->is_pregnant) return one->is_injecting ? 1 : 2;
  return one->is_injecting ? 3 : 4;
}

static bool plain_before(const struct waitlist_candidate *a, const struct waitlist_candidate *b)
{
  if (plain_rank(a) != plain_rank(b)) return plain_rank(a) < plain_rank(b);
  if (a->urgency != b->urgency) return a->urgency > b->urgency;
  if (a->since_at != b->since_at) return a->since_at < b->since_at;
  return strncmp(a->id.at, b->id.at, 4) < 0;
}

static void the_order_is_that_of_a_plain_reading(void **state)
{
  (void)state;
  enum { ROUNDS = 200, MOST = 40 };
  for (int round = 0; round < ROUNDS; round++) {
    struct waitlist_candidate all[MOST], drawn_again[MOST];
    size_t count = draw(MOST + 1);
    for (size_t i = 0; i < count; i++) all[i] = somebody(i);
    memcpy(drawn_again, all, sizeof all);
    for (size_t i = count; i > 1; i--) {
      size_t other = draw((unsigned)i);
      struct waitlist_candidate held = drawn_again[i - 1];
      drawn_again[i - 1] = drawn_again[other];
      drawn_again[other] = held;
    }
    waitlist_sort(rules, all, count);
    waitlist_sort(rules, drawn_again, count);
    for (size_t i = 0; i < count; i++) {
      assert_true(text_equal(all[i].id, drawn_again[i].id)); /* whoever came in when */
      if (i) assert_true(plain_before(&all[i - 1], &all[i]));
    }
  }
}

static size_t number_of(const struct waitlist_candidate *all, size_t count, size_t index)
{
  struct waitlist_place place;
  waitlist_place_find(rules, all, count, index, &place);
  assert_int_equal(place.number, 1 + place.by_law + place.by_urgency + place.by_waiting);
  assert_int_equal(place.count, count);
  return place.number;
}

/* No fact that the law or urgency puts first ever moves anybody down, nor does having asked
 * earlier; and nobody's place depends on who stands behind them. */
static void a_fact_that_counts_never_moves_anybody_down(void **state)
{
  (void)state;
  enum { COUNT = 25 };
  for (int round = 0; round < 200; round++) {
    struct waitlist_candidate all[COUNT + 1];
    for (size_t i = 0; i <= COUNT; i++) all[i] = somebody(i);
    size_t one = draw(COUNT), before = number_of(all, COUNT, one);
    struct waitlist_candidate kept = all[one];
    all[one].is_pregnant = true;
    assert_true(number_of(all, COUNT, one) <= before);
    all[one] = kept;
    all[one].is_injecting = true;
    assert_true(number_of(all, COUNT, one) <= before);
    all[one] = kept;
    all[one].urgency++;
    assert_true(number_of(all, COUNT, one) <= before);
    all[one] = kept;
    all[one].since_at -= HOUR;
    assert_true(number_of(all, COUNT, one) <= before);
    all[one] = kept;
    size_t now = number_of(all, COUNT + 1, one); /* somebody comes */
    assert_true(now == before || now == before + 1);
    assert_int_equal(now > before, plain_before(&all[COUNT], &all[one]));
  }
}

static void places_are_the_sorted_order(void **state)
{
  (void)state;
  enum { COUNT = 30 };
  struct waitlist_candidate all[COUNT];
  for (size_t i = 0; i < COUNT; i++) all[i] = somebody(i);
  waitlist_sort(rules, all, COUNT);
  struct waitlist_place at_once[COUNT], one;
  waitlist_places_find(rules, all, COUNT, at_once);
  for (size_t i = 0; i < COUNT; i++) {
    assert_int_equal(number_of(all, COUNT, i), i + 1);
    waitlist_place_find(rules, all, COUNT, i, &one);
    assert_memory_equal(&at_once[i], &one, sizeof one);
  }
  waitlist_places_find(rules, NULL, 0, at_once);
  waitlist_sort(rules, NULL, 0);
}

static const char *words_of(size_t language, const struct waitlist_candidate *all, size_t count,
                            size_t index)
{
  struct waitlist_place place;
  waitlist_place_find(rules, all, count, index, &place);
  const struct value *list = waitlist_place_words(catalog, arena, language, &place);
  struct text out = TEXT("");
  for (size_t i = 0; i < value_count(list); i++) {
    struct text one = value_text_get(value_item(list, i));
    out = text_format(arena, "%.*s%s%.*s", TEXT_PRINT(out), i ? " " : "", TEXT_PRINT(one));
  }
  return text_c(arena, out);
}

static void the_place_is_said_in_plain_words(void **state)
{
  (void)state;
  const struct waitlist_candidate all[] = {
      {TEXT("a"), false, false, 1, T, 0},      {TEXT("b"), true, false, 1, T + HOUR, 0},
      {TEXT("c"), false, true, 1, T, 0},       {TEXT("d"), false, false, 3, T + HOUR, 0},
      {TEXT("e"), false, false, 1, T - 2, 0},  {TEXT("f"), false, false, 1, T - 1, 0},
      {TEXT("g"), false, false, 2, T + 99, 0},
  };
  assert_string_equal(
      words_of(0, all, 7, 0),
      "You are number 7 on the list. 2 people are before you because the law puts some people "
      "first. 2 people are before you because their need is more urgent. 2 people are before you "
      "because they asked earlier. Money and insurance do not change your place.");
  assert_string_equal(words_of(0, all, 7, 1),
                      "You are next. Money and insurance do not change your place.");
  assert_string_equal(words_of(1, all, 3, 0),
                      "Usted es el número 3 de la lista. 2 personas van antes porque la ley pone "
                      "primero a algunas personas. El dinero y el seguro no cambian su lugar.");
  assert_string_equal(words_of(0, all + 3, 4, 2),
                      "You are number 4 on the list. 2 people are before you because their need is "
                      "more urgent. One person is before you because they asked earlier. Money and "
                      "insurance do not change your place.");
}

/* --- Deadlines ----------------------------------------------------------------------------- */

static struct waitlist_deadlines deadlines(bool pregnant, bool injecting, int64_t interim_at,
                                           int64_t now)
{
  struct waitlist_facts facts = {pregnant, injecting, T, interim_at};
  struct waitlist_deadlines out;
  waitlist_deadlines_find(rules, &facts, now, &out);
  return out;
}

static void deadlines_are_those_of_the_law(void **state)
{
  (void)state;
  struct waitlist_deadlines at = deadlines(false, true, 0, T);
  assert_int_equal(at.interim_due, T + 48 * HOUR);
  assert_int_equal(at.admit_due, T + 14 * DAY);
  assert_int_equal(at.admit_most, T + 120 * DAY);
  assert_int_equal(at.admit_by, T + 14 * DAY); /* 96.126(b)(1) */
  assert_false(at.interim_late || at.admit_late || at.over);
  at = deadlines(false, true, T + 48 * HOUR, T + 15 * DAY); /* in time: (b)(2) */
  assert_int_equal(at.admit_by, T + 120 * DAY);
  assert_false(at.interim_late || at.admit_late);
  at = deadlines(false, true, T + 48 * HOUR + 1, T + 15 * DAY);
  assert_int_equal(at.admit_by, T + 14 * DAY);
  assert_true(at.interim_late && at.admit_late);
  at = deadlines(false, true, T + HOUR, T + 120 * DAY);
  assert_false(at.admit_late);
  at = deadlines(false, true, T + HOUR, T + 120 * DAY + 1);
  assert_true(at.admit_late);
  at = deadlines(true, false, 0, T + 49 * HOUR); /* 300x-27: interim services, no 14 days */
  assert_int_equal(at.interim_due, T + 48 * HOUR);
  assert_int_equal(at.admit_due, 0);
  assert_int_equal(at.admit_by, 0);
  assert_true(at.interim_late);
  at = deadlines(true, false, T + HOUR, T + 49 * HOUR);
  assert_int_equal(at.admit_by, 0);
  at = deadlines(false, false, 0, T + 500 * DAY);
  assert_int_equal(at.interim_due + at.admit_due + at.admit_most + at.admit_by, 0);
  assert_false(at.interim_late || at.admit_late);
}

/* A clock that was set back shows nothing as late and moves no deadline. */
static void a_clock_that_goes_back_moves_no_deadline(void **state)
{
  (void)state;
  struct waitlist_deadlines ahead = deadlines(true, true, 0, T + 20 * DAY),
                            back = deadlines(true, true, 0, T - DAY);
  assert_int_equal(ahead.interim_due, back.interim_due);
  assert_int_equal(ahead.admit_due, back.admit_due);
  assert_true(ahead.interim_late && ahead.admit_late);
  assert_false(back.interim_late || back.admit_late);
}

static void contact_is_kept_every_seven_days(void **state)
{
  (void)state;
  assert_int_equal(waitlist_contact_due(rules, T, 0), T + 7 * DAY);
  assert_int_equal(waitlist_contact_due(rules, T, T + 3 * DAY), T + 10 * DAY);
}

static void interim_services_are_owed_by_who_somebody_is(void **state)
{
  (void)state;
  size_t owed[4] = {0};
  for (size_t i = 0; i < interim_service_count(rules); i++)
    for (size_t who = 0; who < 4; who++)
      owed[who] += interim_service_is_owed(interim_service_get(rules, i), who & 1, who & 2);
  assert_int_equal(owed[0], 0);
  assert_int_equal(owed[2], 4); /* 45 CFR 96.121: HIV and TB, needles, transmission, referral */
  assert_int_equal(owed[1], 6); /* and the baby, prenatal care */
  assert_int_equal(owed[3], 6);
}

static void the_state_is_told_at_ninety_percent(void **state)
{
  (void)state;
  assert_false(capacity_is_reached(rules, 0, 0));
  assert_false(capacity_is_reached(rules, 8, 9)); /* 88.9 */
  assert_true(capacity_is_reached(rules, 9, 10));
  assert_false(capacity_is_reached(rules, 17, 19)); /* 89.5 */
  assert_true(capacity_is_reached(rules, 19, 19));
  assert_int_equal(capacity_notice_due(rules, T), T + 7 * DAY);
}

/* --- Loading ------------------------------------------------------------------------------- */

static char folder[] = "/tmp/fairlead-waitlist-XXXXXX";
static const char *const names[] = {"request-consents",  "request-sources",     "request-states",
                                    "request-urgencies", "decline-reasons",     "waitlist-outcomes",
                                    "skip-reasons",      "interim-services",    "contact-ways",
                                    "contact-results",   "call-kinds",          "slot-kinds",
                                    "waitlist-order",    "waitlist-clocks",     "business-holidays",
                                    "call-scripts",      "request-join-reasons"};

static void restore_all(void)
{
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *name = text_c(arena, text_format(arena, "%s.csv", names[i]));
    struct text content;
    assert_true(file_read(arena, file_join(arena, "knowledge", name), LIMIT_KNOWLEDGE_FILE,
                          &content, NULL));
    assert_true(file_replace(file_join(arena, folder, name), content, NULL));
  }
}

/* Load with `from` replaced by `to` in a file ("" : put `to` behind it). Answers what was refused,
 * or "". */
static const char *load_with(const char *name, const char *from, const char *to,
                             struct request_rules **out)
{
  struct text content;
  struct error error = {0};
  struct request_rules *loaded = NULL;
  restore_all();
  const char *path = file_join(arena, folder, text_c(arena, text_format(arena, "%s.csv", name)));
  assert_true(file_read(arena, path, LIMIT_KNOWLEDGE_FILE, &content, NULL));
  size_t at = *from ? text_find(content, text_from(from)) : content.length;
  assert_true(at < content.length || !*from);
  struct text changed =
      text_format(arena, "%.*s%s%.*s", (int)at, content.at, to,
                  (int)(content.length - at - strlen(from)), content.at + at + strlen(from));
  assert_true(file_replace(path, changed, NULL));
  bool is_loaded = request_rules_load(&loaded, folder, catalog, &error);
  if (out) *out = loaded;
  else if (is_loaded) request_rules_free(loaded);
  return is_loaded ? "" : text_c(arena, text_from(error.log));
}

static void what_is_wrong_with_the_rules_is_said(void **state)
{
  (void)state;
  static const struct {
    const char *file, *from, *to, *what;
  } cases[] = {
      {"request-sources", "link,self,", ",self,", "no code"},
      {"request-sources", "call,self,", "link,self,", "the code stands twice"},
      {"request-sources", "", "pigeon,self,our choice,P\n", "no words"},
      {"request-sources", ",P\n", ",X\n", "a word that is none"},
      {"request-sources", "a sealed assessment link that the person sent; our choice", "",
       "no source"},
      {"request-sources", "source", "sourse", "source"},
      {"request-sources", "grade", "grad", "grade"},
      {"request-sources", "referral", "referal", "referral"},
      {"request-sources", "code,", "\"code,", "request-sources.csv"},
      {"request-states", "accepted declined ended", "accepted flown", "no such next state"},
      {"waitlist-outcomes", "referred,ended", "referred,waiting", "leads to a state that ends"},
      {"waitlist-outcomes", "not-reached,ended,3", "not-reached,ended,x", "a number is missing"},
      {"call-kinds", "came-in,first-call", "came-in,no-call", "no such script"},
      {"call-kinds", "call-back,yes", "call-back,perhaps", "a word that is none"},
      {"waitlist-order", "2,yes,no", "2,yes,yes", "the same people twice"},
      {"waitlist-order", "2,yes,no", "0,yes,no", "no words"},
      {"waitlist-order", "2,yes,no", "2,maybe,no", "a word that is none"},
      {"waitlist-order", "2,yes,no", "2,yes,maybe", "a word that is none"},
      {"waitlist-order", "4,no,no,1993-03-31,,45 CFR 96.131(a)(4),GK\n", "",
       "some people have no place"},
      {"waitlist-order", "1993-03-31", "1993-02-30", "no date"},
      {"waitlist-order", "1993-03-31,", "1993-03-31,soon", "no date"},
      {"waitlist-order", "1993-03-31,", "1993-03-31,1993-03-31", "it expires before it begins"},
      {"waitlist-clocks", "interim,48", "interim,0", "a number is missing"},
      {"waitlist-clocks", "interim,48,hours", "interim,48,moons", "a word that is none"},
      {"waitlist-clocks", "interim,48,hours", "interim,48,percent", "the share is in percent"},
      {"waitlist-clocks", "90,percent", "90,days", "the share is in percent"},
      {"waitlist-clocks", "pregnant injecting", "pregnant tall", "for whom"},
      {"waitlist-clocks", "pregnant injecting", "", "for whom"},
      {"waitlist-clocks", "interim,48", "sometime,48", "no words"},
      {"waitlist-clocks",
       "contact,7,days,all,,,45 CFR 96.126(c) asks for contact; the figure is our choice,P\n", "",
       "a clock is missing"},
      {"waitlist-clocks", "injecting,1993-03-31", "injecting,1993", "no date"},
      {"request-urgencies", "emergency,3,30,0", "emergency,3,30,1", "either minutes"},
      {"request-urgencies", "emergency,3,30,0", "emergency,0,30,0", "a number is missing"},
      {"request-urgencies", "emergency,3,30,0", "emergency,3,-1,0", "a number is missing"},
      {"request-urgencies", "emergency,3,30,0", "emergency,3,30,x", "a number is missing"},
      {"interim-services", "pregnant injecting,yes", "tall,yes", "for whom"},
      {"interim-services", "pregnant injecting,yes", "pregnant,perhaps", "a word that is none"},
      {"interim-services", "1993-03-31", "never", "no date"},
      {"business-holidays", "fixed", "movable", "a word that is none"},
      {"business-holidays", "new-year,fixed,1", "new-year,fixed,13", "a number is missing"},
      {"business-holidays", "king,nth,1,3", "king,nth,1,5", "a number is missing"},
      {"business-holidays", "king,nth,1,3,1", "king,nth,1,3,7", "a number is missing"},
      {"business-holidays", "1971-01-01", "1971", "no date"},
  };
  assert_string_equal(load_with("slot-kinds", "", "", NULL), "");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *said = load_with(cases[i].file, cases[i].from, cases[i].to, NULL);
    if (!strstr(said, cases[i].what)) fail_msg("%s %s: %s", cases[i].file, cases[i].to, said);
    assert_non_null(strstr(said, cases[i].file));
  }
  struct text content;
  struct error error = {0};
  struct request_rules *loaded;
  restore_all();
  const char *path = file_join(arena, folder, "slot-kinds.csv");
  assert_true(file_read(arena, path, LIMIT_KNOWLEDGE_FILE, &content, NULL));
  assert_true(file_replace(path, TEXT("code,source,grade\n"), NULL));
  assert_false(request_rules_load(&loaded, folder, catalog, &error));
  assert_non_null(strstr(error.log, "no row"));
  assert_false(request_rules_load(&loaded, "/nowhere", catalog, &error));
  restore_all();
  assert_true(request_rules_load(&loaded, folder, NULL, &error)); /* words are not asked for */
  request_rules_free(loaded);
  request_rules_free(NULL);
}

/* Past its date a law says so; the clock that protects goes on. */
static void a_law_that_ended_says_so(void **state)
{
  (void)state;
  struct request_rules *dated;
  assert_string_equal(
      load_with("waitlist-clocks", "injecting,1993-03-31,,42 U.S.C. 300x-23(a)(2)(A)(i);",
                "injecting,1993-03-31,2026-11-01,42 U.S.C. 300x-23(a)(2)(A)(i);", &dated),
      "");
  struct waitlist_facts facts = {false, true, T, 0};
  struct waitlist_deadlines out;
  waitlist_deadlines_find(dated, &facts, T, &out);
  assert_int_equal(out.over, 1u << WAITLIST_ADMIT);
  assert_int_equal(out.admit_due, T + 14 * DAY);
  waitlist_deadlines_find(dated, &facts, T - 30 * DAY, &out);
  assert_int_equal(out.over, 0);
  const struct request_term *term = &waitlist_clock_get(dated, WAITLIST_ADMIT)->term;
  assert_int_equal(request_term_says(term, term->until - 1), REQUEST_TERM_HOLDS);
  assert_int_equal(request_term_says(term, term->until), REQUEST_TERM_OVER);
  assert_int_equal(request_term_says(term, term->from - 1), REQUEST_TERM_EARLY);
  assert_int_equal(request_term_says(&waitlist_clock_get(dated, WAITLIST_CONTACT)->term, T),
                   REQUEST_TERM_HOLDS);
  struct value *found = value_list(arena);
  request_rules_find(dated, catalog, arena, TEXT("waitlist-clocks.admit"), T, found);
  assert_int_equal(value_count(found), 1);
  struct text today = value_text_get(value_get(value_item(found, 0), TEXT("today")));
  assert_true(text_equal(today, TEXT("ended: check the law")));
  request_rules_free(dated);
}

static void rules_are_looked_up_and_shown(void **state)
{
  (void)state;
  struct value *found = value_list(arena);
  assert_string_equal(request_list_name(CONTACT_WAYS), "contact-ways");
  assert_int_equal(request_code_count(rules, REQUEST_URGENCIES), 3);
  assert_true(text_equal(request_code(rules, SLOT_KINDS, 3), TEXT("dosing-window")));
  assert_true(request_code_is(rules, REQUEST_STATES, TEXT("waiting")));
  assert_false(request_code_is(rules, REQUEST_STATES, TEXT("flown")));
  assert_false(request_code_is(rules, REQUEST_STATES, TEXT("")));
  assert_true(request_code_says(rules, REQUEST_STATES, TEXT("waiting"), "next", "offered"));
  assert_false(request_code_says(rules, REQUEST_STATES, TEXT("waiting"), "next", "admitted"));
  assert_int_equal(request_code_number(rules, WAITLIST_OUTCOMES, TEXT("not-reached"), "attempts"),
                   3);
  assert_int_equal(request_code_number(rules, WAITLIST_OUTCOMES, TEXT("flown"), "attempts"), 0);
  assert_true(text_equal(request_code_cell(rules, REQUEST_SOURCES, TEXT("program"), "referral"),
                         TEXT("treatment-provider")));
  assert_true(text_is_empty(request_code_cell(rules, REQUEST_SOURCES, TEXT("call"), "no column")));
  assert_int_equal(urgency_find(rules, TEXT("urgent"))->minutes, 120);
  assert_null(urgency_find(rules, TEXT("soon")));
  assert_true(call_step_count(rules) > 10);
  assert_true(text_equal(call_step_get(rules, 0)->script, TEXT("first-call")));
  assert_true(request_rules_rows(rules) > 90);
  request_rules_find(rules, catalog, arena, TEXT("waitlist-order"), T, found);
  assert_int_equal(value_count(found), 4);
  struct text words =
      value_text_get(value_get(value_get(value_item(found, 1), TEXT("words")), TEXT("es")));
  assert_true(text_equal(words, TEXT("Está embarazada")));
  request_rules_find(rules, catalog, arena, TEXT("call-scripts.decline"), T, found);
  assert_int_equal(value_count(found), 7);
  request_rules_find(rules, catalog, arena, TEXT("decline-reasons.money"), T, found);
  request_rules_find(rules, catalog, arena, TEXT(""), T, found);
  assert_int_equal(value_count(found), 7);
}

/* Money is no reason: no reason to decline, and none to pass somebody over, speaks of it. */
static void no_reason_is_about_money(void **state)
{
  (void)state;
  static const char *const words[] = {"money", "pay", "insur", "cost", "fund", "medicaid", NULL};
  const enum request_list lists[] = {REQUEST_DECLINE_REASONS, WAITLIST_SKIP_REASONS};
  for (size_t list = 0; list < 2; list++)
    for (size_t i = 0; i < request_code_count(rules, lists[list]); i++)
      for (size_t word = 0; words[word]; word++)
        assert_false(text_contains(request_code(rules, lists[list], i), text_from(words[word])));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_order_is_that_of_a_plain_reading),
      cmocka_unit_test(a_fact_that_counts_never_moves_anybody_down),
      cmocka_unit_test(places_are_the_sorted_order),
      cmocka_unit_test(the_place_is_said_in_plain_words),
      cmocka_unit_test(deadlines_are_those_of_the_law),
      cmocka_unit_test(a_clock_that_goes_back_moves_no_deadline),
      cmocka_unit_test(contact_is_kept_every_seven_days),
      cmocka_unit_test(interim_services_are_owed_by_who_somebody_is),
      cmocka_unit_test(the_state_is_told_at_ninety_percent),
      cmocka_unit_test(what_is_wrong_with_the_rules_is_said),
      cmocka_unit_test(a_law_that_ended_says_so),
      cmocka_unit_test(rules_are_looked_up_and_shown),
      cmocka_unit_test(no_reason_is_about_money),
  };
  if (!mkdtemp(folder)) return 1;
  int failed = cmocka_run_group_tests_name("waitlist", tests, set_up, tear_down);
  char command[80];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) ? 1 : failed;
}
