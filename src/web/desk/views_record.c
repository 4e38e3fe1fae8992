/*
 * /desk/people/{id}/record and /me/record: the whole record, to print, to read and as data, for the
 * person (42 CFR 2.23, 45 CFR 164.524), through disclose(); …/copy: what left, as it left.
 * /desk/people/{id}/views and /me/views: who saw the record. …/disclosures: the accounting (2.25).
 * Threads: all state is the request's.
 */
#include <stdlib.h>

#include "web/desk/leave.h"

/* --- The record ------------------------------------------------------------------------------ */

struct leaving {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  struct disclosed disclosed;
};

static bool open_record(struct store_transaction *transaction, void *context, struct error *error)
{
  struct leaving *leaving = context;
  return desk_about_open(transaction, leaving->request, "person", "export", &leaving->about, error);
}

static bool take_out(struct store_transaction *transaction, void *context, struct error *error)
{
  struct leaving *leaving = context;
  struct web_request *request = leaving->request;
  struct disclose_request wanted = {.document = TEXT("record"),
                                    .purpose_code = TEXT("PATRQT"),
                                    .basis = TEXT("patient-access"),
                                    .language = request->application->languages[request->language]};
  if (!open_record(transaction, context, error) ||
      !desk_about_record(transaction, &leaving->about, &wanted.content, error))
    return false;
  wanted.person_id = leaving->about.person.id;
  return disclose(transaction, &leaving->about.access, request->arena, &wanted, &leaving->disclosed,
                  error) &&
         desk_leave_keep(transaction, &leaving->about, leaving->view, &leaving->disclosed,
                         wanted.language, error);
}

static bool view_record(struct web_request *request, struct web_view *view, struct error *error)
{
  struct leaving leaving = {.request = request, .view = view};
  if (request->method == WEB_POST) return desk_write(request, view, take_out, &leaving, error);
  view->page = value_object(request->arena);
  view->template_name = "desk/record";
  /* Asking for the page asks for no proof: it says what can be taken out, and shows who it is. */
  if (!desk_is_own(request) &&
      !people_frame(request, view, desk_about_id(request), "record", error))
    return false;
  if (view->redirect.length) return true;
  view_set_text(request, view->page, "here",
                desk_is_own(request) ? TEXT("/me")
                                     : text_format(request->arena, "/desk/people/%.*s",
                                                   TEXT_PRINT(desk_about_id(request))));
  view_set_flag(request, view->page, "own", desk_is_own(request));
  return true;
}

/* A copy that was made of it, or for somebody else: the same bytes again. */
static bool view_copy(struct web_request *request, struct web_view *view, struct error *error)
{
  if (desk_is_own(request)) return desk_leave(request, view, "person", "export", error);
  return desk_leave(request, view, "disclosure", "write", error);
}

/* --- Who saw it ------------------------------------------------------------------------------ */

struct seeing {
  struct web_request *request;
  struct desk_about about;
  struct record_view *views;
  size_t count;
};

static int by_time(const void *a, const void *b)
{
  const struct record_view *one = a, *other = b;
  return (one->at < other->at) - (one->at > other->at);
}

/* Of the record and of those that were joined to it, the newest day first. */
static bool see(struct store_transaction *transaction, void *context, struct error *error)
{
  struct seeing *seeing = context;
  struct web_request *request = seeing->request;
  struct access *accesses;
  size_t members;
  if (!desk_about_open(transaction, request, "record-views", "read", &seeing->about, error) ||
      !desk_about_members(transaction, &seeing->about, &accesses, &members, error))
    return false;
  seeing->views = NULL;
  seeing->count = 0;
  for (size_t i = 0; i < members; i++) {
    struct record_view *views, *all;
    size_t count;
    if (!record_views(transaction, &accesses[i], request->arena, &views, &count, error))
      return false;
    all = arena_allocate_array(request->arena, seeing->count + count + 1, sizeof *all);
    for (size_t j = 0; j < seeing->count; j++) all[j] = seeing->views[j];
    for (size_t j = 0; j < count; j++) all[seeing->count + j] = views[j];
    seeing->views = all;
    seeing->count += count;
  }
  if (members > 1) qsort(seeing->views, seeing->count, sizeof *seeing->views, by_time);
  return true;
}

static struct value *fill_view(struct web_request *request, const struct record_view *shown)
{
  struct value *row = value_object(request->arena);
  view_set_text(request, row, "who", shown->who);
  view_set_text(request, row, "role", view_text(request, text_c(request->arena, shown->role)));
  view_set_text(request, row, "what", view_text(request, text_c(request->arena, shown->what)));
  view_set_text(request, row, "times",
                shown->times > 1 ? view_count(request->arena, shown->times) : TEXT(""));
  return row;
}

/* Rows grouped by day, newest first. */
static struct value *fill_days(struct web_request *request, const struct seeing *seeing)
{
  struct value *days = value_list(request->arena), *rows = NULL;
  for (size_t i = 0; i < seeing->count; i++) {
    const struct record_view *shown = &seeing->views[i];
    if (i == 0 || !text_equal(shown->day, seeing->views[i - 1].day)) {
      struct value *day = value_object(request->arena);
      rows = value_list(request->arena);
      view_set_text(request, day, "day", view_date(request, shown->day));
      value_set(day, "rows", rows);
      value_add(days, day);
    }
    value_add(rows, fill_view(request, shown));
  }
  return days;
}

static bool view_views(struct web_request *request, struct web_view *view, struct error *error)
{
  struct seeing seeing = {.request = request};
  if (!desk_read(request, see, &seeing, error)) return false;
  view->page = value_object(request->arena);
  view->template_name = "desk/views";
  desk_about_fill(&seeing.about, view->page);
  value_set(view->page, "days", fill_days(request, &seeing));
  view_set_flag(request, view->page, "has_days", seeing.count > 0);
  return true;
}

/* --- Whom it was shared with ----------------------------------------------------------------- */

struct accounting {
  struct web_request *request;
  struct desk_about about;
  struct disclosure *rows;
  size_t count;
};

static int by_moment(const void *a, const void *b)
{
  const struct disclosure *one = a, *other = b;
  return (one->at < other->at) - (one->at > other->at);
}

/* The same, of disclosures. */
static bool account(struct store_transaction *transaction, void *context, struct error *error)
{
  struct accounting *accounting = context;
  struct web_request *request = accounting->request;
  struct access *accesses;
  size_t members;
  if (!desk_about_open(transaction, request, "disclosure", "read", &accounting->about, error) ||
      !desk_about_members(transaction, &accounting->about, &accesses, &members, error))
    return false;
  accounting->rows = NULL;
  accounting->count = 0;
  for (size_t i = 0; i < members; i++) {
    struct disclosure *rows, *all;
    size_t count;
    if (!disclosure_list(transaction, &accesses[i], request->arena, &rows, &count, error))
      return false;
    all = arena_allocate_array(request->arena, accounting->count + count + 1, sizeof *all);
    for (size_t j = 0; j < accounting->count; j++) all[j] = accounting->rows[j];
    for (size_t j = 0; j < count; j++) {
      all[accounting->count + j] = rows[j];
      all[accounting->count + j].person_id = accesses[i].person_id;
    }
    accounting->rows = all;
    accounting->count += count;
  }
  if (members > 1) qsort(accounting->rows, accounting->count, sizeof *accounting->rows, by_moment);
  return true;
}

/* What left, in words: the kinds of records of which a field did. */
static struct text what_left(const struct web_request *request, const struct disclosure *row)
{
  struct text rest = row->fields, field, last = TEXT(""), all = TEXT("");
  while (text_word_next(&rest, &field)) {
    struct text document = text_slice(field, 0, text_find(field, TEXT(".")));
    if (text_equal(document, last)) continue;
    last = document;
    struct text key = text_format(request->arena, "document.%.*s", TEXT_PRINT(document));
    struct text words = view_text(request, text_c(request->arena, key));
    all = all.length ? text_format(request->arena, "%.*s; %.*s", TEXT_PRINT(all), TEXT_PRINT(words))
                     : words;
  }
  return all;
}

static struct value *fill_disclosure(struct web_request *request, const struct disclosure *row)
{
  const struct consent_rules *rules = request->application->privacy->consent_rules;
  const struct purpose *purpose = purpose_find(rules, row->purpose_code);
  const struct disclosure_basis *basis = disclosure_basis_find(rules, row->basis);
  struct value *out = value_object(request->arena);
  bool may_copy = desk_may(request, "person", "export") ||
                  (text_equal(row->account_id, request->actor->account_id) &&
                   desk_may(request, "disclosure", "write"));
  view_set_text(request, out, "id", row->id);
  view_set_text(request, out, "record", row->person_id);
  view_set_flag(request, out, "may_copy", may_copy);
  value_set(out, "at", desk_time(request, row->at));
  view_set_text(request, out, "recipient",
                row->recipient.length ? row->recipient
                                      : view_text(request, "disclosures.the_person"));
  view_set_text(request, out, "purpose",
                purpose ? purpose->label[request->language] : row->purpose_code);
  view_set_text(request, out, "basis", basis ? basis->label[request->language] : row->basis);
  view_set_text(request, out, "document", what_left(request, row));
  view_set_text(request, out, "by", row->actor_name);
  return out;
}

static bool view_disclosures(struct web_request *request, struct web_view *view,
                             struct error *error)
{
  struct accounting accounting = {.request = request};
  if (!desk_read(request, account, &accounting, error)) return false;
  struct value *rows = value_list(request->arena);
  for (size_t i = 0; i < accounting.count; i++)
    value_add(rows, fill_disclosure(request, &accounting.rows[i]));
  view->page = value_object(request->arena);
  view->template_name = "desk/disclosures";
  desk_about_fill(&accounting.about, view->page);
  value_set(view->page, "rows", rows);
  view_set_flag(request, view->page, "has_rows", accounting.count > 0);
  view_set_flag(request, view->page, "may_make",
                !desk_is_own(request) && desk_may(request, "disclosure", "write"));
  return true;
}

// NOLINTBEGIN(bugprone-macro-parentheses): members of a route are values, not sums
#define VIEWS(path, function, object)                                                              \
  {                                                                                                \
    .methods = WEB_GET, .pattern = path, .handler = function, .guard = object, .get_act = "read"   \
  }
#define RECORD(path)                                                                               \
  {                                                                                                \
    .methods = WEB_GET | WEB_POST, .pattern = path, .handler = view_record, .guard = "person",     \
    .get_act = "export", .post_act = "export"                                                      \
  }
// NOLINTEND(bugprone-macro-parentheses)
const struct web_route desk_record_routes[] = {
    RECORD("/desk/people/{id}/record"),
    RECORD("/me/record"),
    {.methods = WEB_GET,
     .pattern = "/desk/people/{id}/copy",
     .handler = view_copy,
     .guard = "disclosure",
     .get_act = "write"},
    {.methods = WEB_GET,
     .pattern = "/me/copy",
     .handler = view_copy,
     .guard = "person",
     .get_act = "export"},
    VIEWS("/desk/people/{id}/views", view_views, "record-views"),
    VIEWS("/me/views", view_views, "record-views"),
    VIEWS("/desk/people/{id}/disclosures", view_disclosures, "disclosure"),
    VIEWS("/me/disclosures", view_disclosures, "disclosure"),
    {.pattern = NULL}};
