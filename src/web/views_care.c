/*
 * /choose/result and /api/assess: answers in, a result out. The same facts give the same document
 * by page, API and command line, because all of them run care_find(), care_explain() and
 * care_write() on what care_read() or the form gave.
 *
 * Nothing is stored: answers come with each request and go with it.
 */
#include "web/views_care.h"
#include "web/views_choose.h"

#include <math.h>
#include <string.h>

enum { FILE_WIDTH = 76 };

/* --- Finding ------------------------------------------------------------------------------- */

static void view_care_init(struct care_view *view, struct web_request *request)
{
  const struct web_application *application = request->application;
  memset(view, 0, sizeof *view);
  view->request = request;
  view->words = (struct care_words){
      application->care, application->catalog, request->arena, request->language, false, NULL};
  view->answers = TEXT("");
  view->now = time_now();
  facts_init(&view->facts);
}

void view_care_set_voice(struct care_view *view, enum choose_voice voice)
{
  const struct web_application *application = view->request->application;
  bool *estimated = arena_allocate(view->request->arena, FACTS_MAXIMUM * sizeof *estimated);
  interview_estimates(application->interview, voice, estimated);
  view->voice = voice;
  view->words.about_other = voice == CHOOSE_OTHER;
  view->words.estimated = estimated;
}

void view_care_find(struct care_view *view)
{
  const struct web_application *application = view->request->application;
  const struct level_of_care *table = application->care;
  struct arena *arena = view->request->arena;
  view->explanation = arena_allocate(arena, sizeof *view->explanation);
  care_find(table, &view->facts, application->care_options, &view->result);
  care_explain(table, &view->facts, application->care_options, &view->result, view->explanation);
  view->document = care_write(table, arena, &view->facts, &view->result, view->explanation,
                              view->request->language);
  view->verdict = care_verdict(table, &view->result);
}

/* --- Reading ------------------------------------------------------------------------------- */

static bool read_document(struct care_view *view, struct error *error)
{
  const struct value *document;
  return (json_read(view->request->arena, view->request->body, &document, error) &&
          care_read_scored(view->request->application->care,
                           view->request->application->pages->instruments, document, &view->facts,
                           error)) ||
         view_say_refusal(error);
}

/* Fields of the form that are no facts. */
static const char *const controls[] = {"answers", "near", "who", "go", "lang"};

static bool is_control(struct text name)
{
  for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
    if (text_equal(name, text_from(controls[i]))) return true;
  return false;
}

/* A field's text in the JSON form that facts_set() takes; what is no number stays text, and is
 * refused there with its name. */
static const struct value *field_value(struct arena *arena, const struct fact *fact,
                                       struct text typed)
{
  double number;
  bool is_yes = text_equal(typed, TEXT("yes")) || text_equal(typed, TEXT("true"));
  bool is_no = text_equal(typed, TEXT("no")) || text_equal(typed, TEXT("false"));
  if (fact->kind == FACT_YES_NO && (is_yes || is_no)) return value_boolean(arena, is_yes);
  bool is_number = fact->kind == FACT_INTEGER || fact->kind == FACT_NUMBER;
  if (is_number && text_read_decimal(typed, &number)) return value_decimal(arena, number, 9);
  return value_text(arena, typed);
}

static bool read_field(struct care_view *view, const struct web_parameter *parameter,
                       struct error *error)
{
  const struct level_of_care *table = view->request->application->care;
  struct text typed = text_trim(parameter->value);
  size_t fact;
  struct facts one;
  if (is_control(parameter->name) || text_is_empty(typed)) return true;
  facts_init(&one);
  if (!facts_find(table, parameter->name, &fact)) /* facts_set() says so */
    return facts_set(table, &one, parameter->name, value_text(view->request->arena, typed), error);
  if (!facts_set(table, &one, parameter->name,
                 field_value(view->request->arena, facts_get(table, fact), typed), error))
    return false;
  double *known = &view->facts.value[fact];
  if (!isnan(*known) && *known != one.value[fact])
    return error_set(error, ERROR_REFUSED, "error.care.document", "Answer each question once.",
                     "%.*s: answered twice, with different answers", TEXT_PRINT(parameter->name));
  *known = one.value[fact];
  return true;
}

static bool read_fields(struct care_view *view, struct error *error)
{
  const struct web_request *request = view->request;
  for (size_t i = 0; i < request->parameter_count; i++)
    if (!read_field(view, &request->parameters[i], error)) return false;
  return facts_check(request->application->care, &view->facts, error);
}

static enum choose_voice read_voice(const struct web_request *request)
{
  struct text who = web_parameter_get(request, "who");
  return text_equal(who, TEXT("other"))   ? CHOOSE_OTHER
         : text_equal(who, TEXT("staff")) ? CHOOSE_STAFF
                                          : CHOOSE_SELF;
}

/* The interview's seal, a document, or the form's own fields. */
static bool read_answers(struct care_view *view, struct error *error)
{
  struct web_request *request = view->request;
  view->voice = read_voice(request);
  view->answers = web_parameter_get(request, "answers");
  if (view->answers.length) return view_choose_facts(request, &view->facts, &view->voice, error);
  if (request->body.length) return read_document(view, error);
  return read_fields(view, error) || view_say_refusal(error);
}

/* --- The API ------------------------------------------------------------------------------- */

static bool has_table(const struct web_request *request, struct error *error)
{
  if (request->application->care) return true;
  return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no level-of-care table");
}

static bool api_assess(struct web_request *request, struct web_view *view, struct error *error)
{
  struct care_view care;
  if (!has_table(request, error)) return false;
  view_care_init(&care, request);
  if (!read_document(&care, error)) return false;
  view_care_find(&care);
  view->result = care.document;
  view->cache = WEB_CACHE_NONE;
  return true;
}

/* --- The page ------------------------------------------------------------------------------ */

/* The file that a person keeps: the result as plain text, with the answers. */
static void write_file(struct care_view *care, struct web_view *view)
{
  struct web_request *request = care->request;
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  struct care_print print = {.words = care->words,
                             .needs = directory_needs(request->application->directory),
                             .facts = &care->facts,
                             .result = &care->result,
                             .explanation = care->explanation,
                             .document = care->document,
                             .width = FILE_WIDTH,
                             .as_file = true};
  struct text date = view_date(request, time_format_date(request->arena, care->now));
  text_buffer_add(&out, VIEW_FORMAT(request, "care.print.made", {"date", date}));
  text_buffer_add(&out, TEXT("\n"));
  care_print(&print, &out);
  view->raw = text_copy(request->arena, text_buffer_get(&out));
  view->content_type = "text/plain; charset=utf-8";
  view->file_name = text_c(request->arena, view_text(request, "care.print.file_name"));
  view->cache = WEB_CACHE_NONE;
  text_buffer_fini(&out);
}

static bool view_start(struct web_request *request, struct web_view *view)
{
  view->page = value_object(request->arena);
  view->template_name = "care_start";
  view->cache = WEB_CACHE_PUBLIC;
  return true;
}

static bool view_result(struct web_request *request, struct web_view *view, struct error *error)
{
  struct care_view care;
  if (!has_table(request, error)) return false;
  if (request->method == WEB_GET) return view_start(request, view);
  view_care_init(&care, request);
  if (!read_answers(&care, error)) {
    if (!care.answers.length || error->kind != ERROR_REFUSED) return false;
    choose_show_again(request, view, error); /* the seal is old or broken: say so, begin anew */
    return true;
  }
  /* Facts that no interview gave are as they were measured. */
  if (care.answers.length || web_parameter_has(request, "who"))
    view_care_set_voice(&care, care.voice);
  view_care_find(&care);
  struct text go = web_parameter_get(request, "go");
  if (text_equal(go, TEXT("file"))) {
    write_file(&care, view);
    return true;
  }
  view->page = value_object(request->arena);
  view_care_fill(&care, view->page);
  view_care_places(&care, view->page);
  if (text_equal(go, TEXT("carry")) && !view_carry_fill(&care, error)) return false;
  view->result = care.document;
  view->template_name = "care";
  view->cache = WEB_CACHE_PRIVATE;
  return true;
}

/* --- Routes -------------------------------------------------------------------------------- */

const struct web_route web_care_routes[] = {
    {.methods = WEB_GET | WEB_POST | WEB_TAKES_JSON,
     .pattern = "/choose/result",
     .handler = view_result},
    {.methods = WEB_POST, .pattern = "/api/assess", .handler = api_assess, .is_api = true},
    {.pattern = NULL},
};
