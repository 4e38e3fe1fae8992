/*
 * request_page: what the page of one request shows: its facts, its history, its forms. The acts are
 * views_request_one.c's. Private to desk. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_REQUEST_PAGE_H
#define FAIRLEAD_WEB_DESK_REQUEST_PAGE_H

#include "web/desk/requests.h"

enum request_form { FORM_DECLINE, FORM_ASSIGN, FORM_FACTS, FORM_END, REQUEST_FORMS, FORM_NONE };

struct request_page {
  struct web_request *request;
  struct web_view *view;
  struct request one;
  struct request_event *events;
  size_t event_count;
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
/* Fill view->page; status 400 when a form failed. Answers true. */
bool request_page_show(struct request_page *page);

#endif
