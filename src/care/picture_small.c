/*
 * Picture, small: see picture.h. The one place where a picture is decoded, by libjpeg-turbo: at an
 * eighth of its size or more, with a limit on its scans, and one at a time, so that what several
 * large ones would take of memory is never taken at once.
 */
#include <pthread.h>
#include <turbojpeg.h>

#include "care/picture.h"

enum { COLORS = 3, QUALITY = 85 };

struct pixels {
  unsigned char *at; /* COLORS bytes each, row by row */
  int width, height;
};

/* The largest size that fits, else the smallest there is. */
static tjscalingfactor fitting(int width, int height)
{
  int count = 0, longer = width > height ? width : height;
  const tjscalingfactor *factors = tjGetScalingFactors(&count);
  tjscalingfactor best = {1, 8};
  int best_size = 0;
  for (int i = 0; i < count; i++) {
    int size = TJSCALED(longer, factors[i]);
    if (factors[i].num > factors[i].denom || size > LIMIT_PHOTO_SIDE || size <= best_size) continue;
    best = factors[i];
    best_size = size;
  }
  return best;
}

static bool decode(tjhandle handle, struct arena *arena, struct text jpeg, struct pixels *out)
{
  int width, height, sampling, colors;
  const unsigned char *bytes = (const unsigned char *)jpeg.at;
  if (tjDecompressHeader3(handle, bytes, jpeg.length, &width, &height, &sampling, &colors) != 0 ||
      (int64_t)width * height > LIMIT_PICTURE_PIXELS)
    return false;
  tjscalingfactor factor = fitting(width, height);
  struct pixels small = {.width = TJSCALED(width, factor), .height = TJSCALED(height, factor)};
  small.at = arena_allocate(arena, (size_t)small.width * (size_t)small.height * COLORS);
  int flags = TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;
  if (tjDecompress2(handle, bytes, jpeg.length, small.at, small.width, 0, small.height, TJPF_RGB,
                    flags) != 0 &&
      tjGetErrorCode(handle) != TJERR_WARNING) /* a picture with a flaw is a picture */
    return false;
  *out = small;
  return true;
}

/* Upright, as Exif's orientation says (CIPA DC-008 4.6.4, tag 274). */
static struct pixels turn(struct arena *arena, struct pixels from, int orientation)
{
  static const struct {
    bool swap, mirror_x, mirror_y;
  } turns[] = {{false, false, false}, {false, true, false}, {false, true, true},
               {false, false, true},  {true, false, false}, {true, false, true},
               {true, true, true},    {true, true, false}};
  bool swap = turns[orientation - 1].swap;
  struct pixels to = {.width = swap ? from.height : from.width,
                      .height = swap ? from.width : from.height};
  if (orientation == 1) return from;
  unsigned char *at = to.at = arena_allocate(arena, (size_t)to.width * (size_t)to.height * COLORS);
  for (int y = 0; y < to.height; y++)
    for (int x = 0; x < to.width; x++) {
      int source_x = swap ? y : x, source_y = swap ? x : y;
      if (turns[orientation - 1].mirror_x) source_x = from.width - 1 - source_x;
      if (turns[orientation - 1].mirror_y) source_y = from.height - 1 - source_y;
      const unsigned char *point =
          from.at + ((size_t)source_y * (size_t)from.width + (size_t)source_x) * COLORS;
      for (int color = 0; color < COLORS; color++) *at++ = point[color];
    }
  return to;
}

static bool encode(struct arena *arena, struct pixels pixels, struct text *out)
{
  tjhandle handle = tjInitCompress();
  unsigned char *bytes = NULL;
  unsigned long length = 0;
  if (!handle) return false;
  bool is_done = tjCompress2(handle, pixels.at, pixels.width, 0, pixels.height, TJPF_RGB, &bytes,
                             &length, TJSAMP_420, QUALITY, TJFLAG_ACCURATEDCT) == 0;
  if (is_done) *out = text_copy(arena, (struct text){(const char *)bytes, length});
  tjFree(bytes);
  tjDestroy(handle);
  return is_done;
}

bool picture_small(struct arena *arena, struct text jpeg, struct text *out, struct error *error)
{
  static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
  struct pixels pixels;
  pthread_mutex_lock(&one_at_a_time);
  tjhandle handle = tjInitDecompress();
  bool is_done = handle && decode(handle, arena, jpeg, &pixels);
  if (handle) tjDestroy(handle);
  pthread_mutex_unlock(&one_at_a_time);
  is_done = is_done && encode(arena, turn(arena, pixels, picture_orientation(jpeg)), out);
  return is_done ||
         error_set(error, ERROR_REFUSED, "error.care.photo", "", "care: a picture does not decode");
}
