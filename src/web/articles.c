/*
 * Articles: the folder as a whole: topics, both languages of each article, links. See articles.h.
 */
#include "web/articles.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "web/articles_private.h"

const char *const article_languages[NEED_LANGUAGES] = {"en", "es"};

struct articles {
  struct arena *arena;
  struct article *items;
  size_t count;
  struct article_topic *topics;
  size_t topic_count;
};

/* What is read, before it is put together: by language, in the order of names. */
struct folder {
  struct article_loader loader;
  struct articles *articles;
  const char *path; /* of knowledge/ */
  struct article_file *files[NEED_LANGUAGES];
  size_t counts[NEED_LANGUAGES];
};

/* --- Problems -----------------------------------------------------------------------------------
 */

void article_report(struct article_loader *loader, struct text file, int64_t line, const char *mend,
                    const char *format, ...)
{
  char what[LIMIT_ERROR_TEXT];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  loader->problems++;
  if (loader->each)
    loader->each(loader->context,
                 &(struct knowledge_problem){text_c(loader->arena, file), line, what, mend});
}

const char *article_quote(struct article_loader *loader, struct text t)
{
  enum { SHOWN = 60 };
  struct text cut = text_slice(t, 0, SHOWN);
  char *shown = text_c(loader->arena, text_slice(cut, 0, text_utf8_prefix(cut)));
  for (char *c = shown; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
  return shown;
}

/* --- Topics --------------------------------------------------------------------------------------
 */

static int compare_topics(const void *a, const void *b)
{
  const struct article_topic *one = a, *other = b;
  return (one->order > other->order) - (one->order < other->order);
}

static bool find_topic(const struct articles *articles, struct text name, size_t *out)
{
  for (size_t i = 0; i < articles->topic_count; i++)
    if (text_equal(articles->topics[i].name, name)) {
      *out = i;
      return true;
    }
  return false;
}

static void read_topic(struct folder *folder, const struct table *table, const size_t *at,
                       size_t row)
{
  static const struct text file = {"articles/topics.csv", sizeof "articles/topics.csv" - 1};
  struct articles *articles = folder->articles;
  struct article_topic *topic = &articles->topics[articles->topic_count];
  size_t other;
  topic->name = text_trim(table_cell(table, row, at[0]));
  bool full = !text_is_empty(topic->name);
  for (size_t i = 0; i < NEED_LANGUAGES; i++) {
    topic->label[i] = text_trim(table_cell(table, row, at[1 + i]));
    full = full && !text_is_empty(topic->label[i]);
  }
  if (!full)
    article_report(&folder->loader, file, table->lines[row], "fill it in", "a cell is empty");
  else if (!text_read_integer(text_trim(table_cell(table, row, at[1 + NEED_LANGUAGES])),
                              &topic->order))
    article_report(&folder->loader, file, table->lines[row], "write a number",
                   "order is no whole number");
  else if (find_topic(articles, topic->name, &other))
    article_report(&folder->loader, file, table->lines[row], "keep one",
                   "the topic '%s' stands twice", article_quote(&folder->loader, topic->name));
  else articles->topic_count++;
}

static void read_topics(struct folder *folder)
{
  static const char *const columns[] = {"topic", "label_en", "label_es", "order"};
  enum { COLUMNS = sizeof columns / sizeof *columns };
  struct arena *arena = folder->loader.arena;
  struct text document;
  struct table table;
  struct error error = {0};
  size_t at[COLUMNS];
  bool good = file_read(arena, file_join(arena, folder->path, "articles/topics.csv"),
                        LIMIT_KNOWLEDGE_FILE, &document, &error) &&
              table_read_csv(arena, document, &table, &error);
  for (size_t i = 0; good && i < COLUMNS; i++)
    good = table_column(&table, columns[i], &at[i], &error);
  if (!good) {
    article_report(&folder->loader, TEXT("articles/topics.csv"), 0,
                   "keep a table with topic, label_en, label_es and order", "%s", error.log);
    return;
  }
  struct articles *articles = folder->articles;
  articles->topics = arena_allocate_array(arena, table.row_count + 1, sizeof *articles->topics);
  for (size_t row = 0; row < table.row_count; row++) read_topic(folder, &table, at, row);
  qsort(articles->topics, articles->topic_count, sizeof *articles->topics, compare_topics);
}

/* --- Files ------------------------------------------------------------------------------------ */

/* A slug is of small letters, digits and single hyphens. */
static bool is_slug(struct text t)
{
  char before = '-';
  for (size_t i = 0; i < t.length; before = t.at[i++]) {
    char c = t.at[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && !(c == '-' && before != '-')) return false;
  }
  return before != '-';
}

/* "en/detox.md" is "detox" in English. */
static bool read_path(struct text path, size_t *language, struct text *slug)
{
  struct text rest = path, code;
  text_split_next(&rest, '/', &code);
  if (!text_ends_with(rest, TEXT(".md"))) return false;
  *slug = text_slice(rest, 0, rest.length - 3);
  for (size_t i = 0; i < NEED_LANGUAGES; i++)
    if (text_equal(code, text_from(article_languages[i]))) {
      *language = i;
      return is_slug(*slug);
    }
  return false;
}

static bool read_file(void *context, struct text path, struct error *error)
{
  struct folder *folder = context;
  struct article_loader *loader = &folder->loader;
  struct arena *arena = loader->arena;
  struct text name = text_format(arena, "articles/%.*s", TEXT_PRINT(path)), slug, document;
  struct error unread = {0};
  size_t language;
  (void)error;
  if (text_equal(path, TEXT("topics.csv"))) return true;
  if (!read_path(path, &language, &slug)) {
    article_report(loader, name, 0, "name it en/<slug>.md or es/<slug>.md, with a-z, 0-9 and -",
                   "no name of an article");
  } else if (folder->counts[language] == LIMIT_ARTICLES) {
    article_report(loader, name, 0, "keep fewer", "more than %d articles", LIMIT_ARTICLES);
  } else if (!file_read(arena, file_join(arena, folder->path, text_c(arena, name)), LIMIT_ARTICLE,
                        &document, &unread)) {
    article_report(loader, name, 0, "keep an article under 64 KiB, readable", "%s", unread.log);
  } else {
    struct article_file *file = &folder->files[language][folder->counts[language]++];
    *file =
        (struct article_file){.name = name, .slug = text_copy(arena, slug), .language = language};
    article_read(loader, document, file);
  }
  return true;
}

/* --- One article of its files --------------------------------------------------------------- */

static struct article_file *find_file(struct folder *folder, size_t language, struct text slug)
{
  for (size_t i = 0; i < folder->counts[language]; i++)
    if (text_equal(folder->files[language][i].slug, slug)) return &folder->files[language][i];
  return NULL;
}

/* What must be the same in every language. */
static void compare_files(struct folder *folder, const struct article_file *source,
                          const struct article_file *file)
{
  static const struct {
    enum article_field field;
    const char *name;
  } same[] = {{ARTICLE_TOPIC, "topic"},
              {ARTICLE_ORDER, "order"},
              {ARTICLE_AS_OF, "as_of"},
              {ARTICLE_ACTION, "action"},
              {ARTICLE_RELATED, "related"}};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    if (source->lines[same[i].field] && file->lines[same[i].field] &&
        !text_equal(source->fields[same[i].field], file->fields[same[i].field]))
      article_report(&folder->loader, file->name, file->lines[same[i].field],
                     "write what the English file has", "%s is another than in English",
                     same[i].name);
  bool grades = source->words.source_count == file->words.source_count;
  for (size_t i = 0; grades && i < file->words.source_count; i++)
    grades = text_equal(source->words.sources[i].grade, file->words.sources[i].grade);
  if (!grades)
    article_report(&folder->loader, file->name, file->lines[ARTICLE_SOURCE],
                   "name the same sources in the same order",
                   "its sources and their grades are not those of the English file");
  if (source->words.section_count != file->words.section_count)
    article_report(&folder->loader, file->name, 0, "give both the same sections",
                   "%zu sections, %zu in English", file->words.section_count - 1,
                   source->words.section_count - 1);
}

static void read_fields(struct folder *folder, const struct article_file *file,
                        struct article *article)
{
  struct article_loader *loader = &folder->loader;
  int year, month, day;
  article->slug = file->slug;
  article->action = file->fields[ARTICLE_ACTION];
  article->as_of = file->fields[ARTICLE_AS_OF];
  article->reviewed = file->fields[ARTICLE_REVIEWED];
  if (file->lines[ARTICLE_TOPIC] &&
      !find_topic(folder->articles, file->fields[ARTICLE_TOPIC], &article->topic))
    article_report(loader, file->name, file->lines[ARTICLE_TOPIC], "use a topic of topics.csv",
                   "unknown topic '%s'", article_quote(loader, file->fields[ARTICLE_TOPIC]));
  if (file->lines[ARTICLE_ORDER] &&
      !text_read_integer(file->fields[ARTICLE_ORDER], &article->order))
    article_report(loader, file->name, file->lines[ARTICLE_ORDER], "write a number",
                   "order is no whole number");
  if (file->lines[ARTICLE_AS_OF] && !time_read_date(article->as_of, &year, &month, &day))
    article_report(loader, file->name, file->lines[ARTICLE_AS_OF], "write it as 2026-11-21",
                   "as_of is no date");
}

static void add_article(struct folder *folder, struct article_file *english)
{
  struct articles *articles = folder->articles;
  struct article *article = &articles->items[articles->count++];
  read_fields(folder, english, article);
  for (size_t i = 0; i < NEED_LANGUAGES; i++) {
    struct article_file *file = find_file(folder, i, english->slug);
    if (!file) {
      struct text name = text_format(folder->loader.arena, "articles/%s/%.*s.md",
                                     article_languages[i], TEXT_PRINT(english->slug));
      article_report(&folder->loader, name, 0, "translate the English file",
                     "the article is missing in '%s'", article_languages[i]);
      continue;
    }
    if (i > 0) compare_files(folder, english, file);
    article->words[i] = file->words;
  }
}

static void add_articles(struct folder *folder)
{
  struct articles *articles = folder->articles;
  articles->items =
      arena_allocate_array(articles->arena, folder->counts[0] + 1, sizeof *articles->items);
  for (size_t i = 0; i < folder->counts[0]; i++) add_article(folder, &folder->files[0][i]);
  for (size_t language = 1; language < NEED_LANGUAGES; language++)
    for (size_t i = 0; i < folder->counts[language]; i++)
      if (!find_file(folder, 0, folder->files[language][i].slug))
        article_report(&folder->loader, folder->files[language][i].name, 0,
                       "write the English file", "the article is missing in 'en'");
}

/* --- Links -------------------------------------------------------------------------------------
 */

static bool slug_find(const struct articles *articles, struct text slug, size_t *out)
{
  for (size_t i = 0; i < articles->count; i++)
    if (text_equal(articles->items[i].slug, slug)) {
      *out = i;
      return true;
    }
  return false;
}

/* The digits of a number, without the country's 1. */
static struct text digits_of(struct arena *arena, struct text phone)
{
  char *digits = arena_allocate(arena, phone.length + 1);
  size_t count = 0;
  for (size_t i = 0; i < phone.length; i++)
    if (phone.at[i] >= '0' && phone.at[i] <= '9') digits[count++] = phone.at[i];
  struct text all = {digits, count};
  return count == 11 && digits[0] == '1' ? text_slice(all, 1, count) : all;
}

static bool is_help_line(struct article_loader *loader, struct text phone)
{
  struct text digits = digits_of(loader->arena, phone);
  for (size_t i = 0; i < help_lines_count(loader->needs); i++) {
    struct text known = help_lines_get(loader->needs, i)->phone;
    if (!text_is_empty(digits) && text_equal(digits, digits_of(loader->arena, known))) return true;
  }
  return false;
}

static void judge_query(struct article_loader *loader, const struct article_link *link,
                        struct text query)
{
  struct text pair;
  size_t need;
  while (text_split_next(&query, '&', &pair)) {
    struct text value = pair, name = TEXT("");
    text_split_next(&value, '=', &name);
    if (!text_equal(name, TEXT("need")))
      article_report(loader, link->file, link->line, "ask for needs alone",
                     "a link with the parameter '%s'", article_quote(loader, name));
    else if (!needs_find(loader->needs, value, &need))
      article_report(loader, link->file, link->line, "use a need of needs.csv",
                     "a link with the unknown need '%s'", article_quote(loader, value));
  }
}

/* A link to an article, perhaps to a section of it. */
static void judge_article(struct folder *folder, const struct article_link *link, struct text slug,
                          struct text anchor, size_t language)
{
  struct article_loader *loader = &folder->loader;
  size_t index;
  if (!slug_find(folder->articles, slug, &index))
    article_report(loader, link->file, link->line, "name an article that exists",
                   "a link to the unknown article '%s'", article_quote(loader, slug));
  else if (!text_is_empty(anchor) &&
           !article_has_section(&folder->articles->items[index].words[language], anchor))
    article_report(loader, link->file, link->line, "name a heading of that article",
                   "a link to the unknown heading '%s'", article_quote(loader, anchor));
}

static void judge_page(struct folder *folder, const struct article_link *link, size_t language)
{
  static const struct text learn = {"/learn/", sizeof "/learn/" - 1};
  struct article_loader *loader = &folder->loader;
  struct text anchor = link->target, query = TEXT(""), path = TEXT("");
  text_split_next(&anchor, '#', &query);
  text_split_next(&query, '?', &path);
  if (!text_is_empty(query)) judge_query(loader, link, query);
  struct text slug = text_slice(path, learn.length, path.length);
  if (text_starts_with(path, learn) && !text_contains(slug, TEXT("/")))
    judge_article(folder, link, slug, anchor, language);
  else if (loader->routes && !web_route_find(loader->routes, loader->arena, path).route)
    article_report(loader, link->file, link->line, "name a page of ours",
                   "a link to the unknown page '%s'", article_quote(loader, path));
}

static void judge_link(struct folder *folder, const struct article_link *link)
{
  struct article_loader *loader = &folder->loader;
  struct text slug, target = link->target;
  size_t language = 0;
  read_path(text_slice(link->file, sizeof "articles/" - 1, link->file.length), &language, &slug);
  if (text_starts_with(target, TEXT("/")) && !text_starts_with(target, TEXT("//"))) {
    judge_page(folder, link, language);
  } else if (text_starts_with(target, TEXT("#"))) {
    struct article_file *file = find_file(folder, language, slug);
    if (!file || !article_has_section(&file->words, text_slice(target, 1, target.length)))
      article_report(loader, link->file, link->line, "name a heading of this article",
                     "a link to the unknown heading '%s'", article_quote(loader, target));
  } else if (!text_starts_with(target, TEXT("tel:"))) {
    article_report(loader, link->file, link->line, "link to a page of ours or a number of help.csv",
                   "a link to '%s'", article_quote(loader, target));
  } else if (!is_help_line(loader, target)) {
    article_report(loader, link->file, link->line, "add the number to help.csv first",
                   "the number '%s' is not in help.csv", article_quote(loader, target));
  }
}

static void judge_action(struct folder *folder, const struct article_file *file)
{
  struct article_link link = {file->name, file->fields[ARTICLE_ACTION],
                              file->lines[ARTICLE_ACTION]};
  if (!link.line) return;
  if (text_starts_with(link.target, TEXT("/"))) judge_link(folder, &link);
  else
    article_report(&folder->loader, file->name, link.line, "begin it with /",
                   "action is no page of ours");
}

static void judge_related(struct folder *folder, const struct article_file *file)
{
  struct articles *articles = folder->articles;
  struct text rest = file->fields[ARTICLE_RELATED], slug;
  size_t self, index;
  if (!file->lines[ARTICLE_RELATED] || !slug_find(articles, file->slug, &self)) return;
  struct article *article = &articles->items[self];
  article->related = arena_allocate_array(articles->arena, articles->count, sizeof(size_t));
  while (text_word_next(&rest, &slug)) {
    if (!slug_find(articles, slug, &index) || index == self)
      article_report(&folder->loader, file->name, file->lines[ARTICLE_RELATED],
                     "name other articles that exist", "related to the unknown article '%s'",
                     article_quote(&folder->loader, slug));
    else if (article->related_count < articles->count)
      article->related[article->related_count++] = index;
  }
}

static void judge_links(struct folder *folder)
{
  for (size_t i = 0; i < folder->loader.link_count; i++)
    judge_link(folder, &folder->loader.links[i]);
  for (size_t language = 0; language < NEED_LANGUAGES; language++)
    for (size_t i = 0; i < folder->counts[language]; i++)
      judge_action(folder, &folder->files[language][i]);
  for (size_t i = 0; i < folder->counts[0]; i++) judge_related(folder, &folder->files[0][i]);
}

/* --- Order -------------------------------------------------------------------------------------
 */

/* Put files in the order of the page before articles are made of them. */
static int compare_files_order(const void *a, const void *b)
{
  const struct article_file *one = a, *other = b;
  int64_t orders[2] = {0, 0};
  text_read_integer(one->fields[ARTICLE_ORDER], &orders[0]);
  text_read_integer(other->fields[ARTICLE_ORDER], &orders[1]);
  if (orders[0] != orders[1]) return orders[0] < orders[1] ? -1 : 1;
  return text_compare(one->slug, other->slug);
}

/* --- Loading ------------------------------------------------------------------------------------
 */

static void load(struct folder *folder)
{
  struct error error = {0};
  struct arena *arena = folder->loader.arena;
  read_topics(folder);
  for (size_t i = 0; i < NEED_LANGUAGES; i++)
    folder->files[i] = arena_allocate_array(arena, LIMIT_ARTICLES, sizeof *folder->files[i]);
  if (!file_walk(file_join(arena, folder->path, "articles"), read_file, folder, &error)) {
    article_report(&folder->loader, TEXT("articles"), 0, "keep the folder with the articles", "%s",
                   error.log);
    return;
  }
  for (size_t i = 0; i < NEED_LANGUAGES; i++)
    qsort(folder->files[i], folder->counts[i], sizeof *folder->files[i], compare_files_order);
  add_articles(folder);
  judge_links(folder);
  if (arena_is_over(arena))
    article_report(&folder->loader, TEXT("articles"), 0, "keep fewer or shorter articles",
                   "all articles together are too long");
}

size_t articles_load_reporting(struct articles **out, const char *knowledge_folder,
                               const struct needs *needs, const struct web_routes *routes,
                               void (*each)(void *context, const struct knowledge_problem *problem),
                               void *context)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct articles *articles = arena_allocate(arena, sizeof *articles);
  articles->arena = arena;
  struct folder folder = {.loader = {.arena = arena,
                                     .needs = needs,
                                     .routes = routes,
                                     .each = each,
                                     .context = context},
                          .articles = articles,
                          .path = knowledge_folder};
  load(&folder);
  if (folder.loader.problems) arena_free(arena);
  else *out = articles;
  return folder.loader.problems;
}

static void keep_first(void *context, const struct knowledge_problem *problem)
{
  struct error *error = context;
  if (error->kind != ERROR_NONE) return;
  error_set(error, ERROR_REFUSED, "error.knowledge.invalid", problem->mend, "%s:%lld: %s",
            problem->file, (long long)problem->line, problem->what);
}

bool articles_load(struct articles **out, const char *knowledge_folder, const struct needs *needs,
                   struct error *error)
{
  struct error first = {0};
  if (articles_load_reporting(out, knowledge_folder, needs, NULL, keep_first, &first) == 0)
    return true;
  if (error) *error = first;
  return false;
}

void articles_free(struct articles *articles)
{
  if (articles) arena_free(articles->arena);
}

/* --- What was loaded ----------------------------------------------------------------------------
 */

size_t articles_count(const struct articles *articles)
{
  return articles->count;
}

const struct article *articles_get(const struct articles *articles, size_t index)
{
  assert(index < articles->count);
  return &articles->items[index];
}

bool articles_find(const struct articles *articles, struct text slug, size_t *out)
{
  return slug_find(articles, slug, out);
}

size_t article_topics_count(const struct articles *articles)
{
  return articles->topic_count;
}

const struct article_topic *article_topics_get(const struct articles *articles, size_t index)
{
  assert(index < articles->topic_count);
  return &articles->topics[index];
}
