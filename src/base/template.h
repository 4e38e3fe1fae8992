/*
 * Templates: the Mustache specification (variables, sections, inverted sections, partials with
 * indentation, comments, delimiters, inheritance with blocks and parents, dynamic names), minus
 * lambdas. HTML-escaped by default. Parsed once at start; rendering neither parses nor allocates
 * per tag. Immutable after loading; any thread may render.
 *
 * Where the specification leaves room, npm `wontache` is followed:
 *  - Missing, null, false, an empty text or list, and the number 0 are false; the rest is true.
 *    A section over a list runs for each item; over anything else that is true, once with it as
 *    the context, so that "." is a text or number itself.
 *  - true and false are shown as words, numbers in their exact text; null, lists and objects as
 *    nothing. VALUE_HTML is shown as it is, by {{x}} and {{{x}}} alike.
 *  - A line whose only tag is a section's, a partial's, a comment or a change of delimiters
 *    vanishes; trailing blanks before the end of the template do not count as such a line.
 *  - A block that stands alone takes the indentation of its content's first line, else its tag's.
 *
 * One addition, before parsing: "[[key]]" is replaced by the catalog's text of that key,
 * HTML-escaped but for its {{names}}. A set is therefore loaded once for each language. An unknown
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
/* Load from memory; `names` and `sources` are parallel and copied. Missing partials render as
 * nothing. */
bool template_set_read(struct template_set **out, const struct text *names,
                       const struct text *sources, size_t count, const struct catalog *catalog,
                       size_t language, struct error *error);
void template_set_free(struct template_set *set);
bool template_exists(const struct template_set *set, struct text name);
/* Render onto the buffer, which keeps its old content alone on failure. Fails when the name is
 * unknown, sections, partials and blocks nest past LIMIT_TEMPLATE_DEPTH or run past
 * LIMIT_TEMPLATE_STEPS, a VALUE_JSON is used, or the buffer is over. */
bool template_render(const struct template_set *set, struct text name, const struct value *view,
                     struct text_buffer *out, struct error *error);
/* A hash of all sources with their messages, to tell whether rendered text is out of date. */
uint64_t template_set_hash(const struct template_set *set);

#endif
