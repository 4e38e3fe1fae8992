/*
 * /desk/waitlist/{request}: somebody who waits, or could: the place and why, deadlines, what is
 * given meanwhile, attempts to reach them, and the acts: onto the list, interim services, contact,
 * a place in a slot (with a reason for each who is passed over), given back, the end. A bed is
 * given on the bed board. Threads: all state is the request's.
 */
#include <string.h>

#include "web/desk/skips.h"
#include "web/desk/waiting.h"

/* --- What is asked ------------------------------------------------------------------------- */

static const struct desk_field interim_fields[] = {
    {.name = "services", .label = "waiting.services", .kind = DESK_CHOICES, .flags = DESK_REQUIRED},
    {.name = "on",
     .label = "waiting.given_on",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "at",
     .label = "waiting.given_at",
     .help = "waiting.clock_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = 5},
};
static const struct desk_field contact_fields[] = {
    {.name = "way", .label = "waiting.way", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "result", .label = "waiting.result", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "words", .label = "waiting.words", .help = "waiting.contact_help", .kind = DESK_LINES},
};
static const struct desk_field offer_fields[] = {
    {.name = "slot", .label = "waiting.slot", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};
static const struct desk_field release_fields[] = {
    {.name = "sure", .label = "waiting.release_sure", .kind = DESK_YES, .flags = DESK_REQUIRED},
};
static const struct desk_field end_fields[] = {
    {.name = "outcome", .label = "waiting.outcome", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "words", .label = "waiting.words", .kind = DESK_LINES},
};
static const struct desk_mapping interim_mappings[] = {
    {"error.request.future", "at"}, {"error.request.code", "services"}, {NULL, NULL}};
static const struct desk_mapping offer_mappings[] = {{"error.slot.full", "slot"},
                                                     {"error.slot.gone", "slot"},
                                                     {"error.slot.taken", "slot"},
                                                     {NULL, NULL}};
static const struct desk_mapping end_mappings[] = {
    {"error.request.attempts", "outcome"}, {"error.request.reason", "outcome"}, {NULL, NULL}};
enum act { ACT_ENTER, ACT_INTERIM, ACT_CONTACT, ACT_OFFER, ACT_RELEASE, ACT_END, ACTS };
#define FIELDS(of) of, sizeof(of) / sizeof *(of)
static const struct {
  const char *name, *form;
  const struct desk_field *fields;
  size_t count;
  const struct desk_mapping *mappings;
} acts[ACTS] = {
    [ACT_ENTER] = {"enter", "enter_form", NULL, 0, NULL},
    [ACT_INTERIM] = {"interim", "interim_form", FIELDS(interim_fields), interim_mappings},
    [ACT_CONTACT] = {"contact", "contact_form", FIELDS(contact_fields), NULL},
    [ACT_OFFER] = {"offer", "offer_form", FIELDS(offer_fields), offer_mappings},
    [ACT_RELEASE] = {"release", "release_form", FIELDS(release_fields), NULL},
    [ACT_END] = {"end", "end_form", FIELDS(end_fields), end_mappings},
};

struct waiter {
  struct web_request *request;
  struct web_view *view;
  struct request row;
  struct waitlist_entry entry;
  struct interim_given *given;
  struct call *calls;
  struct slot *slots;
  struct requests_ground ground;
  struct skips skips;
  const struct zone *zone;
  size_t given_count, call_count, slot_count;
  bool is_listed, may_write;
  struct desk_form forms[ACTS];
  /* Of the act. */
  enum act act;
  const struct text *services;
  size_t service_count;
  int64_t given_at;
  struct text callback_id, missing;
};

/* --- Loading ------------------------------------------------------------------------------- */

static bool state_is(const struct waiter *waiter, const char *state)
{
  return text_equal(waiter->row.state, text_from(state));
}

static bool is_slot_offered(const struct waiter *waiter)
{
  return waiter->is_listed && text_equal(waiter->entry.place_kind, TEXT("slot"));
}

static bool may_be_offered(const struct waiter *waiter)
{
  return state_is(waiter, "accepted") || state_is(waiter, "waiting");
}

static bool load_entry(struct store_transaction *transaction, const struct access *access,
                       struct waiter *waiter, struct error *error)
{
  struct web_request *request = waiter->request;
  struct arena *arena = request->arena;
  const struct requests *requests = request->application->requests;
  struct text id = waiter->row.id;
  waiter->is_listed = state_is(waiter, "waiting") || state_is(waiter, "offered");
  return (!waiter->is_listed ||
          waitlist_load(transaction, requests, access, arena, id, &waiter->entry, error)) &&
         interim_list(transaction, access, arena, id, &waiter->given, &waiter->given_count,
                      error) &&
         call_list(transaction, access, arena, id, &waiter->calls, &waiter->call_count, error);
}

static bool load_slots(struct store_transaction *transaction, struct waiter *waiter,
                       struct error *error)
{
  struct access access;
  waiter->slot_count = 0;
  waiter->skips = (struct skips){.request = waiter->request};
  return requests_access_list(transaction, waiter->request, "request", "read", &access, error) &&
         slot_list(transaction, &access, waiter->request->arena, &waiter->slots,
                   &waiter->slot_count, error) &&
         (!may_be_offered(waiter) ||
          skips_load(transaction, waiter->request, waiter->row.id, &waiter->skips, error));
}

static bool load_waiter(struct store_transaction *transaction, void *context, struct error *error)
{
  struct waiter *waiter = context;
  struct web_request *request = waiter->request;
  struct access access;
  return requests_access(transaction, request, "read", request->captured, &access, error) &&
         request_load(transaction, &access, request->arena, request->captured, &waiter->row,
                      error) &&
         site_zone(transaction, request->actor->program_id, waiter->row.site_id, &waiter->zone,
                   error) &&
         load_entry(transaction, &access, waiter, error) &&
         load_slots(transaction, waiter, error) &&
         requests_ground_load(transaction, request, &waiter->ground, error);
}

/* --- Forms --------------------------------------------------------------------------------- */

static bool is_given(const struct waiter *waiter, struct text service)
{
  for (size_t i = 0; i < waiter->given_count; i++)
    if (text_equal(waiter->given[i].service, service)) return true;
  return false;
}

static bool is_owed(const struct waiter *waiter, const struct interim_service *service)
{
  return interim_service_is_owed(service, waiter->row.pregnant == 1, waiter->row.injecting == 1);
}

/* What was not given yet: what the law asks for first. What was sent may be sent again, so that all
 * are choices then. */
static void choose_services(struct desk_form *form, const struct waiter *waiter)
{
  struct web_request *request = waiter->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  size_t all = interim_service_count(rules), count = 0;
  struct desk_choice *choices = arena_allocate_array(request->arena, all + 1, sizeof *choices);
  for (int owed = 1; owed >= 0; owed--)
    for (size_t i = 0; i < all; i++) {
      const struct interim_service *service = interim_service_get(rules, i);
      bool is_shown = request->method == WEB_POST || !is_given(waiter, service->code);
      if (is_owed(waiter, service) != (owed == 1) || !is_shown) continue;
      struct text label = requests_label(request, WAITLIST_INTERIM_SERVICES, service->code);
      choices[count++] = (struct desk_choice){
          service->code,
          owed ? VIEW_FORMAT(request, "waiting.service_owed", {"service", label}) : label};
    }
  desk_form_choices(form, "services", choices, count);
}

/* Slots of this list with a place that is free; after a form was sent also full ones, which the
 * room refuses. Answers how many have a free place. */
static size_t choose_slots(struct desk_form *form, const struct waiter *waiter)
{
  struct web_request *request = waiter->request;
  struct arena *arena = request->arena;
  struct desk_choice *choices =
      arena_allocate_array(arena, waiter->slot_count + 1, sizeof *choices);
  size_t count = 0, free = 0;
  for (size_t i = 0; i < waiter->slot_count; i++) {
    const struct slot *slot = &waiter->slots[i];
    bool is_free = slot->taken < slot->capacity;
    if (!text_equal(slot->site_id, waiter->row.site_id) || slot->closed_at ||
        !text_equal(slot->level_of_care, waiter->row.level_of_care) ||
        (!is_free && request->method == WEB_GET))
      continue;
    if (is_free) free++;
    choices[count++] = (struct desk_choice){
        slot->id, VIEW_FORMAT(request, "slot.choice", {"name", slot->name},
                              {"when", waiting_hours(request, slot)},
                              {"free", view_count(arena, slot->capacity - slot->taken)})};
  }
  desk_form_choices(form, "slot", choices, count);
  return free;
}

/* Every way off the list but being admitted here, which is the intake's. */
static void choose_outcomes(struct desk_form *form)
{
  const struct request_rules *rules = requests_rules(form->request->application->requests);
  size_t all = request_code_count(rules, WAITLIST_OUTCOMES), count = 0;
  struct desk_choice *choices =
      arena_allocate_array(form->request->arena, all + 1, sizeof *choices);
  for (size_t i = 0; i < all; i++) {
    struct text code = request_code(rules, WAITLIST_OUTCOMES, i);
    if (request_code_says(rules, WAITLIST_OUTCOMES, code, "state", "ended"))
      choices[count++] =
          (struct desk_choice){code, requests_label(form->request, WAITLIST_OUTCOMES, code)};
  }
  desk_form_choices(form, "outcome", choices, count);
}

static void begin_forms(struct waiter *waiter)
{
  struct web_request *request = waiter->request;
  for (size_t i = 0; i < ACTS; i++) {
    desk_form_init(&waiter->forms[i], request, acts[i].fields, acts[i].count);
    desk_form_set_version(&waiter->forms[i], waiter->row.version);
  }
  struct text now = zone_format(request->arena, waiter->zone, request->now);
  desk_form_set(&waiter->forms[ACT_INTERIM], "on", text_slice(now, 0, 10));
  desk_form_set(&waiter->forms[ACT_INTERIM], "at", text_slice(now, 11, 16));
  choose_services(&waiter->forms[ACT_INTERIM], waiter);
  requests_choose(&waiter->forms[ACT_CONTACT], "way", CONTACT_WAYS);
  requests_choose(&waiter->forms[ACT_CONTACT], "result", CONTACT_RESULTS);
  size_t free = choose_slots(&waiter->forms[ACT_OFFER], waiter);
  view_set_flag(request, waiter->view->page, "has_slots", free > 0);
  choose_outcomes(&waiter->forms[ACT_END]);
}

/* What only this page knows: the moment, and who is passed over. */
static bool take_form(struct waiter *waiter)
{
  struct desk_form *form = &waiter->forms[waiter->act];
  if (!desk_form_read(form)) {
    if (waiter->act == ACT_OFFER) (void)skips_read(&waiter->skips);
    return false;
  }
  if (waiter->act == ACT_INTERIM) {
    waiter->service_count = desk_form_all(form, "services", &waiter->services);
    if (!people_moment(waiter->zone, desk_form_get(form, "on"), desk_form_get(form, "at"),
                       &waiter->given_at))
      desk_form_refuse(form, "at", "waiting.clock_wrong");
  }
  if (waiter->act == ACT_OFFER && !skips_read(&waiter->skips))
    desk_form_refuse(form, NULL, "error.request.skip");
  return form->problem_count == 0;
}

/* --- Acts ---------------------------------------------------------------------------------- */

static bool give_services(struct store_transaction *transaction, const struct access *access,
                          const struct waiter *waiter, struct error *error)
{
  struct web_request *request = waiter->request;
  for (size_t i = 0; i < waiter->service_count; i++)
    if (!interim_give(transaction, request->application->requests, access, request->arena,
                      waiter->row.id, waiter->services[i], waiter->given_at, error))
      return false;
  return true;
}

/* The call that waited for this one in the queue, if there is one. */
static bool find_callback(struct store_transaction *transaction, const struct access *access,
                          struct waiter *waiter, struct error *error)
{
  struct callback *queue;
  size_t count = 0;
  if (!callback_list_of(transaction, access, waiter->request->arena, waiter->row.id, &queue, &count,
                        error))
    return false;
  waiter->callback_id = count ? queue[0].id : TEXT("");
  return true;
}

static bool write_contact(struct store_transaction *transaction, const struct access *access,
                          struct waiter *waiter, struct error *error)
{
  struct web_request *request = waiter->request;
  const struct desk_form *form = &waiter->forms[ACT_CONTACT];
  struct call call = {.request_id = waiter->row.id,
                      .kind = TEXT("went-out"),
                      .way = desk_form_get(form, "way"),
                      .result = desk_form_get(form, "result"),
                      .script = TEXT("waiting"),
                      .words = desk_form_get(form, "words"),
                      .at = request->now};
  return find_callback(transaction, access, waiter, error) &&
         call_add(transaction, request->application->requests, access, request->arena, &call,
                  waiter->callback_id, error);
}

static bool offer_slot(struct store_transaction *transaction, const struct access *access,
                       struct waiter *waiter, int64_t version, struct error *error)
{
  struct web_request *request = waiter->request;
  struct waitlist_offer offer = {.place_kind = TEXT("slot"),
                                 .place_id = desk_form_get(&waiter->forms[ACT_OFFER], "slot")};
  skips_offer(&waiter->skips, &offer);
  waiter->missing = TEXT("");
  return waitlist_offer(transaction, request->application->requests, access, request->arena,
                        waiter->row.id, &offer, version, &waiter->missing, error);
}

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  struct waiter *waiter = context;
  struct web_request *request = waiter->request;
  const struct requests *requests = request->application->requests;
  const struct desk_form *form = &waiter->forms[waiter->act];
  struct text id = waiter->row.id;
  int64_t version = desk_form_version(form);
  struct access access;
  bool is_done = false;
  if (!requests_access(transaction, request, "write", id, &access, error)) return false;
  switch (waiter->act) {
  case ACT_ENTER:
    is_done = waitlist_enter(transaction, requests, &access, request->arena, id, version, error);
    break;
  case ACT_INTERIM:
    is_done = give_services(transaction, &access, waiter, error);
    break;
  case ACT_CONTACT:
    is_done = write_contact(transaction, &access, waiter, error);
    break;
  case ACT_OFFER:
    is_done = offer_slot(transaction, &access, waiter, version, error);
    break;
  case ACT_RELEASE:
    is_done = waitlist_release(transaction, requests, &access, request->arena, id, version, error);
    break;
  case ACT_END:
    is_done =
        waitlist_end(transaction, requests, &access, request->arena, id,
                     desk_form_get(form, "outcome"), desk_form_get(form, "words"), version, error);
    break;
  case ACTS:
    break;
  }
  if (is_done) desk_redirect(request, waiter->view, "/desk/waitlist/%.*s", TEXT_PRINT(id));
  return is_done;
}

/* --- Showing ------------------------------------------------------------------------------- */

static void fill_given(const struct waiter *waiter, struct value *page)
{
  struct web_request *request = waiter->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct value *owed = value_list(request->arena), *given = value_list(request->arena);
  for (size_t i = 0; i < waiter->given_count; i++) {
    struct value *item = desk_time(request, waiter->given[i].at);
    view_set_text(request, item, "service",
                  requests_label(request, WAITLIST_INTERIM_SERVICES, waiter->given[i].service));
    value_add(given, item);
  }
  for (size_t i = 0; i < interim_service_count(rules); i++) {
    const struct interim_service *service = interim_service_get(rules, i);
    if (!is_owed(waiter, service) || is_given(waiter, service->code)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "service",
                  requests_label(request, WAITLIST_INTERIM_SERVICES, service->code));
    value_add(owed, item);
  }
  value_set(page, "owed", owed);
  value_set(page, "given", given);
  view_set_flag(request, page, "any_owed", value_count(owed) > 0);
  view_set_flag(request, page, "any_given", value_count(given) > 0);
}

static void fill_calls(const struct waiter *waiter, struct value *page)
{
  struct web_request *request = waiter->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < waiter->call_count; i++) {
    const struct call *call = &waiter->calls[i];
    struct value *item = value_object(request->arena);
    value_set(item, "at", desk_time(request, call->at));
    view_set_text(request, item, "kind", requests_label(request, CALL_KINDS, call->kind));
    view_set_text(request, item, "way", requests_label(request, CONTACT_WAYS, call->way));
    view_set_text(request, item, "result", requests_label(request, CONTACT_RESULTS, call->result));
    view_set_text(request, item, "words", call->words);
    view_set_text(request, item, "staff", requests_staff_name(&waiter->ground, call->staff_id));
    value_add(list, item);
  }
  value_set(page, "calls", list);
  view_set_flag(request, page, "any_calls", waiter->call_count > 0);
  view_set_text(request, page, "attempts",
                requests_attempts(request, waiter->calls, waiter->call_count));
}

static void fill_place(const struct waiter *waiter, struct value *page)
{
  struct web_request *request = waiter->request;
  view_set_flag(request, page, "is_listed", waiter->is_listed);
  view_set_flag(request, page, "is_waiting", state_is(waiter, "waiting"));
  view_set_flag(request, page, "is_accepted", state_is(waiter, "accepted"));
  view_set_flag(request, page, "is_slot", is_slot_offered(waiter));
  view_set_flag(request, page, "is_bed",
                waiter->is_listed && text_equal(waiter->entry.place_kind, TEXT("bed")));
  view_set_flag(request, page, "is_open", waiter->row.ended_at == 0);
  view_set_text(request, page, "slot_name", TEXT(""));
  view_set_flag(request, page, "has_place", waiter->is_listed && waiter->entry.place.number);
  if (waiter->is_listed) {
    struct value *entry = value_object(request->arena);
    waiting_fill(request, &waiter->entry, entry);
    value_set(page, "entry", entry);
    if (waiter->entry.place.number)
      value_set(page, "place",
                waitlist_place_words(request->application->catalog, request->arena,
                                     request->language, &waiter->entry.place));
  }
  for (size_t i = 0; i < waiter->slot_count; i++)
    if (waiter->is_listed && text_equal(waiter->slots[i].id, waiter->entry.place_id))
      view_set_text(request, page, "slot_name", waiter->slots[i].name);
}

static void fill_links(const struct waiter *waiter, struct value *page)
{
  struct web_request *request = waiter->request;
  struct text id = waiter->row.id;
  bool has_request = desk_has_route("/desk/requests/{id}"), has_beds = desk_has_route("/desk/beds");
  view_set_text(request, page, "request_href",
                has_request ? text_format(request->arena, "/desk/requests/%.*s", TEXT_PRINT(id))
                            : TEXT(""));
  view_set_text(request, page, "beds_href",
                has_beds && waiter->row.ended_at == 0 && desk_may(request, "bed-board", "write")
                    ? text_format(request->arena, "/desk/beds?request=%.*s", TEXT_PRINT(id))
                    : TEXT(""));
  bool may_person = waiter->row.person_id.length && desk_may(request, "person", "read");
  view_set_text(request, page, "person_href",
                may_person ? text_format(request->arena, "/desk/people/%.*s",
                                         TEXT_PRINT(waiter->row.person_id))
                           : TEXT(""));
}

static void fill_page(const struct waiter *waiter)
{
  struct web_request *request = waiter->request;
  struct value *page = waiter->view->page;
  view_set_text(request, page, "id", waiter->row.id);
  view_set_text(request, page, "name", requests_name(request, &waiter->row.identity));
  view_set_text(request, page, "state", requests_label(request, REQUEST_STATES, waiter->row.state));
  view_set_text(request, page, "outcome",
                requests_label(request, WAITLIST_OUTCOMES, waiter->row.outcome));
  view_set_text(request, page, "phone",
                people_phone(request->arena, waiter->row.identity.at[REQUEST_PHONE]));
  view_set_text(request, page, "site", requests_site_name(&waiter->ground, waiter->row.site_id));
  view_set_text(request, page, "level",
                people_label(request, CARE_LEVELS, waiter->row.level_of_care));
  view_set_text(request, page, "staff", requests_staff_name(&waiter->ground, waiter->row.assigned));
  view_set_flag(request, page, "may_write", waiter->may_write);
  fill_place(waiter, page);
  fill_given(waiter, page);
  fill_calls(waiter, page);
  value_set(page, "script", requests_script(request, TEXT("waiting")));
  fill_links(waiter, page);
  skips_fill(&waiter->skips, page);
  for (size_t i = 0; i < ACTS; i++) desk_form_fill(&waiter->forms[i], page, acts[i].form);
  if (request->method == WEB_POST) /* its part may be gone from the page; its problems are not */
    value_set(page, "failed", value_get(page, text_from(acts[waiter->act].form)));
}

static bool show(struct waiter *waiter, int status)
{
  fill_page(waiter);
  waiter->view->template_name = "desk/waitlist_entry";
  waiter->view->status = status;
  return true;
}

/* Somebody was faster: what stands now is above the form, which keeps what was typed. */
static bool show_again(struct waiter *waiter, struct error *error)
{
  struct desk_form *form = &waiter->forms[waiter->act];
  bool is_stale = error->kind == ERROR_CONFLICT && strcmp(error->person, "error.care.stale") == 0;
  bool is_skip = strcmp(error->person, "error.request.skip") == 0;
  struct text missing = waiter->missing;
  if (!is_stale && !desk_form_take(form, error, acts[waiter->act].mappings)) return false;
  error_clear(error);
  if (!desk_read(waiter->request, load_waiter, waiter, error)) return false;
  if (is_stale) desk_form_refuse(form, NULL, "form.problem.conflict");
  for (size_t i = 0; i < ACTS; i++) desk_form_set_version(&waiter->forms[i], waiter->row.version);
  if (waiter->act == ACT_OFFER) (void)skips_read(&waiter->skips);
  if (is_skip) skips_refuse(&waiter->skips, missing);
  return show(waiter, is_stale ? 409 : 400);
}

static bool find_act(struct text name, enum act *out)
{
  for (size_t i = 0; i < ACTS; i++) {
    if (!text_equal(name, text_from(acts[i].name))) continue;
    *out = (enum act)i;
    return true;
  }
  return false;
}

static bool view_waiter(struct web_request *request, struct web_view *view, struct error *error)
{
  struct waiter waiter = {.request = request, .view = view, .missing = TEXT("")};
  if (request->method == WEB_POST && !find_act(web_parameter_get(request, "act"), &waiter.act))
    return error_set(error, ERROR_REFUSED, "error.desk.form", "", "waitlist: no such act");
  if (!desk_read(request, load_waiter, &waiter, error)) return false;
  view->page = value_object(request->arena);
  waiter.may_write = desk_may(request, "request", "write");
  begin_forms(&waiter);
  if (request->method == WEB_GET) return show(&waiter, 200);
  if (!take_form(&waiter)) return show(&waiter, 400);
  if (desk_write(request, view, run, &waiter, error)) return true;
  return show_again(&waiter, error);
}

const struct web_route desk_waitlist_entry_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                        .pattern = "/desk/waitlist/{id}",
                                                        .handler = view_waiter,
                                                        .guard = "request",
                                                        .get_act = "read",
                                                        .post_act = "write",
                                                        .flags = WEB_LINES},
                                                       {.pattern = NULL}};
