/*
 * Carried answers: facts sealed into a token that a person takes along, as a link or a QR code.
 * Nothing is stored but the ids of tokens that were taken back, until they would have expired.
 *
 *   token = seal("carry", deflate({"who", "was", "facts"}))   at most CARRY_LONGEST characters
 *
 * Threads: any; the store is the application's.
 */
#ifndef FAIRLEAD_WEB_CARRY_H
#define FAIRLEAD_WEB_CARRY_H

#include "assessment/assessment.h"
#include "web/web.h"

enum {
  CARRY_LONGEST = 1800, /* characters of a token, so that it fits a QR code */
  CARRY_DAYS = 30       /* that it opens */
};

struct carried {
  struct facts facts;
  enum choose_voice voice;         /* for whom the questions were answered */
  struct text was;                 /* what the rules of that day gave, as carry_write() was told */
  int64_t made, until;             /* microseconds UTC */
  unsigned char id[SEAL_ID_BYTES]; /* what is kept of it when it is taken back */
};

/* Seal facts, and what they gave. Refuses what would be longer than CARRY_LONGEST. */
bool carry_write(const struct web_application *application, struct arena *arena,
                 const struct facts *facts, enum choose_voice voice, struct text was, int64_t now,
                 struct text *token, struct error *error);
/* Open a token. Refuses one that is broken, expired, or whose facts are no longer known, each with
 * its own text for the person. Does not ask whether it was taken back. */
bool carry_read(const struct web_application *application, struct arena *arena, struct text token,
                int64_t now, struct carried *out, struct error *error);
/* Was it taken back? */
bool carry_is_revoked(struct store *store, const struct carried *carried, bool *out,
                      struct error *error);
/* Take it back; a second time is fine. Forgets ids whose tokens have expired. */
bool carry_revoke(struct store *store, const struct carried *carried, int64_t now,
                  struct error *error);
/* Forget ids whose tokens have expired. */
bool carry_forget(struct store *store, int64_t now, struct error *error);

#endif
