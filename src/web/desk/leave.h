/*
 * leave: how what disclose() made leaves the desk. The one place under /desk and /me that hands out
 * a file (script/check/exits.mjs). Private to desk.
 */
#ifndef FAIRLEAD_WEB_DESK_LEAVE_H
#define FAIRLEAD_WEB_DESK_LEAVE_H

#include "web/desk/about.h"

/* In the transaction of disclose(): make the readable file in a language, keep it with the
 * disclosure, and lead to the page beside this one that hands both out: "…/copy?number=…". */
bool desk_leave_keep(struct store_transaction *transaction, const struct desk_about *about,
                     struct web_view *view, const struct disclosed *disclosed, struct text language,
                     struct error *error);
/* The copy that "number" names, to the byte: a page to print, with "as" json or html that file,
 * with edi the question to a plan that stands in it. The access is opened for object and act
 * (disclosure_copy_load()). */
bool desk_leave(struct web_request *request, struct web_view *view, const char *object,
                const char *act, struct error *error);
/* Fill a page with what partials/copy_body shows: page.blocks, scope, notice, notice_version,
 * disclosure_id, from a document as it left. */
bool desk_leave_fill(struct web_request *request, struct text document, struct value *page,
                     struct error *error);
/* A field's name for people, by the last name of its path in knowledge/labels.csv. */
struct text desk_field_label(const struct web_request *request, struct text path);

#endif
