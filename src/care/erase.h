/*
 * erase: how long a record must be kept, and erasing a person for good.
 *
 * retention.csv says for each state how many years, from what on, and how long for people who were
 * minors; the program's setting may be longer, never shorter; a state without a row takes the
 * longest. Erasing is ordered in one transaction and carried out by the clock "person.erase": first
 * the vault's list and key, then the rows. It is safe to do twice, and is done again after a
 * restore.
 */
#ifndef FAIRLEAD_CARE_ERASE_H
#define FAIRLEAD_CARE_ERASE_H

#include "care/person.h"

struct retention {
  struct text until;  /* YYYY-MM-DD: the last day it must be kept; "": it may not be said yet */
  struct text state;  /* whose rule */
  struct text source; /* of the rule */
  struct text today;  /* where the record was begun */
  bool is_open;       /* a stay has not ended */
};
/* Pure: the rule for a state, the last day of care, the birth date and the program's years. */
void retention_compute(const struct care *care, struct text state, struct text last_day,
                       struct text birth_date, int64_t program_years, struct retention *out,
                       char until[11]);
/* When may this person be erased? (person, erase) */
bool person_retention(struct store_transaction *transaction, const struct care *care,
                      const struct access *access, struct arena *arena, struct text person_id,
                      struct retention *out, struct error *error);
/* Order it, for the record and those merged into it. Refused before the retention date
 * ("error.care.erase.retention") and while a stay is open ("error.care.erase.open"). */
bool person_erase(struct store_transaction *transaction, const struct care *care,
                  const struct access *access, struct arena *arena, struct text person_id,
                  int64_t version, struct error *error);
/* Mark again whoever the vault's list names: after a restore, at every start. `*marked` counts rows
 * that were not. */
bool care_erase_again(struct care *care, struct store *store, int64_t now, int64_t *marked,
                      struct error *error);

#endif
