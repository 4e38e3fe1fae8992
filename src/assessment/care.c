/*
 * The engine: facts in, level out, and what each rule said. docs/assessment.md says how.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/level_of_care_private.h"

size_t levels_count(const struct level_of_care *table)
{
  return table->level_count;
}

const struct level *levels_get(const struct level_of_care *table, size_t index)
{
  return &table->levels[index];
}

bool care_level_find(const struct level_of_care *table, struct text number, size_t *out)
{
  for (size_t i = 0; i < table->level_count; i++)
    if (text_equal(table->levels[i].number, number)) {
      *out = i;
      return true;
    }
  return false;
}

unsigned care_overlay_named(struct text name)
{
  for (unsigned i = 0; care_overlay_names[i]; i++)
    if (text_equal(name, text_from(care_overlay_names[i]))) return 1U << i;
  return 0;
}

size_t rules_count(const struct level_of_care *table)
{
  return table->rule_count;
}

const struct rule *rules_get(const struct level_of_care *table, size_t index)
{
  return &table->rules[index];
}

bool rule_uses_fact(const struct level_of_care *table, size_t rule, size_t fact)
{
  const struct rule_program *program = &table->programs[rule];
  for (size_t i = 0; i < program->fact_count; i++)
    if (program->facts[i] == fact) return true;
  return false;
}

enum truth care_holds(const struct level_of_care *table, const struct condition *condition,
                      const struct facts *facts, const struct care_result *result)
{
  struct facts assumed;
  facts_assume(table, facts, &assumed);
  struct condition_input input = {.value = assumed.value, .result = result};
  return condition_find(condition, &input);
}

/* --- Aggregation --------------------------------------------------------------------------------
 */

/* The first row that holds. */
static struct care_outcome find_row(const struct level_of_care *table, unsigned levels,
                                    unsigned overlays)
{
  struct care_outcome outcome = {.level = LEVEL_NONE};
  struct condition_input input = {.levels = levels, .overlays = overlays};
  for (size_t i = 0; i < table->aggregation_count; i++) {
    const struct aggregation_row *row = &table->aggregation[i];
    if (condition_find(&row->condition, &input) != TRUTH_TRUE) continue;
    outcome.level = row->level;
    outcome.overlays = row->overlays & overlays;
    outcome.setting = table->levels[row->level].setting;
    break;
  }
  return outcome;
}

/* Join in what the need for medicine asks for. */
static struct care_outcome join_medication(const struct level_of_care *table, unsigned levels,
                                           uint64_t mask)
{
  unsigned overlays = (unsigned)(mask >> ASK_OVERLAY_SHIFT & 0xFF);
  struct care_outcome outcome = find_row(table, levels, overlays);
  if (!(mask & ASK_MEDICATION)) return outcome;
  if (outcome.setting == CARE_OUTPATIENT)
    outcome = find_row(table, levels | 1U << table->medication_level, overlays);
  outcome.medication_at_place = outcome.setting > CARE_OUTPATIENT;
  return outcome;
}

/* The step above the highest level asked for, as a bit; that level itself past the last step. */
static unsigned raise(const struct level_of_care *table, unsigned asked)
{
  if (asked == 0) return 1U << table->raise_steps[1];
  for (size_t i = 0; i < table->raise_step_count; i++)
    if (1U << table->raise_steps[i] > asked) return 1U << table->raise_steps[i];
  return asked;
}

void care_aggregate(const struct level_of_care *table, uint64_t mask, struct care_outcome *out)
{
  uint64_t reduced = care_mask_reduce(mask);
  unsigned levels = (unsigned)(reduced & ASK_LEVELS);
  unsigned raisable = (unsigned)(reduced >> ASK_RAISED_SHIFT & ASK_LEVELS);
  if (reduced & (ASK_STOP | ASK_GATE)) {
    *out = (struct care_outcome){.level = LEVEL_NONE,
                                 .setting = reduced & ASK_STOP ? CARE_EMERGENCY : CARE_NONE,
                                 .is_minor = (reduced & ASK_GATE) != 0};
    return;
  }
  struct care_outcome plain = join_medication(table, levels | raisable, reduced);
  *out = plain;
  if (!(reduced & ASK_RAISE) || plain.setting != CARE_OUTPATIENT) return;
  *out = join_medication(table, levels | raise(table, raisable), reduced);
}

bool care_outcome_equal(const struct care_outcome *a, const struct care_outcome *b)
{
  return a->level == b->level && a->overlays == b->overlays && a->setting == b->setting &&
         a->is_minor == b->is_minor && a->medication_at_place == b->medication_at_place;
}

/* --- Rules --------------------------------------------------------------------------------------
 */

/* What is known of every rule while the result is found. */
struct work {
  const struct level_of_care *table;
  enum truth truth[RULES_MAXIMUM];
  bool waits[RULES_MAXIMUM]; /* for a signature */
  bool is_stopped, is_gated;
  uint64_t suspended[RULES_MAXIMUM / 64];
};

static void evaluate(struct work *work, const struct facts *facts, bool require_signatures)
{
  const struct level_of_care *table = work->table;
  struct facts assumed;
  facts_assume(table, facts, &assumed);
  struct condition_input input = {.value = assumed.value};
  for (size_t i = 0; i < table->rule_count; i++) {
    const struct rule_program *program = &table->programs[i];
    enum rule_kind kind = table->rules[i].kind;
    work->truth[i] = condition_find(&program->condition, &input);
    work->waits[i] = require_signatures && kind == RULE_NEED && !program->is_signed;
    if (work->truth[i] != TRUTH_TRUE || work->waits[i]) continue;
    work->is_stopped |= kind == RULE_STOP;
    work->is_gated |= kind == RULE_GATE;
    for (size_t j = 0; j < RULES_MAXIMUM / 64; j++) work->suspended[j] |= program->suspends[j];
  }
}

static enum rule_state state_of(const struct work *work, size_t rule)
{
  enum rule_kind kind = work->table->rules[rule].kind;
  bool suspended = (work->suspended[rule / 64] >> (rule % 64) & 1) ||
                   (work->is_stopped && kind != RULE_STOP) || (work->is_gated && kind == RULE_NEED);
  bool waits = work->waits[rule];
  if (work->truth[rule] == TRUTH_TRUE)
    return suspended ? RULE_SUSPENDED : waits ? RULE_WAITING : RULE_FIRED;
  bool possible = work->truth[rule] == TRUTH_UNKNOWN && !suspended && !waits;
  return possible ? RULE_POSSIBLE : RULE_SILENT;
}

/* --- The decisive rule ---------------------------------------------------------------------------
 */

/* What all rules that hold give, but for one; RULES_MAXIMUM leaves none out. */
static uint64_t mask_without(const struct work *work, size_t without)
{
  const struct level_of_care *table = work->table;
  uint64_t suspended[RULES_MAXIMUM / 64] = {0}, mask = 0;
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < table->rule_count; i++) {
      if (i == without || work->truth[i] != TRUTH_TRUE || work->waits[i]) continue;
      if (round == 0)
        for (size_t j = 0; j < RULES_MAXIMUM / 64; j++)
          suspended[j] |= table->programs[i].suspends[j];
      else if (!(suspended[i / 64] >> (i % 64) & 1)) mask |= table->programs[i].contribution;
    }
  return mask;
}

/* How far apart two outcomes are: levels first, then overlays, then medicine at the place. */
static int distance(const struct care_outcome *a, const struct care_outcome *b)
{
  enum { LEVEL = 16, OVERLAY = 2 };
  int steps = abs((int)a->level - (int)b->level);
  int overlays = __builtin_popcount(a->overlays ^ b->overlays);
  return steps * LEVEL + overlays * OVERLAY + (a->medication_at_place != b->medication_at_place);
}

/* The fired rule whose absence changes most; of equal ones that which asks for the higher level,
 * then the first. A stop rule or the gate decides by itself. */
static size_t find_decisive(const struct work *work, const struct care_result *result,
                            const struct care_outcome *outcome)
{
  const struct level_of_care *table = work->table;
  size_t best = RULES_MAXIMUM;
  int most = -1;
  for (size_t i = 0; i < table->rule_count; i++) {
    const struct rule_program *program = &table->programs[i];
    if (result->state[i] != RULE_FIRED || program->is_note) continue;
    if (work->is_stopped || work->is_gated) return i;
    struct care_outcome without;
    care_aggregate(table, mask_without(work, i), &without);
    int change = distance(outcome, &without);
    int asks = program->level == LEVEL_NONE ? 0 : (int)program->level + 1;
    int weight = change * (LEVELS_MAXIMUM + 1) + asks;
    if (weight <= most) continue;
    most = weight;
    best = i;
  }
  return best;
}

void care_find(const struct level_of_care *table, const struct facts *facts,
               const struct care_options *options, struct care_result *out)
{
  struct work work = {.table = table};
  struct care_result result = {.decisive = RULES_MAXIMUM};
  struct care_outcome outcome;
  evaluate(&work, facts, options && options->require_signatures);
  for (size_t i = 0; i < table->rule_count; i++)
    result.state[i] = (unsigned char)state_of(&work, i);
  care_aggregate(table, mask_without(&work, RULES_MAXIMUM), &outcome);
  result.level = outcome.level;
  result.overlays = outcome.overlays;
  result.setting = outcome.setting;
  result.is_minor = outcome.is_minor;
  result.medication_at_place = outcome.medication_at_place;
  result.decisive = find_decisive(&work, &result, &outcome);
  *out = result;
}
