/*
 * Places, suggesting: what a misspelled or misplaced name may have meant.
 *
 * A name differs by edits (insert, delete, change, swap neighbours); its first letter must agree.
 * Candidates stand by edits, then by weight; behind them the same name in other states.
 */
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
  unsigned edits, weight;
  int entry;
};

/* The likeliest so far, in order: fewer edits, then more weight, then as the table has them. */
struct shortlist {
  struct suggestion items[PLACE_CANDIDATES];
  size_t count;
};

static bool is_likelier(const struct suggestion *a, const struct suggestion *b)
{
  return a->edits != b->edits ? a->edits < b->edits : a->weight > b->weight;
}

static void consider(struct shortlist *list, struct suggestion item)
{
  size_t at = list->count;
  while (at > 0 && is_likelier(&item, &list->items[at - 1])) at--;
  if (at == PLACE_CANDIDATES) return;
  if (list->count < PLACE_CANDIDATES) list->count++;
  memmove(&list->items[at + 1], &list->items[at], (list->count - at - 1) * sizeof item);
  list->items[at] = item;
}

/* Names at most so many edits off: cities, and states unless one is named already. Behind them,
 * as if one edit more, the same name in other states than the one named. */
static void consider_all(const struct places *places, struct text key, int state, unsigned edits,
                         struct shortlist *list)
{
  for (size_t i = 0; i < places->entry_count; i++) {
    const struct places_entry *entry = &places->entries[i];
    bool is_state = entry->kind == ENTRY_STATE && state == PLACES_NONE;
    if ((entry->kind != ENTRY_CITY && !is_state) ||
        !text_starts_with(entry->key, text_slice(key, 0, 1)))
      continue;
    bool is_here = state == PLACES_NONE || entry->state == state;
    unsigned off = edits_between(key, entry->key);
    if (off == 0) off = EDITS_MOST + 1;
    else if (off > edits || !is_here) continue;
    consider(list, (struct suggestion){off, entry->weight, (int)i});
  }
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
  if (length < places->settings.edit_letters_one) return;
  unsigned edits = length < places->settings.edit_letters_two ? 1 : 2;
  struct text key = {room, length};
  struct shortlist list = {.count = 0};
  consider_all(places, key, state, edits, &list);
  for (size_t i = 0; i < list.count; i++)
    places_add(out, places_entry_place(places, arena, list.items[i].entry));
}
