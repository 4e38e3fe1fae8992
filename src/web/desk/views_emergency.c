/*
 * /desk/people/{id}/emergency: break the glass with the four facts of 42 CFR 2.51; …/end gives it
 * up. /desk/emergencies: those that wait for a review, and the review. Threads: all state is the
 * request's.
 */
#include "web/desk/about.h"

/* --- Opening --------------------------------------------------------------------------------- */

static const struct desk_field fields[] = {
    {.name = "recipient",
     .label = "emergency.recipient",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS},
    {.name = "affiliation",
     .label = "emergency.affiliation",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED},
    {.name = "discloser",
     .label = "emergency.discloser",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED},
    {.name = "nature",
     .label = "emergency.nature",
     .help = "emergency.nature_help",
     .kind = DESK_LINES,
     .flags = DESK_REQUIRED},
};
static const struct desk_mapping mappings[] = {{"error.emergency.recipient", "recipient"},
                                               {"error.emergency.affiliation", "affiliation"},
                                               {"error.emergency.discloser", "discloser"},
                                               {"error.emergency.nature", "nature"},
                                               {NULL, NULL}};

struct breaking {
  struct web_request *request;
  struct web_view *view;
  struct emergency facts;
};

static bool break_glass(struct store_transaction *transaction, void *context, struct error *error)
{
  struct breaking *breaking = context;
  struct web_request *request = breaking->request;
  if (!person_is_there(transaction, request->actor->program_id, request->captured, error) ||
      !emergency_open(transaction, request->application->privacy, request->actor, &breaking->facts,
                      request->arena, request->now, error))
    return false;
  desk_redirect(request, breaking->view, "/desk/people/%.*s", TEXT_PRINT(request->captured));
  return true;
}

static bool view_emergency(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  if (!uuid_is_valid(request->captured))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "not the id of a person");
  DESK_FORM_INIT(&form, request, fields);
  view->page = value_object(request->arena);
  if (!people_frame(request, view, request->captured, "emergency", error)) return false;
  if (view->redirect.length) return true;
  view_set_text(request, view->page, "id", request->captured);
  if (request->method == WEB_GET) {
    desk_form_set(&form, "discloser", request->actor->name);
    return desk_form_show(&form, view, "desk/emergency");
  }
  if (!desk_form_read(&form)) return desk_form_show(&form, view, "desk/emergency");
  struct breaking breaking = {.request = request,
                              .view = view,
                              .facts = {.person_id = request->captured,
                                        .recipient = desk_form_get(&form, "recipient"),
                                        .affiliation = desk_form_get(&form, "affiliation"),
                                        .discloser = desk_form_get(&form, "discloser"),
                                        .nature = desk_form_get(&form, "nature")}};
  if (desk_write(request, view, break_glass, &breaking, error)) return true;
  return desk_form_take(&form, error, mappings) && desk_form_show(&form, view, "desk/emergency");
}

/* --- Ending ---------------------------------------------------------------------------------- */

struct ending {
  struct web_request *request;
  struct web_view *view;
};

/* End every one that is the actor's own and open for this person. */
static bool end_own(struct store_transaction *transaction, void *context, struct error *error)
{
  struct ending *ending = context;
  struct web_request *request = ending->request;
  for (;;) {
    struct text id;
    if (!emergency_find_open(transaction, request->actor, request->captured, request->now,
                             request->arena, &id, error))
      return false;
    if (text_is_empty(id)) break;
    if (!emergency_end(transaction, request->application->privacy, request->actor, id, request->now,
                       error))
      return false;
  }
  desk_redirect(request, ending->view, "/desk");
  return true;
}

static bool view_end(struct web_request *request, struct web_view *view, struct error *error)
{
  struct ending ending = {request, view};
  return desk_write(request, view, end_own, &ending, error);
}

/* --- Reviewing ------------------------------------------------------------------------------- */

struct reviewing {
  struct web_request *request;
  struct web_view *view;
  struct emergency *rows;
  size_t count;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct reviewing *reviewing = context;
  struct web_request *request = reviewing->request;
  struct access access;
  return access_open_list(transaction, request->application->privacy, request->actor, "emergency",
                          "read", request->now, &access, error) &&
         emergency_list(transaction, &access, request->arena, true, &reviewing->rows,
                        &reviewing->count, error);
}

static bool review(struct store_transaction *transaction, void *context, struct error *error)
{
  struct reviewing *reviewing = context;
  struct web_request *request = reviewing->request;
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "emergency",
                        "review", request->now, &access, error) ||
      !emergency_review(transaction, &access, web_parameter_get(request, "emergency"),
                        web_parameter_get(request, "finding"), web_parameter_get(request, "words"),
                        error))
    return false;
  desk_redirect(request, reviewing->view, "/desk/emergencies");
  return true;
}

static struct value *fill_row(const struct web_request *request, const struct emergency *emergency)
{
  struct value *row = value_object(request->arena);
  struct text finding =
      text_format(request->arena, "emergencies.%.*s", TEXT_PRINT(emergency->finding));
  view_set_text(request, row, "id", emergency->id);
  view_set_text(request, row, "person", emergency->person_id);
  view_set_text(request, row, "who", emergency->actor_name);
  view_set_text(request, row, "recipient", emergency->recipient);
  view_set_text(request, row, "affiliation", emergency->affiliation);
  view_set_text(request, row, "discloser", emergency->discloser);
  view_set_text(request, row, "nature", emergency->nature);
  view_set_text(request, row, "review", emergency->review);
  value_set(row, "at", desk_time(request, emergency->at));
  view_set_flag(request, row, "waits", emergency->reviewed_at == 0);
  view_set_flag(request, row, "may",
                emergency->reviewed_at == 0 &&
                    !text_equal(emergency->account_id, request->actor->account_id));
  view_set_text(request, row, "finding",
                emergency->reviewed_at ? view_text(request, text_c(request->arena, finding))
                                       : TEXT(""));
  return row;
}

static bool view_emergencies(struct web_request *request, struct web_view *view,
                             struct error *error)
{
  struct reviewing reviewing = {.request = request, .view = view};
  const char *problem = NULL;
  if (request->method == WEB_POST) {
    if (desk_write(request, view, review, &reviewing, error)) return true;
    if (error->kind != ERROR_REFUSED) return false;
    problem = error->person;
    error_clear(error);
  }
  if (!desk_read(request, load, &reviewing, error)) return false;
  struct value *rows = value_list(request->arena);
  for (size_t i = 0; i < reviewing.count; i++)
    value_add(rows, fill_row(request, &reviewing.rows[i]));
  view->page = value_object(request->arena);
  view->template_name = "desk/emergencies";
  value_set(view->page, "rows", rows);
  view_set_flag(request, view->page, "has_rows", reviewing.count > 0);
  view_set_text(request, view->page, "problem", problem ? view_text(request, problem) : TEXT(""));
  if (problem) view->status = 400;
  return true;
}

const struct web_route desk_emergency_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                   .pattern = "/desk/people/{id}/emergency",
                                                   .handler = view_emergency,
                                                   .guard = "emergency",
                                                   .get_act = "open",
                                                   .post_act = "open",
                                                   .flags = WEB_LINES},
                                                  {.methods = WEB_POST,
                                                   .pattern = "/desk/people/{id}/emergency/end",
                                                   .handler = view_end,
                                                   .guard = "emergency",
                                                   .post_act = "open"},
                                                  {.methods = WEB_GET | WEB_POST,
                                                   .pattern = "/desk/emergencies",
                                                   .handler = view_emergencies,
                                                   .guard = "emergency",
                                                   .get_act = "read",
                                                   .post_act = "review",
                                                   .flags = WEB_LINES},
                                                  {.pattern = NULL}};
