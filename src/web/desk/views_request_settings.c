/*
 * /desk/settings/requests: who is told, step by step, when a request is not answered in time, for
 * each site and urgency; and on which days the program works. What was saved by somebody else in
 * the meantime is not replaced unseen: each form carries a mark of what it was made from. Threads:
 * all state is the request's.
 */
#include "web/desk/requests.h"

enum { WEEK = 7, HOUR = 60, CLOCK = 5 };

#define STEP(n)                                                                                    \
  {.name = "staff_" #n, .label = "requests.step_staff", .kind = DESK_CHOICE},                      \
  {                                                                                                \
    .name = "minutes_" #n, .label = "requests.step_minutes", .kind = DESK_NUMBER,                  \
    .flags = DESK_SHORT, .least = 1, .most = LIMIT_REQUEST_STEP                                    \
  }
static const struct desk_field step_fields[] = {STEP(1), STEP(2), STEP(3), STEP(4),
                                                STEP(5), STEP(6), STEP(7), STEP(8)};
_Static_assert(sizeof step_fields / sizeof *step_fields == 2 * LIMIT_REQUEST_STEPS,
               "a person and a time for each step");

static const struct desk_field week_fields[] = {
    {.name = "begins",
     .label = "requests.week_begins",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "ends", .label = "requests.week_ends", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "day_ends",
     .label = "requests.day_ends",
     .help = "delivered.at_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = CLOCK},
    {.name = "keeps_holidays", .label = "requests.keeps_holidays", .kind = DESK_YES},
};
static const struct desk_field day_fields[] = {
    {.name = "date",
     .label = "requests.own_date",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "is_open", .label = "requests.own_open", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};

/* The week's settings, in the order of `week`. */
static const char *const week_names[] = {"business-week-begins", "business-week-ends",
                                         "business-day-ends", "keeps-federal-holidays"};
enum { WEEK_NAMES = sizeof week_names / sizeof *week_names };

enum settings_form { STEPS, WEEK_FORM, DAYS, SETTINGS_FORMS };

struct settings {
  struct web_request *request;
  struct web_view *view;
  struct requests_ground ground;
  struct request_escalation *steps; /* of every site and urgency */
  struct business_day *days;
  size_t step_count, day_count;
  struct text week[WEEK_NAMES];
  int64_t week_versions[WEEK_NAMES];
  struct text site_id, urgency; /* whose steps the form is about; site "": every one */
  struct desk_form forms[SETTINGS_FORMS];
  enum settings_form which; /* that was sent */
  struct text removed;      /* a day */
  /* What the form says. */
  struct request_escalation made[LIMIT_REQUEST_STEPS];
  size_t made_count;
  struct text made_week[WEEK_NAMES];
};

/* --- Reading --------------------------------------------------------------------------------- */

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct settings *settings = context;
  struct web_request *request = settings->request;
  const struct care *care = request->application->records;
  struct access access;
  if (!requests_access_list(transaction, request, "program", "read", &access, error) ||
      !request_escalation_list(transaction, &access, request->arena, &settings->steps,
                               &settings->step_count, error) ||
      !business_day_list(transaction, &access, request->arena, &settings->days,
                         &settings->day_count, error))
    return false;
  for (size_t i = 0; i < WEEK_NAMES; i++)
    if (!program_setting_load(transaction, care, request->arena, access.program_id, week_names[i],
                              &settings->week[i], &settings->week_versions[i], error))
      return false;
  return requests_ground_load(transaction, request, &settings->ground, error);
}

static bool is_of(const struct settings *settings, const struct request_escalation *step)
{
  return text_equal(step->site_id, settings->site_id) &&
         text_equal(step->urgency, settings->urgency);
}

/* A mark of what stands, as a form's version: it tells whether it has changed. */
static int64_t mark_of(struct text all)
{
  return (int64_t)(text_hash(all) >> 1);
}

static int64_t steps_mark(const struct settings *settings)
{
  struct text all = TEXT("");
  for (size_t i = 0; i < settings->step_count; i++)
    if (is_of(settings, &settings->steps[i]))
      all = text_format(settings->request->arena, "%.*s %.*s %lld", TEXT_PRINT(all),
                        TEXT_PRINT(settings->steps[i].staff_id),
                        (long long)settings->steps[i].minutes);
  return mark_of(all);
}

static int64_t week_mark(const struct settings *settings)
{
  struct text all = TEXT("");
  for (size_t i = 0; i < WEEK_NAMES; i++)
    all = text_format(settings->request->arena, "%.*s %.*s", TEXT_PRINT(all),
                      TEXT_PRINT(settings->week[i]));
  return mark_of(all);
}

/* --- Forms ----------------------------------------------------------------------------------- */

static const char *const weekdays[WEEK] = {"weekday.0", "weekday.1", "weekday.2", "weekday.3",
                                           "weekday.4", "weekday.5", "weekday.6"};
static const char *const digits[WEEK] = {"0", "1", "2", "3", "4", "5", "6"};

static void choose_weekday(struct desk_form *form, const char *field, struct text now)
{
  struct desk_choice *choices = arena_allocate_array(form->request->arena, WEEK, sizeof *choices);
  for (size_t i = 0; i < WEEK; i++)
    choices[i] = (struct desk_choice){text_from(digits[i]), view_text(form->request, weekdays[i])};
  desk_form_choices(form, field, choices, WEEK);
  desk_form_set(form, field, now);
}

static const char *step_name(const struct settings *settings, const char *what, size_t at)
{
  return text_format(settings->request->arena, "%s_%zu", what, at + 1).at;
}

/* Nobody, or somebody who has not left: a button that is pressed cannot be taken back. */
static void choose_told(struct settings *settings)
{
  const struct web_request *request = settings->request;
  const struct requests_ground *ground = &settings->ground;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, ground->staff_count + 1, sizeof *choices);
  size_t count = 0;
  choices[count++] = (struct desk_choice){TEXT("none"), view_text(request, "requests.nobody")};
  for (size_t i = 0; i < ground->staff_count; i++)
    if (!ground->staff[i].left_at)
      choices[count++] = (struct desk_choice){ground->staff[i].id, ground->staff[i].name};
  for (size_t i = 0; i < LIMIT_REQUEST_STEPS; i++) {
    const char *name = step_name(settings, "staff", i);
    desk_form_choices(&settings->forms[STEPS], name, choices, count);
    desk_form_set(&settings->forms[STEPS], name, TEXT("none"));
  }
}

static void begin_steps(struct settings *settings)
{
  struct desk_form *form = &settings->forms[STEPS];
  size_t at = 0;
  DESK_FORM_INIT(form, settings->request, step_fields);
  choose_told(settings);
  for (size_t i = 0; i < settings->step_count && at < LIMIT_REQUEST_STEPS; i++) {
    const struct request_escalation *step = &settings->steps[i];
    if (!is_of(settings, step)) continue;
    desk_form_set(form, step_name(settings, "staff", at), step->staff_id);
    desk_form_set(form, step_name(settings, "minutes", at),
                  text_format(settings->request->arena, "%lld", (long long)step->minutes));
    at++;
  }
  desk_form_set_version(form, steps_mark(settings));
}

static void begin(struct settings *settings)
{
  struct web_request *request = settings->request;
  struct desk_form *week = &settings->forms[WEEK_FORM], *days = &settings->forms[DAYS];
  struct desk_choice *open = arena_allocate_array(request->arena, 2, sizeof *open);
  int64_t day_ends = 0;
  begin_steps(settings);
  DESK_FORM_INIT(week, request, week_fields);
  DESK_FORM_INIT(days, request, day_fields);
  choose_weekday(week, "begins", settings->week[0]);
  choose_weekday(week, "ends", settings->week[1]);
  (void)text_read_integer(settings->week[2], &day_ends);
  desk_form_set(
      week, "day_ends",
      text_format(request->arena, "%02d:%02d", (int)(day_ends / HOUR), (int)(day_ends % HOUR)));
  if (text_equal(settings->week[3], TEXT("1"))) desk_form_set(week, "keeps_holidays", TEXT("1"));
  desk_form_set_version(week, week_mark(settings));
  open[0] = (struct desk_choice){TEXT("0"), view_text(request, "requests.own_closed")};
  open[1] = (struct desk_choice){TEXT("1"), view_text(request, "requests.own_works")};
  desk_form_choices(days, "is_open", open, 2);
  desk_form_set(days, "is_open", TEXT("0"));
}

/* A person and a time each; empty ones between them do not count. */
static bool take_steps(struct settings *settings)
{
  struct desk_form *form = &settings->forms[STEPS];
  if (!desk_form_read(form)) return false;
  for (size_t i = 0; i < LIMIT_REQUEST_STEPS; i++) {
    const char *staff = step_name(settings, "staff", i),
               *minutes = step_name(settings, "minutes", i);
    struct text who = desk_form_get(form, staff);
    int64_t length = desk_form_number(form, minutes, 0);
    if (text_equal(who, TEXT("none"))) who = TEXT("");
    if (!who.length && !length) continue;
    if (!who.length || !length)
      desk_form_refuse(form, who.length ? minutes : staff, "form.problem.missing");
    settings->made[settings->made_count++] = (struct request_escalation){
        .site_id = settings->site_id, .urgency = settings->urgency, who, length};
  }
  return form->problem_count == 0;
}

static bool take_week(struct settings *settings)
{
  struct desk_form *form = &settings->forms[WEEK_FORM];
  int64_t hour, minute;
  if (!desk_form_read(form)) return false;
  struct text clock = desk_form_get(form, "day_ends");
  size_t colon = text_find(clock, TEXT(":"));
  if (colon >= clock.length || clock.length - colon != 3 ||
      !text_read_integer(text_slice(clock, 0, colon), &hour) || hour < 0 || hour > 23 ||
      !text_read_integer(text_slice(clock, colon + 1, clock.length), &minute) || minute < 0 ||
      minute >= HOUR || hour * HOUR + minute == 0) {
    desk_form_refuse(form, "day_ends", "delivered.at_wrong");
    return false;
  }
  bool keeps = desk_form_has(form, "keeps_holidays", TEXT("1"));
  int64_t day_ends = hour * HOUR + minute;
  settings->made_week[0] = desk_form_get(form, "begins");
  settings->made_week[1] = desk_form_get(form, "ends");
  settings->made_week[2] = text_format(form->request->arena, "%lld", (long long)day_ends);
  settings->made_week[3] = keeps ? TEXT("1") : TEXT("0");
  return true;
}

/* --- Saving ---------------------------------------------------------------------------------- */

static bool is_stale(const struct settings *settings, int64_t mark, struct error *error)
{
  if (mark == desk_form_version(&settings->forms[settings->which])) return false;
  error_set(error, ERROR_CONFLICT, "error.care.stale", "", "requests: settings that have changed");
  return true;
}

static bool save_week(struct store_transaction *transaction, const struct settings *settings,
                      const struct access *access, struct error *error)
{
  const struct care *care = settings->request->application->records;
  for (size_t i = 0; i < WEEK_NAMES; i++)
    if (!text_equal(settings->week[i], settings->made_week[i]) &&
        !program_setting_save(transaction, care, access, week_names[i], settings->made_week[i],
                              settings->week_versions[i], error))
      return false;
  return true;
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct settings *settings = context;
  struct web_request *request = settings->request;
  struct settings now = *settings; /* what stands in this transaction */
  const struct desk_form *days = &settings->forms[DAYS];
  struct access access;
  bool is_done = false;
  if (!load(transaction, &now, error) ||
      !requests_access_list(transaction, request, "program", "write", &access, error))
    return false;
  if (settings->which == STEPS)
    is_done = !is_stale(settings, steps_mark(&now), error) &&
              request_escalation_save(transaction, request->application->requests, &access,
                                      settings->site_id, settings->urgency, settings->made,
                                      settings->made_count, error);
  else if (settings->which == WEEK_FORM)
    is_done =
        !is_stale(settings, week_mark(&now), error) && save_week(transaction, &now, &access, error);
  else if (settings->removed.length)
    is_done = business_day_remove(transaction, &access, settings->removed, error);
  else
    is_done = business_day_save(transaction, &access, desk_form_get(days, "date"),
                                text_equal(desk_form_get(days, "is_open"), TEXT("1")), error);
  if (is_done) desk_redirect(request, settings->view, "/desk/settings/requests");
  return is_done;
}

/* --- Showing --------------------------------------------------------------------------------- */

static struct text site_text(const struct settings *settings, struct text site_id)
{
  if (!site_id.length) return view_text(settings->request, "requests.every_site");
  return requests_site_name(&settings->ground, site_id);
}

static struct value *fill_steps(const struct settings *settings)
{
  const struct web_request *request = settings->request;
  struct value *list = value_list(request->arena), *steps = NULL;
  const struct request_escalation *last = NULL;
  for (size_t i = 0; i < settings->step_count; i++) {
    const struct request_escalation *step = &settings->steps[i];
    if (!last || !text_equal(last->site_id, step->site_id) ||
        !text_equal(last->urgency, step->urgency)) {
      struct value *item = value_object(request->arena);
      steps = value_list(request->arena);
      view_set_text(request, item, "site", site_text(settings, step->site_id));
      view_set_text(request, item, "site_id", step->site_id);
      view_set_text(request, item, "urgency_code", step->urgency);
      view_set_text(request, item, "urgency",
                    requests_label(request, REQUEST_URGENCIES, step->urgency));
      value_set(item, "steps", steps);
      value_add(list, item);
    }
    struct value *one = value_object(request->arena);
    view_set_text(request, one, "staff", requests_staff_name(&settings->ground, step->staff_id));
    view_set_text(request, one, "minutes", view_count(request->arena, step->minutes));
    value_add(steps, one);
    last = step;
  }
  return list;
}

static void add_choice(const struct web_request *request, struct value *list, struct text value,
                       struct text label, bool is_chosen)
{
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "value", value);
  view_set_text(request, item, "label", label);
  view_set_flag(request, item, "chosen", is_chosen);
  value_add(list, item);
}

/* Of which site and urgency the steps are changed. */
static void fill_choices(const struct settings *settings, struct value *page)
{
  const struct web_request *request = settings->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct value *sites = value_list(request->arena), *urgencies = value_list(request->arena);
  add_choice(request, sites, TEXT(""), site_text(settings, TEXT("")), !settings->site_id.length);
  for (size_t i = 0; i < settings->ground.site_count; i++) {
    const struct site *site = &settings->ground.sites[i];
    add_choice(request, sites, site->id, site->name, text_equal(site->id, settings->site_id));
  }
  for (size_t i = 0; i < request_code_count(rules, REQUEST_URGENCIES); i++) {
    struct text code = request_code(rules, REQUEST_URGENCIES, i);
    add_choice(request, urgencies, code, requests_label(request, REQUEST_URGENCIES, code),
               text_equal(code, settings->urgency));
  }
  value_set(page, "sites", sites);
  value_set(page, "urgencies", urgencies);
  view_set_text(request, page, "site_id", settings->site_id);
  view_set_text(request, page, "site_name", site_text(settings, settings->site_id));
  view_set_text(request, page, "urgency", settings->urgency);
  view_set_text(request, page, "urgency_name",
                requests_label(request, REQUEST_URGENCIES, settings->urgency));
}

static void fill_days(const struct settings *settings, struct value *page)
{
  const struct web_request *request = settings->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct value *days = value_list(request->arena), *holidays = value_list(request->arena);
  for (size_t i = 0; i < settings->day_count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "date", settings->days[i].date);
    view_set_text(request, item, "shown", view_date(request, settings->days[i].date));
    view_set_text(request, item, "what",
                  view_text(request, settings->days[i].is_open ? "requests.own_works"
                                                               : "requests.own_closed"));
    value_add(days, item);
  }
  for (size_t i = 0; i < holiday_count(rules); i++) {
    struct text key = text_format(request->arena, "business-holidays.%.*s",
                                  TEXT_PRINT(holiday_get(rules, i)->code));
    value_add(holidays,
              value_text(request->arena, view_text(request, text_c(request->arena, key))));
  }
  value_set(page, "days", days);
  view_set_flag(request, page, "any_days", settings->day_count > 0);
  value_set(page, "holidays", holidays);
}

static bool show(struct settings *settings)
{
  static const char *const names[SETTINGS_FORMS] = {
      [STEPS] = "steps_form", [WEEK_FORM] = "week_form", [DAYS] = "day_form"};
  struct web_view *view = settings->view;
  struct value *page = view->page = value_object(settings->request->arena);
  size_t problems = 0;
  value_set(page, "lists", fill_steps(settings));
  view_set_flag(settings->request, page, "any_lists", settings->step_count > 0);
  fill_choices(settings, page);
  fill_days(settings, page);
  for (size_t i = 0; i < SETTINGS_FORMS; i++) {
    desk_form_fill(&settings->forms[i], page, names[i]);
    problems += settings->forms[i].problem_count;
  }
  view->template_name = "desk/request_settings";
  view->redirect = TEXT("");
  if (problems) view->status = 400;
  return true;
}

/* Somebody was faster: what stands now beside what was typed. */
static bool show_conflict(struct settings *settings, struct error *error)
{
  struct settings now = {.request = settings->request,
                         .view = settings->view,
                         .site_id = settings->site_id,
                         .urgency = settings->urgency,
                         .which = settings->which};
  error_clear(error);
  if (!desk_read(settings->request, load, &now, error)) return false;
  begin(&now);
  struct desk_form stands = now.forms[now.which];
  now.forms[now.which] = settings->forms[now.which];
  desk_form_conflict(&now.forms[now.which], &stands);
  show(&now);
  settings->view->status = 409;
  return true;
}

/* Of which site and urgency; what is none of ours is every site, and the most urgent. */
static void read_choice(struct settings *settings)
{
  const struct web_request *request = settings->request;
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct text site = web_parameter_get(request, "site"),
              urgency = web_parameter_get(request, "urgency");
  settings->site_id = requests_site_name(&settings->ground, site).length ? site : TEXT("");
  settings->urgency = request_code_is(rules, REQUEST_URGENCIES, urgency)
                          ? urgency
                          : request_code(rules, REQUEST_URGENCIES, 0);
}

/* A form for a site or an urgency that is not there is not for another. */
static bool is_choice_ours(const struct settings *settings)
{
  const struct web_request *request = settings->request;
  return text_equal(settings->site_id, web_parameter_get(request, "site")) &&
         text_equal(settings->urgency, web_parameter_get(request, "urgency"));
}

static bool view_settings(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping none[] = {{NULL, NULL}};
  struct settings settings = {.request = request, .view = view, .which = STEPS};
  struct text act = web_parameter_get(request, "act");
  if (!desk_read(request, load, &settings, error)) return false;
  read_choice(&settings);
  begin(&settings);
  if (request->method == WEB_GET) return show(&settings);
  if (text_equal(act, TEXT("week"))) settings.which = WEEK_FORM;
  else if (!text_equal(act, TEXT("steps"))) settings.which = DAYS;
  else if (!is_choice_ours(&settings))
    return error_set(error, ERROR_REFUSED, "error.request.code", "", "requests: steps of what?");
  if (text_equal(act, TEXT("remove"))) settings.removed = web_parameter_get(request, "date");
  bool is_taken = settings.which == STEPS       ? take_steps(&settings)
                  : settings.which == WEEK_FORM ? take_week(&settings)
                  : settings.removed.length     ? true
                                                : desk_form_read(&settings.forms[DAYS]);
  if (!is_taken) return show(&settings);
  if (desk_write(request, view, save, &settings, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(&settings, error);
  return desk_form_take(&settings.forms[settings.which], error, none) && show(&settings);
}

const struct web_route desk_request_settings_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                          .pattern = "/desk/settings/requests",
                                                          .handler = view_settings,
                                                          .guard = "program",
                                                          .get_act = "write",
                                                          .post_act = "write"},
                                                         {.pattern = NULL}};
