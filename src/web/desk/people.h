/*
 * people: what pages about a person share: the access, the banner above them, their tabs, choices
 * from the lists of care. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_PEOPLE_H
#define FAIRLEAD_WEB_DESK_PEOPLE_H

#include "care/care.h"
#include "web/desk/desk.h"

/* Open the access to a person for object and act, in the request's program. */
bool people_access(struct store_transaction *transaction, struct web_request *request,
                   const char *object, const char *act, struct text person_id, struct access *out,
                   struct error *error);
/* What the banner says besides who the person is. Allergies, alerts and precautions are read for
 * every role that may (safety-fact, read), also for one that may read no other fact; the banner of
 * a role that may not says nothing of them, not even that nobody asked. */
struct people_banner {
  struct care_fact *facts;
  size_t fact_count;
  struct text today;     /* of the person's site */
  struct text emergency; /* until when the actor's own emergency access is open, or "" */
  bool may_facts;
};
bool people_banner_load(struct store_transaction *transaction, struct web_request *request,
                        const struct access *access, const struct person *person,
                        struct people_banner *out, struct error *error);
/* Fill page.banner, page.tabs, page.id and page.today: the one frame of every page about a person.
 */
void people_show(struct web_request *request, const struct person *person,
                 const struct people_banner *known, const char *tab, struct value *page);
/* Load the person and show them: page.banner, page.tabs (that of `tab` is the present one: "",
 * "facts", "episodes", …) and page.id. `access` is open for the person. A merged record sets
 * view->redirect to the one that stands, with the same tab; the caller answers then at once. */
bool people_fill(struct store_transaction *transaction, struct web_request *request,
                 const struct access *access, struct text person_id, const char *tab,
                 struct web_view *view, struct person *person, struct error *error);
/* The same in a transaction of its own, for a page that opens no record of the person by itself: a
 * reader whom nothing reaches gets the page without banner and tabs, and no denial is noted. */
bool people_frame(struct web_request *request, struct web_view *view, struct text person_id,
                  const char *tab, struct error *error);
/* The day that it is at a site, "YYYY-MM-DD". */
bool people_today(struct store_transaction *transaction, const struct web_request *request,
                  struct text site_id, struct text *out, struct error *error);

/* "14:05" on a day, as clocks there show it; false: no such day or time. */
bool people_moment(const struct zone *zone, struct text date, struct text clock, int64_t *out);

/* What was typed to find a person, with dates such as "Feb 29, 1980" or "29 de febrero de 1980" in
 * numbers; all else as it stands (typed_dates.c). */
struct text people_typed(const struct catalog *catalog, struct arena *arena, struct text words);

/* Choices of a list of care, labeled in the request's language; `count` is set. */
struct desk_choice *people_choices(const struct web_request *request, enum care_list list,
                                   size_t *count);
void people_choose(struct desk_form *form, const char *field, enum care_list list);
/* Fields of a form that are texts of a struct by the same names: where each stands in it. */
struct people_member {
  const char *field;
  size_t offset;
};
void people_put(struct desk_form *form, const struct people_member *members, size_t count,
                const void *from);
void people_take(const struct desk_form *form, const struct people_member *members, size_t count,
                 void *into);
/* Refuse each field that a room found wrong. Answers false when there is one. */
bool people_refuse(struct desk_form *form, const struct field_problems *problems);
/* The ten digits of a phone number, however it was typed. */
struct text people_digits(struct arena *arena, struct text typed);
/* The label of a code in the request's language. */
struct text people_label(const struct web_request *request, enum care_list list, struct text code);
/* A person in a list of another room: {"person_name", "person_href" ("": nobody may look there)};
 * in words when it is somebody whom the reader does not reach, or who was erased; "" for nobody. */
void people_set_name(const struct web_request *request, struct value *item,
                     const struct person_names *names, struct text person_id);
/* "303-555-0142". */
struct text people_phone(struct arena *arena, struct text phone);

#endif
