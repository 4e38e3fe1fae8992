/*
 * Assets. Expected values: design.md section 7 (nothing outside the manifest can be reached) and
 * the media types of RFC 9239, RFC 2318 and SVG 2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/assets.h"

static char folder[] = "/tmp/fairlead-assets-XXXXXX";

static void put(const char *name, struct text content)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct error error = {0};
  char *assets = file_join(arena, folder, "assets");
  if (!file_make_folder(assets, &error) ||
      !file_replace(file_join(arena, assets, name), content, &error))
    fail_msg("%s", error.log);
  arena_free(arena);
}

static void listed_files_are_found(void **state)
{
  (void)state;
  char style[3000];
  memset(style, 'x', sizeof style);
  put("site-1.css", (struct text){style, sizeof style});
  put("mark-2.svg", TEXT("<svg/>"));
  put("photo-3.webp", TEXT("RIFF"));
  put("other.css", TEXT("not listed"));
  put("manifest.json",
      TEXT("{\"site.css\":\"site-1.css\",\"mark.svg\":\"mark-2.svg\",\"p\":\"photo-3.webp\"}"));
  struct web_assets *assets;
  struct error error = {0};
  if (!web_assets_load(&assets, folder, &error)) fail_msg("%s", error.log);
  const struct web_static *file = web_assets_find(assets, TEXT("/assets/site-1.css"));
  assert_string_equal(file->content_type, "text/css; charset=utf-8");
  assert_true(file->is_immutable && file->plain.length == sizeof style);
  assert_true(file->packed.length > 0 && file->packed.length < sizeof style / 10);
  assert_string_not_equal(file->etag, file->packed_etag);
  file = web_assets_find(assets, TEXT("/favicon.svg"));
  assert_string_equal(file->content_type, "image/svg+xml");
  assert_false(file->is_immutable);
  assert_int_equal(web_assets_find(assets, TEXT("/assets/photo-3.webp"))->packed.length, 0);
  assert_non_null(web_assets_find(assets, TEXT("/robots.txt")));
  static const char *const none[] = {"/assets/other.css",     "/assets/site.css",   "/assets/",
                                     "/assets/../site-1.css", "/site-1.css",        "",
                                     "/assets/manifest.json", "/assets//site-1.css"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    assert_null(web_assets_find(assets, text_from(none[i])));
  const struct value *address = value_get(web_assets_addresses(assets), TEXT("site.css"));
  assert_true(text_equal(value_text_get(address), TEXT("/assets/site-1.css")));
  web_assets_free(assets);
}

static void bad_manifests_are_refused(void **state)
{
  (void)state;
  static const char *const cases[] = {
      "{\"a\":\"../secret.css\"}",
      "{\"a\":\"/etc/passwd\"}",
      "{\"a\":\".hidden.css\"}",
      "{\"a\":\"\"}",
      "{\"a\":7}",
      "{\"a\":\"site-1.exe\"}",
      "{\"a\":\"absent.css\"}",
      "[\"site-1.css\"]",
      "{\"a\":\"site-1.css\\u0000\"}",
      "{",
      "",
  };
  put("site-1.exe", TEXT("x"));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct web_assets *assets = NULL;
    struct error error = {0};
    put("manifest.json", text_from(cases[i]));
    if (web_assets_load(&assets, folder, &error)) fail_msg("%s", cases[i]);
    assert_null(assets);
    assert_int_not_equal(error.kind, ERROR_NONE);
  }
}

static void missing_folder_is_refused(void **state)
{
  (void)state;
  struct web_assets *assets;
  struct error error = {0};
  assert_false(web_assets_load(&assets, "/nonexistent", &error));
  assert_true(text_contains(text_from(error.log), TEXT("manifest.json")));
}

static int begin(void **state)
{
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
  (void)state;
  static const char *const names[] = {
      "site-1.css", "mark-2.svg", "photo-3.webp", "other.css", "site-1.exe", "manifest.json", ""};
  char path[256];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "%s/assets/%s", folder, names[i]);
    if (*names[i]) unlink(path);
    else rmdir(path);
  }
  return rmdir(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(listed_files_are_found),
      cmocka_unit_test(bad_manifests_are_refused),
      cmocka_unit_test(missing_folder_is_refused),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
