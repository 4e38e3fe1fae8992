/*
 * The inside of the proof: the partition of the inputs, and what its parts can do together.
 *
 * proof.c says why this is exhaustive. The partition here is made from the conditions alone, apart
 * from the one that the engine makes for itself when it loads.
 */
#ifndef FAIRLEAD_ASSESSMENT_PROOF_PRIVATE_H
#define FAIRLEAD_ASSESSMENT_PROOF_PRIVATE_H

#include "assessment/level_of_care_private.h"

/* The engine that is proved: care_find() and condition_find(), but for tests that plant a fault. */
struct proof_engine {
  void (*find)(const struct level_of_care *table, const struct facts *facts,
               const struct care_options *options, struct care_result *out);
  enum truth (*evaluate)(const struct condition *condition, const struct condition_input *input);
};
size_t care_prove_engine(const struct level_of_care *table, const struct proof_engine *engine,
                         struct arena *arena,
                         void (*each)(void *context, const struct care_problem *problem),
                         void *context, struct care_proof *proof);

enum {
  PROOF_TESTS = 64,            /* conditions that hang together (count) */
  PROOF_COMBINATIONS = 1 << 24 /* combinations of a component's cells (count) */
};

/* --- Numbers for keys ------------------------------------------------------------------------ */

/* Gives each key a number, from 0 in the order in which they come. */
struct key_numbers {
  struct arena *arena;
  uint64_t *keys;  /* by number */
  uint32_t *slots; /* number + 1; 0: free */
  size_t count, capacity;
};
void key_numbers_init(struct key_numbers *numbers, struct arena *arena);
/* The key's number; a key that is new gets numbers->count, which then grows. */
size_t key_number(struct key_numbers *numbers, uint64_t key);

/* --- Cells of one fact ------------------------------------------------------------------------ */

struct proof_cells {
  size_t count;   /* with the cell "not known", which is the last, unless a value is assumed */
  size_t at_rest; /* the cell of a fact that nobody mentions: "not known", or the assumed value's */
  double *shown;  /* by cell: one of its values; NAN: not known */
  /* compares[a * count + b]: b holds a value that is at least as bad as one of a; from[…] and to[…]
   * are two such, as near as can be. Of a fact that may never move the level: any two cells. */
  bool *compares;
  double *from, *to;
  uint16_t *distance; /* how far apart those two are in the list of the fact's values */
};
/* Cut the fact's values by every condition that names it. */
void proof_cells_find(const struct level_of_care *table, size_t fact, struct arena *arena,
                      struct proof_cells *out);

/* --- Components --------------------------------------------------------------------------------
 */

struct proof_test {
  enum { TEST_RULE, TEST_CONTRADICTION, TEST_PROMISE } kind;
  size_t index;
  const struct condition *condition;
};

/* What holds of a component's tests, and what the rules among them give. */
struct proof_signature {
  uint64_t holds; /* bit i: test i is true */
  uint64_t mask;  /* what its rules contribute */
  size_t known;   /* least number of facts that must be known */
  size_t combination;
  bool contradicts; /* such answers are refused */
};

/* Facts that share a condition or a suspension. Combination n is the sum of cell × stride. */
struct proof_component {
  size_t facts[FACTS_MAXIMUM], strides[FACTS_MAXIMUM], fact_count;
  struct proof_test tests[PROOF_TESTS];
  size_t test_count;
  size_t combinations;
  uint32_t *signature_of; /* by combination */
  struct proof_signature *signatures;
  size_t signature_count;
};

struct proof {
  const struct level_of_care *table;
  struct arena *arena, *scratch; /* of the whole proof; of one step, cleared behind it */
  struct proof_cells cells[FACTS_MAXIMUM];
  struct proof_component *components;
  size_t component_count;
  bool only_signed; /* only rules that are signed act, and stop rules */
};
/* Make components and their signatures. Answers the component that is too large to prove, or
 * proof->component_count when none is. */
size_t proof_partition(struct proof *proof);
/* What the true rules among `holds` give, less those that are suspended. */
uint64_t proof_mask(const struct proof *proof, const struct proof_component *component,
                    uint64_t holds);
/* Does the rule act at all under proof->only_signed? */
bool proof_rule_acts(const struct proof *proof, size_t rule);
/* Does a rule that is true among `holds` suspend this rule? */
bool proof_is_suspended(const struct proof *proof, const struct proof_component *component,
                        uint64_t holds, size_t test);
/* The cell that each fact of the component has in the combination. */
size_t proof_cell(const struct proof *proof, const struct proof_component *component,
                  size_t combination, size_t position);

/* --- What components can do together ------------------------------------------------------------
 */

/* One union of contributions, one signature of each component. */
struct proof_union {
  uint64_t mask;
  size_t known;
  uint32_t before;    /* index in the layer before */
  uint32_t signature; /* of the layer's component */
};
struct proof_layer {
  size_t component;
  struct proof_union *unions;
  size_t count;
};
struct proof_unions {
  struct proof_layer *layers; /* the last holds the whole */
  size_t layer_count;
};
/* Join every component but `without` (component_count: none). `quiet`: only what neither stops nor
 * shuts the gate. Each union has the fewest known facts that give it. */
void proof_join(const struct proof *proof, size_t without, bool quiet, struct proof_unions *out);
static inline const struct proof_layer *proof_last(const struct proof_unions *unions)
{
  return &unions->layers[unions->layer_count - 1];
}
/* Set the facts that give union `index` of the last layer; others stay as they are. */
void proof_union_facts(const struct proof *proof, const struct proof_unions *unions, size_t index,
                       struct facts *facts);
/* Set the facts of one combination of a component. */
void proof_combination_facts(const struct proof *proof, const struct proof_component *component,
                             size_t combination, struct facts *facts);

/* --- The run -----------------------------------------------------------------------------------
 */

/* One run of the proof: all rules act, or those that are signed. */
struct proof_check {
  struct proof proof;
  const struct proof_engine *engine;
  struct care_options options;
  struct arena *out; /* where reports live */
  void (*each)(void *context, const struct care_problem *problem);
  void *context;
  size_t problems;
  struct care_proof *totals;
  const struct proof_component *component; /* of the present step, */
  struct proof_unions others;              /* and what stands beside it */
};

/* Check the steps of check->component beside check->others. */
void proof_check_steps(struct proof_check *check);
/* Check that the rules of check->component can act, change something, say different things, and
 * that its promises hold. */
void proof_check_rules(struct proof_check *check);
/* Check every rule by itself: what holds with answers missing stays so. */
void proof_check_missing(struct proof_check *check);
/* Check that every row of "Aggregation" can be the first that holds. */
void proof_check_rows(struct proof_check *check);

/* An outcome in one word, so that many can be kept. */
struct proof_brief {
  uint8_t level, overlays, medication;
};
enum { BRIEF_EMERGENCY = LEVEL_NONE + 1 }; /* above every level */
struct proof_brief proof_brief_find(const struct level_of_care *table, uint64_t mask);
bool proof_brief_equal(struct proof_brief a, struct proof_brief b);

/* --- Words -------------------------------------------------------------------------------------
 */

/* Tell of a rule: its id, then `claim`. A note is no problem. */
void proof_report_rule(struct proof_check *check, size_t rule, bool is_note, const char *claim,
                       const char *mend);
/* Tell of one set of answers and its result. */
void proof_report_facts(struct proof_check *check, int64_t line, const struct facts *facts,
                        const char *claim, const char *mend);
/* Tell of two that differ in one fact. */
void proof_report_pair(struct proof_check *check, size_t fact, const struct facts *a,
                       const struct facts *b, const char *claim, const char *mend);
void proof_report_text(struct proof_check *check, int64_t line, struct text text, const char *mend);
/* The answers that give union `index` of the last layer. */
void proof_facts_of(const struct proof_check *check, const struct proof_unions *unions,
                    size_t index, struct facts *facts);

#endif
