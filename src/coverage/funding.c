/*
 * funding: see funding.h.
 */
#include "coverage/funding.h"

#include <assert.h>

#include "coverage/rules_private.h"

void rules_load_funding(struct rules_loading *loading)
{
  static const char *const kinds[] = {
      [FUNDING_PLAN] = "plan", [FUNDING_PUBLIC] = "public", [FUNDING_GIFT] = "gift",
      [FUNDING_OWN] = "own",   [FUNDING_LOAN] = "loan",     NULL};
  static const char *const columns[] = {
      "source_of_funding", "kind",   "counted", "label_en",  "label_es", "words_en",
      "words_es",          "source", "grade",   "signed_by", NULL};
  struct funding_source *all = rules_begin(loading, "funding-sources.csv", columns, sizeof *all);
  struct name_index names;
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct funding_source){.name = knowledge_read_name(&loading->file, i, 0),
                                     .kind = (enum funding_kind)rules_choice(loading, i, 1, kinds),
                                     .is_counted = rules_yes(loading, i, 2),
                                     .basis = rules_basis(loading, i, 7)};
    knowledge_read_labels(&loading->file, i, 3, all[i].label);
    knowledge_read_labels(&loading->file, i, 5, all[i].words);
    if (all[i].kind == FUNDING_LOAN && i + 1 < loading->count)
      rules_refuse(loading, i, "put it at the end", "a loan does not stand last");
  }
  if (loading->count) knowledge_index_names(&loading->file, 0, &names);
  loading->rules->fundings = all;
  loading->rules->funding_count = loading->count;
}

size_t funding_sources_count(const struct coverage_rules *rules)
{
  return rules->funding_count;
}

const struct funding_source *funding_sources_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->funding_count);
  return &rules->fundings[index];
}

const struct funding_source *funding_source_find(const struct coverage_rules *rules,
                                                 struct text name)
{
  for (size_t i = 0; i < rules->funding_count; i++)
    if (text_equal(rules->fundings[i].name, name)) return &rules->fundings[i];
  return NULL;
}

/* --- A loan ---------------------------------------------------------------------------------- */

/* Hundredths of a percent in all, times the months of a year. */
enum { RATE_WHOLE = 10000 * 12, RATE_MOST = 40000, MONTHS_MOST = 360 };

/* Pay it off; answers false when the last month leaves something. `*paid` is the sum. */
static bool pay_off(const struct loan *loan, int64_t payment, int64_t *paid)
{
  int64_t left = loan->amount;
  *paid = 0;
  for (int64_t month = 0; month < loan->months && left > 0; month++) {
    left += (left * loan->rate + RATE_WHOLE / 2) / RATE_WHOLE;
    int64_t part = payment < left ? payment : left;
    *paid += part;
    left -= part;
  }
  return left == 0;
}

bool loan_cost_find(const struct loan *loan, struct loan_cost *out, struct error *error)
{
  int64_t paid = 0;
  if (loan->amount < 1 || loan->amount > LIMIT_COVERAGE_PRICE || loan->rate < 0 ||
      loan->rate > RATE_MOST || loan->months < 1 || loan->months > MONTHS_MOST || loan->fee < 0 ||
      loan->fee > LIMIT_COVERAGE_PRICE)
    return error_set(error, ERROR_REFUSED, "error.coverage.loan", "", "a loan out of range");
  /* The least payment that ends it: between nothing and all at once with a month's interest. */
  int64_t too_little = 0, enough = 2 * loan->amount;
  while (enough - too_little > 1) {
    int64_t middle = too_little + (enough - too_little) / 2;
    if (pay_off(loan, middle, &paid)) enough = middle;
    else too_little = middle;
  }
  (void)pay_off(loan, enough, &paid);
  *out = (struct loan_cost){enough, paid + loan->fee, paid + loan->fee - loan->amount};
  return true;
}
