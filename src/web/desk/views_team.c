/*
 * Who looks after whom: /desk/people/{id}/team, the care team of a person, and
 * /desk/staff/{id}/caseload, those whom a staff member looks after. Both add and end parts of a
 * care team. Searching is a POST; an address holds ids alone. Threads: all state is the request's.
 */
#include "web/desk/people.h"

enum { SHOWN_AT_ONCE = 25 };

struct team {
  struct web_request *request;
  struct web_view *view;
  struct person person; /* of the person's page */
  struct staff member;  /* of the caseload's */
  struct staff *staff;
  struct care_team_member *rows;
  struct person_names names;
  struct person_hit *hits;
  size_t staff_count, row_count, hit_count;
  struct text act, typed;
  bool more;
};

static bool open_list(struct store_transaction *transaction, const struct team *team,
                      const char *object, const char *act, struct access *out, struct error *error)
{
  struct web_request *request = team->request;
  return access_open_list(transaction, request->application->privacy, request->actor, object, act,
                          request->now, out, error);
}

/* --- Changing -------------------------------------------------------------------------------- */

struct team_act {
  struct team *team;
  struct care_team_member member; /* added; without an id */
  struct text id;                 /* ended */
  int64_t version;
};

static bool act_on_team(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct team_act *act = context;
  struct web_request *request = act->team->request;
  struct care_team_member member = act->member; /* adding writes into it, and this may run again */
  struct access access;
  if (!people_access(transaction, request, "episode", "write", member.person_id, &access, error))
    return false;
  bool is_done = act->id.length ? care_team_end(transaction, &access, act->id, request->now,
                                                act->version, error)
                                : care_team_add(transaction, request->application->records, &access,
                                                request->arena, &member, error);
  if (is_done) desk_redirect(request, act->team->view, "%.*s", TEXT_PRINT(request->path));
  return is_done;
}

/* A row that a form names, and the version it was shown with. */
static void take_end(struct team_act *act)
{
  const struct web_request *request = act->team->request;
  act->id = web_parameter_get(request, "row_id");
  if (!text_read_integer(web_parameter_get(request, "row_version"), &act->version))
    act->version = -1;
}

static const struct desk_mapping mappings[] = {{"error.care.team", "role"},
                                               {"error.care.staff", NULL},
                                               {"error.care.stale", NULL},
                                               {NULL, NULL}};

/* --- A person's care team -------------------------------------------------------------------- */

static const struct desk_field fields[] = {
    {.name = "staff", .label = "team.staff", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "role", .label = "team.role", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};

static bool load_person(struct store_transaction *transaction, void *context, struct error *error)
{
  struct team *team = context;
  struct web_request *request = team->request;
  struct access access, staff;
  if (!people_access(transaction, request, "episode", "read", request->captured, &access, error) ||
      !people_fill(transaction, request, &access, request->captured, "team", team->view,
                   &team->person, error))
    return false;
  return team->view->redirect.length ||
         (care_team_list(transaction, &access, request->arena, request->captured, &team->rows,
                         &team->row_count, error) &&
          open_list(transaction, team, "staff", "read", &staff, error) &&
          staff_list(transaction, &staff, request->arena, false, &team->staff, &team->staff_count,
                     error));
}

static struct value *fill_row(const struct team *team, const struct care_team_member *row)
{
  const struct web_request *request = team->request;
  struct value *item = value_object(request->arena);
  bool has_ended = row->until_at && row->until_at <= request->now;
  view_set_text(request, item, "row_id", row->id);
  value_set(item, "row_version", value_integer(request->arena, row->version));
  view_set_text(request, item, "person_id", row->person_id);
  view_set_text(request, item, "name", row->staff_name);
  view_set_text(request, item, "role", people_label(request, CARE_TEAM_ROLES, row->role));
  value_set(item, "from", desk_time(request, row->from_at));
  view_set_flag(request, item, "ended", has_ended);
  value_set(item, "until", desk_time(request, row->until_at));
  return item;
}

static void fill_person(struct team *team)
{
  const struct web_request *request = team->request;
  struct value *now = value_list(request->arena), *before = value_list(request->arena);
  for (size_t i = 0; i < team->row_count; i++) {
    const struct care_team_member *row = &team->rows[i];
    bool has_ended = row->until_at && row->until_at <= request->now;
    value_add(has_ended ? before : now, fill_row(team, row));
  }
  value_set(team->view->page, "team", now);
  value_set(team->view->page, "before", before);
  view_set_flag(request, team->view->page, "any", value_count(now) > 0);
  view_set_flag(request, team->view->page, "any_before", value_count(before) > 0);
  view_set_flag(request, team->view->page, "has_staff", team->staff_count > 0);
  view_set_flag(request, team->view->page, "may_write",
                desk_may(request, "episode", "write") && team->person.erase_at == 0);
}

/* "Nia Ames, counselor". */
static void choose_staff(struct desk_form *form, const struct team *team)
{
  struct arena *arena = team->request->arena;
  struct desk_choice *choices = arena_allocate_array(arena, team->staff_count + 1, sizeof *choices);
  for (size_t i = 0; i < team->staff_count; i++) {
    struct text profession =
        people_label(team->request, CARE_PROFESSIONS, team->staff[i].profession);
    choices[i] = (struct desk_choice){
        team->staff[i].id,
        text_format(arena, "%.*s, %.*s", TEXT_PRINT(team->staff[i].name), TEXT_PRINT(profession))};
  }
  desk_form_choices(form, "staff", choices, team->staff_count);
}

static bool view_person_team(struct web_request *request, struct web_view *view,
                             struct error *error)
{
  struct team team = {.request = request, .view = view, .act = web_parameter_get(request, "act")};
  struct team_act act = {.team = &team, .member = {.person_id = request->captured}};
  struct desk_form form;
  if (!desk_read(request, load_person, &team, error)) return false;
  if (view->redirect.length) return true;
  fill_person(&team);
  DESK_FORM_INIT(&form, request, fields);
  choose_staff(&form, &team);
  people_choose(&form, "role", CARE_TEAM_ROLES);
  if (request->method == WEB_GET) return desk_form_show(&form, view, "desk/person_team");
  if (text_equal(team.act, TEXT("end"))) {
    take_end(&act);
  } else {
    if (!desk_form_read(&form)) return desk_form_show(&form, view, "desk/person_team");
    act.member.staff_id = desk_form_get(&form, "staff");
    act.member.role = desk_form_get(&form, "role");
    act.member.from_at = request->now;
  }
  if (desk_write(request, view, act_on_team, &act, error)) return true;
  return desk_form_take(&form, error, mappings) && desk_form_show(&form, view, "desk/person_team");
}

/* --- A caseload ------------------------------------------------------------------------------ */

static bool find(struct store_transaction *transaction, struct team *team, struct error *error)
{
  struct access access;
  return open_list(transaction, team, "person", "search", &access, error) &&
         person_search(
             transaction, &access, team->request->arena,
             people_typed(team->request->application->catalog, team->request->arena, team->typed),
             SHOWN_AT_ONCE, &team->hits, &team->hit_count, &team->more, error);
}

static bool name_rows(struct store_transaction *transaction, struct team *team, struct error *error)
{
  struct arena *arena = team->request->arena;
  struct text *ids = arena_allocate_array(arena, team->row_count + 1, sizeof *ids);
  struct access access;
  for (size_t i = 0; i < team->row_count; i++) ids[i] = team->rows[i].person_id;
  if (!desk_may(team->request, "person", "search")) return true;
  return open_list(transaction, team, "person", "search", &access, error) &&
         person_names_load(transaction, &access, arena, ids, team->row_count, &team->names, error);
}

static bool load_caseload(struct store_transaction *transaction, void *context, struct error *error)
{
  struct team *team = context;
  struct web_request *request = team->request;
  struct access staff, stays;
  team->names = (struct person_names){.count = 0};
  return open_list(transaction, team, "staff", "read", &staff, error) &&
         staff_load(transaction, &staff, request->arena, request->captured, &team->member, error) &&
         open_list(transaction, team, "episode", "read", &stays, error) &&
         care_caseload_list(transaction, &stays, request->arena, request->captured, &team->rows,
                            &team->row_count, error) &&
         name_rows(transaction, team, error) &&
         (team->typed.length == 0 || find(transaction, team, error));
}

static struct value *fill_hits(const struct team *team)
{
  const struct web_request *request = team->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < team->hit_count; i++) {
    const struct person *person = &team->hits[i].person;
    struct value *item = value_object(request->arena);
    struct text birth = person->identity.birth_date;
    view_set_text(request, item, "person_id", person->id);
    view_set_text(request, item, "name", person_full_name(request->arena, &person->identity));
    view_set_text(request, item, "birth", birth.length ? view_date(request, birth) : TEXT(""));
    value_add(list, item);
  }
  return list;
}

/* The parts of a care team, first the one that is called like the profession. */
static struct value *fill_roles(const struct team *team)
{
  const struct web_request *request = team->request;
  struct value *list = value_list(request->arena);
  size_t count;
  struct desk_choice *roles = people_choices(request, CARE_TEAM_ROLES, &count);
  for (size_t i = 0; i < count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "value", roles[i].value);
    view_set_text(request, item, "label", roles[i].label);
    view_set_flag(request, item, "chosen", text_equal(roles[i].value, team->member.profession));
    value_add(list, item);
  }
  return list;
}

static bool show_caseload(struct team *team, const char *problem)
{
  const struct web_request *request = team->request;
  struct value *page = team->view->page = value_object(request->arena);
  struct value *rows = value_list(request->arena);
  for (size_t i = 0; i < team->row_count; i++) {
    struct value *item = fill_row(team, &team->rows[i]);
    people_set_name(request, item, &team->names, team->rows[i].person_id);
    value_add(rows, item);
  }
  value_set(page, "rows", rows);
  view_set_flag(request, page, "any", team->row_count > 0);
  view_set_text(request, page, "staff_id", team->member.id);
  view_set_text(request, page, "staff_name", team->member.name);
  view_set_text(request, page, "profession",
                people_label(request, CARE_PROFESSIONS, team->member.profession));
  view_set_flag(request, page, "may_write",
                desk_may(request, "episode", "write") && team->member.left_at == 0);
  view_set_text(request, page, "typed", team->typed);
  view_set_flag(request, page, "searched", team->typed.length > 0);
  view_set_flag(request, page, "any_hits", team->hit_count > 0);
  view_set_flag(request, page, "more", team->more);
  value_set(page, "hits", fill_hits(team));
  value_set(page, "roles", fill_roles(team));
  view_set_text(request, page, "problem", problem ? view_text(request, problem) : TEXT(""));
  if (problem) team->view->status = 400;
  team->view->template_name = "desk/staff_caseload";
  return true;
}

static bool view_caseload(struct web_request *request, struct web_view *view, struct error *error)
{
  struct team team = {.request = request,
                      .view = view,
                      .act = web_parameter_get(request, "act"),
                      .typed = web_parameter_get(request, "q")};
  struct team_act act = {.team = &team,
                         .member = {.staff_id = request->captured,
                                    .person_id = web_parameter_get(request, "person"),
                                    .role = web_parameter_get(request, "role"),
                                    .from_at = request->now}};
  if (!desk_read(request, load_caseload, &team, error)) return false;
  if (request->method == WEB_GET || team.act.length == 0) return show_caseload(&team, NULL);
  if (text_equal(team.act, TEXT("end"))) take_end(&act);
  if (desk_write(request, view, act_on_team, &act, error)) return true;
  if (error->kind != ERROR_REFUSED && error->kind != ERROR_CONFLICT) return false;
  return show_caseload(&team, error->person);
}

const struct web_route desk_team_routes[] = {{.methods = WEB_GET | WEB_POST,
                                              .pattern = "/desk/people/{id}/team",
                                              .handler = view_person_team,
                                              .guard = "episode",
                                              .get_act = "read",
                                              .post_act = "write"},
                                             {.methods = WEB_GET | WEB_POST,
                                              .pattern = "/desk/staff/{id}/caseload",
                                              .handler = view_caseload,
                                              .guard = "episode",
                                              .get_act = "read",
                                              .post_act = "write"},
                                             {.pattern = NULL}};
