/*
 * Places, suggesting: what a misspelled or misplaced name may have meant.
 *
 * A name differs by edits (insert, delete, change, swap neighbours); its first letter must agree.
 * Candidates stand by edits, then by weight; behind them the same name in other states.
 */
#include <stdlib.h>
#include <string.h>

#include "directory/places_private.h"

enum { EDITS_MOST = 2, SUGGESTED_ZIPS = 4 };

static unsigned smaller(unsigned a, unsigned b)
{
  return a < b ? a : b;
}

/* Edits between two keys (optimal string alignment), or EDITS_MOST + 1 when there are more. */
static unsigned edits_between(struct text a, struct text b)
{
  unsigned rows[3][PLACES_KEY + 1];
  unsigned *before = rows[0], *last = rows[1], *row = rows[2];
  size_t gap = a.length > b.length ? a.length - b.length : b.length - a.length;
  if (gap > EDITS_MOST) return EDITS_MOST + 1;
  for (size_t j = 0; j <= b.length; j++) last[j] = (unsigned)j;
  for (size_t i = 1; i <= a.length; i++) {
    unsigned least = row[0] = (unsigned)i;
    for (size_t j = 1; j <= b.length; j++) {
      unsigned changed = last[j - 1] + (a.at[i - 1] != b.at[j - 1]);
      row[j] = smaller(changed, smaller(last[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
        row[j] = smaller(row[j], before[j - 2] + 1);
      least = smaller(least, row[j]);
    }
    if (least > EDITS_MOST) return EDITS_MOST + 1;
    unsigned *free_row = before;
    before = last;
    last = row;
    row = free_row;
  }
  return last[b.length];
}

struct suggestion {
  unsigned edits;
  unsigned weight;
  int entry;
};

static int by_likelihood(const void *a, const void *b)
{
  const struct suggestion *left = a, *right = b;
  if (left->edits != right->edits) return left->edits < right->edits ? -1 : 1;
  if (left->weight != right->weight) return left->weight > right->weight ? -1 : 1;
  return left->entry < right->entry ? -1 : left->entry > right->entry;
}

/* Names at most so many edits off: cities, and states unless one is named already. */
static size_t similar(const struct places *places, struct text key, int state, unsigned edits,
                      struct suggestion *found)
{
  size_t count = 0;
  for (size_t i = 0; i < places->entry_count; i++) {
    const struct places_entry *entry = &places->entries[i];
    bool fits = entry->kind == ENTRY_CITY || (entry->kind == ENTRY_STATE && state == PLACES_NONE);
    if (!fits || (state != PLACES_NONE && entry->state != state) || entry->key.at[0] != key.at[0])
      continue;
    unsigned off = edits_between(key, entry->key);
    if (off == 0 || off > edits) continue;
    found[count++] = (struct suggestion){off, entry->weight, (int)i};
  }
  return count;
}

/* The same name in other states than the one named. */
static size_t elsewhere(const struct places *places, struct text key, struct suggestion *found)
{
  size_t count = 0;
  for (int at = places_find(places, key); at != PLACES_NONE; at = places->entries[at].next)
    if (places->entries[at].kind == ENTRY_CITY)
      found[count++] = (struct suggestion){EDITS_MOST + 1, places->entries[at].weight, at};
  return count;
}

/* ZIPs beside a number that is none, of the same region (first three digits). */
static void suggest_zips(const struct places *places, struct arena *arena, struct text raw,
                         struct place_answer *out)
{
  int64_t number;
  if (raw.length != 5 || !text_read_integer(raw, &number) || number < 0) return;
  size_t from = 0;
  while (from < places->zip_count && places->zips[from].number < number) from++;
  size_t below = from, above = from;
  for (size_t i = 0; i < SUGGESTED_ZIPS; i++) {
    int64_t down = below > 0 ? number - places->zips[below - 1].number : INT64_MAX;
    int64_t up = above < places->zip_count ? places->zips[above].number - number : INT64_MAX;
    const struct places_zip_row *zip = &places->zips[down < up ? --below : above++];
    if (zip->number / 100 != number / 100) return;
    places_add(out, places_zip_place(arena, zip));
  }
}

void places_suggest(const struct places *places, struct arena *arena,
                    const struct places_typed *typed, size_t from, size_t to,
                    struct place_answer *out, bool *state_named)
{
  char room[PLACES_KEY];
  size_t end = to, length = 0;
  int state = places_state_behind(places, arena, typed, from, to, false, &end);
  out->outcome = PLACE_UNKNOWN;
  out->count = 0;
  *state_named = state != PLACES_NONE;
  if (to - from == 1) suggest_zips(places, arena, typed->tokens[from].raw, out);
  if (!*state_named) end = to;
  for (size_t i = from; i < end; i++)
    length = places_key_add(places, typed->tokens[i].folded, room, length);
  struct text key = {room, length};
  if (length < places->settings.edit_letters_one) return;
  unsigned edits = length < places->settings.edit_letters_two ? 1 : 2;
  struct suggestion *found = arena_allocate_array(arena, places->entry_count * 2, sizeof *found);
  size_t count = similar(places, key, state, edits, found);
  count += elsewhere(places, key, found + count);
  qsort(found, count, sizeof *found, by_likelihood);
  for (size_t i = 0; i < count && out->count < PLACE_CANDIDATES; i++)
    places_add(out, places_entry_place(places, arena, found[i].entry));
}
