/*
 * The server: libmicrohttpd with epoll and a fixed pool of threads, its callbacks, start and stop.
 *
 * Threads: each server thread owns its connections and their exchanges. Beside them run the
 * deadline thread (deadline.h) and a ticker that writes the access log and calls its owner each
 * second.
 */
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "web/desk/desk.h"
#include "web/exchange.h"
#include "web/listen.h"
#include "web/spare.h"
#include "web/ticker.h"

/* The library's memory for one connection: target, headers and their records, answer's headers. */
enum { CONNECTION_MEMORY = 48 * 1024, THREADS_MOST = 64 };

/* --- What the library calls ---------------------------------------------------------------- */

static struct web_connection *connection_of(struct MHD_Connection *library)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(library, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

static void on_connection(void *context, struct MHD_Connection *library, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
  struct web_server *server = context;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    web_connection_close(server->deadlines, *socket_context);
    *socket_context = NULL;
    return;
  }
  const union MHD_ConnectionInfo *handle =
      MHD_get_connection_info(library, MHD_CONNECTION_INFO_CONNECTION_FD);
  const union MHD_ConnectionInfo *peer =
      MHD_get_connection_info(library, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  *socket_context = web_connection_open(server->deadlines, handle->connect_fd,
                                        peer && web_is_loopback(peer->client_addr));
}

/* The request line is whole. What this answers becomes the request's context. */
static void *on_request_line(void *context, const char *target, struct MHD_Connection *library)
{
  struct web_server *server = context;
  struct web_connection *connection = connection_of(library);
  web_connection_enter(server->deadlines, connection, WEB_PHASE_HEAD, 0);
  return web_exchange_new(server, connection, target ? target : "");
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *library, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request_context)
{
  (void)context;
  (void)path;
  return web_exchange_step(*request_context, library, method, version, upload, upload_size)
             ? MHD_YES
             : MHD_NO;
}

static void on_completed(void *context, struct MHD_Connection *library, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
  (void)context;
  (void)code;
  struct web_exchange *exchange = *request_context;
  if (!exchange) return;
  const union MHD_ConnectionInfo *status =
      MHD_get_connection_info(library, MHD_CONNECTION_INFO_HTTP_STATUS);
  web_exchange_end(exchange, status ? (int)status->http_status : 0);
  *request_context = NULL;
}

/* --- Start --------------------------------------------------------------------------------- */

static void tick(void *context)
{
  struct web_server *server = context;
  web_access_flush(server->access);
  web_streams_beat(server->streams);
  if (server->each_second) server->each_second(server->application);
}

static unsigned thread_count(unsigned asked)
{
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned count = asked ? asked : cores > 0 ? (unsigned)cores : 1;
  return count < THREADS_MOST ? count : THREADS_MOST;
}

static struct MHD_Daemon *start_library(struct web_server *server, int socket, unsigned threads)
{
  struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
                                  {MHD_OPTION_END, 0, NULL}};
  return MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0,
      NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_URI_LOG_CALLBACK,
      on_request_line, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
      MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_CONNECTION_LIMIT,
      (unsigned)LIMIT_HTTP_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
      (unsigned)LIMIT_HTTP_CONNECTIONS_PER_ADDRESS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
      threads > 1 ? MHD_OPTION_ARRAY : MHD_OPTION_END, pool, MHD_OPTION_END);
}

static struct web_metrics *make_metrics(const struct web_routes *routes)
{
  const char **names = memory_allocate_zero(routes->count + ROUTE_EXTRA, sizeof(char *));
  for (size_t i = 0; i < routes->count; i++) names[i] = routes->items[i]->pattern;
  names[routes->count + ROUTE_ASSET] = "asset";
  names[routes->count + ROUTE_NONE] = "none";
  struct web_metrics *metrics = web_metrics_new(names, routes->count + ROUTE_EXTRA);
  free(names);
  return metrics;
}

static void server_free(struct web_server *server)
{
  web_ticker_stop(server->ticker);
  web_streams_free(server->streams);
  web_deadlines_stop(server->deadlines);
  web_metrics_free(server->metrics);
  web_routes_fini(&server->routes);
  web_access_log_free(server->access);
  web_spare_free(server->spare);
  server->application->server = NULL;
  free(server);
}

static void say_ready(const struct web_server *server, const struct web_listener *listener,
                      unsigned threads)
{
  log_event(LOG_INFO, "web.ready", LOG_S("address", listener->address),
            LOG_N("port", listener->port), LOG_N("threads", threads),
            LOG_S("socket", listener->is_inherited ? "inherited" : "own"));
  if (!server->layout_known)
    log_event(LOG_WARNING, "web.library", LOG_S("version", MHD_get_version()),
              LOG_S("why", "the account of each request's bytes is made for 0.9.75 and left out"),
              LOG_S("mend", "see docs/operations.md, What the HTTP library hides"));
  if (!listener->is_loopback)
    log_event(LOG_WARNING, "web.open",
              LOG_S("why", "this address can be reached from other machines, and speaks no TLS"),
              LOG_S("mend", "put a proxy with TLS in front (packaging/nginx.conf, "
                            "packaging/Caddyfile) and listen on 127.0.0.1"));
  printf("Fairlead is ready at http://%s:%u/\n", listener->address, listener->port);
  fflush(stdout);
  service_notify("READY=1");
}

/* The manager's socket when it hands one over, else one of our own. */
static bool listen_somewhere(struct web_listener *out, struct text where, struct error *error)
{
  bool found;
  return web_listen_inherited(out, &found, error) && (found || web_listen(out, where, error));
}

bool web_server_start(struct web_server **out, struct web_application *application,
                      const struct web_server_options *options, struct error *error)
{
  struct web_listener listener;
  if (!desk_check_routes(options->routes, error)) return false;
  if (!listen_somewhere(&listener, options->listen, error)) return false;
  struct web_server *server = memory_allocate_zero(1, sizeof *server);
  server->application = application;
  application->server = server;
  web_routes_init(&server->routes, options->routes);
  server->each_second = options->each_second;
  server->port = listener.port;
  server->is_inherited = listener.is_inherited;
  server->started = time_monotonic();
  server->layout_known = strcmp(MHD_get_version(), "0.9.75") == 0;
  server->access = web_access_log_new();
  server->spare = web_spare_new();
  server->metrics = make_metrics(&server->routes);
  unsigned threads = thread_count(options->threads);
  bool good = web_deadlines_start(&server->deadlines, options->phase_seconds, error);
  if (good) server->streams = web_streams_new(server->deadlines);
  good = good && web_ticker_start(&server->ticker, tick, server, error);
  if (good) {
    server->daemon = start_library(server, listener.socket, threads);
    if (!server->daemon)
      good = error_set(error, ERROR_SYSTEM, "error.web.start",
                       "Check the limits on threads and open files.",
                       "libmicrohttpd %s did not start: %s", MHD_get_version(), strerror(errno));
  }
  if (!good) {
    close(listener.socket);
    server_free(server);
    return false;
  }
  *out = server;
  say_ready(server, &listener, threads);
  return true;
}

unsigned web_server_port(const struct web_server *server)
{
  return server->port;
}

/* --- Stop ---------------------------------------------------------------------------------- */

/* Is there still somebody to wait for? Where another process takes over the listening socket,
 * connections that are open but silent get a moment too: each sends a request of the kind that
 * would be lost, is answered, and is told to close. */
static bool is_busy(struct web_server *server, int64_t begun)
{
  enum { SECOND = 1000 * 1000 };
  int64_t waited = time_monotonic() - begun;
  if (waited >= (int64_t)LIMIT_HTTP_STOP_SECONDS * SECOND) return false;
  if (atomic_load(&server->running)) return true;
  return server->is_inherited && web_deadlines_open(server->deadlines) > 0 &&
         waited < (int64_t)LIMIT_HTTP_STOP_IDLE_SECONDS * SECOND;
}

void web_server_stop(struct web_server *server)
{
  const struct timespec look = {.tv_nsec = 10 * 1000 * 1000};
  if (!server) return;
  service_notify("STOPPING=1");
  atomic_store(&server->stopping, true);
  MHD_socket socket = MHD_quiesce_daemon(server->daemon);
  if (socket != MHD_INVALID_SOCKET) close(socket); /* the manager's stays open, with its queue */
  web_streams_end(server->streams);
  for (int64_t begun = time_monotonic(); is_busy(server, begun);) nanosleep(&look, NULL);
  size_t cut = atomic_load(&server->running);
  MHD_stop_daemon(server->daemon);
  log_event(LOG_INFO, "web.stopped", LOG_N("cut", cut),
            LOG_N("requests", web_metrics_total(server->metrics)));
  server_free(server);
}

/* --- Metrics ------------------------------------------------------------------------------- */

void web_server_metrics(struct web_server *server, struct text_buffer *out)
{
  web_metrics_write(server->metrics, out);
  web_metric_write(out, "fairlead_http_connections", "gauge", "Connections open now.",
                   (double)web_deadlines_open(server->deadlines), 0);
  web_metric_write(out, "fairlead_http_streams", "gauge", "Answers that stand open now.",
                   (double)web_streams_count(server->streams), 0);
  web_metric_write(out, "fairlead_http_deadlines_missed_total", "counter",
                   "Connections shut down because a client took too long.",
                   (double)web_deadlines_missed(server->deadlines), 0);
  web_metric_write(out, "fairlead_up_seconds", "gauge", "Since this server started.",
                   (double)(time_monotonic() - server->started) / 1e6, 3);
}
