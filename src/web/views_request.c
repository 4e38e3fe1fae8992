/*
 * /requests/{token}: where a request stands, for whoever has its private link. It shows the state,
 * times and the program's number, and nothing of whom or what it is about. The token is in the
 * address, so nothing of this page is logged, cached or told to another site; it sets no cookie.
 * Whatever is wrong with a link gives one and the same page.
 */
#include <stdio.h>

#include "admission/admission.h"
#include "web/views.h"

struct look {
  const struct web_request *request;
  int64_t now;
  bool opens;
  struct request_status status;
};

/* Whether there is something to open: what is made up never waits for, or holds up, a writer. */
static bool look_for(struct store_transaction *transaction, void *context, struct error *error)
{
  struct look *look = context;
  return request_link_opens(transaction, look->request->arena, look->request->captured, look->now,
                            &look->opens, error);
}

static bool look_at(struct store_transaction *transaction, void *context, struct error *error)
{
  struct look *look = context;
  const struct web_request *request = look->request;
  return request_link_open(transaction, request->application->requests, request->arena,
                           request->captured, look->now, &look->status, error);
}

/* "November 19, 2026, 17:00", where the program is. */
static struct text time_text(const struct web_request *request, const struct look *look, int64_t at)
{
  struct text shown = zone_format(request->arena, look->status.zone, at);
  struct text date = view_date(request, text_slice(shown, 0, sizeof "YYYY-MM-DD" - 1));
  struct text clock = text_slice(shown, sizeof "YYYY-MM-DD", sizeof "YYYY-MM-DD HH:MM" - 1);
  return VIEW_FORMAT(request, "request.page.time", {"date", date}, {"clock", clock});
}

/* What the state means for whoever asked. */
static struct text state_text(const struct web_request *request, const struct look *look)
{
  const struct request_status *status = &look->status;
  char key[80];
  snprintf(key, sizeof key, "request.page.%.*s", TEXT_PRINT(status->state));
  bool is_late = status->answered_at == 0 && look->now > status->answer_by &&
                 text_equal(status->state, TEXT("received"));
  if (is_late) return view_text(request, "request.page.late");
  return VIEW_FORMAT(request, key, {"when", time_text(request, look, status->answer_by)});
}

static void fill_waiting(const struct web_request *request, const struct request_status *status,
                         struct value *out)
{
  if (!status->is_waiting) return;
  struct text count = view_count(request->arena, (int64_t)status->before);
  struct text before = status->before == 0 ? view_text(request, "request.page.next")
                       : status->before == 1
                           ? view_text(request, "request.page.before.one")
                           : VIEW_FORMAT(request, "request.page.before", {"count", count});
  view_set_text(request, out, "before", before);
}

static void fill_phone(const struct web_request *request, struct text phone, struct value *out)
{
  if (phone.length != 10) return;
  struct value *call = value_object(request->arena);
  struct text shown =
      text_format(request->arena, "%.3s-%.3s-%.4s", phone.at, phone.at + 3, phone.at + 6);
  view_set_text(request, call, "shown", shown);
  view_set_text(request, call, "href", view_phone_link(request->arena, phone));
  value_set(out, "call", call);
}

static bool show_gone(struct web_request *request, struct web_view *view)
{
  view->status = 404;
  view_set_flag(request, view->page, "gone", true);
  return true;
}

static bool view_request(struct web_request *request, struct web_view *view, struct error *error)
{
  struct look look = {.request = request, .now = time_now()};
  if (!request->application->requests)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no requests are kept here");
  view->cache = WEB_CACHE_NONE;
  view->template_name = "request";
  view->page = value_object(request->arena);
  if (!store_read(request->application->store, look_for, &look, error)) return false;
  if (!look.opens) return show_gone(request, view);
  if (!store_write(request->application->store, look_at, &look, error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
    return show_gone(request, view);
  }
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "state", state_text(request, &look));
  view_set_text(request, out, "received",
                VIEW_FORMAT(request, "request.page.since",
                            {"when", time_text(request, &look, look.status.received_at)}));
  view_set_flag(request, out, "is_over", look.status.is_over);
  fill_waiting(request, &look.status, out);
  fill_phone(request, look.status.program_phone, out);
  value_set(view->page, "request", out);
  return true;
}

const struct web_route web_request_routes[] = {
    {.methods = WEB_GET, .pattern = "/requests/{token}", .handler = view_request},
    {.pattern = NULL},
};
