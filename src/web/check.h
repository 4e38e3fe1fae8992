/*
 * The strict request check: what a request must look like before any handler sees it.
 *
 * Pure: it judges a description of the request head, built from what the HTTP library shows.
 *
 * libmicrohttpd 0.9.75 parses a head in place: method, target, version, names and values are
 * slices of the bytes as they came, and it tells how long the head was. A line feed without its
 * carriage return, a NUL, a folded line or a line it dropped leaves a gap or a missing byte between
 * two slices, so `offset` accounts for every byte of the head (see web_check_layout()).
 *
 * Sources: RFC 9110, RFC 9112.
 */
#ifndef FAIRLEAD_WEB_CHECK_H
#define FAIRLEAD_WEB_CHECK_H

#include "base/base.h"

struct web_field {
  struct text name, value;
  size_t name_offset, value_offset; /* bytes from the head's first byte, the method's */
};

/* A request's head. `layout_known` says that the offsets and `size` are those of the wire. */
struct web_head {
  struct text method, target, version;
  size_t target_offset, version_offset;
  struct web_field fields[LIMIT_HTTP_HEADERS + 1];
  size_t field_count; /* may be more than fields[] holds; then the head is refused */
  size_t size;        /* bytes of the head with its empty line */
  bool layout_known;
};

/* What the check found out and the server needs to go on. */
struct web_checked {
  bool is_head, is_get, is_post; /* none of them: a method that no route takes */
  const char *method;            /* of RFC 9110 or RFC 5789, a literal; NULL: unknown */
  struct text path, query;       /* still encoded; of the absolute form, without its authority */
  bool is_asterisk;              /* "OPTIONS *" */
  bool has_body;                 /* Content-Length over 0, or chunked */
  bool is_chunked;
  uint64_t content_length; /* bytes; 0 when chunked or absent */
};

/* Judge a head. Answers 0 and fills `out`, or the status to refuse with (400, 414, 431, 501, 505);
 * `*why` then says what is wrong, for the log, without any of the request's text. */
int web_check(const struct web_head *head, struct web_checked *out, const char **why);

/* Is every byte of the head accounted for: the slices in order, two bytes (CRLF) behind the request
 * line and each field, two at the end? */
bool web_check_layout(const struct web_head *head);

/* The field's value if it stands exactly once or not at all ("" then); false when it is repeated.
 * Names compare without case. */
bool web_head_single(const struct web_head *head, const char *name, struct text *value);
/* The first value of a field, or "". */
struct text web_head_get(const struct web_head *head, const char *name);
bool web_head_has(const struct web_head *head, const char *name);

#endif
