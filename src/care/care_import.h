/*
 * care_import: people and staff from another system's CSV file.
 *
 * Columns are found by the names of import-columns.csv, values by the codes of their list, their
 * words in every language, and import-values.csv. Every row has an id of its own in the other
 * system: a row that stands already changes its record when it says something else than last time
 * (an empty cell leaves what stands), and nothing when it says the same. So a run that was cut off
 * is run again. Rows with a problem are refused, one by one; the others are taken. No text of a
 * report holds what a cell says.
 * Threads: a run belongs to one.
 */
#ifndef FAIRLEAD_CARE_CARE_IMPORT_H
#define FAIRLEAD_CARE_CARE_IMPORT_H

#include "care/person.h"

enum care_import_what { CARE_IMPORT_PEOPLE, CARE_IMPORT_STAFF };

struct care_import {
  struct store *store;
  const struct care *care;
  struct actor *actor; /* (person, import) or (staff, write), for its program */
  enum care_import_what what;
  bool is_dry_run; /* look, change nothing but the audit */
  int64_t now;
  void (*progress)(void *context, int64_t done, int64_t total); /* rows; or NULL */
  void *context;
};

struct care_import_problem {
  int64_t line;            /* on which the row begins, from 1 */
  struct text field;       /* the column, as the file calls it */
  const char *what, *mend; /* catalog keys */
};
/* A row that may be somebody who is there already. */
struct care_import_alike {
  int64_t line, other_line; /* other_line: a row above it; 0: the record `person_id` */
  struct text person_id;
  struct text reasons; /* names of duplicate-weights.csv with spaces between */
  int64_t weight;
};
struct care_import_report {
  bool is_refused; /* the whole file: no row was looked at */
  int64_t rows, fresh, changed, unchanged, refused;
  struct care_import_problem *problems; /* at most LIMIT_IMPORT_PROBLEMS */
  size_t problem_count, problem_total;
  struct care_import_alike *alike; /* likely the same: of a dry run; else see duplicate_list() */
  size_t alike_count, alike_total; /* at most LIMIT_IMPORT_PROBLEMS */
  struct text *unread;             /* columns that nothing is read of */
  size_t unread_count;
};

/* Take a file, or only look at it. In batches, each whole or not at all; on false those before the
 * failure stand. A file that is no CSV, or too large, is refused before the first row is taken. */
bool care_import_run(const struct care_import *import, struct arena *arena, struct text document,
                     struct care_import_report *report, struct error *error);

#endif
