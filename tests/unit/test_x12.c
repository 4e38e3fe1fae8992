/*
 * X12 270 and 271. Expected: the order of segments and the fixed widths of the ISA segment in X12
 * 005010X279A1, X12 RFI 718 (place of service 55 and 57), and the answers that a person reads out
 * of fuzz/corpus/x12/good.271.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "coverage_support.h"

/* --- 270 ------------------------------------------------------------------------------------- */

static struct x12_inquiry inquiry(void)
{
  return (struct x12_inquiry){.sender = TEXT("harbor"),
                              .receiver = TEXT("PAYERID"),
                              .control = 42,
                              .minute = day_of("2026-11-22") * 1440 + 9 * 60 + 5,
                              .is_test = true,
                              .payer_name = TEXT("Example Health Plan"),
                              .payer_id = TEXT("EX001"),
                              .provider_name = TEXT("Harbor House"),
                              .provider_npi = TEXT("1234567893"),
                              .member_last = TEXT("Éxample"),
                              .member_first = TEXT("Ada"),
                              .member_id = TEXT("X000111222"),
                              .born_on = day_of("1990-07-04"),
                              .sex = 'F',
                              .trace = TEXT("TRACE1"),
                              .service_type = TEXT("AI"),
                              .service_on = day_of("2026-11-23")};
}

static const char expected[] =
    "ISA*00*          *00*          *ZZ*HARBOR         *ZZ*PAYERID        *261122*0905*^*00501*"
    "000000042*0*T*:~\n"
    "GS*HS*HARBOR*PAYERID*20261122*0905*42*X*005010X279A1~\n"
    "ST*270*0001*005010X279A1~\n"
    "BHT*0022*13*TRACE1*20261122*0905~\n"
    "HL*1**20*1~\n"
    "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EX001~\n"
    "HL*2*1*21*1~\n"
    "NM1*1P*2*HARBOR HOUSE*****XX*1234567893~\n"
    "HL*3*2*22*0~\n"
    "TRN*1*TRACE1*9EX001~\n"
    "NM1*IL*1*EXAMPLE*ADA****MI*X000111222~\n"
    "DMG*D8*19900704*F~\n"
    "DTP*291*D8*20261123~\n"
    "EQ*AI~\n"
    "SE*13*0001~\n"
    "GE*1*42~\n"
    "IEA*1*000000042~\n";

static void a_question_is_written(void **state)
{
  struct text_buffer out;
  struct x12_inquiry question = inquiry();
  (void)state;
  text_buffer_init(&out, LIMIT_X12_FILE);
  assert_true(x12_270_write(&question, &out, NULL));
  assert_text(text_buffer_get(&out), expected);
  text_buffer_clear(&out);
  question.is_test = false;
  assert_true(x12_270_write(&question, &out, NULL));
  assert_true(text_contains(text_buffer_get(&out), TEXT("*0*P*:~")));
  text_buffer_fini(&out);
}

static void marks_cannot_be_smuggled_in(void **state)
{
  static const char *const bad[] = {
      "",     " ",   "A*B",
      "A~B",  "A^B", "A:B",
      "A\nB", "<b>", "0123456789012345678901234567890123456789012345678901234567890"};
  struct text_buffer out;
  (void)state;
  text_buffer_init(&out, LIMIT_X12_FILE);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct x12_inquiry question = inquiry();
    struct error error = {0};
    question.member_last = text_from(bad[i]);
    assert_false(x12_270_write(&question, &out, &error));
    assert_string_equal(error.person, "error.coverage.x12_field");
    assert_non_null(strstr(error.log, "member_last"));
  }
  struct x12_inquiry questions[] = {inquiry(), inquiry(), inquiry(), inquiry()};
  questions[0].control = 0;
  questions[1].control = 1000000000;
  questions[2].sex = '*';
  questions[3].minute = -1;
  for (size_t i = 0; i < 4; i++) assert_false(x12_270_write(&questions[i], &out, NULL));
  assert_int_equal(out.length, 0);
  text_buffer_fini(&out);
}

/* --- 271 ------------------------------------------------------------------------------------- */

static struct text seed(const char *name)
{
  struct text bytes;
  assert_true(
      file_read(arena, file_join(arena, "fuzz/corpus/x12", name), LIMIT_X12_FILE, &bytes, NULL));
  return bytes;
}

static struct x12_response read_good(const char *name)
{
  struct x12_response response;
  struct error error = {0};
  if (!x12_271_read(arena, seed(name), &response, &error)) fail_msg("%s", error.log);
  return response;
}

static void an_answer_is_read(void **state)
{
  struct x12_response response = read_good("good.271");
  (void)state;
  assert_text(response.control, "000000042");
  assert_text(response.trace, "TRACE1");
  assert_text(response.payer_name, "EXAMPLE HEALTH PLAN");
  assert_text(response.member_last, "EXAMPLE");
  assert_text(response.member_first, "ADA");
  assert_text(response.member_id, "X000111222");
  assert_int_equal(response.benefit_count, 14);
  assert_int_equal(response.rejection_count, 0);
  assert_text(response.benefits[0].services, "30^AI");
  assert_text(response.benefits[0].plan, "EXAMPLE PPO");
  assert_int_equal(response.benefits[1].amount, 150000);
  assert_false(response.benefits[1].has_percent);
  assert_int_equal(response.benefits[8].percent, 2000);
  assert_text(response.benefits[8].place, "55");
  assert_text(response.benefits[8].authorization, "Y");
  assert_int_equal(response.benefits[13].quantity, 45);
  assert_text(response.benefits[13].message, "DAYS OF RESIDENTIAL CARE");
  response = read_good("rejected.271");
  assert_int_equal(response.rejection_count, 1);
  assert_text(response.rejections[0], "75");
  response = read_good("hsd.271");
  assert_text(response.benefits[0].quantity_kind, "DY");
  assert_int_equal(response.benefits[0].quantity, 30);
}

static void assert_answer(const struct benefits *benefits, enum benefit_name name, int64_t value)
{
  assert_true(benefits->answers[name].is_given);
  assert_int_equal(benefits->answers[name].value, value);
}

static void it_fills_the_worksheet_of_a_level(void **state)
{
  struct x12_response response = read_good("good.271");
  struct benefits residential = {.level_of_care = TEXT("3.5")},
                  outpatient = {.level_of_care = TEXT("2.1")},
                  outside = {.level_of_care = TEXT("3.5")}, unknown = {.level_of_care = TEXT("9")};
  int64_t day = day_of("2026-11-22");
  (void)state;
  assert_int_equal(x12_answers_give(rules, &response, true, day, &residential), 11);
  assert_answer(&residential, BENEFIT_ACTIVE, 1);
  assert_answer(&residential, BENEFIT_COVERED, 1);
  assert_answer(&residential, BENEFIT_AUTHORIZATION, 1);
  assert_answer(&residential, BENEFIT_COINSURANCE, 20);
  assert_answer(&residential, BENEFIT_DEDUCTIBLE, 150000);
  assert_answer(&residential, BENEFIT_DEDUCTIBLE_MET, 100000);
  assert_answer(&residential, BENEFIT_POCKET_LIMIT, 500000);
  assert_answer(&residential, BENEFIT_POCKET_MET, 50000);
  assert_answer(&residential, BENEFIT_COPAY_DAY, 0);
  assert_answer(&residential, BENEFIT_DAY_LIMIT, 60);
  assert_answer(&residential, BENEFIT_DAYS_USED, 15);
  assert_false(residential.answers[BENEFIT_IN_NETWORK].is_given);
  const struct benefit_answer *answer = &residential.answers[BENEFIT_COINSURANCE];
  assert_int_equal(answer->source, BENEFIT_BY_271);
  assert_text(answer->who, "EXAMPLE HEALTH PLAN");
  assert_text(answer->reference, "TRACE1");
  assert_int_equal(answer->asked_on, day);
  assert_int_equal(answer->expires_on, day + 30);
  (void)x12_answers_give(rules, &response, true, day, &outpatient);
  assert_answer(&outpatient, BENEFIT_COINSURANCE, 10);
  assert_answer(&outpatient, BENEFIT_AUTHORIZATION, 0);
  (void)x12_answers_give(rules, &response, false, day, &outside);
  assert_answer(&outside, BENEFIT_COINSURANCE, 50);
  assert_answer(&outside, BENEFIT_POCKET_LIMIT, 900000);
  assert_false(outside.answers[BENEFIT_DAY_LIMIT].is_given);
  assert_int_equal(x12_answers_give(rules, &response, true, day, &unknown), 0);
  struct benefits limited = {.level_of_care = TEXT("3.7")};
  response = read_good("hsd.271");
  assert_int_equal(x12_answers_give(rules, &response, true, day, &limited), 1);
  assert_answer(&limited, BENEFIT_DAY_LIMIT, 30);
}

/* The seed with its first `from` as `to`. */
static struct text mended(const char *from, const char *to)
{
  struct text good = seed("good.271"), needle = text_from(from);
  size_t at = text_find(good, needle);
  assert_true(at < good.length);
  return text_format(arena, "%.*s%s%.*s", TEXT_PRINT(text_slice(good, 0, at)), to,
                     TEXT_PRINT(text_slice(good, at + needle.length, good.length)));
}

static void rows_that_contradict_leave_the_question(void **state)
{
  struct x12_response response;
  struct benefits benefits = {.level_of_care = TEXT("3.5")};
  (void)state;
  assert_true(x12_271_read(arena, mended("III*ZZ*57", "III*ZZ*55"), &response, NULL));
  (void)x12_answers_give(rules, &response, true, 20000, &benefits);
  assert_false(benefits.answers[BENEFIT_COINSURANCE].is_given);
  assert_false(benefits.answers[BENEFIT_AUTHORIZATION].is_given);
  assert_true(benefits.answers[BENEFIT_COVERED].is_given);
  /* A share of 17.5 % is no whole percent: it is left to ask, not rounded. */
  benefits = (struct benefits){.level_of_care = TEXT("2.1")};
  assert_true(x12_271_read(arena, mended("***.1*", "***.175*"), &response, NULL));
  (void)x12_answers_give(rules, &response, true, 20000, &benefits);
  assert_answer(&benefits, BENEFIT_COINSURANCE, 30);
}

static void a_refusal_names_segment_and_element(void **state)
{
  static const struct {
    const char *from, *to, *said;
  } cases[] = {{"23*1500", "23*15x0", "segment 15 (EB), element 7: no number"},
               {"23*1500", "23*1.505", "segment 15 (EB), element 7: no number"},
               {"23*1500", "23*9999999999999", "segment 15 (EB), element 7: too large"},
               {"***.3*", "***2*", "segment 21 (EB), element 8: too large"},
               {"DY*60", "DY*-1", "element 10: no number"},
               {"EB*1**30", "EB***30", "segment 14 (EB), element 1: empty"},
               {"HL*3*2*22*0", "HL*3*2*23*0", "segment 9 (HL), element 3: a dependent"},
               {"DMG*D8", "HL*4*2*22", "element 3: a second subscriber"},
               {"HL*3*2*22*0", "HL*3*2*21*0", "segment 14 (EB), element 0: a benefit of nobody"},
               {"*00501*", "*00401*", "segment 1 (ISA), element 12"},
               {"GS*HB", "GS*HS", "segment 2 (GS), element 1"},
               {"ST*271", "ST*270", "segment 3 (ST), element 1: no 271"},
               {"ST*271", "EB*1", "segment 3 (EB), element 0: out of place"},
               {"GS*HB", "BHT*1", "segment 2 (BHT), element 0: out of place"},
               {"GS*HB", "SE*1", "segment 2 (SE), element 0: out of place"},
               {"GS*HB", "GE*1", "segment 2 (GE), element 0: out of place"},
               {"GS*HB", "IEA*1", "segment 2 (IEA), element 0: out of place"},
               {"BHT*0022", "GS*HB", "segment 4 (GS), element 0: a second group"},
               {"BHT*0022", "ST*271", "segment 4 (ST), element 0: out of place"},
               {"BHT*0022", "ISA*00", "segment 4 (ISA), element 0: a second interchange"},
               {"SE*32*0001", "SE*33*0001", "(SE), element 1: another number of segments"},
               {"SE*32*0001", "SE*32*0002", "(SE), element 2: another control number"},
               {"GE*1*42", "GE*2*42", "(GE), element 1: another number"},
               {"GE*1*42", "GE*1*43", "(GE), element 2: another control number"},
               {"IEA*1*000000042", "IEA*2*000000042", "(IEA), element 1: another number"},
               {"IEA*1*000000042", "IEA*1*000000043", "(IEA), element 2: another control number"},
               {"IEA*1*000000042~\n", "", "the file ends before IEA"},
               {"IEA*1*000000042~", "IEA*1*000000042", "the file ends within a segment"},
               {"IEA*1*000000042~", "IEA*1*000000042~IEA*1*000000042~", "behind the end"},
               {"DMG*D8*19900704", "DMG*D8*1990\t0704", "segment 12 (DMG), element 2: a control"},
               {"EXAMPLE PPO", "EX\xff", "segment 14 (EB), element 0: bytes that are not UTF-8"},
               {"DMG*D8*19900704", "DMG*************************", "too many elements"},
               {"ISA*00*", "ISA*001*", "segment 1 (?), element 1: an element of another length"},
               {"*T*:~", "*T*A~", "segment 1 (?), element 16: marks that do not part"},
               {"*T*:~", "*T**~", "segment 1 (?), element 16: marks that do not part"},
               {"ISA*00*", "IXA*00*", "no ISA segment"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct x12_response response = {.benefit_count = 7};
    struct error error = {0};
    if (x12_271_read(arena, mended(cases[i].from, cases[i].to), &response, &error))
      fail_msg("taken: %s as %s", cases[i].from, cases[i].to);
    if (!strstr(error.log, cases[i].said)) fail_msg("%s: %s", cases[i].to, error.log);
    assert_int_equal(response.benefit_count, 7);
    struct text place = text_format(arena, "segment %zu (", response.wrong_segment);
    struct text element = text_format(arena, "element %zu: ", response.wrong_element);
    assert_non_null(strstr(error.log, place.at));
    assert_non_null(strstr(error.log, element.at));
  }
}

static void words_for_a_form(void **state)
{
  (void)state;
  assert_true(x12_text_fits(TEXT("Éxample-O'Neil, A. & B"), 60));
  assert_true(x12_text_fits(TEXT(" AI "), 2));
  assert_false(x12_text_fits(TEXT("AIX"), 2));
  assert_false(x12_text_fits(TEXT(" "), 2));
  assert_false(x12_text_fits(TEXT("A~B"), 60));
  assert_text(x12_level_service(rules, TEXT("3.5")), "AI");
  assert_text(x12_level_service(rules, TEXT("9.9")), "");
  assert_true(text_contains(x12_rejection_words(rules, TEXT("75"), 0), TEXT("did not find")));
  assert_true(text_contains(x12_rejection_words(rules, TEXT("75"), 1), TEXT("no encontró")));
  assert_text(x12_rejection_words(rules, TEXT("ZZ"), 0), "");
}

static void sizes_are_capped(void **state)
{
  struct x12_response response;
  struct error error = {0};
  struct text_buffer many;
  (void)state;
  static char huge[LIMIT_X12_FILE + 1];
  assert_false(x12_271_read(arena, (struct text){huge, sizeof huge}, &response, &error));
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  text_buffer_init(&many, LIMIT_X12_FILE);
  for (int i = 0; i < LIMIT_X12_BENEFITS; i++) text_buffer_add(&many, TEXT("EB*1**30~"));
  const char *rows = text_c(arena, text_buffer_get(&many));
  error_clear(&error);
  assert_false(x12_271_read(arena, mended("LS*2120~", rows), &response, &error));
  assert_non_null(strstr(error.log, "too many benefits"));
  text_buffer_clear(&many);
  for (int i = 0; i <= LIMIT_X12_REJECTIONS; i++) text_buffer_add(&many, TEXT("AAA*N**75~"));
  assert_false(x12_271_read(arena, mended("LS*2120~", text_c(arena, text_buffer_get(&many))),
                            &response, &error));
  assert_non_null(strstr(error.log, "too many rejections"));
  text_buffer_clear(&many);
  for (int i = 0; i < LIMIT_X12_SEGMENTS; i++) text_buffer_add(&many, TEXT("REF*1~"));
  assert_false(x12_271_read(arena, mended("LS*2120~", text_c(arena, text_buffer_get(&many))),
                            &response, &error));
  assert_non_null(strstr(error.log, "too many segments"));
  assert_false(x12_271_read(arena,
                            mended("EXAMPLE PPO", text_c(arena, text_format(arena, "%0600d", 0))),
                            &response, &error));
  assert_non_null(strstr(error.log, "element 5: too long"));
  text_buffer_fini(&many);
}

static void faults_name_file_and_line(void **state)
{
  (void)state;
  assert_spoiled("x12-benefits.csv", "coinsurance", "coinsurances", "a question is unknown");
  assert_spoiled("x12-benefits.csv", "percent,", "promille,", "takes is not a word");
  assert_spoiled("x12-levels.csv", "levels,", "level,", "column levels");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_question_is_written),
      cmocka_unit_test(marks_cannot_be_smuggled_in),
      cmocka_unit_test(an_answer_is_read),
      cmocka_unit_test(it_fills_the_worksheet_of_a_level),
      cmocka_unit_test(rows_that_contradict_leave_the_question),
      cmocka_unit_test(a_refusal_names_segment_and_element),
      cmocka_unit_test(words_for_a_form),
      cmocka_unit_test(sizes_are_capped),
      cmocka_unit_test(faults_name_file_and_line),
  };
  return cmocka_run_group_tests_name("x12", tests, rules_set_up, rules_tear_down);
}
