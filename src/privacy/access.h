/*
 * access: the one check before a record is touched, and its line in the audit.
 *
 * Rooms that keep records (care and those above) take a `const struct access *`, which only
 * access_open() makes: so no record is read, searched, written or exported unasked and unwritten.
 * Deciding: the roles' scope (roles.h), widened by an open emergency access to that one person
 * (emergency.h); narrowed to the actor's program always.
 */
#ifndef FAIRLEAD_PRIVACY_ACCESS_H
#define FAIRLEAD_PRIVACY_ACCESS_H

#include "privacy/actor.h"
#include "privacy/roles.h"
#include "store/store.h"

struct privacy;

/* What may be done in one transaction. Made by access_open() alone; borrowed, not kept. */
struct access {
  struct privacy *privacy;
  const struct actor *actor;
  struct actor_denial *denial; /* the actor's own: access_refuse() notes there */
  struct text program_id;
  struct text person_id;    /* the one person it was opened for, or "" */
  enum role_scope scope;    /* how far it reaches: lists must be narrowed to it */
  const char *object, *act; /* literals */
  bool is_emergency;        /* by breaking the glass */
  int64_t now;
};

/*
 * Check and write the audit in this (writing) transaction. `object` and `act` are literals of
 * roles.csv; `object_id` names the record ("" for a list or a search). `subject` may be NULL for an
 * act about no person. Denied: ERROR_FORBIDDEN with "error.403.text" (needs proof:
 * "error.proof.text"), the denial noted in actor->denial, and nothing else said of the record.
 */
bool access_open(struct store_transaction *transaction, struct privacy *privacy,
                 struct actor *actor, const char *object, const char *act,
                 const struct role_subject *subject, struct text object_id, int64_t now,
                 struct access *out, struct error *error);
/* The same for a list or search: no subject; the caller narrows rows to out->scope and afterwards
 * adds the ids it showed with access_shown(). */
bool access_open_list(struct store_transaction *transaction, struct privacy *privacy,
                      struct actor *actor, const char *object, const char *act, int64_t now,
                      struct access *out, struct error *error);
/* Add to the audit which people a search or list showed. While actor->noted is set, a list's
 * opening is no line of its own, and those noted are left out; when nobody is left there is none.
 */
bool access_shown(struct store_transaction *transaction, const struct access *access,
                  const struct text *person_ids, size_t count, struct error *error);
/* Note a denial for the audit: what access_open() does by itself, for a check that stands
 * elsewhere. `object` and `act` are literals. */
void access_note_denial(struct actor *actor, const char *object, const char *act,
                        struct text person_id);
/* A right that shows only once the record is known (the other person of a merge, one's own
 * emergency access) is missing: ERROR_FORBIDDEN with `person`, noted like a denial of
 * access_open(), so that the door writes it to the audit. `person_id`: whom it is about. */
bool access_refuse(const struct access *access, struct text person_id, const char *person,
                   struct error *error);
/* Only the decision, without a trace: to show or hide a link. */
bool access_would(const struct privacy *privacy, const struct actor *actor, const char *object,
                  const char *act);
/* Write the denial noted in the actor, in a transaction of its own; called by the door. */
bool access_write_denial(struct privacy *privacy, struct actor *actor, int64_t now,
                         struct error *error);

#endif
