/*
 * Acts that are done whole or not at all: each is tried with its first, second, third … statement
 * failing (statement_fault.h), until none is left to fail. Each time it must say no, and leave what
 * the file's digest counts as it was. Include after a world; SQLite alone; not for threads.
 */
#ifndef FAIRLEAD_TESTS_WHOLE_ACT_H
#define FAIRLEAD_TESTS_WHOLE_ACT_H

#include "care_world.h"
#include "statement_fault.h"

/* What tells that nothing was changed; numbers that are not read are 0. */
struct digest {
  int64_t numbers[16];
};

/* The file's own: `context` is a struct digest. */
static bool read_digest(struct store_transaction *t, void *context, struct error *error);

/* Take so many numbers of the one row of a query; ends the cursor. */
static inline bool digest_take(bool is_read, struct store_cursor *cursor, int count,
                               struct digest *out, struct error *error)
{
  bool more = false;
  *out = (struct digest){.numbers = {0}};
  is_read = is_read && store_next(cursor, &more, error) && more;
  for (int i = 0; is_read && i < count; i++) out->numbers[i] = store_column_integer(cursor, i);
  store_cursor_close(cursor);
  return is_read;
}

/* Try it with each statement failing in turn, each time from `context` as it was; in the end it
 * works, and `context` is as the act left it. Answers how many statements there are. */
static inline long whole_act_try(bool (*act)(void *context), void *context, size_t size)
{
  struct digest before, after;
  void *first = memory_allocate(size);
  memcpy(first, context, size);
  for (long n = 0;; n++) {
    memcpy(context, first, size);
    WORLD(store_read(world.store, read_digest, &before, &world.error));
    error_clear(&world.error);
    statement_fault_arm(n);
    bool done = act(context);
    long seen = statement_fault_disarm();
    if (done && seen > n) fail_msg("statement %ld failed, and it was done", n);
    if (done) {
      free(first);
      return n;
    }
    if (seen <= n) fail_msg("%s", world.error.log);
    assert_int_not_equal(world.error.kind, ERROR_NONE);
    WORLD(store_read(world.store, read_digest, &after, &world.error));
    assert_memory_equal(&before, &after, sizeof before);
  }
}

#endif
