/*
 * code: the room's lists of knowledge/: what a field may say.
 *
 * Every list is one CSV file whose first column is the code; the words for people stand in the
 * catalog under "<list>.<code>". Loading refuses a repeated code, one without words, a row without
 * a source. Immutable after loading; any thread may read.
 */
#ifndef FAIRLEAD_CARE_CODE_H
#define FAIRLEAD_CARE_CODE_H

#include "privacy/privacy.h"

/* In the order of the table in code.c, which names the files. */
enum care_list {
  CARE_PROGRAM_KINDS,
  CARE_PROGRAM_SETTINGS,
  CARE_UNIT_KINDS,
  CARE_LEVELS,
  CARE_PROFESSIONS,
  CARE_TEAM_ROLES,
  CARE_SPOKEN,
  CARE_SEXES,
  CARE_GENDER_IDENTITIES,
  CARE_PRONOUNS,
  CARE_PHONE_USES,
  CARE_RELATIONSHIPS,
  CARE_IDENTIFIER_KINDS,
  CARE_EPISODE_STATUSES,
  CARE_END_REASONS,
  CARE_REFERRAL_SOURCES,
  CARE_SERVICE_KINDS,
  CARE_FACT_KINDS,
  CARE_CORRECTION_REASONS,
  CARE_STATES,
  CARE_FILE_KINDS,
  CARE_FILE_REASONS,
  CARE_LISTS
};

struct care; /* the lists, weights and retention rules; with privacy behind it */

/* Load the room's knowledge from share/knowledge. Borrows privacy, whose catalog must have a word
 * for every code. */
bool care_open(struct care **out, const char *share_folder, struct privacy *privacy,
               struct error *error);
void care_close(struct care *care);
struct privacy *care_privacy(const struct care *care);

size_t care_code_count(const struct care *care, enum care_list list);
struct text care_code(const struct care *care, enum care_list list, size_t index);
bool care_code_find(const struct care *care, enum care_list list, struct text code, size_t *index);
bool care_code_is(const struct care *care, enum care_list list, struct text code);
/* A further column of the code's row; it must be one of the list's. */
struct text care_code_cell(const struct care *care, enum care_list list, size_t index,
                           const char *column);
/* The words for a code, in a language of the catalog; the code itself when there is none such. */
struct text care_code_label(const struct care *care, enum care_list list, struct text code,
                            size_t language);
/* The list's own name: the file's, without ".csv". */
const char *care_list_name(enum care_list list);

/* What is wrong with a field of a form, in the form's order. */
struct field_problem {
  const char *field;   /* "name.given", "license_expires_on" */
  const char *message; /* a catalog key: error.care.… */
};
/* Problems as they are found; at most FIELD_PROBLEMS are kept. */
enum { FIELD_PROBLEMS = 64 };
struct field_problems {
  struct field_problem items[FIELD_PROBLEMS];
  size_t count;
};
void field_problem_add(struct field_problems *problems, const char *field, const char *message);

#endif
