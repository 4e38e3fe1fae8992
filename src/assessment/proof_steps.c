/*
 * The proof's steps: change one fact, and compare what follows beside everything else that can be.
 *
 * Of a need, the care must be at least as much for the worse answer; of a wish, a payer, a place or
 * a protected class it must be the same; so of age, the gate aside.
 */
#include <string.h>

#include "assessment/proof_private.h"

struct proof_brief proof_brief_find(const struct level_of_care *table, uint64_t mask)
{
  struct care_outcome outcome;
  care_aggregate(table, mask, &outcome);
  bool is_emergency = outcome.setting == CARE_EMERGENCY;
  return (struct proof_brief){(uint8_t)(is_emergency ? BRIEF_EMERGENCY : outcome.level),
                              (uint8_t)outcome.overlays, outcome.medication_at_place};
}

bool proof_brief_equal(struct proof_brief a, struct proof_brief b)
{
  return a.level == b.level && a.overlays == b.overlays && a.medication == b.medication;
}

/* Is the care in `after` at least that in `before`? At the highest level overlays are not compared:
 * a hospital has what they stand for. That there is no level is told elsewhere. */
static bool is_at_least(const struct level_of_care *table, struct proof_brief before,
                        struct proof_brief after)
{
  if (before.level == LEVEL_NONE || after.level == LEVEL_NONE) return true;
  if (before.level != after.level) return before.level < after.level;
  return before.level + 1U >= table->level_count || (before.overlays & ~after.overlays) == 0;
}

/* A step within a component, from one mask to another (numbers of the list below). */
struct step {
  size_t before, after, position, combination, to;
  uint64_t size;
};
struct steps {
  struct proof_check *check;
  struct key_numbers masks; /* that occur, without the gate */
  struct key_numbers keys;
  struct step *list;
  size_t room;
};

static void add_step(struct steps *steps, struct step step)
{
  struct proof *proof = &steps->check->proof;
  size_t count = steps->keys.count;
  uint64_t key = (uint64_t)step.before << 40 | (uint64_t)step.after << 16 | step.position;
  size_t number = key_number(&steps->keys, key);
  if (number == count) {
    if (number == steps->room) {
      struct step *old = steps->list;
      steps->room = 2 * steps->room + 64;
      steps->list = arena_allocate_array(proof->scratch, steps->room, sizeof *old);
      if (old) memcpy(steps->list, old, number * sizeof *old);
    }
    steps->list[number] = step;
    return;
  }
  if (step.size < steps->list[number].size) steps->list[number] = step;
}

/* The size of a counter-example: contradicting answers come last, then the number of known facts
 * counts, then how far the step is. */
static uint64_t size_of(bool contradicts, size_t known, size_t distance)
{
  return (uint64_t)contradicts << 48 | (uint64_t)known << 24 | distance;
}

/* Every step of one fact from one combination. */
static void add_steps(struct steps *steps, size_t combination, size_t position)
{
  const struct proof *proof = &steps->check->proof;
  const struct proof_component *component = steps->check->component;
  const struct proof_cells *cells = &proof->cells[component->facts[position]];
  size_t stride = component->strides[position];
  size_t cell = proof_cell(proof, component, combination, position);
  uint32_t here = component->signature_of[combination];
  for (size_t to = 0; to < cells->count; to++) {
    if (to == cell || !cells->compares[cell * cells->count + to]) continue;
    uint32_t there = component->signature_of[combination - cell * stride + to * stride];
    if (here == there) continue;
    const struct proof_signature *a = &component->signatures[here];
    const struct proof_signature *b = &component->signatures[there];
    uint64_t before = a->mask & ~ASK_GATE, after = b->mask & ~ASK_GATE;
    if (before == after) continue;
    size_t known = 1;
    for (size_t i = 0; i < component->fact_count; i++)
      known += i != position && proof_cell(proof, component, combination, i) !=
                                    proof->cells[component->facts[i]].at_rest;
    add_step(steps, (struct step){key_number(&steps->masks, before),
                                  key_number(&steps->masks, after), position, combination, to,
                                  size_of(a->contradicts || b->contradicts, known,
                                          cells->distance[cell * cells->count + to])});
  }
}

/* The outcome of every mask beside every union of the other components: outcomes[mask * count +
 * union]. */
static struct proof_brief *find_outcomes(const struct proof_check *check,
                                         const struct key_numbers *masks)
{
  const struct proof_layer *others = proof_last(&check->others);
  struct proof_brief *outcomes =
      arena_allocate_array(check->proof.scratch, masks->count * others->count, sizeof *outcomes);
  for (size_t i = 0; i < masks->count; i++)
    for (size_t j = 0; j < others->count; j++)
      outcomes[i * others->count + j] =
          proof_brief_find(check->proof.table, masks->keys[i] | others->unions[j].mask);
  return outcomes;
}

/* A step that goes wrong, and the smallest company in which it does. */
struct wrong {
  size_t step, beside;
  uint64_t size;
};

static bool is_wrong(const struct proof_check *check, size_t fact, struct proof_brief before,
                     struct proof_brief after)
{
  const struct level_of_care *table = check->proof.table;
  if (table->facts[fact].role == FACT_NEED) return !is_at_least(table, before, after);
  return !proof_brief_equal(before, after);
}

static void report_step(struct proof_check *check, const struct step *step, size_t beside)
{
  const struct proof *proof = &check->proof;
  size_t fact = check->component->facts[step->position];
  const struct fact *one = &proof->table->facts[fact];
  const struct proof_cells *cells = &proof->cells[fact];
  size_t cell = proof_cell(proof, check->component, step->combination, step->position);
  struct facts a, b;
  proof_facts_of(check, &check->others, beside, &a);
  proof_combination_facts(proof, check->component, step->combination, &a);
  b = a;
  a.value[fact] = cells->from[cell * cells->count + step->to];
  b.value[fact] = cells->to[cell * cells->count + step->to];
  const char *name = text_c(check->out, one->name), *claim;
  if (one->role == FACT_NEED) {
    claim = text_c(check->out, text_format(check->out, "a worse %s lowers the care", name));
    proof_report_pair(
        check, fact, &a, &b, claim,
        "let the rules of the worse answer ask for at least as much, or mend the column "
        "worse");
    return;
  }
  claim = text_c(check->out, text_format(check->out, "%s moves the level, and may not", name));
  proof_report_pair(check, fact, &a, &b, claim,
                    "take the fact out of the rule, or let the rule note");
}

/* Compare both ends of every step beside everything else. Reports the smallest of each fact. */
void proof_check_steps(struct proof_check *check)
{
  const struct proof_component *component = check->component;
  const struct proof_layer *others = proof_last(&check->others);
  struct steps steps = {.check = check};
  struct wrong worst[FACTS_MAXIMUM];
  key_numbers_init(&steps.masks, check->proof.scratch);
  key_numbers_init(&steps.keys, check->proof.scratch);
  for (size_t n = 0; n < component->combinations; n++)
    for (size_t i = 0; i < component->fact_count; i++) add_steps(&steps, n, i);
  const struct proof_brief *outcomes = find_outcomes(check, &steps.masks);
  for (size_t i = 0; i < component->fact_count; i++) worst[i].size = UINT64_MAX;
  for (size_t i = 0; i < steps.keys.count; i++) {
    const struct step *step = &steps.list[i];
    struct wrong *best = &worst[step->position];
    check->totals->comparisons += others->count;
    for (size_t j = 0; j < others->count; j++) {
      if (!is_wrong(check, component->facts[step->position],
                    outcomes[step->before * others->count + j],
                    outcomes[step->after * others->count + j]))
        continue;
      uint64_t size = step->size + size_of(false, others->unions[j].known, 0);
      if (size < best->size) *best = (struct wrong){i, j, size};
    }
  }
  for (size_t i = 0; i < component->fact_count; i++)
    if (worst[i].size != UINT64_MAX)
      report_step(check, &steps.list[worst[i].step], worst[i].beside);
}
