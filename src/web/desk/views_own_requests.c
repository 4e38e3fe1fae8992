/*
 * /me/requests: a person's own open requests: where each stands, their place and why, what they can
 * have meanwhile and by when, who looks after it. It tells of nobody else more than how many are
 * before. Threads: all state is the request's.
 */
#include "web/desk/about.h"
#include "web/desk/waiting.h"

enum { SHOWN_MOST = 20 };

struct own {
  struct web_request *request;
  struct request *all;
  struct waitlist_entry *entries; /* by request; request_id "" where it does not wait */
  struct request_contact *contacts;
  size_t count;
};

static bool load_one(struct store_transaction *transaction, const struct access *access,
                     struct own *own, size_t at, struct error *error)
{
  struct web_request *request = own->request;
  const struct request *one = &own->all[at];
  bool is_listed =
      text_equal(one->state, TEXT("waiting")) || text_equal(one->state, TEXT("offered"));
  own->entries[at] = (struct waitlist_entry){.request_id = TEXT("")};
  return request_contact_load(transaction, access, request->arena, one->id, &own->contacts[at],
                              error) &&
         (!is_listed || waitlist_load(transaction, request->application->requests, access,
                                      request->arena, one->id, &own->entries[at], error));
}

/* Those of one record: of a person whose records were joined there are several. */
static bool load_of(struct store_transaction *transaction, const struct access *access,
                    struct own *own, struct error *error)
{
  struct web_request *request = own->request;
  struct request_query query = {.limit = SHOWN_MOST - own->count};
  struct request *found;
  size_t count = 0;
  if (own->count == SHOWN_MOST) return true;
  if (!request_list(transaction, access, request->arena, &query, &found, &count, error))
    return false;
  for (size_t i = 0; i < count; i++) {
    own->all[own->count] = found[i];
    if (!load_one(transaction, access, own, own->count, error)) return false;
    own->count++;
  }
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct own *own = context;
  struct web_request *request = own->request;
  struct desk_about about;
  struct access *accesses;
  size_t members = 0;
  if (!desk_about_open(transaction, request, "request", "read", &about, error) ||
      !desk_about_members(transaction, &about, &accesses, &members, error))
    return false;
  own->count = 0;
  own->all = arena_allocate_array(request->arena, SHOWN_MOST, sizeof *own->all);
  own->entries = arena_allocate_array(request->arena, SHOWN_MOST, sizeof *own->entries);
  own->contacts = arena_allocate_array(request->arena, SHOWN_MOST, sizeof *own->contacts);
  for (size_t i = 0; i < members; i++)
    if (!load_of(transaction, &accesses[i], own, error)) return false;
  return true;
}

/* What the state means for whoever asked: the words of the private link's page. */
static struct text state_text(const struct web_request *request, const struct request *one)
{
  bool is_late = one->answered_at == 0 && request->now > one->answer_by;
  struct text when = value_text_get(value_get(desk_time(request, one->answer_by), TEXT("shown")));
  struct text key = text_format(request->arena, "request.page.%.*s", TEXT_PRINT(one->state));
  return is_late ? view_text(request, "request.page.late")
                 : VIEW_FORMAT(request, text_c(request->arena, key), {"when", when});
}

/* The services that the law gives this person while they wait. */
static struct value *fill_services(const struct web_request *request, const struct request *one)
{
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < interim_service_count(rules); i++) {
    const struct interim_service *service = interim_service_get(rules, i);
    if (interim_service_is_owed(service, one->pregnant == 1, one->injecting == 1))
      value_add(list, value_text(request->arena, requests_label(request, WAITLIST_INTERIM_SERVICES,
                                                                service->code)));
  }
  return list;
}

static struct value *fill_one(const struct own *own, size_t at)
{
  struct web_request *request = own->request;
  const struct request *one = &own->all[at];
  const struct waitlist_entry *entry = &own->entries[at];
  struct value *item = value_object(request->arena);
  bool is_listed = entry->request_id.length > 0;
  view_set_text(request, item, "state", state_text(request, one));
  value_set(item, "asked", desk_time(request, one->received_at));
  struct text phone = own->contacts[at].phone;
  view_set_text(request, item, "staff", own->contacts[at].staff);
  view_set_text(request, item, "phone", people_phone(request->arena, phone));
  view_set_text(request, item, "phone_href",
                phone.length ? view_phone_link(request->arena, phone) : TEXT(""));
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, one->level_of_care));
  view_set_flag(request, item, "has_place", is_listed && entry->place.number > 0);
  view_set_flag(request, item, "is_listed", is_listed);
  view_set_flag(request, item, "interim_owed", false);
  view_set_flag(request, item, "admit_owed", false);
  if (!is_listed) return item;
  if (entry->place.number)
    value_set(item, "place",
              waitlist_place_words(request->application->catalog, request->arena, request->language,
                                   &entry->place));
  waiting_fill(request, entry, item);
  value_set(item, "services", fill_services(request, one));
  return item;
}

static bool view_own_requests(struct web_request *request, struct web_view *view,
                              struct error *error)
{
  struct own own = {.request = request};
  if (!desk_read(request, load, &own, error)) return false;
  struct value *page = view->page = value_object(request->arena),
               *list = value_list(request->arena);
  for (size_t i = 0; i < own.count; i++) value_add(list, fill_one(&own, i));
  value_set(page, "requests", list);
  view_set_flag(request, page, "any", own.count > 0);
  view->template_name = "desk/own_requests";
  return true;
}

const struct web_route desk_own_requests_routes[] = {{.methods = WEB_GET,
                                                      .pattern = "/me/requests",
                                                      .handler = view_own_requests,
                                                      .guard = "request",
                                                      .get_act = "read"},
                                                     {.pattern = NULL}};
