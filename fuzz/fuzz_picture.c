/*
 * A file from a phone as raw bytes: what it is, and the picture without what its camera wrote.
 * What comes out is of the same form, hardly longer, holds no segment or chunk of words, and
 * stripping it again changes nothing. A small JPEG is decoded and made small besides.
 */
#include <stdlib.h>

#include "care/care.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DECODED_MOST = 512 * 512, ORIENTATION = 36 };

static void require(bool holds)
{
  if (!holds) abort();
}

/* No more points than a fuzzer has time for? Height and width stand in the frame's segment. */
static bool is_little(struct text jpeg)
{
  for (size_t i = 2; i + 9 < jpeg.length; i++) {
    const unsigned char *at = (const unsigned char *)jpeg.at + i;
    if (at[0] == 0xff && at[1] >= 0xc0 && at[1] <= 0xc2 &&
        (int64_t)(at[5] * 256 + at[6]) * (at[7] * 256 + at[8]) > DECODED_MOST)
      return false;
  }
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  struct arena *arena = arena_new(64 * 1024 * 1024);
  struct text given = {size ? (const char *)data : nothing, size}, out, again, small;
  struct error error;
  enum file_form form = file_form_of(given);
  require(file_form_find(file_form_name(form)) == form);
  if (picture_strip(arena, given, &out)) {
    require(form == FILE_JPEG || form == FILE_PNG);
    require(file_form_of(out) == form && out.length <= given.length + ORIENTATION);
    require(picture_strip(arena, out, &again) && text_equal(out, again));
    if (form == FILE_JPEG) {
      int orientation = picture_orientation(out);
      require(orientation >= 1 && orientation <= 8);
      if (size < 16 * 1024 && is_little(out) && picture_small(arena, out, &small, &error))
        require(picture_strip(arena, small, &again) && text_equal(small, again));
    } else {
      require(!text_contains(text_slice(out, 8, 16), TEXT("tEXt")));
    }
  }
  arena_free(arena);
  return 0;
}
