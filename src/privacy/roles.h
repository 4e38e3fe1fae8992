/*
 * roles: who may do what, as a table (knowledge/roles.csv): role × object × act × scope.
 *
 * What the table does not name is denied. Pure: decides from values to values; the facts about the
 * record (is it on my caseload? at my site?) are arguments. Immutable after loading; any thread.
 * Source: knowledge/roles.csv, each row with its own.
 */
#ifndef FAIRLEAD_PRIVACY_ROLES_H
#define FAIRLEAD_PRIVACY_ROLES_H

#include "base/base.h"

/* From narrow to wide. OWN: the actor's own record, or what the actor wrote. */
enum role_scope { SCOPE_NONE, SCOPE_OWN, SCOPE_CASELOAD, SCOPE_SITE, SCOPE_PROGRAM };

/* "own", "caseload", "site", "program"; "" for none. */
struct text role_scope_name(enum role_scope scope);

/* What an actor is to a record. With a person and no flag: somebody in the program, elsewhere. Zero
 * (or NULL): bound to no person and no site, which SITE and PROGRAM reach; a record that has a
 * site or an owner must say so by its flags. */
struct role_subject {
  struct text person_id; /* "" when the act is about no person */
  bool is_own, is_caseload, is_site;
};

struct roles;

/* Load and check. Refuses, by line, an unknown role, object, act or scope, a row that stands twice,
 * an act that needs proof from some alone, an empty source; and a table in which a role may do
 * nothing or an act is nobody's. */
bool roles_load(struct roles **out, const char *knowledge_folder, struct error *error);
void roles_free(struct roles *roles);
size_t roles_count(const struct roles *roles);
struct text roles_name(const struct roles *roles, size_t role);
bool roles_find(const struct roles *roles, struct text name, size_t *out);
/* May a role do this at all, and how far? SCOPE_NONE: no. */
enum role_scope roles_scope(const struct roles *roles, struct text role, struct text object,
                            struct text act);
/* Must the actor have proved again who they are, a moment ago? True for dangerous acts, and for
 * what the table does not know. */
bool roles_needs_proof(const struct roles *roles, struct text object, struct text act);
/* The widest scope that any of these roles has. */
enum role_scope roles_widest(const struct roles *roles, const struct text *names, size_t count,
                             struct text object, struct text act);
/* Does a scope reach this subject (NULL: none)? */
bool role_scope_reaches(enum role_scope scope, const struct role_subject *subject);
/* Every object and act of the table, for the report and the tests. */
void roles_each(const struct roles *roles,
                void (*each)(void *context, struct text role, struct text object, struct text act,
                             enum role_scope scope, struct text source),
                void *context);

#endif
