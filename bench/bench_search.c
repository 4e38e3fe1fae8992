/*
 * The engine against the naive scan, on one made-up directory: equality of every answer, times
 * query by query in turn, the same without facets and with lesser vector code, and what the
 * snapshot costs to build, open and keep. Prints one JSON object.
 *
 *   bench_search [--rows 20000] [--rounds 5] [--folder /tmp]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory/snapshot_layout.h"
#include "naive.h"
#include "world.h"

/* Runs of each query in all rounds: as many at every size, so that the least of them means the
 * same. */
enum { ENGINE_RUNS = 24 };

static struct world world;
static struct timing with_facets, without_facets;

static void add_naive(void *context, const struct facility *facility)
{
  naive_add(context, facility);
}

static bool is_equal(const struct search_answer *answer, const struct naive_answer *expected)
{
  bool same = answer->total == expected->total && answer->hit_count == expected->count;
  for (size_t i = 0; same && i < answer->hit_count; i++) {
    struct snapshot_row row;
    snapshot_row_get(world.snapshot, answer->hits[i].row, &row);
    same = text_equal(row.id, expected->ids[i]);
  }
  for (size_t i = 0; same && i < needs_count(world.needs); i++)
    same = answer->facets[i] == expected->facets[i];
  return same;
}

/* One round over the workload; answers how many answers are equal. */
static size_t run_round(struct naive *naive, size_t engine_runs)
{
  size_t equal = 0;
  for (size_t i = 0; i < WORLD_QUERIES; i++) {
    static struct naive_answer expected;
    struct search_answer answer;
    struct search_query plain = world.queries[i];
    plain.facets = false;
    double start = world_clock();
    naive_search(naive, &world.queries[i], &expected);
    timing_least(&with_facets.peer[i], world_clock() - start);
    for (size_t run = 0; run < engine_runs; run++) {
      timing_least(&without_facets.engine[i], world_search(&world, &plain, &answer));
      timing_least(&with_facets.engine[i], world_search(&world, &world.queries[i], &answer));
    }
    equal += is_equal(&answer, &expected);
    without_facets.peer[i] = with_facets.engine[i];
  }
  return equal;
}

/* Bytes a row of the sections, the rendered heads apart. */
static void print_sizes(void)
{
  static const char *const names[SECTION_COUNT] = {[SECTION_LATITUDES] = "latitudes",
                                                   [SECTION_LONGITUDES] = "longitudes",
                                                   [SECTION_VECTORS] = "vectors",
                                                   [SECTION_BOXES] = "boxes",
                                                   [SECTION_NEEDS] = "needs",
                                                   [SECTION_NEED_ROWS] = "need_rows",
                                                   [SECTION_CODES] = "codes",
                                                   [SECTION_SIGNS] = "signs",
                                                   [SECTION_FACTS] = "facts",
                                                   [SECTION_STATE_FIRST] = "state_first",
                                                   [SECTION_STATE_BLOCKS] = "state_blocks",
                                                   [SECTION_STATE_MASKS] = "state_masks",
                                                   [SECTION_IDS] = "ids",
                                                   [SECTION_ID_ROWS] = "id_rows",
                                                   [SECTION_ID_RANKS] = "id_ranks",
                                                   [SECTION_BEST_ROWS] = "best_rows",
                                                   [SECTION_BEST_RANKS] = "best_ranks",
                                                   [SECTION_NAME_ROWS] = "name_rows",
                                                   [SECTION_NAME_RANKS] = "name_ranks",
                                                   [SECTION_TERMS] = "terms",
                                                   [SECTION_TERM_OFFSETS] = "term_offsets",
                                                   [SECTION_TERM_BYTES] = "term_bytes",
                                                   [SECTION_POSTINGS] = "postings",
                                                   [SECTION_DENSE] = "dense",
                                                   [SECTION_DENSE_COUNTS] = "dense_counts",
                                                   [SECTION_MEANINGS] = "meanings",
                                                   [SECTION_NODES] = "nodes",
                                                   [SECTION_COUNTS] = "counts",
                                                   [SECTION_SOURCES] = "sources",
                                                   [SECTION_TEXT_OFFSETS] = "text_offsets",
                                                   [SECTION_TEXTS] = "texts",
                                                   [SECTION_HEAD_OFFSETS] = "head_offsets",
                                                   [SECTION_HEADS] = "heads"};
  struct snapshot_extent extents[SECTION_COUNT];
  uint64_t size;
  double resident = 0, rows = (double)world.rows;
  snapshot_extents(world.snapshot->header, extents, &size);
  printf("\"bytes_a_row\":{");
  for (size_t i = 0; i < SECTION_COUNT; i++) {
    printf("\"%s\":%.2f,", names[i], (double)extents[i].length / rows);
    if (i != SECTION_HEADS) resident += (double)extents[i].length;
  }
  printf("\"resident_beside_rendered\":%.1f,\"file\":%.1f}", resident / rows, (double)size / rows);
}

int main(int count, char **arguments)
{
  size_t rows = world_option(count, arguments, "--rows", 20000);
  size_t rounds = world_option(count, arguments, "--rounds", 5);
  const char *folder = getenv("TMPDIR");
  struct error error = {0};
  struct needs *needs;
  if (!needs_load(&needs, "knowledge", &error)) {
    fprintf(stderr, "bench: %s\n", error.log);
    return 1;
  }
  struct naive *naive = naive_new(needs);
  world_make(&world, rows, folder ? folder : "/tmp", add_naive, naive);
  naive_finish(naive);
  timing_start(&with_facets);
  timing_start(&without_facets);
  size_t equal = WORLD_QUERIES;
  for (size_t round = 0; round < rounds; round++) {
    size_t now = run_round(naive, rounds < ENGINE_RUNS ? ENGINE_RUNS / rounds : 1);
    if (now < equal) equal = now;
  }
  printf(
      "{\"rows\":%zu,\"vector\":\"%s\",\"queries\":%d,\"equal\":%zu,\n\"build_rows_a_second\":%.0f,"
      "\"open_ms\":%.2f,\n",
      rows, search_vector(), WORLD_QUERIES, equal, (double)rows / world.build_seconds,
      world.open_seconds * 1e3);
  print_sizes();
  printf(",\n\"naive\":");
  timing_print(&world, &with_facets);
  printf(",\n\"facets\":"); /* peer: with facets; engine: without */
  timing_print(&world, &without_facets);
  printf("}\n");
  world_free(&world);
  naive_free(naive);
  needs_free(needs);
  return equal == WORLD_QUERIES ? 0 : 1;
}
