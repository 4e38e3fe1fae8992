/*
 * Cells and components: the partition of the inputs that the rules induce, and every component's
 * masks, written down when the table is loaded. See level_of_care_private.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/level_of_care_file.h"

/* --- Which conditions cut ----------------------------------------------------------------------
 */

/* Call back for every step of a rule that acts and of every contradiction. */
static void each_step(const struct level_of_care *table, size_t fact,
                      void (*each)(void *context, struct condition_step step), void *context)
{
  size_t count = table->rule_count + table->contradiction_count;
  for (size_t i = 0; i < count; i++) {
    bool is_rule = i < table->rule_count;
    if (is_rule && table->programs[i].is_note) continue;
    const struct condition *condition =
        is_rule ? &table->programs[i].condition
                : &table->contradictions[i - table->rule_count].condition;
    for (size_t j = 0; j < condition->count; j++)
      if (condition_step_has_fact(condition->steps[j]) && condition->steps[j].operand == fact)
        each(context, condition->steps[j]);
  }
}

/* --- Numbers ------------------------------------------------------------------------------------
 */

/* A place between two cells: before the value, or behind it. */
struct cut {
  double value;
  bool behind;
};
struct cuts {
  const struct fact *fact;
  struct cut cut[FACT_CELLS]; /* one more than fits, so that too many are seen */
  size_t count;
};

static int cut_compare(const void *a, const void *b)
{
  const struct cut *left = a, *right = b;
  if (left->value != right->value) return left->value < right->value ? -1 : 1;
  return (int)left->behind - (int)right->behind;
}

static void add_cut(struct cuts *cuts, double value, bool behind)
{
  struct cut cut = {value, behind};
  if (behind && cuts->fact->kind == FACT_INTEGER) cut = (struct cut){value + 1, false};
  bool outside = cut.behind ? cut.value >= cuts->fact->maximum
                            : cut.value <= cuts->fact->minimum || cut.value > cuts->fact->maximum;
  for (size_t i = 0; i < cuts->count; i++) outside |= cut_compare(&cuts->cut[i], &cut) == 0;
  if (!outside && cuts->count < FACT_CELLS) cuts->cut[cuts->count++] = cut;
}

static void cut_at(void *context, struct condition_step step)
{
  bool before = step.operation == CONDITION_AT_LEAST || step.operation == CONDITION_BELOW;
  bool equal = step.operation == CONDITION_EQUAL;
  if (before || equal) add_cut(context, step.number, false);
  if (!before) add_cut(context, step.number, true);
}

/* The whole numbers of a cell; false when it has none. */
static bool whole_numbers(const struct fact_cell *cell, double *low, double *high)
{
  *low = cell->low_open ? floor(cell->low) + 1 : ceil(cell->low);
  *high = cell->high_open ? ceil(cell->high) - 1 : floor(cell->high);
  return *low <= *high;
}

static double sample_number(const struct fact_cell *cell)
{
  double low, high;
  if (whole_numbers(cell, &low, &high)) return low;
  return cell->low + (cell->high - cell->low) / 2;
}

static void cut_number(struct care_loader *loader, size_t index)
{
  struct level_of_care *table = loader->table;
  const struct fact *fact = &table->facts[index];
  struct cuts cuts = {.fact = fact};
  struct fact_cells *cells = &table->cells[index];
  bool whole = fact->kind == FACT_INTEGER;
  each_step(table, index, cut_at, &cuts);
  if (cuts.count && fact->worse == WORSE_OUTSIDE) {
    add_cut(&cuts, fact->usual_from, false);
    add_cut(&cuts, fact->usual_to, true);
  }
  if (cuts.count == FACT_CELLS) {
    care_report(loader, loader->documents[0].name, table->fact_lines[index],
                "compare it with fewer numbers", "the rules cut %.*s into more than %d parts",
                TEXT_PRINT(fact->name), FACT_CELLS);
    cuts.count = 0;
  }
  qsort(cuts.cut, cuts.count, sizeof *cuts.cut, cut_compare);
  cells->count = cuts.count + 1;
  cells->cells = arena_allocate_array(table->arena, cells->count, sizeof *cells->cells);
  for (size_t i = 0; i < cells->count; i++) {
    struct fact_cell *cell = &cells->cells[i];
    cell->low = i ? cuts.cut[i - 1].value : fact->minimum;
    cell->low_open = i && cuts.cut[i - 1].behind;
    cell->high = i < cuts.count ? cuts.cut[i].value - whole : fact->maximum;
    cell->high_open = i < cuts.count && !cuts.cut[i].behind && !whole;
    cell->sample = sample_number(cell);
  }
}

/* --- Words ---------------------------------------------------------------------------------------
 */

static void name_word(void *context, struct condition_step step)
{
  uint32_t *named = context;
  *named |= step.operation == CONDITION_YES ? 2U : 1U << (unsigned)step.number;
}

/* Each word that a condition names has a cell of its own, and the others share one. */
static void cut_words(struct level_of_care *table, size_t index)
{
  const struct fact *fact = &table->facts[index];
  struct fact_cells *cells = &table->cells[index];
  uint32_t named = 0, all = (1U << fact->word_count) - 1, done = 0;
  each_step(table, index, name_word, &named);
  cells->cells = arena_allocate_array(table->arena, fact->word_count, sizeof *cells->cells);
  for (uint32_t i = 0; i < fact->word_count; i++) {
    if (done >> i & 1) continue;
    uint32_t words = named >> i & 1 ? 1U << i : all & ~named;
    cells->cells[cells->count++] = (struct fact_cell){.words = words, .sample = i};
    done |= words;
  }
}

size_t fact_cell_find(const struct fact_cells *cells, double value)
{
  size_t i = 0;
  for (; i + 1 < cells->count; i++) {
    const struct fact_cell *cell = &cells->cells[i];
    if (cell->words ? cell->words >> (unsigned)value & 1
                    : value < cell->high || (value == cell->high && !cell->high_open))
      return i;
  }
  return i;
}

/* The word of the cell whose rank is nearest to that of `present`; unknown counts as the best. */
static double nearest_word(const struct fact *fact, const struct fact_cell *cell, double present)
{
  int rank = isnan(present) ? 0 : fact->rank[(size_t)present], least = FACT_WORDS + 1;
  double best = cell->sample;
  for (size_t i = 0; i < fact->word_count; i++) {
    int distance = abs(fact->rank[i] - rank);
    if (!(cell->words >> i & 1) || distance >= least) continue;
    least = distance;
    best = (double)i;
  }
  return best;
}

double fact_cell_nearest(const struct fact *fact, const struct fact_cell *cell, double present)
{
  double low, high;
  if (cell->words) return nearest_word(fact, cell, present);
  if (!whole_numbers(cell, &low, &high)) return cell->sample;
  if (!isnan(present)) return present > high ? high : low;
  bool below = fact->worse == WORSE_OUTSIDE && high < fact->usual_from;
  return fact->worse == WORSE_LOWER || below ? high : low;
}

/* --- Components ---------------------------------------------------------------------------------
 */

/* Facts that belong together point to one root. */
static size_t root_of(const size_t *parent, size_t fact)
{
  while (parent[fact] != fact) fact = parent[fact];
  return fact;
}

static void join_facts(size_t *parent, const size_t *facts, size_t count, size_t with)
{
  for (size_t i = 0; i < count; i++) parent[root_of(parent, facts[i])] = root_of(parent, with);
}

static void join_contradictions(const struct level_of_care *table, size_t *parent, bool *used)
{
  for (size_t i = 0; i < table->contradiction_count; i++) {
    const struct condition *condition = &table->contradictions[i].condition;
    for (size_t j = 0; j < condition->count; j++) {
      struct condition_step step = condition->steps[j];
      if (!condition_step_has_fact(step)) continue;
      size_t fact = step.operand;
      join_facts(parent, &fact, 1, condition->steps[0].operand);
      used[fact] = true;
    }
  }
}

static void join_rules(const struct level_of_care *table, size_t *parent, bool *used)
{
  for (size_t i = 0; i < table->rule_count; i++) {
    const struct rule_program *program = &table->programs[i];
    if (program->is_note) continue;
    for (size_t j = 0; j < program->fact_count; j++) used[program->facts[j]] = true;
    join_facts(parent, program->facts, program->fact_count, program->facts[0]);
    for (size_t j = 0; j < table->rule_count; j++)
      if (program->suspends[j / 64] >> (j % 64) & 1)
        join_facts(parent, program->facts, 1, table->programs[j].facts[0]);
  }
}

/* List what belongs to the component whose facts share `root`. */
static void list_members(struct level_of_care *table, struct component *component,
                         const size_t *parent, size_t root, const bool *used)
{
  size_t index = (size_t)(component - table->components);
  component->facts = arena_allocate_array(table->arena, table->fact_count, sizeof(size_t));
  component->rules = arena_allocate_array(table->arena, table->rule_count, sizeof(size_t));
  component->contradictions =
      arena_allocate_array(table->arena, table->contradiction_count + 1, sizeof(size_t));
  component->strides = arena_allocate_array(table->arena, table->fact_count, sizeof(size_t));
  component->combinations = 1;
  for (size_t i = 0; i < table->fact_count; i++) {
    if (!used[i] || root_of(parent, i) != root) continue;
    table->cells[i].component = index;
    table->cells[i].position = component->fact_count;
    component->strides[component->fact_count] = component->combinations;
    component->facts[component->fact_count++] = i;
    if (component->combinations <= COMPONENT_CELLS)
      component->combinations *= table->cells[i].count;
  }
  for (size_t i = 0; i < table->rule_count; i++)
    if (!table->programs[i].is_note && root_of(parent, table->programs[i].facts[0]) == root)
      component->rules[component->rule_count++] = i;
  for (size_t i = 0; i < table->contradiction_count; i++)
    if (root_of(parent, table->contradictions[i].condition.steps[0].operand) == root)
      component->contradictions[component->contradiction_count++] = i;
}

/* --- Masks ---------------------------------------------------------------------------------------
 */

uint64_t care_rules_mask(const struct level_of_care *table, const size_t *rules, size_t count,
                         const double *values, bool require_signatures)
{
  struct condition_input input = {.value = values};
  size_t holding[RULES_MAXIMUM], held = 0;
  uint64_t suspended[RULES_MAXIMUM / 64] = {0}, mask = 0;
  for (size_t i = 0; i < count; i++) {
    const struct rule_program *program = &table->programs[rules[i]];
    if (require_signatures && table->rules[rules[i]].kind == RULE_NEED && !program->is_signed)
      continue;
    if (condition_find(&program->condition, &input) != TRUTH_TRUE) continue;
    holding[held++] = rules[i];
    for (size_t j = 0; j < RULES_MAXIMUM / 64; j++) suspended[j] |= program->suspends[j];
  }
  for (size_t i = 0; i < held; i++)
    // cppcheck-suppress uninitvar ; the first `held` are filled above
    if (!(suspended[holding[i] / 64] >> (holding[i] % 64) & 1))
      mask |= table->programs[holding[i]].contribution;
  return mask;
}

bool care_component_contradicts(const struct level_of_care *table,
                                const struct component *component, const double *values)
{
  struct condition_input input = {.value = values};
  for (size_t i = 0; i < component->contradiction_count; i++)
    if (condition_find(&table->contradictions[component->contradictions[i]].condition, &input) ==
        TRUTH_TRUE)
      return true;
  return false;
}

/* Put the samples of combination number `combination` into the values. */
static void fill(const struct level_of_care *table, const struct component *component,
                 size_t combination, struct facts *values)
{
  for (size_t i = 0; i < component->fact_count; i++) {
    const struct fact_cells *cells = &table->cells[component->facts[i]];
    size_t cell = combination / component->strides[i] % cells->count;
    values->value[component->facts[i]] = cells->cells[cell].sample;
  }
}

static void write_masks(struct level_of_care *table, struct component *component)
{
  struct facts values;
  facts_init(&values);
  component->masks = arena_allocate_array(table->arena, component->combinations, sizeof(uint64_t));
  component->signed_masks =
      arena_allocate_array(table->arena, component->combinations, sizeof(uint64_t));
  for (size_t i = 0; i < component->combinations; i++) {
    fill(table, component, i, &values);
    bool excluded = care_component_contradicts(table, component, values.value);
    component->masks[i] = excluded ? MASK_EXCLUDED
                                   : care_rules_mask(table, component->rules, component->rule_count,
                                                     values.value, false);
    component->signed_masks[i] =
        excluded
            ? MASK_EXCLUDED
            : care_rules_mask(table, component->rules, component->rule_count, values.value, true);
  }
}

void care_components_build(struct care_loader *loader)
{
  struct level_of_care *table = loader->table;
  size_t parent[FACTS_MAXIMUM];
  bool used[FACTS_MAXIMUM] = {false};
  for (size_t i = 0; i < table->fact_count; i++) {
    parent[i] = i;
    table->cells[i].component = COMPONENT_NONE;
    if (table->facts[i].word_count) cut_words(table, i);
    else cut_number(loader, i);
  }
  join_rules(table, parent, used);
  join_contradictions(table, parent, used);
  table->components =
      arena_allocate_array(table->arena, table->fact_count, sizeof *table->components);
  for (size_t i = 0; i < table->fact_count; i++) {
    if (!used[i] || root_of(parent, i) != i) continue;
    struct component *component = &table->components[table->component_count++];
    list_members(table, component, parent, i, used);
    if (component->combinations <= COMPONENT_CELLS) write_masks(table, component);
    else
      care_report(loader, loader->documents[0].name, 0, "tie fewer facts together in the rules",
                  "more than %d combinations of the facts that hang together with %.*s",
                  COMPONENT_CELLS, TEXT_PRINT(table->facts[i].name));
  }
}
