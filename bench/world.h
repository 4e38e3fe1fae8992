/*
 * What every measuring program needs: a made-up directory of a given size, its snapshot, the fixed
 * workload, and a clock. A program measures the engine and its peer in turn, query by query, so
 * that both meet the same moments of a busy machine; of several rounds the least time counts.
 */
#ifndef FAIRLEAD_BENCH_WORLD_H
#define FAIRLEAD_BENCH_WORLD_H

#include "directory/snapshot.h"
#include "generate.h"

enum { WORLD_QUERIES = 2000 };

struct world {
  struct needs *needs;
  struct generator *generator;
  struct snapshot *snapshot;
  struct search_workspace *workspace;
  struct arena *arena; /* cleared before each search */
  struct arena *query_arena;
  struct search_query queries[WORLD_QUERIES];
  enum workload_kind kinds[WORLD_QUERIES];
  char folder[256], path[512]; /* of the snapshot */
  double build_seconds;        /* of the processor: building is one thread */
  double open_seconds;         /* least of five */
  size_t rows;
};

/* Make the directory and open its snapshot in a new folder below `parent`; each facility is also
 * handed to `each`, when given. Ends the program when it cannot. */
void world_make(struct world *world, size_t rows, const char *parent,
                void (*each)(void *context, const struct facility *facility), void *context);
void world_free(struct world *world);
double world_clock(void); /* seconds */
/* Answer the query by the engine; ends the program when it is refused. Answers the seconds. */
double world_search(struct world *world, const struct search_query *query,
                    struct search_answer *out);
/* Read an option's number, e.g. --rows 20000. */
size_t world_option(int count, char **arguments, const char *name, size_t otherwise);

/* Least times of every query, by engine and peer. */
struct timing {
  double engine[WORLD_QUERIES], peer[WORLD_QUERIES];
};
void timing_start(struct timing *timing);
static inline void timing_least(double *least, double seconds)
{
  if (seconds < *least) *least = seconds;
}
/* Print a JSON object: for every kind and for all: number, microseconds a query, ratio. Only
 * queries that the peer was measured on count. */
void timing_print(const struct world *world, const struct timing *timing);

#endif
