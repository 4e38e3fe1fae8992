/*
 * What care is like: the real files load, and a spoiled copy is refused with its line.
 * Expected values: the levels of knowledge/level-of-care.md, each of which needs every aspect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assessment/setting.h"
#include "care_support.h"

static char folder[] = "/tmp/fairlead-setting-XXXXXX";

static void write_copy(const char *name, const char *from, const char *to)
{
  struct error error = {0};
  struct text content;
  const char *path = file_join(arena, "knowledge", name);
  if (!file_read(arena, path, LIMIT_KNOWLEDGE_FILE, &content, &error)) fail_msg("%s", error.log);
  size_t at = from ? text_find(content, text_from(from)) : content.length;
  if (from) assert_true(at < content.length);
  struct text spoiled =
      text_format(arena, "%.*s%s%.*s", (int)at, content.at, from ? to : "",
                  TEXT_PRINT(text_slice(content, at + (from ? strlen(from) : 0), content.length)));
  if (!file_replace(file_join(arena, folder, name), spoiled, &error)) fail_msg("%s", error.log);
}

/* Load a copy in which `from` of one file became `to`. */
static bool load_spoiled(const char *name, const char *from, const char *to, struct error *error)
{
  static const char *const names[] = {"care-settings.csv", "care-medicines.csv", "care-review.csv"};
  struct care_settings *settings = NULL;
  for (size_t i = 0; i < 3; i++)
    write_copy(names[i], strcmp(names[i], name) == 0 ? from : NULL, to);
  bool is_loaded = care_settings_load(&settings, folder, table, error);
  care_settings_free(settings);
  return is_loaded;
}

static void the_real_files_load(void **state)
{
  (void)state;
  struct error error = {0};
  struct care_settings *settings = NULL;
  if (!care_settings_load(&settings, "knowledge", table, &error)) fail_msg("%s", error.log);
  for (size_t i = 0; i < care_notes_count(settings); i++) {
    const struct care_note *note = care_notes_get(settings, i);
    assert_true(note->levels != 0);
    assert_true(note->text[0].length > 0 && note->text[1].length > 0 && note->source.length > 0);
  }
  assert_int_equal(care_medicines_count(settings), 3);
  assert_int_equal(care_reviews_count(settings), 4);
  assert_int_equal(care_reviews_get(settings, 0), 3);
  assert_int_equal(care_reviews_get(settings, 3), 30);
  care_settings_free(settings);
}

static void what_is_wrong_is_refused_by_name(void **state)
{
  (void)state;
  static const struct {
    const char *name, *from, *to, *said;
  } cases[] = {
      {"care-settings.csv", "1.5 1.7,day", "1.5 9.9,day", "care-settings.csv:2: an unknown level"},
      {"care-settings.csv", "1.5 1.7,day", "1.5 1.7,night", "an unknown aspect"},
      {"care-settings.csv", "1.5 1.7,day", ",day", "a cell is empty"},
      {"care-settings.csv", "\n4,cost", "\n3.1,cost", "level 4 has no row for cost"},
      {"care-settings.csv", "levels,aspect", "level,aspect", "levels"},
      {"care-medicines.csv", "methadone,Methadone", "methadone,", "care-medicines.csv:3"},
      {"care-review.csv", "\n7,", "\n2,", "care-review.csv:3: no number of days"},
      {"care-review.csv", "\n7,", "\nseven,", "no number of days"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error error = {0};
    assert_false(load_spoiled(cases[i].name, cases[i].from, cases[i].to, &error));
    if (!strstr(error.log, cases[i].said)) fail_msg("%s: %s", cases[i].said, error.log);
    assert_true(error.hint[0]);
  }
  struct error error = {0};
  if (!load_spoiled("", "", "", &error)) fail_msg("%s", error.log);
}

int main(void)
{
  if (!mkdtemp(folder)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_real_files_load),
      cmocka_unit_test(what_is_wrong_is_refused_by_name),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
