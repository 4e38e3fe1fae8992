/*
 * Board_page: loading the board for a page and saying it in words. See board_page.h.
 */
#include "web/desk/board_page.h"

#include <stdlib.h>
#include <string.h>

static const int64_t hour = INT64_C(3600) * 1000000;

/* --- Which days ------------------------------------------------------------------------------- */

static struct text date_of_days(struct arena *arena, int64_t days)
{
  return time_format_date(arena, days * 24 * hour);
}

static int64_t days_of_date(struct text date)
{
  int year, month, day;
  return time_read_date(date, &year, &month, &day) ? time_days_from_date(year, month, day) : 0;
}

/* A time of day on a date, at the site. */
static int64_t moment_on(const struct zone *zone, struct text date, int at_hour, int at_minute)
{
  struct zone_time local = {.hour = at_hour, .minute = at_minute};
  int64_t first, second;
  (void)time_read_date(date, &local.year, &local.month, &local.day);
  (void)zone_instant(zone, &local, &first, &second);
  return first;
}

/* The day and time that are asked for; what is none is today, now. */
static void set_moment(struct board_page *page)
{
  struct web_request *request = page->request;
  const struct zone *zone = bed_page_zone(request);
  struct text now = bed_page_clock(request, request->now);
  int year, month, day, at_hour = 12, at_minute = 0;
  page->today = bed_page_date(request, request->now);
  page->day = web_parameter_get(request, "day");
  page->clock = web_parameter_get(request, "clock");
  if (!time_read_date(page->day, &year, &month, &day)) page->day = page->today;
  bool has_clock = bed_page_read_clock(page->clock, &at_hour, &at_minute);
  bool is_today = text_equal(page->day, page->today);
  if (!has_clock) page->clock = is_today ? TEXT("") : TEXT("12:00");
  page->moment = (struct board_moment){.now = request->now, .at = request->now};
  if (page->clock.length) page->moment.at = moment_on(zone, page->day, at_hour, at_minute);
  page->moment.planned = page->moment.at > request->now;
  if (!has_clock) (void)bed_page_read_clock(now, &at_hour, &at_minute);
  if (page->clock.length && !has_clock) at_hour = 12, at_minute = 0;
  int64_t first = days_of_date(page->day);
  for (int i = 0; i < BOARD_DAYS; i++) {
    page->days[i] = date_of_days(request->arena, first + i);
    page->day_moments[i] = moment_on(zone, page->days[i], at_hour, at_minute);
  }
  if (!page->clock.length) page->day_moments[0] = request->now;
}

/* Each day in parts: of 23 and 25 hours, too. */
static void set_edges(struct board_page *page)
{
  const struct zone *zone = bed_page_zone(page->request);
  int64_t first = days_of_date(page->day);
  for (int i = 0; i < BOARD_DAYS; i++) {
    int64_t begin = 0, end = 0;
    (void)zone_day_begin(zone, page->days[i], &begin);
    (void)zone_day_begin(zone, date_of_days(page->request->arena, first + i + 1), &end);
    for (int part = 0; part < BOARD_PARTS; part++)
      page->edges[i * BOARD_PARTS + part] = begin + (end - begin) / BOARD_PARTS * part;
    page->edges[(i + 1) * BOARD_PARTS] = end;
  }
}

/* --- Loading ---------------------------------------------------------------------------------- */

static bool load_sites(struct store_transaction *transaction, struct board_page *page,
                       struct error *error)
{
  struct web_request *request = page->request;
  struct access access;
  if (!desk_may(request, "site", "read")) return true;
  return access_open_list(transaction, request->application->privacy, request->actor, "site",
                          "read", request->now, &access, error) &&
         site_list(transaction, &access, request->arena, &page->sites, &page->site_count, error);
}

static bool has_site(const struct board_page *page, struct text id)
{
  for (size_t i = 0; i < page->site_count; i++)
    if (text_equal(page->sites[i].id, id)) return true;
  return false;
}

/* Those in care whom the board shows: in a bed, expected, or without one. */
static bool load_names(struct store_transaction *transaction, struct board_page *page,
                       const struct access *access, struct error *error)
{
  const struct board *board = &page->board;
  struct arena *arena = page->request->arena;
  size_t count = 0, shown = 0;
  struct text *ids =
      arena_allocate_array(arena, board->use_count + page->bedless_count + 1, sizeof *ids);
  if (page->request_id.length || page->stay_id.length) return true; /* it shows no other person */
  for (size_t i = 0; i < board->use_count; i++)
    if (page->rows[board->uses[i].bed] && board->uses[i].person_id.length)
      ids[count++] = board->uses[i].person_id;
  for (size_t i = 0; i < page->bedless_count; i++) ids[count++] = page->bedless[i].person_id;
  if (!bed_page_names(transaction, page->request, ids, count, &page->names, error)) return false;
  for (size_t i = 0; i < page->names.count; i++)
    if (page->names.items[i].is_seen) ids[shown++] = page->names.items[i].id;
  page->shown = (struct actor_noted){ids, shown};
  for (size_t from = 0; from < shown; from += LIMIT_PERSON_SHOWN) {
    size_t some = shown - from < LIMIT_PERSON_SHOWN ? shown - from : LIMIT_PERSON_SHOWN;
    if (!access_shown(transaction, access, ids + from, some, error)) return false;
  }
  return true;
}

static void compute(struct board_page *page)
{
  struct arena *arena = page->request->arena;
  const struct board *board = &page->board;
  struct board_place *scratch = arena_allocate_array(arena, board->bed_count + 1, sizeof *scratch);
  page->places = arena_allocate_array(arena, board->bed_count + 1, sizeof *page->places);
  page->counts = arena_allocate_array(arena, board->unit_count + 1, sizeof *page->counts);
  page->forecast =
      arena_allocate_array(arena, board->unit_count * BOARD_DAYS + 1, sizeof *page->forecast);
  board_at(board, &page->moment, page->places, page->counts);
  board_forecast(board, &page->moment, page->day_moments, BOARD_DAYS, scratch, page->forecast);
}

static bool load_page(struct store_transaction *transaction, struct board_page *page,
                      struct error *error)
{
  struct web_request *request = page->request;
  const struct beds *beds = request->application->beds;
  struct board_query query = {.unit_id = web_parameter_get(request, "unit"), .until = BOARD_OPEN};
  struct access access;
  page->site_id = web_parameter_get(request, "site");
  page->unit_id = query.unit_id;
  page->level = web_parameter_get(request, "level");
  page->only_free = text_equal(web_parameter_get(request, "free"), TEXT("1"));
  page->request_id = web_parameter_get(request, "request");
  page->stay_id = web_parameter_get(request, "stay");
  page->fit = NULL;
  page->payer = (struct board_payer){.choice = TEXT("")};
  page->names = (struct person_names){.count = 0};
  if (!access_open_list(transaction, request->application->privacy, request->actor, "bed-board",
                        "read", request->now, &access, error) ||
      !load_sites(transaction, page, error))
    return false;
  if (!has_site(page, page->site_id)) page->site_id = TEXT("");
  if (page->site_id.length && !bed_page_at_site(transaction, request, page->site_id, error))
    return false;
  set_moment(page);
  set_edges(page);
  query.site_id = page->site_id;
  query.from = page->edges[0] < page->moment.at ? page->edges[0] : page->moment.at;
  if (!board_window(transaction, beds, access.program_id, &page->moment.window, error) ||
      !board_load(transaction, beds, &access, request->arena, &query, &page->board, error) ||
      !bedless_list(transaction, &access, request->arena, &page->bedless, &page->bedless_count,
                    error))
    return false;
  compute(page);
  board_rows_choose(page);
  if (!load_names(transaction, page, &access, error)) return false;
  return (page->request_id.length == 0 && page->stay_id.length == 0) ||
         board_fit_load(transaction, page, error);
}

static bool has_new(const struct actor_noted *noted, const struct actor_noted *shown)
{
  size_t at = 0;
  for (size_t i = 0; i < shown->count; i++) {
    while (at < noted->count && text_compare(noted->ids[at], shown->ids[i]) < 0) at++;
    if (at == noted->count || !text_equal(noted->ids[at], shown->ids[i])) return true;
  }
  return false;
}

bool board_page_load(struct store_transaction *transaction, struct board_page *page,
                     struct error *error)
{
  struct web_request *request = page->request;
  struct actor *actor = request->actor;
  struct actor_noted noted = {.count = 0};
  bool is_open = false;
  page->shown = (struct actor_noted){.count = 0};
  if (page->is_again &&
      !board_watch_load(transaction, actor, request->arena, request->now, &noted, &is_open, error))
    return false;
  if (is_open) actor->noted = &noted;
  bool is_loaded = load_page(transaction, page, error);
  actor->noted = NULL;
  if (!is_loaded || (is_open && !has_new(&noted, &page->shown))) return is_loaded;
  return board_watch_add(transaction, actor, request->arena, request->now, &noted, &page->shown,
                         error);
}

/* --- Words ---------------------------------------------------------------------------------- */

struct text board_page_why(const struct web_request *request, unsigned why)
{
  struct text out = TEXT("");
  for (size_t i = 0; i < BED_WHYS; i++) {
    if (!(why & (1U << i))) continue;
    struct text word =
        view_text(request, text_format(request->arena, "bed-why.%s", bed_why_name(i)).at);
    out = out.length ? text_format(request->arena, "%.*s; %.*s", TEXT_PRINT(out), TEXT_PRINT(word))
                     : word;
  }
  return out;
}

/* "Tue 24". */
static struct text day_label(const struct web_request *request, struct text date)
{
  int64_t weekday = (days_of_date(date) + 4) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */
  const char *key = text_format(request->arena, "beds.weekday.%lld", (long long)weekday).at;
  struct text number = text_slice(date, sizeof "YYYY-MM-" - 1, date.length);
  if (text_starts_with(number, TEXT("0"))) number = text_slice(number, 1, number.length);
  return VIEW_FORMAT(request, "beds.day", {"weekday", view_text(request, key)}, {"day", number});
}

struct value *board_page_when(const struct web_request *request, int64_t microseconds)
{
  struct value *out = desk_time(request, microseconds);
  struct text date = bed_page_date(request, microseconds);
  struct text clock = bed_page_clock(request, microseconds);
  int64_t away = days_of_date(date) - days_of_date(bed_page_date(request, request->now));
  if (away == 0) view_set_text(request, out, "shown", clock);
  else if (away > -BOARD_DAYS && away < 2 * BOARD_DAYS)
    view_set_text(
        request, out, "shown",
        VIEW_FORMAT(request, "beds.when", {"day", day_label(request, date)}, {"clock", clock}));
  return out;
}

enum { BOARD_NEEDS = 7 }; /* parts of an address that say what somebody needs, at its end */

struct text board_page_query(const struct board_page *page, struct text day, struct text clock)
{
  const struct web_request *request = page->request;
  struct text asked = web_parameter_get(request, "asked");
  struct text number =
      page->number > 1 ? text_format(request->arena, "%zu", page->number) : TEXT("");
  const struct {
    const char *name;
    struct text value;
  } parts[] = {{"day", day},
               {"clock", clock},
               {"site", page->site_id},
               {"unit", page->unit_id},
               {"level", page->level},
               {"free", page->only_free ? TEXT("1") : TEXT("")},
               {"request", page->request_id},
               {"stay", page->stay_id},
               {"page", number},
               {"asked", asked},
               {"group", web_parameter_get(request, "group")},
               {"medicine", web_parameter_get(request, "medicine")},
               {"funding", page->payer.choice},
               {"child", web_parameter_get(request, "child")},
               {"access", web_parameter_get(request, "access")},
               {"isolation", web_parameter_get(request, "isolation")}};
  size_t count = sizeof parts / sizeof *parts - (asked.length ? 0 : BOARD_NEEDS);
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_HTTP_TARGET);
  for (size_t i = 0; i < count; i++) {
    if (parts[i].value.length == 0) continue;
    text_buffer_add_character(&out, out.length ? '&' : '?');
    text_buffer_add(&out, text_from(parts[i].name));
    text_buffer_add_character(&out, '=');
    view_encode(parts[i].value, &out);
  }
  struct text query = text_copy(request->arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return query;
}

/* Who has a use of a bed: a person by name, a request without a record, or nobody. */
static void set_whom(const struct board_page *page, struct value *item, const struct board_use *use)
{
  const struct web_request *request = page->request;
  people_set_name(request, item, &page->names, use ? use->person_id : TEXT(""));
  bool is_request = use && use->person_id.length == 0 && use->request_id.length > 0;
  view_set_text(request, item, "request_id", is_request ? use->request_id : TEXT(""));
}

static void set_moment_of(const struct web_request *request, struct value *item, const char *flag,
                          const char *name, int64_t at)
{
  view_set_flag(request, item, flag, at > 0 && at != BOARD_OPEN);
  if (at > 0 && at != BOARD_OPEN) value_set(item, name, board_page_when(request, at));
}

/* What the bed is at the moment. */
static void fill_place(const struct board_page *page, struct value *item,
                       const struct board_place *place)
{
  const struct web_request *request = page->request;
  const struct board_use *use = place->use;
  bool is_leave = use && place->state == BED_STATE_LEAVE;
  struct text detail = TEXT("");
  if (use && use->kind == BED_HOLD)
    detail = bed_page_label(request, BED_HOLD_KINDS, use->hold_kind);
  if (use && (is_leave || use->kind == BED_BLOCKED))
    detail = bed_page_label(request, BED_REASONS, use->reason);
  int64_t until = use && place->state != BED_STATE_OCCUPIED ? use->until_at : 0;
  if (is_leave) until = use->expected_at;
  view_set_text(request, item, "state", text_from(bed_state_name(place->state)));
  view_set_text(
      request, item, "state_label",
      view_text(request,
                text_format(request->arena, "bed-state.%s", bed_state_name(place->state)).at));
  view_set_text(request, item, "detail", detail);
  set_moment_of(request, item, "has_until", "until", until);
  bool is_overdue = use && use->planned_end_at && use->planned_end_at <= page->moment.now &&
                    place->state == BED_STATE_OCCUPIED;
  set_moment_of(request, item, "has_plan", "plan",
                use && place->state == BED_STATE_OCCUPIED ? use->planned_end_at : 0);
  view_set_flag(request, item, "is_overdue", is_overdue);
  unsigned own = place->why & ~((unsigned)BED_WHY_USED | (unsigned)BED_WHY_CLOSED);
  view_set_text(request, item, "why",
                board_page_why(request, use ? own & ~(unsigned)BED_WHY_UNIT_FULL : own));
  view_set_flag(request, item, "offered", place->why == 0);
  set_whom(page, item, use);
}

/* The person's use that comes next, behind the moment. */
static void fill_next(const struct board_page *page, struct value *item, size_t from, size_t to)
{
  const struct web_request *request = page->request;
  const struct board_use *next = NULL;
  for (size_t i = from; i < to && !next; i++)
    if (page->board.uses[i].start_at > page->moment.at && page->board.uses[i].kind != BED_CLEANING)
      next = &page->board.uses[i];
  view_set_flag(request, item, "has_next", next != NULL);
  if (!next) return;
  struct value *out = value_object(request->arena);
  int64_t at = next->kind == BED_HOLD && next->expected_at ? next->expected_at : next->start_at;
  view_set_text(request, out, "kind",
                bed_page_label(request, BED_USE_KINDS, text_from(bed_kind_name(next->kind))));
  value_set(out, "at", board_page_when(request, at));
  set_whom(page, out, next);
  value_set(item, "next", out);
}

/* The line of days. */
static struct value *fill_strip(const struct board_page *page, size_t bed, size_t from, size_t to)
{
  const struct web_request *request = page->request;
  struct board_run runs[BOARD_SLOTS];
  struct board_moment moment = page->moment;
  moment.planned = true;
  struct value *list = value_list(request->arena);
  size_t count = board_strip(&page->board, bed, from, to, &moment, page->edges, BOARD_SLOTS, runs);
  for (size_t i = 0; i < count; i++) {
    struct value *item = value_object(request->arena);
    const char *state = bed_state_name(runs[i].state);
    value_set(item, "span", value_integer(request->arena, (int64_t)runs[i].slots));
    view_set_text(request, item, "state", text_from(state));
    view_set_text(request, item, "state_label",
                  view_text(request, text_format(request->arena, "bed-state.%s", state).at));
    view_set_flag(request, item, "is_planned", runs[i].is_planned);
    view_set_flag(request, item, "is_free", runs[i].state == BED_STATE_FREE);
    bool is_person = runs[i].use && runs[i].state != BED_STATE_CLEANING;
    set_whom(page, item, is_person ? runs[i].use : NULL);
    value_add(list, item);
  }
  return list;
}

static void add_trait(const struct web_request *request, struct text *out, bool has,
                      const char *key)
{
  if (!has) return;
  struct text word = view_text(request, key);
  *out = out->length ? text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(*out), TEXT_PRINT(word))
                     : word;
}

static struct value *fill_bed(const struct board_page *page, size_t index, size_t from, size_t to)
{
  const struct web_request *request = page->request;
  const struct board_bed *bed = &page->board.beds[index];
  struct value *item = value_object(request->arena);
  struct text traits = TEXT("");
  if (!text_equal(bed->policy, TEXT("any")))
    traits = bed_page_label(request, BED_POLICIES, bed->policy);
  if (!text_equal(bed->level_of_care, page->board.units[bed->unit].level_of_care)) {
    struct text level = people_label(request, CARE_LEVELS, bed->level_of_care);
    traits = traits.length
                 ? text_format(request->arena, "%.*s, %.*s", TEXT_PRINT(traits), TEXT_PRINT(level))
                 : level;
  }
  add_trait(request, &traits, bed->accessible, "beds.has_access");
  add_trait(request, &traits, bed->accepts_child, "beds.has_child");
  add_trait(request, &traits, bed->isolation, "beds.has_isolation");
  view_set_text(request, item, "bed_id", bed->id);
  view_set_text(request, item, "bed", bed->name);
  view_set_text(request, item, "room", bed->room_name);
  view_set_text(request, item, "traits", traits);
  fill_place(page, item, &page->places[index]);
  fill_next(page, item, from, to);
  value_set(item, "strip", fill_strip(page, index, from, to));
  return item;
}

/* --- Units ---------------------------------------------------------------------------------- */

static struct text site_name(const struct board_page *page, struct text id)
{
  for (size_t i = 0; i < page->site_count; i++)
    if (text_equal(page->sites[i].id, id)) return page->sites[i].name;
  return TEXT("");
}

/* How many beds are what, without those that none is. */
static struct value *fill_counts(const struct board_page *page, const struct board_count *count)
{
  const struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (int state = 0; state < BED_STATES; state++) {
    if (count->states[state] == 0) continue;
    struct value *item = value_object(request->arena);
    const char *name = bed_state_name((enum bed_state)state);
    view_set_text(request, item, "state", text_from(name));
    view_set_text(request, item, "label",
                  view_text(request, text_format(request->arena, "bed-state.%s", name).at));
    view_set_text(request, item, "number",
                  view_count(request->arena, (int64_t)count->states[state]));
    value_add(list, item);
  }
  return list;
}

static struct value *fill_unit(const struct board_page *page, size_t index)
{
  const struct web_request *request = page->request;
  const struct board_unit *unit = &page->board.units[index];
  const struct board_count *count = &page->counts[index];
  struct value *item = value_object(request->arena), *days = value_list(request->arena);
  view_set_text(request, item, "unit_id", unit->id);
  view_set_text(request, item, "unit", unit->name);
  view_set_text(request, item, "site", site_name(page, unit->site_id));
  view_set_text(request, item, "level", people_label(request, CARE_LEVELS, unit->level_of_care));
  view_set_text(request, item, "offerable", view_count(request->arena, (int64_t)count->offerable));
  view_set_text(request, item, "in_use", view_count(request->arena, (int64_t)count->in_use));
  view_set_text(request, item, "cap", view_count(request->arena, (int64_t)count->cap));
  view_set_flag(request, item, "is_full", count->in_use >= count->cap);
  value_set(item, "counts", fill_counts(page, count));
  for (size_t i = 0; i < BOARD_DAYS; i++) {
    struct value *day = value_object(request->arena);
    view_set_text(request, day, "label", day_label(request, page->days[i]));
    view_set_text(
        request, day, "number",
        view_count(request->arena,
                   (int64_t)page->forecast[i * page->board.unit_count + index].offerable));
    value_add(days, day);
  }
  value_set(item, "forecast", days);
  return item;
}

static void fill_units(const struct board_page *page)
{
  const struct board *board = &page->board;
  struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  bool is_asked = page->only_free || page->level.length || page->row_count > LIMIT_BOARD_ROWS;
  size_t bed = 0, use = 0;
  for (size_t i = 0; i < board->unit_count; i++) {
    struct value *unit = fill_unit(page, i), *beds = value_list(request->arena);
    for (; bed < board->bed_count && board->beds[bed].unit == i; bed++) {
      size_t from = use;
      while (use < board->use_count && board->uses[use].bed == bed) use++;
      if (page->rows[bed]) value_add(beds, fill_bed(page, bed, from, use));
    }
    value_set(unit, "beds", beds);
    view_set_flag(request, unit, "any_beds", value_count(beds) > 0);
    if (page->counts[i].beds && (value_count(beds) > 0 || !is_asked)) value_add(list, unit);
  }
  value_set(page->view->page, "units", list);
  view_set_flag(request, page->view->page, "any", value_count(list) > 0);
  view_set_flag(request, page->view->page, "any_bed", board->bed_count > 0);
  board_rows_fill(page, page->row_from, page->row_until, page->row_count);
}

/* --- Around the board ------------------------------------------------------------------------- */

static void add_option(const struct web_request *request, struct value *list, struct text value,
                       struct text label, struct text chosen)
{
  struct value *option = value_object(request->arena);
  view_set_text(request, option, "value", value);
  view_set_text(request, option, "label", label);
  view_set_flag(request, option, "chosen", text_equal(value, chosen));
  value_add(list, option);
}

static void fill_filters(const struct board_page *page)
{
  const struct web_request *request = page->request;
  struct value *out = page->view->page, *sites = value_list(request->arena);
  struct value *units = value_list(request->arena), *levels = value_list(request->arena);
  const struct care *care = request->application->records;
  for (size_t i = 0; i < page->site_count; i++)
    add_option(request, sites, page->sites[i].id, page->sites[i].name, page->site_id);
  for (size_t i = 0; i < page->board.unit_count; i++)
    if (page->counts[i].beds || page->unit_id.length)
      add_option(request, units, page->board.units[i].id, page->board.units[i].name, page->unit_id);
  for (size_t i = 0; i < care_code_count(care, CARE_LEVELS); i++) {
    struct text level = care_code(care, CARE_LEVELS, i);
    bool is_there = text_equal(level, page->level);
    for (size_t at = 0; at < page->board.bed_count && !is_there; at++)
      is_there = text_equal(page->board.beds[at].level_of_care, level);
    if (is_there)
      add_option(request, levels, level, people_label(request, CARE_LEVELS, level), page->level);
  }
  value_set(out, "sites", sites);
  value_set(out, "levels", levels);
  value_set(out, "unit_options", units);
  view_set_flag(request, out, "many_sites", page->site_count > 1);
  view_set_flag(request, out, "many_units", value_count(units) > 1 || page->unit_id.length > 0);
  view_set_flag(request, out, "many_levels", value_count(levels) > 1);
  view_set_flag(request, out, "only_free", page->only_free);
}

static void fill_days(const struct board_page *page)
{
  const struct web_request *request = page->request;
  struct arena *arena = request->arena;
  struct value *out = page->view->page, *days = value_list(arena);
  int64_t first = days_of_date(page->day);
  for (int i = 0; i < BOARD_DAYS; i++) {
    struct value *day = value_object(arena);
    view_set_text(request, day, "label", day_label(request, page->days[i]));
    view_set_text(request, day, "date", view_date(request, page->days[i]));
    view_set_flag(request, day, "is_today", text_equal(page->days[i], page->today));
    view_set_text(
        request, day, "query",
        board_page_query(page, page->days[i],
                         text_equal(page->days[i], page->today) ? TEXT("") : page->clock));
    value_add(days, day);
  }
  value_set(out, "days", days);
  view_set_text(request, out, "day", page->day);
  view_set_text(request, out, "clock", page->clock);
  view_set_text(request, out, "before",
                board_page_query(page, date_of_days(arena, first - BOARD_DAYS), page->clock));
  view_set_text(request, out, "behind",
                board_page_query(page, date_of_days(arena, first + BOARD_DAYS), page->clock));
  view_set_text(request, out, "now_query", board_page_query(page, TEXT(""), TEXT("")));
  view_set_text(request, out, "query",
                board_page_query(page, web_parameter_get(request, "day"), page->clock));
  view_set_flag(request, out, "is_now", page->clock.length == 0);
  view_set_flag(request, out, "is_past", page->moment.at < page->moment.now);
  view_set_flag(request, out, "is_plan", page->moment.planned);
  value_set(out, "when", desk_time(request, page->moment.at));
}

static void fill_bedless(const struct board_page *page)
{
  const struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->bedless_count; i++) {
    const struct bedless *one = &page->bedless[i];
    if (page->site_id.length && !text_equal(page->site_id, one->site_id)) continue;
    if (page->level.length && !text_equal(page->level, one->level_of_care)) continue;
    struct value *item = value_object(request->arena);
    people_set_name(request, item, &page->names, one->person_id);
    view_set_text(request, item, "stay_id", one->episode_id);
    view_set_text(request, item, "level", people_label(request, CARE_LEVELS, one->level_of_care));
    view_set_text(request, item, "site", site_name(page, one->site_id));
    value_set(item, "since", board_page_when(request, one->since_at));
    value_add(list, item);
  }
  value_set(page->view->page, "bedless", list);
  view_set_flag(request, page->view->page, "any_bedless", value_count(list) > 0);
}

void board_page_fill(struct board_page *page)
{
  struct web_request *request = page->request;
  struct value *out = page->view->page = value_object(request->arena);
  view_set_flag(request, out, "may_write", desk_may(request, "bed-board", "write"));
  view_set_flag(request, out, "may_set", desk_may(request, "site", "write"));
  view_set_text(request, out, "site_id", page->site_id);
  fill_units(page);
  fill_filters(page);
  fill_days(page);
  fill_bedless(page);
  view_set_flag(request, out, "is_fit", page->fit != NULL);
  if (page->fit) board_fit_fill(page);
}
