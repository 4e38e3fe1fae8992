/*
 * A share folder and a data folder of four invented facilities, for tests of the directory's front
 * door. Codes are SAMHSA's; what they mean to a need is in knowledge/needs.csv.
 */
#ifndef FAIRLEAD_TESTS_DIRECTORY_WORLD_H
#define FAIRLEAD_TESTS_DIRECTORY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "directory/directory.h"
#include "places_table.h"

/* One facility; NULL name ends a list. */
struct world_facility {
  const char *name, *street, *city, *state, *zip, *codes;
  double latitude, longitude; /* 0, 0: unknown */
};

static const struct world_facility world_facilities[] = {
    {"Hope House", "12 Grace Street", "Richmond", "VA", "23220", "SA OP BUM MD", 37.5498, -77.4588},
    {"Lakeside Center", "9 Oak Road", "Henrico", "VA", "23228", "SA DT RES MM", 37.6246, -77.4932},
    {"Gateway", "1 Arch Street", "Saint Louis", "MO", "63101", "SA DT OP BUM FCO", 38.6346,
     -90.1913},
    {"Unlocated Hope", "2 Far Road", "Hope", "AR", "71801", "SA OP SP", 0, 0},
    {0},
};

struct world {
  char folder[64], share[80], data[80];
  struct catalog *catalog;
  struct directory *directory;
  struct arena *arena;
};

static inline void must(bool good, const struct error *error)
{
  if (!good) fail_msg("%s (%s)", error->log, error->hint);
}

/* Link share/<as> to <name> of the working copy. */
static inline void world_link(const struct world *world, const char *name, const char *as)
{
  char to[128], from[4096 + 32], here[4096];
  assert_non_null(getcwd(here, sizeof here));
  snprintf(from, sizeof from, "%s/%s", here, name);
  snprintf(to, sizeof to, "%s/%s", world->share, as);
  assert_int_equal(symlink(from, to), 0);
}

static inline struct facility world_facility(const struct world_facility *given, unsigned number,
                                             char id[40])
{
  snprintf(id, 40, "00000000-0000-5000-8000-%012u", number);
  struct facility facility = {.id = text_from(id),
                              .directories = DIRECTORY_SUBSTANCE_USE,
                              .latitude = given->latitude,
                              .longitude = given->longitude,
                              .quality = COORDINATE_ZIP,
                              .invented = true};
  if (given->latitude == 0) facility.quality = COORDINATE_NONE;
  facility.fields[FIELD_NAME1] = text_from(given->name);
  facility.fields[FIELD_STREET1] = text_from(given->street);
  facility.fields[FIELD_CITY] = text_from(given->city);
  facility.fields[FIELD_STATE] = text_from(given->state);
  facility.fields[FIELD_ZIP] = text_from(given->zip);
  facility.fields[FIELD_CODES] = text_from(given->codes);
  facility.fields[FIELD_PHONE] = TEXT("804-555-0100");
  facility.fields[FIELD_INTAKE_PHONE] = TEXT("804-555-0101");
  for (int i = 0; i < FIELD_COUNT; i++)
    if (facility.fields[i].length)
      facility.sources[i] =
          (struct facility_source){TEXT("demo"), TEXT("2026-01-01"), TEXT("2026-01-01")};
  return facility;
}

/* Write a snapshot of the list and name it current. */
static inline void world_build(const struct world *world, const struct needs *needs,
                               const struct world_facility *list)
{
  struct error error = {0};
  struct snapshot_builder *builder = snapshot_builder_new(needs);
  for (unsigned i = 0; list[i].name; i++) {
    char id[40];
    struct facility facility = world_facility(&list[i], i + 1, id);
    must(snapshot_builder_add(builder, &facility, &error), &error);
  }
  must(snapshot_builder_finish(builder, world->data, &error), &error);
  snapshot_builder_free(builder);
}

static inline void world_make_folders(struct world *world)
{
  struct error error = {0};
  char path[128];
  snprintf(world->folder, sizeof world->folder, "/tmp/fairlead-world-XXXXXX");
  assert_non_null(mkdtemp(world->folder));
  snprintf(world->share, sizeof world->share, "%s/share", world->folder);
  snprintf(world->data, sizeof world->data, "%s/data", world->folder);
  must(file_make_folder(world->share, &error) && file_make_folder(world->data, &error), &error);
  world_link(world, "knowledge", "knowledge");
  world_link(world, "migrations", "migrations");
  snprintf(path, sizeof path, "%s/locale", world->share);
  must(file_make_folder(path, &error), &error);
  world_link(world, "locale/en", "locale/en");
  world_link(world, "locale/es", "locale/es");
  world_link(world, "locale/es", "locale/xx"); /* a language that knowledge/ has no labels in */
  snprintf(path, sizeof path, "%s/places.tsv", world->share);
  must(file_replace(path, (struct text){PLACES_TABLE, sizeof PLACES_TABLE - 1}, &error), &error);
}

static inline void world_remove(const struct world *world)
{
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", world->folder);
  assert_int_equal(system(command), 0);
}

#endif
