/*
 * Sealing: bytes that a stranger carries and cannot read or change.
 *
 *   seal = base64url(key id 1 | nonce 24 | XChaCha20-Poly1305(issued 4 | expires 4 | bytes) 16)
 *
 * The purpose ("interview", "carry") and the key's id are authenticated with it, so that a seal
 * for one purpose never opens for another. Every nonce is random (192 bits: no count to keep).
 *
 * The key file has one line a key, `<id, 2 hexadecimal> <64 hexadecimal>`, the newest first: the
 * first one seals, each one opens. Whoever has the file can read and make every seal.
 *
 * Threads: a key is immutable after loading. Time is an argument, in microseconds UTC.
 * Source: libsodium's crypto_aead_xchacha20poly1305_ietf (draft-irtf-cfrg-xchacha-03).
 */
#ifndef FAIRLEAD_BASE_SEAL_H
#define FAIRLEAD_BASE_SEAL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
  SEAL_KEYS = 8, /* keys of one file (count) */
  SEAL_KEY_BYTES = 32,
  SEAL_ID_BYTES = 24, /* of a seal's own id, which no two share */
  SEAL_OVERHEAD = 49  /* bytes that sealing adds, before base64url */
};

struct seal_key;

/*
 * Load the key file. One that is not there is made, with one random key, readable by its owner
 * alone; of several processes that start at once, one makes it and all load the same. Refuses a
 * file that its group or others may read or write, and one that is not of the form above.
 * The key is kept out of swap and core files and is wiped when freed.
 */
bool seal_key_load(struct seal_key **out, const char *path, struct error *error);
/* Read the content of a key file. */
bool seal_key_read(struct seal_key **out, struct text content, struct error *error);
/*
 * Put a new random key in front of the key file, so that it seals from now on; the others stay to
 * open. Nothing is done when the file's first key is no longer that of `seen`: somebody else was
 * faster. Refuses a ninth key. A crash leaves the old file or the new. Load the file again after.
 */
bool seal_key_add(const char *path, const struct seal_key *seen, struct error *error);
/* NULL is fine. */
void seal_key_free(struct seal_key *key);

/* The keys themselves, for whoever seals in another form (store/vault.h): how many, and the
 * SEAL_KEY_BYTES of one, borrowed, the newest at 0. */
size_t seal_key_count(const struct seal_key *key);
const unsigned char *seal_key_bytes(const struct seal_key *key, size_t index);

/* How long a seal of so many bytes is (characters). */
size_t seal_length(size_t bytes);
/* Seal `bytes` for `purpose` at `now`, for so many seconds. The text lives in the arena. */
struct text seal_write(struct arena *arena, const struct seal_key *key, struct text purpose,
                       struct text bytes, int64_t now, int64_t seconds);

/* What a seal held. */
struct seal {
  struct text bytes;               /* in the arena */
  int64_t issued, expires;         /* microseconds UTC, whole seconds */
  unsigned char id[SEAL_ID_BYTES]; /* to name it, for instance when it is revoked */
};
/*
 * Open a seal. Refuses (ERROR_REFUSED) one that is expired with `error.seal.expired`, and whatever
 * else is wrong with the one text `error.seal.broken`: not ours, changed, cut, for another purpose,
 * sealed by a key that is gone. The whole is authenticated before a byte of it is used.
 */
bool seal_read(struct arena *arena, const struct seal_key *key, struct text purpose,
               struct text sealed, int64_t now, struct seal *out, struct error *error);

#endif
