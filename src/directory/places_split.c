/*
 * Places, splitting: what was typed in the one box, cut into a place and words (places.h).
 */
#include <string.h>

#include "directory/places_private.h"

struct splitting {
  const struct places *places;
  struct arena *arena;
  struct places_typed typed;
  bool (*is_word)(const void *context, struct text folded);
  const void *context;
};

static bool is_vocabulary(struct splitting *s, size_t from, size_t to)
{
  return s->is_word && s->is_word(s->context, places_folded(s->arena, &s->typed, from, to));
}

/* What was typed without tokens [from, to). */
static struct text without(struct splitting *s, size_t from, size_t to)
{
  struct text left = places_raw(&s->typed, 0, from);
  struct text right = places_raw(&s->typed, to, s->typed.count);
  if (left.length == 0) return right;
  if (right.length == 0) return left;
  return PLACES_JOIN(s->arena, left, TEXT(" "), right);
}

/* The longest phrase of this kind at token `at`; 0 words when none begins there. */
static const struct places_word *phrase_at(struct splitting *s, enum places_word_kind kind,
                                           size_t at, size_t *tokens)
{
  const struct places_word *best = NULL;
  *tokens = 0;
  for (size_t n = 1; n <= 3 && at + n <= s->typed.count; n++) {
    struct text folded = places_folded(s->arena, &s->typed, at, at + n);
    for (size_t i = 0; i < s->places->word_count; i++) {
      const struct places_word *word = &s->places->words[i];
      if (word->kind != kind || !text_equal(word->word, folded)) continue;
      best = word;
      *tokens = n;
    }
  }
  return best;
}

/* Take out "near me": where that is was not said. A single such word counts at the end only. */
static void drop_here(struct splitting *s)
{
  for (size_t at = 0; at < s->typed.count; at++) {
    size_t tokens;
    const struct places_word *word = phrase_at(s, WORD_HERE, at, &tokens);
    if (!word || (word->length == 1 && at + tokens < s->typed.count)) continue;
    struct text rest = without(s, at, at + tokens);
    places_tokenize(s->arena, rest, &s->typed);
    return;
  }
}

static bool read(struct splitting *s, size_t from, size_t to, bool strict, struct place_answer *out,
                 bool *is_explicit)
{
  places_read(s->places, s->arena, &s->typed, from, to, (struct places_reading){strict}, out,
              is_explicit);
  return out->outcome != PLACE_NONE;
}

/* A place behind "near" or "in". Behind "near" nothing but a place can stand; "in" may say
 * something else ("in recovery"). */
static bool split_behind_word(struct splitting *s, struct place_answer *out, struct text *words)
{
  size_t tokens;
  bool is_explicit, state_named;
  for (size_t at = 0; at < s->typed.count; at++) {
    const struct places_word *word = phrase_at(s, WORD_BEFORE, at, &tokens);
    size_t from = at + tokens;
    if (!word || from >= s->typed.count) continue;
    bool sure = text_equal(word->means, TEXT("near"));
    for (size_t to = s->typed.count; to > from; to--) {
      if (!sure && is_vocabulary(s, from, to)) continue;
      if (!read(s, from, to, !sure, out, &is_explicit)) continue;
      *words = without(s, at, to);
      return true;
    }
    places_suggest(s->places, s->arena, &s->typed, from, s->typed.count, out, &state_named);
    if (!sure && !(state_named && out->count)) continue;
    *words = places_raw(&s->typed, 0, at);
    return true;
  }
  return false;
}

/* An explicit place at the end, else at the start, the longest first. */
static bool split_at_ends(struct splitting *s, struct place_answer *out, struct text *words)
{
  bool is_explicit;
  size_t count = s->typed.count;
  for (size_t cut = 1; cut < count; cut++) {
    if (is_vocabulary(s, cut, count)) continue;
    if (!read(s, cut, count, true, out, &is_explicit) || !is_explicit) continue;
    *words = places_raw(&s->typed, 0, cut);
    return true;
  }
  for (size_t cut = count - 1; cut > 0; cut--) {
    if (is_vocabulary(s, 0, cut)) continue;
    if (!read(s, 0, cut, true, out, &is_explicit) || !is_explicit) continue;
    *words = places_raw(&s->typed, cut, count);
    return true;
  }
  return false;
}

/* "Richmnd, VA": a state behind a name that is nearly a place there. */
static bool split_misspelled(struct splitting *s, struct place_answer *out, struct text *words)
{
  size_t behind;
  bool state_named;
  int state = places_state_behind(s->places, s->arena, &s->typed, 0, s->typed.count, true, &behind);
  if (state == PLACES_NONE || is_vocabulary(s, 0, behind)) return false;
  places_suggest(s->places, s->arena, &s->typed, 0, s->typed.count, out, &state_named);
  *words = TEXT("");
  return out->count > 0;
}

void places_split(const struct places *places, struct arena *arena, struct text typed,
                  bool (*is_word)(const void *context, struct text folded), const void *context,
                  struct place_answer *out, struct text *words)
{
  struct splitting *s = arena_allocate(arena, sizeof *s);
  bool is_explicit;
  *s = (struct splitting){.places = places, .arena = arena, .is_word = is_word, .context = context};
  typed = text_trim(text_slice(typed, 0, LIMIT_QUERY_TEXT));
  places_tokenize(arena, typed, &s->typed);
  drop_here(s);
  size_t count = s->typed.count;
  *words = TEXT("");
  out->outcome = PLACE_NONE;
  out->count = 0;
  if (count == 0) return;
  if (!is_vocabulary(s, 0, count)) {
    if (read(s, 0, count, true, out, &is_explicit)) return;
    if (split_behind_word(s, out, words) || split_misspelled(s, out, words) ||
        split_at_ends(s, out, words))
      return;
  }
  out->outcome = PLACE_NONE;
  out->count = 0;
  *words = s->typed.raw;
}

void places_resolve(const struct places *places, struct arena *arena, struct text typed,
                    struct place_answer *out)
{
  struct places_typed *tokens = arena_allocate(arena, sizeof *tokens);
  bool is_explicit, state_named;
  places_tokenize(arena, text_trim(text_slice(typed, 0, LIMIT_QUERY_TEXT)), tokens);
  out->outcome = PLACE_NONE;
  out->count = 0;
  if (tokens->count == 0) return;
  places_read(places, arena, tokens, 0, tokens->count, (struct places_reading){false}, out,
              &is_explicit);
  if (out->outcome == PLACE_NONE)
    places_suggest(places, arena, tokens, 0, tokens->count, out, &state_named);
}
