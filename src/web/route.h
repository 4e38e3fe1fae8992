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

/* All tables in one list, in order; immutable. */
struct web_routes {
  const struct web_route **items;
  struct text *patterns;
  bool *captures; /* has the pattern a {segment}? */
  size_t count;
};
/* Gather tables: a table ends with pattern NULL, the tables with NULL. */
void web_routes_init(struct web_routes *routes, const struct web_route *const *tables);
void web_routes_fini(struct web_routes *routes);
/* Find the first route whose pattern the encoded `path` fits. A captured segment is not empty and
 * decodes (form.h). */
struct web_matched web_route_find(const struct web_routes *routes, struct arena *arena,
                                  struct text path);

/* Cut a language's prefix off a path: "/es/find" is "/find" in "es", "/es" and "/es/" are "/".
 * Answers false, the path untouched, when it has none. The first code is the language without a
 * prefix. */
bool web_route_language(struct text *path, const struct text *codes, size_t count,
                        size_t *language);

#endif
