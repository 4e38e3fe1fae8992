/*
 * Hash: by libsodium. See hash.h.
 */
#include "base/hash.h"

#include <sodium.h>

void hash_sha256(struct text bytes, char out[HASH_TEXT])
{
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, (const unsigned char *)text_start(bytes), bytes.length);
  sodium_bin2hex(out, HASH_TEXT, hash, sizeof hash);
}
