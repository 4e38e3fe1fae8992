/*
 * What the database says of free places, for `fairlead find`: the search itself reads the snapshot
 * and never needs it. Where there is no database, or it does not answer, nothing is said of any
 * place, which is no "no".
 */
#ifndef FAIRLEAD_CLI_FIND_OPENINGS_H
#define FAIRLEAD_CLI_FIND_OPENINGS_H

#include "admission/admission.h"

struct find_openings {
  struct overlay *overlay; /* NULL: nothing is said */
  int64_t now;
  /* What its words need; NULL without an overlay. */
  struct privacy *privacy;
  struct care *care;
  struct beds *beds;
};

/* Read what is said at `now`. A failure is the log's alone. Borrows the catalog. */
void find_openings_load(struct find_openings *out, struct store *store, const char *share,
                        const struct catalog *catalog, int64_t now);
void find_openings_free(struct find_openings *openings);

#endif
