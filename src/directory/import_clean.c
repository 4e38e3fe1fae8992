/*
 * Cleaning: see import_clean.h.
 */
#include "directory/import_clean.h"

#include <string.h>
#include <utf8proc.h>

/* Windows-1252 for bytes 0x80 to 0x9F (Unicode's mapping table CP1252.TXT); 0: not assigned. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static utf8proc_int32_t from_windows(unsigned char byte)
{
  return byte >= 0x80 && byte <= 0x9F ? (utf8proc_int32_t)windows_1252[byte - 0x80] : byte;
}

/* Take the next character; bytes that are no UTF-8 one by one. */
static utf8proc_int32_t take_character(struct text *rest, bool *recoded)
{
  utf8proc_int32_t point;
  utf8proc_ssize_t step =
      utf8proc_iterate((const utf8proc_uint8_t *)rest->at, (utf8proc_ssize_t)rest->length, &point);
  if (step <= 0) {
    point = from_windows((unsigned char)rest->at[0]);
    *recoded = true;
    step = 1;
  }
  *rest = text_slice(*rest, (size_t)step, rest->length);
  return point;
}

/* Take "_xHHHH_" off the front: a character that a spreadsheet could not write as itself. */
static bool take_escape(struct text *rest, utf8proc_int32_t *point)
{
  uint64_t number;
  if (rest->length < 7 || rest->at[0] != '_' || rest->at[1] != 'x' || rest->at[6] != '_' ||
      !text_read_hexadecimal(text_slice(*rest, 2, 6), &number))
    return false;
  if (number >= 0x20 && number != '_') return false;
  *point = (utf8proc_int32_t)number;
  *rest = text_slice(*rest, 7, rest->length);
  return true;
}

enum character { CHARACTER_KEPT, CHARACTER_SPACE, CHARACTER_DROPPED };

static enum character kind_of(utf8proc_int32_t point)
{
  if (point == ' ' || (point >= '\t' && point <= '\r')) return CHARACTER_SPACE;
  switch (utf8proc_category(point)) {
  case UTF8PROC_CATEGORY_ZS:
  case UTF8PROC_CATEGORY_ZL:
  case UTF8PROC_CATEGORY_ZP:
    return CHARACTER_SPACE;
  case UTF8PROC_CATEGORY_CC:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_CS:
  case UTF8PROC_CATEGORY_CO:
  case UTF8PROC_CATEGORY_CN:
    return CHARACTER_DROPPED;
  default:
    return CHARACTER_KEPT;
  }
}

/* Is it already what clean_text() would give? The common case: plain ASCII, single spaces. */
static bool is_clean(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    if (c < ' ' || c > '~' || c == '_') return false;
    if (c == ' ' && (i == 0 || i + 1 == t.length || t.at[i + 1] == ' ')) return false;
  }
  return true;
}

struct text clean_text(struct arena *arena, struct text raw, bool *recoded)
{
  if (is_clean(raw)) return text_copy(arena, raw);
  struct text_buffer out;
  text_buffer_init(&out, raw.length * 3 + 1);
  bool space = false;
  while (raw.length) {
    utf8proc_int32_t point;
    if (!take_escape(&raw, &point)) point = take_character(&raw, recoded);
    enum character kind = kind_of(point);
    if (kind == CHARACTER_SPACE) space = out.length > 0;
    if (kind != CHARACTER_KEPT) continue;
    if (space) text_buffer_add_character(&out, ' ');
    space = false;
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t size = utf8proc_encode_char(point, bytes);
    text_buffer_add(&out, (struct text){(const char *)bytes, (size_t)size});
  }
  struct text cleaned = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return cleaned;
}

/* --- ZIP ------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

bool clean_zip(struct text raw, char out[6])
{
  enum { ZIP = 5, PLUS = 4 };
  struct text t = text_trim(raw);
  size_t digits = 0;
  while (digits < t.length && is_digit(t.at[digits])) digits++;
  struct text zip = text_slice(t, 0, digits), rest = text_slice(t, digits, t.length);
  if (rest.length) { /* "-1234", " 1234", "-" */
    if (rest.at[0] != '-' && rest.at[0] != ' ') return false;
    rest = text_trim(text_slice(rest, 1, rest.length));
    if (rest.length > PLUS) return false;
    for (size_t i = 0; i < rest.length; i++)
      if (!is_digit(rest.at[i])) return false;
  } else if (digits >= ZIP + PLUS - 2 && digits <= ZIP + PLUS) {
    zip = text_slice(zip, 0, digits - PLUS);
  }
  if (zip.length < 3 || zip.length > ZIP) return false;
  char padded[6] = "00000";
  memcpy(padded + ZIP - zip.length, zip.at, zip.length);
  if (memcmp(padded, "00000", ZIP) == 0) return false;
  memcpy(out, padded, sizeof padded);
  return true;
}

/* --- Phone ----------------------------------------------------------------------------------- */

static char upper_letter(char c)
{
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_letter(char c)
{
  return upper_letter(c) >= 'A' && upper_letter(c) <= 'Z';
}

/* The key of a telephone that bears the letter (ITU-T E.161). */
static char digit_of(char letter)
{
  static const char keys[] = "22233344455566677778889999";
  return keys[upper_letter(letter) - 'A'];
}

/* Cut " x123", "ext. 123", "#123" off the end of `*number`; the digits, or empty. */
static struct text cut_extension(struct text *number)
{
  static const struct text marks[] = {TEXT("extension"), TEXT("extn"), TEXT("ext"), TEXT("x"),
                                      TEXT("#")};
  enum { LONGEST = 8 };
  size_t from = number->length;
  while (from && is_digit(number->at[from - 1])) from--;
  struct text digits = text_slice(*number, from, number->length);
  if (digits.length == 0 || digits.length > LONGEST) return (struct text){"", 0};
  struct text head = text_slice(*number, 0, from);
  while (head.length && memchr(" .:-", head.at[head.length - 1], 4)) head.length--;
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    if (head.length <= marks[i].length) continue;
    struct text end = text_slice(head, head.length - marks[i].length, head.length);
    if (!text_equal_ignore_case(end, marks[i])) continue;
    struct text before = text_slice(head, 0, head.length - marks[i].length);
    if (is_letter(before.at[before.length - 1])) continue;
    *number = text_trim(before);
    return digits;
  }
  return (struct text){"", 0};
}

/*
 * Gather the digits of a number, letters turned. What stands behind the tenth digit is passed over
 * when it is letters ("1-800-FLOWERSNOW", "(TTY)") or repeats the digits in parentheses
 * ("1-800-662-HELP (4357)"). Answers the number of digits.
 */
static size_t gather(struct text number, char digits[11])
{
  enum { WANTED = 10 };
  size_t count = 0;
  bool lettered = false, inside = false;
  for (size_t i = 0; i < number.length; i++) {
    char c = number.at[i];
    if (c == '(') inside = true;
    if (c == ')') inside = false;
    if (!is_digit(c) && !is_letter(c)) {
      if (!memchr("()-. +/,", c, 8)) return 0;
      continue;
    }
    if (count == 0 && c == '1') continue;
    lettered = lettered || is_letter(c);
    if (count < WANTED) digits[count++] = is_digit(c) ? c : digit_of(c);
    else if (is_digit(c) && !(lettered && inside)) return WANTED + 1;
  }
  return count;
}

enum clean_phone clean_phone(struct arena *arena, struct text raw, struct text *out)
{
  bool recoded = false;
  struct text cleaned = clean_text(arena, raw, &recoded), number = cleaned;
  if (cleaned.length == 0) {
    *out = (struct text){"", 0};
    return CLEAN_PHONE_NONE;
  }
  char digits[11] = {0};
  struct text extension = cut_extension(&number);
  bool begins_right =
      number.length > 0 && (is_digit(number.at[0]) || number.at[0] == '(' || number.at[0] == '+');
  if (!begins_right || gather(number, digits) != 10 || digits[0] < '2') {
    *out = cleaned;
    return CLEAN_PHONE_RAW;
  }
  *out = text_format(arena, "%.3s-%.3s-%.4s%s%.*s", digits, digits + 3, digits + 6,
                     extension.length ? " x" : "", TEXT_PRINT(extension));
  return CLEAN_PHONE_GOOD;
}

/* --- Website and coordinates ------------------------------------------------------------------ */

enum clean_website clean_website(struct arena *arena, struct text cleaned, struct text *out)
{
  static const struct text schemes[] = {TEXT("http://"), TEXT("https://")};
  const char *scheme = "http://";
  struct text rest = cleaned;
  for (size_t i = 0; i < 2; i++) {
    struct text head = text_slice(cleaned, 0, schemes[i].length);
    if (!text_equal_ignore_case(head, schemes[i])) continue;
    scheme = schemes[i].at;
    rest = text_slice(cleaned, schemes[i].length, cleaned.length);
  }
  while (rest.length && rest.at[0] == '/') rest = text_slice(rest, 1, rest.length);
  *out = (struct text){"", 0};
  if (rest.length == 0) return CLEAN_WEBSITE_NONE;
  size_t host = 0;
  while (host < rest.length && !memchr("/?#", rest.at[host], 3)) host++;
  struct text name = text_slice(rest, 0, host);
  bool good = text_contains(name, TEXT(".")) && !text_starts_with(name, TEXT("."));
  for (size_t i = 0; i < rest.length; i++) {
    unsigned char c = (unsigned char)rest.at[i];
    if (c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '`') good = false;
    if (i < host && c < 0x80 && !is_letter((char)c) && !is_digit((char)c) && !memchr(".-:_", c, 4))
      good = false;
  }
  size_t colon = text_find(name, TEXT(":"));
  for (size_t i = colon + 1; i < name.length; i++) good = good && is_digit(name.at[i]);
  if (!good) return CLEAN_WEBSITE_BAD;
  *out = text_format(arena, "%s%.*s", scheme, TEXT_PRINT(rest));
  return CLEAN_WEBSITE_GOOD;
}

bool clean_point(struct text latitude, struct text longitude, double out[2])
{
  double north, east;
  if (!text_read_decimal(text_trim(latitude), &north) ||
      !text_read_decimal(text_trim(longitude), &east))
    return false;
  if (north < -90 || north > 90 || east < -180 || east > 180) return false;
  if (north > -1e-9 && north < 1e-9 && east > -1e-9 && east < 1e-9) return false;
  out[0] = north;
  out[1] = east;
  return true;
}
