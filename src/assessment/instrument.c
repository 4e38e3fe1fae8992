/*
 * Instruments: looking them up, and a score as a document. See instrument.h.
 */
#include "assessment/instrument.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "assessment/instrument_private.h"

void instruments_free(struct instruments *instruments)
{
  if (instruments) arena_free(instruments->arena);
}

size_t instruments_count(const struct instruments *instruments)
{
  return instruments->count;
}

const struct instrument *instruments_get(const struct instruments *instruments, size_t index)
{
  assert(index < instruments->count);
  return &instruments->items[index];
}

const struct instrument *instruments_find(const struct instruments *instruments, struct text id)
{
  for (size_t i = 0; i < instruments->count; i++)
    if (text_equal(instruments->items[i].id, id)) return &instruments->items[i];
  return NULL;
}

bool instruments_turn_on(struct instruments *instruments, struct text id)
{
  for (size_t i = 0; i < instruments->count; i++) {
    if (!text_equal(instruments->items[i].id, id)) continue;
    instruments->items[i].is_on = true;
    return true;
  }
  return false;
}

size_t instrument_item_find(const struct instrument *instrument, struct text number)
{
  for (size_t i = 0; i < instrument->item_count; i++)
    if (text_equal(instrument->items[i].number, number)) return i;
  return INSTRUMENT_NONE;
}

/* --- A score as a document ------------------------------------------------------------------ */

/* A whole number as it is, another with at most two digits, what is not known as null. */
static struct value *number_value(struct arena *arena, double number)
{
  return value_decimal(arena, number, 2);
}

static struct value *band_value(struct arena *arena, const struct instrument_band *band)
{
  return band ? value_text(arena, band->name) : value_null(arena);
}

static struct value *items_value(const struct instrument *instrument, struct arena *arena,
                                 const bool *chosen)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < instrument->item_count; i++)
    if (chosen[i]) value_add(list, value_text(arena, instrument->items[i].number));
  return list;
}

/* Did an earlier trigger of the same name fire? */
static bool is_told(const struct instrument *instrument, const struct instrument_score *score,
                    size_t trigger)
{
  for (size_t i = 0; i < trigger; i++)
    if (score->fires[i] &&
        text_equal(instrument->triggers[i].name, instrument->triggers[trigger].name))
      return true;
  return false;
}

static struct value *triggers_value(const struct instrument *instrument, struct arena *arena,
                                    const struct instrument_score *score)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < instrument->trigger_count; i++)
    if (score->fires[i] && !is_told(instrument, score, i))
      value_add(list, value_text(arena, instrument->triggers[i].name));
  return list;
}

/* Bands of each set, where there are several; of each scale, by its default set. */
static void add_bands(const struct instrument *instrument, struct arena *arena,
                      const struct instrument_score *score, struct value *out)
{
  struct value *sets = value_object(arena), *scales = value_object(arena);
  for (size_t i = 0; i < instrument->band_set_count; i++) {
    const struct instrument_band_set *set = &instrument->band_sets[i];
    const struct value *band = band_value(arena, score->bands[i]);
    if (set->scale == INSTRUMENT_SCALES) value_set_text_key(sets, set->name, band);
    else if (set->is_default) value_set_text_key(scales, instrument->scales[set->scale].name, band);
  }
  if (value_count(sets) > 1) value_set(out, "bands", sets);
  if (value_count(scales)) value_set(out, "scale_bands", scales);
}

struct value *instrument_write(const struct instrument *instrument, struct arena *arena,
                               const struct instrument_score *score)
{
  struct value *out = value_object(arena), *scales = value_object(arena);
  for (size_t i = 0; i < instrument->scale_count; i++)
    if (i != instrument->total)
      value_set_text_key(scales, instrument->scales[i].name, number_value(arena, score->scale[i]));
  value_set(out, "instrument", value_text(arena, instrument->id));
  value_set(out, "complete", value_boolean(arena, score->complete));
  value_set(out, "total", number_value(arena, score->total));
  value_set(out, "scales", scales);
  value_set(out, "band", band_value(arena, score->band));
  value_set(out, "band_set",
            score->band_set == INSTRUMENT_BAND_SETS
                ? value_null(arena)
                : value_text(arena, instrument->band_sets[score->band_set].name));
  value_set(out, "triggers", triggers_value(instrument, arena, score));
  value_set(out, "missing", items_value(instrument, arena, score->is_missing));
  add_bands(instrument, arena, score, out);
  struct value *ignored = items_value(instrument, arena, score->is_ignored);
  if (value_count(ignored)) value_set(out, "ignored", ignored);
  return out;
}

/* --- Facts ---------------------------------------------------------------------------------- */

/* The word that a band means; "" where it means none. */
static struct text word_of(const struct instrument_fact *fact, struct text band)
{
  if (fact->word_count == 0) return band;
  for (size_t i = 0; i < fact->word_count; i++)
    if (text_equal(fact->bands[i], band)) return fact->words[i];
  return TEXT("");
}

struct value *instrument_facts(const struct instrument *instrument, struct arena *arena,
                               const struct instrument_score *score)
{
  const struct instrument_program *program = instrument->program;
  struct value *out = value_object(arena);
  for (size_t i = 0; i < program->fact_count; i++) {
    const struct instrument_fact *fact = &program->facts[i];
    if (fact->from == FACT_FROM_SCALE) {
      if (!isnan(score->scale[fact->scale]))
        value_set_text_key(out, fact->name, number_value(arena, score->scale[fact->scale]));
      continue;
    }
    /* The default set, whichever was asked for: a fact means one thing. */
    const struct instrument_band *band = score->bands[instrument->default_band_set];
    struct text word = band ? word_of(fact, band->name) : TEXT("");
    if (!text_is_empty(word)) value_set_text_key(out, fact->name, value_text(arena, word));
  }
  return out;
}

void instruments_each_fact(const struct instruments *instruments,
                           void (*each)(void *context, const struct instrument *instrument,
                                        struct text fact),
                           void *context)
{
  for (size_t i = 0; i < instruments->count; i++)
    for (size_t j = 0; j < instruments->items[i].program->fact_count; j++)
      each(context, &instruments->items[i], instruments->items[i].program->facts[j].name);
}
