/*
 * /desk/settings/fees: the program's own sliding fees: every version with its days and bands, a new
 * one, the bands of an earlier one anew, taking one back before it begins, who did what when. A
 * band is a line: "133 25%" is a quarter of the price up to 133 percent of the guideline, "100 $5"
 * five dollars, "- 100%" the whole price above all others. Threads: all state is the request's.
 */
#include "web/desk/coverage.h"
#include "web/views.h"

static const struct desk_field fields[] = {
    {.name = "approved_by",
     .label = "fees.approved_by",
     .help = "fees.approved_by_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_COVERAGE_LINE / 2},
    {.name = "from",
     .label = "coverage.plan_from",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "to", .label = "coverage.plan_to", .kind = DESK_DATE, .flags = DESK_SHORT},
    {.name = "bands",
     .label = "fees.bands",
     .help = "fees.bands_help",
     .kind = DESK_LINES,
     .flags = DESK_REQUIRED,
     .longest = 400},
};
static const struct desk_mapping mappings[] = {{"error.coverage.dates", "to"},
                                               {"error.coverage.approved_by", "approved_by"},
                                               {"error.coverage.fee_gap", "bands"},
                                               {"error.coverage.fee_falls", "bands"},
                                               {"error.coverage.fee_amount", "bands"},
                                               {"error.coverage.fee_no_discount", "bands"},
                                               {"error.coverage.fee_few_bands", "bands"},
                                               {"error.coverage.fee_late_discount", "bands"},
                                               {"error.coverage.fee_began", NULL},
                                               {NULL, NULL}};

struct fees {
  struct web_request *request;
  struct web_view *view;
  const struct coverage_rules *rules;
  int64_t today;
  struct fee_version *versions, made;
  struct paying_step *steps;
  struct text *names; /* who did each step */
  size_t count, step_count;
  struct text withdraw, again; /* again: the version whose bands stand anew */
};

static bool open_program(struct store_transaction *transaction, struct fees *fees,
                         struct access *access, struct error *error)
{
  struct web_request *request = fees->request;
  const struct zone *zone;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "program",
                        "write", request->now, access, error) ||
      !site_zone(transaction, request->actor->program_id, TEXT(""), &zone, error))
    return false;
  (void)coverage_day_read(zone_format_date(request->arena, zone, request->now), &fees->today);
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct fees *fees = context;
  struct access access;
  return open_program(transaction, fees, &access, error) &&
         fee_version_list(transaction, access.program_id, fees->request->arena, &fees->versions,
                          &fees->count, error) &&
         fee_version_steps(transaction, &access, fees->request->arena, &fees->steps,
                           &fees->step_count, error) &&
         desk_coverage_names(transaction, fees->request, fees->steps, fees->step_count,
                             &fees->names, error);
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct fees *fees = context;
  struct access access;
  struct fee_version made = fees->made;
  if (!open_program(transaction, fees, &access, error) ||
      !(fees->withdraw.length
            ? fee_version_withdraw(transaction, &access, fees->withdraw, fees->today, error)
            : fee_version_add(transaction, fees->rules, &access, fees->request->arena, &made,
                              error)))
    return false;
  desk_redirect(fees->request, fees->view, "/desk/settings/fees");
  return true;
}

/* "133 25%", behind a band that ends at `above`. */
static bool read_band(struct text line, int64_t above, struct fee_band *out)
{
  struct text to, amount;
  if (!text_word_next(&line, &to) || !text_word_next(&line, &amount)) return false;
  *out = (struct fee_band){.above = above, .to = FEE_NO_END};
  if (!text_equal(to, TEXT("-")) && (!text_read_integer(to, &out->to) || out->to <= above))
    return false;
  if (text_ends_with(amount, TEXT("%"))) {
    out->kind = FEE_SHARE;
    return text_read_integer(text_slice(amount, 0, amount.length - 1), &out->amount);
  }
  out->kind = FEE_FLAT;
  return money_read(amount, &out->amount);
}

static const struct fee_version *version_of(const struct fees *fees, struct text id)
{
  for (size_t i = 0; i < fees->count; i++)
    if (id.length && text_equal(fees->versions[i].id, id)) return &fees->versions[i];
  return NULL;
}

/* The bands of a version as they are typed, a line each. */
static void prefill(struct desk_form *form, const struct fees *fees,
                    const struct fee_version *version)
{
  struct arena *arena = fees->request->arena;
  struct text all = TEXT("");
  for (size_t i = 0; i < version->schedule.band_count; i++) {
    const struct fee_band *band = &version->schedule.bands[i];
    struct text to = band->to == FEE_NO_END ? TEXT("-") : view_count(arena, band->to);
    struct text pays = band->kind == FEE_FLAT
                           ? money_write(arena, band->amount)
                           : text_format(arena, "%lld%%", (long long)band->amount);
    all = text_format(arena, "%.*s%.*s %.*s\n", TEXT_PRINT(all), TEXT_PRINT(to), TEXT_PRINT(pays));
  }
  desk_form_set(form, "approved_by", version->approved_by);
  desk_form_set(form, "bands", all);
}

/* "January 1, 2027 – …" */
static struct text term_words(const struct fees *fees, struct text id)
{
  const struct fee_version *version = version_of(fees, id);
  const struct web_request *request = fees->request;
  if (!version) return TEXT("");
  const struct coverage_term *term = &version->schedule.term;
  return desk_coverage_days(request, term->first, term->last == COVERAGE_OPEN ? 0 : term->last);
}

static void fill_steps(const struct fees *fees)
{
  struct web_request *request = fees->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < fees->step_count; i++) {
    const struct paying_step *step = &fees->steps[i];
    struct value *item = value_object(request->arena);
    const char *act = text_equal(step->act, TEXT("withdrawn")) ? "fees.step_withdrawn"
                      : step->other_id.length                  ? "fees.step_again"
                                                               : "fees.step_entered";
    view_set_text(request, item, "act", view_text(request, act));
    view_set_text(request, item, "what", term_words(fees, step->subject_id));
    view_set_text(request, item, "before", term_words(fees, step->other_id));
    view_set_text(request, item, "who", fees->names[i]);
    value_set(item, "at", desk_time(request, step->at));
    value_add(list, item);
  }
  value_set(fees->view->page, "steps", list);
}

static bool take(struct desk_form *form, struct fees *fees)
{
  struct fee_band *bands =
      arena_allocate_array(fees->request->arena, LIMIT_FEE_BANDS, sizeof *bands);
  struct text rest, line;
  size_t count = 0;
  if (!desk_form_read(form)) return false;
  rest = desk_form_get(form, "bands");
  while (text_split_next(&rest, '\n', &line)) {
    int64_t above = count ? bands[count - 1].to : 0;
    if (text_is_empty(text_trim(line))) continue;
    if (count == LIMIT_FEE_BANDS || above == FEE_NO_END ||
        !read_band(text_trim(line), above, &bands[count])) {
      desk_form_refuse(form, "bands", "fees.bands_wrong");
      return false;
    }
    count++;
  }
  int64_t last = desk_coverage_get_day(form, "to");
  fees->made = (struct fee_version){
      .approved_by = desk_form_get(form, "approved_by"),
      .again = version_of(fees, fees->again) ? fees->again : TEXT(""),
      .schedule = {.term = {desk_coverage_get_day(form, "from"), last ? last : COVERAGE_OPEN},
                   .bands = bands,
                   .band_count = count}};
  return true;
}

static struct value *fill_version(const struct fees *fees, const struct fee_version *version)
{
  struct web_request *request = fees->request;
  struct value *item = value_object(request->arena), *bands = value_list(request->arena);
  const struct coverage_term *term = &version->schedule.term;
  bool is_open = term->last == COVERAGE_OPEN;
  for (size_t i = 0; i < version->schedule.band_count; i++) {
    const struct fee_band *band = &version->schedule.bands[i];
    struct value *row = value_object(request->arena);
    view_set_text(request, row, "above", view_count(request->arena, band->above));
    view_set_text(request, row, "to",
                  band->to == FEE_NO_END ? TEXT("") : view_count(request->arena, band->to));
    view_set_text(request, row, "pays",
                  band->kind == FEE_FLAT
                      ? money_write(request->arena, band->amount)
                      : text_format(request->arena, "%lld %%", (long long)band->amount));
    value_add(bands, row);
  }
  view_set_text(request, item, "version", version->id);
  view_set_text(request, item, "approved_by", version->approved_by);
  view_set_text(request, item, "from", desk_coverage_day(request, term->first));
  view_set_text(request, item, "to", is_open ? TEXT("") : desk_coverage_day(request, term->last));
  view_set_flag(request, item, "withdrawn", version->withdrawn_at != 0);
  view_set_flag(request, item, "may_withdraw",
                version->withdrawn_at == 0 && term->first > fees->today);
  value_set(item, "bands", bands);
  return item;
}

static bool show(const struct fees *fees, const struct desk_form *form)
{
  struct value *list = value_list(fees->request->arena);
  fees->view->page = value_object(fees->request->arena);
  for (size_t i = 0; i < fees->count; i++) value_add(list, fill_version(fees, &fees->versions[i]));
  value_set(fees->view->page, "versions", list);
  view_set_flag(fees->request, fees->view->page, "any", fees->count > 0);
  view_set_text(fees->request, fees->view->page, "again",
                version_of(fees, fees->again) ? fees->again : TEXT(""));
  fill_steps(fees);
  return desk_form_show(form, fees->view, "desk/fees");
}

bool desk_view_fees(struct web_request *request, struct web_view *view, struct error *error)
{
  struct fees fees = {.request = request,
                      .view = view,
                      .withdraw = web_parameter_get(request, "fee_version"),
                      .again = web_parameter_get(request, "again")};
  struct desk_form form;
  if (!request->application->pages)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no rules of coverage");
  fees.rules = request->application->pages->coverage;
  if (!desk_read(request, load, &fees, error)) return false;
  DESK_FORM_INIT(&form, request, fields);
  if (request->method == WEB_GET) {
    const struct fee_version *again = version_of(&fees, fees.again);
    if (again) prefill(&form, &fees, again);
    return show(&fees, &form);
  }
  if (fees.withdraw.length == 0 && !take(&form, &fees)) return show(&fees, &form);
  if (desk_write(request, view, save, &fees, error)) return true;
  return desk_form_take(&form, error, mappings) && show(&fees, &form);
}
