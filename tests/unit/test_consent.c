/*
 * Consents: what each kind must hold, what ends one, what the words say. Expected values: 42 CFR
 * 2.31 (2024 rule) as the programme reference quotes it, and the elements that
 * part2_consent.schema.json requires, carried over as facts; the sensitivity codes as HL7's R4
 * package 4.0.1 has them in v3-ActCode, v3-ActReason and v3-Confidentiality.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consent_support.h"

/* Kind and one of its purposes. */
static const char *const kinds[][2] = {{"single-tpo", "TREAT"},
                                       {"specific", "TREAT"},
                                       {"intermediary", "TREAT"},
                                       {"counseling-notes", "TREAT"},
                                       {"legal-proceeding", "HLEGAL"},
                                       {"criminal-justice", "CRIMINAL-JUSTICE"},
                                       {"multiple-enrollment", "ENROLLMENT"},
                                       {"pdmp", "PDMP"},
                                       {"family", "FAMRQT"},
                                       {"emergency-contact", "FAMRQT"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static size_t problems_of(const struct consent *consent, int64_t now, struct consent_problem **out)
{
  return consent_check(&world, arena, consent, now, out);
}

/* The only problem of a consent is this field, by this law. */
static void assert_only(const struct consent *consent, const char *field, const char *law)
{
  struct consent_problem *problems = NULL;
  size_t count = problems_of(consent, NOON, &problems);
  if (count != 1)
    for (size_t i = 0; i < count; i++) print_error("%s %s\n", field, problems[i].field);
  assert_int_equal(count, 1);
  assert_string_equal(problems[0].field, field);
  assert_true(text_contains(problems[0].source, text_from(law)));
  for (size_t i = 0; i < CONSENT_LANGUAGES; i++) /* it can be said in every language */
    assert_non_null(catalog_find(catalog, i, text_from(problems[0].message)).at);
  assert_false(consent_is_active(&world, consent, NOON));
}

static void whole_consents_of_every_kind_may_be_relied_on(void **state)
{
  (void)state;
  assert_int_equal(world.consent_rules->kind_count, KINDS);
  for (size_t i = 0; i < KINDS; i++) {
    struct consent consent = whole(kinds[i][0], kinds[i][1]);
    struct consent_problem *problems = NULL;
    if (problems_of(&consent, NOON, &problems)) fail_msg("%s: %s", kinds[i][0], problems[0].field);
    assert_true(consent_is_active(&world, &consent, NOON));
  }
}

/* Blank each element in turn: every kind refuses it, naming field and paragraph. */
static void each_element_is_asked_for_by_name(void **state)
{
  (void)state;
  static const struct {
    const char *field, *law;
  } elements[] = {{"patient_name", "2.31(a)(1)"},  {"disclosers", "2.31(a)(2)"},
                  {"description", "2.31(a)(3)"},   {"recipients", "2.31(a)(4)"},
                  {"purpose", "2.31(a)(5)"},       {"right_to_revoke", "2.31(a)(6)"},
                  {"how_to_revoke", "2.31(a)(6)"}, {"expiration", "2.31(a)(7)"},
                  {"signature", "2.31(a)(8)"},     {"signed_at", "2.31(a)(9)"},
                  {"language", "our own"},         {"form_version", "our own"}};
  for (size_t i = 0; i < KINDS; i++)
    for (size_t j = 0; j < sizeof elements / sizeof *elements; j++) {
      struct consent consent = whole(kinds[i][0], kinds[i][1]);
      struct consent_recipient nobody = consent.recipients[0];
      nobody.name = TEXT("  ");
      switch (j) {
      case 0:
        consent.patient_name = TEXT(" ");
        break;
      case 1:
        consent.disclosers = one(TEXT(""));
        break;
      case 2:
        consent.description = TEXT("");
        break;
      case 3:
        consent.recipients = &nobody;
        break;
      case 4:
        consent.purpose = TEXT("");
        break;
      case 5:
        consent.right_to_revoke = TEXT("");
        break;
      case 6:
        consent.how_to_revoke = TEXT("\t");
        break;
      case 7:
        consent.expires_on = TEXT("");
        break;
      case 8:
        consent.signature_id = TEXT("");
        break;
      case 9:
        consent.signed_at = 0;
        break;
      case 10:
        consent.language = TEXT("");
        break;
      default:
        consent.form_version = TEXT("consent-0");
        break;
      }
      assert_only(&consent, elements[j].field, elements[j].law);
    }
}

static void elements_of_some_kinds(void **state)
{
  (void)state;
  struct consent consent = whole("specific", "TREAT");
  consent.says_may_be_redisclosed = false;
  assert_only(&consent, "says_may_be_redisclosed", "2.31(a)(10)(i)");
  struct consent_recipient covered = {.name = TEXT("Bay Health Plan"), .is_covered_entity = true};
  consent.recipients = &covered;
  assert_only(&consent, "says_may_be_redisclosed", "2.31(a)(4)(iii)");
  consent = whole("single-tpo", "HPAYMT");
  consent.consequences_of_refusing = TEXT("");
  assert_only(&consent, "consequences_of_refusing", "2.31(a)(10)(ii)");
  consent = whole("specific", "PATRQT"); /* neither is asked outside TPO */
  consent.says_may_be_redisclosed = false;
  consent.consequences_of_refusing = TEXT("");
  assert_true(consent_is_active(&world, &consent, NOON));
  consent = whole("intermediary", "TREAT");
  struct consent_recipient network = consent.recipients[0];
  network.participants = TEXT("");
  consent.recipients = &network;
  assert_only(&consent, "participants", "2.31(a)(4)(ii)");
  network.is_intermediary = false;
  assert_only(&consent, "intermediary", "2.31(a)(4)(ii)");
  consent = whole("multiple-enrollment", "ENROLLMENT");
  struct consent_recipient registry = {.name = TEXT("State registry")};
  consent.recipients = &registry;
  assert_only(&consent, "addresses", "2.34");
  consent = whole("criminal-justice", "CRIMINAL-JUSTICE");
  consent.revocable_from = TEXT("soon");
  assert_only(&consent, "revocable_from", "2.35");
  consent = whole("specific", "TREAT");
  consent.signed_by = TEXT("personal-representative");
  assert_only(&consent, "authority", "2.31(a)(8)");
  consent.authority = TEXT("Guardian, county court");
  assert_true(consent_is_active(&world, &consent, NOON));
  consent.signed_by = TEXT("staff");
  assert_only(&consent, "signature", "2.31(a)(8)");
}

static void classes_are_for_the_single_consent_alone(void **state)
{
  (void)state;
  struct consent_recipient class = {.class_name = TEXT("treating-providers")};
  for (size_t i = 0; i < KINDS; i++) {
    if (text_equal(text_from(kinds[i][0]), TEXT("intermediary")) ||
        text_equal(text_from(kinds[i][0]), TEXT("multiple-enrollment")))
      continue; /* these ask for more of a recipient */
    struct consent consent = whole(kinds[i][0], kinds[i][1]);
    consent.recipients = &class;
    if (i == 0) assert_true(consent_is_active(&world, &consent, NOON));
    else assert_only(&consent, "recipients", "2.31(a)(4)");
  }
  struct consent consent = whole("single-tpo", "TREAT");
  class.class_name = TEXT("everybody");
  consent.recipients = &class;
  assert_only(&consent, "recipients", "2.31(a)(4)");
}

static void what_stands_alone_is_not_joined(void **state)
{
  (void)state;
  struct text both[] = {TEXT("HLEGAL"), TEXT("TREAT")};
  struct consent consent = whole("legal-proceeding", "HLEGAL");
  consent.purpose_codes = both;
  consent.purpose_code_count = 2;
  assert_only(&consent, "purpose_codes", "2.31(d)");
  consent = whole("single-tpo", "TREAT");
  consent.purpose_codes = both;
  consent.purpose_code_count = 2;
  assert_only(&consent, "purpose_codes", "2.31(a)");
  struct text notes[] = {TEXT("PSYTHPN"), TEXT("HIV")};
  consent = whole("single-tpo", "TREAT");
  consent.labels = notes;
  consent.label_count = 1;
  assert_only(&consent, "labels", "2.31(a)");
  consent = whole("counseling-notes", "TREAT");
  consent.labels = notes;
  consent.label_count = 1;
  assert_true(consent_is_active(&world, &consent, NOON));
  consent.label_count = 2;
  assert_only(&consent, "labels", "2.31(b)");
  struct text unknown = TEXT("SECRET");
  consent = whole("specific", "TREAT");
  consent.labels = &unknown;
  consent.label_count = 1;
  assert_only(&consent, "labels", "2.31(a)");
  consent.label_count = 0;
  consent.documents = &unknown;
  consent.document_count = 1;
  assert_only(&consent, "documents", "2.31(a)");
}

static void consents_end(void **state)
{
  (void)state;
  struct consent consent = whole("specific", "TREAT");
  consent.expires_on = TEXT("2026-06-01");
  assert_true(consent_is_active(&world, &consent, NOON));
  assert_true(consent_is_active(&world, &consent, NOON + DAY / 2 - 1));
  assert_false(consent_is_active(&world, &consent, NOON + DAY / 2)); /* its last day is over */
  consent.expires_on = TEXT("2026-13-01");
  assert_only(&consent, "expiration", "2.31(a)(7)");
  consent.expires_on = TEXT("");
  consent.expires_event = TEXT("When my treatment here ends");
  assert_true(consent_is_active(&world, &consent, NOON + 900 * DAY));
  consent.ended_at = NOON - 1;
  assert_false(consent_is_active(&world, &consent, NOON));
  consent = whole("specific", "TREAT");
  consent.revoked_at = NOON - 1;
  assert_false(consent_is_active(&world, &consent, NOON));
  consent = whole("specific", "TREAT");
  consent.signed_at = NOON + 1;
  assert_only(&consent, "signed_at", "2.31(a)(9)");
  consent.signed_at = INT64_C(1704067200000000); /* 2024-01-01: the form was not in force yet */
  assert_only(&consent, "form_version", "2.31");
  assert_int_equal(consent_end(&consent), INT64_C(1798761600000000)); /* 2027-01-01 */
}

static void having_no_end_is_for_treatment_payment_operations(void **state)
{
  (void)state;
  for (size_t i = 0; i < KINDS; i++) {
    struct consent consent = whole(kinds[i][0], kinds[i][1]);
    consent.expires_on = TEXT("");
    consent.expires_event = TEXT("none");
    if (i < 3) assert_true(consent_is_active(&world, &consent, NOON));
    else assert_only(&consent, "expiration", "2.31(a)(7)");
  }
  struct consent consent = whole("specific", "PATRQT");
  consent.expires_on = TEXT("");
  consent.expires_event = TEXT("none");
  assert_only(&consent, "expiration", "2.31(a)(7)");
}

static void law_that_is_not_in_force_fails_closed(void **state)
{
  (void)state;
  struct consent consent = whole("specific", "TREAT");
  struct consent_problem *problems = NULL;
  int64_t before = INT64_C(1771199999999999); /* the last moment of 2026-02-15 */
  consent.signed_at = before + 1;
  assert_true(consent_is_active(&world, &consent, before + 1));
  assert_int_equal(problems_of(&consent, before, &problems), 2);
  assert_string_equal(problems[0].field, "kind");
  struct notice notice;
  struct error error = {0};
  assert_true(notice_current(&world, TEXT("en"), NOON, &notice, &error));
  assert_true(notice.is_unsigned);
  assert_false(notice_current(&world, TEXT("en"), before, &notice, &error));
  assert_string_equal(error.person, "error.notice.expired");
}

static void the_words_hold_every_element(void **state)
{
  (void)state;
  struct error error = {0};
  for (size_t i = 0; i < KINDS; i++)
    for (size_t language = 0; language < CONSENT_LANGUAGES; language++) {
      struct consent consent = whole(kinds[i][0], kinds[i][1]);
      struct text words;
      assert_true(consent_render(&world, arena, &consent, language ? TEXT("es") : TEXT("en"),
                                 &words, &error));
      const char *parts[] = {"Robin Vale",
                             "Lantern House",
                             "My stays and my medicine",
                             "Harbor Clinic",
                             "At the request of the patient",
                             "I can take this back.",
                             "I tell the program.",
                             "2026-12-31",
                             "None for my care.",
                             "consent-1"};
      for (size_t j = 0; j < sizeof parts / sizeof *parts; j++)
        assert_true(text_contains(words, text_from(parts[j])));
      assert_false(text_contains(words, TEXT("{{")));
      assert_false(text_contains(words, TEXT("<!--")));
      const struct consent_kind *kind = consent_kind_find(world.consent_rules, consent.kind);
      assert_true(text_contains(words, kind->label[language]));
      assert_true(text_contains(words, language ? TEXT("HIPAA") : TEXT("HIPAA rules")));
    }
  struct consent consent = whole("single-tpo", "TREAT");
  struct consent_recipient class = {.class_name = TEXT("treating-providers")};
  consent.recipients = &class;
  consent.expires_on = TEXT("");
  consent.expires_event = TEXT("none");
  struct text words;
  assert_true(consent_render(&world, arena, &consent, TEXT("en"), &words, &error));
  assert_true(text_contains(words, TEXT("my treating providers")));
  assert_true(text_contains(words, TEXT("No end date")));
  assert_false(text_contains(words, TEXT("Right to sign")));
  consent.form_version = TEXT("consent-0");
  assert_false(consent_render(&world, arena, &consent, TEXT("en"), &words, &error));
}

static void sensitivity_codes_are_those_of_fhir(void **state)
{
  (void)state;
  static const char *const act_codes[] = {"42CFRPart2", "SUD", "OPIOIDUD", "ETHUD",   "PSY",
                                          "HIV",        "STD", "SDV",      "PSYTHPN", "NORDSCLCD"};
  for (size_t i = 0; i < sizeof act_codes / sizeof *act_codes; i++) {
    const struct sensitivity *label =
        sensitivity_find(world.consent_rules, text_from(act_codes[i]));
    assert_non_null(label);
    assert_true(text_equal(label->system, TEXT("v3-ActCode")));
  }
  assert_null(sensitivity_find(world.consent_rules, TEXT("NORDSLCD"))); /* a known misspelling */
  static const char *const reasons[] = {"TREAT",  "HPAYMT", "HOPERAT", "COC",   "PATRQT",
                                        "FAMRQT", "ETREAT", "HRESCH",  "HLEGAL"};
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    assert_true(text_equal(purpose_find(world.consent_rules, text_from(reasons[i]))->system,
                           TEXT("v3-ActReason")));
}

/* Every kind's requirements of part2_consent.schema.json stand among the elements. */
static void the_elements_of_the_schema_are_asked(void **state)
{
  (void)state;
  static const char *const required[] = {"patient_name", "disclosers", "description",
                                         "recipients",   "purpose",    "right_to_revoke",
                                         "expiration",   "signature",  "signed_at"};
  for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
    bool found = false;
    for (size_t j = 0; j < world.consent_rules->element_count; j++) {
      const struct consent_element *element = &world.consent_rules->elements[j];
      if (strcmp(element->field, required[i]) == 0 && element->kinds.is_any &&
          element->when == WHEN_ALWAYS)
        found = true;
    }
    assert_true(found);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_consents_of_every_kind_may_be_relied_on),
      cmocka_unit_test(each_element_is_asked_for_by_name),
      cmocka_unit_test(elements_of_some_kinds),
      cmocka_unit_test(classes_are_for_the_single_consent_alone),
      cmocka_unit_test(what_stands_alone_is_not_joined),
      cmocka_unit_test(consents_end),
      cmocka_unit_test(having_no_end_is_for_treatment_payment_operations),
      cmocka_unit_test(law_that_is_not_in_force_fails_closed),
      cmocka_unit_test(the_words_hold_every_element),
      cmocka_unit_test(sensitivity_codes_are_those_of_fhir),
      cmocka_unit_test(the_elements_of_the_schema_are_asked),
  };
  return cmocka_run_group_tests_name("consent", tests, world_open, world_close);
}
