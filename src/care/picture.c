/*
 * Picture: forms of files, and stripping. See picture.h. It never decodes, and never reads past
 * what it was given. Pure but for the arena; any thread.
 */
#include "care/picture.h"

#include <string.h>
#include <zlib.h>

/* --- Forms --------------------------------------------------------------------------------- */

static const struct {
  struct text begin, name;
  const char *type;
} forms[FILE_FORMS] = {
    [FILE_JPEG] = {TEXT("\xff\xd8\xff"), TEXT("jpeg"), "image/jpeg"},
    [FILE_PNG] = {TEXT("\x89PNG\r\n\x1a\n"), TEXT("png"), "image/png"},
    [FILE_PDF] = {TEXT("%PDF-"), TEXT("pdf"), "application/pdf"},
};

enum file_form file_form_of(struct text bytes)
{
  for (enum file_form form = FILE_JPEG; form < FILE_FORMS; form++)
    if (text_starts_with(bytes, forms[form].begin)) return form;
  return FILE_OTHER;
}

struct text file_form_name(enum file_form form)
{
  return form == FILE_OTHER ? TEXT("") : forms[form].name;
}

enum file_form file_form_find(struct text name)
{
  for (enum file_form form = FILE_JPEG; form < FILE_FORMS; form++)
    if (text_equal(name, forms[form].name)) return form;
  return FILE_OTHER;
}

const char *file_form_type(enum file_form form)
{
  return form == FILE_OTHER ? "application/octet-stream" : forms[form].type;
}

/* --- Bytes --------------------------------------------------------------------------------- */

struct strip {
  const unsigned char *in;
  size_t length, at;
  unsigned char *out;
  size_t written;
};

static uint32_t number16(const unsigned char *bytes, bool is_little)
{
  return is_little ? (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8
                   : (uint32_t)bytes[0] << 8 | (uint32_t)bytes[1];
}

static uint32_t number32(const unsigned char *bytes, bool is_little)
{
  uint32_t first = number16(bytes, is_little), second = number16(bytes + 2, is_little);
  return is_little ? first | second << 16 : first << 16 | second;
}

static void put(struct strip *strip, const void *bytes, size_t length)
{
  if (length) memcpy(strip->out + strip->written, bytes, length);
  strip->written += length;
}

static bool is_size(uint64_t width, uint64_t height)
{
  return width > 0 && height > 0 && width * height <= LIMIT_PICTURE_PIXELS;
}

/* --- JPEG: markers and segments (T.81 B.1.1) ----------------------------------------------- */

enum {
  MARKER = 0xff,
  START_OF_IMAGE = 0xd8,
  END_OF_IMAGE = 0xd9,
  START_OF_SCAN = 0xda,
  FIRST_RESTART = 0xd0,
  LAST_RESTART = 0xd7,
  FRAME_BASELINE = 0xc0,
  FRAME_PROGRESSIVE = 0xc2,
  APPLICATION = 0xe0, /* JFIF stands in the first, Exif in the second, Adobe in the fifteenth */
  TABLES_HUFFMAN = 0xc4,
  TABLES_QUANTIZATION = 0xdb,
  NUMBER_OF_LINES = 0xdc,
  RESTART_INTERVAL = 0xdd,
  COMMENT = 0xfe
};
enum { JFIF_BYTES = 14, ADOBE_BYTES = 12, ORIENTATION_BYTES = 36 };

struct jpeg {
  struct strip strip;
  size_t head; /* of what was written: the mark of the start, and JFIF's segment */
  int orientation;
  bool has_frame, has_scan;
};
/* One segment behind its marker: the length, and what it holds. */
struct segment {
  unsigned char marker;
  const unsigned char *at;
  size_t length;
};

static bool next_segment(struct strip *strip, struct segment *out)
{
  if (strip->at >= strip->length || strip->in[strip->at] != MARKER) return false;
  while (strip->at < strip->length && strip->in[strip->at] == MARKER) strip->at++;
  if (strip->at >= strip->length) return false;
  *out = (struct segment){.marker = strip->in[strip->at++]};
  if (out->marker == END_OF_IMAGE) return true;
  if (out->marker < FRAME_BASELINE || out->marker == START_OF_IMAGE ||
      (out->marker >= FIRST_RESTART && out->marker <= LAST_RESTART) ||
      strip->at + 2 > strip->length)
    return false;
  size_t length = number16(strip->in + strip->at, false);
  if (length < 2 || length > strip->length - strip->at) return false;
  out->at = strip->in + strip->at + 2;
  out->length = length - 2;
  strip->at += length;
  return true;
}

static void put_segment(struct strip *strip, unsigned char marker, const void *bytes, size_t length)
{
  const unsigned char head[4] = {MARKER, marker, (unsigned char)((length + 2) >> 8),
                                 (unsigned char)(length + 2)};
  put(strip, head, sizeof head);
  put(strip, bytes, length);
}

/* --- JPEG: what a camera wrote -------------------------------------------------------------- */

/* Exif's orientation (tag 0x0112 of the first directory); 0 when it says none. */
static int read_orientation(const struct segment *segment)
{
  enum { HEAD = 6, ENTRY = 12, TAG = 0x0112, SHORT = 3 };
  if (segment->length < HEAD + 8 || memcmp(segment->at, "Exif\0", HEAD) != 0) return 0;
  const unsigned char *tiff = segment->at + HEAD;
  size_t length = segment->length - HEAD;
  bool is_little = memcmp(tiff, "II*\0", 4) == 0;
  if (!is_little && memcmp(tiff, "MM\0*", 4) != 0) return 0;
  size_t at = number32(tiff + 4, is_little);
  if (at > length || length - at < 2) return 0;
  size_t entries = number16(tiff + at, is_little);
  at += 2;
  for (size_t i = 0; i < entries && length - at >= ENTRY; i++, at += ENTRY) {
    if (number16(tiff + at, is_little) != TAG) continue;
    uint32_t value = number16(tiff + at + 8, is_little);
    bool is_one = number16(tiff + at + 2, is_little) == SHORT &&
                  number32(tiff + at + 4, is_little) == 1 && value >= 1 && value <= 8;
    return is_one ? (int)value : 0;
  }
  return 0;
}

/* Behind the head, so that whoever shows the picture turns it: Exif with this one entry. */
static void insert_orientation(struct jpeg *jpeg)
{
  unsigned char entry[ORIENTATION_BYTES] = "\xff\xe1\0\x22"
                                           "Exif\0\0"
                                           "MM\0*\0\0\0\x08"
                                           "\0\x01"
                                           "\x01\x12\0\x03\0\0\0\x01\0\0\0";
  struct strip *strip = &jpeg->strip;
  entry[29] = (unsigned char)jpeg->orientation;
  memmove(strip->out + jpeg->head + sizeof entry, strip->out + jpeg->head,
          strip->written - jpeg->head);
  memcpy(strip->out + jpeg->head, entry, sizeof entry);
  strip->written += sizeof entry;
}

static void take_application(struct jpeg *jpeg, const struct segment *segment)
{
  struct strip *strip = &jpeg->strip;
  if (segment->marker == APPLICATION && strip->written == 2 && segment->length >= JFIF_BYTES &&
      memcmp(segment->at, "JFIF", 5) == 0) {
    unsigned char jfif[JFIF_BYTES];
    memcpy(jfif, segment->at, sizeof jfif);
    jfif[12] = jfif[13] = 0; /* no small copy behind it */
    put_segment(strip, APPLICATION, jfif, sizeof jfif);
    jpeg->head = strip->written;
  } else if (segment->marker == APPLICATION + 1) {
    int orientation = read_orientation(segment);
    if (orientation) jpeg->orientation = orientation;
  } else if (segment->marker == APPLICATION + 14 && segment->length >= ADOBE_BYTES &&
             memcmp(segment->at, "Adobe", 5) == 0) {
    put_segment(strip, segment->marker, segment->at, ADOBE_BYTES); /* which colors these are */
  }
}

/* --- JPEG: the picture ---------------------------------------------------------------------- */

/* The coded data behind a scan's header: up to the next marker that is no restart. */
static void take_scan(struct strip *strip)
{
  size_t from = strip->at;
  while (strip->at < strip->length) {
    const unsigned char *found = memchr(strip->in + strip->at, MARKER, strip->length - strip->at);
    if (!found || found + 1 == strip->in + strip->length) {
      strip->at = strip->length;
      break;
    }
    strip->at = (size_t)(found - strip->in);
    if (found[1] != 0 && !(found[1] >= FIRST_RESTART && found[1] <= LAST_RESTART)) break;
    strip->at += 2;
  }
  put(strip, strip->in + from, strip->at - from);
}

static bool take_segment(struct jpeg *jpeg, const struct segment *segment)
{
  unsigned char marker = segment->marker;
  bool is_frame = marker >= FRAME_BASELINE && marker <= FRAME_PROGRESSIVE;
  if ((marker >= APPLICATION && marker < APPLICATION + 16) || marker == COMMENT) {
    take_application(jpeg, segment);
    return true;
  }
  if (is_frame && (jpeg->has_frame || segment->length < 6 ||
                   !is_size(number16(segment->at + 3, false), number16(segment->at + 1, false))))
    return false;
  jpeg->has_frame |= is_frame;
  if (marker == START_OF_SCAN
          ? !jpeg->has_frame
          : !is_frame && marker != TABLES_HUFFMAN && marker != TABLES_QUANTIZATION &&
                marker != NUMBER_OF_LINES && marker != RESTART_INTERVAL)
    return false;
  put_segment(&jpeg->strip, marker, segment->at, segment->length);
  if (marker != START_OF_SCAN) return true;
  jpeg->has_scan = true;
  take_scan(&jpeg->strip);
  return true;
}

static bool strip_jpeg(struct strip *strip)
{
  static const unsigned char start[] = {MARKER, START_OF_IMAGE}, end[] = {MARKER, END_OF_IMAGE};
  struct jpeg jpeg = {.strip = *strip, .head = sizeof start};
  struct segment segment;
  jpeg.strip.at = sizeof start;
  put(&jpeg.strip, start, sizeof start);
  for (;;) {
    if (!next_segment(&jpeg.strip, &segment)) return false;
    if (segment.marker == END_OF_IMAGE) break; /* what stands behind it is no picture */
    if (!take_segment(&jpeg, &segment)) return false;
  }
  if (!jpeg.has_scan) return false;
  put(&jpeg.strip, end, sizeof end);
  if (jpeg.orientation > 1) insert_orientation(&jpeg);
  *strip = jpeg.strip;
  return true;
}

int picture_orientation(struct text jpeg)
{
  struct strip strip = {.in = (const unsigned char *)jpeg.at, .length = jpeg.length, .at = 2};
  struct segment segment;
  while (next_segment(&strip, &segment) && segment.marker >= APPLICATION) {
    int orientation = segment.marker == APPLICATION + 1 ? read_orientation(&segment) : 0;
    if (orientation) return orientation;
  }
  return 1;
}

/* --- PNG: chunks (third edition, 5.3) -------------------------------------------------------- */

enum { CHUNK_FRAME = 12, CHUNK_HEAD = 8 }; /* length, name, check; before the data */

static bool is_chunk(const unsigned char *chunk, const char *name)
{
  return memcmp(chunk + 4, name, 4) == 0;
}

/* What decoding needs, and what says which colors are meant. */
static bool is_kept(const unsigned char *chunk)
{
  static const char *const kept[] = {"IHDR", "PLTE", "IDAT", "IEND",
                                     "tRNS", "gAMA", "cHRM", "sRGB"};
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    if (is_chunk(chunk, kept[i])) return true;
  return false;
}

static bool is_good_chunk(const unsigned char *chunk, size_t length)
{
  bool is_critical = !(chunk[4] & 0x20);
  return (is_kept(chunk) || !is_critical) &&
         number32(chunk + CHUNK_HEAD + length, false) ==
             crc32(crc32(0, NULL, 0), chunk + 4, (uInt)length + 4);
}

static bool strip_png(struct strip *strip)
{
  bool has_data = false;
  strip->at = forms[FILE_PNG].begin.length;
  put(strip, strip->in, strip->at);
  for (bool is_first = true;; is_first = false) {
    if (strip->length - strip->at < CHUNK_FRAME) return false;
    const unsigned char *chunk = strip->in + strip->at;
    size_t length = number32(chunk, false);
    if (length > strip->length - strip->at - CHUNK_FRAME || !is_good_chunk(chunk, length))
      return false;
    strip->at += length + CHUNK_FRAME;
    if (is_first != is_chunk(chunk, "IHDR")) return false;
    if (is_first && (length != 13 || !is_size(number32(chunk + CHUNK_HEAD, false),
                                              number32(chunk + CHUNK_HEAD + 4, false))))
      return false;
    has_data = has_data || is_chunk(chunk, "IDAT");
    if (is_kept(chunk)) put(strip, chunk, length + CHUNK_FRAME);
    if (is_chunk(chunk, "IEND")) return has_data && length == 0;
  }
}

bool picture_strip(struct arena *arena, struct text bytes, struct text *out)
{
  enum file_form form = file_form_of(bytes);
  if (form != FILE_JPEG && form != FILE_PNG) return false;
  struct strip strip = {.in = (const unsigned char *)bytes.at,
                        .length = bytes.length,
                        .out = arena_allocate(arena, bytes.length + ORIENTATION_BYTES)};
  if (form == FILE_JPEG ? !strip_jpeg(&strip) : !strip_png(&strip)) return false;
  *out = (struct text){(const char *)strip.out, strip.written};
  return true;
}
