/*
 * The place one asks, sending a request from outside once, and the page behind it. See views_ask.h.
 */
#include <string.h>

#include "web/brake.h"
#include "web/qr.h"
#include "web/views_ask.h"

/* --- Places -------------------------------------------------------------------------------- */

struct value *view_ask_phone(const struct web_request *request, struct text phone)
{
  struct text shown = phone.length == 10 ? text_format(request->arena, "%.3s-%.3s-%.4s", phone.at,
                                                       phone.at + 3, phone.at + 6)
                                         : phone;
  struct value *out = view_phone(request, shown, "ask.call");
  return out ? out : value_null(request->arena);
}

struct value *view_ask_place(const struct web_request *request, const struct front_door *door)
{
  struct arena *arena = request->arena;
  struct value *out = value_object(arena);
  bool is_same = text_equal(door->program, door->site);
  view_set_text(request, out, "name",
                is_same ? door->program
                        : text_format(arena, "%.*s, %.*s", TEXT_PRINT(door->program),
                                      TEXT_PRINT(door->site)));
  view_set_text(
      request, out, "where",
      text_trim(view_address(arena, door->street, TEXT(""), door->city, door->state, door->zip)));
  view_set_text(request, out, "hours", door->hours);
  view_set_text(request, out, "site_id", door->site_id);
  value_set(out, "call", view_ask_phone(request, door->phone));
  return out;
}

struct choosing {
  const struct web_request *request;
  enum front_way way;
  struct text site_id, words;
  size_t limit;
  struct front_door *doors, door;
  size_t count;
  bool more, found;
};

static bool list_doors(struct store_transaction *transaction, void *context, struct error *error)
{
  struct choosing *choosing = context;
  struct arena *arena = choosing->request->arena;
  choosing->found = false;
  if (choosing->site_id.length &&
      !front_door_find(transaction, arena, choosing->way, choosing->site_id, &choosing->door,
                       &choosing->found, error))
    return false;
  return choosing->found ||
         front_door_list(transaction, arena, choosing->way, choosing->words, choosing->limit,
                         &choosing->doors, &choosing->count, &choosing->more, error);
}

bool view_ask_door(struct web_request *request, enum front_way way, struct value *page,
                   struct front_door *door, bool *found, struct error *error)
{
  struct choosing choosing = {.request = request,
                              .way = way,
                              .site_id = web_parameter_get(request, "site"),
                              .words = web_parameter_get(request, "look"),
                              .limit = LIMIT_DOOR_SHOWN};
  if (choosing.words.length > LIMIT_QUERY_TEXT) choosing.words = TEXT("");
  if (!store_read(request->application->store, list_doors, &choosing, error)) return false;
  bool is_only =
      !choosing.found && !choosing.site_id.length && !choosing.words.length && choosing.count == 1;
  *found = choosing.found || is_only;
  if (*found) {
    *door = is_only ? choosing.doors[0] : choosing.door;
    view_set_flag(request, page, "may_change", !is_only);
    return true;
  }
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < choosing.count; i++)
    value_add(list, view_ask_place(request, &choosing.doors[i]));
  value_set(page, "places", list);
  view_set_flag(request, page, "any_places", choosing.count > 0);
  view_set_flag(request, page, "more_places", choosing.more);
  view_set_flag(request, page, "may_look", choosing.more || choosing.words.length > 0);
  view_set_flag(request, page, "none_found", choosing.count == 0 && choosing.words.length > 0);
  view_set_flag(request, page, "gone_place", choosing.site_id.length > 0);
  view_set_flag(request, page, "choosing", true);
  view_set_text(request, page, "look", choosing.words);
  return true;
}

bool view_ask_is_open(const struct web_request *request, enum front_way way, bool *out,
                      struct error *error)
{
  struct choosing choosing = {
      .request = request, .way = way, .site_id = TEXT(""), .words = TEXT(""), .limit = 1};
  const struct web_application *application = request->application;
  *out = false;
  if (!application->requests || !application->records || !application->key) return true;
  if (!store_read(application->store, list_doors, &choosing, error)) return false;
  *out = choosing.count > 0;
  return true;
}

/* --- The key ------------------------------------------------------------------------------- */

static struct text purpose_of(enum front_way way)
{
  static const char *const purposes[] = {
      [FRONT_CARRY] = "ask.carry", [FRONT_TALK] = "ask.talk", [FRONT_REFER] = "ask.refer"};
  return text_from(purposes[way]);
}

struct text view_ask_key(const struct web_request *request, enum front_way way)
{
  return seal_write(request->arena, request->application->key, purpose_of(way),
                    request_token_new(request->arena), time_now(), LIMIT_DOOR_SECONDS);
}

/* --- Sending ------------------------------------------------------------------------------- */

bool view_ask_is_sent(const struct web_request *request)
{
  return request->method == WEB_POST && web_parameter_has(request, "key");
}

bool view_ask_reach(struct ask_form *form, const char *consents, const char *phone,
                    const char *email)
{
  static const char *const by_phone[] = {"call", "text", "message"};
  bool has_phone = view_ask_get(form, phone).length > 0, is_good = true;
  for (size_t i = 0; i < sizeof by_phone / sizeof *by_phone && !has_phone; i++)
    if (view_ask_has(form, consents, by_phone[i])) {
      view_ask_refuse(form, phone, "error.ask.phone_for");
      is_good = false;
      break;
    }
  if (view_ask_has(form, consents, "email") && !view_ask_get(form, email).length) {
    view_ask_refuse(form, email, "error.ask.email_for");
    is_good = false;
  }
  return is_good;
}

/* "November 19, 2026, 17:00", where the site is. */
static struct text time_text(const struct web_request *request, const struct zone *zone, int64_t at)
{
  struct text shown = zone_format(request->arena, zone, at);
  struct text date = view_date(request, text_slice(shown, 0, sizeof "YYYY-MM-DD" - 1));
  struct text clock = text_slice(shown, sizeof "YYYY-MM-DD", sizeof "YYYY-MM-DD HH:MM" - 1);
  return VIEW_FORMAT(request, "request.page.time", {"date", date}, {"clock", clock});
}

/* The link, as a link, as text and as a code. */
static bool fill_link(const struct web_request *request, struct text token, struct value *done,
                      struct error *error)
{
  struct arena *arena = request->arena;
  struct text base = view_base(request, request->language), path;
  size_t size;
  struct text address =
      text_format(arena, "%s://%.*s%.*s/requests/%.*s", request->is_secure ? "https" : "http",
                  TEXT_PRINT(request->host), TEXT_PRINT(base), TEXT_PRINT(token));
  if (!web_qr(arena, address, &size, &path, error)) return false;
  view_set_text(request, done, "href",
                text_format(arena, "%.*s/requests/%.*s", TEXT_PRINT(base), TEXT_PRINT(token)));
  view_set_text(request, done, "address", address);
  view_set_text(request, done, "path", path);
  view_set_text(request, done, "size", text_format(arena, "%zu", size));
  return true;
}

static bool refuse(struct ask_form *form, struct web_view *view, int status, const char *problem)
{
  form->problem = problem;
  view->status = status;
  return true;
}

/* A seal that was not opened: the page stood open too long, or it is none of ours. */
static bool read_key(struct ask_form *form, enum front_way way, struct text *token,
                     struct error *error)
{
  const struct web_request *request = form->request;
  struct seal seal;
  if (!seal_read(request->arena, request->application->key, purpose_of(way), form->key, time_now(),
                 &seal, error))
    return false;
  *token = seal.bytes;
  return true;
}

bool view_ask_send(struct ask_form *form, struct front_ask *ask, const struct front_door *door,
                   struct web_view *view, struct error *error)
{
  struct web_request *request = form->request;
  struct web_application *application = request->application;
  enum front_answer answer;
  int64_t answer_by = 0, now = time_now();
  const struct zone *zone = NULL;
  if (!read_key(form, ask->way, &ask->token, error)) {
    if (error->kind != ERROR_REFUSED) return false;
    error_clear(error);
    form->key = view_ask_key(request, ask->way);
    return refuse(form, view, 400, "error.ask.key");
  }
  if (!web_brake_pass(application->brake, request->address, now))
    return refuse(form, view, 429, "error.ask.often");
  ask->program_id = door->program_id;
  ask->request.site_id = door->site_id;
  if (!front_door_ask(application->store, application->requests, request->arena, ask, now, &answer,
                      &answer_by, &zone, error)) {
    if (error->kind != ERROR_REFUSED) return false;
    const char *problem = error->person;
    error_clear(error);
    if (strcmp(problem, "error.ask.key") == 0) form->key = view_ask_key(request, ask->way);
    return refuse(form, view, 400, problem);
  }
  if (answer == FRONT_CLOSED) return refuse(form, view, 409, "error.ask.closed");
  if (answer == FRONT_FULL) return refuse(form, view, 503, "error.ask.full");
  struct value *done = value_object(request->arena);
  view_set_flag(request, done, "repeated", answer == FRONT_REPEATED);
  view_set_text(request, done, "by",
                VIEW_FORMAT(request, ask->wants_call ? "talk.done_by" : "ask.done_by",
                            {"place", door->program},
                            {"when", time_text(request, zone, answer_by)}));
  value_set(done, "place", view_ask_place(request, door));
  if (!fill_link(request, ask->token, done, error)) return false;
  value_set(view->page, "done", done);
  return true;
}
