/*
 * Answers to an instrument: from our own document, or from a FHIR R4 QuestionnaireResponse.
 *
 * Strict: what is not an item, not an allowed answer or given twice is refused with the item named;
 * nothing is clamped, rounded or passed over.
 */
#include <math.h>

#include "assessment/instrument_private.h"

static const char ordinal_value[] = "http://hl7.org/fhir/StructureDefinition/ordinalValue";

static bool refuse(struct error *error, const char *hint, const char *what, struct text name)
{
  struct text cut = text_slice(name, 0, 60);
  return error_set(error, ERROR_REFUSED, "error.instrument.answers", hint, "%s '%.*s'", what,
                   TEXT_PRINT(cut));
}

/* --- One answer ----------------------------------------------------------------------------- */

bool instrument_item_allows(const struct instrument_item *item, double value)
{
  if (item->kind == ITEM_YES_NO) return value == 0 || value == 1;
  if (item->kind == ITEM_INTEGER)
    return value >= (double)item->minimum && value <= (double)item->maximum &&
           value == floor(value);
  for (size_t i = 0; i < item->option_count; i++)
    if (item->options[i].value == value) return true;
  return false;
}

/* "Item 3 takes 0, 1, 2, 4." */
static bool refuse_value(const struct instrument *instrument, const struct instrument_item *item,
                         struct error *error)
{
  struct text_buffer hint;
  text_buffer_init(&hint, LIMIT_ERROR_TEXT);
  text_buffer_add_format(&hint, "Item %.*s takes ", TEXT_PRINT(item->number));
  if (item->kind == ITEM_INTEGER)
    text_buffer_add_format(&hint, "a whole number from %lld to %lld", (long long)item->minimum,
                           (long long)item->maximum);
  else if (item->kind == ITEM_YES_NO) text_buffer_add(&hint, TEXT("0 (no) or 1 (yes)"));
  for (size_t i = 0; i < item->option_count; i++)
    text_buffer_add_format(&hint, "%s%.0f", i ? ", " : "", item->options[i].value);
  text_buffer_add(&hint, (struct text){".", 2}); /* with its end */
  error_set(error, ERROR_REFUSED, "error.instrument.answers", text_buffer_get(&hint).at,
            "%.*s, item %.*s: an answer that is not allowed", TEXT_PRINT(instrument->id),
            TEXT_PRINT(item->number));
  text_buffer_fini(&hint);
  return false;
}

/* Find the item, which must not be answered yet. */
static bool find_open(const struct instrument *instrument, const struct instrument_answers *answers,
                      struct text number, size_t *out, struct error *error)
{
  *out = instrument_item_find(instrument, number);
  if (*out == INSTRUMENT_NONE)
    return refuse(error, "Name items by their number on the form, as the questionnaire's linkId.",
                  "there is no item", number);
  if (isnan(answers->value[*out])) return true;
  return refuse(error, "Answer each item once.", "two answers for item", number);
}

bool instrument_answer(const struct instrument *instrument, struct instrument_answers *answers,
                       struct text number, double value, struct error *error)
{
  size_t item;
  if (!find_open(instrument, answers, number, &item, error)) return false;
  if (!instrument_item_allows(&instrument->items[item], value))
    return refuse_value(instrument, &instrument->items[item], error);
  answers->value[item] = value;
  return true;
}

bool instrument_sex_read(struct text word, enum instrument_sex *out, struct error *error)
{
  static const char *const words[] = {
      [SEX_UNSPECIFIED] = "unspecified", [SEX_MALE] = "male", [SEX_FEMALE] = "female"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (!text_equal(word, text_from(words[i]))) continue;
    *out = (enum instrument_sex)i;
    return true;
  }
  return refuse(error, "sex: male, female or unspecified.", "unknown sex", word);
}

static bool read_band_set(const struct instrument *instrument, struct text name,
                          struct instrument_answers *answers, struct error *error)
{
  answers->band_set = name;
  for (size_t i = 0; i < instrument->band_set_count; i++)
    if (instrument->band_sets[i].scale == INSTRUMENT_SCALES &&
        text_equal(instrument->band_sets[i].name, name))
      return true;
  return refuse(error, "See the instrument's band sets: fairlead score --list.", "unknown band set",
                name);
}

/* --- Our own document ----------------------------------------------------------------------- */

/* A number, or true and false for yes and no; null is no answer. */
static bool read_value(const struct instrument *instrument, struct instrument_answers *answers,
                       struct text number, const struct value *value, struct error *error)
{
  size_t item;
  double answer = NAN;
  enum value_kind kind = value_kind_get(value);
  if (!find_open(instrument, answers, number, &item, error)) return false;
  if (kind == VALUE_NULL) return true;
  bool is_truth = kind == VALUE_TRUE || kind == VALUE_FALSE;
  if (is_truth && instrument->items[item].kind == ITEM_YES_NO) answer = kind == VALUE_TRUE;
  else if (!value_decimal_get(value, &answer))
    return refuse_value(instrument, &instrument->items[item], error);
  return instrument_answer(instrument, answers, number, answer, error);
}

static bool read_answers(const struct instrument *instrument, const struct value *object,
                         struct instrument_answers *answers, struct error *error)
{
  struct text number;
  const struct value *value;
  if (!object || value_kind_get(object) != VALUE_OBJECT)
    return refuse(error, "Write {\"answers\": {\"1\": 2}}.", "no object", TEXT("answers"));
  for (size_t i = 0; value_member(object, i, &number, &value); i++)
    if (!read_value(instrument, answers, number, value, error)) return false;
  return true;
}

static bool read_document(const struct instrument *instrument, const struct value *document,
                          struct instrument_answers *answers, struct error *error)
{
  struct text key;
  const struct value *value;
  for (size_t i = 0; value_member(document, i, &key, &value); i++) {
    struct text word = value_text_get(value);
    bool is_text = value_kind_get(value) == VALUE_TEXT, good = true;
    if (text_equal(key, TEXT("answers"))) continue;
    if (text_equal(key, TEXT("instrument"))) {
      if (!is_text || !text_equal(word, instrument->id))
        good = refuse(error, "Score it with the instrument that it names.", "answers to", word);
    } else if (text_equal(key, TEXT("sex")) && (is_text || value_kind_get(value) == VALUE_NULL))
      good = !is_text || instrument_sex_read(word, &answers->sex, error);
    else if (text_equal(key, TEXT("band_set")) && is_text)
      good = read_band_set(instrument, word, answers, error);
    else
      good = refuse(error, "Members: answers, sex, band_set, instrument.",
                    "unknown or malformed member", key);
    if (!good) return false;
  }
  return read_answers(instrument, value_get(document, TEXT("answers")), answers, error);
}

/* --- FHIR QuestionnaireResponse ------------------------------------------------------------- */

/* The number of an ordinalValue extension. */
static bool read_ordinal(const struct value *owner, double *out)
{
  const struct value *extensions = value_get(owner, TEXT("extension"));
  for (size_t i = 0; i < value_count(extensions); i++) {
    const struct value *extension = value_item(extensions, i);
    if (text_equal(value_text_get(value_get(extension, TEXT("url"))), text_from(ordinal_value)))
      return value_decimal_get(value_get(extension, TEXT("valueDecimal")), out);
  }
  return false;
}

static bool read_coding(const struct instrument_item *item, const struct value *coding, double *out)
{
  struct text code = value_text_get(value_get(coding, TEXT("code")));
  struct text system = value_text_get(value_get(coding, TEXT("system")));
  if (text_is_empty(code)) return read_ordinal(coding, out);
  for (size_t i = 0; i < item->option_count; i++) {
    const struct instrument_option *option = &item->options[i];
    if (!text_equal(option->code, code)) continue;
    if (!text_is_empty(system) && !text_equal(option->system, system)) continue;
    *out = option->value;
    return true;
  }
  return false;
}

/* One element of `answer`, in any of the forms that can carry a score. */
static bool read_answer(const struct instrument_item *item, const struct value *answer, double *out)
{
  const struct value *coding = value_get(answer, TEXT("valueCoding"));
  const struct value *truth = value_get(answer, TEXT("valueBoolean"));
  if (coding) return read_coding(item, coding, out) || read_ordinal(answer, out);
  if (truth) {
    *out = value_kind_get(truth) == VALUE_TRUE;
    return item->kind == ITEM_YES_NO && (*out > 0 || value_kind_get(truth) == VALUE_FALSE);
  }
  return value_decimal_get(value_get(answer, TEXT("valueInteger")), out) ||
         value_decimal_get(value_get(answer, TEXT("valueDecimal")), out);
}

static bool read_sex_item(const struct value *answer, struct instrument_answers *answers,
                          struct error *error)
{
  struct text word = value_text_get(value_get(answer, TEXT("valueString")));
  const struct value *coding = value_get(answer, TEXT("valueCoding"));
  if (coding) word = value_text_get(value_get(coding, TEXT("code")));
  return instrument_sex_read(word, &answers->sex, error);
}

static bool is_section(const struct instrument *instrument, struct text number)
{
  for (size_t i = 0; i < instrument->program->section_count; i++)
    if (text_equal(instrument->program->sections[i], number)) return true;
  return false;
}

/* Does the answer say anything, or, with an extension alone, only why there is nothing? */
static bool has_value(const struct value *answer)
{
  struct text key;
  const struct value *value;
  for (size_t i = 0; value_member(answer, i, &key, &value); i++)
    if (!text_equal(key, TEXT("extension"))) return true;
  return false;
}

static bool read_items(const struct instrument *instrument, const struct value *owner,
                       struct instrument_answers *answers, struct error *error);

static bool read_item(const struct instrument *instrument, const struct value *item,
                      struct instrument_answers *answers, struct error *error)
{
  struct text number = value_text_get(value_get(item, TEXT("linkId")));
  const struct value *given = value_get(item, TEXT("answer"));
  const struct value *first = value_item(given, 0);
  size_t count = value_count(given), index;
  double value = NAN;
  if (count == 1 && !has_value(first)) count = 0;
  if (!read_items(instrument, item, answers, error)) return false;
  bool is_group = value_count(value_get(item, TEXT("item"))) > 0 &&
                  instrument_item_find(instrument, number) == INSTRUMENT_NONE;
  if (count == 0 && (is_group || is_section(instrument, number))) return true;
  if (count > 1) return refuse(error, "Answer each item once.", "two answers for item", number);
  if (count && instrument->asks_sex && text_equal(number, TEXT("sex")))
    return read_sex_item(first, answers, error);
  if (!find_open(instrument, answers, number, &index, error)) return false;
  if (count == 0) return true;
  if (!read_answer(&instrument->items[index], first, &value))
    return refuse_value(instrument, &instrument->items[index], error);
  return instrument_answer(instrument, answers, number, value, error) &&
         read_items(instrument, first, answers, error);
}

static bool read_items(const struct instrument *instrument, const struct value *owner,
                       struct instrument_answers *answers, struct error *error)
{
  const struct value *items = value_get(owner, TEXT("item"));
  for (size_t i = 0; i < value_count(items); i++)
    if (!read_item(instrument, value_item(items, i), answers, error)) return false;
  return true;
}

/* Is `name` the last part of the address? */
static bool is_last_part(struct text address, struct text name)
{
  if (text_is_empty(name) || !text_ends_with(address, name)) return false;
  size_t before = address.length - name.length;
  return before == 0 || address.at[before - 1] == '/';
}

bool instrument_is_meant(const struct instrument *instrument, struct text address)
{
  address = text_slice(address, 0, text_find(address, TEXT("|")));
  return text_equal(address, instrument->program->url) || is_last_part(address, instrument->id) ||
         is_last_part(address, instrument->program->panel);
}

static bool read_response(const struct instrument *instrument, const struct value *document,
                          struct instrument_answers *answers, struct error *error)
{
  const struct value *address = value_get(document, TEXT("questionnaire"));
  if (text_equal(value_text_get(value_get(document, TEXT("status"))), TEXT("entered-in-error")))
    return refuse(error, "Send the response that stands.", "the response's status is",
                  TEXT("entered-in-error"));
  if (address && !instrument_is_meant(instrument, value_text_get(address)))
    return refuse(error, "Score it with the instrument that it answers.",
                  "a response to another questionnaire", value_text_get(address));
  return read_items(instrument, document, answers, error);
}

bool instrument_read(const struct instrument *instrument, const struct value *document,
                     struct instrument_answers *out, struct error *error)
{
  struct instrument_answers answers;
  struct text type = value_text_get(value_get(document, TEXT("resourceType")));
  instrument_answers_init(&answers);
  bool good = text_equal(type, TEXT("QuestionnaireResponse"))
                  ? read_response(instrument, document, &answers, error)
                  : read_document(instrument, document, &answers, error);
  if (good) *out = answers;
  return good;
}
