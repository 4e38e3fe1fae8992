/*
 * Places: looking things up by what they exactly are, and distances. Loading is in places_load.c,
 * understanding what was typed in places_read.c and places_split.c.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "directory/places_private.h"

static const double EARTH_RADIUS_MILES = 3958.7613;
static const double RADIANS = 3.14159265358979323846 / 180;

double places_distance(double latitude_a, double longitude_a, double latitude_b, double longitude_b)
{
  double up = sin((latitude_b - latitude_a) * RADIANS / 2);
  double across = sin((longitude_b - longitude_a) * RADIANS / 2);
  double half = up * up + cos(latitude_a * RADIANS) * cos(latitude_b * RADIANS) * across * across;
  return 2 * EARTH_RADIUS_MILES * asin(sqrt(half < 1 ? half : 1));
}

struct text places_attribution(void)
{
  return TEXT("ZIP data © GeoNames (geonames.org), CC BY 4.0");
}

/* --- Keys ------------------------------------------------------------------------------------- */

static struct text in_full(const struct places *places, struct text word)
{
  for (size_t i = 0; i < places->abbreviation_count; i++)
    if (text_equal(places->abbreviations[i].word, word)) return places->abbreviations[i].means;
  return word;
}

size_t places_key_add(const struct places *places, struct text folded, char key[PLACES_KEY],
                      size_t length)
{
  struct text rest = folded, word;
  while (text_word_next(&rest, &word)) {
    word = in_full(places, word);
    for (size_t i = 0; i < word.length && length < PLACES_KEY; i++)
      if (word.at[i] != ' ') key[length++] = word.at[i];
  }
  return length;
}

/* --- States ----------------------------------------------------------------------------------- */

int places_state_index(const struct places *places, struct text letters)
{
  if (letters.length != 2) return PLACES_NONE;
  int first = (letters.at[0] | 32) - 'a', second = (letters.at[1] | 32) - 'a';
  if (first < 0 || first >= 26 || second < 0 || second >= 26) return PLACES_NONE;
  return places->state_by_letters[first * 26 + second];
}

static int state_by_name(const struct places *places, struct text folded)
{
  char key[PLACES_KEY];
  int at = places_find(places, (struct text){key, places_key_add(places, folded, key, 0)});
  while (at != PLACES_NONE && places->entries[at].kind != ENTRY_STATE)
    at = places->entries[at].next;
  return at == PLACES_NONE ? PLACES_NONE : places->entries[at].state;
}

bool places_state(const struct places *places, struct text typed, char out[3])
{
  struct text trimmed = text_trim(typed);
  if (trimmed.length > LIMIT_QUERY_TEXT) return false;
  int state = places_state_index(places, trimmed);
  if (state == PLACES_NONE) {
    struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
    state = state_by_name(places, text_fold(arena, trimmed));
    arena_free(arena);
  }
  if (state == PLACES_NONE) return false;
  memcpy(out, places->states[state].letters, 3);
  return true;
}

struct text places_state_name(const struct places *places, const char state[3])
{
  int index = places_state_index(places, text_from(state));
  return index == PLACES_NONE ? TEXT("") : places->states[index].name;
}

/* --- ZIPs and points -------------------------------------------------------------------------- */

const struct places_zip_row *places_zip_row(const struct places *places, struct text zip)
{
  int64_t number;
  if (zip.length != 5 || zip.at[0] == '-' || !text_read_integer(zip, &number)) return NULL;
  size_t from = 0, to = places->zip_count;
  while (from < to) {
    size_t middle = from + (to - from) / 2;
    if (places->zips[middle].number < (uint32_t)number) from = middle + 1;
    else to = middle;
  }
  bool found = from < places->zip_count && places->zips[from].number == (uint32_t)number;
  return found ? &places->zips[from] : NULL;
}

static void describe_zip(const struct places *places, const struct places_zip_row *row,
                         struct place_zip *out)
{
  *out = (struct place_zip){
      .city = row->city,
      .county = row->county == PLACES_NONE ? TEXT("") : places->entries[row->county].name,
      .latitude = row->latitude,
      .longitude = row->longitude};
  snprintf(out->zip, sizeof out->zip, "%05u", row->number % 100000u);
  memcpy(out->state, row->letters, sizeof out->state);
}

bool places_zip(const struct places *places, struct text zip, struct place_zip *out)
{
  const struct places_zip_row *row = places_zip_row(places, zip);
  if (!row) return false;
  describe_zip(places, row, out);
  return true;
}

size_t places_zip_count(const struct places *places)
{
  return places->zip_count;
}

void places_zip_at(const struct places *places, size_t index, struct place_zip *out)
{
  describe_zip(places, &places->zips[index], out);
}

const struct places_zip_row *places_nearest(const struct places *places, double latitude,
                                            double longitude, double *miles)
{
  /* Compare squared distances on a plane scaled at the point's latitude; only the winner is
   * measured on the globe. */
  double scale = cos(latitude * RADIANS), best = INFINITY;
  const struct places_zip_row *nearest = &places->zips[0];
  for (size_t i = 0; i < places->zip_count; i++) {
    double up = places->zips[i].latitude - latitude;
    double across = fabs(places->zips[i].longitude - longitude);
    across = scale * (across > 180 ? 360 - across : across);
    double square = up * up + across * across;
    if (square >= best) continue;
    best = square;
    nearest = &places->zips[i];
  }
  *miles = places_distance(latitude, longitude, nearest->latitude, nearest->longitude);
  return nearest;
}

/* --- Places as answered ----------------------------------------------------------------------- */

struct text places_join(struct arena *arena, const struct text *parts, size_t count)
{
  size_t length = 0, at = 0;
  for (size_t i = 0; i < count; i++) length += parts[i].length;
  char *joined = arena_allocate(arena, length + 1);
  for (size_t i = 0; i < count; at += parts[i++].length)
    memcpy(joined + at, parts[i].at, parts[i].length);
  return (struct text){joined, length};
}

struct place places_entry_place(const struct places *places, struct arena *arena, int entry)
{
  const struct places_entry *e = &places->entries[entry];
  const struct places_state_row *state = &places->states[e->state];
  struct place place = {.kind = e->kind == ENTRY_CITY ? PLACE_CITY : PLACE_COUNTY,
                        .latitude = e->latitude,
                        .longitude = e->longitude,
                        .weight = e->weight};
  memcpy(place.state, state->letters, 3);
  if (e->kind != ENTRY_STATE) {
    place.label = place.near = PLACES_JOIN(arena, e->name, TEXT(", "), text_from(state->letters));
    return place;
  }
  place.kind = PLACE_STATE;
  place.label = place.near = state->name;
  if (state->name_is_taken) {
    place.label = PLACES_JOIN(arena, state->name, TEXT(" (state)"));
    place.near = PLACES_JOIN(arena, state->name, TEXT(" state"));
  }
  return place;
}

struct place places_zip_place(struct arena *arena, const struct places_zip_row *zip)
{
  struct place place = {.kind = PLACE_ZIP,
                        .near = text_format(arena, "%05u", (unsigned)zip->number),
                        .latitude = zip->latitude,
                        .longitude = zip->longitude,
                        .weight = 1};
  place.label = PLACES_JOIN(arena, place.near, TEXT(" ("), zip->city, TEXT(", "),
                            text_from(zip->letters), TEXT(")"));
  memcpy(place.state, zip->letters, 3);
  return place;
}

void places_add(struct place_answer *out, struct place place)
{
  if (out->count < PLACE_CANDIDATES) out->candidates[out->count++] = place;
}
