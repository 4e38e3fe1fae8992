/*
 * Each of libpq's calls fails in turn, for every N: the connection breaks before the call, breaks
 * after it so that the answer is lost, or the library has no memory. Meanwhile a store opens,
 * migrates, writes, reads and closes. After each failure the database holds the old state or the
 * new one, whole; what was acknowledged is there, what was refused is not, unless the answer to
 * the commit was lost; and the store goes on by itself. Leaks are the sanitizer's to find.
 * Not for threads.
 */
#include <sys/socket.h>

#include "store/postgresql.h"
#include "store_support.h"

/* --- The failing library ------------------------------------------------------------------- */

enum how { BREAKS_BEFORE, BREAKS_AFTER, HAS_NO_MEMORY, HOWS };

static struct {
  bool is_armed, has_fired;
  unsigned countdown; /* calls that still succeed */
  enum how how;
} fault;

static struct postgresql_library real;

static bool fails_now(void)
{
  if (!fault.is_armed || fault.has_fired) return false;
  if (fault.countdown-- > 0) return false;
  fault.has_fired = true;
  return true;
}

static void cut(PGconn *handle)
{
  if (PQsocket(handle) >= 0) shutdown(PQsocket(handle), SHUT_RDWR);
}

static PGconn *failing_connect(const char *const *keywords, const char *const *values, int expand)
{
  if (!fails_now()) return real.connect(keywords, values, expand);
  if (fault.how == HAS_NO_MEMORY) return NULL;
  PGconn *handle = real.connect(keywords, values, expand);
  cut(handle);
  return handle;
}

/* What every call that gives an answer does; `result` is made by the real call. */
#define ANSWER(handle, call)                                                                       \
  if (!fails_now()) return (call);                                                                 \
  if (fault.how == HAS_NO_MEMORY) return NULL;                                                     \
  if (fault.how == BREAKS_BEFORE) cut(handle);                                                     \
  PGresult *result = (call);                                                                       \
  if (fault.how == BREAKS_BEFORE) return result;                                                   \
  PQclear(result);                                                                                 \
  cut(handle);                                                                                     \
  return real.run(handle, "SELECT 1") /* which fails as the connection does */

static PGresult *failing_run(PGconn *handle, const char *sql)
{
  ANSWER(handle, real.run(handle, sql));
}

static PGresult *failing_ask(PGconn *handle, const char *sql, int count, const Oid *types,
                             const char *const *values, const int *lengths, const int *formats,
                             int format)
{
  ANSWER(handle, real.ask(handle, sql, count, types, values, lengths, formats, format));
}

static PGresult *failing_prepare(PGconn *handle, const char *name, const char *sql, int count,
                                 const Oid *types)
{
  ANSWER(handle, real.prepare(handle, name, sql, count, types));
}

static PGresult *failing_describe(PGconn *handle, const char *name)
{
  ANSWER(handle, real.describe(handle, name));
}

static int failing_send(PGconn *handle, const char *name, int count, const char *const *values,
                        const int *lengths, const int *formats, int format)
{
  if (!fails_now()) return real.send(handle, name, count, values, lengths, formats, format);
  if (fault.how == HAS_NO_MEMORY) return 0;
  if (fault.how == BREAKS_BEFORE) cut(handle);
  int sent = real.send(handle, name, count, values, lengths, formats, format);
  cut(handle);
  return sent;
}

static int failing_go_row_by_row(PGconn *handle)
{
  return fails_now() ? 0 : real.go_row_by_row(handle);
}

static PGresult *failing_result(PGconn *handle)
{
  if (!fails_now()) return real.result(handle);
  if (fault.how == HAS_NO_MEMORY) return NULL;
  cut(handle);
  return real.result(handle);
}

static void install_library(void)
{
  real = postgresql_library;
  postgresql_library = (struct postgresql_library){.connect = failing_connect,
                                                   .run = failing_run,
                                                   .ask = failing_ask,
                                                   .prepare = failing_prepare,
                                                   .describe = failing_describe,
                                                   .send = failing_send,
                                                   .go_row_by_row = failing_go_row_by_row,
                                                   .result = failing_result};
}

/* --- The database under test --------------------------------------------------------------- */

static struct arena *arena;
static char *folder;
static struct error error;

static void put(const char *name, const char *content)
{
  struct error why = {0};
  assert_true(file_replace(file_join(arena, file_join(arena, folder, "migrations"), name),
                           text_from(content), &why));
}

static int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-postgresql-fault-XXXXXX";
  struct error why = {0};
  arena = arena_new((size_t)1 << 28);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  assert_true(file_make_folder(file_join(arena, folder, "migrations"), &why));
  put("001-accounts.sql",
      "CREATE TABLE account (id BIGINT NOT NULL PRIMARY KEY, cents BIGINT NOT NULL);\n"
      "INSERT INTO account (id, cents) VALUES (1, 100), (2, 0);\n");
  put("002-entries.sql", "CREATE TABLE entry (id BIGINT NOT NULL PRIMARY KEY);\n");
  return 0;
}

static int end(void **state)
{
  (void)state;
  char *command = text_c(arena, text_format(arena, "rm -rf %s", folder));
  assert_int_equal(system(command), 0);
  arena_free(arena);
  return 0;
}

static bool migrate(struct store *store, struct error *e)
{
  return store_migrate(store, file_join(arena, folder, "migrations"), e);
}

/* Move a cent, and note it; the rows of a query are kept meanwhile. */
static bool move(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  bool more = false;
  (void)context;
  return store_query(t, &c, "SELECT id FROM account ORDER BY id", STORE_BIND_NONE, e) &&
         store_next(c, &more, e) &&
         store_execute(t, "UPDATE account SET cents = cents - 1 WHERE id = 1", STORE_BIND_NONE,
                       NULL, e) &&
         store_execute(t, "UPDATE account SET cents = cents + 1 WHERE id = 2", STORE_BIND_NONE,
                       NULL, e) &&
         store_next(c, &more, e) &&
         store_execute(t, "INSERT INTO entry (id) SELECT count(*) FROM entry", STORE_BIND_NONE,
                       NULL, e);
}

static bool look(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c,
                   "SELECT (SELECT cents FROM account WHERE id = 1),"
                   " (SELECT cents FROM account WHERE id = 2), (SELECT count(*) FROM entry)",
                   STORE_BIND_NONE, e) ||
      !store_next(c, &more, e))
    return false;
  int64_t moved = store_column_integer(c, 1);
  assert_int_equal(store_column_integer(c, 0), 100 - moved);
  assert_int_equal(store_column_integer(c, 2), moved);
  *(int64_t *)context = moved;
  return true;
}

static int64_t moved_in(struct store *store)
{
  int64_t moved = -1;
  if (!store_read(store, look, &moved, &error)) fail_msg("read: %s", error.log);
  return moved;
}

static void arm(enum how how, unsigned countdown)
{
  fault.is_armed = true;
  fault.has_fired = false;
  fault.how = how;
  fault.countdown = countdown;
}

static void assert_is_told(const char *doing)
{
  if (error.kind != ERROR_BUSY && error.kind != ERROR_SYSTEM)
    fail_msg("%s: kind %d: %s", doing, (int)error.kind, error.log);
  assert_string_not_equal(error.hint, "");
}

/* --- Every call fails once ----------------------------------------------------------------- */

/* Open, migrate and write while the library fails; answers whether the fault was met. */
static bool open_with_fault(enum how how, unsigned countdown)
{
  char name[32];
  struct store *store = NULL;
  snprintf(name, sizeof name, "open-%d-%u", (int)how, countdown);
  char *address = store_support_address(arena, folder, name);
  arm(how, countdown);
  bool opened = store_open(&store, address, &error);
  bool migrated = opened && migrate(store, &error);
  if (!migrated) assert_is_told("open or migrate");
  fault.is_armed = false;
  bool met = fault.has_fired;
  if (!opened && !store_open(&store, address, &error)) fail_msg("open again: %s", error.log);
  if (!migrate(store, &error)) fail_msg("migrate again: %s", error.log);
  assert_int_equal(moved_in(store), 0);
  if (!store_write(store, move, NULL, &error)) fail_msg("write: %s", error.log);
  assert_int_equal(moved_in(store), 1);
  store_close(store);
  return met;
}

static void postgresql_opens_after_each_failing_call(void **state)
{
  (void)state;
  for (int how = 0; how < HOWS; how++) {
    unsigned n = 0;
    while (open_with_fault((enum how)how, n)) n++;
    assert_true(n >= 30);
  }
}

/* One write and one read while the library fails; answers whether the fault was met. */
static bool use_with_fault(const char *address, enum how how, unsigned countdown)
{
  struct store *store = NULL;
  int64_t seen = -1;
  assert_true(store_open(&store, address, &error));
  int64_t before = moved_in(store);
  arm(how, countdown);
  bool wrote = store_write(store, move, NULL, &error);
  bool is_unknown = !wrote && strcmp(error.person, "error.store.unknown") == 0;
  if (!wrote) assert_is_told("write");
  bool has_read = store_read(store, look, &seen, &error);
  if (!has_read) assert_is_told("read");
  fault.is_armed = false;
  bool met = fault.has_fired;
  int64_t now = moved_in(store);
  assert_true(now == before + wrote || (is_unknown && now == before + 1));
  assert_true(!has_read || seen == now);
  if (!store_write(store, move, NULL, &error)) fail_msg("write again: %s", error.log);
  assert_int_equal(moved_in(store), now + 1);
  store_close(store);
  return met;
}

static void postgresql_writes_and_reads_after_each_failing_call(void **state)
{
  (void)state;
  for (int how = 0; how < HOWS; how++) {
    struct store *store = NULL;
    char name[32];
    snprintf(name, sizeof name, "use-%d", how);
    char *address = store_support_address(arena, folder, name);
    assert_true(store_open(&store, address, &error) && migrate(store, &error));
    store_close(store);
    unsigned n = 0;
    while (use_with_fault(address, (enum how)how, n)) n++;
    assert_true(n >= 20);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(postgresql_opens_after_each_failing_call),
      TEST(postgresql_writes_and_reads_after_each_failing_call),
  };
  install_library();
  return store_support_run_postgresql("store_postgresql_fault", tests,
                                      sizeof tests / sizeof *tests);
}
