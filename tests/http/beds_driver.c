/*
 * Makes a site with beds in a program's records and lets people come and go, through the doors of
 * the rooms, from another process than the server: for tests of what the finder says.
 *
 *   beds_driver DATA DATABASE SHARE PROGRAM make FACILITY COUNT   a site, a unit (3.5), beds; one
 * id a line: site, beds … beds_driver DATA DATABASE SHARE PROGRAM admit SITE BED        a new
 * person takes the bed; the stay's id beds_driver DATA DATABASE SHARE PROGRAM discharge STAY the
 * stay ends; the stay's id
 *
 * The last line of the latter two is the time after the commit, in microseconds UTC.
 */
#include <stdio.h>
#include <string.h>

#include "admission/admission.h"

static struct care *care;
static struct beds *beds;
static struct arena *arena;
static struct actor actor;
static struct privacy *privacy;
static char **words;
static int64_t now;

static bool open_for(struct store_transaction *t, const char *object, struct text person_id,
                     struct access *out, struct error *error)
{
  struct role_subject subject = {.person_id = person_id};
  return access_open(t, privacy, &actor, object, "write", person_id.length ? &subject : NULL,
                     TEXT(""), now, out, error);
}

static bool make(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  struct access access;
  int64_t count = 0;
  struct site site = {.name = TEXT("Harbor"), .facility_id = text_from(words[1])};
  if (!text_read_integer(text_from(words[2]), &count) ||
      !open_for(t, "site", TEXT(""), &access, error) ||
      !site_create(t, care, &access, arena, &site, error))
    return false;
  struct unit unit = {.site_id = site.id,
                      .name = TEXT("East"),
                      .kind = TEXT("residential"),
                      .level_of_care = TEXT("3.5"),
                      .licensed = count,
                      .staffed = count};
  if (!unit_create(t, care, &access, arena, &unit, error)) return false;
  printf("%.*s\n", TEXT_PRINT(site.id));
  for (int64_t i = 0; i < count; i++) {
    struct bed bed = {.unit_id = unit.id,
                      .name = text_format(arena, "%lld", (long long)i + 1),
                      .level_of_care = TEXT("3.5"),
                      .policy = TEXT("any"),
                      .licensed = true,
                      .staffed = true};
    if (!bed_create(t, beds, &access, arena, &bed, error)) return false;
    printf("%.*s\n", TEXT_PRINT(bed.id));
  }
  return true;
}

struct coming {
  struct person person;
  struct text stay;
};

static bool admit(struct store_transaction *t, void *context, struct error *error)
{
  struct coming *coming = context;
  struct access person, board, stay;
  struct episode episode = {.person_id = coming->person.id,
                            .status = TEXT("planned"),
                            .site_id = text_from(words[1]),
                            .level_of_care = TEXT("3.5"),
                            .referral_source = TEXT("self")};
  if (!open_for(t, "person", coming->person.id, &person, error) ||
      !open_for(t, "episode", coming->person.id, &stay, error) ||
      !open_for(t, "bed-board", coming->person.id, &board, error) ||
      !person_create(t, care, &person, arena, &coming->person, error) ||
      !episode_create(t, care, &stay, arena, &episode, now, error))
    return false;
  coming->stay = episode.id;
  struct bed_arrival arrival = {.episode_id = episode.id, .bed_id = text_from(words[2]), .at = now};
  return bed_arrive(t, beds, &(struct bed_stay_access){&board, &stay}, arena, &arrival, error);
}

struct going {
  struct text person_id;
  int64_t version;
};

static bool find_stay(struct store_transaction *t, struct going *going, struct error *error)
{
  struct store_cursor *cursor;
  bool found = false;
  if (!store_query(t, &cursor,
                   "SELECT person_id, version FROM episode WHERE program_id = $1 AND id = $2",
                   STORE_BIND(STORE_T(actor.program_id), STORE_T(text_from(words[1]))), error))
    return false;
  bool is_read = store_next(cursor, &found, error) && found;
  if (is_read) going->person_id = text_copy(arena, store_column_text(cursor, 0));
  if (is_read) going->version = store_column_integer(cursor, 1);
  store_cursor_close(cursor);
  return is_read;
}

static bool discharge(struct store_transaction *t, void *context, struct error *error)
{
  struct coming *coming = context;
  struct going going;
  struct access stay;
  struct episode_change change = {TEXT("finished"), TEXT("completed"), TEXT(""), now};
  coming->stay = text_from(words[1]);
  return find_stay(t, &going, error) && open_for(t, "episode", going.person_id, &stay, error) &&
         bed_discharge(t, beds, &stay, arena, coming->stay, &change, going.version, error);
}

static bool run(struct store *store, struct error *error)
{
  if (strcmp(words[0], "make") == 0) return store_write(store, make, NULL, error);
  struct coming coming = {.person = {.identity = {.family = TEXT("Vale"), .sex = TEXT("unknown")},
                                     .language = TEXT("en")}};
  bool is_coming = strcmp(words[0], "admit") == 0;
  if (!(is_coming ? person_begin(privacy, arena, actor.program_id, now, &coming.person.id, error) &&
                        store_write(store, admit, &coming, error)
                  : store_write(store, discharge, &coming, error)))
    return false;
  printf("%.*s\n%lld\n", TEXT_PRINT(coming.stay), (long long)time_now());
  return true;
}

int main(int count, char **all)
{
  struct error error = {0};
  struct store *store = NULL;
  struct vault *vault = NULL;
  struct catalog *catalog = NULL;
  if (count < 7) return 2;
  arena = arena_new(LIMIT_ARENA_REQUEST);
  words = all + 5;
  now = time_now();
  actor = actor_command(text_from(all[4]));
  struct vault_options options = {.keys_address = file_join(arena, all[1], "keys.db"),
                                  .key_path = file_join(arena, all[1], "vault.key"),
                                  .erased_path = file_join(arena, all[1], "erased-people.log"),
                                  .migrations = file_join(arena, all[3], "migrations/keys")};
  bool is_done = store_open(&store, all[2], &error) &&
                 catalog_load(&catalog, file_join(arena, all[3], "locale"), &error) &&
                 vault_open(&vault, &options, &error) &&
                 privacy_open(&privacy, all[3], store, vault, catalog, &error) &&
                 care_open(&care, all[3], privacy, &error) &&
                 beds_open(&beds, all[3], care, &error) && run(store, &error);
  if (!is_done) fprintf(stderr, "%s\n", error.log);
  beds_close(beds);
  care_close(care);
  privacy_close(privacy);
  vault_close(vault);
  catalog_free(catalog);
  store_close(store);
  arena_free(arena);
  return is_done ? 0 : 1;
}
