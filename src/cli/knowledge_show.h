/*
 * fairlead knowledge show: one thing of the knowledge in full, as a value that is printed or
 * written.
 */
#ifndef FAIRLEAD_CLI_KNOWLEDGE_SHOW_H
#define FAIRLEAD_CLI_KNOWLEDGE_SHOW_H

#include "assessment/assessment.h"

/* An instrument: its items with what they allow, scales, bands with their conditions, triggers. */
struct value *knowledge_instrument_value(struct arena *arena, const struct instrument *instrument);

/* The level-of-care table, a rule, a fact or a level of it. */
struct knowledge_care {
  struct arena *arena;
  const struct level_of_care *table;
  const struct catalog *catalog;
};
/* Add everything that bears the name to the list. */
void knowledge_care_find(const struct knowledge_care *care, struct text name, struct value *found);

#endif
