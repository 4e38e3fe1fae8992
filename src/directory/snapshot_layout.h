/*
 * The snapshot's file, byte for byte: a header, then sections, one behind the other, each at a
 * multiple of 64 bytes. Their lengths follow from the header's counts alone, so that there are no
 * offsets to distrust. Private to snapshot*.c and search*.c. Little-endian, as the machine is.
 */
#ifndef FAIRLEAD_DIRECTORY_SNAPSHOT_LAYOUT_H
#define FAIRLEAD_DIRECTORY_SNAPSHOT_LAYOUT_H

#include "base/base.h"
#include "directory/needs.h"
#include "directory/snapshot.h"
#include "directory/vector.h"

#define SNAPSHOT_MAGIC "fairlead snapshot"
enum {
  SNAPSHOT_VERSION = 1,
  SNAPSHOT_ALIGNMENT = 64,
  SNAPSHOT_PIECE = 256 * 1024,  /* a section's checksum is one over those of its pieces */
  SNAPSHOT_NAME_KEY = 128,      /* bytes of a folded name that count in its order */
  SNAPSHOT_STATES = 26 * 26 + 1 /* state 0: none; "AA" is 1 */
};

/* A row's texts, in the order in which they stand behind their lengths. */
enum snapshot_text {
  TEXT_NAME1,
  TEXT_NAME2,
  TEXT_STREET1,
  TEXT_STREET2,
  TEXT_CITY,
  TEXT_STATE,
  TEXT_ZIP,
  TEXT_PHONE,
  TEXT_INTAKE_PHONE,
  TEXT_COUNT
};

enum snapshot_section {
  SECTION_LATITUDES,    /* double, by row */
  SECTION_LONGITUDES,   /* double, by row */
  SECTION_VECTORS,      /* float[3][512], by block: unit vectors; far away without coordinates */
  SECTION_BOXES,        /* float[6][blocks, padded]: bounds of the vectors */
  SECTION_NEEDS,        /* block_mask, by block and need */
  SECTION_NEED_ROWS,    /* row_bits, by row: the same, for few rows at a time */
  SECTION_CODES,        /* block_mask, by block and code */
  SECTION_SIGNS,        /* block_mask, by block and sign */
  SECTION_FACTS,        /* snapshot_fact, by row */
  SECTION_STATE_FIRST,  /* uint32_t, by state, and one more: the first of its blocks below */
  SECTION_STATE_BLOCKS, /* uint32_t: numbers of blocks that hold rows of a state, ascending */
  SECTION_STATE_MASKS,  /* block_mask: which rows, beside each */
  SECTION_IDS,          /* 16 bytes: the ids, ascending */
  SECTION_ID_ROWS,      /* uint32_t: the row of each */
  SECTION_ID_RANKS,     /* uint32_t, by row: the way back */
  SECTION_BEST_ROWS,    /* uint32_t: rows by signs, name, id */
  SECTION_BEST_RANKS,   /* uint32_t, by row */
  SECTION_NAME_ROWS,    /* uint32_t: rows by name1, name2, id */
  SECTION_NAME_RANKS,   /* uint32_t, by row */
  SECTION_TERMS,        /* snapshot_term, ascending by bytes */
  SECTION_TERM_OFFSETS, /* uint64_t, by term, and one more */
  SECTION_TERM_BYTES,   /* the terms themselves */
  SECTION_POSTINGS,     /* uint32_t: rows of the rarer terms, ascending for each */
  SECTION_DENSE,        /* block_mask, by dense term and block: rows of the frequent terms */
  SECTION_DENSE_COUNTS, /* uint32_t, by dense term and need: rows that have both */
  SECTION_MEANINGS,     /* need_set: the needs that a term means as a synonym */
  SECTION_NODES,        /* snapshot_node: the terms as a tree of letters, for typos */
  SECTION_COUNTS,       /* uint32_t, by need triple: remembered counts of the whole directory */
  SECTION_SOURCES,      /* uint32_t lengths of source and date, by pair, then their bytes */
  SECTION_TEXT_OFFSETS, /* uint64_t, by row, and one more */
  SECTION_TEXTS,        /* by row: uint16_t lengths[TEXT_COUNT], then the bytes */
  SECTION_HEAD_OFFSETS, /* uint64_t, by row, and one more */
  SECTION_HEADS,        /* rendered JSON */
  SECTION_COUNT
};

struct snapshot_header {
  char magic[24];
  uint32_t version, section_count;
  uint64_t checksum; /* of the header with this field 0; the sections' checksums are in it */
  uint64_t size, knowledge;
  uint64_t text_bytes, head_bytes, term_bytes, source_bytes, posting_count;
  uint32_t row_count, located_count; /* rows with coordinates come first */
  uint32_t need_count, code_count, sign_count;
  uint32_t term_count, dense_count, meaning_count, node_count;
  uint32_t state_block_count, source_count, invented_count;
  uint64_t section_checksums[SECTION_COUNT];
};

struct snapshot_fact {
  uint32_t source; /* index of the pair of source and date */
  uint16_t state;
  uint8_t quality;
  uint8_t directories; /* bits; with FACT_INVENTED */
};

enum { FACT_INVENTED = 128 };

struct snapshot_term {
  uint64_t at;       /* of its rows: in the postings, or which of the dense */
  uint32_t count;    /* rows */
  uint16_t meaning;  /* 0: no synonym; else 1 + index of the meanings */
  uint16_t is_dense; /* 0 or 1 */
};

/* A node stands for the terms from `term` to before `end`: those that begin with the letters on
 * its way. Without children it is one term, whose further letters stand in the term itself. */
struct snapshot_node {
  uint32_t term, end, child; /* children lie behind their parent */
  uint16_t child_count;
  uint8_t letter, unused;
};

struct snapshot_id {
  uint8_t bytes[16];
};

struct snapshot {
  const struct snapshot_header *header;
  const unsigned char *bytes;
  size_t size;
  uint32_t row_count, located_count, block_count;
  size_t box_count; /* blocks, padded for vector code */
  size_t need_count, code_count, sign_count;
  uint8_t need_group[NEEDS_MAXIMUM]; /* the group of which any suffices, or NEED_GROUP_NONE */
  struct text *sources, *dates;      /* by pair */
  size_t *newest;                    /* pairs: each distinct source with its latest date */
  size_t newest_count;
  /* The sections. */
  const double *latitudes, *longitudes;
  const float *vectors, *boxes;
  const struct block_mask *needs, *codes, *signs, *state_masks, *dense;
  const struct row_bits *need_rows;
  const struct need_set *meanings;
  const struct snapshot_fact *facts;
  const uint32_t *state_first, *state_blocks;
  const struct snapshot_id *ids;
  const uint32_t *id_rows, *id_ranks, *best_rows, *best_ranks, *name_rows, *name_ranks;
  const struct snapshot_term *terms;
  const uint64_t *term_offsets, *text_offsets, *head_offsets;
  const char *term_bytes, *texts, *heads;
  const uint32_t *postings, *counts, *dense_counts;
  const struct snapshot_node *nodes;
  const uint32_t *source_lengths;
};
enum { NEED_GROUP_NONE = 255 };

_Static_assert(sizeof(struct row_bits) == sizeof(struct need_set), "a row's needs are row_bits");

/* Where each section begins and how long it is, and the whole size; false when the counts are
 * beyond any file. */
struct snapshot_extent {
  uint64_t at, length;
};
bool snapshot_extents(const struct snapshot_header *header,
                      struct snapshot_extent extents[SECTION_COUNT], uint64_t *size);
/* Point `snapshot` into a file's bytes; the extents must lie within. */
void snapshot_attach(struct snapshot *snapshot, const unsigned char *bytes,
                     const struct snapshot_extent extents[SECTION_COUNT]);
/* The checksum of a section, and that of the header. */
uint64_t snapshot_section_checksum(const unsigned char *bytes, uint64_t length);
uint64_t snapshot_header_checksum(const struct snapshot_header *header);

/* How many counts are remembered for so many needs, and where three of them (a <= b <= c) lie. */
uint64_t snapshot_triple_count(uint64_t need_count);
static inline size_t snapshot_triple(size_t a, size_t b, size_t c)
{
  return c * (c + 1) * (c + 2) / 6 + b * (b + 1) / 2 + a;
}

/* "VA" to its number; 0 for whatever is not two capital letters. */
uint16_t snapshot_state_number(struct text letters);
/* Read a lower-case UUID; false for anything else. */
bool snapshot_id_read(struct text t, struct snapshot_id *out);
/* One of a row's texts. */
struct text snapshot_row_text(const struct snapshot *snapshot, uint32_t row,
                              enum snapshot_text which);
struct text snapshot_term_text(const struct snapshot *snapshot, uint32_t term);
/* The part of a folded name that counts in its order. */
static inline struct text snapshot_name_key(struct text folded)
{
  if (folded.length > SNAPSHOT_NAME_KEY) folded.length = SNAPSHOT_NAME_KEY;
  return folded;
}
/* Write a row's unit vector. */
void snapshot_unit_vector(double latitude, double longitude, float out[3]);

#endif
