/*
 * session: that somebody is signed in. The browser holds a random token; the store its hash.
 *
 * A session ends after an idle time and after an absolute time (knowledge/sign-in.csv), by
 * sign-out, revocation, disabling, a new password elsewhere. last_seen is written at most once a
 * minute.
 */
#ifndef FAIRLEAD_PRIVACY_SESSION_H
#define FAIRLEAD_PRIVACY_SESSION_H

#include "privacy/account.h"

enum session_step {
  SESSION_PASSWORD, /* nothing proved yet */
  SESSION_TOTP,     /* the password was right; a code is wanted */
  SESSION_ENROLL,   /* the role asks for a second factor that is not set up: nothing else opens */
  SESSION_CHANGE,   /* the first password must be changed: nothing else opens */
  SESSION_OPEN
};

struct session {
  struct text id;
  enum session_step step;
  struct actor actor; /* who it is; roles only when the step is SESSION_OPEN */
  int64_t made_at, seen_at, ends_at, idle_ends_at;
  struct text form_token; /* of CSRF, 128 bit, base64url; bound to this session */
};

/* The browser in which somebody signs in. Tokens as they stood in its cookies, "" without one. */
struct sign_in_place {
  struct text station_id; /* the enrolled station that it is, or "" */
  struct text device;     /* of an earlier sign-in; session_sign_in() leaves there what to keep */
  int64_t device_seconds; /* and here for how long */
  struct text before;     /* of the session until now, which ends: one at a time in a browser */
};
/* Check name and password; hands out the token for the cookie. The step says what comes next. The
 * answer to a wrong name, a wrong password and a locked account is the same ("error.sign_in");
 * error->hint may say until when one waits. Each try is counted before it is looked at: with others
 * at this name, but apart from them at a browser that this account signed in with before, and at a
 * station. `place` may be NULL: a browser that nobody knows. */
bool session_sign_in(struct privacy *privacy, struct text sign_in_name, struct text password,
                     struct sign_in_place *place, struct arena *arena, int64_t now,
                     struct text *token, enum session_step *step, struct error *error);
/* The second step: a TOTP code (each once) or a recovery code (each once). The token before it
 * ends; `*fresh` is for the cookie. */
bool session_give_code(struct privacy *privacy, struct text token, struct text code,
                       struct arena *arena, int64_t now, struct text *fresh,
                       enum session_step *step, struct error *error);
/* A new token for the same session; for the cookie, after a step that account_confirm_totp() or
 * account_set_password() took. The token before it ends. */
bool session_rotate(struct privacy *privacy, struct text token, struct arena *arena, int64_t now,
                    struct text *fresh, struct error *error);
/* Find the session of a cookie; ERROR_NOT_FOUND when there is none or it has ended. */
bool session_find(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                  struct session *out, struct error *error);
/* The same for what a page asks by itself: it is no sign of life and changes nothing. */
bool session_peek(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                  struct session *out, struct error *error);
/* Prove again who one is (password, or PIN at a station, and a code when enrolled). */
bool session_prove(struct privacy *privacy, struct text token, struct text secret, struct text code,
                   int64_t now, struct error *error);
/* Work in another program of one's roles ("": the installation itself, for roles held there). With
 * roles in one program alone a session works there from the start. */
bool session_choose_program(struct privacy *privacy, struct text token, struct text program_id,
                            int64_t now, struct error *error);
bool session_sign_out(struct privacy *privacy, struct text token, int64_t now, struct error *error);

struct session_shown {
  struct text id, station_id;
  int64_t made_at, seen_at, ends_at;
  bool is_this;
};
bool session_list(struct store_transaction *transaction, struct arena *arena,
                  struct text account_id, struct text this_id, int64_t now,
                  struct session_shown **out, size_t *count, struct error *error);
/* End one (id), or with "" all but `by`'s own. One's own, else `session revoke`. */
bool session_revoke(struct privacy *privacy, struct actor *by, struct text account_id,
                    struct text session_id, int64_t now, struct error *error);

/* End every session: of a database that was restored, whose sessions are those of another day. */
bool session_forget_all(struct store *store, struct error *error);

#endif
