/*
 * sliding_fee: from income, household, state and day to a percent of the poverty guideline, and to
 * a band of a schedule. Pure; any thread.
 *
 * A schedule is a program's own and has versions with dates; knowledge/fee-schedules.csv holds an
 * example that nobody has signed. Only income and household count: nothing else is asked.
 * Source: knowledge/{poverty-guideline,income-periods,state-groups,fee-schedules,fee-rules}.csv.
 */
#ifndef FAIRLEAD_COVERAGE_SLIDING_FEE_H
#define FAIRLEAD_COVERAGE_SLIDING_FEE_H

#include "coverage/rules.h"

/* One year's guideline of one region. */
struct poverty_guideline {
  int64_t year;
  struct text region, label[COVERAGE_LANGUAGES];
  struct coverage_words states; /* codes, or groups of state-groups.csv */
  int64_t first, each_more;     /* cents a year: for one person, for each further one */
  struct coverage_term term;
  struct coverage_basis basis;
};

/* How often an income comes. */
struct income_period {
  struct text name, label[COVERAGE_LANGUAGES];
  int64_t times_a_year;
  struct coverage_basis basis;
};

enum fee_kind {
  FEE_FLAT, /* `amount` cents a visit or day, whatever the price, and never more than it */
  FEE_SHARE /* `amount` percent of the price */
};
#define FEE_NO_END INT64_MAX
struct fee_band {
  struct text name, label[COVERAGE_LANGUAGES];
  int64_t above, to; /* percent of the guideline: above < percent <= to; 0 stands in the first */
  enum fee_kind kind;
  int64_t amount;
};
struct fee_schedule {
  struct text name;
  struct coverage_term term;
  const struct fee_band *bands; /* in order */
  size_t band_count;
  struct coverage_basis basis;
};

size_t income_periods_count(const struct coverage_rules *rules);
const struct income_period *income_periods_get(const struct coverage_rules *rules, size_t index);
const struct income_period *income_period_find(const struct coverage_rules *rules,
                                               struct text name);
size_t poverty_guidelines_count(const struct coverage_rules *rules);
const struct poverty_guideline *poverty_guidelines_get(const struct coverage_rules *rules,
                                                       size_t index);

/* The guideline of a state (two letters) on a day. COVERAGE_HOLDS sets `*out`; COVERAGE_EXPIRED
 * sets it to the one that ended last, to be named and not used; COVERAGE_MISSING: the region has
 * none (the guideline leaves out some territories). */
enum coverage_standing poverty_guideline_find(const struct coverage_rules *rules, struct text state,
                                              int64_t day, const struct poverty_guideline **out);
/* Cents a year for a household of 1 to LIMIT_COVERAGE_HOUSEHOLD. */
int64_t poverty_line(const struct poverty_guideline *guideline, int64_t household);
/* 100 * income / line, a begun percent counted whole; so "at most 138 %" holds by it exactly when
 * it holds of the money. Incomes from 0 to LIMIT_COVERAGE_INCOME cents; below 0 counts as 0. */
int64_t poverty_percent(int64_t income_a_year, int64_t line);

/* What is wrong with a schedule. */
enum fee_fault {
  FEE_SOUND,
  FEE_GAP,           /* a band does not begin where the one before it ends, or the last one ends */
  FEE_FALLS,         /* a higher band pays less */
  FEE_AMOUNT,        /* a share over 100 %, or an amount below 0 */
  FEE_NO_DISCOUNT,   /* up to the line: more than a flat fee */
  FEE_LATE_DISCOUNT, /* a discount above where none may be */
  FEE_FEW_BANDS      /* too few bands between */
};
/* Check a schedule against knowledge/fee-rules.csv (what a federally funded health center must do).
 * `*band` becomes the band at fault. */
enum fee_fault fee_schedule_check(const struct coverage_rules *rules,
                                  const struct fee_schedule *schedule, size_t *band);
/* The catalog key that says a fault. */
const char *fee_fault_message(enum fee_fault fault);

/* The example schedule on a day; standings as for the guideline. */
enum coverage_standing fee_schedule_default(const struct coverage_rules *rules, int64_t day,
                                            const struct fee_schedule **out);
/* The newest of a program's versions that holds on a day; standings as above. */
enum coverage_standing fee_schedule_find(const struct fee_schedule *versions, size_t count,
                                         int64_t day, const struct fee_schedule **out);
const struct fee_band *fee_band_find(const struct fee_schedule *schedule, int64_t percent);
/* What a person of the band pays of a price, in cents, a begun cent left to the person's good. */
int64_t fee_band_price(const struct fee_band *band, int64_t price);

struct fee_question {
  int64_t income; /* cents each period */
  const struct income_period *period;
  int64_t household; /* people, the one who asks included */
  struct text state;
  int64_t day;
};
struct fee_answer {
  int64_t income_a_year;
  enum coverage_standing guideline_standing;
  const struct poverty_guideline *guideline; /* or NULL */
  int64_t line, percent;                     /* when the guideline holds; else 0 */
  enum coverage_standing schedule_standing;
  const struct fee_schedule *schedule; /* or NULL */
  const struct fee_band *band;         /* NULL unless guideline and schedule hold */
};
/* Answer by the program's own `versions`, or by the example when `count` is 0. Refuses an income
 * or household past its limits. */
bool fee_answer_find(const struct coverage_rules *rules, const struct fee_schedule *versions,
                     size_t count, const struct fee_question *question, struct fee_answer *out,
                     struct error *error);

#endif
