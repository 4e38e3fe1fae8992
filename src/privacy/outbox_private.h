/*
 * What the files of the outbox share. Private to them.
 */
#ifndef FAIRLEAD_PRIVACY_OUTBOX_PRIVATE_H
#define FAIRLEAD_PRIVACY_OUTBOX_PRIVATE_H

#include "privacy/outbox_rules.h"
#include "privacy/privacy.h"

#define OUTBOX_KIND "outbox.send" /* its clocks */

struct text outbox_channel_name(enum outbox_channel channel);
bool outbox_channel_read(struct text name, enum outbox_channel *out);
/* An e-mail address, or a phone number as + and 8 to 15 digits, in the arena; false when it is
 * neither. Ten digits are a number of the North American plan. */
bool outbox_address_read(struct arena *arena, enum outbox_channel channel, struct text given,
                         struct text *out);

/* May a message go to this address now? To staff ("" as person) always; to a person with their
 * consent, and not after STOP. */
bool outbox_may_send(struct store_transaction *transaction, struct privacy *privacy,
                     struct arena *arena, struct text program_id, struct text person_id,
                     enum outbox_channel channel, struct text address, bool *out,
                     struct error *error);

/* --- The wire ------------------------------------------------------------------------------ */

/* What became of a message: it left; certainly not, try again; certainly not, and never will;
 * nobody knows. */
enum outbox_result { OUTBOX_SENT, OUTBOX_LATER, OUTBOX_NEVER, OUTBOX_UNSURE };
struct outbox_letter {
  enum outbox_channel channel;
  struct text id, address, subject, text;
  int64_t at;
};
/* Is the channel set up, with an address that may be used (TLS, or this machine)? */
bool outbox_wire_is_on(const struct outbox_options *options, enum outbox_channel channel);
/* Send; `*why` is a code: connect, tls, sign-in, refused, busy, no-answer, … */
enum outbox_result outbox_wire_send(const struct outbox_options *options,
                                    const struct outbox_letter *letter, struct arena *arena,
                                    const char **why);

#endif
