/*
 * The strict scan: see json_scan.h. A recursive descent over bytes already known to be UTF-8; the
 * recursion is bounded by LIMIT_JSON_DEPTH. Nothing but keys with escapes is decoded.
 */
#include "base/json_scan.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"

struct key {
  struct text text; /* decoded */
  size_t offset;
};

struct scanner {
  struct text document;
  size_t at;
  int depth;
  struct key *keys; /* of all open objects, the innermost last */
  size_t key_count, key_capacity;
  struct arena *decoded; /* keys that were written with escapes */
  struct json_scan found;
  struct error *error;
};

/* Refuse the document at a byte: name its line and column (in characters), never its content. */
static bool refuse(struct scanner *s, size_t offset, const char *what)
{
  size_t line = 1, column = 1;
  for (size_t i = 0; i < offset; i++) {
    unsigned char c = (unsigned char)s->document.at[i];
    if (c == '\n') line++, column = 1;
    else if ((c & 0xC0) != 0x80) column++;
  }
  return error_set(s->error, ERROR_REFUSED, "error.json", "Mend the JSON document (RFC 8259).",
                   "line %zu column %zu: %s", line, column, what);
}

/* The byte at the cursor; -1 at the end. */
static int peek(const struct scanner *s)
{
  return s->at < s->document.length ? (unsigned char)s->document.at[s->at] : -1;
}

static void skip_space(struct scanner *s)
{
  int c = peek(s);
  while (c == ' ' || c == '\n' || c == '\r' || c == '\t') s->at++, c = peek(s);
}

static bool is_digit(int c)
{
  return c >= '0' && c <= '9';
}

static int hexadecimal(int c)
{
  if (is_digit(c)) return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* --- Strings ------------------------------------------------------------------------------- */

/* Four hexadecimal digits at `at`, or -1. */
static int read_unit(struct text t, size_t at)
{
  if (t.length - at < 4) return -1;
  int unit = 0;
  for (size_t i = 0; i < 4; i++) {
    int digit = hexadecimal((unsigned char)t.at[at + i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

/* The cursor stands behind "\u". */
static bool scan_unicode(struct scanner *s, bool is_key)
{
  int unit = read_unit(s->document, s->at);
  if (unit < 0) return refuse(s, s->at, "expected four hexadecimal digits");
  if (unit == 0 && is_key) return refuse(s, s->at, "a key may not hold a NUL");
  if (unit >= 0xDC00 && unit <= 0xDFFF) return refuse(s, s->at, "a low surrogate stands alone");
  s->at += 4;
  if (unit < 0xD800 || unit > 0xDFFF) return true;
  struct text rest = text_slice(s->document, s->at, s->document.length);
  int low = text_starts_with(rest, TEXT("\\u")) ? read_unit(rest, 2) : -1;
  if (low < 0xDC00 || low > 0xDFFF) return refuse(s, s->at, "a high surrogate stands alone");
  s->at += 6;
  return true;
}

/* The cursor stands behind a backslash. */
static bool scan_escape(struct scanner *s, bool is_key)
{
  int c = peek(s);
  if (c < 0 || !memchr("\"\\/bfnrtu", c, 9)) return refuse(s, s->at, "unknown escape");
  s->at++;
  return c != 'u' || scan_unicode(s, is_key);
}

/* The cursor stands on the opening quote. Gives what lies between the quotes. */
static bool scan_string(struct scanner *s, bool is_key, struct text *raw, bool *has_escapes)
{
  size_t from = ++s->at;
  *has_escapes = false;
  for (;;) {
    int c = peek(s);
    if (c == '"') break;
    if (c < 0) return refuse(s, s->at, "the document ends inside a string");
    if (c < ' ') return refuse(s, s->at, "a control character stands in a string");
    s->at++;
    if (c != '\\') continue;
    *has_escapes = true;
    if (!scan_escape(s, is_key)) return false;
  }
  *raw = text_slice(s->document, from, s->at);
  s->at++;
  s->found.text_bytes += raw->length;
  return true;
}

/* Decode a string that has passed the scan. */
static struct text decode(struct arena *arena, struct text raw)
{
  static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  char *out = arena_allocate(arena, raw.length);
  size_t length = 0;
  for (size_t at = 0; at < raw.length; at++) {
    if (raw.at[at] != '\\') {
      out[length++] = raw.at[at];
      continue;
    }
    char escape = raw.at[++at];
    if (escape != 'u') {
      out[length++] = meanings[strchr(names, escape) - names];
      continue;
    }
    int point = read_unit(raw, at + 1);
    at += 4;
    if (point >= 0xD800 && point <= 0xDFFF) {
      point = 0x10000 + ((point - 0xD800) << 10) + (read_unit(raw, at + 3) - 0xDC00);
      at += 6;
    }
    length += (size_t)utf8proc_encode_char(point, (utf8proc_uint8_t *)out + length);
  }
  return (struct text){out, length};
}

/* --- Numbers and words --------------------------------------------------------------------- */

size_t json_scan_number_length(struct text t)
{
  size_t length = 0;
  while (length < t.length && (is_digit(t.at[length]) || memchr("+-.eE", t.at[length], 5)))
    length++;
  return length;
}

static bool scan_digits(struct scanner *s)
{
  if (!is_digit(peek(s))) return refuse(s, s->at, "expected a digit");
  while (is_digit(peek(s))) s->at++;
  return true;
}

static void note(struct json_offsets *offsets, size_t offset)
{
  if (offsets->count == offsets->capacity) {
    offsets->capacity = offsets->capacity ? offsets->capacity * 2 : 64;
    offsets->at = memory_resize(offsets->at, offsets->capacity * sizeof *offsets->at);
  }
  offsets->at[offsets->count++] = (uint32_t)offset;
}

static bool scan_number(struct scanner *s)
{
  size_t from = s->at;
  if (peek(s) == '-') s->at++;
  if (peek(s) == '0') s->at++;
  else if (!scan_digits(s)) return false;
  if (is_digit(peek(s))) return refuse(s, s->at, "a number may not begin with 0");
  if (peek(s) == '.') {
    s->at++;
    if (!scan_digits(s)) return false;
  }
  if (peek(s) == 'e' || peek(s) == 'E') {
    s->at++;
    if (peek(s) == '+' || peek(s) == '-') s->at++;
    if (!scan_digits(s)) return false;
  }
  note(&s->found.numbers, from);
  s->found.text_bytes += s->at - from;
  return true;
}

static bool scan_word(struct scanner *s)
{
  static const struct text words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
  struct text rest = text_slice(s->document, s->at, s->document.length);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (!text_starts_with(rest, words[i])) continue;
    s->at += words[i].length;
    return true;
  }
  return refuse(s, s->at, "expected a value");
}

/* --- Lists and objects --------------------------------------------------------------------- */

static bool scan_value(struct scanner *s);

/* After an item: take a comma (`*more`) or the closing bracket. */
static bool scan_separator(struct scanner *s, char close, bool *more)
{
  skip_space(s);
  int c = peek(s);
  if (c != ',' && c != close)
    return refuse(s, s->at, close == ']' ? "expected ',' or ']'" : "expected ',' or '}'");
  s->at++;
  *more = c == ',';
  return true;
}

static bool scan_list(struct scanner *s)
{
  s->at++;
  skip_space(s);
  bool more = peek(s) != ']';
  if (!more) s->at++;
  while (more) {
    skip_space(s);
    if (!scan_value(s) || !scan_separator(s, ']', &more)) return false;
  }
  return true;
}

static int by_length_and_bytes(const void *left, const void *right)
{
  const struct key *a = left, *b = right;
  if (a->text.length != b->text.length) return a->text.length < b->text.length ? -1 : 1;
  return text_compare(a->text, b->text);
}

/* Refuse a repeated key among those from `first` on, and forget them. */
static bool close_keys(struct scanner *s, size_t first)
{
  size_t count = s->key_count - first;
  s->key_count = first;
  if (count < 2) return true;
  struct key *keys = s->keys + first;
  qsort(keys, count, sizeof *keys, by_length_and_bytes);
  for (size_t i = 1; i < count; i++) {
    if (!text_equal(keys[i - 1].text, keys[i].text)) continue;
    size_t a = keys[i - 1].offset, b = keys[i].offset;
    return refuse(s, a > b ? a : b, "the object has this key already");
  }
  return true;
}

static bool scan_key(struct scanner *s)
{
  if (peek(s) != '"') return refuse(s, s->at, "expected a key in double quotes");
  size_t offset = s->at;
  struct text raw;
  bool has_escapes;
  if (!scan_string(s, true, &raw, &has_escapes)) return false;
  if (s->key_count == s->key_capacity) {
    s->key_capacity = s->key_capacity ? s->key_capacity * 2 : 64;
    s->keys = memory_resize(s->keys, s->key_capacity * sizeof *s->keys);
  }
  struct text name = has_escapes ? decode(s->decoded, raw) : raw;
  s->keys[s->key_count++] = (struct key){name, offset};
  skip_space(s);
  if (peek(s) != ':') return refuse(s, s->at, "expected ':'");
  s->at++;
  return true;
}

static bool scan_object(struct scanner *s)
{
  size_t first_key = s->key_count;
  s->at++;
  skip_space(s);
  bool more = peek(s) != '}';
  if (!more) s->at++;
  while (more) {
    skip_space(s);
    if (!scan_key(s)) return false;
    skip_space(s);
    if (!scan_value(s) || !scan_separator(s, '}', &more)) return false;
  }
  return close_keys(s, first_key);
}

static bool scan_value(struct scanner *s)
{
  struct text raw;
  bool has_escapes;
  int c = peek(s);
  if (c == '"') return scan_string(s, false, &raw, &has_escapes);
  if (c == '-' || is_digit(c)) return scan_number(s);
  if (c != '{' && c != '[') return scan_word(s);
  if (s->depth == LIMIT_JSON_DEPTH) return refuse(s, s->at, "too many lists and objects nested");
  size_t from = s->at;
  s->depth++;
  bool good = c == '{' ? scan_object(s) : scan_list(s);
  s->depth--;
  if (s->at - from > JSON_SCAN_LONG) note(&s->found.longs, from);
  return good;
}

static bool scan_document(struct scanner *s)
{
  size_t valid = text_utf8_prefix(s->document);
  if (valid < s->document.length) return refuse(s, valid, "not UTF-8");
  skip_space(s);
  if (!scan_value(s)) return false;
  skip_space(s);
  if (s->at < s->document.length) return refuse(s, s->at, "expected the end of the document");
  return true;
}

static int by_offset(const void *left, const void *right)
{
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

bool json_scan_read(struct text document, struct json_scan *out, struct error *error)
{
  if (document.length > LIMIT_FILE_WHOLE)
    return error_set(error, ERROR_TOO_LARGE, "error.json.large", "Split the document.",
                     "%zu bytes of JSON, at most %d are read", document.length, LIMIT_FILE_WHOLE);
  struct scanner s = {.document = document, .error = error, .decoded = arena_new(LIMIT_FILE_WHOLE)};
  bool good = scan_document(&s);
  struct json_offsets longs = s.found.longs; /* noted where they end: the inner before the outer */
  if (longs.count > 1) qsort(longs.at, longs.count, sizeof *longs.at, by_offset);
  if (good) *out = s.found;
  else json_scan_fini(&s.found);
  arena_free(s.decoded);
  free(s.keys);
  return good;
}

void json_scan_fini(struct json_scan *scan)
{
  free(scan->numbers.at);
  free(scan->longs.at);
  *scan = (struct json_scan){0};
}
