/*
 * care_import: people and staff from a CSV file of another system.
 *
 * Columns are found by the names of import-columns.csv. A dry run lists every problem (line, field,
 * what, how to mend) and likely duplicates and changes nothing. The real run takes the same file in
 * batches, each whole; it may be stopped and run again: rows are known by the file's own id, and
 * one that did not change is left alone. A row with a problem is passed over and told.
 */
#ifndef FAIRLEAD_CARE_CARE_IMPORT_H
#define FAIRLEAD_CARE_CARE_IMPORT_H

#include "care/duplicate.h"
#include "care/staff.h"

enum care_import_what { CARE_IMPORT_PEOPLE, CARE_IMPORT_STAFF };

struct care_import_problem {
  int64_t line;          /* of the file, from 1 */
  struct text field;     /* the column's name in the file, or "" */
  const char *message;   /* a catalog key */
  const char *mend;      /* a catalog key */
  struct text person_id; /* a likely duplicate, or "" */
};
struct care_import_report {
  int64_t rows, fresh, changed, unchanged, refused, duplicates;
  const struct care_import_problem
      *problems; /* at most LIMIT_IMPORT_PROBLEMS, in the file's order */
  size_t problem_count;
  bool is_cut;                /* there are more */
  const struct text *unknown; /* columns that were not taken */
  size_t unknown_count;
};
struct care_import_options {
  struct text program_id;
  struct text site_id; /* of people's records; "" for none */
  bool is_dry_run;
  void (*progress)(void *context, int64_t rows);
  void *progress_context;
};
/* Read the whole of `document`. Opens its own transactions; the actor needs (person, import) or
 * (staff, write). Refuses a file without the columns it needs. Threads: any. */
bool care_import(const struct care *care, struct actor *actor, enum care_import_what what,
                 struct text document, const struct care_import_options *options,
                 struct arena *arena, int64_t now, struct care_import_report *out,
                 struct error *error);

#endif
