/*
 * sign_in: what signing in goes by (knowledge/sign-in.csv), and the secrets it is made of: hashes,
 * tokens, codes, what a password and a PIN must be. Private to privacy; accounts, sessions and
 * stations stand on it.
 *
 * Settings are immutable after loading, but for the brake, which has a lock. The rest is pure or
 * draws random bytes. Any thread.
 */
#ifndef FAIRLEAD_PRIVACY_SIGN_IN_H
#define FAIRLEAD_PRIVACY_SIGN_IN_H

#include <pthread.h>
#include <sodium.h>

#include "base/base.h"

enum { SECRET_HASH = crypto_pwhash_STRBYTES, SECRET_TOKEN_BYTES = 32, SECRET_FORM_BYTES = 16 };

/* What a hash costs. */
struct secret_cost {
  int64_t memory; /* mebibytes */
  int64_t passes;
};

/* Durations in microseconds, the rest as the file has it. */
struct sign_in_settings {
  int64_t password_shortest, password_longest, pin_shortest, pin_longest;
  struct secret_cost password_cost, pin_cost;
  int64_t pin_failures;
  int64_t lock_after, lock_first, lock_most, lock_forget, device_lasts, brake;
  int64_t code_step, code_window, recovery_codes, first_code;
  int64_t half_way, prove_window;
  int64_t desk_idle, desk_absolute, station_idle, station_absolute, person_idle, person_absolute;
  int64_t shift, seen_every;
  struct text password_common, second_factor_roles, whole_program_roles; /* words */
  char unknown[SECRET_HASH]; /* a hash that nobody's password has, at today's cost */

  /* How many failed within this minute; past the brake one hash is made at a time. */
  pthread_mutex_t brake_lock, one_at_a_time;
  int64_t brake_minute, brake_count;
};

/* Load and check. Refuses, by line, a name that is unknown or stands twice, a number out of its
 * bounds, another unit; a setting that is missing; costs below what is held safe. */
bool sign_in_load(struct sign_in_settings **out, struct arena *arena, const char *knowledge_folder,
                  struct error *error);
void sign_in_fini(struct sign_in_settings *settings);
/* Is `word` one of the words? */
bool sign_in_has_word(struct text words, struct text word);
/* Until when a name is locked after so many failures; 0: not. */
int64_t sign_in_locked_until(const struct sign_in_settings *settings, int64_t failures,
                             int64_t now);

/* --- Hashes ---------------------------------------------------------------------------------- */

/* argon2id; `out` gets text with a NUL. Takes long by design: never within a transaction. */
bool secret_hash(const struct secret_cost *cost, struct text secret, char out[SECRET_HASH],
                 struct error *error);
/* Is it the secret? An empty or damaged hash fits nothing. */
bool secret_fits(struct text hash, struct text secret);
/* Was it hashed at another cost? */
bool secret_is_old(const struct secret_cost *cost, struct text hash);
/* Check a typed secret against a hash (empty: nobody's), always at full cost, or, past the brake,
 * one at a time: ERROR_BUSY ("error.sign_in.busy") for the others. */
bool sign_in_check(struct sign_in_settings *settings, struct text hash, struct text secret,
                   int64_t now, bool *fits, struct error *error);
/* SHA-256, 32 bytes in the arena. */
struct text secret_digest(struct arena *arena, struct text secret);

/* --- Random texts ---------------------------------------------------------------------------- */

/* A token for a cookie: 256 random bits, base64url. */
struct text secret_token(struct arena *arena);
/* Made of the token, known to who has it: 128 bits, base64url. */
struct text secret_form_token(struct arena *arena, struct text token);
/* A code to be read and typed: four groups of four small letters and digits, 79 random bits. */
struct text secret_code(struct arena *arena);
/* A code as typed: small letters, no spaces and hyphens. */
struct text secret_code_read(struct arena *arena, struct text typed);

/* --- What people choose ---------------------------------------------------------------------- */

/* Unicode NFC of what was typed, so that the same password from another keyboard is the same; what
 * is no UTF-8 stays as it is. */
struct text password_normal(struct arena *arena, struct text typed);
/* Refuses (error.account.password) what is too short, too long, no text, made of the commonest
 * words, of few characters or of the sign-in name. */
bool password_check(const struct sign_in_settings *settings, struct arena *arena,
                    struct text sign_in_name, struct text password, struct error *error);
/* Refuses (error.account.pin) what is not digits, too short or long, or a run or repetition. */
bool pin_check(const struct sign_in_settings *settings, struct text pin, struct error *error);
/* A sign-in name in its one form; empty when it can be none. */
struct text sign_in_name_read(struct arena *arena, struct text typed);

#endif
