/*
 * The level of care from facts. Expected levels are written by hand from the text and the
 * project's clinical reference (decision table HR-LOC 1 and the publicly described aggregation of
 * minimum levels), not from the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "care_support.h"

struct expected {
  const char *facts, *outcome, *decisive; /* decisive NULL: not looked at; "": none */
};

static const char *decisive_of(const struct care_result *result)
{
  if (result->decisive == RULES_MAXIMUM) return "";
  return text_c(arena, rules_get(table, result->decisive)->id);
}

static void assert_outcomes(const struct expected *rows, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    struct care_result result = result_of(rows[i].facts);
    const char *found =
        outcome_text(result.level, result.overlays, result.setting, result.is_minor);
    if (strcmp(found, rows[i].outcome) != 0)
      fail_msg("%s: expected %s, found %s", rows[i].facts, rows[i].outcome, found);
    if (rows[i].decisive && strcmp(decisive_of(&result), rows[i].decisive) != 0)
      fail_msg("%s: expected %s to decide, found %s", rows[i].facts, rows[i].decisive,
               decisive_of(&result));
  }
}
#define ASSERT_OUTCOMES(rows) assert_outcomes(rows, sizeof(rows) / sizeof *(rows))

/* Layer A: any stop rule ends the assessment. */
static void care_test_stop_rules(void **state)
{
  (void)state;
  static const struct expected rows[] = {
      {"{\"unresponsive\":true}", "emergency", "A1"},
      {"{\"breathing_rate\":8}", "emergency", "A1"},
      {"{\"breathing_rate\":8.5}", "1.5", ""},
      {"{\"oxygen_saturation\":91}", "emergency", "A1"},
      {"{\"oxygen_saturation\":92}", "1.5", ""},
      {"{\"news2\":7}", "emergency", "A2"},
      {"{\"news2\":6}", "1.5", ""},
      {"{\"breathing_rate\":25}", "emergency", "A2"},
      {"{\"breathing_rate\":24}", "1.5", ""},
      {"{\"suicide_risk\":\"high\"}", "emergency", "A3"},
      {"{\"delirium\":true}", "emergency", "A4"},
      {"{\"seizure_48h\":true}", "emergency", "A4"},
      {"{\"ciwa_ar\":19}", "emergency", "A4"},
      {"{\"ciwa_ar\":18}", "1.5", ""},
      {"{\"violence_imminent\":true}", "emergency", "A5"},
      {"{\"pregnancy_warning\":true}", "emergency", "A6"},
      {"{\"pregnant\":true,\"cows\":5}", "emergency", "A6"},
      {"{\"pregnant\":true,\"cows\":4}", "1.5", ""},
      {"{\"pregnant\":false,\"cows\":5}", "1.7", "B2"},
      /* A stop stands over the gate and over every need. */
      {"{\"age\":17,\"unresponsive\":true}", "emergency", "A1"},
      {"{\"age\":17,\"cows\":30}", "minor", "U18"},
      {"{\"age\":18,\"cows\":30}", "3.7", "B3"},
      {"{\"cows\":30,\"delirium\":true,\"acute_illness\":\"hospital\"}", "emergency", "A4"},
  };
  ASSERT_OUTCOMES(rows);
}

/* Layer B, dimensions 1 and 2. */
static void care_test_body(void **state)
{
  (void)state;
  static const struct expected rows[] = {
      {"{}", "1.5", ""},
      {"{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\"}", "1.7", "B1"},
      {"{\"opioid_use_disorder\":\"moderate\",\"medication\":\"none\"}", "1.7", "B1"},
      {"{\"opioid_use_disorder\":\"mild\",\"medication\":\"none\"}", "1.5", ""},
      {"{\"opioid_use_disorder\":\"severe\",\"medication\":\"naltrexone\"}", "1.5", ""},
      {"{\"cows\":4}", "1.5", ""},
      {"{\"cows\":5}", "1.7", "B2"},
      {"{\"cows\":24}", "1.7", "B2"},
      {"{\"cows\":25}", "3.7", "B3"},
      {"{\"cows\":13,\"failed_outpatient_start\":true}", "2.7", "B2a"},
      {"{\"cows\":12,\"failed_outpatient_start\":true}", "1.7", "B2"},
      {"{\"cows\":25,\"failed_outpatient_start\":true}", "3.7", "B3"},
      {"{\"fluids_kept\":false}", "3.7-BIO", "B3a"},
      {"{\"alcohol_daily\":true,\"ciwa_ar\":10}", "3.7", "B4"},
      {"{\"alcohol_daily\":true,\"ciwa_ar\":9}", "1.5", ""},
      {"{\"alcohol_daily\":false,\"ciwa_ar\":10}", "1.5", ""},
      {"{\"past_severe_withdrawal\":true}", "3.7", "B4a"},
      {"{\"sedatives_daily\":true}", "3.7", "B4b"},
      {"{\"past_severe_withdrawal\":true,\"alcohol_daily\":true}", "4", "B4c"},
      {"{\"past_severe_withdrawal\":true,\"sedatives_daily\":true}", "4", "B4c"},
      {"{\"overdose_days\":30}", "2.1", "B5"},
      {"{\"overdose_days\":30.5}", "1.5", ""},
      {"{\"acute_illness\":\"hospital\"}", "4", "B6"},
      {"{\"acute_illness\":\"medical\"}", "3.7-BIO", "B6a"},
      {"{\"acute_illness\":\"medical\",\"phq_9\":20}", "4", NULL},
      {"{\"chronic_illness\":true}", "1.7", "B7"},
      {"{\"chronic_illness\":true,\"overdose_days\":1}", "2.7", "B5"},
      {"{\"pregnant\":true}", "1.5", ""},
      {"{\"pregnant\":true,\"prenatal_care\":true}", "1.5", ""},
      {"{\"pregnant\":true,\"prenatal_care\":false}", "1.7", "B8a"},
      {"{\"news2\":5}", "1.5", ""},
  };
  ASSERT_OUTCOMES(rows);
}

/* Layer B, dimensions 3 to 6. */
static void care_test_life(void **state)
{
  (void)state;
  static const struct expected rows[] = {
      {"{\"phq_9\":20}", "1.5-COE", "B9"},
      {"{\"phq_9\":19}", "1.5", ""},
      {"{\"psychosis_or_mania\":true}", "1.5-COE", "B9"},
      {"{\"pc_ptsd_5\":4}", "1.5-COE", "B9"},
      {"{\"pc_ptsd_5\":3}", "1.5", ""},
      {"{\"phq_9\":20,\"daily_function_impaired\":true}", "2.5-COE", "B9a"},
      {"{\"daily_function_impaired\":true}", "1.5", ""},
      {"{\"suicide_risk\":\"moderate\"}", "1.5-COE", "B10"},
      {"{\"suicide_risk\":\"low\"}", "1.5", ""},
      {"{\"suicide_risk\":\"moderate\",\"overdose_days\":3}", "2.5-COE", NULL},
      {"{\"lasting_impairment\":true}", "3.1", "B11"},
      {"{\"lasting_impairment\":true,\"phq_9\":21}", "3.5-COE", "B11"},
      {"{\"risky_use\":\"imminent\"}", "3.1", "B12"},
      {"{\"risky_use\":\"some\"}", "1.5", ""},
      {"{\"risky_use\":\"imminent\",\"daily_function_impaired\":true}", "3.5", "B12a"},
      {"{\"risky_use\":\"imminent\",\"medication\":\"methadone\",\"housing\":\"safe\"}", "2.1",
       "B13"},
      {"{\"risky_use\":\"imminent\",\"medication\":\"methadone\",\"housing\":\"unsafe\"}", "3.1",
       "B12"},
      {"{\"risky_use\":\"imminent\",\"medication\":\"none\",\"housing\":\"safe\"}", "3.1", "B12"},
      {"{\"risky_use\":\"imminent\",\"medication\":\"buprenorphine\",\"housing\":\"unstable\","
       "\"recovery_residence\":\"confirmed\",\"manages_recovery_residence\":true}",
       "2.1+RR", "B13"},
      {"{\"risky_use\":\"imminent\",\"medication\":\"methadone\",\"housing\":\"safe\","
       "\"daily_function_impaired\":true}",
       "2.5", NULL},
      {"{\"housing\":\"unsafe\"}", "1.5+RR", "B14"},
      {"{\"housing\":\"unstable\"}", "1.5+RR", "B14"},
      {"{\"housing\":\"unsafe\",\"manages_recovery_residence\":false}", "3.1", "B14a"},
      {"{\"housing\":\"unsafe\",\"manages_recovery_residence\":true}", "1.5+RR", "B14"},
      {"{\"support\":\"none\"}", "3.1", "B15a"},
      {"{\"support\":\"some\"}", "1.5", ""},
      {"{\"support\":\"none\",\"recovery_residence\":\"confirmed\"}", "1.5+RR", "B15"},
      {"{\"support\":\"none\",\"recovery_residence\":\"confirmed\","
       "\"manages_recovery_residence\":false}",
       "3.1", "B15a"},
      {"{\"years_of_use\":5}", "2.1", "B16"},
      {"{\"years_of_use\":4.9}", "1.5", ""},
      {"{\"lower_level_returns\":2}", "2.1", "B16"},
      {"{\"years_of_use\":9,\"overdose_days\":3}", "2.5", NULL},
      {"{\"years_of_use\":9,\"risky_use\":\"imminent\",\"medication\":\"methadone\","
       "\"housing\":\"safe\",\"daily_function_impaired\":true}",
       "3.1", "B13a"},
      {"{\"years_of_use\":9,\"risky_use\":\"imminent\"}", "3.1", "B12"},
      {"{\"years_of_use\":9,\"risky_use\":\"imminent\",\"daily_function_impaired\":true}", "3.5",
       "B12a"},
      /* A long history raises outpatient care alone. Otherwise a worse answer would lower: 4A
       * at 2.1 would become 2.5, which makes 3.5 beside another 3.1, and 4A at 3.1 would stay. */
      {"{\"years_of_use\":9,\"overdose_days\":3,\"lasting_impairment\":true}", "3.1", NULL},
      {"{\"years_of_use\":9,\"risky_use\":\"imminent\",\"lasting_impairment\":true}", "3.1", NULL},
      {"{\"transport_blocked\":true,\"caregiving_blocked\":true,\"work_blocked\":true}", "1.5", ""},
  };
  ASSERT_OUTCOMES(rows);
}

/* A need for medicine is met where the person is: it never makes a residential place a medical one.
 */
static void care_test_medication(void **state)
{
  (void)state;
  static const struct expected rows[] = {
      {"{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\",\"support\":\"none\"}", "3.1",
       "B15a"},
      {"{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\",\"support\":\"none\","
       "\"recovery_residence\":\"confirmed\"}",
       "1.7+RR", "B1"},
      {"{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\",\"overdose_days\":3}", "2.7",
       "B5"},
      {"{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\",\"risky_use\":\"imminent\"}",
       "3.1", "B12"},
      /* Withdrawal that needs medical care beside a residential need does. */
      {"{\"cows\":12,\"support\":\"none\"}", "3.7", NULL},
  };
  ASSERT_OUTCOMES(rows);
  static const char *const beside[] = {
      "{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\",\"support\":\"none\"}",
      "{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\",\"acute_illness\":"
      "\"hospital\"}"};
  for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
    assert_true(result_of(beside[i]).medication_at_place);
  assert_false(result_of("{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\"}")
                   .medication_at_place);
  assert_false(result_of("{\"support\":\"none\"}").medication_at_place);
  /* Wishes are recorded and never used. */
  assert_int_equal(result_of("{\"opioid_use_disorder\":\"severe\",\"medication\":\"none\","
                             "\"medication_wanted\":false,\"preference\":\"inpatient\"}")
                       .level,
                   1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(care_test_stop_rules),
      cmocka_unit_test(care_test_body),
      cmocka_unit_test(care_test_life),
      cmocka_unit_test(care_test_medication),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
