/*
 * consents: what the pages of consents share. Private to desk.
 */
#ifndef FAIRLEAD_WEB_DESK_CONSENTS_H
#define FAIRLEAD_WEB_DESK_CONSENTS_H

#include "web/desk/about.h"

/* A catalog key: in force, ended, taken back, or not to be relied on. */
const char *desk_consent_state(const struct web_request *request, const struct consent *consent);
/* How and when it was taken back, or by whose word its event came; "" while neither. */
struct text desk_consent_closed(const struct web_request *request, const struct consent *consent);

#endif
