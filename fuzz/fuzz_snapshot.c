/*
 * Fuzz a snapshot's bytes. The input is a list of patches (section, place, value) laid over a good
 * file, whose checksums are then made true again, so that only the checks of structure stand
 * between them and the reader. What opens must be safe to search and to read whole. A first byte
 * of 255 makes the rest a file as it stands.
 */
#include "directory/snapshot_layout.h"
#include "engine_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { FEW_ROWS = 40 };

static struct needs *needs;
static unsigned char *good;
static size_t good_size;
static struct snapshot_extent extents[SECTION_COUNT];

static void start(void)
{
  struct error error = {0};
  struct text content;
  needs = engine_needs();
  char *path = engine_build(needs, FEW_ROWS);
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  engine_must(file_read(arena, path, LIMIT_FILE_WHOLE, &content, &error), &error);
  engine_remove(path);
  good_size = content.length;
  good = aligned_alloc(64, (good_size + 63) / 64 * 64);
  memcpy(good, content.at, good_size);
  uint64_t whole;
  if (!snapshot_extents((const struct snapshot_header *)(void *)good, extents, &whole)) abort();
  arena_free(arena);
}

static struct snapshot *open_bytes(const unsigned char *bytes, size_t size)
{
  char path[64];
  struct error error = {0};
  struct snapshot *snapshot = NULL;
  int file = memfd_create("snapshot", 0);
  if (file < 0 || write(file, bytes, size) != (ssize_t)size) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  snapshot_open(&snapshot, path, needs, &error);
  close(file);
  return snapshot;
}

/* Read every row and run a few searches of each kind. */
static void use(const struct snapshot *snapshot)
{
  static const char *const words[] = {"", "harbor", "behavoiral", "st", "suboxone richmond"};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct search_workspace *workspace = search_workspace_new();
  struct text_buffer seen;
  text_buffer_init(&seen, LIMIT_FILE_WHOLE);
  for (uint32_t row = 0; row < snapshot_row_count(snapshot); row++) {
    struct snapshot_row it;
    uint32_t again;
    snapshot_row_get(snapshot, row, &it);
    const struct text texts[] = {it.id,   it.name1, it.street2,      it.zip,    it.phone,
                                 it.city, it.as_of, it.intake_phone, it.source, it.json_head};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) text_buffer_add(&seen, texts[i]);
    snapshot_row_find(snapshot, it.id, &again);
  }
  for (size_t i = 0; i < 15; i++) {
    size_t needed = i % 7;
    struct search_query query = {.words = text_from(words[i % 5]),
                                 .has_point = i % 2,
                                 .latitude = 40,
                                 .longitude = -85,
                                 .within = i % 3 * 100.0,
                                 .state = "VA",
                                 .sort = (enum search_sort)(i % 3),
                                 .needs = &needed,
                                 .need_count = i % 4 == 0,
                                 .limit = 20,
                                 .facets = true};
    struct search_answer answer;
    struct error error = {0};
    if (i % 3) query.state[0] = 0;
    search_run(snapshot, needs, workspace, arena, &query, &answer, &error);
    query.cursor = answer.next;
    search_run(snapshot, needs, workspace, arena, &query, &answer, &error);
  }
  text_buffer_fini(&seen);
  search_workspace_free(workspace);
  arena_free(arena);
}

static void patch(struct engine_input *input, unsigned char *bytes)
{
  struct snapshot_header *header = (struct snapshot_header *)(void *)bytes;
  while (input->left > 0) {
    const struct snapshot_extent *extent = &extents[engine_byte(input) % SECTION_COUNT];
    uint64_t place = engine_byte(input) | engine_byte(input) << 8 | engine_byte(input) << 16;
    if (extent->length > 0)
      bytes[extent->at + place % extent->length] = (unsigned char)engine_byte(input);
  }
  for (size_t i = 0; i < SECTION_COUNT; i++)
    header->section_checksums[i] =
        snapshot_section_checksum(bytes + extents[i].at, extents[i].length);
  header->checksum = snapshot_header_checksum(header);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (!good) start();
  struct snapshot *snapshot;
  struct engine_input input = {bytes, size};
  if (size > 0 && bytes[0] == 255) {
    snapshot = open_bytes(bytes + 1, size - 1);
  } else {
    unsigned char *spoiled = aligned_alloc(64, (good_size + 63) / 64 * 64);
    memcpy(spoiled, good, good_size);
    patch(&input, spoiled);
    snapshot = open_bytes(spoiled, good_size);
    free(spoiled);
  }
  if (snapshot) use(snapshot);
  snapshot_close(snapshot);
  return 0;
}
