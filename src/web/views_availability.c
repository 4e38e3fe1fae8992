/*
 * What is said of free places, on pages: a line on a card, a list on a facility's page, in the
 * words of admission/availability.h. Nothing is said of a place without a word: that is no "no".
 */
#include "web/views.h"

enum { ON_A_CARD = 2 };

struct text view_availability_level(const struct web_request *request, struct text level)
{
  return care_code_label(request->application->records, CARE_LEVELS, level, request->language);
}

struct value *view_availability_line(const struct web_request *request,
                                     const struct overlay_place *place, int64_t now)
{
  struct availability_words words;
  struct value *out = value_object(request->arena);
  availability_say(request->application->beds, request->arena, request->language, place, now,
                   &words);
  view_set_text(request, out, "text", words.text);
  view_set_text(request, out, "level", words.level);
  view_set_text(request, out, "ago", words.ago);
  view_set_text(request, out, "source", words.source);
  view_set_flag(request, out, "free", words.is_free);
  view_set_flag(request, out, "call_first", words.is_old);
  return out;
}

struct value *view_availability(const struct web_request *request, struct text facility_id,
                                bool is_card)
{
  const struct overlay_place *places;
  size_t count = overlay_find(request->overlay, facility_id, &places);
  if (count == 0 || !request->application->beds) return NULL;
  const struct overlay_place **list = availability_best_first(request->arena, places, count);
  struct value *lines = value_list(request->arena);
  int64_t now = time_now();
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
