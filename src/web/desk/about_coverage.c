/*
 * about_coverage: what pays for somebody's care as documents of their record, by the fields of
 * knowledge/labels.csv: plans, what they answered, approvals, denials, what pays for a stay. Codes
 * of payers and reasons stand in words. See about.h.
 */
#include "web/desk/about.h"
#include "web/desk/coverage.h"
#include "web/views.h"

static void set(struct arena *arena, struct value *object, const char *key, struct text t)
{
  if (t.length) value_set(object, key, value_text(arena, t));
}

static void set_day(struct arena *arena, struct value *object, const char *key, int64_t day)
{
  if (day > 0) set(arena, object, key, coverage_day_write(arena, day));
}

static struct value *plan_document(const struct desk_coverage *coverage,
                                   const struct coverage_plan *plan)
{
  struct arena *arena = coverage->request->arena;
  struct value *out = value_object(arena);
  set(arena, out, "name", plan->name);
  set(arena, out, "payer", desk_coverage_payer(coverage, plan->payer));
  set(arena, out, "member_name", plan->member_name);
  set(arena, out, "member_number", plan->member_number);
  set(arena, out, "group_number", plan->group_number);
  set(arena, out, "phone", plan->phone);
  set(arena, out, "address", plan->address);
  set_day(arena, out, "from", plan->from_on);
  set_day(arena, out, "to", plan->to_on);
  return out;
}

static struct value *answers_document(const struct desk_coverage *coverage,
                                      const struct benefits_worksheet *sheet)
{
  struct arena *arena = coverage->request->arena;
  struct value *out = value_object(arena), *list = value_list(arena);
  set(arena, out, "plan", desk_coverage_plan_words(coverage, sheet->plan_id));
  set(arena, out, "level_of_care", sheet->benefits.level_of_care);
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    const struct benefit_answer *answer = &sheet->benefits.answers[i];
    const struct benefit_question *question =
        benefit_question_get(coverage->rules, (enum benefit_name)i);
    struct value *item = value_object(arena);
    if (!answer->is_given) continue;
    struct text words = answer->words;
    if (answer->value == BENEFIT_NO_LIMIT) words = view_text(coverage->request, "benefits.none");
    else if (question->kind == BENEFIT_MONEY) words = money_write(arena, answer->value);
    else if (question->kind == BENEFIT_YES_NO)
      words = view_text(coverage->request, answer->value ? "benefits.yes" : "benefits.no");
    else if (question->kind != BENEFIT_WORDS)
      words = text_format(arena, "%lld", (long long)answer->value);
    set(arena, item, "question", question->ask[coverage->request->language]);
    set(arena, item, "answer", words);
    set(arena, item, "who", answer->who);
    set(arena, item, "reference", answer->reference);
    set_day(arena, item, "asked_on", answer->asked_on);
    value_add(list, item);
  }
  if (value_count(list)) value_set(out, "answers", list);
  return out;
}

static struct value *authorization_document(const struct desk_coverage *coverage,
                                            const struct coverage_authorization *row)
{
  struct arena *arena = coverage->request->arena;
  struct value *out = value_object(arena);
  struct text state = text_format(arena, "coverage.state_%s", authorization_state_name(row->state));
  set(arena, out, "plan", desk_coverage_plan_words(coverage, row->plan_id));
  set(arena, out, "level_of_care", row->level_of_care);
  set(arena, out, "state", view_text(coverage->request, state.at));
  value_set(out, "units_asked", value_integer(arena, row->units_asked));
  set_day(arena, out, "asked_on", row->asked_on);
  if (row->approved.units) value_set(out, "units", value_integer(arena, row->approved.units));
  set_day(arena, out, "from", row->approved.from);
  set_day(arena, out, "to", row->approved.to);
  set_day(arena, out, "decided_on", row->decided_on);
  set(arena, out, "number", row->number);
  set(arena, out, "who", row->who);
  set(arena, out, "words", row->words);
  return out;
}

static struct value *denial_document(const struct desk_coverage *coverage,
                                     const struct coverage_denial *row)
{
  struct arena *arena = coverage->request->arena;
  struct value *out = value_object(arena);
  struct text outcome = text_format(arena, "coverage.outcome_%.*s", TEXT_PRINT(row->outcome));
  set(arena, out, "plan", desk_coverage_plan_words(coverage, row->plan_id));
  set(arena, out, "level_of_care", row->level_of_care);
  set(arena, out, "reason", desk_coverage_reason(coverage, row->denial.reason));
  set(arena, out, "requested", row->requested);
  set(arena, out, "number", row->number);
  set_day(arena, out, "denied_on", row->denial.denied_on);
  if (row->outcome.length) set(arena, out, "outcome", view_text(coverage->request, outcome.at));
  set_day(arena, out, "ended_on", row->ended_on);
  set(arena, out, "words", row->words);
  return out;
}

static struct value *funding_document(const struct desk_coverage *coverage,
                                      const struct stay_funding *row)
{
  struct arena *arena = coverage->request->arena;
  const struct funding_source *source = funding_source_find(coverage->rules, row->source);
  struct value *out = value_object(arena);
  set(arena, out, "source", source ? source->label[coverage->request->language] : row->source);
  if (row->amount >= 0) set(arena, out, "amount", money_write(arena, row->amount));
  set_day(arena, out, "from", row->from_on);
  set_day(arena, out, "to", row->to_on);
  set(arena, out, "words", row->words);
  return out;
}

bool desk_about_coverage(struct store_transaction *transaction, const struct desk_about *about,
                         const struct access *access, struct value *record, struct error *error)
{
  struct desk_coverage coverage = {.request = about->request};
  struct arena *arena = about->request->arena;
  struct benefits_worksheet *sheets;
  struct coverage_authorization *authorizations;
  struct coverage_denial *denials;
  struct stay_funding *fundings;
  size_t sheet_count, authorization_count, denial_count, funding_count;
  if (!about->request->application->pages) return true;
  coverage.rules = about->request->application->pages->coverage;
  if (!coverage_plan_list(transaction, access, arena, &coverage.plans, &coverage.plan_count,
                          error) ||
      !benefits_worksheet_list(transaction, coverage.rules, access, arena, &sheets, &sheet_count,
                               error) ||
      !authorization_list(transaction, access, arena, &authorizations, &authorization_count,
                          error) ||
      !coverage_denial_list(transaction, access, arena, &denials, &denial_count, error) ||
      !stay_funding_list(transaction, coverage.rules, access, arena, &fundings, &funding_count,
                         error))
    return false;
  struct value *lists[] = {value_list(arena), value_list(arena), value_list(arena),
                           value_list(arena), value_list(arena)};
  static const char *const names[] = {"coverage-plan", "coverage-answers", "coverage-authorization",
                                      "coverage-denial", "coverage-funding"};
  for (size_t i = 0; i < coverage.plan_count; i++)
    value_add(lists[0], plan_document(&coverage, &coverage.plans[i]));
  for (size_t i = 0; i < sheet_count; i++)
    value_add(lists[1], answers_document(&coverage, &sheets[i]));
  for (size_t i = 0; i < authorization_count; i++)
    value_add(lists[2], authorization_document(&coverage, &authorizations[i]));
  for (size_t i = 0; i < denial_count; i++)
    value_add(lists[3], denial_document(&coverage, &denials[i]));
  for (size_t i = 0; i < funding_count; i++)
    if (!fundings[i].ended_at) value_add(lists[4], funding_document(&coverage, &fundings[i]));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (value_count(lists[i])) value_set(record, names[i], lists[i]);
  return true;
}
