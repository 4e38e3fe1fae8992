/*
 * admit: the one act by which a person comes in. In one transaction: the bed that was held, or one
 * that is free, is theirs; the stay goes on; the intake says when; the request that led here has
 * its outcome. Nothing of it is done alone, and a second time changes nothing.
 *
 * Who waited is admitted by their turn: a request that was offered nothing yet is offered this
 * place here, which is refused while somebody stands before without a reason of fit
 * (waitlist_entry.h). A request that nobody answered yet is refused, unless the admission is told
 * to accept it first: whoever walks in is answered and admitted at once, in the same order.
 */
#ifndef FAIRLEAD_ADMISSION_ADMIT_H
#define FAIRLEAD_ADMISSION_ADMIT_H

#include "admission/bed_use.h"
#include "admission/intake_record.h"
#include "admission/request.h"

struct admission_rooms {
  const struct intakes *intakes;
  const struct beds *beds;
  const struct requests *requests;
};
/* All for one person. */
struct admission_access {
  const struct access *intake;  /* (intake, write) */
  const struct access *stay;    /* (episode, write) */
  const struct access *board;   /* (bed-board, write); NULL: no bed is taken */
  const struct access *request; /* (request, write); NULL: there is no request */
};
struct admission {
  struct text intake_id;
  struct text hold_id; /* the hold that becomes the stay, with its version; or "" */
  int64_t hold_version;
  struct text bed_id; /* without a hold: which bed; "": none */
  struct text placed_as;
  struct text request_id; /* with its version; or "" */
  int64_t request_version;
  bool accepts;       /* a request that nobody answered is accepted here */
  int64_t at;         /* when they came, not in the future */
  struct text use_id; /* set: the use of the bed, or "" */
  bool was_admitted;  /* set: it had been done before, and nothing was changed */
};
/* Refuses what bed_arrive(), intake_admit(), waitlist_offer() and waitlist_admit() refuse, and a
 * request that nobody answered and that is not accepted here ("error.request.step"). */
bool admission_admit(struct store_transaction *transaction, const struct admission_rooms *rooms,
                     const struct admission_access *access, struct arena *arena,
                     struct admission *admission, struct error *error);

#endif
