/*
 * Tests of store.h on both engines: binding by name, what is refused, kinds of values, cursors,
 * order. Transactions are in test_store.c. Expected values are what was written; SQL's meaning is
 * that of the engines' documents.
 */
#include "store_tables.h"

/* --- Binding ------------------------------------------------------------------------------- */

struct statement {
  const char *sql;
  const struct store_value *bindings;
  size_t count;
  int64_t changed;
};

static bool execute(struct store_transaction *t, void *context, struct error *e)
{
  struct statement *s = context;
  return store_execute(t, s->sql, s->bindings, s->count, &s->changed, e);
}

static bool query(struct store_transaction *t, void *context, struct error *e)
{
  struct statement *s = context;
  struct store_cursor *cursor = NULL;
  return store_query(t, &cursor, s->sql, s->bindings, s->count, e);
}

static bool pair(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  /* SQLite numbers $2 first here; by name $1 stays the first binding. */
  assert_true(store_query(t, &cursor, "SELECT CAST($2 AS TEXT), CAST($1 AS BIGINT), $2",
                          STORE_BIND(STORE_N(1), STORE_T(TEXT("two"))), e));
  assert_true(store_next(cursor, &more, e) && more);
  assert_true(text_equal(store_column_text(cursor, 0), TEXT("two")));
  assert_int_equal(store_column_integer(cursor, 1), 1);
  assert_true(text_equal(store_column_text(cursor, 2), TEXT("two")));
  store_cursor_close(cursor);
  return true;
}

static void store_binds_by_name(void **state)
{
  (void)state;
  assert_true(store_read(store, pair, NULL, &error));
}

static void store_refuses_bindings_that_do_not_fit(void **state)
{
  (void)state;
  const struct store_value two[] = {STORE_N(1), STORE_N(2)};
  struct statement wrong[] = {
      {"UPDATE item SET id = $1", two, 2, 0},               /* $2 unused */
      {"UPDATE item SET id = $1 WHERE id = $2", two, 1, 0}, /* $2 missing */
      {"UPDATE item SET id = $2", two, 1, 0},               /* $1 unused, $2 missing */
      {"UPDATE item SET id = ?", two, 1, 0},                /* another way of writing */
      {"UPDATE item SET id = $1 WHERE id = :id", two, 1, 0},
      {"UPDATE item SET id = $1 WHERE id = $01", two, 1, 0},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(store_write(store, execute, &wrong[i], &error));
    assert_int_equal(error.kind, ERROR_SYSTEM);
  }
}

static void store_refuses_statements_of_the_wrong_kind(void **state)
{
  (void)state;
  struct statement executed[] = {
      {"SELECT 1", NULL, 0, 0},
      {"INSERT INTO item (id) VALUES (1) RETURNING id", NULL, 0, 0},
      {"DELETE FROM item; DELETE FROM part", NULL, 0, 0},
      {"-- nothing", NULL, 0, 0},
      {"COMMIT", NULL, 0, 0},
      {"SAVEPOINT a", NULL, 0, 0},
      {"PRAGMA synchronous = OFF", NULL, 0, 0},
      {"ATTACH 'x.db' AS x", NULL, 0, 0},
      {"INSERT INTO item (id, name) VALUES (1, \"name\")", NULL, 0, 0},
      {"DELETE FRM item", NULL, 0, 0},
  };
  for (size_t i = 0; i < sizeof executed / sizeof *executed; i++)
    if (store_write(store, execute, &executed[i], &error)) fail_msg("taken: %s", executed[i].sql);
  struct statement queried = {"DELETE FROM item", NULL, 0, 0};
  assert_false(store_write(store, query, &queried, &error));
}

static void store_refuses_sql_that_is_no_literal(void **state)
{
  (void)state;
  char sql[] = "DELETE FROM item WHERE id = 1";
  struct statement built = {sql, NULL, 0, 0};
  assert_true(store_write(store, execute, &built, &error));
  sql[sizeof sql - 2] = '2';
  assert_false(store_write(store, execute, &built, &error));
  assert_logged("no literal");
}

static void store_refuses_values_that_one_engine_would_not_take(void **state)
{
  (void)state;
  const struct store_value wrong[] = {STORE_T(TEXT("a\0b")), STORE_T(TEXT("\xff")),
                                      STORE_D(1.0 / 0.0), STORE_D(0.0 / 0.0)};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct statement s = {"INSERT INTO item (id, name) VALUES (1, $1)", &wrong[i], 1, 0};
    assert_false(store_write(store, execute, &s, &error));
    assert_int_equal(error.kind, ERROR_REFUSED);
  }
}

static void store_counts_changes(void **state)
{
  (void)state;
  assert_true(add_item(1) && add_item(2));
  struct statement update = {"UPDATE item SET name = 'x'", NULL, 0, -1},
                   create = {"CREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY)", NULL, 0, -1},
                   nothing = {"DELETE FROM item WHERE id = 77", NULL, 0, -1};
  assert_true(store_write(store, execute, &update, &error));
  assert_int_equal(update.changed, 2);
  assert_true(store_write(store, execute, &create, &error));
  assert_int_equal(create.changed, 0);
  assert_true(store_write(store, execute, &nothing, &error));
  assert_int_equal(nothing.changed, 0);
}

/* --- Rows and kinds ------------------------------------------------------------------------ */

static bool write_kinds(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  static const char insert[] = "INSERT INTO item (id, name, bytes, weight) VALUES ($1, $2, $3, $4)";
  return store_execute(t, insert,
                       STORE_BIND(STORE_N(INT64_MIN), STORE_T(TEXT("ñandú")),
                                  STORE_B(TEXT("\0\xff\1")), STORE_D(3)),
                       NULL, e) &&
         store_execute(t, insert,
                       STORE_BIND(STORE_N(INT64_MAX), STORE_T(((struct text){NULL, 0})),
                                  STORE_B(((struct text){NULL, 0})), STORE_D(0.1)),
                       NULL, e) &&
         store_execute(t, insert, STORE_BIND(STORE_N(0), STORE_NONE, STORE_NONE, STORE_NONE), NULL,
                       e);
}

static bool read_kinds(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  struct store_cursor *c = NULL;
  bool more = false;
  assert_true(store_query(t, &c, "SELECT id, name, bytes, weight FROM item ORDER BY id",
                          STORE_BIND_NONE, e));
  assert_true(store_next(c, &more, e) && more);
  assert_true(store_column_integer(c, 0) == INT64_MIN);
  assert_true(text_equal(store_column_text(c, 1), TEXT("ñandú")));
  assert_true(text_equal(store_column_bytes(c, 2), TEXT("\0\xff\1")));
  assert_true(store_column_decimal(c, 3) == 3.0);
  assert_true(store_next(c, &more, e) && more);
  for (int i = 1; i < 4; i++) assert_true(store_column_is_null(c, i));
  assert_true(store_column_decimal(c, 3) == 0 && store_column_text(c, 1).length == 0);
  assert_true(store_next(c, &more, e) && more);
  assert_true(store_column_integer(c, 0) == INT64_MAX);
  assert_false(store_column_is_null(c, 1)); /* empty is not NULL */
  assert_false(store_column_is_null(c, 2));
  assert_int_equal(store_column_text(c, 1).length, 0);
  assert_int_equal(store_column_bytes(c, 2).length, 0);
  assert_true(store_column_decimal(c, 3) == 0.1);
  for (int i = 0; i < 3; i++) assert_true(store_next(c, &more, e) && !more); /* stays at the end */
  store_cursor_close(c);
  return true;
}

static void store_gives_back_every_kind_exactly(void **state)
{
  (void)state;
  assert_true(store_write(store, write_kinds, NULL, &error));
  assert_true(store_read(store, read_kinds, NULL, &error));
}

static bool read_text_as_integer(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c, "SELECT name FROM item", STORE_BIND_NONE, e) || !store_next(c, &more, e))
    return false;
  assert_int_equal(store_column_integer(c, 0), 0);
  return true;
}

static void store_read_of_the_wrong_kind_fails(void **state)
{
  (void)state;
  assert_true(add_item(1));
  assert_false(store_read(store, read_text_as_integer, NULL, &error));
  assert_logged("column 0 of a query holds text, and an integer is expected");
}

static bool open_many(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *cursors[LIMIT_STORE_CURSORS + 1] = {0};
  int64_t extra = *(const int64_t *)context;
  for (int64_t i = 0; i < LIMIT_STORE_CURSORS + extra; i++) {
    bool more = false;
    if (!store_query(t, &cursors[i], "SELECT id FROM item", STORE_BIND_NONE, e)) return false;
    assert_true(store_next(cursors[i], &more, e) && more);
  }
  return true; /* they are closed with the transaction */
}

static void store_limits_open_cursors(void **state)
{
  (void)state;
  assert_true(add_item(1));
  assert_true(store_read(store, open_many, &(int64_t){0}, &error));
  assert_true(store_write(store, open_many, &(int64_t){0}, &error));
  assert_false(store_read(store, open_many, &(int64_t){1}, &error));
  assert_int_equal(count_items(), 1);
}

/* More texts than a connection keeps, each prepared for its own address, with one open throughout.
 */
static bool query_many_texts(struct store_transaction *t, void *context, struct error *e)
{
  enum { TEXTS = LIMIT_STORE_STATEMENTS + 100 };
  static char texts[TEXTS][16];
  struct store_cursor *open = NULL, *c = NULL;
  bool more = false;
  (void)context;
  if (!store_query(t, &open, "SELECT id FROM item ORDER BY id", STORE_BIND_NONE, e)) return false;
  for (size_t i = 0; i < TEXTS; i++) {
    snprintf(texts[i], sizeof texts[i], "SELECT %zu", i);
    if (!store_query(t, &c, texts[i], STORE_BIND_NONE, e) || !store_next(c, &more, e)) return false;
    assert_int_equal(store_column_integer(c, 0), i);
    store_cursor_close(c);
  }
  assert_true(store_next(open, &more, e) && more);
  assert_int_equal(store_column_integer(open, 0), 1);
  return true;
}

static void store_forgets_statements_past_its_limit(void **state)
{
  (void)state;
  assert_true(add_item(1));
  assert_true(store_read(store, query_many_texts, NULL, &error));
  assert_true(store_read(store, query_many_texts, NULL, &error));
}

static bool insert_returning(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  struct store_cursor *c = NULL;
  return store_query(t, &c, "INSERT INTO item (id) VALUES ($1) RETURNING id",
                     STORE_BIND(STORE_N(4)), e);
}

static void store_query_has_its_effect_without_a_step(void **state)
{
  (void)state;
  assert_true(store_write(store, insert_returning, NULL, &error));
  assert_int_equal(count_items(), 1);
}

static void store_orders_text_by_bytes(void **state)
{
  (void)state;
  struct statement all = {
      "INSERT INTO item (id, name) VALUES (1, 'b'), (2, 'B'), (3, 'é'), (4, 'z')", NULL, 0, 0};
  assert_true(store_write(store, execute, &all, &error));
  struct statement check = {"DELETE FROM item WHERE name > 'a' AND name < 'z'", NULL, 0, 0};
  assert_true(store_write(store, execute, &check, &error));
  assert_int_equal(check.changed, 1); /* 'b' alone: 'B' is 0x42, 'é' begins with 0xC3 */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(store_binds_by_name),
      TEST(store_refuses_bindings_that_do_not_fit),
      TEST(store_refuses_statements_of_the_wrong_kind),
      TEST(store_refuses_sql_that_is_no_literal),
      TEST(store_refuses_values_that_one_engine_would_not_take),
      TEST(store_counts_changes),
      TEST(store_gives_back_every_kind_exactly),
      TEST(store_read_of_the_wrong_kind_fails),
      TEST(store_limits_open_cursors),
      TEST(store_forgets_statements_past_its_limit),
      TEST(store_query_has_its_effect_without_a_step),
      TEST(store_orders_text_by_bytes),
  };
  return store_support_run("store_values", tests, sizeof tests / sizeof *tests);
}
