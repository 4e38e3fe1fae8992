/*
 * A program that the tests of the vault's files drive: it makes people with planted words through
 * the room care, and it is killed while it erases.
 *
 *   vault_driver people DATA DATABASE KEYS SHARE COUNT
 *       make COUNT people, change some, search for some, erase some; say each planted word in a
 * line "word …", then "ready"; then do what lines of standard input say: "plant WORD" stores a word
 * in plain text, so that the search is seen to find it; "quit" vault_driver erase DATA KEYS SHARE
 * NAME make and erase people NAME-1, NAME-2, … until killed; say "made ID SEALED" and "erased ID"
 *   vault_driver verify DATA KEYS SHARE
 *       read such lines and check that who was said to be erased is, and that the others are erased
 *       wholly or not at all
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "care/care.h"

#define PROGRAM TEXT("0199aaaa-0000-7000-8000-000000000001")

static struct arena *arena;
static struct store *store;
static struct vault *vault;
static struct catalog *catalog;
static struct privacy *privacy;
static struct care *care;
static struct actor actor;
static struct error error;

#define MUST(call)                                                                                 \
  do {                                                                                             \
    error_clear(&error);                                                                           \
    if (!(call)) {                                                                                 \
      fprintf(stderr, "vault_driver: %s: %s (%s)\n", #call, error.log, error.hint);                \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)

static void open_vault(const char *data, const char *keys, const char *share)
{
  const struct vault_options options = {.keys_address = keys,
                                        .key_path = file_join(arena, data, "vault.key"),
                                        .erased_path = file_join(arena, data, "erased.list"),
                                        .migrations = file_join(arena, share, "migrations/keys")};
  MUST(vault_open(&vault, &options, &error));
}

/* --- People -------------------------------------------------------------------------------- */

static bool make_notes(struct store_transaction *transaction, void *context, struct error *e)
{
  (void)context;
  return store_execute(transaction,
                       "CREATE TABLE planted_note (program_id TEXT NOT NULL, id TEXT NOT NULL,"
                       " words BYTEA NOT NULL, PRIMARY KEY (program_id, id))",
                       STORE_BIND_NONE, NULL, e);
}

struct deed {
  const char *object, *act;
  struct person *person; /* NULL: the program's */
  bool is_new;
  struct text typed; /* to search for */
  struct text note;  /* to keep sealed beside the person */
};

static bool save_note(struct store_transaction *transaction, const struct deed *deed,
                      struct error *e)
{
  const struct vault_subject subject = {actor.program_id, deed->person->id};
  struct text sealed;
  return vault_seal(vault, arena, subject, "planted_note.words", deed->note, &sealed, e) &&
         store_execute(
             transaction,
             "INSERT INTO planted_note (program_id, id, words) VALUES ($1, $2, $3)"
             " ON CONFLICT (program_id, id) DO UPDATE SET words = excluded.words",
             STORE_BIND(STORE_T(subject.program_id), STORE_T(subject.person_id), STORE_B(sealed)),
             NULL, e);
}

static bool make_program(struct store_transaction *transaction, const struct access *access,
                         struct error *e)
{
  struct program program = {.name = TEXT("Harbor House"),
                            .kind = TEXT("residential"),
                            .zone = TEXT("America/Denver"),
                            .state = TEXT("CO"),
                            .phone = TEXT("3035550100"),
                            .languages = TEXT("en es")};
  return program_create(transaction, care, access, &program, e);
}

static bool act(struct store_transaction *transaction, void *context, struct error *e)
{
  const struct deed *deed = context;
  struct access access;
  int64_t now = time_now();
  if (!deed->person) {
    struct person_hit *hits;
    size_t count;
    bool more;
    return access_open_list(transaction, privacy, &actor, deed->object, deed->act, now, &access,
                            e) &&
           (deed->typed.length ? person_search(transaction, &access, arena, deed->typed, 5, &hits,
                                               &count, &more, e)
                               : make_program(transaction, &access, e));
  }
  struct role_subject subject = {.person_id = deed->person->id, .is_site = deed->is_new};
  const struct person_photo photo = {
      "image/png", text_format(arena, "\x89PNG\r\n\x1a\n%.*s", TEXT_PRINT(deed->note))};
  if ((!deed->is_new && !care_subject_load(transaction, actor.program_id, deed->person->id, &actor,
                                           now, &subject, e)) ||
      !access_open(transaction, privacy, &actor, deed->object, deed->act, &subject,
                   deed->person->id, now, &access, e))
    return false;
  return (deed->is_new ? person_create(transaction, care, &access, arena, deed->person, e)
                       : person_save(transaction, care, &access, arena, deed->person, e)) &&
         person_photo_save(transaction, &access, arena, deed->person->id, &photo, e) &&
         save_note(transaction, deed, e);
}

static struct text plant(struct text word)
{
  printf("word %.*s\n", TEXT_PRINT(word));
  return word;
}

static struct person planted(int i, const char *family)
{
  struct person_phone *phone = arena_allocate(arena, sizeof *phone);
  struct person_contact *contact = arena_allocate(arena, sizeof *contact);
  struct text *former = arena_allocate(arena, sizeof *former);
  *phone = (struct person_phone){plant(text_format(arena, "(917) 909-3%03d", i % 1000)),
                                 TEXT("mobile"), true};
  *contact =
      (struct person_contact){plant(text_format(arena, "Aunt Zqxvorbaunt%d", i)), TEXT("sibling"),
                              plant(text_format(arena, "9179093%03d", (i + 7) % 1000))};
  *former = plant(text_format(arena, "Zqxvorbo\xcc\x81%d", i));
  return (struct person){
      .identity = {.given = plant(text_format(arena, "ZQXVORBella%d", i)),
                   .family = plant(text_format(arena, "%s%d", family, i)),
                   .chosen = plant(text_format(arena, "Zqxvorbie%d", i)),
                   .former = former,
                   .former_count = 1,
                   .birth_date = plant(text_format(arena, "1911-09-%02d", i % 30 + 1)),
                   .sex = TEXT("unknown"),
                   .phones = phone,
                   .phone_count = 1,
                   .email = plant(text_format(arena, "zqxvorb%d@example.org", i)),
                   .street = plant(text_format(arena, "%d Zqxvorb Lane", i)),
                   .contacts = contact,
                   .contact_count = 1},
      .language = TEXT("en"),
  };
}

static void write_person(int i, struct person *person, bool is_new)
{
  struct deed deed = {.object = "person",
                      .act = "write",
                      .person = person,
                      .is_new = is_new,
                      .note = plant(text_format(arena, "says zqxvorbish things %d %d", i, is_new))};
  MUST(store_write(store, act, &deed, &error));
}

static void make_person(int i)
{
  struct person person = planted(i, "Zqxvorbian-de-la-");
  MUST(person_begin(privacy, arena, actor.program_id, time_now(), &person.id, &error));
  write_person(i, &person, true);
  if (i % 5 == 0) { /* marries */
    struct person changed = planted(i, "Zqxvorbinski");
    changed.id = person.id;
    changed.version = 2; /* made, and then given a photo */
    write_person(i, &changed, false);
  }
  if (i % 50 == 0) {
    struct deed search = {.object = "person",
                          .act = "search",
                          .typed = plant(text_format(arena, "zqxvorbian %d", i))};
    MUST(store_write(store, act, &search, &error));
  }
  const struct vault_subject subject = {actor.program_id, person.id};
  if (i % 100 == 99) MUST(vault_erase(vault, subject, time_now(), &error));
}

static bool plant_plainly(struct store_transaction *transaction, void *context, struct error *e)
{
  return store_execute(transaction,
                       "INSERT INTO planted_note (program_id, id, words) VALUES ('x', 'x', $1)",
                       STORE_BIND(STORE_B(text_from(context))), NULL, e);
}

static int people(char **words)
{
  char line[256], *share = words[3];
  int64_t wanted = 0;
  if (!text_read_integer(text_from(words[4]), &wanted)) return 2;
  MUST(store_open(&store, words[1], &error));
  MUST(store_migrate(store, file_join(arena, share, "migrations"), &error));
  open_vault(words[0], words[2], share);
  MUST(catalog_load(&catalog, file_join(arena, share, "locale"), &error));
  MUST(privacy_open(&privacy, share, store, vault, catalog, &error));
  MUST(care_open(&care, share, privacy, &error));
  MUST(program_begin(privacy, arena, time_now(), &actor.program_id, &error));
  actor = actor_command(actor.program_id);
  struct deed program = {.object = "program", .act = "write"};
  MUST(store_write(store, act, &program, &error));
  MUST(store_write(store, make_notes, NULL, &error));
  for (int i = 0; i < wanted; i++) make_person(i);
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) && strcmp(line, "quit\n") != 0) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "plant ", 6) == 0) MUST(store_write(store, plant_plainly, line + 6, &error));
    puts("ready");
    fflush(stdout);
  }
  care_close(care);
  privacy_close(privacy);
  catalog_free(catalog);
  vault_close(vault);
  store_close(store);
  return 0;
}

/* --- Erasing ------------------------------------------------------------------------------- */

static int erase(char **words)
{
  open_vault(words[0], words[1], words[2]);
  for (int i = 1;; i++) {
    struct arena *one = arena_new(LIMIT_ARENA_REQUEST);
    const struct vault_subject subject = {PROGRAM, text_format(one, "%s-%d", words[3], i)};
    struct text sealed;
    MUST(vault_subject_make(vault, subject, &error));
    MUST(vault_seal(vault, one, subject, "a.b", subject.person_id, &sealed, &error));
    char *hexadecimal = arena_allocate(one, 2 * sealed.length + 1);
    sodium_bin2hex(hexadecimal, 2 * sealed.length + 1, (const unsigned char *)sealed.at,
                   sealed.length);
    printf("made %.*s %s\n", TEXT_PRINT(subject.person_id), hexadecimal);
    fflush(stdout);
    MUST(vault_erase(vault, subject, time_now(), &error));
    printf("erased %.*s\n", TEXT_PRINT(subject.person_id));
    fflush(stdout);
    arena_free(one);
  }
}

static int wrong(const char *what, const char *id)
{
  fprintf(stderr, "vault_driver: %s: %s\n", id, what);
  return 1;
}

static int verify_made(const char *id, const char *hexadecimal)
{
  const struct vault_subject subject = {PROGRAM, text_from(id)};
  unsigned char bytes[512];
  size_t length;
  struct text plain;
  bool erased;
  MUST(sodium_hex2bin(bytes, sizeof bytes, hexadecimal, strlen(hexadecimal), NULL, &length, NULL) ==
       0);
  MUST(vault_is_erased(vault, subject, &erased, &error));
  bool opens = vault_unseal(vault, arena, subject, "a.b",
                            (struct text){(const char *)bytes, length}, &plain, &error);
  if (opens && !text_equal(plain, text_from(id))) return wrong("opens to something else", id);
  if (!opens && strcmp(error.person, "error.vault.erased") != 0) return wrong(error.log, id);
  return opens == erased ? wrong("erased by half", id) : 0;
}

static bool count_erased(void *context, struct vault_subject subject, int64_t at, struct error *e)
{
  (void)subject, (void)at, (void)e;
  ++*(size_t *)context;
  return true;
}

/* The list and the key store name as many; opening compared them already. */
static int verify_list(const char *data)
{
  size_t count = 0, lines = 0;
  struct text list;
  struct vault_status status;
  MUST(vault_erased_each(vault, count_erased, &count, &error));
  MUST(file_read(arena, file_join(arena, data, "erased.list"), LIMIT_VAULT_ERASED_FILE, &list,
                 &error));
  for (size_t i = 0; i < list.length; i++) lines += list.at[i] == '\n';
  MUST(vault_status_read(vault, &status, &error));
  if (status.to_scrub) return wrong("bytes of keys are left", data);
  return lines == count ? 0 : wrong("the list and the key store differ", data);
}

static int verify(char **words)
{
  char line[1024], id[200], hexadecimal[800];
  bool erased;
  int status = 0;
  open_vault(words[0], words[1], words[2]);
  while (status == 0 && fgets(line, sizeof line, stdin)) {
    struct text rest = text_trim(text_from(line)), verb, name, sealed = TEXT("");
    if (!text_word_next(&rest, &verb) || !text_word_next(&rest, &name))
      return wrong("a line", line);
    text_word_next(&rest, &sealed);
    snprintf(id, sizeof id, "%.*s", TEXT_PRINT(name));
    snprintf(hexadecimal, sizeof hexadecimal, "%.*s", TEXT_PRINT(sealed));
    if (text_equal(verb, TEXT("made"))) {
      status = verify_made(id, hexadecimal);
      continue;
    }
    MUST(vault_is_erased(vault, (struct vault_subject){PROGRAM, name}, &erased, &error));
    if (!erased) status = wrong("was said to be erased", id);
  }
  if (status == 0) status = verify_list(words[0]);
  vault_close(vault);
  return status;
}

int main(int count, char **words)
{
  int status = 2;
  arena = arena_new((size_t)1 << 30);
  if (count == 7 && strcmp(words[1], "people") == 0) status = people(words + 2);
  else if (count == 6 && strcmp(words[1], "erase") == 0) status = erase(words + 2);
  else if (count == 5 && strcmp(words[1], "verify") == 0) status = verify(words + 2);
  else fputs("vault_driver: people | erase | verify\n", stderr);
  arena_free(arena);
  return status;
}
