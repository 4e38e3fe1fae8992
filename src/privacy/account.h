/*
 * account: who may sign in, and how they prove who they are.
 *
 * Passwords are argon2id (libsodium); the second factor is TOTP (liboath) with recovery codes; a
 * PIN or badge serves at an enrolled station alone (station.h). Failures lock for a time that
 * grows. TOTP secrets are sealed under the installation's key. Costs, lengths, delays and timeouts
 * are knowledge/sign-in.csv (with source). A name that is unknown costs the same time as a wrong
 * password and answers the same.
 */
#ifndef FAIRLEAD_PRIVACY_ACCOUNT_H
#define FAIRLEAD_PRIVACY_ACCOUNT_H

#include "privacy/actor.h"
#include "store/store.h"

struct privacy;

/* Read knowledge/sign-in.csv and say what is wrong with it; for `fairlead knowledge check`. */
bool sign_in_check_file(const char *knowledge_folder, struct error *error);

/* Where an account may work, and as what. */
struct account_role {
  struct text program_id,
      site_id; /* site "": every site of the program; program "": every program */
  struct text role;
};

struct account {
  struct text id, sign_in_name; /* folded; unique over the installation */
  struct text shown_name, email;
  struct text staff_id, person_id; /* of care, or "" */
  const struct account_role *roles;
  size_t role_count;
  bool is_disabled, has_totp, has_pin, has_badge, must_change_password;
  int64_t made_at, last_sign_in_at, locked_until;
  int64_t version;
};

/* What a form or the command line asks for. */
struct account_new {
  struct text sign_in_name, shown_name, email, staff_id, person_id;
  const struct account_role *roles;
  size_t role_count;
  struct text password; /* "": a first password is made and handed out once */
};
/* Make one; `password` gets the one made ("" when it was given). Refuses with the field named in
 * the error's `person` key: error.account.name, .taken, .role, .password, .person; a site or
 * program that is not there is .role, a staff member error.care.staff. Whoever works in a program
 * gives roles of that program alone; at the installation ("") any. An account of a person in care
 * (person_id, role person or family) keeps no shown name and no e-mail, and its sign-in name is
 * made when it is ""; it is (own-account, write), here and in what changes it. */
bool account_create(struct privacy *privacy, struct actor *by, const struct account_new *wanted,
                    struct arena *arena, int64_t now, struct text *id, struct text *password,
                    struct error *error);
bool account_load(struct store_transaction *transaction, struct arena *arena, struct text id,
                  struct account *out, struct error *error);
bool account_find(struct store_transaction *transaction, struct arena *arena,
                  struct text sign_in_name, struct account *out, struct error *error);
/* Those who work in a program ("": all), by name. */
bool account_list(struct store_transaction *transaction, struct arena *arena,
                  struct text program_id, struct account **out, size_t *count, struct error *error);
/* Disabling ends every session at once. The last administrator of the installation is not disabled
 * (error.account.last). An account that also works in other programs is the installation's to
 * change (error.account.elsewhere). */
bool account_disable(struct privacy *privacy, struct actor *by, struct text id, bool disabled,
                     int64_t version, int64_t now, struct error *error);
/* A new first password, second factor and lockout cleared, sessions ended. */
bool account_reset(struct privacy *privacy, struct actor *by, struct text id, struct arena *arena,
                   int64_t now, struct text *password, struct error *error);
/* From within a program its roles there alone are replaced. One's own may only become fewer or
 * narrower (ERROR_FORBIDDEN, error.account.self): another administrator gives them. */
bool account_set_roles(struct privacy *privacy, struct actor *by, struct text id,
                       const struct account_role *roles, size_t count, int64_t version, int64_t now,
                       struct error *error);

/* The account that leads to this record of the staff, of those who work in the program. */
bool account_of_staff(struct store_transaction *transaction, struct arena *arena,
                      struct text program_id, struct text staff_id, struct account *out,
                      bool *is_there, struct error *error);
/* From now on an account leads to this record of the staff, and so to its caseload; or no longer.
 * (account, write). Refused: a record that the program does not have ("error.care.staff"), one's
 * own account ("error.account.self"): it would be a caseload that one gives oneself.
 * ERROR_CONFLICT: the account leads to another ("error.account.changed"), another account to this
 * one ("error.account.linked").
 */
bool account_link_staff(struct store_transaction *transaction, struct privacy *privacy,
                        struct actor *by, struct arena *arena, struct text id, struct text staff_id,
                        int64_t now, struct error *error);
bool account_unlink_staff(struct store_transaction *transaction, struct privacy *privacy,
                          struct actor *by, struct arena *arena, struct text id,
                          struct text staff_id, int64_t now, struct error *error);

/* --- A person's own, for /me --------------------------------------------------------------- */

struct access;
/* What is made before the transaction: an id, a name that says nothing, a code for one sign-in. */
struct account_own {
  struct text id, sign_in_name, code, hash;
};
bool account_own_begin(struct privacy *privacy, struct arena *arena, int64_t now,
                       struct account_own *out, struct error *error);
/* The person's own account, ended or not; the caller has opened an access to the person. */
bool account_own_find(struct store_transaction *transaction, struct arena *arena,
                      struct text program_id, struct text person_id, struct account *out,
                      bool *is_there, struct error *error);
/* These three want an access that was opened for (own-account, write) and the account's person.
 * ERROR_CONFLICT "error.account.own": there is one already, which gets a new code instead. */
bool account_own_create(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct account_own *made, struct error *error);
/* A new code: its sessions end, an account that had ended is open again. */
bool account_own_renew(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text id, int64_t version,
                       const struct account_own *made, struct error *error);
bool account_own_end(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, int64_t version, struct error *error);
/* A person is erased: every account about them ends. */
bool account_own_forget(struct store_transaction *transaction, struct text program_id,
                        struct text person_id, int64_t now, struct error *error);

/* --- One's own ----------------------------------------------------------------------------- */

/* Ends every other session. `old_password` may be "" while the first password must be changed, in
 * the session that was opened with it. */
bool account_set_password(struct privacy *privacy, struct actor *by, struct text old_password,
                          struct text new_password, int64_t now, struct error *error);
/* Begin TOTP: an otpauth:// address for a QR code. It counts once a code was given back. */
bool account_begin_totp(struct privacy *privacy, struct actor *by, struct arena *arena, int64_t now,
                        struct text *address, struct error *error);
/* Confirm; hands out the recovery codes once. */
bool account_confirm_totp(struct privacy *privacy, struct actor *by, struct text code,
                          struct arena *arena, int64_t now, struct text **recovery, size_t *count,
                          struct error *error);
/* The language of messages to the actor, by its code; one that the catalog does not have is refused
 * ("error.account.language"). `account_language_load` gives "" while none was chosen. */
bool account_set_language(struct privacy *privacy, struct actor *by, struct text language,
                          int64_t now, struct error *error);
bool account_language_load(struct store_transaction *transaction, struct arena *arena,
                           struct text account_id, struct text *out, struct error *error);
/* These two want a proof of a moment ago (error.proof.text). Digits alone; error.account.pin. */
bool account_set_pin(struct privacy *privacy, struct actor *by, struct text pin, int64_t now,
                     struct error *error);
bool account_set_badge(struct privacy *privacy, struct actor *by, struct text account_id,
                       struct text badge, int64_t now, struct error *error);
/* Check the signed-in account's PIN or password again, for a signature or a dangerous act. Counts
 * failures as sign-in does. */
bool account_prove(struct privacy *privacy, const struct actor *actor, struct text secret,
                   int64_t now, struct error *error);

/* --- The first administrator --------------------------------------------------------------- */

/* While there is no account: make the one-time code that `fairlead serve` prints; `*code` is ""
 * when somebody can sign in already. A new start makes a new code; it ends after a day. */
bool account_first_code(struct privacy *privacy, struct arena *arena, int64_t now,
                        struct text *code, struct error *error);
/* Make the first administrator with it. Works once, whoever is faster. */
bool account_create_first(struct privacy *privacy, struct text code,
                          const struct account_new *wanted, struct arena *arena, int64_t now,
                          struct text *id, struct error *error);

#endif
