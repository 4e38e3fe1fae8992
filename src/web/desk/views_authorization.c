/*
 * /desk/people/{id}/coverage/authorization: ask a plan for approval; with "id" of the address one
 * that was asked for: until when the plan must decide, what it decided, how that burns down by
 * delivered care, each step. Threads: all state is the request's.
 */
#include "web/desk/coverage.h"

static const struct desk_field ask_fields[] = {
    {.name = "plan", .label = "coverage.plan", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "level", .label = "person.stay_level", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "stay", .label = "delivered.stay", .kind = DESK_CHOICE},
    {.name = "unit", .label = "coverage.unit", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "units",
     .label = "coverage.units_asked",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .least = 1,
     .most = LIMIT_COVERAGE_UNITS},
    {.name = "urgent",
     .label = "coverage.urgent",
     .help = "coverage.urgent_help",
     .kind = DESK_YES},
    {.name = "on",
     .label = "coverage.asked_on",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "at",
     .label = "coverage.asked_at",
     .help = "delivered.at_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = 5},
    {.name = "words", .label = "coverage.words", .kind = DESK_LINES, .longest = 2000},
};
static const struct desk_field decide_fields[] = {
    {.name = "state", .label = "coverage.decision", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "decided",
     .label = "coverage.decided_on",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "units",
     .label = "coverage.units",
     .help = "coverage.if_approved",
     .kind = DESK_NUMBER,
     .flags = DESK_SHORT,
     .least = 1,
     .most = LIMIT_COVERAGE_UNITS},
    {.name = "from",
     .label = "coverage.plan_from",
     .help = "coverage.if_approved",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "to",
     .label = "coverage.plan_to",
     .help = "coverage.if_approved",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "review",
     .label = "coverage.review_on",
     .help = "coverage.review_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "number",
     .label = "coverage.number",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_COVERAGE_LINE / 4},
    {.name = "who", .label = "coverage.who", .kind = DESK_TEXT, .longest = LIMIT_COVERAGE_LINE / 4},
    {.name = "words", .label = "coverage.words", .kind = DESK_LINES, .longest = 2000},
};
static const struct desk_mapping ask_mappings[] = {{"error.coverage.units", "units"},
                                                   {"error.coverage.moment", "on"},
                                                   {"error.coverage.level", "level"},
                                                   {"error.coverage.stay_of", "stay"},
                                                   {NULL, NULL}};
static const struct desk_mapping decide_mappings[] = {
    {"error.coverage.units", "units"}, {"error.coverage.moment", "decided"},
    {"error.coverage.dates", "to"},    {"error.coverage.decided", "state"},
    {"error.coverage.stale", NULL},    {NULL, NULL}};

struct asking {
  struct desk_coverage coverage;
  struct text id;
  struct coverage_authorization row, *all;
  struct coverage_step *steps;
  struct coverage_delivered delivered;
  size_t count, step_count, which;
  bool has_delivered;
};

static bool load_one(struct store_transaction *transaction, struct asking *asking,
                     struct error *error)
{
  struct desk_coverage *coverage = &asking->coverage;
  struct web_request *request = coverage->request;
  struct access delivered;
  if (!authorization_list(transaction, &coverage->access, request->arena, &asking->all,
                          &asking->count, error) ||
      !coverage_step_list(transaction, &coverage->access, request->arena, asking->id,
                          &asking->steps, &asking->step_count, error))
    return false;
  asking->which = 0;
  while (asking->which < asking->count && !text_equal(asking->all[asking->which].id, asking->id))
    asking->which++;
  if (asking->which == asking->count)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such authorization");
  asking->row = asking->all[asking->which];
  asking->has_delivered = desk_may(request, "delivered", "read");
  return !asking->has_delivered || (people_access(transaction, request, "delivered", "read",
                                                  request->captured, &delivered, error) &&
                                    coverage_delivered_load(transaction, &delivered, request->arena,
                                                            &asking->delivered, error));
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  return desk_coverage_load(transaction, &asking->coverage, error) &&
         (asking->coverage.view->redirect.length > 0 || asking->id.length == 0 ||
          load_one(transaction, asking, error));
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  struct desk_coverage *coverage = &asking->coverage;
  struct web_request *request = coverage->request;
  struct coverage_authorization row = asking->row;
  if (!desk_coverage_write(transaction, coverage, error)) return false;
  bool is_done =
      asking->id.length
          ? authorization_decide(transaction, coverage->rules, &coverage->access, request->arena,
                                 &row, coverage->zone, coverage->today, error)
          : authorization_ask(transaction, coverage->rules, &coverage->access, request->arena, &row,
                              coverage->zone, error);
  if (is_done)
    desk_redirect(request, coverage->view, "/desk/people/%.*s/coverage/authorization?id=%.*s",
                  TEXT_PRINT(request->captured), TEXT_PRINT(row.id));
  return is_done;
}

/* --- Asking ---------------------------------------------------------------------------------- */

static void begin_ask(struct desk_form *form, const struct asking *asking)
{
  const struct desk_coverage *coverage = &asking->coverage;
  struct web_request *request = coverage->request;
  struct desk_choice *units = arena_allocate_array(request->arena, 3, sizeof *units);
  static const char *const labels[] = {"coverage.unit_day", "coverage.unit_visit",
                                       "coverage.unit_hour"};
  struct text now = zone_format(request->arena, coverage->zone, request->now);
  for (size_t i = 0; i < 3; i++)
    units[i] = (struct desk_choice){text_from(authorization_unit_name((enum authorization_unit)i)),
                                    view_text(request, labels[i])};
  DESK_FORM_INIT(form, request, ask_fields);
  desk_coverage_choose_plan(form, coverage);
  desk_coverage_choose_stay(form, coverage);
  people_choose(form, "level", CARE_LEVELS);
  desk_form_choices(form, "unit", units, 3);
  desk_form_set(form, "unit", TEXT("day"));
  if (coverage->plan_count) desk_form_set(form, "plan", coverage->plans[0].id);
  if (coverage->stay_count) {
    desk_form_set(form, "stay", coverage->stays[0].id);
    desk_form_set(form, "level", coverage->stays[0].level_of_care);
  }
  desk_coverage_set_day(form, "on", coverage->today);
  desk_form_set(form, "at", text_slice(now, 11, 16));
}

static bool take_ask(struct desk_form *form, struct asking *asking)
{
  if (!desk_form_read(form)) return false;
  struct coverage_authorization *row = &asking->row;
  struct text unit = desk_form_get(form, "unit");
  *row = (struct coverage_authorization){.plan_id = desk_form_get(form, "plan"),
                                         .level_of_care = desk_form_get(form, "level"),
                                         .episode_id = desk_form_get(form, "stay"),
                                         .is_urgent = desk_form_has(form, "urgent", TEXT("1")),
                                         .units_asked = desk_form_number(form, "units", 0),
                                         .asked_on = desk_coverage_get_day(form, "on"),
                                         .words = desk_form_get(form, "words"),
                                         .number = TEXT(""),
                                         .who = TEXT("")};
  for (size_t i = 0; i < 3; i++)
    if (text_equal(unit, text_from(authorization_unit_name((enum authorization_unit)i))))
      row->unit = (enum authorization_unit)i;
  if (desk_coverage_moment(&asking->coverage, desk_form_get(form, "on"), desk_form_get(form, "at"),
                           &row->asked_at))
    return true;
  desk_form_refuse(form, "at", "delivered.at_wrong");
  return false;
}

static bool view_ask(struct asking *asking, struct error *error)
{
  struct desk_coverage *coverage = &asking->coverage;
  struct desk_form form;
  begin_ask(&form, asking);
  view_set_flag(coverage->request, coverage->view->page, "has_plans", coverage->plan_count > 0);
  if (!desk_may(coverage->request, "coverage", "write"))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "nothing to look at");
  if (coverage->request->method == WEB_GET || !take_ask(&form, asking))
    return desk_form_show(&form, coverage->view, "desk/coverage_ask");
  if (desk_write(coverage->request, coverage->view, save, asking, error)) return true;
  return desk_form_take(&form, error, ask_mappings) &&
         desk_form_show(&form, coverage->view, "desk/coverage_ask");
}

/* --- One that was asked for ------------------------------------------------------------------ */

static void begin_decide(struct desk_form *form, const struct asking *asking)
{
  const struct coverage_authorization *row = &asking->row;
  struct web_request *request = asking->coverage.request;
  struct desk_choice *states = arena_allocate_array(request->arena, 3, sizeof *states);
  size_t count = 0;
  states[count++] =
      (struct desk_choice){TEXT("approved"), view_text(request, "coverage.state_approved")};
  if (row->state == AUTHORIZATION_ASKED)
    states[count++] =
        (struct desk_choice){TEXT("withdrawn"), view_text(request, "coverage.state_withdrawn")};
  DESK_FORM_INIT(form, request, decide_fields);
  desk_form_choices(form, "state", states, count);
  desk_form_set(form, "state", TEXT("approved"));
  desk_coverage_set_day(form, "decided",
                        row->decided_on ? row->decided_on : asking->coverage.today);
  if (row->state == AUTHORIZATION_APPROVED) {
    desk_form_set(form, "units",
                  text_format(request->arena, "%lld", (long long)row->approved.units));
    desk_coverage_set_day(form, "from", row->approved.from);
    desk_coverage_set_day(form, "to", row->approved.to);
    desk_coverage_set_day(form, "review", row->approved.review_on);
  }
  desk_form_set(form, "number", row->number);
  desk_form_set(form, "who", row->who);
  desk_form_set(form, "words", row->words);
  desk_form_set_version(form, row->version);
}

static bool take_decide(struct desk_form *form, struct asking *asking)
{
  if (!desk_form_read(form)) return false;
  struct coverage_authorization *row = &asking->row;
  bool is_approved = text_equal(desk_form_get(form, "state"), TEXT("approved"));
  row->state = is_approved ? AUTHORIZATION_APPROVED : AUTHORIZATION_WITHDRAWN;
  row->decided_on = desk_coverage_get_day(form, "decided");
  row->approved = (struct authorization){.units = desk_form_number(form, "units", 0),
                                         .from = desk_coverage_get_day(form, "from"),
                                         .to = desk_coverage_get_day(form, "to"),
                                         .review_on = desk_coverage_get_day(form, "review")};
  row->number = desk_form_get(form, "number");
  row->who = desk_form_get(form, "who");
  row->words = desk_form_get(form, "words");
  row->version = desk_form_version(form);
  return true;
}

static void fill_due(const struct asking *asking, struct value *page)
{
  const struct desk_coverage *coverage = &asking->coverage;
  const struct coverage_authorization *row = &asking->all[asking->which];
  struct web_request *request = coverage->request;
  struct decision_due due =
      decision_due_find(coverage->rules, row->payer, row->is_urgent, row->asked_at, row->asked_on);
  bool is_asked = row->state == AUTHORIZATION_ASKED, has_due = due.standing == COVERAGE_HOLDS;
  view_set_flag(request, page, "is_asked", is_asked);
  view_set_flag(request, page, "has_due", has_due);
  view_set_flag(request, page, "is_late",
                is_asked && has_due && decision_is_late(&due, request->now, coverage->today));
  view_set_text(request, page, "due_source", has_due ? due.clock->basis.source : TEXT(""));
  view_set_flag(request, page, "due_unsigned", has_due && !coverage_is_signed(&due.clock->basis));
  if (has_due && due.is_instant) value_set(page, "due_at", desk_time(request, due.at));
  view_set_text(request, page, "due_on",
                has_due && !due.is_instant ? desk_coverage_day(request, due.last_day) : TEXT(""));
}

static void fill_burn(const struct asking *asking, struct value *page)
{
  const struct desk_coverage *coverage = &asking->coverage;
  struct web_request *request = coverage->request;
  const struct coverage_authorization *row = &asking->all[asking->which];
  struct authorization_burn burn;
  bool burns = row->state == AUTHORIZATION_APPROVED && asking->has_delivered;
  view_set_flag(request, page, "burns", burns);
  if (!burns) return;
  authorization_burn_load(coverage->rules, request->arena, coverage->zone, asking->all,
                          asking->count, asking->which, &asking->delivered, coverage->today, &burn);
  view_set_text(request, page, "used", view_count(request->arena, burn.used));
  view_set_text(request, page, "left", view_count(request->arena, burn.left));
  view_set_text(request, page, "over",
                burn.over ? view_count(request->arena, burn.over) : TEXT(""));
  view_set_text(request, page, "outside",
                burn.outside ? view_count(request->arena, burn.outside) : TEXT(""));
  view_set_text(request, page, "runs_out",
                row->unit == UNIT_DAY ? desk_coverage_day(request, burn.runs_out_on) : TEXT(""));
  view_set_flag(request, page, "low", burn.is_low);
  view_set_flag(request, page, "review_due", burn.is_review_due);
}

static void fill_steps(const struct asking *asking, struct value *page)
{
  struct web_request *request = asking->coverage.request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < asking->step_count; i++) {
    struct value *item = value_object(request->arena);
    struct text key =
        text_format(request->arena, "coverage.state_%.*s", TEXT_PRINT(asking->steps[i].act));
    view_set_text(request, item, "act", view_text(request, key.at));
    view_set_text(request, item, "day", desk_coverage_day(request, asking->steps[i].on_day));
    value_set(item, "at", desk_time(request, asking->steps[i].at));
    value_add(list, item);
  }
  value_set(page, "steps", list);
}

static bool show_one(const struct asking *asking, const struct desk_form *form)
{
  static const char *const units[] = {"coverage.unit_day", "coverage.unit_visit",
                                      "coverage.unit_hour"};
  const struct desk_coverage *coverage = &asking->coverage;
  const struct coverage_authorization *row = &asking->all[asking->which];
  struct web_request *request = coverage->request;
  struct value *page = coverage->view->page;
  struct text state =
      text_format(request->arena, "coverage.state_%s", authorization_state_name(row->state));
  bool is_approved = row->state == AUTHORIZATION_APPROVED;
  view_set_text(request, page, "authorization", row->id);
  view_set_text(request, page, "plan_words", desk_coverage_plan_words(coverage, row->plan_id));
  view_set_text(request, page, "level", people_label(request, CARE_LEVELS, row->level_of_care));
  view_set_text(request, page, "state", view_text(request, state.at));
  view_set_flag(request, page, "is_approved", is_approved);
  view_set_flag(request, page, "is_urgent", row->is_urgent);
  view_set_text(request, page, "unit", view_text(request, units[row->unit]));
  view_set_text(request, page, "units_asked", view_count(request->arena, row->units_asked));
  view_set_text(request, page, "units", view_count(request->arena, row->approved.units));
  value_set(page, "asked", desk_time(request, row->asked_at));
  view_set_text(request, page, "from", desk_coverage_day(request, row->approved.from));
  view_set_text(request, page, "to", desk_coverage_day(request, row->approved.to));
  view_set_text(request, page, "review", desk_coverage_day(request, row->approved.review_on));
  view_set_text(request, page, "number", row->number);
  view_set_text(request, page, "who", row->who);
  view_set_text(request, page, "words", row->words);
  bool may_decide = row->state == AUTHORIZATION_ASKED || is_approved;
  view_set_flag(request, page, "may_decide",
                may_decide && desk_may(request, "coverage", "write") &&
                    coverage->person.erase_at == 0);
  fill_due(asking, page);
  fill_burn(asking, page);
  fill_steps(asking, page);
  return desk_form_show(form, coverage->view, "desk/coverage_authorization");
}

bool desk_view_authorization(struct web_request *request, struct web_view *view,
                             struct error *error)
{
  struct asking asking = {.id = web_parameter_get(request, "id")};
  struct desk_form form, now;
  if (!desk_coverage_begin(&asking.coverage, request, view, error) ||
      !desk_read(request, load, &asking, error))
    return false;
  if (view->redirect.length) return true;
  if (asking.id.length == 0) return view_ask(&asking, error);
  begin_decide(&form, &asking);
  if (request->method == WEB_GET || !take_decide(&form, &asking)) return show_one(&asking, &form);
  if (desk_write(request, view, save, &asking, error)) return true;
  if (error->kind == ERROR_CONFLICT) {
    error_clear(error);
    if (!desk_read(request, load, &asking, error)) return false;
    begin_decide(&now, &asking);
    desk_form_conflict(&form, &now);
    return show_one(&asking, &form);
  }
  return desk_form_take(&form, error, decide_mappings) && show_one(&asking, &form);
}
