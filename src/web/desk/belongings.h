/*
 * belongings: what the pages about somebody's things share: the stay they came with, the list, its
 * signatures. Private to desk. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_BELONGINGS_H
#define FAIRLEAD_WEB_DESK_BELONGINGS_H

#include "admission/admission.h"
#include "web/desk/about.h"

struct desk_things {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  struct intake *intakes; /* the newest first */
  size_t intake_count;
  const struct intake *intake; /* the one that is shown, or NULL: none has begun */
  struct belonging *rows;
  size_t row_count;
  struct belongings_return *returns; /* the newest first */
  size_t return_count;
  struct belongings_signing signing; /* the last one */
  bool is_signed, is_current;
};
/* Open (belongings, act) of the page's person and load the list of the stay that the parameter
 * "intake" names, else of the newest. Refuses one that is not the person's. */
bool desk_things_load(struct store_transaction *transaction, struct desk_things *things,
                      const char *act, struct error *error);
/* Fill page.stays, page.intake, page.rows, page.counts and what the frame of a person needs. */
void desk_things_fill(const struct desk_things *things);
/* Words of a list of intake.csv, "<list>.<code><after>"; the code itself when there are none. */
struct text desk_things_word(const struct web_request *request, const char *list, struct text code,
                             const char *after);
/* views_belongings_sign.c: the language that the page's parameter names, else the person's, else
 * the page's own. */
size_t desk_things_language(const struct web_request *request, struct text person_language);
/* What is signed, into page.words_title, page.words, page.words_end: the first line is its title,
 * the last what is agreed to. */
void desk_things_fill_words(const struct web_request *request, struct text words,
                            struct value *page);
/* A signature of the form: drawn where the parameter `drawn` has strokes, else typed. */
struct signature desk_things_signature(const struct web_request *request, struct text signer,
                                       struct text role, const char *drawn);
/* Who signs for the person: page.staff, page.drawn, page.drawn_staff, page.pad_script; `keeps`: a
 * line that was drawn belongs to what is shown. Answers the choices of "signed_by", two. */
void desk_things_fill_pads(const struct web_request *request, bool keeps, struct value *page);
struct desk_choice *desk_things_signers(struct web_request *request);
/* A role that signed, in words. */
struct text desk_signer_role(const struct web_request *request, struct text role);

#endif
