/*
 * Tests of store.h on both engines: opening, transactions, snapshots. What statements bind and give
 * back is in test_store_values.c. Expected values are what was written; SQL's meaning is that of
 * the engines' documents.
 */
#include "store_tables.h"

/* --- Opening ------------------------------------------------------------------------------- */

static void store_refuses_other_addresses(void **state)
{
  (void)state;
  static const char *const addresses[] = {"", ":memory:", "https://example.org/x",
                                          "postgresql://a:secret%zz@localhost/x",
                                          "postgresql://localhost/x?nonsense=secret"};
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    struct store *none = NULL;
    assert_false(store_open(&none, addresses[i], &error));
    assert_null(none);
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_string_not_equal(error.hint, "");
    assert_null(strstr(error.log, "secret"));
  }
}

static void store_names_what_cannot_be_opened(void **state)
{
  (void)state;
  struct store *none = NULL;
  assert_false(store_open(&none, path_of("absent/test.db"), &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  assert_logged("absent/test.db");
  struct error why = {0};
  assert_true(
      file_replace(path_of("text.db"), TEXT("This is a plain text, not a database."), &why));
  assert_false(store_open(&none, path_of("text.db"), &error));
  assert_string_equal(error.person, "error.store.damaged");
  assert_logged("text.db");
  assert_null(none);
}

static void store_file_is_private_and_flushes_fully(void **state)
{
  (void)state;
  struct stat status;
  assert_int_equal(stat(path_of("test.db"), &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  assert_int_equal(stat(path_of("test.db-wal"), &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
}

static void store_opens_again_with_what_was_written(void **state)
{
  (void)state;
  assert_true(add_item(1));
  store_close(store);
  assert_true(store_open(&store, address_of("test.db"), &error));
  assert_int_equal(count_items(), 1);
}

static void store_readers_follow_a_relative_path(void **state)
{
  (void)state;
  char here[4096];
  assert_non_null(getcwd(here, sizeof here));
  assert_int_equal(chdir(folder), 0);
  store_close(store);
  assert_true(store_open(&store, "test.db", &error));
  assert_int_equal(chdir("/"), 0);
  assert_int_equal(count_items(), 0);
  assert_int_equal(chdir(here), 0);
}

/* --- Transactions -------------------------------------------------------------------------- */

static bool add_two_then_refuse(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  int64_t one = 1, two = 2;
  assert_true(add(t, &one, e));
  assert_true(add(t, &two, e));
  return error_set(e, ERROR_REFUSED, "error.store.value", "", "no");
}

static void store_write_rolls_back_wholly(void **state)
{
  (void)state;
  assert_false(store_write(store, add_two_then_refuse, NULL, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_int_equal(count_items(), 0);
  assert_true(add_item(1));
}

static bool add_twice_and_say_yes(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  struct error inner = {0};
  int64_t seven = 7;
  assert_true(add(t, &seven, e));
  assert_false(add(t, &seven, &inner)); /* the key is there */
  assert_int_equal(inner.kind, ERROR_CONFLICT);
  int64_t eight = 8;
  assert_false(add(t, &eight, &inner)); /* a failed transaction does no more */
  return true;
}

static void store_write_with_a_failed_statement_never_commits(void **state)
{
  (void)state;
  assert_false(store_write(store, add_twice_and_say_yes, NULL, &error));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_logged(on_postgresql ? "item_pkey" : "item.id");
  assert_int_equal(count_items(), 0);
}

static bool add_orphan(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t, "INSERT INTO part (id, item) VALUES (1, 99)", STORE_BIND_NONE, NULL, e);
}

static void store_write_fails_at_commit_for_a_deferred_rule(void **state)
{
  (void)state;
  assert_false(store_write(store, add_orphan, NULL, &error));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_true(add_item(1)); /* the connection is free again */
}

static bool write_within(struct store_transaction *t, void *context, struct error *e)
{
  (void)t;
  return store_write(store, add, context, e);
}

static bool read_within(struct store_transaction *t, void *context, struct error *e)
{
  (void)t;
  return store_read(store, count, context, e);
}

static void store_refuses_transactions_within_transactions(void **state)
{
  (void)state;
  int64_t id = 5;
  assert_false(store_write(store, write_within, &id, &error));
  assert_logged("within a transaction");
  assert_false(store_write(store, read_within, &id, &error));
  assert_false(store_read(store, write_within, &id, &error));
  assert_false(store_read(store, read_within, &id, &error));
  assert_int_equal(count_items(), 0);
}

static bool count_in_other_store(struct store_transaction *t, void *context, struct error *e)
{
  (void)t;
  return store_read(context, count, &(int64_t){0}, e);
}

static void store_allows_another_store_within(void **state)
{
  (void)state;
  struct store *other = NULL;
  assert_true(store_open(&other, address_of("other.db"), &error));
  assert_true(store_write(other, make_tables, NULL, &error));
  assert_true(store_write(store, count_in_other_store, other, &error));
  store_close(other);
}

static void store_read_refuses_to_write(void **state)
{
  (void)state;
  int64_t id = 3;
  assert_false(store_read(store, add, &id, &error));
  assert_logged(on_postgresql ? "read-only" : "readonly");
  assert_int_equal(count_items(), 0);
}

struct snapshot {
  bool is_pinned_at_once;
  int64_t before, after;
};

static bool read_around_a_write(struct store_transaction *t, void *context, struct error *e)
{
  struct snapshot *seen = context;
  struct store *writer = NULL;
  int64_t id = 1;
  if (!seen->is_pinned_at_once && !count(t, &seen->before, e)) return false;
  assert_true(store_open(&writer, address_of("test.db"), e));
  assert_true(store_write(writer, add, &id, e));
  int64_t there = 0;
  assert_true(store_read(writer, count, &there, e));
  assert_int_equal(there, 1);
  store_close(writer);
  return count(t, &seen->after, e);
}

static void store_read_sees_one_snapshot(void **state)
{
  (void)state;
  struct snapshot seen = {.is_pinned_at_once = false};
  assert_true(store_read(store, read_around_a_write, &seen, &error));
  assert_int_equal(seen.before, 0);
  assert_int_equal(seen.after, 0);
  assert_int_equal(count_items(), 1);
}

static void store_read_pins_its_snapshot_before_the_first_query(void **state)
{
  (void)state;
  struct snapshot seen = {.is_pinned_at_once = true};
  assert_true(store_read(store, read_around_a_write, &seen, &error));
  assert_int_equal(seen.after, 0);
}

int main(void)
{
  const struct CMUnitTest file_tests[] = {
      TEST(store_names_what_cannot_be_opened),
      TEST(store_file_is_private_and_flushes_fully),
      TEST(store_readers_follow_a_relative_path),
  };
  const struct CMUnitTest tests[] = {
      TEST(store_refuses_other_addresses),
      TEST(store_opens_again_with_what_was_written),
      TEST(store_write_rolls_back_wholly),
      TEST(store_write_with_a_failed_statement_never_commits),
      TEST(store_write_fails_at_commit_for_a_deferred_rule),
      TEST(store_refuses_transactions_within_transactions),
      TEST(store_allows_another_store_within),
      TEST(store_read_refuses_to_write),
      TEST(store_read_sees_one_snapshot),
      TEST(store_read_pins_its_snapshot_before_the_first_query),
  };
  return cmocka_run_group_tests_name("store files", file_tests, NULL, NULL) +
         store_support_run("store", tests, sizeof tests / sizeof *tests);
}
