/*
 * station: a shared computer that was enrolled by an administrator. On it staff who signed in once
 * with password and code this shift switch by PIN or badge, in seconds; dangerous acts ask again.
 * The browser holds the station's token, the store its hash. A shift's length and the PIN's rules
 * are knowledge/sign-in.csv.
 */
#ifndef FAIRLEAD_PRIVACY_STATION_H
#define FAIRLEAD_PRIVACY_STATION_H

#include "privacy/session.h"

struct station {
  struct text id, program_id, site_id, name;
  int64_t made_at, seen_at;
  bool is_revoked;
};
/* Enroll this browser; `*token` is for its cookie. */
bool station_enroll(struct privacy *privacy, struct actor *by, struct text site_id,
                    struct text name, struct arena *arena, int64_t now, struct text *token,
                    struct error *error);
bool station_find(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                  struct station *out, struct error *error);
bool station_list(struct store_transaction *transaction, struct arena *arena,
                  struct text program_id, struct station **out, size_t *count, struct error *error);
bool station_revoke(struct privacy *privacy, struct actor *by, struct text station_id, int64_t now,
                    struct error *error);
/* Who may switch here now: those with a shift open at this station, by name. */
struct station_member {
  struct text account_id, shown_name;
  int64_t shift_ends_at;
};
bool station_members(struct store_transaction *transaction, struct arena *arena,
                     struct text station_id, int64_t now, struct station_member **out,
                     size_t *count, struct error *error);
/* A full sign-in at the station opens the shift: `session_token` must be of an open session in the
 * station's program. The session becomes one of the station, with its shorter times. */
bool station_begin_shift(struct privacy *privacy, struct text station_token,
                         struct text session_token, int64_t now, struct error *error);
/* Switch: account and PIN, or a badge alone (account_id ""). Ends the session before it
 * (before_token may be ""). Proves nothing for dangerous acts. Refusals: error.switch (wrong, or no
 * shift here), error.switch.pin (too many wrong PINs: the password is wanted). */
bool station_switch(struct privacy *privacy, struct text station_token, struct text before_token,
                    struct text account_id, struct text secret, struct arena *arena, int64_t now,
                    struct text *token, struct error *error);

#endif
