/*
 * The interview: which question comes next, and what its answers say about a person.
 *
 * Loaded from knowledge/interview.md (questions, answers, what an answer sets); docs/assessment.md
 * has the format. Words are in the catalog (locale/<language>/interview.csv). Immutable after
 * loading; any thread may read.
 *
 * Pure: steps in, facts and the next question out. What is asked, and when it is enough, is what
 * care_explain() says is still worth asking.
 */
#ifndef FAIRLEAD_ASSESSMENT_INTERVIEW_H
#define FAIRLEAD_ASSESSMENT_INTERVIEW_H

#include "assessment/instrument.h"
#include "assessment/level_of_care.h"

/* Who answers. */
enum choose_voice {
  CHOOSE_SELF,  /* the person */
  CHOOSE_OTHER, /* family or a friend, about the person */
  CHOOSE_STAFF  /* someone who works with the person, with full instruments */
};

#endif
