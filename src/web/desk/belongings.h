/*
 * belongings: what the pages about somebody's things share: the stay they came with, the list, its
 * signatures. Private to desk. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_BELONGINGS_H
#define FAIRLEAD_WEB_DESK_BELONGINGS_H

#include "admission/admission.h"
#include "web/desk/about.h"

struct desk_things {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  struct intake *intakes; /* the newest first */
  size_t intake_count;
  const struct intake *intake; /* the one that is shown, or NULL: none has begun */
  struct belonging *rows;
  size_t row_count;
  struct belongings_signing signing; /* the last one */
  bool is_signed, is_current;
};
/* Open (belongings, act) of the page's person and load the list of the stay that the parameter
 * "intake" names, else of the newest. Refuses one that is not the person's. */
bool desk_things_load(struct store_transaction *transaction, struct desk_things *things,
                      const char *act, struct error *error);
/* Fill page.stays, page.intake, page.rows, page.counts and what the frame of a person needs. */
void desk_things_fill(const struct desk_things *things);
/* Words of a list of intake.csv, "<list>.<code><after>"; the code itself when there are none. */
struct text desk_things_word(const struct web_request *request, const char *list, struct text code,
                             const char *after);
/* A role that signed, in words. */
struct text desk_signer_role(const struct web_request *request, struct text role);

#endif
