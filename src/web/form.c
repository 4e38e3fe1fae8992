/*
 * Forms: see form.h.
 */
#include "web/form.h"

#include <string.h>

#include "web/web.h"

static int hexadecimal(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* No control character: U+0000 to U+001F, U+007F, and U+0080 to U+009F (0xC2 0x80 to 0x9F). */
static bool has_control(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if (c < ' ' || c == 0x7F) return true;
    if (c == 0xC2 && i + 1 < t.length && (unsigned char)t.at[i + 1] < 0xA0) return true;
  }
  return false;
}

static bool needs_decoding(struct text t, bool plus_is_space)
{
  return memchr(t.at, '%', t.length) || (plus_is_space && memchr(t.at, '+', t.length));
}

static bool decode_bytes(struct arena *arena, struct text encoded, bool plus_is_space,
                         struct text *out)
{
  char *bytes = arena_allocate(arena, encoded.length + 1);
  size_t length = 0;
  for (size_t i = 0; i < encoded.length; i++) {
    char c = encoded.at[i];
    if (c == '%') {
      if (encoded.length - i < 3) return false;
      int high = hexadecimal(encoded.at[i + 1]), low = hexadecimal(encoded.at[i + 2]);
      if (high < 0 || low < 0) return false;
      bytes[length++] = (char)(high * 16 + low);
      i += 2;
    } else {
      bytes[length++] = plus_is_space && c == '+' ? ' ' : c;
    }
  }
  *out = (struct text){bytes, length};
  return true;
}

bool web_decode(struct arena *arena, struct text encoded, bool plus_is_space, struct text *out)
{
  struct text decoded = encoded;
  if (encoded.length && needs_decoding(encoded, plus_is_space) &&
      !decode_bytes(arena, encoded, plus_is_space, &decoded))
    return false;
  if (has_control(decoded) || !text_is_utf8(decoded)) return false;
  *out = decoded;
  return true;
}

/* Line ends as LF, in place. */
static struct text fold_lines(struct arena *arena, struct text t)
{
  char *bytes = arena_allocate(arena, t.length + 1);
  size_t length = 0;
  for (size_t i = 0; i < t.length; i++) {
    if (t.at[i] == '\r') {
      bytes[length++] = '\n';
      if (i + 1 < t.length && t.at[i + 1] == '\n') i++;
    } else {
      bytes[length++] = t.at[i];
    }
  }
  return (struct text){bytes, length};
}

bool web_decode_lines(struct arena *arena, struct text encoded, struct text *out)
{
  struct text decoded = encoded, lines, line, rest, piece;
  if (encoded.length && needs_decoding(encoded, true) &&
      !decode_bytes(arena, encoded, true, &decoded))
    return false;
  if (!text_is_utf8(decoded)) return false;
  lines = decoded.length && memchr(decoded.at, '\r', decoded.length) ? fold_lines(arena, decoded)
                                                                     : decoded;
  for (rest = lines; text_split_next(&rest, '\n', &line);)
    while (text_split_next(&line, '\t', &piece))
      if (has_control(piece)) return false;
  *out = lines;
  return true;
}

static void append(struct arena *arena, struct web_parameters *list, struct web_parameter item)
{
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 16;
    struct web_parameter *larger = arena_allocate_array(arena, capacity, sizeof *larger);
    if (list->count) memcpy(larger, list->items, list->count * sizeof *larger);
    list->items = larger;
    list->capacity = capacity;
  }
  list->items[list->count++] = item;
}

bool web_parameters_read(struct arena *arena, struct text encoded, struct web_parameters *out)
{
  struct text piece;
  while (text_split_next(&encoded, '&', &piece)) {
    if (piece.length == 0) continue;
    if (out->count >= LIMIT_HTTP_PARAMETERS) return false;
    size_t equals = text_find(piece, TEXT("="));
    struct web_parameter item;
    if (!web_decode(arena, text_slice(piece, 0, equals), true, &item.name)) return false;
    struct text value = text_slice(piece, equals + 1, piece.length);
    if (!(out->has_lines ? web_decode_lines(arena, value, &item.value)
                         : web_decode(arena, value, true, &item.value)))
      return false;
    if (item.name.length == 0) return false;
    append(arena, out, item);
  }
  return true;
}

/* Is the media type `type`, with no charset or UTF-8? Other parameters are let pass. */
static bool is_type(struct text content_type, struct text type)
{
  struct text part;
  if (!text_split_next(&content_type, ';', &part)) return false;
  if (!text_equal_ignore_case(text_trim(part), type)) return false;
  while (text_split_next(&content_type, ';', &part)) {
    size_t equals = text_find(part, TEXT("="));
    if (!text_equal_ignore_case(text_trim(text_slice(part, 0, equals)), TEXT("charset"))) continue;
    struct text value = text_trim(text_slice(part, equals + 1, part.length));
    if (!text_equal_ignore_case(value, TEXT("utf-8")) &&
        !text_equal_ignore_case(value, TEXT("\"utf-8\"")))
      return false;
  }
  return true;
}

bool web_is_form_type(struct text content_type)
{
  return is_type(content_type, TEXT("application/x-www-form-urlencoded"));
}

bool web_is_json_type(struct text content_type)
{
  return is_type(content_type, TEXT("application/json")) ||
         is_type(content_type, TEXT("application/fhir+json"));
}
