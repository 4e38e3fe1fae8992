/*
 * /desk/settings/beds: rooms and beds of each unit: what a bed is, for whom, what it has; and what
 * a unit sets: places, and how long a bed is made ready. Threads: all state is the request's.
 */
#include <stddef.h>
#include <string.h>

#include "web/desk/bed_pages.h"

enum { NAMES_AT_ONCE = 50, VERSION_STEP = 1 << 20 }; /* beds that one form makes (count) */

static const struct desk_field bed_fields[] = {
    {.name = "where", .label = "beds.where", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "name",
     .label = "beds.bed_name",
     .help = "beds.bed_name_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_BED_NAME},
    {.name = "level_of_care",
     .label = "person.stay_level",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "policy", .label = "beds.policy", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "has", .label = "beds.has", .kind = DESK_CHOICES},
    {.name = "medicines",
     .label = "beds.medicines",
     .help = "beds.medicines_help",
     .kind = DESK_CHOICES},
    {.name = "funding", .label = "beds.funding", .help = "beds.funding_help", .kind = DESK_CHOICES},
    {.name = "closed", .label = "beds.bed_closed", .kind = DESK_YES},
};
static const struct desk_field room_fields[] = {
    {.name = "unit", .label = "settings.unit_name", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "room_name",
     .label = "beds.room_name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_BED_NAME},
    {.name = "room_closed", .label = "beds.room_closed", .kind = DESK_YES},
};
static const struct desk_field unit_fields[] = {
    {.name = "licensed",
     .label = "settings.licensed",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .most = LIMIT_CARE_PLACES},
    {.name = "staffed",
     .label = "settings.staffed",
     .help = "beds.staffed_help",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .most = LIMIT_CARE_PLACES},
    {.name = "cleaning",
     .label = "beds.cleaning",
     .help = "beds.cleaning_help",
     .kind = DESK_NUMBER,
     .flags = DESK_REQUIRED | DESK_SHORT,
     .most = LIMIT_BED_MINUTES},
};
static const struct desk_mapping mappings[] = {{"error.admission.bed.name", "name"},
                                               {"error.admission.room", "where"},
                                               {"error.admission.bed.in-use", "closed"},
                                               {"error.care.code", NULL},
                                               {"error.care.required", NULL},
                                               {"error.care.staffed", "staffed"},
                                               {"error.admission.unit", NULL},
                                               {NULL, NULL}};

/* What a bed has, as boxes: the word of the box, and its place in struct bed. */
static const struct {
  const char *word, *label;
  size_t offset;
} traits[] = {
    {"licensed", "beds.has_license", offsetof(struct bed, licensed)},
    {"staffed", "beds.has_staff", offsetof(struct bed, staffed)},
    {"accessible", "beds.has_access", offsetof(struct bed, accessible)},
    {"accepts-child", "beds.has_child", offsetof(struct bed, accepts_child)},
    {"isolation", "beds.has_isolation", offsetof(struct bed, isolation)},
};
enum { TRAITS = sizeof traits / sizeof *traits };

static bool trait_get(const struct bed *bed, size_t trait)
{
  bool has;
  memcpy(&has, (const char *)bed + traits[trait].offset, sizeof has);
  return has;
}
static void trait_set(struct bed *bed, size_t trait, bool has)
{
  memcpy((char *)bed + traits[trait].offset, &has, sizeof has);
}

enum what { WHAT_BED, WHAT_ROOM, WHAT_UNIT, WHATS };
static const char *const what_words[WHATS] = {"bed", "room", "unit"};

struct page {
  struct web_request *request;
  struct web_view *view;
  struct site *sites;
  struct unit *units;
  struct room *rooms;
  struct bed *beds;
  size_t site_count, unit_count, room_count, bed_count;
  struct desk_form forms[WHATS];
  enum what what; /* what is changed */
  struct bed bed; /* as the form says; without an id: a new one */
  struct room room;
  struct unit unit;
  int64_t cleaning, cleaning_version; /* of the unit */
};

static bool load_page(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  struct arena *arena = request->arena;
  struct text unit_id = web_parameter_get(request, "unit_id");
  struct access access;
  page->unit = (struct unit){.id = TEXT("")};
  if (!access_open_list(transaction, request->application->privacy, request->actor, "site", "read",
                        request->now, &access, error) ||
      !site_list(transaction, &access, arena, &page->sites, &page->site_count, error) ||
      !unit_list(transaction, &access, arena, TEXT(""), &page->units, &page->unit_count, error) ||
      !room_list(transaction, &access, arena, TEXT(""), &page->rooms, &page->room_count, error) ||
      !bed_list(transaction, &access, arena, TEXT(""), &page->beds, &page->bed_count, error))
    return false;
  for (size_t i = 0; i < page->unit_count; i++)
    if (unit_id.length && text_equal(page->units[i].id, unit_id)) page->unit = page->units[i];
  return page->unit.id.length == 0 ||
         bed_unit_cleaning(transaction, request->application->beds, access.program_id, unit_id,
                           &page->cleaning, &page->cleaning_version, error);
}

/* --- Showing ---------------------------------------------------------------------------------- */

static struct text unit_label(const struct page *page, const struct unit *unit)
{
  for (size_t i = 0; i < page->site_count; i++)
    if (text_equal(page->sites[i].id, unit->site_id))
      return text_format(page->request->arena, "%.*s, %.*s", TEXT_PRINT(page->sites[i].name),
                         TEXT_PRINT(unit->name));
  return unit->name;
}

static const struct room *room_of(const struct page *page, struct text id)
{
  for (size_t i = 0; id.length && i < page->room_count; i++)
    if (text_equal(page->rooms[i].id, id)) return &page->rooms[i];
  return NULL;
}

static struct value *fill_bed(const struct page *page, const struct bed *bed)
{
  const struct web_request *request = page->request;
  const struct room *room = room_of(page, bed->room_id);
  struct value *item = value_object(request->arena);
  struct text has = TEXT("");
  view_set_text(request, item, "bed_id", bed->id);
  view_set_text(request, item, "bed", bed->name);
  view_set_text(request, item, "room", room ? room->name : TEXT(""));
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, bed->level_of_care));
  view_set_text(request, item, "policy", bed_page_label(request, BED_POLICIES, bed->policy));
  for (size_t i = 2; i < TRAITS; i++) {
    if (!trait_get(bed, i)) continue;
    struct text words = view_text(request, traits[i].label);
    has = has.length ? text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(has), TEXT_PRINT(words))
                     : words;
  }
  view_set_text(request, item, "has", has);
  view_set_text(request, item, "funding", bed_page_join(request, bed->funding, bed_page_funding));
  view_set_text(request, item, "medicines",
                bed_page_join(request, bed->medicines, bed_page_medicine));
  view_set_flag(request, item, "unlicensed", !bed->licensed);
  view_set_flag(request, item, "unstaffed", !bed->staffed);
  view_set_flag(request, item, "closed", bed->closed_at != 0);
  return item;
}

static struct value *fill_rooms(const struct page *page, struct text unit_id)
{
  const struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->room_count; i++) {
    if (!text_equal(page->rooms[i].unit_id, unit_id)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "room_id", page->rooms[i].id);
    view_set_text(request, item, "room", page->rooms[i].name);
    view_set_flag(request, item, "closed", page->rooms[i].closed_at != 0);
    value_add(list, item);
  }
  return list;
}

static void fill_units(const struct page *page)
{
  const struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->unit_count; i++) {
    const struct unit *unit = &page->units[i];
    struct value *item = value_object(request->arena), *beds = value_list(request->arena);
    struct value *rooms = fill_rooms(page, unit->id);
    for (size_t at = 0; at < page->bed_count; at++)
      if (text_equal(page->beds[at].unit_id, unit->id))
        value_add(beds, fill_bed(page, &page->beds[at]));
    view_set_text(request, item, "unit_id", unit->id);
    view_set_text(request, item, "unit", unit_label(page, unit));
    view_set_text(request, item, "level", people_label(request, CARE_LEVELS, unit->level_of_care));
    view_set_text(request, item, "licensed", view_count(request->arena, unit->licensed));
    view_set_text(request, item, "staffed", view_count(request->arena, unit->staffed));
    value_set(item, "rooms", rooms);
    value_set(item, "beds", beds);
    view_set_flag(request, item, "any_rooms", value_count(rooms) > 0);
    view_set_flag(request, item, "any_beds", value_count(beds) > 0);
    value_add(list, item);
  }
  value_set(page->view->page, "units", list);
  view_set_flag(request, page->view->page, "any", page->unit_count > 0);
  view_set_flag(request, page->view->page, "may_write", desk_may(request, "site", "write"));
}

static bool show(struct page *page)
{
  static const char *const names[WHATS] = {"bed_form", "room_form", "unit_form"};
  struct value *out = page->view->page = value_object(page->request->arena);
  fill_units(page);
  view_set_text(page->request, out, "bed_id", page->bed.id);
  view_set_text(page->request, out, "room_id", page->room.id);
  view_set_text(page->request, out, "unit_id", page->unit.id);
  view_set_text(page->request, out, "unit_name",
                page->unit.id.length ? unit_label(page, &page->unit) : TEXT(""));
  for (size_t i = 0; i < WHATS; i++) {
    desk_form_fill(&page->forms[i], out, names[i]);
    if (page->forms[i].problem_count) page->view->status = 400;
  }
  page->view->template_name = "desk/bed_settings";
  return true;
}

/* --- Forms ---------------------------------------------------------------------------------- */

/* "unit" or "unit/room", so that a bed's room is one of its unit. */
static struct text where_of(struct arena *arena, struct text unit_id, struct text room_id)
{
  return text_format(arena, "%.*s/%.*s", TEXT_PRINT(unit_id), TEXT_PRINT(room_id));
}

static void choose_places(struct page *page, struct desk_form *beds, struct desk_form *rooms)
{
  struct arena *arena = page->request->arena;
  struct desk_choice *where =
      arena_allocate_array(arena, page->unit_count + page->room_count + 1, sizeof *where);
  struct desk_choice *units = arena_allocate_array(arena, page->unit_count + 1, sizeof *units);
  size_t count = 0;
  for (size_t i = 0; i < page->unit_count; i++) {
    const struct unit *unit = &page->units[i];
    struct text label = unit_label(page, unit);
    units[i] = (struct desk_choice){unit->id, label};
    where[count++] = (struct desk_choice){where_of(arena, unit->id, TEXT("")), label};
    for (size_t at = 0; at < page->room_count; at++) {
      const struct room *room = &page->rooms[at];
      if (!text_equal(room->unit_id, unit->id) || room->closed_at) continue;
      where[count++] = (struct desk_choice){
          where_of(arena, unit->id, room->id),
          VIEW_FORMAT(page->request, "beds.unit_room", {"unit", label}, {"room", room->name})};
    }
  }
  desk_form_choices(beds, "where", where, count);
  desk_form_choices(rooms, "unit", units, page->unit_count);
  if (count == 1) desk_form_set(beds, "where", where[0].value);
  if (page->unit_count == 1) desk_form_set(rooms, "unit", units[0].value);
}

static void set_all(struct desk_form *form, const char *field, struct text codes)
{
  struct text each;
  while (text_word_next(&codes, &each)) desk_form_set(form, field, each);
}

static void begin_bed(struct page *page, struct desk_form *form)
{
  const struct web_request *request = page->request;
  struct text id = web_parameter_get(request, "bed_id");
  struct desk_choice *has = arena_allocate_array(request->arena, TRAITS, sizeof *has);
  for (size_t i = 0; i < TRAITS; i++)
    has[i] = (struct desk_choice){text_from(traits[i].word), view_text(request, traits[i].label)};
  desk_form_choices(form, "has", has, TRAITS);
  people_choose(form, "level_of_care", CARE_LEVELS);
  bed_page_choose(form, "policy", BED_POLICIES, NULL);
  bed_page_choose_medicines(form, "medicines");
  bed_page_choose_funding(form, "funding");
  for (size_t i = 0; id.length && i < page->bed_count; i++)
    if (text_equal(page->beds[i].id, id)) page->bed = page->beds[i];
  if (page->bed.id.length == 0) { /* a new one is what most are */
    page->bed = (struct bed){.id = TEXT(""), .licensed = true, .staffed = true};
    desk_form_set(form, "policy", TEXT("any"));
  } else {
    desk_form_set(form, "where", where_of(request->arena, page->bed.unit_id, page->bed.room_id));
    desk_form_set(form, "name", page->bed.name);
    desk_form_set(form, "level_of_care", page->bed.level_of_care);
    desk_form_set(form, "policy", page->bed.policy);
    set_all(form, "medicines", page->bed.medicines);
    set_all(form, "funding", page->bed.funding);
    if (page->bed.closed_at) desk_form_set(form, "closed", TEXT("1"));
    desk_form_set_version(form, page->bed.version);
  }
  for (size_t i = 0; i < TRAITS; i++)
    if (trait_get(&page->bed, i)) desk_form_set(form, "has", text_from(traits[i].word));
}

static void begin_room(struct page *page, struct desk_form *form)
{
  struct text id = web_parameter_get(page->request, "room_id");
  const struct room *room = room_of(page, id);
  page->room = (struct room){.id = TEXT("")};
  if (!room) return;
  page->room = *room;
  desk_form_set(form, "unit", room->unit_id);
  desk_form_set(form, "room_name", room->name);
  if (room->closed_at) desk_form_set(form, "room_closed", TEXT("1"));
  desk_form_set_version(form, room->version);
}

/* Two rows stand behind the form of a unit: both versions, in one number's place each. */
static void begin_unit(struct page *page, struct desk_form *form)
{
  struct arena *arena = page->request->arena;
  if (page->unit.id.length == 0) return;
  desk_form_set(form, "licensed", text_format(arena, "%lld", (long long)page->unit.licensed));
  desk_form_set(form, "staffed", text_format(arena, "%lld", (long long)page->unit.staffed));
  desk_form_set(form, "cleaning", text_format(arena, "%lld", (long long)page->cleaning));
  desk_form_set_version(form, page->unit.version * VERSION_STEP + page->cleaning_version);
}

static void begin(struct page *page, struct desk_form forms[WHATS])
{
  DESK_FORM_INIT(&forms[WHAT_BED], page->request, bed_fields);
  DESK_FORM_INIT(&forms[WHAT_ROOM], page->request, room_fields);
  DESK_FORM_INIT(&forms[WHAT_UNIT], page->request, unit_fields);
  choose_places(page, &forms[WHAT_BED], &forms[WHAT_ROOM]);
  begin_bed(page, &forms[WHAT_BED]);
  begin_room(page, &forms[WHAT_ROOM]);
  begin_unit(page, &forms[WHAT_UNIT]);
}

static struct text join_all(const struct desk_form *form, const char *field)
{
  const struct text *all;
  size_t count = desk_form_all(form, field, &all);
  struct text out = TEXT("");
  for (size_t i = 0; i < count; i++)
    out = i ? text_format(form->request->arena, "%.*s %.*s", TEXT_PRINT(out), TEXT_PRINT(all[i]))
            : all[i];
  return out;
}

static void take_bed(const struct desk_form *form, struct bed *bed)
{
  struct text where = desk_form_get(form, "where");
  size_t slash = text_find(where, TEXT("/"));
  bed->unit_id = text_slice(where, 0, slash);
  bed->room_id = text_slice(where, slash + 1, where.length);
  bed->name = desk_form_get(form, "name");
  bed->level_of_care = desk_form_get(form, "level_of_care");
  bed->policy = desk_form_get(form, "policy");
  bed->medicines = join_all(form, "medicines");
  bed->funding = join_all(form, "funding");
  for (size_t i = 0; i < TRAITS; i++)
    trait_set(bed, i, desk_form_has(form, "has", text_from(traits[i].word)));
  bool is_closed = desk_form_has(form, "closed", TEXT("1"));
  if (!is_closed) bed->closed_at = 0;
  else if (!bed->closed_at) bed->closed_at = form->request->now;
  if (bed->id.length) bed->version = desk_form_version(form);
}

static bool take(struct page *page)
{
  struct desk_form *form = &page->forms[page->what];
  if (!desk_form_read(form)) return false;
  if (page->what == WHAT_BED) {
    take_bed(form, &page->bed);
  } else if (page->what == WHAT_ROOM) {
    bool is_closed = desk_form_has(form, "room_closed", TEXT("1"));
    page->room.unit_id = desk_form_get(form, "unit");
    page->room.name = desk_form_get(form, "room_name");
    page->room.closed_at = !is_closed             ? 0
                           : page->room.closed_at ? page->room.closed_at
                                                  : page->request->now;
    if (page->room.id.length) page->room.version = desk_form_version(form);
  } else {
    int64_t both = desk_form_version(form);
    page->unit.licensed = desk_form_number(form, "licensed", 0);
    page->unit.staffed = desk_form_number(form, "staffed", 0);
    page->cleaning = desk_form_number(form, "cleaning", 0);
    page->unit.version = both / VERSION_STEP;
    page->cleaning_version = both % VERSION_STEP;
  }
  return true;
}

/* --- Writing -------------------------------------------------------------------------------- */

/* "1, 2, 3" makes three beds that are alike. */
static bool make_beds(struct store_transaction *transaction, const struct page *page,
                      const struct access *access, struct error *error)
{
  const struct beds *beds = page->request->application->beds;
  struct text rest = page->bed.name;
  for (size_t made = 0; rest.length; made++) {
    size_t comma = text_find(rest, TEXT(","));
    struct bed bed = page->bed;
    bed.name = text_trim(text_slice(rest, 0, comma));
    rest = comma < rest.length ? text_trim(text_slice(rest, comma + 1, rest.length)) : TEXT("");
    if (made == NAMES_AT_ONCE)
      return error_set(error, ERROR_REFUSED, "beds.too_many", "", "too many names in one form");
    if (!bed_create(transaction, beds, access, page->request->arena, &bed, error)) return false;
  }
  return true;
}

static bool save_unit(struct store_transaction *transaction, const struct page *page,
                      const struct access *access, struct error *error)
{
  struct unit unit = page->unit; /* saving writes into it, and this may run again */
  return unit_save(transaction, page->request->application->records, access, &unit, error) &&
         bed_unit_save(transaction, page->request->application->beds, access, unit.id,
                       page->cleaning, page->cleaning_version, error);
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  const struct beds *beds = request->application->beds;
  struct arena *arena = request->arena;
  struct room room = page->room;
  struct bed bed = page->bed;
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "site", "write",
                        request->now, &access, error))
    return false;
  bool is_done =
      page->what == WHAT_UNIT ? save_unit(transaction, page, &access, error)
      : page->what == WHAT_ROOM
          ? (room.id.length ? room_save(transaction, beds, &access, &room, error)
                            : room_create(transaction, beds, &access, arena, &room, error))
      : bed.id.length ? bed_save(transaction, beds, &access, arena, &bed, error)
                      : make_beds(transaction, page, &access, error);
  if (is_done) desk_redirect(request, page->view, "/desk/settings/beds");
  return is_done;
}

/* Somebody was faster: what stands now beside what was typed. A bed that is in use is no such. */
static bool show_conflict(struct page *page, struct error *error)
{
  struct page stands = *page;
  struct desk_form now[WHATS];
  if (strcmp(error->person, "error.care.stale") != 0)
    return desk_form_take(&page->forms[page->what], error, mappings) && show(page);
  error_clear(error);
  stands.bed = (struct bed){.id = TEXT("")};
  if (!desk_read(page->request, load_page, &stands, error)) return false;
  begin(&stands, now);
  desk_form_conflict(&page->forms[page->what], &now[page->what]);
  show(page);
  page->view->status = 409;
  return true;
}

static bool view_bed_settings(struct web_request *request, struct web_view *view,
                              struct error *error)
{
  struct page page = {.request = request, .view = view, .bed = {.id = TEXT("")}};
  struct text act = web_parameter_get(request, "act");
  for (size_t i = 0; i < WHATS; i++)
    if (text_equal(act, text_from(what_words[i]))) page.what = (enum what)i;
  if (!desk_read(request, load_page, &page, error)) return false;
  begin(&page, page.forms);
  if (request->method == WEB_GET) return show(&page);
  if (page.what == WHAT_UNIT && page.unit.id.length == 0)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such unit");
  if (!take(&page)) return show(&page);
  if (desk_write(request, view, save, &page, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(&page, error);
  if (error->kind != ERROR_REFUSED) return false;
  struct desk_form *form = &page.forms[page.what];
  if (!desk_form_take(form, error, mappings)) desk_form_refuse(form, NULL, error->person);
  return show(&page);
}

const struct web_route desk_bed_settings_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                      .pattern = "/desk/settings/beds",
                                                      .handler = view_bed_settings,
                                                      .guard = "site",
                                                      .get_act = "read",
                                                      .post_act = "write"},
                                                     {.pattern = NULL}};
