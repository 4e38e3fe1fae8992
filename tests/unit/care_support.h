/*
 * The real level-of-care table and facts from JSON, for unit tests. Include after cmocka.h, in one
 * file of a program; run the tests with care_set_up() and care_tear_down(), from the repository's
 * root.
 */
#ifndef FAIRLEAD_TESTS_CARE_SUPPORT_H
#define FAIRLEAD_TESTS_CARE_SUPPORT_H

#include <stdio.h>

#include "assessment/level_of_care_private.h"

static struct arena *arena;
static struct needs *needs;
static struct level_of_care *table;

static inline int care_set_up(void **state)
{
  (void)state;
  struct error error = {0};
  arena = arena_new(LIMIT_FILE_WHOLE);
  if (needs_load(&needs, "knowledge", &error) &&
      level_of_care_load(&table, "knowledge", needs, &error))
    return 0;
  print_error("%s. %s\n", error.log, error.hint);
  return 1;
}

static inline int care_tear_down(void **state)
{
  (void)state;
  level_of_care_free(table);
  needs_free(needs);
  arena_free(arena);
  return 0;
}

static inline const struct value *json_of(const char *json)
{
  const struct value *value;
  struct error error = {0};
  if (!json_read(arena, text_from(json), &value, &error)) fail_msg("%s: %s", json, error.log);
  return value;
}

/* Facts from {"name": value, …}. */
static inline struct facts facts_of(const char *json)
{
  struct facts facts;
  struct error error = {0};
  if (!facts_read(table, json_of(json), &facts, &error)) fail_msg("%s: %s", json, error.log);
  return facts;
}

static inline struct care_result result_of(const char *json)
{
  struct facts facts = facts_of(json);
  struct care_result result;
  care_find(table, &facts, NULL, &result);
  return result;
}

/* "2.1+RR", "3.7-COE", "3.7-BIO", "4-PSY", "emergency", "minor": as the vectors write it. */
static inline const char *outcome_text(size_t level, unsigned overlays, enum care_setting setting,
                                       bool is_minor)
{
  if (setting == CARE_EMERGENCY) return "emergency";
  if (is_minor) return "minor";
  if (level == LEVEL_NONE) return "none";
  struct text number = levels_get(table, level)->number;
  return text_c(
      arena, text_format(arena, "%.*s%s%s%s%s", TEXT_PRINT(number),
                         overlays & OVERLAY_BIO ? "-BIO" : "", overlays & OVERLAY_COE ? "-COE" : "",
                         overlays & OVERLAY_PSY ? "-PSY" : "", overlays & OVERLAY_RR ? "+RR" : ""));
}

static inline size_t rule_of(const char *id)
{
  for (size_t i = 0; i < rules_count(table); i++)
    if (text_equal(rules_get(table, i)->id, text_from(id))) return i;
  fail_msg("no rule %s", id);
  return 0;
}

static inline size_t fact_of(const char *name)
{
  size_t index = 0;
  assert_true(facts_find(table, text_from(name), &index));
  return index;
}

#endif
