/*
 * The intake's rules in unit tests: those of knowledge/, and a copy of its tables with a file
 * written anew or one thing spoiled. Include after cmocka.h, in one file of a program; run from the
 * repository's root with rules_set_up() and rules_tear_down().
 */
#ifndef FAIRLEAD_TESTS_INTAKE_SUPPORT_H
#define FAIRLEAD_TESTS_INTAKE_SUPPORT_H

#include <stdlib.h>
#include <unistd.h>

#include "admission/admission.h"

static struct arena *arena;
static struct catalog *catalog;
static struct intake_rules *rules;

static inline int rules_set_up(void **state)
{
  struct error error = {0};
  (void)state;
  arena = arena_new((size_t)1 << 28);
  if (catalog_load(&catalog, "locale", &error) &&
      intake_rules_load(&rules, "knowledge", catalog, &error))
    return 0;
  print_error("%s\n", error.log);
  return 1;
}

static inline int rules_tear_down(void **state)
{
  (void)state;
  intake_rules_free(rules);
  catalog_free(catalog);
  arena_free(arena);
  return 0;
}

static inline void keep_problem_lines(void *context, const struct knowledge_problem *problem)
{
  text_buffer_add_format(context, "%s:%lld: %s. %s.\n", problem->file, (long long)problem->line,
                         problem->what, problem->mend);
}

/* Load the tables with `file` holding `content`; answers the problems, a line each. */
static inline struct text load_with(const char *file, struct text content,
                                    struct intake_rules **out)
{
  char folder[] = "/tmp/fairlead-intake-XXXXXX";
  struct text_buffer problems;
  struct intake_rules *loaded = NULL;
  assert_non_null(mkdtemp(folder));
  assert_int_equal(system(text_c(arena, text_format(arena, "cp knowledge/*.csv %s", folder))), 0);
  if (content.at) assert_true(file_replace(file_join(arena, folder, file), content, NULL));
  else assert_int_equal(unlink(file_join(arena, folder, file)), 0);
  text_buffer_init(&problems, LIMIT_KNOWLEDGE_FILE);
  size_t count =
      intake_rules_load_reporting(&loaded, folder, catalog, keep_problem_lines, &problems);
  assert_int_equal(count == 0, loaded != NULL);
  assert_int_equal(system(text_c(arena, text_format(arena, "rm -r %s", folder))), 0);
  if (out) *out = loaded;
  else intake_rules_free(loaded);
  struct text result = text_copy(arena, text_buffer_get(&problems));
  text_buffer_fini(&problems);
  return result;
}

/* In which the first `from` of the file reads `to`. */
static inline void assert_spoiled(const char *file, const char *from, const char *to,
                                  const char *expected)
{
  struct text content, needle = text_from(from);
  assert_true(
      file_read(arena, file_join(arena, "knowledge", file), LIMIT_KNOWLEDGE_FILE, &content, NULL));
  size_t at = text_find(content, needle);
  assert_true(at < content.length);
  content = text_format(arena, "%.*s%s%.*s", TEXT_PRINT(text_slice(content, 0, at)), to,
                        TEXT_PRINT(text_slice(content, at + needle.length, content.length)));
  struct text problems = load_with(file, content, NULL);
  if (text_contains(problems, text_from(expected))) return;
  print_error("%s: \"%s\" as \"%s\": expected \"%s\", found: %.*s\n", file, from, to, expected,
              TEXT_PRINT(problems));
  fail();
}

#endif
