/*
 * Scoring: answers in, score out. Pure.
 *
 * Skip logic first, in the form's order, for it asks only earlier items; then sums, then bands and
 * triggers. What is open stays unknown, and what is unknown decides nothing.
 */
#include <math.h>

#include "assessment/instrument_private.h"

void instrument_answers_init(struct instrument_answers *answers)
{
  *answers = (struct instrument_answers){.sex = SEX_UNSPECIFIED};
  for (size_t i = 0; i < INSTRUMENT_ITEMS; i++) answers->value[i] = NAN;
}

/* --- Skip logic ---------------------------------------------------------------------------------
 */

/* An answer to a skipped item is ignored, or counts where the instrument says so. While the item
 * that decides is open, an item without an answer is neither skipped nor missing. */
static void apply_skips(const struct instrument *instrument, const struct condition_values *values,
                        struct instrument_score *out)
{
  const struct instrument_program *program = instrument->program;
  out->complete = true;
  for (size_t i = 0; i < instrument->item_count; i++) {
    bool is_answered = !isnan(values->item[i]);
    enum instrument_truth enabled = TRUTH_YES;
    if (program->enabled[i].count)
      enabled = instrument_condition_holds(&program->enabled[i], values);
    bool is_left_out = enabled == TRUTH_NO && !(is_answered && program->counts_skipped);
    out->is_skipped[i] = is_left_out;
    out->is_ignored[i] = is_left_out && is_answered;
    out->is_missing[i] = instrument->items[i].is_required && enabled == TRUTH_YES && !is_answered;
    if (out->is_missing[i]) out->complete = false;
  }
}

bool instrument_item_opens(const struct instrument *instrument, size_t item, size_t question,
                           double answer)
{
  static const bool skipped[INSTRUMENT_ITEMS];
  static const double scale[INSTRUMENT_SCALES];
  struct instrument_answers answers;
  instrument_answers_init(&answers);
  answers.value[question] = answer;
  const struct condition_values values = {answers.value, skipped, scale, SEX_UNSPECIFIED};
  return instrument_condition_holds(&instrument->program->enabled[item], &values) == TRUTH_YES;
}

/* --- Sums ----------------------------------------------------------------------------------- */

double instrument_transform_apply(const struct instrument_transform *transform, double answer)
{
  for (size_t i = 0; i < transform->count; i++)
    if (transform->from[i] == answer) return transform->to[i];
  return answer;
}

/* A skipped item counts nothing; an open one leaves the sum open. */
static double sum_up(const struct instrument_sum *sum, const struct condition_values *values)
{
  double total = 0, most = 0, positive = 0, counted = 0;
  for (size_t i = 0; i < sum->count; i++) {
    size_t item = sum->items[i];
    if (values->skipped[item]) continue;
    if (isnan(values->item[item])) return NAN;
    double number = instrument_transform_apply(&sum->transforms[i], values->item[item]);
    total += number;
    if (number > most) most = number;
    if (number > 0) positive++;
    counted++;
  }
  if (sum->method == METHOD_MEAN) return counted > 0 ? total / counted : 0;
  if (sum->method == METHOD_MAX) return most;
  return sum->method == METHOD_COUNT ? positive : total;
}

/* --- Bands ---------------------------------------------------------------------------------- */

/* The first band whose condition holds, if those before it certainly do not. */
static const struct instrument_band *find_band(const struct instrument *instrument, size_t set,
                                               const struct condition_values *values)
{
  const struct instrument_band_set *bands = &instrument->band_sets[set];
  for (size_t i = 0; i < bands->band_count; i++) {
    enum instrument_truth holds =
        instrument_condition_holds(&instrument->program->bands[set][i], values);
    if (holds == TRUTH_UNKNOWN) return NULL;
    if (holds == TRUTH_YES) return &bands->bands[i];
  }
  return NULL;
}

static size_t find_band_set(const struct instrument *instrument, struct text name)
{
  for (size_t i = 0; i < instrument->band_set_count; i++)
    if (instrument->band_sets[i].scale == INSTRUMENT_SCALES &&
        text_equal(instrument->band_sets[i].name, name))
      return i;
  return instrument->default_band_set;
}

void instrument_score(const struct instrument *instrument, const struct instrument_answers *answers,
                      struct instrument_score *out)
{
  const struct instrument_program *program = instrument->program;
  *out = (struct instrument_score){.total = NAN};
  const struct condition_values values = {answers->value, out->is_skipped, out->scale,
                                          answers->sex};
  apply_skips(instrument, &values, out);
  for (size_t i = 0; i < instrument->scale_count; i++)
    out->scale[i] = sum_up(&program->sums[i], &values);
  if (instrument->total != INSTRUMENT_SCALES) {
    if (!out->complete) out->scale[instrument->total] = NAN;
    out->total = out->scale[instrument->total];
  }
  for (size_t i = 0; i < instrument->band_set_count; i++)
    out->bands[i] = find_band(instrument, i, &values);
  out->band_set = find_band_set(instrument, answers->band_set);
  if (out->band_set != INSTRUMENT_BAND_SETS) out->band = out->bands[out->band_set];
  for (size_t i = 0; i < instrument->trigger_count; i++)
    out->fires[i] = instrument_condition_holds(&program->triggers[i], &values) == TRUTH_YES;
}

bool instrument_is_urgent(const struct instrument *instrument, const struct instrument_score *score)
{
  for (size_t i = 0; i < instrument->trigger_count; i++)
    if (score->fires[i] && instrument->triggers[i].is_urgent) return true;
  return false;
}
