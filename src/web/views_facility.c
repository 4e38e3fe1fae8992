/*
 * One facility: how to reach it, what it says about itself, every service in plain words, and
 * where each fact comes from.
 */
#include "web/views.h"

struct sheet {
  struct web_request *request;
  const struct facility *facility;
  const struct needs *needs;
  struct code_set codes;
  struct value *out; /* page.facility */
};

static struct text field(const struct sheet *sheet, enum facility_field which)
{
  return sheet->facility->fields[which];
}

static void set(struct sheet *sheet, const char *key, struct text t)
{
  view_set_text(sheet->request, sheet->out, key, t);
}

struct view_notes view_notes_new(const struct web_request *request)
{
  return (struct view_notes){value_list(request->arena), value_list(request->arena),
                             value_list(request->arena)};
}

void view_notes_add(const struct web_request *request, struct value *list, struct text label,
                    struct text source)
{
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "label", label);
  view_set_text(request, item, "source", source);
  value_add(list, item);
}

/* --- Reaching it --------------------------------------------------------------------------- */

static void sheet_phones(struct sheet *sheet)
{
  static const struct {
    enum facility_field which;
    const char *key;
  } lines[] = {{FIELD_INTAKE_PHONE, "card.intake"},
               {FIELD_INTAKE_PHONE2, "card.intake"},
               {FIELD_INTAKE_PHONE3, "card.intake"},
               {FIELD_INTAKE_PHONE4, "card.intake"},
               {FIELD_PHONE, "card.main"}};
  struct value *phones = value_list(sheet->request->arena);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct text number = field(sheet, lines[i].which);
    bool is_new = true;
    for (size_t before = 0; before < i; before++)
      is_new = is_new && !text_equal(number, field(sheet, lines[before].which));
    struct value *phone = is_new ? view_phone(sheet->request, number, lines[i].key) : NULL;
    if (phone) value_add(phones, phone);
  }
  value_set(sheet->out, "phones", phones);
}

static void sheet_address(struct sheet *sheet)
{
  struct arena *arena = sheet->request->arena;
  struct value *lines = value_list(arena);
  struct text city = view_address(arena, TEXT(""), TEXT(""), field(sheet, FIELD_CITY),
                                  field(sheet, FIELD_STATE), field(sheet, FIELD_ZIP));
  const struct text parts[] = {field(sheet, FIELD_STREET1), field(sheet, FIELD_STREET2), city};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (!text_is_empty(parts[i])) value_add(lines, value_text(arena, parts[i]));
  value_set(sheet->out, "address", lines);
  set(sheet, "county", field(sheet, FIELD_COUNTY));
  const char *position = sheet->facility->quality == COORDINATE_NONE ? "facility.no_position"
                         : sheet->facility->quality == COORDINATE_ADDRESS
                             ? "facility.address_position"
                             : "facility.zip_position";
  set(sheet, "position", view_text(sheet->request, position));
}

/* The address as listed; "https://" stands in front of one that names no scheme. Anything that is
 * not http or https is shown in the table of sources alone. */
static void sheet_website(struct sheet *sheet)
{
  struct text website = field(sheet, FIELD_WEBSITE);
  if (text_is_empty(website)) return;
  bool is_http = text_starts_with(website, TEXT("http://"));
  bool is_https = text_starts_with(website, TEXT("https://"));
  if (!is_http && !is_https && text_contains(website, TEXT(":"))) return;
  struct value *link = value_object(sheet->request->arena);
  struct text href = is_http || is_https
                         ? website
                         : text_format(sheet->request->arena, "https://%.*s", TEXT_PRINT(website));
  view_set_text(sheet->request, link, "href", href);
  view_set_text(sheet->request, link, "text",
                text_slice(website,
                           is_https  ? 8
                           : is_http ? 7
                                     : 0,
                           website.length));
  value_set(sheet->out, "website", link);
}

/* --- What it says about itself -------------------------------------------------------------- */

static void sheet_notes(struct sheet *sheet)
{
  struct web_request *request = sheet->request;
  const struct notes *data = request->application->pages->notes;
  struct view_notes notes = view_notes_new(request);
  unsigned directories = sheet->facility->directories;
  for (size_t i = 0; i < cautions_count(data); i++)
    if (cautions_hold(data, i, &sheet->codes, directories))
      view_notes_add(request, notes.cautions, cautions_get(data, i)->label[request->language],
                     cautions_get(data, i)->source);
  for (size_t i = 0; i < highlights_count(data); i++) {
    const struct highlight *highlight = highlights_get(data, i);
    bool met = needs_met(sheet->needs, highlight->need, &sheet->codes, directories);
    view_notes_add(request, met ? notes.fits : notes.unknown,
                   (met ? highlight->label : highlight->missing)[request->language], TEXT(""));
  }
  value_set(sheet->out, "cautions", notes.cautions);
  value_set(sheet->out, "fits", notes.fits);
  value_set(sheet->out, "unknown", notes.unknown);
}

static void sheet_signs(struct sheet *sheet)
{
  struct web_request *request = sheet->request;
  struct value *signs = value_list(request->arena);
  for (size_t i = 0; i < signs_count(sheet->needs); i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "label", signs_get(sheet->needs, i)->label[request->language]);
    view_set_flag(request, item, "met",
                  signs_met(sheet->needs, i, &sheet->codes, sheet->facility->directories));
    value_add(signs, item);
  }
  value_set(sheet->out, "signs", signs);
  view_set_flag(request, sheet->out, "has_signs", signs_count(sheet->needs) > 0);
}

/* --- Services ------------------------------------------------------------------------------ */

static void add_group(struct sheet *sheet, struct value *groups, struct text label,
                      struct value *services)
{
  size_t count = value_count(services);
  if (!count) return;
  struct value *group = value_object(sheet->request->arena);
  view_set_text(sheet->request, group, "label", label);
  view_set_text(sheet->request, group, "count", view_count(sheet->request->arena, (int64_t)count));
  view_set_flag(sheet->request, group, "open", value_count(groups) < 3);
  value_set(group, "services", services);
  value_add(groups, group);
}

/* Labels that the dictionary lacks, as they were listed. */
static size_t add_unknown(struct sheet *sheet, struct value *groups)
{
  struct value *services = value_list(sheet->request->arena);
  struct text rest = field(sheet, FIELD_UNKNOWN), label;
  while (text_split_next(&rest, ';', &label))
    if (!text_is_empty(text_trim(label)))
      value_add(services, value_text(sheet->request->arena, text_trim(label)));
  add_group(sheet, groups, view_text(sheet->request, "facility.other_services"), services);
  return value_count(services);
}

static void sheet_services(struct sheet *sheet)
{
  struct web_request *request = sheet->request;
  struct value *groups = value_list(request->arena);
  size_t total = 0;
  for (size_t c = 0; c < categories_count(sheet->needs); c++) {
    const struct service_category *category = categories_get(sheet->needs, c);
    struct value *services = value_list(request->arena);
    for (size_t i = 0; i < codes_count(sheet->needs); i++) {
      const struct service_code *code = codes_get(sheet->needs, i);
      if (!code_set_has(&sheet->codes, i) || !text_equal(code->category, category->category))
        continue;
      value_add(services, value_text(request->arena, code->label[request->language]));
    }
    total += value_count(services);
    add_group(sheet, groups, category->label[request->language], services);
  }
  total += add_unknown(sheet, groups);
  value_set(sheet->out, "groups", groups);
  set(sheet, "service_count",
      VIEW_FORMAT(request, "facility.service_count",
                  {"count", view_count(request->arena, (int64_t)total)},
                  {"groups", view_count(request->arena, (int64_t)value_count(groups))}));
}

/* --- Where each fact comes from -------------------------------------------------------------- */

static void sheet_origin(struct sheet *sheet)
{
  struct web_request *request = sheet->request;
  struct value *fields = value_list(request->arena);
  for (enum facility_field which = 0; which < FIELD_COUNT; which++) {
    const struct facility_source *source = &sheet->facility->sources[which];
    if (text_is_empty(field(sheet, which))) continue;
    struct value *row = value_object(request->arena);
    struct text key = text_format(request->arena, "field.%s", facility_field_name(which));
    view_set_text(request, row, "label", view_text(request, text_c(request->arena, key)));
    view_set_text(request, row, "value", field(sheet, which));
    view_set_text(request, row, "source", view_source(request, source->source));
    view_set_text(request, row, "as_of", view_date(request, source->as_of));
    if (!text_is_empty(source->since) && !text_equal(source->since, source->as_of))
      view_set_text(
          request, row, "since",
          VIEW_FORMAT(request, "facility.since", {"date", view_date(request, source->since)}));
    value_add(fields, row);
  }
  value_set(sheet->out, "fields", fields);
}

/* --- Whole --------------------------------------------------------------------------------- */

static void sheet_free(struct sheet *sheet)
{
  struct value *places = view_availability(sheet->request, sheet->facility->id, false);
  if (!places) return;
  struct value *out = value_object(sheet->request->arena);
  value_set(out, "places", places);
  value_set(sheet->out, "free", out);
}

static void sheet_vanished(struct sheet *sheet)
{
  if (text_is_empty(sheet->facility->vanished)) return;
  struct value *vanished = value_object(sheet->request->arena);
  struct text date = view_date(sheet->request, sheet->facility->vanished);
  view_set_text(sheet->request, vanished, "text",
                VIEW_FORMAT(sheet->request, "facility.vanished", {"date", date}));
  value_set(sheet->out, "vanished", vanished);
}

static void sheet_map(struct sheet *sheet, struct value *page)
{
  const struct facility *facility = sheet->facility;
  struct map_mark mark = {.latitude = facility->latitude,
                          .longitude = facility->longitude,
                          .has_point = facility->quality != COORDINATE_NONE,
                          .href = TEXT("#contact"),
                          .text = TEXT(""),
                          .label = field(sheet, FIELD_NAME1)};
  struct map_request map = {.marks = &mark,
                            .count = 1,
                            .has_center = mark.has_point,
                            .latitude = facility->latitude,
                            .longitude = facility->longitude};
  struct value *drawn = view_map(sheet->request, &map, "map.label_one");
  if (!drawn) return;
  view_set_text(sheet->request, drawn, "caption", view_text(sheet->request, "map.caption_one"));
  value_set(page, "map", drawn);
}

bool view_facility(struct web_request *request, struct web_view *view, struct error *error)
{
  struct web_application *application = request->application;
  struct facility facility;
  if (!facility_load(application->store, request->arena, request->captured, &facility, error))
    return false;
  struct sheet sheet = {.request = request,
                        .facility = &facility,
                        .needs = directory_needs(application->directory),
                        .out = value_object(request->arena)};
  sheet.codes = codes_read(sheet.needs, field(&sheet, FIELD_CODES));
  struct text name1 = field(&sheet, FIELD_NAME1), name2 = field(&sheet, FIELD_NAME2);
  const struct facility_source *source = &facility.sources[FIELD_NAME1];
  set(&sheet, "name", name1);
  if (!text_equal_ignore_case(name1, name2)) set(&sheet, "program", name2);
  set(&sheet, "listed", view_listed(request, source->source, source->as_of, facility.invented));
  sheet_vanished(&sheet);
  sheet_phones(&sheet);
  sheet_address(&sheet);
  sheet_website(&sheet);
  sheet_notes(&sheet);
  sheet_signs(&sheet);
  sheet_services(&sheet);
  sheet_origin(&sheet);
  sheet_free(&sheet);
  view->page = value_object(request->arena);
  value_set(view->page, "facility", sheet.out);
  sheet_map(&sheet, view->page);
  struct value *document = facility_document(request->arena, &facility);
  view_availability_document(request, facility.id, document);
  view->result = document;
  view->template_name = "facility";
  view->cache = WEB_CACHE_PRIVATE;
  return true;
}
