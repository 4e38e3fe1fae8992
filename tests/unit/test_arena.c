/*
 * The arena. Overruns are the sanitizers' to see; here it is what is promised to callers.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

static bool is_zero(const unsigned char *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (bytes[i]) return false;
  return true;
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
  (void)state;
  struct arena *arena = arena_new(SIZE_MAX);
  for (int round = 0; round < 3; round++) {
    unsigned char *earlier[200];
    for (size_t i = 0; i < 200; i++) {
      size_t size = i * i;
      earlier[i] = arena_allocate(arena, size);
      assert_int_equal((uintptr_t)earlier[i] % alignof(max_align_t), 0);
      assert_true(is_zero(earlier[i], size));
      memset(earlier[i], (int)i, size);
    }
    for (size_t i = 0; i < 200; i++) /* none lies over another */
      for (size_t j = 0; j < i * i; j++) assert_int_equal(earlier[i][j], i);
    arena_clear(arena);
  }
  arena_clear(arena);
  arena_free(arena);
}

static void arena_marks_its_cap(void **state)
{
  (void)state;
  struct arena *arena = arena_new(100);
  assert_int_equal(arena_used(arena), 0);
  arena_clear(arena);
  arena_allocate(arena, 60);
  arena_allocate_array(arena, 4, 10);
  assert_int_equal(arena_used(arena), 100);
  assert_false(arena_is_over(arena));
  char *beyond = arena_allocate(arena, 5000); /* it still serves */
  memset(beyond, 1, 5000);
  assert_true(arena_is_over(arena));
  arena_clear(arena);
  assert_false(arena_is_over(arena));
  assert_int_equal(arena_used(arena), 0);
  arena_free(arena);
  arena_free(NULL);
}

static void memory_can_be_resized(void **state)
{
  (void)state;
  char *memory = memory_allocate(0);
  memory = memory_resize(memory, 10);
  memory[9] = 'x';
  memory = memory_resize(memory, 100000);
  assert_int_equal(memory[9], 'x');
  free(memory_resize(memory, 0));
  unsigned char *zeroed = memory_allocate_zero(10, 10);
  assert_true(is_zero(zeroed, 100));
  free(zeroed);
  free(memory_allocate_zero(0, 0));
}

/* Run in a process of its own, which must say that there is no memory, and abort. */
static void expect_stop(void (*ask)(struct arena *))
{
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    ask(arena_new(100));
    _exit(0);
  }
  close(ends[1]);
  char said[200] = "";
  assert_true(read(ends[0], said, sizeof said - 1) > 0);
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  assert_non_null(strstr(said, "event=memory.none"));
}

static volatile size_t far_too_much = SIZE_MAX / 4; /* unseen by the compiler's own checks */

static void ask_arena(struct arena *arena)
{
  arena_allocate(arena, far_too_much * 3);
}

static void ask_array(struct arena *arena)
{
  arena_allocate_array(arena, far_too_much, 8);
}

static void ask_memory(struct arena *arena)
{
  (void)arena;
  free(memory_allocate(far_too_much));
}

static void ask_zeroed(struct arena *arena)
{
  (void)arena;
  free(memory_allocate_zero(far_too_much, 1));
}

static void ask_resized(struct arena *arena)
{
  (void)arena;
  free(memory_resize(NULL, far_too_much));
}

static void memory_that_is_not_there_stops_the_process(void **state)
{
  (void)state;
  expect_stop(ask_arena);
  expect_stop(ask_array);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they stop it themselves */
  expect_stop(ask_memory);
  expect_stop(ask_zeroed);
  expect_stop(ask_resized);
#else
  (void)ask_memory, (void)ask_zeroed, (void)ask_resized;
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arena_gives_zeroed_aligned_memory),
      cmocka_unit_test(arena_marks_its_cap),
      cmocka_unit_test(memory_can_be_resized),
      cmocka_unit_test(memory_that_is_not_there_stops_the_process),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
