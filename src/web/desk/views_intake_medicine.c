/*
 * /desk/people/{id}/intake/medicines: medicines that somebody brought, counted by two people, each
 * alone: who counts second is not told the first number. What was counted by two is a belonging
 * from then on. Threads: all state is the request's.
 */
#include "web/desk/desk_private.h"
#include "web/desk/intakes.h"

static const struct desk_field fields[] = {
    {.name = "medicine",
     .label = "medicines.name",
     .help = "medicines.name_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_CARE_LINE},
    {.name = "number",
     .label = "medicines.number",
     .help = "medicines.number_help",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .most = LIMIT_MEDICINE_COUNT},
};
static const struct desk_mapping mappings[] = {{"error.belongings.name", "medicine"},
                                               {"error.care.text", "medicine"},
                                               {"error.intake.count.number", "number"},
                                               {"error.intake.ended", NULL},
                                               {"error.intake.stale", NULL},
                                               {NULL, NULL}};

struct counting {
  struct intake_page page;
  struct medicine_count *counts;
  size_t count;
  struct text row_id;      /* of the count that a form is about */
  const char *row_problem; /* what is wrong with it, or NULL */
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct counting *counting = context;
  struct intake_page *page = &counting->page;
  struct access access;
  if (!intake_page_need(transaction, page, &access, error)) return false;
  if (page->view->redirect.length) return true;
  if (!medicine_count_list(transaction, &access, page->request->arena, page->shown.intake.id,
                           &counting->counts, &counting->count, error))
    return false;
  for (size_t i = 0; i < counting->count; i++)
    if (!intake_names_add(transaction, page, counting->counts[i].first_by, error) ||
        !intake_names_add(transaction, page, counting->counts[i].second_by, error))
      return false;
  return true;
}

/* --- The page -------------------------------------------------------------------------------- */

static struct value *fill_count(const struct counting *counting, const struct medicine_count *count)
{
  const struct web_request *request = counting->page.request;
  struct value *out = value_object(request->arena);
  bool is_own = text_equal(count->first_by, request->actor->account_id);
  bool is_whole = count->second_at != 0;
  bool is_refused = counting->row_problem && text_equal(count->id, counting->row_id);
  view_set_text(request, out, "count_id", count->id);
  value_set(out, "count_version", value_integer(request->arena, count->version));
  view_set_text(request, out, "medicine", count->medicine);
  view_set_flag(request, out, "is_whole", is_whole);
  view_set_flag(request, out, "is_own", is_own);
  view_set_text(request, out, "first",
                is_whole || is_own ? view_count(request->arena, count->first) : TEXT(""));
  view_set_text(request, out, "first_by", intake_name(&counting->page, count->first_by));
  value_set(out, "first_at", desk_time(request, count->first_at));
  view_set_text(request, out, "second",
                is_whole ? view_count(request->arena, count->second) : TEXT(""));
  view_set_text(request, out, "second_by", intake_name(&counting->page, count->second_by));
  value_set(out, "second_at", desk_time(request, count->second_at));
  view_set_flag(request, out, "differs", is_whole && count->first != count->second);
  view_set_text(request, out, "why", count->explanation);
  view_set_text(request, out, "row_problem",
                is_refused ? view_text(request, counting->row_problem) : TEXT(""));
  view_set_text(request, out, "typed",
                is_refused ? web_parameter_get(request, "second") : TEXT(""));
  view_set_text(request, out, "typed_why",
                is_refused ? web_parameter_get(request, "explanation") : TEXT(""));
  return out;
}

static bool may_count(const struct counting *counting)
{
  const struct intake_view *view = &counting->page.shown;
  if (view->intake.ended_at || !desk_may(counting->page.request, "intake", "write")) return false;
  for (size_t i = 0; i < view->count; i++)
    if (view->answers[i].item->evidence == INTAKE_COUNT &&
        view->answers[i].standing != INTAKE_NOT_NEEDED)
      return intake_may_item(counting->page.request, view->answers[i].item);
  return true;
}

static bool show(struct counting *counting, const struct desk_form *form)
{
  struct web_request *request = counting->page.request;
  struct value *page = counting->page.view->page, *list = value_list(request->arena);
  intake_page_fill(&counting->page, "/medicines");
  for (size_t i = 0; i < counting->count; i++)
    value_add(list, fill_count(counting, &counting->counts[i]));
  value_set(page, "counts", list);
  view_set_flag(request, page, "any", counting->count > 0);
  view_set_flag(request, page, "may_count", may_count(counting));
  return desk_form_show(form, counting->page.view, "desk/intake_medicines");
}

/* --- Acts ------------------------------------------------------------------------------------ */

struct act {
  struct counting *counting;
  struct medicine_count first;
  struct text explanation;
  int64_t second, version;
  bool is_second;
};

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct act *act = context;
  const struct intake_page *page = &act->counting->page;
  struct web_request *request = page->request;
  const struct intakes *intakes = request->application->intakes;
  struct medicine_count first = act->first; /* counting writes into it, and this may run again */
  struct access access;
  if (!people_access(transaction, request, "intake", "write", request->captured, &access, error))
    return false;
  bool is_done = act->is_second
                     ? medicine_count_second(transaction, intakes, &access, request->arena,
                                             act->counting->row_id, act->second, act->explanation,
                                             act->version, error)
                     : medicine_count_first(transaction, intakes, &access, request->arena,
                                            page->shown.intake.id, &first, error);
  if (is_done) intake_page_go(page, "/medicines", TEXT(""));
  return is_done;
}

/* The second count, in its row: what is wrong is said there. */
static bool count_second(struct act *act, struct desk_form *form, struct error *error)
{
  struct counting *counting = act->counting;
  struct web_request *request = counting->page.request;
  act->is_second = true;
  counting->row_id = web_parameter_get(request, "count_id");
  act->explanation = web_parameter_get(request, "explanation");
  if (!text_read_integer(web_parameter_get(request, "count_version"), &act->version))
    act->version = -1;
  if (!text_read_integer(web_parameter_get(request, "second"), &act->second))
    error_set(error, ERROR_REFUSED, "error.intake.count.number", "", "desk: a count that is none");
  else if (desk_write(request, counting->page.view, run, act, error)) return true;
  if (error->kind != ERROR_REFUSED && error->kind != ERROR_CONFLICT) return false;
  counting->page.view->status = error->kind == ERROR_CONFLICT ? 409 : 400;
  counting->row_problem = error->person;
  error_clear(error);
  if (!desk_read(request, load, counting, error)) return false;
  return show(counting, form);
}

bool view_intake_medicines(struct web_request *request, struct web_view *view, struct error *error)
{
  struct counting counting = {.page = {.request = request, .view = view}};
  struct act act = {.counting = &counting};
  struct desk_form form;
  if (!desk_read(request, load, &counting, error)) return false;
  if (view->redirect.length) return true;
  DESK_FORM_INIT(&form, request, fields);
  if (request->method == WEB_GET) return show(&counting, &form);
  if (text_equal(web_parameter_get(request, "act"), TEXT("second")))
    return count_second(&act, &form, error);
  if (!desk_form_read(&form)) return show(&counting, &form);
  act.first = (struct medicine_count){.id = web_parameter_get(request, "count_id"),
                                      .medicine = desk_form_get(&form, "medicine"),
                                      .first = desk_form_number(&form, "number", -1)};
  if (!text_read_integer(web_parameter_get(request, "count_version"), &act.first.version))
    act.first.version = -1;
  if (desk_write(request, view, run, &act, error)) return true;
  return desk_form_take(&form, error, mappings) && show(&counting, &form);
}
