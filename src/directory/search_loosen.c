/*
 * Loosening: when nothing matches, which query to try next (docs/search.md, "Never empty"). One
 * thing after another is given up; the first query that brings results is answered.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "directory/search_private.h"

struct loosening {
  const struct snapshot *snapshot;
  struct search_workspace *workspace;
  struct arena *arena;
  struct search_answer *answer; /* `used` and `loosened` are what is being tried */
};

/* How many rows match the query? */
static int64_t count_matches(const struct loosening *it, const struct search_query *query,
                             const struct search_words *words)
{
  struct search_filter filter;
  search_filter_run(&filter, it->snapshot, it->workspace, query, words, NULL);
  return filter.total;
}

static void note(struct loosening *it, struct search_loosened what)
{
  it->answer->loosened[it->answer->loosened_count++] = what;
}

/* Try the query; when it matches, it is the one to answer. */
static bool try_query(struct loosening *it, const struct search_query *query,
                      const struct search_words *words)
{
  if (count_matches(it, query, words) == 0) return false;
  it->answer->used = *query;
  return true;
}

static void set_state(char out[3], const char state[3])
{
  memcpy(out, state, 3);
}

/* Without a radius and a state. */
static struct search_query nationwide(const struct search_query *query)
{
  struct search_query wide = *query;
  wide.within = 0;
  set_state(wide.state, "\0\0");
  return wide;
}

/* Step 1: the radius doubled, then a state instead, then the nation; or the state lifted. */
static bool loosen_place(struct loosening *it, const struct search_query *query,
                         const struct search_words *words)
{
  struct search_loosened within = {.what = LOOSENED_WITHIN, .within_was = query->within};
  struct search_loosened state = {.what = LOOSENED_STATE};
  set_state(state.state_was, query->state);
  const bool has_radius = query->has_point && query->within > 0;
  struct search_query wider = *query;
  if (has_radius) {
    wider.within = within.within_now = 2 * query->within;
    if (try_query(it, &wider, words)) {
      note(it, within);
      return true;
    }
    wider.within = within.within_now = 0;
    if (!query->state[0]) set_state(wider.state, query->point_state);
    if (wider.state[0] && try_query(it, &wider, words)) {
      set_state(within.state_now, wider.state);
      note(it, within);
      return true;
    }
  }
  wider = nationwide(query);
  if ((!has_radius && !query->state[0]) || !try_query(it, &wider, words)) return false;
  if (has_radius) note(it, within);
  if (query->state[0]) note(it, state);
  return true;
}

/* The query as it is, or with its place loosened. */
static bool try_here_or_wider(struct loosening *it, const struct search_query *query,
                              const struct search_words *words)
{
  return try_query(it, query, words) || loosen_place(it, query, words);
}

/* The query without need or code number `at` (needs first), in the arena. */
static struct search_query without(const struct loosening *it, const struct search_query *query,
                                   size_t at)
{
  struct search_query less = *query;
  const bool is_need = at < query->need_count;
  const size_t *from = is_need ? query->needs : query->codes;
  size_t count = is_need ? query->need_count : query->code_count;
  size_t skip = is_need ? at : at - query->need_count;
  size_t *kept = arena_allocate_array(it->arena, count, sizeof *kept);
  for (size_t i = 0, to = 0; i < count; i++)
    if (i != skip) kept[to++] = from[i];
  if (is_need) {
    less.needs = kept;
    less.need_count--;
  } else {
    less.codes = kept;
    less.code_count--;
  }
  return less;
}

/* How near its nearest result is, negated; without a point, how many there are. -INFINITY: none. */
static double worth(const struct loosening *it, const struct search_query *query,
                    const struct search_words *words)
{
  const struct search_cursor start = {.is_set = false};
  struct search_query wide = nationwide(query);
  struct search_filter filter;
  struct search_hit nearest;
  wide.sort = SEARCH_BEST;
  search_filter_run(&filter, it->snapshot, it->workspace, &wide, words, NULL);
  if (filter.total == 0) return -INFINITY;
  if (!wide.has_point) return (double)filter.total;
  search_select(&filter, it->arena, &start, 1, &nearest);
  return isnan(nearest.distance) ? -DBL_MAX : -nearest.distance;
}

/* Step 3: drop the one need or code whose loss brings the most. */
static bool drop_one(struct loosening *it, const struct search_query *query,
                     const struct search_words *words)
{
  size_t count = query->need_count + query->code_count, chosen = 0;
  double best = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    struct search_query less = without(it, query, i);
    double value = worth(it, &less, words);
    if (value <= best) continue;
    best = value;
    chosen = i;
  }
  if (isinf(best)) return false;
  struct search_query less = without(it, query, chosen);
  bool is_need = chosen < query->need_count;
  note(it, (struct search_loosened){.what = is_need ? LOOSENED_NEED : LOOSENED_CODE,
                                    .index = is_need ? query->needs[chosen]
                                                     : query->codes[chosen - query->need_count]});
  return try_here_or_wider(it, &less, words);
}

bool search_loosen(const struct snapshot *snapshot, struct search_workspace *workspace,
                   struct arena *arena, const struct search_words **words,
                   struct search_answer *answer)
{
  enum { PLACE_AND_WORDS = 3 };
  if (snapshot->row_count == 0) return false;
  struct loosening it = {
      .snapshot = snapshot, .workspace = workspace, .arena = arena, .answer = answer};
  struct search_query query = answer->used;
  answer->loosened = arena_allocate_array(
      arena, PLACE_AND_WORDS + query.need_count + query.code_count, sizeof *answer->loosened);
  if (loosen_place(&it, &query, *words)) return true;
  const struct search_loosened lost = {.what = LOOSENED_WORDS};
  if (*words) {
    struct search_query silent = query;
    silent.words = TEXT("");
    note(&it, lost);
    const struct search_words *none = NULL;
    if (try_here_or_wider(&it, &silent, none)) {
      *words = none;
      return true;
    }
    answer->loosened_count = 0;
    if (drop_one(&it, &query, *words)) return true;
    answer->loosened_count = 0;
    note(&it, lost);
    *words = none;
    query = silent;
  }
  while (!drop_one(&it, &query, NULL)) { /* the first given goes, until one loss suffices */
    bool is_need = query.need_count > 0;
    note(&it, (struct search_loosened){.what = is_need ? LOOSENED_NEED : LOOSENED_CODE,
                                       .index = is_need ? query.needs[0] : query.codes[0]});
    query = without(&it, &query, 0);
  }
  return true;
}
