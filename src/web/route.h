/*
 * Routes: which handler answers a path. Pure.
 */
#ifndef FAIRLEAD_WEB_ROUTE_H
#define FAIRLEAD_WEB_ROUTE_H

#include "web/web.h"

/* What a path led to. */
struct web_matched {
  const struct web_route *route; /* NULL: none has this path */
  size_t index;                  /* of the route among all tables, from 0 */
  struct text captured;          /* what {name} stood for, decoded; in the arena */
};

/* Find the first route whose pattern the encoded `path` fits; tables end with NULL, a table with
 * pattern NULL. A captured segment is not empty and decodes (form.h). */
struct web_matched web_route_find(const struct web_route *const *tables, struct arena *arena,
                                  struct text path);
/* The route's place among all tables, from 0; counts when `index` is past the end. */
const struct web_route *web_route_at(const struct web_route *const *tables, size_t index);
size_t web_route_count(const struct web_route *const *tables);

/* Cut a language's prefix off a path: "/es/find" is "/find" in "es", "/es" and "/es/" are "/".
 * Answers false, the path untouched, when it has none. The first code is the language without a
 * prefix. */
bool web_route_language(struct text *path, const struct text *codes, size_t count,
                        size_t *language);

#endif
