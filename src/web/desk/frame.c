/*
 * The desk's frame: who is there, where, what they may open, when the page locks. See desk.h.
 */
#include <string.h>

#include "care/care.h"
#include "web/desk/desk_private.h"

/* The navigation of every day, in order. An entry shows when its page exists and the actor may open
 * it. */
static const struct entry {
  const char *path, *label, *object, *act;
} entries[] = {
    {"/desk", "desk.nav.home", "session", "read"},
    {"/desk/people", "desk.nav.people", "person", "search"},
    {"/desk/requests", "requests.nav", "request", "read"},
    {"/desk/waitlist", "desk.nav.waitlist", "request", "read"},
    {"/desk/intakes", "desk.nav.intakes", "intake", "read"},
    {"/desk/beds", "desk.nav.beds", "bed-board", "read"},
    {"/desk/due", "desk.nav.due", "due", "read"},
    {"/desk/coverage", "coverage.tab", "coverage", "write"},
};
/* And of the program, which stands below it and quieter. */
static const struct entry program_entries[] = {
    {"/desk/duplicates", "desk.nav.duplicates", "person", "merge"},
    {"/desk/emergencies", "desk.nav.emergencies", "emergency", "review"},
    {"/desk/outbox", "desk.nav.outbox", "outbox", "read"},
    {"/desk/staff", "desk.nav.staff", "staff", "read"},
    {"/desk/import", "desk.nav.import", "person", "import"},
    {"/desk/users", "desk.nav.users", "account", "read"},
    {"/desk/station", "desk.nav.station", "station", "read"},
    {"/desk/settings", "desk.nav.settings", "program", "write"},
    {"/desk/audit", "desk.nav.audit", "audit", "read"},
};
static const struct entry own_entries[] = {
    {"/me", "desk.nav.mine", "session", "read"},
    {"/me/requests", "desk.nav.own_requests", "request", "read"},
    {"/me/coverage", "desk.nav.own_coverage", "coverage", "read"},
    {"/me/shared", "desk.nav.shared", "shared-record", "read"},
    {"/me/views", "desk.nav.views", "record-views", "read"},
    {"/me/record", "desk.nav.record", "person", "export"},
    {"/me/consents", "desk.nav.consents", "consent", "read"},
};

bool desk_has_route(const char *pattern)
{
  for (const struct web_route *const *table = web_all_routes; *table; table++)
    for (const struct web_route *route = *table; route->pattern; route++)
      if (strcmp(route->pattern, pattern) == 0) return true;
  return false;
}

/* Is this request at the entry's page, or below it? */
static bool is_at(const struct web_request *request, struct text path)
{
  if (!text_starts_with(request->path, path)) return false;
  if (request->path.length == path.length) return true;
  bool is_top = text_equal(path, TEXT("/desk")) || text_equal(path, TEXT("/me"));
  return !is_top && request->path.at[path.length] == '/';
}

static struct value *fill_nav(const struct web_request *request, const struct entry *table,
                              size_t count)
{
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < count; i++) {
    if (!desk_has_route(table[i].path) || !desk_may(request, table[i].object, table[i].act))
      continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "href", text_from(table[i].path));
    view_set_text(request, item, "label", view_text(request, table[i].label));
    view_set_flag(request, item, "current", is_at(request, text_from(table[i].path)));
    value_add(list, item);
  }
  return list;
}

static void fill_navigation(const struct web_request *request, struct value *desk)
{
#define FILL(table) fill_nav(request, table, sizeof(table) / sizeof *(table))
  struct value *program = desk_is_own(request) ? value_list(request->arena) : FILL(program_entries);
  value_set(desk, "nav", desk_is_own(request) ? FILL(own_entries) : FILL(entries));
  value_set(desk, "nav_program", program);
  view_set_flag(request, desk, "any_program", value_count(program) > 0);
#undef FILL
}

/* When this page goes to the sign-in by itself, and where that leads back. */
static struct value *fill_lock(const struct web_request *request)
{
  const struct session *session = request->session;
  int64_t ends =
      session->idle_ends_at < session->ends_at ? session->idle_ends_at : session->ends_at;
  int64_t seconds = (ends - request->now) / 1000000 + 1;
  const char *to = request->station ? "/desk/switch" : desk_sign_in_path(request);
  struct value *lock = value_object(request->arena);
  value_set(lock, "seconds", value_integer(request->arena, seconds > 1 ? seconds : 1));
  view_set_text(request, lock, "href", desk_path_to(request->arena, to, desk_here(request)));
  view_set_text(request, lock, "minutes",
                view_count(request->arena, seconds > 60 ? seconds / 60 : 1));
  return lock;
}

static void fill_who(const struct web_request *request, struct value *desk)
{
  const struct actor *actor = request->actor;
  bool is_open = actor && request->session->step == SESSION_OPEN;
  view_set_flag(request, desk, "signed_in", is_open);
  view_set_flag(request, desk, "has_session", request->session != NULL);
  view_set_flag(request, desk, "at_station", request->station != NULL);
  view_set_flag(request, desk, "own", desk_is_own(request));
  view_set_flag(request, desk, "may_search",
                is_open && !desk_is_own(request) && desk_has_route("/desk/people") &&
                    desk_may(request, "person", "search"));
  view_set_text(request, desk, "station", request->station ? request->station->name : TEXT(""));
  view_set_text(request, desk, "name", actor ? actor->name : TEXT(""));
  view_set_text(request, desk, "program", actor ? actor->program_id : TEXT(""));
  view_set_text(request, desk, "place",
                is_open ? desk_program_name(request, actor->program_id) : TEXT(""));
  if (is_open) fill_navigation(request, desk);
  if (request->session) value_set(desk, "lock", fill_lock(request));
}

void desk_frame_fill(struct web_request *request, struct web_view *view)
{
  const struct value *assets = request->application->assets;
  struct value *desk = value_object(request->arena);
  view_set_text(request, desk, "path", request->path);
  view_set_text(request, desk, "home", desk_is_own(request) ? TEXT("/me") : TEXT("/desk"));
  value_set(desk, "stylesheet", value_get(assets, TEXT("desk.css")));
  value_set(desk, "script", value_get(assets, TEXT("desk.js")));
  fill_who(request, desk);
  struct text token =
      request->session ? request->session->form_token : desk_cookie_get(request, DESK_COOKIE_FORM);
  for (size_t i = 0; i < view->cookie_count; i++) /* one that this answer sets */
    if (!request->session && text_ends_with(text_from(view->cookies[i].name), TEXT("-form")))
      token = view->cookies[i].value;
  view_set_text(request, desk, "form_token", token);
  view_set_text(request, desk, "form_key", desk_token_new(request->arena));
  view_set_text(request, desk, "printed",
                value_text_get(value_get(desk_time(request, request->now), TEXT("shown"))));
  value_set(view->page, "desk", desk);
}

struct naming {
  const struct web_request *request;
  struct text program_id, name;
};

static bool find_name(struct store_transaction *transaction, void *context, struct error *error)
{
  struct naming *naming = context;
  struct program *programs;
  size_t count;
  if (!program_list(transaction, naming->request->arena, &programs, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(programs[i].id, naming->program_id)) naming->name = programs[i].name;
  return true;
}

struct text desk_program_name(const struct web_request *request, struct text program_id)
{
  struct naming naming = {.request = request, .program_id = program_id, .name = program_id};
  struct error error = {0};
  if (!program_id.length) return view_text(request, "desk.installation");
  if (!store_read(request->application->store, find_name, &naming, &error))
    log_error("desk.program", &error);
  return naming.name;
}

struct text desk_role_label(const struct web_request *request, struct text role)
{
  struct text key = text_format(request->arena, "role.%.*s", TEXT_PRINT(role));
  struct text label = catalog_find(request->application->catalog, request->language, key);
  return label.at ? label : role;
}

struct text desk_role_labels(const struct web_request *request, const struct text *roles,
                             size_t count)
{
  struct text out = TEXT("");
  for (size_t i = 0; i < count; i++) {
    struct text label = desk_role_label(request, roles[i]);
    out = i ? text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(out), TEXT_PRINT(label)) : label;
  }
  return out;
}

struct value *desk_time(const struct web_request *request, int64_t microseconds)
{
  struct value *out = value_object(request->arena);
  struct text whole = time_format(request->arena, microseconds), shown = whole;
  struct text second = text_slice(whole, 0, sizeof "YYYY-MM-DDTHH:MM:SS" - 1);
  struct text machine = text_format(request->arena, "%.*sZ", TEXT_PRINT(second)); /* HTML's form */
  if (request->zone) shown = zone_format(request->arena, request->zone, microseconds);
  struct text date = view_date(request, text_slice(shown, 0, sizeof "YYYY-MM-DD" - 1));
  view_set_text(request, out, "machine", machine);
  view_set_text(request, out, "shown",
                VIEW_FORMAT(request, request->zone ? "desk.time_local" : "desk.time",
                            {"date", date},
                            {"clock", text_slice(shown, 11, sizeof "YYYY-MM-DD HH:MM" - 1)}));
  return out;
}

const char *desk_error_words(const struct web_request *request, const char *person)
{
  static const struct {
    const char *everywhere, *desk, *own;
  } words[] = {{"error.403.text", "error.desk.403", "error.me.403"},
               {"error.404.text", "error.desk.404", "error.me.404"}};
  for (size_t i = 0; request->is_desk && i < sizeof words / sizeof *words; i++)
    if (strcmp(person, words[i].everywhere) == 0)
      return desk_is_own(request) ? words[i].own : words[i].desk;
  return person;
}
