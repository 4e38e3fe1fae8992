/*
 * Needs: looking up and evaluating what needs_load.c has read. See needs.h.
 */
#include "directory/needs.h"

#include <assert.h>
#include <stdlib.h>

#include "directory/needs_private.h"

_Static_assert(SIGNS_MAXIMUM <= 64, "signs_met_all() answers one word");

/* --- Sorted names --------------------------------------------------------------------------- */

static int name_entry_compare(const void *a, const void *b)
{
  const struct name_entry *left = a, *right = b;
  int order = text_compare(left->name, right->name);
  return order ? order : (left->index > right->index) - (left->index < right->index);
}

bool name_index_sort(struct name_index *names, struct text *repeated)
{
  qsort(names->entries, names->count, sizeof *names->entries, name_entry_compare);
  for (size_t i = 1; i < names->count; i++) {
    if (!text_equal(names->entries[i - 1].name, names->entries[i].name)) continue;
    *repeated = names->entries[i].name;
    return false;
  }
  return true;
}

bool name_index_find(const struct name_index *names, struct text name, size_t *out)
{
  size_t low = 0, high = names->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = text_compare(names->entries[middle].name, name);
    if (order == 0) {
      *out = names->entries[middle].index;
      return true;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

/* --- Needs, groups, signs, categories -------------------------------------------------- */

void needs_free(struct needs *needs)
{
  if (!needs) return;
  arena_free(needs->arena);
  free(needs);
}

uint64_t needs_hash(const struct needs *needs)
{
  return needs->hash;
}

size_t needs_count(const struct needs *needs)
{
  return needs->need_count;
}

const struct need *needs_get(const struct needs *needs, size_t index)
{
  assert(index < needs->need_count);
  return &needs->needs[index];
}

bool needs_find(const struct needs *needs, struct text name, size_t *out)
{
  return name_index_find(&needs->need_names, name, out);
}

size_t needs_group_count(const struct needs *needs)
{
  return needs->group_count;
}

const struct need_group *needs_group_get(const struct needs *needs, size_t index)
{
  assert(index < needs->group_count);
  return &needs->groups[index];
}

size_t categories_count(const struct needs *needs)
{
  return needs->category_count;
}

const struct service_category *categories_get(const struct needs *needs, size_t index)
{
  assert(index < needs->category_count);
  return &needs->categories[index];
}

bool categories_find(const struct needs *needs, struct text category, size_t *out)
{
  return name_index_find(&needs->category_names, category, out);
}

size_t signs_count(const struct needs *needs)
{
  return needs->sign_count;
}

const struct sign *signs_get(const struct needs *needs, size_t index)
{
  assert(index < needs->sign_count);
  return &needs->signs[index];
}

/* --- Words ------------------------------------------------------------------------------------ */

size_t synonyms_count(const struct needs *needs)
{
  return needs->synonym_count;
}

const struct synonym *synonyms_get(const struct needs *needs, size_t index)
{
  assert(index < needs->synonym_count);
  return &needs->synonyms[index];
}

size_t synonyms_find_first(const struct needs *needs, struct text phrase)
{
  size_t low = 0, high = needs->synonym_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (text_compare(needs->synonyms[middle].phrase, phrase) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

bool stop_words_has(const struct needs *needs, struct text word)
{
  size_t index;
  return name_index_find(&needs->stop_words, word, &index);
}

size_t help_lines_count(const struct needs *needs)
{
  return needs->help_line_count;
}

const struct help_line *help_lines_get(const struct needs *needs, size_t index)
{
  assert(index < needs->help_line_count);
  return &needs->help_lines[index];
}

bool help_lines_find(const struct needs *needs, struct text key, size_t *out)
{
  return name_index_find(&needs->help_keys, key, out);
}

/* --- Codes ------------------------------------------------------------------------------------ */

size_t codes_count(const struct needs *needs)
{
  return needs->code_count;
}

const struct service_code *codes_get(const struct needs *needs, size_t index)
{
  assert(index < needs->code_count);
  return &needs->codes[index];
}

bool codes_find(const struct needs *needs, struct text code, size_t *out)
{
  char upper[16];
  if (code.length == 0 || code.length > sizeof upper) return false;
  for (size_t i = 0; i < code.length; i++) {
    char c = code.at[i];
    upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
  }
  return name_index_find(&needs->code_names, (struct text){upper, code.length}, out);
}

int label_entry_compare(const void *a, const void *b)
{
  const struct label_entry *left = a, *right = b;
  int order = text_compare(left->category, right->category);
  return order ? order : text_compare(left->label, right->label);
}

static const struct label_entry *find_label(const struct needs *needs, struct text category,
                                            struct text label)
{
  struct label_entry wanted = {category, label, 0};
  return bsearch(&wanted, needs->labels, needs->label_count, sizeof wanted, label_entry_compare);
}

/* Look under the category as given, then under the one that stands for it today. */
static const struct label_entry *understand_label(const struct needs *needs, struct text category,
                                                  struct text label)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text folded_category = text_fold(arena, category);
  struct text folded_label = text_fold(arena, label);
  const struct label_entry *found = find_label(needs, folded_category, folded_label);
  for (size_t i = 0; !found && i < needs->old_category_count; i++) {
    if (!text_equal(needs->old_categories[i].name, folded_category)) continue;
    struct text today = needs->categories[needs->old_categories[i].index].category;
    found = find_label(needs, text_fold(arena, today), folded_label);
  }
  arena_free(arena);
  return found;
}

bool codes_find_label(const struct needs *needs, struct text category, struct text label,
                      size_t *out)
{
  const struct label_entry *found = understand_label(needs, category, label);
  if (!found || found->code == LABEL_RETIRED) return false;
  *out = found->code;
  return true;
}

bool codes_label_is_retired(const struct needs *needs, struct text category, struct text label)
{
  const struct label_entry *found = understand_label(needs, category, label);
  return found && found->code == LABEL_RETIRED;
}

size_t labels_count(const struct needs *needs)
{
  return needs->label_count;
}

struct code_set codes_read(const struct needs *needs, struct text codes)
{
  struct code_set set = {{0}};
  struct text word;
  size_t code;
  while (text_word_next(&codes, &word))
    if (codes_find(needs, word, &code)) set.bits[code / 64] |= UINT64_C(1) << (code % 64);
  return set;
}

/* --- Evaluating ------------------------------------------------------------------------------- */

bool needs_met(const struct needs *needs, size_t need, const struct code_set *codes,
               unsigned directories)
{
  assert(need < needs->need_count);
  return expression_holds(&needs->programs[need], codes, directories);
}

bool signs_met(const struct needs *needs, size_t sign, const struct code_set *codes,
               unsigned directories)
{
  assert(sign < needs->sign_count);
  return expression_holds(&needs->sign_programs[sign], codes, directories);
}

struct need_set needs_met_all(const struct needs *needs, const struct code_set *codes,
                              unsigned directories)
{
  struct need_set met = {{0}};
  for (size_t i = 0; i < needs->need_count; i++)
    if (needs_met(needs, i, codes, directories)) met.bits[i / 64] |= UINT64_C(1) << (i % 64);
  return met;
}

uint64_t signs_met_all(const struct needs *needs, const struct code_set *codes,
                       unsigned directories)
{
  uint64_t met = 0;
  for (size_t i = 0; i < needs->sign_count; i++)
    if (signs_met(needs, i, codes, directories)) met |= UINT64_C(1) << i;
  return met;
}
