/*
 * Adds messages to an outbox and sends them, for tests that catch them and kill the sender:
 *
 *   outbox_driver FOLDER ADDRESS KEYS add COUNT CHANNEL TO      COUNT messages to staff
 *   outbox_driver FOLDER ADDRESS KEYS ask COUNT CHANNEL TO      the same to a person who agreed
 *   outbox_driver FOLDER ADDRESS KEYS hear WORD CHANNEL FROM    a word that came back
 *   outbox_driver FOLDER ADDRESS KEYS refuse 0 CHANNEL -        the person agrees no more
 *   outbox_driver FOLDER ADDRESS KEYS send SMTP-URL TEXT-URL SECONDS ROUNDS
 *
 * `send` looks ROUNDS times, each SECONDS later by its own clock than the one before, beginning at
 * the present time plus the first SECONDS. FOLDER holds the vault's files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "privacy/privacy.h"

static const int64_t SECOND = 1000000;

#define PROGRAM TEXT("0199aaaa-0000-7000-8000-000000000001")
#define PERSON TEXT("0199bbbb-0000-7000-8000-000000000001")

struct work {
  struct privacy *privacy;
  struct text program_id, person_id, word;
  struct arena *arena;
  int64_t count;
  enum outbox_channel channel;
  struct text to;
};

static bool add(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct work *work = context;
  char id[UUID_TEXT + 1];
  for (int64_t i = 0; i < work->count; i++) {
    const struct outbox_new wanted = {
        .program_id = work->program_id,
        .person_id = work->person_id,
        .channel = work->channel,
        .address = work->to,
        .language = i % 2 ? TEXT("es") : TEXT("en"),
        .template_key = "attention",
        .key = text_format(work->arena, "%lld-%lld", (long long)time_now(), (long long)i)};
    if (!outbox_add(transaction, work->privacy, &wanted, time_now(), id, error)) return false;
  }
  return true;
}

static bool agree(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct work *work = context;
  bool is_agreed = work->count > 0;
  return outbox_set_consent(transaction, work->privacy, PROGRAM, PERSON, work->channel, is_agreed,
                            TEXT("spoken"), time_now(), error) &&
         (!is_agreed || add(transaction, context, error));
}

static bool hear(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct work *work = context;
  return outbox_heard(transaction, work->privacy, work->channel, work->to, work->word, TEXT(""),
                      time_now(), error);
}

static bool send_rounds(struct privacy *privacy, char **words, struct error *error)
{
  const struct outbox_options options = {.smtp_url = text_from(words[0]),
                                         .mail_from = TEXT("desk@example.org"),
                                         .text_url = text_from(words[1]),
                                         .text_token = TEXT("secret-token")};
  int64_t seconds = 0, rounds = 0;
  char owner[UUID_TEXT + 1];
  size_t sent = 0;
  uuid_new(time_now(), owner);
  if (!text_read_integer(text_from(words[2]), &seconds) ||
      !text_read_integer(text_from(words[3]), &rounds))
    return false;
  for (int64_t i = 1; i <= rounds; i++)
    if (!outbox_send_due(privacy, &options, text_from(owner), time_now() + i * seconds * SECOND,
                         &sent, error))
      return false;
  return true;
}

static bool run(struct work *work, struct store *store, char **words, struct error *error)
{
  const char *act = words[0];
  if (strcmp(act, "send") == 0) return send_rounds(work->privacy, words + 1, error);
  work->channel = strcmp(words[2], "text") == 0 ? OUTBOX_TEXT : OUTBOX_EMAIL;
  work->to = text_from(words[3]);
  work->word = text_from(words[1]);
  if (strcmp(act, "hear") == 0) return store_write(store, hear, work, error);
  if (!text_read_integer(work->word, &work->count)) return false;
  if (strcmp(act, "add") == 0) return store_write(store, add, work, error);
  work->program_id = PROGRAM;
  work->person_id = PERSON;
  return store_write(store, agree, work, error);
}

int main(int argc, char **argv)
{
  struct arena *arena = arena_new(1 << 26);
  struct error error = {0};
  struct store *store = NULL;
  struct vault *vault = NULL;
  struct catalog *catalog = NULL;
  struct work work = {.arena = arena, .program_id = TEXT(""), .person_id = TEXT("")};
  if (argc < 8 || (strcmp(argv[4], "send") == 0 && argc != 9)) return 2;
  const struct vault_options options = {.keys_address = argv[3],
                                        .key_path = file_join(arena, argv[1], "vault.key"),
                                        .erased_path = file_join(arena, argv[1], "erased.list"),
                                        .migrations = "migrations/keys"};
  bool good = store_open(&store, argv[2], &error) && store_migrate(store, "migrations", &error) &&
              vault_open(&vault, &options, &error) && catalog_load(&catalog, "locale", &error) &&
              privacy_open(&work.privacy, ".", store, vault, catalog, &error);
  good = good && run(&work, store, argv + 4, &error);
  if (!good) fprintf(stderr, "%s\n", error.log);
  privacy_close(work.privacy);
  catalog_free(catalog);
  vault_close(vault);
  store_close(store);
  arena_free(arena);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
