/*
 * Cursors: where a page ends, told by the last result's own key and not by a number of rows, so
 * that paging goes on in a newer snapshot. base64url over bytes: kind, hash of the query, key, id,
 * checksum. A cursor of another query, or one that was changed, is refused.
 */
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "directory/search_private.h"

enum cursor_kind { CURSOR_DISTANCE = 1, CURSOR_BEST, CURSOR_NAME };

/* What a cursor holds, before its names and its checksum. */
struct cursor_head {
  uint64_t query;
  double distance;
  struct snapshot_id id;
  uint32_t signs;
  uint8_t kind, name1_length, name2_length, unused;
};
enum { CURSOR_LONGEST = sizeof(struct cursor_head) + 2 * SNAPSHOT_NAME_KEY + sizeof(uint64_t) };

static uint8_t kind_of(const struct search_query *query)
{
  if (search_by_distance(query)) return CURSOR_DISTANCE;
  return query->sort == SEARCH_NAME ? CURSOR_NAME : CURSOR_BEST;
}

/* A hash of everything that decides which results there are and their order. */
static uint64_t query_hash(const struct search_query *query)
{
  struct {
    struct need_set needs;
    struct code_set codes;
    double latitude, longitude, within;
    uint64_t words;
    char state[4];
    uint8_t kind, unused[3];
  } all = {.kind = kind_of(query)};
  if (query->words.length > 0)
    all.words = vector_plain.hash((const unsigned char *)query->words.at, query->words.length);
  for (size_t i = 0; i < query->need_count; i++)
    all.needs.bits[query->needs[i] / 64] |= (uint64_t)1 << (query->needs[i] % 64);
  for (size_t i = 0; i < query->code_count; i++)
    all.codes.bits[query->codes[i] / 64] |= (uint64_t)1 << (query->codes[i] % 64);
  if (query->has_point) {
    all.latitude = query->latitude;
    all.longitude = query->longitude;
    all.within = query->within;
  }
  memcpy(all.state, query->state, sizeof query->state);
  return vector_plain.hash((const unsigned char *)&all, sizeof all);
}

static bool refuse(struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.search.cursor",
                   "Search again from the first page; a cursor belongs to one search.",
                   "a cursor that this search did not give");
}

bool search_cursor_read(struct arena *arena, const struct search_query *query,
                        struct search_cursor *out, struct error *error)
{
  unsigned char bytes[CURSOR_LONGEST];
  struct cursor_head head;
  uint64_t sum;
  size_t length;
  *out = (struct search_cursor){.is_set = false};
  if (query->cursor.length == 0) return true;
  if (sodium_base642bin(bytes, sizeof bytes, query->cursor.at, query->cursor.length, NULL, &length,
                        NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      length < sizeof head + sizeof sum)
    return refuse(error);
  memcpy(&head, bytes, sizeof head);
  memcpy(&sum, bytes + length - sizeof sum, sizeof sum);
  size_t names = length - sizeof head - sizeof sum;
  if (sum != vector_plain.hash(bytes, length - sizeof sum) ||
      names != (size_t)head.name1_length + head.name2_length || head.query != query_hash(query))
    return refuse(error);
  struct text copy = text_copy(arena, (struct text){(const char *)bytes + sizeof head, names});
  *out = (struct search_cursor){.is_set = true,
                                .distance = head.distance,
                                .signs = head.signs,
                                .name1 = text_slice(copy, 0, head.name1_length),
                                .name2 = text_slice(copy, head.name1_length, names),
                                .id = head.id};
  return true;
}

struct text search_cursor_write(const struct snapshot *snapshot, struct arena *arena,
                                const struct search_query *query, const struct search_hit *last)
{
  unsigned char bytes[CURSOR_LONGEST];
  struct text names[2] = {TEXT(""), TEXT("")};
  struct cursor_head head = {.query = query_hash(query),
                             .id = snapshot->ids[snapshot->id_ranks[last->row]],
                             .kind = kind_of(query)};
  if (head.kind == CURSOR_DISTANCE) {
    head.distance = isnan(last->distance) ? INFINITY : last->distance;
  } else {
    for (size_t i = 0; i < snapshot->sign_count; i++)
      head.signs += snapshot_row_sign(snapshot, last->row, i);
    for (size_t i = 0; i < 2; i++)
      names[i] = snapshot_name_key(
          text_fold(arena, snapshot_row_text(snapshot, last->row, i ? TEXT_NAME2 : TEXT_NAME1)));
  }
  head.name1_length = (uint8_t)names[0].length;
  head.name2_length = (uint8_t)names[1].length;
  size_t length = sizeof head;
  memcpy(bytes, &head, sizeof head);
  for (size_t i = 0; i < 2; i++) {
    memcpy(bytes + length, names[i].at, names[i].length);
    length += names[i].length;
  }
  uint64_t sum = vector_plain.hash(bytes, length);
  memcpy(bytes + length, &sum, sizeof sum);
  length += sizeof sum;
  size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  char *out = arena_allocate(arena, room);
  sodium_bin2base64(out, room, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text_from(out);
}
