/*
 * The bytes of an audit entry: what waits, and what is hashed. Private to the audit.
 *
 * A field is its length (four bytes, big end first) and its bytes; numbers are decimal text. An
 * entry's own part (`body`) is the fields below in their order; what is hashed is
 *   "fairlead-audit-1", program_id, seq, id, sealed_at, then the body's fields,
 * each as a field. hash = SHA-256(hash before, or 32 zero bytes | those bytes). docs/audit.md.
 * Pure; any thread.
 */
#ifndef FAIRLEAD_PRIVACY_AUDIT_RECORD_H
#define FAIRLEAD_PRIVACY_AUDIT_RECORD_H

#include "base/base.h"

enum { AUDIT_FORMAT = 1, AUDIT_HASH = 32 };

enum audit_field {
  AUDIT_AT,
  AUDIT_ACTOR_KIND,
  AUDIT_ACCOUNT_ID,
  AUDIT_ACTOR_NAME,
  AUDIT_STATION_ID,
  AUDIT_OBJECT,
  AUDIT_ACT,
  AUDIT_OBJECT_ID,
  AUDIT_PERSON_ID,
  AUDIT_PURPOSE,
  AUDIT_OUTCOME,
  AUDIT_DETAIL,
  AUDIT_FIELDS
};

/* What the chain adds to an entry. */
struct audit_place {
  struct text program_id, id;
  int64_t seq, sealed_at;
};

/* Write the body. */
void audit_body_write(const struct text fields[AUDIT_FIELDS], struct text_buffer *out);
/* Cut a body into its fields, which borrow from it; false when it is not whole, has bytes left, or
 * AUDIT_AT is no number. */
bool audit_body_read(struct text body, struct text fields[AUDIT_FIELDS], int64_t *at);
/* Can each field be stored as text: UTF-8 without NUL? */
bool audit_fields_check(const struct text fields[AUDIT_FIELDS]);
/* The hash of an entry behind `prev`. `scratch` is cleared and used. */
void audit_hash(const unsigned char prev[AUDIT_HASH], const struct audit_place *place,
                struct text body, struct text_buffer *scratch, unsigned char out[AUDIT_HASH]);

/* May this be an entry's detail? An object of keys like "field_names", whose values are numbers,
 * yes or no, single words of at most LIMIT_AUDIT_WORD bytes (ids, codes, names of fields), or
 * lists or objects of such. `*wrong` says what is not. NULL is fine. */
bool audit_detail_check(const struct value *detail, const char **wrong);
/* Is each key a row of knowledge/audit-details.csv? A debug build asks; the file is read once.
 * Where it cannot be found all are fine. */
bool audit_detail_is_listed(const struct value *detail, struct text *missing);

#endif
