/*
 * Conditions of the level-of-care table: grammar, faults with their column, Kleene's three values.
 * Facts are those of knowledge/level-of-care.md.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "care_support.h"

static struct condition compile(const char *source, enum condition_scope scope)
{
  struct condition condition = {NULL, 0};
  struct condition_fault fault;
  if (!condition_compile(arena, text_from(source), scope, table, &condition, &fault))
    fail_msg("%s: column %zu: %s", source, fault.column, fault.what);
  return condition;
}

static enum truth truth(const char *source, const char *facts)
{
  struct condition condition = compile(source, SCOPE_FACTS);
  struct facts values = facts_of(facts);
  struct condition_input input = {.value = values.value};
  return condition_find(&condition, &input);
}

static void expression_test_atoms(void **state)
{
  (void)state;
  assert_int_equal(truth("pregnant", "{\"pregnant\":true}"), TRUTH_TRUE);
  assert_int_equal(truth("pregnant", "{\"pregnant\":false}"), TRUTH_FALSE);
  assert_int_equal(truth("pregnant", "{}"), TRUTH_UNKNOWN);
  assert_int_equal(truth("housing is unstable", "{\"housing\":\"unstable\"}"), TRUTH_TRUE);
  assert_int_equal(truth("housing is unstable", "{\"housing\":\"safe\"}"), TRUTH_FALSE);
  assert_int_equal(truth("housing is unstable", "{}"), TRUTH_UNKNOWN);
  static const struct {
    const char *sign;
    bool below, at, above; /* of 5, with 4, 5 and 6 */
  } signs[] = {{">=", false, true, true},
               {">", false, false, true},
               {"<=", true, true, false},
               {"<", true, false, false},
               {"=", false, true, false}};
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
    const char *source = text_c(arena, text_format(arena, "cows %s 5", signs[i].sign));
    assert_int_equal(truth(source, "{\"cows\":4}") == TRUTH_TRUE, signs[i].below);
    assert_int_equal(truth(source, "{\"cows\":5}") == TRUTH_TRUE, signs[i].at);
    assert_int_equal(truth(source, "{\"cows\":6}") == TRUTH_TRUE, signs[i].above);
    assert_int_equal(truth(source, "{}"), TRUTH_UNKNOWN);
  }
  assert_int_equal(truth("overdose_days<=30.5", "{\"overdose_days\":30.5}"), TRUTH_TRUE);
}

static void expression_test_three_values(void **state)
{
  (void)state;
  /* Kleene's tables; pregnant true, delirium false, unresponsive unknown. */
  const char *facts = "{\"pregnant\":true,\"delirium\":false}";
  static const struct {
    const char *source;
    enum truth expected;
  } rows[] = {
      {"not pregnant", TRUTH_FALSE},
      {"not delirium", TRUTH_TRUE},
      {"not unresponsive", TRUTH_UNKNOWN},
      {"pregnant and pregnant", TRUTH_TRUE},
      {"pregnant and delirium", TRUTH_FALSE},
      {"pregnant and unresponsive", TRUTH_UNKNOWN},
      {"delirium and unresponsive", TRUTH_FALSE},
      {"unresponsive and delirium", TRUTH_FALSE},
      {"unresponsive and unresponsive", TRUTH_UNKNOWN},
      {"delirium or delirium", TRUTH_FALSE},
      {"pregnant or delirium", TRUTH_TRUE},
      {"delirium or pregnant", TRUTH_TRUE},
      {"pregnant or unresponsive", TRUTH_TRUE},
      {"unresponsive or pregnant", TRUTH_TRUE},
      {"delirium or unresponsive", TRUTH_UNKNOWN},
      {"unresponsive or unresponsive", TRUTH_UNKNOWN},
      /* `not` binds closest, then `and`. */
      {"pregnant or delirium and delirium", TRUTH_TRUE},
      {"(pregnant or delirium) and delirium", TRUTH_FALSE},
      {"not delirium or pregnant", TRUTH_TRUE},
      {"not (delirium or pregnant)", TRUTH_FALSE},
      {"not not pregnant", TRUTH_TRUE},
      {"\tpregnant\tand(pregnant)", TRUTH_TRUE},
      {"not medication is none", TRUTH_UNKNOWN},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (truth(rows[i].source, facts) != rows[i].expected) fail_msg("%s", rows[i].source);
}

static void expression_test_aggregation(void **state)
{
  (void)state;
  size_t level;
  assert_true(care_level_find(table, TEXT("2.5"), &level));
  struct condition_input input = {.levels = 1U << level, .overlays = OVERLAY_COE};
  static const struct {
    const char *source;
    enum truth expected;
  } rows[] = {{"2.5", TRUTH_TRUE},
              {"2.1", TRUTH_FALSE},
              {"intensive", TRUTH_TRUE},
              {"managed", TRUTH_FALSE},
              {"residential", TRUTH_FALSE},
              {"COE", TRUTH_TRUE},
              {"BIO or PSY", TRUTH_FALSE},
              {"4 or BIO and (COE or PSY)", TRUTH_FALSE},
              {"2.5 or 2.1 and COE", TRUTH_TRUE}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct condition condition = compile(rows[i].source, SCOPE_AGGREGATION);
    if (condition_find(&condition, &input) != rows[i].expected) fail_msg("%s", rows[i].source);
  }
}

static void expression_test_result(void **state)
{
  (void)state;
  struct facts facts = facts_of("{\"cows\":30,\"phq_9\":20,\"pregnant\":false}");
  struct care_result result;
  care_find(table, &facts, NULL, &result); /* 3.7 with COE, by B3 and B9 */
  static const struct {
    const char *source;
    enum truth expected;
  } rows[] = {
      {"level is 3.7", TRUTH_TRUE},
      {"level is 2.1", TRUTH_FALSE},
      {"setting is residential", TRUTH_TRUE},
      {"setting is inpatient or setting is outpatient or setting is emergency", TRUTH_FALSE},
      {"overlay is COE", TRUTH_TRUE},
      {"overlay is RR", TRUTH_FALSE},
      {"fired B3 and fired B9", TRUTH_TRUE},
      {"fired B2", TRUTH_FALSE},
      {"cows >= 30", TRUTH_TRUE},
      {"pregnant", TRUTH_FALSE},
      {"housing is safe", TRUTH_UNKNOWN}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct condition condition = compile(rows[i].source, SCOPE_RESULT);
    if (care_holds(table, &condition, &facts, &result) != rows[i].expected)
      fail_msg("%s", rows[i].source);
  }
  struct condition always = {NULL, 0};
  assert_int_equal(care_holds(table, &always, &facts, &result), TRUTH_TRUE);
}

static void assert_fault(const char *source, enum condition_scope scope, size_t column,
                         const char *what)
{
  struct condition condition = {NULL, 0};
  struct condition_fault fault;
  assert_false(condition_compile(arena, text_from(source), scope, table, &condition, &fault));
  if (fault.column != column || !strstr(fault.what, what))
    fail_msg("%s: found column %zu: %s", source, fault.column, fault.what);
  assert_true(fault.mend && *fault.mend);
  assert_null(condition.steps);
}

static void expression_test_faults_of_grammar(void **state)
{
  (void)state;
  assert_fault("", SCOPE_FACTS, 1, "expected a name, not or '(', found the end");
  assert_fault("   ", SCOPE_FACTS, 4, "found the end");
  assert_fault("pregnant and", SCOPE_FACTS, 13, "found the end");
  assert_fault("pregnant or", SCOPE_FACTS, 12, "found the end");
  assert_fault("not", SCOPE_FACTS, 4, "found the end");
  assert_fault("pregnant delirium", SCOPE_FACTS, 10,
               "expected and, or or the end, found 'delirium'");
  assert_fault("(pregnant or delirium", SCOPE_FACTS, 22, "expected and, or or ')'");
  assert_fault("(pregnant and", SCOPE_FACTS, 14, "found the end");
  assert_fault("pregnant)", SCOPE_FACTS, 9, "found ')'");
  assert_fault("pregnant and or delirium", SCOPE_FACTS, 14, "found 'or'");
  assert_fault("and", SCOPE_FACTS, 1, "found 'and'");
  assert_fault("is", SCOPE_FACTS, 1, "found 'is'");
  assert_fault(">= 5", SCOPE_FACTS, 1, "found '>='");
  assert_fault("pregnant & delirium", SCOPE_FACTS, 10, "found '&'");
  assert_fault("pregnant { delirium", SCOPE_FACTS, 10, "found '{'");
  assert_fault("pregnant [ delirium", SCOPE_FACTS, 10, "found '['");
  assert_fault("pregnant : delirium", SCOPE_FACTS, 10, "found ':'");
  assert_fault("cows >", SCOPE_FACTS, 7, "expected a number, found the end");
  /* Bytes that are no character join no sign. */
  assert_fault("cows >=\xb5 5", SCOPE_FACTS, 8, "expected a number");
  assert_fault("(\xb5pregnant)", SCOPE_FACTS, 2, "expected a name");
  assert_fault("é or pregnant", SCOPE_FACTS, 1, "found 'é'");
  assert_fault("pregnant or é", SCOPE_FACTS, 13, "found 'é'");
  assert_fault("((((((((((((((((pregnant))))))))))))))))", SCOPE_FACTS, 17, "nested over 16 deep");
  assert_fault("not not not not not not not not not not not not not not not not not pregnant",
               SCOPE_FACTS, 65, "nested over 16 deep");
}

static void expression_test_faults_of_facts(void **state)
{
  (void)state;
  assert_fault("heroin", SCOPE_FACTS, 1, "unknown fact 'heroin'");
  assert_fault("housing", SCOPE_FACTS, 8, "housing is a word");
  assert_fault("housing >= 2", SCOPE_FACTS, 9, "housing is a word");
  assert_fault("housing is", SCOPE_FACTS, 11, "expected a word, found the end");
  assert_fault("housing is (", SCOPE_FACTS, 12, "expected a word, found '('");
  assert_fault("housing is fine", SCOPE_FACTS, 12, "'fine' is no word of housing");
  assert_fault("pregnant is yes", SCOPE_FACTS, 10, "pregnant is yes or no");
  assert_fault("pregnant = 1", SCOPE_FACTS, 10, "pregnant is yes or no");
  assert_fault("cows", SCOPE_FACTS, 5, "cows is a number");
  assert_fault("cows is 5", SCOPE_FACTS, 6, "cows is a number");
  assert_fault("cows >= many", SCOPE_FACTS, 9, "expected a number, found 'many'");
  assert_fault("cows >=", SCOPE_FACTS, 8, "expected a number, found the end");
  assert_fault("cows >= 49", SCOPE_FACTS, 9, "49 lies outside the values of cows");
  assert_fault("cows >= -1", SCOPE_FACTS, 9, "-1 lies outside the values of cows");
  assert_fault("cows >= 4.5", SCOPE_FACTS, 9, "cows is a whole number, 4.5 is not");
  assert_fault("level is 2.1", SCOPE_FACTS, 1, "unknown fact 'level'");
  assert_fault("fired B1", SCOPE_FACTS, 1, "unknown fact 'fired'");
}

static void expression_test_faults_of_scopes(void **state)
{
  (void)state;
  assert_fault("9.9", SCOPE_AGGREGATION, 1, "'9.9' is nothing that a rule asks for");
  assert_fault("pregnant", SCOPE_AGGREGATION, 1, "'pregnant' is nothing that a rule asks for");
  assert_fault("level 2.1", SCOPE_RESULT, 7, "expected is, found '2.1'");
  assert_fault("level is 9.9", SCOPE_RESULT, 10, "unknown level '9.9'");
  assert_fault("level is residential", SCOPE_RESULT, 10, "unknown level 'residential'");
  assert_fault("setting is far", SCOPE_RESULT, 12, "unknown setting 'far'");
  assert_fault("overlay is COW", SCOPE_RESULT, 12, "unknown overlay 'COW'");
  assert_fault("fired B99", SCOPE_RESULT, 7, "unknown rule 'B99'");
  assert_fault("fired", SCOPE_RESULT, 6, "unknown rule ''");
}

static void expression_test_limits(void **state)
{
  (void)state;
  struct text_buffer source;
  text_buffer_init(&source, (size_t)2 * LIMIT_EXPRESSION);
  text_buffer_add(&source, TEXT("pregnant"));
  for (int i = 1; i < LIMIT_EXPRESSION_STEPS / 2; i++)
    text_buffer_add(&source, TEXT(" or pregnant"));
  compile(text_c(arena, text_buffer_get(&source)), SCOPE_FACTS); /* 255 steps */
  text_buffer_add(&source, TEXT(" or not pregnant"));
  assert_fault(text_c(arena, text_buffer_get(&source)), SCOPE_FACTS, source.length + 1,
               "more than 256 steps");
  while (source.length <= LIMIT_EXPRESSION) text_buffer_add(&source, TEXT(" or pregnant"));
  assert_fault(text_c(arena, text_buffer_get(&source)), SCOPE_FACTS, 1, "longer than 4096 bytes");
  text_buffer_fini(&source);
}

/* Parentheses that lean to the right keep two values a level until the end. */
static void expression_test_deepest_program(void **state)
{
  (void)state;
  struct text_buffer source;
  text_buffer_init(&source, LIMIT_EXPRESSION);
  for (int i = 1; i < LIMIT_EXPRESSION_DEPTH; i++)
    text_buffer_add(&source, TEXT("delirium or pregnant and ("));
  text_buffer_add(&source, TEXT("unresponsive"));
  for (int i = 1; i < LIMIT_EXPRESSION_DEPTH; i++) text_buffer_add_character(&source, ')');
  const char *deep = text_c(arena, text_buffer_get(&source));
  assert_int_equal(truth(deep, "{\"delirium\":false,\"pregnant\":true}"), TRUTH_UNKNOWN);
  assert_int_equal(truth(deep, "{\"delirium\":false,\"pregnant\":true,\"unresponsive\":true}"),
                   TRUTH_TRUE);
  assert_int_equal(truth(deep, "{\"delirium\":false,\"pregnant\":true,\"unresponsive\":false}"),
                   TRUTH_FALSE);
  text_buffer_fini(&source);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(expression_test_atoms),
      cmocka_unit_test(expression_test_three_values),
      cmocka_unit_test(expression_test_aggregation),
      cmocka_unit_test(expression_test_result),
      cmocka_unit_test(expression_test_faults_of_grammar),
      cmocka_unit_test(expression_test_faults_of_facts),
      cmocka_unit_test(expression_test_faults_of_scopes),
      cmocka_unit_test(expression_test_limits),
      cmocka_unit_test(expression_test_deepest_program),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
