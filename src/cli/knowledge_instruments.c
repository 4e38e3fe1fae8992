/*
 * fairlead knowledge show INSTRUMENT. See knowledge_show.h.
 */
#include "cli/knowledge_show.h"

static void add(struct arena *arena, struct value *list, struct text t)
{
  value_add(list, value_text(arena, t));
}

/* {"en": …, "es": …} in the catalog's order of languages. */
static struct value *languages_value(struct arena *arena, const struct text *texts)
{
  struct value *out = value_object(arena);
  value_set(out, "en", value_text(arena, texts[0]));
  value_set(out, "es", value_text(arena, texts[1]));
  return out;
}

/* "3 (0 1 2 3)" */
static struct text item_words(struct arena *arena, const struct instrument_item *item)
{
  struct text allowed = TEXT("0 1");
  if (item->kind == ITEM_INTEGER)
    allowed =
        text_format(arena, "%lld to %lld", (long long)item->minimum, (long long)item->maximum);
  for (size_t i = 0; i < item->option_count; i++)
    allowed = text_format(arena, "%.*s%s%.0f", i ? (int)allowed.length : 0, allowed.at,
                          i ? " " : "", item->options[i].value);
  return text_format(arena, "%.*s (%.*s)%s", TEXT_PRINT(item->number), TEXT_PRINT(allowed),
                     item->is_required ? "" : " may stay open");
}

static struct value *items_value(struct arena *arena, const struct instrument *instrument)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < instrument->item_count; i++)
    add(arena, list, item_words(arena, &instrument->items[i]));
  return list;
}

static struct value *scales_value(struct arena *arena, const struct instrument *instrument)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < instrument->scale_count; i++) {
    const struct instrument_scale *scale = &instrument->scales[i];
    add(arena, list,
        text_format(arena, "%.*s %.0f to %.0f", TEXT_PRINT(scale->name), scale->minimum,
                    scale->maximum));
  }
  return list;
}

/* "wesson-ling-2003: none (total = 0..4)", each band of each set. */
static struct value *bands_value(struct arena *arena, const struct instrument *instrument)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < instrument->band_set_count; i++)
    for (size_t j = 0; j < instrument->band_sets[i].band_count; j++) {
      const struct instrument_band_set *set = &instrument->band_sets[i];
      const struct instrument_band *band = &set->bands[j];
      add(arena, list,
          text_format(arena, "%.*s%s: %.*s (%.*s; %.*s, %.*s)", TEXT_PRINT(set->name),
                      set->is_default ? "" : " on request", TEXT_PRINT(band->name),
                      TEXT_PRINT(band->when), TEXT_PRINT(band->grade),
                      TEXT_PRINT(band->signed_by)));
    }
  return list;
}

static struct value *triggers_value(struct arena *arena, const struct instrument *instrument)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < instrument->trigger_count; i++) {
    const struct instrument_trigger *trigger = &instrument->triggers[i];
    add(arena, list,
        text_format(arena, "%.*s (%.*s)%s", TEXT_PRINT(trigger->name), TEXT_PRINT(trigger->when),
                    trigger->is_urgent ? " at once" : ""));
  }
  return list;
}

struct value *knowledge_instrument_value(struct arena *arena, const struct instrument *instrument)
{
  struct value *out = value_object(arena);
  value_set(out, "instrument", value_text(arena, instrument->id));
  value_set(out, "title", languages_value(arena, instrument->title));
  value_set(out, "purpose", languages_value(arena, instrument->purpose));
  value_set(out, "on", value_boolean(arena, instrument->is_on));
  value_set(out, "filled_by",
            value_text(arena, instrument->is_for_staff ? TEXT("staff") : TEXT("person")));
  value_set(out, "items", items_value(arena, instrument));
  value_set(out, "scales", scales_value(arena, instrument));
  value_set(out, "bands", bands_value(arena, instrument));
  value_set(out, "triggers", triggers_value(arena, instrument));
  value_set(out, "copyright", value_text(arena, instrument->copyright[0]));
  value_set(out, "source", value_text(arena, instrument->source));
  value_set(out, "grade", value_text(arena, instrument->grade));
  value_set(out, "signed_by", value_text(arena, instrument->signed_by));
  return out;
}
