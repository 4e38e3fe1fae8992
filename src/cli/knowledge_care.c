/*
 * fairlead knowledge show: the level-of-care table, its rules, facts and levels. See
 * knowledge_show.h.
 */
#include "cli/knowledge_show.h"

static void set(const struct knowledge_care *care, struct value *out, const char *key,
                struct text text)
{
  value_set(out, key, value_text(care->arena, text));
}

static void set_count(const struct knowledge_care *care, struct value *out, const char *key,
                      size_t count)
{
  value_set(out, key, value_integer(care->arena, (int64_t)count));
}

/* {"en": …, "es": …} in the catalog's order of languages. */
static void set_languages(const struct knowledge_care *care, struct value *out, const char *key,
                          const struct text texts[CARE_LANGUAGES])
{
  struct value *both = value_object(care->arena);
  set(care, both, "en", texts[0]);
  set(care, both, "es", texts[1]);
  value_set(out, key, both);
}

/* --- A rule --------------------------------------------------------------------------------------
 */

static void set_words(const struct knowledge_care *care, struct value *out, const char *key,
                      struct text (*say)(const struct care_words *words, size_t rule), size_t rule)
{
  struct text texts[CARE_LANGUAGES];
  for (size_t i = 0; i < CARE_LANGUAGES; i++) {
    struct care_words words = {care->table, care->catalog, care->arena, i, false, NULL};
    texts[i] = say(&words, rule);
  }
  set_languages(care, out, key, texts);
}

static struct value *rule_value(const struct knowledge_care *care, size_t index)
{
  static const char *const kinds[] = {
      [RULE_STOP] = "stop rule", [RULE_NEED] = "need rule", [RULE_GATE] = "who this is for"};
  const struct rule *rule = rules_get(care->table, index);
  struct value *out = value_object(care->arena);
  set(care, out, "rule", rule->id);
  set(care, out, "kind", text_from(kinds[rule->kind]));
  set(care, out, "dimension", rule->dimension);
  set(care, out, "when", rule->condition);
  set_words(care, out, "if", rule_condition_words, index);
  set(care, out, "effect", rule->effect);
  set_words(care, out, "then", rule_effect_words, index);
  set_languages(care, out, "reason", rule->reason);
  if (!text_is_empty(rule->act[0])) set_languages(care, out, "act", rule->act);
  set(care, out, "source", rule->source);
  set(care, out, "grade", rule->grade);
  set(care, out, "signed", rule->signed_by);
  return out;
}

/* --- A fact, a level
 * ------------------------------------------------------------------------------- */

/* Does the condition name the fact? As a whole word: "cows" is not in "cows_max". */
static bool names_fact(struct text condition, struct text name)
{
  for (struct text word; text_word_next(&condition, &word);) {
    while (text_starts_with(word, TEXT("("))) word = text_slice(word, 1, word.length);
    while (text_ends_with(word, TEXT(")"))) word.length--;
    if (text_equal(word, name)) return true;
  }
  return false;
}

static struct value *fact_value(const struct knowledge_care *care, size_t index)
{
  static const char *const roles[] = {
      [FACT_NEED] = "need",   [FACT_GATE] = "gate",           [FACT_WISH] = "wish",
      [FACT_PAYER] = "payer", [FACT_PROTECTED] = "protected", [FACT_PLACE] = "place"};
  const struct fact *fact = facts_get(care->table, index);
  struct value *out = value_object(care->arena), *values = value_list(care->arena);
  struct value *rules = value_list(care->arena);
  set(care, out, "fact", fact->name);
  set_languages(care, out, "label", fact->label);
  for (size_t i = 0; i < fact->word_count; i++)
    value_add(values, value_text(care->arena, fact->words[i]));
  if (fact->word_count == 0)
    value_add(values, value_text(care->arena, text_format(care->arena, "%.10g to %.10g",
                                                          fact->minimum, fact->maximum)));
  value_set(out, "values", values);
  set(care, out, "role", text_from(roles[fact->role]));
  for (size_t i = 0; i < rules_count(care->table); i++)
    if (names_fact(rules_get(care->table, i)->condition, fact->name))
      value_add(rules, value_text(care->arena, rules_get(care->table, i)->id));
  value_set(out, "rules", rules);
  set(care, out, "source", fact->source);
  return out;
}

static struct value *level_value(const struct knowledge_care *care, const struct level *level)
{
  struct value *out = value_object(care->arena);
  set(care, out, "level", level->number);
  set_languages(care, out, "name", level->name);
  set_languages(care, out, "hours", level->hours);
  set(care, out, "asam3", level->asam3);
  set(care, out, "asam4", level->asam4);
  set(care, out, "note", TEXT("for comparison; aligned with The ASAM Criteria, not endorsed"));
  return out;
}

/* --- The table
 * --------------------------------------------------------------------------------------- */

static void set_rules(const struct knowledge_care *care, struct value *out, const char *key,
                      enum rule_kind kind)
{
  struct value *list = value_list(care->arena);
  for (size_t i = 0; i < rules_count(care->table); i++)
    if (rules_get(care->table, i)->kind == kind)
      value_add(list, value_text(care->arena, rules_get(care->table, i)->id));
  value_set(out, key, list);
}

static struct value *table_value(const struct knowledge_care *care)
{
  struct value *out = value_object(care->arena), *levels = value_list(care->arena);
  size_t unsigned_rules = 0;
  for (size_t i = 0; i < rules_count(care->table); i++)
    unsigned_rules += text_equal(rules_get(care->table, i)->signed_by, TEXT("unsigned"));
  for (size_t i = 0; i < levels_count(care->table); i++) {
    const struct level *level = levels_get(care->table, i);
    value_add(levels, value_text(care->arena,
                                 text_format(care->arena, "%.*s %.*s", TEXT_PRINT(level->number),
                                             TEXT_PRINT(level->name[0]))));
  }
  set(care, out, "table", TEXT("level-of-care"));
  value_set(out, "levels", levels);
  set_rules(care, out, "stop rules", RULE_STOP);
  set_rules(care, out, "who this is for", RULE_GATE);
  set_rules(care, out, "need rules", RULE_NEED);
  set_count(care, out, "facts", facts_count(care->table));
  set_count(care, out, "unsigned", unsigned_rules);
  set(care, out, "proof", TEXT("fairlead knowledge check"));
  set(care, out, "source",
      TEXT("knowledge/level-of-care.md; aligned with The ASAM Criteria, not endorsed"));
  return out;
}

void knowledge_care_find(const struct knowledge_care *care, struct text name, struct value *found)
{
  size_t fact;
  if (text_equal(name, TEXT("level-of-care"))) value_add(found, table_value(care));
  for (size_t i = 0; i < rules_count(care->table); i++)
    if (text_equal(rules_get(care->table, i)->id, name)) value_add(found, rule_value(care, i));
  if (facts_find(care->table, name, &fact)) value_add(found, fact_value(care, fact));
  for (size_t i = 0; i < levels_count(care->table); i++)
    if (text_equal(levels_get(care->table, i)->number, name))
      value_add(found, level_value(care, levels_get(care->table, i)));
}
