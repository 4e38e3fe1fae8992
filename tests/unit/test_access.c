/*
 * The access log. Expected values: the example in docs/operations.md; logfmt as base/log.h has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/access.h"

/* Write one line with standard error turned into memory; answers its bytes. */
static struct text line_of(const struct web_access *access)
{
  static char bytes[1024];
  int memory = memfd_create("log", 0), kept = dup(STDERR_FILENO);
  assert_true(memory >= 0 && kept >= 0 && dup2(memory, STDERR_FILENO) >= 0);
  struct web_access_log *log = web_access_log_new();
  web_access_write(log, access);
  web_access_log_free(log);
  dup2(kept, STDERR_FILENO);
  close(kept);
  ssize_t length = pread(memory, bytes, sizeof bytes, 0);
  close(memory);
  return (struct text){bytes, length > 0 ? (size_t)length : 0};
}

static void line_holds_what_it_was_given(void **state)
{
  (void)state;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  const struct web_access access = {"GET", "/facilities/{id}", 200, 7030, 41};
  int64_t before = time_now();
  struct text line = line_of(&access);
  int64_t after = time_now();
  struct text rest = TEXT(" level=info event=web.request method=GET route=/facilities/{id} "
                          "status=200 bytes=7030 microseconds=41\n");
  assert_true(text_ends_with(line, rest) && text_starts_with(line, TEXT("time=")));
  struct text time = text_slice(line, 5, line.length - rest.length);
  assert_true(text_compare(time_format(arena, before), time) <= 0);
  assert_true(text_compare(time, time_format(arena, after)) <= 0);
  arena_free(arena);
}

static void odd_numbers_are_written(void **state)
{
  (void)state;
  const struct web_access access = {NULL, "none", 0, SIZE_MAX / 2, -5};
  struct text line = line_of(&access);
  assert_true(text_ends_with(line, TEXT(" method=- route=none status=0 bytes=9223372036854775807 "
                                        "microseconds=0\n")));
}

static void long_route_is_cut(void **state)
{
  (void)state;
  char route[2000];
  memset(route, 'r', sizeof route - 1);
  route[sizeof route - 1] = 0;
  const struct web_access access = {"GET", route, 200, 1, 1};
  assert_int_equal(line_of(&access).length, 512);
}

static void lines_gather_until_they_are_many(void **state)
{
  (void)state;
  const struct web_access access = {"GET", "/", 200, 1, 1};
  int memory = memfd_create("log", 0), kept = dup(STDERR_FILENO);
  assert_true(memory >= 0 && kept >= 0 && dup2(memory, STDERR_FILENO) >= 0);
  struct web_access_log *log = web_access_log_new();
  web_access_write(log, &access);
  off_t before = lseek(memory, 0, SEEK_END);
  web_access_flush(log);
  off_t one = lseek(memory, 0, SEEK_END);
  for (int i = 0; i < 1000; i++) web_access_write(log, &access);
  off_t many = lseek(memory, 0, SEEK_END);
  web_access_log_free(log);
  off_t all = lseek(memory, 0, SEEK_END);
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(memory);
  assert_int_equal(before, 0);
  assert_true(one > 0 && many > 500 * one);
  assert_int_equal(all, 1001 * one);
}

static void level_is_kept(void **state)
{
  (void)state;
  const struct web_access access = {"GET", "/", 200, 1, 1};
  log_set_level(LOG_WARNING);
  assert_int_equal(line_of(&access).length, 0);
  log_set_level(LOG_INFO);
  assert_true(line_of(&access).length > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(line_holds_what_it_was_given),
      cmocka_unit_test(odd_numbers_are_written),
      cmocka_unit_test(long_route_is_cut),
      cmocka_unit_test(lines_gather_until_they_are_many),
      cmocka_unit_test(level_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
