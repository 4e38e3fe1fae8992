/*
 * What the components of the proof can do together: the unions of their contributions, built
 * component by component, each with the fewest known facts that give it, so that a counter-example
 * is a smallest one.
 */
#include <string.h>

#include "assessment/proof_private.h"

/* The contributions of one component, each by the signature with the fewest known facts. */
struct choices {
  uint32_t *signatures;
  size_t count;
};

static struct choices choices_find(const struct proof *proof,
                                   const struct proof_component *component, bool quiet)
{
  struct choices choices = {0};
  struct key_numbers numbers;
  key_numbers_init(&numbers, proof->scratch);
  choices.signatures = arena_allocate_array(proof->scratch, component->signature_count + 1,
                                            sizeof *choices.signatures);
  for (size_t i = 0; i < component->signature_count; i++) {
    const struct proof_signature *signature = &component->signatures[i];
    if (signature->contradicts || (quiet && signature->mask & (ASK_STOP | ASK_GATE))) continue;
    size_t number = key_number(&numbers, signature->mask);
    if (number == choices.count) choices.signatures[choices.count++] = (uint32_t)i;
    else if (signature->known < component->signatures[choices.signatures[number]].known)
      choices.signatures[number] = (uint32_t)i;
  }
  return choices;
}

struct growing {
  struct arena *arena;
  struct key_numbers numbers;
  struct proof_union *unions;
  size_t room;
};

static void add_union(struct growing *growing, struct proof_union union_)
{
  size_t count = growing->numbers.count;
  size_t number = key_number(&growing->numbers, union_.mask);
  if (number < count) {
    if (union_.known < growing->unions[number].known) growing->unions[number] = union_;
    return;
  }
  if (number == growing->room) {
    struct proof_union *old = growing->unions;
    growing->room = 2 * growing->room + 64;
    growing->unions = arena_allocate_array(growing->arena, growing->room, sizeof *old);
    if (old) memcpy(growing->unions, old, number * sizeof *old);
  }
  growing->unions[number] = union_;
}

/* The layer behind `before`, with one more component. */
static struct proof_layer layer_join(const struct proof *proof, const struct proof_layer *before,
                                     size_t index, bool quiet)
{
  const struct proof_component *component = &proof->components[index];
  struct choices choices = choices_find(proof, component, quiet);
  struct growing growing = {.arena = proof->scratch};
  key_numbers_init(&growing.numbers, proof->scratch);
  for (size_t i = 0; i < before->count; i++)
    for (size_t j = 0; j < choices.count; j++) {
      const struct proof_signature *signature = &component->signatures[choices.signatures[j]];
      add_union(&growing, (struct proof_union){before->unions[i].mask | signature->mask,
                                               before->unions[i].known + signature->known,
                                               (uint32_t)i, choices.signatures[j]});
    }
  return (struct proof_layer){index, growing.unions, growing.numbers.count};
}

void proof_join(const struct proof *proof, size_t without, bool quiet, struct proof_unions *out)
{
  *out = (struct proof_unions){0};
  out->layers =
      arena_allocate_array(proof->scratch, proof->component_count + 1, sizeof *out->layers);
  out->layers[0] = (struct proof_layer){
      .unions = arena_allocate(proof->scratch, sizeof(struct proof_union)), .count = 1};
  out->layer_count = 1;
  for (size_t i = 0; i < proof->component_count; i++) {
    if (i == without) continue;
    out->layers[out->layer_count] = layer_join(proof, proof_last(out), i, quiet);
    out->layer_count++;
  }
}

void proof_combination_facts(const struct proof *proof, const struct proof_component *component,
                             size_t combination, struct facts *facts)
{
  for (size_t i = 0; i < component->fact_count; i++) {
    size_t fact = component->facts[i];
    const struct proof_cells *cells = &proof->cells[fact];
    size_t cell = proof_cell(proof, component, combination, i);
    if (cell != cells->at_rest) facts->value[fact] = cells->shown[cell];
  }
}

void proof_union_facts(const struct proof *proof, const struct proof_unions *unions, size_t index,
                       struct facts *facts)
{
  for (size_t i = unions->layer_count - 1; i > 0; i--) {
    const struct proof_layer *layer = &unions->layers[i];
    const struct proof_union *union_ = &layer->unions[index];
    const struct proof_component *component = &proof->components[layer->component];
    proof_combination_facts(proof, component, component->signatures[union_->signature].combination,
                            facts);
    index = union_->before;
  }
}

void proof_facts_of(const struct proof_check *check, const struct proof_unions *unions,
                    size_t index, struct facts *facts)
{
  facts_init(facts);
  proof_union_facts(&check->proof, unions, index, facts);
}
