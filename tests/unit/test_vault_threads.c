/*
 * Threads on one vault, and on two over the same key store: they make keys, seal and open, while
 * one erases people and one rotates the master key. Once an erasure has answered, nobody opens a
 * field of that person; the fields of the others always open. Run under ThreadSanitizer by
 * script/ci.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault_support.h"

enum { PEOPLE = 24, ERASED = 6, READERS = 3 };

static struct vault *second;
static struct vault_subject subjects[PEOPLE];
static struct text fields[PEOPLE];
static atomic_bool is_gone[PEOPLE], is_over;
static atomic_int wrong, opened, refused;

static void complain(const char *what, int i, const struct error *e)
{
  fprintf(stderr, "person %d: %s: %s\n", i, what, e->log);
  atomic_fetch_add(&wrong, 1);
}

static void open_one(struct vault *by, struct arena *own, int i)
{
  struct error e = {0};
  struct text plain;
  bool was_gone = atomic_load(&is_gone[i]);
  if (vault_unseal(by, own, subjects[i], "person.name", fields[i], &plain, &e)) {
    if (was_gone) complain("opens after its erasure answered", i, &e);
    if (!text_equal(plain, TEXT("Quillfeather"))) complain("opens to something else", i, &e);
    atomic_fetch_add(&opened, 1);
  } else {
    if (strcmp(e.person, "error.vault.erased") != 0 || i >= ERASED)
      complain("does not open", i, &e);
    atomic_fetch_add(&refused, 1);
  }
}

static void *read_all(void *context)
{
  int number = *(int *)context;
  struct arena *own = arena_new(LIMIT_ARENA_REQUEST);
  for (int i = number; !atomic_load(&is_over); i++) {
    open_one(i % 2 ? vault : second, own, i % PEOPLE);
    if (i % 50 == 0) arena_clear(own);
  }
  for (int i = 0; i < PEOPLE; i++) open_one(second, own, i);
  arena_free(own);
  return NULL;
}

static void *make_all(void *context)
{
  (void)context;
  struct arena *own = arena_new(LIMIT_ARENA_REQUEST);
  for (int i = 0; !atomic_load(&is_over); i++) {
    struct error e = {0};
    struct text sealed, plain;
    const struct vault_subject one = {TEXT(PROGRAM), text_format(own, "new-%d", i)};
    if (!vault_subject_make(i % 2 ? vault : second, one, &e) ||
        !vault_seal(vault, own, one, "person.name", TEXT("x"), &sealed, &e) ||
        !vault_unseal(second, own, one, "person.name", sealed, &plain, &e))
      complain("is not made", i, &e);
  }
  arena_free(own);
  return NULL;
}

static void *rotate_all(void *context)
{
  (void)context;
  for (int i = 0; i < 4; i++) {
    struct error e = {0};
    if (!vault_rotate(i % 2 ? vault : second, NULL, NULL, &e)) complain("no rotation", i, &e);
  }
  return NULL;
}

static void vault_serves_threads(void **state)
{
  (void)state;
  pthread_t threads[READERS + 2];
  int numbers[READERS];
  atomic_store(&is_over, false);
  atomic_store(&wrong, 0);
  atomic_store(&opened, 0);
  atomic_store(&refused, 0);
  assert_true(vault_open(&second, &options, &error));
  for (int i = 0; i < PEOPLE; i++) {
    subjects[i] = (struct vault_subject){TEXT(PROGRAM), text_format(arena, "person-%d", i)};
    atomic_store(&is_gone[i], false);
    make(subjects[i]);
    fields[i] = seal(subjects[i], "person.name", TEXT("Quillfeather"));
  }
  for (int i = 0; i < READERS; i++) {
    numbers[i] = i;
    assert_int_equal(pthread_create(&threads[i], NULL, read_all, &numbers[i]), 0);
  }
  assert_int_equal(pthread_create(&threads[READERS], NULL, make_all, NULL), 0);
  assert_int_equal(pthread_create(&threads[READERS + 1], NULL, rotate_all, NULL), 0);
  for (int i = 0; i < ERASED; i++) {
    erase(subjects[i]);
    atomic_store(&is_gone[i], true);
  }
  pthread_join(threads[READERS + 1], NULL);
  atomic_store(&is_over, true);
  for (int i = 0; i < READERS + 1; i++) pthread_join(threads[i], NULL);
  vault_close(second);
  assert_int_equal(atomic_load(&wrong), 0);
  assert_true(atomic_load(&opened) > PEOPLE);
  assert_true(atomic_load(&refused) >= READERS * ERASED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(vault_serves_threads, begin, end),
  };
  return store_support_run("vault_threads", tests, sizeof tests / sizeof *tests);
}
