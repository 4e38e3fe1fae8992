/*
 * Xapian against the engine, in one process and in turn: total, facets by a match spy, first 20.
 * Facets of a group with a ticked need count the rows that have that need, which is less than the
 * engine tells (it counts them together with the ticked ones): the peer is asked for less.
 *
 *   bench_xapian [--rows 20000] [--queries 1000]
 */
#include <stdlib.h>

#include "peer.h"
#include "xapian.h"

static struct world world;
static struct timing timing;

static void add_row(struct xapian *xapian, uint32_t row)
{
  struct snapshot_row it;
  snapshot_row_get(world.snapshot, row, &it);
  struct text parts[] = {it.name1, it.name2, it.city, it.street1};
  struct text_buffer all;
  text_buffer_init(&all, 65536);
  for (size_t i = 0; i < 4; i++) {
    text_buffer_add(&all, text_fold(world.arena, parts[i]));
    text_buffer_add_character(&all, ' ');
  }
  text_buffer_add_character(&all, 0);
  xapian_add(xapian, row, all.at, text_c(world.arena, it.state),
             world.snapshot->need_rows[row].words, it.quality != COORDINATE_NONE, it.latitude,
             it.longitude, world.snapshot->best_ranks[row]);
  text_buffer_fini(&all);
  arena_clear(world.arena);
}

static struct xapian_unit read_unit(struct arena *arena, const struct search_unit *unit)
{
  struct xapian_unit out = {.needs = {unit->needs.bits[0], unit->needs.bits[1]}};
  size_t room = 0;
  for (size_t i = 0; i < unit->range_count; i++)
    room += unit->ranges[i].end - unit->ranges[i].first;
  const char **terms = arena_allocate_array(arena, room, sizeof *terms);
  for (size_t i = 0; i < unit->range_count; i++)
    for (uint32_t t = unit->ranges[i].first; t < unit->ranges[i].end; t++)
      if (world.snapshot->terms[t].count > 0)
        terms[out.term_count++] = text_c(arena, snapshot_term_text(world.snapshot, t));
  out.terms = terms;
  return out;
}

static void read_query(struct arena *arena, const struct search_query *query,
                       struct xapian_query *out)
{
  struct peer_query peer;
  peer_query_read(&world, arena, query, &peer);
  struct xapian_unit *units = arena_allocate_array(arena, peer.words.count, sizeof *units);
  for (size_t i = 0; i < peer.words.count; i++) units[i] = read_unit(arena, &peer.words.units[i]);
  *out = (struct xapian_query){.units = units,
                               .unit_count = peer.words.count,
                               .singles = {peer.singles.bits[0], peer.singles.bits[1]},
                               .group_count = peer.group_count,
                               .state = query->state,
                               .has_point = query->has_point,
                               .latitude = query->latitude,
                               .longitude = query->longitude,
                               .within = query->within,
                               .need_count = needs_count(world.needs)};
  for (size_t g = 0; g < peer.group_count; g++) {
    memcpy(out->groups[g], peer.groups[g].bits, sizeof out->groups[g]);
    for (size_t need = 0; need < out->need_count; need++)
      if (world.snapshot->need_group[need] == peer.group_numbers[g])
        out->group_members[g][need / 64] |= (uint64_t)1 << (need % 64);
  }
}

int main(int count, char **arguments)
{
  size_t rows = world_option(count, arguments, "--rows", 20000), equal = 0, asked = 0;
  size_t queries = world_option(count, arguments, "--queries", 1000);
  world_make(&world, rows, "/tmp", NULL, NULL);
  char folder[300], command[320];
  snprintf(folder, sizeof folder, "%s/xapian", world.folder);
  struct xapian *xapian = xapian_new(folder);
  for (uint32_t row = 0; row < snapshot_row_count(world.snapshot); row++) add_row(xapian, row);
  xapian_commit(xapian);
  timing_start(&timing);
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (size_t i = 0; i < queries && i < WORLD_QUERIES; i++) {
    struct search_answer answer;
    struct xapian_query query;
    int64_t total = 0, facets[NEEDS_MAXIMUM];
    uint32_t found[20];
    for (int run = 0; run < 5; run++)
      timing_least(&timing.engine[i], world_search(&world, &world.queries[i], &answer));
    if (answer.loosened_count > 0) continue;
    arena_clear(arena);
    read_query(arena, &world.queries[i], &query);
    for (int run = 0; run < 3; run++) {
      double start = world_clock();
      xapian_search(xapian, &query, &total, facets, found);
      timing_least(&timing.peer[i], world_clock() - start);
    }
    asked++;
    equal += total == answer.total;
  }
  printf("{\"peer\":\"Xapian %s\",\"rows\":%zu,\"asked\":%zu,\"equal\":%zu,\"times\":",
         xapian_version(), rows, asked, equal);
  timing_print(&world, &timing);
  printf("}\n");
  arena_free(arena);
  xapian_free(xapian);
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  if (system(command) != 0) return 1;
  world_free(&world);
  return 0;
}
