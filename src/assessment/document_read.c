/*
 * Reading what is asked: {"facts": {…}}, or a FHIR R4 QuestionnaireResponse whose linkIds are names
 * of facts, or one of an instrument of ours, which is scored and becomes its facts.
 *
 * It comes from strangers. What is not understood is refused with its name, never passed over: an
 * answer that is dropped in silence could cost a level of care. Pure.
 * Source: FHIR R4 QuestionnaireResponse (hl7.org/fhir/R4/questionnaireresponse.html).
 */
#include <math.h>

#include "assessment/instrument.h"
#include "assessment/level_of_care.h"

struct reading {
  const struct level_of_care *table;
  struct facts facts;
  struct error *error;
};

/* A name of the document for an error's text: short, and without what a terminal obeys. */
static struct text shown(struct text name)
{
  enum { SHOWN = 60 };
  size_t length = 0;
  while (length < name.length && length < SHOWN && (unsigned char)name.at[length] >= ' ' &&
         (unsigned char)name.at[length] != 0x7F)
    length++;
  return text_slice(name, 0, text_utf8_prefix(text_slice(name, 0, length)));
}

static bool refuse(const struct reading *reading, const char *hint, struct text name,
                   const char *what)
{
  struct text safe = shown(name);
  return error_set(reading->error, ERROR_REFUSED, "error.care.document", hint, "%.*s%s%s",
                   TEXT_PRINT(safe), safe.length ? ": " : "", what);
}

/* --- {"facts": {…}} ------------------------------------------------------------------------ */

static bool read_facts_member(struct reading *reading, const struct value *document)
{
  struct text key;
  const struct value *item;
  for (size_t i = 0; value_member(document, i, &key, &item); i++)
    if (!text_equal(key, TEXT("facts")))
      return refuse(reading, "Put every answer inside \"facts\": {\"facts\": {\"cows\": 12}}.", key,
                    "unknown member beside \"facts\"");
  const struct value *facts = value_get(document, TEXT("facts"));
  if (value_kind_get(facts) != VALUE_OBJECT)
    return refuse(reading, "Write {\"facts\": {\"name\": value}}.", TEXT("facts"),
                  "must be an object");
  return facts_read(reading->table, facts, &reading->facts, reading->error);
}

/* --- A QuestionnaireResponse --------------------------------------------------------------- */

/* The value of one answer: which kinds are taken, and where a code stands. */
static const struct value *answer_value(const struct value *answer, size_t *count)
{
  static const struct {
    struct text name;
    bool is_coding;
  } kinds[] = {
      {{"valueBoolean", 12}, false}, {{"valueInteger", 12}, false}, {{"valueDecimal", 12}, false},
      {{"valueString", 11}, false},  {{"valueCoding", 11}, true},
  };
  const struct value *found = NULL;
  struct text key;
  const struct value *item;
  *count = 0;
  for (size_t i = 0; value_member(answer, i, &key, &item); i++) {
    if (!text_starts_with(key, TEXT("value"))) continue;
    ++*count;
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
      if (text_equal(key, kinds[kind].name))
        found = kinds[kind].is_coding ? value_get(item, TEXT("code")) : item;
  }
  return found;
}

static bool read_items(struct reading *reading, const struct value *items);

/* Is the same fact answered otherwise already? */
static bool keep(struct reading *reading, struct text link, const struct facts *one, size_t fact)
{
  double *known = &reading->facts.value[fact], now = one->value[fact];
  if (!isnan(*known) && !isnan(now) && *known != now)
    return refuse(reading, "Answer each linkId once.", link,
                  "answered twice, with different answers");
  if (!isnan(now)) *known = now;
  return true;
}

static bool read_answer(struct reading *reading, struct text link, size_t fact,
                        const struct value *answer)
{
  size_t count;
  if (value_kind_get(answer) != VALUE_OBJECT)
    return refuse(reading, "An answer is {\"valueInteger\": 12} or the like.", link,
                  "an answer that is no object");
  const struct value *value = answer_value(answer, &count);
  if (count > 1) return refuse(reading, "Give one value[x].", link, "an answer with two values");
  if (count == 1 && !value)
    return refuse(reading,
                  "Use valueBoolean, valueInteger, valueDecimal, valueString or "
                  "valueCoding with a code.",
                  link, "a value of a kind that is not taken");
  if (count == 0 && !value_get(answer, TEXT("item")) && !value_get(answer, TEXT("extension")))
    return refuse(reading, "Leave the item out when there is no answer.", link,
                  "an answer without a value");
  if (value) {
    struct facts one;
    facts_init(&one);
    if (!facts_set(reading->table, &one, link, value, reading->error) ||
        !keep(reading, link, &one, fact))
      return false;
  }
  return read_items(reading, value_get(answer, TEXT("item")));
}

static bool read_item(struct reading *reading, const struct value *item)
{
  const struct value *named = value_get(item, TEXT("linkId"));
  const struct value *answers = value_get(item, TEXT("answer"));
  const struct value *below = value_get(item, TEXT("item"));
  if (value_kind_get(item) != VALUE_OBJECT || !named || value_kind_get(named) != VALUE_TEXT)
    return refuse(reading, "Each item has a linkId.", TEXT("item"), "an item without a linkId");
  struct text link = value_text_get(named);
  size_t fact = 0;
  bool is_fact = facts_find(reading->table, link, &fact);
  if (!is_fact && (answers || !below))
    return refuse(reading, "Use a name of a fact as linkId (docs/assessment.md).", link,
                  "unknown linkId");
  if (answers && value_kind_get(answers) != VALUE_LIST)
    return refuse(reading, "\"answer\" is a list.", link, "an answer that is no list");
  for (size_t i = 0; i < value_count(answers); i++)
    if (!read_answer(reading, link, fact, value_item(answers, i))) return false;
  return read_items(reading, below);
}

/* NULL: there are none. The depth is the document's, which json_read() bounds. */
static bool read_items(struct reading *reading, const struct value *items)
{
  if (!items) return true;
  if (value_kind_get(items) != VALUE_LIST)
    return refuse(reading, "\"item\" is a list of items.", TEXT("item"), "must be a list");
  for (size_t i = 0; i < value_count(items); i++)
    if (!read_item(reading, value_item(items, i))) return false;
  return true;
}

static bool read_response(struct reading *reading, const struct value *document)
{
  const struct value *type = value_get(document, TEXT("resourceType"));
  const struct value *status = value_get(document, TEXT("status"));
  if (!text_equal(value_text_get(type), TEXT("QuestionnaireResponse")))
    return refuse(reading, "Send a FHIR R4 QuestionnaireResponse, or {\"facts\": {…}}.",
                  TEXT("resourceType"), "no QuestionnaireResponse");
  if (text_equal(value_text_get(status), TEXT("entered-in-error")))
    return refuse(reading, "Send the response that stands.", TEXT("status"),
                  "this response was entered in error");
  return read_items(reading, value_get(document, TEXT("item"))) &&
         facts_check(reading->table, &reading->facts, reading->error);
}

/* --- Either -------------------------------------------------------------------------------- */

bool care_read(const struct level_of_care *table, const struct value *document, struct facts *out,
               struct error *error)
{
  struct reading reading = {.table = table, .error = error};
  bool has_facts = value_get(document, TEXT("facts")) != NULL;
  bool has_type = value_get(document, TEXT("resourceType")) != NULL;
  facts_init(&reading.facts);
  if (has_facts == has_type)
    return refuse(&reading,
                  "Send {\"facts\": {\"name\": value}} or a FHIR R4 QuestionnaireResponse.",
                  TEXT(""),
                  has_facts ? "both \"facts\" and a QuestionnaireResponse in one document"
                            : "neither \"facts\" nor a QuestionnaireResponse");
  if (!(has_facts ? read_facts_member(&reading, document) : read_response(&reading, document)))
    return false;
  *out = reading.facts;
  return true;
}

/* --- An instrument's response ---------------------------------------------------------------- */

/* The instrument that the response's canonical address names. */
static const struct instrument *named_instrument(const struct instruments *instruments,
                                                 const struct value *document)
{
  struct text address = value_text_get(value_get(document, TEXT("questionnaire")));
  for (size_t i = 0; i < instruments_count(instruments); i++)
    if (instrument_is_meant(instruments_get(instruments, i), address))
      return instruments_get(instruments, i);
  return NULL;
}

bool care_read_scored(const struct level_of_care *table, const struct instruments *instruments,
                      const struct value *document, struct facts *out, struct error *error)
{
  const struct instrument *instrument = named_instrument(instruments, document);
  struct reading reading = {.table = table, .error = error};
  struct instrument_answers answers;
  struct instrument_score score;
  if (!instrument || value_get(document, TEXT("facts")))
    return care_read(table, document, out, error);
  if (!instrument->is_on)
    return refuse(&reading, "It needs a license. Send its score as a fact, if there is one.",
                  instrument->id, "this instrument is off");
  if (!instrument_read(instrument, document, &answers, error)) return false;
  instrument_score(instrument, &answers, &score);
  struct arena *arena = arena_new(LIMIT_JSON_BODY);
  const struct value *facts = instrument_facts(instrument, arena, &score);
  bool is_done = value_count(facts)
                     ? facts_read(table, facts, out, error)
                     : refuse(&reading, "Answer every item that it asks for.", instrument->id,
                              "its answers say nothing yet about the care that fits");
  arena_free(arena);
  return is_done;
}
