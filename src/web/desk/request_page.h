/*
 * request_page: what the page of one request shows: its facts, its history, its forms. The acts are
 * views_request_one.c's. Private to desk. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_REQUEST_PAGE_H
#define FAIRLEAD_WEB_DESK_REQUEST_PAGE_H

#include "web/desk/requests.h"

enum request_form {
  FORM_DECLINE,
  FORM_ASSIGN,
  FORM_FACTS,
  FORM_END,
  FORM_CALL,
  FORM_CALLBACK,
  REQUEST_FORMS,
  FORM_NONE
};

struct request_page {
  struct web_request *request;
  struct web_view *view;
  struct request one;
  struct request_event *events;
  struct call *calls;
  struct callback *callbacks; /* that nobody has answered */
  size_t event_count, call_count, callback_count;
  int64_t links, links_until; /* that open; until when the last does */
  struct text token;          /* of a link that was just made, or "" */
  struct requests_ground ground;
  struct person_names names; /* of the record it is joined with */
  struct desk_form forms[REQUEST_FORMS];
  enum request_form failed; /* whose problems are shown; FORM_NONE */
  int64_t version;          /* of the form that was sent */
};

/* store_function; the context is the page. (request, read) */
bool request_page_load(struct store_transaction *transaction, void *context, struct error *error);
/* Make the forms, filled with what stands. */
void request_page_begin(struct request_page *page);
/* The part of it about calls: request_calls.c. */
bool request_calls_load(struct store_transaction *transaction, struct request_page *page,
                        const struct access *access, struct error *error);
void request_calls_begin(struct request_page *page);
void request_calls_fill(const struct request_page *page, struct value *out);
/* Acts of the forms FORM_CALL and FORM_CALLBACK, whose fields were read. */
bool request_calls_log(struct store_transaction *transaction, struct request_page *page,
                       const struct access *access, struct error *error);
bool request_calls_ask(struct store_transaction *transaction, struct request_page *page,
                       const struct access *access, struct error *error);
/* What only this room knows of their fields; false when one is refused. */
bool request_calls_check(struct request_page *page, enum request_form which);

/* Fill view->page; status 400 when a form failed. Answers true. */
bool request_page_show(struct request_page *page);

#endif
