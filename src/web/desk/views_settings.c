/*
 * /desk/settings: the program: what it is called, where it is, when it is open, what allows it, and
 * the numbers that it sets within the bounds of program-settings.csv; at the installation a new one
 * is made. Its sites and units are views_sites.c. Threads: all state is the request's.
 */
#include <stddef.h>
#include <string.h>

#include "web/desk/people.h"

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
    {.name = "street", .label = "person.street", .kind = DESK_TEXT, .longest = LIMIT_CARE_LINE},
    {.name = "city", .label = "person.city", .kind = DESK_TEXT, .longest = LIMIT_CARE_LINE},
    {.name = "zip",
     .label = "person.zip",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT | DESK_NUMERIC,
     .longest = 10},
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
    {.name = "languages",
     .label = "settings.languages",
     .kind = DESK_CHOICES,
     .flags = DESK_REQUIRED},
};
enum { FIELDS = sizeof program_fields / sizeof *program_fields };

enum { SETTINGS_MOST = LIMIT_DESK_FIELDS - FIELDS };

struct settings {
  struct web_request *request;
  struct web_view *view;
  struct program program;
  struct text values[SETTINGS_MOST]; /* of program-settings.csv, in its order */
  size_t count;
  const struct desk_field *fields; /* and behind them, those settings */
  bool is_made;
};

static bool load_program(struct store_transaction *transaction, void *context, struct error *error)
{
  struct settings *settings = context;
  struct web_request *request = settings->request;
  struct access access;
  int64_t version;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "program",
                        "read", request->now, &access, error) ||
      !program_load(transaction, &access, request->arena, &settings->program, error))
    return false;
  for (size_t i = 0; i < settings->count; i++)
    if (!program_setting_load(transaction, request->application->records, request->arena,
                              access.program_id, settings->fields[FIELDS + i].name,
                              &settings->values[i], &version, error))
      return false;
  return true;
}

/* The program's own version guards its settings, too: they are saved with it alone. */
static bool save_settings(struct store_transaction *transaction, const struct settings *settings,
                          const struct access *access, struct error *error)
{
  const struct web_request *request = settings->request;
  const struct care *care = request->application->records;
  for (size_t i = 0; i < settings->count; i++) {
    const char *name = settings->fields[FIELDS + i].name;
    struct text stands;
    int64_t version;
    if (!program_setting_load(transaction, care, request->arena, access->program_id, name, &stands,
                              &version, error))
      return false;
    if (!text_equal(stands, settings->values[i]) &&
        !program_setting_save(transaction, care, access, name, settings->values[i], version, error))
      return false;
  }
  return true;
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
      !save_settings(transaction, settings, &access, error))
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
      !save_settings(transaction, settings, &access, error))
    return false;
  settings->is_made = true;
  desk_redirect(request, settings->view, "/desk/settings/sites");
  return true;
}

/* A catalog key made of two parts; NULL when there is no such message. */
static const char *key_of(const struct web_request *request, const char *before, struct text code)
{
  struct text key = text_format(request->arena, "%s%.*s", before, TEXT_PRINT(code));
  bool is_there = catalog_find(request->application->catalog, request->language, key).at != NULL;
  return is_there ? text_c(request->arena, key) : NULL;
}

/* The fields, and behind them a number for each row of program-settings.csv, with its bounds. */
static void make_fields(struct settings *settings)
{
  const struct web_request *request = settings->request;
  const struct care *care = request->application->records;
  size_t count = care_code_count(care, CARE_PROGRAM_SETTINGS);
  settings->count = count < SETTINGS_MOST ? count : SETTINGS_MOST;
  struct desk_field *fields =
      arena_allocate_array(request->arena, FIELDS + settings->count, sizeof *fields);
  memcpy(fields, program_fields, sizeof program_fields);
  for (size_t i = 0; i < settings->count; i++) {
    struct text code = care_code(care, CARE_PROGRAM_SETTINGS, i);
    struct desk_field *field = &fields[FIELDS + i];
    *field = (struct desk_field){.name = text_c(request->arena, code),
                                 .label = key_of(request, "program-settings.", code),
                                 .help = key_of(request, "settings.help.", code),
                                 .kind = DESK_NUMBER,
                                 .flags = DESK_SHORT};
    program_setting_bounds(care, field->name, &field->least, &field->most);
  }
  settings->fields = fields;
}

static void begin_program(struct desk_form *form, const struct settings *settings)
{
  desk_form_init(form, settings->request, settings->fields, FIELDS + settings->count);
  people_choose(form, "kind", CARE_PROGRAM_KINDS);
  people_choose(form, "state", CARE_STATES);
  people_choose(form, "languages", CARE_SPOKEN);
}

static const struct people_member members[] = {
    {"name", offsetof(struct program, name)},
    {"kind", offsetof(struct program, kind)},
    {"zone", offsetof(struct program, zone)},
    {"state", offsetof(struct program, state)},
    {"street", offsetof(struct program, street)},
    {"city", offsetof(struct program, city)},
    {"zip", offsetof(struct program, zip)},
    {"phone", offsetof(struct program, phone)},
    {"hours", offsetof(struct program, hours)},
    {"license_number", offsetof(struct program, license_number)},
    {"license_expires_on", offsetof(struct program, license_expires_on)},
};
enum { MEMBERS = sizeof members / sizeof *members };

static void put_program(struct desk_form *form, const struct settings *settings)
{
  const struct program *program = &settings->program;
  struct text rest = program->languages, word;
  people_put(form, members, MEMBERS, program);
  while (text_word_next(&rest, &word)) desk_form_set(form, "languages", word);
  for (size_t i = 0; i < settings->count; i++)
    desk_form_set(form, settings->fields[FIELDS + i].name, settings->values[i]);
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
  people_take(form, members, MEMBERS, program);
  program->phone = people_digits(request->arena, program->phone);
  program->languages = TEXT("");
  size_t count = desk_form_all(form, "languages", &languages);
  for (size_t i = 0; i < count; i++)
    program->languages = text_format(request->arena, "%.*s%s%.*s", TEXT_PRINT(program->languages),
                                     i ? " " : "", TEXT_PRINT(languages[i]));
  for (size_t i = 0; i < settings->count; i++)
    settings->values[i] = desk_form_get(form, settings->fields[FIELDS + i].name);
  program_check(request->application->records, program, &problems);
  return people_refuse(form, &problems);
}

static bool view_new_program(struct settings *begun, struct desk_form *form, struct error *error)
{
  struct settings settings = *begun;
  struct web_request *request = settings.request;
  struct web_view *view = settings.view;
  view->page = value_object(request->arena);
  view_set_flag(request, view->page, "is_new", true);
  desk_form_set(form, "languages", TEXT("en"));
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
  make_fields(&settings);
  begin_program(&form, &settings);
  if (!request->actor->program_id.length) return view_new_program(&settings, &form, error);
  if (!desk_read(request, load_program, &settings, error)) return false;
  view->page = value_object(request->arena);
  view_set_flag(request, view->page, "is_new", false);
  begin_program(&stands, &settings);
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

const struct web_route desk_settings_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                  .pattern = "/desk/settings",
                                                  .handler = view_settings,
                                                  .guard = "program",
                                                  .get_act = "write",
                                                  .post_act = "write",
                                                  .flags = WEB_NO_PROGRAM},
                                                 {.pattern = NULL}};
