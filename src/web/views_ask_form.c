/*
 * Forms of the public pages by which somebody asks: fields by declaration. See views_ask.h.
 */
#include <string.h>

#include "web/views_ask.h"

static const struct text none = {"", 0};

static struct ask_entry *entry_of(struct ask_form *form, const char *name)
{
  for (size_t i = 0; i < form->count; i++)
    if (strcmp(form->fields[i].name, name) == 0) return &form->entries[i];
  return NULL;
}

/* All that is ticked, separated by spaces. */
static struct text all_of(struct web_request *request, const char *name)
{
  const struct text *values;
  size_t count = web_parameter_all(request, name, &values);
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_DOOR_BODY);
  for (size_t i = 0; i < count; i++) {
    if (i) text_buffer_add_character(&out, ' ');
    text_buffer_add(&out, values[i]);
  }
  struct text copy = text_copy(request->arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}

void view_ask_begin(struct ask_form *form, struct web_request *request,
                    const struct ask_field *fields, size_t count)
{
  *form = (struct ask_form){.request = request,
                            .fields = fields,
                            .count = count,
                            .key = web_parameter_get(request, "key"),
                            .site_id = web_parameter_get(request, "site")};
  for (size_t i = 0; i < count; i++) {
    struct text typed = request->method != WEB_POST ? none
                        : fields[i].kind == ASK_ANY ? all_of(request, fields[i].name)
                                                    : web_parameter_get(request, fields[i].name);
    form->entries[i] = (struct ask_entry){.typed = typed, .value = typed};
  }
}

void view_ask_choices(struct ask_form *form, const char *name, const struct ask_choice *choices,
                      size_t count, struct text first)
{
  struct ask_entry *entry = entry_of(form, name);
  if (!entry) return;
  entry->choices = choices;
  entry->choice_count = count;
  if (entry->typed.length == 0 && form->request->method != WEB_POST)
    entry->typed = entry->value = first;
}

void view_ask_languages(struct ask_form *form, const char *name)
{
  const struct web_request *request = form->request;
  const struct care *care = request->application->records;
  size_t count = care_code_count(care, CARE_SPOKEN);
  struct ask_choice *choices = arena_allocate_array(request->arena, count + 1, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    struct text code = care_code(care, CARE_SPOKEN, i);
    choices[i] =
        (struct ask_choice){code, care_code_label(care, CARE_SPOKEN, code, request->language)};
  }
  view_ask_choices(form, name, choices, count, request->application->languages[request->language]);
}

static bool has_word(struct text words, struct text wanted)
{
  struct text word;
  while (text_word_next(&words, &word))
    if (text_equal(word, wanted)) return true;
  return false;
}

void view_ask_consents(struct ask_form *form, const char *name, const char *without)
{
  const struct web_request *request = form->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  size_t count = request_code_count(rules, REQUEST_CONSENTS), kept = 0;
  struct ask_choice *choices = arena_allocate_array(request->arena, count + 1, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    struct text code = request_code(rules, REQUEST_CONSENTS, i);
    if (without && has_word(text_from(without), code)) continue;
    struct text key = text_format(request->arena, "request-consents.%.*s", TEXT_PRINT(code));
    choices[kept++] = (struct ask_choice){code, view_text(request, text_c(request->arena, key))};
  }
  view_ask_choices(form, name, choices, kept, none);
}

static const char *const said[] = {"yes", "no", "unsaid"};
static const int64_t meant[] = {1, 0, REQUEST_UNKNOWN};

void view_ask_said(struct ask_form *form, const char *name, int64_t known)
{
  static const char *const keys[] = {"ask.yes", "ask.no", "ask.unsaid"};
  enum { SAID = sizeof said / sizeof *said };
  const struct web_request *request = form->request;
  struct ask_choice *choices = arena_allocate_array(request->arena, SAID, sizeof *choices);
  struct text first = text_from(said[SAID - 1]);
  for (size_t i = 0; i < SAID; i++) {
    choices[i] = (struct ask_choice){text_from(said[i]), view_text(request, keys[i])};
    if (meant[i] == known) first = choices[i].value;
  }
  view_ask_choices(form, name, choices, SAID, first);
}

int64_t view_ask_yes(const struct ask_form *form, const char *name)
{
  struct text value = view_ask_get(form, name);
  for (size_t i = 0; i < sizeof said / sizeof *said; i++)
    if (text_equal(value, text_from(said[i]))) return meant[i];
  return REQUEST_UNKNOWN;
}

/* --- Reading ------------------------------------------------------------------------------- */

static bool is_choice(const struct ask_entry *entry, struct text value)
{
  for (size_t i = 0; i < entry->choice_count; i++)
    if (text_equal(entry->choices[i].value, value)) return true;
  return false;
}

static const char *read_text(struct ask_entry *entry, bool has_lines)
{
  size_t most = has_lines ? LIMIT_DOOR_WORDS : LIMIT_DOOR_LINE;
  bool is_kept = text_characters(entry->typed) <= most &&
                 entry->typed.length <= most * LIMIT_CHARACTER &&
                 (has_lines || !text_contains(entry->typed, TEXT("\n")));
  return is_kept ? NULL : "error.ask.long";
}

static const char *read_phone(struct arena *arena, struct ask_entry *entry)
{
  char *digits = arena_allocate(arena, entry->typed.length + 1);
  size_t count = 0;
  for (size_t i = 0; i < entry->typed.length; i++) {
    char c = entry->typed.at[i];
    if (c >= '0' && c <= '9') digits[count++] = c;
    else if (!strchr(" ()+-./", c)) return "error.ask.phone";
  }
  struct text number = {digits, count};
  if (count == 11 && digits[0] == '1') number = text_slice(number, 1, count);
  if (number.length != 10) return "error.ask.phone";
  entry->value = number;
  return NULL;
}

static const char *read_email(const struct ask_entry *entry)
{
  size_t at = text_find(entry->typed, TEXT("@"));
  bool is_one = entry->typed.length <= LIMIT_OUTBOX_ADDRESS && at > 0 &&
                at + 1 < entry->typed.length && !text_contains(entry->typed, TEXT(" ")) &&
                !text_contains(entry->typed, TEXT("\n"));
  return is_one ? NULL : "error.ask.email";
}

static const char *read_date(struct arena *arena, struct ask_entry *entry)
{
  struct text rest = entry->typed, part[3] = {none, none, none};
  int64_t number[3] = {0, 0, 0};
  int year, month, day;
  if (time_read_date(entry->typed, &year, &month, &day)) return NULL;
  for (size_t i = 0; i < 3; i++)
    if (!text_split_next(&rest, '/', &part[i]) || part[i].length > 4 ||
        !text_read_integer(part[i], &number[i]) || number[i] < 0)
      return "error.ask.date";
  struct text date =
      text_format(arena, "%04d-%02d-%02d", (int)number[2], (int)number[0], (int)number[1]);
  if (rest.length || !time_read_date(date, &year, &month, &day)) return "error.ask.date";
  entry->value = date;
  return NULL;
}

static const char *read_choices(const struct ask_entry *entry)
{
  struct text rest = entry->typed, word;
  while (text_word_next(&rest, &word))
    if (!is_choice(entry, word)) return "error.ask.choose";
  return NULL;
}

static const char *read_entry(struct arena *arena, const struct ask_field *field,
                              struct ask_entry *entry)
{
  if (entry->typed.length == 0) return field->is_required ? "error.ask.needed" : NULL;
  switch (field->kind) {
  case ASK_LINE:
    return read_text(entry, false);
  case ASK_LINES:
    return read_text(entry, true);
  case ASK_PHONE:
    return read_phone(arena, entry);
  case ASK_EMAIL:
    return read_email(entry);
  case ASK_DATE:
    return read_date(arena, entry);
  case ASK_ONE:
    return is_choice(entry, entry->typed) ? NULL : "error.ask.choose";
  case ASK_ANY:
    return read_choices(entry);
  }
  return "error.ask.choose";
}

bool view_ask_read(struct ask_form *form)
{
  bool is_good = true;
  for (size_t i = 0; i < form->count; i++) {
    struct ask_entry *entry = &form->entries[i];
    entry->problem = read_entry(form->request->arena, &form->fields[i], entry);
    if (entry->problem) is_good = false;
  }
  return is_good;
}

struct text view_ask_get(const struct ask_form *form, const char *name)
{
  for (size_t i = 0; i < form->count; i++)
    if (strcmp(form->fields[i].name, name) == 0) return form->entries[i].value;
  return none;
}

bool view_ask_has(const struct ask_form *form, const char *name, const char *value)
{
  return has_word(view_ask_get(form, name), text_from(value));
}

void view_ask_refuse(struct ask_form *form, const char *name, const char *problem)
{
  struct ask_entry *entry = name ? entry_of(form, name) : NULL;
  if (!entry) form->problem = problem;
  else if (!entry->problem) entry->problem = problem;
}

/* --- Showing ------------------------------------------------------------------------------- */

static void add_options(const struct ask_form *form, size_t index, struct value *out)
{
  enum { RADIOS = 6 };
  const struct web_request *request = form->request;
  const struct ask_entry *entry = &form->entries[index];
  bool is_any = form->fields[index].kind == ASK_ANY;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < entry->choice_count; i++) {
    struct value *option = value_object(request->arena);
    view_set_text(request, option, "value", entry->choices[i].value);
    view_set_text(request, option, "label", entry->choices[i].label);
    view_set_text(request, option, "type", is_any ? TEXT("checkbox") : TEXT("radio"));
    view_set_flag(request, option, "checked",
                  is_any ? has_word(entry->typed, entry->choices[i].value)
                         : text_equal(entry->typed, entry->choices[i].value));
    value_add(list, option);
  }
  bool is_list = !is_any && entry->choice_count > RADIOS;
  value_set(out, is_list ? "choices" : "options", list);
  view_set_flag(request, out, "is_list", is_list);
  view_set_flag(request, out, "is_group", !is_list);
}

static struct value *field_value(const struct ask_form *form, size_t index)
{
  static const char *const types[] = {
      [ASK_LINE] = "text", [ASK_LINES] = "text", [ASK_PHONE] = "tel",   [ASK_EMAIL] = "email",
      [ASK_DATE] = "text", [ASK_ONE] = "radio",  [ASK_ANY] = "checkbox"};
  const struct web_request *request = form->request;
  const struct ask_field *field = &form->fields[index];
  const struct ask_entry *entry = &form->entries[index];
  struct value *out = value_object(request->arena);
  bool is_choice_field = field->kind == ASK_ONE || field->kind == ASK_ANY;
  view_set_text(request, out, "id", text_from(field->name));
  view_set_text(request, out, "name", text_from(field->name));
  view_set_text(request, out, "label", view_text(request, field->label));
  view_set_text(request, out, "help", field->help ? view_text(request, field->help) : none);
  view_set_text(request, out, "problem",
                entry->problem ? view_text(request, entry->problem) : none);
  view_set_text(request, out, "typed", entry->typed);
  view_set_text(request, out, "type", text_from(types[field->kind]));
  view_set_flag(request, out, "optional", !field->is_required && !is_choice_field);
  view_set_flag(request, out, "described", field->help || entry->problem);
  view_set_flag(request, out, "is_lines", field->kind == ASK_LINES);
  view_set_flag(request, out, "is_line", field->kind != ASK_LINES && !is_choice_field);
  view_set_flag(request, out, "is_list", false);
  view_set_flag(request, out, "is_group", false);
  if (is_choice_field) add_options(form, index, out);
  return out;
}

static void add_problem(const struct ask_form *form, struct value *list, const char *label,
                        const char *name, const char *problem)
{
  const struct web_request *request = form->request;
  struct value *item = value_object(request->arena);
  struct text words = view_text(request, problem);
  view_set_text(request, item, "href", name ? text_format(request->arena, "#%s", name) : none);
  view_set_text(request, item, "text",
                label ? VIEW_FORMAT(request, "ask.problem_of", {"field", view_text(request, label)},
                                    {"problem", words})
                      : words);
  value_add(list, item);
}

static void add_sent(const struct ask_form *form, struct value *list, const char *name,
                     struct text value)
{
  struct value *item = value_object(form->request->arena);
  if (value.length == 0) return;
  view_set_text(form->request, item, "name", text_from(name));
  view_set_text(form->request, item, "value", value);
  value_add(list, item);
}

/* What was sent, again, for the other language. */
static struct value *sent_value(const struct ask_form *form)
{
  struct value *list = value_list(form->request->arena);
  add_sent(form, list, "key", form->key);
  add_sent(form, list, "site", form->site_id);
  for (size_t i = 0; i < form->count; i++) {
    struct text rest = form->entries[i].typed, word;
    if (form->fields[i].kind != ASK_ANY) add_sent(form, list, form->fields[i].name, rest);
    else
      while (text_word_next(&rest, &word)) add_sent(form, list, form->fields[i].name, word);
  }
  return list;
}

void view_ask_fill(const struct ask_form *form, struct value *page)
{
  const struct web_request *request = form->request;
  struct value *fields = value_list(request->arena), *problems = value_list(request->arena);
  if (form->problem) add_problem(form, problems, NULL, NULL, form->problem);
  for (size_t i = 0; i < form->count; i++) {
    const struct ask_field *field = &form->fields[i];
    value_add(fields, field_value(form, i));
    if (form->entries[i].problem)
      add_problem(form, problems, field->label, field->name, form->entries[i].problem);
  }
  value_set(page, "fields", fields);
  value_set(page, "problems", problems);
  view_set_flag(request, page, "has_problems", value_count(problems) > 0);
  view_set_text(request, page, "key", form->key);
  view_set_text(request, page, "site_id", form->site_id);
  value_set(page, "sent", sent_value(form));
  view_set_flag(request, page, "is_sent", request->method == WEB_POST);
}
