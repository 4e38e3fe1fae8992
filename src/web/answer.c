/*
 * Answers: a view, an error or a refusal becomes bytes of the form that the client prefers.
 *
 * HTML is a template over {"result", "page"}, JSON is `result`. An error of ours (5xx) says nothing
 * about its cause to the client; the log has it.
 */
#include <microhttpd.h>
#include <string.h>

#include "web/desk/desk.h"
#include "web/exchange.h"
#include "web/negotiate.h"

/* --- Statuses and codes -------------------------------------------------------------------- */

static const struct {
  enum error_kind kind;
  int status;
} kinds[] = {
    {ERROR_USAGE, 400},    {ERROR_REFUSED, 400},   {ERROR_NOT_FOUND, 404}, {ERROR_FORBIDDEN, 403},
    {ERROR_CONFLICT, 409}, {ERROR_TOO_LARGE, 413}, {ERROR_BUSY, 503},      {ERROR_SYSTEM, 500},
};

/* A full disk is our own fault, and passes: 503, as a database that is away. */
static int status_of(const struct error *error)
{
  const enum error_kind kind = error->kind;
  if (kind == ERROR_SYSTEM && text_equal(text_from(error->person), TEXT("error.store.full")))
    return 503;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (kinds[i].kind == kind) return kinds[i].status;
  return 500;
}

/* What an error is called in a document, and how its page is headed. */
static const struct named_status {
  int status;
  const char *code, *title;
} statuses[] = {
    {400, "refused", "error.400.title"},
    {403, "forbidden", "error.403.title"},
    {404, "not-found", "error.404.title"},
    {405, "method-not-allowed", "error.405.title"},
    {409, "conflict", "error.409.title"},
    {413, "too-large", "error.413.title"},
    {414, "too-large", "error.413.title"},
    {415, "unsupported-media-type", "error.405.title"},
    {417, "expectation-failed", "error.400.title"},
    {431, "too-large", "error.413.title"},
    {501, "not-implemented", "error.405.title"},
    {503, "busy", "error.503.title"},
    {505, "version-not-supported", "error.400.title"},
};
static const struct named_status unexpected = {500, "system", "error.500.title"};

static const struct named_status *status_find(int status)
{
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    if (statuses[i].status == status) return &statuses[i];
  return &unexpected;
}

/* --- Forms --------------------------------------------------------------------------------- */

static bool is_api(const struct web_exchange *exchange)
{
  const struct web_route *route = exchange->matched.route;
  return route ? route->is_api : text_starts_with(exchange->checked.path, TEXT("/api/"));
}

static enum web_form preferred(const struct web_exchange *exchange)
{
  return web_prefer_form(web_head_get(&exchange->head, "Accept"), is_api(exchange));
}

/* Most answers fit into the first piece of memory, so that they are not moved as they grow. */
static void body_init(struct text_buffer *body)
{
  enum { FIRST = 16 * 1024 };
  text_buffer_init(body, LIMIT_TEMPLATE_OUTPUT);
  body->at = memory_allocate(FIRST);
  body->capacity = FIRST;
}

static void write_json(const struct value *document, struct web_answer *answer)
{
  body_init(&answer->body);
  json_write(document, &answer->body);
  answer->content_type = "application/json";
  answer->vary = "Accept, Accept-Encoding, Accept-Language";
}

/* Render a template over the view in the request's language. */
static bool write_html(struct web_exchange *exchange, struct web_view *view, const char *name,
                       struct web_answer *answer, struct error *error)
{
  struct web_request *request = &exchange->request;
  struct web_application *application = request->application;
  if (!view->page) view->page = value_object(request->arena);
  web_frame_fill(request, view);
  if (request->is_desk) desk_frame_fill(request, view);
  struct value *both = value_object(request->arena);
  value_set(both, "result", view->result ? view->result : value_null(request->arena));
  value_set(both, "page", view->page);
  body_init(&answer->body);
  if (!template_render(application->templates[request->language], text_from(name), both,
                       &answer->body, error)) {
    text_buffer_fini(&answer->body);
    return false;
  }
  answer->content_type = "text/html; charset=utf-8";
  answer->vary = "Accept, Accept-Encoding, HX-Request";
  answer->content_language = application->languages[request->language];
  return true;
}

/* When even the page of an error cannot be made: its text alone. */
static void write_plain(struct web_exchange *exchange, const char *person,
                        struct web_answer *answer)
{
  const struct web_request *request = &exchange->request;
  text_buffer_init(&answer->body, LIMIT_TEMPLATE_OUTPUT);
  text_buffer_add(&answer->body,
                  catalog_text(request->application->catalog, request->language, person));
  text_buffer_add_character(&answer->body, '\n');
  answer->content_type = "text/plain; charset=utf-8";
}

/* --- Errors -------------------------------------------------------------------------------- */

struct shown_error {
  int status;
  const char *person;
  struct text hint; /* for the client; "" when it is none of its business */
};

static void write_error(struct web_exchange *exchange, const struct shown_error *shown,
                        struct web_answer *answer)
{
  struct web_request *request = &exchange->request;
  const struct catalog *catalog = request->application->catalog;
  struct arena *arena = request->arena;
  const struct named_status *named = status_find(shown->status);
  struct text message =
      catalog_text(catalog, request->language, desk_error_words(request, shown->person));
  struct value *fields = value_object(arena), *document = value_object(arena);
  if (is_api(exchange) || preferred(exchange) == WEB_JSON) {
    value_set(fields, "code", value_text(arena, text_from(named->code)));
    value_set(fields, "message", value_text(arena, message));
    value_set(fields, "hint", value_text(arena, shown->hint));
    value_set(document, "error", fields);
    write_json(document, answer);
    return;
  }
  struct text title = catalog_text(catalog, request->language, named->title);
  value_set(fields, "title", value_text(arena, title));
  value_set(fields, "text", value_text(arena, message));
  value_set(fields, "hint", value_text(arena, shown->hint));
  value_set(fields, "status", value_integer(arena, shown->status));
  value_set(document, "error", fields);
  const char *name = request->is_desk ? "desk/error" : "error";
  struct web_view view = {.status = shown->status, .page = document, .template_name = name};
  struct error second = {0};
  if (write_html(exchange, &view, view.template_name, answer, &second)) return;
  log_error("web.error-page", &second);
  write_plain(exchange, shown->person, answer);
}

void web_answer_error(struct web_exchange *exchange, const struct error *error,
                      struct web_answer *answer)
{
  int status = status_of(error);
  *answer = (struct web_answer){
      .status = status, .cache = WEB_CACHE_NONE, .is_desk = exchange->request.is_desk};
  if (status == 503) answer->retry_after = "5";
  /* A refusal's log text may hold what was typed; only our own faults are logged in full. */
  if (status >= 500) log_error("web.failed", error);
  struct shown_error shown = {.status = status,
                              .person = error->person ? error->person : "error.500.text",
                              .hint = status < 500 ? text_from(error->hint) : TEXT("")};
  write_error(exchange, &shown, answer);
}

void web_answer_refusal(struct web_exchange *exchange, const struct web_refusal *refusal,
                        struct web_answer *answer)
{
  *answer = (struct web_answer){.status = refusal->status,
                                .cache = WEB_CACHE_NONE,
                                .allow = refusal->allow,
                                .is_desk = exchange->request.is_desk};
  struct shown_error shown = {
      .status = refusal->status, .person = refusal->person, .hint = TEXT("")};
  write_error(exchange, &shown, answer);
}

/* --- Views --------------------------------------------------------------------------------- */

static void write_raw(const struct web_view *view, struct web_answer *answer)
{
  text_buffer_init(&answer->body, LIMIT_FILE);
  text_buffer_add(&answer->body, view->raw);
  answer->content_type = view->content_type;
  answer->file_name = view->file_name;
  answer->is_file = true;
}

static void write_redirect(const struct web_view *view, struct web_answer *answer)
{
  answer->status = 303;
  answer->location = view->redirect;
  answer->cache = WEB_CACHE_NONE;
}

static bool write_view(struct web_exchange *exchange, struct web_view *view,
                       struct web_answer *answer, struct error *error)
{
  bool is_fragment = exchange->request.is_fragment && view->fragment_name;
  const char *name = is_fragment ? view->fragment_name : view->template_name;
  if (view->redirect.length) {
    write_redirect(view, answer);
  } else if (view->content_type) {
    write_raw(view, answer);
  } else if (name && (!view->result || preferred(exchange) == WEB_HTML)) {
    if (!write_html(exchange, view, name, answer, error)) return false;
  } else {
    write_json(view->result ? view->result : value_null(exchange->request.arena), answer);
  }
  if (answer->body.over)
    return error_set(error, ERROR_TOO_LARGE, "error.413.text", "Ask for less at once.",
                     "an answer passed %d bytes", LIMIT_TEMPLATE_OUTPUT);
  return true;
}

void web_answer_view(struct web_exchange *exchange, struct web_view *view,
                     struct web_answer *answer)
{
  struct error error = {0};
  bool is_desk = exchange->request.is_desk;
  *answer = (struct web_answer){.status = view->status ? view->status : 200,
                                .cache = is_desk ? WEB_CACHE_NONE : view->cache,
                                .is_desk = is_desk};
  if (is_desk) {
    memcpy(answer->cookies, view->cookies, sizeof answer->cookies);
    answer->cookie_count = view->cookie_count;
  }
  if (write_view(exchange, view, answer, &error)) return;
  text_buffer_fini(&answer->body);
  web_answer_error(exchange, &error, answer);
}
