/*
 * Looking over band sets and triggers: over every combination of what their conditions mention, is
 * there a band, is there one only, and is each row reached?
 *
 * A number is tried at the ends of its range and around each number that it is compared with, which
 * decides every comparison there is; an item at each of its answers, and skipped where it can be.
 */
#include <math.h>
#include <string.h>

#include "assessment/instrument_private.h"
#include "directory/needs_expression.h"

enum { VARIABLES = INSTRUMENT_ITEMS + INSTRUMENT_SCALES + 1, COMBINATIONS = 1 << 20 };

/* What a set mentions, with the values to try. */
struct variable {
  enum instrument_variable kind;
  size_t index;
  double *values;
  size_t count, at;
  bool can_be_skipped; /* the last value stands for it */
};
struct trial {
  struct knowledge_loader *loader;
  const struct instrument *instrument;
  const struct instrument_condition *conditions;
  size_t condition_count;
  struct variable variables[VARIABLES];
  size_t variable_count;
  double item[INSTRUMENT_ITEMS], scale[INSTRUMENT_SCALES];
  bool skipped[INSTRUMENT_ITEMS];
  struct condition_values values;
};

/* --- What is mentioned ---------------------------------------------------------------------- */

static bool has_variable(const struct trial *trial, const struct condition_step *step)
{
  for (size_t i = 0; i < trial->variable_count; i++)
    if (trial->variables[i].kind == (enum instrument_variable)step->variable &&
        trial->variables[i].index == step->index)
      return true;
  return false;
}

static void add_value(struct variable *variable, double value, double low, double high)
{
  if (value < low || value > high) return;
  for (size_t i = 0; i < variable->count; i++)
    if (variable->values[i] == value) return;
  variable->values[variable->count++] = value;
}

/* The ends of the range, and around each number that is compared with. */
static void add_numbers(struct trial *trial, struct variable *variable, double low, double high)
{
  static const double around[] = {-1, -0.5, 0, 0.5, 1};
  bool is_whole = variable->kind == OF_ITEM ||
                  trial->instrument->program->sums[variable->index].method != METHOD_MEAN;
  size_t room = 2;
  for (size_t i = 0; i < trial->condition_count; i++) room += 10 * trial->conditions[i].count;
  variable->values = arena_allocate_array(trial->loader->arena, room, sizeof *variable->values);
  add_value(variable, low, low, high);
  add_value(variable, high, low, high);
  for (size_t i = 0; i < trial->condition_count; i++)
    for (size_t j = 0; j < trial->conditions[i].count; j++) {
      const struct condition_step *step = &trial->conditions[i].steps[j];
      if ((enum instrument_variable)step->variable != variable->kind ||
          step->index != variable->index)
        continue;
      for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
        if (is_whole && around[k] != floor(around[k])) continue;
        add_value(variable, step->low + around[k], low, high);
        if (step->comparison == WITHIN) add_value(variable, step->high + around[k], low, high);
      }
    }
}

static void add_item_values(struct trial *trial, struct variable *variable)
{
  const struct instrument_item *item = &trial->instrument->items[variable->index];
  if (item->kind == ITEM_INTEGER)
    add_numbers(trial, variable, (double)item->minimum, (double)item->maximum);
  else variable->count = instrument_item_values(trial->loader->arena, item, &variable->values);
  variable->can_be_skipped = item->depends_on != INSTRUMENT_NONE;
  variable->count += variable->can_be_skipped;
}

static void add_variable(struct trial *trial, const struct condition_step *step)
{
  static double sexes[] = {SEX_UNSPECIFIED, SEX_MALE, SEX_FEMALE};
  bool is_term = step->operation == CONDITION_TERM && step->variable != OF_ALWAYS;
  if (!is_term || has_variable(trial, step)) return;
  struct variable *variable = &trial->variables[trial->variable_count++];
  *variable =
      (struct variable){.kind = (enum instrument_variable)step->variable, .index = step->index};
  if (variable->kind == OF_SCALE) {
    const struct instrument_scale *scale = &trial->instrument->scales[step->index];
    add_numbers(trial, variable, scale->minimum, scale->maximum);
  } else if (variable->kind == OF_ITEM) {
    add_item_values(trial, variable);
  } else {
    variable->values = sexes;
    variable->count = sizeof sexes / sizeof *sexes;
  }
}

/* --- Combinations --------------------------------------------------------------------------- */

static void set_values(struct trial *trial)
{
  for (size_t i = 0; i < trial->variable_count; i++) {
    const struct variable *variable = &trial->variables[i];
    if (variable->kind == OF_SCALE) {
      trial->scale[variable->index] = variable->values[variable->at];
    } else if (variable->kind == OF_SEX) {
      trial->values.sex = (enum instrument_sex)variable->values[variable->at];
    } else {
      bool is_skipped = variable->can_be_skipped && variable->at + 1 == variable->count;
      trial->skipped[variable->index] = is_skipped;
      trial->item[variable->index] = is_skipped ? NAN : variable->values[variable->at];
    }
  }
}

/* Move to the next combination; false after the last. */
static bool advance(struct trial *trial)
{
  for (size_t i = 0; i < trial->variable_count; i++) {
    if (++trial->variables[i].at < trial->variables[i].count) return true;
    trial->variables[i].at = 0;
  }
  return false;
}

static bool has_too_many(const struct trial *trial)
{
  double product = 1;
  for (size_t i = 0; i < trial->variable_count; i++) product *= (double)trial->variables[i].count;
  return product > COMBINATIONS;
}

/* "total 5, q2 skipped" */
static const char *describe(const struct trial *trial)
{
  struct arena *arena = trial->loader->arena;
  struct text out = TEXT("");
  static const char *const sexes[] = {"unspecified", "male", "female"};
  for (size_t i = 0; i < trial->variable_count; i++) {
    const struct variable *variable = &trial->variables[i];
    const char *comma = i ? ", " : "";
    struct text said = out;
    if (variable->kind == OF_SEX)
      out = text_format(arena, "%.*s%ssex %s", TEXT_PRINT(said), comma, sexes[trial->values.sex]);
    else if (variable->kind == OF_SCALE)
      out = text_format(arena, "%.*s%s%.*s %g", TEXT_PRINT(said), comma,
                        TEXT_PRINT(trial->instrument->scales[variable->index].name),
                        trial->scale[variable->index]);
    else if (trial->skipped[variable->index])
      out = text_format(arena, "%.*s%sq%.*s skipped", TEXT_PRINT(said), comma,
                        TEXT_PRINT(trial->instrument->items[variable->index].number));
    else
      out = text_format(arena, "%.*s%sq%.*s %g", TEXT_PRINT(said), comma,
                        TEXT_PRINT(trial->instrument->items[variable->index].number),
                        trial->item[variable->index]);
  }
  return text_c(arena, out);
}

static void trial_init(struct trial *trial, struct knowledge_loader *loader,
                       const struct instrument *instrument,
                       const struct instrument_condition *conditions, size_t count)
{
  *trial = (struct trial){.loader = loader,
                          .instrument = instrument,
                          .conditions = conditions,
                          .condition_count = count};
  trial->values = (struct condition_values){trial->item, trial->skipped, trial->scale, 0};
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < conditions[i].count; j++) add_variable(trial, &conditions[i].steps[j]);
}

/* --- Band sets and triggers ----------------------------------------------------------------- */

/* Is one number all that the set speaks of, a person's sex aside? Then rows may not overlap. */
static bool is_over_one_number(const struct trial *trial)
{
  size_t numbers = 0;
  for (size_t i = 0; i < trial->variable_count; i++) {
    if (trial->variables[i].kind == OF_ITEM) return false;
    numbers += trial->variables[i].kind == OF_SCALE;
  }
  return numbers == 1;
}

/* Count the rows that hold, and find the first. */
static size_t count_holding(const struct trial *trial, size_t *first)
{
  size_t holding = 0;
  for (size_t i = trial->condition_count; i > 0; i--) {
    if (instrument_condition_holds(&trial->conditions[i - 1], &trial->values) != TRUTH_YES)
      continue;
    *first = i - 1;
    holding++;
  }
  return holding;
}

static void prove_set(struct knowledge_loader *loader, const struct instrument *instrument,
                      size_t index, const int64_t *lines)
{
  static const char file[] = "instrument-bands.csv";
  const struct instrument_band_set *set = &instrument->band_sets[index];
  const char *name = expression_quote(loader->arena, set->name);
  struct trial trial;
  trial_init(&trial, loader, instrument, instrument->program->bands[index], set->band_count);
  if (has_too_many(&trial)) {
    knowledge_report(loader, file, lines[0], "write it over scales",
                     "band set '%s' has too many combinations to look over", name);
    return;
  }
  bool *reached = arena_allocate_array(loader->arena, set->band_count, sizeof *reached);
  bool may_overlap = !is_over_one_number(&trial), is_told = false;
  do {
    size_t first = 0;
    set_values(&trial);
    size_t holding = count_holding(&trial, &first);
    if (holding) reached[first] = true;
    if (is_told || holding == 1 || (holding && may_overlap)) continue;
    is_told = true;
    knowledge_report(loader, file, lines[first],
                     holding ? "draw the cuts apart" : "add a row, or widen one",
                     "band set '%s' has %s for %s", name, holding ? "several bands" : "no band",
                     describe(&trial));
  } while (advance(&trial));
  for (size_t i = 0; i < set->band_count; i++)
    if (!reached[i])
      knowledge_report(loader, file, lines[i], "take it out, or mend the rows above it",
                       "unreachable: no answers give band '%s'",
                       expression_quote(loader->arena, set->bands[i].name));
}

static void prove_trigger(struct knowledge_loader *loader, const struct instrument *instrument,
                          size_t index, int64_t line)
{
  struct trial trial;
  size_t first;
  trial_init(&trial, loader, instrument, &instrument->program->triggers[index], 1);
  if (has_too_many(&trial)) return;
  do {
    set_values(&trial);
    if (count_holding(&trial, &first)) return;
  } while (advance(&trial));
  knowledge_report(loader, "instrument-triggers.csv", line, "mend its condition",
                   "unreachable: no answers trigger '%s'",
                   expression_quote(loader->arena, instrument->triggers[index].name));
}

void instrument_prove(struct knowledge_loader *loader, const struct instrument *instrument,
                      const struct instrument_lines *lines)
{
  for (size_t i = 0; i < instrument->band_set_count; i++)
    prove_set(loader, instrument, i, lines->bands[i]);
  for (size_t i = 0; i < instrument->trigger_count; i++)
    prove_trigger(loader, instrument, i, lines->triggers[i]);
}
