/*
 * /carry/{token}/ask: from answers that somebody carries to a request at a program they choose.
 * What goes along is the level of care, an emergency, and what the form shows; not the answers. The
 * token is in the address, so nothing of this page is logged, cached or told to another site.
 */
#include <string.h>

#include "web/views_ask.h"
#include "web/views_care.h"

/* --- Fields -------------------------------------------------------------------------------- */

static const struct ask_field own_fields[] = {
    {"given", "ask.given", "ask.given_help", ASK_LINE, false},
    {"family", "ask.family", NULL, ASK_LINE, false},
    {"phone", "ask.phone", "ask.phone_help", ASK_PHONE, false},
    {"email", "ask.email", NULL, ASK_EMAIL, false},
    {"language", "ask.language", NULL, ASK_ONE, true},
    {"pregnant", "ask.pregnant", "ask.first_help", ASK_ONE, false},
    {"injecting", "ask.injecting", "ask.first_help", ASK_ONE, false},
    {"consents", "ask.consents", "ask.consents_help", ASK_ANY, true},
    {"words", "ask.words", "ask.words_help", ASK_LINES, false},
};
static const struct ask_field other_fields[] = {
    {"asker", "ask.asker", NULL, ASK_LINE, false},
    {"asker_from", "ask.asker_who", "ask.asker_who_help", ASK_LINE, false},
    {"asker_phone", "ask.phone", "ask.phone_help", ASK_PHONE, false},
    {"email", "ask.email", NULL, ASK_EMAIL, false},
    {"given", "ask.their_given", "ask.given_help", ASK_LINE, false},
    {"family", "ask.their_family", NULL, ASK_LINE, false},
    {"language", "ask.their_language", NULL, ASK_ONE, true},
    {"pregnant", "ask.their_pregnant", "ask.first_help", ASK_ONE, false},
    {"injecting", "ask.their_injecting", "ask.first_help", ASK_ONE, false},
    {"consents", "ask.other_consents", "ask.consents_help", ASK_ANY, true},
    {"words", "ask.words", "ask.words_help", ASK_LINES, false},
};

struct carrying {
  struct web_request *request;
  struct web_view *view;
  struct carried carried;
  struct front_door door;
  struct ask_form form;
  struct front_ask ask;
};

static bool is_other(const struct carrying *carrying)
{
  return carrying->carried.voice == CHOOSE_OTHER;
}

static void begin_form(struct carrying *carrying)
{
  struct ask_form *form = &carrying->form;
  if (is_other(carrying)) VIEW_ASK_BEGIN(form, carrying->request, other_fields);
  else VIEW_ASK_BEGIN(form, carrying->request, own_fields);
  view_ask_languages(form, "language");
  view_ask_consents(form, "consents", NULL);
  view_ask_said(form, "pregnant", carrying->ask.request.pregnant);
  view_ask_said(form, "injecting", carrying->ask.request.injecting);
  form->site_id = carrying->door.site_id;
  if (!view_ask_is_sent(carrying->request))
    form->key = view_ask_key(carrying->request, FRONT_CARRY);
}

/* What a request keeps of the answers, as it would be now. */
static bool read_carried(struct carrying *carrying, struct text consents, struct error *error)
{
  const struct web_application *application = carrying->request->application;
  struct request_carried carried = {.table = application->care,
                                    .facts = &carrying->carried.facts,
                                    .until = carrying->carried.until,
                                    .is_revoked = false,
                                    .consents = consents};
  return request_from_carried(application->requests, &carried, time_now(), &carrying->ask.request,
                              error);
}

static void read_identity(struct carrying *carrying)
{
  const struct ask_form *form = &carrying->form;
  struct request *request = &carrying->ask.request;
  for (int i = 0; i < REQUEST_FIELDS; i++)
    request->identity.at[i] = view_ask_get(form, request_field_name((enum request_field)i));
  request->language = view_ask_get(form, "language");
  request->words = view_ask_get(form, "words");
  request->pregnant = view_ask_yes(form, "pregnant");
  request->injecting = view_ask_yes(form, "injecting");
}

/* --- What is sent -------------------------------------------------------------------------- */

static void add_line(const struct web_request *request, struct value *list, struct text words)
{
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "words", words);
  value_add(list, item);
}

static struct text level_name(const struct web_request *request, struct text number)
{
  const struct level_of_care *table = request->application->care;
  for (size_t i = 0; i < levels_count(table); i++)
    if (text_equal(levels_get(table, i)->number, number))
      return levels_get(table, i)->name[request->language];
  return TEXT("");
}

static void fill_sends(const struct carrying *carrying)
{
  const struct web_request *request = carrying->request;
  const struct request *asked = &carrying->ask.request;
  struct value *list = value_list(request->arena);
  struct text level = level_name(request, asked->level_of_care);
  add_line(request, list,
           level.length ? VIEW_FORMAT(request, "ask.sends_level", {"level", level})
                        : view_text(request, "ask.sends_no_level"));
  value_set(carrying->view->page, "sends", list);
  struct care_result result;
  care_find(request->application->care, &carrying->carried.facts, NULL, &result);
  view_set_flag(request, carrying->view->page, "emergency", result.setting == CARE_EMERGENCY);
}

/* --- The page ------------------------------------------------------------------------------ */

static bool send(struct carrying *carrying, struct error *error)
{
  struct ask_form *form = &carrying->form;
  bool is_read = view_ask_read(form);
  if (view_ask_get(form, "consents").length && !view_ask_has(form, "consents", "send")) {
    view_ask_refuse(form, "consents", "error.ask.send");
    is_read = false;
  }
  if (!view_ask_reach(form, "consents", is_other(carrying) ? "asker_phone" : "phone", "email"))
    is_read = false;
  if (!is_read) {
    carrying->view->status = 400;
    return true;
  }
  if (!read_carried(carrying, view_ask_get(form, "consents"), error)) return false;
  read_identity(carrying);
  return view_ask_send(form, &carrying->ask, &carrying->door, carrying->view, error);
}

static bool show(struct carrying *carrying, struct error *error)
{
  struct web_request *request = carrying->request;
  struct value *page = carrying->view->page;
  bool found = false;
  if (!view_ask_door(request, FRONT_CARRY, page, &carrying->door, &found, error)) return false;
  if (!found) return true;
  if (!read_carried(carrying, TEXT("send"), error)) return false;
  begin_form(carrying);
  fill_sends(carrying);
  value_set(page, "place", view_ask_place(request, &carrying->door));
  if (view_ask_is_sent(request) && !send(carrying, error)) return false;
  view_ask_fill(&carrying->form, page);
  view_set_flag(request, page, "is_sent", view_ask_is_sent(request));
  view_set_flag(request, page, "asking", value_get(page, TEXT("done")) == NULL);
  return true;
}

static bool view_ask(struct web_request *request, struct web_view *view, struct error *error)
{
  struct carrying carrying = {.request = request, .view = view, .ask = {.way = FRONT_CARRY}};
  const struct web_application *application = request->application;
  bool is_open = false;
  if (!application->care || !application->requests || !application->records || !application->key)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no requests are kept here");
  view->cache = WEB_CACHE_NONE;
  if (!view_carry_open(request, view, &carrying.carried, &is_open, error)) return false;
  if (!is_open) return true;
  view->page = value_object(request->arena);
  view->template_name = "ask";
  view_set_text(request, view->page, "token", request->captured);
  view_set_text(request, view->page, "action",
                text_format(request->arena, "/carry/%.*s/ask", TEXT_PRINT(request->captured)));
  view_set_flag(request, view->page, "for_other", is_other(&carrying));
  return show(&carrying, error);
}

const struct web_route web_ask_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/carry/{token}/ask",
     .handler = view_ask,
     .body_limit = LIMIT_DOOR_BODY,
     .flags = WEB_LINES},
    {.pattern = NULL},
};
