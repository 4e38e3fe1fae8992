/*
 * Board: states, counts, forecast and fit, computed from the timeline. See board.h.
 *
 * It knows no store and no words. Invariants: nothing is kept between two calls; what is offerable
 * never exceeds what the cap leaves. Threads: any.
 */
#include "admission/board.h"

#include <assert.h>

/* --- Words --------------------------------------------------------------------------------- */

static const char *const kinds[BED_KINDS] = {"hold", "occupied", "leave", "cleaning", "blocked"};
static const char *const states[BED_STATES] = {"free",     "hold",    "occupied", "leave",
                                               "cleaning", "blocked", "closed"};
static const char *const whys[BED_WHYS] = {
    "closed", "unlicensed", "unstaffed", "used",   "expected",  "unit-full", "level",
    "group",  "room-group", "child",     "access", "isolation", "funding",   "medicine"};

const char *bed_kind_name(enum bed_kind kind)
{
  return kinds[kind];
}

bool bed_kind_find(struct text name, enum bed_kind *out)
{
  for (int kind = 0; kind < BED_KINDS; kind++)
    if (text_equal(name, text_from(kinds[kind]))) {
      *out = (enum bed_kind)kind;
      return true;
    }
  return false;
}

bool bed_kind_is_person(enum bed_kind kind)
{
  return kind <= BED_LEAVE;
}

const char *bed_state_name(enum bed_state state)
{
  return states[state];
}

const char *bed_why_name(size_t index)
{
  assert(index < BED_WHYS);
  return whys[index];
}

/* Does a list of codes, separated by spaces, hold one? */
static bool has_word(struct text list, struct text word)
{
  struct text rest = list, each;
  while (text_word_next(&rest, &each))
    if (text_equal(each, word)) return true;
  return false;
}

/* Have two lists a code in common? */
static bool share_word(struct text a, struct text b)
{
  struct text rest = a, each;
  while (text_word_next(&rest, &each))
    if (has_word(b, each)) return true;
  return false;
}

/* --- The timeline -------------------------------------------------------------------------- */

bool board_check(const struct board *board)
{
  for (size_t i = 0; i < board->bed_count; i++) {
    if (board->beds[i].unit >= board->unit_count) return false;
    if (i > 0 && board->beds[i].unit < board->beds[i - 1].unit) return false;
  }
  for (size_t i = 0; i < board->use_count; i++) {
    const struct board_use *use = &board->uses[i], *last = use - 1;
    if (use->bed >= board->bed_count || use->until_at < use->start_at) return false;
    if (i == 0 || last->bed < use->bed) continue;
    if (last->bed > use->bed || use->start_at < last->until_at) return false;
  }
  return true;
}

/* A use as the moment sees it: when its person goes, and when the bed is free behind it. */
struct span {
  int64_t gone_at, free_at;
};

static struct span span_of(const struct board *board, const struct board_use *use,
                           const struct board_moment *moment)
{
  struct span span = {use->until_at, use->until_at};
  bool is_planned = moment->planned && use->until_at == BOARD_OPEN &&
                    use->planned_end_at > moment->now && use->planned_end_at > use->start_at;
  if (is_planned) {
    span.gone_at = use->planned_end_at;
    span.free_at = use->planned_end_at + board->units[board->beds[use->bed].unit].cleaning;
  }
  return span;
}

/* What stands on one bed's line around a moment. */
struct line {
  const struct board_use *use; /* at the moment */
  struct span span;            /* of it */
  int64_t next_at;             /* when the next use begins; BOARD_OPEN: none */
  bool is_person_next;         /* and it is a person's */
  int64_t free_at;             /* behind all that follow one another without a gap */
};

/* Uses [from, to) are those of the bed. */
static struct line read_line(const struct board *board, size_t from, size_t to,
                             const struct board_moment *moment)
{
  struct line line = {.next_at = BOARD_OPEN, .free_at = moment->at};
  for (size_t i = from; i < to; i++) {
    const struct board_use *use = &board->uses[i];
    struct span span = span_of(board, use, moment);
    if (span.free_at <= moment->at || use->start_at == use->until_at) continue;
    if (use->start_at <= moment->at) {
      line.use = use;
      line.span = span;
    } else if (line.next_at == BOARD_OPEN) {
      line.next_at = use->start_at;
      line.is_person_next = bed_kind_is_person(use->kind);
    }
    if (use->start_at <= line.free_at) line.free_at = span.free_at;
  }
  return line;
}

/* Without plans, a stay that has one is free by then at the earliest; nobody promises it. */
static struct board_place place_of(const struct board_bed *bed, const struct board_unit *unit,
                                   const struct line *line, const struct board_moment *moment)
{
  struct board_place place = {.use = line->use,
                              .free_at = line->free_at == BOARD_OPEN ? 0 : line->free_at};
  if (line->use)
    place.state = line->span.gone_at <= moment->at ? BED_STATE_CLEANING
                                                   : (enum bed_state)(line->use->kind + 1);
  if ((bed->closed_at && bed->closed_at <= moment->at) ||
      (unit->closed_at && unit->closed_at <= moment->at)) {
    place.why |= BED_WHY_CLOSED;
    if (!line->use) place.state = BED_STATE_CLOSED;
  }
  if (!bed->licensed) place.why |= BED_WHY_UNLICENSED;
  if (!bed->staffed) place.why |= BED_WHY_UNSTAFFED;
  if (line->use) place.why |= BED_WHY_USED;
  else if (line->next_at != BOARD_OPEN && line->next_at - moment->at <= moment->window)
    place.why |= BED_WHY_EXPECTED;
  return place;
}

/* Does the bed take one of its unit's places: a person has it, or is expected in the window? */
static bool takes_place(const struct board_place *place, const struct line *line,
                        const struct board_moment *moment)
{
  if (place->state == BED_STATE_HOLD || place->state == BED_STATE_OCCUPIED ||
      place->state == BED_STATE_LEAVE)
    return true;
  return line->is_person_next && line->next_at - moment->at <= moment->window;
}

static size_t cap_of(const struct board_unit *unit, const struct board_moment *moment)
{
  int64_t cap = unit->licensed < unit->staffed ? unit->licensed : unit->staffed;
  if ((unit->closed_at && unit->closed_at <= moment->at) || cap < 0) return 0;
  return (size_t)cap;
}

/* The cap: when it leaves nothing, no bed of the unit is offered. */
static void apply_caps(const struct board *board, struct board_place *places,
                       struct board_count *counts)
{
  for (size_t i = 0; i < board->bed_count; i++) {
    struct board_count *count = &counts[board->beds[i].unit];
    if (count->in_use >= count->cap) places[i].why |= BED_WHY_UNIT_FULL;
    else if (places[i].why == 0 && count->offerable < count->cap - count->in_use)
      count->offerable++;
  }
}

void board_at(const struct board *board, const struct board_moment *moment,
              struct board_place *places, struct board_count *counts)
{
  for (size_t i = 0; i < board->unit_count; i++)
    counts[i] = (struct board_count){.cap = cap_of(&board->units[i], moment)};
  size_t use = 0;
  for (size_t i = 0; i < board->bed_count; i++) {
    const struct board_bed *bed = &board->beds[i];
    size_t from = use;
    while (use < board->use_count && board->uses[use].bed == i) use++;
    struct line line = read_line(board, from, use, moment);
    places[i] = place_of(bed, &board->units[bed->unit], &line, moment);
    struct board_count *count = &counts[bed->unit];
    count->beds++;
    count->states[places[i].state]++;
    if (takes_place(&places[i], &line, moment)) count->in_use++;
  }
  apply_caps(board, places, counts);
}

void board_forecast(const struct board *board, const struct board_moment *moment,
                    const int64_t *moments, size_t days, struct board_place *scratch,
                    struct board_count *counts)
{
  struct board_moment day = *moment;
  day.planned = true;
  for (size_t i = 0; i < days; i++) {
    day.at = moments[i];
    board_at(board, &day, scratch, counts + i * board->unit_count);
  }
}

/* --- Fit ----------------------------------------------------------------------------------- */

/* Is somebody of another group, or of one not said, in the room? */
static bool is_room_of_others(const struct board *board, const struct board_place *places,
                              size_t bed, struct text group, const struct board_use *holder)
{
  const struct board_bed *mine = &board->beds[bed];
  if (mine->room_id.length == 0) return false;
  for (size_t i = 0; i < board->bed_count; i++) {
    const struct board_use *use = places[i].use;
    if (i == bed || !use || use == holder || !bed_kind_is_person(use->kind) ||
        places[i].state == BED_STATE_CLEANING || !text_equal(board->beds[i].room_id, mine->room_id))
      continue;
    if (group.length == 0 || !text_equal(use->placed_as, group)) return true;
  }
  return false;
}

unsigned bed_fit(const struct board *board, const struct board_place *places, size_t bed,
                 const struct bed_need *need, const struct board_use *holder)
{
  const struct board_bed *it = &board->beds[bed];
  unsigned why = places[bed].why;
  if (holder && places[bed].use == holder)
    why &= ~((unsigned)BED_WHY_USED | (unsigned)BED_WHY_UNIT_FULL);
  if (need->level_of_care.length && !text_equal(need->level_of_care, it->level_of_care))
    why |= BED_WHY_LEVEL;
  if (it->groups.length && !has_word(it->groups, need->group)) why |= BED_WHY_GROUP;
  if (it->same_room && is_room_of_others(board, places, bed, need->group, holder))
    why |= BED_WHY_ROOM_GROUP;
  if (need->with_child && !it->accepts_child) why |= BED_WHY_CHILD;
  if (need->needs_accessible && !it->accessible) why |= BED_WHY_ACCESS;
  if (need->needs_isolation && !it->isolation) why |= BED_WHY_ISOLATION;
  if (need->funding.length && it->funding.length && !share_word(need->funding, it->funding))
    why |= BED_WHY_FUNDING;
  if (need->medicine.length && !has_word(it->medicines, need->medicine)) why |= BED_WHY_MEDICINE;
  return why;
}
