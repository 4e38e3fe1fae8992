/*
 * Assets: styles, scripts and images, read once from share/assets and kept in memory, both plain
 * and compressed.
 *
 * Only what manifest.json names is served, each under the one address that holds its hash; a path
 * is looked up in a table and never turned into a file name. Immutable after loading; any thread
 * may read.
 */
#ifndef FAIRLEAD_WEB_ASSETS_H
#define FAIRLEAD_WEB_ASSETS_H

#include "base/base.h"
#include "web/response.h"

struct web_assets;

/* Read `share_folder`/assets/manifest.json, {"site.css":"site-1a2b3c.css",…}, and its files.
 * Refuses a name with a slash or a leading dot and a type that is not known. */
bool web_assets_load(struct web_assets **out, const char *share_folder, struct error *error);
void web_assets_free(struct web_assets *assets);
/* The file of a path: "/assets/site-1a2b3c.css", "/favicon.svg", "/robots.txt"; NULL: none. */
const struct web_static *web_assets_find(const struct web_assets *assets, struct text path);
/* {"site.css":"/assets/site-1a2b3c.css",…}, for templates; lives as long as the assets. */
struct value *web_assets_addresses(const struct web_assets *assets);

#endif
