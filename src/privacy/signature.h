/*
 * signature: that somebody agreed to exactly these bytes: a typed name with PIN or password, a
 * drawn line, or a scan of paper. The signed bytes and their SHA-256 are kept, sealed under the
 * person. Never changed; a mistake is marked, not taken away.
 */
#ifndef FAIRLEAD_PRIVACY_SIGNATURE_H
#define FAIRLEAD_PRIVACY_SIGNATURE_H

#include "privacy/access.h"

enum signature_method { SIGNATURE_TYPED, SIGNATURE_DRAWN, SIGNATURE_SCANNED };

struct signature {
  struct text id, person_id;
  enum signature_method method;
  struct text signer; /* the typed name */
  struct text role;   /* patient, personal-representative, staff, witness */
  struct text authority;
  struct text image;        /* drawn: points as written by the form; scanned: the file's bytes */
  struct text content_type; /* image/png, image/jpeg, application/pdf, image/svg+xml of our own */
  struct text signed_bytes; /* what was agreed to */
  char sha256[65];          /* of signed_bytes; set by signature_create() */
  struct text witness_account_id;
  int64_t at;
};
/* Check the form of each method (sizes, magic bytes; nothing of a scan is ever interpreted) and
 * keep it. A typed signature of staff was proved before (account_prove()); one of a person is
 * witnessed. */
bool signature_create(struct store_transaction *transaction, const struct access *access,
                      struct signature *signature, struct arena *arena, struct error *error);
/* Load, and check that the bytes still have their hash. */
bool signature_load(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text id, struct signature *out,
                    struct error *error);

#endif
