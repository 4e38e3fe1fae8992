/*
 * The strict request check: see check.h. Rules in the order in which they are applied.
 */
#include "web/check.h"

#include <string.h>

/* --- Characters ---------------------------------------------------------------------------- */

/* RFC 9110 section 5.6.2: tchar. */
static bool is_token_character(unsigned char c)
{
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return c && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct text t)
{
  for (size_t i = 0; i < t.length; i++)
    if (!is_token_character((unsigned char)t.at[i])) return false;
  return t.length > 0;
}

/* RFC 9110 section 5.5: visible characters, bytes from 128 up, and inner blanks. */
static bool is_field_value(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if ((c < ' ' && c != '\t') || c == 0x7F) return false;
  }
  return true;
}

/* RFC 3986 is narrower, but browsers leave some marks of a query as they are. */
static bool is_target(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if (c <= ' ' || c >= 0x7F || c == '#') return false;
  }
  return t.length > 0;
}

static bool is_digits(struct text t)
{
  for (size_t i = 0; i < t.length; i++)
    if (t.at[i] < '0' || t.at[i] > '9') return false;
  return t.length > 0;
}

/* --- Fields -------------------------------------------------------------------------------- */

static size_t field_count(const struct web_head *head)
{
  return head->field_count < LIMIT_HTTP_HEADERS ? head->field_count : LIMIT_HTTP_HEADERS;
}

bool web_head_single(const struct web_head *head, const char *name, struct text *value)
{
  size_t found = 0;
  *value = TEXT("");
  for (size_t i = 0; i < field_count(head); i++) {
    if (!text_equal_ignore_case(head->fields[i].name, text_from(name))) continue;
    if (found++ == 0) *value = text_trim(head->fields[i].value);
  }
  return found < 2;
}

struct text web_head_get(const struct web_head *head, const char *name)
{
  struct text value;
  web_head_single(head, name, &value);
  return value;
}

bool web_head_has(const struct web_head *head, const char *name)
{
  for (size_t i = 0; i < field_count(head); i++)
    if (text_equal_ignore_case(head->fields[i].name, text_from(name))) return true;
  return false;
}

bool web_check_layout(const struct web_head *head)
{
  enum { LINE_END = 2, BLANK = 1 };
  if (!head->layout_known) return true;
  if (head->target_offset != head->method.length + BLANK) return false;
  if (head->version_offset != head->target_offset + head->target.length + BLANK) return false;
  size_t next = head->version_offset + head->version.length + LINE_END;
  for (size_t i = 0; i < field_count(head); i++) {
    const struct web_field *field = &head->fields[i];
    if (field->name_offset != next) return false;
    size_t value_earliest = field->name_offset + field->name.length + 1;
    if (field->value_offset < value_earliest || field->value_offset > head->size) return false;
    next = field->value_offset + field->value.length + LINE_END;
  }
  return next + LINE_END == head->size;
}

/* --- Parts of the check -------------------------------------------------------------------- */

static int refuse(int status, const char *reason, const char **why)
{
  *why = reason;
  return status;
}

static int check_sizes(const struct web_head *head, const char **why)
{
  if (head->target.length > LIMIT_HTTP_TARGET) return refuse(414, "target too long", why);
  if (head->field_count > LIMIT_HTTP_HEADERS) return refuse(431, "too many headers", why);
  size_t bytes = 0;
  for (size_t i = 0; i < field_count(head); i++)
    bytes += head->fields[i].name.length + head->fields[i].value.length + 4;
  if (bytes > LIMIT_HTTP_HEADER_BYTES) return refuse(431, "headers too long", why);
  return 0;
}

static int check_fields(const struct web_head *head, const char **why)
{
  for (size_t i = 0; i < field_count(head); i++) {
    if (!is_token(head->fields[i].name)) return refuse(400, "header name is no token", why);
    if (!is_field_value(head->fields[i].value))
      return refuse(400, "control character in a header value", why);
  }
  return 0;
}

static bool is_host_character(unsigned char c)
{
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return c && strchr("-._~%!$&'()*+,;=[]:", c) != NULL;
}

/* Host must stand exactly once in HTTP/1.1, at most once in HTTP/1.0 (RFC 9112 section 3.2). */
static int check_host(const struct web_head *head, struct text *host, const char **why)
{
  if (!web_head_single(head, "Host", host)) return refuse(400, "more than one Host", why);
  bool is_old = text_equal(head->version, TEXT("HTTP/1.0"));
  if (!web_head_has(head, "Host")) return is_old ? 0 : refuse(400, "no Host", why);
  if (host->length == 0) return refuse(400, "Host is empty", why);
  for (size_t i = 0; i < host->length; i++)
    if (!is_host_character((unsigned char)host->at[i])) return refuse(400, "Host malformed", why);
  return 0;
}

enum { CONTENT_LENGTH_DIGITS = 18 }; /* fits in 64 bits with room to add */

/* RFC 9112 section 6: at most one length, plain digits; chunked alone; never both. */
static int check_framing(const struct web_head *head, struct web_checked *out, const char **why)
{
  struct text length, encoding;
  bool has_length = web_head_has(head, "Content-Length");
  bool has_encoding = web_head_has(head, "Transfer-Encoding");
  if (has_length && has_encoding) return refuse(400, "Content-Length with Transfer-Encoding", why);
  if (!web_head_single(head, "Content-Length", &length))
    return refuse(400, "more than one Content-Length", why);
  if (!web_head_single(head, "Transfer-Encoding", &encoding))
    return refuse(400, "more than one Transfer-Encoding", why);
  if (has_encoding) {
    if (text_equal(head->version, TEXT("HTTP/1.0")))
      return refuse(400, "Transfer-Encoding in HTTP/1.0", why);
    if (!text_equal_ignore_case(encoding, TEXT("chunked")))
      return refuse(501, "Transfer-Encoding other than chunked", why);
    out->has_body = out->is_chunked = true;
  }
  if (has_length) {
    if (!is_digits(length) || length.length > CONTENT_LENGTH_DIGITS)
      return refuse(400, "Content-Length malformed", why);
    int64_t bytes = 0;
    text_read_integer(length, &bytes);
    out->content_length = (uint64_t)bytes;
    out->has_body = bytes > 0;
  }
  return 0;
}

static void classify_method(struct text method, struct web_checked *out)
{
  static const char *const known[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                      "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (text_equal(method, text_from(known[i]))) out->method = known[i];
  out->is_get = text_equal(method, TEXT("GET"));
  out->is_head = text_equal(method, TEXT("HEAD"));
  out->is_post = text_equal(method, TEXT("POST"));
}

/* Cut "http://authority" off the absolute form; the authority must be the Host's (RFC 9112 section
 * 3.2.2 lets it stand above Host; two that differ are a way to smuggle). */
static bool cut_authority(struct text *target, struct text host)
{
  size_t scheme = text_starts_with(*target, TEXT("http://"))    ? strlen("http://")
                  : text_starts_with(*target, TEXT("https://")) ? strlen("https://")
                                                                : 0;
  if (!scheme) return false;
  struct text rest = text_slice(*target, scheme, target->length);
  size_t end = 0;
  while (end < rest.length && rest.at[end] != '/' && rest.at[end] != '?') end++;
  if (!text_equal_ignore_case(text_slice(rest, 0, end), host)) return false;
  *target = text_slice(rest, end, rest.length);
  return true;
}

/* RFC 9112 section 3.2: origin form, absolute form, or "*" for OPTIONS. */
static int check_target(const struct web_head *head, struct text host, struct web_checked *out,
                        const char **why)
{
  struct text target = head->target;
  if (!is_target(target)) return refuse(400, "character in the target", why);
  if (text_equal(target, TEXT("*"))) {
    out->is_asterisk = true;
    return text_equal(head->method, TEXT("OPTIONS")) ? 0 : refuse(400, "target *", why);
  }
  if (text_equal(head->method, TEXT("CONNECT"))) return 0;
  if (target.at[0] != '/' && !cut_authority(&target, host))
    return refuse(400, "target of another form or host", why);
  size_t mark = text_find(target, TEXT("?"));
  out->path = mark ? text_slice(target, 0, mark) : TEXT("/");
  out->query = text_slice(target, mark + 1, target.length);
  return 0;
}

static bool is_version(struct text version)
{
  return version.length == 8 && text_starts_with(version, TEXT("HTTP/1.")) &&
         version.at[7] >= '0' && version.at[7] <= '9';
}

int web_check(const struct web_head *head, struct web_checked *out, const char **why)
{
  *out = (struct web_checked){.path = TEXT(""), .query = TEXT("")};
  struct text host = TEXT("");
  if (!is_version(head->version)) return refuse(505, "HTTP version", why);
  int status = check_sizes(head, why);
  if (!status && !web_check_layout(head))
    status = refuse(400, "line end, NUL, folded or dropped line in the head", why);
  if (!status && !is_token(head->method)) status = refuse(400, "method is no token", why);
  if (!status) status = check_fields(head, why);
  if (!status) status = check_host(head, &host, why);
  if (!status) status = check_framing(head, out, why);
  if (!status) status = check_target(head, host, out, why);
  if (!status) classify_method(head->method, out);
  return status;
}
