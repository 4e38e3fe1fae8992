/*
 * reach: how far an access for a list reaches, as parameters and conditions of a query, so that
 * lists are narrowed where they are read. Rooms above care take CARE_LISTS. No state; any thread.
 */
#ifndef FAIRLEAD_CARE_REACH_H
#define FAIRLEAD_CARE_REACH_H

#include "privacy/privacy.h"

/* How far an access reaches, as the parameters of CARE_REACHES and CARE_LISTS. */
struct care_reach {
  int64_t is_all;            /* the whole program */
  struct text site_id;       /* people of this site, "" for none */
  struct text staff_id;      /* whom this staff member looks after, "" for none */
  struct text own_person_id; /* the actor's own record, or "" */
};
struct care_reach care_reach_of(const struct access *access);

/* Is the record itself of the site, or on the caseload? A caseload is read once, as a set; a site
 * is large, and asked of row by row. */
#define CARE_LISTS_ITSELF(program, person, site, staff, now)                                       \
  "(" person " IN (SELECT c.person_id FROM care_team c WHERE c.program_id = " program              \
  " AND c.staff_id = " staff " AND c.staff_id <> '' AND c.from_at <= " now                         \
  " AND (c.until_at = 0 OR c.until_at > " now ")) OR (" site " <> '' AND (EXISTS"                  \
  " (SELECT 1 FROM person s WHERE s.program_id = " program " AND s.site_id = " site                \
  " AND s.id = " person ") OR EXISTS (SELECT 1 FROM episode e WHERE e.program_id = " program       \
  " AND e.site_id = " site " AND e.person_id = " person "))))"

/* Records that were joined with others, one of which is the site's or on the caseload. */
#define CARE_LISTS_JOINED(program, site, staff, now)                                               \
  "WITH RECURSIVE edge (id, other) AS (SELECT m.id, m.merged_into FROM person m"                   \
  " WHERE m.program_id = " program " AND m.merged_into <> '' UNION ALL"                            \
  " SELECT m.merged_into, m.id FROM person m WHERE m.program_id = " program                        \
  " AND m.merged_into <> ''), kin (id) AS (SELECT edge.id FROM edge WHERE " CARE_LISTS_ITSELF(     \
      program, "edge.id", site, staff,                                                             \
      now) " UNION SELECT edge.other FROM kin"                                                     \
           " JOIN edge ON edge.id = kin.id) SELECT kin.id FROM kin"

/* A condition of a query, as a literal: does the reach take in this person? It decides as
 * care_subject_load() and role_scope_reaches() do for staff: of a record that was joined with
 * others, all are looked at. For lists that pass over many rows: caseloads and joined records
 * are read once, not row by row. The arguments are literals, too: a column, and the numbers of the
 * parameters that care_reach and the access's time are bound to. */
#define CARE_LISTS(program, person, all, site, staff, own, now)                                    \
  "(CAST(" all " AS BIGINT) = 1 OR " person " = " own " OR " CARE_LISTS_ITSELF(                    \
      program, person, site, staff, now) " OR " person                                             \
                                         " IN (" CARE_LISTS_JOINED(program, site, staff, now) "))"

/* Whose record was erased is on no list. */
#define CARE_NOT_ERASED(program, person)                                                           \
  person " NOT IN (SELECT x.id FROM person x WHERE x.program_id = " program " AND x.erased_at > "  \
         "0)"

#endif
