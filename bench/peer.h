/*
 * What the programs that measure another engine share: a query as the peer is asked it. The peer is
 * given the words' meaning for nothing: every term that the engine's own vocabulary found for a
 * word, typos and prefixes included, and the needs that a synonym stands for.
 */
#ifndef FAIRLEAD_BENCH_PEER_H
#define FAIRLEAD_BENCH_PEER_H

#include <stdio.h>
#include <string.h>

#include "directory/search_private.h"
#include "world.h"

struct peer_query {
  const struct search_query *query;
  struct search_words words;
  struct need_set singles;                   /* each must be met */
  struct need_set groups[LIMIT_QUERY_NEEDS]; /* of each, one */
  uint8_t group_numbers[LIMIT_QUERY_NEEDS];
  size_t group_count;
};

static inline bool need_set_has(const struct need_set *set, size_t need)
{
  return (set->bits[need / 64] >> (need % 64) & 1) != 0;
}

static inline void peer_query_read(const struct world *world, struct arena *arena,
                                   const struct search_query *query, struct peer_query *out)
{
  memset(out, 0, sizeof *out);
  out->query = query;
  search_words_read(world->snapshot, world->needs, arena, query->words, &out->words);
  for (size_t i = 0; i < query->need_count; i++) {
    size_t need = query->needs[i], g = 0;
    uint8_t number = world->snapshot->need_group[need];
    struct need_set *set = &out->singles;
    if (number != NEED_GROUP_NONE) {
      while (g < out->group_count && out->group_numbers[g] != number) g++;
      if (g == out->group_count) out->group_numbers[out->group_count++] = number;
      set = &out->groups[g];
    }
    set->bits[need / 64] |= (uint64_t)1 << (need % 64);
  }
}

/* A box of degrees that holds the circle. */
static inline void peer_box(const struct search_query *query, double box[4])
{
  double up = query->within / EARTH_RADIUS_MILES * 57.29577951308232;
  double across = up / __builtin_cos(query->latitude / 57.29577951308232) * 1.01;
  box[0] = query->latitude - up * 1.001;
  box[1] = query->latitude + up * 1.001;
  box[2] = query->longitude - across;
  box[3] = query->longitude + across;
}

#endif
