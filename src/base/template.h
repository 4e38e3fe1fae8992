/*
 * Templates: the Mustache specification (variables, sections, inverted sections, partials with
 * indentation, comments, delimiters, inheritance with blocks and parents, dynamic names), minus
 * lambdas. HTML-escaped by default. Parsed once at start; rendering neither parses nor allocates
 * per tag. Immutable after loading; any thread may render.
 *
 * One addition, before parsing: "[[key]]" is replaced by the catalog's text of that key,
 * HTML-escaped but for its {{tags}}. A set is therefore loaded once for each language. An unknown
 * key, an unclosed tag, a missing partial with a fixed name fail the load with file and line.
 */
#ifndef FAIRLEAD_BASE_TEMPLATE_H
#define FAIRLEAD_BASE_TEMPLATE_H

#include "base/catalog.h"
#include "base/error.h"
#include "base/value.h"

struct template_set;

/* Load every *.mustache below `folder`; a template's name is its path without the ending
 * ("find", "partials/card"). `catalog` may be NULL: then "[[" is plain text. */
bool template_set_load(struct template_set **out, const char *folder, const struct catalog *catalog,
                       size_t language, struct error *error);
/* Load from memory; `names` and `sources` are parallel. Missing partials render as nothing. */
bool template_set_read(struct template_set **out, const struct text *names,
                       const struct text *sources, size_t count, const struct catalog *catalog,
                       size_t language, struct error *error);
void template_set_free(struct template_set *set);
bool template_exists(const struct template_set *set, struct text name);
/* Render onto the buffer. Fails when the name is unknown, the depth passes LIMIT_TEMPLATE_DEPTH,
 * a VALUE_JSON is shown, or the buffer is over. */
bool template_render(const struct template_set *set, struct text name, const struct value *view,
                     struct text_buffer *out, struct error *error);
/* A hash of all sources, to tell whether rendered text is out of date. */
uint64_t template_set_hash(const struct template_set *set);

#endif
