/*
 * One request and its answer: see exchange.h.
 */
#include "web/exchange.h"

#include <microhttpd.h>

#include "web/assets.h"
#include "web/brake.h"
#include "web/cookies.h"
#include "web/desk/desk.h"
#include "web/form.h"
#include "web/multipart.h"
#include "web/negotiate.h"
#include "web/spare.h"

/* A chunked body past its limit is read this many times over before the connection is cut; the
 * library can answer only when all has arrived. */
enum { BODY_EXCESS_FACTOR = 8 };

struct web_exchange *web_exchange_new(struct web_server *server, struct web_connection *connection,
                                      const char *target)
{
  struct arena *arena = web_spare_take(server->spare);
  struct web_exchange *exchange = arena_allocate(arena, sizeof *exchange);
  exchange->server = server;
  exchange->connection = connection;
  exchange->target_at = target;
  exchange->route = server->routes.count + ROUTE_NONE;
  exchange->request.application = server->application;
  exchange->request.arena = arena;
  exchange->request.path = exchange->request.captured = exchange->request.body = TEXT("");
  exchange->request.host = exchange->request.origin = exchange->request.fetch_site = TEXT("");
  exchange->request.authorization = TEXT("");
  exchange->head.target = text_copy(arena, text_from(target));
  exchange->whole_at = time_monotonic();
  return exchange;
}

/* --- Sending ------------------------------------------------------------------------------- */

static bool queue(struct web_exchange *exchange, int status, size_t sent,
                  struct MHD_Response *response)
{
  if (!response) return false;
  bool queued = MHD_queue_response(exchange->library, (unsigned)status, response) == MHD_YES;
  MHD_destroy_response(response);
  exchange->is_answered = true;
  exchange->status = status;
  exchange->sent = exchange->checked.is_head ? 0 : sent;
  web_connection_enter(exchange->server->deadlines, exchange->connection, WEB_PHASE_RESPONSE,
                       exchange->sent);
  return queued;
}

static struct web_client client_of(const struct web_exchange *exchange)
{
  return (struct web_client){
      .is_get = exchange->checked.is_get || exchange->checked.is_head,
      .accept_encoding = web_head_get(&exchange->head, "Accept-Encoding"),
      .if_none_match = web_head_get(&exchange->head, "If-None-Match"),
      .is_secure = exchange->request.is_secure,
      .is_closing = atomic_load(&exchange->server->stopping),
  };
}

static bool send_answer(struct web_exchange *exchange, struct web_answer *answer)
{
  struct web_client client = client_of(exchange);
  size_t sent = 0;
  struct MHD_Response *response = web_response_make(answer, &client, &sent);
  return queue(exchange, answer->status, sent, response);
}

static bool send_refusal(struct web_exchange *exchange)
{
  struct web_answer answer;
  web_answer_refusal(exchange, &exchange->refusal, &answer);
  return send_answer(exchange, &answer);
}

static bool send_file(struct web_exchange *exchange)
{
  struct web_client client = client_of(exchange);
  int status;
  size_t sent;
  struct MHD_Response *response = web_response_static(exchange->file, &client, &status, &sent);
  return queue(exchange, status, sent, response);
}

/* An answer that stays open; it is counted with the time until it began. */
static bool send_stream(struct web_exchange *exchange, const struct web_view *view)
{
  struct web_client client = client_of(exchange);
  struct web_answer answer;
  struct error error = {0};
  if (!web_stream_open(&exchange->stream, exchange->server->streams, &view->stream,
                       exchange->library, exchange->connection, &error)) {
    web_answer_error(exchange, &error, &answer);
    return send_answer(exchange, &answer);
  }
  exchange->open_at = time_monotonic();
  return queue(exchange, 200, 0, web_response_stream(exchange->stream, &client));
}

/* --- First step: the head ------------------------------------------------------------------ */

static size_t offset_from(const char *start, const char *at)
{
  return (size_t)((uintptr_t)at - (uintptr_t)start);
}

struct collecting {
  struct web_head *head;
  const char *start;
};

static enum MHD_Result collect_field(void *context, enum MHD_ValueKind kind, const char *name,
                                     size_t name_length, const char *value, size_t value_length)
{
  (void)kind;
  struct collecting *collecting = context;
  struct web_head *head = collecting->head;
  if (head->field_count < LIMIT_HTTP_HEADERS)
    head->fields[head->field_count] =
        (struct web_field){.name = {name, name_length},
                           .value = {value ? value : "", value_length},
                           .name_offset = offset_from(collecting->start, name),
                           .value_offset = offset_from(collecting->start, value)};
  return head->field_count++ < LIMIT_HTTP_HEADERS ? MHD_YES : MHD_NO;
}

static void read_head(struct web_exchange *exchange, const char *method, const char *version)
{
  struct web_head *head = &exchange->head;
  head->method = text_from(method);
  head->version = text_from(version);
  head->target_offset = offset_from(method, exchange->target_at);
  head->version_offset = offset_from(method, version);
  head->field_count = 0;
  struct collecting collecting = {.head = head, .start = method};
  MHD_get_connection_values_n(exchange->library, MHD_HEADER_KIND, collect_field, &collecting);
  const union MHD_ConnectionInfo *size =
      MHD_get_connection_info(exchange->library, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  head->size = size ? size->header_size : 0;
  head->layout_known = exchange->server->layout_known && size;
}

/* The library put NULs over each line's end. Where another byte stands, a NUL in the value hid it.
 * Call it when the layout is checked: then both bytes lie inside the head. */
static bool has_plain_ends(const struct web_head *head)
{
  for (size_t i = 0; head->layout_known && i < head->field_count; i++) {
    const char *end = head->fields[i].value.at + head->fields[i].value.length;
    if (end[0] || end[1]) return false;
  }
  return true;
}

static bool refuse(struct web_exchange *exchange, int status, const char *person)
{
  exchange->refusal = (struct web_refusal){.status = status, .person = person};
  return false;
}

/* Whose request it is, for the brake: the connection's address, or the one in X-Real-IP that a
 * proxy on this machine sends; "" when that proxy sends none. A proxy that hands on what a stranger
 * wrote there, beside or in place of an address, hides nobody: all of those count as one. */
static void read_address(struct web_exchange *exchange, bool is_forwarded)
{
  struct web_request *request = &exchange->request;
  bool is_loopback = exchange->connection->is_loopback;
  const union MHD_ConnectionInfo *peer =
      MHD_get_connection_info(exchange->library, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  struct text named = TEXT("");
  bool is_single = !is_loopback || web_head_single(&exchange->head, "X-Real-IP", &named);
  if (!is_single) named = TEXT("");
  bool is_hidden = is_loopback && is_forwarded && is_single && !named.length;
  request->address =
      web_brake_address(request->arena, peer && !is_hidden ? peer->client_addr : NULL, named);
}

static void read_flags(struct web_exchange *exchange)
{
  const struct web_head *head = &exchange->head;
  struct web_request *request = &exchange->request;
  bool is_forwarded = web_head_has(head, "Forwarded") || web_head_has(head, "X-Forwarded-For") ||
                      web_head_has(head, "X-Real-IP") || web_head_has(head, "Via");
  request->is_local = exchange->connection->is_loopback && !is_forwarded;
  request->is_secure =
      exchange->connection->is_loopback &&
      text_equal_ignore_case(web_head_get(head, "X-Forwarded-Proto"), TEXT("https"));
  request->host = web_head_get(head, "Host");
  read_address(exchange, is_forwarded);
  request->authorization = web_head_get(head, "Authorization");
  request->is_fragment =
      text_equal(web_head_get(head, "HX-Request"), TEXT("true")) &&
      !text_equal(web_head_get(head, "HX-Boosted"), TEXT("true")) &&
      !text_equal(web_head_get(head, "HX-History-Restore-Request"), TEXT("true"));
}

static bool find_route(struct web_exchange *exchange)
{
  struct web_request *request = &exchange->request;
  struct web_server *server = exchange->server;
  const struct web_application *application = server->application;
  exchange->has_prefix = web_route_language(&request->path, application->languages,
                                            application->language_count, &request->language);
  if (!exchange->has_prefix) {
    exchange->file = web_assets_find(application->static_files, request->path);
    if (exchange->file) {
      exchange->route = server->routes.count + ROUTE_ASSET;
      return true;
    }
  }
  exchange->matched = web_route_find(&server->routes, request->arena, request->path);
  if (!exchange->matched.route) return false;
  exchange->route = exchange->matched.index;
  request->captured = exchange->matched.captured;
  if (exchange->matched.route->is_api && !exchange->has_prefix)
    request->language = web_prefer_language(web_head_get(&exchange->head, "Accept-Language"),
                                            application->languages, application->language_count);
  return true;
}

static bool check_method(struct web_exchange *exchange)
{
  static const char *const allowed[] = {[0] = "GET, HEAD, POST",
                                        [WEB_GET] = "GET, HEAD",
                                        [WEB_POST] = "POST",
                                        [WEB_GET | WEB_POST] = "GET, HEAD, POST"};
  const struct web_checked *checked = &exchange->checked;
  if (!checked->method) return refuse(exchange, 501, "error.405.text");
  unsigned methods = exchange->file            ? WEB_GET
                     : exchange->matched.route ? exchange->matched.route->methods
                                               : WEB_GET | WEB_POST;
  unsigned asked = checked->is_get || checked->is_head ? WEB_GET : checked->is_post ? WEB_POST : 0;
  exchange->request.method = asked == WEB_POST ? WEB_POST : WEB_GET;
  if (methods & asked) return true;
  refuse(exchange, 405, "error.405.text");
  exchange->refusal.allow = allowed[methods & (WEB_GET | WEB_POST)];
  return false;
}

static bool check_body(struct web_exchange *exchange)
{
  const struct web_head *head = &exchange->head;
  const struct web_checked *checked = &exchange->checked;
  struct text expect = web_head_get(head, "Expect");
  if (expect.length && !text_equal_ignore_case(expect, TEXT("100-continue")))
    return refuse(exchange, 417, "error.400.text");
  if (!checked->has_body) return true;
  if (!checked->is_post) return refuse(exchange, 400, "error.400.text");
  struct text type = web_head_get(head, "Content-Type");
  const struct web_route *route = exchange->matched.route;
  bool takes_json = route->is_api || (route->methods & WEB_TAKES_JSON);
  bool is_json = takes_json && web_is_json_type(type);
  struct text boundary;
  bool has_files = (route->flags & WEB_FILES) && web_is_multipart_type(type, &boundary);
  if ((!web_is_form_type(type) && !is_json && !has_files) || web_head_has(head, "Content-Encoding"))
    return refuse(exchange, 415, "error.405.text");
  size_t limit = exchange->matched.route->body_limit;
  exchange->body_limit = limit ? limit : LIMIT_HTTP_BODY_FORM;
  if (checked->content_length > exchange->body_limit)
    return refuse(exchange, 413, "error.413.text");
  text_buffer_init(&exchange->body, exchange->body_limit);
  return true;
}

/* What the door needs of the head; see desk/desk.h. */
static void read_desk(struct web_exchange *exchange)
{
  struct web_request *request = &exchange->request;
  struct text path = request->path, field;
  size_t language;
  const struct web_application *application = request->application;
  web_route_language(&path, application->languages, application->language_count, &language);
  request->is_desk = desk_has(path);
  if (!request->is_desk) return;
  struct web_cookies *cookies = arena_allocate(request->arena, sizeof *cookies);
  if (web_head_single(&exchange->head, "Cookie", &field) && web_cookies_read(field, cookies))
    request->cookies = cookies;
  request->origin = web_head_get(&exchange->head, "Origin");
  request->fetch_site = web_head_get(&exchange->head, "Sec-Fetch-Site");
  request->now = time_now();
}

/* Decide what becomes of the request; sets the refusal and answers false when nothing good. */
static bool decide(struct web_exchange *exchange)
{
  struct web_request *request = &exchange->request;
  if (exchange->checked.path.length) request->path = exchange->checked.path;
  read_desk(exchange);
  bool is_found = exchange->checked.path.length && find_route(exchange);
  if (!is_found) request->path = TEXT("/"); /* pages link to their path: never to a stranger's */
  if (!check_method(exchange)) return false;
  if (!is_found) return refuse(exchange, 404, "error.404.text");
  return check_body(exchange);
}

/* What a body has beyond a form's; only routes that take files let it in. */
static size_t bytes_past_form(const struct web_exchange *exchange)
{
  uint64_t length = exchange->checked.content_length;
  return length > LIMIT_HTTP_BODY_FORM ? (size_t)(length - LIMIT_HTTP_BODY_FORM) : 0;
}

static bool step_first(struct web_exchange *exchange, const char *method, const char *version)
{
  const char *why = "";
  struct directory *directory = exchange->server->application->directory;
  if (directory) exchange->request.snapshot = directory_acquire(directory);
  if (directory) exchange->request.overlay = directory_overlay_acquire(directory);
  exchange->is_started = true;
  atomic_fetch_add(&exchange->server->running, 1);
  read_head(exchange, method, version);
  exchange->request.path = TEXT("/");
  int status = web_check(&exchange->head, &exchange->checked, &why);
  read_flags(exchange);
  if (!status && !has_plain_ends(&exchange->head)) {
    status = 400;
    why = "NUL in a header value";
  }
  if (status) {
    log_event(LOG_INFO, "web.refused", LOG_N("status", status), LOG_S("why", why));
    refuse(exchange, status, status == 414 || status == 431 ? "error.413.text" : "error.400.text");
    return send_refusal(exchange);
  }
  bool is_good = decide(exchange);
  /* Queued now, the answer ends the connection: right when a body is on its way that nobody reads.
   * Without one the connection can stay. */
  if (!is_good && exchange->checked.has_body) return send_refusal(exchange);
  web_connection_enter(exchange->server->deadlines, exchange->connection,
                       exchange->checked.has_body ? WEB_PHASE_BODY : WEB_PHASE_WORK,
                       bytes_past_form(exchange));
  return true;
}

/* --- Second step: the body ----------------------------------------------------------------- */

static bool step_body(struct web_exchange *exchange, struct text piece)
{
  if (exchange->body.length + piece.length <= exchange->body_limit && !exchange->refusal.status) {
    text_buffer_add(&exchange->body, piece);
    return true;
  }
  refuse(exchange, 413, "error.413.text");
  exchange->body_excess += piece.length;
  return exchange->body_excess <= exchange->body_limit * BODY_EXCESS_FACTOR;
}

/* --- Last step: parameters, handler, answer ------------------------------------------------ */

/* A body that is no plain form: one with files, where the route takes such, or a document. */
static bool read_files(struct web_exchange *exchange, struct text body,
                       struct web_parameters *parameters)
{
  struct web_request *request = &exchange->request;
  struct web_files files = {0};
  struct text boundary;
  bool takes_files = exchange->matched.route->flags & WEB_FILES;
  if (!takes_files ||
      !web_is_multipart_type(web_head_get(&exchange->head, "Content-Type"), &boundary)) {
    request->body = body;
    return true;
  }
  if (!web_multipart_read(request->arena, body, boundary, parameters->has_lines, parameters,
                          &files))
    return false;
  request->files = files.items;
  request->file_count = files.count;
  return true;
}

static bool read_parameters(struct web_exchange *exchange)
{
  struct web_request *request = &exchange->request;
  const struct web_application *application = request->application;
  struct web_parameters parameters = {0};
  struct text body = text_buffer_get(&exchange->body);
  bool is_form = web_is_form_type(web_head_get(&exchange->head, "Content-Type"));
  if (!web_parameters_read(request->arena, exchange->checked.query, &parameters))
    return refuse(exchange, 400, "error.400.text");
  parameters.has_lines = exchange->matched.route->flags & WEB_LINES;
  if (is_form && !web_parameters_read(request->arena, body, &parameters))
    return refuse(exchange, 400, "error.400.text");
  if (!is_form && !read_files(exchange, body, &parameters))
    return refuse(exchange, 400, "error.400.text");
  request->parameters = parameters.items;
  request->parameter_count = parameters.count;
  struct text language = web_parameter_get(request, "lang");
  for (size_t i = 0; !exchange->has_prefix && i < application->language_count; i++)
    if (text_equal(application->languages[i], language)) request->language = i;
  return true;
}

static bool run_handler(struct web_exchange *exchange)
{
  struct web_request *request = &exchange->request;
  struct web_view view = {0};
  struct error error = {0};
  struct web_answer answer;
  const struct web_route *route = exchange->matched.route;
  bool is_done = request->is_desk ? desk_answer(route, request, &view, &error)
                                  : route->handler(request, &view, &error);
  if (is_done && arena_is_over(request->arena))
    is_done = error_set(&error, ERROR_TOO_LARGE, "error.413.text", "Ask for less at once.",
                        "a request passed %d bytes of memory", LIMIT_ARENA_REQUEST);
  if (is_done && view.stream.look && !view.redirect.length) return send_stream(exchange, &view);
  if (is_done) web_answer_view(exchange, &view, &answer);
  else web_answer_error(exchange, &error, &answer);
  return send_answer(exchange, &answer);
}

static bool step_last(struct web_exchange *exchange)
{
  exchange->whole_at = time_monotonic();
  web_connection_enter(exchange->server->deadlines, exchange->connection, WEB_PHASE_WORK, 0);
  if (exchange->refusal.status) return send_refusal(exchange);
  if (exchange->file) return send_file(exchange);
  if (!read_parameters(exchange)) return send_refusal(exchange);
  return run_handler(exchange);
}

bool web_exchange_step(struct web_exchange *exchange, struct MHD_Connection *library,
                       const char *method, const char *version, const char *upload,
                       size_t *upload_size)
{
  exchange->library = library;
  if (!exchange->is_started) return step_first(exchange, method, version);
  if (*upload_size == 0) return step_last(exchange);
  struct text piece = {upload, *upload_size};
  *upload_size = 0;
  return step_body(exchange, piece);
}

static const char *route_name(const struct web_exchange *exchange)
{
  static const char *const extra[] = {[ROUTE_ASSET] = "asset", [ROUTE_NONE] = "none"};
  const struct web_routes *routes = &exchange->server->routes;
  if (exchange->route < routes->count) return routes->items[exchange->route]->pattern;
  return extra[exchange->route - routes->count];
}

void web_exchange_end(struct web_exchange *exchange, int status)
{
  struct web_server *server = exchange->server;
  if (!exchange->is_answered) exchange->status = status;
  int64_t end = exchange->open_at ? exchange->open_at : time_monotonic();
  int64_t microseconds = end - exchange->whole_at;
  web_stream_close(exchange->stream);
  web_access_write(server->access, &(struct web_access){.method = exchange->checked.method,
                                                        .route = route_name(exchange),
                                                        .status = exchange->status,
                                                        .bytes = exchange->sent,
                                                        .microseconds = microseconds});
  web_metrics_count(server->metrics, exchange->route, exchange->status, microseconds);
  web_connection_enter(server->deadlines, exchange->connection, WEB_PHASE_IDLE, 0);
  if (exchange->is_started) atomic_fetch_sub(&server->running, 1);
  text_buffer_fini(&exchange->body);
  if (exchange->request.snapshot)
    directory_release(server->application->directory, exchange->request.snapshot);
  if (exchange->request.overlay)
    directory_overlay_release(server->application->directory, exchange->request.overlay);
  web_spare_give(server->spare, exchange->request.arena); /* and the exchange with it */
}
