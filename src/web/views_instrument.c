/*
 * An instrument in a form: its items as fields, the answers read back, a score in words. Other
 * views use it to ask an instrument inside a form of their own.
 */
#include <math.h>

#include "web/views.h"

/* --- Reading ------------------------------------------------------------------------------- */

static const char *field_name(const struct web_request *request,
                              const struct instrument *instrument, size_t item)
{
  return text_c(request->arena, text_format(request->arena, "%.*s.%.*s", TEXT_PRINT(instrument->id),
                                            TEXT_PRINT(instrument->items[item].number)));
}

bool view_instrument_read(const struct web_request *request, const struct instrument *instrument,
                          struct view_instrument *out)
{
  bool good = true;
  *out = (struct view_instrument){.instrument = instrument};
  instrument_answers_init(&out->answers);
  for (size_t i = 0; i < instrument->item_count; i++) {
    const struct instrument_item *item = &instrument->items[i];
    int64_t value;
    out->typed[i] = web_parameter_get(request, field_name(request, instrument, i));
    if (text_is_empty(out->typed[i])) continue;
    if (text_read_integer(out->typed[i], &value) &&
        instrument_answer(instrument, &out->answers, item->number, (double)value, NULL))
      continue;
    out->is_refused[i] = true;
    good = false;
  }
  /* What is no sex that the form offers is none given. */
  if (instrument->asks_sex)
    (void)instrument_sex_read(web_parameter_get(request, "sex"), &out->answers.sex, NULL);
  return good;
}

/* --- Fields -------------------------------------------------------------------------------- */

static struct text item_id(const struct web_request *request, const struct instrument *instrument,
                           size_t item)
{
  return text_format(request->arena, "%.*s-%.*s", TEXT_PRINT(instrument->id),
                     TEXT_PRINT(instrument->items[item].number));
}

static void add_option(const struct web_request *request, struct value *list, struct text value,
                       struct text label, bool is_checked)
{
  struct value *option = value_object(request->arena);
  view_set_text(request, option, "value", value);
  view_set_text(request, option, "label", label);
  view_set_flag(request, option, "checked", is_checked);
  value_add(list, option);
}

static struct text number_text(const struct web_request *request, double number)
{
  return text_format(request->arena, "%.0f", number);
}

/* The word for an answer of an item. */
static struct text answer_words(const struct web_request *request,
                                const struct instrument_item *item, double answer)
{
  for (size_t i = 0; i < item->option_count; i++)
    if (item->options[i].value == answer) return item->options[i].label[request->language];
  if (item->kind == ITEM_YES_NO)
    return view_text(request, answer > 0 ? "instrument.yes" : "instrument.no");
  return number_text(request, answer);
}

static void set_options(const struct web_request *request, const struct view_instrument *form,
                        size_t index, struct value *out)
{
  const struct instrument_item *item = &form->instrument->items[index];
  struct value *list = value_list(request->arena);
  double answer = form->answers.value[index];
  if (item->kind == ITEM_YES_NO)
    for (int yes = 1; yes >= 0; yes--)
      add_option(request, list, number_text(request, yes), answer_words(request, item, yes),
                 answer == yes);
  for (size_t i = 0; i < item->option_count; i++)
    add_option(request, list, number_text(request, item->options[i].value),
               item->options[i].label[request->language], answer == item->options[i].value);
  if (!item->is_required)
    add_option(request, list, TEXT(""), view_text(request, "instrument.no_answer"), false);
  value_set(out, "options", list);
}

static struct text range_words(const struct web_request *request,
                               const struct instrument_item *item)
{
  return VIEW_FORMAT(request, "instrument.range",
                     {"from", number_text(request, (double)item->minimum)},
                     {"to", number_text(request, (double)item->maximum)});
}

/* "Only if you answered “Yes” to question 2." */
static struct text condition_words(const struct web_request *request,
                                   const struct instrument *instrument, size_t index)
{
  size_t asked = instrument->items[index].depends_on;
  const struct instrument_item *question = &instrument->items[asked];
  struct text words = TEXT("");
  if (question->kind == ITEM_INTEGER) {
    int64_t from = question->minimum;
    while (from < question->maximum &&
           !instrument_item_opens(instrument, index, asked, (double)from))
      from++;
    return VIEW_FORMAT(request, "instrument.only_from", {"number", question->number},
                       {"from", number_text(request, (double)from)});
  }
  size_t count = question->kind == ITEM_YES_NO ? 2 : question->option_count;
  for (size_t i = 0; i < count; i++) {
    double answer = question->kind == ITEM_YES_NO ? (double)i : question->options[i].value;
    if (!instrument_item_opens(instrument, index, asked, answer)) continue;
    struct text said = answer_words(request, question, answer);
    words = words.length ? VIEW_FORMAT(request, "instrument.or", {"a", words}, {"b", said})
                         : VIEW_FORMAT(request, "instrument.quoted", {"a", said});
  }
  if (text_is_empty(words)) return view_text(request, "instrument.only_if_asked");
  return VIEW_FORMAT(request, "instrument.only_if", {"number", question->number},
                     {"answers", words});
}

static struct value *item_value(const struct web_request *request,
                                const struct view_instrument *form, size_t index)
{
  const struct instrument *instrument = form->instrument;
  const struct instrument_item *item = &instrument->items[index];
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "number", item->number);
  view_set_text(request, out, "id", item_id(request, instrument, index));
  view_set_text(request, out, "name", text_from(field_name(request, instrument, index)));
  view_set_text(request, out, "heading", item->heading[request->language]);
  view_set_text(request, out, "note", item->note[request->language]);
  view_set_text(request, out, "text", item->text[request->language]);
  view_set_flag(request, out, "optional", !item->is_required);
  view_set_flag(request, out, "refused", form->is_refused[index]);
  if (item->depends_on != INSTRUMENT_NONE)
    view_set_text(request, out, "condition", condition_words(request, instrument, index));
  if (item->kind != ITEM_INTEGER) {
    set_options(request, form, index, out);
    return out;
  }
  struct value *integer = value_object(request->arena);
  view_set_text(request, integer, "range", range_words(request, item));
  view_set_text(request, integer, "typed", form->typed[index]);
  value_set(out, "integer", integer);
  return out;
}

static struct value *sex_value(const struct web_request *request,
                               const struct view_instrument *form)
{
  static const struct {
    const char *value, *key;
    enum instrument_sex sex;
  } choices[] = {{"male", "instrument.male", SEX_MALE},
                 {"female", "instrument.female", SEX_FEMALE},
                 {"unspecified", "instrument.unspecified", SEX_UNSPECIFIED}};
  struct value *list = value_list(request->arena), *out = value_object(request->arena);
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
    add_option(request, list, text_from(choices[i].value), view_text(request, choices[i].key),
               form->answers.sex == choices[i].sex);
  value_set(out, "options", list);
  return out;
}

struct value *view_instrument_items(const struct web_request *request,
                                    const struct view_instrument *form)
{
  struct value *out = value_object(request->arena), *items = value_list(request->arena);
  for (size_t i = 0; i < form->instrument->item_count; i++)
    value_add(items, item_value(request, form, i));
  if (form->instrument->asks_sex) value_set(out, "sex", sex_value(request, form));
  value_set(out, "items", items);
  return out;
}

struct value *view_instrument_fields(const struct web_request *request,
                                     const struct view_instrument *form)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < form->instrument->item_count; i++) {
    if (text_is_empty(form->typed[i])) continue;
    struct value *field = value_object(request->arena);
    view_set_text(request, field, "name", text_from(field_name(request, form->instrument, i)));
    view_set_text(request, field, "value", form->typed[i]);
    value_add(list, field);
  }
  if (form->instrument->asks_sex) {
    struct value *field = value_object(request->arena);
    view_set_text(request, field, "name", TEXT("sex"));
    view_set_text(request, field, "value", web_parameter_get(request, "sex"));
    value_add(list, field);
  }
  return list;
}

/* --- A score in words ------------------------------------------------------------------------ */

static void add_scales(const struct web_request *request, const struct instrument *instrument,
                       const struct instrument_score *score, struct value *out)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < instrument->scale_count; i++) {
    const struct instrument_scale *scale = &instrument->scales[i];
    if (isnan(score->scale[i])) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "label", scale->label[request->language]);
    view_set_text(request, item, "number",
                  value_text_get(value_decimal(request->arena, score->scale[i], 2)));
    view_set_text(request, item, "range",
                  VIEW_FORMAT(request, "instrument.out_of",
                              {"from", number_text(request, scale->minimum)},
                              {"to", number_text(request, scale->maximum)}));
    value_add(list, item);
  }
  value_set(out, "scales", list);
  view_set_flag(request, out, "has_scales", value_count(list) > 0);
}

/* Bands: the instrument's own first, then those of its scales; the other sets' apart. */
static void add_bands(const struct web_request *request, const struct instrument *instrument,
                      const struct instrument_score *score, struct value *out)
{
  struct value *list = value_list(request->arena), *others = value_list(request->arena);
  for (size_t i = 0; i < instrument->band_set_count; i++) {
    const struct instrument_band_set *set = &instrument->band_sets[i];
    const struct instrument_band *band = score->bands[i];
    bool is_own = set->scale == INSTRUMENT_SCALES;
    if (!band) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "set", set->name);
    view_set_text(request, item, "label", band->label[request->language]);
    view_set_text(request, item, "meaning", band->meaning[request->language]);
    view_set_text(request, item, "source", band->source);
    view_set_flag(request, item, "unsigned", text_equal(band->signed_by, TEXT("unsigned")));
    if (!is_own)
      view_set_text(request, item, "scale",
                    instrument->scales[set->scale].label[request->language]);
    value_add(is_own ? i == score->band_set ? list : others : list, item);
  }
  value_set(out, "bands", list);
  value_set(out, "other_bands", others);
  view_set_flag(request, out, "has_other_bands", value_count(others) > 0);
}

/* A line of help.csv, to call or text. */
static struct value *help_line_value(const struct web_request *request, struct text key)
{
  const struct needs *needs = directory_needs(request->application->directory);
  size_t index;
  if (!help_lines_find(needs, key, &index)) return NULL;
  const struct help_line *line = help_lines_get(needs, index);
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "name", line->label[request->language]);
  view_set_text(request, out, "phone", line->phone);
  view_set_text(request, out, "href", view_phone_link(request->arena, line->phone));
  return out;
}

static void add_triggers(const struct web_request *request, const struct instrument *instrument,
                         const struct instrument_score *score, struct value *out)
{
  struct value *urgent = value_list(request->arena), *list = value_list(request->arena);
  const struct instruments *all = request->application->pages->instruments;
  for (size_t i = 0; i < instrument->trigger_count; i++) {
    const struct instrument_trigger *trigger = &instrument->triggers[i];
    if (!score->fires[i]) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "text", trigger->text[request->language]);
    if (trigger->is_instrument) {
      const struct instrument *next = instruments_find(all, trigger->name);
      view_set_text(request, item, "id", next->id);
      view_set_text(request, item, "title", next->title[request->language]);
    } else {
      value_set(item, "line", help_line_value(request, trigger->name));
    }
    value_add(trigger->is_urgent ? urgent : list, item);
  }
  value_set(out, "triggers", list);
  view_set_flag(request, out, "has_triggers", value_count(list) > 0);
  if (!instrument_is_urgent(instrument, score)) return;
  struct value *help = value_object(request->arena), *lines = value_list(request->arena);
  static const char *const keys[] = {"crisis", "emergency"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const struct value *line = help_line_value(request, text_from(keys[i]));
    if (line) value_add(lines, line);
  }
  value_set(help, "triggers", urgent);
  value_set(help, "lines", lines);
  value_set(out, "urgent", help);
}

/* Items by number, with a link to each. */
static void add_items(const struct web_request *request, const struct instrument *instrument,
                      const bool *chosen, const char *name, struct value *out)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < instrument->item_count; i++) {
    if (!chosen[i]) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "number", instrument->items[i].number);
    view_set_text(request, item, "text", instrument->items[i].text[request->language]);
    view_set_text(request, item, "id", item_id(request, instrument, i));
    value_add(list, item);
  }
  if (value_count(list) == 0) return;
  struct value *group = value_object(request->arena);
  value_set(group, "items", list);
  value_set(out, name, group);
}

struct value *view_instrument_result(const struct web_request *request,
                                     const struct view_instrument *form,
                                     const struct instrument_score *score)
{
  const struct instrument *instrument = form->instrument;
  struct value *out = value_object(request->arena);
  view_set_flag(request, out, "complete", score->complete);
  add_scales(request, instrument, score, out);
  add_bands(request, instrument, score, out);
  add_triggers(request, instrument, score, out);
  add_items(request, instrument, score->is_missing, "missing", out);
  add_items(request, instrument, score->is_ignored, "ignored", out);
  return out;
}
