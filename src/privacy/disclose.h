/*
 * disclose: the only way record data leaves a program.
 *
 * It takes a JSON document whose fields are labeled by knowledge/labels.csv, decides from the
 * labels, the person's consents (or another basis of knowledge/disclosure-bases.csv with its
 * evidence), the recipient, the purpose and the time; takes away what is not covered, without
 * saying that anything was taken away; attaches the notice of 42 CFR 2.32 and the scope of the
 * consent; and writes the accounting row (2.25), the document as it left and the audit, all in the
 * caller's transaction. A field that labels.csv does not name never leaves; neither does a label
 * that sensitivity.csv does not know.
 *
 * Paths: members joined by '.', "[]" behind a list ("phones[].number"). A document is one object,
 * or a list of such objects; the document "record" is an object whose members are documents by
 * name. An object may carry its own further labels in a member "labels" (a list of texts, or one
 * text of words): they hold for everything in it.
 */
#ifndef FAIRLEAD_PRIVACY_DISCLOSE_H
#define FAIRLEAD_PRIVACY_DISCLOSE_H

#include "privacy/consent.h"

/* --- Labels -------------------------------------------------------------------------------- */

/* WHOLE: when this field may not leave, nothing of its object does. PERSON: to the person alone. */
enum label_share { SHARE_YES, SHARE_WHOLE, SHARE_PERSON, SHARE_NEVER };
struct label_field {
  struct text document, path, object; /* object: of roles.csv */
  struct consent_words labels;        /* of sensitivity.csv */
  enum label_share share;
  bool is_date; /* the date of the object it stands in */
};
struct labels;
/* Load, and check against the sensitivity labels of `rules`. */
bool labels_load(struct labels **out, const char *knowledge_folder,
                 const struct consent_rules *rules, struct error *error);
void labels_free(struct labels *labels);
size_t labels_field_count(const struct labels *labels);
const struct label_field *labels_field(const struct labels *labels, size_t index);
const struct label_field *labels_find(const struct labels *labels, struct text document,
                                      struct text path);
bool labels_have_document(const struct labels *labels, struct text document);
/* Each field: document, field ("name.family", "phones[].number"), object of roles.csv, labels. */
void labels_each(const struct labels *labels,
                 void (*each)(void *context, struct text document, struct text field,
                              struct text object, struct text labels_of_it),
                 void *context);

/* --- Deciding ------------------------------------------------------------------------------ */

struct disclose_request {
  struct text document; /* its kind in labels.csv: "person", "episode", …; or "record" */
  const struct value *content;
  struct text person_id;
  struct consent_recipient recipient; /* ignored for the person */
  struct text purpose_code;           /* TREAT, HPAYMT, …, PATRQT */
  struct text basis;                  /* consent, patient-access, emergency, … */
  struct text evidence_id;            /* emergency access, court order, …; "" for a consent */
  struct text consent_id;             /* by this consent alone; "": by any */
  struct text language;
  bool short_notice; /* 2.32(a)(2), where the long one does not fit */
};

/* A field to decide about. */
struct disclose_field {
  struct text document, path;
  const struct text *labels;
  size_t label_count;
  bool is_dated;    /* its document says when its things were */
  struct text date; /* YYYY-MM-DD…, or "" */
};
/* Why a field leaves or is kept back, for staff alone. Later is nearer to leaving. */
enum disclose_why {
  WHY_NOT_NAMED,       /* not in labels.csv */
  WHY_NEVER,           /* labels.csv: never */
  WHY_PERSON_ONLY,     /* goes to the person alone */
  WHY_NO_CONSENT,      /* no consent is active */
  WHY_OTHER_PURPOSE,   /* none for this purpose */
  WHY_OTHER_RECIPIENT, /* none names this recipient */
  WHY_OTHER_DOCUMENT,  /* none names this kind of record */
  WHY_LABEL,           /* none names its label */
  WHY_DATE,            /* none covers its date */
  WHY_NOT_BY_BASIS,    /* the basis does not reach it */
  WHY_GIVEN
};
/* A catalog key for each. */
const char *disclose_why_key(enum disclose_why why);

/* The decision alone, pure: for tests and for speed. Answers the index of the consent that covers a
 * field, or -1; `why` may be NULL. */
int disclose_decide(const struct privacy *privacy, const struct consent *consents, size_t count,
                    const struct disclose_request *request, const struct disclose_field *field,
                    int64_t now, enum disclose_why *why);
/* Does one consent name this recipient, for this purpose? By organization, by exact folded name, or
 * by a class that its kind allows. */
bool consent_names(const struct privacy *privacy, const struct consent *consent,
                   const struct consent_recipient *recipient, struct text purpose_code);

/* What would leave, and why each thing is kept back. Pure but for the arena. */
struct disclose_shown {
  struct text document, path;
  size_t times; /* how often it stands in the content */
  enum disclose_why why;
};
struct disclose_preview {
  const struct value *content; /* what may leave; NULL: nothing */
  const struct disclose_shown *shown;
  size_t shown_count, fields_given, fields_kept;
  const size_t *used; /* indexes of the consents that were relied on */
  size_t used_count;
  struct text fields; /* names of the fields given, separated by blanks */
};
void disclose_preview(const struct privacy *privacy, struct arena *arena,
                      const struct consent *consents, size_t count,
                      const struct disclose_request *request, int64_t now,
                      struct disclose_preview *out);

/* --- The exit ------------------------------------------------------------------------------ */

struct disclosed {
  const struct value *content; /* what may leave */
  struct text notice;          /* to print on every page, header or last row */
  struct text notice_version;
  bool notice_is_unsigned; /* nobody compared its words with the current eCFR yet */
  struct text scope;       /* a copy of the consent, or of the basis in words: 2.32(b) */
  struct text consent_ids, disclosure_id;
  struct text document; /* what left, to the byte: JSON with notice, scope, number and content */
  char sha256[65];      /* of the document */
  size_t fields_given, fields_kept;
};
/* Refuses (ERROR_FORBIDDEN, error.disclose.*) when nothing allows anything: nothing is written
 * then, and the caller notes the denial with disclose_deny(). `access` was opened for disclosure
 * write, or person export (patient-access alone), emergency open (emergency alone), or
 * shared-record read (by one consent alone). */
bool disclose(struct store_transaction *transaction, const struct access *access,
              struct arena *arena, const struct disclose_request *request, struct disclosed *out,
              struct error *error);
/* Note in the actor that this was refused, for the audit that the door writes. */
void disclose_deny(struct actor *actor, const struct access *access);
/* May this basis be used by these roles, for this purpose, now? Pure. Answers NULL, or the catalog
 * key that says why not. */
const char *disclose_basis_check(const struct privacy *privacy, const struct actor *actor,
                                 const struct disclose_request *request, int64_t now);

/* What a basis asks for beyond words (an order and its findings, an agreement): kept, sealed. */
struct disclosure_fact {
  struct text name; /* of the basis' evidence */
  struct text words;
};
/* Refuses evidence that lacks a fact, with error.disclose.evidence. `ends_on` may be "". */
bool disclosure_evidence_create(struct store_transaction *transaction, const struct access *access,
                                struct arena *arena, struct text basis,
                                const struct disclosure_fact *facts, size_t count,
                                struct text ends_on, struct text *id, struct error *error);

/* The accounting of a person, newest first (2.25: three years, and all that is kept). */
struct disclosure {
  struct text id, person_id, recipient, purpose_code, basis, evidence_id, consent_ids, document,
      notice_version, language, account_id, actor_name;
  struct text fields; /* names of the fields given */
  char sha256[65];    /* of the document that left */
  int64_t at;
  bool counts; /* stands in the accounting of 2.25; the person's own copies do not */
};
bool disclosure_list(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct disclosure **out, size_t *count,
                     struct error *error);

/* One of them; ERROR_NOT_FOUND when it is not of the access's person. */
bool disclosure_load(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, struct disclosure *out,
                     struct error *error);

/* --- The copy as it left (disclose_copy.c) --------------------------------------------------- */

/* A form of what left, to the byte. disclose() keeps "json"; whoever lets it leave in another form
 * ("html") keeps that with it, in the same transaction. */
struct disclosure_copy {
  struct text form, bytes;
  char sha256[65];
};
/* `disclosed` was made in this transaction. Sets copy->sha256. */
bool disclosure_copy_keep(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, const struct disclosed *disclosed,
                          struct disclosure_copy *copy, struct error *error);
/* The same bytes again, to who let them leave or may take the whole record out (`access` opened for
 * disclosure write, person export, emergency open or shared-record read). Bytes with another hash
 * than was recorded are refused. */
bool disclosure_copy_load(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, const struct disclosure *disclosure,
                          struct text form, struct disclosure_copy *out, struct error *error);

/* Who saw my record: from the audit, in plain words, for the person; newest day first. */
struct record_view {
  int64_t at;                  /* the last time that day */
  int64_t last_at;             /* the earliest that was counted so far */
  struct text day;             /* YYYY-MM-DD, UTC */
  struct text who, role, what; /* name of the staff member, their work, a catalog key */
  int64_t times;               /* that day */
};
bool record_views(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct record_view **out, size_t *count,
                  struct error *error);

#endif
