/*
 * Benefits: states, the call's questions, the document, and what the person pays. Expected sums are
 * worked out by hand beside each case; that a range holds whatever the unknown answers turn out to
 * be is tried with every corner of them.
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

#define NONE BENEFIT_NO_LIMIT

static void give(struct benefits *benefits, enum benefit_name name, int64_t value)
{
  struct benefit_answer answer = {.value = value, .asked_on = day_of("2026-11-01")};
  assert_true(benefit_answer_give(rules, benefits, name, &answer, NULL));
}

/* Active, in the network, covered, nothing to ask before, nothing left out, nothing to pay. */
static struct benefits generous(void)
{
  struct benefits benefits = {.level_of_care = TEXT("3.5")};
  give(&benefits, BENEFIT_ACTIVE, 1);
  give(&benefits, BENEFIT_IN_NETWORK, 1);
  give(&benefits, BENEFIT_COVERED, 1);
  give(&benefits, BENEFIT_AUTHORIZATION, 0);
  give(&benefits, BENEFIT_STEP_FIRST, 0);
  give(&benefits, BENEFIT_DAY_LIMIT, NONE);
  give(&benefits, BENEFIT_DEDUCTIBLE, 0);
  give(&benefits, BENEFIT_COPAY_DAY, 0);
  give(&benefits, BENEFIT_COPAY_STAY, 0);
  give(&benefits, BENEFIT_COINSURANCE, 0);
  give(&benefits, BENEFIT_POCKET_LIMIT, NONE);
  give(&benefits, BENEFIT_EXCLUDES_ROOM, 0);
  return benefits;
}

static struct benefit_estimate reckon(const struct benefits *benefits, int64_t days, int64_t price)
{
  struct benefit_estimate estimate;
  struct benefit_stay stay = {days, price, day_of("2026-11-02")};
  assert_true(benefit_estimate_find(benefits, &stay, &estimate, NULL));
  return estimate;
}

static void assert_pays(const struct benefits *benefits, int64_t days, int64_t price, int64_t least,
                        int64_t most)
{
  struct benefit_estimate estimate = reckon(benefits, days, price);
  assert_int_equal(estimate.least, least);
  assert_int_equal(estimate.most, most);
  assert_false(estimate.is_open);
}

static void sums_by_hand(void **state)
{
  (void)state;
  struct benefits plan = generous();
  assert_pays(&plan, 28, 100000, 0, 0);
  /* $28,000: 1,500 - 500 of the deductible, 20 % of 27,000 = 5,400; 5,000 - 500 is the most. */
  give(&plan, BENEFIT_DEDUCTIBLE, 150000);
  give(&plan, BENEFIT_DEDUCTIBLE_MET, 50000);
  give(&plan, BENEFIT_COINSURANCE, 20);
  assert_pays(&plan, 28, 100000, 640000, 640000);
  give(&plan, BENEFIT_POCKET_LIMIT, 500000);
  give(&plan, BENEFIT_POCKET_MET, 50000);
  assert_pays(&plan, 28, 100000, 450000, 450000);
  /* 20 - 5 days: 1,000 + 20 % of 14,000 = 3,800, and 13 days of one's own. */
  give(&plan, BENEFIT_DAY_LIMIT, 20);
  give(&plan, BENEFIT_DAYS_USED, 5);
  assert_pays(&plan, 28, 100000, 1680000, 1680000);
  /* More met, or more used, than there is, leaves nothing. */
  give(&plan, BENEFIT_DAYS_USED, 30);
  assert_pays(&plan, 2, 100000, 200000, 200000);
  give(&plan, BENEFIT_DAYS_USED, 0);
  give(&plan, BENEFIT_DEDUCTIBLE_MET, 999999);
  assert_pays(&plan, 1, 100000, 20000, 20000);
  /* Copays: 28 * 50 + 100; never more than the price of what is covered. */
  plan = generous();
  give(&plan, BENEFIT_COPAY_DAY, 5000);
  give(&plan, BENEFIT_COPAY_STAY, 10000);
  assert_pays(&plan, 28, 100000, 150000, 150000);
  assert_pays(&plan, 1, 6000, 6000, 6000);
  /* A begun cent is asked for. */
  plan = generous();
  give(&plan, BENEFIT_COINSURANCE, 33);
  assert_pays(&plan, 1, 101, 34, 34);
}

static void what_is_unknown_makes_a_range(void **state)
{
  struct benefits nothing = {.level_of_care = TEXT("3.5")};
  (void)state;
  struct benefit_estimate estimate = reckon(&nothing, 28, 100000);
  assert_int_equal(estimate.least, 0);
  assert_int_equal(estimate.most, 2800000);
  assert_true(estimate.unknown >> BENEFIT_ACTIVE & 1);
  assert_true(estimate.unknown >> BENEFIT_COINSURANCE & 1);
  assert_int_equal(estimate.expired, 0);
  /* The share alone is unknown: from nothing to all. */
  struct benefits plan = generous();
  plan.answers[BENEFIT_COINSURANCE] = (struct benefit_answer){0};
  assert_pays(&plan, 10, 100000, 0, 1000000);
  assert_int_equal(reckon(&plan, 10, 100000).unknown, 1u << BENEFIT_COINSURANCE);
  /* With a limit of $3,000 of which an unknown part is paid: at most that. */
  give(&plan, BENEFIT_POCKET_LIMIT, 300000);
  assert_pays(&plan, 10, 100000, 0, 300000);
  /* An answer of seven days is too old after them. */
  struct benefit_stay late = {10, 100000, day_of("2026-11-09")};
  plan = generous();
  assert_true(benefit_estimate_find(&plan, &late, &estimate, NULL));
  assert_int_equal(estimate.expired, 1u << BENEFIT_ACTIVE);
  assert_int_equal(estimate.most, 1000000);
}

static void without_a_price_a_most_may_still_be_known(void **state)
{
  (void)state;
  struct benefits plan = generous();
  give(&plan, BENEFIT_COPAY_DAY, 5000);
  assert_pays(&plan, 28, -1, 0, 140000);
  give(&plan, BENEFIT_COINSURANCE, 10);
  struct benefit_estimate estimate = reckon(&plan, 28, -1);
  assert_true(estimate.is_open);
  assert_int_equal(estimate.most, 0);
  give(&plan, BENEFIT_POCKET_LIMIT, 200000);
  give(&plan, BENEFIT_POCKET_MET, 0);
  assert_pays(&plan, 28, -1, 0, 200000);
}

static void what_the_plan_refuses_is_the_persons_own(void **state)
{
  (void)state;
  struct benefits plan = generous();
  give(&plan, BENEFIT_COVERED, 0);
  plan.answers[BENEFIT_COINSURANCE] = (struct benefit_answer){0};
  assert_pays(&plan, 5, 100000, 500000, 500000);
  assert_true(reckon(&plan, 5, 100000).is_not_covered);
  assert_int_equal(reckon(&plan, 5, 100000).unknown, 0);
  plan = generous();
  give(&plan, BENEFIT_ACTIVE, 0);
  assert_true(reckon(&plan, 5, 100000).is_not_active);
  assert_pays(&plan, 5, 100000, 500000, 500000);
  plan = generous();
  give(&plan, BENEFIT_IN_NETWORK, 0);
  assert_true(reckon(&plan, 5, 100000).is_out_of_network);
  assert_pays(&plan, 5, 100000, 0, 500000);
  plan = generous();
  give(&plan, BENEFIT_EXCLUDES_ROOM, 1);
  assert_pays(&plan, 5, 100000, 0, 500000);
  plan = generous();
  give(&plan, BENEFIT_AUTHORIZATION, 1);
  give(&plan, BENEFIT_STEP_FIRST, 1);
  assert_true(reckon(&plan, 5, 100000).needs_authorization);
  assert_true(reckon(&plan, 5, 100000).needs_step_first);
}

/* Whatever the unknown answers turn out to be, the sum lies within the range. */
static void the_range_holds_for_every_corner(void **state)
{
  static const struct {
    enum benefit_name name;
    int64_t corners[3];
  } answers[] = {{BENEFIT_ACTIVE, {0, 1, 1}},
                 {BENEFIT_COVERED, {0, 1, 1}},
                 {BENEFIT_DAY_LIMIT, {0, 9, NONE}},
                 {BENEFIT_DAYS_USED, {0, 4, 30}},
                 {BENEFIT_DEDUCTIBLE, {0, 70000, 900000}},
                 {BENEFIT_DEDUCTIBLE_MET, {0, 30000, 900000}},
                 {BENEFIT_COPAY_DAY, {0, 4000, 90000}},
                 {BENEFIT_COINSURANCE, {0, 30, 100}},
                 {BENEFIT_POCKET_LIMIT, {0, 250000, NONE}},
                 {BENEFIT_POCKET_MET, {0, 100000, 300000}}};
  enum { COUNT = sizeof answers / sizeof *answers };
  uint64_t seed = 7;
  (void)state;
  for (int turn = 0; turn < 20000; turn++) {
    struct benefits known = generous(), partly = generous();
    for (size_t i = 0; i < COUNT; i++) {
      seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      give(&known, answers[i].name, answers[i].corners[seed >> 33 & 1 ? seed >> 34 & 1 : 2]);
      partly.answers[answers[i].name] =
          seed >> 40 & 1 ? known.answers[answers[i].name] : (struct benefit_answer){0};
    }
    struct benefit_estimate whole = reckon(&known, 14, 50000), range = reckon(&partly, 14, 50000);
    assert_int_equal(whole.least, whole.most);
    assert_true(range.least <= whole.least && whole.most <= range.most);
  }
}

static void the_call_asks_what_is_not_known(void **state)
{
  enum benefit_name ask[BENEFIT_COUNT];
  struct benefits nothing = {0}, plan = generous();
  (void)state;
  assert_int_equal(benefits_to_ask(rules, &nothing, day_of("2026-11-02"), ask), BENEFIT_COUNT);
  assert_int_equal(ask[0], BENEFIT_ACTIVE);
  assert_int_equal(benefit_question_order(rules, 0), BENEFIT_ACTIVE);
  /* Left: the two about exclusions; what hangs on a no, a 0 or "no limit" is not asked. */
  assert_int_equal(benefits_to_ask(rules, &plan, day_of("2026-11-02"), ask), 2);
  assert_int_equal(ask[0], BENEFIT_EXCLUDES_MEDICATION);
  give(&plan, BENEFIT_STEP_FIRST, 1);
  give(&plan, BENEFIT_DEDUCTIBLE, 1);
  assert_int_equal(benefits_to_ask(rules, &plan, day_of("2026-11-02"), ask), 4);
  assert_int_equal(ask[0], BENEFIT_STEP_FIRST_WHAT);
  /* A month later all are asked again. */
  assert_int_equal(benefits_to_ask(rules, &plan, day_of("2026-12-02"), ask), BENEFIT_COUNT);
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    enum benefit_name found;
    const struct benefit_question *question = benefit_question_get(rules, (enum benefit_name)i);
    assert_true(benefit_question_find(rules, question->name, &found));
    assert_int_equal(found, i);
    assert_true(question->ask[0].length && question->ask[1].length);
  }
  assert_false(benefit_question_find(rules, TEXT("price"), ask));
}

static void answers_out_of_range_are_refused(void **state)
{
  static const struct {
    enum benefit_name name;
    int64_t value;
  } bad[] = {{BENEFIT_ACTIVE, 2},        {BENEFIT_ACTIVE, -1},
             {BENEFIT_COINSURANCE, 101}, {BENEFIT_DEDUCTIBLE, NONE},
             {BENEFIT_DEDUCTIBLE, -1},   {BENEFIT_DEDUCTIBLE, LIMIT_COVERAGE_INCOME + 1},
             {BENEFIT_DAY_LIMIT, 3661},  {BENEFIT_EXCLUSIONS, 0}};
  struct benefits benefits = {0};
  struct error error = {0};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct benefit_answer answer = {.value = bad[i].value};
    assert_false(benefit_answer_give(rules, &benefits, bad[i].name, &answer, &error));
    assert_int_equal(error.kind, ERROR_REFUSED);
    assert_false(benefits.answers[bad[i].name].is_given);
  }
  struct benefit_answer wordy = {.value = 1, .who = {"", 0}};
  wordy.who = text_format(arena, "%0201d", 0);
  assert_false(benefit_answer_give(rules, &benefits, BENEFIT_ACTIVE, &wordy, &error));
  wordy.reference = wordy.who;
  wordy.who = TEXT("");
  assert_false(benefit_answer_give(rules, &benefits, BENEFIT_ACTIVE, &wordy, &error));
  const struct benefit_stay stays[] = {{0, 1, 0}, {3661, 1, 0}, {1, -2, 0}, {1, 10000001, 0}};
  for (size_t i = 0; i < 4; i++) {
    struct benefit_estimate estimate;
    assert_false(benefit_estimate_find(&benefits, &stays[i], &estimate, &error));
    assert_string_equal(error.person, "error.coverage.stay");
  }
}

static bool read_json(const char *json, struct benefits *out)
{
  const struct value *document;
  struct error error = {0};
  if (!json_read(arena, text_from(json), &document, &error)) fail_msg("%s", error.log);
  return benefits_read(rules, document, out, &error);
}

static void the_document_is_read_back(void **state)
{
  struct benefits benefits;
  struct text_buffer out;
  (void)state;
  assert_true(
      read_json("{\"level\":\"3.5\",\"answers\":{"
                "\"active\":{\"value\":1,\"source\":\"phone\",\"who\":\"Ana\",\"reference\":"
                "\"7\",\"asked_on\":\"2026-11-01\"},"
                "\"day-limit\":{\"value\":\"none\",\"source\":\"portal\",\"asked_on\":"
                "\"2026-11-01\"},"
                "\"deductible\":{\"value\":150000,\"source\":\"271\",\"asked_on\":"
                "\"2026-11-01\"},"
                "\"exclusions\":{\"words\":\"rides\",\"source\":\"letter\",\"asked_on\":"
                "\"2026-10-01\"}}}",
                &benefits));
  assert_int_equal(benefits.answers[BENEFIT_DAY_LIMIT].value, NONE);
  assert_int_equal(benefits.answers[BENEFIT_ACTIVE].expires_on, day_of("2026-11-08"));
  text_buffer_init(&out, LIMIT_JSON_BODY);
  struct value *document = benefits_write(rules, arena, &benefits, day_of("2026-11-05"));
  json_write(document, &out);
  const char *written = text_c(arena, text_buffer_get(&out));
  assert_non_null(strstr(written,
                         "\"active\":{\"state\":\"known\",\"value\":1,\"source\":\"phone\","
                         "\"who\":\"Ana\",\"reference\":\"7\",\"asked_on\":\"2026-11-01\","
                         "\"expires_on\":\"2026-11-08\"}"));
  assert_non_null(strstr(written, "\"in-network\":{\"state\":\"unknown\"}"));
  assert_non_null(strstr(written, "\"day-limit\":{\"state\":\"known\",\"value\":\"none\""));
  assert_non_null(strstr(written, "\"exclusions\":{\"state\":\"expired\",\"words\":\"rides\""));
  text_buffer_fini(&out);
}

static void bad_documents_are_refused(void **state)
{
  static const char *const answers[] = {
      "\"price\":{\"value\":1,\"source\":\"phone\",\"asked_on\":\"2026-11-01\"}",
      "\"active\":{\"value\":1,\"source\":\"rumor\",\"asked_on\":\"2026-11-01\"}",
      "\"active\":{\"value\":1,\"source\":\"phone\",\"asked_on\":\"soon\"}",
      "\"active\":{\"value\":1.5,\"source\":\"phone\",\"asked_on\":\"2026-11-01\"}",
      "\"active\":{\"value\":\"yes\",\"source\":\"phone\",\"asked_on\":\"2026-11-01\"}",
      "\"active\":{\"value\":\"none\",\"source\":\"phone\",\"asked_on\":\"2026-11-01\"}",
      ("\"day-limit\":{\"value\":9223372036854775807,\"source\":\"phone\",\"asked_on\":"
       "\"2026-11-01\"}"),
      "\"active\":{\"words\":\"yes\",\"source\":\"phone\",\"asked_on\":\"2026-11-01\"}",
      "\"exclusions\":{\"value\":1,\"source\":\"phone\",\"asked_on\":\"2026-11-01\"}",
      "\"exclusions\":{\"words\":\"\",\"source\":\"phone\",\"asked_on\":\"2026-11-01\"}",
      "\"active\":7"};
  struct benefits benefits;
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
    assert_false(read_json(
        text_c(arena, text_format(arena, "{\"level\":\"3.5\",\"answers\":{%s}}", answers[i])),
        &benefits));
  assert_false(read_json("{\"answers\":{}}", &benefits));
  assert_false(read_json("[]", &benefits));
  assert_false(
      read_json(text_c(arena, text_format(arena, "{\"level\":\"%0201d\"}", 0)), &benefits));
}

static void words_say_the_range_and_what_is_unknown(void **state)
{
  struct catalog *catalog;
  (void)state;
  assert_true(catalog_load(&catalog, "locale", NULL));
  struct benefits plan = generous(), nothing = {0};
  struct benefit_estimate estimate = reckon(&plan, 28, 100000);
  const char *said = text_c(arena, benefit_estimate_words(rules, catalog, 0, arena, &estimate));
  assert_ptr_equal(strstr(said, "You would pay about $0.\nThis is a guess"), said);
  plan.answers[BENEFIT_COINSURANCE] = (struct benefit_answer){0};
  give(&plan, BENEFIT_AUTHORIZATION, 1);
  give(&plan, BENEFIT_IN_NETWORK, 0);
  estimate = reckon(&plan, 28, 100000);
  said = text_c(arena, benefit_estimate_words(rules, catalog, 0, arena, &estimate));
  assert_non_null(strstr(said, "between $0 and $28,000"));
  assert_non_null(strstr(said, "Not known yet: the share in percent.\n"));
  assert_non_null(strstr(said, "must approve"));
  assert_non_null(strstr(said, "not in the plan's network"));
  estimate = reckon(&nothing, 28, -1);
  said = text_c(arena, benefit_estimate_words(rules, catalog, 1, arena, &estimate));
  assert_non_null(strstr(said, "Usted pagaría $0 o más."));
  assert_non_null(strstr(said, "si el plan está activo; si el programa está en la red"));
  struct benefit_stay late = {1, 100000, day_of("2026-11-09")};
  plan = generous();
  assert_true(benefit_estimate_find(&plan, &late, &estimate, NULL));
  said = text_c(arena, benefit_estimate_words(rules, catalog, 0, arena, &estimate));
  assert_non_null(strstr(said, "ask again: if the plan is active.\n"));
  assert_null(strstr(said, "Not known yet"));
  catalog_free(catalog);
}

static void faults_name_file_and_line(void **state)
{
  (void)state;
  assert_spoiled("benefits-questions.csv", "\nactive,", "\nalive,", "question is not a word");
  assert_spoiled("benefits-questions.csv", "\ncovered,yes-no", "\nactive,yes-no", "stands twice");
  assert_spoiled("benefits-questions.csv", "\nactive,yes-no", "\nactive,money", "kind is not what");
  assert_spoiled("benefits-questions.csv", "days,covered,yes", "days,covered,perhaps",
                 "none is not");
  assert_spoiled("benefits-questions.csv", "question,kind", "topic,kind", "column question");
  assert_spoiled("benefits-questions.csv", "\nactive,",
                 "\n\"more\",yes-no,,no,a,b,c,d,7,s,P,unsigned\nactive,", "one too many");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_by_hand),
      cmocka_unit_test(what_is_unknown_makes_a_range),
      cmocka_unit_test(without_a_price_a_most_may_still_be_known),
      cmocka_unit_test(what_the_plan_refuses_is_the_persons_own),
      cmocka_unit_test(the_range_holds_for_every_corner),
      cmocka_unit_test(the_call_asks_what_is_not_known),
      cmocka_unit_test(answers_out_of_range_are_refused),
      cmocka_unit_test(the_document_is_read_back),
      cmocka_unit_test(bad_documents_are_refused),
      cmocka_unit_test(words_say_the_range_and_what_is_unknown),
      cmocka_unit_test(faults_name_file_and_line),
  };
  return cmocka_run_group_tests_name("benefits", tests, rules_set_up, rules_tear_down);
}
