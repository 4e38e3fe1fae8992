/*
 * benefits: what a plan says it pays for one level of care, answer by answer, and what the person
 * would pay for a planned stay. Pure; any thread.
 *
 * Each answer says who said it, how, when, and until when it may be relied on; past that it counts
 * as unknown. An estimate is a range: the least and the most that the unknown answers allow.
 * Source: knowledge/benefits-questions.csv; programme reference, benefits record.
 */
#ifndef FAIRLEAD_COVERAGE_BENEFITS_H
#define FAIRLEAD_COVERAGE_BENEFITS_H

#include "coverage/rules.h"

/* The questions that the engine reckons with, by the names of benefits-questions.csv. */
enum benefit_name {
  BENEFIT_ACTIVE,
  BENEFIT_IN_NETWORK,
  BENEFIT_COVERED,
  BENEFIT_AUTHORIZATION,
  BENEFIT_STEP_FIRST,
  BENEFIT_STEP_FIRST_WHAT,
  BENEFIT_DAY_LIMIT,
  BENEFIT_DAYS_USED,
  BENEFIT_DEDUCTIBLE,
  BENEFIT_DEDUCTIBLE_MET,
  BENEFIT_COPAY_DAY,
  BENEFIT_COPAY_STAY,
  BENEFIT_COINSURANCE,
  BENEFIT_POCKET_LIMIT,
  BENEFIT_POCKET_MET,
  BENEFIT_EXCLUDES_ROOM,
  BENEFIT_EXCLUDES_MEDICATION,
  BENEFIT_EXCLUSIONS,
  BENEFIT_COUNT
};
enum benefit_kind { BENEFIT_YES_NO, BENEFIT_MONEY, BENEFIT_PERCENT, BENEFIT_DAYS, BENEFIT_WORDS };
#define BENEFIT_NO_LIMIT INT64_MAX /* of a limit: the plan has none */

struct benefit_question {
  struct text name, label[COVERAGE_LANGUAGES];
  struct text ask[COVERAGE_LANGUAGES]; /* what to say on the phone */
  enum benefit_kind kind;
  size_t only_if;     /* asked unless that one is known to be no or none; BENEFIT_COUNT: always */
  int64_t lasts_days; /* that an answer may be relied on */
  bool may_be_none;   /* "no limit" is an answer */
  struct coverage_basis basis;
};
/* By enum benefit_name. */
const struct benefit_question *benefit_question_get(const struct coverage_rules *rules,
                                                    enum benefit_name name);
bool benefit_question_find(const struct coverage_rules *rules, struct text name,
                           enum benefit_name *out);
/* The order in which they are asked: the n-th of BENEFIT_COUNT. */
enum benefit_name benefit_question_order(const struct coverage_rules *rules, size_t n);

enum benefit_source { BENEFIT_BY_PHONE, BENEFIT_BY_PORTAL, BENEFIT_BY_271, BENEFIT_BY_LETTER };
struct benefit_answer {
  bool is_given;
  int64_t value;     /* 0 or 1, cents, percent, days; BENEFIT_NO_LIMIT */
  struct text words; /* of BENEFIT_WORDS */
  enum benefit_source source;
  struct text who, reference; /* the representative, the number of the call or document */
  int64_t asked_on, expires_on;
};
struct benefits {
  struct text level_of_care;
  struct benefit_answer answers[BENEFIT_COUNT];
};

enum benefit_state { BENEFIT_UNKNOWN, BENEFIT_KNOWN, BENEFIT_EXPIRED };
enum benefit_state benefit_state_find(const struct benefit_answer *answer, int64_t day);
/* Give an answer: checks its value against the question, and sets until when it lasts. `answer`
 * holds all but `is_given` and `expires_on`. Refuses (`error.coverage.answer`). */
bool benefit_answer_give(const struct coverage_rules *rules, struct benefits *benefits,
                         enum benefit_name name, const struct benefit_answer *answer,
                         struct error *error);
/* What is still to ask on a day, in order. Answers how many. */
size_t benefits_to_ask(const struct coverage_rules *rules, const struct benefits *benefits,
                       int64_t day, enum benefit_name out[BENEFIT_COUNT]);

/* {"level", "answers": {name: {"value"|"words", "source", "who", "reference", "asked_on"}}} read
 * from a document; texts are the document's. Refuses what is unknown or out of range. */
bool benefits_read(const struct coverage_rules *rules, const struct value *document,
                   struct benefits *out, struct error *error);
/* The same document, each answer with "state" and "expires_on" as of `day`. */
struct value *benefits_write(const struct coverage_rules *rules, struct arena *arena,
                             const struct benefits *benefits, int64_t day);

/* --- What the person pays (benefits_estimate.c) ---------------------------------------------- */

struct benefit_stay {
  int64_t days;        /* 1 to LIMIT_COVERAGE_DAYS */
  int64_t price_a_day; /* cents; -1: not known */
  int64_t day;         /* as of which answers count */
};
struct benefit_estimate {
  int64_t least, most; /* cents */
  bool is_open;        /* the price is not known: there is no most */
  uint32_t unknown;    /* questions that would narrow it, 1 << enum benefit_name */
  uint32_t expired;    /* those of them whose answer is too old */
  bool needs_authorization, needs_step_first, is_not_covered, is_not_active, is_out_of_network;
};
/*
 * Reckon: the deductible that is left comes first, then copays and the share of what remains, never
 * more than what is left to the plan's limit out of pocket; days past the day limit are the
 * person's own. Not known counts as best in the least and as worst in the most. A plan that leaves
 * out room and board, or a program outside the network, may ask for the whole price.
 * Refuses a stay out of range.
 */
bool benefit_estimate_find(const struct benefits *benefits, const struct benefit_stay *stay,
                           struct benefit_estimate *out, struct error *error);
/* In plain sentences of a language, a line each. */
struct text benefit_estimate_words(const struct coverage_rules *rules,
                                   const struct catalog *catalog, size_t language,
                                   struct arena *arena, const struct benefit_estimate *estimate);

#endif
