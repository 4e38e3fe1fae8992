/*
 * Dates whose month is typed as a word. Months are those of the calendar, in English and Spanish
 * (Royal Spanish Academy: "29 de febrero de 1980"; short forms of three letters).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "web/desk/people.h"

static void check(const struct catalog *catalog, const char *typed, const char *expected)
{
  struct arena *arena = arena_new(1 << 20);
  struct text got = people_typed(catalog, arena, text_from(typed));
  if (!text_equal(got, text_from(expected)))
    fail_msg("'%s' gave '%.*s', not '%s'", typed, TEXT_PRINT(got), expected);
  arena_free(arena);
}

static void months_become_numbers(void **state)
{
  static const char *const typed[][2] = {
      {"Feb 29 1980", "2/29/1980"},         {"feb. 29, 1980", "2/29/1980"},
      {"February 29th 1980", "2/29/1980"},  {"29 Feb 80", "2/29/80"},
      {"29 of february 1980", "2/29/1980"}, {"29 de febrero de 1980", "2/29/1980"},
      {"1 ENE 1980", "1/1/1980"},           {"1ro de diciembre del 1999", "12/1/1999"},
      {"Sept 9 1971", "9/9/1971"},          {"lake 29 Feb 1980 jo", "lake 2/29/1980 jo"},
  };
  for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) check(*state, typed[i][0], typed[i][1]);
}

static void all_else_stays(void **state)
{
  static const char *const typed[] = {
      "",           "May Lake", "April 1980",   "May 12",       "Ju 12 1980",   "May 32 1980",
      "Feb 0 1980", "12 1980",  "de la Cruz",   "2/29/1980",    "1980-02-29",   "Feb 29 198",
      "29 Feb",     "  a,  b ", "Julio 5 Cruz", "Feb 29 19801", "303-555-0142", "29 abc def 1980",
  };
  for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) check(*state, typed[i], typed[i]);
}

static int load(void **state)
{
  struct catalog *catalog = NULL;
  if (!catalog_load(&catalog, "locale", NULL)) return -1;
  *state = catalog;
  return 0;
}

static int end(void **state)
{
  catalog_free(*state);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(months_become_numbers),
                                     cmocka_unit_test(all_else_stays)};
  return cmocka_run_group_tests(tests, load, end);
}
