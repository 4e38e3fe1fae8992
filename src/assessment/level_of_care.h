/*
 * Level of care: from facts about a person to the care that fits, with every reason.
 *
 * The table is knowledge/level-of-care.md: facts, levels, aggregation, rules, factors, what is
 * always said, and needs for the finder (docs/assessment.md names its columns). It is loaded and
 * checked once, immutable afterwards; any thread may read.
 *
 * The engine is pure: facts in, values out; no clock, no store. Unknown answers follow Kleene's
 * logic: a rule acts when its condition is true whatever the unknown facts are.
 */
#ifndef FAIRLEAD_ASSESSMENT_LEVEL_OF_CARE_H
#define FAIRLEAD_ASSESSMENT_LEVEL_OF_CARE_H

#include "directory/directory.h"

enum {
  FACTS_MAXIMUM = 96,  /* facts (count) */
  FACT_WORDS = 8,      /* words of one fact (count) */
  RULES_MAXIMUM = 128, /* rules, stop rules included (count) */
  LEVELS_MAXIMUM = 16, /* levels (count) */
  LEVEL_NONE = LEVELS_MAXIMUM,
  CARE_LANGUAGES = 2 /* the catalog's order: English, Spanish */
};

/* --- Facts --------------------------------------------------------------------------------- */

enum fact_kind { FACT_INTEGER, FACT_NUMBER, FACT_YES_NO, FACT_WORD };

/* What a fact may do to the level; the proof holds it to that. */
enum fact_role {
  FACT_NEED,  /* worse never lowers the level */
  FACT_GATE,  /* age: who the table is for, and nothing else */
  FACT_WISH,  /* preference, motivation, wanting medication, what is in the way: never moves it */
  FACT_PAYER, /* who pays: never moves it */
  FACT_PROTECTED, /* a protected class: never moves it */
  FACT_PLACE      /* what a place should offer (language, children): never moves it */
};

struct fact {
  struct text name; /* "opioid_use_disorder" */
  enum fact_kind kind;
  enum fact_role role;
  double minimum, maximum;       /* of a number, inclusive */
  struct text words[FACT_WORDS]; /* of FACT_WORD, in the document's order */
  size_t word_count;
  /* How bad each word or truth value is (0 best; equal is as bad); for numbers see `worse`. */
  unsigned char rank[FACT_WORDS];
  enum { WORSE_NONE, WORSE_HIGHER, WORSE_LOWER, WORSE_OUTSIDE } worse; /* numbers */
  double usual_from, usual_to;                                         /* of WORSE_OUTSIDE */
  double assumed;                    /* value that stands until it is known; NAN: none */
  bool changeable;                   /* offered in "what would change this" */
  struct text label[CARE_LANGUAGES]; /* "a confirmed place in a recovery residence" */
  struct text source;
};

/* Answers: value[i] of fact i. NAN is unknown; no 0, yes 1; a word is its index. */
struct facts {
  double value[FACTS_MAXIMUM];
};

struct level_of_care; /* the loaded table */

/* Load and check knowledge/level-of-care.md and its Spanish. Refuses at the first problem, with
 * file, line and how to mend it. Borrows nothing. */
bool level_of_care_load(struct level_of_care **out, const char *knowledge_folder,
                        const struct needs *needs, struct error *error);
/* The same, handing every problem to `each`. Answers their number; `*out` is set only when there is
 * none. */
size_t level_of_care_load_reporting(
    struct level_of_care **out, const char *knowledge_folder, const struct needs *needs,
    void (*each)(void *context, const struct knowledge_problem *problem), void *context);
void level_of_care_free(struct level_of_care *table);

size_t facts_count(const struct level_of_care *table);
const struct fact *facts_get(const struct level_of_care *table, size_t index);
bool facts_find(const struct level_of_care *table, struct text name, size_t *out);
/* All unknown. */
void facts_init(struct facts *facts);
/* Set one from its JSON form: null is unknown. Refuses (ERROR_REFUSED, field named) an unknown
 * name, another type, a word that is none of the fact's, a number out of its range or not whole. */
bool facts_set(const struct level_of_care *table, struct facts *facts, struct text name,
               const struct value *value, struct error *error);
/* Read {"name": value, …}. Refuses what facts_set() refuses, and facts that contradict each other
 * (the table's "Contradictions"). `out` is untouched on failure. */
bool facts_read(const struct level_of_care *table, const struct value *object, struct facts *out,
                struct error *error);
/* Do known facts contradict each other? Answers true when they do not, and when a stop rule holds
 * without them: an emergency is never held up by a question of form. */
bool facts_check(const struct level_of_care *table, const struct facts *facts, struct error *error);
/* One known fact in its JSON form; null when unknown. */
const struct value *facts_write(const struct level_of_care *table, struct arena *arena, size_t fact,
                                double value);

/* --- Levels and rules ---------------------------------------------------------------------- */

enum care_setting { CARE_NONE, CARE_OUTPATIENT, CARE_RESIDENTIAL, CARE_INPATIENT, CARE_EMERGENCY };
enum care_overlay { OVERLAY_BIO = 1, OVERLAY_COE = 2, OVERLAY_PSY = 4, OVERLAY_RR = 8 };

struct level {
  struct text number; /* "2.1" */
  struct text name[CARE_LANGUAGES];
  struct text asam3, asam4; /* crosswalk, for display: aligned with, not endorsed by */
  enum care_setting setting;
  bool is_managed;                   /* medically managed */
  struct text kind;                  /* "intensive" */
  struct text hours[CARE_LANGUAGES]; /* what it is like: "9 to 19 hours a week" */
};
size_t levels_count(const struct level_of_care *table); /* in their order, lowest first */
const struct level *levels_get(const struct level_of_care *table, size_t index);

enum rule_kind { RULE_STOP, RULE_NEED, RULE_GATE };
struct rule {
  struct text id;        /* "B12" */
  struct text dimension; /* "4A" */
  enum rule_kind kind;
  struct text condition, effect; /* as the document prints them */
  struct text reason[CARE_LANGUAGES];
  struct text act[CARE_LANGUAGES];      /* of a stop rule: what to do now */
  struct text source, grade, signed_by; /* "unsigned" when nobody did */
};
size_t rules_count(const struct level_of_care *table);
const struct rule *rules_get(const struct level_of_care *table, size_t index);

/* --- The engine ---------------------------------------------------------------------------- */

struct care_options {
  bool require_signatures; /* an unsigned need rule is shown and does not act; stop rules act */
};

enum rule_state {
  RULE_SILENT,    /* its condition is false; or unknown, and it could not act if it were true */
  RULE_FIRED,     /* true, and it acts */
  RULE_POSSIBLE,  /* it would act, if answers that are missing were known so */
  RULE_SUSPENDED, /* true, and another rule that fired suspends it: by name, or a stop rule all
                     others, or the gate every need rule */
  RULE_WAITING    /* true, and waits for a signature */
};

struct care_result {
  size_t level;      /* index, or LEVEL_NONE: a stop rule, or under age */
  unsigned overlays; /* bits of enum care_overlay */
  enum care_setting setting;
  bool is_minor, medication_at_place; /* the second: a place must start or continue medication */
  unsigned char state[RULES_MAXIMUM]; /* enum rule_state, by rule */
  size_t decisive; /* the fired rule whose absence would change the result most; RULES_MAXIMUM:
                      none asks for anything */
};

/* The level, and what each rule said. Under 50 µs. `options` NULL: the defaults. */
void care_find(const struct level_of_care *table, const struct facts *facts,
               const struct care_options *options, struct care_result *out);

/* A shortest set of changed facts that gives another level. */
enum { CARE_CHANGE_FACTS = 3, CARE_CHANGES = 12, CARE_UNKNOWN = FACTS_MAXIMUM };
struct care_change {
  size_t fact[CARE_CHANGE_FACTS];
  double value[CARE_CHANGE_FACTS];
  size_t count;
  size_t level;
  unsigned overlays;
};
/* What else than a level can follow. */
enum care_beyond {
  CARE_BEYOND_EMERGENCY = 1 << LEVELS_MAXIMUM,
  CARE_BEYOND_GATE = 1 << (LEVELS_MAXIMUM + 1) /* the person is not whom the table is for */
};
/* An answer that is worth asking: with others still missing, it can change the result. */
struct care_unknown {
  size_t fact;
  uint32_t levels; /* bit i: level i can follow; or a bit of enum care_beyond */
};
struct care_explanation {
  struct care_change changes[CARE_CHANGES];
  size_t change_count;
  struct care_unknown unknown[CARE_UNKNOWN]; /* most informative first */
  size_t unknown_count;                      /* 0: no unasked answer can change the result */
};
/* Counterfactuals and next questions. Under 5 ms. */
void care_explain(const struct level_of_care *table, const struct facts *facts,
                  const struct care_options *options, const struct care_result *result,
                  struct care_explanation *out);

/* --- As a document ------------------------------------------------------------------------- */

/* The result document of design §6 and docs/assessment.md, in a language of the catalog. */
struct value *care_write(const struct level_of_care *table, struct arena *arena,
                         const struct facts *facts, const struct care_result *result,
                         const struct care_explanation *explanation, size_t language);
/* Read what is asked: {"facts": {…}}, or a FHIR R4 QuestionnaireResponse whose linkIds are names of
 * facts. Refuses what is neither, a linkId twice with different answers, and all of facts_read().
 */
bool care_read(const struct level_of_care *table, const struct value *document, struct facts *out,
               struct error *error);

/* The same, and a response whose `questionnaire` names one of these instruments is scored and
 * becomes the facts that its score gives. Refuses one that is off, and one that says nothing yet.
 */
struct instruments;
bool care_read_scored(const struct level_of_care *table, const struct instruments *instruments,
                      const struct value *document, struct facts *out, struct error *error);

/* --- Proof --------------------------------------------------------------------------------- */

struct care_problem {
  int64_t line;            /* of level-of-care.md; 0: the whole */
  const char *what, *mend; /* without a last period */
  bool is_note;            /* worth knowing, and no problem */
};
struct care_proof {
  uint64_t cells, combinations, comparisons; /* what was enumerated (count) */
  double seconds;
};
/*
 * Check the table beyond loading: unreachable rules, missing sources; and prove over the partition
 * of its inputs that it is complete, deterministic, monotone, blind to wishes, payers and protected
 * classes, that stop rules dominate, and that its promises hold. Each failure is reported with a
 * smallest counter-example. Answers the number of problems; notes are reported and not counted.
 */
size_t care_prove(const struct level_of_care *table, struct arena *arena,
                  void (*each)(void *context, const struct care_problem *problem), void *context,
                  struct care_proof *proof);

#endif
