/*
 * /desk/settings/talk: the line that /talk shows, its hours, and which site calls back; for whoever
 * administers the installation itself. Threads: all state is the request's.
 */
#include <stddef.h>

#include "admission/admission.h"
#include "web/desk/people.h"

static const struct desk_field fields[] = {
    {.name = "name", .label = "talk_line.name", .kind = DESK_TEXT, .longest = LIMIT_CARE_NAME},
    {.name = "phone", .label = "talk_line.phone", .kind = DESK_PHONE, .flags = DESK_SHORT},
    {.name = "text_phone",
     .label = "talk_line.text_phone",
     .kind = DESK_PHONE,
     .flags = DESK_SHORT},
    {.name = "days", .label = "talk_line.days", .kind = DESK_CHOICES},
    {.name = "begins",
     .label = "talk_line.begins",
     .help = "talk_line.clock_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5},
    {.name = "ends",
     .label = "talk_line.ends",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5},
    {.name = "zone",
     .label = "talk_line.zone",
     .help = "talk_line.zone_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_CARE_NAME},
    {.name = "site", .label = "talk_line.site", .help = "talk_line.site_help", .kind = DESK_CHOICE},
    {.name = "urgency", .label = "talk_line.urgency", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};
static const struct people_member members[] = {
    {"name", offsetof(struct talk_line, name)},
    {"zone", offsetof(struct talk_line, zone)},
    {"site", offsetof(struct talk_line, site_id)},
    {"urgency", offsetof(struct talk_line, urgency)},
};
enum { MEMBERS = sizeof members / sizeof *members, WEEK = 7, HOUR = 60 };

struct setting {
  struct web_request *request;
  struct web_view *view;
  struct talk_line line;
  struct front_door *doors;
  size_t door_count;
};

static bool open_access(struct store_transaction *transaction, const struct setting *setting,
                        struct access *access, struct error *error)
{
  struct web_request *request = setting->request;
  return access_open_list(transaction, request->application->privacy, request->actor, "program",
                          "write", request->now, access, error);
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct setting *setting = context;
  struct access access;
  bool more;
  return open_access(transaction, setting, &access, error) &&
         talk_line_load(transaction, setting->request->arena, &setting->line, error) &&
         front_door_list(transaction, setting->request->arena, FRONT_TALK, TEXT(""),
                         LIMIT_CARE_ROWS, &setting->doors, &setting->door_count, &more, error);
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct setting *setting = context;
  struct web_request *request = setting->request;
  struct talk_line line = setting->line;
  struct access access;
  if (!open_access(transaction, setting, &access, error) ||
      !talk_line_save(transaction, request->application->requests, &access, request->arena, &line,
                      error))
    return false;
  desk_redirect(request, setting->view, "/desk/settings/talk");
  return true;
}

/* --- The form ------------------------------------------------------------------------------- */

static void choose(struct desk_form *form, struct setting *setting)
{
  struct web_request *request = setting->request;
  struct arena *arena = request->arena;
  const struct request_rules *rules = requests_rules(request->application->requests);
  size_t urgencies = request_code_count(rules, REQUEST_URGENCIES);
  struct desk_choice *days = arena_allocate_array(arena, WEEK, sizeof *days);
  struct desk_choice *sites = arena_allocate_array(arena, setting->door_count + 1, sizeof *sites);
  struct desk_choice *urgent = arena_allocate_array(arena, urgencies + 1, sizeof *urgent);
  for (int i = 0; i < WEEK; i++) {
    const char *key = text_c(arena, text_format(arena, "talk.day.%d", (i + 1) % WEEK));
    days[i] =
        (struct desk_choice){text_format(arena, "%d", (i + 1) % WEEK), view_text(request, key)};
  }
  for (size_t i = 0; i < setting->door_count; i++) {
    const struct front_door *door = &setting->doors[i];
    sites[i] = (struct desk_choice){
        door->site_id,
        text_format(arena, "%.*s, %.*s", TEXT_PRINT(door->program), TEXT_PRINT(door->site))};
  }
  for (size_t i = 0; i < urgencies; i++) {
    struct text code = request_code(rules, REQUEST_URGENCIES, i);
    const char *key = text_c(arena, text_format(arena, "request-urgencies.%.*s", TEXT_PRINT(code)));
    urgent[i] = (struct desk_choice){code, view_text(request, key)};
  }
  desk_form_choices(form, "days", days, WEEK);
  desk_form_choices(form, "site", sites, setting->door_count);
  desk_form_choices(form, "urgency", urgent, urgencies);
}

static struct text clock_text(struct arena *arena, int64_t minutes)
{
  return text_format(arena, "%02d:%02d", (int)(minutes / HOUR), (int)(minutes % HOUR));
}

static void begin(struct desk_form *form, struct setting *setting)
{
  struct web_request *request = setting->request;
  const struct talk_line *line = &setting->line;
  struct text rest = line->days, day;
  DESK_FORM_INIT(form, request, fields);
  choose(form, setting);
  people_put(form, members, MEMBERS, line);
  desk_form_set(form, "phone", people_phone(request->arena, line->phone));
  desk_form_set(form, "text_phone", people_phone(request->arena, line->text_phone));
  while (text_word_next(&rest, &day)) desk_form_set(form, "days", day);
  if (line->days.length) {
    desk_form_set(form, "begins", clock_text(request->arena, line->begins));
    desk_form_set(form, "ends", clock_text(request->arena, line->ends));
  }
  desk_form_set_version(form, line->version);
}

/* "09:00" as minutes; "" is midnight; -1 for what is none. */
static int64_t read_clock(struct text typed)
{
  int64_t hours, minutes;
  if (!typed.length) return 0;
  size_t colon = text_find(typed, TEXT(":"));
  if (colon == typed.length || !text_read_integer(text_slice(typed, 0, colon), &hours) ||
      !text_read_integer(text_slice(typed, colon + 1, typed.length), &minutes))
    return -1;
  return hours >= 0 && hours < 24 && minutes >= 0 && minutes < HOUR ? hours * HOUR + minutes : -1;
}

static struct text days_of(const struct desk_form *form)
{
  struct arena *arena = form->request->arena;
  struct text out = TEXT("");
  for (int i = 0; i < WEEK; i++) {
    struct text day = text_format(arena, "%d", i);
    if (!desk_form_has(form, "days", day)) continue;
    out = out.length ? text_format(arena, "%.*s %d", TEXT_PRINT(out), i) : day;
  }
  return out;
}

static bool take(struct desk_form *form, struct setting *setting)
{
  struct field_problems problems = {.count = 0};
  struct talk_line *line = &setting->line;
  struct arena *arena = setting->request->arena;
  if (!desk_form_read(form)) return false;
  people_take(form, members, MEMBERS, line);
  line->phone = people_digits(arena, desk_form_get(form, "phone"));
  line->text_phone = people_digits(arena, desk_form_get(form, "text_phone"));
  line->days = days_of(form);
  line->begins = read_clock(desk_form_get(form, "begins"));
  line->ends = read_clock(desk_form_get(form, "ends"));
  line->version = desk_form_version(form);
  talk_line_check(setting->request->application->requests, line, &problems);
  return people_refuse(form, &problems);
}

static bool view_talk_line(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.front.door", "site"}, {NULL, NULL}};
  struct setting setting = {.request = request, .view = view};
  struct desk_form form, now;
  if (!desk_read(request, load, &setting, error)) return false;
  struct setting stands = setting;
  view->page = value_object(request->arena);
  /* Within a program it is looked at; talk_line_save() refuses to change it there. */
  view_set_flag(request, view->page, "may_set", request->actor->program_id.length == 0);
  begin(&form, &setting);
  if (request->method == WEB_GET || !take(&form, &setting))
    return desk_form_show(&form, view, "desk/talk_line");
  if (desk_write(request, view, save, &setting, error)) return true;
  if (error->kind == ERROR_CONFLICT) {
    error_clear(error);
    begin(&now, &stands);
    desk_form_conflict(&form, &now);
    return desk_form_show(&form, view, "desk/talk_line");
  }
  return desk_form_take(&form, error, mappings) && desk_form_show(&form, view, "desk/talk_line");
}

const struct web_route desk_talk_routes[] = {{.methods = WEB_GET | WEB_POST,
                                              .pattern = "/desk/settings/talk",
                                              .handler = view_talk_line,
                                              .guard = "program",
                                              .get_act = "write",
                                              .post_act = "write",
                                              .flags = WEB_NO_PROGRAM},
                                             {.pattern = NULL}};
