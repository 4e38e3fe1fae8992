/*
 * intakes: what the pages of an intake share: whose intake it is, its items in words, moments that
 * were typed, who wrote what.
 *
 *   views_intake.c            /desk/people/{id}/intake: the checklist
 *   views_intake_item.c       …/intake/item: one item, its history, and what may be said of it
 *   views_intake_admit.c      …/intake/admit: the one act by which a person comes in
 *   views_intake_assess.c     …/intake/instruments: questionnaires
 *   views_intake_level.c      …/intake/level: the level of care
 *   views_intake_medicine.c   …/intake/medicines: counted by two
 *   views_intakes.c           /desk/intakes: what is overdue
 *
 * Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_INTAKES_H
#define FAIRLEAD_WEB_DESK_INTAKES_H

#include "web/desk/people.h"

/* Names of accounts, each asked for once. */
enum { INTAKE_NAMES = 64 };
struct intake_names {
  struct text ids[INTAKE_NAMES], names[INTAKE_NAMES];
  size_t count;
};

/* A page of an intake. */
struct intake_page {
  struct web_request *request;
  struct web_view *view;
  struct person person;
  const struct zone *zone; /* of the person's site */
  struct intake *intakes;  /* the person's, the newest first */
  size_t intake_count;
  struct intake_view shown; /* the one that the page is about */
  bool has_one;             /* is there one? */
  struct intake_names names;
};
/* Open (intake, read) for the person of the request, show them, and load the intake that the
 * parameter "intake" names: else the newest that goes on, else the newest. A merged record sets
 * view->redirect: the caller answers at once. */
bool intake_page_load(struct store_transaction *transaction, struct intake_page *page,
                      struct access *access, struct error *error);
/* The same, and there must be one: else ERROR_NOT_FOUND. */
bool intake_page_need(struct store_transaction *transaction, struct intake_page *page,
                      struct access *access, struct error *error);
/* Fill page.intake {"id", "here", "level", …} and page.links, of this page's neighbors. */
void intake_page_fill(struct intake_page *page, const char *current);
/* 303 to a page of this intake: "" the checklist, "/item", …; `mark`: where on it, our own word, or
 * "". */
void intake_page_go(const struct intake_page *page, const char *below, struct text mark);

/* A word of knowledge's lists in the request's language: "intake-items" "photo" ".how"; "" when
 * there is none. */
struct text intake_word(const struct web_request *request, const char *list, struct text code,
                        const char *what);
/* What follows a date, and a clock ("14:05"), both as typed where the person's site is: 0 when both
 * are empty. Answers false, with the field refused, when they are none. */
bool intake_moment(struct desk_form *form, const struct zone *zone, const char *date,
                   const char *clock, int64_t *out);
/* Put a moment into two such fields; 0 leaves them empty. */
void intake_put_moment(struct desk_form *form, const struct zone *zone, const char *date,
                       const char *clock, int64_t at);
/* What an account is called; "" for the system. Loaded in the transaction, read later. */
bool intake_names_add(struct store_transaction *transaction, struct intake_page *page,
                      struct text account_id, struct error *error);
struct text intake_name(const struct intake_page *page, struct text account_id);

/* Is this item one that the actor may do? */
bool intake_may_item(const struct web_request *request, const struct intake_item *item);
/* What staff said of an item last; NULL: nothing. */
const struct intake_step *intake_step_of(const struct intake_view *view, struct text item);
/* An item with where it stands, for a template. */
struct value *intake_row(const struct intake_page *page, const struct intake_answer *answer);

/* Handlers of the table of routes in views_intake.c. */
web_handler view_intake_item, view_intake_admit, view_intake_instruments, view_intake_level;
web_handler view_intake_medicines, view_intakes;

#endif
