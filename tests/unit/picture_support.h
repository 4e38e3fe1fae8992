/*
 * Pictures for tests: a JPEG as libjpeg-turbo writes one, a PNG with stored data, and what a
 * camera writes beside the picture (CIPA DC-008: Exif with a place, a device and a turn), written
 * here by hand. For one thread.
 */
#ifndef FAIRLEAD_PICTURE_SUPPORT_H
#define FAIRLEAD_PICTURE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <turbojpeg.h>
#include <zlib.h>

#include "care/picture.h"

/* Words that must be found in no picture that was stripped. */
#define PICTURE_PLACE "39 44 20.5 N 104 59 25.1 W"
#define PICTURE_DEVICE "Lantern Phone 7"

/* Pieces, one behind the other. */
static inline struct text picture_join(struct arena *arena, const struct text *pieces, size_t count)
{
  size_t length = 0;
  for (size_t i = 0; i < count; i++) length += pieces[i].length;
  char *bytes = arena_allocate(arena, length), *at = bytes;
  for (size_t i = 0; i < count; i++) {
    if (pieces[i].length) memcpy(at, pieces[i].at, pieces[i].length);
    at += pieces[i].length;
  }
  return (struct text){bytes, length};
}

/* Red above, blue below, and a green corner at the upper left. */
static inline struct text picture_jpeg(struct arena *arena, int width, int height)
{
  unsigned char *pixels = arena_allocate(arena, (size_t)width * (size_t)height * 3);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      bool is_corner = y < height / 2 && x < width / 2;
      pixels[(y * width + x) * 3 + (is_corner ? 1 : y < height / 2 ? 0 : 2)] = 220;
    }
  tjhandle handle = tjInitCompress();
  unsigned char *bytes = NULL;
  unsigned long length = 0;
  assert_int_equal(
      tjCompress2(handle, pixels, width, 0, height, TJPF_RGB, &bytes, &length, TJSAMP_444, 92, 0),
      0);
  struct text jpeg = text_copy(arena, (struct text){(const char *)bytes, length});
  tjFree(bytes);
  tjDestroy(handle);
  return jpeg;
}

static inline struct text picture_number(struct arena *arena, uint32_t number)
{
  const unsigned char bytes[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                                  (unsigned char)(number >> 8), (unsigned char)number};
  return text_copy(arena, (struct text){(const char *)bytes, sizeof bytes});
}

/* A segment of a JPEG: its marker, its length, its content. */
static inline struct text picture_segment(struct arena *arena, unsigned marker, struct text content)
{
  const unsigned char head[4] = {0xff, (unsigned char)marker,
                                 (unsigned char)((content.length + 2) >> 8),
                                 (unsigned char)(content.length + 2)};
  const struct text pieces[] = {{(const char *)head, sizeof head}, content};
  return picture_join(arena, pieces, 2);
}

/* Exif, intel's order: orientation first, then where its words stand is of no matter here. */
static inline struct text picture_exif(struct arena *arena, int orientation)
{
  char entries[] = "Exif\0\0II*\0\x08\0\0\0\x02\0"
                   "\x12\x01\x03\0\x01\0\0\0\x01\0\0\0"
                   "\x10\x01\x02\0\x10\0\0\0\x26\0\0\0"
                   "\0\0\0\0" PICTURE_DEVICE "\0" PICTURE_PLACE;
  entries[24] = (char)orientation;
  return picture_segment(arena, 0xe1, text_copy(arena, (struct text){entries, sizeof entries}));
}

/* The same picture as a phone would send it: Exif, a color profile, a note, a film behind it. */
static inline struct text picture_with_camera(struct arena *arena, struct text jpeg,
                                              int orientation)
{
  const struct text pieces[] = {
      text_slice(jpeg, 0, 20), /* the start, and JFIF's segment */
      picture_exif(arena, orientation),
      picture_segment(arena, 0xe2, TEXT("ICC_PROFILE\0\1\1 " PICTURE_DEVICE)),
      picture_segment(arena, 0xed, TEXT("Photoshop 3.0\0 " PICTURE_PLACE)),
      picture_segment(arena, 0xfe, TEXT("taken at " PICTURE_PLACE)),
      text_slice(jpeg, 20, jpeg.length),
      TEXT("ftypmp42 a film of " PICTURE_PLACE)};
  return picture_join(arena, pieces, sizeof pieces / sizeof *pieces);
}

static inline struct text picture_chunk(struct arena *arena, const char *name, struct text content)
{
  const struct text named[] = {text_from(name), content};
  struct text body = picture_join(arena, named, 2);
  uint32_t check = (uint32_t)crc32(0, (const unsigned char *)body.at, (uInt)body.length);
  const struct text pieces[] = {picture_number(arena, (uint32_t)content.length), body,
                                picture_number(arena, check)};
  return picture_join(arena, pieces, 3);
}

static inline struct text picture_header(struct arena *arena, uint32_t width, uint32_t height)
{
  const struct text pieces[] = {picture_number(arena, width), picture_number(arena, height),
                                TEXT("\x08\0\0\0\0")};
  return picture_chunk(arena, "IHDR", picture_join(arena, pieces, 3));
}
#define PICTURE_PNG TEXT("\x89PNG\r\n\x1a\n")

/* Grey, eight bits, its data not packed. */
static inline struct text picture_png(struct arena *arena, uint32_t width, uint32_t height)
{
  uLong plain = (uLong)height * (width + 1);
  uLongf length = compressBound(plain);
  unsigned char *rows = arena_allocate(arena, plain), *packed = arena_allocate(arena, length);
  assert_int_equal(compress2(packed, &length, rows, plain, 0), Z_OK);
  const struct text pieces[] = {
      PICTURE_PNG, picture_header(arena, width, height),
      picture_chunk(arena, "IDAT", (struct text){(const char *)packed, length}),
      picture_chunk(arena, "IEND", TEXT(""))};
  return picture_join(arena, pieces, 4);
}

#endif
