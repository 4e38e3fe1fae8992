/*
 * Negotiation. Expected values: RFC 9110 sections 12.4.2, 12.5.1, 12.5.3, 12.5.4 and 13.1.2, and
 * the Accept fields that Firefox 128, Chrome 126 and curl 7.88 send.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/negotiate.h"

#define CHROME                                                                                     \
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/"      \
  "*;q=0.8,application/signed-exchange;v=b3;q=0.7"

static void forms_are_chosen(void **state)
{
  (void)state;
  static const struct {
    const char *accept;
    enum web_form page, api;
  } cases[] = {
      {"", WEB_HTML, WEB_JSON},
      {"*/*", WEB_HTML, WEB_JSON},
      {CHROME, WEB_HTML, WEB_JSON},
      {"text/html", WEB_HTML, WEB_HTML},
      {"text/*", WEB_HTML, WEB_HTML},
      {"text/html, application/json;q=0", WEB_HTML, WEB_HTML},
      {"application/json", WEB_JSON, WEB_JSON},
      {"application/*", WEB_JSON, WEB_JSON},
      {"application/json;q=0.5, text/html", WEB_HTML, WEB_JSON},
      {"application/json, text/html;q=0.9", WEB_JSON, WEB_JSON},
      {"*/*;q=0.1, application/json", WEB_JSON, WEB_JSON},
      {"image/png", WEB_HTML, WEB_JSON},
      {"text/html;level=1;q=0.4, application/json;q=0.40", WEB_HTML, WEB_JSON},
      {"APPLICATION/JSON", WEB_JSON, WEB_JSON},
      {"application/json;q=2", WEB_HTML, WEB_JSON},
      {",,;q=,", WEB_HTML, WEB_JSON},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (web_prefer_form(text_from(cases[i].accept), false) != cases[i].page ||
        web_prefer_form(text_from(cases[i].accept), true) != cases[i].api)
      fail_msg("%s", cases[i].accept);
  }
}

static void gzip_is_chosen(void **state)
{
  (void)state;
  static const struct {
    const char *accept;
    bool gzip;
  } cases[] = {
      {"", false},
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"gzip, deflate, br, zstd", true},
      {"deflate, br", false},
      {"gzip;q=0", false},
      {"gzip;q=0.000", false},
      {"gzip;q=0.001", true},
      {"gzip; q=0.5, identity", false},
      {"gzip; q=1.0, identity; q=0.5, *;q=0", true},
      {"*", true},
      {"*;q=0", false},
      {"identity", false},
      {"gzip;q=x", false},
      {"gzip;q=1.001", false},
      {"gzip;q=0.0001", false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (web_prefer_gzip(text_from(cases[i].accept)) != cases[i].gzip)
      fail_msg("%s", cases[i].accept);
}

static void language_is_chosen(void **state)
{
  (void)state;
  const struct text codes[] = {TEXT("en"), TEXT("es")};
  static const struct {
    const char *accept;
    size_t language;
  } cases[] = {
      {"", 0},           {"es", 1},           {"es-MX,es;q=0.9,en;q=0.8", 1},
      {"ES-us", 1},      {"fr, es;q=0.5", 1}, {"en-US,en;q=0.9,es;q=0.8", 0},
      {"es;q=0, en", 0}, {"est", 0},          {"fr", 0},
      {"*", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (web_prefer_language(text_from(cases[i].accept), codes, 2) != cases[i].language)
      fail_msg("%s", cases[i].accept);
}

static void etags_are_compared(void **state)
{
  (void)state;
  struct text etag = TEXT("\"abc\"");
  assert_true(web_etag_matches(TEXT("\"abc\""), etag));
  assert_true(web_etag_matches(TEXT("\"x\" , W/\"abc\""), etag));
  assert_true(web_etag_matches(TEXT("*"), etag));
  assert_false(web_etag_matches(TEXT("abc"), etag));
  assert_false(web_etag_matches(TEXT("\"abcd\""), etag));
  assert_false(web_etag_matches(TEXT(""), etag));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forms_are_chosen),
      cmocka_unit_test(gzip_is_chosen),
      cmocka_unit_test(language_is_chosen),
      cmocka_unit_test(etags_are_compared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
