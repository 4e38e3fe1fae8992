/*
 * Makes a person in the records of a data folder, and an account of their own, as no page of the
 * program does by itself yet: for tests of pages about people.
 *
 *   people_driver DATA DATABASE SHARE PROGRAM GIVEN FAMILY BIRTH-DATE [NAME PASSWORD]
 *
 * Prints the person's id.
 */
#include <stdio.h>

#include "care/care.h"

struct making {
  struct privacy *privacy;
  struct care *care;
  struct arena *arena;
  struct actor actor;
  struct person person;
  int64_t now;
};

static bool make(struct store_transaction *transaction, void *context, struct error *error)
{
  struct making *making = context;
  struct access access;
  struct role_subject subject = {.person_id = making->person.id};
  return access_open(transaction, making->privacy, &making->actor, "person", "write", &subject,
                     TEXT(""), making->now, &access, error) &&
         person_create(transaction, making->care, &access, making->arena, &making->person, error);
}

static bool make_account(struct making *making, char **words, struct error *error)
{
  struct account_role role = {
      .program_id = making->actor.program_id, .site_id = TEXT(""), .role = TEXT("person")};
  struct account_new wanted = {.sign_in_name = text_from(words[0]),
                               .shown_name = TEXT(""),
                               .email = TEXT(""),
                               .staff_id = TEXT(""),
                               .person_id = making->person.id,
                               .roles = &role,
                               .role_count = 1,
                               .password = text_from(words[1])};
  struct text id, password;
  return account_create(making->privacy, &making->actor, &wanted, making->arena, making->now, &id,
                        &password, error);
}

int main(int count, char **words)
{
  struct error error = {0};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct store *store = NULL;
  struct vault *vault = NULL;
  struct catalog *catalog = NULL;
  struct making making = {.arena = arena, .now = time_now()};
  if (count < 8) return 2;
  struct vault_options options = {.keys_address = file_join(arena, words[1], "keys.db"),
                                  .key_path = file_join(arena, words[1], "vault.key"),
                                  .erased_path = file_join(arena, words[1], "erased-people.log"),
                                  .migrations = file_join(arena, words[3], "migrations/keys")};
  making.actor = actor_command(text_from(words[4]));
  making.person = (struct person){.identity = {.given = text_from(words[5]),
                                               .family = text_from(words[6]),
                                               .birth_date = text_from(words[7]),
                                               .sex = TEXT("unknown")},
                                  .language = TEXT("en")};
  bool is_done = store_open(&store, words[2], &error) &&
                 catalog_load(&catalog, file_join(arena, words[3], "locale"), &error) &&
                 vault_open(&vault, &options, &error) &&
                 privacy_open(&making.privacy, words[3], store, vault, catalog, &error) &&
                 care_open(&making.care, words[3], making.privacy, &error) &&
                 person_begin(making.privacy, arena, making.actor.program_id, making.now,
                              &making.person.id, &error) &&
                 store_write(store, make, &making, &error) &&
                 (count < 10 || make_account(&making, words + 8, &error));
  if (is_done) printf("%.*s\n", TEXT_PRINT(making.person.id));
  else fprintf(stderr, "%s\n", error.log);
  care_close(making.care);
  privacy_close(making.privacy);
  vault_close(vault);
  catalog_free(catalog);
  store_close(store);
  arena_free(arena);
  return is_done ? 0 : 1;
}
