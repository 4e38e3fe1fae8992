/*
 * Conditions of the level-of-care table: compiled once, evaluated with Kleene's three values.
 *
 *   any = all ('or' all)*    all = not ('and' not)*    not = 'not' not | '(' any ')' | atom
 *   atom = FACT | FACT 'is' WORD | FACT ('>=' | '>' | '<=' | '<' | '=') NUMBER
 *
 * In "Aggregation" an atom is instead a level, a kind of level, `managed`, or an overlay that is
 * asked for; "Needs" also knows `level is`, `setting is`, `overlay is` and `fired RULE`.
 * A program is immutable; any thread may evaluate it.
 */
#ifndef FAIRLEAD_ASSESSMENT_EXPRESSION_H
#define FAIRLEAD_ASSESSMENT_EXPRESSION_H

#include "assessment/level_of_care.h"

enum truth { TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_TRUE };

enum condition_operation {
  CONDITION_YES,      /* fact `operand` is yes */
  CONDITION_WORD,     /* its word is number `number` of its list */
  CONDITION_AT_LEAST, /* its number compared with `number` */
  CONDITION_ABOVE,
  CONDITION_AT_MOST,
  CONDITION_BELOW,
  CONDITION_EQUAL,
  CONDITION_ASKED,         /* one of the levels in the bits `operand` is asked for */
  CONDITION_ASKED_OVERLAY, /* one of the overlays in the bits `operand` is */
  CONDITION_LEVEL,         /* the result's level is `operand` */
  CONDITION_SETTING,       /* the result's setting is */
  CONDITION_OVERLAY,       /* the result has the overlay */
  CONDITION_FIRED,         /* rule `operand` acts */
  CONDITION_NOT,
  CONDITION_AND, /* the upper two values become one */
  CONDITION_OR
};

struct condition_step {
  uint16_t operation, operand;
  double number;
};

/* No step at all: always true. */
struct condition {
  const struct condition_step *steps;
  size_t count;
};

/* Where a condition stands, and so what it may name. */
enum condition_scope { SCOPE_FACTS, SCOPE_AGGREGATION, SCOPE_RESULT };

/* Where and what went wrong: `column` counts characters of the condition from 1. */
struct condition_fault {
  size_t column;
  char what[LIMIT_ERROR_TEXT];
  const char *mend;
};

/* Compile. The names are those that the table holds so far. */
bool condition_compile(struct arena *arena, struct text source, enum condition_scope scope,
                       const struct level_of_care *table, struct condition *out,
                       struct condition_fault *fault);

/* What a condition is evaluated over. Parts that its scope does not name may be left out. */
struct condition_input {
  const double *value;              /* by fact; NAN: unknown */
  unsigned levels, overlays;        /* asked for, as bits */
  const struct care_result *result; /* of SCOPE_RESULT */
};
enum truth condition_find(const struct condition *condition, const struct condition_input *input);

/* Does the step name a fact? */
static inline bool condition_step_has_fact(struct condition_step step)
{
  return step.operation <= CONDITION_EQUAL;
}

#endif
