/*
 * Signing in, step by step: name and password, a code, a first password changed, a second factor
 * set up, a program chosen; proving again who one is; signing out. The first administrator.
 *
 *   /desk/first  /desk/sign-in ─▶ /desk/code ─▶ /desk/password, /desk/enroll ─▶ /desk/program ─▶ to
 *
 * Which step comes next the session says; the door sends there. `to` travels along as a field.
 */
#include <string.h>

#include "care/care.h"
#include "web/desk/desk_private.h"
#include "web/qr.h"

static struct privacy *privacy_of(const struct web_request *request)
{
  return request->application->privacy;
}

/* --- Where to go afterwards ---------------------------------------------------------------- */

static struct text wanted(const struct web_request *request)
{
  struct text to = web_parameter_get(request, "to");
  return desk_path_is_ours(to) ? to : desk_is_own(request) ? TEXT("/me") : TEXT("/desk");
}

/* The token of a session that was just opened or moved on goes into the cookie; on to what comes
 * next. At a station a whole sign-in opens the shift. */
static bool go_on(struct web_request *request, struct web_view *view, struct text token,
                  enum session_step step, struct error *error)
{
  static const char *const pages[] = {[SESSION_PASSWORD] = "/desk/sign-in",
                                      [SESSION_TOTP] = "/desk/code",
                                      [SESSION_ENROLL] = "/desk/enroll",
                                      [SESSION_CHANGE] = "/desk/password"};
  struct text to = wanted(request);
  desk_cookie_set(request, view, DESK_COOKIE_SESSION, token, 0);
  if (step != SESSION_OPEN) {
    struct text path = desk_path_to(request->arena, pages[step], to);
    desk_redirect(request, view, "%.*s", TEXT_PRINT(path));
    return true;
  }
  desk_redirect(request, view, "%.*s", TEXT_PRINT(to));
  if (!request->station) return true;
  struct error other = {0}; /* who works in another program signs in as at any computer */
  if (!session_choose_program(privacy_of(request), token, request->station->program_id,
                              request->now, &other) &&
      other.kind == ERROR_FORBIDDEN)
    return true;
  if (!station_begin_shift(privacy_of(request), desk_cookie_get(request, DESK_COOKIE_STATION),
                           token, request->now, &other) &&
      other.kind != ERROR_REFUSED && other.kind != ERROR_FORBIDDEN) {
    *error = other;
    return false;
  }
  return true;
}

static bool show(struct web_request *request, struct web_view *view, const struct desk_form *form,
                 const char *template_name)
{
  if (!view->page) view->page = value_object(request->arena);
  view_set_text(request, view->page, "to", wanted(request));
  view_set_text(request, view->page, "action", request->path);
  return desk_form_show(form, view, template_name);
}

/* --- Name and password --------------------------------------------------------------------- */

static const struct desk_field sign_in_fields[] = {
    {.name = "name",
     .label = "sign_in.name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS,
     .autocomplete = "username"},
    {.name = "password",
     .label = "sign_in.password",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED,
     .longest = 1024,
     .autocomplete = "current-password"},
};

static bool show_sign_in(struct web_request *request, struct web_view *view,
                         const struct desk_form *form)
{
  view->page = value_object(request->arena);
  bool has_cookie = desk_cookie_get(request, DESK_COOKIE_SESSION).length > 0;
  view_set_flag(request, view->page, "may_go_on", has_cookie && request->method == WEB_GET);
  return show(request, view, form, "desk/sign_in");
}

static bool view_sign_in(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct text token;
  enum session_step step;
  DESK_FORM_INIT(&form, request, sign_in_fields);
  if (request->method == WEB_GET || !desk_form_read(&form))
    return show_sign_in(request, view, &form);
  struct sign_in_place place = {.station_id = request->station ? request->station->id : TEXT(""),
                                .device = desk_cookie_get(request, DESK_COOKIE_DEVICE),
                                .before = desk_cookie_get(request, DESK_COOKIE_SESSION)};
  if (session_sign_in(privacy_of(request), desk_form_get(&form, "name"),
                      desk_form_get(&form, "password"), &place, request->arena, request->now,
                      &token, &step, error)) {
    if (place.device.length)
      desk_cookie_set(request, view, DESK_COOKIE_DEVICE, place.device, place.device_seconds);
    return go_on(request, view, token, step, error);
  }
  if (!desk_form_take(&form, error, NULL)) return false;
  return show_sign_in(request, view, &form);
}

/* --- The code ------------------------------------------------------------------------------ */

static const struct desk_field code_fields[] = {
    {.name = "code",
     .label = "sign_in.code",
     .help = "sign_in.code_help",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED | DESK_FOCUS | DESK_SHORT,
     .autocomplete = "one-time-code"},
};

static bool view_code(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct text fresh;
  enum session_step step;
  DESK_FORM_INIT(&form, request, code_fields);
  if (request->session->step != SESSION_TOTP) {
    struct text to = wanted(request);
    desk_redirect(request, view, "%.*s", TEXT_PRINT(to));
    return true;
  }
  if (request->method == WEB_GET || !desk_form_read(&form))
    return show(request, view, &form, "desk/code");
  if (session_give_code(privacy_of(request), desk_cookie_get(request, DESK_COOKIE_SESSION),
                        desk_form_get(&form, "code"), request->arena, request->now, &fresh, &step,
                        error))
    return go_on(request, view, fresh, step, error);
  static const struct desk_mapping mappings[] = {{"error.code", "code"}, {NULL, NULL}};
  if (!desk_form_take(&form, error, mappings)) return false;
  return show(request, view, &form, "desk/code");
}

/* --- The password -------------------------------------------------------------------------- */

static const struct desk_field password_fields[] = {
    {.name = "old_password",
     .label = "sign_in.old_password",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED | DESK_FOCUS,
     .longest = 1024,
     .autocomplete = "current-password"},
    {.name = "new_password",
     .label = "sign_in.new_password",
     .help = "sign_in.new_password_help",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED,
     .longest = 1024,
     .autocomplete = "new-password"},
    {.name = "again",
     .label = "sign_in.again",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED,
     .longest = 1024,
     .autocomplete = "new-password"},
};
/* A first password that must be changed was given a moment ago. */
static const struct desk_field *const change_fields = password_fields + 1;
enum { PASSWORD_FIELDS = sizeof password_fields / sizeof *password_fields };

/* A session after a step that a room took: its token is made anew. */
static bool rotate(struct web_request *request, struct web_view *view, struct text *fresh,
                   struct error *error)
{
  if (!session_rotate(privacy_of(request), desk_cookie_get(request, DESK_COOKIE_SESSION),
                      request->arena, request->now, fresh, error))
    return false;
  desk_cookie_set(request, view, DESK_COOKIE_SESSION, *fresh, 0);
  return true;
}

static bool change_password(struct web_request *request, struct web_view *view, void *context,
                            struct error *error)
{
  const struct desk_form *form = context;
  struct text fresh, to = wanted(request);
  bool is_first = form->count < PASSWORD_FIELDS;
  if (!account_set_password(privacy_of(request), request->actor,
                            is_first ? TEXT("") : desk_form_get(form, "old_password"),
                            desk_form_get(form, "new_password"), request->now, error) ||
      !rotate(request, view, &fresh, error))
    return false;
  desk_redirect(request, view, "%.*s", TEXT_PRINT(to));
  return true;
}

static bool view_password(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.account.password", "new_password"},
                                                 {NULL, NULL}};
  struct desk_form form;
  enum session_step step = request->session->step;
  if (step != SESSION_CHANGE && step != SESSION_OPEN) {
    desk_redirect(request, view, "/desk");
    return true;
  }
  if (step == SESSION_CHANGE) desk_form_init(&form, request, change_fields, PASSWORD_FIELDS - 1);
  else DESK_FORM_INIT(&form, request, password_fields);
  if (request->method == WEB_GET) return show(request, view, &form, "desk/password");
  if (desk_form_read(&form) &&
      !text_equal(desk_form_get(&form, "new_password"), desk_form_get(&form, "again")))
    desk_form_refuse(&form, "again", "sign_in.problem.again");
  if (form.problem_count) return show(request, view, &form, "desk/password");
  if (desk_act(request, view, change_password, &form, error)) return true;
  if (!desk_form_take(&form, error, mappings)) return false;
  return show(request, view, &form, "desk/password");
}

/* --- The second factor --------------------------------------------------------------------- */

static bool begin_totp(struct web_request *request, struct web_view *view, void *context,
                       struct error *error)
{
  (void)context;
  desk_redirect(request, view, "/desk/enroll");
  return account_begin_totp(privacy_of(request), request->actor, request->arena, request->now,
                            &view->once, error);
}

static bool confirm_totp(struct web_request *request, struct web_view *view, void *context,
                         struct error *error)
{
  const struct desk_form *form = context;
  struct text *codes, fresh;
  size_t count;
  if (!account_confirm_totp(privacy_of(request), request->actor, desk_form_get(form, "code"),
                            request->arena, request->now, &codes, &count, error) ||
      !rotate(request, view, &fresh, error))
    return false;
  view->once = TEXT("");
  for (size_t i = 0; i < count; i++)
    view->once = text_format(request->arena, "%.*s%s%.*s", TEXT_PRINT(view->once), i ? " " : "",
                             TEXT_PRINT(codes[i]));
  desk_redirect(request, view, "/desk/enroll");
  return true;
}

/* The secret of an otpauth address, in groups of four, to be typed. */
static struct text secret_of(struct arena *arena, struct text address)
{
  struct text out = TEXT("");
  size_t at = text_find(address, TEXT("secret="));
  struct text rest = text_slice(address, at + sizeof "secret=" - 1, address.length);
  rest = text_slice(rest, 0, text_find(rest, TEXT("&")));
  for (size_t i = 0; i < rest.length; i += 4) {
    struct text group = text_slice(rest, i, i + 4);
    out = text_format(arena, "%.*s%s%.*s", TEXT_PRINT(out), i ? " " : "", TEXT_PRINT(group));
  }
  return out;
}

static bool fill_address(struct web_request *request, struct web_view *view, struct text address,
                         struct error *error)
{
  size_t size;
  struct text drawing;
  struct value *qr = value_object(request->arena);
  if (!web_qr(request->arena, address, &size, &drawing, error)) return false;
  value_set(qr, "size", value_integer(request->arena, (int64_t)size));
  view_set_text(request, qr, "drawing", drawing);
  value_set(view->page, "qr", qr);
  view_set_text(request, view->page, "secret", secret_of(request->arena, address));
  return true;
}

static void fill_codes(struct web_request *request, struct web_view *view, struct text once)
{
  struct value *codes = value_list(request->arena);
  struct text code;
  while (text_split_next(&once, ' ', &code)) value_add(codes, value_text(request->arena, code));
  value_set(view->page, "codes", codes);
}

static bool show_enroll(struct web_request *request, struct web_view *view,
                        const struct desk_form *form, struct error *error)
{
  struct text once;
  view->page = value_object(request->arena);
  if (!desk_once(request, &once, error)) return false;
  view_set_text(request, view->page, "shown", web_parameter_get(request, "shown"));
  bool has_address = text_starts_with(once, TEXT("otpauth:"));
  view_set_flag(request, view->page, "has_codes", once.length && !has_address);
  view_set_flag(request, view->page, "is_start", !once.length);
  if (has_address) {
    if (!fill_address(request, view, once, error)) return false;
  } else if (once.length) {
    fill_codes(request, view, once);
  }
  return show(request, view, form, "desk/enroll");
}

static bool view_enroll(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.code", "code"}, {NULL, NULL}};
  struct desk_form form;
  enum session_step step = request->session->step;
  DESK_FORM_INIT(&form, request, code_fields);
  if (step != SESSION_ENROLL && step != SESSION_OPEN) {
    desk_redirect(request, view, "/desk");
    return true;
  }
  if (request->method == WEB_GET) return show_enroll(request, view, &form, error);
  if (text_equal(web_parameter_get(request, "act"), TEXT("begin")))
    return desk_act(request, view, begin_totp, NULL, error);
  if (!desk_form_read(&form)) return show_enroll(request, view, &form, error);
  if (desk_act(request, view, confirm_totp, &form, error)) return true;
  return desk_form_take(&form, error, mappings) && show_enroll(request, view, &form, error);
}

/* --- Proof, program, sign-out -------------------------------------------------------------- */

/* The door took the proof that came along; an act that asked for it brings the page by itself. */
static bool view_prove(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  struct text to = wanted(request);
  bool is_proved = request->method == WEB_POST && web_parameter_has(request, "prove_secret");
  if (!is_proved) {
    desk_ask_proof(request, view, NULL);
    view->status = 0;
    view_set_text(request, view->page, "to", to);
    return true;
  }
  desk_redirect(request, view, "%.*s", TEXT_PRINT(to));
  return true;
}

struct programs {
  struct web_request *request;
  struct account account;
  struct program *items;
  size_t count;
};

static bool load_programs(struct store_transaction *transaction, void *context, struct error *error)
{
  struct programs *programs = context;
  struct arena *arena = programs->request->arena;
  return account_load(transaction, arena, programs->request->actor->account_id, &programs->account,
                      error) &&
         program_list(transaction, arena, &programs->items, &programs->count, error);
}

/* Has the account a role there, or one in every program? "" asks for that alone. */
static bool may_work_in(const struct account *account, struct text program_id)
{
  for (size_t i = 0; i < account->role_count; i++)
    if (text_is_empty(account->roles[i].program_id) ||
        text_equal(account->roles[i].program_id, program_id))
      return true;
  return false;
}

static void add_program(const struct programs *programs, struct value *list, struct text id,
                        struct text name)
{
  const struct web_request *request = programs->request;
  if (!may_work_in(&programs->account, id)) return;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "id", id);
  view_set_text(request, item, "label", name);
  view_set_flag(request, item, "current", text_equal(id, request->actor->program_id));
  value_add(list, item);
}

static bool show_programs(struct web_request *request, struct web_view *view, struct error *error)
{
  struct programs programs = {.request = request};
  struct value *list = value_list(request->arena);
  if (!store_read(request->application->store, load_programs, &programs, error)) return false;
  add_program(&programs, list, TEXT(""), desk_program_name(request, TEXT("")));
  for (size_t i = 0; i < programs.count; i++)
    add_program(&programs, list, programs.items[i].id, programs.items[i].name);
  view->page = value_object(request->arena);
  value_set(view->page, "programs", list);
  view_set_text(request, view->page, "to", wanted(request));
  view_set_flag(request, view->page, "may_begin",
                !request->actor->program_id.length && desk_may(request, "program", "write"));
  view->template_name = "desk/program";
  return true;
}

static bool view_program(struct web_request *request, struct web_view *view, struct error *error)
{
  struct text to = wanted(request);
  if (request->session->step == SESSION_OPEN && request->method == WEB_GET)
    return show_programs(request, view, error);
  desk_redirect(request, view, "%.*s", TEXT_PRINT(to));
  if (request->session->step != SESSION_OPEN ||
      session_choose_program(privacy_of(request), desk_cookie_get(request, DESK_COOKIE_SESSION),
                             web_parameter_get(request, "program"), request->now, error))
    return true;
  if (error->kind == ERROR_FORBIDDEN)
    access_note_denial(request->actor, "session", "program", TEXT(""));
  return false;
}

static bool view_sign_out(struct web_request *request, struct web_view *view, struct error *error)
{
  if (!session_sign_out(privacy_of(request), desk_cookie_get(request, DESK_COOKIE_SESSION),
                        request->now, error))
    return false;
  desk_cookie_set(request, view, DESK_COOKIE_SESSION, TEXT(""), -1);
  bool is_person = request->actor &&
                   (request->actor->kind == ACTOR_PERSON || request->actor->kind == ACTOR_FAMILY);
  desk_redirect(request, view, "%s",
                request->station ? "/desk/switch"
                : is_person      ? "/me/sign-in"
                                 : "/desk/sign-in");
  return true;
}

/* Somebody is still there: looking the session up said so. Answers how long it lasts now. */
static bool view_stay(struct web_request *request, struct web_view *view, struct error *error)
{
  const struct session *session = request->session;
  (void)error;
  int64_t ends =
      session->idle_ends_at < session->ends_at ? session->idle_ends_at : session->ends_at;
  struct value *result = value_object(request->arena);
  value_set(result, "seconds", value_integer(request->arena, (ends - request->now) / 1000000));
  view->result = result;
  return true;
}

/* --- The first administrator --------------------------------------------------------------- */

static const struct desk_field first_fields[] = {
    {.name = "code",
     .label = "first.code",
     .help = "first.code_help",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED | DESK_FOCUS | DESK_SHORT},
    {.name = "shown_name",
     .label = "account.shown_name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = 100,
     .autocomplete = "name"},
    {.name = "name",
     .label = "sign_in.name",
     .help = "account.name_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = 64,
     .autocomplete = "username"},
    {.name = "email", .label = "account.email", .kind = DESK_EMAIL, .autocomplete = "email"},
    {.name = "new_password",
     .label = "sign_in.new_password",
     .help = "sign_in.new_password_help",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED,
     .longest = 1024,
     .autocomplete = "new-password"},
    {.name = "again",
     .label = "sign_in.again",
     .kind = DESK_SECRET,
     .flags = DESK_REQUIRED,
     .longest = 1024,
     .autocomplete = "new-password"},
};

static bool create_first(struct web_request *request, struct web_view *view, void *context,
                         struct error *error)
{
  const struct desk_form *form = context;
  struct account_new wanted_account = {.sign_in_name = desk_form_get(form, "name"),
                                       .shown_name = desk_form_get(form, "shown_name"),
                                       .email = desk_form_get(form, "email"),
                                       .staff_id = TEXT(""),
                                       .person_id = TEXT(""),
                                       .password = desk_form_get(form, "new_password")};
  struct text id;
  desk_redirect(request, view, "/desk/sign-in");
  return account_create_first(privacy_of(request), desk_form_get(form, "code"), &wanted_account,
                              request->arena, request->now, &id, error);
}

static bool view_first(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.account.name", "name"},
                                                 {"error.account.taken", "name"},
                                                 {"error.account.password", "new_password"},
                                                 {"error.account.first", "code"},
                                                 {NULL, NULL}};
  struct desk_form form;
  DESK_FORM_INIT(&form, request, first_fields);
  if (request->method == WEB_GET) return show(request, view, &form, "desk/first");
  if (desk_form_read(&form) &&
      !text_equal(desk_form_get(&form, "new_password"), desk_form_get(&form, "again")))
    desk_form_refuse(&form, "again", "sign_in.problem.again");
  if (form.problem_count) return show(request, view, &form, "desk/first");
  if (desk_act(request, view, create_first, &form, error)) return true;
  return desk_form_take(&form, error, mappings) && show(request, view, &form, "desk/first");
}

const struct web_route desk_sign_in_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/first",
     .handler = view_first,
     .flags = WEB_OPEN},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/sign-in",
     .handler = view_sign_in,
     .flags = WEB_OPEN},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/me/sign-in",
     .handler = view_sign_in,
     .flags = WEB_OPEN},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/code",
     .handler = view_code,
     .flags = WEB_STEP},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/password",
     .handler = view_password,
     .flags = WEB_STEP},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/enroll",
     .handler = view_enroll,
     .flags = WEB_STEP},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/prove",
     .handler = view_prove,
     .flags = WEB_STEP},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/program",
     .handler = view_program,
     .flags = WEB_STEP},
    {.methods = WEB_POST, .pattern = "/desk/sign-out", .handler = view_sign_out, .flags = WEB_STEP},
    {.methods = WEB_POST, .pattern = "/desk/stay", .handler = view_stay, .flags = WEB_STEP},
    {.pattern = NULL}};
