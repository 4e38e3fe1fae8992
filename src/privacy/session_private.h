/*
 * session: one row of the store, as the files of sessions and stations share it. Private to
 * privacy.
 */
#ifndef FAIRLEAD_PRIVACY_SESSION_PRIVATE_H
#define FAIRLEAD_PRIVACY_SESSION_PRIVATE_H

#include "privacy/account_private.h"

struct session_row {
  struct text id, token; /* the token's digest */
  struct text account_id, station_id, program_id;
  struct text tries, device; /* whose wrong codes are counted together; the browser, or "" */
  enum session_step step;
  int64_t made_at, seen_at, ends_at, proved_at;
};

/* Find by the token's digest; `*found` says whether there is one, ended or not. */
bool session_row_find(struct store_transaction *transaction, struct arena *arena,
                      struct text digest, struct session_row *out, bool *found,
                      struct error *error);
bool session_row_insert(struct store_transaction *transaction, const struct session_row *row,
                        struct error *error);
/* The live session of a token with its account, in a snapshot of its own; ERROR_NOT_FOUND
 * ("error.session") otherwise. */
bool session_read(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                  struct session_row *row, struct account *account, struct account_secrets *secrets,
                  struct error *error);
/* Who acts in it; roles only when it is open. */
struct actor session_actor(const struct privacy *privacy, struct arena *arena,
                           const struct session_row *row, const struct account *account,
                           int64_t now);
/* End the session of this token's digest, if there is one: another begins in its browser. */
bool session_end_before(struct store_transaction *transaction, const struct privacy *privacy,
                        struct arena *arena, struct text digest, int64_t now, struct error *error);
/* Whose tries at proving again are counted together: this session's alone. */
struct text session_proof_key(struct arena *arena, struct text session_id,
                              const struct account *account);
/* Where a session of this account works from the start. */
struct text session_first_program(const struct account *account);

#endif
