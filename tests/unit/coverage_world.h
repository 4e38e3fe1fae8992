/*
 * The room coverage over a program of its own, in unit tests on both engines: its rules, a site,
 * two people, a stay of the first. Include first, in one file of a program; a file's own struct
 * work holds what its acts take and give.
 */
#ifndef FAIRLEAD_TESTS_COVERAGE_WORLD_H
#define FAIRLEAD_TESTS_COVERAGE_WORLD_H

#include "care_world.h"

#include "coverage/coverage.h"

static const int64_t HOUR = INT64_C(3600) * 1000000;
/* 2026-11-18, by: date -d 2026-11-18 +%s, divided by 86400 */
enum { TODAY = 20775 };
static struct coverage_rules *rules;
static struct text person, other, stay;
static const struct zone *zone;

static bool make_person(struct store_transaction *t, const struct access *access, void *context,
                        struct error *error)
{
  return person_create(t, world.care, access, world.arena, context, error);
}
static bool make_stay(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return episode_create(t, world.care, access, world.arena, context, world.now - 240 * HOUR, error);
}
static bool make_site(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return site_create(t, world.care, access, world.arena, context, error);
}

#define REFUSED(call, key)                                                                         \
  do {                                                                                             \
    error_clear(&world.error);                                                                     \
    assert_false(call);                                                                            \
    assert_string_equal(world.error.person, key);                                                  \
  } while (0)

static inline bool to(const char *act, world_function *run, void *w)
{
  return world_do("coverage", act, person, run, w);
}

static inline struct text add_person(const char *family)
{
  struct person made = {.identity = {.family = text_from(family), .sex = TEXT("unknown")},
                        .language = TEXT("es")};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &made.id,
                     &world.error));
  struct world_deed deed = {"person", "write", made.id, make_person, &made, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return made.id;
}

static inline int coverage_begin(void **state)
{
  int failed = world_begin(state);
  struct site site = {.name = TEXT("West")};
  const char *knowledge = file_join(world.arena, world_share(), "knowledge");
  WORLD(world_do("site", "write", TEXT(""), make_site, &site));
  WORLD(coverage_rules_load(&rules, knowledge, &world.error));
  assert_true(zone_find(TEXT("America/Denver"), &zone));
  world_become("case-manager", "", "");
  person = add_person("Bell");
  other = add_person("Booth");
  struct episode made = {.person_id = person,
                         .status = TEXT("active"),
                         .site_id = site.id,
                         .level_of_care = TEXT("3.5"),
                         .referral_source = TEXT("self")};
  WORLD(world_do("episode", "write", person, make_stay, &made));
  stay = made.id;
  world_become("utilization", "", "");
  return failed;
}

static inline int coverage_end(void **state)
{
  coverage_rules_free(rules);
  return world_end(state);
}

#endif
