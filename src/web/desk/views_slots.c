/*
 * /desk/slots: places of care without a bed, and how many are free; /desk/slots/{id}: who has a
 * place of one, a further slot for somebody who is enrolled, and leaving. A first place is offered
 * on the page of who waits. What slots there are is views_slot_settings.c. A form says that the
 * list is right, so that what the finder says of it counts as seen now. Threads: all state is the
 * request's.
 */
#include "web/desk/waiting.h"

enum { SHOWN_MOST = 500 }; /* people of one slot on its page (count) */

static const struct desk_field add_fields[] = {
    {.name = "request", .label = "slot.whom", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};

struct slots {
  struct web_request *request;
  struct web_view *view;
  struct slot *all;
  struct requests_ground ground;
  size_t count;
  /* Of one slot. */
  const struct slot *slot;
  struct slot_use *people;
  struct request_names names;
  struct request *admitted;
  size_t people_count, admitted_count;
  struct desk_form form;
  struct text leaving, joining; /* ids of requests: whom the act is about */
};

static bool load_all(struct store_transaction *transaction, void *context, struct error *error)
{
  struct slots *slots = context;
  struct web_request *request = slots->request;
  struct access access;
  return requests_access_list(transaction, request, "request", "read", &access, error) &&
         slot_list(transaction, &access, request->arena, &slots->all, &slots->count, error) &&
         requests_ground_load(transaction, request, &slots->ground, error);
}

static struct value *fill_slot(const struct slots *slots, const struct slot *slot)
{
  const struct web_request *request = slots->request;
  struct arena *arena = request->arena;
  struct value *item = value_object(arena);
  int64_t free = slot->capacity - slot->taken;
  view_set_text(request, item, "slot_id", slot->id);
  view_set_text(request, item, "slot", slot->name);
  view_set_text(request, item, "site", requests_site_name(&slots->ground, slot->site_id));
  view_set_text(request, item, "kind", requests_label(request, SLOT_KINDS, slot->kind));
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, slot->level_of_care));
  view_set_text(request, item, "hours", waiting_hours(request, slot));
  view_set_text(request, item, "capacity", view_count(arena, slot->capacity));
  view_set_text(request, item, "taken", view_count(arena, slot->taken));
  view_set_text(request, item, "free", view_count(arena, free));
  view_set_flag(request, item, "is_full", free == 0);
  view_set_flag(request, item, "is_closed", slot->closed_at != 0);
  return item;
}

/* Somebody looked, and it is so, at each site whose slots they see. */
static bool confirm(struct store_transaction *transaction, void *context, struct error *error)
{
  struct slots *slots = context;
  struct access access;
  if (!requests_access_list(transaction, slots->request, "request", "write", &access, error))
    return false;
  for (size_t i = 0; i < slots->count; i++) {
    bool is_done = i > 0 && text_equal(slots->all[i].site_id, slots->all[i - 1].site_id);
    if (!is_done && !availability_confirm_slots(transaction, &access, slots->all[i].site_id, error))
      return false;
  }
  desk_redirect(slots->request, slots->view, "/desk/slots?said=1");
  return true;
}

static bool view_slots(struct web_request *request, struct web_view *view, struct error *error)
{
  struct slots slots = {.request = request, .view = view};
  if (!desk_read(request, load_all, &slots, error)) return false;
  if (request->method == WEB_POST) return desk_write(request, view, confirm, &slots, error);
  struct value *page = view->page = value_object(request->arena),
               *list = value_list(request->arena);
  for (size_t i = 0; i < slots.count; i++) value_add(list, fill_slot(&slots, &slots.all[i]));
  value_set(page, "slots", list);
  view_set_flag(request, page, "any", slots.count > 0);
  view_set_flag(request, page, "may_set", desk_may(request, "site", "write"));
  view_set_flag(request, page, "may_write", desk_may(request, "request", "write"));
  view_set_flag(request, page, "said", web_parameter_has(request, "said"));
  view->template_name = "desk/slots";
  return true;
}

/* --- One slot ------------------------------------------------------------------------------ */

static bool find_slot(struct slots *slots, struct error *error)
{
  slots->slot = NULL;
  for (size_t i = 0; i < slots->count; i++)
    if (text_equal(slots->all[i].id, slots->request->captured)) slots->slot = &slots->all[i];
  return slots->slot || error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "slot: none such");
}

static bool load_one(struct store_transaction *transaction, void *context, struct error *error)
{
  struct slots *slots = context;
  struct web_request *request = slots->request;
  struct request_query query = {.state = TEXT("admitted"), .limit = SHOWN_MOST};
  struct access access;
  if (!load_all(transaction, slots, error) || !find_slot(slots, error) ||
      !requests_access_list(transaction, request, "request", "read", &access, error) ||
      !slot_people_list(transaction, &access, request->arena, slots->slot->id, &slots->people,
                        &slots->people_count, error))
    return false;
  if (slots->people_count > SHOWN_MOST) slots->people_count = SHOWN_MOST;
  struct text *ids = arena_allocate_array(request->arena, slots->people_count + 1, sizeof *ids);
  for (size_t i = 0; i < slots->people_count; i++) ids[i] = slots->people[i].request_id;
  slots->admitted_count = 0;
  return request_names_load(transaction, &access, request->arena, ids, slots->people_count,
                            &slots->names, error) &&
         (!desk_may(request, "request", "write") ||
          request_list(transaction, &access, request->arena, &query, &slots->admitted,
                       &slots->admitted_count, error));
}

static const struct slot_use *find_person(const struct slots *slots, struct text request_id)
{
  for (size_t i = 0; i < slots->people_count; i++)
    if (text_equal(slots->people[i].request_id, request_id)) return &slots->people[i];
  return NULL;
}

/* Whoever is enrolled at this site and has no place in this slot. What was sent may be sent again,
 * so that also who has one is a choice then: the room refuses it, or it is the same form. */
static void choose_people(struct slots *slots)
{
  struct web_request *request = slots->request;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, slots->admitted_count + 1, sizeof *choices);
  size_t count = 0;
  for (size_t i = 0; i < slots->admitted_count; i++) {
    const struct request *one = &slots->admitted[i];
    bool is_shown = request->method == WEB_POST || !find_person(slots, one->id);
    if (!text_equal(one->site_id, slots->slot->site_id) || !is_shown) continue;
    choices[count++] = (struct desk_choice){one->id, requests_name(request, &one->identity)};
  }
  desk_form_choices(&slots->form, "request", choices, count);
  view_set_flag(request, slots->view->page, "has_choices", count > 0);
}

static struct value *fill_person(const struct slots *slots, const struct slot_use *use)
{
  const struct web_request *request = slots->request;
  const struct request_name *name = request_names_find(&slots->names, use->request_id);
  struct value *item = value_object(request->arena);
  bool is_enrolled = use->enrolled_at != 0;
  view_set_text(request, item, "request_id", use->request_id);
  view_set_text(request, item, "name",
                name && name->name.length ? name->name : view_text(request, "requests.no_name"));
  view_set_flag(request, item, "is_enrolled", is_enrolled);
  value_set(item, "since", desk_time(request, is_enrolled ? use->enrolled_at : use->held_at));
  return item;
}

static bool show_one(struct slots *slots, int status)
{
  const struct web_request *request = slots->request;
  struct value *page = slots->view->page, *people = value_list(request->arena);
  for (size_t i = 0; i < slots->people_count; i++)
    value_add(people, fill_person(slots, &slots->people[i]));
  value_set(page, "one", fill_slot(slots, slots->slot));
  value_set(page, "people", people);
  view_set_flag(request, page, "any", slots->people_count > 0);
  view_set_flag(request, page, "may_write", desk_may(request, "request", "write"));
  desk_form_fill(&slots->form, page, "form");
  slots->view->template_name = "desk/slot";
  slots->view->status = status;
  return true;
}

static bool act_on_slot(struct store_transaction *transaction, void *context, struct error *error)
{
  struct slots *slots = context;
  struct web_request *request = slots->request;
  const struct requests *requests = request->application->requests;
  bool is_leaving = slots->leaving.length > 0;
  struct text id = is_leaving ? slots->leaving : slots->joining;
  struct access access;
  if (!requests_access(transaction, request, "write", id, &access, error)) return false;
  bool is_done =
      is_leaving
          ? slot_leave(transaction, requests, &access, request->arena, request->captured, id, error)
          : slot_add(transaction, requests, &access, request->arena, request->captured, id, error);
  if (is_done) desk_redirect(request, slots->view, "%.*s", TEXT_PRINT(request->path));
  return is_done;
}

static bool view_slot(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.slot.full", NULL},
                                                 {"error.slot.taken", "request"},
                                                 {"error.care.stale", NULL},
                                                 {NULL, NULL}};
  struct slots slots = {.request = request, .view = view};
  if (!desk_read(request, load_one, &slots, error)) return false;
  view->page = value_object(request->arena);
  DESK_FORM_INIT(&slots.form, request, add_fields);
  choose_people(&slots);
  if (request->method == WEB_GET) return show_one(&slots, 200);
  if (text_equal(web_parameter_get(request, "act"), TEXT("leave"))) {
    slots.leaving = web_parameter_get(request, "whom");
    if (!find_person(&slots, slots.leaving))
      desk_form_refuse(&slots.form, NULL, "error.care.stale");
  } else if (desk_form_read(&slots.form)) {
    slots.joining = desk_form_get(&slots.form, "request");
  }
  if (slots.form.problem_count) return show_one(&slots, 400);
  if (desk_write(request, view, act_on_slot, &slots, error)) return true;
  if (!desk_form_take(&slots.form, error, mappings)) return false;
  error_clear(error);
  return desk_read(request, load_one, &slots, error) && show_one(&slots, 400);
}

const struct web_route desk_slots_routes[] = {{.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/slots",
                                               .handler = view_slots,
                                               .guard = "request",
                                               .get_act = "read",
                                               .post_act = "write"},
                                              {.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/slots/{id}",
                                               .handler = view_slot,
                                               .guard = "request",
                                               .get_act = "read",
                                               .post_act = "write"},
                                              {.pattern = NULL}};
