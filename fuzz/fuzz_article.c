/*
 * Fuzz what reads an article: front block, CommonMark, pipe tables. Whatever comes in, it is
 * refused with a line of the file and a way to mend it, or its markup holds the few tags that an
 * article may have, with no attribute but an address, a title or a list's first number.
 */
#include <stdlib.h>
#include <string.h>

#include "web/articles_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
  if (!holds) abort();
}

struct seen {
  struct text document;
  int64_t lines;
};

static void see_problem(void *context, const struct knowledge_problem *problem)
{
  const struct seen *seen = context;
  must(problem->line >= 0 && problem->line <= seen->lines);
  must(strlen(problem->what) > 0 && strlen(problem->mend) > 0);
  must(text_is_utf8(text_from(problem->what)));
}

static bool is_tag(struct text name)
{
  static const char *const tags[] = {"p",  "blockquote", "ul", "ol", "li",
                                     "em", "strong",     "a",  "h3"};
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (text_equal(name, text_from(tags[i]))) return true;
  return false;
}

/* ` href="…"`, ` title="…"` or ` start="…"`, one after the other. */
static void check_attributes(struct text rest)
{
  struct text name, before, value;
  while (!text_is_empty(rest)) {
    must(text_split_next(&rest, '=', &name) && text_split_next(&rest, '"', &before) &&
         text_is_empty(before) && text_split_next(&rest, '"', &value));
    must(text_equal(name, TEXT(" href")) || text_equal(name, TEXT(" title")) ||
         text_equal(name, TEXT(" start")));
    if (text_equal(name, TEXT(" href")))
      must(!text_starts_with(value, TEXT("javascript:")) &&
           !text_starts_with(value, TEXT("data:")));
  }
}

static void check_markup(struct text html)
{
  struct text before, tag, name;
  while (text_split_next(&html, '<', &before) && !text_is_empty(html)) {
    must(text_split_next(&html, '>', &tag));
    if (text_starts_with(tag, TEXT("/"))) {
      must(is_tag(text_slice(tag, 1, tag.length)));
      continue;
    }
    size_t length = 0;
    while (length < tag.length && tag.at[length] != ' ') length++;
    name = text_slice(tag, 0, length);
    must(is_tag(name));
    check_attributes(text_slice(tag, length, tag.length));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (size > 8192) return 0;
  struct seen seen = {{(const char *)bytes, size}, 2};
  for (size_t i = 0; i < size; i++) seen.lines += bytes[i] == '\n' || bytes[i] == '\r';
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct article_loader loader = {.arena = arena, .each = see_problem, .context = &seen};
  struct article_file file = {
      .name = TEXT("articles/es/a.md"), .slug = TEXT("a"), .language = size % NEED_LANGUAGES};
  article_read(&loader, seen.document, &file);
  for (size_t i = 0; i < file.words.section_count; i++) {
    const struct article_section *section = &file.words.sections[i];
    must(section->part_count <= LIMIT_ARTICLE_PARTS);
    for (size_t j = 0; j < section->part_count; j++)
      if (!section->parts[j].table) check_markup(section->parts[j].html);
  }
  if (loader.problems == 0) must(!text_is_empty(file.words.title) && file.words.source_count > 0);
  arena_free(arena);
  return 0;
}
