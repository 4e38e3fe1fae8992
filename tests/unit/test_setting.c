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
#include <unistd.h>

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
  for (size_t i = 0; i < care_medicines_count(settings); i++) {
    const struct care_medicine *medicine = care_medicines_get(settings, i);
    assert_true(medicine->id.length && medicine->article.length && medicine->source.length);
    assert_true(medicine->name[0].length && medicine->text[0].length && medicine->text[1].length);
  }
  assert_int_equal(care_reviews_count(settings), 4);
  assert_int_equal(care_reviews_get(settings, 0), 3);
  assert_int_equal(care_reviews_get(settings, 3), 30);
  care_settings_free(settings);
}

/* A row with one cell emptied is refused with its line, whichever cell it is. */
static void no_cell_may_be_empty(void **state)
{
  (void)state;
  static const struct {
    const char *name, *row;
    size_t cells;
  } cases[] = {{"care-settings.csv", "4,cost,a,b,c,P", 6},
               {"care-medicines.csv", "m,a,b,c,d,e,f,P", 8},
               {"care-review.csv", "40,a,P", 3}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t empty = 0; empty < cases[i].cells; empty++) {
      struct error error = {0};
      struct text rest = text_from(cases[i].row), cell, row = TEXT("");
      for (size_t at = 0; text_split_next(&rest, ',', &cell); at++)
        row = text_format(arena, "%.*s%s%.*s", TEXT_PRINT(row), at ? "," : "",
                          at == empty ? 0 : (int)cell.length, cell.at);
      assert_false(load_spoiled(cases[i].name, "grade\n",
                                text_c(arena, text_format(arena, "grade\n%.*s\n", TEXT_PRINT(row))),
                                &error));
      if (!strstr(error.log, ".csv:2: a cell is empty"))
        fail_msg("%s, cell %zu: %s", cases[i].name, empty, error.log);
    }
}

static void a_file_that_is_missing_is_named(void **state)
{
  (void)state;
  static const char *const names[] = {"care-settings.csv", "care-medicines.csv", "care-review.csv"};
  for (size_t i = 0; i < 3; i++) {
    struct error error = {0};
    struct care_settings *settings = NULL;
    for (size_t j = 0; j < 3; j++) write_copy(names[j], NULL, "");
    assert_int_equal(unlink(file_join(arena, folder, names[i])), 0);
    assert_false(care_settings_load(&settings, folder, table, &error));
    assert_null(settings);
    if (!strstr(error.log, names[i])) fail_msg("%s: %s", names[i], error.log);
  }
  care_settings_free(NULL);
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
      {"care-review.csv", "\n30,", "\n367,", "no number of days"},
      {"care-review.csv", "days,", "days,days,", "care-review.csv"},
      {"care-medicines.csv", "medicine,", "medicines,", "care-medicines.csv"},
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
      cmocka_unit_test(no_cell_may_be_empty),
      cmocka_unit_test(a_file_that_is_missing_is_named),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
