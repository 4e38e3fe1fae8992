/*
 * Small level-of-care tables made by a test, for what the real one does not have. Include after
 * care_support.h.
 */
#ifndef FAIRLEAD_TESTS_CARE_TABLE_H
#define FAIRLEAD_TESTS_CARE_TABLE_H

#include "care_support.h"

/* Rows of the tables, each with its line's end; NULL: the plain ones below. Every table also has
 * the facts `stop` and `young`, for its stop rule and its gate. */
struct small_table {
  const char *facts, *contradictions, *levels, *aggregation, *joining, *rules;
};

static const struct {
  const char *heading, *columns, *rows, *spanish;
} small_sections[] = {
    {"Facts", "| fact | kind | values | role | worse | assumed | changes | label | source |",
     "| stop | yes-no | no yes | need | no < yes | - | no | l | s |\n"
     "| young | yes-no | no yes | gate | - | - | no | l | s |\n",
     "| fact | label |"},
    {"Contradictions", "| id | when | reason | source |", "| X1 | stop and young | r | s |\n",
     "| id | reason |"},
    {"Levels", "| level | name | setting | managed | kind | asam3 | asam4 | hours |",
     "| 1.5 | n | outpatient | no | outpatient | 1 | 1 | h |\n"
     "| 2.1 | n | outpatient | no | intensive | 1 | 1 | h |\n"
     "| 3.1 | n | residential | no | residential | 1 | 1 | h |\n",
     "| level | name | hours |"},
    {"Aggregation", "| step | when | level | overlays |",
     "| G1 | residential | 3.1 | COE |\n| G2 | intensive | 2.1 | COE RR |\n"
     "| G3 | not residential | 1.5 | COE RR |\n",
     NULL},
    {"Joining", "| what | levels |", "| raise 4A | 1.5 2.1 |\n| start medication | 2.1 |\n", NULL},
    {"Stop rules", "| id | dimension | when | effect | reason | act | source | grade | signed |",
     "| A1 | 1A | stop | emergency | r | a | s | P | unsigned |\n", "| id | reason | act |"},
    {"Who this is for",
     "| id | dimension | when | effect | reason | act | source | grade | signed |",
     "| U1 | - | young | not for this table | r | a | s | P | unsigned |\n",
     "| id | reason | act |"},
    {"Need rules", "| id | dimension | when | effect | reason | source | grade | signed |",
     "| B1 | 1A | stop and young | note | r | s | P | unsigned |\n", "| id | reason |"},
    {"Promises", "| id | when | promise | source |", "| P1 | stop | emergency | s |\n", NULL},
    {"Factors", "| factor | toward | when | text | source |", "| f | inpatient | stop | t | s |\n",
     "| factor | text |"},
    {"Always", "| id | when | text | source |", "| a | | t | s |\n", "| id | text |"},
    {"Needs", "| need | when |", "| substance-use | |\n", NULL},
};
enum { SMALL_SECTIONS = sizeof small_sections / sizeof *small_sections };

static inline void small_add_head(struct text_buffer *out, const char *heading, const char *columns)
{
  text_buffer_add_format(out, "\n## %s\n\n%s\n|", heading, columns);
  for (const char *at = columns + 1; *at; at++)
    if (*at == '|') text_buffer_add(out, TEXT(" --- |"));
  text_buffer_add_character(out, '\n');
}

/* The Spanish of rows: their ids with a word in each column. */
static inline void small_add_spanish(struct text_buffer *out, struct text rows, const char *columns)
{
  struct text row, id;
  size_t words = 0;
  for (const char *at = columns + 1; *at; at++) words += *at == '|';
  while (text_split_next(&rows, '\n', &row)) {
    if (text_is_empty(row)) continue;
    (void)text_split_next(&row, '|', &id);
    (void)text_split_next(&row, '|', &id);
    text_buffer_add_format(out, "|%.*s|", TEXT_PRINT(id));
    for (size_t i = 1; i < words; i++) text_buffer_add(out, TEXT(" x |"));
    text_buffer_add_character(out, '\n');
  }
}

static inline const char *small_rows(const struct small_table *small, size_t section)
{
  switch (section) {
  case 1:
    return small->contradictions;
  case 2:
    return small->levels;
  case 3:
    return small->aggregation;
  case 4:
    return small->joining;
  case 7:
    return small->rules;
  default:
    return NULL;
  }
}

static inline void small_keep(void *context, const struct knowledge_problem *problem)
{
  text_buffer_add_format(context, "%s:%lld: %s. %s.\n", problem->file, (long long)problem->line,
                         problem->what, problem->mend);
}

/* Load the small table; answers its problems, "" when there is none. */
static inline const char *small_load(const struct small_table *small, struct level_of_care **out)
{
  struct text_buffer documents[2], problems;
  text_buffer_init(&documents[0], LIMIT_KNOWLEDGE_FILE);
  text_buffer_init(&documents[1], LIMIT_KNOWLEDGE_FILE);
  text_buffer_init(&problems, LIMIT_KNOWLEDGE_FILE);
  for (size_t i = 0; i < SMALL_SECTIONS; i++) {
    const char *given = small_rows(small, i);
    struct text rows = text_from(given ? given : small_sections[i].rows);
    if (i == 0 && small->facts) rows = text_format(arena, "%.*s%s", TEXT_PRINT(rows), small->facts);
    small_add_head(&documents[0], small_sections[i].heading, small_sections[i].columns);
    text_buffer_add(&documents[0], rows);
    if (!small_sections[i].spanish) continue;
    small_add_head(&documents[1], small_sections[i].heading, small_sections[i].spanish);
    small_add_spanish(&documents[1], rows, small_sections[i].spanish);
  }
  small_add_head(&documents[1], "Sources", "| source | text |");
  text_buffer_add(&documents[1], TEXT("| s | x |\n"));
  level_of_care_read_reporting(out, text_buffer_get(&documents[0]), text_buffer_get(&documents[1]),
                               needs, small_keep, &problems);
  const char *found = text_c(arena, text_buffer_get(&problems));
  text_buffer_fini(&documents[0]);
  text_buffer_fini(&documents[1]);
  text_buffer_fini(&problems);
  return found;
}

/* Let the small table stand for `table`, until small_close(). */
static struct level_of_care *small_before;
static inline void small_open(const struct small_table *small)
{
  small_before = table;
  const char *problems = small_load(small, &table);
  if (*problems) fail_msg("%s", problems);
}

static inline void small_close(void)
{
  level_of_care_free(table);
  table = small_before;
}

/* A row of "Facts". */
#define SMALL_YES_NO(name, changes)                                                                \
  "| " name " | yes-no | no yes | need | no < yes | - | " changes " | l | s |\n"
#define SMALL_NUMBER(name, kind, values, worse)                                                    \
  "| " name " | " kind " | " values " | need | " worse " | - | yes | l | s |\n"
#define SMALL_WORD(name, values, worse)                                                            \
  "| " name " | word | " values " | need | " worse " | - | yes | l | s |\n"
/* A row of "Need rules". */
#define SMALL_RULE(id, dimension, when, effect)                                                    \
  "| " id " | " dimension " | " when " | " effect " | r | s | P | unsigned |\n"
#define SMALL_SIGNED(id, dimension, when, effect)                                                  \
  "| " id " | " dimension " | " when " | " effect " | r | s | P | A. Clinician |\n"

#endif
