/*
 * /desk/settings/sites: the sites of a program and their units: where they are, when they are open,
 * what allows them, how many places. Threads: all state is the request's.
 */
#include <stddef.h>

#include "web/desk/people.h"

static const struct desk_field site_fields[] = {
    {.name = "name",
     .label = "settings.site_name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_CARE_NAME},
    {.name = "street", .label = "person.street", .kind = DESK_TEXT, .longest = LIMIT_CARE_LINE},
    {.name = "city", .label = "person.city", .kind = DESK_TEXT, .longest = LIMIT_CARE_LINE},
    {.name = "state", .label = "person.state", .kind = DESK_CHOICE},
    {.name = "zip",
     .label = "person.zip",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT | DESK_NUMERIC,
     .longest = 10},
    {.name = "zone",
     .label = "settings.zone",
     .help = "settings.site_zone_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_CARE_NAME},
    {.name = "phone", .label = "person.phone", .kind = DESK_PHONE, .flags = DESK_SHORT},
    {.name = "hours",
     .label = "settings.hours",
     .help = "settings.hours_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_CARE_LINE},
    {.name = "license_number",
     .label = "settings.license_number",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_CARE_NAME},
    {.name = "license_expires_on",
     .label = "settings.license_expires",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "listing",
     .label = "settings.listing",
     .help = "settings.listing_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_CARE_LINE},
};
static const struct people_member site_members[] = {
    {"name", offsetof(struct site, name)},
    {"street", offsetof(struct site, street)},
    {"city", offsetof(struct site, city)},
    {"state", offsetof(struct site, state)},
    {"zip", offsetof(struct site, zip)},
    {"zone", offsetof(struct site, zone)},
    {"phone", offsetof(struct site, phone)},
    {"hours", offsetof(struct site, hours)},
    {"license_number", offsetof(struct site, license_number)},
    {"license_expires_on", offsetof(struct site, license_expires_on)},
};
enum { SITE_MEMBERS = sizeof site_members / sizeof *site_members };

static const struct desk_field unit_fields[] = {
    {.name = "site", .label = "person.stay_site", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "unit_name",
     .label = "settings.unit_name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_CARE_NAME},
    {.name = "kind", .label = "settings.unit_kind", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "level_of_care",
     .label = "person.stay_level",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "licensed",
     .label = "settings.licensed",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .most = LIMIT_CARE_PLACES},
    {.name = "staffed",
     .label = "settings.staffed",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .most = LIMIT_CARE_PLACES},
};

struct sites {
  struct web_request *request;
  struct web_view *view;
  struct site *sites;
  struct unit *units;
  size_t site_count, unit_count;
  struct site site; /* what the form says */
  struct unit unit;
  struct text today;
  bool is_unit;
};

static const struct people_member unit_members[] = {
    {"site", offsetof(struct unit, site_id)},
    {"unit_name", offsetof(struct unit, name)},
    {"kind", offsetof(struct unit, kind)},
    {"level_of_care", offsetof(struct unit, level_of_care)},
};
enum { UNIT_MEMBERS = sizeof unit_members / sizeof *unit_members };

static bool load_sites(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sites *all = context;
  struct web_request *request = all->request;
  struct access access;
  return access_open_list(transaction, request->application->privacy, request->actor, "site",
                          "read", request->now, &access, error) &&
         people_today(transaction, request, request->actor->site_id, &all->today, error) &&
         site_list(transaction, &access, request->arena, &all->sites, &all->site_count, error) &&
         unit_list(transaction, &access, request->arena, TEXT(""), &all->units, &all->unit_count,
                   error);
}

static bool save_place(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sites *all = context;
  struct web_request *request = all->request;
  const struct care *care = request->application->records;
  struct arena *arena = request->arena;
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "site", "write",
                        request->now, &access, error))
    return false;
  bool is_done = all->is_unit
                     ? (all->unit.id.length
                            ? unit_save(transaction, care, &access, &all->unit, error)
                            : unit_create(transaction, care, &access, arena, &all->unit, error))
                     : (all->site.id.length
                            ? site_save(transaction, care, &access, &all->site, error)
                            : site_create(transaction, care, &access, arena, &all->site, error));
  if (is_done) desk_redirect(request, all->view, "/desk/settings/sites");
  return is_done;
}

/* --- The listing in the finder ---------------------------------------------------------------- */

static struct text listing_path(struct arena *arena, struct text facility_id)
{
  return facility_id.length ? text_format(arena, "/facilities/%.*s", TEXT_PRINT(facility_id))
                            : TEXT("");
}

static bool is_listed(struct directory *directory, struct text id)
{
  uint32_t row;
  const struct snapshot *snapshot = directory_acquire(directory);
  bool found = snapshot && snapshot_row_find(snapshot, id, &row);
  if (snapshot) directory_release(directory, snapshot);
  return found;
}

/* The facility of an address as it was pasted, or of its id; one that vanished may stay. */
static bool take_listing(struct desk_form *form, struct text *facility_id)
{
  struct text typed = text_trim(desk_form_get(form, "listing"));
  size_t end = 0, begin;
  while (end < typed.length && typed.at[end] != '?' && typed.at[end] != '#') end++;
  for (begin = end; begin > 0 && typed.at[begin - 1] != '/';) begin--;
  struct text id = text_lower_ascii(form->request->arena, text_slice(typed, begin, end));
  bool is_same = text_equal(id, *facility_id);
  if (id.length && !is_same &&
      (!uuid_is_valid(id) || !is_listed(form->request->application->directory, id))) {
    desk_form_refuse(form, "listing", "settings.listing_unknown");
    return false;
  }
  *facility_id = id;
  return true;
}

/* --- Showing --------------------------------------------------------------------------------- */

static struct value *fill_units(const struct sites *all, struct text site_id)
{
  struct web_request *request = all->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < all->unit_count; i++) {
    const struct unit *unit = &all->units[i];
    if (!text_equal(unit->site_id, site_id)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "unit_id", unit->id);
    view_set_text(request, item, "unit", unit->name);
    view_set_text(request, item, "kind", people_label(request, CARE_UNIT_KINDS, unit->kind));
    view_set_text(request, item, "level", people_label(request, CARE_LEVELS, unit->level_of_care));
    view_set_text(request, item, "licensed", view_count(request->arena, unit->licensed));
    view_set_text(request, item, "staffed", view_count(request->arena, unit->staffed));
    value_add(list, item);
  }
  return list;
}

static void fill_sites(const struct sites *all)
{
  struct web_request *request = all->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < all->site_count; i++) {
    const struct site *site = &all->sites[i];
    struct value *item = value_object(request->arena), *units = fill_units(all, site->id);
    view_set_text(request, item, "site_id", site->id);
    view_set_text(request, item, "site", site->name);
    view_set_text(request, item, "address",
                  text_trim(view_address(request->arena, site->street, TEXT(""), site->city,
                                         site->state, site->zip)));
    view_set_text(request, item, "phone", people_phone(request->arena, site->phone));
    view_set_text(request, item, "hours", site->hours);
    view_set_text(request, item, "license", site->license_number);
    struct text ends = site->license_expires_on;
    view_set_text(request, item, "expires", ends.length ? view_date(request, ends) : TEXT(""));
    view_set_flag(request, item, "expired", ends.length && text_compare(ends, all->today) < 0);
    view_set_text(request, item, "listing", listing_path(request->arena, site->facility_id));
    view_set_flag(request, item, "any_units", value_count(units) > 0);
    value_set(item, "units", units);
    value_add(list, item);
  }
  value_set(all->view->page, "sites", list);
  view_set_flag(request, all->view->page, "any", all->site_count > 0);
  view_set_flag(request, all->view->page, "may_write", desk_may(request, "site", "write"));
}

static void begin_site(struct desk_form *form, struct sites *all, struct text id)
{
  DESK_FORM_INIT(form, all->request, site_fields);
  people_choose(form, "state", CARE_STATES);
  for (size_t i = 0; i < all->site_count; i++) {
    const struct site *site = &all->sites[i];
    if (!id.length || !text_equal(site->id, id)) continue;
    all->site = *site;
    people_put(form, site_members, SITE_MEMBERS, site);
    desk_form_set(form, "listing", listing_path(all->request->arena, site->facility_id));
    desk_form_set_version(form, site->version);
  }
}

static void begin_unit(struct desk_form *form, struct sites *all, struct text id)
{
  struct arena *arena = all->request->arena;
  struct desk_choice *sites = arena_allocate_array(arena, all->site_count + 1, sizeof *sites);
  for (size_t i = 0; i < all->site_count; i++)
    sites[i] = (struct desk_choice){all->sites[i].id, all->sites[i].name};
  DESK_FORM_INIT(form, all->request, unit_fields);
  people_choose(form, "kind", CARE_UNIT_KINDS);
  people_choose(form, "level_of_care", CARE_LEVELS);
  desk_form_choices(form, "site", sites, all->site_count);
  if (all->site_count == 1) desk_form_set(form, "site", sites[0].value);
  for (size_t i = 0; i < all->unit_count; i++) {
    const struct unit *unit = &all->units[i];
    if (!id.length || !text_equal(unit->id, id)) continue;
    all->unit = *unit;
    people_put(form, unit_members, UNIT_MEMBERS, unit);
    desk_form_set(form, "licensed", text_format(arena, "%lld", (long long)unit->licensed));
    desk_form_set(form, "staffed", text_format(arena, "%lld", (long long)unit->staffed));
    desk_form_set_version(form, unit->version);
  }
}

static bool refuse_problems(struct desk_form *form, const struct field_problems *problems)
{
  for (size_t i = 0; i < problems->count; i++) {
    bool is_unit_name = form->fields == unit_fields &&
                        text_equal(text_from(problems->items[i].field), TEXT("name"));
    desk_form_refuse(form, is_unit_name ? "unit_name" : problems->items[i].field,
                     problems->items[i].message);
  }
  return problems->count == 0;
}

static bool take_site(struct desk_form *form, struct sites *all)
{
  struct field_problems problems = {.count = 0};
  struct site *site = &all->site;
  if (!desk_form_read(form)) return false;
  people_take(form, site_members, SITE_MEMBERS, site);
  if (!take_listing(form, &site->facility_id)) return false;
  site->phone = people_digits(form->request->arena, site->phone);
  if (site->id.length) site->version = desk_form_version(form);
  site_check(form->request->application->records, site, &problems);
  return refuse_problems(form, &problems);
}

static bool take_unit(struct desk_form *form, struct sites *all)
{
  struct field_problems problems = {.count = 0};
  struct unit *unit = &all->unit;
  if (!desk_form_read(form)) return false;
  people_take(form, unit_members, UNIT_MEMBERS, unit);
  unit->licensed = desk_form_number(form, "licensed", 0);
  unit->staffed = desk_form_number(form, "staffed", 0);
  if (unit->id.length) unit->version = desk_form_version(form);
  unit_check(form->request->application->records, unit, &problems);
  return refuse_problems(form, &problems);
}

static bool show_sites(struct sites *all, const struct desk_form *site_form,
                       const struct desk_form *unit_form)
{
  struct value *page = all->view->page;
  fill_sites(all);
  view_set_text(all->request, page, "site_id", all->site.id);
  view_set_text(all->request, page, "unit_id", all->unit.id);
  desk_form_fill(site_form, page, "site_form");
  desk_form_fill(unit_form, page, "unit_form");
  all->view->template_name = "desk/sites";
  if (site_form->problem_count + unit_form->problem_count > 0) all->view->status = 400;
  return true;
}

/* Somebody was faster: what stands now beside what was typed. */
static bool show_conflict(struct sites *all, struct desk_form *site_form,
                          struct desk_form *unit_form, struct error *error)
{
  struct sites stands = *all;
  struct desk_form now;
  error_clear(error);
  if (all->is_unit) {
    begin_unit(&now, &stands, all->unit.id);
    desk_form_conflict(unit_form, &now);
  } else {
    begin_site(&now, &stands, all->site.id);
    desk_form_conflict(site_form, &now);
  }
  show_sites(all, site_form, unit_form);
  all->view->status = 409;
  return true;
}

static bool view_sites(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.care.site", "site"}, {NULL, NULL}};
  struct sites all = {.request = request,
                      .view = view,
                      .is_unit = text_equal(web_parameter_get(request, "act"), TEXT("unit"))};
  struct desk_form site_form, unit_form;
  if (!desk_read(request, load_sites, &all, error)) return false;
  view->page = value_object(request->arena);
  begin_site(&site_form, &all, web_parameter_get(request, "site_id"));
  begin_unit(&unit_form, &all, web_parameter_get(request, "unit_id"));
  if (request->method == WEB_GET) return show_sites(&all, &site_form, &unit_form);
  bool is_taken = all.is_unit ? take_unit(&unit_form, &all) : take_site(&site_form, &all);
  if (!is_taken) return show_sites(&all, &site_form, &unit_form);
  if (desk_write(request, view, save_place, &all, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(&all, &site_form, &unit_form, error);
  return desk_form_take(all.is_unit ? &unit_form : &site_form, error,
                        all.is_unit ? mappings : NULL) &&
         show_sites(&all, &site_form, &unit_form);
}

const struct web_route desk_sites_routes[] = {{.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/settings/sites",
                                               .handler = view_sites,
                                               .guard = "site",
                                               .get_act = "read",
                                               .post_act = "write"},
                                              {.pattern = NULL}};
