/*
 * intake_propose: what a record says to the level of care: its dated facts, answered
 * questionnaires, what was said when a place was asked for, what is done of this intake.
 *
 * These are proposals: nothing here decides, and a clinician takes what still holds. Which word of
 * a record is which answer of the table is level-facts.csv; a questionnaire says its own facts. Of
 * several records that speak of one fact the newest counts, and of several dates the last; that an
 * older one says otherwise is told. Threads: any. Source: docs/intake.md.
 */
#ifndef FAIRLEAD_ADMISSION_INTAKE_PROPOSE_H
#define FAIRLEAD_ADMISSION_INTAKE_PROPOSE_H

#include "admission/intake_record.h"

/* What stands in a record. */
struct intake_known {
  enum level_fact_source from;
  struct text of, value;      /* a kind of fact and its value; "pregnant", "yes"; an item, "done" */
  struct text id;             /* the record's; of an item "" */
  int64_t at;                 /* since when it holds, or when it was said */
  const struct facts *scores; /* of a questionnaire; else NULL */
};
/* (intake, read): all that is known of the person, by the intake that `view` shows. */
bool intake_known_load(struct store_transaction *transaction, const struct intakes *intakes,
                       const struct access *access, struct arena *arena,
                       const struct intake_view *view, struct intake_known **out, size_t *count,
                       struct error *error);

struct intake_proposal {
  size_t fact;  /* of the table */
  double value; /* its answer, as struct facts has it */
  const struct intake_known *known;
  const struct intake_known *other; /* the newest that says otherwise, or NULL */
  double other_value;
};
/* Pure: at most one proposal for each fact, in the table's order. `out` has room for facts_count()
 * of them; answers their number. `today` is YYYY-MM-DD where the person's site is. An answer that
 * the table would refuse is left out. */
size_t intake_propose(const struct intake_rules *rules, const struct level_of_care *table,
                      const struct intake_known *known, size_t known_count, struct text today,
                      struct arena *arena, struct intake_proposal *out);

#endif
