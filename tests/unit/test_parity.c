/*
 * Parity and letters. Expected values: the examples of 45 CFR 146.136(c)(3)(iv) (coinsurance: 15 %
 * is predominant; copays: $15 is), the notice of 2025-05-15, and dates of the tables.
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

#define NONE PARITY_NO_LIMIT

static enum parity_finding compare(const struct parity_level *levels, size_t count, bool is_lower,
                                   int64_t level, int64_t *predominant)
{
  struct parity_level copy[LIMIT_COVERAGE_LEVELS];
  memcpy(copy, levels, count * sizeof *levels);
  return parity_compare(rules, copy, count, is_lower, level, predominant);
}

static void the_examples_of_the_regulation(void **state)
{
  const struct parity_level shares[] = {{NONE, 200}, {10, 100}, {15, 450}, {20, 100}, {30, 150}};
  const struct parity_level copays[] = {
      {5000, 100}, {NONE, 200}, {1000, 200}, {2000, 300}, {1500, 200}};
  int64_t predominant = 0;
  (void)state;
  assert_int_equal(compare(shares, 5, false, 15, &predominant), PARITY_FITS);
  assert_int_equal(predominant, 15);
  assert_int_equal(compare(shares, 5, false, 20, &predominant), PARITY_TOO_STRICT);
  assert_int_equal(compare(copays, 5, false, 1500, &predominant), PARITY_FITS);
  assert_int_equal(predominant, 1500);
  assert_int_equal(compare(copays, 5, false, 2000, &predominant), PARITY_TOO_STRICT);
}

static void two_thirds_must_be_touched(void **state)
{
  const struct parity_level just[] = {{NONE, 100}, {1000, 200}};
  const struct parity_level short_of[] = {{NONE, 101}, {1000, 200}};
  const struct parity_level nothing[] = {{1000, 0}};
  const struct parity_level days[] = {{20, 600}, {60, 400}};
  int64_t predominant = 0;
  (void)state;
  assert_int_equal(compare(just, 2, false, 1000, &predominant), PARITY_FITS);
  assert_int_equal(compare(short_of, 2, false, 1000, &predominant), PARITY_NOT_ALLOWED);
  assert_int_equal(compare(short_of, 2, false, NONE, &predominant), PARITY_FITS);
  assert_int_equal(compare(nothing, 1, false, 1000, &predominant), PARITY_UNKNOWN);
  /* Fewer days are stricter. */
  assert_int_equal(compare(days, 2, true, 10, &predominant), PARITY_TOO_STRICT);
  assert_int_equal(predominant, 20);
  assert_int_equal(compare(days, 2, true, 20, &predominant), PARITY_FITS);
}

static void law_has_its_days(void **state)
{
  const struct parity_law *law = NULL;
  (void)state;
  assert_int_equal(parity_law_find(rules, TEXT("rules-2024"), day_of("2025-05-14"), &law),
                   COVERAGE_HOLDS);
  assert_true(law->is_enforced);
  assert_int_equal(parity_law_find(rules, TEXT("rules-2024"), day_of("2025-05-15"), &law),
                   COVERAGE_HOLDS);
  assert_false(law->is_enforced);
  assert_int_equal(parity_law_find(rules, TEXT("rules-2013"), day_of("2028-01-01"), &law),
                   COVERAGE_EXPIRED);
  assert_int_equal(parity_law_find(rules, TEXT("rules-1999"), 0, &law), COVERAGE_MISSING);
  assert_int_equal(parity_classes_count(rules), 6);
  assert_text(parity_classes_get(rules, 4)->name, "emergency");
  assert_int_equal(parity_items_count(rules), 10);
  assert_text(parity_items_get(rules, 0)->name, "copay");
  assert_int_equal(parity_laws_count(rules), 4);
  assert_true(parity_laws_get(rules, 1)->is_enforced);
}

static const char facts[] =
    "{\"date\":\"d\",\"program\":\"p\",\"program_address\":\"a\",\"plan\":\"q\",\"plan_address\":"
    "\"b\",\"member\":\"%s\",\"member_number\":7,\"level\":\"3.5\",\"first_care\":\"c\","
    "\"reasons\":"
    "[{\"text\":\"r\",\"source\":\"s\"},{\"text\":\"t\"}],\"clinician\":\"e\",\"depth\":[[[[1]]]],"
    "\"yes\":true,\"no\":null}";

static bool write_letter(const char *name, const char *member, const char *date, struct text *text,
                         struct value **view, struct error *error)
{
  const struct value *document;
  assert_true(json_read(arena, text_format(arena, facts, member), &document, NULL));
  return letter_write(rules, text_from(name), 0, day_of(date), document, arena, text, view, error);
}

static void what_is_filled_in_forms_no_line(void **state)
{
  struct text text;
  struct value *view;
  (void)state;
  assert_true(
      write_letter("step-therapy", "Ann\\n\\n# Pay\\u0007 <b>", "2026-06-01", &text, &view, NULL));
  assert_true(text_contains(text, TEXT("Member: Ann  # Pay  <b>\n")));
  const struct value *blocks = value_get(view, TEXT("blocks"));
  size_t headings = 0, lists = 0;
  for (size_t i = 0; i < value_count(blocks); i++) {
    headings += value_get(value_item(blocks, i), TEXT("heading")) != NULL;
    const struct value *is_list = value_get(value_item(blocks, i), TEXT("is_list"));
    lists += is_list && value_kind_get(is_list) == VALUE_TRUE;
  }
  assert_int_equal(headings, 1);
  assert_int_equal(lists, 2);
  assert_int_equal(value_kind_get(value_get(view, TEXT("unsigned"))), VALUE_TRUE);
}

static void a_letter_is_refused_without_law_or_field(void **state)
{
  struct text text = TEXT("untouched");
  struct value *view = NULL;
  struct error error = {0};
  (void)state;
  assert_false(write_letter("step-therapy", "", "2026-06-01", &text, &view, &error));
  assert_string_equal(error.person, "error.coverage.letter_field");
  assert_non_null(strstr(error.log, "member"));
  assert_false(write_letter("step-therapy", text_c(arena, text_format(arena, "%04001d", 0)),
                            "2026-06-01", &text, &view, &error));
  assert_false(write_letter("parity-analysis", "Ann", "2026-06-01", &text, &view, &error));
  assert_non_null(strstr(error.log, "requested"));
  assert_false(write_letter("step-therapy", "Ann", "2028-01-01", &text, &view, &error));
  assert_string_equal(error.person, "error.coverage.letter_ended");
  assert_false(write_letter("step-therapy", "Ann", "2025-05-14", &text, &view, &error));
  assert_false(write_letter("love", "Ann", "2026-06-01", &text, &view, &error));
  assert_text(text, "untouched");
  assert_null(view);
  assert_int_equal(letters_count(rules), 3);
  assert_text(letters_get(rules, 1)->version, "step-therapy-1");
}

/* A law that ends before the letter does ends the letter. */
static void a_letter_ends_with_its_law(void **state)
{
  struct coverage_rules *loaded = NULL, *kept = rules;
  struct error error = {0};
  struct text text;
  struct value *view;
  (void)state;
  assert_text(spoil("parity-laws.csv", "2014-07-01,2027-12-31", "2014-07-01,2026-12-31", &loaded),
              "");
  rules = loaded;
  assert_true(write_letter("step-therapy", "Ann", "2026-12-31", &text, &view, &error));
  assert_false(write_letter("step-therapy", "Ann", "2027-01-01", &text, &view, &error));
  assert_string_equal(error.person, "error.coverage.letter_ended");
  rules = kept;
  coverage_rules_free(loaded);
}

static void severity_comes_from_the_assessment(void **state)
{
  const struct value *document;
  struct text_buffer many;
  (void)state;
  text_buffer_init(&many, LIMIT_JSON_BODY);
  text_buffer_add(&many, TEXT("{\"reasons\":["));
  for (int i = 0; i < 20; i++)
    text_buffer_add_format(&many, "%s{\"rule\":\"R%d\",\"text\":\"t%d\",\"source\":\"s\"}",
                           i ? "," : "", i, i);
  text_buffer_add(&many, TEXT("]}"));
  assert_true(json_read(arena, text_buffer_get(&many), &document, NULL));
  const struct value *list = letter_severity(arena, document);
  assert_int_equal(value_count(list), LIMIT_COVERAGE_REASONS);
  assert_text(value_text_get(value_get(value_item(list, 0), TEXT("text"))), "t0");
  assert_int_equal(value_count(letter_severity(arena, NULL)), 0);
  text_buffer_fini(&many);
}

static void faults_name_file_and_line(void **state)
{
  (void)state;
  assert_spoiled("parity-rules.csv", "predominant", "most", "rule is not a word");
  assert_spoiled("parity-rules.csv", "predominant,1,2", "substantially-all,1,2",
                 "a rule is missing");
  assert_spoiled("parity-laws.csv", "2025-05-14", "2025-05-15", "hold on one day");
  assert_spoiled("parity-items.csv", "copay,financial", "copay,money", "kind is not a word");
  assert_spoiled("letters.csv", "rules-2013 analysis-2021", "rules-2013 analysis-2022",
                 "a law is unknown");
  assert_spoiled("letters.csv", "step-therapy-1", "step-therapy-2", "letters/step-therapy-2.en.md");
  assert_spoiled("letters/step-therapy-1.es.md", "{{#laws}}", "{{#laws", "step-therapy-1");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_examples_of_the_regulation),
      cmocka_unit_test(two_thirds_must_be_touched),
      cmocka_unit_test(law_has_its_days),
      cmocka_unit_test(what_is_filled_in_forms_no_line),
      cmocka_unit_test(a_letter_is_refused_without_law_or_field),
      cmocka_unit_test(a_letter_ends_with_its_law),
      cmocka_unit_test(severity_comes_from_the_assessment),
      cmocka_unit_test(faults_name_file_and_line),
  };
  return cmocka_run_group_tests_name("parity", tests, rules_set_up, rules_tear_down);
}
