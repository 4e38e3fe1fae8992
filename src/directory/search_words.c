/*
 * Words of a query: what was typed becomes units (docs/search.md, "Words"). Prefixes are a range of
 * the sorted vocabulary; typos are found by walking its tree of letters with all alignments of up
 * to two edits at once, held as bits (Wu and Manber, "Fast text searching allowing errors", with
 * Damerau's swap). Pure; any thread.
 */
#include <string.h>

#include "directory/search_private.h"

enum {
  PHRASE_WORDS = 4,      /* a synonym's longest */
  SYNONYM_LETTERS = 4,   /* a word this long may be the beginning of a synonym */
  EDIT_LETTERS = 4,      /* a word this long may hold one edit, */
  TWO_EDIT_LETTERS = 8,  /* this long two, */
  EDIT_LETTERS_MOST = 60 /* and more than this none: alignments are bits of one word */
};

/* --- Vocabulary ----------------------------------------------------------------------------- */

/* The first term that is not less than `word`. */
static uint32_t first_term(const struct snapshot *snapshot, struct text word)
{
  uint32_t low = 0, high = snapshot->header->term_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (text_compare(snapshot_term_text(snapshot, middle), word) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

bool search_term_find(const struct snapshot *snapshot, struct text word, uint32_t *term)
{
  uint32_t at = first_term(snapshot, word);
  if (at == snapshot->header->term_count) return false; /* GCOVR_EXCL_BR_LINE: "zubsolv" is last */
  if (!text_equal(snapshot_term_text(snapshot, at), word)) return false;
  *term = at;
  return true;
}

/* The terms that begin with `word`. */
static struct term_range prefix_range(const struct snapshot *snapshot, struct text word)
{
  struct term_range range = {.first = first_term(snapshot, word)};
  uint32_t low = range.first, high = snapshot->header->term_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (text_starts_with(snapshot_term_text(snapshot, middle), word)) low = middle + 1;
    else high = middle;
  }
  range.end = low;
  return range;
}

bool search_unit_has(const struct snapshot *snapshot, const struct search_unit *unit,
                     struct text word)
{
  for (size_t i = 0; i < unit->range_count; i++) {
    const struct term_range *range = &unit->ranges[i];
    if (text_compare(word, snapshot_term_text(snapshot, range->first)) < 0) return false;
    bool is_last = range->end == snapshot->header->term_count;
    if (is_last) return true; /* GCOVR_EXCL_BR_LINE: "zubsolv" is last */
    if (text_compare(word, snapshot_term_text(snapshot, range->end)) < 0) return true;
  }
  return false;
}

/* --- Typos ---------------------------------------------------------------------------------- */

/* All alignments of the word with the letters walked so far: bit i of a number says that its first
 * i letters can be had from them with at most so many edits. Numbers of their own, not an array:
 * they stay in registers. */
struct alignment {
  uint64_t exact, one, two;
};

struct typo_walk {
  const struct snapshot *snapshot;
  uint64_t letters[256]; /* bit i: the word's letter i is this one */
  uint64_t whole;        /* the bit that says all its letters are had */
  bool may_two, first_must_agree;
  struct term_range *ranges;
  size_t count, capacity;
  struct arena *arena;
};

/* The alignments with one edit more, had by a letter that is the same (`here`), another, one too
 * many, lacking, or swapped with the one before. */
static inline uint64_t walk_edit(uint64_t same, uint64_t fewer, uint64_t next_fewer,
                                 uint64_t older_fewer, uint64_t here, uint64_t swapped)
{
  return (same & here) << 1 | fewer << 1 | fewer | next_fewer << 1 | (older_fewer & swapped) << 2;
}

/* Walk on by `letter`, having come by `before` (0 at the start) from `older`. Both numbers of edits
 * are always reckoned: that is quicker than to choose. */
static inline struct alignment walk_letter(const struct typo_walk *walk,
                                           const struct alignment *older,
                                           const struct alignment *old, uint8_t before,
                                           uint8_t letter)
{
  const uint64_t here = walk->letters[letter]; /* the same letter */
  const uint64_t swapped = here & walk->letters[before] >> 1;
  struct alignment next;
  next.exact = (old->exact & here) << 1;
  next.one = walk_edit(old->one, old->exact, next.exact, older->exact, here, swapped);
  next.two = walk_edit(old->two, old->one, next.one, older->one, here, swapped);
  return next;
}

/* The alignments that are left with the edits that the word may hold. */
static inline uint64_t alive(const struct typo_walk *walk, const struct alignment *alignment)
{
  return walk->may_two ? alignment->two : alignment->one;
}

static void add_range(struct typo_walk *walk, uint32_t first, uint32_t end)
{
  if (walk->count > 0 && walk->ranges[walk->count - 1].end == first) {
    walk->ranges[walk->count - 1].end = end;
    return;
  }
  if (walk->count == walk->capacity) {
    size_t capacity = walk->capacity ? walk->capacity * 2 : 4;
    struct term_range *ranges = arena_allocate_array(walk->arena, capacity, sizeof *ranges);
    if (walk->count) memcpy(ranges, walk->ranges, walk->count * sizeof *ranges);
    walk->ranges = ranges;
    walk->capacity = capacity;
  }
  walk->ranges[walk->count++] = (struct term_range){first, end};
}

/* Walk the rest of a term that has no siblings from here on. */
static void walk_tail(struct typo_walk *walk, uint32_t term, size_t depth, struct alignment older,
                      struct alignment old, uint8_t before)
{
  struct text letters = snapshot_term_text(walk->snapshot, term);
  for (size_t i = depth; i < letters.length && alive(walk, &old); i++) {
    uint8_t letter = (uint8_t)letters.at[i];
    struct alignment next = walk_letter(walk, &older, &old, before, letter);
    older = old;
    old = next;
    before = letter;
    if (alive(walk, &old) & walk->whole) {
      add_range(walk, term, term + 1);
      return;
    }
  }
}

/* Walk the tree below `node`, which lies `depth` letters deep. It ends: an alignment dies at the
 * latest when the letters outnumber the word's and its edits. */
static void walk_node(struct typo_walk *walk, uint32_t node, size_t depth,
                      const struct alignment *older, const struct alignment *old, uint8_t before)
{
  const struct snapshot_node *it = &walk->snapshot->nodes[node];
  for (uint32_t i = it->child; i < it->child + it->child_count; i++) {
    const struct snapshot_node *child = &walk->snapshot->nodes[i];
    if (depth == 0 && walk->first_must_agree && !(walk->letters[child->letter] & 1)) continue;
    const struct alignment next = walk_letter(walk, older, old, before, child->letter);
    const uint64_t left = alive(walk, &next);
    if (!left) continue;
    if (left & walk->whole) add_range(walk, child->term, child->end);
    else if (child->child_count) walk_node(walk, i, depth + 1, old, &next, child->letter);
    else walk_tail(walk, child->term, depth + 1, *old, next, child->letter);
  }
}

static size_t edits_allowed(struct text word)
{
  for (size_t i = 0; i < word.length; i++)
    if (word.at[i] >= '0' && word.at[i] <= '9') return 0;
  if (word.length < EDIT_LETTERS || word.length > EDIT_LETTERS_MOST) return 0;
  return word.length < TWO_EDIT_LETTERS ? 1 : 2;
}

/* The terms of which a beginning lies within the word's edits. */
static void find_typos(const struct snapshot *snapshot, struct arena *arena, struct text word,
                       struct search_unit *unit)
{
  const size_t edits = edits_allowed(word);
  if (edits == 0) return;
  struct typo_walk walk = {.snapshot = snapshot,
                           .whole = (uint64_t)1 << word.length,
                           .may_two = edits == 2,
                           .first_must_agree = word.length == EDIT_LETTERS,
                           .arena = arena};
  for (size_t i = 0; i < word.length; i++) walk.letters[(uint8_t)word.at[i]] |= (uint64_t)1 << i;
  /* So many of the word's first letters may be lacking at the start. */
  const struct alignment none = {0}, start = {.exact = 1, .one = 3, .two = 7};
  walk_node(&walk, 0, 0, &none, &start, 0);
  unit->ranges = walk.ranges;
  unit->range_count = walk.count;
}

/* --- Units ---------------------------------------------------------------------------------- */

static void add_needs(struct search_unit *unit, const struct need_set *needs)
{
  for (size_t i = 0; i < NEEDS_MAXIMUM / 64; i++) unit->needs.bits[i] |= needs->bits[i];
  unit->has_needs = true;
}

/* Add up what the unit's terms hold: lists, dense masks, and what they mean. */
static void gather(const struct snapshot *snapshot, struct arena *arena, bool may_mean,
                   struct search_unit *unit)
{
  uint32_t *dense = arena_allocate_array(arena, snapshot->header->dense_count, sizeof *dense);
  for (size_t i = 0; i < unit->range_count; i++)
    for (uint32_t t = unit->ranges[i].first; t < unit->ranges[i].end; t++) {
      const struct snapshot_term *term = &snapshot->terms[t];
      if (term->is_dense) dense[unit->dense_count++] = (uint32_t)term->at;
      else unit->listed += term->count;
      if (may_mean && term->meaning) add_needs(unit, &snapshot->meanings[term->meaning - 1]);
    }
  unit->dense = dense;
}

static bool is_empty(const struct search_unit *unit)
{
  return unit->listed == 0 && unit->dense_count == 0 && !unit->has_needs;
}

/* A word by itself: what begins with it; else what is nearly so called. */
static void read_word(const struct snapshot *snapshot, struct arena *arena, struct text word,
                      struct search_unit *unit)
{
  *unit = (struct search_unit){.words = word};
  struct term_range *range = arena_allocate(arena, sizeof *range);
  uint32_t term;
  if (word.length > 1) *range = prefix_range(snapshot, word);
  else if (search_term_find(snapshot, word, &term)) *range = (struct term_range){term, term + 1};
  unit->ranges = range;
  unit->range_count = range->first < range->end;
  gather(snapshot, arena, word.length >= SYNONYM_LETTERS, unit);
  if (!is_empty(unit)) return;
  *unit = (struct search_unit){.words = word};
  find_typos(snapshot, arena, word, unit);
  gather(snapshot, arena, true, unit);
}

/* The text from the start of one word to the end of another. */
static struct text span(const struct text *words, size_t first, size_t count)
{
  const struct text *last = &words[first + count - 1];
  return (struct text){words[first].at, (size_t)(last->at + last->length - words[first].at)};
}

/* The longest synonym phrase that begins at word `at`: how many words it has, or 0. */
static size_t read_phrase(const struct needs *needs, const struct text *words, size_t at,
                          size_t count, struct search_unit *unit)
{
  size_t longest = count - at < PHRASE_WORDS ? count - at : PHRASE_WORDS;
  for (size_t length = longest; length > 0; length--) {
    struct text phrase = span(words, at, length);
    struct search_unit found = {.words = phrase, .is_phrase = true};
    for (size_t i = synonyms_find_first(needs, phrase); i < synonyms_count(needs); i++) {
      const struct synonym *synonym = synonyms_get(needs, i);
      if (!text_equal(synonym->phrase, phrase)) break;
      found.needs.bits[synonym->need / 64] |= (uint64_t)1 << (synonym->need % 64);
      found.has_needs = true;
    }
    if (!found.has_needs) continue;
    *unit = found;
    return length;
  }
  return 0;
}

/* Fold and split; drop stop words unless nothing else is left. The words that are kept stand in
 * one text with single spaces between. */
static size_t split_words(const struct needs *needs, struct arena *arena, struct text typed,
                          struct text words[LIMIT_QUERY_WORDS])
{
  struct text rest = text_fold(arena, typed), word, all[LIMIT_QUERY_WORDS];
  size_t count = 0, kept = 0, length = 0;
  while (count < LIMIT_QUERY_WORDS && text_word_next(&rest, &word)) {
    all[count++] = word;
    length += word.length + 1;
  }
  bool keep_all = true;
  for (size_t i = 0; i < count; i++) keep_all &= stop_words_has(needs, all[i]);
  char *at = arena_allocate(arena, length + 1);
  for (size_t i = 0; i < count; i++) {
    if (!keep_all && stop_words_has(needs, all[i])) continue;
    memcpy(at, all[i].at, all[i].length);
    words[kept++] = (struct text){at, all[i].length};
    at += all[i].length;
    *at++ = ' ';
  }
  return kept;
}

void search_words_read(const struct snapshot *snapshot, const struct needs *needs,
                       struct arena *arena, struct text typed, struct search_words *out)
{
  struct text words[LIMIT_QUERY_WORDS];
  size_t count = split_words(needs, arena, typed, words);
  out->count = 0;
  out->is_hopeless = false;
  for (size_t at = 0; at < count;) {
    struct search_unit *unit = &out->units[out->count++];
    size_t length = read_phrase(needs, words, at, count, unit);
    if (length == 0) {
      read_word(snapshot, arena, words[at], unit);
      length = 1;
    }
    out->is_hopeless |= is_empty(unit);
    at += length;
  }
}
