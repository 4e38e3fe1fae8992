/*
 * Fuzz the rows of a FindTreatment response and of a CSV with any header, through a whole batch up
 * to the store's door. The first byte 'C' makes the rest CSV, else it is JSON. Every row is either
 * refused, merged or spooled, and what is spooled is clean.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tests/unit/places_table.h"
#include "directory/import_batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct places *load_places(void)
{
  struct places *places;
  struct text_buffer name;
  int file = memfd_create("places", 0);
  if (file < 0 || write(file, PLACES_TABLE, sizeof PLACES_TABLE - 1) < 0) abort();
  text_buffer_init(&name, 64);
  text_buffer_add_format(&name, "/proc/self/fd/%d", file);
  text_buffer_add_character(&name, 0);
  if (!places_load(&places, name.at, NULL)) abort();
  text_buffer_fini(&name);
  close(file);
  return places;
}

static void check_listing(const struct import_batch *batch, const struct import_entry *entry)
{
  struct listing listing;
  struct text rest, word, before = TEXT("");
  listing_spool_get(batch->spool, entry->place, &listing);
  for (size_t i = 0; i < FIELD_COUNT; i++)
    if (!text_is_utf8(listing.fields[i])) abort();
  if (listing.fields[FIELD_NAME1].length == 0 || entry->directories == 0) abort();
  rest = listing.fields[FIELD_CODES];
  while (text_word_next(&rest, &word)) {
    size_t code;
    if (text_compare(before, word) >= 0 || !codes_find(batch->needs, word, &code)) abort();
    before = word;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static struct needs *needs;
  static struct places *places;
  static const struct import_options options = {.knowledge_folder = "knowledge"};
  if (!needs && !needs_load(&needs, "knowledge", NULL)) abort();
  if (!places) places = load_places();
  if (size == 0) return 0;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct import_report report = {.source = TEXT("")};
  struct import_batch batch;
  struct import_target target = {NULL, needs, places};
  struct error error = {0};
  struct text document = {(const char *)bytes + 1, size - 1};
  if (!import_batch_init(&batch, &target, &options, TEXT("fuzz"), arena, &report, &error)) abort();
  bool done = bytes[0] == 'C' ? import_read_csv_text(&batch, document, &error)
                              : import_read_json_text(&batch, document, &error);
  done = done && import_batch_finish(&batch, &error);
  if (!done && !error.log[0]) abort();
  if (done) {
    if (report.counts.read != report.counts.refused + report.counts.merged + (int64_t)batch.count)
      abort();
    for (size_t i = 0; i < batch.count; i++) check_listing(&batch, &batch.entries[i]);
  }
  import_batch_fini(&batch);
  arena_free(arena);
  return 0;
}
