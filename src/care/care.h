/*
 * care: who is cared for, where, by whom, and what was done: programs, sites, units, staff, people,
 * episodes, delivered days and services, dated facts. What an earlier room needs of a later one is
 * kept here, as a fact with its source.
 *
 * This header is the room's table of contents; the rooms above come in here. A function that reads
 * or writes records takes a `const struct access *` that was opened for its object and act
 * (roles.csv), and for the person it is about; another is refused with ERROR_FORBIDDEN. All of a
 * program's rows are its own: the access's program alone is ever read or written. Code lists and
 * weights are knowledge/ (code.h); words that people wrote are sealed (vault.h). Row versions: a
 * save with a stale version is ERROR_CONFLICT with "error.care.stale".
 */
#ifndef FAIRLEAD_CARE_CARE_H
#define FAIRLEAD_CARE_CARE_H

#include "privacy/privacy.h"

#include "care/care_import.h" /* people and staff from a file */
#include "care/clock.h"       /* what one may see of the list of clocks */
#include "care/code.h"        /* what a field may say: lists of knowledge/ */
#include "care/delivered.h"   /* days and services that were given */
#include "care/document.h"    /* JSON documents, as knowledge/labels.csv names their fields */
#include "care/duplicate.h"   /* likely duplicates, merge and its undoing */
#include "care/episode.h"     /* stays and their history */
#include "care/erase.h"       /* how long a record is kept; erasing a person */
#include "care/fact.h"        /* dated facts, with their source */
#include "care/file.h"        /* papers and pictures from outside */
#include "care/person.h"      /* people: identity, search, photo */
#include "care/picture.h"     /* what a file is; pictures without what a camera wrote */
#include "care/program.h"     /* programs, their settings, sites, units */
#include "care/reach.h"       /* whom a list takes in, within its query */
#include "care/staff.h"       /* who works there; care teams: caseloads */

/* The clocks this room needs: credentials that expire, people to erase. `care` must outlive the
 * registry. */
void care_register_due(struct care *care, struct due_registry *registry);

#endif
