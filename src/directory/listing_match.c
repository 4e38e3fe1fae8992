/*
 * Matching: which facility a listing of a release is. See listing.h and design section 4.
 *
 * A table of steps, strictest first. Each step sorts what is left of both sides by the step's keys
 * and pairs equals in order, so that a hostile file with a million equal keys costs n log n.
 */
#include <stdlib.h>
#include <string.h>

#include "directory/listing.h"

/* Keys that a step compares, by offset in struct listing_keys. */
enum { STEP_KEYS = 2 };
struct step {
  size_t offsets[STEP_KEYS];
  size_t count;
  enum match_how how;
  bool own;           /* against the source's own listings, or those of others */
  bool withdrawn;     /* against listings that the source no longer names */
  bool one_directory; /* only where both are of one directory: one after the other */
};

#define KEY(name) offsetof(struct listing_keys, name)
#define ONE(key) {KEY(key), 0}, 1
#define TWO(first, second) {KEY(first), KEY(second)}, 2
static const struct step steps[] = {
    {ONE(full), MATCH_SAME, true, false, false},
    {ONE(external), MATCH_SAME, true, false, false},
    {ONE(full), MATCH_SAME, true, true, false},
    {TWO(site, name2), MATCH_SAME, true, false, false},
    {TWO(site, street2), MATCH_SAME, true, false, false},
    {TWO(site, phone), MATCH_SAME, true, false, false},
    {ONE(site), MATCH_SAME, true, false, false},
    {TWO(line, name2), MATCH_RENAMED, true, false, false},
    {TWO(line, street2), MATCH_RENAMED, true, false, false},
    {ONE(line), MATCH_RENAMED, true, false, false},
    {TWO(site, name2), MATCH_SAME, true, true, false},
    {ONE(site), MATCH_SAME, true, true, false},
    {ONE(full), MATCH_SAME, false, false, false},
    {ONE(full), MATCH_SAME, false, true, false},
    {TWO(site, name2), MATCH_SAME, false, false, true},
    {TWO(site, street2), MATCH_SAME, false, false, true},
    {TWO(site, phone), MATCH_SAME, false, false, true},
    {ONE(site), MATCH_SAME, false, false, true},
    {TWO(line, name2), MATCH_RENAMED, false, false, true},
    {ONE(line), MATCH_RENAMED, false, false, true},
};

/* One listing in a step's sort. */
struct candidate {
  struct listing_key keys[STEP_KEYS];
  size_t index; /* the order among equals */
};

static int compare_keys(const struct candidate *a, const struct candidate *b)
{
  int order = listing_key_compare(&a->keys[0], &b->keys[0]);
  return order ? order : listing_key_compare(&a->keys[1], &b->keys[1]);
}

static int by_keys(const void *left, const void *right)
{
  const struct candidate *a = left, *b = right;
  int order = compare_keys(a, b);
  return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* Fill a candidate; false when a key is missing, which equals nothing. */
static bool fill(const struct step *step, const struct listing_keys *keys, size_t index,
                 struct candidate *out)
{
  static const struct listing_key none = {0, 0};
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < step->count; i++) {
    memcpy(&out->keys[i], (const char *)keys + step->offsets[i], sizeof out->keys[i]);
    if (listing_key_compare(&out->keys[i], &none) == 0) return false;
  }
  out->index = index;
  return true;
}

/* Substance use and opioid treatment programs are one directory; mental health is another. */
static const unsigned one_directory[] = {DIRECTORY_SUBSTANCE_USE | DIRECTORY_OPIOID_TREATMENT,
                                         DIRECTORY_MENTAL_HEALTH};
static const unsigned any_directory =
    DIRECTORY_SUBSTANCE_USE | DIRECTORY_OPIOID_TREATMENT | DIRECTORY_MENTAL_HEALTH;

struct matching {
  const struct match_old *old;
  size_t old_count;
  struct match_new *fresh;
  size_t fresh_count;
  bool *taken; /* by facility */
  struct candidate *olds, *news;
};

static void pair(struct matching *matching, const struct step *step, size_t old, size_t fresh)
{
  struct match_new *row = &matching->fresh[fresh];
  row->how = step->how;
  row->facility = matching->old[old].facility;
  row->matched_own = step->own;
  matching->taken[row->facility] = true;
}

/* Take a step among the listings of these directories. */
static void take_step(struct matching *matching, const struct step *step, unsigned directories)
{
  size_t olds = 0, news = 0;
  for (size_t i = 0; i < matching->old_count; i++) {
    const struct match_old *old = &matching->old[i];
    if (old->own == step->own && old->withdrawn == step->withdrawn &&
        (old->directories & directories) && !matching->taken[old->facility] &&
        fill(step, &old->keys, i, &matching->olds[olds]))
      olds++;
  }
  if (olds == 0) return;
  for (size_t i = 0; i < matching->fresh_count; i++)
    if (matching->fresh[i].how == MATCH_NOTHING && (matching->fresh[i].directories & directories) &&
        fill(step, &matching->fresh[i].keys, i, &matching->news[news]))
      news++;
  if (news == 0) return;
  qsort(matching->olds, olds, sizeof *matching->olds, by_keys);
  qsort(matching->news, news, sizeof *matching->news, by_keys);
  for (size_t o = 0, n = 0; o < olds && n < news;) {
    size_t old = matching->olds[o].index, fresh = matching->news[n].index;
    int order = compare_keys(&matching->olds[o], &matching->news[n]);
    if (order < 0 || matching->taken[matching->old[old].facility]) o++;
    else if (order > 0) n++;
    else pair(matching, step, old, fresh), o++, n++;
  }
}

void listing_match(const struct match_old *old, size_t old_count, struct match_new *fresh,
                   size_t fresh_count, size_t facility_count)
{
  struct matching matching = {
      .old = old,
      .old_count = old_count,
      .fresh = fresh,
      .fresh_count = fresh_count,
      .taken = memory_allocate_zero(facility_count, sizeof(bool)),
      .olds = memory_allocate_zero(old_count, sizeof(struct candidate)),
      .news = memory_allocate_zero(fresh_count, sizeof(struct candidate)),
  };
  for (size_t i = 0; i < fresh_count; i++) {
    fresh[i].how = MATCH_NOTHING;
    fresh[i].matched_own = false;
  }
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    if (!steps[i].one_directory) take_step(&matching, &steps[i], any_directory);
    for (size_t d = 0; steps[i].one_directory && d < 2; d++)
      take_step(&matching, &steps[i], one_directory[d]);
  }
  free(matching.taken);
  free(matching.olds);
  free(matching.news);
}
