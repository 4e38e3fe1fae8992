/*
 * What is said of free places, in words: a line on a card, a list on a facility's page. How old a
 * word is stands beside it; one that is too old to act on says "call first", and an older one is
 * not here at all. Nothing is said of a place without a word: that is no "no".
 */
#include <stdlib.h>
#include <string.h>

#include "web/views.h"

enum { ON_A_CARD = 2 };

/* "12 minutes ago": with no zone, so that it is right wherever one reads it. */
static struct text ago_text(const struct web_request *request, int64_t microseconds)
{
  static const struct {
    int64_t seconds;
    const char *one, *more;
  } units[] = {{86400, "availability.ago.day", "availability.ago.days"},
               {3600, "availability.ago.hour", "availability.ago.hours"},
               {60, "availability.ago.minute", "availability.ago.minutes"}};
  int64_t seconds = microseconds / 1000000;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    int64_t count = seconds / units[i].seconds;
    if (count == 1) return view_text(request, units[i].one);
    if (count > 1)
      return VIEW_FORMAT(request, units[i].more, {"count", view_count(request->arena, count)});
  }
  return view_text(request, "availability.ago.now");
}

/* Whether one can act on it, or it only was so. */
static bool is_old(const struct overlay_place *place)
{
  return text_equal(place->age, TEXT("call-first"));
}

static int order_of(const struct overlay_place *place)
{
  static const char *const answers[] = {"yes", "likely", "no"};
  int order = 0;
  while (order < 3 && !text_equal(place->answer, text_from(answers[order]))) order++;
  return order + (is_old(place) ? 4 : 0);
}

static int better_first(const void *a, const void *b)
{
  const struct overlay_place *x = *(const struct overlay_place *const *)a;
  const struct overlay_place *y = *(const struct overlay_place *const *)b;
  int order = order_of(x) - order_of(y);
  return order ? order : text_compare(x->level_of_care, y->level_of_care);
}

struct text view_availability_level(const struct web_request *request, struct text level)
{
  return care_code_label(request->application->records, CARE_LEVELS, level, request->language);
}

struct value *view_availability_line(const struct web_request *request,
                                     const struct overlay_place *place, int64_t now)
{
  struct arena *arena = request->arena;
  struct value *out = value_object(arena);
  struct text key = text_format(arena, "availability.%s.%.*s", is_old(place) ? "was" : "is",
                                TEXT_PRINT(place->answer));
  struct text source = text_format(arena, "availability-sources.%.*s", TEXT_PRINT(place->source));
  view_set_text(request, out, "text", view_text(request, text_c(arena, key)));
  view_set_text(request, out, "level", view_availability_level(request, place->level_of_care));
  view_set_text(request, out, "ago", ago_text(request, now - place->as_of));
  view_set_text(request, out, "source", view_text(request, text_c(arena, source)));
  view_set_flag(request, out, "free", text_equal(place->answer, TEXT("yes")) && !is_old(place));
  view_set_flag(request, out, "call_first", is_old(place));
  return out;
}

struct value *view_availability(const struct web_request *request, struct text facility_id,
                                bool is_card)
{
  const struct overlay_place *places;
  size_t count = overlay_find(request->overlay, facility_id, &places);
  if (count == 0 || !request->application->records) return NULL;
  const struct overlay_place **list = arena_allocate_array(request->arena, count, sizeof(void *));
  struct value *lines = value_list(request->arena);
  int64_t now = time_now();
  for (size_t i = 0; i < count; i++) list[i] = &places[i];
  qsort(list, count, sizeof(void *), better_first);
  for (size_t i = 0; i < count && (!is_card || i < ON_A_CARD); i++)
    value_add(lines, view_availability_line(request, list[i], now));
  return lines;
}

void view_availability_document(const struct web_request *request, struct text facility_id,
                                struct value *document)
{
  struct text json = overlay_json(request->overlay, facility_id);
  size_t at = text_find(json, TEXT("["));
  if (json.length)
    value_set(document, "availability",
              value_json(request->arena, text_slice(json, at, json.length)));
}
