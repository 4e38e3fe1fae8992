/*
 * Words of the pages: links that dial. Numbers are of RFC 3966 section 5.1 and of 555-0100 to
 * 555-0199, which are kept free for fiction.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "web/views.h"

static void check_link(const char *phone, const char *expected)
{
  struct arena *arena = arena_new(4096);
  struct text link = view_phone_link(arena, text_from(phone));
  assert_string_equal(text_c(arena, link), expected);
  arena_free(arena);
}

static void phone_links_dial(void **state)
{
  (void)state;
  check_link("804-555-0142", "tel:+18045550142");
  check_link("1-800-555-0142", "tel:+18005550142");
  check_link("804-555-0142 x123", "tel:+18045550142;ext=123");
  check_link("988", "tel:988");
  check_link("", "");
  check_link("ask at the desk", "");
}

/* As a source wrote it: never a number that nobody has. */
static void phone_links_dial_the_first_number(void **state)
{
  (void)state;
  check_link("804-555-0142 or 804-555-0143", "tel:+18045550142");
  check_link("1 804 555 0142 / 0143", "tel:+18045550142");
  check_link("804-555-0142 ext. 12 or 13", "tel:+18045550142");
  check_link("+52 664 555 0142", "tel:+526645550142");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(phone_links_dial),
                                     cmocka_unit_test(phone_links_dial_the_first_number)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
