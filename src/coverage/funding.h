/*
 * funding: what may pay for a bed or a stay, in the order in which to ask, and what a loan costs in
 * all. A loan stands last, and never without its cost. Pure; any thread.
 * Source: knowledge/funding-sources.csv.
 */
#ifndef FAIRLEAD_COVERAGE_FUNDING_H
#define FAIRLEAD_COVERAGE_FUNDING_H

#include "coverage/rules.h"

enum funding_kind {
  FUNDING_PLAN,   /* somebody's plan pays */
  FUNDING_PUBLIC, /* public money */
  FUNDING_GIFT,   /* given: a scholarship bed, a local fund */
  FUNDING_OWN,    /* the person's own money */
  FUNDING_LOAN    /* borrowed */
};
struct funding_source {
  struct text name, label[COVERAGE_LANGUAGES], words[COVERAGE_LANGUAGES];
  enum funding_kind kind;
  bool is_counted; /* beds of it are a number that the program keeps */
  struct coverage_basis basis;
};
/* In the order in which to ask. */
size_t funding_sources_count(const struct coverage_rules *rules);
const struct funding_source *funding_sources_get(const struct coverage_rules *rules, size_t index);
const struct funding_source *funding_source_find(const struct coverage_rules *rules,
                                                 struct text name);

struct loan {
  int64_t amount; /* cents that are borrowed */
  int64_t rate;   /* a year, in hundredths of a percent */
  int64_t months; /* of equal payments */
  int64_t fee;    /* cents that are asked beside it */
};
struct loan_cost {
  int64_t payment; /* cents a month; the last one may be less */
  int64_t total;   /* all payments and the fee */
  int64_t extra;   /* of it, what goes beyond the amount */
};
/* Reckon month by month: interest is a twelfth of the rate on what is left, rounded to the cent;
 * the payment is the least whole cent that ends it in time. Refuses what is out of range
 * (`error.coverage.loan`): 1 to LIMIT_COVERAGE_PRICE cents, 0 to 400 %, 1 to 360 months. */
bool loan_cost_find(const struct loan *loan, struct loan_cost *out, struct error *error);

#endif
