/*
 * The interview's pages, between their two files: views_choose.c reads what was sent and decides
 * what comes next, views_choose_page.c shows it.
 */
#ifndef FAIRLEAD_WEB_VIEWS_CHOOSE_H
#define FAIRLEAD_WEB_VIEWS_CHOOSE_H

#include "web/views.h"

/* What was sent for one question. */
struct choose_given {
  struct interview_step step;
  struct text typed[INSTRUMENT_ITEMS]; /* of numbers and typed facts, as they were written */
  struct text problem;                 /* of the whole question; "" */
  struct text number_problem[QUESTION_FACTS];
  size_t missing_item; /* of an instrument: the first without an answer; INSTRUMENT_ITEMS */
  bool is_empty;       /* nothing was sent */
  bool none;           /* of a checklist: none of these */
};

struct choosing {
  struct web_request *request;
  struct web_view *view;
  const struct interview *interview;
  const struct level_of_care *care;
  struct interview_state *state;
  struct interview_facts facts;
  struct care_result result;
  struct care_explanation explanation;
  size_t next, most; /* what comes next, and how many pages at most */
  struct text from;  /* what an answer leads back to: "review"; "jump": the next open question */
  struct value *problems; /* of the page: {"href", "text"} */
};

/* Replay the answers, and find the result and what comes next. */
void choose_find(struct choosing *choosing);

/* The answers, sealed anew. */
struct text choose_seal(const struct choosing *choosing);

/* "interview.<question>.<part>", for who answers; NULL `at` when the catalog has none. */
struct text choose_words(const struct choosing *choosing, struct text question, const char *part,
                         struct text rest);
/* The page on which a question stands: itself, or the page of wishes. */
size_t choose_page_of(const struct choosing *choosing, size_t question);

/* Show a question or the page of wishes; `given` by question is what was sent and refused, or
 * NULL. */
void choose_show_question(struct choosing *choosing, size_t page, struct choose_given **given);
void choose_show_review(struct choosing *choosing);
void choose_show_clash(struct choosing *choosing);
void choose_show_stop(struct choosing *choosing);
void choose_show_minor(struct choosing *choosing);
void choose_show_start(struct web_request *request, struct web_view *view);
/* Answers that open no more, with why. */
void choose_show_again(struct web_request *request, struct web_view *view,
                       const struct error *error);

#endif
