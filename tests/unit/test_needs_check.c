/*
 * Looking knowledge over, and saying expressions in words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "knowledge_copy.h"

static void check_test_nothing_wrong(void **state)
{
  (void)state;
  assert_int_equal(needs_check(needs, folder, NULL, NULL), 0);
  assert_int_equal(needs_check(needs, "knowledge", keep_problems, NULL), 0);
}

static void check_test_what_nothing_leads_to(void **state)
{
  (void)state;
  assert_problem("needs.csv", "x,people,a,b,c,d,MM\n",
                 "synonyms.csv:0: need 'x' has no synonym. add what people call it.");
  assert_problem("needs.csv", "x,people,a,b,c,d,BMW | !MMW\n",
                 "needs.csv:0: unreachable: 'x' asks only for codes of the past");
  assert_problem("need-groups.csv", "x,a,b,all,990\n", "group 'x' has no need. take it out.");
  assert_problem("service-categories.csv", "ZZ,a,b,c,990\n", "category 'ZZ' has no code");
  struct text problems = problems_with("needs.csv", "x,people,a,b,c,d,directory:otp\n");
  assert_false(text_contains(problems, TEXT("codes of the past")));
  problems = problems_with("needs.csv", "x,people,a,b,c,d,BMW | MM\n");
  assert_false(text_contains(problems, TEXT("codes of the past")));
}

static void check_test_words_to_avoid(void **state)
{
  (void)state;
  assert_problem("service-codes.csv", "ZZ,OT,x,For addicts,z,su,1,1\n",
                 "service-codes.csv:0: ZZ says 'addicts' in en. write \"people with");
  assert_problem("service-categories.csv", "ZZ,x,y,Adictos,990\n", "ZZ says 'adictos' in es");
  assert_problem("need-groups.csv", "x,Get clean,b,all,990\n", "x says 'clean' in en");
  assert_problem("needs.csv", "x,people,a,Recaída,c,d,MM\n", "x says 'recaida' in es");
  assert_problem("needs.csv", "x,people,a,b,Drug ABUSE.,d,MM\n", "x says 'abuse' in en");
  assert_problem("signs.csv", "x,a,Limpio,MM,c,I\n", "x says 'limpio' in es");
  assert_problem("help.csv", "x,1,,,Addict,b,c,no\n", "x says 'addict' in en");
  assert_no_problem("help.csv", "x,1,,,National Institute on Drug Abuse,b,c,no\n");
  assert_no_problem("help.csv", "x,1,,,Cleaner addictions,Abusón,c,no\n");
  assert_problem("words-to-avoid.csv", "fr,un,autre,\n", "unknown language 'fr'. write en or es.");
  assert_problem("words-to-avoid.csv", "en,zz,,\n", "instead is empty");
}

static void check_test_missing_list(void **state)
{
  (void)state;
  unlink(file_join(arena, folder, "words-to-avoid.csv"));
  assert_int_equal(needs_check(needs, folder, NULL, NULL), 1);
  restore("words-to-avoid.csv");
}

static void assert_words(const struct catalog *catalog, size_t language, const char *expression,
                         const char *expected)
{
  struct text words =
      needs_expression_words(needs, catalog, language, arena, text_from(expression));
  assert_string_equal(text_c(arena, words), expected);
}

static void check_test_expressions_in_words(void **state)
{
  (void)state;
  struct catalog *catalog;
  assert_true(catalog_load(&catalog, "locale", NULL));
  assert_words(catalog, 0, "MD | !(UB & UN)",
               "“Medicaid” or not (“Prescribes buprenorphine” and “Prescribes naltrexone”)");
  assert_words(catalog, 1, "UB&!UN", "“Receta buprenorfina” y no “Receta naltrexona”");
  assert_words(catalog, 0, "directory:mh | directory:otp",
               "listed in a mental health directory or listed in the directory of opioid treatment "
               "programs");
  assert_words(catalog, 0, "directory:su", "listed in a drug and alcohol treatment directory");
  assert_words(catalog, 0, "?", "?");
  assert_words(catalog, 0, "", "");
  catalog_free(catalog);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(check_test_nothing_wrong),
                                     cmocka_unit_test(check_test_what_nothing_leads_to),
                                     cmocka_unit_test(check_test_words_to_avoid),
                                     cmocka_unit_test(check_test_missing_list),
                                     cmocka_unit_test(check_test_expressions_in_words)};
  return cmocka_run_group_tests_name("needs_check", tests, needs_set_up, needs_tear_down);
}
