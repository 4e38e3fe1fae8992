/*
 * outbox: the only way a message leaves this machine: e-mail (SMTP) and text messages (an HTTP
 * gateway), both by libcurl and by configuration.
 *
 *   outbox_add() in the transaction of the act ─▶ outbox_message, due "outbox.send" ─▶ claim
 * (lease) ─▶ sending (committed) ─▶ the wire ─▶ sent | try again | given up
 *
 * Nothing is sent twice: a message that was being sent when the program died is "unsure", is not
 * tried again by itself and is shown. Words are templates of the catalog that name no treatment,
 * program kind or reason (a static check holds them); address and values are sealed. To a person
 * only with their consent to that channel; STOP ends it, START begins anew.
 */
#ifndef FAIRLEAD_PRIVACY_OUTBOX_H
#define FAIRLEAD_PRIVACY_OUTBOX_H

#include "privacy/actor.h"
#include "store/due.h"

struct privacy;

enum outbox_channel { OUTBOX_EMAIL, OUTBOX_TEXT };

/* All from configuration; "" switches a channel off: messages wait, and say so. */
struct outbox_options {
  struct text smtp_url, smtp_user, smtp_password, mail_from;
  struct text text_url, text_token; /* of the gateway */
};

struct outbox_new {
  struct text program_id;
  struct text person_id; /* "" when it goes to staff */
  enum outbox_channel channel;
  struct text address;
  struct text language;
  const char *template_key; /* catalog: message.<name>.subject and message.<name>.text */
  const struct value *names;
  struct text key; /* idempotency: a second one with this key is the same message */
};
/* Refuses a person's message without consent to the channel ("error.outbox.consent"), or after STOP
 * ("error.outbox.stopped"); an address that is none; words that are not neutral, also in `names`.
 * The subject's key is made when it is missing. */
bool outbox_add(struct store_transaction *transaction, struct privacy *privacy,
                const struct outbox_new *wanted, int64_t now, char id[UUID_TEXT + 1],
                struct error *error);
bool outbox_set_consent(struct store_transaction *transaction, struct privacy *privacy,
                        struct text program_id, struct text person_id, enum outbox_channel channel,
                        bool allowed, struct text how, int64_t now, struct error *error);
/* May a message go to this person this way? */
bool outbox_consent_find(struct store_transaction *transaction, struct text program_id,
                         struct text person_id, enum outbox_channel channel, bool *out,
                         struct error *error);
/* A message that came back from a phone number or address: STOP, START, HELP and their kin
 * (knowledge/message-words.csv) act and are answered; anything else is let go unread. `id` is the
 * gateway's own: one that is delivered again counts once; "" for none. Refuses what is no address.
 */
bool outbox_heard(struct store_transaction *transaction, struct privacy *privacy,
                  enum outbox_channel channel, struct text address, struct text words,
                  struct text id, int64_t now, struct error *error);
/* Send what is due; runs outside any transaction, one message at a time. */
/* A message that somebody's lease ran out on is unsure; nothing else tries it again. */
bool outbox_send_due(struct privacy *privacy, const struct outbox_options *options,
                     struct text owner, int64_t now, size_t *sent, struct error *error);

struct outbox_message {
  struct text id, person_id, template_key, why;
  struct text state; /* waiting, sending, sent, unsure, failed */
  enum outbox_channel channel;
  int64_t made_at, next_at, sent_at, attempts; /* next_at: 0 when nothing more is tried */
};
bool outbox_list(struct store_transaction *transaction, struct arena *arena, struct text program_id,
                 struct text state, size_t limit, struct outbox_message **out, size_t *count,
                 struct error *error);
/* A person decided about one that is unsure or failed: again, or not. */
bool outbox_decide(struct store_transaction *transaction, struct privacy *privacy,
                   struct actor *actor, struct text id, bool again, int64_t now,
                   struct error *error);

#endif
