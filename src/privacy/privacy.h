/*
 * privacy: who may see and do what, what left and why, and the history of it all. This header is
 * the room's table of contents; the room above it (care) and the web and command line come in here.
 *
 *   account, session, station   who is there
 *   roles, access               what they may do: the one check
 *   consent, disclose, notice,  what may leave, by whose word
 *   signature, emergency
 *   outbox                      how a message leaves the machine
 *   audit                       the history of everything
 */
#ifndef FAIRLEAD_PRIVACY_PRIVACY_H
#define FAIRLEAD_PRIVACY_PRIVACY_H

#include "privacy/access.h"
#include "privacy/account.h"
#include "privacy/actor.h"
#include "privacy/audit.h"
#include "privacy/consent.h"
#include "privacy/disclose.h"
#include "privacy/emergency.h"
#include "privacy/family.h"
#include "privacy/notice.h"
#include "privacy/outbox.h"
#include "privacy/roles.h"
#include "privacy/session.h"
#include "privacy/signature.h"
#include "privacy/station.h"
#include "store/due.h"
#include "store/store.h"
#include "store/vault.h"

struct consent_rules;    /* kinds, elements, bases: consent.c */
struct sign_in_settings; /* lengths, delays, timeouts: account.c */
struct notices;          /* notice.c */
struct outbox_rules;     /* words of messages: outbox_rules.c */

/* Ids that an account or a station is to lead to; "" where none is. */
struct privacy_place {
  struct text program_id, site_id, staff_id, person_id;
};
/* Does the program have them, each that is not ""? */
typedef bool privacy_places(struct store_transaction *transaction,
                            const struct privacy_place *place, bool *is_there, struct error *error);

/* What the room works with. Opened once, immutable afterwards but for what is behind its pointers;
 * any thread may use it. */
struct privacy {
  struct arena *arena;           /* what is loaded once */
  struct store *store;           /* borrowed */
  struct vault *vault;           /* borrowed */
  const struct catalog *catalog; /* borrowed: words of messages, consents */
  struct roles *roles;
  struct labels *labels;
  struct consent_rules *consent_rules;
  struct notices *notices;
  struct sign_in_settings *sign_in;
  struct outbox_rules *outbox_rules;
  privacy_places
      *places; /* care's, which knows them: set once, before threads; without it none is */
};

/* Load the room's knowledge from share/knowledge. Borrows store, vault, catalog. */
bool privacy_open(struct privacy **out, const char *share_folder, struct store *store,
                  struct vault *vault, const struct catalog *catalog, struct error *error);
void privacy_close(struct privacy *privacy);
/* Refuses (`person`: a catalog key) what the program does not have. */
bool privacy_check_place(const struct privacy *privacy, struct store_transaction *transaction,
                         const struct privacy_place *place, const char *person,
                         struct error *error);
/* The clocks this room needs: consents that end, reviews, shifts. */
void privacy_register_due(struct privacy *privacy, struct due_registry *registry);

#endif
