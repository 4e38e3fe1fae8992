/*
 * A rule in words: its condition and its effect, as the catalog says them. For people who review
 * the table; nothing here decides anything.
 */
#include "assessment/level_of_care_private.h"
#include "assessment/say.h"

/* --- Conditions: postfix back to words ----------------------------------------------------------
 */

enum binding { BINDS_OR, BINDS_AND, BINDS_NOT };

struct part {
  struct text text;
  enum binding binding;
};

/* "“COWS withdrawal score” at least 5" */
static struct text number_words(const struct care_words *words, struct condition_step step)
{
  static const char *const keys[] = {"knowledge.at-least", "knowledge.above", "knowledge.at-most",
                                     "knowledge.below", "knowledge.exactly"};
  return text_format(
      words->arena, "“%.*s” %.*s %.10g", TEXT_PRINT(care_say_label(words, step.operand)),
      TEXT_PRINT(care_words_get(words, keys[step.operation - CONDITION_AT_LEAST])), step.number);
}

static struct text atom_words(const struct care_words *words, struct condition_step step)
{
  if (step.operation >= CONDITION_AT_LEAST) return number_words(words, step);
  struct text label = care_say_label(words, step.operand);
  if (step.operation == CONDITION_YES)
    return text_format(words->arena, "“%.*s”", TEXT_PRINT(label));
  return text_format(words->arena, "“%.*s: %.*s”", TEXT_PRINT(label),
                     TEXT_PRINT(care_say_value(words, step.operand, step.number)));
}

/* The part's text, in parentheses unless it is alone or joined by the same word. */
static struct text within(const struct care_words *words, const struct part *part,
                          enum binding around)
{
  if (part->binding == BINDS_NOT || part->binding == around) return part->text;
  return text_format(words->arena, "(%.*s)", TEXT_PRINT(part->text));
}

static struct part join_words(const struct care_words *words, const struct part *left,
                              const struct part *right, bool is_and)
{
  enum binding binding = is_and ? BINDS_AND : BINDS_OR;
  struct text first = within(words, left, binding), second = within(words, right, binding);
  struct text between = care_words_get(words, is_and ? "knowledge.and" : "knowledge.or");
  return (struct part){text_format(words->arena, "%.*s %.*s %.*s", TEXT_PRINT(first),
                                   TEXT_PRINT(between), TEXT_PRINT(second)),
                       binding};
}

struct text rule_condition_words(const struct care_words *words, size_t rule)
{
  const struct condition *condition = &words->table->programs[rule].condition;
  struct part *parts = arena_allocate_array(words->arena, condition->count, sizeof *parts);
  size_t top = 0; /* behind the last part */
  for (size_t i = 0; i < condition->count; i++) {
    struct condition_step step = condition->steps[i];
    if (condition_step_has_fact(step)) {
      parts[top++] = (struct part){atom_words(words, step), BINDS_NOT};
    } else if (step.operation == CONDITION_NOT) {
      struct text operand = within(words, &parts[top - 1], BINDS_NOT);
      parts[top - 1] = (struct part){text_format(words->arena, "%.*s %.*s",
                                                 TEXT_PRINT(care_words_get(words, "knowledge.not")),
                                                 TEXT_PRINT(operand)),
                                     BINDS_NOT};
    } else {
      top--;
      parts[top - 1] =
          join_words(words, &parts[top - 1], &parts[top], step.operation == CONDITION_AND);
    }
  }
  return parts[0].text;
}

/* --- Effects -------------------------------------------------------------------------------------
 */

struct effects {
  const struct care_words *words;
  struct text text;
};

static void add_effect(struct effects *effects, struct text text)
{
  effects->text = text_is_empty(effects->text)
                      ? text
                      : text_format(effects->words->arena, "%.*s; %.*s", TEXT_PRINT(effects->text),
                                    TEXT_PRINT(text));
}

static void add_message(struct effects *effects, const char *key)
{
  add_effect(effects, care_words_get(effects->words, key));
}

static void add_suspended(struct effects *effects, const struct rule_program *program)
{
  const struct level_of_care *table = effects->words->table;
  for (size_t i = 0; i < table->rule_count; i++)
    if (program->suspends[i / 64] >> (i % 64) & 1)
      add_effect(effects,
                 CARE_FILL(effects->words, "knowledge.suspends", {"rule", table->rules[i].id}));
}

struct text rule_effect_words(const struct care_words *words, size_t rule)
{
  const struct rule_program *program = &words->table->programs[rule];
  struct effects effects = {words, {"", 0}};
  unsigned overlays = (unsigned)(program->contribution >> ASK_OVERLAY_SHIFT & 0xFF);
  if (program->contribution & ASK_STOP) add_message(&effects, "knowledge.stops");
  if (program->contribution & ASK_GATE) add_message(&effects, "knowledge.not-for-them");
  if (program->level != LEVEL_NONE)
    add_effect(&effects, CARE_FILL(words, "knowledge.asks",
                                   {"number", words->table->levels[program->level].number},
                                   {"level", care_say_level(words, program->level, overlays)}));
  else if (overlays & OVERLAY_RR) add_message(&effects, "knowledge.adds-home");
  else if (overlays) add_message(&effects, "knowledge.adds-care");
  if (program->contribution & ASK_RAISE) add_message(&effects, "knowledge.raises");
  if (program->contribution & ASK_MEDICATION) add_message(&effects, "knowledge.starts-medicine");
  add_suspended(&effects, program);
  if (program->is_note) add_message(&effects, "knowledge.notes");
  return effects.text;
}
