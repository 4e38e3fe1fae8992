/*
 * rules: what the program believes about paying for care, as read from knowledge/.
 *
 * Every row has a source, a grade and who signed it; law has its first and last day. Asked about a
 * day past the last, a lookup says COVERAGE_EXPIRED and hands out nothing to reckon with: whoever
 * asks shows that, and no number. Days are days from 1970-01-01 (time_days_from_date()), money is
 * integer cents of the US dollar, percents are whole.
 * Read once, immutable afterwards; any thread. All text lives as long as the rules.
 */
#ifndef FAIRLEAD_COVERAGE_RULES_H
#define FAIRLEAD_COVERAGE_RULES_H

#include "directory/directory.h"

enum { COVERAGE_LANGUAGES = NEED_LANGUAGES }; /* label[0] English, label[1] Spanish */

/* Words of a cell, separated by blanks; `is_any`: the cell is "*". */
struct coverage_words {
  const struct text *at;
  size_t count;
  bool is_any;
};
bool coverage_words_have(const struct coverage_words *words, struct text word);

/* First and last day on which a row holds; COVERAGE_OPEN: no last day is known. */
#define COVERAGE_OPEN INT64_MAX
struct coverage_term {
  int64_t first, last;
};
/* Where a row, or the best of several, stands on a day. */
enum coverage_standing {
  COVERAGE_HOLDS,
  COVERAGE_NOT_YET, /* begins later */
  COVERAGE_EXPIRED, /* ended before: not to be used */
  COVERAGE_MISSING  /* there is none of that kind */
};
enum coverage_standing coverage_term_standing(const struct coverage_term *term, int64_t day);
/* "2026-11-21" as a day; false when it is none. */
bool coverage_day_read(struct text date, int64_t *out);
/* A day as "2026-11-21". */
struct text coverage_day_write(struct arena *arena, int64_t day);
/* The same day of the month `months` later, or that month's last day. */
int64_t coverage_day_add_months(int64_t day, int64_t months);

/* A word of a list, with what people read. */
struct coverage_name {
  struct text name, label[COVERAGE_LANGUAGES];
};

/* Where a row comes from. Grades: docs/knowledge.md. `signed_by` is "unsigned" until someone is. */
struct coverage_basis {
  struct text source, grade, signed_by;
};
bool coverage_is_signed(const struct coverage_basis *basis);

struct coverage_rules;
/* Load all of it, and check it; the first fault names file and line. */
bool coverage_rules_load(struct coverage_rules **out, const char *knowledge_folder,
                         struct error *error);
/* The same, but hand every fault to `each`; answers their number, and sets `*out` only when there
 * is none. */
size_t coverage_rules_load_reporting(struct coverage_rules **out, const char *knowledge_folder,
                                     void (*each)(void *context,
                                                  const struct knowledge_problem *problem),
                                     void *context);
void coverage_rules_free(struct coverage_rules *rules);

/* How many rows each file gave, for `fairlead knowledge check`: calls back with a plain name. */
void coverage_rules_each_count(const struct coverage_rules *rules,
                               void (*each)(void *context, const char *what, size_t count),
                               void *context);

#endif
