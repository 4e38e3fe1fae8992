/*
 * letter: letters to a plan, from templates that a lawyer can read and change, filled with facts.
 * Pure; any thread.
 *
 * A letter has versions with dates; past the last one's end, or past the end of a law that it
 * rests on, none is written. What is filled in is text: it can form no line, heading or markup.
 * Source: knowledge/letters.csv, knowledge/letters/<version>.<language>.md, parity-laws.csv.
 */
#ifndef FAIRLEAD_COVERAGE_LETTER_H
#define FAIRLEAD_COVERAGE_LETTER_H

#include "coverage/rules.h"

struct letter {
  struct text name, version;
  struct coverage_words fields; /* that must be filled in */
  struct coverage_words laws;   /* of parity-laws.csv, each of which must stand on the day */
  struct coverage_term term;
  struct coverage_basis basis;
};
size_t letters_count(const struct coverage_rules *rules);
const struct letter *letters_get(const struct coverage_rules *rules, size_t index);
/* The version of a letter that holds on a day. */
enum coverage_standing letter_find(const struct coverage_rules *rules, struct text name,
                                   int64_t day, const struct letter **out);

/*
 * Write a letter in a language (as labels have them) on a day. `facts` is an object of texts and of
 * lists of objects of texts. Refuses: no version holds (`error.coverage.letter_ended`), a field
 * that is missing, empty or too long (`error.coverage.letter_field`, which the log names).
 * `*text_out` is plain text; `*view_out` is {"blocks": [{"heading"} | {"is_list", "lines":
 * [{"text", "is_last"}]}], "unsigned"} for pages/letter. Both live in the arena.
 */
bool letter_write(const struct coverage_rules *rules, struct text name, size_t language,
                  int64_t day, const struct value *facts, struct arena *arena,
                  struct text *text_out, struct value **view_out, struct error *error);

/* The blocks of such a view, from a letter's plain text as it was written. */
struct value *letter_blocks(struct arena *arena, struct text written);

/* The reasons of an assessment's document (docs/assessment.md) that support a level: a list of
 * {"text", "source"}, at most LIMIT_COVERAGE_REASONS, the decisive one
 * first. */
struct value *letter_severity(struct arena *arena, const struct value *assessment);

#endif
