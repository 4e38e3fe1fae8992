/*
 * packing: what a program says itself to people who come: its own lines of the packing list, which
 * of ours it leaves out and in which order, and its own words on the welcome sheet. What is said
 * otherwise is packing-list.csv and welcome-parts.csv (intake_rules.h). Nothing here is about a
 * person; names and words are plain.
 *
 * A function that writes takes an access for (program, write); reading asks for none, since these
 * words are handed to everybody. Lines are taken back, never changed.
 */
#ifndef FAIRLEAD_ADMISSION_PACKING_H
#define FAIRLEAD_ADMISSION_PACKING_H

#include "admission/intake_record.h"

struct packing_line {
  struct text id;
  bool is_brought;      /* else it stays at home */
  struct text kind;     /* medicine, paper, thing */
  struct text words[2]; /* English, Spanish: COVERAGE_LANGUAGES */
  int64_t made_at;
};
/* Sets id and made_at. Refused: words that lack in a language, medicine that is left at home, more
 * lines than LIMIT_PACKING_OWN. */
bool packing_line_add(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct packing_line *line, struct error *error);
/* Take it back; again changes nothing. */
bool packing_line_end(struct store_transaction *transaction, const struct access *access,
                      struct text id, struct error *error);
/* Those that stand, in the order in which they were written. */
bool packing_line_list(struct store_transaction *transaction, struct arena *arena,
                       struct text program_id, struct packing_line **out, size_t *count,
                       struct error *error);

/* --- Our lines, as a program says them (packing_choice.c) ------------------------------------- */

struct packing_choice {
  struct text item; /* packing-list.csv */
  bool is_hidden;
  int64_t position; /* 0: none was chosen */
};
bool packing_choice_list(struct store_transaction *transaction, struct arena *arena,
                         struct text program_id, struct packing_choice **out, size_t *count,
                         struct error *error);
/* Pure: our lines for a kind of program, of one kind that is brought, or (kind "") all that stay at
 * home; as chosen, then those of which nothing was chosen, in the order of the file. Hidden ones
 * only `with_hidden`. `out` has room for packing_items_count(); answers their number. */
size_t packing_order(const struct intake_rules *rules, struct text program_kind, struct text kind,
                     const struct packing_choice *choices, size_t count, bool with_hidden,
                     const struct packing_item **out);
bool packing_is_hidden(const struct packing_choice *choices, size_t count, struct text item);
/* (program, write). Leave a line out, or say it again. Refused: no such line; a medicine, which
 * every list names. */
bool packing_item_hide(struct store_transaction *transaction, const struct intakes *intakes,
                       const struct access *access, struct text item, bool is_hidden,
                       struct error *error);
/* (program, write). One place up or down among those of its group; at an end nothing changes. */
bool packing_item_move(struct store_transaction *transaction, const struct intakes *intakes,
                       const struct access *access, struct arena *arena, struct text program_kind,
                       struct text item, bool is_up, struct error *error);

struct welcome_words {
  struct text part;     /* welcome-parts.csv */
  struct text words[2]; /* English, Spanish; both "": ours */
  int64_t version;      /* 0: not said yet */
};
/* Refused: a part that is none, words in one language alone. Stale: ERROR_CONFLICT. */
bool welcome_words_save(struct store_transaction *transaction, const struct intakes *intakes,
                        const struct access *access, const struct welcome_words *words,
                        struct error *error);
bool welcome_words_list(struct store_transaction *transaction, struct arena *arena,
                        struct text program_id, struct welcome_words **out, size_t *count,
                        struct error *error);

#endif
