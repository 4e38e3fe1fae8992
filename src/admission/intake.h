/*
 * intake: what of an intake is done, declined, due, late or not needed, and why. Pure: from rules,
 * evidence and times to values, with no store and no clock.
 *
 * Each item of the rules gets one answer, in their order. Of the rows of one item that one holds
 * which fits the program's kind and the level of care and is law on the day of the admission, else
 * the one that was law last. Before the admission clocks count from the day that is planned; an
 * item that is due after the admission is never late before it. Threads: any. Source:
 * intake-items.csv, docs/intake.md.
 */
#ifndef FAIRLEAD_ADMISSION_INTAKE_H
#define FAIRLEAD_ADMISSION_INTAKE_H

#include "admission/intake_rules.h"

/* What stands in a record elsewhere. */
struct intake_evidence {
  enum intake_evidence_kind kind;
  struct text of;    /* a kind of fact, of consent, an instrument, a notice, or "" */
  struct text value; /* of a fact */
  struct text id;    /* the record's */
  int64_t at;
};

/* What staff said of an item, the last time. */
enum intake_said_state {
  INTAKE_SAID_OPEN,
  INTAKE_SAID_DONE,
  INTAKE_SAID_DECLINED,
  INTAKE_SAID_NOT_NEEDED
};
struct intake_said {
  struct text item;
  enum intake_said_state state;
  struct text reason; /* intake-reasons.csv, or "" */
  int64_t at;         /* when it was done */
};

struct intake_question {
  const struct intake_rules *rules;
  struct text program_kind, level_of_care;
  const struct intake_evidence *evidence;
  size_t evidence_count;
  const struct intake_said *said; /* at most one for each item */
  size_t said_count;
  int64_t planned_at;  /* when the person is expected; 0: not known */
  int64_t admitted_at; /* 0: not yet */
  int64_t now;
};

enum intake_standing {
  INTAKE_DONE,
  INTAKE_DECLINED,
  INTAKE_DUE,
  INTAKE_LATE,
  INTAKE_NOT_NEEDED,
  INTAKE_STANDINGS
};
/* "done", "declined", "due", "late", "not-needed". */
const char *intake_standing_name(enum intake_standing standing);
/* Why an item is not needed. */
enum intake_why {
  INTAKE_WHY_NONE,
  INTAKE_WHY_PROGRAM, /* not in a program of this kind */
  INTAKE_WHY_LEVEL,   /* not at this level of care */
  INTAKE_WHY_LAW,     /* the rule begins later */
  INTAKE_WHY_FACT,    /* no such fact holds */
  INTAKE_WHY_SAID,    /* staff gave a reason */
  INTAKE_WHYS
};
/* "", "program", "level", "law", "fact", "said". */
const char *intake_why_name(enum intake_why why);

struct intake_answer {
  const struct intake_item *item; /* the row that holds; of an item that is not needed, its first */
  enum intake_standing standing;
  enum intake_why why;
  int64_t due_at;                         /* 0: no clock, or nobody knows from when */
  const struct intake_evidence *evidence; /* or NULL */
  const struct intake_said *said;         /* what counts of it; or NULL */
  bool was_late;                          /* done, but after its time */
  bool is_old;                            /* there is evidence, too old to count */
  bool law_over;                          /* the rule has ended and counts all the same */
};
struct intake_progress {
  size_t needed, settled; /* settled: done or declined */
  size_t late;
  size_t next;       /* the next step; the number of items when all is settled */
  size_t blocking;   /* how many items keep the person from being admitted */
  int64_t next_late; /* when the next one becomes late; 0: none does */
};
/* `answers` has room for intake_codes_count() of them. */
void intake_check(const struct intake_question *question, struct intake_answer *answers,
                  struct intake_progress *progress);
/* The row of an item that holds, or NULL. For who may do it, before it is written. */
const struct intake_item *intake_item_find(const struct intake_question *question,
                                           struct text code);

#endif
