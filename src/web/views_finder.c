/*
 * The finder's routes, and reading what was asked: /find for people, /api/facilities for programs.
 * The same parameters mean the same in both; a page keeps what was typed when it is refused.
 */
#include <string.h>

#include "web/views.h"

enum { CARDS = 20 };

/* The need that is ticked when nothing has been asked yet: a mental-health directory also holds
 * places with no substance-use care (design §6). */
static const char *const first_need = "substance-use";

/* --- Reading ------------------------------------------------------------------------------- */

static bool read_within(const struct web_request *request, double *out, struct error *error)
{
  struct text typed = web_parameter_get(request, "within");
  double miles = 0;
  if (!text_is_empty(typed) && (!text_read_decimal(typed, &miles) || miles < 0 || miles > 25000))
    return error_set(error, ERROR_REFUSED, "error.find.within",
                     "within: a number of miles from 0 to 25000.", "within is no distance");
  *out = miles;
  return true;
}

static bool read_sort(const struct web_request *request, enum search_sort *out, struct error *error)
{
  if (directory_read_sort(web_parameter_get(request, "sort"), out)) return true;
  return error_set(error, ERROR_REFUSED, "error.find.sort", "sort: best, distance or name.",
                   "unknown sort");
}

static bool read_limit(const struct web_request *request, size_t *out, struct error *error)
{
  struct text typed = web_parameter_get(request, "limit");
  int64_t limit = CARDS;
  if (!text_is_empty(typed) &&
      (!text_read_integer(typed, &limit) || limit < 1 || limit > LIMIT_RESULTS_PAGE))
    return error_set(error, ERROR_REFUSED, "error.find.limit", "limit: a number from 1 to 100.",
                     "limit out of range");
  *out = (size_t)limit;
  return true;
}

static bool read_facets(const struct web_request *request, bool *out, struct error *error)
{
  struct text typed = web_parameter_get(request, "facets");
  if (!text_is_empty(typed) && !text_equal(typed, TEXT("0")) && !text_equal(typed, TEXT("1")))
    return error_set(error, ERROR_REFUSED, "error.find.facets", "facets: 0 or 1.",
                     "facets is neither 0 nor 1");
  *out = !text_equal(typed, TEXT("0"));
  return true;
}

/* Values of a repeatable parameter, without empty ones. */
static size_t read_all(const struct web_request *request, const char *name, const struct text **out)
{
  const struct text *given;
  size_t count = web_parameter_all(request, name, &given), kept = 0;
  struct text *values = arena_allocate_array(request->arena, count + 1, sizeof *values);
  for (size_t i = 0; i < count; i++)
    if (!text_is_empty(given[i])) values[kept++] = given[i];
  *out = values;
  return kept;
}

static bool read_request(const struct web_request *request, struct directory_request *out,
                         struct error *error)
{
  out->q = web_parameter_get(request, "q");
  out->near = web_parameter_get(request, "near");
  out->state = web_parameter_get(request, "state");
  out->cursor = web_parameter_get(request, "cursor");
  out->language = request->language;
  out->overlay = request->overlay;
  out->need_count = read_all(request, "need", &out->needs);
  out->code_count = read_all(request, "code", &out->codes);
  out->limit = CARDS;
  out->facets = true;
  return read_within(request, &out->within, error) && read_sort(request, &out->sort, error) &&
         read_limit(request, &out->limit, error) && read_facets(request, &out->facets, error);
}

/* --- The API ------------------------------------------------------------------------------- */

static bool api_facilities(struct web_request *request, struct web_view *view, struct error *error)
{
  struct web_application *application = request->application;
  struct directory_request asked = {0};
  struct directory_answer answer;
  if (!read_request(request, &asked, error) ||
      !directory_find(application->directory, request->snapshot, application->catalog,
                      request->arena, &asked, &answer, error))
    return false;
  view->result = answer.result;
  view->cache = WEB_CACHE_PRIVATE;
  return true;
}

static bool api_facility(struct web_request *request, struct web_view *view, struct error *error)
{
  struct facility facility;
  if (!facility_load(request->application->store, request->arena, request->captured, &facility,
                     error))
    return false;
  struct value *document = facility_document(request->arena, &facility);
  view_availability_document(request, facility.id, document);
  view->result = document;
  view->cache = WEB_CACHE_PRIVATE;
  return true;
}

/* --- The page ------------------------------------------------------------------------------ */

/* A place that was picked from several replaces what was typed. */
static void apply_choice(struct finder *finder)
{
  if (!web_parameter_has(finder->request, "choose")) return;
  finder->asked.q = web_parameter_get(finder->request, "choose");
  finder->asked.near = TEXT("");
}

/* "21.<cursor>": where the numbers go on, and the engine's cursor. A new search button pressed
 * sends none. */
static void apply_cursor(struct finder *finder)
{
  struct text rest = finder->asked.cursor, number;
  int64_t start;
  if (!text_split_next(&rest, '.', &number)) return;
  bool is_number = text_read_integer(number, &start) && start > 1 && start < INT32_MAX;
  finder->start = is_number ? start : 1;
  finder->asked.cursor = is_number ? rest : finder->asked.cursor;
}

/* Until the form has been sent, one need is ticked. */
static void apply_first_need(struct finder *finder)
{
  struct directory_request *asked = &finder->asked;
  if (web_parameter_has(finder->request, "asked") || asked->need_count >= LIMIT_QUERY_NEEDS) return;
  struct text *needs =
      arena_allocate_array(finder->request->arena, asked->need_count + 1, sizeof *needs);
  for (size_t i = 0; i < asked->need_count; i++) needs[i] = asked->needs[i];
  needs[asked->need_count] = text_from(first_need);
  asked->needs = needs;
  asked->need_count++;
}

static void note_ticked(struct finder *finder)
{
  finder->ticked = arena_allocate_array(finder->request->arena, needs_count(finder->needs) + 1,
                                        sizeof *finder->ticked);
  if (!needs_find(finder->needs, text_from(first_need), &finder->first_need))
    finder->first_need = NEEDS_MAXIMUM;
  for (size_t i = 0; i < finder->asked.need_count; i++) {
    size_t need;
    if (needs_find(finder->needs, finder->asked.needs[i], &need)) finder->ticked[need] = true;
  }
}

static bool search(struct finder *finder, const struct directory_request *asked)
{
  struct web_application *application = finder->request->application;
  return directory_find(application->directory, finder->snapshot, application->catalog,
                        finder->request->arena, asked, &finder->answer, &finder->problem);
}

/* Was it refused only because a radius was chosen and no place was typed? */
static bool lacks_place(const struct finder *finder)
{
  return !finder->answered && finder->problem.person &&
         strcmp(finder->problem.person, "error.find.within.place") == 0;
}

static void ask(struct finder *finder)
{
  if (!read_request(finder->request, &finder->asked, &finder->problem)) return;
  apply_choice(finder);
  apply_cursor(finder);
  apply_first_need(finder);
  finder->asked.facets = true;
  finder->answered = search(finder, &finder->asked);
  if (!lacks_place(finder)) return;
  /* A page never dead-ends: look without the radius, say why, and keep it chosen. */
  finder->note = finder->problem.person;
  error_clear(&finder->problem);
  struct directory_request wider = finder->asked;
  wider.within = 0;
  finder->answered = search(finder, &wider);
}

bool view_find_places(struct web_request *request, struct text near, const struct text *needs,
                      size_t need_count, size_t limit, struct value *page)
{
  struct finder finder = {.request = request,
                          .page = page,
                          .snapshot = request->snapshot,
                          .needs = directory_needs(request->application->directory),
                          .asked = {.q = near,
                                    .needs = needs,
                                    .need_count = need_count,
                                    .language = request->language,
                                    .overlay = request->overlay,
                                    .limit = limit},
                          .start = 1};
  if (!finder.snapshot) return false;
  finder.answered = search(&finder, &finder.asked);
  if (!finder.answered) return false;
  note_ticked(&finder);
  view_results(&finder);
  return true;
}

static bool view_find(struct web_request *request, struct web_view *view, struct error *error)
{
  struct finder finder = {.request = request,
                          .page = value_object(request->arena),
                          .snapshot = request->snapshot,
                          .needs = directory_needs(request->application->directory),
                          .start = 1};
  ask(&finder);
  if (finder.problem.kind != ERROR_NONE && finder.problem.kind != ERROR_REFUSED) {
    *error = finder.problem;
    return false;
  }
  note_ticked(&finder);
  view_form(&finder);
  view_results(&finder);
  view->status = finder.problem.kind == ERROR_REFUSED ? 400 : 200;
  view->page = finder.page;
  view->result = finder.answered ? finder.answer.result : NULL;
  view->template_name = "find";
  view->fragment_name = finder.start > 1 ? "partials/more_fragment" : "partials/find_fragment";
  view->cache = WEB_CACHE_PRIVATE;
  return true;
}

/* --- Routes -------------------------------------------------------------------------------- */

const struct web_route web_finder_routes[] = {
    {.methods = WEB_GET, .pattern = "/", .handler = view_home},
    {.methods = WEB_GET | WEB_POST, .pattern = "/find", .handler = view_find},
    {.methods = WEB_GET, .pattern = "/facilities/{id}", .handler = view_facility},
    {.methods = WEB_GET, .pattern = "/now", .handler = view_now},
    {.methods = WEB_GET, .pattern = "/about", .handler = view_about},
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/api/facilities",
     .handler = api_facilities,
     .is_api = true},
    {.methods = WEB_GET,
     .pattern = "/api/facilities/{id}",
     .handler = api_facility,
     .is_api = true},
    {.pattern = NULL},
};
