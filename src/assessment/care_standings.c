/*
 * Standings: the masks that the rules can give together, put into classes that no further
 * contribution can tell apart.
 *
 * The masks are the closure of the rules' contributions under union. They are the states of an
 * automaton whose letters are contributions; it is made minimal by Moore's refinement, beginning
 * with "the same outcome". Two masks of one class give the same outcome whatever joins them, so
 * that the join of classes is well defined.
 */
#include <stdlib.h>
#include <string.h>

#include "assessment/level_of_care_file.h"

uint64_t care_mask_reduce(uint64_t mask)
{
  if (mask & ASK_STOP) return ASK_STOP;
  if (mask & ASK_GATE) return ASK_GATE;
  uint64_t raised = mask >> ASK_RAISED_SHIFT & ASK_LEVELS, highest = raised;
  while (highest & (highest - 1)) highest &= highest - 1;
  return (mask & ~((uint64_t)ASK_LEVELS << ASK_RAISED_SHIFT)) | highest << ASK_RAISED_SHIFT;
}

static uint64_t mix(uint64_t key)
{
  key ^= key >> 29;
  key *= UINT64_C(0xBF58476D1CE4E5B9);
  key ^= key >> 32;
  return key;
}

/* --- The closure -------------------------------------------------------------------------------
 */

enum { SLOTS = 2 * MASKS_MAXIMUM };

struct builder {
  struct level_of_care *table;
  uint64_t letters[RULES_MAXIMUM];
  size_t letter_count;
  uint64_t *masks; /* states, in the order in which they were found */
  uint32_t *slots; /* hash of masks: state + 1, 0 empty */
  size_t count;
  uint32_t *next; /* next[state * letter_count + letter] */
  uint16_t *of, *refined;
  size_t classes;
  bool is_tangled;
};

/* Answer the state of a reduced mask; it is added when it is new. */
static size_t state_of(struct builder *builder, uint64_t mask)
{
  size_t at = (size_t)mix(mask) % SLOTS;
  while (builder->slots[at]) {
    if (builder->masks[builder->slots[at] - 1] == mask) return builder->slots[at] - 1;
    at = (at + 1) % SLOTS;
  }
  if (builder->count == MASKS_MAXIMUM) {
    builder->is_tangled = true;
    return 0;
  }
  builder->masks[builder->count] = mask;
  builder->slots[at] = (uint32_t)++builder->count;
  return builder->count - 1;
}

static void list_letters(struct builder *builder)
{
  for (size_t i = 0; i < builder->table->rule_count; i++) {
    uint64_t letter = builder->table->programs[i].contribution;
    size_t known = 0;
    while (known < builder->letter_count && builder->letters[known] != letter) known++;
    if (letter && known == builder->letter_count)
      builder->letters[builder->letter_count++] = letter;
  }
}

static void close_masks(struct builder *builder)
{
  state_of(builder, 0);
  for (size_t state = 0; state < builder->count; state++)
    for (size_t i = 0; i < builder->letter_count; i++) {
      uint64_t mask = care_mask_reduce(builder->masks[state] | builder->letters[i]);
      builder->next[state * builder->letter_count + i] = (uint32_t)state_of(builder, mask);
    }
}

/* --- Refinement ---------------------------------------------------------------------------------
 */

/* Begin with one class for each outcome. */
static void classify_outcomes(struct builder *builder)
{
  struct care_outcome *outcomes = memory_allocate_zero(STANDINGS_MAXIMUM, sizeof *outcomes),
                      outcome;
  for (size_t state = 0; state < builder->count; state++) {
    size_t class = 0;
    care_aggregate(builder->table, builder->masks[state], &outcome);
    while (class < builder->classes && !care_outcome_equal(&outcomes[class], &outcome)) class ++;
    if (class == builder->classes) outcomes[builder->classes++] = outcome;
    builder->of[state] = (uint16_t) class;
  }
  free(outcomes);
}

/* Do two states of one class go to the same classes by every letter? */
static bool is_alike(const struct builder *builder, size_t a, size_t b)
{
  bool alike = builder->of[a] == builder->of[b];
  const uint32_t *left = &builder->next[a * builder->letter_count];
  const uint32_t *right = &builder->next[b * builder->letter_count];
  for (size_t i = 0; i < builder->letter_count; i++)
    alike &= builder->of[left[i]] == builder->of[right[i]];
  return alike;
}

static uint64_t signature(const struct builder *builder, size_t state)
{
  uint64_t hash = builder->of[state] + 1;
  for (size_t i = 0; i < builder->letter_count; i++)
    hash = mix(hash * 31 + builder->of[builder->next[state * builder->letter_count + i]]);
  return hash;
}

/* Split classes whose states go to different ones. Answers whether any was split. */
static bool refine(struct builder *builder)
{
  size_t classes = 0;
  memset(builder->slots, 0, SLOTS * sizeof *builder->slots);
  for (size_t state = 0; state < builder->count; state++) {
    size_t at = (size_t)signature(builder, state) % SLOTS;
    while (builder->slots[at] && !is_alike(builder, builder->slots[at] - 1, state))
      at = (at + 1) % SLOTS;
    if (!builder->slots[at]) {
      builder->slots[at] = (uint32_t)state + 1;
      builder->refined[state] = (uint16_t)classes++;
    } else {
      builder->refined[state] = builder->refined[builder->slots[at] - 1];
    }
    if (classes > STANDINGS_MAXIMUM) {
      builder->is_tangled = true;
      return false;
    }
  }
  uint16_t *before = builder->of;
  bool split = classes > builder->classes;
  builder->of = builder->refined;
  builder->refined = before;
  builder->classes = classes;
  return split;
}

/* --- What is kept --------------------------------------------------------------------------------
 */

static size_t slot_of(const struct standings *standings, uint64_t mask)
{
  size_t at = (size_t)mix(mask) % standings->capacity;
  while (standings->of[at] != STANDING_EXCLUDED && standings->masks[at] != mask)
    at = (at + 1) % standings->capacity;
  return at;
}

size_t standing_find(const struct level_of_care *table, uint64_t mask)
{
  return table->standings.of[slot_of(&table->standings, care_mask_reduce(mask))];
}

static void keep_masks(struct builder *builder, struct standings *standings)
{
  struct arena *arena = builder->table->arena;
  standings->capacity = 2 * builder->count + 1;
  standings->mask_count = builder->count;
  standings->masks = arena_allocate_array(arena, standings->capacity, sizeof(uint64_t));
  standings->of = arena_allocate_array(arena, standings->capacity, sizeof(uint16_t));
  for (size_t i = 0; i < standings->capacity; i++) standings->of[i] = STANDING_EXCLUDED;
  for (size_t state = 0; state < builder->count; state++) {
    size_t at = slot_of(standings, builder->masks[state]);
    standings->masks[at] = builder->masks[state];
    standings->of[at] = builder->of[state];
  }
}

/* Outcomes and joins, by the first mask of each standing. */
static void keep_joins(struct builder *builder, struct standings *standings)
{
  struct arena *arena = builder->table->arena;
  size_t count = builder->classes;
  uint64_t *first = arena_allocate_array(arena, count, sizeof *first);
  standings->count = count;
  standings->first = first;
  standings->outcome = arena_allocate_array(arena, count, sizeof *standings->outcome);
  standings->join = arena_allocate_array(arena, count * count, sizeof *standings->join);
  for (size_t state = builder->count; state-- > 0;)
    first[builder->of[state]] = builder->masks[state];
  for (size_t a = 0; a < count; a++) {
    care_aggregate(builder->table, first[a], &standings->outcome[a]);
    for (size_t b = 0; b < count; b++)
      standings->join[a * count + b] = (uint16_t)standing_find(builder->table, first[a] | first[b]);
  }
}

static uint16_t *standings_of(struct level_of_care *table, const uint64_t *masks, size_t count)
{
  uint16_t *out = arena_allocate_array(table->arena, count, sizeof *out);
  for (size_t i = 0; i < count; i++)
    out[i] =
        masks[i] == MASK_EXCLUDED ? STANDING_EXCLUDED : (uint16_t)standing_find(table, masks[i]);
  return out;
}

void care_standings_build(struct care_loader *loader)
{
  struct level_of_care *table = loader->table;
  struct builder builder = {.table = table};
  list_letters(&builder);
  builder.masks = memory_allocate_zero(MASKS_MAXIMUM, sizeof *builder.masks);
  builder.slots = memory_allocate_zero(SLOTS, sizeof *builder.slots);
  builder.next =
      memory_allocate_zero(MASKS_MAXIMUM * (builder.letter_count + 1), sizeof *builder.next);
  builder.of = memory_allocate_zero(MASKS_MAXIMUM, sizeof *builder.of);
  builder.refined = memory_allocate_zero(MASKS_MAXIMUM, sizeof *builder.refined);
  close_masks(&builder);
  if (!builder.is_tangled) classify_outcomes(&builder);
  while (!builder.is_tangled && refine(&builder)) continue;
  if (builder.is_tangled) {
    care_report(loader, loader->documents[0].name, 0,
                "let the rules ask for fewer different things",
                "the rules ask for too many different things together");
  } else {
    keep_masks(&builder, &table->standings);
    keep_joins(&builder, &table->standings);
    for (size_t i = 0; i < table->component_count; i++) {
      struct component *component = &table->components[i];
      component->standings[0] = standings_of(table, component->masks, component->combinations);
      component->standings[1] =
          standings_of(table, component->signed_masks, component->combinations);
    }
  }
  free(builder.masks);
  free(builder.slots);
  free(builder.next);
  free(builder.of);
  free(builder.refined);
}
