/*
 * A copy of knowledge/ that a test may spoil, and the needs loaded from it. Include after cmocka.h,
 * in one file of a program; run the tests with needs_set_up() and needs_tear_down(), from the
 * repository's root.
 */
#ifndef FAIRLEAD_TESTS_KNOWLEDGE_COPY_H
#define FAIRLEAD_TESTS_KNOWLEDGE_COPY_H

#include <stdlib.h>
#include <unistd.h>

#include "directory/needs_check.h"

static struct arena *arena;
static struct needs *needs;
static char folder[] = "/tmp/fairlead-needs-XXXXXX";

static const char *const files[] = {"service-codes.csv",
                                    "service-categories.csv",
                                    "service-code-aliases.csv",
                                    "need-groups.csv",
                                    "needs.csv",
                                    "synonyms.csv",
                                    "signs.csv",
                                    "stop-words.csv",
                                    "help.csv",
                                    "words-to-avoid.csv"};
enum { FILES = sizeof files / sizeof *files };

/* --- A copy of knowledge/ to spoil ----------------------------------------------------------- */

static struct text read_original(const char *name)
{
  struct text content;
  assert_true(
      file_read(arena, file_join(arena, "knowledge", name), LIMIT_KNOWLEDGE_FILE, &content, NULL));
  return content;
}

static inline void restore(const char *name)
{
  assert_true(file_replace(file_join(arena, folder, name), read_original(name), NULL));
}

static inline int needs_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  if (!mkdtemp(folder)) return 1;
  for (size_t i = 0; i < FILES; i++) restore(files[i]);
  struct error error = {0};
  if (needs_load(&needs, folder, &error)) return 0;
  print_error("%s\n", error.log);
  return 1;
}

static inline int needs_tear_down(void **state)
{
  (void)state;
  for (size_t i = 0; i < FILES; i++) unlink(file_join(arena, folder, files[i]));
  rmdir(folder);
  needs_free(needs);
  arena_free(arena);
  return 0;
}

static inline void keep_problems(void *context, const struct knowledge_problem *problem)
{
  text_buffer_add_format(context, "%s:%lld: %s. %s.\n", problem->file, (long long)problem->line,
                         problem->what, problem->mend);
}

/* The problems of loading and checking knowledge/ with `rows` behind the file `name`; lives in the
 * arena. */
static inline struct text problems_with(const char *name, const char *rows)
{
  struct text original = read_original(name);
  assert_true(file_replace(file_join(arena, folder, name),
                           text_format(arena, "%.*s%s", TEXT_PRINT(original), rows), NULL));
  struct text_buffer problems;
  text_buffer_init(&problems, LIMIT_KNOWLEDGE_FILE);
  struct needs *loaded = NULL;
  size_t count = needs_load_reporting(&loaded, folder, keep_problems, &problems);
  assert_int_equal(count == 0, loaded != NULL);
  if (loaded) needs_check(loaded, folder, keep_problems, &problems);
  needs_free(loaded);
  struct text result = text_copy(arena, text_buffer_get(&problems));
  text_buffer_fini(&problems);
  restore(name);
  return result;
}

static inline void assert_problem(const char *name, const char *rows, const char *expected)
{
  struct text problems = problems_with(name, rows);
  if (text_contains(problems, text_from(expected))) return;
  print_error("%s: expected \"%s\", found: %.*s\n", rows, expected, TEXT_PRINT(problems));
  fail();
}

static inline void assert_no_problem(const char *name, const char *rows)
{
  struct text problems = problems_with(name, rows);
  if (text_is_empty(problems)) return;
  print_error("%s: expected no problem, found: %.*s\n", rows, TEXT_PRINT(problems));
  fail();
}

static inline void add_both(struct text_buffer *source, size_t a, size_t b)
{
  text_buffer_add_format(source, " & !(%.*s & %.*s)", TEXT_PRINT(codes_get(needs, a)->code),
                         TEXT_PRINT(codes_get(needs, b)->code));
}

/* Five pigeons do not fit in four holes, but only a long search shows it: code 4p+h says that
 * pigeon p sits in hole h. */
static inline const char *tangled_expression(void)
{
  static const char *const before[] = {"(", " & (", " | "};
  struct text_buffer source;
  text_buffer_init(&source, LIMIT_EXPRESSION);
  for (size_t pigeon = 0; pigeon < 5; pigeon++)
    for (size_t hole = 0; hole < 4; hole++)
      text_buffer_add_format(&source, "%s%.*s%s", before[hole ? 2 : pigeon > 0],
                             TEXT_PRINT(codes_get(needs, 4 * pigeon + hole)->code),
                             hole == 3 ? ")" : "");
  for (size_t hole = 0; hole < 4; hole++)
    for (size_t a = 0; a < 5; a++)
      for (size_t b = a + 1; b < 5; b++) add_both(&source, 4 * a + hole, 4 * b + hole);
  const char *result = text_c(arena, text_buffer_get(&source));
  text_buffer_fini(&source);
  return result;
}

#endif
