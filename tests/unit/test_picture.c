/*
 * Tests of picture.h. Expected values: ITU-T T.81 annex B and JFIF for segments, CIPA DC-008 for
 * Exif, the PNG specification for chunks; libjpeg-turbo decodes what was stripped and says whether
 * it is the same picture.
 */
#include "picture_support.h"

static struct arena *arena;

static int begin(void **state)
{
  (void)state;
  arena = arena_new(1 << 28);
  return 0;
}
static int end(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static struct text strip(struct text bytes)
{
  struct text out = TEXT("");
  assert_true(picture_strip(arena, bytes, &out));
  assert_false(text_contains(out, TEXT(PICTURE_PLACE)));
  assert_false(text_contains(out, TEXT(PICTURE_DEVICE)));
  return out;
}

static bool is_refused(struct text bytes)
{
  struct text out = TEXT("as it was");
  return !picture_strip(arena, bytes, &out) && text_equal(out, TEXT("as it was"));
}

static struct text join(struct text a, struct text b, struct text c)
{
  const struct text pieces[] = {a, b, c};
  return picture_join(arena, pieces, 3);
}

struct decoded {
  int width, height;
  unsigned char *pixels;
};
static struct decoded decode(struct text jpeg)
{
  struct decoded out;
  int sampling, colors;
  const unsigned char *bytes = (const unsigned char *)jpeg.at;
  tjhandle handle = tjInitDecompress();
  assert_int_equal(
      tjDecompressHeader3(handle, bytes, jpeg.length, &out.width, &out.height, &sampling, &colors),
      0);
  out.pixels = arena_allocate(arena, (size_t)out.width * (size_t)out.height * 3);
  assert_int_equal(
      tjDecompress2(handle, bytes, jpeg.length, out.pixels, out.width, 0, out.height, TJPF_RGB, 0),
      0);
  tjDestroy(handle);
  return out;
}

/* Which color stands in a corner: 'r', 'g' or 'b'. */
static char corner(const struct decoded *picture, bool right, bool below)
{
  int x = right ? picture->width - 2 : 1, y = below ? picture->height - 2 : 1;
  const unsigned char *point =
      picture->pixels + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;
  return point[0] > 128 ? 'r' : point[1] > 128 ? 'g' : point[2] > 128 ? 'b' : '?';
}

/* --- Forms --------------------------------------------------------------------------------- */

static void forms_are_told_by_first_bytes(void **state)
{
  (void)state;
  static const struct {
    const char *bytes, *name, *type;
  } rows[] = {
      {"\xff\xd8\xff\xe0 x", "jpeg", "image/jpeg"}, {"\x89PNG\r\n\x1a\n x", "png", "image/png"},
      {"%PDF-1.7", "pdf", "application/pdf"},       {" %PDF-1.7", "", "application/octet-stream"},
      {"\xff\xd8", "", "application/octet-stream"}, {"GIF89a", "", "application/octet-stream"},
      {"<html>", "", "application/octet-stream"},   {"", "", "application/octet-stream"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    enum file_form form = file_form_of(text_from(rows[i].bytes));
    assert_true(text_equal(file_form_name(form), text_from(rows[i].name)));
    assert_string_equal(file_form_type(form), rows[i].type);
    assert_int_equal(file_form_find(text_from(rows[i].name)), form);
  }
  assert_int_equal(file_form_find(TEXT("gif")), FILE_OTHER);
}

/* --- JPEG ---------------------------------------------------------------------------------- */

static void a_plain_jpeg_stays_to_the_byte(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 64, 48);
  assert_true(text_equal(strip(jpeg), jpeg));
  assert_int_equal(picture_orientation(jpeg), 1);
}

static void what_the_camera_wrote_goes(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 64, 48);
  assert_true(text_equal(strip(picture_with_camera(arena, jpeg, 1)), jpeg));
  /* Without JFIF (a camera's own Exif files), with 0xff before a marker, with a second JFIF. */
  struct text bare =
      join(text_slice(jpeg, 0, 2), picture_exif(arena, 1), text_slice(jpeg, 20, jpeg.length));
  struct text plain = join(text_slice(jpeg, 0, 2), TEXT(""), text_slice(jpeg, 20, jpeg.length));
  assert_true(text_equal(strip(bare), plain));
  assert_true(text_equal(
      strip(join(text_slice(jpeg, 0, 20), TEXT("\xff\xff"), text_slice(jpeg, 20, jpeg.length))),
      jpeg));
  assert_true(text_equal(strip(join(text_slice(jpeg, 0, 20), text_slice(jpeg, 2, 20),
                                    text_slice(jpeg, 20, jpeg.length))),
                         jpeg));
}

static void a_small_copy_within_jfif_goes(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 16, 16);
  struct text copied =
      picture_segment(arena, 0xe0, TEXT("JFIF\0\1\2\0\0\x48\0\x48\1\1" PICTURE_DEVICE));
  struct text out = strip(join(text_slice(jpeg, 0, 2), copied, text_slice(jpeg, 20, jpeg.length)));
  assert_int_equal(out.length, jpeg.length);
  assert_true(
      text_equal(text_slice(out, 2, 20), TEXT("\xff\xe0\0\x10JFIF\0\1\2\0\0\x48\0\x48\0\0")));
}

static void colors_of_adobe_stay_and_nothing_behind_them(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 16, 16), rest = text_slice(jpeg, 20, jpeg.length);
  struct text adobe = TEXT("Adobe\0\x64\0\0\0\0\1");
  struct text plain = join(text_slice(jpeg, 0, 20), picture_segment(arena, 0xee, adobe), rest);
  struct text longer = picture_segment(arena, 0xee, TEXT("Adobe\0\x64\0\0\0\0\1" PICTURE_PLACE));
  assert_true(text_equal(strip(plain), plain));
  assert_true(text_equal(strip(join(text_slice(jpeg, 0, 20), longer, rest)), plain));
  struct text other = picture_segment(arena, 0xee, TEXT("Adobf\0\x64\0\0\0\0\1"));
  assert_true(text_equal(strip(join(text_slice(jpeg, 0, 20), other, rest)), jpeg));
}

static void the_turn_alone_is_taken_over(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 64, 48);
  for (int orientation = 2; orientation <= 8; orientation++) {
    struct text out = strip(picture_with_camera(arena, jpeg, orientation));
    char entry[] = "\xff\xe1\0\x22"
                   "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0?\0\0";
    entry[29] = (char)orientation;
    entry[28] = 0;
    assert_int_equal(out.length, jpeg.length + 36);
    assert_memory_equal(out.at, jpeg.at, 20);
    assert_memory_equal(out.at + 20, entry, 30);
    assert_memory_equal(out.at + 56, jpeg.at + 20, jpeg.length - 20);
    assert_int_equal(picture_orientation(out), orientation);
    assert_true(text_equal(strip(out), out));
    decode(out);
  }
  for (int orientation = 9; orientation < 12; orientation++)
    assert_true(text_equal(strip(picture_with_camera(arena, jpeg, orientation)), jpeg));
  assert_true(text_equal(strip(picture_with_camera(arena, jpeg, 0)), jpeg));
}

/* Exif that lies about lengths, counts and offsets turns nothing and reads nothing it was not
 * given (the sanitizers watch). */
static void broken_exif_is_passed_over(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 16, 16), rest = text_slice(jpeg, 20, jpeg.length);
  static const struct text wrong[] = {
      {"Exif\0\0", 6},
      {"Exif\0\0II*\0\x08\0\0", 13},
      {"Exif\0\0XX*\0\x08\0\0\0\x01\0\x12\1\3\0\1\0\0\0\6\0\0\0", 28},
      {"Exif\0\0II*\0\xff\xff\xff\xff\x01\0\x12\1\3\0\1\0\0\0\6\0\0\0", 28},
      {"Exif\0\0II*\0\x14\0\0\0\x01\0\x12\1\3\0\1\0\0\0\6\0\0\0", 28},
      {"Exif\0\0II*\0\x08\0\0\0\xff\xff\x13\1\3\0\1\0\0\0\6\0\0\0", 28},
      {"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\1\4\0\1\0\0\0\6\0\0\0", 28},
      {"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\1\3\0\2\0\0\0\6\0\0\0", 28},
      {"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\1\3\0\1\0\0\0\6\0\0", 27},
      {"http\0\0II*\0\x08\0\0\0\x01\0\x12\1\3\0\1\0\0\0\6\0\0\0", 28}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_true(text_equal(
        strip(join(text_slice(jpeg, 0, 20), picture_segment(arena, 0xe1, wrong[i]), rest)), jpeg));
}

static void a_jpeg_that_is_not_whole_is_refused(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 24, 24), out;
  for (size_t cut = 0; cut < jpeg.length; cut++) assert_true(is_refused(text_slice(jpeg, 0, cut)));
  for (size_t i = 0; i < jpeg.length; i++) { /* any byte may be anything: no read past the end */
    char *changed = arena_allocate(arena, jpeg.length);
    memcpy(changed, jpeg.at, jpeg.length);
    changed[i] = (char)0xff;
    picture_strip(arena, (struct text){changed, jpeg.length}, &out);
  }
}

static void segments_that_no_picture_has_are_refused(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 16, 16), head = text_slice(jpeg, 0, 20);
  struct text rest = text_slice(jpeg, 20, jpeg.length);
  static const unsigned char wrong[] = {0xc3, 0xc5, 0xc9, 0xcc, 0xde, 0xdf, 0xf0, 0xfd};
  for (size_t i = 0; i < sizeof wrong; i++)
    assert_true(is_refused(join(head, picture_segment(arena, wrong[i], TEXT("12345678")), rest)));
  static const char *const alone[] = {"\xff\x01", "\xff\xd0", "\xff\xd8",
                                      "\xff\x02", "x",        "\xff\xd9"};
  for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
    assert_true(is_refused(join(head, text_from(alone[i]), rest)));
  assert_true(is_refused(join(head, (struct text){"\xff\xfe\0\1", 4}, rest)));
  struct text frame = TEXT("\x08\0\x10\0\x10\1\1\x11\0");
  assert_true(is_refused(join(head, picture_segment(arena, 0xc0, frame), rest))); /* two frames */
  struct text scan = picture_segment(arena, 0xda, TEXT("\1\1\0\0\x3f\0"));
  assert_true(is_refused(join(head, scan, TEXT("\xff\xd9")))); /* none before the scan */
}

static void pictures_without_points_or_with_too_many_are_refused(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 16, 16), out;
  size_t frame = text_find(jpeg, TEXT("\xff\xc0")) + 5; /* height, width: two bytes each */
  static const struct {
    unsigned height, width;
    bool is_good;
  } rows[] = {{16, 0, false},      {0, 16, false},        {7000, 7142, true},
              {7001, 7143, false}, {65535, 65535, false}, {65535, 700, true}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char *changed = arena_allocate(arena, jpeg.length);
    memcpy(changed, jpeg.at, jpeg.length);
    changed[frame] = (char)(rows[i].height >> 8);
    changed[frame + 1] = (char)rows[i].height;
    changed[frame + 2] = (char)(rows[i].width >> 8);
    changed[frame + 3] = (char)rows[i].width;
    assert_int_equal(picture_strip(arena, (struct text){changed, jpeg.length}, &out),
                     rows[i].is_good);
  }
}

/* --- PNG ----------------------------------------------------------------------------------- */

static struct text png_with(const char *before, struct text content, const char *name)
{
  struct text data = picture_chunk(arena, "IDAT", TEXT("\x78\x01\x03\0\0\0\0\1"));
  struct text own = name ? picture_chunk(arena, name, content) : TEXT("");
  struct text head = picture_header(arena, 1, 1), finish = picture_chunk(arena, "IEND", TEXT(""));
  const struct text pieces[] = {
      PICTURE_PNG, head, *before == 'd' ? own : TEXT(""), data, *before == 'e' ? own : TEXT(""),
      finish};
  return picture_join(arena, pieces, 6);
}

static void words_beside_a_png_go(void **state)
{
  (void)state;
  struct text plain = png_with("", TEXT(""), NULL);
  static const char *const dropped[] = {"tEXt", "zTXt", "iTXt", "eXIf", "tIME",
                                        "iCCP", "acTL", "fdAT", "pHYs", "prVt"};
  static const char *const kept[] = {"tRNS", "gAMA", "cHRM", "sRGB", "PLTE"};
  assert_true(text_equal(strip(plain), plain));
  for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
    struct text words = TEXT("Comment\0" PICTURE_PLACE);
    assert_true(text_equal(strip(png_with("data", words, dropped[i])), plain));
    assert_true(text_equal(strip(png_with("end", words, dropped[i])), plain));
  }
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    struct text with = png_with("data", TEXT("\0\0\xb1\x8f"), kept[i]);
    assert_true(text_equal(strip(with), with));
  }
  assert_true(text_equal(strip(join(plain, TEXT(PICTURE_PLACE), TEXT(""))), plain));
}

static void a_png_that_is_not_whole_is_refused(void **state)
{
  (void)state;
  struct text plain = png_with("", TEXT(""), NULL), head = picture_header(arena, 1, 1);
  for (size_t cut = 0; cut < plain.length; cut++)
    assert_true(is_refused(text_slice(plain, 0, cut)));
  for (size_t i = 8; i < plain.length; i++) { /* the check of each chunk finds a changed byte */
    char *changed = arena_allocate(arena, plain.length);
    memcpy(changed, plain.at, plain.length);
    changed[i] ^= 1;
    assert_true(is_refused((struct text){changed, plain.length}));
  }
  assert_true(is_refused(png_with("data", TEXT("x"), "QRST"))); /* critical, and unknown */
  assert_true(is_refused(png_with("data", text_slice(head, 8, 21), "IHDR")));
  assert_true(is_refused(join(PICTURE_PNG, head, picture_chunk(arena, "IEND", TEXT("")))));
  struct text data = picture_chunk(arena, "IDAT", TEXT("x"));
  assert_true(is_refused(join(PICTURE_PNG, data, picture_chunk(arena, "IEND", TEXT("")))));
  assert_true(is_refused(
      join(join(PICTURE_PNG, head, data), picture_chunk(arena, "IEND", TEXT("x")), TEXT(""))));
  static const struct {
    uint32_t width, height;
  } rows[] = {{0, 1}, {1, 0}, {10000, 5001}, {0x7fffffff, 0x7fffffff}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_true(is_refused(
        join(join(PICTURE_PNG, picture_header(arena, rows[i].width, rows[i].height), data),
             picture_chunk(arena, "IEND", TEXT("")), TEXT(""))));
}

static void a_pdf_is_no_picture(void **state)
{
  (void)state;
  assert_true(is_refused(TEXT("%PDF-1.7\n%%EOF\n")));
  assert_true(is_refused(TEXT("")));
}

/* --- Small --------------------------------------------------------------------------------- */

static void a_picture_is_made_small_and_stands_upright(void **state)
{
  (void)state;
  /* Corners left and right above, left and right below, of what a viewer shows (Exif 4.6.4). */
  static const char *const corners[] = {"grbb", "rgbb", "bbrg", "bbgr",
                                        "gbrb", "bgbr", "brbg", "rbgb"};
  struct text jpeg = picture_jpeg(arena, 1600, 1200), small;
  struct error error;
  for (int orientation = 1; orientation <= 8; orientation++) {
    struct text out = strip(picture_with_camera(arena, jpeg, orientation));
    assert_true(picture_small(arena, out, &small, &error));
    struct decoded decoded = decode(small);
    const char seen[] = {corner(&decoded, false, false), corner(&decoded, true, false),
                         corner(&decoded, false, true), corner(&decoded, true, true), 0};
    assert_string_equal(seen, corners[orientation - 1]);
    assert_int_equal(decoded.width, orientation < 5 ? 400 : 300); /* a quarter: 400 of 512 */
    assert_int_equal(decoded.height, orientation < 5 ? 300 : 400);
    assert_true(text_equal(strip(small), small));
    assert_int_equal(picture_orientation(small), 1);
  }
}

static void what_is_small_keeps_its_size_and_what_is_huge_becomes_an_eighth(void **state)
{
  (void)state;
  struct text small;
  struct error error;
  assert_true(picture_small(arena, picture_jpeg(arena, 40, 30), &small, &error));
  assert_int_equal(decode(small).width, 40);
  assert_true(picture_small(arena, picture_jpeg(arena, 6000, 80), &small, &error));
  assert_int_equal(decode(small).width, 750);
  assert_int_equal(decode(small).height, 10);
}

static void what_does_not_decode_is_refused(void **state)
{
  (void)state;
  struct text jpeg = picture_jpeg(arena, 64, 64), small = TEXT("as it was");
  struct error error;
  size_t tables = text_find(jpeg, TEXT("\xff\xc4"));
  struct text without = join(text_slice(jpeg, 0, 20), TEXT("\xff\xd9"), TEXT(""));
  assert_false(picture_small(arena, without, &small, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, "error.care.photo");
  char *changed = arena_allocate(arena, jpeg.length); /* a table with more codes than there are */
  memcpy(changed, jpeg.at, jpeg.length);
  memset(changed + tables + 5, 0xff, 16);
  assert_false(picture_small(arena, (struct text){changed, jpeg.length}, &small, &error));
  assert_true(text_equal(small, TEXT("as it was")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(forms_are_told_by_first_bytes),
      TEST(a_plain_jpeg_stays_to_the_byte),
      TEST(what_the_camera_wrote_goes),
      TEST(a_small_copy_within_jfif_goes),
      TEST(colors_of_adobe_stay_and_nothing_behind_them),
      TEST(the_turn_alone_is_taken_over),
      TEST(broken_exif_is_passed_over),
      TEST(a_jpeg_that_is_not_whole_is_refused),
      TEST(segments_that_no_picture_has_are_refused),
      TEST(pictures_without_points_or_with_too_many_are_refused),
      TEST(words_beside_a_png_go),
      TEST(a_png_that_is_not_whole_is_refused),
      TEST(a_pdf_is_no_picture),
      TEST(a_picture_is_made_small_and_stands_upright),
      TEST(what_is_small_keeps_its_size_and_what_is_huge_becomes_an_eighth),
      TEST(what_does_not_decode_is_refused),
  };
  return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
