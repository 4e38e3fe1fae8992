/*
 * What scored instruments say to the level of care: every fact that knowledge/instrument-facts.csv
 * gives must be one that knowledge/level-of-care.md takes, at the least and the most that the
 * instrument can score. Expected: the facts that the issue of this engine fixes by name.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assessment/assessment.h"

struct world {
  struct arena *arena;
  struct needs *needs;
  struct level_of_care *table;
  struct instruments *instruments;
};

static int world_open(void **state)
{
  static struct world world;
  struct error error = {0};
  world.arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  if (!needs_load(&world.needs, "knowledge", &error) ||
      !level_of_care_load(&world.table, "knowledge", world.needs, &error) ||
      !instruments_load(&world.instruments, "knowledge", &error)) {
    print_error("%s\n", error.log);
    return -1;
  }
  *state = &world;
  return 0;
}

static int world_close(void **state)
{
  struct world *world = *state;
  instruments_free(world->instruments);
  level_of_care_free(world->table);
  needs_free(world->needs);
  arena_free(world->arena);
  return 0;
}

/* The least or the most that an item takes. */
static double extreme(const struct instrument_item *item, bool is_most)
{
  double found = is_most ? 1 : 0;
  if (item->kind == ITEM_INTEGER) found = (double)(is_most ? item->maximum : item->minimum);
  for (size_t i = 0; i < item->option_count; i++)
    if (i == 0 || (item->options[i].value > found) == is_most) found = item->options[i].value;
  return found;
}

/* Score it with every item at its least or most, and take up all facts. */
static const struct value *take_up(struct world *world, const struct instrument *instrument,
                                   bool is_most)
{
  struct instrument_answers answers;
  struct instrument_score score;
  struct facts facts;
  struct error error = {0};
  instrument_answers_init(&answers);
  for (size_t i = 0; i < instrument->item_count; i++)
    assert_true(instrument_answer(instrument, &answers, instrument->items[i].number,
                                  extreme(&instrument->items[i], is_most), &error));
  instrument_score(instrument, &answers, &score);
  const struct value *given = instrument_facts(instrument, world->arena, &score);
  facts_init(&facts);
  struct text name;
  const struct value *value;
  for (size_t i = 0; value_member(given, i, &name, &value); i++)
    if (!facts_set(world->table, &facts, name, value, &error))
      fail_msg("%.*s: %s", TEXT_PRINT(instrument->id), error.log);
  return given;
}

static void every_fact_is_one_of_the_table(void **state)
{
  struct world *world = *state;
  for (size_t i = 0; i < instruments_count(world->instruments); i++) {
    take_up(world, instruments_get(world->instruments, i), false);
    take_up(world, instruments_get(world->instruments, i), true);
  }
}

static void the_extremes_are_those_of_the_forms(void **state)
{
  static const struct {
    const char *instrument, *fact, *least, *most;
  } expected[] = {{"cows", "cows", "0", "48"},
                  {"ciwa-ar", "ciwa_ar", "0", "67"},
                  {"phq-9", "phq_9", "0", "27"},
                  {"pc-ptsd-5", "pc_ptsd_5", "0", "5"},
                  {"dsm-5-oud", "opioid_use_disorder", "none", "severe"},
                  {"c-ssrs", "suicide_risk", "none", "high"},
                  {"readiness", "motivation", "0", "10"}};
  struct world *world = *state;
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const struct instrument *instrument =
        instruments_find(world->instruments, text_from(expected[i].instrument));
    assert_non_null(instrument);
    for (int is_most = 0; is_most < 2; is_most++) {
      const char *word = is_most ? expected[i].most : expected[i].least;
      struct text found = value_text_get(
          value_get(take_up(world, instrument, is_most), text_from(expected[i].fact)));
      if (!text_equal(found, text_from(word)))
        fail_msg("%s: %s is %.*s, not %s", expected[i].instrument, expected[i].fact,
                 TEXT_PRINT(found), word);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_fact_is_one_of_the_table),
      cmocka_unit_test(the_extremes_are_those_of_the_forms),
  };
  return cmocka_run_group_tests(tests, world_open, world_close);
}
