/*
 * sliding_fee: see sliding_fee.h.
 */
#include "coverage/sliding_fee.h"

#include <assert.h>

#include "coverage/rules_private.h"

/* --- The guideline --------------------------------------------------------------------------- */

size_t income_periods_count(const struct coverage_rules *rules)
{
  return rules->period_count;
}

const struct income_period *income_periods_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->period_count);
  return &rules->periods[index];
}

const struct income_period *income_period_find(const struct coverage_rules *rules, struct text name)
{
  for (size_t i = 0; i < rules->period_count; i++)
    if (text_equal(rules->periods[i].name, name)) return &rules->periods[i];
  return NULL;
}

size_t poverty_guidelines_count(const struct coverage_rules *rules)
{
  return rules->guideline_count;
}

const struct poverty_guideline *poverty_guidelines_get(const struct coverage_rules *rules,
                                                       size_t index)
{
  assert(index < rules->guideline_count);
  return &rules->guidelines[index];
}

/* Is `standing` a better answer than `best`? What holds wins, then what ended last. */
static bool is_better(enum coverage_standing standing, const struct coverage_term *term,
                      enum coverage_standing best, const struct coverage_term *best_term)
{
  if (standing != best) return standing < best || best == COVERAGE_MISSING;
  return standing == COVERAGE_EXPIRED ? term->last > best_term->last
                                      : term->first > best_term->first;
}

enum coverage_standing poverty_guideline_find(const struct coverage_rules *rules, struct text state,
                                              int64_t day, const struct poverty_guideline **out)
{
  enum coverage_standing best = COVERAGE_MISSING;
  const struct poverty_guideline *found = NULL;
  for (size_t i = 0; i < rules->guideline_count; i++) {
    const struct poverty_guideline *one = &rules->guidelines[i];
    if (!rules_states_have(rules, &one->states, state, one->term.first)) continue;
    enum coverage_standing standing = coverage_term_standing(&one->term, day);
    if (found && !is_better(standing, &one->term, best, &found->term)) continue;
    best = standing;
    found = one;
  }
  if (best == COVERAGE_HOLDS || best == COVERAGE_EXPIRED) *out = found;
  return best;
}

int64_t poverty_line(const struct poverty_guideline *guideline, int64_t household)
{
  assert(household >= 1 && household <= LIMIT_COVERAGE_HOUSEHOLD);
  return guideline->first + (household - 1) * guideline->each_more;
}

int64_t poverty_percent(int64_t income_a_year, int64_t line)
{
  assert(line > 0);
  if (income_a_year <= 0) return 0;
  return (100 * income_a_year + line - 1) / line;
}

/* --- Schedules ------------------------------------------------------------------------------- */

const char *fee_fault_message(enum fee_fault fault)
{
  static const char *const keys[] = {[FEE_SOUND] = "coverage.fee_sound",
                                     [FEE_GAP] = "error.coverage.fee_gap",
                                     [FEE_FALLS] = "error.coverage.fee_falls",
                                     [FEE_AMOUNT] = "error.coverage.fee_amount",
                                     [FEE_NO_DISCOUNT] = "error.coverage.fee_no_discount",
                                     [FEE_LATE_DISCOUNT] = "error.coverage.fee_late_discount",
                                     [FEE_FEW_BANDS] = "error.coverage.fee_few_bands"};
  return keys[fault];
}

/* Do the bands follow each other without a gap, each with an amount that can be paid? */
static enum fee_fault check_shape(const struct fee_schedule *schedule, size_t *at)
{
  int64_t end = 0;
  for (size_t i = 0; i < schedule->band_count; i++) {
    const struct fee_band *band = &schedule->bands[i], *before = i ? band - 1 : NULL;
    *at = i;
    if (band->above != end || band->to <= band->above) return FEE_GAP;
    if (band->amount < 0 || (band->kind == FEE_SHARE && band->amount > 100)) return FEE_AMOUNT;
    if (before && (band->kind < before->kind ||
                   (band->kind == before->kind && band->amount < before->amount)))
      return FEE_FALLS;
    end = band->to;
  }
  return end == FEE_NO_END ? FEE_SOUND : FEE_GAP;
}

enum fee_fault fee_schedule_check(const struct coverage_rules *rules,
                                  const struct fee_schedule *schedule, size_t *band)
{
  size_t at = 0;
  int64_t between = 0;
  enum fee_fault fault = check_shape(schedule, &at);
  for (size_t i = 0; fault == FEE_SOUND && i < schedule->band_count; i++) {
    const struct fee_band *one = &schedule->bands[i];
    bool is_full = one->kind == FEE_SHARE && one->amount == 100;
    at = i;
    if (one->above < rules->full_discount_to && one->kind != FEE_FLAT) fault = FEE_NO_DISCOUNT;
    else if (one->to > rules->no_discount_above && !is_full) fault = FEE_LATE_DISCOUNT;
    between += one->above >= rules->full_discount_to && !is_full;
  }
  if (fault == FEE_SOUND && between < rules->least_between) fault = FEE_FEW_BANDS;
  if (fault != FEE_SOUND) *band = at;
  return fault;
}

enum coverage_standing fee_schedule_find(const struct fee_schedule *versions, size_t count,
                                         int64_t day, const struct fee_schedule **out)
{
  enum coverage_standing best = COVERAGE_MISSING;
  const struct fee_schedule *found = NULL;
  for (size_t i = 0; i < count; i++) {
    enum coverage_standing standing = coverage_term_standing(&versions[i].term, day);
    if (found && !is_better(standing, &versions[i].term, best, &found->term)) continue;
    best = standing;
    found = &versions[i];
  }
  if (best == COVERAGE_HOLDS || best == COVERAGE_EXPIRED) *out = found;
  return best;
}

enum coverage_standing fee_schedule_default(const struct coverage_rules *rules, int64_t day,
                                            const struct fee_schedule **out)
{
  return fee_schedule_find(rules->schedules, rules->schedule_count, day, out);
}

const struct fee_band *fee_band_find(const struct fee_schedule *schedule, int64_t percent)
{
  for (size_t i = 0; i < schedule->band_count; i++)
    if (percent <= schedule->bands[i].to) return &schedule->bands[i];
  return NULL; /* GCOVR_EXCL_LINE: the last band of a checked schedule has no end */
}

int64_t fee_band_price(const struct fee_band *band, int64_t price)
{
  if (band->kind == FEE_SHARE) return price / 100 * band->amount + price % 100 * band->amount / 100;
  return band->amount < price ? band->amount : price;
}

/* --- The answer ------------------------------------------------------------------------------ */

static bool question_check(const struct fee_question *question, struct error *error)
{
  if (question->household < 1 || question->household > LIMIT_COVERAGE_HOUSEHOLD)
    return error_set(error, ERROR_REFUSED, "error.coverage.household", "",
                     "a household of %lld, at most %d", (long long)question->household,
                     LIMIT_COVERAGE_HOUSEHOLD);
  if (question->income < 0 ||
      question->income > LIMIT_COVERAGE_INCOME / question->period->times_a_year)
    return error_set(error, ERROR_REFUSED, "error.coverage.income", "", "an income out of range");
  return true;
}

bool fee_answer_find(const struct coverage_rules *rules, const struct fee_schedule *versions,
                     size_t count, const struct fee_question *question, struct fee_answer *out,
                     struct error *error)
{
  if (!question_check(question, error)) return false;
  struct fee_answer answer = {.income_a_year = question->income * question->period->times_a_year};
  answer.guideline_standing =
      poverty_guideline_find(rules, question->state, question->day, &answer.guideline);
  if (count == 0) {
    versions = rules->schedules;
    count = rules->schedule_count;
  }
  answer.schedule_standing = fee_schedule_find(versions, count, question->day, &answer.schedule);
  if (answer.guideline_standing == COVERAGE_HOLDS) {
    answer.line = poverty_line(answer.guideline, question->household);
    answer.percent = poverty_percent(answer.income_a_year, answer.line);
    if (answer.schedule_standing == COVERAGE_HOLDS)
      answer.band = fee_band_find(answer.schedule, answer.percent);
  }
  *out = answer;
  return true;
}
