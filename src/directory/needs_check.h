/*
 * Needs: what loading does not ask but a reader does. For `fairlead knowledge`.
 */
#ifndef FAIRLEAD_DIRECTORY_NEEDS_CHECK_H
#define FAIRLEAD_DIRECTORY_NEEDS_CHECK_H

#include "directory/needs.h"

/*
 * Look over loaded knowledge: a need without a synonym, a group without a need, a category without
 * a code, an expression that asks only for codes that no listing has any more, and words of
 * knowledge/words-to-avoid.csv in a label or an explanation. Answers the number of problems.
 */
size_t needs_check(const struct needs *needs, const char *knowledge_folder,
                   void (*each)(void *context, const struct knowledge_problem *problem),
                   void *context);

/* Say an expression in plain words of a language: each code by its label in quotes, with "and",
 * "or" and "not" from the catalog. Lives in the arena. */
struct text needs_expression_words(const struct needs *needs, const struct catalog *catalog,
                                   size_t language, struct arena *arena, struct text expression);

#endif
