/*
 * Articles as pages: the list by topic, and one article. What they say is in knowledge/articles
 * (articles.h); markup is in pages/learn.mustache and pages/article.mustache.
 */
#include "web/views.h"

static const struct articles *articles_of(const struct web_request *request)
{
  const struct web_pages *pages = request->application->pages;
  return pages ? pages->articles : NULL;
}

static bool fill(struct web_request *request, struct web_view *view, const char *template_name,
                 struct error *error)
{
  if (!articles_of(request))
    return error_set(error, ERROR_NOT_FOUND, "error.learn.unknown", "", "no articles are loaded");
  view->page = value_object(request->arena);
  view->template_name = template_name;
  view->cache = WEB_CACHE_PUBLIC;
  return true;
}

/* --- The list ----------------------------------------------------------------------------- */

static struct value *link_of(const struct web_request *request, const struct article *article)
{
  struct value *link = value_object(request->arena);
  const struct article_words *words = &article->words[request->language];
  view_set_text(request, link, "slug", article->slug);
  view_set_text(request, link, "title", words->title);
  view_set_text(request, link, "lead", words->lead);
  return link;
}

static bool view_learn(struct web_request *request, struct web_view *view, struct error *error)
{
  if (!fill(request, view, "learn", error)) return false;
  const struct articles *articles = articles_of(request);
  struct value *topics = value_list(request->arena);
  for (size_t i = 0; i < article_topics_count(articles); i++) {
    const struct article_topic *topic = article_topics_get(articles, i);
    struct value *item = value_object(request->arena), *list = value_list(request->arena);
    for (size_t j = 0; j < articles_count(articles); j++)
      if (articles_get(articles, j)->topic == i)
        value_add(list, link_of(request, articles_get(articles, j)));
    view_set_text(request, item, "name", topic->name);
    view_set_text(request, item, "label", topic->label[request->language]);
    value_set(item, "articles", list);
    if (value_count(list)) value_add(topics, item);
  }
  value_set(view->page, "topics", topics);
  return true;
}

/* --- One article ---------------------------------------------------------------------------- */

/* {"columns": […], "rows": [{"head", "cells": [{"column", "text"}]}]}: the first cell heads its
 * row; on a narrow screen each cell stands below the name of its column. */
static struct value *table_of(const struct web_request *request, const struct table *table)
{
  struct value *out = value_object(request->arena), *columns = value_list(request->arena);
  struct value *rows = value_list(request->arena);
  for (size_t i = 0; i < table->column_count; i++)
    value_add(columns, value_text(request->arena, table->columns[i]));
  for (size_t row = 0; row < table->row_count; row++) {
    struct value *item = value_object(request->arena), *cells = value_list(request->arena);
    for (size_t i = 1; i < table->column_count; i++) {
      struct value *cell = value_object(request->arena);
      view_set_text(request, cell, "column", table->columns[i]);
      view_set_text(request, cell, "text", table_cell(table, row, i));
      value_add(cells, cell);
    }
    view_set_text(request, item, "head", table_cell(table, row, 0));
    value_set(item, "cells", cells);
    value_add(rows, item);
  }
  value_set(out, "columns", columns);
  value_set(out, "rows", rows);
  return out;
}

static struct value *section_of(const struct web_request *request,
                                const struct article_section *section)
{
  struct value *out = value_object(request->arena), *parts = value_list(request->arena);
  for (size_t i = 0; i < section->part_count; i++) {
    struct value *part = value_object(request->arena);
    if (section->parts[i].table)
      value_set(part, "table", table_of(request, section->parts[i].table));
    else value_set(part, "html", value_html(request->arena, section->parts[i].html));
    value_add(parts, part);
  }
  view_set_text(request, out, "id", section->id);
  view_set_text(request, out, "title", section->title);
  value_set(out, "parts", parts);
  return out;
}

/* A list of what is on the page, where it is long. */
static void fill_contents(const struct web_request *request, struct value *page,
                          const struct article_words *words)
{
  enum { LONG = 4 };
  view_set_flag(request, page, "is_long", words->section_count > LONG);
  struct value *sections = value_list(request->arena), *opening = NULL;
  for (size_t i = 0; i < words->section_count; i++) {
    struct value *section = section_of(request, &words->sections[i]);
    if (i == 0) opening = section;
    else value_add(sections, section);
  }
  value_set(page, "opening", opening);
  value_set(page, "sections", sections);
}

/* How well each source was looked at: said where it is not checked. */
static void fill_sources(const struct web_request *request, struct value *page,
                         const struct article_words *words)
{
  static const struct {
    const char *grade, *key;
  } marks[] = {
      {"V2", "learn.grade_second"}, {"GK", "learn.grade_general"}, {"P", "learn.grade_ours"}};
  struct value *sources = value_list(request->arena);
  for (size_t i = 0; i < words->source_count; i++) {
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "text", words->sources[i].text);
    for (size_t j = 0; j < sizeof marks / sizeof *marks; j++)
      if (text_equal(words->sources[i].grade, text_from(marks[j].grade)))
        view_set_text(request, item, "mark", view_text(request, marks[j].key));
    value_add(sources, item);
  }
  value_set(page, "article_sources", sources);
}

static void fill_related(const struct web_request *request, struct value *page,
                         const struct article *article)
{
  struct value *related = value_list(request->arena);
  for (size_t i = 0; i < article->related_count; i++)
    value_add(related, link_of(request, articles_get(articles_of(request), article->related[i])));
  value_set(page, "related", related);
}

static bool view_article(struct web_request *request, struct web_view *view, struct error *error)
{
  size_t index;
  if (!fill(request, view, "article", error)) return false;
  if (!articles_find(articles_of(request), request->captured, &index))
    return error_set(error, ERROR_NOT_FOUND, "error.learn.unknown", "", "no such article");
  const struct article *article = articles_get(articles_of(request), index);
  const struct article_words *words = &article->words[request->language];
  const struct article_topic *topic = article_topics_get(articles_of(request), article->topic);
  struct value *page = view->page;
  view_set_text(request, page, "title", words->title);
  view_set_text(request, page, "lead", words->lead);
  view_set_text(request, page, "topic", topic->label[request->language]);
  view_set_text(request, page, "topic_name", topic->name);
  view_set_text(request, page, "action", article->action);
  view_set_text(request, page, "action_label", words->action_label);
  view_set_text(request, page, "as_of",
                VIEW_FORMAT(request, "learn.as_of", {"date", view_date(request, article->as_of)}));
  bool is_signed = !text_equal(article->reviewed, TEXT("unsigned"));
  view_set_text(request, page, "review",
                is_signed ? VIEW_FORMAT(request, "learn.signed", {"who", article->reviewed})
                          : view_text(request, "learn.unsigned"));
  fill_contents(request, page, words);
  fill_sources(request, page, words);
  fill_related(request, page, article);
  return true;
}

const struct web_route web_learn_routes[] = {
    {.methods = WEB_GET, .pattern = "/learn", .handler = view_learn},
    {.methods = WEB_GET, .pattern = "/learn/{article}", .handler = view_article},
    {.pattern = NULL},
};

/* --- For `fairlead knowledge check` --------------------------------------------------------- */

size_t web_articles_check(const char *share_folder, const struct needs *needs,
                          const struct web_route *const *tables,
                          void (*each)(void *context, const struct knowledge_problem *problem),
                          void *context, size_t *count)
{
  struct arena *paths = arena_new(LIMIT_ERROR_TEXT * 8);
  struct web_routes routes;
  struct articles *articles = NULL;
  web_routes_init(&routes, tables);
  size_t problems = articles_load_reporting(&articles, file_join(paths, share_folder, "knowledge"),
                                            needs, &routes, each, context);
  *count = articles ? articles_count(articles) : 0;
  articles_free(articles);
  web_routes_fini(&routes);
  arena_free(paths);
  return problems;
}
