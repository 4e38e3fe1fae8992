/*
 * Xapian behind a few C functions, for bench_xapian.c. Words are terms, needs are boolean terms
 * ("XN12"), the state is one ("XSVA"); coordinates, needs and ranks are values.
 */
#ifndef FAIRLEAD_BENCH_XAPIAN_H
#define FAIRLEAD_BENCH_XAPIAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xapian;
struct xapian *xapian_new(const char *folder);
void xapian_free(struct xapian *xapian);
/* `words`: folded, spaces between; `needs`: two words of bits; `order`: the row's rank by best. */
void xapian_add(struct xapian *xapian, uint32_t row, const char *words, const char *state,
                const uint64_t needs[2], int located, double latitude, double longitude,
                uint32_t order);
void xapian_commit(struct xapian *xapian);

/* A query: units are terms any of which will do, and needs likewise. */
struct xapian_unit {
  const char *const *terms;
  size_t term_count;
  uint64_t needs[2];
};
struct xapian_query {
  const struct xapian_unit *units;
  size_t unit_count;
  uint64_t singles[2];
  uint64_t groups[8][2];        /* ticked needs of each group */
  uint64_t group_members[8][2]; /* all needs of it */
  size_t group_count;
  const char *state; /* "" for any */
  int has_point;
  double latitude, longitude, within;
  size_t need_count;
};
/* Total, facets and the first 20 rows; answers their number. */
size_t xapian_search(struct xapian *xapian, const struct xapian_query *query, int64_t *total,
                     int64_t *facets, uint32_t rows[20]);
const char *xapian_version(void);

#ifdef __cplusplus
}
#endif
#endif
