/*
 * Tests of the sealer, of reading, of anchors and of verification. Every kind of tampering is
 * planted on the raw rows with the triggers switched off, on both engines, and must be found; the
 * triggers themselves are tried first. Hashes are recomputed by another program in
 * tests/golden/audit.test.mjs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "privacy/audit.h"
#include "store_support.h"

static struct arena *arena;
static char *folder, *address, *anchor_file;
static struct store *store;
static struct error error;

static const int64_t SECOND = 1000000, NOON = 1771243200000000;

static int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-audit-XXXXXX";
  arena = arena_new(1 << 26);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  address = store_support_address(arena, folder, "test.db");
  anchor_file = file_join(arena, folder, "anchors.log");
  assert_true(store_open(&store, address, &error));
  assert_true(store_migrate(store, "migrations", &error));
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

/* --- What the tests do --------------------------------------------------------------------- */

struct several {
  struct text program_id;
  size_t from, count;
};

/* Entries of two people by two accounts, told apart by their object_id. */
static bool append_several(struct store_transaction *t, void *context, struct error *e)
{
  const struct several *all = context;
  for (size_t i = all->from; i < all->from + all->count; i++) {
    struct actor actor = {.kind = ACTOR_STAFF,
                          .account_id = i % 2 ? TEXT("account-1") : TEXT("account-2"),
                          .name = TEXT("Zoë Ruiz, RN")};
    struct audit_entry entry = {.program_id = all->program_id,
                                .actor = &actor,
                                .object = i % 3 ? TEXT("person") : TEXT("fact"),
                                .act = i % 5 ? TEXT("read") : TEXT("write"),
                                .object_id = text_format(arena, "o%zu", i),
                                .person_id = i % 2 ? TEXT("person-1") : TEXT("person-2"),
                                .purpose = TEXT("TREAT"),
                                .at = NOON + (int64_t)i * SECOND};
    if (!audit_append(t, &entry, e)) return false;
  }
  return true;
}

static void append(const char *program_id, size_t from, size_t count)
{
  struct several all = {text_from(program_id), from, count};
  assert_true(store_write(store, append_several, &all, &error));
}

static size_t seal(void)
{
  size_t sealed = 0;
  assert_true(audit_seal(store, NOON + 3600 * SECOND, &sealed, &error));
  return sealed;
}

static void anchor(void)
{
  const struct audit_anchors anchors = {.file = anchor_file};
  assert_true(audit_anchor(store, &anchors, NOON + 3600 * SECOND, &error));
}

/* What a verification told. */
static struct told {
  size_t count;
  struct audit_problem problems[64];
} told;

static void hear(void *context, const struct audit_problem *problem)
{
  (void)context;
  if (told.count < 64) {
    told.problems[told.count] = *problem;
    told.problems[told.count].program_id = text_copy(arena, problem->program_id);
  }
  told.count++;
}

static struct audit_verified verify(const char *anchors)
{
  struct audit_verified found = {0};
  const struct audit_watch watch = {.problem = hear};
  told.count = 0;
  assert_true(audit_verify(store, anchors, &watch, &found, &error));
  assert_int_equal(found.problems, told.count);
  return found;
}

static bool was_told(const char *what, const char *program_id, int64_t seq)
{
  for (size_t i = 0; i < told.count && i < 64; i++)
    if (strcmp(told.problems[i].what, what) == 0 && told.problems[i].seq == seq &&
        text_equal(told.problems[i].program_id, text_from(program_id)))
      return true;
  return false;
}

static bool run_sql(struct store_transaction *t, void *context, struct error *e)
{
  return store_execute(t, context, STORE_BIND_NONE, NULL, e);
}

/* Statements are kept by their address: `sql` is a literal. */
static void tell_store(const char *sql)
{
  if (!store_write(store, run_sql, (void *)(uintptr_t)sql, &error)) fail_msg("%s", error.log);
}

/* Switch the guards off, as whoever owns the file or the server can. */
static void disarm(void)
{
  if (on_postgresql) {
    tell_store("ALTER TABLE audit_entry DISABLE TRIGGER USER");
    tell_store("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_prev_check");
    tell_store("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_hash_check");
    return;
  }
  tell_store("DROP TRIGGER audit_entry_update");
  tell_store("DROP TRIGGER audit_entry_delete");
  tell_store("DROP TRIGGER audit_entry_next");
}

static struct audit_row *rows;
static size_t row_count;

static bool read_rows(struct store_transaction *t, void *context, struct error *e)
{
  return audit_read(t, arena, context, NOON + 7200 * SECOND, &rows, &row_count, e);
}

static void look(struct audit_query query)
{
  if (!query.limit) query.limit = 100;
  assert_true(store_write(store, read_rows, &query, &error));
}

/* --- Sealing and reading ------------------------------------------------------------------- */

static void audit_seal_links_everything_in_order(void **state)
{
  (void)state;
  int64_t count = 0, oldest = 0;
  append("p1", 0, 30);
  append("", 100, 5);
  append("p2", 200, 1200); /* more than a batch */
  append("p1", 30, 10);
  assert_true(audit_waiting(store, &count, &oldest, &error));
  assert_int_equal(count, 1245);
  assert_int_equal(oldest, NOON);
  assert_int_equal(seal(), 1245);
  assert_int_equal(seal(), 0);
  assert_true(audit_waiting(store, &count, &oldest, &error));
  assert_int_equal(count, 0);
  assert_int_equal(oldest, 0);
  append("p1", 40, 1);
  assert_int_equal(seal(), 1);
  struct audit_verified found = verify(NULL);
  assert_int_equal(found.programs, 3);
  assert_int_equal(found.entries, 1246);
  assert_int_equal(found.problems, 0);
  look((struct audit_query){.program_id = TEXT("p1")});
  assert_int_equal(row_count, 41);
  for (size_t i = 0; i < row_count; i++) {
    assert_int_equal(rows[i].seq, 41 - (int64_t)i);
    assert_true(text_equal(rows[i].object_id, text_format(arena, "o%zu", 40 - i)));
  }
}

static void audit_read_filters_and_pages(void **state)
{
  (void)state;
  append("p1", 0, 60);
  append("p2", 0, 60);
  look((struct audit_query){.program_id = TEXT("p1"), .limit = 20}); /* seals first */
  assert_int_equal(row_count, 20);
  assert_int_equal(rows[0].seq, 60);
  look((struct audit_query){.program_id = TEXT("p1"), .limit = 20, .before_seq = rows[19].seq});
  assert_int_equal(rows[0].seq, 40);
  assert_true(text_equal(rows[0].actor_name, TEXT("Zoë Ruiz, RN")));
  assert_true(text_equal(rows[0].outcome, TEXT("done")));
  look((struct audit_query){.program_id = TEXT("p1"), .person_id = TEXT("person-1")});
  assert_int_equal(row_count, 30);
  look((struct audit_query){
      .program_id = TEXT("p1"), .person_id = TEXT("person-1"), .account_id = TEXT("account-2")});
  assert_int_equal(row_count, 0);
  look((struct audit_query){.program_id = TEXT("p1"), .account_id = TEXT("account-2")});
  assert_int_equal(row_count, 30);
  look((struct audit_query){.program_id = TEXT("p1"), .object = TEXT("fact")});
  assert_int_equal(row_count, 20);
  look(
      (struct audit_query){.program_id = TEXT("p1"), .object = TEXT("fact"), .act = TEXT("write")});
  assert_int_equal(row_count, 4); /* 0, 15, 30, 45 */
  look((struct audit_query){
      .program_id = TEXT("p1"), .from = NOON + 10 * SECOND, .until = NOON + 20 * SECOND});
  assert_int_equal(row_count, 10);
  look((struct audit_query){.program_id = TEXT("p3")});
  assert_int_equal(row_count, 0);
}

static bool is_asked(const struct audit_query *query, const struct audit_row *row)
{
  return (!query->person_id.length || text_equal(query->person_id, row->person_id)) &&
         (!query->account_id.length || text_equal(query->account_id, row->account_id)) &&
         (!query->object.length || text_equal(query->object, row->object)) &&
         (!query->act.length || text_equal(query->act, row->act)) && row->at >= query->from &&
         (!query->until || row->at < query->until);
}

/* Every filter, page by page, against all entries looked through one by one; the clock was set back
 * between the two halves, so that the order of time is not that of seq. */
static void audit_read_agrees_with_looking_at_all(void **state)
{
  (void)state;
  static const struct text people[] = {TEXT(""), TEXT("person-1")},
                           accounts[] = {TEXT(""), TEXT("account-2")},
                           objects[] = {TEXT(""), TEXT("fact"), TEXT("person"), TEXT("none")},
                           acts[] = {TEXT(""), TEXT("write"), TEXT("none")};
  append("p1", 100, 60);
  append("p2", 0, 40);
  append("p1", 40, 100);
  look((struct audit_query){.program_id = TEXT("p1"), .limit = 1000});
  struct audit_row *all = rows;
  size_t all_count = row_count;
  assert_int_equal(all_count, 160);
  for (size_t i = 1; i < all_count; i++)
    assert_true(all[i - 1].at > all[i].at ||
                (all[i - 1].at == all[i].at && all[i - 1].seq > all[i].seq));
  for (size_t i = 0; i < 2 * 2 * 4 * 3 * 3; i++) {
    struct audit_query query = {.program_id = TEXT("p1"),
                                .person_id = people[i % 2],
                                .account_id = accounts[i / 2 % 2],
                                .object = objects[i / 4 % 4],
                                .act = acts[i / 16 % 3],
                                .limit = 7};
    if (i / 48 > 0) query.from = NOON + 70 * SECOND;
    if (i / 48 > 1) query.until = NOON + 120 * SECOND;
    size_t at = 0;
    do {
      look(query);
      for (size_t row = 0; row < row_count; row++, at++) {
        while (at < all_count && !is_asked(&query, &all[at])) at++;
        assert_true(at < all_count);
        assert_int_equal(rows[row].seq, all[at].seq);
        query.before_seq = rows[row].seq;
      }
    } while (row_count == query.limit);
    while (at < all_count && !is_asked(&query, &all[at])) at++;
    assert_int_equal(at, all_count);
  }
}

static pid_t start_sealer(void)
{
  pid_t child = fork();
  assert_true(child >= 0);
  if (child) return child;
  struct store *own = NULL;
  struct error why = {0};
  size_t sealed = 0;
  if (!store_open(&own, address, &why)) _exit(2);
  for (int i = 0; i < 200; i++)
    if (!audit_seal(own, NOON, &sealed, &why) && why.kind != ERROR_BUSY) _exit(3);
  _exit(0);
}

static void audit_seal_has_one_sealer_over_processes(void **state)
{
  (void)state;
  store_close(store); /* a child inherits no open database */
  store = NULL;
  pid_t children[3] = {start_sealer(), start_sealer(), start_sealer()};
  assert_true(store_open(&store, address, &error));
  for (size_t i = 0; i < 300; i++) append(i % 2 ? "p1" : "p2", i * 4, 4);
  for (int i = 0; i < 3; i++) {
    int status;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  seal();
  struct audit_verified found = verify(NULL);
  assert_int_equal(found.entries, 1200);
  assert_int_equal(found.problems, 0);
  look((struct audit_query){.program_id = TEXT("p1"), .limit = 1000});
  for (size_t i = 1; i < row_count; i++) assert_true(rows[i - 1].at > rows[i].at);
}

static bool plant_waiting(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(
             t, "INSERT INTO audit_waiting (program_id, id, at, entry) VALUES ('', '!', 1, $1)",
             STORE_BIND(STORE_B(TEXT("no entry"))), NULL, e) &&
         store_execute(t,
                       "INSERT INTO audit_waiting (program_id, id, at, entry) VALUES"
                       " ('p1', '019c65fa-2c00-7000-8000-000000000000', 1, $1)",
                       STORE_BIND(STORE_B(TEXT("\0\0\0\2no entry"))), NULL, e);
}

static void audit_seal_passes_by_what_is_no_entry(void **state)
{
  (void)state;
  assert_true(store_write(store, plant_waiting, NULL, &error));
  append("p1", 0, 5);
  assert_int_equal(seal(), 5);
  struct audit_verified found = verify(NULL);
  assert_int_equal(found.entries, 5);
  assert_int_equal(found.waiting, 2); /* shown, not hidden */
}

/* --- The guards of the database ------------------------------------------------------------ */

static void refuse(const char *sql)
{
  error_clear(&error);
  assert_false(store_write(store, run_sql, (void *)(uintptr_t)sql, &error));
  if (error.kind != ERROR_CONFLICT) fail_msg("%s: %s", sql, error.log);
}

/* Not through the store: as the server's administrator. */
static void refuse_outside(const char *sql)
{
  PGconn *handle = PQconnectdb(address);
  PGresult *result = PQexec(handle, sql);
  assert_int_equal(PQresultStatus(result), PGRES_FATAL_ERROR);
  assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "23514");
  PQclear(result);
  PQfinish(handle);
}

static void audit_entries_are_guarded_by_the_database(void **state)
{
  (void)state;
  append("p1", 0, 5);
  seal();
  refuse("UPDATE audit_entry SET detail = '{}' WHERE seq = 3");
  refuse("DELETE FROM audit_entry WHERE seq = 5");
  refuse("DELETE FROM audit_entry");
  refuse("INSERT INTO audit_entry SELECT program_id, 7, format, 'x', sealed_at, at, actor_kind,"
         " account_id, actor_name, station_id, object, act, object_id, person_id, purpose, outcome,"
         " detail, hash, hash FROM audit_entry WHERE seq = 5"); /* a gap */
  refuse("INSERT INTO audit_entry SELECT program_id, 6, format, 'x', sealed_at, at, actor_kind,"
         " account_id, actor_name, station_id, object, act, object_id, person_id, purpose, outcome,"
         " detail, prev, hash FROM audit_entry WHERE seq = 5"); /* another's predecessor */
  refuse("INSERT INTO audit_entry SELECT 'p9', 1, format, 'x', sealed_at, at, actor_kind,"
         " account_id, actor_name, station_id, object, act, object_id, person_id, purpose, outcome,"
         " detail, hash, hash FROM audit_entry WHERE seq = 5"); /* a first one with a predecessor */
  if (on_postgresql) { /* the store itself runs no TRUNCATE */
    refuse_outside("TRUNCATE audit_entry");
    refuse_outside("TRUNCATE audit_waiting");
  }
  assert_int_equal(verify(NULL).problems, 0);
  assert_int_equal(verify(NULL).entries, 5);
}

/* --- Tampering ----------------------------------------------------------------------------- */

static void plant_world(void)
{
  append("p1", 0, 20);
  append("p2", 100, 20);
  append("", 200, 3);
  seal();
  anchor();
  append("p1", 20, 10);
  seal();
  anchor();
  assert_int_equal(verify(anchor_file).problems, 0);
  assert_int_equal(verify(anchor_file).anchors, 4); /* three heads, then the one that moved */
  disarm();
}

static void audit_verify_finds_a_change_of_any_column(void **state)
{
  (void)state;
  static const char *const changes[] = {
      "UPDATE audit_entry SET format = 2 WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET id = '019c65fa-2c00-7000-8000-000000000000' WHERE program_id = 'p1'"
      " AND seq = 7",
      "UPDATE audit_entry SET sealed_at = sealed_at + 1 WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET at = at - 1 WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET actor_kind = 'system' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET account_id = 'account-3' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET actor_name = 'Zoe Ruiz, RN' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET station_id = 'x' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET object = 'facts' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET act = 'reads' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET object_id = '' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET person_id = 'person-9' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET purpose = 'HPAYMT' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET outcome = 'denied' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET detail = '{ }' WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET detail = detail || object, object = '' WHERE program_id = 'p1'"
      " AND seq = 7",
      "UPDATE audit_entry SET prev = hash WHERE program_id = 'p1' AND seq = 7",
      "UPDATE audit_entry SET hash = prev WHERE program_id = 'p1' AND seq = 7",
  };
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    if (i) end(state), begin(state);
    plant_world();
    tell_store(changes[i]);
    verify(NULL);
    if (!was_told("audit.changed", "p1", 7)) fail_msg("not found: %s", changes[i]);
    assert_true(told.count <= 2);
  }
}

static void audit_verify_finds_gaps_and_order(void **state)
{
  (void)state;
  plant_world();
  tell_store("DELETE FROM audit_entry WHERE program_id = 'p1' AND seq = 4");
  tell_store("DELETE FROM audit_entry WHERE program_id = 'p2' AND seq = 1");
  verify(NULL);
  assert_int_equal(told.count, 2);
  assert_true(was_told("audit.gap", "p1", 4));
  assert_true(was_told("audit.gap", "p2", 1));
  tell_store("UPDATE audit_entry SET seq = -1 WHERE program_id = 'p1' AND seq = 10");
  tell_store("UPDATE audit_entry SET seq = 10 WHERE program_id = 'p1' AND seq = 11");
  tell_store("UPDATE audit_entry SET seq = 11 WHERE program_id = 'p1' AND seq = -1");
  verify(NULL);
  assert_true(was_told("audit.changed", "p1", 10));
  assert_true(was_told("audit.changed", "p1", 11));
}

static void audit_verify_finds_an_entry_of_another_program(void **state)
{
  (void)state;
  plant_world();
  tell_store("UPDATE audit_entry SET program_id = 'p1', seq = 31 WHERE program_id = 'p2'"
             " AND seq = 20");
  verify(NULL);
  assert_true(was_told("audit.changed", "p1", 31));
  assert_true(was_told("audit.unlinked", "p1", 31));
  verify(anchor_file);
  assert_true(was_told("audit.cut", "p2", 20));
}

static void audit_verify_finds_a_cut_tail_by_its_anchor(void **state)
{
  (void)state;
  plant_world();
  tell_store("DELETE FROM audit_entry WHERE program_id = 'p1' AND seq > 28");
  verify(NULL);
  assert_int_equal(told.count, 0); /* which is why there are anchors */
  verify(anchor_file);
  assert_int_equal(told.count, 1);
  assert_true(was_told("audit.cut", "p1", 30));
  tell_store("DELETE FROM audit_entry WHERE program_id = ''"); /* a whole chain */
  verify(anchor_file);
  assert_int_equal(told.count, 2);
  assert_true(was_told("audit.cut", "", 3));
}

static void audit_verify_finds_a_replaced_chain(void **state)
{
  (void)state;
  plant_world();
  tell_store("DELETE FROM audit_entry WHERE program_id = 'p1'");
  append("p1", 500, 40); /* a forger who links it well */
  seal();
  verify(NULL);
  assert_int_equal(told.count, 0);
  verify(anchor_file);
  assert_int_equal(told.count, 2);
  assert_true(was_told("audit.replaced", "p1", 20));
  assert_true(was_told("audit.replaced", "p1", 30));
}

/* What the database cannot hold by its own rules: a column of another kind, as an edited file has.
 */
static void audit_verify_finds_another_kind_of_value(void **state)
{
  (void)state;
  if (on_postgresql) return; /* its columns have one kind */
  plant_world();
  tell_store("UPDATE audit_entry SET detail = X'7B7D' WHERE program_id = 'p1' AND seq = 7");
  tell_store("UPDATE audit_entry SET at = 'noon' WHERE program_id = 'p1' AND seq = 30");
  tell_store("UPDATE audit_entry SET outcome = 'denied' WHERE program_id = 'p2' AND seq = 9");
  verify(anchor_file);
  assert_int_equal(told.count, 3);
  assert_true(was_told("audit.changed", "p1", 7));
  assert_true(was_told("audit.changed", "p1", 30));
  assert_true(was_told("audit.changed", "p2", 9));
}

/* --- Anchors ------------------------------------------------------------------------------- */

static struct text anchors_now(void)
{
  struct text content;
  assert_true(file_read(arena, anchor_file, 1 << 20, &content, &error));
  return content;
}

static void audit_verify_finds_an_edited_file_of_anchors(void **state)
{
  (void)state;
  plant_world();
  struct text whole = anchors_now();
  size_t line = text_find(whole, TEXT("\n")) + 1;
  for (size_t i = 0; i < whole.length; i += 7) { /* any byte */
    char *copy = arena_allocate(arena, whole.length);
    memcpy(copy, whole.at, whole.length);
    copy[i] = copy[i] == '0' ? '1' : '0';
    assert_true(file_replace(anchor_file, (struct text){copy, whole.length}, &error));
    verify(anchor_file);
    if (!told.count) fail_msg("byte %zu of the file of anchors", i);
  }
  /* A line is taken away; the last without its end; one that is too long. */
  assert_true(file_replace(anchor_file, text_slice(whole, line, whole.length), &error));
  verify(anchor_file);
  assert_true(was_told("audit.anchor_changed", "", 1));
  assert_true(file_replace(anchor_file, text_slice(whole, 0, whole.length - 9), &error));
  verify(anchor_file);
  assert_true(was_told("audit.anchor_unreadable", "", 4));
  char lengthy[3000];
  memset(lengthy, 'x', sizeof lengthy);
  assert_true(file_replace(anchor_file, (struct text){lengthy, sizeof lengthy}, &error));
  assert_true(verify(anchor_file).problems >= 3);
  assert_true(file_replace(anchor_file, TEXT(""), &error));
  assert_int_equal(verify(anchor_file).anchors, 0);
}

static void audit_anchor_adds_what_moved_and_mends_a_torn_line(void **state)
{
  (void)state;
  append("p1", 0, 3);
  seal();
  anchor();
  struct text first = anchors_now();
  anchor();
  assert_true(text_equal(first, anchors_now())); /* nothing moved */
  append("p1", 3, 1);
  seal();
  anchor();
  struct text second = anchors_now();
  assert_true(text_starts_with(second, first));
  assert_true(file_replace(anchor_file, text_slice(second, 0, second.length - 20), &error));
  anchor(); /* a power cut tore the last line: it is written anew */
  assert_true(text_equal(second, anchors_now()));
  assert_int_equal(verify(anchor_file).problems, 0);
  assert_true(text_starts_with(first, TEXT("2026-02-16T13:00:00.000000Z p1 3 ")));
}

static void audit_anchor_says_when_it_cannot(void **state)
{
  (void)state;
  struct audit_verified found;
  const char *path = file_join(arena, folder, "absent/anchors.log");
  const struct audit_anchors anchors = {.file = path};
  append("p1", 0, 3);
  seal();
  assert_false(audit_anchor(store, &anchors, NOON, &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  assert_false(audit_verify(store, path, NULL, &found, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(audit_seal_links_everything_in_order),
      TEST(audit_read_filters_and_pages),
      TEST(audit_read_agrees_with_looking_at_all),
      TEST(audit_seal_has_one_sealer_over_processes),
      TEST(audit_seal_passes_by_what_is_no_entry),
      TEST(audit_entries_are_guarded_by_the_database),
      TEST(audit_verify_finds_a_change_of_any_column),
      TEST(audit_verify_finds_gaps_and_order),
      TEST(audit_verify_finds_an_entry_of_another_program),
      TEST(audit_verify_finds_a_cut_tail_by_its_anchor),
      TEST(audit_verify_finds_a_replaced_chain),
      TEST(audit_verify_finds_another_kind_of_value),
      TEST(audit_verify_finds_an_edited_file_of_anchors),
      TEST(audit_anchor_adds_what_moved_and_mends_a_torn_line),
      TEST(audit_anchor_says_when_it_cannot),
  };
  return store_support_run("audit", tests, sizeof tests / sizeof *tests);
}
