/*
 * rules_private: what the rules hold, and how their files are read. Private to coverage.
 *
 * A reader goes on after a fault with what it has (needs_file.h); nothing that was read is used
 * once a fault has been counted. Threads: one at a time while loading.
 */
#ifndef FAIRLEAD_COVERAGE_RULES_PRIVATE_H
#define FAIRLEAD_COVERAGE_RULES_PRIVATE_H

#include "coverage/coverage.h"
#include "directory/needs_file.h"

/* States that a rule names together. */
struct state_group {
  struct text name;
  struct coverage_words states;
  struct coverage_term term;
  struct coverage_basis basis;
};

/* part / of */
struct rules_fraction {
  int64_t part, of;
};

/* What a code of a 271 says for which question. */
enum x12_takes {
  X12_YES,
  X12_NO,
  X12_AMOUNT,
  X12_PERCENT,
  X12_DAYS,
  X12_LEFT_AMOUNT,
  X12_LEFT_DAYS
};
struct x12_meaning {
  struct text code;
  struct coverage_words periods, services; /* EB06 ("-": not sent), EB03 */
  enum benefit_name question;
  enum x12_takes takes;
};
/* The service type and places of service of levels of care. */
struct x12_level {
  struct coverage_words levels;
  struct text service;
  struct coverage_words places;
};

struct coverage_rules {
  struct arena *arena;
  struct state_group *groups;
  size_t group_count;
  struct poverty_guideline *guidelines;
  size_t guideline_count;
  struct income_period *periods;
  size_t period_count;
  struct fee_schedule *schedules;
  size_t schedule_count;
  struct paying_state *states;
  size_t state_count;
  struct paying_situation *situations;
  size_t situation_count;
  struct paying_way *ways;
  size_t way_count;
  struct coverage_name *payers, *reasons;
  size_t payer_count, reason_count;
  struct coverage_clock *clocks;
  size_t clock_count;
  struct appeal_right *rights;
  size_t right_count;
  struct coverage_name *classes; /* of parity */
  size_t class_count;
  struct parity_item *items;
  size_t item_count;
  struct parity_law *laws;
  size_t law_count;
  struct rules_fraction fractions[2]; /* substantially all, predominant */
  struct letter *letters;
  size_t letter_count;
  struct template_set *letter_bodies[COVERAGE_LANGUAGES];
  struct funding_source *fundings;
  size_t funding_count;
  struct x12_meaning *meanings;
  size_t meaning_count;
  struct x12_level *x12_levels;
  size_t x12_level_count;
  struct coverage_name *rejections; /* of x12, by code */
  size_t rejection_count;
  struct benefit_question questions[BENEFIT_COUNT];
  enum benefit_name question_order[BENEFIT_COUNT];
  int64_t full_discount_to, no_discount_above, least_between; /* fee-rules.csv */
};

struct rules_loading {
  struct coverage_rules *rules;
  struct knowledge_loader loader;
  struct knowledge_file file; /* the one that is read */
  size_t count;               /* its rows; 0 after a fault */
};

/* Open a file and make room for its rows, of `size` bytes each. */
void *rules_begin(struct rules_loading *loading, const char *name, const char *const *columns,
                  size_t size);
/* Report a fault of a row. */
void rules_refuse(struct rules_loading *loading, size_t row, const char *mend, const char *what);
/* A whole number from `least` to `most`; `least` after a fault. */
int64_t rules_integer(struct rules_loading *loading, size_t row, size_t column, int64_t least,
                      int64_t most);
/* The same, or `otherwise` where the cell is empty. */
int64_t rules_optional(struct rules_loading *loading, size_t row, size_t column, int64_t most,
                       int64_t otherwise);
/* Whole dollars, as cents. */
int64_t rules_dollars(struct rules_loading *loading, size_t row, size_t column);
bool rules_yes(struct rules_loading *loading, size_t row, size_t column);
/* Which of `names` (ending with NULL) a cell is; 0 after a fault. */
size_t rules_choice(struct rules_loading *loading, size_t row, size_t column,
                    const char *const *names);
struct coverage_words rules_words(struct rules_loading *loading, size_t row, size_t column);
/* effective and expires, in two columns. */
struct coverage_term rules_term(struct rules_loading *loading, size_t row, size_t column);
/* source, grade and signed_by, in three columns. */
struct coverage_basis rules_basis(struct rules_loading *loading, size_t row, size_t column);
/* Codes of states and names of groups; each must be one. */
struct coverage_words rules_states(struct rules_loading *loading, size_t row, size_t column);
/* Is the state one of these, by a group that holds on that day? */
bool rules_states_have(const struct coverage_rules *rules, const struct coverage_words *states,
                       struct text state, int64_t day);

/* The files of each part. */
void rules_load_states(struct rules_loading *loading);
void rules_load_fees(struct rules_loading *loading);
void rules_load_paying(struct rules_loading *loading);
void rules_load_benefits(struct rules_loading *loading);
void rules_load_clocks(struct rules_loading *loading);
void rules_load_parity(struct rules_loading *loading);
void rules_load_funding(struct rules_loading *loading);
void rules_load_x12(struct rules_loading *loading);
void rules_load_letters(struct rules_loading *loading);
/* A file of a name and labels alone. */
struct coverage_name *rules_load_names(struct rules_loading *loading, const char *file,
                                       const char *column);

#endif
