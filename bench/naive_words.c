/*
 * The naive scan's words: units of a query by brute force. See naive.h.
 */
#include <string.h>

#include "naive_private.h"

size_t naive_lower_bound(const struct naive *naive, struct text word)
{
  size_t low = 0, high = naive->word_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (text_compare(naive->words[middle], word) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void mean(struct meaning *meaning, size_t need)
{
  meaning->needs[need / 64] |= (uint64_t)1 << (need % 64);
}

static int allowed(struct text word)
{
  for (size_t i = 0; i < word.length; i++)
    if (word.at[i] >= '0' && word.at[i] <= '9') return 0;
  if (word.length <= 3 || word.length > 60) return 0;
  return word.length <= 7 ? 1 : 2;
}

static int least(int a, int b)
{
  return a < b ? a : b;
}

/* Does some beginning of `term` lie within `most` edits of `word`? (Optimal string alignment.) */
static bool is_near(struct text word, struct text term, int most)
{
  int rows[3][64];
  int *before = rows[0], *last = rows[1], *now = rows[2];
  if (word.length == 4 && term.at[0] != word.at[0]) return false;
  for (size_t i = 0; i <= word.length; i++) last[i] = (int)i;
  for (size_t j = 1; j <= term.length; j++) {
    int lowest = now[0] = (int)j;
    for (size_t i = 1; i <= word.length; i++) {
      int change = last[i - 1] + (word.at[i - 1] != term.at[j - 1]);
      int value = least(change, least(last[i], now[i - 1]) + 1);
      if (i > 1 && j > 1 && word.at[i - 1] == term.at[j - 2] && word.at[i - 2] == term.at[j - 1])
        value = least(value, before[i - 2] + 1);
      now[i] = value;
      lowest = least(lowest, value);
    }
    if (now[word.length] <= most) return true;
    if (lowest > most) return false;
    int *swap = before;
    before = last;
    last = now;
    now = swap;
  }
  return false;
}

static void read_unit(struct naive *naive, struct units *units, struct text word)
{
  size_t unit = units->count++;
  uint16_t bit = (uint16_t)(1u << unit);
  bool found = false;
  units->meanings[unit] = (struct meaning){{0}};
  units->has_terms[unit] = false;
  for (size_t i = naive_lower_bound(naive, word);
       i < naive->word_count && text_starts_with(naive->words[i], word); i++) {
    if (word.length == 1 && naive->words[i].length > 1) break;
    naive->units_of[i] |= bit;
    units->has_terms[unit] = found = true;
  }
  for (size_t i = 0; word.length >= 4 && i < naive->single_count; i++)
    if (text_starts_with(naive->singles[i], word)) {
      mean(&units->meanings[unit], naive->single_needs[i]);
      found = true;
    }
  int most = allowed(word);
  if (found || most == 0) return;
  for (size_t i = 0; i < naive->word_count; i++)
    if (is_near(word, naive->words[i], most)) {
      naive->units_of[i] |= bit;
      units->has_terms[unit] = true;
    }
  for (size_t i = 0; i < naive->single_count; i++)
    if (is_near(word, naive->singles[i], most))
      mean(&units->meanings[unit], naive->single_needs[i]);
}

/* Read the longest phrase at words[at]; answers how many words it took, or 0. */
static size_t read_phrase(const struct naive *naive, struct units *units, const struct text *words,
                          size_t at, size_t count)
{
  for (size_t length = count - at < 4 ? count - at : 4; length > 0; length--) {
    struct meaning meaning = {{0}};
    bool found = false;
    char phrase[4 * LIMIT_QUERY_TEXT * 4];
    size_t size = 0;
    for (size_t i = at; i < at + length; i++) {
      if (size + words[i].length + 1 > sizeof phrase) return 0;
      if (i > at) phrase[size++] = ' ';
      memcpy(phrase + size, words[i].at, words[i].length);
      size += words[i].length;
    }
    struct text whole = {phrase, size};
    for (size_t i = synonyms_find_first(naive->needs, whole); i < synonyms_count(naive->needs);
         i++) {
      const struct synonym *synonym = synonyms_get(naive->needs, i);
      if (!text_equal(synonym->phrase, whole)) break;
      mean(&meaning, synonym->need);
      found = true;
    }
    if (!found) continue;
    units->has_terms[units->count] = false;
    units->meanings[units->count++] = meaning;
    return length;
  }
  return 0;
}

void naive_read_words(struct naive *naive, struct arena *arena, struct text typed,
                      struct units *units)
{
  struct text words[LIMIT_QUERY_WORDS], kept[LIMIT_QUERY_WORDS], word;
  struct text rest = text_fold(arena, typed);
  size_t count = 0, kept_count = 0;
  units->count = 0;
  while (count < LIMIT_QUERY_WORDS && text_split_next(&rest, ' ', &word))
    if (word.length) words[count++] = word;
  for (size_t i = 0; i < count; i++)
    if (!stop_words_has(naive->needs, words[i])) kept[kept_count++] = words[i];
  if (kept_count == 0) {
    memcpy(kept, words, count * sizeof *words);
    kept_count = count;
  }
  for (size_t at = 0; at < kept_count;) {
    size_t length = read_phrase(naive, units, kept, at, kept_count);
    if (length == 0) {
      read_unit(naive, units, kept[at]);
      length = 1;
    }
    at += length;
  }
}
