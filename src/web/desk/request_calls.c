/*
 * Request calls: what the page of one request shows and takes of calls: the log, who is called back
 * and when, what to say. See request_page.h.
 */
#include "web/desk/request_page.h"

enum { CLOCK = 5 };
static const int64_t MINUTE = 60LL * 1000000;

static const struct desk_field call_fields[] = {
    {.name = "callback", .label = "requests.answers_callback", .kind = DESK_CHOICE},
    {.name = "kind", .label = "requests.call_kind", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "way", .label = "requests.call_way", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "result",
     .label = "requests.call_result",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "call_minutes_ago",
     .label = "requests.call_minutes_ago",
     .help = "requests.call_minutes_ago_help",
     .kind = DESK_NUMBER,
     .flags = DESK_SHORT,
     .most = LIMIT_REQUEST_BACK},
    {.name = "minutes",
     .label = "requests.call_minutes",
     .kind = DESK_NUMBER,
     .flags = DESK_SHORT,
     .most = LIMIT_DELIVERED_MINUTES},
    {.name = "call_words",
     .label = "requests.said",
     .help = "requests.call_words_help",
     .kind = DESK_LINES,
     .longest = LIMIT_REQUEST_WORDS},
    {.name = "again_on",
     .label = "requests.again_on",
     .help = "requests.again_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "again_at",
     .label = "requests.due_at",
     .help = "delivered.at_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = CLOCK},
};
static const struct desk_field callback_fields[] = {
    {.name = "script", .label = "requests.script", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "due_on",
     .label = "requests.due_on",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "due_at",
     .label = "requests.due_at",
     .help = "delivered.at_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = CLOCK},
};

bool request_calls_load(struct store_transaction *transaction, struct request_page *page,
                        const struct access *access, struct error *error)
{
  const struct web_request *request = page->request;
  return call_list(transaction, access, request->arena, request->captured, &page->calls,
                   &page->call_count, error) &&
         callback_list_of(transaction, access, request->arena, request->captured, &page->callbacks,
                          &page->callback_count, error);
}

/* --- Forms ----------------------------------------------------------------------------------- */

static struct text moment_text(const struct web_request *request, int64_t at)
{
  return value_text_get(value_get(desk_time(request, at), TEXT("shown")));
}

/* Which callback a call answers; that of the address, or the only one, to begin with. One that
 * somebody answered meanwhile stays a choice of the form that names it: the room then says so. */
static void choose_callback(struct request_page *page)
{
  const struct web_request *request = page->request;
  struct desk_form *form = &page->forms[FORM_CALL];
  struct text named = web_parameter_get(request, "callback");
  bool is_gone =
      request->method == WEB_POST && named.length > 0 && !text_equal(named, TEXT("none"));
  size_t count = page->callback_count;
  struct desk_choice *choices = arena_allocate_array(request->arena, count + 3, sizeof *choices);
  for (size_t i = 0; i < page->callback_count; i++) {
    const struct callback *one = &page->callbacks[i];
    choices[i] = (struct desk_choice){
        one->id, VIEW_FORMAT(request, "requests.callback_due",
                             {"what", requests_script_title(request, one->script)},
                             {"when", moment_text(request, one->due_at)})};
    if (text_equal(named, one->id)) is_gone = false;
    if (page->callback_count == 1 || text_equal(named, one->id))
      desk_form_set(form, "callback", one->id);
  }
  if (is_gone)
    choices[count++] = (struct desk_choice){named, view_text(request, "requests.callback_gone")};
  if (count) /* a button that is pressed cannot be taken back */
    choices[count++] = (struct desk_choice){TEXT("none"), view_text(request, "requests.none_of")};
  desk_form_choices(form, "callback", choices, count);
}

void request_calls_begin(struct request_page *page)
{
  struct desk_form *call = &page->forms[FORM_CALL], *callback = &page->forms[FORM_CALLBACK];
  DESK_FORM_INIT(call, page->request, call_fields);
  DESK_FORM_INIT(callback, page->request, callback_fields);
  choose_callback(page);
  requests_choose(call, "kind", CALL_KINDS);
  requests_choose(call, "way", CONTACT_WAYS);
  requests_choose(call, "result", CONTACT_RESULTS);
  desk_form_set(call, "kind", TEXT("went-out"));
  desk_form_set(call, "way", TEXT("call"));
  requests_choose_script(callback, "script");
  desk_form_set(callback, "script", TEXT("call-back"));
}

/* A time to call that is still to come; beside its fields what is wrong with it. */
static bool read_due(struct desk_form *form, const char *on, const char *at, int64_t *out)
{
  int64_t due;
  const char *problem = NULL;
  if (!requests_moment(form->request, desk_form_get(form, on), desk_form_get(form, at), &due))
    problem = "delivered.at_wrong";
  else if (due <= form->request->now) problem = "requests.past";
  if (problem) desk_form_refuse(form, at, problem);
  else *out = due;
  return !problem;
}

static bool is_again(const struct desk_form *form)
{
  return desk_form_get(form, "again_on").length || desk_form_get(form, "again_at").length;
}

bool request_calls_check(struct request_page *page, enum request_form which)
{
  struct desk_form *form = &page->forms[which];
  int64_t due;
  if (which == FORM_CALLBACK) return read_due(form, "due_on", "due_at", &due);
  return which != FORM_CALL || !is_again(form) || read_due(form, "again_on", "again_at", &due);
}

/* --- Acts ------------------------------------------------------------------------------------ */

static struct text script_of(const struct request_page *page, struct text callback_id,
                             struct text kind)
{
  const struct request_rules *rules = requests_rules(page->request->application->requests);
  for (size_t i = 0; i < page->callback_count; i++)
    if (text_equal(page->callbacks[i].id, callback_id)) return page->callbacks[i].script;
  return request_code_cell(rules, CALL_KINDS, kind, "script");
}

static bool ask(struct store_transaction *transaction, const struct request_page *page,
                const struct access *access, struct text script, int64_t due_at,
                struct error *error)
{
  const struct web_request *request = page->request;
  struct callback callback = {.request_id = request->captured, .script = script, .due_at = due_at};
  return callback_add(transaction, request->application->requests, access, request->arena,
                      &callback, error);
}

bool request_calls_log(struct store_transaction *transaction, struct request_page *page,
                       const struct access *access, struct error *error)
{
  const struct web_request *request = page->request;
  struct desk_form *form = &page->forms[FORM_CALL];
  struct text callback = desk_form_get(form, "callback"), kind = desk_form_get(form, "kind");
  if (text_equal(callback, TEXT("none"))) callback = TEXT("");
  struct text script = script_of(page, callback, kind);
  int64_t due = 0;
  struct call call = {
      .request_id = request->captured,
      .kind = kind,
      .way = desk_form_get(form, "way"),
      .result = desk_form_get(form, "result"),
      .script = script,
      .words = desk_form_get(form, "call_words"),
      .at = request->now - desk_form_number(form, "call_minutes_ago", 0) * MINUTE,
      .minutes = desk_form_number(form, "minutes", 0),
  };
  if (!call_add(transaction, request->application->requests, access, request->arena, &call,
                callback, error))
    return false;
  return !is_again(form) || !read_due(form, "again_on", "again_at", &due) ||
         ask(transaction, page, access, script, due, error);
}

bool request_calls_ask(struct store_transaction *transaction, struct request_page *page,
                       const struct access *access, struct error *error)
{
  struct desk_form *form = &page->forms[FORM_CALLBACK];
  int64_t due = 0;
  return !read_due(form, "due_on", "due_at", &due) ||
         ask(transaction, page, access, desk_form_get(form, "script"), due, error);
}

/* --- Showing --------------------------------------------------------------------------------- */

static struct value *fill_calls(const struct request_page *page)
{
  const struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->call_count; i++) {
    const struct call *call = &page->calls[i];
    struct value *item = value_object(request->arena);
    value_set(item, "at", desk_time(request, call->at));
    view_set_text(request, item, "kind", requests_label(request, CALL_KINDS, call->kind));
    view_set_text(request, item, "way", requests_label(request, CONTACT_WAYS, call->way));
    view_set_text(request, item, "result", requests_label(request, CONTACT_RESULTS, call->result));
    view_set_text(request, item, "minutes",
                  call->minutes ? view_count(request->arena, call->minutes) : TEXT(""));
    view_set_text(request, item, "words", call->words);
    view_set_text(request, item, "by", call->by);
    value_add(list, item);
  }
  return list;
}

static struct value *fill_callbacks(const struct request_page *page)
{
  const struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->callback_count; i++) {
    const struct callback *one = &page->callbacks[i];
    struct value *item = value_object(request->arena);
    value_set(item, "due", desk_time(request, one->due_at));
    view_set_text(request, item, "script", requests_script_title(request, one->script));
    view_set_flag(request, item, "is_late", one->due_at < request->now);
    value_add(list, item);
  }
  return list;
}

/* Every script, for whoever calls now. */
static struct value *fill_scripts(const struct request_page *page)
{
  const struct web_request *request = page->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct value *list = value_list(request->arena);
  struct text last = TEXT("");
  for (size_t i = 0; i < call_step_count(rules); i++) {
    struct text script = call_step_get(rules, i)->script;
    if (!text_equal(last, script)) value_add(list, requests_script(request, script));
    last = script;
  }
  return list;
}

void request_calls_fill(const struct request_page *page, struct value *out)
{
  const struct web_request *request = page->request;
  value_set(out, "calls", fill_calls(page));
  view_set_flag(request, out, "any_calls", page->call_count > 0);
  view_set_text(request, out, "attempts",
                requests_attempts(request, page->calls, page->call_count));
  value_set(out, "callbacks", fill_callbacks(page));
  view_set_flag(request, out, "any_callbacks", page->callback_count > 0);
  value_set(out, "scripts", fill_scripts(page));
}
