/*
 * What the desk's files share about a request: addresses, tokens, cookies, which routes are
 * guarded. See desk.h and desk_private.h.
 */
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

#include "web/cookies.h"
#include "web/desk/desk_private.h"

/* --- Paths --------------------------------------------------------------------------------- */

bool desk_has(struct text path)
{
  return text_equal(path, TEXT("/desk")) || text_starts_with(path, TEXT("/desk/")) ||
         text_equal(path, TEXT("/me")) || text_starts_with(path, TEXT("/me/"));
}

bool desk_path_is_ours(struct text to)
{
  struct text path = text_slice(to, 0, text_find(to, TEXT("?")));
  if (to.length > LIMIT_DESK_PATH || !desk_has(path) || text_contains(path, TEXT("//")) ||
      text_contains(path, TEXT("/.")))
    return false;
  for (size_t i = 0; i < to.length; i++) {
    char c = to.at[i];
    if (c <= ' ' || c > '~' || c == '\\' || c == '"' || c == '<' || c == '>' || c == '#')
      return false;
  }
  return true;
}

void desk_redirect(struct web_request *request, struct web_view *view, const char *format, ...)
{
  char path[LIMIT_HTTP_TARGET];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(path, sizeof path, format, arguments);
  va_end(arguments);
  struct text base = view_base(request, request->language);
  struct text to = desk_path_is_ours(text_from(path)) ? text_from(path) : TEXT("/desk");
  view->redirect = text_format(request->arena, "%.*s%.*s", TEXT_PRINT(base), TEXT_PRINT(to));
}

struct text desk_here(const struct web_request *request)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_DESK_PATH);
  text_buffer_add(&out, request->path);
  for (size_t i = 0; request->method == WEB_GET && i < request->parameter_count; i++) {
    text_buffer_add_character(&out, i ? '&' : '?');
    view_encode(request->parameters[i].name, &out);
    text_buffer_add_character(&out, '=');
    view_encode(request->parameters[i].value, &out);
  }
  bool is_good = !out.over && desk_path_is_ours(text_buffer_get(&out));
  struct text here = is_good ? text_copy(request->arena, text_buffer_get(&out)) : TEXT("/desk");
  text_buffer_fini(&out);
  return here;
}

struct text desk_path_to(struct arena *arena, const char *path, struct text to)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_HTTP_TARGET);
  text_buffer_add_format(&out, "%s?to=", path);
  view_encode(to, &out);
  struct text made = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return made;
}

bool desk_is_own(const struct web_request *request)
{
  return text_equal(request->path, TEXT("/me")) || text_starts_with(request->path, TEXT("/me/"));
}

const char *desk_sign_in_path(const struct web_request *request)
{
  return desk_is_own(request) ? "/me/sign-in" : "/desk/sign-in";
}

/* --- Tokens and cookies -------------------------------------------------------------------- */

bool desk_is_token(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_';
    if (!is_good) return false;
  }
  return t.length > 0 && t.length <= LIMIT_DESK_TOKEN;
}

struct text desk_token_new(struct arena *arena)
{
  enum { BYTES = 16, TEXT_MOST = 32 };
  unsigned char bytes[BYTES];
  char *out = arena_allocate(arena, TEXT_MOST);
  randombytes_buf(bytes, sizeof bytes);
  sodium_bin2base64(out, TEXT_MOST, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text_from(out);
}

static const struct {
  const char *secure, *plain;
} cookie_names[] = {
    [DESK_COOKIE_SESSION] = {"__Host-fairlead", "fairlead"},
    [DESK_COOKIE_STATION] = {"__Host-fairlead-station", "fairlead-station"},
    [DESK_COOKIE_FORM] = {"__Host-fairlead-form", "fairlead-form"},
    [DESK_COOKIE_DEVICE] = {"__Host-fairlead-device", "fairlead-device"},
};

struct text desk_cookie_get(const struct web_request *request, enum desk_cookie which)
{
  const char *name = request->is_secure ? cookie_names[which].secure : cookie_names[which].plain;
  if (!request->cookies) return TEXT("");
  struct text value = web_cookie_get(request->cookies, text_from(name));
  return desk_is_token(value) ? value : TEXT("");
}

void desk_cookie_set(const struct web_request *request, struct web_view *view,
                     enum desk_cookie which, struct text value, int64_t seconds)
{
  if (view->cookie_count == WEB_SET_COOKIES) return;
  view->cookies[view->cookie_count++] = (struct web_set_cookie){
      .name = request->is_secure ? cookie_names[which].secure : cookie_names[which].plain,
      .value = value,
      .is_secure = request->is_secure,
      .seconds = seconds};
}

bool desk_is_secret(struct text name)
{
  static const char *const names[] = {"password", "old_password", "new_password", "again",
                                      "pin",      "code",         "badge"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (text_equal(name, text_from(names[i]))) return true;
  return text_starts_with(name, TEXT(DESK_PROOF_PREFIX));
}

/* --- Roles -------------------------------------------------------------------------------- */

bool desk_may(const struct web_request *request, const char *object, const char *act)
{
  return request->actor && request->session->step == SESSION_OPEN &&
         access_would(request->application->privacy, request->actor, object, act);
}

/* --- At the start -------------------------------------------------------------------------- */

static bool is_guarded(const struct web_route *route)
{
  if (route->flags & (WEB_OPEN | WEB_STEP)) return true;
  if (!route->guard) return false;
  return (!(route->methods & WEB_GET) || route->get_act) &&
         (!(route->methods & WEB_POST) || route->post_act);
}

bool desk_check_routes(const struct web_route *const *tables, struct error *error)
{
  for (; *tables; tables++)
    for (const struct web_route *route = *tables; route->pattern; route++)
      if (desk_has(text_from(route->pattern)) && !is_guarded(route))
        return error_set(error, ERROR_SYSTEM, "error.web.start",
                         "Give it an object and acts of knowledge/roles.csv, or WEB_OPEN.",
                         "the route %s guards nothing", route->pattern);
  return true;
}
