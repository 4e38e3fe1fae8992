/*
 * parity: see parity.h.
 */
#include "coverage/parity.h"

#include <assert.h>
#include <stdlib.h>

#include "coverage/rules_private.h"

/* --- Tables ---------------------------------------------------------------------------------- */

static void load_items(struct rules_loading *loading)
{
  static const char *const kinds[] = {[PARITY_FINANCIAL] = "financial",
                                      [PARITY_QUANTITY] = "quantity",
                                      [PARITY_OTHER] = "other",
                                      NULL};
  static const char *const columns[] = {"item",   "kind",   "label_en", "label_es",  "ask_en",
                                        "ask_es", "source", "grade",    "signed_by", NULL};
  struct parity_item *all = rules_begin(loading, "parity-items.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct parity_item){.name = knowledge_read_name(&loading->file, i, 0),
                                  .kind = (enum parity_kind)rules_choice(loading, i, 1, kinds),
                                  .basis = rules_basis(loading, i, 6)};
    knowledge_read_labels(&loading->file, i, 2, all[i].label);
    knowledge_read_labels(&loading->file, i, 4, all[i].ask);
  }
  loading->rules->items = all;
  loading->rules->item_count = loading->count;
}

static void load_laws(struct rules_loading *loading)
{
  static const char *const columns[] = {"law",     "enforced", "words_en", "words_es",  "effective",
                                        "expires", "source",   "grade",    "signed_by", NULL};
  struct parity_law *all = rules_begin(loading, "parity-laws.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct parity_law){.name = knowledge_read_name(&loading->file, i, 0),
                                 .is_enforced = rules_yes(loading, i, 1),
                                 .term = rules_term(loading, i, 4),
                                 .basis = rules_basis(loading, i, 6)};
    knowledge_read_labels(&loading->file, i, 2, all[i].words);
    for (size_t j = 0; j < i; j++)
      if (text_equal(all[j].name, all[i].name) && all[j].term.last >= all[i].term.first)
        rules_refuse(loading, i, "end the row before it", "two rows of a law hold on one day");
  }
  loading->rules->laws = all;
  loading->rules->law_count = loading->count;
}

static void load_fractions(struct rules_loading *loading)
{
  enum { FRACTION_MOST = 100 };
  static const char *const names[] = {"substantially-all", "predominant", NULL};
  static const char *const columns[] = {"rule", "part", "of", "source", "grade", "signed_by", NULL};
  (void)rules_begin(loading, "parity-rules.csv", columns, 1);
  for (size_t i = 0; i < loading->count; i++) {
    struct rules_fraction *fraction =
        &loading->rules->fractions[rules_choice(loading, i, 0, names)];
    fraction->part = rules_integer(loading, i, 1, 1, FRACTION_MOST);
    fraction->of = rules_integer(loading, i, 2, fraction->part, FRACTION_MOST);
    (void)rules_basis(loading, i, 3);
  }
  for (size_t i = 0; loading->count && names[i]; i++)
    if (!loading->rules->fractions[i].of) rules_refuse(loading, 0, names[i], "a rule is missing");
}

void rules_load_parity(struct rules_loading *loading)
{
  loading->rules->classes = rules_load_names(loading, "parity-classes.csv", "class");
  loading->rules->class_count = loading->count;
  load_items(loading);
  load_laws(loading);
  load_fractions(loading);
}

size_t parity_classes_count(const struct coverage_rules *rules)
{
  return rules->class_count;
}

const struct coverage_name *parity_classes_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->class_count);
  return &rules->classes[index];
}

size_t parity_items_count(const struct coverage_rules *rules)
{
  return rules->item_count;
}

const struct parity_item *parity_items_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->item_count);
  return &rules->items[index];
}

size_t parity_laws_count(const struct coverage_rules *rules)
{
  return rules->law_count;
}

const struct parity_law *parity_laws_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->law_count);
  return &rules->laws[index];
}

enum coverage_standing parity_law_find(const struct coverage_rules *rules, struct text name,
                                       int64_t day, const struct parity_law **out)
{
  enum coverage_standing best = COVERAGE_MISSING;
  for (size_t i = 0; i < rules->law_count; i++) {
    const struct parity_law *law = &rules->laws[i];
    if (!text_equal(law->name, name)) continue;
    enum coverage_standing standing = coverage_term_standing(&law->term, day);
    if (standing == COVERAGE_HOLDS) *out = law;
    if (standing < best) best = standing;
  }
  return best;
}

/* --- The comparison -------------------------------------------------------------------------- */

static int compare_levels(const void *a, const void *b)
{
  int64_t left = ((const struct parity_level *)a)->level;
  int64_t right = ((const struct parity_level *)b)->level;
  return (left > right) - (left < right);
}

enum parity_finding parity_compare(const struct coverage_rules *rules, struct parity_level *levels,
                                   size_t count, bool is_lower_stricter, int64_t level,
                                   int64_t *predominant)
{
  const struct rules_fraction *all = &rules->fractions[0], *most = &rules->fractions[1];
  int64_t total = 0, touched = 0, sum = 0, found = 0;
  assert(count <= LIMIT_COVERAGE_LEVELS);
  for (size_t i = 0; i < count; i++) {
    total += levels[i].payments;
    if (levels[i].level != PARITY_NO_LIMIT) touched += levels[i].payments;
  }
  if (level == PARITY_NO_LIMIT) return PARITY_FITS;
  if (total == 0) return PARITY_UNKNOWN;
  if (touched * all->of < total * all->part) return PARITY_NOT_ALLOWED;
  qsort(levels, count, sizeof *levels, compare_levels);
  for (size_t n = 0; n < count && sum * most->of <= touched * most->part; n++) {
    const struct parity_level *one = &levels[is_lower_stricter ? n : count - 1 - n];
    if (one->level == PARITY_NO_LIMIT) continue;
    sum += one->payments;
    found = one->level;
  }
  *predominant = found;
  bool is_stricter = is_lower_stricter ? level < found : level > found;
  return is_stricter ? PARITY_TOO_STRICT : PARITY_FITS;
}
