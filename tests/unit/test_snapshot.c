/*
 * The snapshot: what goes in comes out; a file that is damaged anywhere is refused by name.
 */
#include "directory_support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "directory/snapshot_layout.h"

static const struct brief sites[] = {
    {1, "Harbor \"Light\" House", "Men's Unit", "1 Main Street", "Richmond", "VA",
     "SA OP BUM MD JC", 37.55, -77.46},
    {2, "Ámbar Center", NULL, "2 Oak Road", "Norfolk", "VA", "SA RES MM", 36.85, -76.28},
    {3, "Beacon", NULL, "3 Elm", "Adak", "A1", "SUMH", 51.88, -176.65},
    {4, "Nowhere Clinic", NULL, NULL, NULL, "virginia", "", 0, 0},
};
enum { SITES = sizeof sites / sizeof *sites };

static void test_texts_come_back(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  struct snapshot *snapshot = snapshot_of(needs, sites, SITES);
  struct snapshot_row row;
  uint32_t number = 0;
  assert_int_equal(snapshot_row_count(snapshot), SITES);
  assert_true(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-000000000001"), &number));
  snapshot_row_get(snapshot, number, &row);
  assert_true(text_equal(row.id, TEXT("00000000-0000-5000-8000-000000000001")));
  assert_true(text_equal(row.name1, TEXT("Harbor \"Light\" House")));
  assert_true(text_equal(row.name2, TEXT("Men's Unit")));
  assert_true(text_equal(row.street1, TEXT("1 Main Street")));
  assert_int_equal(row.street2.length, 0);
  assert_true(text_equal(row.city, TEXT("Richmond")));
  assert_true(text_equal(row.state, TEXT("VA")));
  assert_true(text_equal(row.source, TEXT("test")));
  assert_true(text_equal(row.as_of, TEXT("2023-01-01")));
  assert_int_equal(row.quality, COORDINATE_ADDRESS);
  assert_int_equal(row.directories, DIRECTORY_SUBSTANCE_USE);
  assert_false(row.invented);
  assert_true(text_equal(
      row.json_head,
      TEXT("\"id\":\"00000000-0000-5000-8000-000000000001\",\"name\":\"Harbor \\\"Light\\\" "
           "House\",\"name2\":\"Men's Unit\",\"street\":\"1 Main Street\",\"street2\":null,"
           "\"city\":\"Richmond\",\"state\":\"VA\",\"zip\":null,\"phone\":null,"
           "\"intake_phone\":null,\"latitude\":37.55,\"longitude\":-77.46")));
  assert_true(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-000000000004"), &number));
  snapshot_row_get(snapshot, number, &row);
  assert_int_equal(row.quality, COORDINATE_NONE);
  assert_true(text_ends_with(row.json_head, TEXT("\"latitude\":null,\"longitude\":null")));
  snapshot_close(snapshot);
  needs_free(needs);
}

static void test_ids_are_found(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  struct snapshot *snapshot = snapshot_of(needs, sites, SITES);
  uint32_t row;
  assert_false(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-000000000000"), &row));
  assert_false(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-000000000009"), &row));
  assert_false(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-00000000000G"), &row));
  assert_false(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-00000000000!"), &row));
  assert_false(snapshot_row_find(snapshot, TEXT("00000000x0000-5000-8000-000000000001"), &row));
  assert_false(snapshot_row_find(snapshot, TEXT("short"), &row));
  snapshot_close(snapshot);
  needs_free(needs);
}

static void test_needs_codes_and_signs_are_set(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  struct snapshot *snapshot = snapshot_of(needs, sites, SITES);
  uint32_t row;
  assert_true(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-000000000001"), &row));
  assert_true(snapshot_row_need(snapshot, row, need_named(needs, "buprenorphine")));
  assert_false(snapshot_row_need(snapshot, row, need_named(needs, "methadone")));
  assert_true(snapshot_row_code(snapshot, row, code_named(needs, "BUM")));
  assert_false(snapshot_row_code(snapshot, row, code_named(needs, "MM")));
  struct code_set codes = codes_read(needs, TEXT("SA OP BUM MD JC"));
  for (size_t i = 0; i < signs_count(needs); i++)
    assert_int_equal(snapshot_row_sign(snapshot, row, i),
                     signs_met(needs, i, &codes, DIRECTORY_SUBSTANCE_USE));
  snapshot_close(snapshot);
  needs_free(needs);
}

/* An invented facility from another source, and one more release of the first. */
static void test_sources_and_demo(void **state)
{
  (void)state;
  static const char *const sources[][2] = {{"su", "2022-01-01"},
                                           {"demo", "2024-05-01"},
                                           {"su", "2023-01-01"},
                                           {"", ""},
                                           {"su", "2021-01-01"}};
  struct needs *needs = load_needs();
  struct error error = {0};
  char folder[64];
  make_folder(folder);
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct snapshot_builder *builder = snapshot_builder_new(needs);
  for (size_t i = 0; i < SITES + 1; i++) {
    struct brief brief = sites[i % SITES];
    struct facility facility;
    brief.number = (unsigned)i + 1;
    make_facility(arena, &brief, &facility);
    facility.sources[FIELD_NAME1].source = text_from(sources[i][0]);
    facility.sources[FIELD_NAME1].as_of = text_from(sources[i][1]);
    facility.invented = i == 1;
    if (i == 3) facility.sources[FIELD_NAME1] = (struct facility_source){0};
    must(snapshot_builder_add(builder, &facility, &error), &error);
  }
  must(snapshot_builder_finish(builder, folder, &error), &error);
  snapshot_builder_free(builder);
  struct snapshot *snapshot = open_current(folder, needs);
  struct text source, as_of;
  struct snapshot_row row;
  uint32_t number;
  assert_true(snapshot_is_demo(snapshot));
  assert_int_equal(snapshot_source_count(snapshot), 3); /* one is unnamed */
  snapshot_source_get(snapshot, 1, &source, &as_of);
  assert_true(text_equal(source, TEXT("demo")) && text_equal(as_of, TEXT("2024-05-01")));
  snapshot_source_get(snapshot, 2, &source, &as_of);
  assert_true(text_equal(source, TEXT("su")) && text_equal(as_of, TEXT("2023-01-01")));
  assert_true(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-000000000002"), &number));
  snapshot_row_get(snapshot, number, &row);
  assert_true(row.invented);
  snapshot_close(snapshot);
  arena_free(arena);
  remove_folder(folder);
  needs_free(needs);
}

static void test_same_directory_same_file(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  struct brief turned[SITES];
  for (size_t i = 0; i < SITES; i++) turned[i] = sites[SITES - 1 - i];
  struct snapshot *one = snapshot_of(needs, sites, SITES);
  struct snapshot *two = snapshot_of(needs, turned, SITES);
  turned[0].name1 = "Elsewhere Clinic";
  struct snapshot *other = snapshot_of(needs, turned, SITES);
  assert_int_equal(snapshot_checksum(one), snapshot_checksum(two));
  assert_int_not_equal(snapshot_checksum(one), snapshot_checksum(other));
  snapshot_close(one);
  snapshot_close(two);
  snapshot_close(other);
  needs_free(needs);
}

static void test_empty_directory(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  struct snapshot *snapshot = snapshot_of(needs, NULL, 0);
  uint32_t row;
  assert_int_equal(snapshot_row_count(snapshot), 0);
  assert_false(snapshot_is_demo(snapshot));
  assert_false(snapshot_row_find(snapshot, TEXT("00000000-0000-5000-8000-000000000001"), &row));
  snapshot_close(snapshot);
  snapshot_close(NULL);
  snapshot_builder_free(NULL);
  needs_free(needs);
}

/* Full blocks: no bit lies behind the last row, and rows stay in their states. */
static void test_whole_block(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  static struct brief many[BLOCK_ROWS];
  for (unsigned i = 0; i < BLOCK_ROWS; i++)
    many[i] =
        (struct brief){i + 1, "House", NULL, "Main", "Town", i % 3 ? "VA" : "MD", "SA", 38, -77};
  struct snapshot *snapshot = snapshot_of(needs, many, BLOCK_ROWS);
  assert_int_equal(snapshot_row_count(snapshot), BLOCK_ROWS);
  snapshot_close(snapshot);
  needs_free(needs);
}

/* --- Naming ---------------------------------------------------------------------------------- */

static bool count_snapshot(void *context, struct text path, struct error *error)
{
  (void)error;
  if (text_ends_with(path, TEXT("snapshot")) && !text_contains(path, TEXT("/")))
    ++*(size_t *)context;
  return true;
}

static size_t count_snapshots(const char *folder)
{
  size_t count = 0;
  struct error error;
  assert_true(file_walk(folder, count_snapshot, &count, &error));
  return count;
}

static void test_old_snapshots_go_but_the_previous(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  char folder[64], first[256], second[256], third[256], other[128];
  make_folder(folder);
  snprintf(other, sizeof other, "%s/directory-notes.txt", folder);
  struct error error = {0};
  must(file_replace(other, TEXT("kept"), &error), &error);
  char inner[128], deep[192];
  snprintf(inner, sizeof inner, "%s/directory-archive", folder);
  assert_int_equal(mkdir(inner, 0755), 0);
  snprintf(deep, sizeof deep, "%s/old.snapshot", inner);
  must(file_replace(deep, TEXT("kept"), &error), &error);
  build_into(folder, needs, sites, 1);
  current_path(folder, first);
  build_into(folder, needs, sites, 2);
  current_path(folder, second);
  assert_true(file_exists(first));
  char left[2][128]; /* by builds that were killed */
  snprintf(left[0], sizeof left[0], "%s/directory.new-999999", folder);
  snprintf(left[1], sizeof left[1], "%s/directory.current.new-999999-0", folder);
  for (size_t i = 0; i < 2; i++) must(file_replace(left[i], TEXT("half"), &error), &error);
  build_into(folder, needs, sites, 3);
  for (size_t i = 0; i < 2; i++) assert_false(file_exists(left[i]));
  current_path(folder, third);
  assert_false(file_exists(first));
  assert_true(file_exists(second));
  assert_true(file_exists(third));
  assert_true(file_exists(other));
  assert_true(file_exists(deep));
  build_into(folder, needs, sites, 3); /* the same again: nothing changes */
  assert_int_equal(count_snapshots(folder), 1);
  remove_folder(folder);
  needs_free(needs);
}

static void test_current_must_name_a_snapshot(void **state)
{
  (void)state;
  char folder[64], path[128];
  struct error error = {0};
  struct text name;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  make_folder(folder);
  assert_false(snapshot_current(arena, folder, &name, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  snprintf(path, sizeof path, "%s/directory.current", folder);
  must(file_replace(path, TEXT("elsewhere.snapshot\n"), &error), &error);
  assert_false(snapshot_current(arena, folder, &name, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  must(file_replace(path, TEXT("directory-/../../etc/passwd"), &error), &error);
  assert_false(snapshot_current(arena, folder, &name, &error));
  arena_free(arena);
  remove_folder(folder);
}

/* --- What the builder refuses ---------------------------------------------------------------- */

static void test_builder_refuses(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  struct error error = {0};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct snapshot_builder *builder = snapshot_builder_new(needs);
  struct facility facility;
  char folder[64];
  make_folder(folder);
  make_facility(arena, &sites[0], &facility);
  facility.id = TEXT("no uuid");
  assert_false(snapshot_builder_add(builder, &facility, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  facility.id = TEXT("");
  assert_false(snapshot_builder_add(builder, &facility, &error));
  make_facility(arena, &sites[0], &facility);
  char *much = arena_allocate(arena, UINT16_MAX + 1);
  memset(much, 'x', UINT16_MAX + 1);
  facility.fields[FIELD_WEBSITE] = (struct text){much, UINT16_MAX + 1};
  assert_false(snapshot_builder_add(builder, &facility, &error));
  assert_true(strstr(error.log, "longer") != NULL);
  facility.fields[FIELD_WEBSITE].length = UINT16_MAX;
  must(snapshot_builder_add(builder, &facility, &error), &error);
  must(snapshot_builder_add(builder, &facility, &error), &error);
  assert_false(snapshot_builder_finish(builder, folder, &error));
  assert_true(strstr(error.log, "twice") != NULL);
  snapshot_builder_free(builder);
  arena_free(arena);
  remove_folder(folder);
  needs_free(needs);
}

static bool try_build(const char *folder, struct error *error)
{
  struct needs *needs = load_needs();
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct snapshot_builder *builder = snapshot_builder_new(needs);
  struct facility facility;
  make_facility(arena, &sites[0], &facility);
  must(snapshot_builder_add(builder, &facility, error), error);
  bool done = snapshot_builder_finish(builder, folder, error);
  snapshot_builder_free(builder);
  arena_free(arena);
  needs_free(needs);
  return done;
}

static void test_failures_leave_nothing(void **state)
{
  (void)state;
  struct error error = {0};
  char folder[64], path[256];
  assert_false(try_build("/nonexistent/folder", &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  make_folder(folder);
  /* No room: a file may not grow past a page. */
  struct rlimit before, small;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 4096;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  assert_false(try_build(folder, &error));
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_true(strstr(error.log, "write") != NULL);
  assert_int_equal(rmdir(folder), 0); /* it was left empty */
  assert_int_equal(mkdir(folder, 0755), 0);
  /* The name is taken by a folder. */
  snprintf(path, sizeof path, "%s/directory.current", folder);
  assert_int_equal(mkdir(path, 0755), 0);
  assert_false(try_build(folder, &error));
  assert_int_equal(rmdir(path), 0);
  assert_true(try_build(folder, &error));
  current_path(folder, path);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkdir(path, 0755), 0);
  assert_false(try_build(folder, &error));
  assert_true(strstr(error.log, "rename") != NULL);
  remove_folder(folder);
}

/* --- What opening refuses -------------------------------------------------------------------- */

static void test_open_refuses_what_is_no_snapshot(void **state)
{
  (void)state;
  struct needs *needs = load_needs();
  struct snapshot *snapshot = NULL;
  struct error error = {0};
  char folder[64], path[128];
  make_folder(folder);
  snprintf(path, sizeof path, "%s/file", folder);
  assert_false(snapshot_open(&snapshot, path, needs, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  assert_false(snapshot_open(&snapshot, folder, needs, &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  must(file_replace(path, TEXT(""), &error), &error);
  assert_false(snapshot_open(&snapshot, path, needs, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  must(file_replace(path, TEXT("short"), &error), &error);
  assert_false(snapshot_open(&snapshot, path, needs, &error));
  assert_true(strstr(error.log, path) != NULL);
  assert_null(snapshot);
  remove_folder(folder);
  needs_free(needs);
}

/* A snapshot's bytes, to be spoiled. */
struct spoiled {
  struct needs *needs;
  unsigned char *bytes;
  size_t size;
  struct snapshot_extent extents[SECTION_COUNT];
  struct snapshot_header *header;
  char folder[64];
};

static void spoil_start(struct spoiled *it, const struct brief *briefs, size_t count)
{
  char path[256];
  struct error error = {0};
  struct text content;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  it->needs = load_needs();
  make_folder(it->folder);
  build_into(it->folder, it->needs, briefs, count);
  current_path(it->folder, path);
  must(file_read(arena, path, 64 * 1024 * 1024, &content, &error), &error);
  it->bytes = aligned_alloc(64, (content.length + 63) / 64 * 64);
  memcpy(it->bytes, content.at, content.length);
  it->size = content.length;
  it->header = (struct snapshot_header *)(void *)it->bytes;
  uint64_t size;
  assert_true(snapshot_extents(it->header, it->extents, &size));
  assert_int_equal(size, it->size);
  arena_free(arena);
}

static void spoil_end(struct spoiled *it)
{
  free(it->bytes);
  remove_folder(it->folder);
  needs_free(it->needs);
}

static void *section(const struct spoiled *it, enum snapshot_section which)
{
  return it->bytes + it->extents[which].at;
}

/* Make the checksums agree with what the file says now. */
static void reseal(struct spoiled *it)
{
  for (size_t i = 0; i < SECTION_COUNT; i++)
    it->header->section_checksums[i] =
        snapshot_section_checksum(it->bytes + it->extents[i].at, it->extents[i].length);
  it->header->checksum = snapshot_header_checksum(it->header);
}

static bool opens(const struct spoiled *it, size_t size, struct error *error)
{
  char path[128];
  struct snapshot *snapshot = NULL;
  snprintf(path, sizeof path, "%s/spoiled", it->folder);
  FILE *file = fopen(path, "w");
  assert_int_equal(fwrite(it->bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
  bool good = snapshot_open(&snapshot, path, it->needs, error);
  snapshot_close(snapshot);
  return good;
}

static void assert_refused(struct spoiled *it, const char *why)
{
  struct error error = {0};
  if (opens(it, it->size, &error)) fail_msg("opened, although: %s", why);
  assert_int_equal(error.kind, ERROR_REFUSED);
  if (!strstr(error.log, why)) fail_msg("refused with '%s', not '%s'", error.log, why);
}

static void test_damage_anywhere_is_found(void **state)
{
  (void)state;
  struct spoiled it;
  struct error error = {0};
  spoil_start(&it, sites, SITES);
  assert_true(opens(&it, it.size, &error));
  for (size_t i = 0; i < SECTION_COUNT; i++) {
    if (it.extents[i].length == 0) continue;
    unsigned char *byte = it.bytes + it.extents[i].at + it.extents[i].length / 2;
    *byte ^= 4;
    assert_refused(&it, "a checksum differs");
    *byte ^= 4;
  }
  assert_false(opens(&it, it.size - 1, &error));
  assert_true(strstr(error.log, "cut short") != NULL);
  assert_false(opens(&it, sizeof *it.header, &error));
  it.header->posting_count ^= 1;
  assert_refused(&it, "the header is damaged");
  it.header->posting_count ^= 1;
  it.header->version++;
  assert_refused(&it, "another version");
  it.header->version--;
  it.header->section_count++;
  assert_refused(&it, "another version");
  it.header->section_count--;
  it.header->magic[0] = 'F';
  assert_refused(&it, "no snapshot");
  spoil_end(&it);
}

/* A header that agrees with itself and not with the file or the knowledge. */
static void test_false_headers(void **state)
{
  (void)state;
  struct spoiled it;
  spoil_start(&it, sites, SITES);
  const struct snapshot_header good = *it.header;
#define FALSE_HEADER(member, value, why)                                                           \
  do {                                                                                             \
    it.header->member = (value);                                                                   \
    it.header->checksum = snapshot_header_checksum(it.header);                                     \
    assert_refused(&it, why);                                                                      \
    *it.header = good;                                                                             \
  } while (0)
  FALSE_HEADER(knowledge, good.knowledge + 1, "other knowledge");
  FALSE_HEADER(need_count, good.need_count + 1, "other knowledge");
  FALSE_HEADER(code_count, good.code_count + 1, "other knowledge");
  FALSE_HEADER(sign_count, good.sign_count + 1, "other knowledge");
  FALSE_HEADER(located_count, good.row_count + 1, "the header is damaged");
  FALSE_HEADER(text_bytes, UINT64_MAX, "counts do not fit");
  FALSE_HEADER(posting_count, UINT64_MAX / 2, "counts do not fit");
  FALSE_HEADER(term_count, good.term_count + 1000, "counts do not fit");
  FALSE_HEADER(size, good.size + 1, "cut short");
#undef FALSE_HEADER
  spoil_end(&it);
}

/* Set a value in a section, seal the file as if it were whole, and expect a refusal. */
#define SPOIL(which, type, index, value, why)                                                      \
  do {                                                                                             \
    type *place = (type *)section(&it, which) + (index), kept = *place;                            \
    *place = (type)(value);                                                                        \
    reseal(&it);                                                                                   \
    assert_refused(&it, why);                                                                      \
    *place = kept;                                                                                 \
  } while (0)
#define SPOIL_MEMBER(which, type, index, member, value, why)                                       \
  do {                                                                                             \
    type *place = (type *)section(&it, which) + (index), kept = *place;                            \
    place->member = (value);                                                                       \
    reseal(&it);                                                                                   \
    assert_refused(&it, why);                                                                      \
    *place = kept;                                                                                 \
  } while (0)

static void test_false_orders_and_states(void **state)
{
  (void)state;
  struct spoiled it;
  spoil_start(&it, sites, SITES);
  const char *orders = "the orders of rows", *states = "the states";
  SPOIL(SECTION_IDS, uint8_t, 15, 9, orders);
  SPOIL(SECTION_ID_ROWS, uint32_t, 1, SITES, orders);
  SPOIL(SECTION_ID_RANKS, uint32_t, 1, SITES, orders);
  SPOIL(SECTION_BEST_ROWS, uint32_t, 0, UINT32_MAX, orders);
  SPOIL(SECTION_NAME_RANKS, uint32_t, 0, UINT32_MAX, orders);
  uint16_t state_number = snapshot_state_number(TEXT("VA"));
  SPOIL(SECTION_STATE_FIRST, uint32_t, 0, 1, states);
  SPOIL(SECTION_STATE_FIRST, uint32_t, SNAPSHOT_STATES, 0, states);
  SPOIL(SECTION_STATE_FIRST, uint32_t, state_number, 9, states);
  SPOIL(SECTION_STATE_BLOCKS, uint32_t, 0, 1, states);
  SPOIL(SECTION_STATE_MASKS, uint64_t, BLOCK_WORDS - 1, 1, "the masks");
  SPOIL(SECTION_NEEDS, uint64_t, 0, UINT64_MAX, "the masks");
  SPOIL(SECTION_CODES, uint64_t, 0, UINT64_MAX, "the masks");
  SPOIL(SECTION_DENSE, uint64_t, 0, UINT64_MAX, "the masks");
  SPOIL(SECTION_MEANINGS, uint64_t, 1, UINT64_MAX, "the masks");
  spoil_end(&it);
}

static void test_false_terms(void **state)
{
  (void)state;
  static struct brief many[100]; /* "rare" is listed, "house" is dense */
  for (unsigned i = 0; i < 100; i++)
    many[i] = (struct brief){
        i + 1, i < 3 ? "Rare" : "House", NULL, NULL, NULL, "VA", "SA", 30 + i / 10.0, -77};
  struct spoiled it;
  spoil_start(&it, many, 100);
  const struct snapshot_term *terms = section(&it, SECTION_TERMS);
  const struct snapshot_node *nodes = section(&it, SECTION_NODES);
  const uint32_t term_count = it.header->term_count, node_count = it.header->node_count;
  uint32_t listed = 0, dense = 0;
  while (terms[listed].is_dense || terms[listed].count == 0) listed++;
  while (!terms[dense].is_dense) dense++;
  const char *why = "the terms";
  SPOIL(SECTION_TERM_OFFSETS, uint64_t, 0, 1, why);
  SPOIL(SECTION_TERM_OFFSETS, uint64_t, term_count, 1, why);
  SPOIL(SECTION_TERM_OFFSETS, uint64_t, 1, UINT64_MAX, why);
  SPOIL(SECTION_TERM_BYTES, char, 0, 'z', why);
  SPOIL_MEMBER(SECTION_NODES, struct snapshot_node, 0, end, term_count + 1, why);
  SPOIL_MEMBER(SECTION_NODES, struct snapshot_node, 1, term, nodes[1].end, why);
  SPOIL_MEMBER(SECTION_NODES, struct snapshot_node, 0, child, 0, why);
  SPOIL_MEMBER(SECTION_NODES, struct snapshot_node, 0, child, node_count, why);
  SPOIL_MEMBER(SECTION_TERMS, struct snapshot_term, 0, is_dense, 2, why);
  SPOIL_MEMBER(SECTION_TERMS, struct snapshot_term, 0, meaning, UINT16_MAX, why);
  SPOIL_MEMBER(SECTION_TERMS, struct snapshot_term, dense, at, it.header->dense_count, why);
  SPOIL_MEMBER(SECTION_TERMS, struct snapshot_term, listed, at, terms[listed].at + 1, why);
  SPOIL_MEMBER(SECTION_TERMS, struct snapshot_term, listed, count, UINT32_MAX, why);
  SPOIL_MEMBER(SECTION_TERMS, struct snapshot_term, listed, count, 0, why);
  SPOIL_MEMBER(SECTION_TERMS, struct snapshot_term, dense, is_dense, 0, why);
  spoil_end(&it);
}

static void test_false_texts_and_sources(void **state)
{
  (void)state;
  struct spoiled it;
  spoil_start(&it, sites, SITES);
  const char *why = "the texts";
  SPOIL(SECTION_TEXT_OFFSETS, uint64_t, 1, 1, why);
  SPOIL(SECTION_TEXT_OFFSETS, uint64_t, 1, UINT64_MAX, why);
  SPOIL(SECTION_HEAD_OFFSETS, uint64_t, 1, UINT64_MAX, why);
  SPOIL(SECTION_TEXTS, uint16_t, 0, UINT16_MAX, why);
  SPOIL_MEMBER(SECTION_FACTS, struct snapshot_fact, 0, source, 1, why);
  SPOIL_MEMBER(SECTION_FACTS, struct snapshot_fact, 0, quality, 4, why);
  SPOIL(SECTION_SOURCES, uint32_t, 0, 1, "the sources");
  SPOIL(SECTION_SOURCES, uint32_t, 0, UINT32_MAX, "the sources");
  it.header->source_count = 1000;
  reseal(&it);
  assert_refused(&it, "the sources");
  spoil_end(&it);
}

/* Lists that are not ascending, and one that names a row that is not there. */
static void test_false_postings(void **state)
{
  (void)state;
  static struct brief many[100];
  for (unsigned i = 0; i < 100; i++)
    many[i] = (struct brief){i + 1, i < 3 ? "Rare" : "House", NULL, NULL,
                             NULL,  i % 2 ? "VA" : "MD",      "SA", 30 + i / 10.0,
                             -77};
  struct spoiled it;
  spoil_start(&it, many, 100);
  assert_true(it.header->posting_count >= 3);
  SPOIL(SECTION_POSTINGS, uint32_t, 0, 99, "the terms");
  SPOIL(SECTION_POSTINGS, uint32_t, 2, 100, "the terms");
  spoil_end(&it);
}

/* A state with two blocks whose order is turned. */
static void test_false_state_order(void **state)
{
  (void)state;
  static struct brief many[BLOCK_ROWS + 8];
  for (unsigned i = 0; i < BLOCK_ROWS + 8; i++)
    many[i] = (struct brief){i + 1, "House", NULL, NULL, NULL, "VA", "SA", 38, -77};
  struct spoiled it;
  spoil_start(&it, many, BLOCK_ROWS + 8);
  assert_int_equal(it.header->state_block_count, 2);
  SPOIL(SECTION_STATE_BLOCKS, uint32_t, 0, 1, "the states");
  spoil_end(&it);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_texts_come_back),
      cmocka_unit_test(test_ids_are_found),
      cmocka_unit_test(test_needs_codes_and_signs_are_set),
      cmocka_unit_test(test_sources_and_demo),
      cmocka_unit_test(test_same_directory_same_file),
      cmocka_unit_test(test_empty_directory),
      cmocka_unit_test(test_whole_block),
      cmocka_unit_test(test_old_snapshots_go_but_the_previous),
      cmocka_unit_test(test_current_must_name_a_snapshot),
      cmocka_unit_test(test_builder_refuses),
      cmocka_unit_test(test_failures_leave_nothing),
      cmocka_unit_test(test_open_refuses_what_is_no_snapshot),
      cmocka_unit_test(test_damage_anywhere_is_found),
      cmocka_unit_test(test_false_headers),
      cmocka_unit_test(test_false_orders_and_states),
      cmocka_unit_test(test_false_terms),
      cmocka_unit_test(test_false_texts_and_sources),
      cmocka_unit_test(test_false_postings),
      cmocka_unit_test(test_false_state_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
