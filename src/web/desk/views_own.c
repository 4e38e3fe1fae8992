/*
 * /desk/me: what is one's own: where one is signed in, password, second factor, PIN. /desk/pin.
 */
#include "web/desk/desk_private.h"

static struct privacy *privacy_of(const struct web_request *request)
{
  return request->application->privacy;
}

/* --- The page ------------------------------------------------------------------------------ */

struct own {
  struct web_request *request;
  struct text language; /* of messages to them */
  struct account account;
  struct session_shown *sessions;
  size_t count;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct own *own = context;
  struct web_request *request = own->request;
  const struct actor *actor = request->actor;
  return account_load(transaction, request->arena, actor->account_id, &own->account, error) &&
         account_language_load(transaction, request->arena, actor->account_id, &own->language,
                               error) &&
         session_list(transaction, request->arena, actor->account_id, actor->session_id,
                      request->now, &own->sessions, &own->count, error);
}

struct value *desk_sessions(const struct web_request *request, const struct session_shown *sessions,
                            size_t count)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "id", sessions[i].id);
    value_set(item, "made", desk_time(request, sessions[i].made_at));
    value_set(item, "seen", desk_time(request, sessions[i].seen_at));
    view_set_flag(request, item, "is_this", sessions[i].is_this);
    view_set_flag(request, item, "at_station", sessions[i].station_id.length > 0);
    value_add(list, item);
  }
  return list;
}

/* The languages that messages can have, by their own names. */
static struct value *fill_languages(const struct web_request *request, struct text chosen)
{
  const struct web_application *application = request->application;
  struct value *list = value_list(request->arena);
  if (text_is_empty(chosen)) chosen = TEXT("en");
  for (size_t i = 0; i < application->language_count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "code", application->languages[i]);
    view_set_text(request, item, "label", catalog_text(application->catalog, i, "language.name"));
    view_set_flag(request, item, "checked", text_equal(application->languages[i], chosen));
    value_add(list, item);
  }
  return list;
}

static bool show(struct web_request *request, struct web_view *view, struct error *error)
{
  struct own own = {.request = request};
  if (!store_read(request->application->store, load, &own, error)) return false;
  struct value *page = view->page = value_object(request->arena);
  view_set_text(request, page, "sign_in_name", own.account.sign_in_name);
  view_set_text(request, page, "email", own.account.email);
  view_set_text(request, page, "roles",
                desk_role_labels(request, request->actor->roles, request->actor->role_count));
  view_set_flag(request, page, "has_totp", own.account.has_totp);
  view_set_flag(request, page, "has_pin", own.account.has_pin);
  view_set_flag(request, page, "has_others", own.count > 1);
  view_set_flag(request, page, "pin_done", web_parameter_has(request, "pin_done"));
  value_set(page, "languages", fill_languages(request, own.language));
  value_set(page, "sessions", desk_sessions(request, own.sessions, own.count));
  view->template_name = "desk/me";
  return true;
}

static bool revoke(struct web_request *request, struct web_view *view, void *context,
                   struct error *error)
{
  (void)context;
  desk_redirect(request, view, "/desk/me");
  return session_revoke(privacy_of(request), request->actor, request->actor->account_id,
                        web_parameter_get(request, "session"), request->now, error);
}

static bool set_language(struct web_request *request, struct web_view *view, void *context,
                         struct error *error)
{
  (void)context;
  desk_redirect(request, view, "/desk/me");
  return account_set_language(privacy_of(request), request->actor,
                              web_parameter_get(request, "language"), request->now, error);
}

static bool view_me(struct web_request *request, struct web_view *view, struct error *error)
{
  if (request->method == WEB_GET) return show(request, view, error);
  if (web_parameter_has(request, "language"))
    return desk_act(request, view, set_language, NULL, error);
  return desk_act(request, view, revoke, NULL, error);
}

/* --- The PIN ------------------------------------------------------------------------------- */

static const struct desk_field pin_fields[] = {
    {.name = "pin",
     .label = "own.pin_new",
     .help = "own.pin_help",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED | DESK_FOCUS | DESK_NUMERIC | DESK_SHORT},
    {.name = "again",
     .label = "own.pin_again",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED | DESK_NUMERIC | DESK_SHORT},
};

static bool set_pin(struct web_request *request, struct web_view *view, void *context,
                    struct error *error)
{
  desk_redirect(request, view, "/desk/me?pin_done=1");
  return account_set_pin(privacy_of(request), request->actor, desk_form_get(context, "pin"),
                         request->now, error);
}

/* Asks for proof before anything is typed, since a secret is not carried along. */
static bool view_pin(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.account.pin", "pin"}, {NULL, NULL}};
  struct desk_form form;
  DESK_FORM_INIT(&form, request, pin_fields);
  if (!request->actor->is_confirmed && request->method == WEB_GET)
    return desk_ask_proof(request, view, NULL);
  if (request->method == WEB_GET) return desk_form_show(&form, view, "desk/pin");
  if (desk_form_read(&form) &&
      !text_equal(desk_form_get(&form, "pin"), desk_form_get(&form, "again")))
    desk_form_refuse(&form, "again", "sign_in.problem.again");
  if (form.problem_count) return desk_form_show(&form, view, "desk/pin");
  if (desk_act(request, view, set_pin, &form, error)) return true;
  return desk_form_take(&form, error, mappings) && desk_form_show(&form, view, "desk/pin");
}

const struct web_route desk_own_routes[] = {{.methods = WEB_GET | WEB_POST,
                                             .pattern = "/desk/me",
                                             .handler = view_me,
                                             .guard = "session",
                                             .get_act = "read",
                                             .post_act = "revoke",
                                             .flags = WEB_NO_PROGRAM},
                                            {.methods = WEB_GET | WEB_POST,
                                             .pattern = "/desk/pin",
                                             .handler = view_pin,
                                             .guard = "session",
                                             .get_act = "read",
                                             .post_act = "read",
                                             .flags = WEB_NO_PROGRAM},
                                            {.pattern = NULL}};
