/*
 * /desk/settings: the program: what it is called, where it is, what it sets; at the installation a
 * new one is made. /desk/settings/sites: its sites and units.
 */
#include "web/desk/people.h"

/* The ten digits of a phone number, however it was typed. */
static struct text digits_of(struct arena *arena, struct text typed)
{
  char *digits = arena_allocate(arena, typed.length + 1);
  size_t count = 0;
  for (size_t i = 0; i < typed.length; i++)
    if (typed.at[i] >= '0' && typed.at[i] <= '9') digits[count++] = typed.at[i];
  digits[count] = 0;
  struct text all = text_from(digits);
  return count == 11 && digits[0] == '1' ? text_slice(all, 1, 11) : all;
}

/* --- The program ----------------------------------------------------------------------------- */

static const struct desk_field program_fields[] = {
    {.name = "name",
     .label = "settings.name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS,
     .longest = LIMIT_CARE_NAME},
    {.name = "kind", .label = "settings.kind", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "zone",
     .label = "settings.zone",
     .help = "settings.zone_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = LIMIT_CARE_NAME},
    {.name = "state", .label = "settings.state", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "phone", .label = "person.phone", .kind = DESK_PHONE, .flags = DESK_SHORT},
    {.name = "languages",
     .label = "settings.languages",
     .kind = DESK_CHOICES,
     .flags = DESK_REQUIRED},
    {.name = "retention-years",
     .label = "program-settings.retention-years",
     .help = "settings.retention_help",
     .kind = DESK_NUMBER,
     .flags = DESK_SHORT,
     .most = 99},
};

struct settings {
  struct web_request *request;
  struct web_view *view;
  struct program program;
  struct text years;
  bool is_made;
};

static bool load_program(struct store_transaction *transaction, void *context, struct error *error)
{
  struct settings *settings = context;
  struct web_request *request = settings->request;
  struct access access;
  int64_t version;
  return access_open_list(transaction, request->application->privacy, request->actor, "program",
                          "read", request->now, &access, error) &&
         program_load(transaction, &access, request->arena, &settings->program, error) &&
         program_setting_load(transaction, request->application->records, request->arena,
                              access.program_id, "retention-years", &settings->years, &version,
                              error);
}

static bool save_years(struct store_transaction *transaction, const struct settings *settings,
                       const struct access *access, struct error *error)
{
  const struct web_request *request = settings->request;
  const struct care *care = request->application->records;
  struct text stands;
  int64_t version;
  return program_setting_load(transaction, care, request->arena, access->program_id,
                              "retention-years", &stands, &version, error) &&
         (text_equal(stands, settings->years) ||
          program_setting_save(transaction, care, access, "retention-years", settings->years,
                               version, error));
}

static bool save_program(struct store_transaction *transaction, void *context, struct error *error)
{
  struct settings *settings = context;
  struct web_request *request = settings->request;
  const struct care *care = request->application->records;
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "program",
                        "write", request->now, &access, error) ||
      !program_save(transaction, care, &access, &settings->program, error) ||
      !save_years(transaction, settings, &access, error))
    return false;
  desk_redirect(request, settings->view, "/desk/settings");
  return true;
}

/* Made by somebody at the installation, whose role holds in every program: also in this one. */
static bool make_program(struct store_transaction *transaction, void *context, struct error *error)
{
  struct settings *settings = context;
  struct web_request *request = settings->request;
  const struct care *care = request->application->records;
  struct actor maker = *request->actor;
  struct access access;
  maker.program_id = settings->program.id;
  if (!access_open_list(transaction, request->application->privacy, &maker, "program", "write",
                        request->now, &access, error) ||
      !program_create(transaction, care, &access, &settings->program, error) ||
      !save_years(transaction, settings, &access, error))
    return false;
  settings->is_made = true;
  desk_redirect(request, settings->view, "/desk/settings/sites");
  return true;
}

static void begin_program(struct desk_form *form, struct web_request *request)
{
  DESK_FORM_INIT(form, request, program_fields);
  people_choose(form, "kind", CARE_PROGRAM_KINDS);
  people_choose(form, "state", CARE_STATES);
  people_choose(form, "languages", CARE_SPOKEN);
}

static void put_program(struct desk_form *form, const struct settings *settings)
{
  const struct program *program = &settings->program;
  struct text rest = program->languages, word;
  desk_form_set(form, "name", program->name);
  desk_form_set(form, "kind", program->kind);
  desk_form_set(form, "zone", program->zone);
  desk_form_set(form, "state", program->state);
  desk_form_set(form, "phone", program->phone);
  while (text_word_next(&rest, &word)) desk_form_set(form, "languages", word);
  desk_form_set(form, "retention-years", settings->years);
  desk_form_set_version(form, program->version);
}

/* Answers false when a field is refused. */
static bool take_program(struct desk_form *form, struct settings *settings)
{
  struct web_request *request = form->request;
  struct field_problems problems = {.count = 0};
  struct program *program = &settings->program;
  const struct text *languages;
  if (!desk_form_read(form)) return false;
  program->name = desk_form_get(form, "name");
  program->kind = desk_form_get(form, "kind");
  program->zone = desk_form_get(form, "zone");
  program->state = desk_form_get(form, "state");
  program->phone = digits_of(request->arena, desk_form_get(form, "phone"));
  program->languages = TEXT("");
  size_t count = desk_form_all(form, "languages", &languages);
  for (size_t i = 0; i < count; i++)
    program->languages = text_format(request->arena, "%.*s%s%.*s", TEXT_PRINT(program->languages),
                                     i ? " " : "", TEXT_PRINT(languages[i]));
  settings->years =
      text_format(request->arena, "%lld", (long long)desk_form_number(form, "retention-years", 0));
  program_check(request->application->records, program, &problems);
  for (size_t i = 0; i < problems.count; i++)
    desk_form_refuse(form, problems.items[i].field, problems.items[i].message);
  return problems.count == 0;
}

static bool view_new_program(struct web_request *request, struct web_view *view,
                             struct desk_form *form, struct error *error)
{
  struct settings settings = {.request = request, .view = view};
  view->page = value_object(request->arena);
  view_set_flag(request, view->page, "is_new", true);
  desk_form_set(form, "languages", TEXT("en"));
  desk_form_set(form, "retention-years", TEXT("0"));
  if (request->method == WEB_GET || !take_program(form, &settings))
    return desk_form_show(form, view, "desk/settings");
  return program_begin(request->application->privacy, request->arena, request->now,
                       &settings.program.id, error) &&
         desk_write(request, view, make_program, &settings, error) &&
         (!settings.is_made || session_choose_program(request->application->privacy,
                                                      desk_cookie_get(request, DESK_COOKIE_SESSION),
                                                      settings.program.id, request->now, error));
}

static bool view_settings(struct web_request *request, struct web_view *view, struct error *error)
{
  struct settings settings = {.request = request, .view = view};
  struct desk_form form, stands;
  begin_program(&form, request);
  if (!request->actor->program_id.length) return view_new_program(request, view, &form, error);
  if (!desk_read(request, load_program, &settings, error)) return false;
  view->page = value_object(request->arena);
  view_set_flag(request, view->page, "is_new", false);
  begin_program(&stands, request);
  put_program(&stands, &settings);
  if (request->method == WEB_GET) {
    put_program(&form, &settings);
    return desk_form_show(&form, view, "desk/settings");
  }
  if (!take_program(&form, &settings)) return desk_form_show(&form, view, "desk/settings");
  settings.program.version = desk_form_version(&form);
  if (desk_write(request, view, save_program, &settings, error)) return true;
  if (error->kind != ERROR_CONFLICT) return false;
  desk_form_conflict(&form, &stands);
  error_clear(error);
  return desk_form_show(&form, view, "desk/settings");
}

/* --- Sites and units ------------------------------------------------------------------------- */

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
};
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
  bool is_unit;
};

static bool load_sites(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sites *all = context;
  struct web_request *request = all->request;
  struct access access;
  return access_open_list(transaction, request->application->privacy, request->actor, "site",
                          "read", request->now, &access, error) &&
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
    desk_form_set(form, "name", site->name);
    desk_form_set(form, "street", site->street);
    desk_form_set(form, "city", site->city);
    desk_form_set(form, "state", site->state);
    desk_form_set(form, "zip", site->zip);
    desk_form_set(form, "zone", site->zone);
    desk_form_set(form, "phone", site->phone);
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
    desk_form_set(form, "site", unit->site_id);
    desk_form_set(form, "unit_name", unit->name);
    desk_form_set(form, "kind", unit->kind);
    desk_form_set(form, "level_of_care", unit->level_of_care);
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
  site->name = desk_form_get(form, "name");
  site->street = desk_form_get(form, "street");
  site->city = desk_form_get(form, "city");
  site->state = desk_form_get(form, "state");
  site->zip = desk_form_get(form, "zip");
  site->zone = desk_form_get(form, "zone");
  site->phone = digits_of(form->request->arena, desk_form_get(form, "phone"));
  if (site->id.length) site->version = desk_form_version(form);
  site_check(form->request->application->records, site, &problems);
  return refuse_problems(form, &problems);
}

static bool take_unit(struct desk_form *form, struct sites *all)
{
  struct field_problems problems = {.count = 0};
  struct unit *unit = &all->unit;
  if (!desk_form_read(form)) return false;
  unit->site_id = desk_form_get(form, "site");
  unit->name = desk_form_get(form, "unit_name");
  unit->kind = desk_form_get(form, "kind");
  unit->level_of_care = desk_form_get(form, "level_of_care");
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

static bool view_sites(struct web_request *request, struct web_view *view, struct error *error)
{
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
  return is_taken ? desk_write(request, view, save_place, &all, error)
                  : show_sites(&all, &site_form, &unit_form);
}

const struct web_route desk_settings_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                  .pattern = "/desk/settings",
                                                  .handler = view_settings,
                                                  .guard = "program",
                                                  .get_act = "write",
                                                  .post_act = "write",
                                                  .flags = WEB_NO_PROGRAM},
                                                 {.methods = WEB_GET | WEB_POST,
                                                  .pattern = "/desk/settings/sites",
                                                  .handler = view_sites,
                                                  .guard = "site",
                                                  .get_act = "read",
                                                  .post_act = "write"},
                                                 {.pattern = NULL}};
