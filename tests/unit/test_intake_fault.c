/*
 * Failing calls under intakes: the Nth write, flush or cut, for every N, while an item is said, a
 * medicine is counted a second time, a thing is destroyed and somebody is admitted. After each
 * failure nothing of the act stands; tried again without failures it is done, once. The calls are
 * injected by functions of the same name before those of the C library, so that SQLite's are
 * reached. Not for threads.
 */
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include "intake_world.h"

static struct {
  bool is_armed, has_fired;
  unsigned countdown; /* calls that still succeed */
} fault;

static bool fails_now(void)
{
  if (!fault.is_armed || fault.has_fired || fault.countdown-- > 0) return false;
  fault.has_fired = true;
  return true;
}

#define FAILING(name, parameters, arguments, result, code)                                         \
  result name parameters;                                                                          \
  result name parameters                                                                           \
  {                                                                                                \
    result(*real) parameters = NULL;                                                               \
    *(void **)&real = dlsym(RTLD_NEXT, #name);                                                     \
    if (fails_now()) {                                                                             \
      errno = code;                                                                                \
      return (result)-1;                                                                           \
    }                                                                                              \
    return real arguments;                                                                         \
  }

FAILING(pwrite, (int file, const void *at, size_t size, off_t to), (file, at, size, to), ssize_t,
        ENOSPC)
FAILING(pwrite64, (int file, const void *at, size_t size, off_t to), (file, at, size, to), ssize_t,
        ENOSPC)
FAILING(fsync, (int file), (file), int, EIO)
FAILING(fdatasync, (int file), (file), int, EIO)
FAILING(ftruncate, (int file, off_t size), (file, size), int, EIO)
FAILING(ftruncate64, (int file, off_t size), (file, size), int, EIO)

static struct text id, count_id, thing_id;

/* Rows that the acts below add. */
static bool count_rows(struct store_transaction *t, void *context, struct error *error)
{
  int64_t *count = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(t, &cursor,
                   "SELECT (SELECT count(*) FROM intake_item) + (SELECT count(*) FROM belonging)"
                   " + (SELECT count(*) FROM belonging_step)"
                   " + (SELECT count(*) FROM medication_count WHERE second_at > 0)"
                   " + (SELECT count(*) FROM intake_admission)"
                   " + (SELECT count(*) FROM episode_status)",
                   STORE_BIND_NONE, error) ||
      !store_next(cursor, &more, error))
    return false;
  *count = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return true;
}

static int64_t rows(void)
{
  int64_t count = 0;
  WORLD(store_read(world.store, count_rows, &count, &world.error));
  return count;
}

typedef bool act(void);
static bool say_it(void)
{
  struct work w = saying(id, "consent-treatment", INTAKE_SAID_DONE, "", "signed, folder 3", 0);
  return to("intake", "write", say, &w);
}
static bool count_it(void)
{
  struct work w = {.item = count_id, .number = 5, .words = TEXT(""), .version = 1};
  return to("intake", "write", count_second, &w);
}
static bool destroy_it(void)
{
  struct work w = {.move = {thing_id, TEXT("destroyed"), TEXT(""), TEXT(""), 2}};
  return to("belongings", "write", move_thing, &w);
}
static bool admit_it(void)
{
  struct admitting admitting = {id, world.now, false};
  return world_do("intake", "write", person, admit_in, &admitting);
}

/* Fail each call in turn, until the act meets no failure any more; it adds `added` rows, once. */
static void torture(act *run, const char *role, int64_t added)
{
  int64_t before = rows();
  unsigned failures = 0;
  become(role);
  for (unsigned n = 0;; n++) {
    fault.countdown = n;
    fault.has_fired = false;
    fault.is_armed = true;
    bool is_done = run();
    fault.is_armed = false;
    assert_true(n < 1000);
    if (is_done) break; /* also where the failure was met without harm */
    assert_true(fault.has_fired);
    failures++;
    assert_int_equal(rows(), before);
  }
  assert_true(failures > 0);
  assert_int_equal(rows(), before + added);
}

static void nothing_is_half_done(void **state)
{
  (void)state;
  id = begun(world.now);
  struct work w = {.id = id, .count = {.medicine = TEXT("Methadone 10 mg"), .first = 5}};
  become("technician");
  WORLD(to("intake", "write", count_first, &w));
  count_id = w.count.id;
  w.thing = (struct belonging){.thing = TEXT("Whisky"),
                               .quantity = 1,
                               .condition = TEXT("good"),
                               .restricted = TEXT("alcohol")};
  WORLD(to("belongings", "write", add_thing, &w));
  thing_id = w.thing.id;
  w.move = (struct belongings_move){thing_id, TEXT("destroy-asked"), TEXT(""), TEXT(""), 1};
  WORLD(to("belongings", "write", move_thing, &w));
  torture(say_it, "case-manager", 1);
  torture(count_it, "nurse", 3); /* the count, the belonging, its first step */
  torture(destroy_it, "case-manager", 1);
  torture(admit_it, "case-manager", 2); /* the admission and the stay's step */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_is_half_done, begin, end),
  };
  return cmocka_run_group_tests_name("intake_fault", tests, NULL, NULL);
}
