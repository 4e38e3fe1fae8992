/*
 * Board_fit: which beds are right for one person: what a request or a stay needs, and each bed of
 * the board by how well it fits, with every reason. What is known of the person begins the form;
 * who asks may change it. See board_page.h.
 */
#include <stdlib.h>
#include <string.h>

#include "web/desk/board_page.h"

/* What no door lets through, whoever asks. */
static const unsigned never = (unsigned)BED_WHY_CLOSED | (unsigned)BED_WHY_UNLICENSED |
                              (unsigned)BED_WHY_UNSTAFFED | (unsigned)BED_WHY_USED |
                              (unsigned)BED_WHY_UNIT_FULL;

struct ranked {
  size_t bed;
  unsigned why;
  int reasons, spare; /* how many reasons; what the bed has and nobody asked for */
  int64_t free_at;    /* BOARD_OPEN: not known */
};
struct board_fit {
  struct bed_need need;
  struct text name, person_id;
  struct text site_id; /* that a request asks */
  bool is_active;      /* a stay that goes on: the bed is given, not held */
  bool has_bed;        /* in a bed or with a hold already */
  bool knows_person;
  struct ranked *ranked;
  size_t count;
};

/* --- Whom it is for --------------------------------------------------------------------------- */

static bool load_request(struct store_transaction *transaction, struct board_page *page,
                         struct board_fit *fit, struct error *error)
{
  struct web_request *request = page->request;
  struct arena *arena = request->arena;
  struct role_subject subject;
  struct request asked;
  struct access access;
  if (!request_subject_load(transaction, request->actor->program_id, page->request_id,
                            request->actor, request->now, arena, &subject, error) ||
      !access_open(transaction, request->application->privacy, request->actor, "request", "read",
                   &subject, page->request_id, request->now, &access, error) ||
      !request_load(transaction, &access, arena, page->request_id, &asked, error))
    return false;
  fit->need.level_of_care = asked.level_of_care;
  fit->person_id = asked.person_id;
  fit->site_id = asked.site_id;
  fit->name =
      text_trim(text_format(arena, "%.*s %.*s", TEXT_PRINT(asked.identity.at[REQUEST_GIVEN]),
                            TEXT_PRINT(asked.identity.at[REQUEST_FAMILY])));
  return true;
}

static bool load_stay(struct store_transaction *transaction, struct board_page *page,
                      struct board_fit *fit, struct error *error)
{
  struct web_request *request = page->request;
  struct arena *arena = request->arena;
  struct episode stay;
  struct access access;
  if (!bed_stay_person(transaction, arena, request->actor->program_id, page->stay_id,
                       &fit->person_id, error) ||
      !people_access(transaction, request, "episode", "read", fit->person_id, &access, error) ||
      !episode_load(transaction, &access, arena, page->stay_id, &stay, error))
    return false;
  fit->need.level_of_care = stay.level_of_care;
  fit->is_active = stay.begun_at != 0 && stay.ended_at == 0;
  return true;
}

static bool is_fact(const struct care_fact *fact, const char *kind, const char *value)
{
  return text_equal(fact->kind, text_from(kind)) &&
         (!value || text_equal(fact->value, text_from(value)));
}

/* What the record says that a bed must have. */
static bool load_person(struct store_transaction *transaction, struct board_page *page,
                        struct board_fit *fit, struct error *error)
{
  struct web_request *request = page->request;
  const struct care *care = request->application->records;
  struct care_fact_query query = {
      .person_id = fit->person_id, .kind = TEXT("opioid-medicine"), .at = request->now};
  struct access access, facts;
  struct person person;
  struct care_fact *all;
  size_t count = 0;
  if (!people_access(transaction, request, "bed-board", "read", fit->person_id, &access, error) ||
      !person_load(transaction, &access, request->arena, fit->person_id, &person, error) ||
      !care_fact_banner(transaction, care, &access, request->arena, fit->person_id, &all, &count,
                        error))
    return false;
  fit->knows_person = true;
  fit->name = person_full_name(request->arena, &person.identity);
  fit->need.group = bed_group_of(request->application->beds, person.identity.sex,
                                 person.identity.gender_identity);
  for (size_t i = 0; i < count; i++)
    if (is_fact(&all[i], "precaution", "isolation")) fit->need.needs_isolation = true;
  if (!desk_may(request, "fact", "read")) return true;
  if (!people_access(transaction, request, "fact", "read", fit->person_id, &facts, error) ||
      !care_fact_list(transaction, &facts, request->arena, &query, &all, &count, error))
    return false;
  if (count && !is_fact(&all[0], "opioid-medicine", "none")) fit->need.medicine = all[0].value;
  return true;
}

static bool find_bed_of(struct store_transaction *transaction, struct board_page *page,
                        struct board_fit *fit, struct error *error)
{
  struct web_request *request = page->request;
  struct access access;
  struct bed_use use;
  return bed_page_access(transaction, request, "bed-board", "read", fit->person_id, &access,
                         error) &&
         (page->stay_id.length ? bed_use_of_stay(transaction, &access, request->arena,
                                                 page->stay_id, &use, &fit->has_bed, error)
                               : bed_use_of_request(transaction, &access, request->arena,
                                                    page->request_id, &use, &fit->has_bed, error));
}

/* What who asks has changed. */
static void take_asked(const struct web_request *request, struct bed_need *need)
{
  const struct beds *beds = request->application->beds;
  struct text group = web_parameter_get(request, "group");
  size_t index;
  if (!web_parameter_has(request, "asked")) return;
  need->group = bed_code_find(beds, BED_GROUPS, group, &index) ? group : TEXT("");
  need->medicine = web_parameter_get(request, "medicine");
  need->with_child = web_parameter_has(request, "child");
  need->needs_accessible = web_parameter_has(request, "access");
  need->needs_isolation = web_parameter_has(request, "isolation");
}

/* --- Ranking -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
  const struct ranked *x = a, *y = b;
  if (x->reasons != y->reasons) return x->reasons < y->reasons ? -1 : 1;
  if (x->free_at != y->free_at) return x->free_at < y->free_at ? -1 : 1;
  if (x->spare != y->spare) return x->spare < y->spare ? -1 : 1;
  return x->bed < y->bed ? -1 : x->bed > y->bed;
}

/* Beds that fit come first; of these, the one that keeps what is rare for who needs it. */
static void rank(const struct board_page *page, struct board_fit *fit)
{
  const struct board *board = &page->board;
  fit->ranked =
      arena_allocate_array(page->request->arena, board->bed_count + 1, sizeof *fit->ranked);
  for (size_t i = 0; i < board->bed_count; i++) {
    const struct board_bed *bed = &board->beds[i];
    if (page->places[i].state == BED_STATE_CLOSED) continue;
    struct ranked one = {.bed = i, .why = bed_fit(board, page->places, i, &fit->need, NULL)};
    for (unsigned rest = one.why; rest; rest &= rest - 1) one.reasons++;
    one.spare = (bed->accessible && !fit->need.needs_accessible) +
                (bed->isolation && !fit->need.needs_isolation) +
                (bed->accepts_child && !fit->need.with_child) +
                (bed->groups.length && fit->need.group.length == 0);
    one.free_at = page->places[i].free_at ? page->places[i].free_at : BOARD_OPEN;
    fit->ranked[fit->count++] = one;
  }
  qsort(fit->ranked, fit->count, sizeof *fit->ranked, compare);
}

bool board_fit_load(struct store_transaction *transaction, struct board_page *page,
                    struct error *error)
{
  struct board_fit *fit = arena_allocate(page->request->arena, sizeof *fit);
  *fit = (struct board_fit){.name = TEXT(""), .need = {.group = TEXT("")}};
  if (!(page->stay_id.length ? load_stay(transaction, page, fit, error)
                             : load_request(transaction, page, fit, error)) ||
      (fit->person_id.length && !load_person(transaction, page, fit, error)) ||
      !find_bed_of(transaction, page, fit, error) ||
      !board_payer_load(transaction, page, fit->person_id, page->stay_id, fit->site_id,
                        &fit->need.funding, error))
    return false;
  take_asked(page->request, &fit->need);
  rank(page, fit);
  page->fit = fit;
  return true;
}

/* --- Showing ---------------------------------------------------------------------------------- */

static struct value *fill_ranked(const struct board_page *page, const struct ranked *one)
{
  const struct web_request *request = page->request;
  const struct board_bed *bed = &page->board.beds[one->bed];
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "bed_id", bed->id);
  view_set_text(request, item, "bed", bed->name);
  view_set_text(request, item, "room", bed->room_name);
  view_set_text(request, item, "unit", page->board.units[bed->unit].name);
  view_set_flag(request, item, "fits", one->why == 0);
  view_set_text(request, item, "reasons", board_page_why(request, one->why));
  view_set_text(request, item, "pays", board_payer_words(page, bed, page->fit->need.funding));
  view_set_flag(request, item, "may_hold", (one->why & never) == 0);
  bool is_later = one->free_at != BOARD_OPEN && one->free_at > page->moment.now;
  view_set_flag(request, item, "is_later", is_later);
  if (is_later) value_set(item, "free_at", board_page_when(request, one->free_at));
  view_set_flag(request, item, "is_unknown", one->free_at == BOARD_OPEN);
  return item;
}

static void fill_codes(const struct board_page *page, const char *name, enum bed_list list,
                       struct text chosen)
{
  const struct web_request *request = page->request;
  const struct beds *beds = request->application->beds;
  struct value *out = value_list(request->arena);
  for (size_t i = 0; i < bed_code_count(beds, list); i++) {
    struct value *item = value_object(request->arena);
    struct text code = bed_code(beds, list, i);
    view_set_text(request, item, "value", code);
    view_set_text(request, item, "label", bed_page_label(request, list, code));
    view_set_flag(request, item, "chosen", text_equal(code, chosen));
    value_add(out, item);
  }
  value_set(page->view->page, name, out);
}

static void fill_medicines(const struct board_page *page, struct text chosen)
{
  const struct web_request *request = page->request;
  const struct care *care = request->application->records;
  struct value *out = value_list(request->arena);
  struct text kind = TEXT("opioid-medicine");
  for (size_t i = 0; i < care_fact_value_count(care, kind); i++) {
    struct text code = care_fact_value(care, kind, i);
    struct value *item = value_object(request->arena);
    if (text_equal(code, TEXT("none"))) continue;
    view_set_text(request, item, "value", code);
    view_set_text(request, item, "label", bed_page_medicine(request, code));
    view_set_flag(request, item, "chosen", text_equal(code, chosen));
    value_add(out, item);
  }
  value_set(page->view->page, "medicines", out);
}

void board_fit_fill(const struct board_page *page)
{
  const struct web_request *request = page->request;
  const struct board_fit *fit = page->fit;
  struct value *out = page->view->page, *list = value_list(request->arena);
  size_t from = (page->number - 1) * LIMIT_BOARD_ROWS, until = from + LIMIT_BOARD_ROWS;
  if (until > fit->count) until = fit->count;
  if (from > until) from = until;
  for (size_t i = from; i < until; i++) value_add(list, fill_ranked(page, &fit->ranked[i]));
  value_set(out, "ranked", list);
  board_rows_fill(page, from, until, fit->count);
  view_set_flag(request, out, "any_ranked", fit->count > 0);
  view_set_text(request, out, "for_name",
                fit->name.length ? fit->name : view_text(request, "beds.a_request"));
  view_set_text(request, out, "for_person", fit->person_id);
  view_set_text(request, out, "for_request", page->request_id);
  view_set_text(request, out, "for_stay", page->stay_id);
  view_set_text(request, out, "for_level",
                people_label(request, CARE_LEVELS, fit->need.level_of_care));
  view_set_text(request, out, "for_query",
                page->stay_id.length
                    ? text_format(request->arena, "?stay=%.*s", TEXT_PRINT(page->stay_id))
                    : text_format(request->arena, "?request=%.*s", TEXT_PRINT(page->request_id)));
  view_set_flag(request, out, "is_active", fit->is_active);
  view_set_flag(request, out, "has_bed", fit->has_bed);
  view_set_flag(request, out, "no_record", !fit->knows_person);
  view_set_flag(request, out, "child", fit->need.with_child);
  view_set_flag(request, out, "access", fit->need.needs_accessible);
  view_set_flag(request, out, "isolation", fit->need.needs_isolation);
  fill_codes(page, "groups", BED_GROUPS, fit->need.group);
  fill_medicines(page, fit->need.medicine);
  board_payer_fill(page);
}
