/*
 * /desk/people/{id}/belongings/thing: one thing: what it is, its chain of custody, what happens
 * with it next, and that it was entered in error. Threads: all state is the request's.
 */
#include "web/desk/belongings.h"

static const struct desk_field fields[] = {
    {.name = "thing", .label = "belongings.thing", .kind = DESK_HIDDEN},
    {.name = "state", .label = "belongings.next", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "place",
     .label = "belongings.place",
     .help = "belongings.place_help",
     .kind = DESK_TEXT},
    {.name = "words",
     .label = "belongings.words",
     .help = "belongings.words_help",
     .kind = DESK_TEXT},
};
static const struct desk_mapping mappings[] = {
    {"error.belongings.place", "place"}, {"error.belongings.two", "state"},
    {"error.belongings.state", "state"}, {"error.care.text", "words"},
    {"error.care.long", "words"},        {NULL, NULL}};
static const struct desk_field wrong_fields[] = {
    {.name = "thing", .label = "belongings.thing", .kind = DESK_HIDDEN},
    {.name = "sure",
     .label = "belongings.wrong_sure",
     .help = "belongings.wrong_help",
     .kind = DESK_YES,
     .flags = DESK_REQUIRED},
};
static const struct desk_mapping wrong_mappings[] = {
    {"error.intake.stale", NULL}, {"error.intake.count.done", NULL}, {NULL, NULL}};

struct one {
  struct desk_things things;
  const struct belonging *row;
  struct belongings_step *steps;
  size_t step_count;
  struct text *names; /* of who made each step, and with whom */
  struct belongings_move move;
  int64_t version;
};

/* The account as people call it; its id when it is gone. */
static bool name_account(struct store_transaction *transaction, const struct one *one,
                         struct text id, struct text *out, struct error *error)
{
  struct account account;
  *out = id;
  if (id.length == 0) return true;
  if (account_load(transaction, one->things.request->arena, id, &account, error)) {
    if (account.shown_name.length) *out = account.shown_name;
    return true;
  }
  if (error->kind != ERROR_NOT_FOUND) return false;
  error_clear(error);
  return true;
}

static bool name_steps(struct store_transaction *transaction, struct one *one, struct error *error)
{
  one->names =
      arena_allocate_array(one->things.request->arena, 2 * one->step_count + 1, sizeof *one->names);
  for (size_t i = 0; i < one->step_count; i++)
    if (!name_account(transaction, one, one->steps[i].account_id, &one->names[2 * i], error) ||
        !name_account(transaction, one, one->steps[i].other_account_id, &one->names[2 * i + 1],
                      error))
      return false;
  return true;
}

/* The thing, and with it the list that it stands on. */
static bool find(struct one *one, struct error *error)
{
  struct text id = web_parameter_get(one->things.request, "thing");
  one->row = NULL;
  for (size_t i = 0; i < one->things.row_count; i++)
    if (text_equal(one->things.rows[i].id, id)) one->row = &one->things.rows[i];
  return one->row ||
         error_set(error, ERROR_NOT_FOUND, "error.belongings.missing", "", "no such thing");
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct one *one = context;
  struct desk_things *things = &one->things;
  struct web_request *request = things->request;
  if (!desk_things_load(transaction, things, "read", error)) return false;
  bool is_found = find(one, error);
  for (size_t i = 0; i < things->intake_count && !is_found; i++) { /* of an earlier stay */
    error_clear(error);
    things->intake = &things->intakes[i];
    if (!belongings_list(transaction, &things->about.access, request->arena, things->intake->id,
                         &things->rows, &things->row_count, error))
      return false;
    is_found = find(one, error);
  }
  return is_found &&
         belongings_history(transaction, &things->about.access, request->arena, one->row->id,
                            &one->steps, &one->step_count, error) &&
         name_steps(transaction, one, error);
}

/* --- Showing --------------------------------------------------------------------------------- */

static struct value *fill_steps(const struct one *one)
{
  const struct web_request *request = one->things.request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < one->step_count; i++) {
    const struct belongings_step *step = &one->steps[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "state",
                  desk_things_word(request, "belongings-states", step->state, ""));
    view_set_text(request, item, "place", step->place);
    view_set_text(request, item, "words", step->words);
    view_set_text(request, item, "who", one->names[2 * i]);
    view_set_text(request, item, "with", one->names[2 * i + 1]);
    value_set(item, "at", desk_time(request, step->at));
    value_add(list, item);
  }
  return list;
}

static bool show(struct one *one, const struct desk_form *form, const struct desk_form *wrong)
{
  struct web_request *request = one->things.request;
  const struct belonging *row = one->row;
  struct web_view *view = one->things.view;
  desk_things_fill(&one->things);
  struct value *page = view->page;
  const struct belongings_state *state =
      belongings_states_find(intakes_rules(request->application->intakes), row->state);
  bool may_write = desk_may(request, "belongings", "write") && row->error_at == 0 &&
                   one->things.about.person.erase_at == 0;
  view_set_text(request, page, "thing", row->thing);
  view_set_text(request, page, "quantity", view_count(request->arena, row->quantity));
  view_set_text(request, page, "condition",
                row->count_id.length
                    ? view_text(request, "belongings.counted")
                    : desk_things_word(request, "belongings-conditions", row->condition, ""));
  view_set_text(request, page, "state",
                desk_things_word(request, "belongings-states", row->state, ""));
  view_set_text(request, page, "place", row->place);
  view_set_flag(request, page, "is_wrong", row->error_at != 0);
  value_set(page, "steps", fill_steps(one));
  view_set_flag(request, page, "may_move", may_write && state && !state->is_end);
  view_set_flag(request, page, "may_mark", may_write && row->count_id.length == 0);
  desk_form_fill(wrong, page, "wrong_form");
  bool is_shown = desk_form_show(form, view, "desk/belonging");
  if (wrong->problem_count) view->status = 400;
  return is_shown;
}

/* --- Changing -------------------------------------------------------------------------------- */

static bool move_it(struct store_transaction *transaction, void *context, struct error *error)
{
  struct one *one = context;
  struct desk_things *things = &one->things;
  struct web_request *request = things->request;
  if (!desk_about_open(transaction, request, "belongings", "write", &things->about, error) ||
      !belongings_move(transaction, request->application->intakes, &things->about.access,
                       request->arena, &one->move, error))
    return false;
  desk_redirect(request, things->view, "/desk/people/%.*s/belongings?intake=%.*s",
                TEXT_PRINT(request->captured), TEXT_PRINT(things->intake->id));
  return true;
}

static bool mark_it(struct store_transaction *transaction, void *context, struct error *error)
{
  struct one *one = context;
  struct desk_things *things = &one->things;
  struct web_request *request = things->request;
  if (!desk_about_open(transaction, request, "belongings", "write", &things->about, error) ||
      !belongings_mark_error(transaction, &things->about.access, request->arena, one->row->id,
                             one->version, error))
    return false;
  desk_redirect(request, things->view, "/desk/people/%.*s/belongings?intake=%.*s",
                TEXT_PRINT(request->captured), TEXT_PRINT(things->intake->id));
  return true;
}

/* What may follow where it is now, and `also`: what stands, or what a form that is sent again says,
 * of which desk_write() and the room judge. */
static void offer(struct desk_form *form, const struct one *one, struct text also)
{
  struct web_request *request = form->request;
  const struct intake_rules *rules = intakes_rules(request->application->intakes);
  const struct belongings_state *state = belongings_states_find(rules, one->row->state);
  size_t count = state ? state->next.count : 0, used = 0;
  struct desk_choice *choices = arena_allocate_array(request->arena, count + 2, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    struct text code = state->next.at[i];
    choices[used++] =
        (struct desk_choice){code, desk_things_word(request, "belongings-states", code, "")};
  }
  if (belongings_states_find(rules, also) && !(state && coverage_words_have(&state->next, also)))
    choices[used++] =
        (struct desk_choice){also, desk_things_word(request, "belongings-states", also, "")};
  desk_form_choices(form, "state", choices, used);
}

/* Somebody was faster: where it is now, beside what was typed. */
static bool show_conflict(struct one *one, struct desk_form *form, const struct desk_form *wrong)
{
  struct desk_form now;
  DESK_FORM_INIT(&now, form->request, fields);
  offer(&now, one, one->row->state);
  desk_form_set(&now, "state", one->row->state);
  desk_form_set(&now, "place", one->row->place);
  desk_form_set(&now, "words", one->step_count ? one->steps[one->step_count - 1].words : TEXT(""));
  desk_form_set_version(&now, one->row->version);
  desk_form_conflict(form, &now);
  offer(form, one, TEXT(""));
  show(one, form, wrong);
  one->things.view->status = 409;
  return true;
}

static bool mark(struct one *one, struct desk_form *form, struct desk_form *wrong,
                 struct error *error)
{
  struct web_request *request = one->things.request;
  if (!desk_form_read(wrong)) return show(one, form, wrong);
  one->version = desk_form_version(wrong);
  if (desk_write(request, one->things.view, mark_it, one, error)) return true;
  return desk_form_take(wrong, error, wrong_mappings) && show(one, form, wrong);
}

static bool view_thing(struct web_request *request, struct web_view *view, struct error *error)
{
  struct one one = {.things = {.request = request, .view = view}};
  struct desk_form form, wrong;
  if (!desk_read(request, load, &one, error)) return false;
  DESK_FORM_INIT(&form, request, fields);
  DESK_FORM_INIT(&wrong, request, wrong_fields);
  offer(&form, &one, web_parameter_get(request, "state"));
  desk_form_set(&form, "thing", one.row->id);
  desk_form_set(&wrong, "thing", one.row->id);
  desk_form_set_version(&form, one.row->version);
  desk_form_set_version(&wrong, one.row->version);
  if (request->method == WEB_GET) return show(&one, &form, &wrong);
  if (text_equal(web_parameter_get(request, "act"), TEXT("wrong")))
    return mark(&one, &form, &wrong, error);
  if (!desk_form_read(&form)) return show(&one, &form, &wrong);
  one.move = (struct belongings_move){.id = one.row->id,
                                      .state = desk_form_get(&form, "state"),
                                      .place = desk_form_get(&form, "place"),
                                      .words = desk_form_get(&form, "words"),
                                      .version = desk_form_version(&form)};
  if (desk_write(request, view, move_it, &one, error)) return true;
  if (error->kind != ERROR_CONFLICT)
    return desk_form_take(&form, error, mappings) && show(&one, &form, &wrong);
  error_clear(error);
  return desk_read(request, load, &one, error) && show_conflict(&one, &form, &wrong);
}

const struct web_route desk_belonging_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                   .pattern = "/desk/people/{id}/belongings/thing",
                                                   .handler = view_thing,
                                                   .guard = "belongings",
                                                   .get_act = "read",
                                                   .post_act = "write"},
                                                  {.pattern = NULL}};
