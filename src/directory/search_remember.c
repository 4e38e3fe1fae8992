/*
 * Remembered counts: what a search for needs alone, over the whole directory, can answer without
 * looking at a row. The snapshot knows how many rows meet any one, two or three needs at once;
 * groups of which any suffices follow by inclusion and exclusion.
 */
#include "directory/search_private.h"

enum { CONDITIONS = 3, REMEMBERED_NEEDS = 2, WALK_ROWS = 8192 };

/* Needs of which one suffices. */
struct condition {
  size_t needs[CONDITIONS], count;
};

static int64_t remembered(const struct snapshot *snapshot, const size_t *needs, size_t count)
{
  if (count == 0) return snapshot->row_count;
  size_t a = needs[0], b = needs[count > 1 ? 1 : 0], c = needs[count > 2 ? 2 : 0], swap;
  if (a > b) swap = a, a = b, b = swap;
  if (b > c) swap = b, b = c, c = swap;
  if (a > b) swap = a, a = b, b = swap;
  return snapshot->counts[snapshot_triple(a, b, c)];
}

/* How many rows hold all of `conditions` and every one of the needs chosen so far. */
static int64_t count_rows(const struct snapshot *snapshot, const struct condition *conditions,
                          size_t condition_count, size_t *chosen, size_t chosen_count)
{
  if (condition_count == 0) return remembered(snapshot, chosen, chosen_count);
  const struct condition *first = conditions;
  int64_t total = 0;
  for (unsigned subset = 1; subset < 1u << first->count; subset++) {
    size_t count = chosen_count;
    for (size_t i = 0; i < first->count; i++)
      if (subset >> i & 1) chosen[count++] = first->needs[i];
    int64_t rows = count_rows(snapshot, conditions + 1, condition_count - 1, chosen, count);
    total += (count - chosen_count) % 2 ? rows : -rows;
  }
  return total;
}

static int64_t count_all(const struct snapshot *snapshot, const struct condition *conditions,
                         size_t count)
{
  size_t chosen[CONDITIONS];
  return count_rows(snapshot, conditions, count, chosen, 0);
}

static void count_facets(const struct search_filter *filter, const struct condition *conditions,
                         size_t count, int64_t *facets)
{
  const struct snapshot *snapshot = filter->snapshot;
  const size_t singles = filter->single_count;
  for (size_t need = 0; need < snapshot->need_count; need++) {
    struct condition ticked[CONDITIONS] = {conditions[0], conditions[1]};
    size_t group = 0;
    while (group < filter->group_count &&
           filter->groups[group].number != snapshot->need_group[need])
      group++;
    if (group < filter->group_count) {
      struct condition *same = &ticked[singles + group];
      same->needs[same->count++] = need;
      facets[need] = count_all(snapshot, ticked, count);
    } else {
      ticked[count] = (struct condition){.needs = {need}, .count = 1};
      facets[need] = count_all(snapshot, ticked, count + 1);
    }
  }
  for (size_t i = 0; i < filter->query->need_count; i++)
    facets[filter->query->needs[i]] = filter->total;
}

bool search_remember(struct search_filter *filter, int64_t *facets)
{
  const struct search_query *query = filter->query;
  if (filter->words || query->code_count || filter->has_state || filter->has_radius ||
      query->need_count > REMEMBERED_NEEDS)
    return false;
  struct condition conditions[CONDITIONS] = {0};
  size_t count = 0;
  for (; count < filter->single_count; count++)
    conditions[count] = (struct condition){.needs = {filter->singles[count]}, .count = 1};
  for (size_t g = 0; g < filter->group_count; g++, count++)
    for (size_t i = 0; i < filter->groups[g].count; i++)
      conditions[count].needs[conditions[count].count++] = filter->groups[g].needs[i];
  int64_t total = count_all(filter->snapshot, conditions, count);
  /* Rare matches are found sooner by looking at every block. */
  if (total * WALK_ROWS < (int64_t)filter->snapshot->row_count * LIMIT_RESULTS_PAGE) return false;
  filter->total = total;
  filter->is_open = true;
  if (facets) count_facets(filter, conditions, count, facets);
  return true;
}
