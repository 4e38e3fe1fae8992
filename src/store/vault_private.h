/*
 * What the files of the vault share: the key store's rows, the master keys in memory, the cache of
 * unwrapped keys and the list of the erased. Private to src/store/vault*.c.
 *
 * Invariants: an unwrapped key stands in memory of sodium_malloc() or on the stack of whoever
 * wipes it before returning. A cached key is trusted for VAULT_TRUST from before its row was read,
 * and an erasure answers only when that time is over: when it does, nobody anywhere uses the key.
 * Threads: `lock` guards `master` and `cache`.
 */
#ifndef FAIRLEAD_STORE_VAULT_PRIVATE_H
#define FAIRLEAD_STORE_VAULT_PRIVATE_H

#include <pthread.h>
#include <sodium.h>

#include "store/store.h"
#include "store/vault.h"

enum {
  VAULT_KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
  VAULT_NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
  VAULT_TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
  VAULT_MARK = 8,          /* bytes that name a key without telling it */
  VAULT_TRUST = 250 * 1000 /* how long a cached key is used without looking (microseconds) */
};

/* A key in the cache, beside whose it is; the bytes stand in memory of their own. */
struct vault_cached {
  char program_id[LIMIT_VAULT_ID], person_id[LIMIT_VAULT_ID];
  size_t program_length, person_length;
  int64_t until; /* by time_monotonic(); 0: free */
};

struct vault {
  struct store *keys;
  char *key_path, *erased_path;
  pthread_mutex_t lock;
  struct seal_key *master;
  struct vault_cached *cached;
  unsigned char *cached_keys; /* VAULT_KEY bytes each, locked */
};

/* --- Forms (vault_form.c) ------------------------------------------------------------------ */

/* What is authenticated beside sealed bytes: each part behind its length. In the arena. */
struct text vault_beside(struct arena *arena, const char *kind, struct vault_subject subject,
                         const char *purpose, const unsigned char mark[VAULT_MARK]);
/* The mark of a key: a hash that does not tell the key. */
void vault_mark(const unsigned char key[VAULT_KEY], unsigned char out[VAULT_MARK]);
/* version 1 | mark 8 | nonce 24 | XChaCha20-Poly1305(bytes padded to 16) | tag 16. In the arena. */
struct text vault_box(struct arena *arena, const unsigned char key[VAULT_KEY], const char *kind,
                      struct vault_subject subject, const char *purpose, struct text plain);
/* Open it; the bytes live in the arena. False when anything is wrong, and says what. */
bool vault_unbox(struct arena *arena, const unsigned char key[VAULT_KEY], const char *kind,
                 struct vault_subject subject, const char *purpose, struct text box,
                 struct text *out, const char **wrong);
/* The mark that stands in a box; false when it is too short or of another version. */
bool vault_box_mark(struct text box, unsigned char out[VAULT_MARK]);

/* --- Keys (vault_keys.c) ------------------------------------------------------------------- */

/* Ids are 1 to LIMIT_VAULT_ID letters, digits, '-', '_' or '.', so that a line of the list can hold
 * them; "" where there is none. */
bool vault_subject_check(struct vault_subject subject, struct error *error);
/* Find the subject's key and copy it to `out`; wipe it after use. ERROR_NOT_FOUND with
 * error.vault.erased, ERROR_SYSTEM with error.vault.missing. `fresh`: look past the cache. */
bool vault_key_find(struct vault *vault, struct vault_subject subject, bool fresh,
                    unsigned char out[VAULT_KEY], struct error *error);
/* Load the master keys, and see that the one this key store is wrapped by is among them; for a
 * new key store take the first. Makes the installation's key. */
bool vault_master_open(struct vault *vault, struct error *error);
/* Load the key file again: somebody else put a key in front. */
bool vault_master_load(struct vault *vault, struct error *error);
/* Write the mark of the present master key into `out`, in hexadecimal. */
struct vault_mark_text {
  char at[2 * VAULT_MARK + 1];
};
/* `*to_scrub` is the number of the last change whose old bytes still stand in the files; 0: none.
 */
bool vault_state_read(struct store_transaction *transaction, struct vault_mark_text *master,
                      int64_t *to_scrub, struct error *error);
/* Note that bytes were overwritten that still stand in the files; each such change counts. */
bool vault_state_to_scrub(struct store_transaction *transaction, struct error *error);
/* Wrap and unwrap by the master key of the mark; false with error.vault.master without it. */
bool vault_wrap(struct vault *vault, struct arena *arena, const struct vault_mark_text *master,
                struct vault_subject subject, const unsigned char key[VAULT_KEY], struct text *out,
                struct error *error);
bool vault_unwrap(struct vault *vault, struct arena *arena, const struct vault_mark_text *master,
                  struct vault_subject subject, struct text wrapped, unsigned char out[VAULT_KEY],
                  struct error *error);
/* The mark of the key file's first key. */
void vault_master_first(struct vault *vault, struct vault_mark_text *out);

/* --- Cache (vault_cache.c) ----------------------------------------------------------------- */

/* Make room for keys in locked memory. */
bool vault_cache_init(struct vault *vault, struct error *error);
/* Wipe it. */
void vault_cache_fini(struct vault *vault);
bool vault_cache_get(struct vault *vault, struct vault_subject subject,
                     unsigned char out[VAULT_KEY]);
/* Keep a key whose row was read at `since` (time_monotonic()) or later. */
void vault_cache_put(struct vault *vault, struct vault_subject subject,
                     const unsigned char key[VAULT_KEY], int64_t since);
void vault_cache_drop(struct vault *vault, struct vault_subject subject);
/* Wipe whatever is no longer trusted. */
void vault_cache_sweep(struct vault *vault);

/* --- The erased (vault_erased.c) ----------------------------------------------------------- */

/* Make the list and the key store name the same people: erase whom the list names, write down whom
 * the key store has erased. Clear what an erasure that was cut off left in the files. */
bool vault_erased_heal(struct vault *vault, struct error *error);

/* Rewrite the files of the key store, if the state says so, and note that it is done. */
bool vault_scrub(struct vault *vault, struct error *error);

#endif
