/*
 * /desk/requests: who asks for a place, what is due first; /desk/requests/new: one that comes from
 * a call, from the desk or from another program. Names stand in no address. Threads: all state is
 * the request's.
 */
#include <stddef.h>

#include "web/desk/requests.h"

enum { SHOWN_AT_ONCE = 100 };
static const int64_t MINUTE = 60LL * 1000000;

/* --- The list -------------------------------------------------------------------------------- */

struct list {
  struct web_request *request;
  struct request_query query;
  struct request *items;
  size_t count;
  struct requests_ground ground;
  bool is_mine, is_late, more, is_further;
};

static bool load_list(struct store_transaction *transaction, void *context, struct error *error)
{
  struct list *list = context;
  struct web_request *request = list->request;
  struct access access;
  list->query.limit = SHOWN_AT_ONCE + 1;
  if (!requests_access_list(transaction, request, "request", "read", &access, error) ||
      !request_list(transaction, &access, request->arena, &list->query, &list->items, &list->count,
                    error))
    return false;
  list->more = list->count > SHOWN_AT_ONCE;
  if (list->more) list->count = SHOWN_AT_ONCE;
  return requests_ground_load(transaction, request, &list->ground, error);
}

static struct value *fill_one(const struct list *list, const struct request *one)
{
  const struct web_request *request = list->request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "request_id", one->id);
  view_set_text(request, item, "name", requests_name(request, &one->identity));
  view_set_text(request, item, "urgency", requests_label(request, REQUEST_URGENCIES, one->urgency));
  view_set_text(request, item, "state", requests_label(request, REQUEST_STATES, one->state));
  view_set_text(request, item, "site", requests_site_name(&list->ground, one->site_id));
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, one->level_of_care));
  view_set_text(request, item, "assigned", requests_staff_name(&list->ground, one->assigned));
  bool is_asked = one->answered_at == 0 && one->ended_at == 0;
  view_set_flag(request, item, "is_asked", is_asked);
  view_set_flag(request, item, "is_late", is_asked && one->answer_by < request->now);
  value_set(item, "by", desk_time(request, one->answer_by));
  value_set(item, "received", desk_time(request, one->received_at));
  return item;
}

/* Which states one may choose, that of the filter marked. */
static struct value *fill_states(const struct list *list)
{
  const struct web_request *request = list->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct value *out = value_list(request->arena);
  for (size_t i = 0; i < request_code_count(rules, REQUEST_STATES); i++) {
    struct text code = request_code(rules, REQUEST_STATES, i);
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "value", code);
    view_set_text(request, item, "label", requests_label(request, REQUEST_STATES, code));
    view_set_flag(request, item, "chosen", text_equal(code, list->query.state));
    value_add(out, item);
  }
  return out;
}

/* A filter of a stranger's making is no filter. */
static void read_filter(struct list *list)
{
  struct web_request *request = list->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct text state = web_parameter_get(request, "state");
  list->query.state = request_code_is(rules, REQUEST_STATES, state) ? state : TEXT("");
  list->is_mine = text_equal(web_parameter_get(request, "mine"), TEXT("1")) &&
                  request->actor->staff_id.length > 0;
  list->is_late = text_equal(web_parameter_get(request, "late"), TEXT("1"));
  list->query.assigned = list->is_mine ? request->actor->staff_id : TEXT("");
  list->query.late_at = list->is_late ? request->now : 0;
  list->is_further = request_cursor_read(web_parameter_get(request, "after"), &list->query.after);
}

/* The list without its place, and where it goes on. */
static void fill_ways(const struct list *list, struct value *page)
{
  const struct web_request *request = list->request;
  struct text start = text_format(request->arena, "/desk/requests?state=%.*s&mine=%d&late=%d",
                                  TEXT_PRINT(list->query.state), list->is_mine, list->is_late);
  struct text next = TEXT("");
  if (list->more) {
    struct request_cursor at = request_cursor_of(&list->items[list->count - 1]);
    next = text_format(request->arena, "%.*s&after=%.*s", TEXT_PRINT(start),
                       TEXT_PRINT(request_cursor_write(request->arena, &at)));
  }
  view_set_text(request, page, "start_href", list->is_further ? start : TEXT(""));
  view_set_text(request, page, "next_href", next);
}

static bool view_list(struct web_request *request, struct web_view *view, struct error *error)
{
  struct list list = {.request = request};
  struct value *page = view->page = value_object(request->arena),
               *rows = value_list(request->arena);
  read_filter(&list);
  if (!desk_read(request, load_list, &list, error)) return false;
  for (size_t i = 0; i < list.count; i++) value_add(rows, fill_one(&list, &list.items[i]));
  value_set(page, "requests", rows);
  value_set(page, "states", fill_states(&list));
  view_set_flag(request, page, "any", list.count > 0);
  fill_ways(&list, page);
  view_set_flag(request, page, "mine", list.is_mine);
  view_set_flag(request, page, "late", list.is_late);
  view_set_flag(request, page, "has_staff", request->actor->staff_id.length > 0);
  view_set_flag(request, page, "may_write", desk_may(request, "request", "write"));
  view->template_name = "desk/requests";
  return true;
}

/* --- A new one ------------------------------------------------------------------------------- */

static const struct desk_field fields[] = {
    {.name = "source", .label = "requests.source", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "minutes_ago",
     .label = "requests.minutes_ago",
     .help = "requests.minutes_ago_help",
     .kind = DESK_NUMBER,
     .flags = DESK_SHORT,
     .most = LIMIT_REQUEST_BACK},
    {.name = "urgency", .label = "requests.urgency", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "given", .label = "person.given", .kind = DESK_TEXT, .longest = LIMIT_CARE_NAME / 2},
    {.name = "family", .label = "person.family", .kind = DESK_TEXT, .longest = LIMIT_CARE_NAME / 2},
    {.name = "birth_date", .label = "person.birth_date", .kind = DESK_DATE, .flags = DESK_SHORT},
    {.name = "phone", .label = "person.phone", .kind = DESK_PHONE, .flags = DESK_SHORT},
    {.name = "email", .label = "person.email", .kind = DESK_EMAIL, .longest = LIMIT_CARE_NAME / 2},
    {.name = "language", .label = "person.language", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "consents",
     .label = "requests.consents",
     .help = "requests.consents_help",
     .kind = DESK_CHOICES},
    {.name = "pregnant",
     .label = "requests.pregnant",
     .help = "requests.first_help",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "injecting",
     .label = "requests.injecting",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "words",
     .label = "requests.words",
     .help = "requests.words_help",
     .kind = DESK_LINES,
     .longest = LIMIT_REQUEST_WORDS},
    {.name = "site_id", .label = "person.stay_site", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "level_of_care",
     .label = "person.stay_level",
     .help = "requests.level_help",
     .kind = DESK_CHOICE},
    {.name = "assigned",
     .label = "requests.assigned",
     .help = "requests.assigned_help",
     .kind = DESK_CHOICE},
    {.name = "asker",
     .label = "requests.asker",
     .help = "requests.asker_help",
     .kind = DESK_TEXT,
     .longest = LIMIT_CARE_NAME / 2},
    {.name = "asker_from",
     .label = "requests.asker_from",
     .kind = DESK_TEXT,
     .longest = LIMIT_CARE_NAME / 2},
    {.name = "asker_phone",
     .label = "requests.asker_phone",
     .kind = DESK_PHONE,
     .flags = DESK_SHORT},
};

static const struct people_member members[] = {
    {"source", offsetof(struct request, source)},
    {"urgency", offsetof(struct request, urgency)},
    {"given", offsetof(struct request, identity.at[REQUEST_GIVEN])},
    {"family", offsetof(struct request, identity.at[REQUEST_FAMILY])},
    {"birth_date", offsetof(struct request, identity.at[REQUEST_BIRTH_DATE])},
    {"phone", offsetof(struct request, identity.at[REQUEST_PHONE])},
    {"email", offsetof(struct request, identity.at[REQUEST_EMAIL])},
    {"asker", offsetof(struct request, identity.at[REQUEST_ASKER])},
    {"asker_from", offsetof(struct request, identity.at[REQUEST_ASKER_FROM])},
    {"asker_phone", offsetof(struct request, identity.at[REQUEST_ASKER_PHONE])},
    {"language", offsetof(struct request, language)},
    {"words", offsetof(struct request, words)},
    {"site_id", offsetof(struct request, site_id)},
    {"level_of_care", offsetof(struct request, level_of_care)},
    {"assigned", offsetof(struct request, assigned)},
};
enum { MEMBERS = sizeof members / sizeof *members };

static const struct desk_mapping mappings[] = {
    {"error.request.assigned", "assigned"}, {"error.request.future", "minutes_ago"}, {NULL, NULL}};

struct making {
  struct web_request *request;
  struct web_view *view;
  struct request one;
  struct requests_ground ground;
  struct text today;
};

static bool load_ground(struct store_transaction *transaction, void *context, struct error *error)
{
  struct making *making = context;
  return requests_ground_load(transaction, making->request, &making->ground, error) &&
         people_today(transaction, making->request, making->request->actor->site_id, &making->today,
                      error);
}

/* A call that somebody took is also the first line of the request's calls. */
static bool log_call(struct store_transaction *transaction, const struct making *making,
                     const struct access *access, const struct request *made, struct error *error)
{
  const struct web_request *request = making->request;
  struct call call = {.request_id = made->id,
                      .kind = TEXT("came-in"),
                      .way = TEXT("call"),
                      .result = TEXT("reached"),
                      .script = TEXT("first-call"),
                      .words = TEXT(""),
                      .at = made->received_at};
  if (!text_equal(made->source, TEXT("call"))) return true;
  return call_add(transaction, request->application->requests, access, request->arena, &call,
                  TEXT(""), error);
}

static bool create(struct store_transaction *transaction, void *context, struct error *error)
{
  struct making *making = context;
  struct web_request *request = making->request;
  struct request made = making->one; /* making it writes into it, and this may run again */
  struct text own = request->actor->site_id;
  struct role_subject subject = {.person_id = made.subject_id,
                                 .is_site = !own.length || text_equal(own, made.site_id)};
  struct access access;
  if (!access_open(transaction, request->application->privacy, request->actor, "request", "write",
                   &subject, made.subject_id, request->now, &access, error) ||
      !request_create(transaction, request->application->requests, &access, request->arena, &made,
                      error) ||
      !log_call(transaction, making, &access, &made, error))
    return false;
  desk_redirect(request, making->view, "/desk/requests/%.*s", TEXT_PRINT(made.id));
  return true;
}

/* How a request comes to somebody at the desk: all ways but the link that a person sends. */
static void choose_source(struct desk_form *form)
{
  const struct web_request *request = form->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  size_t all = request_code_count(rules, REQUEST_SOURCES), count = 0;
  struct desk_choice *choices = arena_allocate_array(request->arena, all + 1, sizeof *choices);
  for (size_t i = 0; i < all; i++) {
    struct text code = request_code(rules, REQUEST_SOURCES, i);
    if (text_equal(code, TEXT("link"))) continue;
    choices[count++] = (struct desk_choice){code, requests_label(request, REQUEST_SOURCES, code)};
  }
  desk_form_choices(form, "source", choices, count);
}

/* How to reach them; sending answers is for whoever carries some. */
static void choose_consents(struct desk_form *form)
{
  const struct web_request *request = form->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  size_t all = request_code_count(rules, REQUEST_CONSENTS), count = 0;
  struct desk_choice *choices = arena_allocate_array(request->arena, all + 1, sizeof *choices);
  for (size_t i = 0; i < all; i++) {
    struct text code = request_code(rules, REQUEST_CONSENTS, i);
    if (text_equal(code, TEXT("send"))) continue;
    choices[count++] = (struct desk_choice){code, requests_label(request, REQUEST_CONSENTS, code)};
  }
  desk_form_choices(form, "consents", choices, count);
}

static void begin_form(struct desk_form *form, const struct making *making)
{
  const struct requests_ground *ground = &making->ground;
  DESK_FORM_INIT(form, making->request, fields);
  choose_source(form);
  choose_consents(form);
  requests_choose_urgency(form, "urgency");
  people_choose(form, "language", CARE_SPOKEN);
  people_choose(form, "level_of_care", CARE_LEVELS);
  requests_choose_known(form, "pregnant", REQUEST_UNKNOWN);
  requests_choose_known(form, "injecting", REQUEST_UNKNOWN);
  requests_choose_site(form, "site_id", ground);
  requests_choose_staff(form, "assigned", ground);
  desk_form_set(form, "source", TEXT("call"));
  desk_form_set(form, "language", TEXT("en"));
  desk_form_set(form, "assigned", making->request->actor->staff_id);
  if (ground->site_count == 1) desk_form_set(form, "site_id", ground->sites[0].id);
  else desk_form_set(form, "site_id", making->request->actor->site_id);
}

/* Answers false when a field is refused. */
static bool take(struct desk_form *form, struct making *making)
{
  struct web_request *request = making->request;
  struct request *one = &making->one;
  struct field_problems problems = {.count = 0};
  const struct text *consents;
  if (!desk_form_read(form)) return false;
  people_take(form, members, MEMBERS, one);
  one->identity.at[REQUEST_PHONE] = people_digits(request->arena, one->identity.at[REQUEST_PHONE]);
  one->identity.at[REQUEST_ASKER_PHONE] =
      people_digits(request->arena, one->identity.at[REQUEST_ASKER_PHONE]);
  one->pregnant = desk_form_number(form, "pregnant", REQUEST_UNKNOWN);
  one->injecting = desk_form_number(form, "injecting", REQUEST_UNKNOWN);
  one->received_at = request->now - desk_form_number(form, "minutes_ago", 0) * MINUTE;
  one->consents = TEXT("");
  size_t count = desk_form_all(form, "consents", &consents);
  for (size_t i = 0; i < count; i++)
    one->consents = text_format(request->arena, "%.*s%s%.*s", TEXT_PRINT(one->consents),
                                i ? " " : "", TEXT_PRINT(consents[i]));
  request_check(request->application->requests, one, making->today, &problems);
  return people_refuse(form, &problems);
}

static bool show_new(struct desk_form *form, struct making *making)
{
  struct web_request *request = making->request;
  struct web_view *view = making->view;
  view->page = value_object(request->arena);
  value_set(view->page, "call_script", requests_script(request, TEXT("first-call")));
  view_set_flag(request, view->page, "has_site", making->ground.site_count > 0);
  return desk_form_show(form, view, "desk/request_new");
}

static bool view_new(struct web_request *request, struct web_view *view, struct error *error)
{
  struct making making = {.request = request, .view = view};
  struct desk_form form;
  if (!desk_read(request, load_ground, &making, error)) return false;
  begin_form(&form, &making);
  if (request->method == WEB_GET || !take(&form, &making)) return show_new(&form, &making);
  if (!request_begin(request->application->privacy, request->arena, request->actor->program_id,
                     request->now, &making.one.subject_id, error))
    return false;
  if (desk_write(request, view, create, &making, error)) return true;
  return desk_form_take(&form, error, mappings) && show_new(&form, &making);
}

const struct web_route desk_requests_routes[] = {{.methods = WEB_GET,
                                                  .pattern = "/desk/requests",
                                                  .handler = view_list,
                                                  .guard = "request",
                                                  .get_act = "read"},
                                                 {.methods = WEB_GET | WEB_POST,
                                                  .pattern = "/desk/requests/new",
                                                  .handler = view_new,
                                                  .guard = "request",
                                                  .get_act = "write",
                                                  .post_act = "write",
                                                  .flags = WEB_LINES},
                                                 {.pattern = NULL}};
