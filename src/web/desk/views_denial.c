/*
 * /desk/people/{id}/coverage/denial: enter that a plan said no; with "id" of the address one that
 * was entered: which steps of an appeal are open and until when, taking one, the plan's second no,
 * how it ended. Threads: all state is the request's.
 */
#include "web/desk/coverage.h"

static const struct desk_field add_fields[] = {
    {.name = "plan", .label = "coverage.plan", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "authorization", .label = "coverage.denied_what", .kind = DESK_CHOICE},
    {.name = "level", .label = "person.stay_level", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "reason", .label = "coverage.reason", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "denied",
     .label = "coverage.denied_on",
     .help = "coverage.denied_on_help",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "requested",
     .label = "coverage.requested",
     .help = "coverage.requested_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_COVERAGE_LINE},
    {.name = "number",
     .label = "coverage.denial_number",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_COVERAGE_LINE / 4},
    {.name = "words", .label = "coverage.words", .kind = DESK_LINES, .longest = 2000},
};
static const struct desk_field step_fields[] = {
    {.name = "step",
     .label = "coverage.what_happened",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "outcome",
     .label = "coverage.outcome",
     .help = "coverage.outcome_help",
     .kind = DESK_CHOICE},
    {.name = "on",
     .label = "coverage.on_day",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
};
static const struct desk_mapping add_mappings[] = {
    {"error.coverage.reason", "reason"}, {"error.coverage.moment", "denied"}, {NULL, NULL}};
static const struct desk_mapping step_mappings[] = {
    {"error.coverage.appeal", "step"},     {"error.coverage.moment", "on"},
    {"error.coverage.outcome", "outcome"}, {"error.coverage.over", NULL},
    {"error.coverage.stale", NULL},        {NULL, NULL}};
static const char *const outcomes[] = {"overturned", "in-part", "upheld", "dropped"};
static const char *const acts[] = {"internal", "external", "hearing", "denied-again", "ended"};
enum { ACTS = sizeof acts / sizeof *acts, OUTCOMES = sizeof outcomes / sizeof *outcomes };

struct denying {
  struct desk_coverage coverage;
  struct text id;
  struct coverage_authorization *asked;
  struct coverage_denial row;
  struct coverage_step *steps;
  size_t asked_count, step_count;
  struct denial_change change;
  int64_t version;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct denying *denying = context;
  struct desk_coverage *coverage = &denying->coverage;
  struct arena *arena = coverage->request->arena;
  if (!desk_coverage_load(transaction, coverage, error)) return false;
  if (coverage->view->redirect.length) return true;
  if (denying->id.length == 0)
    return authorization_list(transaction, &coverage->access, arena, &denying->asked,
                              &denying->asked_count, error);
  return coverage_denial_load(transaction, &coverage->access, arena, denying->id, &denying->row,
                              error) &&
         coverage_step_list(transaction, &coverage->access, arena, denying->id, &denying->steps,
                            &denying->step_count, error);
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct denying *denying = context;
  struct desk_coverage *coverage = &denying->coverage;
  struct web_request *request = coverage->request;
  struct coverage_denial row = denying->row;
  if (!desk_coverage_write(transaction, coverage, error)) return false;
  bool is_done =
      denying->id.length
          ? coverage_denial_change(transaction, coverage->rules, &coverage->access, request->arena,
                                   denying->id, &denying->change, denying->version, coverage->zone,
                                   coverage->today, error)
          : coverage_denial_add(transaction, coverage->rules, &coverage->access, request->arena,
                                &row, coverage->zone, coverage->today, error);
  if (is_done)
    desk_redirect(request, coverage->view, "/desk/people/%.*s/coverage/denial?id=%.*s",
                  TEXT_PRINT(request->captured),
                  TEXT_PRINT(denying->id.length ? denying->id : row.id));
  return is_done;
}

/* --- Entering -------------------------------------------------------------------------------- */

static void choose_asked(struct desk_form *form, const struct denying *denying)
{
  struct web_request *request = denying->coverage.request;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, denying->asked_count + 1, sizeof *choices);
  size_t count = 0;
  for (size_t i = 0; i < denying->asked_count; i++) {
    const struct coverage_authorization *row = &denying->asked[i];
    choices[count++] = (struct desk_choice){
        row->id, text_format(request->arena, "%.*s, %.*s",
                             TEXT_PRINT(people_label(request, CARE_LEVELS, row->level_of_care)),
                             TEXT_PRINT(desk_coverage_day(request, row->asked_on)))};
  }
  desk_form_choices(form, "authorization", choices, count);
}

static void begin_add(struct desk_form *form, const struct denying *denying)
{
  const struct desk_coverage *coverage = &denying->coverage;
  struct web_request *request = coverage->request;
  size_t count = denial_reasons_count(coverage->rules);
  struct desk_choice *reasons = arena_allocate_array(request->arena, count + 1, sizeof *reasons);
  for (size_t i = 0; i < count; i++) {
    const struct coverage_name *reason = denial_reasons_get(coverage->rules, i);
    reasons[i] = (struct desk_choice){reason->name, reason->label[request->language]};
  }
  DESK_FORM_INIT(form, request, add_fields);
  desk_coverage_choose_plan(form, coverage);
  choose_asked(form, denying);
  people_choose(form, "level", CARE_LEVELS);
  desk_form_choices(form, "reason", reasons, count);
  if (coverage->plan_count) desk_form_set(form, "plan", coverage->plans[0].id);
  if (coverage->stay_count) desk_form_set(form, "level", coverage->stays[0].level_of_care);
  for (size_t i = denying->asked_count; i-- > 0;)
    if (denying->asked[i].state == AUTHORIZATION_ASKED) {
      desk_form_set(form, "authorization", denying->asked[i].id);
      desk_form_set(form, "plan", denying->asked[i].plan_id);
      desk_form_set(form, "level", denying->asked[i].level_of_care);
    }
}

static bool take_add(struct desk_form *form, struct denying *denying)
{
  if (!desk_form_read(form)) return false;
  denying->row =
      (struct coverage_denial){.plan_id = desk_form_get(form, "plan"),
                               .authorization_id = desk_form_get(form, "authorization"),
                               .level_of_care = desk_form_get(form, "level"),
                               .denial = {.reason = desk_form_get(form, "reason"),
                                          .denied_on = desk_coverage_get_day(form, "denied")},
                               .requested = desk_form_get(form, "requested"),
                               .number = desk_form_get(form, "number"),
                               .words = desk_form_get(form, "words")};
  return true;
}

static bool view_add(struct denying *denying, struct error *error)
{
  struct desk_coverage *coverage = &denying->coverage;
  struct web_request *request = coverage->request;
  struct desk_form form;
  begin_add(&form, denying);
  view_set_flag(request, coverage->view->page, "has_plans", coverage->plan_count > 0);
  if (!desk_may(request, "coverage", "write"))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "nothing to look at");
  if (request->method == WEB_GET || !take_add(&form, denying))
    return desk_form_show(&form, coverage->view, "desk/coverage_denial_add");
  if (desk_write(request, coverage->view, save, denying, error)) return true;
  return desk_form_take(&form, error, add_mappings) &&
         desk_form_show(&form, coverage->view, "desk/coverage_denial_add");
}

/* --- One that was entered -------------------------------------------------------------------- */

static bool may_take(const struct denying *denying, const struct appeal appeals[APPEAL_STEPS],
                     size_t act)
{
  const struct denial *denial = &denying->row.denial;
  if (act < APPEAL_STEPS)
    return !denial->taken_on[act] &&
           (appeals[act].state == APPEAL_OPEN || appeals[act].state == APPEAL_UNKNOWN);
  if (act == DENIAL_AGAIN) return denial->taken_on[APPEAL_INTERNAL] && !denial->internal_denied_on;
  return true;
}

static void begin_step(struct desk_form *form, const struct denying *denying,
                       const struct appeal appeals[APPEAL_STEPS])
{
  struct web_request *request = denying->coverage.request;
  struct desk_choice *steps = arena_allocate_array(request->arena, ACTS, sizeof *steps);
  struct desk_choice *ends = arena_allocate_array(request->arena, OUTCOMES, sizeof *ends);
  size_t count = 0;
  for (size_t i = 0; i < ACTS; i++) {
    if (!may_take(denying, appeals, i)) continue;
    struct text key = text_format(request->arena, "coverage.act_%s", acts[i]);
    steps[count++] = (struct desk_choice){text_from(acts[i]), view_text(request, key.at)};
  }
  for (size_t i = 0; i < OUTCOMES; i++) {
    struct text key = text_format(request->arena, "coverage.outcome_%s", outcomes[i]);
    ends[i] = (struct desk_choice){text_from(outcomes[i]), view_text(request, key.at)};
  }
  DESK_FORM_INIT(form, request, step_fields);
  desk_form_choices(form, "step", steps, count);
  desk_form_choices(form, "outcome", ends, OUTCOMES);
  desk_coverage_set_day(form, "on", denying->coverage.today);
  desk_form_set_version(form, denying->row.version);
}

static bool take_step(struct desk_form *form, struct denying *denying)
{
  if (!desk_form_read(form)) return false;
  struct text step = desk_form_get(form, "step");
  for (size_t i = 0; i < ACTS; i++)
    if (text_equal(step, text_from(acts[i]))) denying->change.act = (enum denial_act)i;
  denying->change.on_day = desk_coverage_get_day(form, "on");
  denying->change.outcome = desk_form_get(form, "outcome");
  denying->version = desk_form_version(form);
  return true;
}

/* By when the plan must answer the appeal that it has. */
static void fill_answer_by(const struct denying *denying, enum appeal_step step, struct value *item)
{
  const struct desk_coverage *coverage = &denying->coverage;
  struct web_request *request = coverage->request;
  const struct coverage_clock *clock = NULL;
  int64_t last =
      step == APPEAL_INTERNAL ? desk_coverage_answer_by(coverage, &denying->row.denial, &clock) : 0;
  view_set_text(request, item, "answer_by", desk_coverage_day(request, last));
  if (!last) return;
  view_set_text(request, item, "answer_left",
                desk_coverage_days_left(request, last, coverage->today));
  view_set_text(request, item, "answer_source", clock->basis.source);
  view_set_flag(request, item, "answer_unsigned", !coverage_is_signed(&clock->basis));
}

/* A step of the appeal, in words: until when, or why not. */
static struct value *fill_appeal(const struct denying *denying, enum appeal_step step,
                                 const struct appeal *appeal)
{
  static const char *const names[] = {"coverage.act_internal", "coverage.act_external",
                                      "coverage.act_hearing"};
  static const char *const states[] = {[APPEAL_OPEN] = "coverage.appeal_open",
                                       [APPEAL_TAKEN] = "coverage.appeal_taken",
                                       [APPEAL_LATER] = "coverage.appeal_later",
                                       [APPEAL_PASSED] = "coverage.appeal_passed",
                                       [APPEAL_UNKNOWN] = "coverage.appeal_unknown"};
  const struct desk_coverage *coverage = &denying->coverage;
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena);
  bool is_open = appeal->state == APPEAL_OPEN;
  bool has_day = is_open || appeal->state == APPEAL_PASSED;
  view_set_text(request, item, "name", view_text(request, names[step]));
  view_set_text(request, item, "state", view_text(request, states[appeal->state]));
  view_set_flag(request, item, "is_open", is_open);
  view_set_text(request, item, "taken",
                desk_coverage_day(request, denying->row.denial.taken_on[step]));
  view_set_text(request, item, "until",
                has_day ? desk_coverage_day(request, appeal->last_day) : TEXT(""));
  view_set_text(request, item, "left",
                is_open ? desk_coverage_days_left(request, appeal->last_day, coverage->today)
                        : TEXT(""));
  view_set_text(request, item, "source", appeal->clock ? appeal->clock->basis.source : TEXT(""));
  view_set_flag(request, item, "unsigned",
                appeal->clock && !coverage_is_signed(&appeal->clock->basis));
  fill_answer_by(denying, step, item);
  return item;
}

static void fill_lists(const struct denying *denying, const struct appeal appeals[APPEAL_STEPS],
                       struct value *page)
{
  struct web_request *request = denying->coverage.request;
  struct value *list = value_list(request->arena), *steps = value_list(request->arena);
  for (size_t i = 0; i < APPEAL_STEPS; i++)
    value_add(list, fill_appeal(denying, (enum appeal_step)i, &appeals[i]));
  for (size_t i = 0; i < denying->step_count; i++) {
    struct value *item = value_object(request->arena);
    struct text key =
        text_format(request->arena, "coverage.act_%.*s", TEXT_PRINT(denying->steps[i].act));
    view_set_text(request, item, "act", view_text(request, key.at));
    view_set_text(request, item, "day", desk_coverage_day(request, denying->steps[i].on_day));
    value_set(item, "at", desk_time(request, denying->steps[i].at));
    value_add(steps, item);
  }
  value_set(page, "appeals", list);
  value_set(page, "steps", steps);
}

static bool show_one(const struct denying *denying, const struct appeal appeals[APPEAL_STEPS],
                     const struct desk_form *form)
{
  const struct desk_coverage *coverage = &denying->coverage;
  const struct coverage_denial *row = &denying->row;
  struct web_request *request = coverage->request;
  struct value *page = coverage->view->page;
  struct text outcome =
      text_format(request->arena, "coverage.outcome_%.*s", TEXT_PRINT(row->outcome));
  view_set_text(request, page, "denial", row->id);
  view_set_text(request, page, "plan_words", desk_coverage_plan_words(coverage, row->plan_id));
  view_set_text(request, page, "level", people_label(request, CARE_LEVELS, row->level_of_care));
  view_set_text(request, page, "reason", desk_coverage_reason(coverage, row->denial.reason));
  view_set_text(request, page, "day", desk_coverage_day(request, row->denial.denied_on));
  view_set_text(request, page, "requested", row->requested);
  view_set_text(request, page, "number", row->number);
  view_set_text(request, page, "words", row->words);
  view_set_text(request, page, "outcome",
                row->outcome.length ? view_text(request, outcome.at) : TEXT(""));
  view_set_text(request, page, "ended", desk_coverage_day(request, row->ended_on));
  view_set_flag(request, page, "may_step",
                row->outcome.length == 0 && desk_may(request, "coverage", "write") &&
                    coverage->person.erase_at == 0);
  view_set_flag(request, page, "may_letters", desk_may(request, "disclosure", "write"));
  fill_lists(denying, appeals, page);
  return desk_form_show(form, coverage->view, "desk/coverage_denial");
}

bool desk_view_denial(struct web_request *request, struct web_view *view, struct error *error)
{
  struct denying denying = {.id = web_parameter_get(request, "id")};
  struct appeal appeals[APPEAL_STEPS];
  struct desk_form form, now;
  if (!desk_coverage_begin(&denying.coverage, request, view, error) ||
      !desk_read(request, load, &denying, error))
    return false;
  if (view->redirect.length) return true;
  if (denying.id.length == 0) return view_add(&denying, error);
  denial_appeals_find(denying.coverage.rules, &denying.row.denial, denying.coverage.today, appeals);
  begin_step(&form, &denying, appeals);
  if (request->method == WEB_GET || !take_step(&form, &denying))
    return show_one(&denying, appeals, &form);
  if (desk_write(request, view, save, &denying, error)) return true;
  if (error->kind == ERROR_CONFLICT) {
    error_clear(error);
    if (!desk_read(request, load, &denying, error)) return false;
    denial_appeals_find(denying.coverage.rules, &denying.row.denial, denying.coverage.today,
                        appeals);
    begin_step(&now, &denying, appeals);
    desk_form_conflict(&form, &now);
    return show_one(&denying, appeals, &form);
  }
  return desk_form_take(&form, error, step_mappings) && show_one(&denying, appeals, &form);
}
