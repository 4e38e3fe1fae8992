/*
 * parity: whether a limit on treatment for substance use is stricter than the plan's medical limits
 * of the same class allow, and which law holds on a day. Pure; any thread. It helps to ask; a
 * lawyer or the state decides. Source:
 * knowledge/{parity-laws,parity-items,parity-classes,parity-rules}.csv.
 */
#ifndef FAIRLEAD_COVERAGE_PARITY_H
#define FAIRLEAD_COVERAGE_PARITY_H

#include "coverage/rules.h"

enum parity_kind { PARITY_FINANCIAL, PARITY_QUANTITY, PARITY_OTHER };
/* What a comparison sets side by side, in each class of benefits. */
struct parity_item {
  struct text name, label[COVERAGE_LANGUAGES], ask[COVERAGE_LANGUAGES];
  enum parity_kind kind;
  struct coverage_basis basis;
};
struct parity_law {
  struct text name, words[COVERAGE_LANGUAGES];
  bool is_enforced;
  struct coverage_term term;
  struct coverage_basis basis;
};
size_t parity_classes_count(const struct coverage_rules *rules);
const struct coverage_name *parity_classes_get(const struct coverage_rules *rules, size_t index);
size_t parity_items_count(const struct coverage_rules *rules);
const struct parity_item *parity_items_get(const struct coverage_rules *rules, size_t index);
size_t parity_laws_count(const struct coverage_rules *rules);
const struct parity_law *parity_laws_get(const struct coverage_rules *rules, size_t index);
/* How the law of that name stands on a day: its row that holds then. Past the last row's end:
 * COVERAGE_EXPIRED, and nothing may be said by it. */
enum coverage_standing parity_law_find(const struct coverage_rules *rules, struct text name,
                                       int64_t day, const struct parity_law **out);

#define PARITY_NO_LIMIT INT64_MIN /* benefits that the limit does not touch */
/* A level of a limit (cents, percent, days or visits), and what the plan is expected to pay a year
 * for the medical benefits of the class that have it. */
struct parity_level {
  int64_t level, payments;
};
enum parity_finding {
  PARITY_FITS,
  PARITY_NOT_ALLOWED, /* the limit touches too few medical benefits to stand at all */
  PARITY_TOO_STRICT,  /* stricter than the predominant level */
  PARITY_UNKNOWN      /* no payments are known */
};
/*
 * Compare the level of a financial or quantity limit on treatment for substance use
 * (PARITY_NO_LIMIT: none) with the medical levels of one class: the limit must touch substantially
 * all of them, and may not be stricter than the predominant level, which is found by adding up from
 * the strictest. `is_lower_stricter` for days and visits. Sorts `levels` in place. `*predominant`
 * is set when there is one (PARITY_FITS with a limit, PARITY_TOO_STRICT). Payments from 0 to
 * LIMIT_COVERAGE_INCOME each; at most LIMIT_COVERAGE_LEVELS levels.
 */
enum parity_finding parity_compare(const struct coverage_rules *rules, struct parity_level *levels,
                                   size_t count, bool is_lower_stricter, int64_t level,
                                   int64_t *predominant);

#endif
