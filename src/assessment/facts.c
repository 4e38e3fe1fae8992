/*
 * Facts: names and values to numbers and back, and what contradicts what.
 */
#include <math.h>
#include <stdio.h>

#include "assessment/level_of_care_private.h"

enum { QUOTE_LENGTH = 60 };

size_t facts_count(const struct level_of_care *table)
{
  return table->fact_count;
}

const struct fact *facts_get(const struct level_of_care *table, size_t index)
{
  return &table->facts[index];
}

bool facts_find(const struct level_of_care *table, struct text name, size_t *out)
{
  for (size_t i = 0; i < table->fact_count; i++)
    if (text_equal(table->facts[i].name, name)) {
      *out = i;
      return true;
    }
  return false;
}

void facts_init(struct facts *facts)
{
  for (size_t i = 0; i < FACTS_MAXIMUM; i++) facts->value[i] = NAN;
}

void facts_assume(const struct level_of_care *table, const struct facts *facts, struct facts *out)
{
  *out = *facts;
  for (size_t i = 0; i < table->fact_count; i++)
    if (isnan(out->value[i])) out->value[i] = table->facts[i].assumed;
}

/* --- One value ---------------------------------------------------------------------------------
 */

static bool refuse(const struct fact *fact, struct error *error, const char *hint)
{
  return error_set(error, ERROR_REFUSED, "error.facts.value", hint,
                   "%.*s has a value that it cannot have", TEXT_PRINT(fact->name));
}

static bool read_number(const struct fact *fact, const struct value *value, double *out,
                        struct error *error)
{
  char hint[LIMIT_ERROR_TEXT];
  bool whole = fact->kind == FACT_INTEGER;
  double number;
  if (value_kind_get(value) == VALUE_NUMBER && value_decimal_get(value, &number) &&
      number >= fact->minimum && number <= fact->maximum && (!whole || number == floor(number))) {
    *out = number + 0.0; /* no minus zero */
    return true;
  }
  snprintf(hint, sizeof hint, "Give a %snumber from %g to %g, or null.", whole ? "whole " : "",
           fact->minimum, fact->maximum);
  return refuse(fact, error, hint);
}

static bool read_word(const struct fact *fact, const struct value *value, double *out,
                      struct error *error)
{
  struct text word = value_text_get(value);
  struct text_buffer hint;
  bool is_text = value_kind_get(value) == VALUE_TEXT;
  for (size_t i = 0; is_text && i < fact->word_count; i++)
    if (text_equal(fact->words[i], word)) {
      *out = (double)i;
      return true;
    }
  text_buffer_init(&hint, LIMIT_ERROR_TEXT);
  text_buffer_add(&hint, TEXT("Give one of "));
  for (size_t i = 0; i < fact->word_count; i++)
    text_buffer_add_format(&hint, "\"%.*s\", ", TEXT_PRINT(fact->words[i]));
  text_buffer_add(&hint, TEXT("or null."));
  text_buffer_add_character(&hint, '\0');
  refuse(fact, error, hint.at);
  text_buffer_fini(&hint);
  return false;
}

static bool read_yes_no(const struct fact *fact, const struct value *value, double *out,
                        struct error *error)
{
  enum value_kind kind = value_kind_get(value);
  if (kind != VALUE_TRUE && kind != VALUE_FALSE)
    return refuse(fact, error, "Give true, false or null.");
  *out = kind == VALUE_TRUE;
  return true;
}

bool facts_set(const struct level_of_care *table, struct facts *facts, struct text name,
               const struct value *value, struct error *error)
{
  size_t index;
  if (!facts_find(table, name, &index)) {
    size_t end = name.length < QUOTE_LENGTH ? name.length : QUOTE_LENGTH;
    while (end < name.length && ((unsigned char)name.at[end] & 0xC0) == 0x80) end--;
    return error_set(error, ERROR_REFUSED, "error.facts.unknown",
                     "Use the names of knowledge/level-of-care.md.", "unknown fact '%.*s'",
                     TEXT_PRINT(text_slice(name, 0, end)));
  }
  const struct fact *fact = &table->facts[index];
  double *out = &facts->value[index];
  if (value_kind_get(value) == VALUE_NULL) {
    *out = NAN;
    return true;
  }
  if (fact->kind == FACT_YES_NO) return read_yes_no(fact, value, out, error);
  if (fact->kind == FACT_WORD) return read_word(fact, value, out, error);
  return read_number(fact, value, out, error);
}

const struct value *facts_write(const struct level_of_care *table, struct arena *arena, size_t fact,
                                double value)
{
  const struct fact *of = &table->facts[fact];
  if (isnan(value)) return value_null(arena);
  if (of->kind == FACT_YES_NO) return value_boolean(arena, value == 1);
  if (of->kind == FACT_WORD) return value_text(arena, of->words[(size_t)value]);
  return value_decimal(arena, value, 9);
}

/* --- All of them --------------------------------------------------------------------------------
 */

/* Does a stop rule hold without the facts that contradict each other? */
static bool is_emergency_without(const struct level_of_care *table, const struct facts *facts,
                                 const struct condition *condition)
{
  struct facts others = *facts;
  struct care_result result;
  for (size_t i = 0; i < condition->count; i++)
    if (condition_step_has_fact(condition->steps[i]))
      others.value[condition->steps[i].operand] = NAN;
  care_find(table, &others, NULL, &result);
  return result.setting == CARE_EMERGENCY;
}

bool facts_check(const struct level_of_care *table, const struct facts *facts, struct error *error)
{
  struct condition_input input = {.value = facts->value};
  for (size_t i = 0; i < table->contradiction_count; i++) {
    const struct contradiction *contradiction = &table->contradictions[i];
    if (condition_find(&contradiction->condition, &input) != TRUTH_TRUE) continue;
    if (is_emergency_without(table, facts, &contradiction->condition)) continue;
    return error_set(error, ERROR_REFUSED, "error.facts.contradiction",
                     "Mend one of the two answers, or leave one out.",
                     "the facts contradict each other (%.*s): %.*s", TEXT_PRINT(contradiction->id),
                     TEXT_PRINT(contradiction->reason[0]));
  }
  return true;
}

bool facts_read(const struct level_of_care *table, const struct value *object, struct facts *out,
                struct error *error)
{
  struct facts facts;
  struct text name;
  const struct value *value;
  if (value_kind_get(object) != VALUE_OBJECT)
    return error_set(error, ERROR_REFUSED, "error.facts.form",
                     "Give an object of names and values, like {\"age\": 40}.",
                     "facts is no object");
  facts_init(&facts);
  for (size_t i = 0; value_member(object, i, &name, &value); i++)
    if (!facts_set(table, &facts, name, value, error)) return false;
  if (!facts_check(table, &facts, error)) return false;
  *out = facts;
  return true;
}
