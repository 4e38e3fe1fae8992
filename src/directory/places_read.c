/*
 * Places, reading: one stretch of what was typed, understood as one place or none.
 *
 * Readings are tried in a fixed order, the plainest first; each answers PLACE_NONE when the
 * stretch is no such thing. A bare city name is the only reading that is not explicit: within
 * other words it is more likely a word.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "directory/places_private.h"

enum { STATE_WORDS = 8 }; /* "Islas Vírgenes de los Estados Unidos" has six */

/* A stretch of tokens and how to take it. */
struct stretch {
  const struct places *places;
  struct arena *arena;
  const struct places_typed *typed;
  size_t from, to;
  bool strict;
};

/* --- Tokens ----------------------------------------------------------------------------------- */

static bool is_gap(char c)
{
  return c == ' ' || c == ',' || c == ';' || (c >= '\t' && c <= '\r');
}

static bool has_capitals_only(struct text t)
{
  for (size_t i = 0; i < t.length; i++)
    if (t.at[i] >= 'a' && t.at[i] <= 'z') return false;
  return true;
}

void places_tokenize(struct arena *arena, struct text raw, struct places_typed *out)
{
  bool comma = false;
  out->raw = raw;
  out->count = 0;
  for (size_t at = 0; at < raw.length && out->count < PLACES_TOKENS;) {
    size_t end = at;
    if (is_gap(raw.at[at])) {
      comma |= raw.at[at] == ',' || raw.at[at] == ';';
      at++;
      continue;
    }
    while (end < raw.length && !is_gap(raw.at[end])) end++;
    struct text part = text_slice(raw, at, end);
    struct text folded = text_fold(arena, part);
    at = end;
    if (folded.length == 0) continue;
    out->tokens[out->count] = (struct places_token){.raw = part,
                                                    .folded = folded,
                                                    .comma_before = comma && out->count > 0,
                                                    .capitals = has_capitals_only(part)};
    out->count++;
    comma = false;
  }
}

struct text places_folded(struct arena *arena, const struct places_typed *typed, size_t from,
                          size_t to)
{
  size_t length = 0;
  for (size_t i = from; i < to; i++) length += typed->tokens[i].folded.length + 1;
  char *joined = arena_allocate(arena, length + 1);
  size_t at = 0;
  for (size_t i = from; i < to; i++) {
    if (i > from) joined[at++] = ' ';
    memcpy(joined + at, typed->tokens[i].folded.at, typed->tokens[i].folded.length);
    at += typed->tokens[i].folded.length;
  }
  return (struct text){joined, at};
}

struct text places_raw(const struct places_typed *typed, size_t from, size_t to)
{
  if (from >= to) return TEXT("");
  const char *start = typed->tokens[from].raw.at;
  struct text last = typed->tokens[to - 1].raw;
  return (struct text){start, (size_t)(last.at + last.length - start)};
}

static struct text key_of(const struct places *places, const struct places_typed *typed,
                          size_t from, size_t to, char key[PLACES_KEY])
{
  size_t length = 0;
  for (size_t i = from; i < to; i++)
    length = places_key_add(places, typed->tokens[i].folded, key, length);
  return (struct text){key, length};
}

static bool has_comma(const struct stretch *s, size_t from, size_t to)
{
  for (size_t i = from + 1; i < to; i++)
    if (s->typed->tokens[i].comma_before) return true;
  return false;
}

/* Is [from, to) one of the words or phrases of this kind? */
static bool is_word(const struct stretch *s, enum places_word_kind kind, size_t from, size_t to)
{
  struct text folded = places_folded(s->arena, s->typed, from, to);
  for (size_t i = 0; i < s->places->word_count; i++)
    if (s->places->words[i].kind == kind && text_equal(s->places->words[i].word, folded))
      return true;
  return false;
}

/* Length of the longest phrase of this kind that begins (`behind` false) or ends the stretch and
 * leaves something of it; 0 when there is none. */
static size_t phrase(const struct stretch *s, enum places_word_kind kind, bool behind)
{
  size_t longest = s->to - s->from - 1;
  for (size_t n = longest < 4 ? longest : 4; n > 0; n--)
    if (behind ? is_word(s, kind, s->to - n, s->to) : is_word(s, kind, s->from, s->from + n))
      return n;
  return 0;
}

/* --- Answers ---------------------------------------------------------------------------------- */

static bool found(struct place_answer *out, struct place place)
{
  out->outcome = PLACE_FOUND;
  out->count = 0;
  places_add(out, place);
  return true;
}

/* Put in order of weight, keeping the order of equals; the lightest falls off when it is full. */
static void add_by_weight(struct place_answer *out, struct place place)
{
  size_t at = out->count;
  while (at > 0 && out->candidates[at - 1].weight < place.weight) at--;
  if (at == PLACE_CANDIDATES) return;
  if (out->count < PLACE_CANDIDATES) out->count++;
  memmove(&out->candidates[at + 1], &out->candidates[at],
          (out->count - at - 1) * sizeof out->candidates[0]);
  out->candidates[at] = place;
}

/* One candidate is it, several are a question, none is no answer. */
static bool decide(struct place_answer *out)
{
  if (out->count == 0) return false;
  out->outcome = out->count == 1 ? PLACE_FOUND : PLACE_AMBIGUOUS;
  return true;
}

/* --- Readings --------------------------------------------------------------------------------- */

/* "23220" or "23220-1234". */
static const struct places_zip_row *zip_of(const struct places *places, struct text raw)
{
  int64_t four;
  if (raw.length == 10 && raw.at[5] == '-' && raw.at[6] != '-' &&
      text_read_integer(text_slice(raw, 6, 10), &four))
    raw = text_slice(raw, 0, 5);
  return places_zip_row(places, raw);
}

static bool read_point(const struct stretch *s, struct place_answer *out)
{
  if (s->to - s->from != 2) return false;
  double latitude, longitude, miles;
  if (!text_read_decimal(s->typed->tokens[s->from].raw, &latitude) ||
      !text_read_decimal(s->typed->tokens[s->from + 1].raw, &longitude) ||
      !(fabs(latitude) <= 90) || !(fabs(longitude) <= 180))
    return false;
  const struct places_zip_row *zip = places_nearest(s->places, latitude, longitude, &miles);
  struct place place = {.kind = PLACE_POINT,
                        .latitude = latitude,
                        .longitude = longitude,
                        .weight = 1,
                        .near = PLACES_JOIN(s->arena, s->typed->tokens[s->from].raw, TEXT(","),
                                            s->typed->tokens[s->from + 1].raw)};
  place.label = text_format(s->arena, "%.2f, %.2f", latitude, longitude);
  if (miles <= s->places->settings.point_miles) {
    memcpy(place.state, zip->letters, 3);
    place.label = PLACES_JOIN(s->arena, place.label, TEXT(" ("), zip->city, TEXT(", "),
                              text_from(zip->letters), TEXT(")"));
  }
  return found(out, place);
}

static bool letters_are_clear(const struct stretch *s, int state, const struct places_token *token)
{
  return !s->strict || token->capitals || !s->places->states[state].letters_are_a_word;
}

/* Two letters, also with points ("D.C."), as a state. */
static int state_letters(const struct stretch *s, size_t at)
{
  char key[PLACES_KEY];
  size_t length = 0;
  struct text rest = s->typed->tokens[at].folded, word;
  while (text_word_next(&rest, &word))
    for (size_t i = 0; i < word.length && length < 3; i++) key[length++] = word.at[i];
  return places_state_index(s->places, (struct text){key, length});
}

static int entry_of_kind(const struct places *places, struct text key, enum places_entry_kind kind,
                         int state)
{
  int at = places_find(places, key);
  while (at != PLACES_NONE && (places->entries[at].kind != kind ||
                               (state != PLACES_NONE && places->entries[at].state != state)))
    at = places->entries[at].next;
  return at;
}

/* The state that tokens [from, to) name by name or letters. */
static int state_entry(const struct stretch *s, size_t from, size_t to)
{
  char key[PLACES_KEY];
  int at = entry_of_kind(s->places, key_of(s->places, s->typed, from, to, key), ENTRY_STATE,
                         PLACES_NONE);
  if (at != PLACES_NONE || to - from != 1) return at;
  int state = state_letters(s, from);
  return state == PLACES_NONE ? PLACES_NONE : s->places->states[state].entry;
}

static bool read_state(const struct stretch *s, struct place_answer *out)
{
  struct stretch name = *s;
  size_t before = phrase(s, WORD_STATE_BEFORE, false);
  if (before) name.from += before;
  else name.to -= phrase(s, WORD_STATE, true);
  bool said = name.from != s->from || name.to != s->to;
  bool letters = name.to - name.from == 1 && state_letters(&name, name.from) != PLACES_NONE;
  if (!said && !letters) return false; /* a bare name may also be a city */
  int entry = state_entry(&name, name.from, name.to);
  if (entry == PLACES_NONE) return false;
  if (!said && !letters_are_clear(s, s->places->entries[entry].state, &s->typed->tokens[name.from]))
    return false;
  return found(out, places_entry_place(s->places, s->arena, entry));
}

static void read_name_into(const struct stretch *s, struct text key, int state,
                           enum places_entry_kind kind, struct place_answer *out)
{
  for (int at = places_find(s->places, key); at != PLACES_NONE; at = s->places->entries[at].next) {
    const struct places_entry *entry = &s->places->entries[at];
    if (entry->kind == kind && (state == PLACES_NONE || entry->state == state))
      add_by_weight(out, places_entry_place(s->places, s->arena, at));
  }
}

/* Keep only the counties called just as typed, with their word, if there are any: "Orleans Parish"
 * is not Orleans County. */
static void keep_called(const struct stretch *s, struct text key, struct place_answer *out)
{
  size_t kept = 0;
  for (size_t i = 0; i < out->count; i++) {
    char room[PLACES_KEY];
    struct text label = out->candidates[i].label; /* "Orleans Parish, LA" */
    struct text name = text_fold(s->arena, text_slice(label, 0, label.length - 4));
    size_t length = places_key_add(s->places, name, room, 0);
    if (text_equal((struct text){room, length}, key)) out->candidates[kept++] = out->candidates[i];
  }
  if (kept) out->count = kept;
}

/* "Henrico County, VA", "Orleans Parish", "condado de Cook". */
static bool read_county(const struct stretch *s, struct place_answer *out)
{
  char key[PLACES_KEY];
  size_t name_from = s->from + phrase(s, WORD_COUNTY_BEFORE, false);
  for (size_t end = s->to; end > name_from; end--) {
    struct stretch name = *s;
    int state = PLACES_NONE;
    if (end < s->to) {
      int entry = state_entry(s, end, s->to);
      if (entry == PLACES_NONE) continue;
      state = s->places->entries[entry].state;
    }
    name.to = end;
    name.from = name_from;
    size_t behind = phrase(&name, WORD_COUNTY, true);
    if ((behind == 0 && name_from == s->from) || has_comma(s, name_from, end)) continue;
    read_name_into(s, key_of(s->places, s->typed, name_from, end - behind, key), state,
                   ENTRY_COUNTY, out);
    keep_called(s, key_of(s->places, s->typed, name_from, end, key), out);
    if (out->count) return decide(out);
  }
  return false;
}

static bool read_alias(const struct stretch *s, struct place_answer *out)
{
  char room[PLACES_KEY];
  struct text key = key_of(s->places, s->typed, s->from, s->to, room);
  if (s->strict && key.length <= 2 && !s->typed->tokens[s->from].capitals) return false;
  for (int at = places_find(s->places, key); at != PLACES_NONE; at = s->places->entries[at].next) {
    if (s->places->entries[at].kind != ENTRY_ALIAS) continue;
    struct places_typed means;
    places_tokenize(s->arena, s->places->entries[at].name, &means);
    size_t behind = 0;
    int state = places_state_behind(s->places, s->arena, &means, 0, means.count, false, &behind);
    int entry = PLACES_NONE;
    if (state != PLACES_NONE)
      entry =
          entry_of_kind(s->places, key_of(s->places, &means, 0, behind, room), ENTRY_CITY, state);
    if (entry == PLACES_NONE)
      entry = entry_of_kind(s->places, key_of(s->places, &means, 0, means.count, room), ENTRY_STATE,
                            PLACES_NONE);
    if (entry != PLACES_NONE) places_add(out, places_entry_place(s->places, s->arena, entry));
  }
  return decide(out);
}

/* A name with nothing behind it: cities, and states of that name. */
static bool read_bare(const struct stretch *s, struct place_answer *out, bool *is_explicit)
{
  char room[PLACES_KEY];
  const struct places_settings *settings = &s->places->settings;
  struct text key = key_of(s->places, s->typed, s->from, s->to, room);
  read_name_into(s, key, PLACES_NONE, ENTRY_STATE, out);
  *is_explicit = out->count > 0;
  if (!*is_explicit && s->strict && is_word(s, WORD_NAME, s->from, s->to)) return false;
  read_name_into(s, key, PLACES_NONE, ENTRY_CITY, out);
  if (out->count > 1 && out->candidates[0].weight >= settings->dominant_weight &&
      out->candidates[0].weight >= settings->dominance * out->candidates[1].weight)
    out->count = 1;
  return decide(out);
}

int places_state_behind(const struct places *places, struct arena *arena,
                        const struct places_typed *typed, size_t from, size_t to, bool strict,
                        size_t *at)
{
  struct stretch s = {places, arena, typed, from, to, strict};
  if (to - from < 2) return PLACES_NONE;
  size_t longest = to - from - 1 < STATE_WORDS ? to - from - 1 : STATE_WORDS;
  for (size_t n = longest; n > 0; n--) {
    int entry = state_entry(&s, to - n, to);
    if (entry == PLACES_NONE || has_comma(&s, to - n, to)) continue;
    int state = places->entries[entry].state;
    const struct places_token *token = &typed->tokens[to - n];
    if (n == 1 && !token->comma_before && token->folded.length == 2 &&
        !letters_are_clear(&s, state, token))
      continue;
    *at = to - n;
    return state;
  }
  return PLACES_NONE;
}

/* "City, ST", "City State", and a county without its word. */
static bool read_with_state(const struct stretch *s, struct place_answer *out)
{
  char room[PLACES_KEY];
  for (size_t end = s->from + 1; end < s->to; end++) {
    int entry = has_comma(s, s->from, end) || has_comma(s, end, s->to) ? PLACES_NONE
                                                                       : state_entry(s, end, s->to);
    if (entry == PLACES_NONE) continue;
    int state = s->places->entries[entry].state;
    const struct places_token *token = &s->typed->tokens[end];
    bool letters = s->to - end == 1 && state_letters(s, end) != PLACES_NONE;
    if (letters && !token->comma_before && !letters_are_clear(s, state, token) &&
        is_word(s, WORD_NAME, s->from, end))
      continue;
    struct text key = key_of(s->places, s->typed, s->from, end, room);
    read_name_into(s, key, state, ENTRY_CITY, out);
    if (out->count == 0) read_name_into(s, key, state, ENTRY_COUNTY, out);
    if (out->count) return decide(out);
  }
  return false;
}

static bool read_all(const struct stretch *s, struct place_answer *out, bool *is_explicit)
{
  char room[PLACES_KEY];
  *is_explicit = true;
  if (read_point(s, out)) return true;
  if (!has_comma(s, s->from, s->to)) {
    if (read_alias(s, out) || read_state(s, out) || read_county(s, out) ||
        read_bare(s, out, is_explicit))
      return true;
    *is_explicit = true;
    if (read_with_state(s, out)) return true;
    *is_explicit = false;
    read_name_into(s, key_of(s->places, s->typed, s->from, s->to, room), PLACES_NONE, ENTRY_COUNTY,
                   out);
    return decide(out);
  }
  return read_county(s, out) || read_with_state(s, out);
}

void places_read(const struct places *places, struct arena *arena, const struct places_typed *typed,
                 size_t from, size_t to, struct places_reading reading, struct place_answer *out,
                 bool *is_explicit)
{
  struct stretch s = {places, arena, typed, from, to, reading.strict};
  out->outcome = PLACE_NONE;
  out->count = 0;
  *is_explicit = true;
  const struct places_zip_row *zip = zip_of(places, typed->tokens[to - 1].raw);
  if (zip) s.to--; /* "Richmond, VA 23220" is the ZIP */
  else s.to -= phrase(&s, WORD_COUNTRY, true);
  bool named = s.to > from && read_all(&s, out, is_explicit);
  if (zip && (named || to - from == 1)) {
    found(out, places_zip_place(arena, zip));
    *is_explicit = true;
  } else if (zip || !named) {
    out->outcome = PLACE_NONE;
    out->count = 0;
  }
}
