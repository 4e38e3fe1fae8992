/*
 * coverage: what pays for care, and what the person pays.
 *
 *   income, household, state ──sliding_fee──▶ percent of the guideline, band
 *   approved and delivered units, denials ──authorization──▶ what is left, due, and open
 *   a plan's answers, a planned stay ──benefits──▶ what the person would pay, what is unknown
 *   271 ──x12──▶ a plan's answers
 *   percent, state, situation ──paying──▶ ways to pay that may fit
 *
 * This header is the room's table of contents and its front door. The engines are pure: values in,
 * values out, with the day as an argument; what is believed comes from knowledge/. record.h keeps
 * what belongs to a person. docs/coverage.md tells the whole.
 */
#ifndef FAIRLEAD_COVERAGE_COVERAGE_H
#define FAIRLEAD_COVERAGE_COVERAGE_H

#include "coverage/authorization.h" /* approved units, clocks, denials and appeals */
#include "coverage/benefits.h"      /* what a plan says it pays, what the person would pay */
#include "coverage/funding.h"       /* what may pay for a bed or stay, what a loan costs */
#include "coverage/letter.h"        /* letters to a plan, as text and for a page */
#include "coverage/money.h"         /* dollars and cents, read and written */
#include "coverage/parity.h"      /* is a limit stricter than the medical ones? which law holds? */
#include "coverage/paying.h"      /* which ways to pay may fit a person */
#include "coverage/record.h"      /* what is kept of a person, and a program's own fees */
#include "coverage/rules.h"       /* what knowledge/ says, its dates and sources */
#include "coverage/sliding_fee.h" /* percent of the poverty guideline, bands of a schedule */
#include "coverage/x12.h"         /* 270 written, 271 read, as files */

#endif
