/*
 * The strict scan that stands before json-c. Private to json.c.
 *
 * It checks the whole grammar of RFC 8259, and what the grammar leaves open: no repeated key in an
 * object (keys are compared decoded), no lone surrogate, no NUL in a key, depth at most
 * LIMIT_JSON_DEPTH. It takes O(n log n) steps on any input. It also notes where numbers stand,
 * because json-c clamps long integers and so loses their text.
 */
#ifndef FAIRLEAD_BASE_JSON_SCAN_H
#define FAIRLEAD_BASE_JSON_SCAN_H

#include "base/error.h"
#include "base/text.h"

struct json_scan {
  uint32_t *numbers; /* offsets of all numbers, in the order of the document */
  size_t number_count, number_capacity;
  size_t text_bytes; /* what all strings, keys and numbers take at most, decoded */
};

/* Check a document. The result is heap memory, freed by json_scan_fini; nothing on failure. */
bool json_scan_read(struct text document, struct json_scan *out, struct error *error);
void json_scan_fini(struct json_scan *scan);
/* The length of the number that begins `t`, which has passed the scan. */
size_t json_scan_number_length(struct text t);

#endif
