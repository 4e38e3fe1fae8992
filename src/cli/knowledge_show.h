/*
 * fairlead knowledge show: one thing of the knowledge in full, as a value that is printed or
 * written.
 */
#ifndef FAIRLEAD_CLI_KNOWLEDGE_SHOW_H
#define FAIRLEAD_CLI_KNOWLEDGE_SHOW_H

#include "assessment/assessment.h"

/* An instrument: its items with what they allow, scales, bands with their conditions, triggers. */
struct value *knowledge_instrument_value(struct arena *arena, const struct instrument *instrument);

#endif
