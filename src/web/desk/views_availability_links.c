/*
 * /desk/settings/availability: links by which a program says with one tap whether it has an
 * opening: made for a site or a facility, told once, taken back, renewed; for whom each is, until
 * when, when it last answered, and what people see. In a program an administrator reaches the links
 * of its own sites, at the installation all. Threads: all state is the request's.
 */
#include <string.h>

#include "admission/admission.h"
#include "web/desk/people.h"
#include "web/views.h"

enum { DAYS = 365 };
static const char page_path[] = "/desk/settings/availability";

static const struct desk_field site_fields[] = {
    {.name = "facility",
     .label = "links.site",
     .help = "links.site_help",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "level_of_care",
     .label = "person.stay_level",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "for_whom",
     .label = "links.for",
     .help = "links.for_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_CARE_NAME},
    {.name = "days",
     .label = "links.days",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .least = 1,
     .most = LIMIT_AVAILABILITY_LINK_DAYS},
};
/* At the installation: any page of the finder, by its address. */
static const struct desk_field facility_fields[] = {
    {.name = "facility",
     .label = "settings.listing",
     .help = "settings.listing_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_CARE_LINE},
    {.name = "level_of_care",
     .label = "person.stay_level",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "for_whom",
     .label = "links.for",
     .help = "links.for_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_CARE_NAME},
    {.name = "days",
     .label = "links.days",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .least = 1,
     .most = LIMIT_AVAILABILITY_LINK_DAYS},
};

struct links {
  struct web_request *request;
  struct web_view *view;
  struct availability_link_row *all;
  size_t count;
  struct site *sites; /* of the program; none at the installation */
  size_t site_count;
  const struct snapshot *snapshot; /* or NULL; held while the page is filled */
  bool is_all, is_installation;
  struct text before;
  /* Of an act. */
  struct availability_link_row link;
  struct text id, token;
  int64_t days;
};

static bool open_access(struct store_transaction *transaction, const struct links *links,
                        struct access *access, struct error *error)
{
  struct web_request *request = links->request;
  return access_open_list(transaction, request->application->privacy, request->actor, "program",
                          "write", request->now, access, error);
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct links *links = context;
  struct web_request *request = links->request;
  struct access access, site_access;
  if (!open_access(transaction, links, &access, error) ||
      !availability_link_list(transaction, &access, request->arena, links->is_all, links->before,
                              LIMIT_AVAILABILITY_LINK_ROWS + 1, &links->all, &links->count, error))
    return false;
  return links->is_installation ||
         (access_open_list(transaction, request->application->privacy, request->actor, "site",
                           "read", request->now, &site_access, error) &&
          site_list(transaction, &site_access, request->arena, &links->sites, &links->site_count,
                    error));
}

/* --- Acts ------------------------------------------------------------------------------------ */

static bool make(struct store_transaction *transaction, void *context, struct error *error)
{
  struct links *links = context;
  const struct web_application *application = links->request->application;
  struct availability_link_row link = links->link; /* this may run again */
  struct access access;
  return open_access(transaction, links, &access, error) &&
         (links->id.length ? availability_link_renew(transaction, application->beds, &access,
                                                     links->request->arena, application->key,
                                                     links->id, links->days, &links->token, error)
                           : availability_link_make(transaction, application->beds, &access,
                                                    links->request->arena, application->key, &link,
                                                    links->days, &links->token, error));
}

/* The token is told once, on the page behind this act. */
static bool tell(struct web_request *request, struct web_view *view, void *context,
                 struct error *error)
{
  struct links *links = context;
  if (!store_write(request->application->store, make, links, error)) return false;
  view->once = links->token;
  desk_redirect(request, view, "%s", page_path);
  return true;
}

static bool take_back(struct store_transaction *transaction, void *context, struct error *error)
{
  struct links *links = context;
  struct access access;
  if (!open_access(transaction, links, &access, error) ||
      !availability_link_take_back(transaction, &access, links->request->arena, links->id, error))
    return false;
  desk_redirect(links->request, links->view, "%s?ended=1", page_path);
  return true;
}

/* --- The form -------------------------------------------------------------------------------- */

/* "Harbor Recovery Center, Richmond, VA", as the finder lists it; "" when it no longer does. */
static struct text place_name(const struct links *links, struct text facility_id)
{
  struct snapshot_row row;
  uint32_t at;
  struct arena *arena = links->request->arena;
  if (!links->snapshot || !snapshot_row_find(links->snapshot, facility_id, &at)) return TEXT("");
  snapshot_row_get(links->snapshot, at, &row);
  return text_format(arena, "%.*s, %.*s, %.*s", TEXT_PRINT(row.name1), TEXT_PRINT(row.city),
                     TEXT_PRINT(row.state));
}

static const struct site *site_of(const struct links *links, struct text facility_id)
{
  for (size_t i = 0; i < links->site_count; i++)
    if (links->sites[i].closed_at == 0 && links->sites[i].facility_id.length &&
        text_equal_ignore_case(links->sites[i].facility_id, facility_id))
      return &links->sites[i];
  return NULL;
}

/* Sites that are joined with a page of the finder, each page once. */
static size_t choose_sites(struct desk_form *form, const struct links *links)
{
  struct arena *arena = form->request->arena;
  struct desk_choice *choices = arena_allocate_array(arena, links->site_count + 1, sizeof *choices);
  size_t count = 0;
  for (size_t i = 0; i < links->site_count; i++) {
    const struct site *site = &links->sites[i];
    if (site_of(links, site->facility_id) == site)
      choices[count++] =
          (struct desk_choice){text_lower_ascii(arena, site->facility_id), site->name};
  }
  desk_form_choices(form, "facility", choices, count);
  return count;
}

static size_t begin(struct desk_form *form, const struct links *links)
{
  size_t sites = 0;
  if (links->is_installation) DESK_FORM_INIT(form, links->request, facility_fields);
  else DESK_FORM_INIT(form, links->request, site_fields);
  if (!links->is_installation) sites = choose_sites(form, links);
  people_choose(form, "level_of_care", CARE_LEVELS);
  desk_form_set(form, "days", text_format(form->request->arena, "%d", DAYS));
  return sites;
}

/* The id at the end of an address as it was pasted, or an id. */
static struct text facility_of(struct arena *arena, struct text typed)
{
  size_t end = 0, from;
  while (end < typed.length && typed.at[end] != '?' && typed.at[end] != '#') end++;
  for (from = end; from > 0 && typed.at[from - 1] != '/';) from--;
  return text_lower_ascii(arena, text_slice(typed, from, end));
}

static bool take(struct desk_form *form, struct links *links)
{
  if (!desk_form_read(form)) return false;
  links->link = (struct availability_link_row){
      .facility_id = facility_of(form->request->arena, desk_form_get(form, "facility")),
      .level_of_care = desk_form_get(form, "level_of_care"),
      .for_whom = desk_form_get(form, "for_whom")};
  links->days = desk_form_number(form, "days", DAYS);
  return true;
}

/* --- Showing --------------------------------------------------------------------------------- */

/* What people who search see of the link's level now; NULL: nothing. */
static struct value *standing(const struct links *links, const struct availability_link_row *link)
{
  const struct overlay_place *places;
  size_t count = overlay_find(links->request->overlay, link->facility_id, &places);
  for (size_t i = 0; i < count; i++)
    if (text_equal(places[i].level_of_care, link->level_of_care))
      return view_availability_line(links->request, &places[i], links->request->now);
  return NULL;
}

static struct value *fill_link(const struct links *links, const struct availability_link_row *link)
{
  const struct web_request *request = links->request;
  struct value *item = value_object(request->arena);
  const struct site *site = site_of(links, link->facility_id);
  struct text name = place_name(links, link->facility_id);
  bool is_ended = link->ended_at != 0, is_old = !is_ended && link->until_at <= request->now;
  view_set_text(request, item, "link_id", link->id);
  view_set_text(request, item, "facility_id", name.length ? link->facility_id : TEXT(""));
  view_set_text(request, item, "place",
                site          ? site->name
                : name.length ? name
                              : view_text(request, "links.gone"));
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, link->level_of_care));
  view_set_text(request, item, "for_whom",
                link->for_whom.length ? link->for_whom : view_text(request, "links.not_said"));
  value_set(item, "made", desk_time(request, link->made_at));
  value_set(item, "until", desk_time(request, link->until_at));
  value_set(item, "tapped",
            link->tapped_at ? desk_time(request, link->tapped_at) : value_null(request->arena));
  value_set(item, "ended",
            is_ended ? desk_time(request, link->ended_at) : value_null(request->arena));
  view_set_flag(request, item, "is_ended", is_ended);
  view_set_flag(request, item, "is_old", is_old);
  struct value *seen = standing(links, link);
  value_set(item, "standing", seen ? seen : value_null(request->arena));
  return item;
}

static void fill_list(const struct links *links, struct value *page)
{
  const struct web_request *request = links->request;
  struct value *list = value_list(request->arena);
  bool has_more = links->count > LIMIT_AVAILABILITY_LINK_ROWS;
  size_t count = has_more ? LIMIT_AVAILABILITY_LINK_ROWS : links->count;
  for (size_t i = 0; i < count; i++) value_add(list, fill_link(links, &links->all[i]));
  value_set(page, "links", list);
  view_set_flag(request, page, "any", count > 0);
  view_set_flag(request, page, "all", links->is_all);
  view_set_text(request, page, "more", has_more ? links->all[count - 1].id : TEXT(""));
}

static bool show(struct links *links, const struct desk_form *form, size_t sites,
                 struct error *error)
{
  struct web_request *request = links->request;
  struct text token;
  if (!desk_once(request, &token, error)) return false;
  struct value *page = links->view->page = value_object(request->arena);
  fill_list(links, page);
  view_set_flag(request, page, "ended", web_parameter_has(request, "ended"));
  view_set_flag(request, page, "is_installation", links->is_installation);
  view_set_flag(request, page, "may_make", links->is_installation || sites > 0);
  view_set_text(request, page, "link_address",
                token.length ? text_format(request->arena, "%s://%.*s/availability/%.*s",
                                           request->is_secure ? "https" : "http",
                                           TEXT_PRINT(request->host), TEXT_PRINT(token))
                             : TEXT(""));
  return desk_form_show(form, links->view, "desk/availability_links");
}

/* One link is renewed or taken back; a button, and no field. */
static bool act(struct links *links, struct text which, struct error *error)
{
  struct web_request *request = links->request;
  links->id = web_parameter_get(request, "link");
  links->days = DAYS;
  if (links->id.length == 0)
    return error_set(error, ERROR_REFUSED, "error.400.text", "", "availability: which link?");
  return text_equal(which, TEXT("renew"))
             ? desk_act(request, links->view, tell, links, error)
             : desk_write(request, links->view, take_back, links, error);
}

static bool answer(struct links *links, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.availability.place", "facility"},
                                                 {"error.availability.for", "for_whom"},
                                                 {"error.availability.days", "days"},
                                                 {"error.care.code", "level_of_care"},
                                                 {NULL, NULL}};
  struct web_request *request = links->request;
  struct desk_form form;
  struct text which = web_parameter_get(request, "act");
  if (request->method == WEB_POST &&
      (text_equal(which, TEXT("renew")) || text_equal(which, TEXT("end"))))
    return act(links, which, error);
  if (!desk_read(request, load, links, error)) return false;
  size_t sites = begin(&form, links);
  if (request->method != WEB_POST || !take(&form, links)) return show(links, &form, sites, error);
  if (desk_act(request, links->view, tell, links, error)) return true;
  return desk_form_take(&form, error, mappings) && show(links, &form, sites, error);
}

static bool view_links(struct web_request *request, struct web_view *view, struct error *error)
{
  struct directory *directory = request->application->directory;
  struct links links = {.request = request,
                        .view = view,
                        .is_all = web_parameter_has(request, "all"),
                        .before = web_parameter_get(request, "before"),
                        .is_installation = request->actor->program_id.length == 0};
  if (directory) links.snapshot = directory_acquire(directory);
  bool is_done = answer(&links, error);
  if (links.snapshot) directory_release(directory, links.snapshot);
  return is_done;
}

const struct web_route desk_availability_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                      .pattern = "/desk/settings/availability",
                                                      .handler = view_links,
                                                      .guard = "program",
                                                      .get_act = "write",
                                                      .post_act = "write",
                                                      .flags = WEB_NO_PROGRAM},
                                                     {.pattern = NULL}};
