/*
 * /desk/people/{id}/delivered: days and services that were given: the list, adding, correcting.
 * Nothing is changed in silence: what was wrong is marked with its reason, and another may stand
 * for it. Clocks are those of the person's site.
 */
#include "web/desk/people.h"

static const struct desk_field day_fields[] = {
    {.name = "stay", .label = "delivered.stay", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "from", .label = "delivered.from", .kind = DESK_DATE, .flags = DESK_REQUIRED},
    {.name = "through",
     .label = "delivered.through",
     .help = "delivered.through_help",
     .kind = DESK_DATE},
    {.name = "level", .label = "person.stay_level", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};
static const struct desk_field service_fields[] = {
    {.name = "kind", .label = "delivered.kind", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "on", .label = "delivered.on", .kind = DESK_DATE, .flags = DESK_REQUIRED},
    {.name = "at",
     .label = "delivered.at",
     .help = "delivered.at_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = 5},
    {.name = "minutes",
     .label = "delivered.minutes",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .least = 1,
     .most = LIMIT_DELIVERED_MINUTES},
    {.name = "staff", .label = "delivered.staff", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};
static const struct desk_mapping day_mappings[] = {
    {"error.care.episode.outside", "from"}, {"error.care.episode", "stay"},
    {"error.care.order", "through"},        {"error.care.many", "through"},
    {"error.care.future", "through"},       {"error.care.code", "level"},
    {"error.care.required", NULL},          {NULL, NULL}};
static const struct desk_mapping service_mappings[] = {
    {"error.care.future", "on"}, {"error.care.staff", "staff"}, {"error.care.number", "minutes"},
    {"error.care.code", "kind"}, {"error.care.required", NULL}, {NULL, NULL}};

struct page {
  struct web_request *request;
  struct web_view *view;
  struct person person;
  const struct zone *zone;
  struct delivered_day *days;
  struct delivered_service *services;
  struct episode *episodes;
  struct staff *staff;
  size_t day_count, service_count, episode_count, staff_count;
};

/* Stays and staff, for those who may see them: what the forms choose from. */
static bool load_choices(struct store_transaction *transaction, struct page *page,
                         struct error *error)
{
  struct web_request *request = page->request;
  struct access stays, staff;
  if (desk_may(request, "episode", "read") &&
      (!people_access(transaction, request, "episode", "read", request->captured, &stays, error) ||
       !episode_list(transaction, &stays, request->arena, request->captured, &page->episodes,
                     &page->episode_count, error)))
    return false;
  return !desk_may(request, "staff", "read") ||
         (access_open_list(transaction, request->application->privacy, request->actor, "staff",
                           "read", request->now, &staff, error) &&
          staff_list(transaction, &staff, request->arena, true, &page->staff, &page->staff_count,
                     error));
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  struct text id = request->captured;
  struct access access;
  if (!people_access(transaction, request, "delivered", "read", id, &access, error) ||
      !people_fill(transaction, request, &access, id, "delivered", page->view, &page->person,
                   error))
    return false;
  if (page->view->redirect.length) return true;
  return site_zone(transaction, access.program_id, page->person.site_id, &page->zone, error) &&
         delivered_day_list(transaction, &access, request->arena, id, TEXT(""), TEXT(""), true,
                            &page->days, &page->day_count, error) &&
         delivered_service_list(transaction, &access, request->arena, id, 0, 0, true,
                                &page->services, &page->service_count, error) &&
         load_choices(transaction, page, error);
}

/* --- The list -------------------------------------------------------------------------------- */

static struct text staff_name(const struct page *page, struct text id)
{
  for (size_t i = 0; i < page->staff_count; i++)
    if (text_equal(page->staff[i].id, id)) return page->staff[i].name;
  return TEXT("");
}

static void set_row(const struct page *page, struct value *item, struct text id, int64_t version,
                    int64_t error_at, struct text reason)
{
  view_set_text(page->request, item, "row_id", id);
  value_set(item, "row_version", value_integer(page->request->arena, version));
  view_set_flag(page->request, item, "wrong", error_at != 0);
  view_set_text(page->request, item, "why",
                people_label(page->request, CARE_CORRECTION_REASONS, reason));
}

static void fill_days(const struct page *page)
{
  struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->day_count; i++) {
    const struct delivered_day *day = &page->days[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "date", view_date(request, day->date));
    view_set_text(request, item, "level", people_label(request, CARE_LEVELS, day->level_of_care));
    set_row(page, item, day->id, day->version, day->error_at, day->error_reason);
    value_add(list, item);
  }
  value_set(page->view->page, "days", list);
  view_set_flag(request, page->view->page, "any_days", page->day_count > 0);
}

static void fill_services(const struct page *page)
{
  struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->service_count; i++) {
    const struct delivered_service *service = &page->services[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "kind", people_label(request, CARE_SERVICE_KINDS, service->kind));
    value_set(item, "at", desk_time(request, service->begun_at));
    view_set_text(request, item, "minutes", view_count(request->arena, service->minutes));
    view_set_text(request, item, "staff", staff_name(page, service->staff_id));
    view_set_flag(request, item, "instead", service->corrects_id.length > 0);
    set_row(page, item, service->id, service->version, service->error_at, service->error_reason);
    value_add(list, item);
  }
  value_set(page->view->page, "services", list);
  view_set_flag(request, page->view->page, "any_services", page->service_count > 0);
}

static void fill_reasons(const struct page *page, struct text chosen)
{
  size_t count;
  struct desk_choice *reasons = people_choices(page->request, CARE_CORRECTION_REASONS, &count);
  struct value *options = value_list(page->request->arena);
  for (size_t i = 0; i < count; i++) {
    struct value *option = value_object(page->request->arena);
    view_set_text(page->request, option, "value", reasons[i].value);
    view_set_text(page->request, option, "label", reasons[i].label);
    view_set_flag(page->request, option, "chosen", text_equal(reasons[i].value, chosen));
    value_add(options, option);
  }
  value_set(page->view->page, "reasons", options);
}

/* --- The forms ------------------------------------------------------------------------------- */

static void choose_stay(struct desk_form *form, const struct page *page)
{
  struct web_request *request = page->request;
  struct desk_choice *stays =
      arena_allocate_array(request->arena, page->episode_count + 1, sizeof *stays);
  size_t count = 0;
  for (size_t i = 0; i < page->episode_count; i++) {
    const struct episode *episode = &page->episodes[i];
    if (!episode->begun_at) continue;
    struct text begun = zone_format_date(request->arena, page->zone, episode->begun_at);
    stays[count++] = (struct desk_choice){
        episode->id,
        text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(view_date(request, begun)),
                    TEXT_PRINT(people_label(request, CARE_LEVELS, episode->level_of_care)))};
  }
  desk_form_choices(form, "stay", stays, count);
  if (count == 1) desk_form_set(form, "stay", stays[0].value);
  if (page->episode_count) desk_form_set(form, "level", page->episodes[0].level_of_care);
}

static void choose_staff(struct desk_form *form, const struct page *page)
{
  struct desk_choice *staff =
      arena_allocate_array(page->request->arena, page->staff_count + 1, sizeof *staff);
  size_t count = 0;
  for (size_t i = 0; i < page->staff_count; i++)
    if (!page->staff[i].left_at)
      staff[count++] = (struct desk_choice){page->staff[i].id, page->staff[i].name};
  desk_form_choices(form, "staff", staff, count);
  if (page->request->actor->staff_id.length)
    desk_form_set(form, "staff", page->request->actor->staff_id);
}

/* The service that is being corrected, as the form begins; "" when there is none. */
static void begin_correction(struct desk_form *form, const struct page *page, struct text id)
{
  struct web_request *request = page->request;
  view_set_text(request, page->view->page, "corrects", TEXT(""));
  for (size_t i = 0; i < page->service_count; i++) {
    const struct delivered_service *service = &page->services[i];
    if (!id.length || !text_equal(service->id, id) || service->error_at) continue;
    struct text at = zone_format(request->arena, page->zone, service->begun_at);
    view_set_text(request, page->view->page, "corrects", id);
    desk_form_set_version(form, service->version);
    desk_form_set(form, "kind", service->kind);
    desk_form_set(form, "on", text_slice(at, 0, 10));
    desk_form_set(form, "at", text_slice(at, 11, 16));
    desk_form_set(form, "minutes",
                  text_format(request->arena, "%lld", (long long)service->minutes));
    desk_form_set(form, "staff", service->staff_id);
  }
}

/* --- Acts ------------------------------------------------------------------------------------ */

struct act {
  struct page *page;
  struct text act, id, reason; /* what is marked, and why */
  int64_t version, added;
  struct delivered_day day;
  struct text through;
  struct delivered_service service;
};

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  struct act *act = context;
  struct web_request *request = act->page->request;
  const struct care *care = request->application->records;
  struct arena *arena = request->arena;
  struct access access;
  bool is_done;
  if (!people_access(transaction, request, "delivered", "write", request->captured, &access, error))
    return false;
  if (text_equal(act->act, TEXT("day-wrong")))
    is_done = delivered_day_mark_error(transaction, care, &access, act->id, act->reason,
                                       act->version, error);
  else if (text_equal(act->act, TEXT("service-wrong")))
    is_done = delivered_service_correct(transaction, care, &access, arena, act->id, act->reason,
                                        NULL, act->version, error);
  else if (text_equal(act->act, TEXT("days")))
    is_done = delivered_day_add(transaction, care, &access, arena, &act->day, act->through,
                                &act->added, error);
  else if (act->id.length)
    is_done = delivered_service_correct(transaction, care, &access, arena, act->id, act->reason,
                                        &act->service, act->version, error);
  else is_done = delivered_service_add(transaction, care, &access, arena, &act->service, error);
  if (is_done)
    desk_redirect(request, act->page->view, "/desk/people/%.*s/delivered",
                  TEXT_PRINT(request->captured));
  return is_done;
}

static bool take_days(struct desk_form *form, struct act *act)
{
  if (!desk_form_read(form)) return false;
  struct text through = desk_form_get(form, "through"), from = desk_form_get(form, "from");
  act->day = (struct delivered_day){.person_id = form->request->captured,
                                    .episode_id = desk_form_get(form, "stay"),
                                    .date = from,
                                    .level_of_care = desk_form_get(form, "level"),
                                    .source_room = TEXT("care")};
  act->through = through.length ? through : from;
  return true;
}

static bool take_service(struct desk_form *form, struct act *act)
{
  if (!desk_form_read(form)) return false;
  act->service = (struct delivered_service){.person_id = form->request->captured,
                                            .kind = desk_form_get(form, "kind"),
                                            .minutes = desk_form_number(form, "minutes", 0),
                                            .staff_id = desk_form_get(form, "staff"),
                                            .site_id = act->page->person.site_id,
                                            .source_room = TEXT("care")};
  if (act->id.length) act->version = desk_form_version(form);
  if (people_moment(act->page->zone, desk_form_get(form, "on"), desk_form_get(form, "at"),
                    &act->service.begun_at))
    return true;
  desk_form_refuse(form, "at", "delivered.at_wrong");
  return false;
}

static void begin_forms(struct page *page, struct desk_form *days, struct desk_form *services,
                        struct text corrects)
{
  struct web_request *request = page->request;
  DESK_FORM_INIT(days, request, day_fields);
  DESK_FORM_INIT(services, request, service_fields);
  people_choose(days, "level", CARE_LEVELS);
  people_choose(services, "kind", CARE_SERVICE_KINDS);
  choose_stay(days, page);
  choose_staff(services, page);
  begin_correction(services, page, corrects);
}

static bool show(struct page *page, const struct desk_form *days, const struct desk_form *services,
                 struct text reason)
{
  struct value *values = page->view->page;
  fill_days(page);
  fill_services(page);
  fill_reasons(page, reason);
  view_set_flag(page->request, values, "may_write", desk_may(page->request, "delivered", "write"));
  view_set_flag(page->request, values, "has_staff", page->staff_count > 0);
  desk_form_fill(days, values, "day_form");
  desk_form_fill(services, values, "service_form");
  page->view->template_name = "desk/person_delivered";
  if (days->problem_count || days->problem || services->problem_count || services->problem)
    page->view->status = 400;
  return true;
}

static bool view_delivered(struct web_request *request, struct web_view *view, struct error *error)
{
  struct page page = {.request = request, .view = view};
  struct act act = {.page = &page,
                    .act = web_parameter_get(request, "act"),
                    .id = web_parameter_get(request, "row_id"),
                    .reason = web_parameter_get(request, "reason")};
  struct desk_form days, services;
  if (!desk_read(request, load, &page, error)) return false;
  if (view->redirect.length) return true;
  begin_forms(&page, &days, &services,
              request->method == WEB_GET ? web_parameter_get(request, "correct") : act.id);
  if (request->method == WEB_GET) return show(&page, &days, &services, TEXT(""));
  bool is_days = text_equal(act.act, TEXT("days")),
       is_service = text_equal(act.act, TEXT("service"));
  struct desk_form *form = is_days ? &days : &services;
  if (!text_read_integer(web_parameter_get(request, "row_version"), &act.version)) act.version = -1;
  if ((is_days && !take_days(form, &act)) || (is_service && !take_service(form, &act)))
    return show(&page, &days, &services, act.reason);
  if (desk_write(request, view, run, &act, error)) return true;
  return (is_days || is_service) &&
         desk_form_take(form, error, is_days ? day_mappings : service_mappings) &&
         show(&page, &days, &services, act.reason);
}

const struct web_route desk_delivered_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                   .pattern = "/desk/people/{id}/delivered",
                                                   .handler = view_delivered,
                                                   .guard = "delivered",
                                                   .get_act = "read",
                                                   .post_act = "write"},
                                                  {.pattern = NULL}};
