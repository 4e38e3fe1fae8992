/*
 * Cookies: see cookies.h.
 */
#include "web/cookies.h"

#include <string.h>

/* RFC 9110 section 5.6.2. */
static bool is_token(struct text t)
{
  static const char marks[] = "!#$%&'*+-.^_`|~";
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_plain && !memchr(marks, c, sizeof marks - 1)) return false;
  }
  return t.length > 0;
}

/* cookie-octet: visible ASCII but for the quote, comma, semicolon and backslash. */
static bool is_octets(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    if (c <= ' ' || c > '~' || c == '"' || c == ',' || c == ';' || c == '\\') return false;
  }
  return true;
}

static bool has_control(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if (c == 0x7F || (c < ' ' && c != '\t')) return true;
  }
  return false;
}

static bool pair_read(struct text part, struct web_cookie *out)
{
  size_t equals = text_find(part, TEXT("="));
  if (equals == part.length) return false;
  struct text name = text_slice(part, 0, equals), value = text_slice(part, equals + 1, part.length);
  if (value.length >= 2 && value.at[0] == '"' && value.at[value.length - 1] == '"')
    value = text_slice(value, 1, value.length - 1);
  if (!is_token(name) || !is_octets(value)) return false;
  *out = (struct web_cookie){name, value};
  return true;
}

bool web_cookies_read(struct text field, struct web_cookies *out)
{
  struct text part;
  size_t parts = 0;
  out->count = 0;
  if (field.length > LIMIT_HTTP_COOKIE_BYTES || has_control(field)) return false;
  while (text_split_next(&field, ';', &part)) {
    if (parts++ == LIMIT_HTTP_COOKIES) {
      out->count = 0;
      return false;
    }
    if (pair_read(text_trim(part), &out->items[out->count])) out->count++;
  }
  return true;
}

struct text web_cookie_get(const struct web_cookies *cookies, struct text name)
{
  struct text found = TEXT("");
  size_t times = 0;
  for (size_t i = 0; i < cookies->count; i++) {
    if (!text_equal(cookies->items[i].name, name)) continue;
    found = cookies->items[i].value;
    times++;
  }
  return times == 1 ? found : TEXT("");
}

bool web_cookie_write(const struct web_set_cookie *cookie, struct text_buffer *out)
{
  struct text name = text_from(cookie->name);
  if (!is_token(name) || !is_octets(cookie->value)) return false;
  text_buffer_add_format(out, "%s=%.*s; Path=/", cookie->name, TEXT_PRINT(cookie->value));
  if (cookie->seconds)
    text_buffer_add_format(out, "; Max-Age=%lld",
                           (long long)(cookie->seconds < 0 ? 0 : cookie->seconds));
  text_buffer_add(out, TEXT("; HttpOnly; SameSite=Strict"));
  if (cookie->is_secure) text_buffer_add(out, TEXT("; Secure"));
  return !out->over;
}
