/*
 * assessment: instruments, level of care, and the interview that asks for both.
 *
 *   answers ──instrument──▶ scores ─┐
 *   interview ──────────────────────┴─▶ facts ──level of care──▶ result, reasons, what would change
 *
 * This header is the room's table of contents and its front door. Everything here is pure: values
 * in, values out; what is believed comes from knowledge/.
 */
#ifndef FAIRLEAD_ASSESSMENT_ASSESSMENT_H
#define FAIRLEAD_ASSESSMENT_ASSESSMENT_H

#include "assessment/instrument.h"    /* scales: answers in, scores out */
#include "assessment/interview.h"     /* which question comes next; answers to facts */
#include "assessment/level_of_care.h" /* facts in, level and reasons out; the proof */
#include "assessment/say.h"           /* a result in words: sentences, plain text */
#include "assessment/setting.h"       /* what each kind of care is like; the medicines */

#endif
