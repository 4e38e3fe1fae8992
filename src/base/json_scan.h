/*
 * The strict scan that stands before json-c. Private to json.c.
 *
 * It checks the whole grammar of RFC 8259, and what the grammar leaves open: no repeated key in an
 * object (keys are compared decoded), no lone surrogate, no NUL in a key, depth at most
 * LIMIT_JSON_DEPTH. It takes O(n log n) steps on any input.
 *
 * It also notes what json.c needs: where numbers stand, because json-c clamps long integers and so
 * loses their text; and which lists and objects are long, because json-c's tree of them would take
 * several hundred times their bytes.
 */
#ifndef FAIRLEAD_BASE_JSON_SCAN_H
#define FAIRLEAD_BASE_JSON_SCAN_H

#include "base/error.h"
#include "base/text.h"

enum { JSON_SCAN_LONG = 16 * 1024 }; /* bytes: a list or object of more is long */

struct json_offsets {
  uint32_t *at; /* heap; ascending */
  size_t count, capacity;
};

struct json_scan {
  struct json_offsets numbers; /* of every number */
  struct json_offsets longs;   /* of every long list or object */
  size_t text_bytes;           /* what all strings, keys and numbers take at most, decoded */
};

/* Check a document. The result is heap memory, freed by json_scan_fini; nothing on failure. */
bool json_scan_read(struct text document, struct json_scan *out, struct error *error);
void json_scan_fini(struct json_scan *scan);
/* The length of the number that begins `t`, which has passed the scan. */
size_t json_scan_number_length(struct text t);

#endif
