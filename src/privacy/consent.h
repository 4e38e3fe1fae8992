/*
 * consent: what a person allowed, in writing (42 CFR 2.31), and took back.
 *
 * Deny by default: a consent permits, nothing forbids. Required elements by kind are
 * knowledge/consent-elements.csv; kinds, their law and what stands alone are
 * knowledge/consent-kinds.csv. A consent that lacks an element is refused with the field named; its
 * elements are checked again at every use. The signed bytes and their SHA-256 are kept
 * (signature.h). Names of recipients and the description are sealed under the person's key. Source:
 * 42 CFR 2.31 to 2.33 as of 2026-02-16.
 */
#ifndef FAIRLEAD_PRIVACY_CONSENT_H
#define FAIRLEAD_PRIVACY_CONSENT_H

#include "privacy/access.h"
#include "privacy/consent_rules.h"
#include "store/due.h"

/* Who gets it. In a consent: by organization, by name, or by class where the kind allows one. In a
 * request: who really gets it, with the class that the asking staff member vouches for. */
struct consent_recipient {
  struct text name;            /* of the person or organization; "" in a consent by class */
  struct text organization_id; /* a program or facility id, or "" */
  struct text class_name;      /* of knowledge/recipient-classes.csv, or "" */
  struct text address;
  bool is_intermediary, is_covered_entity;
  struct text participants; /* of an intermediary: who has a treating relationship */
};

struct consent {
  struct text id, person_id;
  struct text kind; /* knowledge/consent-kinds.csv: single-tpo, specific, counseling-notes,
                       legal-proceeding, family, … */
  struct text patient_name;
  const struct text *disclosers;
  size_t discloser_count;
  struct text description;   /* specific and meaningful */
  const struct text *labels; /* what it covers: sensitivity labels of knowledge/labels.csv; none:
                                only what has no label beyond the program's own */
  size_t label_count;
  const struct text *documents; /* kinds of documents; none: all */
  size_t document_count;
  struct text date_from, date_to; /* of the information, YYYY-MM-DD or "" */
  const struct consent_recipient *recipients;
  size_t recipient_count;
  struct text purpose;              /* in words */
  const struct text *purpose_codes; /* TREAT, HPAYMT, HOPERAT, … */
  size_t purpose_code_count;
  struct text right_to_revoke, how_to_revoke;
  struct text expires_on, expires_event; /* a date, an event in words, or for TPO "none" */
  struct text revocable_from;            /* a date; criminal justice alone (2.35) */
  struct text consequences_of_refusing;
  bool says_may_be_redisclosed;
  struct text signed_by;    /* patient, personal-representative */
  struct text authority;    /* of a representative */
  struct text signature_id; /* signature.h */
  struct text language, form_version;
  int64_t signed_at, revoked_at;
  struct text revoked_how; /* written, oral */
  int64_t ended_at; /* when it was written down that the event came which ends it; 0: not yet */
  struct text ending_who, ending_on; /* who says so, and the day it came; "" before */
  int64_t version;
};

/* What is missing or wrong, in the order of the form. */
struct consent_problem {
  const char *field;   /* as above */
  const char *message; /* a catalog key */
  struct text source;  /* 42 CFR 2.31(a)(…) */
};
/* Pure check against the elements of its kind at `now`; answers the number of problems. */
size_t consent_check(const struct privacy *privacy, struct arena *arena,
                     const struct consent *consent, int64_t now, struct consent_problem **out);
/* Keep a signed consent, for the person of `access`. Refuses one with a problem, one that has
 * ended, and one whose signature (which was made before, in this transaction or another) is not of
 * exactly the words that consent_render() gives for it in its language, or is another's. Sets its
 * id and its clock "consent.expires". */
bool consent_create(struct store_transaction *transaction, const struct access *access,
                    struct consent *consent, struct arena *arena, struct error *error);
/* Take it back, from now on: `how` is "written" or, where the kind's law lets it, "oral"
 * ("error.consent.written"). A consent of criminal justice waits for its date
 * ("error.consent.not-yet"). Stale or over: ERROR_CONFLICT. */
bool consent_revoke(struct store_transaction *transaction, const struct access *access,
                    struct text consent_id, struct text how, int64_t version, struct error *error);
/* The event came that ends it, on a day (YYYY-MM-DD; not before it was signed, nor ahead), as
 * somebody says. It ends now: what left until now, left by it. Refused without who says so
 * ("error.consent.ending-who"), without such a day ("error.consent.ending-on"), and for a consent
 * that names no event ("error.consent.no-event"). */
struct consent_ending {
  struct text who, on;
};
bool consent_end_by_event(struct store_transaction *transaction, const struct access *access,
                          struct text consent_id, int64_t version,
                          const struct consent_ending *ending, struct error *error);
/* Every consent of the access's person, live or not, newest first. */
bool consent_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct consent **out, size_t *count, struct error *error);
bool consent_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, struct consent *out, struct error *error);
/* The handler of "consent.expires"; see due.h. */
bool consent_expired(struct store_transaction *transaction, void *context,
                     const struct due_item *item, int64_t now, struct error *error);
/* When it ends by itself: the end of its last day in UTC; INT64_MAX when no date says so. */
int64_t consent_end(const struct consent *consent);
/* May any consent be relied on now: signed, whole, not revoked, not expired? */
bool consent_is_active(const struct privacy *privacy, const struct consent *consent, int64_t now);
/* The words that are shown and signed, in a language, as one text; what the hash is of. */
bool consent_render(const struct privacy *privacy, struct arena *arena,
                    const struct consent *consent, struct text language, struct text *out,
                    struct error *error);

#endif
