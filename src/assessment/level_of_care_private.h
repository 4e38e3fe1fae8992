/*
 * The inside of `struct level_of_care`, for the room's own files.
 *
 * A rule that acts gives a contribution: a set of levels asked for, of overlays, and whether
 * dimension 4A is raised, medicine must be started, the gate is shut or the assessment stops.
 * Contributions join by union, so a contribution is a bit mask, and what follows from a person's
 * facts is care_aggregate() of one mask.
 *
 * From that: numbers are cut into cells by every threshold of a rule; words that no rule tells
 * apart share a cell; facts that share a rule form a component, and a component's masks for all its
 * cells are written down when the table is loaded. Masks that no further contribution can tell
 * apart are one standing; there are few of them, and the join of two is a look-up.
 *
 * Everything lives in one arena and is immutable once loaded.
 */
#ifndef FAIRLEAD_ASSESSMENT_LEVEL_OF_CARE_PRIVATE_H
#define FAIRLEAD_ASSESSMENT_LEVEL_OF_CARE_PRIVATE_H

#include "assessment/expression.h"

/* --- Contributions ----------------------------------------------------------------------------
 */

/* Bits 0 to 15: levels asked for. 16 to 31: levels asked for in the dimension that can be raised.
 * 32 to 35: overlays. Then: */
#define ASK_RAISE (UINT64_C(1) << 40)
#define ASK_MEDICATION (UINT64_C(1) << 41)
#define ASK_GATE (UINT64_C(1) << 42) /* the person is not whom the table is for */
#define ASK_STOP (UINT64_C(1) << 43)
enum { ASK_RAISED_SHIFT = 16, ASK_OVERLAY_SHIFT = 32, ASK_LEVELS = 0xFFFF };

/* What follows from a mask. */
struct care_outcome {
  size_t level; /* LEVEL_NONE: a stop, the gate, or no row of "Aggregation" holds */
  unsigned overlays;
  enum care_setting setting;
  bool is_minor, medication_at_place;
};
void care_aggregate(const struct level_of_care *table, uint64_t mask, struct care_outcome *out);
/* Do two outcomes differ in anything that a person would notice? */
bool care_outcome_equal(const struct care_outcome *a, const struct care_outcome *b);

/* One row of "Aggregation". */
struct aggregation_row {
  struct text step; /* "G4" */
  struct condition condition;
  size_t level;
  unsigned overlays; /* kept of those asked for */
  int64_t line;
};

/* --- Standings: masks that nothing further tells apart -----------------------------------------
 */

enum {
  STANDINGS_MAXIMUM = 1024, /* standings (count) */
  MASKS_MAXIMUM = 1 << 16,  /* masks that the rules can give together (count) */
  STANDING_EXCLUDED = 0xFFFF
};
struct standings {
  struct care_outcome *outcome; /* by standing; standing 0 is that of no contribution */
  const uint64_t *first;        /* by standing: one of its masks */
  uint16_t *join;               /* join[a * count + b] */
  size_t count;
  uint64_t *masks; /* a hash table of every reachable mask, */
  uint16_t *of;    /* and its standing */
  size_t capacity, mask_count;
};
/* Leave out of a mask what cannot matter: all but a stop, or the gate; all but the highest level of
 * the dimension that can be raised. */
uint64_t care_mask_reduce(uint64_t mask);
/* The standing of a mask that the table's rules can give. */
size_t standing_find(const struct level_of_care *table, uint64_t mask);
static inline size_t standing_join(const struct standings *standings, size_t a, size_t b)
{
  return standings->join[a * standings->count + b];
}

/* --- Cells and components --------------------------------------------------------------------- */

/* Values of a fact that no rule and no contradiction tells apart: an interval of a number, the
 * words of a bit set, or a truth value. */
struct fact_cell {
  double low, high; /* of a number; of a whole number both are in the cell */
  bool low_open, high_open;
  uint32_t words; /* of a word or a yes-no (bit 0 no, bit 1 yes): bit i is value i */
  double sample;  /* one value of the cell */
};
struct fact_cells {
  struct fact_cell *cells;
  size_t count;
  size_t component; /* COMPONENT_NONE: no rule uses the fact */
  size_t position;  /* in its component */
};
/* The cell in which a known value lies. */
size_t fact_cell_find(const struct fact_cells *cells, double value);
/* The value of the cell that is nearest to `present` (NAN: the best of the cell, or its sample). */
double fact_cell_nearest(const struct fact *fact, const struct fact_cell *cell, double present);

enum {
  COMPONENTS_MAXIMUM = FACTS_MAXIMUM,
  COMPONENT_NONE = COMPONENTS_MAXIMUM,
  COMPONENT_CELLS = 1 << 18, /* combinations of one component (count) */
  FACT_CELLS = 64            /* cells of one fact (count) */
};
/* Facts that share a rule, a suspension or a contradiction. Combination number n is the sum of
 * cell × stride over the facts. */
struct component {
  size_t *facts, *strides, fact_count;
  size_t *rules, rule_count;
  size_t *contradictions, contradiction_count;
  size_t combinations;
  /* By combination; MASK_EXCLUDED and STANDING_EXCLUDED where the facts contradict each other. */
  uint64_t *masks, *signed_masks; /* when all rules act; and with signatures required */
  uint16_t *standings[2];         /* of these masks */
};
#define MASK_EXCLUDED UINT64_MAX

/* --- The table ---------------------------------------------------------------------------------
 */

/* A rule as the engine sees it. */
struct rule_program {
  struct condition condition;
  uint64_t contribution;
  uint64_t suspends[RULES_MAXIMUM / 64]; /* bit i: rule i */
  const size_t *facts;                   /* that its condition names, in their first order */
  size_t fact_count;
  size_t level; /* that it asks for; LEVEL_NONE: none (a note, an overlay, medicine, a stop) */
  bool is_signed, is_note; /* a note gives no contribution */
  int64_t line;
};

/* A row of "Factors": what the seeds name for and against. */
struct care_factor {
  struct text name;
  bool is_inpatient; /* it points toward inpatient care; otherwise toward outpatient */
  struct condition condition;
  struct text text[CARE_LANGUAGES], source;
};
/* A row of "Always". */
struct care_always {
  struct text id;
  struct condition condition; /* none: always */
  struct text text[CARE_LANGUAGES], source;
};
/* A row of "Needs". */
struct care_need {
  struct text name;
  size_t need; /* index of the directory's vocabulary */
  struct condition condition;
};
/* A row of "Promises": what must follow, whatever the rules say. care_prove() holds them to it. */
struct care_promise {
  struct text id;
  struct condition condition;
  size_t level; /* at least; LEVEL_NONE: an emergency */
  struct text source;
  int64_t line;
};
struct contradiction {
  struct text id;
  struct condition condition;
  struct text reason[CARE_LANGUAGES], source;
  int64_t line;
};

/* A source in other words than English; a name of a work that is the same in both has none. */
struct care_source {
  struct text name, text[CARE_LANGUAGES];
};

struct level_of_care {
  struct arena *arena;
  struct fact facts[FACTS_MAXIMUM];
  int64_t fact_lines[FACTS_MAXIMUM];
  size_t fact_count;
  struct contradiction *contradictions;
  size_t contradiction_count;
  struct level levels[LEVELS_MAXIMUM];
  size_t level_count;
  struct aggregation_row *aggregation;
  size_t aggregation_count;
  struct text raised;                 /* the dimension that can be raised: "4A" */
  size_t raise_steps[LEVELS_MAXIMUM]; /* its levels, lowest first */
  size_t raise_step_count;
  size_t medication_level; /* joined in where medicine must start and the result is outpatient */
  struct rule rules[RULES_MAXIMUM];
  struct rule_program programs[RULES_MAXIMUM];
  size_t rule_count;
  struct care_promise *promises;
  size_t promise_count;
  struct care_factor *factors;
  size_t factor_count;
  struct care_always *always;
  size_t always_count;
  struct care_need *needs;
  size_t need_count;
  struct care_source *sources;
  size_t source_count;

  struct fact_cells cells[FACTS_MAXIMUM];
  struct component *components;
  size_t component_count;
  struct standings standings;
};

/* Evaluate a condition over known and assumed facts; `result` may be NULL where none is named. */
enum truth care_holds(const struct level_of_care *table, const struct condition *condition,
                      const struct facts *facts, const struct care_result *result);
/* The facts with what is assumed of those that are unknown. */
void facts_assume(const struct level_of_care *table, const struct facts *facts, struct facts *out);
/* Does the condition of a rule name the fact? */
bool rule_uses_fact(const struct level_of_care *table, size_t rule, size_t fact);
/* Each overlay's name, in the order of its bits: "BIO", "COE", "PSY", "RR"; NULL ends it. */
extern const char *const care_overlay_names[];

/* What a set of rules gives together over values, in which NAN is unknown. */
uint64_t care_rules_mask(const struct level_of_care *table, const size_t *rules, size_t count,
                         const double *values, bool require_signatures);
/* Does a contradiction among the component's facts hold? */
bool care_component_contradicts(const struct level_of_care *table,
                                const struct component *component, const double *values);
/* Find a level by its number. */
bool care_level_find(const struct level_of_care *table, struct text number, size_t *out);
/* The bit of an overlay's name; 0: it is none. */
unsigned care_overlay_named(struct text name);
/* Build what is derived from the tables; reports a table that is too tangled. For the loader. */
struct care_loader;
void care_components_build(struct care_loader *loader);
void care_standings_build(struct care_loader *loader);

/* The loader's door for tests, fuzzing and proofs of spoiled tables: the two documents' texts. */
size_t level_of_care_read_reporting(
    struct level_of_care **out, struct text english, struct text spanish, const struct needs *needs,
    void (*each)(void *context, const struct knowledge_problem *problem), void *context);

#endif
