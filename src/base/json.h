/*
 * JSON (RFC 8259): strict in, exact out. json-c parses; our own scan first refuses what json-c
 * lets pass even in strict mode: NaN, Infinity, single quotes, comments, repeated keys, control
 * characters, bad UTF-8, lone surrogates, a second document, depth past LIMIT_JSON_DEPTH.
 */
#ifndef FAIRLEAD_BASE_JSON_H
#define FAIRLEAD_BASE_JSON_H

#include "base/error.h"
#include "base/value.h"

/* Read one document. Numbers keep their exact text. Everything lives in the arena.
 * The error's log text names line and column and what was expected, never the content. */
bool json_read(struct arena *arena, struct text document, const struct value **out,
               struct error *error);
/* Write compactly. VALUE_JSON goes out as it is; VALUE_HTML is a programming mistake. Also
 * escapes U+2028, U+2029 and "</" so that a document may stand inside HTML. */
void json_write(const struct value *value, struct text_buffer *out);
/* Write with two spaces a level and a last newline, for people. */
void json_write_pretty(const struct value *value, struct text_buffer *out);
/* Write one string with its quotes. */
void json_write_text(struct text t, struct text_buffer *out);

#endif
