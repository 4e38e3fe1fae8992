/*
 * What the files of the audit share. Private to them.
 */
#ifndef FAIRLEAD_PRIVACY_AUDIT_PRIVATE_H
#define FAIRLEAD_PRIVACY_AUDIT_PRIVATE_H

#include "privacy/audit.h"
#include "privacy/audit_record.h"

/* Where the chain of a program ends: its last entry's seq and hash, or 0 and 32 zero bytes. */
bool audit_head_read(struct store_transaction *transaction, struct text program_id, int64_t *seq,
                     unsigned char hash[AUDIT_HASH], struct error *error);
/* Seal what waits of one program, within a transaction that writes. */
bool audit_seal_program(struct store_transaction *transaction, struct text program_id, int64_t now,
                        struct error *error);
/* The program whose chain comes next behind `*program_id` in byte order (with `first`, at or behind
 * it), in the arena; `*found` false at the end. */
bool audit_program_next(struct store_transaction *transaction, struct arena *arena, bool first,
                        struct text *program_id, bool *found, struct error *error);

/* A line of the anchors' file: time program seq hash link. */
struct audit_anchor_line {
  struct text program_id; /* borrows from the line */
  int64_t seq;
  unsigned char hash[AUDIT_HASH], link[AUDIT_HASH];
};
/* Read one, without its end; `*joined` says whether its link follows from the one before. False
 * when it is no such line. */
bool audit_anchor_read(struct text line, const unsigned char before[AUDIT_HASH],
                       struct audit_anchor_line *out, bool *joined);

#endif
