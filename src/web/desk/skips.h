/*
 * skips: who is passed over when a place goes to somebody who is not the first of the list: shown
 * on the form that gives the place, each with a reason of fit (skip-reasons.csv), and read from it.
 * For slots and beds alike. It decides nothing: waitlist_offer() does.
 *
 *   skips_load() in the page's transaction ─▶ skips_read() after a POST ─▶ skips_offer()
 *              ─▶ skips_fill(): {{#page.skips}}{{>desk/partials/skips}}{{/page.skips}}
 *
 * Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_SKIPS_H
#define FAIRLEAD_WEB_DESK_SKIPS_H

#include "web/desk/desk.h"

struct skips_person {
  struct waitlist_entry entry;
  struct text name;    /* "": nobody gave one */
  struct text reason;  /* as it was sent, or "" */
  const char *problem; /* catalog key, or NULL */
};
struct skips {
  struct web_request *request;
  struct skips_person *people; /* in the order of the list */
  size_t count;
  bool is_over;    /* more than LIMIT_SKIPS: the place is not for this request */
  bool is_refused; /* skips_read() or skips_refuse() found a problem */
};

/* Who stands before a request; opens (request, read) as a list. Nobody: count 0. */
bool skips_load(struct store_transaction *transaction, struct web_request *request,
                struct text request_id, struct skips *out, struct error *error);
/* Read the reasons of a form: fields "skip_<request id>". Answers false when somebody has none, or
 * one that is not of the list; each has its problem. Who came to stand before after the form was
 * made has none either. */
bool skips_read(struct skips *skips);
/* Put what was read into an offer; lives in the request's arena. */
void skips_offer(const struct skips *skips, struct waitlist_offer *offer);
/* waitlist_offer() refused with error.request.skip: somebody came to stand before meanwhile. Load
 * again, read again, and mark whoever is `missing` (may be ""). */
void skips_refuse(struct skips *skips, struct text missing);
/* page.skips for partials/skips; {} of which `any` is false when nobody stands before. */
void skips_fill(const struct skips *skips, struct value *page);
/* Why somebody stands where they stand, in words: "Pregnant · urgent · since May 4, 2026, 10:30".
 */
struct text skips_why(const struct web_request *request, const struct waitlist_entry *entry);

#endif
