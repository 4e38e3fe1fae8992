/*
 * /desk/import: people and staff from a file of another system. First what would happen, then the
 * same file once more, which is taken. Nothing of a file is kept between the two: its keyed mark
 * goes with the form, and only the file that was looked at is taken.
 *
 * Threads: all state is the request's.
 */
#include "web/desk/people.h"

enum { SHOWN_MOST = 200 };

struct importing {
  struct web_request *request;
  enum care_import_what what;
  struct text bytes, mark;
  struct care_import_report report;
};

static struct care_import plan(const struct importing *importing, bool is_dry_run)
{
  struct web_request *request = importing->request;
  return (struct care_import){.store = request->application->store,
                              .care = request->application->records,
                              .actor = request->actor,
                              .what = importing->what,
                              .is_dry_run = is_dry_run,
                              .now = request->now};
}

/* What tells this file, as people or as staff, from every other. */
static bool find_mark(struct importing *importing, struct error *error)
{
  unsigned char mark[VAULT_MARK_BYTES];
  struct web_request *request = importing->request;
  bool is_people = importing->what == CARE_IMPORT_PEOPLE;
  if (!vault_index_mark(request->application->privacy->vault, request->actor->program_id,
                        is_people ? "import.checked.people" : "import.checked.staff",
                        importing->bytes, mark, error))
    return false;
  importing->mark = TEXT("");
  for (size_t i = 0; i < sizeof mark; i++)
    importing->mark = text_format(request->arena, "%.*s%02x", TEXT_PRINT(importing->mark), mark[i]);
  return true;
}

/* --- What is shown --------------------------------------------------------------------------- */

static struct text say_counts(const struct web_request *request,
                              const struct care_import_report *report)
{
  struct arena *arena = request->arena;
  return VIEW_FORMAT(request, "import.counts", {"rows", view_count(arena, report->rows)},
                     {"fresh", view_count(arena, report->fresh)},
                     {"changed", view_count(arena, report->changed)},
                     {"unchanged", view_count(arena, report->unchanged)},
                     {"refused", view_count(arena, report->refused)});
}

static void fill_problems(const struct web_request *request,
                          const struct care_import_report *report, struct value *page)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < report->problem_count && i < SHOWN_MOST; i++) {
    const struct care_import_problem *problem = &report->problems[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "line", view_count(request->arena, problem->line));
    view_set_text(request, item, "field", problem->field);
    view_set_text(request, item, "what", view_text(request, problem->what));
    view_set_text(request, item, "mend", view_text(request, problem->mend));
    value_add(list, item);
  }
  value_set(page, "problems", list);
  view_set_flag(request, page, "has_problems", report->problem_total > 0);
  if (report->problem_total > SHOWN_MOST)
    view_set_text(request, page, "more_problems",
                  view_count(request->arena, (int64_t)report->problem_total - SHOWN_MOST));
}

static void fill_alike(const struct web_request *request, const struct care_import_report *report,
                       struct value *page)
{
  struct arena *arena = request->arena;
  struct value *list = value_list(arena);
  for (size_t i = 0; i < report->alike_count && i < SHOWN_MOST; i++) {
    const struct care_import_alike *alike = &report->alike[i];
    struct value *item = value_object(arena), *reasons = value_list(arena);
    struct text rest = alike->reasons, name;
    while (text_word_next(&rest, &name)) {
      const char *key =
          text_c(arena, text_format(arena, "duplicate-weights.%.*s", TEXT_PRINT(name)));
      struct value *reason = value_object(arena);
      view_set_text(request, reason, "text", view_text(request, key));
      value_add(reasons, reason);
    }
    view_set_text(request, item, "line", view_count(arena, alike->line));
    if (alike->other_line)
      view_set_text(request, item, "other_line", view_count(arena, alike->other_line));
    else view_set_text(request, item, "person_id", alike->person_id);
    value_set(item, "reasons", reasons);
    value_add(list, item);
  }
  value_set(page, "alike", list);
  view_set_flag(request, page, "has_alike", report->alike_total > 0);
}

static void fill_report(const struct importing *importing, struct value *page)
{
  const struct web_request *request = importing->request;
  const struct care_import_report *report = &importing->report;
  struct value *unread = value_list(request->arena);
  for (size_t i = 0; i < report->unread_count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "name", report->unread[i]);
    value_add(unread, item);
  }
  fill_problems(request, report, page);
  fill_alike(request, report, page);
  value_set(page, "unread", unread);
  view_set_flag(request, page, "has_unread", report->unread_count > 0);
  view_set_flag(request, page, "is_refused", report->is_refused);
  view_set_flag(request, page, "is_checked", true);
  view_set_text(request, page, "counts", say_counts(request, report));
  if (report->fresh + report->changed > 0) view_set_text(request, page, "checked", importing->mark);
}

static bool show(const struct importing *importing, struct web_view *view, const char *problem,
                 struct error *error)
{
  const struct web_request *request = importing->request;
  struct text once = TEXT("");
  view->page = value_object(request->arena);
  view->template_name = "desk/import";
  if (request->method == WEB_GET && !desk_once(importing->request, &once, error)) return false;
  view_set_text(request, view->page, "done", once);
  view_set_flag(request, view->page, "is_staff", importing->what == CARE_IMPORT_STAFF);
  if (problem) {
    view->status = 400;
    view_set_text(request, view->page, "problem", view_text(request, problem));
  }
  return true;
}

/* --- What is done ---------------------------------------------------------------------------- */

static bool take(struct web_request *request, struct web_view *view, void *context,
                 struct error *error)
{
  struct importing *importing = context;
  const struct care_import import = plan(importing, false);
  if (!care_import_run(&import, request->arena, importing->bytes, &importing->report, error))
    return false;
  view->once = say_counts(request, &importing->report);
  desk_redirect(request, view, "/desk/import");
  return true;
}

static bool look(struct importing *importing, struct web_view *view, const char *problem,
                 struct error *error)
{
  const struct care_import import = plan(importing, true);
  if (!care_import_run(&import, importing->request->arena, importing->bytes, &importing->report,
                       error)) {
    if (error->kind != ERROR_REFUSED && error->kind != ERROR_TOO_LARGE) return false;
    const char *what = error->person;
    error_clear(error);
    return show(importing, view, what, error);
  }
  if (!show(importing, view, problem, error)) return false;
  fill_report(importing, view->page);
  return true;
}

static bool view_import(struct web_request *request, struct web_view *view, struct error *error)
{
  bool is_staff = text_equal(web_parameter_get(request, "what"), TEXT("staff"));
  struct importing importing = {.request = request,
                                .what = is_staff ? CARE_IMPORT_STAFF : CARE_IMPORT_PEOPLE,
                                .bytes = web_file_get(request, "file")};
  struct text checked = web_parameter_get(request, "checked");
  if (request->method != WEB_POST) return show(&importing, view, NULL, error);
  if (!importing.bytes.length) return show(&importing, view, "import.no_file", error);
  if (importing.bytes.length > LIMIT_DESK_IMPORT)
    return show(&importing, view, "import.large", error);
  if (!find_mark(&importing, error)) return false;
  if (!checked.length) return look(&importing, view, NULL, error);
  if (!text_equal(checked, importing.mark))
    return look(&importing, view, "import.other_file", error);
  return desk_act(request, view, take, &importing, error);
}

const struct web_route desk_import_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/import",
     .handler = view_import,
     .guard = "person",
     .get_act = "import",
     .post_act = "import",
     .body_limit = LIMIT_DESK_IMPORT + LIMIT_HTTP_BODY_FORM,
     .flags = WEB_FILES},
    {.pattern = NULL}};
