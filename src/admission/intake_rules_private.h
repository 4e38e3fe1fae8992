/*
 * intake_rules_private: what the intake's rules hold. For intake_rules*.c alone.
 */
#ifndef FAIRLEAD_ADMISSION_INTAKE_RULES_PRIVATE_H
#define FAIRLEAD_ADMISSION_INTAKE_RULES_PRIVATE_H

#include "admission/intake_rules.h"
#include "directory/needs_file.h"

struct intake_rules {
  struct arena *arena;
  struct intake_item *items;
  size_t item_count;
  size_t *codes; /* the first row of each item */
  size_t code_count;
  struct intake_reason *reasons;
  size_t reason_count;
  struct belongings_state *states;
  size_t state_count;
  struct text *conditions;
  size_t condition_count;
  struct text *unsigned_reasons;
  size_t unsigned_count;
  struct restricted_item *restricted;
  size_t restricted_count;
  struct packing_item *packing;
  size_t packing_count;
  struct welcome_part *welcome;
  size_t welcome_count;
  struct level_fact *level_facts;
  size_t level_fact_count;
};

/* The word of a kind of evidence in intake-items.csv. */
const char *intake_evidence_name(enum intake_evidence_kind kind);

#endif
