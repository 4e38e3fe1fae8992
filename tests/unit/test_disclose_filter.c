/*
 * What is left of a document when it leaves. Expected values: 42 CFR 2.31 to 2.33, 2.51, 2.61 as
 * the programme and clinical references state them (deny by default, free text not shared unless
 * named, counseling notes only by their own consent, nothing tells that something was kept back),
 * written out by hand over knowledge/labels.csv.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consent_support.h"

static const char record[] =
    "{\"person\":{\"id\":\"p1\",\"name\":{\"given\":\"Robin\",\"family\":\"Vale\"},"
    "\"phones\":[{\"number\":\"5550100\",\"kind\":\"home\"}],\"shoe_size\":9,\"notes\":\"shy\","
    "\"version\":3},"
    "\"episode\":[{\"id\":\"e1\",\"kind\":\"residential\",\"begun_at\":\"2026-01-10\"},"
    "{\"id\":\"e2\",\"kind\":\"outpatient\",\"begun_at\":\"2026-04-10\"}],"
    "\"fact\":[{\"id\":\"f1\",\"kind\":\"allergy\",\"words\":\"penicillin\"},"
    "{\"id\":\"f2\",\"kind\":\"condition\",\"value\":\"B20\",\"labels\":[\"HIV\"]},"
    "{\"id\":\"f3\",\"kind\":\"condition\",\"value\":\"X\",\"labels\":[\"UNHEARD-OF\"]},"
    "{\"id\":\"f4\",\"kind\":\"alert\",\"value\":\"fall\"}],"
    "\"counseling-note\":[{\"id\":\"n1\",\"at\":\"2026-02-01\",\"words\":\"secret\"}],"
    "\"diary\":{\"id\":\"d1\"}}";

static struct disclose_request request_of(const char *basis, const char *purpose)
{
  struct disclose_request request = {.document = TEXT("record"),
                                     .person_id = TEXT("p1"),
                                     .recipient = {.name = TEXT("Harbor Clinic")},
                                     .purpose_code = text_from(purpose),
                                     .basis = text_from(basis)};
  assert_true(json_read(arena, text_from(record), &request.content, NULL));
  return request;
}

static struct disclose_preview preview;

static const char *left(const struct consent *consent, const struct disclose_request *request)
{
  disclose_preview(&world, arena, consent, consent ? 1 : 0, request, NOON, &preview);
  if (!preview.content) return "";
  struct text_buffer out;
  text_buffer_init(&out, 1 << 20);
  json_write(preview.content, &out);
  const char *result = text_c(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return result;
}

static void a_plain_consent_gives_what_needs_no_naming(void **state)
{
  (void)state;
  struct consent consent = whole("specific", "TREAT");
  struct disclose_request request = request_of("consent", "TREAT");
  assert_string_equal(
      left(&consent, &request),
      "{\"person\":{\"id\":\"p1\",\"name\":{\"given\":\"Robin\",\"family\":\"Vale\"},"
      "\"phones\":[{\"number\":\"5550100\",\"kind\":\"home\"}]},"
      "\"episode\":[{\"id\":\"e1\",\"kind\":\"residential\",\"begun_at\":\"2026-01-10\"},"
      "{\"id\":\"e2\",\"kind\":\"outpatient\",\"begun_at\":\"2026-04-10\"}],"
      "\"fact\":[{\"id\":\"f4\",\"kind\":\"alert\",\"value\":\"fall\"}]}");
  assert_int_equal(preview.used_count, 1);
  /* 5 + 6 + 3 leaves of the document above are given; 3 + (3 + 4 + 4 with the labels) + 3 + 1 are
     kept. */
  assert_int_equal(preview.fields_given, 14);
  assert_int_equal(preview.fields_kept, 18);
  assert_true(text_contains(preview.fields, TEXT("person.name.family")));
  assert_false(text_contains(preview.fields, TEXT("fact.words")));
  assert_false(text_contains(preview.fields, TEXT("counseling")));
}

static enum disclose_why why_of(const char *document, const char *path)
{
  for (size_t i = 0; i < preview.shown_count; i++)
    if (text_equal(preview.shown[i].document, text_from(document)) &&
        text_equal(preview.shown[i].path, text_from(path)))
      return preview.shown[i].why;
  fail_msg("%s.%s is not shown", document, path);
  return WHY_GIVEN;
}

static void staff_see_why_each_thing_is_kept_back(void **state)
{
  (void)state;
  struct consent consent = whole("specific", "TREAT");
  struct disclose_request request = request_of("consent", "TREAT");
  left(&consent, &request);
  assert_int_equal(why_of("person", "shoe_size"), WHY_NOT_NAMED);
  assert_int_equal(why_of("person", "version"), WHY_NEVER);
  assert_int_equal(why_of("person", "notes"), WHY_LABEL);
  assert_int_equal(why_of("counseling-note", "words"), WHY_LABEL);
  assert_int_equal(why_of("diary", "id"), WHY_NOT_NAMED);
  request.recipient.name = TEXT("Someone else");
  assert_string_equal(left(&consent, &request), "");
  assert_int_equal(why_of("person", "id"), WHY_OTHER_RECIPIENT);
  assert_string_equal(left(NULL, &request), "");
  assert_int_equal(why_of("person", "id"), WHY_NO_CONSENT);
  for (int why = WHY_NOT_NAMED; why <= WHY_GIVEN; why++)
    for (size_t i = 0; i < CONSENT_LANGUAGES; i++)
      assert_non_null(
          catalog_find(catalog, i, text_from(disclose_why_key((enum disclose_why)why))).at);
}

static void labels_and_free_words_leave_when_they_are_named(void **state)
{
  (void)state;
  struct text named[] = {TEXT("HIV"), TEXT("FREETEXT")};
  struct text fact = TEXT("fact");
  struct consent consent = whole("specific", "TREAT");
  struct disclose_request request = request_of("consent", "TREAT");
  consent.labels = named;
  consent.label_count = 1;
  consent.documents = &fact;
  consent.document_count = 1;
  assert_string_equal(left(&consent, &request),
                      "{\"fact\":[{\"id\":\"f2\",\"kind\":\"condition\",\"value\":\"B20\"},"
                      "{\"id\":\"f4\",\"kind\":\"alert\",\"value\":\"fall\"}]}");
  assert_int_equal(why_of("person", "id"), WHY_OTHER_DOCUMENT);
  consent.label_count = 2;
  assert_string_equal(left(&consent, &request),
                      "{\"fact\":[{\"id\":\"f1\",\"kind\":\"allergy\",\"words\":\"penicillin\"},"
                      "{\"id\":\"f2\",\"kind\":\"condition\",\"value\":\"B20\"},"
                      "{\"id\":\"f4\",\"kind\":\"alert\",\"value\":\"fall\"}]}");
}

static void dates_limit_what_is_dated(void **state)
{
  (void)state;
  struct consent consent = whole("specific", "TREAT");
  struct disclose_request request = request_of("consent", "TREAT");
  consent.date_from = TEXT("2026-01-01");
  consent.date_to = TEXT("2026-01-31");
  const char *out = left(&consent, &request);
  assert_non_null(strstr(out, "\"e1\""));
  assert_null(strstr(out, "\"e2\""));
  assert_null(strstr(out, "\"fact\"")); /* dated things without a date stay */
  assert_null(strstr(out, "Robin"));    /* nor is anything known to lie within it that has none */
  bool is_told = false;
  for (size_t i = 0; i < preview.shown_count; i++)
    is_told = is_told || (preview.shown[i].why == WHY_DATE &&
                          text_equal(preview.shown[i].path, TEXT("value")));
  assert_true(is_told);
}

static void counseling_notes_leave_by_their_own_consent_alone(void **state)
{
  (void)state;
  static const char *const others[][2] = {{"single-tpo", "TREAT"},
                                          {"specific", "PATRQT"},
                                          {"legal-proceeding", "HLEGAL"},
                                          {"family", "FAMRQT"}};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    struct consent consent = whole(others[i][0], others[i][1]);
    struct disclose_request request = request_of("consent", others[i][1]);
    assert_null(strstr(left(&consent, &request), "secret"));
  }
  struct consent consent = whole("counseling-notes", "TREAT");
  struct disclose_request request = request_of("consent", "TREAT");
  assert_string_equal(
      left(&consent, &request),
      "{\"counseling-note\":[{\"id\":\"n1\",\"at\":\"2026-02-01\",\"words\":\"secret\"}]}");
  static const char *const bases[][2] = {
      {"emergency", "ETREAT"}, {"patient-access", "PATRQT"}, {"court-order", "HLEGAL"},
      {"audit", "AUDIT"},      {"research", "HRESCH"},       {"service-organization", "SERVICE"}};
  for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
    request = request_of(bases[i][0], bases[i][1]);
    const char *out = left(NULL, &request);
    assert_null(strstr(out, "secret"));
    assert_null(strstr(out, "n1"));
  }
}

static void each_basis_has_its_limit(void **state)
{
  (void)state;
  struct disclose_request request = request_of("crime-on-premises", "REPORT");
  assert_string_equal(left(NULL, &request),
                      "{\"person\":{\"name\":{\"given\":\"Robin\",\"family\":\"Vale\"}}}");
  request = request_of("audit", "AUDIT");
  const char *out = left(NULL, &request);
  assert_non_null(strstr(out, "\"e1\""));
  assert_null(strstr(out, "\"fact\""));
  request = request_of("research", "HRESCH");
  assert_null(strstr(left(NULL, &request), "Robin"));
  request = request_of("emergency", "ETREAT");
  out = left(NULL, &request);
  assert_non_null(strstr(out, "penicillin"));
  assert_non_null(strstr(out, "B20"));
  assert_null(strstr(out, "UNHEARD-OF"));
  assert_null(strstr(out, "\"f3\"")); /* a label that nobody knows keeps all back */
  request = request_of("patient-access", "PATRQT");
  assert_non_null(strstr(left(NULL, &request), "shy"));
  request = request_of("subpoena", "HLEGAL");
  assert_string_equal(left(NULL, &request), "");
  request = request_of("because", "TREAT");
  assert_string_equal(left(NULL, &request), "");
}

static const char *refusal(const char *role, const char *basis, const char *purpose,
                           const char *recipient, int64_t now)
{
  struct text roles = text_from(role);
  struct actor actor = {.roles = &roles, .role_count = 1};
  struct disclose_request request = request_of(basis, purpose);
  request.recipient.name = text_from(recipient);
  const char *key = disclose_basis_check(&world, &actor, &request, now);
  return key ? key : "";
}

static void a_basis_asks_for_role_purpose_and_recipient(void **state)
{
  (void)state;
  assert_string_equal(refusal("privacy-officer", "subpoena", "HLEGAL", "County court", NOON),
                      "error.disclose.subpoena");
  assert_string_equal(refusal("privacy-officer", "court-order", "HLEGAL", "County court", NOON),
                      "");
  assert_string_equal(refusal("counselor", "court-order", "HLEGAL", "County court", NOON),
                      "error.disclose.role");
  assert_string_equal(refusal("privacy-officer", "court-order", "TREAT", "County court", NOON),
                      "error.disclose.purpose");
  assert_string_equal(refusal("counselor", "consent", "TREAT", " ", NOON),
                      "error.disclose.recipient");
  assert_string_equal(refusal("technician", "consent", "TREAT", "X", NOON), "error.disclose.role");
  assert_string_equal(refusal("person", "patient-access", "PATRQT", "", NOON), "");
  assert_string_equal(refusal("person", "consent", "TREAT", "X", NOON), "error.disclose.role");
  assert_string_equal(refusal("counselor", "luck", "TREAT", "X", NOON), "error.disclose.basis");
  assert_string_equal(refusal("counselor", "consent", "TREAT", "X", INT64_C(1771199999999999)),
                      "error.disclose.not-in-force");
}

/* A document may not name a label away, hide in ready slices, or nest without end. */
static void hostile_documents_give_nothing(void **state)
{
  (void)state;
  struct consent consent = whole("specific", "TREAT");
  struct disclose_request request = request_of("consent", "TREAT");
  request.document = TEXT("person");
  struct value *content = value_object(arena);
  value_set(content, "id", value_json(arena, TEXT("\"p1\"")));
  value_set(content, "labels", value_list(arena));
  request.content = content;
  assert_string_equal(left(&consent, &request), "");
  struct value *deep = value_text(arena, TEXT("x"));
  for (int i = 0; i < 5000; i++) {
    struct value *list = value_list(arena);
    value_add(list, deep);
    deep = list;
  }
  request.content = deep;
  assert_string_equal(left(&consent, &request), "");
  request.content = value_text(arena, TEXT("Robin Vale"));
  assert_string_equal(left(&consent, &request), "");
}

/* Labels may be one text of words, as care writes those of a fact's kind; of any other kind they
 * are unknown. */
static void labels_in_one_text_hold_too(void **state)
{
  (void)state;
  struct consent consent = whole("specific", "TREAT");
  struct disclose_request request = request_of("consent", "TREAT");
  request.document = TEXT("fact");
  static const struct {
    const char *fact;
    bool leaves;
  } all[] = {{"{\"id\":\"f1\",\"labels\":\"42CFRPart2\"}", true},
             {"{\"id\":\"f1\",\"labels\":\"42CFRPart2 HIV\"}", false},
             {"{\"id\":\"f1\",\"labels\":\"HIV\"}", false},
             {"{\"id\":\"f1\",\"labels\":7}", false},
             {"{\"id\":\"f1\",\"labels\":{\"HIV\":true}}", false}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    assert_true(json_read(arena, text_from(all[i].fact), &request.content, NULL));
    assert_string_equal(left(&consent, &request), all[i].leaves ? "{\"id\":\"f1\"}" : "");
  }
}

static void every_field_of_labels_is_whole(void **state)
{
  (void)state;
  assert_true(labels_field_count(world.labels) > 60);
  for (size_t i = 0; i < labels_field_count(world.labels); i++) {
    const struct label_field *field = labels_field(world.labels, i);
    assert_ptr_equal(labels_find(world.labels, field->document, field->path), field);
    assert_true(consent_words_have(&field->labels, TEXT("42CFRPart2")));
  }
  assert_null(labels_find(world.labels, TEXT("person"), TEXT("password")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_plain_consent_gives_what_needs_no_naming),
      cmocka_unit_test(staff_see_why_each_thing_is_kept_back),
      cmocka_unit_test(labels_and_free_words_leave_when_they_are_named),
      cmocka_unit_test(dates_limit_what_is_dated),
      cmocka_unit_test(counseling_notes_leave_by_their_own_consent_alone),
      cmocka_unit_test(each_basis_has_its_limit),
      cmocka_unit_test(a_basis_asks_for_role_purpose_and_recipient),
      cmocka_unit_test(hostile_documents_give_nothing),
      cmocka_unit_test(labels_in_one_text_hold_too),
      cmocka_unit_test(every_field_of_labels_is_whole),
  };
  return cmocka_run_group_tests_name("disclose_filter", tests, world_open, world_close);
}
