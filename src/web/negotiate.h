/*
 * Negotiation: what form, coding and language a client prefers, and whether it has the answer
 * already. Pure functions over field values; what does not parse is passed over, as RFC 9110 lets a
 * server do. Source: RFC 9110 sections 12.4 and 12.5, 13.1.2.
 */
#ifndef FAIRLEAD_WEB_NEGOTIATE_H
#define FAIRLEAD_WEB_NEGOTIATE_H

#include "base/base.h"

enum web_form { WEB_HTML, WEB_JSON };

/* A page is HTML unless the client likes JSON better; a document of the API is JSON unless the
 * client takes HTML and no JSON. `accept` "" means anything. */
enum web_form web_prefer_form(struct text accept, bool is_api);
/* Does the client take gzip, and like it no less than the plain form? */
bool web_prefer_gzip(struct text accept_encoding);
/* The language of `codes` ("en", "es") that the client likes best, by the primary tag; the first of
 * equals; 0 when none fits. */
size_t web_prefer_language(struct text accept_language, const struct text *codes, size_t count);
/* Does an If-None-Match list hold `etag` (with its quotes), or "*"? Weakly compared. */
bool web_etag_matches(struct text if_none_match, struct text etag);

#endif
