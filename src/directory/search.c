/*
 * Search: a query through its steps, and the workspace. See search.h and search_private.h.
 */
#include "directory/search.h"

#include <stdlib.h>
#include <string.h>

#include "directory/search_private.h"

const char *search_vector(void)
{
  return vector_code()->name;
}

/* --- Workspace ------------------------------------------------------------------------------ */

struct search_workspace *search_workspace_new(void)
{
  struct search_workspace *workspace =
      aligned_alloc(SNAPSHOT_ALIGNMENT, (sizeof *workspace + SNAPSHOT_ALIGNMENT - 1) /
                                            SNAPSHOT_ALIGNMENT * SNAPSHOT_ALIGNMENT);
  if (!workspace) abort(); /* GCOVR_EXCL_BR_LINE: no memory is left */
  memset(workspace, 0, sizeof *workspace);
  return workspace;
}

static void release(struct search_workspace *workspace)
{
  free(workspace->nearest);
  free(workspace->farthest);
  free(workspace->matches);
  free(workspace->matched);
  free(workspace->candidates);
  free(workspace->touched);
  free(workspace->heap);
  for (size_t i = 0; i < LIMIT_QUERY_WORDS; i++) {
    free(workspace->listed[i]);
    free(workspace->touched_blocks[i]);
  }
}

void search_workspace_free(struct search_workspace *workspace)
{
  if (!workspace) return;
  release(workspace);
  free(workspace);
}

/* Zeroed memory at a multiple of 64 bytes. */
static void *allocate_aligned(size_t count, size_t size)
{
  void *memory;
  size_t bytes = count * size;
  bool good = posix_memalign(&memory, SNAPSHOT_ALIGNMENT, bytes) == 0;
  if (!good) abort(); /* GCOVR_EXCL_BR_LINE: no memory is left */
  memset(memory, 0, bytes);
  return memory;
}

void search_workspace_fit(struct search_workspace *workspace, size_t blocks)
{
  if (blocks <= workspace->block_capacity) return;
  release(workspace);
  workspace->block_capacity = blocks;
  workspace->nearest = allocate_aligned(blocks, sizeof *workspace->nearest);
  workspace->farthest = allocate_aligned(blocks, sizeof *workspace->farthest);
  workspace->matches = allocate_aligned(blocks, sizeof *workspace->matches);
  workspace->matched = allocate_aligned(blocks, sizeof *workspace->matched);
  workspace->candidates = allocate_aligned(blocks, sizeof *workspace->candidates);
  workspace->touched = allocate_aligned(blocks / 64 + 1, sizeof *workspace->touched);
  workspace->heap = allocate_aligned(blocks, sizeof *workspace->heap);
  for (size_t i = 0; i < LIMIT_QUERY_WORDS; i++) {
    workspace->listed[i] = allocate_aligned(blocks, sizeof *workspace->listed[i]);
    workspace->touched_blocks[i] =
        allocate_aligned(blocks + 1, sizeof *workspace->touched_blocks[i]);
  }
}

/* --- Running -------------------------------------------------------------------------------- */

bool search_run(const struct snapshot *snapshot, const struct needs *needs,
                struct search_workspace *workspace, struct arena *arena,
                const struct search_query *query, struct search_answer *out, struct error *error)
{
  struct search_cursor cursor;
  if (!search_cursor_read(arena, query, &cursor, error)) return false;
  struct search_answer answer = {.used = *query, .next = TEXT("")};
  struct search_words *read = arena_allocate(arena, sizeof *read);
  search_words_read(snapshot, needs, arena, query->words, read);
  const struct search_words *words = read->count > 0 ? read : NULL;
  if (query->facets)
    answer.facets = arena_allocate_array(arena, snapshot->need_count, sizeof *answer.facets);

  struct search_filter filter;
  search_filter_run(&filter, snapshot, workspace, query, words, answer.facets);
  if (filter.total == 0 && search_loosen(snapshot, workspace, arena, &words, &answer))
    search_filter_run(&filter, snapshot, workspace, &answer.used, words, answer.facets);
  answer.total = filter.total;
  answer.used.understood = words;

  size_t limit = query->limit < LIMIT_RESULTS_PAGE ? query->limit : LIMIT_RESULTS_PAGE;
  size_t asked = limit ? limit + 1 : 0; /* one more tells whether a page follows */
  answer.hits = arena_allocate_array(arena, asked, sizeof *answer.hits);
  answer.hit_count = search_select(&filter, arena, &cursor, asked, answer.hits);
  if (answer.hit_count > limit) {
    answer.hit_count = limit;
    answer.next = search_cursor_write(snapshot, arena, query, &answer.hits[limit - 1]);
  }
  *out = answer;
  return true;
}

void search_fetch(const struct snapshot *snapshot, const struct search_answer *answer, bool texts)
{
  enum { CACHE_LINE = 64 };
  for (size_t i = 0; i < answer->hit_count; i++) {
    __builtin_prefetch(&snapshot->head_offsets[answer->hits[i].row]);
    __builtin_prefetch(&snapshot->need_rows[answer->hits[i].row]);
    if (texts) __builtin_prefetch(&snapshot->text_offsets[answer->hits[i].row]);
  }
  for (size_t i = 0; i < answer->hit_count; i++) {
    struct text head = snapshot_row_head(snapshot, answer->hits[i].row);
    for (size_t at = 0; at < head.length; at += CACHE_LINE) __builtin_prefetch(head.at + at);
    if (texts) __builtin_prefetch(snapshot->texts + snapshot->text_offsets[answer->hits[i].row]);
  }
}
