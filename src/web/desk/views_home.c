/*
 * /desk: what is late, what is due in the next hours, who asks for a place, who arrived today. Each
 * part shows to whom its records are open, narrowed to their reach. Threads: all state is the
 * request's.
 */
#include "web/desk/desk_private.h"
#include "web/desk/people.h"
#include "web/desk/requests.h"

enum { AHEAD_HOURS = 24, SHOWN_MOST = 50, REQUESTS_MOST = 10 };
static const int64_t HOUR = 3600LL * 1000000;

struct home {
  struct web_request *request;
  struct due_item *items;
  size_t count;
  int64_t late;
  struct episode *arrivals;
  struct person_names names;
  struct desk_clock_names clock_names;
  struct site *sites;
  size_t arrival_count, site_count;
  struct request_count *counts; /* of open requests, by urgency */
  struct request *requests;     /* those that are late */
  struct requests_ground ground;
  size_t count_count, request_count;
  bool may_due, may_arrived, more_arrived, may_requests;
};

static bool open_list(struct store_transaction *transaction, const struct home *home,
                      const char *object, const char *act, struct access *out, struct error *error)
{
  struct web_request *request = home->request;
  return access_open_list(transaction, request->application->privacy, request->actor, object, act,
                          request->now, out, error);
}

/* --- Who arrived ----------------------------------------------------------------------------- */

/* The beginning of the day that it is where the actor works. */
static bool find_midnight(struct store_transaction *transaction, const struct web_request *request,
                          int64_t *out, struct error *error)
{
  const struct actor *actor = request->actor;
  const struct zone *zone;
  if (!site_zone(transaction, actor->program_id, actor->site_id, &zone, error)) return false;
  *out = 0;
  return zone_day_begin(zone, zone_format_date(request->arena, zone, request->now), out) ||
         error_set(error, ERROR_SYSTEM, "error.care.zone", "", "desk: no day in this zone");
}

static bool load_arrivals(struct store_transaction *transaction, struct home *home,
                          struct error *error)
{
  struct web_request *request = home->request;
  struct access stays, people, places;
  int64_t midnight;
  if (!find_midnight(transaction, request, &midnight, error) ||
      !open_list(transaction, home, "episode", "read", &stays, error) ||
      !episode_arrivals(transaction, &stays, request->arena, midnight, request->now, SHOWN_MOST,
                        &home->arrivals, &home->arrival_count, &home->more_arrived, error))
    return false;
  struct text *ids = arena_allocate_array(request->arena, home->arrival_count + 1, sizeof *ids);
  for (size_t i = 0; i < home->arrival_count; i++) ids[i] = home->arrivals[i].person_id;
  return open_list(transaction, home, "person", "search", &people, error) &&
         person_names_load(transaction, &people, request->arena, ids, home->arrival_count,
                           &home->names, error) &&
         open_list(transaction, home, "site", "read", &places, error) &&
         site_list(transaction, &places, request->arena, &home->sites, &home->site_count, error);
}

static void fill_arrivals(const struct home *home, struct value *page)
{
  const struct web_request *request = home->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < home->arrival_count; i++) {
    const struct episode *stay = &home->arrivals[i];
    struct value *item = value_object(request->arena);
    struct text site = TEXT("");
    people_set_name(request, item, &home->names, stay->person_id);
    for (size_t at = 0; at < home->site_count; at++)
      if (text_equal(home->sites[at].id, stay->site_id)) site = home->sites[at].name;
    view_set_text(request, item, "site", site);
    view_set_text(request, item, "level", people_label(request, CARE_LEVELS, stay->level_of_care));
    value_set(item, "at", desk_time(request, stay->begun_at));
    value_add(list, item);
  }
  value_set(page, "arrived", list);
  view_set_flag(request, page, "may_arrived", home->may_arrived);
  view_set_flag(request, page, "arrived_any", home->arrival_count > 0);
  view_set_flag(request, page, "arrived_more", home->more_arrived);
}

/* --- Who asks for a place -------------------------------------------------------------------- */

static bool load_requests(struct store_transaction *transaction, struct home *home,
                          struct error *error)
{
  struct web_request *request = home->request;
  struct request_query late = {
      .state = TEXT(""), .assigned = TEXT(""), .late_at = request->now, .limit = REQUESTS_MOST};
  struct access access;
  return open_list(transaction, home, "request", "read", &access, error) &&
         request_count(transaction, request->application->requests, &access, request->arena,
                       &home->counts, &home->count_count, error) &&
         request_list(transaction, &access, request->arena, &late, &home->requests,
                      &home->request_count, error) &&
         requests_ground_load(transaction, request, &home->ground, error);
}

static struct value *fill_counts(const struct home *home)
{
  const struct web_request *request = home->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < home->count_count; i++) {
    const struct request_count *count = &home->counts[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "urgency",
                  requests_label(request, REQUEST_URGENCIES, count->urgency));
    view_set_text(request, item, "open", view_count(request->arena, count->open));
    view_set_text(request, item, "unanswered", view_count(request->arena, count->unanswered));
    view_set_text(request, item, "late", view_count(request->arena, count->late));
    view_set_flag(request, item, "any_late", count->late > 0);
    value_add(list, item);
  }
  return list;
}

static void fill_requests(const struct home *home, struct value *page)
{
  const struct web_request *request = home->request;
  struct value *list = value_list(request->arena);
  int64_t late = 0;
  for (size_t i = 0; i < home->request_count; i++) {
    const struct request *one = &home->requests[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "request_id", one->id);
    view_set_text(request, item, "name", requests_name(request, &one->identity));
    view_set_text(request, item, "assigned", requests_staff_name(&home->ground, one->assigned));
    value_set(item, "by", desk_time(request, one->answer_by));
    value_add(list, item);
  }
  for (size_t i = 0; i < home->count_count; i++) late += home->counts[i].late;
  view_set_flag(request, page, "may_requests", home->may_requests);
  value_set(page, "request_counts", home->may_requests ? fill_counts(home) : list);
  value_set(page, "late_requests", list);
  view_set_flag(request, page, "requests_late", late > 0);
  view_set_flag(request, page, "requests_more", late > (int64_t)home->request_count);
}

/* --- What is due ----------------------------------------------------------------------------- */

static bool load_due(struct store_transaction *transaction, struct home *home, struct error *error)
{
  struct web_request *request = home->request;
  struct access access;
  return open_list(transaction, home, "due", "read", &access, error) &&
         care_clock_list(transaction, &access, request->arena, request->now + AHEAD_HOURS * HOUR,
                         SHOWN_MOST, &home->items, &home->count, error) &&
         care_clock_count_late(transaction, &access, request->now, &home->late, error) &&
         desk_clocks_name(transaction, request, home->items, home->count, &home->clock_names,
                          error);
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct home *home = context;
  return (!home->may_due || load_due(transaction, home, error)) &&
         (!home->may_requests || load_requests(transaction, home, error)) &&
         (!home->may_arrived || load_arrivals(transaction, home, error));
}

static void fill(const struct home *home, struct value *page)
{
  const struct web_request *request = home->request;
  struct value *due = value_list(request->arena);
  for (size_t i = 0; i < home->count; i++)
    value_add(due, desk_clock(request, &home->items[i], &home->clock_names));
  value_set(page, "due", due);
  view_set_flag(request, page, "may_due", home->may_due);
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
  home.may_due = desk_may(request, "due", "read");
  home.may_arrived = request->actor->program_id.length && desk_may(request, "episode", "read") &&
                     desk_may(request, "person", "search") && desk_may(request, "site", "read");
  home.may_requests = request->actor->program_id.length && desk_may(request, "request", "read");
  if (!home.may_due && !home.may_arrived && !home.may_requests) return true;
  if (!desk_read(request, load, &home, error)) return false;
  fill(&home, view->page);
  fill_requests(&home, view->page);
  fill_arrivals(&home, view->page);
  return true;
}

const struct web_route desk_home_routes[] = {{.methods = WEB_GET,
                                              .pattern = "/desk",
                                              .handler = view_home_page,
                                              .guard = "session",
                                              .get_act = "read",
                                              .flags = WEB_NO_PROGRAM},
                                             {.pattern = NULL}};
