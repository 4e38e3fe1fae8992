/*
 * notice: the patient notice of rights (42 CFR 2.22), versioned, and that each person got it.
 * Texts are knowledge/notices/<version>.<language>.md; which is in force at a time is
 * knowledge/notices.csv (effective, expires: past it, the notice is refused and says so).
 */
#ifndef FAIRLEAD_PRIVACY_NOTICE_H
#define FAIRLEAD_PRIVACY_NOTICE_H

#include "privacy/access.h"

struct notice {
  struct text version, language, title, body; /* body: Markdown */
  struct text effective, expires, source;
};
bool notice_current(const struct privacy *privacy, struct text language, int64_t now,
                    struct notice *out, struct error *error);

struct notice_given {
  struct text id, version, language, how; /* given, declined, unable */
  struct text signature_id;
  int64_t at;
  struct text account_id;
};
bool notice_record(struct store_transaction *transaction, const struct access *access,
                   struct notice_given *given, struct error *error);
bool notice_list(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct notice_given **out, size_t *count,
                 struct error *error);

#endif
