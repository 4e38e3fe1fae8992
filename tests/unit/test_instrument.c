/*
 * Scoring. The made-up instruments of tests/unit/instruments/ are small enough to be scored by
 * hand; the numbers below were. What the real ones give is tested against published vectors in
 * tests/golden/score.test.mjs.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assessment/instrument_private.h"
#include "instrument_copy.h"

static void assert_holds(const char *found, const char *expected)
{
  if (strstr(found, expected)) return;
  print_error("expected \"%s\", found: %s\n", expected, found);
  fail();
}

/* --- Documents -------------------------------------------------------------------------------- */

static void a_complete_form_is_scored(void **state)
{
  (void)state;
  /* Much counts 5, yes 1, 4 days 4: 10. The mean is of the answers as they stand: (3 + 1) / 2. */
  assert_string_equal(
      scored("toy", "{\"answers\": {\"1\": 3, \"2\": 1, \"2a\": 4, \"3\": 2}}"),
      "{\"instrument\":\"toy\",\"complete\":true,\"total\":10,\"scales\":{\"top\":3,\"middle\":2},"
      "\"band\":\"high\",\"band_set\":\"first\",\"triggers\":[\"tally\"],\"missing\":[],"
      "\"bands\":{\"first\":\"high\",\"second\":\"high\"},\"scale_bands\":{\"middle\":\"high\"}}");
  /* Item 3 may stay open. */
  assert_holds(
      scored("toy", "{\"answers\": {\"1\": 1, \"2\": false}}"),
      "\"complete\":true,\"total\":2,\"scales\":{\"top\":1,\"middle\":0.5},\"band\":\"low\"");
}

static void an_open_item_gives_no_total(void **state)
{
  (void)state;
  assert_string_equal(
      scored("toy", "{\"answers\": {\"1\": 3, \"2\": true, \"3\": null}}"),
      "{\"instrument\":\"toy\",\"complete\":false,\"total\":null,\"scales\":{\"top\":3,\"middle\":"
      "2},"
      "\"band\":null,\"band_set\":\"first\",\"triggers\":[],\"missing\":[\"2a\"],"
      "\"bands\":{\"first\":null,\"second\":null},\"scale_bands\":{\"middle\":\"high\"}}");
  assert_holds(scored("toy", "{\"answers\": {}}"), "\"missing\":[\"1\",\"2\"]");
}

static void skipped_items_are_not_missing(void **state)
{
  (void)state;
  assert_holds(scored("toy", "{\"answers\": {\"1\": 0, \"2\": 0}}"),
               "\"complete\":true,\"total\":0");
  /* The toy ignores an answer to a skipped item, and says so. */
  assert_holds(scored("toy", "{\"answers\": {\"1\": 0, \"2\": 0, \"2a\": 4, \"3\": 2}}"),
               "\"complete\":true,\"total\":0");
  assert_holds(scored("toy", "{\"answers\": {\"1\": 0, \"2\": 0, \"2a\": 4, \"3\": 2}}"),
               "\"ignored\":[\"2a\",\"3\"]");
  /* The tally counts it: band and count are those of the answers. */
  assert_string_equal(scored("tally", "{\"answers\": {\"1\": 0, \"2\": 1, \"3\": 20, \"4\": 0}}"),
                      "{\"instrument\":\"tally\",\"complete\":true,\"total\":null,\"scales\":{"
                      "\"many\":2,\"back\":2,"
                      "\"quiet\":20},\"band\":\"high\",\"band_set\":\"rule\",\"triggers\":["
                      "\"crisis\"],\"missing\":[]}");
  assert_holds(scored("tally", "{\"answers\": {\"1\": 0, \"4\": 0}}"),
               "\"scales\":{\"many\":0,\"back\":2,\"quiet\":1},\"band\":\"none\"");
  /* All three hold only together. */
  assert_holds(scored("tally", "{\"answers\": {\"1\": 1, \"2\": 1, \"4\": 0}}"),
               "\"missing\":[\"3\"]");
  assert_holds(scored("tally", "{\"answers\": {\"1\": 1, \"2\": 0, \"4\": 0}}"),
               "\"complete\":true");
}

static void what_is_certain_is_said_while_items_are_open(void **state)
{
  (void)state;
  const char *found = scored("tally", "{\"answers\": {\"4\": 1}}");
  assert_holds(found, "\"complete\":false,\"total\":null");
  assert_holds(found, "\"band\":\"high\"");
  assert_holds(found, "\"triggers\":[\"crisis\"]");
  assert_holds(found, "\"missing\":[\"1\"]");
  assert_holds(scored("tally", "{\"answers\": {\"4\": 0}}"), "\"band\":null");
}

static void a_cut_may_ask_the_sex(void **state)
{
  (void)state;
  static const char form[] = "{\"answers\": {\"1\": 1, \"2\": 1, \"2a\": 0}%s}";
  assert_holds(scored("toy", text_c(arena, text_format(arena, form, ", \"sex\": \"male\""))),
               "\"total\":3,\"scales\":{\"top\":1,\"middle\":1},\"band\":\"low-male\"");
  assert_holds(scored("toy", text_c(arena, text_format(arena, form, ", \"sex\": \"female\""))),
               "\"band\":\"high\"");
  assert_holds(scored("toy", text_c(arena, text_format(arena, form, ", \"sex\": null"))),
               "\"band\":\"high\"");
  assert_holds(scored("toy", text_c(arena, text_format(arena, form, ", \"sex\": \"m\""))),
               "unknown sex 'm'. sex: male, female or unspecified.");
  assert_holds(scored("toy", text_c(arena, text_format(arena, form, ", \"band_set\": \"second\""))),
               "\"band\":\"low\",\"band_set\":\"second\"");
  assert_holds(scored("toy", text_c(arena, text_format(arena, form, ", \"band_set\": \"half\""))),
               "unknown band set 'half'");
}

static void what_is_not_allowed_is_refused(void **state)
{
  static const struct {
    const char *instrument, *document, *expected;
  } cases[] = {
      {"toy", "{\"answers\": {\"1\": 2}}",
       "toy, item 1: an answer that is not allowed. Item 1 takes 0, 1, 3."},
      {"toy", "{\"answers\": {\"2\": 2}}",
       "toy, item 2: an answer that is not allowed. Item 2 takes "
       "0 (no) or 1 (yes)."},
      {"toy", "{\"answers\": {\"2a\": 5}}", "Item 2a takes a whole number from 0 to 4."},
      {"toy", "{\"answers\": {\"2a\": -1}}", "toy, item 2a: an answer that is not allowed"},
      {"toy", "{\"answers\": {\"2a\": 1.5}}", "toy, item 2a: an answer that is not allowed"},
      {"toy", "{\"answers\": {\"1\": true}}", "toy, item 1: an answer that is not allowed"},
      {"toy", "{\"answers\": {\"1\": \"3\"}}", "toy, item 1: an answer that is not allowed"},
      {"toy", "{\"answers\": {\"9\": 1}}", "there is no item '9'"},
      {"toy", "{\"answers\": {\"g1\": 1}}", "there is no item 'g1'"},
      {"toy", "{\"answers\": [1]}", "no object 'answers'"},
      {"toy", "{}", "no object 'answers'. Write {\"answers\": {\"1\": 2}}."},
      {"toy", "[]", "no object 'answers'"},
      {"toy", "{\"answers\": {}, \"total\": 3}", "unknown or malformed member 'total'"},
      {"toy", "{\"answers\": {}, \"sex\": 1}", "unknown or malformed member 'sex'"},
      {"toy", "{\"answers\": {}, \"band_set\": null}", "unknown or malformed member 'band_set'"},
      {"toy", "{\"answers\": {}, \"instrument\": \"tally\"}", "answers to 'tally'"},
      {"toy", "{\"answers\": {}, \"instrument\": 1}", "answers to '1'"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_holds(scored(cases[i].instrument, cases[i].document), cases[i].expected);
  assert_holds(scored("toy", "{\"answers\": {}, \"instrument\": \"toy\"}"), "\"complete\":false");
}

/* --- FHIR ---------------------------------------------------------------------------------------
 */

#define RESPONSE(items) "{\"resourceType\": \"QuestionnaireResponse\", \"item\": [" items "]}"
#define ANSWER(number, answer) "{\"linkId\": \"" number "\", \"answer\": [{" answer "}]}"
#define ORDINAL                                                                                    \
  "{\"url\": \"http://hl7.org/fhir/StructureDefinition/ordinalValue\", \"valueDecimal\": 3}"

#define ABSENT                                                                                     \
  "\"extension\": [{\"url\": "                                                                     \
  "\"http://hl7.org/fhir/StructureDefinition/data-absent-reason\", "                               \
  "\"valueCode\": \"asked-declined\"}]"

static void responses_are_scored(void **state)
{
  static const struct {
    const char *document, *expected;
  } cases[] = {
      {RESPONSE("{\"linkId\": \"g1\", \"item\": [" ANSWER(
           "1", "\"valueCoding\": {\"code\": \"c\"}") "]}," ANSWER("2",
                                                                   "\"valueBoolean\": true, "
                                                                   "\"item\": [" ANSWER(
                                                                       "2a",
                                                                       "\"valueInteger\": 4") "]")),
       "\"complete\":true,\"total\":10"},
      {RESPONSE(ANSWER("1", "\"valueCoding\": {\"system\": \"urn:fairlead:instrument:toy\", "
                            "\"code\": \"b\"}") "," ANSWER("2", "\"valueBoolean\": false")),
       "\"complete\":true,\"total\":2"},
      {RESPONSE(ANSWER("1", "\"valueCoding\": {\"extension\": [{}, " ORDINAL
                            "]}") "," ANSWER("2", "\"valueDecimal\": 0")),
       "\"complete\":true,\"total\":5"},
      {RESPONSE(ANSWER(
           "1",
           "\"extension\": [" ORDINAL
           "], \"valueCoding\": {\"code\": \"other\"}") "," ANSWER("2", "\"valueInteger\": 0")),
       "\"complete\":true,\"total\":5"},
      /* Another system's groups have names of their own. */
      {RESPONSE("{\"linkId\": \"theirs\", \"item\": [{\"linkId\": \"deeper\", \"item\": [" ANSWER(
           "1", "\"valueInteger\": 1") "," ANSWER("2", "\"valueInteger\": 0") "]}]}"),
       "\"complete\":true"},
      {RESPONSE("{\"linkId\": \"theirs\", \"item\": [" ANSWER("9", "\"valueInteger\": 1") "]}"),
       "there is no item '9'"},
      /* A question that is open itself may hold another that is not. */
      {RESPONSE("{\"linkId\": \"1\", \"item\": [" ANSWER("2", "\"valueBoolean\": false") "]}"),
       "\"missing\":[\"1\"]"},
      /* FHIR says so why there is no answer: it is open. */
      {RESPONSE(ANSWER("1", ABSENT) "," ANSWER("2", "\"valueBoolean\": false")),
       "\"missing\":[\"1\"]"},
      {RESPONSE("{\"linkId\": \"1\"}, {\"linkId\": \"2\", \"answer\": []}, {\"linkId\": \"d1\"}"),
       "\"missing\":[\"1\",\"2\"]"},
      {RESPONSE(
           ANSWER("1", "\"valueInteger\": 1") "," ANSWER("2", "\"valueInteger\": 1") "," ANSWER(
               "2a", "\"valueInteger\": 0") "," ANSWER("sex", "\"valueString\": \"male\"")),
       "\"band\":\"low-male\""},
      {RESPONSE(
           ANSWER("1", "\"valueInteger\": 1") "," ANSWER("2", "\"valueInteger\": 1") "," ANSWER(
               "2a", "\"valueInteger\": 0") "," ANSWER("sex",
                                                       "\"valueCoding\": {\"code\": \"male\"}")),
       "\"band\":\"low-male\""},
      {RESPONSE(ANSWER("sex", "\"valueString\": \"x\"")), "unknown sex 'x'"},
      {RESPONSE(ANSWER("1", "\"valueCoding\": {\"code\": \"d\"}")),
       "toy, item 1: an answer that is not allowed"},
      {RESPONSE(
           ANSWER("1", "\"valueCoding\": {\"system\": \"http://loinc.org\", \"code\": \"c\"}")),
       "toy, item 1: an answer that is not allowed"},
      {RESPONSE(ANSWER("1", "\"valueString\": \"c\"")),
       "toy, item 1: an answer that is not allowed"},
      {RESPONSE(ANSWER("1", "\"valueBoolean\": true")),
       "toy, item 1: an answer that is not allowed"},
      {RESPONSE(ANSWER("2", "\"valueBoolean\": 1")), "toy, item 2: an answer that is not allowed"},
      {RESPONSE(ANSWER("1", "\"valueInteger\": 2")), "toy, item 1: an answer that is not allowed"},
      {RESPONSE(ANSWER("9", "\"valueInteger\": 2")), "there is no item '9'"},
      {RESPONSE(ANSWER("g1", "\"valueInteger\": 2")), "there is no item 'g1'"},
      {RESPONSE("{\"linkId\": \"9\"}"), "there is no item '9'"},
      {RESPONSE("{}"), "there is no item ''"},
      {RESPONSE("{\"linkId\": \"1\", \"answer\": [{\"valueInteger\": 1}, {\"valueInteger\": 3}]}"),
       "two answers for item '1'"},
      {RESPONSE(ANSWER("1", "\"valueInteger\": 1") "," ANSWER("1", "\"valueInteger\": 1")),
       "two answers for item '1'. Answer each item once."},
      {RESPONSE("{\"linkId\": \"g1\", \"item\": [{\"linkId\": \"9\"}]}"), "there is no item '9'"},
      {RESPONSE(ANSWER("2", "\"valueBoolean\": true, \"item\": [{\"linkId\": \"9\"}]")),
       "there is no item '9'"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_holds(scored("toy", cases[i].document), cases[i].expected);
  assert_holds(scored("tally", RESPONSE(ANSWER("sex", "\"valueString\": \"male\""))),
               "there is no item 'sex'");
}

static void a_response_names_its_questionnaire(void **state)
{
  static const char form[] =
      "{\"resourceType\": \"QuestionnaireResponse\", \"questionnaire\": \"%s\"}";
  static const char *const own[] = {"urn:fairlead:instrument:toy", "urn:fairlead:instrument:toy|1",
                                    "toy", "https://example.org/Questionnaire/toy|2.0",
                                    "http://loinc.org/q/44249-1"};
  static const char *const others[] = {"", "urn:fairlead:instrument:tally", "nottoy",
                                       "https://example.org/Questionnaire/toy/2",
                                       "http://loinc.org/q/55757-9"};
  (void)state;
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    assert_holds(scored("toy", text_c(arena, text_format(arena, form, own[i]))), "\"complete\"");
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    assert_holds(scored("toy", text_c(arena, text_format(arena, form, others[i]))),
                 "a response to another questionnaire");
  assert_holds(scored("toy", "{\"resourceType\": \"QuestionnaireResponse\", \"status\": "
                             "\"entered-in-error\"}"),
               "the response's status is 'entered-in-error'");
  /* The tally has no panel code. */
  assert_holds(scored("tally", text_c(arena, text_format(arena, form, "urn:other"))),
               "a response to another questionnaire");
}

/* --- Facts, triggers, looking up -----------------------------------------------------------------
 */

static const char *facts_of(const char *id, const char *document)
{
  const struct value *value;
  struct instrument_answers answers;
  struct instrument_score score;
  struct text_buffer out;
  assert_true(json_read(arena, text_from(document), &value, NULL));
  assert_true(instrument_read(named(id), value, &answers, NULL));
  instrument_score(named(id), &answers, &score);
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  json_write(instrument_facts(named(id), arena, &score), &out);
  const char *result = text_c(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return result;
}

static void scores_give_facts(void **state)
{
  (void)state;
  assert_string_equal(facts_of("toy", "{\"answers\": {\"1\": 3, \"2\": 1, \"2a\": 4}}"),
                      "{\"points\":10,\"middle\":2,\"word\":\"severe\"}");
  /* A band that means no word, and one that is not certain, give none. */
  assert_string_equal(facts_of("toy", "{\"answers\": {\"1\": 1, \"2\": 1, \"2a\": 0}, \"sex\": "
                                      "\"male\"}"),
                      "{\"points\":3,\"middle\":1}");
  assert_string_equal(facts_of("toy", "{\"answers\": {\"1\": 0, \"2\": 1}}"), "{\"middle\":0.5}");
  /* The default band set speaks, whichever was asked for. */
  assert_string_equal(
      facts_of("toy", "{\"answers\": {\"1\": 3, \"2\": 0}, \"band_set\": \"second\"}"),
      "{\"points\":5,\"middle\":1.5,\"word\":\"severe\"}");
  assert_string_equal(facts_of("tally", "{\"answers\": {\"4\": 1}}"), "{\"risk\":\"high\"}");
}

static void note_fact(void *context, const struct instrument *instrument, struct text fact)
{
  text_buffer_add_format(context, "%.*s %.*s;", TEXT_PRINT(instrument->id), TEXT_PRINT(fact));
}

static void facts_are_listed(void **state)
{
  struct text_buffer out;
  (void)state;
  text_buffer_init(&out, LIMIT_ERROR_TEXT);
  instruments_each_fact(instruments, note_fact, &out);
  text_buffer_add_character(&out, 0);
  assert_string_equal(text_buffer_get(&out).at, "toy points;toy middle;toy word;tally risk;");
  text_buffer_fini(&out);
}

static void urgent_triggers_are_told_apart(void **state)
{
  struct instrument_answers answers;
  struct instrument_score score;
  (void)state;
  instrument_answers_init(&answers);
  instrument_score(named("tally"), &answers, &score);
  assert_false(instrument_is_urgent(named("tally"), &score));
  assert_true(instrument_answer(named("tally"), &answers, TEXT("1"), 1, NULL));
  assert_true(instrument_answer(named("tally"), &answers, TEXT("2"), 1, NULL));
  assert_true(instrument_answer(named("tally"), &answers, TEXT("3"), 2, NULL));
  instrument_score(named("tally"), &answers, &score);
  assert_true(score.fires[1]);
  assert_false(instrument_is_urgent(named("tally"), &score));
  assert_true(instrument_answer(named("tally"), &answers, TEXT("4"), 1, NULL));
  instrument_score(named("tally"), &answers, &score);
  assert_true(instrument_is_urgent(named("tally"), &score));
  /* Two rows lead to the crisis line: it is told once. */
  assert_holds(scored("tally", "{\"answers\": {\"1\": 1, \"2\": 1, \"3\": 2, \"4\": 1}}"),
               "\"triggers\":[\"crisis\",\"toy\"]");
  assert_false(instrument_answer(named("tally"), &answers, TEXT("4"), 1, NULL));
}

static void a_mean_of_nothing_is_zero(void **state)
{
  const size_t items[] = {1};
  const struct instrument_transform transforms[1] = {{NULL, NULL, 0}};
  struct instrument_program program = {.sums = {{METHOD_MEAN, items, transforms, 1}}};
  struct instrument copy = *named("tally");
  struct instrument_answers answers;
  struct instrument_score score;
  (void)state;
  memcpy(program.enabled, copy.program->enabled, sizeof program.enabled);
  copy.program = &program;
  copy.scale_count = 1;
  copy.band_set_count = copy.trigger_count = 0;
  copy.default_band_set = INSTRUMENT_BAND_SETS;
  instrument_answers_init(&answers);
  assert_true(instrument_answer(&copy, &answers, TEXT("1"), 0, NULL));
  instrument_score(&copy, &answers, &score);
  assert_true(score.scale[0] == 0);
  assert_null(score.band);
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  json_write(instrument_write(&copy, arena, &score), &out);
  assert_true(text_contains(text_buffer_get(&out), TEXT("\"band\":null,\"band_set\":null")));
  text_buffer_fini(&out);
}

/* A set whose rows all fail gives no band; loading proves that none is such. */
static void no_row_no_band(void **state)
{
  struct instrument_condition condition;
  char what[LIMIT_ERROR_TEXT];
  struct instrument copy = *named("tally");
  struct instrument_program program = *copy.program;
  struct instrument_band_set set = {.scale = INSTRUMENT_SCALES, .band_count = 1};
  struct instrument_answers answers;
  struct instrument_score score;
  (void)state;
  assert_true(instrument_condition_compile(arena, &copy, TEXT("q4 = 1"), &condition, what));
  program.bands[0] = &condition;
  copy.program = &program;
  copy.band_sets = &set;
  instrument_answers_init(&answers);
  assert_true(instrument_answer(&copy, &answers, TEXT("4"), 0, NULL));
  instrument_score(&copy, &answers, &score);
  assert_null(score.band);
}

static void instruments_are_found(void **state)
{
  struct instruments *own;
  (void)state;
  assert_int_equal(instruments_count(instruments), 2);
  assert_true(text_equal(instruments_get(instruments, 1)->id, TEXT("tally")));
  assert_null(instruments_find(instruments, TEXT("none")));
  assert_false(named("tally")->is_on);
  assert_true(instruments_load(&own, original, NULL));
  assert_false(instruments_turn_on(own, TEXT("none")));
  assert_true(instruments_turn_on(own, TEXT("tally")));
  assert_true(instruments_find(own, TEXT("tally"))->is_on);
  instruments_free(own);
  instruments_free(NULL);
}

/* What a form says beside a question that may be skipped. */
static void an_answer_opens_an_item(void **state)
{
  (void)state;
  assert_true(instrument_item_opens(named("toy"), 2, 1, 1));
  assert_false(instrument_item_opens(named("toy"), 2, 1, 0));
  assert_true(instrument_item_opens(named("toy"), 3, 0, 1));
  /* Here two answers are needed: neither opens it alone. */
  assert_false(instrument_item_opens(named("tally"), 2, 0, 1));
}

static void headings_stand_before_their_question(void **state)
{
  const struct instrument *toy = named("toy");
  (void)state;
  assert_true(text_equal(toy->items[0].heading[1], TEXT("Parte uno")));
  assert_true(text_is_empty(toy->items[1].heading[0]));
  assert_true(text_equal(toy->items[3].note[0], TEXT("Think of last week.")));
  assert_int_equal(toy->items[0].depends_on, INSTRUMENT_NONE);
  assert_int_equal(toy->items[2].depends_on, 1);
}

/* --- Conditions ----------------------------------------------------------------------------------
 */

static enum instrument_truth holds(const char *source, const struct condition_values *values)
{
  struct instrument_condition condition;
  char what[LIMIT_ERROR_TEXT];
  if (!instrument_condition_compile(arena, named("toy"), text_from(source), &condition, what)) {
    print_error("%s: %s\n", source, what);
    fail();
  }
  return instrument_condition_holds(&condition, values);
}

static void conditions_follow_kleene(void **state)
{
  /* Item 1 is 1, item 2 is skipped, item 2a is 3, item 3 is open; total 5. */
  const double item[] = {1, NAN, 3, NAN}, scale[] = {5, 0, 0};
  const bool skipped[] = {false, true, false, false};
  const struct condition_values values = {item, skipped, scale, SEX_FEMALE};
  static const char *const yes[] = {"q1 = 1",
                                    "q1 != 0",
                                    "q1 < 2",
                                    "q1 <= 1",
                                    "q1 > 0",
                                    "q1 >= 1",
                                    "total = 5..5",
                                    "total=1..9",
                                    "always",
                                    "sex = female",
                                    "sex != male",
                                    "q2 != 1",
                                    "!q2 = 1",
                                    "q1 = 1 | q3 = 1",
                                    "q3 = 1 | q1 = 1",
                                    "!(q1 = 0 & q3 = 1)",
                                    "q1 = 0 | q2a = 3",
                                    "q1 = 0 & q1 = 1 | q1 = 1",
                                    "(q1 = 1 | q1 = 0) & q2a > -1",
                                    " q1=1&q2a=3 "};
  static const char *const no[] = {
      "q1 = 0",  "q1 != 1",         "q1 < 1",          "q1 <= 0",    "q1 > 1",
      "q1 >= 2", "total = 6..9",    "total = 1..4",    "sex = male", "q2 = 0",
      "q2 >= 0", "q1 = 0 & q3 = 1", "q3 = 1 & q1 = 0", "!!q1 = 0",   "q1 = 0 | q2 = 1"};
  static const char *const unknown[] = {"q3 = 1",          "q3 != 1",         "!q3 = 1",
                                        "q3 = 1 & q1 = 1", "q1 = 1 & q3 = 1", "q3 = 1 | q1 = 0",
                                        "q1 = 0 | q3 = 1", "q3 = 1 | q3 = 2", "q3 = 1 & q3 = 2"};
  (void)state;
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
    if (holds(yes[i], &values) != TRUTH_YES) fail_msg("%s does not hold", yes[i]);
  for (size_t i = 0; i < sizeof no / sizeof *no; i++)
    if (holds(no[i], &values) != TRUTH_NO) fail_msg("%s does not fail", no[i]);
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
    if (holds(unknown[i], &values) != TRUTH_UNKNOWN) fail_msg("%s is known", unknown[i]);
}

/* `first`, `count` times "always" joined by `join`, `last`. */
static struct text long_condition(const char *first, const char *join, size_t count,
                                  const char *last)
{
  struct text out = text_format(arena, "%salways", first);
  for (size_t i = 1; i < count; i++)
    out = text_format(arena, "%.*s%salways", TEXT_PRINT(out), join);
  return text_format(arena, "%.*s%s", TEXT_PRINT(out), last);
}

/* A condition has at most 64 steps: each term, "!" and join is one. */
static void long_conditions_are_refused(void **state)
{
  struct instrument_condition condition;
  char what[LIMIT_ERROR_TEXT];
  const struct {
    struct text source;
    bool is_good;
  } cases[] = {
      {long_condition("", "&", 32, ""), true},
      {long_condition("!", "&", 32, ""), true},
      {long_condition("", "&", 33, ""), false},
      {long_condition("", "&", 32, "|always"), false},
      {long_condition("!", "|", 31, "|always&always"), false},
      {long_condition("", "&", 32, "&!always"), false},
      {long_condition("!!", "&", 32, ""), false},
      {long_condition("(", "|", 32, ")|always"), false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(
        instrument_condition_compile(arena, named("toy"), cases[i].source, &condition, what),
        cases[i].is_good);
    if (!cases[i].is_good) assert_holds(what, "too long at");
  }
}

static void malformed_conditions_are_refused(void **state)
{
  static const struct {
    const char *source, *expected;
  } cases[] = {
      {"", "expected a condition at '', column 1"},
      {"q1", "expected a comparison at '', column 3"},
      {"q1 = ", "expected a whole number at '', column 6"},
      {"q1 = x", "expected a whole number at 'x', column 6"},
      {"q1 = 1.5", "expected a whole number at '1.5'"},
      {"q1 = 1..x", "expected a whole number at '1..x'"},
      {"q1 = 3..1", "a range stands behind = and rises, not '3..1'"},
      {"q1 < 1..3", "a range stands behind = and rises"},
      {"q9 = 1", "no item, scale or sex is called 'q9', column 1"},
      {"x = 1", "no item, scale or sex is called 'x'"},
      {"sex = man", "expected male, female or unspecified at 'man'"},
      {"sex < male", "sex is compared with = or != before 'male'"},
      {"q1 = 1 q2 = 1", "expected & or | at 'q2 = 1', column 8"},
      {"q1 = 1 & ", "expected a condition at ''"},
      {"q1 = 1 | ", "expected a condition at ''"},
      {"(q1 = 1", "expected ) at ''"},
      {"(", "expected a condition at ''"},
      {"!", "expected a condition at ''"},
      {"!!!!!!!!!!!!!!!!q1 = 1", "too deep at 'q1 = 1', column 17"},
  };
  struct instrument_condition condition;
  char what[LIMIT_ERROR_TEXT];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_false(instrument_condition_compile(arena, named("toy"), text_from(cases[i].source),
                                              &condition, what));
    assert_holds(what, cases[i].expected);
  }
  assert_false(
      instrument_condition_compile(arena, named("tally"), TEXT("sex = male"), &condition, what));
  assert_holds(what, "the instrument does not ask 'sex'");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_complete_form_is_scored),
      cmocka_unit_test(an_open_item_gives_no_total),
      cmocka_unit_test(skipped_items_are_not_missing),
      cmocka_unit_test(what_is_certain_is_said_while_items_are_open),
      cmocka_unit_test(a_cut_may_ask_the_sex),
      cmocka_unit_test(what_is_not_allowed_is_refused),
      cmocka_unit_test(responses_are_scored),
      cmocka_unit_test(a_response_names_its_questionnaire),
      cmocka_unit_test(scores_give_facts),
      cmocka_unit_test(facts_are_listed),
      cmocka_unit_test(urgent_triggers_are_told_apart),
      cmocka_unit_test(a_mean_of_nothing_is_zero),
      cmocka_unit_test(no_row_no_band),
      cmocka_unit_test(instruments_are_found),
      cmocka_unit_test(an_answer_opens_an_item),
      cmocka_unit_test(headings_stand_before_their_question),
      cmocka_unit_test(conditions_follow_kleene),
      cmocka_unit_test(long_conditions_are_refused),
      cmocka_unit_test(malformed_conditions_are_refused),
  };
  return cmocka_run_group_tests(tests, instruments_set_up, instruments_tear_down);
}
