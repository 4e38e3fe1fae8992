/*
 * Writing JSON: see json.h. What goes out is always a valid document: bytes that are not UTF-8
 * become U+FFFD.
 */
#include <assert.h>
#include <utf8proc.h>

#include "base/json.h"

/* Bytes that may need more than being copied: controls, quote, backslash, '<', beyond ASCII. */
static bool is_plain(unsigned char c)
{
  return c >= ' ' && c != '"' && c != '\\' && c != '<' && c < 0x80;
}

static void write_unit(struct text_buffer *out, unsigned unit)
{
  static const char digits[] = "0123456789abcdef";
  char escape[6] = {'\\',
                    'u',
                    digits[unit >> 12 & 15],
                    digits[unit >> 8 & 15],
                    digits[unit >> 4 & 15],
                    digits[unit & 15]};
  text_buffer_add(out, (struct text){escape, sizeof escape});
}

static void write_ascii(struct text_buffer *out, unsigned char c)
{
  static const char short_forms[0x80] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                         ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
  if (!short_forms[c]) {
    write_unit(out, c);
    return;
  }
  text_buffer_add_character(out, '\\');
  text_buffer_add_character(out, short_forms[c]);
}

/* Write the character that begins `t` and is not plain; answer its length. */
static size_t write_special(struct text t, struct text_buffer *out)
{
  unsigned char c = (unsigned char)t.at[0];
  if (c == '<') {
    /* "</" and "<!" could end or confuse a script element around the document. */
    if (t.length > 1 && (t.at[1] == '/' || t.at[1] == '!')) write_unit(out, c);
    else text_buffer_add_character(out, '<');
    return 1;
  }
  if (c < 0x80) {
    write_ascii(out, c);
    return 1;
  }
  utf8proc_int32_t point;
  utf8proc_ssize_t step =
      utf8proc_iterate((const utf8proc_uint8_t *)t.at, (utf8proc_ssize_t)t.length, &point);
  if (step <= 0) {
    write_unit(out, 0xFFFD);
    return 1;
  }
  if (point == 0x2028 || point == 0x2029) write_unit(out, (unsigned)point);
  else text_buffer_add(out, text_slice(t, 0, (size_t)step));
  return (size_t)step;
}

void json_write_text(struct text t, struct text_buffer *out)
{
  text_buffer_add_character(out, '"');
  for (size_t at = 0; at < t.length;) {
    size_t from = at;
    while (at < t.length && is_plain((unsigned char)t.at[at])) at++;
    text_buffer_add(out, text_slice(t, from, at));
    if (at < t.length) at += write_special(text_slice(t, at, t.length), out);
  }
  text_buffer_add_character(out, '"');
}

enum { COMPACT = -1, INDENT = 2 };

/* In the pretty form, begin a line at a level. */
static void new_line(int level, struct text_buffer *out)
{
  if (level < 0) return;
  text_buffer_add_character(out, '\n');
  for (int i = 0; i < level * INDENT; i++) text_buffer_add_character(out, ' ');
}

static void write_value(const struct value *value, int level, struct text_buffer *out);

/* Items of a list or members of an object, between brackets. */
static void write_items(const struct value *value, int level, struct text_buffer *out)
{
  bool is_object = value_kind_get(value) == VALUE_OBJECT;
  int inner = level < 0 ? COMPACT : level + 1;
  size_t count = value_count(value);
  text_buffer_add_character(out, is_object ? '{' : '[');
  for (size_t i = 0; i < count; i++) {
    const struct value *item = value_item(value, i);
    struct text key;
    if (i) text_buffer_add_character(out, ',');
    new_line(inner, out);
    if (value_member(value, i, &key, &item)) {
      json_write_text(key, out);
      text_buffer_add(out, level < 0 ? TEXT(":") : TEXT(": "));
    }
    write_value(item, inner, out);
  }
  if (count) new_line(level, out);
  text_buffer_add_character(out, is_object ? '}' : ']');
}

static void write_value(const struct value *value, int level, struct text_buffer *out)
{
  static const struct text words[] = {
      [VALUE_NULL] = {"null", 4}, [VALUE_FALSE] = {"false", 5}, [VALUE_TRUE] = {"true", 4}};
  enum value_kind kind = value_kind_get(value);
  assert(kind != VALUE_HTML);
  if (kind == VALUE_LIST || kind == VALUE_OBJECT) write_items(value, level, out);
  else if (kind == VALUE_TEXT) json_write_text(value_text_get(value), out);
  else if (kind == VALUE_NUMBER || kind == VALUE_JSON) text_buffer_add(out, value_text_get(value));
  else text_buffer_add(out, words[kind]);
}

void json_write(const struct value *value, struct text_buffer *out)
{
  write_value(value, COMPACT, out);
}

void json_write_pretty(const struct value *value, struct text_buffer *out)
{
  write_value(value, 0, out);
  text_buffer_add_character(out, '\n');
}
