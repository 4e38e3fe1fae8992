/*
 * The inside of the snapshot's builder: what is kept of each facility until the file is written.
 * Private to snapshot_build.c, snapshot_terms.c and snapshot_write.c.
 */
#ifndef FAIRLEAD_DIRECTORY_SNAPSHOT_BUILD_H
#define FAIRLEAD_DIRECTORY_SNAPSHOT_BUILD_H

#include "directory/snapshot_layout.h"

/* --- Vocabulary ----------------------------------------------------------------------------- */

/* Terms are numbered in the order in which they are met; terms_sort() puts them in order. */
struct term_entry {
  uint64_t hash, at; /* where its bytes begin */
  uint32_t length, count;
  uint32_t meaning; /* 0, or 1 + index of the meanings */
};
struct terms {
  struct text_buffer bytes;
  struct term_entry *entries;
  size_t count, capacity;
  uint32_t *slots; /* 0, or 1 + number of the entry */
  size_t slot_count;
  struct need_set *meanings;
  size_t meaning_count;
  uint32_t *order, *rank; /* after terms_sort(): entries ascending, and the way back */
};
void terms_init(struct terms *terms);
void terms_fini(struct terms *terms);
/* The number of a term, new or known. */
uint32_t terms_add(struct terms *terms, struct text term);
struct text terms_get(const struct terms *terms, size_t entry);
/* Add every synonym of one word, with the needs that it means. */
void terms_add_synonyms(struct terms *terms, const struct needs *needs);
void terms_sort(struct terms *terms);
/* Build the tree of letters over the sorted terms; the caller frees `*nodes`. */
void terms_tree(const struct terms *terms, struct snapshot_node **nodes, size_t *count);

/* --- Rows ----------------------------------------------------------------------------------- */

struct builder_row {
  struct snapshot_id id;
  double latitude, longitude;
  uint64_t curve; /* place on the Hilbert curve; UINT64_MAX without coordinates */
  uint64_t text_at, text_length, head_at, head_length;
  uint64_t names_at; /* folded name1, then name2 */
  uint64_t words_at; /* first of its term entries */
  struct need_set needs;
  struct code_set codes;
  uint64_t signs;
  struct snapshot_fact fact;
  uint32_t word_count;
  uint8_t name1_length, name2_length;
};

struct snapshot_builder {
  const struct needs *needs;
  struct arena *scratch; /* cleared after each facility */
  struct builder_row *rows;
  size_t row_count, row_capacity;
  struct text_buffer texts, heads, names;
  uint32_t *words; /* term entries of the rows, one behind the other */
  size_t word_count, word_capacity;
  struct terms terms;
  struct terms pairs; /* "source\nas_of", numbered like terms */
  /* Numbers of rows, as they were added. */
  uint32_t *order;                /* in the order of the file */
  uint32_t *place;                /* by number: the row in the file */
  uint32_t *ids, *best, *by_name; /* in the orders of ids, of `best` and of names */
};

static inline struct text builder_name1(const struct snapshot_builder *builder,
                                        const struct builder_row *row)
{
  return (struct text){builder->names.at + row->names_at, row->name1_length};
}
static inline struct text builder_name2(const struct snapshot_builder *builder,
                                        const struct builder_row *row)
{
  return (struct text){builder->names.at + row->names_at + row->name1_length, row->name2_length};
}

/* Grow an array of `size`-byte elements to hold one more. */
void *builder_grow(void *array, size_t count, size_t *capacity, size_t size);

/* Put everything into the header but the checksums and the whole size. */
void snapshot_measure(const struct snapshot_builder *builder, size_t node_count,
                      struct snapshot_header *header);
/* Fill every section of a file whose bytes are all zero behind its header. */
void snapshot_fill(const struct snapshot_builder *builder, const struct snapshot_node *nodes,
                   const struct snapshot_extent extents[SECTION_COUNT], unsigned char *bytes);

#endif
