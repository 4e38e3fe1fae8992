/*
 * /desk/callbacks: who is called back, what is due first first, with the number and what they said
 * yes to. The call itself is written down on the request's page. Threads: all state is the
 * request's.
 */
#include "web/desk/requests.h"

enum { SHOWN_AT_ONCE = 100 };

struct queue {
  struct web_request *request;
  struct callback_cursor after;
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
         callback_list_after(transaction, &access, request->arena, &queue->after, SHOWN_AT_ONCE + 1,
                             &queue->items, &queue->count, error) &&
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

/* A place of a stranger's making is the beginning. */
static void read_place(struct queue *queue)
{
  struct text place = web_parameter_get(queue->request, "after");
  size_t dash = text_find(place, TEXT("-"));
  queue->after = (struct callback_cursor){.id = TEXT("")};
  if (dash < place.length && place.length - dash == UUID_TEXT + 1 &&
      text_read_integer(text_slice(place, 0, dash), &queue->after.due_at))
    queue->after.id = text_slice(place, dash + 1, place.length);
}

static void fill_ways(struct queue *queue, struct value *page)
{
  const struct web_request *request = queue->request;
  struct text next = TEXT("");
  if (queue->count > SHOWN_AT_ONCE) {
    queue->count = SHOWN_AT_ONCE;
    const struct callback *last = &queue->items[SHOWN_AT_ONCE - 1];
    next = text_format(request->arena, "/desk/callbacks?after=%lld-%.*s", (long long)last->due_at,
                       TEXT_PRINT(last->id));
  }
  view_set_text(request, page, "next_href", next);
  view_set_text(request, page, "start_href",
                queue->after.id.length ? TEXT("/desk/callbacks") : TEXT(""));
}

static bool view_callbacks(struct web_request *request, struct web_view *view, struct error *error)
{
  struct queue queue = {.request = request};
  struct value *page = view->page = value_object(request->arena),
               *rows = value_list(request->arena);
  read_place(&queue);
  if (!desk_read(request, load, &queue, error)) return false;
  fill_ways(&queue, page);
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
