/*
 * /desk/coverage: what is due in a program: approvals that were asked for and when the plan must
 * decide, approvals to look at again, denials and the last day of what is still open. Threads: all
 * state is the request's.
 */
#include <stdlib.h>

#include "web/desk/coverage.h"
#include "web/views.h"

struct due_page {
  struct web_request *request;
  const struct coverage_rules *rules;
  const struct zone *zone;
  int64_t today;
  struct coverage_open open;
  struct person_names names;
};

static bool load_names(struct store_transaction *transaction, struct due_page *page,
                       const struct access *access, struct error *error)
{
  struct web_request *request = page->request;
  size_t room = page->open.authorization_count + page->open.denial_count, count = 0;
  struct text *ids = arena_allocate_array(request->arena, room + 1, sizeof *ids);
  struct access search;
  for (size_t i = 0; i < page->open.authorization_count; i++)
    ids[count++] = page->open.authorizations[i].person_id;
  for (size_t i = 0; i < page->open.denial_count; i++)
    ids[count++] = page->open.denials[i].person_id;
  if (count > LIMIT_PERSON_SHOWN) count = LIMIT_PERSON_SHOWN;
  if (!access_shown(transaction, access, ids, count, error)) return false;
  return count == 0 || !desk_may(request, "person", "search") ||
         (access_open_list(transaction, request->application->privacy, request->actor, "person",
                           "search", request->now, &search, error) &&
          person_names_load(transaction, &search, request->arena, ids, count, &page->names, error));
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
  return coverage_open_list(transaction, &access, request->arena, page->today, &page->open,
                            error) &&
         load_names(transaction, page, &access, error);
}

/* One line, and when it is due, to be put in order. */
struct line {
  struct value *item;
  int64_t day;
};

static bool is_late(const struct due_page *page, struct text id)
{
  for (size_t i = 0; i < page->open.late_count; i++)
    if (text_equal(page->open.late[i], id)) return true;
  return false;
}

static struct line begin_line(const struct due_page *page, struct text person_id, struct text id,
                              struct text level, const char *where, const char *what, int64_t day)
{
  const struct web_request *request = page->request;
  struct line line = {value_object(request->arena), day};
  people_set_name(request, line.item, &page->names, person_id);
  view_set_text(request, line.item, "what", view_text(request, what));
  view_set_text(request, line.item, "level", people_label(request, CARE_LEVELS, level));
  view_set_text(request, line.item, "href",
                text_format(request->arena, "/desk/people/%.*s/coverage/%s?id=%.*s",
                            TEXT_PRINT(person_id), where, TEXT_PRINT(id)));
  view_set_text(request, line.item, "day",
                day == INT64_MAX ? view_text(request, "coverage.no_law")
                                 : desk_coverage_day(request, day));
  view_set_text(request, line.item, "left",
                day == INT64_MAX ? TEXT("") : desk_coverage_days_left(request, day, page->today));
  view_set_flag(request, line.item, "late", day < page->today || is_late(page, id));
  return line;
}

static struct line line_of(const struct due_page *page, const struct coverage_authorization *row)
{
  int64_t day = row->approved.review_on ? row->approved.review_on : row->approved.to;
  if (row->state == AUTHORIZATION_APPROVED)
    return begin_line(page, row->person_id, row->id, row->level_of_care, "authorization",
                      "due.coverage.review", day);
  struct decision_due due =
      decision_due_find(page->rules, row->payer, row->is_urgent, row->asked_at, row->asked_on);
  day = INT64_MAX;
  if (due.standing == COVERAGE_HOLDS && !due.is_instant) day = due.last_day;
  if (due.standing == COVERAGE_HOLDS && due.is_instant)
    (void)coverage_day_read(zone_format_date(page->request->arena, page->zone, due.at), &day);
  struct line line = begin_line(page, row->person_id, row->id, row->level_of_care, "authorization",
                                "due.coverage.decision", day);
  if (due.standing == COVERAGE_HOLDS)
    view_set_flag(page->request, line.item, "late",
                  decision_is_late(&due, page->request->now, page->today));
  return line;
}

static struct line line_of_denial(const struct due_page *page, const struct coverage_denial *row)
{
  struct appeal appeals[APPEAL_STEPS];
  int64_t day = INT64_MAX;
  denial_appeals_find(page->rules, &row->denial, page->today, appeals);
  for (size_t i = 0; i < APPEAL_STEPS; i++)
    if (appeals[i].state == APPEAL_OPEN && appeals[i].last_day < day) day = appeals[i].last_day;
  return begin_line(page, row->person_id, row->id, row->level_of_care, "denial",
                    "due.coverage.appeal", day);
}

static int by_day(const void *left, const void *right)
{
  const struct line *a = left, *b = right;
  return a->day < b->day ? -1 : a->day > b->day;
}

bool desk_view_coverage_due(struct web_request *request, struct web_view *view, struct error *error)
{
  struct due_page page = {.request = request};
  if (!request->application->pages)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no rules of coverage");
  page.rules = request->application->pages->coverage;
  if (!desk_read(request, load, &page, error)) return false;
  size_t room = page.open.authorization_count + page.open.denial_count, count = 0;
  struct line *lines = arena_allocate_array(request->arena, room + 1, sizeof *lines);
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page.open.authorization_count; i++)
    lines[count++] = line_of(&page, &page.open.authorizations[i]);
  for (size_t i = 0; i < page.open.denial_count; i++)
    lines[count++] = line_of_denial(&page, &page.open.denials[i]);
  qsort(lines, count, sizeof *lines, by_day);
  for (size_t i = 0; i < count; i++) value_add(list, lines[i].item);
  view->page = value_object(request->arena);
  value_set(view->page, "lines", list);
  view_set_flag(request, view->page, "any", count > 0);
  view->template_name = "desk/coverage_due";
  return true;
}
