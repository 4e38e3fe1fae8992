/*
 * Articles, inside: what articles.c (the folder) and articles_read.c (one file) share.
 */
#ifndef FAIRLEAD_WEB_ARTICLES_PRIVATE_H
#define FAIRLEAD_WEB_ARTICLES_PRIVATE_H

#include "web/articles.h"

/* Folders of knowledge/articles, by language. */
extern const char *const article_languages[NEED_LANGUAGES];

/* A link as it stands in a file, to be judged once all files are read. */
struct article_link {
  struct text file, target;
  int64_t line;
};

struct article_loader {
  struct arena *arena;
  const struct needs *needs;
  const struct web_routes *routes; /* or NULL */
  void (*each)(void *context, const struct knowledge_problem *problem);
  void *context;
  size_t problems;
  struct article_link *links;
  size_t link_count, link_capacity;
};

/* Fields of the front block, in the order in which a missing one is named. */
enum article_field {
  ARTICLE_TITLE,
  ARTICLE_LEAD,
  ARTICLE_TOPIC,
  ARTICLE_ORDER,
  ARTICLE_AS_OF,
  ARTICLE_REVIEWED,
  ARTICLE_ACTION,
  ARTICLE_ACTION_LABEL,
  ARTICLE_RELATED,
  ARTICLE_SOURCE,
  ARTICLE_FIELDS
};

/* One file, read: its front block as it stands and its body. */
struct article_file {
  struct text name; /* "articles/en/detox.md" */
  struct text slug;
  size_t language;
  struct text fields[ARTICLE_FIELDS];
  int64_t lines[ARTICLE_FIELDS]; /* where each stands; 0: nowhere */
  struct article_words words;
};

/* Count a problem and hand it on. `line` is from 1; 0 means the file itself. */
void article_report(struct article_loader *loader, struct text file, int64_t line, const char *mend,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
/* A text for a message: at most 60 bytes of it, without control characters. */
const char *article_quote(struct article_loader *loader, struct text t);

/* Read a document into `file`, whose name, slug and language are set. What is wrong is reported. */
void article_read(struct article_loader *loader, struct text document, struct article_file *file);

/* Is there a section with this anchor? */
bool article_has_section(const struct article_words *words, struct text id);

#endif
