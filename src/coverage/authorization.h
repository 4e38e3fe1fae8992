/*
 * authorization: approved units and how they burn down, clocks of the law for decisions and
 * appeals, and what is still open after a denial. Pure; any thread.
 *
 * Delivered units come in as values: the caller reads them where they are kept (care).
 * Source: knowledge/{coverage-clocks,payer-kinds,denial-reasons,appeal-rights}.csv.
 */
#ifndef FAIRLEAD_COVERAGE_AUTHORIZATION_H
#define FAIRLEAD_COVERAGE_AUTHORIZATION_H

#include "coverage/rules.h"

size_t payer_kinds_count(const struct coverage_rules *rules);
const struct coverage_name *payer_kinds_get(const struct coverage_rules *rules, size_t index);
size_t denial_reasons_count(const struct coverage_rules *rules);
const struct coverage_name *denial_reasons_get(const struct coverage_rules *rules, size_t index);

/* --- Clocks ---------------------------------------------------------------------------------- */

enum clock_unit { CLOCK_HOURS, CLOCK_DAYS, CLOCK_MONTHS, CLOCK_UNITS };
struct coverage_clock {
  struct text name, label[COVERAGE_LANGUAGES];
  struct coverage_words payers; /* names of payer-kinds.csv */
  int64_t amount;
  enum clock_unit unit; /* days and months are those of the calendar */
  struct coverage_term term;
  struct coverage_basis basis;
};
/* The clock of a payer that holds on a day. COVERAGE_EXPIRED and COVERAGE_MISSING: there is none to
 * rely on, and `*out` stays as it is. */
enum coverage_standing coverage_clock_find(const struct coverage_rules *rules, struct text name,
                                           struct text payer, int64_t day,
                                           const struct coverage_clock **out);
/* The last day of a clock of days or months that began on a day. */
int64_t coverage_clock_last_day(const struct coverage_clock *clock, int64_t began);

/* When a plan must have decided. */
struct decision_due {
  enum coverage_standing standing;    /* COVERAGE_HOLDS, or there is no due */
  const struct coverage_clock *clock; /* or NULL */
  bool is_instant;                    /* `at` counts (microseconds UTC), else `last_day` */
  int64_t at, last_day;
};
/* `asked_at` in microseconds UTC; `asked_on` is its day where the program is. The clock is that of
 * the day of asking. */
struct decision_due decision_due_find(const struct coverage_rules *rules, struct text payer,
                                      bool is_urgent, int64_t asked_at, int64_t asked_on);
bool decision_is_late(const struct decision_due *due, int64_t now, int64_t today);

/* --- Units ----------------------------------------------------------------------------------- */

struct authorization {
  int64_t units;     /* approved: days, visits or hours, as the plan counts */
  int64_t from, to;  /* first and last day */
  int64_t review_on; /* the day on which the plan looks again; 0: none set */
};
struct delivered_units {
  int64_t day, units;
};
struct authorization_burn {
  int64_t used, left;  /* within the dates, of the units */
  int64_t over;        /* within the dates, past the units: nobody has approved them */
  int64_t outside;     /* on days before or after */
  int64_t runs_out_on; /* at one unit a day from the day after `today`: the last approved day;
                          before `today` when nothing is left */
  bool is_low;         /* no more is left than the alarm of knowledge/ asks */
  bool is_review_due;  /* its day has come, or it is low */
};
/* Delivered units in any order; those after `today` do not count. */
void authorization_burn_find(const struct coverage_rules *rules,
                             const struct authorization *authorization,
                             const struct delivered_units *delivered, size_t count, int64_t today,
                             struct authorization_burn *out);

/* --- Denials --------------------------------------------------------------------------------- */

enum appeal_step { APPEAL_INTERNAL, APPEAL_EXTERNAL, APPEAL_HEARING, APPEAL_STEPS };
struct denial {
  struct text payer, reason;      /* payer-kinds.csv, denial-reasons.csv */
  int64_t denied_on;              /* the day of the notice */
  int64_t taken_on[APPEAL_STEPS]; /* 0: not taken */
  int64_t internal_denied_on;     /* the plan said no again; 0: not */
};
enum appeal_state {
  APPEAL_OPEN,
  APPEAL_TAKEN,
  APPEAL_LATER,  /* comes after the plan's own answer */
  APPEAL_PASSED, /* the last day has gone */
  APPEAL_UNKNOWN /* no law is known to us for that payer and day */
};
struct appeal {
  enum appeal_state state;
  int64_t last_day;                   /* of APPEAL_OPEN and APPEAL_PASSED, and of what was taken */
  const struct coverage_clock *clock; /* or NULL */
};
/* How long a plan has to answer an appeal inside it that it got on a day: hours where it is urgent,
 * else days. */
enum coverage_standing appeal_answer_find(const struct coverage_rules *rules, struct text payer,
                                          bool is_urgent, int64_t day,
                                          const struct coverage_clock **out);
/* What somebody who appeals may rely on with a payer (appeal-rights.csv), in words. */
struct appeal_right {
  struct text name, words[COVERAGE_LANGUAGES];
  struct coverage_words payers;
  struct coverage_term term;
  struct coverage_basis basis;
};
size_t appeal_rights_count(const struct coverage_rules *rules);
const struct appeal_right *appeal_rights_get(const struct coverage_rules *rules, size_t index);
/* Does it hold with this payer on this day? */
bool appeal_right_holds(const struct appeal_right *right, struct text payer, int64_t day);
/* What may still be done about a denial on a day, by step. */
void denial_appeals_find(const struct coverage_rules *rules, const struct denial *denial,
                         int64_t today, struct appeal out[APPEAL_STEPS]);

#endif
