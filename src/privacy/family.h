/*
 * family: what a member of a person's family sees, by the one consent that names them, and their
 * sign-in for it.
 *
 * Nothing of a record reaches them but through disclose(), by that consent alone, and each time is
 * a row of the accounting. Their name stands in the consent, sealed; the account holds ids. When
 * the consent ends, is taken back or lacks an element, nothing is shared from that moment on.
 */
#ifndef FAIRLEAD_PRIVACY_FAMILY_H
#define FAIRLEAD_PRIVACY_FAMILY_H

#include "privacy/account.h"
#include "privacy/disclose.h"

/* May this consent have a sign-in: of kind family, in force, with one recipient by name? */
bool family_consent_fits(const struct privacy *privacy, const struct consent *consent, int64_t now);
/* Make the account of `made` (account_own_begin()) for the consent's recipient. `access` was opened
 * for own-account write. ERROR_REFUSED "error.family.consent" when the consent does not fit,
 * ERROR_CONFLICT "error.account.own" when it has one. */
bool family_account_create(struct store_transaction *transaction, const struct access *access,
                           struct arena *arena, struct text consent_id,
                           const struct account_own *made, struct error *error);
bool family_account_find(struct store_transaction *transaction, struct arena *arena,
                         struct text program_id, struct text consent_id, struct account *out,
                         bool *is_there, struct error *error);
/* The consent by which the actor of `access` (shared-record, read) sees something, and whether it
 * holds now. */
bool family_consent_load(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct consent *out, bool *holds,
                         struct error *error);
/* Share by it: disclose() of the document "record" to whom the consent names. Refused
 * (ERROR_FORBIDDEN "error.family.nothing") when it does not hold, or covers nothing. */
bool family_disclose(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const struct value *record, struct text language,
                     struct disclosed *out, struct error *error);

#endif
