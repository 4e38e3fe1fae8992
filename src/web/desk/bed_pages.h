/*
 * bed_pages: what the pages about beds share: words of their lists, choices of reasons, times of
 * day where the site is, the access to a person's use of a bed. Threads: all state is the
 * request's.
 */
#ifndef FAIRLEAD_WEB_DESK_BED_PAGES_H
#define FAIRLEAD_WEB_DESK_BED_PAGES_H

#include "admission/admission.h"
#include "web/desk/desk_private.h"

/* A code of the beds' lists in the request's language; "" for "". */
struct text bed_page_label(const struct web_request *request, enum bed_list list, struct text code);
/* The codes of a list as choices; of BED_REASONS those for one act, else `act` is NULL. */
void bed_page_choose(struct desk_form *form, const char *field, enum bed_list list,
                     const char *act);
/* Codes separated by spaces, as words with commas between; `label` says each. */
struct text bed_page_join(const struct web_request *request, struct text codes,
                          struct text (*label)(const struct web_request *, struct text));
/* The rules of what pays; NULL where none are loaded. */
const struct coverage_rules *bed_page_coverage(const struct web_request *request);
/* What may pay for a bed, and the medicines that a person may keep in it, in words. */
struct text bed_page_funding(const struct web_request *request, struct text code);
struct text bed_page_medicine(const struct web_request *request, struct text code);
void bed_page_choose_funding(struct desk_form *form, const char *field);
void bed_page_choose_medicines(struct desk_form *form, const char *field);

/* The zone of the site, or of where one works; never NULL. */
const struct zone *bed_page_zone(const struct web_request *request);
/* From now on times of this request are those of the site. */
bool bed_page_at_site(struct store_transaction *transaction, struct web_request *request,
                      struct text site_id, struct error *error);
/* A date and "14:05" as clocks at the site show them; with neither: now; without a date: today.
 * Answers false with the field's problem. */
bool bed_page_moment(struct desk_form *form, const char *date, const char *clock, int64_t *out);
/* "14:05" of a moment at the site. */
struct text bed_page_clock(const struct web_request *request, int64_t microseconds);
struct text bed_page_date(const struct web_request *request, int64_t microseconds);
/* "14:05" as a time of day; false when it is none. */
bool bed_page_read_clock(struct text clock, int *hour, int *minute);

/* (object, act), of a person with an access for that person, else as a list's. */
bool bed_page_access(struct store_transaction *transaction, struct web_request *request,
                     const char *object, const char *act, struct text person_id, struct access *out,
                     struct error *error);
/* Names of people in a list, however many; those the reader may see. */
bool bed_page_names(struct store_transaction *transaction, struct web_request *request,
                    const struct text *ids, size_t count, struct person_names *out,
                    struct error *error);

#endif
