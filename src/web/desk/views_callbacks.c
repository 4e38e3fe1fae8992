/*
 * /desk/callbacks: who is called back, what is due first first, with the number and what they said
 * yes to. The call itself is written down on the request's page. Threads: all state is the
 * request's.
 */
#include "web/desk/requests.h"

struct queue {
  struct web_request *request;
  struct callback *items;
  size_t count;
  struct requests_ground ground;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct queue *queue = context;
  struct web_request *request = queue->request;
  struct access access;
  return requests_access_list(transaction, request, "request", "read", &access, error) &&
         callback_list(transaction, &access, request->arena, &queue->items, &queue->count, error) &&
         requests_ground_load(transaction, request, &queue->ground, error);
}

/* Whoever asks for somebody else is called where there is no number of the person. */
static struct text phone_of(const struct web_request *request,
                            const struct request_identity *identity)
{
  struct text own = identity->at[REQUEST_PHONE];
  return people_phone(request->arena, own.length ? own : identity->at[REQUEST_ASKER_PHONE]);
}

static struct value *fill_one(const struct queue *queue, const struct callback *one)
{
  const struct web_request *request = queue->request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "callback_id", one->id);
  view_set_text(request, item, "request_id", one->request_id);
  view_set_text(request, item, "name", requests_name(request, &one->identity));
  view_set_text(request, item, "phone", phone_of(request, &one->identity));
  view_set_text(request, item, "language", people_label(request, CARE_SPOKEN, one->language));
  view_set_text(request, item, "consents", requests_consents(request, one->consents));
  view_set_text(request, item, "urgency", requests_label(request, REQUEST_URGENCIES, one->urgency));
  view_set_text(request, item, "site", requests_site_name(&queue->ground, one->site_id));
  view_set_text(request, item, "script", requests_script_title(request, one->script));
  view_set_text(request, item, "assigned", requests_staff_name(&queue->ground, one->assigned));
  value_set(item, "due", desk_time(request, one->due_at));
  view_set_flag(request, item, "is_late", one->due_at < request->now);
  return item;
}

static bool view_callbacks(struct web_request *request, struct web_view *view, struct error *error)
{
  struct queue queue = {.request = request};
  struct value *page = view->page = value_object(request->arena),
               *rows = value_list(request->arena);
  if (!desk_read(request, load, &queue, error)) return false;
  for (size_t i = 0; i < queue.count; i++) value_add(rows, fill_one(&queue, &queue.items[i]));
  value_set(page, "callbacks", rows);
  view_set_flag(request, page, "any", queue.count > 0);
  view->template_name = "desk/callbacks";
  return true;
}

const struct web_route desk_callbacks_routes[] = {{.methods = WEB_GET,
                                                   .pattern = "/desk/callbacks",
                                                   .handler = view_callbacks,
                                                   .guard = "request",
                                                   .get_act = "read"},
                                                  {.pattern = NULL}};
