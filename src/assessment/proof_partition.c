/*
 * The proof's partition: cells of facts, components of cells, and what holds in each combination.
 *
 * It reads nothing but facts and compiled conditions. Numbers are cut at every number that a
 * condition compares with, at both ends of their range and of what is usual; the points themselves
 * and the gaps between them are looked at one by one. Values that no condition tells apart then
 * become one cell. "Not known" is a cell of its own, unless the table assumes a value.
 */
#include <math.h>
#include <string.h>

#include "assessment/proof_private.h"

/* --- Numbers for keys ------------------------------------------------------------------------ */

void key_numbers_init(struct key_numbers *numbers, struct arena *arena)
{
  *numbers = (struct key_numbers){.arena = arena, .capacity = 64};
  numbers->keys = arena_allocate_array(arena, numbers->capacity, sizeof *numbers->keys);
  numbers->slots = arena_allocate_array(arena, numbers->capacity, sizeof *numbers->slots);
}

static size_t slot_find(const struct key_numbers *numbers, uint64_t key)
{
  uint64_t hash = key * UINT64_C(0x9E3779B97F4A7C15);
  size_t slot = (size_t)(hash ^ hash >> 32) & (numbers->capacity - 1);
  while (numbers->slots[slot] && numbers->keys[numbers->slots[slot] - 1] != key)
    slot = (slot + 1) & (numbers->capacity - 1);
  return slot;
}

static void grow(struct key_numbers *numbers)
{
  uint64_t *keys = numbers->keys;
  numbers->capacity *= 2;
  numbers->keys = arena_allocate_array(numbers->arena, numbers->capacity, sizeof *keys);
  numbers->slots = arena_allocate_array(numbers->arena, numbers->capacity, sizeof *numbers->slots);
  memcpy(numbers->keys, keys, numbers->count * sizeof *keys);
  for (size_t i = 0; i < numbers->count; i++)
    numbers->slots[slot_find(numbers, keys[i])] = (uint32_t)(i + 1);
}

size_t key_number(struct key_numbers *numbers, uint64_t key)
{
  size_t slot = slot_find(numbers, key);
  if (numbers->slots[slot]) return numbers->slots[slot] - 1;
  if (2 * (numbers->count + 1) > numbers->capacity) {
    grow(numbers);
    slot = slot_find(numbers, key);
  }
  numbers->keys[numbers->count] = key;
  numbers->slots[slot] = (uint32_t)++numbers->count;
  return numbers->count - 1;
}

/* --- Every condition ------------------------------------------------------------------------- */

/* Call back for each condition that decides anything: rules, contradictions, promises. */
static void each_test(const struct level_of_care *table,
                      void (*each)(void *context, struct proof_test test), void *context)
{
  for (size_t i = 0; i < table->rule_count; i++)
    each(context, (struct proof_test){TEST_RULE, i, &table->programs[i].condition});
  for (size_t i = 0; i < table->contradiction_count; i++)
    each(context, (struct proof_test){TEST_CONTRADICTION, i, &table->contradictions[i].condition});
  for (size_t i = 0; i < table->promise_count; i++)
    each(context, (struct proof_test){TEST_PROMISE, i, &table->promises[i].condition});
}

/* --- Cells ------------------------------------------------------------------------------------ */

enum { ROOM = 8 }; /* for a start (count) */

struct cutting {
  const struct level_of_care *table;
  size_t fact;
  struct arena *arena;
  double *points; /* where a number is cut, sorted */
  size_t point_count, point_room;
  struct condition_step *atoms; /* comparisons that name the fact */
  size_t atom_count, atom_room;
};

static void add_point(struct cutting *cutting, double point)
{
  const struct fact *fact = &cutting->table->facts[cutting->fact];
  size_t at = 0;
  if (point < fact->minimum || point > fact->maximum) return;
  while (at < cutting->point_count && cutting->points[at] < point) at++;
  if (at < cutting->point_count && cutting->points[at] == point) return;
  if (cutting->point_count == cutting->point_room) {
    double *points = cutting->points;
    cutting->point_room *= 2;
    cutting->points = arena_allocate_array(cutting->arena, cutting->point_room, sizeof *points);
    memcpy(cutting->points, points, cutting->point_count * sizeof *points);
  }
  memmove(&cutting->points[at + 1], &cutting->points[at],
          (cutting->point_count - at) * sizeof *cutting->points);
  cutting->points[at] = point;
  cutting->point_count++;
}

static void add_atom(struct cutting *cutting, struct condition_step atom)
{
  if (cutting->atom_count == cutting->atom_room) {
    struct condition_step *atoms = cutting->atoms;
    cutting->atom_room *= 2;
    cutting->atoms = arena_allocate_array(cutting->arena, cutting->atom_room, sizeof *atoms);
    memcpy(cutting->atoms, atoms, cutting->atom_count * sizeof *atoms);
  }
  cutting->atoms[cutting->atom_count++] = atom;
}

static void collect_atoms(void *context, struct proof_test test)
{
  struct cutting *cutting = context;
  for (size_t i = 0; i < test.condition->count; i++) {
    struct condition_step step = test.condition->steps[i];
    if (!condition_step_has_fact(step) || step.operand != cutting->fact) continue;
    add_atom(cutting, step);
    if (step.operation >= CONDITION_AT_LEAST) add_point(cutting, step.number);
  }
}

/* Do all comparisons say the same of both values? */
static bool is_same_cell(const struct cutting *cutting, double a, double b)
{
  double values[FACTS_MAXIMUM] = {0};
  const struct condition_input input = {.value = values};
  for (size_t i = 0; i < cutting->atom_count; i++) {
    const struct condition atom = {&cutting->atoms[i], 1};
    values[cutting->fact] = a;
    enum truth first = condition_find(&atom, &input);
    values[cutting->fact] = b;
    if (first != condition_find(&atom, &input)) return false;
  }
  return true;
}

/* Every point, and of each gap between two the values beside its ends. */
static size_t list_numbers(struct cutting *cutting, double **out)
{
  const struct fact *fact = &cutting->table->facts[cutting->fact];
  add_point(cutting, fact->minimum);
  add_point(cutting, fact->maximum);
  if (fact->worse == WORSE_OUTSIDE) {
    add_point(cutting, fact->usual_from);
    add_point(cutting, fact->usual_to);
  }
  double *values = arena_allocate_array(cutting->arena, 3 * cutting->point_count, sizeof *values);
  size_t count = 0;
  for (size_t i = 0; i + 1 < cutting->point_count; i++) {
    double point = cutting->points[i], next = cutting->points[i + 1];
    values[count++] = point;
    if (point + 1 < next) values[count++] = point + 1;
    if (point + 1 < next - 1) values[count++] = next - 1;
    if (point + 1 < next) continue;
    if (fact->kind == FACT_NUMBER) values[count++] = (point + next) / 2;
  }
  values[count++] = cutting->points[cutting->point_count - 1];
  *out = values;
  return count;
}

static size_t list_values(struct cutting *cutting, double **out)
{
  const struct fact *fact = &cutting->table->facts[cutting->fact];
  if (fact->kind == FACT_INTEGER || fact->kind == FACT_NUMBER) return list_numbers(cutting, out);
  size_t count = fact->kind == FACT_YES_NO ? 2 : fact->word_count;
  *out = arena_allocate_array(cutting->arena, count, sizeof **out);
  for (size_t i = 0; i < count; i++) (*out)[i] = (double)i;
  return count;
}

/* Is b at least as bad as a? */
static bool is_worse(const struct fact *fact, double a, double b)
{
  if (fact->kind == FACT_YES_NO || fact->kind == FACT_WORD)
    return fact->rank[(size_t)a] <= fact->rank[(size_t)b];
  if (fact->worse == WORSE_HIGHER) return a <= b;
  if (fact->worse == WORSE_LOWER) return a >= b;
  if (a >= fact->usual_from && a <= fact->usual_to) return true;
  return a < fact->usual_from ? b <= a : b >= a;
}

/* What may never move the level is compared both ways, with "not known" too. */
static bool is_comparable(const struct fact *fact, double a, double b)
{
  if (fact->role != FACT_NEED) return true;
  return !isnan(a) && !isnan(b) && is_worse(fact, a, b);
}

/* Note of two cells the values nearest to each other, of which the second is at least as bad.
 * "Not known" is farther from everything than any value. */
static void compare_cells(const struct fact *fact, struct proof_cells *cells, const double *values,
                          const size_t *cell_of, size_t value_count)
{
  for (size_t i = 0; i < value_count; i++)
    for (size_t j = 0; j < value_count; j++) {
      size_t pair = cell_of[i] * cells->count + cell_of[j];
      size_t distance = i < j ? j - i : i - j;
      if (isnan(values[i]) || isnan(values[j])) distance = value_count;
      if (!is_comparable(fact, values[i], values[j]) ||
          (cells->compares[pair] && cells->distance[pair] <= distance))
        continue;
      cells->compares[pair] = true;
      cells->from[pair] = values[i];
      cells->to[pair] = values[j];
      cells->distance[pair] = (uint16_t)distance;
    }
}

void proof_cells_find(const struct level_of_care *table, size_t fact, struct arena *arena,
                      struct proof_cells *out)
{
  struct cutting cutting = {
      .table = table, .fact = fact, .arena = arena, .point_room = ROOM, .atom_room = ROOM};
  cutting.points = arena_allocate_array(arena, ROOM, sizeof *cutting.points);
  cutting.atoms = arena_allocate_array(arena, ROOM, sizeof *cutting.atoms);
  double *values;
  each_test(table, collect_atoms, &cutting);
  size_t count = list_values(&cutting, &values);
  double assumed = table->facts[fact].assumed;
  size_t *cell_of = arena_allocate_array(arena, count + 1, sizeof *cell_of);
  *out = (struct proof_cells){.shown = arena_allocate_array(arena, count + 1, sizeof(double))};
  for (size_t i = 0; i < count; i++) {
    size_t cell = 0;
    while (cell < out->count && !is_same_cell(&cutting, out->shown[cell], values[i])) cell++;
    if (cell == out->count) out->shown[out->count++] = values[i];
    cell_of[i] = cell;
    if (values[i] == assumed) out->at_rest = cell;
  }
  if (isnan(assumed)) {
    double *more = arena_allocate_array(arena, count + 1, sizeof *more);
    memcpy(more, values, count * sizeof *more);
    values = more;
    values[count] = NAN;
    cell_of[count++] = out->at_rest = out->count;
    out->shown[out->count++] = NAN;
  }
  out->compares = arena_allocate_array(arena, out->count * out->count, sizeof *out->compares);
  out->from = arena_allocate_array(arena, out->count * out->count, sizeof *out->from);
  out->to = arena_allocate_array(arena, out->count * out->count, sizeof *out->to);
  out->distance = arena_allocate_array(arena, out->count * out->count, sizeof *out->distance);
  compare_cells(&table->facts[fact], out, values, cell_of, count);
}

/* --- Components --------------------------------------------------------------------------------
 */

/* Each fact's representative in a forest; a fact that no condition names has none. */
struct forest {
  struct proof *proof;
  size_t parent[FACTS_MAXIMUM];
};

static size_t root_find(const struct forest *forest, size_t fact)
{
  while (forest->parent[fact] != fact) fact = forest->parent[fact];
  return fact;
}

/* The first fact of a condition: postfix begins with one. */
static size_t first_fact(const struct condition *condition)
{
  return condition->steps[0].operand;
}

static void join(struct forest *forest, size_t a, size_t b)
{
  if (forest->parent[b] == FACTS_MAXIMUM) forest->parent[b] = b;
  forest->parent[root_find(forest, b)] = root_find(forest, a);
}

static void join_facts(void *context, struct proof_test test)
{
  struct forest *forest = context;
  size_t first = first_fact(test.condition);
  if (forest->parent[first] == FACTS_MAXIMUM) forest->parent[first] = first;
  for (size_t i = 0; i < test.condition->count; i++)
    if (condition_step_has_fact(test.condition->steps[i]))
      join(forest, first, test.condition->steps[i].operand);
}

static bool suspends(const struct level_of_care *table, size_t rule, size_t other)
{
  return table->programs[rule].suspends[other / 64] >> (other % 64) & 1;
}

/* A rule that suspends another hangs together with it. */
static void join_suspensions(struct forest *forest)
{
  const struct level_of_care *table = forest->proof->table;
  for (size_t i = 0; i < table->rule_count; i++)
    for (size_t j = 0; j < table->rule_count; j++) {
      if (suspends(table, i, j))
        join(forest, first_fact(&table->programs[i].condition),
             first_fact(&table->programs[j].condition));
    }
}

static void place_test(void *context, struct proof_test test)
{
  struct forest *forest = context;
  struct proof_component *component = forest->proof->components;
  size_t root = root_find(forest, first_fact(test.condition));
  while (root_find(forest, component->facts[0]) != root) component++;
  /* One test past the most marks the component as too large. */
  if (component->test_count < PROOF_TESTS) component->tests[component->test_count] = test;
  component->test_count++;
}

/* Gather the facts of each tree into a component, and give every test to its own. */
static void gather(struct forest *forest)
{
  struct proof *proof = forest->proof;
  const struct level_of_care *table = proof->table;
  proof->components =
      arena_allocate_array(proof->arena, table->fact_count, sizeof *proof->components);
  for (size_t fact = 0; fact < table->fact_count; fact++) {
    if (forest->parent[fact] == FACTS_MAXIMUM) continue;
    size_t i = 0;
    while (i < proof->component_count &&
           root_find(forest, proof->components[i].facts[0]) != root_find(forest, fact))
      i++;
    struct proof_component *component = &proof->components[i];
    if (i == proof->component_count) {
      component->combinations = 1;
      proof->component_count++;
    }
    component->strides[component->fact_count] = component->combinations;
    component->facts[component->fact_count++] = fact;
    size_t cells = proof->cells[fact].count;
    /* Past the most it stays there. */
    component->combinations = component->combinations > PROOF_COMBINATIONS / cells
                                  ? PROOF_COMBINATIONS + 1
                                  : component->combinations * cells;
  }
  each_test(table, place_test, forest);
}

/* --- Signatures ---------------------------------------------------------------------------------
 */

bool proof_rule_acts(const struct proof *proof, size_t rule)
{
  return !proof->only_signed || proof->table->programs[rule].is_signed ||
         proof->table->rules[rule].kind != RULE_NEED;
}

/* Is the test a rule that is true, and that acts? */
static bool is_acting(const struct proof *proof, const struct proof_component *component,
                      uint64_t holds, size_t test)
{
  return component->tests[test].kind == TEST_RULE && holds >> test & 1 &&
         proof_rule_acts(proof, component->tests[test].index);
}

bool proof_is_suspended(const struct proof *proof, const struct proof_component *component,
                        uint64_t holds, size_t test)
{
  for (size_t i = 0; i < component->test_count; i++)
    if (is_acting(proof, component, holds, i) &&
        suspends(proof->table, component->tests[i].index, component->tests[test].index))
      return true;
  return false;
}

uint64_t proof_mask(const struct proof *proof, const struct proof_component *component,
                    uint64_t holds)
{
  uint64_t mask = 0;
  for (size_t i = 0; i < component->test_count; i++)
    if (is_acting(proof, component, holds, i) && !proof_is_suspended(proof, component, holds, i))
      mask |= proof->table->programs[component->tests[i].index].contribution;
  return mask;
}

size_t proof_cell(const struct proof *proof, const struct proof_component *component,
                  size_t combination, size_t position)
{
  return combination / component->strides[position] %
         proof->cells[component->facts[position]].count;
}

/* Evaluate one combination's tests. */
static uint64_t find_holds(const struct proof_component *component, const double *value)
{
  const struct condition_input input = {.value = value};
  uint64_t holds = 0;
  for (size_t i = 0; i < component->test_count; i++)
    if (condition_find(component->tests[i].condition, &input) == TRUTH_TRUE)
      holds |= UINT64_C(1) << i;
  return holds;
}

static bool find_contradicts(const struct proof_component *component, uint64_t holds)
{
  for (size_t i = 0; i < component->test_count; i++)
    if (component->tests[i].kind == TEST_CONTRADICTION && holds >> i & 1) return true;
  return false;
}

/* Write down what each combination's tests say. */
static void find_signatures(struct proof *proof, struct proof_component *component)
{
  struct key_numbers numbers;
  double value[FACTS_MAXIMUM];
  size_t room = 0;
  key_numbers_init(&numbers, proof->arena);
  component->signature_of =
      arena_allocate_array(proof->arena, component->combinations, sizeof(uint32_t));
  for (size_t n = 0; n < component->combinations; n++) {
    size_t known = 0;
    for (size_t i = 0; i < component->fact_count; i++) {
      const struct proof_cells *cells = &proof->cells[component->facts[i]];
      size_t cell = proof_cell(proof, component, n, i);
      value[component->facts[i]] = cells->shown[cell];
      known += cell != cells->at_rest;
    }
    uint64_t holds = find_holds(component, value);
    size_t number = key_number(&numbers, holds);
    component->signature_of[n] = (uint32_t)number;
    if (number == component->signature_count) {
      if (number == room) {
        struct proof_signature *old = component->signatures;
        room = 2 * room + 64;
        component->signatures = arena_allocate_array(proof->arena, room, sizeof *old);
        if (old) memcpy(component->signatures, old, number * sizeof *old);
      }
      component->signatures[component->signature_count++] = (struct proof_signature){
          holds, proof_mask(proof, component, holds), known, n, find_contradicts(component, holds)};
    }
    struct proof_signature *signature = &component->signatures[number];
    if (known < signature->known) {
      signature->known = known;
      signature->combination = n;
    }
  }
}

size_t proof_partition(struct proof *proof)
{
  const struct level_of_care *table = proof->table;
  struct forest forest = {.proof = proof};
  for (size_t fact = 0; fact < table->fact_count; fact++) {
    forest.parent[fact] = FACTS_MAXIMUM;
    proof_cells_find(table, fact, proof->arena, &proof->cells[fact]);
  }
  each_test(table, join_facts, &forest);
  join_suspensions(&forest);
  gather(&forest);
  for (size_t i = 0; i < proof->component_count; i++)
    if (proof->components[i].test_count > PROOF_TESTS ||
        proof->components[i].combinations > PROOF_COMBINATIONS)
      return i;
  for (size_t i = 0; i < proof->component_count; i++) find_signatures(proof, &proof->components[i]);
  return proof->component_count;
}
