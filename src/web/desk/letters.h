/*
 * letters: what the pages that write a letter to a plan share: what is known for it, and what each
 * letter asks beside the common fields and puts into its facts. Private to desk. Threads: all state
 * is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_LETTERS_H
#define FAIRLEAD_WEB_DESK_LETTERS_H

#include "web/desk/coverage.h"
#include "web/desk/leave.h"

struct letter_writing {
  struct desk_coverage coverage;
  struct desk_about about;
  struct web_view *view;
  struct desk_form *form;
  const struct letter *letter;
  const struct letter_part *part;
  struct text denial_id;
  struct coverage_denial denial; /* of denial_id */
  struct appeal appeals[APPEAL_STEPS];
  struct text program, address; /* whose letter it is */
  const struct value *severity; /* of the newest assessment, or NULL */
  struct text assessed;         /* its day */
  struct text written;          /* the letter */
  struct disclose_request wanted;
  struct disclose_preview preview;
  struct disclosed disclosed;
};

/* One kind of letter: what it asks, how that begins, and what it says. */
struct letter_part {
  const char *name; /* of letters.csv */
  const struct desk_field *fields;
  size_t count;
  bool needs_denial;
  void (*offer)(struct letter_writing *writing); /* choices; may be NULL */
  void (*prefill)(struct letter_writing *writing);
  /* What was typed that does not fit together; may be NULL. */
  bool (*check)(struct letter_writing *writing);
  /* `language` is the letter's. */
  void (*fill)(const struct letter_writing *writing, struct value *facts, size_t language);
  /* After it left, in the same transaction; may be NULL. */
  bool (*left)(struct store_transaction *transaction, struct letter_writing *writing,
               struct error *error);
};
/* NULL: there is no such letter. */
const struct letter_part *letter_part_find(struct text name);

#endif
