/*
 * paying: which ways to pay may fit a person, from what they say of their income, state and
 * situation. It guides; only the program that pays decides. Pure; any thread.
 * Source: knowledge/{paying-ways,paying-situations,state-groups,place-states}.csv.
 */
#ifndef FAIRLEAD_COVERAGE_PAYING_H
#define FAIRLEAD_COVERAGE_PAYING_H

#include "coverage/rules.h"

struct paying_state {
  struct text code, label[COVERAGE_LANGUAGES];
};
/* Something that a person may say of themselves: 65 or older, pregnant, … */
struct paying_situation {
  struct text name, label[COVERAGE_LANGUAGES];
};
enum { PAYING_SITUATIONS = 16, PAYING_WAYS = 64 }; /* at most (count) */

enum paying_fit {
  PAYING_LIKELY,
  PAYING_MAYBE,
  PAYING_NOTE /* no way to pay, but good to know: a gap in the law */
};
struct paying_way {
  struct text name, label[COVERAGE_LANGUAGES], words[COVERAGE_LANGUAGES];
  enum paying_fit fit;
  struct coverage_words states;
  int64_t above, to;  /* percent of the guideline, above < percent <= to; -1 and INT64_MAX: any */
  uint32_t any, none; /* situations, by index: one of `any` (0: no matter), none of `none` */
  struct text link;   /* a page of ours, or "" */
  struct coverage_term term;
  struct coverage_basis basis;
};

size_t paying_states_count(const struct coverage_rules *rules);
const struct paying_state *paying_states_get(const struct coverage_rules *rules, size_t index);
/* NULL when there is no such state or territory. */
const struct paying_state *paying_state_find(const struct coverage_rules *rules, struct text code);
size_t paying_situations_count(const struct coverage_rules *rules);
const struct paying_situation *paying_situations_get(const struct coverage_rules *rules,
                                                     size_t index);
bool paying_situation_find(const struct coverage_rules *rules, struct text name, size_t *index);
size_t paying_ways_count(const struct coverage_rules *rules);
const struct paying_way *paying_ways_get(const struct coverage_rules *rules, size_t index);

struct paying_question {
  struct text state;
  int64_t percent;     /* of the guideline; -1: not known */
  uint32_t situations; /* by index */
  int64_t day;
};
struct paying_answer {
  const struct paying_way *ways[PAYING_WAYS]; /* likely first, then in the file's order */
  size_t count;
  size_t expired; /* ways that are left out because their law has ended */
  size_t unknown; /* ways that are left out because the percent is not known */
};
void paying_answer_find(const struct coverage_rules *rules, const struct paying_question *question,
                        struct paying_answer *out);

#endif
