/*
 * The document: reading what is asked, writing the result. Expected shapes: issue and
 * docs/assessment.md "The document"; FHIR R4 for the QuestionnaireResponse.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assessment/instrument.h"
#include "assessment/say.h"
#include "care_support.h"

static struct instruments *instruments;

static int set_up(void **state)
{
  struct error error = {0};
  if (care_set_up(state) != 0) return 1;
  if (instruments_load(&instruments, "knowledge", &error)) return 0;
  print_error("%s\n", error.log);
  return 1;
}

static int tear_down(void **state)
{
  instruments_free(instruments);
  return care_tear_down(state);
}

static double value_of(const struct facts *facts, const char *name)
{
  size_t fact;
  assert_true(facts_find(table, text_from(name), &fact));
  return facts->value[fact];
}

static struct facts read_document(const char *json)
{
  struct facts facts;
  struct error error = {0};
  if (!care_read(table, json_of(json), &facts, &error)) fail_msg("%s: %s", json, error.log);
  return facts;
}

/* --- Reading --------------------------------------------------------------------------------- */

static void facts_are_read_by_name(void **state)
{
  (void)state;
  struct facts facts = read_document("{\"facts\": {\"cows\": 14, \"housing\": \"unsafe\", "
                                     "\"pregnant\": false, \"age\": null}}");
  assert_true(value_of(&facts, "cows") == 14);
  assert_true(value_of(&facts, "housing") == 2);
  assert_true(value_of(&facts, "pregnant") == 0);
  assert_true(isnan(value_of(&facts, "age")));
  assert_true(isnan(value_of(&facts, "support")));
}

static void a_questionnaire_response_says_the_same(void **state)
{
  (void)state;
  struct facts facts = read_document(
      "{\"resourceType\": \"QuestionnaireResponse\", \"status\": \"completed\", \"item\": ["
      "{\"linkId\": \"any-group\", \"item\": ["
      "  {\"linkId\": \"cows\", \"answer\": [{\"valueInteger\": 14}]},"
      "  {\"linkId\": \"motivation\", \"answer\": [{\"valueDecimal\": 7.5}]}]},"
      "{\"linkId\": \"pregnant\", \"answer\": [{\"valueBoolean\": true, \"item\": ["
      "  {\"linkId\": \"prenatal_care\", \"answer\": [{\"valueBoolean\": false}]}]}]},"
      "{\"linkId\": \"housing\", \"answer\": [{\"valueCoding\": {\"code\": \"unsafe\"}}]},"
      "{\"linkId\": \"support\", \"answer\": [{\"valueString\": \"none\"}]},"
      "{\"linkId\": \"cows\", \"answer\": [{\"valueInteger\": 14}, {\"valueInteger\": null}]},"
      "{\"linkId\": \"news2\", \"answer\": [{\"valueInteger\": null}, {\"extension\": []}]},"
      "{\"linkId\": \"phq_9\", \"answer\": [{\"item\": ["
      "  {\"linkId\": \"ciwa_ar\", \"answer\": [{\"valueInteger\": 3}]}]}]},"
      "{\"linkId\": \"age\"  , \"item\": []}]}");
  assert_true(value_of(&facts, "cows") == 14);
  assert_true(value_of(&facts, "motivation") == 7.5);
  assert_true(value_of(&facts, "pregnant") == 1);
  assert_true(value_of(&facts, "prenatal_care") == 0);
  assert_true(value_of(&facts, "housing") == 2);
  assert_true(value_of(&facts, "support") == 2);
  assert_true(value_of(&facts, "ciwa_ar") == 3);
  assert_true(isnan(value_of(&facts, "news2")) && isnan(value_of(&facts, "phq_9")));
  assert_true(isnan(value_of(&facts, "age")));
}

#define RESPONSE(items) "{\"resourceType\": \"QuestionnaireResponse\", \"item\": [" items "]}"

static void what_cannot_be_read_is_refused_by_name(void **state)
{
  (void)state;
  static const struct {
    const char *json, *said;
  } cases[] = {
      {"{}", "neither"},
      {"[]", "neither"},
      {"3", "neither"},
      {"{\"facts\": {}, \"resourceType\": \"QuestionnaireResponse\"}", "both"},
      {"{\"facts\": {}, \"cows\": 40}", "cows: unknown member"},
      {"{\"facts\": []}", "facts"},
      {"{\"facts\": {\"pulse\": 3}}", "pulse"},
      {"{\"facts\": {\"cows\": \"14\"}}", "cows"},
      {"{\"facts\": {\"cows\": 49}}", "cows"},
      {"{\"facts\": {\"cows\": 1.5}}", "cows"},
      {"{\"facts\": {\"housing\": \"tent\"}}", "housing"},
      {"{\"facts\": {\"pregnant\": 1}}", "pregnant"},
      {"{\"facts\": {\"pregnant\": false, \"pregnancy_warning\": true}}", "contradict"},
      {"{\"resourceType\": \"Patient\"}", "resourceType"},
      {"{\"resourceType\": 5}", "resourceType"},
      {"{\"resourceType\": \"QuestionnaireResponse\", \"status\": \"entered-in-error\"}", "status"},
      {"{\"resourceType\": \"QuestionnaireResponse\", \"item\": {}}", "item"},
      {RESPONSE("{}"), "without a linkId"},
      {RESPONSE("[]"), "without a linkId"},
      {RESPONSE("{\"linkId\": 3}"), "without a linkId"},
      {RESPONSE("{\"linkId\": \"pulse\"}"), "pulse: unknown linkId"},
      {RESPONSE("{\"linkId\": \"pulse\", \"answer\": [{\"valueInteger\": 3}], \"item\": []}"),
       "pulse: unknown linkId"},
      {RESPONSE("{\"linkId\": \"cows\", \"answer\": 3}"), "cows"},
      {RESPONSE("{\"linkId\": \"cows\", \"answer\": [3]}"), "cows"},
      {RESPONSE("{\"linkId\": \"cows\", \"answer\": [{}]}"), "without a value"},
      {RESPONSE("{\"linkId\": \"cows\", \"answer\": [{\"valueDate\": \"2026-01-01\"}]}"),
       "of a kind"},
      {RESPONSE("{\"linkId\": \"cows\", \"answer\": [{\"valueInteger\": 3, \"valueDecimal\": 3}]}"),
       "two values"},
      {RESPONSE("{\"linkId\": \"cows\", \"answer\": [{\"valueString\": \"3\"}]}"), "cows"},
      {RESPONSE("{\"linkId\": \"housing\", \"answer\": [{\"valueCoding\": {}}]}"), "housing"},
      {RESPONSE("{\"linkId\": \"cows\", \"answer\": [{\"valueInteger\": 3}, {\"valueInteger\": "
                "4}]}"),
       "cows: answered twice"},
      {RESPONSE("{\"linkId\": \"cows\", \"answer\": [{\"valueInteger\": 3}]}, {\"linkId\": "
                "\"cows\", \"answer\": [{\"valueInteger\": 30}]}"),
       "cows: answered twice"},
      {RESPONSE("{\"linkId\": \"pregnant\", \"answer\": [{\"valueBoolean\": false}]}, {\"linkId\": "
                "\"pregnancy_warning\", \"answer\": [{\"valueBoolean\": true}]}"),
       "contradict"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error error = {0};
    struct facts facts;
    facts_init(&facts);
    facts.value[0] = 77;
    if (care_read(table, json_of(cases[i].json), &facts, &error)) fail_msg("%s", cases[i].json);
    assert_int_equal(error.kind, ERROR_REFUSED);
    if (!strstr(error.log, cases[i].said)) fail_msg("%s: %s", cases[i].json, error.log);
    assert_true(error.hint[0]);
    assert_true(facts.value[0] == 77);
  }
}

static void a_name_is_shown_without_what_steers_a_terminal(void **state)
{
  (void)state;
  struct error error = {0};
  struct facts facts;
  assert_false(
      care_read(table, json_of(RESPONSE("{\"linkId\": \"a\\u001b[31m\"}")), &facts, &error));
  assert_null(strchr(error.log, '\x1b'));
  assert_false(care_read(table, json_of(RESPONSE("{\"linkId\": \"a\\u007fb\"}")), &facts, &error));
  assert_non_null(strstr(error.log, "a: unknown linkId"));
  /* Of a long name, 60 bytes. */
  static const char sixty[] = "a123456789b123456789c123456789d123456789e123456789f123456789";
  struct text json = text_format(arena, RESPONSE("{\"linkId\": \"%sg\"}"), sixty);
  assert_false(care_read(table, json_of(text_c(arena, json)), &facts, &error));
  assert_non_null(strstr(error.log, text_c(arena, text_format(arena, "%s: unknown", sixty))));
}

static bool read_scored(const char *json, struct facts *facts, struct error *error)
{
  return care_read_scored(table, instruments, json_of(json), facts, error);
}

/* PHQ-9: nine items of 3 are 27 (Kroenke and others, 2001). */
static void a_response_to_an_instrument_is_scored(void **state)
{
  (void)state;
  struct error error = {0};
  struct facts facts;
  struct text items = TEXT("");
  for (int i = 1; i <= 9; i++)
    items = text_format(arena, "%.*s%s{\"linkId\": \"%d\", \"answer\": [{\"valueInteger\": 3}]}",
                        TEXT_PRINT(items), i > 1 ? "," : "", i);
  static const char *const names[] = {"urn:fairlead:instrument:phq-9",
                                      "https://example.org/Questionnaire/phq-9|1.0",
                                      "http://loinc.org/q/44249-1|2.77"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *json = text_c(arena, text_format(arena,
                                                 "{\"resourceType\": \"QuestionnaireResponse\", "
                                                 "\"questionnaire\": \"%s\", \"item\": [%.*s]}",
                                                 names[i], TEXT_PRINT(items)));
    if (!read_scored(json, &facts, &error)) fail_msg("%s", error.log);
    assert_true(value_of(&facts, "phq_9") == 27);
    assert_true(isnan(value_of(&facts, "cows")));
  }
  /* Not complete: it says nothing yet. */
  assert_false(read_scored("{\"resourceType\": \"QuestionnaireResponse\", \"questionnaire\": "
                           "\"urn:fairlead:instrument:phq-9\", \"item\": []}",
                           &facts, &error));
  assert_non_null(strstr(error.log, "phq-9"));
  /* What the items do not allow; and two kinds of document in one. */
  assert_false(read_scored("{\"resourceType\": \"QuestionnaireResponse\", \"questionnaire\": "
                           "\"urn:fairlead:instrument:phq-9\", \"item\": [{\"linkId\": \"1\", "
                           "\"answer\": [{\"valueInteger\": 4}]}]}",
                           &facts, &error));
  assert_false(read_scored("{\"questionnaire\": \"urn:fairlead:instrument:phq-9\", "
                           "\"facts\": {\"cows\": 5}}",
                           &facts, &error));
  assert_non_null(strstr(error.log, "questionnaire: unknown member"));
  /* Another's questionnaire with our facts. */
  assert_true(read_scored("{\"resourceType\": \"QuestionnaireResponse\", \"questionnaire\": "
                          "\"https://example.org/my-phq-9\", \"item\": [{\"linkId\": \"cows\", "
                          "\"answer\": [{\"valueInteger\": 3}]}]}",
                          &facts, &error));
  assert_true(value_of(&facts, "cows") == 3);
  assert_false(read_scored("{\"resourceType\": \"QuestionnaireResponse\", \"questionnaire\": "
                           "\"urn:fairlead:instrument:dast-10\", \"item\": []}",
                           &facts, &error));
  assert_non_null(strstr(error.log, "off"));
}

/* --- Writing --------------------------------------------------------------------------------- */

static struct text written(const char *json, const struct care_explanation *explanation,
                           size_t language)
{
  struct care_explanation none = {0};
  struct facts facts = facts_of(json);
  struct care_result result;
  struct text_buffer out;
  care_find(table, &facts, NULL, &result);
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  json_write(care_write(table, arena, &facts, &result, explanation ? explanation : &none, language),
             &out);
  struct text copy = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}

static void assert_has(struct text document, const char *part)
{
  if (!text_contains(document, text_from(part)))
    fail_msg("no %s in %.*s", part, TEXT_PRINT(document));
}

static void members_stand_in_their_order(void **state)
{
  (void)state;
  static const char *const names[] = {"level",        "level_name",       "setting",
                                      "crosswalk",    "overlays",         "stop",
                                      "reasons",      "toward_inpatient", "toward_outpatient",
                                      "would_change", "unknown",          "always",
                                      "needs",        "decisive",         "waiting"};
  const struct value *document =
      json_of(text_c(arena, written("{\"cows\": 14, \"housing\": \"unsafe\"}", NULL, 0)));
  assert_int_equal(value_count(document), sizeof names / sizeof *names);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct text key;
    const struct value *item;
    assert_true(value_member(document, i, &key, &item));
    assert_true(text_equal(key, text_from(names[i])));
  }
}

/* Severe disorder, no medicine, unsafe home: B1 and B14 by the table, so 1.7 with RR. */
static void a_level_has_its_reasons_decisive_first(void **state)
{
  (void)state;
  struct text document = written("{\"opioid_use_disorder\": \"severe\", \"medication\": \"none\", "
                                 "\"housing\": \"unsafe\", \"cows\": 30, \"work_blocked\": true}",
                                 NULL, 0);
  assert_has(document, "{\"level\":\"3.7\",");
  assert_has(document, "\"setting\":\"residential\"");
  assert_has(document, "\"reasons\":[{\"rule\":\"B3\",\"fact\":\"cows\",");
  assert_has(document, "\"signed_by\":\"unsigned\"");
  assert_has(document, "\"toward_inpatient\":[{\"factor\":\"severe\"");
  assert_has(document, "\"decisive\":\"B3\"");
  assert_has(document, "\"waiting\":[]");
  /* A note stands last. */
  assert_true(text_find(document, TEXT("\"B17\"")) > text_find(document, TEXT("\"B14\"")));
  assert_has(document, "\"needs\":[\"substance-use\",\"residential\",\"detox\",\"buprenorphine\"");
}

/* Behind the decisive rule (B3, 3.7) the one that asks for a lower level (B12, 3.1), and behind it
 * the one that asks for none (B14). */
static void reasons_stand_by_the_level_they_ask_for(void **state)
{
  (void)state;
  struct text document = written("{\"cows\": 30, \"risky_use\": \"imminent\", "
                                 "\"medication\": \"none\", \"housing\": \"unsafe\"}",
                                 NULL, 0);
  size_t first = text_find(document, TEXT("{\"rule\":\"B3\"")),
         second = text_find(document, TEXT("{\"rule\":\"B12\"")),
         last = text_find(document, TEXT("{\"rule\":\"B14\""));
  assert_true(first < second && second < last && last < document.length);
  /* Of facts that suffice alone, the first that the rule names. */
  assert_has(written("{\"phq_9\": 22, \"psychosis_or_mania\": true}", NULL, 0),
             "{\"rule\":\"B9\",\"fact\":\"phq_9\"");
}

static void a_stop_says_what_to_do_and_nothing_else(void **state)
{
  (void)state;
  struct text document = written("{\"suicide_risk\": \"high\", \"cows\": 30, \"pregnant\": true, "
                                 "\"housing\": \"unsafe\", \"coverage\": \"medicaid\"}",
                                 NULL, 0);
  assert_has(document, "{\"level\":null,\"level_name\":null,\"setting\":\"emergency\"");
  assert_has(document, "\"stop\":[{\"rule\":\"A3\"");
  assert_has(document, "{\"rule\":\"A6\"");
  assert_has(document, "\"reasons\":[],\"toward_inpatient\":[],\"toward_outpatient\":[]");
  assert_has(document, "\"needs\":[\"substance-use\",\"pregnant\"]");
  assert_has(document, "\"id\":\"naloxone\"");
}

static void a_minor_is_told_where_to_go(void **state)
{
  (void)state;
  struct text document = written("{\"age\": 16, \"cows\": 14}", NULL, 1);
  assert_has(document, "{\"level\":null,\"level_name\":null,\"setting\":null");
  assert_has(document, "\"reasons\":[{\"rule\":\"U18\",\"fact\":\"age\"");
  assert_has(document, "\"always\":[{\"id\":\"U18\",\"text\":\"Llame a SAMHSA al 1-800-662-4357");
  assert_has(document, "\"teens\"");
}

static void a_missing_answer_takes_no_offer_away(void **state)
{
  (void)state;
  assert_has(written("{}", NULL, 0), "\"always\":[{\"id\":\"medication\"");
  struct text none = written("{\"opioid_use_disorder\": \"none\", \"alcohol_daily\": false, "
                             "\"sedatives_daily\": false}",
                             NULL, 0);
  assert_false(text_contains(none, TEXT("\"id\":\"medication\"")));
  assert_false(text_contains(none, TEXT("\"id\":\"alcohol\"")));
}

static void changes_and_unknowns_are_written_by_name(void **state)
{
  (void)state;
  struct care_explanation explanation = {.change_count = 1, .unknown_count = 1};
  struct care_change *change = &explanation.changes[0];
  change->count = 2;
  assert_true(facts_find(table, TEXT("recovery_residence"), &change->fact[0]));
  assert_true(facts_find(table, TEXT("cows"), &change->fact[1]));
  change->value[0] = 1;
  change->value[1] = 4;
  change->level = 2;
  change->overlays = OVERLAY_RR;
  assert_true(facts_find(table, TEXT("ciwa_ar"), &explanation.unknown[0].fact));
  explanation.unknown[0].levels = 1U << 7 | CARE_BEYOND_EMERGENCY | CARE_BEYOND_GATE;
  struct text document = written("{\"alcohol_daily\": true}", &explanation, 0);
  assert_has(document,
             "\"would_change\":[{\"set\":{\"recovery_residence\":\"confirmed\",\"cows\":4},"
             "\"level\":\"2.1\",\"overlays\":[\"RR\"]}]");
  assert_has(document, "\"unknown\":[{\"fact\":\"ciwa_ar\",\"levels\":[\"3.7\",\"emergency\","
                       "\"under-age\"],\"rules\":[\"A4\",\"B4\"]}]");
  explanation.unknown[0].levels = 1U << 7;
  assert_has(written("{\"alcohol_daily\": true}", &explanation, 0), "\"levels\":[\"3.7\"]");
}

/* In Spanish each source of several is said as it is called there; a title alike in both stays. */
static void sources_are_said_in_the_language(void **state)
{
  (void)state;
  assert_has(written("{\"years_of_use\": 9}", NULL, 0),
             "\"source\":\"Oklahoma ODASL, 2018; our proposal\"");
  assert_has(written("{\"years_of_use\": 9}", NULL, 1),
             "\"source\":\"Oklahoma ODASL, 2018; propuesta nuestra\"");
}

/* What the articles name stays open while an answer is missing: each factor is inpatient's or
 * outpatient's, or not known, and with every answer given none is not known. */
static void factors_are_known_or_said_to_be_open(void **state)
{
  (void)state;
  struct text texts[CARE_FACTORS];
  struct facts facts = facts_of("{}");
  struct care_result result;
  care_find(table, &facts, NULL, &result);
  size_t open = care_factors_unknown(table, &facts, &result, 0, texts);
  assert_true(open > 0 && open <= CARE_FACTORS);
  /* More than fit are left out. */
  struct level_of_care many = *table;
  many.factor_count = CARE_FACTORS + 8;
  many.factors = arena_allocate_array(arena, many.factor_count, sizeof *many.factors);
  for (size_t i = 0; i < many.factor_count; i++)
    for (size_t j = 0; j < table->factor_count; j++)
      if (text_equal(table->factors[j].text[0], texts[0])) many.factors[i] = table->factors[j];
  struct text kept[CARE_FACTORS];
  assert_int_equal(care_factors_unknown(&many, &facts, &result, 0, kept), CARE_FACTORS);
  assert_true(text_equal(kept[CARE_FACTORS - 1], texts[0]));
  for (size_t i = 0; i < open; i++) assert_true(texts[i].length > 0);
  for (size_t i = 0; i < facts_count(table); i++)
    if (isnan(facts.value[i])) facts.value[i] = facts_get(table, i)->minimum;
  care_find(table, &facts, NULL, &result);
  assert_int_equal(care_factors_unknown(table, &facts, &result, 0, texts), 0);
}

/* B3 asks for 3.7 by itself; a stop, or answers that ask for nothing, join nothing. */
static void a_level_is_joined_when_no_rule_asks_for_it(void **state)
{
  (void)state;
  struct care_result result = result_of("{\"cows\": 30}");
  assert_false(care_is_joined(table, &result));
  result = result_of("{\"suicide_risk\": \"high\"}");
  assert_false(care_is_joined(table, &result));
  result = result_of("{}");
  assert_false(care_is_joined(table, &result));
  /* 1.7 and a step more in use (B16): no rule names the level that comes out. */
  result = result_of("{\"risky_use\": \"imminent\", \"medication\": \"methadone\", "
                     "\"housing\": \"safe\", \"years_of_use\": 9}");
  assert_true(care_is_joined(table, &result));
}

static void an_unsigned_rule_waits_where_signatures_are_required(void **state)
{
  (void)state;
  struct care_options options = {.require_signatures = true};
  struct care_explanation none = {0};
  struct facts facts = facts_of("{\"cows\": 30}");
  struct care_result result;
  struct text_buffer out;
  care_find(table, &facts, &options, &result);
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  json_write(care_write(table, arena, &facts, &result, &none, 0), &out);
  assert_has(text_buffer_get(&out), "\"reasons\":[]");
  assert_has(text_buffer_get(&out), "\"waiting\":[{\"rule\":\"B3\",\"fact\":\"cows\"");
  assert_int_equal(care_verdict(table, &result), CARE_VERDICT_WAITING);
  text_buffer_fini(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(facts_are_read_by_name),
      cmocka_unit_test(a_questionnaire_response_says_the_same),
      cmocka_unit_test(what_cannot_be_read_is_refused_by_name),
      cmocka_unit_test(a_name_is_shown_without_what_steers_a_terminal),
      cmocka_unit_test(a_response_to_an_instrument_is_scored),
      cmocka_unit_test(members_stand_in_their_order),
      cmocka_unit_test(a_level_has_its_reasons_decisive_first),
      cmocka_unit_test(reasons_stand_by_the_level_they_ask_for),
      cmocka_unit_test(a_stop_says_what_to_do_and_nothing_else),
      cmocka_unit_test(a_minor_is_told_where_to_go),
      cmocka_unit_test(a_missing_answer_takes_no_offer_away),
      cmocka_unit_test(changes_and_unknowns_are_written_by_name),
      cmocka_unit_test(sources_are_said_in_the_language),
      cmocka_unit_test(factors_are_known_or_said_to_be_open),
      cmocka_unit_test(a_level_is_joined_when_no_rule_asks_for_it),
      cmocka_unit_test(an_unsigned_rule_waits_where_signatures_are_required),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
