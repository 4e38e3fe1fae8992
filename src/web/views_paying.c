/*
 * /learn/paying/calculator: from income, household and state to a band of a sliding fee and to ways
 * to pay. What was typed arrives by POST, is reckoned with and forgotten: nothing is stored, logged
 * or put into an address. What is believed is in knowledge/ (docs/coverage.md); markup is in
 * pages/paying.mustache.
 */
#include "web/views.h"

/* What was sent, and what is wrong with it: a catalog key, or NULL. */
struct asked {
  const struct web_request *request;
  const struct coverage_rules *rules;
  struct fee_question fee;
  uint32_t situations;
  const char *income_problem, *household_problem, *state_problem;
};

/* --- Reading ------------------------------------------------------------------------------- */

static void read_situations(struct asked *asked)
{
  const struct text *said;
  size_t count = web_parameter_all(asked->request, "situation", &said), index;
  for (size_t i = 0; i < count; i++)
    if (paying_situation_find(asked->rules, said[i], &index))
      asked->situations |= UINT32_C(1) << index;
}

/* Answers false when a field must be mended. */
static bool read_asked(struct asked *asked)
{
  const struct web_request *request = asked->request;
  struct fee_question *fee = &asked->fee;
  const struct paying_state *state =
      paying_state_find(asked->rules, web_parameter_get(request, "state"));
  fee->period = income_period_find(asked->rules, web_parameter_get(request, "period"));
  if (!fee->period) fee->period = income_periods_get(asked->rules, 0);
  read_situations(asked);
  if (!money_read(web_parameter_get(request, "income"), &fee->income) ||
      fee->income > LIMIT_COVERAGE_INCOME / fee->period->times_a_year)
    asked->income_problem = "error.coverage.income";
  if (!text_read_integer(web_parameter_get(request, "household"), &fee->household) ||
      fee->household < 1 || fee->household > LIMIT_COVERAGE_HOUSEHOLD)
    asked->household_problem = "error.coverage.household";
  if (state) fee->state = state->code;
  else asked->state_problem = "error.coverage.state";
  return !asked->income_problem && !asked->household_problem && !asked->state_problem;
}

/* --- The form ------------------------------------------------------------------------------ */

static void add_choice(const struct asked *asked, struct value *list, struct text value,
                       struct text label, bool is_checked)
{
  struct value *choice = value_object(asked->request->arena);
  view_set_text(asked->request, choice, "value", value);
  view_set_text(asked->request, choice, "label", label);
  view_set_flag(asked->request, choice, "checked", is_checked);
  value_add(list, choice);
}

/* A field for partials/choose_input. */
static struct value *input_value(const struct asked *asked, const char *name, const char *label,
                                 const char *problem)
{
  const struct web_request *request = asked->request;
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "id", text_from(name));
  view_set_text(request, out, "name", text_from(name));
  view_set_text(request, out, "label", view_text(request, label));
  view_set_text(request, out, "value", web_parameter_get(request, name));
  if (problem) view_set_text(request, out, "problem", view_text(request, problem));
  return out;
}

static void set_choices(const struct asked *asked, struct value *input, struct value *choices)
{
  value_set(input, "choices", choices);
  view_set_flag(asked->request, input, "has_choices", true);
}

static struct value *period_input(const struct asked *asked)
{
  struct value *out = input_value(asked, "period", "paying.period", NULL);
  struct value *choices = value_list(asked->request->arena);
  for (size_t i = 0; i < income_periods_count(asked->rules); i++) {
    const struct income_period *period = income_periods_get(asked->rules, i);
    add_choice(asked, choices, period->name, period->label[asked->request->language],
               period == asked->fee.period);
  }
  set_choices(asked, out, choices);
  return out;
}

static struct value *state_input(const struct asked *asked)
{
  struct value *out = input_value(asked, "state", "paying.state", asked->state_problem);
  struct value *choices = value_list(asked->request->arena);
  add_choice(asked, choices, TEXT(""), view_text(asked->request, "paying.choose_state"), false);
  for (size_t i = 0; i < paying_states_count(asked->rules); i++) {
    const struct paying_state *state = paying_states_get(asked->rules, i);
    add_choice(asked, choices, state->code, state->label[asked->request->language],
               text_equal(state->code, asked->fee.state));
  }
  set_choices(asked, out, choices);
  return out;
}

/* A group of checkboxes for partials/choose_field. */
static struct value *situations_field(const struct asked *asked)
{
  const struct web_request *request = asked->request;
  struct value *out = value_object(request->arena), *options = value_list(request->arena);
  for (size_t i = 0; i < paying_situations_count(asked->rules); i++) {
    const struct paying_situation *one = paying_situations_get(asked->rules, i);
    add_choice(asked, options, one->name, one->label[request->language],
               asked->situations >> i & 1);
  }
  view_set_text(request, out, "id", TEXT("situations"));
  view_set_text(request, out, "legend", view_text(request, "paying.situations"));
  value_set(out, "options", options);
  view_set_text(request, out, "name", TEXT("situation"));
  view_set_text(request, out, "type", TEXT("checkbox"));
  return out;
}

static void fill_form(const struct asked *asked, struct value *page)
{
  struct value *income = input_value(asked, "income", "paying.income", asked->income_problem);
  struct value *household =
      input_value(asked, "household", "paying.household", asked->household_problem);
  view_set_flag(asked->request, household, "whole", true);
  value_set(page, "income", income);
  value_set(page, "period", period_input(asked));
  value_set(page, "household", household);
  value_set(page, "state", state_input(asked));
  value_set(page, "situations", situations_field(asked));
}

/* What was sent, again, for the other language. */
static void fill_sent(const struct asked *asked, struct value *page)
{
  static const char *const names[] = {"income", "period", "household", "state", "situation"};
  const struct web_request *request = asked->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const struct text *values;
    size_t count = web_parameter_all(request, names[i], &values);
    for (size_t j = 0; j < count; j++) {
      struct value *field = value_object(request->arena);
      view_set_text(request, field, "name", text_from(names[i]));
      view_set_text(request, field, "value", values[j]);
      value_add(list, field);
    }
  }
  value_set(page, "sent", list);
}

static void fill_problems(const struct asked *asked, struct value *page)
{
  const struct {
    const char *href, *key;
  } all[] = {{"#income", asked->income_problem},
             {"#household", asked->household_problem},
             {"#state", asked->state_problem}};
  struct value *list = value_list(asked->request->arena);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (!all[i].key) continue;
    struct value *problem = value_object(asked->request->arena);
    view_set_text(asked->request, problem, "href", text_from(all[i].href));
    view_set_text(asked->request, problem, "text", view_text(asked->request, all[i].key));
    value_add(list, problem);
  }
  value_set(page, "problems", list);
  view_set_flag(asked->request, page, "has_problems", true);
}

/* --- The answer ------------------------------------------------------------------------------ */

static struct text day_words(const struct web_request *request, int64_t day)
{
  return view_date(request, coverage_day_write(request->arena, day));
}

/* {"source", "mark", "until"}: where a row comes from, whether it is checked, until when it holds.
 */
static void set_basis(const struct web_request *request, struct value *out,
                      const struct coverage_basis *basis, const struct coverage_term *term)
{
  static const struct {
    const char *grade, *key;
  } marks[] = {
      {"V2", "learn.grade_second"}, {"GK", "learn.grade_general"}, {"P", "learn.grade_ours"}};
  view_set_text(request, out, "source", basis->source);
  view_set_text(request, out, "grade", basis->grade);
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (text_equal(basis->grade, text_from(marks[i].grade)))
      view_set_text(request, out, "mark", view_text(request, marks[i].key));
  if (term->last != COVERAGE_OPEN)
    view_set_text(request, out, "until",
                  VIEW_FORMAT(request, "paying.until", {"date", day_words(request, term->last)}));
}

static struct text household_words(const struct web_request *request, int64_t household)
{
  if (household == 1) return view_text(request, "paying.one_person");
  return VIEW_FORMAT(request, "paying.people", {"count", view_count(request->arena, household)});
}

/* "up to 100 %", "101 % to 125 %", "over 200 %". */
static struct text range_words(const struct web_request *request, const struct fee_band *band)
{
  struct text from = view_count(request->arena, band->above + 1);
  if (band->to == FEE_NO_END)
    return VIEW_FORMAT(request, "paying.over", {"from", view_count(request->arena, band->above)});
  struct text to = view_count(request->arena, band->to);
  if (band->above == 0) return VIEW_FORMAT(request, "paying.up_to", {"to", to});
  return VIEW_FORMAT(request, "paying.between", {"from", from}, {"to", to});
}

static struct value *bands_value(const struct web_request *request, const struct fee_answer *answer)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < answer->schedule->band_count; i++) {
    const struct fee_band *band = &answer->schedule->bands[i];
    struct value *row = value_object(request->arena);
    view_set_text(request, row, "range", range_words(request, band));
    view_set_text(request, row, "label", band->label[request->language]);
    view_set_flag(request, row, "yours", band == answer->band);
    value_add(list, row);
  }
  return list;
}

/* Percent, line and band; or that the guideline has ended, or that there is none. */
static struct value *fee_value(const struct asked *asked, const struct fee_answer *answer)
{
  const struct web_request *request = asked->request;
  struct arena *arena = request->arena;
  struct value *out = value_object(arena);
  if (answer->guideline_standing != COVERAGE_HOLDS) {
    bool is_expired = answer->guideline_standing == COVERAGE_EXPIRED;
    view_set_text(request, out, "none",
                  is_expired
                      ? VIEW_FORMAT(request, "paying.line_ended",
                                    {"date", day_words(request, answer->guideline->term.last)})
                      : view_text(request, "paying.no_line"));
    return out;
  }
  view_set_text(request, out, "percent", view_count(arena, answer->percent));
  view_set_text(
      request, out, "line",
      VIEW_FORMAT(request, "paying.line",
                  {"people", household_words(request, asked->fee.household)},
                  {"where", answer->guideline->label[request->language]},
                  {"year", text_format(arena, "%lld", (long long)answer->guideline->year)},
                  {"line", money_write(arena, answer->line)},
                  {"income", money_write(arena, answer->income_a_year)}));
  set_basis(request, out, &answer->guideline->basis, &answer->guideline->term);
  if (!answer->band) return out;
  struct value *band = value_object(arena);
  view_set_text(request, band, "label", answer->band->label[request->language]);
  view_set_flag(request, band, "unsigned", !coverage_is_signed(&answer->schedule->basis));
  value_set(band, "bands", bands_value(request, answer));
  set_basis(request, band, &answer->schedule->basis, &answer->schedule->term);
  value_set(out, "band", band);
  return out;
}

static struct value *way_value(const struct web_request *request, const struct paying_way *way)
{
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "way", way->name);
  view_set_text(request, out, "label", way->label[request->language]);
  view_set_text(request, out, "words", way->words[request->language]);
  if (way->link.length) {
    bool is_search = text_starts_with(way->link, TEXT("/find"));
    view_set_text(request, out, "link", way->link);
    view_set_text(request, out, "link_label",
                  view_text(request, is_search ? "paying.see" : "paying.read"));
  }
  set_basis(request, out, &way->basis, &way->term);
  return out;
}

static void fill_ways(const struct asked *asked, const struct paying_answer *answer,
                      struct value *page)
{
  static const char *const names[] = {
      [PAYING_LIKELY] = "likely", [PAYING_MAYBE] = "maybe", [PAYING_NOTE] = "notes"};
  const struct web_request *request = asked->request;
  struct value *groups[PAYING_NOTE + 1];
  for (size_t i = 0; i <= PAYING_NOTE; i++) groups[i] = value_list(request->arena);
  for (size_t i = 0; i < answer->count; i++)
    value_add(groups[answer->ways[i]->fit], way_value(request, answer->ways[i]));
  for (size_t i = 0; i <= PAYING_NOTE; i++) {
    if (value_count(groups[i]) == 0) continue;
    struct value *group = value_object(request->arena);
    value_set(group, "ways", groups[i]);
    value_set(page, names[i], group);
  }
  view_set_flag(request, page, "ended", answer->expired > 0);
  view_set_flag(request, page, "left_out", answer->unknown > 0);
}

/* The document: what the page says, without words for people. */
static struct value *result_value(const struct asked *asked, const struct fee_answer *fee,
                                  const struct paying_answer *paying)
{
  static const char *const standings[] = {[COVERAGE_HOLDS] = "holds",
                                          [COVERAGE_NOT_YET] = "not-yet",
                                          [COVERAGE_EXPIRED] = "expired",
                                          [COVERAGE_MISSING] = "missing"};
  static const char *const fits[] = {
      [PAYING_LIKELY] = "likely", [PAYING_MAYBE] = "maybe", [PAYING_NOTE] = "note"};
  const struct web_request *request = asked->request;
  struct arena *arena = request->arena;
  struct value *out = value_object(arena), *ways = value_list(arena);
  bool holds = fee->guideline_standing == COVERAGE_HOLDS;
  value_set(out, "income_a_year", value_integer(arena, fee->income_a_year));
  view_set_text(request, out, "guideline", text_from(standings[fee->guideline_standing]));
  value_set(out, "line", holds ? value_integer(arena, fee->line) : value_null(arena));
  value_set(out, "percent", holds ? value_integer(arena, fee->percent) : value_null(arena));
  value_set(out, "schedule",
            fee->band ? value_text(arena, fee->schedule->name) : value_null(arena));
  value_set(out, "band", fee->band ? value_text(arena, fee->band->name) : value_null(arena));
  for (size_t i = 0; i < paying->count; i++) {
    struct value *way = value_object(arena);
    view_set_text(request, way, "way", paying->ways[i]->name);
    view_set_text(request, way, "fit", text_from(fits[paying->ways[i]->fit]));
    view_set_text(request, way, "source", paying->ways[i]->basis.source);
    view_set_text(request, way, "grade", paying->ways[i]->basis.grade);
    value_add(ways, way);
  }
  value_set(out, "ways", ways);
  value_set(out, "expired", value_integer(arena, (int64_t)paying->expired));
  return out;
}

static bool fill_answer(const struct asked *asked, struct web_view *view, struct error *error)
{
  struct fee_answer fee;
  struct paying_answer paying;
  if (!fee_answer_find(asked->rules, NULL, 0, &asked->fee, &fee, error)) return false;
  struct paying_question question = {asked->fee.state,
                                     fee.guideline_standing == COVERAGE_HOLDS ? fee.percent : -1,
                                     asked->situations, asked->fee.day};
  paying_answer_find(asked->rules, &question, &paying);
  struct value *answer = value_object(asked->request->arena);
  value_set(answer, "fee", fee_value(asked, &fee));
  fill_ways(asked, &paying, answer);
  value_set(view->page, "answer", answer);
  view->result = result_value(asked, &fee, &paying);
  return true;
}

static bool view_calculator(struct web_request *request, struct web_view *view, struct error *error)
{
  enum { MICROSECONDS = 1000000, SECONDS_A_DAY = 86400 };
  const struct web_pages *pages = request->application->pages;
  struct asked asked = {.request = request, .rules = pages ? pages->coverage : NULL};
  if (!asked.rules)
    return error_set(error, ERROR_NOT_FOUND, "error.learn.unknown", "", "nothing is loaded");
  asked.fee.day = time_now() / MICROSECONDS / SECONDS_A_DAY;
  asked.fee.period = income_periods_get(asked.rules, 0);
  view->page = value_object(request->arena);
  view->template_name = "paying";
  view->cache = WEB_CACHE_PUBLIC;
  if (request->method == WEB_POST) {
    view->cache = WEB_CACHE_NONE;
    fill_sent(&asked, view->page);
    view_set_flag(request, view->page, "is_sent", true);
    if (!read_asked(&asked)) {
      view->status = 400;
      fill_problems(&asked, view->page);
    } else if (!fill_answer(&asked, view, error)) {
      return false;
    }
  }
  fill_form(&asked, view->page);
  return true;
}

const struct web_route web_paying_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/learn/paying/calculator",
     .handler = view_calculator},
    {.pattern = NULL},
};
