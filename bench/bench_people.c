/*
 * What the desk's commonest pages cost where much has been written: whose session it is, a search
 * of people, a person's page, each with its line in the audit, as the pages do it. With --people
 * people and --rows entries in the audit. One JSON object, in milliseconds.
 *
 *   bench_people --db ADDRESS --data FOLDER [--people 20000] [--rows 2000000] [--each 1000]
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "care/care.h"
#include "world.h"

enum { BATCH = 100, ENTRIES = 2000, SEARCHES = 4 };

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

/* Looks at records, by a hundred accounts, as they fill an audit over the years. */
static bool append(struct store_transaction *transaction, void *context, struct error *failed)
{
  const struct span *span = context;
  for (size_t i = span->from; i < span->to; i++) {
    struct actor reader = {.kind = ACTOR_STAFF,
                           .account_id = text_format(arena, "account-%02zu", i % 100),
                           .name = TEXT("Ana Ruiz, RN")};
    struct audit_entry entry = {.program_id = program_id,
                                .actor = &reader,
                                .object = TEXT("person"),
                                .act = TEXT("read"),
                                .object_id = ids[i * 31 % people],
                                .person_id = ids[i * 31 % people],
                                .at = now};
    if (!audit_append(transaction, &entry, failed)) return false;
  }
  return true;
}

static void seal(void)
{
  size_t sealed = 1;
  while (sealed) must(audit_seal(store, time_now(), &sealed, &error));
}

static void fill(size_t rows)
{
  ids = arena_allocate_array(kept, people, sizeof *ids);
  for (size_t at = 0; at < people; at += BATCH) {
    struct span span = {at, at + BATCH < people ? at + BATCH : people};
    for (size_t i = span.from; i < span.to; i++)
      must(person_begin(privacy, kept, program_id, now, &ids[i], &error));
    must(store_write(store, make_people, &span, &error));
    arena_clear(arena);
  }
  for (size_t at = 0; at < rows; at += ENTRIES) {
    struct span span = {at, at + ENTRIES < rows ? at + ENTRIES : rows};
    must(store_write(store, append, &span, &error));
    if (at % (ENTRIES * 10) == 0) seal();
    arena_clear(arena);
  }
  seal();
}

/* --- A session ------------------------------------------------------------------------------- */

static const struct text token = TEXT("a-token-of-the-bench-that-is-long-enough");

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
             " VALUES ('bench', 'bench', 'Bench', '', '', '', '', '', 0, $1, $1, 0, '', 0, $1, 0,"
             " $2, 0, 1)",
             STORE_BIND(STORE_B(TEXT("")), STORE_N(now)), NULL, failed) &&
         store_execute(transaction,
                       "INSERT INTO account_role (account_id, program_id, role, site_id)"
                       " VALUES ('bench', $1, 'privacy-officer', '')",
                       STORE_BIND(STORE_T(program_id)), NULL, failed) &&
         store_execute(
             transaction,
             "INSERT INTO session (id, token, account_id, station_id, step, program_id, made_at,"
             " seen_at, ends_at, proved_at) VALUES ('bench', $1, 'bench', '', $2, $3, $4, $4, $5,"
             " $4)",
             STORE_BIND(STORE_B(((struct text){(const char *)digest, sizeof digest})),
                        STORE_N(SESSION_OPEN), STORE_T(program_id), STORE_N(now),
                        STORE_N(now + INT64_C(3600) * 1000000)),
             NULL, failed);
}

/* --- What is measured ------------------------------------------------------------------------ */

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
  measure("session", each, find_session);
  measure("search", each, search_people);
  measure("page", each, read_person);
  puts("}");
  care_close(care);
  privacy_close(privacy);
  catalog_free(catalog);
  vault_close(vault);
  store_close(store);
  arena_free(arena);
  arena_free(kept);
  return 0;
}
