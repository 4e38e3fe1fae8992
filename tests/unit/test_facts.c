/*
 * Facts from and to JSON. Names and ranges are those that the project's issue fixes.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "care_support.h"

/* Every name that the issue fixes, with its kind. */
static void facts_test_names_are_there(void **state)
{
  (void)state;
  static const char *const numbers[] = {"age",
                                        "cows",
                                        "ciwa_ar",
                                        "phq_9",
                                        "pc_ptsd_5",
                                        "news2",
                                        "breathing_rate",
                                        "oxygen_saturation",
                                        "overdose_days",
                                        "years_of_use",
                                        "lower_level_returns",
                                        "motivation"};
  static const char *const yes_nos[] = {"unresponsive",
                                        "seizure_48h",
                                        "delirium",
                                        "violence_imminent",
                                        "pregnant",
                                        "pregnancy_warning",
                                        "prenatal_care",
                                        "fluids_kept",
                                        "alcohol_daily",
                                        "sedatives_daily",
                                        "past_severe_withdrawal",
                                        "failed_outpatient_start",
                                        "chronic_illness",
                                        "psychosis_or_mania",
                                        "daily_function_impaired",
                                        "lasting_impairment",
                                        "manages_recovery_residence",
                                        "transport_blocked",
                                        "caregiving_blocked",
                                        "work_blocked",
                                        "medication_wanted"};
  static const struct {
    const char *name, *words;
  } words[] = {{"opioid_use_disorder", "none mild moderate severe "},
               {"medication", "none methadone buprenorphine naltrexone "},
               {"suicide_risk", "none low moderate high "},
               {"acute_illness", "none medical hospital "},
               {"risky_use", "none some imminent "},
               {"housing", "safe unstable unsafe "},
               {"recovery_residence", "none confirmed "},
               {"support", "good some none "},
               {"preference", "none inpatient outpatient "}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    assert_true(facts_get(table, fact_of(numbers[i]))->kind <= FACT_NUMBER);
  for (size_t i = 0; i < sizeof yes_nos / sizeof *yes_nos; i++)
    assert_int_equal(facts_get(table, fact_of(yes_nos[i]))->kind, FACT_YES_NO);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    const struct fact *fact = facts_get(table, fact_of(words[i].name));
    struct text listed = TEXT("");
    for (size_t j = 0; j < fact->word_count; j++)
      listed = text_format(arena, "%.*s%.*s ", TEXT_PRINT(listed), TEXT_PRINT(fact->words[j]));
    assert_string_equal(text_c(arena, listed), words[i].words);
  }
  assert_true(facts_count(table) <= FACTS_MAXIMUM);
  for (size_t i = 0; i < facts_count(table); i++)
    for (size_t language = 0; language < CARE_LANGUAGES; language++)
      assert_true(facts_get(table, i)->label[language].length > 0);
}

static void facts_test_values(void **state)
{
  (void)state;
  struct facts facts =
      facts_of("{\"age\":40,\"overdose_days\":2.5,\"pregnant\":true,\"delirium\":false,"
               "\"housing\":\"unsafe\",\"cows\":null,\"ciwa_ar\":10.0,\"phq_9\":-0}");
  assert_true(facts.value[fact_of("age")] == 40);
  assert_true(facts.value[fact_of("overdose_days")] == 2.5);
  assert_true(facts.value[fact_of("pregnant")] == 1);
  assert_true(facts.value[fact_of("delirium")] == 0);
  assert_true(facts.value[fact_of("housing")] == 2);
  assert_true(isnan(facts.value[fact_of("cows")]));
  assert_true(facts.value[fact_of("ciwa_ar")] == 10);
  assert_false(signbit(facts.value[fact_of("phq_9")]));
  assert_true(isnan(facts.value[fact_of("support")]));
  assert_true(facts_set(table, &facts, TEXT("age"), value_null(arena), NULL));
  assert_true(isnan(facts.value[fact_of("age")]));
}

/* What was read is written as it was given. */
static void facts_test_written_as_read(void **state)
{
  (void)state;
  static const struct {
    const char *name, *json;
  } rows[] = {{"age", "40"},         {"overdose_days", "2.5"},  {"pregnant", "true"},
              {"delirium", "false"}, {"housing", "\"unsafe\""}, {"cows", "null"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct facts facts =
        facts_of(text_c(arena, text_format(arena, "{\"%s\":%s}", rows[i].name, rows[i].json)));
    struct text_buffer out;
    size_t fact = fact_of(rows[i].name);
    text_buffer_init(&out, LIMIT_ERROR_TEXT);
    json_write(facts_write(table, arena, fact, facts.value[fact]), &out);
    assert_string_equal(text_c(arena, text_buffer_get(&out)), rows[i].json);
    text_buffer_fini(&out);
  }
}

static void assert_refused(const char *json, const char *person, const char *log, const char *hint)
{
  struct facts facts;
  struct error error = {0};
  facts_init(&facts);
  facts.value[0] = 77;
  assert_false(facts_read(table, json_of(json), &facts, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, person);
  if (!strstr(error.log, log) || !strstr(error.hint, hint))
    fail_msg("%s: found %s %s", json, error.log, error.hint);
  assert_true(facts.value[0] == 77); /* untouched */
  assert_false(facts_read(table, json_of(json), &facts, NULL));
}

static void facts_test_refused(void **state)
{
  (void)state;
  const char *value = "error.facts.value";
  assert_refused("{\"heroin\":true}", "error.facts.unknown", "unknown fact 'heroin'", "names");
  assert_refused("{\"\":true}", "error.facts.unknown", "unknown fact ''", "names");
  assert_refused("{\"éééééééééééééééééééééééééééééé-\":1}", "error.facts.unknown",
                 "'éééééééééééééééééééééééééééééé'", "names");
  assert_refused("{\"aéééééééééééééééééééééééééééééé\":1}", "error.facts.unknown",
                 "'aééééééééééééééééééééééééééééé'", "names");
  assert_refused("{\"cows\":49}", value, "cows has", "whole number from 0 to 48, or null");
  assert_refused("{\"cows\":-1}", value, "cows has", "whole number");
  assert_refused("{\"cows\":1.5}", value, "cows has", "whole number");
  assert_refused("{\"cows\":\"5\"}", value, "cows has", "whole number");
  assert_refused("{\"cows\":1e400}", value, "cows has", "whole number");
  assert_refused("{\"overdose_days\":40000}", value, "overdose_days has",
                 "Give a number from 0 to 36500, or null.");
  assert_refused("{\"pregnant\":\"yes\"}", value, "pregnant has", "true, false or null");
  assert_refused("{\"pregnant\":1}", value, "pregnant has", "true, false or null");
  assert_refused("{\"housing\":\"Safe\"}", value, "housing has",
                 "Give one of \"safe\", \"unstable\", \"unsafe\", or null.");
  assert_refused("{\"housing\":0}", value, "housing has", "\"safe\"");
  assert_refused("[]", "error.facts.form", "no object", "{\"age\": 40}");
  assert_refused("{\"pregnant\":false,\"pregnancy_warning\":true}", "error.facts.contradiction",
                 "(X1)", "one of the two");
}

static void facts_test_contradictions(void **state)
{
  (void)state;
  struct facts facts = facts_of("{\"pregnancy_warning\":true}");
  assert_true(facts_check(table, &facts, NULL));
  facts = facts_of("{\"pregnancy_warning\":true,\"pregnant\":true}");
  assert_true(facts_check(table, &facts, NULL));
  /* Another emergency is not held up by it. */
  facts = facts_of("{\"pregnancy_warning\":true,\"pregnant\":false,\"unresponsive\":true}");
  assert_true(facts_check(table, &facts, NULL));
}

/* A place in a recovery residence counts when it is confirmed. */
static void facts_test_assumed(void **state)
{
  (void)state;
  struct facts facts = facts_of("{\"housing\":\"safe\"}"), assumed;
  size_t residence = fact_of("recovery_residence");
  facts_assume(table, &facts, &assumed);
  assert_true(isnan(facts.value[residence]));
  assert_true(assumed.value[residence] == 0);
  assert_true(isnan(assumed.value[fact_of("support")]));
  assert_true(assumed.value[fact_of("housing")] == 0);
  facts = facts_of("{\"recovery_residence\":\"confirmed\"}");
  facts_assume(table, &facts, &assumed);
  assert_true(assumed.value[residence] == 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(facts_test_names_are_there), cmocka_unit_test(facts_test_values),
      cmocka_unit_test(facts_test_written_as_read), cmocka_unit_test(facts_test_refused),
      cmocka_unit_test(facts_test_contradictions),  cmocka_unit_test(facts_test_assumed),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
