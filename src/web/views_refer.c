/*
 * /refer: staff of another program ask for a place for somebody, without an account: a request of
 * source "program", and a private link to where it stands. Who refers is named apart from whom it
 * is about; that the person agreed is asked for and kept. What is answered is the same for
 * everybody.
 */
#include "web/views_ask.h"

static const struct ask_field fields[] = {
    {"asker", "ask.asker", NULL, ASK_LINE, true},
    {"asker_from", "refer.from", NULL, ASK_LINE, true},
    {"asker_phone", "refer.asker_phone", "refer.asker_phone_help", ASK_PHONE, true},
    {"urgency", "refer.urgency", NULL, ASK_ONE, true},
    {"level", "refer.level", NULL, ASK_ONE, false},
    {"given", "ask.their_given", NULL, ASK_LINE, false},
    {"family", "ask.their_family", NULL, ASK_LINE, false},
    {"birth_date", "refer.birth_date", "refer.birth_date_help", ASK_DATE, false},
    {"phone", "refer.phone", NULL, ASK_PHONE, false},
    {"language", "ask.their_language", NULL, ASK_ONE, true},
    {"pregnant", "ask.their_pregnant", "refer.first_help", ASK_ONE, false},
    {"injecting", "ask.their_injecting", "refer.first_help", ASK_ONE, false},
    {"words", "refer.words", "refer.words_help", ASK_LINES, false},
    {"agreed", "refer.agreed", "refer.agreed_help", ASK_ANY, true},
    {"consents", "refer.consents", NULL, ASK_ANY, false},
};

struct referring {
  struct web_request *request;
  struct web_view *view;
  struct front_door door;
  struct ask_form form;
  struct front_ask ask;
};

/* --- Choices -------------------------------------------------------------------------------- */

static void choose_urgency(struct ask_form *form)
{
  const struct web_request *request = form->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  size_t count = request_code_count(rules, REQUEST_URGENCIES);
  struct ask_choice *choices = arena_allocate_array(request->arena, count + 1, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    struct text code = request_code(rules, REQUEST_URGENCIES, i);
    struct text key = text_format(request->arena, "request-urgencies.%.*s", TEXT_PRINT(code));
    choices[i] = (struct ask_choice){code, view_text(request, text_c(request->arena, key))};
  }
  view_ask_choices(form, "urgency", choices, count, TEXT(""));
}

static void choose_level(struct ask_form *form)
{
  const struct web_request *request = form->request;
  const struct care *care = request->application->records;
  size_t count = care_code_count(care, CARE_LEVELS);
  struct ask_choice *choices = arena_allocate_array(request->arena, count + 1, sizeof *choices);
  choices[0] = (struct ask_choice){TEXT(""), view_text(request, "refer.no_level")};
  for (size_t i = 0; i < count; i++) {
    struct text code = care_code(care, CARE_LEVELS, i);
    choices[i + 1] =
        (struct ask_choice){code, care_code_label(care, CARE_LEVELS, code, request->language)};
  }
  view_ask_choices(form, "level", choices, count + 1, TEXT(""));
}

static void begin_form(struct referring *referring)
{
  struct ask_form *form = &referring->form;
  struct web_request *request = referring->request;
  struct ask_choice *agreed = arena_allocate(request->arena, sizeof *agreed);
  *agreed = (struct ask_choice){TEXT("yes"), view_text(request, "refer.agreed_yes")};
  VIEW_ASK_BEGIN(form, request, fields);
  choose_urgency(form);
  choose_level(form);
  view_ask_languages(form, "language");
  view_ask_said(form, "pregnant", REQUEST_UNKNOWN);
  view_ask_said(form, "injecting", REQUEST_UNKNOWN);
  view_ask_choices(form, "agreed", agreed, 1, TEXT(""));
  view_ask_consents(form, "consents", "send email");
  form->site_id = referring->door.site_id;
  if (!view_ask_is_sent(request)) form->key = view_ask_key(request, FRONT_REFER);
}

/* --- Sending -------------------------------------------------------------------------------- */

static bool send(struct referring *referring, struct error *error)
{
  struct ask_form *form = &referring->form;
  struct request *request = &referring->ask.request;
  struct arena *arena = referring->request->arena;
  bool is_read = view_ask_read(form);
  if (!view_ask_reach(form, "consents", "phone", "email") || !is_read) {
    referring->view->status = 400;
    return true;
  }
  struct text yes = view_ask_get(form, "consents");
  *request = (struct request){
      .source = TEXT("program"),
      .urgency = view_ask_get(form, "urgency"),
      .level_of_care = view_ask_get(form, "level"),
      .pregnant = view_ask_yes(form, "pregnant"),
      .injecting = view_ask_yes(form, "injecting"),
      .language = view_ask_get(form, "language"),
      .consents = text_format(arena, "send%s%.*s", yes.length ? " " : "", TEXT_PRINT(yes)),
      .words = view_ask_get(form, "words")};
  for (int i = 0; i < REQUEST_FIELDS; i++)
    request->identity.at[i] = view_ask_get(form, request_field_name((enum request_field)i));
  return view_ask_send(form, &referring->ask, &referring->door, referring->view, error);
}

static bool show_form(struct referring *referring, struct error *error)
{
  struct web_request *request = referring->request;
  struct value *page = referring->view->page;
  begin_form(referring);
  value_set(page, "place", view_ask_place(request, &referring->door));
  if (view_ask_is_sent(request) && !send(referring, error)) return false;
  view_ask_fill(&referring->form, page);
  view_set_flag(request, page, "is_sent", view_ask_is_sent(request));
  view_set_flag(request, page, "asking", value_get(page, TEXT("done")) == NULL);
  return true;
}

static bool view_refer(struct web_request *request, struct web_view *view, struct error *error)
{
  struct referring referring = {.request = request, .view = view, .ask = {.way = FRONT_REFER}};
  const struct web_application *application = request->application;
  bool found = false;
  if (!application->requests || !application->records || !application->key)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no requests are kept here");
  view->page = value_object(request->arena);
  view->template_name = "refer";
  view->cache = WEB_CACHE_NONE;
  view_set_text(request, view->page, "action", TEXT("/refer"));
  return view_ask_door(request, FRONT_REFER, view->page, &referring.door, &found, error) &&
         (!found || show_form(&referring, error));
}

const struct web_route web_refer_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/refer",
     .handler = view_refer,
     .body_limit = LIMIT_DOOR_BODY,
     .flags = WEB_LINES},
    {.pattern = NULL},
};
