/*
 * hash: SHA-256 of bytes, as text: what was shown is what was signed, what was stored is what was
 * sent. No secret and no key: for those see seal.h. No state; any thread.
 */
#ifndef FAIRLEAD_BASE_HASH_H
#define FAIRLEAD_BASE_HASH_H

#include "base/text.h"

enum { HASH_TEXT = 65 }; /* bytes: 64 lower-case hexadecimal characters and a NUL */
void hash_sha256(struct text bytes, char out[HASH_TEXT]);

#endif
