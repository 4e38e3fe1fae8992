/*
 * Building a snapshot: facilities in, one file out. Everything that is slow (evaluating needs,
 * folding names, rendering JSON, ordering) is done here, once, so that searching need not.
 * Threads: a builder belongs to one thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "directory/snapshot_build.h"

void *builder_grow(void *array, size_t count, size_t *capacity, size_t size)
{
  if (count < *capacity) return array;
  *capacity = *capacity ? *capacity * 2 : 256;
  return memory_resize(array, *capacity * size);
}

struct snapshot_builder *snapshot_builder_new(const struct needs *needs)
{
  struct snapshot_builder *builder = memory_allocate_zero(1, sizeof *builder);
  builder->needs = needs;
  builder->scratch = arena_new(LIMIT_ARENA_REQUEST);
  text_buffer_init(&builder->texts, SIZE_MAX / 2);
  text_buffer_init(&builder->heads, SIZE_MAX / 2);
  text_buffer_init(&builder->names, SIZE_MAX / 2);
  terms_init(&builder->terms);
  terms_init(&builder->pairs);
  return builder;
}

void snapshot_builder_free(struct snapshot_builder *builder)
{
  if (!builder) return;
  arena_free(builder->scratch);
  text_buffer_fini(&builder->texts);
  text_buffer_fini(&builder->heads);
  text_buffer_fini(&builder->names);
  terms_fini(&builder->terms);
  terms_fini(&builder->pairs);
  free(builder->rows);
  free(builder->words);
  free(builder->order);
  free(builder->place);
  free(builder->ids);
  free(builder->best);
  free(builder->by_name);
  free(builder);
}

/* --- One facility --------------------------------------------------------------------------- */

static void write_member(struct text_buffer *out, struct text key, struct text value)
{
  text_buffer_add(out, key);
  if (value.length) json_write_text(value, out);
  else text_buffer_add(out, TEXT("null"));
}

static void write_degrees(struct text_buffer *out, struct text key, const double *degrees)
{
  enum { DIGITS = 7 };
  text_buffer_add(out, key);
  if (!degrees) {
    text_buffer_add(out, TEXT("null"));
    return;
  }
  text_buffer_add_decimal(out, *degrees, DIGITS);
  while (out->at[out->length - 1] == '0') out->length--;
  if (out->at[out->length - 1] == '.') out->length--;
}

void snapshot_write_head(const struct facility *facility, struct text_buffer *out)
{
  const bool is_located = facility->quality != COORDINATE_NONE;
  const struct text *fields = facility->fields;
  write_member(out, TEXT("\"id\":"), facility->id);
  write_member(out, TEXT(",\"name\":"), fields[FIELD_NAME1]);
  write_member(out, TEXT(",\"name2\":"), fields[FIELD_NAME2]);
  write_member(out, TEXT(",\"street\":"), fields[FIELD_STREET1]);
  write_member(out, TEXT(",\"street2\":"), fields[FIELD_STREET2]);
  write_member(out, TEXT(",\"city\":"), fields[FIELD_CITY]);
  write_member(out, TEXT(",\"state\":"), fields[FIELD_STATE]);
  write_member(out, TEXT(",\"zip\":"), fields[FIELD_ZIP]);
  write_member(out, TEXT(",\"phone\":"), fields[FIELD_PHONE]);
  write_member(out, TEXT(",\"intake_phone\":"), fields[FIELD_INTAKE_PHONE]);
  write_degrees(out, TEXT(",\"latitude\":"), is_located ? &facility->latitude : NULL);
  write_degrees(out, TEXT(",\"longitude\":"), is_located ? &facility->longitude : NULL);
  if (facility->invented) text_buffer_add(out, TEXT(",\"invented\":true"));
}

/* The distance along a Hilbert curve over the globe's degrees (Warren, Hacker's Delight, 16-3). */
static uint64_t hilbert(double latitude, double longitude)
{
  enum { LEVELS = 24 };
  const double steps = (double)(1 << LEVELS) - 1;
  uint32_t x = (uint32_t)((longitude + 180) / 360 * steps);
  uint32_t y = (uint32_t)((latitude + 90) / 180 * steps);
  uint64_t along = 0;
  for (uint32_t side = 1u << (LEVELS - 1); side > 0; side /= 2) {
    uint32_t right = (x & side) != 0, upper = (y & side) != 0;
    along += (uint64_t)side * side * ((3 * right) ^ upper);
    if (upper) continue;
    if (right) {
      x = (side * 2 - 1) - (x & (side * 2 - 1));
      y = (side * 2 - 1) - (y & (side * 2 - 1));
    }
    uint32_t swap = x;
    x = y;
    y = swap;
  }
  return along;
}

static void add_texts(struct snapshot_builder *builder, struct builder_row *row,
                      const struct facility *facility)
{
  static const enum facility_field fields[TEXT_COUNT] = {[TEXT_NAME1] = FIELD_NAME1,
                                                         [TEXT_NAME2] = FIELD_NAME2,
                                                         [TEXT_STREET1] = FIELD_STREET1,
                                                         [TEXT_STREET2] = FIELD_STREET2,
                                                         [TEXT_CITY] = FIELD_CITY,
                                                         [TEXT_STATE] = FIELD_STATE,
                                                         [TEXT_ZIP] = FIELD_ZIP,
                                                         [TEXT_PHONE] = FIELD_PHONE,
                                                         [TEXT_INTAKE_PHONE] = FIELD_INTAKE_PHONE};
  uint16_t lengths[TEXT_COUNT];
  for (size_t i = 0; i < TEXT_COUNT; i++) lengths[i] = (uint16_t)facility->fields[fields[i]].length;
  row->text_at = builder->texts.length;
  text_buffer_add(&builder->texts, (struct text){(const char *)lengths, sizeof lengths});
  for (size_t i = 0; i < TEXT_COUNT; i++)
    text_buffer_add(&builder->texts, facility->fields[fields[i]]);
  row->text_length = builder->texts.length - row->text_at;
  row->head_at = builder->heads.length;
  snapshot_write_head(facility, &builder->heads);
  row->head_length = builder->heads.length - row->head_at;
}

/* Note a term of the row, once. */
static void add_word(struct snapshot_builder *builder, struct builder_row *row, struct text word)
{
  uint32_t entry = terms_add(&builder->terms, word);
  for (size_t i = row->words_at; i < builder->word_count; i++)
    if (builder->words[i] == entry) return;
  builder->words = builder_grow(builder->words, builder->word_count, &builder->word_capacity,
                                sizeof *builder->words);
  builder->words[builder->word_count++] = entry;
  builder->terms.entries[entry].count++;
}

static void add_words(struct snapshot_builder *builder, struct builder_row *row,
                      const struct facility *facility)
{
  static const enum facility_field searched[] = {FIELD_NAME1, FIELD_NAME2, FIELD_CITY,
                                                 FIELD_STREET1};
  row->words_at = builder->word_count;
  row->names_at = builder->names.length;
  for (size_t i = 0; i < sizeof searched / sizeof *searched; i++) {
    struct text folded = text_fold(builder->scratch, facility->fields[searched[i]]);
    struct text rest = folded, word, key = snapshot_name_key(folded);
    while (text_word_next(&rest, &word)) add_word(builder, row, word);
    if (searched[i] == FIELD_NAME1) row->name1_length = (uint8_t)key.length;
    else if (searched[i] == FIELD_NAME2) row->name2_length = (uint8_t)key.length;
    else continue;
    text_buffer_add(&builder->names, key);
  }
  row->word_count = (uint32_t)(builder->word_count - row->words_at);
}

static bool texts_fit(const struct facility *facility)
{
  size_t longest = 0;
  for (size_t i = 0; i < FIELD_COUNT; i++)
    if (facility->fields[i].length > longest) longest = facility->fields[i].length;
  return longest <= UINT16_MAX;
}

bool snapshot_builder_add(struct snapshot_builder *builder, const struct facility *facility,
                          struct error *error)
{
  const char *mend =
      "Import the directory again; the store holds a facility that no import writes.";
  struct snapshot_id id;
  if (!snapshot_id_read(facility->id, &id))
    return error_set(error, ERROR_REFUSED, "error.directory.facility", mend,
                     "facility id is no UUID: %.*s", TEXT_PRINT(text_slice(facility->id, 0, 64)));
  if (!texts_fit(facility))
    return error_set(error, ERROR_REFUSED, "error.directory.facility", mend,
                     "facility %.36s: a field is longer than %d bytes", facility->id.at,
                     UINT16_MAX);
  builder->rows = builder_grow(builder->rows, builder->row_count, &builder->row_capacity,
                               sizeof *builder->rows);
  struct builder_row *row = &builder->rows[builder->row_count++];
  *row = (struct builder_row){.id = id, .curve = UINT64_MAX};
  if (facility->quality != COORDINATE_NONE) {
    row->latitude = fmin(fmax(facility->latitude, -90), 90);
    row->longitude = fmin(fmax(facility->longitude, -180), 180);
    row->curve = hilbert(row->latitude, row->longitude);
  }
  row->codes = codes_read(builder->needs, facility->fields[FIELD_CODES]);
  row->needs = needs_met_all(builder->needs, &row->codes, facility->directories);
  row->signs = signs_met_all(builder->needs, &row->codes, facility->directories);
  const struct facility_source *source = &facility->sources[FIELD_NAME1];
  row->fact = (struct snapshot_fact){
      .source = terms_add(&builder->pairs,
                          text_format(builder->scratch, "%.*s\n%.*s", TEXT_PRINT(source->source),
                                      TEXT_PRINT(source->as_of))),
      .state = snapshot_state_number(facility->fields[FIELD_STATE]),
      .quality = (uint8_t)facility->quality,
      .directories = (uint8_t)((facility->directories & (FACT_INVENTED - 1)) |
                               (facility->invented ? FACT_INVENTED : 0))};
  add_texts(builder, row, facility);
  add_words(builder, row, facility);
  arena_clear(builder->scratch);
  return true;
}

/* --- Orders --------------------------------------------------------------------------------- */

static int compare_ids(const struct builder_row *a, const struct builder_row *b)
{
  return memcmp(a->id.bytes, b->id.bytes, sizeof a->id.bytes);
}

static int by_curve(const void *a, const void *b, void *context)
{
  const struct builder_row *rows = ((const struct snapshot_builder *)context)->rows;
  const struct builder_row *left = &rows[*(const uint32_t *)a],
                           *right = &rows[*(const uint32_t *)b];
  if (left->curve != right->curve) return left->curve < right->curve ? -1 : 1;
  return compare_ids(left, right);
}

static int by_id(const void *a, const void *b, void *context)
{
  const struct builder_row *rows = ((const struct snapshot_builder *)context)->rows;
  return compare_ids(&rows[*(const uint32_t *)a], &rows[*(const uint32_t *)b]);
}

static int by_best(const void *a, const void *b, void *context)
{
  const struct snapshot_builder *builder = context;
  const struct builder_row *left = &builder->rows[*(const uint32_t *)a];
  const struct builder_row *right = &builder->rows[*(const uint32_t *)b];
  int signs = __builtin_popcountll(right->signs) - __builtin_popcountll(left->signs);
  if (signs) return signs;
  int names = text_compare(builder_name1(builder, left), builder_name1(builder, right));
  return names ? names : compare_ids(left, right);
}

static int by_name(const void *a, const void *b, void *context)
{
  const struct snapshot_builder *builder = context;
  const struct builder_row *left = &builder->rows[*(const uint32_t *)a];
  const struct builder_row *right = &builder->rows[*(const uint32_t *)b];
  int names = text_compare(builder_name1(builder, left), builder_name1(builder, right));
  if (!names) names = text_compare(builder_name2(builder, left), builder_name2(builder, right));
  return names ? names : compare_ids(left, right);
}

static uint32_t *sorted(struct snapshot_builder *builder, uint32_t *old,
                        int (*compare)(const void *, const void *, void *))
{
  uint32_t *order = memory_resize(old, builder->row_count * sizeof *order);
  for (size_t i = 0; i < builder->row_count; i++) order[i] = (uint32_t)i;
  qsort_r(order, builder->row_count, sizeof *order, compare, builder);
  return order;
}

static bool order_rows(struct snapshot_builder *builder, struct error *error)
{
  builder->ids = sorted(builder, builder->ids, by_id);
  for (size_t i = 1; i < builder->row_count; i++) {
    const struct builder_row *row = &builder->rows[builder->ids[i]];
    if (compare_ids(row, &builder->rows[builder->ids[i - 1]]) == 0)
      return error_set(error, ERROR_REFUSED, "error.directory.facility",
                       "Import the directory again; two facilities share an id.",
                       "facility id twice: %.36s",
                       builder->heads.at + row->head_at + sizeof "\"id\":");
  }
  builder->order = sorted(builder, builder->order, by_curve);
  builder->best = sorted(builder, builder->best, by_best);
  builder->by_name = sorted(builder, builder->by_name, by_name);
  builder->place = memory_resize(builder->place, builder->row_count * sizeof *builder->place);
  for (size_t i = 0; i < builder->row_count; i++) builder->place[builder->order[i]] = (uint32_t)i;
  return true;
}

/* --- The file ------------------------------------------------------------------------------- */

static bool fail(struct error *error, const char *verb, const char *path)
{
  return error_set(error, ERROR_SYSTEM, "error.file",
                   "Check that the data folder exists, that its rights allow it, and that the disk "
                   "has room.",
                   "%s %s: %s", verb, path, strerror(errno));
}

/* Fill the file behind `handle`, which is as long as the header says. */
static bool fill_file(const struct snapshot_builder *builder, const struct snapshot_node *nodes,
                      struct snapshot_header *header,
                      const struct snapshot_extent extents[SECTION_COUNT], int handle)
{
  errno = posix_fallocate(handle, 0, (off_t)header->size);
  if (errno) return false;
  unsigned char *bytes = mmap(NULL, header->size, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
  if (bytes == MAP_FAILED) return false; /* GCOVR_EXCL_BR_LINE: no address space is left */
  memcpy(bytes, header, sizeof *header);
  snapshot_fill(builder, nodes, extents, bytes);
  for (size_t i = 0; i < SECTION_COUNT; i++)
    header->section_checksums[i] =
        snapshot_section_checksum(bytes + extents[i].at, extents[i].length);
  header->checksum = snapshot_header_checksum(header);
  memcpy(bytes, header, sizeof *header);
  bool is_flushed = msync(bytes, header->size, MS_SYNC) == 0;
  munmap(bytes, header->size);
  return is_flushed && fsync(handle) == 0; /* GCOVR_EXCL_BR_LINE: the disk itself fails */
}

/* Write the snapshot to `path`; on failure nothing is left there. */
static bool write_file(struct snapshot_builder *builder, const char *path,
                       struct snapshot_header *header, struct error *error)
{
  struct snapshot_node *nodes;
  size_t node_count;
  terms_tree(&builder->terms, &nodes, &node_count);
  struct snapshot_extent extents[SECTION_COUNT];
  snapshot_measure(builder, node_count, header);
  snapshot_extents(header, extents, &header->size);
  bool done = false;
  int handle = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (handle < 0) {
    fail(error, "create", path);
    goto out;
  }
  done = fill_file(builder, nodes, header, extents, handle);
  if (!done) {
    fail(error, "write", path);
    unlink(path);
  }
  close(handle);
out:
  free(nodes);
  return done;
}

struct snapshot_kept {
  struct arena *arena;
  const char *folder;
  struct text now, before;
};

/* Remove snapshots other than the two that are named, and what a build that was killed left. */
static bool remove_old(void *context, struct text name, struct error *error)
{
  (void)error;
  const struct snapshot_kept *kept = context;
  bool is_snapshot = text_starts_with(name, TEXT("directory-")) &&
                     text_ends_with(name, TEXT(".snapshot")) && !text_contains(name, TEXT("/"));
  bool is_left = text_starts_with(name, TEXT("directory.new-")) ||
                 text_starts_with(name, TEXT("directory.current.new-"));
  if ((!is_snapshot && !is_left) || text_equal(name, kept->now) || text_equal(name, kept->before))
    return true;
  unlink(file_join(kept->arena, kept->folder, text_c(kept->arena, name)));
  return true;
}

bool snapshot_builder_finish(struct snapshot_builder *builder, const char *folder,
                             struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct snapshot_header header = {0};
  bool done = false;
  const char *beside =
      text_c(arena, text_format(arena, "%s/directory.new-%ld", folder, (long)getpid()));
  terms_add_synonyms(&builder->terms, builder->needs);
  terms_sort(&builder->terms);
  if (!order_rows(builder, error) || !write_file(builder, beside, &header, error)) goto out;

  struct snapshot_kept kept = {.arena = arena, .folder = folder, .before = TEXT("")};
  snapshot_current(arena, folder, &kept.before, NULL);
  kept.now = text_format(arena, "directory-%016llx.snapshot", (unsigned long long)header.checksum);
  const char *path = file_join(arena, folder, kept.now.at);
  if (rename(beside, path) != 0) {
    fail(error, "rename", path);
    unlink(beside);
    goto out;
  }
  if (!file_replace(file_join(arena, folder, "directory.current"),
                    text_format(arena, "%s\n", kept.now.at), error))
    goto out;
  file_walk(folder, remove_old, &kept, NULL);
  done = true;
out:
  arena_free(arena);
  return done;
}
