/*
 * Codes of the row that is being read, and the labels that the dictionary lacks: each kept raw on
 * its row, and reported once with the number of rows that have it.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "directory/import_batch.h"
#include "directory/import_clean.h"

enum {
  UNKNOWN_SLOTS = 8192,   /* a power of two */
  UNKNOWN_DISTINCT = 4096 /* told apart; further ones are kept on their rows all the same */
};

struct unknown_entry {
  struct text raw, label;
  int64_t first_row, rows;
  bool retired;
};

struct import_unknown {
  struct arena *arena;
  unsigned char hash_key[crypto_shorthash_KEYBYTES]; /* file names the keys: keep them scattered */
  struct unknown_entry *slots[UNKNOWN_SLOTS];
  struct unknown_entry entries[UNKNOWN_DISTINCT];
  size_t count;
};

static int by_code(const void *a, const void *b, void *context)
{
  const uint16_t *left = a, *right = b;
  const struct needs *needs = context;
  return text_compare(codes_get(needs, *left)->code, codes_get(needs, *right)->code);
}

void import_codes_init(struct import_batch *batch)
{
  size_t count = codes_count(batch->needs);
  for (size_t i = 0; i < count; i++) batch->code_at[i] = (uint16_t)i;
  union {
    const void *constant;
    void *plain;
  } needs = {batch->needs};
  qsort_r(batch->code_at, count, sizeof *batch->code_at, by_code, needs.plain);
  for (size_t i = 0; i < count; i++) batch->rank_of[batch->code_at[i]] = (uint16_t)i;
  text_buffer_init(&batch->row_unknown, LIMIT_IMPORT_UNKNOWN);
  batch->unknown = memory_allocate_zero(1, sizeof *batch->unknown);
  batch->unknown->arena = arena_new(LIMIT_ARENA_REQUEST);
  randombytes_buf(batch->unknown->hash_key, sizeof batch->unknown->hash_key);
}

void import_codes_fini(struct import_batch *batch)
{
  if (!batch->unknown) return;
  arena_free(batch->unknown->arena);
  free(batch->unknown);
  text_buffer_fini(&batch->row_unknown);
}

void import_code_add(struct import_batch *batch, size_t code)
{
  size_t rank = batch->rank_of[code];
  uint64_t bit = UINT64_C(1) << (rank % 64);
  if (batch->row_codes[rank / 64] & bit) return;
  batch->row_codes[rank / 64] |= bit;
  const struct service_code *about = codes_get(batch->needs, code);
  batch->row_substance += about->substance_use && !about->mental_health;
  batch->row_mental += about->mental_health && !about->substance_use;
}

/* Find the entry of a raw label, making it when there is room; NULL when there is none. */
static struct unknown_entry *find_unknown(struct import_unknown *unknown, struct text raw)
{
  unsigned char hash[crypto_shorthash_BYTES];
  crypto_shorthash(hash, (const unsigned char *)(raw.length ? raw.at : ""), raw.length,
                   unknown->hash_key);
  size_t slot;
  memcpy(&slot, hash, sizeof slot);
  for (slot %= UNKNOWN_SLOTS; unknown->slots[slot]; slot = (slot + 1) % UNKNOWN_SLOTS)
    if (text_equal(unknown->slots[slot]->raw, raw)) return unknown->slots[slot];
  if (unknown->count == UNKNOWN_DISTINCT) return NULL;
  struct unknown_entry *entry = &unknown->entries[unknown->count++];
  *entry = (struct unknown_entry){.raw = text_copy(unknown->arena, raw), .label = TEXT("")};
  unknown->slots[slot] = entry;
  return entry;
}

void import_unknown_add(struct import_batch *batch, int64_t row, struct text raw, bool retired)
{
  bool recoded = false;
  struct text cleaned = clean_text(batch->scratch, raw, &recoded);
  if (cleaned.length == 0) return;
  char *plain = text_c(batch->scratch, cleaned);
  for (size_t i = 0; i < cleaned.length; i++)
    if (plain[i] == ';') plain[i] = ','; /* ';' parts the labels of a row */
  cleaned.at = plain;
  struct unknown_entry *entry = find_unknown(batch->unknown, cleaned);
  if (entry) {
    if (entry->rows++ == 0) entry->first_row = row;
    entry->retired = retired;
  }
  if (batch->row_unknown.length) text_buffer_add_character(&batch->row_unknown, ';');
  text_buffer_add(&batch->row_unknown, cleaned);
}

void import_unknown_explain(struct import_batch *batch, struct text code, struct text label)
{
  size_t known;
  bool recoded = false;
  code = text_upper_ascii(batch->scratch, clean_text(batch->scratch, code, &recoded));
  if (code.length == 0 || codes_find(batch->needs, code, &known)) return;
  struct unknown_entry *entry = find_unknown(batch->unknown, code);
  if (entry)
    entry->label = text_copy(batch->unknown->arena, clean_text(batch->scratch, label, &recoded));
}

static bool parts_codes(char c)
{
  return c == ' ' || c == '*' || c == '/' || c == ',' || c == ';' || c == '|' ||
         (c >= '\t' && c <= '\r');
}

void import_codes_add(struct import_batch *batch, int64_t row, struct text codes)
{
  for (size_t at = 0; at < codes.length;) {
    size_t from = at;
    while (at < codes.length && !parts_codes(codes.at[at])) at++;
    struct text word = text_slice(codes, from, at);
    size_t code;
    if (word.length && codes_find(batch->needs, word, &code)) import_code_add(batch, code);
    else if (word.length)
      import_unknown_add(batch, row, text_upper_ascii(batch->scratch, word), false);
    at++;
  }
}

static int by_text(const void *a, const void *b)
{
  return text_compare(*(const struct text *)a, *(const struct text *)b);
}

/* Sort what stands between ';' and drop repeats. */
static struct text sort_unknown(struct arena *arena, struct text all)
{
  size_t count = 0, capacity = 1;
  for (size_t i = 0; i < all.length; i++) capacity += all.at[i] == ';';
  struct text *parts = arena_allocate_array(arena, capacity, sizeof *parts), part;
  while (text_split_next(&all, ';', &part)) parts[count++] = part;
  if (count) qsort(parts, count, sizeof *parts, by_text);
  struct text_buffer sorted;
  text_buffer_init(&sorted, LIMIT_IMPORT_UNKNOWN);
  for (size_t i = 0; i < count; i++) {
    if (i && text_equal(parts[i], parts[i - 1])) continue;
    if (sorted.length) text_buffer_add_character(&sorted, ';');
    text_buffer_add(&sorted, parts[i]);
  }
  struct text out = text_copy(arena, text_buffer_get(&sorted));
  text_buffer_fini(&sorted);
  return out;
}

void import_codes_take(struct import_batch *batch, struct text *codes, struct text *unknown)
{
  enum { LONGEST_CODE = 17 };
  char *at = arena_allocate(batch->scratch, CODES_MAXIMUM * LONGEST_CODE);
  size_t length = 0;
  for (size_t word = 0; word < CODES_MAXIMUM / 64; word++) {
    for (uint64_t bits = batch->row_codes[word]; bits; bits &= bits - 1) {
      size_t rank = word * 64 + (size_t)__builtin_ctzll(bits);
      struct text code = codes_get(batch->needs, batch->code_at[rank])->code;
      if (length) at[length++] = ' ';
      memcpy(at + length, code.at, code.length);
      length += code.length;
    }
  }
  *codes = (struct text){at, length};
  *unknown = sort_unknown(batch->scratch, text_buffer_get(&batch->row_unknown));
  memset(batch->row_codes, 0, sizeof batch->row_codes);
  text_buffer_clear(&batch->row_unknown);
  batch->row_substance = batch->row_mental = 0;
}

void import_unknown_report(struct import_batch *batch)
{
  struct import_unknown *unknown = batch->unknown;
  for (size_t i = 0; i < unknown->count; i++) {
    const struct unknown_entry *entry = &unknown->entries[i];
    if (entry->rows == 0) continue;
    batch->report->counts.unknown_labels++;
    import_problem_add(
        batch, entry->first_row, false, "services",
        entry->retired ? "Nothing to do: it is shown as the source words it."
                       : "Nothing is lost. To search by it, add it to knowledge/service-codes.csv "
                         "or knowledge/service-code-aliases.csv and import again.",
        "\"%.*s\"%s%.*s%s %s, kept as it is on %lld row%s", TEXT_PRINT(entry->raw),
        entry->label.length ? " (" : "", TEXT_PRINT(entry->label), entry->label.length ? ")" : "",
        entry->retired ? "has no code today" : "is not in the dictionary", (long long)entry->rows,
        entry->rows == 1 ? "" : "s");
  }
}
