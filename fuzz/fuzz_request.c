/*
 * A request's head as raw bytes: laid out the way the HTTP library does, then judged by the strict
 * check. What passes must keep the promises that the server builds on.
 */
#include <stdlib.h>
#include <string.h>

#include "web/check.h"
#include "web/form.h"
#include "web/negotiate.h"
#include "web/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds) abort();
}

static struct text cut_end(struct text line)
{
  return text_ends_with(line, TEXT("\r")) ? text_slice(line, 0, line.length - 1) : line;
}

static void read_line(struct web_head *head, struct text wire, struct text line)
{
  size_t colon = text_find(line, TEXT(":")), value = colon + 1;
  while (value < line.length && (line.at[value] == ' ' || line.at[value] == '\t')) value++;
  struct text rest = text_slice(line, value, line.length);
  const char *nul = rest.length ? memchr(rest.at, 0, rest.length) : NULL;
  if (nul) rest.length = (size_t)(nul - rest.at);
  size_t offset = (size_t)(line.at - wire.at);
  if (head->field_count < LIMIT_HTTP_HEADERS)
    head->fields[head->field_count] = (struct web_field){.name = text_slice(line, 0, colon),
                                                         .value = rest,
                                                         .name_offset = offset,
                                                         .value_offset = offset + value};
  head->field_count++;
}

/* The library's reading: lines end at LF, a CR before it goes too; the target is between the first
 * and the last space; a line that is empty, or begins with a NUL, ends the head. */
static struct web_head *read_head(struct text wire)
{
  struct web_head *head = calloc(1, sizeof *head);
  require(head != NULL);
  size_t end = text_find(wire, TEXT("\n"));
  struct text line = cut_end(text_slice(wire, 0, end));
  size_t first = text_find(line, TEXT(" ")), last = line.length;
  while (last > first && line.at[last - 1] != ' ') last--;
  head->method = text_slice(line, 0, first);
  head->target = text_slice(line, first + 1, last ? last - 1 : 0);
  head->target_offset = first + 1;
  head->version = text_slice(line, last, line.length);
  head->version_offset = last;
  head->layout_known = true;
  while (end < wire.length) {
    size_t start = end + 1;
    end = start + text_find(text_slice(wire, start, wire.length), TEXT("\n"));
    if (end >= wire.length) break; /* the library waits for more: size stays 0, and is refused */
    line = cut_end(text_slice(wire, start, end));
    if (line.length == 0 || line.at[0] == 0) {
      head->size = end + 1;
      break;
    }
    read_line(head, wire, line);
  }
  return head;
}

/* Every line of an accepted head ends with CRLF, and no CR or LF stands elsewhere. */
static void check_accepted(const struct web_head *head, struct text wire,
                           const struct web_checked *checked)
{
  require(head->size <= wire.length && head->field_count <= LIMIT_HTTP_HEADERS);
  /* What a NUL hides is looked for in the library's own buffer (exchange.c), not here. */
  bool has_nul = memchr(wire.at, 0, head->size) != NULL;
  for (size_t i = 0; !has_nul && i < head->size; i++) {
    if (wire.at[i] == '\r') require(i + 1 < head->size && wire.at[i + 1] == '\n');
    if (wire.at[i] == '\n') require(i > 0 && wire.at[i - 1] == '\r');
  }
  require(!checked->is_chunked || checked->content_length == 0);
  require(!(checked->is_get && checked->is_post));
  require(checked->is_asterisk || checked->path.length == 0 || checked->path.at[0] == '/');
  struct text host;
  require(web_head_single(head, "Host", &host));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  struct text wire = {size ? (const char *)data : nothing, size};
  struct web_head *head = read_head(wire);
  struct web_checked checked;
  const char *why = NULL;
  int status = web_check(head, &checked, &why);
  require(status == 0 || (status >= 400 && status < 600 && why));
  if (status == 0) {
    check_accepted(head, wire, &checked);
    const struct text codes[] = {TEXT("en"), TEXT("es")};
    web_prefer_form(web_head_get(head, "Accept"), true);
    web_prefer_gzip(web_head_get(head, "Accept-Encoding"));
    require(web_prefer_language(web_head_get(head, "Accept-Language"), codes, 2) < 2);
    web_etag_matches(web_head_get(head, "If-None-Match"), TEXT("\"x\""));
  }
  free(head);
  return 0;
}
