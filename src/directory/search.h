/*
 * Search: the pure engine. A query of resolved values in, an answer of row numbers and counts out.
 * No database, clock, socket or catalog; knows nothing of how a place or a need is spelled.
 * Any number of threads may search one snapshot, each with a workspace of its own.
 */
#ifndef FAIRLEAD_DIRECTORY_SEARCH_H
#define FAIRLEAD_DIRECTORY_SEARCH_H

#include "base/base.h"
#include "directory/needs.h"
#include "directory/snapshot.h"

struct search_words;
enum search_sort { SEARCH_BEST, SEARCH_DISTANCE, SEARCH_NAME };

struct search_query {
  struct text words; /* as typed, unfolded; all must match */
  bool has_point;
  double latitude, longitude; /* degrees */
  double within;              /* miles; 0: no radius. Needs a point */
  char state[3];              /* "" : any */
  char point_state[3];        /* the state in which the point lies, for loosening; or "" */
  const size_t *needs;        /* indexes, at most LIMIT_QUERY_NEEDS */
  size_t need_count;
  const size_t *codes; /* indexes, at most LIMIT_QUERY_CODES; every one must be present */
  size_t code_count;
  enum search_sort sort;
  size_t limit;       /* results; at most LIMIT_RESULTS_PAGE are given; 0: counts alone */
  struct text cursor; /* of an earlier answer to the same query; "" from the start */
  bool facets;
  const struct search_words *understood; /* NULL, or set by search_run() in an answer's `used` */
};

/* How one word of the query was matched by one result (for "why"). */
enum search_match { MATCH_NAME, MATCH_CITY, MATCH_STREET, MATCH_NEED };

struct search_hit {
  uint32_t row;
  double distance; /* miles; NAN without a point or coordinates */
};

enum search_loosened_kind {
  LOOSENED_WITHIN,
  LOOSENED_STATE,
  LOOSENED_WORDS,
  LOOSENED_NEED,
  LOOSENED_CODE
};
struct search_loosened {
  enum search_loosened_kind what;
  double within_was, within_now;   /* LOOSENED_WITHIN: now 0 means no radius */
  char state_was[3], state_now[3]; /* LOOSENED_STATE: now "" means nationwide. LOOSENED_WITHIN with
                                      now 0: state_now is the state that stands in for the radius,
                                      or "" for nationwide */
  size_t index;                    /* LOOSENED_NEED, LOOSENED_CODE */
};

struct search_answer {
  int64_t total;
  struct search_hit *hits; /* in order; lives in the arena */
  size_t hit_count;
  int64_t *facets; /* by need index; NULL when not asked */
  struct search_loosened *loosened;
  size_t loosened_count;
  struct search_query used; /* the query that was answered, after loosening */
  struct text next;         /* cursor, or "" at the end */
};

struct search_workspace;
struct search_workspace *search_workspace_new(void);
void search_workspace_free(struct search_workspace *workspace);

/* Answer the query, loosening when nothing matches. Fails only for a cursor that is none of ours
 * (ERROR_REFUSED). Everything in the answer lives in the arena. */
bool search_run(const struct snapshot *snapshot, const struct needs *needs,
                struct search_workspace *workspace, struct arena *arena,
                const struct search_query *query, struct search_answer *out, struct error *error);

/* Let the processor fetch at once what will be said of all results, and their texts when these will
 * be explained: rows lie far apart, and one by one each would be waited for. */
void search_fetch(const struct snapshot *snapshot, const struct search_answer *answer, bool texts);

/* Which need each synonym word of the query stood for, and which field another word was found in,
 * for one result: answers the number of words described (at most LIMIT_QUERY_WORDS). */
struct search_reason {
  struct text word; /* folded, as typed */
  enum search_match match;
  size_t need; /* MATCH_NEED */
};
size_t search_explain(const struct snapshot *snapshot, const struct needs *needs,
                      struct arena *arena, const struct search_query *query, uint32_t row,
                      struct search_reason *reasons);
/* The same for many results of one query: its words are understood once. Lives in the arena. */
struct search_explainer;
struct search_explainer *search_explainer_new(const struct snapshot *snapshot,
                                              const struct needs *needs, struct arena *arena,
                                              const struct search_query *query);
size_t search_explainer_row(const struct search_explainer *explainer, uint32_t row,
                            struct search_reason *reasons);

/* The vector code in use: "plain", "avx2" or "avx512" ($FAIRLEAD_VECTOR asks for a lesser one). */
const char *search_vector(void);

#endif
