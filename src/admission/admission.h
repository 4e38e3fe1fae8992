/*
 * admission: how somebody gets in: requests, waiting lists, slots, beds, intake.
 *
 * This header is the room's table of contents; the rooms above come in here. A function that reads
 * or writes records takes a `const struct access *` (privacy/access.h). What is believed of order,
 * clocks and reasons is knowledge/, loaded by request_rules.h, intake_rules.h and bed.h. Sources:
 * docs/requests.md, docs/intake.md, docs/beds.md.
 */
#ifndef FAIRLEAD_ADMISSION_ADMISSION_H
#define FAIRLEAD_ADMISSION_ADMISSION_H

#include "admission/admit.h"          /* a person comes in: bed, stay, intake, request, once */
#include "admission/availability.h"   /* what the finder says of free places */
#include "admission/bed.h"            /* rooms and beds */
#include "admission/bed_use.h"        /* holds, stays, leaves, cleaning, blocks */
#include "admission/belongings.h"     /* what somebody brought; custody and signatures */
#include "admission/board.h"          /* states, counts, forecast, fit: pure */
#include "admission/board_load.h"     /* the board's values from the store */
#include "admission/board_strip.h"    /* a bed's line, cut into slots: pure */
#include "admission/board_watch.h"    /* whom a board that is watched has shown */
#include "admission/call.h"           /* calls, and who is called back */
#include "admission/front_door.h"     /* requests from outside; the operator's line */
#include "admission/intake.h"         /* what of an intake is done, due, late: pure */
#include "admission/intake_propose.h" /* what a record says to the level of care */
#include "admission/intake_record.h"  /* an intake as it is kept */
#include "admission/intake_rules.h"   /* what knowledge/ says of coming in */
#include "admission/packing.h"        /* what a program says itself to who comes */
#include "admission/request.h"        /* who asks for a place, and what becomes of it */
#include "admission/request_clock.h"  /* by when a request is answered: pure */
#include "admission/request_rules.h"  /* what knowledge/ says of requests and waiting lists */
#include "admission/slot.h"           /* places of care without a bed */
#include "admission/waitlist.h"       /* order, place, deadlines: pure */
#include "admission/waitlist_entry.h" /* people who wait, and whom a place is offered */
#include "admission/waitlist_pass.h"  /* a free bed goes to the next person */

#endif
