/*
 * What would change the level: the shortest sets of one, two or three changed facts.
 *
 * A step is one changeable fact taken into another of its cells. Steps that change the level alone
 * are sets of one; of the others, which are quiet, pairs; of those of which no pair changes it,
 * threes: so no part of a set suffices.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/explain.h"

struct step {
  size_t fact, component;
  double value;
  int cost;          /* how far it goes, in cells or ranks */
  uint16_t standing; /* of the component, with this step alone */
};

struct changes {
  const struct explanation *explanation;
  struct step *steps; /* the quiet ones, once the sets of one are found */
  size_t count;
  bool *pairs; /* by two quiet steps: they change the level together */
  struct care_explanation *out;
  int costs[CARE_CHANGES];
};

/* --- Steps -------------------------------------------------------------------------------------
 */

static int cost_of(const struct level_of_care *table, size_t fact, size_t cell, double value,
                   double present)
{
  const struct fact *of = &table->facts[fact];
  const struct fact_cells *cells = &table->cells[fact];
  bool unknown = isnan(present);
  if (of->word_count)
    return abs(of->rank[(size_t)value] - (unknown ? 0 : of->rank[(size_t)present]));
  size_t best = of->worse == WORSE_LOWER ? cells->count - 1 : 0;
  size_t from = unknown ? best : fact_cell_find(cells, present);
  return abs((int)cell - (int)from);
}

static void add_steps(struct changes *changes, size_t fact)
{
  const struct explanation *explanation = changes->explanation;
  const struct level_of_care *table = explanation->table;
  const struct fact_cells *cells = &table->cells[fact];
  double present = explanation->assumed.value[fact];
  size_t now = isnan(present) ? cells->count : fact_cell_find(cells, present);
  for (size_t i = 0; i < cells->count; i++) {
    if (i == now) continue;
    struct facts values = explanation->assumed;
    struct step *step = &changes->steps[changes->count++];
    step->fact = fact;
    step->component = cells->component;
    step->value = fact_cell_nearest(&table->facts[fact], &cells->cells[i], present);
    step->cost = cost_of(table, fact, i, step->value, present);
    values.value[fact] = step->value;
    step->standing =
        explanation_standing(explanation, &table->components[cells->component], &values);
  }
}

static void list_steps(struct changes *changes)
{
  const struct level_of_care *table = changes->explanation->table;
  size_t room = 1;
  for (size_t i = 0; i < table->fact_count; i++) room += table->cells[i].count;
  changes->steps = memory_allocate_zero(room, sizeof *changes->steps);
  for (size_t i = 0; i < table->fact_count; i++)
    if (table->facts[i].changeable && table->cells[i].component != COMPONENT_NONE)
      add_steps(changes, i);
}

/* --- Sets ----------------------------------------------------------------------------------------
 */

struct set {
  const struct step *steps[CARE_CHANGE_FACTS];
  size_t count;
};

/* The standing of one component after those steps of the set that lie in it. */
static uint16_t component_after(const struct changes *changes, const struct set *set,
                                size_t component)
{
  const struct explanation *explanation = changes->explanation;
  struct facts values;
  size_t inside = 0;
  const struct step *only = NULL;
  for (size_t i = 0; i < set->count; i++)
    if (set->steps[i]->component == component) {
      only = set->steps[i];
      inside++;
    }
  if (inside == 0) return explanation->now[component];
  if (inside == 1) return only->standing;
  values = explanation->assumed;
  for (size_t i = 0; i < set->count; i++)
    if (set->steps[i]->component == component)
      values.value[set->steps[i]->fact] = set->steps[i]->value;
  return explanation_standing(explanation, &explanation->table->components[component], &values);
}

static const struct care_outcome *outcome_after(const struct changes *changes,
                                                const struct set *set)
{
  const struct level_of_care *table = changes->explanation->table;
  size_t standing = standing_find(table, 0);
  for (size_t i = 0; i < table->component_count; i++)
    standing = standing_join(&table->standings, standing, component_after(changes, set, i));
  return &table->standings.outcome[standing];
}

/* Do the facts contradict each other after the set? */
static bool is_contradiction(const struct changes *changes, const struct set *set)
{
  struct facts values = *changes->explanation->facts;
  for (size_t i = 0; i < set->count; i++) values.value[set->steps[i]->fact] = set->steps[i]->value;
  return !facts_check(changes->explanation->table, &values, NULL);
}

/* --- The best sets -----------------------------------------------------------------------------
 */

/* Does (a, its cost) come before (b, its cost)? Lower levels first, then fewer facts, then the
 * smaller change, then the facts' order in the table. */
static bool is_before(const struct care_change *a, int cost_a, const struct care_change *b,
                      int cost_b, size_t present)
{
  bool lower_a = a->level < present, lower_b = b->level < present;
  if (lower_a != lower_b) return lower_a;
  if (a->count != b->count) return a->count < b->count;
  if (cost_a != cost_b) return cost_a < cost_b;
  return memcmp(a->fact, b->fact, a->count * sizeof *a->fact) < 0;
}

static bool has_same_facts(const struct care_change *a, const struct care_change *b)
{
  return a->count == b->count && memcmp(a->fact, b->fact, a->count * sizeof *a->fact) == 0;
}

static void remove_at(struct changes *changes, size_t at)
{
  struct care_explanation *out = changes->out;
  out->change_count--;
  for (size_t i = at; i < out->change_count; i++) {
    out->changes[i] = out->changes[i + 1];
    changes->costs[i] = changes->costs[i + 1];
  }
}

static void insert(struct changes *changes, const struct care_change *change, int cost)
{
  struct care_explanation *out = changes->out;
  size_t present = changes->explanation->outcome.level, at = 0;
  for (size_t i = 0; i < out->change_count; i++) {
    if (!has_same_facts(&out->changes[i], change)) continue;
    if (!is_before(change, cost, &out->changes[i], changes->costs[i], present)) return;
    remove_at(changes, i);
  }
  while (at < out->change_count &&
         !is_before(change, cost, &out->changes[at], changes->costs[at], present))
    at++;
  if (at == CARE_CHANGES) return;
  if (out->change_count == CARE_CHANGES) out->change_count--;
  for (size_t i = out->change_count; i > at; i--) {
    out->changes[i] = out->changes[i - 1];
    changes->costs[i] = changes->costs[i - 1];
  }
  out->changes[at] = *change;
  changes->costs[at] = cost;
  out->change_count++;
}

/* Try a set; answers whether it changes the level. Keeps it unless it leads to an emergency, or to
 * facts that exclude each other. */
static bool try_set(struct changes *changes, const struct set *set)
{
  const struct care_outcome *outcome = outcome_after(changes, set);
  struct care_change change = {
      .count = set->count, .level = outcome->level, .overlays = outcome->overlays};
  int cost = 0;
  if (outcome->level == changes->explanation->outcome.level) return false;
  if (outcome->level == LEVEL_NONE || is_contradiction(changes, set)) return true;
  for (size_t i = 0; i < set->count; i++) {
    change.fact[i] = set->steps[i]->fact;
    change.value[i] = set->steps[i]->value;
    cost += set->steps[i]->cost;
  }
  insert(changes, &change, cost);
  return true;
}

/* Keep the steps that change nothing alone. */
static void try_ones(struct changes *changes)
{
  size_t quiet = 0;
  for (size_t i = 0; i < changes->count; i++) {
    struct set set = {{&changes->steps[i]}, 1};
    if (!try_set(changes, &set)) changes->steps[quiet++] = changes->steps[i];
  }
  changes->count = quiet;
}

static bool is_pair(const struct changes *changes, size_t a, size_t b)
{
  return changes->pairs[a * changes->count + b];
}

static void try_pairs(struct changes *changes)
{
  for (size_t a = 0; a < changes->count; a++)
    for (size_t b = a + 1; b < changes->count; b++) {
      struct set set = {{&changes->steps[a], &changes->steps[b]}, 2};
      if (changes->steps[a].fact != changes->steps[b].fact)
        changes->pairs[a * changes->count + b] = try_set(changes, &set);
    }
}

/* A step that moves nothing in its component, and stands there alone, adds nothing to a set. */
static bool is_idle(const struct changes *changes, const struct set *set)
{
  for (size_t i = 0; i < set->count; i++) {
    const struct step *step = set->steps[i];
    size_t inside = 0;
    for (size_t j = 0; j < set->count; j++) inside += set->steps[j]->component == step->component;
    if (inside == 1 && step->standing == changes->explanation->now[step->component]) return true;
  }
  return false;
}

static void try_threes(struct changes *changes)
{
  const struct step *steps = changes->steps;
  for (size_t a = 0; a < changes->count; a++)
    for (size_t b = a + 1; b < changes->count; b++) {
      if (steps[a].fact == steps[b].fact || is_pair(changes, a, b)) continue;
      for (size_t c = b + 1; c < changes->count; c++) {
        struct set set = {{&steps[a], &steps[b], &steps[c]}, 3};
        if (steps[b].fact == steps[c].fact || is_pair(changes, a, c) || is_pair(changes, b, c) ||
            is_idle(changes, &set))
          continue;
        try_set(changes, &set);
      }
    }
}

void explanation_find_changes(const struct explanation *explanation, struct care_explanation *out)
{
  struct changes changes = {.explanation = explanation, .out = out};
  if (explanation->outcome.level == LEVEL_NONE) return;
  list_steps(&changes);
  try_ones(&changes);
  changes.pairs = memory_allocate_zero(changes.count, changes.count * sizeof *changes.pairs);
  try_pairs(&changes);
  try_threes(&changes);
  free(changes.pairs);
  free(changes.steps);
}
