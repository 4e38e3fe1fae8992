/*
 * sealed: the little that consents, signatures, disclosures and emergencies share when they write
 * and read: fields sealed under the access's person, small JSON objects, hashes. Private to
 * privacy. No state; any thread.
 */
#ifndef FAIRLEAD_PRIVACY_SEALED_H
#define FAIRLEAD_PRIVACY_SEALED_H

#include "privacy/access.h"

/* Seal and open under a person of the access's program; `purpose` is a literal "table.column". */
bool sealed_write(const struct access *access, struct arena *arena, struct text person_id,
                  const char *purpose, struct text plain, struct text *out, struct error *error);
bool sealed_read(const struct access *access, struct arena *arena, struct text person_id,
                 const char *purpose, struct text bytes, struct text *out, struct error *error);
/* The bytes of a JSON value; ERROR_TOO_LARGE past LIMIT_CONSENT_TEXT. */
bool sealed_json(struct arena *arena, const struct value *value, struct text *out,
                 struct error *error);
/* A new UUIDv7 in the arena. */
struct text sealed_id(struct arena *arena, int64_t now);
/* Refuse an access that was not opened for one person. */
bool sealed_person(const struct access *access, struct error *error);
/* Write a step of the act into the audit, beyond the line that access_open() wrote. */
bool sealed_audit(struct store_transaction *transaction, const struct access *access,
                  struct text object_id, struct text purpose, const struct value *detail,
                  struct error *error);
struct text sealed_member(const struct value *object, const char *key);

#endif
