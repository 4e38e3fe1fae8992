/*
 * An exchange: one request and its answer, from the request line to the last byte sent.
 *
 * The library calls in three steps: when the headers are whole (check, route), for each piece of
 * the body, and when all has arrived (parameters, handler, answer). An answer that is queued in the
 * first step ends the connection, so that whatever stands behind a refused head is never served.
 * Threads: an exchange belongs to the server thread of its connection.
 */
#ifndef FAIRLEAD_WEB_EXCHANGE_H
#define FAIRLEAD_WEB_EXCHANGE_H

#include <stdatomic.h>

#include "web/access.h"
#include "web/check.h"
#include "web/deadline.h"
#include "web/metrics.h"
#include "web/response.h"
#include "web/route.h"
#include "web/web.h"

struct MHD_Connection;
struct MHD_Daemon;

struct web_server {
  struct MHD_Daemon *daemon;
  struct web_application *application;
  struct web_routes routes;
  struct web_deadlines *deadlines;
  struct web_metrics *metrics;
  struct web_access_log *access;
  struct web_spare *spare; /* arenas between two requests */
  unsigned port;
  bool is_inherited; /* the listening socket is the service manager's */
  int64_t started;
  _Atomic bool stopping;
  _Atomic size_t running; /* exchanges whose headers were whole and whose answer is not yet sent */
  bool layout_known;      /* this library parses heads in place, see check.h */
  struct web_streams *streams;
  struct web_ticker *ticker;
  void (*each_second)(struct web_application *application);
};

/* Behind the routes' own indexes: assets, and paths that no route has. */
enum { ROUTE_ASSET, ROUTE_NONE, ROUTE_EXTRA };

/* Why an exchange ends in an error before a handler runs. */
struct web_refusal {
  int status; /* 0: none */
  const char *person;
  const char *allow;
};

struct web_exchange {
  struct web_server *server;
  struct web_connection *connection;
  struct MHD_Connection *library;
  struct web_request request;
  struct web_head head;
  struct web_checked checked;
  const char *target_at; /* where the target stood in the library's buffer */
  struct web_matched matched;
  const struct web_static *file; /* an asset */
  struct web_refusal refusal;
  struct text_buffer body;
  size_t body_limit, body_excess; /* bytes; those past the limit of a chunked body */
  struct web_stream *stream;      /* an answer that stays open, or NULL */
  bool is_started, is_answered, has_prefix;
  size_t route; /* for the log and the metrics: a route's index, or one of below */
  int status;
  size_t sent;      /* bytes of the body sent */
  int64_t whole_at; /* when the request was whole, monotonic */
  int64_t open_at;  /* when a stream began, monotonic; 0: none */
};

/* Begin one for a request line with this target. */
struct web_exchange *web_exchange_new(struct web_server *server, struct web_connection *connection,
                                      const char *target);
/* Take the library's next step; answers false to cut the connection without an answer. */
bool web_exchange_step(struct web_exchange *exchange, struct MHD_Connection *library,
                       const char *method, const char *version, const char *upload,
                       size_t *upload_size);
/* Log, count and free; `status` is what the library sent when no answer of ours was queued. */
void web_exchange_end(struct web_exchange *exchange, int status);

/* Turn a view or an error into an answer (answer.c). */
void web_answer_view(struct web_exchange *exchange, struct web_view *view,
                     struct web_answer *answer);
void web_answer_error(struct web_exchange *exchange, const struct error *error,
                      struct web_answer *answer);
void web_answer_refusal(struct web_exchange *exchange, const struct web_refusal *refusal,
                        struct web_answer *answer);

#endif
