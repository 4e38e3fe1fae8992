/*
 * Filter: which rows match, as one mask for each block, with their number and the facets.
 *
 * A block is looked at only when its box, its state's list or a rare word's list says that it may
 * hold a match. Within it, everything is AND over 512 rows at a time. Distances are first judged by
 * chords in single precision, with room for their error; only rows on the edge are measured.
 */
#include <math.h>
#include <string.h>

#include "directory/search_private.h"

/* --- Distance ------------------------------------------------------------------------------- */

/* Twice the most that single precision can be wrong about a chord, and a share of it. */
#define CHORD_ERROR 1e-6

struct chord_bounds search_chord_bounds(double miles)
{
  double angle = fmin(miles / EARTH_RADIUS_MILES, M_PI), chord = 2 * sin(angle / 2);
  double inner = fmax(chord * (1 - CHORD_ERROR) - CHORD_ERROR, 0);
  double outer = chord * (1 + CHORD_ERROR) + CHORD_ERROR;
  return (struct chord_bounds){(float)(inner * inner), (float)(outer * outer)};
}

double search_distance(const struct snapshot *snapshot, const struct search_query *query,
                       uint32_t row)
{
  const double radian = M_PI / 180;
  double latitude = snapshot->latitudes[row] * radian, from = query->latitude * radian;
  double half = sin((latitude - from) / 2);
  double side = sin((snapshot->longitudes[row] - query->longitude) * radian / 2);
  double square = half * half + cos(latitude) * cos(from) * side * side;
  return 2 * EARTH_RADIUS_MILES * asin(fmin(1, sqrt(square)));
}

/* --- Compiled query ------------------------------------------------------------------------- */

static void set_add(struct need_set *set, size_t need)
{
  set->bits[need / 64] |= (uint64_t)1 << (need % 64);
}

static void add_need(struct search_filter *filter, size_t need)
{
  uint8_t number = filter->snapshot->need_group[need];
  if (number == NEED_GROUP_NONE) {
    filter->singles[filter->single_count++] = need;
    set_add(&filter->single_set, need);
    return;
  }
  size_t at = 0;
  while (at < filter->group_count && filter->groups[at].number != number) at++;
  struct search_group *group = &filter->groups[at];
  if (at == filter->group_count) {
    group->number = number;
    group->count = 0;
    memset(&group->set, 0, sizeof group->set);
    filter->group_count++;
  }
  group->needs[group->count++] = (uint8_t)need;
  set_add(&group->set, need);
}

static void compile(struct search_filter *filter, const struct snapshot *snapshot,
                    struct search_workspace *workspace, const struct search_query *query,
                    const struct search_words *words)
{
  filter->snapshot = snapshot;
  filter->workspace = workspace;
  filter->query = query;
  filter->words = words;
  filter->code = vector_code();
  filter->single_count = filter->group_count = filter->matched_count = 0;
  memset(&filter->single_set, 0, sizeof filter->single_set);
  filter->total = 0;
  filter->is_open = false;
  for (size_t i = 0; i < query->need_count; i++) add_need(filter, query->needs[i]);
  filter->has_radius = query->has_point && query->within > 0;
  if (query->has_point) snapshot_unit_vector(query->latitude, query->longitude, filter->point);
  if (filter->has_radius) filter->bounds = search_chord_bounds(query->within);
  filter->has_state = query->state[0] != 0;
  filter->state_first = filter->state_end = 0;
  if (filter->has_state) {
    uint16_t state = snapshot_state_number(text_from(query->state));
    filter->state_first = snapshot->state_first[state];
    filter->state_end = state ? snapshot->state_first[state + 1] : filter->state_first;
  }
}

/* --- Masks ---------------------------------------------------------------------------------- */

static bool mask_and(struct block_mask *mask, const struct block_mask *other)
{
  uint64_t any = 0;
  for (size_t i = 0; i < BLOCK_WORDS; i++) any |= mask->words[i] &= other->words[i];
  return any != 0;
}

static void mask_or(struct block_mask *mask, const struct block_mask *other)
{
  for (size_t i = 0; i < BLOCK_WORDS; i++) mask->words[i] |= other->words[i];
}

static bool mask_any(const struct block_mask *mask)
{
  uint64_t any = 0;
  for (size_t i = 0; i < BLOCK_WORDS; i++) any |= mask->words[i];
  return any != 0;
}

/* The rows that a block has. */
static void mask_rows(const struct snapshot *snapshot, uint32_t block, struct block_mask *mask)
{
  memset(mask, 0xFF, sizeof *mask);
  uint32_t rows = snapshot->row_count - block * BLOCK_ROWS;
  if (rows >= BLOCK_ROWS) return;
  for (size_t i = 0; i < BLOCK_WORDS; i++) {
    if (rows <= i * 64) mask->words[i] = 0;
    else if (rows < (i + 1) * 64) mask->words[i] = ((uint64_t)1 << (rows % 64)) - 1;
  }
}

/* --- Words ---------------------------------------------------------------------------------- */

/* The first place in a list at which a row is not less than `row`. */
static uint32_t first_at(const uint32_t *rows, uint32_t count, uint32_t row)
{
  uint32_t low = 0;
  while (low < count) {
    uint32_t middle = low + (count - low) / 2;
    if (rows[middle] < row) low = middle + 1;
    else count = middle;
  }
  return low;
}

/* Set the bits of the rows in the unit's lists that lie in rows [first, end). */
static void list_rows(struct search_filter *filter, size_t which, uint32_t first, uint32_t end)
{
  const struct snapshot *snapshot = filter->snapshot;
  struct search_workspace *workspace = filter->workspace;
  const struct search_unit *unit = &filter->words->units[which];
  struct block_mask *listed = workspace->listed[which];
  uint32_t *blocks = workspace->touched_blocks[which];
  size_t count = 0;
  for (size_t i = 0; i < unit->range_count; i++)
    for (uint32_t t = unit->ranges[i].first; t < unit->ranges[i].end; t++) {
      const struct snapshot_term *term = &snapshot->terms[t];
      if (term->is_dense) continue;
      const uint32_t *rows = snapshot->postings + term->at;
      for (uint32_t at = first_at(rows, term->count, first); at < term->count && rows[at] < end;
           at++) {
        uint32_t block = rows[at] / BLOCK_ROWS;
        uint64_t *seen = &workspace->touched[block / 64], bit = (uint64_t)1 << (block % 64);
        blocks[count] = block;
        count += (*seen & bit) == 0;
        *seen |= bit;
        listed[block].words[rows[at] % BLOCK_ROWS / 64] |= (uint64_t)1 << (rows[at] % 64);
      }
    }
  for (size_t i = 0; i < count; i++) workspace->touched[blocks[i] / 64] = 0;
  workspace->touched_count[which] = count;
}

/* Make every list zero again. */
static void unlist_rows(struct search_filter *filter)
{
  struct search_workspace *workspace = filter->workspace;
  for (size_t which = 0; filter->words && which < filter->words->count; which++) {
    for (size_t i = 0; i < workspace->touched_count[which]; i++)
      memset(&workspace->listed[which][workspace->touched_blocks[which][i]], 0,
             sizeof(struct block_mask));
    workspace->touched_count[which] = 0;
  }
}

static bool and_unit(const struct search_filter *filter, size_t which, uint32_t block,
                     struct block_mask *mask)
{
  const struct snapshot *snapshot = filter->snapshot;
  const struct search_unit *unit = &filter->words->units[which];
  struct block_mask any = filter->workspace->listed[which][block];
  for (size_t i = 0; i < unit->dense_count; i++)
    mask_or(&any, &snapshot->dense[(size_t)unit->dense[i] * snapshot->block_count + block]);
  for (size_t word = 0; unit->has_needs && word < NEEDS_MAXIMUM / 64; word++)
    for (uint64_t rest = unit->needs.bits[word]; rest; rest &= rest - 1)
      mask_or(&any, &snapshot->needs[block * snapshot->need_count + word * 64 +
                                     (size_t)__builtin_ctzll(rest)]);
  return mask_and(mask, &any);
}

/* --- One block ------------------------------------------------------------------------------ */

/* Keep the rows that are within the radius. */
static void and_radius(const struct search_filter *filter, uint32_t block, struct block_mask *mask)
{
  if (filter->workspace->farthest[block] <= filter->bounds.inner) return;
  const struct snapshot *snapshot = filter->snapshot;
  struct block_mask inside, perhaps;
  filter->code->within(snapshot->vectors + (size_t)block * 3 * BLOCK_ROWS, filter->point,
                       filter->bounds.inner, filter->bounds.outer, &inside, &perhaps);
  for (size_t i = 0; i < BLOCK_WORDS; i++) {
    for (uint64_t edge = perhaps.words[i] & ~inside.words[i] & mask->words[i]; edge;
         edge &= edge - 1) {
      uint64_t bit = edge & -edge;
      uint32_t row = block * BLOCK_ROWS + (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(edge);
      if (search_distance(snapshot, filter->query, row) <= filter->query->within)
        inside.words[i] |= bit;
    }
    mask->words[i] &= inside.words[i];
  }
}

/*
 * Fill masks[0] with the rows that match, and masks[1 + g] with those that would, were it not for
 * group g. `mask` is what the block starts from. Answers whether any bit is set.
 */
static bool match_block(const struct search_filter *filter, uint32_t block,
                        struct block_mask *masks)
{
  const struct snapshot *snapshot = filter->snapshot;
  const struct block_mask *needs = snapshot->needs + block * snapshot->need_count;
  const struct block_mask *codes = snapshot->codes + block * snapshot->code_count;
  struct block_mask base = masks[0];
  for (size_t i = 0; i < filter->single_count; i++)
    if (!mask_and(&base, &needs[filter->singles[i]])) return false;
  for (size_t i = 0; i < filter->query->code_count; i++)
    if (!mask_and(&base, &codes[filter->query->codes[i]])) return false;
  for (size_t i = 0; filter->words && i < filter->words->count; i++)
    if (!and_unit(filter, i, block, &base)) return false;
  if (filter->has_radius) and_radius(filter, block, &base);
  masks[0] = base;
  struct block_mask holds[LIMIT_QUERY_NEEDS];
  for (size_t g = 0; g < filter->group_count; g++) {
    const struct search_group *group = &filter->groups[g];
    holds[g] = needs[group->needs[0]];
    for (size_t i = 1; i < group->count; i++) mask_or(&holds[g], &needs[group->needs[i]]);
    mask_and(&masks[0], &holds[g]);
  }
  uint64_t any = mask_any(&masks[0]);
  for (size_t g = 0; g < filter->group_count; g++) {
    struct block_mask but = base;
    for (size_t i = 0; i < BLOCK_WORDS; i++) but.words[i] &= ~holds[g].words[i];
    for (size_t other = 0; other < filter->group_count; other++)
      if (other != g) mask_and(&but, &holds[other]);
    masks[1 + g] = but;
    any |= mask_any(&but);
  }
  return any != 0;
}

/* --- All blocks ----------------------------------------------------------------------------- */

/* List the blocks whose boxes the radius reaches. */
static size_t near_blocks(struct search_filter *filter)
{
  struct search_workspace *workspace = filter->workspace;
  const struct snapshot *snapshot = filter->snapshot;
  size_t count = 0;
  for (uint32_t block = 0; block < snapshot->block_count; block++)
    if (workspace->nearest[block] <= filter->bounds.outer) workspace->candidates[count++] = block;
  return count;
}

/* List the blocks that may match, as well as place alone can tell. */
static size_t candidate_blocks(struct search_filter *filter)
{
  const struct snapshot *snapshot = filter->snapshot;
  struct search_workspace *workspace = filter->workspace;
  if (filter->has_state) {
    size_t count = 0;
    for (uint32_t i = filter->state_first; i < filter->state_end; i++) {
      uint32_t block = snapshot->state_blocks[i];
      if (filter->has_radius && workspace->nearest[block] > filter->bounds.outer) continue;
      workspace->candidates[count++] = block;
    }
    return count;
  }
  if (filter->has_radius) return near_blocks(filter);
  for (uint32_t block = 0; block < snapshot->block_count; block++)
    workspace->candidates[block] = block;
  return snapshot->block_count;
}

/* The counts on the way. `which` mask counts for each need: 0 the matches, 1 + g those that group g
 * alone keeps out; `chosen` says the same by mask. */
struct facets {
  uint8_t which[NEEDS_MAXIMUM];
  struct row_bits chosen[1 + LIMIT_QUERY_NEEDS];
  struct row_counts rows;
  const uint32_t *remembered;             /* by need: of the rows of a frequent term, */
  const struct block_mask *remembered_of; /* by block: which are these; or NULL */
};

/* A search for one word alone: the counts of its frequent term are remembered, so that only the
 * rows that its other terms bring need be counted. */
static void remember_term(const struct search_filter *filter, struct facets *facets)
{
  const struct snapshot *snapshot = filter->snapshot;
  const struct search_words *words = filter->words;
  facets->remembered = NULL;
  facets->remembered_of = NULL;
  if (!words || words->count != 1 || words->units[0].dense_count == 0 ||
      filter->query->need_count + filter->query->code_count > 0 || filter->has_radius ||
      filter->has_state)
    return;
  const size_t term = words->units[0].dense[0];
  facets->remembered = snapshot->dense_counts + term * snapshot->need_count;
  facets->remembered_of = snapshot->dense + term * snapshot->block_count;
}

static void start_facets(const struct search_filter *filter, struct facets *facets)
{
  const struct snapshot *snapshot = filter->snapshot;
  memset(filter->workspace->sums, 0, snapshot->need_count * sizeof *filter->workspace->sums);
  memset(facets->which, 0, sizeof facets->which);
  memset(facets->chosen, 0, (1 + filter->group_count) * sizeof *facets->chosen);
  memset(&facets->rows, 0, sizeof facets->rows);
  remember_term(filter, facets);
  for (size_t need = 0; need < snapshot->need_count; need++) {
    if (facets->remembered) filter->workspace->sums[need].words[0] = facets->remembered[need];
    for (size_t g = 0; g < filter->group_count; g++)
      if (snapshot->need_group[need] == filter->groups[g].number)
        facets->which[need] = (uint8_t)(1 + g);
    facets->chosen[facets->which[need]].words[need / 64] |= (uint64_t)1 << (need % 64);
  }
}

/* Empty the small counts into the large. */
static void flush_rows(const struct search_filter *filter, struct facets *facets)
{
  for (size_t need = 0; need < filter->snapshot->need_count; need++)
    filter->workspace->sums[need].words[0] += facets->rows.bytes[need];
  memset(&facets->rows, 0, sizeof facets->rows);
}

/* Count a block's matches, and those that one group alone keeps out. */
static void count_block(const struct search_filter *filter, uint32_t block,
                        const struct block_mask *masks, struct facets *facets)
{
  const struct snapshot *snapshot = filter->snapshot;
  struct block_mask others;
  unsigned rows = 0;
  if (facets->remembered_of) {
    for (size_t i = 0; i < BLOCK_WORDS; i++)
      others.words[i] = masks[0].words[i] & ~facets->remembered_of[block].words[i];
    masks = &others;
  }
  for (size_t m = 0; m <= filter->group_count; m++) rows += mask_count(&masks[m]);
  if (rows > filter->code->sparse) {
    filter->code->facets(snapshot->needs + block * snapshot->need_count, snapshot->need_count,
                         masks, facets->which, filter->workspace->sums);
    return;
  }
  if (facets->rows.rows + rows > ROW_COUNTS_FULL) flush_rows(filter, facets);
  facets->rows.rows += rows;
  for (size_t m = 0; m <= filter->group_count; m++)
    filter->code->row_facets(snapshot->need_rows + (size_t)block * BLOCK_ROWS, &masks[m],
                             &facets->chosen[m], &facets->rows);
}

static void finish_facets(const struct search_filter *filter, struct facets *counts,
                          int64_t *facets)
{
  const int64_t total = filter->total;
  flush_rows(filter, counts);
  for (size_t need = 0; need < filter->snapshot->need_count; need++) {
    facets[need] = counts->which[need] ? total : 0;
    for (size_t i = 0; i < BLOCK_WORDS; i++)
      facets[need] += (int64_t)filter->workspace->sums[need].words[i];
  }
  for (size_t i = 0; i < filter->query->need_count; i++) facets[filter->query->needs[i]] = total;
}

static void run_blocks(struct search_filter *filter, size_t candidate_count, int64_t *facets)
{
  const struct snapshot *snapshot = filter->snapshot;
  struct search_workspace *workspace = filter->workspace;
  struct block_mask masks[1 + LIMIT_QUERY_NEEDS];
  struct facets counts;
  if (facets) start_facets(filter, &counts);
  uint32_t state_at = filter->state_first;
  for (size_t i = 0; i < candidate_count; i++) {
    uint32_t block = workspace->candidates[i];
    if (filter->has_state) {
      while (snapshot->state_blocks[state_at] != block) state_at++;
      masks[0] = snapshot->state_masks[state_at];
    } else mask_rows(snapshot, block, &masks[0]);
    if (!match_block(filter, block, masks)) continue;
    if (facets) count_block(filter, block, masks, &counts);
    unsigned count = mask_count(&masks[0]);
    if (count == 0) continue;
    filter->total += count;
    workspace->matches[block] = masks[0];
    workspace->matched[filter->matched_count++] = block;
  }
  if (facets) finish_facets(filter, &counts, facets);
}

void search_filter_run(struct search_filter *filter, const struct snapshot *snapshot,
                       struct search_workspace *workspace, const struct search_query *query,
                       const struct search_words *words, int64_t *facets)
{
  search_workspace_fit(workspace, snapshot->box_count);
  compile(filter, snapshot, workspace, query, words);
  if (query->has_point)
    filter->code->boxes(snapshot->boxes, snapshot->box_count, filter->point, workspace->nearest,
                        workspace->farthest);
  if (search_remember(filter, facets)) return;
  size_t count = words && words->is_hopeless ? 0 : candidate_blocks(filter);
  uint32_t first = count ? workspace->candidates[0] * BLOCK_ROWS : 0;
  uint32_t end = count ? (workspace->candidates[count - 1] + 1) * BLOCK_ROWS : 0;
  for (size_t i = 0; words && i < words->count; i++) list_rows(filter, i, first, end);
  run_blocks(filter, count, facets);
  unlist_rows(filter);
}

void search_filter_block(const struct search_filter *filter, uint32_t block,
                         struct block_mask *matches)
{
  struct block_mask masks[1 + LIMIT_QUERY_NEEDS];
  mask_rows(filter->snapshot, block, &masks[0]);
  if (match_block(filter, block, masks)) *matches = masks[0];
  else memset(matches, 0, sizeof *matches);
}

bool search_filter_row(const struct search_filter *filter, uint32_t row)
{
  const uint64_t *met = filter->snapshot->need_rows[row].words;
  uint64_t lacks = 0;
  for (size_t i = 0; i < NEEDS_MAXIMUM / 64; i++) lacks |= filter->single_set.bits[i] & ~met[i];
  for (size_t g = 0; g < filter->group_count; g++) {
    uint64_t any = 0;
    for (size_t i = 0; i < NEEDS_MAXIMUM / 64; i++) any |= filter->groups[g].set.bits[i] & met[i];
    lacks |= any == 0;
  }
  return lacks == 0;
}
