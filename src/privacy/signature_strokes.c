/*
 * signature_strokes: a drawn signature's lines, as the pad of our form sends them. See signature.h.
 * It says whether they are that and no more; it draws nothing. Pure; any thread.
 */
#include "privacy/signature.h"

/* A whole number of at most four digits, up to `most`. */
static bool take_number(struct text *rest, int most)
{
  int number = 0;
  size_t digits = 0;
  while (digits < rest->length && rest->at[digits] >= '0' && rest->at[digits] <= '9') {
    if (digits == 4) return false;
    number = number * 10 + (rest->at[digits++] - '0');
  }
  *rest = text_slice(*rest, digits, rest->length);
  return digits > 0 && number <= most;
}

static bool take_mark(struct text *rest, char mark)
{
  if (rest->length == 0 || rest->at[0] != mark) return false;
  *rest = text_slice(*rest, 1, rest->length);
  return true;
}

/* "x,y x,y"; adds its points. */
static bool is_stroke(struct text stroke, size_t *points)
{
  do {
    if (!take_number(&stroke, LIMIT_SIGNATURE_WIDTH) || !take_mark(&stroke, ',') ||
        !take_number(&stroke, LIMIT_SIGNATURE_HEIGHT))
      return false;
    ++*points;
  } while (take_mark(&stroke, ' '));
  return stroke.length == 0;
}

bool signature_strokes_read(struct arena *arena, struct text t, const struct text **strokes,
                            size_t *count)
{
  enum { LEAST = 4 };
  size_t points = 0, found = 0;
  struct text rest = t, stroke;
  if (t.length == 0 || t.length > LIMIT_SIGNATURE_DRAWN || t.at[t.length - 1] == ';') return false;
  while (text_split_next(&rest, ';', &stroke)) {
    if (!is_stroke(stroke, &points) || points > LIMIT_SIGNATURE_POINTS) return false;
    found++;
  }
  if (points < LEAST) return false;
  if (strokes) {
    struct text *out = arena_allocate_array(arena, found, sizeof *out);
    rest = t;
    for (size_t i = 0; text_split_next(&rest, ';', &stroke); i++) out[i] = stroke;
    *strokes = out;
  }
  *count = found;
  return true;
}
