/*
 * consent_rules: what the law asks of consents and disclosures, as read from knowledge/: kinds,
 * elements, purposes, classes of recipients, sensitivity labels, bases, statements, forms,
 * emergency access. Every row has its source and says until when it holds; past that it is refused.
 *
 * Read once, immutable afterwards; any thread. All text lives as long as the rules.
 * Source: knowledge/{consent-kinds,consent-elements,consent-statements,consent-forms,purposes,
 * recipient-classes,sensitivity,disclosure-bases,emergency}.csv, knowledge/consent-forms/.
 */
#ifndef FAIRLEAD_PRIVACY_CONSENT_RULES_H
#define FAIRLEAD_PRIVACY_CONSENT_RULES_H

#include "base/base.h"

enum { CONSENT_LANGUAGES = 2 }; /* label[0] English, label[1] Spanish, as the catalog has them */

/* Words of a cell, separated by blanks; `is_any`: the cell is "*". */
struct consent_words {
  const struct text *at;
  size_t count;
  bool is_any;
};
bool consent_words_have(const struct consent_words *words, struct text word);

/* From when until when a row holds, microseconds UTC; `until` INT64_MAX: open. */
struct consent_term {
  int64_t from, until;
};

struct consent_kind {
  struct text name, label[CONSENT_LANGUAGES], hint[CONSENT_LANGUAGES];
  struct consent_words purposes, classes;            /* what it may be for; classes it may name */
  struct consent_words labels;                       /* sensitivity labels it may name */
  bool is_alone;                                     /* never joined to another purpose or label */
  bool ends_by_date, ends_by_event, may_have_no_end; /* none: for TPO alone */
  bool revoke_orally, revoke_from_date;              /* 2.35: from a date on */
  struct consent_term term;
  struct text source, grade, signed_by;
};

/* An element that a consent must hold (2.31(a)). */
enum consent_element_name {
  ELEMENT_PATIENT_NAME,
  ELEMENT_DISCLOSERS,
  ELEMENT_DESCRIPTION,
  ELEMENT_RECIPIENTS,
  ELEMENT_INTERMEDIARY,
  ELEMENT_PARTICIPANTS,
  ELEMENT_ADDRESSES,
  ELEMENT_PURPOSE,
  ELEMENT_PURPOSE_CODES,
  ELEMENT_RIGHT_TO_REVOKE,
  ELEMENT_HOW_TO_REVOKE,
  ELEMENT_REVOCABLE_FROM,
  ELEMENT_EXPIRATION,
  ELEMENT_SAYS_MAY_BE_REDISCLOSED,
  ELEMENT_CONSEQUENCES_OF_REFUSING,
  ELEMENT_SIGNATURE,
  ELEMENT_AUTHORITY,
  ELEMENT_SIGNED_AT,
  ELEMENT_LANGUAGE,
  ELEMENT_FORM_VERSION,
  ELEMENT_COUNT
};
enum consent_when {
  WHEN_ALWAYS,
  WHEN_COVERED_ENTITY,
  WHEN_TPO,
  WHEN_INTERMEDIARY,
  WHEN_REPRESENTATIVE
};
struct consent_element {
  enum consent_element_name name;
  enum consent_when when;
  struct consent_words kinds;
  const char *field;   /* the form's field */
  const char *message; /* a catalog key */
  struct text source, grade;
};

struct purpose {
  struct text code, system, label[CONSENT_LANGUAGES], source, grade;
  bool is_tpo; /* treatment, payment, health care operations */
};
struct recipient_class {
  struct text name, label[CONSENT_LANGUAGES], words[CONSENT_LANGUAGES];
  struct consent_words purposes;
  struct text source, grade;
};

/* How a label is covered: by any consent that fits; only when the consent names it; only by a
 * consent of one kind (counseling notes); or not at all, as it says how to handle what leaves. */
enum sensitivity_cover { COVERED_BY_CONSENT, COVERED_BY_NAME, COVERED_BY_KIND, LABEL_OF_HANDLING };
struct sensitivity {
  struct text name, system, label[CONSENT_LANGUAGES];
  enum sensitivity_cover cover;
  struct text kind; /* COVERED_BY_KIND */
  struct text source, grade;
};

enum basis_cover { BASIS_CONSENT, BASIS_ALL, BASIS_LABELS, BASIS_FIELDS, BASIS_NOTHING };
/* Why record data may leave, other than by luck. */
struct disclosure_basis {
  struct text name, label[CONSENT_LANGUAGES], hint[CONSENT_LANGUAGES];
  struct consent_words purposes, evidence, roles, documents;
  enum basis_cover cover;
  struct consent_words covered; /* labels, or fields "document.field" */
  bool is_to_person;            /* the recipient is the person, and nobody else */
  bool counts;                  /* stands in the accounting */
  struct consent_term term;
  struct text source, grade, signed_by;
};

struct consent_statement {
  struct text name;
  struct consent_words kinds;
  struct text words[CONSENT_LANGUAGES];
  struct text source, grade;
};
/* A version of the words that are shown and signed: knowledge/consent-forms/<version>.<code>.md. */
struct consent_form {
  struct text version, body[CONSENT_LANGUAGES];
  struct consent_term term;
  struct text source, grade, signed_by;
};

struct consent_rules {
  struct arena *arena;
  const struct consent_kind *kinds;
  const struct consent_element *elements;
  const struct purpose *purposes;
  const struct recipient_class *classes;
  const struct sensitivity *sensitivities;
  const struct disclosure_basis *bases;
  const struct consent_statement *statements;
  const struct consent_form *forms;
  size_t kind_count, element_count, purpose_count, class_count, sensitivity_count, basis_count,
      statement_count, form_count;
  int64_t emergency_length, emergency_review; /* microseconds */
  struct consent_words emergency_told;        /* roles */
};

/* Load and check all of it; a fault names file and line. */
bool consent_rules_load(struct consent_rules **out, const char *knowledge_folder,
                        struct error *error);
void consent_rules_free(struct consent_rules *rules);

/* NULL when there is none of that name. */
const struct consent_kind *consent_kind_find(const struct consent_rules *rules, struct text name);
const struct purpose *purpose_find(const struct consent_rules *rules, struct text code);
const struct recipient_class *recipient_class_find(const struct consent_rules *rules,
                                                   struct text name);
const struct sensitivity *sensitivity_find(const struct consent_rules *rules, struct text name);
const struct disclosure_basis *disclosure_basis_find(const struct consent_rules *rules,
                                                     struct text name);
/* The statement of that name for a kind; NULL when there is none. */
const struct consent_statement *consent_statement_find(const struct consent_rules *rules,
                                                       struct text name, struct text kind);
const struct consent_form *consent_form_find(const struct consent_rules *rules,
                                             struct text version);
/* The newest form in force; NULL when none is. */
const struct consent_form *consent_form_current(const struct consent_rules *rules, int64_t now);
bool consent_term_holds(const struct consent_term *term, int64_t now);
/* The index of a language code in the label arrays; 0 when unknown. */
size_t consent_language(struct text code);
/* Midnight UTC that begins a date; false when it is none. `days` are added. */
bool consent_date_read(struct text date, int days, int64_t *out);

#endif
