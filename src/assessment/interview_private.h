/*
 * The inside of `struct interview`, for the room's own files. All of it lives in one arena and is
 * immutable once loaded.
 */
#ifndef FAIRLEAD_ASSESSMENT_INTERVIEW_PRIVATE_H
#define FAIRLEAD_ASSESSMENT_INTERVIEW_PRIVATE_H

#include "assessment/expression.h"
#include "assessment/interview.h"

enum {
  QUESTION_AFTER = 4, /* questions that come before one (count) */
  ASSIGNMENTS = 4,    /* facts that one row sets (count) */
  ROWS_MAXIMUM = 256  /* rows of "What answers say" (count) */
};

/* "cows = 2; fluids_kept = yes" */
struct assignments {
  size_t fact[ASSIGNMENTS];
  double value[ASSIGNMENTS];
  size_t count;
};

/* A row of "What answers say". */
struct interview_row {
  size_t question;
  uint64_t with, without; /* bits of answers that are ticked, and that are not */
  bool by_sum;            /* of the instrument's items on the page, from `low` to `high` */
  double low, high;
  struct assignments sets;
};

/* What the public question does not tell. */
struct question_inside {
  size_t after[QUESTION_AFTER];
  bool given[QUESTION_AFTER]; /* it must have been answered */
  size_t after_count;
  uint64_t assumed_items;                 /* items that are taken as answered, */
  double assumed_value[INSTRUMENT_ITEMS]; /* with this value */
  bool sets[FACTS_MAXIMUM];
  uint64_t none; /* the bit of the answer `none`, or 0 */
};

struct clash {
  struct text id;
  struct condition condition;
  size_t questions[QUESTION_FACTS], question_count;
};

struct interview {
  struct arena *arena;
  const struct level_of_care *table;
  const struct instruments *instruments;
  struct question questions[QUESTIONS_MAXIMUM];
  struct question_inside insides[QUESTIONS_MAXIMUM];
  size_t question_count;
  struct interview_row rows[ROWS_MAXIMUM];
  size_t row_count;
  struct assignments safe[RULES_MAXIMUM]; /* by rule: what "we are safe" sets */
  struct clash clashes[INTERVIEW_CLASHES];
  size_t clash_count;
};

/* The answers to the instrument of a question that its earlier steps and `step` (or NULL) give. */
void interview_instrument_answers(const struct interview *interview,
                                  const struct interview_state *state,
                                  const struct interview_step *step, size_t question,
                                  struct instrument_answers *out);

#endif
