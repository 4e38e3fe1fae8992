/*
 * Questionnaires: a FHIR R4 Questionnaire as docs/instruments.md writes it, checked as it is read.
 *
 * Not a FHIR reader in general: a member that the form does not have is a problem, so that a
 * misspelled one cannot be passed over.
 */
#include <stdio.h>
#include <string.h>

#include "assessment/instrument_private.h"
#include "directory/needs_expression.h"

static const char fhir[] = "http://hl7.org/fhir/StructureDefinition/";
static const char loinc[] = "http://loinc.org";
enum { TEXT_MOST = 300, CODE_MOST = 64 };

struct reading {
  struct knowledge_loader *loader;
  const char *file; /* "instruments/phq-9.json" */
  struct text document;
  struct instrument *out;
  struct instrument_program *program;
  struct instrument_item *items;
  struct text *sections;
  struct text number; /* of the item that is read; "" outside */
  struct text heading[INSTRUMENT_LANGUAGES], note[INSTRUMENT_LANGUAGES];
};

/* The line on which the item's number stands; 0 outside an item. */
static int64_t line_of(const struct reading *reading)
{
  struct text link =
      text_format(reading->loader->arena, "\"linkId\": \"%.*s\"", TEXT_PRINT(reading->number));
  size_t end = text_find(reading->document, link);
  int64_t line = 1;
  if (end == reading->document.length) return 0;
  for (size_t i = 0; i < end; i++) line += reading->document.at[i] == '\n';
  return line;
}

static void report(struct reading *reading, const char *mend, const char *what, struct text detail)
{
  struct arena *arena = reading->loader->arena;
  const char *item = "";
  if (!text_is_empty(reading->number))
    item = text_c(arena, text_format(arena, "item %s: ", expression_quote(arena, reading->number)));
  knowledge_report(reading->loader, reading->file, line_of(reading), mend, "%s%s '%s'", item, what,
                   expression_quote(arena, detail));
}

/* Every member must be one of the known; `known` ends with NULL. */
static void check_members(struct reading *reading, const struct value *object,
                          const char *const *known)
{
  struct text key;
  const struct value *value;
  for (size_t i = 0; value_member(object, i, &key, &value); i++) {
    size_t at = 0;
    while (known[at] && !text_equal(key, text_from(known[at]))) at++;
    if (!known[at])
      report(reading, "take it out, or see docs/instruments.md for its name", "unknown member",
             key);
  }
}

/* --- Texts and extensions ------------------------------------------------------------------- */

static const struct value *find_extension(const struct value *owner, const char *name)
{
  const struct value *list = value_get(owner, TEXT("extension"));
  for (size_t i = 0; i < value_count(list); i++) {
    struct text url = value_text_get(value_get(value_item(list, i), TEXT("url")));
    if (text_starts_with(url, text_from(fhir)) &&
        text_equal(text_slice(url, sizeof fhir - 1, url.length), text_from(name)))
      return value_item(list, i);
  }
  return NULL;
}

/* A part of a translation: {"url": name, value: …}. */
static struct text translation_part(const struct value *translation, const char *name,
                                    const char *value)
{
  const struct value *list = value_get(translation, TEXT("extension"));
  for (size_t i = 0; i < value_count(list); i++) {
    const struct value *part = value_item(list, i);
    if (text_equal(value_text_get(value_get(part, TEXT("url"))), text_from(name)))
      return value_text_get(value_get(part, text_from(value)));
  }
  return TEXT("");
}

/* A text and its Spanish beside it, under "_" and its name. */
static void read_words(struct reading *reading, const struct value *owner, const char *name,
                       size_t most, struct text out[INSTRUMENT_LANGUAGES])
{
  struct arena *arena = reading->loader->arena;
  const struct value *beside = value_get(owner, text_format(arena, "_%s", name));
  const struct value *translation = find_extension(beside, "translation");
  out[0] = text_trim(value_text_get(value_get(owner, text_from(name))));
  out[1] = TEXT("");
  if (text_equal(translation_part(translation, "lang", "valueCode"), TEXT("es")))
    out[1] = text_trim(translation_part(translation, "content", "valueString"));
  if (text_is_empty(out[0])) report(reading, "write it", "there is no", text_from(name));
  if (text_is_empty(out[1]))
    report(reading, "add the translation extension with lang es and content",
           "there is no Spanish of", text_from(name));
  for (size_t i = 0; i < INSTRUMENT_LANGUAGES; i++)
    if (out[i].length > most) report(reading, "shorten it", "too long:", out[i]);
}

static bool read_extension_integer(const struct value *owner, const char *name, const char *value,
                                   int64_t *out)
{
  double number;
  const struct value *extension = find_extension(owner, name);
  if (!value_decimal_get(value_get(extension, text_from(value)), &number) || number < -100000 ||
      number > 100000 || number != (double)(int64_t)number)
    return false;
  *out = (int64_t)number;
  return true;
}

/* --- Codes ---------------------------------------------------------------------------------- */

bool instrument_loinc_check(struct text code)
{
  size_t dash = text_find(code, TEXT("-"));
  unsigned sum = 0;
  if (dash == 0 || dash > 7 || code.length != dash + 2) return false;
  for (size_t i = 0; i < code.length; i++)
    if (i != dash && (code.at[i] < '0' || code.at[i] > '9')) return false;
  for (size_t i = 0; i < dash; i++) {
    unsigned digit = (unsigned)(code.at[dash - 1 - i] - '0');
    if (i % 2 == 0) digit = 2 * digit > 9 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
  }
  return (10 - sum % 10) % 10 == (unsigned)(code.at[dash + 1] - '0');
}

/* Answers the first LOINC code, or "". */
static struct text read_codes(struct reading *reading, const struct value *owner)
{
  struct text first = TEXT("");
  static const char *const known[] = {"system", "code", "display", NULL};
  const struct value *codes = value_get(owner, TEXT("code"));
  for (size_t i = 0; i < value_count(codes); i++) {
    const struct value *coding = value_item(codes, i);
    struct text code = value_text_get(value_get(coding, TEXT("code")));
    struct text system = value_text_get(value_get(coding, TEXT("system")));
    check_members(reading, coding, known);
    if (text_is_empty(code) || text_is_empty(system))
      report(reading, "give both", "a code lacks its system or code:", code);
    if (!text_equal(system, text_from(loinc))) continue;
    if (text_is_empty(first)) first = code;
    if (!instrument_loinc_check(code))
      report(reading, "look the code up on loinc.org, or leave it out",
             "the LOINC check digit does not fit:", code);
  }
  return first;
}

/* --- Answers -------------------------------------------------------------------------------- */

static void read_option(struct reading *reading, const struct value *answer,
                        struct instrument_option *option)
{
  static const char *const known[] = {"extension", "valueCoding", NULL};
  static const char *const known_coding[] = {"system", "code", "display", "_display", NULL};
  const struct value *coding = value_get(answer, TEXT("valueCoding"));
  int64_t value = 0;
  check_members(reading, answer, known);
  check_members(reading, coding, known_coding);
  option->system = value_text_get(value_get(coding, TEXT("system")));
  option->code = value_text_get(value_get(coding, TEXT("code")));
  read_words(reading, coding, "display", TEXT_MOST, option->label);
  if (text_is_empty(option->system) || text_is_empty(option->code) ||
      option->code.length > CODE_MOST)
    report(reading, "give valueCoding its system and a short code",
           "an answer without code:", option->label[0]);
  if (!read_extension_integer(answer, "ordinalValue", "valueDecimal", &value))
    report(reading, "add the ordinalValue extension with a whole valueDecimal",
           "an answer without score:", option->label[0]);
  option->value = (double)value;
}

static void check_options(struct reading *reading, const struct instrument_item *item)
{
  for (size_t i = 0; i < item->option_count; i++)
    for (size_t j = 0; j < i; j++) {
      if (text_equal(item->options[i].code, item->options[j].code))
        report(reading, "give each answer its own code", "two answers with code",
               item->options[i].code);
      if (item->options[i].value == item->options[j].value)
        report(reading, "give each answer its own score",
               "two answers with one score:", item->options[i].label[0]);
    }
}

static void read_options(struct reading *reading, const struct value *object,
                         struct instrument_item *item)
{
  const struct value *answers = value_get(object, TEXT("answerOption"));
  size_t count = value_count(answers);
  if (count < 2 || count > INSTRUMENT_OPTIONS) {
    report(reading, "give a choice 2 to 32 answers", "no fitting number of", TEXT("answerOption"));
    return;
  }
  struct instrument_option *options =
      arena_allocate_array(reading->loader->arena, count, sizeof *options);
  for (size_t i = 0; i < count; i++) read_option(reading, value_item(answers, i), &options[i]);
  item->options = options;
  item->option_count = count;
  check_options(reading, item);
}

static void read_range(struct reading *reading, const struct value *object,
                       struct instrument_item *item)
{
  if (!read_extension_integer(object, "minValue", "valueInteger", &item->minimum) ||
      !read_extension_integer(object, "maxValue", "valueInteger", &item->maximum) ||
      item->minimum >= item->maximum)
    report(reading, "add both extensions with a valueInteger, the lower first",
           "an integer without", TEXT("minValue and maxValue"));
}

/* --- Skip logic ----------------------------------------------------------------------------- */

/* The value that an enableWhen compares with. */
static bool read_compared(const struct instrument_item *question, const struct value *when,
                          double *out)
{
  const struct value *coding = value_get(when, TEXT("answerCoding"));
  const struct value *truth = value_get(when, TEXT("answerBoolean"));
  struct text code = value_text_get(value_get(coding, TEXT("code")));
  if (truth) {
    *out = value_kind_get(truth) == VALUE_TRUE;
    return question->kind == ITEM_YES_NO;
  }
  for (size_t i = 0; i < question->option_count; i++) {
    if (!text_equal(question->options[i].code, code)) continue;
    *out = question->options[i].value;
    return true;
  }
  return value_decimal_get(value_get(when, TEXT("answerInteger")), out) ||
         value_decimal_get(value_get(when, TEXT("answerDecimal")), out);
}

/* Say one enableWhen as a term of a condition, "q2 = 1". */
static void add_term(struct reading *reading, const struct value *when,
                     struct instrument_item *item, const char *join, struct text_buffer *out)
{
  static const char *const known[] = {
      "question",     "operator", "answerBoolean", "answerInteger", "answerDecimal",
      "answerCoding", NULL};
  struct text question = value_text_get(value_get(when, TEXT("question")));
  struct text mark = value_text_get(value_get(when, TEXT("operator")));
  size_t index = instrument_item_find(reading->out, question);
  double value = 0;
  check_members(reading, when, known);
  if (index == INSTRUMENT_NONE || !reading->items[index].is_required) {
    report(reading, "ask a required item that stands earlier", "enableWhen asks", question);
    return;
  }
  if (!read_compared(&reading->items[index], when, &value) ||
      !instrument_item_allows(&reading->items[index], value))
    report(reading, "compare with an allowed answer of that item",
           "enableWhen compares with no answer of item", question);
  text_buffer_add_format(out, "%sq%.*s %.*s %.0f", out->length ? join : "", TEXT_PRINT(question),
                         TEXT_PRINT(mark), value);
  item->depends_on = index;
}

static void read_skips(struct reading *reading, const struct value *object,
                       struct instrument_item *item, size_t index)
{
  const struct value *list = value_get(object, TEXT("enableWhen"));
  struct text behavior = value_text_get(value_get(object, TEXT("enableBehavior")));
  bool is_any = text_equal(behavior, TEXT("any"));
  char what[LIMIT_ERROR_TEXT];
  struct text_buffer condition;
  if (value_count(list) == 0) return;
  if (value_count(list) > 1 && !is_any && !text_equal(behavior, TEXT("all")))
    report(reading, "write all or any", "enableBehavior is", behavior);
  text_buffer_init(&condition, LIMIT_EXPRESSION);
  for (size_t i = 0; i < value_count(list); i++)
    add_term(reading, value_item(list, i), item, is_any ? " | " : " & ", &condition);
  if (condition.length && !instrument_condition_compile(reading->loader->arena, reading->out,
                                                        text_buffer_get(&condition),
                                                        &reading->program->enabled[index], what))
    report(reading, "use = != < <= > or >=, and fewer terms", "enableWhen:", text_from(what));
  text_buffer_fini(&condition);
}

/* --- Items ---------------------------------------------------------------------------------- */

static const struct {
  const char *type;
  enum instrument_item_kind kind;
} types[] = {{"choice", ITEM_CHOICE}, {"boolean", ITEM_YES_NO}, {"integer", ITEM_INTEGER}};

static bool is_number(struct text number)
{
  if (text_is_empty(number) || number.length > 16) return false;
  for (size_t i = 0; i < number.length; i++) {
    char c = number.at[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
  }
  return true;
}

static bool is_taken(const struct reading *reading, struct text number)
{
  for (size_t i = 0; i < reading->program->section_count; i++)
    if (text_equal(reading->sections[i], number)) return true;
  return instrument_item_find(reading->out, number) != INSTRUMENT_NONE;
}

static void read_question(struct reading *reading, const struct value *object, struct text type)
{
  size_t index = reading->out->item_count, kind = 0;
  const size_t kinds = sizeof types / sizeof *types;
  if (index == INSTRUMENT_ITEMS) {
    report(reading, "raise INSTRUMENT_ITEMS", "too many items:", reading->number);
    return;
  }
  struct instrument_item *item = &reading->items[index];
  item->number = reading->number;
  item->depends_on = INSTRUMENT_NONE;
  const struct value *required = value_get(object, TEXT("required"));
  item->is_required = required && value_kind_get(required) == VALUE_TRUE;
  while (kind < kinds && !text_equal(type, text_from(types[kind].type))) kind++;
  if (kind == kinds) {
    report(reading, "write choice, boolean, integer, group or display", "unknown type", type);
    return;
  }
  item->kind = types[kind].kind;
  memcpy(item->heading, reading->heading, sizeof item->heading);
  memcpy(item->note, reading->note, sizeof item->note);
  memset(reading->heading, 0, sizeof reading->heading);
  memset(reading->note, 0, sizeof reading->note);
  read_words(reading, object, "text", TEXT_MOST, item->text);
  (void)read_codes(reading, object);
  if (item->kind == ITEM_CHOICE) read_options(reading, object, item);
  if (item->kind == ITEM_INTEGER) read_range(reading, object, item);
  read_skips(reading, object, item, index);
  reading->out->item_count++;
}

/* A group's heading, or a line of text, stands before the next question. */
static void read_section(struct reading *reading, const struct value *object, bool is_group)
{
  if (reading->program->section_count == INSTRUMENT_ITEMS) {
    report(reading, "keep fewer groups", "too many groups and lines:", reading->number);
    return;
  }
  reading->sections[reading->program->section_count++] = reading->number;
  read_words(reading, object, "text", 2 * TEXT_MOST, is_group ? reading->heading : reading->note);
}

static void read_items(struct reading *reading, const struct value *owner);

static void read_item(struct reading *reading, const struct value *object)
{
  static const char *const known[] = {
      "linkId",    "type",         "text",       "_text",          "prefix", "required", "code",
      "extension", "answerOption", "enableWhen", "enableBehavior", "item",   NULL};
  struct text type = value_text_get(value_get(object, TEXT("type")));
  bool is_group = text_equal(type, TEXT("group"));
  reading->number = value_text_get(value_get(object, TEXT("linkId")));
  check_members(reading, object, known);
  if (!is_number(reading->number))
    report(reading, "use small letters, digits and hyphens, at most 16",
           "no fitting linkId:", reading->number);
  if (is_taken(reading, reading->number))
    report(reading, "number the items apart", "linkId stands twice:", reading->number);
  if (is_group || text_equal(type, TEXT("display"))) read_section(reading, object, is_group);
  else read_question(reading, object, type);
  read_items(reading, object);
}

static void read_items(struct reading *reading, const struct value *owner)
{
  const struct value *items = value_get(owner, TEXT("item"));
  for (size_t i = 0; i < value_count(items); i++) read_item(reading, value_item(items, i));
}

/* --- The whole ------------------------------------------------------------------------------ */

static void read_head(struct reading *reading, const struct value *root, struct text id)
{
  static const char *const known[] = {
      "resourceType", "id",           "url",         "status",   "title",        "_title",
      "description",  "_description", "purpose",     "_purpose", "copyright",    "_copyright",
      "code",         "item",         "version",     "name",     "date",         "publisher",
      "subjectType",  "language",     "derivedFrom", "contact",  "experimental", NULL};
  struct instrument *out = reading->out;
  struct arena *arena = reading->loader->arena;
  reading->program->url = text_format(arena, "urn:fairlead:instrument:%.*s", TEXT_PRINT(id));
  check_members(reading, root, known);
  if (!text_equal(value_text_get(value_get(root, TEXT("resourceType"))), TEXT("Questionnaire")))
    report(reading, "write Questionnaire", "resourceType is not", TEXT("Questionnaire"));
  if (!text_equal(value_text_get(value_get(root, TEXT("id"))), id))
    report(reading, "name the file as the id", "the id is not", id);
  if (!text_equal(value_text_get(value_get(root, TEXT("url"))), reading->program->url))
    report(reading, "write it so", "the url is not", reading->program->url);
  if (text_is_empty(value_text_get(value_get(root, TEXT("status")))))
    report(reading, "write active or draft", "there is no", TEXT("status"));
  read_words(reading, root, "title", TEXT_MOST, out->title);
  read_words(reading, root, "description", 4 * TEXT_MOST, out->description);
  read_words(reading, root, "purpose", 4 * TEXT_MOST, out->purpose);
  if (value_get(root, TEXT("copyright")))
    read_words(reading, root, "copyright", 4 * TEXT_MOST, out->copyright);
  reading->program->panel = read_codes(reading, root);
}

void instrument_questionnaire_read(struct knowledge_loader *loader, struct text id,
                                   struct instrument *out, struct instrument_program *program)
{
  struct error error = {0};
  struct arena *arena = loader->arena;
  const struct value *root;
  struct reading reading = {.loader = loader, .out = out, .program = program};
  reading.file = text_c(arena, text_format(arena, "instruments/%.*s.json", TEXT_PRINT(id)));
  reading.items = arena_allocate_array(arena, INSTRUMENT_ITEMS, sizeof *reading.items);
  reading.sections = arena_allocate_array(arena, INSTRUMENT_ITEMS, sizeof *reading.sections);
  out->id = id;
  out->items = reading.items;
  program->sections = reading.sections;
  if (!file_read(arena, file_join(arena, loader->folder, reading.file), LIMIT_KNOWLEDGE_FILE,
                 &reading.document, &error) ||
      !json_read(arena, reading.document, &root, &error)) {
    knowledge_report(loader, reading.file, 0, error.hint, "%s", error.log);
    return;
  }
  read_head(&reading, root, id);
  read_items(&reading, root);
  reading.number = TEXT("");
  if (out->item_count == 0) report(&reading, "add questions", "there is no", TEXT("item"));
}
