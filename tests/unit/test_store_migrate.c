/*
 * Tests of store_migrate(): order, parts, hashes, refusals, and many processes that start at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_support.h"

static struct arena *arena;
static char *folder;
static struct store *store;
static struct error error;

static char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

static char *address_of(const char *name)
{
  return store_support_address(arena, folder, name);
}

static void put(const char *name, const char *content)
{
  struct error why = {0};
  assert_true(file_make_folder(path_of("migrations"), &why));
  assert_true(
      file_replace(file_join(arena, path_of("migrations"), name), text_from(content), &why));
}

static int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-migrate-XXXXXX";
  arena = arena_new(1 << 24);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  assert_true(store_open(&store, address_of("test.db"), &error));
  put("001-first.sql", "CREATE TABLE first (id BIGINT NOT NULL PRIMARY KEY, name TEXT);\n"
                       "INSERT INTO first (id, name) VALUES (1, 'one');\n");
  return 0;
}

static int end(void **state)
{
  (void)state;
  store_close(store);
  char *command = text_c(arena, text_format(arena, "rm -rf %s", folder));
  assert_int_equal(system(command), 0);
  arena_free(arena);
  error_clear(&error);
  return 0;
}

static bool migrate(void)
{
  return store_migrate(store, path_of("migrations"), &error);
}

static bool read_number(struct store_transaction *t, const char *sql, int64_t *out, struct error *e)
{
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c, sql, STORE_BIND_NONE, e) || !store_next(c, &more, e)) return false;
  *out = store_column_integer(c, 0);
  return true;
}

static bool count_applied(struct store_transaction *t, void *context, struct error *e)
{
  return read_number(t, "SELECT count(*) FROM migration", context, e);
}

static bool count_first(struct store_transaction *t, void *context, struct error *e)
{
  return read_number(t, "SELECT count(*) FROM first", context, e);
}

static bool count_second(struct store_transaction *t, void *context, struct error *e)
{
  return read_number(t, "SELECT count(*) FROM second", context, e);
}

static bool add_second(struct store_transaction *t, void *context, struct error *e)
{
  return store_execute(t, "INSERT INTO second (id) VALUES ($1)",
                       STORE_BIND(STORE_N(*(const int64_t *)context)), NULL, e);
}

static int64_t number(store_function *function)
{
  int64_t found = -1;
  return store_read(store, function, &found, &error) ? found : -1;
}

static void assert_refused(const char *part)
{
  int64_t applied = number(count_applied);
  assert_false(migrate());
  if (!strstr(error.log, part)) fail_msg("log text '%s' lacks '%s'", error.log, part);
  assert_string_not_equal(error.hint, "");
  assert_int_equal(number(count_applied), applied);
}

static void migrate_runs_each_file_once(void **state)
{
  (void)state;
  assert_true(migrate());
  assert_true(migrate());
  assert_int_equal(number(count_applied), 1);
  assert_int_equal(number(count_first), 1);
  put("002-second.sql", "CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY)");
  put("README.md", "not a migration");
  assert_true(file_make_folder(path_of("migrations/keys"), &error));
  put("keys/001-other.sql", "CREATE TABLE other (id BIGINT NOT NULL PRIMARY KEY)"); /* another's */
  assert_true(migrate());
  assert_int_equal(number(count_applied), 2);
  assert_int_equal(number(count_second), 0);
}

static bool check_hash(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  bool more = false;
  assert_true(store_query(t, &c, "SELECT hash, name FROM migration", STORE_BIND_NONE, e));
  assert_true(store_next(c, &more, e) && more);
  char *shown = text_c(arena, store_column_text(c, 0));
  assert_string_equal(shown, context);
  assert_true(text_equal(store_column_text(c, 1), TEXT("001-first.sql")));
  return true;
}

static void migrate_keeps_the_sha256_of_the_file(void **state)
{
  (void)state;
  put("001-first.sql", "-- all:\n");
  assert_true(migrate());
  /* printf -- '-- all:\n' | sha256sum */
  char expected[] = "fd4567143cbad99774875ae37bd3501892a338971708abb6f1140b44c7ef9907";
  assert_true(store_read(store, check_hash, expected, &error));
}

static void migrate_refuses_a_changed_file(void **state)
{
  (void)state;
  assert_true(migrate());
  put("001-first.sql", "CREATE TABLE first (id BIGINT NOT NULL PRIMARY KEY);\n");
  assert_refused("001-first.sql was changed after it was applied");
}

static void migrate_refuses_a_newer_database(void **state)
{
  (void)state;
  put("002-second.sql", "CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY)");
  assert_true(migrate());
  assert_int_equal(unlink(file_join(arena, path_of("migrations"), "002-second.sql")), 0);
  assert_refused("the database has migration 2; this program knows 1");
  assert_string_equal(error.person, "error.store.newer");
}

static void migrate_refuses_gaps_and_names(void **state)
{
  (void)state;
  static const char *const names[] = {"003-late.sql",   "001-again.sql", "2-second.sql",
                                      "002_second.sql", "002-Upper.sql", "002-.sql.sql",
                                      "-02-second.sql", "002.sql",       "0b2-second.sql"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    put(names[i], "-- all:\n");
    assert_refused("is not the next in the order");
    assert_int_equal(unlink(file_join(arena, path_of("migrations"), names[i])), 0);
  }
  assert_true(migrate());
}

static void migrate_takes_the_parts_of_its_engine(void **state)
{
  (void)state;
  put("002-second.sql", "CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY);\n"
                        "-- postgresql:\nALTER TABLE second ADD EXCLUDE USING btree (id WITH =);\n"
                        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$\n"
                        "BEGIN -- it's; 'quoted';\n  RAISE EXCEPTION 'negative';\nEND $$;\n"
                        "CREATE TRIGGER second_check BEFORE INSERT ON second FOR EACH ROW\n"
                        "WHEN (NEW.id < 0) EXECUTE FUNCTION refuse();\n"
                        "-- sqlite:\nCREATE TRIGGER second_check BEFORE INSERT ON second\n"
                        "WHEN NEW.id < 0 BEGIN\n  SELECT RAISE(ABORT, 'negative');\nEND;\n"
                        "-- a remark with an end: it begins no part\n"
                        "-- all:\nINSERT INTO second (id) VALUES (1);\n");
  assert_true(migrate());
  assert_int_equal(number(count_second), 1);
  int64_t id = -1;
  assert_false(store_write(store, add_second, &id, &error));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_non_null(strstr(error.log, "negative"));
  id = 2;
  assert_true(store_write(store, add_second, &id, &error));
}

static void migrate_rolls_a_failing_file_back_and_names_its_line(void **state)
{
  (void)state;
  put("002-second.sql",
      text_c(arena, text_format(arena,
                                "CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY);\n"
                                "-- %s:\nnothing for this engine\n-- all:\n"
                                "INSERT INTO second (id) VALUES (1);\n"
                                "INSERT INTO second (id)\n  VALUES (oops);\n",
                                on_postgresql ? "sqlite" : "postgresql")));
  assert_true(!migrate());
  assert_non_null(strstr(error.log, "002-second.sql: line 7"));
  assert_int_equal(number(count_applied), 1); /* the file before it stays */
  assert_int_equal(number(count_second), -1); /* no such table */
  put("002-second.sql", "CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY);\n"
                        "INSERT INTO second (id) VALUES (1);\n\n"
                        "INSERT INTO second (id) VALUES (1);\n");
  assert_refused("002-second.sql: line 4");
}

static void migrate_refuses_what_is_not_portable_or_not_its_own(void **state)
{
  (void)state;
  static const struct {
    const char *sql, *on_sqlite, *on_postgresql;
  } wrong[] = {
      {"CREATE TABLE second (id INTEGER NOT NULL PRIMARY KEY)", "second.id INTEGER",
       "second.id integer"},
      {"CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY, at DATE)", "second.at DATE",
       "second.at date"},
      {"CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY, untyped)", "second.untyped", "line 1"},
      {"COMMIT; CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY)", "not authorized",
       "line 1: not authorized: COMMIT"},
      {"PRAGMA synchronous = OFF", "not authorized", "not authorized"},
      {"ATTACH 'x' AS x", "not authorized", "not authorized"},
      /* A key is NOT NULL by itself on PostgreSQL, and a collation cannot differ on SQLite. */
      {"CREATE TABLE second (id BIGINT PRIMARY KEY)", "second.id BIGINT", NULL},
      {"CREATE TABLE second (id TEXT COLLATE \"ucs_basic\")", NULL, "second.id text"},
      {"CREATE TABLE second (id TEXT);\n\n/* a /* b */ ; */ SET synchronous_commit = off", NULL,
       "line 3: not authorized: SET"},
  };
  assert_true(migrate());
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    const char *part = on_postgresql ? wrong[i].on_postgresql : wrong[i].on_sqlite;
    if (!part) continue;
    put("002-second.sql", wrong[i].sql);
    assert_refused(part);
  }
  put("002-second.sql", "CREATE TABLE second (id BIGINT NOT NULL PRIMARY KEY, text TEXT,"
                        " bytes bytea, weight double precision)");
  assert_true(migrate());
}

static void migrate_names_a_missing_folder(void **state)
{
  (void)state;
  assert_false(store_migrate(store, path_of("absent"), &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

/* Each child opens the file and migrates; the exit status tells. */
static int migrate_in_child(const char *fresh)
{
  struct store *own = NULL;
  struct error why = {0};
  bool good = store_open(&own, fresh, &why) && store_migrate(own, path_of("migrations"), &why);
  if (!good) fprintf(stderr, "child: %s\n", why.log);
  store_close(own);
  return good ? 0 : 1;
}

static void migrate_is_safe_when_processes_start_at_once(void **state)
{
  (void)state;
  enum { CHILDREN = 6, FILES = 12 };
  for (int i = 2; i <= FILES; i++)
    put(text_c(arena, text_format(arena, "%03d-next.sql", i)),
        text_c(arena, text_format(arena,
                                  "CREATE TABLE t%d (id BIGINT NOT NULL PRIMARY KEY);\n"
                                  "INSERT INTO first (id) VALUES (%d);\n",
                                  i, i)));
  pid_t children[CHILDREN];
  const char *fresh = address_of("fresh.db");
  for (size_t i = 0; i < CHILDREN; i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0) _exit(migrate_in_child(fresh));
  }
  for (size_t i = 0; i < CHILDREN; i++) {
    int status = -1;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  store_close(store);
  assert_true(store_open(&store, address_of("fresh.db"), &error));
  assert_int_equal(number(count_applied), FILES);
  assert_int_equal(number(count_first), FILES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(migrate_runs_each_file_once),
      TEST(migrate_keeps_the_sha256_of_the_file),
      TEST(migrate_refuses_a_changed_file),
      TEST(migrate_refuses_a_newer_database),
      TEST(migrate_refuses_gaps_and_names),
      TEST(migrate_takes_the_parts_of_its_engine),
      TEST(migrate_rolls_a_failing_file_back_and_names_its_line),
      TEST(migrate_refuses_what_is_not_portable_or_not_its_own),
      TEST(migrate_names_a_missing_folder),
      TEST(migrate_is_safe_when_processes_start_at_once),
  };
  return store_support_run("store_migrate", tests, sizeof tests / sizeof *tests);
}
