/*
 * Select: the first results in order, from the masks that the filter left in the workspace.
 *
 * By distance: blocks are taken nearest first, until no block can hold a nearer row than the worst
 * that is kept; chords in single precision choose candidates, and only those are measured. By rank
 * (best, name): the order is walked, or the matches are, whichever is shorter.
 */
#include <math.h>
#include <string.h>

#include "directory/search_private.h"

bool search_by_distance(const struct search_query *query)
{
  return query->has_point && query->sort != SEARCH_NAME;
}

/* --- By distance ---------------------------------------------------------------------------- */

struct nearest {
  const struct search_filter *filter;
  const struct snapshot *snapshot;
  struct search_workspace *workspace;
  const struct search_cursor *cursor;
  uint32_t cursor_rank; /* of its id among the ids */
  size_t limit, count;  /* candidates in workspace->near */
  float from, passed;   /* squared chords: nothing nearer counts; up to here the cursor may have
                           passed a row */
  float worst;          /* nothing farther counts */
};

/* Room for the error of single precision. */
static float widened(float square)
{
  double chord = sqrt((double)square) * (1 + 2e-6) + 2e-6;
  return (float)(chord * chord);
}

static bool comes_before(const struct search_scored *a, const struct search_scored *b)
{
  return a->distance < b->distance || (a->distance == b->distance && a->rank < b->rank);
}

/* Measure the candidates exactly, drop those that the cursor has passed; leave the first `limit`
 * in order in workspace->scored and answer how many there are. */
static size_t measure(struct nearest *nearest)
{
  const struct snapshot *snapshot = nearest->snapshot;
  struct search_scored *scored = nearest->workspace->scored;
  const struct search_scored last = {.distance = nearest->cursor->distance,
                                     .rank = nearest->cursor_rank};
  size_t count = 0;
  for (size_t i = 0; i < nearest->count; i++) {
    uint32_t row = nearest->workspace->near[i].row;
    struct search_scored it = {.row = row, .rank = snapshot->id_ranks[row], .distance = INFINITY};
    if (row < snapshot->located_count)
      it.distance = search_distance(snapshot, nearest->filter->query, row);
    if (nearest->cursor->is_set && comes_before(&it, &last)) continue;
    size_t at = count;
    while (at > 0 && comes_before(&it, &scored[at - 1])) at--;
    if (at == nearest->limit) continue;
    count += count < nearest->limit;
    memmove(scored + at + 1, scored + at, (count - 1 - at) * sizeof it);
    scored[at] = it;
  }
  return count;
}

/* Keep no more candidates than are exactly the first `limit`. */
static void shrink(struct nearest *nearest)
{
  struct search_candidate *near = nearest->workspace->near;
  const struct search_scored *scored = nearest->workspace->scored;
  size_t count = measure(nearest);
  for (size_t i = 0; i < count; i++) {
    size_t at = 0;
    while (near[at].row != scored[i].row) at++;
    struct search_candidate kept = near[at];
    near[at] = near[i];
    near[i] = kept;
  }
  nearest->count = count;
}

/* The value that would stand at `place` if the values were sorted (Hoare's find). */
static float value_at(float *values, size_t count, size_t place)
{
  size_t low = 0, high = count - 1;
  while (low < high) {
    float pivot = values[low + (high - low) / 2];
    size_t i = low, j = high;
    for (;; i++, j--) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i >= j) break;
      float swap = values[i];
      values[i] = values[j];
      values[j] = swap;
    }
    if (place <= j) high = j;
    else low = j + 1;
  }
  return values[place];
}

/* Drop candidates that cannot be among the first `limit`, judging by chords alone. */
static void prune(struct nearest *nearest)
{
  struct search_workspace *workspace = nearest->workspace;
  size_t needed = nearest->limit, kept = 0;
  for (size_t i = 0; i < nearest->count; i++) {
    workspace->squares[i] = workspace->near[i].square;
    needed += workspace->near[i].square <= nearest->passed;
  }
  if (needed <= nearest->count) {
    nearest->worst =
        fminf(nearest->worst, widened(value_at(workspace->squares, nearest->count, needed - 1)));
    for (size_t i = 0; i < nearest->count; i++)
      if (workspace->near[i].square <= nearest->worst) workspace->near[kept++] = workspace->near[i];
    nearest->count = kept;
  }
  if (nearest->count > CANDIDATES - BLOCK_ROWS) shrink(nearest);
}

static void take_block(struct nearest *nearest, uint32_t block)
{
  struct search_workspace *workspace = nearest->workspace;
  struct block_mask open;
  const struct block_mask *mask = &workspace->matches[block];
  if (nearest->filter->is_open) {
    search_filter_block(nearest->filter, block, &open);
    mask = &open;
  }
  float squares[BLOCK_ROWS];
  nearest->filter->code->chords(nearest->snapshot->vectors + (size_t)block * 3 * BLOCK_ROWS,
                                nearest->filter->point, squares);
  for (size_t word = 0; word < BLOCK_WORDS; word++)
    for (uint64_t rest = mask->words[word]; rest; rest &= rest - 1) {
      uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(rest);
      workspace->near[nearest->count] =
          (struct search_candidate){squares[row], block * BLOCK_ROWS + row};
      nearest->count += (squares[row] <= nearest->worst) & (squares[row] >= nearest->from);
    }
  if (nearest->count > nearest->limit) prune(nearest);
}

/* Let the entry at `at` sink to where no child is nearer. */
static void sink(struct search_candidate *heap, size_t count, size_t at)
{
  const struct search_candidate it = heap[at];
  for (size_t child; (child = 2 * at + 1) < count; at = child) {
    child += child + 1 < count && heap[child + 1].square < heap[child].square;
    if (heap[child].square >= it.square) break;
    heap[at] = heap[child];
  }
  heap[at] = it;
}

/* Take the blocks that may match, nearest first. */
static void take_blocks(struct nearest *nearest)
{
  struct search_workspace *workspace = nearest->workspace;
  struct search_candidate *heap = workspace->heap;
  const bool is_open = nearest->filter->is_open;
  size_t count = is_open ? nearest->snapshot->block_count : nearest->filter->matched_count;
  for (size_t i = 0; i < count; i++) {
    uint32_t block = is_open ? (uint32_t)i : workspace->matched[i];
    heap[i] = (struct search_candidate){workspace->nearest[block], block};
  }
  for (size_t i = count / 2; i-- > 0;) sink(heap, count, i);
  while (count > 0 && heap[0].square <= nearest->worst) {
    if (widened(workspace->farthest[heap[0].row]) >= nearest->from)
      take_block(nearest, heap[0].row);
    heap[0] = heap[--count];
    sink(heap, count, 0);
  }
}

/* The number of ids that are less than the cursor's, and of that id itself. */
static uint32_t rank_behind(const struct snapshot *snapshot, const struct snapshot_id *id)
{
  uint32_t low = 0, high = snapshot->row_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (memcmp(&snapshot->ids[middle], id, sizeof *id) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static size_t select_nearest(const struct search_filter *filter, const struct search_cursor *cursor,
                             size_t limit, struct search_hit *hits)
{
  struct nearest nearest = {.filter = filter,
                            .snapshot = filter->snapshot,
                            .workspace = filter->workspace,
                            .cursor = cursor,
                            .limit = limit,
                            .passed = -1,
                            .worst = INFINITY};
  if (cursor->is_set) {
    const float beyond_the_globe = 5; /* squared chords are at most 4, but far away */
    struct chord_bounds bounds = {beyond_the_globe, INFINITY};
    if (isfinite(cursor->distance)) bounds = search_chord_bounds(cursor->distance);
    nearest.cursor_rank = rank_behind(filter->snapshot, &cursor->id);
    nearest.from = bounds.inner;
    nearest.passed = bounds.outer;
  }
  take_blocks(&nearest);
  size_t count = measure(&nearest);
  for (size_t i = 0; i < count; i++) {
    double distance = filter->workspace->scored[i].distance;
    hits[i] = (struct search_hit){.row = filter->workspace->scored[i].row,
                                  .distance = isinf(distance) ? NAN : distance};
  }
  return count;
}

/* --- By rank -------------------------------------------------------------------------------- */

/* How the cursor's result stands to a row: negative when it comes before. */
static int compare_to_cursor(const struct snapshot *snapshot, struct arena *arena,
                             const struct search_query *query, const struct search_cursor *cursor,
                             uint32_t row)
{
  if (query->sort != SEARCH_NAME) {
    uint32_t signs = 0;
    for (size_t i = 0; i < snapshot->sign_count; i++) signs += snapshot_row_sign(snapshot, row, i);
    if (signs != cursor->signs) return cursor->signs > signs ? -1 : 1;
  }
  struct text name = text_fold(arena, snapshot_row_text(snapshot, row, TEXT_NAME1));
  int order = text_compare(cursor->name1, snapshot_name_key(name));
  if (order == 0 && query->sort == SEARCH_NAME) {
    name = text_fold(arena, snapshot_row_text(snapshot, row, TEXT_NAME2));
    order = text_compare(cursor->name2, snapshot_name_key(name));
  }
  if (order) return order;
  return memcmp(&cursor->id, &snapshot->ids[snapshot->id_ranks[row]], sizeof cursor->id);
}

/* The first rank behind the cursor. */
static uint32_t first_behind(const struct snapshot *snapshot, struct arena *arena,
                             const struct search_query *query, const struct search_cursor *cursor,
                             const uint32_t *rows)
{
  uint32_t low = 0, high = cursor->is_set ? snapshot->row_count : 0;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (compare_to_cursor(snapshot, arena, query, cursor, rows[middle]) >= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Walk all matches and keep the `limit` lowest ranks, in order, in workspace->scored. */
static size_t scan_matches(const struct search_filter *filter, const uint32_t *ranks,
                           uint32_t first, size_t limit)
{
  struct search_workspace *workspace = filter->workspace;
  struct search_scored *scored = workspace->scored;
  size_t count = 0;
  for (size_t i = 0; i < filter->matched_count; i++) {
    uint32_t block = workspace->matched[i];
    for (size_t word = 0; word < BLOCK_WORDS; word++)
      for (uint64_t rest = workspace->matches[block].words[word]; rest; rest &= rest - 1) {
        uint32_t row = block * BLOCK_ROWS + (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(rest);
        const uint32_t rank = ranks[row];
        if (rank < first || (count == limit && rank > scored[count - 1].rank)) continue;
        size_t at = count < limit ? count++ : count - 1;
        for (; at > 0 && scored[at - 1].rank > rank; at--) scored[at] = scored[at - 1];
        scored[at] = (struct search_scored){.row = row, .rank = rank};
      }
  }
  return count;
}

/* Walk the order and keep the first that match. */
static size_t walk_order(const struct search_filter *filter, const uint32_t *rows, uint32_t first,
                         size_t limit)
{
  struct search_workspace *workspace = filter->workspace;
  size_t count = 0;
  for (uint32_t at = first; at < filter->snapshot->row_count && count < limit; at++) {
    const uint32_t row = rows[at];
    const struct block_mask *mask = &workspace->matches[row / BLOCK_ROWS];
    bool is_match = filter->is_open ? search_filter_row(filter, row)
                                    : (mask->words[row % BLOCK_ROWS / 64] >> (row % 64) & 1) != 0;
    if (is_match) workspace->scored[count++] = (struct search_scored){.row = row};
  }
  return count;
}

/* Blocks without a match have an old mask; make it empty, so that the order can be walked. */
static void clear_unmatched(const struct search_filter *filter)
{
  struct search_workspace *workspace = filter->workspace;
  size_t at = 0;
  for (uint32_t block = 0; block < filter->snapshot->block_count; block++) {
    if (at < filter->matched_count && workspace->matched[at] == block) at++;
    else memset(&workspace->matches[block], 0, sizeof workspace->matches[block]);
  }
}

static size_t select_ranked(const struct search_filter *filter, struct arena *arena,
                            const struct search_cursor *cursor, size_t limit,
                            struct search_hit *hits)
{
  const struct snapshot *snapshot = filter->snapshot;
  const struct search_query *query = filter->query;
  const bool by_name = query->sort == SEARCH_NAME;
  const uint32_t *rows = by_name ? snapshot->name_rows : snapshot->best_rows;
  const uint32_t *ranks = by_name ? snapshot->name_ranks : snapshot->best_ranks;
  uint32_t first = first_behind(snapshot, arena, query, cursor, rows);
  uint64_t total = (uint64_t)filter->total, count;
  bool is_common = total * total > (uint64_t)limit * snapshot->row_count;
  if (is_common && !filter->is_open) clear_unmatched(filter);
  if (is_common || filter->is_open) count = walk_order(filter, rows, first, limit);
  else count = scan_matches(filter, ranks, first, limit);
  for (size_t i = 0; i < count; i++) {
    uint32_t row = filter->workspace->scored[i].row;
    bool has_distance = query->has_point && row < snapshot->located_count;
    hits[i] = (struct search_hit){
        .row = row, .distance = has_distance ? search_distance(snapshot, query, row) : NAN};
  }
  return count;
}

size_t search_select(const struct search_filter *filter, struct arena *arena,
                     const struct search_cursor *cursor, size_t limit, struct search_hit *hits)
{
  if (limit == 0 || filter->total == 0) return 0;
  if (search_by_distance(filter->query)) return select_nearest(filter, cursor, limit, hits);
  return select_ranked(filter, arena, cursor, limit, hits);
}
