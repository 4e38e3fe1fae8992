/*
 * /desk/beds/{id}/correct: what was entered of a bed was wrong: the row is kept and marked, and
 * what was true stands for it, also when that lies days back. Threads: all state is the request's.
 */
#include "web/desk/bed_pages.h"

static const struct desk_field fields[] = {
    {.name = "use", .label = "beds.use", .kind = DESK_HIDDEN, .flags = DESK_REQUIRED},
    {.name = "reason", .label = "beds.reason", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "without_other", .label = "beds.did_not_happen", .kind = DESK_YES},
    {.name = "bed", .label = "beds.true_bed", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "from_on",
     .label = "beds.begun_on",
     .kind = DESK_DATE,
     .flags = DESK_REQUIRED | DESK_SHORT},
    {.name = "from_at",
     .label = "beds.begun_at",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .longest = 5},
    {.name = "until_on",
     .label = "beds.ended_on",
     .help = "beds.ended_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "until_at",
     .label = "beds.ended_at",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5},
};
static const struct desk_mapping mappings[] = {{"error.admission.order", "until_on"},
                                               {"error.care.future", "from_on"},
                                               {"error.admission.stay.outside", "from_on"},
                                               {NULL, NULL}};

struct page {
  struct web_request *request;
  struct web_view *view;
  struct desk_form form;
  struct bed bed;
  struct bed *beds;
  struct unit *units;
  struct bed_use use; /* what was entered */
  size_t bed_count, unit_count;
  struct person_names names;
  struct bed_correction correction; /* as the form says */
};

static struct text site_of(const struct page *page)
{
  for (size_t i = 0; i < page->unit_count; i++)
    if (text_equal(page->units[i].id, page->bed.unit_id)) return page->units[i].site_id;
  return TEXT("");
}

static bool load_use(struct store_transaction *transaction, struct page *page,
                     const struct access *access, struct error *error)
{
  struct web_request *request = page->request;
  struct text id = web_parameter_get(request, "use");
  struct bed_use *uses;
  size_t count;
  if (!bed_use_list(transaction, access, request->arena, page->bed.id, 0, BOARD_OPEN, true, &uses,
                    &count, error))
    return false;
  for (size_t i = 0; i < count; i++) {
    if (!text_equal(uses[i].id, id) || uses[i].kind == BED_HOLD) continue;
    page->use = uses[i];
    return bed_page_names(transaction, request, &page->use.person_id, 1, &page->names, error);
  }
  return error_set(error, ERROR_NOT_FOUND, "error.admission.use", "", "no such use of the bed");
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  struct access access, places;
  return bed_page_access(transaction, request, "bed-board", "read", TEXT(""), &access, error) &&
         bed_load(transaction, &access, request->arena, request->captured, &page->bed, error) &&
         bed_list(transaction, &access, request->arena, TEXT(""), &page->beds, &page->bed_count,
                  error) &&
         load_use(transaction, page, &access, error) &&
         access_open_list(transaction, request->application->privacy, request->actor, "site",
                          "read", request->now, &places, error) &&
         unit_list(transaction, &places, request->arena, TEXT(""), &page->units, &page->unit_count,
                   error) &&
         bed_page_at_site(transaction, request, site_of(page), error);
}

/* --- The form ------------------------------------------------------------------------------- */

static void choose_beds(struct page *page)
{
  const struct web_request *request = page->request;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, page->bed_count + 1, sizeof *choices);
  size_t count = 0;
  for (size_t i = 0; i < page->bed_count; i++) {
    const struct bed *bed = &page->beds[i];
    for (size_t at = 0; at < page->unit_count; at++)
      if (text_equal(page->units[at].id, bed->unit_id))
        choices[count++] = (struct desk_choice){bed->id, VIEW_FORMAT(request, "beds.unit_bed",
                                                                     {"unit", page->units[at].name},
                                                                     {"bed", bed->name})};
  }
  desk_form_choices(&page->form, "bed", choices, count);
}

static void set_moment(struct page *page, const char *date, const char *clock, int64_t at)
{
  if (at == 0 || at == BOARD_OPEN) return;
  desk_form_set(&page->form, date, bed_page_date(page->request, at));
  desk_form_set(&page->form, clock, bed_page_clock(page->request, at));
}

static void begin(struct page *page)
{
  DESK_FORM_INIT(&page->form, page->request, fields);
  people_choose(&page->form, "reason", CARE_CORRECTION_REASONS);
  choose_beds(page);
  desk_form_set(&page->form, "use", page->use.id);
  desk_form_set(&page->form, "bed", page->bed.id);
  set_moment(page, "from_on", "from_at", page->use.start_at);
  set_moment(page, "until_on", "until_at", page->use.end_at);
  desk_form_set_version(&page->form, page->use.version);
}

/* A moment that the form shows without its seconds, and nobody changed, is the one that stands. */
static int64_t kept(const struct page *page, int64_t typed, int64_t stands)
{
  struct text a = zone_format(page->request->arena, bed_page_zone(page->request), typed);
  struct text b = zone_format(page->request->arena, bed_page_zone(page->request), stands);
  return text_equal(a, b) ? stands : typed;
}

static bool take(struct page *page)
{
  struct desk_form *form = &page->form;
  struct bed_correction *out = &page->correction;
  if (!desk_form_read(form)) return false;
  bool has_end = desk_form_get(form, "until_on").length || desk_form_get(form, "until_at").length;
  *out = (struct bed_correction){
      .use_id = page->use.id,
      .version = desk_form_version(form),
      .reason = desk_form_get(form, "reason"),
      .without_other = desk_form_has(form, "without_other", TEXT("1")),
      .bed_id = desk_form_get(form, "bed"),
  };
  if (!bed_page_moment(form, "from_on", "from_at", &out->start_at) ||
      (has_end && !bed_page_moment(form, "until_on", "until_at", &out->end_at)))
    return false;
  out->start_at = kept(page, out->start_at, page->use.start_at);
  if (has_end && page->use.end_at) out->end_at = kept(page, out->end_at, page->use.end_at);
  return true;
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  struct bed_correction correction = page->correction; /* it is written into; this may run again */
  struct access access;
  if (!bed_page_access(transaction, request, "bed-board", "write", page->use.person_id, &access,
                       error) ||
      !bed_use_correct(transaction, request->application->beds, &access, request->arena,
                       &correction, error))
    return false;
  desk_redirect(request, page->view, "/desk/beds/%.*s", TEXT_PRINT(request->captured));
  return true;
}

/* --- The page --------------------------------------------------------------------------------- */

static bool show(struct page *page)
{
  const struct web_request *request = page->request;
  struct value *out = page->view->page = value_object(request->arena);
  struct text kind = text_from(bed_kind_name(page->use.kind));
  view_set_text(request, out, "bed_id", page->bed.id);
  view_set_text(request, out, "bed", page->bed.name);
  view_set_text(request, out, "kind", bed_page_label(request, BED_USE_KINDS, kind));
  value_set(out, "from", desk_time(request, page->use.start_at));
  bool is_over = page->use.until_at != BOARD_OPEN;
  view_set_flag(request, out, "is_over", is_over);
  if (is_over) value_set(out, "until", desk_time(request, page->use.until_at));
  people_set_name(request, out, &page->names, page->use.person_id);
  return desk_form_show(&page->form, page->view, "desk/bed_correct");
}

static bool view_bed_correct(struct web_request *request, struct web_view *view,
                             struct error *error)
{
  struct page page = {.request = request, .view = view};
  if (!desk_read(request, load, &page, error)) return false;
  begin(&page);
  if (request->method == WEB_GET || !take(&page)) return show(&page);
  if (desk_write(request, view, save, &page, error)) return true;
  bool is_conflict = error->kind == ERROR_CONFLICT;
  if (!is_conflict && error->kind != ERROR_REFUSED) return false;
  if (!desk_form_take(&page.form, error, mappings))
    desk_form_refuse(&page.form, NULL, error->person);
  show(&page);
  if (is_conflict) view->status = 409;
  return true;
}

const struct web_route desk_bed_correct_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                     .pattern = "/desk/beds/{id}/correct",
                                                     .handler = view_bed_correct,
                                                     .guard = "bed-board",
                                                     .get_act = "write",
                                                     .post_act = "write"},
                                                    {.pattern = NULL}};
