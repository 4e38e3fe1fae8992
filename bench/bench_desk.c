/*
 * Fills a program for the pages of the desk that script/bench measures: so many people in care, a
 * bed each while there are any left and the rest without; of each who has a bed an intake, every
 * tenth of them late; of everybody a plan and an approval, of every tenth one that is asked for;
 * and people who wait, through the doors of the rooms. Prints what it made as one JSON object.
 *
 *   bench_desk --db ADDRESS --data FOLDER --program ID [--people 200] [--beds 200] [--waiting 40]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission/admission.h"
#include "coverage/coverage.h"
#include "world.h"

enum { BATCH = 100, MAKERS = 16, UNIT_BEDS = 20, ROOM_BEDS = 2, SITE_UNITS = 10, LISTS = 3 };
static const int64_t minute = INT64_C(60) * 1000000, day = INT64_C(86400) * 1000000;

static struct store *store;
static struct vault *vault;
static struct catalog *catalog;
static struct privacy *privacy;
static struct care *care;
static struct beds *beds;
static struct requests *requests;
static struct intakes *intakes;
static struct coverage_rules *rules;
static struct arena *arena, *kept;
static struct error error;
static struct actor actor;
static struct text program_id, *ids, *bed_ids, *site_of_bed, staff_id, first_site;
static size_t people, bed_count, waiting, bed_made;
static const struct zone *zone;
static int64_t now, today;

static void must(bool good)
{
  if (good) return;
  fprintf(stderr, "bench: %s\n", error.log);
  exit(1);
}

static bool open_for(struct store_transaction *t, const char *object, struct text person_id,
                     struct access *out, struct error *failed)
{
  struct role_subject subject = {.person_id = person_id, .is_site = true};
  return access_open(t, privacy, &actor, object, "write", person_id.length ? &subject : NULL,
                     TEXT(""), now, out, failed);
}

/* --- Places ---------------------------------------------------------------------------------- */

static bool make_staff(struct store_transaction *t, void *context, struct error *failed)
{
  struct access access;
  struct staff staff = {.name = TEXT("Ana Ruiz"), .profession = TEXT("nurse")};
  (void)context;
  if (!open_for(t, "staff", TEXT(""), &access, failed) ||
      !staff_create(t, care, &access, arena, &staff, failed))
    return false;
  staff_id = text_copy(kept, staff.id);
  return true;
}

static bool make_room(struct store_transaction *t, const struct access *access, struct text site_id,
                      struct text unit_id, size_t *left, struct error *failed)
{
  struct room room = {.unit_id = unit_id,
                      .name = text_format(arena, "Room %zu", bed_made / ROOM_BEDS + 1)};
  if (!room_create(t, beds, access, arena, &room, failed)) return false;
  for (size_t i = 0; i < ROOM_BEDS && *left; i++, (*left)--) {
    struct bed bed = {.unit_id = unit_id,
                      .room_id = room.id,
                      .name = text_format(arena, "%zu", bed_made + 1),
                      .level_of_care = TEXT("3.5"),
                      .policy = TEXT("any"),
                      .licensed = true,
                      .staffed = true};
    if (!bed_create(t, beds, access, arena, &bed, failed)) return false;
    site_of_bed[bed_made] = site_id;
    bed_ids[bed_made++] = text_copy(kept, bed.id);
  }
  return true;
}

/* A site with at most SITE_UNITS units of at most UNIT_BEDS beds. */
static bool make_site(struct store_transaction *t, void *context, struct error *failed)
{
  size_t number = *(const size_t *)context;
  struct access access;
  struct site site = {.name = text_format(arena, "House %zu", number + 1)};
  if (!open_for(t, "site", TEXT(""), &access, failed) ||
      !site_create(t, care, &access, arena, &site, failed))
    return false;
  struct text site_id = text_copy(kept, site.id);
  if (number == 0) first_site = site_id;
  for (size_t i = 0; i < SITE_UNITS && bed_made < bed_count; i++) {
    size_t left = bed_count - bed_made < UNIT_BEDS ? bed_count - bed_made : UNIT_BEDS;
    struct unit unit = {.site_id = site.id,
                        .name = text_format(arena, "Unit %zu", number * SITE_UNITS + i + 1),
                        .kind = TEXT("residential"),
                        .level_of_care = TEXT("3.5"),
                        .licensed = (int64_t)left,
                        .staffed = (int64_t)left};
    if (!unit_create(t, care, &access, arena, &unit, failed)) return false;
    while (left)
      if (!make_room(t, &access, site_id, unit.id, &left, failed)) return false;
  }
  return true;
}

/* --- People ---------------------------------------------------------------------------------- */

static const char *const given[] = {"Maria", "James", "Ana",  "Robert", "Linda", "David", "Rosa",
                                    "John",  "Susan", "Jose", "Karen",  "Luis",  "Nancy", "Mark"};
static const char *const family[] = {"Garner", "Smithson", "Marten", "Jolin", "Herman", "Wilton",
                                     "Lover",  "Brown",    "Gonez",  "Anson", "Thomas", "Taylor"};
#define OF(list, number) text_from((list)[(number) % (sizeof(list) / sizeof *(list))])

/* Nine of ten beds have somebody. */
static bool has_bed(size_t number)
{
  return number < bed_count && number % 10 != 9;
}

static bool make_stay(struct store_transaction *t, size_t number, struct text *stay_id,
                      struct error *failed)
{
  struct access board, stay;
  int64_t at = now - (int64_t)(number * 7 % 40 * 24 + 2) * 60 * minute;
  struct episode episode = {.person_id = ids[number],
                            .status = has_bed(number) ? TEXT("planned") : TEXT("active"),
                            .site_id = number < bed_count ? site_of_bed[number] : first_site,
                            .level_of_care = has_bed(number) ? TEXT("3.5") : TEXT("1.7"),
                            .referral_source = TEXT("self")};
  if (!open_for(t, "episode", ids[number], &stay, failed) ||
      !open_for(t, "bed-board", ids[number], &board, failed) ||
      !episode_create(t, care, &stay, arena, &episode, at, failed))
    return false;
  *stay_id = episode.id;
  struct bed_arrival arrival = {
      .episode_id = episode.id, .bed_id = has_bed(number) ? bed_ids[number] : TEXT(""), .at = at};
  return !has_bed(number) ||
         bed_arrive(t, beds, &(struct bed_stay_access){&board, &stay}, arena, &arrival, failed);
}

static bool make_coverage(struct store_transaction *t, size_t number, struct text stay_id,
                          struct error *failed)
{
  struct access access;
  struct coverage_plan plan = {.payer = TEXT("employer"),
                               .turn = 1,
                               .name = TEXT("Blue River Health"),
                               .member_name = OF(given, number),
                               .member_number = text_format(arena, "M%07zu", number)};
  if (!open_for(t, "coverage", ids[number], &access, failed) ||
      !coverage_plan_save(t, rules, &access, arena, &plan, failed))
    return false;
  struct coverage_authorization row = {.plan_id = plan.id,
                                       .episode_id = stay_id,
                                       .level_of_care = TEXT("3.5"),
                                       .unit = UNIT_DAY,
                                       .asked_at = now - day,
                                       .asked_on = today - 1,
                                       .units_asked = 28};
  if (!authorization_ask(t, rules, &access, arena, &row, zone, failed)) return false;
  if (number % 10 == 0) return true;
  row.state = AUTHORIZATION_APPROVED;
  row.version = 1;
  row.approved = (struct authorization){.units = 28,
                                        .from = today - 1,
                                        .to = today + 60,
                                        .review_on = today + (int64_t)(number % 30)};
  row.decided_on = today;
  row.number = text_format(arena, "A%zu", number);
  return authorization_decide(t, rules, &access, arena, &row, zone, today, failed);
}

static bool make_person(struct store_transaction *t, size_t number, struct error *failed)
{
  struct access access, intake;
  struct intake begun;
  struct text stay_id;
  struct person person = {
      .id = ids[number],
      .language = TEXT("en"),
      .identity = {.given = OF(given, number * 7 + number / 31),
                   .family = OF(family, number * 5 + number / 17),
                   .birth_date = text_format(arena, "%zu-%02zu-%02zu", 1940 + number % 65,
                                             1 + number / 3 % 12, 1 + number / 5 % 28),
                   .sex = TEXT("unknown")}};
  return open_for(t, "person", ids[number], &access, failed) &&
         person_create(t, care, &access, arena, &person, failed) &&
         make_stay(t, number, &stay_id, failed) && make_coverage(t, number, stay_id, failed) &&
         (!has_bed(number) || (open_for(t, "intake", ids[number], &intake, failed) &&
                               intake_begin(t, intakes, &intake, arena, stay_id,
                                            number % 10 ? 0 : now - day, &begun, failed)));
}

/* --- Who waits ------------------------------------------------------------------------------- */

static const char *const levels[LISTS] = {"3.5", "3.7", "1.7"};

static bool make_request(struct store_transaction *t, size_t number, struct error *failed)
{
  struct access access;
  struct text subject_id = ids[people + number];
  struct request request = {
      .subject_id = subject_id,
      .site_id = first_site,
      .source = TEXT("desk"),
      .urgency = TEXT("routine"),
      .level_of_care = text_from(levels[number % LISTS]),
      .pregnant = number % 23 == 0,
      .injecting = number % 3 == 0,
      .language = TEXT("en"),
      .assigned = staff_id,
      .identity.at = {[REQUEST_GIVEN] = OF(given, number), [REQUEST_FAMILY] = OF(family, number)},
      .received_at = now - (int64_t)(number * 7919 % 2400) * minute};
  const struct request_answer answer = {.is_accepted = true};
  return open_for(t, "request", subject_id, &access, failed) &&
         request_create(t, requests, &access, arena, &request, failed) &&
         (number % 10 == 0 ||
          (request_answer(t, requests, &access, arena, request.id, &answer, 1, failed) &&
           waitlist_enter(t, requests, &access, arena, request.id, 2, failed)));
}

/* --- Filling --------------------------------------------------------------------------------- */

struct span {
  size_t from, to;
};

static bool make_span(struct store_transaction *t, void *context, struct error *failed)
{
  const struct span *span = context;
  for (size_t i = span->from; i < span->to; i++)
    if (!(i < people ? make_person(t, i, failed) : make_request(t, i - people, failed)))
      return false;
  return true;
}

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

static void fill_keys(size_t count)
{
  pthread_t makers[MAKERS];
  struct span spans[MAKERS];
  char id[UUID_TEXT + 1];
  ids = arena_allocate_array(kept, count, sizeof *ids);
  for (size_t i = 0; i < count; i++) {
    uuid_new(now, id);
    ids[i] = text_copy(kept, text_from(id));
  }
  for (size_t i = 0; i < MAKERS; i++) {
    spans[i] = (struct span){count * i / MAKERS, count * (i + 1) / MAKERS};
    if (pthread_create(&makers[i], NULL, make_keys, &spans[i])) exit(1);
  }
  for (size_t i = 0; i < MAKERS; i++) pthread_join(makers[i], NULL);
}

static void seal(void)
{
  size_t sealed = 1;
  while (sealed) must(audit_seal(store, time_now(), &sealed, &error));
}

static void fill(void)
{
  size_t count = people + waiting;
  fill_keys(count);
  must(store_write(store, make_staff, NULL, &error));
  bed_ids = arena_allocate_array(kept, bed_count + 1, sizeof *bed_ids);
  site_of_bed = arena_allocate_array(kept, bed_count + 1, sizeof *site_of_bed);
  for (size_t site = 0; site == 0 || bed_made < bed_count; site++) {
    must(store_write(store, make_site, &site, &error));
    arena_clear(arena);
  }
  for (size_t at = 0; at < count; at += BATCH) {
    struct span span = {at, at + BATCH < count ? at + BATCH : count};
    must(store_write(store, make_span, &span, &error));
    arena_clear(arena);
    seal();
  }
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
                                        .erased_path = file_join(kept, data, "erased-people.log"),
                                        .migrations = "migrations/keys"};
  must(store_open(&store, address, &error) && vault_open(&vault, &options, &error) &&
       catalog_load(&catalog, "locale", &error) &&
       privacy_open(&privacy, ".", store, vault, catalog, &error) &&
       care_open(&care, ".", privacy, &error) && beds_open(&beds, ".", care, &error) &&
       requests_open(&requests, ".", care, &error) && intakes_open(&intakes, ".", care, &error) &&
       coverage_rules_load(&rules, "knowledge", &error));
}

static void close_all(void)
{
  coverage_rules_free(rules);
  intakes_close(intakes);
  requests_close(requests);
  beds_close(beds);
  care_close(care);
  privacy_close(privacy);
  catalog_free(catalog);
  vault_close(vault);
  store_close(store);
  arena_free(arena);
  arena_free(kept);
}

int main(int count, char **arguments)
{
  const char *data = text_option(count, arguments, "--data", ".");
  people = world_option(count, arguments, "--people", 200);
  bed_count = world_option(count, arguments, "--beds", 200);
  waiting = world_option(count, arguments, "--waiting", 40);
  arena = arena_new((size_t)1 << 30);
  kept = arena_new((size_t)1 << 30);
  now = time_now();
  today = now / day;
  program_id = text_from(text_option(count, arguments, "--program", ""));
  actor = actor_command(program_id);
  open_all(text_option(count, arguments, "--db", file_join(kept, data, "fairlead.db")), data);
  if (!zone_find(TEXT("UTC"), &zone)) return 1;
  double began = world_clock();
  fill();
  printf("{\"people\": %zu, \"beds\": %zu, \"waiting\": %zu, \"person\": \"%.*s\","
         " \"fill_seconds\": %.1f}\n",
         people, bed_made, waiting, TEXT_PRINT(ids[0]), world_clock() - began);
  close_all();
  return 0;
}
