/*
 * The door: who may come in under /desk and /me, and what happens when they may not. See desk.h.
 *
 *   a safe connection ─▶ cookies ─▶ session, station ─▶ step complete ─▶ program ─▶ role
 *   ─▶ POST: from our own page, with its token ─▶ proof, when it is given along ─▶ handler
 *
 * GET and HEAD change nothing but the time a session was seen and the audit of what was read.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "web/desk/desk_private.h"

static bool same(struct text a, struct text b)
{
  return a.length == b.length && a.length && sodium_memcmp(a.at, b.at, a.length) == 0;
}

/* --- A safe connection --------------------------------------------------------------------- */

/* A name of this machine itself, so that a stranger's name that points here is none. */
static bool is_loopback_name(struct text host)
{
  static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct text name = text_from(names[i]);
    if (!text_equal_ignore_case(text_slice(host, 0, name.length), name)) continue;
    if (host.length == name.length || host.at[name.length] == ':') return true;
  }
  return false;
}

static bool is_safe(const struct web_request *request, struct error *error)
{
  if (request->is_secure) return true;
  if (request->is_local && is_loopback_name(request->host)) return true;
  return error_set(error, ERROR_FORBIDDEN, "error.desk.plain",
                   "Put a proxy with TLS in front, see docs/operations.md.",
                   "the desk was asked for without TLS");
}

/* --- Who is there -------------------------------------------------------------------------- */

static bool find_session(struct web_request *request, bool is_quiet, struct error *error)
{
  struct text token = desk_cookie_get(request, DESK_COOKIE_SESSION);
  struct session *session = arena_allocate(request->arena, sizeof *session);
  struct privacy *privacy = request->application->privacy;
  struct error missing = {0};
  if (!token.length) return true;
  if (!(is_quiet ? session_peek : session_find)(privacy, request->arena, token, request->now,
                                                session, &missing)) {
    if (missing.kind == ERROR_NOT_FOUND) return true;
    *error = missing;
    return false;
  }
  request->session = session;
  request->actor = session->step == SESSION_PASSWORD ? NULL : &session->actor;
  return true;
}

static bool find_station(struct web_request *request, struct error *error)
{
  struct text token = desk_cookie_get(request, DESK_COOKIE_STATION);
  struct station *station = arena_allocate(request->arena, sizeof *station);
  struct error missing = {0};
  if (!token.length) return true;
  if (!station_find(request->application->privacy, request->arena, token, request->now, station,
                    &missing)) {
    if (missing.kind == ERROR_NOT_FOUND) return true;
    *error = missing;
    return false;
  }
  if (!station->is_revoked) request->station = station;
  return true;
}

/* --- May they come in ---------------------------------------------------------------------- */

/* Where a sign-in that is not complete goes on; NULL when it is. */
static const char *next_step(const struct session *session)
{
  static const char *const pages[] = {[SESSION_PASSWORD] = "/desk/sign-in",
                                      [SESSION_TOTP] = "/desk/code",
                                      [SESSION_ENROLL] = "/desk/enroll",
                                      [SESSION_CHANGE] = "/desk/password",
                                      [SESSION_OPEN] = NULL};
  return pages[session->step];
}

/* Staff have no record of their own here, and people in care no desk. */
static bool is_elsewhere(struct web_request *request, struct web_view *view)
{
  enum actor_kind kind = request->actor->kind;
  bool is_persons = kind == ACTOR_PERSON || kind == ACTOR_FAMILY;
  if (is_persons == desk_is_own(request)) return false;
  desk_redirect(request, view, "%s", is_persons ? "/me" : "/desk");
  return true;
}

/* Send them on when they are not there yet: signed out, half signed in, or without a program. */
static bool is_sent_on(const struct web_route *route, struct web_request *request,
                       struct web_view *view)
{
  const char *page = NULL;
  const struct actor *actor = request->session ? request->actor : NULL;
  if (!actor)
    page = request->station && !desk_is_own(request) ? "/desk/switch" : desk_sign_in_path(request);
  else if (route->flags & WEB_STEP) return false;
  else page = next_step(request->session);
  if (actor && !page && !actor->program_id.length &&
      (!(route->flags & WEB_NO_PROGRAM) || !actor->role_count))
    page = "/desk/program";
  if (!page) return actor && is_elsewhere(request, view);
  struct text to = desk_path_to(request->arena, page, desk_here(request));
  desk_redirect(request, view, "%.*s", TEXT_PRINT(to));
  return true;
}

static bool check_role(const struct web_route *route, struct web_request *request,
                       struct error *error)
{
  const char *act = request->method == WEB_POST ? route->post_act : route->get_act;
  if (!route->guard) return true;
  if (desk_may(request, route->guard, act)) return true;
  access_note_denial(request->actor, route->guard, act, TEXT(""));
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "", "the role does not reach %s/%s",
                   route->guard, act);
}

/* A POST comes from a page of ours and brings the token that stood in it. */
static bool check_form(const struct web_request *request, struct error *error)
{
  struct text token = web_parameter_get(request, "form_token");
  struct text wanted =
      request->session ? request->session->form_token : desk_cookie_get(request, DESK_COOKIE_FORM);
  if (request->method != WEB_POST) return true;
  bool is_own = text_is_empty(request->fetch_site) ||
                text_equal(request->fetch_site, TEXT("same-origin")) ||
                text_equal(request->fetch_site, TEXT("none"));
  size_t scheme = text_find(request->origin, TEXT("://"));
  struct text host = text_slice(request->origin, scheme + 3, request->origin.length);
  bool is_here = text_is_empty(request->origin) || text_equal(request->origin, TEXT("null")) ||
                 text_equal_ignore_case(host, request->host);
  if (is_own && is_here && same(token, wanted)) return true;
  return error_set(error, ERROR_FORBIDDEN, "error.desk.token",
                   "Open the page again and send the form from there.",
                   "a form came without the token of its session");
}

/* --- Proof --------------------------------------------------------------------------------- */

/* Fields that the page carries along; its own tokens are fresh. */
static bool is_kept(struct text name)
{
  return !desk_is_secret(name) && !text_equal(name, TEXT("form_token")) &&
         !text_equal(name, TEXT("form_key")) && !text_equal(name, TEXT("lang"));
}

bool desk_ask_proof(struct web_request *request, struct web_view *view, const char *problem)
{
  struct value *page = value_object(request->arena), *kept = value_list(request->arena);
  for (size_t i = 0; request->method == WEB_POST && i < request->parameter_count; i++) {
    if (!is_kept(request->parameters[i].name)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "name", request->parameters[i].name);
    view_set_text(request, item, "value", request->parameters[i].value);
    value_add(kept, item);
  }
  *view = (struct web_view){.status = 403, .page = page, .template_name = "desk/prove"};
  value_set(page, "kept", kept);
  bool is_get = request->method == WEB_GET;
  view_set_text(request, page, "action", is_get ? TEXT("/desk/prove") : request->path);
  view_set_text(request, page, "to", is_get ? desk_here(request) : TEXT(""));
  view_set_text(request, page, "back", is_get ? TEXT("/desk") : request->path);
  view_set_text(request, page, "problem", problem ? view_text(request, problem) : TEXT(""));
  view_set_flag(request, page, "at_station", request->actor->station_id.length > 0);
  return true;
}

/* Proof that came along with an act. Answers false with the page or an error when it failed. */
static bool take_proof(struct web_request *request, struct web_view *view, bool *is_answered,
                       struct error *error)
{
  if (request->method != WEB_POST || request->session->step != SESSION_OPEN ||
      !web_parameter_has(request, "prove_secret"))
    return true;
  struct text token = desk_cookie_get(request, DESK_COOKIE_SESSION);
  struct error refused = {0};
  if (session_prove(request->application->privacy, token,
                    web_parameter_get(request, "prove_secret"),
                    web_parameter_get(request, "prove_code"), request->now, &refused))
    return find_session(request, false, error);
  if (refused.kind != ERROR_REFUSED && refused.kind != ERROR_FORBIDDEN) {
    *error = refused;
    return false;
  }
  *is_answered = desk_ask_proof(request, view, refused.person);
  return false;
}

/* --- The whole ----------------------------------------------------------------------------- */

static void write_denial(struct web_request *request)
{
  struct error error = {0};
  if (!request->actor || !request->actor->denial.is_set) return;
  if (!access_write_denial(request->application->privacy, request->actor, request->now, &error))
    log_error("desk.denial", &error);
}

/* The handler, and what becomes of its denial. */
static bool run(const struct web_route *route, struct web_request *request, struct web_view *view,
                struct error *error)
{
  if (route->handler(request, view, error)) {
    write_denial(request); /* of an act whose refusal stands on the form's page */
    return true;
  }
  bool wants_proof = error->kind == ERROR_FORBIDDEN && error->person && request->actor &&
                     strcmp(error->person, "error.proof.text") == 0;
  if (wants_proof && !request->actor->is_confirmed) {
    error_clear(error);
    return desk_ask_proof(request, view, NULL);
  }
  write_denial(request);
  return false;
}

static bool load_zone(struct store_transaction *transaction, void *context, struct error *error)
{
  struct web_request *request = context;
  return site_zone(transaction, request->actor->program_id, request->actor->site_id, &request->zone,
                   error);
}

/* Clocks stand where one works. Without an answer they stand at UTC, and say so. */
static void find_zone(struct web_request *request)
{
  struct error error = {0};
  if (!request->actor || !request->actor->program_id.length) return;
  if (!store_read(request->application->store, load_zone, request, &error))
    log_error("desk.zone", &error);
}

/* A browser that is not signed in gets a token for the forms of this page. */
static void give_form_cookie(struct web_request *request, struct web_view *view)
{
  if (desk_cookie_get(request, DESK_COOKIE_FORM).length) return;
  desk_cookie_set(request, view, DESK_COOKIE_FORM, desk_token_new(request->arena), 0);
}

/* Asking for such a page is no sign of life: its session is not looked up. */
static bool answer_open(const struct web_route *route, struct web_request *request,
                        struct web_view *view, struct error *error)
{
  if (!check_form(request, error) || !run(route, request, view, error)) return false;
  if (!view->redirect.length) give_form_cookie(request, view);
  return true;
}

bool desk_answer(const struct web_route *route, struct web_request *request, struct web_view *view,
                 struct error *error)
{
  bool is_answered = false;
  if (!request->application->privacy)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "this server has no desk");
  if (!is_safe(request, error) || !find_station(request, error)) return false;
  if (route->flags & WEB_OPEN) return answer_open(route, request, view, error);
  if (!find_session(request, route->flags & WEB_QUIET, error)) return false;
  if (is_sent_on(route, request, view)) return true;
  if (!check_form(request, error)) return false;
  if (!check_role(route, request, error)) {
    write_denial(request);
    return false;
  }
  if (!take_proof(request, view, &is_answered, error)) return is_answered;
  find_zone(request);
  return run(route, request, view, error);
}
