/*
 * /desk/settings/slots: what slots a program has: where, when, for which level of care, how many
 * places; one that is not used any more is closed. Threads: all state is the request's.
 */
#include "web/desk/waiting.h"

enum { DAY_MINUTES = 24 * 60 };

static const struct desk_field fields[] = {
    {.name = "site", .label = "person.stay_site", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "name",
     .label = "slot.name",
     .help = "slot.name_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_CARE_NAME},
    {.name = "kind", .label = "slot.kind", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "level_of_care",
     .label = "person.stay_level",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "weekdays", .label = "slot.weekdays", .kind = DESK_CHOICES, .flags = DESK_REQUIRED},
    {.name = "begins",
     .label = "slot.begins",
     .help = "waiting.clock_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = 5},
    {.name = "ends",
     .label = "slot.ends",
     .help = "slot.ends_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = 5},
    {.name = "capacity",
     .label = "slot.capacity",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .most = LIMIT_SLOT_PLACES},
    {.name = "closed", .label = "slot.closed", .help = "slot.closed_help", .kind = DESK_YES},
};

struct settings {
  struct web_request *request;
  struct web_view *view;
  struct slot *all;
  struct requests_ground ground;
  size_t count;
  struct slot slot;  /* what the form says */
  int64_t closed_at; /* as it stands */
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct settings *settings = context;
  struct web_request *request = settings->request;
  struct access access;
  return requests_access_list(transaction, request, "site", "read", &access, error) &&
         slot_list(transaction, &access, request->arena, &settings->all, &settings->count, error) &&
         requests_ground_load(transaction, request, &settings->ground, error);
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct settings *settings = context;
  struct web_request *request = settings->request;
  const struct requests *requests = request->application->requests;
  struct slot slot = settings->slot; /* creating writes into it, and this may run again */
  struct access access;
  if (!requests_access_list(transaction, request, "site", "write", &access, error)) return false;
  bool is_done = slot.id.length
                     ? slot_save(transaction, requests, &access, request->arena, &slot, error)
                     : slot_create(transaction, requests, &access, request->arena, &slot, error);
  if (is_done) desk_redirect(request, settings->view, "/desk/settings/slots");
  return is_done;
}

/* --- The form ------------------------------------------------------------------------------ */

static struct text clock_text(struct arena *arena, int64_t minutes)
{
  int64_t of_day = minutes % DAY_MINUTES;
  return text_format(arena, "%02lld:%02lld", (long long)(of_day / 60), (long long)(of_day % 60));
}

/* Minutes after midnight; -1: no time of day. */
static int64_t clock_read(struct text clock)
{
  int64_t hour, minute;
  size_t colon = text_find(clock, TEXT(":"));
  if (colon >= clock.length || clock.length - colon != 3 ||
      !text_read_integer(text_slice(clock, 0, colon), &hour) || hour < 0 || hour > 23 ||
      !text_read_integer(text_slice(clock, colon + 1, clock.length), &minute) || minute < 0 ||
      minute > 59)
    return -1;
  return hour * 60 + minute;
}

static void choose(struct desk_form *form, const struct settings *settings)
{
  static const char *const keys[] = {"weekday.0", "weekday.1", "weekday.2", "weekday.3",
                                     "weekday.4", "weekday.5", "weekday.6"};
  struct web_request *request = settings->request;
  struct arena *arena = request->arena;
  struct desk_choice *days = arena_allocate_array(arena, 7, sizeof *days);
  for (size_t i = 0; i < 7; i++) {
    size_t day = (i + 1) % 7; /* the week begins on Monday here */
    days[i] = (struct desk_choice){text_format(arena, "%zu", day), view_text(request, keys[day])};
  }
  requests_choose_site(form, "site", &settings->ground);
  requests_choose(form, "kind", SLOT_KINDS);
  people_choose(form, "level_of_care", CARE_LEVELS);
  desk_form_choices(form, "weekdays", days, 7);
}

static void put(struct desk_form *form, const struct slot *slot)
{
  struct arena *arena = form->request->arena;
  struct text left = slot->weekdays, day;
  desk_form_set(form, "site", slot->site_id);
  desk_form_set(form, "name", slot->name);
  desk_form_set(form, "kind", slot->kind);
  desk_form_set(form, "level_of_care", slot->level_of_care);
  while (text_word_next(&left, &day)) desk_form_set(form, "weekdays", day);
  desk_form_set(form, "begins", clock_text(arena, slot->begins));
  desk_form_set(form, "ends", clock_text(arena, slot->ends));
  desk_form_set(form, "capacity", text_format(arena, "%lld", (long long)slot->capacity));
  if (slot->closed_at) desk_form_set(form, "closed", TEXT("1"));
  desk_form_set_version(form, slot->version);
}

static void begin(struct desk_form *form, struct settings *settings, struct text id)
{
  DESK_FORM_INIT(form, settings->request, fields);
  choose(form, settings);
  for (size_t i = 0; i < settings->count; i++) {
    if (!id.length || !text_equal(settings->all[i].id, id)) continue;
    settings->slot.id = settings->all[i].id;
    settings->closed_at = settings->all[i].closed_at;
    put(form, &settings->all[i]);
  }
}

static struct text ticked_days(const struct desk_form *form)
{
  const struct text *days;
  size_t count = desk_form_all(form, "weekdays", &days);
  struct text all = TEXT("");
  for (size_t i = 0; i < count; i++)
    all = all.length
              ? text_format(form->request->arena, "%.*s %.*s", TEXT_PRINT(all), TEXT_PRINT(days[i]))
              : days[i];
  return all;
}

static bool take(struct desk_form *form, struct settings *settings)
{
  if (!desk_form_read(form)) return false;
  int64_t now = settings->request->now, begins = clock_read(desk_form_get(form, "begins")),
          ends = clock_read(desk_form_get(form, "ends"));
  if (begins < 0) desk_form_refuse(form, "begins", "waiting.clock_wrong");
  if (ends < 0) desk_form_refuse(form, "ends", "waiting.clock_wrong");
  bool is_closed = desk_form_get(form, "closed").length > 0;
  struct slot *slot = &settings->slot;
  slot->site_id = desk_form_get(form, "site");
  slot->name = desk_form_get(form, "name");
  slot->kind = desk_form_get(form, "kind");
  slot->level_of_care = desk_form_get(form, "level_of_care");
  slot->weekdays = ticked_days(form);
  slot->begins = begins;
  slot->ends = ends <= begins ? ends + DAY_MINUTES : ends; /* past midnight */
  slot->capacity = desk_form_number(form, "capacity", 0);
  slot->closed_at = is_closed ? (settings->closed_at ? settings->closed_at : now) : 0;
  slot->version = desk_form_version(form);
  return form->problem_count == 0;
}

/* --- The page ------------------------------------------------------------------------------ */

static struct value *fill_slot(const struct settings *settings, const struct slot *slot)
{
  const struct web_request *request = settings->request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "slot_id", slot->id);
  view_set_text(request, item, "slot", slot->name);
  view_set_text(request, item, "site", requests_site_name(&settings->ground, slot->site_id));
  view_set_text(request, item, "kind", requests_label(request, SLOT_KINDS, slot->kind));
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, slot->level_of_care));
  view_set_text(request, item, "hours", waiting_hours(request, slot));
  view_set_text(request, item, "capacity", view_count(request->arena, slot->capacity));
  view_set_text(request, item, "taken", view_count(request->arena, slot->taken));
  view_set_flag(request, item, "is_closed", slot->closed_at != 0);
  return item;
}

static bool show(struct settings *settings, const struct desk_form *form)
{
  const struct web_request *request = settings->request;
  struct value *page = settings->view->page = value_object(request->arena);
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < settings->count; i++)
    value_add(list, fill_slot(settings, &settings->all[i]));
  value_set(page, "slots", list);
  view_set_flag(request, page, "any", settings->count > 0);
  view_set_flag(request, page, "may_write", desk_may(request, "site", "write"));
  view_set_flag(request, page, "has_sites", settings->ground.site_count > 0);
  view_set_text(request, page, "slot_id", settings->slot.id);
  return desk_form_show(form, settings->view, "desk/slot_settings");
}

static bool view_slot_settings(struct web_request *request, struct web_view *view,
                               struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.slot.fewer", "capacity"},
                                                 {"error.slot.hours", "begins"},
                                                 {"error.request.text", "name"},
                                                 {NULL, NULL}};
  struct settings settings = {.request = request, .view = view};
  struct desk_form form, now;
  struct text id = web_parameter_get(request, "slot_id");
  if (!desk_read(request, load, &settings, error)) return false;
  begin(&form, &settings, id);
  if (id.length && !settings.slot.id.length)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "slot: none such");
  if (request->method == WEB_GET || !take(&form, &settings)) return show(&settings, &form);
  if (desk_write(request, view, save, &settings, error)) return true;
  if (error->kind == ERROR_CONFLICT) {
    error_clear(error);
    if (!desk_read(request, load, &settings, error)) return false;
    begin(&now, &settings, id);
    desk_form_conflict(&form, &now);
    return show(&settings, &form);
  }
  return desk_form_take(&form, error, mappings) && show(&settings, &form);
}

const struct web_route desk_slot_settings_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                       .pattern = "/desk/settings/slots",
                                                       .handler = view_slot_settings,
                                                       .guard = "site",
                                                       .get_act = "read",
                                                       .post_act = "write"},
                                                      {.pattern = NULL}};
