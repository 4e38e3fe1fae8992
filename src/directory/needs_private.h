/*
 * The inside of `struct needs`, for needs.c and needs_load.c alone.
 *
 * Everything lives in one arena and is immutable once loaded. Sorted indexes stand beside the
 * lists, so that looking up is a binary search and the lists keep their files' order.
 */
#ifndef FAIRLEAD_DIRECTORY_NEEDS_PRIVATE_H
#define FAIRLEAD_DIRECTORY_NEEDS_PRIVATE_H

#include "directory/needs.h"
#include "directory/needs_expression.h"

struct name_entry {
  struct text name;
  size_t index;
};
/* Names sorted by bytes, each with its place in a list. */
struct name_index {
  struct name_entry *entries;
  size_t count;
};
/* Sort the entries and set `*repeated` to a name that stands twice; answers false then. */
bool name_index_sort(struct name_index *names, struct text *repeated);
bool name_index_find(const struct name_index *names, struct text name, size_t *out);

/* A label as FindTreatment prints it, and what it stands for. */
enum { LABEL_RETIRED = CODES_MAXIMUM };
struct label_entry {
  struct text category, label; /* folded */
  size_t code;                 /* or LABEL_RETIRED */
};
int label_entry_compare(const void *a, const void *b);

struct needs {
  struct arena *arena;
  uint64_t hash;

  struct service_code codes[CODES_MAXIMUM];
  size_t code_count;
  struct name_index code_names;
  struct service_category *categories;
  size_t category_count;
  struct name_index category_names;
  struct label_entry *labels; /* sorted by category, then label */
  size_t label_count;
  struct name_entry *old_categories; /* folded old category, index of the one that stands for it */
  size_t old_category_count;

  struct need_group *groups;
  size_t group_count;
  struct name_index group_names;
  struct need needs[NEEDS_MAXIMUM];
  struct expression programs[NEEDS_MAXIMUM];
  size_t need_count;
  struct name_index need_names;

  struct synonym *synonyms;
  size_t synonym_count;
  struct name_index stop_words;

  struct sign signs[SIGNS_MAXIMUM];
  struct expression sign_programs[SIGNS_MAXIMUM];
  size_t sign_count;

  struct help_line *help_lines;
  size_t help_line_count;
  struct name_index help_keys;
};

#endif
