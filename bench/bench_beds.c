/*
 * What a state's beds cost: the board of one program, what the whole state may know, a hold placed
 * and given back, beside the bare engine; with 500 programs of 40 beds, nine of ten occupied, each
 * with ten stays behind it; and the order of 5,000 people who wait, with each one's place, beside a
 * plain sort of the same by time; and read from the store as the desk does, with the deadlines and
 * the line of the audit, beside the bare engine that reads the same rows. One JSON object, in
 * milliseconds.
 *
 *   bench_beds --db ADDRESS --data FOLDER [--programs 500] [--beds 40] [--past 10] [--each 1000]
 *              [--waiting 5000]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission/admission.h"
#include "bare.h"
#include "world.h"

static const int64_t hour = INT64_C(3600) * 1000000, day = INT64_C(86400) * 1000000;

static struct store *store;
static struct vault *vault;
static struct catalog *catalog;
static struct privacy *privacy;
static struct care *care;
static struct beds *beds;
static struct arena *arena, *kept;
static struct error error;
static size_t programs, beds_each, past;
static struct text *program_ids, *bed_ids;
static int64_t now;

static void must(bool good)
{
  if (good) return;
  fprintf(stderr, "bench: %s\n", error.log);
  exit(1);
}

static struct text new_id(void)
{
  char id[UUID_TEXT + 1];
  uuid_new(now, id);
  return text_copy(kept, text_from(id));
}

/* --- Filling ------------------------------------------------------------------------------- */

static bool add_use(struct store_transaction *t, struct text program_id, struct text bed_id,
                    int64_t start_at, int64_t end_at, struct error *failed)
{
  return store_execute(
      t,
      "INSERT INTO bed_use (program_id, id, bed_id, kind, start_at, end_at, until_at, expires_at,"
      " expected_at, hold_kind, extended_at, extend_reason, episode_id, request_id, person_id,"
      " placed_as, after_id, reason, words, end_reason, release_reason, account_id, made_at,"
      " ended_account_id, changed_at, corrects_id, error_at, error_account_id, error_reason,"
      " version) VALUES ($1, $2, $3, 'occupied', $4, $5, $6, 0, 0, '', 0, '', $7, '', $7, '', '',"
      " '', $8, '', '', 'bench', $4, '', $4, '', 0, '', '', 1)",
      STORE_BIND(STORE_T(program_id), STORE_T(new_id()), STORE_T(bed_id), STORE_N(start_at),
                 STORE_N(end_at), STORE_N(end_at ? end_at : INT64_MAX), STORE_T(new_id()),
                 STORE_B(TEXT(""))),
      NULL, failed);
}

/* A program with one site, one unit, its beds, its past. Its rows are written as they stand. */
static bool make_program(struct store_transaction *t, void *context, struct error *failed)
{
  size_t number = *(const size_t *)context;
  struct text id = program_ids[number], site = new_id(), unit = new_id();
  if (!store_execute(t,
                     "INSERT INTO program (program_id, name, kind, zone, state, phone, languages,"
                     " closed_at, made_at, changed_at, version) VALUES ($1, $1, 'residential',"
                     " 'America/Denver', 'CO', '', '', 0, $2, $2, 1)",
                     STORE_BIND(STORE_T(id), STORE_N(now)), NULL, failed) ||
      !store_execute(t,
                     "INSERT INTO site (program_id, id, name, street, city, state, zip, zone,"
                     " phone, facility_id, closed_at, made_at, changed_at, version)"
                     " VALUES ($1, $2, 'Site', '', '', 'CO', '', '', '', $1, 0, $3, $3, 1)",
                     STORE_BIND(STORE_T(id), STORE_T(site), STORE_N(now)), NULL, failed) ||
      !store_execute(
          t,
          "INSERT INTO unit (program_id, id, site_id, name, kind, level_of_care,"
          " licensed, staffed, closed_at, made_at, changed_at, version) VALUES ($1, $2,"
          " $3, 'Unit', 'residential', '3.5', $4, $4, 0, $5, $5, 1)",
          STORE_BIND(STORE_T(id), STORE_T(unit), STORE_T(site), STORE_N(beds_each), STORE_N(now)),
          NULL, failed))
    return false;
  for (size_t i = 0; i < beds_each; i++) {
    struct text bed = bed_ids[number * beds_each + i];
    char name[16];
    snprintf(name, sizeof name, "%03zu", i);
    if (!store_execute(t,
                       "INSERT INTO bed (program_id, id, unit_id, room_id, name, level_of_care,"
                       " policy, licensed, staffed, accessible, accepts_child, isolation, funding,"
                       " medicines, closed_at, made_at, changed_at, version) VALUES ($1, $2, $3,"
                       " '', $4, '3.5', 'any', 1, 1, 0, 0, 0, '', '', 0, $5, $5, 1)",
                       STORE_BIND(STORE_T(id), STORE_T(bed), STORE_T(unit),
                                  STORE_T(text_from(name)), STORE_N(now)),
                       NULL, failed))
      return false;
    for (size_t n = 0; n < past; n++) {
      int64_t begun = now - (int64_t)(past - n + 1) * 30 * day;
      if (!add_use(t, id, bed, begun, begun + 29 * day, failed)) return false;
    }
    if (i % 10 && !add_use(t, id, bed, now - 20 * day, 0, failed)) return false;
  }
  return availability_derive(t, beds, arena, id, site, now, true, failed);
}

/* --- What is measured ------------------------------------------------------------------------ */

static bool read_board(struct store_transaction *t, void *context, struct error *failed)
{
  struct actor actor = actor_command(*(const struct text *)context);
  struct board_query query = {.from = now, .until = BOARD_OPEN};
  struct board_moment moment = {.at = now, .now = now, .window = 4 * hour};
  struct access access;
  struct board board;
  if (!access_open(t, privacy, &actor, "bed-board", "read", NULL, TEXT(""), now, &access, failed) ||
      !board_load(t, beds, &access, arena, &query, &board, failed))
    return false;
  struct board_place *places = arena_allocate_array(arena, board.bed_count, sizeof *places);
  struct board_count *counts = arena_allocate_array(arena, board.unit_count * 14, sizeof *counts);
  int64_t days[14];
  board_at(&board, &moment, places, counts);
  for (int i = 0; i < 14; i++) days[i] = now + i * day;
  board_forecast(&board, &moment, days, 14, places, counts);
  return board.bed_count == beds_each;
}

static void board_of_program(size_t number)
{
  must(store_write(store, read_board, &program_ids[number * 7919 % programs], &error));
}

static bool read_state(struct store_transaction *t, void *context, struct error *failed)
{
  struct availability *rows;
  size_t count;
  (void)context;
  return availability_read(t, arena, 0, 10000, &rows, &count, failed) && count == programs;
}

static void state_board(size_t number)
{
  (void)number;
  must(store_read(store, read_state, NULL, &error));
}

struct holding {
  size_t number;
  struct bed_hold hold;
};
static bool open_board(struct store_transaction *t, struct actor *actor, struct access *access,
                       struct error *failed)
{
  return access_open(t, privacy, actor, "bed-board", "write", NULL, TEXT(""), now, access, failed);
}
static bool place_hold(struct store_transaction *t, void *context, struct error *failed)
{
  struct holding *holding = context;
  struct actor actor = actor_command(program_ids[holding->number]);
  struct access access;
  return open_board(t, &actor, &access, failed) &&
         bed_hold_place(t, beds, &access, arena, &holding->hold, failed);
}
static bool release_hold(struct store_transaction *t, void *context, struct error *failed)
{
  struct holding *holding = context;
  struct actor actor = actor_command(program_ids[holding->number]);
  struct access access;
  return open_board(t, &actor, &access, failed) &&
         bed_hold_release(t, beds, &access, arena, holding->hold.id, TEXT("other"), 1, failed);
}

static struct holding held;
static void hold_bed(size_t number)
{
  held = (struct holding){
      .number = number * 7919 % programs,
      .hold = {.kind = TEXT("outreach"), .request_id = text_format(arena, "request-%zu", number)}};
  held.hold.bed_id = bed_ids[held.number * beds_each];
  must(store_write(store, place_hold, &held, &error));
}
static void give_back(void)
{
  must(store_write(store, release_hold, &held, &error));
}

/* --- Who comes next -------------------------------------------------------------------------- */

static struct request_rules *rules;
static struct waitlist_candidate *waiting, *in_order;
static struct waitlist_place *places;
static size_t waiting_count;

/* As they asked: their facts are a walk over all that there can be. */
static void make_waiting(void)
{
  waiting = arena_allocate_array(kept, waiting_count, sizeof *waiting);
  in_order = arena_allocate_array(kept, waiting_count, sizeof *in_order);
  places = arena_allocate_array(kept, waiting_count, sizeof *places);
  for (size_t i = 0; i < waiting_count; i++)
    waiting[i] = (struct waitlist_candidate){.id = new_id(),
                                             .is_pregnant = i % 11 == 0,
                                             .is_injecting = i % 3 == 0,
                                             .urgency = (int64_t)(i % 3),
                                             .since_at = now - (int64_t)(i * 7919 % 5003) * hour,
                                             .tag = i};
}

static void order_waiting(size_t number)
{
  (void)number;
  memcpy(in_order, waiting, waiting_count * sizeof *waiting);
  waitlist_sort(rules, in_order, waiting_count);
  waitlist_places_find(rules, in_order, waiting_count, places);
}

static int by_time(const void *a, const void *b)
{
  const struct waitlist_candidate *x = a, *y = b;
  return (x->since_at > y->since_at) - (x->since_at < y->since_at);
}

static void order_bare(size_t number)
{
  (void)number;
  memcpy(in_order, waiting, waiting_count * sizeof *waiting);
  qsort(in_order, waiting_count, sizeof *in_order, by_time);
}

/* --- The same, read from the store ----------------------------------------------------------- */

static struct requests *requests;

static bool add_waiting(struct store_transaction *t, size_t number, struct error *failed)
{
  static const char *const urgencies[] = {"emergency", "urgent", "routine"};
  const struct waitlist_candidate *one = &waiting[number];
  return store_execute(
             t,
             "INSERT INTO request (program_id, id, subject_id, person_id, site_id, source, urgency,"
             " state, level_of_care, pregnant, injecting, language, consents, assigned, identity,"
             " words, reason, outcome, received_at, answer_by, answered_at, escalations, ended_at,"
             " made_at, changed_at, version) VALUES ($1, $2, $2, '', 'site', 'call', $3, 'waiting',"
             " '3.5', $4, $5, 'en', '', 'staff', $6, $6, '', '', $7, $7, $7, 0, 0, $7, $7, 1)",
             STORE_BIND(STORE_T(program_ids[0]), STORE_T(one->id),
                        STORE_T(text_from(urgencies[one->urgency])), STORE_N(one->is_pregnant),
                        STORE_N(one->is_injecting), STORE_B(TEXT("")), STORE_N(one->since_at)),
             NULL, failed) &&
         store_execute(
             t,
             "INSERT INTO waitlist_entry (program_id, request_id, site_id, level_of_care, since_at,"
             " entered_at, identifier, interim_at, interim_late_at, admit_late_at, contact_at,"
             " attempts, place_kind, place_id, offered_at, left_at, version) VALUES ($1, $2, "
             "'site',"
             " '3.5', $3, $3, '', 0, 0, 0, 0, 0, '', '', 0, 0, 1)",
             STORE_BIND(STORE_T(program_ids[0]), STORE_T(one->id), STORE_N(one->since_at)), NULL,
             failed);
}

static bool store_waiting(struct store_transaction *t, void *context, struct error *failed)
{
  (void)context;
  for (size_t i = 0; i < waiting_count; i++)
    if (!add_waiting(t, i, failed)) return false;
  return true;
}

static bool read_list(struct store_transaction *t, void *context, struct error *failed)
{
  struct actor actor = actor_command(program_ids[0]);
  struct access access;
  struct waitlist_entry *all;
  size_t count = 0;
  (void)context;
  return access_open_list(t, privacy, &actor, "request", "read", now, &access, failed) &&
         waitlist_list(t, requests, &access, arena, TEXT("site"), TEXT("3.5"), &all, &count,
                       failed) &&
         count == waiting_count && all[0].place.number == 1;
}

static void order_stored(size_t number)
{
  (void)number;
  must(store_write(store, read_list, NULL, &error));
}

static struct bare *bare;
static void list_bare(size_t number)
{
  (void)number;
  bare_list(bare, program_ids[0].at);
}
static void board_bare(size_t number)
{
  bare_board(bare, program_ids[number * 7919 % programs].at);
}
static void hold_bare(size_t number)
{
  number = number * 7919 % programs;
  bare_hold(bare, program_ids[number].at, bed_ids[number * beds_each].at);
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(const char *name, size_t each, void (*run)(size_t number), void (*undo)(void))
{
  double *times = memory_allocate_zero(each, sizeof *times);
  for (size_t i = 0; i < each; i++) {
    arena_clear(arena);
    double began = world_clock();
    run(i);
    times[i] = world_clock() - began;
    if (undo) undo();
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
       care_open(&care, ".", privacy, &error) && beds_open(&beds, ".", care, &error) &&
       request_rules_load(&rules, "knowledge", catalog, &error) &&
       requests_open(&requests, ".", care, &error));
}

static void close_all(void)
{
  requests_close(requests);
  request_rules_free(rules);
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
  const char *data = text_option(count, arguments, "--data", "."), *address;
  size_t each = world_option(count, arguments, "--each", 1000);
  programs = world_option(count, arguments, "--programs", 500);
  beds_each = world_option(count, arguments, "--beds", 40);
  past = world_option(count, arguments, "--past", 10);
  waiting_count = world_option(count, arguments, "--waiting", 5000);
  arena = arena_new((size_t)1 << 30);
  kept = arena_new((size_t)1 << 31);
  now = time_now();
  address = text_option(count, arguments, "--db", file_join(kept, data, "fairlead.db"));
  open_all(address, data);
  program_ids = arena_allocate_array(kept, programs, sizeof *program_ids);
  bed_ids = arena_allocate_array(kept, programs * beds_each, sizeof *bed_ids);
  for (size_t i = 0; i < programs; i++) program_ids[i] = text_from(text_c(kept, new_id()));
  for (size_t i = 0; i < programs * beds_each; i++) bed_ids[i] = text_from(text_c(kept, new_id()));
  double began = world_clock();
  for (size_t i = 0; i < programs; i++) {
    must(store_write(store, make_program, &i, &error));
    arena_clear(arena);
  }
  printf("{\"programs\": %zu, \"beds\": %zu, \"uses\": %zu, \"fill_seconds\": %.1f", programs,
         programs * beds_each, programs * beds_each * past, world_clock() - began);
  bare = bare_open(address, program_ids[0].at);
  measure("board", each, board_of_program, NULL);
  measure("bare_board", each, board_bare, NULL);
  measure("state", each, state_board, NULL);
  measure("hold", each, hold_bed, give_back);
  measure("bare_hold", each, hold_bare, NULL);
  make_waiting();
  measure("order", each, order_waiting, NULL);
  measure("bare_order", each, order_bare, NULL);
  must(store_write(store, store_waiting, NULL, &error));
  measure("list", each, order_stored, NULL);
  measure("bare_list", each, list_bare, NULL);
  puts("}");
  bare_close(bare);
  close_all();
  return 0;
}
