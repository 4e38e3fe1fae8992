/*
 * What PostgreSQL alone has: values of its own types, kinds that do not fit, cursors beside other
 * statements, transactions that others undo, a server that goes away. Expected values are those of
 * PostgreSQL's documents. Each test skips, saying so, where there is no server.
 */
#include <pthread.h>

#include "store/postgresql.h"
#include "store_support.h"

static struct arena *arena;
static char *folder;
static struct store *store;
static struct error error;

/* --- Helpers ------------------------------------------------------------------------------- */

static char *address(void)
{
  return store_support_address(arena, folder, "test.db");
}

struct statement {
  const char *sql;
  const struct store_value *bindings;
  size_t count;
};

static bool execute(struct store_transaction *t, void *context, struct error *e)
{
  const struct statement *s = context;
  return store_execute(t, s->sql, s->bindings, s->count, NULL, e);
}

static void run(const char *sql)
{
  struct statement statement = {sql, NULL, 0};
  if (!store_write(store, execute, &statement, &error)) fail_msg("%s: %s", sql, error.log);
}

static int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-postgresql-test-XXXXXX";
  arena = arena_new(1 << 24);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  assert_true(store_open(&store, address(), &error));
  run("CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, name TEXT, bytes BYTEA,"
      " weight DOUBLE PRECISION)");
  run("INSERT INTO item (id, name, weight) VALUES (1, 'one', 0), (2, 'two', 0.5)");
  return 0;
}

static int end(void **state)
{
  (void)state;
  store_close(store);
  rmdir(folder);
  arena_free(arena);
  error_clear(&error);
  return 0;
}

static void assert_logged(const char *part)
{
  if (!strstr(error.log, part)) fail_msg("log text '%s' lacks '%s'", error.log, part);
}

/* --- Values -------------------------------------------------------------------------------- */

struct number {
  const char *sql;
  double decimal;
  int64_t integer;
  bool is_whole;
};

static bool read_number(struct store_transaction *t, void *context, struct error *e)
{
  const struct number *number = context;
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c, number->sql, STORE_BIND_NONE, e) || !store_next(c, &more, e))
    return false;
  double decimal = store_column_decimal(c, 0);
  if (decimal != number->decimal) fail_msg("%s: %.17g", number->sql, decimal);
  if (number->is_whole && store_column_integer(c, 0) != number->integer)
    fail_msg("%s: %lld", number->sql, (long long)store_column_integer(c, 0));
  return true;
}

static void postgresql_reads_numbers_of_its_own(void **state)
{
  (void)state;
  static const struct number numbers[] = {
      {"SELECT sum(id) FROM item", 3, 3, true},
      {"SELECT avg(id) FROM item", 1.5, 0, false},
      {"SELECT count(*) FROM item", 2, 2, true},
      {"SELECT id = 1 FROM item WHERE id = 1", 1, 1, true},
      {"SELECT id = 2 FROM item WHERE id = 1", 0, 0, true},
      {"SELECT length(name) FROM item WHERE id = 1", 3, 3, true},
      {"SELECT CAST(-7 AS SMALLINT)", -7, -7, true},
      {"SELECT CAST(0.25 AS REAL)", 0.25, 0, false},
      {"SELECT 9223372036854775807.", 9223372036854775807.0, INT64_MAX, true},
      {"SELECT -9223372036854775808.", -9223372036854775808.0, INT64_MIN, true},
      {"SELECT 9223372036854775808.", 9223372036854775808.0, 0, false},
      {"SELECT -9223372036854775809.", -9223372036854775808.0, 0, false},
      {"SELECT 123456789012345678901234567890.", 123456789012345678901234567890.0, 0, false},
      {"SELECT 10000.", 10000, 10000, true},
      {"SELECT 0.", 0, 0, true},
      {"SELECT -0.1", -0.1, 0, false},
      {"SELECT 0.0000000125", 0.0000000125, 0, false},
      {"SELECT 12345.678901234567", 12345.678901234567, 0, false},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (!store_read(store, read_number, (void *)(uintptr_t)&numbers[i], &error))
      fail_msg("%s: %s", numbers[i].sql, error.log);
}

static bool read_odd_numbers(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c,
                   "SELECT CAST('NaN' AS NUMERIC), CAST('Infinity' AS NUMERIC),"
                   " CAST('1e400' AS NUMERIC)",
                   STORE_BIND_NONE, e) ||
      !store_next(c, &more, e))
    return false;
  for (int i = 0; i < 3; i++) {
    double decimal = store_column_decimal(c, i);
    assert_false(decimal - decimal == 0); /* none that is finite */
  }
  return true;
}

static void postgresql_knows_what_is_no_number(void **state)
{
  (void)state;
  if (!store_read(store, read_odd_numbers, NULL, &error)) fail_msg("%s", error.log);
}

static void postgresql_refuses_values_of_another_kind(void **state)
{
  (void)state;
  static const struct {
    const char *sql;
    struct store_value value;
    const char *said;
  } wrong[] = {
      {"UPDATE item SET id = $1",
       {.kind = STORE_TEXT, .text = {"1", 1}},
       "$1 is text, and the statement has it bigint: UPDATE item SET id"},
      {"UPDATE item SET id = $1", {.kind = STORE_DECIMAL, .decimal = 1}, "$1 is a decimal"},
      {"UPDATE item SET name = $1", {.kind = STORE_INTEGER}, "$1 is an integer"},
      {"UPDATE item SET name = $1", {.kind = STORE_BYTES, .text = {"1", 1}}, "$1 is bytes"},
      {"UPDATE item SET bytes = $1", {.kind = STORE_TEXT, .text = {"1", 1}}, "has it bytea"},
      {"UPDATE item SET weight = $1", {.kind = STORE_TEXT, .text = {"1", 1}}, "double precision"},
      {"UPDATE item SET weight = $1", {.kind = STORE_INTEGER, .integer = INT64_MAX}, "precision"},
      {"UPDATE item SET id = $1 + 1", {.kind = STORE_INTEGER, .integer = INT64_MAX}, "it integer"},
      {"UPDATE item SET id = CAST($1 AS SMALLINT)",
       {.kind = STORE_INTEGER, .integer = 40000},
       "smallint"},
      {"UPDATE item SET id = 1 WHERE CAST($1 AS DATE) IS NULL",
       {.kind = STORE_INTEGER},
       "not portable"},
      {"UPDATE item SET id = 1 WHERE $1", {.kind = STORE_INTEGER}, "boolean"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct statement statement = {wrong[i].sql, &wrong[i].value, 1};
    if (store_write(store, execute, &statement, &error)) fail_msg("taken: %s", wrong[i].sql);
    assert_int_equal(error.kind, ERROR_SYSTEM);
    assert_logged(wrong[i].said);
  }
  const struct store_value fine[] = {STORE_N(7)};
  struct statement statements[] = {{"UPDATE item SET weight = $1", fine, 1},
                                   {"UPDATE item SET id = id + CAST($1 + 1 AS BIGINT)", fine, 1},
                                   {"UPDATE item SET id = id + CAST($1 AS SMALLINT)", fine, 1}};
  for (size_t i = 0; i < 3; i++)
    if (!store_write(store, execute, &statements[i], &error)) fail_msg("%s", error.log);
}

static bool read_date(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  (void)context;
  return store_query(t, &c, "SELECT current_date", STORE_BIND_NONE, e);
}

static void postgresql_refuses_columns_of_other_types(void **state)
{
  (void)state;
  assert_false(store_read(store, read_date, NULL, &error));
  assert_logged("column 0 has type 1082"); /* date */
}

/* A value never reaches an error: the server's words about one are left out. */
static void postgresql_says_nothing_of_values(void **state)
{
  (void)state;
  struct statement cast = {"UPDATE item SET id = CAST(name AS BIGINT) WHERE id = 1", NULL, 0},
                   twice = {"INSERT INTO item (id, name) VALUES (1, 'secret')", NULL, 0};
  assert_false(store_write(store, execute, &cast, &error));
  assert_logged("22P02");
  assert_null(strstr(error.log, "one"));
  assert_false(store_write(store, execute, &twice, &error));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_null(strstr(error.log, "(1)"));
}

/* --- Cursors ------------------------------------------------------------------------------- */

static bool walk_within_walks(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *outer = NULL, *inner = NULL;
  bool more = true;
  int64_t seen = 0;
  if (!store_query(t, &outer,
                   "SELECT id, CASE WHEN id = 3 THEN NULL ELSE name END FROM item ORDER BY id",
                   STORE_BIND_NONE, e))
    return false;
  while (store_next(outer, &more, e) && more) {
    int64_t id = store_column_integer(outer, 0), sum = 0;
    struct text name = store_column_text(outer, 1);
    if (!store_query(t, &inner, "SELECT id FROM item WHERE id <= $1 ORDER BY id",
                     STORE_BIND(STORE_N(id)), e))
      return false;
    while (sum < 2 && store_next(inner, &more, e) && more) sum += store_column_integer(inner, 0);
    store_cursor_close(inner); /* some before their end */
    assert_true(store_execute(t, "UPDATE item SET weight = $1 WHERE id = $2",
                              STORE_BIND(STORE_D(0.5), STORE_N(id)), NULL, e));
    assert_int_equal(store_column_integer(outer, 0), id); /* the row lives until the next */
    assert_true(text_equal(name, store_column_text(outer, 1)));
    assert_true(store_column_is_null(outer, 1) == (id == 3));
    assert_int_equal(id, ++seen);
  }
  *(int64_t *)context = seen;
  return true;
}

static void postgresql_keeps_rows_of_open_cursors(void **state)
{
  (void)state;
  int64_t seen = 0;
  run("INSERT INTO item (id, name) SELECT n, repeat('x', n) FROM generate_series(3, 50) n");
  if (!store_write(store, walk_within_walks, &seen, &error)) fail_msg("%s", error.log);
  assert_int_equal(seen, 50);
}

static bool leave_too_much_behind(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  (void)context;
  return store_query(t, &c, "SELECT repeat('x', 1000000) FROM generate_series(1, 300)",
                     STORE_BIND_NONE, e) &&
         store_execute(t, "UPDATE item SET id = 1 WHERE id = 1", STORE_BIND_NONE, NULL, e);
}

static void postgresql_limits_rows_kept(void **state)
{
  (void)state;
  assert_false(store_write(store, leave_too_much_behind, NULL, &error));
  assert_logged("too many rows");
  run("UPDATE item SET id = 1 WHERE id = 1");
}

/* Rows that fail late: while they are read, while they are kept, and when nobody reads them. */
static bool walk_into_a_failure(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  int how = *(const int *)context;
  bool more = true;
  if (!store_query(t, &c, "SELECT 1000 / (500 - n) FROM generate_series(1, 1000) n",
                   STORE_BIND_NONE, e))
    return false;
  if (how == 0)
    while (more)
      if (!store_next(c, &more, e)) return false;
  if (how == 1)
    return store_execute(t, "UPDATE item SET id = 1 WHERE id = 1", STORE_BIND_NONE, NULL, e);
  store_cursor_close(c);
  return true;
}

static void postgresql_fails_with_rows_that_fail_late(void **state)
{
  (void)state;
  for (int how = 0; how < 3; how++) {
    assert_false(store_write(store, walk_into_a_failure, &how, &error));
    assert_int_equal(error.kind, ERROR_SYSTEM);
    run("UPDATE item SET id = 1 WHERE id = 1");
  }
}

/* --- Others' transactions ------------------------------------------------------------------ */

struct meeting {
  struct store *other;
  int runs, meets; /* the first `meets` runs meet somebody */
};

static bool add_one(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t, "UPDATE item SET weight = weight + 1 WHERE id = 1", STORE_BIND_NONE, NULL,
                       e);
}

static void *add_in_thread(void *context)
{
  struct error own = {0};
  return store_write(context, add_one, NULL, &own) ? NULL : context;
}

static bool add_where_others_do(struct store_transaction *t, void *context, struct error *e)
{
  struct meeting *meeting = context;
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c, "SELECT weight FROM item WHERE id = 1", STORE_BIND_NONE, e) ||
      !store_next(c, &more, e))
    return false;
  if (meeting->runs++ < meeting->meets) {
    pthread_t thread;
    void *answer = NULL;
    assert_int_equal(pthread_create(&thread, NULL, add_in_thread, meeting->other), 0);
    pthread_join(thread, &answer);
    assert_null(answer);
  }
  return add_one(t, NULL, e);
}

static void postgresql_runs_again_what_others_undid(void **state)
{
  (void)state;
  struct meeting meeting = {.meets = 3};
  assert_true(store_open(&meeting.other, address(), &error));
  if (!store_write(store, add_where_others_do, &meeting, &error)) fail_msg("%s", error.log);
  assert_int_equal(meeting.runs, 4);
  struct number weight = {"SELECT weight FROM item WHERE id = 1", 4, 0, false};
  assert_true(store_read(store, read_number, &weight, &error));
  meeting = (struct meeting){.other = meeting.other, .meets = 1000};
  assert_false(store_write(store, add_where_others_do, &meeting, &error));
  assert_int_equal(error.kind, ERROR_BUSY);
  assert_int_equal(meeting.runs, LIMIT_STORE_ATTEMPTS + 1);
  assert_logged("given up after");
  store_close(meeting.other);
}

/* --- The server goes away ------------------------------------------------------------------ */

static void end_sessions(void)
{
  char sql[160];
  snprintf(sql, sizeof sql,
           "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
           " WHERE application_name = 'test_%d' AND pid <> pg_backend_pid()",
           (int)store_support_process);
  store_support_tell(sql);
}

static void postgresql_replaces_what_broke_while_idle(void **state)
{
  (void)state;
  struct number one = {"SELECT 1", 1, 1, true};
  assert_true(store_read(store, read_number, &one, &error));
  end_sessions();
  run("UPDATE item SET id = 1 WHERE id = 1");
  if (!store_read(store, read_number, &one, &error)) fail_msg("%s", error.log);
}

static bool end_own_session(struct store_transaction *t, void *context, struct error *e)
{
  if (!add_one(t, NULL, e)) return false;
  end_sessions();
  return *(const bool *)context ? add_one(t, NULL, e) : true;
}

static void postgresql_tells_of_a_session_that_broke(void **state)
{
  (void)state;
  struct number weight = {"SELECT weight FROM item WHERE id = 1", 0, 0, false};
  assert_false(store_write(store, end_own_session, &(bool){true}, &error));
  assert_int_equal(error.kind, ERROR_BUSY);
  assert_string_equal(error.person, "error.store.away");
  if (!store_read(store, read_number, &weight, &error)) fail_msg("%s", error.log);
  /* Whether a commit came through cannot be known then, and it is never tried again. */
  assert_false(store_write(store, end_own_session, &(bool){false}, &error));
  assert_string_equal(error.person, "error.store.unknown");
  if (!store_read(store, read_number, &weight, &error)) fail_msg("%s", error.log);
}

/* The server's address, with another database's name. */
static char *address_of_database(const char *name)
{
  const char *server = getenv("FAIRLEAD_TEST_POSTGRESQL");
  const char *query = strchr(server, '?');
  struct text front = text_from(server);
  if (query) front.length = (size_t)(query - server);
  while (front.length > 0 && front.at[front.length - 1] != '/') front.length--;
  return text_c(arena, text_format(arena, "%.*s%s%s", TEXT_PRINT(front), name, query ? query : ""));
}

static void postgresql_tells_why_it_cannot_be_reached(void **state)
{
  (void)state;
  const struct {
    const char *address;
    enum error_kind kind;
  } wrong[] = {{"postgresql://nobody:secret@127.0.0.1:1/x", ERROR_BUSY},
               {"postgresql://nobody:secret@/x?host=%2Fnonexistent", ERROR_BUSY},
               {address_of_database("fairlead_has_none_of_this_name"), ERROR_SYSTEM}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct store *none = NULL;
    assert_false(store_open(&none, wrong[i].address, &error));
    assert_null(none);
    assert_null(strstr(error.log, "secret"));
    assert_string_not_equal(error.hint, "");
    if (error.kind != wrong[i].kind) fail_msg("%s: %s", wrong[i].address, error.log);
  }
}

static struct postgresql_library library;

/* Refused, as by a server that shuts down or is full, while others say that it is there. */
static PGconn *connect_to_none(const char *const *names, const char *const *values, int expand)
{
  const char *given[16] = {NULL};
  for (size_t i = 0; names[i]; i++)
    given[i] = strcmp(names[i], "dbname") == 0 ? address_of_database("fairlead_has_none_of_it")
                                               : values[i];
  return library.connect(names, given, expand);
}

static void postgresql_waits_for_a_server_that_let_it_in(void **state)
{
  (void)state;
  struct number one = {"SELECT 1", 1, 1, true};
  assert_true(store_read(store, read_number, &one, &error));
  end_sessions();
  library = postgresql_library;
  postgresql_library.connect = connect_to_none;
  bool was_read = store_read(store, read_number, &one, &error);
  postgresql_library = library;
  assert_false(was_read);
  assert_int_equal(error.kind, ERROR_BUSY);
  assert_string_equal(error.person, "error.store.away");
  if (!store_read(store, read_number, &one, &error)) fail_msg("%s", error.log);
}

static void postgresql_refuses_a_database_that_sorts_otherwise(void **state)
{
  (void)state;
  char name[64];
  struct store *none = NULL;
  snprintf(name, sizeof name, "fairlead_sorts_otherwise_%d", (int)getpid());
  store_support_tell(text_c(
      arena, text_format(
                 arena, "CREATE DATABASE %s TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'",
                 name)));
  char *other = address_of_database(name);
  bool is_open = store_open(&none, other, &error);
  store_support_tell(text_c(arena, text_format(arena, "DROP DATABASE %s", name)));
  assert_false(is_open);
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_non_null(strstr(error.hint, "LC_COLLATE 'C'"));
}

static bool add_and_count(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t, "UPDATE item SET name = $1 WHERE id = 2", STORE_BIND(STORE_NONE), NULL,
                       e);
}

static void postgresql_takes_addresses_with_attributes(void **state)
{
  (void)state;
  struct store *other = NULL;
  struct number one = {"SELECT 1", 1, 1, true};
  char *any = text_c(arena, text_format(arena, "%s&target_session_attrs=any", address()));
  assert_true(store_open(&other, any, &error));
  assert_true(store_write(other, add_and_count, NULL, &error));
  assert_true(store_read(other, read_number, &one, &error));
  store_close(other);
  /* Nobody is a standby here: writers do not ask for one, readers do, and are told. */
  char *standby = text_c(arena, text_format(arena, "%s&target_session_attrs=standby", address()));
  assert_true(store_open(&other, standby, &error));
  assert_true(store_write(other, add_and_count, NULL, &error));
  assert_false(store_read(other, read_number, &one, &error));
  assert_logged("standby");
  store_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(postgresql_reads_numbers_of_its_own),
      TEST(postgresql_knows_what_is_no_number),
      TEST(postgresql_refuses_values_of_another_kind),
      TEST(postgresql_refuses_columns_of_other_types),
      TEST(postgresql_says_nothing_of_values),
      TEST(postgresql_keeps_rows_of_open_cursors),
      TEST(postgresql_limits_rows_kept),
      TEST(postgresql_fails_with_rows_that_fail_late),
      TEST(postgresql_runs_again_what_others_undid),
      TEST(postgresql_replaces_what_broke_while_idle),
      TEST(postgresql_tells_of_a_session_that_broke),
      TEST(postgresql_tells_why_it_cannot_be_reached),
      TEST(postgresql_waits_for_a_server_that_let_it_in),
      TEST(postgresql_refuses_a_database_that_sorts_otherwise),
      TEST(postgresql_takes_addresses_with_attributes),
  };
  return store_support_run_postgresql("store_postgresql", tests, sizeof tests / sizeof *tests);
}
