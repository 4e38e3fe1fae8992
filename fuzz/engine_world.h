/*
 * A small good directory for the fuzz targets of the engine, in the program's memory.
 */
#ifndef FAIRLEAD_FUZZ_ENGINE_WORLD_H
#define FAIRLEAD_FUZZ_ENGINE_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "directory/search.h"
#include "directory/snapshot.h"

enum { ENGINE_ROWS = 700 };

static inline void engine_must(bool good, const struct error *error)
{
  if (good) return;
  fprintf(stderr, "fuzz: %s\n", error->log);
  abort();
}

static inline struct needs *engine_needs(void)
{
  struct needs *needs;
  struct error error = {0};
  const char *folder = getenv("FAIRLEAD_KNOWLEDGE");
  engine_must(needs_load(&needs, folder ? folder : "knowledge", &error), &error);
  return needs;
}

/* Facility `number`: names, places and codes that differ and repeat. */
static inline void engine_facility(struct arena *arena, unsigned number, struct facility *out)
{
  static const char *const names[] = {"Harbor House", "Serenity Center", "Lighthouse Recovery",
                                      "Behavioral Health Clinic", "New Hope Counseling"};
  static const char *const cities[] = {"Richmond", "Norfolk", "Saint Paul", "Springfield"};
  static const char *const states[] = {"VA", "VA", "MN", "IL"};
  static const char *const codes[] = {"SA OP BUM MD",  "SA RES MM OTP",    "SUMH OP MD PI",
                                      "SA DT HI TRMA", "SA OP TELE SS SP", ""};
  *out = (struct facility){
      .id = text_format(arena, "00000000-0000-5000-8000-%012x", number),
      .fields = {[FIELD_NAME1] = text_from(names[number % 5]),
                 [FIELD_STREET1] = text_format(arena, "%u Oak Street", number % 97),
                 [FIELD_CITY] = text_from(cities[number % 4]),
                 [FIELD_STATE] = text_from(states[number % 4]),
                 [FIELD_CODES] = text_from(codes[number % 6])},
      .sources = {[FIELD_NAME1] = {.source = TEXT("fuzz"), .as_of = TEXT("2023-01-01")}},
      .directories = DIRECTORY_SUBSTANCE_USE,
      .latitude = 36.0 + number % 11,
      .longitude = -90.0 + number % 13,
      .quality = number % 29 ? COORDINATE_ADDRESS : COORDINATE_NONE};
}

/* Build the snapshot in a new folder and answer its path, which the caller frees. */
static inline char *engine_build(const struct needs *needs, unsigned rows)
{
  char folder[] = "/tmp/fairlead-fuzz-XXXXXX";
  struct error error = {0};
  struct text name;
  if (!mkdtemp(folder)) abort();
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct snapshot_builder *builder = snapshot_builder_new(needs);
  for (unsigned i = 0; i < rows; i++) {
    struct facility facility;
    engine_facility(arena, i, &facility);
    engine_must(snapshot_builder_add(builder, &facility, &error), &error);
  }
  engine_must(snapshot_builder_finish(builder, folder, &error), &error);
  snapshot_builder_free(builder);
  engine_must(snapshot_current(arena, folder, &name, &error), &error);
  char *path = strdup(file_join(arena, folder, text_c(arena, name)));
  unlink(file_join(arena, folder, "directory.current"));
  arena_free(arena);
  return path;
}

static inline void engine_remove(char *path)
{
  unlink(path);
  *strrchr(path, '/') = 0;
  rmdir(path);
  free(path);
}

/* Bytes of the input, one after the other; zeros when none are left. */
struct engine_input {
  const uint8_t *at;
  size_t left;
};
static inline unsigned engine_byte(struct engine_input *input)
{
  if (input->left == 0) return 0;
  input->left--;
  return *input->at++;
}

/* A query from bytes: a few that choose, the rest are the words. */
struct engine_query {
  size_t needs[8], codes[4];
  struct search_query query;
};
static inline void engine_query_read(struct engine_input *input, const struct needs *needs,
                                     struct engine_query *out)
{
  static const double radii[] = {0, 0.001, 5, 60, 300, 3000, 13000, 25};
  static const char *const states[] = {"", "", "", "VA", "IL", "MN", "ZZ", "?"};
  struct search_query *query = &out->query;
  unsigned flags = engine_byte(input);
  *query = (struct search_query){.has_point = flags & 1,
                                 .facets = flags & 2,
                                 .sort = (enum search_sort)((flags >> 2) % 3),
                                 .latitude = 30 + engine_byte(input) / 10.0,
                                 .longitude = -95 + engine_byte(input) / 10.0,
                                 .limit = engine_byte(input) % 120};
  query->within = radii[engine_byte(input) % 8];
  unsigned state = engine_byte(input);
  memcpy(query->state, states[state % 8], strlen(states[state % 8]));
  memcpy(query->point_state, states[state / 8 % 8], strlen(states[state / 8 % 8]));
  unsigned counts = engine_byte(input);
  query->need_count = counts % 9;
  query->code_count = counts / 16 % 5;
  for (size_t i = 0; i < query->need_count; i++)
    out->needs[i] = engine_byte(input) % needs_count(needs);
  for (size_t i = 0; i < query->code_count; i++)
    out->codes[i] = (engine_byte(input) * 3u) % codes_count(needs);
  query->needs = out->needs;
  query->codes = out->codes;
  size_t length = input->left < LIMIT_QUERY_TEXT ? input->left : LIMIT_QUERY_TEXT;
  query->words = (struct text){(const char *)input->at, length};
}

#endif
