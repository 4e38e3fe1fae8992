/*
 * People: what pages about a person share. See people.h.
 */
#include <string.h>

#include "privacy/privacy.h"
#include "web/desk/desk_private.h"

bool people_access(struct store_transaction *transaction, struct web_request *request,
                   const char *object, const char *act, struct text person_id, struct access *out,
                   struct error *error)
{
  struct role_subject subject;
  return care_subject_load(transaction, request->actor->program_id, person_id, request->actor,
                           request->now, &subject, error) &&
         access_open(transaction, request->application->privacy, request->actor, object, act,
                     &subject, person_id, request->now, out, error);
}

bool people_today(struct store_transaction *transaction, const struct web_request *request,
                  struct text site_id, struct text *out, struct error *error)
{
  const struct zone *zone;
  if (!site_zone(transaction, request->actor->program_id, site_id, &zone, error)) return false;
  *out = zone_format_date(request->arena, zone, request->now);
  return true;
}

bool people_moment(const struct zone *zone, struct text date, struct text clock, int64_t *out)
{
  struct zone_time local = {.second = 0};
  int64_t hour, minute, later;
  size_t colon = text_find(clock, TEXT(":"));
  if (!time_read_date(date, &local.year, &local.month, &local.day) || colon >= clock.length ||
      !text_read_integer(text_slice(clock, 0, colon), &hour) || hour < 0 || hour > 23 ||
      clock.length - colon != 3 ||
      !text_read_integer(text_slice(clock, colon + 1, clock.length), &minute) || minute < 0 ||
      minute > 59)
    return false;
  local.hour = (int)hour;
  local.minute = (int)minute;
  (void)zone_instant(zone, &local, out, &later);
  return true;
}

/* --- Words ---------------------------------------------------------------------------------- */

struct text people_label(const struct web_request *request, enum care_list list, struct text code)
{
  if (code.length == 0) return code;
  return care_code_label(request->application->records, list, code, request->language);
}

struct desk_choice *people_choices(const struct web_request *request, enum care_list list,
                                   size_t *count)
{
  const struct care *care = request->application->records;
  *count = care_code_count(care, list);
  struct desk_choice *choices = arena_allocate_array(request->arena, *count + 1, sizeof *choices);
  for (size_t i = 0; i < *count; i++) {
    struct text code = care_code(care, list, i);
    choices[i] = (struct desk_choice){code, people_label(request, list, code)};
  }
  return choices;
}

void people_choose(struct desk_form *form, const char *field, enum care_list list)
{
  size_t count;
  struct desk_choice *choices = people_choices(form->request, list, &count);
  desk_form_choices(form, field, choices, count);
}

void people_set_name(const struct web_request *request, struct value *item,
                     const struct person_names *names, struct text person_id)
{
  const struct person_name *found = person_names_find(names, person_id);
  bool may_look = found && found->is_seen && desk_may(request, "person", "read");
  struct text name = TEXT("");
  if (found && found->is_erased) name = view_text(request, "person.erased");
  else if (found && found->is_seen) name = found->name;
  else if (person_id.length) name = view_text(request, "person.unseen");
  view_set_text(request, item, "person_name", name);
  view_set_text(request, item, "person_href",
                may_look ? text_format(request->arena, "/desk/people/%.*s", TEXT_PRINT(person_id))
                         : TEXT(""));
}

void people_put(struct desk_form *form, const struct people_member *members, size_t count,
                const void *from)
{
  for (size_t i = 0; i < count; i++) {
    struct text value;
    memcpy(&value, (const char *)from + members[i].offset, sizeof value);
    desk_form_set(form, members[i].field, value);
  }
}

void people_take(const struct desk_form *form, const struct people_member *members, size_t count,
                 void *into)
{
  for (size_t i = 0; i < count; i++) {
    struct text value = desk_form_get(form, members[i].field);
    memcpy((char *)into + members[i].offset, &value, sizeof value);
  }
}

bool people_refuse(struct desk_form *form, const struct field_problems *problems)
{
  for (size_t i = 0; i < problems->count; i++)
    desk_form_refuse(form, problems->items[i].field, problems->items[i].message);
  return problems->count == 0;
}

struct text people_digits(struct arena *arena, struct text typed)
{
  char *digits = arena_allocate(arena, typed.length + 1);
  size_t count = 0;
  for (size_t i = 0; i < typed.length; i++)
    if (typed.at[i] >= '0' && typed.at[i] <= '9') digits[count++] = typed.at[i];
  digits[count] = 0;
  struct text all = text_from(digits);
  return count == 11 && digits[0] == '1' ? text_slice(all, 1, 11) : all;
}

struct text people_phone(struct arena *arena, struct text phone)
{
  if (phone.length != 10) return phone;
  return text_format(arena, "%.3s-%.3s-%.4s", phone.at, phone.at + 3, phone.at + 6);
}

/* --- The banner ------------------------------------------------------------------------------ */

static void add_mark(struct web_request *request, struct value *list, struct text label,
                     struct text words)
{
  struct value *item = value_object(request->arena);
  struct text text =
      label.length && words.length
          ? text_format(request->arena, "%.*s: %.*s", TEXT_PRINT(label), TEXT_PRINT(words))
          : (label.length ? label : words);
  view_set_text(request, item, "text", text);
  view_set_flag(request, item, "is_urgent", false);
  value_add(list, item);
}

struct marks {
  struct value *alerts, *allergies, *precautions;
  bool has_none;
};

/* A fact as the banner says it, in the place that its kind names. */
static void place_fact(struct web_request *request, const struct care_fact *fact,
                       struct marks *marks)
{
  const struct care *care = request->application->records;
  size_t kind;
  if (!care_code_find(care, CARE_FACT_KINDS, fact->kind, &kind)) return;
  struct text place = care_code_cell(care, CARE_FACT_KINDS, kind, "banner"), word;
  struct text label = people_label(request, CARE_FACT_KINDS, fact->kind);
  struct text value =
      care_fact_value_label(care, request->arena, fact->kind, fact->value, request->language);
  (void)text_word_next(&place, &word);
  if (text_equal(fact->kind, TEXT("no-known-allergies"))) marks->has_none = true;
  else if (text_equal(word, TEXT("allergy")))
    add_mark(request, marks->allergies, fact->words,
             text_format(request->arena, "%.*s", TEXT_PRINT(value)));
  else if (text_equal(word, TEXT("precaution")))
    add_mark(request, marks->precautions, value, fact->words);
  else if (text_equal(fact->kind, TEXT("alert")))
    add_mark(request, marks->alerts, fact->words, TEXT(""));
  else add_mark(request, marks->alerts, label, fact->words.length ? fact->words : TEXT(""));
}

static struct value *fill_banner(struct web_request *request, const struct person *person,
                                 const struct people_banner *known)
{
  struct arena *arena = request->arena;
  struct value *banner = value_object(arena);
  struct marks marks = {value_list(arena), value_list(arena), value_list(arena), false};
  struct text here = text_format(arena, "/desk/people/%.*s", TEXT_PRINT(person->id));
  struct text birth = person->identity.birth_date;
  int age = person_age(birth, known->today);
  for (size_t i = 0; i < known->fact_count; i++) place_fact(request, &known->facts[i], &marks);
  bool has_allergies = value_count(marks.allergies) > 0;
  view_set_text(request, banner, "name",
                person->erase_at ? view_text(request, "person.erased")
                                 : person_full_name(arena, &person->identity));
  view_set_text(request, banner, "called", TEXT(""));
  view_set_text(request, banner, "href", here);
  view_set_text(request, banner, "photo",
                person->has_photo && desk_may(request, "person", "read")
                    ? text_format(arena, "%.*s/photo", TEXT_PRINT(here))
                    : TEXT(""));
  view_set_text(request, banner, "birth",
                birth.length ? view_date(request, birth) : view_text(request, "person.unknown"));
  view_set_text(request, banner, "age", age < 0 ? TEXT("") : view_count(arena, age));
  view_set_text(request, banner, "language", people_label(request, CARE_SPOKEN, person->language));
  value_set(banner, "alerts", marks.alerts);
  value_set(banner, "allergies", marks.allergies);
  value_set(banner, "precautions", marks.precautions);
  view_set_flag(request, banner, "allergies_none",
                known->may_facts && marks.has_none && !has_allergies);
  view_set_flag(request, banner, "allergies_unknown",
                known->may_facts && !marks.has_none && !has_allergies);
  view_set_text(request, banner, "emergency", known->emergency);
  return banner;
}

/* --- Tabs ------------------------------------------------------------------------------------ */

static const struct {
  const char *tab, *label, *object, *act;
} tabs[] = {
    {"", "person.tab_overview", "person", "read"},
    {"episodes", "person.tab_stays", "episode", "read"},
    {"facts", "person.tab_facts", "fact", "read"},
    {"intake", "person.tab_intake", "intake", "read"},
    {"delivered", "person.tab_delivered", "delivered", "read"},
    {"belongings", "person.tab_belongings", "belongings", "read"},
    {"coverage", "coverage.tab", "coverage", "read"},
    {"files", "files.tab", "person", "read"},
    {"consents", "person.tab_consents", "consent", "read"},
    {"notices", "person.tab_notices", "consent", "read"},
    {"disclosures", "person.tab_disclosures", "disclosure", "read"},
    {"views", "person.tab_views", "record-views", "read"},
    {"record", "person.tab_record", "person", "export"},
    {"emergency", "person.tab_emergency", "emergency", "open"},
};

static struct value *fill_tabs(const struct web_request *request, struct text id, const char *tab)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++) {
    const char *slash = *tabs[i].tab ? "/" : "";
    struct text pattern = text_format(request->arena, "/desk/people/{id}%s%s", slash, tabs[i].tab);
    if (!desk_has_route(pattern.at) || !desk_may(request, tabs[i].object, tabs[i].act)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(
        request, item, "href",
        text_format(request->arena, "/desk/people/%.*s%s%s", TEXT_PRINT(id), slash, tabs[i].tab));
    view_set_text(request, item, "label", view_text(request, tabs[i].label));
    view_set_flag(request, item, "current", strcmp(tabs[i].tab, tab) == 0);
    value_add(list, item);
  }
  return list;
}

/* Until when the actor's own emergency access to this person is open, as the banner says it. */
static bool find_emergency(struct store_transaction *transaction, const struct web_request *request,
                           struct text person_id, struct text *out, struct error *error)
{
  bool is_open = false;
  int64_t ends_at = 0;
  *out = TEXT("");
  if (!emergency_is_open(transaction, request->actor, person_id, request->now, &is_open, &ends_at,
                         error))
    return false;
  if (!is_open) return true;
  struct text whole = request->zone ? zone_format(request->arena, request->zone, ends_at)
                                    : time_format(request->arena, ends_at);
  struct text clock = text_slice(whole, sizeof "YYYY-MM-DD", sizeof "YYYY-MM-DD HH:MM" - 1);
  *out =
      VIEW_FORMAT(request, request->zone ? "banner.until" : "banner.until_utc", {"clock", clock});
  return true;
}

bool people_banner_load(struct store_transaction *transaction, struct web_request *request,
                        const struct access *access, const struct person *person,
                        struct people_banner *out, struct error *error)
{
  *out = (struct people_banner){.may_facts = desk_may(request, "safety-fact", "read")};
  return people_today(transaction, request, person->site_id, &out->today, error) &&
         find_emergency(transaction, request, person->id, &out->emergency, error) &&
         (!out->may_facts ||
          care_fact_banner(transaction, request->application->records, access, request->arena,
                           person->id, &out->facts, &out->fact_count, error));
}

void people_show(struct web_request *request, const struct person *person,
                 const struct people_banner *known, const char *tab, struct value *page)
{
  value_set(page, "banner", fill_banner(request, person, known));
  value_set(page, "tabs", fill_tabs(request, person->id, tab));
  view_set_text(request, page, "id", person->id);
  view_set_text(request, page, "today", known->today);
}

bool people_fill(struct store_transaction *transaction, struct web_request *request,
                 const struct access *access, struct text person_id, const char *tab,
                 struct web_view *view, struct person *person, struct error *error)
{
  struct people_banner known;
  struct text standing;
  if (!person_load(transaction, access, request->arena, person_id, person, error)) return false;
  if (person->merged_into.length) {
    if (!person_standing(transaction, request->arena, access->program_id, person_id, &standing,
                         error))
      return false;
    desk_redirect(request, view, "/desk/people/%.*s%s%s", TEXT_PRINT(standing), *tab ? "/" : "",
                  tab);
    return true;
  }
  if (!people_banner_load(transaction, request, access, person, &known, error)) return false;
  if (!view->page) view->page = value_object(request->arena);
  people_show(request, person, &known, tab, view->page);
  return true;
}

struct framing {
  struct web_request *request;
  struct web_view *view;
  struct text person_id;
  const char *tab;
};

static bool load_frame(struct store_transaction *transaction, void *context, struct error *error)
{
  struct framing *framing = context;
  struct access access;
  struct person person;
  return people_access(transaction, framing->request, "person", "read", framing->person_id, &access,
                       error) &&
         people_fill(transaction, framing->request, &access, framing->person_id, framing->tab,
                     framing->view, &person, error);
}

bool people_frame(struct web_request *request, struct web_view *view, struct text person_id,
                  const char *tab, struct error *error)
{
  struct framing framing = {request, view, person_id, tab};
  if (!desk_may(request, "person", "read") || desk_read(request, load_frame, &framing, error))
    return true;
  if (error->kind != ERROR_FORBIDDEN && error->kind != ERROR_NOT_FOUND) return false;
  request->actor->denial.is_set = false;
  error_clear(error);
  return true;
}
