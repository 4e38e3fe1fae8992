/*
 * The map of a page: map_draw() with the catalog's words, and loading what pages need.
 */
#include <stdlib.h>

#include "web/views.h"

static struct text ring_text(void *context, double miles)
{
  const struct web_request *request = context;
  return VIEW_FORMAT(request, "map.miles", {"miles", text_format(request->arena, "%g", miles)});
}

/* "4 +2: places 4, 7, 9". */
static struct text cluster_label(void *context, struct text shown,
                                 const struct map_mark *const *marks, size_t count)
{
  const struct web_request *request = context;
  struct text_buffer names;
  text_buffer_init(&names, LIMIT_HTTP_TARGET);
  for (size_t i = 0; i < count; i++) {
    if (i) text_buffer_add(&names, TEXT(", "));
    text_buffer_add(&names, marks[i]->text);
  }
  struct text list = text_copy(request->arena, text_buffer_get(&names));
  text_buffer_fini(&names);
  return VIEW_FORMAT(request, "map.cluster", {"shown", shown}, {"names", list});
}

struct value *view_map(struct web_request *request, struct map_request *map, const char *label_key)
{
  map->ring_text = ring_text;
  map->cluster_label = cluster_label;
  map->context = request;
  struct value *drawn = map_draw(request->application->pages->outlines, request->arena, map);
  if (drawn) view_set_text(request, drawn, "label", view_text(request, label_key));
  return drawn;
}

bool web_pages_load(struct web_pages **out, const char *share_folder, const struct needs *needs,
                    struct error *error)
{
  struct web_pages *pages = memory_allocate_zero(1, sizeof *pages);
  struct arena *paths = arena_new(LIMIT_ERROR_TEXT * 8);
  const char *knowledge = file_join(paths, share_folder, "knowledge");
  bool loaded =
      notes_load(&pages->notes, knowledge, needs, error) &&
      articles_load(&pages->articles, knowledge, needs, error) &&
      instruments_load(&pages->instruments, knowledge, error) &&
      coverage_rules_load(&pages->coverage, knowledge, error) &&
      map_outlines_load(&pages->outlines, file_join(paths, share_folder, "outlines.tsv"), error);
  arena_free(paths);
  if (loaded) *out = pages;
  else web_pages_free(pages);
  return loaded;
}

bool web_pages_allow(struct web_pages *pages, struct text instrument, struct error *error)
{
  if (instruments_turn_on(pages->instruments, instrument)) return true;
  return error_set(error, ERROR_USAGE, "error.instrument.unknown",
                   "What there is: fairlead score --list", "--licensed: no instrument \"%.*s\"",
                   TEXT_PRINT(instrument));
}

void web_pages_free(struct web_pages *pages)
{
  if (!pages) return;
  coverage_rules_free(pages->coverage);
  instruments_free(pages->instruments);
  map_outlines_free(pages->outlines);
  articles_free(pages->articles);
  notes_free(pages->notes);
  free(pages);
}
