/*
 * The proof's look at the rules themselves: each can act and changes something, no two say the
 * same, promises hold, what holds with answers missing stays so, and no row of "Aggregation" is
 * dead.
 */
#include <math.h>

#include "assessment/proof_private.h"

/* --- Rules of a component -----------------------------------------------------------------------
 */

static bool holds(const struct proof_signature *signature, size_t test)
{
  return (signature->holds >> test & 1) != 0;
}

/* Can the rule be true, and can it act? A stop rule acts beside anything, the gate beside anything
 * but a stop. */
static void check_reach(struct proof_check *check, size_t test)
{
  const struct proof_component *component = check->component;
  size_t rule = component->tests[test].index;
  uint64_t above = ASK_STOP | ASK_GATE;
  if (check->proof.table->rules[rule].kind == RULE_STOP) above = 0;
  if (check->proof.table->rules[rule].kind == RULE_GATE) above = ASK_STOP;
  bool is_true = false, acts = false;
  for (size_t i = 0; i < component->signature_count; i++) {
    const struct proof_signature *signature = &component->signatures[i];
    if (signature->contradicts || !holds(signature, test)) continue;
    is_true = true;
    acts |= !(signature->mask & above) &&
            !proof_is_suspended(&check->proof, component, signature->holds, test);
  }
  if (!is_true)
    proof_report_rule(check, rule, false, "can never hold: no answers make its condition true",
                      "mend the condition, or take the rule out");
  else if (!acts)
    proof_report_rule(check, rule, false,
                      "can never act: wherever it holds, another rule stops or suspends it",
                      "mend the condition, or take the rule out");
}

/* Does the rule, wherever it acts, change the result beside anything? */
static bool is_idle(const struct proof_check *check, size_t test)
{
  const struct level_of_care *table = check->proof.table;
  const struct proof_component *component = check->component;
  const struct proof_layer *others = proof_last(&check->others);
  for (size_t i = 0; i < component->signature_count; i++) {
    const struct proof_signature *signature = &component->signatures[i];
    uint64_t without =
        proof_mask(&check->proof, component, signature->holds & ~(UINT64_C(1) << test));
    if (!holds(signature, test) || without == signature->mask) continue;
    for (size_t j = 0; j < others->count; j++)
      if (!proof_brief_equal(proof_brief_find(table, signature->mask | others->unions[j].mask),
                             proof_brief_find(table, without | others->unions[j].mask)))
        return false;
  }
  return true;
}

/* Does another rule of the same dimension hold exactly when this one does? */
static void check_twins(struct proof_check *check, size_t test)
{
  const struct level_of_care *table = check->proof.table;
  const struct proof_component *component = check->component;
  size_t rule = component->tests[test].index;
  for (size_t other = 0; other < test; other++) { /* rules come before other tests */
    size_t twin = component->tests[other].index;
    if (!text_equal(table->rules[rule].dimension, table->rules[twin].dimension)) continue;
    bool differs = false;
    for (size_t i = 0; i < component->signature_count; i++)
      differs |= holds(&component->signatures[i], test) != holds(&component->signatures[i], other);
    if (differs) continue;
    proof_report_rule(check, rule, false,
                      text_c(check->out, text_format(check->out,
                                                     "holds exactly when %.*s does, in the same "
                                                     "dimension",
                                                     TEXT_PRINT(table->rules[twin].id))),
                      "say it in one rule");
  }
}

/* Is the result as much as was promised? */
static bool keeps(const struct care_promise *promise, struct proof_brief brief)
{
  return brief.level >= (promise->level == LEVEL_NONE ? BRIEF_EMERGENCY : promise->level);
}

static void check_promise(struct proof_check *check, size_t test)
{
  const struct level_of_care *table = check->proof.table;
  const struct proof_component *component = check->component;
  const struct proof_layer *others = proof_last(&check->others);
  const struct care_promise *promise = &table->promises[component->tests[test].index];
  const struct proof_signature *worst = NULL;
  size_t beside = 0, known = SIZE_MAX;
  bool is_true = false;
  for (size_t i = 0; i < component->signature_count; i++) {
    const struct proof_signature *signature = &component->signatures[i];
    if (signature->contradicts || signature->mask & ASK_GATE || !holds(signature, test)) continue;
    is_true = true;
    for (size_t j = 0; j < others->count; j++) {
      size_t now = signature->known + others->unions[j].known;
      if (now >= known ||
          keeps(promise, proof_brief_find(table, signature->mask | others->unions[j].mask)))
        continue;
      worst = signature;
      beside = j;
      known = now;
    }
  }
  if (!is_true)
    proof_report_text(check, promise->line,
                      text_format(check->out, "promise %.*s: no answers make its condition true",
                                  TEXT_PRINT(promise->id)),
                      "mend the condition, or take the promise out");
  if (!worst) return;
  struct facts facts;
  proof_facts_of(check, &check->others, beside, &facts);
  proof_combination_facts(&check->proof, component, worst->combination, &facts);
  struct text least =
      promise->level == LEVEL_NONE ? TEXT("an emergency") : table->levels[promise->level].number;
  proof_report_facts(
      check, promise->line, &facts,
      text_c(check->out, text_format(check->out, "promise %.*s (at least %.*s) does not hold",
                                     TEXT_PRINT(promise->id), TEXT_PRINT(least))),
      "let a rule ask for what is promised, or mend the promise");
}

/* Of a run in which unsigned rules wait, only promised emergencies are looked at. */
static void check_signed(struct proof_check *check, size_t test)
{
  const struct proof_test *one = &check->component->tests[test];
  if (one->kind == TEST_PROMISE && check->proof.table->promises[one->index].level == LEVEL_NONE)
    check_promise(check, test);
}

void proof_check_rules(struct proof_check *check)
{
  const struct level_of_care *table = check->proof.table;
  for (size_t i = 0; i < check->component->test_count; i++) {
    const struct proof_test *test = &check->component->tests[i];
    if (check->proof.only_signed) {
      check_signed(check, i);
    } else if (test->kind == TEST_PROMISE) {
      check_promise(check, i);
    } else if (test->kind == TEST_RULE) {
      size_t before = check->problems;
      check_reach(check, i);
      check_twins(check, i);
      bool asks =
          table->rules[test->index].kind == RULE_NEED && !table->programs[test->index].is_note;
      if (check->problems == before && asks && is_idle(check, i))
        proof_report_rule(check, test->index, true,
                          "never changes a result: other rules ask for as much wherever it acts",
                          "keep it for its reason, or take it out");
    }
  }
}

/* --- Missing answers
 * ------------------------------------------------------------------------------ */

/* One rule over its own facts, a cell of each. */
struct missing {
  const struct proof_check *check;
  const struct rule_program *program;
  size_t cell[FACTS_MAXIMUM]; /* by position among the rule's facts */
  double value[FACTS_MAXIMUM];
};

static void set_cell(struct missing *missing, size_t position, size_t cell)
{
  size_t fact = missing->program->facts[position];
  missing->cell[position] = cell;
  missing->value[fact] = missing->check->proof.cells[fact].shown[cell];
}

/* The next combination; false behind the last. */
static bool next(struct missing *missing)
{
  for (size_t i = 0; i < missing->program->fact_count; i++) {
    size_t cell = missing->cell[i] + 1;
    bool wraps = cell == missing->check->proof.cells[missing->program->facts[i]].count;
    set_cell(missing, i, wraps ? 0 : cell);
    if (!wraps) return true;
  }
  return false;
}

static enum truth truth_of(const struct missing *missing)
{
  const struct condition_input input = {.value = missing->value};
  return missing->check->engine->evaluate(&missing->program->condition, &input);
}

/* Does what is certain with one answer missing stay so whatever the answer is? */
static bool stays(struct missing *missing)
{
  enum truth before = truth_of(missing);
  if (before == TRUTH_UNKNOWN) return true;
  for (size_t i = 0; i < missing->program->fact_count; i++) {
    size_t cell = missing->cell[i];
    if (!isnan(missing->value[missing->program->facts[i]])) continue;
    bool same = true;
    for (size_t to = 0; to < cell; to++) {
      set_cell(missing, i, to);
      same = same && truth_of(missing) == before;
    }
    set_cell(missing, i, cell);
    if (!same) return false;
  }
  return true;
}

void proof_check_missing(struct proof_check *check)
{
  const struct level_of_care *table = check->proof.table;
  for (size_t rule = 0; rule < table->rule_count; rule++) {
    struct missing missing = {.check = check, .program = &table->programs[rule]};
    for (size_t i = 0; i < missing.program->fact_count; i++) set_cell(&missing, i, 0);
    bool fine = true;
    do fine = fine && stays(&missing);
    while (next(&missing));
    if (!fine)
      proof_report_rule(check, rule, false, "holds with an answer missing, and not with it",
                        "mend condition_find()");
  }
}

/* --- Rows of the aggregation
 * ----------------------------------------------------------------------- */

void proof_check_rows(struct proof_check *check)
{
  const struct level_of_care *table = check->proof.table;
  bool is_first[RULES_MAXIMUM] = {false};
  for (unsigned levels = 0; levels >> table->level_count == 0; levels++)
    for (unsigned overlays = 0; overlays < 16; overlays++) {
      const struct condition_input input = {.levels = levels, .overlays = overlays};
      size_t row = 0;
      while (row < table->aggregation_count &&
             condition_find(&table->aggregation[row].condition, &input) != TRUTH_TRUE)
        row++;
      if (row < table->aggregation_count) is_first[row] = true;
    }
  for (size_t row = 0; row < table->aggregation_count; row++)
    if (!is_first[row])
      proof_report_text(check, table->aggregation[row].line,
                        text_format(check->out, "step %.*s is never the first that holds",
                                    TEXT_PRINT(table->aggregation[row].step)),
                        "take it out, or move it above the steps that hide it");
}
