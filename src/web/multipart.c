/*
 * Forms with files: see multipart.h.
 */
#include "web/multipart.h"

#include <string.h>

#include "web/web.h"

/* --- The type ------------------------------------------------------------------------------ */

static bool is_boundary(struct text t)
{
  if (t.length < 1 || t.length > 70) return false;
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_plain && !(c && strchr("'()+_,-./:=?", c))) return false;
  }
  return true;
}

bool web_is_multipart_type(struct text content_type, struct text *boundary)
{
  struct text rest = content_type, part, found = TEXT("");
  if (!text_split_next(&rest, ';', &part) ||
      !text_equal_ignore_case(text_trim(part), TEXT("multipart/form-data")))
    return false;
  while (text_split_next(&rest, ';', &part)) {
    part = text_trim(part);
    size_t equals = text_find(part, TEXT("="));
    if (!text_equal_ignore_case(text_slice(part, 0, equals), TEXT("boundary"))) continue;
    if (found.length) return false; /* given twice */
    found = text_slice(part, equals + 1, part.length);
    if (found.length >= 2 && text_starts_with(found, TEXT("\"")) &&
        text_ends_with(found, TEXT("\"")))
      found = text_slice(found, 1, found.length - 1);
    if (!is_boundary(found)) return false;
  }
  if (!found.length) return false;
  *boundary = found;
  return true;
}

/* --- One part ------------------------------------------------------------------------------ */

struct part {
  struct text name, content;
  bool is_file;
};

static bool is_name(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
          c == '-'))
      return false;
  }
  return t.length > 0 && t.length <= LIMIT_HTTP_PART_NAME;
}

/* Take ` key="value"` off the front of a disposition. */
static bool take_quoted(struct text *rest, struct text *key, struct text *value)
{
  struct text t = text_trim(*rest);
  size_t equals = text_find(t, TEXT("=\""));
  if (equals == t.length) return false;
  struct text behind = text_slice(t, equals + 2, t.length);
  size_t end = text_find(behind, TEXT("\""));
  if (end == behind.length) return false;
  *key = text_trim(text_slice(t, 0, equals));
  *value = text_slice(behind, 0, end);
  *rest = text_trim(text_slice(behind, end + 1, behind.length));
  if (text_is_empty(*rest)) return true;
  if (!text_starts_with(*rest, TEXT(";"))) return false;
  *rest = text_slice(*rest, 1, rest->length);
  return true;
}

static bool read_disposition(struct text value, struct part *out)
{
  struct text key, quoted;
  if (!text_starts_with(value, TEXT("form-data;"))) return false;
  value = text_slice(value, 10, value.length);
  while (!text_is_empty(text_trim(value))) {
    if (!take_quoted(&value, &key, &quoted)) return false;
    if (text_equal(key, TEXT("name"))) {
      if (out->name.length || !is_name(quoted)) return false;
      out->name = quoted;
    } else if (text_equal(key, TEXT("filename"))) {
      if (out->is_file) return false;
      out->is_file = true;
    } else {
      return false;
    }
  }
  return out->name.length > 0;
}

/* Read the headers of a part, up to the empty line. */
static bool read_headers(struct text *rest, struct part *out)
{
  bool has_disposition = false;
  for (int i = 0; i < 8; i++) {
    size_t end = text_find(*rest, TEXT("\r\n"));
    if (end == rest->length || end > LIMIT_HTTP_PART_HEADER) return false;
    struct text line = text_slice(*rest, 0, end);
    *rest = text_slice(*rest, end + 2, rest->length);
    if (text_is_empty(line)) return has_disposition;
    size_t colon = text_find(line, TEXT(":"));
    if (colon == line.length || memchr(line.at, 0, line.length)) return false;
    if (!text_equal_ignore_case(text_slice(line, 0, colon), TEXT("Content-Disposition"))) continue;
    if (has_disposition ||
        !read_disposition(text_trim(text_slice(line, colon + 1, line.length)), out))
      return false;
    has_disposition = true;
  }
  return false;
}

/* UTF-8 without a control character; LF and tab when lines are allowed. C1 controls are 0xC2 0x80
 * to 0x9F. */
static bool is_plain_value(struct text t, bool has_lines)
{
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    bool is_allowed = has_lines && (c == '\n' || c == '\t');
    if ((c < ' ' || c == 0x7F) && !is_allowed) return false;
    if (c == 0xC2 && i + 1 < t.length && (unsigned char)t.at[i + 1] < 0xA0) return false;
  }
  return text_is_utf8(t);
}

/* The value with LF where CRLF stood. */
static struct text without_returns(struct arena *arena, struct text t)
{
  if (!t.length || !memchr(t.at, '\r', t.length)) return t;
  char *bytes = arena_allocate(arena, t.length);
  size_t length = 0;
  for (size_t i = 0; i < t.length; i++)
    if (t.at[i] != '\r' || i + 1 == t.length || t.at[i + 1] != '\n') bytes[length++] = t.at[i];
  return (struct text){bytes, length};
}

static void add_parameter(struct arena *arena, struct web_parameters *out, struct text name,
                          struct text value)
{
  if (out->count == out->capacity) {
    size_t capacity = out->capacity * 2 + 16;
    struct web_parameter *items = arena_allocate_array(arena, capacity, sizeof *items);
    if (out->count) memcpy(items, out->items, out->count * sizeof *items);
    out->items = items;
    out->capacity = capacity;
  }
  out->items[out->count++] = (struct web_parameter){name, value};
}

static bool keep(struct arena *arena, const struct part *part, bool has_lines,
                 struct web_parameters *out, struct web_files *files)
{
  if (part->is_file) {
    if (!files->items)
      files->items = arena_allocate_array(arena, LIMIT_HTTP_FILES, sizeof *files->items);
    if (files->count == LIMIT_HTTP_FILES) return false;
    files->items[files->count++] = (struct web_file){part->name, part->content};
    return true;
  }
  struct text value = without_returns(arena, part->content);
  if (out->count == LIMIT_HTTP_PARAMETERS || !is_plain_value(value, has_lines)) return false;
  add_parameter(arena, out, part->name, value);
  return true;
}

/* --- The body ------------------------------------------------------------------------------ */

bool web_multipart_read(struct arena *arena, struct text body, struct text boundary, bool has_lines,
                        struct web_parameters *out, struct web_files *files)
{
  struct text mark = text_format(arena, "\r\n--%.*s", TEXT_PRINT(boundary));
  struct text rest = body;
  if (!text_starts_with(rest, text_slice(mark, 2, mark.length))) return false;
  rest = text_slice(rest, mark.length - 2, rest.length);
  for (;;) {
    if (text_starts_with(rest, TEXT("--"))) { /* the last one */
      rest = text_slice(rest, 2, rest.length);
      return text_is_empty(rest) || text_equal(rest, TEXT("\r\n"));
    }
    struct part part = {.name = TEXT("")};
    if (!text_starts_with(rest, TEXT("\r\n"))) return false;
    rest = text_slice(rest, 2, rest.length);
    if (!read_headers(&rest, &part)) return false;
    size_t end = text_find(rest, mark);
    if (end == rest.length) return false;
    part.content = text_slice(rest, 0, end);
    rest = text_slice(rest, end + mark.length, rest.length);
    if (!keep(arena, &part, has_lines, out, files)) return false;
  }
}
