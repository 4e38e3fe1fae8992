/*
 * The engine for assess.test.mjs: each line of standard input is
 *   {"facts": {name: value}, "signatures": bool?, "explain": bool?}     what follows from facts
 *   {"aggregate": {"levels": [number], "raised": [number], "overlays": [name], "flags": [word]}}
 *                                                                      what follows from asking
 * and each line of output an object with level, overlays, setting, medication_at_place, …, or
 * {"error": log text}. The first argument is the knowledge folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/level_of_care_private.h"

static struct level_of_care *table;
static struct arena *arena;

static struct value *text_of(const char *text)
{
  return value_text(arena, text_from(text));
}

static struct value *level_value(size_t level)
{
  return level == LEVEL_NONE ? value_null(arena)
                             : value_text(arena, levels_get(table, level)->number);
}

static struct value *overlays_value(unsigned overlays)
{
  struct value *list = value_list(arena);
  for (unsigned i = 0; care_overlay_names[i]; i++)
    if (overlays >> i & 1) value_add(list, text_of(care_overlay_names[i]));
  return list;
}

static struct value *outcome_value(size_t level, unsigned overlays, enum care_setting setting,
                                   bool is_minor, bool at_place)
{
  static const char *const settings[] = {"none", "outpatient", "residential", "inpatient",
                                         "emergency"};
  struct value *out = value_object(arena);
  value_set(out, "level", level_value(level));
  value_set(out, "overlays", overlays_value(overlays));
  value_set(out, "setting", text_of(settings[setting]));
  value_set(out, "is_minor", value_boolean(arena, is_minor));
  value_set(out, "medication_at_place", value_boolean(arena, at_place));
  return out;
}

static struct value *changes_value(const struct care_explanation *explanation)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < explanation->change_count; i++) {
    const struct care_change *change = &explanation->changes[i];
    struct value *entry = value_object(arena), *set = value_object(arena);
    for (size_t j = 0; j < change->count; j++)
      value_set_text_key(set, facts_get(table, change->fact[j])->name,
                         facts_write(table, arena, change->fact[j], change->value[j]));
    value_set(entry, "set", set);
    value_set(entry, "level", level_value(change->level));
    value_set(entry, "overlays", overlays_value(change->overlays));
    value_add(list, entry);
  }
  return list;
}

static struct value *unknown_value(const struct care_explanation *explanation)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < explanation->unknown_count; i++) {
    const struct care_unknown *unknown = &explanation->unknown[i];
    struct value *entry = value_object(arena), *levels = value_list(arena);
    for (size_t level = 0; level < levels_count(table); level++)
      if (unknown->levels >> level & 1) value_add(levels, level_value(level));
    if (unknown->levels & CARE_BEYOND_EMERGENCY) value_add(levels, text_of("emergency"));
    if (unknown->levels & CARE_BEYOND_GATE) value_add(levels, text_of("gate"));
    value_set(entry, "fact", value_text(arena, facts_get(table, unknown->fact)->name));
    value_set(entry, "levels", levels);
    value_add(list, entry);
  }
  return list;
}

static bool is_asked(const struct value *request, const char *name)
{
  const struct value *value = value_get(request, text_from(name));
  return value && value_kind_get(value) == VALUE_TRUE;
}

static struct value *find(const struct value *request, struct error *error)
{
  static const char *const states[] = {"silent", "fired", "possible", "suspended", "waiting"};
  struct facts facts;
  struct care_result result;
  struct care_options options = {.require_signatures = is_asked(request, "signatures")};
  const struct value *given = value_get(request, TEXT("facts"));
  if (!given) given = value_null(arena);
  if (!facts_read(table, given, &facts, error)) return NULL;
  care_find(table, &facts, &options, &result);
  struct value *out = outcome_value(result.level, result.overlays, result.setting, result.is_minor,
                                    result.medication_at_place);
  struct value *rules = value_object(arena);
  for (size_t i = 0; i < rules_count(table); i++)
    if (result.state[i] != RULE_SILENT)
      value_set_text_key(rules, rules_get(table, i)->id, text_of(states[result.state[i]]));
  value_set(out, "rules", rules);
  value_set(out, "decisive",
            result.decisive == RULES_MAXIMUM
                ? value_null(arena)
                : value_text(arena, rules_get(table, result.decisive)->id));
  if (!is_asked(request, "explain")) return out;
  struct care_explanation explanation;
  care_explain(table, &facts, &options, &result, &explanation);
  value_set(out, "changes", changes_value(&explanation));
  value_set(out, "unknown", unknown_value(&explanation));
  return out;
}

static uint64_t levels_read(const struct value *list)
{
  uint64_t levels = 0;
  size_t level;
  for (size_t i = 0; i < value_count(list); i++)
    if (care_level_find(table, value_text_get(value_item(list, i)), &level))
      levels |= UINT64_C(1) << level;
  return levels;
}

static struct value *aggregate(const struct value *asked)
{
  const struct value *overlays = value_get(asked, TEXT("overlays"));
  const struct value *flags = value_get(asked, TEXT("flags"));
  uint64_t mask = levels_read(value_get(asked, TEXT("levels")));
  mask |= levels_read(value_get(asked, TEXT("raised"))) << ASK_RAISED_SHIFT;
  for (size_t i = 0; i < value_count(overlays); i++)
    mask |= (uint64_t)care_overlay_named(value_text_get(value_item(overlays, i)))
            << ASK_OVERLAY_SHIFT;
  for (size_t i = 0; i < value_count(flags); i++) {
    struct text flag = value_text_get(value_item(flags, i));
    mask |= text_equal(flag, TEXT("raise")) ? ASK_RAISE : ASK_MEDICATION;
  }
  struct care_outcome outcome;
  care_aggregate(table, mask, &outcome);
  return outcome_value(outcome.level, outcome.overlays, outcome.setting, outcome.is_minor,
                       outcome.medication_at_place);
}

static void answer_line(struct text line)
{
  struct error error = {0};
  const struct value *request;
  struct value *out = NULL;
  struct text_buffer bytes;
  if (json_read(arena, line, &request, &error)) {
    const struct value *asked = value_get(request, TEXT("aggregate"));
    out = asked ? aggregate(asked) : find(request, &error);
  }
  if (!out) {
    out = value_object(arena);
    value_set(out, "error", text_of(error.log));
  }
  text_buffer_init(&bytes, LIMIT_FILE_WHOLE);
  json_write(out, &bytes);
  text_buffer_add_character(&bytes, '\n');
  fwrite(bytes.at, 1, bytes.length, stdout);
  text_buffer_fini(&bytes);
}

int main(int count, char **arguments)
{
  const char *folder = count > 1 ? arguments[1] : "knowledge";
  struct needs *needs = NULL;
  struct error error = {0};
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;
  if (!needs_load(&needs, folder, &error) || !level_of_care_load(&table, folder, needs, &error)) {
    fprintf(stderr, "%s. %s\n", error.log, error.hint);
    return 1;
  }
  arena = arena_new(LIMIT_FILE_WHOLE);
  while ((length = getline(&line, &capacity, stdin)) > 0) {
    answer_line((struct text){line, (size_t)length});
    arena_clear(arena);
  }
  free(line);
  arena_free(arena);
  level_of_care_free(table);
  needs_free(needs);
  return 0;
}
