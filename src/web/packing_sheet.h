/*
 * packing_sheet: what to bring and what stays at home, as a page says it: for /learn/packing and
 * for the sheet that staff print. Its words come from the catalog in the language of the request
 * that is handed in, which may be a copy that speaks the person's. Pure but for the arena.
 */
#ifndef FAIRLEAD_WEB_PACKING_SHEET_H
#define FAIRLEAD_WEB_PACKING_SHEET_H

#include "admission/admission.h"
#include "web/views_words.h"

/* What a program says itself: its own lines, and what it chose of ours. */
struct packing_said {
  struct packing_line *lines;
  size_t line_count;
  struct packing_choice *choices;
  size_t choice_count;
};
bool packing_said_load(struct store_transaction *transaction, struct arena *arena,
                       struct text program_id, struct packing_said *out, struct error *error);
/* Set page.packing: {word: {…}, language, groups: [{title, items: [{text, why}]}], leave: {…}} for
 * a kind of program (program-kinds.csv): ours as the program chose, its own lines behind them. */
void packing_sheet_fill(const struct web_request *in, struct text program_kind,
                        const struct packing_said *said, struct value *page);
/* Words of the catalog, "<prefix><name>" each, as members of an object. */
struct value *packing_words(const struct web_request *in, const char *prefix,
                            const char *const *names, size_t count);
/* Of two languages the one that the request speaks. */
struct text packing_own(const struct web_request *in, const struct text words[2]);

#endif
