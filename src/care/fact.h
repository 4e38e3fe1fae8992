/*
 * fact: what is known, since when, until when, and who says so. The loop between the rooms closes
 * here: a later room writes a fact with its name and its record's id, an earlier one reads it.
 *
 * fact-kinds.csv says for each kind whether it is of a person or of the program, what its value is
 * (none, a code of fact-values.csv, a whole number, a date, a count of cents), whether words are
 * kept with it (sealed), whether one follows the other (a new one ends the last), where the banner
 * shows it. Nothing is taken away: a fact that was wrong is marked as entered in error.
 */
#ifndef FAIRLEAD_CARE_FACT_H
#define FAIRLEAD_CARE_FACT_H

#include "care/code.h"

struct care_fact {
  struct text id;
  struct text person_id; /* "": of the program */
  struct text kind;      /* fact-kinds.csv */
  struct text value;     /* as the kind says */
  struct text words;     /* "" or what was written */
  int64_t since_at;
  int64_t until_at;                   /* 0: it goes on */
  struct text source_room, source_id; /* "care" and "" when a person typed it here */
  struct text account_id;
  int64_t made_at, changed_at;
  int64_t error_at;         /* entered in error: when; 0: it stands */
  struct text error_reason; /* correction-reasons.csv */
  int64_t version;
};
void care_fact_check(const struct care *care, const struct care_fact *fact, int64_t now,
                     struct field_problems *problems);
/* (fact, write) for the person. Sets the id. A kind of which one follows the other ends the last.
 */
bool care_fact_add(struct store_transaction *transaction, const struct care *care,
                   const struct access *access, struct arena *arena, struct care_fact *fact,
                   struct error *error);
/* It held until then. */
bool care_fact_end(struct store_transaction *transaction, const struct access *access,
                   struct text id, int64_t until_at, int64_t version, struct error *error);
bool care_fact_mark_error(struct store_transaction *transaction, const struct care *care,
                          const struct access *access, struct text id, struct text reason,
                          int64_t version, struct error *error);

/* What is asked for; "" and 0 each: any. */
struct care_fact_query {
  struct text person_id;
  struct text kind;
  struct text source_room, source_id;
  int64_t at;      /* that held then */
  bool with_error; /* those entered in error, too */
};
/* (fact, read) for the person and the records merged into it; the newest since first. */
bool care_fact_list(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, const struct care_fact_query *query,
                    struct care_fact **out, size_t *count, struct error *error);
/* What the banner says of a person now: kinds whose `banner` is not "", in the order of
 * fact-kinds.csv. With any access to the person. */
bool care_fact_banner(struct store_transaction *transaction, const struct care *care,
                      const struct access *access, struct arena *arena, struct text person_id,
                      struct care_fact **out, size_t *count, struct error *error);

/* A value a kind may have. */
size_t care_fact_value_count(const struct care *care, struct text kind);
struct text care_fact_value(const struct care *care, struct text kind, size_t index);
/* Words for a value, in a language. */
struct text care_fact_value_label(const struct care *care, struct arena *arena, struct text kind,
                                  struct text value, size_t language);

#endif
