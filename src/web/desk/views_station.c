/*
 * /desk/station: shared computers; /desk/switch: who works at this one now.
 *
 * Switching needs no script: names are buttons to tick, a PIN is typed or pressed on a pad whose
 * presses travel sealed, a badge is read into its field like a keyboard would.
 */
#include <string.h>

#include "base/seal.h"
#include "care/care.h"
#include "web/desk/desk_private.h"

enum { STATION_COOKIE_DAYS = 365, PIN_LONGEST = 32, PIN_SECONDS = 120 };

static struct privacy *privacy_of(const struct web_request *request)
{
  return request->application->privacy;
}

/* --- The list, and enrolling this browser -------------------------------------------------- */

static const struct desk_field station_fields[] = {
    {.name = "name",
     .label = "station.name",
     .help = "station.name_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = 80},
    {.name = "site", .label = "account.site", .kind = DESK_CHOICE},
};

struct stations {
  struct web_request *request;
  struct station *items;
  size_t count;
  struct site *sites;
  size_t site_count;
};

static bool load_stations(struct store_transaction *transaction, void *context, struct error *error)
{
  struct stations *stations = context;
  struct web_request *request = stations->request;
  struct access access;
  if (!access_open_list(transaction, privacy_of(request), request->actor, "station", "read",
                        request->now, &access, error) ||
      !station_list(transaction, request->arena, request->actor->program_id, &stations->items,
                    &stations->count, error))
    return false;
  if (!desk_may(request, "site", "read")) return true;
  return access_open_list(transaction, privacy_of(request), request->actor, "site", "read",
                          request->now, &access, error) &&
         site_list(transaction, &access, request->arena, &stations->sites, &stations->site_count,
                   error);
}

static struct text site_name(const struct stations *stations, struct text id)
{
  for (size_t i = 0; i < stations->site_count; i++)
    if (text_equal(stations->sites[i].id, id)) return stations->sites[i].name;
  return TEXT("");
}

static bool show_stations(struct web_request *request, struct web_view *view,
                          const struct desk_form *form, const struct stations *stations)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < stations->count; i++) {
    const struct station *station = &stations->items[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "id", station->id);
    view_set_text(request, item, "name", station->name);
    view_set_text(request, item, "site", site_name(stations, station->site_id));
    value_set(item, "seen", desk_time(request, station->seen_at));
    view_set_flag(request, item, "is_revoked", station->is_revoked);
    view_set_flag(request, item, "is_this",
                  request->station && text_equal(request->station->id, station->id));
    value_add(list, item);
  }
  view->page = value_object(request->arena);
  value_set(view->page, "stations", list);
  view_set_flag(request, view->page, "any", stations->count > 0);
  view_set_flag(request, view->page, "has_sites", stations->site_count > 0);
  view_set_flag(request, view->page, "is_station", request->station != NULL);
  view_set_flag(request, view->page, "may_enroll", desk_may(request, "station", "enroll"));
  view_set_flag(request, view->page, "may_revoke", desk_may(request, "station", "revoke"));
  return desk_form_show(form, view, "desk/stations");
}

static bool enroll(struct web_request *request, struct web_view *view, void *context,
                   struct error *error)
{
  const struct desk_form *form = context;
  enum { DAY = 24 * 60 * 60 };
  struct text token;
  if (!station_enroll(privacy_of(request), request->actor, desk_form_get(form, "site"),
                      desk_form_get(form, "name"), request->arena, request->now, &token, error))
    return false;
  desk_cookie_set(request, view, DESK_COOKIE_STATION, token, (int64_t)STATION_COOKIE_DAYS * DAY);
  desk_redirect(request, view, "/desk/station");
  return true;
}

static bool revoke(struct web_request *request, struct web_view *view, void *context,
                   struct error *error)
{
  (void)context;
  desk_redirect(request, view, "/desk/station");
  return station_revoke(privacy_of(request), request->actor, web_parameter_get(request, "station"),
                        request->now, error);
}

static bool view_stations(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.station.name", "name"}, {NULL, NULL}};
  struct stations stations = {.request = request};
  struct desk_form form;
  bool is_post = request->method == WEB_POST;
  if (is_post && text_equal(web_parameter_get(request, "act"), TEXT("revoke")))
    return desk_act(request, view, revoke, NULL, error);
  if (!desk_read(request, load_stations, &stations, error)) return false;
  struct desk_choice *sites =
      arena_allocate_array(request->arena, stations.site_count + 1, sizeof *sites);
  for (size_t i = 0; i < stations.site_count; i++)
    sites[i] = (struct desk_choice){stations.sites[i].id, stations.sites[i].name};
  DESK_FORM_INIT(&form, request, station_fields);
  desk_form_choices(&form, "site", sites, stations.site_count);
  if (!is_post || !desk_form_read(&form)) return show_stations(request, view, &form, &stations);
  if (desk_act(request, view, enroll, &form, error)) return true;
  return desk_form_take(&form, error, mappings) && show_stations(request, view, &form, &stations);
}

/* --- Switching ----------------------------------------------------------------------------- */

struct members {
  struct web_request *request;
  struct station_member *items;
  size_t count;
};

static bool load_members(struct store_transaction *transaction, void *context, struct error *error)
{
  struct members *members = context;
  struct web_request *request = members->request;
  return station_members(transaction, request->arena, request->station->id, request->now,
                         &members->items, &members->count, error);
}

/* Digits that were pressed so far; nobody reads them out of the page. */
static struct text pressed(const struct web_request *request)
{
  struct seal seal;
  struct error error = {0};
  struct text sealed = web_parameter_get(request, "pressed");
  if (!sealed.length || !seal_read(request->arena, request->application->key, TEXT("desk.pin"),
                                   sealed, request->now, &seal, &error))
    return TEXT("");
  return seal.bytes;
}

static struct text press(const struct web_request *request, struct text digits, struct text digit)
{
  if (text_equal(digit, TEXT("back")))
    return text_slice(digits, 0, digits.length ? digits.length - 1 : 0);
  bool is_digit = digit.length == 1 && digit.at[0] >= '0' && digit.at[0] <= '9';
  if (!is_digit || digits.length >= PIN_LONGEST) return digits;
  return text_format(request->arena, "%.*s%.*s", TEXT_PRINT(digits), TEXT_PRINT(digit));
}

static void fill_pad(struct web_request *request, struct value *page, struct text digits)
{
  static const char *const keys[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "0"};
  struct value *pad = value_list(request->arena);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    value_add(pad, value_text(request->arena, text_from(keys[i])));
  value_set(page, "pad", pad);
  view_set_text(request, page, "digits",
                digits.length ? view_count(request->arena, (int64_t)digits.length) : TEXT(""));
  view_set_text(request, page, "pressed",
                digits.length ? seal_write(request->arena, request->application->key,
                                           TEXT("desk.pin"), digits, request->now, PIN_SECONDS)
                              : TEXT(""));
}

static bool show_switch(struct web_request *request, struct web_view *view, struct text digits,
                        const char *problem, struct error *error)
{
  struct members members = {.request = request};
  struct value *list = value_list(request->arena), *page = value_object(request->arena);
  struct text chosen = web_parameter_get(request, "account");
  if (!store_read(request->application->store, load_members, &members, error)) return false;
  for (size_t i = 0; i < members.count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "id", members.items[i].account_id);
    view_set_text(request, item, "name", members.items[i].shown_name);
    view_set_flag(request, item, "chosen", text_equal(chosen, members.items[i].account_id));
    value_add(list, item);
  }
  struct text to = web_parameter_get(request, "to");
  view->page = page;
  value_set(page, "members", list);
  view_set_flag(request, page, "any", members.count > 0);
  view_set_text(request, page, "to", desk_path_is_ours(to) ? to : TEXT("/desk"));
  view_set_text(request, page, "problem", problem ? view_text(request, problem) : TEXT(""));
  fill_pad(request, page, digits);
  view->template_name = "desk/switch";
  if (problem) view->status = 400;
  return true;
}

static bool view_switch(struct web_request *request, struct web_view *view, struct error *error)
{
  struct text to = web_parameter_get(request, "to"), digits = pressed(request), token;
  if (!desk_path_is_ours(to)) to = TEXT("/desk");
  if (!request->station) {
    struct text path = desk_path_to(request->arena, "/desk/sign-in", to);
    desk_redirect(request, view, "%.*s", TEXT_PRINT(path));
    return true;
  }
  if (request->method == WEB_GET) return show_switch(request, view, TEXT(""), NULL, error);
  struct text pin = web_parameter_get(request, "pin"), badge = web_parameter_get(request, "badge");
  struct text digit = web_parameter_get(request, "digit");
  digits = text_format(request->arena, "%.*s%.*s", TEXT_PRINT(digits), TEXT_PRINT(pin));
  if (digit.length) return show_switch(request, view, press(request, digits, digit), NULL, error);
  bool is_badge = badge.length > 0;
  struct text account = is_badge ? TEXT("") : web_parameter_get(request, "account");
  if (!is_badge && !account.length)
    return show_switch(request, view, digits, "switch.problem.name", error);
  if (!is_badge && !digits.length)
    return show_switch(request, view, digits, "switch.problem.pin", error);
  if (station_switch(privacy_of(request), desk_cookie_get(request, DESK_COOKIE_STATION),
                     desk_cookie_get(request, DESK_COOKIE_SESSION), account,
                     is_badge ? badge : digits, request->arena, request->now, &token, error)) {
    desk_cookie_set(request, view, DESK_COOKIE_SESSION, token, 0);
    desk_redirect(request, view, "%.*s", TEXT_PRINT(to));
    return true;
  }
  if (error->kind != ERROR_REFUSED) return false;
  return show_switch(request, view, TEXT(""), error->person, error);
}

const struct web_route desk_station_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/station",
                                                 .handler = view_stations,
                                                 .guard = "station",
                                                 .get_act = "read",
                                                 .post_act = "read"},
                                                {.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/switch",
                                                 .handler = view_switch,
                                                 .flags = WEB_OPEN},
                                                {.pattern = NULL}};
