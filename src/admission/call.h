/*
 * call: what was said when, and who is to be called back. Every call, message or visit about a
 * request is one line of its log; one with somebody who waits counts as contact. Accesses as
 * request.h says. Scripts are call-scripts.csv, their words the catalog's.
 */
#ifndef FAIRLEAD_ADMISSION_CALL_H
#define FAIRLEAD_ADMISSION_CALL_H

#include "admission/request.h"

struct call {
  struct text id, request_id;
  struct text kind;   /* call-kinds.csv: who called whom */
  struct text way;    /* contact-ways.csv */
  struct text result; /* contact-results.csv */
  struct text script; /* call-scripts.csv, or "" */
  struct text words;  /* sealed */
  struct text staff_id, account_id;
  struct text by; /* what the account is called; set by call_list() */
  int64_t at, minutes, made_at;
};
/* (request, write). Sets the id. `callback_id`: the callback that this call answers, "" for none;
 * one that reached nobody stays in the queue. */
bool call_add(struct store_transaction *transaction, const struct requests *requests,
              const struct access *access, struct arena *arena, struct call *call,
              struct text callback_id, struct error *error);
/* (request, read or write): the newest first. */
bool call_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct text request_id, struct call **out, size_t *count,
               struct error *error);

/* How often we tried to reach somebody, of calls in any order, since they were last in touch: an
 * attempt is a line of a kind that call-kinds.csv calls one, which reached nobody
 * (contact-results.csv). One at the same moment as the last touch is before it. Pure. */
int64_t call_attempts(const struct requests *requests, const struct call *calls, size_t count);

struct callback {
  struct text id, request_id, script;
  int64_t due_at, late_at, made_at, version;
  /* Of the request; of one request's list these stay empty. */
  struct text site_id, assigned, urgency, language, consents;
  struct request_identity identity;
};
/* (request, write): somebody asks to be called, by `due_at`. Sets the id. */
bool callback_add(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, struct arena *arena, struct callback *callback,
                  struct error *error);
/* The same, unless one with this script is open. */
bool callback_add_once(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *access, struct arena *arena, struct callback *callback,
                       struct error *error);
/* Where the queue goes on; id "": from the beginning. */
struct callback_cursor {
  int64_t due_at;
  struct text id;
};
/* (request, read) as a list: the queue of the scope's site, what is due first comes first, with the
 * name and number to call. Whom it showed is in the audit. */
bool callback_list(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct callback **out, size_t *count, struct error *error);
/* The same behind a place of it, at most `limit` (LIMIT_REQUEST_SHOWN). */
bool callback_list_after(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, const struct callback_cursor *after, size_t limit,
                         struct callback **out, size_t *count, struct error *error);
/* (request, read or write): those of one request that nobody has answered. */
bool callback_list_of(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text request_id, struct callback **out,
                      size_t *count, struct error *error);

#endif
