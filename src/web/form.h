/*
 * Forms: percent-decoding of paths, queries and application/x-www-form-urlencoded bodies.
 *
 * Strict: a broken escape, text that is not UTF-8 and a control character are refused, never
 * guessed at. Pure. Source: the WHATWG URL standard, section 5.1, minus its leniency.
 */
#ifndef FAIRLEAD_WEB_FORM_H
#define FAIRLEAD_WEB_FORM_H

#include "base/base.h"

struct web_parameter;

/* Decode %XX, and '+' as a space when `plus_is_space`. The result lives in the arena, or is
 * `encoded` itself when nothing had to change. Answers false for a broken escape, bad UTF-8 or a
 * control character (U+0000 to U+001F, U+007F to U+009F). */
bool web_decode(struct arena *arena, struct text encoded, bool plus_is_space, struct text *out);

/* The same for a value of several lines, '+' as a space: line ends become LF (from CRLF, CR or LF),
 * tabs stay, every other control character is refused. */
bool web_decode_lines(struct arena *arena, struct text encoded, struct text *out);

/* A growing list of parameters in an arena. */
struct web_parameters {
  struct web_parameter *items;
  size_t count, capacity;
  bool has_lines; /* values may have several lines */
};
/* Append "name=value&…" in order. A name may repeat, a value may be absent; empty pieces are passed
 * over. Answers false when a piece does not decode, a name is empty, or more than
 * LIMIT_HTTP_PARAMETERS stand in the list. */
bool web_parameters_read(struct arena *arena, struct text encoded, struct web_parameters *out);

/* Is this Content-Type a form's ("application/x-www-form-urlencoded", charset absent or UTF-8)? */
bool web_is_form_type(struct text content_type);
/* Is it JSON ("application/json", or FHIR R4's "application/fhir+json"; charset absent or UTF-8)?
 */
bool web_is_json_type(struct text content_type);

#endif
