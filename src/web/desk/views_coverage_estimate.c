/*
 * /desk/people/{id}/coverage/estimate: what a planned stay would cost the person: the least and the
 * most that the plan's answers allow, and the program's own sliding fee by income and household.
 * Asked by POST, shown, kept nowhere. Threads: all state is the request's.
 */
#include "web/desk/coverage.h"

static const struct desk_field fields[] = {
    {.name = "plan", .label = "coverage.plan", .kind = DESK_CHOICE},
    {.name = "level", .label = "person.stay_level", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "days",
     .label = "estimate.days",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .least = 1,
     .most = LIMIT_COVERAGE_DAYS},
    {.name = "price",
     .label = "estimate.price",
     .help = "estimate.price_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 20},
    {.name = "income",
     .label = "estimate.income",
     .help = "estimate.income_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 20},
    {.name = "period", .label = "estimate.period", .kind = DESK_CHOICE},
    {.name = "household",
     .label = "estimate.household",
     .kind = DESK_NUMBER,
     .flags = DESK_SHORT,
     .least = 1,
     .most = LIMIT_COVERAGE_HOUSEHOLD},
};

struct estimating {
  struct desk_coverage coverage;
  struct benefits_worksheet sheet;
  struct fee_version *versions;
  size_t version_count;
  struct text plan_id, level, state;
  bool has_sheet;
};

static bool load_fees(struct store_transaction *transaction, struct estimating *estimating,
                      struct error *error)
{
  struct web_request *request = estimating->coverage.request;
  struct program *programs;
  size_t count;
  estimating->state = TEXT("");
  if (!program_list(transaction, request->arena, &programs, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(programs[i].id, request->actor->program_id))
      estimating->state = programs[i].state;
  return fee_version_list(transaction, request->actor->program_id, request->arena,
                          &estimating->versions, &estimating->version_count, error);
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct estimating *estimating = context;
  struct desk_coverage *coverage = &estimating->coverage;
  if (!desk_coverage_load(transaction, coverage, error)) return false;
  if (coverage->view->redirect.length) return true;
  estimating->has_sheet =
      desk_coverage_plan(coverage, estimating->plan_id) && estimating->level.length;
  return load_fees(transaction, estimating, error) &&
         (!estimating->has_sheet ||
          benefits_worksheet_load(transaction, coverage->rules, &coverage->access,
                                  coverage->request->arena, estimating->plan_id, estimating->level,
                                  &estimating->sheet, error));
}

static void begin(struct desk_form *form, const struct estimating *estimating)
{
  const struct desk_coverage *coverage = &estimating->coverage;
  struct web_request *request = coverage->request;
  size_t count = income_periods_count(coverage->rules);
  struct desk_choice *periods = arena_allocate_array(request->arena, count + 1, sizeof *periods);
  for (size_t i = 0; i < count; i++) {
    const struct income_period *period = income_periods_get(coverage->rules, i);
    periods[i] = (struct desk_choice){period->name, period->label[request->language]};
  }
  DESK_FORM_INIT(form, request, fields);
  desk_coverage_choose_plan(form, coverage);
  people_choose(form, "level", CARE_LEVELS);
  desk_form_choices(form, "period", periods, count);
  if (count) desk_form_set(form, "period", periods[0].value);
  if (coverage->plan_count) desk_form_set(form, "plan", coverage->plans[0].id);
  if (coverage->stay_count) desk_form_set(form, "level", coverage->stays[0].level_of_care);
}

/* --- What the plan leaves ----------------------------------------------------------------------
 */

static bool fill_plan(const struct estimating *estimating, const struct desk_form *form,
                      int64_t price, struct error *error)
{
  const struct desk_coverage *coverage = &estimating->coverage;
  struct web_request *request = coverage->request;
  struct value *lines = value_list(request->arena);
  const struct benefit_stay stay = {
      .days = desk_form_number(form, "days", 1), .price_a_day = price, .day = coverage->today};
  struct benefit_estimate estimate;
  if (!estimating->has_sheet) return true;
  if (!benefit_estimate_find(&estimating->sheet.benefits, &stay, &estimate, error)) return false;
  struct text rest = benefit_estimate_words(coverage->rules, request->application->catalog,
                                            request->language, request->arena, &estimate);
  struct text line;
  while (text_split_next(&rest, '\n', &line))
    if (!text_is_empty(line)) value_add(lines, value_text(request->arena, line));
  value_set(coverage->view->page, "plan_lines", lines);
  view_set_flag(request, coverage->view->page, "has_plan_lines", true);
  view_set_text(request, coverage->view->page, "plan_words",
                desk_coverage_plan_words(coverage, estimating->plan_id));
  return true;
}

/* --- The sliding fee ---------------------------------------------------------------------------
 */

/* The versions that were not taken back. */
static size_t own_schedules(const struct estimating *estimating, struct fee_schedule **out)
{
  struct fee_schedule *list = arena_allocate_array(estimating->coverage.request->arena,
                                                   estimating->version_count + 1, sizeof *list);
  size_t count = 0;
  for (size_t i = 0; i < estimating->version_count; i++)
    if (!estimating->versions[i].withdrawn_at) list[count++] = estimating->versions[i].schedule;
  *out = list;
  return count;
}

static bool fill_fee(const struct estimating *estimating, const struct desk_form *form,
                     int64_t income, int64_t price, struct error *error)
{
  const struct desk_coverage *coverage = &estimating->coverage;
  struct web_request *request = coverage->request;
  struct value *page = coverage->view->page;
  struct fee_schedule *own;
  size_t count = own_schedules(estimating, &own);
  struct fee_answer answer;
  struct fee_question question = {
      .income = income,
      .period = income_period_find(coverage->rules, desk_form_get(form, "period")),
      .household = desk_form_number(form, "household", 0),
      .state = estimating->state,
      .day = coverage->today};
  if (income < 0 || question.household < 1 || !question.period) return true;
  if (!fee_answer_find(coverage->rules, own, count, &question, &answer, error)) return false;
  view_set_flag(request, page, "has_fee", true);
  view_set_flag(request, page, "guideline_holds", answer.guideline_standing == COVERAGE_HOLDS);
  view_set_flag(request, page, "is_example", count == 0);
  view_set_flag(request, page, "has_band", answer.band != NULL);
  if (answer.guideline_standing != COVERAGE_HOLDS) return true;
  view_set_text(request, page, "percent", view_count(request->arena, answer.percent));
  view_set_text(request, page, "guideline", answer.guideline->label[request->language]);
  view_set_text(request, page, "guideline_source", answer.guideline->basis.source);
  if (!answer.band || price < 0) return true;
  int64_t days = desk_form_number(form, "days", 1), a_day = fee_band_price(answer.band, price);
  view_set_text(request, page, "fee_day", money_write(request->arena, a_day));
  view_set_text(request, page, "fee_stay", money_write(request->arena, a_day * days));
  view_set_text(request, page, "full_stay", money_write(request->arena, price * days));
  return true;
}

bool desk_view_estimate(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.coverage.stay", "days"},
                                                 {"error.coverage.income", "income"},
                                                 {"error.coverage.household", "household"},
                                                 {NULL, NULL}};
  struct estimating estimating = {.plan_id = web_parameter_get(request, "plan"),
                                  .level = web_parameter_get(request, "level")};
  struct desk_form form;
  int64_t price, income;
  if (!desk_coverage_begin(&estimating.coverage, request, view, error) ||
      !desk_read(request, load, &estimating, error))
    return false;
  if (view->redirect.length) return true;
  begin(&form, &estimating);
  if (request->method == WEB_GET || !desk_form_read(&form) ||
      !desk_coverage_get_money(&form, "price", &price) ||
      !desk_coverage_get_money(&form, "income", &income))
    return desk_form_show(&form, view, "desk/coverage_estimate");
  if (price > LIMIT_COVERAGE_PRICE) desk_form_refuse(&form, "price", "error.coverage.amount");
  else if ((!fill_plan(&estimating, &form, price, error) ||
            !fill_fee(&estimating, &form, income, price, error)) &&
           !desk_form_take(&form, error, mappings))
    return false;
  view_set_flag(request, view->page, "is_answered", form.problem_count == 0);
  return desk_form_show(&form, view, "desk/coverage_estimate");
}
