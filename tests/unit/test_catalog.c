/*
 * The message catalog, from folders that each test writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

static struct arena *arena;

static int catalog_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  return 0;
}

static int catalog_tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static const char *new_folder(void)
{
  char *folder = text_c(arena, TEXT("/tmp/fairlead-catalog-XXXXXX"));
  assert_non_null(mkdtemp(folder));
  return folder;
}

static bool remove_file(void *context, struct text path, struct error *error)
{
  (void)error;
  return unlink(file_join(arena, context, text_c(arena, path))) == 0;
}

static void remove_folder(const char *folder)
{
  static const char *const inner[] = {"en/more", "en", "de", "es", "fr", ""};
  assert_true(file_walk(folder, remove_file, text_c(arena, text_from(folder)), NULL));
  for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
    rmdir(file_join(arena, folder, inner[i]));
}

static void write_file(const char *folder, const char *name, const char *content)
{
  struct text path = text_from(file_join(arena, folder, name));
  size_t slash = path.length;
  while (path.at[slash - 1] != '/') slash--;
  struct error error = {0};
  assert_true(file_make_folder(text_c(arena, text_slice(path, 0, slash - 1)), &error));
  assert_true(file_replace(path.at, text_from(content), &error));
}

/* Load a catalog of en/a.csv, en/b.csv and es/a.csv; a NULL file is not written. */
static bool load(const char *en_a, const char *en_b, const char *es_a, struct catalog **out,
                 struct error *error)
{
  const char *folder = new_folder();
  if (en_a) write_file(folder, "en/a.csv", en_a);
  if (en_b) write_file(folder, "en/b.csv", en_b);
  if (es_a) write_file(folder, "es/a.csv", es_a);
  bool good = catalog_load(out, folder, error);
  remove_folder(folder);
  return good;
}

static void expect_text(struct text given, const char *expected)
{
  assert_non_null(given.at);
  assert_string_equal(text_c(arena, given), expected);
}

static void catalog_loads_languages_in_order(void **state)
{
  (void)state;
  const char *folder = new_folder();
  struct catalog *catalog = NULL;
  struct error error = {0};
  size_t language = 9;
  write_file(folder, "README.csv", "not a language");
  write_file(folder, "en/notes.txt", "not messages");
  write_file(folder, "fr/a.csv", "key,text\nhi,Salut\n");
  write_file(folder, "fr/b.csv", "key,text\nbye,Adieu\na_b-C.1,Z\n");
  for (int i = 0; i < 20; i++)
    write_file(folder, text_format(arena, "fr/none%d.csv", i).at, "key,text\n");
  write_file(folder, "de/a.csv", "text,key\nTsch\xC3\xBC\xC3\x9F,bye\nHallo,hi\nB,a_b-C.1\n");
  write_file(folder, "en/a.csv", "key,text\nhi,Hello\n");
  write_file(folder, "en/more/b.csv", "key,text\nbye,Bye\na_b-C.1,A\n");
  if (!catalog_load(&catalog, folder, &error)) fail_msg("%s", error.log);
  assert_int_equal(catalog_language_count(catalog), 3);
  expect_text(catalog_language(catalog, 0), "en");
  expect_text(catalog_language(catalog, 1), "de");
  expect_text(catalog_language(catalog, 2), "fr");
  assert_true(catalog_language_find(catalog, TEXT("fr"), &language));
  assert_int_equal(language, 2);
  assert_false(catalog_language_find(catalog, TEXT("it"), &language));
  expect_text(catalog_text(catalog, 0, "bye"), "Bye");
  expect_text(catalog_find(catalog, 1, TEXT("hi")), "Hallo");
  expect_text(catalog_find(catalog, 2, TEXT("bye")), "Adieu");
  assert_null(catalog_find(catalog, 0, TEXT("none")).at);
#ifndef FAIRLEAD_DEBUG_ARENA
  expect_text(catalog_text(catalog, 0, "none"), "none");
#endif
  catalog_free(catalog);
  remove_folder(folder);
}

static void catalog_formats(void **state)
{
  (void)state;
  struct catalog *catalog = NULL;
  struct error error = {0};
  const char *en =
      "key,text\nfound,{{count}} of {{all}} near {{a.place}}{{count}}!\nplain,50 < 60 & "
      "a <3 <_ AT&T R&D x&y\n";
  const char *es = "key,text\nfound,{{all}} {{count}} {{a.place}}\nplain,x\n";
  if (!load(en, NULL, es, &catalog, &error)) fail_msg("%s", error.log);
  struct value *names = value_object(arena);
  value_set(names, "count", value_integer(arena, 12));
  value_set(names, "a.place", value_text(arena, TEXT("<Ely> & {{count}}")));
  expect_text(catalog_format(arena, catalog, 0, "found", names),
              "12 of  near <Ely> & {{count}}12!");
  expect_text(catalog_format(arena, catalog, 1, "found", names), " 12 <Ely> & {{count}}");
  expect_text(catalog_format(arena, catalog, 0, "plain", NULL), "50 < 60 & a <3 <_ AT&T R&D x&y");
  catalog_free(catalog);
}

static void catalog_holds_many_keys(void **state)
{
  (void)state;
  enum { KEYS = 3000 };
  struct text_buffer file;
  struct catalog *catalog = NULL;
  struct error error = {0};
  text_buffer_init(&file, LIMIT_FILE_WHOLE);
  text_buffer_add(&file, TEXT("key,text\n"));
  for (int i = 0; i < KEYS; i++) text_buffer_add_format(&file, "key.%d,text %d\n", i, i);
  text_buffer_add_character(&file, 0);
  const char *content = text_c(arena, text_buffer_get(&file));
  text_buffer_fini(&file);
  if (!load(content, NULL, content, &catalog, &error)) fail_msg("%s", error.log);
  for (int i = 0; i < KEYS; i++) {
    const char *key = text_format(arena, "key.%d", i).at;
    expect_text(catalog_text(catalog, 1, key), text_format(arena, "text %d", i).at);
  }
  assert_null(catalog_find(catalog, 0, TEXT("key.3000")).at);
  catalog_free(catalog);
}

static uint64_t hash_of(const char *en, const char *es)
{
  struct catalog *catalog = NULL;
  struct error error = {0};
  if (!load(en, NULL, es, &catalog, &error)) fail_msg("%s", error.log);
  uint64_t hash = catalog_hash(catalog);
  catalog_free(catalog);
  return hash;
}

static void catalog_hash_tells_changes(void **state)
{
  (void)state;
  uint64_t hash = hash_of("key,text\na,b\nc,d\n", NULL);
  assert_true(hash == hash_of("key,text\na,b\nc,d\n", NULL));
  assert_true(hash != hash_of("key,text\na,bc\nc,d\n", NULL));
  assert_true(hash != hash_of("key,text\na,d\nc,b\n", NULL));
  assert_true(hash != hash_of("key,text\na,b\ne,d\n", NULL));
  assert_true(hash != hash_of("key,text\na,b\nc,d\n", "key,text\na,b\nc,d\n"));
}

static void catalog_refuses(void **state)
{
  (void)state;
  static const struct {
    const char *en_a, *en_b, *es_a, *log;
  } cases[] = {
      {NULL, NULL, NULL, "no English messages"},
      {NULL, NULL, "key,text\na,b\n", "no English messages"},
      {"key,text\n", NULL, NULL, "no English messages"},
      {"key,text\na,b\na,c\n", NULL, NULL, "en/a.csv line 3: key \"a\": the key is there twice"},
      {"key,text\na,b\n", "key,text\na,c\n", NULL, "en/b.csv line 2: key \"a\": the key is there"},
      {"key,text\na,b\nc,d\n", NULL, "key,text\na,b\n", "es lacks the key \"c\""},
      {"key,text\na,b\n", NULL, "key,text\na,b\nc,d\n", "es/a.csv line 3: key \"c\": English has"},
      {"key,text\na,b\n", NULL, "key,text\na,b\na,c\n", "key \"a\": the key is there twice"},
      {"key,text\na,{{x}}\n", NULL, "key,text\na,b\n", "other {{names}}"},
      {"key,text\na,b\n", NULL, "key,text\na,{{x}}\n", "other {{names}}"},
      {"key,text\na,{{x}}\n", NULL, "key,text\na,{{y}}\n", "other {{names}}"},
      {"key,text\na,{{{x}}}\n", NULL, NULL, "braces"},
      {"key,text\na,{{#x}}y{{/x}}\n", NULL, NULL, "braces"},
      {"key,text\na,{{x\n", NULL, NULL, "braces"},
      {"key,text\na,x}}\n", NULL, NULL, "braces"},
      {"key,text\na,{{}}\n", NULL, NULL, "braces"},
      {"key,text\na,\n", NULL, NULL, "empty"},
      {"key,text\na\n", NULL, NULL, "empty"},
      {"key,text\n,b\n", NULL, NULL, "letters"},
      {"key,text\na b,c\n", NULL, NULL, "letters"},
      {"key,text\na,<b>c</b>\n", NULL, NULL, "no HTML"},
      {"key,text\na,c</b>\n", NULL, NULL, "no HTML"},
      {"key,text\na,<!-- c\n", NULL, NULL, "no HTML"},
      {"key,text\na,Q&amp;A\n", NULL, NULL, "no HTML"},
      {"key,text\na,&#39;\n", NULL, NULL, "no HTML"},
      {"key,words\na,b\n", NULL, NULL, "en/a.csv: column \"text\" is missing"},
      {"keys,text\na,b\n", NULL, NULL, "column \"key\" is missing"},
      {"key,text\na,\"b\n", NULL, NULL, "a quote is not closed"},
      {"key,text\na,\xFF\n", NULL, NULL, "not UTF-8"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct catalog *untouched = NULL;
    struct error error = {0};
    if (load(cases[i].en_a, cases[i].en_b, cases[i].es_a, &untouched, &error))
      fail_msg("accepted case %zu", i);
    assert_null(untouched);
    if (!strstr(error.log, cases[i].log)) fail_msg("\"%s\" lacks \"%s\"", error.log, cases[i].log);
  }
}

static void catalog_reports_a_missing_folder(void **state)
{
  (void)state;
  struct catalog *untouched = NULL;
  struct error error = {0};
  assert_false(catalog_load(&untouched, "/nonexistent/locale", &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  assert_null(untouched);
  catalog_free(NULL);
}

static void catalog_reports_an_unreadable_file(void **state)
{
  (void)state;
  const char *folder = new_folder();
  struct catalog *untouched = NULL;
  struct error error = {0};
  char *large = arena_allocate(arena, 5 * 1024 * 1024);
  memset(large, 'x', 5 * 1024 * 1024 - 1);
  write_file(folder, "en/a.csv", large);
  assert_false(catalog_load(&untouched, folder, &error));
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  remove_folder(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(catalog_loads_languages_in_order),
      cmocka_unit_test(catalog_formats),
      cmocka_unit_test(catalog_holds_many_keys),
      cmocka_unit_test(catalog_hash_tells_changes),
      cmocka_unit_test(catalog_refuses),
      cmocka_unit_test(catalog_reports_a_missing_folder),
      cmocka_unit_test(catalog_reports_an_unreadable_file),
  };
  return cmocka_run_group_tests(tests, catalog_set_up, catalog_tear_down);
}
