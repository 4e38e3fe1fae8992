/*
 * /desk/beds/{id}/hold: hold a bed for a request or a stay, and, when the request waits, offer it
 * in the same transaction, with a reason for each who is passed over; or give the bed to somebody
 * whose stay goes on without one. A first arrival is intake's. Threads: all state is the request's.
 */
#include <string.h>

#include "web/desk/board_page.h"
#include "web/desk/skips.h"

static const struct desk_field hold_fields[] = {
    {.name = "request", .label = "beds.hold_for", .kind = DESK_HIDDEN},
    {.name = "stay", .label = "beds.hold_for", .kind = DESK_HIDDEN},
    {.name = "kind",
     .label = "beds.hold_kind",
     .help = "beds.hold_kind_help",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "on",
     .label = "beds.expected_on",
     .help = "beds.expected_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "at",
     .label = "beds.expected_at",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5},
    {.name = "placed_as", .label = "beds.placed_as", .kind = DESK_CHOICE},
    {.name = "words", .label = "beds.words", .kind = DESK_LINES, .longest = LIMIT_CARE_WORDS},
};
static const struct desk_field give_fields[] = {
    {.name = "request", .label = "beds.hold_for", .kind = DESK_HIDDEN},
    {.name = "stay", .label = "beds.hold_for", .kind = DESK_HIDDEN},
    {.name = "on",
     .label = "beds.on",
     .help = "beds.on_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "at", .label = "beds.at", .kind = DESK_TEXT, .flags = DESK_SHORT, .longest = 5},
    {.name = "placed_as", .label = "beds.placed_as", .kind = DESK_CHOICE},
};
static const struct desk_mapping mappings[] = {{"error.admission.hold.expected", "on"},
                                               {"error.admission.hold.far", "on"},
                                               {"error.admission.order", "on"},
                                               {"error.care.future", "on"},
                                               {NULL, NULL}};

struct page {
  struct web_request *request;
  struct web_view *view;
  struct desk_form form;
  struct skips skips;
  struct bed bed;
  struct unit unit;
  struct text request_id, stay_id, person_id, name, group, missing, state;
  int64_t request_version, at, expected_at;
  bool is_active; /* the stay goes on: the bed is given */
};

/* --- Loading ---------------------------------------------------------------------------------- */

static bool open_request(struct store_transaction *transaction, struct page *page, const char *act,
                         struct access *out, struct error *error)
{
  struct web_request *request = page->request;
  struct role_subject subject;
  return request_subject_load(transaction, request->actor->program_id, page->request_id,
                              request->actor, request->now, request->arena, &subject, error) &&
         access_open(transaction, request->application->privacy, request->actor, "request", act,
                     &subject, page->request_id, request->now, out, error);
}

static bool load_request(struct store_transaction *transaction, struct page *page,
                         struct error *error)
{
  struct arena *arena = page->request->arena;
  struct access access;
  struct request asked;
  if (!open_request(transaction, page, "read", &access, error) ||
      !request_load(transaction, &access, arena, page->request_id, &asked, error))
    return false;
  page->person_id = asked.person_id;
  page->state = asked.state;
  page->request_version = asked.version;
  page->name =
      text_trim(text_format(arena, "%.*s %.*s", TEXT_PRINT(asked.identity.at[REQUEST_GIVEN]),
                            TEXT_PRINT(asked.identity.at[REQUEST_FAMILY])));
  return skips_load(transaction, page->request, page->request_id, &page->skips, error);
}

static bool load_stay(struct store_transaction *transaction, struct page *page, struct error *error)
{
  struct web_request *request = page->request;
  struct access access;
  struct episode stay;
  if (!bed_stay_person(transaction, request->arena, request->actor->program_id, page->stay_id,
                       &page->person_id, error) ||
      !people_access(transaction, request, "episode", "read", page->person_id, &access, error) ||
      !episode_load(transaction, &access, request->arena, page->stay_id, &stay, error))
    return false;
  page->is_active = stay.begun_at != 0 && stay.ended_at == 0;
  return true;
}

static bool load_bed(struct store_transaction *transaction, struct page *page, struct error *error)
{
  struct web_request *request = page->request;
  struct access access, places;
  struct unit *units;
  struct person person;
  size_t count = 0;
  if (!bed_page_access(transaction, request, "bed-board", "read", page->person_id, &access,
                       error) ||
      !bed_load(transaction, &access, request->arena, request->captured, &page->bed, error))
    return false;
  if (page->person_id.length) {
    if (!person_load(transaction, &access, request->arena, page->person_id, &person, error))
      return false;
    page->name = person_full_name(request->arena, &person.identity);
    page->group = bed_group_of(request->application->beds, person.identity.sex,
                               person.identity.gender_identity);
  }
  if (!access_open_list(transaction, request->application->privacy, request->actor, "site", "read",
                        request->now, &places, error) ||
      !unit_list(transaction, &places, request->arena, TEXT(""), &units, &count, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(units[i].id, page->bed.unit_id)) page->unit = units[i];
  return bed_page_at_site(transaction, request, page->unit.site_id, error);
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  page->person_id = page->name = page->group = page->state = TEXT("");
  page->unit = (struct unit){.id = TEXT("")};
  if (page->stay_id.length == 0 && page->request_id.length == 0)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "nobody to hold a bed for");
  return (page->request_id.length == 0 || load_request(transaction, page, error)) &&
         (page->stay_id.length == 0 || load_stay(transaction, page, error)) &&
         load_bed(transaction, page, error);
}

/* --- Writing -------------------------------------------------------------------------------- */

static bool offer(struct store_transaction *transaction, struct page *page, struct text hold_id,
                  struct error *error)
{
  struct web_request *request = page->request;
  struct waitlist_offer given = {.place_kind = TEXT("bed"), .place_id = hold_id};
  struct access access;
  skips_offer(&page->skips, &given);
  return open_request(transaction, page, "write", &access, error) &&
         waitlist_offer(transaction, request->application->requests, &access, request->arena,
                        page->request_id, &given, desk_form_version(&page->form), &page->missing,
                        error);
}

static bool save_hold(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  const struct desk_form *form = &page->form;
  struct access access;
  struct bed_hold hold = {.bed_id = request->captured,
                          .kind = desk_form_get(form, "kind"),
                          .episode_id = page->stay_id,
                          .request_id = page->request_id,
                          .person_id = page->person_id,
                          .placed_as = desk_form_get(form, "placed_as"),
                          .words = desk_form_get(form, "words"),
                          .expected_at = page->expected_at};
  page->missing = TEXT("");
  if (!bed_page_access(transaction, request, "bed-board", "write", page->person_id, &access,
                       error) ||
      !bed_hold_place(transaction, request->application->beds, &access, request->arena, &hold,
                      error) ||
      (page->request_id.length && !offer(transaction, page, hold.id, error)))
    return false;
  desk_redirect(request, page->view, "/desk/beds/%.*s", TEXT_PRINT(request->captured));
  return true;
}

/* A stay that goes on without a bed is given this one. */
static bool save_gift(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  struct access board, stay;
  struct bed_stay_access both = {&board, &stay};
  struct bed_arrival arrival = {.episode_id = page->stay_id,
                                .bed_id = request->captured,
                                .placed_as = desk_form_get(&page->form, "placed_as"),
                                .at = page->at};
  if (!people_access(transaction, request, "bed-board", "write", page->person_id, &board, error) ||
      !people_access(transaction, request, "episode", "write", page->person_id, &stay, error) ||
      !bed_arrive(transaction, request->application->beds, &both, request->arena, &arrival, error))
    return false;
  desk_redirect(request, page->view, "/desk/beds/%.*s", TEXT_PRINT(request->captured));
  return true;
}

/* --- The page --------------------------------------------------------------------------------- */

static void begin(struct page *page)
{
  struct desk_form *form = &page->form;
  if (page->is_active) DESK_FORM_INIT(form, page->request, give_fields);
  else DESK_FORM_INIT(form, page->request, hold_fields);
  if (!page->is_active) bed_page_choose(form, "kind", BED_HOLD_KINDS, NULL);
  bed_page_choose(form, "placed_as", BED_GROUPS, NULL);
  desk_form_set(form, "request", page->request_id);
  desk_form_set(form, "stay", page->stay_id);
  if (page->group.length) desk_form_set(form, "placed_as", page->group);
  if (page->request_id.length) desk_form_set_version(form, page->request_version);
}

static bool show(struct page *page)
{
  struct web_request *request = page->request;
  struct web_view *view = page->view;
  if (!view->page) view->page = value_object(request->arena);
  struct value *out = view->page;
  view_set_text(request, out, "bed_id", page->bed.id);
  view_set_text(request, out, "bed", page->bed.name);
  view_set_text(request, out, "unit", page->unit.name);
  view_set_text(request, out, "level", people_label(request, CARE_LEVELS, page->bed.level_of_care));
  view_set_text(request, out, "policy", bed_page_label(request, BED_POLICIES, page->bed.policy));
  view_set_text(request, out, "for_name",
                page->name.length ? page->name : view_text(request, "beds.a_request"));
  view_set_text(request, out, "for_person", page->person_id);
  view_set_text(request, out, "for_request", page->request_id);
  view_set_text(request, out, "for_query",
                page->stay_id.length
                    ? text_format(request->arena, "?stay=%.*s", TEXT_PRINT(page->stay_id))
                    : text_format(request->arena, "?request=%.*s", TEXT_PRINT(page->request_id)));
  view_set_flag(request, out, "is_active", page->is_active);
  if (page->request_id.length) skips_fill(&page->skips, out);
  desk_form_show(&page->form, view, "desk/bed_hold");
  if (page->skips.is_refused) view->status = 400;
  return true;
}

/* Somebody came to stand before meanwhile, or the bed was taken: say it where it stands. */
static bool refuse(struct page *page, struct error *error)
{
  struct text missing = page->missing;
  bool is_skip = error->person && strcmp(error->person, "error.request.skip") == 0;
  bool is_conflict = error->kind == ERROR_CONFLICT;
  if (error->kind != ERROR_REFUSED && !is_conflict) return false;
  if (!desk_form_take(&page->form, error, mappings))
    desk_form_refuse(&page->form, NULL, error->person);
  error_clear(error);
  if (!desk_read(page->request, load, page, error)) return false;
  if (page->request_id.length) (void)skips_read(&page->skips);
  if (is_skip) skips_refuse(&page->skips, missing);
  if (is_conflict && page->request_id.length)
    desk_form_set_version(&page->form, page->request_version);
  show(page);
  page->view->status = is_conflict ? 409 : 400;
  return true;
}

static bool take(struct page *page)
{
  struct desk_form *form = &page->form;
  bool is_read = desk_form_read(form);
  int64_t at = 0;
  bool is_said = desk_form_get(form, "on").length || desk_form_get(form, "at").length;
  if (is_read) is_read = bed_page_moment(form, "on", "at", &at);
  page->at = at;
  page->expected_at = is_said ? at : 0;
  if (page->request_id.length && !page->is_active && !skips_read(&page->skips)) is_read = false;
  return is_read;
}

static bool view_bed_hold(struct web_request *request, struct web_view *view, struct error *error)
{
  struct page page = {.request = request,
                      .view = view,
                      .request_id = web_parameter_get(request, "request"),
                      .stay_id = web_parameter_get(request, "stay"),
                      .missing = TEXT("")};
  if (!desk_read(request, load, &page, error)) return false;
  begin(&page);
  if (request->method == WEB_GET || !take(&page)) return show(&page);
  if (desk_write(request, view, page.is_active ? save_gift : save_hold, &page, error)) return true;
  return refuse(&page, error);
}

const struct web_route desk_bed_hold_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                  .pattern = "/desk/beds/{id}/hold",
                                                  .handler = view_bed_hold,
                                                  .guard = "bed-board",
                                                  .get_act = "write",
                                                  .post_act = "write",
                                                  .flags = WEB_LINES},
                                                 {.pattern = NULL}};
