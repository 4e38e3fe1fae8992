/*
 * Places, loading: places.tsv (script/build/places.mjs describes its lines) into tables.
 *
 * Names are slices of the file's text, which the arena of `struct places` keeps. The middle of a
 * city, county or state is summed up while ZIPs are read and divided at the end.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "directory/places_private.h"

enum { FIELDS = 8, LINE_HEAD_FACTOR = 2 };

/* A table that grows; `items` belongs to it until it is handed over. */
struct growing {
  void *items;
  size_t count, capacity;
};

struct loading {
  struct places *places;
  struct arena *scratch;
  struct growing entries, zips, states, words, abbreviations, counties;
  struct text fields[FIELDS];
  size_t field_count;
  int64_t line;
  int last_city; /* most ZIPs lie in the city of the one before */
};

static void *grow(struct growing *table, size_t size)
{
  if (table->count == table->capacity) {
    table->capacity = table->capacity ? table->capacity * 2 : 64;
    table->items = memory_resize(table->items, table->capacity * size);
  }
  char *item = (char *)table->items + table->count++ * size;
  memset(item, 0, size);
  return item;
}

static bool refuse(struct loading *loading, const char *what, struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.places",
                   "Build places.tsv again: make share, or reinstall the program.",
                   "places line %lld: %s", (long long)loading->line, what);
}

/* --- Names ------------------------------------------------------------------------------------ */

static size_t head_of(const struct places *places, struct text key)
{
  return (size_t)(text_hash(key) & (places->head_count - 1));
}

int places_find(const struct places *places, struct text key)
{
  int at = places->heads[head_of(places, key)];
  while (at != PLACES_NONE && !text_equal(places->entries[at].key, key))
    at = places->entries[at].next_head;
  return at;
}

static struct places_entry *entry_at(struct loading *loading, int index)
{
  return (struct places_entry *)loading->entries.items + index;
}

/* Add an entry behind those that share its key. */
static int add_entry(struct loading *loading, enum places_entry_kind kind, struct text key,
                     struct text name, int state)
{
  struct places *places = loading->places;
  places->entries = loading->entries.items;
  int first = places_find(places, key), index = (int)loading->entries.count;
  struct places_entry *entry = grow(&loading->entries, sizeof *entry);
  places->entries = loading->entries.items;
  *entry = (struct places_entry){.kind = kind, .name = name, .state = state, .next = PLACES_NONE};
  if (first == PLACES_NONE) {
    int *head = &places->heads[head_of(places, key)];
    entry->key = text_copy(places->arena, key);
    entry->next_head = *head;
    *head = index;
    return index;
  }
  while (entry_at(loading, first)->next != PLACES_NONE) first = entry_at(loading, first)->next;
  entry_at(loading, first)->next = index;
  entry->key = entry_at(loading, first)->key;
  entry->next_head = PLACES_NONE;
  return index;
}

static struct text key_of(struct loading *loading, struct text name, char key[PLACES_KEY])
{
  arena_clear(loading->scratch);
  struct text folded = text_fold(loading->scratch, name);
  return (struct text){key, places_key_add(loading->places, folded, key, 0)};
}

/* --- Lines ------------------------------------------------------------------------------------ */

static bool read_setting(struct loading *loading, struct error *error)
{
  struct places_settings *settings = &loading->places->settings;
  struct text name = loading->fields[1];
  double value;
  if (!text_read_decimal(loading->fields[2], &value) || !(value >= 0 && value <= 1e6))
    return refuse(loading, "a setting is no number", error);
  if (text_equal(name, TEXT("dominance"))) settings->dominance = value;
  else if (text_equal(name, TEXT("point_miles"))) settings->point_miles = value;
  else if (text_equal(name, TEXT("dominant_weight"))) settings->dominant_weight = (unsigned)value;
  else if (text_equal(name, TEXT("edit_letters_one"))) settings->edit_letters_one = (unsigned)value;
  else if (text_equal(name, TEXT("edit_letters_two"))) settings->edit_letters_two = (unsigned)value;
  else return refuse(loading, "unknown setting", error);
  return true;
}

static bool read_word(struct loading *loading, struct error *error)
{
  static const char *const kinds[WORD_KINDS] = {
      [WORD_ABBREVIATION] = "abbreviation",
      [WORD_COUNTRY] = "country",
      [WORD_COUNTY] = "county",
      [WORD_COUNTY_BEFORE] = "county before",
      [WORD_STATE] = "state",
      [WORD_STATE_BEFORE] = "state before",
      [WORD_BEFORE] = "before",
      [WORD_HERE] = "here",
      [WORD_NAME] = "name",
  };
  int kind = 0;
  while (kind < WORD_KINDS && !text_equal(loading->fields[1], text_from(kinds[kind]))) kind++;
  if (kind == WORD_KINDS) return refuse(loading, "unknown kind of word", error);
  struct places_word *word =
      grow(kind == WORD_ABBREVIATION ? &loading->abbreviations : &loading->words, sizeof *word);
  word->kind = (enum places_word_kind)kind;
  word->word = text_fold(loading->places->arena, loading->fields[2]);
  word->means = loading->fields[3];
  struct text rest = word->word, part;
  while (text_word_next(&rest, &part)) word->length++;
  loading->places->words = loading->words.items;
  loading->places->word_count = loading->words.count;
  loading->places->abbreviations = loading->abbreviations.items;
  loading->places->abbreviation_count = loading->abbreviations.count;
  return true;
}

static bool is_letters(struct text t)
{
  return t.length == 2 && t.at[0] >= 'A' && t.at[0] <= 'Z' && t.at[1] >= 'A' && t.at[1] <= 'Z';
}

/* Name a state; spelled alike in two languages, it has one entry. Answers its entry. */
static int add_state_name(struct loading *loading, struct text name, int state)
{
  char room[PLACES_KEY];
  struct text key = key_of(loading, name, room);
  for (int at = places_find(loading->places, key); at != PLACES_NONE;
       at = loading->places->entries[at].next)
    if (loading->places->entries[at].state == state) return at;
  return add_entry(loading, ENTRY_STATE, key, name, state);
}

static bool read_state(struct loading *loading, struct error *error)
{
  struct text letters = loading->fields[1], other = loading->fields[4], part;
  if (!is_letters(letters)) return refuse(loading, "a state wants two capital letters", error);
  int index = (int)loading->states.count;
  struct places_state_row *state = grow(&loading->states, sizeof *state);
  memcpy(state->letters, letters.at, 2);
  state->name = loading->fields[2];
  state->letters_are_a_word = text_equal(loading->fields[5], TEXT("word"));
  loading->places->states = loading->states.items;
  loading->places->state_count = loading->states.count;
  loading->places->state_by_letters[(letters.at[0] - 'A') * 26 + letters.at[1] - 'A'] = index;
  loading->places->entries = loading->entries.items;
  state->entry = add_state_name(loading, state->name, index);
  add_state_name(loading, loading->fields[3], index);
  while (text_split_next(&other, ';', &part)) add_state_name(loading, part, index);
  return true;
}

static bool read_alias(struct loading *loading, struct error *error)
{
  char room[PLACES_KEY];
  struct text key = key_of(loading, loading->fields[1], room);
  if (key.length == 0 || text_is_empty(loading->fields[2]))
    return refuse(loading, "an alias is empty", error);
  add_entry(loading, ENTRY_ALIAS, key, loading->fields[2], PLACES_NONE);
  return true;
}

/* "Henrico County" without its last word or words that only say what it is. */
static struct text without_county_word(const struct places *places, struct text folded)
{
  for (size_t i = 0; i < places->word_count; i++) {
    struct text word = places->words[i].word;
    if (places->words[i].kind == WORD_COUNTY && text_ends_with(folded, word) &&
        folded.length > word.length + 1 && folded.at[folded.length - word.length - 1] == ' ')
      return text_slice(folded, 0, folded.length - word.length - 1);
  }
  return folded;
}

static bool read_county(struct loading *loading, struct error *error)
{
  int state = places_state_index(loading->places, loading->fields[1]);
  if (state == PLACES_NONE) return refuse(loading, "a county's state is unknown", error);
  char key[PLACES_KEY];
  arena_clear(loading->scratch);
  struct text folded = text_fold(loading->scratch, loading->fields[2]);
  size_t length =
      places_key_add(loading->places, without_county_word(loading->places, folded), key, 0);
  int *county = grow(&loading->counties, sizeof *county);
  *county = add_entry(loading, ENTRY_COUNTY, (struct text){key, length}, loading->fields[2], state);
  return true;
}

/* Sum up a middle; longitudes are taken on the side of the first, so that the Aleutians, on both
 * sides of the 180th meridian, do not average to the Atlantic. */
static void count_in(double *latitude, double *longitude, unsigned *weight,
                     const struct places_zip_row *zip)
{
  double other = zip->longitude;
  if (*weight && other - *longitude / *weight > 180) other -= 360;
  if (*weight && other - *longitude / *weight < -180) other += 360;
  *latitude += zip->latitude;
  *longitude += other;
  (*weight)++;
}

static void count_in_entry(struct loading *loading, int index, const struct places_zip_row *zip)
{
  struct places_entry *entry = entry_at(loading, index);
  count_in(&entry->latitude, &entry->longitude, &entry->weight, zip);
}

/* The city of this name in this state; made when it is new. */
static int city_of(struct loading *loading, struct text name, int state)
{
  char room[PLACES_KEY];
  if (loading->last_city != PLACES_NONE) {
    const struct places_entry *last = entry_at(loading, loading->last_city);
    if (last->state == state && text_equal(last->name, name)) return loading->last_city;
  }
  struct text key = key_of(loading, name, room);
  loading->places->entries = loading->entries.items;
  int at = places_find(loading->places, key);
  while (at != PLACES_NONE) {
    const struct places_entry *entry = entry_at(loading, at);
    if (entry->kind == ENTRY_CITY && entry->state == state) break;
    at = entry->next;
  }
  if (at == PLACES_NONE) at = add_entry(loading, ENTRY_CITY, key, name, state);
  return loading->last_city = at;
}

static bool read_zip_fields(struct loading *loading, struct places_zip_row *zip,
                            struct error *error)
{
  const struct text *fields = loading->fields;
  int64_t number, county;
  if (fields[1].length != 5 || !text_read_integer(fields[1], &number) || number < 0)
    return refuse(loading, "a ZIP wants five digits", error);
  zip->number = (uint32_t)number;
  if (!text_read_decimal(fields[2], &zip->latitude) || !(fabs(zip->latitude) <= 90) ||
      !text_read_decimal(fields[3], &zip->longitude) || !(fabs(zip->longitude) <= 180))
    return refuse(loading, "a ZIP's coordinates are none", error);
  if (!is_letters(fields[4])) return refuse(loading, "a ZIP's state wants two letters", error);
  memcpy(zip->letters, fields[4].at, 2);
  zip->state = places_state_index(loading->places, fields[4]);
  zip->city = fields[6];
  zip->county = PLACES_NONE;
  if (text_equal(fields[5], TEXT("-"))) return true;
  if (!text_read_integer(fields[5], &county) || county < 0 ||
      (uint64_t)county >= loading->counties.count)
    return refuse(loading, "a ZIP's county is unknown", error);
  zip->county = ((const int *)loading->counties.items)[county];
  return true;
}

static bool read_zip(struct loading *loading, struct error *error)
{
  struct places_zip_row zip = {0};
  if (!read_zip_fields(loading, &zip, error)) return false;
  size_t before = loading->zips.count;
  if (before && ((struct places_zip_row *)loading->zips.items)[before - 1].number >= zip.number)
    return refuse(loading, "ZIPs are out of order", error);
  *(struct places_zip_row *)grow(&loading->zips, sizeof zip) = zip;
  if (zip.state == PLACES_NONE) return true; /* "APO" lies nowhere */
  struct places_state_row *state = &loading->places->states[zip.state];
  count_in(&state->latitude, &state->longitude, &state->weight, &zip);
  if (zip.county != PLACES_NONE) count_in_entry(loading, zip.county, &zip);
  count_in_entry(loading, city_of(loading, zip.city, zip.state), &zip);
  if (!text_is_empty(loading->fields[7]))
    count_in_entry(loading, city_of(loading, loading->fields[7], zip.state), &zip);
  return true;
}

static bool read_line(struct loading *loading, struct text line, struct error *error)
{
  static const struct {
    const char *kind;
    size_t fields;
    bool (*read)(struct loading *loading, struct error *error);
  } kinds[] = {{"zip", 8, read_zip},     {"county", 3, read_county},   {"alias", 3, read_alias},
               {"state", 6, read_state}, {"setting", 3, read_setting}, {"word", 4, read_word}};
  struct text rest = line, part;
  loading->field_count = 0;
  while (text_split_next(&rest, '\t', &part)) {
    if (loading->field_count == FIELDS) return refuse(loading, "too many fields", error);
    loading->fields[loading->field_count++] = part;
  }
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (!text_equal(loading->fields[0], text_from(kinds[i].kind))) continue;
    if (loading->field_count != kinds[i].fields)
      return refuse(loading, "wrong number of fields", error);
    return kinds[i].read(loading, error);
  }
  return refuse(loading, "unknown kind of line", error);
}

/* --- Whole ------------------------------------------------------------------------------------ */

static void make_heads(struct places *places, struct text document)
{
  size_t lines = 1;
  for (size_t i = 0; i < document.length; i++) lines += document.at[i] == '\n';
  places->head_count = 64;
  while (places->head_count < lines * LINE_HEAD_FACTOR) places->head_count *= 2;
  places->heads = memory_allocate_zero(places->head_count, sizeof *places->heads);
  for (size_t i = 0; i < places->head_count; i++) places->heads[i] = PLACES_NONE;
  for (size_t i = 0; i < PLACES_LETTER_PAIRS; i++) places->state_by_letters[i] = PLACES_NONE;
}

static void divide(double *latitude, double *longitude, unsigned weight)
{
  if (weight == 0) return;
  *latitude /= weight;
  *longitude /= weight;
  if (*longitude < -180) *longitude += 360;
  if (*longitude > 180) *longitude -= 360;
}

static void find_middles(struct places *places)
{
  for (size_t i = 0; i < places->state_count; i++) {
    struct places_state_row *state = &places->states[i];
    divide(&state->latitude, &state->longitude, state->weight);
  }
  for (size_t i = 0; i < places->entry_count; i++) {
    struct places_entry *entry = &places->entries[i];
    divide(&entry->latitude, &entry->longitude, entry->weight);
    if (entry->kind != ENTRY_STATE) continue;
    struct places_state_row *state = &places->states[entry->state];
    entry->latitude = state->latitude;
    entry->longitude = state->longitude;
    entry->weight = state->weight;
    for (int at = places_find(places, entry->key); at != PLACES_NONE; at = places->entries[at].next)
      if (places->entries[at].kind == ENTRY_ALIAS ||
          (places->entries[at].kind == ENTRY_CITY &&
           places->entries[at].weight * places->settings.dominance > state->weight))
        state->name_is_taken |= text_equal(entry->name, state->name);
  }
}

static void hand_over(struct loading *loading)
{
  struct places *places = loading->places;
  places->entries = loading->entries.items;
  places->entry_count = loading->entries.count;
  places->zips = loading->zips.items;
  places->zip_count = loading->zips.count;
  places->states = loading->states.items;
  places->words = loading->words.items;
  places->abbreviations = loading->abbreviations.items;
  free(loading->counties.items);
}

bool places_load(struct places **out, const char *path, struct error *error)
{
  struct places *places = memory_allocate_zero(1, sizeof *places);
  struct loading loading = {.places = places, .last_city = PLACES_NONE};
  struct text document, rest, line;
  bool done = false;
  places->arena = arena_new(LIMIT_FILE_WHOLE);
  loading.scratch = arena_new(LIMIT_ARENA_REQUEST);
  if (!file_read(places->arena, path, LIMIT_FILE_WHOLE, &document, error)) goto out;
  make_heads(places, document);
  for (rest = document; text_split_next(&rest, '\n', &line);) {
    loading.line++;
    if (line.length && line.at[0] != '#' && !read_line(&loading, line, error)) goto out;
  }
  if (loading.zips.count == 0) {
    refuse(&loading, "no ZIP in it", error);
    goto out;
  }
  done = true;
out:
  arena_free(loading.scratch);
  hand_over(&loading);
  if (done) {
    find_middles(places);
    *out = places;
  } else {
    places_free(places);
  }
  return done;
}

void places_free(struct places *places)
{
  if (!places) return;
  free(places->heads);
  free(places->entries);
  free(places->zips);
  free(places->states);
  free(places->words);
  free(places->abbreviations);
  arena_free(places->arena);
  free(places);
}
