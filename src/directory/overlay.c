/*
 * Overlay: see overlay.h. A table of facilities with open addresses, at most half full; the key of
 * a UUID is its own text, mixed.
 */
#include "directory/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "directory/overlay_private.h"

static const char member_name[] = ",\"availability\":";

/* --- Finding ------------------------------------------------------------------------------- */

/* Both ends of a UUID's text, mixed: ids are names' hashes already. */
static uint64_t key_of(struct text id)
{
  uint64_t front, back;
  memcpy(&front, id.at, sizeof front);
  memcpy(&back, id.at + UUID_TEXT - sizeof back, sizeof back);
  front = (front ^ back << 7 ^ back >> 57) * UINT64_C(0x9E3779B97F4A7C15);
  return front ^ front >> 32;
}

/* The slot of an id, or the empty one where it would stand. */
static struct overlay_slot *slot_of(const struct overlay *overlay, struct text id)
{
  uint64_t at = key_of(id);
  while (overlay->slots[at & overlay->mask].count &&
         !text_equal(overlay->slots[at & overlay->mask].places->facility_id, id))
    at++;
  return &overlay->slots[at & overlay->mask];
}

size_t overlay_find(const struct overlay *overlay, struct text facility_id,
                    const struct overlay_place **out)
{
  if (!overlay || facility_id.length != UUID_TEXT) return 0;
  const struct overlay_slot *slot = slot_of(overlay, facility_id);
  if (slot->count) *out = slot->places;
  return slot->count;
}

struct text overlay_json(const struct overlay *overlay, struct text facility_id)
{
  if (!overlay || facility_id.length != UUID_TEXT) return TEXT("");
  return slot_of(overlay, facility_id)->json;
}

size_t overlay_count(const struct overlay *overlay)
{
  return overlay ? overlay->facility_count : 0;
}

/* --- Building ------------------------------------------------------------------------------ */

static int by_facility(const void *a, const void *b)
{
  const struct overlay_place *x = a, *y = b;
  int order = text_compare(x->facility_id, y->facility_id);
  return order ? order : text_compare(x->level_of_care, y->level_of_care);
}

static void write_member(struct text_buffer *out, const char *name, struct text t)
{
  text_buffer_add_format(out, "\"%s\":", name);
  json_write_text(t, out);
}

static void write_place(struct text_buffer *out, struct arena *arena,
                        const struct overlay_place *place)
{
  text_buffer_add_character(out, '{');
  write_member(out, "level_of_care", place->level_of_care);
  text_buffer_add_character(out, ',');
  write_member(out, "answer", place->answer);
  text_buffer_add_character(out, ',');
  write_member(out, "age", place->age);
  text_buffer_add_character(out, ',');
  write_member(out, "source", place->source);
  text_buffer_add_character(out, ',');
  write_member(out, "as_of", time_format(arena, place->as_of));
  text_buffer_add_character(out, '}');
}

static struct text render(struct overlay *overlay, const struct overlay_place *places, size_t count,
                          struct text_buffer *buffer)
{
  text_buffer_clear(buffer);
  text_buffer_add(buffer, text_from(member_name));
  for (size_t i = 0; i < count; i++) {
    text_buffer_add_character(buffer, i ? ',' : '[');
    write_place(buffer, overlay->arena, &places[i]);
  }
  text_buffer_add_character(buffer, ']');
  return text_copy(overlay->arena, text_buffer_get(buffer));
}

/* Copy what can be shown, in order. */
static struct overlay_place *copy_places(struct arena *arena, const struct overlay_place *places,
                                         size_t *count)
{
  struct overlay_place *copy = arena_allocate_array(arena, *count + 1, sizeof *copy);
  size_t kept = 0;
  for (size_t i = 0; i < *count; i++) {
    if (!uuid_is_valid(places[i].facility_id)) continue;
    copy[kept++] = (struct overlay_place){
        .facility_id = text_lower_ascii(arena, places[i].facility_id),
        .level_of_care = text_copy(arena, places[i].level_of_care),
        .answer = text_copy(arena, places[i].answer),
        .age = text_copy(arena, places[i].age),
        .source = text_copy(arena, places[i].source),
        .as_of = places[i].as_of,
    };
  }
  qsort(copy, kept, sizeof *copy, by_facility);
  *count = kept;
  return copy;
}

static void fill(struct overlay *overlay, const struct overlay_place *places, size_t count)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_OVERLAY);
  for (size_t from = 0, to; from < count; from = to) {
    for (to = from + 1; to < count && text_equal(places[to].facility_id, places[from].facility_id);)
      to++;
    struct overlay_slot *slot = slot_of(overlay, places[from].facility_id);
    slot->places = &places[from];
    slot->json = render(overlay, &places[from], to - from, &buffer);
    slot->count = to - from;
    overlay->facility_count++;
  }
  text_buffer_fini(&buffer);
}

struct overlay *overlay_new(const struct overlay_place *places, size_t count)
{
  struct arena *arena = arena_new(LIMIT_OVERLAY);
  const struct overlay_place *copy = copy_places(arena, places, &count);
  if (count == 0) {
    arena_free(arena);
    return NULL;
  }
  struct overlay *overlay = arena_allocate(arena, sizeof *overlay);
  size_t slots = 2;
  while (slots < 2 * count) slots *= 2;
  overlay->arena = arena;
  overlay->mask = slots - 1;
  overlay->slots = arena_allocate_array(arena, slots, sizeof *overlay->slots);
  fill(overlay, copy, count);
  return overlay;
}

void overlay_free(struct overlay *overlay)
{
  if (overlay) arena_free(overlay->arena);
}
