/*
 * Request page: the page of one request, filled. See request_page.h.
 */
#include "web/desk/request_page.h"

/* --- Loading --------------------------------------------------------------------------------- */

/* Whose record it is joined with, for those who may find people. */
static bool load_person(struct store_transaction *transaction, struct request_page *page,
                        struct error *error)
{
  struct web_request *request = page->request;
  struct access access;
  page->names = (struct person_names){.count = 0};
  if (!page->one.person_id.length || !desk_may(request, "person", "search")) return true;
  return requests_access_list(transaction, request, "person", "search", &access, error) &&
         person_names_load(transaction, &access, request->arena, &page->one.person_id, 1,
                           &page->names, error);
}

bool request_page_load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct request_page *page = context;
  struct web_request *request = page->request;
  struct access access;
  return requests_access(transaction, request, "read", request->captured, &access, error) &&
         request_load(transaction, &access, request->arena, request->captured, &page->one, error) &&
         request_history(transaction, &access, request->arena, request->captured, &page->events,
                         &page->event_count, error) &&
         request_calls_load(transaction, page, &access, error) &&
         request_link_count(transaction, &access, request->arena, request->captured, &page->links,
                            &page->links_until, error) &&
         load_person(transaction, page, error) &&
         requests_ground_load(transaction, request, &page->ground, error);
}

/* --- Forms ----------------------------------------------------------------------------------- */

static const struct desk_field decline_fields[] = {
    {.name = "reason", .label = "requests.reason", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "decline_words",
     .label = "requests.decline_words",
     .kind = DESK_LINES,
     .longest = LIMIT_REQUEST_WORDS},
};
static const struct desk_field assign_fields[] = {
    {.name = "assigned", .label = "requests.assigned", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};
static const struct desk_field facts_fields[] = {
    {.name = "urgency", .label = "requests.urgency", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "level_of_care", .label = "person.stay_level", .kind = DESK_CHOICE},
    {.name = "pregnant", .label = "requests.pregnant", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "injecting",
     .label = "requests.injecting",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
};
static const struct desk_field end_fields[] = {
    {.name = "outcome", .label = "requests.outcome", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "end_words",
     .label = "requests.end_words",
     .kind = DESK_LINES,
     .longest = LIMIT_REQUEST_WORDS},
};

/* What a request may end with by hand: all outcomes but an admission, which is an act of its own.
 */
static void choose_outcome(struct desk_form *form)
{
  const struct web_request *request = form->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  size_t all = request_code_count(rules, WAITLIST_OUTCOMES), count = 0;
  struct desk_choice *choices = arena_allocate_array(request->arena, all + 1, sizeof *choices);
  for (size_t i = 0; i < all; i++) {
    struct text code = request_code(rules, WAITLIST_OUTCOMES, i);
    if (!request_code_says(rules, WAITLIST_OUTCOMES, code, "state", "ended")) continue;
    choices[count++] = (struct desk_choice){code, requests_label(request, WAITLIST_OUTCOMES, code)};
  }
  desk_form_choices(form, "outcome", choices, count);
}

void request_page_begin(struct request_page *page)
{
  struct web_request *request = page->request;
  const struct request *one = &page->one;
  struct desk_form *forms = page->forms;
  DESK_FORM_INIT(&forms[FORM_DECLINE], request, decline_fields);
  DESK_FORM_INIT(&forms[FORM_ASSIGN], request, assign_fields);
  DESK_FORM_INIT(&forms[FORM_FACTS], request, facts_fields);
  DESK_FORM_INIT(&forms[FORM_END], request, end_fields);
  requests_choose(&forms[FORM_DECLINE], "reason", REQUEST_DECLINE_REASONS);
  requests_choose_staff(&forms[FORM_ASSIGN], "assigned", &page->ground);
  desk_form_set(&forms[FORM_ASSIGN], "assigned", one->assigned);
  requests_choose_urgency(&forms[FORM_FACTS], "urgency");
  desk_form_set(&forms[FORM_FACTS], "urgency", one->urgency);
  people_choose(&forms[FORM_FACTS], "level_of_care", CARE_LEVELS);
  desk_form_set(&forms[FORM_FACTS], "level_of_care", one->level_of_care);
  requests_choose_known(&forms[FORM_FACTS], "pregnant", one->pregnant);
  requests_choose_known(&forms[FORM_FACTS], "injecting", one->injecting);
  choose_outcome(&forms[FORM_END]);
  request_calls_begin(page);
  for (size_t i = 0; i < REQUEST_FORMS; i++) desk_form_set_version(&forms[i], one->version);
}

/* --- Showing --------------------------------------------------------------------------------- */

static void add_row(const struct web_request *request, struct value *list, const char *label,
                    struct text value)
{
  if (!value.length) return;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "label", view_text(request, label));
  view_set_text(request, item, "value", value);
  value_add(list, item);
}

static void fill_who(const struct request_page *page, struct value *out)
{
  const struct web_request *request = page->request;
  const struct request *one = &page->one;
  const struct text *at = one->identity.at;
  struct value *rows = value_list(request->arena);
  struct text birth = at[REQUEST_BIRTH_DATE];
  struct text name = text_trim(text_format(
      request->arena, "%.*s %.*s", TEXT_PRINT(at[REQUEST_GIVEN]), TEXT_PRINT(at[REQUEST_FAMILY])));
  add_row(request, rows, "person.name", name);
  add_row(request, rows, "person.birth_date", birth.length ? view_date(request, birth) : birth);
  add_row(request, rows, "person.phone", people_phone(request->arena, at[REQUEST_PHONE]));
  add_row(request, rows, "person.email", at[REQUEST_EMAIL]);
  add_row(request, rows, "person.language", people_label(request, CARE_SPOKEN, one->language));
  add_row(request, rows, "requests.consents", requests_consents(request, one->consents));
  add_row(request, rows, "requests.asker", at[REQUEST_ASKER]);
  add_row(request, rows, "requests.asker_from", at[REQUEST_ASKER_FROM]);
  add_row(request, rows, "requests.asker_phone",
          people_phone(request->arena, at[REQUEST_ASKER_PHONE]));
  value_set(out, "who", rows);
}

static void fill_what(const struct request_page *page, struct value *out)
{
  const struct web_request *request = page->request;
  const struct request *one = &page->one;
  struct value *rows = value_list(request->arena);
  add_row(request, rows, "requests.source", requests_label(request, REQUEST_SOURCES, one->source));
  add_row(request, rows, "person.stay_site", requests_site_name(&page->ground, one->site_id));
  add_row(request, rows, "person.stay_level",
          people_label(request, CARE_LEVELS, one->level_of_care));
  add_row(request, rows, "requests.pregnant", requests_known(request, one->pregnant));
  add_row(request, rows, "requests.injecting", requests_known(request, one->injecting));
  add_row(request, rows, "requests.assigned", requests_staff_name(&page->ground, one->assigned));
  add_row(request, rows, "requests.reason",
          requests_label(request, REQUEST_DECLINE_REASONS, one->reason));
  add_row(request, rows, "requests.outcome",
          requests_label(request, WAITLIST_OUTCOMES, one->outcome));
  value_set(out, "what", rows);
}

/* What the code of a line means. */
static struct text code_text(const struct request_page *page, const struct request_event *event)
{
  static const struct {
    const char *kind;
    enum request_list list;
  } lists[] = {{"received", REQUEST_SOURCES},      {"declined", REQUEST_DECLINE_REASONS},
               {"facts", REQUEST_URGENCIES},       {"ended", WAITLIST_OUTCOMES},
               {"skipped", WAITLIST_SKIP_REASONS}, {"interim", WAITLIST_INTERIM_SERVICES},
               {"detached", REQUEST_JOIN_REASONS}};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    if (text_equal(event->kind, text_from(lists[i].kind)))
      return requests_label(page->request, lists[i].list, event->code);
  return requests_staff_name(&page->ground, event->code); /* of "assigned" and "escalated" */
}

static void fill_history(const struct request_page *page, struct value *out)
{
  const struct web_request *request = page->request;
  struct value *rows = value_list(request->arena);
  for (size_t i = 0; i < page->event_count; i++) {
    const struct request_event *event = &page->events[i];
    struct value *item = value_object(request->arena);
    struct text key = text_format(request->arena, "request.event.%.*s", TEXT_PRINT(event->kind));
    value_set(item, "at", desk_time(request, event->at));
    view_set_text(request, item, "what", view_text(request, text_c(request->arena, key)));
    view_set_text(request, item, "detail", code_text(page, event));
    view_set_text(request, item, "words", event->words);
    view_set_text(request, item, "by",
                  event->account_id.length ? event->by : view_text(request, "requests.clock"));
    value_add(rows, item);
  }
  value_set(out, "history", rows);
}

static bool may_go(const struct request_page *page, const char *state)
{
  const struct request_rules *rules = requests_rules(page->request->application->requests);
  return request_code_says(rules, REQUEST_STATES, page->one.state, "next", state);
}

static void add_link(const struct web_request *request, struct value *list, const char *pattern,
                     const char *object, const char *act, struct text href, const char *label)
{
  if (!desk_has_route(pattern) || !desk_may(request, object, act)) return;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "href", href);
  view_set_text(request, item, "label", view_text(request, label));
  value_add(list, item);
}

/* The pages on which this request goes on. */
static void fill_next(const struct request_page *page, struct value *out)
{
  const struct web_request *request = page->request;
  const struct request *one = &page->one;
  struct value *list = value_list(request->arena);
  bool is_open = one->ended_at == 0 && one->answered_at != 0;
  bool is_in = text_equal(one->state, TEXT("admitted"));
  if (!one->person_id.length && (one->ended_at == 0 || is_in))
    add_link(request, list, "/desk/requests/{id}/record", "request", "write",
             text_format(request->arena, "/desk/requests/%.*s/record", TEXT_PRINT(one->id)),
             "requests.to_record");
  if (is_open) {
    add_link(request, list, "/desk/waitlist/{id}", "request", "read",
             text_format(request->arena, "/desk/waitlist/%.*s", TEXT_PRINT(one->id)),
             "requests.to_waitlist");
    add_link(request, list, "/desk/beds", "bed-board", "read",
             text_format(request->arena, "/desk/beds?request=%.*s", TEXT_PRINT(one->id)),
             "requests.to_bed");
  }
  if (one->person_id.length && (is_open || is_in))
    add_link(request, list, "/desk/people/{id}/intake", "intake", "read",
             text_format(request->arena, "/desk/people/%.*s/intake", TEXT_PRINT(one->person_id)),
             "requests.to_intake");
  value_set(out, "next", list);
  view_set_flag(request, out, "any_next", value_count(list) > 0);
}

static void fill_state(const struct request_page *page, struct value *out)
{
  const struct web_request *request = page->request;
  const struct request *one = &page->one;
  bool is_asked = one->answered_at == 0 && one->ended_at == 0;
  view_set_text(request, out, "request_id", one->id);
  view_set_text(request, out, "name", requests_name(request, &one->identity));
  view_set_text(request, out, "urgency", requests_label(request, REQUEST_URGENCIES, one->urgency));
  view_set_text(request, out, "state", requests_label(request, REQUEST_STATES, one->state));
  view_set_text(request, out, "words", one->words);
  view_set_flag(request, out, "is_asked", is_asked);
  view_set_flag(request, out, "is_late", is_asked && one->answer_by < request->now);
  view_set_flag(request, out, "is_open", one->ended_at == 0);
  view_set_flag(request, out, "has_ended", one->ended_at != 0);
  view_set_flag(request, out, "has_answer", one->answered_at != 0);
  value_set(out, "received", desk_time(request, one->received_at));
  value_set(out, "by", desk_time(request, one->answer_by));
  value_set(out, "answered", desk_time(request, one->answered_at));
  value_set(out, "ended", desk_time(request, one->ended_at));
  value_set(out, "version", value_integer(request->arena, one->version));
  bool may = desk_may(request, "request", "write");
  view_set_flag(request, out, "may_write", may);
  view_set_flag(request, out, "may_change", may && one->ended_at == 0);
  view_set_flag(request, out, "may_accept", may && may_go(page, "accepted"));
  view_set_flag(request, out, "may_decline", may && may_go(page, "declined"));
  view_set_flag(request, out, "may_end", may && may_go(page, "ended"));
  people_set_name(request, out, &page->names, one->person_id);
  view_set_flag(request, out, "is_joined", one->person_id.length > 0);
  view_set_flag(request, out, "may_undo",
                may && desk_may(request, "person", "write") &&
                    !text_equal(one->state, TEXT("admitted")));
}

/* The address of a link that was just made, in the language of whom it is for. */
static struct text address_of(const struct request_page *page)
{
  const struct web_request *request = page->request;
  const struct web_application *application = request->application;
  size_t language = 0;
  if (!page->token.length) return TEXT("");
  for (size_t i = 0; i < application->language_count; i++)
    if (text_equal(application->languages[i], page->one.language)) language = i;
  return text_format(request->arena, "%s://%.*s%.*s/requests/%.*s",
                     request->is_secure ? "https" : "http", TEXT_PRINT(request->host),
                     TEXT_PRINT(view_base(request, language)), TEXT_PRINT(page->token));
}

static void fill_links(const struct request_page *page, struct value *out)
{
  const struct web_request *request = page->request;
  view_set_text(request, out, "link_address", address_of(page));
  view_set_flag(request, out, "has_links", page->links > 0);
  view_set_text(request, out, "links", view_count(request->arena, page->links));
  value_set(out, "links_until", desk_time(request, page->links_until));
}

bool request_page_show(struct request_page *page)
{
  static const char *const names[REQUEST_FORMS] = {
      [FORM_DECLINE] = "decline", [FORM_ASSIGN] = "assign", [FORM_FACTS] = "facts",
      [FORM_END] = "end",         [FORM_CALL] = "call",     [FORM_CALLBACK] = "callback"};
  struct web_view *view = page->view;
  struct value *out = view->page = value_object(page->request->arena);
  fill_state(page, out);
  fill_who(page, out);
  fill_what(page, out);
  fill_history(page, out);
  fill_links(page, out);
  fill_next(page, out);
  request_calls_fill(page, out);
  for (size_t i = 0; i < REQUEST_FORMS; i++) {
    struct text open = text_format(page->request->arena, "%s_open", names[i]);
    desk_form_fill(&page->forms[i], out, names[i]);
    view_set_flag(page->request, out, open.at, page->failed == i);
  }
  view->template_name = "desk/request";
  view->redirect = TEXT("");
  if (page->failed != FORM_NONE) view->status = 400;
  return true;
}
