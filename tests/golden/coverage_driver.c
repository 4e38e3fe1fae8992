/*
 * For tests/golden/coverage.test.mjs: write a letter from facts on standard input.
 *
 *   coverage_driver letter NAME LANGUAGE DATE text|html   a letter (html: through pages/letter)
 *
 * Runs from the repository's root. Status 1 with the error's text when it is refused.
 */
#include <stdio.h>
#include <string.h>

#include "coverage/coverage.h"

static struct arena *arena;

static struct text read_input(void)
{
  char *at = arena_allocate(arena, LIMIT_JSON_BODY);
  return (struct text){at, fread(at, 1, LIMIT_JSON_BODY, stdin)};
}

static int fail(const struct error *error)
{
  fprintf(stderr, "%s: %s\n", error->person, error->log);
  return 1;
}

static int print_html(const struct value *view, struct error *error)
{
  struct template_set *set = NULL;
  struct catalog *catalog = NULL;
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  bool is_done = catalog_load(&catalog, "locale", error) &&
                 template_set_load(&set, "pages", catalog, 0, error) &&
                 template_render(set, TEXT("letter"), view, &out, error);
  if (is_done) fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
  template_set_free(set);
  catalog_free(catalog);
  return is_done ? 0 : fail(error);
}

static int run_letter(const struct coverage_rules *rules, char **words, struct error *error)
{
  const struct value *facts;
  struct text text;
  struct value *view;
  int64_t day;
  size_t language = strcmp(words[1], "es") == 0;
  if (!coverage_day_read(text_from(words[2]), &day) ||
      !json_read(arena, read_input(), &facts, error) ||
      !letter_write(rules, text_from(words[0]), language, day, facts, arena, &text, &view, error))
    return fail(error);
  if (strcmp(words[3], "html") == 0) return print_html(view, error);
  fwrite(text.at, 1, text.length, stdout);
  return 0;
}

int main(int argc, char **argv)
{
  struct error error = {0};
  struct coverage_rules *rules = NULL;
  int status = 2;
  arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  if (!coverage_rules_load(&rules, "knowledge", &error)) status = fail(&error);
  else if (argc == 6 && strcmp(argv[1], "letter") == 0)
    status = run_letter(rules, argv + 2, &error);
  coverage_rules_free(rules);
  arena_free(arena);
  return status;
}
