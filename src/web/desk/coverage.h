/*
 * coverage: what the pages about a person's coverage share: the access, the frame, plans, days and
 * money in forms and in words. Private to desk. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_COVERAGE_H
#define FAIRLEAD_WEB_DESK_COVERAGE_H

#include "coverage/coverage.h"
#include "web/desk/people.h"

struct desk_coverage {
  struct web_request *request;
  struct web_view *view;
  const struct coverage_rules *rules;
  struct access access;
  struct person person;
  const struct zone *zone; /* where the person is */
  int64_t today;
  struct coverage_plan *plans;
  struct episode *stays; /* of who may see them */
  size_t plan_count, stay_count;
};
/* The rules of knowledge/; refuses where none are loaded. */
bool desk_coverage_begin(struct desk_coverage *coverage, struct web_request *request,
                         struct web_view *view, struct error *error);
/* Check (coverage, read), load person, frame, plans and stays. A merged record sets view->redirect.
 * Under /me it is the actor's own, and page.here is "/me". */
bool desk_coverage_load(struct store_transaction *transaction, struct desk_coverage *coverage,
                        struct error *error);
/* The same check alone, for an act; fills zone and today. */
bool desk_coverage_act(struct store_transaction *transaction, struct desk_coverage *coverage,
                       const char *act, struct error *error);
/* To write. */
bool desk_coverage_write(struct store_transaction *transaction, struct desk_coverage *coverage,
                         struct error *error);
/* Open the same person for reading another object. */
bool desk_coverage_other(struct store_transaction *transaction,
                         const struct desk_coverage *coverage, const char *object,
                         struct access *out, struct error *error);
/* Back to a page below this person's coverage: "" or "/…". */
void desk_coverage_go(struct desk_coverage *coverage, const char *page);

const struct coverage_plan *desk_coverage_plan(const struct desk_coverage *coverage,
                                               struct text id);
/* "Example Plan (a plan from work)". */
struct text desk_coverage_plan_words(const struct desk_coverage *coverage, struct text id);
void desk_coverage_choose_plan(struct desk_form *form, const struct desk_coverage *coverage);
void desk_coverage_choose_stay(struct desk_form *form, const struct desk_coverage *coverage);
void desk_coverage_choose_payer(struct desk_form *form, const struct coverage_rules *rules);
/* A list of names with labels, in the request's language; "" for what is not there. */
struct text desk_coverage_reason(const struct desk_coverage *coverage, struct text reason);
struct text desk_coverage_payer(const struct desk_coverage *coverage, struct text payer);

/* The last day by which the plan must answer the appeal that it has, by the law of the day on which
 * that was made; 0: there is none. `clock` may be NULL. */
int64_t desk_coverage_answer_by(const struct desk_coverage *coverage, const struct denial *denial,
                                const struct coverage_clock **clock);
/* What a plan answered to a question, in words; "" where nothing is given. And how it said so. */
struct text desk_coverage_answer(const struct web_request *request,
                                 const struct benefit_question *question,
                                 const struct benefit_answer *answer);
struct text desk_coverage_by(const struct web_request *request, enum benefit_source source);

/* A day in words, "" for 0; and how many days are left until it, in words. */
struct text desk_coverage_day(const struct web_request *request, int64_t day);
struct text desk_coverage_days_left(const struct web_request *request, int64_t day, int64_t today);
/* Two days in words, either of them 0. */
struct text desk_coverage_days(const struct web_request *request, int64_t from, int64_t to);
/* Set and read a field of kind DESK_DATE as a day; 0: empty. */
void desk_coverage_set_day(struct desk_form *form, const char *name, int64_t day);
int64_t desk_coverage_get_day(const struct desk_form *form, const char *name);
/* "14:05" on a day, as clocks show it where the person is. */
bool desk_coverage_moment(const struct desk_coverage *coverage, struct text date, struct text clock,
                          int64_t *out);
/* Read a field as dollars, in cents; -1 when empty; refuses the field otherwise. */
bool desk_coverage_get_money(struct desk_form *form, const char *name, int64_t *cents);

/* Who did each step of a history, by name, in the arena; "" of one that is not kept. */
bool desk_coverage_names(struct store_transaction *transaction, const struct web_request *request,
                         const struct paying_step *steps, size_t count, struct text **out,
                         struct error *error);

/* The pages below: their routes stand in views_coverage.c. */
web_handler desk_view_authorization, desk_view_denial, desk_view_coverage_due, desk_view_estimate,
    desk_view_funding, desk_view_fees;

#endif
