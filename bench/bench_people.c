/*
 * What the desk's commonest pages cost where much has been written: signing in, whose session it
 * is, a search of people, a person's page, each with its line in the audit, as the pages do it, and
 * in turn the same rows asked of the bare engine (bare.h); then pages of the audit by each of its
 * filters. With --people people and --rows entries in the audit. One JSON object, in milliseconds.
 *
 *   bench_people --db ADDRESS --data FOLDER [--people 20000] [--rows 2000000] [--each 1000]
 *
 * Signing in is measured with a hash that costs little. While the audit is filled its
 * indexes are away, as a restore has it; entries go through audit_append() and the sealer.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bare.h"
#include "care/care.h"
#include "privacy/sign_in.h"
#include "world.h"

enum { BATCH = 500, ENTRIES = 10000, SEARCHES = 4, MAKERS = 16, INDEXES = 8 };
static const int64_t YEARS = 3 * INT64_C(365) * 86400 * 1000000; /* that the entries span */

static struct store *store;
static struct vault *vault;
static struct catalog *catalog;
static struct privacy *privacy;
static struct care *care;
static struct arena *arena, *kept;
static struct error error;
static struct actor actor;
static struct text program_id, *ids;
static size_t people;
static int64_t now;

static void must(bool good)
{
  if (good) return;
  fprintf(stderr, "bench: %s\n", error.log);
  exit(1);
}

/* --- Who there is ---------------------------------------------------------------------------- */

static const char *const given[] = {"Maria", "James", "Ana",   "Robert", "Linda", "David", "Rosa",
                                    "John",  "Susan", "Jose",  "Karen",  "Luis",  "Nancy", "Mark",
                                    "Lisa",  "Paul",  "Sarah", "Kevin",  "Laura", "Brian"};
static const char *const begins[] = {"Gar", "Smi", "Mar", "Jo",  "Her", "Wil",  "Lo", "Bro",
                                     "Gon", "An",  "Tho", "Tay", "Mo",  "Jack", "Ro", "Whi"};
static const char *const middles[] = {"ti", "na", "th", "le", "ri", "so", "va", "de",
                                      "ne", "co", "mi", "ro", "la", "se", "ki"};
static const char *const ends[] = {"son", "ez", "er", "man", "lin", "well", "ton", "field", "s"};
#define OF(list, number) (list)[(number) % (sizeof(list) / sizeof *(list))]

static struct person person_of(size_t number)
{
  struct person_phone *phone = arena_allocate(arena, sizeof *phone);
  *phone = (struct person_phone){text_format(arena, "303%07zu", 2000000 + number * 37 % 7000000),
                                 TEXT("mobile"), false};
  return (struct person){
      .id = ids[number],
      .language = TEXT("en"),
      .identity = {.given = text_from(OF(given, number * 7 + number / 31)),
                   .family = text_format(arena, "%s%s%s", OF(begins, number * 5 + number / 17),
                                         OF(middles, number * 11 + number / 13),
                                         OF(ends, number * 3 + number / 7)),
                   .birth_date = text_format(arena, "%zu-%02zu-%02zu", 1940 + number % 65,
                                             1 + number / 3 % 12, 1 + number / 5 % 28),
                   .sex = TEXT("unknown"),
                   .phones = phone,
                   .phone_count = 1}};
}

struct span {
  size_t from, to;
};

static bool make_people(struct store_transaction *transaction, void *context, struct error *failed)
{
  const struct span *span = context;
  for (size_t i = span->from; i < span->to; i++) {
    struct access access;
    struct person person = person_of(i);
    struct role_subject subject = {.person_id = person.id, .is_site = true};
    if (!access_open(transaction, privacy, &actor, "person", "import", &subject, person.id, now,
                     &access, failed) ||
        !person_create(transaction, care, &access, arena, &person, failed))
      return false;
  }
  return true;
}

static bool make_program(struct store_transaction *transaction, void *context, struct error *failed)
{
  struct access access;
  (void)context;
  struct program program = {.name = TEXT("Harbor House"),
                            .kind = TEXT("residential"),
                            .zone = TEXT("America/Denver"),
                            .state = TEXT("CO"),
                            .languages = TEXT("en")};
  return access_open(transaction, privacy, &actor, "program", "write", NULL, program_id, now,
                     &access, failed) &&
         program_create(transaction, care, &access, &program, failed);
}

/* Looks at records over three years, by a hundred accounts; one in a hundred thousand is of an
 * object that is rare. */
static size_t all_rows;

static bool append(struct store_transaction *transaction, void *context, struct error *failed)
{
  const struct span *span = context;
  for (size_t i = span->from; i < span->to; i++) {
    bool is_rare = i % 100000 == 77;
    struct actor reader = {.kind = ACTOR_STAFF,
                           .account_id = text_format(arena, "account-%02zu", i % 100),
                           .name = TEXT("Ana Ruiz, RN")};
    struct audit_entry entry = {.program_id = program_id,
                                .actor = &reader,
                                .object = is_rare ? TEXT("emergency") : TEXT("person"),
                                .act = is_rare ? TEXT("open") : TEXT("read"),
                                .object_id = ids[i * 31 % people],
                                .person_id = ids[i * 31 % people],
                                .at = now - YEARS + YEARS / (int64_t)all_rows * (int64_t)i};
    if (!audit_append(transaction, &entry, failed)) return false;
  }
  return true;
}

static void seal(void)
{
  size_t sealed = 1;
  while (sealed) must(audit_seal(store, time_now(), &sealed, &error));
}

/* Seconds that each part of the filling took. */
static struct {
  double keys, people, entries, sealing, indexes;
} spent;
static double mark;

static void took(double *part)
{
  double at = world_clock();
  *part += at - mark;
  mark = at;
}

/* --- Indexes of the audit ----------------------------------------------------------------------
 */

/* As migrations/004-audit.sql has them: those that are no part of what an entry must obey. */
static char *creates[INDEXES], *drops[INDEXES];
static size_t index_count;

static void read_indexes(void)
{
  static const struct text begin = TEXT("CREATE INDEX audit_entry_");
  struct text file, line;
  must(file_read(kept, "migrations/004-audit.sql", 1 << 20, &file, &error));
  while (text_split_next(&file, '\n', &line)) {
    if (!text_starts_with(line, begin) || index_count == INDEXES) continue;
    struct text name = text_slice(line, strlen("CREATE INDEX "), line.length);
    size_t end = 0;
    while (end < name.length && name.at[end] != ' ') end++;
    creates[index_count] = text_c(kept, text_slice(line, 0, line.length - 1));
    drops[index_count++] =
        text_c(kept, text_format(kept, "DROP INDEX %.*s", TEXT_PRINT(text_slice(name, 0, end))));
  }
}

static bool run_each(struct store_transaction *transaction, void *context, struct error *failed)
{
  char **statements = context;
  for (size_t i = 0; i < index_count; i++)
    if (!store_execute(transaction, statements[i], STORE_BIND_NONE, NULL, failed)) return false;
  return true;
}

/* --- Filling ------------------------------------------------------------------------------------
 */

/* Keys are durable one by one: several makers share the flushes. */
static void *make_keys(void *context)
{
  const struct span *span = context;
  struct error failed = {0};
  for (size_t i = span->from; i < span->to; i++)
    if (!vault_subject_make(vault, (struct vault_subject){program_id, ids[i]}, &failed)) {
      fprintf(stderr, "bench: %s\n", failed.log);
      exit(1);
    }
  return NULL;
}

static void fill_keys(void)
{
  pthread_t makers[MAKERS];
  struct span spans[MAKERS];
  char id[UUID_TEXT + 1];
  ids = arena_allocate_array(kept, people, sizeof *ids);
  for (size_t i = 0; i < people; i++) {
    uuid_new(now, id);
    ids[i] = text_copy(kept, text_from(id));
  }
  for (size_t i = 0; i < MAKERS; i++) {
    spans[i] = (struct span){people * i / MAKERS, people * (i + 1) / MAKERS};
    if (pthread_create(&makers[i], NULL, make_keys, &spans[i])) exit(1);
  }
  for (size_t i = 0; i < MAKERS; i++) pthread_join(makers[i], NULL);
}

static void fill_in_spans(size_t count, size_t size, store_function *function, bool is_audit)
{
  for (size_t at = 0; at < count; at += size) {
    struct span span = {at, at + size < count ? at + size : count};
    must(store_write(store, function, &span, &error));
    took(is_audit ? &spent.entries : &spent.people);
    arena_clear(arena);
    if (is_audit) seal();
    took(&spent.sealing);
  }
}

static void fill(size_t rows)
{
  all_rows = rows ? rows : 1;
  read_indexes();
  mark = world_clock();
  fill_keys();
  took(&spent.keys);
  fill_in_spans(people, BATCH, make_people, false);
  must(store_write(store, run_each, drops, &error));
  fill_in_spans(rows, ENTRIES, append, true);
  seal();
  must(store_write(store, run_each, creates, &error));
  took(&spent.indexes);
}

/* --- A session ------------------------------------------------------------------------------- */

static const struct text token = TEXT("a-token-of-the-bench-that-is-long-enough");

static char password_hash[SECRET_HASH];

static bool make_session(struct store_transaction *transaction, void *context, struct error *failed)
{
  unsigned char digest[crypto_hash_sha256_BYTES];
  (void)context;
  crypto_hash_sha256(digest, (const unsigned char *)token.at, token.length);
  return store_execute(
             transaction,
             "INSERT INTO account (id, sign_in_name, shown_name, email, staff_id, person_id,"
             " person_program_id, password, must_change, totp, totp_begun, totp_step, pin,"
             " pin_failures, badge, disabled_at, made_at, last_sign_in_at, version)"
             " VALUES ('bench', 'bench', 'Bench', '', '', '', '', $3, 0, $1, $1, 0, '', 0, $1, 0,"
             " $2, 0, 1)",
             STORE_BIND(STORE_B(TEXT("")), STORE_N(now), STORE_T(text_from(password_hash))), NULL,
             failed) &&
         store_execute(transaction,
                       "INSERT INTO account_role (account_id, program_id, role, site_id)"
                       " VALUES ('bench', $1, 'nurse', '')",
                       STORE_BIND(STORE_T(program_id)), NULL, failed) &&
         store_execute(
             transaction,
             "INSERT INTO session (id, token, account_id, station_id, step, program_id, made_at,"
             " seen_at, ends_at, proved_at, tries, device) VALUES ('bench', $1, 'bench', '', $2,"
             " $3, $4, $4, $5, $4, $6, $6)",
             STORE_BIND(STORE_B(((struct text){(const char *)digest, sizeof digest})),
                        STORE_N(SESSION_OPEN), STORE_T(program_id), STORE_N(now),
                        STORE_N(now + INT64_C(3600) * 1000000), STORE_B(TEXT(""))),
             NULL, failed);
}

/* --- What is measured ------------------------------------------------------------------------ */

static const struct text password = TEXT("lantern rope harbor 52");

/* A hash of a mebibyte and one pass, not of today's cost: what is measured is all the rest. */
static void make_hashes_cheap(void)
{
  const struct secret_cost cheap = {.memory = 1, .passes = 1};
  privacy->sign_in->password_cost = cheap;
  must(secret_hash(&cheap, password, password_hash, &error));
}

static void sign_in(size_t number)
{
  struct text fresh;
  enum session_step step;
  (void)number;
  must(session_sign_in(privacy, TEXT("bench"), password, NULL, arena, now, &fresh, &step, &error));
}

static void find_session(size_t number)
{
  struct session session;
  (void)number;
  must(session_find(privacy, arena, token, now, &session, &error));
}

static bool search(struct store_transaction *transaction, void *context, struct error *failed)
{
  struct access access;
  struct person_hit *hits;
  size_t count;
  bool more;
  return access_open_list(transaction, privacy, &actor, "person", "search", now, &access, failed) &&
         person_search(transaction, &access, arena, *(const struct text *)context, 20, &hits,
                       &count, &more, failed);
}

/* In turn: both names, three letters, a family name that only sounds alike, a birth date. */
static void search_people(size_t number)
{
  struct person person = person_of(number * 7919 % people);
  const struct person_identity *identity = &person.identity;
  const struct text typed[SEARCHES] = {
      text_format(arena, "%.*s %.*s", TEXT_PRINT(identity->family), TEXT_PRINT(identity->given)),
      text_slice(identity->family, 0, 3), text_format(arena, "%.*sz", TEXT_PRINT(identity->family)),
      identity->birth_date};
  must(store_write(store, search, (void *)(uintptr_t)&typed[number % SEARCHES], &error));
}

static bool open_for(struct store_transaction *transaction, const char *object, struct text id,
                     struct access *access, struct error *failed)
{
  struct role_subject subject;
  return care_subject_load(transaction, program_id, id, &actor, now, &subject, failed) &&
         access_open(transaction, privacy, &actor, object, "read", &subject, id, now, access,
                     failed);
}

static bool read_page(struct store_transaction *transaction, void *context, struct error *failed)
{
  const struct text id = *(const struct text *)context;
  struct access access, stays;
  struct person person;
  struct care_fact *facts;
  struct episode *episodes;
  struct care_team_member *team;
  size_t count;
  return open_for(transaction, "person", id, &access, failed) &&
         person_load(transaction, &access, arena, id, &person, failed) &&
         care_fact_banner(transaction, care, &access, arena, id, &facts, &count, failed) &&
         open_for(transaction, "episode", id, &stays, failed) &&
         episode_list(transaction, &stays, arena, id, &episodes, &count, failed) &&
         care_team_list(transaction, &stays, arena, id, &team, &count, failed);
}

static void read_person(size_t number)
{
  must(store_write(store, read_page, &ids[number * 7919 % people], &error));
}

/* --- Pages of the audit ------------------------------------------------------------------------
 */

static struct audit_query audit_query;

static bool read_audit(struct store_transaction *transaction, void *context, struct error *failed)
{
  struct access access;
  struct audit_row *rows;
  size_t count;
  (void)context;
  return access_open_list(transaction, privacy, &actor, "audit", "read", now, &access, failed) &&
         audit_read(transaction, arena, &audit_query, now, &rows, &count, failed);
}

static void read_audit_page(size_t number)
{
  (void)number;
  must(store_write(store, read_audit, NULL, &error));
}

static void measure(const char *name, size_t each, void (*run)(size_t number));

static void measure_audit(size_t each)
{
  const int64_t day = INT64_C(86400) * 1000000, then = now - YEARS / 2;
  const struct {
    const char *name;
    struct audit_query query;
  } filters[] = {
      {"audit_newest", {.program_id = program_id}},
      {"audit_day", {.program_id = program_id, .from = then, .until = then + day}},
      {"audit_until", {.program_id = program_id, .until = then}},
      {"audit_person", {.program_id = program_id, .person_id = ids[people / 2]}},
      {"audit_account", {.program_id = program_id, .account_id = TEXT("account-07")}},
      {"audit_rare", {.program_id = program_id, .object = TEXT("emergency")}},
      {"audit_rare_act", {.program_id = program_id, .act = TEXT("open")}},
      {"audit_none", {.program_id = program_id, .object = TEXT("person"), .act = TEXT("erase")}},
  };
  for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
    audit_query = filters[i].query;
    audit_query.limit = 50;
    measure(filters[i].name, each, read_audit_page);
  }
}

/* --- The bare engine -----------------------------------------------------------------------------
 */

static struct bare *bare;

static void find_bare_session(size_t number)
{
  unsigned char digest[crypto_hash_sha256_BYTES];
  (void)number;
  crypto_hash_sha256(digest, (const unsigned char *)token.at, token.length);
  bare_session(bare, (struct text){(const char *)digest, sizeof digest});
}

static void search_bare(size_t number)
{
  bare_search(bare, number);
}

static void read_bare_page(size_t number)
{
  bare_page(bare, text_c(arena, ids[number * 7919 % people]));
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(const char *name, size_t each, void (*run)(size_t number))
{
  double *times = memory_allocate_zero(each, sizeof *times);
  for (size_t i = 0; i < each; i++) {
    arena_clear(arena);
    double began = world_clock();
    run(i);
    times[i] = world_clock() - began;
  }
  qsort(times, each, sizeof *times, compare);
  printf(", \"%s_ms\": {\"median\": %.3f, \"p99\": %.3f, \"worst\": %.3f}", name,
         1e3 * times[each / 2], 1e3 * times[each * 99 / 100], 1e3 * times[each - 1]);
  free(times);
}

/* --- The whole ------------------------------------------------------------------------------- */

static const char *text_option(int count, char **arguments, const char *name, const char *otherwise)
{
  for (int i = 1; i + 1 < count; i++)
    if (strcmp(arguments[i], name) == 0) return arguments[i + 1];
  return otherwise;
}

static void open_all(const char *address, const char *data)
{
  const struct vault_options options = {.keys_address = file_join(kept, data, "keys.db"),
                                        .key_path = file_join(kept, data, "vault.key"),
                                        .erased_path = file_join(kept, data, "erased.list"),
                                        .migrations = "migrations/keys"};
  must(store_open(&store, address, &error) && store_migrate(store, "migrations", &error) &&
       vault_open(&vault, &options, &error) && catalog_load(&catalog, "locale", &error) &&
       privacy_open(&privacy, ".", store, vault, catalog, &error) &&
       care_open(&care, ".", privacy, &error) &&
       program_begin(privacy, kept, now, &program_id, &error));
  actor = actor_command(program_id);
  make_hashes_cheap();
  must(store_write(store, make_program, NULL, &error) &&
       store_write(store, make_session, NULL, &error));
}

int main(int count, char **arguments)
{
  const char *data = text_option(count, arguments, "--data", "."), *address;
  size_t rows = world_option(count, arguments, "--rows", 2000000);
  size_t each = world_option(count, arguments, "--each", 1000);
  people = world_option(count, arguments, "--people", 20000);
  arena = arena_new((size_t)1 << 30);
  kept = arena_new((size_t)1 << 30);
  now = time_now();
  address = text_option(count, arguments, "--db", file_join(kept, data, "fairlead.db"));
  open_all(address, data);
  double began = world_clock();
  fill(rows);
  printf("{\"people\": %zu, \"rows\": %zu, \"fill_seconds\": %.1f", people, rows,
         world_clock() - began);
  printf(", \"fill\": {\"keys\": %.1f, \"people\": %.1f, \"entries\": %.1f, \"sealing\": %.1f, "
         "\"indexes\": %.1f}",
         spent.keys, spent.people, spent.entries, spent.sealing, spent.indexes);
  bare = bare_open(address, text_c(kept, program_id));
  measure("sign_in", each / 4, sign_in);
  measure("session", each, find_session);
  measure("bare_session", each, find_bare_session);
  measure("search", each, search_people);
  measure("bare_search", each, search_bare);
  measure("page", each, read_person);
  measure("bare_page", each, read_bare_page);
  measure_audit(each / 5);
  puts("}");
  bare_close(bare);
  care_close(care);
  privacy_close(privacy);
  catalog_free(catalog);
  vault_close(vault);
  store_close(store);
  arena_free(arena);
  arena_free(kept);
  return 0;
}
