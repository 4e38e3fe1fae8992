/*
 * about: what the pages about one person's consents, disclosures, views and record share: the
 * access, the person, the banner and the tabs; and the whole record as a document. Under /me the
 * person is the actor's own. Private to desk.
 */
#ifndef FAIRLEAD_WEB_DESK_ABOUT_H
#define FAIRLEAD_WEB_DESK_ABOUT_H

#include "web/desk/desk_private.h"
#include "web/desk/people.h"

struct desk_about {
  struct web_request *request;
  struct access access;
  struct person person;
  struct people_banner banner; /* under /desk */
};
/* Whom this page is about: {id} of the path, or the actor under /me. */
struct text desk_about_id(const struct web_request *request);
/* Check, write the audit, load the person and, under /desk, what their banner says. */
bool desk_about_open(struct store_transaction *transaction, struct web_request *request,
                     const char *object, const char *act, struct desk_about *out,
                     struct error *error);
/* The accesses for the same object and act to this record, first, and to every one that was joined
 * to it: rows are sealed under the record that they were made for. */
bool desk_about_members(struct store_transaction *transaction, const struct desk_about *about,
                        struct access **out, size_t *count, struct error *error);
/* Of a form that acts on a row of a joined record: "record" names it. Opens that access; refuses a
 * record that was not joined to this one. */
bool desk_about_member(struct store_transaction *transaction, const struct desk_about *about,
                       struct access *out, struct error *error);
/* Fill page.banner, page.tabs, page.id, page.here ("/desk/people/<id>" or "/me"), page.own. */
void desk_about_fill(const struct desk_about *about, struct value *page);
/* "record" of knowledge/labels.csv: everything that the actor may read of this person. */
bool desk_about_record(struct store_transaction *transaction, const struct desk_about *about,
                       const struct value **out, struct error *error);
/* What pays for their care, into that record (about_coverage.c); `access` is (coverage, read). */
bool desk_about_coverage(struct store_transaction *transaction, const struct desk_about *about,
                         const struct access *access, struct value *record, struct error *error);
/* What they brought, into that record (about_belongings.c); `access` is (belongings, read). */
bool desk_about_belongings(struct store_transaction *transaction, const struct desk_about *about,
                           const struct access *access, struct value *record, struct error *error);

#endif
