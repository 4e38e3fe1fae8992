/*
 * Explaining: why a result matched, word by word.
 */
#include "directory/search_private.h"

struct search_explainer {
  const struct snapshot *snapshot;
  struct arena *arena;
  const struct search_words *words;
};

struct search_explainer *search_explainer_new(const struct snapshot *snapshot,
                                              const struct needs *needs, struct arena *arena,
                                              const struct search_query *query)
{
  struct search_explainer *explainer = arena_allocate(arena, sizeof *explainer);
  explainer->snapshot = snapshot;
  explainer->arena = arena;
  explainer->words = query->understood;
  if (explainer->words) return explainer;
  struct search_words *words = arena_allocate(arena, sizeof *words);
  search_words_read(snapshot, needs, arena, query->words, words);
  explainer->words = words;
  return explainer;
}

/* Is one of the text's words a term of the unit? */
static bool text_has(const struct search_explainer *explainer, const struct search_unit *unit,
                     struct text text)
{
  struct text rest = text_fold(explainer->arena, text), word;
  while (text_word_next(&rest, &word))
    if (search_unit_has(explainer->snapshot, unit, word)) return true;
  return false;
}

static bool find_field(const struct search_explainer *explainer, const struct search_unit *unit,
                       uint32_t row, enum search_match *match)
{
  static const struct {
    enum snapshot_text text;
    enum search_match match;
  } fields[] = {{TEXT_NAME1, MATCH_NAME},
                {TEXT_NAME2, MATCH_NAME},
                {TEXT_CITY, MATCH_CITY},
                {TEXT_STREET1, MATCH_STREET}};
  if (unit->range_count == 0) return false; /* it means needs alone */
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    struct text text = snapshot_row_text(explainer->snapshot, row, fields[i].text);
    if (!text_has(explainer, unit, text)) continue;
    *match = fields[i].match;
    return true;
  }
  return false;
}

static bool find_need(const struct search_explainer *explainer, const struct search_unit *unit,
                      uint32_t row, size_t *need)
{
  for (size_t i = 0; i < explainer->snapshot->need_count; i++) {
    bool is_meant = (unit->needs.bits[i / 64] >> (i % 64) & 1) != 0;
    if (!is_meant || !snapshot_row_need(explainer->snapshot, row, i)) continue;
    *need = i;
    return true;
  }
  return false;
}

size_t search_explainer_row(const struct search_explainer *explainer, uint32_t row,
                            struct search_reason *reasons)
{
  size_t count = 0;
  for (size_t i = 0; i < explainer->words->count; i++) {
    const struct search_unit *unit = &explainer->words->units[i];
    struct search_reason reason = {.word = unit->words, .match = MATCH_NEED};
    if (find_field(explainer, unit, row, &reason.match) ||
        find_need(explainer, unit, row, &reason.need))
      reasons[count++] = reason;
  }
  return count;
}

size_t search_explain(const struct snapshot *snapshot, const struct needs *needs,
                      struct arena *arena, const struct search_query *query, uint32_t row,
                      struct search_reason *reasons)
{
  return search_explainer_row(search_explainer_new(snapshot, needs, arena, query), row, reasons);
}
