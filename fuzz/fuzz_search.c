/*
 * Fuzz a query: words, place, needs, codes, order. Whatever the engine answers must be what the
 * naive scan of bench/ answers: total, order, distances, every count. Each result is explained.
 */
#include <math.h>

#include "../bench/naive.c"
#include "../bench/naive_words.c"
#include "engine_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct needs *needs;
static struct naive *naive;
static struct snapshot *snapshot;
static struct search_workspace *workspace;

static void start(void)
{
  struct error error = {0};
  needs = engine_needs();
  naive = naive_new(needs);
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (unsigned i = 0; i < ENGINE_ROWS; i++) {
    struct facility facility;
    engine_facility(arena, i, &facility);
    naive_add(naive, &facility);
  }
  arena_free(arena);
  naive_finish(naive);
  char *path = engine_build(needs, ENGINE_ROWS);
  engine_must(snapshot_open(&snapshot, path, needs, &error), &error);
  engine_remove(path);
  workspace = search_workspace_new();
}

static void compare(const struct search_answer *answer, const struct naive_answer *expected,
                    bool facets)
{
  if (answer->total != expected->total || answer->hit_count != expected->count ||
      answer->loosened_count != expected->loosened_count)
    abort();
  for (size_t i = 0; i < answer->hit_count; i++) {
    struct snapshot_row row;
    double given = answer->hits[i].distance, wanted = expected->distances[i];
    snapshot_row_get(snapshot, answer->hits[i].row, &row);
    if (!text_equal(row.id, expected->ids[i])) abort();
    if (isnan(given) ? !isnan(wanted) : fabs(given - wanted) > 1e-9) abort();
  }
  for (size_t i = 0; facets && i < needs_count(needs); i++)
    if (answer->facets[i] != expected->facets[i]) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static struct naive_answer expected;
  struct engine_input input = {bytes, size};
  struct engine_query asked;
  struct search_answer answer;
  struct search_reason reasons[LIMIT_QUERY_WORDS];
  struct error error = {0};
  if (!needs) start();
  engine_query_read(&input, needs, &asked);
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  engine_must(search_run(snapshot, needs, workspace, arena, &asked.query, &answer, &error), &error);
  naive_search(naive, &asked.query, &expected);
  compare(&answer, &expected, asked.query.facets);
  for (size_t i = 0; i < answer.hit_count; i++)
    if (search_explain(snapshot, needs, arena, &answer.used, answer.hits[i].row, reasons) >
        LIMIT_QUERY_WORDS)
      abort();
  arena_free(arena);
  return 0;
}
