/*
 * Fuzz what a person typed as a place, and the table of places itself.
 *
 * A first byte 'T' makes the rest a table to load; anything else makes it text for places_resolve()
 * and places_split() over a small good table.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tests/unit/places_table.h"
#include "directory/places.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool load(struct places **out, struct text table)
{
  char path[64];
  struct error error;
  int file = memfd_create("places", 0);
  if (file < 0 || write(file, table.at, table.length) != (ssize_t)table.length) abort();
  struct text_buffer name;
  text_buffer_init(&name, sizeof path);
  text_buffer_add_format(&name, "/proc/self/fd/%d", file);
  text_buffer_add_character(&name, 0);
  bool loaded = places_load(out, name.at, &error);
  text_buffer_fini(&name);
  close(file);
  return loaded;
}

/* Some words are of the vocabulary, most are not. */
static bool is_word(const void *context, struct text folded)
{
  (void)context;
  return folded.length % 5 == 0;
}

static void understand(const struct places *places, struct text typed)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct place_answer answer;
  struct text words;
  places_resolve(places, arena, typed, &answer);
  if (answer.count > PLACE_CANDIDATES) abort();
  /* What is answered as "what to type to mean just this" must mean just this. */
  if (answer.outcome == PLACE_FOUND && answer.candidates[0].kind != PLACE_POINT) {
    struct place_answer again;
    places_resolve(places, arena, answer.candidates[0].near, &again);
    if (again.outcome != PLACE_FOUND ||
        !text_equal(again.candidates[0].label, answer.candidates[0].label))
      abort();
  }
  places_split(places, arena, typed, is_word, NULL, &answer, &words);
  if (words.length > typed.length + 1) abort();
  arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static struct places *places;
  struct text input = {(const char *)bytes, size};
  if (!places && !load(&places, (struct text){PLACES_TABLE, sizeof PLACES_TABLE - 1})) abort();
  if (size && bytes[0] == 'T') {
    struct places *loaded;
    if (!load(&loaded, text_slice(input, 1, size))) return 0;
    struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
    struct place_answer answer;
    places_resolve(loaded, arena, TEXT("Richmond, VA"), &answer);
    places_resolve(loaded, arena, TEXT("37,-77"), &answer);
    places_resolve(loaded, arena, TEXT("Springfeild"), &answer);
    arena_free(arena);
    places_free(loaded);
    return 0;
  }
  understand(places, input);
  return 0;
}
