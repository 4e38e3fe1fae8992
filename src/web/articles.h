/*
 * Articles: the plain-language pages of knowledge/articles, read once at start.
 *
 *   knowledge/articles/topics.csv             topic,label_en,label_es,order
 *   knowledge/articles/<language>/<slug>.md   a front block, then CommonMark
 *
 * The front block stands between two lines "---" and holds "key: value" lines: title, lead, topic,
 * order, as_of, reviewed, action, action_label, related, and one "source: GRADE | text" a source
 * (grades as in docs/knowledge.md). The body has paragraphs, lists, quotes, headings of levels 2
 * and 3, emphasis, links, and pipe tables whose cells are plain text. Markup of another kind, raw
 * HTML and pictures are refused, not dropped. A heading of level 2 opens a section with an anchor.
 * A link is a page of ours ("/find?need=detox", "/learn/detox#when"), an anchor of this article, or
 * "tel:" with a number of help.csv; the language's "/es" is put before pages of ours.
 *
 * libcmark makes the HTML of each part; C makes none. Files are taken as hostile: sizes and counts
 * are limited, bytes must be UTF-8 without control characters. Immutable after loading; any thread
 * may read. Texts live as long as the articles.
 */
#ifndef FAIRLEAD_WEB_ARTICLES_H
#define FAIRLEAD_WEB_ARTICLES_H

#include "directory/directory.h"
#include "web/route.h"

struct article_source {
  struct text grade, text;
};

/* One of the two: markup, or a table. */
struct article_part {
  struct text html;
  const struct table *table;
};

/* What stands under a heading; before the first heading, `id` and `title` are empty. */
struct article_section {
  struct text id, title;
  struct article_part *parts;
  size_t part_count;
};

/* An article in one language. */
struct article_words {
  struct text title, lead, action_label;
  struct article_source *sources;
  size_t source_count;
  struct article_section *sections;
  size_t section_count;
};

struct article {
  struct text slug;
  size_t topic;
  int64_t order;        /* within the topic, and in a list of all */
  struct text action;   /* a page of ours, without the language's prefix */
  struct text as_of;    /* "2026-11-21": the day the facts were looked at */
  struct text reviewed; /* "unsigned", or who signed and when */
  size_t *related;      /* indices of articles */
  size_t related_count;
  struct article_words words[NEED_LANGUAGES];
};

struct article_topic {
  struct text name;
  struct text label[NEED_LANGUAGES];
  int64_t order;
};

struct articles;
/* Load all. Refuses at the first problem, with file, line and how to mend it. */
bool articles_load(struct articles **out, const char *knowledge_folder, const struct needs *needs,
                   struct error *error);
/* Load as articles_load() does, but hand every problem to `each`; with `routes`, a link to a page
 * that has none is one. Answers their number; `*out` is set only when there is none. */
size_t articles_load_reporting(struct articles **out, const char *knowledge_folder,
                               const struct needs *needs, const struct web_routes *routes,
                               void (*each)(void *context, const struct knowledge_problem *problem),
                               void *context);
void articles_free(struct articles *articles);

/* In the order of `order`. */
size_t articles_count(const struct articles *articles);
const struct article *articles_get(const struct articles *articles, size_t index);
bool articles_find(const struct articles *articles, struct text slug, size_t *out);
size_t article_topics_count(const struct articles *articles);
const struct article_topic *article_topics_get(const struct articles *articles, size_t index);

#endif
