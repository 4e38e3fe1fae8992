/*
 * /desk/waitlist: who waits, list by list (a site and a level of care), in the order of the law,
 * with the reason and the deadlines; and /desk/waitlist/notices: what the State is told when places
 * run out. Whoever it shows is in the audit. Threads: all state is the request's.
 */
#include "web/desk/waiting.h"

enum { SHOWN_EACH = 50, SHOWN_ONE = 500 }; /* people of each list, and of the one chosen (count) */

struct lists {
  struct web_request *request;
  struct waitlist_entry *entries;
  struct request_names names;
  struct requests_ground ground;
  struct capacity_notice *notices;
  size_t count, notice_count;
  size_t from; /* of the one list that was chosen: how many of it were shown before */
  struct text site_id, level;
};

/* --- Loading ------------------------------------------------------------------------------- */

static bool is_same_list(const struct waitlist_entry *a, const struct waitlist_entry *b)
{
  return text_equal(a->site_id, b->site_id) && text_equal(a->level_of_care, b->level_of_care);
}

static bool is_one(const struct lists *lists)
{
  return lists->site_id.length && lists->level.length;
}

/* How many of a list of `count` are shown, and behind how many of it. */
static size_t shown_of(const struct lists *lists, size_t count, size_t *from)
{
  size_t most = is_one(lists) ? SHOWN_ONE : SHOWN_EACH;
  *from = is_one(lists) && lists->from < count ? lists->from : 0;
  return count - *from < most ? count - *from : most;
}

/* Where the list that begins at `first` ends. */
static size_t end_of(const struct lists *lists, size_t first)
{
  size_t next = first + 1;
  while (next < lists->count && is_same_list(&lists->entries[first], &lists->entries[next])) next++;
  return next;
}

static bool load_names(struct store_transaction *transaction, const struct access *access,
                       struct lists *lists, struct error *error)
{
  struct arena *arena = lists->request->arena;
  struct text *ids = arena_allocate_array(arena, lists->count + 1, sizeof *ids);
  size_t wanted = 0;
  for (size_t first = 0, next; first < lists->count; first = next) {
    next = end_of(lists, first);
    size_t from, shown = shown_of(lists, next - first, &from);
    for (size_t i = 0; i < shown; i++) ids[wanted++] = lists->entries[first + from + i].request_id;
  }
  return request_names_load(transaction, access, arena, ids, wanted, &lists->names, error);
}

static bool load_lists(struct store_transaction *transaction, void *context, struct error *error)
{
  struct lists *lists = context;
  struct web_request *request = lists->request;
  struct access access;
  return requests_access_list(transaction, request, "request", "read", &access, error) &&
         waitlist_list(transaction, request->application->requests, &access, request->arena,
                       lists->site_id, lists->level, &lists->entries, &lists->count, error) &&
         load_names(transaction, &access, lists, error) &&
         capacity_notice_list(transaction, &access, request->arena, &lists->notices,
                              &lists->notice_count, error) &&
         requests_ground_load(transaction, request, &lists->ground, error);
}

/* --- Showing ------------------------------------------------------------------------------- */

static struct value *fill_entry(const struct lists *lists, const struct waitlist_entry *entry)
{
  const struct web_request *request = lists->request;
  const struct request_name *name = request_names_find(&lists->names, entry->request_id);
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "request_id", entry->request_id);
  view_set_text(request, item, "name",
                name && name->name.length ? name->name : view_text(request, "skips.nameless"));
  view_set_text(request, item, "staff", requests_staff_name(&lists->ground, entry->assigned));
  waiting_fill(request, entry, item);
  return item;
}

static struct value *fill_list(const struct lists *lists, size_t first, size_t next, size_t number)
{
  const struct web_request *request = lists->request;
  const struct waitlist_entry *of = &lists->entries[first];
  struct value *list = value_object(request->arena), *rows = value_list(request->arena);
  size_t from, shown = shown_of(lists, next - first, &from);
  for (size_t i = 0; i < shown; i++)
    value_add(rows, fill_entry(lists, &lists->entries[first + from + i]));
  view_set_text(request, list, "at", view_count(request->arena, (int64_t)number));
  view_set_text(request, list, "site", requests_site_name(&lists->ground, of->site_id));
  view_set_text(request, list, "level", people_label(request, CARE_LEVELS, of->level_of_care));
  view_set_text(request, list, "count", view_count(request->arena, (int64_t)(next - first)));
  struct text start = text_format(request->arena, "/desk/waitlist?site=%.*s&level=%.*s",
                                  TEXT_PRINT(of->site_id), TEXT_PRINT(of->level_of_care));
  bool has_more = from + shown < next - first;
  view_set_text(request, list, "start_href", from ? start : TEXT(""));
  view_set_text(request, list, "whole_href", has_more && !is_one(lists) ? start : TEXT(""));
  view_set_text(request, list, "next_href",
                has_more && is_one(lists)
                    ? text_format(request->arena, "%.*s&from=%zu", TEXT_PRINT(start), from + shown)
                    : TEXT(""));
  value_set(list, "rows", rows);
  return list;
}

static void add_option(const struct web_request *request, struct value *list, struct text value,
                       struct text label, struct text chosen)
{
  struct value *option = value_object(request->arena);
  view_set_text(request, option, "value", value);
  view_set_text(request, option, "label", label);
  view_set_flag(request, option, "chosen", text_equal(value, chosen));
  value_add(list, option);
}

static void fill_filter(const struct lists *lists, struct value *page)
{
  const struct web_request *request = lists->request;
  struct value *sites = value_list(request->arena), *levels = value_list(request->arena);
  size_t count;
  const struct desk_choice *all = people_choices(request, CARE_LEVELS, &count);
  for (size_t i = 0; i < lists->ground.site_count; i++)
    add_option(request, sites, lists->ground.sites[i].id, lists->ground.sites[i].name,
               lists->site_id);
  for (size_t i = 0; i < count; i++)
    add_option(request, levels, all[i].value, all[i].label, lists->level);
  value_set(page, "sites", sites);
  value_set(page, "levels", levels);
}

static size_t notices_untold(const struct lists *lists)
{
  size_t untold = 0;
  for (size_t i = 0; i < lists->notice_count; i++)
    if (lists->notices[i].told_at == 0) untold++;
  return untold;
}

static bool view_lists(struct web_request *request, struct web_view *view, struct error *error)
{
  struct lists lists = {.request = request,
                        .site_id = web_parameter_get(request, "site"),
                        .level = web_parameter_get(request, "level")};
  int64_t from;
  if (text_read_integer(web_parameter_get(request, "from"), &from) && from > 0)
    lists.from = (size_t)from;
  if (!desk_read(request, load_lists, &lists, error)) return false;
  struct value *page = view->page = value_object(request->arena);
  struct value *out = value_list(request->arena);
  for (size_t first = 0, next, number = 1; first < lists.count; first = next, number++) {
    next = end_of(&lists, first);
    value_add(out, fill_list(&lists, first, next, number));
  }
  value_set(page, "lists", out);
  view_set_flag(request, page, "any", lists.count > 0);
  size_t untold = notices_untold(&lists);
  view_set_text(request, page, "untold",
                untold ? view_count(request->arena, (int64_t)untold) : TEXT(""));
  fill_filter(&lists, page);
  view->template_name = "desk/waitlist";
  return true;
}

/* --- Notices to the State ------------------------------------------------------------------ */

struct notices {
  struct web_request *request;
  struct web_view *view;
  struct capacity_notice *all;
  size_t count;
  struct text told; /* which the State was told of */
};

static bool load_notices(struct store_transaction *transaction, void *context, struct error *error)
{
  struct notices *notices = context;
  struct web_request *request = notices->request;
  struct access access;
  return requests_access_list(transaction, request, "request", "read", &access, error) &&
         capacity_notice_list(transaction, &access, request->arena, &notices->all, &notices->count,
                              error);
}

static bool tell(struct store_transaction *transaction, void *context, struct error *error)
{
  struct notices *notices = context;
  struct web_request *request = notices->request;
  struct access access;
  if (!requests_access_list(transaction, request, "request", "write", &access, error) ||
      !capacity_notice_tell(transaction, &access, notices->told, error))
    return false;
  desk_redirect(request, notices->view, "/desk/waitlist/notices");
  return true;
}

static struct value *fill_notice(const struct web_request *request,
                                 const struct capacity_notice *notice)
{
  struct value *item = value_object(request->arena);
  struct arena *arena = request->arena;
  bool is_told = notice->told_at != 0;
  view_set_text(request, item, "notice_id", notice->id);
  view_set_text(
      request, item, "places",
      view_text(request, text_equal(notice->places, TEXT("bed")) ? "notice.beds" : "notice.slots"));
  view_set_text(request, item, "taken",
                VIEW_FORMAT(request, "notice.taken", {"taken", view_count(arena, notice->taken)},
                            {"places", view_count(arena, notice->capacity)}));
  value_set(item, "reached", desk_time(request, notice->reached_at));
  value_set(item, "due", waiting_left(request, notice->due_at));
  view_set_flag(request, item, "is_told", is_told);
  if (is_told) value_set(item, "told", desk_time(request, notice->told_at));
  view_set_flag(request, item, "told_late", is_told && notice->told_at > notice->due_at);
  view_set_flag(request, item, "is_over", notice->over_at != 0);
  return item;
}

static bool show_notices(struct notices *notices, const char *problem)
{
  const struct web_request *request = notices->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct value *page = notices->view->page = value_object(request->arena);
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < notices->count; i++)
    value_add(list, fill_notice(request, &notices->all[i]));
  value_set(page, "notices", list);
  view_set_flag(request, page, "any", notices->count > 0);
  view_set_flag(request, page, "may_write", desk_may(request, "request", "write"));
  int64_t share = waitlist_clock_get(rules, WAITLIST_CAPACITY_SHARE)->amount;
  view_set_text(request, page, "lead",
                VIEW_FORMAT(request, "notice.lead", {"share", view_count(request->arena, share)}));
  view_set_text(request, page, "problem", problem ? view_text(request, problem) : TEXT(""));
  if (problem) notices->view->status = 409;
  notices->view->template_name = "desk/waitlist_notices";
  return true;
}

static bool view_notices(struct web_request *request, struct web_view *view, struct error *error)
{
  struct notices notices = {
      .request = request, .view = view, .told = web_parameter_get(request, "notice")};
  if (request->method == WEB_POST) {
    if (desk_write(request, view, tell, &notices, error)) return true;
    if (error->kind != ERROR_CONFLICT) return false;
    error_clear(error);
  }
  if (!desk_read(request, load_notices, &notices, error)) return false;
  return show_notices(&notices, request->method == WEB_POST ? "notice.stale" : NULL);
}

const struct web_route desk_waitlist_routes[] = {{.methods = WEB_GET,
                                                  .pattern = "/desk/waitlist",
                                                  .handler = view_lists,
                                                  .guard = "request",
                                                  .get_act = "read"},
                                                 {.methods = WEB_GET | WEB_POST,
                                                  .pattern = "/desk/waitlist/notices",
                                                  .handler = view_notices,
                                                  .guard = "request",
                                                  .get_act = "read",
                                                  .post_act = "write"},
                                                 {.pattern = NULL}};
