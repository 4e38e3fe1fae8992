/*
 * authorization: see authorization.h.
 */
#include "coverage/authorization.h"

#include <assert.h>

#include "coverage/rules_private.h"

/* --- Tables ---------------------------------------------------------------------------------- */

static const struct coverage_name *payer_find(const struct coverage_rules *rules, struct text name)
{
  for (size_t i = 0; i < rules->payer_count; i++)
    if (text_equal(rules->payers[i].name, name)) return &rules->payers[i];
  return NULL;
}

static void refuse_overlap(struct rules_loading *loading, const struct coverage_clock *all,
                           size_t row)
{
  for (size_t i = 0; i < row; i++)
    for (size_t j = 0; j < all[row].payers.count; j++)
      if (text_equal(all[i].name, all[row].name) &&
          coverage_words_have(&all[i].payers, all[row].payers.at[j]) &&
          all[i].term.first <= all[row].term.last && all[row].term.first <= all[i].term.last)
        rules_refuse(loading, row, "end the older one", "two clocks of a payer hold on one day");
}

/* The engine counts decisions in hours or days, appeals in days or months, the alarm in units. A
 * letter says an answer to an appeal in hours where it is urgent, else in days. */
static void refuse_unit(struct rules_loading *loading, const struct coverage_clock *clock,
                        size_t row)
{
  bool is_decision = text_starts_with(clock->name, TEXT("decision-"));
  bool is_alarm = text_equal(clock->name, TEXT("review-alarm"));
  bool is_answer = text_starts_with(clock->name, TEXT("decision-appeal"));
  bool is_urgent = text_ends_with(clock->name, TEXT("-urgent"));
  if ((is_answer && clock->unit != (is_urgent ? CLOCK_HOURS : CLOCK_DAYS)) ||
      (clock->unit == CLOCK_HOURS) > is_decision || (clock->unit == CLOCK_UNITS) != is_alarm)
    rules_refuse(loading, row, "see docs/coverage.md", "unit does not fit the clock");
}

static void load_clocks(struct rules_loading *loading)
{
  static const char *const units[] = {[CLOCK_HOURS] = "hours",
                                      [CLOCK_DAYS] = "days",
                                      [CLOCK_MONTHS] = "months",
                                      [CLOCK_UNITS] = "units",
                                      NULL};
  static const char *const columns[] = {"clock",    "payers",   "amount",    "unit",
                                        "label_en", "label_es", "effective", "expires",
                                        "source",   "grade",    "signed_by", NULL};
  struct coverage_clock *all = rules_begin(loading, "coverage-clocks.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct coverage_clock){.name = knowledge_read_name(&loading->file, i, 0),
                                     .payers = rules_words(loading, i, 1),
                                     .amount = rules_integer(loading, i, 2, 0, LIMIT_COVERAGE_DAYS),
                                     .unit = (enum clock_unit)rules_choice(loading, i, 3, units),
                                     .term = rules_term(loading, i, 6),
                                     .basis = rules_basis(loading, i, 8)};
    knowledge_read_labels(&loading->file, i, 4, all[i].label);
    for (size_t j = 0; j < all[i].payers.count; j++)
      if (!payer_find(loading->rules, all[i].payers.at[j]))
        rules_refuse(loading, i, "use one of payer-kinds.csv", "a payer is unknown");
    refuse_overlap(loading, all, i);
    refuse_unit(loading, &all[i], i);
  }
  loading->rules->clocks = all;
  loading->rules->clock_count = loading->count;
}

static void load_rights(struct rules_loading *loading)
{
  static const char *const columns[] = {"right",   "payers", "words_en", "words_es",  "effective",
                                        "expires", "source", "grade",    "signed_by", NULL};
  struct appeal_right *all = rules_begin(loading, "appeal-rights.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct appeal_right){.name = knowledge_read_name(&loading->file, i, 0),
                                   .payers = rules_words(loading, i, 1),
                                   .term = rules_term(loading, i, 4),
                                   .basis = rules_basis(loading, i, 6)};
    knowledge_read_labels(&loading->file, i, 2, all[i].words);
    for (size_t j = 0; j < all[i].payers.count; j++)
      if (!payer_find(loading->rules, all[i].payers.at[j]))
        rules_refuse(loading, i, "use one of payer-kinds.csv", "a payer is unknown");
  }
  loading->rules->rights = all;
  loading->rules->right_count = loading->count;
}

void rules_load_clocks(struct rules_loading *loading)
{
  loading->rules->payers = rules_load_names(loading, "payer-kinds.csv", "payer");
  loading->rules->payer_count = loading->count;
  loading->rules->reasons = rules_load_names(loading, "denial-reasons.csv", "reason");
  loading->rules->reason_count = loading->count;
  load_clocks(loading);
  load_rights(loading);
}

size_t payer_kinds_count(const struct coverage_rules *rules)
{
  return rules->payer_count;
}

const struct coverage_name *payer_kinds_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->payer_count);
  return &rules->payers[index];
}

size_t denial_reasons_count(const struct coverage_rules *rules)
{
  return rules->reason_count;
}

const struct coverage_name *denial_reasons_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->reason_count);
  return &rules->reasons[index];
}

/* --- Clocks ---------------------------------------------------------------------------------- */

enum coverage_standing coverage_clock_find(const struct coverage_rules *rules, struct text name,
                                           struct text payer, int64_t day,
                                           const struct coverage_clock **out)
{
  enum coverage_standing best = COVERAGE_MISSING;
  for (size_t i = 0; i < rules->clock_count; i++) {
    const struct coverage_clock *clock = &rules->clocks[i];
    if (!text_equal(clock->name, name) || !coverage_words_have(&clock->payers, payer)) continue;
    enum coverage_standing standing = coverage_term_standing(&clock->term, day);
    if (standing < best) best = standing;
    if (standing == COVERAGE_HOLDS) *out = clock;
  }
  return best;
}

int64_t coverage_clock_last_day(const struct coverage_clock *clock, int64_t began)
{
  assert(clock->unit == CLOCK_DAYS || clock->unit == CLOCK_MONTHS);
  return clock->unit == CLOCK_DAYS ? began + clock->amount
                                   : coverage_day_add_months(began, clock->amount);
}

struct decision_due decision_due_find(const struct coverage_rules *rules, struct text payer,
                                      bool is_urgent, int64_t asked_at, int64_t asked_on)
{
  const int64_t hour = INT64_C(3600000000);
  struct decision_due due = {.standing = COVERAGE_MISSING};
  struct text name = is_urgent ? TEXT("decision-urgent") : TEXT("decision-standard");
  due.standing = coverage_clock_find(rules, name, payer, asked_on, &due.clock);
  if (due.standing != COVERAGE_HOLDS) return due;
  due.is_instant = due.clock->unit == CLOCK_HOURS;
  if (due.is_instant) due.at = asked_at + due.clock->amount * hour;
  else due.last_day = coverage_clock_last_day(due.clock, asked_on);
  return due;
}

bool decision_is_late(const struct decision_due *due, int64_t now, int64_t today)
{
  if (due->standing != COVERAGE_HOLDS) return false;
  return due->is_instant ? now > due->at : today > due->last_day;
}

enum coverage_standing appeal_answer_find(const struct coverage_rules *rules, struct text payer,
                                          bool is_urgent, int64_t day,
                                          const struct coverage_clock **out)
{
  struct text name = is_urgent ? TEXT("decision-appeal-urgent") : TEXT("decision-appeal");
  return coverage_clock_find(rules, name, payer, day, out);
}

size_t appeal_rights_count(const struct coverage_rules *rules)
{
  return rules->right_count;
}

const struct appeal_right *appeal_rights_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->right_count);
  return &rules->rights[index];
}

bool appeal_right_holds(const struct appeal_right *right, struct text payer, int64_t day)
{
  return coverage_words_have(&right->payers, payer) &&
         coverage_term_standing(&right->term, day) == COVERAGE_HOLDS;
}

/* --- Units ----------------------------------------------------------------------------------- */

void authorization_burn_find(const struct coverage_rules *rules,
                             const struct authorization *authorization,
                             const struct delivered_units *delivered, size_t count, int64_t today,
                             struct authorization_burn *out)
{
  struct authorization_burn burn = {0};
  const struct coverage_clock *alarm = NULL;
  int64_t within = 0;
  for (size_t i = 0; i < count; i++) {
    bool is_within =
        delivered[i].day >= authorization->from && delivered[i].day <= authorization->to;
    if (delivered[i].day > today) continue;
    if (is_within) within += delivered[i].units;
    else burn.outside += delivered[i].units;
  }
  burn.used = within < authorization->units ? within : authorization->units;
  burn.left = authorization->units - burn.used;
  burn.over = within - burn.used;
  int64_t next = today + 1 > authorization->from ? today + 1 : authorization->from;
  burn.runs_out_on = next + burn.left - 1;
  if (burn.left == 0) burn.runs_out_on = today - 1;
  else if (burn.runs_out_on > authorization->to) burn.runs_out_on = authorization->to;
  coverage_clock_find(rules, TEXT("review-alarm"), TEXT(""), today, &alarm);
  if (alarm) burn.is_low = burn.runs_out_on - today <= alarm->amount;
  burn.is_review_due =
      burn.is_low || (authorization->review_on && today >= authorization->review_on);
  *out = burn;
}

/* --- Denials --------------------------------------------------------------------------------- */

void denial_appeals_find(const struct coverage_rules *rules, const struct denial *denial,
                         int64_t today, struct appeal out[APPEAL_STEPS])
{
  const struct {
    struct text clock;
    int64_t began; /* 0: not yet */
  } steps[APPEAL_STEPS] = {
      [APPEAL_INTERNAL] = {TEXT("appeal-internal"), denial->denied_on},
      [APPEAL_EXTERNAL] = {TEXT("appeal-external"), denial->internal_denied_on},
      [APPEAL_HEARING] = {TEXT("appeal-hearing"), denial->internal_denied_on}};
  for (size_t i = 0; i < APPEAL_STEPS; i++) {
    struct appeal appeal = {.state = APPEAL_UNKNOWN};
    int64_t began = steps[i].began;
    enum coverage_standing standing = coverage_clock_find(rules, steps[i].clock, denial->payer,
                                                          began ? began : today, &appeal.clock);
    /* Where a plan has no step of its own before a hearing, it counts from the first notice. */
    const struct coverage_clock *inner = NULL;
    if (i == APPEAL_HEARING && !began &&
        coverage_clock_find(rules, steps[APPEAL_INTERNAL].clock, denial->payer, denial->denied_on,
                            &inner) == COVERAGE_MISSING)
      began = denial->denied_on;
    if (standing == COVERAGE_HOLDS) {
      if (began) appeal.last_day = coverage_clock_last_day(appeal.clock, began);
      appeal.state = denial->taken_on[i]        ? APPEAL_TAKEN
                     : !began                   ? APPEAL_LATER
                     : today <= appeal.last_day ? APPEAL_OPEN
                                                : APPEAL_PASSED;
    }
    out[i] = appeal;
  }
}
