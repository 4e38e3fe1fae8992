/*
 * Need expressions: grammar, faults with their column, evaluation, and the proof that every part
 * of an expression matters. Codes are those of knowledge/service-codes.csv.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "directory/facility.h"
#include "directory/needs_expression.h"
#include "knowledge_copy.h"

static bool holds(const char *source, const char *codes, unsigned directories)
{
  struct expression expression;
  struct expression_fault fault;
  if (!expression_compile(arena, text_from(source), needs, &expression, &fault))
    fail_msg("%s: column %zu: %s", source, fault.column, fault.what);
  struct code_set set = codes_read(needs, text_from(codes));
  return expression_holds(&expression, &set, directories);
}

static void expression_test_precedence(void **state)
{
  (void)state;
  assert_true(holds("MM | BUM & UB", "MM", 0));
  assert_false(holds("(MM | BUM) & UB", "MM", 0));
  assert_true(holds("!MM & BUM", "BUM", 0));
  assert_false(holds("!(MM | BUM)", "BUM", 0));
  assert_true(holds("!MM | BUM", "MM BUM", 0));
  assert_true(holds("!!MM", "MM", 0));
  assert_false(holds("MM&BUM&UB", "MM UB", 0));
  assert_true(holds("\tMM\t|BUM", "BUM", 0));
}

static void expression_test_directories(void **state)
{
  (void)state;
  assert_true(holds("directory:su", "", DIRECTORY_SUBSTANCE_USE | DIRECTORY_MENTAL_HEALTH));
  assert_false(holds("directory:su", "SA", DIRECTORY_MENTAL_HEALTH));
  assert_true(holds("directory:mh & !directory:otp", "", DIRECTORY_MENTAL_HEALTH));
  assert_true(holds("directory:otp", "", DIRECTORY_OPIOID_TREATMENT));
}

/* A right-leaning chain under parentheses keeps two values a level on the stack. */
static void expression_test_deepest_program(void **state)
{
  (void)state;
  struct text_buffer source;
  text_buffer_init(&source, LIMIT_EXPRESSION);
  for (int i = 1; i < LIMIT_EXPRESSION_DEPTH; i++) text_buffer_add(&source, TEXT("MM | BUM & ("));
  text_buffer_add(&source, TEXT("UB"));
  for (int i = 1; i < LIMIT_EXPRESSION_DEPTH; i++) text_buffer_add_character(&source, ')');
  const char *text = text_c(arena, text_buffer_get(&source));
  assert_true(holds(text, "BUM UB", 0));
  assert_true(holds(text, "MM", 0));
  assert_false(holds(text, "UB", 0));
  assert_false(holds(text, "BUM", 0));
  text_buffer_fini(&source);
}

static void assert_fault(const char *source, size_t column, const char *what)
{
  struct expression expression;
  struct expression_fault fault;
  assert_false(expression_compile(arena, text_from(source), needs, &expression, &fault));
  if (fault.column != column || !strstr(fault.what, what))
    fail_msg("%s: found column %zu: %s", source, fault.column, fault.what);
  assert_true(fault.mend && *fault.mend);
}

static void expression_test_faults(void **state)
{
  (void)state;
  assert_fault("", 1, "found the end");
  assert_fault("   ", 4, "found the end");
  assert_fault("MM |", 5, "found the end");
  assert_fault("MM BUM", 4, "expected '&', '|' or the end, found 'BUM'");
  assert_fault("(MM | BUM", 10, "expected '&', '|' or ')'");
  assert_fault("MM)", 3, "found ')'");
  assert_fault("MM || BUM", 5, "found '|'");
  assert_fault("é | MM", 1, "found 'é'");
  assert_fault("MM | é", 6, "found 'é'");
  assert_fault("MM | QQQ", 6, "unknown code 'QQQ'");
  assert_fault("mm", 1, "not in capitals");
  assert_fault("directory:xx", 1, "found 'directory:xx'");
  assert_fault("((((((((((((((((MM))))))))))))))))", 17, "nested");
  assert_fault("!!!!!!!!!!!!!!!!!MM", 17, "nested");
}

static void expression_test_long_expressions(void **state)
{
  (void)state;
  struct text_buffer source;
  text_buffer_init(&source, (size_t)2 * LIMIT_EXPRESSION);
  for (int i = 0; i < LIMIT_EXPRESSION_STEPS; i++) text_buffer_add(&source, TEXT("MM|"));
  text_buffer_add(&source, TEXT("MM"));
  assert_fault(text_c(arena, text_buffer_get(&source)), 387, "more than 256 steps");
  while (source.length <= LIMIT_EXPRESSION) text_buffer_add(&source, TEXT("|MM"));
  assert_fault(text_c(arena, text_buffer_get(&source)), 1, "longer than");
  text_buffer_fini(&source);
}

static enum expression_sense sense(const char *source, size_t *step)
{
  struct expression expression;
  struct expression_fault fault;
  assert_true(expression_compile(arena, text_from(source), needs, &expression, &fault));
  return expression_check(&expression, step);
}

/* Every way in which a step can be the first beyond the limit. */
static void expression_test_limit_of_steps(void **state)
{
  (void)state;
  static const char *const tails[] = {" & MM",      " | MM",           " & !MM",
                                      " | !MM",     " & directory:su", " | directory:su",
                                      " | MM & MM", " | MM & !MM"};
  for (size_t nots = 0; nots < 4; nots++) {
    for (size_t tail = 0; tail < sizeof tails / sizeof *tails; tail++) {
      struct text_buffer source;
      text_buffer_init(&source, LIMIT_EXPRESSION);
      for (size_t i = 0; i < nots; i++) text_buffer_add_character(&source, '!');
      for (size_t i = 0; i < 126; i++) text_buffer_add_format(&source, "%sMM", i ? "|" : "");
      /* 251 steps and the nots; each round adds one or two */
      struct expression expression;
      struct expression_fault fault;
      bool compiled = true;
      for (size_t rounds = 0; compiled && rounds < 8; rounds++) {
        text_buffer_add_format(&source, "%s", tails[tail]);
        compiled = expression_compile(arena, text_buffer_get(&source), needs, &expression, &fault);
        if (compiled) assert_true(expression.count <= LIMIT_EXPRESSION_STEPS);
      }
      assert_false(compiled);
      assert_string_equal(fault.what, "more than 256 steps");
      text_buffer_fini(&source);
    }
  }
}

static void expression_test_quotes_are_cut(void **state)
{
  (void)state;
  assert_string_equal(expression_quote(arena, TEXT("short")), "short");
  const char *cut = expression_quote(arena, TEXT("éééééééééééééééééééééééééééééé-"));
  assert_int_equal(strlen(cut), 60);
  cut = expression_quote(arena, TEXT("aéééééééééééééééééééééééééééééé"));
  assert_int_equal(strlen(cut), 59);
  cut = expression_quote(arena,
                         TEXT("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                              "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                              "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                              "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"));
  assert_string_equal(cut, "");
}

static void expression_test_every_part_matters(void **state)
{
  (void)state;
  size_t step = 0;
  assert_int_equal(sense("MM", &step), EXPRESSION_SOUND);
  assert_int_equal(sense("(MOA | MM | BUM | UB) & !NMOA", &step), EXPRESSION_SOUND);
  assert_int_equal(sense("MM & !MM", &step), EXPRESSION_NEVER_TRUE);
  assert_int_equal(sense("MM & BUM & !(MM | UB)", &step), EXPRESSION_NEVER_TRUE);
  assert_int_equal(sense("MM | !MM", &step), EXPRESSION_ALWAYS_TRUE);
  assert_int_equal(sense("directory:su | !directory:su", &step), EXPRESSION_ALWAYS_TRUE);
  assert_int_equal(sense("MM | MM & BUM", &step), EXPRESSION_IDLE_OPERAND);
  assert_int_equal(step, 2);
  assert_int_equal(sense("directory:mh & (directory:mh | UB)", &step), EXPRESSION_IDLE_OPERAND);
  assert_int_equal(step, 2);
}

static void expression_test_tangle_is_given_up(void **state)
{
  (void)state;
  size_t step;
  assert_int_equal(sense(tangled_expression(), &step), EXPRESSION_TOO_TANGLED);
}

static void expression_test_operand_names(void **state)
{
  (void)state;
  struct expression expression;
  struct expression_fault fault;
  assert_true(expression_compile(arena, TEXT("directory:otp | UB"), needs, &expression, &fault));
  struct text name = expression_operand_name(needs, expression.steps[0]);
  assert_true(text_equal(name, TEXT("directory:otp")));
  name = expression_operand_name(needs, expression.steps[1]);
  assert_true(text_equal(name, TEXT("UB")));
  name = expression_operand_name(needs, expression.steps[2]);
  assert_true(text_is_empty(name));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(expression_test_precedence),
                                     cmocka_unit_test(expression_test_directories),
                                     cmocka_unit_test(expression_test_deepest_program),
                                     cmocka_unit_test(expression_test_faults),
                                     cmocka_unit_test(expression_test_long_expressions),
                                     cmocka_unit_test(expression_test_limit_of_steps),
                                     cmocka_unit_test(expression_test_quotes_are_cut),
                                     cmocka_unit_test(expression_test_every_part_matters),
                                     cmocka_unit_test(expression_test_tangle_is_given_up),
                                     cmocka_unit_test(expression_test_operand_names)};
  return cmocka_run_group_tests_name("needs_expression", tests, needs_set_up, needs_tear_down);
}
