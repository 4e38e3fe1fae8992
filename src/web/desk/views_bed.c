/*
 * /desk/beds/{id}: one bed: what it is, its use at this moment and what comes, everything that can
 * be done with it, and what was. Threads: all state is the request's.
 */
#include <string.h>

#include "web/desk/bed_acts.h"
#include "web/desk/board_page.h"

static const int64_t one_day = INT64_C(86400) * 1000000;

struct page {
  struct web_request *request;
  struct web_view *view;
  struct bed bed;
  struct unit unit;
  struct room room;
  struct bed_use *uses;
  size_t use_count;
  struct person_names names;
  struct desk_choice *free_beds; /* where somebody may be moved */
  size_t free_count;
  struct board_place place;
  int64_t episode_version; /* of the stay of `episode_id` */
  struct text episode_id;
  struct bed_deed *refused; /* what was sent and refused, or NULL */
};

/* --- Loading ---------------------------------------------------------------------------------- */

static bool load_place(struct store_transaction *transaction, struct page *page,
                       struct error *error)
{
  struct web_request *request = page->request;
  struct arena *arena = request->arena;
  struct access access;
  struct unit *units;
  struct room *rooms;
  size_t units_count = 0, rooms_count = 0;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "site", "read",
                        request->now, &access, error) ||
      !unit_list(transaction, &access, arena, TEXT(""), &units, &units_count, error) ||
      !room_list(transaction, &access, arena, page->bed.unit_id, &rooms, &rooms_count, error))
    return false;
  for (size_t i = 0; i < units_count; i++)
    if (text_equal(units[i].id, page->bed.unit_id)) page->unit = units[i];
  for (size_t i = 0; i < rooms_count; i++)
    if (text_equal(rooms[i].id, page->bed.room_id)) page->room = rooms[i];
  return bed_page_at_site(transaction, request, page->unit.site_id, error);
}

/* Beds of the reader's reach that may be offered now, and this one as the board sees it. */
static bool load_board(struct store_transaction *transaction, struct page *page,
                       const struct access *access, struct error *error)
{
  struct web_request *request = page->request;
  struct arena *arena = request->arena;
  const struct beds *beds = request->application->beds;
  struct board_query query = {.from = request->now, .until = BOARD_OPEN};
  struct board_moment moment = {.at = request->now, .now = request->now};
  struct board board;
  if (!board_window(transaction, beds, access->program_id, &moment.window, error) ||
      !board_load(transaction, beds, access, arena, &query, &board, error))
    return false;
  struct board_place *places = arena_allocate_array(arena, board.bed_count + 1, sizeof *places);
  struct board_count *counts = arena_allocate_array(arena, board.unit_count + 1, sizeof *counts);
  board_at(&board, &moment, places, counts);
  page->free_beds = arena_allocate_array(arena, board.bed_count + 1, sizeof *page->free_beds);
  page->free_count = 0;
  for (size_t i = 0; i < board.bed_count; i++) {
    const struct board_bed *bed = &board.beds[i];
    const struct board_unit *unit = &board.units[bed->unit];
    if (text_equal(bed->id, page->bed.id)) page->place = places[i];
    unsigned cap = text_equal(unit->id, page->bed.unit_id) ? (unsigned)BED_WHY_UNIT_FULL : 0;
    if (places[i].why & ~cap) continue; /* a move within the unit takes no more of its places */
    page->free_beds[page->free_count++] = (struct desk_choice){
        bed->id, VIEW_FORMAT(request, "beds.unit_bed", {"unit", unit->name},
                             {"bed", bed->room_name.length ? text_format(arena, "%.*s · %.*s",
                                                                         TEXT_PRINT(bed->room_name),
                                                                         TEXT_PRINT(bed->name))
                                                           : bed->name})};
  }
  return true;
}

/* The stay in the bed: its version, for its end, and the plan that stands. */
static bool load_stay(struct store_transaction *transaction, struct page *page, struct error *error)
{
  struct web_request *request = page->request;
  const struct bed_use *use = NULL;
  struct access access;
  struct episode stay;
  for (size_t i = 0; i < page->use_count; i++)
    if (page->uses[i].episode_id.length && page->uses[i].end_at == 0 && !page->uses[i].error_at &&
        page->uses[i].kind != BED_HOLD)
      use = &page->uses[i];
  if (!use || !desk_may(request, "episode", "write")) return true;
  if (!people_access(transaction, request, "episode", "read", use->person_id, &access, error) ||
      !episode_load(transaction, &access, request->arena, use->episode_id, &stay, error))
    return false;
  page->episode_id = stay.id;
  page->episode_version = stay.version;
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  struct arena *arena = request->arena;
  struct access access;
  page->episode_id = TEXT("");
  page->room = (struct room){.id = TEXT(""), .name = TEXT("")};
  if (!bed_page_access(transaction, request, "bed-board", "read", TEXT(""), &access, error) ||
      !bed_load(transaction, &access, arena, request->captured, &page->bed, error) ||
      !bed_use_list(transaction, &access, arena, page->bed.id,
                    request->now - LIMIT_BED_PAST_DAYS * one_day, BOARD_OPEN, true, &page->uses,
                    &page->use_count, error) ||
      !load_place(transaction, page, error) || !load_board(transaction, page, &access, error) ||
      !load_stay(transaction, page, error))
    return false;
  struct text *ids = arena_allocate_array(arena, page->use_count + 1, sizeof *ids);
  for (size_t i = 0; i < page->use_count; i++) ids[i] = page->uses[i].person_id;
  return bed_page_names(transaction, request, ids, page->use_count, &page->names, error);
}

/* --- Uses ------------------------------------------------------------------------------------- */

static bool is_over(const struct page *page, const struct bed_use *use)
{
  return use->error_at || use->until_at <= page->request->now || use->until_at == use->start_at;
}

static void set_when(const struct web_request *request, struct value *item, const char *flag,
                     const char *name, int64_t at)
{
  bool is_known = at > 0 && at != BOARD_OPEN;
  view_set_flag(request, item, flag, is_known);
  if (is_known) value_set(item, name, board_page_when(request, at));
}

static struct value *fill_use(const struct page *page, const struct bed_use *use)
{
  const struct web_request *request = page->request;
  struct value *item = value_object(request->arena);
  struct text kind = text_from(bed_kind_name(use->kind)), detail = TEXT("");
  if (use->kind == BED_HOLD) detail = bed_page_label(request, BED_HOLD_KINDS, use->hold_kind);
  else if (use->reason.length) detail = bed_page_label(request, BED_REASONS, use->reason);
  view_set_text(request, item, "use_id", use->id);
  view_set_text(request, item, "state", kind);
  view_set_text(request, item, "kind", bed_page_label(request, BED_USE_KINDS, kind));
  view_set_text(request, item, "detail", detail);
  value_set(item, "from", board_page_when(request, use->start_at));
  set_when(request, item, "has_until", "until", use->until_at);
  set_when(request, item, "has_expected", "expected", use->end_at ? 0 : use->expected_at);
  struct text ended = bed_page_label(request, BED_ENDINGS, use->end_reason);
  if (use->release_reason.length)
    ended = text_format(request->arena, "%.*s: %.*s", TEXT_PRINT(ended),
                        TEXT_PRINT(bed_page_label(request, BED_REASONS, use->release_reason)));
  view_set_text(request, item, "ended", ended);
  view_set_text(request, item, "extended",
                use->extended_at ? bed_page_label(request, BED_REASONS, use->extend_reason)
                                 : TEXT(""));
  view_set_flag(request, item, "wrong", use->error_at != 0);
  view_set_text(request, item, "why",
                people_label(request, CARE_CORRECTION_REASONS, use->error_reason));
  view_set_flag(request, item, "instead", use->corrects_id.length > 0);
  view_set_text(request, item, "request_id", use->request_id);
  view_set_text(request, item, "stay_id", use->episode_id);
  view_set_text(request, item, "person_id", use->person_id);
  people_set_name(request, item, &page->names, use->person_id);
  bool may_correct = desk_may(request, "bed-board", "write") && !use->error_at &&
                     use->kind != BED_HOLD && use->start_at <= request->now;
  view_set_flag(request, item, "may_correct", may_correct);
  return item;
}

/* A form with its words: those of `refused` when it is that one. */
static struct value *fill_form(const struct page *page, struct bed_deed *deed)
{
  const struct web_request *request = page->request;
  struct arena *arena = request->arena;
  struct value *item = value_object(arena), *scratch = value_object(arena);
  const char *name = bed_act_name(deed->act);
  const struct bed_deed *refused = page->refused;
  bool is_refused =
      refused && refused->act == deed->act && text_equal(refused->use.id, deed->use.id);
  const struct desk_form *form = is_refused ? &refused->form : &deed->form;
  struct text unique = text_format(arena, "%s-%.*s", name, TEXT_PRINT(deed->use.id));
  desk_form_fill(form, scratch, text_c(arena, unique));
  value_set(item, "form", value_get(scratch, unique));
  view_set_text(request, item, "act", text_from(name));
  view_set_text(request, item, "use_id", deed->use.id);
  view_set_text(request, item, "use_version",
                text_format(arena, "%lld", (long long)deed->use.version));
  view_set_text(request, item, "stay_version",
                text_format(arena, "%lld", (long long)page->episode_version));
  view_set_text(request, item, "label",
                view_text(request, text_format(arena, "beds.act.%s", name).at));
  view_set_text(request, item, "help",
                view_text(request, text_format(arena, "beds.help.%s", name).at));
  view_set_flag(request, item, "open", is_refused);
  return item;
}

static void fill_forms(const struct page *page, struct value *item, const struct bed_use *use)
{
  struct web_request *request = page->request;
  struct value *forms = value_list(request->arena);
  bool is_now = !use || use->start_at <= request->now;
  for (int act = 0; act < BED_ACTS; act++) {
    if (!bed_act_is_for(request, (enum bed_act)act, use, is_now)) continue;
    struct bed_deed deed = {.request = request,
                            .view = page->view,
                            .act = (enum bed_act)act,
                            .bed_id = page->bed.id,
                            .use = {.id = TEXT("")}};
    if (use) deed.use = *use;
    bed_act_begin(&deed, page->free_beds, page->free_count);
    value_add(forms, fill_form(page, &deed));
  }
  value_set(item, "forms", forms);
  view_set_flag(request, item, "any_forms", value_count(forms) > 0);
}

/* --- The page --------------------------------------------------------------------------------- */

static void fill_facts(const struct page *page)
{
  const struct web_request *request = page->request;
  struct value *out = page->view->page;
  const struct bed *bed = &page->bed;
  view_set_text(request, out, "bed_id", bed->id);
  view_set_text(request, out, "bed", bed->name);
  view_set_text(request, out, "room", page->room.name);
  view_set_text(request, out, "unit", page->unit.name);
  view_set_text(request, out, "unit_id", page->unit.id);
  view_set_text(request, out, "level", people_label(request, CARE_LEVELS, bed->level_of_care));
  view_set_text(request, out, "policy", bed_page_label(request, BED_POLICIES, bed->policy));
  view_set_text(request, out, "funding", bed_page_join(request, bed->funding, bed_page_funding));
  view_set_text(request, out, "medicines",
                bed_page_join(request, bed->medicines, bed_page_medicine));
  view_set_flag(request, out, "accessible", bed->accessible);
  view_set_flag(request, out, "child", bed->accepts_child);
  view_set_flag(request, out, "isolation", bed->isolation);
  view_set_text(request, out, "why", board_page_why(request, page->place.why));
  view_set_flag(request, out, "offered", page->place.why == 0);
  view_set_flag(request, out, "may_set", desk_may(request, "site", "write"));
  view_set_flag(request, out, "may_write", desk_may(request, "bed-board", "write"));
  view_set_flag(request, out, "may_intake", desk_may(request, "intake", "write"));
}

static bool show(struct page *page)
{
  struct web_request *request = page->request;
  struct value *out = page->view->page = value_object(request->arena);
  struct value *open = value_list(request->arena), *before = value_list(request->arena);
  bool is_used = false;
  fill_facts(page);
  for (size_t i = 0; i < page->use_count; i++) {
    const struct bed_use *use = &page->uses[i];
    if (is_over(page, use)) continue;
    struct value *item = fill_use(page, use);
    bool is_now = use->start_at <= request->now;
    is_used = is_used || is_now;
    view_set_flag(request, item, "is_now", is_now);
    bool is_arrival = use->kind == BED_HOLD && use->person_id.length > 0;
    view_set_flag(request, item, "may_admit", is_arrival);
    fill_forms(page, item, use);
    value_add(open, item);
  }
  for (size_t i = page->use_count; i > 0; i--) /* the last one first */
    if (is_over(page, &page->uses[i - 1])) value_add(before, fill_use(page, &page->uses[i - 1]));
  value_set(out, "open", open);
  value_set(out, "before", before);
  view_set_flag(request, out, "any_open", value_count(open) > 0);
  view_set_flag(request, out, "any_before", value_count(before) > 0);
  view_set_flag(request, out, "is_free", !is_used);
  if (!is_used) fill_forms(page, out, NULL);
  page->view->template_name = "desk/bed";
  return true;
}

/* The use that a form is about; NULL: the bed itself. */
static const struct bed_use *use_of(const struct page *page, struct text id)
{
  for (size_t i = 0; id.length && i < page->use_count; i++)
    if (text_equal(page->uses[i].id, id)) return &page->uses[i];
  return NULL;
}

static bool read_version(const struct web_request *request, const char *name, int64_t *out)
{
  if (text_read_integer(web_parameter_get(request, name), out)) return true;
  *out = -1;
  return false;
}

static bool act(struct page *page, struct error *error)
{
  struct web_request *request = page->request;
  struct text use_id = web_parameter_get(request, "use_id");
  const struct bed_use *use = use_of(page, use_id);
  struct bed_deed *deed =
      arena_allocate(request->arena, sizeof *deed); /* the page shows it again */
  *deed = (struct bed_deed){
      .request = request, .view = page->view, .bed_id = page->bed.id, .use = {.id = TEXT("")}};
  if (!bed_act_find(web_parameter_get(request, "act"), &deed->act) || (use_id.length && !use))
    return error_set(error, ERROR_NOT_FOUND, "error.admission.use", "", "no such act or use");
  if (use) deed->use = *use;
  (void)read_version(request, "use_version", &deed->use.version);
  (void)read_version(request, "stay_version", &deed->episode_version);
  bed_act_begin(deed, page->free_beds, page->free_count);
  page->refused = deed;
  if (!bed_act_take(deed)) {
    page->view->status = 400;
    return show(page);
  }
  if (desk_write(request, page->view, bed_act_do, deed, error)) return true;
  if (!bed_act_refuse(deed, error)) return false;
  page->view->status = error->kind == ERROR_CONFLICT ? 409 : 400;
  error_clear(error);
  page->view->redirect = TEXT("");
  return desk_read(request, load, page, error) && show(page);
}

static bool view_bed(struct web_request *request, struct web_view *view, struct error *error)
{
  struct page page = {.request = request, .view = view};
  if (!desk_read(request, load, &page, error)) return false;
  return request->method == WEB_GET ? show(&page) : act(&page, error);
}

const struct web_route desk_bed_routes[] = {{.methods = WEB_GET | WEB_POST,
                                             .pattern = "/desk/beds/{id}",
                                             .handler = view_bed,
                                             .guard = "bed-board",
                                             .get_act = "read",
                                             .post_act = "write",
                                             .flags = WEB_LINES},
                                            {.pattern = NULL}};
