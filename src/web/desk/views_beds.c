/*
 * /desk/beds: the bed board: every bed at a moment of any day and through the week from that day
 * on, who has no bed, and (`request`, `stay`) which bed is right for somebody. A form says that the
 * board is right. Threads: all state is the request's.
 */
#include "web/desk/board_page.h"

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  return board_page_load(transaction, context, error);
}

/* Somebody looked, and it is so: what is published counts as seen now. */
static bool confirm(struct store_transaction *transaction, void *context, struct error *error)
{
  struct board_page *page = context;
  struct web_request *request = page->request;
  struct access access;
  if (!bed_page_access(transaction, request, "bed-board", "write", TEXT(""), &access, error))
    return false;
  for (size_t i = 0; i < page->site_count; i++) {
    struct text id = page->sites[i].id;
    bool is_out = access.scope < SCOPE_PROGRAM && access.actor->site_id.length &&
                  !text_equal(access.actor->site_id, id);
    if (is_out || (page->site_id.length && !text_equal(page->site_id, id))) continue;
    if (!availability_confirm(transaction, request->application->beds, &access, request->arena, id,
                              error))
      return false;
  }
  desk_redirect(request, page->view, "/desk/beds?said=1");
  return true;
}

static bool view_beds(struct web_request *request, struct web_view *view, struct error *error)
{
  struct board_page page = {.request = request, .view = view};
  if (!desk_read(request, load, &page, error)) return false;
  if (request->method == WEB_POST) return desk_write(request, view, confirm, &page, error);
  board_page_fill(&page);
  view_set_flag(request, view->page, "said", web_parameter_has(request, "said"));
  view_set_text(request, view->page, "live_script",
                value_text_get(value_get(request->application->assets, TEXT("beds.js"))));
  view->template_name = "desk/beds";
  return true;
}

const struct web_route desk_beds_routes[] = {{.methods = WEB_GET | WEB_POST,
                                              .pattern = "/desk/beds",
                                              .handler = view_beds,
                                              .guard = "bed-board",
                                              .get_act = "read",
                                              .post_act = "write"},
                                             {.pattern = NULL}};
