/*
 * admission: how somebody gets in: requests, waiting lists, slots, beds, intake.
 *
 * This header is the room's table of contents; the rooms above come in here. A function that reads
 * or writes records takes a `const struct access *` (privacy/access.h). What is believed of order,
 * clocks and reasons is knowledge/, loaded by request_rules.h and intake_rules.h. Sources:
 * docs/requests.md, docs/intake.md.
 */
#ifndef FAIRLEAD_ADMISSION_ADMISSION_H
#define FAIRLEAD_ADMISSION_ADMISSION_H

#include "admission/intake.h"        /* what of an intake is done, due, late: pure */
#include "admission/intake_rules.h"  /* what knowledge/ says of coming in */
#include "admission/request_clock.h" /* by when a request is answered: pure */
#include "admission/request_rules.h" /* what knowledge/ says of requests and waiting lists */
#include "admission/waitlist.h"      /* order, place, deadlines: pure */

#endif
