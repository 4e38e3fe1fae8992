/*
 * intake_rules: what knowledge/ says of coming in: the items of an intake, why one may be left out,
 * what cannot stay, what to bring, what a welcome says, where belongings go.
 *
 * Every code has words in the catalog under "<list>.<code>". Loading refuses, with file and line, a
 * repeated code, one without words, a row without a source, a word that another list of knowledge/
 * does not know, two rows of one item that could hold at once, an item that both blocks and may be
 * declined, and a medicine that would be left at home. Terms, words and sources are coverage's
 * (coverage/rules.h). Law that has ended still counts, since it protects; whoever shows it says so.
 * Immutable after loading; any thread may read.
 */
#ifndef FAIRLEAD_ADMISSION_INTAKE_RULES_H
#define FAIRLEAD_ADMISSION_INTAKE_RULES_H

#include "coverage/coverage.h"

/* What shows that an item is done. The first two are said by staff; the others stand in a record
 * elsewhere and are never typed again. */
enum intake_evidence_kind {
  INTAKE_MARK,       /* staff say so */
  INTAKE_DOCUMENT,   /* and where the document is */
  INTAKE_FACT,       /* a dated fact of one of these kinds */
  INTAKE_CONSENT,    /* a consent of one of these kinds that holds */
  INTAKE_NOTICE,     /* the notice of rights was given */
  INTAKE_PHOTO,      /* the record has a photo */
  INTAKE_CONTACT,    /* and a contact */
  INTAKE_TEAM,       /* somebody looks after the person */
  INTAKE_INSTRUMENT, /* one of these was answered */
  INTAKE_LEVEL,      /* a clinician decided on a level of care */
  INTAKE_COUNT,      /* every medicine was counted by two */
  INTAKE_INVENTORY,  /* the list of belongings was signed by two */
  INTAKE_RESTRICTED, /* what cannot stay has gone where it goes */
  INTAKE_EVIDENCE_KINDS
};

/* One row of intake-items.csv. Times are microseconds from the admission. */
struct intake_item {
  struct text code, part;
  struct coverage_words programs, levels, roles;
  bool has_due;
  int64_t due;    /* by when; below 0: before */
  int64_t oldest; /* evidence may be this much older than the admission; 0: any age */
  enum intake_evidence_kind evidence;
  struct coverage_words of;
  struct text fact;             /* only where such a fact holds, or "" */
  struct coverage_words values; /* with one of these values */
  bool blocks;                  /* nobody is admitted without it */
  bool may_decline;
  struct coverage_term term;
  struct coverage_basis basis;
};
/* Is it said by staff, rather than found elsewhere? */
bool intake_item_is_said(const struct intake_item *item);

/* Why an item is not done: intake-reasons.csv. */
struct intake_reason {
  struct text code;
  bool is_declined;            /* offered and not wanted; else: not needed */
  struct coverage_words items; /* which */
  bool needs_words;
  struct coverage_basis basis;
};

/* What cannot stay, and where it goes: restricted-items.csv. */
struct restricted_item {
  struct text code;
  struct text fate; /* belongings-states.csv: sent, stored, destroyed */
  struct coverage_words programs;
  struct coverage_basis basis;
};

/* What to bring, and what stays at home: packing-list.csv. */
struct packing_item {
  struct text code;
  bool is_brought;
  struct text kind; /* medicine, paper, thing */
  struct coverage_words programs;
  struct coverage_basis basis;
};

/* A part of the sheet that welcomes somebody: welcome-parts.csv. Its words are
 * "welcome-parts.<code>" and ".words"; a program may say its own. */
struct welcome_part {
  struct text code;
  struct coverage_words programs;
  struct coverage_basis basis;
};

/* What a record says to the level of care: level-facts.csv. A row's word is an answer of the
 * table's fact as JSON writes it, or "days": how many lie behind the date that the record has. */
enum level_fact_source {
  LEVEL_FROM_FACT,       /* a dated fact of this kind; value "*": any */
  LEVEL_FROM_REQUEST,    /* what was said when a place was asked for: "pregnant" */
  LEVEL_FROM_ITEM,       /* an item of this intake that is "done" */
  LEVEL_FROM_INSTRUMENT, /* an answered questionnaire; has no rows: it says its facts itself */
  LEVEL_FACT_SOURCES
};
struct level_fact {
  enum level_fact_source from;
  struct text of, value;    /* what the record says */
  struct text fact, answer; /* what that is to the table */
  struct coverage_basis basis;
};

/* Where a belonging may be: belongings-states.csv. */
struct belongings_state {
  struct text code;
  struct coverage_words next;
  bool asks_place, asks_two, is_end;
};

struct intake_rules;

/* Load from the knowledge folder; words are looked for in the catalog, which may be NULL: then none
 * are asked for. Refuses at the first fault. Borrows nothing. */
bool intake_rules_load(struct intake_rules **out, const char *knowledge_folder,
                       const struct catalog *catalog, struct error *error);
/* The same, but hand every fault to `each`; answers their number, and sets `*out` only when there
 * is none. */
size_t intake_rules_load_reporting(
    struct intake_rules **out, const char *knowledge_folder, const struct catalog *catalog,
    void (*each)(void *context, const struct knowledge_problem *problem), void *context);
void intake_rules_free(struct intake_rules *rules);
void intake_rules_each_count(const struct intake_rules *rules,
                             void (*each)(void *context, const char *what, size_t count),
                             void *context);

/* Rows in the order of the file: those of one item stand at several places. */
size_t intake_items_count(const struct intake_rules *rules);
const struct intake_item *intake_items_get(const struct intake_rules *rules, size_t index);
/* Different items, and the row that is the first of each. */
size_t intake_codes_count(const struct intake_rules *rules);
const struct intake_item *intake_codes_get(const struct intake_rules *rules, size_t index);

size_t intake_reasons_count(const struct intake_rules *rules);
const struct intake_reason *intake_reasons_get(const struct intake_rules *rules, size_t index);
/* May this reason be given for this row? An item that blocks takes none that is for every item. */
bool intake_reason_fits(const struct intake_reason *reason, const struct intake_item *item);
/* NULL: none such. */
const struct intake_reason *intake_reasons_find(const struct intake_rules *rules, struct text code);

size_t restricted_items_count(const struct intake_rules *rules);
const struct restricted_item *restricted_items_get(const struct intake_rules *rules, size_t index);
const struct restricted_item *restricted_items_find(const struct intake_rules *rules,
                                                    struct text code);
size_t packing_items_count(const struct intake_rules *rules);
const struct packing_item *packing_items_get(const struct intake_rules *rules, size_t index);
size_t welcome_parts_count(const struct intake_rules *rules);
const struct welcome_part *welcome_parts_get(const struct intake_rules *rules, size_t index);
/* NULL: none such. */
const struct welcome_part *welcome_parts_find(const struct intake_rules *rules, struct text code);
const struct belongings_state *belongings_states_find(const struct intake_rules *rules,
                                                      struct text code);
size_t belongings_conditions_count(const struct intake_rules *rules);
struct text belongings_conditions_get(const struct intake_rules *rules, size_t index);
/* Why nobody signed for what was given back: belongings-unsigned.csv. */
size_t belongings_unsigned_count(const struct intake_rules *rules);
struct text belongings_unsigned_get(const struct intake_rules *rules, size_t index);

size_t level_facts_count(const struct intake_rules *rules);
const struct level_fact *level_facts_get(const struct intake_rules *rules, size_t index);
/* "fact", "request", "item", "instrument". */
const char *level_fact_source_name(enum level_fact_source source);

/* For `knowledge show`: the rows that are called so, each with its words in every language. */
void intake_rules_find(const struct intake_rules *rules, const struct catalog *catalog,
                       struct arena *arena, struct text name, struct value *found);

#endif
