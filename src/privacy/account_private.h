/*
 * account: what its files share with those of sessions and stations. Private to privacy.
 */
#ifndef FAIRLEAD_PRIVACY_ACCOUNT_PRIVATE_H
#define FAIRLEAD_PRIVACY_ACCOUNT_PRIVATE_H

#include "privacy/privacy.h"
#include "privacy/sign_in.h"

/* The part of an account that no page sees. */
struct account_secrets {
  struct text password, pin;    /* hashes */
  struct text totp, totp_begun; /* sealed */
  struct text badge;            /* keyed hash */
  int64_t totp_step, pin_failures;
};

enum account_key { ACCOUNT_BY_ID, ACCOUNT_BY_NAME, ACCOUNT_BY_BADGE };
/* Read an account in the arena; ERROR_NOT_FOUND ("error.account.unknown") when there is none.
 * `secrets` may be NULL. */
bool account_read(struct store_transaction *transaction, struct arena *arena, enum account_key by,
                  struct text key, struct account *out, struct account_secrets *secrets,
                  struct error *error);
/* The same in a snapshot of its own. */
bool account_read_alone(struct privacy *privacy, struct arena *arena, enum account_key by,
                        struct text key, struct account *out, struct account_secrets *secrets,
                        struct error *error);
/* What kind of actor it signs in as. */
enum actor_kind account_kind(const struct account *account);
/* Must its roles have a second factor? */
bool account_wants_second_factor(const struct privacy *privacy, const struct account *account);
/* What still stands before an open session, a code aside. */
enum session_step account_next_step(const struct privacy *privacy, const struct account *account);

/* May these roles be given together to such an account? */
bool account_check_roles(const struct privacy *privacy, const struct account_role *roles,
                         size_t count, struct text person_id, struct error *error);
/* May whoever has opened this access give them: of the program alone where they work, and only what
 * is there: program, site, and (unless "") staff member and person? */
bool account_may_give(struct store_transaction *transaction, const struct access *access,
                      const struct account_role *roles, size_t count, struct text staff_id,
                      struct text person_id, struct error *error);
/* The account, when the actor may do `act` (a literal) to it: with the act's audit. From within a
 * program, "error.account.elsewhere" when it works in another, too. */
bool account_open(struct store_transaction *transaction, struct privacy *privacy, struct actor *by,
                  struct arena *arena, struct text id, const char *act, int64_t now,
                  struct account *account, struct error *error);
/* Write an account that was checked, with its roles; ERROR_CONFLICT "error.account.taken". */
bool account_insert(struct store_transaction *transaction, struct text id,
                    const struct account_new *wanted, struct text sign_in_name, struct text hash,
                    bool must_change, int64_t now, struct error *error);

/* --- Failures -------------------------------------------------------------------------------- */

/* Whose tries are counted together, as 32 bytes in the arena: those at a name, from anywhere that
 * is not known; those at a name from a place of its own ("device", "station", "session"). */
struct text failure_key_of_name(struct arena *arena, struct text name);
struct text failure_key_of_place(struct arena *arena, const char *kind, struct text id,
                                 struct text name);
/* One try. */
struct failure_try {
  struct text key;
  bool may_try;         /* not while the key is locked */
  int64_t failures;     /* this one with them */
  int64_t locked_until; /* from now on; 0: not */
  int64_t refused;      /* tries since the key was locked, this one with them */
};
/* Count one before it is looked at; forgets what is long past. */
bool failure_take(struct store_transaction *transaction, const struct sign_in_settings *settings,
                  struct text key, int64_t now, struct failure_try *out, struct error *error);
/* It was none: take it, and the lock that it brought, away again. Others stay counted. */
bool failure_give_back(struct store_transaction *transaction, const struct failure_try *one,
                       struct error *error);
bool failure_clear(struct store_transaction *transaction, struct text key, struct error *error);
/* Write a try that failed to the audit; of those that were refused by a lock the 1st, 2nd, 4th, 8th
 * …, each with their number, so that nobody floods it. */
bool failure_audit(struct store_transaction *transaction, const struct failure_try *one,
                   const struct actor *actor, const char *object, const char *act,
                   struct text object_id, int64_t now, struct error *error);

/* Is the browser (its token's digest) one that anybody, that this account signed in with? */
bool device_find(struct store_transaction *transaction, const struct sign_in_settings *settings,
                 struct text device, struct text account_id, int64_t now, bool *is_there,
                 bool *is_theirs, struct error *error);
/* From now on it is; the account keeps its LIMIT_SIGN_IN_DEVICES last. "" is none. */
bool device_remember(struct store_transaction *transaction, const struct sign_in_settings *settings,
                     struct text device, struct text account_id, int64_t now, struct error *error);
bool device_forget_all(struct store_transaction *transaction, struct text account_id,
                       struct error *error);

/* --- Proofs of an account that is known ------------------------------------------------------ */

/* Check the password of an account that is known, counting failures under the key;
 * "error.sign_in". */
bool account_prove_password(struct privacy *privacy, const struct account *account,
                            const struct account_secrets *secrets, struct text password,
                            struct text key, int64_t now, struct error *error);
/* Check the PIN; past too many failures the password is wanted ("error.switch.pin"). */
bool account_prove_pin(struct privacy *privacy, const struct account *account,
                       const struct account_secrets *secrets, struct text pin, int64_t now,
                       struct error *error);
/* Check a TOTP or recovery code and use it up; counts a failure under the key. "error.code". */
bool account_use_code(struct privacy *privacy, const struct account *account,
                      const struct account_secrets *secrets, struct text code, struct text key,
                      int64_t now, struct error *error);
/* The keyed hash of a badge, in the arena. */
bool account_badge_hash(struct privacy *privacy, struct arena *arena, struct text badge,
                        struct text *out, struct error *error);

/* --- Sessions -------------------------------------------------------------------------------- */

/* How long a session of this account may last at most, and how long it may idle. */
int64_t session_absolute(const struct privacy *privacy, const struct account *account,
                         bool is_at_station);
int64_t session_idle(const struct privacy *privacy, const struct account *account,
                     bool is_at_station);
/* End the account's sessions but `except` ("" for none). */
bool session_end_all(struct store_transaction *transaction, struct text account_id,
                     struct text except, struct error *error);
/* An entry of the audit about signing in: object and act literals. */
bool sign_in_audit(struct store_transaction *transaction, const struct actor *actor,
                   const char *object, const char *act, struct text object_id,
                   enum audit_outcome outcome, int64_t now, struct error *error);
/* Refuse because a proof of a moment ago is wanted. */
bool proof_wanted(struct error *error);
/* When `until` is, for a hint: "in 30 seconds". */
bool sign_in_refuse(int64_t locked_until, int64_t now, struct error *error);

#endif
