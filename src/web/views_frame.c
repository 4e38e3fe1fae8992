/*
 * The frame: what stands on every page. See web_frame_fill() in web.h.
 */
#include <string.h>

#include "web/views.h"

/* A neutral page that anyone might have open. */
static const char *const exit_address = "https://www.weather.gov/";

/* --- Addresses ----------------------------------------------------------------------------- */

/* The same page in another language; parameters of the address go along. */
static struct text address_in(const struct web_request *request, size_t language)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_HTTP_TARGET);
  text_buffer_add(&out, view_base(request, language));
  if (!text_equal(request->path, TEXT("/")) || language == 0) text_buffer_add(&out, request->path);
  for (size_t i = 0; request->method == WEB_GET && i < request->parameter_count; i++) {
    text_buffer_add_character(&out, i ? '&' : '?');
    view_encode(request->parameters[i].name, &out);
    text_buffer_add_character(&out, '=');
    view_encode(request->parameters[i].value, &out);
  }
  struct text address = out.over ? TEXT("/") : text_copy(request->arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return address;
}

/* --- Members ------------------------------------------------------------------------------- */

static void fill_languages(const struct web_request *request, struct value *page)
{
  const struct catalog *catalog = request->application->catalog;
  size_t other = request->language == 0 && catalog_language_count(catalog) > 1 ? 1 : 0;
  struct value *alternate = value_object(request->arena);
  view_set_text(request, alternate, "language", catalog_language(catalog, other));
  view_set_text(request, alternate, "name", catalog_text(catalog, other, "language.name"));
  view_set_text(request, alternate, "base", view_base(request, other));
  view_set_text(request, alternate, "href", address_in(request, other));
  value_set(page, "language",
            value_text(request->arena, catalog_language(catalog, request->language)));
  view_set_text(request, page, "base", view_base(request, request->language));
  value_set(page, "other", alternate);
}

static void fill_assets(const struct web_request *request, struct value *page)
{
  const struct value *assets = request->application->assets;
  value_set(page, "stylesheet", value_get(assets, TEXT("site.css")));
  value_set(page, "script", value_get(assets, TEXT("site.js")));
  value_set(page, "icon", value_get(assets, TEXT("mark.svg")));
}

/* Where the listings come from, each with the year of its newest release. */
static void fill_directory(const struct web_request *request, struct value *page)
{
  const struct snapshot *snapshot = request->snapshot;
  struct value *sources = value_list(request->arena);
  for (size_t i = 0; snapshot && i < snapshot_source_count(snapshot); i++) {
    struct text source, as_of;
    snapshot_source_get(snapshot, i, &source, &as_of);
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "text",
                  VIEW_FORMAT(request, "foot.source", {"source", view_source(request, source)},
                              {"year", text_slice(as_of, 0, 4)}));
    value_add(sources, item);
  }
  value_set(page, "sources", sources);
  view_set_flag(request, page, "demo", snapshot && snapshot_is_demo(snapshot));
  view_set_flag(request, page, "empty_directory", !snapshot);
}

void web_frame_fill(struct web_request *request, struct web_view *view)
{
  struct value *page = view->page, *at = value_object(request->arena);
  view_set_flag(request, at, "find", text_equal(request->path, TEXT("/find")));
  view_set_flag(request, at, "now", text_equal(request->path, TEXT("/now")));
  view_set_flag(request, at, "learn",
                text_equal(request->path, TEXT("/learn")) ||
                    text_starts_with(request->path, TEXT("/learn/")));
  view_set_flag(request, at, "about", text_equal(request->path, TEXT("/about")));
  value_set(page, "at", at);
  view_set_flag(request, page, "alternate", view->status == 0 || view->status == 200);
  view_set_text(request, page, "exit", text_from(exit_address));
  fill_languages(request, page);
  fill_assets(request, page);
  fill_directory(request, page);
}
