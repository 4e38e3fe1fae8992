/*
 * Templates: loading, refusals, messages, limits and ready slices. What a template renders to is
 * compared with wontache in tests/golden/template.test.mjs; the few outputs here were written by
 * hand from the Mustache specification and template.h.
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

static int template_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  return 0;
}

static int template_tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static const struct value *view_of(const char *json)
{
  const struct value *view = NULL;
  struct error error = {0};
  if (!json_read(arena, text_from(json), &view, &error)) fail_msg("%s", error.log);
  return view;
}

/* Templates "a", "b", "c" from up to three sources. */
static bool read_set(struct template_set **out, const char *a, const char *b, const char *c,
                     struct error *error)
{
  struct text names[] = {TEXT("a"), TEXT("b"), TEXT("c")};
  struct text sources[] = {text_from(a), text_from(b), text_from(c)};
  return template_set_read(out, names, sources, c ? 3 : b ? 2 : 1, NULL, 0, error);
}

static const char *rendered(const struct template_set *set, const struct value *view)
{
  struct text_buffer out;
  struct error error = {0};
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  text_buffer_add(&out, TEXT(">"));
  if (!template_render(set, TEXT("a"), view, &out, &error)) fail_msg("%s", error.log);
  assert_int_equal(out.at[0], '>');
  const char *copy = text_c(arena, text_slice(text_buffer_get(&out), 1, out.length));
  text_buffer_fini(&out);
  return copy;
}

static const char *render(const char *a, const char *b, const char *c, const struct value *view)
{
  struct template_set *set = NULL;
  struct error error = {0};
  if (!read_set(&set, a, b, c, &error)) fail_msg("%s", error.log);
  const char *copy = rendered(set, view);
  template_set_free(set);
  return copy;
}

static void expect_failure(const char *a, const char *b, const struct value *view, size_t ceiling,
                           enum error_kind kind, const char *log)
{
  struct template_set *set = NULL;
  struct text_buffer out;
  struct error error = {0};
  if (!read_set(&set, a, b, NULL, &error)) fail_msg("%s", error.log);
  text_buffer_init(&out, ceiling);
  text_buffer_add(&out, TEXT(">"));
  assert_false(template_render(set, TEXT("a"), view, &out, &error));
  assert_int_equal(error.kind, kind);
  if (!strstr(error.log, log)) fail_msg("\"%s\" lacks \"%s\"", error.log, log);
  assert_int_equal(out.length, 1); /* only the old content is left */
  text_buffer_fini(&out);
  template_set_free(set);
}

static void template_renders(void **state)
{
  (void)state;
  const struct value *view = view_of("{\"n\":1.50,\"l\":[{\"x\":\"<&\"},{\"x\":\"\\\"'>\"}]}");
  assert_string_equal(render("{{n}}:\n{{#l}}\n  {{>b}}\n{{/l}}\n{{<c}}{{$d}}over{{/d}}{{/c}}",
                             "[{{x}}]\n({{{x}}})\n", "{{$d}}default{{/d}}{{$e}}!{{/e}}", view),
                      "1.50:\n  [&lt;&amp;]\n  (<&)\n  [&quot;&#x27;&gt;]\n  (\"'>)\nover!");
  assert_string_equal(render("{{>missing}}{{>*n}}{{.}}{{l}}.", NULL, NULL, view), ".");
  assert_string_equal(render("{{#x}}y{{/x}}{{^x}}z{{/x}}{{x.y}}", NULL, NULL, NULL), "z");
}

/* One case for each rule about lines; the outputs are wontache's. */
static void template_keeps_lines(void **state)
{
  (void)state;
  const struct value *view =
      view_of("{\"t\":true,\"f\":false,\"n\":\"b\",\"o\":{\"a\":\"A\",\"b\":{\"c\":\"C\"}}}");
  static const char *const cases[][4] = {
      {"{{! c }}\n \t{{! alone }}\t \nx{{! c }}y\n", "", "", "xy\n"},
      {"{{=<% %>=}}\n<%t%> {{t}} <%={{ }}=%>{{t}}", "", "", "true {{t}} true"},
      {"a\r\n{{#t}}\r\nb\r\n{{/t}}\r\n  {{>b}}\r\nc", "1\r\n\r\n2\r\n", "",
       "a\r\nb\r\n  1\r\n\r\n  2\r\nc"},
      {"{{t}} {{f}} {{{f}}}", "", "", "true false false"},
      {"{{^f}}no{{/f}}{{^t}}yes{{/t}}", "", "", "no"},
      {"  {{>b}}\n", "1\n\n{{#t}}\n2\n{{/t}}\n{{t}}\n{{t}} x\n", "",
       "  1\n\n  2\n  true\n  true x\n"},
      {" {{>b}}", "x {{>c}} y\n{{>c}}\n", "1\n2\n", " x 1\n2\n y\n 1\n 2\n"},
      {"{{<b}}{{$x}}\n    one\n      two\n\n  three\n    {{/x}}{{/b}}",
       "[\n  {{$x}}\n   default\n  {{/x}}\n]\n", "", "[\n   one\n     two\n\n     three\n]\n"},
      {"{{>b}}", "[\n  {{$x}}\n   default\n     more\n  {{/x}}\n]\n", "",
       "[\n   default\n     more\n]\n"},
      {"  {{>b}}\n", "[\n  {{$x}}\n   default\n     more\n  {{/x}}\n]\n", "",
       "  [\n     default\n       more\n  ]\n"},
      {"{{<b}}{{$x}}one\ntwo{{/x}}{{/b}}", "[\n  {{$x}}default{{/x}}\n]\n", "",
       "[\n  one\n  two\n]\n"},
      {"  {{>b}}\n", "a {{$x}}b\nc{{/x}} d\n", "", "  a b\n  c d\n"},
      {"{{<b}}{{$x}}B\nC{{/x}}{{/b}}", "  a {{$x}}b\nc{{/x}} d\n", "", "  a B\nC d\n"},
      {"  {{<b}}\n  ignored {{t}} {{! c }}\n{{$x}}X{{/x}}\n  {{/b}} \nend", "[{{$x}}{{/x}}]\n[]\n",
       "", "  [X]\n  []\nend"},
      {"{{<b}}{{$x}}1{{/x}}{{/b}}", "{{<c}}{{$x}}2{{/x}}{{$y}}3{{/y}}{{/c}}",
       "{{$x}}4{{/x}}{{$y}}5{{/y}}{{$z}}6{{/z}}", "136"},
      {"{{<b}}{{$x}}\n  a\n  {{$y}}\n    b\n  {{/y}}\n{{/x}}{{/b}}", "- {{! x }}\n  {{$x}}{{/x}}\n",
       "", "- \n  a\n    b\n\n"},
      {"  {{<b}}{{$x}}{{>c}}{{/x}}{{/b}}\n", "[\n  {{$x}}{{/x}}\n]\n", "1\n2\n",
       "  [\n    1\n    2\n\n  ]\n"},
      {"{{$x}}\n{{/x}}\ny", "", "", "\ny"},
      {"{{$x}}\n\n{{/x}}\ny", "", "", "\n\ny"},
      {"{{$x}}\r\n\r\n{{/x}}\r\ny", "", "", "\r\n\r\ny"},
      {"{{$x}}\r\n  a\r\n  b\r\n{{/x}}\r\ny", "", "", "  a\r\n  b\r\ny"},
      {"{{$x}}\na{{/x}}\ny", "", "", "a\ny"},
      {"{{$x}}\n{{t}}{{/x}}\ny", "", "", "true\ny"},
      {"x {{$x}}\na\n{{/x}} y", "", "", "x \na\n y"},
      {"{{<*n}}{{$x}}X{{/x}}{{/*n}}{{<missing}}{{/missing}}{{>*n}}", "({{$x}}{{/x}})", "", "(X)()"},
      {"{{#o}}{{a}}{{b.c}}{{#b}}{{a}}{{c}}{{/b}}{{x}}{{/o}}{{o.b.d}}{{o.x.c}}", "", "", "ACAC"},
      {"{{<b}}{{$x}}\n\ta\n\t b\n{{/x}}{{/b}}", "{{$x}}{{/x}}\n  {{$x}}{{/x}}\n", "",
       "a\n b\n\n  a\n   b\n\n"},
      {"{{<b}}{{$x}}\n  a {{t}} b\n  {{$y}}q\n r{{/y}} z\n{{/x}}{{/b}}", "[\n  {{$x}}{{/x}}\n]\n",
       "", "[\n  a true b\n  q\n   r z\n\n]\n"},
      {"x {{$y}}{{>c}}{{/y}}\n{{$z}} {{>c}}{{/z}}.", "", "1\n2\n", "x 1\n2\n\n 1\n2\n."},
      {"\n {{>c}} x\n {{>c}}\n", "", "1\n2\n", "\n 1\n2\n x\n 1\n 2\n"},
      {"{{<b}}{{$x}}\n  a\n  {{>c}}{{/x}}{{/b}}", " {{$x}}{{/x}}\n", "1\n2\n", " a\n 1\n 2\n\n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_string_equal(render(cases[i][0], cases[i][1], cases[i][2], view), cases[i][3]);
}

static void template_knows_what_is_true(void **state)
{
  (void)state;
  const struct value *view =
      view_of("[null,false,true,0,-0.0,0e5,0.01,-1,\"\",\"0\",[],[[]],{},1e0,0.0E9]");
  assert_string_equal(render("{{#.}}{{#.}}t{{/.}}{{^.}}f{{/.}} {{/.}}", NULL, NULL, view),
                      "f f t f f f t t f t f t t t f ");
}

static void template_shows_html_as_it_is(void **state)
{
  (void)state;
  struct value *view = value_object(arena);
  value_set(view, "html", value_html(arena, TEXT("<b>&amp;</b>")));
  value_set(view, "none", value_html(arena, TEXT("")));
  assert_string_equal(
      render("{{html}}{{{html}}}{{#html}}{{.}}{{/html}}{{^none}}-{{/none}}", NULL, NULL, view),
      "<b>&amp;</b><b>&amp;</b><b>&amp;</b>-");
}

static void template_refuses_json_slices(void **state)
{
  (void)state;
  struct value *view = value_object(arena);
  value_set(view, "json", value_json(arena, TEXT("[1]")));
  static const char *const uses[] = {"x{{json}}",           "x{{{json}}}", "x{{#json}}{{/json}}",
                                     "x{{^json}}{{/json}}", "{{>b}}",      "{{<b}}{{/b}}"};
  for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
    expect_failure(uses[i], "text {{json}}", view, 100, ERROR_SYSTEM, "JSON slice");
}

static void template_limits_what_it_does(void **state)
{
  (void)state;
  const struct value *view = view_of("{\"yes\":true,\"l\":[0,0,0,0,0,0,0,0,0,0]}");
  expect_failure("{{>a}}", "", view, 100, ERROR_SYSTEM, "template \"a\": sections, partials and");
  expect_failure("{{#yes}}{{>a}}{{/yes}}", "", view, 100, ERROR_SYSTEM, "nest too deep");
  expect_failure("{{^no}}{{>a}}{{/no}}", "", view, 100, ERROR_SYSTEM, "nest too deep");
  expect_failure("{{<b}}{{$x}}{{$x}}{{/x}}{{/x}}{{/b}}", "{{$x}}{{/x}}", view, 100, ERROR_SYSTEM,
                 "nest too deep");
  expect_failure("{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}"
                 "{{/l}}{{/l}}{{/l}}",
                 "", view, 100, ERROR_SYSTEM, "too many steps");
  expect_failure("0123456789", "", view, 10, ERROR_TOO_LARGE, "too large");
  expect_failure("{{#l}}0123456789{{/l}}", "", view, 20, ERROR_TOO_LARGE, "too large");
  struct template_set *set = NULL;
  struct error error = {0};
  struct text_buffer out;
  text_buffer_init(&out, 100);
  assert_true(read_set(&set, "x", NULL, NULL, &error));
  assert_false(template_render(set, TEXT("none"), view, &out, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  template_set_free(set);
  text_buffer_fini(&out);
}

static const char *nested(int depth)
{
  struct text t = TEXT("x");
  for (int i = 0; i < depth; i++) t = text_format(arena, "{{#y}}%.*s{{/y}}", TEXT_PRINT(t));
  return t.at;
}

static void template_refuses_sources(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"{{x", "template \"a\": line 1: the tag is not closed"},
      {"a\nb {{x}\n", "line 2: the tag is not closed"},
      {"{{{x}}", "the tag is not closed"},
      {"{{{x}", "the tag is not closed"},
      {"{{{}}}", "one name"},
      {"{{{}}", "the tag is not closed"},
      {"{{! x", "the tag is not closed"},
      {"{{", "the tag is not closed"},
      {"{{=x y}}", "the tag is not closed"},
      {"{{=x=}}", "two words"},
      {"{{==}}", "two words"},
      {"{{=x y z=}}", "two words"},
      {"{{=x= y=}}", "two words"},
      {"{{}}", "one name"},
      {"{{ }}", "one name"},
      {"{{a b}}", "one name"},
      {"{{#}}x{{/}}", "one name"},
      {"{{>}}", "one name"},
      {"{{>*}}", "one name"},
      {"{{.a}}", "a part of the name is empty"},
      {"{{a.}}", "a part of the name is empty"},
      {"{{#a..b}}{{/a..b}}", "a part of the name is empty"},
      {"{{>*a..b}}", "a part of the name is empty"},
      {"\n\n{{#x}}\n", "line 3: the section is not closed"},
      {"{{#x}}{{^y}}{{/y}}", "line 1: the section is not closed"},
      {"{{<x}}", "the section is not closed"},
      {"{{$x}}", "the section is not closed"},
      {"a\n{{/x}}", "line 2: nothing is open"},
      {"{{#x}}\n{{/y}}", "line 2: the tag that is open has another name"},
      {"{{#x}}{{^y}}{{/x}}{{/y}}", "another name"},
      {"{{<*x}}{{/x}}", "another name"},
      {"{{<x}}{{#y}}{{/y}}{{/x}}", "only blocks may open in a parent"},
      {"{{<x}}{{<y}}{{/y}}{{/x}}", "only blocks may open in a parent"},
      {NULL, "nested too deep"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct template_set *untouched = NULL;
    struct error error = {0};
    const char *source = cases[i][0] ? cases[i][0] : nested(LIMIT_TEMPLATE_DEPTH + 1);
    size_t length = strlen(source);
    char *exact = memory_allocate(length); /* an overrun would be seen */
    memcpy(exact, source, length);
    struct text name = TEXT("a"), t = {exact, length};
    if (template_set_read(&untouched, &name, &t, 1, NULL, 0, &error)) fail_msg("%s", source);
    free(exact);
    assert_null(untouched);
    assert_int_equal(error.kind, ERROR_REFUSED);
    if (!strstr(error.log, cases[i][1])) fail_msg("\"%s\" lacks \"%s\"", error.log, cases[i][1]);
  }
  assert_string_equal(render(nested(LIMIT_TEMPLATE_DEPTH), NULL, NULL, view_of("{\"y\":1}")), "x");
}

static void template_names_are_unique(void **state)
{
  (void)state;
  struct template_set *set = NULL;
  struct error error = {0};
  struct text names[] = {TEXT("b"), TEXT("a"), TEXT("b")}, sources[3] = {TEXT("1"), TEXT("2")};
  assert_false(template_set_read(&set, names, sources, 3, NULL, 0, &error));
  assert_non_null(strstr(error.log, "two templates \"b\""));
  assert_true(template_set_read(&set, names, sources, 2, NULL, 0, &error));
  assert_true(template_exists(set, TEXT("b")));
  assert_false(template_exists(set, TEXT("c")));
  template_set_free(set);
  assert_true(template_set_read(&set, names, sources, 0, NULL, 0, &error));
  assert_false(template_exists(set, TEXT("a")));
  template_set_free(set);
}

static void template_sets_grow(void **state)
{
  (void)state;
  struct text_buffer source;
  text_buffer_init(&source, LIMIT_FILE_WHOLE);
  for (int i = 0; i < 1000; i++) text_buffer_add_format(&source, "{{a%d.b}},\n", i % 3);
  text_buffer_add_character(&source, 0);
  const char *out = render(text_buffer_get(&source).at, NULL, NULL,
                           view_of("{\"a0\":{\"b\":0},\"a1\":{\"b\":1}}"));
  for (int i = 0; i < 1000; i++) {
    const char *expected = i % 3 == 0 ? "0,\n" : i % 3 == 1 ? "1,\n" : ",\n";
    assert_memory_equal(out, expected, strlen(expected));
    out += strlen(expected);
  }
  text_buffer_fini(&source);
}

/* --- Folders and messages ------------------------------------------------------------------ */

static const char *folder;

static int folder_set_up(void **state)
{
  (void)state;
  char *made = text_c(arena, TEXT("/tmp/fairlead-template-XXXXXX"));
  folder = mkdtemp(made);
  return folder ? 0 : -1;
}

static int folder_tear_down(void **state)
{
  (void)state;
  return system(text_format(arena, "rm -rf '%s'", folder).at);
}

static void write_file(const char *name, struct text content)
{
  struct error error = {0};
  struct text path = text_from(file_join(arena, folder, name));
  size_t slash = path.length;
  while (path.at[slash - 1] != '/') slash--;
  assert_true(file_make_folder(text_c(arena, text_slice(path, 0, slash - 1)), &error));
  assert_true(file_replace(path.at, content, &error));
}

static struct catalog *messages(void)
{
  struct catalog *catalog = NULL;
  struct error error = {0};
  write_file("locale/en/x.csv",
             TEXT("key,text\nhello,\"Q & A for <{{name}}> 'x' \"\"y\"\"\nz\rw\"\n"
                  "plain,Plain\n"));
  write_file("locale/es/x.csv", TEXT("key,text\nhello,\xC2\xA1Hola {{name}}!\nplain,Llano\n"));
  const char *locale = file_join(arena, folder, "locale");
  if (!catalog_load(&catalog, locale, &error)) fail_msg("%s", error.log);
  return catalog;
}

static void template_splices_messages(void **state)
{
  (void)state;
  struct catalog *catalog = messages();
  const struct value *view = view_of("{\"name\":\"<Bo>\"}");
  static const char *const expected[] = {
      "Q &amp; A for &lt;&lt;Bo&gt;&gt; &#x27;x&#x27; &quot;y&quot; z w Plain!",
      "\xC2\xA1Hola &lt;Bo&gt;! Llano!"};
  struct text name = TEXT("a"), source = TEXT("[[hello]] [[ plain ]]!");
  for (size_t language = 0; language < 2; language++) {
    struct template_set *set = NULL;
    struct error error = {0};
    if (!template_set_read(&set, &name, &source, 1, catalog, language, &error))
      fail_msg("%s", error.log);
    assert_string_equal(rendered(set, view), expected[language]);
    template_set_free(set);
  }
  catalog_free(catalog);
  assert_string_equal(render("[[hello]]", NULL, NULL, view), "[[hello]]");
}

static void template_refuses_messages(void **state)
{
  (void)state;
  struct catalog *catalog = messages();
  static const char *const cases[][2] = {
      {"a\n[[none]]", "template \"a\": \"none\": line 2: no message has this key"},
      {"[[hello", "line 1: \"[[\" is not closed"},
      {"[[hello]]\n\n{{x", "line 3: the tag is not closed"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct template_set *untouched = NULL;
    struct error error = {0};
    struct text name = TEXT("a"), source = text_from(cases[i][0]);
    assert_false(template_set_read(&untouched, &name, &source, 1, catalog, 0, &error));
    assert_null(untouched);
    if (!strstr(error.log, cases[i][1])) fail_msg("%s", error.log);
  }
  struct template_set *untouched = NULL;
  struct error error = {0};
  struct text name = TEXT("a");
  char *large = arena_allocate(arena, LIMIT_TEMPLATE_OUTPUT + 1);
  memset(large, 'x', LIMIT_TEMPLATE_OUTPUT + 1);
  struct text source = {large, LIMIT_TEMPLATE_OUTPUT + 1};
  assert_false(template_set_read(&untouched, &name, &source, 1, catalog, 0, &error));
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  catalog_free(catalog);
}

static bool load(struct template_set **out, struct error *error)
{
  return template_set_load(out, file_join(arena, folder, "pages"), NULL, 0, error);
}

static void template_loads_a_folder(void **state)
{
  (void)state;
  struct template_set *set = NULL;
  struct error error = {0};
  assert_false(load(&set, &error)); /* no such folder */
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  write_file("pages/a.mustache",
             TEXT("{{>parts/card}} {{#x}}{{<parts/card}}{{/parts/card}}{{/x}}"));
  write_file("pages/parts/card.mustache", TEXT("[{{x}}{{>*none}}]"));
  write_file("pages/notes.txt", TEXT("{{"));
  if (!load(&set, &error)) fail_msg("%s", error.log);
  assert_true(template_exists(set, TEXT("parts/card")));
  assert_false(template_exists(set, TEXT("notes")));
  assert_string_equal(rendered(set, view_of("{\"x\":1}")), "[1] [1]");
  uint64_t hash = template_set_hash(set);
  template_set_free(set);
  assert_true(load(&set, &error));
  assert_true(hash == template_set_hash(set));
  template_set_free(set);
  write_file("pages/parts/card.mustache", TEXT("[{{y}}]"));
  assert_true(load(&set, &error));
  assert_true(hash != template_set_hash(set));
  template_set_free(set);
}

static void template_refuses_a_folder(void **state)
{
  (void)state;
  struct template_set *untouched = NULL;
  struct error error = {0};
  write_file("pages/a.mustache", TEXT("x\n{{#x}}{{>none}}{{/x}}"));
  assert_false(load(&untouched, &error));
  assert_string_equal(error.log, "template \"a\": \"none\": line 2: no template has this name");
  write_file("pages/a.mustache", TEXT("{{<none}}{{/none}}"));
  assert_false(load(&untouched, &error));
  write_file("pages/a.mustache", TEXT("{{"));
  assert_false(load(&untouched, &error));
  char *large = arena_allocate(arena, 2 * 1024 * 1024);
  write_file("pages/a.mustache", (struct text){large, 2 * 1024 * 1024});
  assert_false(load(&untouched, &error));
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  assert_null(untouched);
  for (int i = 0; i < 100; i++) {
    const char *name = text_format(arena, "pages/many%d.mustache", i).at;
    write_file(name, TEXT("x"));
  }
  write_file("pages/a.mustache", TEXT("{{>many0}}{{>many99}}"));
  if (!load(&untouched, &error)) fail_msg("%s", error.log);
  assert_string_equal(rendered(untouched, NULL), "xx");
  template_set_free(untouched);
  template_set_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(template_renders),
      cmocka_unit_test(template_keeps_lines),
      cmocka_unit_test(template_knows_what_is_true),
      cmocka_unit_test(template_shows_html_as_it_is),
      cmocka_unit_test(template_refuses_json_slices),
      cmocka_unit_test(template_limits_what_it_does),
      cmocka_unit_test(template_refuses_sources),
      cmocka_unit_test(template_names_are_unique),
      cmocka_unit_test(template_sets_grow),
      cmocka_unit_test_setup_teardown(template_splices_messages, folder_set_up, folder_tear_down),
      cmocka_unit_test_setup_teardown(template_refuses_messages, folder_set_up, folder_tear_down),
      cmocka_unit_test_setup_teardown(template_loads_a_folder, folder_set_up, folder_tear_down),
      cmocka_unit_test_setup_teardown(template_refuses_a_folder, folder_set_up, folder_tear_down),
  };
  return cmocka_run_group_tests(tests, template_set_up, template_tear_down);
}
