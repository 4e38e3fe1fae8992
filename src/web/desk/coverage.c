/*
 * coverage: see coverage.h.
 */
#include "web/desk/coverage.h"

#include "web/desk/about.h"
#include "web/views.h"

bool desk_coverage_begin(struct desk_coverage *coverage, struct web_request *request,
                         struct web_view *view, struct error *error)
{
  const struct web_pages *pages = request->application->pages;
  *coverage = (struct desk_coverage){.request = request, .view = view};
  if (!pages)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no rules of coverage");
  coverage->rules = pages->coverage;
  return true;
}

static bool load_day(struct store_transaction *transaction, struct desk_coverage *coverage,
                     struct error *error)
{
  struct web_request *request = coverage->request;
  if (!site_zone(transaction, request->actor->program_id, coverage->person.site_id, &coverage->zone,
                 error))
    return false;
  (void)coverage_day_read(zone_format_date(request->arena, coverage->zone, request->now),
                          &coverage->today);
  return true;
}

bool desk_coverage_other(struct store_transaction *transaction,
                         const struct desk_coverage *coverage, const char *object,
                         struct access *out, struct error *error)
{
  struct web_request *request = coverage->request;
  struct desk_about about;
  if (!desk_is_own(request))
    return people_access(transaction, request, object, "read", request->captured, out, error);
  if (!desk_about_open(transaction, request, object, "read", &about, error)) return false;
  *out = about.access;
  return true;
}

/* The actor's own, under /me. */
static bool load_own(struct store_transaction *transaction, struct desk_coverage *coverage,
                     struct error *error)
{
  struct web_request *request = coverage->request;
  struct desk_about about;
  if (!desk_about_open(transaction, request, "coverage", "read", &about, error)) return false;
  coverage->access = about.access;
  coverage->person = about.person;
  coverage->view->page = value_object(request->arena);
  desk_about_fill(&about, coverage->view->page);
  return true;
}

static bool load_person(struct store_transaction *transaction, struct desk_coverage *coverage,
                        struct error *error)
{
  struct web_request *request = coverage->request;
  struct text id = request->captured;
  if (desk_is_own(request)) return load_own(transaction, coverage, error);
  if (!people_access(transaction, request, "coverage", "read", id, &coverage->access, error) ||
      !people_fill(transaction, request, &coverage->access, id, "coverage", coverage->view,
                   &coverage->person, error))
    return false;
  if (coverage->view->redirect.length) return true;
  view_set_flag(request, coverage->view->page, "own", false);
  view_set_text(request, coverage->view->page, "here",
                text_format(request->arena, "/desk/people/%.*s", TEXT_PRINT(id)));
  return true;
}

bool desk_coverage_load(struct store_transaction *transaction, struct desk_coverage *coverage,
                        struct error *error)
{
  struct web_request *request = coverage->request;
  struct access stays;
  if (!load_person(transaction, coverage, error)) return false;
  if (coverage->view->redirect.length) return true;
  coverage->stay_count = 0;
  if (desk_may(request, "episode", "read") &&
      (!desk_coverage_other(transaction, coverage, "episode", &stays, error) ||
       !episode_list(transaction, &stays, request->arena, coverage->person.id, &coverage->stays,
                     &coverage->stay_count, error)))
    return false;
  view_set_flag(request, coverage->view->page, "may_ask",
                desk_may(request, "coverage", "ask") && coverage->person.erase_at == 0);
  view_set_flag(request, coverage->view->page, "may_write",
                desk_may(request, "coverage", "write") && coverage->person.erase_at == 0);
  return load_day(transaction, coverage, error) &&
         coverage_plan_list(transaction, &coverage->access, request->arena, &coverage->plans,
                            &coverage->plan_count, error);
}

bool desk_coverage_act(struct store_transaction *transaction, struct desk_coverage *coverage,
                       const char *act, struct error *error)
{
  struct web_request *request = coverage->request;
  return people_access(transaction, request, "coverage", act, request->captured, &coverage->access,
                       error) &&
         load_day(transaction, coverage, error);
}

bool desk_coverage_write(struct store_transaction *transaction, struct desk_coverage *coverage,
                         struct error *error)
{
  return desk_coverage_act(transaction, coverage, "write", error);
}

void desk_coverage_go(struct desk_coverage *coverage, const char *page)
{
  desk_redirect(coverage->request, coverage->view, "/desk/people/%.*s/coverage%s",
                TEXT_PRINT(coverage->request->captured), page);
}

/* --- Names ----------------------------------------------------------------------------------- */

const struct coverage_plan *desk_coverage_plan(const struct desk_coverage *coverage, struct text id)
{
  for (size_t i = 0; i < coverage->plan_count; i++)
    if (id.length && text_equal(coverage->plans[i].id, id)) return &coverage->plans[i];
  return NULL;
}

struct text desk_coverage_payer(const struct desk_coverage *coverage, struct text payer)
{
  for (size_t i = 0; i < payer_kinds_count(coverage->rules); i++) {
    const struct coverage_name *kind = payer_kinds_get(coverage->rules, i);
    if (text_equal(kind->name, payer)) return kind->label[coverage->request->language];
  }
  return TEXT("");
}

struct text desk_coverage_reason(const struct desk_coverage *coverage, struct text reason)
{
  for (size_t i = 0; i < denial_reasons_count(coverage->rules); i++) {
    const struct coverage_name *row = denial_reasons_get(coverage->rules, i);
    if (text_equal(row->name, reason)) return row->label[coverage->request->language];
  }
  return TEXT("");
}

struct text desk_coverage_plan_words(const struct desk_coverage *coverage, struct text id)
{
  const struct coverage_plan *plan = desk_coverage_plan(coverage, id);
  if (!plan) return TEXT("");
  struct text name =
      plan->name.length ? plan->name : view_text(coverage->request, "coverage.plan_erased");
  return text_format(coverage->request->arena, "%.*s (%.*s)", TEXT_PRINT(name),
                     TEXT_PRINT(desk_coverage_payer(coverage, plan->payer)));
}

int64_t desk_coverage_answer_by(const struct desk_coverage *coverage, const struct denial *denial,
                                const struct coverage_clock **clock)
{
  const struct coverage_clock *found = NULL;
  int64_t taken = denial->taken_on[APPEAL_INTERNAL];
  if (!taken || denial->internal_denied_on ||
      appeal_answer_find(coverage->rules, denial->payer, false, taken, &found) != COVERAGE_HOLDS)
    return 0;
  if (clock) *clock = found;
  return coverage_clock_last_day(found, taken);
}

struct text desk_coverage_answer(const struct web_request *request,
                                 const struct benefit_question *question,
                                 const struct benefit_answer *answer)
{
  if (!answer->is_given) return TEXT("");
  if (question->kind == BENEFIT_WORDS) return answer->words;
  if (answer->value == BENEFIT_NO_LIMIT) return view_text(request, "benefits.none");
  if (question->kind == BENEFIT_YES_NO)
    return view_text(request, answer->value ? "benefits.yes" : "benefits.no");
  if (question->kind == BENEFIT_MONEY) return money_write(request->arena, answer->value);
  return text_format(request->arena, question->kind == BENEFIT_PERCENT ? "%lld %%" : "%lld",
                     (long long)answer->value);
}

struct text desk_coverage_by(const struct web_request *request, enum benefit_source source)
{
  static const char *const by[] = {[BENEFIT_BY_PHONE] = "benefits.by_phone",
                                   [BENEFIT_BY_PORTAL] = "benefits.by_portal",
                                   [BENEFIT_BY_271] = "benefits.by_271",
                                   [BENEFIT_BY_LETTER] = "benefits.by_letter"};
  return view_text(request, by[source]);
}

/* --- Choices --------------------------------------------------------------------------------- */

void desk_coverage_choose_plan(struct desk_form *form, const struct desk_coverage *coverage)
{
  struct arena *arena = coverage->request->arena;
  struct desk_choice *choices =
      arena_allocate_array(arena, coverage->plan_count + 1, sizeof *choices);
  for (size_t i = 0; i < coverage->plan_count; i++)
    choices[i] = (struct desk_choice){coverage->plans[i].id,
                                      desk_coverage_plan_words(coverage, coverage->plans[i].id)};
  desk_form_choices(form, "plan", choices, coverage->plan_count);
}

void desk_coverage_choose_stay(struct desk_form *form, const struct desk_coverage *coverage)
{
  struct web_request *request = coverage->request;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, coverage->stay_count + 1, sizeof *choices);
  for (size_t i = 0; i < coverage->stay_count; i++) {
    const struct episode *stay = &coverage->stays[i];
    int64_t at = stay->begun_at ? stay->begun_at : stay->made_at;
    struct text day = view_date(request, zone_format_date(request->arena, coverage->zone, at));
    choices[i] = (struct desk_choice){
        stay->id, text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(day),
                              TEXT_PRINT(people_label(request, CARE_LEVELS, stay->level_of_care)))};
  }
  desk_form_choices(form, "stay", choices, coverage->stay_count);
}

void desk_coverage_choose_payer(struct desk_form *form, const struct coverage_rules *rules)
{
  size_t count = payer_kinds_count(rules);
  struct desk_choice *choices =
      arena_allocate_array(form->request->arena, count + 1, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    const struct coverage_name *kind = payer_kinds_get(rules, i);
    choices[i] = (struct desk_choice){kind->name, kind->label[form->request->language]};
  }
  desk_form_choices(form, "payer", choices, count);
}

/* --- Days and money -------------------------------------------------------------------------- */

struct text desk_coverage_day(const struct web_request *request, int64_t day)
{
  struct arena *arena = request->arena;
  int year, month, date;
  if (day <= 0 || !time_read_date(coverage_day_write(arena, day), &year, &month, &date))
    return TEXT("");
  struct text key = text_format(arena, "date.%d", month);
  return VIEW_FORMAT(request, "date.form", {"year", text_format(arena, "%d", year)},
                     {"month", view_text(request, key.at)},
                     {"day", text_format(arena, "%d", date)});
}

struct text desk_coverage_days(const struct web_request *request, int64_t from, int64_t to)
{
  struct text first = desk_coverage_day(request, from), last = desk_coverage_day(request, to);
  if (last.length == 0)
    return first.length ? VIEW_FORMAT(request, "coverage.from_day", {"day", first}) : first;
  return text_format(request->arena, "%.*s – %.*s", TEXT_PRINT(first), TEXT_PRINT(last));
}

struct text desk_coverage_days_left(const struct web_request *request, int64_t day, int64_t today)
{
  if (day < today) return view_text(request, "coverage.gone");
  if (day == today) return view_text(request, "coverage.today");
  if (day == today + 1) return view_text(request, "coverage.tomorrow");
  return VIEW_FORMAT(request, "coverage.days_left",
                     {"days", view_count(request->arena, day - today)});
}

void desk_coverage_set_day(struct desk_form *form, const char *name, int64_t day)
{
  if (day > 0) desk_form_set(form, name, coverage_day_write(form->request->arena, day));
}

int64_t desk_coverage_get_day(const struct desk_form *form, const char *name)
{
  int64_t day = 0;
  return coverage_day_read(desk_form_get(form, name), &day) ? day : 0;
}

bool desk_coverage_get_money(struct desk_form *form, const char *name, int64_t *cents)
{
  struct text typed = desk_form_get(form, name);
  *cents = -1;
  if (typed.length == 0 || money_read(typed, cents)) return true;
  desk_form_refuse(form, name, "error.coverage.amount");
  return false;
}

bool desk_coverage_moment(const struct desk_coverage *coverage, struct text date, struct text clock,
                          int64_t *out)
{
  struct zone_time local = {.second = 0};
  int64_t hour, minute, later;
  size_t colon = text_find(clock, TEXT(":"));
  if (!time_read_date(date, &local.year, &local.month, &local.day) || colon >= clock.length ||
      !text_read_integer(text_slice(clock, 0, colon), &hour) || hour < 0 || hour > 23 ||
      clock.length - colon != 3 ||
      !text_read_integer(text_slice(clock, colon + 1, clock.length), &minute) || minute < 0 ||
      minute > 59)
    return false;
  local.hour = (int)hour;
  local.minute = (int)minute;
  (void)zone_instant(coverage->zone, &local, out, &later);
  return true;
}

/* --- Histories ------------------------------------------------------------------------------- */

bool desk_coverage_names(struct store_transaction *transaction, const struct web_request *request,
                         const struct paying_step *steps, size_t count, struct text **out,
                         struct error *error)
{
  struct text *names = arena_allocate_array(request->arena, count + 1, sizeof *names);
  for (size_t i = 0; i < count; i++) {
    struct account account;
    size_t same = 0;
    while (same < i && !text_equal(steps[same].account_id, steps[i].account_id)) same++;
    names[i] = same < i ? names[same] : TEXT("");
    if (same < i || steps[i].account_id.length == 0) continue;
    if (account_load(transaction, request->arena, steps[i].account_id, &account, error))
      names[i] = account.shown_name.length ? account.shown_name : account.sign_in_name;
    else if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
  }
  *out = names;
  return true;
}
