/*
 * Select: the first results in order, from the masks that the filter left in the workspace.
 *
 * By distance: blocks are taken nearest first, until no block can hold a nearer row than the worst
 * that is kept; chords in single precision choose candidates, and only those are measured. By rank
 * (best, name): the order is walked, or the matches are, whichever is shorter.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "directory/search_private.h"

bool search_by_distance(const struct search_query *query)
{
  return query->has_point && query->sort != SEARCH_NAME;
}

/* --- By distance ---------------------------------------------------------------------------- */

struct nearest {
  const struct snapshot *snapshot;
  struct search_workspace *workspace;
  const struct search_query *query;
  const struct search_filtered *filtered;
  const struct search_cursor *cursor;
  uint32_t cursor_rank; /* of its id among the ids */
  size_t limit, count;  /* candidates in workspace->near */
  float from, worst;    /* squared chords: nothing nearer counts; nothing farther counts */
};

/* Room for the error of single precision. */
static float widened(float square)
{
  double chord = sqrt((double)square) * (1 + 2e-6) + 2e-6;
  return (float)(chord * chord);
}

static int compare_scored(const void *a, const void *b)
{
  const struct search_scored *left = a, *right = b;
  if (left->distance != right->distance) return left->distance < right->distance ? -1 : 1;
  return (left->rank > right->rank) - (left->rank < right->rank);
}

static int compare_squares(const void *a, const void *b)
{
  const struct search_candidate *left = a, *right = b;
  return (left->square > right->square) - (left->square < right->square);
}

/* Measure the candidates exactly, drop those that the cursor has passed, and sort. */
static size_t measure(struct nearest *nearest)
{
  const struct snapshot *snapshot = nearest->snapshot;
  struct search_scored *scored = nearest->workspace->scored;
  size_t count = 0;
  for (size_t i = 0; i < nearest->count; i++) {
    uint32_t row = nearest->workspace->near[i].row;
    struct search_scored it = {.row = row, .rank = snapshot->id_ranks[row], .distance = INFINITY};
    if (row < snapshot->located_count) it.distance = search_distance(snapshot, nearest->query, row);
    if (nearest->cursor->is_set) {
      double last = nearest->cursor->distance;
      if (it.distance < last || (it.distance == last && it.rank < nearest->cursor_rank)) continue;
    }
    scored[count++] = it;
  }
  qsort(scored, count, sizeof *scored, compare_scored);
  return count;
}

/* Keep no more candidates than can be among the first `limit`. */
static void shrink(struct nearest *nearest)
{
  struct search_workspace *workspace = nearest->workspace;
  size_t count = measure(nearest);
  if (count > nearest->limit) count = nearest->limit;
  for (size_t i = 0; i < count; i++) {
    uint32_t row = workspace->scored[i].row, block = row / BLOCK_ROWS;
    const float *at =
        nearest->snapshot->vectors + (size_t)block * 3 * BLOCK_ROWS + row % BLOCK_ROWS;
    float square = 0;
    for (size_t axis = 0; axis < 3; axis++) {
      float side = at[axis * BLOCK_ROWS] - nearest->filtered->point[axis];
      square += side * side;
    }
    workspace->near[i] = (struct search_candidate){square, row};
  }
  nearest->count = count;
  if (count == nearest->limit) nearest->worst = widened(workspace->near[count - 1].square);
}

static void take_block(struct nearest *nearest, uint32_t block)
{
  struct search_workspace *workspace = nearest->workspace;
  float squares[BLOCK_ROWS];
  vector_code()->chords(nearest->snapshot->vectors + (size_t)block * 3 * BLOCK_ROWS,
                        nearest->filtered->point, squares);
  const struct block_mask *mask = &workspace->matches[block];
  for (size_t word = 0; word < BLOCK_WORDS; word++)
    for (uint64_t rest = mask->words[word]; rest; rest &= rest - 1) {
      uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(rest);
      if (squares[row] > nearest->worst || squares[row] < nearest->from) continue;
      workspace->near[nearest->count++] =
          (struct search_candidate){squares[row], block * BLOCK_ROWS + row};
    }
  if (nearest->count > CANDIDATES - BLOCK_ROWS) shrink(nearest);
}

static int compare_blocks(const void *a, const void *b)
{
  return compare_squares(a, b);
}

/* Take the matched blocks, nearest first. */
static void take_blocks(struct nearest *nearest, struct arena *arena)
{
  struct search_workspace *workspace = nearest->workspace;
  size_t count = nearest->filtered->matched_count;
  struct search_candidate *blocks = arena_allocate_array(arena, count, sizeof *blocks);
  for (size_t i = 0; i < count; i++) {
    uint32_t block = workspace->matched[i];
    blocks[i] = (struct search_candidate){workspace->nearest[block], block};
  }
  qsort(blocks, count, sizeof *blocks, compare_blocks);
  for (size_t i = 0; i < count && blocks[i].square <= nearest->worst; i++)
    if (widened(workspace->farthest[blocks[i].row]) >= nearest->from)
      take_block(nearest, blocks[i].row);
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

static size_t select_nearest(const struct snapshot *snapshot, struct search_workspace *workspace,
                             struct arena *arena, const struct search_query *query,
                             const struct search_filtered *filtered,
                             const struct search_cursor *cursor, size_t limit,
                             struct search_hit *hits)
{
  struct nearest nearest = {.snapshot = snapshot,
                            .workspace = workspace,
                            .query = query,
                            .filtered = filtered,
                            .cursor = cursor,
                            .limit = limit,
                            .worst = INFINITY};
  if (cursor->is_set) {
    nearest.cursor_rank = rank_behind(snapshot, &cursor->id);
    nearest.from = isinf(cursor->distance) ? 4 : search_chord_bounds(cursor->distance).inner;
  }
  take_blocks(&nearest, arena);
  size_t count = measure(&nearest);
  if (count > limit) count = limit;
  for (size_t i = 0; i < count; i++) {
    double distance = workspace->scored[i].distance;
    hits[i] = (struct search_hit){.row = workspace->scored[i].row,
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

static int compare_ranks(const void *a, const void *b)
{
  const struct search_scored *left = a, *right = b;
  return (left->rank > right->rank) - (left->rank < right->rank);
}

/* Keep the `limit` lowest ranks of the workspace's scored. */
static size_t keep_lowest(struct search_workspace *workspace, size_t count, size_t limit)
{
  qsort(workspace->scored, count, sizeof *workspace->scored, compare_ranks);
  return count < limit ? count : limit;
}

/* Walk all matches and keep the lowest ranks. */
static size_t scan_matches(struct search_workspace *workspace,
                           const struct search_filtered *filtered, const uint32_t *ranks,
                           uint32_t first, size_t limit)
{
  size_t count = 0;
  uint32_t worst = UINT32_MAX;
  for (size_t i = 0; i < filtered->matched_count; i++) {
    uint32_t block = workspace->matched[i];
    for (size_t word = 0; word < BLOCK_WORDS; word++)
      for (uint64_t rest = workspace->matches[block].words[word]; rest; rest &= rest - 1) {
        uint32_t row = block * BLOCK_ROWS + (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(rest);
        if (ranks[row] < first || ranks[row] > worst) continue;
        workspace->scored[count++] = (struct search_scored){.row = row, .rank = ranks[row]};
      }
    if (count <= CANDIDATES - BLOCK_ROWS) continue;
    count = keep_lowest(workspace, count, limit);
    worst = workspace->scored[count - 1].rank;
  }
  return keep_lowest(workspace, count, limit);
}

/* Walk the order and keep the first that match. */
static size_t walk_order(const struct snapshot *snapshot, struct search_workspace *workspace,
                         const uint32_t *rows, uint32_t first, size_t limit)
{
  size_t count = 0;
  for (uint32_t at = first; at < snapshot->row_count && count < limit; at++) {
    uint32_t row = rows[at];
    const struct block_mask *mask = &workspace->matches[row / BLOCK_ROWS];
    if (mask->words[row % BLOCK_ROWS / 64] >> (row % 64) & 1)
      workspace->scored[count++] = (struct search_scored){.row = row};
  }
  return count;
}

/* Blocks without a match have an old mask; make it empty, so that the order can be walked. */
static void clear_unmatched(const struct snapshot *snapshot, struct search_workspace *workspace,
                            const struct search_filtered *filtered)
{
  size_t at = 0;
  for (uint32_t block = 0; block < snapshot->block_count; block++) {
    if (at < filtered->matched_count && workspace->matched[at] == block) at++;
    else memset(&workspace->matches[block], 0, sizeof workspace->matches[block]);
  }
}

static size_t select_ranked(const struct snapshot *snapshot, struct search_workspace *workspace,
                            struct arena *arena, const struct search_query *query,
                            const struct search_filtered *filtered,
                            const struct search_cursor *cursor, size_t limit,
                            struct search_hit *hits)
{
  const bool by_name = query->sort == SEARCH_NAME;
  const uint32_t *rows = by_name ? snapshot->name_rows : snapshot->best_rows;
  const uint32_t *ranks = by_name ? snapshot->name_ranks : snapshot->best_ranks;
  uint32_t first = first_behind(snapshot, arena, query, cursor, rows);
  uint64_t total = (uint64_t)filtered->total, count;
  if (total * total > (uint64_t)limit * snapshot->row_count) {
    clear_unmatched(snapshot, workspace, filtered);
    count = walk_order(snapshot, workspace, rows, first, limit);
  } else count = scan_matches(workspace, filtered, ranks, first, limit);
  for (size_t i = 0; i < count; i++) {
    uint32_t row = workspace->scored[i].row;
    bool has_distance = query->has_point && row < snapshot->located_count;
    hits[i] = (struct search_hit){
        .row = row, .distance = has_distance ? search_distance(snapshot, query, row) : NAN};
  }
  return count;
}

size_t search_select(const struct snapshot *snapshot, struct search_workspace *workspace,
                     struct arena *arena, const struct search_query *query,
                     const struct search_filtered *filtered, const struct search_cursor *cursor,
                     size_t limit, struct search_hit *hits)
{
  if (limit == 0 || filtered->total == 0) return 0;
  return (search_by_distance(query) ? select_nearest : select_ranked)(
      snapshot, workspace, arena, query, filtered, cursor, limit, hits);
}
