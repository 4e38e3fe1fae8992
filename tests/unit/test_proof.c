/*
 * The proof of the level-of-care table: the real table passes, and each kind of planted fault is
 * caught with its smallest counter-example, worked out by hand from the table.
 * test_proof_search.c compares the proof with brute force.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proof_support.h"

/* --- The documents, and how to spoil them -------------------------------------------------------
 */

static struct text file_text(const char *path)
{
  struct text content;
  assert_true(file_read(arena, path, LIMIT_KNOWLEDGE_FILE, &content, NULL));
  return content;
}

static struct documents originals(void)
{
  return (struct documents){file_text("knowledge/level-of-care.md"),
                            file_text("knowledge/level-of-care.es.md")};
}

static struct documents spoiled(const char *from, const char *to)
{
  struct documents documents = originals();
  documents.english = with(documents.english, from, to);
  return documents;
}

/* One more need rule, in both languages. */
static struct documents with_rule(struct documents documents, const char *id, const char *dimension,
                                  const char *when, const char *effect)
{
  const char *before = "\n| B17 |";
  const char *english = text_c(
      arena, text_format(arena, "\n| %s | %s | %s | %s | Reason. | source | P | unsigned |%s", id,
                         dimension, when, effect, before));
  const char *spanish = text_c(arena, text_format(arena, "\n| %s | Motivo. |%s", id, before));
  return (struct documents){with(documents.english, before, english),
                            with(documents.spanish, before, spanish)};
}

static struct documents with_one_rule(const char *dimension, const char *when, const char *effect)
{
  return with_rule(originals(), "Z1", dimension, when, effect);
}

/* --- Problems as text
 * ----------------------------------------------------------------------------- */

static const struct proof_engine real_engine = {care_find, condition_find};

static void prove_with(struct documents documents, const struct proof_engine *engine,
                       struct findings *findings)
{
  struct level_of_care *spoiled_table = NULL;
  *findings = (struct findings){0};
  text_buffer_init(&findings->text, LIMIT_KNOWLEDGE_FILE);
  findings->problems = level_of_care_read_reporting(
      &spoiled_table, documents.english, documents.spanish, needs, keep_loading, findings);
  if (!spoiled_table) return;
  findings->problems =
      care_prove_engine(spoiled_table, engine, arena, keep_proving, findings, &findings->proof);
  level_of_care_free(spoiled_table);
}

/* Prove, and expect each of the texts (NULL ends them) and this number of problems. */
static void assert_findings(struct documents documents, const struct proof_engine *engine,
                            size_t problems, const char *const *expected)
{
  struct findings findings;
  prove_with(documents, engine, &findings);
  struct text said = text_buffer_get(&findings.text);
  for (; *expected; expected++)
    if (!text_contains(said, text_from(*expected))) fail_expected(*expected, said);
  if (findings.problems != problems)
    fail_msg("expected %zu problems, found %zu:\n%.*s", problems, findings.problems,
             TEXT_PRINT(said));
  text_buffer_fini(&findings.text);
}
#define ASSERT_FINDINGS(documents, problems, ...)                                                  \
  assert_findings(documents, &real_engine, problems, (const char *const[]){__VA_ARGS__, NULL})

/* --- The real table
 * ------------------------------------------------------------------------------- */

static void proof_test_real(void **state)
{
  (void)state;
  struct findings findings;
  prove_with(originals(), &real_engine, &findings);
  if (findings.problems || findings.notes)
    fail_msg("%.*s", TEXT_PRINT(text_buffer_get(&findings.text)));
  text_buffer_fini(&findings.text);
  assert_true(findings.proof.cells > 100000);
  assert_true(findings.proof.combinations > 1000);
  assert_true(findings.proof.comparisons > 10000);
  assert_true(findings.proof.seconds < 30);
  struct care_proof proof;
  assert_int_equal(care_prove(table, arena, keep_proving, NULL, &proof), 0);
  assert_int_equal(proof.cells, findings.proof.cells);
  assert_int_equal(proof.comparisons, findings.proof.comparisons);
}

/* --- Planted faults: the level
 * ----------------------------------------------------------------------- */

static void proof_test_incomplete(void **state)
{
  (void)state;
  /* The empty set of answers is the smallest. */
  ASSERT_FINDINGS(
      spoiled("| G11 | not residential | 1.5 | COE RR |\n", ""), 1,
      "0: no row of Aggregation holds: with nothing known: no level by no rule. let the "
      "last row hold whatever is asked for.");
  /* One fact: COE alone no longer has a row. */
  ASSERT_FINDINGS(spoiled("| G11 | not residential |", "| G11 | not residential and not COE |"), 1,
                  "no row of Aggregation holds: with psychosis_or_mania yes: no level by B9.");
}

static void proof_test_monotone(void **state)
{
  (void)state;
  /* A suspension by a worse fact. */
  ASSERT_FINDINGS(with_one_rule("5A", "housing is unsafe", "suspend B11"), 1,
                  "a worse housing lowers the care: with housing unstable: 3.1 by B11, B14; with "
                  "housing unsafe: 1.5 RR by B14, Z1; beside it: lasting_impairment yes.");
  /* The order of a fact turned round. */
  ASSERT_FINDINGS(spoiled("| need | yes < no | - | yes | prenatal care",
                          "| need | no < yes | - | yes | prenatal care"),
                  1,
                  "a worse prenatal_care lowers the care: with prenatal_care no: 1.7 by B8a; with "
                  "prenatal_care yes: 1.5 by no rule; beside it: pregnant yes.");
  ASSERT_FINDINGS(spoiled("| overdose_days | number | 0..36500 | need | lower |",
                          "| overdose_days | number | 0..36500 | need | higher |"),
                  1,
                  "a worse overdose_days lowers the care: with overdose_days 30: 2.1 by B5; with "
                  "overdose_days 31: 1.5 by no rule; beside it: nothing known.");
  /* Two rows of the aggregation change places: less comes before more. */
  ASSERT_FINDINGS(
      spoiled("| G9 | 2.5 or 2.1 and COE | 2.5 | COE RR |\n"
              "| G10 | 2.1 | 2.1 | RR |\n",
              "| G10 | 2.1 | 2.1 | RR |\n"
              "| G9 | 2.5 or 2.1 and COE | 2.5 | COE RR |\n"),
      3,
      "a worse overdose_days lowers the care: with overdose_days 31: 2.5 COE by B9, B9a; "
      "with overdose_days 30: 2.1 by B5, B9, B9a; beside it: "
      "psychosis_or_mania yes, daily_function_impaired yes.");
  /* An overlay goes at the same level: one report for each of the seven facts that can bring 3.1.
   */
  ASSERT_FINDINGS(spoiled("| G4 | managed and residential | 3.7 | COE |",
                          "| G3a | 3.1 and managed | 3.7 | |\n"
                          "| G4 | managed and residential | 3.7 | COE |"),
                  7,
                  "a worse lasting_impairment lowers the care: with lasting_impairment no: 3.7 COE "
                  "by B3, B9; with lasting_impairment yes: 3.7 by B3, B9, B11; beside it: "
                  "cows 25, psychosis_or_mania yes.");
  /* A breathing rate that is slower is worse below what is usual, and better above it. */
  ASSERT_FINDINGS(with_one_rule("2A", "breathing_rate >= 15", "at least 2.1"), 1,
                  "a worse breathing_rate lowers the care: with breathing_rate 15: 2.1 by Z1; with "
                  "breathing_rate 14: 1.5 by no rule; beside it: nothing known.");
  ASSERT_FINDINGS(
      with_one_rule("2A", "breathing_rate >= 15.5", "at least 2.1"), 1,
      "with breathing_rate 15.50: 2.1 by Z1; with breathing_rate 14.50: 1.5 by no rule");
  /* What is usual may reach beyond what can be: then no rate is worse than another. */
  ASSERT_FINDINGS(spoiled("| breathing_rate | number | 0..80 | need | outside 12..20 |",
                          "| breathing_rate | number | 1..80 | need | outside 0..90 |"),
                  1,
                  "a worse breathing_rate lowers the care: with breathing_rate 8: an emergency by "
                  "A1; with breathing_rate 9: 1.5 by no rule; beside it: nothing known.");
}

static void proof_test_pregnancy(void **state)
{
  (void)state;
  ASSERT_FINDINGS(
      with_one_rule("2B", "pregnant", "suspend B7"), 2,
      "a worse pregnant lowers the care: with pregnant no: 1.7 by B7; with pregnant yes: "
      "1.5 by Z1; beside it: chronic_illness yes.",
      "Z1 holds exactly when B8 does, in the same dimension");
}

static void proof_test_blind(void **state)
{
  (void)state;
  ASSERT_FINDINGS(spoiled("| overdose_days <= 30 |",
                          "| overdose_days <= 30 and not preference is outpatient |"),
                  1,
                  "preference moves the level, and may not: with preference inpatient: 2.1 by B5; "
                  "with preference outpatient: 1.5 by no rule; beside it: overdose_days 0.");
  ASSERT_FINDINGS(spoiled("| chronic_illness | at least 1.7 |",
                          "| chronic_illness and coverage is private | at least 1.7 |"),
                  1,
                  "coverage moves the level, and may not: with coverage medicare: 1.5 by no rule; "
                  "with coverage private: 1.7 by B7; beside it: chronic_illness yes.");
  ASSERT_FINDINGS(with_one_rule("3A", "veteran", "add COE"), 1,
                  "veteran moves the level, and may not: with veteran no: 1.5 by no rule; with "
                  "veteran yes: 1.5 COE by Z1; beside it: nothing known.");
  ASSERT_FINDINGS(spoiled("| lasting_impairment | at least 3.1 |",
                          "| lasting_impairment and language is english | at least 3.1 |"),
                  1, "language moves the level, and may not: with language english: 3.1 by B11");
  ASSERT_FINDINGS(with_one_rule("2A", "age >= 65", "at least 1.7"), 1,
                  "age moves the level, and may not: with age 64: 1.5 by no rule; with age 65: 1.7 "
                  "by Z1; beside it: nothing known.");
  ASSERT_FINDINGS(spoiled("| delirium or seizure_48h or ciwa_ar >= 19 | emergency |",
                          "| (delirium or seizure_48h or ciwa_ar >= 19) and not coverage is none | "
                          "emergency |"),
                  2, "coverage moves the level, and may not: with coverage none:",
                  "promise P4 (at least an emergency) does not hold: with ciwa_ar 20: 1.5 by no "
                  "rule.");
  /* A value that is only said to be there moves it as well. */
  ASSERT_FINDINGS(
      with_one_rule("6", "medication_wanted or not medication_wanted", "at least 1.7"), 1,
      "medication_wanted moves the level, and may not: with medication_wanted no: 1.7 by "
      "Z1; with medication_wanted not known: 1.5 by no rule; beside it: nothing known.");
  /* Neither may it decide whether a place must start medicine. */
  ASSERT_FINDINGS(spoiled("and medication is none | start medication |",
                          "and medication is none and medication_wanted | start medication |"),
                  2, "medication_wanted moves the level, and may not:",
                  "promise P14 (at least 1.7) does not hold: with opioid_use_disorder severe, "
                  "medication none: 1.5 by no rule.");
}

static void proof_test_promises(void **state)
{
  (void)state;
  /* What is promised to adults is not asked of those whom the table is not for. */
  ASSERT_FINDINGS(spoiled("| P8 | acute_illness is hospital |",
                          "| P8 | acute_illness is hospital and age >= 17 |"),
                  0, "");
  ASSERT_FINDINGS(spoiled("| P8 | acute_illness is hospital | at least 4 |",
                          "| P8 | acute_illness is hospital and opioid_use_disorder is severe and "
                          "medication is none | emergency |"),
                  1,
                  "promise P8 (at least an emergency) does not hold: with opioid_use_disorder "
                  "severe, medication none, acute_illness hospital: 4 with medicine there by B1, "
                  "B6.");
  /* A stop rule that became a need. */
  struct documents documents = originals();
  size_t at = text_find(documents.english, TEXT("| A3 | 3A |"));
  struct text row = text_slice(documents.english, at, documents.english.length);
  row = text_slice(row, 0, text_find(row, TEXT("\n")) + 1);
  documents.english = with(documents.english, text_c(arena, row), "");
  at = text_find(documents.spanish, TEXT("| A3 |"));
  row = text_slice(documents.spanish, at, documents.spanish.length);
  row = text_slice(row, 0, text_find(row, TEXT("\n")) + 1);
  documents.spanish = with(documents.spanish, text_c(arena, row), "");
  ASSERT_FINDINGS(with_rule(documents, "A3", "3A", "suicide_risk is high", "at least 4"), 1,
                  "promise P3 (at least an emergency) does not hold: with suicide_risk high: 4 by "
                  "A3. let a rule ask for what is promised, or mend the promise.");
  /* A promise about two facts of two rules, that a lost rule breaks. */
  ASSERT_FINDINGS(spoiled("| at least 4 | You had a seizure", "| note | You had a seizure"), 2,
                  "promise P11 (at least 4) does not hold: with alcohol_daily yes, "
                  "past_severe_withdrawal yes: 3.7 by B4a.",
                  "promise P12 (at least 4) does not hold: with sedatives_daily yes, "
                  "past_severe_withdrawal yes: 3.7 by B4a, B4b.");
  ASSERT_FINDINGS(
      spoiled("| P6 | pregnancy_warning |", "| P6 | pregnancy_warning and not pregnant |"), 1,
      "promise P6: no answers make its condition true. mend the condition, or take "
      "the promise out.");
  ASSERT_FINDINGS(
      spoiled("| P6 | pregnancy_warning | emergency |", "| P6 | pregnancy_warning | today |"), 1,
      "cannot promise 'today'. write emergency, or at least and a level.");
  ASSERT_FINDINGS(
      spoiled("| P6 | pregnancy_warning | emergency |", "| P6 | pregnancy_warning | at least 9 |"),
      1, "cannot promise 'at least 9'");
}

/* --- Planted faults: rules
 * --------------------------------------------------------------------------- */

static void proof_test_rules(void **state)
{
  (void)state;
  ASSERT_FINDINGS(spoiled("| cows >= 13 and cows <= 24 and failed_outpatient_start |",
                          "| cows >= 24 and cows <= 13 and failed_outpatient_start |"),
                  1, "B2a can never hold: no answers make its condition true");
  ASSERT_FINDINGS(with_one_rule("3A", "pregnancy_warning and not pregnant", "at least 4"), 1,
                  "Z1 can never hold: no answers make its condition true");
  ASSERT_FINDINGS(with_one_rule("3B", "suicide_risk is high", "at least 4"), 1,
                  "Z1 can never act: wherever it holds, another rule stops or suspends it");
  ASSERT_FINDINGS(with_rule(with_one_rule("5A", "lasting_impairment", "suspend B11"), "Z2", "5A",
                            "lasting_impairment and chronic_illness", "at least 2.5"),
                  2, "B11 can never act: wherever it holds, another rule stops or suspends it",
                  "Z1 holds exactly when B11 does, in the same dimension. say it in one rule.");
  ASSERT_FINDINGS(with_one_rule("4A", "risky_use is imminent", "at least 2.1"), 1,
                  "Z1 holds exactly when B12 does, in the same dimension");
  ASSERT_FINDINGS(with_rule(originals(), "B12", "4A", "risky_use is some", "at least 2.1"), 2,
                  "id 'B12' stands twice");
  ASSERT_FINDINGS(spoiled("| G8 | residential | 3.1 | |\n",
                          "| G8 | residential | 3.1 | |\n| G8a | residential and 2.1 | 3.5 | |\n"),
                  1, "step G8a is never the first that holds");
  /* What changes nothing is a note. */
  ASSERT_FINDINGS(with_one_rule("5A", "lasting_impairment and chronic_illness", "at least 3.1"), 0,
                  "note ",
                  "Z1 never changes a result: other rules ask for as much wherever it acts");
}

static void proof_test_loading(void **state)
{
  (void)state;
  ASSERT_FINDINGS(spoiled("| level rules of 2023, as public works describe them | V2 | unsigned |",
                          "| | V2 | unsigned |"),
                  1, "source is empty");
  ASSERT_FINDINGS(spoiled("| P | unsigned |", "| | unsigned |"), 1, "grade");
  ASSERT_FINDINGS(spoiled("| P | unsigned |", "| P | |"), 1, "signed is empty");
  ASSERT_FINDINGS(spoiled("| not fluids_kept |", "| not fluids_held |"), 1,
                  "unknown fact 'fluids_held'");
  struct documents documents = originals();
  documents.spanish = with(documents.spanish, "\n| B11 |", "\n| B11x |");
  ASSERT_FINDINGS(documents, 2, "level-of-care.es.md:0: 'Need rules' lacks id 'B11'");
}

/* Only some rules are signed: those that act alone must be monotone, too. */
static void proof_test_signatures(void **state)
{
  (void)state;
  struct documents documents =
      spoiled("| Oklahoma ODASL, 2018; ASAM national practice guideline, 2020 | P | unsigned |",
              "| Oklahoma ODASL, 2018; ASAM national practice guideline, 2020 | P | a doctor |");
  ASSERT_FINDINGS(documents, 1,
                  "a worse cows lowers the care: with cows 24: 1.7 by B2; with cows 25: 1.5 by no "
                  "rule; beside it: nothing known (when unsigned rules wait)");
  documents =
      spoiled("| Oklahoma ODASL, 2018 | V | unsigned |", "| Oklahoma ODASL, 2018 | V | a doctor |");
  ASSERT_FINDINGS(documents, 0, "");
  /* All are signed: there is but one run. */
  documents = originals();
  size_t needs_at = text_find(documents.english, TEXT("## Need rules"));
  struct text rest = text_slice(documents.english, needs_at, documents.english.length);
  while (text_contains(rest, TEXT("| unsigned |")))
    rest = with(rest, "| unsigned |", "| a nurse |");
  documents.english = text_format(
      arena, "%.*s%.*s", TEXT_PRINT(text_slice(documents.english, 0, needs_at)), TEXT_PRINT(rest));
  ASSERT_FINDINGS(documents, 0, "");
}

/* --- A faulty engine
 * ------------------------------------------------------------------------------ */

static void forget_stops(const struct level_of_care *care, const struct facts *facts,
                         const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  if (out->setting == CARE_EMERGENCY) out->level = care->level_count - 1;
}

static void call_stops_minors(const struct level_of_care *care, const struct facts *facts,
                              const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  out->is_minor = true;
}

static void lose_setting(const struct level_of_care *care, const struct facts *facts,
                         const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  out->setting = CARE_RESIDENTIAL;
}

static void lose_overlays(const struct level_of_care *care, const struct facts *facts,
                          const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  out->overlays = 0;
}

static void lose_levels(const struct level_of_care *care, const struct facts *facts,
                        const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  if (out->level == 2) out->level = 1;
}

static void lose_medicine(const struct level_of_care *care, const struct facts *facts,
                          const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  out->medication_at_place = false;
}

static void lose_the_gate(const struct level_of_care *care, const struct facts *facts,
                          const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  out->is_minor = false;
}

static int turn; /* what a faulty engine's answer hangs on */

static void vary_decisive(const struct level_of_care *care, const struct facts *facts,
                          const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  if (turn++ & 1) out->decisive = 0;
}

static void vary_state(const struct level_of_care *care, const struct facts *facts,
                       const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  if (turn++ & 1) out->state[0] = RULE_WAITING;
}

static void vary_level(const struct level_of_care *care, const struct facts *facts,
                       const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  if (turn++ & 1) out->level = 0;
}

static void vary_overlays(const struct level_of_care *care, const struct facts *facts,
                          const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  if (turn++ & 1) out->overlays = OVERLAY_PSY;
}

static void vary_setting(const struct level_of_care *care, const struct facts *facts,
                         const struct care_options *options, struct care_result *out)
{
  care_find(care, facts, options, out);
  if (turn++ & 1) out->setting = CARE_NONE;
}

/* What is not known is taken to be so. */
static enum truth hope(const struct condition *condition, const struct condition_input *input)
{
  enum truth truth = condition_find(condition, input);
  return truth == TRUTH_UNKNOWN ? TRUTH_TRUE : truth;
}

static void proof_test_engine(void **state)
{
  (void)state;
  static const struct {
    struct proof_engine engine;
    const char *expected;
  } engines[] = {
      {{forget_stops, condition_find}, "a stop rule does not end the assessment: with "},
      {{call_stops_minors, condition_find}, "a stop rule does not end the assessment: with "},
      {{lose_setting, condition_find},
       "the engine gives another result than what its rules ask for: with nothing "
       "known"},
      {{lose_overlays, condition_find},
       "the engine gives another result than what its rules ask for: with "
       "fluids_kept no: 3.7 by B3a."},
      {{lose_levels, condition_find},
       "the engine gives another result than what its rules ask for: with "
       "overdose_days 0: 1.7 by B5"},
      {{lose_medicine, condition_find},
       "the engine gives another result than what its rules ask for: with "},
      {{lose_the_gate, condition_find},
       "the engine gives another result than what its rules ask for: with age 0: "
       "no level by U18"},
      {{care_find, hope}, "B11 holds with an answer missing, and not with it"},
      {{vary_decisive, condition_find}, "the same answers give two results: with "},
      {{vary_state, condition_find}, "the same answers give two results: with "},
      {{vary_level, condition_find}, "the same answers give two results: with "},
      {{vary_overlays, condition_find}, "the same answers give two results: with nothing known"},
      {{vary_setting, condition_find}, "the same answers give two results: with nothing known"},
  };
  for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
    struct findings findings;
    turn = 0;
    prove_with(originals(), &engines[i].engine, &findings);
    struct text said = text_buffer_get(&findings.text);
    if (findings.problems == 0 || !text_contains(said, text_from(engines[i].expected)))
      fail_msg("engine %zu: expected \"%s\", found:\n%.*s", i, engines[i].expected,
               TEXT_PRINT(said));
    text_buffer_fini(&findings.text);
  }
}

/* --- Too large to prove
 * ------------------------------------------------------------------------------ */

static void proof_test_too_large(void **state)
{
  (void)state;
  struct documents documents = originals();
  for (int i = 0; i < 65; i++)
    documents = with_rule(
        documents, text_c(arena, text_format(arena, "Y%d", i)), "2A",
        text_c(arena, text_format(arena, "chronic_illness and years_of_use > %d", i)), "note");
  ASSERT_FINDINGS(documents, 1,
                  "67 conditions over 3 facts hang together, chronic_illness among them: too many "
                  "to prove. write rules over fewer facts, so that they do not all hang together.");
  ASSERT_FINDINGS(with_one_rule("6",
                                "delirium or pregnant or transport_blocked or veteran or "
                                "children_along",
                                "note"),
                  1, "hang together, seizure_48h among them: too many to prove");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(proof_test_real),       cmocka_unit_test(proof_test_incomplete),
      cmocka_unit_test(proof_test_monotone),   cmocka_unit_test(proof_test_pregnancy),
      cmocka_unit_test(proof_test_blind),      cmocka_unit_test(proof_test_promises),
      cmocka_unit_test(proof_test_rules),      cmocka_unit_test(proof_test_loading),
      cmocka_unit_test(proof_test_signatures), cmocka_unit_test(proof_test_engine),
      cmocka_unit_test(proof_test_too_large),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
