/*
 * /me/coverage: what a person's plans said, what is approved and until when, what can still be done
 * about a no, what pays for a stay, and the letters that went to a plan. It changes nothing. Below
 * it /estimate is the desk's page (views_coverage_estimate.c). Staff's notes stand in the copy of
 * the record, not here. Threads: all state is the request's.
 */
#include "web/desk/about.h"
#include "web/desk/coverage.h"
#include "web/views.h"

struct own {
  struct desk_coverage coverage;
  struct benefits_worksheet *sheets;
  struct coverage_authorization *authorizations;
  struct coverage_denial *denials;
  struct stay_funding *fundings;
  struct coverage_delivered delivered;
  struct disclosure *letters;
  struct text phone; /* the program's */
  size_t sheet_count, authorization_count, denial_count, funding_count, letter_count;
};

/* --- Loading --------------------------------------------------------------------------------- */

static bool is_letter(const struct disclosure *row)
{
  struct text rest = row->fields, field;
  while (text_word_next(&rest, &field))
    if (text_equal(field, TEXT("letter.text"))) return true;
  return false;
}

/* The letters that left, of records that were joined, too. */
static bool load_letters(struct store_transaction *transaction, struct own *own,
                         struct error *error)
{
  struct web_request *request = own->coverage.request;
  struct desk_about about;
  struct access *accesses;
  size_t members;
  own->letters = NULL;
  own->letter_count = 0;
  if (!desk_about_open(transaction, request, "disclosure", "read", &about, error) ||
      !desk_about_members(transaction, &about, &accesses, &members, error))
    return false;
  for (size_t i = 0; i < members; i++) {
    struct disclosure *rows, *all;
    size_t count;
    if (!disclosure_list(transaction, &accesses[i], request->arena, &rows, &count, error))
      return false;
    all = arena_allocate_array(request->arena, own->letter_count + count + 1, sizeof *all);
    for (size_t j = 0; j < own->letter_count; j++) all[j] = own->letters[j];
    own->letters = all;
    for (size_t j = 0; j < count; j++) {
      if (!is_letter(&rows[j])) continue;
      all[own->letter_count] = rows[j];
      all[own->letter_count++].person_id = accesses[i].person_id;
    }
  }
  return true;
}

static bool load_phone(struct store_transaction *transaction, struct own *own, struct error *error)
{
  struct web_request *request = own->coverage.request;
  struct program *programs;
  size_t count;
  own->phone = TEXT("");
  if (!program_list(transaction, request->arena, &programs, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(programs[i].id, request->actor->program_id)) own->phone = programs[i].phone;
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct own *own = context;
  struct desk_coverage *coverage = &own->coverage;
  struct arena *arena = coverage->request->arena;
  const struct access *access = &coverage->access;
  struct access delivered;
  return desk_coverage_load(transaction, coverage, error) &&
         benefits_worksheet_list(transaction, coverage->rules, access, arena, &own->sheets,
                                 &own->sheet_count, error) &&
         authorization_list(transaction, access, arena, &own->authorizations,
                            &own->authorization_count, error) &&
         coverage_denial_list(transaction, access, arena, &own->denials, &own->denial_count,
                              error) &&
         stay_funding_list(transaction, coverage->rules, access, arena, &own->fundings,
                           &own->funding_count, error) &&
         desk_coverage_other(transaction, coverage, "delivered", &delivered, error) &&
         coverage_delivered_load(transaction, &delivered, arena, &own->delivered, error) &&
         load_letters(transaction, own, error) && load_phone(transaction, own, error);
}

/* --- Plans and what they said ---------------------------------------------------------------- */

static struct value *fill_plan(const struct desk_coverage *coverage,
                               const struct coverage_plan *plan)
{
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "plan_words", desk_coverage_plan_words(coverage, plan->id));
  view_set_text(request, item, "turn", view_count(request->arena, plan->turn));
  view_set_text(request, item, "number", plan->member_number);
  view_set_text(request, item, "from", desk_coverage_day(request, plan->from_on));
  view_set_text(request, item, "to", desk_coverage_day(request, plan->to_on));
  view_set_flag(request, item, "ended", plan->to_on && plan->to_on < coverage->today);
  return item;
}

static struct value *fill_answer(const struct desk_coverage *coverage,
                                 const struct benefit_question *question,
                                 const struct benefit_answer *answer)
{
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena);
  bool is_known = benefit_state_find(answer, coverage->today) == BENEFIT_KNOWN;
  view_set_text(request, item, "question", question->ask[request->language]);
  view_set_text(request, item, "answer", desk_coverage_answer(request, question, answer));
  view_set_text(request, item, "by", desk_coverage_by(request, answer->source));
  view_set_text(request, item, "reference", answer->reference);
  view_set_text(request, item, "on", desk_coverage_day(request, answer->asked_on));
  view_set_flag(request, item, "is_old", !is_known);
  return item;
}

static struct value *fill_sheet(const struct desk_coverage *coverage,
                                const struct benefits_worksheet *sheet)
{
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena), *answers = value_list(request->arena);
  enum benefit_name ask[BENEFIT_COUNT];
  size_t open = benefits_to_ask(coverage->rules, &sheet->benefits, coverage->today, ask);
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    enum benefit_name name = benefit_question_order(coverage->rules, i);
    const struct benefit_answer *answer = &sheet->benefits.answers[name];
    if (answer->is_given)
      value_add(answers,
                fill_answer(coverage, benefit_question_get(coverage->rules, name), answer));
  }
  view_set_text(request, item, "level",
                people_label(request, CARE_LEVELS, sheet->benefits.level_of_care));
  view_set_text(request, item, "plan_words", desk_coverage_plan_words(coverage, sheet->plan_id));
  view_set_flag(request, item, "is_open", open > 0);
  value_set(item, "answers", answers);
  return item;
}

/* --- Approvals ------------------------------------------------------------------------------- */

/* By when the plan must answer what was asked; "" where no law of ours says so. */
static struct text due_words(const struct desk_coverage *coverage,
                             const struct coverage_authorization *row)
{
  const struct web_request *request = coverage->request;
  struct decision_due due =
      decision_due_find(coverage->rules, row->payer, row->is_urgent, row->asked_at, row->asked_on);
  if (row->state != AUTHORIZATION_ASKED || due.standing != COVERAGE_HOLDS) return TEXT("");
  if (!due.is_instant) return desk_coverage_day(request, due.last_day);
  return value_text_get(value_get(desk_time(request, due.at), TEXT("shown")));
}

static struct value *fill_authorization(const struct own *own, size_t index)
{
  const struct desk_coverage *coverage = &own->coverage;
  struct web_request *request = coverage->request;
  const struct coverage_authorization *row = &own->authorizations[index];
  struct value *item = value_object(request->arena);
  struct authorization_burn burn = {.left = 0};
  bool is_approved = row->state == AUTHORIZATION_APPROVED;
  bool is_running = is_approved && row->approved.to >= coverage->today;
  struct text state =
      text_format(request->arena, "own_coverage.state_%s", authorization_state_name(row->state));
  struct text unit =
      text_format(request->arena, "coverage.unit_%s", authorization_unit_name(row->unit));
  if (is_approved)
    authorization_burn_load(coverage->rules, request->arena, coverage->zone, own->authorizations,
                            own->authorization_count, index, &own->delivered, coverage->today,
                            &burn);
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, row->level_of_care));
  view_set_text(request, item, "plan_words", desk_coverage_plan_words(coverage, row->plan_id));
  view_set_text(request, item, "state", view_text(request, state.at));
  view_set_text(request, item, "asked", desk_coverage_day(request, row->asked_on));
  view_set_text(request, item, "due", due_words(coverage, row));
  view_set_text(request, item, "unit", view_text(request, unit.at));
  view_set_text(request, item, "number", is_approved ? row->number : TEXT(""));
  view_set_flag(request, item, "is_approved", is_approved);
  view_set_flag(request, item, "is_over", is_approved && !is_running);
  view_set_text(request, item, "units", view_count(request->arena, row->approved.units));
  view_set_text(request, item, "from", desk_coverage_day(request, row->approved.from));
  view_set_text(request, item, "to", desk_coverage_day(request, row->approved.to));
  view_set_text(request, item, "left",
                is_running ? view_count(request->arena, burn.left) : TEXT(""));
  view_set_text(request, item, "ends",
                is_running ? desk_coverage_days_left(request, row->approved.to, coverage->today)
                           : TEXT(""));
  return item;
}

/* --- A no ------------------------------------------------------------------------------------ */

static struct value *fill_step(const struct desk_coverage *coverage, const struct denial *denial,
                               size_t step, const struct appeal *appeal)
{
  static const char *const names[] = {"own_coverage.act_internal", "own_coverage.act_external",
                                      "own_coverage.act_hearing"};
  static const char *const states[] = {[APPEAL_OPEN] = "own_coverage.open",
                                       [APPEAL_TAKEN] = "own_coverage.taken",
                                       [APPEAL_LATER] = "own_coverage.later",
                                       [APPEAL_PASSED] = "own_coverage.passed",
                                       [APPEAL_UNKNOWN] = "own_coverage.unknown"};
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena);
  bool is_open = appeal->state == APPEAL_OPEN;
  int64_t taken = denial->taken_on[step];
  view_set_text(request, item, "name", view_text(request, names[step]));
  view_set_text(request, item, "state",
                view_text(request, taken ? "own_coverage.taken" : states[appeal->state]));
  view_set_text(request, item, "day",
                desk_coverage_day(request, taken                           ? taken
                                           : appeal->state == APPEAL_LATER ? 0
                                                                           : appeal->last_day));
  view_set_text(request, item, "left",
                is_open ? desk_coverage_days_left(request, appeal->last_day, coverage->today)
                        : TEXT(""));
  view_set_text(request, item, "source",
                is_open && appeal->clock ? appeal->clock->basis.source : TEXT(""));
  return item;
}

/* A step of which no law of ours knows the day is left out; the first stands when none is known. */
static bool is_told(const struct denial *denial, const struct appeal appeals[APPEAL_STEPS],
                    size_t step)
{
  bool any = false;
  for (size_t i = 0; i < APPEAL_STEPS; i++) any = any || appeals[i].state != APPEAL_UNKNOWN;
  return appeals[step].state != APPEAL_UNKNOWN || denial->taken_on[step] ||
         (!any && step == APPEAL_INTERNAL);
}

static struct value *fill_denial(const struct desk_coverage *coverage,
                                 const struct coverage_denial *row)
{
  struct web_request *request = coverage->request;
  struct value *item = value_object(request->arena), *steps = value_list(request->arena);
  struct appeal appeals[APPEAL_STEPS];
  struct text outcome =
      text_format(request->arena, "coverage.outcome_%.*s", TEXT_PRINT(row->outcome));
  denial_appeals_find(coverage->rules, &row->denial, coverage->today, appeals);
  for (size_t i = 0; i < APPEAL_STEPS && row->outcome.length == 0; i++)
    if (is_told(&row->denial, appeals, i))
      value_add(steps, fill_step(coverage, &row->denial, i, &appeals[i]));
  view_set_text(request, item, "day", desk_coverage_day(request, row->denial.denied_on));
  view_set_text(request, item, "requested", row->requested);
  view_set_text(request, item, "reason", desk_coverage_reason(coverage, row->denial.reason));
  view_set_text(request, item, "plan_words", desk_coverage_plan_words(coverage, row->plan_id));
  view_set_text(request, item, "number", row->number);
  view_set_text(request, item, "answer_by",
                desk_coverage_day(request, desk_coverage_answer_by(coverage, &row->denial, NULL)));
  view_set_text(request, item, "outcome",
                row->outcome.length ? view_text(request, outcome.at) : TEXT(""));
  view_set_text(request, item, "ended", desk_coverage_day(request, row->ended_on));
  view_set_flag(request, item, "is_open", row->outcome.length == 0);
  value_set(item, "steps", steps);
  return item;
}

/* --- What pays, and letters ------------------------------------------------------------------ */

static struct value *fill_funding(const struct desk_coverage *coverage,
                                  const struct stay_funding *row)
{
  struct web_request *request = coverage->request;
  const struct funding_source *source = funding_source_find(coverage->rules, row->source);
  struct value *item = value_object(request->arena);
  struct loan_cost cost;
  struct error ignored = {0};
  bool is_loan = row->loan.months > 0 && loan_cost_find(&row->loan, &cost, &ignored);
  view_set_text(request, item, "source", source ? source->label[request->language] : row->source);
  view_set_text(request, item, "amount",
                row->amount >= 0 ? money_write(request->arena, row->amount) : TEXT(""));
  view_set_text(request, item, "from", desk_coverage_day(request, row->from_on));
  view_set_text(request, item, "to", desk_coverage_day(request, row->to_on));
  view_set_text(request, item, "loan_total",
                is_loan ? money_write(request->arena, cost.total) : TEXT(""));
  view_set_text(request, item, "loan_extra",
                is_loan ? money_write(request->arena, cost.extra) : TEXT(""));
  return item;
}

static struct value *fill_letter(struct web_request *request, const struct disclosure *row)
{
  struct value *item = value_object(request->arena);
  value_set(item, "at", desk_time(request, row->at));
  view_set_text(request, item, "recipient", row->recipient);
  view_set_text(request, item, "id", row->id);
  view_set_text(request, item, "record", row->person_id);
  view_set_flag(request, item, "may_copy", desk_may(request, "person", "export"));
  return item;
}

/* --- The page -------------------------------------------------------------------------------- */

static void set_list(struct web_request *request, struct value *page, const char *name,
                     struct value *list)
{
  value_set(page, name, list);
  view_set_flag(request, page, text_format(request->arena, "any_%s", name).at,
                value_count(list) > 0);
}

static void fill(const struct own *own)
{
  const struct desk_coverage *coverage = &own->coverage;
  struct web_request *request = coverage->request;
  struct value *page = coverage->view->page;
  struct value *plans = value_list(request->arena), *sheets = value_list(request->arena),
               *authorizations = value_list(request->arena), *denials = value_list(request->arena),
               *fundings = value_list(request->arena), *letters = value_list(request->arena);
  for (size_t i = 0; i < coverage->plan_count; i++)
    value_add(plans, fill_plan(coverage, &coverage->plans[i]));
  for (size_t i = 0; i < own->sheet_count; i++)
    value_add(sheets, fill_sheet(coverage, &own->sheets[i]));
  for (size_t i = 0; i < own->authorization_count; i++)
    value_add(authorizations, fill_authorization(own, i));
  for (size_t i = 0; i < own->denial_count; i++)
    value_add(denials, fill_denial(coverage, &own->denials[i]));
  for (size_t i = 0; i < own->funding_count; i++)
    if (own->fundings[i].ended_at == 0)
      value_add(fundings, fill_funding(coverage, &own->fundings[i]));
  for (size_t i = 0; i < own->letter_count; i++)
    value_add(letters, fill_letter(request, &own->letters[i]));
  set_list(request, page, "plans", plans);
  set_list(request, page, "sheets", sheets);
  set_list(request, page, "authorizations", authorizations);
  set_list(request, page, "denials", denials);
  set_list(request, page, "fundings", fundings);
  set_list(request, page, "letters", letters);
  view_set_text(request, page, "phone", people_phone(request->arena, own->phone));
  view_set_text(request, page, "phone_href",
                own->phone.length ? view_phone_link(request->arena, own->phone) : TEXT(""));
}

static bool view_own_coverage(struct web_request *request, struct web_view *view,
                              struct error *error)
{
  struct own own = {.letter_count = 0};
  if (!desk_coverage_begin(&own.coverage, request, view, error) ||
      !desk_read(request, load, &own, error))
    return false;
  fill(&own);
  view->template_name = "desk/own_coverage";
  return true;
}

const struct web_route desk_own_coverage_routes[] = {{.methods = WEB_GET,
                                                      .pattern = "/me/coverage",
                                                      .handler = view_own_coverage,
                                                      .guard = "coverage",
                                                      .get_act = "read"},
                                                     {.methods = WEB_GET | WEB_POST,
                                                      .pattern = "/me/coverage/estimate",
                                                      .handler = desk_view_estimate,
                                                      .guard = "coverage",
                                                      .get_act = "read",
                                                      .post_act = "read"},
                                                     {.pattern = NULL}};
