/*
 * /desk/settings/front: at which sites people and other programs may ask by the public pages, and
 * who looks after what comes in. Threads: all state is the request's.
 */
#include "admission/admission.h"
#include "web/desk/people.h"

static const struct desk_field fields[] = {
    {.name = "site", .label = "front.site", .kind = DESK_HIDDEN, .flags = DESK_REQUIRED},
    {.name = "people", .label = "front.people", .kind = DESK_YES},
    {.name = "programs", .label = "front.programs", .kind = DESK_YES},
    {.name = "staff", .label = "front.staff", .help = "front.staff_help", .kind = DESK_CHOICE},
};

struct front {
  struct web_request *request;
  struct web_view *view;
  struct front_door *doors;
  size_t door_count;
  struct staff *staff;
  size_t staff_count;
  struct front_door door; /* what the form says */
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct front *front = context;
  struct web_request *request = front->request;
  struct privacy *privacy = request->application->privacy;
  struct access access, staff_access;
  return access_open_list(transaction, privacy, request->actor, "program", "read", request->now,
                          &access, error) &&
         front_door_own(transaction, &access, request->arena, &front->doors, &front->door_count,
                        error) &&
         access_open_list(transaction, privacy, request->actor, "staff", "read", request->now,
                          &staff_access, error) &&
         staff_list(transaction, &staff_access, request->arena, false, &front->staff,
                    &front->staff_count, error);
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct front *front = context;
  struct web_request *request = front->request;
  struct front_door door = front->door;
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "program",
                        "write", request->now, &access, error) ||
      !front_door_save(transaction, &access, &door, error))
    return false;
  desk_redirect(request, front->view, "/desk/settings/front");
  return true;
}

static struct text staff_name(const struct front *front, struct text id)
{
  for (size_t i = 0; i < front->staff_count; i++)
    if (text_equal(front->staff[i].id, id)) return front->staff[i].name;
  return view_text(front->request, "front.nobody");
}

static void fill_doors(const struct front *front)
{
  struct web_request *request = front->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < front->door_count; i++) {
    const struct front_door *door = &front->doors[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "site_id", door->site_id);
    view_set_text(request, item, "site", door->site);
    view_set_text(request, item, "people",
                  view_text(request, door->takes_people ? "front.yes" : "front.no"));
    view_set_text(request, item, "programs",
                  view_text(request, door->takes_programs ? "front.yes" : "front.no"));
    view_set_text(request, item, "staff", staff_name(front, door->staff_id));
    value_add(list, item);
  }
  value_set(front->view->page, "doors", list);
  view_set_flag(request, front->view->page, "any", front->door_count > 0);
}

static void begin(struct desk_form *form, struct front *front, struct text site_id)
{
  struct arena *arena = front->request->arena;
  size_t sites = front->door_count, staff = front->staff_count;
  struct desk_choice *staff_choices = arena_allocate_array(arena, staff + 1, sizeof *staff_choices);
  for (size_t i = 0; i < staff; i++)
    staff_choices[i] = (struct desk_choice){front->staff[i].id, front->staff[i].name};
  DESK_FORM_INIT(form, front->request, fields);
  desk_form_choices(form, "staff", staff_choices, staff);
  for (size_t i = 0; i < sites; i++) {
    const struct front_door *door = &front->doors[i];
    if (!text_equal(door->site_id, site_id)) continue;
    desk_form_set(form, "site", door->site_id);
    if (door->takes_people) desk_form_set(form, "people", TEXT("1"));
    if (door->takes_programs) desk_form_set(form, "programs", TEXT("1"));
    desk_form_set(form, "staff", door->staff_id);
    desk_form_set_version(form, door->version);
  }
}

static bool show(struct front *front, const struct desk_form *form)
{
  struct web_view *view = front->view;
  fill_doors(front);
  for (size_t i = 0; i < front->door_count; i++)
    if (text_equal(front->doors[i].site_id, desk_form_get(form, "site")))
      view_set_text(front->request, view->page, "changing", front->doors[i].site);
  desk_form_fill(form, view->page, "form");
  view->template_name = "desk/front";
  if (form->problem_count) view->status = 400;
  return true;
}

static bool view_front(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {
      {"error.request.assigned", "staff"}, {"error.request.code", NULL}, {NULL, NULL}};
  struct front front = {.request = request, .view = view};
  struct desk_form form, now;
  if (!desk_read(request, load, &front, error)) return false;
  struct text first = front.door_count ? front.doors[0].site_id : TEXT("");
  struct text asked = web_parameter_get(request, "site");
  view->page = value_object(request->arena);
  begin(&form, &front, asked.length ? asked : first);
  if (request->method == WEB_GET) return show(&front, &form);
  if (!desk_form_read(&form)) return show(&front, &form);
  front.door = (struct front_door){.site_id = desk_form_get(&form, "site"),
                                   .staff_id = desk_form_get(&form, "staff"),
                                   .takes_people = desk_form_has(&form, "people", TEXT("1")),
                                   .takes_programs = desk_form_has(&form, "programs", TEXT("1")),
                                   .version = desk_form_version(&form)};
  if (desk_write(request, view, save, &front, error)) return true;
  if (error->kind == ERROR_CONFLICT) {
    error_clear(error);
    begin(&now, &front, front.door.site_id);
    desk_form_conflict(&form, &now);
    show(&front, &form);
    view->status = 409;
    return true;
  }
  return desk_form_take(&form, error, mappings) && show(&front, &form);
}

const struct web_route desk_front_routes[] = {{.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/settings/front",
                                               .handler = view_front,
                                               .guard = "program",
                                               .get_act = "write",
                                               .post_act = "write"},
                                              {.pattern = NULL}};
