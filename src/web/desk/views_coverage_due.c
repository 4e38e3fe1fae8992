/*
 * /desk/coverage: what is due in a program: approvals that were asked for and when the plan must
 * decide, approvals to look at again, denials and the last day of what is still open; a hundred at
 * once, the next ones behind the last one shown. Threads: all state is the request's.
 */
#include "web/desk/coverage.h"
#include "web/views.h"

enum { SHOWN_AT_ONCE = LIMIT_PERSON_SHOWN };

struct due_page {
  struct web_request *request;
  const struct coverage_rules *rules;
  const struct zone *zone;
  int64_t today, total;
  struct coverage_place after;
  struct coverage_open *open;
  size_t count;
  bool is_further, has_more;
  struct person_names names;
};

static bool load_names(struct store_transaction *transaction, struct due_page *page,
                       const struct access *access, struct error *error)
{
  struct web_request *request = page->request;
  struct text ids[SHOWN_AT_ONCE];
  struct access search;
  for (size_t i = 0; i < page->count; i++) ids[i] = page->open[i].person_id;
  if (!access_shown(transaction, access, ids, page->count, error)) return false;
  return page->count == 0 || !desk_may(request, "person", "search") ||
         (access_open_list(transaction, request->application->privacy, request->actor, "person",
                           "search", request->now, &search, error) &&
          person_names_load(transaction, &search, request->arena, ids, page->count, &page->names,
                            error));
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct due_page *page = context;
  struct web_request *request = page->request;
  struct access access;
  page->names = (struct person_names){.count = 0};
  if (!access_open_list(transaction, request->application->privacy, request->actor, "coverage",
                        "read", request->now, &access, error) ||
      !site_zone(transaction, request->actor->program_id, request->actor->site_id, &page->zone,
                 error))
    return false;
  (void)coverage_day_read(zone_format_date(request->arena, page->zone, request->now), &page->today);
  if (!coverage_open_list(transaction, &access, request->arena, page->today, &page->after,
                          SHOWN_AT_ONCE + 1, &page->open, &page->count, error) ||
      !coverage_open_count(transaction, &access, page->today, &page->total, error))
    return false;
  page->has_more = page->count > SHOWN_AT_ONCE;
  if (page->has_more) page->count = SHOWN_AT_ONCE;
  return load_names(transaction, page, &access, error);
}

static struct value *fill_line(const struct due_page *page, const struct coverage_open *open,
                               const char *where, const char *what, int64_t day)
{
  const struct web_request *request = page->request;
  struct value *line = value_object(request->arena);
  struct text level =
      open->denial ? open->denial->level_of_care : open->authorization->level_of_care;
  people_set_name(request, line, &page->names, open->person_id);
  view_set_text(request, line, "what", view_text(request, what));
  view_set_text(request, line, "level", people_label(request, CARE_LEVELS, level));
  view_set_text(request, line, "href",
                text_format(request->arena, "/desk/people/%.*s/coverage/%s?id=%.*s",
                            TEXT_PRINT(open->person_id), where, TEXT_PRINT(open->id)));
  view_set_text(request, line, "day",
                day == COVERAGE_NO_DAY ? view_text(request, "coverage.no_law")
                                       : desk_coverage_day(request, day));
  view_set_text(request, line, "left",
                day == COVERAGE_NO_DAY ? TEXT("")
                                       : desk_coverage_days_left(request, day, page->today));
  view_set_flag(request, line, "late", day < page->today || open->is_late);
  return line;
}

/* What was asked says the day of the law as it is known now. */
static struct value *fill_asked(const struct due_page *page, const struct coverage_open *open)
{
  const struct coverage_authorization *row = open->authorization;
  struct decision_due due =
      decision_due_find(page->rules, row->payer, row->is_urgent, row->asked_at, row->asked_on);
  int64_t day = COVERAGE_NO_DAY;
  if (due.standing == COVERAGE_HOLDS && !due.is_instant) day = due.last_day;
  if (due.standing == COVERAGE_HOLDS && due.is_instant)
    (void)coverage_day_read(zone_format_date(page->request->arena, page->zone, due.at), &day);
  struct value *line = fill_line(page, open, "authorization", "due.coverage.decision", day);
  if (due.standing == COVERAGE_HOLDS)
    view_set_flag(page->request, line, "late",
                  decision_is_late(&due, page->request->now, page->today));
  return line;
}

static struct value *fill_one(const struct due_page *page, const struct coverage_open *open)
{
  if (open->denial) return fill_line(page, open, "denial", "due.coverage.appeal", open->due_on);
  if (open->authorization->state == AUTHORIZATION_APPROVED)
    return fill_line(page, open, "authorization", "due.coverage.review", open->due_on);
  return fill_asked(page, open);
}

static void fill_ways(const struct due_page *page, struct value *out)
{
  const struct web_request *request = page->request;
  struct text next = TEXT("");
  if (page->has_more) {
    const struct coverage_open *last = &page->open[page->count - 1];
    const struct coverage_place place = {last->due_on, last->id};
    next = text_format(request->arena, "/desk/coverage?after=%.*s",
                       TEXT_PRINT(coverage_place_write(request->arena, &place)));
  }
  view_set_text(request, out, "next_href", next);
  view_set_text(request, out, "start_href", page->is_further ? TEXT("/desk/coverage") : TEXT(""));
}

bool desk_view_coverage_due(struct web_request *request, struct web_view *view, struct error *error)
{
  struct due_page page = {.request = request};
  if (!request->application->pages)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no rules of coverage");
  page.rules = request->application->pages->coverage;
  page.is_further = coverage_place_read(web_parameter_get(request, "after"), &page.after);
  if (!desk_read(request, load, &page, error)) return false;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page.count; i++) value_add(list, fill_one(&page, &page.open[i]));
  view->page = value_object(request->arena);
  value_set(view->page, "lines", list);
  view_set_flag(request, view->page, "any", page.count > 0);
  view_set_flag(request, view->page, "none", page.total == 0);
  view_set_text(request, view->page, "count",
                VIEW_FORMAT(request, "coverage.due_count",
                            {"count", view_count(request->arena, page.total)}));
  fill_ways(&page, view->page);
  view->template_name = "desk/coverage_due";
  return true;
}
