/*
 * Tests of intake_rules.h. Expected values: the clocks of 42 CFR 8.12 as the clinical reference's
 * MET-10 has them (screening exam at most 7 days before, full exam within 14, tests at most 30 days
 * before, assessment and care plan within 14), the issue's list of what an intake asks, and what
 * the header says is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "intake_support.h"

static const int64_t DAY = INT64_C(86400) * 1000000;

static const struct intake_item *row_of(const char *code, const char *program)
{
  for (size_t i = 0; i < intake_items_count(rules); i++) {
    const struct intake_item *row = intake_items_get(rules, i);
    if (text_equal(row->code, text_from(code)) &&
        coverage_words_have(&row->programs, text_from(program)))
      return row;
  }
  return NULL;
}

static void the_law_of_opioid_treatment_programs_has_its_clocks(void **state)
{
  (void)state;
  static const struct {
    const char *code;
    int64_t due, oldest; /* days */
  } clocks[] = {{"screening-exam", 0, 7},
                {"full-exam", 14, 7},
                {"tests-drawn", 14, 30},
                {"full-assessment", 14, 0},
                {"care-plan", 14, 0}};
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    const struct intake_item *row = row_of(clocks[i].code, "opioid-treatment");
    assert_non_null(row);
    assert_true(row->has_due);
    assert_int_equal(row->due, clocks[i].due * DAY);
    assert_int_equal(row->oldest, clocks[i].oldest * DAY);
    assert_int_not_equal(row->term.first, INT64_MIN); /* dated */
    assert_true(text_starts_with(row->basis.source, TEXT("42 CFR 8.12")));
    assert_string_equal(text_c(arena, row->basis.signed_by), "unsigned");
  }
  assert_true(row_of("screening-exam", "opioid-treatment")->blocks);
  assert_null(row_of("screening-exam", "residential"));
}

static void all_that_the_issue_names_is_asked(void **state)
{
  (void)state;
  static const char *const named[] = {
      "identity",   "consent-treatment", "consent-sharing",   "full-assessment", "level-of-care",
      "history",    "allergies",         "medicines-counted", "prescriptions",   "pregnancy-test",
      "hiv-test",   "preliminary-plan",  "emergency-contact", "transport",       "photo",
      "inventory",  "restricted-items",  "packing-list",      "welcome-sheet",   "naloxone",
      "named-staff"};
  for (size_t i = 0; i < sizeof named / sizeof *named; i++)
    if (!row_of(named[i], "residential")) fail_msg("%s", named[i]);
  /* Tests are offered and never forced. */
  static const char *const offered[] = {"pregnancy-test", "hiv-test",      "hepatitis-test",
                                        "tuberculosis",   "syphilis-test", "naloxone"};
  for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
    assert_true(row_of(offered[i], "residential")->may_decline);
    assert_false(row_of(offered[i], "residential")->blocks);
  }
}

static bool has_any(struct text words, const char *const *needles)
{
  struct text folded = text_fold(arena, words);
  for (; *needles; needles++)
    if (text_contains(folded, text_from(*needles))) return true;
  return false;
}

static void nobody_leaves_medicine_at_home(void **state)
{
  (void)state;
  static const char *const medicine[] = {"medic",   "metha", "metado", "bupren",
                                         "naltrex", "pill",  "receta", NULL};
  static const char *const allowed[] = {"drugs that nobody prescribed", "drogas que nadie", NULL};
  size_t brought = 0;
  for (size_t i = 0; i < packing_items_count(rules); i++) {
    const struct packing_item *item = packing_items_get(rules, i);
    bool is_medicine = text_equal(item->kind, TEXT("medicine"));
    assert_true(!is_medicine || item->is_brought);
    brought += is_medicine && item->programs.is_any;
    for (size_t language = 0; language < 2 && !item->is_brought; language++) {
      struct text key = text_format(arena, "packing-list.%.*s", TEXT_PRINT(item->code));
      struct text words = catalog_find(catalog, language, key);
      assert_true(!has_any(words, medicine) || has_any(words, allowed));
    }
  }
  assert_true(brought >= 2);
  for (size_t i = 0; i < restricted_items_count(rules); i++) { /* nor is it taken away for good */
    const struct restricted_item *item = restricted_items_get(rules, i);
    struct text key = text_format(arena, "restricted-items.%.*s", TEXT_PRINT(item->code));
    struct text words = catalog_find(catalog, 0, key);
    if (text_equal(item->fate, TEXT("destroyed")))
      assert_true(!has_any(words, medicine) || has_any(words, allowed));
  }
}

static void codes_are_found_and_reasons_fit(void **state)
{
  (void)state;
  const struct intake_reason *no = intake_reasons_find(rules, TEXT("did-not-want"));
  const struct intake_reason *none = intake_reasons_find(rules, TEXT("nothing-brought"));
  assert_non_null(no);
  assert_true(no->is_declined);
  assert_null(intake_reasons_find(rules, TEXT("because")));
  assert_true(intake_reason_fits(no, row_of("hiv-test", "residential")));
  assert_false(intake_reason_fits(no, row_of("identity", "residential")));
  assert_false(intake_reason_fits(no, row_of("consent-treatment", "residential")));
  assert_true(intake_reason_fits(none, row_of("inventory", "residential")));
  assert_false(intake_reason_fits(none, row_of("hiv-test", "residential")));
  assert_int_equal(intake_reasons_count(rules), 11);
  assert_true(intake_reasons_get(rules, 0)->is_declined);
  assert_non_null(restricted_items_find(rules, TEXT("weapons")));
  assert_null(restricted_items_find(rules, TEXT("hope")));
  assert_true(belongings_states_find(rules, TEXT("destroyed"))->asks_two);
  assert_null(belongings_states_find(rules, TEXT("lost")));
  assert_int_equal(belongings_conditions_count(rules), 6);
  assert_string_equal(text_c(arena, belongings_conditions_get(rules, 0)), "new");
  assert_true(intake_item_is_said(row_of("identity", "residential")));
  assert_true(intake_item_is_said(row_of("history", "residential")));
  assert_false(intake_item_is_said(row_of("allergies", "residential")));
}

static void what_is_wrong_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *file, *from, *to, *expected;
  } spoiled[] = {
      {"intake-items.csv", "named-staff,before,*,*", "named-staff,before,nowhere,*",
       "intake-items.csv:2: 'nowhere' does not stand in program-kinds.csv"},
      {"intake-items.csv", "named-staff,before,*,*", "named-staff,before,*,9.9",
       "'9.9' does not stand in levels-of-care.csv"},
      {"intake-items.csv", "named-staff,before,*,*", "named-staff,soon,*,*",
       "no words for intake-parts.soon"},
      {"intake-items.csv", "named-staff,before,*,*,front-desk case-manager",
       "named-staff,before,*,*,captain", "'captain' does not stand in roles.csv"},
      {"intake-items.csv", "named-staff,before,*,*,front-desk case-manager",
       "named-staff,before,*,*,", "nobody may do it"},
      {"intake-items.csv", "named-staff,", "Named staff,", "is not in small letters"},
      {"intake-items.csv", "named-staff,before,", "named-hero,before,",
       "no words for intake-items.named-hero."},
      {"intake-items.csv", "-24,,team", "soon,,team", "a clock that is none"},
      {"intake-items.csv", "-24,,team", "99999,,team", "a clock that is none"},
      {"intake-items.csv", "-24,,team", "-24,-1,team", "a clock that is none"},
      {"intake-items.csv", "-24,,team,,", "-24,,rumor,,", "evidence is not a word known there"},
      {"intake-items.csv", "-24,,team,,", "-24,,team,x,", "of does not go with the evidence"},
      {"intake-items.csv", "fact,naloxone,", "fact,hope,",
       "'hope' does not stand in fact-kinds.csv"},
      {"intake-items.csv", "consent,multiple-enrollment,", "consent,,",
       "of does not go with the evidence"},
      {"intake-items.csv", "pregnancy yes", "luck yes", "'luck' does not stand in fact-kinds.csv"},
      {"intake-items.csv", "pregnancy yes", "pregnancy maybe",
       "'maybe' does not stand in fact-values.csv"},
      {"intake-items.csv", "pregnancy yes", "pregnancy", "when names no value"},
      {"intake-items.csv", ",yes,no,2024-04-02", ",yes,yes,2024-04-02",
       "it blocks the admission and may be declined"},
      {"intake-items.csv", ",yes,no,2024-04-02", ",yes,no,soon", "effective or expires is no date"},
      {"intake-items.csv", ",yes,no,2024-04-02,", ",yes,no,2024-04-02,then",
       "effective or expires is no date"},
      {"intake-items.csv", ",yes,no,2024-04-02,", ",yes,no,2024-04-02,2020-01-01",
       "expires lies before effective"},
      {"intake-items.csv", "consent-treatment,arrival,opioid-treatment",
       "consent-treatment,arrival,residential", "two rows of one item may hold at once"},
      {"intake-items.csv", "consent-treatment,arrival,opioid-treatment",
       "consent-treatment,arrival,*", "two rows of one item may hold at once"},
      {"intake-items.csv", "seed: a staff member meets the person; our choice of the time", "",
       "source is empty"},
      {"intake-items.csv", "our choice of the time,P,unsigned", "our choice of the time,Q,unsigned",
       "grade is not a word known there"},
      {"intake-items.csv", "our choice of the time,P,unsigned", "our choice of the time,P,",
       "signed_by is empty"},
      {"intake-items.csv", ",may_decline,", ",may,", "column may_decline is missing"},
      {"intake-reasons.csv", "not-today,declined", "did-not-want,declined",
       "the code stands twice"},
      {"intake-reasons.csv", "not-today,declined,*,no", "not-today,perhaps,*,no",
       "state is not a word known there"},
      {"intake-reasons.csv", "not-today,declined,*,no", "not-today,not-needed,*,no",
       "one reason would make every item needless"},
      {"intake-reasons.csv", "not-needed,transport", "not-needed,travel",
       "it names an item that is none"},
      {"belongings-states.csv", "returned,,no", "returned,stored,no", "an end that goes on"},
      {"belongings-states.csv", "stored destroyed,", "stored burned,",
       "'burned' does not stand in belongings-states.csv"},
      {"belongings-conditions.csv", "worn,", "torn,", "no words for belongings-conditions.torn"},
      {"restricted-items.csv", "weapons,sent", "weapons,sold", "fate is not a word known there"},
      {"restricted-items.csv", "weapons,sent", "worries,sent",
       "no words for restricted-items.worries.why"},
      {"packing-list.csv", "medicines,bring,medicine", "medicines,leave,medicine",
       "nobody leaves medicine at home"},
      {"packing-list.csv", "clothes,bring,thing", "clothes,leave,thing",
       "no words for packing-list.clothes.why"},
      {"welcome-parts.csv", "arrive,", "depart,", "no words for welcome-parts.depart.words"},
      {"welcome-parts.csv", "residential withdrawal", "castle withdrawal",
       "'castle' does not stand in program-kinds.csv"},
  };
  for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++)
    assert_spoiled(spoiled[i].file, spoiled[i].from, spoiled[i].to, spoiled[i].expected);
  assert_true(text_contains(load_with("intake-items.csv", (struct text){NULL, 0}, NULL),
                            TEXT("intake-items.csv")));
}

static void what_is_wrong_of_what_a_record_says_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *file, *from, *to, *expected;
  } spoiled[] = {
      {"level-facts.csv", "fact,overdose,*,", "fact,weather,*,",
       "'weather' does not stand in fact-kinds.csv"},
      {"level-facts.csv", "fact,pregnancy,yes,", "fact,pregnancy,perhaps,",
       "'perhaps' does not stand in fact-values.csv"},
      {"level-facts.csv", "fact,overdose,*,", "fact,overdose,yes,",
       "the answer does not go with the value"},
      {"level-facts.csv", "overdose_days,days,", "overdose_days,12,",
       "the answer does not go with the value"},
      {"level-facts.csv", "item,pregnancy-care,done", "item,pregnancy-care,late",
       "an item that is not done says nothing"},
      {"level-facts.csv", "item,pregnancy-care,", "item,pregnancy-cure,",
       "'pregnancy-cure' does not stand in intake-items.csv"},
      {"level-facts.csv", "request,pregnant,yes,", "request,urgency,yes,",
       "a request says no such thing"},
      {"level-facts.csv", "request,pregnant,yes,", "rumor,pregnant,yes,",
       "from is not a word known there"},
      {"level-facts.csv", "fact,pregnancy,no,pregnant,no,", "fact,pregnancy,yes,pregnant,no,",
       "the record says it twice"},
  };
  for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++)
    assert_spoiled(spoiled[i].file, spoiled[i].from, spoiled[i].to, spoiled[i].expected);
}

static void the_first_fault_is_the_error(void **state)
{
  (void)state;
  struct intake_rules *loaded = NULL;
  struct error error = {0};
  assert_false(intake_rules_load(&loaded, "locale", NULL, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_non_null(strstr(error.log, "intake-items.csv"));
  assert_false(intake_rules_load(&loaded, "locale", NULL, NULL));
  assert_null(loaded);
  assert_true(intake_rules_load(&loaded, "knowledge", NULL, &error));
  intake_rules_free(loaded);
  intake_rules_free(NULL);
}

static void add_up(void *context, const char *what, size_t count)
{
  (void)what;
  *(size_t *)context += count;
}

static void rows_are_shown_with_their_words(void **state)
{
  (void)state;
  static const char *const names[] = {"full-exam", "last-dose", "allergies", "identity",
                                      "weapons",   "medicines", "overdose",  "hope"};
  static const char *const parts[][4] = {
      {"\"due in hours\":336", "\"at most this many hours old\":168",
       "\"effective\":\"2024-04-02\"", "Examen completo"},
      {"\"only with the fact\":\"opioid-medicine\"", "methadone", "\"evidence\":\"document\"",
       "\"signed\":\"unsigned\""},
      {"no-known-allergies", "\"blocks the admission\":false", "\"programs\":\"*\"", ""},
      {"Nobody is sent away", "\"may be declined\":false", "", ""},
      {"\"goes\":\"sent\"", "Armas", "", ""},
      {"\"side\":\"bring\"", "metadona", "", ""},
      {"\"says to the level of care\":\"overdose_days\"", "\"from\":\"fact\"",
       "\"answer\":\"days\"", "rule B5"},
      {"[]", "", "", ""}};
  size_t count = 0;
  intake_rules_each_count(rules, add_up, &count);
  assert_true(count > 80);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct value *found = value_list(arena);
    intake_rules_find(rules, catalog, arena, text_from(names[i]), found);
    struct text_buffer json;
    text_buffer_init(&json, LIMIT_KNOWLEDGE_FILE);
    json_write(found, &json);
    for (size_t p = 0; p < 4; p++)
      if (!text_contains(text_buffer_get(&json), text_from(parts[i][p])))
        fail_msg("%s lacks %s: %.*s", names[i], parts[i][p], TEXT_PRINT(text_buffer_get(&json)));
    text_buffer_fini(&json);
  }
}

static void an_end_of_law_is_shown(void **state)
{
  (void)state;
  struct text content;
  struct intake_rules *ended = NULL;
  assert_true(file_read(arena, "knowledge/intake-items.csv", LIMIT_KNOWLEDGE_FILE, &content, NULL));
  size_t at = text_find(content, TEXT(",yes,no,2024-04-02,"));
  content = text_format(arena, "%.*s,yes,no,2024-04-02,2030-01-01%.*s",
                        TEXT_PRINT(text_slice(content, 0, at)),
                        TEXT_PRINT(text_slice(content, at + 19, content.length)));
  assert_int_equal(load_with("intake-items.csv", content, &ended).length, 0);
  struct value *found = value_list(arena);
  intake_rules_find(ended, catalog, arena, TEXT("consent-treatment"), found);
  assert_int_equal(value_count(found), 2);
  assert_string_equal(
      text_c(arena, value_text_get(value_get(value_item(found, 0), TEXT("expires")))),
      "2030-01-01");
  intake_rules_free(ended);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_law_of_opioid_treatment_programs_has_its_clocks),
      cmocka_unit_test(all_that_the_issue_names_is_asked),
      cmocka_unit_test(nobody_leaves_medicine_at_home),
      cmocka_unit_test(codes_are_found_and_reasons_fit),
      cmocka_unit_test(what_is_wrong_is_named),
      cmocka_unit_test(what_is_wrong_of_what_a_record_says_is_named),
      cmocka_unit_test(the_first_fault_is_the_error),
      cmocka_unit_test(rows_are_shown_with_their_words),
      cmocka_unit_test(an_end_of_law_is_shown),
  };
  return cmocka_run_group_tests_name("intake_rules", tests, rules_set_up, rules_tear_down);
}
