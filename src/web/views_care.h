/*
 * What the pages that show a result share: the result page, its file, and what a person carries.
 *
 *   views_care.c        routes; reading answers from a form, a document or the interview's seal
 *   views_care_page.c   page.care: the level, for and against, why, what would change it
 *   views_care_more.c   what it is like, medicine, the person's wish, places, steps, answers
 *   views_carry.c       /carry/{token}; the code to carry
 */
#ifndef FAIRLEAD_WEB_VIEWS_CARE_H
#define FAIRLEAD_WEB_VIEWS_CARE_H

#include "web/carry.h"
#include "web/views.h"

/* A result, on its way to a page, a document or a file. */
struct care_view {
  struct web_request *request;
  struct care_words words;
  struct facts facts;
  enum choose_voice voice;
  struct text answers; /* the interview's sealed state, to go on with; or "" */
  int64_t now;         /* when the answers were given, microseconds UTC */
  struct care_result result;
  struct care_explanation *explanation;
  struct value *document; /* care_write() of them */
  enum care_verdict verdict;
  struct value *care; /* page.care */
};

/* Who answered the interview: for whom words are, and which numbers only stand for plain answers.
 */
void view_care_set_voice(struct care_view *view, enum choose_voice voice);
/* Find, explain and write the result of `view->facts`. The members above `result` are given. */
void view_care_find(struct care_view *view);
/* Fill page.care for pages/partials/care.mustache. */
void view_care_fill(struct care_view *view, struct value *page);
/* Places with the needs of the result: cards near what was typed in `near`. */
void view_care_places(struct care_view *view, struct value *page);
/* The parts of page.care that views_care_more.c fills. */
void view_care_fill_more(struct care_view *view);
/* The code to carry, on the result's own page. */
bool view_carry_fill(struct care_view *view, struct error *error);
/* Open the token of /carry/{token} and below. With `*is_open` false it does not open, and the view
 * says why (410). */
bool view_carry_open(struct web_request *request, struct web_view *view, struct carried *carried,
                     bool *is_open, struct error *error);

#endif
