/*
 * clock: what somebody may see of the list of clocks (store/due.h).
 *
 * A clock about a person is shown to whom the access's scope reaches; one about nobody to who
 * reaches a site or the program, but a staff member's only where that staff member works, and to
 * the staff member. So no count and no line tells of people elsewhere. Threads: any.
 */
#ifndef FAIRLEAD_CARE_CLOCK_H
#define FAIRLEAD_CARE_CLOCK_H

#include "privacy/privacy.h"
#include "store/due.h"

/* (due, read): what is due until `until` in the access's program, earliest first, in the arena. */
bool care_clock_list(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, int64_t until, size_t limit, struct due_item **out,
                     size_t *count, struct error *error);
/* How many of those were due before `before`. */
bool care_clock_count_late(struct store_transaction *transaction, const struct access *access,
                           int64_t before, int64_t *out, struct error *error);

#endif
