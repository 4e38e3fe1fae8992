/*
 * The inside of search. A query goes through four steps, each in a file of its own:
 *
 *   words (search_words.c)    what was typed -> units, each a set of terms and needs
 *   filter (search_filter.c)  units, needs, codes, state, radius -> a mask for each block, counts
 *   select (search_select.c)  masks -> the first results in order, behind a cursor
 *   loosen (search_loosen.c)  when nothing matched: the next query to try
 *
 * All memory is the workspace's or the arena's.
 */
#ifndef FAIRLEAD_DIRECTORY_SEARCH_PRIVATE_H
#define FAIRLEAD_DIRECTORY_SEARCH_PRIVATE_H

#include "directory/search.h"
#include "directory/snapshot_layout.h"

#define EARTH_RADIUS_MILES 3958.7613

/* --- Words ---------------------------------------------------------------------------------- */

/* Terms [first, end) of the sorted vocabulary. */
struct term_range {
  uint32_t first, end;
};

/* One word or phrase of the query: rows with any of its terms, or that meet any of its needs. */
struct search_unit {
  struct text words; /* folded */
  bool is_phrase;    /* a synonym: its needs alone */
  struct need_set needs;
  bool has_needs;
  struct term_range *ranges; /* ascending, apart, none empty */
  size_t range_count;
  uint64_t listed;       /* rows in the lists of its rarer terms, with repeats */
  const uint32_t *dense; /* its frequent terms: which of the snapshot's dense masks */
  size_t dense_count;
};

struct search_words {
  struct search_unit units[LIMIT_QUERY_WORDS];
  size_t count;
  bool is_hopeless; /* a unit means nothing that the directory has */
};

/* Understand what was typed; everything lives in the arena. */
void search_words_read(const struct snapshot *snapshot, const struct needs *needs,
                       struct arena *arena, struct text typed, struct search_words *out);
/* Is the word, a term of the snapshot, one of the unit's? Compares with the ends of its ranges. */
bool search_unit_has(const struct snapshot *snapshot, const struct search_unit *unit,
                     struct text word);
/* The number of a term; false when no row has it and no synonym is so called. */
bool search_term_find(const struct snapshot *snapshot, struct text word, uint32_t *term);

/* --- Workspace ------------------------------------------------------------------------------ */

struct search_candidate {
  float square; /* of the chord */
  uint32_t row; /* or block */
};
struct search_scored {
  double distance; /* INFINITY without coordinates */
  uint32_t row, rank;
};
enum { CANDIDATES = 2 * BLOCK_ROWS };

/* What one thread searches with, kept from query to query. */
struct search_workspace {
  size_t block_capacity;
  float *nearest, *farthest;                    /* by block: squared chords of its box */
  struct block_mask *matches;                   /* by block */
  uint32_t *matched;                            /* blocks whose mask is not empty */
  uint32_t *candidates;                         /* blocks that may match */
  struct search_candidate *heap;                /* blocks, the nearest first */
  struct block_mask *listed[LIMIT_QUERY_WORDS]; /* by unit and block: rows from lists; all zero
                                                   between queries */
  uint32_t *touched_blocks[LIMIT_QUERY_WORDS];  /* blocks in which those are not empty */
  size_t touched_count[LIMIT_QUERY_WORDS];
  uint64_t *touched; /* bit b: block b is in the list being made; all zero between lists */
  struct search_candidate near[CANDIDATES];
  struct search_scored scored[CANDIDATES];
  float squares[CANDIDATES];
  struct block_mask sums[NEEDS_MAXIMUM];
};
/* Make room for a snapshot of this many blocks. */
void search_workspace_fit(struct search_workspace *workspace, size_t blocks);

/* --- Filter --------------------------------------------------------------------------------- */

/* A squared chord that is surely within, and one that is surely beyond. */
struct chord_bounds {
  float inner, outer;
};
struct chord_bounds search_chord_bounds(double miles);
/* Great-circle distance in miles from the query's point to a row with coordinates. */
double search_distance(const struct snapshot *snapshot, const struct search_query *query,
                       uint32_t row);

/* Needs of one group of which any suffices. */
struct search_group {
  uint8_t number;
  uint8_t needs[LIMIT_QUERY_NEEDS];
  size_t count;
  struct need_set set;
};

/* A query as the filter runs it. */
struct search_filter {
  const struct snapshot *snapshot;
  struct search_workspace *workspace;
  const struct search_query *query;
  const struct search_words *words; /* NULL: they do not count */
  const struct vector_code *code;
  size_t singles[LIMIT_QUERY_NEEDS], single_count; /* needs that must hold by themselves */
  struct need_set single_set;
  struct search_group groups[LIMIT_QUERY_NEEDS];
  size_t group_count;
  bool has_radius, has_state;
  float point[3]; /* of the query, as a unit vector */
  struct chord_bounds bounds;
  uint32_t state_first, state_end; /* of the state's blocks */

  /* The result: either the masks in the workspace for the blocks `matched`, in ascending order,
   * or, when the counts were remembered, nothing yet: `is_open`, and rows are judged one block or
   * one row at a time. */
  int64_t total;
  size_t matched_count;
  bool is_open;
};
/* Find every row that the query asks for. `facets` (by need) is NULL when not asked. */
void search_filter_run(struct search_filter *filter, const struct snapshot *snapshot,
                       struct search_workspace *workspace, const struct search_query *query,
                       const struct search_words *words, int64_t *facets);
/* Of an open filter: the rows of a block that match; whether one row does. */
void search_filter_block(const struct search_filter *filter, uint32_t block,
                         struct block_mask *matches);
bool search_filter_row(const struct search_filter *filter, uint32_t row);
/* Answer total and facets from the counts that the snapshot remembers, when they suffice: no
 * words, codes, state or radius, and at most two needs. */
bool search_remember(struct search_filter *filter, int64_t *facets);

/* --- Select --------------------------------------------------------------------------------- */

/* The last result of the page before: where this one begins. */
struct search_cursor {
  bool is_set;
  double distance;          /* INFINITY: one without coordinates */
  uint32_t signs;           /* how many it met */
  struct text name1, name2; /* folded, cut to their keys */
  struct snapshot_id id;
};
/* Does the query sort by distance? */
bool search_by_distance(const struct search_query *query);
/* Choose the first `limit` results behind the cursor, in order. Answers how many there are, at
 * most `limit`; `hits` has room for them. */
size_t search_select(const struct search_filter *filter, struct arena *arena,
                     const struct search_cursor *cursor, size_t limit, struct search_hit *hits);

/* --- Cursor --------------------------------------------------------------------------------- */

/* Read a cursor that an earlier answer to the same query gave; ERROR_REFUSED for any other. */
bool search_cursor_read(struct arena *arena, const struct search_query *query,
                        struct search_cursor *out, struct error *error);
struct text search_cursor_write(const struct snapshot *snapshot, struct arena *arena,
                                const struct search_query *query, const struct search_hit *last);

/* --- Loosen --------------------------------------------------------------------------------- */

/* Loosen `answer->used`, which matches nothing, until something does; false when the directory is
 * empty. `*words` becomes NULL when they were dropped. */
bool search_loosen(const struct snapshot *snapshot, struct search_workspace *workspace,
                   struct arena *arena, const struct search_words **words,
                   struct search_answer *answer);

#endif
