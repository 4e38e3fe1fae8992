/*
 * /desk/people/{id}/intake: the checklist of a stay that begins: what is done, declined, due or
 * late, part by part. Anybody may go on where another stopped; each item is said by whose part it
 * is. Threads: all state is the request's.
 */
#include "web/desk/intakes.h"

static const struct desk_field begin_fields[] = {
    {.name = "stay", .label = "intake.stay", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "date",
     .label = "intake.expected_on",
     .help = "intake.expected_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "clock",
     .label = "intake.expected_at",
     .help = "intake.clock_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5},
};
static const struct desk_field plan_fields[] = {
    {.name = "date", .label = "intake.expected_on", .kind = DESK_DATE, .flags = DESK_SHORT},
    {.name = "clock",
     .label = "intake.expected_at",
     .help = "intake.clock_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5},
};

struct checklist {
  struct intake_page page;
  struct episode *stays;
  struct site *sites;
  size_t stay_count, site_count;
};

/* The stays that an intake can begin for, and who wrote what. */
static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct checklist *list = context;
  struct intake_page *page = &list->page;
  struct web_request *request = page->request;
  struct access access, stays, sites;
  if (!intake_page_load(transaction, page, &access, error)) return false;
  if (page->view->redirect.length) return true;
  for (size_t i = 0; page->has_one && i < page->shown.step_count; i++)
    if (!intake_names_add(transaction, page, page->shown.steps[i].account_id, error)) return false;
  if (page->has_one && !intake_names_add(transaction, page, page->shown.intake.admitted_by, error))
    return false;
  if (!desk_may(request, "episode", "read")) return true;
  return people_access(transaction, request, "episode", "read", request->captured, &stays, error) &&
         episode_list(transaction, &stays, request->arena, request->captured, &list->stays,
                      &list->stay_count, error) &&
         access_open_list(transaction, request->application->privacy, request->actor, "site",
                          "read", request->now, &sites, error) &&
         site_list(transaction, &sites, request->arena, &list->sites, &list->site_count, error);
}

/* --- The list -------------------------------------------------------------------------------- */

static struct text site_name(const struct checklist *list, struct text id)
{
  for (size_t i = 0; i < list->site_count; i++)
    if (text_equal(list->sites[i].id, id)) return list->sites[i].name;
  return TEXT("");
}

static const struct episode *stay_of(const struct checklist *list, struct text id)
{
  for (size_t i = 0; i < list->stay_count; i++)
    if (text_equal(list->stays[i].id, id)) return &list->stays[i];
  return NULL;
}

static bool has_intake(const struct checklist *list, struct text stay)
{
  for (size_t i = 0; i < list->page.intake_count; i++)
    if (text_equal(list->page.intakes[i].episode_id, stay)) return true;
  return false;
}

/* "West House: 3.5 Live-in care". */
static struct text stay_words(const struct checklist *list, const struct episode *stay)
{
  const struct web_request *request = list->page.request;
  return text_format(request->arena, "%.*s: %.*s", TEXT_PRINT(site_name(list, stay->site_id)),
                     TEXT_PRINT(people_label(request, CARE_LEVELS, stay->level_of_care)));
}

/* Is it asked of this person at all: due, settled, or left out by somebody's word? */
static bool is_asked(const struct intake_answer *answer)
{
  return answer->standing != INTAKE_NOT_NEEDED || answer->why == INTAKE_WHY_SAID;
}

static struct value *fill_part(const struct checklist *list, struct text part)
{
  const struct intake_page *page = &list->page;
  const struct web_request *request = page->request;
  struct value *out = value_object(request->arena), *items = value_list(request->arena);
  size_t settled = 0, asked = 0;
  for (size_t i = 0; i < page->shown.count; i++) {
    const struct intake_answer *answer = &page->shown.answers[i];
    if (!text_equal(answer->item->part, part) || !is_asked(answer)) continue;
    asked++;
    settled += answer->standing != INTAKE_DUE && answer->standing != INTAKE_LATE;
    value_add(items, intake_row(page, answer));
  }
  view_set_text(request, out, "part", part);
  view_set_text(request, out, "name", intake_word(request, "intake-parts", part, ""));
  view_set_text(request, out, "count",
                VIEW_FORMAT(request, "intake.count",
                            {"settled", view_count(request->arena, (int64_t)settled)},
                            {"asked", view_count(request->arena, (int64_t)asked)}));
  view_set_flag(request, out, "any", asked > 0);
  value_set(out, "items", items);
  return out;
}

static void fill_parts(const struct checklist *list)
{
  const struct intake_page *page = &list->page;
  struct arena *arena = page->request->arena;
  struct value *parts = value_list(arena), *others = value_list(arena),
               *blocking = value_list(arena);
  for (size_t i = 0; i < page->shown.count; i++) {
    const struct intake_answer *answer = &page->shown.answers[i];
    struct text part = answer->item->part;
    bool is_new = true;
    for (size_t before = 0; before < i && is_new; before++)
      is_new = !text_equal(page->shown.answers[before].item->part, part);
    if (is_new) value_add(parts, fill_part(list, part));
    if (!is_asked(answer)) value_add(others, intake_row(page, answer));
    bool is_open = answer->standing == INTAKE_DUE || answer->standing == INTAKE_LATE;
    if (answer->item->blocks && is_open) value_add(blocking, intake_row(page, answer));
  }
  value_set(page->view->page, "parts", parts);
  value_set(page->view->page, "others", others);
  value_set(page->view->page, "blocking", blocking);
}

static void fill_progress(const struct checklist *list)
{
  const struct intake_page *page = &list->page;
  const struct web_request *request = page->request;
  const struct intake_progress *progress = &page->shown.progress;
  struct value *out = value_object(request->arena);
  value_set(out, "settled", value_integer(request->arena, (int64_t)progress->settled));
  value_set(out, "needed", value_integer(request->arena, (int64_t)progress->needed));
  view_set_text(request, out, "words",
                VIEW_FORMAT(request, "intake.progress",
                            {"settled", view_count(request->arena, (int64_t)progress->settled)},
                            {"asked", view_count(request->arena, (int64_t)progress->needed)}));
  view_set_text(request, out, "late",
                progress->late
                    ? VIEW_FORMAT(request, "intake.late_count",
                                  {"count", view_count(request->arena, (int64_t)progress->late)})
                    : TEXT(""));
  view_set_flag(request, out, "is_whole", progress->settled == progress->needed);
  if (progress->next < page->shown.count)
    value_set(out, "next", intake_row(page, &page->shown.answers[progress->next]));
  value_set(page->view->page, "progress", out);
  view_set_flag(request, page->view->page, "is_blocked", progress->blocking > 0);
}

/* The person's other intakes, by their stays. */
static void fill_others(const struct checklist *list)
{
  const struct intake_page *page = &list->page;
  const struct web_request *request = page->request;
  struct value *all = value_list(request->arena);
  for (size_t i = 0; i < page->intake_count; i++) {
    const struct intake *intake = &page->intakes[i];
    const struct episode *stay = stay_of(list, intake->episode_id);
    if (page->has_one && text_equal(intake->id, page->shown.intake.id)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "intake_id", intake->id);
    view_set_text(request, item, "words", stay ? stay_words(list, stay) : TEXT(""));
    value_set(item, "made", desk_time(request, intake->made_at));
    value_add(all, item);
  }
  value_set(page->view->page, "other_intakes", all);
  view_set_flag(request, page->view->page, "has_others", value_count(all) > 0);
}

/* --- Forms ----------------------------------------------------------------------------------- */

/* Stays that go on and have no intake yet. Answers their number. */
static size_t choose_stay(struct desk_form *form, const struct checklist *list)
{
  struct arena *arena = list->page.request->arena;
  struct desk_choice *choices = arena_allocate_array(arena, list->stay_count + 1, sizeof *choices);
  size_t count = 0;
  for (size_t i = 0; i < list->stay_count; i++) {
    const struct episode *stay = &list->stays[i];
    if (stay->ended_at || has_intake(list, stay->id)) continue;
    choices[count++] = (struct desk_choice){stay->id, stay_words(list, stay)};
  }
  desk_form_choices(form, "stay", choices, count);
  if (count == 1) desk_form_set(form, "stay", choices[0].value);
  return count;
}

struct forms {
  struct desk_form begin, plan;
};

static void begin_forms(struct forms *forms, struct checklist *list)
{
  struct web_request *request = list->page.request;
  bool may = desk_may(request, "intake", "write");
  DESK_FORM_INIT(&forms->begin, request, begin_fields);
  DESK_FORM_INIT(&forms->plan, request, plan_fields);
  size_t stays = choose_stay(&forms->begin, list);
  view_set_flag(request, list->page.view->page, "may_begin", may && stays > 0);
  view_set_flag(request, list->page.view->page, "may_write", may);
  if (!list->page.has_one) return;
  const struct intake *intake = &list->page.shown.intake;
  bool is_open = !intake->admitted_at && !intake->ended_at;
  view_set_flag(request, list->page.view->page, "may_plan", may && is_open);
  view_set_flag(request, list->page.view->page, "may_admit",
                may && is_open && desk_may(request, "episode", "write"));
  intake_put_moment(&forms->plan, list->page.zone, "date", "clock", intake->planned_at);
  desk_form_set_version(&forms->plan, intake->version);
}

static bool show(struct checklist *list, const struct forms *forms, const char *problem)
{
  struct web_request *request = list->page.request;
  struct web_view *view = list->page.view;
  intake_page_fill(&list->page, "");
  fill_others(list);
  if (list->page.has_one) {
    const struct episode *stay = stay_of(list, list->page.shown.intake.episode_id);
    view_set_text(request, view->page, "place", stay ? stay_words(list, stay) : TEXT(""));
    fill_parts(list);
    fill_progress(list);
  }
  desk_form_fill(&forms->begin, view->page, "begin_form");
  desk_form_fill(&forms->plan, view->page, "plan_form");
  view_set_text(request, view->page, "problem", problem ? view_text(request, problem) : TEXT(""));
  view->template_name = "desk/intake";
  if (forms->begin.problem_count || forms->plan.problem_count || problem) view->status = 400;
  return true;
}

/* --- Acts ------------------------------------------------------------------------------------ */

struct act {
  struct checklist *list;
  struct text act, stay;
  struct intake_step step;
  int64_t planned_at, version;
};

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct act *act = context;
  struct intake_page *page = &act->list->page;
  struct web_request *request = page->request;
  const struct intakes *intakes = request->application->intakes;
  struct text id = page->shown.intake.id;
  struct intake made;
  struct access access;
  if (!people_access(transaction, request, "intake", "write", request->captured, &access, error))
    return false;
  if (text_equal(act->act, TEXT("begin"))) {
    if (!intake_begin(transaction, intakes, &access, request->arena, act->stay, act->planned_at,
                      &made, error))
      return false;
    desk_redirect(request, page->view, "/desk/people/%.*s/intake?intake=%.*s",
                  TEXT_PRINT(request->captured), TEXT_PRINT(made.id));
    return true;
  }
  bool is_plan = text_equal(act->act, TEXT("plan"));
  if (is_plan ? !intake_plan(transaction, intakes, &access, request->arena, id, act->planned_at,
                             act->version, error)
              : !intake_say(transaction, intakes, &access, request->arena, id, &act->step, error))
    return false;
  intake_page_go(page, "",
                 is_plan ? TEXT("")
                         : text_format(request->arena, "item-%.*s", TEXT_PRINT(act->step.item)));
  return true;
}

static const struct desk_mapping begin_mappings[] = {
    {"error.intake.ended", "stay"}, {"error.care.episode", "stay"}, {NULL, NULL}};
static const struct desk_mapping plan_mappings[] = {
    {"error.intake.ended", NULL}, {"error.intake.stale", NULL}, {NULL, NULL}};

/* An item is done, as one button of the list says. */
static bool say_done(struct act *act, const struct forms *forms, struct error *error)
{
  struct web_request *request = act->list->page.request;
  act->step = (struct intake_step){.item = web_parameter_get(request, "item"),
                                   .state = INTAKE_SAID_DONE,
                                   .reason = TEXT(""),
                                   .words = TEXT(""),
                                   .evidence_id = TEXT("")};
  if (!text_read_integer(web_parameter_get(request, "seq"), &act->step.seq)) act->step.seq = -1;
  if (desk_write(request, act->list->page.view, run, act, error)) return true;
  if (error->kind != ERROR_REFUSED && error->kind != ERROR_CONFLICT) return false;
  bool is_conflict = error->kind == ERROR_CONFLICT;
  (void)show(act->list, forms, error->person);
  if (is_conflict) act->list->page.view->status = 409;
  error_clear(error);
  return true;
}

/* The stay has an intake already, perhaps of this very form a moment ago: go there. */
static bool has_begun(const struct checklist *list, struct text stay)
{
  const struct intake_page *page = &list->page;
  for (size_t i = 0; i < page->intake_count; i++) {
    if (!text_equal(page->intakes[i].episode_id, stay)) continue;
    desk_redirect(page->request, page->view, "/desk/people/%.*s/intake?intake=%.*s",
                  TEXT_PRINT(page->request->captured), TEXT_PRINT(page->intakes[i].id));
    return true;
  }
  return false;
}

static bool view_intake(struct web_request *request, struct web_view *view, struct error *error)
{
  struct checklist list = {.page = {.request = request, .view = view}};
  struct act act = {.list = &list, .act = web_parameter_get(request, "act")};
  struct forms forms;
  if (!desk_read(request, load, &list, error)) return false;
  if (view->redirect.length) return true;
  begin_forms(&forms, &list);
  if (request->method == WEB_GET) return show(&list, &forms, NULL);
  bool is_begin = text_equal(act.act, TEXT("begin"));
  if (is_begin && has_begun(&list, web_parameter_get(request, "stay"))) return true;
  if (!is_begin && !list.page.has_one)
    return error_set(error, ERROR_NOT_FOUND, "error.intake.missing", "", "desk: no intake yet");
  if (!is_begin && !text_equal(act.act, TEXT("plan"))) return say_done(&act, &forms, error);
  struct desk_form *form = is_begin ? &forms.begin : &forms.plan;
  if (!desk_form_read(form) ||
      !intake_moment(form, list.page.zone, "date", "clock", &act.planned_at))
    return show(&list, &forms, NULL);
  if (is_begin) act.stay = desk_form_get(form, "stay");
  act.version = desk_form_version(form);
  if (desk_write(request, view, run, &act, error)) return true;
  return desk_form_take(form, error, is_begin ? begin_mappings : plan_mappings) &&
         show(&list, &forms, NULL);
}

const struct web_route desk_intake_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/intake",
                                                .handler = view_intake,
                                                .guard = "intake",
                                                .get_act = "read",
                                                .post_act = "write"},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/intake/item",
                                                .handler = view_intake_item,
                                                .guard = "intake",
                                                .get_act = "read",
                                                .post_act = "write",
                                                .flags = WEB_LINES},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/intake/admit",
                                                .handler = view_intake_admit,
                                                .guard = "intake",
                                                .get_act = "read",
                                                .post_act = "write"},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/intake/instruments",
                                                .handler = view_intake_instruments,
                                                .guard = "intake",
                                                .get_act = "read",
                                                .post_act = "write"},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/intake/level",
                                                .handler = view_intake_level,
                                                .guard = "intake",
                                                .get_act = "read",
                                                .post_act = "write",
                                                .flags = WEB_LINES},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/intake/medicines",
                                                .handler = view_intake_medicines,
                                                .guard = "intake",
                                                .get_act = "read",
                                                .post_act = "write",
                                                .flags = WEB_LINES},
                                               {.methods = WEB_GET,
                                                .pattern = "/desk/intakes",
                                                .handler = view_intakes,
                                                .guard = "intake",
                                                .get_act = "read"},
                                               {.pattern = NULL}};
