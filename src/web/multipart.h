/*
 * Forms with files: multipart/form-data (RFC 7578 over RFC 2046), for routes that take files.
 *
 * The body has arrived whole, under its route's limit; it is cut here, nothing is decoded and
 * nothing copied: a file's bytes are a slice of the body. Strict: what a browser would not write is
 * refused. File names and types that a sender gives are not kept; whoever stores a file looks at
 * its bytes. Pure but for the arena.
 */
#ifndef FAIRLEAD_WEB_MULTIPART_H
#define FAIRLEAD_WEB_MULTIPART_H

#include "web/form.h"

/* A file of a form; its bytes may be anything. An empty one was not chosen. */
struct web_file {
  struct text name; /* of the field */
  struct text bytes;
};
/* A growing list of files in an arena. */
struct web_files {
  struct web_file *items;
  size_t count;
};

/* Is this Content-Type a form with files? Then `*boundary` is a slice of it: 1 to 70 characters of
 * RFC 2046's, given once. */
bool web_is_multipart_type(struct text content_type, struct text *boundary);
/* Cut a body into parameters and files. A value's CRLF becomes LF. Answers false for a body that is
 * not of the form, a part without a plain name, a value that is not UTF-8 or has a control
 * character (but LF and tab when `has_lines`), more than LIMIT_HTTP_PARAMETERS parts or
 * LIMIT_HTTP_FILES files. */
bool web_multipart_read(struct arena *arena, struct text body, struct text boundary, bool has_lines,
                        struct web_parameters *out, struct web_files *files);

#endif
