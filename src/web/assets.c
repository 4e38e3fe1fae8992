/*
 * Assets: see assets.h.
 */
#include "web/assets.h"

#include <stdlib.h>
#include <string.h>

enum { ASSET_LARGEST = 4 * 1024 * 1024, ASSETS_ALL = 32 * 1024 * 1024, GZIP_LEVEL_ONCE = 9 };

struct asset {
  struct text path; /* "/assets/site-1a2b3c.css" */
  struct web_static file;
};

struct web_assets {
  struct arena *arena; /* everything below */
  struct asset *items;
  size_t count;
  struct value *addresses;
};

static const struct {
  const char *ending, *content_type;
  bool is_text; /* worth compressing */
} types[] = {
    {".css", "text/css; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".json", "application/json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".png", "image/png", false},
    {".webp", "image/webp", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
};

/* Crawlers may read the pages; searches would only cost everyone time. */
static const char robots[] = "User-agent: *\n"
                             "Disallow: /api/\n"
                             "Disallow: /find\n"
                             "Disallow: /es/find\n";

static bool prepare(struct web_assets *assets, struct text name, struct text bytes,
                    struct web_static *out, struct error *error)
{
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (!text_ends_with(name, text_from(types[i].ending))) continue;
    *out = (struct web_static){.content_type = types[i].content_type, .plain = bytes};
    struct text_buffer packed;
    if (types[i].is_text && web_gzip(bytes, GZIP_LEVEL_ONCE, &packed)) {
      out->packed = text_copy(assets->arena, text_buffer_get(&packed));
      text_buffer_fini(&packed);
    }
    web_etag_write(bytes, false, out->etag);
    web_etag_write(bytes, true, out->packed_etag);
    return true;
  }
  return error_set(error, ERROR_SYSTEM, "error.web.assets", "Run make to build the assets anew.",
                   "assets/manifest.json: %.*s is of no known type", TEXT_PRINT(name));
}

static struct asset *append(struct web_assets *assets, struct text path, struct web_static file)
{
  struct asset *item = &assets->items[assets->count++];
  *item = (struct asset){.path = path, .file = file};
  return item;
}

static bool is_file_name(struct text name)
{
  return name.length > 0 && name.at[0] != '.' && text_find(name, TEXT("/")) == name.length &&
         !memchr(name.at, 0, name.length);
}

static bool load_one(struct web_assets *assets, const char *folder, struct text name,
                     const struct value *item, struct error *error)
{
  struct text hashed = value_text_get(item), bytes;
  if (value_kind_get(item) != VALUE_TEXT || !is_file_name(hashed))
    return error_set(error, ERROR_SYSTEM, "error.web.assets", "Run make to build the assets anew.",
                     "assets/manifest.json: %.*s names no file", TEXT_PRINT(name));
  const char *path = file_join(assets->arena, folder, text_c(assets->arena, hashed));
  struct web_static file;
  if (!file_read(assets->arena, path, ASSET_LARGEST, &bytes, error) ||
      !prepare(assets, hashed, bytes, &file, error))
    return false;
  if (text_equal(name, TEXT("mark.svg"))) append(assets, TEXT("/favicon.svg"), file);
  file.is_immutable = true;
  struct text address = text_format(assets->arena, "/assets/%.*s", TEXT_PRINT(hashed));
  append(assets, address, file);
  value_set_text_key(assets->addresses, name, value_text(assets->arena, address));
  return true;
}

static bool load_all(struct web_assets *assets, const char *share_folder, struct error *error)
{
  enum { OWN = 2 }; /* /favicon.svg and /robots.txt */
  const char *folder = file_join(assets->arena, share_folder, "assets");
  const char *manifest = file_join(assets->arena, folder, "manifest.json");
  struct text document;
  const struct value *names;
  if (!file_read(assets->arena, manifest, ASSET_LARGEST, &document, error) ||
      !json_read(assets->arena, document, &names, error))
    return error_add_context(error, "assets/manifest.json");
  size_t count = value_count(names);
  assets->items = arena_allocate_array(assets->arena, count + OWN, sizeof *assets->items);
  assets->addresses = value_object(assets->arena);
  for (size_t i = 0; i < count; i++) {
    struct text name;
    const struct value *item;
    if (!value_member(names, i, &name, &item))
      return error_set(error, ERROR_SYSTEM, "error.web.assets",
                       "Run make to build the assets anew.",
                       "assets/manifest.json is no object of file names");
    if (!load_one(assets, folder, name, item, error)) return false;
  }
  struct web_static file;
  if (!prepare(assets, TEXT("robots.txt"), text_from(robots), &file, error)) return false;
  append(assets, TEXT("/robots.txt"), file);
  return true;
}

bool web_assets_load(struct web_assets **out, const char *share_folder, struct error *error)
{
  struct arena *arena = arena_new(ASSETS_ALL);
  struct web_assets *assets = arena_allocate(arena, sizeof *assets);
  assets->arena = arena;
  if (!load_all(assets, share_folder, error)) {
    arena_free(arena);
    return false;
  }
  *out = assets;
  return true;
}

void web_assets_free(struct web_assets *assets)
{
  if (assets) arena_free(assets->arena);
}

const struct web_static *web_assets_find(const struct web_assets *assets, struct text path)
{
  for (size_t i = 0; i < assets->count; i++)
    if (text_equal(assets->items[i].path, path)) return &assets->items[i].file;
  return NULL;
}

struct value *web_assets_addresses(const struct web_assets *assets)
{
  return assets->addresses;
}
