/*
 * /desk: what is late, what is due in the next hours.
 */
#include "web/desk/desk_private.h"

enum { AHEAD_HOURS = 24, SHOWN_MOST = 50 };
static const int64_t HOUR = 3600LL * 1000000;

struct home {
  struct web_request *request;
  struct due_item *items;
  size_t count;
  int64_t late;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct home *home = context;
  struct web_request *request = home->request;
  struct access access;
  return access_open_list(transaction, request->application->privacy, request->actor, "due", "read",
                          request->now, &access, error) &&
         care_clock_list(transaction, &access, request->arena, request->now + AHEAD_HOURS * HOUR,
                         SHOWN_MOST, &home->items, &home->count, error) &&
         care_clock_count_late(transaction, &access, request->now, &home->late, error);
}

static void fill(const struct home *home, struct value *page)
{
  const struct web_request *request = home->request;
  struct value *due = value_list(request->arena);
  for (size_t i = 0; i < home->count; i++) value_add(due, desk_clock(request, &home->items[i]));
  value_set(page, "due", due);
  view_set_flag(request, page, "may_due", true);
  view_set_flag(request, page, "has_due", value_count(due) > 0);
  view_set_text(request, page, "late",
                home->late > 0 ? view_count(request->arena, home->late) : TEXT(""));
}

static bool view_home_page(struct web_request *request, struct web_view *view, struct error *error)
{
  struct home home = {.request = request};
  view->page = value_object(request->arena);
  view->template_name = "desk/home";
  view_set_flag(request, view->page, "may_begin",
                !request->actor->program_id.length && desk_may(request, "program", "write"));
  if (!desk_may(request, "due", "read")) return true;
  if (!desk_read(request, load, &home, error)) return false;
  fill(&home, view->page);
  return true;
}

const struct web_route desk_home_routes[] = {{.methods = WEB_GET,
                                              .pattern = "/desk",
                                              .handler = view_home_page,
                                              .guard = "session",
                                              .get_act = "read",
                                              .flags = WEB_NO_PROGRAM},
                                             {.pattern = NULL}};
