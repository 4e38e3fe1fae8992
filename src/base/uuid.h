/*
 * UUIDs of RFC 9562: by name (version 5, section 5.5: the same name gives the same id, for ever),
 * and new ones that sort by time (version 7, section 5.7).
 *
 * SHA-1 stands here for this alone, because no library that we link has it; it is no defence
 * against anyone and must not be used as one. By name: pure. Any thread.
 */
#ifndef FAIRLEAD_BASE_UUID_H
#define FAIRLEAD_BASE_UUID_H

#include "base/text.h"

enum { UUID_BYTES = 16, UUID_TEXT = 36 };

/* Write the lower-case text of the version 5 UUID of `name` in `name_space`, and a NUL. */
void uuid_from_name(const unsigned char name_space[UUID_BYTES], struct text name,
                    char out[UUID_TEXT + 1]);
/* Write a new version 7 UUID: milliseconds of `now` (microseconds UTC, from 1970 on), then twelve
 * bits of their fraction (section 6.2, method 3), then 62 random bits. */
void uuid_new(int64_t now, char out[UUID_TEXT + 1]);
/* Check for 36 characters in the form 8-4-4-4-12, hexadecimal, any case. */
bool uuid_is_valid(struct text t);

/* SHA-1 (RFC 3174) of `bytes`, for uuid_from_name() and its test. */
enum { SHA1_BYTES = 20 };
void sha1_digest(struct text bytes, unsigned char out[SHA1_BYTES]);

#endif
