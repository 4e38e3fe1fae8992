/*
 * The inside of the naive scan, for naive.c and naive_words.c alone.
 */
#ifndef FAIRLEAD_BENCH_NAIVE_PRIVATE_H
#define FAIRLEAD_BENCH_NAIVE_PRIVATE_H

#include "naive.h"

enum { NEED_WORDS = NEEDS_MAXIMUM / 64, CODE_WORDS = CODES_MAXIMUM / 64, KEY = 128 };

struct naive_row { /* only until naive_finish() */
  struct text id, name1, name2;
  int signs;
};

struct naive {
  const struct needs *needs;
  struct arena *arena;
  size_t count, capacity;
  struct naive_row *rows;
  /* Columns. */
  double *latitudes, *longitudes;
  bool *located;
  uint64_t *met[NEED_WORDS], *codes[CODE_WORDS];
  uint16_t *states;
  uint32_t *id_ranks, *best_ranks, *name_ranks;
  size_t *first_word; /* by row, and one more: into row_words */
  uint32_t *row_words;
  size_t word_total, word_capacity;
  /* The distinct words, sorted. */
  struct text *words;
  size_t word_count;
  struct text *all_words; /* of all rows, until naive_finish() */
  uint16_t *units_of;     /* by word, while a query runs: bit u says it is one of unit u's */
  /* Synonyms of one word. */
  struct text *singles;
  size_t *single_needs, single_count;
};

struct meaning {
  uint64_t needs[NEED_WORDS];
};
struct units {
  size_t count;
  struct meaning meanings[LIMIT_QUERY_WORDS];
  bool has_terms[LIMIT_QUERY_WORDS];
};

/* The first of the sorted words that is not less than `word`. */
size_t naive_lower_bound(const struct naive *naive, struct text word);
/* Read what was typed into units; marks the words of each in `units_of`. */
void naive_read_words(struct naive *naive, struct arena *arena, struct text typed,
                      struct units *units);

#endif
