/*
 * What is said of free places, in words. How old a word is stands beside it; one that is too old to
 * act on says "call first". See availability.h. Not here: what is shown at all
 * (availability_show.c), and where (pages, the terminal).
 */
#include <stdlib.h>

#include "admission/bed_private.h"

static struct text say(const struct beds *beds, size_t language, struct text key)
{
  return catalog_find(care_privacy(beds->care)->catalog, language, key);
}

static struct text ago_text(const struct beds *beds, struct arena *arena, size_t language,
                            int64_t microseconds)
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
    if (count == 1) return say(beds, language, text_from(units[i].one));
    if (count < 1) continue;
    struct value *names = value_object(arena);
    value_set(names, "count", value_integer(arena, count));
    return catalog_format(arena, care_privacy(beds->care)->catalog, language, units[i].more, names);
  }
  return say(beds, language, TEXT("availability.ago.now"));
}

/* Whether one can act on it, or it only was so. */
static bool is_old(const struct overlay_place *place)
{
  return text_equal(place->age, TEXT("call-first"));
}

void availability_say(const struct beds *beds, struct arena *arena, size_t language,
                      const struct overlay_place *place, int64_t now,
                      struct availability_words *out)
{
  struct text key = text_format(arena, "availability.%s.%.*s", is_old(place) ? "was" : "is",
                                TEXT_PRINT(place->answer));
  *out = (struct availability_words){
      .text = say(beds, language, key),
      .level = care_code_label(beds->care, CARE_LEVELS, place->level_of_care, language),
      .ago = ago_text(beds, arena, language, now - place->as_of),
      .source = bed_code_label(beds, AVAILABILITY_SOURCES, place->source, language),
      .is_free = text_equal(place->answer, TEXT("yes")) && !is_old(place),
      .is_old = is_old(place),
  };
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

const struct overlay_place **
availability_best_first(struct arena *arena, const struct overlay_place *places, size_t count)
{
  const struct overlay_place **list = arena_allocate_array(arena, count + 1, sizeof(void *));
  for (size_t i = 0; i < count; i++) list[i] = &places[i];
  qsort(list, count, sizeof(void *), better_first);
  return list;
}
