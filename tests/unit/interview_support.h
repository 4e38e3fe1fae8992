/*
 * The real interview for unit tests. Include after cmocka.h, in one file of a program; run the
 * tests with interview_set_up() and interview_tear_down(), from the repository's root.
 */
#ifndef FAIRLEAD_TESTS_INTERVIEW_SUPPORT_H
#define FAIRLEAD_TESTS_INTERVIEW_SUPPORT_H

#include <math.h>
#include <string.h>

#include "assessment/interview_private.h"
#include "care_support.h"

static struct instruments *instruments;
static struct interview *interview;

static inline int interview_set_up(void **state)
{
  struct error error = {0};
  if (care_set_up(state) != 0) return 1;
  if (instruments_load(&instruments, "knowledge", &error) &&
      interview_load(&interview, "knowledge", table, instruments, &error))
    return 0;
  print_error("%s. %s\n", error.log, error.hint);
  return 1;
}

static inline int interview_tear_down(void **state)
{
  interview_free(interview);
  instruments_free(instruments);
  return care_tear_down(state);
}

#endif
