/*
 * Articles: what is read, and each fault that is refused with file, line and how to mend it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "directory/needs.h"
#include "web/articles.h"

static struct arena *arena;
static struct needs *needs;
static char folder[] = "/tmp/fairlead-articles-XXXXXX";

static const char topics[] = "topic,label_en,label_es,order\nlater,Later,Luego,2\nfirst,First,"
                             "Primero,1\n";

/* --- A folder of articles to spoil ---------------------------------------------------------------
 */

static void put(const char *name, struct text content)
{
  assert_true(file_replace(file_join(arena, folder, name), content, NULL));
}

static void drop(const char *name)
{
  unlink(file_join(arena, folder, name));
}

/* An article whose front block has `extra` lines in the place of the first source. */
static struct text article(const char *title, const char *related, const char *source,
                           const char *body)
{
  return text_format(arena,
                     "---\ntitle: %s\nlead: Two words. More words.\ntopic: first\norder: 3\n"
                     "as_of: 2026-11-21\nreviewed: unsigned\naction: /find?need=detox\n"
                     "action_label: Go\nrelated: %s\n%s\n---\n%s",
                     title, related, source, body);
}

static const char source[] = "source: V | A book, 2020";

/* "one" and "two" in both languages, sound. */
static void put_all(void)
{
  static const char *const languages[] = {"en", "es"};
  put("articles/topics.csv", text_from(topics));
  for (size_t i = 0; i < 2; i++) {
    put(text_c(arena, text_format(arena, "articles/%s/one.md", languages[i])),
        article("One", "two", source, "Hello [two](/learn/two#when-it-is).\n"));
    put(text_c(arena, text_format(arena, "articles/%s/two.md", languages[i])),
        article("Two", "one", source, "Text.\n\n## When it is\n\nMore.\n"));
  }
}

static int set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct error error = {0};
  if (!mkdtemp(folder) || !needs_load(&needs, "knowledge", &error) ||
      !file_make_folder(file_join(arena, folder, "articles/en"), &error) ||
      !file_make_folder(file_join(arena, folder, "articles/es"), &error))
    return 1;
  put_all();
  return 0;
}

static int tear_down(void **state)
{
  static const char *const files[] = {"articles/en/one.md", "articles/en/two.md",
                                      "articles/es/one.md", "articles/es/two.md",
                                      "articles/topics.csv"};
  (void)state;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) drop(files[i]);
  rmdir(file_join(arena, folder, "articles/en"));
  rmdir(file_join(arena, folder, "articles/es"));
  rmdir(file_join(arena, folder, "articles"));
  rmdir(folder);
  needs_free(needs);
  arena_free(arena);
  return 0;
}

static void keep(void *context, const struct knowledge_problem *problem)
{
  text_buffer_add_format(context, "%s:%lld: %s. %s.\n", problem->file, (long long)problem->line,
                         problem->what, problem->mend);
}

/* Every problem of the folder as it is, a line each. */
static struct text problems(const struct web_routes *routes)
{
  struct text_buffer found;
  struct articles *articles = NULL;
  text_buffer_init(&found, LIMIT_KNOWLEDGE_FILE);
  size_t count = articles_load_reporting(&articles, folder, needs, routes, keep, &found);
  assert_int_equal(count == 0, articles != NULL);
  articles_free(articles);
  struct text result = text_copy(arena, text_buffer_get(&found));
  text_buffer_fini(&found);
  return result;
}

/* A file with this content has this problem; the folder is sound again afterwards. */
static void assert_problem(const char *name, struct text content, const char *expected)
{
  put(name, content);
  struct text found = problems(NULL);
  if (!text_contains(found, text_from(expected))) {
    print_error("expected \"%s\", found: %.*s\n", expected, TEXT_PRINT(found));
    fail();
  }
  put_all();
}

static void assert_body(const char *body, const char *expected)
{
  assert_problem("articles/en/one.md", article("One", "two", source, body), expected);
}

/* --- What is read -------------------------------------------------------------------------------
 */

static const struct article *find(const struct articles *articles, const char *slug)
{
  size_t index;
  assert_true(articles_find(articles, text_from(slug), &index));
  return articles_get(articles, index);
}

static void assert_text(struct text t, const char *expected)
{
  assert_string_equal(text_c(arena, t), expected);
}

static void articles_test_read(void **state)
{
  (void)state;
  struct articles *articles;
  put("articles/es/one.md",
      article("Uno", "two", "source: V | Un libro, 2020", "Hola [dos](/learn/two#when-it-is).\n"));
  assert_true(articles_load(&articles, folder, needs, NULL));
  assert_int_equal(articles_count(articles), 2);
  assert_int_equal(article_topics_count(articles), 2);
  assert_text(article_topics_get(articles, 0)->label[1], "Primero");
  const struct article *one = find(articles, "one");
  assert_text(one->words[0].title, "One");
  assert_text(one->words[1].title, "Uno");
  assert_text(one->action, "/find?need=detox");
  assert_text(one->as_of, "2026-11-21");
  assert_int_equal(one->topic, 0);
  assert_int_equal(one->related_count, 1);
  assert_text(articles_get(articles, one->related[0])->slug, "two");
  assert_text(one->words[0].sources[0].grade, "V");
  assert_text(one->words[1].sources[0].text, "Un libro, 2020");
  assert_text(one->words[0].sections[0].parts[0].html,
              "<p>Hello <a href=\"/learn/two#when-it-is\">two</a>.</p>\n");
  assert_text(one->words[1].sections[0].parts[0].html,
              "<p>Hola <a href=\"/es/learn/two#when-it-is\">dos</a>.</p>\n");
  size_t index;
  assert_false(articles_find(articles, TEXT("three"), &index));
  articles_free(articles);
  put_all();
}

static void articles_test_sections_and_tables(void **state)
{
  (void)state;
  struct articles *articles;
  put("articles/en/two.md",
      article(
          "Two", "one", source,
          "> **Know** this & that.\n\n## When it is\n\nBefore.\n\n| What | A \\| B |\n| --- | "
          "--- |\n| x < y | \"z\" |\n\n- after\n\n### Small\n\n## ¿Qué más?\n\n1. [call](tel:988)"
          "\n\n[up](#when-it-is)\n"));
  put("articles/es/two.md", article("Two", "one", source, "## When it is\n\na\n\n## B\n\nb\n"));
  struct error error = {0};
  if (!articles_load(&articles, folder, needs, &error)) fail_msg("%s", error.log);
  const struct article_words *words = &find(articles, "two")->words[0];
  assert_int_equal(words->section_count, 3);
  assert_text(words->sections[0].parts[0].html,
              "<blockquote>\n<p><strong>Know</strong> this &amp; that.</p>\n</blockquote>\n");
  assert_text(words->sections[1].id, "when-it-is");
  assert_int_equal(words->sections[1].part_count, 3);
  assert_text(words->sections[1].parts[0].html, "<p>Before.</p>\n");
  const struct table *table = words->sections[1].parts[1].table;
  assert_text(table->columns[1], "A | B");
  assert_text(table_cell(table, 0, 0), "x < y");
  assert_text(words->sections[1].parts[2].html, "<ul>\n<li>after</li>\n</ul>\n<h3>Small</h3>\n");
  assert_text(words->sections[2].id, "que-mas");
  assert_text(words->sections[2].title, "¿Qué más?");
  articles_free(articles);
  put_all();
}

/* --- The front block
 * ------------------------------------------------------------------------------ */

static void articles_test_front_block(void **state)
{
  (void)state;
  static const char name[] = "articles/en/one.md";
  static const char *const keys[] = {"title",    "lead",   "topic",        "order",   "as_of",
                                     "reviewed", "action", "action_label", "related", "source"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    struct text whole = article("One", "two", source, "Text.\n");
    size_t at = text_find(whole, text_format(arena, "\n%s: ", keys[i]));
    struct text rest = text_slice(whole, at + 1, whole.length), line;
    text_split_next(&rest, '\n', &line);
    struct text without = text_format(arena, "%.*s\n%.*s", (int)at, whole.at, TEXT_PRINT(rest));
    assert_problem(name, without,
                   text_c(arena, text_format(arena,
                                             "articles/en/one.md:0: %s is missing. add it to "
                                             "the front block.",
                                             keys[i])));
  }
  assert_problem(name, TEXT(""), "articles/en/one.md:1: no front block. begin with");
  assert_problem(name, TEXT("title: x\n"), "articles/en/one.md:1: no front block");
  assert_problem(name, TEXT("---\ntitle: x\n"),
                 "articles/en/one.md:2: the front block does not end");
  assert_problem(name, TEXT("---\ntitle:\n---\nx\n"), "articles/en/one.md:2: title is empty. fill");
  assert_problem(name, TEXT("---\ntitle: a\ntitle: b\n---\nx\n"), "one.md:3: title stands twice");
  assert_problem(name, TEXT("---\ncolor: a\n---\nx\n"), "one.md:2: unknown key 'color'. use a key");
  assert_problem(name, TEXT("---\nno colon\n---\nx\n"), "one.md:2: unknown key 'no colon'");
  assert_problem(name, article("One", "two", "source: a book", "x\n"),
                 "one.md:11: a source without a grade V, V2, GK or P and a text");
  assert_problem(name, article("One", "two", "source: Z | a book", "x\n"), "without a grade");
  assert_problem(name, article("One", "two", "source: V |", "x\n"), "without a grade");
  assert_problem(name, article("One", "three", source, "x\n"),
                 "one.md:10: related to the unknown article 'three'. name other articles");
  assert_problem(name, article("One", "one", source, "x\n"),
                 "related to the unknown article 'one'");
  assert_problem(name, article("One", "two", source, ""), "one.md:12: there is no text. write");
}

static void articles_test_values(void **state)
{
  (void)state;
  static const struct {
    const char *from, *to, *expected;
  } faults[] = {
      {"topic: first", "topic: third", ":4: unknown topic 'third'. use a topic of topics.csv"},
      {"order: 3", "order: few", ":5: order is no whole number. write a number"},
      {"2026-11-21", "2026-02-30", ":6: as_of is no date. write it as 2026-11-21"},
      {"/find?need=detox", "find", ":8: action is no page of ours. begin it with /"},
      {"/find?need=detox", "tel:988", ":8: action is no page of ours"},
      {"/find?need=detox", "/find?need=rest", ":8: a link with the unknown need 'rest'"},
      {"/find?need=detox", "/find?q=x", ":8: a link with the parameter 'q'. ask for needs alone"},
      {"/find?need=detox", "/learn/three", ":8: a link to the unknown article 'three'"},
  };
  struct text whole = article("One", "two", source, "Text.\n");
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    size_t at = text_find(whole, text_from(faults[i].from));
    assert_true(at < whole.length);
    struct text rest = text_slice(whole, at + strlen(faults[i].from), whole.length);
    assert_problem(
        "articles/en/one.md",
        text_format(arena, "%.*s%s%.*s", (int)at, whole.at, faults[i].to, TEXT_PRINT(rest)),
        faults[i].expected);
  }
}

/* --- The body
 * ---------------------------------------------------------------------------------------- */

static void articles_test_markup_that_is_refused(void **state)
{
  (void)state;
  assert_body("a\n\n<script>alert(1)</script>\n",
              "one.md:15: an article may not hold 'html_block'");
  assert_body("a <b onclick=x>b</b>\n", "one.md:13: an article may not hold 'html_inline'");
  assert_body("![a](/b.png)\n", "an article may not hold 'image'");
  assert_body("a `b`\n", "an article may not hold 'code'");
  assert_body("    code\n", "an article may not hold 'code_block'");
  assert_body("```\na\n```\n", "an article may not hold 'code_block'");
  assert_body("a\n\n***\n", "an article may not hold 'thematic_break'");
  assert_body("a  \nb\n", "an article may not hold 'linebreak'");
  assert_body("# One\n", "an article may not hold 'heading'");
  assert_body("- ## In a list\n", "an article may not hold 'heading'");
  assert_body("> ## In a quote\n", "an article may not hold 'heading'");
  assert_body("#### Four\n", "an article may not hold 'heading'");
}

static void articles_test_links_that_are_refused(void **state)
{
  (void)state;
  assert_body("a\n\n[b](https://example.org/)\n",
              "one.md:15: a link to 'https://example.org/'. link");
  assert_body("[b](//example.org/)\n", "a link to '//example.org/'");
  assert_body("[b](javascript:alert(1))\n", "a link to 'javascript:alert(1)'");
  assert_body("[b](mailto:a@example.org)\n", "a link to 'mailto:a@example.org'");
  assert_body("<https://example.org/>\n", "a link to 'https://example.org/'");
  assert_body("[b]()\n", "a link to ''");
  assert_body("[b](tel:5551234567)\n", "the number 'tel:5551234567' is not in help.csv");
  assert_body("[b](tel:)\n", "the number 'tel:' is not in help.csv");
  assert_body("[b](/learn/three)\n", "a link to the unknown article 'three'. name an article");
  assert_body("[b](/learn/two#no)\n", "a link to the unknown heading 'no'. name a heading");
  assert_body("[b](#no)\n", "a link to the unknown heading '#no'. name a heading of this article");
  assert_body("[b](/find?need=detox&need=x)\n", "a link with the unknown need 'x'");
  assert_body("- [b](tel:1-800-662-4357)\n- [c](tel:911)\n- [d](https://e.org)\n",
              "one.md:15: a link to 'https://e.org'");
}

static void articles_test_headings_and_tables_that_are_refused(void **state)
{
  (void)state;
  assert_body("## A b\n\nx\n\n## A, b\n\nx\n", "one.md:17: the anchor 'a-b' stands twice");
  assert_body("## Sources\n", "one.md:13: the anchor 'sources' stands twice or is the page's own");
  assert_body("## ...\n", "the anchor '' stands twice or is the page's own");
  assert_body("a\n\n| a | b |\n\nc\n", "one.md:15: no table: a row of hyphens is missing. write");
  assert_body("| a | b |\n| --- | --- |\n| c |\n", "one.md:13: no table: ");
}

static void articles_test_hostile_bytes(void **state)
{
  (void)state;
  static const char name[] = "articles/en/one.md";
  assert_problem(name, TEXT("\xff\xfe"),
                 "one.md:0: bytes that are no plain text. save it as UTF-8");
  assert_problem(name, article("One", "two", source, "a\x01 b\n"), "bytes that are no plain text");
  assert_problem(name, article("One", "two", source, "a\x7f\n"), "bytes that are no plain text");
  assert_problem(name, article("One", "two", source, "a\tb\n"), "bytes that are no plain text");
  struct text_buffer long_text;
  text_buffer_init(&long_text, 2 * LIMIT_ARTICLE);
  text_buffer_add(&long_text, article("One", "two", source, ""));
  while (long_text.length <= LIMIT_ARTICLE) text_buffer_add(&long_text, TEXT("> > > > ["));
  assert_problem(name, text_buffer_get(&long_text), "one.md:0: ");
  text_buffer_clear(&long_text);
  text_buffer_add(&long_text, article("One", "two", source, ""));
  for (size_t i = 0; i < LIMIT_ARTICLE_SECTIONS; i++)
    text_buffer_add_format(&long_text, "## H%zu\n\nx\n\n", i);
  assert_problem(name, text_buffer_get(&long_text), "more than 32 sections. use fewer headings");
  text_buffer_clear(&long_text);
  for (size_t i = 0; i <= LIMIT_ARTICLE_SOURCES; i++)
    text_buffer_add_format(&long_text, "%ssource: V | b", i ? "\n" : "");
  assert_problem(name, article("One", "two", text_c(arena, text_buffer_get(&long_text)), "x\n"),
                 "more than 24 sources. name fewer");
  text_buffer_clear(&long_text);
  for (size_t i = 0; i < LIMIT_ARTICLE_PARTS; i++)
    text_buffer_add(&long_text, TEXT("a\n\n| a |\n| --- |\n| b |\n\n"));
  assert_problem(name, article("One", "two", source, text_c(arena, text_buffer_get(&long_text))),
                 "more than 16 parts in a section. use fewer tables");
  text_buffer_fini(&long_text);
}

static void articles_test_carriage_returns(void **state)
{
  (void)state;
  struct text whole = article("One", "two", source, "Text.\n");
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_ARTICLE);
  for (size_t i = 0; i < whole.length; i++) {
    if (whole.at[i] == '\n') text_buffer_add_character(&out, '\r');
    text_buffer_add_character(&out, whole.at[i]);
  }
  put("articles/en/one.md", text_buffer_get(&out));
  text_buffer_fini(&out);
  assert_text(problems(NULL), "");
  put_all();
}

/* --- The folder ---------------------------------------------------------------------------------
 */

static void articles_test_translations(void **state)
{
  (void)state;
  drop("articles/es/two.md");
  assert_true(text_contains(problems(NULL), TEXT("articles/es/two.md:0: the article is missing in "
                                                 "'es'. translate the English file.")));
  put_all();
  drop("articles/en/two.md");
  assert_true(text_contains(problems(NULL), TEXT("articles/es/two.md:0: the article is missing in "
                                                 "'en'. write the English file.")));
  put_all();
  static const char name[] = "articles/es/one.md";
  assert_problem(name, article("One", "two", "source: GK | A book", "x\n"),
                 "one.md:11: its sources and their grades are not those of the English file");
  assert_problem(name, article("One", "two", "source: V | A\nsource: V | B", "x\n"),
                 "one.md:12: its sources and their grades are not those");
  assert_problem(name, article("One", "two", source, "x\n\n## More\n\ny\n"),
                 "one.md:0: 1 sections, 0 in English. give both the same sections");
  struct text whole = article("One", "two", source, "x\n");
  size_t at = text_find(whole, TEXT("order: 3"));
  struct text rest = text_slice(whole, at + 8, whole.length);
  assert_problem(name, text_format(arena, "%.*sorder: 4%.*s", (int)at, whole.at, TEXT_PRINT(rest)),
                 "one.md:5: order is another than in English. write what the English file has");
}

static void articles_test_names_of_files(void **state)
{
  (void)state;
  static const char *const names[] = {"en/One.md", "en/a--b.md", "en/-a.md", "en/a-.md",
                                      "en/.md.md", "en/a.txt",   "fr.md",    "en/a_b.md"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *name = text_c(arena, text_format(arena, "articles/%s", names[i]));
    put(name, TEXT("x"));
    struct text found = problems(NULL);
    drop(name);
    if (strcmp(names[i], "en/.md.md") == 0)
      assert_text(found, ""); /* hidden files are passed over */
    else
      assert_true(text_contains(
          found, text_format(arena, "%s:0: no name of an article. name it en/<slug>.md", name)));
  }
}

static void articles_test_another_folder(void **state)
{
  (void)state;
  assert_true(file_make_folder(file_join(arena, folder, "articles/fr"), NULL));
  put("articles/fr/one.md", TEXT("x"));
  assert_true(text_contains(problems(NULL), TEXT("articles/fr/one.md:0: no name of an article")));
  drop("articles/fr/one.md");
  rmdir(file_join(arena, folder, "articles/fr"));
}

static void articles_test_too_many_and_too_long(void **state)
{
  (void)state;
  enum { LONG = LIMIT_ARTICLE - 1024, MANY = LIMIT_ARTICLES };
  struct text_buffer body;
  text_buffer_init(&body, LIMIT_ARTICLE);
  while (body.length < LONG) text_buffer_add(&body, TEXT("Some words that nobody reads. "));
  struct text whole = article("One", "two", source, text_c(arena, text_buffer_get(&body)));
  text_buffer_fini(&body);
  for (size_t i = 0; i < MANY; i++)
    put(text_c(arena, text_format(arena, "articles/en/more-%zu.md", i)), whole);
  struct text found = problems(NULL);
  for (size_t i = 0; i < MANY; i++)
    drop(text_c(arena, text_format(arena, "articles/en/more-%zu.md", i)));
  assert_true(text_contains(found, TEXT("more than 200 articles. keep fewer.")));
  assert_true(text_contains(found, TEXT("articles:0: all articles together are too long. keep")));
}

static void articles_test_many_links(void **state)
{
  (void)state;
  struct text_buffer body;
  text_buffer_init(&body, LIMIT_ARTICLE);
  for (size_t i = 0; i < 600; i++) text_buffer_add(&body, TEXT("[a](/learn/two) "));
  text_buffer_add(&body, TEXT("[b](/learn/last)\n"));
  assert_body(text_c(arena, text_buffer_get(&body)), "a link to the unknown article 'last'");
  text_buffer_fini(&body);
}

static void articles_test_topics(void **state)
{
  (void)state;
  static const char name[] = "articles/topics.csv";
  assert_problem(name, TEXT("topic,label_en,label_es,order\nfirst,,b,1\n"),
                 "topics.csv:2: a cell is empty. fill it in.");
  assert_problem(name, TEXT("topic,label_en,label_es,order\nfirst,a,b,x\n"),
                 "topics.csv:2: order is no whole number. write a number.");
  assert_problem(name, TEXT("topic,label_en,label_es,order\nfirst,a,b,1\nfirst,a,b,2\n"),
                 "topics.csv:3: the topic 'first' stands twice. keep one.");
  assert_problem(name, TEXT("topic,label_en,order\n"), "topics.csv:0: ");
  drop(name);
  assert_true(text_contains(problems(NULL), TEXT("topics.csv:0: ")));
  put_all();
}

static bool answer(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)request;
  (void)view;
  (void)error;
  return true;
}

static void articles_test_routes(void **state)
{
  (void)state;
  static const struct web_route table[] = {
      {.methods = WEB_GET, .pattern = "/find", .handler = answer}, {.pattern = NULL}};
  static const struct web_route *const tables[] = {table, NULL};
  struct web_routes routes;
  web_routes_init(&routes, tables);
  put("articles/en/one.md", article("One", "two", source, "[a](/find) and [b](/find/x#y)\n"));
  assert_text(problems(NULL), "");
  assert_text(
      problems(&routes),
      "articles/en/one.md:13: a link to the unknown page '/find/x'. name a page of ours.\n");
  put("articles/en/one.md", article("One", "two", source, "[a](/learn/two/more)\n"));
  assert_text(problems(NULL), "");
  assert_text(problems(&routes), "articles/en/one.md:13: a link to the unknown page "
                                 "'/learn/two/more'. name a page of ours.\n");
  web_routes_fini(&routes);
  put_all();
}

static void articles_test_first_problem_is_the_error(void **state)
{
  (void)state;
  struct articles *articles = NULL;
  struct error error = {0};
  drop("articles/es/two.md");
  assert_false(articles_load(&articles, folder, needs, &error));
  assert_null(articles);
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, "error.knowledge.invalid");
  assert_string_equal(error.log, "articles/es/two.md:0: the article is missing in 'es'");
  assert_string_equal(error.hint, "translate the English file");
  put_all();
  assert_false(articles_load(&articles, "/nowhere", needs, &error));
  assert_false(articles_load(&articles, "/nowhere", needs, NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(articles_test_read),
      cmocka_unit_test(articles_test_sections_and_tables),
      cmocka_unit_test(articles_test_front_block),
      cmocka_unit_test(articles_test_values),
      cmocka_unit_test(articles_test_markup_that_is_refused),
      cmocka_unit_test(articles_test_links_that_are_refused),
      cmocka_unit_test(articles_test_headings_and_tables_that_are_refused),
      cmocka_unit_test(articles_test_hostile_bytes),
      cmocka_unit_test(articles_test_carriage_returns),
      cmocka_unit_test(articles_test_translations),
      cmocka_unit_test(articles_test_names_of_files),
      cmocka_unit_test(articles_test_another_folder),
      cmocka_unit_test(articles_test_too_many_and_too_long),
      cmocka_unit_test(articles_test_many_links),
      cmocka_unit_test(articles_test_topics),
      cmocka_unit_test(articles_test_routes),
      cmocka_unit_test(articles_test_first_problem_is_the_error),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
