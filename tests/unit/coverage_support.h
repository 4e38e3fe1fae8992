/*
 * The room coverage in unit tests: its rules as knowledge/ has them, days, and a copy of knowledge/
 * with one thing spoiled. Include after cmocka.h, in one file of a program; run from the
 * repository's root with rules_set_up() and rules_tear_down().
 */
#ifndef FAIRLEAD_TESTS_COVERAGE_SUPPORT_H
#define FAIRLEAD_TESTS_COVERAGE_SUPPORT_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coverage/coverage.h"

static struct arena *arena;
static struct coverage_rules *rules;

static inline int rules_set_up(void **state)
{
  struct error error = {0};
  (void)state;
  arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  if (coverage_rules_load(&rules, "knowledge", &error)) return 0;
  print_error("%s\n", error.log);
  return 1;
}

static inline int rules_tear_down(void **state)
{
  (void)state;
  coverage_rules_free(rules);
  arena_free(arena);
  return 0;
}

static inline int64_t day_of(const char *date)
{
  int64_t day = 0;
  assert_true(coverage_day_read(text_from(date), &day));
  return day;
}

#define assert_text(actual, expected) assert_string_equal(text_c(arena, (actual)), (expected))

/* --- A spoiled copy -----------------------------------------------------------------------------
 */

static inline void keep_problem_lines(void *context, const struct knowledge_problem *problem)
{
  text_buffer_add_format(context, "%s:%lld: %s. %s.\n", problem->file, (long long)problem->line,
                         problem->what, problem->mend);
}

struct copying {
  const char *to, *spoiled, *from_text, *to_text;
};
static inline bool copy_one(void *context, struct text path, struct error *error)
{
  const struct copying *copying = context;
  struct text content;
  const char *name = text_c(arena, path);
  if (text_starts_with(path, TEXT("articles/")) || text_starts_with(path, TEXT("instruments/")))
    return true;
  if (!file_read(arena, file_join(arena, "knowledge", name), LIMIT_KNOWLEDGE_FILE, &content, error))
    return false;
  if (text_equal(path, text_from(copying->spoiled))) {
    struct text needle = text_from(copying->from_text);
    size_t at = text_find(content, needle);
    assert_true(needle.length == 0 || at < content.length);
    content =
        text_format(arena, "%.*s%s%.*s", TEXT_PRINT(text_slice(content, 0, at)), copying->to_text,
                    TEXT_PRINT(text_slice(content, at + needle.length, content.length)));
  }
  char *full = file_join(arena, copying->to, name);
  char *slash = strrchr(full, '/');
  *slash = 0;
  if (!file_make_folder(full, error)) return false;
  *slash = '/';
  return file_replace(full, content, error);
}
static inline bool remove_one(void *context, struct text path, struct error *error)
{
  (void)error;
  return unlink(file_join(arena, context, text_c(arena, path))) == 0;
}

/* Load a copy of knowledge/ in which the first `from` of a file reads `to`; answers the problems, a
 * line each, and the rules when there is none. */
static inline struct text spoil(const char *file, const char *from, const char *to,
                                struct coverage_rules **out)
{
  char folder[] = "/tmp/fairlead-coverage-XXXXXX";
  struct text_buffer problems;
  struct coverage_rules *loaded = NULL;
  text_buffer_init(&problems, LIMIT_KNOWLEDGE_FILE);
  assert_non_null(mkdtemp(folder));
  struct copying copying = {folder, file, from, to};
  assert_true(file_walk("knowledge", copy_one, &copying, NULL));
  size_t count = coverage_rules_load_reporting(&loaded, folder, keep_problem_lines, &problems);
  assert_int_equal(count == 0, loaded != NULL);
  if (out) *out = loaded;
  else coverage_rules_free(loaded);
  assert_true(file_walk(folder, remove_one, folder, NULL));
  static const char *const folders[] = {"letters", "consent-forms", "notices", ""};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
    (void)rmdir(file_join(arena, folder, folders[i]));
  struct text result = text_copy(arena, text_buffer_get(&problems));
  text_buffer_fini(&problems);
  return result;
}

static inline void assert_spoiled(const char *file, const char *from, const char *to,
                                  const char *expected)
{
  struct text problems = spoil(file, from, to, NULL);
  if (text_contains(problems, text_from(expected))) return;
  print_error("%s: \"%s\" as \"%s\": expected \"%s\", found: %.*s\n", file, from, to, expected,
              TEXT_PRINT(problems));
  fail();
}

#endif
