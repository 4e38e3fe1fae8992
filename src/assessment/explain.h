/*
 * What the two halves of care_explain() share: where every component stands now.
 */
#ifndef FAIRLEAD_ASSESSMENT_EXPLAIN_H
#define FAIRLEAD_ASSESSMENT_EXPLAIN_H

#include "assessment/level_of_care_private.h"

struct explanation {
  const struct level_of_care *table;
  const struct facts *facts; /* as known */
  struct facts assumed;      /* with what is assumed */
  bool require_signatures;
  uint16_t now[COMPONENTS_MAXIMUM]; /* standing of each component, unknown facts left so */
  struct care_outcome outcome;      /* of them all */
};

/* The standing of a component over values in which NAN is unknown. */
uint16_t explanation_standing(const struct explanation *explanation,
                              const struct component *component, const struct facts *values);
/* The joined standing of all components, but for one (COMPONENT_NONE: of all). */
uint16_t explanation_beside(const struct explanation *explanation, size_t component);

/* Fill changes and change_count. */
void explanation_find_changes(const struct explanation *explanation, struct care_explanation *out);

#endif
