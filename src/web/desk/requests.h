/*
 * requests: what pages about requests share: the access, words of the lists in knowledge/, staff
 * and sites to choose from, who asks. Private to desk. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_REQUESTS_H
#define FAIRLEAD_WEB_DESK_REQUESTS_H

#include "admission/admission.h"
#include "web/desk/desk_private.h"
#include "web/desk/people.h"

/* Open an access to one request, (request, read or write), in the actor's program. */
bool requests_access(struct store_transaction *transaction, struct web_request *request,
                     const char *act, struct text request_id, struct access *out,
                     struct error *error);
bool requests_access_list(struct store_transaction *transaction, struct web_request *request,
                          const char *object, const char *act, struct access *out,
                          struct error *error);

/* Where places are, and who looks after requests. */
struct requests_ground {
  struct site *sites;
  struct staff *staff; /* also who has left, to name them */
  size_t site_count, staff_count;
};
/* What the actor may read of it; what they may not stays empty. */
bool requests_ground_load(struct store_transaction *transaction, struct web_request *request,
                          struct requests_ground *out, struct error *error);
/* "" when it is none of them. */
struct text requests_site_name(const struct requests_ground *ground, struct text id);
struct text requests_staff_name(const struct requests_ground *ground, struct text id);
/* The sites at which the actor works; the staff members who have not left. */
void requests_choose_site(struct desk_form *form, const char *field,
                          const struct requests_ground *ground);
void requests_choose_staff(struct desk_form *form, const char *field,
                           const struct requests_ground *ground);

/* The label of a code; "" for none. */
struct text requests_label(const struct web_request *request, enum request_list list,
                           struct text code);
/* Choices of a whole list. */
void requests_choose(struct desk_form *form, const char *field, enum request_list list);
/* Yes, no, not known: "1", "0", "-1"; as forms hold them, and as people read them. */
void requests_choose_known(struct desk_form *form, const char *field, int64_t now);
struct text requests_known(const struct web_request *request, int64_t value);
/* Urgencies with the time in which each is answered. */
void requests_choose_urgency(struct desk_form *form, const char *field);

/* For whom: the name, else who asks, else that there is none yet. */
struct text requests_name(const struct web_request *request,
                          const struct request_identity *identity);
/* What somebody said yes to, in words: codes of request-consents.csv, separated by spaces. */
struct text requests_consents(const struct web_request *request, struct text codes);
/* How many attempts to reach somebody an end asks for, and how many there are; "" when none does.
 */
struct text requests_attempts(const struct web_request *request, const struct call *calls,
                              size_t count);
/* The scripts of call-scripts.csv as choices. */
void requests_choose_script(struct desk_form *form, const char *field);
struct text requests_script_title(const struct web_request *request, struct text script);
/* "2026-11-22" and "14:05", as the page's clocks show it; false when it is no time. */
bool requests_moment(const struct web_request *request, struct text date, struct text clock,
                     int64_t *out);
/* The steps of a script of call-scripts.csv: {"title", "steps": [text]}. */
struct value *requests_script(const struct web_request *request, struct text script);

#endif
