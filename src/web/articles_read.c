/*
 * Articles: one file, from its bytes to sections of markup. See articles.h.
 *
 * The body is cut at its pipe tables, which CommonMark does not know; libcmark reads what lies
 * between, and each run of blocks under a heading becomes one part.
 */
#include <cmark.h>
#include <stdlib.h>
#include <string.h>

#include "web/articles_private.h"

static const char *const field_names[ARTICLE_FIELDS] = {
    "title",    "lead",   "topic",        "order",   "as_of",
    "reviewed", "action", "action_label", "related", "source"};

/* --- Lines ----------------------------------------------------------------------------------- */

struct lines {
  struct text rest, line;
  int64_t number; /* of `line`, from 1 */
};

static bool next_line(struct lines *lines)
{
  if (text_is_empty(lines->rest)) return false;
  text_split_next(&lines->rest, '\n', &lines->line);
  if (text_ends_with(lines->line, TEXT("\r"))) lines->line.length--;
  lines->number++;
  return true;
}

/* UTF-8 without control characters but line ends. */
static bool is_plain(struct text document)
{
  for (size_t i = 0; i < document.length; i++) {
    unsigned char c = (unsigned char)document.at[i];
    if ((c < ' ' && c != '\n' && c != '\r') || c == 0x7f) return false;
  }
  return text_is_utf8(document);
}

/* --- Front block -------------------------------------------------------------------------------
 */

static bool is_grade(struct text t)
{
  static const char *const grades[] = {"V", "V2", "GK", "P"};
  for (size_t i = 0; i < sizeof grades / sizeof *grades; i++)
    if (text_equal(t, text_from(grades[i]))) return true;
  return false;
}

static void read_source(struct article_loader *loader, struct article_file *file, struct text value,
                        int64_t line)
{
  struct text rest = value, grade = TEXT("");
  text_split_next(&rest, '|', &grade);
  struct article_source source = {text_trim(grade), text_trim(rest)};
  if (!is_grade(source.grade) || text_is_empty(source.text)) {
    article_report(loader, file->name, line, "write \"source: V | who, where, when\"",
                   "a source without a grade V, V2, GK or P and a text");
  } else if (file->words.source_count == LIMIT_ARTICLE_SOURCES) {
    article_report(loader, file->name, line, "name fewer", "more than %d sources",
                   LIMIT_ARTICLE_SOURCES);
  } else {
    file->words.sources[file->words.source_count++] = source;
  }
}

static void read_field(struct article_loader *loader, struct article_file *file, struct text line,
                       int64_t number)
{
  struct text value = line, key = TEXT("");
  text_split_next(&value, ':', &key);
  value = text_trim(value);
  for (size_t i = 0; i < ARTICLE_FIELDS; i++) {
    if (!text_equal(key, text_from(field_names[i]))) continue;
    if (text_is_empty(value))
      article_report(loader, file->name, number, "fill it in", "%s is empty", field_names[i]);
    else if (i == ARTICLE_SOURCE) read_source(loader, file, value, number);
    else if (file->lines[i])
      article_report(loader, file->name, number, "keep one", "%s stands twice", field_names[i]);
    file->fields[i] = value;
    file->lines[i] = number;
    return;
  }
  article_report(loader, file->name, number, "use a key that docs/knowledge.md names",
                 "unknown key '%s'", article_quote(loader, key));
}

/* Answers whether a front block was there; the lines then stand behind it. */
static bool read_front(struct article_loader *loader, struct article_file *file,
                       struct lines *lines)
{
  if (!next_line(lines) || !text_equal(lines->line, TEXT("---"))) {
    article_report(loader, file->name, 1, "begin with a line of three hyphens", "no front block");
    return false;
  }
  while (next_line(lines)) {
    if (text_equal(lines->line, TEXT("---"))) {
      for (size_t i = 0; i < ARTICLE_FIELDS; i++)
        if (!file->lines[i])
          article_report(loader, file->name, 0, "add it to the front block", "%s is missing",
                         field_names[i]);
      return true;
    }
    read_field(loader, file, lines->line, lines->number);
  }
  article_report(loader, file->name, lines->number, "end it with a line of three hyphens",
                 "the front block does not end");
  return false;
}

/* --- Sections ------------------------------------------------------------------------------- */

/* The article as it grows. */
struct writer {
  struct article_loader *loader;
  struct article_file *file;
  int64_t offset;  /* lines of the file before the text that libcmark reads */
  cmark_node *run; /* blocks that wait to become a part */
};

static int64_t line_of(const struct writer *writer, cmark_node *node)
{
  int line = 0;
  while (node && (line = cmark_node_get_start_line(node)) == 0) node = cmark_node_parent(node);
  return writer->offset + line;
}

static struct article_section *section_now(const struct writer *writer)
{
  return &writer->file->words.sections[writer->file->words.section_count - 1];
}

static void add_part(struct writer *writer, struct article_part part)
{
  struct article_section *section = section_now(writer);
  if (section->part_count < LIMIT_ARTICLE_PARTS) section->parts[section->part_count++] = part;
  else
    article_report(writer->loader, writer->file->name, writer->offset, "use fewer tables",
                   "more than %d parts in a section", LIMIT_ARTICLE_PARTS);
}

/* What waits becomes a part. */
static void end_run(struct writer *writer)
{
  if (!cmark_node_first_child(writer->run)) return;
  char *html = cmark_render_html(writer->run, CMARK_OPT_DEFAULT);
  add_part(writer,
           (struct article_part){.html = text_copy(writer->loader->arena, text_from(html))});
  free(html);
  cmark_node_free(writer->run);
  writer->run = cmark_node_new(CMARK_NODE_DOCUMENT);
}

static void open_section(struct writer *writer, struct text title)
{
  struct arena *arena = writer->loader->arena;
  struct article_words *words = &writer->file->words;
  struct text_buffer id;
  struct text word, rest = text_fold(arena, title);
  text_buffer_init(&id, LIMIT_ARTICLE);
  while (text_word_next(&rest, &word)) {
    if (id.length) text_buffer_add_character(&id, '-');
    text_buffer_add(&id, word);
  }
  words->sections[words->section_count++] = (struct article_section){
      .id = text_copy(arena, text_buffer_get(&id)),
      .title = title,
      .parts = arena_allocate_array(arena, LIMIT_ARTICLE_PARTS, sizeof(struct article_part))};
  text_buffer_fini(&id);
}

/* The text of a heading, without its markup. */
static struct text heading_text(struct arena *arena, cmark_node *heading)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_ARTICLE);
  cmark_iter *walk = cmark_iter_new(heading);
  for (cmark_event_type event; (event = cmark_iter_next(walk)) != CMARK_EVENT_DONE;)
    if (event == CMARK_EVENT_ENTER &&
        cmark_node_get_type(cmark_iter_get_node(walk)) == CMARK_NODE_TEXT)
      text_buffer_add(&out, text_from(cmark_node_get_literal(cmark_iter_get_node(walk))));
  cmark_iter_free(walk);
  struct text text = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return text;
}

/* Anchors that the page itself has. */
static bool is_taken(const struct article_words *words, struct text id)
{
  static const char *const page[] = {"main", "contents", "sources", "related"};
  for (size_t i = 0; i < sizeof page / sizeof *page; i++)
    if (text_equal(id, text_from(page[i]))) return true;
  return text_is_empty(id) || article_has_section(words, id);
}

static void begin_section(struct writer *writer, cmark_node *heading)
{
  struct article_words *words = &writer->file->words;
  struct text title = heading_text(writer->loader->arena, heading);
  int64_t line = line_of(writer, heading);
  end_run(writer);
  if (words->section_count == LIMIT_ARTICLE_SECTIONS) {
    article_report(writer->loader, writer->file->name, line, "use fewer headings",
                   "more than %d sections", LIMIT_ARTICLE_SECTIONS - 1);
    return;
  }
  open_section(writer, title);
  struct text id = section_now(writer)->id;
  section_now(writer)->id = TEXT("");
  if (is_taken(words, id))
    article_report(writer->loader, writer->file->name, line, "word the heading in another way",
                   "the anchor '%s' stands twice or is the page's own",
                   article_quote(writer->loader, id));
  section_now(writer)->id = id;
}

bool article_has_section(const struct article_words *words, struct text id)
{
  for (size_t i = 1; i < words->section_count; i++)
    if (text_equal(words->sections[i].id, id)) return true;
  return false;
}

/* --- CommonMark ------------------------------------------------------------------------------ */

static bool is_allowed(cmark_node *node)
{
  switch (cmark_node_get_type(node)) {
  case CMARK_NODE_DOCUMENT:
  case CMARK_NODE_PARAGRAPH:
  case CMARK_NODE_BLOCK_QUOTE:
  case CMARK_NODE_LIST:
  case CMARK_NODE_ITEM:
  case CMARK_NODE_TEXT:
  case CMARK_NODE_SOFTBREAK:
  case CMARK_NODE_EMPH:
  case CMARK_NODE_STRONG:
  case CMARK_NODE_LINK:
    return true;
  case CMARK_NODE_HEADING: {
    int level = cmark_node_get_heading_level(node);
    bool on_top = cmark_node_get_type(cmark_node_parent(node)) == CMARK_NODE_DOCUMENT;
    return on_top && (level == 2 || level == 3);
  }
  default:
    return false;
  }
}

static void keep_link(struct writer *writer, struct text target, int64_t line)
{
  struct article_loader *loader = writer->loader;
  if (loader->link_count == loader->link_capacity) {
    size_t capacity = loader->link_capacity ? 2 * loader->link_capacity : 256;
    struct article_link *grown = arena_allocate_array(loader->arena, capacity, sizeof *grown);
    if (loader->link_count) memcpy(grown, loader->links, loader->link_count * sizeof *grown);
    loader->links = grown;
    loader->link_capacity = capacity;
  }
  loader->links[loader->link_count++] = (struct article_link){writer->file->name, target, line};
}

/* Keep a link for judging, and lead it to the article's language. */
static void read_link(struct writer *writer, cmark_node *node)
{
  size_t language = writer->file->language;
  struct arena *arena = writer->loader->arena;
  struct text target = text_copy(arena, text_from(cmark_node_get_url(node)));
  keep_link(writer, target, line_of(writer, node));
  if (language == 0 || !text_starts_with(target, TEXT("/"))) return;
  struct text url = text_format(arena, "/%s%.*s", article_languages[language], TEXT_PRINT(target));
  cmark_node_set_url(node, text_c(arena, url));
}

static bool check_nodes(struct writer *writer, cmark_node *document)
{
  bool good = true;
  cmark_iter *walk = cmark_iter_new(document);
  for (cmark_event_type event; (event = cmark_iter_next(walk)) != CMARK_EVENT_DONE;) {
    cmark_node *node = cmark_iter_get_node(walk);
    if (event != CMARK_EVENT_ENTER) continue;
    if (!is_allowed(node)) {
      good = false;
      article_report(writer->loader, writer->file->name, line_of(writer, node),
                     "use paragraphs, lists, quotes, links, and headings of level 2 and 3",
                     "an article may not hold '%s'", cmark_node_get_type_string(node));
    } else if (cmark_node_get_type(node) == CMARK_NODE_LINK) {
      read_link(writer, node);
    }
  }
  cmark_iter_free(walk);
  return good;
}

static void read_markdown(struct writer *writer, struct text text)
{
  cmark_node *document = cmark_parse_document(text_start(text), text.length, CMARK_OPT_DEFAULT);
  if (check_nodes(writer, document)) {
    for (cmark_node *node; (node = cmark_node_first_child(document));) {
      if (cmark_node_get_type(node) == CMARK_NODE_HEADING &&
          cmark_node_get_heading_level(node) == 2) {
        begin_section(writer, node);
        cmark_node_free(node);
      } else {
        cmark_node_append_child(writer->run, node);
      }
    }
    end_run(writer);
  }
  cmark_node_free(document);
}

/* --- Body ------------------------------------------------------------------------------------ */

static bool is_table_line(struct text line)
{
  return text_starts_with(line, TEXT("|"));
}

static void read_one_table(struct writer *writer, struct text text)
{
  struct article_loader *loader = writer->loader;
  struct table *table = arena_allocate(loader->arena, sizeof *table);
  struct error error = {0};
  size_t offset = 0;
  struct text heading = TEXT("");
  if (table_read_pipe(loader->arena, text, &offset, &heading, table, &error) &&
      text_is_empty(text_trim(text_slice(text, offset, text.length))))
    add_part(writer, (struct article_part){.table = table});
  else
    article_report(loader, writer->file->name, writer->offset + 1,
                   "write a header row, a row of hyphens, and rows with as many cells",
                   "no table: %s", error.kind ? error.log : "a row of hyphens is missing");
}

/* Hand on what lies between `from` and `to`, both in the same document. */
static void read_chunk(struct writer *writer, const char *from, const char *to, bool table)
{
  struct text chunk = {from, (size_t)(to - from)};
  if (text_is_empty(text_trim(chunk))) return;
  if (table) read_one_table(writer, chunk);
  else read_markdown(writer, chunk);
}

static void read_body(struct writer *writer, struct lines *lines)
{
  const char *begin = lines->rest.at, *end = begin + lines->rest.length;
  bool in_table = false;
  writer->offset = lines->number;
  for (const char *at = begin; at < end; at = lines->rest.length ? lines->rest.at : end) {
    int64_t before = lines->number;
    if (!next_line(lines)) break;
    if (is_table_line(lines->line) == in_table) continue;
    read_chunk(writer, begin, at, in_table);
    begin = at;
    in_table = !in_table;
    writer->offset = before;
  }
  read_chunk(writer, begin, end, in_table);
}

void article_read(struct article_loader *loader, struct text document, struct article_file *file)
{
  struct article_words *words = &file->words;
  words->sources =
      arena_allocate_array(loader->arena, LIMIT_ARTICLE_SOURCES, sizeof *words->sources);
  words->sections =
      arena_allocate_array(loader->arena, LIMIT_ARTICLE_SECTIONS, sizeof *words->sections);
  struct lines lines = {.rest = document};
  struct writer writer = {.loader = loader, .file = file};
  open_section(&writer, TEXT(""));
  if (!is_plain(document)) {
    article_report(loader, file->name, 0, "save it as UTF-8 text, without tabs",
                   "bytes that are no plain text");
    return;
  }
  if (!read_front(loader, file, &lines)) return;
  words->title = file->fields[ARTICLE_TITLE];
  words->lead = file->fields[ARTICLE_LEAD];
  words->action_label = file->fields[ARTICLE_ACTION_LABEL];
  writer.run = cmark_node_new(CMARK_NODE_DOCUMENT);
  int64_t first = lines.number;
  size_t before = loader->problems;
  if (!text_is_empty(lines.rest)) read_body(&writer, &lines);
  cmark_node_free(writer.run);
  if (loader->problems == before && words->section_count == 1 && words->sections[0].part_count == 0)
    article_report(loader, file->name, first, "write the article below the front block",
                   "there is no text");
}
