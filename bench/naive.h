/*
 * The naive scan: a straightforward columnar search that looks at every row for every query. It is
 * what the engine's speed is measured against, and the oracle for its answers: it follows
 * docs/search.md and shares no code with the engine but base and needs.
 */
#ifndef FAIRLEAD_BENCH_NAIVE_H
#define FAIRLEAD_BENCH_NAIVE_H

#include "directory/facility.h"
#include "directory/needs.h"
#include "directory/search.h"

struct naive;
struct naive *naive_new(const struct needs *needs);
void naive_add(struct naive *naive, const struct facility *facility);
/* After the last row. */
void naive_finish(struct naive *naive);
void naive_free(struct naive *naive);

struct naive_answer {
  int64_t total;
  int64_t facets[NEEDS_MAXIMUM];
  size_t count;
  struct text ids[LIMIT_RESULTS_PAGE]; /* of the naive's own memory */
  double distances[LIMIT_RESULTS_PAGE];
  size_t loosened_count;
};
/* Answer from the first page; the query's cursor is not read. */
void naive_search(struct naive *naive, const struct search_query *query, struct naive_answer *out);

#endif
