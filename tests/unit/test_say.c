/*
 * Facts, levels, changes and rules as sentences. Expected: locale/en/care.csv, locale/es/care.csv,
 * locale/en/knowledge.csv and the names in knowledge/level-of-care.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assessment/say.h"
#include "care_support.h"

static struct catalog *catalog;
static struct care_words words;

static int set_up(void **state)
{
  struct error error = {0};
  if (care_set_up(state) != 0 || !catalog_load(&catalog, "locale", &error)) return 1;
  words = (struct care_words){table, catalog, arena, 0, false, NULL};
  return 0;
}

static int tear_down(void **state)
{
  catalog_free(catalog);
  return care_tear_down(state);
}

static void assert_said(struct text said, const char *expected)
{
  if (!text_equal(said, text_from(expected)))
    fail_msg("'%s', not '%s'", text_c(arena, said), expected);
}

static void levels_are_said_with_what_is_added(void **state)
{
  (void)state;
  const char *name = text_c(arena, levels_get(table, 0)->name[0]);
  assert_said(care_say_level(&words, LEVEL_NONE, 0), "an emergency");
  assert_said(care_say_level(&words, 0, 0), name);
  assert_said(care_say_level(&words, 0, OVERLAY_COE | OVERLAY_RR),
              text_c(arena, text_format(arena,
                                        "%s, with mental health care by the same team, with a "
                                        "recovery home",
                                        name)));
  const char *second = text_c(arena, levels_get(table, 1)->name[0]);
  assert_said(care_say_levels(&words, 0), "");
  assert_said(care_say_levels(&words, 2), second);
  assert_said(care_say_levels(&words, 3 | UINT32_C(1) << LEVELS_MAXIMUM),
              text_c(arena, text_format(arena, "%s; %s; an emergency", name, second)));
  assert_true(levels_count(table) < LEVELS_MAXIMUM);
  assert_said(care_say_levels(&words, UINT32_C(1) << levels_count(table)), "");
}

static void values_are_said_as_people_say_them(void **state)
{
  (void)state;
  bool estimated[FACTS_MAXIMUM] = {false};
  assert_said(care_say_value(&words, fact_of("pregnant"), 1), "yes");
  assert_said(care_say_value(&words, fact_of("pregnant"), 0), "no");
  assert_said(care_say_value(&words, fact_of("housing"), 2), "not safe");
  assert_said(care_say_value(&words, fact_of("housing"), 7), "7");
  assert_said(care_say_value(&words, fact_of("housing"), -1), "-1");
  assert_said(care_say_value(&words, fact_of("years_of_use"), 7.5), "7.5");
  struct text *word = &table->facts[fact_of("housing")].words[0], kept = *word;
  *word = TEXT("cave"); /* the catalog has no such word: as it stands */
  assert_said(care_say_value(&words, fact_of("housing"), 0), "cave");
  *word = kept;
  assert_said(care_say_answer(&words, fact_of("cows"), 12), "12");
  words.estimated = estimated;
  assert_said(care_say_answer(&words, fact_of("cows"), 12), "12");
  estimated[fact_of("cows")] = true;
  assert_said(care_say_answer(&words, fact_of("cows"), 12),
              "about 12, from a plain answer; nobody measured it");
  words.estimated = NULL;
}

static void changes_are_said_as_conditions(void **state)
{
  (void)state;
  struct care_change change = {
      .count = 2, .fact = {fact_of("recovery_residence"), fact_of("cows")}, .value = {1, 4}};
  assert_said(
      care_say_change(&words, &change),
      "If a recovery home had a confirmed place, and withdrawal measured 4 on the COWS scale:");
  change = (struct care_change){.count = 1, .fact = {fact_of("age")}, .value = {70}};
  assert_said(care_say_condition(&words, &change),
              text_c(arena, text_format(arena, "%.*s: 70",
                                        TEXT_PRINT(care_say_label(&words, fact_of("age"))))));
  change.count = 0;
  assert_said(care_say_condition(&words, &change), "");
}

static void sources_and_signatures_are_said(void **state)
{
  (void)state;
  assert_said(care_say_signed(&words, TEXT("")), "Not yet signed by a clinician.");
  assert_said(care_say_signed(&words, TEXT("unsigned")), "Not yet signed by a clinician.");
  assert_said(care_say_signed(&words, TEXT("Dr. A")), "Signed by Dr. A.");
  assert_said(care_say_source(&words, TEXT("s"), TEXT("P")), "Source: s (our own proposal).");
  assert_said(care_say_source(&words, TEXT("s"), TEXT("Z")), "Source: s (Z).");
  words.about_other = true;
  assert_said(care_words_get(&words, "care.none_inpatient"), "Nothing in the answers about them.");
  assert_said(care_words_get(&words, "care.yes"), "yes"); /* the same for both */
  words.about_other = false;
  assert_said(care_words_get(&words, "care.none_inpatient"), "Nothing in your answers.");
}

static void a_result_is_one_of_four(void **state)
{
  (void)state;
  struct care_options options = {.require_signatures = true};
  struct facts facts = facts_of("{\"cows\": 30}");
  struct care_result result = result_of("{\"suicide_risk\": \"high\"}");
  assert_int_equal(care_verdict(table, &result), CARE_VERDICT_STOP);
  result = result_of("{\"age\": 16}");
  assert_int_equal(care_verdict(table, &result), CARE_VERDICT_MINOR);
  result = result_of("{\"cows\": 30}");
  assert_int_equal(care_verdict(table, &result), CARE_VERDICT_LEVEL);
  care_find(table, &facts, &options, &result);
  assert_int_equal(care_verdict(table, &result), CARE_VERDICT_WAITING);
}

/* As the document writes the rule, in words. */
static void rules_are_said_in_words(void **state)
{
  (void)state;
  const char *cows = text_c(arena, care_say_label(&words, fact_of("cows"))),
             *home = text_c(arena, care_say_label(&words, fact_of("housing")));
  assert_said(rule_condition_words(&words, rule_of("B2")),
              text_c(arena, text_format(arena, "“%s” at least 5 and “%s” at most 24", cows, cows)));
  assert_said(rule_condition_words(&words, rule_of("B14")),
              text_c(arena, text_format(arena, "not “%s: safe and steady”", home)));
  assert_said(rule_effect_words(&words, rule_of("B14")), "a recovery home is added");
  assert_said(rule_effect_words(&words, rule_of("A1")), "an emergency: nothing else counts");
  assert_said(rule_effect_words(&words, rule_of("B16")), "one step more in this dimension");
  assert_said(rule_effect_words(&words, rule_of("B17")), "it is written down and moves no level");
  assert_true(text_contains(rule_effect_words(&words, rule_of("B13")),
                            TEXT("; rule B12 does not count; rule B12a does not count")));
  uint64_t *asked = &table->programs[rule_of("B14")].contribution, kept = *asked;
  *asked = (uint64_t)OVERLAY_COE << ASK_OVERLAY_SHIFT; /* no rule asks for that alone */
  assert_said(rule_effect_words(&words, rule_of("B14")), "co-occurring care is added");
  *asked = kept;
  struct text mixed = rule_condition_words(&words, rule_of("B1"));
  assert_true(text_starts_with(mixed, TEXT("(“")) && text_contains(mixed, TEXT(" or ")) &&
              text_contains(mixed, TEXT(") and “")));
  for (size_t i = 0; i < rules_count(table); i++) {
    assert_true(rule_condition_words(&words, i).length > 0);
    assert_true(rule_effect_words(&words, i).length > 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_are_said_with_what_is_added),
      cmocka_unit_test(values_are_said_as_people_say_them),
      cmocka_unit_test(changes_are_said_as_conditions),
      cmocka_unit_test(sources_and_signatures_are_said),
      cmocka_unit_test(a_result_is_one_of_four),
      cmocka_unit_test(rules_are_said_in_words),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
