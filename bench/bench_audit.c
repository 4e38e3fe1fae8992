/*
 * What history costs: a write with its entry in the audit against the same write without, one at a
 * time and many in a transaction, in turn on one database; with --rows entries already chained.
 * Then: sealing, verifying, reading a page.
 *
 *   bench_audit --db ADDRESS [--rows 20000] [--writes 1500] [--batches 30]
 *
 * The plain write is a dated fact about a person: ten columns, one index beside its key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "privacy/audit.h"
#include "world.h"

enum { BATCH = 500, FILL = 2000, PAGES = 200 };

static struct store *store;
static struct arena *arena;
static int64_t facts; /* written so far: their ids */

static void must(bool good, const struct error *error)
{
  if (good) return;
  fprintf(stderr, "bench: %s\n", error->log);
  exit(1);
}

/* --- The writes ---------------------------------------------------------------------------- */

struct work {
  int64_t from, count;
  bool is_audited;
};

static bool write_fact(struct store_transaction *transaction, int64_t number, struct error *error)
{
  static const char sealed[120] = {1}; /* as long as a sealed line of words */
  char id[UUID_TEXT + 1];
  uuid_new(1771200000000000 + number, id);
  return store_execute(
      transaction,
      "INSERT INTO bench_fact (program_id, id, person_id, kind, value, at, until, made_by, source,"
      " version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)",
      STORE_BIND(
          STORE_T(TEXT("0198c0de-0000-7000-8000-000000000001")), STORE_T(text_from(id)),
          STORE_T(text_format(arena, "0198c0de-0000-7000-8000-%012lld", (long long)number % 20000)),
          STORE_T(TEXT("allergy")), STORE_B(((struct text){sealed, sizeof sealed})),
          STORE_N(1771200000000000 + number), STORE_N(0),
          STORE_T(TEXT("0198c0de-0000-7000-8000-000000000003")), STORE_T(TEXT("intake"))),
      NULL, error);
}

static bool append(struct store_transaction *transaction, int64_t number, struct error *error)
{
  struct actor actor = {
      .kind = ACTOR_STAFF,
      .account_id = text_format(arena, "0198c0de-0000-7000-8000-%012lld", (long long)number % 100),
      .name = TEXT("Ana Ruiz, RN")};
  char id[UUID_TEXT + 1];
  uuid_new(1771200000000000 + number, id);
  struct audit_entry entry = {
      .program_id = TEXT("0198c0de-0000-7000-8000-000000000001"),
      .actor = &actor,
      .object = TEXT("fact"),
      .act = TEXT("write"),
      .object_id = text_from(id),
      .person_id = text_format(arena, "0198c0de-0000-7000-8000-%012lld", (long long)number % 20000),
      .purpose = TEXT("TREAT"),
      .at = 1771200000000000 + number};
  return audit_append(transaction, &entry, error);
}

static bool write_facts(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct work *work = context;
  for (int64_t i = work->from; i < work->from + work->count; i++)
    if (!write_fact(transaction, i, error) || (work->is_audited && !append(transaction, i, error)))
      return false;
  return true;
}

static bool append_only(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct work *work = context;
  for (int64_t i = work->from; i < work->from + work->count; i++)
    if (!append(transaction, i, error)) return false;
  return true;
}

static double time_writes(int64_t count, bool is_audited)
{
  struct work work = {.from = facts, .count = count, .is_audited = is_audited};
  struct error error = {0};
  facts += count;
  arena_clear(arena);
  double began = world_clock();
  must(store_write(store, write_facts, &work, &error), &error);
  return world_clock() - began;
}

static size_t seal(void)
{
  struct error error = {0};
  size_t sealed = 0;
  must(audit_seal(store, time_now(), &sealed, &error), &error);
  return sealed;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *times, size_t count)
{
  qsort(times, count, sizeof *times, compare);
  return times[count / 2];
}

/* What a fifth of the times are below: a busy machine's pauses fall on neither side. */
static double quick(double *times, size_t count)
{
  qsort(times, count, sizeof *times, compare);
  return times[count / 5];
}

/* Plain and audited in turn on one connection. */
static void measure(const char *name, size_t rounds, int64_t count)
{
  double *plain = memory_allocate_zero(rounds, sizeof *plain);
  double *audited = memory_allocate_zero(rounds, sizeof *audited), all[2] = {0};
  for (size_t i = 0; i < rounds; i++) {
    for (int turn = 0; turn < 2; turn++) { /* who goes first changes */
      bool is_audited = (i + (size_t)turn) % 2 == 1;
      double took = time_writes(count, is_audited);
      *(is_audited ? &audited[i] : &plain[i]) = took;
      all[is_audited] += took;
    }
    if (i % 100 == 99 || count > 1) seal();
  }
  double one = quick(plain, rounds), other = quick(audited, rounds);
  printf(
      "\"%s\": {\"plain_us\": %.2f, \"audited_us\": %.2f, \"ratio\": %.4f, \"mean_ratio\": %.4f},"
      " ",
      name, 1e6 * one / (double)count, 1e6 * other / (double)count, other / one, all[1] / all[0]);
  free(plain);
  free(audited);
}

/* --- The rest ------------------------------------------------------------------------------ */

static bool make_table(struct store_transaction *transaction, void *context, struct error *error)
{
  (void)context;
  return store_execute(transaction,
                       "CREATE TABLE bench_fact (program_id TEXT NOT NULL, id TEXT NOT NULL,"
                       " person_id TEXT NOT NULL, kind TEXT NOT NULL, value BYTEA NOT NULL,"
                       " at BIGINT NOT NULL, until BIGINT NOT NULL, made_by TEXT NOT NULL,"
                       " source TEXT NOT NULL, version BIGINT NOT NULL,"
                       " PRIMARY KEY (program_id, id))",
                       STORE_BIND_NONE, NULL, error) &&
         store_execute(transaction,
                       "CREATE INDEX bench_fact_person ON bench_fact (program_id, person_id, at)",
                       STORE_BIND_NONE, NULL, error);
}

/* Chain `rows` entries; answers how many a second are sealed. */
static double fill(size_t rows)
{
  struct error error = {0};
  double sealing = 0;
  for (size_t from = 0; from < rows; from += FILL) {
    struct work work = {.from = (int64_t)from,
                        .count = rows - from < FILL ? (int64_t)(rows - from) : FILL};
    arena_clear(arena);
    must(store_write(store, append_only, &work, &error), &error);
    double began = world_clock();
    seal();
    sealing += world_clock() - began;
  }
  return rows ? (double)rows / sealing : 0;
}

static bool read_page(struct store_transaction *transaction, void *context, struct error *error)
{
  struct audit_row *rows;
  size_t count;
  return audit_read(transaction, arena, context, time_now(), &rows, &count, error);
}

static void measure_page(const char *name, struct audit_query query)
{
  struct error error = {0};
  double times[PAGES];
  query.program_id = TEXT("0198c0de-0000-7000-8000-000000000001");
  query.limit = 50;
  for (size_t i = 0; i < PAGES; i++) {
    arena_clear(arena);
    double began = world_clock();
    must(store_write(store, read_page, &query, &error), &error);
    times[i] = world_clock() - began;
  }
  double middle = median(times, PAGES);
  printf("\"%s_ms\": {\"median\": %.3f, \"p99\": %.3f}, ", name, 1e3 * middle,
         1e3 * times[PAGES * 99 / 100]);
}

static void measure_verify(void)
{
  struct error error = {0};
  struct audit_verified found;
  double began = world_clock();
  must(audit_verify(store, NULL, NULL, &found, &error), &error);
  double seconds = world_clock() - began;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("\"verify\": {\"entries\": %lld, \"problems\": %lld, \"rate\": %.0f, \"seconds\": %.2f,"
         " \"memory_mb\": %.1f}",
         (long long)found.entries, (long long)found.problems, (double)found.entries / seconds,
         seconds, (double)usage.ru_maxrss / 1024);
}

int main(int count, char **arguments)
{
  struct error error = {0};
  const char *address = NULL;
  for (int i = 1; i + 1 < count; i++)
    if (strcmp(arguments[i], "--db") == 0) address = arguments[i + 1];
  if (!address) {
    fputs("bench: name a new database with --db\n", stderr);
    return 2;
  }
  size_t rows = world_option(count, arguments, "--rows", 20000);
  arena = arena_new(1 << 26);
  must(store_open(&store, address, &error) && store_migrate(store, "migrations", &error) &&
           store_write(store, make_table, NULL, &error),
       &error);
  printf("{\"rows\": %zu, ", rows);
  double rate = fill(rows);
  printf("\"sealed_a_second\": %.0f, ", rate);
  for (int i = 0; i < 50; i++) time_writes(1, i % 2); /* to warm up */
  measure("alone", world_option(count, arguments, "--writes", 1500), 1);
  measure("batch", world_option(count, arguments, "--batches", 30), BATCH);
  measure_page("newest", (struct audit_query){0});
  measure_page("person",
               (struct audit_query){.person_id = TEXT("0198c0de-0000-7000-8000-000000000077")});
  measure_verify();
  puts("}");
  store_close(store);
  arena_free(arena);
  return 0;
}
