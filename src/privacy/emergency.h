/*
 * emergency: breaking the glass, and disclosure in a medical emergency (42 CFR 2.51).
 *
 * A staff member who proved again who they are opens one person's record for two hours with the
 * four facts that 2.51 asks for; the privacy officers are told at once, a review falls due within a
 * day. How long, and who is told, is knowledge/emergency.csv.
 */
#ifndef FAIRLEAD_PRIVACY_EMERGENCY_H
#define FAIRLEAD_PRIVACY_EMERGENCY_H

#include "privacy/access.h"

struct emergency {
  struct text id, person_id, account_id, actor_name;
  struct text recipient, affiliation; /* name of who receives, and their facility */
  struct text discloser;              /* who discloses */
  struct text nature;                 /* of the emergency, in words */
  int64_t at, ends_at, reviewed_at;
  struct text reviewed_by, finding; /* justified, not-justified */
  struct text review;               /* in words */
};
/* Open; each missing fact is refused by name (error.emergency.recipient, …). The actor must be
 * confirmed. Writes the audit with purpose BTG, the alert to the outbox, the review to due. */
bool emergency_open(struct store_transaction *transaction, struct privacy *privacy,
                    struct actor *actor, struct emergency *facts, struct arena *arena, int64_t now,
                    struct error *error);
/* Is one open for this actor and person? One index is read; nothing sealed is opened. */
bool emergency_is_open(struct store_transaction *transaction, const struct actor *actor,
                       struct text person_id, int64_t now, bool *out, int64_t *ends_at,
                       struct error *error);
/* Its id, or "". */
bool emergency_find_open(struct store_transaction *transaction, const struct actor *actor,
                         struct text person_id, int64_t now, struct arena *arena, struct text *id,
                         struct error *error);
/* Give one's own up before its end. */
bool emergency_end(struct store_transaction *transaction, struct privacy *privacy,
                   struct actor *actor, struct text id, int64_t now, struct error *error);
/* Nobody reviews their own ("error.emergency.own"); words are asked for. */
bool emergency_review(struct store_transaction *transaction, const struct access *access,
                      struct text id, struct text finding, struct text words, struct error *error);
/* Those without a review, oldest first; with `all`, every one. Narrowed to the access's person if
 * it has one. Of an erased person the line stays without its facts. */
bool emergency_list(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, bool all, struct emergency **out, size_t *count,
                    struct error *error);

#endif
