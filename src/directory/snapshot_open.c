/*
 * Opening a snapshot: map the file, check its checksums, then every count, offset, order and index
 * in it, so that reading needs no check of its own. A large file is checked by several threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory/snapshot_layout.h"

static bool refuse(struct error *error, const char *path, const char *what)
{
  return error_set(error, ERROR_REFUSED, "error.directory.snapshot",
                   "The snapshot is rebuilt from the store; if that fails, import the directory.",
                   "%s: %s", path, what);
}

/* --- Checksums ------------------------------------------------------------------------------ */

struct piece {
  uint64_t at, length, sum;
};
enum { HELPERS = 3 };
struct pieces {
  const unsigned char *bytes;
  struct piece *pieces;
  size_t count, first[SECTION_COUNT + 1]; /* by section */
  atomic_size_t next;
  pthread_t helpers[HELPERS];
  size_t started;
};

static void *check_pieces(void *context)
{
  struct pieces *all = context;
  const struct vector_code *code = vector_code();
  for (size_t i; (i = atomic_fetch_add(&all->next, 1)) < all->count;) {
    struct piece *piece = &all->pieces[i];
    const uintptr_t page = 4096, from = (uintptr_t)(all->bytes + piece->at) / page * page;
    madvise((void *)from, piece->length + page, MADV_POPULATE_READ); /* as one, if it can be */
    piece->sum = code->hash(all->bytes + piece->at, piece->length);
  }
  return NULL;
}

/* Let other processors begin with the pieces. */
static void start_helpers(struct pieces *all)
{
  enum { PIECES_A_THREAD = 8 };
  const size_t processors = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
  size_t wanted = all->count / PIECES_A_THREAD;
  if (wanted > processors - 1) wanted = processors - 1; /* GCOVR_EXCL_BR_LINE: by machine */
  if (wanted > HELPERS) wanted = HELPERS;               /* GCOVR_EXCL_BR_LINE: by machine */
  for (size_t i = 0; i < wanted; i++) /* a thread that cannot be had is done without */
    all->started += pthread_create(&all->helpers[all->started], NULL, check_pieces, all) == 0;
}

/* Do what pieces are left, and wait for the others. */
static void finish_pieces(struct pieces *all)
{
  check_pieces(all);
  while (all->started > 0) pthread_join(all->helpers[--all->started], NULL);
}

/* snapshot_section_checksum() over pieces whose sums are known. */
static uint64_t join_pieces(const struct piece *pieces, size_t count, uint64_t length)
{
  const struct vector_code *code = vector_code();
  uint64_t sums[2] = {length, 0};
  for (size_t i = 0; i < count; i++) {
    sums[1] = pieces[i].sum;
    sums[0] = code->hash((const unsigned char *)sums, sizeof sums);
  }
  return sums[0];
}

/* List the pieces of all sections and let helpers begin. */
static void start_checksums(struct pieces *all, const unsigned char *bytes, uint64_t size,
                            const struct snapshot_extent extents[SECTION_COUNT])
{
  *all = (struct pieces){.bytes = bytes};
  all->pieces = memory_allocate_zero(size / SNAPSHOT_PIECE + SECTION_COUNT, sizeof *all->pieces);
  for (size_t i = 0; i < SECTION_COUNT; i++) {
    all->first[i] = all->count;
    for (uint64_t at = 0; at < extents[i].length; at += SNAPSHOT_PIECE) {
      uint64_t rest = extents[i].length - at;
      all->pieces[all->count++] = (struct piece){
          .at = extents[i].at + at, .length = rest < SNAPSHOT_PIECE ? rest : SNAPSHOT_PIECE};
    }
  }
  all->first[SECTION_COUNT] = all->count;
  start_helpers(all);
}

static bool checksums_agree(struct pieces *all, const struct snapshot_header *header,
                            const struct snapshot_extent extents[SECTION_COUNT])
{
  bool good = true;
  finish_pieces(all);
  for (size_t i = 0; i < SECTION_COUNT; i++)
    good &= join_pieces(all->pieces + all->first[i], all->first[i + 1] - all->first[i],
                        extents[i].length) == header->section_checksums[i];
  free(all->pieces);
  return good;
}

/* --- Structure ------------------------------------------------------------------------------ */

/* Offsets from 0 to `length`, never falling. */
static bool offsets_rise(const uint64_t *offsets, size_t count, uint64_t length)
{
  bool good = (offsets[0] == 0) & (offsets[count] == length);
  for (size_t i = 0; i < count; i++) good &= offsets[i] <= offsets[i + 1];
  return good;
}

/* `rows` names every row once, and `ranks` is the way back. */
static bool is_order(const uint32_t *rows, const uint32_t *ranks, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    if (rows[i] >= count || ranks[rows[i]] != i) return false;
  return true;
}

static bool orders_are_good(const struct snapshot *snapshot)
{
  uint32_t rows = snapshot->row_count;
  for (uint32_t i = 1; i < rows; i++)
    if (memcmp(&snapshot->ids[i - 1], &snapshot->ids[i], sizeof *snapshot->ids) >= 0) return false;
  return is_order(snapshot->id_rows, snapshot->id_ranks, rows) &&
         is_order(snapshot->best_rows, snapshot->best_ranks, rows) &&
         is_order(snapshot->name_rows, snapshot->name_ranks, rows);
}

static bool states_are_good(const struct snapshot *snapshot)
{
  const uint32_t *first = snapshot->state_first, count = snapshot->header->state_block_count;
  bool good = (first[0] == 0) & (first[SNAPSHOT_STATES] == count);
  for (size_t i = 0; i < SNAPSHOT_STATES; i++) good &= first[i] <= first[i + 1];
  if (!good) return false;
  for (uint32_t i = 0; i < count; i++) good &= snapshot->state_blocks[i] < snapshot->block_count;
  for (size_t state = 0; state < SNAPSHOT_STATES; state++)
    for (uint32_t i = first[state] + 1; i < first[state + 1]; i++)
      good &= snapshot->state_blocks[i - 1] < snapshot->state_blocks[i];
  return good;
}

/* One list after the other, each ascending, and no row that is not there. */
static bool postings_are_good(const struct snapshot *snapshot)
{
  const struct snapshot_header *header = snapshot->header;
  uint64_t at = 0;
  for (uint32_t term = 0; term < header->term_count; term++) {
    const struct snapshot_term *it = &snapshot->terms[term];
    if (it->is_dense > 1 || it->meaning > header->meaning_count) return false;
    if (it->is_dense && it->at >= header->dense_count) return false;
    if (it->is_dense) continue;
    if (it->at != at || it->count > header->posting_count - at) return false;
    const uint32_t *rows = snapshot->postings + at;
    bool good = true;
    for (uint32_t i = 1; i < it->count; i++) good &= rows[i - 1] < rows[i];
    if (!good || (it->count > 0 && rows[it->count - 1] >= snapshot->row_count)) return false;
    at += it->count;
  }
  return at == header->posting_count;
}

static bool terms_are_good(const struct snapshot *snapshot)
{
  const struct snapshot_header *header = snapshot->header;
  if (!offsets_rise(snapshot->term_offsets, header->term_count, header->term_bytes)) return false;
  for (uint32_t i = 1; i < header->term_count; i++)
    if (text_compare(snapshot_term_text(snapshot, i - 1), snapshot_term_text(snapshot, i)) >= 0)
      return false;
  bool good = header->node_count > 0;
  for (uint32_t i = 0; i < header->node_count; i++) {
    const struct snapshot_node *node = &snapshot->nodes[i];
    uint64_t behind = (uint64_t)node->child + node->child_count;
    good &= (node->end <= header->term_count) & (i == 0 || node->term < node->end);
    good &= node->child_count == 0 || (node->child > i && behind <= header->node_count);
  }
  return good && postings_are_good(snapshot);
}

static bool texts_are_good(const struct snapshot *snapshot)
{
  const struct snapshot_header *header = snapshot->header;
  const uint32_t rows = snapshot->row_count;
  if (!offsets_rise(snapshot->text_offsets, rows, header->text_bytes) ||
      !offsets_rise(snapshot->head_offsets, rows, header->head_bytes))
    return false;
  bool good = true;
  for (uint32_t row = 0; row < rows && good; row++) {
    const uint64_t *offsets = &snapshot->text_offsets[row];
    uint16_t lengths[TEXT_COUNT];
    uint64_t length = sizeof lengths;
    if (offsets[1] - offsets[0] < sizeof lengths) return false;
    memcpy(lengths, snapshot->texts + offsets[0], sizeof lengths);
    for (size_t i = 0; i < TEXT_COUNT; i++) length += lengths[i];
    good = (length == offsets[1] - offsets[0]) &
           (snapshot->facts[row].source < header->source_count) &
           (snapshot->facts[row].quality <= COORDINATE_ADDRESS);
  }
  return good;
}

/* Masks have no bits behind the last row. */
static bool masks_end(const struct snapshot *snapshot, const struct block_mask *masks, size_t count)
{
  uint32_t rows = snapshot->row_count % BLOCK_ROWS;
  if (rows == 0) return true;
  uint64_t stray = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t word = rows / 64; word < BLOCK_WORDS; word++)
      stray |= masks[i].words[word] >> (word == rows / 64 ? rows % 64 : 0);
  return stray == 0;
}

static bool masks_are_good(const struct snapshot *snapshot)
{
  if (snapshot->block_count == 0) return true;
  const uint32_t last = snapshot->block_count - 1;
  bool good = true;
  good &= masks_end(snapshot, snapshot->needs + last * snapshot->need_count, snapshot->need_count);
  good &= masks_end(snapshot, snapshot->codes + last * snapshot->code_count, snapshot->code_count);
  for (uint32_t i = 0; i < snapshot->header->dense_count; i++)
    good &= masks_end(snapshot, snapshot->dense + (size_t)i * snapshot->block_count + last, 1);
  for (uint32_t i = 0; i < snapshot->header->state_block_count; i++)
    good &= snapshot->state_blocks[i] != last || masks_end(snapshot, snapshot->state_masks + i, 1);
  return good;
}

static bool meanings_are_good(const struct snapshot *snapshot)
{
  uint64_t stray = 0;
  for (uint32_t i = 0; i < snapshot->header->meaning_count; i++)
    for (size_t need = snapshot->need_count; need < NEEDS_MAXIMUM; need++)
      stray |= snapshot->meanings[i].bits[need / 64] >> (need % 64) & 1;
  return stray == 0;
}

/* --- Sources -------------------------------------------------------------------------------- */

/* Cut the pairs of source and date out of their section. */
static bool read_sources(struct snapshot *snapshot)
{
  const size_t count = snapshot->header->source_count;
  const uint64_t bytes = snapshot->header->source_bytes;
  if (bytes / (2 * sizeof(uint32_t)) < count) return false;
  snapshot->sources = memory_allocate_zero(count, sizeof *snapshot->sources);
  snapshot->dates = memory_allocate_zero(count, sizeof *snapshot->dates);
  const char *section = (const char *)snapshot->source_lengths;
  uint64_t at = count * 2 * sizeof(uint32_t);
  for (size_t i = 0; i < 2 * count; i++) {
    uint32_t length = snapshot->source_lengths[i];
    if (length > bytes - at) return false;
    struct text *out = i % 2 ? snapshot->dates : snapshot->sources;
    out[i / 2] = (struct text){section + at, length};
    at += length;
  }
  return at == bytes;
}

/* Of each source, the pair with the latest date; sources by bytes. */
static void find_newest(struct snapshot *snapshot)
{
  const size_t count = snapshot->header->source_count;
  snapshot->newest = memory_allocate_zero(count, sizeof *snapshot->newest);
  for (size_t pair = 0; pair < count; pair++) {
    size_t at = 0;
    while (at < snapshot->newest_count &&
           text_compare(snapshot->sources[snapshot->newest[at]], snapshot->sources[pair]) < 0)
      at++;
    if (at < snapshot->newest_count &&
        text_equal(snapshot->sources[snapshot->newest[at]], snapshot->sources[pair])) {
      if (text_compare(snapshot->dates[snapshot->newest[at]], snapshot->dates[pair]) < 0)
        snapshot->newest[at] = pair;
      continue;
    }
    memmove(snapshot->newest + at + 1, snapshot->newest + at,
            (snapshot->newest_count++ - at) * sizeof *snapshot->newest);
    snapshot->newest[at] = pair;
  }
}

/* --- Opening -------------------------------------------------------------------------------- */

static const char *header_problem(const struct snapshot_header *header, size_t size,
                                  const struct needs *needs)
{
  if (size < sizeof *header || memcmp(header->magic, SNAPSHOT_MAGIC, sizeof SNAPSHOT_MAGIC) != 0)
    return "no snapshot";
  if (header->version != SNAPSHOT_VERSION || header->section_count != SECTION_COUNT)
    return "a snapshot of another version";
  if (header->checksum != snapshot_header_checksum(header)) return "the header is damaged";
  if (header->size != size) return "cut short or grown";
  if (header->knowledge != needs_hash(needs) || header->need_count != needs_count(needs) ||
      header->code_count != codes_count(needs) || header->sign_count != signs_count(needs))
    return "built with other knowledge";
  return header->located_count > header->row_count ? "the header is damaged" : NULL;
}

/* What is wrong with the sections, whose bytes may say anything; NULL when nothing is. */
static const char *structure_problem(struct snapshot *snapshot)
{
  if (!read_sources(snapshot)) return "damaged: the sources";
  if (!orders_are_good(snapshot)) return "damaged: the orders of rows";
  if (!states_are_good(snapshot)) return "damaged: the states";
  if (!terms_are_good(snapshot)) return "damaged: the terms";
  if (!texts_are_good(snapshot)) return "damaged: the texts";
  if (!masks_are_good(snapshot) || !meanings_are_good(snapshot)) return "damaged: the masks";
  return NULL;
}

/* What is wrong with the mapped file, or NULL; fills `snapshot`. The structure is checked while
 * others compute the checksums. */
static const char *problem_of(struct snapshot *snapshot, const unsigned char *bytes, size_t size,
                              const struct needs *needs)
{
  const struct snapshot_header *header = (const struct snapshot_header *)(const void *)bytes;
  const char *problem = header_problem(header, size, needs);
  if (problem) return problem;
  struct snapshot_extent extents[SECTION_COUNT];
  struct pieces pieces;
  uint64_t expected;
  if (!snapshot_extents(header, extents, &expected) || expected != size)
    return "the header's counts do not fit the file";
  start_checksums(&pieces, bytes, size, extents);
  snapshot_attach(snapshot, bytes, extents);
  problem = structure_problem(snapshot);
  if (!checksums_agree(&pieces, header, extents)) return "damaged: a checksum differs";
  if (!problem) find_newest(snapshot);
  return problem;
}

/* Groups of needs of which any suffices. */
static void read_groups(struct snapshot *snapshot, const struct needs *needs)
{
  for (size_t i = 0; i < snapshot->need_count; i++) {
    size_t group = needs_get(needs, i)->group;
    bool any = needs_group_get(needs, group)->any;
    snapshot->need_group[i] = any ? (uint8_t)group : NEED_GROUP_NONE;
  }
}

static void release(struct snapshot *snapshot, const unsigned char *bytes, size_t size)
{
  if (size) munmap((void *)(uintptr_t)bytes, size);
  free(snapshot->sources);
  free(snapshot->dates);
  free(snapshot->newest);
  free(snapshot);
}

/* Map a whole file; its size is 0 when it is empty. */
static bool map_file(const char *path, const unsigned char **bytes, size_t *size)
{
  int handle = open(path, O_RDONLY | O_CLOEXEC);
  if (handle < 0) return false;
  struct stat status = {0};
  bool good = (fstat(handle, &status) == 0) & S_ISREG(status.st_mode);
  if (good && status.st_size > 0) {
    *size = (size_t)status.st_size;
    void *mapped = mmap(NULL, *size, PROT_READ, MAP_SHARED, handle, 0);
    good = mapped != MAP_FAILED;
    *bytes = mapped;
  }
  close(handle);
  return good;
}

bool snapshot_open(struct snapshot **out, const char *path, const struct needs *needs,
                   struct error *error)
{
  const unsigned char *bytes = NULL;
  size_t size = 0;
  errno = 0;
  if (!map_file(path, &bytes, &size))
    return error_set(error, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_SYSTEM, "error.file",
                     "Check that the file exists and that its rights allow reading it.",
                     "open snapshot %s: %s", path, errno ? strerror(errno) : "no regular file");
  struct snapshot *snapshot = memory_allocate_zero(1, sizeof *snapshot);
  const char *problem = problem_of(snapshot, bytes, size, needs);
  if (problem) {
    release(snapshot, bytes, size);
    return refuse(error, path, problem);
  }
  read_groups(snapshot, needs);
  snapshot->size = size;
  *out = snapshot;
  return true;
}

void snapshot_close(struct snapshot *snapshot)
{
  if (snapshot) release(snapshot, snapshot->bytes, snapshot->size);
}

bool snapshot_current(struct arena *arena, const char *folder, struct text *name,
                      struct error *error)
{
  enum { NAME_LONGEST = 256 };
  struct text content;
  if (!file_read(arena, file_join(arena, folder, "directory.current"), NAME_LONGEST, &content,
                 error))
    return false;
  content = text_trim(content);
  if (!text_starts_with(content, TEXT("directory-")) || text_contains(content, TEXT("/")))
    return error_set(error, ERROR_REFUSED, "error.directory.snapshot",
                     "Import the directory again, which names a new snapshot.",
                     "%s/directory.current names no snapshot", folder);
  *name = content;
  return true;
}
