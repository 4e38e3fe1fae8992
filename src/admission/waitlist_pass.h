/*
 * waitlist_pass: a bed that somebody no longer needs goes to the next person of its list.
 *
 * A hold that was given back or ran out puts its request back on the list, where it stood, and the
 * bed is held for the next who waits, by the same kind of hold, in the same transaction. A bed that
 * is not for everybody is held for nobody by itself: whoever looks after the next person is told,
 * and decides whether it fits.
 */
#ifndef FAIRLEAD_ADMISSION_WAITLIST_PASS_H
#define FAIRLEAD_ADMISSION_WAITLIST_PASS_H

#include "admission/bed_use.h"
#include "admission/request.h"

/* Register with the beds, before the first act. Both must outlive each other's use. */
void waitlist_pass_register(struct requests *requests, struct beds *beds);

#endif
