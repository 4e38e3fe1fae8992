/*
 * /desk/people/{id}/coverage/funding: what pays for each stay, in the order in which to ask; a loan
 * last, with its whole cost; who did what when, and undoing it by a new row. Threads: all state is
 * the request's.
 */
#include "web/desk/coverage.h"

static const struct desk_field fields[] = {
    {.name = "stay", .label = "delivered.stay", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "source", .label = "funding.source", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "plan", .label = "coverage.plan", .help = "funding.plan_help", .kind = DESK_CHOICE},
    {.name = "amount",
     .label = "funding.amount",
     .help = "funding.amount_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 20},
    {.name = "from", .label = "coverage.plan_from", .kind = DESK_DATE, .flags = DESK_SHORT},
    {.name = "to", .label = "coverage.plan_to", .kind = DESK_DATE, .flags = DESK_SHORT},
    {.name = "words", .label = "coverage.words", .kind = DESK_TEXT, .longest = LIMIT_COVERAGE_LINE},
    {.name = "borrowed",
     .label = "funding.borrowed",
     .help = "funding.loan_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 20},
    {.name = "rate", .label = "funding.rate", .kind = DESK_TEXT, .flags = DESK_SHORT, .longest = 8},
    {.name = "months",
     .label = "funding.months",
     .kind = DESK_NUMBER,
     .flags = DESK_SHORT,
     .least = 1,
     .most = 360},
    {.name = "fee", .label = "funding.fee", .kind = DESK_TEXT, .flags = DESK_SHORT, .longest = 20},
};
static const struct desk_mapping mappings[] = {
    {"error.coverage.source", "source"}, {"error.coverage.amount", "amount"},
    {"error.coverage.dates", "to"},      {"error.coverage.loan", "borrowed"},
    {"error.coverage.stay_of", "stay"},  {"error.coverage.stale", NULL},
    {"error.coverage.undo", NULL},       {NULL, NULL}};

struct funding_page {
  struct desk_coverage coverage;
  struct stay_funding *rows, row;
  struct paying_step *steps;
  struct text *names; /* who did each step */
  size_t count, step_count;
  struct text row_id; /* the row that is acted on: act is "end", "undo", or "" (change) */
  struct text act;
  int64_t version;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct funding_page *page = context;
  struct desk_coverage *coverage = &page->coverage;
  return desk_coverage_load(transaction, coverage, error) &&
         (coverage->view->redirect.length > 0 ||
          (stay_funding_list(transaction, coverage->rules, &coverage->access,
                             coverage->request->arena, &page->rows, &page->count, error) &&
           stay_funding_steps(transaction, &coverage->access, coverage->request->arena,
                              &page->steps, &page->step_count, error) &&
           desk_coverage_names(transaction, coverage->request, page->steps, page->step_count,
                               &page->names, error)));
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct funding_page *page = context;
  struct desk_coverage *coverage = &page->coverage;
  struct arena *arena = coverage->request->arena;
  const struct coverage_rules *rules = coverage->rules;
  const struct access *access = &coverage->access;
  struct stay_funding row = page->row;
  bool is_done;
  if (!desk_coverage_write(transaction, coverage, error)) return false;
  if (text_equal(page->act, TEXT("end")))
    is_done = stay_funding_end(transaction, access, arena, page->row_id, page->version, error);
  else if (text_equal(page->act, TEXT("undo")))
    is_done =
        stay_funding_undo(transaction, rules, access, arena, page->row_id, page->version, error);
  else if (page->row_id.length)
    is_done = stay_funding_replace(transaction, rules, access, arena, page->row_id, page->version,
                                   &row, error);
  else is_done = stay_funding_add(transaction, rules, access, arena, &row, error);
  if (!is_done) return false;
  desk_coverage_go(coverage, "/funding");
  return true;
}

static void begin(struct desk_form *form, const struct funding_page *page)
{
  const struct desk_coverage *coverage = &page->coverage;
  struct web_request *request = coverage->request;
  size_t count = funding_sources_count(coverage->rules);
  struct desk_choice *sources = arena_allocate_array(request->arena, count + 1, sizeof *sources);
  for (size_t i = 0; i < count; i++) {
    const struct funding_source *source = funding_sources_get(coverage->rules, i);
    sources[i] = (struct desk_choice){source->name, source->label[request->language]};
  }
  DESK_FORM_INIT(form, request, fields);
  desk_coverage_choose_stay(form, coverage);
  desk_coverage_choose_plan(form, coverage);
  desk_form_choices(form, "source", sources, count);
  if (coverage->stay_count) desk_form_set(form, "stay", coverage->stays[0].id);
}

/* "12.5" percent as hundredths. */
static bool read_rate(struct desk_form *form, int64_t *out)
{
  int64_t cents = 0;
  struct text typed = desk_form_get(form, "rate");
  *out = 0;
  if (typed.length == 0) return true;
  if (!money_read(typed, &cents)) {
    desk_form_refuse(form, "rate", "error.coverage.loan");
    return false;
  }
  *out = cents;
  return true;
}

static bool take(struct desk_form *form, struct funding_page *page)
{
  int64_t borrowed, fee;
  if (!desk_form_read(form)) return false;
  page->row = (struct stay_funding){.episode_id = desk_form_get(form, "stay"),
                                    .source = desk_form_get(form, "source"),
                                    .plan_id = desk_form_get(form, "plan"),
                                    .words = desk_form_get(form, "words"),
                                    .from_on = desk_coverage_get_day(form, "from"),
                                    .to_on = desk_coverage_get_day(form, "to")};
  if (!desk_coverage_get_money(form, "amount", &page->row.amount) ||
      !desk_coverage_get_money(form, "borrowed", &borrowed) ||
      !desk_coverage_get_money(form, "fee", &fee) || !read_rate(form, &page->row.loan.rate))
    return false;
  page->row.loan.amount = borrowed < 0 ? 0 : borrowed;
  page->row.loan.fee = fee < 0 ? 0 : fee;
  page->row.loan.months = desk_form_number(form, "months", 0);
  return true;
}

/* --- What was done --------------------------------------------------------------------------- */

static const struct stay_funding *row_of(const struct funding_page *page, struct text id)
{
  for (size_t i = 0; i < page->count; i++)
    if (id.length && text_equal(page->rows[i].id, id)) return &page->rows[i];
  return NULL;
}

/* The last step of a kind that a row has, or NULL. */
static const struct paying_step *step_of(const struct funding_page *page, struct text id,
                                         const char *act)
{
  for (size_t i = 0; i < page->step_count; i++)
    if (text_equal(page->steps[i].subject_id, id) && text_equal(page->steps[i].act, text_from(act)))
      return &page->steps[i];
  return NULL;
}

static bool may_undo(const struct funding_page *page, const struct stay_funding *row)
{
  const struct paying_step *entered = step_of(page, row->id, "entered");
  if (step_of(page, row->id, "replaced")) return false;
  if (row->ended_at) return true;
  return entered && entered->other_id.length && !step_of(page, entered->other_id, "ended");
}

/* "County money, $2,500, January 1, 2027 – …" */
static struct text row_words(const struct funding_page *page, struct text id)
{
  const struct web_request *request = page->coverage.request;
  const struct stay_funding *row = row_of(page, id);
  struct arena *arena = request->arena;
  if (!row) return TEXT("");
  const struct funding_source *source = funding_source_find(page->coverage.rules, row->source);
  struct text words = source ? source->label[request->language] : row->source;
  struct text plan = desk_coverage_plan_words(&page->coverage, row->plan_id);
  struct text days = desk_coverage_days(request, row->from_on, row->to_on);
  int64_t amount = row->loan.months ? row->loan.amount : row->amount;
  if (plan.length) words = text_format(arena, "%.*s, %.*s", TEXT_PRINT(words), TEXT_PRINT(plan));
  if (amount >= 0)
    words =
        text_format(arena, "%.*s, %.*s", TEXT_PRINT(words), TEXT_PRINT(money_write(arena, amount)));
  if (days.length) words = text_format(arena, "%.*s, %.*s", TEXT_PRINT(words), TEXT_PRINT(days));
  return words;
}

static struct value *fill_step(const struct funding_page *page, size_t at)
{
  const struct paying_step *step = &page->steps[at];
  struct web_request *request = page->coverage.request;
  struct value *item = value_object(request->arena);
  bool is_end = text_equal(step->act, TEXT("ended"));
  bool again = step->other_id.length && step_of(page, step->other_id, "ended");
  const char *act = is_end                  ? "funding.step_ended"
                    : again                 ? "funding.step_again"
                    : step->other_id.length ? "funding.step_changed"
                                            : "funding.step_entered";
  view_set_text(request, item, "act", view_text(request, act));
  view_set_text(request, item, "what", row_words(page, step->subject_id));
  view_set_text(request, item, "before", again ? TEXT("") : row_words(page, step->other_id));
  view_set_text(request, item, "who", page->names[at]);
  value_set(item, "at", desk_time(request, step->at));
  return item;
}

static void fill_steps(const struct funding_page *page)
{
  struct web_request *request = page->coverage.request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->step_count; i++)
    if (!text_equal(page->steps[i].act, TEXT("replaced"))) value_add(list, fill_step(page, i));
  value_set(page->coverage.view->page, "steps", list);
}

/* Begin with what a row says, to enter it anew. */
static void prefill(struct desk_form *form, const struct funding_page *page,
                    const struct stay_funding *row)
{
  struct arena *arena = page->coverage.request->arena;
  desk_form_set(form, "stay", row->episode_id);
  desk_form_set(form, "source", row->source);
  desk_form_set(form, "plan", row->plan_id);
  desk_form_set(form, "words", row->words);
  if (row->amount >= 0) desk_form_set(form, "amount", money_write(arena, row->amount));
  desk_coverage_set_day(form, "from", row->from_on);
  desk_coverage_set_day(form, "to", row->to_on);
  if (row->loan.months == 0) return;
  desk_form_set(form, "borrowed", money_write(arena, row->loan.amount));
  desk_form_set(form, "fee", money_write(arena, row->loan.fee));
  desk_form_set(form, "months", view_count(arena, row->loan.months));
  desk_form_set(form, "rate",
                text_format(arena, "%lld.%02lld", (long long)(row->loan.rate / 100),
                            (long long)(row->loan.rate % 100)));
}

/* --- The page -------------------------------------------------------------------------------- */

static struct value *fill_row(const struct funding_page *page, const struct stay_funding *row)
{
  const struct desk_coverage *coverage = &page->coverage;
  struct web_request *request = coverage->request;
  const struct funding_source *source = funding_source_find(coverage->rules, row->source);
  struct value *item = value_object(request->arena);
  struct loan_cost cost;
  struct error ignored = {0};
  bool is_loan = row->loan.months > 0 && loan_cost_find(&row->loan, &cost, &ignored);
  view_set_text(request, item, "row_id", row->id);
  value_set(item, "row_version", value_integer(request->arena, row->version));
  view_set_text(request, item, "source", source ? source->label[request->language] : row->source);
  view_set_text(request, item, "plan", desk_coverage_plan_words(coverage, row->plan_id));
  view_set_text(request, item, "amount",
                row->amount >= 0 ? money_write(request->arena, row->amount)
                                 : view_text(request, "benefits.not_known"));
  view_set_text(request, item, "from", desk_coverage_day(request, row->from_on));
  view_set_text(request, item, "to", desk_coverage_day(request, row->to_on));
  view_set_text(request, item, "words", row->words);
  view_set_flag(request, item, "ended", row->ended_at != 0);
  view_set_flag(request, item, "may_undo", may_undo(page, row));
  view_set_flag(request, item, "is_loan", is_loan);
  if (is_loan) {
    view_set_text(request, item, "payment", money_write(request->arena, cost.payment));
    view_set_text(request, item, "total", money_write(request->arena, cost.total));
    view_set_text(request, item, "extra", money_write(request->arena, cost.extra));
    view_set_text(request, item, "months", view_count(request->arena, row->loan.months));
  }
  return item;
}

static bool show(const struct funding_page *page, const struct desk_form *form)
{
  struct web_view *view = page->coverage.view;
  struct web_request *request = page->coverage.request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->count; i++)
    if (!step_of(page, page->rows[i].id, "replaced"))
      value_add(list, fill_row(page, &page->rows[i]));
  const struct stay_funding *changed = page->act.length ? NULL : row_of(page, page->row_id);
  view_set_text(request, view->page, "change", changed ? changed->id : TEXT(""));
  value_set(view->page, "change_version",
            value_integer(request->arena, changed ? changed->version : 0));
  fill_steps(page);
  value_set(view->page, "rows", list);
  view_set_flag(request, view->page, "any", page->count > 0);
  view_set_flag(request, view->page, "has_stays", page->coverage.stay_count > 0);
  return desk_form_show(form, view, "desk/coverage_funding");
}

bool desk_view_funding(struct web_request *request, struct web_view *view, struct error *error)
{
  struct funding_page page = {.row_id = web_parameter_get(request, "row_id"),
                              .act = web_parameter_get(request, "act")};
  struct desk_form form;
  if (!desk_coverage_begin(&page.coverage, request, view, error) ||
      !desk_read(request, load, &page, error))
    return false;
  if (view->redirect.length) return true;
  begin(&form, &page);
  if (request->method == WEB_GET) {
    const struct stay_funding *row = row_of(&page, page.row_id);
    if (page.row_id.length && !row)
      return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such row");
    if (row) prefill(&form, &page, row);
    return show(&page, &form);
  }
  if (!text_read_integer(web_parameter_get(request, "row_version"), &page.version))
    page.version = -1;
  if (page.act.length == 0 && !take(&form, &page)) return show(&page, &form);
  if (desk_write(request, view, save, &page, error)) return true;
  return desk_form_take(&form, error, mappings) && show(&page, &form);
}
