/*
 * Which answers are still worth asking. What would change the result is explain_changes.c's.
 *
 * An unknown fact matters when there is a way to fill in all unknown facts in which another value
 * of this one gives another outcome. Components join only through their standings: so a component's
 * combinations are walked once, pairs of standings that differ in one fact alone are listed, and a
 * pair matters when some standing that the other components can reach tells the two apart.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/explain.h"

uint16_t explanation_standing(const struct explanation *explanation,
                              const struct component *component, const struct facts *values)
{
  uint64_t mask = care_rules_mask(explanation->table, component->rules, component->rule_count,
                                  values->value, explanation->require_signatures);
  return (uint16_t)standing_find(explanation->table, mask);
}

uint16_t explanation_beside(const struct explanation *explanation, size_t component)
{
  const struct level_of_care *table = explanation->table;
  size_t joined = standing_find(table, 0);
  for (size_t i = 0; i < table->component_count; i++)
    if (i != component) joined = standing_join(&table->standings, joined, explanation->now[i]);
  return (uint16_t)joined;
}

/* --- Sets of standings --------------------------------------------------------------------------
 */

struct standing_set {
  uint16_t list[STANDINGS_MAXIMUM];
  size_t count;
  bool has[STANDINGS_MAXIMUM];
};

static void set_add(struct standing_set *set, size_t standing)
{
  if (set->has[standing]) return;
  set->has[standing] = true;
  set->list[set->count++] = (uint16_t)standing;
}

/* --- Walking a component -------------------------------------------------------------------------
 */

/* What is open in a component: its unknown facts, with the known ones in `base`. */
struct walk {
  const struct component *component;
  const uint16_t *standings;
  size_t open[FACTS_MAXIMUM]; /* positions in the component */
  size_t cells[FACTS_MAXIMUM];
  size_t open_count, base, combinations;
};

static void walk_init(struct walk *walk, const struct explanation *explanation, size_t index)
{
  const struct level_of_care *table = explanation->table;
  const struct component *component = &table->components[index];
  *walk = (struct walk){.component = component,
                        .standings = component->standings[explanation->require_signatures],
                        .combinations = 1};
  for (size_t i = 0; i < component->fact_count; i++) {
    const struct fact_cells *cells = &table->cells[component->facts[i]];
    double value = explanation->facts->value[component->facts[i]];
    if (isnan(value)) {
      walk->cells[walk->open_count] = cells->count;
      walk->open[walk->open_count++] = i;
      walk->combinations *= cells->count;
    } else {
      walk->base += fact_cell_find(cells, value) * component->strides[i];
    }
  }
}

/* The combination of the component that is number `n` of the walk. */
static size_t walk_combination(const struct walk *walk, size_t n)
{
  size_t combination = walk->base;
  for (size_t i = 0; i < walk->open_count; i++) {
    combination += n % walk->cells[i] * walk->component->strides[walk->open[i]];
    n /= walk->cells[i];
  }
  return combination;
}

static void walk_reach(const struct walk *walk, struct standing_set *out)
{
  *out = (struct standing_set){.count = 0};
  for (size_t n = 0; n < walk->combinations; n++) {
    size_t standing = walk->standings[walk_combination(walk, n)];
    if (standing != STANDING_EXCLUDED) set_add(out, standing);
  }
}

/* --- Does a fact matter? ------------------------------------------------------------------------
 */

enum pair { UNTRIED, ALIKE, APART, COUNTED };

struct search {
  const struct explanation *explanation;
  const struct standings *standings;
  struct walk *walks;         /* by component */
  struct standing_set *reach; /* by component: over all ways to fill it in */
  struct standing_set others; /* what the components beside the present one reach together */
  unsigned char *pairs;       /* enum pair, by two standings */
};

/* Join what all components reach, but for `without`. */
static void join_others(struct search *search, size_t without)
{
  static const struct standing_set none = {.count = 0};
  struct standing_set joined = none, next;
  const struct level_of_care *table = search->explanation->table;
  set_add(&joined, standing_find(table, 0));
  for (size_t i = 0; i < table->component_count; i++) {
    if (i == without) continue;
    next = none;
    for (size_t a = 0; a < joined.count; a++)
      for (size_t b = 0; b < search->reach[i].count; b++)
        set_add(&next, standing_join(search->standings, joined.list[a], search->reach[i].list[b]));
    joined = next;
  }
  search->others = joined;
}

/* Can something beside them tell the two standings apart? */
static bool is_apart(struct search *search, size_t a, size_t b)
{
  const struct standings *standings = search->standings;
  unsigned char *pair = &search->pairs[a * standings->count + b];
  if (*pair == UNTRIED) {
    *pair = ALIKE;
    for (size_t i = 0; i < search->others.count && *pair == ALIKE; i++) {
      size_t left = standing_join(standings, a, search->others.list[i]);
      size_t right = standing_join(standings, b, search->others.list[i]);
      if (!care_outcome_equal(&standings->outcome[left], &standings->outcome[right])) *pair = APART;
    }
  }
  return *pair == APART;
}

/* Call back for every two standings between which one open fact alone moves its component; stops
 * when `each` answers false. */
static void each_move(struct search *search, const struct walk *walk, size_t open,
                      bool (*each)(struct search *search, void *context, size_t a, size_t b),
                      void *context)
{
  size_t stride = walk->component->strides[walk->open[open]];
  for (size_t n = 0; n < walk->combinations; n++) {
    size_t combination = walk_combination(walk, n);
    size_t cell = combination / stride % walk->cells[open];
    size_t standing = walk->standings[combination];
    for (size_t i = 0; i < cell && standing != STANDING_EXCLUDED; i++) {
      size_t other = walk->standings[combination - (cell - i) * stride];
      if (other == STANDING_EXCLUDED || other == standing) continue;
      if (!each(search, context, other, standing)) return;
    }
  }
}

static bool stop_when_apart(struct search *search, void *context, size_t a, size_t b)
{
  bool *matters = context;
  *matters = is_apart(search, a, b);
  return !*matters;
}

/* Is there a way to fill everything in so that the open fact's values are told apart? */
static bool does_matter(struct search *search, const struct walk *walk, size_t open)
{
  bool matters = false;
  each_move(search, walk, open, stop_when_apart, &matters);
  return matters;
}

/* --- What follows from an answer -----------------------------------------------------------------
 */

static uint32_t bit_of(const struct care_outcome *outcome)
{
  if (outcome->setting == CARE_EMERGENCY) return CARE_BEYOND_EMERGENCY;
  if (outcome->is_minor) return CARE_BEYOND_GATE;
  return outcome->level == LEVEL_NONE ? 0 : UINT32_C(1) << outcome->level;
}

/* An unknown fact with what orders it. */
struct question {
  struct care_unknown unknown;
  size_t outcomes; /* that its values give with the others still missing */
  int spread;      /* of their levels */
};

/* What follows from each value of the fact with the others still missing. */
static void ask_alone(const struct search *search, size_t index, struct question *question)
{
  const struct explanation *explanation = search->explanation;
  const struct level_of_care *table = explanation->table;
  const struct fact_cells *cells = &table->cells[question->unknown.fact];
  size_t beside = explanation_beside(explanation, index);
  struct facts values = explanation->assumed;
  struct care_outcome seen[FACT_CELLS];
  for (size_t i = 0; i < cells->count; i++) {
    values.value[question->unknown.fact] = cells->cells[i].sample;
    if (care_component_contradicts(table, &table->components[index], values.value)) continue;
    size_t standing =
        standing_join(search->standings, beside,
                      explanation_standing(explanation, &table->components[index], &values));
    const struct care_outcome *outcome = &search->standings->outcome[standing];
    size_t known = 0;
    while (known < question->outcomes && !care_outcome_equal(&seen[known], outcome)) known++;
    if (known == question->outcomes) seen[question->outcomes++] = *outcome;
    question->unknown.levels |= bit_of(outcome);
  }
}

/* Add what two standings give beside a third, where it differs. */
static void add_moved(struct search *search, size_t a, size_t b, size_t beside, uint32_t *levels)
{
  const struct standings *standings = search->standings;
  const struct care_outcome *left = &standings->outcome[standing_join(standings, a, beside)];
  const struct care_outcome *right = &standings->outcome[standing_join(standings, b, beside)];
  if (!care_outcome_equal(left, right)) *levels |= bit_of(left) | bit_of(right);
}

/* What the answer moves when its own component is filled in. */
struct moves {
  size_t beside;
  uint32_t levels;
};

static bool add_beside_now(struct search *search, void *context, size_t a, size_t b)
{
  struct moves *moves = context;
  add_moved(search, a, b, moves->beside, &moves->levels);
  return true;
}

/* What it moves when everything is; each pair of standings is looked at once. */
static bool add_beside_all(struct search *search, void *context, size_t a, size_t b)
{
  struct moves *moves = context;
  unsigned char *pair = &search->pairs[a * search->standings->count + b];
  if (*pair == COUNTED) return true;
  *pair = COUNTED;
  for (size_t i = 0; i < search->others.count; i++)
    add_moved(search, a, b, search->others.list[i], &moves->levels);
  return true;
}

static int spread_of(uint32_t levels)
{
  return levels ? __builtin_clz(levels & -levels) - __builtin_clz(levels) : 0;
}

static void ask(struct search *search, size_t index, size_t open, struct question *out)
{
  const struct walk *walk = &search->walks[index];
  struct question question = {.unknown = {.fact = walk->component->facts[walk->open[open]]}};
  struct moves moves = {.beside = explanation_beside(search->explanation, index)};
  ask_alone(search, index, &question);
  question.spread = spread_of(question.unknown.levels);
  if (__builtin_popcount(question.unknown.levels) < 2)
    each_move(search, walk, open, add_beside_now, &moves);
  question.unknown.levels |= moves.levels;
  if (__builtin_popcount(question.unknown.levels) < 2) {
    memset(search->pairs, UNTRIED, search->standings->count * search->standings->count);
    each_move(search, walk, open, add_beside_all, &moves);
  }
  question.unknown.levels |= moves.levels;
  *out = question;
}

static int question_compare(const void *a, const void *b)
{
  const struct question *left = a, *right = b;
  if (left->outcomes != right->outcomes) return left->outcomes > right->outcomes ? -1 : 1;
  if (left->spread != right->spread) return left->spread > right->spread ? -1 : 1;
  int wide = spread_of(left->unknown.levels), wider = spread_of(right->unknown.levels);
  if (wide != wider) return wide > wider ? -1 : 1;
  return left->unknown.fact < right->unknown.fact ? -1 : 1;
}

/* --- All of it ------------------------------------------------------------------------------- */

/* Can the outcome still become another than it is? */
static bool is_open(struct search *search)
{
  join_others(search, COMPONENT_NONE);
  for (size_t i = 0; i < search->others.count; i++)
    if (!care_outcome_equal(&search->standings->outcome[search->others.list[i]],
                            &search->explanation->outcome))
      return true;
  return false;
}

/* Ask about the facts of one component: those that matter, or all that are open. */
static size_t ask_component(struct search *search, size_t index, bool all, struct question *out)
{
  const struct walk *walk = &search->walks[index];
  bool matters[FACTS_MAXIMUM];
  size_t count = 0, pairs = search->standings->count * search->standings->count;
  if (walk->open_count == 0 || (search->reach[index].count < 2 && !all)) return 0;
  join_others(search, index);
  memset(search->pairs, UNTRIED, pairs);
  for (size_t i = 0; i < walk->open_count; i++) matters[i] = all || does_matter(search, walk, i);
  for (size_t i = 0; i < walk->open_count; i++)
    if (matters[i]) ask(search, index, i, &out[count++]);
  return count;
}

static void find_unknown(const struct explanation *explanation, struct care_explanation *out)
{
  const struct level_of_care *table = explanation->table;
  const struct standings *standings = &table->standings;
  struct question questions[FACTS_MAXIMUM];
  struct search *search = memory_allocate_zero(1, sizeof *search);
  size_t count = 0;
  search->explanation = explanation;
  search->standings = standings;
  search->walks = memory_allocate_zero(table->component_count, sizeof *search->walks);
  search->reach = memory_allocate_zero(table->component_count, sizeof *search->reach);
  search->pairs = memory_allocate_zero(standings->count, standings->count);
  for (size_t i = 0; i < table->component_count; i++) {
    walk_init(&search->walks[i], explanation, i);
    walk_reach(&search->walks[i], &search->reach[i]);
  }
  for (size_t i = 0; i < table->component_count; i++)
    count += ask_component(search, i, false, &questions[count]);
  /* No single answer tells anything apart, and yet the outcome is not the last one: all may. */
  if (count == 0 && is_open(search))
    for (size_t i = 0; i < table->component_count; i++)
      count += ask_component(search, i, true, &questions[count]);
  qsort(questions, count, sizeof *questions, question_compare);
  for (size_t i = 0; i < count; i++) out->unknown[i] = questions[i].unknown;
  out->unknown_count = count;
  free(search->walks);
  free(search->reach);
  free(search->pairs);
  free(search);
}

void care_explain(const struct level_of_care *table, const struct facts *facts,
                  const struct care_options *options, const struct care_result *result,
                  struct care_explanation *out)
{
  struct explanation explanation = {.table = table,
                                    .facts = facts,
                                    .require_signatures = options && options->require_signatures,
                                    .outcome = {result->level, result->overlays, result->setting,
                                                result->is_minor, result->medication_at_place}};
  facts_assume(table, facts, &explanation.assumed);
  for (size_t i = 0; i < table->component_count; i++)
    explanation.now[i] =
        explanation_standing(&explanation, &table->components[i], &explanation.assumed);
  memset(out, 0, sizeof *out);
  explanation_find_changes(&explanation, out);
  find_unknown(&explanation, out);
}
