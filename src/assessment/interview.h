/*
 * The interview: which question comes next, and what its answers say about a person.
 *
 * Loaded from knowledge/interview.md (questions, answers, what an answer sets), which says itself
 * how it is read. Words are in the catalog (locale/<language>/interview.csv). Immutable after
 * loading; any thread may read.
 *
 * Pure: steps in, facts and the next question out. What is asked, and when it is enough, is what
 * care_explain() says is still worth asking.
 */
#ifndef FAIRLEAD_ASSESSMENT_INTERVIEW_H
#define FAIRLEAD_ASSESSMENT_INTERVIEW_H

#include "assessment/instrument.h"
#include "assessment/level_of_care.h"

enum {
  QUESTIONS_MAXIMUM = 64,      /* questions (count) */
  QUESTION_ANSWERS = 16,       /* answers of one question (count) */
  QUESTION_FACTS = 4,          /* facts of numbers, or that staff may type (count) */
  INTERVIEW_CLASHES = 32,      /* answers that do not fit, as the document names them (count) */
  INTERVIEW_STATE = 16 * 1024, /* the text of an interview's state (bytes) */
  QUESTION_NONE = QUESTIONS_MAXIMUM,
  QUESTION_WISHES /* all questions of QUESTION_LAST, on one page */
};

/* --- Questions, as the document says --------------------------------------------------------- */

/* Who answers. */
enum choose_voice {
  CHOOSE_SELF,  /* the person */
  CHOOSE_OTHER, /* family or a friend, about the person */
  CHOOSE_STAFF, /* someone who works with the person, with full instruments */
  CHOOSE_VOICES
};

enum question_kind {
  QUESTION_CHOICE,     /* one answer */
  QUESTION_SEVERAL,    /* any number of them; `none` goes with no other */
  QUESTION_NUMBERS,    /* a number a fact */
  QUESTION_INSTRUMENT, /* items of a scale */
  QUESTION_CHECKLIST   /* yes-no items of a scale: ticked is yes; at least one, or none of these */
};

enum question_order {
  QUESTION_FIRST, /* always asked, in the document's order */
  QUESTION_CARE,  /* asked while it can change the result */
  QUESTION_RULE,  /* and while it decides if a rule acts */
  QUESTION_LAST   /* wishes: never change the level */
};

struct question {
  struct text id;
  unsigned voices; /* bit by enum choose_voice */
  enum question_kind kind;
  enum question_order order;
  const struct text *answers; /* ids, of QUESTION_CHOICE and QUESTION_SEVERAL */
  size_t answer_count;
  const struct instrument *instrument; /* of QUESTION_INSTRUMENT and QUESTION_CHECKLIST; borrowed */
  const size_t *items;                 /* indexes of those that it asks */
  size_t item_count;
  size_t facts[QUESTION_FACTS]; /* of QUESTION_NUMBERS; else what staff may type instead */
  size_t fact_count;
};

struct interview;
/* Load and check knowledge/interview.md. Refuses at the first problem, with line and how to mend
 * it. Borrows table and instruments, which must live longer. */
bool interview_load(struct interview **out, const char *knowledge_folder,
                    const struct level_of_care *table, const struct instruments *instruments,
                    struct error *error);
/* The same from the document's text. */
bool interview_load_text(struct interview **out, struct text document,
                         const struct level_of_care *table, const struct instruments *instruments,
                         struct error *error);
void interview_free(struct interview *interview);
size_t questions_count(const struct interview *interview);
const struct question *questions_get(const struct interview *interview, size_t index);
/* Find by id; QUESTION_NONE when there is none. */
size_t questions_find(const struct interview *interview, struct text id);
/* Is the question one for who answers? */
bool question_is_for(const struct question *question, enum choose_voice voice);
/* Can some answer to the question set the fact? */
bool question_sets(const struct interview *interview, size_t question, size_t fact);
/* By fact: is it a number for which only an answer in plain words stands when `voice` answers? */
void interview_estimates(const struct interview *interview, enum choose_voice voice,
                         bool estimated[FACTS_MAXIMUM]);
/* What did staff type instead of the items: facts, not items? See interview_step. */
bool question_may_type(const struct question *question, enum choose_voice voice);

/* Answers that do not fit together: the id ("no-signs") and the questions to look at again. */
size_t clashes_count(const struct interview *interview);
struct text clashes_get(const struct interview *interview, size_t index);

/* --- A state: what has been answered -----------------------------------------------------------
 */

enum step_kind { STEP_GIVEN, STEP_SKIPPED, STEP_UNKNOWN };

/* An answer to one question. */
struct interview_step {
  size_t question;
  enum step_kind kind;
  bool is_typed;                  /* value[i] is facts[i] of the question, not its items */
  uint64_t ticked;                /* bit i: answer i, or item i of a checklist */
  double value[INSTRUMENT_ITEMS]; /* of numbers and typed facts by fact, of an instrument by the
                                     question's item; NAN: open */
};

struct interview_state {
  enum choose_voice voice;
  struct interview_step steps[QUESTIONS_MAXIMUM]; /* in the order of asking */
  size_t step_count;
  uint64_t safe[RULES_MAXIMUM / 64]; /* bit: a stop rule that was passed with "we are safe" */
  uint64_t kept;                     /* bit: a clash that stays as it is */
  bool wished;                       /* the page of wishes has been seen */
};
void interview_init(struct interview_state *state, enum choose_voice voice);
void interview_step_init(struct interview_step *step, size_t question, enum step_kind kind);
/* Is the step a sound answer to its question? Refuses (ERROR_REFUSED) a number out of its fact's
 * range or not whole, a value that an item does not allow, two answers of a choice, `none` beside
 * another. The person's text is `error.choose.…`. */
bool interview_step_check(const struct interview *interview, enum choose_voice voice,
                          const struct interview_step *step, struct error *error);
/* Where the step of a question stands; state->step_count when it has none. */
size_t interview_step_find(const struct interview_state *state, size_t question);
/* Answer: in place of the question's earlier answer, or behind all. A clash or a stop that was
 * passed is looked at again when the question has to do with it. The step must be sound. */
void interview_answer(const struct interview *interview, struct interview_state *state,
                      const struct interview_step *step);
/* Write as text, and read it back; `out` is written to only then. Refuses (ERROR_REFUSED,
 * error.seal.broken) what is no state of this interview, for instance one of an older document. */
struct text interview_write(const struct interview *interview, struct arena *arena,
                            const struct interview_state *state);
bool interview_read(const struct interview *interview, struct text written,
                    struct interview_state *out, struct error *error);

/* --- What follows ------------------------------------------------------------------------------
 */

struct interview_facts {
  struct facts facts;
  size_t by[FACTS_MAXIMUM]; /* the question that set the fact; QUESTION_NONE */
  /* What does not fit and was not kept so: a clash of the document, with its questions among those
   * that were answered; or two questions that set the same fact differently. */
  bool is_clash;
  size_t clash; /* INTERVIEW_CLASHES: two questions */
  size_t clash_questions[QUESTION_FACTS], clash_count;
};
/* What the answers say. A question behind another (`after`) yields where both set a fact. */
void interview_facts(const struct interview *interview, const struct interview_state *state,
                     struct interview_facts *out);
/* Keep a clash as it is. */
void interview_keep(struct interview_state *state, const struct interview_facts *facts);
/* Pass every stop rule that acts with "we are safe". */
void interview_pass(const struct interview *interview, struct interview_state *state,
                    const struct care_result *result);
/* Does a stop rule act that was not passed? */
bool interview_is_stopped(const struct interview *interview, const struct interview_state *state,
                          const struct care_result *result);

/* The next question, with `options` as for care_find(): QUESTION_WISHES when only wishes are left,
 * QUESTION_NONE when nothing is. `most` (or NULL) becomes how many more pages can follow, the next
 * and the wishes included. */
size_t interview_next(const struct interview *interview, const struct interview_state *state,
                      const struct facts *facts, const struct care_options *options,
                      const struct care_result *result, const struct care_explanation *explanation,
                      size_t *most);
/* The first of the question's items that the step leaves open though it must be answered; the
 * question's item_count when there is none. */
size_t interview_missing_item(const struct interview *interview,
                              const struct interview_state *state,
                              const struct interview_step *step);
/* May the item be asked now: is it of the question, and not left out by the skip logic over what
 * was answered before? */
bool interview_asks_item(const struct interview *interview, const struct interview_state *state,
                         size_t question, size_t item);

#endif
