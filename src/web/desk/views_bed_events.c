/*
 * /desk/beds/events: server-sent events that say only that the board has changed, never what; and
 * /desk/beds/live: the board alone, which the page then asks for. Neither is a sign of life, so
 * that a board that nobody looks at locks. A stream ends with its session, its program or its
 * right. Threads: a stream looks on the thread of its connection, with memory of its own for each
 * look.
 */
#include <stdio.h>

#include "web/desk/board_page.h"

struct events {
  struct web_application *application;
  struct text token, program_id; /* of the exchange's arena, which lives as long */
  char said[80];                 /* the revision that was said last; "" at the beginning */
};

struct looking {
  const struct events *events;
  struct arena *arena;
  int64_t now;
  struct text revision;
};

static bool read_revision(struct store_transaction *transaction, void *context, struct error *error)
{
  struct looking *looking = context;
  return board_revision(transaction, looking->arena, looking->events->program_id, looking->now,
                        &looking->revision, error);
}

/* Does whoever opened the stream still work there, and may look? */
static bool is_still_there(const struct looking *looking)
{
  const struct events *events = looking->events;
  struct privacy *privacy = events->application->privacy;
  struct session session;
  struct error error = {0};
  return session_peek(privacy, looking->arena, events->token, looking->now, &session, &error) &&
         session.step == SESSION_OPEN && text_equal(session.actor.program_id, events->program_id) &&
         access_would(privacy, &session.actor, "bed-board", "read");
}

static bool look_at(struct events *events, struct arena *arena, struct text_buffer *out)
{
  struct looking looking = {.events = events, .arena = arena, .now = time_now()};
  struct error error = {0};
  if (!is_still_there(&looking)) return false;
  if (!store_read(events->application->store, read_revision, &looking, &error)) {
    log_error("desk.beds.events", &error);
    return false; /* the browser asks again */
  }
  if (text_equal(looking.revision, text_from(events->said))) return true;
  text_buffer_add_format(out, "id: %.*s\nevent: board\ndata: changed\n\n",
                         TEXT_PRINT(looking.revision));
  snprintf(events->said, sizeof events->said, "%.*s", TEXT_PRINT(looking.revision));
  return true;
}

static bool look(void *context, struct text_buffer *out)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool goes_on = look_at(context, arena, out);
  arena_free(arena);
  return goes_on;
}

static bool view_events(struct web_request *request, struct web_view *view, struct error *error)
{
  struct events *events = arena_allocate(request->arena, sizeof *events);
  (void)error;
  *events = (struct events){.application = request->application,
                            .token = desk_cookie_get(request, DESK_COOKIE_SESSION),
                            .program_id = request->actor->program_id};
  view->stream = (struct web_stream_source){look, events, request->session->id};
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  return board_page_load(transaction, context, error);
}

static bool view_live(struct web_request *request, struct web_view *view, struct error *error)
{
  struct board_page page = {.request = request, .view = view, .is_again = true};
  if (!desk_read(request, load, &page, error)) return false;
  board_page_fill(&page);
  view->template_name = "desk/beds_live";
  return true;
}

const struct web_route desk_bed_events_routes[] = {{.methods = WEB_GET,
                                                    .pattern = "/desk/beds/events",
                                                    .handler = view_events,
                                                    .guard = "bed-board",
                                                    .get_act = "read",
                                                    .flags = WEB_QUIET},
                                                   {.methods = WEB_GET,
                                                    .pattern = "/desk/beds/live",
                                                    .handler = view_live,
                                                    .guard = "bed-board",
                                                    .get_act = "read",
                                                    .flags = WEB_QUIET},
                                                   {.pattern = NULL}};
