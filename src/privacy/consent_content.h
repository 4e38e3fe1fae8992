/*
 * consent_content: the elements of a consent as one JSON document, which is sealed, and the way
 * back. Private to privacy. Pure but for the arena.
 */
#ifndef FAIRLEAD_PRIVACY_CONSENT_CONTENT_H
#define FAIRLEAD_PRIVACY_CONSENT_CONTENT_H

#include "privacy/consent.h"

struct value *consent_recipient_write(struct arena *arena, const struct consent_recipient *from);
struct consent_recipient consent_recipient_read(const struct value *from);
bool consent_content_write(struct arena *arena, const struct consent *consent, struct text *out,
                           struct error *error);
/* Fill the elements; what stands in plain columns stays. */
bool consent_content_read(struct arena *arena, struct text document, struct consent *out,
                          struct error *error);

#endif
