/*
 * Notes: what a card and a facility's page say about a place in a few words.
 *
 * Cautions (knowledge/cautions.csv) are what a person must know before calling: each an expression
 * over service codes, with its source. Highlights (knowledge/highlights.csv) are needs that are
 * answered for every place, asked or not: met, or not reported. Immutable after loading; any
 * thread may read.
 */
#ifndef FAIRLEAD_DIRECTORY_NOTES_H
#define FAIRLEAD_DIRECTORY_NOTES_H

#include "directory/needs.h"

struct caution {
  struct text name;
  struct text label[NEED_LANGUAGES];
  struct text source;
};
struct highlight {
  size_t need;
  struct text label[NEED_LANGUAGES];   /* where the need is met */
  struct text missing[NEED_LANGUAGES]; /* where the listing does not say */
  bool missing_on_card;                /* a card says so, too; a facility's page always does */
};

struct notes;
/* Load both files of the knowledge folder. Refused, naming file and line, when a column or cell is
 * missing, an expression does not compile or a need is unknown. Borrows `needs`. */
bool notes_load(struct notes **out, const char *knowledge_folder, const struct needs *needs,
                struct error *error);
void notes_free(struct notes *notes);

size_t cautions_count(const struct notes *notes);
const struct caution *cautions_get(const struct notes *notes, size_t index);
/* Does the caution hold for a facility with these codes, listed in these directories? */
bool cautions_hold(const struct notes *notes, size_t caution, const struct code_set *codes,
                   unsigned directories);
size_t highlights_count(const struct notes *notes);
const struct highlight *highlights_get(const struct notes *notes, size_t index);

#endif
