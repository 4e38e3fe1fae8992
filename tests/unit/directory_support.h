/*
 * For the tests of the snapshot and of search: facilities in one line, and a snapshot of them.
 */
#ifndef FAIRLEAD_TESTS_DIRECTORY_SUPPORT_H
#define FAIRLEAD_TESTS_DIRECTORY_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "directory/search.h"
#include "directory/snapshot.h"

static inline void must(bool good, const struct error *error)
{
  if (!good) fail_msg("%s (%s)", error->log, error->hint);
}

static inline struct needs *load_needs(void)
{
  struct needs *needs = NULL;
  struct error error = {0};
  must(needs_load(&needs, "knowledge", &error), &error);
  return needs;
}

static inline size_t need_named(const struct needs *needs, const char *name)
{
  size_t need = 0;
  assert_true(needs_find(needs, text_from(name), &need));
  return need;
}

static inline size_t code_named(const struct needs *needs, const char *name)
{
  size_t code = 0;
  assert_true(codes_find(needs, text_from(name), &code));
  return code;
}

/* A facility in short; texts that are NULL are empty, 0,0 means no coordinates. */
struct brief {
  unsigned number; /* its id ends so */
  const char *name1, *name2, *street1, *city, *state, *codes;
  double latitude, longitude;
};

static inline void make_facility(struct arena *arena, const struct brief *brief,
                                 struct facility *out)
{
  *out = (struct facility){
      .id = text_format(arena, "00000000-0000-5000-8000-%012x", brief->number),
      .fields = {[FIELD_NAME1] = text_from(brief->name1),
                 [FIELD_NAME2] = text_from(brief->name2),
                 [FIELD_STREET1] = text_from(brief->street1),
                 [FIELD_CITY] = text_from(brief->city),
                 [FIELD_STATE] = text_from(brief->state),
                 [FIELD_CODES] = text_from(brief->codes)},
      .sources = {[FIELD_NAME1] = {.source = TEXT("test"), .as_of = TEXT("2023-01-01")}},
      .directories = DIRECTORY_SUBSTANCE_USE,
      .latitude = brief->latitude,
      .longitude = brief->longitude,
      .quality = brief->latitude != 0 ? COORDINATE_ADDRESS : COORDINATE_NONE};
}

static inline void make_folder(char folder[64])
{
  snprintf(folder, 64, "/tmp/fairlead-unit-XXXXXX");
  assert_non_null(mkdtemp(folder));
}

static inline void remove_folder(const char *folder)
{
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  assert_int_equal(system(command), 0);
}

static inline void build_into(const char *folder, const struct needs *needs,
                              const struct brief *briefs, size_t count)
{
  struct error error = {0};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct snapshot_builder *builder = snapshot_builder_new(needs);
  for (size_t i = 0; i < count; i++) {
    struct facility facility;
    make_facility(arena, &briefs[i], &facility);
    must(snapshot_builder_add(builder, &facility, &error), &error);
  }
  must(snapshot_builder_finish(builder, folder, &error), &error);
  snapshot_builder_free(builder);
  arena_free(arena);
}

/* The path of the snapshot that is current in the folder. */
static inline void current_path(const char *folder, char path[256])
{
  struct error error = {0};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text name;
  must(snapshot_current(arena, folder, &name, &error), &error);
  snprintf(path, 256, "%s/%.*s", folder, TEXT_PRINT(name));
  arena_free(arena);
}

static inline struct snapshot *open_current(const char *folder, const struct needs *needs)
{
  char path[256];
  struct error error = {0};
  struct snapshot *snapshot = NULL;
  current_path(folder, path);
  must(snapshot_open(&snapshot, path, needs, &error), &error);
  return snapshot;
}

static inline struct snapshot *snapshot_of(const struct needs *needs, const struct brief *briefs,
                                           size_t count)
{
  char folder[64];
  make_folder(folder);
  build_into(folder, needs, briefs, count);
  struct snapshot *snapshot = open_current(folder, needs);
  remove_folder(folder); /* what is mapped stays */
  return snapshot;
}

#endif
