/*
 * A query as two SQL statements, for the peers that speak SQL: one counts the total and every facet
 * in one pass over the matches, one takes the first 20. What their dialects differ in is theirs.
 */
#ifndef FAIRLEAD_BENCH_PEER_SQL_H
#define FAIRLEAD_BENCH_PEER_SQL_H

#include "peer.h"

struct peer_dialect {
  const char *from, *from_radius; /* the tables, without and with a radius */
  /* Append " AND …": within the radius. */
  void (*add_radius)(struct text_buffer *sql, const struct search_query *query);
  /* Append a condition: any of a unit's terms. */
  void (*add_terms)(struct text_buffer *sql, const struct world *world,
                    const struct search_unit *unit);
  /* Append the distance of a row from the query's point. */
  void (*add_distance)(struct text_buffer *sql, const struct search_query *query);
};

static inline void sql_add(struct text_buffer *sql, const char *text)
{
  text_buffer_add(sql, text_from(text));
}

/* "any of these needs" */
static inline void sql_add_any(struct text_buffer *sql, const struct need_set *set)
{
  text_buffer_add_format(sql, "((needs0 & %lld) | (needs1 & %lld)) <> 0", (long long)set->bits[0],
                         (long long)set->bits[1]);
}

static inline void sql_add_unit(struct text_buffer *sql, const struct world *world,
                                const struct peer_dialect *dialect, const struct search_unit *unit)
{
  sql_add(sql, " AND (");
  if (unit->has_needs) sql_add_any(sql, &unit->needs);
  if (unit->has_needs && unit->range_count) sql_add(sql, " OR ");
  if (unit->range_count) dialect->add_terms(sql, world, unit);
  sql_add(sql, ")");
}

/* FROM and WHERE of everything but the groups. */
static inline void sql_add_where(struct text_buffer *sql, const struct world *world,
                                 const struct peer_dialect *dialect, const struct peer_query *peer)
{
  const struct search_query *query = peer->query;
  const bool has_radius = query->has_point && query->within > 0;
  sql_add(sql, has_radius ? dialect->from_radius : dialect->from);
  text_buffer_add_format(sql, " WHERE (needs0 & %lld) = %lld AND (needs1 & %lld) = %lld",
                         (long long)peer->singles.bits[0], (long long)peer->singles.bits[0],
                         (long long)peer->singles.bits[1], (long long)peer->singles.bits[1]);
  if (has_radius) dialect->add_radius(sql, query);
  if (query->state[0]) text_buffer_add_format(sql, " AND state = '%s'", query->state);
  for (size_t i = 0; i < peer->words.count; i++)
    sql_add_unit(sql, world, dialect, &peer->words.units[i]);
}

static inline void sql_add_groups(struct text_buffer *sql, const struct peer_query *peer,
                                  size_t but)
{
  sql_add(sql, "(1 = 1");
  for (size_t g = 0; g < peer->group_count; g++) {
    if (g == but) continue;
    sql_add(sql, " AND ");
    sql_add_any(sql, &peer->groups[g]);
  }
  sql_add(sql, ")");
}

static inline void sql_add_count(struct text_buffer *sql, const struct peer_query *peer, size_t but,
                                 const struct need_set *any)
{
  sql_add(sql, "COALESCE(SUM(CASE WHEN ");
  sql_add_groups(sql, peer, but);
  if (any) {
    sql_add(sql, " AND ");
    sql_add_any(sql, any);
  }
  sql_add(sql, " THEN 1 ELSE 0 END), 0)");
}

static inline void sql_write_counts(struct text_buffer *sql, const struct world *world,
                                    const struct peer_dialect *dialect,
                                    const struct peer_query *peer)
{
  sql_add(sql, "SELECT ");
  sql_add_count(sql, peer, SIZE_MAX, NULL);
  for (size_t need = 0; need < needs_count(world->needs); need++) {
    size_t own = SIZE_MAX;
    for (size_t g = 0; g < peer->group_count; g++)
      if (peer->group_numbers[g] == world->snapshot->need_group[need]) own = g;
    struct need_set any = {{0}};
    if (own != SIZE_MAX) any = peer->groups[own];
    any.bits[need / 64] |= (uint64_t)1 << (need % 64);
    sql_add(sql, ", ");
    sql_add_count(sql, peer, own, &any);
  }
  sql_add_where(sql, world, dialect, peer);
  text_buffer_add_character(sql, 0);
}

static inline void sql_write_first(struct text_buffer *sql, const struct world *world,
                                   const struct peer_dialect *dialect,
                                   const struct peer_query *peer)
{
  sql_add(sql, "SELECT facts.id");
  sql_add_where(sql, world, dialect, peer);
  sql_add(sql, " AND ");
  sql_add_groups(sql, peer, SIZE_MAX);
  if (peer->query->has_point) {
    sql_add(sql, " ORDER BY latitude IS NULL, ");
    dialect->add_distance(sql, peer->query);
    sql_add(sql, ", id_rank LIMIT 20");
  } else sql_add(sql, " ORDER BY best LIMIT 20");
  text_buffer_add_character(sql, 0);
}

/* Measure the engine and the peer on the first `queries` of the workload. `ask` runs both
 * statements and answers the total, and the first row. Prints one JSON object. */
static inline void sql_measure(struct world *world, const char *name,
                               const struct peer_dialect *dialect, size_t queries, int runs,
                               int64_t (*ask)(const char *counts, const char *first, uint32_t *row))
{
  static struct timing timing;
  size_t equal = 0, asked = 0;
  timing_start(&timing);
  for (size_t i = 0; i < queries && i < WORLD_QUERIES; i++) {
    struct search_answer answer;
    for (int run = 0; run < 5; run++)
      timing_least(&timing.engine[i], world_search(world, &world->queries[i], &answer));
    if (answer.loosened_count > 0) continue; /* only what can be asked in one go */
    uint32_t first_row = answer.hit_count ? answer.hits[0].row : UINT32_MAX, row = 0;
    int64_t total = 0;
    struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
    struct peer_query peer;
    struct text_buffer counts, first;
    text_buffer_init(&counts, 64 * 1024 * 1024);
    text_buffer_init(&first, 64 * 1024 * 1024);
    peer_query_read(world, arena, &world->queries[i], &peer);
    sql_write_counts(&counts, world, dialect, &peer);
    sql_write_first(&first, world, dialect, &peer);
    for (int run = 0; run < runs; run++) {
      double start = world_clock();
      total = ask(counts.at, first.at, &row);
      timing_least(&timing.peer[i], world_clock() - start);
    }
    asked++;
    equal += total == answer.total && row == first_row;
    text_buffer_fini(&counts);
    text_buffer_fini(&first);
    arena_free(arena);
  }
  printf("{\"peer\":\"%s\",\"rows\":%zu,\"asked\":%zu,\"equal\":%zu,\"times\":", name, world->rows,
         asked, equal);
  timing_print(world, &timing);
  printf("}\n");
}

#endif
