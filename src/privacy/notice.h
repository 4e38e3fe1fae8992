/*
 * notice: texts that the law wants said, versioned, and that each person got theirs.
 *
 * Two are attached to what leaves (42 CFR 2.32: a long and a short statement), one is the patient
 * notice of rights (2.22). Texts are knowledge/notices/<version>.<language>.md; which is in force
 * is knowledge/notices.csv (effective, expires: past it the notice is refused, and so is whatever
 * needs it). `signed_by` "unsigned": nobody has compared the words with the current eCFR yet; every
 * page that hands one out says so to staff.
 */
#ifndef FAIRLEAD_PRIVACY_NOTICE_H
#define FAIRLEAD_PRIVACY_NOTICE_H

#include "privacy/access.h"

enum notice_kind { NOTICE_REDISCLOSURE_LONG, NOTICE_REDISCLOSURE_SHORT, NOTICE_RIGHTS };

struct notice {
  struct text version, language, title, body; /* body: Markdown, without the title */
  struct text source, grade;
  bool is_unsigned;
  int64_t effective, expires; /* microseconds UTC; expires INT64_MAX: open */
};
struct notices;
bool notices_load(struct notices **out, const char *knowledge_folder, struct error *error);
void notices_free(struct notices *notices);
/* The newest version in force; ERROR_REFUSED with "error.notice.expired" when none is. */
bool notice_find(const struct notices *notices, enum notice_kind kind, struct text language,
                 int64_t now, struct notice *out, struct error *error);
/* The notice of rights in force. */
bool notice_current(const struct privacy *privacy, struct text language, int64_t now,
                    struct notice *out, struct error *error);

struct notice_given {
  struct text id, version, language, how; /* given, declined, unable */
  struct text signature_id;               /* "" when there is none */
  struct text reason;                     /* why there is none */
  int64_t at;
  struct text account_id;
};
/* Keep that the person of `access` was offered a notice. Refuses a version that is not in force and
 * an unknown `how`; neither a signature nor a reason why there is none ("error.notice.reason"), and
 * a signature of who did not take it. Sets id, at and account_id. */
bool notice_record(struct store_transaction *transaction, const struct access *access,
                   struct notice_given *given, struct arena *arena, struct error *error);
bool notice_list(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct notice_given **out, size_t *count,
                 struct error *error);

#endif
