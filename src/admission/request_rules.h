/*
 * request_rules: what knowledge/ says of requests and waiting lists: code lists, the law's order
 * and clocks, holidays, scripts for calls.
 *
 * Every code has words in the catalog under "<list>.<code>". Loading refuses a repeated code, one
 * without words, a row without a source, an order that does not name each kind of person once, a
 * clock that is missing. A law that has ended still counts, since it protects; whoever shows it
 * says so (`request_term_says`). Immutable after loading; any thread may read.
 */
#ifndef FAIRLEAD_ADMISSION_REQUEST_RULES_H
#define FAIRLEAD_ADMISSION_REQUEST_RULES_H

#include "base/base.h"

/* In the order of the table in request_rules.c, which names the files. */
enum request_list {
  REQUEST_SOURCES,
  REQUEST_STATES,
  REQUEST_URGENCIES,
  REQUEST_DECLINE_REASONS,
  REQUEST_CONSENTS,
  REQUEST_JOIN_REASONS,
  WAITLIST_OUTCOMES,
  WAITLIST_SKIP_REASONS,
  WAITLIST_INTERIM_SERVICES,
  CONTACT_WAYS,
  CONTACT_RESULTS,
  CALL_KINDS,
  SLOT_KINDS,
  REQUEST_LISTS
};

/* From when to when a rule of law holds, and who says so. */
struct request_term {
  int64_t from, until; /* microseconds UTC; 0: open */
  struct text source, grade;
};
enum request_term_state { REQUEST_TERM_HOLDS, REQUEST_TERM_EARLY, REQUEST_TERM_OVER };
/* Does the rule hold at `now`? */
enum request_term_state request_term_says(const struct request_term *term, int64_t now);

/* Whom a clock or a service is for: bits; 0: everybody. */
enum { WAITLIST_PREGNANT = 1, WAITLIST_INJECTING = 2 };

enum waitlist_clock_kind {
  WAITLIST_INTERIM,        /* microseconds from the request to interim services */
  WAITLIST_ADMIT,          /* to admission */
  WAITLIST_ADMIT_MOST,     /* to admission where interim services were given in time */
  WAITLIST_CAPACITY_SHARE, /* percent of the places that are taken */
  WAITLIST_CAPACITY_NOTICE,
  WAITLIST_CONTACT,
  WAITLIST_CLOCKS
};
struct waitlist_clock {
  int64_t amount; /* microseconds, or percent */
  unsigned who;
  struct request_term term;
};
struct waitlist_tier {
  int64_t tier; /* 1 comes first */
  struct request_term term;
};
struct holiday {
  struct text code;
  enum { HOLIDAY_FIXED, HOLIDAY_NTH, HOLIDAY_LAST } kind;
  int month, day; /* day of the month, or which of its weekdays */
  int weekday;    /* 0 Sunday to 6 Saturday */
  struct request_term term;
};
struct urgency {
  struct text code;
  int64_t rank;                   /* higher is more urgent */
  int64_t minutes, business_days; /* one of them is 0 */
};
struct interim_service {
  struct text code;
  unsigned who;
  bool is_required;
  struct request_term term;
};
struct call_step {
  struct text script, step;
};

struct request_rules;

/* Load from the knowledge folder; words are looked for in the catalog, which may be NULL: then none
 * are asked for. Borrows nothing else. */
bool request_rules_load(struct request_rules **out, const char *knowledge_folder,
                        const struct catalog *catalog, struct error *error);
void request_rules_free(struct request_rules *rules);

/* The file of a list without ".csv", which is also where its words stand. */
const char *request_list_name(enum request_list list);
size_t request_code_count(const struct request_rules *rules, enum request_list list);
struct text request_code(const struct request_rules *rules, enum request_list list, size_t index);
bool request_code_is(const struct request_rules *rules, enum request_list list, struct text code);
/* Is `word` one of the words in that cell of the code's row? No such code: no. */
bool request_code_says(const struct request_rules *rules, enum request_list list, struct text code,
                       const char *column, const char *word);
/* A whole number in that cell; 0 when there is no such code. */
int64_t request_code_number(const struct request_rules *rules, enum request_list list,
                            struct text code, const char *column);
/* The cell itself; "" when there is no such code. */
struct text request_code_cell(const struct request_rules *rules, enum request_list list,
                              struct text code, const char *column);

/* Which place in the order of the law; the row tells since when, and who says so. */
const struct waitlist_tier *waitlist_tier_get(const struct request_rules *rules, bool is_pregnant,
                                              bool is_injecting);
const struct waitlist_clock *waitlist_clock_get(const struct request_rules *rules,
                                                enum waitlist_clock_kind kind);
/* NULL: none such. */
const struct urgency *urgency_find(const struct request_rules *rules, struct text code);
size_t interim_service_count(const struct request_rules *rules);
const struct interim_service *interim_service_get(const struct request_rules *rules, size_t index);
size_t holiday_count(const struct request_rules *rules);
const struct holiday *holiday_get(const struct request_rules *rules, size_t index);
size_t call_step_count(const struct request_rules *rules);
const struct call_step *call_step_get(const struct request_rules *rules, size_t index);

/* How many rows were read, for the check. */
size_t request_rules_rows(const struct request_rules *rules);
/* For `knowledge show`: the rows of "waitlist-clocks", or the one of "waitlist-clocks.interim",
 * with their words and whether the law holds at `now`. What is added lives in the arena. */
void request_rules_find(const struct request_rules *rules, const struct catalog *catalog,
                        struct arena *arena, struct text name, int64_t now, struct value *found);

#endif
