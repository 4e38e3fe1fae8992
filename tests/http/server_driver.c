/*
 * The test server of tests/http: a few routes that show what a handler was given, on the real
 * server with deadlines of a test's own. It knows nothing of the directory.
 *
 *   server_driver THREADS [HEAD BODY IDLE RESPONSE]      deadlines in seconds
 *
 * Reads messages, pages and assets from $FAIRLEAD_SHARE; listens on a free port of 127.0.0.1; ends
 * on SIGTERM.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/deadline.h"
#include "web/web.h"

/* The frame of the real pages needs a directory; this one shows the language and the path. */
void web_frame_fill(struct web_request *request, struct web_view *view)
{
  struct arena *arena = request->arena;
  struct text code = request->application->languages[request->language];
  value_set(view->page, "language", value_text(arena, code));
  value_set(view->page, "path", value_text(arena, request->path));
}

static bool show_echo(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  struct arena *arena = request->arena;
  struct value *result = value_object(arena), *parameters = value_list(arena);
  for (size_t i = 0; i < request->parameter_count; i++) {
    struct value *pair = value_list(arena);
    value_add(pair, value_text(arena, request->parameters[i].name));
    value_add(pair, value_text(arena, request->parameters[i].value));
    value_add(parameters, pair);
  }
  bool is_post = request->method == WEB_POST;
  value_set(result, "method", value_text(arena, is_post ? TEXT("POST") : TEXT("GET")));
  value_set(result, "path", value_text(arena, request->path));
  value_set(result, "captured", value_text(arena, request->captured));
  value_set(result, "parameters", parameters);
  value_set(result, "body", value_text(arena, request->body));
  struct text code = request->application->languages[request->language];
  value_set(result, "language", value_text(arena, code));
  value_set(result, "fragment", value_boolean(arena, request->is_fragment));
  value_set(result, "local", value_boolean(arena, request->is_local));
  value_set(result, "secure", value_boolean(arena, request->is_secure));
  view->result = result;
  return true;
}

static bool show_page(struct web_request *request, struct web_view *view, struct error *error)
{
  view->template_name = "page";
  view->fragment_name = "fragment";
  view->cache = WEB_CACHE_PRIVATE;
  return show_echo(request, view, error);
}

/* A JSON document of 8 KiB that is ready, as a search's answer nearly is. */
static bool show_eight(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  static const char row[] = "{\"name\":\"The quick brown fox jumps over the lazy dog\",\"n\":1},";
  struct text_buffer rows;
  text_buffer_init(&rows, LIMIT_TEMPLATE_OUTPUT);
  text_buffer_add_character(&rows, '[');
  while (rows.length < 8192 - 2 * sizeof row) text_buffer_add(&rows, text_from(row));
  text_buffer_add(&rows, TEXT("null]"));
  struct value *result = value_object(request->arena);
  struct text copy = text_copy(request->arena, text_buffer_get(&rows));
  value_set(result, "results", value_json(request->arena, copy));
  text_buffer_fini(&rows);
  view->result = result;
  view->cache = WEB_CACHE_PUBLIC;
  return true;
}

/* Much that does not compress: for clients that read slowly. */
static bool show_much(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  size_t length = 6 * 1024 * 1024;
  char *bytes = arena_allocate(request->arena, length);
  memset(bytes, 'x', length);
  view->content_type = "text/plain; charset=utf-8";
  view->raw = (struct text){bytes, length};
  return true;
}

static bool show_late(struct web_request *request, struct web_view *view, struct error *error)
{
  nanosleep(&(struct timespec){.tv_nsec = 500 * 1000 * 1000}, NULL);
  return show_echo(request, view, error);
}

static bool show_failure(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)view;
  struct text kind = web_parameter_get(request, "kind");
  enum error_kind number = text_equal(kind, TEXT("busy"))      ? ERROR_BUSY
                           : text_equal(kind, TEXT("refused")) ? ERROR_REFUSED
                                                               : ERROR_SYSTEM;
  return error_set(error, number, "error.400.text", "Mend <it> so.", "cause of %.*s in /var/secret",
                   TEXT_PRINT(kind));
}

static bool show_redirect(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)request;
  (void)error;
  view->redirect = TEXT("/page?from=redirect");
  return true;
}

static bool show_metrics(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  web_server_metrics(request->application->server, &out);
  view->raw = text_copy(request->arena, text_buffer_get(&out));
  view->content_type = "text/plain; version=0.0.4";
  text_buffer_fini(&out);
  return true;
}

static const struct web_route routes[] = {
    {.methods = WEB_GET | WEB_POST, .pattern = "/", .handler = show_page},
    {.methods = WEB_GET | WEB_POST, .pattern = "/page", .handler = show_page},
    {.methods = WEB_GET | WEB_POST, .pattern = "/echo", .handler = show_echo, .is_api = true},
    {.methods = WEB_POST,
     .pattern = "/small",
     .handler = show_echo,
     .is_api = true,
     .body_limit = 100},
    {.methods = WEB_GET, .pattern = "/items/{id}", .handler = show_echo, .is_api = true},
    {.methods = WEB_GET, .pattern = "/eight", .handler = show_eight, .is_api = true},
    {.methods = WEB_GET, .pattern = "/much", .handler = show_much},
    {.methods = WEB_GET, .pattern = "/late", .handler = show_late, .is_api = true},
    {.methods = WEB_GET, .pattern = "/failure", .handler = show_failure, .is_api = true},
    {.methods = WEB_GET, .pattern = "/failure-page", .handler = show_failure},
    {.methods = WEB_GET, .pattern = "/redirect", .handler = show_redirect},
    {.methods = WEB_GET, .pattern = "/counts", .handler = show_metrics},
    {.pattern = NULL},
};
static const struct web_route *const tables[] = {routes, NULL};

static bool serve(int argc, char **argv, struct error *error)
{
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, NULL);
  signal(SIGPIPE, SIG_IGN);
  double seconds[WEB_PHASE_COUNT] = {0};
  static const enum web_phase order[] = {WEB_PHASE_HEAD, WEB_PHASE_BODY, WEB_PHASE_IDLE,
                                         WEB_PHASE_RESPONSE};
  for (int i = 0; argc > 5 && i < 4; i++)
    if (!text_read_decimal(text_from(argv[2 + i]), &seconds[order[i]])) return false;
  int64_t threads = 1;
  if (argc > 1 && !text_read_integer(text_from(argv[1]), &threads)) return false;
  struct web_application *application;
  if (!web_application_open(&application, getenv("FAIRLEAD_SHARE"), ".", NULL, NULL, error))
    return false;
  struct web_server_options options = {.listen = TEXT("127.0.0.1:0"),
                                       .threads = (unsigned)threads,
                                       .routes = tables,
                                       .phase_seconds = argc > 5 ? seconds : NULL};
  struct web_server *server;
  bool good = web_server_start(&server, application, &options, error);
  if (good) {
    int signal_number;
    sigwait(&ends, &signal_number);
    web_server_stop(server);
  }
  web_application_close(application);
  return good;
}

int main(int argc, char **argv)
{
  struct error error = {0};
  if (serve(argc, argv, &error)) return 0;
  log_error("driver.failed", &error);
  return 1;
}
