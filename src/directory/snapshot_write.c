/*
 * Filling a snapshot's sections from what its builder holds. The mapped bytes are all zero before;
 * a section is written by one function. Threads: one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "directory/snapshot_build.h"

/* Frequent terms have a bit for each row, the others a list: whichever is shorter. */
static bool is_dense(const struct snapshot_builder *builder, const struct term_entry *entry)
{
  return (uint64_t)entry->count * 32 > builder->row_count;
}

static const struct builder_row *row_at(const struct snapshot_builder *builder, size_t row)
{
  return &builder->rows[builder->order[row]];
}

/* Count, for each state, the blocks that hold rows of it; answers the sum. */
static uint32_t count_state_blocks(const struct snapshot_builder *builder,
                                   uint32_t counts[SNAPSHOT_STATES])
{
  uint32_t last[SNAPSHOT_STATES] = {0}, total = 0;
  for (size_t row = 0; row < builder->row_count; row++) {
    uint16_t state = row_at(builder, row)->fact.state;
    uint32_t block = (uint32_t)(row / BLOCK_ROWS) + 1;
    if (state == 0 || last[state] == block) continue;
    last[state] = block;
    counts[state]++;
    total++;
  }
  return total;
}

/* Source and date of a pair, which stand with a line end between. */
static struct text pair_get(const struct snapshot_builder *builder, size_t pair, struct text *date)
{
  struct text rest = terms_get(&builder->pairs, pair), source;
  text_split_next(&rest, '\n', &source);
  *date = rest;
  return source;
}

void snapshot_measure(const struct snapshot_builder *builder, size_t node_count,
                      struct snapshot_header *header)
{
  const struct terms *terms = &builder->terms;
  uint32_t states[SNAPSHOT_STATES] = {0};
  *header = (struct snapshot_header){
      .magic = SNAPSHOT_MAGIC,
      .version = SNAPSHOT_VERSION,
      .section_count = SECTION_COUNT,
      .knowledge = needs_hash(builder->needs),
      .text_bytes = builder->texts.length,
      .head_bytes = builder->heads.length,
      .term_bytes = terms->bytes.length,
      .source_bytes =
          builder->pairs.count * (2 * sizeof(uint32_t) - 1) + builder->pairs.bytes.length,
      .row_count = (uint32_t)builder->row_count,
      .need_count = (uint32_t)needs_count(builder->needs),
      .code_count = (uint32_t)codes_count(builder->needs),
      .sign_count = (uint32_t)signs_count(builder->needs),
      .term_count = (uint32_t)terms->count,
      .meaning_count = (uint32_t)terms->meaning_count,
      .node_count = (uint32_t)node_count,
      .state_block_count = count_state_blocks(builder, states),
      .source_count = (uint32_t)builder->pairs.count,
  };
  for (size_t i = 0; i < builder->row_count; i++) {
    header->located_count += builder->rows[i].curve != UINT64_MAX;
    header->invented_count += (builder->rows[i].fact.directories & FACT_INVENTED) != 0;
  }
  for (size_t i = 0; i < terms->count; i++) {
    bool dense = is_dense(builder, &terms->entries[i]);
    header->dense_count += dense;
    header->posting_count += dense ? 0 : terms->entries[i].count;
  }
}

/* --- Sections ------------------------------------------------------------------------------- */

static void fill_coordinates(const struct snapshot_builder *builder, double *latitudes,
                             double *longitudes, float *vectors)
{
  const float far_away = 100;
  size_t padded = (builder->row_count + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS;
  for (size_t row = 0; row < padded; row++) {
    float vector[3] = {far_away, far_away, far_away};
    if (row < builder->row_count && row_at(builder, row)->curve != UINT64_MAX) {
      latitudes[row] = row_at(builder, row)->latitude;
      longitudes[row] = row_at(builder, row)->longitude;
      snapshot_unit_vector(latitudes[row], longitudes[row], vector);
    }
    float *block = vectors + row / BLOCK_ROWS * 3 * BLOCK_ROWS + row % BLOCK_ROWS;
    for (size_t axis = 0; axis < 3; axis++) block[axis * BLOCK_ROWS] = vector[axis];
  }
}

/* Bounds of each block; the padding lies as far away as a row without coordinates. */
static void fill_boxes(const float *vectors, size_t block_count, size_t box_count, float *boxes)
{
  const float far_away = 100;
  for (size_t box = 0; box < box_count; box++)
    for (size_t axis = 0; axis < 3; axis++) {
      float low = far_away, high = box < block_count ? -far_away : far_away;
      const float *at = vectors + (box * 3 + axis) * BLOCK_ROWS;
      for (size_t row = 0; row < BLOCK_ROWS && box < block_count; row++) {
        low = fminf(low, at[row]);
        high = fmaxf(high, at[row]);
      }
      boxes[axis * box_count + box] = low;
      boxes[(axis + 3) * box_count + box] = high;
    }
}

/* Set the bit of `row` in each column whose bit is set in `bits`. */
static void set_columns(struct block_mask *columns, size_t count, size_t row, const uint64_t *bits)
{
  struct block_mask *block = columns + row / BLOCK_ROWS * count;
  for (size_t word = 0; word * 64 < count; word++)
    for (uint64_t rest = bits[word]; rest; rest &= rest - 1) {
      size_t column = word * 64 + (size_t)__builtin_ctzll(rest);
      block[column].words[row % BLOCK_ROWS / 64] |= (uint64_t)1 << (row % 64);
    }
}

static void fill_columns(const struct snapshot_builder *builder,
                         const struct snapshot_header *header, struct block_mask *needs,
                         struct block_mask *codes, struct block_mask *signs)
{
  for (size_t row = 0; row < builder->row_count; row++) {
    const struct builder_row *it = row_at(builder, row);
    set_columns(needs, header->need_count, row, it->needs.bits);
    set_columns(codes, header->code_count, row, it->codes.bits);
    set_columns(signs, header->sign_count, row, &it->signs);
  }
}

static void fill_states(const struct snapshot_builder *builder, uint32_t *first, uint32_t *blocks,
                        struct block_mask *masks)
{
  uint32_t next[SNAPSHOT_STATES] = {0};
  count_state_blocks(builder, next);
  for (size_t state = 0; state < SNAPSHOT_STATES; state++) {
    first[state + 1] = first[state] + next[state];
    next[state] = first[state];
  }
  for (size_t row = 0; row < builder->row_count; row++) {
    uint16_t state = row_at(builder, row)->fact.state;
    if (state == 0) continue;
    uint32_t block = (uint32_t)(row / BLOCK_ROWS);
    if (next[state] == first[state] || blocks[next[state] - 1] != block)
      blocks[next[state]++] = block;
    masks[next[state] - 1].words[row % BLOCK_ROWS / 64] |= (uint64_t)1 << (row % 64);
  }
}

static void fill_rows(const struct snapshot_builder *builder, struct snapshot_fact *facts,
                      struct row_bits *need_rows)
{
  for (size_t row = 0; row < builder->row_count; row++) {
    facts[row] = row_at(builder, row)->fact;
    memcpy(&need_rows[row], &row_at(builder, row)->needs, sizeof *need_rows);
  }
}

static void fill_orders(const struct snapshot_builder *builder, struct snapshot_id *ids,
                        uint32_t *rows[3], uint32_t *ranks[3])
{
  const uint32_t *const orders[3] = {builder->ids, builder->best, builder->by_name};
  for (size_t i = 0; i < builder->row_count; i++) {
    ids[i] = builder->rows[builder->ids[i]].id;
    for (size_t which = 0; which < 3; which++) {
      uint32_t row = builder->place[orders[which][i]];
      rows[which][i] = row;
      ranks[which][row] = (uint32_t)i;
    }
  }
}

static void fill_terms(const struct snapshot_builder *builder, struct snapshot_term *terms,
                       uint64_t *offsets, char *bytes)
{
  uint64_t postings = 0, dense = 0;
  for (size_t i = 0; i < builder->terms.count; i++) {
    size_t number = builder->terms.order[i];
    const struct term_entry *entry = &builder->terms.entries[number];
    struct text term = terms_get(&builder->terms, number);
    bool has_bits = is_dense(builder, entry);
    terms[i] = (struct snapshot_term){.at = has_bits ? dense : postings,
                                      .count = entry->count,
                                      .meaning = (uint16_t)entry->meaning,
                                      .is_dense = has_bits};
    dense += has_bits;
    postings += has_bits ? 0 : entry->count;
    memcpy(bytes + offsets[i], term.at, term.length);
    offsets[i + 1] = offsets[i] + term.length;
  }
}

/* Rows come in ascending order, so each list is sorted as it grows. */
static void fill_postings(const struct snapshot_builder *builder, const struct snapshot_term *terms,
                          uint32_t *postings, struct block_mask *dense)
{
  size_t blocks = (builder->row_count + BLOCK_ROWS - 1) / BLOCK_ROWS;
  uint32_t *filled = memory_allocate_zero(builder->terms.count, sizeof *filled);
  for (size_t row = 0; row < builder->row_count; row++) {
    const struct builder_row *it = row_at(builder, row);
    for (size_t i = 0; i < it->word_count; i++) {
      uint32_t term = builder->terms.rank[builder->words[it->words_at + i]];
      if (terms[term].is_dense)
        dense[terms[term].at * blocks + row / BLOCK_ROWS].words[row % BLOCK_ROWS / 64] |=
            (uint64_t)1 << (row % 64);
      else postings[terms[term].at + filled[term]++] = (uint32_t)row;
    }
  }
  free(filled);
}

/* Add up, for each of `count` columns of every block, the rows it shares with `masks[block]`. */
static void count_shared(const struct vector_code *code, const struct block_mask *columns,
                         size_t count, const struct block_mask *masks, size_t blocks,
                         uint32_t *counts)
{
  static const uint8_t which[NEEDS_MAXIMUM];
  struct block_mask sums[NEEDS_MAXIMUM] = {0};
  for (size_t block = 0; block < blocks; block++)
    code->facets(columns + block * count, count, masks + block, which, sums);
  for (size_t c = 0; c < count; c++)
    for (size_t i = 0; i < BLOCK_WORDS; i++) counts[c] += (uint32_t)sums[c].words[i];
}

/* Remember how many rows of each frequent term meet each need. */
static void fill_dense_counts(const struct snapshot_header *header, const struct block_mask *needs,
                              const struct block_mask *dense, uint32_t *counts)
{
  const size_t blocks = (header->row_count + (size_t)BLOCK_ROWS - 1) / BLOCK_ROWS;
  for (size_t term = 0; term < header->dense_count; term++)
    count_shared(vector_code(), needs, header->need_count, dense + term * blocks, blocks,
                 counts + term * header->need_count);
}

/* Remember how many rows meet each need, each two and each three. */
static void fill_counts(const struct snapshot_header *header, const struct block_mask *needs,
                        uint32_t *counts)
{
  const size_t count = header->need_count;
  const size_t blocks = (header->row_count + (size_t)BLOCK_ROWS - 1) / BLOCK_ROWS;
  const struct vector_code *code = vector_code();
  struct block_mask sums[NEEDS_MAXIMUM], both;
  uint8_t which[NEEDS_MAXIMUM] = {0};
  for (size_t b = 0; b < count; b++)
    for (size_t a = 0; a <= b; a++) {
      memset(sums, 0, sizeof sums);
      for (size_t block = 0; block < blocks; block++) {
        const struct block_mask *columns = needs + block * count;
        for (size_t i = 0; i < BLOCK_WORDS; i++)
          both.words[i] = columns[a].words[i] & columns[b].words[i];
        code->facets(columns + b, count - b, &both, which, sums);
      }
      for (size_t c = b; c < count; c++)
        for (size_t i = 0; i < BLOCK_WORDS; i++)
          counts[snapshot_triple(a, b, c)] += (uint32_t)sums[c - b].words[i];
    }
}

static void fill_sources(const struct snapshot_builder *builder, unsigned char *out)
{
  unsigned char *bytes = out + builder->pairs.count * 2 * sizeof(uint32_t);
  for (size_t i = 0; i < builder->pairs.count; i++) {
    struct text date, source = pair_get(builder, i, &date);
    uint32_t lengths[2] = {(uint32_t)source.length, (uint32_t)date.length};
    memcpy(out + i * sizeof lengths, lengths, sizeof lengths);
    memcpy(bytes, source.at, source.length);
    memcpy(bytes + source.length, date.at, date.length);
    bytes += source.length + date.length;
  }
}

static void fill_texts(const struct snapshot_builder *builder, uint64_t *text_offsets, char *texts,
                       uint64_t *head_offsets, char *heads)
{
  for (size_t row = 0; row < builder->row_count; row++) {
    const struct builder_row *it = row_at(builder, row);
    memcpy(texts + text_offsets[row], builder->texts.at + it->text_at, it->text_length);
    memcpy(heads + head_offsets[row], builder->heads.at + it->head_at, it->head_length);
    text_offsets[row + 1] = text_offsets[row] + it->text_length;
    head_offsets[row + 1] = head_offsets[row] + it->head_length;
  }
}

void snapshot_fill(const struct snapshot_builder *builder, const struct snapshot_node *nodes,
                   const struct snapshot_extent extents[SECTION_COUNT], unsigned char *bytes)
{
  const struct snapshot_header *header = (const struct snapshot_header *)(const void *)bytes;
  void *at[SECTION_COUNT];
  for (size_t i = 0; i < SECTION_COUNT; i++) at[i] = bytes + extents[i].at;
  const size_t blocks = (header->row_count + (size_t)BLOCK_ROWS - 1) / BLOCK_ROWS;
  fill_coordinates(builder, at[SECTION_LATITUDES], at[SECTION_LONGITUDES], at[SECTION_VECTORS]);
  fill_boxes(at[SECTION_VECTORS], blocks,
             extents[SECTION_BOXES].length / (BOX_SIDES * sizeof(float)), at[SECTION_BOXES]);
  fill_columns(builder, header, at[SECTION_NEEDS], at[SECTION_CODES], at[SECTION_SIGNS]);
  fill_states(builder, at[SECTION_STATE_FIRST], at[SECTION_STATE_BLOCKS], at[SECTION_STATE_MASKS]);
  fill_rows(builder, at[SECTION_FACTS], at[SECTION_NEED_ROWS]);
  fill_orders(builder, at[SECTION_IDS],
              (uint32_t *[]){at[SECTION_ID_ROWS], at[SECTION_BEST_ROWS], at[SECTION_NAME_ROWS]},
              (uint32_t *[]){at[SECTION_ID_RANKS], at[SECTION_BEST_RANKS], at[SECTION_NAME_RANKS]});
  fill_terms(builder, at[SECTION_TERMS], at[SECTION_TERM_OFFSETS], at[SECTION_TERM_BYTES]);
  fill_postings(builder, at[SECTION_TERMS], at[SECTION_POSTINGS], at[SECTION_DENSE]);
  for (size_t i = 0; i < builder->terms.meaning_count; i++)
    ((struct need_set *)at[SECTION_MEANINGS])[i] = builder->terms.meanings[i];
  memcpy(at[SECTION_NODES], nodes, extents[SECTION_NODES].length);
  fill_counts(header, at[SECTION_NEEDS], at[SECTION_COUNTS]);
  fill_dense_counts(header, at[SECTION_NEEDS], at[SECTION_DENSE], at[SECTION_DENSE_COUNTS]);
  fill_sources(builder, at[SECTION_SOURCES]);
  fill_texts(builder, at[SECTION_TEXT_OFFSETS], at[SECTION_TEXTS], at[SECTION_HEAD_OFFSETS],
             at[SECTION_HEADS]);
}
