/*
 * /carry/{token}: a result that a person carries, as it was when it was made; taking it back; and
 * the code that leads here. The token is in the address, so nothing of this room is logged, cached
 * or told to another site.
 */
#include <string.h>

#include "web/qr.h"
#include "web/views_ask.h"
#include "web/views_care.h"

static struct text date_text(const struct web_request *request, int64_t at)
{
  return view_date(request, time_format_date(request->arena, at));
}

/* What a result comes to, in a form that can be compared later: "2.5 8 3". */
static struct text outcome_of(const struct care_view *view)
{
  size_t level = view->result.level;
  struct text number = level < levels_count(view->words.table)
                           ? levels_get(view->words.table, level)->number
                           : TEXT("-");
  return text_format(view->request->arena, "%.*s %u %u", TEXT_PRINT(number), view->result.overlays,
                     (unsigned)view->verdict);
}

/* --- The code ------------------------------------------------------------------------------- */

/* "https://host/es/carry/…", so that a phone's camera can open it. */
static struct text address_of(const struct web_request *request, struct text token)
{
  return text_format(request->arena, "%s://%.*s%.*s/carry/%.*s",
                     request->is_secure ? "https" : "http", TEXT_PRINT(request->host),
                     TEXT_PRINT(view_base(request, request->language)), TEXT_PRINT(token));
}

bool view_carry_fill(struct care_view *view, struct error *error)
{
  enum { DAY = 24 * 60 * 60, MICROSECONDS = 1000 * 1000 };
  struct web_request *request = view->request;
  struct text token, path;
  size_t size;
  if (!carry_write(request->application, request->arena, &view->facts, view->voice,
                   outcome_of(view), view->now, &token, error))
    return false;
  struct text address = address_of(request, token);
  if (!web_qr(request->arena, address, &size, &path, error)) return false;
  struct value *code = value_object(request->arena);
  view_set_text(request, code, "href",
                text_format(request->arena, "%.*s/carry/%.*s",
                            TEXT_PRINT(view_base(request, request->language)), TEXT_PRINT(token)));
  bool may_ask = false;
  if (!view_ask_is_open(request, FRONT_CARRY, &may_ask, error)) return false;
  view_set_text(request, code, "ask",
                may_ask ? text_format(request->arena, "%.*s/carry/%.*s/ask",
                                      TEXT_PRINT(view_base(request, request->language)),
                                      TEXT_PRINT(token))
                        : TEXT(""));
  view_set_text(request, code, "path", path);
  view_set_text(request, code, "size", text_format(request->arena, "%zu", size));
  struct text until = date_text(request, view->now + (int64_t)CARRY_DAYS * DAY * MICROSECONDS);
  view_set_text(request, code, "text", CARE_FILL(&view->words, "care.carry_text", {"date", until}));
  value_set(view->care, "code", code);
  return true;
}

/* --- Opening -------------------------------------------------------------------------------- */

/* A link that does not open: a page of its own that says why, and how to go on. */
static bool view_gone(struct web_request *request, struct web_view *view, const char *why)
{
  struct value *gone = value_object(request->arena);
  view_set_text(request, gone, "text", view_text(request, why));
  view->page = value_object(request->arena);
  value_set(view->page, "gone", gone);
  view->status = 410;
  view->template_name = "carry";
  return true;
}

/* Open the token. `*why` is set when it does not open, although nothing went wrong here. */
static bool open_token(const struct web_request *request, struct carried *carried, const char **why,
                       struct error *error)
{
  const struct web_application *application = request->application;
  bool is_revoked = false;
  *why = NULL;
  if (!carry_read(application, request->arena, request->captured, time_now(), carried, error)) {
    if (error->kind != ERROR_REFUSED) return false;
    *why = error->person;
    return true;
  }
  if (!carry_is_revoked(application->store, carried, &is_revoked, error)) return false;
  if (is_revoked) *why = "error.carry.revoked";
  return true;
}

bool view_carry_open(struct web_request *request, struct web_view *view, struct carried *carried,
                     bool *is_open, struct error *error)
{
  const char *why;
  if (!open_token(request, carried, &why, error)) return false;
  *is_open = !why;
  return *is_open || view_gone(request, view, why);
}

static void fill_carried(struct care_view *care, const struct carried *carried, struct value *page)
{
  struct web_request *request = care->request;
  struct value *out = value_object(request->arena);
  struct text made = date_text(request, carried->made), until = date_text(request, carried->until);
  view_set_text(request, out, "dates",
                VIEW_FORMAT(request, "carry.made", {"made", made}, {"until", until}));
  view_set_text(request, out, "revoke_text",
                VIEW_FORMAT(request, "carry.revoke_text", {"until", until}));
  view_set_text(request, out, "token", request->captured);
  value_set(page, "carried", out);
}

/* The rules have changed since: say what they gave then. */
static void fill_changed(struct care_view *care, const struct carried *carried, struct value *page)
{
  struct web_request *request = care->request;
  struct text number = text_slice(carried->was, 0, text_find(carried->was, TEXT(" ")));
  struct value *changed = value_object(request->arena);
  struct text level = TEXT("");
  for (size_t i = 0; i < levels_count(care->words.table); i++)
    if (text_equal(levels_get(care->words.table, i)->number, number))
      level = levels_get(care->words.table, i)->name[request->language];
  view_set_text(request, changed, "text",
                level.length ? VIEW_FORMAT(request, "carry.changed_level", {"level", level})
                             : view_text(request, "carry.changed"));
  value_set(page, "changed", changed);
}

static bool show(struct web_request *request, const struct carried *carried, struct web_view *view)
{
  const struct web_application *application = request->application;
  struct care_view care = {.request = request,
                           .words = {application->care, application->catalog, request->arena,
                                     request->language, false, NULL},
                           .facts = carried->facts,
                           .answers = TEXT(""),
                           .now = carried->made};
  view_care_set_voice(&care, carried->voice);
  view_care_find(&care);
  view->page = value_object(request->arena);
  view_care_fill(&care, view->page);
  view_care_places(&care, view->page);
  fill_carried(&care, carried, view->page);
  if (!text_equal(carried->was, outcome_of(&care))) fill_changed(&care, carried, view->page);
  view->template_name = "carry";
  view->result = care.document;
  return true;
}

static bool take_back(struct web_request *request, const struct carried *carried,
                      struct web_view *view, struct error *error)
{
  if (!carry_revoke(request->application->store, carried, time_now(), error)) return false;
  view->page = value_object(request->arena);
  view_set_flag(request, view->page, "revoked", true);
  view->template_name = "carry";
  return true;
}

static bool view_carry(struct web_request *request, struct web_view *view, struct error *error)
{
  struct carried carried;
  bool is_open = false;
  if (!request->application->care)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no level-of-care table");
  view->cache = WEB_CACHE_NONE;
  if (!view_carry_open(request, view, &carried, &is_open, error)) return false;
  if (!is_open) return true;
  bool is_sure = text_equal(web_parameter_get(request, "revoke"), TEXT("yes"));
  if (request->method == WEB_POST && is_sure) return take_back(request, &carried, view, error);
  if (!show(request, &carried, view)) return false;
  bool may_ask = false;
  if (!view_ask_is_open(request, FRONT_CARRY, &may_ask, error)) return false;
  view_set_flag(request, view->page, "may_ask", may_ask);
  view_set_flag(request, view->page, "asking",
                request->method == WEB_POST && web_parameter_has(request, "revoke"));
  return true;
}

const struct web_route web_carry_routes[] = {
    {.methods = WEB_GET | WEB_POST, .pattern = "/carry/{token}", .handler = view_carry},
    {.pattern = NULL},
};
