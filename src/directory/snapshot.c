/*
 * Snapshot: the layout of the file and reading it. See snapshot.h and snapshot_layout.h.
 */
#include "directory/snapshot.h"

#include <math.h>
#include <string.h>

#include "directory/snapshot_layout.h"

/* --- Layout -------------------------------------------------------------------------------- */

static uint64_t block_count(const struct snapshot_header *header)
{
  return ((uint64_t)header->row_count + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

static uint64_t box_count(const struct snapshot_header *header)
{
  return (block_count(header) + VECTOR_FLOATS - 1) / VECTOR_FLOATS * VECTOR_FLOATS;
}

uint64_t snapshot_triple_count(uint64_t need_count)
{
  return need_count * (need_count + 1) * (need_count + 2) / 6;
}

bool snapshot_extents(const struct snapshot_header *header,
                      struct snapshot_extent extents[SECTION_COUNT], uint64_t *size)
{
  const uint64_t rows = header->row_count, blocks = block_count(header);
  const struct {
    uint64_t count, size;
  } shapes[SECTION_COUNT] = {
      [SECTION_LATITUDES] = {rows, sizeof(double)},
      [SECTION_LONGITUDES] = {rows, sizeof(double)},
      [SECTION_VECTORS] = {blocks, 3 * BLOCK_ROWS * sizeof(float)},
      [SECTION_BOXES] = {box_count(header), BOX_SIDES * sizeof(float)},
      [SECTION_NEEDS] = {blocks * header->need_count, sizeof(struct block_mask)},
      [SECTION_NEED_ROWS] = {rows, sizeof(struct row_bits)},
      [SECTION_CODES] = {blocks * header->code_count, sizeof(struct block_mask)},
      [SECTION_SIGNS] = {blocks * header->sign_count, sizeof(struct block_mask)},
      [SECTION_FACTS] = {rows, sizeof(struct snapshot_fact)},
      [SECTION_STATE_FIRST] = {SNAPSHOT_STATES + 1, sizeof(uint32_t)},
      [SECTION_STATE_BLOCKS] = {header->state_block_count, sizeof(uint32_t)},
      [SECTION_STATE_MASKS] = {header->state_block_count, sizeof(struct block_mask)},
      [SECTION_IDS] = {rows, sizeof(struct snapshot_id)},
      [SECTION_ID_ROWS] = {rows, sizeof(uint32_t)},
      [SECTION_ID_RANKS] = {rows, sizeof(uint32_t)},
      [SECTION_BEST_ROWS] = {rows, sizeof(uint32_t)},
      [SECTION_BEST_RANKS] = {rows, sizeof(uint32_t)},
      [SECTION_NAME_ROWS] = {rows, sizeof(uint32_t)},
      [SECTION_NAME_RANKS] = {rows, sizeof(uint32_t)},
      [SECTION_TERMS] = {header->term_count, sizeof(struct snapshot_term)},
      [SECTION_TERM_OFFSETS] = {(uint64_t)header->term_count + 1, sizeof(uint64_t)},
      [SECTION_TERM_BYTES] = {header->term_bytes, 1},
      [SECTION_POSTINGS] = {header->posting_count, sizeof(uint32_t)},
      [SECTION_DENSE] = {header->dense_count * blocks, sizeof(struct block_mask)},
      [SECTION_DENSE_COUNTS] = {(uint64_t)header->dense_count * header->need_count,
                                sizeof(uint32_t)},
      [SECTION_MEANINGS] = {header->meaning_count, sizeof(struct need_set)},
      [SECTION_NODES] = {header->node_count, sizeof(struct snapshot_node)},
      [SECTION_COUNTS] = {snapshot_triple_count(header->need_count), sizeof(uint32_t)},
      [SECTION_SOURCES] = {header->source_bytes, 1},
      [SECTION_TEXT_OFFSETS] = {rows + 1, sizeof(uint64_t)},
      [SECTION_TEXTS] = {header->text_bytes, 1},
      [SECTION_HEAD_OFFSETS] = {rows + 1, sizeof(uint64_t)},
      [SECTION_HEADS] = {header->head_bytes, 1},
  };
  uint64_t at = sizeof *header;
  for (size_t i = 0; i < SECTION_COUNT; i++) {
    at = (at + SNAPSHOT_ALIGNMENT - 1) / SNAPSHOT_ALIGNMENT * SNAPSHOT_ALIGNMENT;
    uint64_t length;
    if (__builtin_mul_overflow(shapes[i].count, shapes[i].size, &length) || length > INT64_MAX - at)
      return false;
    extents[i] = (struct snapshot_extent){at, length};
    at += length;
  }
  *size = at;
  return true;
}

void snapshot_attach(struct snapshot *snapshot, const unsigned char *bytes,
                     const struct snapshot_extent extents[SECTION_COUNT])
{
  const struct snapshot_header *header = (const struct snapshot_header *)(const void *)bytes;
  const void *at[SECTION_COUNT];
  for (size_t i = 0; i < SECTION_COUNT; i++) at[i] = bytes + extents[i].at;
  *snapshot = (struct snapshot){
      .header = header,
      .bytes = bytes,
      .row_count = header->row_count,
      .located_count = header->located_count,
      .block_count = (uint32_t)block_count(header),
      .box_count = box_count(header),
      .need_count = header->need_count,
      .code_count = header->code_count,
      .sign_count = header->sign_count,
      .latitudes = at[SECTION_LATITUDES],
      .longitudes = at[SECTION_LONGITUDES],
      .vectors = at[SECTION_VECTORS],
      .boxes = at[SECTION_BOXES],
      .needs = at[SECTION_NEEDS],
      .need_rows = at[SECTION_NEED_ROWS],
      .codes = at[SECTION_CODES],
      .signs = at[SECTION_SIGNS],
      .facts = at[SECTION_FACTS],
      .state_first = at[SECTION_STATE_FIRST],
      .state_blocks = at[SECTION_STATE_BLOCKS],
      .state_masks = at[SECTION_STATE_MASKS],
      .ids = at[SECTION_IDS],
      .id_rows = at[SECTION_ID_ROWS],
      .id_ranks = at[SECTION_ID_RANKS],
      .best_rows = at[SECTION_BEST_ROWS],
      .best_ranks = at[SECTION_BEST_RANKS],
      .name_rows = at[SECTION_NAME_ROWS],
      .name_ranks = at[SECTION_NAME_RANKS],
      .terms = at[SECTION_TERMS],
      .term_offsets = at[SECTION_TERM_OFFSETS],
      .term_bytes = at[SECTION_TERM_BYTES],
      .postings = at[SECTION_POSTINGS],
      .dense = at[SECTION_DENSE],
      .dense_counts = at[SECTION_DENSE_COUNTS],
      .meanings = at[SECTION_MEANINGS],
      .nodes = at[SECTION_NODES],
      .counts = at[SECTION_COUNTS],
      .source_lengths = at[SECTION_SOURCES],
      .text_offsets = at[SECTION_TEXT_OFFSETS],
      .texts = at[SECTION_TEXTS],
      .head_offsets = at[SECTION_HEAD_OFFSETS],
      .heads = at[SECTION_HEADS],
  };
}

uint64_t snapshot_section_checksum(const unsigned char *bytes, uint64_t length)
{
  const struct vector_code *code = vector_code();
  uint64_t sums[2] = {length, 0};
  for (uint64_t at = 0; at < length; at += SNAPSHOT_PIECE) {
    uint64_t piece = length - at < SNAPSHOT_PIECE ? length - at : SNAPSHOT_PIECE;
    sums[1] = code->hash(bytes + at, piece);
    sums[0] = code->hash((const unsigned char *)sums, sizeof sums);
  }
  return sums[0];
}

uint64_t snapshot_header_checksum(const struct snapshot_header *header)
{
  struct snapshot_header copy = *header;
  copy.checksum = 0;
  return vector_code()->hash((const unsigned char *)&copy, sizeof copy);
}

void snapshot_unit_vector(double latitude, double longitude, float out[3])
{
  const double radian = M_PI / 180;
  double across = cos(latitude * radian);
  out[0] = (float)(across * cos(longitude * radian));
  out[1] = (float)(across * sin(longitude * radian));
  out[2] = (float)sin(latitude * radian);
}

uint16_t snapshot_state_number(struct text letters)
{
  if (letters.length != 2) return 0;
  unsigned first = (unsigned)letters.at[0] - 'A', second = (unsigned)letters.at[1] - 'A';
  if (first >= 26 || second >= 26) return 0;
  return (uint16_t)(1 + first * 26 + second);
}

static int digit_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool snapshot_id_read(struct text t, struct snapshot_id *out)
{
  if (t.length != UUID_TEXT) return false;
  struct snapshot_id id;
  size_t digits = 0;
  for (size_t i = 0; i < UUID_TEXT; i++) {
    bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    int value = digit_value(t.at[i]);
    if (is_hyphen ? t.at[i] != '-' : value < 0) return false;
    if (is_hyphen) continue;
    uint8_t *byte = &id.bytes[digits / 2];
    *byte = (uint8_t)(digits % 2 ? *byte << 4 | value : value);
    digits++;
  }
  *out = id;
  return true;
}

/* --- Reading ------------------------------------------------------------------------------- */

uint32_t snapshot_row_count(const struct snapshot *snapshot)
{
  return snapshot->row_count;
}

/* Cut a row's texts out of its record. */
static void row_texts(const struct snapshot *snapshot, uint32_t row, struct text out[TEXT_COUNT])
{
  const char *record = snapshot->texts + snapshot->text_offsets[row];
  uint16_t lengths[TEXT_COUNT];
  memcpy(lengths, record, sizeof lengths);
  const char *at = record + sizeof lengths;
  for (size_t i = 0; i < TEXT_COUNT; at += lengths[i++]) out[i] = (struct text){at, lengths[i]};
}

struct text snapshot_row_text(const struct snapshot *snapshot, uint32_t row,
                              enum snapshot_text which)
{
  struct text texts[TEXT_COUNT];
  row_texts(snapshot, row, texts);
  return texts[which];
}

struct text snapshot_term_text(const struct snapshot *snapshot, uint32_t term)
{
  const uint64_t *offsets = &snapshot->term_offsets[term];
  return (struct text){snapshot->term_bytes + offsets[0], offsets[1] - offsets[0]};
}

struct text snapshot_row_head(const struct snapshot *snapshot, uint32_t row)
{
  const uint64_t *offsets = &snapshot->head_offsets[row];
  return (struct text){snapshot->heads + offsets[0], offsets[1] - offsets[0]};
}

struct text snapshot_row_id(const struct snapshot *snapshot, uint32_t row)
{
  enum { ID_AT = sizeof("\"id\":\"") - 1 };
  return text_slice(snapshot_row_head(snapshot, row), ID_AT, ID_AT + UUID_TEXT);
}

void snapshot_row_get(const struct snapshot *snapshot, uint32_t row, struct snapshot_row *out)
{
  struct text texts[TEXT_COUNT];
  row_texts(snapshot, row, texts);
  const struct snapshot_fact *fact = &snapshot->facts[row];
  struct text head = snapshot_row_head(snapshot, row);
  *out = (struct snapshot_row){
      .id = snapshot_row_id(snapshot, row),
      .name1 = texts[TEXT_NAME1],
      .name2 = texts[TEXT_NAME2],
      .street1 = texts[TEXT_STREET1],
      .street2 = texts[TEXT_STREET2],
      .city = texts[TEXT_CITY],
      .state = texts[TEXT_STATE],
      .zip = texts[TEXT_ZIP],
      .phone = texts[TEXT_PHONE],
      .intake_phone = texts[TEXT_INTAKE_PHONE],
      .as_of = snapshot->dates[fact->source],
      .source = snapshot->sources[fact->source],
      .latitude = snapshot->latitudes[row],
      .longitude = snapshot->longitudes[row],
      .quality = (enum coordinate_quality)fact->quality,
      .directories = fact->directories & (FACT_INVENTED - 1u),
      .invented = (fact->directories & FACT_INVENTED) != 0,
      .json_head = head,
  };
}

static bool has_bit(const struct block_mask *columns, size_t count, size_t column, uint32_t row)
{
  const struct block_mask *mask = &columns[row / BLOCK_ROWS * count + column];
  return (mask->words[row % BLOCK_ROWS / 64] >> (row % 64) & 1) != 0;
}

bool snapshot_row_need(const struct snapshot *snapshot, uint32_t row, size_t need)
{
  return (snapshot->need_rows[row].words[need / 64] >> (need % 64) & 1) != 0;
}

bool snapshot_row_code(const struct snapshot *snapshot, uint32_t row, size_t code)
{
  return has_bit(snapshot->codes, snapshot->code_count, code, row);
}

bool snapshot_row_sign(const struct snapshot *snapshot, uint32_t row, size_t sign)
{
  return has_bit(snapshot->signs, snapshot->sign_count, sign, row);
}

bool snapshot_row_find(const struct snapshot *snapshot, struct text id, uint32_t *row)
{
  struct snapshot_id wanted;
  if (!snapshot_id_read(id, &wanted)) return false;
  uint32_t low = 0, high = snapshot->row_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int order = memcmp(snapshot->ids[middle].bytes, wanted.bytes, sizeof wanted.bytes);
    if (order == 0) {
      *row = snapshot->id_rows[middle];
      return true;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

bool snapshot_is_demo(const struct snapshot *snapshot)
{
  return snapshot->header->invented_count > 0;
}

uint64_t snapshot_checksum(const struct snapshot *snapshot)
{
  return snapshot->header->checksum;
}

size_t snapshot_source_count(const struct snapshot *snapshot)
{
  return snapshot->newest_count;
}

void snapshot_source_get(const struct snapshot *snapshot, size_t index, struct text *source,
                         struct text *as_of)
{
  *source = snapshot->sources[snapshot->newest[index]];
  *as_of = snapshot->dates[snapshot->newest[index]];
}
