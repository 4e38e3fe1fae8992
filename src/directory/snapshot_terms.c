/*
 * The vocabulary of a snapshot on the way: terms by hash, then in order, then as a tree of letters.
 * Hashes are keyed at random, so that no list of names can be made to collide; nothing that is
 * written depends on them. Threads: one.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "directory/snapshot_build.h"

enum { SLOTS_FIRST = 1024 };

static uint64_t term_hash(struct text term)
{
  static unsigned char key[crypto_shorthash_KEYBYTES];
  static bool is_ready;
  if (!is_ready) {
    randombytes_buf(key, sizeof key);
    is_ready = true;
  }
  uint64_t hash;
  crypto_shorthash((unsigned char *)&hash, (const unsigned char *)term.at, term.length, key);
  return hash;
}

void terms_init(struct terms *terms)
{
  *terms = (struct terms){.slot_count = SLOTS_FIRST};
  text_buffer_init(&terms->bytes, SIZE_MAX / 2);
  terms->slots = memory_allocate_zero(terms->slot_count, sizeof *terms->slots);
}

void terms_fini(struct terms *terms)
{
  text_buffer_fini(&terms->bytes);
  free(terms->entries);
  free(terms->slots);
  free(terms->meanings);
  free(terms->order);
  free(terms->rank);
}

struct text terms_get(const struct terms *terms, size_t entry)
{
  const struct term_entry *it = &terms->entries[entry];
  return (struct text){terms->bytes.at + it->at, it->length};
}

/* The slot that holds the term, or the free one where it belongs. */
static uint32_t *find_slot(const struct terms *terms, struct text term, uint64_t hash)
{
  size_t at = hash & (terms->slot_count - 1);
  for (; terms->slots[at]; at = (at + 1) & (terms->slot_count - 1)) {
    size_t entry = terms->slots[at] - 1;
    if (terms->entries[entry].hash != hash) continue;
    if (text_equal(terms_get(terms, entry), term)) break; /* GCOVR_EXCL_BR_LINE: keyed, 64 bits */
  }
  return &terms->slots[at];
}

static void double_slots(struct terms *terms)
{
  free(terms->slots);
  terms->slot_count *= 2;
  terms->slots = memory_allocate_zero(terms->slot_count, sizeof *terms->slots);
  for (size_t i = 0; i < terms->count; i++)
    *find_slot(terms, terms_get(terms, i), terms->entries[i].hash) = (uint32_t)i + 1;
}

uint32_t terms_add(struct terms *terms, struct text term)
{
  uint64_t hash = term_hash(term);
  uint32_t *slot = find_slot(terms, term, hash);
  if (*slot) return *slot - 1;
  terms->entries =
      builder_grow(terms->entries, terms->count, &terms->capacity, sizeof *terms->entries);
  terms->entries[terms->count] =
      (struct term_entry){.hash = hash, .at = terms->bytes.length, .length = (uint32_t)term.length};
  text_buffer_add(&terms->bytes, term);
  uint32_t entry = (uint32_t)terms->count++;
  *slot = entry + 1;
  if (terms->count * 2 > terms->slot_count) double_slots(terms);
  return entry;
}

void terms_add_synonyms(struct terms *terms, const struct needs *needs)
{
  size_t count = synonyms_count(needs);
  terms->meanings = memory_allocate_zero(count, sizeof *terms->meanings);
  for (size_t i = 0; i < count; i++) {
    const struct synonym *synonym = synonyms_get(needs, i);
    if (text_contains(synonym->phrase, TEXT(" "))) continue;
    uint32_t added = terms_add(terms, synonym->phrase); /* which may move the entries */
    struct term_entry *entry = &terms->entries[added];
    if (!entry->meaning) entry->meaning = (uint32_t)++terms->meaning_count;
    uint64_t *bits = terms->meanings[entry->meaning - 1].bits;
    bits[synonym->need / 64] |= (uint64_t)1 << (synonym->need % 64);
  }
}

static int by_bytes(const void *a, const void *b, void *context)
{
  const struct terms *terms = context;
  return text_compare(terms_get(terms, *(const uint32_t *)a),
                      terms_get(terms, *(const uint32_t *)b));
}

void terms_sort(struct terms *terms)
{
  terms->order = memory_allocate_zero(terms->count, sizeof *terms->order);
  terms->rank = memory_allocate_zero(terms->count, sizeof *terms->rank);
  for (size_t i = 0; i < terms->count; i++) terms->order[i] = (uint32_t)i;
  qsort_r(terms->order, terms->count, sizeof *terms->order, by_bytes, terms);
  for (size_t i = 0; i < terms->count; i++) terms->rank[terms->order[i]] = (uint32_t)i;
}

/* --- The tree ------------------------------------------------------------------------------- */

/* A node whose children are still to be made: the terms [first, end) share `depth` letters. */
struct branch {
  uint32_t node, first, end, depth;
};

/* Append one child for each letter that follows at `depth`, and note those that branch again. */
static size_t add_children(const struct terms *terms, struct branch branch,
                           struct snapshot_node *nodes, size_t count, struct branch *open,
                           size_t *open_count)
{
  size_t first = count;
  uint32_t at = branch.first;
  if (terms->entries[terms->order[at]].length == branch.depth) at++; /* the way itself is a term */
  while (at < branch.end) {
    char letter = terms_get(terms, terms->order[at]).at[branch.depth];
    uint32_t end = at + 1;
    while (end < branch.end && terms_get(terms, terms->order[end]).at[branch.depth] == letter)
      end++;
    nodes[count] = (struct snapshot_node){.term = at, .end = end, .letter = (uint8_t)letter};
    if (end - at > 1)
      open[(*open_count)++] = (struct branch){(uint32_t)count, at, end, branch.depth + 1};
    count++;
    at = end;
  }
  nodes[branch.node].child = (uint32_t)first;
  nodes[branch.node].child_count = (uint16_t)(count - first);
  return count;
}

void terms_tree(const struct terms *terms, struct snapshot_node **nodes, size_t *count)
{
  size_t letters = terms->bytes.length + terms->count + 2; /* more nodes than letters: never */
  *nodes = memory_allocate_zero(letters, sizeof **nodes);
  struct branch *open = memory_allocate_zero(letters, sizeof *open);
  size_t open_count = 0;
  *count = 1;
  (*nodes)[0].end = (uint32_t)terms->count;
  if (terms->count > 0) /* GCOVR_EXCL_BR_LINE: knowledge always has synonyms */
    open[open_count++] = (struct branch){.end = (uint32_t)terms->count};
  for (size_t i = 0; i < open_count; i++)
    *count = add_children(terms, open[i], *nodes, *count, open, &open_count);
  free(open);
}
