/*
 * Forms: fields read and checked by their declaration, shown again with what is wrong. See desk.h.
 */
#include <assert.h>
#include <string.h>

#include "web/desk/desk_private.h"

/* A field on its way. Several values only for DESK_CHOICES. */
struct desk_entry {
  const struct text *values;
  size_t count;
  const char *problem; /* catalog key */
  const struct desk_choice *choices;
  size_t choice_count;
  struct text stands; /* after a conflict: what stands in the store now, as people read it */
  bool is_other;      /* and it is not what was typed */
};

void desk_form_init(struct desk_form *form, struct web_request *request,
                    const struct desk_field *fields, size_t count)
{
  for (size_t i = 0; i < count; i++)
    assert((fields[i].kind == DESK_SECRET) == desk_is_secret(text_from(fields[i].name)));
  *form = (struct desk_form){
      .request = request,
      .fields = fields,
      .count = count,
      .entries = arena_allocate_array(request->arena, count, sizeof(struct desk_entry)),
      .version = TEXT("")};
}

static size_t place_of(const struct desk_form *form, const char *name)
{
  size_t place = 0;
  while (place < form->count && strcmp(form->fields[place].name, name) != 0) place++;
  assert(place < form->count); /* a form has the fields that its handler asks for */
  return place;
}

static struct desk_entry *entry_of(const struct desk_form *form, const char *name)
{
  return &form->entries[place_of(form, name)];
}

void desk_form_set(struct desk_form *form, const char *name, struct text value)
{
  struct desk_entry *entry = entry_of(form, name);
  struct text *values = arena_allocate_array(form->request->arena, entry->count + 1, sizeof value);
  bool is_many = form->fields[place_of(form, name)].kind == DESK_CHOICES;
  size_t count = is_many ? entry->count : 0;
  if (count) memcpy(values, entry->values, count * sizeof value);
  values[count] = value;
  entry->values = values;
  entry->count = count + 1;
}

void desk_form_choices(struct desk_form *form, const char *name, const struct desk_choice *choices,
                       size_t count)
{
  struct desk_entry *entry = entry_of(form, name);
  entry->choices = choices;
  entry->choice_count = count;
}

void desk_form_refuse(struct desk_form *form, const char *name, const char *problem)
{
  form->problem_count++;
  if (!name) {
    form->problem = problem;
    return;
  }
  struct desk_entry *entry = entry_of(form, name);
  if (!entry->problem) entry->problem = problem;
}

/* --- Checking ------------------------------------------------------------------------------ */

static bool is_choice(const struct desk_entry *entry, struct text value)
{
  for (size_t i = 0; i < entry->choice_count; i++)
    if (text_equal(entry->choices[i].value, value)) return true;
  return false;
}

static const char *check_number(const struct desk_field *field, struct text value)
{
  int64_t number;
  if (!text_read_integer(value, &number)) return "form.problem.number";
  return number < field->least || number > field->most ? "form.problem.range" : NULL;
}

/* One "@" with something on both sides and a dot behind it; whether it arrives, only mail can say.
 */
static const char *check_email(struct text value)
{
  size_t at = text_find(value, TEXT("@"));
  struct text host = text_slice(value, at + 1, value.length);
  size_t dot = text_find(host, TEXT("."));
  bool is_good = at > 0 && at < value.length && dot > 0 && dot + 1 < host.length &&
                 !text_contains(host, TEXT("@")) && !text_contains(value, TEXT(" "));
  return is_good ? NULL : "form.problem.email";
}

static const char *check_phone(struct text value)
{
  enum { SHORTEST = 7, NATIONAL = 10, LONGEST = 15 }; /* ITU-T E.164 */
  size_t digits = 0;
  for (size_t i = 0; i < value.length; i++) {
    char c = value.at[i];
    if (c >= '0' && c <= '9') digits++;
    else if (!memchr(" ()-.+x/", c, sizeof " ()-.+x/" - 1)) return "form.problem.phone";
  }
  size_t least = text_starts_with(value, TEXT("+")) ? SHORTEST : NATIONAL;
  return digits < least || digits > LONGEST ? "form.problem.phone" : NULL;
}

static const char *check_hidden(struct text value)
{
  for (size_t i = 0; i < value.length; i++) {
    char c = value.at[i];
    if (c <= ' ' || c > '~') return "form.problem.choice";
  }
  return value.length > LIMIT_DESK_TOKEN ? "form.problem.choice" : NULL;
}

static const char *check_kind(const struct desk_field *field, const struct desk_entry *entry,
                              struct text value)
{
  int year, month, day;
  switch (field->kind) {
  case DESK_EMAIL:
    return check_email(value);
  case DESK_PHONE:
    return check_phone(value);
  case DESK_DATE:
    return time_read_date(value, &year, &month, &day) ? NULL : "form.problem.date";
  case DESK_NUMBER:
    return check_number(field, value);
  case DESK_CHOICE:
  case DESK_CHOICES:
    return is_choice(entry, value) ? NULL : "form.problem.choice";
  case DESK_YES:
    return text_equal(value, TEXT("1")) ? NULL : "form.problem.choice";
  case DESK_HIDDEN:
    return check_hidden(value);
  case DESK_TEXT:
  case DESK_LINES:
  case DESK_SECRET:
    break;
  }
  return NULL;
}

static size_t longest(const struct desk_field *field)
{
  if (field->longest) return field->longest;
  return field->kind == DESK_LINES ? LIMIT_DESK_LINES : LIMIT_DESK_LINE;
}

/* People count characters; what is kept is bounded in bytes, wide enough for any of them. */
static bool is_long(struct text value, size_t most)
{
  return text_characters(value) > most || value.length > most * LIMIT_CHARACTER;
}

static const char *check(const struct desk_field *field, const struct desk_entry *entry)
{
  static const char *const missing[] = {[DESK_CHOICE] = "form.problem.choose",
                                        [DESK_CHOICES] = "form.problem.choose",
                                        [DESK_YES] = "form.problem.tick"};
  if (!entry->count) {
    if (!(field->flags & DESK_REQUIRED)) return NULL;
    return field->kind >= DESK_CHOICE && field->kind <= DESK_YES ? missing[field->kind]
                                                                 : "form.problem.missing";
  }
  for (size_t i = 0; i < entry->count; i++) {
    if (is_long(entry->values[i], longest(field))) return "form.problem.long";
    const char *problem = check_kind(field, entry, entry->values[i]);
    if (problem) return problem;
  }
  return NULL;
}

/* Values that were sent under this name, without empty ones. A secret is taken as it is. */
static void take(const struct web_request *request, const struct desk_field *field,
                 struct desk_entry *entry)
{
  struct text *values =
      arena_allocate_array(request->arena, request->parameter_count, sizeof *values);
  size_t count = 0;
  struct text name = text_from(field->name);
  for (size_t i = 0; i < request->parameter_count; i++) {
    const struct web_parameter *sent = &request->parameters[i];
    if (!text_equal(sent->name, name)) continue;
    struct text value = field->kind == DESK_SECRET ? sent->value : text_trim(sent->value);
    if (value.length && (count == 0 || field->kind == DESK_CHOICES)) values[count++] = value;
  }
  entry->values = values;
  entry->count = count;
}

bool desk_form_read(struct desk_form *form)
{
  for (size_t i = 0; i < form->count; i++) {
    take(form->request, &form->fields[i], &form->entries[i]);
    const char *problem = check(&form->fields[i], &form->entries[i]);
    if (problem) desk_form_refuse(form, form->fields[i].name, problem);
  }
  int64_t version;
  struct text sent = web_parameter_get(form->request, "version");
  if (text_read_integer(sent, &version)) form->version = sent;
  return form->problem_count == 0;
}

/* --- What was read ------------------------------------------------------------------------- */

struct text desk_form_get(const struct desk_form *form, const char *name)
{
  const struct desk_entry *entry = entry_of(form, name);
  return entry->count ? entry->values[0] : TEXT("");
}

int64_t desk_form_number(const struct desk_form *form, const char *name, int64_t otherwise)
{
  int64_t number;
  return text_read_integer(desk_form_get(form, name), &number) ? number : otherwise;
}

static bool entry_has(const struct desk_entry *entry, struct text value)
{
  for (size_t i = 0; i < entry->count; i++)
    if (text_equal(entry->values[i], value)) return true;
  return false;
}

bool desk_form_has(const struct desk_form *form, const char *name, struct text value)
{
  return entry_has(entry_of(form, name), value);
}

size_t desk_form_all(const struct desk_form *form, const char *name, const struct text **out)
{
  const struct desk_entry *entry = entry_of(form, name);
  *out = entry->values;
  return entry->count;
}

int64_t desk_form_version(const struct desk_form *form)
{
  int64_t version;
  return text_read_integer(form->version, &version) ? version : -1;
}

void desk_form_set_version(struct desk_form *form, int64_t version)
{
  form->version = text_format(form->request->arena, "%lld", (long long)version);
}

bool desk_form_take(struct desk_form *form, const struct error *error,
                    const struct desk_mapping *mappings)
{
  for (; mappings && mappings->person; mappings++) {
    if (!error->person || strcmp(mappings->person, error->person) != 0) continue;
    desk_form_refuse(form, mappings->field, mappings->person);
    return true;
  }
  if (error->kind != ERROR_REFUSED || !error->person) return false;
  desk_form_refuse(form, NULL, error->person);
  return true;
}

/* --- Somebody was faster ------------------------------------------------------------------- */

/* Values as people read them: labels of choices, joined. */
static struct text shown(const struct desk_form *form, size_t index)
{
  const struct desk_entry *entry = &form->entries[index];
  struct text out = TEXT("");
  for (size_t i = 0; i < entry->count; i++) {
    struct text value = entry->values[i];
    for (size_t k = 0; k < entry->choice_count; k++)
      if (text_equal(entry->choices[k].value, value)) value = entry->choices[k].label;
    if (form->fields[index].kind == DESK_YES) value = view_text(form->request, "form.yes");
    out = i ? text_format(form->request->arena, "%.*s, %.*s", TEXT_PRINT(out), TEXT_PRINT(value))
            : value;
  }
  return out;
}

void desk_form_conflict(struct desk_form *form, const struct desk_form *now)
{
  assert(form->fields == now->fields);
  for (size_t i = 0; i < form->count; i++) {
    struct desk_entry *entry = &form->entries[i];
    if (form->fields[i].kind == DESK_SECRET || form->fields[i].kind == DESK_HIDDEN) continue;
    entry->stands = shown(now, i);
    entry->is_other = !text_equal(entry->stands, shown(form, i));
  }
  form->version = now->version;
  desk_form_refuse(form, NULL, "form.problem.conflict");
}

/* --- Showing ------------------------------------------------------------------------------- */

static const char *type_of(const struct desk_field *field)
{
  static const char *const types[] = {
      [DESK_TEXT] = "text",  [DESK_SECRET] = "password", [DESK_EMAIL] = "email",
      [DESK_PHONE] = "tel",  [DESK_DATE] = "date",       [DESK_NUMBER] = "text",
      [DESK_LINES] = "text", [DESK_HIDDEN] = "hidden",
  };
  return types[field->kind];
}

enum { RADIOS_MOST = 7 }; /* more choices than these become a list to open */

static void fill_choices(const struct desk_form *form, size_t index, struct text id,
                         struct value *out)
{
  const struct web_request *request = form->request;
  const struct desk_field *field = &form->fields[index];
  const struct desk_entry *entry = &form->entries[index];
  struct value *options = value_list(request->arena);
  for (size_t i = 0; i < entry->choice_count; i++) {
    struct value *option = value_object(request->arena);
    view_set_text(request, option, "id",
                  i ? text_format(request->arena, "%.*s-%zu", TEXT_PRINT(id), i) : id);
    view_set_text(request, option, "name", text_from(field->name));
    view_set_text(request, option, "value", entry->choices[i].value);
    view_set_text(request, option, "label", entry->choices[i].label);
    view_set_flag(request, option, "checked", entry_has(entry, entry->choices[i].value));
    value_add(options, option);
  }
  bool is_list = field->kind == DESK_CHOICE && entry->choice_count > RADIOS_MOST;
  view_set_flag(request, out, "is_radios", field->kind == DESK_CHOICE && !is_list);
  view_set_flag(request, out, "is_list", is_list);
  view_set_flag(request, out, "is_boxes", field->kind == DESK_CHOICES);
  value_set(out, "options", options);
}

static void fill_texts(const struct desk_form *form, size_t index, struct value *out)
{
  const struct web_request *request = form->request;
  const struct desk_field *field = &form->fields[index];
  const struct desk_entry *entry = &form->entries[index];
  bool is_numeric = field->kind == DESK_NUMBER || (field->flags & DESK_NUMERIC);
  view_set_text(request, out, "type", text_from(type_of(field)));
  view_set_text(request, out, "autocomplete",
                text_from(field->autocomplete ? field->autocomplete : "off"));
  view_set_text(request, out, "mode", is_numeric ? TEXT("numeric") : TEXT(""));
  bool is_shown = field->kind != DESK_SECRET && entry->count;
  view_set_text(request, out, "value", is_shown ? entry->values[0] : TEXT(""));
  view_set_flag(request, out, "is_lines", field->kind == DESK_LINES);
  view_set_flag(request, out, "is_line", field->kind != DESK_LINES && field->kind != DESK_HIDDEN);
  view_set_flag(request, out, "is_hidden", field->kind == DESK_HIDDEN);
}

static struct text problem_text(const struct desk_form *form, size_t index)
{
  const struct desk_field *field = &form->fields[index];
  struct arena *arena = form->request->arena;
  return VIEW_FORMAT(form->request, form->entries[index].problem,
                     {"least", text_format(arena, "%lld", (long long)field->least)},
                     {"most", text_format(arena, "%lld", (long long)field->most)},
                     {"longest", text_format(arena, "%zu", longest(field))});
}

static struct value *fill_field(const struct desk_form *form, size_t index, const char *prefix)
{
  const struct web_request *request = form->request;
  const struct desk_field *field = &form->fields[index];
  const struct desk_entry *entry = &form->entries[index];
  struct value *out = value_object(request->arena);
  struct text id = text_format(request->arena, "%s-%s", prefix, field->name);
  view_set_text(request, out, "id", id);
  view_set_text(request, out, "name", text_from(field->name));
  view_set_text(request, out, "label", view_text(request, field->label));
  view_set_text(request, out, "help", field->help ? view_text(request, field->help) : TEXT(""));
  view_set_flag(request, out, "required", field->flags & DESK_REQUIRED);
  view_set_flag(request, out, "focus", (field->flags & DESK_FOCUS) && !form->problem_count);
  view_set_flag(request, out, "short", field->flags & DESK_SHORT);
  view_set_text(request, out, "problem", entry->problem ? problem_text(form, index) : TEXT(""));
  view_set_flag(request, out, "described", field->help || entry->problem);
  if (field->kind == DESK_CHOICE || field->kind == DESK_CHOICES) {
    fill_choices(form, index, id, out);
  } else if (field->kind == DESK_YES) {
    view_set_flag(request, out, "is_yes", true);
    view_set_flag(request, out, "checked", entry->count > 0);
  } else {
    fill_texts(form, index, out);
  }
  return out;
}

static struct value *problem_item(const struct desk_form *form, struct text href, struct text label,
                                  struct text problem)
{
  struct value *item = value_object(form->request->arena);
  view_set_text(form->request, item, "href", href);
  view_set_text(form->request, item, "label", label);
  view_set_text(form->request, item, "text", problem);
  return item;
}

static struct value *fill_problems(const struct desk_form *form, const char *prefix)
{
  const struct web_request *request = form->request;
  struct value *list = value_list(request->arena);
  if (form->problem)
    value_add(list, problem_item(form, TEXT(""), TEXT(""), view_text(request, form->problem)));
  for (size_t i = 0; i < form->count; i++) {
    if (!form->entries[i].problem) continue;
    struct text href = text_format(request->arena, "#%s-%s", prefix, form->fields[i].name);
    value_add(list, problem_item(form, href, view_text(request, form->fields[i].label),
                                 problem_text(form, i)));
  }
  return list;
}

/* Rows of what stands and what was typed, where they differ. */
static struct value *fill_conflict(const struct desk_form *form)
{
  const struct web_request *request = form->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < form->count; i++) {
    if (!form->entries[i].is_other) continue;
    struct value *row = value_object(request->arena);
    view_set_text(request, row, "label", view_text(request, form->fields[i].label));
    view_set_text(request, row, "stands", form->entries[i].stands);
    view_set_text(request, row, "typed", shown(form, i));
    value_add(list, row);
  }
  return list;
}

void desk_form_fill(const struct desk_form *form, struct value *page, const char *name)
{
  const struct web_request *request = form->request;
  struct value *out = value_object(request->arena), *fields = value_list(request->arena);
  struct value *by_name = value_object(request->arena);
  for (size_t i = 0; i < form->count; i++) {
    const struct value *field = fill_field(form, i, name);
    value_add(fields, field);
    value_set(by_name, form->fields[i].name, field);
  }
  value_set(out, "fields", fields);
  value_set(out, "field", by_name);
  value_set(out, "problems", fill_problems(form, name));
  view_set_flag(request, out, "has_problems", form->problem_count > 0);
  struct value *conflict = fill_conflict(form);
  view_set_flag(request, out, "has_conflict", value_count(conflict) > 0);
  value_set(out, "conflict", conflict);
  view_set_text(request, out, "version", form->version);
  value_set(page, name, out);
}

bool desk_form_show(const struct desk_form *form, struct web_view *view, const char *template_name)
{
  bool is_conflict = form->problem && strcmp(form->problem, "form.problem.conflict") == 0;
  if (!view->page) view->page = value_object(form->request->arena);
  desk_form_fill(form, view->page, "form");
  view->template_name = template_name;
  if (form->problem_count) view->status = is_conflict ? 409 : 400;
  view->redirect = TEXT("");
  return true;
}
