/*
 * disclose: the only way record data leaves a program.
 *
 * It takes a JSON document whose fields are labeled by knowledge/labels.csv, decides from the
 * labels, the person's consents (or another basis of knowledge/disclosure-bases.csv with its
 * evidence), the recipient, the purpose and the time; takes away what is not covered, without
 * saying that anything was taken away unless the recipient is the person; attaches the notice of
 * 42 CFR 2.32 and the scope of the consent; and writes the accounting row (2.25) and the audit, all
 * in the caller's transaction. A field that labels.csv does not name never leaves.
 */
#ifndef FAIRLEAD_PRIVACY_DISCLOSE_H
#define FAIRLEAD_PRIVACY_DISCLOSE_H

#include "privacy/consent.h"

struct labels;
bool labels_load(struct labels **out, const char *knowledge_folder, struct error *error);
void labels_free(struct labels *labels);
/* Each field: document, field ("name.family", "facts[].value"), object of roles.csv, labels. */
void labels_each(const struct labels *labels,
                 void (*each)(void *context, struct text document, struct text field,
                              struct text object, struct text labels_of_it),
                 void *context);

struct disclose_request {
  struct text document; /* its kind in labels.csv: "person", "episode", "accounting", … */
  const struct value *content;
  struct text person_id;
  struct consent_recipient recipient; /* ignored for the person */
  struct text purpose_code;           /* TREAT, HPAYMT, …, PATRQT */
  struct text basis;                  /* consent, patient-access, emergency, … */
  struct text evidence_id;            /* emergency access, court order, …; "" for a consent */
  struct text language;
};
struct disclosed {
  const struct value *content; /* what may leave; an object */
  struct text notice;          /* to print on every page, header or last row */
  struct text notice_version;
  struct text scope; /* a clear explanation of the consent's scope, 2.32(b) */
  struct text consent_id, disclosure_id;
  size_t fields_given, fields_kept;
};
/* Refuses (ERROR_FORBIDDEN, error.disclose.*) when nothing allows anything: no row is written then
 * but the audit's denial. */
bool disclose(struct store_transaction *transaction, const struct access *access,
              struct arena *arena, const struct disclose_request *request, struct disclosed *out,
              struct error *error);

/* The decision alone, pure: for tests and for speed. Answers the index of the consent that covers a
 * field with these labels, or -1. */
int disclose_decide(const struct privacy *privacy, const struct consent *consents, size_t count,
                    const struct disclose_request *request, struct text document,
                    const struct text *labels, size_t label_count, int64_t now);

/* The accounting of a person, newest first (2.25: three years, and all that is kept). */
struct disclosure {
  struct text id, recipient, purpose_code, basis, evidence_id, document, notice_version, account_id,
      actor_name;
  struct text fields; /* names of the fields given */
  int64_t at;
};
bool disclosure_list(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct disclosure **out, size_t *count,
                     struct error *error);

/* Who saw my record: from the audit, in plain words, for the person. */
struct record_view {
  int64_t at;
  struct text who, role, what; /* name of the staff member, their work, a catalog key */
  int64_t times;               /* that day */
};
bool record_views(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct record_view **out, size_t *count,
                  struct error *error);

#endif
