/*
 * Failing disks: every write, flush and truncation fails once while the store opens, migrates,
 * writes and closes (failing_disk.h). After each failure the live disk, the one after a kill and
 * the one after a power cut must hold the old state or the new one, whole; what was acknowledged
 * must be there on all three. Writers that share a commit: test_store_fault_group.c.
 */
#include "failing_disk.h"

/* --- Every operation fails once ------------------------------------------------------------ */

static bool write_with_fault(const struct fault *kind, unsigned countdown, unsigned *refused)
{
  struct store *store = NULL;
  make_database();
  assert_true(store_open(&store, path_of("a.db"), &error));
  assert_int_equal(moved_in(store), 1);
  arm(kind, countdown);
  bool good = store_write(store, move, NULL, &error);
  bool met = fault.has_fired;
  fault.is_armed = false;
  if (!good) {
    check_refusal(kind);
    ++*refused;
  }
  int64_t now = good ? 2 : 1;
  int64_t killed = moved_after_kill(), cut = moved_after_power_cut();
  assert_true(killed == now || (!good && killed == 2));
  assert_true(cut == now || (!good && cut == 2));
  assert_int_equal(moved_in(store), now); /* what is refused is not seen */
  if (!store_write(store, move, NULL, &error)) fail_msg("write again: %s", error.log);
  assert_int_equal(moved_in(store), now + 1);
  assert_int_equal(moved_after_kill(), now + 1);
  assert_int_equal(moved_after_power_cut(), now + 1);
  store_close(store);
  assert_int_equal(moved_at(path_of("a.db")), now + 1);
  return met;
}

static void store_write_survives_each_failing_operation(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    unsigned n = 0, refused = 0;
    while (write_with_fault(&kinds[k], n, &refused)) n++;
    assert_true(n >= 10); /* header, frames of eight or so pages, a flush */
    assert_int_equal(refused, n);
  }
}

/* Closing writes the log into the database: no failure there may lose what was acknowledged. */
static bool close_with_fault(const struct fault *kind, unsigned countdown)
{
  struct store *store = NULL;
  make_database();
  assert_true(store_open(&store, path_of("a.db"), &error));
  assert_true(store_write(store, move, NULL, &error));
  arm(kind, countdown);
  store_close(store);
  bool met = fault.has_fired;
  fault.is_armed = false;
  assert_int_equal(moved_after_kill(), 2);
  assert_int_equal(moved_after_power_cut(), 2);
  assert_int_equal(moved_at(path_of("a.db")), 2);
  return met;
}

static void store_close_survives_each_failing_operation(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    unsigned n = 0;
    while (close_with_fault(&kinds[k], n)) n++;
    assert_true(n >= 6);
  }
}

/* Making a database while the disk fails; afterwards it can be made. */
static bool open_with_fault(const struct fault *kind, unsigned countdown)
{
  static const char *const names[] = {"a.db", "a.db-wal", "a.db-shm", "a.db-journal"};
  struct store *store = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) remove(path_of(names[i]));
  arm(kind, countdown);
  bool opened = store_open(&store, path_of("a.db"), &error);
  bool made = opened && store_write(store, make, NULL, &error);
  if (opened) store_close(store);
  bool met = fault.has_fired;
  fault.is_armed = false;
  if (!store_open(&store, path_of("a.db"), &error)) fail_msg("open again: %s", error.log);
  if (!made && !store_write(store, make, NULL, &error)) {
    /* Only a disk that failed during the commit itself may bring the change back. */
    assert_non_null(strstr(error.log, "already exists"));
  }
  assert_int_equal(moved_in(store), 0);
  store_close(store);
  check_integrity(path_of("a.db"));
  return met;
}

static void store_open_survives_each_failing_operation(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    unsigned n = 0;
    while (open_with_fault(&kinds[k], n)) n++;
    assert_true(n >= 8);
  }
}

/* --- Damage -------------------------------------------------------------------------------- */

static void store_names_a_damaged_file(void **state)
{
  (void)state;
  make_database();
  struct text content = TEXT("");
  assert_true(file_read(arena, path_of("a.db"), 1 << 26, &content, &error));
  char *bytes = arena_allocate(arena, content.length);
  memcpy(bytes, content.at, content.length);
  memset(bytes + 4096, 0xA5, content.length - 4096);
  assert_true(file_replace(path_of("a.db"), (struct text){bytes, content.length}, &error));
  struct store *store = NULL;
  int64_t moved = 0;
  assert_true(store_open(&store, path_of("a.db"), &error));
  assert_false(store_read(store, look, &moved, &error));
  assert_string_equal(error.person, "error.store.damaged");
  assert_false(store_write(store, move, NULL, &error));
  assert_string_equal(error.person, "error.store.damaged");
  store_close(store);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(store_write_survives_each_failing_operation),
      TEST(store_close_survives_each_failing_operation),
      TEST(store_open_survives_each_failing_operation),
      TEST(store_names_a_damaged_file),
  };
  install_layer();
  return cmocka_run_group_tests_name("store_fault", tests, NULL, NULL);
}
