/*
 * Cookies: reading a request's Cookie field, writing Set-Cookie.
 *
 * Strict where it matters: our own cookies must be well formed and stand once. Other programs of
 * the same machine share a browser's jar on loopback, so a stranger's odd cookie is passed over,
 * not refused. Pure. Source: RFC 6265 sections 4.1 and 4.2; the prefix "__Host-" of RFC
 * 6265bis 4.1.3.
 */
#ifndef FAIRLEAD_WEB_COOKIES_H
#define FAIRLEAD_WEB_COOKIES_H

#include "base/base.h"
#include "web/web.h"

struct web_cookie {
  struct text name, value;
};
/* Those that are well formed; slices of the field. */
struct web_cookies {
  struct web_cookie items[LIMIT_HTTP_COOKIES];
  size_t count;
};

/* Read a Cookie field ("" is fine). Pairs whose name is no token or whose value has other
 * characters than cookie-octets are passed over. Answers false, with no cookie, when the field
 * holds a control character or is past LIMIT_HTTP_COOKIE_BYTES or LIMIT_HTTP_COOKIES. */
bool web_cookies_read(struct text field, struct web_cookies *out);
/* The value of the cookie that stands exactly once under this name; else "". */
struct text web_cookie_get(const struct web_cookies *cookies, struct text name);

/* Append the value of a Set-Cookie field: HttpOnly, SameSite=Strict, Path=/, Secure when asked.
 * Refuses a name that is no token and a value with other than cookie-octets. */
bool web_cookie_write(const struct web_set_cookie *cookie, struct text_buffer *out);

#endif
