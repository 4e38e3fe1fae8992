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
  struct text image; /* drawn: strokes (signature_strokes_read()) or a PNG; scanned: the file */
  struct text content_type; /* by its first bytes: image/png, image/jpeg, application/pdf,
                               text/plain (points); set by signature_create() */
  struct text signed_bytes; /* what was agreed to */
  char sha256[65];          /* of signed_bytes; set by signature_create() */
  char image_sha256[65];    /* of image; the same */
  struct text witness_account_id;
  int64_t at;
};
struct text signature_method_name(enum signature_method method);
/* What the first bytes of a scan say it is; "" for what is not taken. */
struct text signature_image_type(struct text bytes);
/* Strokes as the pad writes them: "x,y x,y;x,y x,y", points of whole numbers within
 * LIMIT_SIGNATURE_WIDTH and LIMIT_SIGNATURE_HEIGHT, strokes parted by ';', four points at least and
 * LIMIT_SIGNATURE_POINTS at most. Answers false for anything else; `*strokes` (the texts between
 * the semicolons, borrowed) may be NULL. */
bool signature_strokes_read(struct arena *arena, struct text t, const struct text **strokes,
                            size_t *count);
/* Check the form of each method (sizes, magic bytes; nothing of a scan is ever interpreted) and
 * keep it, for the person of `access`. A typed signature of staff, or of a person in their own
 * portal, was proved before (actor->is_confirmed); a person who signs before staff is witnessed by
 * them. Sets id, person_id, content_type, sha256, at. */
bool signature_create(struct store_transaction *transaction, const struct access *access,
                      struct signature *signature, struct arena *arena, struct error *error);
/* Load, and check that the bytes still have their hash. */
bool signature_load(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text id, struct signature *out,
                    struct error *error);

#endif
