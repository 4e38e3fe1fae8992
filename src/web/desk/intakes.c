/*
 * Intakes: what the pages of an intake share. See intakes.h.
 */
#include <string.h>

#include "web/desk/desk_private.h"
#include "web/desk/intakes.h"

/* --- Loading --------------------------------------------------------------------------------- */

static bool choose(struct intake_page *page, struct text *id, struct error *error)
{
  struct text asked = web_parameter_get(page->request, "intake");
  *id = TEXT("");
  for (size_t i = 0; i < page->intake_count && id->length == 0; i++) {
    const struct intake *intake = &page->intakes[i];
    bool is_meant = asked.length ? text_equal(intake->id, asked) : intake->ended_at == 0;
    if (is_meant) *id = intake->id;
  }
  if (asked.length && id->length == 0)
    return error_set(error, ERROR_NOT_FOUND, "error.intake.missing", "", "desk: no such intake");
  if (id->length == 0 && page->intake_count) *id = page->intakes[0].id;
  return true;
}

bool intake_page_load(struct store_transaction *transaction, struct intake_page *page,
                      struct access *access, struct error *error)
{
  struct web_request *request = page->request;
  struct text id;
  page->names.count = 0;
  if (!people_access(transaction, request, "intake", "read", request->captured, access, error) ||
      !people_fill(transaction, request, access, request->captured, "intake", page->view,
                   &page->person, error))
    return false;
  if (page->view->redirect.length) return true;
  if (!site_zone(transaction, access->program_id, page->person.site_id, &page->zone, error) ||
      !intake_list(transaction, access, request->arena, &page->intakes, &page->intake_count,
                   error) ||
      !choose(page, &id, error))
    return false;
  page->has_one = id.length > 0;
  return !page->has_one || intake_view_load(transaction, request->application->intakes, access,
                                            request->arena, id, &page->shown, error);
}

bool intake_page_need(struct store_transaction *transaction, struct intake_page *page,
                      struct access *access, struct error *error)
{
  if (!intake_page_load(transaction, page, access, error)) return false;
  return page->view->redirect.length || page->has_one ||
         error_set(error, ERROR_NOT_FOUND, "error.intake.missing", "", "desk: no intake yet");
}

bool intake_names_add(struct store_transaction *transaction, struct intake_page *page,
                      struct text account_id, struct error *error)
{
  struct intake_names *names = &page->names;
  struct account account;
  if (account_id.length == 0 || names->count == INTAKE_NAMES) return true;
  for (size_t i = 0; i < names->count; i++)
    if (text_equal(names->ids[i], account_id)) return true;
  struct text name = TEXT("");
  if (account_load(transaction, page->request->arena, account_id, &account, error))
    name = account.shown_name.length ? account.shown_name : account.sign_in_name;
  else if (error->kind != ERROR_NOT_FOUND) return false;
  error_clear(error);
  names->ids[names->count] = account_id;
  names->names[names->count++] = name;
  return true;
}

struct text intake_name(const struct intake_page *page, struct text account_id)
{
  for (size_t i = 0; i < page->names.count; i++)
    if (text_equal(page->names.ids[i], account_id)) return page->names.names[i];
  return TEXT("");
}

/* --- Words and moments ----------------------------------------------------------------------- */

struct text intake_word(const struct web_request *request, const char *list, struct text code,
                        const char *what)
{
  struct text key = text_format(request->arena, "%s.%.*s%s", list, TEXT_PRINT(code), what);
  struct text found = catalog_find(request->application->catalog, request->language, key);
  return found.at ? found : TEXT("");
}

static bool read_clock(struct text clock, struct zone_time *out)
{
  int64_t hour, minute;
  size_t colon = text_find(clock, TEXT(":"));
  if (colon >= clock.length || clock.length - colon != 3 ||
      !text_read_integer(text_slice(clock, 0, colon), &hour) || hour < 0 || hour > 23 ||
      !text_read_integer(text_slice(clock, colon + 1, clock.length), &minute) || minute < 0 ||
      minute > 59)
    return false;
  out->hour = (int)hour;
  out->minute = (int)minute;
  return true;
}

bool intake_moment(struct desk_form *form, const struct zone *zone, const char *date,
                   const char *clock, int64_t *out)
{
  struct text day = desk_form_get(form, date), hour = desk_form_get(form, clock);
  struct zone_time local = {.second = 0};
  int64_t later;
  *out = 0;
  if (day.length == 0 && hour.length == 0) return true;
  if (hour.length && !read_clock(hour, &local)) {
    desk_form_refuse(form, clock, "intake.clock_wrong");
    return false;
  }
  if (day.length == 0) day = zone_format_date(form->request->arena, zone, form->request->now);
  if (!time_read_date(day, &local.year, &local.month, &local.day)) {
    desk_form_refuse(form, date, "form.problem.date");
    return false;
  }
  (void)zone_instant(zone, &local, out, &later);
  return true;
}

void intake_put_moment(struct desk_form *form, const struct zone *zone, const char *date,
                       const char *clock, int64_t at)
{
  if (at == 0) return;
  struct text whole = zone_format(form->request->arena, zone, at);
  desk_form_set(form, date, text_slice(whole, 0, sizeof "YYYY-MM-DD" - 1));
  desk_form_set(form, clock, text_slice(whole, sizeof "YYYY-MM-DD", whole.length));
}

/* --- The page -------------------------------------------------------------------------------- */

void intake_page_go(const struct intake_page *page, const char *below, struct text mark)
{
  struct web_view *view = page->view;
  desk_redirect(page->request, view, "/desk/people/%.*s/intake%s?intake=%.*s",
                TEXT_PRINT(page->request->captured), below, TEXT_PRINT(page->shown.intake.id));
  if (mark.length)
    view->redirect = text_format(page->request->arena, "%.*s#%.*s", TEXT_PRINT(view->redirect),
                                 TEXT_PRINT(mark));
}

/* The pages of an intake, in the order of the work. */
static const struct {
  const char *below, *label;
} neighbors[] = {
    {"", "intake.list"},        {"/instruments", "intake.instruments"},
    {"/level", "intake.level"}, {"/medicines", "intake.medicines"},
    {"/admit", "intake.admit"},
};

static void fill_neighbors(const struct intake_page *page, const char *current)
{
  const struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < sizeof neighbors / sizeof *neighbors; i++) {
    struct text pattern =
        text_format(request->arena, "/desk/people/{id}/intake%s", neighbors[i].below);
    if (!desk_has_route(pattern.at)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "href",
                  text_format(request->arena, "/desk/people/%.*s/intake%s?intake=%.*s",
                              TEXT_PRINT(page->person.id), neighbors[i].below,
                              TEXT_PRINT(page->shown.intake.id)));
    view_set_text(request, item, "label", view_text(request, neighbors[i].label));
    view_set_flag(request, item, "current", strcmp(neighbors[i].below, current) == 0);
    value_add(list, item);
  }
  value_set(page->view->page, "links", list);
}

void intake_page_fill(struct intake_page *page, const char *current)
{
  const struct web_request *request = page->request;
  const struct intake *intake = &page->shown.intake;
  struct value *out = value_object(request->arena);
  view_set_flag(request, page->view->page, "has_one", page->has_one);
  if (!page->has_one) return;
  view_set_text(request, out, "intake_id", intake->id);
  view_set_text(request, out, "level", people_label(request, CARE_LEVELS, intake->level_of_care));
  view_set_flag(request, out, "is_planned", intake->planned_at != 0);
  value_set(out, "planned", desk_time(request, intake->planned_at));
  view_set_flag(request, out, "is_admitted", intake->admitted_at != 0);
  value_set(out, "admitted", desk_time(request, intake->admitted_at));
  view_set_text(request, out, "admitted_by", intake_name(page, intake->admitted_by));
  view_set_flag(request, out, "has_ended", intake->ended_at != 0);
  value_set(page->view->page, "intake", out);
  fill_neighbors(page, current);
}

/* --- Items ----------------------------------------------------------------------------------- */

bool intake_may_item(const struct web_request *request, const struct intake_item *item)
{
  if (!desk_may(request, "intake", "write")) return false;
  for (size_t i = 0; i < request->actor->role_count; i++)
    if (coverage_words_have(&item->roles, request->actor->roles[i])) return true;
  return false;
}

const struct intake_step *intake_step_of(const struct intake_view *view, struct text item)
{
  for (size_t i = 0; i < view->step_count; i++)
    if (text_equal(view->steps[i].item, item)) return &view->steps[i];
  return NULL;
}

/* Where an item is done that is not said here, or what is printed for it. */
static const struct item_place {
  enum intake_evidence_kind evidence;
  const char *item; /* only of this item; NULL: of all */
  const char *page, *label, *object, *act;
} places[] = {
    {INTAKE_MARK, "packing-list", "packing", "intake.go_packing", "intake", "read"},
    {INTAKE_MARK, "welcome-sheet", "welcome", "intake.go_welcome", "intake", "read"},
    {INTAKE_MARK, "coverage", "coverage", "intake.go_coverage", "coverage", "read"},
    {INTAKE_FACT, NULL, "facts", "intake.go_facts", "fact", "write"},
    {INTAKE_CONSENT, NULL, "consents", "intake.go_consents", "consent", "write"},
    {INTAKE_NOTICE, NULL, "notices", "intake.go_notices", "consent", "write"},
    {INTAKE_PHOTO, NULL, "", "intake.go_photo", "person", "write"},
    {INTAKE_CONTACT, NULL, "edit", "intake.go_contact", "person", "write"},
    {INTAKE_TEAM, NULL, "team", "intake.go_team", "episode", "write"},
    {INTAKE_INSTRUMENT, NULL, "intake/instruments", "intake.go_instrument", "intake", "write"},
    {INTAKE_LEVEL, NULL, "intake/level", "intake.go_level", "intake", "write"},
    {INTAKE_COUNT, NULL, "intake/medicines", "intake.go_medicines", "intake", "write"},
    {INTAKE_INVENTORY, NULL, "belongings", "intake.go_belongings", "belongings", "write"},
    {INTAKE_RESTRICTED, NULL, "belongings", "intake.go_belongings", "belongings", "write"},
};

static void set_place(const struct intake_page *page, const struct intake_item *item,
                      struct value *out)
{
  const struct web_request *request = page->request;
  view_set_text(request, out, "place", TEXT(""));
  view_set_text(request, out, "place_label", TEXT(""));
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    const struct item_place *place = &places[i];
    if (place->evidence != item->evidence ||
        (place->item && !text_equal(item->code, text_from(place->item))) ||
        !desk_may(request, place->object, place->act))
      continue;
    const char *slash = *place->page ? "/" : "";
    struct text pattern = text_format(request->arena, "/desk/people/{id}%s%s", slash, place->page);
    if (!desk_has_route(pattern.at)) continue;
    bool is_ours = text_starts_with(text_from(place->page), TEXT("intake/"));
    struct text query =
        is_ours ? text_format(request->arena, "?intake=%.*s", TEXT_PRINT(page->shown.intake.id))
                : TEXT("");
    if (item->evidence == INTAKE_INSTRUMENT && item->of.count)
      query = text_format(request->arena, "%.*s&instrument=%.*s", TEXT_PRINT(query),
                          TEXT_PRINT(item->of.at[0]));
    view_set_text(request, out, "place",
                  text_format(request->arena, "/desk/people/%.*s%s%s%.*s",
                              TEXT_PRINT(page->person.id), slash, place->page, TEXT_PRINT(query)));
    view_set_text(request, out, "place_label", view_text(request, place->label));
    return;
  }
}

/* Why it stands so: the reason that staff gave, their words, who and when. */
static void set_said(const struct intake_page *page, const struct intake_answer *answer,
                     struct value *out)
{
  const struct web_request *request = page->request;
  const struct intake_step *step =
      answer->said ? intake_step_of(&page->shown, answer->item->code) : NULL;
  struct text reason = TEXT("");
  if (answer->standing == INTAKE_NOT_NEEDED && answer->why != INTAKE_WHY_SAID)
    reason = intake_word(request, "intake-whys", text_from(intake_why_name(answer->why)), "");
  else if (step && step->reason.length)
    reason = intake_word(request, "intake-reasons", step->reason, "");
  view_set_text(request, out, "reason", reason);
  view_set_text(request, out, "words", step ? step->words : TEXT(""));
  view_set_text(request, out, "by", step ? intake_name(page, step->account_id) : TEXT(""));
  int64_t at = step ? step->at : answer->evidence ? answer->evidence->at : 0;
  bool is_settled = answer->standing == INTAKE_DONE || answer->standing == INTAKE_DECLINED ||
                    answer->why == INTAKE_WHY_SAID;
  view_set_flag(request, out, "has_at", at != 0 && is_settled);
  value_set(out, "at", desk_time(request, at));
}

struct value *intake_row(const struct intake_page *page, const struct intake_answer *answer)
{
  const struct web_request *request = page->request;
  const struct intake_item *item = answer->item;
  const struct intake_step *last = intake_step_of(&page->shown, item->code);
  struct value *out = value_object(request->arena);
  bool is_open = answer->standing == INTAKE_DUE || answer->standing == INTAKE_LATE;
  bool may = intake_may_item(request, item) && page->shown.intake.ended_at == 0;
  view_set_text(request, out, "code", item->code);
  view_set_text(request, out, "label", intake_word(request, "intake-items", item->code, ""));
  view_set_text(request, out, "how", intake_word(request, "intake-items", item->code, ".how"));
  view_set_text(request, out, "href",
                text_format(request->arena, "/desk/people/%.*s/intake/item?intake=%.*s&item=%.*s",
                            TEXT_PRINT(page->person.id), TEXT_PRINT(page->shown.intake.id),
                            TEXT_PRINT(item->code)));
  view_set_text(request, out, "standing",
                intake_word(request, "intake-standings",
                            text_from(intake_standing_name(answer->standing)), ""));
  view_set_flag(request, out, "is_late", answer->standing == INTAKE_LATE);
  view_set_flag(request, out, "is_open", is_open);
  view_set_flag(request, out, "has_due", is_open && answer->due_at != 0);
  value_set(out, "due", desk_time(request, answer->due_at));
  view_set_flag(request, out, "blocks", item->blocks && is_open);
  view_set_flag(request, out, "was_late", answer->was_late);
  view_set_flag(request, out, "is_old", answer->is_old && is_open);
  view_set_flag(request, out, "law_over", answer->law_over);
  view_set_flag(request, out, "quick", may && is_open && item->evidence == INTAKE_MARK);
  view_set_flag(request, out, "may", may);
  view_set_flag(request, out, "written", may && is_open && item->evidence == INTAKE_DOCUMENT);
  value_set(out, "seq", value_integer(request->arena, last ? last->seq : 0));
  view_set_text(request, out, "roles",
                item->roles.is_any ? TEXT("")
                                   : desk_role_labels(request, item->roles.at, item->roles.count));
  set_place(page, item, out);
  if (!may) view_set_text(request, out, "place", TEXT(""));
  set_said(page, answer, out);
  return out;
}
