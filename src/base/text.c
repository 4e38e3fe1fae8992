/*
 * Text: see text.h. Slices, parsing, folding. The growing buffer is in text_buffer.c.
 */
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"

static bool is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char upper(char c)
{
  return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

const char *text_start(struct text t)
{
  return t.length ? t.at : "";
}

struct text text_from(const char *string)
{
  return string ? (struct text){string, strlen(string)} : (struct text){"", 0};
}

bool text_is_empty(struct text t)
{
  return t.length == 0;
}

bool text_equal(struct text a, struct text b)
{
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): a text with a length has bytes
  return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool text_equal_ignore_case(struct text a, struct text b)
{
  if (a.length != b.length) return false;
  for (size_t i = 0; i < a.length; i++)
    if (lower(a.at[i]) != lower(b.at[i])) return false;
  return true;
}

int text_compare(struct text a, struct text b)
{
  size_t shorter = a.length < b.length ? a.length : b.length;
  int order = shorter ? memcmp(a.at, b.at, shorter) : 0;
  return order ? order : (a.length > b.length) - (a.length < b.length);
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Take a run of digits off `*t`; answers it without its leading zeros. */
static struct text take_number(struct text *t)
{
  size_t zeros = 0, end;
  while (zeros < t->length && t->at[zeros] == '0') zeros++;
  for (end = zeros; end < t->length && is_digit(t->at[end]);) end++;
  struct text number = text_slice(*t, zeros, end);
  *t = text_slice(*t, end, t->length);
  return number;
}

int text_compare_natural(struct text a, struct text b)
{
  struct text x = a, y = b;
  while (x.length && y.length) {
    int order;
    if (is_digit(*x.at) && is_digit(*y.at)) {
      struct text m = take_number(&x), n = take_number(&y);
      order =
          m.length != n.length ? (m.length > n.length) - (m.length < n.length) : text_compare(m, n);
    } else {
      order = (unsigned char)lower(*x.at) - (unsigned char)lower(*y.at);
      x = text_slice(x, 1, x.length);
      y = text_slice(y, 1, y.length);
    }
    if (order) return order;
  }
  int order = (x.length > 0) - (y.length > 0);
  return order ? order : text_compare(a, b);
}

bool text_starts_with(struct text t, struct text prefix)
{
  return t.length >= prefix.length && text_equal(text_slice(t, 0, prefix.length), prefix);
}

bool text_ends_with(struct text t, struct text suffix)
{
  return t.length >= suffix.length &&
         text_equal(text_slice(t, t.length - suffix.length, t.length), suffix);
}

size_t text_find(struct text t, struct text needle)
{
  if (needle.length == 0) return 0;
  if (needle.length > t.length) return t.length;
  const char *found = memmem(t.at, t.length, needle.at, needle.length);
  return found ? (size_t)(found - t.at) : t.length;
}

bool text_contains(struct text t, struct text needle)
{
  return needle.length == 0 || text_find(t, needle) < t.length;
}

struct text text_trim(struct text t)
{
  while (t.length && is_space(t.at[0])) t = text_slice(t, 1, t.length);
  while (t.length && is_space(t.at[t.length - 1])) t.length--;
  return t;
}

struct text text_slice(struct text t, size_t from, size_t to)
{
  if (to > t.length) to = t.length;
  if (from > to) from = to;
  return (struct text){t.at ? t.at + from : t.at, to - from};
}

bool text_split_next(struct text *rest, char separator, struct text *part)
{
  /* Nothing is left once `at` is NULL; an empty text to begin with gives nothing either. A rest
   * behind a separator keeps its pointer, so that "a|" still gives its empty last part. */
  static const char after_separator[] = "";
  if (!rest->at || (rest->length == 0 && rest->at != after_separator)) return false;
  const char *found = rest->length ? memchr(rest->at, separator, rest->length) : NULL;
  size_t length = found ? (size_t)(found - rest->at) : rest->length;
  *part = (struct text){rest->at, length};
  if (!found) *rest = (struct text){NULL, 0};
  else if (length + 1 == rest->length) *rest = (struct text){after_separator, 0};
  else *rest = text_slice(*rest, length + 1, rest->length);
  return true;
}

bool text_word_next(struct text *rest, struct text *word)
{
  *rest = text_trim(*rest);
  if (rest->length == 0) return false;
  size_t length = 0;
  while (length < rest->length && !is_space(rest->at[length])) length++;
  *word = text_slice(*rest, 0, length);
  *rest = text_slice(*rest, length, rest->length);
  return true;
}

uint64_t text_hash(struct text t)
{
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < t.length; i++) hash = (hash ^ (unsigned char)t.at[i]) * 1099511628211u;
  return hash;
}

size_t text_utf8_prefix(struct text t)
{
  size_t at = 0;
  while (at < t.length) {
    uint64_t eight;
    if (t.length - at >= sizeof eight) { /* most text is ASCII: eight bytes at a time */
      memcpy(&eight, t.at + at, sizeof eight);
      if (!(eight & 0x8080808080808080u)) {
        at += sizeof eight;
        continue;
      }
    }
    utf8proc_int32_t point;
    utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)t.at + at,
                                             (utf8proc_ssize_t)(t.length - at), &point);
    if (step <= 0) break;
    at += (size_t)step;
  }
  return at;
}

bool text_is_utf8(struct text t)
{
  return text_utf8_prefix(t) == t.length;
}

bool text_read_integer(struct text t, int64_t *out)
{
  bool minus = t.length && t.at[0] == '-';
  if (minus) t = text_slice(t, 1, t.length);
  if (t.length == 0) return false;
  uint64_t number = 0;
  for (size_t i = 0; i < t.length; i++) {
    if (t.at[i] < '0' || t.at[i] > '9') return false;
    if (__builtin_mul_overflow(number, 10u, &number) ||
        __builtin_add_overflow(number, (uint64_t)(t.at[i] - '0'), &number))
      return false;
  }
  if (number > (uint64_t)INT64_MAX + (minus ? 1u : 0u)) return false;
  *out = minus ? (int64_t)(0 - number) : (int64_t)number;
  return true;
}

bool text_read_decimal(struct text t, double *out)
{
  char copy[64];
  size_t digits = 0, points = 0;
  if (t.length == 0 || t.length >= sizeof copy) return false;
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    bool good = (c >= '0' && c <= '9') || c == '.' || (c == '-' && i == 0);
    if (!good) return false;
    digits += c >= '0';
    points += c == '.';
    copy[i] = c;
  }
  copy[t.length] = 0;
  if (digits == 0 || points > 1) return false;
  *out = strtod(copy, NULL);
  return true;
}

bool text_read_hexadecimal(struct text t, uint64_t *out)
{
  if (t.length == 0 || t.length > 16) return false;
  uint64_t number = 0;
  for (size_t i = 0; i < t.length; i++) {
    char c = lower(t.at[i]);
    if (c >= '0' && c <= '9') number = number << 4 | (uint64_t)(c - '0');
    else if (c >= 'a' && c <= 'f') number = number << 4 | (uint64_t)(c - 'a' + 10);
    else return false;
  }
  *out = number;
  return true;
}

struct text text_copy(struct arena *arena, struct text t)
{
  return (struct text){text_c(arena, t), t.length};
}

char *text_c(struct arena *arena, struct text t)
{
  char *copy = arena_allocate(arena, t.length + 1);
  if (t.length) memcpy(copy, t.at, t.length);
  return copy;
}

struct text text_format(struct arena *arena, const char *format, ...)
{
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  size_t size = length > 0 ? (size_t)length : 0;
  char *at = arena_allocate(arena, size + 1);
  vsnprintf(at, size + 1, format, again);
  va_end(again);
  return (struct text){at, size};
}

struct text text_lower_ascii(struct arena *arena, struct text t)
{
  char *copy = text_c(arena, t);
  for (size_t i = 0; i < t.length; i++) copy[i] = lower(copy[i]);
  return (struct text){copy, t.length};
}

struct text text_upper_ascii(struct arena *arena, struct text t)
{
  char *copy = text_c(arena, t);
  for (size_t i = 0; i < t.length; i++) copy[i] = upper(copy[i]);
  return (struct text){copy, t.length};
}

/* --- Folding ------------------------------------------------------------------------------- */

static bool is_apostrophe(utf8proc_int32_t point)
{
  return point == '\'' || point == '`' || point == 0xB4 || point == 0x2BC || point == 0x2018 ||
         point == 0x2019;
}

static bool is_word_point(utf8proc_int32_t point)
{
  utf8proc_category_t category = utf8proc_category(point);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

static bool is_mark(utf8proc_int32_t point)
{
  utf8proc_category_t category = utf8proc_category(point);
  return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

size_t text_characters(struct text t)
{
  size_t count = 0;
  utf8proc_ssize_t step = 0;
  for (size_t at = 0; at < t.length; at += (size_t)step) {
    utf8proc_int32_t point;
    step = utf8proc_iterate((const utf8proc_uint8_t *)t.at + at, (utf8proc_ssize_t)(t.length - at),
                            &point);
    if (step <= 0) step = 1;
    else if (is_mark(point)) continue;
    count++;
  }
  return count;
}

/* Append a decomposed, case-folded code point, or a pending space. */
static void fold_point(struct text_buffer *out, utf8proc_int32_t point, bool *space)
{
  if (is_apostrophe(point) || is_mark(point)) return;
  if (!is_word_point(point)) {
    *space = out->length > 0;
    return;
  }
  if (*space) text_buffer_add_character(out, ' ');
  *space = false;
  utf8proc_uint8_t bytes[4];
  utf8proc_ssize_t size = utf8proc_encode_char(point, bytes);
  text_buffer_add(out, (struct text){(const char *)bytes, (size_t)size});
}

static bool is_ascii(struct text t)
{
  uint64_t all = 0, eight;
  size_t at = 0;
  for (; t.length - at >= sizeof eight; at += sizeof eight) {
    memcpy(&eight, t.at + at, sizeof eight);
    all |= eight;
  }
  for (; at < t.length; at++) all |= (unsigned char)t.at[at];
  return !(all & 0x8080808080808080u);
}

/* The same by the same rule, without tables: nearly all names are ASCII. Each character is written,
 * and counts when it is of a word or the first behind one. */
static struct text fold_ascii(struct arena *arena, struct text t)
{
  char *folded = arena_allocate(arena, t.length + 1);
  size_t length = 0;
  bool in_word = false;
  for (size_t i = 0; i < t.length; i++) {
    char c = lower(t.at[i]);
    if (is_apostrophe(c)) continue;
    bool is_word = (unsigned)(c - 'a') < 26 || (unsigned)(c - '0') < 10;
    folded[length] = is_word ? c : ' ';
    length += is_word || in_word;
    in_word = is_word;
  }
  return (struct text){folded, length - (length > 0 && !in_word)};
}

struct text text_fold(struct arena *arena, struct text t)
{
  if (is_ascii(t)) return fold_ascii(arena, t);
  enum { PARTS = 32, GROWTH = 18 * 4 };
  struct text_buffer out;
  text_buffer_init(&out, t.length * GROWTH + 1);
  bool space = false;
  for (size_t at = 0; at < t.length;) {
    utf8proc_int32_t point, parts[PARTS];
    utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)t.at + at,
                                             (utf8proc_ssize_t)(t.length - at), &point);
    if (step <= 0) {
      space = out.length > 0;
      at++;
      continue;
    }
    at += (size_t)step;
    if (is_apostrophe(point))
      continue; /* before decomposing: U+00B4 falls into a space and a mark */
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        point, parts, PARTS, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);
    assert(count <= PARTS);
    for (utf8proc_ssize_t i = 0; i < count; i++) fold_point(&out, parts[i], &space);
  }
  struct text folded = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return folded;
}
