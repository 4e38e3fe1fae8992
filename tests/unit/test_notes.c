/*
 * Notes. Expected values: knowledge/cautions.csv and highlights.csv as they stand, read over codes
 * that the traps of the field name (detox without ongoing medicine, refusal of medicine).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "directory/notes.h"

struct world {
  struct needs *needs;
  struct notes *notes;
};

static int world_open(void **state)
{
  static struct world world;
  struct error error = {0};
  if (!needs_load(&world.needs, "knowledge", &error) ||
      !notes_load(&world.notes, "knowledge", world.needs, &error)) {
    print_error("%s\n", error.log);
    return -1;
  }
  *state = &world;
  return 0;
}

static int world_close(void **state)
{
  struct world *world = *state;
  notes_free(world->notes);
  needs_free(world->needs);
  return 0;
}

static bool holds(const struct world *world, const char *name, const char *codes)
{
  struct code_set set = codes_read(world->needs, text_from(codes));
  for (size_t i = 0; i < cautions_count(world->notes); i++)
    if (text_equal(cautions_get(world->notes, i)->name, text_from(name)))
      return cautions_hold(world->notes, i, &set, 1);
  fail_msg("no caution %s", name);
  return false;
}

static void detox_alone_is_told_apart(void **state)
{
  const struct world *world = *state;
  assert_true(holds(world, "taper-only", "DT DB"));
  assert_true(holds(world, "taper-only", "SA DT DM MD"));
  assert_false(holds(world, "taper-only", "DT DB BUM"));
  assert_false(holds(world, "taper-only", "DT DM MM"));
  assert_false(holds(world, "taper-only", "DT DB UB"));
  assert_false(holds(world, "taper-only", "DB"));
  assert_false(holds(world, "taper-only", "DT"));
}

static void refusing_medicine_is_said(void **state)
{
  const struct world *world = *state;
  assert_true(holds(world, "refuses-medication", "RES NMOA"));
  assert_false(holds(world, "refuses-medication", "RES MOA"));
  assert_true(holds(world, "no-opioid-treatment", "SA NOOP"));
}

static void every_highlight_has_its_words(void **state)
{
  const struct world *world = *state;
  size_t keep;
  bool has_keep = false;
  assert_true(needs_find(world->needs, TEXT("keep-medication"), &keep));
  assert_true(highlights_count(world->notes) > 4);
  for (size_t i = 0; i < highlights_count(world->notes); i++) {
    const struct highlight *highlight = highlights_get(world->notes, i);
    for (size_t language = 0; language < NEED_LANGUAGES; language++) {
      assert_true(highlight->label[language].length > 0);
      assert_true(highlight->missing[language].length > 0);
    }
    has_keep = has_keep || (highlight->need == keep && highlight->missing_on_card);
  }
  assert_true(has_keep);
}

/* Write both files into a new folder and try to load them. */
static bool loads(const struct world *world, const char *cautions, const char *highlights,
                  struct error *error)
{
  char folder[] = "/tmp/fairlead-notes-XXXXXX";
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct notes *notes = NULL;
  assert_non_null(mkdtemp(folder));
  const char *first = file_join(arena, folder, "cautions.csv");
  const char *second = file_join(arena, folder, "highlights.csv");
  assert_true(file_replace(first, text_from(cautions), error));
  assert_true(file_replace(second, text_from(highlights), error));
  bool loaded = notes_load(&notes, folder, world->needs, error);
  notes_free(notes);
  unlink(first);
  unlink(second);
  rmdir(folder);
  arena_free(arena);
  return loaded;
}

static void faulty_rows_are_refused_by_line(void **state)
{
  const struct world *world = *state;
  static const char *const good_caution = "name,label_en,label_es,expression,source\na,b,c,DT,d\n";
  static const char *const head =
      "need,label_en,label_es,missing_en,missing_es,missing_on_card\nmedicaid,a,b,c,d,yes\n";
  static const struct {
    const char *cautions, *highlights, *told;
  } cases[] = {
      {"name,label_en,label_es,expression\na,b,c,DT\n", "", "cautions.csv"},
      {"name,label_en,label_es,expression,source\na,b,c,DT,d\na,,c,DT,d\n", "", "cautions.csv:3"},
      {"name,label_en,label_es,expression,source\na,b,c,DT & NOSUCH,d\n", "", "cautions.csv:2"},
      {NULL, "need,label_en,label_es,missing_en,missing_es,missing_on_card\nx,a,b,c,d,no\n",
       "highlights.csv:2"},
      {NULL, "need,label_en,label_es,missing_en,missing_es,missing_on_card\nmedicaid,a,b,c,d,on\n",
       "highlights.csv:2"},
      {NULL, "need,label_en,label_es,missing_en,missing_es,missing_on_card\nmedicaid,a,b,,d,no\n",
       "highlights.csv:2"},
      {NULL, "need\n", "highlights.csv"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error error = {0};
    const char *cautions = cases[i].cautions ? cases[i].cautions : good_caution;
    assert_false(loads(world, cautions, cases[i].highlights, &error));
    if (!strstr(error.log, cases[i].told)) fail_msg("%zu: %s", i, error.log);
  }
  struct error error = {0};
  assert_true(loads(world, good_caution, head, &error));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(detox_alone_is_told_apart),
      cmocka_unit_test(refusing_medicine_is_said),
      cmocka_unit_test(every_highlight_has_its_words),
      cmocka_unit_test(faulty_rows_are_refused_by_line),
  };
  return cmocka_run_group_tests_name("notes", tests, world_open, world_close);
}
