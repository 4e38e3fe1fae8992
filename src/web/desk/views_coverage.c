/*
 * /desk/people/{id}/coverage: all that pays for one person's care: plans, what they answered by
 * level, approvals with what is left of them, denials with what is still open, what pays for each
 * stay. Threads: all state is the request's.
 */
#include "web/desk/coverage.h"

struct overview {
  struct desk_coverage coverage;
  struct benefits_worksheet *sheets;
  struct coverage_authorization *authorizations;
  struct coverage_denial *denials;
  struct stay_funding *fundings;
  struct coverage_delivered delivered;
  size_t sheet_count, authorization_count, denial_count, funding_count;
  bool has_delivered;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct overview *all = context;
  struct desk_coverage *coverage = &all->coverage;
  struct web_request *request = coverage->request;
  struct arena *arena = request->arena;
  struct access delivered;
  if (!desk_coverage_load(transaction, coverage, error)) return false;
  if (coverage->view->redirect.length) return true;
  const struct access *access = &coverage->access;
  all->has_delivered = desk_may(request, "delivered", "read");
  return benefits_worksheet_list(transaction, coverage->rules, access, arena, &all->sheets,
                                 &all->sheet_count, error) &&
         authorization_list(transaction, access, arena, &all->authorizations,
                            &all->authorization_count, error) &&
         coverage_denial_list(transaction, access, arena, &all->denials, &all->denial_count,
                              error) &&
         stay_funding_list(transaction, coverage->rules, access, arena, &all->fundings,
                           &all->funding_count, error) &&
         (!all->has_delivered ||
          (people_access(transaction, request, "delivered", "read", request->captured, &delivered,
                         error) &&
           coverage_delivered_load(transaction, &delivered, arena, &all->delivered, error)));
}

/* --- Rows ------------------------------------------------------------------------------------ */

static struct value *fill_plan(const struct overview *all, const struct coverage_plan *plan)
{
  const struct desk_coverage *coverage = &all->coverage;
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "plan", plan->id);
  view_set_text(request, item, "turn", view_count(request->arena, plan->turn));
  view_set_text(request, item, "name",
                plan->name.length ? plan->name : view_text(request, "coverage.plan_erased"));
  view_set_text(request, item, "payer", desk_coverage_payer(coverage, plan->payer));
  view_set_text(request, item, "number", plan->member_number);
  view_set_text(request, item, "from", desk_coverage_day(request, plan->from_on));
  view_set_text(request, item, "to", desk_coverage_day(request, plan->to_on));
  view_set_flag(request, item, "ended", plan->to_on && plan->to_on < coverage->today);
  return item;
}

static struct value *fill_sheet(const struct overview *all, const struct benefits_worksheet *sheet)
{
  const struct desk_coverage *coverage = &all->coverage;
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena);
  enum benefit_name ask[BENEFIT_COUNT];
  int64_t known = 0, expired = 0;
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    enum benefit_state state = benefit_state_find(&sheet->benefits.answers[i], coverage->today);
    known += state == BENEFIT_KNOWN;
    expired += state == BENEFIT_EXPIRED;
  }
  size_t open = benefits_to_ask(coverage->rules, &sheet->benefits, coverage->today, ask);
  view_set_text(request, item, "plan", sheet->plan_id);
  view_set_text(request, item, "level", sheet->benefits.level_of_care);
  view_set_text(request, item, "plan_words", desk_coverage_plan_words(coverage, sheet->plan_id));
  view_set_text(request, item, "level_words",
                people_label(request, CARE_LEVELS, sheet->benefits.level_of_care));
  view_set_text(request, item, "known", view_count(request->arena, known));
  view_set_text(request, item, "open", view_count(request->arena, (int64_t)open));
  view_set_text(request, item, "expired", expired ? view_count(request->arena, expired) : TEXT(""));
  value_set(item, "at", desk_time(request, sheet->at));
  return item;
}

static struct value *fill_authorization(const struct overview *all, size_t index)
{
  const struct desk_coverage *coverage = &all->coverage;
  struct web_request *request = coverage->request;
  const struct coverage_authorization *row = &all->authorizations[index];
  struct value *item = value_object(request->arena);
  bool is_approved = row->state == AUTHORIZATION_APPROVED;
  struct authorization_burn burn = {.left = 0};
  if (is_approved && all->has_delivered)
    authorization_burn_load(coverage->rules, request->arena, coverage->zone, all->authorizations,
                            all->authorization_count, index, &all->delivered, coverage->today,
                            &burn);
  struct text state =
      text_format(request->arena, "coverage.state_%s", authorization_state_name(row->state));
  view_set_text(request, item, "authorization", row->id);
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, row->level_of_care));
  view_set_text(request, item, "plan_words", desk_coverage_plan_words(coverage, row->plan_id));
  view_set_text(request, item, "state", view_text(request, state.at));
  view_set_text(request, item, "asked", desk_coverage_day(request, row->asked_on));
  view_set_text(request, item, "from", desk_coverage_day(request, row->approved.from));
  view_set_text(request, item, "to", desk_coverage_day(request, row->approved.to));
  view_set_text(request, item, "units", view_count(request->arena, row->approved.units));
  view_set_flag(request, item, "approved", is_approved);
  view_set_flag(request, item, "burns", is_approved && all->has_delivered);
  view_set_text(request, item, "left", view_count(request->arena, burn.left));
  view_set_text(request, item, "over",
                burn.over ? view_count(request->arena, burn.over) : TEXT(""));
  view_set_flag(request, item, "low",
                is_approved && burn.is_low && row->approved.to >= coverage->today);
  return item;
}

/* The step that ends first of those that are open. */
static const struct appeal *next_step(const struct appeal appeals[APPEAL_STEPS])
{
  const struct appeal *found = NULL;
  for (size_t i = 0; i < APPEAL_STEPS; i++)
    if (appeals[i].state == APPEAL_OPEN && (!found || appeals[i].last_day < found->last_day))
      found = &appeals[i];
  return found;
}

static struct value *fill_denial(const struct overview *all, const struct coverage_denial *row)
{
  const struct desk_coverage *coverage = &all->coverage;
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena);
  struct appeal appeals[APPEAL_STEPS];
  denial_appeals_find(coverage->rules, &row->denial, coverage->today, appeals);
  const struct appeal *next = row->outcome.length ? NULL : next_step(appeals);
  struct text outcome =
      text_format(request->arena, "coverage.outcome_%.*s", TEXT_PRINT(row->outcome));
  view_set_text(request, item, "denial", row->id);
  view_set_text(request, item, "day", desk_coverage_day(request, row->denial.denied_on));
  view_set_text(request, item, "reason", desk_coverage_reason(coverage, row->denial.reason));
  view_set_text(request, item, "plan_words", desk_coverage_plan_words(coverage, row->plan_id));
  view_set_text(request, item, "requested", row->requested);
  view_set_text(request, item, "outcome",
                row->outcome.length ? view_text(request, outcome.at) : TEXT(""));
  view_set_text(request, item, "next", next ? next->clock->label[request->language] : TEXT(""));
  view_set_text(request, item, "until",
                next ? desk_coverage_day(request, next->last_day) : TEXT(""));
  view_set_text(request, item, "left",
                next ? desk_coverage_days_left(request, next->last_day, coverage->today)
                     : TEXT(""));
  return item;
}

static struct value *fill_funding(const struct overview *all, const struct stay_funding *row)
{
  const struct desk_coverage *coverage = &all->coverage;
  struct web_request *request = coverage->request;
  const struct funding_source *source = funding_source_find(coverage->rules, row->source);
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "source", source ? source->label[request->language] : row->source);
  view_set_text(request, item, "amount",
                row->amount >= 0 ? money_write(request->arena, row->amount) : TEXT(""));
  view_set_text(request, item, "from", desk_coverage_day(request, row->from_on));
  view_set_text(request, item, "to", desk_coverage_day(request, row->to_on));
  return item;
}

/* --- The page -------------------------------------------------------------------------------- */

static void fill_forms(struct overview *all, struct value *page)
{
  static const struct desk_field fields[] = {
      {.name = "plan", .label = "coverage.plan", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
      {.name = "level", .label = "person.stay_level", .kind = DESK_CHOICE, .flags = DESK_REQUIRED}};
  struct desk_coverage *coverage = &all->coverage;
  struct desk_form form;
  DESK_FORM_INIT(&form, coverage->request, fields);
  desk_coverage_choose_plan(&form, coverage);
  people_choose(&form, "level", CARE_LEVELS);
  if (coverage->plan_count == 1) desk_form_set(&form, "plan", coverage->plans[0].id);
  if (coverage->stay_count) desk_form_set(&form, "level", coverage->stays[0].level_of_care);
  desk_form_fill(&form, page, "sheet_form");
}

static void fill(struct overview *all)
{
  struct desk_coverage *coverage = &all->coverage;
  struct web_request *request = coverage->request;
  struct value *page = coverage->view->page;
  struct value *plans = value_list(request->arena), *sheets = value_list(request->arena),
               *authorizations = value_list(request->arena), *denials = value_list(request->arena),
               *fundings = value_list(request->arena);
  for (size_t i = 0; i < coverage->plan_count; i++)
    value_add(plans, fill_plan(all, &coverage->plans[i]));
  for (size_t i = 0; i < all->sheet_count; i++) value_add(sheets, fill_sheet(all, &all->sheets[i]));
  for (size_t i = 0; i < all->authorization_count; i++)
    value_add(authorizations, fill_authorization(all, i));
  for (size_t i = 0; i < all->denial_count; i++)
    value_add(denials, fill_denial(all, &all->denials[i]));
  for (size_t i = 0; i < all->funding_count; i++)
    if (all->fundings[i].ended_at == 0) value_add(fundings, fill_funding(all, &all->fundings[i]));
  value_set(page, "plans", plans);
  value_set(page, "sheets", sheets);
  value_set(page, "authorizations", authorizations);
  value_set(page, "denials", denials);
  value_set(page, "fundings", fundings);
  view_set_flag(request, page, "any_plans", coverage->plan_count > 0);
  view_set_flag(request, page, "any_sheets", all->sheet_count > 0);
  view_set_flag(request, page, "any_authorizations", all->authorization_count > 0);
  view_set_flag(request, page, "any_denials", all->denial_count > 0);
  view_set_flag(request, page, "any_fundings", value_count(fundings) > 0);
  view_set_flag(request, page, "has_delivered", all->has_delivered);
  view_set_flag(request, page, "may_letters", desk_may(request, "disclosure", "write"));
}

static bool view_coverage(struct web_request *request, struct web_view *view, struct error *error)
{
  struct overview all = {.sheet_count = 0};
  if (!desk_coverage_begin(&all.coverage, request, view, error) ||
      !desk_read(request, load, &all, error))
    return false;
  if (view->redirect.length) return true;
  fill(&all);
  fill_forms(&all, view->page);
  view->template_name = "desk/coverage";
  return true;
}

const struct web_route desk_coverage_routes[] = {
    {.methods = WEB_GET,
     .pattern = "/desk/people/{id}/coverage",
     .handler = view_coverage,
     .guard = "coverage",
     .get_act = "read"},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/coverage/authorization",
     .handler = desk_view_authorization,
     .guard = "coverage",
     .get_act = "read",
     .post_act = "write",
     .flags = WEB_LINES},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/coverage/denial",
     .handler = desk_view_denial,
     .guard = "coverage",
     .get_act = "read",
     .post_act = "write",
     .flags = WEB_LINES},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/coverage/estimate",
     .handler = desk_view_estimate,
     .guard = "coverage",
     .get_act = "read",
     .post_act = "read"},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/coverage/funding",
     .handler = desk_view_funding,
     .guard = "coverage",
     .get_act = "read",
     .post_act = "write"},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/settings/fees",
     .handler = desk_view_fees,
     .guard = "program",
     .get_act = "write",
     .post_act = "write",
     .flags = WEB_LINES},
    {.methods = WEB_GET,
     .pattern = "/desk/coverage",
     .handler = desk_view_coverage_due,
     .guard = "coverage",
     .get_act = "read"},
    {.pattern = NULL}};
